//! What comes from outside in words of others: Segment's SDKs, a web shop's webhooks. It is durable before it is
//! answered, so that whoever sends may forget it; it is worked in afterwards, in the order in which it came, each
//! message once and for ever. What cannot be taken is laid aside with the reason (`/v1/dead-items`) and stops nothing.
//!
//! A dialect turns a body into [`Taken`]: who was seen, and what they did. [`work`] does the rest and knows no dialect.

pub mod amount;
pub mod back;
pub mod work;

use crate::shops;
use back::Back;
use domain::Currency;
use engine::people::consents::Said;
use jiff::Timestamp;
use loyalty::fact::Order;
use serde_json::{Map, Value};
use std::sync::atomic::AtomicBool;
use store::{DeadItemRow, IntakeRow};

/// Who works what came in: one at a time in a process.
#[derive(Debug, Default)]
pub struct Turn {
    lock: tokio::sync::Mutex<()>,
    is_asked: AtomicBool,
}

/// A message in our words.
#[derive(Debug, Default, PartialEq)]
pub struct Taken {
    /// What the customer is known by, kind and value.
    pub keys: Vec<(String, String)>,
    /// What else is said of them.
    pub traits: Vec<Trait>,
    /// What they agreed to, refused or took back.
    pub consents: Vec<Said>,
    /// What they did, in order.
    pub does: Vec<Doing>,
    /// Of which thing the traits are news, and their version: older news that comes later is passed over.
    pub news: Option<(String, String)>,
}

/// Something that is said of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trait {
    /// A field of the person: `name`, `birthday`, `language`, …
    Field(&'static str, String),
    /// An attribute of the shop's own.
    Attribute(String, String),
}

/// What a customer did.
#[derive(Debug, PartialEq)]
pub enum Doing {
    /// Something that is neither order nor return.
    Happened(Happened),
    /// An order; the member is filled in when the customer is known.
    Bought(Box<Order>),
    /// The whole order again, as it is now.
    Changed {
        /// The order.
        order: Box<Order>,
        /// When it became so.
        at: Timestamp,
    },
    /// The order will not be.
    Cancelled {
        /// Its id.
        order: String,
        /// Whether that is said for good, so that an order which comes later is cancelled too.
        waits: bool,
    },
    /// Goods or money came back.
    CameBack {
        /// The source's id of the return.
        id: String,
        /// The order's id.
        order: String,
        /// What of it.
        back: Back,
    },
}

/// Something that is neither order nor return.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// The source's id.
    pub id: String,
    /// `product_viewed`, `page_viewed`, …
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Whether rules of a program may count it.
    pub is_for_rules: bool,
    /// The order it is about.
    pub order: Option<String>,
    /// The product it is about.
    pub product: Option<String>,
    /// What else was said of it.
    pub properties: Map<String, Value>,
}

/// What a dialect must know of the shop.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    /// In what amounts are that name no currency.
    pub currency: Currency,
}

/// The longest body of something laid aside.
const DEAD_BYTES: usize = 64 << 10;

/// Something laid aside. The same body for the same source is the same thing.
pub fn dead(
    source: &str,
    kind: &str,
    body: &str,
    reason: impl Into<String>,
    received_at: i64,
) -> DeadItemRow {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(source.as_bytes())
        .update(&[0])
        .update(kind.as_bytes())
        .update(&[0])
        .update(body.as_bytes());
    let end = body.floor_char_boundary(DEAD_BYTES);
    DeadItemRow {
        item_id: format!("dead_{}", &hasher.finalize().to_hex()[..32]),
        source: source.to_owned(),
        kind: kind.to_owned(),
        body: body[..end].to_owned(),
        reason: reason.into(),
        received_at,
        settled_at: None,
    }
}

/// Something to take in: `place` is where it stood in its batch, `chance` tells apart what comes in one microsecond.
pub fn intake_id(received_at: i64, place: usize, chance: u64) -> String {
    format!("{received_at:016x}{chance:016x}{place:08x}")
}

/// What a row says, in our words.
fn read(row: &IntakeRow, shop: Shop) -> Result<Taken, String> {
    // A shop's topic stands before its body.
    let (topic, body) = row.body.split_once('\n').unwrap_or(("", &row.body));
    match row.dialect.as_str() {
        "segment" => crate::segment::read(row, shop),
        "shopify" => shops::shopify::read(topic, body, shop),
        "woocommerce" => shops::woocommerce::read(topic, body, shop),
        other => Err(format!("nobody here speaks '{other}'")),
    }
}

/// Something laid aside, read anew: the message's id, and the body as its dialect keeps it.
pub fn again(dead: &DeadItemRow) -> Result<(String, String), String> {
    match dead.kind.as_str() {
        "segment" => crate::segment::again(&dead.body, dead.received_at),
        "shopify" | "woocommerce" => Ok((dead.item_id.clone(), dead.body.clone())),
        other => Err(format!("nobody here speaks '{other}'")),
    }
}

/// A name as rules write it: `Product Reviewed` is `product_reviewed`.
pub fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for sign in name.trim().chars() {
        if sign.is_alphanumeric() {
            out.extend(sign.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_rules_write_them() {
        for (said, name) in [
            ("Product Reviewed", "product_reviewed"),
            ("  Đã  mua – hàng! ", "đã_mua_hàng"),
            ("checkIn", "checkin"),
            ("", ""),
        ] {
            assert_eq!(snake(said), name);
        }
    }

    #[test]
    fn what_is_laid_aside_twice_is_one_thing() {
        let one = dead("web", "segment", "{}", "no type", 1);
        assert_eq!(one.item_id, dead("web", "segment", "{}", "still none", 2).item_id);
        assert_ne!(one.item_id, dead("app", "segment", "{}", "no type", 1).item_id);
        assert_eq!(dead("web", "segment", &"é".repeat(DEAD_BYTES), "long", 1).body.len(), DEAD_BYTES);
    }
}
