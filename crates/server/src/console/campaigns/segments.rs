//! `/campaigns/segment`: who. A few conditions in a form become a definition, and a definition is a file; both are
//! counted on the shop as it is now.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{at_desk, with_facts};
use crate::problem::Problem;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use engine::act::freeze::ready;
use engine::act::people::{Library, find};
use engine::act::segment;
use serde::{Deserialize, Serialize};

/// How many conditions the form has.
const CONDITIONS: usize = 4;
/// What may be asked, each with what is asked of it: a choice, a number, or words.
const ASKS: [(&str, &str); 11] = [
    ("state", "state"),
    ("kind", "kind"),
    ("orders-least", "number"),
    ("orders-most", "number"),
    ("quiet-least", "number"),
    ("late-least", "number"),
    ("net-least", "number"),
    ("ordered", "text"),
    ("not-ordered", "text"),
    ("complained", "number"),
    ("segment", "text"),
];

/// What is asked: the form's rows, or a text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    name: String,
    join: String,
    ask_1: String,
    ask_2: String,
    ask_3: String,
    ask_4: String,
    value_1: String,
    value_2: String,
    value_3: String,
    value_4: String,
    text: String,
}

impl Asked {
    fn rows(&self) -> [(&str, &str); CONDITIONS] {
        [
            (&self.ask_1, self.value_1.trim()),
            (&self.ask_2, self.value_2.trim()),
            (&self.ask_3, self.value_3.trim()),
            (&self.ask_4, self.value_4.trim()),
        ]
    }

    /// The definition of the form's rows; `None` where none is filled in.
    fn written(&self) -> Option<String> {
        let parts: Vec<String> =
            self.rows().into_iter().filter_map(|(ask, value)| condition(ask, value)).collect();
        if parts.is_empty() {
            return None;
        }
        let join = if self.join == "any" { "any" } else { "all" };
        let name = if self.name.trim().is_empty() { "new" } else { self.name.trim() };
        Some(format!("name = {}\n\n[who]\n{join} = [\n    {},\n]\n", quoted(name), parts.join(",\n    ")))
    }
}

/// A text as TOML has it: JSON's form of it is one.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn condition(ask: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    let number = || {
        value
            .replace(['.', ',', ' '], "")
            .parse::<i64>()
            .map_or_else(|_| quoted(value), |one| one.to_string())
    };
    let field = |name: &str, test: &str| format!("{{ field = \"{name}\", {test} = {} }}", number());
    Some(match ask {
        "state" => format!("{{ field = \"cadence.state\", is = {} }}", quoted(value)),
        "kind" => format!("{{ field = \"segment.segment\", is = {} }}", quoted(value)),
        "orders-least" => field("summary.order_days", "at_least"),
        "orders-most" => field("summary.order_days", "at_most"),
        "quiet-least" => field("summary.quiet_days", "at_least"),
        "late-least" => field("cadence.days_late", "at_least"),
        "net-least" => field("summary.net_minor", "at_least"),
        "ordered" => format!("{{ did = \"ordered\", product = {} }}", quoted(value)),
        "not-ordered" => format!("{{ not = {{ did = \"ordered\", product = {} }} }}", quoted(value)),
        "complained" => format!("{{ not = {{ did = \"complained\", within_days = {} }} }}", number()),
        "segment" => format!("{{ segment = {} }}", quoted(value)),
        _ => return None,
    })
}

/// The page.
#[derive(Serialize)]
pub struct SegmentPage {
    name: String,
    join: String,
    asks: Vec<(&'static str, &'static str)>,
    rows: Vec<(String, String)>,
    /// The definition as a file.
    text: String,
    count: Option<usize>,
    of: usize,
    refused: String,
    version: Option<i64>,
}

impl SegmentPage {
    fn of(asked: &Asked) -> SegmentPage {
        let rows = asked.rows().map(|(ask, value)| (ask.to_owned(), value.to_owned()));
        SegmentPage {
            name: asked.name.trim().to_owned(),
            join: asked.join.clone(),
            asks: ASKS.to_vec(),
            rows: rows.to_vec(),
            text: asked.written().unwrap_or_else(|| asked.text.replace("\r\n", "\n")),
            count: None,
            of: 0,
            refused: String::new(),
            version: None,
        }
    }

