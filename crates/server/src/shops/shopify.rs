//! Shopify's webhooks (Admin REST payloads), as they are: money as text, a customer that may be missing, news that come
//! late and in any order.
//!
//! An order counts when it is paid, so the same order told by `orders/create`, `orders/paid` and `orders/updated` is one
//! order. A retry carries the old payload: orders and refunds are known by their ids, of a customer the newest
//! `updated_at` holds.

use crate::intake::amount::{minor, times};
use crate::intake::back::Back;
use crate::intake::{Doing, Shop, Taken, Trait};
use crate::segment::message::instant;
use domain::Currency;
use engine::people::consents::Said;
use loyalty::fact::{Line, Order};
use serde_json::Value;

/// States of payment in which an order counts.
const PAID: [&str; 3] = ["paid", "partially_refunded", "refunded"];

/// What a webhook says, in our words.
pub fn read(topic: &str, body: &str, shop: Shop) -> Result<Taken, String> {
    let said: Value = serde_json::from_str(body).map_err(|no| format!("no JSON: {no}"))?;
    match topic {
        "orders/create" | "orders/paid" | "orders/updated" | "orders/edited" | "orders/fulfilled" => {
            bought(&said, shop)
        }
        "orders/cancelled" => {
            let cancelled = Doing::Cancelled { order: id(&said, "id")?, waits: true };
            let before = bought(&said, shop)?;
            Ok(Taken { does: before.does.into_iter().chain([cancelled]).collect(), ..before })
        }
        "refunds/create" => came_back(&said, shop),
        "customers/create" | "customers/update" => Ok(customer(&said)),
        "customers/redact" => {
            Err("the shop asks to forget this customer: erase them, then lay this aside".to_owned())
        }
        "customers/data_request" => {
            Err("this customer asks the shop for their data: export it, then lay this aside".to_owned())
        }
        "shop/redact" => Err("the shop has left and asks to forget all its customers".to_owned()),
        "" => Err("the header X-Shopify-Topic is missing".to_owned()),
        other => Err(format!("nothing is done with the topic '{other}': take it out of the subscription")),
    }
}

/// A text, or a number as it is written: ids have more digits than a float keeps, and come as integers.
pub(super) fn text(said: &Value, key: &str) -> Option<String> {
    match said.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn id(said: &Value, key: &str) -> Result<String, String> {
    text(said, key).ok_or_else(|| format!("'{key}' is missing"))
}

pub(super) fn list<'a>(said: &'a Value, key: &str) -> &'a [Value] {
    said.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Minor units of what stands under `key`; nothing is zero.
pub(super) fn money(said: &Value, key: &str, currency: Currency) -> Result<i64, String> {
    let found = minor(said.get(key).unwrap_or(&Value::Null), currency.decimals());
    Ok(found.map_err(|no| format!("'{key}': {no}"))?.unwrap_or(0))
}

fn sum(all: &[Value], key: &str, currency: Currency) -> Result<i64, String> {
    all.iter().try_fold(0i64, |sum, one| Ok(sum.saturating_add(money(one, key, currency)?)))
}

pub(super) fn currency(said: &Value, shop: Shop) -> Result<Currency, String> {
    match text(said, "currency") {
        Some(code) => code.parse().map_err(|no: domain::money::NotACurrency| no.to_string()),
        None => Ok(shop.currency),
    }
}

fn bought(said: &Value, shop: Shop) -> Result<Taken, String> {
    let nobody = Value::Null;
    let buyer = said.get("customer").unwrap_or(&nobody);
    let mut taken = customer(buyer);
    for key in ["email", "phone"] {
        let known = (key.to_owned(), text(said, key).unwrap_or_default());
        if !known.1.is_empty() && !taken.keys.contains(&known) {
            taken.keys.push(known);
        }
    }
    let is_test = said.get("test").and_then(Value::as_bool).unwrap_or(false);
    let is_paid = text(said, "financial_status").is_some_and(|status| PAID.contains(&status.as_str()));
    if is_test || !is_paid {
        return Ok(taken);
    }
    let currency = currency(said, shop)?;
    let order = Order {
        id: id(said, "id")?.as_str().into(),
        member: None,
        ordered_at: ["processed_at", "created_at"].iter().find_map(|key| said.get(*key).and_then(instant)),
        store: text(said, "location_id").as_deref().map(Into::into),
        till: None,
        channel: text(said, "source_name").as_deref().map(Into::into),
        currency: Some(currency),
        lines: list(said, "line_items")
            .iter()
            .map(|item| line(said, item, currency))
            .collect::<Result<_, _>>()?,
        tenders: Vec::new(),
        shipping_minor: sum(list(said, "shipping_lines"), "discounted_price", currency)?,
        invoice: text(said, "name").as_deref().map(Into::into),
    };
    // The first that says it is paid records it; whatever comes later says how it is now.
    let at = said.get("updated_at").and_then(instant).or(order.ordered_at);
    let order = Box::new(order);
    taken.does.push(match at {
        Some(at) => Doing::Changed { order, at },
        None => Doing::Bought(order),
    });
    Ok(taken)
}

