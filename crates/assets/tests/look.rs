//! The tokens of the look: what is written can be read, in both themes (WCAG 2.2, contrast AA).

use assets::Assets;
use std::collections::HashMap;

type Colour = [f64; 3];

/// Tokens of the light theme, and of the dark one over it.
fn themes() -> [HashMap<String, Colour>; 2] {
    let css = Assets::open(None).unwrap().text("static/look.css").unwrap().into_owned();
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let read = |text: &str| -> HashMap<String, Colour> {
        text.split(';')
            .filter_map(|declaration| {
                let (name, value) = declaration.rsplit_once("--")?.1.split_once(':')?;
                let hex = value.trim().strip_prefix('#').filter(|hex| hex.len() == 6)?;
                let part = |at: usize| Some(f64::from(u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?));
                Some((name.trim().to_owned(), [part(0)?, part(2)?, part(4)?]))
            })
            .collect()
    };
    let mut both = read(light);
    let first = both.clone();
    both.extend(read(dark));
    [first, both]
}

fn luminance(colour: Colour) -> f64 {
    let linear = |part: f64| {
        let share = part / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

fn mix(top: Colour, ground: Colour, share: f64) -> Colour {
    std::array::from_fn(|part| top[part] * share + ground[part] * (1.0 - share))
}

#[test]
fn words_can_be_read_in_both_themes() {
    for (theme, tokens) in ["light", "dark"].iter().zip(themes()) {
        for (ink, grounds) in [
            ("ink", &["paper", "sheet", "sunk", "amber-soft"][..]),
            ("ink-2", &["paper", "sheet", "sunk"]),
            ("ink-3", &["paper", "sheet", "sunk"]),
            ("leaf", &["paper", "sheet", "sunk"]),
            ("leaf-ink", &["paper", "leaf-soft"]),
            ("amber", &["amber-soft", "sheet"]),
            ("rose", &["rose-soft", "sheet"]),
            ("sky", &["sky-soft", "sheet"]),
            ("sheet", &["leaf"]),
        ] {
            for ground in grounds {
                let seen = contrast(tokens[ink], tokens[*ground]);
                assert!(seen >= 4.5, "{theme}: {ink} on {ground} is {seen:.2}");
            }
        }
        let hottest = mix(tokens["c1"], tokens["sheet"], 0.5);
        let seen = contrast(tokens["ink"], hottest);
        assert!(seen >= 4.5, "{theme}: ink on the hottest cell is {seen:.2}");
    }
}

#[test]
fn strokes_can_be_told_from_the_ground() {
    for (theme, tokens) in ["light", "dark"].iter().zip(themes()) {
        for stroke in ["c1", "c2", "c3", "c4", "c5", "c6"] {
            let seen = contrast(tokens[stroke], tokens["sheet"]);
            assert!(seen >= 3.0, "{theme}: {stroke} on sheet is {seen:.2}");
        }
    }
}
