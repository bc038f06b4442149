//! What is done again and again: points run out, tiers are reviewed, events go to the lake, reports are written.
//!
//! A task has slots, one every so often. Whoever looks first when a slot has come makes its job; whoever leases the job
//! does it, under a lease that others see. So it is right when nobody looked for a week (one job, for the last slot),
//! when two machines look at once (one job, one lease), when a machine dies at it (the lease runs out, another begins
//! anew), and when it is done twice (every task is safe to do again). That points have run out does not depend on any
//! of this: balances are judged by the clock; the job only writes it down and tells others.

use super::recorder::Recorder;
use super::work::{Problem, again_at, schedule};
use domain::port::Clock;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{Failure, Leased, Queue, Session};

/// How long a job that was done is kept for whoever asks, by its slot.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 31);
/// How many members are judged in one transaction when time passes.
const MEMBERS_AT_ONCE: usize = 500;

/// What is done in a turn.
pub type Act<'a> = Box<dyn FnMut(&mut Turn<'_>) -> Result<(), Problem> + 'a>;

/// Something that is done again and again.
pub struct Task<'a> {
    /// Its name, by which all machines know it.
    pub name: &'a str,
    /// How often.
    pub every: SignedDuration,
    /// What is done. It may be done again for the same slot.
    pub act: Act<'a>,
}

/// One turn at a task, under a lease.
pub struct Turn<'a> {
    /// The slot it is for.
    pub slot: Timestamp,
    /// When it began.
    pub now: Timestamp,
    session: &'a mut Session,
    clock: &'a dyn Clock,
    worker: &'a Worker<'a>,
    job: &'a str,
}

impl Turn<'_> {
    /// Say that the work goes on, so that nobody else begins. Answers whether it is still ours: if not, stop.
    pub fn beat(&mut self) -> Result<bool, Failure> {
        let now = now(self.clock);
        let until = (now + self.worker.patience).as_microsecond();
        let (job, name) = (self.job, self.worker.name);
        self.session.write(|writing| writing.renew(Queue::Jobs, job, name, now.as_microsecond(), until))
    }
}

/// Who works.
#[derive(Debug, Clone, Copy)]
pub struct Worker<'a> {
    /// A name that no other worker has.
    pub name: &'a str,
    /// How long a lease lasts without a beat.
    pub patience: SignedDuration,
}

/// What became of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The task.
    pub task: String,
    /// The slot.
    pub slot: Timestamp,
    /// The how many-th attempt it was.
    pub attempt: i64,
    /// What was wrong, if anything was.
    pub problem: Option<Problem>,
    /// Whether it was still ours when it ended.
    pub was_ours: bool,
}

/// Look once: make the jobs whose slots have come, and do what is due and nobody else is doing.
pub fn round(
    session: &mut Session,
    tasks: &mut [Task<'_>],
    clock: &dyn Clock,
    worker: Worker<'_>,
) -> Result<Vec<Done>, Failure> {
    let mut all = Vec::new();
    for task in tasks {
        schedule(session, task.name, task.every, now(clock))?;
        while let Some(leased) = lease(session, task.name, now(clock), worker)? {
            all.push(turn(session, task, clock, worker, &leased)?);
        }
        let before = (now(clock) - KEPT).as_microsecond();
        session.write(|writing| writing.clear_done(Queue::Jobs, task.name, before))?;
    }
    Ok(all)
}

fn lease(
    session: &mut Session,
    task: &str,
    now: Timestamp,
    worker: Worker<'_>,
) -> Result<Option<Leased>, Failure> {
    let (at, until) = (now.as_microsecond(), (now + worker.patience).as_microsecond());
    let leased =
        session.write(|writing| writing.lease_topic(Queue::Jobs, task, worker.name, (at, until), 1))?;
    Ok(leased.into_iter().next())
}

fn turn(
    session: &mut Session,
    task: &mut Task<'_>,
    clock: &dyn Clock,
    worker: Worker<'_>,
    leased: &Leased,
) -> Result<Done, Failure> {
    let id = leased.message.message_id.as_str();
    let slot = super::books::instant(leased.message.created_at);
    let mut turn = Turn { slot, now: now(clock), session, clock, worker: &worker, job: id };
    let problem = (task.act)(&mut turn).err();
    let again = match &problem {
        Some(problem) if !problem.is_final => again_at(id, leased.attempt, now(clock)),
        _ => None,
    };
    let was_ours = session.write(|writing| match &problem {
        None => writing.finish(Queue::Jobs, id, worker.name),
        Some(problem) => {
            writing.fail(Queue::Jobs, id, worker.name, &problem.what, again.map(Timestamp::as_microsecond))
        }
    })?;
    Ok(Done { task: task.name.to_owned(), slot, attempt: leased.attempt, problem, was_ours })
}

fn now(clock: &dyn Clock) -> Timestamp {
    super::books::instant(clock.now_micros())
}

/// What time alone does, for all members of a program for whom something is due: points become usable and run out,
/// holds lapse, tiers are reviewed, warnings go out. `beat` is asked between transactions whether to go on. Answers for
/// how many members something was due.
pub fn time_passes(
    recorder: &mut Recorder,
    now: Timestamp,
    beat: &mut dyn FnMut() -> Result<bool, Failure>,
) -> Result<usize, Failure> {
    let mut all = 0;
    loop {
        let done = recorder.tick(now, MEMBERS_AT_ONCE)?;
        all += done;
        if done < MEMBERS_AT_ONCE || !beat()? {
            return Ok(all);
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        Problem { what: failure.to_string(), is_final: false }
    }
}
