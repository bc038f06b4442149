//! Threads that record: whoever asks puts a command in a queue and waits for its answer, and everything that waits
//! when a writer is free becomes one batch. So a lone command is answered at once, and a crowd shares one commit.
//!
//! SQLite has one writer. PostgreSQL has several; a member's commands go to the same one, chosen by a hash, so that
//! they meet no lock but where a command touches two members.

use super::answer::Answer;
use super::command::Command;
use super::program::InForce;
use super::recorder::Recorder;
use domain::port::Clock;
use jiff::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use store::{Failure, Session, Sessions};

/// How a writer works.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Threads where the database has several writers.
    pub writers: usize,
    /// The most commands in a batch.
    pub batch: usize,
    /// The most commands that wait; whoever comes then waits to be let in.
    pub queue: usize,
    /// Chance, by which the writers of several processes are told apart.
    pub chance: u64,
}

impl Options {
    /// Four writers, five hundred commands a batch, four thousand in the queue.
    pub fn new(chance: u64) -> Options {
        Options { writers: 4, batch: 500, queue: 4000, chance }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unanswered {
    /// The database said no. Nothing may have happened, or everything but the answer: ask the same again.
    #[error("{0}; ask the same again")]
    Failure(Arc<Failure>),
    /// As much waits as may: ask again in a moment. Only whoever does not wait to be let in is told.
    #[error("too much is waiting to be recorded: ask the same again in a moment")]
    Full,
    /// The writer has been closed.
    #[error("the writer is closing: ask the same again when the shop is open")]
    Closed,
}

/// Writers of one program's record.
pub struct Writer {
    queues: Vec<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    /// Gone when the thread that folds the log back shall end.
    folding: Option<SyncSender<()>>,
}

/// A command on its way; see [`Ticket::wait`].
pub struct Ticket(Receiver<Result<Answer, Unanswered>>);

#[expect(clippy::large_enum_variant, reason = "nearly all are commands, and a box for each is dearer")]
enum Job {
    Command(Command, Reply),
    Other(Other),
}

/// Where an answer goes.
type Reply = Box<dyn FnOnce(Result<Answer, Unanswered>) + Send>;

/// What is no command.
type Other = Box<dyn FnOnce(&mut Session) + Send>;

impl Writer {
    /// Start the writers.
    pub fn start(
        sessions: &Sessions,
        in_force: Arc<InForce>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Writer, Failure> {
        let first = sessions.open()?;
        let count = if first.has_many_writers() { options.writers.max(1) } else { 1 };
        let mut opened = vec![first];
        while opened.len() < count {
            opened.push(sessions.open()?);
        }
        let (mut queues, mut threads) = (Vec::new(), Vec::new());
        let failed =
            |error: std::io::Error| Failure::Io { path: "a thread".to_owned(), source: error.into() };
        let mut folding = None;
        if opened[0].leave_folding()? {
            let (end, ended) = sync_channel(0);
            let session = sessions.open()?;
            let fold = move || fold_back(&session, &ended);
            threads.push(Builder::new().name("fold".to_owned()).spawn(fold).map_err(failed)?);
            folding = Some(end);
        }
        for (place, session) in (0u64..).zip(opened) {
            let (sender, receiver) = sync_channel(options.queue.max(1));
            let chance = options.chance.wrapping_add(place);
            let work = Work {
                recorder: Some(Recorder::new(session, in_force.clone(), chance)),
                sessions: sessions.clone(),
                in_force: in_force.clone(),
                clock: clock.clone(),
                chance,
            };
            let most = options.batch.max(1);
            let thread =
                Builder::new().name(format!("record-{place}")).spawn(move || work.run(&receiver, most));
            threads.push(thread.map_err(failed)?);
            queues.push(sender);
        }
        Ok(Writer { queues, threads, folding })
    }

    /// Put a command in the queue.
    pub fn submit(&self, command: Command) -> Ticket {
        let (sender, answer) = sync_channel(1);
        let queue = &self.queues[place(&command, self.queues.len())];
        // Whoever asked may have gone; the command takes effect all the same.
        let reply: Reply = Box::new(move |answer| drop(sender.send(answer)));
        // Where the thread has gone, so has the reply, and the ticket says that the writer is closed.
        drop(queue.send(Job::Command(command, reply)));
        Ticket(answer)
    }

    /// Put a command in the queue and go on; `then` is given the answer on the writer's thread, when it is durable.
    /// Where the queue is full or closed it is told so at once, on this thread. Never blocks.
    pub fn submit_then(
        &self,
        command: Command,
        then: impl FnOnce(Result<Answer, Unanswered>) + Send + 'static,
    ) {
        let queue = &self.queues[place(&command, self.queues.len())];
        match queue.try_send(Job::Command(command, Box::new(then))) {
            Ok(()) | Err(TrySendError::Full(Job::Other(_)) | TrySendError::Disconnected(Job::Other(_))) => {}
            Err(TrySendError::Full(Job::Command(_, reply))) => reply(Err(Unanswered::Full)),
            Err(TrySendError::Disconnected(Job::Command(_, reply))) => reply(Err(Unanswered::Closed)),
        }
    }

    /// Do what is no command with the first writer's session, between two batches, and wait for it. Where a database has
    /// one writer, this leaves its pages in memory as they are: a second connection that writes empties them.
    pub fn with_session<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (sender, done) = sync_channel(1);
        let other: Other = Box::new(move |session| drop(sender.send(work(session))));
        drop(self.queues[0].send(Job::Other(other)));
        done.recv().map_err(|_| Unanswered::Closed)
    }

    /// Record a command and wait for its answer.
    pub fn ask(&self, command: Command) -> Result<Answer, Unanswered> {
        self.submit(command).wait()
    }

    /// Answer what waits, then end.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.queues.clear();
        self.folding = None;
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

impl Ticket {
    /// The answer, when it is durable.
    pub fn wait(self) -> Result<Answer, Unanswered> {
        self.0.recv().unwrap_or(Err(Unanswered::Closed))
    }
}

/// Which of `count` writers a command goes to: the one of the member it is about, else of the order it names.
fn place(command: &Command, count: usize) -> usize {
    let (names, order) = command.names();
    let key = names.first().map(|name| (*name).to_owned()).or(order).unwrap_or_default();
    let hash = blake3::hash(key.as_bytes());
    let first = u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes have 8"));
    (first % count as u64) as usize
}

/// Fold the log back whenever it has grown long, until the other end is gone. Where it cannot, the writer does in time.
fn fold_back(session: &Session, ended: &Receiver<()>) {
    while ended.recv_timeout(Duration::from_millis(250)) == Err(RecvTimeoutError::Timeout) {
        drop(session.fold_back());
    }
}

struct Work {
    recorder: Option<Recorder>,
    sessions: Sessions,
    in_force: Arc<InForce>,
    clock: Arc<dyn Clock>,
    chance: u64,
}

impl Work {
    fn run(mut self, queue: &Receiver<Job>, most: usize) {
        while let Ok(first) = queue.recv() {
            let (mut commands, mut replies, mut others) = (Vec::new(), Vec::new(), Vec::new());
            for job in std::iter::once(first).chain(queue.try_iter().take(most - 1)) {
                match job {
                    Job::Command(command, reply) => {
                        commands.push(command);
                        replies.push(reply);
                    }
                    Job::Other(other) => others.push(other),
                }
            }
            if !commands.is_empty() {
                self.answer(&commands, replies);
            }
            for other in others {
                self.do_other(other);
            }
        }
    }

    fn answer(&mut self, commands: &[Command], replies: Vec<Reply>) {
        let answers: Vec<Result<Answer, Unanswered>> = match self.record(commands) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(failure) => {
                let failure = Arc::new(failure);
                replies.iter().map(|_| Err(Unanswered::Failure(failure.clone()))).collect()
            }
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            reply(answer);
        }
    }

    /// Whoever waits hears that the writer is closed where there is no session or the work has panicked; what a panic
    /// leaves of a transaction is undone.
    fn do_other(&mut self, other: Other) {
        let Ok(mut recorder) = self.recorder() else { return };
        drop(catch_unwind(AssertUnwindSafe(|| other(recorder.session_mut()))));
        self.recorder = Some(recorder);
    }

    fn record(&mut self, commands: &[Command]) -> Result<Vec<Answer>, Failure> {
        let now = Timestamp::from_microsecond(self.clock.now_micros()).unwrap_or(Timestamp::MAX);
        let mut recorder = self.recorder()?;
        let answer = recorder.record(now, commands);
        // A connection that has failed is not used again.
        if !matches!(answer, Err(Failure::Unreachable { .. })) {
            self.recorder = Some(recorder);
        }
        answer
    }

    fn recorder(&mut self) -> Result<Recorder, Failure> {
        match self.recorder.take() {
            Some(recorder) => Ok(recorder),
            None => {
                let session = self.sessions.open()?;
                session.leave_folding()?;
                // Its ids are none of those that the one before has given.
                self.chance = self.chance.wrapping_add(1 << 32);
                Ok(Recorder::new(session, self.in_force.clone(), self.chance))
            }
        }
    }
}
