//! The same rounds on a thread of their own within a server, so that a shop on a file has one process and nothing is
//! forgotten. Every step is safe to break off: whoever comes next goes on.

use super::{PATIENCE, letters, own_name, tasks};
use crate::args::Common;
use crate::ended::Ended;
use crate::home::{Home, MachineClock};
use engine::record::schedule::{Done, Worker, round};
use server::mail::Mail;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, Thread, park_timeout};
use std::time::Duration;
use store::{Failure, Session};

/// How long it rests between two looks.
const LOOK: Duration = Duration::from_secs(30);
/// How many events are sealed at once: whoever writes on a file waits while a seal claims and ends.
const EVENTS_PER_SEAL: i64 = 50_000;

/// The rounds within a server.
pub struct Rounds {
    is_ending: Arc<AtomicBool>,
    thread: Thread,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
}

impl Rounds {
    /// Begin: the first look is at once. On a file the right to write goes along with `home`.
    pub fn begin(common: &Common, mut home: Home, mail: Option<Mail>) -> Result<Rounds, Ended> {
        home.secret()?;
        let is_ending = Arc::new(AtomicBool::new(false));
        let (common, stop) = (common.clone(), is_ending.clone());
        let (open, ended) = sync_channel(1);
        let work = move || {
            go_round(&common, &home, mail.as_ref(), &stop);
            drop((home, open));
        };
        let thread = Builder::new().name("rounds".to_owned()).spawn(work);
        let thread = thread.map_err(|error| Ended::Failed(error.into()))?;
        Ok(Rounds { is_ending, thread: thread.thread().clone(), ended })
    }

    /// End: what is under way is waited for, at most so long. What does not end in time is begun anew by the next.
    pub fn end(self, within: Duration) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.thread.unpark();
        if self.ended.recv_timeout(within) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            tracing::warn!("scheduled work did not end in time; it is begun anew when its lease has run out");
        }
    }
}

fn go_round(common: &Common, home: &Home, mail: Option<&Mail>, is_ending: &AtomicBool) {
    let name = own_name();
    let worker = Worker { name: &name, patience: PATIENCE };
    let mut session: Option<Session> = None;
    while !is_ending.load(Ordering::Relaxed) {
        match look(common, home, mail, worker, &mut session) {
            Ok(done) => done.iter().for_each(tell),
            Err(failure) => {
                // The connection may be gone; the next look has one of its own.
                session = None;
                tracing::warn!(why = %failure, "scheduled work has to wait");
            }
        }
        if !is_ending.load(Ordering::Relaxed) {
            park_timeout(LOOK);
        }
    }
}

fn look(
    common: &Common,
    home: &Home,
    mail: Option<&Mail>,
    worker: Worker<'_>,
    session: &mut Option<Session>,
) -> Result<Vec<Done>, Failure> {
    if session.is_none() {
        *session = Some(home.store.sessions().open()?);
    }
    let session = session.as_mut().expect("just opened");
    let mut done = round(session, &mut tasks(common, home, EVENTS_PER_SEAL), &MachineClock, worker)?;
    done.extend(letters(common, home, mail, worker, session)?);
    Ok(done)
}

fn tell(done: &Done) {
    match &done.problem {
        None => tracing::info!(task = %done.task, slot = %done.slot, "done"),
        Some(problem) => {
            tracing::warn!(task = %done.task, slot = %done.slot, attempt = done.attempt, why = %problem.what, "went wrong");
        }
    }
}
