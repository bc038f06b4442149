//! The first reading: what only the whole file can say. The order of day and month, the decimal mark, who is
//! impossibly frequent, which negative rows look for their order, which encoding the odd bytes are.
//!
//! Each worker looks at its piece; the pieces' findings add up in order.

use super::columns::Places;
use super::encoding::{self, Encoding};
use super::number::{NumberEvidence, currency_of};
use super::piece::{Data, Piece, rows_of};
use super::role::{Import, Role};
use super::shape::Shape;
use super::split::{Row, Scratch};
use super::when::DateEvidence;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::Hasher;

/// How often a customer key was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Visits {
    /// Orders, counted as changes of order while reading.
    pub orders: u64,
    /// Days, counted as changes of day.
    pub days: u64,
    last_order: u64,
    last_day: u64,
    /// The key as written.
    pub key: String,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub rows: u64,
    pub dates: DateEvidence,
    pub money: NumberEvidence,
    pub quantities: NumberEvidence,
    pub birthdays: DateEvidence,
    /// Birthdays given, and those on a 1 January.
    pub births: (u64, u64),
    pub visits: FxHashMap<u64, Visits>,
    pub orders: u64,
    /// Rows that continue the order of the row before.
    pub repeats: u64,
    /// (customer, product) of rows that came back.
    pub pairs: FxHashSet<u64>,
    /// Order keys such as C536379, and how many of them are negative.
    pub c_marks: (u64, u64),
    /// Currencies said in the currency column or beside amounts.
    pub currencies: Vec<(String, u64)>,
    /// Lines with letters outside ASCII that are UTF-8, and that are not.
    pub unicode_lines: u64,
    pub other_lines: u64,
    other_bytes: Vec<u8>,
}

/// Beyond this many customers or pairs under watch the rare ones are dropped, so that memory stays bounded.
const WATCH_LIMIT: usize = 1 << 20;
/// Bytes kept of lines that are not UTF-8.
const OTHER_LIMIT: usize = 1 << 18;

pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Customer and product of a row as one number, where it has both.
pub(super) fn pair(row: &Row<'_>, places: &Places) -> Option<u64> {
    let (role, customer) = customer_cell(row, places)?;
    let cell = |role| places.find(role).map_or("", |place| row.cell(place));
    let product = [cell(Role::Product), cell(Role::ProductName)].into_iter().find(|cell| !cell.is_empty())?;
    let mut hasher = FxHasher::default();
    if role == Role::Phone {
        // The same phone may be written in several ways; its last digits are the same in all.
        customer.bytes().rev().filter(u8::is_ascii_digit).take(8).for_each(|digit| hasher.write_u8(digit));
    } else {
        hasher.write(customer.as_bytes());
    }
    hasher.write_u8(0xff);
    hasher.write(product.as_bytes());
    Some(hasher.finish())
}

/// The cell that says who, and the role it has.
pub(super) fn customer_cell<'a>(row: &Row<'a>, places: &Places) -> Option<(Role, &'a str)> {
    [Role::Customer, Role::Card, Role::Phone, Role::Email].into_iter().find_map(|role| {
        let cell = row.cell(places.find(role)?);
        (!cell.is_empty()).then_some((role, cell))
    })
}

/// `C536379` in a file whose other orders are numbers: the tills of some wholesalers mark returns so.
pub(super) fn is_c_mark(order: &str) -> bool {
    order.len() > 4
        && matches!(order.as_bytes()[0], b'C' | b'c')
        && order.bytes().skip(1).all(|byte| byte.is_ascii_digit())
}

pub(super) fn survey(
    piece: &Piece,
    shape: &Shape,
    kind: Import,
    places: &Places,
    scratch: &mut Scratch,
) -> Survey {
    let mut found = Survey::default();
    if let Data::Bytes(bytes) = &piece.data
        && !bytes.is_ascii()
    {
        found.look_at_bytes(bytes);
    }
    let has_orders = matches!(kind, Import::Orders | Import::Returns);
    let (mut date_before, mut order_before) = (String::new(), 0u64);
    let mut on = |row: Row<'_>| {
        if shape.header_line.is_some_and(|line| row.line <= line) {
            return;
        }
        found.rows += 1;
        let cell = |role| places.find(role).map_or("", |place| row.cell(place));
        let date = cell(Role::Date);
        if date != date_before {
            found.dates.look(date);
            date_before.clear();
            date_before.push_str(date);
        }
        for role in [Role::Total, Role::UnitPrice, Role::Spend, Role::Cost, Role::UnitCost] {
            let amount = cell(role);
            if !amount.is_empty() {
                found.money.look(amount);
                if found.rows < 1_000
                    && let Some(code) = currency_of(amount)
                {
                    found.saw_currency(code);
                }
            }
        }
        found.quantities.look(cell(Role::Quantity));
        let code = cell(Role::Currency);
        if !code.is_empty() {
            found.saw_currency(code);
        }
        let birthday = cell(Role::Birthday);
        if !birthday.is_empty() {
            found.birthdays.look(birthday);
            found.births.0 += 1;
            found.births.1 += u64::from(is_first_of_january(birthday));
        }
        if !has_orders {
            return;
        }
        let order = cell(Role::Order);
        let order_hash = hash(if order.is_empty() { date } else { order });
        let is_new = order_hash != order_before;
        found.orders += u64::from(is_new);
        found.repeats += u64::from(!is_new);
        order_before = order_hash;
        let is_negative = cell(Role::Quantity).starts_with(['-', '(', '\u{2212}'])
            || (!places.has(Role::Quantity) && cell(Role::Total).starts_with(['-', '(', '\u{2212}']));
        let is_marked = is_c_mark(order);
        found.c_marks.0 += u64::from(is_marked);
        found.c_marks.1 += u64::from(is_marked && is_negative);
        let Some((_, who)) = customer_cell(&row, places) else { return };
        let is_return = is_negative || is_marked || kind == Import::Returns;
        if is_return && found.pairs.len() < WATCH_LIMIT {
            found.pairs.extend(pair(&row, places));
        }
        if is_new {
            let day = hash(date.split([' ', 'T']).next().unwrap_or(date));
            found.visited(who, order_hash, day);
        }
    };
    rows_of(piece, shape, scratch, &mut on, &mut |_| {});
    if found.rows > 20_000 {
        // One visit in a piece this long is no sign of anything.
        found.visits.retain(|_, visits| visits.orders >= 3);
    }
    found
}

