//! How fast the record is: orders of three lines, one rule, durable commits, through the whole engine; and beside it,
//! in the same run, the bare inserts of the very same rows. The ratio is what judging and gathering cost.
//!
//! `cargo bench -p engine --bench record -- ORDERS` (20,000 where nothing is said); PostgreSQL where
//! `PERENNIAL_TEST_POSTGRES` names a server.

use engine::record::command::{Act, Command};
use engine::record::program::{InForce, install};
use engine::record::recorder::Recorder;
use engine::record::verify::verify_record;
use jiff::{SignedDuration, Timestamp};
use loyalty::fact::{Fact, Join, Line, Order};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use store::{
    AccountRow, CommandRow, EventRow, LotRow, MemberRow, MessageRow, OrderRow, PostingRow, Scratch, Sessions,
    Store,
};

const PROGRAM: &str = r#"
[program]
id = "bench"
name = "Bench"
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
"#;

const BATCH: usize = 500;
const MEMBERS: usize = 5_000;
const WRITERS: usize = 4;

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let orders: usize = asked.unwrap_or(20_000);
    println!(
        "| database | orders/s | rows/order | rows/s through the engine | rows/s bare | ratio | entries proven/s |"
    );
    println!("|---|---|---|---|---|---|---|");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    run("SQLite, 1 writer", &path("engine.sqlite"), &path("bare.sqlite"), orders, 1);
    let Ok(server) = std::env::var("PERENNIAL_TEST_POSTGRES") else {
        println!("PostgreSQL not run");
        return;
    };
    for writers in [1, WRITERS] {
        let scratch = || Scratch::create(&server).expect("a schema");
        let (engine, bare) = (scratch(), scratch());
        run(&format!("PostgreSQL, {writers} writers"), &engine.url(), &bare.url(), orders, writers);
    }
}

fn begin() -> Timestamp {
    "2026-03-01T01:00:00Z".parse().expect("an instant")
}

fn member(number: usize) -> String {
    format!("cus_01jbhv9w{number:018}")
}

fn order(number: usize) -> Command {
    let line = |place: i64| Line {
        id: place.to_string().as_str().into(),
        product: ["latte", "bun", "tea"][place as usize % 3].into(),
        category: "coffee".into(),
        quantity_milli: 1000,
        gross_minor: 450 + place * 37,
        discount_minor: 0,
        tax_minor: 20,
    };
    Command::of(Fact::Order(Order {
        id: format!("ord_01jbhv9w{number:018}").as_str().into(),
        member: Some(member(number * 7919 % MEMBERS).as_str().into()),
        ordered_at: None,
        store: Some("north".into()),
        till: None,
        channel: Some("till".into()),
        currency: None,
        lines: (0..3).map(line).collect(),
        tenders: Vec::new(),
        shipping_minor: 0,
        invoice: None,
    }))
}

fn joins() -> Vec<Command> {
    let join = |number| Join {
        member: member(number).as_str().into(),
        birthday: None,
        segments: Vec::new(),
        referred_by: None,
        marks: Vec::new(),
    };
    (0..MEMBERS).map(|number| Command::of(Fact::Join(join(number)))).collect()
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn seconds(work: impl FnOnce()) -> f64 {
    let from = Instant::now();
    work();
    from.elapsed().as_secs_f64()
}

/// Each writer has its share of the members, as the writers' threads do.
fn shares(orders: usize, writers: usize) -> Vec<Vec<Command>> {
    let mut shares = vec![Vec::new(); writers];
    for number in 0..orders {
        shares[number * 7919 % MEMBERS % writers].push(order(number));
    }
    shares
}

fn run(name: &str, engine_url: &str, bare_url: &str, orders: usize, writers: usize) {
    let store = Store::open(engine_url, begin().as_microsecond()).expect("a database");
    let sessions = store.sessions();
    let files = BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]);
    let mut session = sessions.open().expect("a connection");
    let in_force = Arc::new(install(&mut session, &files, 7, begin()).expect("the program is sound"));
    let mut first = Recorder::new(session, in_force.clone(), 1);
    for batch in joins().chunks(BATCH) {
        first.record(begin(), batch).expect("members join");
    }
    let shares = shares(orders, writers);
    let through = seconds(|| {
        std::thread::scope(|scope| {
            for (number, share) in shares.iter().enumerate() {
                let (sessions, in_force) = (&sessions, in_force.clone());
                scope.spawn(move || record(sessions, in_force, number as u64 + 2, share));
            }
        });
    });
    let rows = Rows::read(&sessions, &shares);
    let written = rows.iter().map(Rows::count).sum::<usize>() as f64;
    let bare_store = Store::open(bare_url, begin().as_microsecond()).expect("a database");
    let bare_sessions = bare_store.sessions();
    let bare = seconds(|| {
        std::thread::scope(|scope| {
            for share in &rows {
                let sessions = &bare_sessions;
                scope.spawn(move || share.insert(sessions));
            }
        });
    });
    let (fast, plain) = (written / through, written / bare);
    let mut session = sessions.open_read_only().expect("a connection");
    let mut proven = 0;
    let proof = seconds(|| {
        let report = verify_record(&mut session, &in_force.program).expect("it can be read");
        assert_eq!(report.findings, [], "the record is sound");
        proven = report.postings;
    });
    println!(
        "| {name} | {:.0} | {:.1} | {fast:.0} | {plain:.0} | {:.0} % | {:.0} |",
        orders as f64 / through,
        written / orders as f64,
        100.0 * fast / plain,
        proven as f64 / proof
    );
}

