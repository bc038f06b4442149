//! The shop's facts as members' histories, a span of customers at a time, so that memory holds one span and not the
//! lake.
//!
//! A customer is a member from the day the files say, but not before the time that is looked at, and at the latest from
//! the first order. A return is matched to lines of its order by product and quantity, else by money; one that names
//! no order, or an order outside the time, cannot be followed and is counted.

use domain::column::{Batch, Column, Values};
use domain::port::{Failure, Insights};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use loyalty::backtest::History;
use loyalty::fact::{Event, Fact, Line, Order, Return, ReturnLine, Tender};
use loyalty::name::Name;
use loyalty::number::split;
use loyalty::time::{MonthDay, day_of, start_of};
use rayon::slice::ParallelSliceMut;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::ops::Range;

/// The input that says which customers and which time.
const HISTORY: &str = "run.history";

/// The time that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
    /// The zone of days.
    pub zone: TimeZone,
    /// Whether instants are instants; else they are the shop's own clock, whose zone nobody said.
    pub has_zone: bool,
}

/// What a back-test could not follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Lines with an amount below zero.
    pub lines_below_zero: u64,
    /// Returns whose order is not in the time.
    pub returns_without_order: u64,
}

/// Customers that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    first_id: Option<String>,
    past_id: Option<String>,
    /// Their lines within the time.
    pub lines: u64,
}

/// The spans of a time, of about `span_lines` lines each.
pub(super) fn spans(insights: &dyn Insights, window: &Window, span_lines: u64) -> Result<Vec<Span>, Failure> {
    let all = Span { first_id: None, past_id: None, lines: 0 };
    insights.provide(HISTORY, asked(window, &all, span_lines))?;
    let batch = insights.run("program.spans")?;
    let mut found: Vec<(String, u64)> = Vec::new();
    if batch.rows() > 0 {
        let (ids, lines) = (batch.column("first_id"), batch.column("lines"));
        for row in 0..batch.rows() {
            let id = ids.text(row).unwrap_or_default().to_owned();
            found.push((id, lines.int(row).unwrap_or(0).unsigned_abs()));
        }
    }
    found.sort();
    let past = found.iter().skip(1).map(|(id, _)| Some(id.clone())).chain([None]).collect::<Vec<_>>();
    let spans = found.into_iter().zip(past);
    Ok(spans.map(|((id, lines), past_id)| Span { first_id: Some(id), past_id, lines }).collect())
}

/// The one row of `run.history`.
fn asked(window: &Window, span: &Span, span_lines: u64) -> Batch {
    let day = |name: &str, day: Date| Column::new(name, Values::Day(vec![days_since_epoch(day)]));
    Batch::new(vec![
        day("from_on", window.from),
        day("until_on", window.until),
        Column::texts("first_id", [span.first_id.as_deref()]),
        Column::texts("past_id", [span.past_id.as_deref()]),
        Column::ints("span_lines", [i64::try_from(span_lines).ok()]),
    ])
}

/// `run.history` of all customers and all time.
pub(super) fn provide_everything(insights: &dyn Insights) -> Result<(), Failure> {
    let window =
        Window { from: date(1970, 1, 1), until: date(9000, 1, 1), zone: TimeZone::UTC, has_zone: true };
    let all = Span { first_id: None, past_id: None, lines: 0 };
    insights.provide(HISTORY, asked(&window, &all, super::backtest::SPAN_LINES))
}

const EPOCH: Date = date(1970, 1, 1);

fn days_since_epoch(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

/// The facts of a span, in the order of customers and time.
pub(super) struct Facts {
    lines: Batch,
    returns: Batch,
    /// Rows of lines by customer, then time, then order.
    line_rows: Vec<u32>,
    return_rows: Vec<u32>,
    joined: FxHashMap<String, Date>,
}

/// A customer's rows: places in the sorted rows.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    lines: Range<usize>,
    returns: Range<usize>,
}

