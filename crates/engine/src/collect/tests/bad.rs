//! Bad input, as issue by issue it comes: each gets a clear answer, and nothing half-written.

use super::lake::Shop;
use crate::collect::import::Summary;
use crate::collect::open::{Input, cannot_write};
use crate::collect::refused::{Refused, Stopped};
use crate::collect::rejects::Rejects;
use crate::collect::role::Import;
use domain::fact::Table;
use proptest::prelude::*;
use std::io::Write;

fn refused(name: &str, bytes: impl AsRef<[u8]>) -> Refused {
    let mut shop = Shop::new();
    let stopped = shop.read(Import::Orders, name, bytes).map(|summary| summary.counts).unwrap_err();
    assert_eq!(shop.facts(Table::Lines, "order_id"), "", "nothing is half-written");
    match stopped {
        Stopped::Refused(refused) => refused,
        Stopped::Failed(failure) => panic!("{name} is the shop's to answer: {failure}"),
    }
}

fn accepted(file: &str) -> (Shop, Summary) {
    let mut shop = Shop::new();
    let summary = shop.read(Import::Orders, "o.csv", file).unwrap();
    assert!(summary.adds_up());
    (shop, summary)
}

fn rejected(summary: &Summary) -> String {
    std::fs::read_to_string(summary.rejects.as_ref().unwrap()).unwrap()
}

#[test]
fn empty_files_and_headers_alone() {
    assert!(matches!(refused("o.csv", ""), Refused::Empty(_)));
    assert!(matches!(refused("o.csv", "\n\n  \n"), Refused::Empty(_)));
    assert!(matches!(refused("o.csv", "date,customer,total\n"), Refused::NoRows(_)));
    assert!(matches!(refused("o.csv", "date,customer,total\n,,\n\n"), Refused::NoRows(_)));
    assert!(matches!(refused("o.csv", "a\u{301}"), Refused::NoColumn { .. }));
}

#[test]
fn json_of_another_shape_is_named() {
    for json in [
        "[{\"date\": \"2026-03-02\", \"total\": 5}]",
        "[\n  {\"date\": \"2026-03-02\"}\n]",
        "{\n  \"date\": \"2026-03-02\"\n}",
    ] {
        assert!(matches!(refused("o.json", json), Refused::NotJsonLines(_)), "{json}");
    }
}

