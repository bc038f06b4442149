//! Sealing: batches of the log appended to the lake, each exactly once, whatever crashes where.
//!
//! A seal claims its events; writes their facts where no reader looks; makes its plan durable; has the lake carry it
//! out under the seal's own application transaction; and then, in one transaction, moves the versions readers see and
//! takes the events out of what the log shows. Each step can be done again: whoever comes next goes on where it
//! stopped.

use super::{Shop, Stop, facts_of, unread};
use domain::fact::Table;
use domain::port::{Failure, Lake};
use domain::{Id, Kind};
use serde::Serialize;
use store::{LogPart, Session};

/// How many events a seal has at most: what its rows and the orders it replaces take is bounded by it.
pub const EVENTS_PER_SEAL: i64 = 1_000_000;

/// What a seal did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// Its number.
    pub seal: i64,
    /// Events that the log no longer has to show.
    pub events: u64,
    /// Rows that are new in the lake, by table.
    pub rows: Vec<(Table, u64)>,
    /// Rows of the lake that others took the place of.
    pub replaced: u64,
    /// The versions readers see from now on.
    pub versions: Vec<(Table, u64)>,
}

/// Seal the next batch of up to `most` events, or see through the one that was begun; `None` where all is sealed.
/// `lake` shows the versions that state pins. `progress` hears of rows written.
///
/// # Errors
/// Where state or lake fail, or another process writes the lake. Asking again goes on where it stopped.
pub fn seal_next(
    session: &mut Session,
    lake: &dyn Lake,
    shop: &Shop,
    most: i64,
    now_micros: i64,
    chance: u128,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Sealed>, Failure> {
    if !session.lock_lake().map_err(unread)? {
        return Err(Failure::new("another process is writing the lake: wait until it has ended"));
    }
    let begun = session.read().open_seal().map_err(unread)?;
    let millis = u64::try_from(now_micros / 1000).unwrap_or(0);
    let claim =
        || session.write(|writing| writing.claim_seal(Id::new(Kind::Seal, millis, chance), most, now_micros));
    let Some(seal) = begun.map_or_else(claim, |seal| Ok(Some(seal))).map_err(unread)? else {
        return Ok(None);
    };
    let plan = match seal.prepared {
        Some(plan) => plan,
        None => {
            let mut staging = lake.stage_log(seal.lake_id)?;
            let mut rows = 0;
            let read = session.snapshot(|reading| {
                facts_of(reading, LogPart::Seal(seal.seal_id), shop, &mut |facts| {
                    rows += facts.rows.rows() as u64;
                    staging.write(facts)?;
                    progress(rows);
                    Ok(())
                })
            });
            read.map_err(|stop: Stop| Failure::from(stop))?;
            let plan = staging.finish()?;
            session.write(|writing| writing.prepare_seal(seal.seal_id, &plan)).map_err(unread)?;
            plan
        }
    };
    let versions = lake.commit(&plan)?;
    session.write(|writing| writing.complete_seal(seal.seal_id, &versions, now_micros)).map_err(unread)?;
    Ok(Some(Sealed {
        seal: seal.seal_id,
        events: seal.events,
        rows: plan.tables.iter().map(|table| (table.table, table.rows_new)).collect(),
        replaced: plan.tables.iter().map(|table| table.rows_known).sum(),
        versions,
    }))
}
