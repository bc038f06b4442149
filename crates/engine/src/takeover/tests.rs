//! A program that ran elsewhere goes on here: one story on every kind of database.

use super::{Options, Stopped, compare, take_over};
use crate::people::show::show;
use crate::record::identity::kinds::Rules;
use crate::record::program::{InForce, install};
use crate::record::recorder::Recorder;
use crate::record::verify::verify_record;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
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
precision = 1

[[expiry]]
wallet = "beans"
never = true

[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }

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
bonus = { wallet = "beans", points = 50 }

[[reward]]
id = "coffee"
name = "Coffee"
kind = "discount"
value = "3.00"
prices = [{ wallet = "beans", points = 5 }]
voucher = { pattern = "C-######", valid = "6M" }

[[reward]]
id = "card"
name = "Card"
kind = "stored_value"
value = "5.00"
prices = [{ wallet = "beans", points = 40 }]
voucher = { pattern = "G-########", valid = "12M" }
"#;

/// The old system's files: Ana, who is gold; Bình with two cards and a voucher; Chi with a number that is none.
const FILES: &[(&str, &str)] = &[
    (
        "members.csv",
        "member,joined_on,name,phone,email,birthday,attribute.shoe,tags\n\
         K-1,2024-05-01,Nguyễn Thị An,0901 234 567,an@corner.example,1990-03-31,38,vip|staff\n\
         K-2,2025-01-15,\"Trần, Bình\",0912345678,,,,\n\
         K-3,2025-06-01,Chi,12,,,,\n",
    ),
    ("cards.csv", "member,card_number\nK-2,C-17\nK-2,C-18\n"),
    (
        "lots.csv",
        "member,wallet,points,earned_on,valid_until,usable_from,reference\n\
         K-1,beans,120.5,2025-04-01,2026-03-31,,T-9\n\
         K-1,beans,10,2026-02-01,,2026-04-01,\n\
         K-2,beans,40,2025-12-24,2026-12-31,,\n",
    ),
    ("tiers.csv", "member,ladder,tier,since,valid_until\nK-1,status,gold,2025-09-01,2026-08-31\n"),
    ("progress.csv", "member,ladder,day,counted\nK-1,status,2025-11-11,60.00\n"),
    ("vouchers.csv", "code,member,reward,valid_until,value\nOLD-7,K-2,coffee,2026-06-30,3.00\n"),
    ("gift_cards.csv", "code,balance\nGC-1,25.00\n"),
    (
        "consents.csv",
        "member,channel,purpose,status,at,text_version,source,evidence\n\
         K-1,email,marketing,granted,2024-05-01,v3,form,signed at the till\n\
         K-2,sms,marketing,withdrawn,2025-08-08T10:00:00Z,,stop,\n",
    ),
    ("balances.csv", "member,wallet,points\nK-1,beans,130.5\nK-2,beans,40\nK-3,beans,0\n"),
    (
        "totals.csv",
        "what,total\nmembers,3\npoints.beans,170.5\ncards,2\nvouchers,1\ngift_cards,1\ngift_card_value,25.00\nconsents,2\n",
    ),
];

struct Shop {
    store: Store,
    session: Session,
    in_force: Arc<InForce>,
    now: Timestamp,
    _place: (tempfile::TempDir, Option<Scratch>),
}

fn shops() -> Vec<Shop> {
    let mut places = vec![(tempfile::tempdir().unwrap(), None)];
    match std::env::var("PERENNIAL_TEST_POSTGRES") {
        Ok(server) => places.push((tempfile::tempdir().unwrap(), Some(Scratch::create(&server).unwrap()))),
        Err(_) => println!("PostgreSQL story not run"),
    }
    let open = |place: (tempfile::TempDir, Option<Scratch>)| {
        let url = match &place.1 {
            Some(scratch) => scratch.url(),
            None => place.0.path().join("state.db").display().to_string(),
        };
        let now: Timestamp = "2026-03-06T01:00:00Z".parse().unwrap();
        let store = Store::open(&url, now.as_microsecond()).unwrap();
        let mut session = store.sessions().open().unwrap();
        let files = BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]);
        let in_force = Arc::new(install(&mut session, &files, 7, now).unwrap());
        Shop { store, session, in_force, now, _place: place }
    };
    places.into_iter().map(open).collect()
}

