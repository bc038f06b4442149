//! The back-test: the shop's own history from the lake through two programs.
//!
//! Gather, judge, add up: a span of customers is read, each customer's history goes through both programs on as many
//! threads as are given, and only sums are kept. Where members share something (budgets, surprises) one thread takes
//! them in the order of their ids.

use super::history::{Facts, LeftOut, Span, Teller, Window, read, spans};
use crate::understand;
use domain::Currency;
use domain::port::{Failure, Insights};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use loyalty::backtest::{Backtest, Report};
use loyalty::program::Program;
use loyalty::program::spec::Words;
use loyalty::time::{MonthDay, start_of};
use serde::Serialize;

/// Lines read at a time: some hundred megabytes, whatever the size of the shop.
pub const SPAN_LINES: u64 = 1_000_000;
/// Members named at each end of the list of who gains and loses.
pub const LISTED: usize = 20;

/// What is asked of a back-test.
#[derive(Debug, Clone)]
pub struct Options {
    /// The shop as it calls itself.
    pub shop: Option<String>,
    /// The currency of its orders.
    pub currency: Currency,
    /// IANA zone of the shop's days; `None` where its times are its own clock's, taken as the first program's.
    pub zone: Option<String>,
    /// The first day; `None` takes the first day of facts.
    pub from: Option<Date>,
    /// The last day; `None` takes the last day of facts.
    pub to: Option<Date>,
    /// Members named at each end of the list of who gains and loses.
    pub listed: usize,
    /// How many threads judge.
    pub threads: usize,
    /// How many lines are read at a time.
    pub span_lines: u64,
}

impl Options {
    /// The usual back-test of a shop in a currency: all its time, two threads.
    pub fn new(currency: Currency) -> Options {
        Options {
            shop: None,
            currency,
            zone: None,
            from: None,
            to: None,
            listed: LISTED,
            threads: 2,
            span_lines: SPAN_LINES,
        }
    }
}

/// Why there is no back-test.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A program counts in another currency.
    #[error(
        "program '{program}' counts in {of_program}, the shop's orders are in {of_shop}: write currency = \"{of_shop}\" in its [program]"
    )]
    Currency {
        /// The program.
        program: String,
        /// Its currency.
        of_program: Currency,
        /// The shop's.
        of_shop: Currency,
    },
    /// The days are the wrong way round.
    #[error("--to {to} lies before --from {from}: give the earlier day first")]
    Backwards {
        /// The first day.
        from: Date,
        /// The last.
        to: Date,
    },
    /// Nobody bought anything.
    #[error(
        "no customer bought anything from {from} to {to}; the orders of this shop are of {first} to {last}"
    )]
    NoOrders {
        /// The first day asked for.
        from: Date,
        /// The last.
        to: Date,
        /// The first day there is.
        first: Date,
        /// The last.
        last: Date,
    },
}

/// Why a back-test ended without a report: a no, or an accident.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The programs, the days or the facts do not allow one.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There is nothing to read, as the X-ray says it.
    #[error(transparent)]
    Nothing(understand::options::Refused),
    /// A disk, a database, a damaged file.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<understand::options::Stopped> for Stopped {
    fn from(stopped: understand::options::Stopped) -> Stopped {
        match stopped {
            understand::options::Stopped::Refused(refused) => Stopped::Nothing(refused),
            understand::options::Stopped::Failed(failure) => Stopped::Failed(failure),
        }
    }
}

/// How far a back-test has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Order lines judged.
    pub done: u64,
    /// Order lines in all.
    pub total: u64,
}

/// A program as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name, in the languages it has.
    pub name: Words,
    /// Cost as a share of sales, in hundredths of a per cent.
    pub cost_rate_hundredths: i64,
}

/// A back-test as a document; the page is a view of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Name and version of this document's shape.
    pub schema: &'static str,
    /// The shop as it calls itself.
    pub shop: Option<String>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Digits after the point of its minor units.
    pub decimals: u32,
    /// Zone of the days.
    pub timezone: String,
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
    /// The program that is tried.
    pub first: Named,
    /// The one it is tried against.
    pub second: Named,
    /// What could not be followed.
    pub left_out: LeftOut,
    /// What they would have done.
    pub result: Report,
}

/// The shape of [`Document`].
const SCHEMA: &str = "perennial.backtest/1";

/// What is known of members beside the lake: birthdays, and the shop's own keys.
pub struct People<'a> {
    /// The birthday of one of our customer ids, where it is known.
    pub birthday: &'a (dyn Fn(&str) -> Option<MonthDay> + Sync),
    /// The shop's own key of one of our customer ids.
    pub key: &'a dyn Fn(&str) -> Option<String>,
}

