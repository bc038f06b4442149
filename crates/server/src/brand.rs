//! The shop's own look: its colour and its mark, in the console and in every report. Both are settings; here they become
//! the files that pages are made with, in place of ours. Whatever colour a shop has, what is written in it can be read:
//! it is taken darker on light and lighter on dark until it stands out by 4.5 to 1 (WCAG 2.2, 1.4.3).

use assets::Assets;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use store::{Failure, Writing};

/// The setting with the colour, `#1f6b4f`.
pub const COLOUR: &str = "brand_colour";
/// The setting with the mark: `image/png` or `image/svg+xml`, a comma, and the file in base 64.
pub const MARK: &str = "brand_mark";
/// The largest mark, bytes of its file.
pub const LARGEST: usize = 60_000;

/// What is written in a colour stands out by so much.
const CONTRAST: f64 = 4.5;
/// The grounds of `static/look.css`: in the light, and in the dark.
const LIGHT: [Rgb; 2] = [[0xfb, 0xfa, 0xf6], [0xff, 0xff, 0xff]];
const DARK: [Rgb; 2] = [[0x14, 0x17, 0x0f], [0x1b, 0x1f, 0x17]];

type Rgb = [u8; 3];

/// Colour and mark; both may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// `#1f6b4f`.
    pub colour: Option<String>,
    /// `image/png,BASE64`.
    pub mark: Option<String>,
}

/// Why a brand cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    /// No colour.
    #[error("'{0}' is no colour: write six hexadecimal digits, such as #1f6b4f")]
    Colour(String),
    /// Neither PNG nor SVG.
    #[error("the mark must be a PNG or an SVG file")]
    Kind,
    /// Something in it that runs or asks others.
    #[error("the SVG has '{0}' in it, which a mark does not need: export it as a plain picture")]
    NotPlain(&'static str),
    /// Too large.
    #[error("the mark has {0} bytes; {LARGEST} at most")]
    TooLarge(usize),
}

impl Brand {
    /// What was settled.
    pub fn read(reading: &Writing<'_>) -> Result<Brand, Failure> {
        let said = |name: &str| Ok::<_, Failure>(reading.find_setting(name)?.filter(|text| !text.is_empty()));
        Ok(Brand { colour: said(COLOUR)?, mark: said(MARK)? })
    }

    /// Whether nothing was settled.
    pub fn is_ours(&self) -> bool {
        *self == Brand::default()
    }

    /// The files with the shop's look in place of ours.
    pub fn dressed(&self, assets: &Assets) -> Assets {
        let mut files = Vec::new();
        if let Some(colour) = self.colour.as_deref().and_then(|text| read_colour(text).ok())
            && let Ok(look) = assets.text("static/look.css")
        {
            files.push(("static/look.css".to_owned(), (look.into_owned() + &sheet(colour)).into_bytes()));
        }
        if let Some((kind, data)) = self.mark.as_deref().and_then(|mark| mark.split_once(',')) {
            let picture = format!("<img src=\"data:{kind};base64,{data}\" alt=\"\" height=\"28\">");
            files.push(("static/brand.html".to_owned(), picture.into_bytes()));
        }
        if files.is_empty() { assets.clone() } else { assets.over(files) }
    }

    /// The mark as a file: its kind and its bytes.
    pub fn mark(&self) -> Option<(&str, Vec<u8>)> {
        let (kind, data) = self.mark.as_deref()?.split_once(',')?;
        Some((kind, BASE64_STANDARD.decode(data).ok()?))
    }
}

/// A colour as a person writes it, as it is kept.
pub fn colour(text: &str) -> Result<String, NotUsable> {
    let [red, green, blue] = read_colour(text)?;
    Ok(format!("#{red:02x}{green:02x}{blue:02x}"))
}

/// A mark as a browser sends it, as it is kept.
pub fn mark(bytes: &[u8]) -> Result<String, NotUsable> {
    if bytes.len() > LARGEST {
        return Err(NotUsable::TooLarge(bytes.len()));
    }
    let kind = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| NotUsable::Kind)?.to_lowercase();
        if !text.contains("<svg") {
            return Err(NotUsable::Kind);
        }
        // As a picture none of this would run; a mark that wants it is not a mark.
        const WANTS: [&str; 5] = ["<script", "<foreignobject", "javascript:", "<!entity", "<iframe"];
        if let Some(word) = WANTS.into_iter().find(|word| text.contains(word)) {
            return Err(NotUsable::NotPlain(word));
        }
        "image/svg+xml"
    };
    Ok(format!("{kind},{}", BASE64_STANDARD.encode(bytes)))
}

