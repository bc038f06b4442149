//! Making and changing webhooks, for the API and the command line alike; each change is in the audit.

use super::{TOPICS, address, sign};
use crate::key::Pepper;
use crate::problem::{Kind, Problem};
use crate::seal;
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation;
use ipnet::IpNet;
use serde_json::{Value, json};
use store::{DeliveryRow, MessageRow, WebhookRow, WebhookSecretRow, Writing};

/// How many there may be: each is told everything it asks for.
const MOST: usize = 50;

/// Who asks, when, by what chance, under which pepper and configuration.
pub struct Asking<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Now, in microseconds since 1970.
    pub now: i64,
    /// Fills bytes with chance.
    pub chance: &'a dyn Fn(&mut [u8]),
    /// What secrets are sealed under.
    pub pepper: &'a Pepper,
    /// Networks beside the public one that webhooks may go to.
    pub inside: &'a [IpNet],
}

/// What is to be changed of a webhook.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Where.
    pub url: Option<String>,
    /// Of what.
    pub topics: Option<Vec<String>>,
    /// `on`, or `paused`.
    pub state: Option<String>,
}

impl Asking<'_> {
    fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.chance)(&mut bytes);
        bytes
    }

    fn tell(&self, writing: &Writing<'_>, id: &str, before: Value, after: Value) -> Result<(), Problem> {
        let change = Change {
            actor: self.actor.clone(),
            operation: Operation::ManageWebhooks,
            kind: "webhook",
            subject: id.to_owned(),
            before,
            after,
            salt: u128::from_le_bytes(self.draw()),
        };
        Ok(append(writing, view::at(self.now), &[change])?)
    }
}

/// What a secret is sealed for.
pub fn sealed_for(webhook_id: &str, secret_id: &str) -> String {
    format!("{secret_id} of {webhook_id}")
}

/// An id of a message, which grows with time as those of the record do.
pub fn message_id(now: i64, chance: u64) -> String {
    format!("{:032x}{chance:016x}", (now.max(0) as u128) << 64)
}

/// Tell somebody from now on. Answers the row, and the secret to show once.
pub fn create(
    writing: &Writing<'_>,
    asking: &Asking<'_>,
    url: &str,
    topics: &[String],
) -> Result<(WebhookRow, String), Problem> {
    address::read(url, asking.inside)?;
    let topics = read_topics(topics)?;
    if writing.lock_webhooks()?.len() >= MOST {
        return Err(Problem::new(
            Kind::Conflict,
            format!("there are {MOST} webhooks already, which is as many as may be"),
        ));
    }
    let row = WebhookRow {
        webhook_id: format!("wh_{:016x}{}", asking.now, hex(&asking.draw::<4>())),
        url: url.to_owned(),
        topics,
        state: "on".to_owned(),
        reason: None,
        failing_since: None,
        quiet_until: 0,
        created_at: asking.now,
        created_by: asking.actor.id.clone(),
    };
    writing.insert_webhook(&row)?;
    let secret = add_secret(writing, asking, &row.webhook_id, asking.now)?;
    asking.tell(writing, &row.webhook_id, Value::Null, said(&row))?;
    Ok((row, secret))
}

/// A webhook, held until the transaction ends.
pub fn find(writing: &Writing<'_>, id: &str) -> Result<WebhookRow, Problem> {
    let all = writing.lock_webhooks()?;
    all.into_iter().find(|row| row.webhook_id == id).ok_or_else(|| Problem::not_found("webhook", id))
}

