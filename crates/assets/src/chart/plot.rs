//! One wrapping of charts-rs for everything with two axes: bars, lines, areas, bands.

use super::dress::{self, Frame};
use crate::{Failure, Habit};
use charts_rs as rs;
use jiff::civil::Date;
use std::sync::Once;

/// A chart with two axes.
#[derive(Debug, Clone)]
pub struct Plot<'a> {
    /// Unique on the page; letters, digits and dashes.
    pub id: &'a str,
    /// What it shows, in one line.
    pub title: String,
    /// What is to be seen in it, for who cannot see it.
    pub description: String,
    /// The horizontal axis.
    pub x: Axis,
    /// Unit of the vertical axis, written above it.
    pub unit: String,
    /// Where the vertical axis begins; `None` lets it begin where the data do. Amounts begin at zero.
    pub y_min: Option<f64>,
    /// Where it ends; `None` a round number above the data.
    pub y_max: Option<f64>,
    /// What is drawn, first below.
    pub series: Vec<Series>,
    /// What is told of each step of the horizontal axis on hover or tap; one for each, or none.
    pub tips: Vec<String>,
    /// A stretch of steps (first, last) on sunk ground: held-out time, the future.
    pub sunk: Option<(usize, usize)>,
    /// Unit of the horizontal axis, written below its end.
    pub x_unit: String,
    /// Words beside a point: step, value, text.
    pub notes: Vec<(usize, f64, String)>,
}

/// A horizontal axis.
#[derive(Debug, Clone)]
pub enum Axis {
    /// Steps with names; those that do not fit are left out.
    Names(Vec<String>),
    /// Months by their first days; those that do not fit are left out, and the year stands where it changes.
    Months(Vec<Date>),
    /// Places on a scale from the first number to the last, in per cent.
    Shares(Vec<f64>),
}

impl Axis {
    /// How many steps there are.
    pub fn steps(&self) -> usize {
        match self {
            Axis::Names(names) => names.len(),
            Axis::Months(days) => days.len(),
            Axis::Shares(shares) => shares.len(),
        }
    }
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A stroke.
    Line,
    /// A thin, broken stroke: a reference.
    Broken,
    /// Points with their intervals, no stroke.
    Points,
    /// An area on top of the areas before it.
    Layer,
    /// A bar.
    Bar,
}

/// A colour by what it means, a token of the look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// `--c1` … `--c6`, counted from 1; more begin again.
    Series(usize),
    /// `--shade-1` (oldest, strongest) … `--shade-6`: things in an order.
    Shade(usize),
    /// `--line-strong`: what is not known.
    Line,
    /// `--ink-3`: neither good nor bad.
    Quiet,
    /// `--rose`: harm.
    Harm,
}

/// Numbers to draw.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the reader's language.
    pub name: String,
    /// One per step; `None` leaves a gap.
    pub values: Vec<Option<f64>>,
    /// Interval of each, where there is doubt.
    pub band: Option<Vec<Option<(f64, f64)>>>,
    /// How.
    pub kind: Kind,
    /// In which colour.
    pub colour: Colour,
}

const WIDE: (f32, f32) = (760.0, 300.0);
const HALF: (f32, f32) = (440.0, 280.0);
const NARROW: (f32, f32) = (350.0, 250.0);
const THEME: &str = "perennial";

