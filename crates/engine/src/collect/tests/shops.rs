//! The corner shop's files: every encoding and shape gives the same facts.

use super::lake::{Shop, trimmed};
use crate::collect::encoding::Encoding;
use crate::collect::import::Summary;
use crate::collect::open::Input;
use crate::collect::role::Import;
use domain::fact::Table;

fn read(shop: &mut Shop, kind: Import, name: &str) -> Summary {
    let path = format!("{}/../../fixtures/corner-shop/imports/{name}", env!("CARGO_MANIFEST_DIR"));
    shop.import(kind, vec![Input::Path(path)]).unwrap_or_else(|stopped| panic!("{name}: {stopped}"))
}

fn corner_shop() -> Shop {
    let mut shop = Shop::new();
    shop.options.mapping.currency = Some("VND".parse().unwrap());
    shop.options.mapping.timezone = Some("Asia/Ho_Chi_Minh".to_owned());
    shop
}

#[test]
fn the_till_in_every_vietnamese_encoding() {
    for (name, encoding) in [
        ("till-vi.csv", Encoding::Utf8),
        ("till-vi-utf16.csv", Encoding::Utf16Le),
        ("till-vi-decomposed.csv", Encoding::Utf8),
        ("till-vi-1258.csv", Encoding::Windows1258),
        ("till-vi-tcvn3.csv", Encoding::Tcvn3),
        ("till-vi-vni.csv", Encoding::Vni),
    ] {
        let mut shop = corner_shop();
        let summary = read(&mut shop, Import::Orders, name);
        assert_eq!(summary.detected.files[0].encoding, Some(encoding), "{name}");
        assert_eq!(summary.detected.files[0].header_line, Some(4), "{name}");
        assert_eq!(
            shop.facts(
                Table::Lines,
                "order_id customer_id ordered_at product_id product_name quantity_milli total_minor store_id"
            ),
            trimmed(
                "HD001 c1 2026-03-01T01:15:00 CF01 Cà phê sữa đá 2000 58000 Quận 1
                 HD001 c1 2026-03-01T01:15:00 BM01 Bánh mì thịt 1000 25000 Quận 1
                 HD002 - 2026-03-01T02:40:00 CF01 Cà phê sữa đá 1000 29000 Quận 1
                 HD003 c2 2026-03-13T11:05:00 TR02 Trà sen vàng 3000 118000 Quận 3"
            ),
            "{name}"
        );
        assert_eq!(
            shop.facts(Table::Returns, "return_id order_id product_id quantity_milli refund_minor"),
            "HD004 HD001 BM01 1000 25000",
            "{name}: the same phone, written in three ways, bought it before"
        );
        assert_eq!(
            (summary.counts.read, summary.counts.accepted, summary.skipped.totals),
            (7, 5, 2),
            "{name}"
        );
        assert_eq!((summary.customers, summary.counts.anonymous, summary.rejected), (2, 1, 0), "{name}");
        let names: Vec<_> =
            shop.people.iter().flat_map(|people| &people.persons).map(|person| person.name.clone()).collect();
        assert_eq!(names, [Some("Chị Lan".to_owned()), Some("Anh Tú".to_owned())], "{name}");
    }
}

#[test]
fn the_till_in_chinese() {
    for (name, encoding, code) in [
        ("till-zh.csv", Encoding::Utf8, "CNY"),
        ("till-zh-gb18030.csv", Encoding::Gb18030, "CNY"),
        ("till-zh-hant-big5.csv", Encoding::Big5, "TWD"),
    ] {
        let mut shop = Shop::new();
        shop.options.mapping.currency = Some(code.parse().unwrap());
        let summary = read(&mut shop, Import::Orders, name);
        assert_eq!(summary.detected.files[0].encoding, Some(encoding), "{name}");
        assert_eq!(
            (summary.counts.accepted, summary.counts.walk_in, summary.skipped.totals),
            (4, 1, 1),
            "{name}"
        );
        let facts = shop.facts(Table::Lines, "order_id customer_id ordered_at total_minor");
        let expected =
            if code == "CNY" { ["3700", "1200", "1850", "4000"] } else { ["17000", "6000", "8500", "19000"] };
        assert_eq!(
            facts,
            trimmed(&format!(
                "20260301001 c1 2026-03-01T08:15:00 {}
                 20260301001 c1 2026-03-01T08:15:00 {}
                 20260301002 - 2026-03-01T14:40:00 {}
                 20260313003 c2 2026-03-13T18:05:00 {}",
                expected[0], expected[1], expected[2], expected[3]
            )),
            "{name}"
        );
    }
}

