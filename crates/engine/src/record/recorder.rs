//! A batch of commands through one transaction: gather, judge, record, answer.

use super::answer::{Answer, Balance, Outcome};
use super::books::{micros, text};
use super::changes::{Changes, account};
use super::command::{Act, Command};
use super::gather::{Gathered, gather};
use super::identity::kinds::Rules;
use super::identity::resolve::{Identified, Sighting, identify, merge, unmerge};
use super::messages::{Ids, enrolled, message};
use super::program::InForce;
use crate::staff::audit::{self, Change};
use jiff::Timestamp;
use loyalty::fact::{Event, Fact, Join};
use loyalty::judge::{Books, CANCELLED, Output, judge};
use loyalty::name::Name;
use loyalty::voucher;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use store::{CommandRow, EventRow, Failure, MessageRow, Session, Writing};

/// How often a batch is begun anew when another writer was at the same rows first.
const TRIES: u32 = 30;

/// One writer of a program's record.
pub struct Recorder {
    session: Session,
    in_force: Arc<InForce>,
    ids: Ids,
}

impl Recorder {
    /// A writer over a connection of its own. `writer` is chance: no two writers have the same.
    pub fn new(session: Session, in_force: Arc<InForce>, writer: u64) -> Recorder {
        Recorder { session, in_force, ids: Ids::new(writer) }
    }

    /// Go on under another version of the program.
    pub fn follow(&mut self, in_force: Arc<InForce>) {
        self.in_force = in_force;
    }

