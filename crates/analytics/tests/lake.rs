//! The lake's promise: nothing accepted is lost or counted twice, whatever crashes and however files overlap.

use analytics::lake::DeltaLake;
use analytics::session::Session;
use domain::column::{Batch, Column, Text, Values};
use domain::fact::Table;
use domain::id::{Id, Kind};
use domain::port::{Facts, Failure, Lake, Log, Only, Prepared};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

struct Shop {
    folder: TempDir,
    lake: DeltaLake,
}

fn runtime() -> Arc<tokio::runtime::Runtime> {
    Arc::new(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

fn shop() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().join("lake").display().to_string();
    let lake = DeltaLake::open(&location, &folder.path().join("scratch"), vec![], runtime()).unwrap();
    Shop { folder, lake }
}

fn import(number: u128) -> Id {
    Id::from_body(Kind::Import, number)
}

/// Lines as `month day key content total`; where key and content are equal, a line is its content.
fn lines(rows: &[(&str, i32, u128, u128, i64)]) -> Batch {
    let text = |value: &str| Values::Text(std::iter::repeat_n(value, rows.len()).collect::<Text>());
    Batch::new(vec![
        Column::new("row_key", Values::Key(rows.iter().map(|row| row.2).collect())),
        Column::new("content_key", Values::Key(rows.iter().map(|row| row.3).collect())),
        Column::new("import_id", text("imp")),
        Column::new("source", text("shop")),
        Column::new("month", Values::Text(rows.iter().map(|row| row.0).collect())),
        Column::new("order_id", text("order")),
        Column::new("customer_id", text("cus_ana")),
        Column::new(
            "ordered_at",
            Values::Instant(rows.iter().map(|row| i64::from(row.1) * 86_400_000_000).collect()),
        ),
        Column::new("ordered_on", Values::Day(rows.iter().map(|row| row.1).collect())),
        Column::new("total_minor", Values::Int(rows.iter().map(|row| row.4).collect())),
        Column::new("currency", text("VND")),
        Column::new("row", Values::Int((0..rows.len() as i64).collect())),
    ])
}

fn prepare(shop: &Shop, number: u128, rows: &[(&str, i32, u128, u128, i64)]) -> Prepared {
    let mut staging = shop.lake.stage(import(number)).unwrap();
    staging.write(Table::Lines, lines(rows)).unwrap();
    staging.finish().unwrap()
}

/// Prepare, commit and pin; answers (new, known, contradictions).
fn take(shop: &mut Shop, number: u128, rows: &[(&str, i32, u128, u128, i64)]) -> (u64, u64, Vec<u64>) {
    let prepared = prepare(shop, number, rows);
    let versions = shop.lake.commit(&prepared).unwrap();
    shop.lake = shop.lake.with_pins(versions);
    let table = &prepared.tables[0];
    (table.rows_new, table.rows_known, table.contradictions.clone())
}

/// Rows and their sum, as a relation sees them.
fn seen(shop: &Shop) -> (i64, i64) {
    let session = Session::open(&shop.lake, &[], &shop.folder.path().join("scratch"), 256 << 20).unwrap();
    let rows = session
        .query("select count(*) as n, coalesce(sum(total_minor), 0) as total from lake.lines")
        .unwrap();
    (rows.column("n").int(0).unwrap(), rows.column("total").int(0).unwrap())
}

const COFFEE: (&str, i32, u128, u128, i64) = ("2026-10", 20_730, 1 << 100 | 7, 1 << 100 | 7, 29_000);
const BREAD: (&str, i32, u128, u128, i64) = ("2026-09", 20_700, 2 << 100 | 9, 2 << 100 | 9, 18_000);

#[test]
fn lines_are_added_up_by_day_when_a_question_reads_that() {
    let mut shop = shop();
    let tea = ("2026-10", 20_730, 3 << 100, 3 << 100, 1_000);
    take(&mut shop, 1, &[COFFEE, BREAD, tea]);
    let session = Session::open(&shop.lake, &[], &shop.folder.path().join("scratch"), 256 << 20).unwrap();
    let rows = session
        .query(
            "select codes.customer_id, days.total_minor, arrow_cast(days.currency, 'Utf8') as currency \
             from lake.days as days join lake.codes as codes on codes.customer_code = days.customer_code \
             where arrow_cast(days.customer_id, 'Utf8') = 'cus_ana' order by days.ordered_on",
        )
        .unwrap();
    let totals: Vec<_> = (0..rows.rows()).map(|row| rows.column("total_minor").int(row).unwrap()).collect();
    assert_eq!(totals, [18_000, 30_000]);
    assert_eq!(rows.column("customer_id").text(1), Some("cus_ana"));
    assert_eq!(rows.column("currency").text(0), Some("VND"));
    let nothing = DeltaLake::open(
        &shop.folder.path().join("empty").display().to_string(),
        &shop.folder.path().join("scratch"),
        vec![],
        runtime(),
    );
    let empty =
        Session::open(&nothing.unwrap(), &[], &shop.folder.path().join("scratch"), 256 << 20).unwrap();
    assert_eq!(empty.query("select * from lake.days").unwrap().rows(), 0);
}

#[test]
fn the_same_file_again_changes_nothing() {
    let mut shop = shop();
    assert_eq!(take(&mut shop, 1, &[COFFEE, BREAD, COFFEE]), (3, 0, vec![]));
    assert_eq!(seen(&shop), (3, 76_000));
    assert_eq!(take(&mut shop, 1, &[COFFEE, BREAD, COFFEE]), (0, 3, vec![]));
    assert_eq!(seen(&shop), (3, 76_000));
}

#[test]
fn a_file_that_overlaps_adds_only_what_is_new() {
    let mut shop = shop();
    take(&mut shop, 1, &[COFFEE, BREAD]);
    assert_eq!(take(&mut shop, 2, &[BREAD, COFFEE, COFFEE]), (1, 2, vec![]));
    assert_eq!(seen(&shop), (3, 76_000));
}

#[test]
fn a_line_with_a_known_key_and_other_content_is_reported() {
    let mut shop = shop();
    let line = ("2026-10", 20_730, 5 << 90, 1, 100);
    let other = ("2026-10", 20_730, 5 << 90, 2, 999);
    assert_eq!(take(&mut shop, 1, &[line, line, other]), (1, 1, vec![2]));
    assert_eq!(take(&mut shop, 2, &[other]), (0, 0, vec![0]));
    assert_eq!(seen(&shop), (1, 100));
}

#[test]
fn a_plan_carried_out_twice_has_one_effect() {
    let mut shop = shop();
    let prepared = prepare(&shop, 1, &[COFFEE, BREAD]);
    assert_eq!(seen(&shop), (0, 0), "nothing is visible before the commit");
    let first = shop.lake.commit(&prepared).unwrap();
    let plan: Prepared = serde_json::from_str(&serde_json::to_string(&prepared).unwrap()).unwrap();
    let second = shop.lake.commit(&plan).unwrap();
    assert_eq!(first, second);
    shop.lake = shop.lake.with_pins(second);
    assert_eq!(seen(&shop), (2, 47_000));
}

#[test]
fn an_import_that_was_killed_before_its_plan_leaves_nothing_and_can_run_again() {
    let mut shop = shop();
    let mut staging = shop.lake.stage(import(1)).unwrap();
    staging.write(Table::Lines, lines(&[COFFEE, BREAD])).unwrap();
    drop(staging);
    assert_eq!(seen(&shop), (0, 0));
    assert_eq!(take(&mut shop, 1, &[COFFEE, BREAD]), (2, 0, vec![]));
    assert_eq!(seen(&shop), (2, 47_000));
}

#[test]
fn a_commit_that_nobody_pinned_is_not_seen() {
    let mut shop = shop();
    take(&mut shop, 1, &[COFFEE]);
    let prepared = prepare(&shop, 2, &[BREAD]);
    shop.lake.commit(&prepared).unwrap();
    assert_eq!(seen(&shop), (1, 29_000), "state has not yet said that import 2 is done");
}

#[test]
fn compaction_keeps_every_row_and_sweeping_removes_what_is_left_over() {
    let mut shop = shop();
    take(&mut shop, 1, &[COFFEE]);
    take(&mut shop, 2, &[(COFFEE.0, COFFEE.1, 77 << 90, 77 << 90, 1_000), BREAD]);
    drop(shop.lake.stage(import(3)).unwrap());
    let compacted = shop.lake.compact().unwrap();
    assert_eq!((compacted[0].files_before, compacted[0].files_after), (3, 2));
    shop.lake = shop.lake.with_pins(compacted.iter().map(|done| (done.table, done.version)).collect());
    assert!(shop.lake.sweep().unwrap() >= 2);
    assert_eq!(seen(&shop), (3, 48_000));
    assert_eq!(take(&mut shop, 4, &[COFFEE]), (0, 1, vec![]), "keys survive compaction");
}

fn first_data_file(folder: &Path) -> std::path::PathBuf {
    let mut folders = vec![folder.join("lake")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "parquet") {
                return path;
            }
        }
    }
    panic!("no data file");
}

