//! The desk from which messages go: lease what is due, send it, write down how it went. Sending takes its time and
//! happens outside of any transaction; whatever comes of it is written in one. A process that dies in between leaves a
//! lease that ends, and the message goes once more.

use super::{address, fan_out, id_of, sign};
use crate::app::App;
use crate::problem::Problem;
use crate::seal;
use engine::record::view;
use engine::record::work::again_at;
use engine::staff::actor::Actor;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{After, AttemptRow, DeliveryRow, MessageRow, WebhookRow, Writing};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// How many messages are under way at once, and how many of them to one webhook.
const UNDER_WAY: usize = 64;
const TO_ONE: usize = 8;
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a lease lasts: longer than anybody may take.
const LEASE_MICROS: i64 = 60_000_000;
/// After how long without anything arriving a webhook is paused.
const PAUSE_MICROS: i64 = 3 * 86_400_000_000;
/// The longest that a webhook which fails, or asks for it, is left in peace.
const PEACE_MICROS: i64 = 15 * 60_000_000;
/// How much of an answer is kept.
const ANSWER_BYTES: usize = 1000;
/// How often what is due is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// Tell others what happens until the server ends; what is under way then is waited for.
pub async fn run(app: App) {
    let mut desk = Desk::new(&app);
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !app.is_closing() {
        if let Err(problem) = desk.turn().await {
            let why = problem.secret.as_deref().unwrap_or(&problem.detail);
            tracing::warn!(why, "webhooks wait: the database did not answer");
        }
        tokio::select! {
            _ = look.tick() => {}
            Some(sent) = desk.under_way.join_next() => desk.heard.extend(sent.ok()),
        }
    }
    if let Err(problem) = desk.finish().await {
        tracing::warn!(why = %problem.detail, "how the last messages went is not known: they go again");
    }
}

/// Tell everything that is due, and wait for how it went. Answers how many tries it took.
pub async fn settle(app: &App) -> Result<usize, Problem> {
    let mut desk = Desk::new(app);
    let mut tries = 0;
    loop {
        desk.turn().await?;
        if desk.under_way.is_empty() {
            return Ok(tries);
        }
        tries += desk.under_way.len();
        desk.finish().await?;
    }
}

struct Desk {
    app: App,
    worker: String,
    courier: Courier,
    under_way: JoinSet<Sent>,
    heard: Vec<Sent>,
    counts: HashMap<String, usize>,
}

/// A message that was sent, and what was heard.
struct Sent {
    delivery: DeliveryRow,
    heard: Heard,
}

/// What was heard of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heard {
    /// The status; none where nobody answered.
    status: Option<u16>,
    /// For how many seconds the receiver wants to be left in peace.
    peace_seconds: Option<i64>,
    took: Duration,
    answer: String,
}

/// Who carries: one who goes everywhere allowed over TLS, one who goes in the clear and only inside.
#[derive(Clone)]
struct Courier {
    over_tls: reqwest::Client,
    inside: reqwest::Client,
}

impl Courier {
    fn new(app: &App) -> Courier {
        // Another library of the process may have chosen its provider already: then that one serves.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let client = |is_public_allowed| {
            let inside: Arc<[ipnet::IpNet]> = app.settings().webhook_inside.clone().into();
            reqwest::Client::builder()
                .dns_resolver(Arc::new(address::Lookup { inside, is_public_allowed }))
                // A proxy of the environment would look names up for itself, and a redirect leads anywhere.
                .no_proxy()
                .redirect(Policy::none())
                .connect_timeout(PATIENCE / 2)
                .timeout(PATIENCE)
                .user_agent(concat!("Perennial/", env!("CARGO_PKG_VERSION")))
                .build()
                .expect("a client over the provider that was just installed")
        };
        Courier { over_tls: client(true), inside: client(false) }
    }
}

impl Desk {
    fn new(app: &App) -> Desk {
        Desk {
            app: app.clone(),
            worker: format!("{:032x}", app.chance_u128()),
            courier: Courier::new(app),
            under_way: JoinSet::new(),
            heard: Vec::new(),
            counts: HashMap::new(),
        }
    }

