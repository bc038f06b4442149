//! `/campaigns/segment`: who. Conditions in a form become a definition, and a definition is a file; both are counted on the
//! shop as it is now. The form has groups of conditions, so that "all of these, and one of those" needs no file.

use super::super::counts::{Counts, Standing};
use super::super::customers::refusal;
use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use crate::problem::{Kind, Problem};
use crate::routes::segments::{self, Keeping};
use axum::Extension;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use engine::act::segment::{self, Act, Behaviour, Condition, Literal, Test};
use serde::Serialize;
use std::sync::Arc;

/// The most groups a form has, and conditions in one; a definition may have more.
const GROUPS: usize = 4;
const ROWS: usize = 8;
/// What may be asked, each with what is asked of it: a state, a kind, a number, an amount, words, a segment, or something
/// that was done, with how often, for how much, within how many days.
const ASKS: [(&str, &str); 22] = [
    ("state", "state"),
    ("not-state", "state"),
    ("kind", "kind"),
    ("not-kind", "kind"),
    ("orders-least", "number"),
    ("orders-most", "number"),
    ("quiet-least", "number"),
    ("late-least", "number"),
    ("net-least", "amount"),
    ("net-most", "amount"),
    ("ordered", "did"),
    ("not-ordered", "did"),
    ("ordered-category", "did"),
    ("not-ordered-category", "did"),
    ("returned", "did"),
    ("complained", "did"),
    ("not-complained", "did"),
    ("tag", "text"),
    ("segment", "segment"),
    ("not-segment", "segment"),
    ("agreed", "consent"),
    ("not-agreed", "consent"),
];
/// For what one may have agreed to be written to; the first where nothing is said.
const PURPOSES: [&str; 3] = ["marketing", "survey", "profiling"];

/// A condition as the form has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    ask: String,
    value: String,
    times: String,
    spent: String,
    days: String,
    /// What was agreed to; empty for marketing.
    purpose: String,
}

/// Conditions that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// `all` or `any`.
    join: String,
    rows: Vec<Row>,
}

/// What is asked: the form's rows, or a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asked {
    name: String,
    /// Between groups.
    join: String,
    groups: Vec<Group>,
    text: String,
    /// The kept segment that is being changed, and its version when the page was opened; 0 for a new one.
    of: String,
    over: i64,
    /// Whether rows are asked for beside those that are filled in.
    wants_more: bool,
}

impl Asked {
    fn read(query: &str) -> Asked {
        let fields = Fields::read(query.as_bytes());
        let text = |name: String| fields.text(&name).to_owned();
        let row = |group: usize, row: usize| Row {
            ask: text(format!("ask_{group}_{row}")),
            value: text(format!("value_{group}_{row}")),
            times: text(format!("times_{group}_{row}")),
            spent: text(format!("spent_{group}_{row}")),
            days: text(format!("days_{group}_{row}")),
            purpose: text(format!("purpose_{group}_{row}")),
        };
        let group = |group: usize| Group {
            join: text(format!("join_{group}")),
            rows: (1..=ROWS).map(|place| row(group, place)).filter(|row| !row.ask.is_empty()).collect(),
        };
        Asked {
            name: text("name".to_owned()),
            join: text("join".to_owned()),
            groups: (1..=GROUPS).map(group).filter(|group| !group.rows.is_empty()).collect(),
            text: text("text".to_owned()),
            of: text("of".to_owned()),
            over: fields.text("version").parse().unwrap_or(0),
            wants_more: !text("more".to_owned()).is_empty(),
        }
    }

