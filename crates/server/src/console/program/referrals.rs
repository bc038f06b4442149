//! `/program/{program}/referrals`: friends who were brought, and those that look like one person twice: yes or no.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::runs::{Runs, Standing};
use super::{Head, open};
use crate::effect;
use crate::problem::Problem;
use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use engine::design::running::{Flagged, still_flagged};
use engine::record::command::Command;
use engine::staff::permissions::Operation;
use jiff::civil::Date;
use loyalty::fact::{Custom, Fact};
use serde::Serialize;
use std::sync::Arc;

/// How a referral may stand, in its order.
const STATES: [&str; 6] = ["in_progress", "pending", "flagged", "approved", "rejected", "lapsed"];

/// The page.
#[derive(Serialize)]
pub struct ReferralsPage {
    head: Head,
    /// Whether the program has a referral.
    has_referral: bool,
    /// How many stand how.
    states: Vec<(&'static str, u64)>,
    rows: Vec<Row>,
    /// Known by a form, so that a second click does nothing.
    once: String,
    standing: Standing,
}

#[derive(Serialize)]
struct Row {
    friend: String,
    by: String,
    order: Option<String>,
    flags: Vec<String>,
    joined_on: Date,
}

impl Page for ReferralsPage {
    const TEMPLATE: &'static str = "console/program/referrals.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> ReferralsPage {
        let row = |number: u32| Row {
            friend: format!("cus_{number:026}"),
            by: format!("cus_{:026}", number + 1),
            order: Some("till/o-1001".to_owned()),
            flags: vec!["same card".to_owned(), "too many this month".to_owned()],
            joined_on: jiff::civil::date(2026, 10, 12),
        };
        ReferralsPage {
            head: Head::sample(reader),
            has_referral: true,
            states: STATES.into_iter().zip([12, 3, 2, 40, 1, 7]).collect(),
            rows: vec![row(4027), row(11)],
            once: "ref_1".to_owned(),
            standing: Standing::default(),
        }
    }
}

impl ReferralsPage {
    /// Nobody waits.
    pub fn sample_none(reader: &Reader) -> ReferralsPage {
        ReferralsPage {
            rows: Vec::new(),
            has_referral: false,
            states: Vec::new(),
            ..ReferralsPage::sample(reader)
        }
    }
}

/// `GET /program/{program}/referrals`
pub async fn show(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let (known, work) = runs.look(visit.app(), &open);
    let found: Vec<Flagged> = known.as_ref().map_or_else(Vec::new, |known| known.running.flagged.clone());
    // Those that were decided since are no longer there.
    let (in_force, friends) =
        (open.in_force.clone(), found.into_iter().map(|one| one.friend).collect::<Vec<_>>());
    let read = visit.app().read(move |session| {
        let friends: Vec<&str> = friends.iter().map(String::as_str).collect();
        Ok(still_flagged(&session.read(), &in_force, &friends)?)
    });
    let row = |one: Flagged| Row {
        joined_on: visit.reader().local(one.joined_at).date(),
        friend: one.friend,
        by: one.by,
        order: one.order,
        flags: one.flags,
    };
    let count =
        |state| known.as_ref().and_then(|known| known.running.referrals.get(state).copied()).unwrap_or(0);
    visit.show(&ReferralsPage {
        head: Head::of(&visit, &open),
        has_referral: !open.in_force.program.referrals.is_empty(),
        states: STATES.into_iter().map(|state| (state, count(state))).collect(),
        rows: read.await?.into_iter().map(row).collect(),
        once: format!("ref_{:032x}", visit.app().chance_u128()),
        standing: Standing::of(work),
    })
}

/// `POST /program/{program}/referrals/{friend}`: yes or no.
pub async fn decide(
    visit: Visit,
    Path((program, friend)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let is_yes = fields.text("do") == "yes";
    let once = fields.text("once");
    if !once.starts_with("ref_") || once.len() > 40 {
        return Err(Problem::of_body("/once", "open the page again"));
    }
    let fact = Fact::Event(Custom {
        id: format!("{once}-{friend}").as_str().into(),
        member: friend.as_str().into(),
        name: if is_yes { "referral_approved" } else { "referral_rejected" }.into(),
        happened_at: None,
        order: None,
        store: None,
    });
    let by = visit.caller().by(Operation::AdjustPoints, visit.app().chance_u128());
    let command = Command { source: "console".to_owned(), by, ..Command::of(fact) };
    effect::reply(&visit.app().ask(&open, command).await?)?;
    Ok(visit.done(&format!("/program/{program}/referrals"), if is_yes { "approved" } else { "refused" }))
}