fn read_colour(text: &str) -> Result<Rgb, NotUsable> {
    let wrong = || NotUsable::Colour(text.to_owned());
    let digits = text.trim().trim_start_matches('#');
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    Ok([(number >> 16) as u8, (number >> 8) as u8, number as u8])
}

/// The rules that put a colour in the place of ours.
fn sheet(colour: Rgb) -> String {
    let (light, dark) = (readable(colour, LIGHT, 0), readable(colour, DARK, 255));
    let block = |leaf: Rgb, ground: Rgb, end: u8| {
        let soft = mixed(leaf, ground, 0.16);
        let ink = readable(leaf, [soft, ground], end);
        format!(
            "--leaf: {}; --leaf-soft: {}; --leaf-ink: {}; --c1: {};",
            css(leaf),
            css(soft),
            css(ink),
            css(leaf)
        )
    };
    format!(
        "\n:root {{ {} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n",
        block(light, LIGHT[1], 0),
        block(dark, DARK[1], 255)
    )
}

/// The colour, moved towards black (0) or white (255) until it can be read on both grounds.
fn readable(colour: Rgb, grounds: [Rgb; 2], end: u8) -> Rgb {
    let stands_out = |one: Rgb| grounds.iter().all(|ground| contrast(one, *ground) >= CONTRAST);
    let steps = (0..=100).map(|step| mixed([end; 3], colour, f64::from(step) / 100.0));
    steps.into_iter().find(|one| stands_out(*one)).unwrap_or([end; 3])
}

/// So much of the first, the rest of the second.
fn mixed(first: Rgb, second: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|at| {
        (f64::from(first[at]) * share + f64::from(second[at]) * (1.0 - share)).round() as u8
    })
}

/// WCAG 2.2, contrast ratio.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2, relative luminance.
fn luminance(colour: Rgb) -> f64 {
    let linear = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn css([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_colour_what_is_written_in_it_can_be_read() {
        for text in ["#ffd400", "#000000", "#ffffff", "#1f6b4f", "e4002b", "#7f7f7f", "#00ffff"] {
            let colour = read_colour(text).unwrap();
            for (grounds, end) in [(LIGHT, 0), (DARK, 255)] {
                let leaf = readable(colour, grounds, end);
                for ground in grounds {
                    assert!(contrast(leaf, ground) >= CONTRAST, "{text} on {}", css(ground));
                }
                let soft = mixed(leaf, grounds[1], 0.16);
                assert!(
                    contrast(readable(leaf, [soft, grounds[1]], end), soft) >= CONTRAST,
                    "{text} on its own soft"
                );
            }
        }
        assert_eq!(
            readable([0x1f, 0x6b, 0x4f], LIGHT, 0),
            [0x1f, 0x6b, 0x4f],
            "what can be read stays as it is"
        );
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn a_brand_takes_the_place_of_ours_and_nothing_else_does() {
        let assets = Assets::open(None).unwrap();
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        let brand = Brand { colour: Some(colour("#E4002B").unwrap()), mark: Some(mark(svg).unwrap()) };
        assert_eq!(brand.mark(), Some(("image/svg+xml", svg.to_vec())));
        let dressed = brand.dressed(&assets);
        let look = dressed.text("static/look.css").unwrap();
        assert!(
            look.contains("--leaf: #1f6b4f") && look.contains("--leaf: #e4002b"),
            "ours first, theirs after it"
        );
        assert!(dressed.text("static/brand.html").unwrap().contains("data:image/svg+xml;base64,"));
        assert_eq!(assets.text("static/brand.html").unwrap(), "");
        assert_eq!(colour("red"), Err(NotUsable::Colour("red".to_owned())));
        assert_eq!(mark(b"<svg><SCRIPT/></svg>"), Err(NotUsable::NotPlain("<script")));
        assert_eq!(mark(b"hello"), Err(NotUsable::Kind));
        assert_eq!(mark(&vec![0; LARGEST + 1]), Err(NotUsable::TooLarge(LARGEST + 1)));
    }
}
