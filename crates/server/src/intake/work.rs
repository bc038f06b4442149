//! Working in what was taken: who it was, then what they did. A round finds out about everybody in it in one
//! transaction, sends the commands to the writers one after the other without waiting, and ends with one transaction
//! that keeps what is no command and strikes off what is done. Every step may be done twice: orders, returns and events
//! have keys of their own, and what is logged is logged where the message is struck off. So a crash anywhere loses
//! nothing and doubles nothing.

use super::back::{self, Back};
use super::{Doing, Happened, Shop, Taken, Trait, dead, read};
use crate::app::asked::Asked;
use crate::app::{App, Open};
use crate::problem::{Kind, Problem};
use engine::people::consents::say_within;
use engine::people::profile::{Change, put};
use engine::people::{Acting, Stopped};
use engine::record::answer::{Answer, Outcome};
use engine::record::command::{Act, Command};
use engine::record::identity::resolve::Sighting;
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::permissions::Role;
use jiff::Timestamp;
use loyalty::fact::{Custom, Fact, Order, Return};
use loyalty::name::Name;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::{EventRow, IntakeRow, Writing};

/// Messages of a round.
const AT_ONCE: i64 = 500;
/// How long a return may wait for its order before it is laid aside: three days, a little longer each time.
const PUT_OFF_MINUTES: [i64; 8] = [1, 5, 30, 120, 360, 720, 1440, 1640];

/// Have what came in worked in soon; the answer to whoever sent it does not wait.
pub fn kick(app: &App) {
    app.intake().is_asked.store(true, Ordering::SeqCst);
    let app = app.clone();
    tokio::spawn(async move {
        let turn = app.intake();
        while turn.is_asked.load(Ordering::SeqCst) {
            // Whoever is at it looks once more before they stop.
            let Ok(_held) = turn.lock.try_lock() else { return };
            turn.is_asked.store(false, Ordering::SeqCst);
            if let Err(problem) = rounds(&app).await {
                let why = problem.secret.as_deref().unwrap_or(&problem.detail);
                tracing::warn!(why, "what came in waits: it could not be worked in");
                return;
            }
        }
    });
}

/// Work in everything that is due, now. Answers how many messages it was.
pub async fn settle(app: &App) -> Result<usize, Problem> {
    let _held = app.intake().lock.lock().await;
    rounds(app).await
}

async fn rounds(app: &App) -> Result<usize, Problem> {
    let mut all = 0;
    loop {
        match round(app).await? {
            0 => return Ok(all),
            done => all += done,
        }
    }
}

/// A message at work.
struct Work {
    row: IntakeRow,
    taken: Taken,
    customer: Option<String>,
    end: End,
}

/// How it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Done,
    Dead(String),
    Later,
}

/// A command on its way, and what to do where its customer is no member.
struct Pending {
    work: usize,
    open: Arc<Open>,
    asked: Asked,
    otherwise: Otherwise,
}

enum Otherwise {
    Nothing,
    Nobodys(Box<Fact>),
    Logged(Happened),
}