    /// The connection, for reading.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The connection, for what is no command.
    pub(super) fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Record commands, durably and in their order: one answer each. With a failure nothing of them has happened, or
    /// everything has and only the answer is missing; asking the same again finds out.
    pub fn record(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Answer>, Failure> {
        let attempt = catch_unwind(AssertUnwindSafe(|| self.retry(|one| one.record_once(now, commands))));
        match attempt {
            Ok(answer) => answer,
            // A bug in judging one command must not take its neighbours along.
            Err(_) if commands.len() > 1 => {
                let alone = commands.iter().map(|command| self.record(now, std::slice::from_ref(command)));
                let answered: Vec<Result<Vec<Answer>, Failure>> = alone.collect();
                let or_bug = |answer: Result<Vec<Answer>, Failure>| match answer {
                    Ok(mut one) => Ok(one.remove(0)),
                    Err(Failure::Io { source, .. }) if source.to_string() == BUG => {
                        Ok(Answer::refused("bug", BUG))
                    }
                    Err(failure) => Err(failure),
                };
                answered.into_iter().map(or_bug).collect()
            }
            Err(_) => Err(Failure::Io { path: self.session.path().to_owned(), source: BUG.into() }),
        }
    }

    /// Do what time alone does, for up to `most` members for whom something is due. Answers how many there were: with
    /// fewer than `most` nobody is left.
    pub fn tick(&mut self, now: Timestamp, most: usize) -> Result<usize, Failure> {
        self.retry(|one| one.tick_once(now, most))
    }

    fn retry<T>(&mut self, mut work: impl FnMut(&mut Recorder) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut tries = 0;
        loop {
            match work(self) {
                Err(Failure::Conflict { .. }) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(u64::from(tries.min(20))));
                }
                other => return other,
            }
        }
    }

    fn record_once(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Answer>, Failure> {
        let (in_force, ids) = (self.in_force.clone(), &mut self.ids);
        self.session.write(|writing| record_in(writing, &in_force, ids, now, commands))
    }

    /// Make two customers one, identifiers and points, in one transaction: `from` ends and leads to `into`. A customer
    /// who is a member brings the other into the program, and so in every program there is. Refused where the points
    /// cannot follow; the answer is that of the recorder's own program.
    pub fn merge_customers(
        &mut self,
        now: Timestamp,
        (from, into): (&str, &str),
        evidence: &str,
        by: &str,
        chance: u128,
    ) -> Result<Answer, Failure> {
        self.retry(|one| {
            let (in_force, ids) = (one.in_force.clone(), &mut one.ids);
            let done = one.session.write(|writing| {
                if from == into || writing.merge_in_force(from)?.is_some() {
                    let why = format!("{from} is {into}, or was merged before");
                    return Err(Stop::Refused(Box::new(Answer::refused("same_member", why))));
                }
                merge(writing, from, into, evidence, by, now, chance)?;
                for other in others(writing, &in_force)? {
                    follow(writing, &other, ids, now, (from, into))?;
                }
                follow(writing, &in_force, ids, now, (from, into))
            });
            stopped(done)
        })
    }

    /// They were two after all: identifiers and points go back, in one transaction.
    pub fn unmerge_customers(&mut self, now: Timestamp, from: &str, by: &str) -> Result<Answer, Failure> {
        self.retry(|one| {
            let (in_force, ids) = (one.in_force.clone(), &mut one.ids);
            let done = one.session.write(|writing| {
                if !unmerge(writing, from, by, now)? {
                    let why = format!("{from} is not merged into anybody");
                    return Err(Stop::Refused(Box::new(Answer::refused("not_merged", why))));
                }
                for other in others(writing, &in_force)? {
                    part(writing, &other, ids, now, from)?;
                }
                part(writing, &in_force, ids, now, from)
            });
            stopped(done)
        })
    }

    /// Find out who was seen, making customers and merging them where that follows, points and all, in one
    /// transaction.
    pub fn identify(
        &mut self,
        now: Timestamp,
        rules: &Rules,
        sightings: &[Sighting],
        chance: &mut dyn FnMut() -> u128,
    ) -> Result<Vec<Identified>, Failure> {
        self.retry(|one| {
            let (in_force, ids) = (one.in_force.clone(), &mut one.ids);
            one.session.write(|writing| {
                let identified = identify(writing, rules, sightings, now, chance)?;
                let merged = identified.iter().flat_map(|who| {
                    let into = who.customer.as_deref().unwrap_or_default();
                    who.merged.iter().map(move |from| (from.as_str(), into))
                });
                let merged: Vec<(&str, &str)> = merged.collect();
                let others = if merged.is_empty() { Vec::new() } else { others(writing, &in_force)? };
                for pair in merged {
                    for program in others.iter().chain([in_force.as_ref()]) {
                        match follow(writing, program, ids, now, pair) {
                            Ok(_) | Err(Stop::Refused(_)) => {}
                            Err(Stop::Failure(failure)) => return Err(failure),
                        }
                    }
                }
                Ok(identified)
            })
        })
    }

    fn tick_once(&mut self, now: Timestamp, most: usize) -> Result<usize, Failure> {
        let (in_force, ids) = (self.in_force.clone(), &mut self.ids);
        let program = &in_force.program;
        self.session.write(|writing| {
            let mut due = writing.members_due(program.head.id.as_str(), micros(now), most as i64)?;
            due.sort();
            let mut gathered = gather(writing, program, in_force.seed, &[], &due, now)?;
            // Those they point to were gathered as well, and are not due.
            gathered.books.members.retain(|id, _| due.iter().any(|due| *id == due.as_str()));
            let mut outputs = Vec::new();
            judge(program, &mut gathered.books, &Event { at: now, fact: Fact::Tick }, &mut outputs);
            Changes::of(program, &mut gathered, &outputs).record(program, writing)?;
            let told: Vec<MessageRow> =
                outputs.iter().filter_map(|output| message(output, now, ids)).collect();
            writing.insert_messages(&told)?;
            Ok(due.len())
        })
    }
}

