//! Judging the rows of order and return files: one row an order or one row a line, sales and what came back.
//!
//! A row is a return where the file is one of returns, where its quantity is negative, where it has no quantity and
//! its total is negative, where its order is marked (C536379) in a file that marks so, or where its status says so.
//! A return finds its order by the order it names; else it is the order in which the same customer bought the same
//! product before, further up in the import; else it has none.

use super::columns::Places;
use super::judged::{Judged, Skipped};
use super::meaning::{
    Fault, KeyColumns, Meaning, When, Worker, check_currency, check_customer, minor_at, number_at, turn_away,
    whole_number,
};
use super::options::Layout;
use super::refused::Reason;
use super::role::{Import, Role};
use super::split::Row;
use super::survey::{is_c_mark, pair};
use super::table::{NOBODY, place};
use super::who::Who;
use domain::fact::Table;
use domain::money::Decimal;

/// Places of the columns of both tables.
pub(super) struct OrderColumns {
    lines: LineColumns,
    returns: ReturnColumns,
}

struct LineColumns {
    keys: KeyColumns,
    order: usize,
    at: usize,
    on: usize,
    product: usize,
    product_name: usize,
    category: usize,
    quantity: usize,
    unit_price: usize,
    unit_price_scale: usize,
    total: usize,
    discount: usize,
    tax: usize,
    cost: usize,
    currency: usize,
    store: usize,
    channel: usize,
    tender: usize,
}

struct ReturnColumns {
    keys: KeyColumns,
    id: usize,
    order: usize,
    at: usize,
    on: usize,
    product: usize,
    product_name: usize,
    quantity: usize,
    refund: usize,
    cost: usize,
    reason: usize,
    currency: usize,
    store: usize,
    channel: usize,
}

impl OrderColumns {
    pub(super) fn new() -> OrderColumns {
        let line = |name| place(Table::Lines, name);
        let back = |name| place(Table::Returns, name);
        OrderColumns {
            lines: LineColumns {
                keys: KeyColumns::of(Table::Lines),
                order: line("order_id"),
                at: line("ordered_at"),
                on: line("ordered_on"),
                product: line("product_id"),
                product_name: line("product_name"),
                category: line("category"),
                quantity: line("quantity_milli"),
                unit_price: line("unit_price"),
                unit_price_scale: line("unit_price_scale"),
                total: line("total_minor"),
                discount: line("discount_minor"),
                tax: line("tax_minor"),
                cost: line("cost_minor"),
                currency: line("currency"),
                store: line("store_id"),
                channel: line("channel"),
                tender: line("tender"),
            },
            returns: ReturnColumns {
                keys: KeyColumns::of(Table::Returns),
                id: back("return_id"),
                order: back("order_id"),
                at: back("returned_at"),
                on: back("returned_on"),
                product: back("product_id"),
                product_name: back("product_name"),
                quantity: back("quantity_milli"),
                refund: back("refund_minor"),
                cost: back("cost_minor"),
                reason: back("reason"),
                currency: back("currency"),
                store: back("store_id"),
                channel: back("channel"),
            },
        }
    }
}

/// Tables of a judged piece: lines first, returns second.
pub(super) const TABLES: [Table; 2] = [Table::Lines, Table::Returns];

/// The amounts of a row, checked.
struct Amounts {
    quantity_milli: Option<i64>,
    unit_price: Option<Decimal>,
    total_minor: i64,
    discount_minor: Option<i64>,
    tax_minor: Option<i64>,
    cost_minor: Option<i64>,
    is_negative: bool,
}

/// Judge one record.
pub(super) fn judge(
    row: &Row<'_>,
    columns: &OrderColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &mut Judged,
) {
    judged.counts.read += 1;
    if let Err(fault) = fact(row, columns, meaning, worker, judged) {
        if row.is_blank() {
            judged.skip(Skipped { blank: 1, ..Skipped::default() });
        } else {
            turn_away(row, fault, meaning, judged);
        }
    }
}