impl Shop {
    fn options(&self) -> Options<'static> {
        Options { source: "old-pos", program: Some("corner"), now: self.now, actor: "owner" }
    }

    fn take_over(&mut self, folder: &Path) -> Result<super::Report, Stopped> {
        let mut drawn = 0x9e37_79b9_u128;
        let mut chance = || {
            drawn = drawn.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            drawn
        };
        let options = self.options();
        take_over(&mut self.session, &Rules::usual("VN"), folder, &options, &mut chance)
    }

    fn compare(&mut self, folder: &Path) -> (Vec<super::Difference>, u64) {
        let options = self.options();
        compare(&mut self.session, folder, &options).unwrap()
    }

    fn of(&self, key: &str) -> crate::people::show::Shown {
        let owners = self.session.read().owners_by_value("external_id", key).unwrap();
        show(&self.session.read(), &owners[0].1, self.now).unwrap()
    }

    /// Every row there is of what a take-over writes.
    fn rows(&self) -> String {
        ["K-1", "K-2", "K-3"].map(|key| serde_json::to_string(&self.of(key)).unwrap()).join("\n")
    }

    fn prove(&self) {
        let report =
            verify_record(&mut self.store.sessions().open().unwrap(), &self.in_force.program).unwrap();
        assert_eq!(report.findings, []);
        assert_eq!(self.store.verify().unwrap(), []);
    }
}

fn folder(change: impl Fn(&str, &str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), change(name, text)).unwrap();
    }
    folder
}

#[test]
fn a_program_goes_on_to_the_unit_and_a_second_time_changes_nothing() {
    for mut shop in shops() {
        let files = folder(|_, text| text.to_owned());
        let report = shop.take_over(files.path()).unwrap();
        assert_eq!((report.members, report.new, report.customers_new, report.compared), (3, 3, 3, 3));
        assert_eq!(report.left_out.len(), 1, "a number that is none: {:?}", report.left_out);
        assert_eq!((report.left_out[0].line, report.left_out[0].column.as_str()), (4, "phone"));
        let totals: Vec<String> = report
            .totals
            .iter()
            .map(|total| format!("{} {}={}", total.what, total.old, total.here))
            .collect();
        assert_eq!(
            totals,
            [
                "cards 2=2",
                "consents 2=2",
                "gift_card_value 25.00=25.00",
                "gift_cards 1=1",
                "members 3=3",
                "points.beans 170.5=170.5",
                "vouchers 1=1"
            ]
        );
        let ana = shop.of("K-1");
        let wallet = &ana.programs[0].wallets[0];
        assert_eq!((wallet.available, wallet.pending), (1205, 100));
        let (end, units) = wallet.next_expiry.unwrap();
        assert_eq!(
            (end.to_string().as_str(), units),
            ("2026-03-31T17:00:00Z", 1205),
            "through 31 March in Saigon"
        );
        let tier = &ana.programs[0].tiers[0];
        assert_eq!((tier.tier.as_str(), tier.since.to_string().as_str()), ("gold", "2025-09-01"));
        assert_eq!(tier.ends_on.unwrap().to_string(), "2026-09-01");
        assert_eq!(
            (ana.tags.len(), ana.attributes.len(), ana.consents.len(), ana.name.given.as_str()),
            (2, 1, 1, "An")
        );
        let binh = shop.of("K-2");
        assert_eq!(binh.programs[0].vouchers[0].code, "OLD-7");
        assert_eq!(binh.keys.iter().filter(|key| key.kind == "card_number").count(), 2);
        let proofs = shop.session.read().consents_of(&binh.customer).unwrap();
        assert_eq!(
            (proofs[0].text_version.as_str(), proofs[0].address.as_str()),
            ("unknown", "+84912345678")
        );
        let postings = shop.session.read().postings_of(&ana.customer, "corner").unwrap();
        assert!(postings.iter().all(|posting| posting.cause_kind == "opening"));
        assert_eq!(postings[0].cause_id, "T-9");
        shop.prove();

        let before = shop.rows();
        let again = shop.take_over(files.path()).unwrap();
        assert_eq!((again.new, again.unchanged, again.changed.len()), (0, 3, 0));
        assert_eq!(shop.rows(), before);
        let other = folder(|_, text| text.replace("120.5", "121.5"));
        let changed = shop.take_over(other.path()).unwrap();
        assert_eq!((changed.new, changed.unchanged, changed.changed), (0, 2, vec!["K-1".to_owned()]));
        assert_eq!(shop.rows(), before);

        // Both systems run side by side: an order that only one of them saw is a difference.
        assert_eq!(shop.compare(files.path()), (vec![], 3));
        let line = format!(
            r#"{{"type": "order", "id": "o-1", "member": "{}", "lines": [{{"id": "1", "product": "latte", "gross_minor": 450}}]}}"#,
            binh.customer
        );
        let mut recorder = Recorder::new(shop.store.sessions().open().unwrap(), shop.in_force.clone(), 99);
        let answers = recorder.record(shop.now, &[serde_json::from_str(&line).unwrap()]).unwrap();
        assert_eq!(answers[0].problems, []);
        let (differences, compared) = shop.compare(files.path());
        let said: Vec<String> = differences
            .iter()
            .map(|one| format!("{} {} {} {}", one.member, one.what, one.old, one.here))
            .collect();
        assert_eq!((compared, said[0].as_str()), (3, "K-2 points beans 40.0 44.0"));
        assert_eq!(
            shop.take_over(files.path()).unwrap().unchanged,
            3,
            "and a second import still changes nothing"
        );

        // The tier stands until its end, and what counts then is what was taken over and what came since.
        shop.now += SignedDuration::from_hours(24 * 190);
        recorder.tick(shop.now, 100).unwrap();
        let tier = shop.of("K-1").programs[0].tiers[0].clone();
        assert_eq!((tier.tier.as_str(), tier.since.to_string().as_str()), ("green", "2026-09-01"));
        assert_eq!(shop.of("K-1").programs[0].wallets[0].available, 100, "one lot ran out, one began");
        shop.prove();
    }
}

