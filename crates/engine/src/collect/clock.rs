//! The shop's clock: from the civil times of cells to instants and to days of the shop.

use super::when::{DAY_MICROS, Moment, civil_of};
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// From civil times to instants in one zone, remembering what it found out.
pub(super) struct Clockwork {
    zone: Option<TimeZone>,
    /// (quarter of an hour, offset in seconds) at `quarter % SLOTS`; an offset never changes within a quarter.
    offsets: Vec<(i64, i32)>,
}

const SLOTS: usize = 4_096;
const QUARTER: i64 = 900_000_000;

impl Clockwork {
    pub(super) fn new(zone: Option<TimeZone>) -> Clockwork {
        let slots = if zone.is_some() { SLOTS } else { 0 };
        Clockwork { zone, offsets: vec![(i64::MIN, 0); slots] }
    }

    /// The instant (UTC microseconds) and the shop's local day. Without a zone the cell's own clock is the shop's.
    pub(super) fn place(&mut self, moment: Moment) -> (i64, i32) {
        let Some(zone) = &self.zone else {
            let instant = moment.civil_micros - i64::from(moment.offset_seconds.unwrap_or(0)) * 1_000_000;
            return (instant, moment.civil_micros.div_euclid(DAY_MICROS) as i32);
        };
        if let Some(offset) = moment.offset_seconds {
            let instant = moment.civil_micros - i64::from(offset) * 1_000_000;
            let local =
                jiff::Timestamp::from_microsecond(instant).map_or(0, |stamp| zone.to_offset(stamp).seconds());
            return (instant, (instant + i64::from(local) * 1_000_000).div_euclid(DAY_MICROS) as i32);
        }
        let quarter = moment.civil_micros.div_euclid(QUARTER);
        let slot = quarter.rem_euclid(SLOTS as i64) as usize;
        if self.offsets[slot].0 != quarter {
            self.offsets[slot] = (quarter, local_offset(zone, moment.civil_micros).seconds());
        }
        let instant = moment.civil_micros - i64::from(self.offsets[slot].1) * 1_000_000;
        (instant, moment.civil_micros.div_euclid(DAY_MICROS) as i32)
    }
}

/// The offset at a local time: in a fold the earlier one, in a gap the one before it (RFC 5545's rule).
fn local_offset(zone: &TimeZone, civil_micros: i64) -> Offset {
    let day = civil_micros.div_euclid(DAY_MICROS);
    let seconds = civil_micros.rem_euclid(DAY_MICROS) / 1_000_000;
    let (year, month, date) = civil_of(day);
    let (Ok(year), hour) = (i16::try_from(year), (seconds / 3_600) as i8) else { return Offset::UTC };
    let Ok(civil) = civil::DateTime::new(
        year,
        month as i8,
        date as i8,
        hour,
        (seconds / 60 % 60) as i8,
        (seconds % 60) as i8,
        0,
    ) else {
        return Offset::UTC;
    };
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::when::{DateOrder, day_number, read};

    #[test]
    fn local_times_become_instants() {
        let mut saigon = Clockwork::new(Some(TimeZone::get("Asia/Ho_Chi_Minh").unwrap()));
        let moment = read("2024-02-13 06:30:00", DateOrder::Ymd).unwrap();
        let (instant, day) = saigon.place(moment);
        assert_eq!(instant, moment.civil_micros - 7 * 3_600_000_000);
        assert_eq!(day as i64, day_number(2024, 2, 13).unwrap());
        let zulu = read("2024-02-13T20:00:00Z", DateOrder::Ymd).unwrap();
        assert_eq!(saigon.place(zulu).1 as i64, day_number(2024, 2, 14).unwrap());
        // Clocks in New York went from 02:00 to 03:00 on 2024-03-10; 02:30 is read with the offset before the gap.
        let mut york = Clockwork::new(Some(TimeZone::get("America/New_York").unwrap()));
        let gap = read("2024-03-10 02:30:00", DateOrder::Ymd).unwrap();
        assert_eq!(york.place(gap).0 - gap.civil_micros, 5 * 3_600_000_000);
    }
}