/// A batch within a transaction.
pub(super) fn record_in(
    writing: &Writing<'_>,
    in_force: &InForce,
    ids: &mut Ids,
    now: Timestamp,
    commands: &[Command],
) -> Result<Vec<Answer>, Failure> {
    let mut known = Known::find(writing, in_force.program.head.id.as_str(), commands)?;
    let new: Vec<&Command> = commands.iter().filter(|command| known.answer(command).is_none()).collect();
    if new.is_empty() {
        return Ok(commands.iter().map(|command| known.answer(command).expect("all are known")).collect());
    }
    let program = &in_force.program;
    let mut gathered = gather(writing, program, in_force.seed, &new, &[], now)?;
    let judged = judge_all(writing, in_force, &mut gathered, commands, &mut known, &mut || ids.next(now))?;
    Changes::of(program, &mut gathered, &judged.outputs).record(program, writing)?;
    writing.insert_commands(&judged.commands)?;
    writing.insert_events(&judged.events)?;
    if !judged.told_late.is_empty() {
        // Returns that waited for these orders mean something now.
        let things: Vec<&str> = judged.told_late.iter().map(String::as_str).collect();
        writing.unseal(&things)?;
    }
    let asked = commands.iter().zip(&judged.answers);
    let mut told = enrolled(program.head.id.as_str(), asked, now, ids);
    told.extend(judged.outputs.iter().filter_map(|output| message(output, now, ids)));
    writing.insert_messages(&told)?;
    audit::append(writing, now, &judged.changes)?;
    Ok(judged.answers)
}

/// Why a transaction was given up.
pub(super) enum Stop {
    /// What was asked cannot be.
    Refused(Box<Answer>),
    /// The world said no.
    Failure(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(failure)
    }
}

