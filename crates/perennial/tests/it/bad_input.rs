//! Bad input: a sentence that says what and where and what to do, the right exit code, nothing half-written.

use crate::program::{Bench, PROGRAM, Run, corner_shop, holdings, run};
use std::io::Write;
use std::path::{Path, PathBuf};

const HEADER: &str = "order_id,date,customer_id,total\n";
const ORDERS: &str = "import orders orders.csv --currency USD";

/// Import these bytes as `orders.csv`.
fn import(bytes: impl AsRef<[u8]>) -> (Bench, Run) {
    let bench = Bench::new();
    bench.write("orders.csv", bytes);
    let run = bench.run(ORDERS);
    (bench, run)
}

/// It was refused with these words, and left no facts.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, words: &[&str]) {
    let (bench, run) = import(bytes);
    run.said(1, words);
    bench.ok("verify");
    assert_eq!(
        bench.json("lake show")["tables"].as_array().map_or(0, Vec::len),
        0,
        "facts of a refused file"
    );
}

#[test]
fn files_with_nothing_in_them() {
    refused("", &["orders.csv", "is empty"]);
    refused(HEADER, &["orders.csv", "no rows"]);
    refused("\n\n  \n", &["orders.csv"]);
    Bench::new().run(ORDERS).said(1, &["orders.csv", "no such file"]);
}

#[test]
fn files_that_are_no_tables() {
    let noise: Vec<u8> = (0..40_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    refused(&noise, &["orders.csv", "binary"]);
    refused([&b"\x89PNG\r\n\x1a\n"[..], &noise].concat(), &["orders.csv", "binary"]);
    refused("Dear sir, please find our orders attached.\nKind regards\n", &["orders.csv", "--map"]);
}

#[test]
fn a_truncated_or_damaged_gzip() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(corner_shop(50).as_bytes()).expect("memory");
    let whole = gzip.finish().expect("memory");
    let half = &whole[..whole.len() / 2];
    let bench = Bench::new();
    bench.write("orders.csv.gz", half);
    bench.run("import orders orders.csv.gz --currency USD").said(1, &["orders.csv.gz", "ends early"]);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    damaged[middle + 1] ^= 0xff;
    bench.write("orders.csv.gz", damaged);
    bench.run("import orders orders.csv.gz --currency USD").said(1, &["orders.csv.gz", "damaged"]);
    assert_eq!(bench.json("lake show")["tables"].as_array().map_or(0, Vec::len), 0);
    bench.write("orders.csv.gz", whole);
    bench.ok("import orders orders.csv.gz --currency USD");
}

#[test]
fn rows_in_another_encoding_are_kept_aside() {
    let mut bytes = format!("{HEADER}o1,2025-01-01,Lê An,5.00\no2,2025-01-02,Bình,6.00\n").into_bytes();
    bytes.extend_from_slice(b"o3,2025-01-03,caf\xe9,7.00\n");
    bytes.extend_from_slice("o4,2025-01-04,Lê An,8.00\n".as_bytes());
    let (bench, run) = import(bytes);
    run.said(0, &[]);
    assert!(run.out.contains("rejected 1"), "{}", run.out);
    // The row never becomes another customer's, and those around it keep their names.
    assert_eq!(holdings(&bench)["lines"], 3);
    let one = "select count(distinct customer_id) as n from facts.lines where total_minor in (500, 800)";
    assert_eq!(bench.ask(one)["n"], 1);
}

#[test]
fn days_that_no_till_has_seen() {
    let rows =
        "o1,2025-01-01,an,5.00\no2,1900-01-01,an,5.00\no3,2099-12-31,binh,5.00\no4,2025-02-30,an,5.00\n";
    let (bench, run) = import(format!("{HEADER}{rows}"));
    run.said(0, &[]);
    assert!(
        run.out.contains("before the first day") && run.out.contains("after the last day"),
        "{}",
        run.out
    );
    assert_eq!(holdings(&bench)["lines"], 1);
    refused(
        format!("{HEADER}o1,1900-01-01,an,5.00\no2,1900-01-02,an,6.00\n"),
        &["all 2 rows", "before the first day"],
    );
}

