//! The program: its rules in words, the files they are made of, and how it runs.
//!
//! - [`rules`] is the rule book, [`forms`] and [`edit`] change the files, [`tries`] runs the past through a change,
//!   [`versions`] keeps what was;
//! - [`rewards`] and [`vouchers`] are what members get, [`missions`] and [`referrals`] what they do for it;
//! - [`liability`] is what their points mean in the accounts; [`runs`] walks over the members for the last four.

pub mod edit;
pub mod forms;
pub mod liability;
pub mod missions;
pub mod referrals;
pub mod rewards;
pub mod rules;
pub mod runs;
pub mod tiers;
pub mod tries;
pub mod versions;
pub mod vouchers;
pub mod words;

use super::Guarded;
use super::guard::{Needs, Visit};
use super::reader::Reader;
use super::samples::Made;
use crate::app::{App, Open};
use crate::problem::Problem;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use engine::staff::permissions::Operation::{self, *};
use loyalty::program::{Program, load};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program to begin with.
pub const STARTER: &str = include_str!("starter.toml");

/// The pages of a program: the word, the rest of the address, and what one must be allowed to do.
const PAGES: [(&str, &str, Operation); 10] = [
    ("rules", "", ReadPrograms),
    ("forms", "/forms", PlanPrograms),
    ("edit", "/edit", PlanPrograms),
    ("tries", "/tries", PlanPrograms),
    ("versions", "/versions", ReadPrograms),
    ("rewards", "/rewards", ReadPrograms),
    ("tiers", "/tiers", ReadReports),
    ("missions", "/missions", ReadPrograms),
    ("referrals", "/referrals", AdjustPoints),
    ("liability", "/liability", ReadReports),
];

/// What every page of a program begins with.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    id: String,
    name: String,
    version: i64,
    tabs: Vec<(&'static str, String)>,
    /// Ids and names, where there are several programs.
    programs: Vec<(String, String)>,
}

impl Head {
    /// The head of a program for a visitor.
    pub fn of(visit: &Visit, open: &Open) -> Head {
        let all = visit.app().programs();
        let named = |(id, open): (String, Arc<Open>)| (id, name(&open.in_force.program, visit.reader()));
        let programs = if all.len() > 1 { all.into_iter().map(named).collect() } else { Vec::new() };
        let may = |needs: Operation| visit.may(needs);
        Head { programs, ..Head::with(&open.in_force.program, open.in_force.version, visit.reader(), may) }
    }

    fn with(program: &Program, version: i64, reader: &Reader, may: impl Fn(Operation) -> bool) -> Head {
        let id = program.head.id.to_string();
        let tabs = PAGES.into_iter().filter(|(_, _, needs)| may(*needs));
        let tabs = tabs.map(|(word, rest, _)| (word, format!("/program/{id}{rest}"))).collect();
        Head { name: name(program, reader), version, tabs, programs: Vec::new(), id }
    }

    /// Of the starter, in its third version.
    pub fn sample(reader: &Reader) -> Head {
        let programs = vec![("members".to_owned(), "A".to_owned()), ("staff".to_owned(), "B".to_owned())];
        Head { programs, ..Head::with(&starter(), 3, reader, |_| true) }
    }
}

/// The starter, compiled.
pub fn starter() -> Program {
    load(&starter_files()).expect("the starter is sound")
}

/// The starter's files.
pub fn starter_files() -> BTreeMap<String, String> {
    BTreeMap::from([("program.toml".to_owned(), STARTER.to_owned())])
}

fn name(program: &Program, reader: &Reader) -> String {
    program.head.name.in_language(reader.view.lang.folder()).to_owned()
}

/// An open program by its id.
pub fn open(app: &App, id: &str) -> Result<Arc<Open>, Problem> {
    app.programs().get(id).cloned().ok_or_else(|| Problem::not_found("program", id))
}

/// Its routes.
pub fn routes(page: Guarded<'_>) -> Router<App> {
    let at = |needs: Operation, route: MethodRouter<App>| page(Needs::Operation(needs), route);
    Router::new()
        .route("/program", at(ReadPrograms, get(rules::first)))
        .route("/program/new", at(PlanPrograms, get(edit::begin).post(edit::change)))
        .route("/program/{program}", at(ReadPrograms, get(rules::show)))
        .route("/program/{program}/edit", at(PlanPrograms, get(edit::show).post(edit::change)))
        .route("/program/{program}/forms", at(PlanPrograms, get(forms::show).post(forms::change)))
        .route("/program/{program}/tries", at(PlanPrograms, get(tries::list).post(tries::begin)))
        .route("/program/{program}/tries/{id}", at(PlanPrograms, get(tries::show)))
        .route("/program/{program}/tries/{id}/report", at(PlanPrograms, get(tries::report)))
        .route("/program/{program}/versions", at(ReadPrograms, get(versions::show)))
        .route("/program/{program}/versions/{version}", at(ReadPrograms, get(versions::one)))
        .route("/program/{program}/rewards", at(ReadPrograms, get(rewards::show)))
        .route(
            "/program/{program}/rewards/{reward}/vouchers",
            at(GenerateVouchers, get(vouchers::print).post(vouchers::make)),
        )
        .route(
            "/program/{program}/rewards/{reward}/vouchers.csv",
            at(GenerateVouchers, get(vouchers::export)),
        )
        .route("/program/{program}/tiers", at(ReadReports, get(tiers::show)))
        .route("/program/{program}/missions", at(ReadPrograms, get(missions::show)))
        .route("/program/{program}/referrals", at(AdjustPoints, get(referrals::show)))
        .route("/program/{program}/referrals/{friend}", at(AdjustPoints, post(referrals::decide)))
        .route("/program/{program}/liability", at(ReadReports, get(liability::show)))
        .route("/program/{program}/liability.csv", at(ReadReports, get(liability::export)))
        .route("/program/{program}/walk", at(ReadReports, post(liability::walk)))
        .layer(Extension(Arc::new(tries::Tries::default())))
}

/// Its pages, for the test that looks at all of them.
pub fn samples(made: &mut Made<'_>) {
    made.page::<rules::RulesPage>();
    made.page::<rules::NoProgramPage>();
    made.page::<edit::EditPage>();
    for (name, page) in edit::EditPage::samples(made.reader()) {
        made.one(name, &page);
    }
    made.page::<forms::FormsPage>();
    made.page::<tries::TriesPage>();
    made.page::<tries::TryPage>();
    for (name, page) in tries::TryPage::samples(made.reader()) {
        made.one(name, &page);
    }
    made.page::<versions::VersionsPage>();
    made.page::<versions::VersionPage>();
    made.page::<rewards::RewardsPage>();
    made.page::<vouchers::PrintPage>();
    made.page::<tiers::TiersPage>();
    made.one("tiers-none", &tiers::TiersPage::sample_none(made.reader()));
    made.page::<missions::MissionsPage>();
    made.one("missions-none", &missions::MissionsPage::sample_none(made.reader()));
    made.page::<referrals::ReferralsPage>();
    made.one("referrals-none", &referrals::ReferralsPage::sample_none(made.reader()));
    made.page::<liability::LiabilityPage>();
    made.one("liability-working", &liability::LiabilityPage::sample_working(made.reader()));
}
