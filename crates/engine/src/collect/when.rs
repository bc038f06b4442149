//! Dates and times as people write them, and what instant and day of the shop they mean.
//!
//! One reader takes every form: it cuts a cell into groups of digits and words, and the shape of the groups says the
//! form. Only one thing has to be known beforehand, the order of day and month, and that is decided by the whole
//! column ([`DateEvidence`]). Times without a zone are the shop's.

use serde::{Deserialize, Serialize};

/// The order in which a date's parts stand where the year is not first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Year, month, day.
    Ymd,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

impl DateOrder {
    /// As written on the command line: `ymd`, `dmy`, `mdy`.
    pub fn parse(text: &str) -> Option<DateOrder> {
        match text.to_ascii_lowercase().as_str() {
            "ymd" => Some(DateOrder::Ymd),
            "dmy" => Some(DateOrder::Dmy),
            "mdy" => Some(DateOrder::Mdy),
            _ => None,
        }
    }

    /// The three letters.
    pub const fn name(self) -> &'static str {
        match self {
            DateOrder::Ymd => "ymd",
            DateOrder::Dmy => "dmy",
            DateOrder::Mdy => "mdy",
        }
    }
}

/// A cell, read: the civil time it says and, where it says one, its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Microseconds since 1970-01-01 on the clock of the cell.
    pub civil_micros: i64,
    /// Seconds east of UTC, where the cell says so.
    pub offset_seconds: Option<i32>,
    /// Whether there is a time of day.
    pub has_time: bool,
}

pub(crate) const DAY_MICROS: i64 = 86_400_000_000;
/// Excel counts days from here; its serial 60 is a day that never was, so serials are right from 61 on.
const EXCEL_EPOCH: i64 = -25_569;

/// Days since 1970-01-01 of a date in the Gregorian calendar; `None` where there is no such day. After
/// H. Hinnant, "chrono-compatible low-level date algorithms".
pub(super) fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || !(1..=9999).contains(&year) {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
    if day > length {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Year, month and day of a day number.
pub(super) fn civil_of(day: i64) -> (i64, u8, u8) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted - era * 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * month_shifted + 2) / 5 + 1) as u8;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 } as u8;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// One group of digits and what follows it.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    value: i64,
    digits: u32,
    /// The letter right behind, `\0` at the end.
    after: char,
}

const GROUPS: usize = 8;

/// A cell cut into groups.
#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    groups: [Group; GROUPS],
    count: usize,
    month: Option<(i64, usize)>,
    /// Some(true) is afternoon.
    half: Option<bool>,
    offset_seconds: Option<i32>,
    negative: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn cut(cell: &str) -> Option<Cut> {
    let mut cut = Cut::default();
    let bytes = cell.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            let from = at;
            let mut value = 0i64;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                value = value.checked_mul(10)?.checked_add(i64::from(bytes[at] - b'0'))?;
                at += 1;
            }
            if cut.count == GROUPS {
                return None;
            }
            let after = cell[at..].chars().next().unwrap_or('\0');
            cut.groups[cut.count] = Group { value, digits: (at - from) as u32, after };
            cut.count += 1;
            continue;
        }
        match byte {
            b'+' | b'-' if cut.count >= 5 || (cut.count == 4 && at >= 13) => {
                let (offset, used) = offset(&cell[at..])?;
                cut.offset_seconds = Some(offset);
                at += used;
            }
            b'-' if at == 0 => {
                cut.negative = true;
                at += 1;
            }
            b'-' | b'/' | b'.' | b':' | b' ' | b',' | b'\t' => at += 1,
            b'T' | b't' if cut.count >= 1 && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => at += 1,
            b'Z' | b'z' if at + 1 == bytes.len() && cut.count >= 4 => {
                cut.offset_seconds = Some(0);
                at += 1;
            }
            _ => {
                let end = cell[at..]
                    .find(|letter: char| {
                        !letter.is_alphabetic() && letter != '\u{300}' && letter != '\u{301}'
                    })
                    .map_or(cell.len(), |length| at + length);
                let end = if end == at { at + cell[at..].chars().next()?.len_utf8() } else { end };
                word(&cell[at..end], &mut cut)?;
                at = end;
            }
        }
    }
    Some(cut)
}