#[test]
fn dates_that_read_both_ways() {
    let rows = "o1,03/02/2025,an,5.00\no2,04/05/2025,binh,6.00\n";
    refused(format!("{HEADER}{rows}"), &["03/02/2025", "--date-order"]);
    let bench = Bench::new();
    bench.write("orders.csv", format!("{HEADER}{rows}"));
    bench.ok("import orders orders.csv --date-order dmy --currency USD");
    assert_eq!(bench.ask("select min(ordered_on) as first_on from facts.lines")["first_on"], "2025-02-03");
}

#[test]
fn two_currencies() {
    let rows = "o1,2025-01-01,an,5.00,USD\no2,2025-01-02,binh,6.00,USD\no3,2025-01-03,an,90000,VND\n";
    let (bench, run) = import(format!("order_id,date,customer_id,total,currency\n{rows}"));
    run.said(0, &[]);
    assert!(run.out.contains("currenc") && run.out.contains("VND"), "{}", run.out);
    assert_eq!(holdings(&bench)["paid"], 1_100);
    // And a folder keeps one currency for good.
    bench.run("import orders orders.csv --currency EUR").said(1, &["USD", "EUR", "--data"]);
}

#[test]
fn prices_below_zero() {
    let rows =
        "o1,2025-01-01,an,1,5.00,5.00\no2,2025-01-02,an,1,-5.00,-5.00\no3,2025-01-03,an,-1,5.00,-5.00\n";
    let (bench, run) = import(format!("order_id,date,customer_id,quantity,unit_price,total\n{rows}"));
    run.said(0, &[]);
    assert!(run.out.contains("price below zero"), "{}", run.out);
    let held = bench.ask(
        "select (select count(*) from facts.lines) as lines, (select count(*) from facts.returns) as returns",
    );
    assert_eq!((held["lines"].as_i64(), held["returns"].as_i64()), (Some(1), Some(1)), "{held}");
}

#[test]
fn one_key_with_two_contents() {
    let rows = "o1,1,2025-01-01,an,5.00\no2,1,2025-01-02,binh,6.00\no1,1,2025-01-01,an,7.00\n";
    let (bench, run) = import(format!("order_id,line_id,date,customer_id,total\n{rows}"));
    run.said(0, &[]);
    assert!(run.out.contains("same key"), "{}", run.out);
    assert_eq!(holdings(&bench)["paid"], 1_100, "the first one stays");
}

#[test]
fn five_thousand_columns() {
    let names: Vec<String> = (0..5_000).map(|n| format!("column{n}")).collect();
    let cells = vec!["1"; 5_000].join(",");
    refused(format!("{}\n{cells}\n{cells}\n", names.join(",")), &["orders.csv", "columns"]);
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let mut bytes = format!("{HEADER}o1,2025-01-01,an,5.00\no2,2025-01-02,\"").into_bytes();
    bytes.resize(100_000_000, b'x');
    refused(bytes, &["orders.csv line 3", "--delimiter"]);
}

#[test]
fn small_and_odd_shops_still_get_a_report() {
    let one_each: String = (0..40).map(|n| format!("o{n},2025-01-{:02},c{n},5.00\n", 1 + n % 28)).collect();
    let anonymous: String = (0..40).map(|n| format!("o{n},2025-01-{:02},,5.00\n", 1 + n % 28)).collect();
    for (what, rows) in [
        ("one order", "o1,2025-01-01,an,5.00\n".to_owned()),
        ("one customer", "o1,2025-01-01,an,5.00\no2,2025-02-01,an,6.00\no3,2025-03-01,an,7.00\n".to_owned()),
        ("one order each", one_each),
        ("all anonymous", anonymous),
        ("all free", "o1,2025-01-01,an,0\no2,2025-02-01,binh,0\no3,2025-03-01,an,0\n".to_owned()),
        ("one day", "o1,2025-01-01,an,5.00\no2,2025-01-01,binh,6.00\no3,2025-01-01,chi,7.00\n".to_owned()),
    ] {
        let bench = Bench::new();
        bench.write("orders.csv", format!("{HEADER}{rows}"));
        let run = bench.run("xray --orders orders.csv --currency USD --out xray.html --out-json xray.json");
        run.said(0, &[]);
        let page = std::fs::read_to_string(bench.path("xray.html")).expect("a page");
        let json = std::fs::read_to_string(bench.path("xray.json")).expect("the numbers");
        for nonsense in ["NaN", "inf<", "undefined", "{ $"] {
            assert!(!page.contains(nonsense), "{what}: the page says {nonsense}");
        }
        assert!(!json.contains("NaN"), "{what}");
        let _: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    }
}

