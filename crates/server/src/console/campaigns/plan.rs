//! `/campaigns/plan`: what is to be done with whom, what it costs, how it will be read; sized on the shop's own past
//! before it is kept. What could not be seen is refused, with what would make it visible.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::segments::quoted;
use super::with_facts;
use crate::problem::Problem;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Currency;
use engine::act::segment::SENTENCES;
use engine::act::{cycle, plan};
use serde::{Deserialize, Serialize};

/// Fields that are text, in the order of a plan's file.
const TEXTS: [&str; 12] = [
    "name",
    "title",
    "channel",
    "purpose",
    "action",
    "message",
    "reason",
    "recipient",
    "cost_per_contact",
    "cost_per_use",
    "accept_unseen_below",
    "metric",
];
/// Channels that are offered.
const CHANNELS: [&str; 4] = ["sms", "zalo", "email", "call"];

/// The page.
#[derive(Serialize)]
pub struct PlanPage {
    /// What was typed, by field.
    typed: std::collections::BTreeMap<String, String>,
    /// Kept segments, and sentences: `segment:NAME`, `sentence:NAME`.
    segments: Vec<String>,
    sentences: Vec<&'static str>,
    channels: [&'static str; CHANNELS.len()],
    metrics: Vec<&'static str>,
    refused: String,
}

impl PlanPage {
    fn of(
        typed: std::collections::BTreeMap<String, String>,
        segments: Vec<String>,
        refused: String,
    ) -> PlanPage {
        PlanPage {
            typed,
            segments,
            sentences: SENTENCES.to_vec(),
            channels: CHANNELS,
            metrics: plan::Metric::ALL.into_iter().map(plan::Metric::word).collect(),
            refused,
        }
    }
}

fn usual(who: &str) -> std::collections::BTreeMap<String, String> {
    let usual = [("who", who), ("channel", "sms"), ("hold_out", "20"), ("days", "28"), ("metric", "margin")];
    usual.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Page for PlanPage {
    const TEMPLATE: &'static str = "console/campaigns/plan.html";
    const AREA: Area = Area::Campaigns;

    fn sample(_: &Reader) -> PlanPage {
        let mut typed = usual("sentence:best_late");
        typed.insert("action".to_owned(), "Một ly cà phê".to_owned());
        let refused =
            "it pays from 3500 of margin (minor units) a person on. What would help: 900 people".to_owned();
        PlanPage::of(typed, vec!["late-regulars".to_owned()], refused)
    }
}

impl PlanPage {
    /// What was typed, a form or a file, with why it is not kept; what was not typed is as usual.
    fn again(fields: &Fields, segments: Vec<String>, refused: String) -> PlanPage {
        let mut typed = usual("sentence:best_late");
        typed.extend(fields.without_proof().pairs().iter().cloned());
        PlanPage::of(typed, segments, refused)
    }

    /// A file that was refused.
    pub fn sample_file() -> PlanPage {
        let fields = Fields::read(b"text=name+%3D+%22late%22");
        PlanPage::again(&fields, Vec::new(), "the plan: channel is missing".to_owned())
    }
}

/// Whom it is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    who: String,
}

async fn segments(visit: &Visit) -> Result<Vec<String>, Problem> {
    let all = super::at_desk(visit, |desk, _| Ok(desk.store.list_segments()?)).await?;
    Ok(all.unwrap_or_default().into_iter().map(|(name, _, _)| name).collect())
}

/// `GET /campaigns/plan`
pub async fn begin(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let who = if asked.who.is_empty() { "sentence:best_late" } else { &asked.who };
    visit.show(&PlanPage::of(usual(who), segments(&visit).await?, String::new()))
}

/// The form as a plan's file: amounts as people write them, shares out of per cent.
fn written(fields: &Fields) -> Result<String, String> {
    if !fields.text("text").is_empty() {
        return Ok(fields.text("text").replace("\r\n", "\n"));
    }
    let mut text = String::new();
    for name in TEXTS {
        let value = fields.text(name);
        if !value.is_empty() {
            text += &format!("{name} = {}\n", quoted(value));
        }
    }
    let (kind, name) = fields.text("who").split_once(':').unwrap_or(("segment", ""));
    let kind = if kind == "sentence" { kind } else { "segment" };
    text += &format!("{kind} = {}\npromise = \"unannounced\"\n", quoted(name));
    for (field, key) in [("hold_out", "hold_out"), ("margin", "margin")] {
        let value = fields.text(field).replace(',', ".");
        if !value.is_empty() {
            let percent: f64 =
                value.parse().map_err(|_| format!("{field}: '{value}' is no number of per cent"))?;
            text += &format!("{key} = {:?}\n", percent / 100.0);
        }
    }
    let days = fields.text("days");
    if !days.is_empty() {
        let days: i64 = days.parse().map_err(|_| format!("days: '{days}' is no number of days"))?;
        text += &format!("days = {days}\n");
    }
    Ok(text)
}

/// `POST /campaigns/plan`
pub async fn keep(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let currency: Currency = visit.reader().currency.parse().unwrap_or(Currency::UNKNOWN);
    let read = written(&fields)
        .and_then(|text| plan::parse("the plan", &text, currency).map_err(|refused| refused.to_string()));
    let done = match read {
        Ok(plan) => {
            let margin = plan.margin_share;
            let planned = with_facts(&visit, margin, move |desk, facts, now| {
                cycle::plan(facts, &mut desk.store, &plan, now).map(|planned| planned.plan.name)
            });
            planned.await?
        }
        Err(refused) => Err(refused),
    };
    match done {
        Ok(name) => Ok(visit.done(&format!("/campaigns/of/{name}"), "saved")),
        Err(refused) => {
            let page = PlanPage::again(&fields, segments(&visit).await?, refused);
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_a_plan() {
        let body = "name=late&who=sentence%3Abest_late&channel=sms&action=a+%22cup%22&cost_per_contact=350&hold_out=20&\
                    days=28&metric=margin&margin=35";
        let text = written(&Fields::read(body.as_bytes())).unwrap();
        let plan = plan::parse("form", &text, "VND".parse().unwrap()).unwrap();
        assert_eq!((plan.hold_out, plan.days, plan.margin_share), (0.2, 28, Some(0.35)));
        assert_eq!((plan.cost_per_contact_minor, plan.action.as_str()), (350, "a \"cup\""));
        assert!(written(&Fields::read(b"hold_out=half")).is_err());
    }
}
