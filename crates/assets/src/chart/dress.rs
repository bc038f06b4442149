//! Dressing: what charts-rs drew becomes a picture of ours.
//!
//! From its output we keep the marks and the vertical scale. Its inline style, fonts, axis texts and horizontal axis go;
//! we write the axes ourselves, because its texts are placed for a font the reader does not have and written in one
//! language. Colours go in and come out by table: each token has a literal in the light look, which no other token
//! shares.

use super::{Axis, Colour};
use crate::{Habit, escape};
use std::fmt::Write;

/// Literal colours handed to charts-rs, and the tokens they stand for.
const TOKENS: [(&str, &str); 18] = [
    ("#1F6B4F", "var(--c1)"),
    ("#C0812B", "var(--c2)"),
    ("#2A5F94", "var(--c3)"),
    ("#8A4F8F", "var(--c4)"),
    ("#6B8F2A", "var(--c5)"),
    ("#A8324A", "var(--c6)"),
    ("#1F6B41", "var(--shade-1)"),
    ("#1F6B42", "var(--shade-2)"),
    ("#1F6B43", "var(--shade-3)"),
    ("#1F6B44", "var(--shade-4)"),
    ("#1F6B45", "var(--shade-5)"),
    ("#1F6B46", "var(--shade-6)"),
    ("#63695C", "var(--ink-3)"),
    ("#A8324B", "var(--rose)"),
    ("#E4E0D4", "var(--line)"),
    ("#CFC9B8", "var(--line-strong)"),
    ("#FFFFFF", "var(--sheet)"),
    ("#CFC9B9", "var(--line-strong)"),
];
/// Grid lines.
pub const LINE: &str = "#E4E0D4";
/// The horizontal axis, by which it is found and taken away.
pub const LINE_STRONG: &str = "#CFC9B8";
/// Axis texts, by which they are found and read.
pub const INK_3: &str = "#63695C";
/// How far below its tick charts-rs puts the foot of a text of 11 px.
const FOOT: f32 = 3.5;

/// What a picture has besides its marks.
pub struct Frame<'a> {
    /// Unique on the page.
    pub id: String,
    /// One line.
    pub title: &'a str,
    /// For who cannot see it.
    pub description: &'a str,
    /// Of the whole picture.
    pub width: f32,
    /// Of the whole picture.
    pub height: f32,
    /// Left edge of the plot.
    pub left: f32,
    /// Right edge of the plot.
    pub right: f32,
    /// Upper edge of the plot.
    pub top: f32,
    /// Lower edge of the plot.
    pub bottom: f32,
    /// The horizontal axis.
    pub x: &'a Axis,
    /// What is told of each step.
    pub tips: &'a [String],
    /// First and last step on sunk ground.
    pub sunk: Option<(usize, usize)>,
    /// Written above the vertical axis.
    pub unit: &'a str,
    /// Written below the horizontal axis, at its end.
    pub x_unit: &'a str,
    /// Words at a point: step, value, text.
    pub notes: &'a [(usize, f64, String)],
}

/// The literal colour that stands for a token.
pub fn literal(colour: Colour) -> charts_rs::Color {
    let place = match colour {
        Colour::Series(number) => number.max(1).wrapping_sub(1) % 6,
        Colour::Shade(number) => 6 + number.clamp(1, 6) - 1,
        Colour::Quiet => 12,
        Colour::Harm => 13,
        Colour::Line => 17,
    };
    TOKENS[place].0.into()
}

