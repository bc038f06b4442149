//! How programs run, walked over on a session of its own and kept until the next time, so that a page never waits for
//! all members. One of these lies beside the pages (an [`axum::Extension`]).

use crate::app::{App, Open};
use crate::problem::Problem;
use engine::design::running::{Running, running};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was found.
pub struct Known {
    /// How the program runs.
    pub running: Running,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// How long it took, in microseconds.
    took: i64,
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// So many members were walked.
    Under(u64),
    /// It could not be done.
    Failed(String),
}

/// By program.
#[derive(Default)]
pub struct Runs(Mutex<BTreeMap<String, Run>>);

#[derive(Default)]
struct Run {
    known: Option<Arc<Known>>,
    work: Option<Work>,
}

/// How long what was found is good, and how many times as long as it took.
const FRESH_MICROS: i64 = 10 * 60_000_000;
const PATIENCE: i64 = 20;

impl Runs {
    fn with<T>(&self, program: &str, work: impl FnOnce(&mut Run) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(all.entry(program.to_owned()).or_default())
    }

    /// What was found last, and how it stands. Where that is old, or nothing is known, it is begun anew.
    pub fn look(self: &Arc<Runs>, app: &App, open: &Arc<Open>) -> (Option<Arc<Known>>, Option<Work>) {
        let id = open.in_force.program.head.id.as_str();
        let (known, work) = self.with(id, |run| (run.known.clone(), run.work.clone()));
        let is_due = match (&known, &work) {
            (Some(known), _) => app.now_micros() - known.at > FRESH_MICROS.max(known.took * PATIENCE),
            (None, work) => work.is_none(),
        };
        if is_due {
            self.begin(app, open);
        }
        self.with(id, |run| (run.known.clone(), run.work.clone()))
    }

    /// What was found last in every program there is, by id; what is old or not known is begun anew.
    pub fn look_at_all(self: &Arc<Runs>, app: &App) -> Vec<(String, Arc<Known>)> {
        let all = app.programs().into_iter();
        all.filter_map(|(id, open)| Some((id, self.look(app, &open).0?))).collect()
    }

    /// Walk anew. Where somebody is at it nothing more is begun.
    pub fn begin(self: &Arc<Runs>, app: &App, open: &Arc<Open>) {
        let (runs, app, open) = (self.clone(), app.clone(), open.clone());
        let id = open.in_force.program.head.id.to_string();
        let is_free = self.with(&id, |run| {
            let is_free = !matches!(run.work, Some(Work::Under(_)));
            if is_free {
                run.work = Some(Work::Under(0));
            }
            is_free
        });
        if !is_free {
            return;
        }
        tokio::spawn(async move {
            let (began, told) = (app.now(), runs.clone());
            let (in_force, name) = (open.in_force.clone(), id.clone());
            let walked = app.read(move |session| {
                session.snapshot(|reading| {
                    let mut told = |members| told.with(&name, |run| run.work = Some(Work::Under(members)));
                    Ok::<_, Problem>(running(reading, &in_force, began, &mut told)?)
                })
            });
            let walked = walked.await;
            let at = app.now_micros();
            runs.with(&id, |run| match walked {
                Ok(running) => {
                    run.known = Some(Arc::new(Known { running, at, took: at - began.as_microsecond() }));
                    run.work = None;
                }
                Err(problem) => run.work = Some(Work::Failed(problem.secret.unwrap_or(problem.detail))),
            });
        });
    }
}

/// How it stands, for a page: members walked so far, and why it failed.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Standing {
    /// Whether it is under way.
    pub is_working: bool,
    /// Members walked.
    pub walked: u64,
    /// Why it failed; empty where it did not.
    pub failed: String,
}

impl Standing {
    /// Of a piece of work.
    pub fn of(work: Option<Work>) -> Standing {
        match work {
            None => Standing::default(),
            Some(Work::Under(walked)) => Standing { is_working: true, walked, failed: String::new() },
            Some(Work::Failed(failed)) => Standing { failed, ..Standing::default() },
        }
    }
}
