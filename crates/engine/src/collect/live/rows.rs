//! From events to rows: the columns of each table, the keys that make a fact one, and what it replaces elsewhere.

use super::order::{Back, Bill, CANCELLED, CameBack, Told};
use super::{DEFAULT_SOURCE, Shop};
use crate::collect::table::{Filled, NOBODY, place};
use crate::collect::when::civil_of;
use crate::people::feedback::Feedback;
use domain::column::{Batch, Column, Text, Values};
use domain::fact::Table;
use domain::port::{Facts, Failure};
use domain::{Id, Kind};
use jiff::Timestamp;
use serde::Deserialize;
use store::EventRow;

/// Every row of the log says so where an import's would name the import: it tells the two doors apart.
const BY_LOG: &str = "log";

/// Rows handed on at once.
const ROWS: usize = 50_000;

/// The tables the log speaks of.
const TABLES: [Table; 5] = [Table::Lines, Table::Returns, Table::Customers, Table::Events, Table::Feedback];

/// Rows being made of events.
pub(super) struct Rows<'a> {
    shop: &'a Shop,
    each: &'a mut dyn FnMut(Facts) -> Result<(), Failure>,
    open: Vec<Open>,
}

/// Rows of one table, and whose rows they replace.
struct Open {
    filled: Filled,
    orders: (Text, Text),
    keys: Vec<u128>,
}

impl Open {
    fn new(table: Table) -> Open {
        Open { filled: Filled::new(table), orders: Default::default(), keys: Vec::new() }
    }

    fn len(&self) -> usize {
        self.filled.rows().max(self.keys.len()).max(self.orders.0.len())
    }

    fn into_facts(self) -> Facts {
        let table = self.filled.table;
        let instead_of = if table == Table::Lines {
            vec![
                Column::new("source", Values::Text(self.orders.0)),
                Column::new("order_id", Values::Text(self.orders.1)),
            ]
        } else {
            vec![Column::new("row_key", Values::Key(self.keys))]
        };
        Facts { table, rows: self.filled.into_facts(), instead_of: Batch::new(instead_of) }
    }
}

/// What a joining says that is not the person.
#[derive(Deserialize)]
struct Joining {
    #[serde(default)]
    birthday: Option<loyalty::time::MonthDay>,
    #[serde(default)]
    birth_month: Option<i64>,
}

/// What an event of another kind says.
#[derive(Deserialize)]
struct Other {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    order: Option<String>,
    #[serde(default)]
    store: Option<String>,
    #[serde(default)]
    product: Option<String>,
}

