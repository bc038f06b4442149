//! Spans, windows and calendar periods as program files write them, in the program's own zone.
//!
//! Intervals are end-exclusive. Months and years are counted on the calendar of the zone; where the day does not
//! exist the last day of the month stands for it (31 January and one month is 28 February). Days are days of the
//! zone, so a day with a clock change has 23 or 25 hours.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The unit of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `D`
    Day,
    /// `W`
    Week,
    /// `M`
    Month,
    /// `Y`
    Year,
}

/// A length of time as text: `30s`, `40m`, `1h`, `5D`, `7W`, `10M`, `15Y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Length {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a length of time: write a number and one of s, m, h, D, W, M, Y, such as 30D for thirty days or 6M for six months"
)]
pub struct NotALength(String);

impl FromStr for Length {
    type Err = NotALength;

    fn from_str(text: &str) -> Result<Length, NotALength> {
        let no = || NotALength(text.to_owned());
        let unit = match text.bytes().last() {
            Some(b's') => Unit::Second,
            Some(b'm') => Unit::Minute,
            Some(b'h') => Unit::Hour,
            Some(b'D') => Unit::Day,
            Some(b'W') => Unit::Week,
            Some(b'M') => Unit::Month,
            Some(b'Y') => Unit::Year,
            _ => return Err(no()),
        };
        let digits = &text[..text.len() - 1];
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count: u32 = digits.parse().map_err(|_| no())?;
        // A hundred years of any unit is as far as a program looks.
        let most = match unit {
            Unit::Second | Unit::Minute => 100_000_000,
            Unit::Hour => 876_000,
            Unit::Day => 36_500,
            Unit::Week => 5_200,
            Unit::Month => 1_200,
            Unit::Year => 100,
        };
        if plain && count <= most { Ok(Length { count, unit }) } else { Err(no()) }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Second => 's',
            Unit::Minute => 'm',
            Unit::Hour => 'h',
            Unit::Day => 'D',
            Unit::Week => 'W',
            Unit::Month => 'M',
            Unit::Year => 'Y',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Length {
    fn span(self) -> Span {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Second => count.seconds(),
            Unit::Minute => count.minutes(),
            Unit::Hour => count.hours(),
            Unit::Day => count.days(),
            Unit::Week => count.weeks(),
            Unit::Month => count.months(),
            Unit::Year => count.years(),
        }
    }

    /// The instant that long after `at`, by the calendar of `zone`; the end of time where it does not fit.
    pub fn after(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        at.to_zoned(zone.clone()).checked_add(self.span()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// The instant that long before `at`.
    pub fn before(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        at.to_zoned(zone.clone()).checked_sub(self.span()).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
    }

    /// The day that long after `day`; units under a day count as none.
    pub fn after_day(self, day: Date) -> Date {
        match self.unit {
            Unit::Second | Unit::Minute | Unit::Hour => day,
            _ => day.saturating_add(self.span()),
        }
    }

    /// The day that long before `day`.
    pub fn before_day(self, day: Date) -> Date {
        match self.unit {
            Unit::Second | Unit::Minute | Unit::Hour => day,
            _ => day.saturating_sub(self.span()),
        }
    }
}

/// The first instant of a day in a zone.
pub fn start_of(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = day.to_datetime(Time::midnight());
    zone.to_ambiguous_zoned(midnight).compatible().map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The day of an instant in a zone.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// A calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day of the zone.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// All of time.
    Lifetime,
}

impl Period {
    /// The first day of the period that holds `day`.
    pub fn first_day(self, day: Date) -> Date {
        match self {
            Period::Day => day,
            Period::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                day.saturating_sub(back.days())
            }
            Period::Month => day.first_of_month(),
            Period::Year => day.first_of_year(),
            Period::Lifetime => Date::MIN,
        }
    }

    /// The first day of the next period.
    pub fn next_first_day(self, day: Date) -> Date {
        let first = self.first_day(day);
        match self {
            Period::Day => first.saturating_add(1.days()),
            Period::Week => first.saturating_add(7.days()),
            Period::Month => first.saturating_add(1.months()),
            Period::Year => first.saturating_add(1.years()),
            Period::Lifetime => Date::MAX,
        }
    }
}

/// A time of day from one clock time to another, `07:00-09:30`, end exclusive. Where the end is not after the
/// beginning the window runs over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// From.
    pub from: Time,
    /// Until, exclusive.
    pub until: Time,
}

impl Hours {
    /// Whether the clock time is inside.
    pub fn holds(&self, clock: Time) -> bool {
        if self.from < self.until {
            self.from <= clock && clock < self.until
        } else {
            clock >= self.from || clock < self.until
        }
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Hours, String> {
        let no = || format!("'{text}' is not a time of day: write 07:00-09:30");
        let (from, until) = text.split_once('-').ok_or_else(no)?;
        let clock = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
            if hour == 24 && minute == 0 {
                Some(Time::midnight())
            } else {
                Time::new(hour, minute, 0, 0).ok()
            }
        };
        Ok(Hours { from: clock(from).ok_or_else(no)?, until: clock(until).ok_or_else(no)? })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = (self.from, self.until);
        write!(f, "{:02}:{:02}-{:02}:{:02}", a.hour(), a.minute(), b.hour(), b.minute())
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hours, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A day of the week, as files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// The calendar's weekday.
    pub fn weekday(self) -> Weekday {
        match self {
            Day::Mon => Weekday::Monday,
            Day::Tue => Weekday::Tuesday,
            Day::Wed => Weekday::Wednesday,
            Day::Thu => Weekday::Thursday,
            Day::Fri => Weekday::Friday,
            Day::Sat => Weekday::Saturday,
            Day::Sun => Weekday::Sunday,
        }
    }
}

/// A day of the year, `03-31`. 29 February exists and falls on 28 February in other years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31.
    pub day: i8,
}

impl MonthDay {
    /// The day in a year.
    pub fn in_year(self, year: i16) -> Date {
        let first = Date::new(year.clamp(-9999, 9999), self.month, 1).expect("the month was checked");
        let last = first.days_in_month();
        Date::new(first.year(), self.month, self.day.min(last)).expect("the day was checked")
    }