fn record(sessions: &Sessions, in_force: Arc<InForce>, writer: u64, commands: &[Command]) {
    let mut recorder = Recorder::new(sessions.open().expect("a connection"), in_force, writer);
    for (second, batch) in (0..).zip(commands.chunks(BATCH)) {
        let answers =
            recorder.record(begin() + SignedDuration::from_secs(second), batch).expect("orders are recorded");
        assert!(answers.iter().all(|answer| !answer.moved.is_empty()), "every order earns");
    }
}

/// The rows a share of the orders left, in the order in which they were written.
#[derive(Default)]
struct Rows {
    commands: Vec<CommandRow>,
    events: Vec<EventRow>,
    messages: Vec<MessageRow>,
    orders: Vec<OrderRow>,
    postings: Vec<PostingRow>,
    accounts: Vec<AccountRow>,
    lots: Vec<LotRow>,
    members: Vec<MemberRow>,
}

impl Rows {
    fn read(sessions: &Sessions, shares: &[Vec<Command>]) -> Vec<Rows> {
        let session = sessions.open().expect("a connection");
        let reading = session.read();
        let mut all = Vec::new();
        for (writer, share) in shares.iter().enumerate() {
            let mut rows = Rows::default();
            for (number, command) in share.iter().enumerate() {
                let Act::Fact(Fact::Order(order)) = &command.act else { continue };
                let (id, who) = (order.id.as_str(), order.member.as_ref().expect("a member").as_str());
                let key = format!("bench/order:/{id}");
                rows.commands.push(reading.find_commands(&[&key]).expect("rows").remove(0).1);
                rows.orders.push(reading.find_orders("bench", &[id]).expect("rows").remove(0));
                let posting = reading.postings_of(who, "bench").expect("rows");
                rows.postings.push(posting.into_iter().find(|row| row.cause_id == id).expect("it earned"));
                rows.accounts.push(reading.accounts_of(who, "bench").expect("rows").remove(0));
                let lots = reading.lots_of(who, "bench").expect("rows");
                rows.lots.push(lots.into_iter().find(|row| row.cause_id == id).expect("it earned"));
                rows.members.push(reading.find_members("bench", &[who]).expect("rows").remove(0));
                let event = reading.events_about(&[&format!("order:{id}")]).expect("rows").remove(0).1;
                let (body, id) = (event.body.clone(), format!("{number:032x}{writer:016x}"));
                rows.events.push(EventRow { event_id: id.clone(), ..event });
                let (customer_id, created_at) = (Some(who.to_owned()), begin().as_microsecond());
                let body = body.chars().take(200).collect();
                rows.messages.push(MessageRow {
                    message_id: id,
                    topic: "points.earned".to_owned(),
                    customer_id,
                    body,
                    created_at,
                });
            }
            all.push(rows);
        }
        all
    }

    fn count(&self) -> usize {
        // One of each for every order: command, event, message, order, posting, account, lot, member.
        self.orders.len() * 8
    }

    fn insert(&self, sessions: &Sessions) {
        let mut session = sessions.open().expect("a connection");
        for from in (0..self.orders.len()).step_by(BATCH) {
            let to = (from + BATCH).min(self.orders.len());
            let accounts = once(&self.accounts[from..to], |row| row.owner_id.clone());
            let members = once(&self.members[from..to], |row| row.customer_id.clone());
            let done: Result<(), store::Failure> = session.write(|writing| {
                writing.put_members(&members)?;
                writing.insert_orders(&self.orders[from..to])?;
                writing.insert_postings(&self.postings[from..to])?;
                writing.put_accounts(&accounts)?;
                writing.put_lots(&self.lots[from..to])?;
                writing.insert_commands(&self.commands[from..to])?;
                writing.insert_events(&self.events[from..to])?;
                writing.insert_messages(&self.messages[from..to])
            });
            done.expect("rows are inserted");
        }
    }
}

/// Each key once, as an upsert of many rows wants it.
fn once<T: Clone>(rows: &[T], key: impl Fn(&T) -> String) -> Vec<T> {
    let by_key: BTreeMap<String, &T> = rows.iter().map(|row| (key(row), row)).collect();
    by_key.into_values().cloned().collect()
}
