//! Every relation is tested by the `.slt` beside it, on inputs given by hand.
//!
//! A test creates the tables its relation reads, with as many columns as it reads, then says
//! `statement ok` / `create relation customer.rfm`: the relation's own file becomes a view, and its columns must be
//! those its header lists. Numbers are printed with four decimals and without trailing zeros.

use analytics::functions::register_all;
use analytics::relation::{self, Relation};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionConfig, SessionContext};
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner, parse};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

fn sql_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sql")
}

/// (path in the repository, text) of every file under `sql/`, sorted.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for schema in folders(&sql_folder()) {
        for file in fs::read_dir(&schema).expect("a folder") {
            let file = file.expect("an entry").path();
            let inside = file.strip_prefix(sql_folder()).expect("inside sql").to_string_lossy().into_owned();
            files.push((format!("sql/{inside}"), fs::read_to_string(&file).expect("text")));
        }
    }
    files.sort();
    files
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.is_dir()).collect()
}

fn relations() -> Vec<Relation> {
    relation::read_all(&files()).expect("relations are well formed")
}

/// One test's database: a fresh session with every function and schema, and no table.
struct Bench {
    runtime: Arc<Runtime>,
    context: SessionContext,
    relations: Arc<BTreeMap<String, Relation>>,
}

impl Bench {
    fn new(runtime: Arc<Runtime>, relations: Arc<BTreeMap<String, Relation>>) -> Bench {
        let mut config = SessionConfig::new().with_target_partitions(2);
        config.options_mut().sql_parser.default_null_ordering = "nulls_max".to_owned();
        let context = SessionContext::new_with_config(config);
        register_all(&context);
        let schemas =
            relations.keys().map(String::as_str).chain(["lake.lines", "run.parameters", "fits.latest"]);
        for schema in schemas.map(|name| name.split('.').next().expect("a schema")) {
            let create = format!("create schema if not exists {schema}");
            runtime.block_on(context.sql(&create)).expect("a schema");
        }
        Bench { runtime, context, relations }
    }

    async fn create_relation(&self, name: &str) -> Result<(), DataFusionError> {
        let relation = self
            .relations
            .get(name)
            .ok_or_else(|| DataFusionError::Plan(format!("there is no relation {name} in sql/")))?;
        self.context.sql(&format!("create view {name} as {}", relation.sql)).await?.collect().await?;
        let table = self.context.table(name).await?;
        let found: Vec<&str> = table.schema().fields().iter().map(|field| field.name().as_str()).collect();
        let listed: Vec<&str> = relation.columns.iter().map(|(column, _)| column.as_str()).collect();
        if found != listed {
            let what = format!("{name} has columns {found:?} and its header lists {listed:?}");
            return Err(DataFusionError::Plan(what));
        }
        Ok(())
    }
}

impl DB for Bench {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, DataFusionError> {
        let sql = sql.trim();
        if let Some(name) = sql.strip_prefix("create relation ") {
            self.runtime.block_on(self.create_relation(name))?;
            return Ok(DBOutput::StatementComplete(0));
        }
        let (columns, batches) = self.runtime.block_on(async {
            let frame = self.context.sql(sql).await?;
            Ok::<_, DataFusionError>((frame.schema().fields().len(), frame.collect().await?))
        })?;
        if sql.starts_with("create") || sql.starts_with("drop") {
            return Ok(DBOutput::StatementComplete(0));
        }
        let mut rows = Vec::new();
        for batch in &batches {
            rows.extend(printed(batch)?);
        }
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; columns], rows })
    }
}

fn printed(batch: &RecordBatch) -> Result<Vec<Vec<String>>, DataFusionError> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for column in batch.columns() {
        let is_float = column.data_type().is_floating();
        let column = if is_float { cast(column, &DataType::Float64)? } else { Arc::clone(column) };
        let options = FormatOptions::default();
        let text = ArrayFormatter::try_new(column.as_ref(), &options)?;
        for (row, cells) in rows.iter_mut().enumerate() {
            cells.push(if column.is_null(row) {
                "NULL".to_owned()
            } else if is_float {
                number(column.as_primitive::<Float64Type>().value(row))
            } else {
                text.value(row).to_string()
            });
        }
    }
    Ok(rows)
}

fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[test]
fn every_relation_gives_what_its_test_says() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()
        .expect("a runtime");
    let runtime = Arc::new(runtime);
    let relations: Arc<BTreeMap<String, Relation>> =
        Arc::new(relations().into_iter().map(|relation| (relation.name.clone(), relation)).collect());
    let mut wrong = Vec::new();
    let mut tests = 0;
    for (path, text) in files().into_iter().filter(|(path, _)| path.ends_with(".slt")) {
        tests += 1;
        let outcome =
            parse::<DefaultColumnType>(&text).map_err(|error| error.to_string()).and_then(|records| {
                let mut runner = Runner::new(|| {
                    let bench = Bench::new(Arc::clone(&runtime), Arc::clone(&relations));
                    async move { Ok(bench) }
                });
                records.into_iter().try_for_each(|record| {
                    runner.run(record).map(|_| ()).map_err(|error| error.display(false).to_string())
                })
            });
        if let Err(why) = outcome {
            wrong.push(format!("{path}: {why}"));
        }
    }
    assert!(tests > 0, "tests are found");
    assert!(wrong.is_empty(), "{} of {tests} tests fail:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn every_relation_has_a_test_that_creates_it() {
    let tests: BTreeMap<String, String> =
        files().into_iter().filter(|(path, _)| path.ends_with(".slt")).collect();
    for relation in relations() {
        let test = tests
            .get(&relation.path.replace(".sql", ".slt"))
            .unwrap_or_else(|| panic!("{} has no .slt beside it", relation.path));
        let creates = format!("create relation {}", relation.name);
        assert!(test.lines().any(|line| line == creates), "the test of {} does not create it", relation.name);
    }
    let names: Vec<String> = relations().into_iter().map(|relation| relation.path).collect();
    for path in tests.keys() {
        assert!(names.contains(&path.replace(".slt", ".sql")), "{path} tests nothing");
    }
}

#[test]
fn every_relation_says_what_it_reads() {
    for relation in relations() {
        let reads =
            relation.notes.split("Reads ").nth(1).unwrap_or_else(|| panic!("{} has no Reads", relation.path));
        let reads = reads.split(". ").next().unwrap_or(reads).trim_end_matches('.');
        let mut said: Vec<&str> = reads.split([',', ' ']).filter(|word| word.contains('.')).collect();
        let mut found: Vec<&str> = relation.reads.iter().map(String::as_str).collect();
        said.sort_unstable();
        found.sort_unstable();
        assert_eq!(said, found, "{}: the header and the text differ in what it reads", relation.path);
    }
}

#[test]
fn the_manual_lists_every_relation() {
    let path = sql_folder().join("../docs/manual/relations.md");
    let page = manual(&relations());
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        fs::write(&path, &page).expect("the manual can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/manual/relations.md is not what the headers say; write it anew with UPDATE_MANUAL=1 cargo test -p \
         analytics --test relations"
    );
}

/// The manual's page of relations, made of their headers.
fn manual(relations: &[Relation]) -> String {
    let mut relations: Vec<&Relation> = relations.iter().collect();
    relations.sort_by(|a, b| a.name.cmp(&b.name));
    let mut page = String::from(
        "# Relations\n\nEvery number of a report is a row of a relation: a query in `sql/` that can be read, run by \
         name\nand tested. This page is made of their headers; the test beside each shows it on rows counted by \
         hand.\n",
    );
    let mut schema = "";
    for relation in relations {
        let of = relation.name.split('.').next().expect("a schema");
        if of != schema {
            schema = of;
            page.push_str(&format!("\n## {schema}\n"));
        }
        let about = relation.about.trim_end_matches('.');
        page.push_str(&format!("\n### {}\n\n{about}. {}\n\n", relation.name, relation.notes));
        page.push_str("| column | meaning |\n|---|---|\n");
        for (column, meaning) in &relation.columns {
            page.push_str(&format!("| {column} | {meaning} |\n"));
        }
    }
    page
}
