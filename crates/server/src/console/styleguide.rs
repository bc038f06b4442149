//! `/styleguide`: every part the console is made of, in the reader's language and light.

use super::frame::Area;
use super::guard::Visit;
use super::page::Page;
use super::reader::Reader;
use crate::problem::Problem;
use assets::chart::{Axis, Colour, Kind, Plot, Series};
use assets::{Failure, chart};
use axum::response::Response;
use serde::Serialize;

/// The page.
#[derive(Serialize)]
pub struct StyleGuidePage {
    colours: [&'static str; 23],
    sizes: [&'static str; 6],
    spaces: [&'static str; 7],
    rows: Vec<Row>,
    likely: Range,
    worth: Money,
    /// SVG.
    chart: String,
    heat: [u32; 9],
    plain_doubt: String,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    key: &'static str,
    orders: i64,
    worth: Money,
    state: &'static str,
}

#[derive(Serialize)]
struct Range {
    value: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct Money {
    minor: i64,
    low_minor: i64,
    high_minor: i64,
}

fn money(minor: i64) -> Money {
    Money { minor, low_minor: minor * 7 / 10, high_minor: minor * 14 / 10 }
}

fn row(name: &'static str, key: &'static str, orders: i64, minor: i64, state: &'static str) -> Row {
    Row { name, key, orders, worth: money(minor), state }
}

impl StyleGuidePage {
    fn of(reader: &Reader) -> Result<StyleGuidePage, Failure> {
        Ok(StyleGuidePage {
            colours: [
                "paper",
                "sheet",
                "sunk",
                "line",
                "line-strong",
                "ink",
                "ink-2",
                "ink-3",
                "leaf",
                "leaf-soft",
                "leaf-ink",
                "amber",
                "amber-soft",
                "rose",
                "rose-soft",
                "sky",
                "sky-soft",
                "c1",
                "c2",
                "c3",
                "c4",
                "c5",
                "c6",
            ],
            sizes: ["t0", "t1", "t2", "t3", "t4", "t5"],
            spaces: ["s1", "s2", "s3", "s4", "s5", "s6", "s7"],
            rows: vec![
                row("Khách hàng số 4027", "K4027", 41, 18_400_000, "active"),
                row("Khách hàng số 1180", "K1180", 12, 3_100_000, "at_risk"),
                row("Khách hàng số 0033", "K0033", 3, 260_000, "lapsed"),
                row("Khách hàng số 5102", "K5102", 1, 540_000, "new"),
            ],
            likely: Range { value: 2_318.0, low: 2_214.0, high: 2_421.0 },
            worth: money(1_840_000_000),
            chart: chart_of(reader)?,
            heat: [3, 8, 14, 20, 26, 32, 38, 44, 50],
            plain_doubt: chart::doubt(41.0, 48.0, 55.0),
        })
    }
}

fn chart_of(reader: &Reader) -> Result<String, Failure> {
    let (words, habit) = (reader.words()?, reader.habit());
    let seen = [41.0, 44.0, 40.0, 52.0, 57.0, 61.0, 60.0, 66.0, 63.0, 68.0];
    let steps: Vec<String> = (1..=seen.len()).map(|week| week.to_string()).collect();
    let band = |place: usize, value: f64| (place > 6).then_some((value * 0.86, value * 1.15));
    let series = Series {
        name: words.text("console-style-chart", &[])?,
        values: seen.iter().copied().map(Some).collect(),
        band: Some(seen.iter().enumerate().map(|(place, value)| band(place, *value)).collect()),
        kind: Kind::Line,
        colour: Colour::Series(1),
    };
    let plot = Plot {
        id: "style-weeks",
        title: words.text("console-style-chart", &[])?,
        description: words.text("console-style-chart-about", &[])?,
        x: Axis::Names(steps),
        unit: words.text("console-style-chart-unit", &[])?,
        y_min: Some(0.0),
        y_max: None,
        tips: seen.iter().map(|value| habit.number(*value, 0)).collect(),
        series: vec![series],
        sunk: Some((7, 9)),
        x_unit: String::new(),
        notes: vec![],
    };
    plot.half().pictures(&habit)
}

impl Page for StyleGuidePage {
    const TEMPLATE: &'static str = "console/styleguide.html";
    const AREA: Area = Area::None;

    fn sample(reader: &Reader) -> StyleGuidePage {
        StyleGuidePage::of(reader).expect("its words are there")
    }
}

/// `GET /styleguide`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let page =
        StyleGuidePage::of(visit.reader()).map_err(|failure| Problem::internal(failure.to_string()))?;
    visit.show(&page)
}
