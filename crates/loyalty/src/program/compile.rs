//! A rule made ready: amounts in minor units, points in smallest units, conditions compiled.

use super::spec::{Earning, Scope};
use crate::condition::Condition;
use crate::name::Name;
use crate::number::{Number, Ratio};
use domain::Currency;

/// How a rule counts, in minor units and smallest units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    /// For every so much money.
    PerAmount {
        /// Minor units.
        every: i64,
        /// Smallest units of points, exactly.
        points: Ratio,
        /// Only whole multiples.
        whole: bool,
        /// Nothing below.
        minimum: i64,
        /// Per bill or per line.
        per: Scope,
    },
    /// By the band the amount falls in: from, below, points.
    Bands(Vec<(i64, Option<i64>, i64)>),
    /// For every unit bought.
    PerUnit(Ratio),
    /// So many a time, where the amount is at least the minimum.
    Fixed {
        /// Smallest units.
        points: i64,
        /// Minor units.
        minimum: i64,
    },
    /// A share of what other rules gave: the factor less one.
    Multiply {
        /// The rules.
        of: Vec<Name>,
        /// The factor less one.
        extra: Ratio,
    },
}

/// A cap: over what, at most so many smallest units, at most so many times.
pub type Cap = (super::spec::CapPer, Option<i64>, Option<u32>);

/// One version of an earning rule, compiled.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// As written.
    pub spec: Earning,
    /// The hash of its text, 12 hexadecimal digits: what an entry names as its rule's version.
    pub version: Name,
    /// Place of the wallet.
    pub wallet: usize,
    /// How it counts.
    pub quantity: Quantity,
    /// Condition on order, member, event.
    pub when: Option<Condition>,
    /// Condition on a line.
    pub lines: Option<Condition>,
    /// Factors by tier.
    pub by_tier: Vec<(Name, Ratio)>,
    /// The currency it counts in.
    pub currency: Currency,
    /// Its caps.
    pub caps: Vec<Cap>,
    /// Budgets in smallest units: points, period, per store.
    pub budgets: Vec<(i64, crate::time::Period, bool)>,
}

/// What is wrong with a number: the key, and the mend.
pub(super) type Wrong = (String, String);

fn minor(key: &str, number: Number, currency: Currency) -> Result<i64, Wrong> {
    number.units(currency.decimals()).filter(|minor| *minor >= 0).ok_or_else(|| {
        let what = format!("{key} = {number} is not an amount of {currency}");
        (what, format!("write an amount of zero or more with at most {} decimals", currency.decimals()))
    })
}

fn units(key: &str, number: Number, precision: u32) -> Result<i64, Wrong> {
    number.units(precision).filter(|units| *units > 0).ok_or_else(|| {
        let what = format!("{key} = {number} does not exist in a wallet of precision {precision}");
        (
            what,
            "write a number above zero with that many decimals, or raise the wallet's precision".to_owned(),
        )
    })
}

fn positive(key: &str, number: Number) -> Result<Ratio, Wrong> {
    let mend = || (format!("{key} = {number} is not above zero"), "write a number above zero".to_owned());
    number.is_positive().then(|| number.ratio()).ok_or_else(mend)
}

/// The quantity of a rule, from the one key that says it.
pub(super) fn quantity(spec: &Earning, precision: u32, currency: Currency) -> Result<Quantity, Wrong> {
    let said = [
        spec.per_amount.is_some(),
        !spec.bands.is_empty(),
        spec.per_unit.is_some(),
        spec.fixed.is_some(),
        spec.multiply.is_some(),
    ];
    if said.iter().filter(|said| **said).count() != 1 {
        return Err((
            format!(
                "rule '{}' says how many points in {} ways",
                spec.id,
                said.iter().filter(|s| **s).count()
            ),
            "give it exactly one of per_amount, bands, per_unit, fixed, multiply".to_owned(),
        ));
    }
    let scale = Ratio::new(10i128.pow(precision), 1).expect("one is not zero");
    let scaled = |key: &str, number: Number| {
        let too_large = || (format!("{key} = {number} is too large"), "write a smaller number".to_owned());
        positive(key, number)?.times(scale).ok_or_else(too_large)
    };
    if let Some(per) = &spec.per_amount {
        let every = minor("every", per.every, currency)?;
        if every == 0 {
            return Err(("every is zero".to_owned(), "write an amount above zero".to_owned()));
        }
        let minimum = per.minimum.map_or(Ok(0), |minimum| minor("minimum", minimum, currency))?;
        let points = scaled("points", per.points)?;
        return Ok(Quantity::PerAmount { every, points, whole: per.whole, minimum, per: per.per });
    }
    if let Some(per) = &spec.per_unit {
        return Ok(Quantity::PerUnit(scaled("points", per.points)?));
    }
    if let Some(fixed) = &spec.fixed {
        let minimum = fixed.minimum.map_or(Ok(0), |minimum| minor("minimum", minimum, currency))?;
        return Ok(Quantity::Fixed { points: units("points", fixed.points, precision)?, minimum });
    }
    if let Some(multiply) = &spec.multiply {
        let by = positive("by", multiply.by)?;
        let extra = Ratio::new(by.over() - by.under(), by.under()).filter(|extra| extra.over() > 0);
        let extra = extra.ok_or_else(|| {
            (
                format!("by = {} gives nothing extra", multiply.by),
                "write a number above 1, 2 to double".to_owned(),
            )
        })?;
        return Ok(Quantity::Multiply { of: multiply.of.clone(), extra });
    }
    bands(spec, precision, currency)
}