fn line(said: &Value, item: &Value, currency: Currency) -> Result<Line, String> {
    let none = Value::Null;
    let (price, quantity) = (item.get("price").unwrap_or(&none), item.get("quantity").unwrap_or(&none));
    let tax = sum(list(item, "tax_lines"), "price", currency)?;
    let has_tax = said.get("taxes_included").and_then(Value::as_bool).unwrap_or(false);
    let is_gift_card = item.get("gift_card").and_then(Value::as_bool).unwrap_or(false);
    // What is put on a gift card is spent again later.
    let category = if is_gift_card { "gift_card" } else { "" };
    let product = ["sku", "variant_id", "product_id", "title"].iter().find_map(|key| text(item, key));
    Ok(Line {
        id: id(item, "id")?.as_str().into(),
        product: product.ok_or("a line names no product")?.as_str().into(),
        category: category.into(),
        quantity_milli: crate::intake::amount::milli(quantity)?.unwrap_or(1000),
        gross_minor: times(price, quantity, currency.decimals())? + if has_tax { 0 } else { tax },
        discount_minor: sum(list(item, "discount_allocations"), "amount", currency)?,
        tax_minor: tax,
    })
}

/// A refund names lines with quantities, and the money that was given back. What of the money is for no line and not
/// for shipping was given for goods that stay.
fn came_back(said: &Value, shop: Shop) -> Result<Taken, String> {
    let transactions: Vec<Value> = list(said, "transactions")
        .iter()
        .filter(|one| {
            text(one, "kind").as_deref() == Some("refund")
                && text(one, "status").as_deref() == Some("success")
        })
        .cloned()
        .collect();
    let currency = match transactions.first() {
        Some(first) => currency(first, shop)?,
        None => shop.currency,
    };
    let items = list(said, "refund_line_items");
    let goods: Vec<(String, i64)> = items
        .iter()
        .map(|item| {
            let quantity = crate::intake::amount::milli(item.get("quantity").unwrap_or(&Value::Null))?;
            Ok((id(item, "line_item_id")?, quantity.unwrap_or(0)))
        })
        .collect::<Result<_, String>>()?;
    let for_goods = sum(items, "subtotal", currency)? + sum(items, "total_tax", currency)?;
    let shipping: Vec<Value> = list(said, "order_adjustments")
        .iter()
        .filter(|one| text(one, "kind").as_deref() == Some("shipping_refund"))
        .cloned()
        .collect();
    let for_shipping = -(sum(&shipping, "amount", currency)? + sum(&shipping, "tax_amount", currency)?);
    let rest = sum(&transactions, "amount", currency)? - for_goods - for_shipping;
    let back = match (goods.is_empty(), rest > 0) {
        (false, false) => Back::Goods(goods),
        (false, true) => Back::Both(goods, rest),
        (true, true) => Back::Money(rest),
        // Shipping alone, or nothing: no goods and no points.
        (true, false) => return Ok(Taken::default()),
    };
    let does = vec![Doing::CameBack { id: id(said, "id")?, order: id(said, "order_id")?, back }];
    Ok(Taken { does, ..Taken::default() })
}