#[test]
fn a_workbook_with_titles_merged_cells_and_a_total() {
    for name in ["sales.xlsx", "sales.xls"] {
        let mut shop = Shop::new();
        let summary = read(&mut shop, Import::Orders, name);
        assert_eq!(
            shop.facts(
                Table::Lines,
                "order_id customer_id ordered_at product_id unit_price unit_price_scale total_minor"
            ),
            trimmed(
                "X1 c1 2026-03-01T08:15:00 CF01 3 1 60
                 X1 c1 2026-03-01T08:15:00 BM01 25 1 250
                 X2 - 2026-03-13T18:05:00 CF01 3 1 30"
            ),
            "{name}"
        );
        assert_eq!((summary.skipped.totals, summary.detected.files[0].header_line), (1, Some(3)), "{name}");
    }
}

#[test]
fn lines_that_leave_their_order_blank() {
    let mut shop = Shop::new();
    read(&mut shop, Import::Orders, "sales-filled-down.csv");
    assert_eq!(
        shop.facts(Table::Lines, "order_id customer_id ordered_on product_id total_minor"),
        trimmed(
            "X1 c1 2026-03-01 CF01 60
             X1 c1 2026-03-01 BM01 250
             X2 c2 2026-03-13 CF01 30
             X2 c2 2026-03-13 TR02 220"
        )
    );
}

#[test]
fn an_order_total_beside_line_prices_is_not_counted_with_each_line() {
    let mut shop = Shop::new();
    let summary = read(&mut shop, Import::Orders, "shop-export.csv");
    assert_eq!(
        shop.facts(Table::Lines, "order_id customer_id ordered_at product_id total_minor currency"),
        trimmed(
            "#1001 c1 2026-03-01T01:15:00 CF01 1600 USD
             #1001 c1 2026-03-01T01:15:00 BM01 1500 USD
             #1002 c2 2026-03-02T02:00:00 CF01 1600 USD
             #1003 c1 2026-03-03T02:00:00 CF01 1600 USD
             #1003 c1 2026-03-03T02:00:00 BM01 1000 USD"
        )
    );
    assert_eq!(summary.detected.customer_key, Some("email"));
}

#[test]
fn json_lines_with_nested_objects() {
    let mut shop = corner_shop();
    read(&mut shop, Import::Orders, "orders.jsonl");
    assert_eq!(
        shop.facts(Table::Lines, "order_id customer_id ordered_at ordered_on total_minor channel"),
        trimmed(
            "W-1 c1 2026-03-02T03:15:00 2026-03-02 58000 web
             W-2 c2 2026-03-02T16:30:00 2026-03-02 135000 app
             W-3 - 2026-03-02T17:05:00 2026-03-03 29000 web"
        )
    );
}

#[test]
fn one_row_an_order_contradicts_itself_once() {
    let mut shop = Shop::new();
    let summary = read(&mut shop, Import::Orders, "orders-daily.tsv");
    assert_eq!(
        shop.facts(Table::Lines, "order_id customer_id total_minor tender"),
        trimmed(
            "R1 c1 1250 cash
             R2 c2 800 card"
        )
    );
    assert_eq!((summary.counts.read, summary.counts.accepted, summary.rejected), (4, 2, 2));
    let rejects = std::fs::read_to_string(summary.rejects.unwrap()).unwrap();
    assert!(rejects.contains(",4,amount,,the cell is blank and is needed"), "{rejects}");
    assert!(rejects.contains(",5,order id,R2,the same key was brought before"), "{rejects}");
}
