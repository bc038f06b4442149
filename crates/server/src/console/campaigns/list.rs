//! `/campaigns`: what was done, and what it brought: the shop's memory; and whom one might act on next.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::at_desk;
use crate::problem::Problem;
use axum::response::Response;
use engine::act::cycle;
use engine::act::plan::Who;
use engine::act::segment::{self, SENTENCES};
use jiff::civil::Date;
use serde::Serialize;

/// The page.
#[derive(Serialize)]
pub struct ListPage {
    rows: Vec<Row>,
    segments: Vec<Kept>,
    sentences: Vec<&'static str>,
    /// Why nothing can be shown; empty where it can.
    refused: String,
}

/// A campaign.
#[derive(Serialize)]
struct Row {
    name: String,
    title: String,
    state: String,
    /// `segment` or `sentence`, and which.
    who: (&'static str, String),
    action: String,
    changed_on: Date,
    /// What was decided; empty where nothing was.
    decision: String,
}

/// A segment.
#[derive(Serialize)]
struct Kept {
    name: String,
    version: i64,
    about: String,
}

/// Who is meant, as a word and a name.
pub(super) fn who(who: &Who) -> (&'static str, String) {
    match who {
        Who::Segment(name) => ("segment", name.clone()),
        Who::Sentence(name) => ("sentence", name.clone()),
    }
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "console/campaigns/list.html";
    const AREA: Area = Area::Campaigns;

    fn sample(_: &Reader) -> ListPage {
        let row = |name: &str, state: &str, decision: &str| Row {
            name: name.to_owned(),
            title: "Khách quen vắng lâu".to_owned(),
            state: state.to_owned(),
            who: ("sentence", "best_late".to_owned()),
            action: "Một ly cà phê miễn phí".to_owned(),
            changed_on: jiff::civil::date(2026, 10, 12),
            decision: decision.to_owned(),
        };
        let kept = Kept {
            name: "late-regulars".to_owned(),
            version: 2,
            about: "Came three times, is late".to_owned(),
        };
        ListPage {
            rows: vec![row("autumn", "closed", "keep"), row("late", "frozen", ""), row("new", "planned", "")],
            segments: vec![kept],
            sentences: SENTENCES.to_vec(),
            refused: String::new(),
        }
    }
}

impl ListPage {
    /// Nothing was done yet.
    pub fn sample_none() -> ListPage {
        ListPage {
            rows: vec![],
            segments: vec![],
            sentences: SENTENCES.to_vec(),
            refused: "no lake".to_owned(),
        }
    }
}

/// `GET /campaigns`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let reader = visit.reader().clone();
    let read = at_desk(&visit, move |desk, _| {
        let mut rows = Vec::new();
        for row in desk.store.list_campaigns()? {
            let plan = cycle::plan_of(&desk.store, &row.campaign_id)?;
            let steps = desk.store.steps_of_campaign(&row.campaign_id)?;
            let closed = steps.iter().rfind(|step| step.kind == "closed");
            let said: Option<serde_json::Value> =
                closed.and_then(|step| serde_json::from_str(&step.body).ok());
            rows.push(Row {
                who: who(&plan.who),
                title: plan.title,
                action: plan.action,
                changed_on: reader.local_micros(row.changed_at).date(),
                decision: said
                    .and_then(|said| Some(said["decision"].as_str()?.to_owned()))
                    .unwrap_or_default(),
                name: row.campaign_id,
                state: row.state,
            });
        }
        rows.sort_by(|a, b| b.changed_on.cmp(&a.changed_on).then_with(|| a.name.cmp(&b.name)));
        let mut segments = Vec::new();
        for (name, version, text) in desk.store.list_segments()? {
            let about = segment::parse(&name, &text)?.about;
            segments.push(Kept { name, version, about });
        }
        Ok((rows, segments))
    });
    let sentences = SENTENCES.to_vec();
    visit.show(&match read.await? {
        Ok((rows, segments)) => ListPage { rows, segments, sentences, refused: String::new() },
        Err(refused) => ListPage { rows: vec![], segments: vec![], sentences, refused },
    })
}
