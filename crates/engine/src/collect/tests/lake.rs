//! A lake, a register of customers and a diary in memory, with the rules of `domain::port`.

use crate::collect::import::{People, Ports, Progress, Summary, import};
use crate::collect::open::Input;
use crate::collect::options::Options;
use crate::collect::refused::Stopped;
use crate::collect::role::Import;
use domain::column::Batch;
use domain::fact::{Table, Type};
use domain::port::{FILE_SHIFT, Failure, Lake, Prepared, PreparedTable, Replacing, Staging};
use domain::{Id, Kind};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A fact as text, by column.
pub(super) type Fact = HashMap<String, String>;

type Facts = HashMap<Table, Vec<Fact>>;

#[derive(Default)]
pub(super) struct Memory {
    pub facts: Arc<Mutex<Facts>>,
    staged: Arc<Mutex<HashMap<u128, Facts>>>,
}

struct Stage {
    import: Id,
    rows: HashMap<Table, Vec<(u64, Fact)>>,
    facts: Arc<Mutex<Facts>>,
    staged: Arc<Mutex<HashMap<u128, Facts>>>,
}

fn shown(batch: &Batch, column: &str, row: usize) -> Option<String> {
    use domain::column::Values;
    let found = batch.find(column)?;
    if !found.is_present(row) {
        return None;
    }
    Some(match &found.values {
        Values::Text(cells) => cells.get(row).to_owned(),
        Values::Key(cells) => format!("{:032x}", cells[row]),
        _ => found.int(row)?.to_string(),
    })
}

impl Lake for Memory {
    fn stage(&self, import: Id) -> Result<Box<dyn Staging>, Failure> {
        let (facts, staged) = (self.facts.clone(), self.staged.clone());
        Ok(Box::new(Stage { import, rows: HashMap::new(), facts, staged }))
    }

    fn stage_log(&self, _: Id) -> Result<Box<dyn Replacing>, Failure> {
        Err(Failure::new("this lake takes imports only"))
    }

    fn commit(&self, prepared: &Prepared) -> Result<Vec<(Table, u64)>, Failure> {
        let staged = self.staged.lock().unwrap().remove(&prepared.import.body()).unwrap_or_default();
        let mut facts = self.facts.lock().unwrap();
        for (table, rows) in staged {
            facts.entry(table).or_default().extend(rows);
        }
        Ok(facts.keys().map(|table| (*table, 1)).collect())
    }
}