fn fact(
    row: &Row<'_>,
    columns: &OrderColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &mut Judged,
) -> Result<(), Fault> {
    let places = &meaning.places[judged.file];
    if let Some(width) = meaning.headers[judged.file].as_ref().map(Vec::len)
        && row.len() > width
        && let Some(extra) = (width..row.len()).find(|place| !row.cell(*place).is_empty())
    {
        return Err((Some(extra), Reason::TooManyCells));
    }
    let cell = |role: Role| places.find(role).map_or("", |place| row.cell(place));
    let when = worker.when(row, places, meaning)?;
    check_currency(row, places, meaning)?;
    check_customer(row, places)?;
    let amounts = amounts(row, places, meaning)?;
    let order = whole_number(cell(Role::Order));
    let status = cell(Role::Status);
    let is_cancelled = !status.is_empty() && is_cancelled(status);
    let is_marked = meaning.c_marks && is_c_mark(order);
    let is_return = meaning.kind == Import::Returns || amounts.is_negative || is_marked;
    if !is_return && amounts.unit_price.is_some_and(|price| price.digits < 0) {
        return Err((places.find(Role::UnitPrice), Reason::NegativePrice));
    }
    let (who, is) = worker.who(row, places, meaning, judged);
    judged.counts.accepted += 1;
    judged.counts.anonymous += u64::from(who == NOBODY);
    judged.saw_day(when.day);
    // The key is lent out while the row is written, which saves a copy of it.
    let is_known = is == Who::Customer && who != NOBODY;
    let customer = if is_known { std::mem::take(&mut judged.known[who as usize].key) } else { String::new() };
    if is_return || is_cancelled {
        let order_of = (is_cancelled && !is_return).then_some(order);
        give_back(row, columns, meaning, worker, judged, &when, &amounts, who, &customer, order_of);
    }
    if !is_return {
        judged.counts.cancelled += u64::from(is_cancelled);
        sell(row, columns, meaning, worker, judged, &when, &amounts, who, &customer);
    }
    if is_known {
        judged.known[who as usize].key = customer;
    }
    Ok(())
}

fn amounts(row: &Row<'_>, places: &Places, meaning: &Meaning) -> Result<Amounts, Fault> {
    let decimals = meaning.currency.decimals();
    let quantity_place = places.find(Role::Quantity);
    let price_place = places.find(Role::UnitPrice);
    let total_place = places.find(Role::Total);
    let quantity = number_at(row, quantity_place, meaning.quantity)?;
    let unit_price = number_at(row, price_place, meaning.money)?;
    let total = minor_at(row, total_place, meaning)?;
    let quantity_milli = match quantity {
        Some(quantity) => Some(quantity.rescale(3).ok_or((quantity_place, Reason::TooLarge))?),
        None => None,
    };
    let one = Decimal { digits: 1, scale: 0 };
    let gross = match unit_price {
        Some(price) => {
            Some(price.times(quantity.unwrap_or(one), decimals).ok_or((price_place, Reason::TooLarge))?)
        }
        None => None,
    };
    let discount_place = places.find(Role::Discount);
    let discount = match number_at(row, discount_place, meaning.money)? {
        None => None,
        Some(rate) if discount_place.is_some_and(|place| row.cell(place).ends_with(['%', '％'])) => {
            let of = gross.or(total).unwrap_or(0);
            let off = Decimal { digits: of, scale: 0 }.times(Decimal { scale: rate.scale + 2, ..rate }, 0);
            Some(off.ok_or((discount_place, Reason::TooLarge))?)
        }
        Some(amount) => Some(amount.rescale(decimals).ok_or((discount_place, Reason::TooLarge))?),
    };
    let discount_minor = discount.map(i64::saturating_abs);
    let total_minor = match (total, gross) {
        (Some(total), _) => total,
        (None, Some(gross)) => {
            // What is taken off a sale is taken off its return too.
            let off = discount_minor.unwrap_or(0) * gross.signum();
            gross.checked_sub(off).ok_or((price_place, Reason::TooLarge))?
        }
        (None, None) if total_place.is_some() || price_place.is_some() => {
            return Err((total_place.or(price_place), Reason::Missing));
        }
        // A file without amounts still says who came when.
        (None, None) => 0,
    };
    let cost_minor = match minor_at(row, places.find(Role::Cost), meaning)? {
        Some(cost) => Some(cost),
        None => {
            let place = places.find(Role::UnitCost);
            match number_at(row, place, meaning.money)? {
                Some(cost) => {
                    Some(cost.times(quantity.unwrap_or(one), decimals).ok_or((place, Reason::TooLarge))?)
                }
                None => None,
            }
        }
    };
    let is_negative = match quantity {
        Some(quantity) => {
            quantity.digits < 0 || (total_minor < 0 && unit_price.is_none_or(|price| price.digits >= 0))
        }
        None => total_minor < 0 && unit_price.is_none(),
    };
    Ok(Amounts {
        quantity_milli,
        unit_price,
        total_minor,
        discount_minor,
        tax_minor: minor_at(row, places.find(Role::Tax), meaning)?,
        cost_minor,
        is_negative,
    })
}