fn bands(spec: &Earning, precision: u32, currency: Currency) -> Result<Quantity, Wrong> {
    let mut bands: Vec<(i64, Option<i64>, i64)> = Vec::new();
    for (place, band) in spec.bands.iter().enumerate() {
        let from = minor("from", band.from, currency)?;
        let below = band.below.map(|below| minor("below", below, currency)).transpose()?;
        let zero = band.points.0.digits == 0;
        let points = if zero { 0 } else { units("points", band.points, precision)? };
        let is_last = place + 1 == spec.bands.len();
        if below.is_none() && !is_last {
            let mend = format!("give it below = \"{}\"", spec.bands[place + 1].from);
            return Err((format!("the band from {} has no end but is not the last", band.from), mend));
        }
        if below.is_some_and(|below| below <= from) {
            return Err((
                format!("the band from {} ends before it begins", band.from),
                "raise below".to_owned(),
            ));
        }
        if let Some((_, Some(end), _)) = bands.last() {
            let before = &spec.bands[place - 1];
            let until = before.below.map_or_else(String::new, |below| below.to_string());
            if *end < from {
                let what = format!("there is a gap between {until} and {}", band.from);
                return Err((
                    what,
                    format!("let the band begin where the one before ends: from = \"{until}\""),
                ));
            }
            if *end > from {
                let what = format!("the bands from {} and from {} overlap", before.from, band.from);
                return Err((
                    what,
                    format!("let the band begin where the one before ends: from = \"{until}\""),
                ));
            }
        }
        if let Some(below) = band.below.filter(|_| is_last) {
            return Err((
                format!("the last band ends at {below}: a larger bill would give nothing"),
                format!(
                    "leave below out of it, or add {{ from = \"{below}\", points = 0 }} if that is meant"
                ),
            ));
        }
        bands.push((from, below, points));
    }
    Ok(Quantity::Bands(bands))
}

/// The caps of a rule or reward in smallest units.
pub(super) fn caps(caps: &[super::spec::Cap], precision: u32) -> Result<Vec<Cap>, Wrong> {
    let one = |cap: &super::spec::Cap| {
        if cap.points.is_none() && cap.times.is_none() {
            return Err(("a cap limits nothing".to_owned(), "give it points or times".to_owned()));
        }
        let points = cap.points.map(|points| units("points", points, precision)).transpose()?;
        Ok((cap.per, points, cap.times))
    };
    caps.iter().map(one).collect()
}

/// The budgets of a rule in smallest units.
pub(super) fn budgets(
    spec: &Earning,
    precision: u32,
) -> Result<Vec<(i64, crate::time::Period, bool)>, Wrong> {
    let one = |budget: &super::spec::Budget| {
        Ok((units("points", budget.points, precision)?, budget.period, budget.per_store))
    };
    spec.budgets.iter().map(one).collect()
}

/// Factors by tier.
pub(super) fn by_tier(spec: &Earning) -> Result<Vec<(Name, Ratio)>, Wrong> {
    spec.by_tier.iter().map(|(tier, by)| Ok((tier.clone(), positive("by_tier", *by)?))).collect()
}

/// The version of a rule: the hash of its canonical text.
pub(super) fn version(spec: &Earning) -> Name {
    let text = serde_json::to_string(spec).expect("a rule is plain data");
    Name::new(&blake3::hash(text.as_bytes()).to_hex()[..12])
}