fn stopped(done: Result<Answer, Stop>) -> Result<Answer, Failure> {
    match done {
        Ok(answer) => Ok(answer),
        Err(Stop::Refused(answer)) => Ok(*answer),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}

/// The points of a customer follow those who merged them.
pub(super) fn follow(
    writing: &Writing<'_>,
    in_force: &InForce,
    ids: &mut Ids,
    now: Timestamp,
    (from, into): (&str, &str),
) -> Result<Answer, Stop> {
    let members = writing.find_members(in_force.program.head.id.as_str(), &[from, into])?;
    let is_member = |id: &str| members.iter().any(|row| row.customer_id == id);
    if !is_member(from) {
        return Ok(Answer::empty(Outcome::Done));
    }
    let join = Join {
        member: into.into(),
        birthday: None,
        segments: Vec::new(),
        referred_by: None,
        marks: Vec::new(),
    };
    let mut commands = Vec::new();
    if !is_member(into) {
        commands.push(Command::of(Fact::Join(join)));
    }
    commands.push(Command::of(Fact::Merge { member: from.into(), into: into.into() }));
    took(record_in(writing, in_force, ids, now, &commands)?)
}

/// Points go back to a customer who was merged.
pub(super) fn part(
    writing: &Writing<'_>,
    in_force: &InForce,
    ids: &mut Ids,
    now: Timestamp,
    from: &str,
) -> Result<Answer, Stop> {
    let rows = writing.find_members(in_force.program.head.id.as_str(), &[from])?;
    if rows.iter().all(|row| row.merged_into.is_none()) {
        return Ok(Answer::empty(Outcome::Done));
    }
    let part = Command::of(Fact::Unmerge { member: from.into() });
    took(record_in(writing, in_force, ids, now, &[part])?)
}

/// The programs of the record besides `own`: whoever becomes one becomes one in all of them.
fn others(writing: &Writing<'_>, own: &InForce) -> Result<Vec<InForce>, Failure> {
    let all = super::within::programs(writing)?;
    Ok(all.into_iter().filter(|other| other.program.head.id != own.program.head.id).collect())
}

/// The last answer, unless it is a refusal, which undoes everything.
pub(super) fn took(mut answers: Vec<Answer>) -> Result<Answer, Stop> {
    match answers.pop() {
        Some(answer) if answer.outcome == Outcome::Refused => Err(Stop::Refused(Box::new(answer))),
        Some(answer) => Ok(answer),
        None => Ok(Answer::empty(Outcome::Done)),
    }
}

const BUG: &str = "a bug: judging this command broke off, and nothing of it was recorded; please report it";

/// Answers by key: those of old, and those of this batch. A key is its program's: the same order may earn in two.
struct Known {
    program: String,
    answers: HashMap<String, ([u8; 32], Answer)>,
}

impl Known {
    fn find(writing: &Writing<'_>, program: &str, commands: &[Command]) -> Result<Known, Failure> {
        let mut known = Known { program: program.to_owned(), answers: HashMap::new() };
        known.look(writing, commands)?;
        Ok(known)
    }

    fn look(&mut self, writing: &Writing<'_>, commands: &[Command]) -> Result<(), Failure> {
        let keys: BTreeSet<String> = commands
            .iter()
            .flat_map(|command| self.own(command).into_iter().chain(self.natural(command)))
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        for (_, row) in writing.find_commands(&keys)? {
            let answer = super::books::value(&row.answer, || format!("command {}", row.key))?;
            self.answers.insert(row.key, (row.hash, answer));
        }
        Ok(())
    }

    /// The caller's key as it is kept.
    fn own(&self, command: &Command) -> Option<String> {
        command.key.as_ref().map(|key| format!("{}/key:{key}", self.program))
    }

    /// The natural key as it is kept.
    fn natural(&self, command: &Command) -> Option<String> {
        command.natural_key().map(|key| format!("{}/{key}", self.program))
    }

    /// What was answered before, if it was. An idempotency key is bound to what was asked under it; a natural key is
    /// the thing itself, so that a second wording of the same order changes nothing.
    fn answer(&self, command: &Command) -> Option<Answer> {
        let again = |answer: &Answer| Answer { is_repeat: true, ..answer.clone() };
        if let Some((hash, answer)) = self.own(command).and_then(|key| self.answers.get(&key)) {
            if *hash != command.hash() {
                let why = "this idempotency key was used for another request: take a new one";
                return Some(Answer::refused("key_reused", why));
            }
            return Some(again(answer));
        }
        let natural = self.natural(command)?;
        self.answers.get(&natural).map(|(_, answer)| again(answer))
    }

    /// Keep an answer under the command's keys; the rows for it. A refusal is kept only under the caller's own key:
    /// what was refused by nature may be asked again when the reason has gone.
    fn learn(
        &mut self,
        command: &Command,
        answer: &Answer,
        customer: Option<&str>,
        now: Timestamp,
    ) -> Vec<CommandRow> {
        let took = matches!(answer.outcome, Outcome::Done | Outcome::Waiting);
        let natural = self.natural(command).filter(|_| took);
        let own = self.own(command);
        let hash = command.hash();
        let row = |key: String| CommandRow {
            key,
            hash,
            customer_id: customer.map(str::to_owned),
            recorded_at: micros(now),
            answer: text(answer),
        };
        let keys: Vec<String> = own.into_iter().chain(natural).collect();
        self.answers.extend(keys.iter().map(|key| (key.clone(), (hash, answer.clone()))));
        keys.into_iter().map(row).collect()
    }
}

/// What judging a batch comes to.
#[derive(Default)]
struct Judged {
    answers: Vec<Answer>,
    outputs: Vec<Output>,
    commands: Vec<CommandRow>,
    events: Vec<EventRow>,
    changes: Vec<Change>,
    /// Orders for which something had waited, as the log names them.
    told_late: Vec<String>,
}

fn judge_all(
    writing: &Writing<'_>,
    in_force: &InForce,
    gathered: &mut Gathered,
    commands: &[Command],
    known: &mut Known,
    next_id: &mut dyn FnMut() -> String,
) -> Result<Judged, Failure> {
    let mut judged = Judged::default();
    // Commands that were new when the batch was gathered have an instant each, in their order.
    let mut instants = gathered.at.clone().into_iter();
    let gathered_for: Vec<Option<Timestamp>> = commands
        .iter()
        .map(|command| known.answer(command).is_none().then(|| instants.next().expect("one each")))
        .collect();
    for (command, at) in commands.iter().zip(gathered_for) {
        // Asked again, because the batch itself may have answered it meanwhile.
        let (None, Some(at)) = (known.answer(command), at) else {
            judged.answers.push(known.answer(command).expect("answered before"));
            continue;
        };
        let before = Before::of(gathered, command);
        let stood = command.by.as_ref().map(|_| standing(in_force, gathered, command, at));
        let (answer, outputs) = judge_one(in_force, gathered, command, at);
        if answer.outcome == Outcome::Repeated {
            // Somebody else recorded it while we waited for the rows it is judged by: theirs is the answer.
            known.look(writing, std::slice::from_ref(command))?;
            if let Some(answer) = known.answer(command) {
                judged.answers.push(answer);
                continue;
            }
        }
        let customer = subject(gathered, command);
        judged.commands.extend(known.learn(command, &answer, customer.as_deref(), at));
        if matches!(answer.outcome, Outcome::Done | Outcome::Waiting) {
            let after = || standing(in_force, gathered, command, at);
            judged
                .changes
                .extend(stood.and_then(|before| change(command, customer.as_deref(), before, after())));
            let event_id = next_id();
            let program = in_force.program.head.id.as_str();
            let (about, part) = before
                .claimed(gathered)
                .unwrap_or_else(|| command.thing(program, before.is_known, &event_id));
            if before.had_waiting {
                judged.told_late.push(about.clone());
            }
            judged.events.push(EventRow {
                event_id,
                kind: command.kind().to_owned(),
                source: command.source.clone(),
                customer_id: customer,
                happened_at: micros(command.happened_at().unwrap_or(at)),
                recorded_at: micros(at),
                body: text(&command.act),
                about,
                part,
            });
        }
        judged.answers.push(answer);
        judged.outputs.extend(outputs);
    }
    Ok(judged)
}

/// What was known of a command's order before it was judged.
struct Before {
    is_known: bool,
    had_waiting: bool,
    /// For a claim: the bills that nobody had claimed.
    unclaimed: Option<BTreeSet<Name>>,
}

impl Before {
    fn of(gathered: &Gathered, command: &Command) -> Before {
        let shared = &gathered.books.shared;
        let order = command.names().1;
        let is_known = order
            .as_deref()
            .is_some_and(|id| shared.owners.contains_key(id) || shared.anonymous.contains_key(id));
        let waits = |id: &str| shared.early.get(id).is_some_and(|early| !early.is_empty());
        let is_claim = matches!(command.act, Act::Fact(Fact::Claim(_)));
        Before {
            is_known,
            had_waiting: !is_known && order.as_deref().is_some_and(waits),
            unclaimed: is_claim.then(|| shared.anonymous.keys().cloned().collect()),
        }
    }

    /// What the log is to say of a claim: the bill that is claimed now.
    fn claimed(&self, gathered: &Gathered) -> Option<(String, String)> {
        let shared = &gathered.books.shared;
        let bill = self.unclaimed.as_ref()?.iter().find(|id| !shared.anonymous.contains_key(*id))?;
        Some((format!("order:{bill}"), "claim".to_owned()))
    }
}

/// Judge one command in what was gathered for it.
pub(super) fn judge_one(
    in_force: &InForce,
    gathered: &mut Gathered,
    command: &Command,
    at: Timestamp,
) -> (Answer, Vec<Output>) {
    let program = &in_force.program;
    let books = &mut gathered.books;
    let fact = match (&command.act, command.fact()) {
        (Act::UseVouchers(ask), _) => {
            let codes: Vec<Name> = ask.codes.iter().map(|code| Name::from(code.as_str())).collect();
            let answers = voucher::stack(program, &books.shared, &codes, ask.bill_minor, at);
            voucher::use_up(&mut books.shared, &answers);
            return (Answer { vouchers: answers, ..Answer::empty(Outcome::Done) }, Vec::new());
        }
        (_, Some(Fact::Tick)) | (_, None) => {
            return (Answer::refused("not_a_command", "time passes by itself"), Vec::new());
        }
        (_, Some(fact)) => fact,
    };
    let id = match &fact {
        Fact::Order(order) | Fact::OrderUpdated { order, .. } => order.id.to_string(),
        Fact::Event(custom) => custom.id.to_string(),
        _ => command.id().to_owned(),
    };
    let event = Event { at, fact };
    let mut outputs = Vec::new();
    judge(program, books, &event, &mut outputs);
    let took_effect = match &event.fact {
        Fact::OrderUpdated { .. } => !is_refused(&outputs),
        fact => took_effect(books, fact),
    };
    let mut answer = Answer::from(&id, took_effect, &outputs);
    answer.balances = balances(in_force, gathered, &outputs, at);
    (answer, outputs)
}

/// Whether a correction was turned down as a whole, and not just a part of what follows from it.
fn is_refused(outputs: &[Output]) -> bool {
    const WHOLE: [&str; 4] = ["another_member", "malformed", "unknown_member", "unknown_order"];
    outputs
        .iter()
        .any(|output| matches!(output, Output::Refused { code, .. } if WHOLE.contains(&code.as_str())))
}

/// Whether the judge has kept a fact, whatever part of it could not be done: an order whose gift card was empty, a
/// return of points that are gone.
fn took_effect(books: &Books, fact: &Fact) -> bool {
    let shared = &books.shared;
    let returned = |order: &Name, back: &Name| {
        let of = |member: &'_ loyalty::member::Member| {
            Some(member.orders.get(order)?.returns.get(back)?.is_undone)
        };
        books.members.values().find_map(of)
    };
    match fact {
        Fact::Order(order) => {
            shared.owners.contains_key(&order.id) || shared.anonymous.contains_key(&order.id)
        }
        Fact::Return(back) => returned(&back.order, &back.id) == Some(false),
        Fact::OrderCancelled { order } => returned(order, &CANCELLED.into()) == Some(false),
        Fact::ReturnUndone { id, order } => returned(order, id) == Some(true),
        _ => false,
    }
}

