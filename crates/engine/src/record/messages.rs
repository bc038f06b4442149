//! What others are to be told, and ids that grow with time.

use super::answer::{Answer, Outcome};
use super::books::{micros, text};
use super::command::{Act, Command};
use jiff::Timestamp;
use loyalty::fact::Fact;
use loyalty::judge::Output;
use loyalty::ledger::Posted;
use serde_json::json;
use store::MessageRow;

/// Ids that grow with time: rows with such keys are written at the end of their table, which doubles its speed.
pub(super) struct Ids {
    /// Which of all writers these are of.
    writer: u64,
    last: u128,
}

impl Ids {
    /// Ids of one writer; `writer` is chance.
    pub fn new(writer: u64) -> Ids {
        Ids { writer, last: 0 }
    }

    /// The next one.
    pub fn next(&mut self, at: Timestamp) -> String {
        // 64 bits of microseconds, and as many again to tell apart what one of them holds.
        let fresh = (micros(at).max(0) as u128) << 64;
        self.last = if fresh > self.last { fresh } else { self.last + 1 };
        format!("{:032x}{:016x}", self.last, self.writer)
    }
}

/// What an output has others told, if anything.
pub(super) fn message(output: &Output, at: Timestamp, ids: &mut Ids) -> Option<MessageRow> {
    let (topic, customer, body) = match output {
        Output::Posted { member, wallet, posting, .. } => {
            let topic = topic(posting.kind)?;
            let body = json!({
                "customer": member, "wallet": wallet, "units": posting.change(), "at": posting.at,
                "cause": posting.cause, "posting": posting.number,
            });
            (topic, member, body.to_string())
        }
        Output::Tier { member, .. } => ("tier.changed", member, text(output)),
        Output::WillDowngrade { member, .. } => ("tier.will_downgrade", member, text(output)),
        Output::Rewarded { member, .. } => ("reward.given", member, text(output)),
        Output::Benefit { member, is_undone: false, .. } => ("benefit.used", member, text(output)),
        Output::Benefit { member, .. } => ("benefit.undone", member, text(output)),
        Output::Mission { member, is_undone: false, .. } => ("mission.completed", member, text(output)),
        Output::Mission { member, .. } => ("mission.undone", member, text(output)),
        Output::Referral { member, .. } => ("referral.moved", member, text(output)),
        Output::Surprise { .. }
        | Output::Card { .. }
        | Output::Repeated { .. }
        | Output::Waiting { .. }
        | Output::Refused { .. } => {
            return None;
        }
    };
    let customer_id = Some(customer.to_string());
    let created_at = micros(at);
    Some(MessageRow { message_id: ids.next(at), topic: topic.to_owned(), customer_id, body, created_at })
}

/// What is told of a customer: it comes before whatever else the same instant brings, so that a receiver knows a customer
/// before it hears of the customer's points. It names nobody. `cause` is an id of what is behind it, and the message of
/// one cause is one.
pub(crate) fn of_customer(
    topic: &str,
    customer: &str,
    mut more: serde_json::Value,
    at: Timestamp,
    cause: &str,
) -> MessageRow {
    let before = (micros(at) - 1).max(0) as u128;
    more["customer"] = customer.into();
    let hash = blake3::hash(format!("{topic}\0{customer}\0{cause}").as_bytes());
    let own = u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes have 8"));
    MessageRow {
        message_id: format!("{:032x}{own:016x}", before << 64),
        topic: topic.to_owned(),
        customer_id: Some(customer.to_owned()),
        body: more.to_string(),
        created_at: micros(at),
    }
}

/// Those who joined: told before what the joining brought.
pub(super) fn enrolled<'a>(
    program: &str,
    asked: impl IntoIterator<Item = (&'a Command, &'a Answer)>,
    at: Timestamp,
    ids: &mut Ids,
) -> Vec<MessageRow> {
    let joined = asked.into_iter().filter_map(|(command, answer)| match &command.act {
        Act::Fact(Fact::Join(join)) if answer.outcome == Outcome::Done && !answer.is_repeat => Some(join),
        _ => None,
    });
    let told = joined.map(|join| MessageRow {
        message_id: ids.next(at),
        topic: "customer.enrolled".to_owned(),
        customer_id: Some(join.member.to_string()),
        body: json!({"customer": join.member, "program": program}).to_string(),
        created_at: micros(at),
    });
    told.collect()
}

/// The word for what a posting does to a member; dates that change are no news.
fn topic(kind: Posted) -> Option<&'static str> {
    Some(match kind {
        Posted::Earn => "points.earned",
        Posted::AdjustUp | Posted::AdjustDown => "points.adjusted",
        Posted::Activate => "points.activated",
        Posted::Cancel => "points.cancelled",
        Posted::Hold => "points.held",
        Posted::Release => "points.released",
        Posted::Capture | Posted::Spend => "points.spent",
        Posted::Refund => "points.refunded",
        Posted::Clawback => "points.clawed_back",
        Posted::Reinstate => "points.reinstated",
        Posted::Expire => "points.expired",
        Posted::TransferOut | Posted::TransferIn => "points.transferred",
        Posted::MergeOut | Posted::MergeIn => "points.merged",
        Posted::Repay | Posted::Extend => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_also_when_the_clock_stands_or_steps_back() {
        let mut ids = Ids::new(7);
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let made: Vec<String> = [5, 5, 4, 6].into_iter().map(|seconds| ids.next(at(seconds))).collect();
        assert!(made.is_sorted(), "{made:?}");
        assert_eq!(made.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        assert!(made.iter().all(|id| id.len() == 48 && id.ends_with("0000000000000007")));
    }
}
