//! One person's data for reading: a page that asks nothing of the network, in the reader's language. It shows what the
//! document ([`PersonData`]) holds and adds nothing.

use super::export::PersonData;
use crate::record::consent::Standing;
use assets::{Arg, Assets, Failure, Habit, Lang, Words};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use loyalty::number::decimal;
use serde::Serialize;

/// What the template is given.
#[derive(Serialize)]
struct Page {
    lang: &'static str,
    shop: String,
    name: String,
    made_on: String,
    sections: Vec<Section>,
}

/// A part of the page: a table, or the sentence that says there is nothing.
#[derive(Serialize)]
struct Section {
    id: &'static str,
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The page of one person's data.
///
/// # Errors
/// Where a template or a message is wrong, never because of a person.
pub fn render(data: &PersonData, zone: &TimeZone, assets: &Assets, lang: Lang) -> Result<String, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, &data.currency, data.decimals);
    let view = View { data, zone, words, habit: &habit };
    let page = Page {
        lang: lang.tag(),
        shop: data.shop.clone(),
        name: if data.person.name.full.is_empty() {
            data.person.customer.clone()
        } else {
            data.person.name.full.clone()
        },
        made_on: view.day(data.made_at),
        sections: view.sections()?,
    };
    assets.render("person/data.html", lang, &page)
}

struct View<'a> {
    data: &'a PersonData,
    zone: &'a TimeZone,
    words: &'a Words,
    habit: &'a Habit,
}

type Rows = Vec<Vec<String>>;