/// What the audit says of a command that somebody asked for.
fn change(
    command: &Command,
    customer: Option<&str>,
    before: Vec<Balance>,
    after: Vec<Balance>,
) -> Option<Change> {
    let by = command.by.as_ref()?;
    let (kind, subject) = match customer {
        Some(customer) => ("customer", customer),
        None => ("command", command.id()),
    };
    Some(Change {
        actor: by.actor.clone(),
        operation: command.operation(),
        kind,
        subject: subject.to_owned(),
        before: json!({ "balances": before }),
        after: json!({ "asked": command.act, "balances": after }),
        salt: by.salt,
    })
}

/// What those a command is about have in all their wallets.
fn standing(in_force: &InForce, gathered: &Gathered, command: &Command, at: Timestamp) -> Vec<Balance> {
    let mut members: BTreeSet<Name> = command.names().0.into_iter().map(Name::from).collect();
    members.extend(subject(gathered, command).map(|member| Name::from(member.as_str())));
    let wallets = || in_force.program.wallets.iter().map(|wallet| &wallet.id);
    let of_each = members.iter().flat_map(|member| wallets().map(move |wallet| (member, wallet)));
    of_each.filter_map(|(member, wallet)| balance(in_force, gathered, member, wallet, at)).collect()
}

/// What the accounts that moved hold afterwards.
fn balances(in_force: &InForce, gathered: &Gathered, outputs: &[Output], at: Timestamp) -> Vec<Balance> {
    let moved: BTreeSet<(&Name, &Name)> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Posted { member, wallet, .. } => Some((member, wallet)),
            _ => None,
        })
        .collect();
    let moved = moved.into_iter();
    moved.filter_map(|(member, wallet)| balance(in_force, gathered, member, wallet, at)).collect()
}

fn balance(
    in_force: &InForce,
    gathered: &Gathered,
    member: &Name,
    wallet: &Name,
    at: Timestamp,
) -> Option<Balance> {
    let account = account(&in_force.program, gathered, member, wallet)?;
    let balance = account.balance(at.max(account.at()));
    let (member, wallet) = (member.clone(), wallet.clone());
    let (available, pending) = (balance.available, balance.pending);
    Some(Balance { member, wallet, available, pending, held: balance.held, owed: balance.owed })
}

/// Whom a command is about.
fn subject(gathered: &Gathered, command: &Command) -> Option<String> {
    let (names, order) = command.names();
    let owner = order.and_then(|id| gathered.books.shared.owners.get(id.as_str()).map(ToString::to_string));
    names.first().map(|name| (*name).to_owned()).or(owner)
}