#[test]
fn no_file_and_no_such_file() {
    let mut shop = Shop::new();
    for (inputs, expected) in [
        (vec![], "no file given"),
        (vec![Input::Path("nowhere.csv".to_owned())], "nowhere.csv: no such file"),
        (vec![Input::Path("nowhere*.csv".to_owned())], "no such file"),
        (vec![Input::Path(".".to_owned())], "a folder"),
    ] {
        let said = shop.import(Import::Orders, inputs).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn one_customer_and_nobody_at_all() {
    let (_shop, summary) = accepted("date,customer,total\n2026-03-02,A1,5\n");
    assert_eq!((summary.counts.accepted, summary.customers), (1, 1));
    let (_shop, summary) = accepted("date,customer,total\n2026-03-02,,5\n2026-03-02,Khách lẻ,5\n");
    assert_eq!((summary.counts.accepted, summary.counts.anonymous, summary.customers), (2, 2, 0));
    let (_shop, summary) = accepted("date,total\n2026-03-02,5\n");
    assert!(summary.questions.iter().any(|question| question.text.contains("no column of customers")));
}

#[test]
fn binary_files() {
    let noise: Vec<u8> =
        (0..4_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(matches!(refused("o.csv", &noise), Refused::Binary(_)));
    assert!(matches!(refused("o.csv", b"%PDF-1.7 and so on"), Refused::Binary(_)));
    assert!(matches!(refused("o.xlsx", b"PK\x03\x04 but no archive behind it"), Refused::Damaged { .. }));
    assert!(matches!(
        refused("o.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing"),
        Refused::Damaged { .. }
    ));
}

#[test]
fn truncated_archives() {
    let mut file = "date,customer,total\n".to_owned();
    for row in 0..5_000 {
        file += &format!("2026-03-02,A{},{}.{:02}\n", row * 7_919 % 4_999, row % 97, row % 100);
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(file.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    assert!(matches!(refused("o.csv.gz", &gz[..gz.len() / 2]), Refused::Damaged { .. }));
    let zst = zstd::encode_all(file.as_bytes(), 1).unwrap();
    assert!(matches!(refused("o.csv.zst", &zst[..zst.len() / 2]), Refused::Damaged { .. }));
    let mut bad = gz.clone();
    let middle = bad.len() / 2;
    bad[middle..middle + 200].fill(0xaa);
    assert!(matches!(refused("o.csv.gz", &bad), Refused::Damaged { .. }));
}

#[test]
fn mixed_encodings_cost_only_their_rows() {
    let mut bytes =
        "date,customer,product,total\n2026-03-02,A1,Cà phê,5\n2026-03-02,A2,Trà đá,6\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"2026-03-02,A3,Caf\xe9 cr\xe8me,7\n");
    bytes.extend_from_slice("2026-03-03,A4,Bánh mì,8\n".as_bytes());
    let mut shop = Shop::new();
    let summary = shop.read(Import::Orders, "o.csv", &bytes).unwrap();
    assert_eq!((summary.counts.accepted, summary.rejected), (3, 1));
    assert!(rejected(&summary).contains(",4,,"), "{}", rejected(&summary));
    assert!(rejected(&summary).contains("not text in the encoding"), "{}", rejected(&summary));
}

#[test]
fn days_that_nobody_believes() {
    let (mut shop, summary) =
        accepted("date,customer,total\n1900-01-01,A1,5\n2099-12-31,A1,5\n2026-03-02,A1,5\n");
    assert_eq!((summary.counts.accepted, summary.rejected), (1, 2));
    assert!(rejected(&summary).contains("2,date,1900-01-01,before the first day"), "{}", rejected(&summary));
    assert!(rejected(&summary).contains("3,date,2099-12-31,after the last day"), "{}", rejected(&summary));
    let believed =
        crate::collect::mapping::parse("x", "earliest = \"1890-01-01\"\nlatest = \"2100-01-01\"").unwrap();
    shop.options.mapping = believed;
    let summary = shop
        .read(Import::Orders, "p.csv", "date,customer,total\n1900-01-01,A1,5\n2099-12-31,A1,5\n")
        .unwrap();
    assert_eq!(summary.counts.accepted, 2);
}

#[test]
fn two_currencies() {
    let (_shop, summary) = accepted(
        "date,customer,total,currency\n2026-03-02,A1,5,USD\n2026-03-02,A2,6,EUR\n2026-03-02,A3,7,USD\n",
    );
    assert_eq!((summary.detected.currency.code(), summary.counts.accepted, summary.rejected), ("USD", 2, 1));
    assert!(rejected(&summary).contains("3,currency,EUR,another currency"), "{}", rejected(&summary));
    assert!(summary.questions.iter().any(|question| question.text.contains("several currencies")));
}

#[test]
fn negative_prices() {
    let (_shop, summary) = accepted(
        "order,date,customer,product,quantity,price\n1,2026-03-02,A1,P1,1,-5.00\n2,2026-03-02,A1,P1,1,5.00\n",
    );
    assert_eq!((summary.counts.accepted, summary.counts.returns, summary.rejected), (1, 0, 1));
    assert!(rejected(&summary).contains("2,price,-5.00,a price below zero"), "{}", rejected(&summary));
}

#[test]
fn the_same_order_with_other_content() {
    let mut shop = Shop::new();
    shop.read(Import::Orders, "a.csv", "order,date,customer,total\n1,2026-03-02,A1,5\n2,2026-03-02,A2,6\n")
        .unwrap();
    let summary = shop
        .read(
            Import::Orders,
            "b.csv",
            "order,date,customer,total\n1,2026-03-02,A1,50\n2,2026-03-02,A2,6\n3,2026-03-03,A2,7\n",
        )
        .unwrap();
    assert_eq!((summary.facts_new, summary.facts_known, summary.rejected), (1, 1, 1));
    assert!(
        rejected(&summary).contains("2,order,1,the same key was brought before"),
        "{}",
        rejected(&summary)
    );
}

#[test]
fn five_thousand_columns() {
    let header: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    let file = format!("date,{}\n2026-03-02{}\n", header.join(","), ",1".repeat(5_000));
    assert!(matches!(refused("o.csv", file), Refused::TooManyColumns { found: 5_001, .. }));
}

#[test]
fn a_line_without_end() {
    let mut file = b"date,customer,total\n2026-03-02,A1,5\n2026-03-02,".to_vec();
    file.resize(file.len() + (30 << 20), b'x');
    let Refused::RowTooLong { line, .. } = refused("o.csv", &file) else { panic!("a row too long") };
    assert_eq!(line, 3);
    // An open quotation mark makes the rest of the file one record.
    let mut file = b"date,customer,total\n2026-03-02,\"A1,5\n".to_vec();
    for _ in 0..(12 << 20) / 16 {
        file.extend_from_slice(b"2026-03-02,A1,5\n");
    }
    assert!(matches!(refused("o.csv", &file), Refused::RowTooLong { line: 2, .. }));
    // In a small file it costs one row.
    let (_shop, summary) = accepted("date,customer,total\n2026-03-02,\"A1,5\n2026-03-02,A2,6\n");
    assert_eq!((summary.counts.accepted, summary.rejected), (1, 1));
}

#[test]
fn rows_of_the_wrong_width_and_headers_again() {
    let (_shop, summary) = accepted(
        "date,customer,total\n2026-03-02,A1,5\n2026-03-02,A1,tea,5\ndate,customer,total\n2026-03-03,A1,5,,\n\nTotal,,10\n",
    );
    assert_eq!((summary.counts.read, summary.counts.accepted, summary.rejected), (6, 2, 1));
    assert_eq!((summary.skipped.headers, summary.skipped.blank, summary.skipped.totals), (1, 1, 1));
}

#[test]
fn nothing_fit_to_be_imported() {
    let refused = refused("o.csv", "date,customer,total\n2026-03-99,A1,5\nyesterday,A1,5\n2026-03-02,A1,x\n");
    let Refused::NothingAccepted { rows, line, rejects, .. } = refused else {
        panic!("nothing accepted: {refused}")
    };
    assert_eq!((rows, line), (3, 2));
    assert!(rejects.ends_with(".csv"));
}

#[test]
fn full_disks_and_read_only_folders_say_what_to_do() {
    use std::io::{Error, ErrorKind};
    let path = std::path::Path::new("/data/rejects/x.csv");
    let full = cannot_write(path, Error::from(ErrorKind::StorageFull)).to_string();
    assert!(full.contains("free some space") && full.contains("/data/rejects/x.csv"), "{full}");
    let fixed = cannot_write(path, Error::from(ErrorKind::ReadOnlyFilesystem)).to_string();
    assert!(fixed.contains("the right to write there"), "{fixed}");
    // The data folder is a file, so that nothing can be made below it, whoever runs the test.
    let mut shop = Shop::new();
    shop.options.folder = shop.file("not-a-folder", "x").into();
    let stopped =
        shop.read(Import::Orders, "o.csv", "date,customer,total\n2026-03-02,A1,5\nx,A1,5\n").unwrap_err();
    assert!(
        matches!(&stopped, Stopped::Failed(failure) if failure.what.contains("cannot write")),
        "{stopped}"
    );
    assert_eq!(shop.facts(Table::Lines, "order_id"), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_while_rejects_are_written() {
    let mut rejects = Rejects::new("/dev/full".into());
    let reject = crate::collect::judged::Reject {
        line: 1,
        column: None,
        value: String::new(),
        reason: crate::collect::refused::Reason::Missing,
    };
    let written = rejects.add("o.csv", &[], &reject).and_then(|()| rejects.finish());
    assert!(written.unwrap_err().to_string().contains("free some space"));
}

#[test]
fn amounts_beyond_belief() {
    let (_shop, summary) = accepted(
        "date,customer,quantity,price\n2026-03-02,A1,9999999999,9999999999.99\n2026-03-02,A1,123456789012345678901234567890,1\n2026-03-02,A1,1,1\n",
    );
    assert_eq!((summary.counts.accepted, summary.rejected), (1, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the bytes, there is an answer; and if rows were read, they add up (the import asserts it).
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), kind in 0usize..7) {
        let mut shop = Shop::new();
        let _ = shop.read(Import::ALL[kind], "o.csv", &bytes);
    }

    #[test]
    fn arbitrary_rows_add_up(rows in proptest::collection::vec("[-0-9,.;\"đ/: A-C\u{1ef9}]{0,30}", 0..20)) {
        let mut shop = Shop::new();
        shop.options.mapping.date_order = Some(crate::collect::when::DateOrder::Dmy);
        let file = format!("date,customer,total\n2026-03-02,A1,5\n{}\n", rows.join("\n"));
        if let Ok(summary) = shop.read(Import::Orders, "o.csv", &file) {
            prop_assert!(summary.adds_up());
        }
    }
}