#[test]
fn a_damaged_file_is_named() {
    let mut shop = shop();
    take(&mut shop, 1, &[COFFEE]);
    let file = first_data_file(shop.folder.path());
    std::fs::write(&file, b"PAR1 damaged").unwrap();
    let damages = shop.lake.damages().unwrap();
    assert_eq!(damages.len(), 1);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(damages[0].contains(name) && damages[0].contains("restore it from a backup"), "{damages:?}");
    for gone in [false, true] {
        if gone {
            std::fs::remove_file(&file).unwrap();
        }
        let Err(failure) = Session::open(&shop.lake, &[], &shop.folder.path().join("scratch"), 256 << 20)
        else {
            panic!("a session over half the facts");
        };
        assert!(failure.what.contains(name), "{failure}");
    }
}

#[test]
fn a_lake_of_a_newer_layout_is_refused() {
    let mut shop = shop();
    take(&mut shop, 1, &[COFFEE]);
    let log = shop.folder.path().join("lake/lines/_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("\"perennial.layout\":\"1\""), "{text}");
    std::fs::write(&log, text.replace("\"perennial.layout\":\"1\"", "\"perennial.layout\":\"2\"")).unwrap();
    let Err(failure) = Session::open(&shop.lake, &[], &shop.folder.path().join("scratch"), 256 << 20) else {
        panic!("a newer layout was opened");
    };
    assert!(failure.what.contains("written by a newer version"), "{failure}");
}

