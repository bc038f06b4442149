//! Again and overlapping: an import that comes twice changes nothing; what is guessed can be said otherwise.

use super::lake::{NOW, Shop, trimmed};
use crate::collect::open::{Input, Record, Rows};
use crate::collect::options::Layout;
use crate::collect::role::Import;
use crate::collect::when::DateOrder;
use domain::fact::Table;
use std::io::Write;

const MONDAY: &str = "date,customer,total\n2026-03-02,A1,5.00\n2026-03-02,A1,5.00\n2026-03-02,A2,7.50\n";

#[test]
fn the_same_file_in_any_wrapping_is_the_same_import() {
    let mut shop = Shop::new();
    let plain = shop.read(Import::Orders, "a.csv", MONDAY).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(MONDAY.as_bytes()).unwrap();
    let gz = shop.read(Import::Orders, "b.csv.gz", packed.finish().unwrap()).unwrap();
    let zst =
        shop.read(Import::Orders, "c.csv.zst", zstd::encode_all(MONDAY.as_bytes(), 1).unwrap()).unwrap();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("orders.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(MONDAY.as_bytes()).unwrap();
    let zip = shop.read(Import::Orders, "d.zip", archive.finish().unwrap().into_inner()).unwrap();
    assert_eq!((plain.facts_new, plain.facts_known), (3, 0));
    for again in [gz, zst, zip] {
        assert_eq!(again.import, plain.import);
        assert_eq!((again.facts_new, again.facts_known), (0, 3));
    }
}

#[test]
fn overlapping_files_add_only_what_is_new() {
    let mut shop = Shop::new();
    shop.read(Import::Orders, "a.csv", MONDAY).unwrap();
    let tuesday = format!("{MONDAY}2026-03-03,A1,5.00\n");
    let summary = shop.read(Import::Orders, "b.csv", &tuesday).unwrap();
    assert_eq!((summary.facts_new, summary.facts_known), (1, 3));
    // Another delimiter, date form and order of columns say the same things.
    let other =
        "total;customer;date\n5,00;A1;20260302\n5,00;A1;20260302\n7,50;A2;20260302\n5,00;A1;20260303\n";
    let summary = shop.read(Import::Orders, "c.csv", other).unwrap();
    assert_eq!((summary.facts_new, summary.facts_known), (0, 4));
}

#[test]
fn many_files_are_one_import_and_rejects_name_theirs() {
    let mut shop = Shop::new();
    shop.file("m1.csv", MONDAY);
    shop.file("m2.csv", "customer,total,date\nA3,1.00,2026-03-04\nA3,x,2026-03-04\n");
    let pattern = format!("{}/m*.csv", shop.folder.path().display());
    let summary = shop.import(Import::Orders, vec![Input::Path(pattern)]).unwrap();
    assert_eq!((summary.counts.read, summary.counts.accepted, summary.rejected), (5, 4, 1));
    let rejects = std::fs::read_to_string(summary.rejects.unwrap()).unwrap();
    assert!(rejects.contains("m2.csv,3,total,x,not a number"), "{rejects}");
}

#[test]
fn equal_rows_of_two_files_are_one_fact_and_of_one_file_two() {
    let mut shop = Shop::new();
    let inputs = ["a.csv", "b.csv"].map(|name| Input::Path(shop.file(name, MONDAY)));
    let summary = shop.import(Import::Orders, inputs.into()).unwrap();
    assert_eq!((summary.counts.accepted, summary.facts_new, summary.facts_known), (6, 3, 3));
}

#[test]
fn rows_from_another_reader() {
    let mut shop = Shop::new();
    let rows = Rows {
        name: "orders.parquet".to_owned(),
        header: ["date", "customer", "total"].map(str::to_owned).to_vec(),
        open: Box::new(|| {
            let mut left = vec![["2026-03-03", "A2", "7.50"], ["2026-03-02T10:00:00Z", "A1", "5"]];
            Ok(Box::new(move |record: &mut Record| {
                let Some(cells) = left.pop() else { return Ok(false) };
                cells.iter().for_each(|cell| record.push(cell));
                Ok(true)
            }))
        }),
    };
    shop.import(Import::Orders, vec![Input::Rows(rows)]).unwrap();
    assert_eq!(
        shop.facts(Table::Lines, "customer_id ordered_on total_minor"),
        "c1 2026-03-02 500\nc2 2026-03-03 750"
    );
}

#[test]
fn a_file_without_a_header_is_mapped_by_number() {
    let mut shop = Shop::new();
    let sample =
        " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n 00021 0002 19970101  3   63.34\n";
    let refused = shop.read(Import::Orders, "sample.txt", sample).unwrap_err().to_string();
    assert!(refused.contains("--map 1=customer,2=date,3=total"), "{refused}");
    shop.options.mapping.map(Import::Orders, "1=customer,3=date,4=quantity,5=total").unwrap();
    shop.read(Import::Orders, "sample.txt", sample).unwrap();
    assert_eq!(
        shop.facts(Table::Lines, "customer_id ordered_on quantity_milli total_minor"),
        "c1 1997-01-01 2000 2933\nc1 1997-01-18 2000 2973\nc2 1997-01-01 3000 6334"
    );
}

#[test]
fn returns_find_their_orders() {
    let mut shop = Shop::new();
    let summary = shop
        .read(
            Import::Orders,
            "invoices.csv",
            trimmed(
                "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID
                 536365,85123A,6,2010-12-01 08:26:00,2.55,17850
                 536366,22633,6,2010-12-01 08:28:00,1.85,17850
                 C536391,85123A,-2,2010-12-01 10:24:00,2.55,17850
                 C536392,99999,-1,2010-12-01 10:25:00,1.00,17850
                 536589,21777,-10,2010-12-01 16:50:00,0,",
            ),
        )
        .unwrap();
    assert_eq!(
        shop.facts(Table::Returns, "return_id order_id customer_id product_id quantity_milli refund_minor"),
        trimmed(
            "C536391 536365 c1 85123A 2000 510
             C536392 - c1 99999 1000 100
             536589 - - 21777 10000 0"
        )
    );
    assert!(summary.detected.c_marks);
    assert_eq!((summary.counts.returns, summary.counts.returns_joined), (3, 1));
}

#[test]
fn a_cancelled_order_is_a_sale_and_its_return() {
    let mut shop = Shop::new();
    let summary = shop
        .read(Import::Orders, "o.csv", "order id,date,customer,total,status\n1,2026-03-02,A1,5.00,completed\n2,2026-03-02,A1,9.00,Đã hủy\n")
        .unwrap();
    assert_eq!(shop.facts(Table::Lines, "order_id total_minor"), "1 500\n2 900");
    assert_eq!(shop.facts(Table::Returns, "order_id refund_minor"), "2 900");
    assert_eq!((summary.counts.accepted, summary.counts.cancelled, summary.facts_new), (2, 1, 3));
}

#[test]
fn somebody_impossibly_frequent_is_nobody() {
    let mut file = "order id,date,customer,total\n".to_owned();
    for order in 0..400 {
        let day = 1 + order / 20;
        let customer = if order % 2 == 0 { "K0".to_owned() } else { format!("A{}", order % 90) };
        file += &format!("{order},2026-03-{day:02},{customer},5.00\n");
    }
    let mut shop = Shop::new();
    let summary = shop.read(Import::Orders, "o.csv", &file).unwrap();
    assert_eq!((summary.counts.walk_in, summary.counts.anonymous), (200, 200));
    assert!(summary.questions[0].text.contains("'K0' has 200 orders on 20 days"), "{:?}", summary.questions);
    assert!(summary.questions[0].otherwise.contains("--known-customer 'K0'"));
    shop = Shop::new();
    shop.options.mapping.known_customers = vec!["K0".to_owned()];
    let summary = shop.read(Import::Orders, "o.csv", &file).unwrap();
    assert_eq!((summary.counts.walk_in, summary.questions.len()), (0, 0));
}

#[test]
fn marketplaces_staff_and_masked_keys_are_sales_without_a_customer() {
    let mut shop = Shop::new();
    let summary = shop
        .read(
            Import::Orders,
            "o.csv",
            "date,customer,total,is staff\n2026-03-02,Shopee,5,\n2026-03-02,090****567,5,\n2026-03-02,A1,5,yes\n2026-03-02,A2,5,\n",
        )
        .unwrap();
    let counts = summary.counts;
    assert_eq!((counts.marketplace, counts.masked, counts.staff, counts.anonymous), (1, 1, 1, 3));
    assert_eq!((counts.accepted, summary.customers, summary.questions.len()), (4, 1, 3));
}

#[test]
fn every_guess_can_be_said_otherwise() {
    let mut shop = Shop::new();
    let file = "d;c;x\n01/02/2026;A1;1.500\n03/04/2026;A1;2.250\n";
    shop.options.mapping.map(Import::Orders, "date=d").unwrap();
    shop.options.mapping.map(Import::Orders, "customer=c").unwrap();
    shop.options.mapping.map(Import::Orders, "total=x").unwrap();
    let refused = shop.read(Import::Orders, "o.csv", file).unwrap_err().to_string();
    assert!(refused.contains("--date-order") && refused.contains("01/02/2026"), "{refused}");
    shop.options.mapping.date_order = Some(DateOrder::Mdy);
    let refused = shop.read(Import::Orders, "o.csv", file).unwrap_err().to_string();
    assert!(refused.contains("--decimal comma") && refused.contains("1.500"), "{refused}");
    shop.options.mapping.currency = Some("VND".parse().unwrap());
    shop.options.mapping.layout = Some(Layout::Orders);
    let summary = shop.read(Import::Orders, "o.csv", file).unwrap();
    assert_eq!(shop.facts(Table::Lines, "ordered_on total_minor"), "2026-01-02 1500\n2026-03-04 2250");
    let shown = summary.detected.to_string();
    for said in
        ["semicolon between cells", "dates: mdy", "decimal mark ,", "currency: VND", "rows: one an order"]
    {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    // The mapping that comes out reads the file again without a word.
    let mut again = Shop::new();
    again.options.mapping = summary.mapping.clone();
    assert_eq!(again.read(Import::Orders, "o.csv", file).unwrap().import, summary.import);
}

#[test]
fn a_total_below_the_price_is_asked_about() {
    let mut shop = Shop::new();
    let file = "date,customer,product,amount,price\n2026-03-02,A1,P1,2,30\n2026-03-02,A1,P2,1,46\n";
    let summary = shop.read(Import::Orders, "o.csv", file).unwrap();
    assert!(summary.questions[0].otherwise.contains("quantity=amount"), "{:?}", summary.questions);
    let mut shop = Shop::new();
    for map in ["quantity=amount", "total=price", "unit_price=-"] {
        shop.options.mapping.map(Import::Orders, map).unwrap();
    }
    let summary = shop.read(Import::Orders, "o.csv", file).unwrap();
    assert_eq!(shop.facts(Table::Lines, "quantity_milli total_minor"), "2000 3000\n1000 4600");
    assert!(summary.questions.is_empty(), "{:?}", summary.questions);
}

#[test]
fn a_bad_row_stops_where_none_is_wanted() {
    let mut shop = Shop::new();
    shop.options.on_bad = crate::collect::options::OnBad::Stop;
    let stopped =
        shop.read(Import::Orders, "o.csv", "date,customer,total\n2026-03-02,A1,5\n2026-03-99,A1,5\n");
    let said = stopped.unwrap_err().to_string();
    assert!(said.contains("line 3, column 'date', value '2026-03-99'"), "{said}");
    assert_eq!(shop.facts(Table::Lines, "order_id"), "");
}

#[test]
fn the_clock_of_the_tests_is_in_2026() {
    assert_eq!(super::lake::shown_day(NOW / 86_400_000_000), "2026-11-21");
}