/// Read a span.
pub(super) fn read(insights: &dyn Insights, window: &Window, span: &Span) -> Result<Facts, Failure> {
    insights.provide(HISTORY, asked(window, span, super::backtest::SPAN_LINES))?;
    let lines = insights.run("program.lines")?;
    let returns = insights.run("program.returns")?;
    let members = insights.run("program.members")?;
    let mut joined = FxHashMap::default();
    for row in 0..members.rows() {
        let day = members.column("joined_on").int(row).map(|days| EPOCH.saturating_add(days.days()));
        if let (Some(id), Some(day)) = (members.column("customer_id").text(row), day) {
            joined.insert(id.to_owned(), day);
        }
    }
    let line_rows = sorted(&lines, ["ordered_at", "source", "order_id"]);
    let return_rows = sorted(&returns, ["returned_at", "return_id", "order_id"]);
    Ok(Facts { lines, returns, line_rows, return_rows, joined })
}

/// Rows by customer, then an instant, then two texts, then as they came.
fn sorted(batch: &Batch, [at, first, second]: [&str; 3]) -> Vec<u32> {
    if batch.rows() == 0 {
        return Vec::new();
    }
    let customer = batch.column("customer_id");
    let (at, first, second) = (batch.column(at), batch.column(first), batch.column(second));
    let mut rows: Vec<u32> = (0..u32::try_from(batch.rows()).unwrap_or(u32::MAX)).collect();
    rows.par_sort_unstable_by(|a, b| {
        let (a, b) = (*a as usize, *b as usize);
        let text = |column: &Column| column.text(a).cmp(&column.text(b));
        text(customer)
            .then_with(|| at.int(a).cmp(&at.int(b)))
            .then_with(|| text(first))
            .then_with(|| text(second))
            .then(a.cmp(&b))
    });
    rows
}

impl Facts {
    /// The customers of the span who bought something.
    pub fn customers(&self) -> Vec<Customer> {
        let mut customers = Vec::new();
        let mut returned = 0;
        let mut begin = 0;
        while begin < self.line_rows.len() {
            let id = self.id(begin);
            let mut end = begin + 1;
            while end < self.line_rows.len() && self.id(end) == id {
                end += 1;
            }
            while returned < self.return_rows.len() && self.returner(returned) < id {
                returned += 1;
            }
            let first = returned;
            while returned < self.return_rows.len() && self.returner(returned) == id {
                returned += 1;
            }
            customers.push(Customer { lines: begin..end, returns: first..returned });
            begin = end;
        }
        customers
    }

    fn id(&self, place: usize) -> &str {
        self.lines.column("customer_id").text(self.line_rows[place] as usize).unwrap_or_default()
    }

    fn returner(&self, place: usize) -> &str {
        self.returns.column("customer_id").text(self.return_rows[place] as usize).unwrap_or_default()
    }

    /// One customer's history.
    pub fn history(
        &self,
        customer: &Customer,
        window: &Window,
        birthday: impl Fn(&str) -> Option<MonthDay>,
        teller: &mut Teller,
    ) -> History {
        let id = self.id(customer.lines.start);
        let mut bought = self.orders(customer, window, teller);
        let begin = start_of(window.from, &window.zone);
        let first = bought.iter().map(|one| one.at).min().unwrap_or(begin);
        let enrolled = self.joined.get(id).filter(|day| **day <= day_of(first, &window.zone));
        let joined_at =
            enrolled.map_or(first, |day| start_of((*day).max(window.from), &window.zone).min(first));
        let returns = self.returns(customer, window, &mut bought, teller);
        let member = Name::new(id);
        let order = |one: Bought| {
            let order = Order { member: Some(member.clone()), ..one.order };
            (0, Event { at: one.at, fact: Fact::Order(order) })
        };
        let mut events: Vec<(u8, Event)> = bought.into_iter().map(order).collect();
        events.extend(returns.into_iter().map(|event| (1, event)));
        events.sort_by_key(|(rank, event)| (event.at, *rank));
        History {
            member,
            joined_at,
            birthday: birthday(id),
            events: events.into_iter().map(|(_, event)| event).collect(),
        }
    }