fn customer(said: &Value) -> Taken {
    let kinds = [("external_id", "id"), ("email", "email"), ("phone", "phone")];
    let keys = kinds.iter().filter_map(|(kind, key)| Some(((*kind).to_owned(), text(said, key)?))).collect();
    let fields: [(&'static str, &str); 2] = [("given_name", "first_name"), ("family_name", "last_name")];
    let traits =
        fields.iter().filter_map(|(field, key)| Some(Trait::Field(field, text(said, key)?))).collect();
    let version = said.get("updated_at").and_then(instant).map(|at| at.to_string());
    let news = text(said, "id").zip(version).map(|(id, version)| (format!("customer:{id}"), version));
    Taken { keys, traits, consents: consents(said), does: Vec::new(), news }
}

/// What a customer agreed to, as Shopify keeps it for each channel. `not_subscribed` is no opinion.
fn consents(said: &Value) -> Vec<Said> {
    let channels = [("email", "email_marketing_consent", "email"), ("sms", "sms_marketing_consent", "phone")];
    let one = |(channel, field, address): (&str, &str, &str)| {
        let consent = said.get(field)?;
        let status = match text(consent, "state")?.as_str() {
            "subscribed" => "granted",
            "unsubscribed" => "withdrawn",
            "pending" => "pending",
            _ => return None,
        };
        let level = text(consent, "opt_in_level").unwrap_or_else(|| "unknown".to_owned());
        Some(Said {
            channel: channel.to_owned(),
            purpose: "marketing".to_owned(),
            status: status.to_owned(),
            address: Some(text(said, address)?),
            text_version: format!("shopify {level}"),
            evidence: consent.clone(),
            happened_at: consent.get("consent_updated_at").and_then(instant),
            ..Said::default()
        })
    };
    channels.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shop() -> Shop {
        Shop { currency: "USD".parse().unwrap() }
    }

    fn order(more: Value) -> Value {
        let mut order = json!({"id": 820982911946154508i64, "name": "#1001", "currency": "USD", "financial_status": "paid",
            "taxes_included": false, "created_at": "2026-03-01T08:00:00+07:00", "updated_at": "2026-03-01T09:00:00+07:00",
            "email": "jon@example.com", "customer": {"id": 115310627314723954i64, "email": "jon@example.com",
            "first_name": "Jon", "last_name": "Snow", "updated_at": "2026-03-01T09:00:00+07:00"},
            "line_items": [
              {"id": 1, "sku": "latte", "price": "4.50", "quantity": 2, "tax_lines": [{"price": "0.90"}], "discount_allocations": [{"amount": "1.00"}]},
              {"id": 2, "product_id": 7, "price": "20.00", "quantity": 1, "gift_card": true}],
            "shipping_lines": [{"discounted_price": "5.00", "price": "5.00"}]});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        order
    }

    fn taken(topic: &str, said: &Value) -> Result<Taken, String> {
        read(topic, &said.to_string(), shop())
    }

    #[test]
    fn a_paid_order_is_an_order() {
        let taken = taken("orders/paid", &order(json!({}))).unwrap();
        let keys: Vec<(&str, &str)> =
            taken.keys.iter().map(|(kind, value)| (kind.as_str(), value.as_str())).collect();
        assert_eq!(keys, [("external_id", "115310627314723954"), ("email", "jon@example.com")]);
        let [Doing::Changed { order, at }] = taken.does.as_slice() else { panic!("{taken:?}") };
        assert_eq!(
            (order.id.as_str(), at.to_string().as_str()),
            ("820982911946154508", "2026-03-01T02:00:00Z")
        );
        let lines: Vec<(i64, i64, i64)> =
            order.lines.iter().map(|line| (line.gross_minor, line.discount_minor, line.tax_minor)).collect();
        assert_eq!(lines, [(990, 100, 90), (2000, 0, 0)]);
        assert_eq!((order.lines[1].category.as_str(), order.shipping_minor), ("gift_card", 500));
    }

    #[test]
    fn what_is_not_paid_or_not_real_is_none() {
        for more in [
            json!({"financial_status": "pending"}),
            json!({"test": true}),
            json!({"financial_status": "voided"}),
        ] {
            assert!(taken("orders/create", &order(more)).unwrap().does.is_empty());
        }
        let nobody = taken("orders/paid", &order(json!({"customer": null, "email": ""}))).unwrap();
        assert_eq!((nobody.keys.len(), nobody.does.len()), (0, 1));
        let cancelled = taken("orders/cancelled", &order(json!({}))).unwrap();
        assert!(matches!(cancelled.does.as_slice(), [Doing::Changed { .. }, Doing::Cancelled { .. }]));
    }

    #[test]
    fn a_refund_is_its_lines_and_the_money_beyond_them() {
        let refund = |items: Value, adjustments: Value, amount: &str| {
            let said = json!({"id": 509562969, "order_id": 7, "refund_line_items": items, "order_adjustments": adjustments,
                "transactions": [{"kind": "refund", "status": "success", "amount": amount, "currency": "USD"},
                                 {"kind": "refund", "status": "failure", "amount": "99.00"}]});
            let taken = taken("refunds/create", &said).unwrap();
            taken.does.into_iter().next().map(|doing| match doing {
                Doing::CameBack { back, .. } => back,
                other => panic!("{other:?}"),
            })
        };
        let latte = json!([{"line_item_id": 1, "quantity": 1, "subtotal": 4.0, "total_tax": 0.45}]);
        let goods = vec![("1".to_owned(), 1000)];
        assert_eq!(refund(latte.clone(), json!([]), "4.45"), Some(Back::Goods(goods.clone())));
        assert_eq!(refund(latte.clone(), json!([]), "6.45"), Some(Back::Both(goods.clone(), 200)));
        let shipping = json!([{"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "0.00"}]);
        assert_eq!(refund(latte, shipping.clone(), "9.45"), Some(Back::Goods(goods)));
        assert_eq!(refund(json!([]), json!([]), "3.00"), Some(Back::Money(300)));
        assert_eq!(refund(json!([]), shipping, "5.00"), None);
    }

    #[test]
    fn what_needs_a_person_says_so() {
        for topic in ["customers/redact", "customers/data_request", "shop/redact", "", "themes/publish"] {
            assert!(taken(topic, &json!({"id": 1})).is_err(), "{topic}");
        }
    }
}
