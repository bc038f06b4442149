//! What members share: counters nobody may exceed, vouchers, gift cards, households, codes of other companies.

use super::Writing;
use crate::db::Value;
use crate::failure::Failure;

/// A voucher that was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherRow {
    /// Its code.
    pub code: String,
    /// The program.
    pub program_id: String,
    /// Who has it.
    pub customer_id: String,
    /// The reward it is of.
    pub reward: String,
    /// The end, exclusive, in microseconds since 1970.
    pub ends_at: i64,
    /// How often it can still be used.
    pub uses_left: i64,
    /// Money off.
    pub value_minor: i64,
}

/// Vouchers of a reward, counted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct VoucherSum {
    /// The reward.
    pub reward: String,
    /// Made beforehand, and still nobody's.
    pub printed: i64,
    /// In all.
    pub count: i64,
    /// Can still be used.
    pub usable: i64,
    /// What those are worth.
    pub usable_minor: i64,
}

/// A gift card or a household, as the judge left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// The card's code or the household's id.
    pub id: String,
    /// The judge's own state, as JSON.
    pub state: String,
}

impl Writing<'_> {
    /// The values of counters, which are sorted by name, locked until the transaction ends. A counter that was never
    /// touched is zero.
    pub fn lock_counters(&self, program_id: &str, names: &[&str]) -> Result<Vec<i64>, Failure> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        if self.db.is_postgres() {
            // There is nothing to lock where there is no row; SQLite's one writer needs neither.
            let sql =
                "insert into counter (program_id, name, value) values ($1, $2, $3) on conflict do nothing";
            self.db.run_each(
                sql,
                3,
                names.iter().flat_map(|name| [program_id.into(), Value::from(*name), 0i64.into()]),
            )?;
        }
        let mut values = vec![0; names.len()];
        let sql = "select value from counter where name = $1 and program_id = $2 for update";
        self.db.seek_each(sql, &[program_id.into()], names.iter().copied(), |at, row| {
            values[at] = row.int(0)?;
            Ok(())
        })?;
        Ok(values)
    }

    /// Write counters; each at most once.
    pub fn put_counters(&self, program_id: &str, rows: &[(String, i64)]) -> Result<(), Failure> {
        let sql = "insert into counter (program_id, name, value) values ($1, $2, $3)
             on conflict (program_id, name) do update set value = excluded.value";
        let values = rows.iter().flat_map(|(name, value)| [program_id.into(), name.into(), (*value).into()]);
        self.db.run_each(sql, 3, values).map(drop)
    }

    /// All counters of a program, by name.
    pub fn list_counters(&self, program_id: &str) -> Result<Vec<(String, i64)>, Failure> {
        let sql = "select name, value from counter where program_id = $1 order by name";
        self.db.rows(sql, &[program_id.into()], |row| Ok((row.string(0)?, row.int(1)?)))
    }

    /// The vouchers among `codes`, which are sorted, locked until the transaction ends.
    pub fn lock_vouchers(&self, program_id: &str, codes: &[&str]) -> Result<Vec<VoucherRow>, Failure> {
        let sql = "select code, program_id, customer_id, reward, ends_at, uses_left, value_minor from voucher
             where code = $1 and program_id = $2 for update";
        let mut found = Vec::new();
        self.db.seek_each(sql, &[program_id.into()], codes.iter().copied(), |_, row| {
            let (code, program_id, customer_id) = (row.string(0)?, row.string(1)?, row.string(2)?);
            let (reward, ends_at, uses_left) = (row.string(3)?, row.int(4)?, row.int(5)?);
            let value_minor = row.int(6)?;
            found.push(VoucherRow { code, program_id, customer_id, reward, ends_at, uses_left, value_minor });
            Ok(())
        })?;
        Ok(found)
    }

    /// Write vouchers; each at most once.
    pub fn put_vouchers(&self, rows: &[VoucherRow]) -> Result<(), Failure> {
        let sql =
            "insert into voucher (code, program_id, customer_id, reward, ends_at, uses_left, value_minor)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (code, program_id) do update set
                 customer_id = excluded.customer_id, uses_left = excluded.uses_left";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 7] {
            let (code, program, customer) =
                ((&row.code).into(), (&row.program_id).into(), (&row.customer_id).into());
            let (ends_at, uses, value) = (row.ends_at.into(), row.uses_left.into(), row.value_minor.into());
            [code, program, customer, (&row.reward).into(), ends_at, uses, value]
        });
        self.db.run_each(sql, 7, values).map(drop)
    }

    /// Vouchers of a reward that were made beforehand and are nobody's, by code.
    pub fn printed_vouchers(&self, program_id: &str, reward: &str) -> Result<Vec<VoucherRow>, Failure> {
        let sql = "select code, program_id, customer_id, reward, ends_at, uses_left, value_minor from voucher
             where customer_id = '' and program_id = $1 and reward = $2 order by ends_at, code";
        self.db.rows(sql, &[program_id.into(), reward.into()], |row| {
            let (code, program_id, customer_id) = (row.string(0)?, row.string(1)?, row.string(2)?);
            let (reward, ends_at, uses_left) = (row.string(3)?, row.int(4)?, row.int(5)?);
            Ok(VoucherRow {
                code,
                program_id,
                customer_id,
                reward,
                ends_at,
                uses_left,
                value_minor: row.int(6)?,
            })
        })
    }

    /// Vouchers of a program by reward: how many there are, and how many can still be used at `now`.
    pub fn sum_vouchers(&self, program_id: &str, now: i64) -> Result<Vec<VoucherSum>, Failure> {
        let sql =
            "select reward, cast(sum(case when customer_id = '' then 1 else 0 end) as bigint), count(*),
             cast(sum(case when uses_left > 0 and ends_at > $2 then 1 else 0 end) as bigint),
             cast(sum(case when uses_left > 0 and ends_at > $2 then value_minor else 0 end) as bigint)
             from voucher where program_id = $1 group by reward order by reward";
        self.db.rows(sql, &[program_id.into(), now.into()], |row| {
            let (reward, printed, count) = (row.string(0)?, row.int(1)?, row.int(2)?);
            Ok(VoucherSum { reward, printed, count, usable: row.int(3)?, usable_minor: row.int(4)? })
        })
    }

    /// Take vouchers back.
    pub fn delete_vouchers(&self, program_id: &str, codes: &[&str]) -> Result<(), Failure> {
        let sql = "delete from voucher where code = $1 and program_id = $2";
        self.db
            .run_each(sql, 2, codes.iter().flat_map(|code| [Value::from(*code), program_id.into()]))
            .map(drop)
    }

    /// The gift cards among `codes`, which are sorted, locked until the transaction ends.
    pub fn lock_gift_cards(&self, program_id: &str, codes: &[&str]) -> Result<Vec<StateRow>, Failure> {
        let sql = "select code, state from gift_card where code = $1 and program_id = $2 for update";
        self.states(sql, program_id, codes)
    }

    /// All gift cards of a program.
    pub fn list_gift_cards(&self, program_id: &str) -> Result<Vec<StateRow>, Failure> {
        let sql = "select code, state from gift_card where program_id = $1";
        self.db
            .rows(sql, &[program_id.into()], |row| Ok(StateRow { id: row.string(0)?, state: row.string(1)? }))
    }

    /// Write gift cards; each at most once.
    pub fn put_gift_cards(&self, program_id: &str, rows: &[StateRow]) -> Result<(), Failure> {
        let sql = "insert into gift_card (code, program_id, state) values ($1, $2, $3)
             on conflict (code, program_id) do update set state = excluded.state";
        self.put_states(sql, program_id, rows)
    }

    /// The households among `ids`, which are sorted, locked until the transaction ends.
    pub fn lock_households(&self, program_id: &str, ids: &[&str]) -> Result<Vec<StateRow>, Failure> {
        let sql = "select household_id, state from household where household_id = $1 and program_id = $2 for update";
        self.states(sql, program_id, ids)
    }

    /// The households that `customers` belong to.
    pub fn households_of(&self, program_id: &str, customers: &[&str]) -> Result<Vec<String>, Failure> {
        let sql = "select household_id from household_member where customer_id = $1 and program_id = $2";
        let mut found = Vec::new();
        self.db.seek_each(sql, &[program_id.into()], customers.iter().copied(), |_, row| {
            found.push(row.string(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Write households; each at most once, with its members.
    pub fn put_households(&self, program_id: &str, rows: &[(StateRow, Vec<String>)]) -> Result<(), Failure> {
        let states: Vec<StateRow> = rows.iter().map(|(row, _)| row.clone()).collect();
        let sql = "insert into household (household_id, program_id, state) values ($1, $2, $3)
             on conflict (household_id, program_id) do update set state = excluded.state";
        self.put_states(sql, program_id, &states)?;
        for (row, members) in rows {
            let gone = "delete from household_member where household_id = $1 and program_id = $2";
            self.db.run(gone, &[(&row.id).into(), program_id.into()])?;
            let sql =
                "insert into household_member (customer_id, program_id, household_id) values ($1, $2, $3)";
            let values = members.iter().flat_map(|id| [id.into(), program_id.into(), Value::from(&row.id)]);
            self.db.run_each(sql, 3, values)?;
        }
        Ok(())
    }

    /// The first `most` codes of other companies that are left for a reward, locked until the transaction ends.
    pub fn lock_external_codes(
        &self,
        program_id: &str,
        reward: &str,
        most: i64,
    ) -> Result<Vec<String>, Failure> {
        let sql =
            "select code from external_code where program_id = $1 and reward = $2 order by place limit $3
             for update";
        self.db.rows(sql, &[program_id.into(), reward.into(), most.into()], |row| row.string(0))
    }

    /// Take codes of other companies out of the stock.
    pub fn delete_external_codes(
        &self,
        program_id: &str,
        reward: &str,
        codes: &[&str],
    ) -> Result<(), Failure> {
        let sql = "delete from external_code where program_id = $1 and reward = $2 and code = $3";
        let values = codes.iter().flat_map(|code| [program_id.into(), reward.into(), Value::from(*code)]);
        self.db.run_each(sql, 3, values).map(drop)
    }

    /// Add codes of other companies behind those that are there; one that is there already is passed over. Answers how
    /// many are new.
    pub fn insert_external_codes(
        &self,
        program_id: &str,
        reward: &str,
        codes: &[&str],
    ) -> Result<u64, Failure> {
        let last = "select coalesce(max(place), 0) from external_code where program_id = $1 and reward = $2";
        let last = self.db.int(last, &[program_id.into(), reward.into()])?;
        let sql = "insert into external_code (program_id, reward, place, code) values ($1, $2, $3, $4)
             on conflict (program_id, reward, code) do nothing";
        let values = (last + 1..).zip(codes).flat_map(|(place, code)| -> [Value<'_>; 4] {
            [program_id.into(), reward.into(), place.into(), Value::from(*code)]
        });
        self.db.run_each(sql, 4, values)
    }

    fn states(&self, sql: &str, program_id: &str, ids: &[&str]) -> Result<Vec<StateRow>, Failure> {
        let mut found = Vec::new();
        self.db.seek_each(sql, &[program_id.into()], ids.iter().copied(), |_, row| {
            found.push(StateRow { id: row.string(0)?, state: row.string(1)? });
            Ok(())
        })?;
        Ok(found)
    }

    fn put_states(&self, sql: &str, program_id: &str, rows: &[StateRow]) -> Result<(), Failure> {
        let values =
            rows.iter().flat_map(|row| [(&row.id).into(), program_id.into(), Value::from(&row.state)]);
        self.db.run_each(sql, 3, values).map(drop)
    }
}
