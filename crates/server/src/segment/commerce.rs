//! Segment's commerce events (version 2, and the names of version 1) as orders and returns.
//!
//! `total` is all in, `subtotal` (else `revenue`) is goods after discounts without tax and shipping. A line of ours is
//! what was paid with its tax in it, so the goods are `total` less `shipping`, else goods plus `tax`; whether tax earns
//! points is for the program to say (`basis`), and shipping has a place of its own. The event says no price of a line
//! after discounts: what was paid is shared out in proportion to price × quantity, to the unit.

use crate::intake::amount::{milli, minor, share_out, times};
use crate::intake::back::Back;
use crate::intake::{Doing, Shop, snake};
use domain::Currency;
use jiff::Timestamp;
use loyalty::fact::{Line, Order};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The largest amount, so that sums of a message's amounts stay far from the end of numbers.
const MOST: i64 = 1_000_000_000_000_000;

/// Names of version 1 in those of version 2, as rules write them.
const ALIASES: [(&str, &str); 9] = [
    ("completed_order", "order_completed"),
    ("updated_order", "order_updated"),
    ("started_order", "checkout_started"),
    ("viewed_product_category", "product_list_viewed"),
    ("clicked_product", "product_clicked"),
    ("viewed_promotion", "promotion_viewed"),
    ("clicked_promotion", "promotion_clicked"),
    ("viewed_checkout_step", "checkout_step_viewed"),
    ("completed_checkout_step", "checkout_step_completed"),
];

/// An event's name as rules write it.
pub fn name(event: &str) -> String {
    let name = snake(event);
    ALIASES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| (*new).to_owned())
}

/// Whether an event of that name moves orders, and with them points.
pub fn is_order(name: &str) -> bool {
    matches!(name, "order_completed" | "order_updated" | "order_cancelled" | "order_refunded")
}

/// What an event of that name does; `None` where it is neither order nor return. `message` is the message's id.
pub fn read(
    name: &str,
    said: &Map<String, Value>,
    at: Timestamp,
    message: &str,
    shop: Shop,
) -> Result<Option<Doing>, String> {
    Ok(Some(match name {
        "order_completed" => Doing::Bought(Box::new(order(said, at, shop)?)),
        // When it was bought is not said: it stays as it was.
        "order_updated" => {
            let order = Order { ordered_at: None, ..order(said, at, shop)? };
            Doing::Changed { order: Box::new(order), at }
        }
        "order_cancelled" => Doing::Cancelled { order: order_id(said)?, waits: true },
        "order_refunded" => {
            let id = text(said, "refund_id").unwrap_or_else(|| format!("segment:{message}"));
            Doing::CameBack { id, order: order_id(said)?, back: back(said, shop)? }
        }
        _ => return Ok(None),
    }))
}

fn text(said: &Map<String, Value>, key: &str) -> Option<String> {
    match said.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The order's id.
pub fn order_id(said: &Map<String, Value>) -> Result<String, String> {
    let id = text(said, "order_id").ok_or("'order_id' is missing")?;
    let is_sound = id.len() <= 200 && !id.chars().any(char::is_control);
    if is_sound { Ok(id) } else { Err("'order_id' has at most 200 bytes and no control signs".to_owned()) }
}

fn currency(said: &Map<String, Value>, shop: Shop) -> Result<Currency, String> {
    match text(said, "currency") {
        Some(code) => code.parse().map_err(|no: domain::money::NotACurrency| no.to_string()),
        None => Ok(shop.currency),
    }
}

fn amount(said: &Map<String, Value>, key: &str, decimals: u32) -> Result<Option<i64>, String> {
    let found =
        minor(said.get(key).unwrap_or(&Value::Null), decimals).map_err(|no| format!("'{key}': {no}"))?;
    match found {
        Some(below) if below < 0 => Err(format!("'{key}' is below zero")),
        Some(much) if much > MOST => Err(format!("'{key}' is beyond all measure")),
        other => Ok(other),
    }
}

/// A product of an order as it came: the line's id, the product's, and the object.
type Product<'a> = (String, String, &'a Map<String, Value>);

fn products(said: &Map<String, Value>) -> Result<Vec<Product<'_>>, String> {
    let all = match said.get("products") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(all)) => all,
        Some(_) => return Err("'products' is to be a list".to_owned()),
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let one = |(place, value): (usize, &'_ Value)| -> Result<(String, String), String> {
        let Value::Object(product) = value else { return Err(format!("product {} is no object", place + 1)) };
        let named = ["product_id", "id", "sku", "name"].iter().find_map(|key| text(product, key));
        let id = named.ok_or_else(|| format!("product {} has no product_id, sku or name", place + 1))?;
        // A refund names products, so a line is named after its product, and the second of the same `latte#2`.
        let times = seen.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        Ok((if *times == 1 { id.clone() } else { format!("{id}#{times}") }, id))
    };
    let ids: Vec<(String, String)> = all.iter().enumerate().map(one).collect::<Result<_, _>>()?;
    let objects = all.iter().filter_map(Value::as_object);
    Ok(ids.into_iter().zip(objects).map(|((line, product), object)| (line, product, object)).collect())
}

