//! Two doors, one fact: an order that came live is not counted again because a file has it too.
//!
//! A file names an order's lines by numbers of its own or not at all, so line by line nobody could tell. What came live
//! is known as a whole: rows of such orders, and of returns that came live, are passed over as known.

use super::order::CANCELLED;
use super::{DEFAULT_SOURCE, unread};
use domain::Id;
use domain::column::Batch;
use domain::fact::Table;
use domain::port::{Failure, Lake, Prepared, Replacing, Staging};
use std::collections::BTreeMap;
use store::{Session, Sessions};

/// A lake that an import writes to while the log has facts of its own.
pub struct BesideLog<L> {
    lake: L,
    sessions: Sessions,
}

impl<L: Lake> BesideLog<L> {
    /// `lake`, beside the log that `sessions` lead to.
    pub fn new(lake: L, sessions: Sessions) -> BesideLog<L> {
        BesideLog { lake, sessions }
    }
}

impl<L: Lake> Lake for BesideLog<L> {
    fn stage(&self, import: Id) -> Result<Box<dyn Staging>, Failure> {
        let session = self.sessions.open_read_only().map_err(unread)?;
        let inner = self.lake.stage(import)?;
        if !session.read().has_log().map_err(unread)? {
            return Ok(inner);
        }
        Ok(Box::new(Sieve { inner, session, known: BTreeMap::new() }))
    }

    fn stage_log(&self, seal: Id) -> Result<Box<dyn Replacing>, Failure> {
        self.lake.stage_log(seal)
    }

    fn commit(&self, prepared: &Prepared) -> Result<Vec<(Table, u64)>, Failure> {
        self.lake.commit(prepared)
    }
}

/// Lets through what did not come live.
struct Sieve {
    inner: Box<dyn Staging>,
    session: Session,
    /// Rows passed over, by table.
    known: BTreeMap<Table, u64>,
}

impl Staging for Sieve {
    fn write(&mut self, table: Table, mut rows: Batch) -> Result<(), Failure> {
        if matches!(table, Table::Lines | Table::Returns) {
            let is_live = self.live(table, &rows).map_err(unread)?;
            let known = is_live.iter().filter(|is_live| **is_live).count() as u64;
            if known > 0 {
                *self.known.entry(table).or_default() += known;
                rows.retain(|row| !is_live[row]);
            }
        }
        if rows.rows() == 0 { Ok(()) } else { self.inner.write(table, rows) }
    }

    fn finish(self: Box<Self>) -> Result<Prepared, Failure> {
        let mut plan = self.inner.finish()?;
        for table in &mut plan.tables {
            table.rows_known += self.known.get(&table.table).copied().unwrap_or(0);
        }
        Ok(plan)
    }
}

impl Sieve {
    /// Which rows are of orders or returns that came live.
    fn live(&self, table: Table, rows: &Batch) -> Result<Vec<bool>, store::Failure> {
        let mut is_live = vec![false; rows.rows()];
        let (Some(source), Some(orders)) = (rows.find("source"), rows.find("order_id")) else {
            return Ok(is_live);
        };
        let Some(source) = source.text(0) else { return Ok(is_live) };
        // The log has the orders of a source without a name under no name.
        let unnamed = (source == DEFAULT_SOURCE).then_some("");
        for named in unnamed.into_iter().chain([source]) {
            let mut at: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for row in 0..rows.rows() {
                if let Some(order) = orders.text(row) {
                    let scoped = if named.is_empty() { order.to_owned() } else { format!("{named}/{order}") };
                    at.entry(format!("order:{scoped}")).or_default().push(row);
                }
            }
            let things: Vec<&str> = at.keys().map(String::as_str).collect();
            if table == Table::Lines {
                let said = self.session.read().has_said(&things, "")?;
                for (rows, _) in at.values().zip(said).filter(|(_, said)| *said) {
                    rows.iter().for_each(|row| is_live[*row] = true);
                }
                continue;
            }
            let places: Vec<&Vec<usize>> = at.values().collect();
            for (place, event) in self.session.read().events_about(&things)? {
                let Some(id) = event.part.strip_prefix("return:") else { continue };
                for row in places[place] {
                    let named = rows.find("return_id").and_then(|column| column.text(*row));
                    is_live[*row] |= named.unwrap_or(CANCELLED) == id;
                }
            }
        }
        Ok(is_live)
    }
}
