//! Who may import whom. ARCHITECTURE.md says it in words; the manifests must say the same.
//!
//! A border is drawn by what must not be known: the pure crates know no runtime, SQL, HTTP, Arrow, clock or chance, and
//! only three crates know the query engine, so that a daily build of everything else stays quick.

use crate::tree::{files, root, text};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// Each crate and those of ours it may name; arrows are transitive, so all that can be reached are listed.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("assets", &[]),
    ("stats", &["domain"]),
    ("world", &["domain"]),
    ("loyalty", &["domain"]),
    ("store", &["domain", "loyalty"]),
    ("engine", &["domain", "loyalty", "store", "stats", "world", "assets"]),
    ("analytics", &["domain", "stats", "assets"]),
    ("server", &["domain", "loyalty", "store", "stats", "world", "assets", "engine"]),
    ("cluster", &["domain", "stats", "assets", "analytics"]),
    (
        "perennial",
        &[
            "domain",
            "assets",
            "stats",
            "world",
            "loyalty",
            "store",
            "engine",
            "analytics",
            "server",
            "cluster",
        ],
    ),
];

/// What tests of a crate may name beyond that: the truth of a world is found again by the estimators.
const TESTS_MAY_NAME: &[(&str, &str)] = &[("world", "stats")];

const PURE: &[&str] = &["domain", "stats", "world", "loyalty"];
const MAY_QUERY: &[&str] = &["analytics", "cluster", "perennial"];

/// The query engine and the lake, by the beginnings of their crates' names.
const QUERY: &[&str] =
    &["datafusion", "ballista", "arrow", "parquet", "delta", "buoyant_kernel", "object_store"];
/// Runtimes, SQL, HTTP and the system's chance, by name.
const WORLDLY: &[&str] =
    &["tokio", "async-std", "rusqlite", "postgres", "sqlx", "axum", "hyper", "reqwest", "tower"];

/// Folder → manifest of every crate of ours.
fn manifests() -> BTreeMap<String, Table> {
    let mut manifests = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("crates")).expect("crates") {
        let folder = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let manifest = text(&format!("crates/{folder}/Cargo.toml"));
        manifests.insert(folder, manifest.parse().expect("a manifest"));
    }
    manifests
}

fn names(manifest: &Table, section: &str) -> BTreeSet<String> {
    let table = manifest.get(section).and_then(Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn may_name(folder: &str) -> &'static [&'static str] {
    let row = MAY_NAME.iter().find(|(name, _)| *name == folder);
    row.unwrap_or_else(|| {
        panic!("crates/{folder} is new: say in borders.rs and ARCHITECTURE.md what it may name")
    })
    .1
}

#[test]
fn crates_name_only_those_below_them() {
    for (folder, manifest) in manifests() {
        let allowed = may_name(&folder);
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for name in names(&manifest, section) {
                let is_ours = MAY_NAME.iter().any(|(ours, _)| *ours == name);
                let is_for_tests = section == "dev-dependencies"
                    && TESTS_MAY_NAME.contains(&(folder.as_str(), name.as_str()));
                assert!(
                    !is_ours || is_for_tests || allowed.contains(&name.as_str()),
                    "{folder} names {name} in [{section}]; it may name {allowed:?}. If a number is missing, ask a port \
                     of domain for it"
                );
            }
        }
    }
}

#[test]
fn only_three_crates_name_the_query_engine() {
    for (folder, manifest) in manifests() {
        if MAY_QUERY.contains(&folder.as_str()) {
            continue;
        }
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for name in names(&manifest, section) {
                let is_query = QUERY.iter().any(|beginning| name.starts_with(beginning));
                assert!(
                    !is_query,
                    "{folder} names {name}; only {MAY_QUERY:?} may: ask Insights for a relation by name"
                );
            }
        }
    }
}

