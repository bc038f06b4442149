//! Judging customers, products, feedback, events and costs: each kind is a table of which role fills which column.

use super::judged::{Judged, Said, Skipped};
use super::meaning::{
    Fault, KeyColumns, Meaning, Worker, check_currency, check_customer, minor_at, number_at, turn_away,
    whole_number,
};
use super::refused::Reason;
use super::role::{Import, Role};
use super::split::Row;
use super::table::{NOBODY, place};
use super::when;

/// How a cell becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Text,
    /// The row's moment.
    Instant,
    /// The row's day.
    Day,
    /// Thousandths.
    Milli,
    /// A whole number.
    Count,
    /// Minor units.
    Minor,
    /// Digits, and the scale in the column behind.
    Price,
    /// The month of a birthday.
    BirthMonth,
}

/// Column, role, reading, whether a row needs it, whether it is part of what the row says.
type Rule = (&'static str, Role, As, bool);

fn rules(kind: Import) -> &'static [Rule] {
    match kind {
        Import::Customers => &[
            ("joined_on", Role::Date, As::Day, false),
            ("birth_month", Role::Birthday, As::BirthMonth, false),
            ("store_id", Role::Store, As::Text, false),
            ("channel", Role::Channel, As::Text, false),
            ("tier", Role::Tier, As::Text, false),
        ],
        Import::Products => &[
            ("product_id", Role::Product, As::Text, true),
            ("product_name", Role::ProductName, As::Text, false),
            ("category", Role::Category, As::Text, false),
            ("brand", Role::Brand, As::Text, false),
            ("unit_price", Role::UnitPrice, As::Price, false),
            ("cost_minor", Role::UnitCost, As::Minor, false),
        ],
        Import::Feedback => &[
            ("feedback_id", Role::Feedback, As::Text, false),
            ("order_id", Role::Order, As::Text, false),
            ("given_at", Role::Date, As::Instant, true),
            ("given_on", Role::Date, As::Day, true),
            ("kind", Role::Kind, As::Text, false),
            ("score_milli", Role::Score, As::Milli, false),
            ("score_max_milli", Role::ScoreMax, As::Milli, false),
            ("store_id", Role::Store, As::Text, false),
            ("channel", Role::Channel, As::Text, false),
        ],
        Import::Events => &[
            ("event_id", Role::Event, As::Text, false),
            ("happened_at", Role::Date, As::Instant, true),
            ("happened_on", Role::Date, As::Day, true),
            ("name", Role::EventName, As::Text, true),
            ("order_id", Role::Order, As::Text, false),
            ("product_id", Role::Product, As::Text, false),
            ("store_id", Role::Store, As::Text, false),
            ("channel", Role::Channel, As::Text, false),
        ],
        Import::Costs => &[
            ("spent_on", Role::Date, As::Day, true),
            ("channel", Role::Channel, As::Text, false),
            ("program", Role::Program, As::Text, false),
            ("spend_minor", Role::Spend, As::Minor, false),
            ("output", Role::Output, As::Text, false),
            ("output_count", Role::OutputCount, As::Count, false),
        ],
        Import::Orders | Import::Returns => &[],
    }
}

/// Places of the columns of one kind's table.
pub(super) struct PlainColumns {
    keys: KeyColumns,
    rules: Vec<(usize, Rule)>,
    scale: Option<usize>,
    currency: Option<usize>,
    /// The role of the source's own key of a row.
    own: Option<Role>,
    needs_customer: bool,
    has_customer: bool,
}

/// The month of rows that have no day.
const NO_MONTH: &str = "1970-01";

impl PlainColumns {
    pub(super) fn new(kind: Import) -> PlainColumns {
        let table = kind.table();
        let has = |name: &str| table.fields().iter().any(|field| field.name == name);
        PlainColumns {
            keys: KeyColumns::of(table),
            rules: rules(kind).iter().map(|rule| (place(table, rule.0), *rule)).collect(),
            scale: has("unit_price_scale").then(|| place(table, "unit_price_scale")),
            currency: has("currency").then(|| place(table, "currency")),
            own: match kind {
                Import::Feedback => Some(Role::Feedback),
                Import::Events => Some(Role::Event),
                _ => None,
            },
            needs_customer: kind == Import::Customers,
            has_customer: has("customer_id"),
        }
    }
}

/// A value read, before it is written: a row is written whole or not at all.
enum Value<'a> {
    Nothing,
    Text(&'a str),
    Int(i64),
    Price(i64, i64),
}

/// Judge one record.
pub(super) fn judge(
    row: &Row<'_>,
    columns: &PlainColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &mut Judged,
) {
    judged.counts.read += 1;
    if row.is_blank() {
        judged.skip(Skipped { blank: 1, ..Skipped::default() });
    } else if let Err(fault) = fact(row, columns, meaning, worker, judged) {
        turn_away(row, fault, meaning, judged);
    }
}