    /// The definition of the form's rows; `None` where none is filled in. Amounts have so many digits after the point.
    fn written(&self, decimals: u32) -> Option<String> {
        let list = |join: &str, parts: Vec<String>, indent: &str| match parts.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => {
                let join = if join == "any" { "any" } else { "all" };
                let parts = parts.join(&format!(",\n{indent}    "));
                Some(format!("{{ {join} = [\n{indent}    {parts},\n{indent}] }}"))
            }
        };
        let groups: Vec<String> = self
            .groups
            .iter()
            .filter_map(|group| {
                let parts = group.rows.iter().filter_map(|row| condition(row, decimals)).collect();
                list(&group.join, parts, "    ")
            })
            .collect();
        let who = match groups.as_slice() {
            [] => return None,
            // One group stands alone, without the indent of those beside each other.
            [_] => {
                let group = self
                    .groups
                    .iter()
                    .find(|group| group.rows.iter().any(|row| condition(row, decimals).is_some()))?;
                list(&group.join, group.rows.iter().filter_map(|row| condition(row, decimals)).collect(), "")?
            }
            _ => list(&self.join, groups, "")?,
        };
        let name = if self.name.is_empty() { "new" } else { &self.name };
        Some(format!("name = {}\nwho = {who}\n", quoted(name)))
    }

    /// A definition as rows, where the form can show it.
    fn of(segment: &segment::Segment, decimals: u32) -> Option<Asked> {
        let leaf = |condition: &Condition| row(condition, decimals);
        let group = |condition: &Condition| -> Option<Group> {
            let (join, parts) = match condition {
                Condition::All(parts) => ("all", parts.as_slice()),
                Condition::Any(parts) => ("any", parts.as_slice()),
                one => ("all", std::slice::from_ref(one)),
            };
            let rows: Vec<Row> = parts.iter().map(leaf).collect::<Option<_>>()?;
            (rows.len() <= ROWS).then(|| Group { join: join.to_owned(), rows })
        };
        let (join, groups) = match group(&segment.who) {
            Some(one) => ("all", vec![one]),
            None => {
                let (join, parts) = match &segment.who {
                    Condition::All(parts) => ("all", parts),
                    Condition::Any(parts) => ("any", parts),
                    _ => return None,
                };
                (join, parts.iter().map(group).collect::<Option<Vec<_>>>()?)
            }
        };
        let (name, join) = (segment.name.clone(), join.to_owned());
        (groups.len() <= GROUPS).then(|| Asked { name, join, groups, ..Asked::default() })
    }
}

/// A text as TOML has it: JSON's form of it is one.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A whole number as people write it; what is none goes on as text, and the reader of definitions says so.
fn number(text: &str) -> String {
    text.replace(['.', ',', ' '], "").parse::<i64>().map_or_else(|_| quoted(text), |one| one.to_string())
}

/// An amount as people write it, in minor units.
fn amount(text: &str, decimals: u32) -> String {
    if decimals == 0 {
        return number(text);
    }
    let plain = text.replace(' ', "").replace(',', ".");
    let (whole, part) = plain.rsplit_once('.').unwrap_or((&plain, ""));
    let digits = format!("{}{part:0<width$}", whole.replace('.', ""), width = decimals as usize);
    let is_amount = part.len() <= decimals as usize;
    digits.parse::<i64>().ok().filter(|_| is_amount).map_or_else(|| quoted(text), |minor| minor.to_string())
}

fn condition(row: &Row, decimals: u32) -> Option<String> {
    let (ask, is_not) = match row.ask.strip_prefix("not-") {
        Some(ask) => (ask, true),
        None => (row.ask.as_str(), false),
    };
    let kind = ASKS.iter().find(|(known, _)| *known == row.ask)?.1;
    if row.value.is_empty() && kind != "did" {
        return None;
    }
    let field = |name: &str, test: &str, value: String| format!("{{ field = \"{name}\", {test} = {value} }}");
    let is = if is_not { "is_not" } else { "is" };
    let written = match ask {
        "state" => return Some(field("cadence.state", is, quoted(&row.value))),
        "kind" => return Some(field("segment.segment", is, quoted(&row.value))),
        "orders-least" => field("summary.order_days", "at_least", number(&row.value)),
        "orders-most" => field("summary.order_days", "at_most", number(&row.value)),
        "quiet-least" => field("summary.quiet_days", "at_least", number(&row.value)),
        "late-least" => field("cadence.days_late", "at_least", number(&row.value)),
        "net-least" => field("summary.net_minor", "at_least", amount(&row.value, decimals)),
        "net-most" => field("summary.net_minor", "at_most", amount(&row.value, decimals)),
        "tag" => format!("{{ tag = {} }}", quoted(&row.value)),
        "segment" => format!("{{ segment = {} }}", quoted(&row.value)),
        "agreed" => {
            let purpose = if row.purpose.is_empty() { PURPOSES[0] } else { &row.purpose };
            format!("{{ consent = {}, purpose = {} }}", quoted(&row.value), quoted(purpose))
        }
        _ => did(ask, row, decimals),
    };
    Some(if is_not { format!("{{ not = {written} }}") } else { written })
}