/// Run a back-test of `programs` over the facts `insights` reads.
///
/// # Errors
/// Refused where currencies or days do not fit or nobody bought anything; failed where a relation cannot be run.
pub fn backtest(
    insights: &dyn Insights,
    programs: [&Program; 2],
    options: &Options,
    people: &People,
    progress: &mut dyn FnMut(Progress),
) -> Result<Document, Stopped> {
    check(programs, options)?;
    let run = understand::options::Options {
        zone: options.zone.clone(),
        ..understand::options::Options::new(options.currency)
    };
    understand::prepare_spans(insights, &run)?;
    // Every span asks for returns, and they do not change from one to the next.
    insights.keep("facts.returns")?;
    let (first, last) = observed(insights)?;
    let zone = programs[0].zone.clone();
    let window = Window {
        from: options.from.unwrap_or(first),
        until: options.to.unwrap_or(last).saturating_add(1.days()),
        zone,
        has_zone: options.zone.is_some(),
    };
    let parts = spans(insights, &window, options.span_lines.max(1))?;
    let total = parts.iter().map(|span| span.lines).sum();
    if total == 0 {
        let (from, to) = (window.from, window.until.saturating_sub(1.days()));
        return Err(Refused::NoOrders { from, to, first, last }.into());
    }
    let (result, left_out) = judge(insights, programs, options, &window, &parts, people, &mut |done| {
        progress(Progress { done, total });
    })?;
    Ok(document(programs, options, &window, result, left_out, people))
}

/// Gives `insights` the input `run.history`, for whoever asks the relations of `program` by hand: all customers, all
/// time.
///
/// # Errors
/// Where the input cannot be given.
pub fn provide_everything(insights: &dyn Insights) -> Result<(), Failure> {
    super::history::provide_everything(insights)
}

fn check(programs: [&Program; 2], options: &Options) -> Result<(), Refused> {
    if let (Some(from), Some(to)) = (options.from, options.to)
        && to < from
    {
        return Err(Refused::Backwards { from, to });
    }
    for program in programs {
        let of_program = program.head.currency;
        // A shop that has not said its currency counts in whatever the programs count.
        if options.currency != Currency::UNKNOWN && of_program != options.currency {
            let program = program.head.id.to_string();
            return Err(Refused::Currency { program, of_program, of_shop: options.currency });
        }
    }
    let [first, second] = programs.map(|program| program.head.currency);
    if first != second {
        let program = programs[1].head.id.to_string();
        return Err(Refused::Currency { program, of_program: second, of_shop: first });
    }
    Ok(())
}

/// The day of the first order, and of the last order or return.
fn observed(insights: &dyn Insights) -> Result<(Date, Date), Failure> {
    let range = insights.run("program.range")?;
    let day = |name: &str| range.column(name).int(0).map(|days| date(1970, 1, 1).saturating_add(days.days()));
    let days = if range.rows() == 1 { day("first_on").zip(day("last_on")) } else { None };
    days.ok_or_else(|| Failure::new("program.range knows no order, though data.range did a moment ago"))
}

fn judge(
    insights: &dyn Insights,
    programs: [&Program; 2],
    options: &Options,
    window: &Window,
    parts: &[Span],
    people: &People,
    done: &mut dyn FnMut(u64),
) -> Result<(Report, LeftOut), Failure> {
    let until = start_of(window.until, &window.zone);
    let begin = || (Backtest::begin(programs[0], programs[1], until, options.listed), Teller::default());
    let is_shared = Report::shares(programs[0]) || Report::shares(programs[1]);
    let threads = if is_shared { 1 } else { options.threads.clamp(1, 64) };
    let mut workers: Vec<(Backtest, Teller)> = (0..threads).map(|_| begin()).collect();
    let mut judged = 0;
    for span in parts {
        let facts = read(insights, window, span)?;
        let customers = facts.customers();
        let each = customers.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for (worker, customers) in workers.iter_mut().zip(customers.chunks(each)) {
                let facts: &Facts = &facts;
                let birthday = people.birthday;
                scope.spawn(move || {
                    for customer in customers {
                        let history = facts.history(customer, window, birthday, &mut worker.1);
                        worker.0.add(&history);
                    }
                });
            }
        });
        judged += span.lines;
        done(judged);
    }
    let mut workers = workers.into_iter();
    let (mut all, mut left_out) =
        workers.next().map(|(all, teller)| (all, teller.left_out)).unwrap_or_else(|| {
            let (all, teller) = begin();
            (all, teller.left_out)
        });
    for (part, teller) in workers {
        all.join(part);
        left_out.lines_below_zero += teller.left_out.lines_below_zero;
        left_out.returns_without_order += teller.left_out.returns_without_order;
    }
    Ok((all.end(), left_out))
}

fn document(
    programs: [&Program; 2],
    options: &Options,
    window: &Window,
    mut result: Report,
    left_out: LeftOut,
    people: &People,
) -> Document {
    // A shopkeeper knows customers by the shop's own keys.
    for row in result.gain_most.iter_mut().chain(&mut result.lose_most) {
        if let Some(key) = (people.key)(&row.member) {
            row.member = key;
        }
    }
    let (first_rate, second_rate) = result.cost_rates();
    let named = |program: &Program, cost_rate_hundredths| Named {
        id: program.head.id.to_string(),
        name: program.head.name.clone(),
        cost_rate_hundredths,
    };
    Document {
        schema: SCHEMA,
        shop: options.shop.clone(),
        currency: programs[0].head.currency,
        decimals: programs[0].decimals(),
        timezone: zone_name(&window.zone),
        from: window.from,
        until: window.until,
        first: named(programs[0], first_rate),
        second: named(programs[1], second_rate),
        left_out,
        result,
    }
}

fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}