impl Staging for Stage {
    fn write(&mut self, table: Table, batch: Batch) -> Result<(), Failure> {
        for field in table.fields() {
            match batch.find(field.name) {
                Some(column) => {
                    assert!(
                        !field.is_required || column.present.is_none(),
                        "{} of {}",
                        field.name,
                        table.name()
                    );
                    use domain::column::Values;
                    let is_right = matches!(
                        (&column.values, field.kind),
                        (Values::Int(_), Type::Int)
                            | (Values::Bool(_), Type::Bool)
                            | (Values::Day(_), Type::Day)
                            | (Values::Instant(_), Type::Instant)
                            | (Values::Text(_), Type::Text)
                            | (Values::Key(_), Type::Key)
                    );
                    assert!(is_right, "{} of {} has the right type", field.name, table.name());
                }
                None => assert!(!field.is_required, "{} of {} is there", field.name, table.name()),
            }
        }
        let rows = self.rows.entry(table).or_default();
        for row in 0..batch.rows() {
            let fact: Fact = batch
                .columns()
                .iter()
                .filter_map(|column| Some((column.name.clone(), shown(&batch, &column.name, row)?)))
                .collect();
            rows.push((batch.column("row").int(row).unwrap() as u64, fact));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Prepared, Failure> {
        let facts = self.facts.lock().unwrap();
        let mut tables = Vec::new();
        let mut all = HashMap::new();
        for (table, rows) in self.rows {
            let have = facts.get(&table).map_or(&[][..], Vec::as_slice);
            let (mut new, mut known, mut contradictions) = (Vec::new(), 0, Vec::new());
            let mut counts: HashMap<String, usize> = HashMap::new();
            let mut owned: HashMap<String, String> = HashMap::new();
            for fact in have {
                let key = fact["row_key"].clone();
                *counts.entry(key.clone()).or_default() += 1;
                owned.insert(key, fact.get("content_key").cloned().unwrap_or(fact["row_key"].clone()));
            }
            let mut mine: HashMap<(u64, String), usize> = HashMap::new();
            for (ordinal, fact) in rows {
                let key = fact["row_key"].clone();
                let content = fact.get("content_key").cloned().unwrap_or(key.clone());
                if content == key {
                    let count = mine.entry((ordinal >> FILE_SHIFT, key.clone())).or_default();
                    *count += 1;
                    let have = counts.entry(key).or_default();
                    if *count <= *have {
                        known += 1;
                    } else {
                        *have += 1;
                        new.push(fact);
                    }
                } else {
                    match owned.get(&key) {
                        Some(owner) if *owner == content => known += 1,
                        Some(_) => contradictions.push(ordinal),
                        None => {
                            owned.insert(key, content);
                            new.push(fact);
                        }
                    }
                }
            }
            let (rows_new, rows_known) = (new.len() as u64, known);
            tables.push(PreparedTable {
                table,
                rows_new,
                rows_known,
                contradictions,
                actions: String::new(),
            });
            all.insert(table, new);
        }
        self.staged.lock().unwrap().insert(self.import.body(), all);
        Ok(Prepared { import: self.import, tables })
    }
}

/// A shop under test: its data folder, lake, customers.
pub(super) struct Shop {
    pub folder: tempfile::TempDir,
    pub lake: Memory,
    pub customers: HashMap<(String, String), u128>,
    pub people: Vec<People>,
    pub options: Options,
}

/// 2026-11-21 12:00 UTC.
pub(super) const NOW: i64 = 1_795_262_400_000_000;

impl Shop {
    pub(super) fn new() -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(folder.path());
        options.threads = Some(2);
        Shop { folder, lake: Memory::default(), customers: HashMap::new(), people: Vec::new(), options }
    }

    pub(super) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    pub(super) fn import(&mut self, kind: Import, inputs: Vec<Input>) -> Result<Summary, Stopped> {
        let (customers, people) = (&mut self.customers, &mut self.people);
        let mut ports = Ports {
            lake: &self.lake,
            resolve: &mut |kind, keys| {
                Ok(keys
                    .iter()
                    .map(|key| {
                        let next = customers.len() as u128 + 1;
                        let body = *customers.entry((kind.to_owned(), (*key).to_owned())).or_insert(next);
                        Id::from_body(Kind::Customer, body)
                    })
                    .collect())
            },
            people: &mut |batch| {
                people.push(batch);
                Ok(())
            },
            started: &mut |_| Ok(true),
            prepared: &mut |_, summary| {
                assert!(summary.adds_up());
                Ok(())
            },
            progress: &mut |_: Progress| {},
            now_micros: NOW,
        };
        import(kind, inputs, &self.options, &mut ports)
    }

    pub(super) fn read(
        &mut self,
        kind: Import,
        name: &str,
        bytes: impl AsRef<[u8]>,
    ) -> Result<Summary, Stopped> {
        let path = self.file(name, bytes);
        self.import(kind, vec![Input::Path(path)])
    }

    /// The facts of a table as lines: the columns asked for, `-` where absent; customers as c1, c2… by first sight.
    pub(super) fn facts(&self, table: Table, columns: &str) -> String {
        let facts = self.lake.facts.lock().unwrap();
        let mut names: HashMap<String, String> = HashMap::new();
        let rows = facts.get(&table).map_or(&[][..], Vec::as_slice);
        let mut lines = Vec::new();
        for fact in rows {
            let cells = columns.split_whitespace().map(|column| match fact.get(column) {
                None => "-".to_owned(),
                Some(id) if column == "customer_id" => {
                    let next = names.len() + 1;
                    names.entry(id.clone()).or_insert_with(|| format!("c{next}")).clone()
                }
                Some(day) if column.ends_with("_on") => shown_day(day.parse().unwrap()),
                Some(instant) if column.ends_with("_at") => shown_instant(instant.parse().unwrap()),
                Some(cell) => cell.clone(),
            });
            lines.push(cells.collect::<Vec<_>>().join(" "));
        }
        lines.join("\n")
    }
}

pub(super) fn shown_day(day: i64) -> String {
    let (year, month, date) = crate::collect::when::civil_of(day);
    format!("{year}-{month:02}-{date:02}")
}

fn shown_instant(micros: i64) -> String {
    let seconds = micros.rem_euclid(86_400_000_000) / 1_000_000;
    let day = shown_day(micros.div_euclid(86_400_000_000));
    format!("{day}T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Lines without the space before them.
pub(super) fn trimmed(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