fn order(said: &Map<String, Value>, at: Timestamp, shop: Shop) -> Result<Order, String> {
    let currency = currency(said, shop)?;
    let decimals = currency.decimals();
    let amount = |key: &str| amount(said, key, decimals);
    let products = products(said)?;
    let none = Value::Null;
    let list: Vec<i64> = products
        .iter()
        .map(|(id, _, object)| {
            let (price, quantity) =
                (object.get("price").unwrap_or(&none), object.get("quantity").unwrap_or(&none));
            let gross = times(price, quantity, decimals).map_err(|no| format!("product '{id}': {no}"))?;
            if (0..=MOST).contains(&gross) {
                Ok(gross)
            } else {
                Err(format!("product '{id}': no price is like that"))
            }
        })
        .collect::<Result<_, _>>()?;
    let (shipping, tax) = (amount("shipping")?.unwrap_or(0), amount("tax")?.unwrap_or(0));
    let listed: i64 = list.iter().sum();
    let discount = amount("discount")?;
    let goods = match (amount("subtotal")?, amount("revenue")?) {
        (Some(subtotal), _) => Some(subtotal),
        (None, revenue) => revenue,
    };
    let paid = match (amount("total")?, goods) {
        (Some(total), _) => total - shipping,
        (None, Some(goods)) => goods + tax,
        (None, None) if products.is_empty() => {
            return Err("neither 'products' nor 'total' nor 'subtotal'".to_owned());
        }
        (None, None) => listed - discount.unwrap_or(0) + tax,
    };
    if paid < 0 {
        return Err("the order comes to less than nothing: check total, shipping and discount".to_owned());
    }
    let discount = discount.unwrap_or_else(|| (listed - paid).max(0));
    Ok(Order {
        id: order_id(said)?.as_str().into(),
        member: None,
        ordered_at: Some(at),
        store: text(said, "affiliation").as_deref().map(Into::into),
        till: None,
        channel: text(said, "channel").as_deref().map(Into::into),
        currency: Some(currency),
        lines: lines(&products, &list, paid, discount, tax.min(paid))?,
        tenders: Vec::new(),
        shipping_minor: shipping,
        invoice: None,
    })
}

fn lines(
    products: &[(String, String, &Map<String, Value>)],
    list: &[i64],
    paid: i64,
    discount: i64,
    tax: i64,
) -> Result<Vec<Line>, String> {
    if products.is_empty() {
        return Ok(vec![Line {
            id: "all".into(),
            product: "all".into(),
            category: "".into(),
            quantity_milli: 1000,
            gross_minor: paid + discount,
            discount_minor: discount,
            tax_minor: tax,
        }]);
    }
    let (paid, discount) = (share_out(paid, list), share_out(discount, list));
    let tax = share_out(tax, &paid);
    let line = |(place, (id, product, object)): (usize, &(String, String, &Map<String, Value>))| {
        let quantity = milli(object.get("quantity").unwrap_or(&Value::Null));
        let quantity = quantity.map_err(|no| format!("product '{id}': quantity: {no}"))?.unwrap_or(1000);
        if quantity <= 0 {
            return Err(format!("product '{id}': quantity is to be above zero"));
        }
        Ok(Line {
            id: id.as_str().into(),
            product: product.as_str().into(),
            category: text(object, "category").unwrap_or_default().as_str().into(),
            quantity_milli: quantity,
            gross_minor: paid[place] + discount[place],
            discount_minor: discount[place],
            tax_minor: tax[place],
        })
    };
    products.iter().enumerate().map(line).collect()
}

