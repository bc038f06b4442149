//! What all events about one order come to: its lines as they stand, and what came back of them.
//!
//! Events are taken in the order in which they were recorded, whatever their own times say. A return that came before
//! its order waits for it; what it gave back is worked out from the bill as it stood when it took effect, with the same
//! sums as the ledger's, so that parts come to the whole.

use loyalty::fact::{Fact, Return};
pub use loyalty::judge::CANCELLED;
use loyalty::member::LineRecord;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::EventRow;

/// An order as its source says it; what is not needed here is passed over.
#[derive(Debug, Clone, Deserialize)]
pub struct Bill {
    /// Its id at the source.
    pub id: String,
    /// When it was bought.
    #[serde(default)]
    pub ordered_at: Option<jiff::Timestamp>,
    /// Where.
    #[serde(default)]
    pub store: Option<String>,
    /// How: `till`, `web`.
    #[serde(default)]
    pub channel: Option<String>,
    /// In which currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// What.
    pub lines: Vec<loyalty::fact::Line>,
    /// How it was paid.
    #[serde(default)]
    pub tenders: Vec<Tender>,
}

/// How something was paid.
#[derive(Debug, Clone, Deserialize)]
pub struct Tender {
    /// `card`, `cash`, …
    pub kind: String,
}

/// What came back of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// The line.
    pub line: String,
    /// Its product.
    pub product: String,
    /// Thousandths of a unit; none where money was given for goods that stay.
    pub quantity_milli: Option<i64>,
    /// What was given back.
    pub refund_minor: i64,
}

/// One return.
#[derive(Debug, Clone)]
pub struct CameBack {
    /// When.
    pub at: i64,
    /// What.
    pub lines: Vec<Back>,
    /// By line, what to put back where it is undone: thousandths and minor units.
    came: Vec<(String, i64, i64)>,
}

/// An order, told from its events.
#[derive(Debug, Default)]
pub struct Told {
    /// The bill as it stands; none while nobody has told it.
    pub bill: Option<Bill>,
    /// When it was bought, in microseconds since 1970.
    pub ordered_at: i64,
    /// Who bought it, as the caller names them.
    pub customer: Option<String>,
    /// What came back, by the return's id.
    pub returns: BTreeMap<String, CameBack>,
    records: Vec<LineRecord>,
    waiting: Vec<(i64, Return)>,
}

/// The wrapper of a correction.
#[derive(Deserialize)]
struct Update {
    order: Bill,
}

impl Told {
    /// Tell an order from its events. One whose body cannot be read says nothing.
    pub fn of(events: &[EventRow]) -> Told {
        let mut told = Told::default();
        for event in events {
            told.hear(event);
        }
        told
    }

    fn hear(&mut self, event: &EventRow) {
        match event.kind.as_str() {
            "order" => {
                if let Ok(bill) = serde_json::from_str::<Bill>(&event.body) {
                    self.stands(bill, event);
                }
            }
            "order_updated" => {
                if let Ok(update) = serde_json::from_str::<Update>(&event.body) {
                    self.stands(update.order, event);
                }
            }
            "claim" => self.customer.clone_from(&event.customer_id),
            "return" | "order_cancelled" => match serde_json::from_str(&event.body) {
                Ok(Fact::Return(back)) => self.back(event.happened_at, back),
                Ok(Fact::OrderCancelled { order }) => {
                    self.back(event.happened_at, Return { id: CANCELLED.into(), order, lines: Vec::new() });
                }
                _ => {}
            },
            "return_undone" => {
                if let Ok(Fact::ReturnUndone { id, .. }) = serde_json::from_str(&event.body) {
                    self.undone(id.as_str());
                }
            }
            _ => {}
        }
    }

    fn stands(&mut self, bill: Bill, event: &EventRow) {
        let is_first = self.bill.is_none();
        if let Some(at) = bill.ordered_at {
            self.ordered_at = at.as_microsecond().min(event.recorded_at);
        } else if is_first {
            self.ordered_at = event.happened_at.min(event.recorded_at);
        }
        if event.customer_id.is_some() {
            self.customer.clone_from(&event.customer_id);
        }
        let before = std::mem::take(&mut self.records);
        self.records = bill.lines.iter().map(|line| record(line, &before)).collect();
        self.bill = Some(bill);
        for (at, back) in std::mem::take(&mut self.waiting) {
            self.back(at, back);
        }
    }

    fn back(&mut self, at: i64, back: Return) {
        let Some(bill) = &self.bill else { return self.waiting.push((at, back)) };
        let mut asked: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for line in &back.lines {
            let Some(place) = self.records.iter().position(|record| record.id == line.line) else { continue };
            let so_far = asked.entry(place).or_default();
            let left = self.records[place].quantity_milli - self.records[place].returned_milli - so_far.0;
            let is_whole = line.quantity_milli == 0 && line.amount_minor == 0;
            so_far.0 += if is_whole { left } else { line.quantity_milli };
            so_far.1 += line.amount_minor;
        }
        if back.lines.is_empty() {
            let left = |record: &LineRecord| (record.quantity_milli - record.returned_milli, 0);
            asked = self.records.iter().map(left).enumerate().collect();
        }
        let mut came_back = CameBack { at, lines: Vec::new(), came: Vec::new() };
        for (place, (milli, minor)) in asked {
            let record = &mut self.records[place];
            let before = record.returned_minor();
            record.returned_milli += milli;
            record.refunded_minor += minor;
            let refund_minor = record.returned_minor() - before;
            came_back.came.push((record.id.to_string(), milli, minor));
            if milli != 0 || refund_minor != 0 {
                came_back.lines.push(Back {
                    line: record.id.to_string(),
                    product: bill.lines[place].product.to_string(),
                    quantity_milli: (milli != 0).then_some(milli),
                    refund_minor,
                });
            }
        }
        self.returns.insert(back.id.to_string(), came_back);
    }

    fn undone(&mut self, id: &str) {
        self.waiting.retain(|(_, back)| back.id != *id);
        let Some(came_back) = self.returns.remove(id) else { return };
        for (line, milli, minor) in came_back.came {
            if let Some(record) = self.records.iter_mut().find(|record| record.id == line.as_str()) {
                record.returned_milli = (record.returned_milli - milli).max(0);
                record.refunded_minor = (record.refunded_minor - minor).max(0);
            }
        }
    }
}

/// A line of a bill, with what has come back of it so far.
fn record(line: &loyalty::fact::Line, before: &[LineRecord]) -> LineRecord {
    let known = before.iter().find(|known| known.id == line.id);
    let (milli, minor) = known.map_or((0, 0), |known| (known.returned_milli, known.refunded_minor));
    LineRecord {
        id: line.id.clone(),
        quantity_milli: line.quantity_milli,
        paid_minor: line.paid_minor(),
        returned_milli: milli.min(line.quantity_milli),
        refunded_minor: minor.min(line.paid_minor()),
    }
}
