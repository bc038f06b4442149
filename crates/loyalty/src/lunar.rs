//! Lunar days of festivals: Tết, mid-autumn, and whatever else a shop keeps, from 1980 to 2060.
//!
//! Vietnam reckons the new moon and the sun at UTC+7, China at UTC+8, so that once in a while Tết is a day (in 1985
//! a month) apart. The tables were computed from the mean new moon with Meeus's corrections and the apparent longitude
//! of the sun (J. Meeus, *Astronomical Algorithms*); China's agrees month by month with an independent almanac.

use crate::time::MonthDay;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Which almanac.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Almanac {
    /// UTC+7.
    #[default]
    Vietnam,
    /// UTC+8.
    China,
}

const FIRST_YEAR: i16 = 1980;

/// The Gregorian day of a lunar day of a lunar year (the ordinary month where there is a leap month too). The 30th of
/// a month of 29 days is its 29th. `None` outside 1980 to 2060.
pub fn gregorian(almanac: Almanac, year: i16, lunar: MonthDay) -> Option<Date> {
    let table = match almanac {
        Almanac::Vietnam => &VIETNAM,
        Almanac::China => &CHINA,
    };
    let row = *table.get(usize::try_from(year.checked_sub(FIRST_YEAR)?).ok()?)?;
    let (offset, leap, long) = (i64::from(row & 0x3f), (row >> 6) & 0xf, row >> 10);
    let length = |place: u32| if long >> place & 1 == 1 { 30 } else { 29 };
    let month = u32::try_from(lunar.month).ok()?;
    // A leap month stands after the month whose number it repeats.
    let place = if leap != 0 && month > leap { month } else { month - 1 };
    let before: i64 = (0..place).map(length).sum();
    let day = i64::from(lunar.day).min(length(place));
    Date::new(year, 1, 1).ok()?.checked_add((offset + before + day - 1).days()).ok()
}

/// The first such lunar day on or after `day`.
pub fn on_or_after(almanac: Almanac, lunar: MonthDay, day: Date) -> Option<Date> {
    let years = day.year().checked_sub(1)?..=day.year().checked_add(1)?;
    years.filter_map(|year| gregorian(almanac, year, lunar)).find(|found| *found >= day)
}

// One number a year: days from 1 January to lunar new year (6 bits), the leap month (4 bits), then one bit a month,
// set where the month has 30 days.

/// UTC+7, from 1980.
#[rustfmt::skip]
const VIETNAM: [u32; 81] = [
    0x36a42e, 0x364823, 0x749518, 0x34942b, 0x295420, 0x52b494, 0x12d827, 0x16d5dc, 0x1b542f,
    0x3b2424, 0x7a495a, 0x3a482d, 0x349822, 0x2958d6, 0x295c28, 0x555a1e, 0x15a831, 0x2d5425,
    0x5b255b, 0x1d242e, 0x1a4c23, 0x54ad17, 0x14ac2a, 0x296c1f, 0x556895, 0x15a827, 0x2d95dc,
    0x2e942f, 0x352425, 0x6a5559, 0x2a542c, 0x14b421, 0x2ab516, 0x2ad428, 0x56aa5e, 0x174831,
    0x369426, 0x75299b, 0x39282e, 0x325823, 0x64b918, 0x15582a, 0x2ad41f, 0x56c895, 0x1b4828,
    0x3a959c, 0x1c942f, 0x192c24, 0x325d59, 0x12ac2b, 0x156c20, 0x2b68d6, 0x2da829, 0x5d4ade,
    0x2e4831, 0x2c9426, 0x692d9b, 0x29342d, 0x12b422, 0x256d57, 0x16b42a, 0x2ea81f, 0x6d4895,
    0x364828, 0x7495dd, 0x34942f, 0x295424, 0x52b559, 0x12d82c, 0x1ad420, 0x36a8d6, 0x3b2829,
    0x3a4a1f, 0x3a4c30, 0x349826, 0x29599b, 0x296c2d, 0x156822, 0x2b5517, 0x2d542a, 0x1d2820,
];

