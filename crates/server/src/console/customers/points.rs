//! Points given or taken by hand, and those that wait for a second pair of eyes.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::page::{Wrong, again};
use super::standing::units;
use super::{acting, refusal};
use crate::app::Open;
use crate::effect;
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::adjusting::{self, Ask};
use engine::record::command::{Act, Command};
use engine::staff::permissions::Operation;
use jiff::civil::DateTime;
use loyalty::explain::refusal as refused_in;
use loyalty::fact::Fact;
use loyalty::number::decimal;
use loyalty::program::Lang;
use serde::Serialize;
use std::sync::Arc;
use store::AdjustmentRow;

/// How many that wait are shown.
const MOST: i64 = 200;

/// `POST /customers/{customer}/points`
pub async fn adjust(visit: Visit, Path(customer): Path<String>, fields: Fields) -> Result<Response, Problem> {
    match give(&visit, &customer, &fields).await {
        Ok(row) => {
            let said = if row.state == "waiting" { "waits" } else { "adjusted" };
            Ok(visit.done(&format!("/customers/{}", row.customer_id), said))
        }
        Err(problem) => match refusal(&problem) {
            Some(why) => {
                let typed = fields.without_proof().pairs().to_vec();
                again(&visit, customer, Wrong { form: "points", why, word: "refused", typed }).await
            }
            None => Err(problem),
        },
    }
}

async fn give(visit: &Visit, customer: &str, fields: &Fields) -> Result<AdjustmentRow, Problem> {
    let (program, wallet) = fields.text("wallet").split_once('/').unwrap_or_default();
    let open = visit.app().program(Some(program))?;
    let precision = precision(&open, wallet)?;
    let asked = Ask {
        id: fields.text("once").to_owned(),
        program: program.to_owned(),
        wallet: wallet.to_owned(),
        precision,
        units: units(fields.text("units"), precision)?,
        reason: fields.text("reason").to_owned(),
    };
    if !asked.id.starts_with("adj_") || asked.id.len() > 60 {
        return Err(Problem::of_body("/once", "open the page again"));
    }
    // What the rules refuse is refused before anybody else is asked to look.
    let rehearsed = visit.app().rehearse(&open, command(visit, customer, &asked)).await?;
    if rehearsed.answer.code().is_some() {
        let problem = effect::refusal(&rehearsed.answer);
        let lang = visit.reader().loyalty_lang();
        // In English the engine says more than its word.
        let worded =
            rehearsed.answer.code().filter(|_| lang != Lang::En).and_then(|code| refused_in(code, lang));
        return Err(match worded {
            Some(detail) => Problem { detail, ..problem },
            None => problem,
        });
    }
    let (id, kept) = (customer.to_owned(), asked.clone());
    let row = acting(visit, move |session, acting| adjusting::ask(session, &id, &kept, acting)).await?;
    if row.state == "done" {
        record(visit, &open, &row).await?;
    }
    Ok(row)
}

fn precision(open: &Open, wallet: &str) -> Result<u32, Problem> {
    let program = &open.in_force.program;
    let place = program.wallet(wallet).ok_or_else(|| Problem::not_found("wallet", wallet))?;
    Ok(program.wallets[place].precision)
}

fn command(visit: &Visit, customer: &str, asked: &Ask) -> Command {
    let fact = Fact::Adjust {
        member: customer.into(),
        id: asked.id.as_str().into(),
        wallet: asked.wallet.as_str().into(),
        units: asked.units,
    };
    let act = Act::Fact(fact);
    let by = visit.caller().by(Operation::AdjustPoints, visit.app().chance_u128());
    Command { key: None, source: String::new(), by, act }
}

/// Record what was decided. The same again is answered as the first time.
async fn record(visit: &Visit, open: &Arc<Open>, row: &AdjustmentRow) -> Result<(), Problem> {
    let asked = Ask {
        id: row.adjustment_id.clone(),
        program: row.program_id.clone(),
        wallet: row.wallet.clone(),
        precision: 0,
        units: row.units,
        reason: String::new(),
    };
    effect::reply(&visit.app().ask(open, command(visit, &row.customer_id, &asked)).await?).map(drop)
}

/// What waits for a second pair of eyes.
#[derive(Serialize)]
pub struct WaitingPage {
    rows: Vec<Row>,
    limit: i64,
}

#[derive(Serialize)]
struct Row {
    id: String,
    customer: String,
    wallet: String,
    points: String,
    is_loss: bool,
    reason: String,
    by: String,
    at: DateTime,
    /// Whether it was this visitor who asked.
    is_mine: bool,
}

impl Page for WaitingPage {
    const TEMPLATE: &'static str = "console/customers/waiting.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> WaitingPage {
        let row = |is_mine| Row {
            id: format!("adj_{is_mine}"),
            customer: "cus_00000000000000000000004027".to_owned(),
            wallet: "points".to_owned(),
            points: "+1200".to_owned(),
            is_loss: false,
            reason: "Đợi 20 phút".to_owned(),
            by: "Ana".to_owned(),
            at: jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0),
            is_mine,
        };
        WaitingPage { rows: vec![row(true), row(false)], limit: 500 }
    }
}

impl WaitingPage {
    /// Nothing waits.
    pub fn sample_empty() -> WaitingPage {
        WaitingPage { rows: Vec::new(), limit: 500 }
    }
}

/// `GET /points`
pub async fn waiting(visit: Visit) -> Result<Response, Problem> {
    let read = visit.app().read(|session| {
        let reading = session.read();
        let staff = engine::staff::people::list(&reading)?;
        Ok((reading.waiting_adjustments(MOST)?, staff, adjusting::limit(&reading)?))
    });
    let (rows, staff, limit) = read.await?;
    let name = |id: &str| {
        staff.iter().find(|member| member.id == id).map_or(id.to_owned(), |member| member.name.clone())
    };
    let row = |row: AdjustmentRow| {
        let open = visit.app().program(Some(&row.program_id)).ok();
        let precision = open.and_then(|open| precision(&open, &row.wallet).ok()).unwrap_or(0);
        let shown = decimal(row.units, precision);
        Row {
            points: if row.units > 0 { format!("+{shown}") } else { shown },
            is_loss: row.units < 0,
            by: name(&row.asked_by),
            at: visit.reader().local_micros(row.asked_at),
            is_mine: row.asked_by == visit.member().id,
            id: row.adjustment_id,
            customer: row.customer_id,
            wallet: row.wallet,
            reason: row.reason,
        }
    };
    let rows = rows.into_iter().map(row).collect();
    visit.show(&WaitingPage { rows, limit })
}

/// `POST /points/{adjustment}`: yes or no.
pub async fn decide(
    visit: Visit,
    Path(adjustment): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let is_yes = fields.text("do") == "yes";
    let id = adjustment.clone();
    let decided = acting(&visit, move |session, acting| adjusting::decide(session, &id, is_yes, acting));
    let row = decided.await?;
    if is_yes {
        let open = visit.app().program(Some(&row.program_id))?;
        record(&visit, &open, &row).await?;
    }
    Ok(visit.done("/points", if is_yes { "adjusted" } else { "refused" }))
}

/// `POST /points`: another limit, for whoever changes settings.
pub async fn set_limit(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let points: i64 =
        fields.text("limit").parse().map_err(|_| Problem::of_body("/limit", "a number of points"))?;
    let now = visit.app().now();
    visit.app().write(move |writing| super::done(adjusting::set_limit(writing, points, now))).await?;
    Ok(visit.done("/points", "saved"))
}