fn word(word: &str, cut: &mut Cut) -> Option<()> {
    let lower = word.to_lowercase();
    match lower.as_str() {
        "am" | "a" | "sa" | "上午" | "早上" | "凌晨" => cut.half = Some(false),
        "pm" | "p" | "ch" | "下午" | "晚上" => cut.half = Some(true),
        "m" if cut.half.is_some() => {}
        "utc" | "gmt" => cut.offset_seconds = Some(0),
        "年" | "月" | "日" | "号" | "號" | "时" | "時" | "分" | "秒" | "点" | "點" | "h" | "g" | "s" =>
            {}
        "ngày" | "tháng" | "năm" | "giờ" | "phút" | "giây" | "lúc" | "at" | "of" | "de" | "st" | "nd"
        | "rd" | "th" => {}
        "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" | "monday" | "tuesday" | "wednesday"
        | "thursday" | "friday" | "saturday" | "sunday" => {}
        _ if lower.starts_with("星期") || lower.starts_with("周") || lower.starts_with("週") => {}
        _ if lower.chars().all(|letter| "年月日号號时時分秒点點上下午".contains(letter)) => {
            // Such as 日下午, where no space stands between.
            if lower.contains("下午") {
                cut.half = Some(true);
            } else if lower.contains("上午") {
                cut.half = Some(false);
            }
        }
        _ if lower.len() >= 3 && lower.is_char_boundary(3) => {
            let month = MONTHS.iter().position(|name| *name == &lower[..3])?;
            cut.month = Some((month as i64 + 1, cut.count));
        }
        _ => return None,
    }
    Some(())
}

/// `+07:00`, `+0700`, `+07`; the seconds and the bytes they took.
fn offset(text: &str) -> Option<(i32, usize)> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut digits = [0i32; 4];
    let (mut count, mut used) = (0, 1);
    for byte in text.bytes().skip(1) {
        match byte {
            b'0'..=b'9' if count < 4 => {
                digits[count] = i32::from(byte - b'0');
                count += 1;
            }
            b':' if count == 2 => {}
            _ => break,
        }
        used += 1;
    }
    if count != 2 && count != 4 {
        return None;
    }
    let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]);
    (hours <= 15 && minutes < 60).then_some((sign * (hours * 3_600 + minutes * 60), used))
}

fn full_year(group: Group) -> Option<i64> {
    match group.digits {
        4 => Some(group.value),
        2 if group.value >= 70 => Some(1_900 + group.value),
        2 => Some(2_000 + group.value),
        _ => None,
    }
}

/// Read a cell; `None` where it says no date.
pub(crate) fn read(cell: &str, order: DateOrder) -> Option<Moment> {
    let cell = cell.trim();
    if let Some(moment) = read_iso(cell.as_bytes()) {
        return Some(moment);
    }
    if cell.is_empty() || cell.len() > 64 {
        return None;
    }
    let cut = cut(cell)?;
    let groups = &cut.groups[..cut.count];
    if cut.negative {
        return None;
    }
    if cut.month.is_none()
        && (cut.count == 1 || (cut.count == 2 && groups[0].after == '.' && groups[0].digits >= 5))
    {
        return read_number(cell, groups, order);
    }
    let (day, used) = match cut.month {
        Some((month, place)) => named_month(groups, month, place)?,
        None => {
            let [a, b, c] = *groups.get(..3)? else { return None };
            let (year, month, day) = if a.digits == 4 || a.after == '年' {
                (full_year(a)?, b, c)
            } else {
                match order {
                    // Year last where the order says year first: harmless only where day and month are the same.
                    DateOrder::Ymd if c.digits == 4 && a.value == b.value => (c.value, b, a),
                    DateOrder::Ymd => (full_year(a)?, b, c),
                    DateOrder::Dmy => (full_year(c)?, b, a),
                    DateOrder::Mdy => (full_year(c)?, a, b),
                }
            };
            (day_number(year, month.value, day.value)?, 3)
        }
    };
    let (time, has_time) = time_of_day(&groups[used..], cut.half)?;
    Some(Moment { civil_micros: day * DAY_MICROS + time, offset_seconds: cut.offset_seconds, has_time })
}

