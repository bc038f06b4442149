//! What is kept of people beside their identifiers: what they said of themselves, former keys, kinds of attributes, what
//! they asked about their data.

use super::{FormerKey, MessageRow, VoucherRow, Writing};
use crate::customers::{Identifier, check_field};
use crate::db::{Row, Value};
use crate::failure::{Error, Failure};
use crate::feedback::KeptText;
use crate::people::KnownField;

/// A customer, whatever is known of the person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CustomerRow {
    /// The id.
    pub customer_id: String,
    /// Since when, in microseconds since 1970.
    pub created_at: i64,
    /// When the person was erased.
    pub erased_at: Option<i64>,
}

/// What a person asked about their data.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RequestRow {
    /// Grows with time.
    pub request_id: String,
    /// Who.
    pub customer_id: String,
    /// `access`, `correct`, `erase`, `withdraw`, `object`.
    pub kind: String,
    /// Whose law: `eu`, `vn`, `cn`.
    pub jurisdiction: String,
    /// The law, for people.
    pub law: String,
    /// When it came, in microseconds since 1970.
    pub received_at: i64,
    /// The last day on which an answer is in time, `YYYY-MM-DD`; absent where the law names none.
    pub answer_by: Option<String>,
    /// The last day on which what was asked must be done.
    pub done_by: Option<String>,
    /// When it was answered.
    pub answered_at: Option<i64>,
    /// When it was done.
    pub done_at: Option<i64>,
}

/// Something a customer brought or cost.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProfitRow {
    /// Who.
    pub customer_id: String,
    /// `margin`, `reward_cost`, `contact_cost`, `service_cost`.
    pub kind: String,
    /// What kind of fact it comes from: `order`, `redemption`, `message`, `case`.
    pub cause_kind: String,
    /// That fact's id.
    pub cause_id: String,
    /// The day, `YYYY-MM-DD`.
    pub happened_on: String,
    /// Minor units: above zero what was brought, below what it cost.
    pub amount_minor: i64,
    /// When we heard of it, in microseconds since 1970.
    pub recorded_at: i64,
}

/// That a person was erased.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ErasureRow {
    /// Grows with time.
    pub erasure_id: String,
    /// Who it was: the id that stays.
    pub customer_id: String,
    /// When, in microseconds since 1970.
    pub erased_at: i64,
    /// What was removed and what stays, as JSON.
    pub certificate: String,
    /// Hash of the certificate.
    pub hash: [u8; 32],
}

/// What an attribute of the shop's own holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AttributeKind {
    /// Its name.
    pub name: String,
    /// `number`, `text`, `day` or `flag`.
    pub kind: String,
    /// Whether it is kept sealed.
    pub is_sensitive: bool,
}

/// An attribute of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeRow {
    /// Whose.
    pub customer_id: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: String,
    /// What it says, as it is kept.
    pub value: String,
    /// Whether it is kept sealed.
    pub is_sealed: bool,
}

const REQUEST: &str =
    "select request_id, customer_id, kind, jurisdiction, law, received_at, answer_by, done_by, answered_at,
    done_at from person_request";

fn request(row: &Row<'_>) -> Result<RequestRow, Failure> {
    Ok(RequestRow {
        request_id: row.string(0)?,
        customer_id: row.string(1)?,
        kind: row.string(2)?,
        jurisdiction: row.string(3)?,
        law: row.string(4)?,
        received_at: row.int(5)?,
        answer_by: row.maybe_string(6)?,
        done_by: row.maybe_string(7)?,
        answered_at: row.maybe_int(8)?,
        done_at: row.maybe_int(9)?,
    })
}

