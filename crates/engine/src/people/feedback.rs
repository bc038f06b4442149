//! Feedback that comes one by one: what somebody said at the table, on a card, in an app.
//!
//! The log keeps that something was said, when, with what score, of which order; the seal takes that to the lake, where
//! it lies beside what came by file. The words are people and stay in state. The same id of a source again has no effect,
//! and a file that has it too is not counted twice.

use super::{Acting, Refused, Stopped, again, survivor};
use crate::collect::live::{DEFAULT_SOURCE, feedback_key};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{EventRow, Session};

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// The source's own id of it: the same again has no effect.
    pub id: String,
    /// The order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// `survey`, `review`, `complaint`, or a word of the shop's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Thousandths of a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_milli: Option<i64>,
    /// The top of the scale, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_max_milli: Option<i64>,
    /// The shop's key of the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Till, web, app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// Its id.
    pub id: String,
    /// Our id of who said it, where known.
    pub customer: Option<String>,
    /// Whether it was known already.
    pub is_repeat: bool,
}

/// Keep it: who said it (our id, where known), when, and in which words. `secret` is the data folder's.
///
/// # Errors
/// Refused without an id, without score and words, for a score beyond its scale, and for somebody who is not there.
pub fn hear(
    session: &mut Session,
    secret: &[u8; 32],
    said: &Feedback,
    customer: Option<&str>,
    given_at: Option<Timestamp>,
    text: &str,
    acting: &mut Acting<'_>,
) -> Result<Heard, Stopped> {
    check(said, text)?;
    let source = if acting.source.is_empty() { DEFAULT_SOURCE } else { acting.source };
    let event_id = acting.id();
    let now = acting.micros();
    let about = format!("feedback:{source}/{}", said.id);
    let row_key = feedback_key(secret, source, &said.id);
    again(session, |writing| {
        let customer = customer.map(|id| survivor(writing, id)).transpose()?;
        let event = EventRow {
            event_id: event_id.clone(),
            kind: "feedback".to_owned(),
            source: source.to_owned(),
            customer_id: customer.clone(),
            happened_at: given_at.map_or(now, |at| at.as_microsecond()).min(now),
            recorded_at: now,
            body: serde_json::to_string(said).expect("plain data becomes JSON"),
            about: about.clone(),
            part: String::new(),
        };
        let is_new = writing.insert_events(&[event])? > 0;
        if is_new && !text.trim().is_empty() {
            writing.put_words(source, row_key, "text", customer.as_deref(), text, now)?;
        }
        Ok(Heard { id: said.id.clone(), customer, is_repeat: !is_new })
    })
}

fn check(said: &Feedback, text: &str) -> Result<(), Refused> {
    let wrong = |field: &str, value: String, why: &str| Refused::NotAValue {
        field: field.to_owned(),
        value,
        why: why.to_owned(),
    };
    if said.id.trim().is_empty() || said.id.len() > 200 {
        return Err(wrong("id", said.id.clone(), "must say which feedback it is, in at most 200 bytes"));
    }
    if said.score_milli.is_none() && text.trim().is_empty() {
        return Err(wrong("text", String::new(), "say a score, or words, or both"));
    }
    if let Some(score) = said.score_milli {
        let most = said.score_max_milli.unwrap_or(i64::MAX);
        if score < 0 || score > most {
            let points = score as f64 / 1000.0;
            return Err(wrong("score", points.to_string(), "must lie on its scale, from 0 to its top"));
        }
    }
    Ok(())
}
