//! Webhooks: who is told, what, and how it went. What counts as arrived is the server's business.
//!
//! Of one customer only the oldest message that waits is due; those behind it wait at [`NEVER`] until it has gone. Who
//! changes what waits has the webhook's row, so that no message is left behind with nobody to wake it.

use crate::db::{Row, Value};
use crate::failure::Failure;
use crate::record::{MessageRow, Writing};
use std::collections::BTreeSet;

/// When what waits behind another is due: not until it is woken.
pub const NEVER: i64 = i64::MAX;

/// Somebody who is told. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Its id.
    pub webhook_id: String,
    /// Where.
    pub url: String,
    /// Of what: words with spaces between.
    pub topics: String,
    /// `on`, `paused` or `off`.
    pub state: String,
    /// Why it is not on.
    pub reason: Option<String>,
    /// Since when nothing has arrived.
    pub failing_since: Option<i64>,
    /// Until when nothing is tried.
    pub quiet_until: i64,
    /// When it was made.
    pub created_at: i64,
    /// By whom.
    pub created_by: String,
}

/// A secret of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecretRow {
    /// Whose.
    pub webhook_id: String,
    /// Its id; grows with time.
    pub secret_id: String,
    /// The sealed secret.
    pub sealed: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub ends_at: Option<i64>,
}

/// Something a webhook is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// To whom.
    pub webhook_id: String,
    /// What; grows with time.
    pub message_id: String,
    /// About what.
    pub topic: String,
    /// About whom.
    pub customer_id: Option<String>,
    /// Exactly what is sent.
    pub body: String,
    /// When it happened.
    pub created_at: i64,
    /// When it is to be tried next.
    pub due_at: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// What was wrong last.
    pub problem: Option<String>,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// To whom.
    pub webhook_id: String,
    /// What.
    pub message_id: String,
    /// When.
    pub attempted_at: i64,
    /// The HTTP status; none where nobody answered.
    pub status: Option<i64>,
    /// How long it took.
    pub took_micros: i64,
    /// The beginning of the answer, or what went wrong.
    pub answer: String,
}

/// What becomes of a delivery after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After<'a> {
    /// `waiting`, `done` or `dead`.
    pub state: &'a str,
    /// When it is tried again.
    pub due_at: i64,
    /// What was wrong.
    pub problem: Option<&'a str>,
}

const WEBHOOK: &str = "select webhook_id, url, topics, state, reason, failing_since, created_at, created_by,
    quiet_until from webhook";
const DELIVERY: &str =
    "select webhook_id, message_id, topic, customer_id, body, created_at, due_at, attempts, state,
    problem from delivery";

fn webhook(row: &Row<'_>) -> Result<WebhookRow, Failure> {
    Ok(WebhookRow {
        webhook_id: row.string(0)?,
        url: row.string(1)?,
        topics: row.string(2)?,
        state: row.string(3)?,
        reason: row.maybe_string(4)?,
        failing_since: row.maybe_int(5)?,
        created_at: row.int(6)?,
        created_by: row.string(7)?,
        quiet_until: row.int(8)?,
    })
}

fn delivery(row: &Row<'_>) -> Result<DeliveryRow, Failure> {
    Ok(DeliveryRow {
        webhook_id: row.string(0)?,
        message_id: row.string(1)?,
        topic: row.string(2)?,
        customer_id: row.maybe_string(3)?,
        body: row.string(4)?,
        created_at: row.int(5)?,
        due_at: row.int(6)?,
        attempts: row.int(7)?,
        state: row.string(8)?,
        problem: row.maybe_string(9)?,
    })
}

fn message(row: &Row<'_>) -> Result<MessageRow, Failure> {
    Ok(MessageRow {
        message_id: row.string(0)?,
        topic: row.string(1)?,
        customer_id: row.maybe_string(2)?,
        body: row.string(3)?,
        created_at: row.int(4)?,
    })
}

/// The first message id of an instant: ids begin with their microseconds.
fn first_of(micros: i64) -> String {
    format!("{:032x}", (micros.max(0) as u128) << 64)
}

