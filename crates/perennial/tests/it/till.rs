//! The record as a till meets it: `perennial record` at work, fed line by line, and a database of each kind under it.

use crate::program::{Bench, Run, run};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use store::{Scratch, Sessions, Store};

/// A shop with something to race for: a stock of one, vouchers, a budget of one gift.
pub const PROGRAM: &str = r#"
[program]
id = "corner"
name = "Corner Shop"
zone = "Asia/Ho_Chi_Minh"
currency = "USD"

[[wallet]]
id = "beans"
name = "Beans"

[[expiry]]
wallet = "beans"
after = "12M"

[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }

[[earning]]
id = "launch"
wallet = "beans"
event = "launch"
fixed = { points = 50 }
budgets = [{ points = 50 }]

[[reward]]
id = "cup"
name = "Cup"
kind = "product"
products = ["cup"]
prices = [{ wallet = "beans", points = 30 }]

[[reward]]
id = "coffee"
name = "Coffee"
kind = "discount"
value = "3.00"
prices = [{ wallet = "beans", points = 20 }]
voucher = { pattern = "C-######", valid = "6M" }
"#;

/// The server that is there for tests, if one is.
pub fn server() -> Option<String> {
    let server = std::env::var("PERENNIAL_TEST_POSTGRES").ok();
    if server.is_none() {
        static SAID: std::sync::Once = std::sync::Once::new();
        // Past the harness, which keeps what tests that pass have printed.
        SAID.call_once(|| {
            std::io::stderr().write_all(b"PostgreSQL story not run\n").expect("standard error")
        });
    }
    server
}

/// A shop's folder, and its database: in the folder or on a server.
pub struct Till {
    pub bench: Bench,
    scratch: Option<Scratch>,
    url: Option<String>,
}

impl Till {
    pub fn on_sqlite() -> Till {
        Till::with(None, None)
    }

    pub fn on_server(server: &str) -> Till {
        let scratch = Scratch::create(server).expect("a schema");
        let url = scratch.url();
        Till::with(Some(scratch), Some(url))
    }

    /// On a database that the test looks after itself.
    pub fn at(url: String) -> Till {
        Till::with(None, Some(url))
    }

    /// One of each kind there is.
    pub fn each() -> Vec<Till> {
        std::iter::once(Till::on_sqlite()).chain(server().map(|server| Till::on_server(&server))).collect()
    }

    fn with(scratch: Option<Scratch>, url: Option<String>) -> Till {
        let bench = Bench::new();
        bench.write("shop/program.toml", PROGRAM);
        Till { bench, scratch, url }
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.is_none()
    }

    /// A run to be on this shop's database.
    pub fn command(&self, line: &str) -> Command {
        let mut command = self.bench.command(line.split_whitespace());
        if let Some(url) = &self.url {
            command.args(["--database", url]);
        }
        command
    }

    pub fn run(&self, line: &str) -> Run {
        run(&mut self.command(line))
    }

    pub fn ok(&self, line: &str) -> String {
        let run = self.run(line);
        assert_eq!(run.code, 0, "perennial {line}\n{}{}", run.out, run.err);
        run.out
    }

    /// Record lines and wait for all answers.
    pub fn record(&self, lines: &[String]) -> Vec<Value> {
        let mut recording = self.open();
        lines.iter().for_each(|line| recording.ask(line));
        let answers = recording.close();
        assert_eq!(answers.len(), lines.len());
        answers
    }

    /// `perennial record`, waiting for lines.
    pub fn open(&self) -> Recording {
        Recording::start(self.command("record --program shop --quiet"))
    }

    /// The database itself.
    pub fn sessions(&self) -> (Store, Sessions) {
        let path = self.bench.path("perennial-data/state.db").display().to_string();
        let store = Store::open_read_only(self.url.as_ref().unwrap_or(&path)).expect("it can be read");
        let sessions = store.sessions();
        (store, sessions)
    }

    /// What all members have together, available.
    pub fn points(&self) -> i64 {
        let (_store, sessions) = self.sessions();
        let session = sessions.open_read_only().expect("it can be read");
        let accounts = session.read().accounts_between("corner", "", None).expect("rows");
        accounts.iter().map(|row| row.available).sum()
    }

    /// Damage the rows, past everything that guards them.
    pub fn damage(&self, sql: &str) {
        let path = self.bench.path("perennial-data/state.db").display().to_string();
        let store = Store::open(self.url.as_ref().unwrap_or(&path), 0).expect("it opens");
        store.sessions().open().expect("a connection").damage(sql).expect("damage");
    }

    /// Whether the schema goes with this value.
    pub fn has_scratch(&self) -> bool {
        self.scratch.is_some()
    }
}

/// A `perennial record` at work. Answers are read as they come.
pub struct Recording {
    pub child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Recording {
    pub fn start(mut command: Command) -> Recording {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("an output"));
        let (told, answers) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            // What is cut off in the middle of a line was not answered.
            while output.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                if told.send(std::mem::take(&mut line)).is_err() {
                    break;
                }
            }
        });
        Recording { child, input, answers }
    }

    /// Ask a line. Where the process has gone, nobody hears it.
    pub fn ask(&mut self, line: &str) {
        self.try_ask(line);
    }

    /// Whether the line was taken.
    pub fn try_ask(&mut self, line: &str) -> bool {
        let input = self.input.as_mut().expect("it was not closed");
        input.write_all(format!("{line}\n").as_bytes()).is_ok()
    }

    /// The input, for a thread that asks while this one listens.
    pub fn take_input(&mut self) -> ChildStdin {
        self.input.take().expect("it was not closed")
    }

    /// The next answer; `None` where none came in time, or the process has gone.
    pub fn answer(&self, patience: Duration) -> Option<Value> {
        let line = match self.answers.recv_timeout(patience) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
        };
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    /// Ask one thing and wait for its answer.
    pub fn tell(&mut self, line: &str) -> Value {
        self.ask(line);
        self.answer(Duration::from_secs(60)).expect("an answer")
    }

    /// As the kernel does it: without a word.
    pub fn kill(mut self) -> Vec<Value> {
        self.child.kill().expect("killed");
        self.rest()
    }

    /// No more questions: all answers that are still to come.
    pub fn close(mut self) -> Vec<Value> {
        self.input = None;
        self.rest()
    }

    fn rest(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(answer) = self.answer(Duration::from_secs(120)) {
            all.push(answer);
        }
        self.child.wait().expect("gone");
        all
    }

    /// How it ended, once it has.
    pub fn code(&mut self) -> Option<i32> {
        self.child.wait().expect("gone").code()
    }
}

/// An order of somebody.
pub fn order(id: &str, member: &str, minor: i64) -> String {
    format!(
        r#"{{"key":"k-{id}","source":"till","type":"order","id":"{id}","member":"{member}","store":"north","lines":[{{"id":"1","product":"latte","gross_minor":{minor}}}]}}"#
    )
}

/// Somebody joins.
pub fn join(member: &str) -> String {
    format!(r#"{{"key":"k-join-{member}","type":"join","member":"{member}"}}"#)
}

/// Points by hand.
pub fn adjust(id: &str, member: &str, units: i64) -> String {
    format!(r#"{{"type":"adjust","member":"{member}","id":"{id}","wallet":"beans","units":{units}}}"#)
}

/// An answer without what tells a repeat from the first time.
pub fn essence(answer: &Value) -> Value {
    let mut answer = answer.clone();
    let fields = answer.as_object_mut().expect("an object");
    fields.remove("line");
    fields.remove("is_repeat");
    answer
}
