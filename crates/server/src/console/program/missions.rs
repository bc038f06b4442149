//! `/program/{program}/missions`: targets with a prize, how many are on them, how many prizes were given.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::runs::{Runs, Standing};
use super::{Head, open, starter};
use crate::problem::Problem;
use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use engine::design::running::MissionSum;
use loyalty::book::{Item, book};
use loyalty::program::Program;
use serde::Serialize;
use std::sync::Arc;

/// The page.
#[derive(Serialize)]
pub struct MissionsPage {
    head: Head,
    rows: Vec<Row>,
    members: u64,
    standing: Standing,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    /// The rule in words.
    rule: Option<Item>,
    sum: Option<MissionSum>,
}

fn rows(program: &Program, reader: &Reader, sum: impl Fn(&str) -> Option<MissionSum>) -> Vec<Row> {
    let words: Vec<Item> =
        book(program, reader.loyalty_lang()).into_iter().flat_map(|chapter| chapter.rules).collect();
    let one = |mission: &loyalty::program::Mission| {
        let (id, key) = (mission.spec.id.to_string(), format!("mission {}", mission.spec.id));
        Row {
            name: mission.spec.name.in_language(reader.view.lang.folder()).to_owned(),
            rule: words.iter().find(|item| item.key == key).cloned(),
            sum: sum(&id),
            id,
        }
    };
    program.missions.iter().map(one).collect()
}

impl Page for MissionsPage {
    const TEMPLATE: &'static str = "console/program/missions.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> MissionsPage {
        let sum = |_: &str| Some(MissionSum { on_it: 412, prizes: 37 });
        MissionsPage {
            head: Head::sample(reader),
            rows: rows(&starter(), reader, sum),
            members: 1500,
            standing: Standing::default(),
        }
    }
}

impl MissionsPage {
    /// There are none.
    pub fn sample_none(reader: &Reader) -> MissionsPage {
        MissionsPage { rows: Vec::new(), ..MissionsPage::sample(reader) }
    }
}

/// `GET /program/{program}/missions`
pub async fn show(
    visit: Visit,
    Extension(runs): Extension<Arc<Runs>>,
    Path(program): Path<String>,
) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let (known, work) = runs.look(visit.app(), &open);
    let sum = |id: &str| known.as_ref().and_then(|known| known.running.missions.get(id).copied());
    visit.show(&MissionsPage {
        head: Head::of(&visit, &open),
        rows: rows(&open.in_force.program, visit.reader(), sum),
        members: known.as_ref().map_or(0, |known| known.running.members),
        standing: Standing::of(work),
    })
}
