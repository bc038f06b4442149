//! What the cells of an import mean, once everything is decided: shared by all workers, changed by none.

use super::clock::Clockwork;
use super::columns::Places;
use super::judged::{Judged, Reject, Skipped};
use super::number::{self, NoNumber, NumberForm};
use super::options::Layout;
use super::refused::Reason;
use super::role::{Import, Role};
use super::split::Row;
use super::table::{Filled, NOBODY};
use super::when::{self, DAY_MICROS, DateOrder};
use super::who::{Register, Who};
use domain::fact::Table;
use domain::money::{Currency, Decimal};
use jiff::tz::TimeZone;
use rustc_hash::{FxHashMap, FxHashSet};

/// Everything decided.
pub(super) struct Meaning {
    pub kind: Import,
    pub date_order: DateOrder,
    pub birthday_order: DateOrder,
    pub money: NumberForm,
    pub quantity: NumberForm,
    pub currency: Currency,
    pub zone: Option<TimeZone>,
    pub earliest: i32,
    pub latest: i32,
    pub layout: Layout,
    /// Whether orders such as C536379 are returns.
    pub c_marks: bool,
    /// Calling code of phones that have none.
    pub phone_country: Option<&'static str>,
    /// Whether a birthday on 1 January means nothing.
    pub january_is_filler: bool,
    /// Whether lines leave blank what their order says once.
    pub fills_down: bool,
    pub register: Register,
    pub secret: [u8; 32],
    pub source: String,
    pub pairs: FxHashSet<u64>,
    /// By file.
    pub places: Vec<Places>,
    pub headers: Vec<Option<Vec<String>>>,
}

/// What one worker keeps between rows.
pub(super) struct Worker {
    pub scratch: super::split::Scratch,
    clock: Clockwork,
    date_before: String,
    moment_before: Option<(i64, i32, bool)>,
    known: FxHashMap<String, Who>,
    pub key: Vec<u8>,
    month: (i64, String),
    /// The last row with an order of its own, where lines leave it blank.
    pub above: Vec<String>,
}

/// When a row happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    pub instant: i64,
    pub day: i32,
    pub has_time: bool,
}

/// Why a row is rejected, and which column is to blame.
pub(super) type Fault = (Option<usize>, Reason);

/// Worker-side memory of who keys are, bounded.
const KNOWN_LIMIT: usize = 100_000;

impl Worker {
    pub(super) fn new(meaning: &Meaning) -> Worker {
        Worker {
            scratch: super::split::Scratch::default(),
            clock: Clockwork::new(meaning.zone.clone()),
            date_before: String::new(),
            moment_before: None,
            known: FxHashMap::default(),
            key: Vec::with_capacity(256),
            month: (i64::MIN, String::new()),
            above: Vec::new(),
        }
    }

    /// When, from the date and time cells of a row. Neighbours mostly share their date, so the last one is kept.
    pub(super) fn when(&mut self, row: &Row<'_>, places: &Places, meaning: &Meaning) -> Result<When, Fault> {
        let place = places.find(Role::Date);
        let cell = place.map_or("", |place| row.cell(place));
        let time_place = places.find(Role::Time);
        if time_place.is_none()
            && cell == self.date_before
            && let Some((instant, day, has_time)) = self.moment_before
        {
            return Ok(When { instant, day, has_time });
        }
        if cell.is_empty() {
            return Err((place, Reason::Missing));
        }
        let mut moment = when::read(cell, meaning.date_order).ok_or((place, Reason::NotADate))?;
        let time = time_place.map_or("", |place| row.cell(place));
        if !time.is_empty() {
            let micros = when::read_time(time).ok_or((time_place, Reason::NotADate))?;
            moment.civil_micros = moment.civil_micros.div_euclid(DAY_MICROS) * DAY_MICROS + micros;
            moment.has_time = true;
        }
        let (instant, day) = self.clock.place(moment);
        if day < meaning.earliest {
            return Err((place, Reason::TooEarly));
        }
        if day > meaning.latest {
            return Err((place, Reason::TooLate));
        }
        self.date_before.clear();
        self.date_before.push_str(cell);
        self.moment_before = Some((instant, day, moment.has_time));
        Ok(When { instant, day, has_time: moment.has_time })
    }

    /// `2010-12`.
    pub(super) fn month(&mut self, day: i32) -> &str {
        let (year, month, _) = when::civil_of(i64::from(day));
        let number = year * 12 + i64::from(month);
        if self.month.0 != number {
            self.month = (number, format!("{year:04}-{month:02}"));
        }
        &self.month.1
    }