/// One round. Answers how many messages left the queue or were put off.
async fn round(app: &App) -> Result<usize, Problem> {
    let programs: Vec<Arc<Open>> = app.programs().into_values().collect();
    // Without a program there is nobody to record; everything waits until there is one.
    let Some(first) = programs.first() else { return Ok(0) };
    let shop = Shop { currency: first.in_force.program.head.currency };
    let now = app.now_micros();
    let rows = app.read(move |session| Ok(session.read().due_intake(now, AT_ONCE)?)).await?;
    let mut works: Vec<Work> = rows
        .into_iter()
        .map(|row| {
            let (taken, end) = match read(&row, shop) {
                Ok(taken) => (taken, End::Done),
                Err(reason) => (Taken::default(), End::Dead(reason)),
            };
            Work { row, taken, customer: None, end }
        })
        .collect();
    identify(app, first, &mut works).await?;
    let mut log = Vec::new();
    let mut pending = Vec::new();
    for place in 0..works.len() {
        for doing in std::mem::take(&mut works[place].taken.does) {
            match doing {
                Doing::Happened(happened) => {
                    let (work, known) = (&works[place], works[place].customer.clone());
                    match known.filter(|_| happened.is_for_rules) {
                        Some(member) => {
                            for open in &programs {
                                let asked = submit(app, open, &work.row, event(&member, &happened)).await;
                                let otherwise = Otherwise::Logged(happened.clone());
                                pending.push(Pending { work: place, open: open.clone(), asked, otherwise });
                            }
                        }
                        None => log.push(logged(work, happened)),
                    }
                }
                Doing::Bought(order) => {
                    buy(app, &programs, &works, place, (*order, None), &mut pending).await
                }
                Doing::Changed { order, at } => {
                    buy(app, &programs, &works, place, (*order, Some(at)), &mut pending).await;
                }
                Doing::Cancelled { order, waits } => {
                    answered(app, &mut works, &mut log, &mut pending).await?;
                    for open in &programs {
                        cancel(app, open, &works, place, (&order, waits), &mut pending).await?;
                    }
                }
                Doing::CameBack { id, order, back } => {
                    answered(app, &mut works, &mut log, &mut pending).await?;
                    for open in &programs {
                        come_back(app, open, &mut works, place, (&id, &order, &back), &mut pending).await?;
                    }
                    // The next return of the same order is judged by what this one left.
                    answered(app, &mut works, &mut log, &mut pending).await?;
                }
            }
        }
    }
    answered(app, &mut works, &mut log, &mut pending).await?;
    end(app, works, log).await
}

impl Work {
    fn member(&self) -> Option<Name> {
        self.customer.as_deref().map(Name::from)
    }
}

/// Find out who everybody was, and whom later messages of the round have made one with another.
async fn identify(app: &App, open: &Arc<Open>, works: &mut [Work]) -> Result<(), Problem> {
    let places: Vec<usize> = (0..works.len()).filter(|place| !works[*place].taken.keys.is_empty()).collect();
    let sightings: Vec<Sighting> = places
        .iter()
        .map(|place| Sighting {
            source: works[*place].row.source.clone(),
            keys: works[*place].taken.keys.clone(),
        })
        .collect();
    if sightings.is_empty() {
        return Ok(());
    }
    let (rules, now, chance) = (app.rules().clone(), app.now(), app.clone());
    let found = app
        .with_recorder(open, move |recorder| {
            Ok(recorder.identify(now, &rules, &sightings, &mut || chance.chance_u128())?)
        })
        .await?;
    let mut into: HashMap<String, String> = HashMap::new();
    for who in &found {
        let customer = who.customer.clone().unwrap_or_default();
        into.extend(who.merged.iter().map(|from| (from.clone(), customer.clone())));
    }
    for (place, who) in places.into_iter().zip(found) {
        let mut customer = who.customer;
        while let Some(next) = customer.as_ref().and_then(|one| into.get(one)) {
            customer = Some(next.clone());
        }
        works[place].customer = customer;
    }
    Ok(())
}

