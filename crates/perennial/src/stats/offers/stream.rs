//! Offers of more customers than memory holds: the file is read pass after pass, one customer at a time.

use super::{Limit, MOST, ROLES, answer, limit, rules};
use crate::args::stats::Allocate;
use crate::ended::Ended;
use crate::progress::Progress;
use crate::say;
use crate::stats::answer::Answer;
use crate::table::{Row, Stream};
use stats::allocation::{Customer, Plan};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// So many customers are remembered, to tell where the rows of one do not stand together.
const REMEMBERED: usize = 1 << 20;

/// `stats allocate --stream`
pub fn allocate(args: &Allocate, out: &Path, progress: &mut Progress) -> Result<Answer, Ended> {
    let limits = args.limit.iter().map(|text| limit(text)).collect::<Result<Vec<_>, _>>()?;
    let stream = Stream::open(&args.input.file, &args.input.maps, ROLES)?;
    let mut source = Source::new(&stream, &limits, args.cap, progress)?;
    let rules = rules(args, &limits);
    let mut failed = None;
    let found = stats::allocation::plan(
        &mut |each| {
            // Once a row was refused nothing more is shown, which ends the search.
            if failed.is_none() {
                let shown = source.visit(&mut |held| {
                    each(held.customer());
                    Ok(())
                });
                failed = shown.err();
            }
        },
        &rules,
        Some(args.start.as_slice()).filter(|start| !start.is_empty()),
    );
    if let Some(failed) = failed {
        return Err(failed);
    }
    if source.rows == 0 {
        return Err(stream.columns().without_rows());
    }
    let plan = found.map_err(|refused| stream.columns().refused(refused))?;
    write(&mut source, &plan, out)?;
    let offers = source.rows_of_a_pass;
    let answer = answer(args, &limits, &rules, &plan, offers).setting("passes", plan.passes);
    Ok(answer.note(format!("The offers are in {}.", out.display())))
}

/// Decides every customer by the plan, one after another.
fn write(source: &mut Source, plan: &Plan, out: &Path) -> Result<(), Ended> {
    say::write_file_with(out, |file| {
        let failed = |error: csv::Error| Ended::Failed(error.into());
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(["customer", "offer"]).map_err(failed)?;
        let mut index = 0;
        source.visit(&mut |held| {
            let choice = plan.choice(index, &held.customer());
            index += 1;
            let offer = choice.map_or("", |offer| held.offer(offer as usize));
            writer.write_record([held.name.as_str(), offer]).map_err(failed)
        })?;
        writer.flush().map_err(|error| Ended::Failed(error.into()))
    })
}

/// A file of offers, and how its columns are read.
struct Source<'a> {
    stream: &'a Stream,
    progress: &'a mut Progress,
    customer: usize,
    offer: usize,
    value: usize,
    /// One column per limit; the first is the cost.
    uses: Vec<usize>,
    cap: i64,
    /// Rows read in all passes, and in the last.
    rows: u64,
    rows_of_a_pass: u64,
}

impl<'a> Source<'a> {
    fn new(
        stream: &'a Stream,
        limits: &[Limit],
        cap: Option<i64>,
        progress: &'a mut Progress,
    ) -> Result<Source<'a>, Ended> {
        let columns = stream.columns();
        let mut uses = vec![columns.needed("cost")?];
        for (column, _) in limits {
            uses.push(columns.named(column)?);
        }
        let [customer, offer, value] = ["customer", "offer", "value"].map(|role| columns.needed(role));
        let (customer, offer, value) = (customer?, offer?, value?);
        let cap = cap.unwrap_or(i64::MAX);
        Ok(Source { stream, progress, customer, offer, value, uses, cap, rows: 0, rows_of_a_pass: 0 })
    }

    /// Hands every customer to `each`. The first pass refuses a file in which a customer's rows are apart.
    fn visit(&mut self, each: &mut dyn FnMut(&Held) -> Result<(), Ended>) -> Result<(), Ended> {
        let mut seen = (self.rows == 0).then(Seen::default);
        let mut held = Held { cap: self.cap, ..Held::default() };
        let before = self.rows;
        self.stream.visit(&mut |row| {
            let name = row.text(self.customer)?;
            if name != held.name {
                if !held.value.is_empty() {
                    each(&held)?;
                }
                if seen.as_mut().is_some_and(|seen| !seen.is_new(name)) {
                    let text = format!("names customer {name} again; a stream needs each customer's rows together: sort the file");
                    return Err(row.wrong(self.customer, &text));
                }
                held.start(name);
            }
            self.rows += 1;
            if self.rows.is_multiple_of(1 << 16) {
                self.progress.at("reading offers, pass after pass", 0, 0, self.rows);
            }
            held.take(row, self.offer, self.value, &self.uses)
        })?;
        if !held.value.is_empty() {
            each(&held)?;
        }
        self.rows_of_a_pass = self.rows - before;
        Ok(())
    }
}

/// The customer whose rows are passing.
#[derive(Default)]
struct Held {
    name: String,
    /// The names of the offers one after another, and where each ends.
    offers: String,
    ends: Vec<usize>,
    value: Vec<f64>,
    uses: Vec<i64>,
    cap: i64,
}

impl Held {
    fn start(&mut self, name: &str) {
        self.name.replace_range(.., name);
        self.offers.clear();
        self.ends.clear();
        self.value.clear();
        self.uses.clear();
    }

    fn take(&mut self, row: &Row, offer: usize, value: usize, uses: &[usize]) -> Result<(), Ended> {
        self.offers.push_str(row.text(offer)?);
        self.ends.push(self.offers.len());
        self.value.push(row.number(value)?);
        for place in uses {
            self.uses.push(row.whole(*place, -MOST, MOST)?);
        }
        Ok(())
    }

    fn customer(&self) -> Customer<'_> {
        Customer { value: &self.value, uses: &self.uses, cap: self.cap }
    }

    fn offer(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.offers[from..self.ends[place]]
    }
}

/// Customers met so far, by hash: all of them up to [`REMEMBERED`], beyond that those of the lowest hashes, so that a
/// file in another order is found out whatever its size and memory does not grow with it.
#[derive(Default)]
struct Seen(BTreeSet<u64>);

impl Seen {
    /// Whether a customer was not met before.
    fn is_new(&mut self, name: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let hash = hasher.finish();
        let is_full = self.0.len() >= REMEMBERED;
        if is_full && self.0.last().is_some_and(|highest| hash > *highest) {
            return true;
        }
        let is_new = self.0.insert(hash);
        if is_new && is_full {
            self.0.pop_last();
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_met_again_is_known_and_memory_has_an_end() {
        let mut seen = Seen::default();
        let names: Vec<String> = (0..REMEMBERED + 5_000).map(|number| number.to_string()).collect();
        assert!(names.iter().all(|name| seen.is_new(name)));
        assert_eq!(seen.0.len(), REMEMBERED);
        let known = names.iter().filter(|name| !seen.is_new(name)).count();
        assert_eq!(known, REMEMBERED);
    }
}