/// Something that was done: what, of what, how often, for how much, within how many days.
fn did(ask: &str, row: &Row, decimals: u32) -> String {
    let (act, of) = match ask {
        "ordered-category" => ("ordered", "category"),
        other => (other, "product"),
    };
    let mut parts = vec![format!("did = \"{act}\"")];
    let mut add = |is: bool, key: &str, value: String| {
        if is {
            parts.push(format!("{key} = {value}"));
        }
    };
    add(!row.value.is_empty(), of, quoted(&row.value));
    add(!row.times.is_empty(), "at_least", number(&row.times));
    add(!row.spent.is_empty(), "spent_at_least_minor", amount(&row.spent, decimals));
    add(!row.days.is_empty(), "within_days", number(&row.days));
    format!("{{ {} }}", parts.join(", "))
}

/// A condition as a row; `None` where a row cannot say it.
fn row(condition: &Condition, decimals: u32) -> Option<Row> {
    let (condition, not) = match condition {
        Condition::Not(inner) => (&**inner, "not-"),
        other => (other, ""),
    };
    let known = |ask: String, value: String| {
        ASKS.iter().any(|(word, _)| *word == ask).then(|| Row { ask, value, ..Row::default() })
    };
    match condition {
        Condition::Tag(tag) => known(format!("{not}tag"), tag.clone()),
        Condition::Segment(name) => known(format!("{not}segment"), name.clone()),
        Condition::Agreed { channel, purpose } => {
            let purpose = PURPOSES.iter().find(|known| *known == purpose)?;
            let purpose = if *purpose == PURPOSES[0] { "" } else { purpose };
            let row = known(format!("{not}agreed"), channel.clone())?;
            Some(Row { purpose: purpose.to_owned(), ..row })
        }
        Condition::Field { relation, column, tests } if not.is_empty() => {
            let [test] = tests.as_slice() else { return None };
            let plain = |bound: f64| format!("{bound:.0}");
            match (relation.as_str(), column.as_str(), test) {
                ("cadence", "state", Test::Is(all)) => known("state".to_owned(), one_word(all)?),
                ("cadence", "state", Test::IsNot(all)) => known("not-state".to_owned(), one_word(all)?),
                ("segment", "segment", Test::Is(all)) => known("kind".to_owned(), one_word(all)?),
                ("segment", "segment", Test::IsNot(all)) => known("not-kind".to_owned(), one_word(all)?),
                ("summary", "order_days", Test::AtLeast(bound)) => {
                    known("orders-least".to_owned(), plain(*bound))
                }
                ("summary", "order_days", Test::AtMost(bound)) => {
                    known("orders-most".to_owned(), plain(*bound))
                }
                ("summary", "quiet_days", Test::AtLeast(bound)) => {
                    known("quiet-least".to_owned(), plain(*bound))
                }
                ("cadence", "days_late", Test::AtLeast(bound)) => {
                    known("late-least".to_owned(), plain(*bound))
                }
                ("summary", "net_minor", Test::AtLeast(bound)) => {
                    known("net-least".to_owned(), money(*bound as i64, decimals))
                }
                ("summary", "net_minor", Test::AtMost(bound)) => {
                    known("net-most".to_owned(), money(*bound as i64, decimals))
                }
                _ => None,
            }
        }
        Condition::Did(one) => behaviour(one, not, decimals),
        _ => None,
    }
}

