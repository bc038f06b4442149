//! Files on their way in. They are kept as long as the server runs; what was brought in is in state.

use crate::workshop::How;
use engine::collect::import::Summary;
use engine::collect::role::Import;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// A file on its way in.
#[derive(Clone)]
pub struct Job {
    /// What is in it.
    pub kind: Import,
    /// What it is called.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What was said of its columns, `role=number`.
    pub maps: Vec<String>,
    /// What was said of how it is written.
    pub how: How,
    /// How it stands.
    pub state: State,
}

/// How a file stands.
#[derive(Clone)]
pub enum State {
    /// Somebody is to look at what was found out.
    Waits,
    /// It is being brought in: so many per cent of it are read.
    Runs(u64),
    /// It is in.
    Done(Arc<Summary>),
    /// It was not taken, and why.
    Refused(String),
}

/// All of them, by id.
#[derive(Default)]
pub struct Jobs(Mutex<BTreeMap<String, Job>>);

impl Jobs {
    /// The job of that id.
    pub fn find(&self, id: &str) -> Option<Job> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Keep a job.
    pub fn put(&self, id: &str, job: Job) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), job);
    }

    /// Begin to bring a file in; whether nobody has before.
    pub fn begin(&self, id: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = all.get_mut(id) else { return false };
        let is_free = matches!(job.state, State::Waits | State::Refused(_));
        if is_free {
            job.state = State::Runs(0);
        }
        is_free
    }

    /// How far it is.
    pub fn at(&self, id: &str, percent: u64) {
        if let Some(job) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id)
            && matches!(job.state, State::Runs(_))
        {
            job.state = State::Runs(percent);
        }
    }

    /// How it ended.
    pub fn end(&self, id: &str, state: State) {
        if let Some(job) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
            job.state = state;
        }
    }
}
