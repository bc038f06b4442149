//! Reading and writing: sessions that are not at work wait here, and work runs on a blocking thread with one of them.

use super::{App, Open, hold};
use crate::problem::{Kind, Problem};
use crate::traces::step;
use engine::record::program::InForce;
use engine::record::recorder::Recorder;
use std::sync::{Arc, Mutex};
use store::{Failure, Session, Sessions, Writing};
use tracing::Instrument as _;

/// Sessions that are not at work.
pub(super) struct Pool {
    may_write: bool,
    idle: Mutex<Vec<Session>>,
}

impl Pool {
    /// None yet; those it opens may write, or only read.
    pub fn new(may_write: bool) -> Pool {
        Pool { may_write, idle: Mutex::default() }
    }

    /// Close those that are not at work.
    pub fn end(&self) {
        hold(&self.idle).clear();
    }

    pub(super) fn with<T>(
        &self,
        sessions: &Sessions,
        work: impl FnOnce(&mut Session) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let idle = hold(&self.idle).pop();
        let mut session = match idle {
            Some(session) => session,
            None if self.may_write => sessions.open()?,
            None => sessions.open_read_only()?,
        };
        let answer = work(&mut session);
        // A connection that has failed is not used again.
        if !matches!(&answer, Err(problem) if problem.kind.status().is_server_error()) {
            hold(&self.idle).push(session);
        }
        answer
    }
}

impl App {
    /// Whether several sessions, and several servers, may write at once.
    pub fn has_many_writers(&self) -> bool {
        self.0.lookers.may_write
    }

    /// Read, with a session of one's own.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let reading = move || app.0.readers.with(&app.0.parts.sessions, work);
        self.blocking(reading).instrument(step!("read")).await
    }

    /// Read as of one instant what judging needs; nothing is changed.
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let looking = move || {
            let lookers = &app.0.lookers;
            lookers.with(&app.0.parts.sessions, |session| match lookers.may_write {
                false => session.snapshot(work),
                true => {
                    let given_up: Result<(), GivenUp<T>> = session.write(|writing| match work(writing) {
                        Ok(seen) => Err(GivenUp::Seen(seen)),
                        Err(problem) => Err(GivenUp::Problem(problem)),
                    });
                    match given_up {
                        Err(GivenUp::Seen(seen)) => Ok(seen),
                        Err(GivenUp::Problem(problem)) => Err(problem),
                        Ok(()) => Err(Problem::internal("a look was committed")),
                    }
                }
            })
        };
        self.blocking(looking).instrument(step!("look")).await
    }

    /// Do all of `work`, durably, or nothing of it. It may be begun anew where another was at the same rows first.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Writing<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        self.blocking(move || app.write_now(work)).instrument(step!("write")).await
    }

    /// [`App::write`] on this thread, which may wait.
    pub(crate) fn write_now<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&Writing<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if self.has_many_writers() {
            // Side by side, each with a connection of its own; rows that two want are the database's affair.
            let lookers = &self.0.lookers;
            return tried(|| lookers.with(&self.0.parts.sessions, |session| session.write(&mut work)));
        }
        let mut writing = move |session: &mut Session| tried(|| session.write(&mut work));
        match self.programs().into_values().next() {
            Some(open) => {
                open.writer.with_session(writing).unwrap_or_else(|unanswered| Err(unanswered.into()))
            }
            None => self.with_held_session(&mut writing),
        }
    }

    /// With the session that is kept for what no program's writer does.
    fn with_held_session<T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut held = hold(&self.0.writer);
        let mut session = match held.take() {
            Some(session) => session,
            None => self.0.parts.sessions.open()?,
        };
        let answer = work(&mut session);
        // A connection that has failed is not used again.
        if !matches!(&answer, Err(problem) if problem.kind.status().is_server_error()) {
            *held = Some(session);
        }
        answer
    }

    /// With a session that writes, for what begins transactions of its own.
    pub async fn with_session<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let working = move || {
            if app.has_many_writers() {
                return app.0.lookers.with(&app.0.parts.sessions, work);
            }
            app.with_held_session(work)
        };
        self.blocking(working).instrument(step!("write")).await
    }

    /// [`App::follow`] on a blocking thread: it may wait for the old writer to end.
    pub async fn follow_blocking(&self, in_force: InForce) -> Result<(), Problem> {
        let app = self.clone();
        self.blocking(move || Ok(app.follow(in_force)?)).await
    }

    /// With the recorder of a program, which finds out who was seen and merges; on a blocking thread.
    pub async fn with_recorder<T: Send + 'static>(
        &self,
        open: &Arc<Open>,
        work: impl FnOnce(&mut Recorder) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let open = open.clone();
        let recording = move || work(&mut hold(&open.recorder));
        self.blocking(recording).instrument(step!("record")).await
    }

    /// What takes a core for a while, such as the hash of a password: two at a time, so that nobody who guesses
    /// passwords keeps tills waiting, and no more than some dozen in line.
    pub async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let full = || Problem::unavailable("too many are signing in at once", 2);
        let _place = self.0.slow_waiting.try_acquire().map_err(|_| full())?;
        let _permit = self.0.slow.acquire().await.map_err(|_| full())?;
        unblocked(work).await
    }

    /// Work that takes its time, on a thread of its own, beside those who read.
    pub async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.blocking(work).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _permit = self.0.permits.acquire().await.map_err(|_| Problem::unavailable("closing", 1))?;
        unblocked(work).await
    }
}

/// Try some times while another has what it wants.
fn tried<T>(mut attempt: impl FnMut() -> Result<T, Problem>) -> Result<T, Problem> {
    const TRIES: usize = 5;
    for _ in 1..TRIES {
        match attempt() {
            Err(problem) if problem.kind == Kind::Unavailable => {}
            answer => return answer,
        }
    }
    attempt()
}

async fn unblocked<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Problem::internal(format!("a blocking task broke off: {error}"))),
    }
}

/// Why a transaction was given up: it has been looked at, or there is a problem.
enum GivenUp<T> {
    Seen(T),
    Problem(Problem),
}

impl<T> From<Failure> for GivenUp<T> {
    fn from(failure: Failure) -> GivenUp<T> {
        GivenUp::Problem(failure.into())
    }
}