    /// Write down what was heard, deal out what is new, send what is due.
    async fn turn(&mut self) -> Result<(), Problem> {
        while let Some(sent) = self.under_way.try_join_next() {
            self.heard.extend(sent.ok());
        }
        self.write_down().await?;
        fan_out::deal(&self.app).await?;
        let now = self.app.now_micros();
        let due = self.app.read(move |session| Ok(session.read().due_webhooks(now)?)).await?;
        for webhook in due {
            self.send(webhook, now).await?;
        }
        Ok(())
    }

    /// Wait for all that is under way and write it down.
    async fn finish(&mut self) -> Result<(), Problem> {
        while let Some(sent) = self.under_way.join_next().await {
            self.heard.extend(sent.ok());
        }
        self.write_down().await
    }

    async fn send(&mut self, webhook: WebhookRow, now: i64) -> Result<(), Problem> {
        // Where nothing arrives one message at a time finds out whether something does.
        let most = if webhook.failing_since.is_some() { 1 } else { TO_ONE };
        let to_this = self.counts.get(&webhook.webhook_id).copied().unwrap_or(0);
        let room = most.saturating_sub(to_this).min(UNDER_WAY.saturating_sub(self.under_way.len()));
        if room == 0 {
            return Ok(());
        }
        let (id, worker) = (webhook.webhook_id.clone(), self.worker.clone());
        let leased = self.app.write(move |writing| {
            let secrets = writing.webhook_secrets(now)?;
            let secrets: Vec<_> = secrets.into_iter().filter(|secret| secret.webhook_id == id).collect();
            Ok((secrets, writing.lease_deliveries(&id, &worker, (now, now + LEASE_MICROS), room as i64)?))
        });
        let (sealed, deliveries) = leased.await?;
        let open = |row: &store::WebhookSecretRow| {
            seal::open(
                self.app.pepper(),
                &super::manage::sealed_for(&row.webhook_id, &row.secret_id),
                &row.sealed,
            )
        };
        let secrets: Vec<Vec<u8>> = sealed.iter().filter_map(open).collect();
        for delivery in deliveries {
            *self.counts.entry(webhook.webhook_id.clone()).or_default() += 1;
            let (courier, url, secrets) = (self.courier.clone(), webhook.url.clone(), secrets.clone());
            let inside = self.app.settings().webhook_inside.clone();
            self.under_way.spawn(async move {
                let heard = match secrets.is_empty() {
                    true => Heard::nothing("no secret of this webhook can be opened: give it a new one"),
                    false => carry(&courier, &url, &inside, &delivery, &secrets, now).await,
                };
                Sent { delivery, heard }
            });
        }
        Ok(())
    }

    async fn write_down(&mut self) -> Result<(), Problem> {
        if self.heard.is_empty() {
            return Ok(());
        }
        let (now, worker) = (self.app.now_micros(), self.worker.clone());
        let news: Vec<(AttemptRow, DeliveryRow, Verdict)> = self
            .heard
            .iter()
            .map(|sent| (attempt(sent, now), sent.delivery.clone(), judge(&sent.delivery, &sent.heard, now)))
            .collect();
        let salts: Vec<u128> = news.iter().map(|_| self.app.chance_u128()).collect();
        self.app
            .write(move |writing| {
                let mut webhooks = writing.lock_webhooks()?;
                for ((attempt, delivery, verdict), salt) in news.iter().zip(&salts) {
                    let webhook = webhooks.iter_mut().find(|row| row.webhook_id == delivery.webhook_id);
                    let Some(webhook) = webhook else { continue };
                    writing.insert_attempt(attempt)?;
                    record(writing, webhook, delivery, verdict, (now, &worker, *salt))?;
                }
                Ok(())
            })
            .await?;
        for sent in self.heard.drain(..) {
            if let Some(count) = self.counts.get_mut(&sent.delivery.webhook_id) {
                *count = count.saturating_sub(1);
            }
            self.app.metrics().told(sent.heard.status);
        }
        Ok(())
    }
}

impl Heard {
    fn nothing(why: impl Into<String>) -> Heard {
        Heard { status: None, peace_seconds: None, took: Duration::ZERO, answer: why.into() }
    }

    fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// What was wrong, for people.
    fn problem(&self) -> String {
        match self.status {
            Some(status) => format!("answered {status}"),
            None => self.answer.clone(),
        }
    }
}

