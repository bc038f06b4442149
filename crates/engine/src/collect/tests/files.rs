//! The shapes of files that shops have.

use super::lake::{Shop, trimmed};
use crate::collect::role::Import;
use domain::fact::Table;

fn check(file: &str, columns: &str, expected: &str) {
    let mut shop = Shop::new();
    let text = trimmed(file);
    shop.read(Import::Orders, "orders.csv", text).unwrap();
    assert_eq!(shop.facts(Table::Lines, columns), trimmed(expected), "{file}");
}

#[test]
fn whitespace_between_cells_as_cdnow_ships() {
    let mut shop = Shop::new();
    shop.options.mapping.currency = Some("USD".parse().unwrap());
    let summary = shop
        .read(Import::Orders, "CDNOW_master.txt", " customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n 00002 19970112  5   77.00\r\n")
        .unwrap();
    assert_eq!(
        shop.facts(Table::Lines, "customer_id ordered_on quantity_milli total_minor currency month"),
        trimmed(
            "c1 1997-01-01 1000 1177 USD 1997-01
             c2 1997-01-12 1000 1200 USD 1997-01
             c2 1997-01-12 5000 7700 USD 1997-01"
        )
    );
    assert_eq!((summary.counts.read, summary.counts.accepted, summary.customers), (3, 3, 2));
}

#[test]
fn one_row_a_line_with_prices() {
    check(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
         536365,85123A,\"HOLDER, WHITE\",6,2010-12-01 08:26:00,2.55,17850,United Kingdom
         536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
         536370,22728,CLOCK,1,2010-12-01 08:45:00,3.75,,France",
        "order_id product_id customer_id ordered_at quantity_milli unit_price unit_price_scale total_minor currency",
        "536365 85123A c1 2010-12-01T08:26:00 6000 255 2 1530 XXX
         536365 71053 c1 2010-12-01T08:26:00 6000 339 2 2034 XXX
         536370 22728 - 2010-12-01T08:45:00 1000 375 2 375 XXX",
    );
}
