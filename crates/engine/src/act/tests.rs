//! A campaign from end to end on a store of its own, with facts that are counted in memory: on SQLite always, and on
//! PostgreSQL where `PERENNIAL_TEST_POSTGRES` names a server.

use super::consents::{self, About};
use super::cycle::{self, close, measure, plan as keep, show};
use super::export::{Ask, Exported, export, verify};
use super::followed;
use super::freeze::{Facts, Frozen, UNIVERSAL, freeze, ready};
use super::layout::load;
use super::people::{When, find};
use super::plan::{Plan, parse};
use super::results::{Came, take, ticks};
use super::{Stopped, day_at, day_number, segment};
use crate::collect::whole;
use crate::understand::options::Options;
use assets::Lang;
use domain::column::{Batch, Column, Values};
use domain::port::{Failure, Insights};
use domain::{Currency, Id};
use jiff::civil::date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use store::Store;

const NOW: i64 = 1_767_571_200_000_000;
const SECRET: [u8; 32] = [7; 32];

/// Orders in memory, and the relations a campaign asks for.
struct Counted {
    /// Customer, day, margin.
    orders: Mutex<Vec<(Id, i32, i64)>>,
    complained: Mutex<Vec<(Id, i32)>>,
    inputs: Mutex<BTreeMap<String, Batch>>,
}

impl Counted {
    fn as_of(&self) -> i32 {
        let inputs = self.inputs.lock().unwrap();
        inputs["run.parameters"].column("as_of").int(0).unwrap() as i32
    }

    /// Order days up to as_of, by customer.
    fn days(&self) -> BTreeMap<Id, Vec<i32>> {
        let as_of = self.as_of();
        let mut days: BTreeMap<Id, Vec<i32>> = BTreeMap::new();
        for (id, day, _) in self.orders.lock().unwrap().iter().filter(|order| order.1 <= as_of) {
            days.entry(*id).or_default().push(*day);
        }
        days
    }
}

fn texts(name: &str, cells: &[String]) -> Column {
    Column::texts(name, cells.iter().map(|cell| Some(cell.as_str())))
}

impl Insights for Counted {
    fn provide(&self, name: &str, rows: Batch) -> Result<(), Failure> {
        self.inputs.lock().unwrap().insert(name.to_owned(), rows);
        Ok(())
    }

