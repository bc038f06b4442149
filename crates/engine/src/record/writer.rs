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
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};
use store::{Failure, Sessions};

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
}

/// A command on its way; see [`Ticket::wait`].
pub struct Ticket(Receiver<Result<Answer, Unanswered>>);

struct Job {
    command: Command,
    reply: Reply,
}

/// Where an answer goes.
type Reply = Box<dyn FnOnce(Result<Answer, Unanswered>) + Send>;

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
            let failed =
                |error: std::io::Error| Failure::Io { path: "a thread".to_owned(), source: error.into() };
            threads.push(thread.map_err(failed)?);
            queues.push(sender);
        }
        Ok(Writer { queues, threads })
    }

    /// Put a command in the queue.
    pub fn submit(&self, command: Command) -> Ticket {
        let (sender, answer) = sync_channel(1);
        let queue = &self.queues[place(&command, self.queues.len())];
        // Whoever asked may have gone; the command takes effect all the same.
        let reply: Reply = Box::new(move |answer| drop(sender.send(answer)));
        // Where the thread has gone, so has the reply, and the ticket says that the writer is closed.
        drop(queue.send(Job { command, reply }));
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
        match queue.try_send(Job { command, reply: Box::new(then) }) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => (job.reply)(Err(Unanswered::Full)),
            Err(TrySendError::Disconnected(job)) => (job.reply)(Err(Unanswered::Closed)),
        }
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
            let mut replies = vec![first.reply];
            let mut commands = vec![first.command];
            for job in queue.try_iter().take(most - 1) {
                replies.push(job.reply);
                commands.push(job.command);
            }
            let answers: Vec<Result<Answer, Unanswered>> = match self.record(&commands) {
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
    }

    fn record(&mut self, commands: &[Command]) -> Result<Vec<Answer>, Failure> {
        let now = Timestamp::from_microsecond(self.clock.now_micros()).unwrap_or(Timestamp::MAX);
        let mut recorder = match self.recorder.take() {
            Some(recorder) => recorder,
            None => Recorder::new(self.sessions.open()?, self.in_force.clone(), self.chance),
        };
        let answer = recorder.record(now, commands);
        // A connection that has failed is not used again.
        if !matches!(answer, Err(Failure::Unreachable { .. })) {
            self.recorder = Some(recorder);
        }
        answer
    }
}
