//! WooCommerce's webhooks. Their delivery id is a hash of the second, so that two orders of one second share it: a
//! message is known by topic, thing, time of change and state instead. The payload is made when it is delivered, so
//! `order.created` may be paid already and even refunded; what has been deleted says nothing but its id.

use super::shopify::{currency, list, money, text};
use crate::intake::amount::milli;
use crate::intake::back::Back;
use crate::intake::{Doing, Shop, Taken, Trait};
use crate::segment::message::instant;
use domain::Currency;
use loyalty::fact::{Line, Order};
use serde_json::Value;

/// States in which an order is paid.
const PAID: [&str; 3] = ["processing", "completed", "refunded"];
/// States in which it will not be.
const CANCELLED: [&str; 3] = ["cancelled", "failed", "trash"];

/// The unsigned form that is sent when a webhook is made: `webhook_id=17`.
pub fn is_ping(body: &[u8]) -> bool {
    let digits = body.strip_prefix(b"webhook_id=").unwrap_or_default();
    !digits.is_empty() && digits.len() <= 20 && digits.iter().all(u8::is_ascii_digit)
}

/// What makes a message one.
pub fn message_id(topic: &str, body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let part = |key: &str| text(&said, key).unwrap_or_default();
    match (part("id"), part("date_modified_gmt")) {
        (id, _) if id.is_empty() => format!("{topic}:{}", &blake3::hash(body).to_hex()[..32]),
        (id, modified) => format!("{topic}:{id}:{modified}:{}", part("status")),
    }
}