    fn run(&self, relation: &str) -> Result<Batch, Failure> {
        let ids = |days: &BTreeMap<Id, Vec<i32>>| days.keys().map(Id::to_string).collect::<Vec<_>>();
        Ok(match relation {
            "data.range" => {
                let orders = self.orders.lock().unwrap();
                let (first, last) =
                    (orders.iter().map(|one| one.1).min(), orders.iter().map(|one| one.1).max());
                Batch::new(vec![
                    Column::texts("currency", [Some("VND")]),
                    Column::new("first_on", Values::Day(vec![first.unwrap()])),
                    Column::new("last_on", Values::Day(vec![last.unwrap()])),
                    Column::ints("lines", [Some(orders.len() as i64)]),
                ])
            }
            "customer.summary" => {
                let days = self.days();
                Batch::new(vec![
                    texts("customer_id", &ids(&days)),
                    Column::ints("order_days", days.values().map(|days| Some(days.len() as i64))),
                ])
            }
            "customer.cadence" => {
                let (days, as_of) = (self.days(), self.as_of());
                let state =
                    |days: &Vec<i32>| if as_of - days.last().unwrap() > 9 { "at_risk" } else { "active" };
                Batch::new(vec![
                    texts("customer_id", &ids(&days)),
                    Column::texts("state", days.values().map(|days| Some(state(days)))),
                ])
            }
            "campaign.homes" => {
                let days = self.days();
                Batch::new(vec![
                    texts("customer_id", &ids(&days)),
                    Column::texts(
                        "store_id",
                        days.keys().map(|id| Some(if id.body() % 2 == 0 { "D1" } else { "D3" })),
                    ),
                ])
            }
            "campaign.complaints" => {
                let said = self.complained.lock().unwrap();
                let ids: Vec<String> = said.iter().map(|one| one.0.to_string()).collect();
                Batch::new(vec![
                    texts("customer_id", &ids),
                    Column::new("last_on", Values::Day(said.iter().map(|one| one.1).collect())),
                ])
            }
            "campaign.outcomes" => {
                let windows = self.inputs.lock().unwrap()["run.windows"].clone();
                let mut sums: BTreeMap<(i64, Id), (i64, i64)> = BTreeMap::new();
                for row in 0..windows.rows() {
                    let at = |name: &str| windows.column(name).int(row).unwrap() as i32;
                    let (from, until) = (at("from_on"), at("until_on"));
                    for (id, day, margin) in self.orders.lock().unwrap().iter() {
                        if (from..until).contains(day) {
                            let sum = sums.entry((row as i64, *id)).or_default();
                            *sum = (sum.0 + 1, sum.1 + margin);
                        }
                    }
                }
                let ids: Vec<String> = sums.keys().map(|key| key.1.to_string()).collect();
                Batch::new(vec![
                    Column::ints("number", sums.keys().map(|key| Some(key.0))),
                    texts("customer_id", &ids),
                    Column::ints("orders", sums.values().map(|sum| Some(sum.0))),
                    Column::ints("margin_minor", sums.values().map(|sum| Some(sum.1))),
                ])
            }
            "campaign.followed" => {
                let contacts = self.inputs.lock().unwrap()["run.contacts"].clone();
                let orders = self.orders.lock().unwrap();
                let mut found: Vec<(i64, Id, i32, i64)> = Vec::new();
                for row in 0..contacts.rows() {
                    let at = |name: &str| contacts.column(name).int(row).unwrap() as i32;
                    let id: Id = contacts.column("customer_id").text(row).unwrap().parse().unwrap();
                    let span = at("from_on")..at("until_on");
                    let of = orders.iter().filter(|order| order.0 == id && span.contains(&order.1));
                    found.extend(of.min_by_key(|order| order.1).map(|one| (row as i64, id, one.1, one.2)));
                }
                let keys: Vec<String> = found.iter().map(|one| format!("o-{}", one.2)).collect();
                Batch::new(vec![
                    Column::ints("number", found.iter().map(|one| Some(one.0))),
                    Column::texts("source", found.iter().map(|_| Some("till"))),
                    texts("order_id", &keys),
                    Column::new("ordered_on", Values::Day(found.iter().map(|one| one.2).collect())),
                    Column::ints("total_minor", found.iter().map(|one| Some(one.3))),
                ])
            }
            other => panic!("{other} is not asked for"),
        })
    }

    fn keep(&self, _: &str) -> Result<u64, Failure> {
        Ok(0)
    }
}

struct Shop {
    store: Store,
    facts: Counted,
    people: Vec<Id>,
    /// What goes with it.
    _home: Box<dyn std::any::Any>,
}

fn vnd() -> Currency {
    "VND".parse().unwrap()
}

const SEGMENT: &str = "name = \"late\"\nabout = \"Late by their own habit\"\nwho = { field = \"cadence.state\", is = \"at_risk\" }";

const PLAN: &str = r#"
name = "win-back"
segment = "late"
promise = "unannounced"
channel = "email"
action = "A coffee on the house"
message = "Chào {name}, một ly cà phê đang chờ bạn. {ref}"
reason = "{name} has not been here for a while"
cost_per_contact = "30000"
hold_out = 0.3
days = 14
before_days = 28
"#;

fn plan(more: &str) -> Plan {
    parse("plan.toml", &format!("{PLAN}{more}"), vnd()).unwrap()
}

/// Dice that always fall alike.
fn dice(of: &str) -> u64 {
    u64::from_le_bytes(blake3::hash(of.as_bytes()).as_bytes()[..8].try_into().unwrap())
}

/// One of each kind of database there is.
fn shops() -> Vec<Shop> {
    let folder = tempfile::tempdir().unwrap();
    let mut shops = vec![shop(&folder.path().join("state.db").display().to_string(), Box::new(folder))];
    match std::env::var("PERENNIAL_TEST_POSTGRES") {
        Ok(server) => {
            let scratch = store::Scratch::create(&server).expect("a schema");
            shops.push(shop(&scratch.url(), Box::new(scratch)));
        }
        Err(_) => println!("PostgreSQL story not run"),
    }
    shops
}