/// `2010-12-01`, `2010-12-01 08:26:00`, `2010-12-01T08:26`: the form of most files, without looking around.
fn read_iso(cell: &[u8]) -> Option<Moment> {
    let two = |at: usize| -> Option<i64> {
        let (high, low) = (cell[at], cell[at + 1]);
        (high.is_ascii_digit() && low.is_ascii_digit())
            .then(|| i64::from(high - b'0') * 10 + i64::from(low - b'0'))
    };
    if !matches!(cell.len(), 10 | 16 | 19) || !matches!(cell[4], b'-' | b'/') || cell[7] != cell[4] {
        return None;
    }
    let day = day_number(two(0)? * 100 + two(2)?, two(5)?, two(8)?)?;
    if cell.len() == 10 {
        return Some(Moment { civil_micros: day * DAY_MICROS, offset_seconds: None, has_time: false });
    }
    if !matches!(cell[10], b' ' | b'T') || cell[13] != b':' {
        return None;
    }
    let (hour, minute) = (two(11)?, two(14)?);
    let second = if cell.len() == 19 && cell[16] == b':' { two(17)? } else { 0 };
    if (cell.len() == 19 && cell[16] != b':') || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let time = ((hour * 60 + minute) * 60 + second.min(59)) * 1_000_000;
    Some(Moment { civil_micros: day * DAY_MICROS + time, offset_seconds: None, has_time: true })
}

fn named_month(groups: &[Group], month: i64, place: usize) -> Option<(i64, usize)> {
    // 1 Dec 2010, Dec 1 2010, 2010 Dec 1.
    let (a, b) = (*groups.first()?, *groups.get(1)?);
    let (year, day) = if a.digits == 4 && place <= 1 { (a, b) } else { (b, a) };
    Some((day_number(full_year(year)?, month, day.value)?, 2))
}

/// Dates that are one number: 19970101, 19970101093000, Excel serials (with a fraction for the time), Unix seconds,
/// milliseconds and microseconds.
fn read_number(cell: &str, groups: &[Group], order: DateOrder) -> Option<Moment> {
    let whole = groups.first()?;
    let plain = |civil_micros, has_time| Some(Moment { civil_micros, offset_seconds: None, has_time });
    if groups.len() == 1 && !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole.digits {
        5 => {
            let mut micros = (whole.value + EXCEL_EPOCH) * DAY_MICROS;
            if let Some(fraction) = groups.get(1) {
                let scale = 10i128.checked_pow(fraction.digits)?;
                let part = (i128::from(fraction.value) * i128::from(DAY_MICROS) + scale / 2) / scale;
                // Serials are binary fractions of a day; tills write whole seconds.
                micros += (part as i64 + 500_000) / 1_000_000 * 1_000_000;
            }
            plain(micros, groups.len() > 1)
        }
        8 if groups.len() == 1 => {
            let value = whole.value;
            let (year, month, day) = match order {
                _ if (1_900..=2_199).contains(&(value / 10_000))
                    && (1..=12).contains(&(value / 100 % 100)) =>
                {
                    (value / 10_000, value / 100 % 100, value % 100)
                }
                DateOrder::Ymd => return None,
                DateOrder::Dmy => (value % 10_000, value / 10_000 % 100, value / 1_000_000),
                DateOrder::Mdy => (value % 10_000, value / 1_000_000, value / 10_000 % 100),
            };
            plain(day_number(year, month, day)? * DAY_MICROS, false)
        }
        12 | 14 if groups.len() == 1 => {
            let value = if whole.digits == 12 { whole.value.checked_mul(100)? } else { whole.value };
            let (date, time) = (value / 1_000_000, value % 1_000_000);
            let day = day_number(date / 10_000, date / 100 % 100, date % 100)?;
            let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
            (hour < 24 && minute < 60 && second < 60).then_some(())?;
            plain(day * DAY_MICROS + ((hour * 60 + minute) * 60 + second) * 1_000_000, true)
        }
        10 | 13 | 16 => {
            let factor = [1_000_000, 1_000, 1][((whole.digits - 10) / 3) as usize];
            Some(Moment {
                civil_micros: whole.value.checked_mul(factor)?,
                offset_seconds: Some(0),
                has_time: true,
            })
        }
        _ => None,
    }
}

