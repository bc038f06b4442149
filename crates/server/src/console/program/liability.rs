//! `/program/{program}/liability`: what outstanding points mean in the accounts: the movement of a month, the months the
//! points were earned in with what was redeemed of them at which age, the journal.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::runs::{Runs, Standing};
use super::{Head, open, starter};
use crate::problem::Problem;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::design::liabilities::{Row, Statement};
use engine::design::running::{MonthEnd, POLICIES};
use jiff::civil::{Date, DateTime};
use loyalty::liability::{JournalLine, Movement};
use loyalty::number::decimal;
use loyalty::program::Program;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Ages of the triangle that are shown, in months.
const AGES: usize = 12;
/// Months that are shown, the newest.
const MONTHS: usize = 24;

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    policy: String,
    /// `last` for the month that is over; else this month so far.
    month: String,
}

/// The page.
#[derive(Serialize)]
pub struct LiabilityPage {
    head: Head,
    policy: String,
    policies: Vec<&'static str>,
    month: String,
    /// The first days of the months that can be chosen.
    months: Vec<(&'static str, Date)>,
    wallets: Vec<Wallet>,
    computed_at: Option<DateTime>,
    standing: Standing,
}

/// A wallet in the accounts.
#[derive(Serialize)]
struct Wallet {
    name: String,
    liability_minor: i64,
    before_minor: i64,
    is_estimated: bool,
    /// Words and points; the last is what is there at the end.
    movement: Vec<(&'static str, String)>,
    vintages: Vec<Vintage>,
    /// The oldest age that is shown.
    ages: usize,
    /// Account, debit and credit in minor units.
    journal: Vec<(String, i64, i64)>,
}

/// Points by the month they were earned in.
#[derive(Serialize)]
struct Vintage {
    month: Date,
    issued: String,
    redeemed: String,
    expired: String,
    outstanding: String,
    expected: String,
    liability_minor: i64,
    /// The share redeemed by each age; none where the month is not that old.
    shares: Vec<Option<f64>>,
}

fn movement(table: &Movement, precision: u32) -> Vec<(&'static str, String)> {
    let all = [
        ("opening", table.opening),
        ("earned", table.earned),
        ("adjusted", table.adjusted),
        ("transferred", table.transferred),
        ("spent", -table.spent),
        ("clawed_back", -table.clawed_back),
        ("expired", -table.expired),
        ("cancelled", -table.cancelled),
        ("closing", table.closing),
    ];
    let is_shown =
        |word: &str, units: i64| units != 0 || matches!(word, "opening" | "earned" | "spent" | "closing");
    all.into_iter()
        .filter(|(word, units)| is_shown(word, *units))
        .map(|(word, units)| (word, decimal(units, precision)))
        .collect()
}

fn first_of(month: &str) -> Date {
    format!("{month}-01").parse().unwrap_or(Date::MIN)
}

fn vintage(row: &Row, last: Date, precision: u32) -> Vintage {
    let month = first_of(&row.month);
    let age = (i32::from(last.year()) - i32::from(month.year())) * 12 + i32::from(last.month())
        - i32::from(month.month());
    let mut sum = 0i64;
    let shares = (0..AGES).map(|place| {
        sum += row.redeemed_by_age.get(place).copied().unwrap_or(0);
        let is_reached = i32::try_from(place).is_ok_and(|place| place <= age);
        (is_reached && row.issued > 0).then(|| sum as f64 / row.issued as f64)
    });
    let points = |units: i64| decimal(units, precision);
    Vintage {
        month,
        shares: shares.collect(),
        issued: points(row.issued),
        redeemed: points(row.redeemed),
        expired: points(row.expired),
        outstanding: points(row.outstanding),
        expected: points(row.expected),
        liability_minor: row.liability_minor,
    }
}

fn wallet(program: &Program, statement: &Statement, end: &MonthEnd, reader: &Reader) -> Wallet {
    let spec = program.wallet(&statement.wallet).map(|place| &program.wallets[place]);
    let precision = spec.map_or(0, |spec| spec.precision);
    let skipped = statement.months.len().saturating_sub(MONTHS);
    let vintages: Vec<Vintage> =
        statement.months[skipped..].iter().map(|row| vintage(row, end.month, precision)).collect();
    let oldest = vintages.iter().map(|one| one.shares.iter().flatten().count()).max().unwrap_or(0);
    let line = |line: &JournalLine| (crate::effect::word(&line.account), line.debit_minor, line.credit_minor);
    Wallet {
        name: spec.map_or(statement.wallet.clone(), |spec| {
            spec.name.in_language(reader.view.lang.folder()).to_owned()
        }),
        liability_minor: statement.liability_minor,
        before_minor: statement.before_minor,
        is_estimated: statement.is_estimated,
        movement: movement(&statement.movement, precision),
        ages: oldest,
        vintages,
        journal: statement.journal.iter().map(line).collect(),
    }
}

impl LiabilityPage {
    fn of(
        head: Head,
        asked: &Asked,
        months: &[MonthEnd],
        program: &Program,
        reader: &Reader,
    ) -> LiabilityPage {
        let known = |word: &&str| POLICIES.iter().any(|(policy, _)| policy == word);
        let policy = Some(asked.policy.as_str()).filter(known).unwrap_or(POLICIES[0].0);
        let month = if asked.month == "last" { "last" } else { "this" };
        let chosen = if month == "last" { months.first() } else { months.last() };
        let statements = chosen.and_then(|end| Some((end, end.policies.get(policy)?)));
        let wallets = statements.into_iter().flat_map(|(end, all)| all.iter().map(move |one| (end, one)));
        LiabilityPage {
            head,
            policy: policy.to_owned(),
            policies: POLICIES.iter().map(|(word, _)| *word).collect(),
            month: month.to_owned(),
            months: ["last", "this"].into_iter().zip(months.iter().map(|end| end.month)).collect(),
            wallets: wallets.map(|(end, one)| wallet(program, one, end, reader)).collect(),
            computed_at: None,
            standing: Standing::default(),
        }
    }