/// 400 customers who come about every eight days for a hundred days up to 4 January 2026, and agreed to e-mail.
fn shop(database: &str, home: Box<dyn std::any::Any>) -> Shop {
    let mut store = Store::open(database, NOW).unwrap();
    let keys: Vec<String> = (0..400).map(|number| format!("K-{number}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut chance = (1u128..).map(|number| number * 977);
    let people = store.resolve("till", "external_id", &keys, NOW, &mut || chance.next().unwrap()).unwrap();
    let emails: Vec<String> = (0..400).map(|number| format!("k{number}@corner.example")).collect();
    let emails: Vec<(Id, &str)> = people.iter().copied().zip(emails.iter().map(String::as_str)).collect();
    store.add_identifiers("till", "email", &emails).unwrap();
    let last = day_number(date(2026, 1, 4));
    let mut orders = Vec::new();
    for (number, id) in people.iter().enumerate() {
        let mut day = last - 100 + (dice(&format!("{number} first")) % 12) as i32;
        while day <= last {
            orders.push((*id, day, 20_000 + (dice(&format!("{number} {day}")) % 20_000) as i64));
            day += 2 + (dice(&format!("{number} {day} gap")) % 16) as i32;
        }
    }
    orders.push((people[0], last, 20_000));
    let facts =
        Counted { orders: Mutex::new(orders), complained: Mutex::default(), inputs: Mutex::default() };
    store.save_segment("late", SEGMENT, NOW).unwrap();
    let mut shop = Shop { store, facts, people, _home: home };
    let list: String = (0..400).map(|number| format!("K-{number},yes\n")).collect();
    let list = whole::read("c.csv", format!("customer_id,consent\n{list}").into_bytes()).unwrap();
    let taken = consents::take(&mut shop.store, "c.csv", &list, &about()).unwrap();
    assert_eq!((taken.kept, taken.unknown, taken.no_address), (400, 0, 0));
    assert_eq!(
        consents::take(&mut shop.store, "c.csv", &list, &about()).unwrap().kept,
        0,
        "again adds nothing"
    );
    shop
}

fn about() -> About {
    About {
        channel: "email".into(),
        purpose: "marketing".into(),
        text_version: "1".into(),
        jurisdiction: "vn".into(),
        happened_at: NOW - 1_000_000,
        now_micros: NOW,
    }
}

impl Shop {
    /// Runs a step that needs both facts and state.
    fn with<T>(&mut self, step: impl FnOnce(&Facts<'_>, &mut Store) -> T) -> T {
        let last = self.facts.orders.lock().unwrap().iter().map(|one| one.1).max().unwrap();
        let facts = Facts {
            insights: &self.facts,
            options: Options::new(vnd()),
            as_of: day_at(i64::from(last)),
            now_micros: NOW,
            secret: SECRET,
        };
        step(&facts, &mut self.store)
    }

    fn frozen(&mut self, plan: &Plan) -> Frozen {
        self.with(|facts, store| {
            keep(facts, store, plan, NOW).unwrap();
            freeze(facts, store, plan, NOW).unwrap()
        })
    }

    fn export(&mut self, plan: &Plan, layout: &str, now: i64) -> Result<(Vec<u8>, Exported), Stopped> {
        let layout_spec = load(layout, Path::new("/nowhere")).unwrap();
        let outcomes = ticks(Lang::En);
        let ask = Ask {
            layout: &layout_spec,
            layout_name: layout,
            lang: Lang::En,
            secret: SECRET,
            waves_upto: None,
            outcomes: &outcomes,
            now_micros: now,
        };
        export(&mut self.store, plan, &ask)
    }

    fn results(&mut self, plan: &Plan, text: &str) -> Result<Came, Stopped> {
        let list = whole::read("r.csv", text.as_bytes().to_vec()).unwrap();
        take(&mut self.store, plan, "r.csv", &list, &SECRET, NOW + 5_000_000)
    }

    fn arm(&self, campaign: &str, arm: &str) -> BTreeSet<Id> {
        let mut all = BTreeSet::new();
        self.store
            .for_each_member(campaign, |member| {
                if member.arm == arm {
                    all.insert(member.customer);
                }
            })
            .unwrap();
        all
    }

    fn key(&self, id: Id) -> String {
        format!("K-{}", self.people.iter().position(|one| *one == id).unwrap())
    }

    /// Two weeks of orders after the freeze: those contacted come once more than they would have.
    fn go_on(&mut self, campaign: &str, lift: bool) {
        let contact = self.arm(campaign, "contact");
        let last = day_number(date(2026, 1, 4));
        let mut orders = self.facts.orders.lock().unwrap();
        for (number, id) in self.people.iter().enumerate() {
            for day in last + 1..=last + 14 {
                let comes = dice(&format!("{number} {day} later")).is_multiple_of(9);
                let brought = lift && contact.contains(id) && day == last + 1 + (number % 10) as i32;
                if comes || brought || (number == 0 && day == last + 14) {
                    orders.push((*id, day, 20_000 + (dice(&format!("{number} {day}")) % 20_000) as i64));
                }
            }
        }
    }
}

#[test]
fn the_whole_loop() {
    for mut shop in shops() {
        let plan = plan("");
        let frozen = shop.frozen(&plan);
        let people = frozen.contact + frozen.held_out;
        assert!((50..300).contains(&people), "{frozen:?}");
        assert_eq!(frozen.held_out, (people as f64 * 0.3).round() as u64);
        assert_eq!((frozen.start_on, frozen.segment_version), (date(2026, 1, 5), Some(1)));
        let again = shop.with(|facts, store| freeze(facts, store, &plan, NOW + 1).unwrap());
        assert_eq!(again, frozen, "frozen again nothing changes");

        let (bytes, exported) = shop.export(&plan, "email", NOW).unwrap();
        let (twice, _) = shop.export(&plan, "email", NOW + 9).unwrap();
        assert_eq!(bytes, twice, "the same people are the same bytes");
        assert_eq!(exported.rows, frozen.contact);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(text.lines().count() as u64, exported.rows + 1);
        for id in shop.arm("win-back", "held_out") {
            let email = format!("{}@", shop.key(id).to_lowercase().replace('-', ""));
            assert!(!text.contains(&email), "{email} is held out");
        }
        assert_eq!(verify(&shop.store, &plan, "f", &bytes).unwrap().rows as u64, exported.rows);
        assert!(verify(&shop.store, &plan, "f", &bytes[..bytes.len() - 1]).is_err(), "cut off on the way");
        assert_eq!(shop.store.disclosures_of("win-back").unwrap().len(), 1, "written down once");
        assert!(text.contains("Chào , một ly"), "a field without a value is empty, and braces are filled");

        // The vendor sends its file back: everybody sent, one asks to be left alone.
        let rows: Vec<&str> = text.lines().skip(1).collect();
        let reference = |row: &str| row.rsplit(',').next().unwrap().to_owned();
        let mut back = String::from("ref,status\n");
        for (at, row) in rows.iter().enumerate() {
            back += &format!("{},{}\n", reference(row), if at == 0 { "STOP" } else { "Delivered" });
        }
        let came = shop.results(&plan, &back).unwrap();
        assert_eq!((came.new, came.opted_out, came.leaked, came.unknown), (frozen.contact, 1, 0, 0));
        let same = shop.results(&plan, &back).unwrap();
        assert_eq!((same.new, same.opted_out), (0, 0), "the same file changes nothing");
        let (_, after) = shop.export(&plan, "email", NOW + 9_000_000).unwrap();
        assert_eq!(
            (after.rows, after.not_on_it),
            (exported.rows - 1, 1),
            "who opted out is not on the next list"
        );

        let early = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap_err().to_string());
        assert!(early.contains("it is read once, when its 14 days are over"), "{early}");
        shop.go_on("win-back", true);
        let found = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap());
        assert!(found.effects[0].is_detected && found.draw.is_sound, "{found:?}");
        assert_eq!(found.people.sent, Some(frozen.contact));
        shop.go_on("win-back", true);
        let kept = shop.with(|facts, store| measure(facts, store, "win-back", NOW + 7).unwrap());
        assert_eq!(kept, found, "a fixed plan is read once");

        let refused = close(&mut shop.store, "win-back", Some("stop"), "", NOW);
        let advised = found.decision.verdict.word();
        if advised != "stop" {
            assert!(refused.unwrap_err().to_string().contains("say why with --note"));
        }
        let closed = close(&mut shop.store, "win-back", None, "", NOW).unwrap();
        assert_eq!((closed.decision.as_str(), closed.as_advised), (advised, true));
        assert_eq!(
            close(&mut shop.store, "win-back", Some("keep"), "x", NOW).unwrap(),
            closed,
            "closed once"
        );
        let kinds: Vec<String> =
            show(&shop.store, "win-back").unwrap().steps.into_iter().map(|step| step.kind).collect();
        assert_eq!(kinds, ["planned", "frozen", "exported", "results", "exported", "measured", "closed"]);
        let over = shop.export(&plan, "email", NOW).unwrap_err().to_string();
        assert!(over.contains("it is closed"), "{over}");
    }
}

#[test]
fn a_leak_is_caught_and_no_row_of_a_bad_file_is_kept() {
    for mut shop in shops() {
        let plan = plan("");
        shop.frozen(&plan);
        let held: Vec<String> = shop.arm("win-back", "held_out").into_iter().map(|id| shop.key(id)).collect();
        let bad = format!("customer,status\n{},sent\n{},flew away\n", held[0], held[1]);
        let said = shop.results(&plan, &bad).unwrap_err().to_string();
        assert!(said.contains("r.csv: line 3: 'flew away' is no outcome"), "{said}");
        let sent: String = held.iter().take(20).map(|key| format!("{key},đã gửi\n")).collect();
        let came = shop.results(&plan, &format!("customer,status\n{sent}nobody,sent\n")).unwrap();
        assert_eq!((came.leaked, came.unknown, came.new), (20, 1, 20));
        shop.go_on("win-back", true);
        let found = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap());
        assert_eq!((found.people.leaked, found.decision.reason.code()), (20, "leaked"));
        for text in ["who,status\na,sent\n", "ref,colour\na,red\n"] {
            assert!(shop.results(&plan, text).is_err(), "{text}");
        }
    }
}

