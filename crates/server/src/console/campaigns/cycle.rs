//! `/campaigns/of/{campaign}`: one campaign from the problem to the decision, and the next step at every point of it.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::files::LAYOUTS;
use super::list::who;
use super::{at_desk, with_facts};
use crate::problem::{Kind, Problem};
use axum::extract::Path as Of;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::act::plan::Plan;
use engine::act::results::Came;
use engine::act::size::Sizing;
use engine::act::{cycle, export::Exported, freeze::Frozen, layout};
use engine::measure::lift::Measured;
use engine::measure::page::{headline, render};
use jiff::civil::DateTime;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;
use store::CampaignStep;

/// What may be decided.
const DECISIONS: [&str; 3] = ["keep", "change", "stop"];

/// The page.
#[derive(Serialize)]
pub struct CyclePage {
    name: String,
    title: String,
    state: String,
    who: (&'static str, String),
    action: String,
    channel: String,
    recipient: String,
    days: i64,
    metric: &'static str,
    /// What the past said of it.
    sizing: Option<Foreseen>,
    frozen: Option<(DateTime, Frozen)>,
    exports: Vec<(DateTime, Exported)>,
    results: Vec<(DateTime, Came)>,
    /// One honest sentence, and what to do with it.
    measured: Option<(DateTime, String)>,
    closed: Option<(DateTime, String, String)>,
    layouts: Vec<String>,
    decisions: [&'static str; DECISIONS.len()],
    refused: String,
    typed: BTreeMap<String, String>,
}

/// A sizing as it is shown: whole minor units where the metric is money.
#[derive(Serialize)]
struct Foreseen {
    contact: u64,
    held_out: u64,
    is_money: bool,
    usual: f64,
    break_even: f64,
    smallest: f64,
}

impl Foreseen {
    fn of(sizing: &Sizing) -> Foreseen {
        Foreseen {
            contact: sizing.contact,
            held_out: sizing.held_out,
            is_money: sizing.metric == engine::act::plan::Metric::Margin,
            usual: sizing.usual,
            break_even: sizing.break_even,
            smallest: sizing.smallest,
        }
    }
}

impl CyclePage {
    fn of(reader: &Reader, state: &str, plan: &Plan, steps: &[CampaignStep]) -> Result<CyclePage, Problem> {
        let mut page = CyclePage {
            name: plan.name.clone(),
            title: plan.title.clone(),
            state: state.to_owned(),
            who: who(&plan.who),
            action: plan.action.clone(),
            channel: plan.channel.clone(),
            recipient: plan.recipient.clone(),
            days: plan.days,
            metric: plan.metric.word(),
            sizing: None,
            frozen: None,
            exports: Vec::new(),
            results: Vec::new(),
            measured: None,
            closed: None,
            layouts: layout::names(Path::new("")),
            decisions: DECISIONS,
            refused: String::new(),
            typed: BTreeMap::new(),
        };
        for step in steps {
            page.step(reader, step)?;
        }
        Ok(page)
    }

    fn step(&mut self, reader: &Reader, step: &CampaignStep) -> Result<(), Problem> {
        let at = reader.local_micros(step.happened_at);
        match step.kind.as_str() {
            "planned" => {
                let planned: cycle::Planned = said(step)?;
                self.sizing = planned.sizing.as_ref().map(Foreseen::of);
            }
            "frozen" => self.frozen = Some((at, said(step)?)),
            "exported" => self.exports.push((at, said(step)?)),
            "results" => self.results.push((at, said(step)?)),
            "measured" => {
                let measured: Measured = said(step)?;
                let text = headline(&measured, &reader.assets, reader.view.lang);
                self.measured = Some((at, text.map_err(|failure| Problem::internal(failure.to_string()))?));
            }
            "closed" => {
                let closed: cycle::Closed = said(step)?;
                self.closed = Some((at, closed.decision, closed.note));
            }
            _ => {}
        }
        Ok(())
    }

    /// Before the freeze, and with everything done.
    pub fn samples() -> [(&'static str, CyclePage); 1] {
        let page =
            CyclePage { refused: "the days are not over yet".to_owned(), ..CyclePage::bare("planned") };
        [("campaign-planned", page)]
    }

    fn bare(state: &str) -> CyclePage {
        CyclePage {
            name: "late".to_owned(),
            title: "Khách quen vắng lâu".to_owned(),
            state: state.to_owned(),
            who: ("sentence", "best_late".to_owned()),
            action: "Một ly cà phê".to_owned(),
            channel: "sms".to_owned(),
            recipient: "staff".to_owned(),
            days: 28,
            metric: "margin",
            sizing: Some(Foreseen {
                contact: 800,
                held_out: 200,
                is_money: true,
                usual: 42_000.0,
                break_even: 3_500.0,
                smallest: 3_100.4,
            }),
            frozen: None,
            exports: vec![],
            results: vec![],
            measured: None,
            closed: None,
            layouts: layout::names(Path::new("")),
            decisions: DECISIONS,
            refused: String::new(),
            typed: BTreeMap::new(),
        }
    }
}

fn said<T: DeserializeOwned>(step: &CampaignStep) -> Result<T, Problem> {
    let of =
        |error: serde_json::Error| Problem::internal(format!("step {} of a campaign: {error}", step.place));
    serde_json::from_str(&step.body).map_err(of)
}

impl Page for CyclePage {
    const TEMPLATE: &'static str = "console/campaigns/cycle.html";
    const AREA: Area = Area::Campaigns;

    fn sample(_: &Reader) -> CyclePage {
        let at = jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0);
        let day = jiff::civil::date(2026, 10, 13);
        let frozen = Frozen {
            as_of: day,
            start_on: day,
            segment_version: None,
            contact: 801,
            held_out: 200,
            left_out: BTreeMap::from([("no_consent".to_owned(), 12)]),
            tiers: BTreeMap::new(),
            fingerprint: "f".to_owned(),
        };
        let exported = Exported {
            layout: "excel".to_owned(),
            recipient: "staff".to_owned(),
            columns: vec!["Name".to_owned(), "Phone".to_owned()],
            rows: 790,
            checksum: "0123456789abcdef".to_owned(),
            not_on_it: 11,
        };
        let came = Came {
            file: "results.xlsx".to_owned(),
            rows: 790,
            new: 780,
            outcomes: BTreeMap::from([("sent".to_owned(), 760), ("failed".to_owned(), 20)]),
            opted_out: 3,
            leaked: 1,
            strangers: 2,
            ..Came::default()
        };
        CyclePage {
            frozen: Some((at, frozen)),
            exports: vec![(at, exported)],
            results: vec![(at, came)],
            measured: Some((at, "It brought between 2 and 5 million.\nKeep it.".to_owned())),
            closed: Some((at, "keep".to_owned(), "Khách thích".to_owned())),
            ..CyclePage::bare("closed")
        }
    }
}

/// `GET /campaigns/of/{campaign}`
pub async fn show(visit: Visit, Of(campaign): Of<String>) -> Result<Response, Problem> {
    visit.show(&read(&visit, campaign).await?)
}

async fn read(visit: &Visit, campaign: String) -> Result<CyclePage, Problem> {
    let name = campaign.clone();
    let found = at_desk(visit, move |desk, _| {
        let Some(row) = desk.store.find_campaign(&name)? else { return Ok(None) };
        let layouts = layout::names(&desk.folder.join(LAYOUTS));
        let plan = cycle::plan_of(&desk.store, &name)?;
        Ok(Some((row.state, plan, desk.store.steps_of_campaign(&name)?, layouts)))
    });
    let found = found.await?.map_err(|refused| Problem::new(Kind::Refused, refused))?;
    let found = found.ok_or_else(|| Problem::not_found("campaign", &campaign))?;
    let (state, plan, steps, layouts) = found;
    Ok(CyclePage { layouts, ..CyclePage::of(visit.reader(), &state, &plan, &steps)? })
}

/// The page again, with why a step was not taken.
pub(super) async fn again(
    visit: &Visit,
    campaign: String,
    refused: String,
    fields: &Fields,
) -> Result<Response, Problem> {
    let typed = fields.without_proof().pairs().iter().cloned().collect();
    let page = CyclePage { refused, typed, ..read(visit, campaign).await? };
    visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn went<T>(
    visit: &Visit,
    campaign: String,
    done: Result<T, String>,
    word: &str,
    fields: &Fields,
) -> Result<Response, Problem> {
    match done {
        Ok(_) => Ok(visit.done(&format!("/campaigns/of/{campaign}"), word)),
        Err(refused) => again(visit, campaign, refused, fields).await,
    }
}

async fn margin(visit: &Visit, campaign: &str) -> Result<Option<f64>, Problem> {
    let name = campaign.to_owned();
    let plan = at_desk(visit, move |desk, _| cycle::plan_of(&desk.store, &name)).await?;
    plan.map(|plan| plan.margin_share).map_err(|refused| Problem::new(Kind::NotFound, refused))
}

/// `POST /campaigns/of/{campaign}/freeze`
pub async fn freeze(visit: Visit, Of(campaign): Of<String>, fields: Fields) -> Result<Response, Problem> {
    let (share, name) = (margin(&visit, &campaign).await?, campaign.clone());
    let done = with_facts(&visit, share, move |desk, facts, now| {
        let plan = cycle::plan_of(&desk.store, &name)?;
        engine::act::freeze::freeze(facts, &mut desk.store, &plan, now)
    });
    let done = done.await?;
    went(&visit, campaign, done, "frozen", &fields).await
}

/// `POST /campaigns/of/{campaign}/measure`
pub async fn measure(visit: Visit, Of(campaign): Of<String>, fields: Fields) -> Result<Response, Problem> {
    let (share, name) = (margin(&visit, &campaign).await?, campaign.clone());
    let done =
        with_facts(&visit, share, move |desk, facts, now| cycle::measure(facts, &mut desk.store, &name, now));
    let done = done.await?;
    went(&visit, campaign, done, "measured", &fields).await
}

/// `POST /campaigns/of/{campaign}/close`
pub async fn close(visit: Visit, Of(campaign): Of<String>, fields: Fields) -> Result<Response, Problem> {
    let decision = Some(fields.text("decision").to_owned()).filter(|word| DECISIONS.contains(&word.as_str()));
    let (name, note) = (campaign.clone(), fields.text("note").to_owned());
    let done = at_desk(&visit, move |desk, now| {
        cycle::close(&mut desk.store, &name, decision.as_deref(), &note, now)
    });
    let done = done.await?;
    went(&visit, campaign, done, "decided", &fields).await
}

/// The report is a page of its own, to print and to hand on: it carries its style with it.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /campaigns/of/{campaign}/report`
pub async fn report(visit: Visit, Of(campaign): Of<String>) -> Result<Response, Problem> {
    let name = campaign.clone();
    let measured = at_desk(&visit, move |desk, _| cycle::measured(&desk.store, &name)).await?;
    let measured = measured.ok().flatten().ok_or_else(|| Problem::not_found("measurement of", &campaign))?;
    let reader = visit.reader();
    let text = render(&measured, &reader.assets, reader.view.lang);
    let text = text.map_err(|failure| Problem::internal(failure.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, REPORT_POLICY),
    ];
    Ok((headers, text).into_response())
}