/// A sale: a row of `lines`.
#[expect(clippy::too_many_arguments, reason = "a struct would be filled and read in one place")]
fn sell(
    row: &Row<'_>,
    columns: &OrderColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &mut Judged,
    when: &When,
    amounts: &Amounts,
    who: u32,
    customer: &str,
) {
    let places = &meaning.places[judged.file];
    let cell = |role: Role| places.find(role).map_or("", |place| row.cell(place));
    let order = whole_number(cell(Role::Order));
    let (product, name, store) =
        (whole_number(cell(Role::Product)), cell(Role::ProductName), cell(Role::Store));
    content_key("sale", worker, meaning, order, customer, when, product, name, store, amounts);
    let content = worker.hash(meaning);
    let line = cell(Role::Line);
    let row_key = if !order.is_empty() && !line.is_empty() {
        worker.begin_key("line", meaning);
        worker.part(order.as_bytes());
        worker.part(line.as_bytes());
        worker.hash(meaning)
    } else if !order.is_empty() && meaning.layout == Layout::Orders {
        worker.begin_key("order", meaning);
        worker.part(order.as_bytes());
        worker.hash(meaning)
    } else {
        content
    };
    let made;
    let order = if order.is_empty() {
        made = made_order(worker, meaning, customer, when, store, content);
        made.as_str()
    } else {
        order
    };
    if !meaning.pairs.is_empty()
        && let Some(pair) = pair(row, places).filter(|pair| meaning.pairs.contains(pair))
    {
        judged.sought.push((pair, order.to_owned()));
    }
    let at = &columns.lines;
    let filled = &mut judged.tables[0];
    at.keys.fill(filled, row_key, content, worker.month(when.day));
    filled.text(at.order, order);
    filled.int(at.at, when.instant);
    filled.int(at.on, i64::from(when.day));
    filled.text(at.product, product);
    filled.text(at.product_name, name);
    filled.text(at.category, cell(Role::Category));
    filled.some_int(at.quantity, amounts.quantity_milli);
    if let Some(price) = amounts.unit_price {
        filled.int(at.unit_price, price.digits);
        filled.int(at.unit_price_scale, i64::from(price.scale));
    }
    filled.int(at.total, amounts.total_minor);
    filled.some_int(at.discount, amounts.discount_minor);
    filled.some_int(at.tax, amounts.tax_minor);
    filled.some_int(at.cost, amounts.cost_minor);
    filled.text(at.currency, meaning.currency.code());
    filled.text(at.store, store);
    filled.text(at.channel, cell(Role::Channel));
    filled.text(at.tender, cell(Role::Tender));
    filled.end_row(who, row.line);
}