#[test]
fn people_are_left_out_with_the_reason() {
    for mut shop in shops() {
        let first = plan("");
        shop.frozen(&first);
        let taken = shop.arm("win-back", "contact").len() + shop.arm("win-back", "held_out").len();
        let other = Plan { name: "second".into(), hold_out_key: "second".into(), ..first.clone() };
        let said = shop.with(|facts, store| freeze(facts, store, &other, NOW).unwrap_err().to_string());
        assert!(said.contains(&format!("nobody is left to contact: {taken} other_campaign")), "{said}");

        close(&mut shop.store, "win-back", Some("stop"), "trying", NOW).unwrap();
        let late: Vec<Id> = shop.people.clone();
        *shop.facts.complained.lock().unwrap() =
            vec![(late[1], day_number(date(2026, 1, 1))), (late[2], day_number(date(2025, 11, 1)))];
        shop.store.save_setting(UNIVERSAL, "0.1", NOW).unwrap();
        let list = whole::read(
            "c.csv",
            b"customer_id,consent\nK-3,no\nK-5,no\nK-7,no\nK-9,no\nK-11,no\nK-13,no\n".to_vec(),
        )
        .unwrap();
        let no = About { happened_at: NOW - 5, ..about() };
        consents::take(&mut shop.store, "c.csv", &list, &no).unwrap();
        let unsettled: Vec<Id> = shop.arm("win-back", "contact").into_iter().rev().take(6).collect();
        let mut session = shop.store.sessions().open().unwrap();
        let opened: Result<(), store::Failure> = session.write(|writing| {
            for (number, id) in unsettled.iter().enumerate() {
                writing.insert_case(&store::CaseRow {
                    case_id: format!("case_{number}"),
                    customer_id: id.to_string(),
                    about: "cold soup".to_owned(),
                    opened_at: NOW - 400 * 86_400_000_000,
                    opened_by: "stf_1".to_owned(),
                    closed_at: None,
                    closed_by: None,
                })?;
            }
            Ok(())
        });
        opened.unwrap();
        let frozen = shop.frozen(&other);
        let mut reached = shop.arm("second", "contact");
        reached.extend(shop.arm("second", "held_out"));
        assert!(
            !unsettled.iter().any(|id| reached.contains(id)),
            "an open case, however old, is an open complaint"
        );
        assert!(frozen.left_out["open_complaint"] > 1, "{frozen:?}");
        let all: u64 = frozen.left_out.values().sum::<u64>() + frozen.contact + frozen.held_out;
        assert_eq!(all as usize, taken, "everybody is somewhere");
        assert!(
            frozen.left_out["universal_holdout"] > 5 && frozen.left_out.contains_key("no_consent"),
            "{frozen:?}"
        );
        assert!(!frozen.left_out.contains_key("other_campaign"));
        let universal: BTreeSet<Id> = {
            let mut all = BTreeSet::new();
            shop.store
                .for_each_member("second", |one| {
                    if one.reason.as_deref() == Some("universal_holdout") {
                        all.insert(one.customer);
                    }
                })
                .unwrap();
            all
        };
        // The share for ever is the same people in the next campaign.
        close(&mut shop.store, "second", Some("stop"), "trying", NOW).unwrap();
        let third = Plan { name: "third".into(), ..other.clone() };
        shop.frozen(&third);
        let mut again = BTreeSet::new();
        shop.store
            .for_each_member("third", |one| {
                if one.reason.as_deref() == Some("universal_holdout") {
                    again.insert(one.customer);
                }
            })
            .unwrap();
        assert_eq!(universal, again);
        // The same key of the draw leaves the same people alone.
        assert_eq!(shop.arm("second", "held_out"), shop.arm("third", "held_out"));
    }
}

