//! `/program/{program}/edit`: the files, what a change of them would do, and putting it in force. A change is made
//! against a version: where somebody else was faster it is laid beside theirs, and nothing that was typed is lost.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::tries::{self, Tries};
use super::words::{Line, lines};
use super::{Head, STARTER, starter, starter_files};
use crate::problem::{Kind, Problem};
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use engine::record::program::{InForce, NotInstalled, install_over};
use engine::staff::people::Asking;
use loyalty::program::{Program, load};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::ProgramRow;

/// The page.
#[derive(Serialize)]
pub struct EditPage {
    /// None where the program is new.
    head: Option<Head>,
    /// Where the form goes.
    action: String,
    /// The version the change is made against; 0 where there is none.
    version: i64,
    files: Vec<File>,
    /// What is wrong with the files.
    problems: Vec<Trouble>,
    plan: Option<Plan>,
    /// What somebody else has changed since the page was opened: the version, and the lines.
    conflict: Option<(i64, Vec<Line>)>,
    /// Why it was not put in force although the files are sound.
    refused: String,
}

#[derive(Serialize, Clone)]
struct File {
    name: String,
    text: String,
    rows: usize,
}

/// Something that is wrong, where, and what to do.
#[derive(Serialize)]
struct Trouble {
    file: String,
    line: usize,
    /// The line itself.
    text: String,
    what: String,
    mend: String,
}

/// What a change would do.
#[derive(Serialize)]
struct Plan {
    is_change: bool,
    is_new: bool,
    lines: Vec<Line>,
    /// Members for whom it holds from then on.
    members: Option<u64>,
    /// Stands for the files: what was not planned is not put in force.
    mark: String,
}

/// The files by their names.
pub(super) type Files = BTreeMap<String, String>;

impl EditPage {
    fn of(head: Option<Head>, version: i64, files: &Files) -> EditPage {
        let action = match &head {
            Some(head) => format!("/program/{}/edit", head.id),
            None => "/program/new".to_owned(),
        };
        let file = |(name, text): (&String, &String)| File {
            name: name.clone(),
            text: text.clone(),
            rows: text.lines().count().clamp(8, 40) + 1,
        };
        EditPage {
            head,
            action,
            version,
            files: files.iter().map(file).collect(),
            problems: Vec::new(),
            plan: None,
            conflict: None,
            refused: String::new(),
        }
    }

    /// With problems, with a conflict, and of a program that is new.
    pub fn samples(reader: &Reader) -> [(&'static str, EditPage); 3] {
        let files = starter_files();
        let broken =
            Files::from([("program.toml".to_owned(), STARTER.replace("every = 10000", "every = 0"))]);
        let wrong =
            EditPage { problems: problems(&broken), ..EditPage::of(Some(Head::sample(reader)), 3, &broken) };
        let changed = "## A\n- **Base** changes:\n  - ~~one~~\n  - two\n";
        let conflict = EditPage { conflict: Some((4, lines(changed))), ..EditPage::sample(reader) };
        [
            ("program-wrong", wrong),
            ("program-conflict", conflict),
            ("program-new", EditPage::of(None, 0, &files)),
        ]
    }
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "console/program/edit.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> EditPage {
        let files = starter_files();
        let other =
            Files::from([("program.toml".to_owned(), STARTER.replace("every = 10000", "every = 20000"))]);
        let other = load(&other).expect("the starter is sound also so");
        let plan = planned(Some(&other), &starter(), reader, &files, Some(1500));
        EditPage { plan: Some(plan), ..EditPage::of(Some(Head::sample(reader)), 3, &files) }
    }
}

/// What is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Begin with the files of this version.
    from: Option<i64>,
}

/// `GET /program/new`
pub async fn begin(visit: Visit) -> Result<Response, Problem> {
    visit.show(&EditPage::of(None, 0, &starter_files()))
}

