//! Importing: every row once, whatever is repeated, however it is packed, from wherever it comes.

use crate::program::{Bench, corner_shop, holdings, run};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const ORDERS: &str = "import orders orders.csv --currency USD";

#[test]
fn what_was_read_is_accepted_rejected_or_no_row() {
    let bench = Bench::new();
    let mut orders = corner_shop(20);
    let rows = orders.lines().count() as u64 - 1;
    orders += "oX,1,not a day,c1,p1,1,5.00,5.00\noY,1,2025-03-03,c1,p1,1,five,five\n\n";
    bench.write("orders.csv", orders);
    let summary = bench.json(ORDERS);
    assert_eq!(summary["counts"]["accepted"], rows);
    assert_eq!(summary["rejected"], 2);
    assert_eq!(summary["facts_new"], rows);
    let rejects =
        std::fs::read_to_string(summary["rejects"].as_str().map(|path| bench.path(path)).expect("a path"));
    let rejects = rejects.expect("the rejects file");
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert!(lines[1].contains("not a day") && lines[1].contains("orders.csv"), "{rejects}");
    assert!(lines[2].contains("five"), "{rejects}");
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(30));
    let first = bench.json(ORDERS);
    let held = holdings(&bench);
    let second = bench.json(ORDERS);
    assert_eq!(second["facts_new"], 0);
    assert_eq!(second["import"], first["import"], "the same content is the same import");
    assert_eq!(holdings(&bench), held);
    // Under another name, and with a line more, it is another file with known rows.
    bench.write("again.csv", corner_shop(30) + "new,1,2025-04-30,c1,p1,1,5.00,5.00\n");
    let third = bench.json("import orders again.csv");
    assert_eq!(third["facts_new"], 1);
    assert_eq!(third["facts_known"], first["facts_new"]);
    assert!(bench.ok(ORDERS).contains("imported before"));
}

#[test]
fn files_that_overlap_bring_each_row_once() {
    let bench = Bench::new();
    let all = corner_shop(30);
    let lines: Vec<&str> = all.lines().collect();
    let part = |from: usize, to: usize| format!("{}\n{}\n", lines[0], lines[from..to].join("\n"));
    bench
        .write("first.csv", part(1, lines.len() * 2 / 3))
        .write("second.csv", part(lines.len() / 3, lines.len()));
    bench.ok("import orders first.csv --currency USD");
    let summary = bench.json("import orders second.csv");
    assert_eq!(summary["facts_known"], (lines.len() * 2 / 3 - lines.len() / 3) as u64);
    let whole = Bench::new();
    whole.write("orders.csv", all);
    whole.ok(ORDERS);
    assert_eq!(holdings(&bench), holdings(&whole));
}

#[test]
fn equal_rows_of_one_file_are_as_many_as_there_are() {
    let bench = Bench::new();
    // No key of an order: a customer may well buy two coffees on one day, in two rows.
    let row = "2025-03-03,ana,coffee,1,2.50\n";
    bench.write("orders.csv", format!("date,customer,product,quantity,total\n{}", row.repeat(3)));
    assert_eq!(bench.json(ORDERS)["facts_new"], 3);
    assert_eq!(bench.json(ORDERS)["facts_new"], 0);
    bench.write("orders.csv", format!("date,customer,product,quantity,total\n{}", row.repeat(4)));
    assert_eq!(bench.json(ORDERS)["facts_new"], 1);
}