#[test]
fn a_question_cannot_change_anything() {
    let mut shop = shop();
    take(&mut shop, 1, &[COFFEE]);
    let session = Session::open(&shop.lake, &[], &shop.folder.path().join("scratch"), 256 << 20).unwrap();
    for text in [
        "drop table lake.lines",
        "insert into lake.lines select * from lake.lines",
        "set x = 1",
        "create table a as select 1",
    ] {
        assert!(session.query(text).is_err(), "{text}");
    }
    assert_eq!(seen(&shop), (1, 29_000));
}

/// A log that was not sealed for long: batches of this many lines, which stand in place of an order of the lake.
struct LongLog {
    pins: Vec<(Table, u64)>,
    batches: Vec<usize>,
}

impl Log for LongLog {
    fn unsealed(
        &self,
        each: &mut dyn FnMut(Facts) -> Result<(), Failure>,
    ) -> Result<Vec<(Table, u64)>, Failure> {
        let mut key = 9_000;
        for batch in &self.batches {
            let next = || {
                key += 1;
                ("2026-10", 20_730, key, key, 1)
            };
            let rows: Vec<_> = std::iter::repeat_with(next).take(*batch).collect();
            let instead_of = Batch::new(vec![
                Column::texts("source", [Some("shop")]),
                Column::texts("order_id", [Some("order")]),
            ]);
            each(Facts { table: Table::Lines, rows: lines(&rows), instead_of })?;
        }
        Ok(self.pins.clone())
    }
}