impl<'a> Rows<'a> {
    pub fn new(shop: &'a Shop, each: &'a mut dyn FnMut(Facts) -> Result<(), Failure>) -> Rows<'a> {
        Rows { shop, each, open: TABLES.map(Open::new).into() }
    }

    /// All events about one thing, in the order recorded.
    pub fn thing(&mut self, events: &[EventRow]) -> Result<(), Failure> {
        let Some(first) = events.first() else { return Ok(()) };
        match first.kind.as_str() {
            "order" | "order_updated" | "order_cancelled" | "return" | "return_undone" | "claim" => {
                self.order(events);
            }
            "join" => self.join(first),
            "feedback" => self.feedback(first),
            _ => events.iter().for_each(|event| self.event(event)),
        }
        self.hand_on(ROWS)
    }

    /// Hand on what is left.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.hand_on(1)
    }

    fn hand_on(&mut self, at_least: usize) -> Result<(), Failure> {
        for open in &mut self.open {
            if open.len() >= at_least {
                let full = std::mem::replace(open, Open::new(open.filled.table));
                (self.each)(full.into_facts())?;
            }
        }
        Ok(())
    }

    fn order(&mut self, events: &[EventRow]) {
        let told = Told::of(events);
        let source = source(&events[0].source);
        for event in events.iter().filter(|event| event.kind == "return_undone") {
            let id = event.part.split_once(':').map_or("", |(_, id)| id);
            self.replace_return(source, order_of(event), id, &[]);
        }
        let Some(bill) = &told.bill else { return };
        let customer = told.customer.as_deref().map(|name| self.customer(name));
        self.lines(bill, &told, source, customer.as_deref());
        for (id, back) in &told.returns {
            self.returns(bill, id, back, source, customer.as_deref());
        }
    }

    fn lines(&mut self, bill: &Bill, told: &Told, source: &str, customer: Option<&str>) {
        let at = |name| place(Table::Lines, name);
        let (day, month) = self.day(told.ordered_at);
        for line in &bill.lines {
            let key = self.hash("line", source, &[&bill.id, line.id.as_str()]);
            let filled = &mut self.open[0].filled;
            begin(filled, key, source, &month);
            filled.text(at("order_id"), &bill.id);
            filled.text(at("customer_id"), customer.unwrap_or(""));
            filled.int(at("ordered_at"), told.ordered_at);
            filled.int(at("ordered_on"), day);
            filled.text(at("product_id"), line.product.as_str());
            filled.text(at("category"), line.category.as_str());
            filled.int(at("quantity_milli"), line.quantity_milli);
            filled.int(at("total_minor"), line.paid_minor());
            filled.int(at("discount_minor"), line.discount_minor);
            filled.int(at("tax_minor"), line.tax_minor);
            filled.text(at("currency"), currency(bill, self.shop));
            filled.text(at("store_id"), bill.store.as_deref().unwrap_or(""));
            filled.text(at("channel"), bill.channel.as_deref().unwrap_or(""));
            filled.text(at("tender"), bill.tenders.first().map_or("", |tender| tender.kind.as_str()));
            filled.end_row(NOBODY, 0);
        }
        self.open[0].orders.0.push(source);
        self.open[0].orders.1.push(&bill.id);
    }

    fn returns(&mut self, bill: &Bill, id: &str, came: &CameBack, source: &str, customer: Option<&str>) {
        let at = |name| place(Table::Returns, name);
        let (day, month) = self.day(came.at);
        for back in &came.lines {
            let key = self.hash("line of a return", source, &[&bill.id, id, &back.line]);
            let filled = &mut self.open[1].filled;
            begin(filled, key, source, &month);
            let is_cancelled = id == CANCELLED;
            filled.text(at("return_id"), if is_cancelled { "" } else { id });
            filled.text(at("order_id"), &bill.id);
            filled.text(at("customer_id"), customer.unwrap_or(""));
            filled.int(at("returned_at"), came.at);
            filled.int(at("returned_on"), day);
            filled.text(at("product_id"), &back.product);
            filled.some_int(at("quantity_milli"), back.quantity_milli);
            filled.int(at("refund_minor"), back.refund_minor);
            filled.text(at("reason"), if is_cancelled { CANCELLED } else { "" });
            filled.text(at("currency"), currency(bill, self.shop));
            filled.text(at("store_id"), bill.store.as_deref().unwrap_or(""));
            filled.text(at("channel"), bill.channel.as_deref().unwrap_or(""));
            filled.end_row(NOBODY, 0);
        }
        self.replace_return(source, &bill.id, id, &came.lines);
    }

    /// A return replaces its own rows, and those an import made of the same return.
    fn replace_return(&mut self, source: &str, order: &str, id: &str, lines: &[Back]) {
        let imported = if id == CANCELLED { order } else { id };
        let mut keys = vec![self.hash("return", source, &[imported])];
        for back in lines {
            keys.push(self.hash("line of a return", source, &[order, id, &back.line]));
            keys.push(self.hash("returned line", source, &[imported, &back.line]));
        }
        self.open[1].keys.extend(keys);
    }

    fn join(&mut self, event: &EventRow) {
        let at = |name| place(Table::Customers, name);
        let Some(member) = &event.customer_id else { return };
        let said: Joining =
            serde_json::from_str(&event.body).unwrap_or(Joining { birthday: None, birth_month: None });
        let month_of_birth = said.birthday.map(|day| i64::from(day.month)).or(said.birth_month);
        let customer = self.customer(member);
        let source = source(&event.source);
        let key = self.hash("customers", source, &["joined", &event.about]);
        let (day, month) = self.day(event.happened_at);
        let filled = &mut self.open[2].filled;
        begin(filled, key, source, &month);
        filled.text(at("customer_id"), &customer);
        filled.int(at("joined_on"), day);
        filled.some_int(at("birth_month"), month_of_birth);
        filled.end_row(NOBODY, 0);
        self.open[2].keys.push(key);
    }

    fn event(&mut self, event: &EventRow) {
        let at = |name| place(Table::Events, name);
        let Ok(said) = serde_json::from_str::<Other>(&event.body) else { return };
        let source = source(&event.source);
        let is_custom = event.kind == "event";
        let own = said.id.as_deref().filter(|_| is_custom).unwrap_or("");
        let key = match own {
            "" => self.hash("events", source, &["log", &event.about]),
            own => self.hash("events", source, &["own", own]),
        };
        let customer = event.customer_id.as_deref().map(|name| self.customer(name));
        let (day, month) = self.day(event.happened_at.min(event.recorded_at));
        let filled = &mut self.open[3].filled;
        begin(filled, key, source, &month);
        filled.text(at("event_id"), own);
        filled.text(at("customer_id"), customer.as_deref().unwrap_or(""));
        filled.int(at("happened_at"), event.happened_at.min(event.recorded_at));
        filled.int(at("happened_on"), day);
        let name = said.name.as_deref().filter(|_| is_custom).unwrap_or_else(|| past(&event.kind));
        filled.text(at("name"), name);
        filled.text(at("order_id"), said.order.as_deref().unwrap_or(""));
        filled.text(at("product_id"), said.product.as_deref().unwrap_or(""));
        filled.text(at("store_id"), said.store.as_deref().unwrap_or(""));
        filled.end_row(NOBODY, 0);
        self.open[3].keys.push(key);
    }

    fn feedback(&mut self, event: &EventRow) {
        let at = |name| place(Table::Feedback, name);
        let Ok(said) = serde_json::from_str::<Feedback>(&event.body) else { return };
        let source = source(&event.source);
        let key = self.hash("feedback", source, &["own", &said.id]);
        let customer = event.customer_id.as_deref().map(|name| self.customer(name));
        let given_at = event.happened_at.min(event.recorded_at);
        let (day, month) = self.day(given_at);
        let filled = &mut self.open[4].filled;
        begin(filled, key, source, &month);
        filled.text(at("feedback_id"), &said.id);
        filled.text(at("customer_id"), customer.as_deref().unwrap_or(""));
        filled.text(at("order_id"), said.order.as_deref().unwrap_or(""));
        filled.int(at("given_at"), given_at);
        filled.int(at("given_on"), day);
        filled.text(at("kind"), said.kind.as_deref().unwrap_or(""));
        filled.some_int(at("score_milli"), said.score_milli);
        filled.some_int(at("score_max_milli"), said.score_max_milli);
        filled.text(at("store_id"), said.store.as_deref().unwrap_or(""));
        filled.text(at("channel"), said.channel.as_deref().unwrap_or(""));
        filled.end_row(NOBODY, 0);
        self.open[4].keys.push(key);
    }

    /// The shop's day of an instant, and its month.
    fn day(&self, micros: i64) -> (i64, String) {
        let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
        let offset = i64::from(self.shop.zone.to_offset(at).seconds());
        let day = (micros + offset * 1_000_000).div_euclid(86_400_000_000);
        let (year, month, _) = civil_of(day);
        (day, format!("{year:04}-{month:02}"))
    }

    /// Our id of a customer. A caller who names members in a way of its own gets an id made of the name, which the lake
    /// alone cannot be asked about.
    fn customer(&mut self, name: &str) -> String {
        match name.parse::<Id>() {
            Ok(id) if id.kind() == Kind::Customer => name.to_owned(),
            _ => Id::from_body(Kind::Customer, self.hash("member", "", &[name])).to_string(),
        }
    }

    /// The same hash an import makes of the same parts.
    fn hash(&self, kind: &str, source: &str, parts: &[&str]) -> u128 {
        hash(&self.shop.secret, kind, source, parts)
    }
}