/// Name → what it depends on, from the lock file. Two versions of one crate are one here, which only makes the tests
/// below stricter.
fn locked() -> BTreeMap<String, BTreeSet<String>> {
    let lock: Table = text("Cargo.lock").parse().expect("a lock file");
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let list = package.get("dependencies").and_then(Value::as_array);
        let list = list.into_iter().flatten().filter_map(Value::as_str);
        let names = list.map(|entry| entry.split(' ').next().expect("a name").to_owned());
        graph.entry(name.to_owned()).or_default().extend(names);
    }
    graph
}

/// Everything that is compiled into `folder` itself, leaving out what only its tests use.
fn reached(folder: &str) -> BTreeSet<String> {
    let graph = locked();
    let manifests = manifests();
    let mut found = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(name) = waiting.pop() {
        let next = match manifests.get(&name) {
            Some(manifest) => names(manifest, "dependencies"),
            None => graph.get(&name).cloned().unwrap_or_default(),
        };
        for name in next {
            if found.insert(name.clone()) {
                waiting.push(name);
            }
        }
    }
    found
}

#[test]
fn a_daily_build_of_the_rest_never_compiles_the_query_engine() {
    for folder in manifests().keys().filter(|folder| !MAY_QUERY.contains(&folder.as_str())) {
        let found = reached(folder);
        let query: Vec<&String> = found
            .iter()
            .filter(|name| ["datafusion", "deltalake", "parquet", "ballista-core"].contains(&name.as_str()))
            .collect();
        assert!(query.is_empty(), "{folder} compiles {query:?}, by way of one of its dependencies");
    }
}

#[test]
fn pure_crates_reach_no_runtime_no_sql_and_no_http() {
    for folder in PURE {
        let found = reached(folder);
        let worldly: Vec<&&str> = WORLDLY.iter().filter(|name| found.contains(**name)).collect();
        assert!(worldly.is_empty(), "{folder} compiles {worldly:?}, by way of one of its dependencies");
    }
}

#[test]
fn random_numbers_have_no_ambient_source() {
    let manifest: Table = text("Cargo.toml").parse().expect("the root manifest");
    for name in ["rand", "rand_distr"] {
        let line = &manifest["workspace"]["dependencies"][name];
        assert_eq!(line["default-features"].as_bool(), Some(false), "{name} brings its own source of chance");
        let features = line.get("features").and_then(Value::as_array).cloned().unwrap_or_default();
        let features: Vec<&str> = features.iter().filter_map(Value::as_str).collect();
        assert!(features.iter().all(|feature| *feature == "std"), "{name} has features {features:?}");
    }
}

#[test]
fn versions_stand_in_the_root_and_lints_are_the_same_for_all() {
    for (folder, manifest) in manifests() {
        let name = manifest["package"]["name"].as_str();
        assert_eq!(name, Some(folder.as_str()), "a crate is called like its folder");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
        assert_eq!(lints, Some(true), "{folder} has lints of its own");
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (name, line) in manifest.get(section).and_then(Value::as_table).into_iter().flatten() {
                let inherited = line.get("workspace").and_then(Value::as_bool);
                assert_eq!(
                    inherited,
                    Some(true),
                    "{folder}: the version of {name} belongs in the root Cargo.toml"
                );
            }
        }
    }
}

/// Amounts are whole numbers of minor units from the first byte to the last.
#[test]
fn money_and_points_are_never_floats() {
    let mut exact: Vec<String> = files("crates/loyalty/src");
    exact.push("crates/domain/src/money.rs".to_owned());
    exact.push("crates/engine/src/collect/number.rs".to_owned());
    for path in exact {
        let found = text(&path).lines().enumerate().find_map(|(place, line)| {
            let code = line.split("//").next().unwrap_or_default();
            let is_float = code
                .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .any(|word| ["f32", "f64"].contains(&word));
            is_float.then(|| format!("{path}:{}: {}", place + 1, line.trim()))
        });
        assert_eq!(found, None, "an amount passes through a float");
    }
}