impl<'a> Plot<'a> {
    /// The same for a place half as wide.
    pub fn half(self) -> HalfPlot<'a> {
        HalfPlot(self)
    }

    /// The chart twice, for a wide and for a narrow place, so that its letters keep their size; style sheets show one.
    pub fn pictures(&self, habit: &Habit) -> Result<String, Failure> {
        self.in_sizes(habit, WIDE, NARROW)
    }

    fn in_sizes(&self, habit: &Habit, wide: (f32, f32), narrow: (f32, f32)) -> Result<String, Failure> {
        let wide = self.svg(habit, wide, "w")?;
        let narrow = self.svg(habit, narrow, "n")?;
        Ok(format!(r#"<div class="pic wide">{wide}</div><div class="pic narrow">{narrow}</div>"#))
    }

    fn svg(&self, habit: &Habit, (width, height): (f32, f32), suffix: &str) -> Result<String, Failure> {
        let drawn = self.draw(width, height);
        let svg =
            drawn.map_err(|error| Failure::Chart { title: self.title.clone(), why: error.to_string() })?;
        let frame = Frame {
            id: format!("{}-{suffix}", self.id),
            title: &self.title,
            description: &self.description,
            width,
            height,
            left: LEFT,
            right: width - RIGHT,
            top: TOP,
            bottom: height - BOTTOM,
            x: &self.x,
            tips: if self.tips.len() == self.x.steps() { &self.tips } else { &[] },
            sunk: self.sunk,
            unit: &self.unit,
            x_unit: &self.x_unit,
            notes: &self.notes,
        };
        Ok(dress::dress(&svg, &frame, habit))
    }

    fn draw(&self, width: f32, height: f32) -> rs::Result<String> {
        static THEME_ONCE: Once = Once::new();
        THEME_ONCE.call_once(|| rs::add_theme(THEME, theme()));
        let names = match &self.x {
            Axis::Shares(_) => vec![],
            // Only how many there are matters: the names are written when the chart is dressed.
            Axis::Names(_) | Axis::Months(_) => vec![String::new(); self.x.steps()],
        };
        let series: Vec<rs::Series> = self.series.iter().map(series).collect();
        let colours: Vec<rs::Color> = self.series.iter().map(|one| dress::literal(one.colour)).collect();
        let y_axis = |configs: &mut Vec<rs::YAxisConfig>| {
            for config in configs {
                config.min = self.y_min.map(|min| min as f32);
                config.max = self.y_max.map(|max| max as f32);
            }
        };
        if self.series.iter().any(|one| one.kind == Kind::Bar) {
            let mut chart = rs::BarChart::new_with_theme(series, names, THEME);
            (chart.base.width, chart.base.height) = (width, height);
            chart.series.colors = colours;
            chart.radius = Some(2.0);
            y_axis(&mut chart.y_axis_configs);
            return chart.svg();
        }
        let mut chart = rs::LineChart::new_with_theme(series, names, THEME);
        (chart.base.width, chart.base.height) = (width, height);
        chart.series.colors = colours;
        if let Axis::Shares(shares) = &self.x {
            chart.x_axis.kind = rs::AxisType::Value;
            chart.x_axis.values = shares.iter().map(|share| share * 100.0).collect();
            chart.x_axis.formatter = Some("{c}%".to_owned());
            (chart.x_axis.min, chart.x_axis.max) = (Some(0.0), Some(100.0));
        }
        y_axis(&mut chart.y_axis_configs);
        chart.svg()
    }
}

/// A chart for a place half as wide as the page.
#[derive(Debug, Clone)]
pub struct HalfPlot<'a>(Plot<'a>);

impl HalfPlot<'_> {
    /// See [`Plot::pictures`].
    pub fn pictures(&self, habit: &Habit) -> Result<String, Failure> {
        self.0.in_sizes(habit, HALF, NARROW)
    }
}

// The plot's own margins: what charts-rs is told, so that hover columns know where the steps are.
const LEFT: f32 = 48.0;
const RIGHT: f32 = 12.0;
const TOP: f32 = 24.0;
const BOTTOM: f32 = 38.0;

fn series(from: &Series) -> rs::Series {
    let single = |value: Option<f64>| value.filter(|number| number.is_finite()).map(|number| number as f32);
    let values = from.values.iter().map(|&value| single(value)).collect();
    let mut series = rs::Series::new_nullable(from.name.clone(), values);
    series.symbol = Some(rs::Symbol::None);
    let bounds = from.band.as_ref().map(|band| rs::SeriesBand {
        lower: band.iter().map(|ends| single(ends.map(|(low, _)| low))).collect(),
        upper: band.iter().map(|ends| single(ends.map(|(_, high)| high))).collect(),
        stroke_width: Some(1.5),
    });
    match from.kind {
        Kind::Line => series.band = bounds,
        Kind::Broken => series.stroke_dash_array = Some("3,4".to_owned()),
        Kind::Points => {
            series.error_bar = bounds;
            series.symbol = Some(rs::Symbol::Circle(4.0, Some(dress::literal(from.colour))));
            // Nothing joins the points: a stroke of no length between wide gaps.
            series.stroke_dash_array = Some("0,100000".to_owned());
        }
        Kind::Layer => {
            series.stack = Some("layers".to_owned());
            series.fill = Some(true);
        }
        Kind::Bar => {
            series.category = Some(rs::SeriesCategory::Bar);
            let harm = |value: &Option<f64>| value.filter(|&n| n < 0.0).map(|_| dress::literal(Colour::Harm));
            series.colors = Some(from.values.iter().map(harm).collect());
            series.error_bar = bounds;
        }
    }
    series
}