    fn orders(&self, customer: &Customer, window: &Window, teller: &mut Teller) -> Vec<Bought> {
        let column = |name: &str| self.lines.column(name);
        let (source, order, at) = (column("source"), column("order_id"), column("ordered_at"));
        let (product, category) = (column("product_id"), column("category"));
        let (total, discount, tax) = (column("total_minor"), column("discount_minor"), column("tax_minor"));
        let (quantity, store, channel, tender) =
            (column("quantity_milli"), column("store_id"), column("channel"), column("tender"));
        let mut bought: Vec<Bought> = Vec::new();
        let mut places: FxHashMap<(&str, &str), usize> = FxHashMap::default();
        for row in self.line_rows[customer.lines.clone()].iter().map(|row| *row as usize) {
            let paid = total.int(row).unwrap_or(0);
            if paid < 0 {
                teller.left_out.lines_below_zero += 1;
                continue;
            }
            let key = (source.text(row).unwrap_or_default(), order.text(row).unwrap_or_default());
            let place = *places.entry(key).or_insert_with(|| {
                let mut order = empty_order(&teller.order_id(key.0, key.1));
                order.store = store.text(row).map(|text| teller.name(text));
                order.channel = channel.text(row).map(|text| teller.name(text));
                let at = instant(at.int(row).unwrap_or(0), window);
                bought.push(Bought { at, key: (key.0.into(), key.1.into()), order, left: Vec::new() });
                bought.len() - 1
            });
            let one = &mut bought[place];
            let off = discount.int(row).unwrap_or(0).max(0);
            let milli = quantity.int(row).filter(|milli| *milli > 0).unwrap_or(1_000);
            let number = one.order.lines.len() + 1;
            one.order.lines.push(Line {
                id: teller.name(&number.to_string()),
                product: teller.name(product.text(row).unwrap_or_default()),
                category: teller.name(category.text(row).unwrap_or_default()),
                quantity_milli: milli,
                gross_minor: paid.saturating_add(off),
                discount_minor: off,
                tax_minor: tax.int(row).unwrap_or(0).clamp(0, paid),
            });
            one.left.push((milli, paid));
            if let Some(kind) = tender.text(row) {
                pay(&mut one.order.tenders, teller.name(kind), paid);
            }
        }
        bought
    }

    fn returns(
        &self,
        customer: &Customer,
        window: &Window,
        bought: &mut [Bought],
        teller: &mut Teller,
    ) -> Vec<Event> {
        let column = |name: &str| self.returns.column(name);
        let mut events: Vec<Event> = Vec::new();
        for place in customer.returns.clone() {
            let row = self.return_rows[place] as usize;
            let text = |name: &str| column(name).text(row).unwrap_or_default();
            let (source, order) = (text("source"), text("order_id"));
            // The file of returns may be of another system than the till: the order's key decides.
            let exact = bought.iter().position(|one| &*one.key.0 == source && &*one.key.1 == order);
            let found = exact.or_else(|| bought.iter().position(|one| &*one.key.1 == order));
            let Some(one) = found.map(|place| &mut bought[place]) else {
                teller.left_out.returns_without_order += 1;
                continue;
            };
            let asked = Came {
                product: column("product_id").text(row),
                milli: column("quantity_milli").int(row).unwrap_or(0).max(0),
                minor: column("refund_minor").int(row).unwrap_or(0).max(0),
            };
            let lines = one.take_back(&asked);
            if lines.is_empty() {
                continue;
            }
            let at = instant(column("returned_at").int(row).unwrap_or(0), window).max(one.at);
            let id = format!("{}/{}", text("return_id"), place - customer.returns.start);
            let back = Return { id: Name::new(&id), order: one.order.id.clone(), lines };
            events.push(Event { at, fact: Fact::Return(back) });
        }
        events
    }
}