/// Microseconds into the day, and whether any time was said.
fn time_of_day(groups: &[Group], half: Option<bool>) -> Option<(i64, bool)> {
    if groups.is_empty() {
        return Some((0, false));
    }
    let mut hour = groups[0].value;
    let minute = groups.get(1).map_or(0, |group| group.value);
    let second = groups.get(2).map_or(0, |group| group.value);
    let micros = match groups.get(3) {
        Some(fraction) if fraction.digits <= 6 => fraction.value * 10i64.pow(6 - fraction.digits),
        Some(fraction) if fraction.digits <= 9 => fraction.value / 10i64.pow(fraction.digits - 6),
        Some(_) => return None,
        None => 0,
    };
    if groups.len() > 4 {
        return None;
    }
    match half {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((((hour * 60 + minute) * 60 + second.min(59)) * 1_000_000 + micros, true))
}

/// A time alone (`08:26`, `08:26:30`, `8:26 CH`), or the time in a cell that has a date too.
pub(super) fn read_time(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    if let Some(fraction) =
        cell.strip_prefix("0.").filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let moment = read(&format!("30000.{fraction}"), DateOrder::Ymd)?;
        return Some(moment.civil_micros.rem_euclid(DAY_MICROS));
    }
    if let Some(moment) = read(cell, DateOrder::Dmy).filter(|moment| moment.has_time) {
        return Some(moment.civil_micros.rem_euclid(DAY_MICROS));
    }
    let cut = cut(cell)?;
    let groups = &cut.groups[..cut.count];
    if groups.len() == 1 {
        // 826 and 0826 on old tills; 8h and 8 giờ on newer ones.
        let value = groups[0].value;
        return match groups[0].digits {
            3 | 4 if value / 100 < 24 && value % 100 < 60 => {
                Some((value / 100 * 60 + value % 100) * 60_000_000)
            }
            6 => Some(
                time_of_day(&[split(value / 10_000), split(value / 100 % 100), split(value % 100)], None)?.0,
            ),
            1 | 2 => Some(time_of_day(groups, cut.half)?.0),
            _ => None,
        };
    }
    (!cut.negative && cut.month.is_none()).then_some(())?;
    Some(time_of_day(groups, cut.half)?.0)
}

fn split(value: i64) -> Group {
    Group { value, digits: 2, after: '\0' }
}

/// What a whole column says about its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct DateEvidence {
    /// Dates whose first part can only be a day.
    pub day_first: u64,
    /// Dates whose second part can only be a day.
    pub month_first: u64,
    /// Dates that read both ways and differ.
    pub both: u64,
    /// Dates that read one way whatever the order.
    pub plain: u64,
    /// Cells that are no date at all.
    pub none: u64,
    /// One that reads both ways.
    pub example: Option<String>,
}

impl DateEvidence {
    pub(crate) fn look(&mut self, cell: &str) {
        if cell.trim().is_empty() {
            return;
        }
        if read_iso(cell.trim().as_bytes()).is_some() {
            self.plain += 1;
            return;
        }
        let (day_first, month_first) = (read(cell, DateOrder::Dmy), read(cell, DateOrder::Mdy));
        match (day_first, month_first) {
            (Some(one), Some(other)) if one == other => self.plain += 1,
            (Some(_), Some(_)) => {
                self.both += 1;
                if self.example.is_none() {
                    self.example = Some(cell.trim().chars().take(40).collect());
                }
            }
            (Some(_), None) => self.day_first += 1,
            (None, Some(_)) => self.month_first += 1,
            (None, None) if read(cell, DateOrder::Ymd).is_some() => self.plain += 1,
            (None, None) => self.none += 1,
        }
    }

    pub(super) fn add(&mut self, other: &DateEvidence) {
        self.day_first += other.day_first;
        self.month_first += other.month_first;
        self.both += other.both;
        self.plain += other.plain;
        self.none += other.none;
        if self.example.is_none() {
            self.example = other.example.clone();
        }
    }