#[test]
fn a_long_log_is_read_from_files_that_go_with_the_session() {
    let shop = shop();
    let pins = shop.lake.commit(&prepare(&shop, 1, &[COFFEE, BREAD])).unwrap();
    let scratch = shop.folder.path().join("scratch");
    let files = || {
        let names = std::fs::read_dir(&scratch).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with("log-")).count()
    };
    for (batches, expected) in [(vec![5], 0), (vec![60_000, 60_000, 7], 1)] {
        let log = LongLog { pins: pins.clone(), batches: batches.clone() };
        let session = Session::open_live(&shop.lake, &log, &[], &scratch, 256 << 20).unwrap();
        assert_eq!(files(), expected, "{batches:?}");
        let query = "select count(*) as n, sum(total_minor) as total, count(distinct row_key) as keys from lake.lines";
        let rows = session.query(query).unwrap();
        let all = batches.iter().sum::<usize>() as i64;
        for column in ["n", "total", "keys"] {
            assert_eq!(rows.column(column).int(0), Some(all), "{column} of {batches:?}");
        }
        drop(session);
        assert_eq!(files(), 0);
    }
}

/// Lines of two stores and customers, each an order of its own.
fn sold(rows: &[(&str, &str, &str, i32, i64)]) -> Batch {
    let text = |values: Vec<&str>| Values::Text(values.into_iter().collect::<Text>());
    let same = |value: &str| Values::Text(std::iter::repeat_n(value, rows.len()).collect::<Text>());
    let keys: Vec<u128> = (1..=rows.len() as u128).map(|number| number << 100 | number).collect();
    Batch::new(vec![
        Column::new("row_key", Values::Key(keys.clone())),
        Column::new("content_key", Values::Key(keys)),
        Column::new("import_id", same("imp")),
        Column::new("source", same("shop")),
        Column::new("month", same("2026-10")),
        Column::new("order_id", text(rows.iter().map(|row| row.0).collect())),
        Column::new("customer_id", text(rows.iter().map(|row| row.1).collect())),
        Column::new("store_id", text(rows.iter().map(|row| row.2).collect())),
        Column::new(
            "ordered_at",
            Values::Instant(rows.iter().map(|row| i64::from(row.3) * 86_400_000_000).collect()),
        ),
        Column::new("ordered_on", Values::Day(rows.iter().map(|row| row.3).collect())),
        Column::new("total_minor", Values::Int(rows.iter().map(|row| row.4).collect())),
        Column::new("currency", same("VND")),
        Column::new("row", Values::Int((0..rows.len() as i64).collect())),
    ])
}

#[test]
fn a_part_of_the_facts_is_looked_at_as_if_it_were_all() {
    let mut shop = shop();
    let rows = [
        ("o-1", "cus_ana", "north", 20_727, 10),
        ("o-2", "cus_ana", "south", 20_728, 200),
        ("o-3", "cus_ben", "north", 20_729, 3_000),
        ("o-4", "cus_ben", "north", 20_730, 40_000),
    ];
    let mut staging = shop.lake.stage(import(1)).unwrap();
    staging.write(Table::Lines, sold(&rows)).unwrap();
    let versions = shop.lake.commit(&staging.finish().unwrap()).unwrap();
    shop.lake = shop.lake.with_pins(versions);
    let day =
        |number: i32| jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(number)).unwrap();
    let ana = || Some(vec!["cus_ana".to_owned()]);
    for (only, total) in [
        (Only::default(), 43_210),
        (Only { store: Some("north".into()), ..Only::default() }, 43_010),
        (Only { channel: Some("web".into()), ..Only::default() }, 0),
        (Only { customers: ana(), ..Only::default() }, 210),
        (Only { customers: ana(), store: Some("south".into()), ..Only::default() }, 200),
        (Only { from: Some(day(20_729)), ..Only::default() }, 43_000),
        (Only { from: Some(day(20_728)), to: Some(day(20_729)), ..Only::default() }, 3_200),
        (Only { customers: Some(Vec::new()), ..Only::default() }, 0),
    ] {
        let session = Session::open(&shop.lake, &[], &shop.folder.path().join("scratch"), 256 << 20).unwrap();
        session.narrow(&only).unwrap();
        let seen = session.query("select coalesce(sum(total_minor), 0) as total from lake.lines").unwrap();
        assert_eq!(seen.column("total").int(0), Some(total), "{only:?}");
        let days = session.query("select coalesce(sum(total_minor), 0) as total from lake.days").unwrap();
        assert_eq!(days.column("total").int(0), Some(total), "days are added up of the part: {only:?}");
    }
}