#[test]
fn what_cannot_be_is_refused_with_its_place_and_nothing_is_half_done() {
    for mut shop in shops() {
        for (file, from, to, expected) in [
            ("lots.csv", "K-2,beans", "K-9,beans", "lots.csv 4 member 'K-9': no such member in members.csv"),
            (
                "lots.csv",
                "K-2,beans",
                "K-2,stars",
                "lots.csv 4 wallet 'stars': the program has no such wallet; known: beans",
            ),
            (
                "lots.csv",
                "120.5",
                "120.55",
                "lots.csv 2 points '120.55': at most 1 digits after the point here",
            ),
            (
                "lots.csv",
                "2026-12-31",
                "2025-12-31",
                "lots.csv 4 valid_until '2025-12-31': this has ended already: leave the row out",
            ),
            (
                "lots.csv",
                "2025-12-24",
                "24/12/2025",
                "lots.csv 4 earned_on '24/12/2025': not a day: write 2026-03-31",
            ),
            (
                "lots.csv",
                "valid_until",
                "expires",
                "lots.csv 1 expires '': no such column here; known: member, wallet, points, earned_on, valid_until, usable_from, reference",
            ),
            ("members.csv", "K-3", "K-1", "members.csv 4 member 'K-1': this member is in line 2 already"),
            (
                "members.csv",
                "1990-03-31",
                "31.3.",
                "members.csv 2 birthday '31.3.': birthday '31.3.': write 1990-03-31, or 03-31 without the year",
            ),
            (
                "members.csv",
                "2024-05-01",
                "2027-05-01",
                "members.csv 2 joined_on '2027-05-01': this day has not come: today is 2026-03-06",
            ),
            (
                "tiers.csv",
                "gold",
                "diamond",
                "tiers.csv 2 tier 'diamond': the ladder has no such tier; known: green, gold",
            ),
            (
                "consents.csv",
                "granted",
                "yes",
                "consents.csv 2 status 'yes': a consent is granted, denied, withdrawn or pending; silence is none",
            ),
            (
                "vouchers.csv",
                "coffee",
                "tea",
                "vouchers.csv 2 reward 'tea': the program has no such reward; known: coffee, card",
            ),
        ] {
            let files =
                folder(|name, text| if name == file { text.replace(from, to) } else { text.to_owned() });
            let Err(Stopped::Problems(problems)) = shop.take_over(files.path()) else { panic!("{expected}") };
            let one = &problems[0];
            assert_eq!(
                format!("{} {} {} '{}': {}", one.file, one.line, one.column, one.value, one.reason),
                expected
            );
        }
        // A card that two have is nobody's.
        let files = folder(|name, text| match name {
            "cards.csv" => text.replace("K-2,C-18", "K-3,C-17"),
            _ => text.to_owned(),
        });
        let Err(Stopped::Problems(problems)) = shop.take_over(files.path()) else {
            panic!("one card, two members")
        };
        let one = &problems[0];
        assert_eq!((one.file.as_str(), one.line, one.value.as_str()), ("cards.csv", 3, "C-17"));
        // What is well written and not what the old system says is refused as well, and undone.
        let files =
            folder(
                |name, text| {
                    if name == "balances.csv" { text.replace("130.5", "130.4") } else { text.to_owned() }
                },
            );
        let Err(Stopped::Differences(differences)) = shop.take_over(files.path()) else {
            panic!("a unit is missing")
        };
        assert_eq!((differences[0].old.as_str(), differences[0].here.as_str()), ("130.4", "130.5"));
        let files =
            folder(
                |name, text| {
                    if name == "totals.csv" { text.replace("170.5", "170.6") } else { text.to_owned() }
                },
            );
        assert!(matches!(shop.take_over(files.path()), Err(Stopped::Differences(_))));
        assert_eq!(shop.store.count_customers().unwrap(), 0);
        // Wherever storage fails, all of it is done or nothing.
        let files = folder(|_, text| text.to_owned());
        for statements in (0..200).step_by(7) {
            shop.session.fail_after(Some(statements));
            let failed = shop.take_over(files.path()).is_err();
            shop.session.fail_after(None);
            let expected = if failed { 0 } else { 3 };
            assert_eq!(shop.store.count_customers().unwrap(), expected, "after {statements} statements");
            if !failed {
                break;
            }
        }
        assert_eq!(shop.take_over(files.path()).unwrap().members, 3);
        shop.prove();
    }
}

