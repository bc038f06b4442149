//! The import itself: look at the whole file, decide what it means, read it again into the lake.
//!
//! The import's id comes out of the files' content and what was decided about them, so the same file again is the
//! same import, and one that was killed is completed by running it again.

use super::detected::{Detected, Question};
use super::judge::Judge;
use super::judged::{Counts, Skipped};
use super::look::{Looked, look, threads};
use super::meaning::Worker;
use super::open::Input;
use super::options::{Mapping, Options};
use super::piece::in_order;
use super::refused::Stopped;
use super::role::Import;
use super::sink::Sink;
use domain::Id;
use domain::fact::Table;
use domain::port::{Failure, Lake, Prepared};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an import asks of the outside.
pub struct Ports<'a> {
    /// Where facts go.
    pub lake: &'a dyn Lake,
    /// From the shop's keys of one kind (`external_id`, `phone`, `email`, `card_number`) to our ids, in order. Called
    /// about once a batch with the distinct keys not yet seen; the same key gets the same id, always.
    pub resolve: &'a mut Resolve<'a>,
    /// Takes what must not be in the lake: names, addresses, words.
    pub people: &'a mut Tell<'a>,
    /// Makes a record of the import before anything is written. `false` says that it is done already, and then
    /// nothing more happens.
    pub started: &'a mut dyn FnMut(&Started<'_>) -> Result<bool, Failure>,
    /// Makes the plan durable, with what is to be shown afterwards, before it is carried out.
    pub prepared: &'a mut dyn FnMut(&Prepared, &Summary) -> Result<(), Failure>,
    /// Hears how far it is.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Now, microseconds since 1970-01-01 UTC.
    pub now_micros: i64,
}

/// From the kind of a key and keys of that kind to our ids.
pub type Resolve<'a> = dyn FnMut(&str, &[&str]) -> Result<Vec<Id>, Failure> + 'a;

/// Takes persons and words.
pub type Tell<'a> = dyn FnMut(People) -> Result<(), Failure> + 'a;

/// An import about to be written.
#[derive(Debug, Clone, Copy)]
pub struct Started<'a> {
    /// Its id: the same files understood in the same way are the same import.
    pub import: Id,
    /// What is imported.
    pub kind: Import,
    /// The shop or system it comes from.
    pub source: &'a str,
    /// The files.
    pub files: &'a [FileRead],
    /// What was found out.
    pub detected: &'a Detected,
    /// All that was said or found out, as a mapping that reads such files again.
    pub mapping: &'a Mapping,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRead {
    /// Its name.
    pub name: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// Hash of its decompressed content, hexadecimal.
    pub hash: String,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Bytes of the files on disk that are done.
    pub bytes: u64,
    /// All their bytes; 0 where not known.
    pub bytes_total: u64,
    /// Rows done in this stage.
    pub rows: u64,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Looking at the whole file.
    Looking,
    /// Reading it into the lake.
    Importing,
    /// Comparing with what the lake has, and committing.
    Committing,
}

/// What must not be in the lake.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct People {
    /// What files say about persons.
    pub persons: Vec<Person>,
    /// What customers said.
    pub words: Vec<Words>,
}

/// What a row says about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Our id.
    pub customer: Id,
    /// The shop's other keys: kind (`external_id`, `phone`, `email`, `card_number`) and key.
    pub identifiers: Vec<(&'static str, String)>,
    /// The name.
    pub name: Option<String>,
    /// The birthday, days since 1970-01-01; absent where it is a placeholder.
    pub birthday: Option<i32>,
}

/// What a customer said.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// `row_key` of the fact in `feedback`.
    pub row_key: u128,
    /// Who, where that is known.
    pub customer: Option<Id>,
    /// The words, as they were.
    pub text: String,
}

