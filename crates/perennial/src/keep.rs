//! Looking after a data folder: the lake, questions in SQL, a watched folder.

use crate::args::{Common, LakeArgs, LakeCommand, LakeSeal, Sql};
use crate::ended::Ended;
use crate::home::{Home, assets, now_micros};
use crate::import::{Stop, import_files, words};
use crate::say::{self, count};
use crate::xray;
use domain::column::{Batch, Column, Values};
use domain::port::Failure;
use engine::collect::options::Options;
use engine::collect::role::Import;
use engine::collect::watch;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Rows printed for people; `--json` prints all.
const ROWS_SHOWN: usize = 100;
/// How often a watched folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between the two looks of a single round.
const LOOK_AGAIN: Duration = Duration::from_millis(2_100);

/// `perennial lake`
pub fn lake(common: &Common, args: &LakeArgs) -> Result<(), Ended> {
    match args.command {
        LakeCommand::Compact => {
            let mut home = Home::open(common)?;
            let compacted = home.lake.compact()?;
            let versions: Vec<_> = compacted.iter().map(|done| (done.table, done.version)).collect();
            home.store.move_lake_versions(&versions, now_micros())?;
            let removed = home.lake.sweep()?;
            let tables: Vec<Value> = compacted
                .iter()
                .map(|done| json!({"table": done.table, "version": done.version, "files_before": done.files_before, "files_after": done.files_after}))
                .collect();
            say::result(common, &json!({"tables": tables, "files_removed": removed}), || {
                let mut text = String::new();
                for done in &compacted {
                    let _ = writeln!(
                        text,
                        "{}: {} files, now {}",
                        done.table.name(),
                        done.files_before,
                        done.files_after
                    );
                }
                let _ = writeln!(text, "{removed} files that nothing refers to were removed");
                text
            })
        }
        LakeCommand::Seal(LakeSeal { batch }) => crate::seal::run(common, batch),
        LakeCommand::Show => {
            let home = Home::open_to_read(common)?;
            let tables = home.lake.contents()?;
            let document: Vec<Value> = tables
                .iter()
                .map(|table| json!({"table": table.table, "version": table.version, "files": table.files, "rows": table.rows, "bytes": table.bytes, "location": table.location}))
                .collect();
            say::result(common, &json!({ "tables": document }), || {
                let mut text = String::new();
                for table in &tables {
                    let _ = writeln!(
                        text,
                        "{:<10} version {:>3}  {:>12} rows  {:>5} files  {}",
                        table.table.name(),
                        table.version,
                        count(table.rows),
                        table.files,
                        table.location
                    );
                }
                text
            })
        }
    }
}

/// `perennial sql`
pub fn sql(common: &Common, args: &Sql) -> Result<(), Ended> {
    let home = Home::open_to_read(common)?;
    let session = home.session(common, &assets(common)?)?;
    let Some(query) = &args.query else {
        let relations: Vec<Value> = session
            .relations()
            .map(|relation| json!({"name": relation.name, "about": relation.about}))
            .collect();
        return say::result(common, &json!({ "relations": relations }), || {
            session.relations().fold(String::new(), |text, relation| {
                text + &format!("{:<28} {}\n", relation.name, relation.about)
            })
        });
    };
    xray::prepare(&home, &session, query, args.as_of)?;
    let rows = session.query(query).map_err(|failure| Ended::Refused(sentence(&failure)))?;
    say::result(common, &json!({"columns": rows.names(), "rows": documents(&rows)}), || table(&rows))
}

fn sentence(failure: &domain::port::Failure) -> String {
    match &failure.source {
        Some(source) => format!("{failure}: {source}"),
        None => failure.to_string(),
    }
}

/// Rows as objects, column by column.
pub fn documents(rows: &Batch) -> Vec<Value> {
    (0..rows.rows())
        .map(|row| {
            let cells = rows.columns().iter().map(|column| (column.name.clone(), cell(column, row)));
            Value::Object(cells.collect::<Map<_, _>>())
        })
        .collect()
}

fn cell(column: &Column, row: usize) -> Value {
    if !column.is_present(row) {
        return Value::Null;
    }
    match &column.values {
        Values::Int(cells) => cells[row].into(),
        Values::Float(cells) => cells[row].into(),
        Values::Bool(cells) => cells[row].into(),
        Values::Day(cells) => crate::import::date_of(cells[row]).to_string().into(),
        Values::Instant(cells) => {
            jiff::Timestamp::from_microsecond(cells[row]).map_or(Value::Null, |at| at.to_string().into())
        }
        Values::Text(cells) => cells.get(row).into(),
        Values::Key(cells) => format!("{:032x}", cells[row]).into(),
        Values::Floats(cells) => cells[row].clone().into(),
    }
}

/// Columns are padded up to this many characters; beyond it nobody reads a table, and formatting has a limit.
const WIDEST: usize = 200;

fn table(rows: &Batch) -> String {
    let texts: Vec<Vec<String>> = (0..rows.rows().min(ROWS_SHOWN))
        .map(|row| {
            let text = |column| match cell(column, row) {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            };
            rows.columns().iter().map(text).collect()
        })
        .collect();
    let widths: Vec<usize> = rows
        .names()
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let widest = texts.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
            widest.max(name.len()).min(WIDEST)
        })
        .collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(&rows.names().iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    texts.iter().for_each(|row| text += &line(row));
    if rows.rows() > ROWS_SHOWN {
        let _ = writeln!(text, "… {} rows in all; --json prints them", count(rows.rows() as u64));
    }
    text
}

/// Import every file that appears in a folder: good ones move to `done/`, refused ones to `rejected/`.
pub fn watch(
    common: &Common,
    home: &mut Home,
    kind: Import,
    options: &Options,
    folder: &Path,
    only_once: bool,
) -> Result<(), Ended> {
    // A till may still be writing: a file is taken when two looks found it the same and it has been left alone.
    let mut before = watch::look(folder)?;
    loop {
        std::thread::sleep(if only_once { LOOK_AGAIN } else { LOOK_EVERY });
        let mut failed = None;
        let handled = watch::round(folder, &mut before, now_micros(), &mut |path| {
            let file = vec![path.display().to_string()];
            match import_files(common, home, kind, file, options) {
                Ok(summary) => {
                    failed = say::result(common, &summary, || words(&summary, true)).err();
                    Ok(())
                }
                Err(Stop::Engine(stopped)) => Err(stopped),
                Err(Stop::Ended(ended)) => {
                    failed = Some(ended);
                    Err(Failure::new("the import did not end well").into())
                }
            }
        });
        if let Some(ended) = failed {
            return Err(ended);
        }
        for (path, refused) in handled? {
            if let Some(refused) = refused {
                eprintln!("perennial: {refused}; {} was moved to rejected/", path.display());
            }
        }
        if only_once {
            return Ok(());
        }
    }
}