/// Change a webhook. One that is put on tries what waits at once, from the beginning.
pub fn change(
    writing: &Writing<'_>,
    asking: &Asking<'_>,
    id: &str,
    wanted: &Wanted,
) -> Result<WebhookRow, Problem> {
    let before = find(writing, id)?;
    let mut row = before.clone();
    if let Some(url) = &wanted.url {
        address::read(url, asking.inside)?;
        row.url = url.clone();
    }
    if let Some(topics) = &wanted.topics {
        row.topics = read_topics(topics)?;
    }
    match wanted.state.as_deref() {
        None => {}
        Some("on") => {
            (row.state, row.reason) = ("on".to_owned(), None);
            (row.failing_since, row.quiet_until) = (None, 0);
            writing.hasten_deliveries(id, asking.now)?;
        }
        Some("paused") => {
            row.state = "paused".to_owned();
            row.reason = Some(format!("by {}", asking.actor.id));
        }
        Some(_) => return Err(Problem::of_body("/state", "on or paused")),
    }
    if row != before {
        writing.put_webhook(&row)?;
        asking.tell(writing, id, said(&before), said(&row))?;
    }
    Ok(row)
}

/// Give a webhook a new secret; the one before stays in force for so many hours. Answers the secret to show once.
pub fn rotate(
    writing: &Writing<'_>,
    asking: &Asking<'_>,
    id: &str,
    overlap_hours: i64,
) -> Result<String, Problem> {
    if !(0..=24 * 30).contains(&overlap_hours) {
        return Err(Problem::of_body("/overlap_hours", "0 to 720"));
    }
    find(writing, id)?;
    let secret = add_secret(writing, asking, id, asking.now + overlap_hours * 3_600_000_000)?;
    asking.tell(writing, id, Value::Null, json!({"secret": "new", "overlap_hours": overlap_hours}))?;
    Ok(secret)
}

fn add_secret(
    writing: &Writing<'_>,
    asking: &Asking<'_>,
    id: &str,
    others_end: i64,
) -> Result<String, Problem> {
    let secret: [u8; 32] = asking.draw();
    let secret_id = format!("sec_{:016x}{}", asking.now, hex(&asking.draw::<4>()));
    let sealed = seal::seal(asking.pepper, &sealed_for(id, &secret_id), &secret, asking.draw());
    let row = WebhookSecretRow {
        webhook_id: id.to_owned(),
        secret_id,
        sealed,
        created_at: asking.now,
        ends_at: None,
    };
    writing.insert_webhook_secret(&row, others_end)?;
    Ok(sign::shown(&secret))
}

/// Tell somebody no more, and forget what they were told.
pub fn delete(writing: &Writing<'_>, asking: &Asking<'_>, id: &str) -> Result<(), Problem> {
    let before = find(writing, id)?;
    writing.delete_webhook(id)?;
    asking.tell(writing, id, said(&before), Value::Null)
}

/// Send a webhook a test. Answers the message's id.
pub fn test(writing: &Writing<'_>, asking: &Asking<'_>, id: &str) -> Result<String, Problem> {
    let webhook = find(writing, id)?;
    let message = MessageRow {
        message_id: message_id(asking.now, u64::from_le_bytes(asking.draw())),
        topic: "webhook.test".to_owned(),
        customer_id: None,
        body: json!({"webhook": id}).to_string(),
        created_at: asking.now,
    };
    let rows: [DeliveryRow; 1] = [super::fan_out::delivery(&webhook, &message, asking.now)];
    writing.insert_deliveries(&rows)?;
    Ok(message.message_id)
}

/// Topics as they are kept: each known, or a group of them that is not empty.
fn read_topics(topics: &[String]) -> Result<String, Problem> {
    let fault = |detail: String| Err(Problem::of_body("/topics", detail));
    if topics.is_empty() {
        return fault("at least one; '*' for all".to_owned());
    }
    for word in topics {
        let is_plain = !word.is_empty() && !word.contains(' ');
        if !is_plain || !TOPICS.iter().any(|(topic, _)| super::wants(word, topic)) {
            let all: Vec<&str> = TOPICS.iter().map(|(topic, _)| *topic).collect();
            return fault(format!(
                "'{word}' is no topic: give '*', a group as 'points.*', or some of {}",
                all.join(", ")
            ));
        }
    }
    Ok(topics.join(" "))
}

/// A webhook as the audit has it.
fn said(row: &WebhookRow) -> Value {
    json!({"url": row.url, "topics": row.topics, "state": row.state, "reason": row.reason})
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