/// UTC+8, from 1980.
#[rustfmt::skip]
const CHINA: [u32; 81] = [
    0x36a42e, 0x364823, 0x749518, 0x34942b, 0x6936a0, 0x295832, 0x0ad827, 0x16d59c, 0x1b542f,
    0x3aa424, 0x7a495a, 0x3a482d, 0x349822, 0x2958d6, 0x295c28, 0x535a1e, 0x0d6831, 0x1b5425,
    0x5b255b, 0x1d242e, 0x1a4c23, 0x54ad17, 0x14ac2a, 0x296c1f, 0x556895, 0x15a827, 0x6d55dc,
    0x2e9030, 0x2d2425, 0x6a4d59, 0x2a542c, 0x14b421, 0x2ab516, 0x2ad428, 0x56aa5e, 0x174831,
    0x369426, 0x75299b, 0x35282e, 0x325423, 0x54b918, 0x15582a, 0x2ad41f, 0x56c895, 0x1b4828,
    0x3a959c, 0x1c942f, 0x192c24, 0x325d59, 0x32ac2b, 0x156821, 0x2b58d6, 0x2da429, 0x5d4ade,
    0x2d4831, 0x2c9426, 0x692d9b, 0x292c2d, 0x12ac22, 0x156d57, 0x16b42a, 0x2da81f, 0x6d4895,
    0x364828, 0x7495dd, 0x34942f, 0x295424, 0x52b559, 0x12d82c, 0x16d420, 0x36a8d6, 0x3b2429,
    0x7a4a1f, 0x3a4831, 0x349826, 0x29599b, 0x295c2d, 0x155822, 0x1b5517, 0x1d542a, 0x1d2420,
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn lunar(text: &str) -> MonthDay {
        text.parse().unwrap()
    }

    #[test]
    fn new_year_falls_on_its_published_day() {
        for (year, day) in [
            (1984, date(1984, 2, 2)),
            (2017, date(2017, 1, 28)),
            (2020, date(2020, 1, 25)),
            (2023, date(2023, 1, 22)),
            (2024, date(2024, 2, 10)),
            (2025, date(2025, 1, 29)),
            (2026, date(2026, 2, 17)),
            (2027, date(2027, 2, 6)),
            (2028, date(2028, 1, 26)),
        ] {
            assert_eq!(gregorian(Almanac::Vietnam, year, lunar("01-01")), Some(day), "Vietnam {year}");
            assert_eq!(gregorian(Almanac::China, year, lunar("01-01")), Some(day), "China {year}");
        }
    }

    #[test]
    fn the_two_almanacs_differ_where_history_says_so() {
        for (year, vietnam, china) in [
            (1985, date(1985, 1, 21), date(1985, 2, 20)),
            (2007, date(2007, 2, 17), date(2007, 2, 18)),
            (2030, date(2030, 2, 2), date(2030, 2, 3)),
        ] {
            assert_eq!(gregorian(Almanac::Vietnam, year, lunar("01-01")), Some(vietnam));
            assert_eq!(gregorian(Almanac::China, year, lunar("01-01")), Some(china));
        }
    }

    #[test]
    fn mid_autumn_knows_the_leap_month() {
        for (year, day) in [
            (2020, date(2020, 10, 1)),
            (2023, date(2023, 9, 29)),
            (2024, date(2024, 9, 17)),
            (2025, date(2025, 10, 6)),
            (2026, date(2026, 9, 25)),
        ] {
            assert_eq!(gregorian(Almanac::China, year, lunar("08-15")), Some(day), "{year}");
        }
    }

    #[test]
    fn the_next_one_is_found_over_new_year_and_outside_there_is_none() {
        let tet = lunar("01-01");
        assert_eq!(on_or_after(Almanac::Vietnam, tet, date(2026, 2, 17)), Some(date(2026, 2, 17)));
        assert_eq!(on_or_after(Almanac::Vietnam, tet, date(2026, 2, 18)), Some(date(2027, 2, 6)));
        // The 23rd of the 12th month of lunar 2025 is in Gregorian 2026.
        assert_eq!(on_or_after(Almanac::Vietnam, lunar("12-23"), date(2026, 1, 1)), Some(date(2026, 2, 10)));
        assert_eq!(gregorian(Almanac::China, 1979, tet), None);
        assert_eq!(gregorian(Almanac::China, 2061, tet), None);
        assert_eq!(on_or_after(Almanac::China, tet, Date::MAX), None);
    }
}
