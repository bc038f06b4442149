//! Webhooks: others are told what happens here, by Standard Webhooks 1.0.0.
//!
//! What is told is written in the transaction of what happened (`store`'s outbox), so that nothing is told that did not
//! happen and nothing that happened goes untold. [`fan_out`] deals each message to everybody who asked for its topic;
//! [`desk`] sends what is due and writes down how it went. Of one customer a webhook hears one message after the other;
//! what does not arrive is tried again for three days (`engine::record::work`), and a webhook at which nothing has
//! arrived for that long is paused, with a notice. A message may arrive twice, always under the same `webhook-id`.
//!
//! [`manage`] makes and changes webhooks, [`sign`] signs, [`address`] keeps us from being sent to where only we can go.

pub mod address;
pub mod desk;
pub mod fan_out;
pub mod manage;
pub mod sign;

/// What others can be told, with a sentence each.
pub const TOPICS: [(&str, &str); 29] = [
    ("points.earned", "points were earned"),
    ("points.adjusted", "points were given or taken by hand"),
    ("points.activated", "pending points became usable"),
    ("points.cancelled", "pending points will not become usable"),
    ("points.held", "points were set aside for a reward"),
    ("points.released", "points that were set aside are usable again"),
    ("points.spent", "points were spent"),
    ("points.refunded", "points that were spent came back"),
    ("points.clawed_back", "points went because goods came back"),
    ("points.reinstated", "points that went with a return came back, because the return did not hold"),
    ("points.expired", "points ran out"),
    ("points.transferred", "points went from one member to another"),
    ("points.merged", "points moved because two customers are one"),
    ("customer.created", "somebody was seen for the first time, and has an id"),
    ("customer.enrolled", "a customer joined a program"),
    ("customer.changed", "fields of a customer were changed: which, and not what they say"),
    ("customer.merged", "two customers are one: who goes on, and the other"),
    ("customer.parted", "two who were one are two again"),
    ("customer.erased", "a customer was erased: whoever has heard of them is to forget as well"),
    ("tier.changed", "a tier was reached, kept or lost"),
    ("tier.will_downgrade", "a tier will be lost unless something happens"),
    ("reward.given", "a reward was given"),
    ("benefit.used", "a benefit of a tier was used"),
    ("benefit.undone", "a benefit that was used came back"),
    ("mission.completed", "a mission was completed"),
    ("mission.undone", "a mission is not completed any more, after a return"),
    ("referral.moved", "a referral moved on"),
    ("till.alert", "something at a till wants looking at"),
    (CODE_TOPIC, "a one-time code is to be sent to somebody: only for who asks for it by this name"),
];

/// What is told only to who asks for it by name, and is on no page: it has digits that are secret for some minutes.
pub const CODE_TOPIC: &str = "code.made";

/// What everybody is told of who asked for anything: news of the webhooks themselves.
pub const OWN_TOPICS: [(&str, &str); 2] = [
    ("webhook.test", "a test, asked for by hand"),
    ("webhook.paused", "a webhook was paused, with the reason"),
];

/// Whether words such as `points.* tier.changed`, or `*`, ask for a topic.
pub fn wants(topics: &str, topic: &str) -> bool {
    topics.split(' ').any(|word| match word.strip_suffix('*') {
        Some(_) if topic == CODE_TOPIC => false,
        Some("") => true,
        Some(group) => topic.strip_prefix(group).is_some_and(|rest| !rest.is_empty()),
        None => word == topic,
    })
}

/// The id under which others hear of a message.
pub fn id_of(message_id: &str) -> String {
    format!("msg_{message_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_asked_for_by_name_by_group_or_all() {
        for (topics, topic, wanted) in [
            ("*", "points.earned", true),
            ("points.*", "points.earned", true),
            ("points.*", "tier.changed", false),
            ("tier.changed points.spent", "points.spent", true),
            ("tier.changed", "tier.changed_again", false),
            ("", "points.earned", false),
            ("* code.*", "code.made", false),
            ("code.made", "code.made", true),
        ] {
            assert_eq!(wants(topics, topic), wanted, "{topics} {topic}");
        }
    }
}
