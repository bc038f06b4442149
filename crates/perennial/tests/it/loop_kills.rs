//! The first loop, killed at any moment of any of its steps and begun again: as if nothing had happened. The same people,
//! the same file to the last byte, each outcome and each no once, the same reading; on SQLite and on PostgreSQL alike.
//!
//! `PERENNIAL_KILLS=200` says how often (20 where nothing is said); half of them fall here.

use crate::kills::{Dice, kills};
use crate::till::Till;
use engine::collect::whole;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const SEGMENT: &str = r#"
name = "late"
who = { field = "summary.order_days", at_least = 3 }
"#;

const PLAN: &str = r#"
name = "late-calls"
segment = "late"
promise = "unannounced"
channel = "call"
action = "A coffee on the house"
reason = "{name} has not been here for longer than usual"
cost_per_contact = "12000"
metric = "bought"
hold_out = 0.25
days = 28
accept_unseen_below = "100000000"
"#;

/// What is done, in order. Before the third the list comes back ticked, before the fourth the next month's orders.
const STEPS: [&str; 5] = [
    "campaign freeze late-calls",
    "campaign export late-calls --layout staff-calls --out calls.xlsx",
    "campaign results late-calls back.csv",
    "campaign measure late-calls --out result.html",
    "campaign close late-calls --decision change --note tried",
];

/// A shop whose campaign is planned, as a backup in `kept`.
fn planned() -> Till {
    let till = Till::on_sqlite();
    till.ok("world --customers 700 --seed 7 --until 2025-10-06 --out market --quiet");
    till.ok(
        "import orders market/orders.csv --shop Corner --currency VND --timezone Asia/Ho_Chi_Minh --quiet",
    );
    till.ok("import customers market/contacts.csv --quiet");
    till.ok(
        "customer consent --file market/contacts.csv --channel call --text-version 1 --said-on 2025-09-01",
    );
    till.bench.write("late.toml", SEGMENT).write("plan.toml", PLAN);
    till.ok("segment check late.toml --keep");
    till.ok("campaign plan plan.toml");
    till.ok("backup kept");
    till
}

/// The same shop in another place.
fn brought(from: &Till, to: Till) -> Till {
    copy(&from.bench.path("kept"), &to.bench.path("kept"));
    to.ok("restore kept");
    to
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let place = to.join(entry.file_name());
        match entry.file_type().expect("a kind").is_dir() {
            true => copy(&entry.path(), &place),
            false => drop(fs::copy(entry.path(), place).expect("a file")),
        }
    }
}

/// What is there before a step: the ticked list, or the orders of the next month.
fn before(till: &Till, step: usize, calm: Option<&Till>) {
    match step {
        2 => {
            let bytes = fs::read(till.bench.path("calls.xlsx")).expect("the list");
            let list = whole::read("calls.xlsx", bytes).expect("a workbook");
            let (place, mut back) = (list.place(&["ref"]).expect("references"), "Ref,Outcome\n".to_owned());
            for (at, (_, row)) in list.rows.iter().enumerate() {
                back += &format!("{},{}\n", row[place], ["stop", "reached", "no answer", "reached"][at % 4]);
            }
            till.bench.write("back.csv", back);
        }
        3 => {
            match calm {
                Some(calm) => copy(&calm.bench.path("later"), &till.bench.path("later")),
                None => drop(till.ok(
                    "world --customers 700 --seed 7 --from 2025-10-06 --until 2025-11-03 --contacted calls.xlsx \
                     --contacted-on 2025-10-06 --lift 0.8 --lift-days 28 --out later --quiet",
                )),
            }
            till.ok("import orders later/orders.csv --quiet");
        }
        _ => {}
    }
}

/// All that the loop leaves behind, but for when it was done.
#[derive(Debug, PartialEq)]
struct Left {
    list: Vec<u8>,
    page: Vec<u8>,
    steps: Vec<(Value, Value)>,
    outcomes: Value,
    files: Vec<(String, i64)>,
    said: Vec<(String, String, String)>,
}

fn left(till: &Till) -> Left {
    let json = |line: &str| -> Value { serde_json::from_str(&till.ok(line)).expect("JSON") };
    let shown = json("campaign show late-calls --json");
    let steps = shown["steps"].as_array().expect("steps").iter();
    let (store, _sessions) = till.sessions();
    let files = store.disclosures_of("late-calls").expect("rows");
    let mut said = Vec::new();
    let read = |id: domain::Id, row: store::ConsentRow| said.push((id.to_string(), row.address, row.status));
    store.for_each_consent("call", "marketing", read).expect("rows");
    said.sort();
    Left {
        list: fs::read(till.bench.path("calls.xlsx")).expect("a list"),
        page: fs::read(till.bench.path("result.html")).expect("a page"),
        steps: steps.map(|step| (step["kind"].clone(), step["said"].clone())).collect(),
        outcomes: json("campaign outcomes late-calls --json"),
        files: files.into_iter().map(|file| (file.checksum, file.rows)).collect(),
        said,
    }
}

#[expect(clippy::disallowed_methods, reason = "a moment to kill at is one of the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Whether it ended by itself before it was killed.
fn killed_after(mut child: Child, patience: Duration) -> bool {
    let began = now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "it failed where it was not killed");
            return true;
        }
        if began.elapsed() >= patience {
            child.kill().expect("killed");
            return child.wait().expect("gone").success();
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}

#[test]
fn the_loop_killed_at_any_moment_ends_as_if_it_had_not_been() {
    let planned = planned();
    let calm = brought(&planned, Till::on_sqlite());
    let mut took = Vec::new();
    for (at, step) in STEPS.iter().enumerate() {
        before(&calm, at, None);
        let began = now();
        calm.ok(step);
        took.push(began.elapsed());
    }
    let wanted = left(&calm);
    assert_eq!(wanted.files.len(), 1);
    assert!(wanted.said.iter().filter(|row| row.2 == "withdrawn").count() > 20, "somebody has said no");

    let mut dice = Dice(kills());
    for till in Till::each() {
        let till = brought(&planned, till);
        let mut deaths = 0;
        for (at, step) in STEPS.iter().enumerate() {
            before(&till, at, Some(&calm));
            for _ in 0..kills().div_ceil(2 * STEPS.len() as u64) {
                let mut command = till.command(step);
                command.stdout(Stdio::null()).stderr(Stdio::null());
                // From before the first statement to about the last.
                let patience = took[at].mul_f64(dice.throw(1_050) as f64 / 1_000.0);
                deaths += u64::from(!killed_after(command.spawn().expect("it starts"), patience));
            }
            till.ok(step);
            assert!(till.ok("verify").contains("all is sound"), "after {step}");
        }
        assert!(deaths > 0, "nothing was killed");
        println!("{deaths} kills");
        assert_eq!(left(&till), wanted, "after {deaths} kills");
        // Everything done once more changes nothing either.
        STEPS[..1].iter().chain(&STEPS[2..]).for_each(|step| drop(till.ok(step)));
        assert_eq!(left(&till), wanted, "done again");
        let parts = fs::read_dir(till.bench.path(".")).expect("a folder");
        let parts = parts
            .filter(|entry| entry.as_ref().is_ok_and(|one| one.path().extension() == Some("part".as_ref())));
        assert_eq!(parts.count(), 0, "half a file was left");
        assert!(till.ok("verify").contains("all is sound"));
    }
}