    /// While members are walked for the first time.
    pub fn sample_working(reader: &Reader) -> LiabilityPage {
        let standing = Standing { is_working: true, walked: 1500, failed: String::new() };
        LiabilityPage {
            standing,
            ..LiabilityPage::of(Head::sample(reader), &Asked::default(), &[], &starter(), reader)
        }
    }
}

impl Page for LiabilityPage {
    const TEMPLATE: &'static str = "console/program/liability.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> LiabilityPage {
        let row = |month: &str, by_age: &[i64]| Row {
            month: month.to_owned(),
            issued: 1000,
            redeemed: by_age.iter().sum(),
            expired: 20,
            outstanding: 980 - by_age.iter().sum::<i64>(),
            expected: 700,
            liability_minor: 350_000,
            redeemed_by_age: by_age.to_vec(),
        };
        let statement = Statement {
            wallet: "points".to_owned(),
            movement: Movement {
                opening: 900,
                earned: 1000,
                spent: 160,
                closing: 1740,
                ..Movement::default()
            },
            is_estimated: true,
            months: vec![row("2026-08", &[50, 100, 80]), row("2026-09", &[60, 120]), row("2026-10", &[40])],
            liability_minor: 1_050_000,
            before_minor: 800_000,
            journal: vec![JournalLine {
                account: loyalty::liability::BookAccount::DeferredRevenue,
                debit_minor: 0,
                credit_minor: 250_000,
                what: String::new(),
            }],
        };
        let end = MonthEnd {
            month: jiff::civil::date(2026, 10, 1),
            policies: POLICIES.map(|(word, _)| (word, vec![statement.clone()])).into(),
        };
        LiabilityPage {
            computed_at: Some(jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0)),
            ..LiabilityPage::of(Head::sample(reader), &Asked::default(), &[end], &starter(), reader)
        }
    }
}

/// `GET /program/{program}/liability`
pub async fn show(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let (known, work) = runs.look(visit.app(), &open);
    let months = known.as_ref().map_or(&[][..], |known| &known.running.months);
    let rules = &open.in_force.program;
    let page = LiabilityPage::of(Head::of(&visit, &open), &asked, months, rules, visit.reader());
    let computed_at = known.as_ref().map(|known| visit.reader().local_micros(known.at));
    visit.show(&LiabilityPage { computed_at, standing: Standing::of(work), ..page })
}

/// `GET /program/{program}/liability.csv`: the months of all wallets.
pub async fn export(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let (known, _) = runs.look(visit.app(), &open);
    let known = known.ok_or_else(|| Problem::unavailable("the members are being walked; look again", 2))?;
    let page = LiabilityPage::of(
        Head::of(&visit, &open),
        &asked,
        &known.running.months,
        &open.in_force.program,
        visit.reader(),
    );
    let mut text =
        String::from("wallet,month,issued,redeemed,expired,outstanding,expected,liability_minor\r\n");
    for wallet in &page.wallets {
        let quoted = format!("\"{}\"", wallet.name.replace('"', "\"\""));
        for one in &wallet.vintages {
            let Vintage { month, issued, redeemed, expired, outstanding, expected, liability_minor, .. } =
                one;
            text += &format!(
                "{quoted},{},{issued},{redeemed},{expired},{outstanding},{expected},{liability_minor}\r\n",
                month.strftime("%Y-%m")
            );
        }
    }
    let name = format!("attachment; filename=\"{program}-liability-{}.csv\"", page.policy);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

/// `POST /program/{program}/walk`: walk over the members anew, now.
pub async fn walk(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
) -> Result<Response, Problem> {
    runs.begin(visit.app(), &open(visit.app(), &program)?);
    Ok(visit.done(&format!("/program/{program}/liability"), "computing"))
}