#[test]
fn whoever_is_known_is_found_and_whoever_was_erased_stays_so() {
    for mut shop in shops() {
        let mut drawn = 5;
        let mut chance = || {
            drawn += 1;
            drawn << 40
        };
        let mut acting = crate::people::Acting {
            now: shop.now,
            actor: &crate::staff::actor::Actor::shell(),
            source: "web",
            chance: &mut chance,
        };
        let asked = crate::people::enrol::Enrolment {
            keys: vec![("phone".into(), "0901234567".into())],
            programs: Some(vec![]),
            ..Default::default()
        };
        let ana = crate::people::enrol::enrol(&mut shop.session, &Rules::usual("VN"), &asked, &mut acting)
            .unwrap()
            .customer;
        let files = folder(|_, text| text.to_owned());
        let report = shop.take_over(files.path()).unwrap();
        assert_eq!((report.new, report.customers_new), (3, 2));
        assert_eq!(shop.of("K-1").customer, ana);
        let found =
            crate::people::find::find(&shop.session.read(), &Rules::usual("VN"), "nguyen an", 5).unwrap();
        assert_eq!(found[0].customer, ana);

        let mut acting = crate::people::Acting {
            now: shop.now,
            actor: &crate::staff::actor::Actor::shell(),
            source: "web",
            chance: &mut chance,
        };
        crate::people::erasure::erase(&mut shop.session, &ana, &[], &mut acting).unwrap();
        let again = shop.take_over(files.path()).unwrap();
        assert_eq!((again.erased, again.unchanged, again.new), (1, 2, 0));
        assert_eq!(shop.compare(files.path()).0, []);
        shop.prove();
    }
}