impl Writing<'_> {
    /// Tell somebody from now on.
    pub fn insert_webhook(&self, row: &WebhookRow) -> Result<(), Failure> {
        let sql =
            "insert into webhook (webhook_id, url, topics, state, reason, failing_since, created_at, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (id, url, topics) = ((&row.webhook_id).into(), (&row.url).into(), (&row.topics).into());
        let (state, reason) = ((&row.state).into(), row.reason.as_deref().into());
        let (failing, at, by) = (row.failing_since.into(), row.created_at.into(), (&row.created_by).into());
        self.db.run(sql, &[id, url, topics, state, reason, failing, at, by]).map(drop)
    }

    /// Change where, of what, and whether somebody is told.
    pub fn put_webhook(&self, row: &WebhookRow) -> Result<(), Failure> {
        let sql = "update webhook set url = $2, topics = $3, state = $4, reason = $5, failing_since = $6,
                 quiet_until = $7 where webhook_id = $1";
        let (id, url, topics) = ((&row.webhook_id).into(), (&row.url).into(), (&row.topics).into());
        let (state, reason) = ((&row.state).into(), row.reason.as_deref().into());
        let (failing, quiet) = (row.failing_since.into(), row.quiet_until.into());
        self.db.run(sql, &[id, url, topics, state, reason, failing, quiet]).map(drop)
    }

    /// Whether there is a message that nobody was told of yet.
    pub fn has_untold(&self, now: i64) -> Result<bool, Failure> {
        let sql = "select 1 from outbox where state = 'waiting' and due_at <= $1 limit 1";
        Ok(self.db.first(sql, &[now.into()], |row| row.int(0))?.is_some())
    }

    /// Those who are on, are not to be left in peace now, and have something due.
    pub fn due_webhooks(&self, now: i64) -> Result<Vec<WebhookRow>, Failure> {
        let sql = format!(
            "{WEBHOOK} where state = 'on' and quiet_until <= $1 and exists (select 1 from delivery
                 where delivery.webhook_id = webhook.webhook_id and delivery.state = 'waiting' and due_at <= $1
                     and (leased_until is null or leased_until <= $1))
             order by webhook_id"
        );
        self.db.rows(&sql, &[now.into()], webhook)
    }

    /// All who are told, oldest first.
    pub fn webhooks(&self) -> Result<Vec<WebhookRow>, Failure> {
        self.db.rows(&format!("{WEBHOOK} order by webhook_id"), &[], webhook)
    }

    /// The same; nobody else changes what waits for them until the transaction ends.
    pub fn lock_webhooks(&self) -> Result<Vec<WebhookRow>, Failure> {
        self.db.rows(&format!("{WEBHOOK} order by webhook_id for update"), &[], webhook)
    }

    /// Tell somebody no more, and forget what they were told.
    pub fn delete_webhook(&self, webhook_id: &str) -> Result<bool, Failure> {
        for sql in [
            "delete from delivery_attempt where webhook_id = $1",
            "delete from delivery where webhook_id = $1",
            "delete from webhook_secret where webhook_id = $1",
        ] {
            self.db.run(sql, &[webhook_id.into()])?;
        }
        Ok(self.db.run("delete from webhook where webhook_id = $1", &[webhook_id.into()])? == 1)
    }

    /// Add a secret; those there are end at `others_end` at the latest.
    pub fn insert_webhook_secret(&self, row: &WebhookSecretRow, others_end: i64) -> Result<(), Failure> {
        let end = "update webhook_secret set ends_at = $2 where webhook_id = $1 and (ends_at is null or ends_at > $2)";
        self.db.run(end, &[(&row.webhook_id).into(), others_end.into()])?;
        let sql = "insert into webhook_secret (webhook_id, secret_id, sealed, created_at, ends_at)
             values ($1, $2, $3, $4, $5)";
        let (webhook, id) = ((&row.webhook_id).into(), (&row.secret_id).into());
        let (sealed, at) = ((&row.sealed).into(), row.created_at.into());
        self.db.run(sql, &[webhook, id, sealed, at, row.ends_at.into()]).map(drop)
    }

    /// The secrets in force of everybody who is told, newest first.
    pub fn webhook_secrets(&self, now: i64) -> Result<Vec<WebhookSecretRow>, Failure> {
        let sql = "select webhook_id, secret_id, sealed, created_at, ends_at from webhook_secret
             where ends_at is null or ends_at > $1 order by webhook_id, created_at desc, secret_id desc";
        self.db.rows(sql, &[now.into()], |row| {
            Ok(WebhookSecretRow {
                webhook_id: row.string(0)?,
                secret_id: row.string(1)?,
                sealed: row.string(2)?,
                created_at: row.int(3)?,
                ends_at: row.maybe_int(4)?,
            })
        })
    }

    /// Messages that nobody was told of yet, oldest first, for this transaction alone.
    pub fn lock_untold(&self, now: i64, most: i64) -> Result<Vec<MessageRow>, Failure> {
        let sql = "select message_id, topic, customer_id, body, created_at from outbox
             where state = 'waiting' and due_at <= $1 order by due_at, message_id limit $2
             for update skip locked";
        self.db.rows(sql, &[now.into(), most.into()], message)
    }

    /// Everybody who is to be told of these messages has them now.
    pub fn end_untold(&self, ids: &[&str]) -> Result<(), Failure> {
        let sql = "update outbox set state = 'done' where message_id = $1";
        self.db.run_each(sql, 1, ids.iter().map(|id| Value::from(*id))).map(drop)
    }

    /// Messages after one, oldest first.
    pub fn messages_after(&self, message_id: &str, most: i64) -> Result<Vec<MessageRow>, Failure> {
        let sql = "select message_id, topic, customer_id, body, created_at from outbox
             where message_id > $1 order by message_id limit $2";
        self.db.rows(sql, &[message_id.into(), most.into()], message)
    }

    /// Which of these customers have something waiting for a webhook.
    pub fn waiting_customers(
        &self,
        webhook_id: &str,
        customers: &[&str],
    ) -> Result<BTreeSet<String>, Failure> {
        let sql = "select customer_id from delivery where customer_id = $1 and webhook_id = $2 and state = 'waiting'
             limit 1";
        let mut found = BTreeSet::new();
        self.db.seek_each(sql, &[webhook_id.into()], customers.iter().copied(), |_, row| {
            found.insert(row.string(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Add what somebody is to be told; what is there already is passed over.
    pub fn insert_deliveries(&self, rows: &[DeliveryRow]) -> Result<u64, Failure> {
        let sql = "insert into delivery (webhook_id, message_id, topic, customer_id, body, created_at, due_at, attempts,
                 state) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 9] {
            let (webhook, id, topic) =
                ((&row.webhook_id).into(), (&row.message_id).into(), (&row.topic).into());
            let (customer, body) = (row.customer_id.as_deref().into(), (&row.body).into());
            let (at, due) = (row.created_at.into(), row.due_at.into());
            [webhook, id, topic, customer, body, at, due, row.attempts.into(), (&row.state).into()]
        });
        self.db.run_each(sql, 9, values)
    }

    /// Lease up to `most` of what is due to a webhook, to `worker` until `until`.
    pub fn lease_deliveries(
        &self,
        webhook_id: &str,
        worker: &str,
        (now, until): (i64, i64),
        most: i64,
    ) -> Result<Vec<DeliveryRow>, Failure> {
        let sql = format!(
            "{DELIVERY} where webhook_id = $1 and state = 'waiting' and due_at <= $2
                 and (leased_until is null or leased_until <= $2)
             order by due_at, message_id limit $3 for update skip locked"
        );
        let found = self.db.rows(&sql, &[webhook_id.into(), now.into(), most.into()], delivery)?;
        let take = "update delivery set leased_by = $3, leased_until = $4, attempts = attempts + 1
             where webhook_id = $1 and message_id = $2";
        let values = found.iter().flat_map(|row| -> [Value<'_>; 4] {
            [webhook_id.into(), (&row.message_id).into(), worker.into(), until.into()]
        });
        self.db.run_each(take, 4, values)?;
        Ok(found.into_iter().map(|row| DeliveryRow { attempts: row.attempts + 1, ..row }).collect())
    }

    /// Say what became of a delivery. Answers whether it was still this worker's to say.
    pub fn settle_delivery(
        &self,
        webhook_id: &str,
        message_id: &str,
        worker: &str,
        after: &After<'_>,
    ) -> Result<bool, Failure> {
        let sql =
            "update delivery set state = $4, due_at = $5, problem = $6, leased_by = null, leased_until = null
             where webhook_id = $1 and message_id = $2 and leased_by = $3 and state = 'waiting'";
        let (webhook, id) = (webhook_id.into(), message_id.into());
        let (state, due, problem) = (after.state.into(), after.due_at.into(), after.problem.into());
        Ok(self.db.run(sql, &[webhook, id, worker.into(), state, due, problem])? == 1)
    }

    /// The next message of a customer is due, if the one before has gone.
    pub fn wake_delivery(&self, webhook_id: &str, customer_id: &str, now: i64) -> Result<(), Failure> {
        let sql =
            "update delivery set due_at = $3 where webhook_id = $1 and due_at = $4 and state = 'waiting'
                 and message_id = (select min(message_id) from delivery
                     where customer_id = $2 and webhook_id = $1 and state = 'waiting')";
        self.db.run(sql, &[webhook_id.into(), customer_id.into(), now.into(), NEVER.into()]).map(drop)
    }

    /// What waits for its next try is tried now, and counted from the beginning.
    pub fn hasten_deliveries(&self, webhook_id: &str, now: i64) -> Result<u64, Failure> {
        let sql = "update delivery set due_at = $2, attempts = 0
             where webhook_id = $1 and state = 'waiting' and due_at < $3";
        self.db.run(sql, &[webhook_id.into(), now.into(), NEVER.into()])
    }

    /// Keep how tries went. A try has the next number of its delivery.
    pub fn insert_attempt(&self, row: &AttemptRow) -> Result<(), Failure> {
        let known = "select count(*) from delivery_attempt where webhook_id = $1 and message_id = $2";
        let (webhook, id): (Value<'_>, Value<'_>) = ((&row.webhook_id).into(), (&row.message_id).into());
        let number = self.db.int(known, &[webhook, id])? + 1;
        let sql =
            "insert into delivery_attempt (webhook_id, message_id, attempt, attempted_at, status, took_micros,
                 answer) values ($1, $2, $3, $4, $5, $6, $7)";
        let (at, took) = (row.attempted_at.into(), row.took_micros.into());
        self.db
            .run(sql, &[webhook, id, number.into(), at, row.status.into(), took, (&row.answer).into()])
            .map(drop)
    }

    /// What a webhook was told, newest first, before `before` (empty: from the end); of one state, or of any where it
    /// is empty.
    pub fn deliveries(
        &self,
        webhook_id: &str,
        state: &str,
        before: &str,
        most: i64,
    ) -> Result<Vec<DeliveryRow>, Failure> {
        let sql = format!(
            "{DELIVERY} where webhook_id = $1 and ($2 = '' or state = $2) and ($3 = '' or message_id < $3)
             order by message_id desc limit $4"
        );
        self.db.rows(&sql, &[webhook_id.into(), state.into(), before.into(), most.into()], delivery)
    }

    /// One message to a webhook.
    pub fn find_delivery(&self, webhook_id: &str, message_id: &str) -> Result<Option<DeliveryRow>, Failure> {
        let sql = format!("{DELIVERY} where webhook_id = $1 and message_id = $2");
        self.db.first(&sql, &[webhook_id.into(), message_id.into()], delivery)
    }

    /// How often and how it was tried, oldest first.
    pub fn attempts_of(&self, webhook_id: &str, message_id: &str) -> Result<Vec<AttemptRow>, Failure> {
        let sql = "select attempted_at, status, took_micros, answer from delivery_attempt
             where webhook_id = $1 and message_id = $2 order by attempt";
        self.db.rows(sql, &[webhook_id.into(), message_id.into()], |row| {
            Ok(AttemptRow {
                webhook_id: webhook_id.to_owned(),
                message_id: message_id.to_owned(),
                attempted_at: row.int(0)?,
                status: row.maybe_int(1)?,
                took_micros: row.int(2)?,
                answer: row.string(3)?,
            })
        })
    }

    /// How many deliveries of each state a webhook has.
    pub fn count_deliveries(&self, webhook_id: &str) -> Result<Vec<(String, i64)>, Failure> {
        let sql = "select state, count(*) from delivery where webhook_id = $1 group by state order by state";
        self.db.rows(sql, &[webhook_id.into()], |row| Ok((row.string(0)?, row.int(1)?)))
    }

    /// Tell it again. Answers whether there was such a delivery that did not wait anyway.
    pub fn replay_delivery(&self, webhook_id: &str, message_id: &str, now: i64) -> Result<bool, Failure> {
        let sql = "update delivery set state = 'waiting', attempts = 0, due_at = $3, problem = null
             where webhook_id = $1 and message_id = $2 and state <> 'waiting'";
        Ok(self.db.run(sql, &[webhook_id.into(), message_id.into(), now.into()])? == 1)
    }

    /// Tell everything again that happened from `since` on and is of a state. Answers how much that is.
    pub fn replay_since(&self, webhook_id: &str, state: &str, since: i64, now: i64) -> Result<u64, Failure> {
        let sql = "update delivery set state = 'waiting', attempts = 0, due_at = $4, problem = null
             where webhook_id = $1 and state = $2 and message_id >= $3";
        self.db.run(sql, &[webhook_id.into(), state.into(), (&first_of(since)).into(), now.into()])
    }

    /// Forget what was told before `before`, how it went, and secrets that had ended by then.
    pub fn forget_told(&self, before: i64) -> Result<(), Failure> {
        let first = first_of(before);
        for sql in [
            "delete from delivery_attempt where message_id < $1 and not exists (select 1 from delivery
                 where delivery.webhook_id = delivery_attempt.webhook_id
                     and delivery.message_id = delivery_attempt.message_id and state = 'waiting')",
            "delete from delivery where message_id < $1 and state <> 'waiting'",
            "delete from outbox where message_id < $1 and state = 'done'",
        ] {
            self.db.run(sql, &[(&first).into()])?;
        }
        let ended = "delete from webhook_secret where ends_at is not null and ends_at < $1";
        self.db.run(ended, &[before.into()]).map(drop)
    }
}
