//! `perennial xray`: the report, on the data folder or on files with nothing set up.

use crate::args::{Common, Report, Xray as XrayArgs};
use crate::ended::Ended;
use crate::home::{Home, assets, currency_of, now_micros};
use crate::import::{import_files, options as import_options};
use crate::progress::Progress;
use crate::say;
use analytics::session::Session;
use assets::Lang;
use domain::port::Failure;
use domain::{Batch, Column, Id};
use engine::collect::role::Import;
use engine::understand::options::{Imports, Options, Progress as At, Stage};
use engine::understand::xray::{Placeholder, Rejected, Xray};
use engine::understand::{xray_of, xray_page};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Run the command.
pub fn run(common: &Common, args: &XrayArgs) -> Result<(), Ended> {
    if args.orders.is_empty() {
        let home = Home::open_to_read(common)?;
        return write_all(common, &home, args);
    }
    let folder = Scratch::make()?;
    let inside = Common { data: folder.0.clone(), database: None, lake: None, ..common.clone() };
    let home = import_only(&inside, args)?;
    write_all(&inside, &home, args)
}

fn write_all(common: &Common, home: &Home, args: &XrayArgs) -> Result<(), Ended> {
    let xray = compute(common, home, &args.report, args.reading.as_of, args.out_scores.as_deref())?;
    write_page(common, &xray, args.report.lang, &args.out)?;
    if let Some(path) = &args.out_json {
        let text = serde_json::to_vec_pretty(&xray).map_err(|error| Ended::Failed(error.into()))?;
        say::write_file(path, &text)?;
    }
    let said = headline(common, &xray, args.report.lang)?;
    say::result(common, &xray, || format!("{said}\nthe report is in {}\n", args.out.display()))
}

/// Import the files of a report that has no data folder.
fn import_only(common: &Common, args: &XrayArgs) -> Result<Home, Ended> {
    let mut home = Home::open(common)?;
    let options = import_options(&mut home, Import::Orders, &args.reading)?;
    let summary = import_files(common, &mut home, Import::Orders, args.orders.clone(), &options)?;
    if let Some(rejects) = &summary.rejects {
        // They stand in a folder that goes away: keep them beside the report.
        let kept = args.out.with_extension("rejects.csv");
        let bytes = std::fs::read(rejects)
            .map_err(|error| Failure::because(format!("cannot read {}", rejects.display()), error))?;
        say::write_file(&kept, &bytes)?;
        if !common.quiet {
            eprintln!("{} rows were rejected: {}", say::count(summary.rejected), kept.display());
        }
    }
    Ok(home)
}

/// A folder that is removed when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Scratch, Ended> {
        let folder =
            std::env::temp_dir().join(format!("perennial-{:x}-{:x}", std::process::id(), now_micros()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::because(format!("cannot make {}", folder.display()), error))?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left-overs of a one-shot cost only space, and the system clears its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Compute the report on a data folder, and write the scores of its customers where asked.
pub fn compute(
    common: &Common,
    home: &Home,
    args: &Report,
    as_of: Option<jiff::civil::Date>,
    scores: Option<&Path>,
) -> Result<Xray, Ended> {
    let session = home.session(common, &assets(common)?)?;
    let options = options(home, args, as_of)?;
    let keys = keys(home)?;
    let mut progress = Progress::new(common.quiet);
    let (mut xray, relation) = xray_of(&session, &options, &|id| keys.get(id).cloned(), &mut |at: At| {
        progress.at(stage_name(at.stage), u64::from(at.step), u64::from(At::STEPS), 0)
    })?;
    progress.clear();
    xray.decided = engine::act::cycle::decided(&home.store, options.zone.as_deref())?;
    if let Some(path) = scores {
        write_scores(&session, &keys, relation.relation, path)?;
    }
    Ok(xray)
}

/// Write the report as a page.
pub fn write_page(common: &Common, xray: &Xray, lang: Lang, path: &Path) -> Result<(), Ended> {
    let page = xray_page::render(xray, &assets(common)?, lang)?;
    say::write_file(path, page.as_bytes())
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "reading the facts",
        Stage::Fitting => "fitting the models",
        Stage::Judging => "judging them on held-out time",
        Stage::Customers => "scoring every customer",
        Stage::Adding => "adding up",
    }
}