/// The picture: charts-rs's marks on our ground, between our axes.
pub fn dress(svg: &str, frame: &Frame<'_>, habit: &Habit) -> String {
    let body = svg.split_once('>').map_or(svg, |(_, rest)| rest).trim_end().trim_end_matches("</svg>");
    let (body, scale) = take_texts(&without_style(body), frame.bottom);
    let marks =
        TOKENS.iter().fold(without_axis(&body), |text, (literal, token)| text.replace(literal, token));
    let marks: String =
        marks.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "<g></g>").collect();
    let mut out = String::new();
    let Frame { id, width, height, left, right, top, bottom, .. } = frame;
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        r#"<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
        escape(frame.title),
        escape(frame.description)
    );
    if let Some((first, last)) = frame.sunk {
        let (from, to) = (frame.slot(first).0, frame.slot(last).1);
        let _ = write!(
            out,
            r#"<rect class="sunk" x="{from:.1}" y="{top}" width="{:.1}" height="{:.1}"/>"#,
            to - from,
            bottom - top
        );
    }
    out.push_str(&marks.replace("<g></g>", ""));
    let zero = scale.iter().find(|tick| tick.value == 0.0).map_or(*bottom, |tick| tick.y);
    let _ = write!(out, r#"<line class="axis" x1="{left}" x2="{right}" y1="{zero:.1}" y2="{zero:.1}"/>"#);
    for tick in &scale {
        let _ = write!(
            out,
            r#"<text x="{:.0}" y="{:.1}" text-anchor="end">{}</text>"#,
            left - 7.0,
            tick.y + FOOT,
            escape(&tick.said(habit))
        );
    }
    if !frame.unit.is_empty() {
        let _ = write!(out, r#"<text class="unit" x="2" y="11">{}</text>"#, escape(frame.unit));
    }
    write_steps(&mut out, frame, habit);
    for (step, value, text) in frame.notes {
        write_note(&mut out, frame, &scale, *step, *value, text);
    }
    for (step, tip) in frame.tips.iter().enumerate() {
        let (from, to) = frame.slot(step);
        let _ = write!(
            out,
            r#"<rect class="hit" x="{from:.1}" y="{top}" width="{:.1}" height="{:.1}"><title>{}</title></rect>"#,
            to - from,
            bottom - top,
            escape(tip)
        );
    }
    out.push_str("</svg>");
    out
}

impl Frame<'_> {
    fn steps(&self) -> usize {
        self.x.steps().max(1)
    }

    /// Middle of a step.
    fn middle(&self, step: usize) -> f32 {
        let width = self.right - self.left;
        match self.x {
            Axis::Shares(places) => self.left + width * places.get(step).copied().unwrap_or(0.0) as f32,
            _ => self.left + width * (step as f32 + 0.5) / self.steps() as f32,
        }
    }

    /// The column of a step: half way to its neighbours.
    fn slot(&self, step: usize) -> (f32, f32) {
        if !matches!(self.x, Axis::Shares(_)) {
            let width = (self.right - self.left) / self.steps() as f32;
            return (self.left + width * step as f32, self.left + width * (step + 1) as f32);
        }
        let here = self.middle(step);
        let before = if step == 0 { self.left } else { (self.middle(step - 1) + here) / 2.0 };
        let after = if step + 1 >= self.steps() { self.right } else { (self.middle(step + 1) + here) / 2.0 };
        (before, after)
    }
}

/// A tick of the vertical axis, as charts-rs chose it.
#[derive(Debug, Clone, PartialEq)]
struct Tick {
    y: f32,
    value: f64,
    digits: usize,
    has_percent: bool,
}

impl Tick {
    fn said(&self, habit: &Habit) -> String {
        let number = habit.number(self.value, self.digits);
        if self.has_percent { format!("{number}%") } else { number }
    }
}