impl View<'_> {
    fn sections(&self) -> Result<Vec<Section>, Failure> {
        let section = |id: &'static str, columns: &[&str], rows: Rows| {
            let word = |key: &str| self.words.text(&format!("person-{key}"), &[]);
            let head = columns.iter().map(|key| word(key)).collect::<Result<_, _>>()?;
            Ok(Section { id, title: word(id)?, head, rows })
        };
        Ok(vec![
            section("who", &["what", "value", "source", "when"], self.who()?)?,
            section(
                "consents",
                &["when", "address", "channel", "purpose", "status", "text", "source"],
                self.consents()?,
            )?,
            section("standing", &["address", "channel", "purpose", "status"], self.standing()?)?,
            section("points", &["program", "wallet", "available", "pending", "next-expiry"], self.points())?,
            section("tiers", &["program", "ladder", "tier", "since", "until"], self.tiers())?,
            section("vouchers", &["program", "code", "reward", "until"], self.vouchers())?,
            section("ledger", &["when", "wallet", "units", "why"], self.ledger())?,
            section("orders", &["when", "order", "paid", "returned"], self.orders())?,
            section("redemptions", &["when", "reward", "units", "code"], self.redemptions())?,
            section("feedback", &["when", "what", "value"], self.feedback())?,
            section("cases", &["when", "what", "value", "done"], self.cases())?,
            section("messages", &["when", "what", "value"], self.messages())?,
            section("events", &["when", "what", "source", "value"], self.events())?,
            section("lifecycle", &["since", "status", "why"], self.lifecycle()?)?,
            section("profit", &["when", "what", "value"], self.profit()?)?,
            section("requests", &["when", "what", "until", "done"], self.requests()?)?,
            section("history", &["what", "value"], self.history())?,
        ])
    }

    fn day(&self, at: Timestamp) -> String {
        self.habit.day(at.to_zoned(self.zone.clone()).date())
    }

    fn micros(&self, micros: i64) -> String {
        self.day(crate::record::books::instant(micros))
    }

    /// A word of ours in the reader's language; a word we do not know is shown as it is kept.
    fn word(&self, kind: &str, code: &str) -> Result<String, Failure> {
        let key = format!("person-{kind}-{}", code.replace('_', "-"));
        if self.words.has(&key) { self.words.text(&key, &[]) } else { Ok(code.to_owned()) }
    }

    fn who(&self) -> Result<Rows, Failure> {
        let person = &self.data.person;
        let mut rows = vec![vec![
            self.words.text("person-id", &[])?,
            self.data.ids.join(", "),
            String::new(),
            self.day(person.known_since),
        ]];
        for key in &person.keys {
            rows.push(vec![
                self.word("field", &key.kind)?,
                key.value.clone(),
                key.source.clone(),
                String::new(),
            ]);
        }
        for field in &person.fields {
            let name = self.word("field", field.field.trim_start_matches("custom."))?;
            rows.push(vec![name, field.value.clone(), field.source.clone(), self.micros(field.recorded_at)]);
        }
        for attribute in &person.attributes {
            rows.push(vec![attribute.name.clone(), attribute.value.clone(), String::new(), String::new()]);
        }
        if !person.tags.is_empty() {
            rows.push(vec![
                self.words.text("person-tags", &[])?,
                person.tags.join(", "),
                String::new(),
                String::new(),
            ]);
        }
        for former in &person.former_keys {
            let ended = [("reason", Arg::from(former.reason.as_str()))];
            let name = self.word("field", &former.key.kind)?;
            let ended = self.words.text("person-ended", &ended)?;
            rows.push(vec![
                name,
                format!("{} ({ended})", former.key.value),
                former.key.source.clone(),
                self.micros(former.ended_at),
            ]);
        }
        Ok(rows)
    }

    fn consents(&self) -> Result<Rows, Failure> {
        let row = |row: &store::ConsentRow| {
            Ok(vec![
                self.micros(row.happened_at),
                row.address.clone(),
                row.channel.clone(),
                self.word("purpose", &row.purpose)?,
                self.word("status", &row.status)?,
                format!("{} {}", row.text_version, row.language).trim().to_owned(),
                row.source.clone(),
            ])
        };
        self.data.consents.iter().map(row).collect()
    }

    fn standing(&self) -> Result<Rows, Failure> {
        let row = |stands: &super::consents::Stands| {
            let code = match stands.standing {
                Standing::Silent => "silent",
                Standing::Pending { .. } => "pending",
                Standing::Granted { .. } => "granted",
                Standing::Expired { .. } => "expired",
                Standing::Refused { .. } => "withdrawn",
            };
            Ok(vec![
                stands.address.clone(),
                stands.channel.clone(),
                self.word("purpose", &stands.purpose)?,
                self.word("status", code)?,
            ])
        };
        self.data.person.consents.iter().map(row).collect()
    }

    fn points(&self) -> Rows {
        let mut rows = Vec::new();
        for program in &self.data.person.programs {
            for wallet in &program.wallets {
                let units = |units: i64| decimal(units, wallet.precision);
                let next = wallet
                    .next_expiry
                    .map_or_else(String::new, |(at, left)| format!("{} ({})", self.day(at), units(left)));
                rows.push(vec![
                    program.program.clone(),
                    wallet.wallet.clone(),
                    units(wallet.available),
                    units(wallet.pending),
                    next,
                ]);
            }
        }
        rows
    }

    fn tiers(&self) -> Rows {
        let mut rows = Vec::new();
        for program in &self.data.person.programs {
            for tier in &program.tiers {
                rows.push(vec![
                    program.program.clone(),
                    tier.ladder.clone(),
                    tier.tier.clone(),
                    self.habit.day(tier.since),
                    tier.ends_on.map_or_else(String::new, |day| self.habit.day(day)),
                ]);
            }
        }
        rows
    }

    fn vouchers(&self) -> Rows {
        let of = |program: &super::show::Membership| -> Rows {
            let row = |voucher: &super::show::Voucher| {
                vec![
                    program.program.clone(),
                    voucher.code.clone(),
                    voucher.reward.clone(),
                    self.day(voucher.ends_at),
                ]
            };
            program.vouchers.iter().map(row).collect()
        };
        self.data.person.programs.iter().flat_map(of).collect()
    }

    fn ledger(&self) -> Rows {
        let row = |entry: &super::export::Entry| {
            vec![
                self.day(entry.at),
                entry.wallet.clone(),
                decimal(entry.units, entry.precision),
                entry.explanation.clone(),
            ]
        };
        self.data.ledger.iter().map(row).collect()
    }

    fn orders(&self) -> Rows {
        let row = |order: &super::export::Order| {
            vec![
                self.day(order.ordered_at),
                order.order.clone(),
                self.habit.money(order.paid_minor),
                self.habit.money(order.returned_minor),
            ]
        };
        self.data.orders.iter().map(row).collect()
    }

    fn redemptions(&self) -> Rows {
        let row = |had: &super::export::Redemption| {
            let wallet = self.data.person.programs.iter().find(|program| program.program == had.program);
            let precision =
                wallet.and_then(|program| program.wallets.first()).map_or(0, |wallet| wallet.precision);
            let code = had.code.clone().unwrap_or_default();
            vec![self.habit.day(had.on), had.reward.clone(), decimal(had.units, precision), code]
        };
        self.data.redemptions.iter().map(row).collect()
    }

    fn feedback(&self) -> Rows {
        let row = |words: &super::export::Words| {
            vec![self.day(words.recorded_at), words.part.clone(), words.text.clone()]
        };
        self.data.feedback.iter().map(row).collect()
    }

    fn cases(&self) -> Rows {
        let row = |case: &super::cases::Case| {
            let notes: Vec<&str> = case.notes.iter().map(|note| note.text.as_str()).collect();
            let closed = case.closed_at.map_or_else(String::new, |at| self.day(at));
            vec![self.day(case.opened_at), case.about.clone(), notes.join(" · "), closed]
        };
        self.data.cases.iter().map(row).collect()
    }

    fn messages(&self) -> Rows {
        let row = |message: &super::export::Message| {
            vec![self.day(message.at), message.topic.clone(), message.body.to_string()]
        };
        self.data.messages.iter().map(row).collect()
    }

    fn events(&self) -> Rows {
        let row = |event: &super::export::Happened| {
            vec![self.day(event.at), event.kind.clone(), event.source.clone(), event.body.to_string()]
        };
        self.data.events.iter().map(row).collect()
    }

    fn lifecycle(&self) -> Result<Rows, Failure> {
        let row = |stage: &super::lifecycle::Stage| {
            Ok(vec![self.day(stage.since), self.word("state", &stage.state)?, stage.reason.clone()])
        };
        self.data.person.lifecycle.iter().map(row).collect()
    }

    fn profit(&self) -> Result<Rows, Failure> {
        let row = |row: &store::ProfitRow| {
            let day =
                row.happened_on.parse().map_or_else(|_| row.happened_on.clone(), |day| self.habit.day(day));
            Ok(vec![day, self.word("profit", &row.kind)?, self.habit.money(row.amount_minor)])
        };
        self.data.profit.iter().map(row).collect()
    }

    fn requests(&self) -> Result<Rows, Failure> {
        let row = |row: &store::RequestRow| {
            let due = row.done_by.as_deref().and_then(|day| day.parse().ok());
            Ok(vec![
                self.micros(row.received_at),
                self.word("asked", &row.kind)?,
                due.map_or_else(String::new, |day| self.habit.day(day)),
                row.done_at.map_or_else(String::new, |at| self.micros(at)),
            ])
        };
        self.data.person.requests.iter().map(row).collect()
    }

    fn history(&self) -> Rows {
        let row =
            |(place, line): (usize, &serde_json::Value)| vec![(place + 1).to_string(), line.to_string()];
        self.data.history.iter().enumerate().map(row).collect()
    }
}