/// An order with what of each line can still come back: thousandths and minor units.
struct Bought {
    at: Timestamp,
    key: (Box<str>, Box<str>),
    order: Order,
    left: Vec<(i64, i64)>,
}

/// What a row of returns says came back.
struct Came<'a> {
    product: Option<&'a str>,
    milli: i64,
    minor: i64,
}

impl Bought {
    /// The lines a return is about: by quantity where it has one and the product is on the bill, else by money over the
    /// lines of the product, or over all.
    fn take_back(&mut self, came: &Came) -> Vec<ReturnLine> {
        let is_of = |line: &Line| came.product.is_some_and(|product| line.product.as_str() == product);
        let mut places: Vec<usize> =
            (0..self.order.lines.len()).filter(|place| is_of(&self.order.lines[*place])).collect();
        let mut back = Vec::new();
        if came.milli > 0 && !places.is_empty() {
            let mut due = came.milli;
            for place in places {
                let take = due.min(self.left[place].0);
                if take > 0 {
                    self.left[place].0 -= take;
                    due -= take;
                    back.push(self.line(place, take, 0));
                }
            }
            return back;
        }
        if places.is_empty() {
            places = (0..self.order.lines.len()).collect();
        }
        let left: Vec<i64> = places.iter().map(|place| self.left[*place].1).collect();
        let all = left.iter().fold(0i64, |sum, part| sum.saturating_add(*part));
        for (place, part) in places.into_iter().zip(split(came.minor.min(all), &left)) {
            if part > 0 {
                self.left[place].1 -= part;
                back.push(self.line(place, 0, part));
            }
        }
        back
    }

    fn line(&self, place: usize, quantity_milli: i64, amount_minor: i64) -> ReturnLine {
        ReturnLine { line: self.order.lines[place].id.clone(), quantity_milli, amount_minor }
    }
}

fn empty_order(id: &Name) -> Order {
    Order {
        id: id.clone(),
        member: None,
        ordered_at: None,
        store: None,
        till: None,
        channel: None,
        currency: None,
        lines: Vec::new(),
        tenders: Vec::new(),
        shipping_minor: 0,
        invoice: None,
    }
}

fn pay(tenders: &mut Vec<Tender>, kind: Name, minor: i64) {
    match tenders.iter_mut().find(|tender| tender.kind == kind) {
        Some(tender) => tender.amount_minor = tender.amount_minor.saturating_add(minor),
        None => tenders.push(Tender { kind, amount_minor: minor, code: None }),
    }
}

/// An instant of the lake in the zone of the program's days.
fn instant(micros: i64, window: &Window) -> Timestamp {
    let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    if window.has_zone {
        return at;
    }
    let clock = TimeZone::UTC.to_datetime(at);
    window.zone.to_ambiguous_zoned(clock).compatible().map_or(at, |zoned| zoned.timestamp())
}

/// Names met so far, each made once, and what was left out.
#[derive(Debug, Default)]
pub(super) struct Teller {
    names: FxHashMap<Box<str>, Name>,
    first_source: Option<Box<str>>,
    /// What could not be followed.
    pub left_out: LeftOut,
}

impl Teller {
    fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        // Products, stores and channels are few; a file in which they are not must not fill the memory.
        if self.names.len() > 200_000 {
            self.names.clear();
        }
        let name = Name::new(text);
        self.names.insert(text.into(), name.clone());
        name
    }

    /// The id of an order: its key, with the system's name before it where there are several.
    fn order_id(&mut self, source: &str, order: &str) -> Name {
        let first = self.first_source.get_or_insert_with(|| source.into());
        if **first == *source { Name::new(order) } else { Name::new(&format!("{source}/{order}")) }
    }
}