#[test]
fn a_plan_that_cannot_see_its_break_even_is_refused_with_what_would_help() {
    for mut shop in shops() {
        let cheap = parse("p", &PLAN.replace("\"30000\"", "\"300\""), vnd()).unwrap();
        let said = shop.with(|facts, store| keep(facts, store, &cheap, NOW).unwrap_err().to_string());
        for words in ["it pays from 300", "people in all", "hold_out = 0.5", "accept_unseen_below"] {
            assert!(said.contains(words), "no '{words}' in {said}");
        }
        assert!(cycle::plan_of(&shop.store, "win-back").is_err(), "nothing is kept of it");
        let knowing = PLAN.replace("\"30000\"", "\"300\"") + "accept_unseen_below = \"90000\"";
        let knowing = parse("p", &knowing, vnd()).unwrap();
        let planned = shop.with(|facts, store| keep(facts, store, &knowing, NOW).unwrap());
        assert!(!planned.sizing.unwrap().is_visible());
        let frozen = shop.with(|facts, store| freeze(facts, store, &knowing, NOW).unwrap());
        let other = Plan { days: 28, ..knowing };
        let said = shop.with(|facts, store| keep(facts, store, &other, NOW).unwrap_err().to_string());
        assert!(said.contains("it is frozen under another plan") && frozen.contact > 0, "{said}");
    }
}