fn fact(
    row: &Row<'_>,
    columns: &PlainColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &mut Judged,
) -> Result<(), Fault> {
    let places = &meaning.places[judged.file];
    if let Some(width) = meaning.headers[judged.file].as_ref().map(Vec::len)
        && let Some(extra) = (width..row.len()).find(|place| !row.cell(*place).is_empty())
    {
        return Err((Some(extra), Reason::TooManyCells));
    }
    check_currency(row, places, meaning)?;
    check_customer(row, places)?;
    let has_date = places.find(Role::Date).is_some_and(|place| !row.cell(place).is_empty());
    let when = if has_date { Some(worker.when(row, places, meaning)?) } else { None };
    let mut values = Vec::with_capacity(columns.rules.len());
    for (_, (_, role, reading, is_needed)) in &columns.rules {
        let place = places.find(*role);
        let cell = place.map_or("", |place| row.cell(place));
        let value = match reading {
            _ if cell.is_empty() => Value::Nothing,
            As::Text => Value::Text(whole_number(cell)),
            As::Instant => when.map_or(Value::Nothing, |when| Value::Int(when.instant)),
            As::Day => when.map_or(Value::Nothing, |when| Value::Int(i64::from(when.day))),
            As::Minor => minor_at(row, place, meaning)?.map_or(Value::Nothing, Value::Int),
            As::Milli | As::Count => {
                let scale = if *reading == As::Milli { 3 } else { 0 };
                let number = number_at(row, place, meaning.quantity)?;
                match number {
                    Some(number) => Value::Int(number.rescale(scale).ok_or((place, Reason::TooLarge))?),
                    None => Value::Nothing,
                }
            }
            As::Price => match number_at(row, place, meaning.money)? {
                Some(price) if price.digits < 0 => return Err((place, Reason::NegativePrice)),
                Some(price) => Value::Price(price.digits, i64::from(price.scale)),
                None => Value::Nothing,
            },
            As::BirthMonth => birth_month(cell, meaning),
        };
        if *is_needed && matches!(value, Value::Nothing) {
            return Err((place, Reason::Missing));
        }
        values.push(value);
    }
    let (who, _) = worker.who(row, places, meaning, judged);
    if columns.needs_customer && who == NOBODY {
        let place = [Role::Customer, Role::Card, Role::Phone, Role::Email]
            .into_iter()
            .find_map(|role| places.find(role));
        return Err((place, Reason::Missing));
    }
    judged.counts.accepted += 1;
    judged.counts.anonymous += u64::from(columns.has_customer && who == NOBODY);
    let (row_key, content) = keys(row, columns, meaning, worker, judged, who, &values);
    if let Some(when) = when {
        judged.saw_day(when.day);
    }
    let said = places.find(Role::Text).map_or("", |place| row.cell(place));
    if !said.is_empty() {
        judged.said.push(Said { row_key, who, text: said.to_owned() });
    }
    let filled = &mut judged.tables[0];
    let month = when.map_or(NO_MONTH, |when| worker.month(when.day));
    columns.keys.fill(filled, row_key, content, month);
    for ((place, _), value) in columns.rules.iter().zip(&values) {
        match value {
            Value::Nothing => {}
            Value::Text(text) => filled.text(*place, text),
            Value::Int(number) => filled.int(*place, *number),
            Value::Price(digits, scale) => {
                filled.int(*place, *digits);
                filled.some_int(columns.scale.unwrap_or(*place), Some(*scale));
            }
        }
    }
    if let Some(place) = columns.currency {
        filled.text(place, meaning.currency.code());
    }
    filled.end_row(who, row.line);
    Ok(())
}

fn keys(
    row: &Row<'_>,
    columns: &PlainColumns,
    meaning: &Meaning,
    worker: &mut Worker,
    judged: &Judged,
    who: u32,
    values: &[Value<'_>],
) -> (u128, u128) {
    let places = &meaning.places[judged.file];
    worker.begin_key(meaning.kind.name(), meaning);
    if who != NOBODY {
        worker.part(judged.known[who as usize].key.as_bytes());
    }
    for ((_, rule), value) in columns.rules.iter().zip(values) {
        worker.part(rule.0.as_bytes());
        match value {
            Value::Nothing => worker.part(b""),
            Value::Text(text) => worker.part(text.as_bytes()),
            Value::Int(number) => worker.number(Some(*number)),
            Value::Price(digits, scale) => {
                worker.number(Some(*digits));
                worker.number(Some(*scale));
            }
        }
    }
    // The words themselves stay in state, but two answers with other words are two answers.
    worker.part(places.find(Role::Text).map_or("", |place| row.cell(place)).as_bytes());
    let content = worker.hash(meaning);
    let own = columns.own.and_then(|role| places.find(role)).map_or("", |place| row.cell(place));
    if own.is_empty() {
        return (content, content);
    }
    worker.begin_key(meaning.kind.name(), meaning);
    worker.part(b"own");
    worker.part(own.as_bytes());
    (worker.hash(meaning), content)
}

fn birth_month(cell: &str, meaning: &Meaning) -> Value<'static> {
    let Some(moment) = when::read(cell, meaning.birthday_order) else { return Value::Nothing };
    let (_, month, day) = when::civil_of(moment.civil_micros.div_euclid(when::DAY_MICROS));
    if meaning.january_is_filler && (month, day) == (1, 1) {
        return Value::Nothing;
    }
    Value::Int(i64::from(month))
}
