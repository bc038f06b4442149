//! The corner shop as a record: a database of its own, a program, a clock that is told.

use super::super::answer::Answer;
use super::super::command::Command;
use super::super::program::{InForce, install};
use super::super::recorder::Recorder;
use super::super::verify::{Report, verify_log, verify_record};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Failure, Scratch, Sessions, Store};

/// A shop with everything that members share: a budget, a stock, a till's limit, gift cards, a ladder.
pub const PROGRAM: &str = r#"
[program]
id = "corner"
name = "Corner Shop"
zone = "Asia/Ho_Chi_Minh"
currency = "USD"
claim_within = "7D"

[[wallet]]
id = "beans"
name = "Beans"
deficit = "negative"
transfer_per_month = 500

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
fixed = { points = 50 }
caps = [{ per = "day", points = 50 }]
budgets = [{ points = 200 }]

[[earning]]
id = "review"
wallet = "beans"
event = "review"
fixed = { points = 5 }

[[ladder]]
id = "status"
name = "Status"
counts = "spend"
window = "rolling"
length = "12M"
downgrade = "re_evaluate"
lasts = "12M"
[[ladder.tier]]
id = "green"
name = "Green"
threshold = 0
[[ladder.tier]]
id = "gold"
name = "Gold"
threshold = "100.00"
benefits = [{ id = "delivery", name = "Free delivery", quota = 2, per = "month" }]

[[reward]]
id = "cup"
name = "Cup"
kind = "product"
products = ["cup"]
prices = [{ wallet = "beans", points = 30 }]
stock = 3

[[reward]]
id = "coffee"
name = "Coffee"
kind = "discount"
value = "3.00"
prices = [{ wallet = "beans", points = 20 }]
voucher = { pattern = "C-######", valid = "6M" }

[[reward]]
id = "card"
name = "Card"
kind = "stored_value"
value = "5.00"
prices = [{ wallet = "beans", points = 40 }]
voucher = { pattern = "G-########", valid = "12M" }

[[limit]]
wallet = "beans"
per = "day"
points_per_till = 100

[[pool]]
id = "home"
wallet = "beans"
members = 4
"#;

/// 1 March 2026, 08:00 in the shop's zone.
pub fn morning() -> Timestamp {
    "2026-03-01T01:00:00Z".parse().unwrap()
}

/// A number that no other writer has.
pub fn writer() -> u64 {
    static WRITERS: AtomicU64 = AtomicU64::new(1);
    WRITERS.fetch_add(1, Ordering::Relaxed)
}

/// Where a database lives, and what goes with it.
pub enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Scratch),
}

impl Place {
    fn url(&self) -> String {
        match self {
            Place::Sqlite(folder) => folder.path().join("state.sqlite").display().to_string(),
            Place::Postgres(scratch) => scratch.url(),
        }
    }
}

/// A database that is empty, in a file.
pub fn on_file() -> Place {
    Place::Sqlite(tempfile::tempdir().unwrap())
}

/// A database that is empty, of each kind there is. Says so where PostgreSQL is not among them.
pub fn places() -> Vec<Place> {
    let mut places = vec![on_file()];
    match std::env::var("PERENNIAL_TEST_POSTGRES") {
        Ok(server) => places.push(Place::Postgres(Scratch::create(&server).unwrap())),
        Err(_) => not_run(),
    }
    places
}

/// Say it past the harness, which keeps what tests that pass have printed.
fn not_run() {
    static SAID: std::sync::Once = std::sync::Once::new();
    SAID.call_once(|| {
        std::io::stderr().write_all(b"PostgreSQL story not run\n").expect("standard error");
    });
}

pub fn files(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("program.toml".to_owned(), text.to_owned())])
}

/// A shop that is open.
pub struct Shop {
    pub recorder: Recorder,
    pub in_force: Arc<InForce>,
    pub now: Timestamp,
    pub sessions: Sessions,
    store: Store,
    place: Place,
}

impl Shop {
    pub fn open(place: Place) -> Shop {
        Shop::open_with(place, PROGRAM, morning())
    }

    pub fn open_with(place: Place, program: &str, now: Timestamp) -> Shop {
        let store = Store::open(&place.url(), now.as_microsecond()).unwrap();
        let sessions = store.sessions();
        let mut session = sessions.open().unwrap();
        let in_force = Arc::new(install(&mut session, &files(program), 7, now).unwrap());
        Shop {
            recorder: Recorder::new(session, in_force.clone(), writer()),
            in_force,
            now,
            sessions,
            store,
            place,
        }
    }

    /// Close everything and open it again, as after a crash.
    pub fn reopen(self, program: &str) -> Shop {
        let Shop { place, now, store, recorder, .. } = self;
        drop(recorder);
        drop(store);
        Shop::open_with(place, program, now)
    }

    pub fn later(&mut self, span: SignedDuration) {
        self.now += span;
    }

    pub fn try_record(&mut self, commands: &[Command]) -> Result<Vec<Answer>, Failure> {
        self.recorder.record(self.now, commands)
    }

    /// Record JSON lines, as one batch.
    pub fn record(&mut self, lines: &str) -> Vec<Answer> {
        let commands: Vec<Command> = commands(lines);
        self.try_record(&commands).unwrap()
    }

    pub fn one(&mut self, line: &str) -> Answer {
        let mut answers = self.record(line);
        assert_eq!(answers.len(), 1, "{line}");
        answers.remove(0)
    }

    /// What a member has: available, pending, held, owed; as of now.
    pub fn balance(&self, member: &str) -> (i64, i64, i64, i64) {
        let reading = self.recorder.session().read();
        let rows = reading.find_members(self.in_force.program.head.id.as_str(), &[member]).unwrap();
        let member = super::super::books::member(&self.in_force.program, &rows[0]).unwrap();
        let balance = member.accounts[0].balance(self.now.max(member.accounts[0].at()));
        (balance.available, balance.pending, balance.held, balance.owed)
    }

    /// Erase a person.
    pub fn erase(&mut self, customer: &str) {
        let mut chance = || 7u128 << 64 | 9;
        self.store.erase_customer(customer.parse().unwrap(), self.now.as_microsecond(), &mut chance).unwrap();
    }

    pub fn verify(&self) -> Report {
        verify_record(&mut self.sessions.open().unwrap(), &self.in_force.program).unwrap()
    }

    /// That nothing is wrong.
    pub fn prove(&self) {
        assert_eq!(self.verify().findings, []);
        assert_eq!(verify_log(&mut self.sessions.open().unwrap()).unwrap(), []);
        assert_eq!(self.store.verify().unwrap(), []);
    }
}

pub fn commands(lines: &str) -> Vec<Command> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

pub fn order(id: &str, member: &str, minor: i64) -> String {
    format!(
        r#"{{"type": "order", "id": "{id}", "member": "{member}", "store": "north",
            "lines": [{{"id": "1", "product": "latte", "gross_minor": {minor}}}]}}"#
    )
    .replace('\n', " ")
}

pub fn join(member: &str) -> String {
    format!(r#"{{"type": "join", "member": "{member}"}}"#)
}