/// What an import did.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The import.
    pub import: Id,
    /// What was imported.
    pub kind: Import,
    /// The shop or system it came from.
    pub source: String,
    /// The files.
    pub files: Vec<FileRead>,
    /// Whether the same import was done before; then nothing was read a second time, and all counts are 0.
    pub is_repeat: bool,
    /// What was found out.
    pub detected: Detected,
    /// All of it as a mapping, to be saved under a name.
    pub mapping: Mapping,
    /// Rows read, and what became of them: `read` = `accepted` + `rejected` + skipped lines.
    pub counts: Counts,
    /// Rows rejected, contradictions among them.
    pub rejected: u64,
    /// Lines that are not data.
    pub skipped: Skipped,
    /// Facts that are new in the lake.
    pub facts_new: u64,
    /// Facts the lake had already.
    pub facts_known: u64,
    /// Distinct customers seen.
    pub customers: u64,
    /// Rejected rows by reason.
    pub reasons: Vec<(&'static str, u64)>,
    /// Where they are, if there are any.
    pub rejects: Option<PathBuf>,
    /// First and last day of the facts, days since 1970-01-01.
    pub days: Option<(i32, i32)>,
    /// Last day of observation.
    pub as_of: Option<i32>,
    /// What the shop should look at.
    pub questions: Vec<Question>,
    /// Version of each table after the import.
    pub versions: Vec<(Table, u64)>,
}

impl Summary {
    /// Nothing lost: every row read is accepted, rejected or no data.
    pub fn adds_up(&self) -> bool {
        self.counts.read == self.counts.accepted + self.rejected + self.skipped.all()
    }
}

/// Import files of one kind.
///
/// Rows are checked, given keys, and written to the lake under the import's id; what is known already is not written
/// again. Rows that are no facts go to `rejects/` below the data folder.
///
/// # Errors
/// [`Stopped::Refused`] where the files are not fit to be imported, and then nothing was; [`Stopped::Failed`] where
/// disk, lake or state failed, and then running it again completes it.
pub fn import(
    kind: Import,
    inputs: Vec<Input>,
    options: &Options,
    ports: &mut Ports<'_>,
) -> Result<Summary, Stopped> {
    let looked = look(kind, inputs, options, ports)?;
    let mut summary = blank_summary(kind, &looked, options);
    let is_new = (ports.started)(&Started {
        import: looked.import,
        kind,
        source: &looked.meaning.source,
        files: &looked.files,
        detected: &looked.detected,
        mapping: &looked.mapping,
    })?;
    if !is_new {
        summary.is_repeat = true;
        return Ok(summary);
    }
    let staging = ports.lake.stage(looked.import)?;
    let mut sink = Sink::new(&looked, options, staging, &mut *ports.resolve, &mut *ports.people);
    let seen = Arc::new(AtomicU64::new(0));
    let (progress, total) = (&mut *ports.progress, looked.bytes);
    let judge = Judge::new(kind);
    in_order(
        &looked.sources,
        &looked.shapes,
        &seen,
        if looked.meaning.fills_down { 1 } else { threads(options) },
        None,
        || Worker::new(&looked.meaning),
        |worker, piece| judge.piece(piece, &looked.shapes[piece.file], &looked.meaning, worker),
        |judged| {
            sink.take(judged)?;
            let bytes = seen.load(Ordering::Relaxed);
            progress(Progress { stage: Stage::Importing, bytes, bytes_total: total, rows: sink.counts.read });
            Ok(())
        },
    )?;
    sink.check_any()?;
    progress(Progress { stage: Stage::Committing, bytes: total, bytes_total: total, rows: sink.counts.read });
    let plan = sink.finish(&looked, &mut summary)?;
    assert!(summary.adds_up(), "every row read is accepted, rejected or no data: {:?}", summary.counts);
    (ports.prepared)(&plan, &summary)?;
    summary.versions = ports.lake.commit(&plan)?;
    Ok(summary)
}

fn blank_summary(kind: Import, looked: &Looked, options: &Options) -> Summary {
    Summary {
        import: looked.import,
        kind,
        source: looked.meaning.source.clone(),
        files: looked.files.clone(),
        is_repeat: false,
        detected: looked.detected.clone(),
        mapping: looked.mapping.clone(),
        counts: Counts::default(),
        rejected: 0,
        skipped: Skipped::default(),
        facts_new: 0,
        facts_known: 0,
        customers: 0,
        reasons: Vec::new(),
        rejects: None,
        days: None,
        as_of: options.as_of,
        questions: looked.questions.clone(),
        versions: Vec::new(),
    }
}

/// Find out what files are without importing them: what `import` would print before it starts.
pub fn detect(
    kind: Import,
    inputs: Vec<Input>,
    options: &Options,
    ports: &mut Ports<'_>,
) -> Result<(Detected, Vec<Question>), Stopped> {
    look(kind, inputs, options, ports).map(|looked| (looked.detected, looked.questions))
}
