//! The corner shop's people, told on every kind of database.

mod certified;
mod known;
mod taken_up;

use super::enrol::{Enrolled, Enrolment, enrol};
use super::{Acting, Refused, Stopped};
use crate::record::identity::kinds::Rules;
use crate::record::program::install;
use crate::record::recorder::Recorder;
use crate::record::verify::{verify_log, verify_record};
use crate::staff::actor::Actor;
use crate::staff::permissions::Role;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Scratch, Session, Store};

const PROGRAM: &str = r#"
[program]
id = "corner"
name = "Corner Shop"
zone = "Asia/Ho_Chi_Minh"
currency = "USD"

[[wallet]]
id = "beans"
name = "Beans"
deficit = "negative"

[[expiry]]
wallet = "beans"
after = "12M"

[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }

[[reward]]
id = "coffee"
name = "Coffee"
kind = "discount"
value = "3.00"
cost = "1.20"
prices = [{ wallet = "beans", points = 5 }]
voucher = { pattern = "C-######", valid = "6M" }
"#;

/// What holds a database.
enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Scratch),
}

struct Shop {
    store: Store,
    session: Session,
    rules: Rules,
    now: Timestamp,
    place: Place,
}

/// A shop on each kind of database there is.
fn shops() -> Vec<Shop> {
    let mut places = vec![Place::Sqlite(tempfile::tempdir().unwrap())];
    match std::env::var("PERENNIAL_TEST_POSTGRES") {
        Ok(server) => places.push(Place::Postgres(Scratch::create(&server).unwrap())),
        Err(_) => println!("PostgreSQL story not run"),
    }
    places.into_iter().map(Shop::open).collect()
}

/// Numbers nobody else draws.
fn chance() -> u128 {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    let drawn = DRAWN.fetch_add(1, Ordering::Relaxed);
    let mixed = u128::from(drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed << 64 | u128::from(drawn.wrapping_mul(0xbf58_476d_1ce4_e5b9))
}

impl Shop {
    fn open(place: Place) -> Shop {
        let url = match &place {
            Place::Sqlite(folder) => folder.path().join("state.db").display().to_string(),
            Place::Postgres(scratch) => scratch.url(),
        };
        let now: Timestamp = "2026-03-06T01:00:00Z".parse().unwrap();
        let store = Store::open(&url, now.as_microsecond()).unwrap();
        let mut session = store.sessions().open().unwrap();
        install(&mut session, &BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]), 7, now)
            .unwrap();
        Shop { store, session, rules: Rules::usual("VN"), now, place }
    }

    fn later(&mut self, days: i64) {
        self.now += SignedDuration::from_hours(24 * days);
    }

    /// Do something as a member of staff at the till.
    fn act<T>(&mut self, work: impl FnOnce(&mut Session, &Rules, &mut Acting<'_>) -> T) -> T {
        let mut dice = chance;
        let actor = Actor::new("staff:7", Role::Service);
        let mut acting = Acting { now: self.now, actor: &actor, source: "till", chance: &mut dice };
        work(&mut self.session, &self.rules, &mut acting)
    }

    fn enrol(&mut self, asked: &Enrolment) -> Enrolled {
        self.act(|session, rules, acting| enrol(session, rules, asked, acting)).unwrap()
    }

    /// Enrol by `kind=value` words.
    fn by(&mut self, keys: &str) -> Enrolled {
        self.enrol(&Enrolment { keys: pairs(keys), ..Enrolment::default() })
    }

    /// Record JSON lines.
    fn record(&mut self, lines: &str) {
        let in_force = crate::record::program::find(&self.session.read(), "corner").unwrap().unwrap();
        let session = self.store.sessions().open().unwrap();
        let mut recorder = Recorder::new(session, Arc::new(in_force), chance() as u64);
        let commands: Vec<_> = lines
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for answer in recorder.record(self.now, &commands).unwrap() {
            assert_eq!(answer.problems, [], "{lines}");
        }
    }

    fn order(&mut self, id: &str, member: &str, minor: i64) {
        self.record(&format!(
            r#"{{"type": "order", "id": "{id}", "member": "{member}", "lines": [{{"id": "1", "product": "latte", "gross_minor": {minor}}}]}}"#
        ));
    }

    fn balance(&self, customer: &str) -> i64 {
        let shown = super::show::show(&self.session.read(), customer, self.now).unwrap();
        shown.programs.first().map_or(0, |program| program.wallets[0].available)
    }

    /// That nothing is wrong.
    fn prove(&self) {
        let in_force = crate::record::program::find(&self.session.read(), "corner").unwrap().unwrap();
        let report = verify_record(&mut self.store.sessions().open().unwrap(), &in_force.program).unwrap();
        assert_eq!(report.findings, []);
        assert_eq!(verify_log(&mut self.store.sessions().open().unwrap()).unwrap(), []);
        assert_eq!(self.store.verify().unwrap(), []);
    }
}

fn pairs(keys: &str) -> Vec<(String, String)> {
    let pair = |text: &str| {
        let (kind, value) = text.split_once('=').unwrap();
        (kind.to_owned(), value.to_owned())
    };
    keys.split(' ').map(pair).collect()
}

fn fields(said: &[(&str, &str)]) -> BTreeMap<String, String> {
    said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refused<T>(answer: Result<T, Stopped>) -> Refused {
    match answer {
        Err(Stopped::Refused(refused)) => *refused,
        Err(Stopped::Failure(failure)) => panic!("a failure in place of a refusal: {failure}"),
        Ok(_) => panic!("an answer in place of a refusal"),
    }
}
