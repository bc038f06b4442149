//! Numbers as people write them: which mark is the decimal one, what groups thousands, which sign says currency.
//!
//! A number is read from its text to `domain::money::Decimal` and never becomes a float.

use domain::money::Decimal;
use serde::{Deserialize, Serialize};

/// How the numbers of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct NumberForm {
    /// The mark before the decimals.
    pub decimal: Mark,
}

/// A decimal mark; the other one groups thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Mark {
    /// `1,234.56`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.234,56`
    #[serde(rename = ",")]
    Comma,
}

impl Mark {
    /// The character.
    pub const fn symbol(self) -> char {
        match self {
            Mark::Point => '.',
            Mark::Comma => ',',
        }
    }

    fn other(self) -> char {
        match self {
            Mark::Point => ',',
            Mark::Comma => '.',
        }
    }
}

/// Why a cell is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoNumber {
    Malformed,
    TooLong,
}

/// More decimals than this are rounded away half from zero: they come from spreadsheets' binary fractions.
const SCALE_LIMIT: u32 = 9;

/// Read a number. Takes signs on either side, parentheses for negatives, currency signs and codes, a per cent sign,
/// spaces and apostrophes between thousands, full-width digits.
pub(super) fn read(cell: &str, form: NumberForm) -> Result<Decimal, NoNumber> {
    if let Some(decimal) = read_plain(cell.as_bytes(), form) {
        return Ok(decimal);
    }
    read_any(cell, form)
}

/// `-?digits(.digits)?`, the form of nearly every cell.
fn read_plain(cell: &[u8], form: NumberForm) -> Option<Decimal> {
    let (negative, body) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    if body.is_empty() || body.len() > 18 || !body[0].is_ascii_digit() {
        return None;
    }
    let mark = form.decimal.symbol() as u8;
    let (mut digits, mut scale, mut past) = (0i64, 0u32, false);
    for &byte in body {
        if byte.is_ascii_digit() {
            digits = digits * 10 + i64::from(byte - b'0');
            scale += u32::from(past);
        } else if byte == mark && !past {
            past = true;
        } else {
            return None;
        }
    }
    (scale <= SCALE_LIMIT && !(past && scale == 0))
        .then_some(Decimal { digits: if negative { -digits } else { digits }, scale })
}

fn read_any(cell: &str, form: NumberForm) -> Result<Decimal, NoNumber> {
    let (mut negative, mut body) = (false, strip_currency(cell.trim()));
    if let Some(inner) = body.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (negative, body) = (true, strip_currency(inner.trim()));
    }
    // Two rounds, because a sign may stand on either side of the currency: -$5, $-5, 5-.
    for _ in 0..2 {
        for sign in ['-', '\u{2212}', '\u{ff0d}'] {
            if let Some(rest) = body.strip_prefix(sign).or_else(|| body.strip_suffix(sign)) {
                if negative {
                    return Err(NoNumber::Malformed);
                }
                (negative, body) = (true, rest.trim());
            }
        }
        body = strip_currency(body.strip_prefix('+').unwrap_or(body).trim());
    }
    let (mut digits, mut scale, mut past, mut group) = (0i128, 0u32, false, 0usize);
    let (mut seen, mut groups) = (0usize, 0usize);
    let mut grouping = None;
    for letter in body.chars() {
        match letter {
            '0'..='9' | '\u{ff10}'..='\u{ff19}' => {
                let digit = (letter as u32).wrapping_sub(if letter.is_ascii() { 0x30 } else { 0xff10 });
                digits = digits * 10 + i128::from(digit);
                if digits > i128::from(i64::MAX) * 1_000_000 {
                    return Err(NoNumber::TooLong);
                }
                scale += u32::from(past);
                seen += 1;
                group += 1;
            }
            _ if letter == form.decimal.symbol() && !past => {
                check_group(group, groups)?;
                past = true;
            }
            _ if is_grouping(letter, form) && !past && seen > 0 => {
                if *grouping.get_or_insert(letter) != letter {
                    return Err(NoNumber::Malformed);
                }
                if groups > 0 {
                    check_group(group, groups)?;
                } else if group > 3 {
                    return Err(NoNumber::Malformed);
                }
                (groups, group) = (groups + 1, 0);
            }
            _ => return Err(NoNumber::Malformed),
        }
    }
    if seen == 0 {
        return Err(NoNumber::Malformed);
    }
    if !past {
        check_group(group, groups)?;
    }
    while scale > SCALE_LIMIT || (scale > 0 && digits > i128::from(i64::MAX)) {
        let last = digits % 10;
        digits /= 10;
        scale -= 1;
        if scale == SCALE_LIMIT || digits <= i128::from(i64::MAX) {
            digits += i128::from(last >= 5);
        }
    }
    let digits = i64::try_from(digits).map_err(|_| NoNumber::TooLong)?;
    Ok(Decimal { digits: if negative { -digits } else { digits }, scale })
}