    /// The order; `None` where nothing decides.
    pub(crate) fn order(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (0, 0) if self.both > 0 => None,
            (0, 0) => Some(DateOrder::Ymd),
            (day, month) if day >= month => Some(DateOrder::Dmy),
            _ => Some(DateOrder::Mdy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;
    use proptest::prelude::*;

    fn shown(cell: &str, order: DateOrder) -> String {
        let Some(moment) = read(cell, order) else { return "none".to_owned() };
        let (year, month, day) = civil_of(moment.civil_micros.div_euclid(DAY_MICROS));
        let seconds = moment.civil_micros.rem_euclid(DAY_MICROS) / 1_000_000;
        let mut text = format!("{year}-{month:02}-{day:02}");
        if moment.has_time {
            text += &format!(" {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        }
        if let Some(offset) = moment.offset_seconds {
            text += &format!(" {:+}", offset / 60);
        }
        text
    }

    #[test]
    fn dates_as_people_write_them() {
        use DateOrder::{Dmy, Mdy, Ymd};
        for (cell, order, expected) in [
            ("2010-12-01 08:26:00", Ymd, "2010-12-01 08:26:00"),
            ("2010-12-01T08:26:00Z", Ymd, "2010-12-01 08:26:00 +0"),
            ("2010-12-01T08:26:00.123+07:00", Ymd, "2010-12-01 08:26:00 +420"),
            ("2010/12/1 8:26", Ymd, "2010-12-01 08:26:00"),
            ("19970101", Ymd, "1997-01-01"),
            ("01121997", Dmy, "1997-12-01"),
            ("20240229093000", Ymd, "2024-02-29 09:30:00"),
            ("11/1/2000", Mdy, "2000-11-01"),
            ("11/1/2000", Dmy, "2000-01-11"),
            ("13/02/2024 8:05 CH", Dmy, "2024-02-13 20:05:00"),
            ("13/02/2024 08:05:09 SA", Dmy, "2024-02-13 08:05:09"),
            ("2/13/24 12:10 AM", Mdy, "2024-02-13 00:10:00"),
            ("2024年2月13日", Ymd, "2024-02-13"),
            ("2024年2月13日 下午3:05", Ymd, "2024-02-13 15:05:00"),
            ("2024年2月13日下午3时05分", Ymd, "2024-02-13 15:05:00"),
            ("ngày 13 tháng 2 năm 2024", Dmy, "2024-02-13"),
            ("1-Dec-2010 08:26", Mdy, "2010-12-01 08:26:00"),
            ("Dec 1, 2010", Dmy, "2010-12-01"),
            ("40513", Ymd, "2010-12-01"),
            ("40513.351388888892", Ymd, "2010-12-01 08:26:00"),
            ("1291191960", Ymd, "2010-12-01 08:26:00 +0"),
            ("1291191960000", Ymd, "2010-12-01 08:26:00 +0"),
            ("13.02.24", Dmy, "2024-02-13"),
            ("2024-02-30", Ymd, "none"),
            ("13/13/2024", Dmy, "none"),
            ("hello", Ymd, "none"),
            ("", Ymd, "none"),
            ("24:30", Dmy, "none"),
            ("118000", Dmy, "none"),
        ] {
            assert_eq!(shown(cell, order), expected, "{cell}");
        }
        for (cell, minutes) in
            [("08:26", 506), ("8:26 CH", 1_226), ("0826", 506), ("0.5", 720), ("15h30", 930)]
        {
            assert_eq!(read_time(cell), Some(minutes * 60_000_000), "{cell}");
        }
        assert_eq!(read_time("25:00"), None);
    }

    #[test]
    fn the_order_is_told_by_the_whole_column() {
        for (cells, expected) in [
            (&["01/02/2024", "13/02/2024"][..], Some(DateOrder::Dmy)),
            (&["01/02/2024", "02/13/2024"], Some(DateOrder::Mdy)),
            (&["01/02/2024", "03/04/2024"], None),
            (&["01/01/2024", "02/02/2024"], Some(DateOrder::Ymd)),
            (&["2024-01-02"], Some(DateOrder::Ymd)),
        ] {
            let mut evidence = DateEvidence::default();
            cells.iter().for_each(|cell| evidence.look(cell));
            if expected == Some(DateOrder::Ymd) {
                assert_eq!(evidence.both, 0, "{cells:?} read one way only");
            }
            assert_eq!(evidence.order(), expected, "{cells:?}");
        }
    }

    proptest! {
        #[test]
        fn day_numbers_agree_with_jiff(day in -700_000i64..2_900_000) {
            let (year, month, date) = civil_of(day);
            prop_assert_eq!(day_number(year, i64::from(month), i64::from(date)), Some(day));
            let epoch = civil::date(1970, 1, 1);
            let by_jiff = civil::Date::new(year as i16, month as i8, date as i8).unwrap();
            prop_assert_eq!(i64::from((by_jiff - epoch).get_days()), day);
        }

        #[test]
        fn no_cell_panics(cell in "\\PC{0,40}") {
            for order in [DateOrder::Ymd, DateOrder::Dmy, DateOrder::Mdy] {
                let _ = read(&cell, order);
            }
            let _ = read_time(&cell);
        }
    }
}
