//! `perennial lake seal`: what was recorded live, appended to the lake.

use crate::args::Common;
use crate::ended::Ended;
use crate::home::{Home, chance, now_micros, shop_of, turn_at_the_lake};
use crate::progress::Progress;
use crate::say::{self, count};
use analytics::lake::DeltaLake;
use engine::collect::live::seal::seal_next;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use store::Store;

/// What sealing came to.
#[derive(Debug, Default, Serialize)]
pub struct Total {
    /// Events that are in the lake now.
    events: u64,
    /// In how many batches.
    seals: u64,
    /// Rows that are new in the lake, by table.
    rows: BTreeMap<&'static str, u64>,
    /// Rows of the lake that others took the place of.
    rows_replaced: u64,
}

/// Run the command.
pub fn run(common: &Common, batch: i64) -> Result<(), Ended> {
    if batch < 1 {
        return Err(Ended::Usage(format!("--batch {batch}: expected a number of events from 1 up")));
    }
    let mut home = Home::open(common)?;
    home.secret()?;
    let mut progress = Progress::new(common.quiet);
    let told = &mut |done, waiting, rows| progress.at("sealing", done, waiting, rows);
    let total = seal_all(&home.store, &home.lake, batch, told)?;
    drop(progress);
    say::result(common, &total, || words(&total))
}

/// Seal until nothing is left. `told` hears how many events are done, how many there were, and rows of this batch. The
/// folder has its secret.
pub fn seal_all(
    store: &Store,
    lake: &DeltaLake,
    batch: i64,
    told: &mut dyn FnMut(u64, u64, u64),
) -> Result<Total, Ended> {
    let _turn = turn_at_the_lake();
    let shop = shop_of(store)?;
    let mut session = store.sessions().open()?;
    let waiting = session.read().count_unsealed()?;
    let mut total = Total::default();
    loop {
        let lake = lake.with_pins(store.lake_versions()?);
        let done = total.events;
        let mut rows = |rows| told(done, waiting, rows);
        let sealed = seal_next(&mut session, &lake, &shop, batch, now_micros(), chance(), &mut rows)?;
        let Some(sealed) = sealed else { return Ok(total) };
        total.events += sealed.events;
        total.seals += 1;
        total.rows_replaced += sealed.replaced;
        for (table, new) in sealed.rows {
            *total.rows.entry(table.name()).or_default() += new;
        }
    }
}

fn words(total: &Total) -> String {
    if total.seals == 0 {
        return "everything that was recorded is in the lake\n".to_owned();
    }
    let written = total.rows.iter().filter(|(_, rows)| **rows > 0);
    let written: Vec<String> =
        written.map(|(table, rows)| format!("{} rows of {table}", count(*rows))).collect();
    let mut text = format!("{} events sealed: {}\n", count(total.events), written.join(", "));
    if total.rows_replaced > 0 {
        let _ = writeln!(text, "{} rows of before were replaced", count(total.rows_replaced));
    }
    text
}