#[test]
fn a_pipe_and_packed_files_hold_the_same_rows() {
    let all = corner_shop(12);
    let plain = Bench::new();
    plain.write("orders.csv", &all);
    plain.ok(ORDERS);
    let held = holdings(&plain);

    let pipe = Bench::new();
    let mut command = pipe.command(["import", "orders", "-", "--currency", "USD"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(all.as_bytes()).expect("the pipe is read");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(holdings(&pipe), held);

    let packed = Bench::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(all.as_bytes()).expect("memory");
    packed.write("orders.csv.gz", gzip.finish().expect("memory"));
    packed.ok("import orders orders.csv.gz --currency USD");
    assert_eq!(holdings(&packed), held);

    let wide = Bench::new();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(all.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    wide.write("orders.csv", utf16);
    wide.ok(ORDERS);
    assert_eq!(holdings(&wide), held);

    let semicolons = Bench::new();
    semicolons.write("orders.csv", all.replace(',', ";"));
    semicolons.ok(ORDERS);
    assert_eq!(holdings(&semicolons), held);
}

#[test]
fn zones_currencies_and_the_last_day_are_said_or_left_open() {
    let orders =
        "order_id,date,time,customer,total\n1,2025-01-13,10:00,an,5.5\n2,2025-01-14,23:30,binh,6.25\n";
    let bench = Bench::new();
    bench.write("orders.csv", orders);
    // Unknown currency: as many decimals as the file has; unknown zone: the shop's own clock.
    let read = bench.json("import orders orders.csv");
    assert_eq!((&read["detected"]["currency"], &read["detected"]["timezone"]), (&"XXX".into(), &Value::Null));
    let row = bench.ask("select sum(total_minor) as total, max(ordered_on) as last from facts.lines");
    assert_eq!((&row["total"], &row["last"]), (&1175.into(), &"2025-01-14".into()));
    // Days from the first order to the last day of observation, which is the last fact's where nobody says otherwise.
    let age = |line: &str| {
        let asked = "select max(age_days) as days from customer.summary";
        let mut command =
            bench.command(["sql", asked, "--json", "--quiet"].into_iter().chain(line.split_whitespace()));
        let said: Value = serde_json::from_str(&run(&mut command).out).expect("JSON");
        said["rows"][0]["days"].as_f64()
    };
    assert_eq!((age(""), age("--as-of 2025-01-31")), (Some(1.0), Some(18.0)));
    bench.run("import orders orders.csv --timezone Mars/Base").said(1, &["Mars/Base", "Asia/Ho_Chi_Minh"]);
    bench.run("import orders orders.csv --currency DONG").said(2, &["DONG", "VND"]);
    bench.run("import orders orders.csv --as-of 2025-13-01").said(2, &["2025-13-01"]);
}

#[test]
fn patterns_and_parquet_are_files_too() {
    let bench = Bench::new();
    bench.write("till/a.csv", "order_id,date,customer,total\n1,2025-01-13,an,5\n");
    bench.write("till/b.tsv", "order_id\tdate\tcustomer\ttotal\n2\t2025-01-14\tbinh\t6\n");
    assert_eq!(bench.json("import orders till/*.* --currency USD")["facts_new"], 2);
    // What we write as Parquet is read as Parquet: one row a customer, under its key.
    bench.ok("world --customers 30 --weeks 30 --seed 7 --out market");
    let read = bench.json("import customers market/truth.parquet");
    assert_eq!((&read["facts_new"], &read["customers"]), (&30.into(), &30.into()), "{read:#}");
}

#[test]
fn a_watched_folder_is_imported_and_tidied() {
    let bench = Bench::new();
    bench
        .write("till/monday.csv", corner_shop(5))
        .write("till/tuesday.csv", "\u{0}\u{1}\u{2}\u{3}".repeat(100));
    let run = bench.run("import orders --watch till --once --currency USD");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(bench.path("till/done/monday.csv").exists(), "{}", run.err);
    assert!(bench.path("till/rejected/tuesday.csv").exists(), "{}", run.err);
    assert!(run.err.contains("tuesday.csv"), "{}", run.err);
    assert!(holdings(&bench)["lines"].as_i64() > Some(0));
}

#[test]
fn a_mapping_is_kept_under_a_name() {
    let bench = Bench::new();
    bench.write("till.txt", "an 2025-01-05 2.50\nbinh 2025-01-06 3.00\nan 2025-02-07 2.50\n");
    let maps = "--map 1=customer,2=date,3=total --header no --delimiter space --currency USD";
    bench.ok(&format!("import orders till.txt {maps} --save-mapping till"));
    bench.write(
        "more.txt",
        "an 2025-01-05 2.50\nbinh 2025-01-06 3.00\nan 2025-02-07 2.50\nchi 2025-02-08 4.00\n",
    );
    let again = bench.json("import orders more.txt --mapping till");
    assert_eq!((again["facts_new"].as_i64(), again["facts_known"].as_i64()), (Some(1), Some(3)));
    bench.run("import orders till.txt --mapping tlil").said(1, &["tlil", "till"]);
}

#[test]
fn detecting_imports_nothing() {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(5));
    let found = bench.json("import orders orders.csv --detect");
    let columns = found["detected"]["files"][0]["columns"].as_array().expect("columns");
    let role = |role: &str| {
        columns.iter().find(|column| column["role"] == role).map(|column| column["name"].clone())
    };
    assert_eq!(role("customer"), Some("customer_id".into()));
    assert_eq!(role("order"), Some("order_id".into()));
    let tables = bench.json("lake show")["tables"].as_array().map_or(0, Vec::len);
    assert_eq!(tables, 0);
}

#[test]
fn the_shop_s_own_keys_stay_out_of_the_lake() {
    let bench = Bench::new();
    bench.write(
        "orders.csv",
        "date,customer name,phone,total\n2025-01-05,Nguyen An Unmistakable,0901234567,2.50\n\
         2025-01-06,Tran Binh,0907654321,3.00\n",
    );
    bench.ok(ORDERS);
    let mut files = Vec::new();
    let mut folders = vec![bench.path("perennial-data/lake")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.iter().any(|path| path.extension().is_some_and(|ending| ending == "parquet")));
    for path in files {
        let bytes = std::fs::read(&path).expect("a file");
        for secret in ["0901234567", "Unmistakable"] {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{} holds {secret}", path.display());
        }
    }
    // Compression could have hidden them; the columns cannot.
    let row = bench.ask("select * from facts.lines");
    assert!(!row.to_string().contains("0901234567") && !row.to_string().contains("Unmistakable"), "{row}");
}

#[test]
fn a_second_writer_is_told_to_wait_or_waits() {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(400));
    let mut first =
        bench.command(ORDERS.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let second = run(&mut bench.command(ORDERS.split(' ')));
    let first = first.wait().expect("ends");
    // Both may be served in turn; one may be refused with a sentence. Neither may break anything.
    assert!(first.success() || second.code == 0, "{}", second.err);
    assert!(!second.err.contains("has a bug"), "{}", second.err);
    bench.ok(ORDERS);
    let whole = Bench::new();
    whole.write("orders.csv", corner_shop(400));
    whole.ok(ORDERS);
    assert_eq!(holdings(&bench), holdings(&whole));
    bench.ok("verify");
}
