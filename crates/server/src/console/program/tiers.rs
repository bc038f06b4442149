//! `/program/{program}/tiers`: how many members stand where, and who loses a tier soon unless something happens.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::runs::{Known, Runs, Standing};
use super::{Head, open, starter};
use crate::problem::Problem;
use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use engine::design::running::Dropping;
use jiff::civil::Date;
use loyalty::number::decimal;
use loyalty::program::Program;
use loyalty::program::spec::{Counted, Ladder};
use serde::Serialize;
use std::sync::Arc;

/// The page.
#[derive(Serialize)]
pub struct TiersPage {
    head: Head,
    ladders: Vec<Steps>,
    /// How many lose a tier within a month.
    dropping: u64,
    rows: Vec<Row>,
    standing: Standing,
}

/// A ladder with its tiers, the lowest first: names, members, their share.
#[derive(Serialize)]
struct Steps {
    name: String,
    tiers: Vec<(String, u64, f64)>,
}

/// Somebody who is about to drop.
#[derive(Serialize)]
struct Row {
    member: String,
    ladder: String,
    tier: String,
    ends_on: Date,
    missing: String,
}

/// What a ladder counts, as people read it.
fn counted(program: &Program, ladder: &Ladder, units: i64, reader: &Reader) -> String {
    match ladder.counts {
        Counted::Spend => reader.habit().money(units),
        Counted::Points => decimal(units, program.wallets.first().map_or(0, |wallet| wallet.precision)),
        _ => reader.habit().count(units),
    }
}

fn ladders(program: &Program, reader: &Reader, counts: &[Vec<u64>]) -> Vec<Steps> {
    let code = reader.view.lang.folder();
    let steps = |(place, ladder): (usize, &Ladder)| {
        let counts = counts.get(place).map_or(&[][..], Vec::as_slice);
        let all: u64 = counts.iter().sum();
        let tier = |(level, tier): (usize, &loyalty::program::spec::Tier)| {
            let members = counts.get(level).copied().unwrap_or(0);
            let share = if all > 0 { members as f64 / all as f64 } else { 0.0 };
            (tier.name.in_language(code).to_owned(), members, share)
        };
        let name = ladder.name.in_language(code).to_owned();
        Steps { name, tiers: ladder.tier.iter().enumerate().map(tier).collect() }
    };
    program.ladders.iter().enumerate().map(steps).collect()
}

fn row(program: &Program, one: &Dropping, reader: &Reader) -> Option<Row> {
    let (code, ladder) = (reader.view.lang.folder(), program.ladders.get(one.ladder)?);
    Some(Row {
        member: one.member.clone(),
        ladder: ladder.name.in_language(code).to_owned(),
        tier: ladder.tier.get(one.level)?.name.in_language(code).to_owned(),
        ends_on: one.ends_on,
        missing: counted(program, ladder, one.to_keep, reader),
    })
}

impl TiersPage {
    fn of(head: Head, program: &Program, reader: &Reader, known: Option<&Known>) -> TiersPage {
        let running = known.map(|known| &known.running);
        let soon = running.map_or(&[][..], |running| running.next_to_drop.as_slice());
        TiersPage {
            head,
            ladders: ladders(program, reader, running.map_or(&[][..], |running| running.tiers.as_slice())),
            dropping: running.map_or(0, |running| running.dropping),
            rows: soon.iter().filter_map(|one| row(program, one, reader)).collect(),
            standing: Standing::default(),
        }
    }

    /// A program without tiers.
    pub fn sample_none(reader: &Reader) -> TiersPage {
        TiersPage::of(Head::sample(reader), &starter(), reader, None)
    }
}

impl Page for TiersPage {
    const TEMPLATE: &'static str = "console/program/tiers.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> TiersPage {
        let tiers = vec![
            ("Xanh".to_owned(), 1200, 0.8),
            ("Bạc".to_owned(), 240, 0.16),
            ("Vàng".to_owned(), 60, 0.04),
        ];
        let row = |number: u32| Row {
            member: format!("cus_{number:026}"),
            ladder: "Hạng".to_owned(),
            tier: "Bạc".to_owned(),
            ends_on: jiff::civil::date(2026, 10, 31),
            missing: reader.habit().money(300_000),
        };
        TiersPage {
            ladders: vec![Steps { name: "Hạng".to_owned(), tiers }],
            dropping: 37,
            rows: vec![row(4027), row(11)],
            ..TiersPage::sample_none(reader)
        }
    }
}

/// `GET /program/{program}/tiers`
pub async fn show(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let (known, work) = runs.look(visit.app(), &open);
    let page =
        TiersPage::of(Head::of(&visit, &open), &open.in_force.program, visit.reader(), known.as_deref());
    visit.show(&TiersPage { standing: Standing::of(work), ..page })
}