/// What came back: a row of `returns`.
#[expect(clippy::too_many_arguments, reason = "a struct would be filled and read in one place")]
fn give_back(
    row: &Row<'_>,
    columns: &OrderColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &mut Judged,
    when: &When,
    amounts: &Amounts,
    who: u32,
    customer: &str,
    order_of: Option<&str>,
) {
    let places = &meaning.places[judged.file];
    let cell = |role: Role| places.find(role).map_or("", |place| row.cell(place));
    let (product, name, store) =
        (whole_number(cell(Role::Product)), cell(Role::ProductName), cell(Role::Store));
    let own = whole_number(cell(Role::Order));
    let id = if meaning.kind == Import::Returns {
        cell(Role::Return)
    } else if order_of.is_some() {
        ""
    } else {
        own
    };
    let referenced = order_of.unwrap_or_else(|| whole_number(cell(Role::ReturnedOrder)));
    content_key(
        "return",
        worker,
        meaning,
        if id.is_empty() { referenced } else { id },
        customer,
        when,
        product,
        name,
        store,
        amounts,
    );
    let content = worker.hash(meaning);
    let line = cell(Role::Line);
    let key_of = if id.is_empty() { referenced } else { id };
    let row_key = if !key_of.is_empty() && !line.is_empty() {
        worker.begin_key("returned line", meaning);
        worker.part(key_of.as_bytes());
        worker.part(line.as_bytes());
        worker.hash(meaning)
    } else if !id.is_empty() && meaning.layout == Layout::Orders {
        worker.begin_key("return", meaning);
        worker.part(id.as_bytes());
        worker.hash(meaning)
    } else {
        content
    };
    let at = &columns.returns;
    let filled = &mut judged.tables[1];
    judged.counts.returns += 1;
    if !referenced.is_empty() {
        judged.counts.returns_joined += 1;
        filled.text(at.order, referenced);
    } else if !customer.is_empty()
        && let Some(pair) = pair(row, places)
    {
        filled.orphans.push((filled.rows(), pair));
    }
    at.keys.fill(filled, row_key, content, worker.month(when.day));
    filled.text(at.id, id);
    filled.int(at.at, when.instant);
    filled.int(at.on, i64::from(when.day));
    filled.text(at.product, product);
    filled.text(at.product_name, name);
    filled.some_int(at.quantity, amounts.quantity_milli.map(i64::saturating_abs));
    filled.int(at.refund, amounts.total_minor.saturating_abs());
    filled.some_int(at.cost, amounts.cost_minor.map(i64::saturating_abs));
    filled.text(at.reason, cell(Role::Reason));
    filled.text(at.currency, meaning.currency.code());
    filled.text(at.store, store);
    filled.text(at.channel, cell(Role::Channel));
    filled.end_row(who, row.line);
}

/// What a row says, as bytes: order, customer, time, product, quantity, price, total, store, currency. Names and
/// categories are left out, so that an export with more columns than the last one still overlaps with it.
#[expect(clippy::too_many_arguments, reason = "a struct would be filled and read in one place")]
fn content_key(
    kind: &str,
    worker: &mut Worker,
    meaning: &Meaning,
    order: &str,
    customer: &str,
    when: &When,
    product: &str,
    name: &str,
    store: &str,
    amounts: &Amounts,
) {
    worker.begin_key(kind, meaning);
    worker.part(order.as_bytes());
    worker.part(customer.as_bytes());
    worker.number(Some(when.instant));
    worker.part(if product.is_empty() { name.as_bytes() } else { product.as_bytes() });
    worker.part(store.as_bytes());
    worker.number(amounts.quantity_milli);
    let price = amounts.unit_price.map(lowest);
    worker.number(price.map(|price| price.digits));
    worker.number(price.map(|price| i64::from(price.scale)));
    worker.number(Some(amounts.total_minor));
    worker.part(meaning.currency.code().as_bytes());
}

/// 2.50 is 2.5.
fn lowest(mut price: Decimal) -> Decimal {
    while price.scale > 0 && price.digits % 10 == 0 {
        price.digits /= 10;
        price.scale -= 1;
    }
    price
}

/// An order key where the file has none: who, when and where. Anonymous rows of one moment and store are one order,
/// those of a day without a time are one each.
fn made_order(
    worker: &mut Worker,
    meaning: &Meaning,
    customer: &str,
    when: &When,
    store: &str,
    content: u128,
) -> String {
    if customer.is_empty() && !when.has_time {
        return format!("made-{:020x}", content >> 48);
    }
    worker.begin_key("made order", meaning);
    worker.part(customer.as_bytes());
    worker.number(Some(if when.has_time { when.instant } else { i64::from(when.day) }));
    worker.part(store.as_bytes());
    format!("made-{:020x}", worker.hash(meaning) >> 48)
}

/// States in which an order is no sale, folded.
const CANCELLED: &[&str] = &[
    "cancelled",
    "canceled",
    "cancel",
    "void",
    "voided",
    "refunded",
    "returned",
    "return",
    "refund",
    "reversed",
    "true",
    "yes",
    "1",
    "y",
    "x",
    "dahuy",
    "huy",
    "bihuy",
    "huydon",
    "khachhuy",
    "trahang",
    "datrahang",
    "hoantra",
    "dahoantra",
    "hoanhang",
    "dahoantien",
    "hoantien",
    "已取消",
    "取消",
    "已关闭",
    "交易关闭",
    "退货",
    "已退货",
    "退款",
    "已退款",
    "退款成功",
    "作废",
    "已关闭交易",
    "已關閉",
    "退貨",
    "已退貨",
    "作廢",
];

fn is_cancelled(status: &str) -> bool {
    CANCELLED.contains(&super::fold::fold(status).as_str())
}
