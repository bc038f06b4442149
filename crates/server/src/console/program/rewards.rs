//! `/program/{program}/rewards`: what members get for their points, what of it is out, and vouchers made beforehand.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::runs::{Known, Runs};
use super::{Head, open, starter};
use crate::effect::word;
use crate::problem::Problem;
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use engine::record::vouchers::printable;
use loyalty::program::Program;
use loyalty::program::spec::Reward;
use serde::Serialize;
use std::sync::Arc;
use store::VoucherSum;

/// The page.
#[derive(Serialize)]
pub struct RewardsPage {
    head: Head,
    rows: Vec<Row>,
    /// Whether vouchers are counted by now.
    is_counted: bool,
    /// Why none were made: the reward, and the sentence.
    refused: Option<(String, String)>,
    typed: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    kind: String,
    /// What it costs, one each: points, what they are called, and for which tiers.
    prices: Vec<(String, String, String)>,
    value_minor: Option<i64>,
    cost_minor: Option<i64>,
    stock: Option<u32>,
    /// Until when, and on which days it can be had, are in the rules; here only whether it is over.
    ends_on: Option<jiff::civil::Date>,
    /// Whether vouchers can be made of it beforehand.
    is_printable: bool,
    vouchers: Option<VoucherSum>,
}

fn row(program: &Program, reward: &Reward, reader: &Reader, known: Option<&Known>) -> Row {
    let code = reader.view.lang.folder();
    let minor =
        |number: Option<loyalty::number::Number>| number.and_then(|one| one.units(program.decimals()));
    let price = |price: &loyalty::program::spec::Price| {
        let wallet = program.wallet(price.wallet.as_str()).map(|place| &program.wallets[place]);
        let points = price.points.to_string();
        let called = wallet.map_or("", |wallet| wallet.called(points == "1", code)).to_owned();
        let tiers: Vec<String> = price.tiers.iter().map(ToString::to_string).collect();
        (points, called, tiers.join(", "))
    };
    let sums = known.map(|known| &known.running.vouchers);
    Row {
        id: reward.id.to_string(),
        name: reward.name.in_language(code).to_owned(),
        kind: word(&reward.kind),
        prices: reward.prices.iter().map(price).collect(),
        value_minor: minor(reward.value),
        cost_minor: minor(reward.cost),
        stock: reward.stock,
        ends_on: reward.until,
        is_printable: printable(program, reward.id.as_str()).is_some(),
        vouchers: sums.and_then(|sums| sums.iter().find(|sum| reward.id == *sum.reward).cloned()),
    }
}

impl Page for RewardsPage {
    const TEMPLATE: &'static str = "console/program/rewards.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> RewardsPage {
        let program = starter();
        let mut rows: Vec<Row> =
            program.rewards.iter().map(|reward| row(&program, reward, reader, None)).collect();
        for row in &mut rows {
            let reward = row.id.clone();
            row.vouchers =
                Some(VoucherSum { reward, printed: 200, count: 912, usable: 340, usable_minor: 17_000_000 });
            row.stock = Some(12);
            row.ends_on = Some(jiff::civil::date(2026, 12, 31));
        }
        let refused = Some((rows[0].id.clone(), "0 vouchers: from 1 to 10000 are made at once".to_owned()));
        RewardsPage { head: Head::sample(reader), rows, is_counted: true, refused, typed: "0".to_owned() }
    }
}

/// `GET /program/{program}/rewards`
pub async fn show(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
) -> Result<Response, Problem> {
    visit.show(&page(&visit, &runs, &program)?)
}

fn page(visit: &Visit, runs: &Arc<Runs>, program: &str) -> Result<RewardsPage, Problem> {
    let open = open(visit.app(), program)?;
    let (known, _) = runs.look(visit.app(), &open);
    let rules = &open.in_force.program;
    let rows = rules.rewards.iter().map(|reward| row(rules, reward, visit.reader(), known.as_deref()));
    Ok(RewardsPage {
        head: Head::of(visit, &open),
        rows: rows.collect(),
        is_counted: known.is_some(),
        refused: None,
        typed: String::new(),
    })
}

/// The page again, with why no vouchers were made.
pub(super) fn again(
    visit: &Visit,
    runs: &Arc<Runs>,
    program: &str,
    (reward, why): (String, String),
    typed: &str,
) -> Result<Response, Problem> {
    let page =
        RewardsPage { refused: Some((reward, why)), typed: typed.to_owned(), ..page(visit, runs, program)? };
    visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