    /// Who a row's customer is: a number within the piece, or nobody. `key` gets the key that counts.
    pub(super) fn who(
        &mut self,
        row: &Row<'_>,
        places: &Places,
        meaning: &Meaning,
        judged: &mut Judged,
    ) -> (u32, Who) {
        let Some((role, cell)) = super::survey::customer_cell(row, places) else {
            return (NOBODY, Who::WalkIn);
        };
        let made;
        let key = match role {
            Role::Phone | Role::Email => {
                made = identifier(role, cell, meaning.phone_country);
                made.as_str()
            }
            _ => whole_number(cell),
        };
        let who = match self.known.get(key) {
            Some(who) => *who,
            None => {
                let who = meaning.register.who(key);
                if self.known.len() >= KNOWN_LIMIT {
                    self.known.clear();
                }
                self.known.insert(key.to_owned(), who);
                who
            }
        };
        if who != Who::Customer || is_staff(row, places) && !meaning.register.is_somebody(key) {
            let who = if who == Who::Customer { Who::Staff } else { who };
            match who {
                Who::WalkIn => judged.counts.walk_in += 1,
                Who::Marketplace => judged.counts.marketplace += 1,
                Who::Staff => judged.counts.staff += 1,
                Who::Masked => judged.counts.masked += 1,
                Who::Customer => {}
            }
            return (NOBODY, who);
        }
        let (number, is_new) = judged.number(role, key);
        if is_new {
            for about in [Role::Customer, Role::Card, Role::Phone, Role::Email, Role::Name, Role::Birthday] {
                let cell = places.find(about).map_or("", |place| row.cell(place));
                if about != role && !cell.is_empty() && meaning.register.who(cell) == Who::Customer {
                    let cell = identifier(about, cell, meaning.phone_country);
                    judged.known[number as usize].about.push((about, cell));
                }
            }
        }
        (number, Who::Customer)
    }

    /// The key of what is in `self.key`, under the data folder's secret.
    pub(super) fn hash(&self, meaning: &Meaning) -> u128 {
        let hash = blake3::keyed_hash(&meaning.secret, &self.key);
        u128::from_be_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
    }

    /// Start a key of a kind; parts are added with their lengths, so that no two rows share one by accident.
    pub(super) fn begin_key(&mut self, kind: &str, meaning: &Meaning) {
        self.key.clear();
        self.part(kind.as_bytes());
        self.part(meaning.source.as_bytes());
    }

    pub(super) fn part(&mut self, bytes: &[u8]) {
        self.key.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.key.extend_from_slice(bytes);
    }

    pub(super) fn number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.part(&number.to_le_bytes()),
            None => self.part(b""),
        }
    }
}

fn is_staff(row: &Row<'_>, places: &Places) -> bool {
    let cell = places.find(Role::Staff).map_or("", |place| row.cell(place));
    !cell.is_empty()
        && matches!(super::fold::fold(cell).as_str(), "1" | "true" | "yes" | "y" | "co" | "x" | "是" | "有")
}

/// The longest key a customer can have, bytes.
const KEY_LIMIT: usize = 512;

/// Whether the cell that says who can be a key at all.
pub(super) fn check_customer(row: &Row<'_>, places: &Places) -> Result<(), Fault> {
    match super::survey::customer_cell(row, places) {
        Some((role, cell)) if cell.len() > KEY_LIMIT || cell.contains('\0') => {
            Err((places.find(role), Reason::NotAKey))
        }
        _ => Ok(()),
    }
}

/// A key in the one form it has in every file: e-mail addresses in lower case, phone numbers with their country
/// (E.164) where that is known, and without the marks between their digits.
pub(super) fn identifier(role: Role, cell: &str, country: Option<&str>) -> String {
    match role {
        Role::Email => cell.to_lowercase(),
        Role::Phone if !cell.contains('*') => phone(cell, country),
        Role::Customer | Role::Card => whole_number(cell).to_owned(),
        _ => cell.to_owned(),
    }
}

fn phone(cell: &str, country: Option<&str>) -> String {
    let cell = whole_number(cell);
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    // Letters, or too few digits to be a phone: some other key, kept as it is.
    if digits.len() < 7 || cell.chars().any(char::is_alphabetic) {
        return cell.to_owned();
    }
    if cell.starts_with('+') {
        return format!("+{digits}");
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return format!("+{rest}");
    }
    let Some(country) = country else { return digits };
    if let Some(rest) = digits.strip_prefix('0') {
        return format!("+{country}{rest}");
    }
    if digits.len() > 10 && digits.starts_with(country) && digits.len() - country.len() <= 11 {
        return format!("+{digits}");
    }
    // A spreadsheet took the leading zero, or the country writes none.
    format!("+{country}{digits}")
}

