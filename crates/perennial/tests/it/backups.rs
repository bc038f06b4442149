//! A backup is taken while others work, says what is wrong with it, and is put back whole or not at all.

use crate::program::{Bench, corner_shop, holdings};
use crate::till::{Recording, Till, essence, join, order, server};
use serde_json::{Value, json};
use std::fs;

#[test]
fn what_was_answered_before_a_backup_is_in_it_though_others_go_on_writing() {
    for till in Till::each() {
        let mut recording = till.open();
        let mut answers = vec![recording.tell(&join("ana"))];
        answers.extend((0..40).map(|number| recording.tell(&order(&format!("o-{number}"), "ana", 300))));
        // A crowd of orders is on its way while the backup is taken.
        let mut input = recording.take_input();
        let crowd = std::thread::spawn(move || {
            use std::io::Write;
            (0..4000)
                .all(|number| writeln!(input, "{}", order(&format!("late-{number}"), "ana", 100)).is_ok())
        });
        let told = till.ok("backup safe");
        assert!(told.contains("everything as of"), "{told}");
        assert!(crowd.join().unwrap());
        let late = recording.close();
        assert_eq!(late.len(), 4000);
        till.run("backup safe").said(1, &["safe is not empty"]);

        let restored = till.bench.run("restore safe --data again");
        assert_eq!(restored.code, 0, "{}", restored.err);
        #[cfg(unix)]
        for place in ["safe", "again"] {
            use std::os::unix::fs::PermissionsExt;
            let rights =
                |path: &str| fs::metadata(till.bench.path(path)).unwrap().permissions().mode() & 0o777;
            assert_eq!((rights(place), rights(&format!("{place}/state.db"))), (0o700, 0o600), "{place}");
        }
        let lines: Vec<String> = std::iter::once(join("ana"))
            .chain((0..40).map(|number| order(&format!("o-{number}"), "ana", 300)))
            .collect();
        let mut asked = Recording::start(till.bench.command(["record", "--quiet", "--data", "again"]));
        let again: Vec<Value> = lines.iter().map(|line| asked.tell(line)).collect();
        asked.close();
        for (before, after) in answers.iter().zip(&again) {
            assert_eq!(after["is_repeat"], json!(true));
            assert_eq!(essence(before), essence(after));
        }
        assert!(till.bench.ok("verify --data again").contains("all is sound"));
    }
}

#[test]
fn a_shop_moves_from_one_kind_of_database_to_the_other_and_back() {
    let Some(server) = server() else { return };
    let small = Till::on_sqlite();
    let lines = [join("ana"), order("o-1", "ana", 1250), order("o-2", "ana", 700)];
    let first = small.record(&lines);
    small.ok("backup safe");
    let large = Till::on_server(&server);
    let safe = small.bench.path("safe").display().to_string();
    large.ok(&format!("restore {safe}"));
    assert!(!large.bench.path("perennial-data/state.db").exists(), "the rows are on the server");
    assert!(large.ok("verify").contains("all is sound"));
    let again = large.record(&lines);
    assert_eq!(again.iter().map(essence).collect::<Vec<_>>(), first.iter().map(essence).collect::<Vec<_>>());
    large.record(&[order("o-3", "ana", 300)]);
    large.ok("backup grown");
    // Into a database that is in use nothing is put.
    let inside = large.run("restore grown --data other");
    inside.said(3, &["is not empty"]);
    let back = Bench::new();
    let grown = large.bench.path("grown").display().to_string();
    back.ok(&format!("restore {grown} --data home"));
    assert!(back.ok("verify --data home").contains("all is sound"));
    assert!(large.has_scratch());
}

#[test]
fn the_lake_comes_along_and_a_damaged_backup_is_refused() {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(60));
    bench.ok("import orders orders.csv --currency USD");
    let before = holdings(&bench);
    bench.ok("backup safe");
    bench.run("restore safe").said(1, &["perennial-data is not empty"]);
    fs::rename(bench.path("perennial-data"), bench.path("old")).unwrap();
    bench.ok("restore safe");
    assert_eq!(holdings(&bench), before);
    assert!(bench.ok("verify").contains("all is sound"));
    assert_eq!(bench.json("import orders orders.csv")["facts_new"], json!(0), "the keys came along");

    // One byte of one file of the lake.
    let manifest: Value = serde_json::from_slice(&fs::read(bench.path("safe/backup.json")).unwrap()).unwrap();
    let files = manifest["files"].as_array().unwrap();
    let parquet =
        files.iter().map(|file| file["path"].as_str().unwrap()).find(|path| path.ends_with(".parquet"));
    let path = bench.path("safe").join(parquet.expect("a file of facts"));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    bench.run("restore safe --data other").said(1, &["is not as it was when the backup was made"]);
    assert!(!bench.path("other").exists(), "nothing that looks like a shop");
    fs::remove_file(&path).unwrap();
    bench.run("restore safe --data other").said(3, &["cannot read"]);
    fs::remove_file(bench.path("safe/backup.json")).unwrap();
    bench.run("restore safe --data other").said(1, &["a backup that was seen through"]);
}

#[test]
fn a_backup_that_names_files_outside_of_it_or_comes_from_tomorrow_is_refused() {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(5));
    bench.ok("import orders orders.csv --currency USD");
    bench.ok("backup safe");
    let path = bench.path("safe/backup.json");
    let manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut sly = manifest.clone();
    sly["files"][0]["path"] = json!("../state.db");
    fs::write(&path, sly.to_string()).unwrap();
    bench.run("restore safe --data other").said(1, &["names a file outside of it"]);
    let mut later = manifest;
    later["format"] = json!(99);
    fs::write(&path, later.to_string()).unwrap();
    bench.run("restore safe --data other").said(1, &["use that version or a newer one"]);
}