/// Put a fact in its writer's queue; a full one is waited for.
async fn submit(app: &App, open: &Open, row: &IntakeRow, fact: Fact) -> Asked {
    let command = Command { key: None, source: row.source.clone(), by: None, act: Act::Fact(fact) };
    loop {
        let asked = app.submit(open, command.clone());
        if !asked.is_full() {
            return asked;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An order, or the whole of it told anew: what is older than what is known changes nothing, which is the record's to
/// say.
async fn buy(
    app: &App,
    programs: &[Arc<Open>],
    works: &[Work],
    place: usize,
    (order, updated_at): (Order, Option<Timestamp>),
    pending: &mut Vec<Pending>,
) {
    let told = |member: Option<Name>| {
        let order = Order { member, ..order.clone() };
        match updated_at {
            Some(_) => Fact::OrderUpdated { updated_at, order },
            None => Fact::Order(order),
        }
    };
    for open in programs {
        let asked = submit(app, open, &works[place].row, told(works[place].member())).await;
        let otherwise = Otherwise::Nobodys(Box::new(told(None)));
        pending.push(Pending { work: place, open: open.clone(), asked, otherwise });
    }
}

/// All that is left of the order comes back. The record keeps that for an order it does not know yet.
async fn cancel(
    app: &App,
    open: &Arc<Open>,
    works: &[Work],
    place: usize,
    (order, waits): (&str, bool),
    pending: &mut Vec<Pending>,
) -> Result<(), Problem> {
    let row = &works[place].row;
    if !waits && find(app, open, &row.source, order).await?.is_none() {
        return Ok(());
    }
    let asked = submit(app, open, row, Fact::OrderCancelled { order: order.into() }).await;
    pending.push(Pending { work: place, open: open.clone(), asked, otherwise: Otherwise::Nothing });
    Ok(())
}

async fn find(app: &App, open: &Arc<Open>, source: &str, order: &str) -> Result<Option<view::Kept>, Problem> {
    let (open, source, order) = (open.clone(), source.to_owned(), order.to_owned());
    app.read(move |session| Ok(view::order(&session.read(), &open.in_force, &source, &order)?)).await
}

async fn come_back(
    app: &App,
    open: &Arc<Open>,
    works: &mut [Work],
    place: usize,
    (id, order, back): (&str, &str, &Back),
    pending: &mut Vec<Pending>,
) -> Result<(), Problem> {
    let kept = find(app, open, &works[place].row.source, order).await?;
    if let Some(view::Kept::Owned(_, record)) = &kept
        && record.returns.contains_key(&Name::from(id))
    {
        return Ok(());
    }
    let lines = match (&kept, back) {
        // All of an order may be taken back before it comes: the record keeps that until it does.
        (None, Back::Everything) => Some(Vec::new()),
        (None, _) => {
            works[place].end = End::Later;
            return Ok(());
        }
        (Some(kept), back) => back::lines(&back::left(kept), back),
    };
    let Some(lines) = lines else { return Ok(()) };
    let fact = Fact::Return(Return { id: id.into(), order: order.into(), lines });
    let asked = submit(app, open, &works[place].row, fact).await;
    pending.push(Pending { work: place, open: open.clone(), asked, otherwise: Otherwise::Nothing });
    Ok(())
}

fn event(member: &str, happened: &Happened) -> Fact {
    Fact::Event(Custom {
        id: happened.id.as_str().into(),
        member: member.into(),
        name: happened.name.as_str().into(),
        happened_at: Some(happened.at),
        order: happened.order.as_deref().map(Name::from),
        store: None,
    })
}

/// What no program has a say in, for the log of what happened.
fn logged(work: &Work, happened: Happened) -> EventRow {
    let source = work.row.source.as_str();
    // As the record names the same event, should a program rate it too.
    let about = if source.is_empty() {
        format!("event:{}", happened.id)
    } else {
        format!("event:{source}/{}", happened.id)
    };
    let body = json!({
        "type": "event", "id": happened.id, "name": happened.name, "order": happened.order,
        "product": happened.product, "properties": happened.properties,
    });
    EventRow {
        // Grows as the ids of the record do: by the instant, then by place.
        event_id: format!(
            "{:032x}{}",
            (work.row.received_at.max(0) as u128) << 64,
            &work.row.intake_id[24..40]
        ),
        kind: "event".to_owned(),
        source: work.row.source.clone(),
        customer_id: work.customer.clone(),
        happened_at: happened.at.as_microsecond(),
        recorded_at: work.row.received_at,
        body: body.to_string(),
        about,
        part: String::new(),
    }
}

/// Wait for the answers to what is under way. What was refused is laid aside; where a customer is no member, an order
/// becomes nobody's bill, which they may claim when they join, and what happened is logged. What cannot be done now
/// ends the round: all of it is done again.
async fn answered(
    app: &App,
    works: &mut [Work],
    log: &mut Vec<EventRow>,
    pending: &mut Vec<Pending>,
) -> Result<(), Problem> {
    for Pending { work, open, asked, otherwise } in pending.drain(..) {
        let answer = asked.answer().await;
        let answer = match (answer, otherwise) {
            (Ok(answer), Otherwise::Nobodys(bill)) if is_no_member(&answer) => {
                submit(app, &open, &works[work].row, *bill).await.answer().await
            }
            (Ok(answer), Otherwise::Logged(happened)) if is_no_member(&answer) => {
                log.push(logged(&works[work], happened));
                continue;
            }
            (answer, _) => answer,
        };
        match answer {
            Ok(answer) if answer.outcome == Outcome::Refused => {
                let why: Vec<&str> = answer.problems.iter().map(|problem| problem.why.as_str()).collect();
                works[work].end = End::Dead(why.join("; "));
            }
            Ok(_) => {}
            Err(problem) if problem.kind == Kind::Unavailable => return Err(problem),
            Err(problem) => works[work].end = End::Dead(problem.detail),
        }
    }
    Ok(())
}

fn is_no_member(answer: &Answer) -> bool {
    answer.outcome == Outcome::Refused && answer.code() == Some("unknown_member")
}

/// Keep what is said of a customer. A value that a field cannot hold is passed over: who sends it cannot be told.
fn describe(now: Timestamp, chance: &App, writing: &Writing<'_>, work: &Work) -> Result<(), Problem> {
    let Some(customer) = &work.customer else { return Ok(()) };
    if let Some((thing, version)) = &work.taken.news
        && !writing.is_news(&work.row.source, thing, version, now.as_microsecond())?
    {
        return Ok(());
    }
    let actor = Actor::new(&work.row.source, Role::Service);
    for said in &work.taken.traits {
        let mut change = Change::default();
        match said.clone() {
            Trait::Field(name, value) => drop(change.fields.insert(name.to_owned(), value)),
            Trait::Attribute(name, value) => drop(change.attributes.insert(name, value)),
        }
        let mut draw = || chance.chance_u128();
        let acting = Acting { now, actor: &actor, source: &work.row.source, chance: &mut draw };
        match put(writing, customer, &change, &acting) {
            Ok(()) | Err(Stopped::Refused(_)) => {}
            Err(Stopped::Failure(failure)) => return Err(failure.into()),
        }
    }
    for said in &work.taken.consents {
        let mut draw = || chance.chance_u128();
        let mut acting = Acting { now, actor: &actor, source: &work.row.source, chance: &mut draw };
        match say_within(writing, chance.rules(), customer, said, &mut acting) {
            Ok(_) | Err(Stopped::Refused(_)) => {}
            Err(Stopped::Failure(failure)) => return Err(failure.into()),
        }
    }
    Ok(())
}

async fn end(app: &App, works: Vec<Work>, mut log: Vec<EventRow>) -> Result<usize, Problem> {
    let (now, at, count, shop) = (app.now_micros(), app.now(), works.len(), app.clone());
    // Where several programs turned an event down it is one event all the same.
    log.sort_by(|one, other| one.event_id.cmp(&other.event_id));
    log.dedup_by(|one, other| one.event_id == other.event_id);
    app.write(move |writing| {
        let (mut done, mut laid_aside) = (Vec::new(), Vec::new());
        for work in &works {
            let row = &work.row;
            let again = usize::try_from(row.attempts).ok().and_then(|tried| PUT_OFF_MINUTES.get(tried));
            let reason = match (&work.end, again) {
                (End::Done, _) => None,
                (End::Dead(reason), _) => Some(reason.clone()),
                (End::Later, Some(after)) => {
                    writing.put_off_intake(&row.intake_id, now + after * 60_000_000)?;
                    continue;
                }
                (End::Later, None) => Some("its order has not come within three days".to_owned()),
            };
            done.push(row.intake_id.as_str());
            laid_aside
                .extend(reason.map(|why| dead(&row.source, &row.dialect, &row.body, why, row.received_at)));
            describe(at, &shop, writing, work)?;
        }
        writing.insert_events(&log)?;
        writing.insert_dead_items(&laid_aside)?;
        writing.end_intake(&done)?;
        Ok(count)
    })
    .await
}
