//! DataFusion over the lake: relations by name, parameters as one-row tables, results as plain columns.
//!
//! A relation is a view until somebody [keeps](Insights::keep) it; then its rows are computed once and those that
//! read it use them. Giving a new input forgets whatever was derived from the old one, so the same relations serve
//! the whole history and a calibration window.

mod narrow;

use crate::arrays::{file_schema, to_batch, to_record_batch};
use crate::days;
use crate::functions;
use crate::lake::DeltaLake;
use crate::live::Live;
use crate::relation::{self, Relation};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemorySchemaProvider, TableProvider};
use datafusion::common::TableReference;
use datafusion::dataframe::{DataFrame, DataFrameWriteOptions};
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{Expr, JoinType, SessionConfig, SessionContext, ident};
use domain::column::Batch;
use domain::fact::Table;
use domain::port::{Failure, Insights, Log};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempPath;
use tokio::runtime::Runtime;

/// What queries may hold in memory before they spill to disk.
pub const DEFAULT_MEMORY_BYTES: usize = 2 << 30;

const BATCH_ROWS: usize = 32_768;

/// A session over one state of the lake.
pub struct Session {
    context: SessionContext,
    lake: DeltaLake,
    runtime: Arc<Runtime>,
    relations: BTreeMap<String, Relation>,
    known: Mutex<Known>,
    /// What the log has more of than fits in memory; the files go with the session.
    log_files: Vec<TempPath>,
}

/// What the context holds besides the lake.
#[derive(Default)]
struct Known {
    inputs: BTreeSet<String>,
    kept: BTreeSet<String>,
    views: BTreeSet<String>,
}

impl Session {
    /// A session over `lake` at its pinned versions, with relations from `sources`: (path under `sql/`, text).
    ///
    /// # Errors
    /// Where a relation reads one that does not exist, or relations read each other in a circle.
    pub fn open(
        lake: &DeltaLake,
        sources: &[(String, String)],
        scratch: &Path,
        memory_bytes: usize,
    ) -> Result<Session, Failure> {
        Session::over(lake, BTreeMap::new(), sources, scratch, memory_bytes)
    }

    /// A session over a lake and what the log has beside it: each fact once, wherever it stands. The versions are those
    /// that go with the log.
    ///
    /// # Errors
    /// As [`Session::open`], and where the log cannot be read.
    pub fn open_live(
        lake: &DeltaLake,
        log: &dyn Log,
        sources: &[(String, String)],
        scratch: &Path,
        memory_bytes: usize,
    ) -> Result<Session, Failure> {
        let mut live: BTreeMap<Table, Live> = BTreeMap::new();
        let pins =
            log.unsealed(&mut |facts| live.entry(facts.table).or_insert_with(Live::new).add(facts, scratch))?;
        Session::over(&lake.with_pins(pins), live, sources, scratch, memory_bytes)
    }

