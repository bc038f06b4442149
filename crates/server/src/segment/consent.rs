//! What Segment's messages say about being written to, and about what a page may do: `context.messaging_subscriptions`
//! hangs on an address and a channel, `context.consent.categoryPreferences` on nothing but the person. What is missing is
//! no opinion. Where no text is named the proof says that the source stated it.

use super::message::Message;
use crate::intake::snake;
use engine::people::consents::Said;
use serde_json::{Map, Value, json};

/// What a message says of consents.
pub fn read(message: &Message) -> Vec<Said> {
    let subscriptions = message.context.get("messaging_subscriptions").and_then(Value::as_array);
    let subscriptions = subscriptions.into_iter().flatten().filter_map(|one| subscription(message, one));
    subscriptions.chain(preferences(message)).collect()
}

fn subscription(message: &Message, one: &Value) -> Option<Said> {
    let text = |name: &str| one.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let status = match text("status")?.to_ascii_uppercase().as_str() {
        "SUBSCRIBED" => "granted",
        "UNSUBSCRIBED" => "withdrawn",
        // DID_NOT_SUBSCRIBE: nobody was asked, or nobody answered.
        _ => return None,
    };
    let channel = snake(text("type")?);
    Some(Said { address: Some(text("key")?.to_owned()), ..said(message, &channel, "marketing", status) })
}

fn preferences(message: &Message) -> Vec<Said> {
    let all = message.context.get("consent").and_then(|consent| consent.get("categoryPreferences"));
    let one = |(category, is_wanted): (&String, &Value)| {
        let status = if is_wanted.as_bool()? { "granted" } else { "denied" };
        Some(said(message, "web", &snake(category), status))
    };
    all.and_then(Value::as_object).into_iter().flatten().filter_map(one).collect()
}

fn said(message: &Message, channel: &str, purpose: &str, status: &str) -> Said {
    let context = |name: &str| message.context.get(name).and_then(Value::as_str).map(str::to_owned);
    let consent = message.context.get("consent");
    let version = consent.and_then(|consent| consent.get("version")).and_then(Value::as_str);
    let mut evidence = Map::from_iter([("message".to_owned(), json!(message.id))]);
    for name in ["ip", "userAgent"] {
        evidence.extend(context(name).map(|value| (snake(name), json!(value))));
    }
    Said {
        channel: channel.to_owned(),
        purpose: purpose.to_owned(),
        status: status.to_owned(),
        text_version: version.unwrap_or("as stated by the source").to_owned(),
        language: context("locale").unwrap_or_default(),
        evidence: Value::Object(evidence),
        happened_at: Some(message.happened_at),
        ..Said::default()
    }
}