impl Writing<'_> {
    /// A setting of the shop.
    pub fn find_setting(&self, name: &str) -> Result<Option<String>, Failure> {
        let sql = "select value from setting where name = $1";
        self.db.first(sql, &[name.into()], |row| row.string(0))
    }

    /// Keep a setting, in place of what it said before.
    pub fn put_setting(&self, name: &str, value: &str, now: i64) -> Result<(), Failure> {
        let sql = "insert into setting (name, value, saved_at) values ($1, $2, $3)
             on conflict (name) do update set value = excluded.value, saved_at = excluded.saved_at";
        self.db.run(sql, &[name.into(), value.into(), now.into()]).map(drop)
    }

    /// A customer, where there is one of that id.
    pub fn find_customer(&self, customer_id: &str) -> Result<Option<CustomerRow>, Failure> {
        let sql = "select id, created_at, erased_at from customer where id = $1";
        self.db.first(sql, &[customer_id.into()], customer)
    }

    /// Up to `most` customers after `after`, in the order of their ids: a page of a long walk.
    pub fn customers_after(&self, after: &str, most: i64) -> Result<Vec<CustomerRow>, Failure> {
        let sql = "select id, created_at, erased_at from customer where id > $1 order by id limit $2";
        self.db.rows(sql, &[after.into(), most.into()], customer)
    }

    /// What is known of a person, by the name of the field.
    pub fn person_of(&self, customer_id: &str) -> Result<Vec<KnownField>, Failure> {
        let sql = "select field, value, source, import_id, recorded_at from person where customer_id = $1 order by field";
        self.db.rows(sql, &[customer_id.into()], crate::people::known_field)
    }

    /// Keep what people said of themselves, as `(customer, field, value)`, in place of what was known before; an empty
    /// value takes the field away. Of one field of one customer there is one.
    pub fn say(&self, said: &[(&str, &str, &str)], source: &str, now: i64) -> Result<(), Error> {
        said.iter().try_for_each(|(_, field, _)| check_field(field))?;
        let gone = said.iter().filter(|(_, _, value)| value.is_empty());
        let forget = "delete from person where customer_id = $1 and field = $2";
        self.db.run_each(
            forget,
            2,
            gone.flat_map(|(customer, field, _)| [(*customer).into(), (*field).into()]),
        )?;
        let sql = "insert into person (customer_id, field, value, source, import_id, recorded_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (customer_id, field) do update set
                 value = excluded.value, source = excluded.source, import_id = excluded.import_id,
                 recorded_at = excluded.recorded_at";
        let kept = said.iter().filter(|(_, _, value)| !value.is_empty());
        let values = kept.flat_map(|(customer, field, value)| -> [Value<'_>; 6] {
            [(*customer).into(), (*field).into(), (*value).into(), source.into(), Value::Null, now.into()]
        });
        self.db.run_each(sql, 6, values)?;
        Ok(())
    }

    /// Identifiers that a customer had and has no more, the oldest first.
    pub fn former_keys_of(&self, customer_id: &str) -> Result<Vec<FormerKey>, Failure> {
        let sql = "select customer_id, kind, source, value, reason, ended_at from former_identifier
             where customer_id = $1 order by ended_at, kind, value";
        self.db.rows(sql, &[customer_id.into()], former)
    }

    /// Who had an identifier once, the last first.
    pub fn former_owners(&self, key: &Identifier) -> Result<Vec<FormerKey>, Failure> {
        let sql = "select customer_id, kind, source, value, reason, ended_at from former_identifier
             where value = $1 and kind = $2 and source = $3 order by ended_at desc";
        self.db.rows(sql, &[(&key.value).into(), (&key.kind).into(), (&key.source).into()], former)
    }

    /// Who is called that, with the source that says so.
    pub fn owners_by_value(&self, kind: &str, value: &str) -> Result<Vec<(String, String)>, Failure> {
        let sql =
            "select source, customer_id from identifier join key_space on key_space.id = identifier.space_id
             where identifier.value = $1 and key_space.kind = $2 order by source";
        self.db.rows(sql, &[value.into(), kind.into()], |row| Ok((row.string(0)?, row.string(1)?)))
    }

    /// Forget that an identifier ended: it was found again.
    pub fn forget_former(&self, customer_id: &str, key: &Identifier) -> Result<u64, Failure> {
        let sql = "delete from former_identifier where customer_id = $1 and kind = $2 and source = $3 and value = $4";
        let (kind, source) = ((&key.kind).into(), (&key.source).into());
        self.db.run(sql, &[customer_id.into(), kind, source, (&key.value).into()])
    }

    /// What an attribute of the shop's own holds, where it is known.
    pub fn attribute_kind(&self, name: &str) -> Result<Option<AttributeKind>, Failure> {
        let sql = concat!(
            "select name, kind, (select count(*) from sensitive_attribute
                 where sensitive_attribute.name = attribute_kind.name)",
            " from attribute_kind where name = $1"
        );
        self.db.first(sql, &[name.into()], attribute_kind)
    }

    /// All attributes of the shop's own with what they hold, by name.
    pub fn list_attribute_kinds(&self) -> Result<Vec<AttributeKind>, Failure> {
        let sql = concat!(
            "select name, kind, (select count(*) from sensitive_attribute
                 where sensitive_attribute.name = attribute_kind.name)",
            " from attribute_kind order by name"
        );
        self.db.rows(sql, &[], attribute_kind)
    }

    /// Say what an attribute holds; what it held stays, and one that was sensitive stays so.
    pub fn put_attribute_kind(&self, kind: &AttributeKind, now: i64) -> Result<(), Failure> {
        let sql =
            "insert into attribute_kind (name, kind, defined_at) values ($1, $2, $3) on conflict do nothing";
        self.db.run(sql, &[(&kind.name).into(), (&kind.kind).into(), now.into()])?;
        if kind.is_sensitive {
            let sql = "insert into sensitive_attribute (name, since) values ($1, $2) on conflict do nothing";
            self.db.run(sql, &[(&kind.name).into(), now.into()])?;
        }
        Ok(())
    }

    /// Take an attribute off a customer.
    pub fn delete_attribute(&self, customer_id: &str, name: &str) -> Result<(), Failure> {
        let sql = "delete from attribute where customer_id = $1 and name = $2";
        self.db.run(sql, &[customer_id.into(), name.into()]).map(drop)
    }

    /// Keep words that came one by one, the first ones for ever; those of somebody erased as an empty place.
    pub fn put_words(
        &self,
        source: &str,
        row_key: u128,
        part: &str,
        customer_id: Option<&str>,
        text: &str,
        now: i64,
    ) -> Result<(), Failure> {
        let gone = "exists (select 1 from customer where id = $4 and erased_at is not null)";
        let sql = format!(
            "insert into feedback_text (source, row_key, part, customer_id, text, is_erased, recorded_at)
             values ($1, $2, $3, $4, case when {gone} then '' else cast($5 as text) end,
                     case when {gone} then 1 else 0 end, $6)
             on conflict do nothing"
        );
        let key = format!("{row_key:032x}");
        let values: [Value<'_>; 6] =
            [source.into(), key.as_str().into(), part.into(), customer_id.into(), text.into(), now.into()];
        self.db.run(&sql, &values).map(drop)
    }

    /// What a customer said, in their own words, with the instant at which it was recorded.
    pub fn words_of(&self, customer_id: &str) -> Result<Vec<(i64, KeptText)>, Failure> {
        let sql = "select recorded_at, row_key, part, customer_id, text, is_erased from feedback_text
             where customer_id = $1 order by recorded_at, row_key, part";
        self.db.rows(sql, &[customer_id.into()], |row| {
            Ok((
                row.int(0)?,
                KeptText {
                    row_key: row.parsed(1, |text| u128::from_str_radix(text, 16).ok())?,
                    part: row.string(2)?,
                    customer: row.maybe_text(3)?.and_then(|id| id.parse().ok()),
                    text: row.string(4)?,
                    is_erased: row.int(5)? != 0,
                },
            ))
        })
    }

    /// Messages to others about a customer, the oldest first.
    pub fn messages_of(&self, customer_id: &str) -> Result<Vec<MessageRow>, Failure> {
        let sql = "select message_id, topic, customer_id, body, created_at from outbox where customer_id = $1
             order by created_at, message_id";
        self.db.rows(sql, &[customer_id.into()], |row| {
            Ok(MessageRow {
                message_id: row.string(0)?,
                topic: row.string(1)?,
                customer_id: row.maybe_string(2)?,
                body: row.string(3)?,
                created_at: row.int(4)?,
            })
        })
    }

    /// The vouchers of a customer, by code.
    pub fn vouchers_of(&self, program_id: &str, customer_id: &str) -> Result<Vec<VoucherRow>, Failure> {
        let sql = "select code, program_id, customer_id, reward, ends_at, uses_left, value_minor from voucher
             where customer_id = $1 and program_id = $2 order by code";
        self.db.rows(sql, &[customer_id.into(), program_id.into()], |row| {
            Ok(VoucherRow {
                code: row.string(0)?,
                program_id: row.string(1)?,
                customer_id: row.string(2)?,
                reward: row.string(3)?,
                ends_at: row.int(4)?,
                uses_left: row.int(5)?,
                value_minor: row.int(6)?,
            })
        })
    }

    /// The days on which a customer ordered, in whatever programs, ascending.
    pub fn order_days_of(&self, customer_id: &str) -> Result<Vec<String>, Failure> {
        let sql = "select distinct ordered_on from orders where customer_id = $1 order by ordered_on";
        self.db.rows(sql, &[customer_id.into()], |row| row.string(0))
    }

    /// Add to what customers brought and cost; what is there already is passed over. Answers how many are new.
    pub fn insert_profit(&self, rows: &[ProfitRow]) -> Result<u64, Failure> {
        let sql = "insert into profit (customer_id, kind, cause_kind, cause_id, happened_on, amount_minor, recorded_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 7] {
            let (cause_kind, cause_id) = ((&row.cause_kind).into(), (&row.cause_id).into());
            let (on, amount) = ((&row.happened_on).into(), row.amount_minor.into());
            [
                (&row.customer_id).into(),
                (&row.kind).into(),
                cause_kind,
                cause_id,
                on,
                amount,
                row.recorded_at.into(),
            ]
        });
        self.db.run_each(sql, 7, values)
    }

    /// What a customer brought and cost, by day.
    pub fn profit_of(&self, customer_id: &str) -> Result<Vec<ProfitRow>, Failure> {
        let sql = "select customer_id, kind, cause_kind, cause_id, happened_on, amount_minor, recorded_at from profit
             where customer_id = $1 order by happened_on, kind, cause_kind, cause_id";
        self.db.rows(sql, &[customer_id.into()], |row| {
            Ok(ProfitRow {
                customer_id: row.string(0)?,
                kind: row.string(1)?,
                cause_kind: row.string(2)?,
                cause_id: row.string(3)?,
                happened_on: row.string(4)?,
                amount_minor: row.int(5)?,
                recorded_at: row.int(6)?,
            })
        })
    }

    /// Keep what a person asked.
    pub fn insert_request(&self, row: &RequestRow) -> Result<(), Failure> {
        let sql = "insert into person_request (request_id, customer_id, kind, jurisdiction, law, received_at, answer_by,
                 done_by, answered_at, done_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let (id, who, kind) = ((&row.request_id).into(), (&row.customer_id).into(), (&row.kind).into());
        let (place, law) = ((&row.jurisdiction).into(), (&row.law).into());
        let (answer_by, done_by) = (row.answer_by.as_deref().into(), row.done_by.as_deref().into());
        let (answered, done) = (row.answered_at.into(), row.done_at.into());
        let at = row.received_at.into();
        self.db.run(sql, &[id, who, kind, place, law, at, answer_by, done_by, answered, done]).map(drop)
    }

    /// Say that a request was answered, and whether it is done; the first time counts. Answers whether it was there.
    pub fn close_request(&self, request_id: &str, is_done: bool, now: i64) -> Result<bool, Failure> {
        let done = if is_done { Some(now) } else { None };
        let sql = "update person_request set answered_at = coalesce(answered_at, $2),
             done_at = coalesce(done_at, cast($3 as bigint)) where request_id = $1";
        Ok(self.db.run(sql, &[request_id.into(), now.into(), done.into()])? == 1)
    }

    /// What a person asked, the oldest first.
    pub fn requests_of(&self, customer_id: &str) -> Result<Vec<RequestRow>, Failure> {
        let sql = format!("{REQUEST} where customer_id = $1 order by received_at, request_id");
        self.db.rows(&sql, &[customer_id.into()], request)
    }

    /// What waits to be done, the most urgent first.
    pub fn open_requests(&self, most: i64) -> Result<Vec<RequestRow>, Failure> {
        let sql = format!(
            "{REQUEST} where done_at is null order by coalesce(done_by, '9999-12-31'), request_id limit $1"
        );
        self.db.rows(&sql, &[most.into()], request)
    }

    /// Keep a certificate.
    pub fn insert_erasure(&self, row: &ErasureRow) -> Result<(), Failure> {
        let sql = "insert into erasure (erasure_id, customer_id, erased_at, certificate, hash)
             values ($1, $2, $3, $4, $5)";
        let (id, who) = ((&row.erasure_id).into(), (&row.customer_id).into());
        let (certificate, hash) = ((&row.certificate).into(), row.hash.as_slice().into());
        self.db.run(sql, &[id, who, row.erased_at.into(), certificate, hash]).map(drop)
    }

    /// The certificates of a customer, the oldest first.
    pub fn erasures_of(&self, customer_id: &str) -> Result<Vec<ErasureRow>, Failure> {
        let sql = "select erasure_id, customer_id, erased_at, certificate, hash from erasure
             where customer_id = $1 order by erased_at, erasure_id";
        self.db.rows(sql, &[customer_id.into()], |row| {
            Ok(ErasureRow {
                erasure_id: row.string(0)?,
                customer_id: row.string(1)?,
                erased_at: row.int(2)?,
                certificate: row.string(3)?,
                hash: row.hash(4)?,
            })
        })
    }
}

fn attribute_kind(row: &Row<'_>) -> Result<AttributeKind, Failure> {
    Ok(AttributeKind { name: row.string(0)?, kind: row.string(1)?, is_sensitive: row.int(2)? != 0 })
}

fn customer(row: &Row<'_>) -> Result<CustomerRow, Failure> {
    Ok(CustomerRow { customer_id: row.string(0)?, created_at: row.int(1)?, erased_at: row.maybe_int(2)? })
}

fn former(row: &Row<'_>) -> Result<FormerKey, Failure> {
    Ok(FormerKey {
        customer_id: row.string(0)?,
        key: Identifier { kind: row.string(1)?, source: row.string(2)?, value: row.string(3)? },
        reason: row.string(4)?,
        ended_at: row.int(5)?,
    })
}