/// The calling code that goes with a shop's currency, for phones without one (ITU E.164).
pub(super) fn phone_country(currency: Currency) -> Option<&'static str> {
    let code = match currency.code() {
        "VND" => "84",
        "CNY" => "86",
        "TWD" => "886",
        "HKD" => "852",
        "MOP" => "853",
        "SGD" => "65",
        "MYR" => "60",
        "THB" => "66",
        "IDR" => "62",
        "PHP" => "63",
        "JPY" => "81",
        "KRW" => "82",
        "INR" => "91",
        "GBP" => "44",
        "AUD" => "61",
        _ => return None,
    };
    Some(code)
}

/// A key that a spreadsheet or data frame made a number of: `17850.0` is `17850`.
pub(super) fn whole_number(cell: &str) -> &str {
    match cell.strip_suffix(".0") {
        Some(whole) if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => cell,
    }
}

/// A cell as a number, absent where blank.
pub(super) fn number_at(
    row: &Row<'_>,
    place: Option<usize>,
    form: NumberForm,
) -> Result<Option<Decimal>, Fault> {
    let cell = place.map_or("", |place| row.cell(place));
    if cell.is_empty() {
        return Ok(None);
    }
    number::read(cell, form).map(Some).map_err(|error| {
        let reason = if error == NoNumber::TooLong { Reason::TooLarge } else { Reason::NotANumber };
        (place, reason)
    })
}

/// A cell as minor units of the shop's currency, absent where blank.
pub(super) fn minor_at(row: &Row<'_>, place: Option<usize>, meaning: &Meaning) -> Result<Option<i64>, Fault> {
    match number_at(row, place, meaning.money)? {
        None => Ok(None),
        Some(amount) => {
            amount.rescale(meaning.currency.decimals()).map(Some).ok_or((place, Reason::TooLarge))
        }
    }
}

/// Whether the row is in the shop's currency.
pub(super) fn check_currency(row: &Row<'_>, places: &Places, meaning: &Meaning) -> Result<(), Fault> {
    let Some(place) = places.find(Role::Currency) else { return Ok(()) };
    let cell = row.cell(place);
    if cell.is_empty() || cell == meaning.currency.code() {
        return Ok(());
    }
    let said = cell.parse::<Currency>().ok().or_else(|| number::currency_of(cell)?.parse().ok());
    if said == Some(meaning.currency) { Ok(()) } else { Err((Some(place), Reason::OtherCurrency)) }
}

/// The key columns every row has.
#[derive(Clone, Copy)]
pub(super) struct KeyColumns {
    row_key: usize,
    content_key: usize,
    month: usize,
}

impl KeyColumns {
    pub(super) fn of(table: Table) -> KeyColumns {
        let place = |name| super::table::place(table, name);
        KeyColumns { row_key: place("row_key"), content_key: place("content_key"), month: place("month") }
    }

    pub(super) fn fill(&self, filled: &mut Filled, row_key: u128, content_key: u128, month: &str) {
        filled.key(self.row_key, row_key);
        if content_key != row_key {
            filled.key(self.content_key, content_key);
        }
        filled.text(self.month, month);
    }
}

/// What to do with a row that is no fact: count it as no data, or reject it.
pub(super) fn turn_away(row: &Row<'_>, fault: Fault, meaning: &Meaning, judged: &mut Judged) {
    if is_total(row) {
        judged.skip(Skipped { totals: 1, ..Skipped::default() });
        return;
    }
    if let Some(header) = &meaning.headers[judged.file]
        && header.iter().enumerate().all(|(place, name)| row.cell(place) == name.trim())
    {
        judged.skip(Skipped { headers: 1, ..Skipped::default() });
        return;
    }
    let (column, reason) = fault;
    let value: String = column.map_or("", |place| row.cell(place)).chars().take(200).collect();
    judged.rejects.push(Reject { line: row.line, column, value, reason });
}

/// Words that begin a row of totals, folded.
const TOTALS: &[&str] = &[
    "tongcong",
    "tongso",
    "tongtien",
    "tongket",
    "tongdoanhthu",
    "cong",
    "tong",
    "total",
    "grandtotal",
    "subtotal",
    "sum",
    "totals",
    "合计",
    "合計",
    "总计",
    "總計",
    "小计",
    "小計",
    "总和",
    "累计",
    "累計",
    "本页合计",
    "本頁合計",
];

fn is_total(row: &Row<'_>) -> bool {
    row.cells().filter(|cell| !cell.is_empty()).take(2).any(|cell| {
        let folded = super::fold::fold(cell);
        TOTALS.iter().any(|word| {
            folded == *word
                || (word.chars().count() > 1
                    && cell.len() < 40
                    && folded.starts_with(word)
                    && !folded.contains(|letter: char| letter.is_ascii_digit()))
        })
    })
}