/// The binary at a place where an unprivileged user may start it: root is stopped by no rights.
#[cfg(unix)]
fn unprivileged(bench: &Bench) -> (PathBuf, Option<u32>) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    if bench.path("").metadata().expect("a folder").uid() != 0 {
        return (PathBuf::from(PROGRAM), None);
    }
    std::fs::set_permissions(bench.path(""), PermissionsExt::from_mode(0o755)).expect("own folder");
    let copy = bench.path("perennial");
    std::fs::copy(PROGRAM, &copy).expect("a copy");
    (copy, Some(65_534))
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(5)).write("locked/note", "");
    let (program, user) = unprivileged(&bench);
    std::fs::set_permissions(bench.path("locked"), PermissionsExt::from_mode(0o555)).expect("own folder");
    let run_as = |line: &str| {
        let mut command = bench.command_of(&program, line.split(' '));
        if let Some(user) = user {
            command.uid(user);
        }
        run(&mut command)
    };
    run_as(&format!("{ORDERS} --data locked")).said(3, &["locked"]);
    run_as(&format!("{ORDERS} --data locked/below")).said(3, &["locked"]);
    run_as("xray --orders orders.csv --currency USD --out locked/xray.html")
        .said(3, &["locked/xray.html", "writ"]);
    let left: Vec<_> = std::fs::read_dir(bench.path("locked")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    // A folder that is a file.
    bench.run(&format!("{ORDERS} --data orders.csv")).said(3, &["orders.csv"]);
}

/// A disk that takes no more than some hundred kilobytes a file stands for a full one: writes fail in the middle.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full() {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(2_000));
    for blocks in [1, 40, 130] {
        let mut shell = bench.command_of(Path::new("/bin/sh"), ["-c"]);
        shell.arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {ORDERS}")).arg(PROGRAM);
        let full = run(&mut shell);
        assert_ne!(full.code, 0, "{blocks} blocks were enough: the file is too small for this test");
        full.said(3, &[]);
    }
    // Space again: the same command completes it.
    bench.ok(ORDERS);
    bench.ok("verify");
    let whole = Bench::new();
    whole.write("orders.csv", corner_shop(2_000));
    whole.ok(ORDERS);
    assert_eq!(holdings(&bench), holdings(&whole));
}

/// A file of the lake, by the end of its name.
fn lake_file(bench: &Bench, table: &str, ending: &str) -> PathBuf {
    let mut folders = vec![bench.path("perennial-data/lake").join(table)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                return path;
            }
        }
    }
    panic!("no {ending} in {table}")
}

#[test]
fn a_lake_damaged_in_one_file() {
    let (bench, run) = import(corner_shop(60));
    run.said(0, &[]);
    let path = lake_file(&bench, "lines", ".parquet");
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    let whole = std::fs::read(&path).expect("a file");

    std::fs::write(&path, &whole[..whole.len() / 2]).expect("own file");
    bench.run("xray --out xray.html").said(3, &[&name]);
    assert!(!bench.path("xray.html").exists(), "a report on half the facts");
    let verify = bench.run("verify");
    assert_eq!(verify.code, 3);
    assert!(verify.out.contains(&name), "{}", verify.out);

    std::fs::remove_file(&path).expect("own file");
    bench.run("xray --out xray.html").said(3, &[&name]);
    assert_eq!(bench.run("verify").code, 3);

    std::fs::write(&path, &whole).expect("own file");
    bench.ok("verify");
    bench.ok("xray --out xray.html --margin 0.3");
}

#[test]
fn a_lake_and_a_database_written_by_a_newer_program() {
    let (bench, run) = import(corner_shop(60));
    run.said(0, &[]);
    let log = lake_file(&bench, "lines", "00000000000000000000.json");
    let text = std::fs::read_to_string(&log).expect("the log");
    bench.write("more.csv", corner_shop(61));
    for (ours, newer) in [
        (r#""perennial.layout":"1""#, r#""perennial.layout":"99""#),
        (r#""minReaderVersion":1"#, r#""minReaderVersion":99"#),
    ] {
        assert!(text.contains(ours), "{text}");
        std::fs::write(&log, text.replace(ours, newer)).expect("own file");
        bench.run("xray --out xray.html").said(3, &["newer"]);
        bench.run("import orders more.csv").said(3, &["newer"]);
    }
    std::fs::write(&log, text).expect("own file");
    bench.ok("verify");
}
