//! Amounts as others send them, numbers or texts, into whole minor units; and sums shared out to the unit.

use domain::money::Decimal;
use serde_json::Value;

/// The text of a number or of a text that is one; nothing where nothing was said. A JSON number is read as it is
/// written: up to 15 digits, which is what such numbers keep, come out as they went in.
fn text(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        other => Err(format!("{other} is no number")),
    }
}

/// A number of `scale` digits after the point as a whole number of its last place.
fn scaled(value: &Value, scale: u32) -> Result<Option<i64>, String> {
    let Some(text) = text(value)? else { return Ok(None) };
    let number = Decimal::parse(&text).map_err(|no| no.to_string())?;
    number.rescale(scale).map(Some).ok_or_else(|| format!("'{text}' is too large"))
}

/// Minor units of a currency with so many decimals.
pub fn minor(value: &Value, decimals: u32) -> Result<Option<i64>, String> {
    scaled(value, decimals)
}

/// Thousandths of a unit.
pub fn milli(value: &Value) -> Result<Option<i64>, String> {
    scaled(value, 3)
}

/// Price times quantity in minor units, rounded once.
pub fn times(price: &Value, quantity: &Value, decimals: u32) -> Result<i64, String> {
    let number = |value: &Value, absent: &str| {
        let text = text(value)?.unwrap_or_else(|| absent.to_owned());
        Decimal::parse(&text).map_err(|no| no.to_string())
    };
    let product = number(price, "0")?.times(number(quantity, "1")?, decimals);
    product.ok_or_else(|| format!("{price} × {quantity} is too large"))
}

/// Share `sum` out in proportion to `weights`: whole units, which add up to it exactly; what rounding leaves goes to the
/// largest remainders, the first of equals. Where nothing weighs anything the first has it all.
pub fn share_out(sum: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from((*weight).max(0))).sum();
    if whole == 0 {
        let mut all = vec![0; weights.len()];
        if let Some(first) = all.first_mut() {
            *first = sum;
        }
        return all;
    }
    let exact = |weight: &i64| i128::from(sum) * i128::from((*weight).max(0));
    let mut shares: Vec<i64> = weights.iter().map(|weight| exact(weight).div_euclid(whole) as i64).collect();
    let mut places: Vec<usize> = (0..weights.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(exact(&weights[*place]).rem_euclid(whole)));
    let left = sum - shares.iter().sum::<i64>();
    for place in places.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[place] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn amounts_are_read_from_their_text() {
        for (value, decimals, expected) in [
            (json!(19.99), 2, Ok(Some(1999))),
            (json!("19.99"), 2, Ok(Some(1999))),
            (json!(118000), 0, Ok(Some(118_000))),
            (json!(118000.0), 0, Ok(Some(118_000))),
            (json!(0.1), 3, Ok(Some(100))),
            (json!(null), 2, Ok(None)),
            (json!(""), 2, Ok(None)),
        ] {
            assert_eq!(minor(&value, decimals), expected, "{value}");
        }
        for bad in [json!("1,5"), json!(true), json!([]), json!(1e30)] {
            assert!(minor(&bad, 2).is_err(), "{bad}");
        }
        assert_eq!(times(&json!(0.333), &json!(3), 2), Ok(100));
        assert_eq!(times(&json!("5"), &json!(null), 2), Ok(500));
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(share_out(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(share_out(5, &[0, 0]), [5, 0]);
        assert_eq!(share_out(0, &[3, 4]), [0, 0]);
        assert_eq!(share_out(7, &[]), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_in_sharing(sum in 0i64..1_000_000_000_000, weights in prop::collection::vec(0i64..1_000_000_000, 1..20)) {
            let shares = share_out(sum, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), sum);
            let whole: i64 = weights.iter().sum();
            if whole > 0 && sum <= whole {
                prop_assert!(shares.iter().zip(&weights).all(|(share, weight)| share <= weight));
            }
        }
    }
}