/// The secret as WordPress signs with it: HTML entities of the text that was typed are signs again.
pub fn secret(typed: &str) -> String {
    const ENTITIES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    ENTITIES.iter().fold(typed.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

/// What a webhook says, in our words.
pub fn read(topic: &str, body: &str, shop: Shop) -> Result<Taken, String> {
    let said: Value = serde_json::from_str(body).map_err(|no| format!("no JSON: {no}"))?;
    match topic {
        "order.created" | "order.updated" | "order.restored" => order(&said, shop),
        "order.deleted" => {
            let does = vec![Doing::Cancelled { order: id(&said)?, waits: false }];
            Ok(Taken { does, ..Taken::default() })
        }
        "customer.created" | "customer.updated" => Ok(customer(&said, "id", "date_modified_gmt")),
        "customer.deleted" => {
            Err("the shop has deleted this customer: erase them, or lay this aside".to_owned())
        }
        "" => Err("the header X-WC-Webhook-Topic is missing".to_owned()),
        other => Err(format!("nothing is done with the topic '{other}': delete that webhook")),
    }
}

fn id(said: &Value) -> Result<String, String> {
    text(said, "id").ok_or_else(|| "'id' is missing".to_owned())
}

/// A customer, or what an order says of one: `billing` has the address, a guest has the id 0.
fn customer(said: &Value, id: &str, changed: &str) -> Taken {
    let nothing = Value::Null;
    let billing = said.get("billing").unwrap_or(&nothing);
    let of = |key: &str| text(said, key).or_else(|| text(billing, key));
    let own = text(said, id).filter(|id| id != "0");
    let keys = [("external_id", own.clone()), ("email", of("email")), ("phone", of("phone"))];
    let names = [("given_name", of("first_name")), ("family_name", of("last_name"))];
    let news = own.map(|id| format!("customer:{id}")).zip(text(said, changed));
    Taken {
        keys: keys.into_iter().filter_map(|(kind, value)| Some((kind.to_owned(), value?))).collect(),
        traits: names.into_iter().filter_map(|(field, value)| Some(Trait::Field(field, value?))).collect(),
        consents: Vec::new(),
        does: Vec::new(),
        news,
    }
}

fn order(said: &Value, shop: Shop) -> Result<Taken, String> {
    let mut taken = customer(said, "customer_id", "date_modified_gmt");
    let (id, status) = (id(said)?, text(said, "status").unwrap_or_default());
    if CANCELLED.contains(&status.as_str()) {
        // One that was never paid is not known; should it be paid after all, it is told anew.
        taken.does.push(Doing::Cancelled { order: id, waits: false });
        return Ok(taken);
    }
    if !PAID.contains(&status.as_str()) {
        return Ok(taken);
    }
    let currency = currency(said, shop)?;
    let ordered_at =
        ["date_paid_gmt", "date_created_gmt"].iter().find_map(|key| said.get(*key).and_then(instant));
    let order = Box::new(Order {
        id: id.as_str().into(),
        member: None,
        ordered_at,
        store: None,
        till: None,
        channel: Some("web".into()),
        currency: Some(currency),
        lines: list(said, "line_items").iter().map(|item| line(item, currency)).collect::<Result<_, _>>()?,
        tenders: Vec::new(),
        shipping_minor: money(said, "shipping_total", currency)? + money(said, "shipping_tax", currency)?,
        invoice: text(said, "number").as_deref().map(Into::into),
    });
    taken.does.push(match said.get("date_modified_gmt").and_then(instant).or(ordered_at) {
        Some(at) => Doing::Changed { order, at },
        None => Doing::Bought(order),
    });
    let refunds = list(said, "refunds");
    for refund in refunds {
        let back = Back::Money(money(refund, "total", currency)?.abs());
        let own = text(refund, "id").ok_or("a refund has no id")?;
        taken.does.push(Doing::CameBack { id: own, order: id.clone(), back });
    }
    if refunds.is_empty() && status == "refunded" {
        taken.does.push(Doing::CameBack { id: "refunded".to_owned(), order: id, back: Back::Everything });
    }
    Ok(taken)
}

/// `subtotal` is before discounts and `total` after, both without the tax beside them.
fn line(item: &Value, currency: Currency) -> Result<Line, String> {
    let of = |key: &str| money(item, key, currency);
    let gross = of("subtotal")? + of("subtotal_tax")?;
    let paid = of("total")? + of("total_tax")?;
    let product = ["sku", "variation_id", "product_id", "name"]
        .iter()
        .find_map(|key| text(item, key).filter(|id| id != "0"));
    Ok(Line {
        id: text(item, "id").ok_or("a line has no id")?.as_str().into(),
        product: product.ok_or("a line names no product")?.as_str().into(),
        category: "".into(),
        quantity_milli: milli(item.get("quantity").unwrap_or(&Value::Null))?.unwrap_or(1000),
        gross_minor: gross.max(paid),
        discount_minor: gross.max(paid) - paid,
        tax_minor: of("total_tax")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(status: &str, more: Value) -> Value {
        let mut order = json!({"id": 727, "number": "727", "status": status, "currency": "VND", "customer_id": 0,
            "date_created_gmt": "2026-03-01T01:00:00", "date_paid_gmt": "2026-03-01T01:05:00",
            "date_modified_gmt": "2026-03-01T01:06:00", "shipping_total": "20000", "shipping_tax": "0",
            "billing": {"first_name": "Lan", "last_name": "Nguyễn", "email": "lan@example.com", "phone": "0901234567"},
            "line_items": [{"id": 315, "sku": "", "product_id": 93, "variation_id": 0, "quantity": 2,
                "subtotal": "100000", "subtotal_tax": "10000", "total": "90000", "total_tax": "9000"}], "refunds": []});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        order
    }

    fn read_one(topic: &str, said: &Value) -> Taken {
        read(topic, &said.to_string(), Shop { currency: "VND".parse().unwrap() }).unwrap()
    }

    #[test]
    fn an_order_of_a_guest_is_known_by_its_address() {
        let taken = read_one("order.created", &said("processing", json!({})));
        let keys: Vec<(&str, &str)> =
            taken.keys.iter().map(|(kind, value)| (kind.as_str(), value.as_str())).collect();
        assert_eq!(keys, [("email", "lan@example.com"), ("phone", "0901234567")]);
        let [Doing::Changed { order, .. }] = taken.does.as_slice() else { panic!("{taken:?}") };
        let line = &order.lines[0];
        assert_eq!(
            (
                line.product.as_str(),
                line.quantity_milli,
                line.gross_minor,
                line.discount_minor,
                line.tax_minor
            ),
            ("93", 2000, 110_000, 11_000, 9_000)
        );
        assert_eq!(order.ordered_at.unwrap().to_string(), "2026-03-01T01:05:00Z");
    }

    #[test]
    fn states_say_what_counts() {
        for status in ["pending", "on-hold", "checkout-draft"] {
            assert!(read_one("order.updated", &said(status, json!({}))).does.is_empty(), "{status}");
        }
        for status in CANCELLED {
            let does = read_one("order.updated", &said(status, json!({}))).does;
            assert_eq!(does, [Doing::Cancelled { order: "727".into(), waits: false }], "{status}");
        }
        let parts = json!({"refunds": [{"id": 801, "total": "-30000"}, {"id": 802, "total": "-5000"}]});
        let does = read_one("order.updated", &said("processing", parts)).does;
        let back = |id: &str, minor| Doing::CameBack {
            id: id.into(),
            order: "727".into(),
            back: Back::Money(minor),
        };
        assert_eq!(does[1..], [back("801", 30_000), back("802", 5_000)]);
        let all = read_one("order.updated", &said("refunded", json!({}))).does;
        assert!(matches!(&all[1], Doing::CameBack { back: Back::Everything, .. }));
        let deleted = read_one("order.deleted", &json!({"id": 727})).does;
        assert_eq!(deleted, [Doing::Cancelled { order: "727".into(), waits: false }]);
    }

    #[test]
    fn two_orders_of_one_second_are_two_messages() {
        let id = |id: i64, status: &str| {
            let body = json!({"id": id, "status": status, "date_modified_gmt": "2026-03-01T01:06:00"});
            message_id("order.updated", body.to_string().as_bytes())
        };
        assert_ne!(id(1, "processing"), id(2, "processing"));
        assert_ne!(id(1, "processing"), id(1, "completed"));
        assert_eq!(id(1, "completed"), id(1, "completed"));
    }

    #[test]
    fn pings_and_secrets() {
        assert!(is_ping(b"webhook_id=17"));
        assert!(!is_ping(b"webhook_id=") && !is_ping(b"webhook_id=1&x=2") && !is_ping(b"{}"));
        assert_eq!(secret("a&amp;b&lt;&#039;"), "a&b<'");
    }
}