/// `GET /program/{program}/edit`
pub async fn show(
    visit: Visit,
    Path(program): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let open = super::open(visit.app(), &program)?;
    let version = open.in_force.version;
    let row = row(&visit, &program, asked.from.unwrap_or(version)).await?;
    visit.show(&EditPage::of(Some(Head::of(&visit, &open)), version, &files(&row)?))
}

/// A version of a program as it is kept.
pub(super) async fn row(visit: &Visit, program: &str, version: i64) -> Result<ProgramRow, Problem> {
    let id = program.to_owned();
    let rows = visit.app().read(move |session| Ok(session.read().versions_of_program(&id)?)).await?;
    let found = rows.into_iter().find(|row| row.version == version);
    found.ok_or_else(|| Problem::not_found("version", &version.to_string()))
}

/// The files of a version.
pub(super) fn files(row: &ProgramRow) -> Result<Files, Problem> {
    let of = format!("the files of version {} of {}", row.version, row.program_id);
    serde_json::from_str(&row.files).map_err(|error| Problem::internal(format!("{of}: {error}")))
}

/// The files of a form: names and texts side by side. A file without a name, or without a text, is left out.
fn typed(fields: &Fields) -> Files {
    let values = |name: &'static str| fields.pairs().iter().filter(move |(known, _)| known == name);
    let pairs = values("file").zip(values("text"));
    pairs
        .map(|((_, name), (_, text))| (name.trim().to_owned(), text.replace("\r\n", "\n")))
        .filter(|(name, text)| !name.is_empty() && !text.trim().is_empty())
        .collect()
}

