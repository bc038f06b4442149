//! A seeded simulator of the record over a real store: tills, web shop and staff ask at random; messages come twice,
//! late, in another order; storage fails at any statement, or the disk is full; the shop closes and opens again. After every batch the
//! books must be what the pure engine, told each accepted command once, has in memory. (That engine is held against
//! an independent slow model in its own crate.)
//!
//! A failing run names its seed; `PERENNIAL_SEEDS=1000` or `PERENNIAL_SEEDS=77..78` says which seeds to run.

use super::super::answer::{Answer, Outcome};
use super::super::books;
use super::super::command::Command;
use super::shop::{PROGRAM, Place, Shop, commands, morning, on_file, places};
use jiff::{SignedDuration, Timestamp};
use loyalty::fact::{Event, Fact};
use loyalty::judge::{Books, Shared, due_at, judge};
use loyalty::member::Member;
use loyalty::name::Name;
use loyalty::voucher;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Failure;

/// Dice: splitmix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.throw(one_in) == 0
    }
}

const MEMBERS: [&str; 5] = ["ana", "binh", "chi", "dan", "em"];

/// Something somebody asks for at random.
fn ask(dice: &mut Dice, number: u64, now: Timestamp) -> Command {
    let member = MEMBERS[dice.throw(5) as usize];
    let other = MEMBERS[dice.throw(5) as usize];
    let earlier = dice.throw(number + 1);
    let line = match dice.throw(21) {
        0 => format!(r#"{{"type": "join", "member": "{member}"}}"#),
        1..=6 => {
            let late = now - SignedDuration::from_hours(dice.throw(60) as i64);
            let whose = if dice.chance(6) { String::new() } else { format!(r#""member": "{member}","#) };
            let tender = match dice.throw(6) {
                0 => format!(
                    r#""tenders": [{{"kind": "gift_card", "amount_minor": 200, "code": "{}"}}],"#,
                    code(dice, "G-########")
                ),
                1 => format!(
                    r#""tenders": [{{"kind": "voucher", "amount_minor": 300, "code": "{}"}}],"#,
                    code(dice, "C-######")
                ),
                _ => String::new(),
            };
            let (minor, more) = (dice.throw(6000), dice.throw(900));
            format!(
                r#"{{"type": "order", "id": "o-{number}", {whose} "ordered_at": "{late}", {tender}
                    "lines": [{{"id": "1", "product": "latte", "gross_minor": {minor}}},
                              {{"id": "2", "product": "bun", "gross_minor": {more}, "quantity_milli": 3000}}]}}"#
            )
        }
        7 => format!(r#"{{"type": "return", "id": "b-{number}", "order": "o-{earlier}"}}"#),
        8 => {
            let milli = 1000 * (1 + dice.throw(2));
            format!(
                r#"{{"type": "return", "id": "b-{number}", "order": "o-{earlier}", "lines": [{{"line": "2", "quantity_milli": {milli}}}]}}"#
            )
        }
        9 => format!(
            r#"{{"type": "return_undone", "id": "b-{earlier}", "order": "o-{}"}}"#,
            dice.throw(number + 1)
        ),
        10 => format!(r#"{{"type": "event", "id": "e-{number}", "member": "{member}", "name": "review"}}"#),
        11 | 12 => {
            let reward = ["cup", "coffee", "card"][dice.throw(3) as usize];
            let what = if dice.chance(2) { "redeem" } else { "hold" };
            let till = if dice.chance(2) { r#", "till": "t-1""# } else { "" };
            format!(
                r#"{{"type": "{what}", "member": "{member}", "id": "r-{number}", "reward": "{reward}"{till}}}"#
            )
        }
        13 => format!(r#"{{"type": "capture", "member": "{member}", "id": "r-{earlier}"}}"#),
        14 => format!(r#"{{"type": "release", "member": "{member}", "id": "r-{earlier}"}}"#),
        15 => format!(r#"{{"type": "refund", "member": "{member}", "id": "r-{earlier}"}}"#),
        16 => {
            let units = dice.throw(200) as i64 - 60;
            format!(
                r#"{{"type": "adjust", "member": "{member}", "id": "a-{number}", "wallet": "beans", "units": {units}}}"#
            )
        }
        17 => {
            let does = ["join", "leave", "give", "take"][dice.throw(4) as usize];
            let units = dice.throw(40);
            format!(
                r#"{{"type": "pool", "member": "{member}", "id": "p-{number}", "household": "h-{}", "does": "{does}", "pool": "home", "units": {units}}}"#,
                dice.throw(2)
            )
        }
        18 => match dice.throw(4) {
            0 => format!(r#"{{"type": "merge", "member": "{member}", "into": "{other}"}}"#),
            1 => format!(r#"{{"type": "unmerge", "member": "{member}"}}"#),
            2 => format!(r#"{{"type": "claim", "member": "{member}", "order": "o-{earlier}"}}"#),
            _ => format!(
                r#"{{"vouchers_for": "v-{number}", "codes": ["{}", "{}"], "bill_minor": 700}}"#,
                code(dice, "C-######"),
                code(dice, "C-######")
            ),
        },
        19 if dice.chance(3) => {
            format!(r#"{{"type": "benefit_undone", "member": "{member}", "id": "u-{earlier}"}}"#)
        }
        19 => format!(
            r#"{{"type": "benefit", "member": "{member}", "id": "u-{number}", "benefit": "delivery"}}"#
        ),
        _ => format!(
            r#"{{"type": "transfer", "member": "{member}", "to": "{other}", "id": "t-{number}", "wallet": "beans", "units": {}}}"#,
            dice.throw(60)
        ),
    };
    let command = commands(&line.replace('\n', " ")).remove(0);
    if dice.chance(3) { command.under(&format!("k-{number}")) } else { command }
}

/// A code that may have been given out.
fn code(dice: &mut Dice, pattern: &str) -> String {
    let series = if pattern.starts_with('G') { "card" } else { "coffee" };
    voucher::code(pattern, 7, series, dice.throw(4))
}

/// The pure engine's books, and the last instant they were told.
struct Oracle {
    books: Books,
}

impl Oracle {
    /// Time passes for those for whom something is due.
    fn tick(&mut self, shop: &Shop) {
        let program = &shop.in_force.program;
        for member in self.books.members.values_mut() {
            if due_at(program, member).is_some_and(|due| due <= shop.now) {
                let mut alone = Books { shared: std::mem::take(&mut self.books.shared), ..Books::default() };
                let households = std::mem::take(&mut alone.shared.households);
                alone.members.insert(member.id.clone(), member.clone());
                judge(program, &mut alone, &Event { at: shop.now, fact: Fact::Tick }, &mut Vec::new());
                *member = alone.members.remove(&member.id).unwrap();
                self.books.shared = Shared { households, ..alone.shared };
            }
        }
    }

    /// Tell the oracle a command that took effect, or was refused.
    fn tell(&mut self, shop: &Shop, command: &Command, now: Timestamp) {
        let program = &shop.in_force.program;
        match command.fact() {
            None => {
                let super::super::command::Act::UseVouchers(ask) = &command.act else { return };
                let codes: Vec<Name> = ask.codes.iter().map(|code| Name::from(code.as_str())).collect();
                let answers = voucher::stack(program, &self.books.shared, &codes, ask.bill_minor, now);
                voucher::use_up(&mut self.books.shared, &answers);
            }
            Some(fact) => judge(program, &mut self.books, &Event { at: now, fact }, &mut Vec::new()),
        }
    }
}

/// Some weeks at the shop, from one seed; how many postings they left.
fn run(seed: u64, place: Place) -> u64 {
    let mut dice = Dice(seed);
    let budget = 100 + dice.throw(300);
    let months = 1 + dice.throw(12);
    let deficit = ["negative", "clamp", "refuse"][dice.throw(3) as usize];
    let program = PROGRAM
        .replace("budgets = [{ points = 200 }]", &format!("budgets = [{{ points = {budget} }}]"))
        .replace("after = \"12M\"", &format!("after = \"{months}M\""))
        .replace("deficit = \"negative\"", &format!("deficit = \"{deficit}\""))
        .replace(
            "counts = \"spend\"",
            if dice.chance(2) { "counts = \"visits\"" } else { "counts = \"spend\"" },
        )
        .replace(
            "threshold = \"100.00\"",
            if dice.chance(2) { "threshold = 3" } else { "threshold = \"40\"" },
        );
    let mut shop = Shop::open_with(place, &program, morning());
    let mut oracle = Oracle { books: Books::default() };
    oracle.books.shared.seed = 7;
    let mut sent: Vec<(Command, Option<Answer>)> = Vec::new();
    let mut number = 0;
    for _ in 0..40 {
        shop.later(SignedDuration::from_mins(dice.throw(3000) as i64));
        let mut batch: Vec<Command> = Vec::new();
        for _ in 0..=dice.throw(6) {
            // A message that was sent before comes again, in any order.
            if dice.chance(4) && !sent.is_empty() {
                batch.push(sent[dice.throw(sent.len() as u64) as usize].0.clone());
                continue;
            }
            number += 1;
            batch.push(ask(&mut dice, number, shop.now));
        }
        // Asked again, what was refused may have become possible: each asking is told to the oracle.
        let asked = record(&mut shop, &mut dice, &batch);
        for (command, answer) in asked.iter().flat_map(|answers| batch.iter().zip(answers)) {
            if !answer.is_repeat && answer.code() != Some("key_reused") {
                oracle.tell(&shop, command, shop.now);
            }
            let known = sent.iter().find(|(known, _)| known == command);
            if let Some((_, Some(first))) = known
                && (command.key.is_some() || matches!(first.outcome, Outcome::Done | Outcome::Waiting))
                && command.natural_key().is_some()
            {
                assert_eq!(
                    (&answer.moved, &answer.problems),
                    (&first.moved, &first.problems),
                    "seed {seed}: {command:?}"
                );
            }
            if known.is_none() {
                sent.push((command.clone(), Some(answer.clone())));
            }
        }
        if dice.chance(5) {
            shop.recorder.tick(shop.now, 100).unwrap();
            oracle.tick(&shop);
        }
        agree(&shop, &mut oracle, seed);
        if dice.chance(15) {
            shop = shop.reopen(&program);
        }
    }
    let report = shop.verify();
    assert_eq!(report.findings, [], "seed {seed}");
    report.postings
}

/// Record a batch while storage may fail: ask again until it is answered, and sometimes once more, as if the answer had
/// been lost on its way. The answers of each time it was answered.
fn record(shop: &mut Shop, dice: &mut Dice, batch: &[Command]) -> Vec<Vec<Answer>> {
    while dice.chance(3) {
        // A file system of its own has both: a statement that fails, and a file that cannot grow any more.
        let is_full = !shop.recorder.session().has_many_writers() && dice.chance(2);
        let session = shop.recorder.session();
        match is_full {
            true => session.damage("pragma max_page_count = 1").unwrap(),
            false => session.fail_after(Some(dice.throw(40))),
        }
        let attempt = shop.try_record(batch);
        match is_full {
            true => shop.recorder.session().damage("pragma max_page_count = 1073741823").unwrap(),
            false => shop.recorder.session().fail_after(None),
        }
        match attempt {
            Ok(answers) => return vec![answers],
            Err(Failure::DiskFull { .. }) if is_full => {}
            Err(failure) => assert!(!is_full && matches!(failure, Failure::Io { .. }), "{failure}"),
        }
    }
    let mut asked = vec![shop.try_record(batch).unwrap()];
    if dice.chance(4) {
        let again = shop.try_record(batch).unwrap();
        for ((command, first), second) in batch.iter().zip(&asked[0]).zip(&again) {
            if first.outcome == Outcome::Done && command.natural_key().is_some() {
                assert_eq!((&second.moved, second.is_repeat), (&first.moved, true), "{command:?}");
            }
        }
        asked.push(again);
    }
    asked
}

/// What is kept is what the oracle has.
fn agree(shop: &Shop, oracle: &mut Oracle, seed: u64) {
    let reading = shop.recorder.session().read();
    let rows = reading.members_between("corner", "", None).unwrap();
    let kept: Vec<(String, String)> = rows.into_iter().map(|row| (row.customer_id, row.state)).collect();
    let (now, shared) = (shop.now, &oracle.books.shared);
    for (code, voucher) in &shared.vouchers {
        let row = &reading.lock_vouchers("corner", &[code.as_str()]).unwrap()[0];
        assert_eq!(books::voucher(row), *voucher, "seed {seed}: voucher {code} at {now}");
    }
    for (code, card) in &shared.cards {
        let row = &reading.lock_gift_cards("corner", &[code.as_str()]).unwrap()[0];
        assert_eq!(row.state, books::text(card), "seed {seed}: gift card {code} at {now}");
    }
    let counters: BTreeMap<String, i64> = reading.list_counters("corner").unwrap().into_iter().collect();
    let counted = |name: Value| counters.get(&name.to_string()).copied().unwrap_or(0);
    for (reward, given) in &shared.given {
        assert_eq!(counted(json!(["given", reward])), i64::from(*given), "seed {seed}: {reward} at {now}");
    }
    for ((till, wallet, first), units) in &shared.tills {
        assert_eq!(counted(json!(["till", till, wallet, first])), *units, "seed {seed}: {till} at {now}");
    }
    for (code, times) in &shared.used_ahead {
        assert_eq!(counted(json!(["used_ahead", code])), i64::from(*times), "seed {seed}: {code} at {now}");
    }
    for (id, household) in &shared.households {
        let row = &reading.lock_households("corner", &[id.as_str()]).unwrap()[0];
        let kept: loyalty::pool::Household = serde_json::from_str(&row.state).unwrap();
        // A household that was only asked about may have moved in the oracle's tick and not here.
        let balance =
            |household: &loyalty::pool::Household| household.account.balance(now.max(household.account.at()));
        assert_eq!(
            (&kept.joined, balance(&kept)),
            (&household.joined, balance(household)),
            "seed {seed}: {id}"
        );
    }
    // The oracle remembers every lot; what is kept does not, and must never miss one.
    let state = |member: &Member| (member.id.to_string(), books::state(&mut member.clone()));
    let expected: Vec<(String, String)> = oracle.books.members.values().map(state).collect();
    for (kept, expected) in kept.iter().zip(&expected) {
        assert_eq!(kept, expected, "seed {seed} at {now}");
    }
    assert_eq!(kept.len(), expected.len(), "seed {seed} at {now}");
    for (id, member) in &oracle.books.members {
        let orders = reading.orders_of("corner", id.as_str()).unwrap();
        let kept: Vec<String> = orders.iter().map(|row| row.order_id.clone()).collect();
        let expected: Vec<String> = member.orders.keys().map(ToString::to_string).collect();
        let mut sorted = kept.clone();
        sorted.sort();
        assert_eq!(sorted, expected, "seed {seed} at {now}: orders of {id}");
        for row in &orders {
            let record = &member.orders[row.order_id.as_str()];
            assert_eq!(
                row.record.as_deref(),
                Some(books::text(record).as_str()),
                "seed {seed}: {}",
                row.order_id
            );
        }
    }
}

fn seeds() -> std::ops::Range<u64> {
    let Ok(asked) = std::env::var("PERENNIAL_SEEDS") else { return 0..12 };
    match asked.split_once("..") {
        Some((from, to)) => from.parse().unwrap()..to.parse().unwrap(),
        None => 0..asked.parse().unwrap(),
    }
}

/// Of how many seeds one is run on a server as well, where there are many: a server is slower than a file.
const ONE_IN_ON_A_SERVER: u64 = 50;

#[test]
fn every_seed_ends_in_the_books_of_the_pure_engine() {
    let seeds = seeds();
    let is_few = seeds.end - seeds.start < ONE_IN_ON_A_SERVER;
    let next = AtomicU64::new(seeds.start);
    let postings = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let places = if is_few || seed.is_multiple_of(ONE_IN_ON_A_SERVER) {
                        places()
                    } else {
                        vec![on_file()]
                    };
                    for place in places {
                        let told =
                            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(seed, place)));
                        assert!(
                            told.is_ok(),
                            "seed {seed}: run it alone with PERENNIAL_SEEDS={seed}..{}",
                            seed + 1
                        );
                        postings.fetch_add(told.unwrap_or(0), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!(postings.into_inner() > 0, "somebody earned something");
}
