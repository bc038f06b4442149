//! What is more than a question to the lake: acting on customers by file, bringing files in, an analyst's own query. The
//! binary wires it; here it is known by what it does.

use domain::column::Batch;
use domain::port::Failure;
use engine::collect::detected::{Detected, Question};
use engine::collect::import::Summary;
use engine::collect::role::Import;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;

/// State to write in, and what belongs to the shop's folder.
pub struct Desk {
    /// State.
    pub store: Store,
    /// What draws and references are made with.
    pub secret: [u8; 32],
    /// The data folder.
    pub folder: PathBuf,
}

/// A file with how it is to be read.
pub struct Given<'a> {
    /// What is in it.
    pub kind: Import,
    /// Where it lies.
    pub path: &'a Path,
    /// What was said of its columns, `role=number`; the rest is found out.
    pub maps: &'a [String],
}

/// Why a file was not read: a sentence for whoever brought it, or an accident.
pub enum Stopped {
    /// It follows from the file or from what was said of it.
    Refused(String),
    /// A disk, a database.
    Failed(Failure),
}

/// Opens state.
pub type OpenDesk = dyn Fn() -> Result<Desk, Failure> + Send + Sync;
/// Finds out how a file is to be read, and what is uncertain of it.
pub type Look = dyn Fn(&Given<'_>) -> Result<(Detected, Vec<Question>), Stopped> + Send + Sync;
/// Brings a file in.
pub type Bring = dyn Fn(&Given<'_>) -> Result<Summary, Stopped> + Send + Sync;
/// Runs one query over relations that only reads, and answers so many rows of it at most.
pub type Query = dyn Fn(&str, usize) -> Result<Batch, Failure> + Send + Sync;

/// What can be done.
#[derive(Clone)]
pub struct Workshop {
    /// Opens state.
    pub desk: Arc<OpenDesk>,
    /// Looks at a file.
    pub look: Arc<Look>,
    /// Brings a file in.
    pub bring: Arc<Bring>,
    /// Asks.
    pub query: Arc<Query>,
}
