//! Seals: batches of the log on their way into the lake, and the order of steps that makes a crash at any moment
//! harmless.
//!
//! `claimed` → `prepared` → `done`. A seal claims its events first, so that doing it again is about the same ones; what
//! it will do to the lake is durable before the lake is touched; the row that says `done`, the versions that show the
//! facts in the lake and the leaving of the log are one transaction. So a reader finds each fact in one of the two.

use super::Writing;
use crate::db::Value;
use crate::failure::Failure;
use crate::imports::{lake_versions, move_versions};
use domain::Id;
use domain::fact::Table;
use domain::port::Prepared;

/// How far a seal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SealState {
    /// It has its events; nothing of it is in the lake.
    Claimed,
    /// What it will do to the lake is decided; to be carried out, after a crash too.
    Prepared,
    /// Its events are shown by the lake and no more by the log.
    Done,
}

impl SealState {
    const ALL: [SealState; 3] = [SealState::Claimed, SealState::Prepared, SealState::Done];

    const fn name(self) -> &'static str {
        match self {
            SealState::Claimed => "claimed",
            SealState::Prepared => "prepared",
            SealState::Done => "done",
        }
    }
}

/// The last event of seal `$1`. A seal knows how many it has and they lie at the beginning, so that nobody has to look
/// through the whole of a long log for what belongs to one.
pub(super) const LAST_OF_SEAL: &str = "(select max(event_id) from
    (select event_id from unsealed where seal_id = $1 order by event_id
     limit (select events from seal where seal_id = $1)) as claimed)";

/// A batch of the log on its way into the lake.
#[derive(Debug, Clone, PartialEq)]
pub struct Seal {
    /// Its number, from 1.
    pub seal_id: i64,
    /// Its application transaction in the lake.
    pub lake_id: Id,
    /// How far it has come.
    pub state: SealState,
    /// How many events it has.
    pub events: u64,
    /// What is to be done to the lake, while it is prepared.
    pub prepared: Option<Prepared>,
}

impl Writing<'_> {
    /// The seal that was begun and not seen through, if there is one: there is never more than one.
    pub fn open_seal(&self) -> Result<Option<Seal>, Failure> {
        let sql = "select seal_id, lake_id, state, events, prepared from seal where state <> 'done'
             order by seal_id limit 1";
        self.db.first(sql, &[], |row| {
            let state =
                row.parsed(2, |name| SealState::ALL.into_iter().find(|state| state.name() == name))?;
            let prepared = match row.maybe_text(4)? {
                None => None,
                Some(_) => Some(row.parsed(4, |text| serde_json::from_str(text).ok())?),
            };
            let (seal_id, lake_id) = (row.int(0)?, row.id(1)?);
            Ok(Seal { seal_id, lake_id, state, events: row.int(3)?.unsigned_abs(), prepared })
        })
    }

    /// Claim up to `most` events that no seal has, the oldest first, with all that is said of the same things, as the
    /// next seal. `None` where there are none.
    pub fn claim_seal(&self, lake_id: Id, most: i64, now: i64) -> Result<Option<Seal>, Failure> {
        let seal_id = self.db.int("select coalesce(max(seal_id), 0) + 1 from seal", &[])?;
        let last = "select event_id from unsealed where seal_id = 0 order by event_id limit 1 offset $1";
        let newest = "select max(event_id) from unsealed where seal_id = 0";
        let last = match self.db.first(last, &[(most - 1).into()], |row| row.string(0))? {
            Some(last) => Some(last),
            None => self.db.first(newest, &[], |row| row.maybe_string(0))?.flatten(),
        };
        let Some(last) = last else { return Ok(None) };
        let sql = "update unsealed set seal_id = $1 where seal_id = 0 and event_id <= $2";
        let mut events = self.db.run(sql, &[seal_id.into(), (&last).into()])?;
        // A clock that stepped back may have put the fact itself behind what changes it.
        let sql = "update unsealed set seal_id = $1 where seal_id = 0 and event_id in
             (select other.event_id from unsealed as claimed
              join event on event.event_id = claimed.event_id
              join event as other on other.about = event.about
              where claimed.seal_id = $1 and claimed.follows = 1 and claimed.event_id <= $2)";
        events += self.db.run(sql, &[seal_id.into(), (&last).into()])?;
        let sql =
            "insert into seal (seal_id, lake_id, state, events, claimed_at) values ($1, $2, $3, $4, $5)";
        let (lake, count) = (lake_id.to_string(), events as i64);
        let state = SealState::Claimed;
        let row = [seal_id.into(), (&lake).into(), state.name().into(), count.into(), now.into()];
        self.db.run(sql, &row)?;
        Ok(Some(Seal { seal_id, lake_id, state, events, prepared: None }))
    }

    /// Make durable what a seal will do to the lake. Answers whether it was waiting for that.
    pub fn prepare_seal(&self, seal_id: i64, prepared: &Prepared) -> Result<bool, Failure> {
        let plan = serde_json::to_string(prepared).expect("plain data becomes JSON");
        let sql =
            "update seal set state = 'prepared', prepared = $2 where seal_id = $1 and state = 'claimed'";
        Ok(self.db.run(sql, &[seal_id.into(), (&plan).into()])? == 1)
    }

    /// Say that the lake has carried a seal out: it shows the facts from now on, and the log does not. Again changes
    /// nothing.
    pub fn complete_seal(&self, seal_id: i64, versions: &[(Table, u64)], now: i64) -> Result<(), Failure> {
        let sql = "update seal set state = 'done', prepared = null, ended_at = $2
             where seal_id = $1 and state = 'prepared'";
        if self.db.run(sql, &[seal_id.into(), now.into()])? == 1 {
            let sql = format!("delete from unsealed where seal_id = $1 and event_id <= {LAST_OF_SEAL}");
            self.db.run(&sql, &[seal_id.into()])?;
            move_versions(self.db, None, versions, now)?;
        }
        Ok(())
    }

    /// The version of each table of the lake that may be shown, as of this instant.
    pub fn lake_versions(&self) -> Result<Vec<(Table, u64)>, Failure> {
        lake_versions(self.db)
    }

    /// Events that belong to no open seal and are yet claimed, and unsealed ones that are no events; at most `most`.
    pub fn lost_claims(&self, most: i64) -> Result<Vec<String>, Failure> {
        let sql = "select event_id from unsealed where (seal_id <> 0 and not exists
                 (select 1 from seal where seal.seal_id = unsealed.seal_id and state <> 'done'))
             or not exists (select 1 from event where event.event_id = unsealed.event_id)
             order by event_id limit $1";
        self.db.rows(sql, &[most.into()], |row| row.string(0))
    }
}

impl crate::Session {
    /// Take the right to write the lake, which one process has at a time, until this session ends. `false` says that
    /// another has it. On SQLite whoever holds the store open has it.
    pub fn lock_lake(&self) -> Result<bool, Failure> {
        if !self.db.is_postgres() {
            return Ok(true);
        }
        let sql = "select case when pg_try_advisory_lock(hashtext('perennial lake ' || current_schema()))
             then 1::bigint else 0::bigint end";
        Ok(self.db.int(sql, &[] as &[Value<'_>])? == 1)
    }
}
