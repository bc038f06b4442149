//! A writer is killed while it writes, again and again. What it had answered must be there, and nothing must be half
//! there. Run by itself this program is the judge; with a path it is the writer.

use domain::fact::Table;
use domain::port::{Prepared, PreparedTable};
use domain::{Id, Kind};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use store::{ImportFile, ImportState, NewImport, Store};

const NOW: i64 = 1_761_955_200_000_000;
const KILLS: u64 = 12;

fn main() {
    match std::env::var("STORE_CRASH_PATH") {
        Ok(path) => write_until_killed(&path, std::env::var("STORE_CRASH_ROUND").unwrap().parse().unwrap()),
        Err(_) => what_was_answered_survives_a_kill(),
    }
}

fn import_id(round: u64, step: u64) -> Id {
    Id::from_body(Kind::Import, u128::from(round) << 64 | u128::from(step))
}

/// Resolve overlapping keys and run imports for ever; say each thing on standard output once it is answered.
fn write_until_killed(path: &str, round: u64) {
    let mut store = Store::open(path, NOW).unwrap();
    let mut out = std::io::stdout();
    let mut state = u128::from(round) << 64;
    let mut chance = move || {
        state += 0x1_0001;
        state
    };
    for step in 1.. {
        let keys: Vec<String> = (step * 40..step * 40 + 200).map(|key| format!("key-{key}")).collect();
        let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut millis_apart = NOW + (round * 1_000_000 + step) as i64 * 1000;
        let ids = store.resolve("till", "external_id", &texts, millis_apart, &mut chance).unwrap();
        for (key, id) in keys.iter().zip(&ids) {
            writeln!(out, "key {key} {id}").unwrap();
        }
        let import = import_id(round, step);
        millis_apart += 1;
        store.start_import(&new_import(import), millis_apart).unwrap();
        store.prepare_import(&plan(import), &serde_json::json!({ "rows": step })).unwrap();
        writeln!(out, "prepared {import}").unwrap();
        let version = round * 1_000_000 + step;
        store.complete_import(import, &[(Table::Lines, version)], millis_apart).unwrap();
        writeln!(out, "done {import} {version}").unwrap();
        out.flush().unwrap();
    }
}

fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite").display().to_string();
    let mut owners: HashMap<String, String> = HashMap::new();
    let mut imports: HashMap<String, ImportState> = HashMap::new();
    let mut shown = 0;
    for round in 1..=KILLS {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .env("STORE_CRASH_PATH", &path)
            .env("STORE_CRASH_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut heard: Vec<String> =
            lines.by_ref().take(100 + 377 * round as usize).map(Result::unwrap).collect();
        let second = Store::open(&path, NOW).err().expect("the writer has the folder");
        assert!(second.to_string().starts_with("another perennial is working in this folder"), "{second}");
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What was still in the pipe was answered too; a line cut off was not.
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        heard.extend(
            rest.into_iter().filter(|line| line.split(' ').count() == 3 || line.starts_with("prepared imp")),
        );

        for line in &heard {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["key", key, id] if id.len() == 30 => {
                    let first = owners.entry(key.to_owned()).or_insert_with(|| id.to_owned());
                    assert_eq!(first, id, "{key} is one customer for ever");
                }
                ["prepared", id] if id.len() == 30 => {
                    imports.insert(id.to_owned(), ImportState::Prepared);
                }
                ["done", id, version] => {
                    imports.insert(id.to_owned(), ImportState::Done);
                    // The last line may have lost digits, which only makes it ask for less.
                    shown = shown.max(version.parse().unwrap_or(0));
                }
                _ => assert_eq!(Some(line), heard.last(), "only the last line can be cut off"),
            }
        }

        let mut store = Store::open(&path, NOW).unwrap();
        assert_eq!(store.verify().unwrap(), [], "after kill {round}");
        let found: HashMap<String, String> = {
            let mut all = HashMap::new();
            store.for_each_key(|id, _, _, key| drop(all.insert(key.to_owned(), id.to_string()))).unwrap();
            all
        };
        for (key, id) in &owners {
            assert_eq!(found.get(key), Some(id), "{key} was answered before kill {round}");
        }
        assert_eq!(store.count_customers().unwrap(), found.len() as u64, "no customer without a key");
        for (id, state) in &imports {
            let import =
                store.find_import(id.parse().unwrap()).unwrap().expect("an import that was answered");
            assert!(import.state == *state || import.state == ImportState::Done, "{id} {:?}", import.state);
        }
        let version = store.lake_versions().unwrap().first().map_or(0, |(_, version)| *version);
        assert!(version >= shown, "version {shown} was shown before kill {round}, now {version}");
        for plan in store.unfinished_imports().unwrap() {
            store.complete_import(plan.import, &[], NOW).unwrap();
        }
    }
    assert!(owners.len() > 1_000 && imports.len() > KILLS as usize, "the writers had time to write");
    println!(
        "{KILLS} kills: {} keys and {} imports that were answered are there",
        owners.len(),
        imports.len()
    );
}

fn new_import(id: Id) -> NewImport {
    NewImport {
        id,
        kind: "orders".into(),
        source: "till".into(),
        files: vec![ImportFile { name: "orders.csv".into(), bytes: 1, hash: id.to_string() }],
        mapping: serde_json::json!({}),
        detected: serde_json::json!({}),
    }
}

fn plan(import: Id) -> Prepared {
    let table = PreparedTable {
        table: Table::Lines,
        rows_new: 1,
        rows_known: 0,
        contradictions: vec![],
        actions: "[]".into(),
    };
    Prepared { import, tables: vec![table] }
}
