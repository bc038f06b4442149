//! A batch of commands through one transaction: gather, judge, record, answer.

use super::answer::{Answer, Balance, Outcome};
use super::books::{micros, text};
use super::changes::{Changes, account};
use super::command::{Act, Command};
use super::gather::{Gathered, gather};
use super::identity::kinds::Rules;
use super::identity::resolve::{Identified, Sighting, identify, merge, unmerge};
use super::messages::{Ids, message};
use super::program::InForce;
use jiff::Timestamp;
use loyalty::fact::{Event, Fact, Join};
use loyalty::judge::{Books, Output, judge};
use loyalty::name::Name;
use loyalty::voucher;
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
    /// who is a member brings the other into the program. Refused where the points cannot follow.
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
                if writing.find_members(in_force.program.head.id.as_str(), &[from])?.is_empty() {
                    return Ok(Answer::empty(Outcome::Done));
                }
                let part = Command::of(Fact::Unmerge { member: from.into() });
                took(record_in(writing, &in_force, ids, now, &[part])?)
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
                for who in &identified {
                    for from in &who.merged {
                        let into = who.customer.as_deref().unwrap_or_default();
                        match follow(writing, &in_force, ids, now, (from, into)) {
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
fn record_in(
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
    let judged = judge_all(in_force, &mut gathered, commands, &mut known);
    Changes::of(program, &mut gathered, &judged.outputs).record(program, writing)?;
    writing.insert_commands(&judged.commands)?;
    let events: Vec<EventRow> =
        judged.events.into_iter().map(|row| EventRow { event_id: ids.next(now), ..row }).collect();
    writing.insert_events(&events)?;
    let told: Vec<MessageRow> =
        judged.outputs.iter().filter_map(|output| message(output, now, ids)).collect();
    writing.insert_messages(&told)?;
    Ok(judged.answers)
}

/// Why a transaction was given up.
enum Stop {
    Refused(Box<Answer>),
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
fn follow(
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

/// The last answer, unless it is a refusal, which undoes everything.
fn took(mut answers: Vec<Answer>) -> Result<Answer, Stop> {
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
        let keys: BTreeSet<String> = commands
            .iter()
            .flat_map(|command| known.own(command).into_iter().chain(known.natural(command)))
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        for (_, row) in writing.find_commands(&keys)? {
            let answer = super::books::value(&row.answer, || format!("command {}", row.key))?;
            known.answers.insert(row.key, (row.hash, answer));
        }
        Ok(known)
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
struct Judged {
    answers: Vec<Answer>,
    outputs: Vec<Output>,
    commands: Vec<CommandRow>,
    events: Vec<EventRow>,
}

fn judge_all(in_force: &InForce, gathered: &mut Gathered, commands: &[Command], known: &mut Known) -> Judged {
    let mut judged =
        Judged { answers: Vec::new(), outputs: Vec::new(), commands: Vec::new(), events: Vec::new() };
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
        let (answer, outputs) = judge_one(in_force, gathered, command, at);
        let customer = subject(gathered, command);
        judged.commands.extend(known.learn(command, &answer, customer.as_deref(), at));
        if matches!(answer.outcome, Outcome::Done | Outcome::Waiting) {
            judged.events.push(EventRow {
                event_id: String::new(),
                kind: command.kind().to_owned(),
                source: command.source.clone(),
                customer_id: customer,
                happened_at: micros(command.happened_at().unwrap_or(at)),
                recorded_at: micros(at),
                body: text(&command.act),
            });
        }
        judged.answers.push(answer);
        judged.outputs.extend(outputs);
    }
    judged
}

fn judge_one(
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
        Fact::Order(order) => order.id.to_string(),
        Fact::Event(custom) => custom.id.to_string(),
        _ => command.id().to_owned(),
    };
    let event = Event { at, fact };
    let mut outputs = Vec::new();
    judge(program, books, &event, &mut outputs);
    let mut answer = Answer::from(&id, took_effect(books, &event.fact), &outputs);
    answer.balances = balances(in_force, gathered, &outputs, at);
    (answer, outputs)
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
        Fact::ReturnUndone { id, order } => returned(order, id) == Some(true),
        _ => false,
    }
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
    let balance = |(member, wallet): (&Name, &Name)| {
        let account = account(&in_force.program, gathered, member, wallet)?;
        let balance = account.balance(at.max(account.at()));
        let (member, wallet) = (member.clone(), wallet.clone());
        let (available, pending) = (balance.available, balance.pending);
        Some(Balance { member, wallet, available, pending, held: balance.held, owed: balance.owed })
    };
    moved.into_iter().filter_map(balance).collect()
}

/// Whom a command is about.
fn subject(gathered: &Gathered, command: &Command) -> Option<String> {
    let (names, order) = command.names();
    let owner = order.and_then(|id| gathered.books.shared.owners.get(id.as_str()).map(ToString::to_string));
    names.first().map(|name| (*name).to_owned()).or(owner)
}