fn mark(files: &Files) -> String {
    let text = serde_json::to_string(files).expect("texts become JSON");
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

fn problems(files: &Files) -> Vec<Trouble> {
    let trouble = |one: loyalty::program::Problem| Trouble {
        text: files
            .get(&one.file)
            .and_then(|text| text.lines().nth(one.line.checked_sub(1)?))
            .map_or(String::new(), |line| line.trim().to_owned()),
        file: one.file,
        line: one.line,
        what: one.what,
        mend: one.mend,
    };
    load(files).err().into_iter().flatten().map(trouble).collect()
}

fn planned(
    before: Option<&Program>,
    after: &Program,
    reader: &Reader,
    files: &Files,
    members: Option<u64>,
) -> Plan {
    let lang = reader.loyalty_lang();
    let (is_change, text) = match before {
        None => (true, loyalty::show::show(after, lang)),
        Some(before) => (!loyalty::diff::is_same(before, after), loyalty::diff::diff(before, after, lang)),
    };
    Plan { is_change, is_new: before.is_none(), lines: lines(&text), members, mark: mark(files) }
}

/// `POST /program/new` and `POST /program/{program}/edit`: look at a change, or put it in force.
pub async fn change(
    visit: Visit,
    Extension(tries): Extension<Arc<Tries>>,
    path: Option<Path<String>>,
    fields: Fields,
) -> Result<Response, Problem> {
    let asked = fields.text("do").to_owned();
    let mark = fields.text("mark").to_owned();
    let over: i64 =
        fields.text("version").parse().map_err(|_| Problem::of_body("/version", "open the page again"))?;
    let program = path.map(|Path(program)| program);
    decide(&visit, Some(&tries), program, typed(&fields), over, (&asked, &mark)).await
}

/// The plan of files that came from elsewhere than this page's own form.
pub(super) async fn plan(
    visit: Visit,
    program: String,
    over: i64,
    files: Files,
) -> Result<Response, Problem> {
    decide(&visit, None, Some(program), files, over, ("plan", "")).await
}

async fn decide(
    visit: &Visit,
    tries: Option<&Arc<Tries>>,
    of: Option<String>,
    files: Files,
    over: i64,
    (asked, mark): (&str, &str),
) -> Result<Response, Problem> {
    let open = of.as_ref().map(|program| super::open(visit.app(), program)).transpose()?;
    let head = open.as_ref().map(|open| Head::of(visit, open));
    let page = EditPage::of(head, over, &files);
    let Ok(program) = load(&files) else {
        let page = EditPage { problems: problems(&files), ..page };
        return visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let id = program.head.id.to_string();
    if of.is_some_and(|of| of != id) {
        let refused =
            format!("the files are of the program {id}: leave its id as it is, or begin a new program");
        return visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &EditPage { refused, ..page });
    }
    let known = visit.app().programs().get(&id).cloned();
    let present = known.as_ref().map_or(0, |open| open.in_force.version);
    let counted = id.clone();
    let members = visit.app().read(move |session| Ok(session.read().count_accounts(&counted)?)).await.ok();
    let before = known.as_ref().map(|open| &open.in_force.program);
    let plan = planned(before, &program, visit.reader(), &files, members.filter(|_| before.is_some()));
    if present != over {
        return conflict(visit, page, plan, &id, present).await;
    }
    if let Some(tries) = tries.filter(|_| asked == "try" && present > 0) {
        return tries::against_present(visit, tries, id, program).await;
    }
    if asked != "apply" || mark != plan.mark {
        return visit.show(&EditPage { plan: Some(plan), ..page });
    }
    match apply(visit, files, over).await {
        Ok(in_force) => {
            visit.app().follow_blocking(in_force).await?;
            Ok(visit.done(&format!("/program/{id}"), "applied"))
        }
        Err(NotInstalled::Changed { present, .. }) => conflict(visit, page, plan, &id, present).await,
        Err(NotInstalled::Failure(failure)) => Err(failure.into()),
        Err(no @ NotInstalled::NotAllowed(_)) => Err(Problem::new(Kind::Forbidden, no.to_string())),
        Err(other) => {
            let page = EditPage { refused: other.to_string(), plan: Some(plan), ..page };
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn apply(visit: &Visit, files: Files, over: i64) -> Result<InForce, NotInstalled> {
    let app = visit.app();
    let (actor, seed, now, salt) =
        (visit.member().actor(), app.chance_u128() as u64, app.now(), app.chance_u128());
    let installed = app.with_session(move |session| {
        let mut asking = Asking { actor: &actor, now, chance: &mut || salt };
        Ok(install_over(session, &mut asking, &files, seed, Some(over)))
    });
    installed
        .await
        .unwrap_or_else(|problem| Err(NotInstalled::Problems(vec![problem.secret.unwrap_or(problem.detail)])))
}

/// Somebody else was faster: what they changed, and the typed files against what is in force now.
async fn conflict(
    visit: &Visit,
    page: EditPage,
    plan: Plan,
    id: &str,
    present: i64,
) -> Result<Response, Problem> {
    let read = |version: i64| row(visit, id, version);
    let theirs = match (read(page.version).await, read(present).await) {
        (Ok(seen), Ok(now)) => {
            let (seen, now) = (load(&files(&seen)?), load(&files(&now)?));
            let text = seen.ok().zip(now.ok());
            text.map(|(seen, now)| loyalty::diff::diff(&seen, &now, visit.reader().loyalty_lang()))
        }
        _ => None,
    };
    let conflict = Some((present, lines(&theirs.unwrap_or_default())));
    let page = EditPage { version: present, conflict, plan: Some(plan), ..page };
    visit.show_as(StatusCode::CONFLICT, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_browsers_send_them() {
        let fields = Fields::read(b"file=a.toml&text=x%0D%0Ay%0D%0A&file=&text=z&file=b.toml&text=+");
        assert_eq!(typed(&fields), Files::from([("a.toml".to_owned(), "x\ny\n".to_owned())]));
    }

    #[test]
    fn a_problem_shows_its_line() {
        let broken = Files::from([(
            "p.toml".to_owned(),
            STARTER.replace("wallet = \"points\"\nper", "wallet = \"point\"\nper"),
        )]);
        let found = problems(&broken);
        assert!(
            found.iter().any(|one| one.file == "p.toml" && one.line > 1 && !one.mend.is_empty()),
            "no place"
        );
        assert_ne!(mark(&broken), mark(&starter_files()));
    }
}