    fn over(
        lake: &DeltaLake,
        live: BTreeMap<Table, Live>,
        sources: &[(String, String)],
        scratch: &Path,
        memory_bytes: usize,
    ) -> Result<Session, Failure> {
        let failed = |error: DataFusionError| Failure::because("the query engine cannot start", error);
        let runtime_env = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(memory_bytes)))
            .with_temp_file_path(scratch)
            .build_arc()
            .map_err(failed)?;
        let mut config = SessionConfig::new()
            .with_default_catalog_and_schema("perennial", "main")
            .with_information_schema(true)
            // Aggregates measure their memory once a batch, in time proportional to their groups: fewer, larger
            // batches make a summary of a million customers several times quicker.
            .with_batch_size(BATCH_ROWS);
        config.options_mut().execution.parquet.pushdown_filters = false;
        config.options_mut().sql_parser.default_null_ordering = "nulls_max".to_owned();
        let context = SessionContext::new_with_config_rt(config, runtime_env);
        functions::register_all(&context);
        let relations = relation::read_all(sources)?;
        let mut session = Session {
            context,
            lake: lake.clone(),
            runtime: Arc::clone(lake.runtime()),
            relations: relations.into_iter().map(|relation| (relation.name.clone(), relation)).collect(),
            known: Mutex::default(),
            log_files: Vec::new(),
        };
        session.open_lake(live)?;
        Ok(session)
    }

    fn open_lake(&mut self, mut live: BTreeMap<Table, Live>) -> Result<(), Failure> {
        for table in Table::ALL {
            let mut provider = self.runtime.block_on(self.lake_table(table))?;
            if let Some(live) = live.remove(&table) {
                let (both, files) = live.beside(&self.context, table, provider)?;
                provider = both;
                self.log_files.extend(files);
            }
            self.register(&format!("lake.{}", table.name()), provider)?;
        }
        Ok(())
    }

    async fn lake_table(&self, table: Table) -> Result<Arc<dyn TableProvider>, Failure> {
        let schema = file_schema(table);
        let files = self.lake.visible_files(table).await?;
        let failed = |error: DataFusionError| {
            Failure::because(format!("lake table '{}' cannot be opened", table.name()), error)
        };
        if files.is_empty() {
            let empty = MemTable::try_new(schema, vec![vec![]]).map_err(failed)?;
            return Ok(Arc::new(empty));
        }
        if let Some(loaded) = self.lake.visible(table).await? {
            let url = loaded.table_url().clone();
            if url.scheme() != "file" {
                self.context.register_object_store(&url, loaded.log_store().root_object_store(None));
            }
        }
        let urls = files.iter().map(ListingTableUrl::parse).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let config =
            ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
        Ok(Arc::new(ListingTable::try_new(config).map_err(failed)?))
    }

    fn register(&self, name: &str, provider: Arc<dyn TableProvider>) -> Result<(), Failure> {
        let failed =
            |error: DataFusionError| Failure::because(format!("relation {name} cannot be known"), error);
        let (schema, table) = split(name);
        let catalog = self.context.catalog("perennial").expect("the default catalog");
        if catalog.schema(schema).is_none() {
            catalog.register_schema(schema, Arc::new(MemorySchemaProvider::new())).map_err(failed)?;
        }
        let reference = TableReference::partial(schema, table);
        let _ = self.context.deregister_table(reference.clone()).map_err(failed)?;
        self.context.register_table(reference, provider).map_err(failed)?;
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Make a relation and all that it reads known to the context.
    async fn prepare(&self, name: &str) -> Result<(), Failure> {
        for step in self.steps_to(name)? {
            if days::NAMES.contains(&step.as_str()) {
                self.add_up_days().await?;
                continue;
            }
            let relation = &self.relations[&step];
            let plan = self.context.sql(&relation.sql).await.map_err(|error| wrong(&relation.path, error))?;
            self.register(&step, plan.into_view())?;
            self.known().views.insert(step);
        }
        Ok(())
    }

    /// Add up the days of the lake's customers, which no run changes.
    async fn add_up_days(&self) -> Result<(), Failure> {
        if days::NAMES.iter().all(|name| self.known().kept.contains(*name)) {
            return Ok(());
        }
        let failed = |error| wrong(days::NAMES[0], error);
        let lines = self.context.table(TableReference::partial("lake", "lines")).await.map_err(failed)?;
        let tables = days::added_up(lines, BATCH_ROWS).await.map_err(failed)?;
        for (name, (schema, parts)) in days::NAMES.into_iter().zip(tables) {
            self.register(name, Arc::new(MemTable::try_new(schema, parts).map_err(failed)?))?;
            self.known().kept.insert(name.to_owned());
        }
        Ok(())
    }

    /// The relations to be made known before `name`, and itself, in order.
    fn steps_to(&self, name: &str) -> Result<Vec<String>, Failure> {
        fn visit(
            session: &Session,
            known: &Known,
            name: &str,
            steps: &mut Vec<String>,
        ) -> Result<(), Failure> {
            let is_known =
                known.inputs.contains(name) || known.kept.contains(name) || known.views.contains(name);
            let is_added_up = days::NAMES.contains(&name);
            let is_file = name.starts_with("lake.") && !is_added_up;
            if is_known || is_file || steps.iter().any(|step| step == name) {
                return Ok(());
            }
            if is_added_up {
                steps.push(name.to_owned());
                return Ok(());
            }
            let Some(relation) = session.relations.get(name) else {
                return Err(Failure::new(format!(
                    "there is no relation {name}: it is neither in sql/ nor given as an input of this run"
                )));
            };
            for read in &relation.reads {
                visit(session, known, read, steps)?;
            }
            steps.push(name.to_owned());
            Ok(())
        }
        let mut steps = Vec::new();
        visit(self, &self.known(), name, &mut steps)?;
        Ok(steps)
    }

    /// Forget every view and kept relation that reads `name`, directly or not.
    fn forget_readers_of(&self, name: &str) -> Result<(), Failure> {
        let mut stale = BTreeSet::from([name.to_owned()]);
        loop {
            let before = stale.len();
            for relation in self.relations.values() {
                if relation.reads.iter().any(|read| stale.contains(read)) {
                    stale.insert(relation.name.clone());
                }
            }
            if stale.len() == before {
                break;
            }
        }
        let mut known = self.known();
        for relation in stale.iter().filter(|relation| *relation != name) {
            known.views.remove(relation);
            known.kept.remove(relation);
        }
        Ok(())
    }

    async fn frame(&self, relation: &str) -> Result<DataFrame, Failure> {
        self.prepare(relation).await?;
        let (schema, table) = split(relation);
        self.context
            .table(TableReference::partial(schema, table))
            .await
            .map_err(|error| wrong(relation, error))
    }

    async fn collect(&self, what: &str, frame: DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>), Failure> {
        let schema = Arc::clone(frame.schema().inner());
        let batches = frame.collect().await.map_err(|error| wrong(what, error))?;
        Ok((schema, batches))
    }

    /// Names the damaged file where there is one: what the query engine says of it names no file.
    fn explain(&self, failure: Failure) -> Failure {
        match self.lake.damages() {
            Ok(damages) if !damages.is_empty() => Failure::because(
                format!("the lake is damaged; restore from a backup: {}", damages.join("; ")),
                failure,
            ),
            _ => failure,
        }
    }

    /// The inputs of a run that a query needs, directly or through relations: `run.parameters`, `fits.latest`….
    pub fn inputs_of(&self, sql: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut waiting = relation::names_in(sql);
        while let Some(name) = waiting.pop() {
            if seen.insert(name.clone())
                && let Some(relation) = self.relations.get(&name)
            {
                waiting.extend(relation.reads.iter().cloned());
            }
        }
        seen.retain(|name| relation::INPUTS.contains(&name.as_str()));
        seen
    }

    /// The relations to be kept that a query reads, directly or not, each after those it reads itself.
    fn kept_by(&self, sql: &str) -> Vec<String> {
        fn visit(session: &Session, name: &str, found: &mut Vec<String>, seen: &mut BTreeSet<String>) {
            let Some(relation) = session.relations.get(name).filter(|_| seen.insert(name.to_owned())) else {
                return;
            };
            relation.reads.iter().for_each(|read| visit(session, read, found, seen));
            if relation.is_kept {
                found.push(name.to_owned());
            }
        }
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        relation::names_in(sql).iter().for_each(|name| visit(self, name, &mut found, &mut seen));
        found
    }

    /// All rows of a query over relations; relations it names are made known first. Nothing can be written.
    ///
    /// # Errors
    /// Where the text is no single query, or names what does not exist.
    pub fn query(&self, sql: &str) -> Result<Batch, Failure> {
        for name in self.kept_by(sql) {
            self.keep(&name)?;
        }
        self.runtime.block_on(async {
            for name in relation::names_in(sql) {
                if self.relations.contains_key(&name) || days::NAMES.contains(&name.as_str()) {
                    self.prepare(&name).await?;
                }
            }
            let options = datafusion::execution::context::SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false);
            let frame = self
                .context
                .sql_with_options(sql, options)
                .await
                .map_err(|error| wrong("the query", error))?;
            let (schema, batches) = self.collect("the query", frame).await?;
            to_batch(&schema, &batches)
        })
    }

    /// Write all rows of a relation to a Parquet or CSV file, by the file's ending, with the columns of `beside`
    /// joined by `column` in front: the shop's own keys, which the lake does not have.
    ///
    /// # Errors
    /// Where the ending is another one or the file cannot be written.
    pub fn write_beside(
        &self,
        relation: &str,
        beside: Batch,
        column: &str,
        path: &Path,
    ) -> Result<u64, Failure> {
        let text = path.to_string_lossy().into_owned();
        let beside = to_record_batch(beside)?;
        self.runtime.block_on(async {
            let rows = self.frame(relation).await?;
            let failed = |error| wrong(relation, error);
            let names: Vec<String> =
                rows.schema().fields().iter().map(|field| field.name().clone()).collect();
            let keys = self.context.read_batch(beside).map_err(failed)?;
            let renamed = keys.with_column_renamed(column, "beside_id").map_err(failed)?;
            let mut columns: Vec<Expr> = renamed
                .schema()
                .fields()
                .iter()
                .filter(|field| field.name() != "beside_id")
                .map(|field| ident(field.name()))
                .collect();
            columns.extend(names.iter().map(ident));
            let frame = rows
                .join(renamed, JoinType::Left, &[column], &["beside_id"], None)
                .and_then(|frame| frame.select(columns))
                .and_then(|frame| frame.sort(vec![ident(column).sort(true, false)]))
                .map_err(failed)?;
            let options = DataFrameWriteOptions::new().with_single_file_output(true);
            let written = match path.extension().and_then(|ending| ending.to_str()) {
                Some("parquet") => frame.write_parquet(&text, options, None).await,
                Some("csv") => frame.write_csv(&text, options, None).await,
                _ => return Err(Failure::new(format!("'{text}' must end in .parquet or .csv"))),
            };
            let counts = written.map_err(|error| Failure::because(format!("cannot write {text}"), error))?;
            let batch = to_batch(&counts[0].schema(), &counts)?;
            Ok(batch.columns()[0].int(0).unwrap_or(0).unsigned_abs())
        })
    }

    /// The relations by name.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }
}