#[test]
fn the_staff_list_says_why_and_by_when() {
    for mut shop in shops() {
        let plan = plan("");
        let frozen = shop.frozen(&plan);
        let (bytes, exported) = shop.export(&plan, "staff-calls", NOW).unwrap_or_else(|_| {
            // Nobody has a phone: the list asks for one.
            let phones: Vec<String> = (0..400).map(|number| format!("+849000{number:05}")).collect();
            let people = shop.people.clone();
            let phones: Vec<(Id, &str)> = people.into_iter().zip(phones.iter().map(String::as_str)).collect();
            shop.store.add_identifiers("till", "phone", &phones).unwrap();
            shop.export(&plan, "staff-calls", NOW).unwrap()
        });
        assert_eq!(exported.rows, frozen.contact);
        let list = whole::read("calls.xlsx", bytes).unwrap();
        assert_eq!(
            list.head,
            ["Name", "Phone", "Why", "Offer", "Call by", "Called on", "Outcome", "Note", "Ref"]
        );
        let (_, row) = &list.rows[0];
        assert!(
            row[1].starts_with("09000") && row[2].contains("has not been here") && row[4].contains("12"),
            "{row:?}"
        );
        // Ticked and sent back; a call not made yet says nothing.
        let mut back = String::from("Ref,Called on,Outcome\n");
        for (at, (_, row)) in list.rows.iter().enumerate() {
            let (day, outcome) =
                [("06/01/2026", "reached"), ("", ""), ("", "no answer"), ("", "will come")][at % 4];
            back += &format!("{},{day},{outcome}\n", row[8]);
        }
        let came = shop.results(&plan, &back).unwrap();
        assert!(came.empty > 0 && came.outcomes["will_come"] > 0 && came.leaked == 0, "{came:?}");
        let wrong = format!("Ref,Called on,Outcome\n{},soon,reached\n", row[8]);
        let said = shop.results(&plan, &wrong).unwrap_err().to_string();
        assert!(said.contains("line 2: 'soon' is no day"), "{said}");
        let wrong = wrong.replace("soon", "2026-02-01");
        let said = shop.results(&plan, &wrong).unwrap_err().to_string();
        assert!(said.contains("has not come yet"), "{said}");
    }
}

