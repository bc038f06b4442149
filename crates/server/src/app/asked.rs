//! Commands: put in the queue of a program's writer, and answered when they are durable.

use super::{App, Open};
use crate::problem::Problem;
use crate::traces::step;
use engine::record::answer::Answer;
use engine::record::command::Command;
use engine::record::view::{self, Rehearsed};
use engine::record::writer::Unanswered;
use std::sync::Arc;
use tokio::sync::oneshot;
use tracing::Instrument as _;

impl App {
    /// Record a command and wait until its answer is durable. Whoever stops waiting does not take it back.
    pub async fn ask(&self, open: &Open, command: Command) -> Result<Answer, Problem> {
        let asked = self.submit(open, command);
        asked.answer().instrument(step!("record")).await
    }

    /// Put a command in the queue of its program's writer; its place there is taken when this returns.
    pub fn submit(&self, open: &Open, command: Command) -> Asked {
        let (sender, mut receiver) = oneshot::channel();
        open.writer.submit_then(command, move |answer| drop(sender.send(answer)));
        match receiver.try_recv() {
            Ok(answer) => Asked::Answered(answer),
            Err(_) => Asked::Waiting(receiver),
        }
    }

    /// What a command would do; nothing happens.
    pub async fn rehearse(&self, open: &Arc<Open>, command: Command) -> Result<Rehearsed, Problem> {
        let (open, now) = (open.clone(), self.now());
        self.look(move |reading| Ok(view::rehearse(reading, &open.in_force, &command, now)?)).await
    }
}

/// A command on its way.
pub enum Asked {
    /// It was turned away, or answered, at once.
    Answered(Result<Answer, Unanswered>),
    /// It waits.
    Waiting(oneshot::Receiver<Result<Answer, Unanswered>>),
}

impl Asked {
    /// Whether it was turned away because as much waits as may.
    pub fn is_full(&self) -> bool {
        matches!(self, Asked::Answered(Err(Unanswered::Full)))
    }

    /// The answer, when it is durable.
    pub async fn answer(self) -> Result<Answer, Problem> {
        match self {
            Asked::Answered(answer) => Ok(answer?),
            Asked::Waiting(receiver) => match receiver.await {
                Ok(answer) => Ok(answer?),
                Err(_) => Err(Problem::unavailable("the server is closing: ask the same again", 1)),
            },
        }
    }
}
