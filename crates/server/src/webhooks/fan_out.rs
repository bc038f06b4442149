//! Dealing messages out: each to everybody who asked for its topic, in the transaction that takes it off the list of
//! what nobody was told yet. A crash in between deals nothing or everything.

use super::{OWN_TOPICS, id_of, wants};
use crate::app::App;
use crate::problem::Problem;
use engine::record::view;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::{DeliveryRow, MessageRow, NEVER, WebhookRow, Writing};

/// How many messages are dealt in a transaction.
const AT_ONCE: usize = 500;

/// Deal out what waits. Answers how many messages it was. What comes meanwhile waits for the next look: a transaction for
/// every few of them would keep the one that records from its work.
pub async fn deal(app: &App) -> Result<usize, Problem> {
    let mut all = 0;
    loop {
        let now = app.now_micros();
        if !app.read(move |session| Ok(session.read().has_untold(now)?)).await? {
            return Ok(all);
        }
        let dealt = app.write(move |writing| deal_some(writing, now)).await?;
        all += dealt;
        if dealt < AT_ONCE {
            return Ok(all);
        }
    }
}

fn deal_some(writing: &Writing<'_>, now: i64) -> Result<usize, Problem> {
    let webhooks = writing.lock_webhooks()?;
    let messages = writing.lock_untold(now, AT_ONCE as i64)?;
    for webhook in webhooks.iter().filter(|webhook| webhook.state != "off") {
        let wanted: Vec<&MessageRow> =
            messages.iter().filter(|message| is_wanted(webhook, message)).collect();
        let customers: Vec<&str> =
            wanted.iter().filter_map(|message| message.customer_id.as_deref()).collect();
        let busy = writing.waiting_customers(&webhook.webhook_id, &customers)?;
        writing.insert_deliveries(&in_line(webhook, &wanted, busy, now))?;
    }
    let ids: Vec<&str> = messages.iter().map(|message| message.message_id.as_str()).collect();
    writing.end_untold(&ids)?;
    Ok(messages.len())
}

/// Whether a webhook is told. News of the webhooks themselves are for all of them.
fn is_wanted(webhook: &WebhookRow, message: &MessageRow) -> bool {
    OWN_TOPICS.iter().any(|(own, _)| *own == message.topic) || wants(&webhook.topics, &message.topic)
}

/// What a webhook is told, in order: of each customer only the first is due, unless one waits already.
fn in_line(
    webhook: &WebhookRow,
    messages: &[&MessageRow],
    mut busy: BTreeSet<String>,
    now: i64,
) -> Vec<DeliveryRow> {
    let mut deliver = |message: &&MessageRow| {
        let is_first = message.customer_id.as_ref().is_none_or(|customer| busy.insert(customer.clone()));
        delivery(webhook, message, if is_first { now } else { NEVER })
    };
    messages.iter().map(&mut deliver).collect()
}

/// A message for a webhook.
pub fn delivery(webhook: &WebhookRow, message: &MessageRow, due_at: i64) -> DeliveryRow {
    DeliveryRow {
        webhook_id: webhook.webhook_id.clone(),
        message_id: message.message_id.clone(),
        topic: message.topic.clone(),
        customer_id: message.customer_id.clone(),
        body: body(message),
        created_at: message.created_at,
        due_at,
        attempts: 0,
        state: "waiting".to_owned(),
        problem: None,
    }
}

/// Exactly what is sent: the same bytes at every try.
pub fn body(message: &MessageRow) -> String {
    json!({"type": message.topic, "timestamp": view::at(message.created_at), "data": data(message)})
        .to_string()
}

/// What happened, with the customer under one name whatever it was.
fn data(message: &MessageRow) -> Map<String, Value> {
    let said: Map<String, Value> = serde_json::from_str(&message.body).unwrap_or_default();
    let named = |(name, value): (String, Value)| match name.as_str() {
        "type" => None,
        "member" => Some(("customer".to_owned(), value)),
        _ => Some((name, value)),
    };
    said.into_iter().filter_map(named).collect()
}

/// A message as people who look on see it: its id, and what is sent.
pub fn shown(message: &MessageRow) -> (String, String) {
    (id_of(&message.message_id), body(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, customer: Option<&str>) -> MessageRow {
        MessageRow {
            message_id: id.to_owned(),
            topic: "tier.changed".to_owned(),
            customer_id: customer.map(str::to_owned),
            body: r#"{"type":"tier","member":"cus_1","to":"gold"}"#.to_owned(),
            created_at: 1_000_000,
        }
    }

    #[test]
    fn of_each_customer_only_the_first_is_due() {
        let webhook = WebhookRow {
            webhook_id: "wh_1".to_owned(),
            url: String::new(),
            topics: "*".to_owned(),
            state: "on".to_owned(),
            reason: None,
            failing_since: None,
            quiet_until: 0,
            created_at: 0,
            created_by: String::new(),
        };
        let all = [
            message("1", Some("ana")),
            message("2", Some("ben")),
            message("3", Some("ana")),
            message("4", None),
            message("5", None),
            message("6", Some("cam")),
        ];
        let all: Vec<&MessageRow> = all.iter().collect();
        let due: Vec<i64> = in_line(&webhook, &all, BTreeSet::from(["cam".to_owned()]), 7)
            .iter()
            .map(|row| row.due_at)
            .collect();
        assert_eq!(due, [7, 7, NEVER, 7, 7, NEVER]);
    }

    #[test]
    fn what_is_sent_names_type_time_and_customer() {
        let sent = body(&message("1", Some("cus_1")));
        let expected = r#"{"type":"tier.changed","timestamp":"1970-01-01T00:00:01Z","data":{"customer":"cus_1","to":"gold"}}"#;
        assert_eq!(sent, expected);
    }
}