fn one_word(all: &[Literal]) -> Option<String> {
    match all {
        [Literal::Text(word)] => Some(word.clone()),
        _ => None,
    }
}

fn behaviour(one: &Behaviour, not: &str, decimals: u32) -> Option<Row> {
    let is_plain = one.store.is_none() && one.channel.is_none() && one.from.is_none() && one.until.is_none();
    if !is_plain || one.at_most.is_some() || (one.product.is_some() && one.category.is_some()) {
        return None;
    }
    let act = match (one.act, &one.category) {
        (Act::Ordered, Some(_)) => "ordered-category",
        (act, None) => act.word(),
        _ => return None,
    };
    let ask = format!("{not}{act}");
    let count = |value: Option<i64>| value.map_or(String::new(), |value| value.to_string());
    ASKS.iter().any(|(word, _)| *word == ask).then(|| Row {
        ask,
        value: one.product.clone().or_else(|| one.category.clone()).unwrap_or_default(),
        times: count(Some(one.at_least).filter(|least| *least != 1)),
        spent: one.spent_at_least_minor.map_or(String::new(), |minor| money(minor, decimals)),
        days: count(one.within_days),
        purpose: String::new(),
    })
}

/// Minor units as the form has them.
fn money(minor: i64, decimals: u32) -> String {
    loyalty::number::decimal(minor, decimals)
}

/// The page.
#[derive(Serialize)]
pub struct SegmentPage {
    name: String,
    join: String,
    asks: Vec<(&'static str, &'static str)>,
    purposes: [&'static str; PURPOSES.len()],
    groups: Vec<Group>,
    /// Whether the form can show the definition.
    has_form: bool,
    /// The definition as a file.
    text: String,
    is_counting: bool,
    count: Option<usize>,
    of: u64,
    refused: String,
    version: Option<i64>,
    /// What is being changed, and the version it had when the page was opened.
    kept_as: String,
    over: i64,
    /// What somebody else has kept meanwhile: its version and its text.
    conflict: Option<(i64, String)>,
    /// Names of kept segments.
    segments: Vec<String>,
}

impl SegmentPage {
    fn of(asked: &Asked, decimals: u32) -> SegmentPage {
        let written = asked.written(decimals);
        let text = written.clone().unwrap_or_else(|| asked.text.replace("\r\n", "\n"));
        // A text is shown as rows where rows can say it, so that it can be changed either way.
        let as_rows = match (&written, text.trim().is_empty()) {
            (None, false) => {
                segment::parse("the definition", &text).ok().map(|one| Asked::of(&one, decimals))
            }
            _ => Some(Some(asked.clone())),
        };
        let has_form = as_rows.as_ref().is_none_or(Option::is_some);
        let shown = as_rows.flatten().unwrap_or_else(|| asked.clone());
        SegmentPage {
            name: if asked.name.is_empty() { shown.name.clone() } else { asked.name.clone() },
            join: shown.join.clone(),
            asks: ASKS.to_vec(),
            purposes: PURPOSES,
            groups: spaced(shown.groups, asked.wants_more),
            has_form,
            text,
            is_counting: false,
            count: None,
            of: 0,
            refused: String::new(),
            version: None,
            kept_as: asked.of.clone(),
            over: asked.over,
            conflict: None,
            segments: Vec::new(),
        }
    }

