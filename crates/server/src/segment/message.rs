//! One message of Segment's dialect: what must be in it, and when it happened.
//!
//! Senders' clocks are wrong, their connections slow and their batches late, so a message says two times of its own
//! clock: when it happened and when it was sent. What happened is placed before our receipt by the time between the
//! two, as Segment's specification has it: `receivedAt − (sentAt − timestamp)`. All of them are kept.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest message, as JSON.
pub const MESSAGE_BYTES: usize = 32 << 10;
/// The longest id of a message.
const ID_BYTES: usize = 100;
/// The longest other id, or name.
const NAME_BYTES: usize = 300;

/// What kind of call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are Segment's")]
pub enum Call {
    Identify,
    Track,
    Page,
    Screen,
    Group,
    Alias,
}

/// A message that was judged sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Which call.
    pub call: Call,
    /// Its id; made of its content where it has none.
    pub id: String,
    /// Who, as the sender knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Who, as the browser or the app knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// Of an alias: who it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<String>,
    /// Of a group: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// What happened, or which page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
    /// What is said of the customer or the group.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub traits: Map<String, Value>,
    /// Where and how.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
    /// When it happened, by our clock.
    pub happened_at: Timestamp,
    /// When it happened, as the sender wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_timestamp: Option<String>,
    /// When it was sent, by the sender's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

/// What is around the messages of one request.
#[derive(Debug)]
pub struct Envelope {
    /// Which call the path names.
    pub call: Option<Call>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// What holds for all of them.
    pub context: Map<String, Value>,
    /// When it came, by our clock.
    pub received_at: Timestamp,
}

impl Call {
    /// By the word in `type`.
    fn of(word: &str) -> Option<Call> {
        serde_json::from_value(Value::from(word)).ok()
    }
}

/// Read a message, or say why it cannot be taken.
pub fn read(value: &Value, envelope: &Envelope) -> Result<Message, String> {
    let Value::Object(object) = value else { return Err("a message is a JSON object".to_owned()) };
    let text = value.to_string();
    if text.len() > MESSAGE_BYTES {
        return Err(format!("{} bytes long; a message has at most {MESSAGE_BYTES}", text.len()));
    }
    let call = match (envelope.call, object.get("type")) {
        (Some(call), _) => call,
        (None, Some(Value::String(word))) => Call::of(word)
            .ok_or_else(|| format!("type '{word}' is none of identify, track, page, screen, group, alias"))?,
        (None, _) => {
            return Err("'type' is missing: identify, track, page, screen, group or alias".to_owned());
        }
    };
    let mut context = envelope.context.clone();
    context.extend(map(object, "context")?);
    let sent_at = object.get("sentAt").and_then(instant).or(envelope.sent_at);
    let (happened_at, original_timestamp) = when(object, sent_at, envelope.received_at)?;
    let message = Message {
        call,
        id: id(object, &text)?,
        user_id: name(object, "userId")?,
        anonymous_id: name(object, "anonymousId")?,
        previous_id: name(object, "previousId")?,
        group_id: name(object, "groupId")?,
        name: match call {
            Call::Track => name(object, "event")?,
            _ => name(object, "name")?,
        },
        properties: map(object, "properties")?,
        traits: map(object, "traits")?,
        context,
        happened_at,
        original_timestamp,
        sent_at,
    };
    message.check()?;
    Ok(message)
}

impl Message {
    fn check(&self) -> Result<(), String> {
        let missing = |what: &str| Err(format!("'{what}' is missing"));
        match self.call {
            _ if self.user_id.is_none() && self.anonymous_id.is_none() => {
                Err("whose it is is missing: give 'userId' or 'anonymousId'".to_owned())
            }
            Call::Track if self.name.is_none() => missing("event"),
            Call::Group if self.group_id.is_none() => missing("groupId"),
            Call::Alias if self.previous_id.is_none() => missing("previousId"),
            _ => Ok(()),
        }
    }
}

/// The message's own id, else one made of what it says, so that a retry of the same bytes is known.
fn id(object: &Map<String, Value>, text: &str) -> Result<String, String> {
    match name(object, "messageId")? {
        Some(id) if id.len() > ID_BYTES => Err(format!("'messageId' is longer than {ID_BYTES} bytes")),
        Some(id) => Ok(id),
        None => Ok(format!("content-{}", &blake3::hash(text.as_bytes()).to_hex()[..32])),
    }
}

