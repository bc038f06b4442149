//! The signature: an estimate as a stroke, its interval as a band, on a scale that begins at zero.

/// A line with a band for `low ≤ value ≤ high`, as SVG as wide as its place. It repeats what stands beside it as text,
/// so it is hidden from readers that speak. The scale runs from zero (or the lowest negative) to a little beyond the
/// highest; shares run to one.
pub fn doubt(low: f64, value: f64, high: f64) -> String {
    let is_share = low >= 0.0 && high <= 1.0;
    doubt_within(low, value, high, if is_share { 1.0 } else { high * 1.15 })
}

/// The same on a scale that ends at `largest`, so that rows of a table can be compared.
pub fn doubt_within(low: f64, value: f64, high: f64, largest: f64) -> String {
    if ![low, value, high, largest].iter().all(|end| end.is_finite()) {
        return String::new();
    }
    let from = if low < 0.0 { low * 1.15 } else { 0.0 };
    let to = largest.max(0.0);
    let width = if to > from { to - from } else { 1.0 };
    let place = |number: f64| format!("{:.2}%", ((number - from) / width * 100.0).clamp(0.0, 100.0));
    let band = format!("{:.2}%", ((high - low) / width * 100.0).clamp(0.6, 100.0));
    let zero = if from < 0.0 {
        format!(r#"<line class="zero" x1="{0}" x2="{0}" y1="1" y2="11"/>"#, place(0.0))
    } else {
        String::new()
    };
    format!(
        concat!(
            r#"<svg class="doubt" width="100%" height="12" aria-hidden="true" focusable="false">"#,
            r#"<line class="rule" x1="0" x2="100%" y1="6" y2="6"/>{}"#,
            r#"<rect class="band" x="{}" y="3" width="{}" height="6" rx="3"/>"#,
            r#"<line class="stroke" x1="{3}" x2="{3}" y1="0" y2="12"/></svg>"#
        ),
        zero,
        place(low),
        band,
        place(value)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_begins_at_zero_and_shares_end_at_one() {
        let share = doubt(0.28, 0.31, 0.34);
        assert!(share.contains(r#"x="28.00%""#) && share.contains(r#"width="6.00%""#), "{share}");
        let amount = doubt(50.0, 80.0, 100.0);
        assert!(amount.contains(r#"x1="69.57%""#), "{amount}");
        assert!(doubt(-1.0, 0.5, 2.0).contains("zero"));
        assert_eq!(doubt(f64::NAN, 0.0, 1.0), "");
        assert!(doubt(0.0, 0.0, 0.0).contains("band"));
    }
}