    /// Before anything is chosen; while it is counted; and what the form cannot show.
    pub fn samples() -> [(&'static str, SegmentPage); 4] {
        let new = SegmentPage {
            refused: "who must have one of all, any".to_owned(),
            ..SegmentPage::of(&Asked::default(), 0)
        };
        let text = "name = \"deep\"\n[who]\nnot = { any = [{ tag = \"a\" }, { tag = \"b\" }] }\n";
        let deep = SegmentPage::of(&Asked { text: text.to_owned(), ..Asked::default() }, 0);
        assert!(!deep.has_form, "a form has no rows for this");
        let counting = SegmentPage { is_counting: true, ..SegmentPage::of(&Asked::read(SAMPLE), 0) };
        let conflict = Some((3, "name = \"late-regulars\"\nwho = { tag = \"friend\" }\n".to_owned()));
        let late = SegmentPage { conflict, over: 3, ..SegmentPage::of(&Asked::read(SAMPLE), 0) };
        [
            ("segment-new", new),
            ("segment-file", deep),
            ("segment-counting", counting),
            ("segment-conflict", late),
        ]
    }
}

/// Room for more: a row in each group, and a group.
fn spaced(mut groups: Vec<Group>, wants_more: bool) -> Vec<Group> {
    for group in &mut groups {
        let wanted = (group.rows.len() + if wants_more { 2 } else { 1 }).clamp(2, ROWS);
        group.rows.resize(wanted, Row::default());
    }
    let wanted = if wants_more || groups.is_empty() { groups.len() + 1 } else { groups.len() };
    while groups.len() < wanted.min(GROUPS) {
        groups.push(Group { join: String::new(), rows: vec![Row::default(); 2] });
    }
    groups
}

const SAMPLE: &str = "name=late-regulars&join=all&ask_1_1=state&value_1_1=at_risk&ask_1_2=orders-least&value_1_2=3&\
    join_2=any&ask_2_1=ordered&value_2_1=latte&times_2_1=2&days_2_1=90&ask_2_2=not-segment&value_2_2=staff&ask_2_3=agreed&value_2_3=sms&more=1";

impl Page for SegmentPage {
    const TEMPLATE: &'static str = "console/campaigns/segment.html";
    const AREA: Area = Area::Campaigns;