impl Insights for Session {
    fn provide(&self, name: &str, rows: Batch) -> Result<(), Failure> {
        let batch = to_record_batch(rows)?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])
            .map_err(|error| Failure::because(format!("input {name} cannot be given"), error))?;
        self.register(name, Arc::new(table))?;
        self.known().inputs.insert(name.to_owned());
        self.forget_readers_of(name)
    }

    fn run(&self, relation: &str) -> Result<Batch, Failure> {
        let rows = self.runtime.block_on(async {
            let frame = self.frame(relation).await?;
            let (schema, batches) = self.collect(relation, frame).await?;
            to_batch(&schema, &batches)
        });
        rows.map_err(|failure| self.explain(failure))
    }

    fn keep(&self, relation: &str) -> Result<u64, Failure> {
        let kept = self.runtime.block_on(async {
            if self.known().kept.contains(relation) {
                return Ok(None);
            }
            let frame = self.frame(relation).await?;
            let schema = Arc::clone(frame.schema().inner());
            let parts = frame.collect_partitioned().await.map_err(|error| wrong(relation, error))?;
            Ok(Some((schema, parts)))
        });
        let Some((schema, parts)) = kept.map_err(|failure| self.explain(failure))? else { return Ok(0) };
        let rows = parts.iter().flatten().map(|batch| batch.num_rows() as u64).sum();
        let table = MemTable::try_new(schema, parts)
            .map_err(|error| Failure::because(format!("relation {relation} cannot be kept"), error))?;
        self.register(relation, Arc::new(table))?;
        self.forget_readers_of(relation)?;
        self.known().kept.insert(relation.to_owned());
        Ok(rows)
    }
}

fn split(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or(("main", name))
}

fn wrong(what: &str, error: DataFusionError) -> Failure {
    Failure::because(format!("{what} cannot be run"), error)
}