fn theme() -> rs::Theme {
    let quiet = rs::FontConfig { size: 11.0, color: dress::INK_3.into(), weight: None };
    let mut theme = rs::Theme {
        is_light: true,
        margin: rs::Box { left: 0.0, top: TOP, right: RIGHT, bottom: 0.0 },
        ..Default::default()
    };
    theme.background_color = rs::Color::transparent();
    theme.legend.show = Some(false);
    theme.x_axis.font = quiet.clone();
    theme.x_axis.stroke_color = dress::LINE_STRONG.into();
    theme.x_axis.height = BOTTOM;
    theme.y_axis.font = quiet;
    theme.y_axis.width = Some(LEFT);
    theme.y_axis.split_number = 4;
    theme.grid.stroke_color = dress::LINE.into();
    theme.grid.stroke_width = 1.0;
    theme.series.stroke_width = 2.0;
    theme.series.symbol = Some(rs::Symbol::None);
    theme.series.fill_opacity = Some(0.82);
    theme
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    fn plot(series: Vec<Series>) -> Plot<'static> {
        let steps = series.first().map_or(0, |one| one.values.len());
        Plot {
            id: "orders",
            title: "Orders & more".to_owned(),
            description: "By week".to_owned(),
            x: Axis::Names((1..=steps).map(|week| week.to_string()).collect()),
            unit: "orders".to_owned(),
            y_min: Some(0.0),
            y_max: None,
            series,
            tips: (1..=steps).map(|week| format!("week {week}")).collect(),
            sunk: (steps > 1).then(|| (steps - 1, steps - 1)),
            x_unit: "weeks".to_owned(),
            notes: vec![(0, 1.0, "first".to_owned())],
        }
    }

    fn series(kind: Kind, values: &[f64]) -> Series {
        let band = values.iter().map(|value| Some((value - 1.0, value + 1.0))).collect();
        Series {
            name: "seen".to_owned(),
            values: values.iter().copied().map(Some).collect(),
            band: Some(band),
            kind,
            colour: Colour::Series(1),
        }
    }

    #[test]
    fn one_picture_serves_light_and_dark() {
        let vi = Habit::new(Lang::Vi, "VND", 0);
        for kind in [Kind::Line, Kind::Broken, Kind::Points, Kind::Layer, Kind::Bar] {
            let svg = plot(vec![series(kind, &[1_200.0, 3_400.0, 2_000.0])]).pictures(&vi).unwrap();
            for literal in ["#1F6B", "#1f6b", "rgb", "<style", "font-family", "style="] {
                assert!(!svg.contains(literal), "{kind:?} has {literal}");
            }
            assert!(svg.contains("var(--c1)"), "{kind:?}");
            assert!(svg.contains("<title id=\"orders-w-t\">Orders &amp; more</title>"));
            assert_eq!(svg.matches("class=\"hit\"").count(), 6, "{kind:?}: three steps, wide and narrow");
            assert!(
                svg.contains(">1.") || svg.contains(">2."),
                "{kind:?}: thousands as the reader writes them"
            );
        }
    }

    #[test]
    fn numbers_that_are_none_leave_gaps_and_nothing_panics() {
        let en = Habit::new(Lang::En, "XXX", 2);
        for values in
            [&[][..], &[0.0], &[0.0, 0.0], &[f64::NAN, 1.0], &[f64::INFINITY, -1.0], &[1e30, 1.0], &[-5.0]]
        {
            for kind in [Kind::Line, Kind::Points, Kind::Layer, Kind::Bar] {
                let svg = plot(vec![series(kind, values)]).pictures(&en).unwrap();
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind:?} {values:?}: {svg}");
            }
        }
    }
}