    /// The first such day on or after `day`.
    pub fn on_or_after(self, day: Date) -> Date {
        let this = self.in_year(day.year());
        if this >= day || day.year() == 9999 { this } else { self.in_year(day.year() + 1) }
    }
}

impl FromStr for MonthDay {
    type Err = String;

    fn from_str(text: &str) -> Result<MonthDay, String> {
        let no = || format!("'{text}' is not a day of the year: write month and day, such as 03-31");
        // A birthday may come with its year.
        let text = if text.len() == 10 { text.get(5..).ok_or_else(no)? } else { text };
        let (month, day) = text.split_once('-').ok_or_else(no)?;
        let (month, day) = (month.parse().map_err(|_| no())?, day.parse().map_err(|_| no())?);
        Date::new(2000, month, day).map_err(|_| no())?;
        Ok(MonthDay { month, day })
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MonthDay, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An instant with its day and clock in the zone, computed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// The day in the zone.
    pub day: Date,
    /// The clock in the zone.
    pub clock: Time,
}

impl Moment {
    /// An instant as the zone sees it.
    pub fn new(at: Timestamp, zone: &TimeZone) -> Moment {
        let civil = zone.to_datetime(at);
        Moment { at, day: civil.date(), clock: civil.time() }
    }
}

/// The last instant of a period rounded up: the first instant of the next day, month or year in the zone, where
/// `at` is not one already.
pub fn round_up(at: Timestamp, period: Period, zone: &TimeZone) -> Timestamp {
    let zoned: Zoned = at.to_zoned(zone.clone());
    let day = zoned.date();
    if start_of(period.first_day(day), zone) == at { at } else { start_of(period.next_first_day(day), zone) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_end_on_the_last_day_where_the_day_does_not_exist() {
        let utc = TimeZone::UTC;
        for (from, length, to) in [
            ("2026-01-31T10:00:00Z", "1M", "2026-02-28T10:00:00Z"),
            ("2028-01-31T10:00:00Z", "1M", "2028-02-29T10:00:00Z"),
            ("2024-02-29T00:00:00Z", "1Y", "2025-02-28T00:00:00Z"),
            ("2026-07-20T00:00:00Z", "30D", "2026-08-19T00:00:00Z"),
            ("2026-07-20T00:00:00Z", "90m", "2026-07-20T01:30:00Z"),
        ] {
            assert_eq!(length.parse::<Length>().unwrap().after(at(from), &utc), at(to), "{from} + {length}");
        }
    }

    #[test]
    fn a_day_is_a_day_of_the_zone_across_a_clock_change() {
        let day: Length = "1D".parse().unwrap();
        let paris = zone("Europe/Paris");
        // 29 March 2026 has 23 hours in Paris.
        assert_eq!(day.after(at("2026-03-28T12:00:00Z"), &paris), at("2026-03-29T11:00:00Z"));
        assert_eq!(start_of(date(2026, 3, 30), &paris), at("2026-03-29T22:00:00Z"));
        // Midnight does not exist on 6 September 2026 in Santiago: the day begins at one.
        assert_eq!(
            day_of(start_of(date(2026, 9, 6), &zone("America/Santiago")), &zone("America/Santiago")).day(),
            6
        );
    }

    #[test]
    fn bad_lengths_are_refused() {
        for bad in ["", "D", "5", "5d", "-5D", "+5D", "5.5D", "101Y", "99999999999D", "५D"] {
            assert!(bad.parse::<Length>().is_err(), "{bad}");
        }
    }

    #[test]
    fn windows_of_the_day_may_run_over_midnight() {
        let clock = |text: &str| text.parse::<Time>().unwrap();
        let morning: Hours = "07:00-09:30".parse().unwrap();
        assert!(morning.holds(clock("07:00:00")) && !morning.holds(clock("09:30:00")));
        let night: Hours = "22:00-02:00".parse().unwrap();
        assert!(
            night.holds(clock("23:59:59"))
                && night.holds(clock("01:00:00"))
                && !night.holds(clock("02:00:00"))
        );
        let evening: Hours = "18:00-24:00".parse().unwrap();
        assert!(evening.holds(clock("23:59:59")) && !evening.holds(clock("00:00:00")));
        assert!("7-9".parse::<Hours>().is_err());
    }

    #[test]
    fn the_leap_day_falls_on_the_28th_in_other_years() {
        let leap: MonthDay = "1992-02-29".parse().unwrap();
        assert_eq!(leap.in_year(2026), date(2026, 2, 28));
        assert_eq!(leap.in_year(2028), date(2028, 2, 29));
        assert_eq!(leap.on_or_after(date(2026, 3, 1)), date(2027, 2, 28));
        assert!("02-30".parse::<MonthDay>().is_err() && "2-é9".parse::<MonthDay>().is_err());
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(Period::Week.first_day(date(2026, 3, 15)), date(2026, 3, 9));
        assert_eq!(Period::Week.next_first_day(date(2026, 3, 9)), date(2026, 3, 16));
        assert_eq!(Period::Month.next_first_day(date(2026, 12, 31)), date(2027, 1, 1));
    }

    #[test]
    fn ends_round_up_and_stay_where_they_are_round() {
        let hcm = zone("Asia/Ho_Chi_Minh");
        assert_eq!(round_up(at("2026-05-10T05:00:00Z"), Period::Month, &hcm), at("2026-05-31T17:00:00Z"));
        assert_eq!(round_up(at("2026-05-31T17:00:00Z"), Period::Month, &hcm), at("2026-05-31T17:00:00Z"));
        assert_eq!(round_up(at("2026-05-10T17:00:00Z"), Period::Day, &hcm), at("2026-05-10T17:00:00Z"));
    }
}