#[test]
fn an_outcome_is_joined_to_the_order_that_follows_and_to_no_other() {
    for mut shop in shops() {
        let plan = plan("");
        shop.frozen(&plan);
        let contact: Vec<Id> = shop.arm("win-back", "contact").into_iter().collect();
        let held = *shop.arm("win-back", "held_out").first().unwrap();
        // Two are called on the 10th; one more is reached, nobody says when. One of the held out is called by mistake.
        let rows = [(0, "2026-01-10"), (1, "2026-01-10"), (2, "")];
        let mut file = String::from("customer,called on,outcome\n");
        for (at, day) in rows {
            file += &format!("{},{day},reached\n", shop.key(contact[at]));
        }
        file += &format!("{},,sent\n", shop.key(held));
        let list = whole::read("r.csv", file.into_bytes()).unwrap();
        take(&mut shop.store, &plan, "r.csv", &list, &SECRET, NOW + 6 * 86_400_000_000).unwrap();
        let on = |day: i8| day_number(date(2026, 1, day));
        shop.facts.orders.lock().unwrap().extend([
            (contact[0], on(9), 100),
            (contact[0], on(12), 200),
            (contact[0], on(13), 400),
            (contact[1], on(9), 100),
            (contact[2], on(6), 800),
            (held, on(6), 900),
            // The fortnight is over: this one no longer follows.
            (contact[1], on(19), 900),
        ]);
        let all = shop.with(|facts, store| followed::orders(facts, store, &plan).unwrap());
        assert_eq!(all.len(), 3, "the held out are none of these: {all:?}");
        let of = |id: Id| all.iter().find(|one| one.customer_id == id.to_string()).unwrap();
        let next = of(contact[0]).order.as_ref().unwrap();
        assert_eq!((next.ordered_on, next.days, next.total_minor), (date(2026, 1, 12), 2, 200));
        assert_eq!(next.order_id, format!("o-{}", on(12)));
        assert_eq!((of(contact[1]).on, &of(contact[1]).order), (Some(date(2026, 1, 10)), &None));
        // Without a day it counts from the start.
        assert_eq!((of(contact[2]).on, of(contact[2]).order.as_ref().map(|next| next.days)), (None, Some(1)));
        let came = followed::by_outcome(&all);
        assert_eq!(came.len(), 1);
        assert_eq!((came[0].people, came[0].ordered, came[0].total_minor), (3, 2, 1_000));
        assert_eq!(came[0].median_days, Some(2));
        assert_eq!(followed::csv(&all).lines().count(), 4);
        // It is shown in the measurement, and moves nothing of it.
        shop.go_on("win-back", true);
        let found = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap());
        assert_eq!(found.followed[0].people, 3);
        assert_eq!(found.people.sent, Some(3));
    }
}

#[test]
fn a_segment_asks_what_people_have_agreed_to() {
    for mut shop in shops() {
        let no = whole::read("c.csv", b"customer_id,consent\nK-3,no\nK-5,no\n".to_vec()).unwrap();
        let later = About { happened_at: NOW + 10, ..about() };
        consents::take(&mut shop.store, "c.csv", &no, &later).unwrap();
        let count = |shop: &mut Shop, who: &str, now_micros: i64| {
            let segment = segment::parse("s", &format!("name = \"s\"\nwho = {who}")).unwrap();
            shop.with(|facts, store| {
                ready(facts, &segment.who).unwrap();
                let when = When { now_micros, ..facts.when() };
                find(facts.insights, store, &segment.who, when, "s").unwrap().len()
            })
        };
        for (who, now, found) in [
            ("{ consent = \"email\" }", NOW, 400),
            ("{ consent = \"email\" }", NOW + 10, 398),
            ("{ not = { consent = \"email\", purpose = \"marketing\" } }", NOW + 10, 2),
            ("{ consent = \"email\", purpose = \"survey\" }", NOW + 10, 0),
            ("{ consent = \"sms\" }", NOW + 10, 0),
            // Service needs no consent.
            ("{ consent = \"email\", purpose = \"service\" }", NOW + 10, 400),
        ] {
            assert_eq!(count(&mut shop, who, now), found, "{who} at {now}");
        }
    }
}