/// Send one message, once.
async fn carry(
    courier: &Courier,
    url: &str,
    inside: &[ipnet::IpNet],
    delivery: &DeliveryRow,
    secrets: &[Vec<u8>],
    now: i64,
) -> Heard {
    // An address in figures is not looked up: it is looked at here, as the configuration is now.
    let url = match address::read(url, inside) {
        Ok(url) => url,
        Err(problem) => return Heard::nothing(problem.detail),
    };
    let (id, seconds) = (id_of(&delivery.message_id), now.div_euclid(1_000_000));
    let client = if url.scheme() == "https" { &courier.over_tls } else { &courier.inside };
    let began = instant();
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-signature", sign::signatures(secrets, &id, seconds, &delivery.body))
        .header("webhook-timestamp", seconds)
        .header("webhook-id", id)
        .body(delivery.body.clone());
    let mut heard = match request.send().await {
        Ok(response) => listen(response).await,
        Err(error) => Heard::nothing(reason(&error)),
    };
    heard.took = began.elapsed();
    heard
}

/// What a receiver says: of an answer without end only the beginning is read.
async fn listen(mut response: reqwest::Response) -> Heard {
    let after = response.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok());
    let peace_seconds = after.and_then(|after| after.trim().parse::<i64>().ok());
    let status = Some(response.status().as_u16());
    let mut answer = Vec::new();
    while answer.len() < ANSWER_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    answer.truncate(ANSWER_BYTES);
    // PostgreSQL keeps no NUL in a text.
    let answer = String::from_utf8_lossy(&answer).replace('\0', "");
    Heard { status, peace_seconds, took: Duration::ZERO, answer }
}

/// Why nobody answered, down to the cause, without the address.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// What follows from a try.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// It arrived.
    Arrived,
    /// It is tried again; where the receiver wants to be left in peace, nothing is sent until then.
    Again { at: i64, why: String, quiet_until: i64 },
    /// It was tried often enough.
    GivenUp { why: String },
    /// The receiver wants nothing any more.
    NotWanted,
}

fn judge(delivery: &DeliveryRow, heard: &Heard, now: i64) -> Verdict {
    if heard.is_success() {
        return Verdict::Arrived;
    }
    if heard.status == Some(410) {
        return Verdict::NotWanted;
    }
    let why = heard.problem();
    let Some(again) = again_at(&delivery.message_id, delivery.attempts, view::at(now)) else {
        return Verdict::GivenUp { why };
    };
    let is_busy = matches!(heard.status, Some(429 | 502 | 503 | 504));
    let asked = heard.peace_seconds.filter(|seconds| is_busy && *seconds > 0);
    let quiet_until = asked.map_or(0, |seconds| now + seconds.saturating_mul(1_000_000).min(PEACE_MICROS));
    Verdict::Again { at: again.as_microsecond().max(quiet_until), why, quiet_until }
}

fn attempt(sent: &Sent, now: i64) -> AttemptRow {
    AttemptRow {
        webhook_id: sent.delivery.webhook_id.clone(),
        message_id: sent.delivery.message_id.clone(),
        attempted_at: now,
        status: sent.heard.status.map(i64::from),
        took_micros: i64::try_from(sent.heard.took.as_micros()).unwrap_or(i64::MAX),
        answer: sent.heard.answer.clone(),
    }
}