fn is_first_of_january(cell: &str) -> bool {
    super::when::read(cell, super::when::DateOrder::Dmy).is_some_and(|moment| {
        let (_, month, day) = super::when::civil_of(moment.civil_micros.div_euclid(super::when::DAY_MICROS));
        (month, day) == (1, 1)
    })
}

impl Survey {
    fn visited(&mut self, who: &str, order: u64, day: u64) {
        let visits = self.visits.entry(hash(who)).or_default();
        if visits.orders == 0 {
            visits.key.push_str(who);
        }
        visits.orders += u64::from(visits.last_order != order || visits.orders == 0);
        visits.days += u64::from(visits.last_day != day || visits.days == 0);
        (visits.last_order, visits.last_day) = (order, day);
    }

    fn saw_currency(&mut self, code: &str) {
        if let Some((_, count)) = self.currencies.iter_mut().find(|(known, _)| known == code) {
            *count += 1;
        } else if self.currencies.len() < 64 {
            self.currencies.push((code.to_owned(), 1));
        }
    }

    fn look_at_bytes(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
            if std::str::from_utf8(line).is_ok() {
                self.unicode_lines += 1;
            } else {
                self.other_lines += 1;
                if self.other_bytes.len() < OTHER_LIMIT {
                    self.other_bytes.extend_from_slice(&line[..line.len().min(4_096)]);
                    self.other_bytes.push(b'\n');
                }
            }
        }
    }

    pub(super) fn add(&mut self, next: Survey) {
        self.rows += next.rows;
        self.dates.add(&next.dates);
        self.money.add(&next.money);
        self.quantities.add(&next.quantities);
        self.birthdays.add(&next.birthdays);
        self.births = (self.births.0 + next.births.0, self.births.1 + next.births.1);
        self.orders += next.orders;
        self.repeats += next.repeats;
        self.c_marks = (self.c_marks.0 + next.c_marks.0, self.c_marks.1 + next.c_marks.1);
        for (code, count) in next.currencies {
            match self.currencies.iter_mut().find(|(known, _)| *known == code) {
                Some((_, sum)) => *sum += count,
                None => self.currencies.push((code, count)),
            }
        }
        self.unicode_lines += next.unicode_lines;
        self.other_lines += next.other_lines;
        if self.other_bytes.len() < OTHER_LIMIT {
            self.other_bytes.extend_from_slice(&next.other_bytes);
        }
        if self.pairs.len() < WATCH_LIMIT {
            self.pairs.extend(next.pairs);
        }
        for (key, visits) in next.visits {
            let sum = self.visits.entry(key).or_default();
            if sum.orders == 0 {
                *sum = visits;
            } else {
                sum.orders += visits.orders;
                sum.days += visits.days - u64::from(sum.last_day == visits.last_day);
                (sum.last_order, sum.last_day) = (visits.last_order, visits.last_day);
            }
        }
        if self.visits.len() > WATCH_LIMIT {
            self.visits.retain(|_, visits| visits.orders >= 8);
        }
    }

    /// Customers who bought more often than anybody can: on average eight orders or more on each day they came, or
    /// three where they are a twentieth of all orders; a hundred orders at least.
    pub(super) fn impossible(&self) -> Vec<(String, u64, u64)> {
        let mut found: Vec<_> = self
            .visits
            .values()
            .filter(|visits| {
                let (orders, days) = (visits.orders, visits.days.max(1));
                orders >= 100 && (orders >= 8 * days || (orders >= 3 * days && orders * 20 >= self.orders))
            })
            .map(|visits| (visits.key.clone(), visits.orders, visits.days))
            .collect();
        found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        found
    }

    /// What the whole file says about its encoding, where its beginning was taken for UTF-8.
    pub(super) fn encoding(&self, taken: Encoding) -> Encoding {
        if taken == Encoding::Utf8 && self.other_lines > self.unicode_lines {
            return encoding::legacy(&self.other_bytes);
        }
        taken
    }
}