/// What a refund takes back. The specification shows `total` and the whole cart, and leaves a part of it undefined. Our
/// rule: `total` is what was given back; without it, the products that are named; with neither, everything.
fn back(said: &Map<String, Value>, shop: Shop) -> Result<Back, String> {
    if let Some(total) = amount(said, "total", currency(said, shop)?.decimals())? {
        return Ok(Back::Money(total));
    }
    let products = products(said)?;
    if products.is_empty() {
        return Ok(Back::Everything);
    }
    let one = |(line, _, object): &(String, String, &Map<String, Value>)| {
        let quantity = milli(object.get("quantity").unwrap_or(&Value::Null))?.unwrap_or(0);
        Ok((line.clone(), quantity))
    };
    Ok(Back::Goods(products.iter().map(one).collect::<Result<_, String>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const USD: &str = "USD";

    fn shop(code: &str) -> Shop {
        Shop { currency: code.parse().unwrap() }
    }

    fn bought(said: Value, code: &str) -> Result<Order, String> {
        order(said.as_object().unwrap(), Timestamp::UNIX_EPOCH, shop(code))
    }

    /// Lines as `id gross discount tax`.
    fn shown(order: &Order) -> Vec<String> {
        let line = |line: &Line| {
            format!("{} {} {} {}", line.id, line.gross_minor, line.discount_minor, line.tax_minor)
        };
        order.lines.iter().map(line).collect()
    }

    #[test]
    fn the_example_of_the_specification() {
        // Segment, Spec: V2 Ecommerce Events, "Order Completed".
        let order = bought(
            json!({"checkout_id": "fksdjfsdjfisjf9sdfjsd9f", "order_id": "50314b8e9bcf000000000000",
                "affiliation": "Google Store", "subtotal": 22.50, "total": 27.50, "revenue": 25.00, "shipping": 3,
                "tax": 2, "discount": 2.5, "coupon": "hasbros", "currency": "USD", "products": [
                {"product_id": "507f1f77bcf86cd799439011", "sku": "45790-32", "name": "Monopoly: 3rd Edition",
                 "price": 19, "quantity": 1, "category": "Games"},
                {"product_id": "505bd76785ebb509fc183733", "sku": "46493-32", "name": "Uno Card Game", "price": 3,
                 "quantity": 2, "category": "Games"}]}),
            USD,
        )
        .unwrap();
        assert_eq!(order.paid_minor() + order.shipping_minor, 2750, "all in");
        let tax: i64 = order.lines.iter().map(|line| line.tax_minor).sum();
        assert_eq!(order.paid_minor() - tax, 2250, "the subtotal");
        assert_eq!(
            shown(&order),
            ["507f1f77bcf86cd799439011 2052 190 152", "505bd76785ebb509fc183733 648 60 48"]
        );
        assert_eq!(order.store.unwrap().as_str(), "Google Store");
    }

    #[test]
    fn amounts_follow_what_was_said() {
        let products = json!([{"product_id": "latte", "price": 45000, "quantity": 2}, {"sku": "latte", "price": "10000"}]);
        for (said, currency, lines) in [
            (
                json!({"order_id": 7, "products": products}),
                "VND",
                vec!["latte 90000 0 0", "latte#2 10000 0 0"],
            ),
            (
                json!({"order_id": 7, "total": 80000, "shipping": 0, "products": products}),
                "VND",
                vec!["latte 90000 18000 0", "latte#2 10000 2000 0"],
            ),
            (json!({"order_id": 7, "total": 12.345, "currency": "BHD"}), USD, vec!["all 12345 0 0"]),
            (json!({"order_id": 7, "revenue": 25.0, "tax": 2}), USD, vec!["all 2700 0 200"]),
            (json!({"order_id": 7, "total": "10.00", "shipping": "3"}), USD, vec!["all 700 0 0"]),
        ] {
            assert_eq!(shown(&bought(said.clone(), currency).unwrap()), lines, "{said}");
        }
        for (said, why) in [
            (json!({"total": 1}), "'order_id' is missing"),
            (json!({"order_id": 7}), "neither 'products' nor"),
            (json!({"order_id": 7, "total": "1,5"}), "'total': '1,5' is not a number"),
            (json!({"order_id": 7, "total": -5}), "'total' is below zero"),
            (json!({"order_id": 7, "total": 5, "shipping": 6}), "less than nothing"),
            (json!({"order_id": 7, "total": 5, "currency": "dollars"}), "is not a currency code"),
            (json!({"order_id": 7, "products": [{"price": 5}]}), "product 1 has no product_id"),
            (json!({"order_id": 7, "products": [{"sku": "a", "price": 5, "quantity": 0}]}), "above zero"),
        ] {
            let no = bought(said.clone(), USD).unwrap_err();
            assert!(no.contains(why), "{said}: {no}");
        }
    }

    #[test]
    fn a_refund_is_its_total_else_its_products_else_everything() {
        let back = |said: Value| back(said.as_object().unwrap(), shop(USD)).unwrap();
        let products = json!([{"product_id": "latte", "price": 5, "quantity": 2}]);
        assert_eq!(back(json!({"order_id": "1", "total": 3, "products": products})), Back::Money(300));
        assert_eq!(
            back(json!({"order_id": "1", "products": products})),
            Back::Goods(vec![("latte".into(), 2000)])
        );
        assert_eq!(back(json!({"order_id": "1"})), Back::Everything);
    }

    #[test]
    fn names_of_version_1_are_those_of_version_2() {
        assert_eq!(name("Completed Order"), "order_completed");
        assert_eq!(name("Order Completed"), "order_completed");
        assert_eq!(name("Product Reviewed"), "product_reviewed");
        assert!(is_order(&name("Updated Order")) && !is_order("checkout_started"));
    }
}
