//! Vouchers made beforehand: made, printed, taken out as a file.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::rewards::again;
use super::runs::Runs;
use super::{Head, open};
use crate::problem::{Kind, Problem};
use axum::Extension;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::record::view;
use engine::record::vouchers::{NotMade, generate};
use engine::staff::people::Asking;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::sync::Arc;
use store::VoucherRow;

/// The most that are shown on a page to print.
const PRINTED: usize = 200;

/// `POST /program/{program}/rewards/{reward}/vouchers`
pub async fn make(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path((program, reward)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Problem> {
    let opened = open(visit.app(), &program)?;
    let app = visit.app();
    let count: i64 = fields.text("count").parse().unwrap_or(0);
    let (actor, now, salt) = (visit.member().actor(), app.now(), app.chance_u128());
    let (in_force, wanted) = (opened.in_force.clone(), reward.clone());
    let made = app.with_session(move |session| {
        let mut asking = Asking { actor: &actor, now, chance: &mut || salt };
        match generate(session, &mut asking, &in_force, &wanted, count) {
            Err(NotMade::Failure(failure)) => Err(failure.into()),
            Err(NotMade::NotAllowed(no)) => Err(Problem::new(Kind::Forbidden, no.to_string())),
            answer => Ok(answer.map_err(|no| no.to_string())),
        }
    });
    match made.await? {
        Ok(_) => {
            runs.begin(app, &opened);
            Ok(visit.done(&format!("/program/{program}/rewards/{reward}/vouchers"), "vouchers"))
        }
        Err(why) => again(&visit, &runs, &program, (reward, why), fields.text("count")),
    }
}

/// Vouchers to print.
#[derive(Serialize)]
pub struct PrintPage {
    head: Head,
    reward: String,
    name: String,
    cards: Vec<Card>,
    /// How many there are.
    count: usize,
}

#[derive(Serialize)]
struct Card {
    code: String,
    value_minor: i64,
    /// The last day on which it can be used.
    until: Date,
    uses_left: i64,
}

impl Page for PrintPage {
    const TEMPLATE: &'static str = "console/program/vouchers.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> PrintPage {
        let card = |code: &str| Card {
            code: code.to_owned(),
            value_minor: 50_000,
            until: jiff::civil::date(2027, 4, 11),
            uses_left: 1,
        };
        PrintPage {
            head: Head::sample(reader),
            reward: "off".to_owned(),
            name: "Giảm 50.000 ₫".to_owned(),
            cards: vec![card("M-7K2M9PQR"), card("M-0ABC1DEF")],
            count: 340,
        }
    }
}

/// Those that can still be used.
async fn usable(visit: &Visit, program: &str, reward: &str) -> Result<Vec<VoucherRow>, Problem> {
    let (program, reward, now) = (program.to_owned(), reward.to_owned(), visit.app().now_micros());
    let rows =
        visit.app().read(move |session| Ok(session.read().printed_vouchers(&program, &reward)?)).await?;
    Ok(rows.into_iter().filter(|row| row.uses_left > 0 && row.ends_at > now).collect())
}

fn last_day(visit: &Visit, ends_at: i64) -> Date {
    let last = Timestamp::from_microsecond(ends_at - 1).unwrap_or_else(|_| view::at(ends_at));
    visit.reader().local(last).date()
}

/// `GET /program/{program}/rewards/{reward}/vouchers`
pub async fn print(
    visit: Visit,
    Path((program, reward)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let rules = &open.in_force.program;
    let spec = rules.rewards.iter().find(|spec| spec.id == *reward);
    let spec = spec.ok_or_else(|| Problem::not_found("reward", &reward))?;
    let name = spec.name.in_language(visit.reader().view.lang.folder()).to_owned();
    let rows = usable(&visit, &program, &reward).await?;
    let card = |row: &VoucherRow| Card {
        code: row.code.clone(),
        value_minor: row.value_minor,
        until: last_day(&visit, row.ends_at),
        uses_left: row.uses_left,
    };
    let cards = rows.iter().rev().take(PRINTED).map(card).collect();
    visit.show(&PrintPage { head: Head::of(&visit, &open), reward, name, cards, count: rows.len() })
}

/// `GET /program/{program}/rewards/{reward}/vouchers.csv`
pub async fn export(
    visit: Visit,
    Path((program, reward)): Path<(String, String)>,
) -> Result<Response, Problem> {
    open(visit.app(), &program)?;
    let mut text = String::from("code,reward,value_minor,last_day,uses_left\r\n");
    for row in usable(&visit, &program, &reward).await? {
        let day = last_day(&visit, row.ends_at);
        text += &format!("{},{},{},{day},{}\r\n", row.code, row.reward, row.value_minor, row.uses_left);
    }
    let name = format!("attachment; filename=\"{program}-{reward}-vouchers.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}