#[test]
fn whoever_asks_to_be_left_alone_is_left_alone_where_no_consent_is_needed_too() {
    for mut shop in shops() {
        let plan = Plan { purpose: "service".into(), ..plan("") };
        let frozen = shop.frozen(&plan);
        let one = *shop.arm("win-back", "contact").first().unwrap();
        assert_eq!(shop.export(&plan, "email", NOW).unwrap().1.rows, frozen.contact);
        let came = shop.results(&plan, &format!("customer,status\n{},stop\n", shop.key(one))).unwrap();
        assert_eq!(came.opted_out, 1);
        let (_, after) = shop.export(&plan, "email", NOW + 9_000_000).unwrap();
        assert_eq!((after.rows, after.not_on_it), (frozen.contact - 1, 1));
    }
}

#[test]
fn what_was_decided_is_remembered_with_what_it_brought() {
    for mut shop in shops() {
        let plan = plan("");
        shop.frozen(&plan);
        assert!(cycle::decided(&shop.store, None).unwrap().is_empty(), "it is not over");
        shop.go_on("win-back", true);
        let found = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap());
        close(&mut shop.store, "win-back", Some("keep"), "go on", NOW).unwrap();
        let decided = cycle::decided(&shop.store, Some("Asia/Ho_Chi_Minh")).unwrap();
        let [one] = &decided[..] else { panic!("{decided:?}") };
        assert_eq!((one.campaign.as_str(), one.decision.as_str()), ("win-back", "keep"));
        assert_eq!((one.note.as_str(), one.segment.as_deref()), ("go on", Some("late")));
        assert_eq!(one.decided_on, date(2026, 1, 5));
        let brought = one.brought.unwrap();
        assert!(found.effects[0].is_detected);
        assert_eq!(brought.low, found.effects[0].lift.low * found.people.contact as f64);
    }
}

#[test]
fn a_promise_to_all_leaves_nobody_out_and_starts_in_waves() {
    for mut shop in shops() {
        let text = PLAN
            .replace("unannounced", "public")
            .replace("hold_out = 0.3\n", "")
            .replace("\"30000\"", "\"0\"")
            + "metric = \"orders\"\n[rollout]\nby = \"lot\"\nwaves = [{ on = 2026-01-05, share = 0.5 }, { on = 2026-01-19, share = 0.25 }]";
        let plan = parse("p", &text, vnd()).unwrap();
        let frozen = shop.frozen(&plan);
        assert_eq!((frozen.held_out, frozen.left_out.len()), (0, 0));
        let mut waves: BTreeMap<Option<i64>, u64> = BTreeMap::new();
        shop.store.for_each_member("win-back", |one| *waves.entry(one.wave).or_default() += 1).unwrap();
        let all: u64 = waves.values().sum();
        assert!((2 * waves[&Some(0)]).abs_diff(all) <= 1, "{waves:?}");
        assert!(waves[&Some(1)].abs_diff(waves[&None]) <= 1, "{waves:?}");
        let layout = load("email", Path::new("/nowhere")).unwrap();
        let ask = Ask {
            layout: &layout,
            layout_name: "email",
            lang: Lang::En,
            secret: SECRET,
            waves_upto: Some(date(2026, 1, 5)),
            outcomes: &[],
            now_micros: NOW,
        };
        let (_, exported) = export(&mut shop.store, &plan, &ask).unwrap();
        assert_eq!((exported.rows, exported.not_on_it), (waves[&Some(0)], all - waves[&Some(0)]));
        // Those whose start has come do one more in the first fortnight; the others will have it later.
        let early = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap_err().to_string());
        assert!(early.contains("no period after its first start is over"), "{early}");
        let mut first: BTreeSet<Id> = BTreeSet::new();
        shop.store
            .for_each_member("win-back", |one| {
                if one.wave == Some(0) {
                    first.insert(one.customer);
                }
            })
            .unwrap();
        shop.go_on("nobody", false);
        let day = day_number(date(2026, 1, 4));
        shop.facts.orders.lock().unwrap().extend(first.iter().map(|id| (*id, day + 3, 20_000)));
        let found = shop.with(|facts, store| measure(facts, store, "win-back", NOW).unwrap());
        let rollout = found.rollout.as_ref().unwrap();
        assert!(
            rollout.overall.low < 1.0 && rollout.overall.high > 1.0 && rollout.is_detected,
            "{rollout:?}"
        );
        assert_eq!((found.people.held_out, found.decision.reason.code()), (0, "rollout-works"));
    }
}
