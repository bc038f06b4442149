//! Postings, which are only ever added, and what they come to: accounts and lots.

use super::Writing;
use crate::db::{Row, Value};
use crate::failure::Failure;

/// One posting of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingRow {
    /// A customer, a household or a gift card.
    pub owner_id: String,
    /// The program.
    pub program_id: String,
    /// The wallet.
    pub wallet: String,
    /// Its place in the account, from 0.
    pub number: i64,
    /// When it took effect, in microseconds since 1970.
    pub posted_at: i64,
    /// What it does.
    pub kind: String,
    /// What kind of fact is behind it.
    pub cause_kind: String,
    /// That fact's id.
    pub cause_id: String,
    /// The rule that gave the points.
    pub rule: Option<String>,
    /// Which version of the rule.
    pub rule_version: Option<String>,
    /// Who pays.
    pub funder: Option<String>,
    /// The lines, as JSON; they sum to zero.
    pub lines: String,
    /// Dates of lots and holds, as JSON.
    pub terms: String,
    /// How the number came about, as JSON.
    pub working: Option<String>,
    /// Hash of the posting and of all before it.
    pub hash: [u8; 32],
}

/// What the postings of an account come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// A customer, a household or a gift card.
    pub owner_id: String,
    /// The program.
    pub program_id: String,
    /// The wallet.
    pub wallet: String,
    /// How many postings there are.
    pub postings: i64,
    /// When the last one took effect.
    pub posted_at: i64,
    /// Usable units when the last one had taken effect.
    pub available: i64,
    /// Units earned and not usable yet.
    pub pending: i64,
    /// Units set aside.
    pub held: i64,
    /// Units owed.
    pub owed: i64,
    /// Counters of the account's life, as JSON.
    pub totals: String,
    /// Hash of the last posting.
    pub hash: [u8; 32],
}

/// Points earned together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotRow {
    /// A customer, a household or a gift card.
    pub owner_id: String,
    /// The program.
    pub program_id: String,
    /// The wallet.
    pub wallet: String,
    /// Its number in the account.
    pub number: i64,
    /// When they were earned.
    pub earned_at: i64,
    /// When they run out.
    pub expires_at: Option<i64>,
    /// Whether they cannot be used yet.
    pub is_pending: bool,
    /// How many there were.
    pub units: i64,
    /// How many are left.
    pub units_left: i64,
    /// What kind of fact earned them.
    pub cause_kind: String,
    /// That fact's id.
    pub cause_id: String,
    /// The rule that gave them.
    pub rule: Option<String>,
}

pub(super) const POSTING: &str =
    "select owner_id, program_id, wallet, number, posted_at, kind, cause_kind, cause_id, rule,
    rule_version, funder, lines, terms, working, hash from posting";

pub(super) fn posting(row: &Row<'_>) -> Result<PostingRow, Failure> {
    Ok(PostingRow {
        owner_id: row.string(0)?,
        program_id: row.string(1)?,
        wallet: row.string(2)?,
        number: row.int(3)?,
        posted_at: row.int(4)?,
        kind: row.string(5)?,
        cause_kind: row.string(6)?,
        cause_id: row.string(7)?,
        rule: row.maybe_string(8)?,
        rule_version: row.maybe_string(9)?,
        funder: row.maybe_string(10)?,
        lines: row.string(11)?,
        terms: row.string(12)?,
        working: row.maybe_string(13)?,
        hash: row.hash(14)?,
    })
}

fn account(row: &Row<'_>) -> Result<AccountRow, Failure> {
    Ok(AccountRow {
        owner_id: row.string(0)?,
        program_id: row.string(1)?,
        wallet: row.string(2)?,
        postings: row.int(3)?,
        posted_at: row.int(4)?,
        available: row.int(5)?,
        pending: row.int(6)?,
        held: row.int(7)?,
        owed: row.int(8)?,
        totals: row.string(9)?,
        hash: row.hash(10)?,
    })
}