/// The hash of parts that tell a fact from others, under the folder's secret.
pub(super) fn hash(secret: &[u8; 32], kind: &str, source: &str, parts: &[&str]) -> u128 {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    for part in [kind, source].iter().chain(parts) {
        hasher.update(&(part.len() as u32).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    u128::from_be_bytes(hasher.finalize().as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
}

/// The columns every row has.
fn begin(filled: &mut Filled, key: u128, source: &str, month: &str) {
    let table = filled.table;
    filled.key(place(table, "row_key"), key);
    filled.text(place(table, "import_id"), BY_LOG);
    filled.text(place(table, "source"), source);
    filled.text(place(table, "month"), month);
}

fn source(named: &str) -> &str {
    if named.is_empty() { DEFAULT_SOURCE } else { named }
}

/// The order's id at its source: `o-1` of `order:till/o-1`.
fn order_of(event: &EventRow) -> &str {
    let id = event.about.strip_prefix("order:").unwrap_or(&event.about);
    id.strip_prefix(event.source.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id)
}

fn currency<'a>(bill: &'a Bill, shop: &'a Shop) -> &'a str {
    bill.currency.as_deref().unwrap_or_else(|| shop.currency.code())
}

/// What happened, in the past tense.
fn past(kind: &str) -> &str {
    match kind {
        "adjust" => "points_adjusted",
        "capture" => "reward_captured",
        "hold" => "points_held",
        "merge" => "customer_merged",
        "pool" => "pool_changed",
        "redeem" => "reward_redeemed",
        "refund" => "reward_refunded",
        "release" => "points_released",
        "transfer" => "points_transferred",
        "unmerge" => "customer_parted",
        other => other,
    }
}
