//! When a high street is busy: weekdays, months, and the lunar new year.

use jiff::civil::{Date, Weekday};

/// First days of the lunar new year, 2015 to 2035 (Vietnam and China agree in all of them).
const NEW_YEARS: [(i16, i8, i8); 21] = [
    (2015, 2, 19),
    (2016, 2, 8),
    (2017, 1, 28),
    (2018, 2, 16),
    (2019, 2, 5),
    (2020, 1, 25),
    (2021, 2, 12),
    (2022, 2, 1),
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
    (2032, 2, 11),
    (2033, 1, 31),
    (2034, 2, 19),
    (2035, 2, 8),
];

/// How busy a day is, 1 on average over the whole span, and the running total of it.
#[derive(Debug, Clone)]
pub struct Season {
    /// Busy time elapsed at the start of each day, in days; one entry more than there are days.
    elapsed: Vec<f64>,
}

impl Season {
    /// The season of `days` from the first day. `strength` 0 makes all days alike.
    pub fn new(dates: &[Date], strength: f64) -> Season {
        let factors: Vec<f64> = dates.iter().map(|date| factor(*date).powf(strength)).collect();
        let mean = factors.iter().sum::<f64>() / factors.len().max(1) as f64;
        let mut elapsed = Vec::with_capacity(dates.len() + 1);
        let mut sum = 0.0;
        elapsed.push(sum);
        for factor in factors {
            sum += factor / mean;
            elapsed.push(sum);
        }
        Season { elapsed }
    }

    /// Busy time elapsed at a moment, both in days from the start.
    pub fn busy_at(&self, day: f64) -> f64 {
        let whole = (day.floor() as usize).min(self.elapsed.len() - 2);
        let width = self.elapsed[whole + 1] - self.elapsed[whole];
        self.elapsed[whole] + (day - whole as f64) * width
    }

    /// The moment at which so much busy time has elapsed; `None` after the end.
    pub fn day_at(&self, busy: f64) -> Option<f64> {
        let after = self.elapsed.partition_point(|elapsed| *elapsed <= busy);
        let below = after.checked_sub(1)?;
        let above = self.elapsed.get(after)?;
        Some(below as f64 + (busy - self.elapsed[below]) / (above - self.elapsed[below]))
    }
}

fn factor(date: Date) -> f64 {
    let weekday = match date.weekday() {
        Weekday::Monday => 0.88,
        Weekday::Tuesday => 0.90,
        Weekday::Wednesday => 0.94,
        Weekday::Thursday => 0.97,
        Weekday::Friday => 1.08,
        Weekday::Saturday => 1.20,
        Weekday::Sunday => 1.10,
    };
    // The rainy months are quiet and the year's end is not.
    let month = [1.02, 1.0, 0.98, 0.97, 0.97, 0.95, 0.94, 0.95, 0.98, 1.02, 1.06, 1.14];
    weekday * month[(date.month() - 1) as usize] * new_year(date)
}

/// Two weeks of buying before the lunar new year, four days of closed shutters, a slow week after.
fn new_year(date: Date) -> f64 {
    let days_after = NEW_YEARS
        .iter()
        .filter_map(|(year, month, day)| Date::new(*year, *month, *day).ok())
        .filter_map(|first| first.until(date).ok())
        .map(|span| span.get_days())
        .min_by_key(|days| days.abs());
    match days_after {
        Some(days @ -14..=-1) => 1.9 + 0.05 * f64::from(days),
        Some(0..=3) => 0.15,
        Some(4..=10) => 0.85,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates() -> Vec<Date> {
        Date::constant(2024, 7, 1).series(jiff::ToSpan::days(1)).take(546).collect()
    }

    #[test]
    fn the_week_before_the_new_year_is_busy_and_the_day_itself_is_not() {
        let season = Season::new(&dates(), 1.0);
        let busy = |month, day| {
            let index = dates().iter().position(|d| *d == Date::constant(2025, month, day)).unwrap();
            season.elapsed[index + 1] - season.elapsed[index]
        };
        assert!(busy(1, 27) > 1.5 * busy(12, 1));
        assert!(busy(1, 29) < 0.2 * busy(1, 27));
    }

    #[test]
    fn busy_time_and_days_are_each_others_inverse_and_agree_at_both_ends() {
        let season = Season::new(&dates(), 1.0);
        for day in [0.0, 0.5, 17.25, 211.9, 545.99] {
            assert!((season.day_at(season.busy_at(day)).unwrap() - day).abs() < 1e-9);
        }
        assert!((season.busy_at(546.0) - 546.0).abs() < 1e-9);
        assert_eq!(season.day_at(546.1), None);
        let flat = Season::new(&dates(), 0.0);
        assert!((flat.busy_at(100.5) - 100.5).abs() < 1e-9);
    }
}