    /// Before anything is chosen.
    pub fn sample_new() -> SegmentPage {
        SegmentPage {
            refused: "who must have one of all, any".to_owned(),
            ..SegmentPage::of(&Asked::default())
        }
    }
}

impl Page for SegmentPage {
    const TEMPLATE: &'static str = "console/campaigns/segment.html";
    const AREA: Area = Area::Campaigns;

    fn sample(_: &Reader) -> SegmentPage {
        let asked = Asked {
            name: "late-regulars".to_owned(),
            ask_1: "state".to_owned(),
            value_1: "at_risk".to_owned(),
            ask_2: "orders-least".to_owned(),
            value_2: "3".to_owned(),
            ..Asked::default()
        };
        SegmentPage { count: Some(38), of: 1500, version: Some(2), ..SegmentPage::of(&asked) }
    }
}

/// `GET /campaigns/segment`: a kept one by its name alone, else what the form says, counted.
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let mut page = SegmentPage::of(&asked);
    if page.text.trim().is_empty() && !page.name.is_empty() {
        let name = page.name.clone();
        let kept = at_desk(&visit, move |desk, _| Ok(desk.store.find_segment(&name)?)).await?;
        if let Ok(Some((version, text))) = kept {
            (page.version, page.text) = (Some(version), text);
        }
    }
    if page.text.trim().is_empty() {
        return visit.show(&page);
    }
    let (text, name) = (page.text.clone(), page.name.clone());
    let counted = with_facts(&visit, None, move |desk, facts, _| {
        let given = [segment::parse("the definition", &text)?];
        // One that stands in itself would never end: the one that is tried wins over the kept one.
        let library = Library { store: &desk.store, given: &given };
        let condition = library.written_out(&given[0])?;
        ready(facts, &condition)?;
        let people = find(facts.insights, &desk.store, &condition, facts.as_of, &name)?;
        Ok((people.len(), facts.insights.run("customer.number").map(|rows| rows.rows()).unwrap_or(0)))
    });
    match counted.await? {
        Ok((count, of)) => visit.show(&SegmentPage { count: Some(count), of, ..page }),
        Err(refused) => visit.show(&SegmentPage { refused, ..page }),
    }
}

/// `POST /campaigns/segment`: keep the definition; the same again changes nothing.
pub async fn keep(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let text = fields.text("text").replace("\r\n", "\n") + "\n";
    let kept = text.clone();
    let done = at_desk(&visit, move |desk, now| {
        let segment = segment::parse("the definition", &kept)?;
        Library { store: &desk.store, given: std::slice::from_ref(&segment) }.written_out(&segment)?;
        desk.store.save_segment(&segment.name, &kept, now)?;
        Ok(segment.name)
    });
    match done.await? {
        Ok(name) => Ok(visit.done(&format!("/campaigns/segment?name={name}"), "saved")),
        Err(refused) => {
            let asked = Asked { text, ..Asked::default() };
            visit.show_as(
                StatusCode::UNPROCESSABLE_ENTITY,
                &SegmentPage { refused, ..SegmentPage::of(&asked) },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_form_is_a_condition_the_engine_reads() {
        for (ask, kind) in ASKS {
            let value = match (ask, kind) {
                (_, "number") => "3.000",
                // A segment's name has no quotes; a product's may.
                ("segment", _) => "late",
                _ => "a \"b\"",
            };
            let asked = Asked { ask_1: ask.to_owned(), value_1: value.to_owned(), ..Asked::default() };
            let text = asked.written().unwrap();
            assert!(segment::parse("form", &text).is_ok(), "{ask}: {text}");
        }
        assert_eq!(Asked::default().written(), None);
        let wrong = Asked { ask_1: "orders-least".into(), value_1: "many".into(), ..Asked::default() };
        assert!(segment::parse("form", &wrong.written().unwrap()).is_err(), "words are no number");
    }
}