/// Write down what follows from a try: for the message, for those behind it, for the webhook.
fn record(
    writing: &Writing<'_>,
    webhook: &mut WebhookRow,
    delivery: &DeliveryRow,
    verdict: &Verdict,
    (now, worker, salt): (i64, &str, u128),
) -> Result<(), Problem> {
    let (state, due_at, problem) = match verdict {
        Verdict::Arrived => ("done", now, None),
        Verdict::Again { at, why, .. } => ("waiting", *at, Some(why.as_str())),
        Verdict::GivenUp { why } => ("dead", now, Some(why.as_str())),
        Verdict::NotWanted => ("dead", now, Some("answered 410: wants nothing any more")),
    };
    let after = After { state, due_at, problem };
    if !writing.settle_delivery(&delivery.webhook_id, &delivery.message_id, worker, &after)? {
        // Its lease had ended, or the webhook was changed meanwhile: somebody else has said what becomes of it.
        return Ok(());
    }
    if let Some(customer) = delivery.customer_id.as_ref().filter(|_| state != "waiting") {
        writing.wake_delivery(&delivery.webhook_id, customer, now)?;
    }
    let before = webhook.clone();
    let failing_since = webhook.failing_since.unwrap_or(now);
    match verdict {
        Verdict::Arrived => (webhook.failing_since, webhook.quiet_until) = (None, 0),
        Verdict::Again { quiet_until, .. } => {
            webhook.failing_since = Some(failing_since);
            // The longer nothing has arrived, the longer it is left in peace between two tries.
            let peace = ((now - failing_since) / 8).min(PEACE_MICROS);
            webhook.quiet_until = (*quiet_until).max(now + peace);
        }
        Verdict::GivenUp { why } => {
            webhook.failing_since = Some(failing_since);
            if now - failing_since >= PAUSE_MICROS {
                webhook.state = "paused".to_owned();
                webhook.reason = Some(format!("nothing has arrived for three days: {why}"));
            }
        }
        Verdict::NotWanted => {
            webhook.state = "off".to_owned();
            webhook.reason = Some("the receiver answered 410: it wants nothing any more".to_owned());
        }
    }
    if *webhook != before {
        writing.put_webhook(webhook)?;
    }
    if webhook.state != before.state {
        give_notice(writing, webhook, (now, salt))?;
    }
    Ok(())
}

/// Say that a webhook was paused: in the log, in the audit, and to everybody else who is told.
fn give_notice(writing: &Writing<'_>, webhook: &WebhookRow, (now, salt): (i64, u128)) -> Result<(), Problem> {
    let reason = webhook.reason.as_deref().unwrap_or_default();
    tracing::warn!(webhook.id = %webhook.webhook_id, reason, "a webhook was paused");
    writing.insert_messages(&[MessageRow {
        message_id: super::manage::message_id(now, salt as u64),
        topic: "webhook.paused".to_owned(),
        customer_id: None,
        body: json!({"webhook": webhook.webhook_id, "reason": reason}).to_string(),
        created_at: now,
    }])?;
    let change = Change {
        actor: Actor::system("webhooks"),
        operation: Operation::ManageWebhooks,
        kind: "webhook",
        subject: webhook.webhook_id.clone(),
        before: json!({"state": "on"}),
        after: json!({"state": webhook.state, "reason": reason}),
        salt,
    };
    Ok(append(writing, view::at(now), &[change])?)
}

#[expect(clippy::disallowed_methods, reason = "measures how long an answer takes, and decides nothing")]
fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(status: u16, peace_seconds: Option<i64>) -> Heard {
        Heard { status: Some(status), peace_seconds, took: Duration::ZERO, answer: String::new() }
    }

    fn delivery(attempts: i64) -> DeliveryRow {
        DeliveryRow {
            webhook_id: "wh".to_owned(),
            message_id: "m".to_owned(),
            topic: "points.earned".to_owned(),
            customer_id: None,
            body: "{}".to_owned(),
            created_at: 0,
            due_at: 0,
            attempts,
            state: "waiting".to_owned(),
            problem: None,
        }
    }

    #[test]
    fn only_2xx_has_arrived_and_410_wants_no_more() {
        for (status, attempts, verdict) in [
            (200, 1, "arrived"),
            (204, 10, "arrived"),
            (301, 1, "again"),
            (400, 1, "again"),
            (500, 9, "again"),
            (500, 10, "given up"),
            (410, 1, "not wanted"),
        ] {
            let found = match judge(&delivery(attempts), &heard(status, None), 0) {
                Verdict::Arrived => "arrived",
                Verdict::Again { .. } => "again",
                Verdict::GivenUp { .. } => "given up",
                Verdict::NotWanted => "not wanted",
            };
            assert_eq!(found, verdict, "{status} at try {attempts}");
        }
    }

    #[test]
    fn who_asks_for_peace_gets_it_within_bounds() {
        let quiet = |status, seconds| match judge(&delivery(1), &heard(status, seconds), 0) {
            Verdict::Again { at, quiet_until, .. } => {
                assert!(at >= quiet_until);
                quiet_until
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(quiet(429, Some(30)), 30_000_000);
        assert_eq!(quiet(503, Some(1 << 60)), PEACE_MICROS);
        assert_eq!(quiet(503, Some(-1)), 0);
        assert_eq!(quiet(500, Some(30)), 0, "a failure asks for nothing");
        assert_eq!(quiet(429, None), 0);
    }
}