/// The groups after the first one have three digits (two or four in Indian and Chinese habits: two and four are let
/// through, one is not).
fn check_group(digits: usize, groups: usize) -> Result<(), NoNumber> {
    if groups > 0 && !(2..=4).contains(&digits) { Err(NoNumber::Malformed) } else { Ok(()) }
}

fn is_grouping(letter: char, form: NumberForm) -> bool {
    letter == form.decimal.other()
        || matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}')
}

/// Signs and codes that may stand beside an amount, longest first, with the currency they say where they say one.
const SIGNS: &[(&str, Option<&str>)] = &[
    ("人民币", Some("CNY")),
    ("人民幣", Some("CNY")),
    ("đồng", Some("VND")),
    ("新台币", Some("TWD")),
    ("新台幣", Some("TWD")),
    ("HK$", Some("HKD")),
    ("NT$", Some("TWD")),
    ("US$", Some("USD")),
    ("VNĐ", Some("VND")),
    ("vnđ", Some("VND")),
    ("VND", Some("VND")),
    ("vnd", Some("VND")),
    ("RMB", Some("CNY")),
    ("CNY", Some("CNY")),
    ("HKD", Some("HKD")),
    ("TWD", Some("TWD")),
    ("USD", Some("USD")),
    ("EUR", Some("EUR")),
    ("GBP", Some("GBP")),
    ("JPY", Some("JPY")),
    ("S$", Some("SGD")),
    ("A$", Some("AUD")),
    ("R$", Some("BRL")),
    ("Rp", Some("IDR")),
    ("RM", Some("MYR")),
    ("₫", Some("VND")),
    ("đ", Some("VND")),
    ("Đ", Some("VND")),
    ("元", None),
    ("円", Some("JPY")),
    ("€", Some("EUR")),
    ("£", Some("GBP")),
    ("₹", Some("INR")),
    ("₩", Some("KRW")),
    ("฿", Some("THB")),
    ("₱", Some("PHP")),
    ("¥", None),
    ("￥", None),
    ("$", None),
    ("%", None),
    ("％", None),
];

fn strip_currency(text: &str) -> &str {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    for (sign, _) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return rest.trim().trim_end_matches('.').trim_end();
        }
    }
    text
}

/// The currency that stands beside the number in a cell, where the sign says only one.
pub(super) fn currency_of(cell: &str) -> Option<&'static str> {
    let text = cell.trim().trim_start_matches(['-', '(', '+']).trim_end_matches([')', '-']);
    SIGNS.iter().find(|(sign, _)| text.starts_with(sign) || text.ends_with(sign)).and_then(|(_, code)| *code)
}

/// What the cells of number columns say about the decimal mark.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberEvidence {
    /// Cells that can only be read with a decimal point.
    pub point: u64,
    /// Cells that can only be read with a decimal comma.
    pub comma: u64,
    /// Cells of the shape `118.000`: one point, three digits after it.
    pub point_three: u64,
    /// Cells of the shape `118,000`.
    pub comma_three: u64,
    /// An example of the first kind of doubt.
    pub doubtful: Option<String>,
}

