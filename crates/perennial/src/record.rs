//! `perennial record`: commands as JSON lines on standard input, one line of answer each on standard output, written
//! when it is durable. Many are in flight at once and share commits; answers come in the order of the questions.

use crate::args::{Common, Record as RecordArgs};
use crate::ended::Ended;
use crate::home::{MachineClock, chance, open_store};
use crate::program::in_force;
use crate::say::count;
use engine::record::answer::{Answer, Outcome};
use engine::record::command::Command;
use engine::record::writer::{Options, Ticket, Writer};
use serde::Serialize;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;

/// A line on its way to an answer.
struct Asked {
    line: u64,
    key: Option<String>,
    what: Result<Ticket, String>,
}

/// The answer to a line.
#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_repeat: bool,
    #[serde(flatten)]
    answer: &'a Answer,
}

/// No answer to a line: whether it was recorded is not known, and asking again finds out.
#[derive(Serialize)]
struct Unanswered<'a> {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    failed: String,
}

/// What became of the lines.
#[derive(Debug, Default)]
struct Counts {
    answered: u64,
    refused: u64,
    unreadable: u64,
    failed: u64,
    failure: Option<String>,
}

/// Run the command.
pub fn run(common: &Common, args: &RecordArgs) -> Result<(), Ended> {
    let store = open_store(common)?;
    let sessions = store.sessions();
    let in_force = Arc::new(in_force::of(&mut sessions.open()?, args.program.as_deref())?);
    let options = Options {
        writers: args.writers.into(),
        batch: args.batch.into(),
        queue: args.in_flight.into(),
        chance: chance() as u64,
    };
    let writer = Writer::start(&sessions, in_force, Arc::new(MachineClock), options)?;
    let (asked, waiting) = sync_channel(args.in_flight.into());
    let answers = Builder::new().name("answers".to_owned()).spawn(move || answer(&waiting));
    let answers = answers.map_err(|error| Ended::Failed(error.into()))?;
    let read = read(&writer, |one| asked.send(one).is_ok());
    drop(asked);
    let counts = answers.join().expect("printing answers does not panic")?;
    writer.close();
    read?;
    end(common, &counts)
}

/// Hand over every line of standard input. Ends early where nobody listens to answers any more.
fn read(writer: &Writer, mut ask: impl FnMut(Asked) -> bool) -> Result<(), Ended> {
    let mut input = std::io::stdin().lock();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes);
        if read.map_err(|error| Ended::Failed(error.into()))? == 0 {
            break;
        }
        let text = bytes.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let asked = match serde_json::from_slice::<Command>(text) {
            Ok(command) => {
                let key = command.key.clone();
                Asked { line, key, what: Ok(writer.submit(command)) }
            }
            Err(error) => Asked { line, key: None, what: Err(error.to_string()) },
        };
        if !ask(asked) {
            break;
        }
    }
    Ok(())
}

/// Print the answers as they come.
fn answer(waiting: &Receiver<Asked>) -> Result<Counts, Ended> {
    let mut counts = Counts::default();
    let mut out = std::io::stdout().lock();
    for Asked { line, key, what } in waiting {
        let key = key.as_deref();
        let text = match what.map(Ticket::wait) {
            Ok(Ok(answer)) => {
                counts.answered += 1;
                counts.refused += u64::from(answer.outcome == Outcome::Refused);
                serde_json::to_string(&Line { line, key, is_repeat: answer.is_repeat, answer: &answer })
            }
            Ok(Err(unanswered)) => {
                counts.failed += 1;
                let failed = unanswered.to_string();
                counts.failure.get_or_insert_with(|| failed.clone());
                serde_json::to_string(&Unanswered { line, key, failed })
            }
            Err(why) => {
                counts.unreadable += 1;
                let answer = Answer::refused("not_a_command", why);
                serde_json::to_string(&Line { line, key, is_repeat: false, answer: &answer })
            }
        };
        let text = text.map_err(|error| Ended::Failed(error.into()))? + "\n";
        // One write a line: whoever reads has either the whole answer or nothing of it.
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            other => other.map_err(|error| Ended::Failed(error.into()))?,
        }
    }
    Ok(counts)
}

fn end(common: &Common, counts: &Counts) -> Result<(), Ended> {
    if !common.quiet {
        eprintln!("{} answered, {} of them refused", count(counts.answered), count(counts.refused));
    }
    if let Some(why) = &counts.failure {
        return Err(Ended::Failed(anyhow::anyhow!("{} lines have no answer: {why}", count(counts.failed))));
    }
    if counts.unreadable > 0 {
        return Err(Ended::Refused(format!(
            "{} lines were no commands; their answers say why, and the manual's page on the record has the form",
            count(counts.unreadable)
        )));
    }
    Ok(())
}
