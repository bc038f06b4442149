//! `perennial webhook`: who is told of what happens, beside a running server or without one. The server sends.

use crate::args::Common;
use crate::args::door::{WebhookArgs, WebhookCommand, WebhookReplay, WebhookRotate};
use crate::config::Config;
use crate::ended::Ended;
use crate::home::now_micros;
use crate::key::{fill, pepper, session};
use crate::say;
use domain::port::Failure;
use engine::record::view;
use engine::staff::actor::Actor;
use serde_json::json;
use server::problem::Problem;
use server::webhooks::manage::{self, Asking, Wanted};
use server::webhooks::{TOPICS, id_of};
use store::{Session, Writing};

/// `perennial webhook`
pub fn run(common: &Common, args: &WebhookArgs) -> Result<(), Ended> {
    let mut session = match &args.command {
        WebhookCommand::Topics => return topics(common),
        _ => session(common)?,
    };
    match &args.command {
        WebhookCommand::Topics => Ok(()),
        WebhookCommand::List => list(common, &session),
        WebhookCommand::Log(asked) => log(common, &session, &asked.id, &asked.state),
        command => change(common, &mut session, args, command),
    }
}

fn topics(common: &Common) -> Result<(), Ended> {
    let all: Vec<_> = TOPICS.iter().map(|(topic, about)| json!({"topic": topic, "about": about})).collect();
    say::result(common, &json!({ "topics": all }), || {
        TOPICS.iter().map(|(topic, about)| format!("{topic:<22} {about}\n")).collect()
    })
}

fn change(
    common: &Common,
    session: &mut Session,
    args: &WebhookArgs,
    command: &WebhookCommand,
) -> Result<(), Ended> {
    let config = Config::gather(common, &args.configured)?;
    let (pepper, inside) = (pepper(common, &config)?, config.networks("webhook_inside")?);
    let (actor, now) = (Actor::shell(), now_micros());
    let asking = Asking { actor: &actor, now, chance: &fill, pepper: &pepper, inside: &inside };
    let done = session.write(|writing| act(writing, &asking, command));
    let (document, text) = done.map_err(ended)?;
    say::result(common, &document, || text)
}

/// What is done, as a document and as a line.
fn act(
    writing: &Writing<'_>,
    asking: &Asking<'_>,
    command: &WebhookCommand,
) -> Result<(serde_json::Value, String), Problem> {
    let state = |id: &str, state: &str| {
        let wanted = Wanted { state: Some(state.to_owned()), ..Wanted::default() };
        let row = manage::change(writing, asking, id, &wanted)?;
        Ok((json!({"id": id, "state": row.state}), format!("{id} is {}\n", row.state)))
    };
    match command {
        WebhookCommand::Create(asked) => {
            let (row, secret) = manage::create(writing, asking, &asked.url, &asked.topic)?;
            let document =
                json!({"id": row.webhook_id, "url": row.url, "topics": row.topics, "secret": secret});
            Ok((document, format!("{} {secret}\n", row.webhook_id)))
        }
        WebhookCommand::Test { id } => {
            let message = id_of(&manage::test(writing, asking, id)?);
            Ok((json!({"id": id, "message": message}), format!("{message} is on its way\n")))
        }
        WebhookCommand::Rotate(WebhookRotate { id, overlap }) => {
            let secret = manage::rotate(writing, asking, id, *overlap)?;
            Ok((json!({"id": id, "secret": secret, "overlap_hours": overlap}), format!("{secret}\n")))
        }
        WebhookCommand::Pause { id } => state(id, "paused"),
        WebhookCommand::Resume { id } => state(id, "on"),
        WebhookCommand::Replay(WebhookReplay { id, since, state }) => {
            manage::find(writing, id)?;
            let messages = writing.replay_since(id, state, since.as_microsecond(), asking.now)?;
            Ok((json!({"id": id, "messages": messages}), format!("{messages} messages are told again\n")))
        }
        WebhookCommand::Delete { id } => {
            manage::delete(writing, asking, id)?;
            Ok((json!({"id": id, "state": "deleted"}), format!("{id} is told no more\n")))
        }
        WebhookCommand::List | WebhookCommand::Topics | WebhookCommand::Log(_) => {
            Err(Problem::internal("reading changes nothing"))
        }
    }
}

fn ended(problem: Problem) -> Ended {
    match problem.secret {
        Some(secret) => Failure::new(secret).into(),
        None => Ended::Refused(problem.detail),
    }
}

fn list(common: &Common, session: &Session) -> Result<(), Ended> {
    let reading = session.read();
    let (mut documents, mut text) = (Vec::new(), String::new());
    for row in reading.webhooks()? {
        let counts = reading.count_deliveries(&row.webhook_id)?;
        let count =
            |state: &str| counts.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        let (waiting, done, dead) = (count("waiting"), count("done"), count("dead"));
        let reason = row.reason.as_deref().unwrap_or("-");
        text += &format!(
            "{}  {:<7} {waiting} waiting, {done} done, {dead} dead  {}  {}  {reason}\n",
            row.webhook_id, row.state, row.url, row.topics
        );
        documents.push(json!({
            "id": row.webhook_id, "url": row.url, "topics": row.topics, "state": row.state, "reason": row.reason,
            "failing_since": row.failing_since.map(view::at), "waiting": waiting, "done": done, "dead": dead,
        }));
    }
    let nobody = "nobody is told yet: perennial webhook create URL --topic '*'\n";
    say::result(common, &json!({ "webhooks": documents }), || {
        if text.is_empty() { nobody.to_owned() } else { text }
    })
}

fn log(common: &Common, session: &Session, id: &str, state: &str) -> Result<(), Ended> {
    const MOST: i64 = 100;
    let reading = session.read();
    if !reading.webhooks()?.iter().any(|row| row.webhook_id == id) {
        return Err(Ended::Refused(format!("there is no webhook '{id}': perennial webhook list shows all")));
    }
    let (mut documents, mut text) = (Vec::new(), String::new());
    for row in reading.deliveries(id, state, "", MOST)? {
        let tries = reading.attempts_of(id, &row.message_id)?;
        let last = tries.last();
        let status = last.and_then(|one| one.status).map_or("-".to_owned(), |status| status.to_string());
        let took = last.map_or(0, |one| one.took_micros / 1000);
        text += &format!(
            "{}  {:<7} {:<22} {} tries, last {status} in {took} ms  {}\n",
            id_of(&row.message_id),
            row.state,
            row.topic,
            tries.len(),
            row.problem.as_deref().unwrap_or("")
        );
        documents.push(json!({
            "id": id_of(&row.message_id), "topic": row.topic, "customer": row.customer_id, "state": row.state,
            "happened_at": view::at(row.created_at), "problem": row.problem,
            "tries": tries.iter().map(|one| json!({
                "at": view::at(one.attempted_at), "status": one.status, "took_ms": one.took_micros / 1000,
            })).collect::<Vec<_>>(),
        }));
    }
    say::result(common, &json!({ "deliveries": documents }), || {
        if text.is_empty() { "nothing was told yet\n".to_owned() } else { text }
    })
}