fn write_steps(out: &mut String, frame: &Frame<'_>, habit: &Habit) {
    let y = frame.bottom + 17.0;
    // About 6.2 px a letter, 11.5 an ideograph.
    let letters = |name: &String| name.chars().map(|c| if c > '\u{2e80}' { 11.5 } else { 6.2 }).sum::<f32>();
    let mut write_name = |x: f32, name: &String| {
        let half = letters(name) / 2.0;
        let x = x.clamp(half, (frame.width - half).max(half));
        let _ = write!(out, r#"<text x="{x:.1}" y="{y}" text-anchor="middle">{}</text>"#, escape(name));
    };
    let slot = (frame.right - frame.left) / frame.steps() as f32;
    let every = |widest: f32| ((widest + 8.0) / slot).ceil().max(1.0) as usize;
    match frame.x {
        Axis::Shares(_) => {
            for quarter in 0..=4u8 {
                let share = f64::from(quarter) / 4.0;
                write_name(frame.left + (frame.right - frame.left) * share as f32, &habit.percent(share, 0));
            }
        }
        Axis::Names(names) => {
            let widest = names.iter().map(letters).fold(0.0, f32::max);
            for (step, name) in names.iter().enumerate().step_by(every(widest)) {
                write_name(frame.middle(step), name);
            }
        }
        Axis::Months(days) => {
            let widest = days.iter().map(|&day| letters(&habit.month(day))).fold(0.0, f32::max);
            // A rhythm that falls on every January, so that no change of year is left out.
            let every =
                [1, 2, 3, 4, 6, 12].into_iter().find(|&months| months >= every(widest * 0.8)).unwrap_or(12);
            let january = days.iter().position(|day| day.month() == 1).unwrap_or(0);
            let shown: Vec<usize> = (january % every..days.len()).step_by(every).collect();
            let names = habit.months_on_axis(&shown.iter().map(|&step| days[step]).collect::<Vec<_>>());
            for (step, name) in shown.iter().zip(&names) {
                write_name(frame.middle(*step), name);
            }
        }
    }
    if !frame.x_unit.is_empty() {
        let _ = write!(
            out,
            r#"<text class="unit" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            frame.right,
            frame.bottom + 32.0,
            escape(frame.x_unit)
        );
    }
}

fn write_note(out: &mut String, frame: &Frame<'_>, scale: &[Tick], step: usize, value: f64, text: &str) {
    let (Some(first), Some(last)) = (scale.first(), scale.last()) else { return };
    if first.value == last.value || first.value.is_nan() || last.value.is_nan() {
        return;
    }
    let along = (value - first.value) / (last.value - first.value);
    let (x, y) = (frame.middle(step), first.y + (last.y - first.y) * along as f32);
    let is_left_half = x < (frame.left + frame.right) / 2.0;
    let (anchor, aside) = if is_left_half { ("start", 10.0) } else { ("end", -10.0) };
    let _ = write!(
        out,
        r#"<circle class="point" cx="{x:.1}" cy="{y:.1}" r="4"/><text class="note" x="{:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
        x + aside,
        y + 15.0,
        escape(text)
    );
}

/// Without `<style>…</style>`: a strict content policy would refuse it, and our own sheet says how hover looks.
fn without_style(svg: &str) -> String {
    cut(svg, "<style", "</style>")
}

/// Without the group of the horizontal axis.
fn without_axis(svg: &str) -> String {
    cut(svg, &format!(r#"<g stroke="{LINE_STRONG}""#), "</g>")
}

fn cut(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        out.push_str(before);
        match after.split_once(to) {
            Some((_, behind)) => rest = behind,
            None => return out,
        }
    }
    out.push_str(rest);
    out
}

/// The body without its texts, and the ticks that stood in them.
fn take_texts(svg: &str, bottom: f32) -> (String, Vec<Tick>) {
    let mut out = String::with_capacity(svg.len());
    let mut ticks: Vec<Tick> = vec![];
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("<text") {
        out.push_str(before);
        let Some((element, behind)) = after.split_once("</text>") else { break };
        rest = behind;
        let Some((attributes, content)) = element.split_once('>') else { continue };
        let y = attributes
            .split_once(" y=\"")
            .and_then(|(_, value)| value.split_once('"')?.0.parse::<f32>().ok());
        // Texts below the plot are the horizontal axis, which we write ourselves.
        let Some(y) = y.map(|y| y - FOOT).filter(|&y| y <= bottom + 1.0) else { continue };
        let text = content.trim();
        let number = text.trim_end_matches('%').replace(',', "");
        let digits = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        // A number said shortly ("1.3k") has lost digits: it is worked out below from its place.
        let value = number.parse::<f64>().unwrap_or(f64::NAN);
        ticks.push(Tick {
            y,
            value,
            digits: if value.is_nan() { 0 } else { digits },
            has_percent: text.ends_with('%'),
        });
    }
    out.push_str(rest);
    let known: Vec<(f32, f64)> =
        ticks.iter().filter(|tick| !tick.value.is_nan()).map(|tick| (tick.y, tick.value)).collect();
    if let (Some(first), Some(last)) = (known.first(), known.last())
        && first.0 != last.0
    {
        for tick in ticks.iter_mut().filter(|tick| tick.value.is_nan()) {
            let along = f64::from((tick.y - first.0) / (last.0 - first.0));
            tick.value = first.1 + (last.1 - first.1) * along;
        }
    }
    let digits = ticks.iter().map(|tick| tick.digits).max().unwrap_or(0);
    for tick in &mut ticks {
        tick.digits = digits;
    }
    (out, ticks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_token_has_a_literal_of_its_own() {
        let literals: BTreeSet<&str> = TOKENS.iter().map(|(literal, _)| *literal).collect();
        assert_eq!(literals.len(), TOKENS.len());
    }

    #[test]
    fn texts_become_ticks() {
        let drawn = "<g><text font-size=\"11\" x=\"28\" y=\"29.5\" fill=\"#63695C\">\n1,360\n</text></g>";
        let (rest, ticks) = take_texts(drawn, 270.0);
        assert_eq!(rest, "<g></g>");
        assert_eq!(ticks, [Tick { y: 26.0, value: 1360.0, digits: 0, has_percent: false }]);
    }
}