pub fn options(home: &Home, args: &Report, as_of: Option<jiff::civil::Date>) -> Result<Options, Ended> {
    let currency = currency_of(&home.store)?;
    let margin_share = match args.margin.as_deref() {
        None | Some("column") => None,
        Some(text) => Some(text.parse::<f64>().map_err(|_| {
            Ended::Usage(format!("--margin {text}: expected a share such as 0.3, or the word column"))
        })?),
    };
    Ok(Options {
        shop: home.store.find_setting("shop")?,
        zone: home.store.find_setting("timezone")?,
        as_of,
        calibration_end: args.calibration_end,
        horizon_days: args.horizon,
        margin_share,
        discount_rate: args.discount_rate,
        imports: imports(home)?,
        ..Options::new(currency)
    })
}

/// The shop's own keys by our ids; where a customer has several, the first-met kind speaks.
pub fn keys(home: &Home) -> Result<HashMap<String, String>, Ended> {
    let mut keys = HashMap::new();
    home.store.for_each_key(|id: Id, _kind, _source, value| {
        keys.entry(id.to_string()).or_insert_with(|| value.to_owned());
    })?;
    Ok(keys)
}

/// What the imports of this folder found wrong, added up.
fn imports(home: &Home) -> Result<Imports, Ended> {
    let mut all = Imports::default();
    for import in home.store.list_imports()?.iter().filter(|import| import.kind == "orders") {
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let summary = &import.summary;
        all.rows_read += number(&summary["counts"]["read"]);
        all.rows_accepted += number(&summary["counts"]["accepted"]);
        all.rows_rejected += number(&summary["rejected"]);
        all.rows_repeated += number(&summary["facts_known"]);
        for reason in summary["reasons"].as_array().into_iter().flatten() {
            let text = reason[0].as_str().unwrap_or_default();
            match all.rejected_because.iter_mut().find(|known| known.reason == text) {
                Some(known) => known.rows += number(&reason[1]),
                None => {
                    all.rejected_because.push(Rejected { reason: text.to_owned(), rows: number(&reason[1]) })
                }
            }
        }
        let walk_ins = number(&summary["counts"]["walk_in"]);
        if walk_ins > 0 {
            all.placeholders.push(Placeholder {
                text: import.source.clone(),
                orders: walk_ins,
                sales_minor: 0,
            });
        }
    }
    Ok(all)
}

fn write_scores(
    session: &Session,
    keys: &HashMap<String, String>,
    relation: &str,
    path: &Path,
) -> Result<(), Ended> {
    let names = Batch::new(vec![
        Column::texts("customer_id", keys.keys().map(|id| Some(id.as_str()))),
        Column::texts("customer_key", keys.values().map(|key| Some(key.as_str()))),
    ]);
    session.write_beside(relation, names, "customer_id", path)?;
    Ok(())
}

/// What the report says first, for the terminal.
pub fn headline(common: &Common, xray: &Xray, lang: Lang) -> Result<String, Ended> {
    let lines = xray_page::sentences(xray, &assets(common)?, lang)?;
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        text += &if place == 0 { format!("{line}\n") } else { format!("  {place}. {line}\n") };
    }
    Ok(text)
}

/// Give a session the inputs that a query needs; models are fitted only where it reads them.
pub fn prepare(
    home: &Home,
    session: &Session,
    query: &str,
    as_of: Option<jiff::civil::Date>,
) -> Result<(), Ended> {
    let mut needed = session.inputs_of(query);
    if needed.remove("run.history") {
        engine::design::backtest::provide_everything(session)?;
    }
    if needed.remove("run.behaviours") | needed.remove("run.windows") | needed.remove("run.contacts") {
        engine::act::people::ask_nothing(session)?;
    }
    if needed.is_empty() {
        return Ok(());
    }
    let report = Report::usual();
    let options = options(home, &report, as_of)?;
    if needed.iter().all(|input| input == "run.parameters") {
        engine::understand::prepare_spans(session, &options)?;
    } else {
        engine::understand::prepare(session, &options)?;
    }
    Ok(())
}
