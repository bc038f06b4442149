//! Customers, returns, products, feedback, events, costs.

use super::lake::{Shop, trimmed};
use crate::collect::import::Summary;
use crate::collect::open::Input;
use crate::collect::role::Import;
use domain::fact::Table;

fn read(shop: &mut Shop, kind: Import, name: &str) -> Summary {
    shop.options.mapping.currency = Some("VND".parse().unwrap());
    let path = format!("{}/../../fixtures/corner-shop/imports/{name}", env!("CARGO_MANIFEST_DIR"));
    shop.import(kind, vec![Input::Path(path)]).unwrap_or_else(|stopped| panic!("{name}: {stopped}"))
}

#[test]
fn customers_become_persons_and_facts_without_names() {
    let mut shop = Shop::new();
    let summary = read(&mut shop, Import::Customers, "customers.csv");
    assert_eq!(
        shop.facts(Table::Customers, "customer_id joined_on birth_month tier"),
        trimmed(
            "c1 2025-01-15 - Vàng
             c2 2025-02-20 7 Bạc
             c3 2025-02-21 - -
             c4 2025-02-22 - Bạc"
        )
    );
    assert_eq!((summary.counts.accepted, summary.rejected, summary.counts.birthdays_left_out), (4, 1, 3));
    assert!(
        summary.questions.iter().any(|question| question.text.contains("1 January")),
        "{:?}",
        summary.questions
    );
    let lan = &shop.people[0].persons[0];
    assert_eq!(lan.name.as_deref(), Some("Chị Lan"));
    assert_eq!(
        lan.identifiers,
        [("phone", "+84901234567".to_owned()), ("email", "lan@example.com".to_owned())]
    );
    assert_eq!((lan.birthday, shop.people[0].persons[1].birthday.is_some()), (None, true));
}

#[test]
fn returns_with_their_orders() {
    let mut shop = Shop::new();
    let summary = read(&mut shop, Import::Returns, "returns.csv");
    assert_eq!(
        shop.facts(
            Table::Returns,
            "return_id order_id customer_id returned_on product_id refund_minor reason"
        ),
        trimmed(
            "RT1 HD001 c1 2026-03-05 BM01 25000 stale
             RT2 - c2 2026-03-06 TR02 45000 wrong item"
        )
    );
    assert_eq!((summary.counts.returns, summary.counts.returns_joined), (2, 1));
}

#[test]
fn products_with_prices_in_dong() {
    let mut shop = Shop::new();
    read(&mut shop, Import::Products, "products.csv");
    assert_eq!(
        shop.facts(
            Table::Products,
            "product_id product_name category unit_price unit_price_scale cost_minor currency"
        ),
        trimmed(
            "CF01 Cà phê sữa đá Đồ uống 29000 0 9500 VND
             BM01 Bánh mì thịt Đồ ăn 25000 0 12000 VND
             TR02 Trà sen vàng Đồ uống 45000 0 14000 VND"
        )
    );
}

#[test]
fn feedback_leaves_its_words_in_state() {
    let mut shop = Shop::new();
    read(&mut shop, Import::Feedback, "feedback.csv");
    assert_eq!(
        shop.facts(
            Table::Feedback,
            "feedback_id customer_id order_id given_on score_milli score_max_milli store_id"
        ),
        trimmed(
            "F1 c1 HD001 2026-03-02 5000 5000 Quận 1
             F2 c2 HD003 2026-03-14 2000 5000 Quận 3"
        )
    );
    let words: Vec<_> = shop.people.iter().flat_map(|people| &people.words).collect();
    assert_eq!(words[0].text, "Ngon, phục vụ nhanh");
    assert_eq!(
        format!("{:032x}", words[0].row_key),
        shop.lake.facts.lock().unwrap()[&Table::Feedback][0]["row_key"]
    );
}

#[test]
fn events_by_their_message_id_and_costs_that_are_unknown() {
    let mut shop = Shop::new();
    let summary = read(&mut shop, Import::Events, "events.jsonl");
    assert_eq!(
        shop.facts(Table::Events, "event_id customer_id happened_at name order_id product_id"),
        trimmed(
            "m-1 c1 2026-03-01T01:00:00 Product Viewed - CF01
             m-2 c1 2026-03-01T01:15:00 Order Completed HD001 -"
        )
    );
    assert_eq!((summary.facts_new, summary.facts_known), (2, 1), "the message that came twice is one fact");
    read(&mut shop, Import::Costs, "costs.csv");
    assert_eq!(
        shop.facts(Table::Costs, "spent_on channel program spend_minor output output_count currency"),
        trimmed(
            "2026-03-01 zalo welcome 150000 messages 300 VND
             2026-03-01 leaflet welcome - leaflets 500 VND"
        )
    );
}
