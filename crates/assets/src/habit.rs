//! Numbers, money and days as the reader is used to writing them.
//!
//! Patterns follow CLDR for en, vi, zh and zh-Hant, with some liberty: amounts are named with the unit people say aloud
//! (1.84 bn, 1,84 tỷ, 18.4 亿, 18.4 億), the sign of the đồng stands behind the amount in every language but Chinese, and
//! the dollars of Taiwan and Hong Kong say whose they are.

use crate::Lang;
use jiff::civil::{Date, DateTime};

/// A space that does not break a line.
const NBSP: char = '\u{a0}';
/// The minus of print, as wide as a plus.
const MINUS: char = '−';
/// Between the ends of an interval.
const TO: char = '–';
/// No line breaks here, and nothing is seen.
const JOINED: char = '\u{2060}';

/// How one reader writes numbers, and what money is counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    lang: Lang,
    currency: String,
    decimals: u32,
}

impl Habit {
    /// `currency` is an ISO 4217 code (`XXX` for none), `decimals` its digits after the point.
    pub fn new(lang: Lang, currency: &str, decimals: u32) -> Habit {
        Habit { lang, currency: currency.to_owned(), decimals: decimals.min(6) }
    }

    /// The reader's language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A number with `digits` after the point: `2,318.5`, `2.318,5`.
    pub fn number(&self, value: f64, digits: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let plain = format!("{:.digits$}", value.abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let (group, point) = match self.lang {
            Lang::Vi => ('.', ','),
            Lang::En | Lang::Zh | Lang::ZhHant => (',', '.'),
        };
        let mut text = String::new();
        if value < 0.0 && plain.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
            text.push(MINUS);
        }
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// A whole number: `2,318`.
    pub fn count(&self, value: i64) -> String {
        // Exact below 2^53; beyond, the last digits are not worth a second formatter.
        self.number(value as f64, 0)
    }

    /// A share of 0..1 as per cent: `31%`, with `digits` after the point.
    pub fn percent(&self, share: f64, digits: usize) -> String {
        format!("{}%", self.number(share * 100.0, digits))
    }

    /// A probability in whole per cent, never certain: `>99%`, `<1%`.
    pub fn chance(&self, probability: f64) -> String {
        match probability {
            p if p > 0.995 => ">99%".to_owned(),
            p if p < 0.005 => "<1%".to_owned(),
            p => self.percent(p, 0),
        }
    }

    /// The ends of an interval of shares: `28–34%`.
    pub fn percent_range(&self, low: f64, high: f64, digits: usize) -> String {
        let (low, high) = (self.number(low * 100.0, digits), self.number(high * 100.0, digits));
        format!("{}%", join(&low, &high))
    }

    /// A figure and what belongs to it, in the reader's brackets: `63% (60–66%)`, `63%（60–66%）`.
    pub fn aside(&self, figure: &str, beside: &str) -> String {
        match self.lang {
            Lang::En | Lang::Vi => format!("{figure}{NBSP}({beside})"),
            Lang::Zh | Lang::ZhHant => format!("{figure}（{beside}）"),
        }
    }

    /// The ends of an interval of numbers: `2,214–2,421`.
    pub fn number_range(&self, low: f64, high: f64, digits: usize) -> String {
        join(&self.number(low, digits), &self.number(high, digits))
    }

    /// A change with its sign: `+4%`, `−4%`; no sign on what rounds to nothing.
    pub fn signed_percent(&self, share: f64, digits: usize) -> String {
        self.signed(self.percent(share, digits), share > 0.0)
    }

    /// A difference of shares in whole percentage points, with its sign: `+24`, `−2`.
    pub fn points(&self, difference: f64) -> String {
        self.signed(self.number(difference * 100.0, 0), difference > 0.0)
    }

    /// An amount to the last minor unit: `118,000 ₫`, `$19.99`.
    pub fn money(&self, minor: i64) -> String {
        let value = self.major(minor);
        self.with_sign(&self.number(value, self.decimals as usize))
    }

    /// An amount to three digits, in the unit people say aloud: `1.84 bn ₫`, `1,84 tỷ ₫`, `₫18.4 亿`.
    pub fn short_money(&self, minor: i64) -> String {
        let value = self.major(minor);
        let unit = self.unit(value.abs());
        let digits = self.digits(&[value], &unit, value.abs());
        self.with_sign(&named(self.number(value / unit.size, digits), &unit))
    }

    /// The ends of an interval of amounts, in one unit: `41–55 M ₫`.
    pub fn short_money_range(&self, low_minor: i64, high_minor: i64) -> String {
        let (low, high) = (self.major(low_minor), self.major(high_minor));
        let largest = low.abs().max(high.abs());
        let unit = self.unit(largest);
        let digits = self.digits(&[low, high], &unit, largest);
        let range = join(&self.number(low / unit.size, digits), &self.number(high / unit.size, digits));
        self.with_sign(&named(range, &unit))
    }

    /// A change in money with its sign: `+110.9 M ₫`.
    pub fn signed_short_money(&self, minor: i64) -> String {
        self.signed(self.short_money(minor), minor > 0)
    }

    /// A day: `31 Oct 2026`, `31/10/2026`, `2026年10月31日`.
    pub fn day(&self, day: Date) -> String {
        match self.lang {
            Lang::En => format!("{}{NBSP}{}{NBSP}{}", day.day(), month_name(day), day.year()),
            Lang::Vi => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
            Lang::Zh | Lang::ZhHant => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        }
    }

    /// A day without its year: `31 Oct`, `31/10`, `10月31日`.
    pub fn day_of_year(&self, day: Date) -> String {
        match self.lang {
            Lang::En => format!("{}{NBSP}{}", day.day(), month_name(day)),
            Lang::Vi => format!("{:02}/{:02}", day.day(), day.month()),
            Lang::Zh | Lang::ZhHant => format!("{}月{}日", day.month(), day.day()),
        }
    }

    /// A moment: `31 Oct 2026, 18:02`, `18:02 31/10/2026`, `2026年10月31日 18:02`.
    pub fn moment(&self, at: DateTime) -> String {
        let (day, time) = (self.day(at.date()), format!("{:02}:{:02}", at.hour(), at.minute()));
        match self.lang {
            Lang::En => format!("{day}, {time}"),
            Lang::Vi => format!("{time}{NBSP}{day}"),
            Lang::Zh | Lang::ZhHant => format!("{day}{NBSP}{time}"),
        }
    }

    /// A month: `Nov 2025`, `11/2025`, `2025年11月`.
    pub fn month(&self, day: Date) -> String {
        match self.lang {
            Lang::En => format!("{}{NBSP}{}", month_name(day), day.year()),
            Lang::Vi => format!("{:02}/{}", day.month(), day.year()),
            Lang::Zh | Lang::ZhHant => format!("{}年{}月", day.year(), day.month()),
        }
    }

    /// A month on an axis: the year only where it changes or is first: `Nov 2025`, `Dec`, `Jan 2026`.
    pub fn months_on_axis(&self, days: &[Date]) -> Vec<String> {
        let mut year = None;
        days.iter()
            .map(|&day| {
                if year.replace(day.year()) != Some(day.year()) {
                    return self.month(day);
                }
                match self.lang {
                    Lang::En => month_name(day).to_owned(),
                    Lang::Vi => format!("{:02}", day.month()),
                    Lang::Zh | Lang::ZhHant => format!("{}月", day.month()),
                }
            })
            .collect()
    }

    /// Days from `from` to the day before `until`; whole months by the month, whole years by the year.
    pub fn period(&self, from: Date, until: Date) -> String {
        let Ok(last) = until.yesterday() else { return self.day(from) };
        if last <= from {
            return self.day(from);
        }
        let between = match self.lang {
            Lang::Zh | Lang::ZhHant => "至",
            Lang::En | Lang::Vi => "\u{a0}– ",
        };
        if from.day() != 1 || until.day() != 1 {
            return format!("{}{between}{}", self.day(from), self.day(last));
        }
        if from.month() == 1 && last.month() == 12 {
            let (first, last) = (from.year(), last.year());
            let year = |number: i16| {
                if self.lang.is_chinese() { format!("{number}年") } else { number.to_string() }
            };
            return if first == last {
                year(first)
            } else {
                format!("{}{between}{}", year(first), year(last))
            };
        }
        if (from.year(), from.month()) == (last.year(), last.month()) {
            return self.month(from);
        }
        if from.year() == last.year() {
            return match self.lang {
                Lang::En => format!("{}{between}{}", month_name(from), self.month(last)),
                Lang::Vi => format!("{:02}{between}{}", from.month(), self.month(last)),
                Lang::Zh | Lang::ZhHant => format!("{}{between}{}月", self.month(from), last.month()),
            };
        }
        format!("{}{between}{}", self.month(from), self.month(last))
    }

    /// The sign of the currency, empty where nobody has named one.
    pub fn currency_sign(&self) -> &str {
        match self.currency.as_str() {
            "VND" => "₫",
            "USD" if matches!(self.lang, Lang::Vi | Lang::ZhHant) => "US$",
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "CNY" if self.lang != Lang::Zh => "CN¥",
            "CNY" => "¥",
            "JPY" if self.lang == Lang::Zh => "JP¥",
            "JPY" => "¥",
            "KRW" => "₩",
            "INR" => "₹",
            "THB" => "฿",
            "TWD" => "NT$",
            "HKD" => "HK$",
            "XXX" => "",
            code => code,
        }
    }

    /// The largest unit people say for amounts up to `largest_minor`, for an axis: how many minor units make one, and
    /// its name with the currency's sign: (1_000_000, "M ₫").
    pub fn axis_unit(&self, largest_minor: i64) -> (f64, String) {
        let unit = self.unit(self.major(largest_minor).abs());
        let scale = unit.size * 10f64.powi(self.decimals as i32);
        let name = [unit.name, self.currency_sign()].into_iter().filter(|part| !part.is_empty());
        (scale, name.collect::<Vec<_>>().join(" "))
    }

    fn major(&self, minor: i64) -> f64 {
        minor as f64 / 10f64.powi(self.decimals as i32)
    }

    fn signed(&self, text: String, is_positive: bool) -> String {
        let is_something = text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        if is_positive && is_something { format!("+{text}") } else { text }
    }

    fn with_sign(&self, amount: &str) -> String {
        let sign = self.currency_sign();
        let is_word = sign.bytes().all(|byte| byte.is_ascii_uppercase());
        let stands_before = match self.lang {
            Lang::Vi => false,
            Lang::En => !is_word && sign != "₫",
            Lang::Zh | Lang::ZhHant => !is_word,
        };
        match (sign, stands_before, amount.strip_prefix(MINUS)) {
            ("", _, _) => amount.to_owned(),
            (_, true, Some(rest)) => format!("{MINUS}{sign}{rest}"),
            (_, true, None) => format!("{sign}{amount}"),
            (_, false, _) => format!("{amount}{NBSP}{sign}"),
        }
    }

    fn unit(&self, largest: f64) -> Unit {
        let units: &[(f64, &'static str)] = match self.lang {
            Lang::En => &[(1e12, "tn"), (1e9, "bn"), (1e6, "M")],
            Lang::Vi => &[(1e12, "nghìn tỷ"), (1e9, "tỷ"), (1e6, "triệu")],
            Lang::Zh => &[(1e12, "万亿"), (1e8, "亿"), (1e4, "万")],
            Lang::ZhHant => &[(1e12, "兆"), (1e8, "億"), (1e4, "萬")],
        };
        // What would round up to a thousand of one unit is said in the next.
        let found = units.iter().find(|(size, _)| largest >= size * 0.9995);
        found.map_or(Unit { size: 1.0, name: "" }, |&(size, name)| Unit { size, name })
    }

    /// Digits after the point that make three in all, for the largest of what is written together; none where all are
    /// round: 41 M, not 41.0 M.
    fn digits(&self, values: &[f64], unit: &Unit, largest: f64) -> usize {
        let largest = largest / unit.size;
        if unit.size == 1.0 {
            return if largest >= 999.5 { 0 } else { self.decimals as usize };
        }
        let digits = match largest {
            largest if largest >= 99.95 => 0,
            largest if largest >= 9.995 => 1,
            _ => 2,
        };
        let step = 10f64.powi(digits);
        let is_round = |value: &f64| (value / unit.size * step).round() % step == 0.0;
        if values.iter().all(is_round) { 0 } else { digits as usize }
    }
}

struct Unit {
    size: f64,
    name: &'static str,
}

/// An amount with the name of its unit.
fn named(amount: String, unit: &Unit) -> String {
    if unit.name.is_empty() { amount } else { format!("{amount}{NBSP}{}", unit.name) }
}

/// The ends of an interval, never broken over two lines; with room around the dash where a minus stands near; one
/// number where both ends are written alike.
fn join(low: &str, high: &str) -> String {
    if low == high {
        low.to_owned()
    } else if low.starts_with(MINUS) || high.starts_with(MINUS) {
        format!("{low}{NBSP}{TO}{NBSP}{high}")
    } else {
        format!("{low}{TO}{JOINED}{high}")
    }
}

fn month_name(day: Date) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES[usize::from(day.month().unsigned_abs()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn plain(text: String) -> String {
        text.replace(NBSP, " ").replace(JOINED, "")
    }

    #[test]
    fn large_amounts_as_they_are_said() {
        let of = |lang, minor| plain(Habit::new(lang, "VND", 0).short_money(minor));
        for (minor, en, vi, zh, zh_hant) in [
            (1_842_000_000, "1.84 bn ₫", "1,84 tỷ ₫", "₫18.4 亿", "₫18.4 億"),
            (48_000_000, "48 M ₫", "48 triệu ₫", "₫4,800 万", "₫4,800 萬"),
            (999_900_000, "1 bn ₫", "1 tỷ ₫", "₫10 亿", "₫10 億"),
            (118_000, "118,000 ₫", "118.000 ₫", "₫11.8 万", "₫11.8 萬"),
            (-25_200_000, "−25.2 M ₫", "−25,2 triệu ₫", "−₫2,520 万", "−₫2,520 萬"),
            (0, "0 ₫", "0 ₫", "₫0", "₫0"),
            (3_100_000_000_000, "3.10 tn ₫", "3,10 nghìn tỷ ₫", "₫3.10 万亿", "₫3.10 兆"),
        ] {
            assert_eq!(Lang::ALL.map(|lang| of(lang, minor)), [en, vi, zh, zh_hant]);
        }
    }

    #[test]
    fn money_to_the_last_unit() {
        for (lang, code, decimals, minor, text) in [
            (Lang::En, "USD", 2, 1_999, "$19.99"),
            (Lang::En, "USD", 2, -1_999, "−$19.99"),
            (Lang::Vi, "USD", 2, 123_450, "1.234,50 US$"),
            (Lang::Zh, "CNY", 2, 123_450, "¥1,234.50"),
            (Lang::ZhHant, "CNY", 2, 123_450, "CN¥1,234.50"),
            (Lang::ZhHant, "USD", 2, 123_450, "US$1,234.50"),
            (Lang::ZhHant, "TWD", 0, 118_000, "NT$118,000"),
            (Lang::En, "TWD", 0, 118_000, "NT$118,000"),
            (Lang::En, "BHD", 3, 1_234, "1.234 BHD"),
            (Lang::En, "XXX", 2, 4_500, "45.00"),
            (Lang::Vi, "VND", 0, 118_000, "118.000 ₫"),
        ] {
            assert_eq!(plain(Habit::new(lang, code, decimals).money(minor)), text);
        }
    }

    #[test]
    fn an_interval_has_one_unit() {
        let en = Habit::new(Lang::En, "VND", 0);
        assert_eq!(plain(en.short_money_range(41_000_000, 55_000_000)), "41–55 M ₫");
        assert_eq!(plain(en.short_money_range(820_000_000, 1_090_000_000)), "0.82–1.09 bn ₫");
        assert_eq!(plain(en.short_money_range(-1_100_000, 2_400_000)), "−1.10 – 2.40 M ₫");
        assert_eq!(plain(en.short_money_range(9_200_000, 15_000_000)), "9.2–15.0 M ₫");
        assert_eq!(plain(en.short_money_range(0, 0)), "0 ₫");
        assert_eq!(plain(en.percent_range(0.281, 0.342, 0)), "28–34%");
        assert_eq!([en.chance(0.998), en.chance(0.5), en.chance(0.0)], [">99%", "50%", "<1%"]);
        assert_eq!(en.signed_percent(-0.04, 0), "−4%");
        assert_eq!(en.signed_percent(0.0004, 0), "0%");
    }

    #[test]
    fn days_and_periods() {
        for (lang, text) in [
            (Lang::En, "1 Nov 2025, 08:05"),
            (Lang::Vi, "08:05 01/11/2025"),
            (Lang::Zh, "2025年11月1日 08:05"),
            (Lang::ZhHant, "2025年11月1日 08:05"),
        ] {
            assert_eq!(plain(Habit::new(lang, "VND", 0).moment(date(2025, 11, 1).at(8, 5, 59, 0))), text);
        }
        let (from, until) = (date(2025, 11, 1), date(2026, 11, 1));
        for (lang, period, month, day) in [
            (Lang::En, "Nov 2025 – Oct 2026", "Nov 2025", "1 Nov 2025"),
            (Lang::Vi, "11/2025 – 10/2026", "11/2025", "01/11/2025"),
            (Lang::Zh, "2025年11月至2026年10月", "2025年11月", "2025年11月1日"),
            (Lang::ZhHant, "2025年11月至2026年10月", "2025年11月", "2025年11月1日"),
        ] {
            let habit = Habit::new(lang, "VND", 0);
            assert_eq!(plain(habit.period(from, until)), period);
            assert_eq!(plain(habit.period(from, date(2025, 12, 1))), month);
            assert_eq!(plain(habit.period(from, date(2025, 11, 2))), day);
        }
        let en = Habit::new(Lang::En, "VND", 0);
        assert_eq!(en.period(date(2025, 1, 1), date(2026, 1, 1)), "2025");
        assert_eq!(plain(en.period(date(2026, 5, 1), date(2026, 7, 1))), "May – Jun 2026");
        assert_eq!(en.months_on_axis(&[date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)])[2], "Feb");
    }

    #[test]
    fn numbers_that_are_none() {
        let vi = Habit::new(Lang::Vi, "VND", 0);
        assert_eq!(vi.number(f64::NAN, 1), "–");
        assert_eq!(vi.number(-0.04, 1), "0,0");
        assert_eq!(vi.number(1_234_567.891, 2), "1.234.567,89");
    }
}