    fn sample(_: &Reader) -> SegmentPage {
        SegmentPage {
            count: Some(38),
            of: 1500,
            version: Some(2),
            segments: vec!["staff".to_owned()],
            ..SegmentPage::of(&Asked::read(SAMPLE), 0)
        }
    }
}

/// `GET /campaigns/segment`: a kept one by its name alone, else what the form says, counted.
pub async fn show(
    visit: Visit,
    Extension(counts): Extension<Arc<Counts>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut asked = Asked::read(&query.unwrap_or_default());
    let kept = visit.app().read(|session| Ok(session.read().segments()?)).await?;
    let mut version = None;
    if asked.groups.is_empty()
        && asked.text.is_empty()
        && let Some((_, found, text)) = kept.iter().find(|(name, ..)| *name == asked.name)
    {
        (version, asked.text) = (Some(*found), text.clone());
        (asked.of, asked.over) = (asked.name.clone(), *found);
    }
    let page = SegmentPage::of(&asked, visit.reader().decimals);
    let page = SegmentPage { version, segments: kept.into_iter().map(|(name, ..)| name).collect(), ..page };
    if page.text.trim().is_empty() {
        return visit.show(&page);
    }
    if let Err(refused) = segment::parse("the definition", &page.text) {
        return visit.show(&SegmentPage { refused: refused.to_string(), ..page });
    }
    visit.show(&match counts.look(visit.app(), &page.text) {
        Standing::Counting => SegmentPage { is_counting: true, ..page },
        Standing::Known(members) => SegmentPage { count: Some(members.ids.len()), of: members.of, ..page },
        Standing::Refused(refused) => SegmentPage { refused, ..page },
    })
}

/// `POST /campaigns/segment`: keep the definition; the same again changes nothing. What was made from a version that is
/// not the newest any more is shown beside the newest, and kept when it is sent again.
pub async fn keep(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let text = fields.text("text").replace("\r\n", "\n") + "\n";
    let asked = Asked {
        text: text.clone(),
        of: fields.text("of").to_owned(),
        over: fields.text("version").parse().unwrap_or(0),
        ..Asked::default()
    };
    let page = SegmentPage::of(&asked, visit.reader().decimals);
    let segment = match segment::parse("the definition", &text) {
        Ok(segment) => segment,
        Err(refused) => {
            let page = SegmentPage { refused: refused.to_string(), ..page };
            return visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let name = segment.name.clone();
    // Under another name it is another segment.
    let over = if asked.of == name { asked.over } else { 0 };
    let (now, salt) = (visit.app().now(), visit.app().chance_u128());
    let keeping = Keeping { text, segment, over: Some(over), now, actor: visit.member().actor(), salt };
    let kept = visit.app().write(move |writing| segments::keep(writing, &keeping)).await;
    let problem = match kept {
        Ok(_) => return Ok(visit.done(&format!("/campaigns/segment?name={name}"), "saved")),
        Err(problem) => problem,
    };
    if problem.kind == Kind::PreconditionFailed {
        let of = name.clone();
        let conflict = visit.app().read(move |session| Ok(session.read().newest_segment(&of)?)).await?;
        let over = conflict.as_ref().map_or(0, |(version, _)| *version);
        return visit.show_as(StatusCode::CONFLICT, &SegmentPage { conflict, kept_as: name, over, ..page });
    }
    let refused = refusal(&problem).ok_or(problem)?;
    visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &SegmentPage { refused, ..page })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(row: Row) -> Asked {
        let group = Group { join: "all".to_owned(), rows: vec![row] };
        Asked { name: "a".to_owned(), join: "all".to_owned(), groups: vec![group], ..Asked::default() }
    }

    #[test]
    fn every_row_of_the_form_is_a_condition_and_a_condition_is_the_row() {
        for (ask, kind) in ASKS {
            let value = match kind {
                "number" | "amount" => "3000",
                // A segment's name has no quotes; a product's may.
                "segment" => "late",
                "consent" => "sms",
                _ => "a \"b\"",
            };
            let mut row = Row { ask: ask.to_owned(), value: value.to_owned(), ..Row::default() };
            if kind == "did" {
                (row.times, row.spent, row.days) = ("2".to_owned(), "90000".to_owned(), "30".to_owned());
            }
            if kind == "consent" {
                row.purpose = "survey".to_owned();
            }
            let asked = asked(row);
            let text = asked.written(0).unwrap();
            let read = segment::parse("form", &text).unwrap_or_else(|no| panic!("{ask}: {text}\n{no}"));
            assert_eq!(Asked::of(&read, 0), Some(asked), "{text}");
        }
        assert_eq!(Asked::default().written(0), None);
        let wrong = Row { ask: "orders-least".into(), value: "many".into(), ..Row::default() };
        assert!(segment::parse("form", &asked(wrong).written(0).unwrap()).is_err(), "words are no number");
    }

    #[test]
    fn groups_nest_and_come_back_as_they_were() {
        let asked = Asked { wants_more: false, ..Asked::read(SAMPLE) };
        let text = asked.written(0).unwrap();
        let read = segment::parse("form", &text).unwrap_or_else(|no| panic!("{text}\n{no}"));
        let Condition::All(parts) = &read.who else { panic!("{text}") };
        assert!(matches!((&parts[0], &parts[1]), (Condition::All(_), Condition::Any(_))), "{text}");
        let back = Asked::of(&read, 0).unwrap();
        assert_eq!(back.groups.iter().map(|group| group.rows.len()).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(back.groups[1], asked.groups[1]);
    }

    #[test]
    fn amounts_are_written_in_the_shops_money() {
        for (text, decimals, minor) in [
            ("3.000.000", 0, "3000000"),
            ("12,5", 2, "1250"),
            ("12.50", 2, "1250"),
            ("12", 2, "1200"),
            ("1.005", 2, "\"1.005\""),
        ] {
            assert_eq!(amount(text, decimals), minor, "{text}");
        }
        assert_eq!(money(1250, 2), "12.50");
    }
}