fn lot(row: &Row<'_>) -> Result<LotRow, Failure> {
    Ok(LotRow {
        owner_id: row.string(0)?,
        program_id: row.string(1)?,
        wallet: row.string(2)?,
        number: row.int(3)?,
        earned_at: row.int(4)?,
        expires_at: row.maybe_int(5)?,
        is_pending: row.int(6)? != 0,
        units: row.int(7)?,
        units_left: row.int(8)?,
        cause_kind: row.string(9)?,
        cause_id: row.string(10)?,
        rule: row.maybe_string(11)?,
    })
}

const ACCOUNT: &str =
    "select owner_id, program_id, wallet, postings, posted_at, available, pending, held, owed, totals,
    hash from account";
const LOT: &str =
    "select owner_id, program_id, wallet, number, earned_at, expires_at, is_pending, units, units_left,
    cause_kind, cause_id, rule from lot";

impl Writing<'_> {
    /// Add postings. One whose number is taken is a [`Failure`].
    pub fn insert_postings(&self, rows: &[PostingRow]) -> Result<(), Failure> {
        let sql = "insert into posting (owner_id, program_id, wallet, number, posted_at, kind, cause_kind, cause_id,
                 rule, rule_version, funder, lines, terms, working, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 15] {
            let (owner, program, wallet) =
                ((&row.owner_id).into(), (&row.program_id).into(), (&row.wallet).into());
            let (kind, cause_kind) = ((&row.kind).into(), (&row.cause_kind).into());
            let (rule, version) = (row.rule.as_deref().into(), row.rule_version.as_deref().into());
            let (funder, working) = (row.funder.as_deref().into(), row.working.as_deref().into());
            let (lines, terms) = ((&row.lines).into(), (&row.terms).into());
            let hash = row.hash.as_slice().into();
            let (number, at, cause) = (row.number.into(), row.posted_at.into(), (&row.cause_id).into());
            [
                owner, program, wallet, number, at, kind, cause_kind, cause, rule, version, funder, lines,
                terms, working, hash,
            ]
        });
        self.db.run_each(sql, 15, values).map(drop)
    }

    /// Write what accounts have come to; each account at most once.
    pub fn put_accounts(&self, rows: &[AccountRow]) -> Result<(), Failure> {
        let sql = "insert into account (owner_id, program_id, wallet, postings, posted_at, available, pending, held,
                 owed, totals, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (owner_id, program_id, wallet) do update set
                 postings = excluded.postings, posted_at = excluded.posted_at, available = excluded.available,
                 pending = excluded.pending, held = excluded.held, owed = excluded.owed, totals = excluded.totals,
                 hash = excluded.hash";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 11] {
            let (owner, program, wallet) =
                ((&row.owner_id).into(), (&row.program_id).into(), (&row.wallet).into());
            let (available, pending) = (row.available.into(), row.pending.into());
            let (held, owed) = (row.held.into(), row.owed.into());
            let (totals, hash) = ((&row.totals).into(), row.hash.as_slice().into());
            let (postings, at) = (row.postings.into(), row.posted_at.into());
            [owner, program, wallet, postings, at, available, pending, held, owed, totals, hash]
        });
        self.db.run_each(sql, 11, values).map(drop)
    }

    /// Write what is left of lots; each lot at most once.
    pub fn put_lots(&self, rows: &[LotRow]) -> Result<(), Failure> {
        let sql =
            "insert into lot (owner_id, program_id, wallet, number, earned_at, expires_at, is_pending, units,
                 units_left, cause_kind, cause_id, rule)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (owner_id, program_id, wallet, number) do update set
                 expires_at = excluded.expires_at, is_pending = excluded.is_pending,
                 units_left = excluded.units_left";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 12] {
            let (owner, program, wallet) =
                ((&row.owner_id).into(), (&row.program_id).into(), (&row.wallet).into());
            let (earned_at, expires_at) = (row.earned_at.into(), row.expires_at.into());
            let (units, left) = (row.units.into(), row.units_left.into());
            let (kind, id, rule) =
                ((&row.cause_kind).into(), (&row.cause_id).into(), row.rule.as_deref().into());
            let (number, pending) = (row.number.into(), row.is_pending.into());
            [owner, program, wallet, number, earned_at, expires_at, pending, units, left, kind, id, rule]
        });
        self.db.run_each(sql, 12, values).map(drop)
    }

    /// The postings of an owner, wallet by wallet, in their order.
    pub fn postings_of(&self, owner_id: &str, program_id: &str) -> Result<Vec<PostingRow>, Failure> {
        let sql = format!("{POSTING} where owner_id = $1 and program_id = $2 order by wallet, number");
        self.db.rows(&sql, &[owner_id.into(), program_id.into()], posting)
    }

    /// The accounts of an owner.
    pub fn accounts_of(&self, owner_id: &str, program_id: &str) -> Result<Vec<AccountRow>, Failure> {
        let sql = format!("{ACCOUNT} where owner_id = $1 and program_id = $2 order by wallet");
        self.db.rows(&sql, &[owner_id.into(), program_id.into()], account)
    }

    /// The lots of an owner, wallet by wallet, in their order.
    pub fn lots_of(&self, owner_id: &str, program_id: &str) -> Result<Vec<LotRow>, Failure> {
        let sql = format!("{LOT} where owner_id = $1 and program_id = $2 order by wallet, number");
        self.db.rows(&sql, &[owner_id.into(), program_id.into()], lot)
    }

    /// The owner of the `step`-th account of a program after `after`, in the order of owners: where a page of a long
    /// walk may end. `None` where there are no more than that.
    pub fn owner_at(&self, program_id: &str, after: &str, step: i64) -> Result<Option<String>, Failure> {
        let sql = "select owner_id from account where program_id = $1 and owner_id > $2
             order by owner_id limit 1 offset $3";
        self.db.first(sql, &[program_id.into(), after.into(), (step - 1).into()], |row| row.string(0))
    }

    /// How many accounts a program has.
    pub fn count_accounts(&self, program_id: &str) -> Result<u64, Failure> {
        let sql = "select count(*) from account where program_id = $1";
        self.db.int(sql, &[program_id.into()]).map(|count| count as u64)
    }

    /// The postings of all owners after `after`, up to `until` where that is said, in the order of owner, wallet and
    /// number.
    pub fn postings_between(
        &self,
        program_id: &str,
        after: &str,
        until: Option<&str>,
    ) -> Result<Vec<PostingRow>, Failure> {
        self.between(POSTING, "owner_id", ", wallet, number", (program_id, after, until), posting)
    }

    /// The accounts of the same owners, in the order of owner and wallet.
    pub fn accounts_between(
        &self,
        program_id: &str,
        after: &str,
        until: Option<&str>,
    ) -> Result<Vec<AccountRow>, Failure> {
        self.between(ACCOUNT, "owner_id", ", wallet", (program_id, after, until), account)
    }

    /// The lots of the same owners, in the order of owner, wallet and number.
    pub fn lots_between(
        &self,
        program_id: &str,
        after: &str,
        until: Option<&str>,
    ) -> Result<Vec<LotRow>, Failure> {
        self.between(LOT, "owner_id", ", wallet, number", (program_id, after, until), lot)
    }

    /// The rows of a range of keys of a program, in their order.
    pub(super) fn between<T>(
        &self,
        select: &str,
        key: &str,
        then: &str,
        (program_id, after, until): (&str, &str, Option<&str>),
        read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let order = format!("order by {key}{then}");
        let Some(until) = until else {
            let sql = format!("{select} where program_id = $1 and {key} > $2 {order}");
            return self.db.rows(&sql, &[program_id.into(), after.into()], read);
        };
        let sql = format!("{select} where program_id = $1 and {key} > $2 and {key} <= $3 {order}");
        self.db.rows(&sql, &[program_id.into(), after.into(), until.into()], read)
    }

    /// Accounts without a posting, and lots without an account, as `owner wallet`; at most `most`.
    pub fn orphaned_projections(&self, program_id: &str, most: i64) -> Result<Vec<String>, Failure> {
        let sql = "select owner_id || ' ' || wallet from account where program_id = $1 and not exists
                 (select 1 from posting where posting.owner_id = account.owner_id
                  and posting.program_id = account.program_id and posting.wallet = account.wallet)
             union all
             select owner_id || ' ' || wallet from lot where program_id = $1 and not exists
                 (select 1 from account where account.owner_id = lot.owner_id
                  and account.program_id = lot.program_id and account.wallet = lot.wallet)
             limit $2";
        self.db.rows(sql, &[program_id.into(), most.into()], |row| row.string(0))
    }
}