/// A short text; numbers are taken as what they look like, nothing and empty texts as nothing.
fn name(object: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    let text = match object.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => return Err(format!("'{key}' is to be a text, and not {other}")),
    };
    if text.len() > NAME_BYTES || text.chars().any(char::is_control) {
        return Err(format!("'{key}' has at most {NAME_BYTES} bytes and no control signs"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// An object; absent and null are an empty one.
pub fn map(object: &Map<String, Value>, key: &str) -> Result<Map<String, Value>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(other) => Err(format!("'{key}' is to be an object, and not {other}")),
    }
}

/// When it happened, by our clock, and as it was written. Nothing happens after it was heard of.
fn when(
    object: &Map<String, Value>,
    sent_at: Option<Timestamp>,
    received_at: Timestamp,
) -> Result<(Timestamp, Option<String>), String> {
    // RudderStack's node SDK says originalTimestamp and no timestamp.
    let said =
        ["timestamp", "originalTimestamp"].iter().find_map(|key| object.get(*key).filter(|it| !it.is_null()));
    let Some(said) = said else { return Ok((received_at, None)) };
    let written = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
    let original = instant(said)
        .ok_or_else(|| format!("timestamp '{written}' is no time: write it as 2026-03-01T08:00:00.000Z"))?;
    let corrected = match sent_at {
        Some(sent_at) => sent_at
            .as_microsecond()
            .checked_sub(original.as_microsecond())
            .and_then(|age| Timestamp::from_microsecond(received_at.as_microsecond().checked_sub(age)?).ok()),
        None => Some(original),
    };
    Ok((corrected.unwrap_or(received_at).min(received_at), Some(written)))
}

/// ISO 8601, where nothing else is said in UTC, or milliseconds since 1970.
pub fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.trim().parse().ok().or_else(|| {
            text.trim()
                .parse::<DateTime>()
                .ok()?
                .to_zoned(jiff::tz::TimeZone::UTC)
                .ok()
                .map(|at| at.timestamp())
        }),
        Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn envelope(sent_at: Option<&str>) -> Envelope {
        Envelope {
            call: None,
            sent_at: sent_at.map(|at| at.parse().unwrap()),
            context: json!({"library": {"name": "x"}, "ip": "10.0.0.1"}).as_object().unwrap().clone(),
            received_at: "2026-03-01T08:00:10Z".parse().unwrap(),
        }
    }

    #[test]
    fn clocks_are_corrected_by_the_time_between_happening_and_sending() {
        // Segment's specification: timestamp = receivedAt − (sentAt − originalTimestamp).
        for (timestamp, sent_at, expected) in [
            (json!("2026-03-01T08:00:00Z"), Some("2026-03-01T08:00:05Z"), "2026-03-01T08:00:05Z"),
            // A clock that is a day ahead, and one that is ten years behind.
            (json!("2026-03-02T08:00:00Z"), Some("2026-03-02T08:01:00Z"), "2026-03-01T07:59:10Z"),
            (json!("2016-03-01T08:00:00.000+07:00"), Some("2016-03-01T01:00:00Z"), "2026-03-01T08:00:10Z"),
            // Sent before it happened: not in our future.
            (json!("2026-03-01T08:00:00Z"), Some("2026-03-01T07:00:00Z"), "2026-03-01T08:00:10Z"),
            (json!("2026-02-28T08:00:00.123456+00:00"), None, "2026-02-28T08:00:00.123456Z"),
            (json!("2027-01-01T00:00:00Z"), None, "2026-03-01T08:00:10Z"),
            (json!("2026-02-28T08:00:00"), None, "2026-02-28T08:00:00Z"),
            (json!(1_767_225_600_000i64), None, "2026-01-01T00:00:00Z"),
            (json!(null), Some("2026-03-01T08:00:05Z"), "2026-03-01T08:00:10Z"),
        ] {
            let message = json!({"type": "page", "userId": "u", "timestamp": timestamp});
            let read = read(&message, &envelope(sent_at)).unwrap();
            assert_eq!(read.happened_at.to_string(), expected, "{message}");
        }
    }

    #[test]
    fn what_real_sdks_send_is_taken() {
        // Captured from analytics-python, analytics-node, Rudder-node and analytics-next.
        for message in [
            json!({"type": "track", "event": "E", "userId": "u", "anonymousId": null, "messageId": "6c5c2d3e-6f4a-4a63-9c8e-2d1f3b1f0a55",
                   "integrations": {}, "timestamp": "2026-03-01T08:00:00.123456+00:00", "properties": {}}),
            json!({"type": "track", "event": "E", "anonymousId": "a", "messageId": "node-next-1772352000000-6c5c2d3e-6f4a-4a63-9c8e-2d1f3b1f0a55",
                   "_metadata": {"nodeVersion": "22"}, "timestamp": "2026-03-01T08:00:00.000Z"}),
            json!({"type": "identify", "userId": 17, "context": {"traits": {"email": "a@shop.example"}}, "channel": "server"}),
            json!({"type": "page", "userId": "u", "originalTimestamp": "2026-03-01T08:00:00.000Z", "properties": null, "name": ""}),
        ] {
            let read = read(&message, &envelope(None)).unwrap_or_else(|no| panic!("{message}: {no}"));
            assert_eq!(read.context["ip"], "10.0.0.1", "outer context is under each message");
        }
    }

    #[test]
    fn what_cannot_be_taken_says_why() {
        let long = "x".repeat(MESSAGE_BYTES);
        for (message, why) in [
            (json!("track"), "a message is a JSON object"),
            (json!({"userId": "u"}), "'type' is missing"),
            (json!({"type": "pay", "userId": "u"}), "type 'pay' is none of"),
            (json!({"type": "track", "event": "E"}), "give 'userId' or 'anonymousId'"),
            (json!({"type": "track", "userId": "u"}), "'event' is missing"),
            (json!({"type": "group", "userId": "u"}), "'groupId' is missing"),
            (json!({"type": "alias", "userId": "u"}), "'previousId' is missing"),
            (json!({"type": "page", "userId": {}}), "'userId' is to be a text"),
            (json!({"type": "page", "userId": "u", "properties": []}), "'properties' is to be an object"),
            (
                json!({"type": "page", "userId": "u", "timestamp": "yesterday"}),
                "timestamp 'yesterday' is no time",
            ),
            (
                json!({"type": "page", "userId": "u", "messageId": "m".repeat(101)}),
                "'messageId' is longer than 100",
            ),
            (json!({"type": "page", "userId": "u", "name": long}), "bytes long; a message has at most 32768"),
        ] {
            let no = read(&message, &envelope(None)).unwrap_err();
            assert!(no.contains(why), "{no}");
        }
    }

    #[test]
    fn a_message_without_an_id_is_known_by_what_it_says() {
        let message = |n: i64| json!({"type": "page", "userId": "u", "properties": {"n": n}});
        let id = |n: i64| read(&message(n), &envelope(None)).unwrap().id;
        assert_eq!(id(1), id(1));
        assert_ne!(id(1), id(2));
    }
}