impl NumberEvidence {
    pub(super) fn look(&mut self, cell: &str) {
        let (mut point, mut comma, mut last_is_point) = (0, 0, false);
        for byte in cell.bytes() {
            if byte == b'.' {
                (point, last_is_point) = (point + 1, true);
            } else if byte == b',' {
                (comma, last_is_point) = (comma + 1, false);
            }
        }
        if point + comma == 0 {
            return;
        }
        if point > 0 && comma > 0 {
            *(if last_is_point { &mut self.point } else { &mut self.comma }) += 1;
            return;
        }
        let mark = if point > 0 { '.' } else { ',' };
        if point + comma > 1 {
            // Repeated, so it groups, and the other one is the decimal mark.
            *(if mark == '.' { &mut self.comma } else { &mut self.point }) += 1;
            return;
        }
        let at = cell.find(mark).unwrap_or(0);
        let after = cell.as_bytes()[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut before = cell.as_bytes()[..at].iter().filter(|byte| byte.is_ascii_digit());
        let is_group =
            after == 3 && (1..=3).contains(&before.clone().count()) && before.next() != Some(&b'0');
        if is_group {
            *(if mark == '.' { &mut self.point_three } else { &mut self.comma_three }) += 1;
            if self.doubtful.is_none() {
                self.doubtful = Some(cell.to_owned());
            }
        } else {
            *(if mark == '.' { &mut self.point } else { &mut self.comma }) += 1;
        }
    }

    pub(super) fn add(&mut self, other: &NumberEvidence) {
        self.point += other.point;
        self.comma += other.comma;
        self.point_three += other.point_three;
        self.comma_three += other.comma_three;
        if self.doubtful.is_none() {
            self.doubtful = other.doubtful.clone();
        }
    }

    /// The form; `None` where the evidence speaks both ways and the currency does not help.
    ///
    /// Where nothing but `118.000` is seen, the mark groups if the currency has no decimals, and is a decimal point
    /// if the currency has three; otherwise a comma groups (the habit of every till that writes `1,500`) and a
    /// point is in doubt.
    pub(super) fn form(&self, decimals: Option<u32>) -> Option<NumberForm> {
        let decimal = if self.point > 0 || self.comma > 0 {
            if self.point >= self.comma { Mark::Point } else { Mark::Comma }
        } else if self.point_three > 0 && self.comma_three == 0 {
            match decimals {
                Some(0) => Mark::Comma,
                Some(3) => Mark::Point,
                _ => return None,
            }
        } else if self.comma_three > 0 && self.point_three == 0 && decimals == Some(3) {
            return None;
        } else {
            Mark::Point
        };
        Some(NumberForm { decimal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        use Mark::{Comma, Point};
        for (cell, decimal, digits, scale) in [
            ("2.55", Point, 255, 2),
            ("1,234.50", Point, 123_450, 2),
            ("118.000", Comma, 118_000, 0),
            ("1.118.000 ₫", Comma, 1_118_000, 0),
            ("118.000đ", Comma, 118_000, 0),
            ("VND 118,000", Point, 118_000, 0),
            ("-$5.00", Point, -500, 2),
            ("$-5.00", Point, -500, 2),
            ("(5.00)", Point, -500, 2),
            ("5.00-", Point, -500, 2),
            ("1 234,5", Comma, 12_345, 1),
            ("1'234.5", Point, 12_345, 1),
            ("￥１２８", Point, 128, 0),
            ("128元", Point, 128, 0),
            ("15%", Point, 15, 0),
            ("12,34,567", Point, 1_234_567, 0),
            ("0.30000000000000004", Point, 300_000_000, 9),
            (".5", Point, 5, 1),
        ] {
            let read = read(cell, NumberForm { decimal });
            assert_eq!(read, Ok(Decimal { digits, scale }), "{cell}");
        }
        for bad in ["", "-", "abc", "1.2.3", "--5", "1,2", "12 May", "1,23456", "$"] {
            assert_eq!(read(bad, NumberForm::default()), Err(NoNumber::Malformed), "{bad}");
        }
        assert_eq!(read("99999999999999999999999999", NumberForm::default()), Err(NoNumber::TooLong));
    }

    #[test]
    fn the_mark_is_told_by_evidence_then_by_the_currency() {
        for (cells, decimals, expected) in [
            (&["118.000", "1.250.000"][..], None, Some(Mark::Comma)),
            (&["118.000", "95.000"], Some(0), Some(Mark::Comma)),
            (&["118.000", "95.000"], Some(3), Some(Mark::Point)),
            (&["118.000"], Some(2), None),
            (&["118.000", "9.5"], Some(2), Some(Mark::Point)),
            (&["1,500"], Some(2), Some(Mark::Point)),
            (&["12,5"], Some(2), Some(Mark::Comma)),
            (&["1.234,50"], Some(2), Some(Mark::Comma)),
            (&["12"], None, Some(Mark::Point)),
        ] {
            let mut evidence = NumberEvidence::default();
            cells.iter().for_each(|cell| evidence.look(cell));
            assert_eq!(evidence.form(decimals).map(|form| form.decimal), expected, "{cells:?}");
        }
    }
}
