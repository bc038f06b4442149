//! Who is who, what they agreed to, and what must be done for them: one story on every kind of database.

use super::super::answer::Outcome;
use super::super::identity::duplicates::likely;
use super::super::identity::kinds::Rules;
use super::super::identity::resolve::{Sighting, end_identifier};
use super::super::identity::search::{Profile, find, words};
use super::super::program::install;
use super::super::recorder::Recorder;
use super::super::schedule::Worker;
use super::super::verify::verify_record;
use super::super::work::{PAUSES, Problem, schedule, work};
use super::shop::{PROGRAM, Shop, commands, files, join, order, places, writer};
use jiff::SignedDuration;
use std::sync::Arc;
use store::{Failure, Queue, Session};

fn seen(keys: &str) -> Sighting {
    let pair = |text: &str| {
        let (kind, value) = text.split_once('=').unwrap();
        (kind.to_owned(), value.to_owned())
    };
    Sighting { source: "till".into(), keys: keys.split(' ').map(pair).collect() }
}

/// Who was seen; made where new.
fn who(shop: &mut Shop, keys: &str) -> String {
    let mut chance = u128::from(super::shop::writer());
    let mut dice = move || {
        chance += 1;
        chance << 40
    };
    let now = shop.now;
    let found = shop.recorder.identify(now, &Rules::usual("VN"), &[seen(keys)], &mut dice).unwrap();
    found[0].customer.clone().unwrap()
}

#[test]
fn a_browser_becomes_a_person_and_the_points_follow() {
    for place in places() {
        let mut shop = Shop::open(place);
        let browser = who(&mut shop, "anonymous_id=b-1");
        shop.record(&format!("{}\n{}", join(&browser), order("o-1", &browser, 1000)));
        let ana = who(&mut shop, "phone=0168.123.4567 external_id=K-7");
        assert_ne!(browser, ana);
        assert_eq!(who(&mut shop, "phone=+84381234567"), ana, "the number of 2017 and that of today");
        // The browser is seen with the telephone: they are one, and the points are hers.
        assert_eq!(who(&mut shop, "anonymous_id=b-1 phone=0381234567"), ana);
        assert_eq!((shop.balance(&ana).0, shop.balance(&browser).0), (60, 0));
        assert_eq!(who(&mut shop, "anonymous_id=b-1"), ana);
        let log = shop.recorder.session().read().merges_of(&ana).unwrap();
        assert_eq!(
            (log.len(), log[0].from_id.as_str(), log[0].merged_by.as_str()),
            (1, browser.as_str(), "identity")
        );

        // They were two after all.
        let now = shop.now;
        assert_eq!(shop.recorder.unmerge_customers(now, &browser, "staff:7").unwrap().outcome, Outcome::Done);
        assert_eq!(
            shop.recorder.unmerge_customers(now, &browser, "staff:7").unwrap().code(),
            Some("not_merged")
        );
        assert_eq!((shop.balance(&ana).0, shop.balance(&browser).0), (0, 60));
        assert_eq!(who(&mut shop, "anonymous_id=b-1"), browser);
        shop.prove();
    }
}

#[test]
fn whoever_becomes_one_becomes_one_in_every_program() {
    for place in places() {
        let mut shop = Shop::open(place);
        let mut session = shop.sessions.open().unwrap();
        let second = files(&PROGRAM.replace("id = \"corner\"", "id = \"second\""));
        let second = Arc::new(install(&mut session, &second, 7, shop.now).unwrap());
        let mut beside = Recorder::new(session, second.clone(), writer());
        let browser = who(&mut shop, "anonymous_id=b-1");
        let told = commands(&format!("{}\n{}", join(&browser), order("o-1", &browser, 1000)));
        shop.try_record(&told).unwrap();
        beside.record(shop.now, &told).unwrap();
        let ana = who(&mut shop, "phone=0901234567");
        let in_second = |shop: &Shop, id: &str| {
            let reading = shop.recorder.session().read();
            reading.accounts_of(id, "second").unwrap().first().map_or(0, |row| row.available)
        };

        assert_eq!(who(&mut shop, "anonymous_id=b-1 phone=0901234567"), ana);
        assert_eq!((shop.balance(&ana).0, in_second(&shop, &ana)), (60, 60));
        let now = shop.now;
        assert_eq!(shop.recorder.unmerge_customers(now, &browser, "staff:7").unwrap().outcome, Outcome::Done);
        assert_eq!((shop.balance(&browser).0, in_second(&shop, &browser)), (60, 60));
        let again = shop.recorder.merge_customers(now, (&browser, &ana), "same card", "staff:7", 7 << 40);
        assert_eq!(again.unwrap().outcome, Outcome::Done);
        assert_eq!((shop.balance(&ana).0, in_second(&shop, &ana)), (60, 60));
        shop.prove();
        let report = verify_record(&mut shop.sessions.open().unwrap(), &second.program).unwrap();
        assert_eq!(report.findings, []);
    }
}

#[test]
fn a_number_given_up_shows_nothing_of_its_former_owner() {
    for place in places() {
        let mut shop = Shop::open(place);
        let ana = who(&mut shop, "phone=0901234567 card_number=17");
        shop.record(&format!("{}\n{}", join(&ana), order("o-1", &ana, 1000)));
        let key = Rules::usual("VN").normalise("till", "phone", "0901234567").unwrap();
        let mut session = shop.sessions.open().unwrap();
        let ended = |session: &mut Session, now| {
            session.write(|writing| end_identifier(writing, &ana, &key, "number given up", now))
        };
        assert!(ended(&mut session, shop.now).unwrap());
        assert!(!ended(&mut session, shop.now).unwrap());
        drop(session);
        let binh = who(&mut shop, "phone=0901234567");
        assert_ne!(binh, ana);
        shop.record(&join(&binh));
        assert_eq!((shop.balance(&binh).0, shop.balance(&ana).0), (0, 60));
        assert_eq!(who(&mut shop, "card_number=17"), ana);
        shop.prove();
    }
}

#[test]
fn staff_merge_what_the_list_of_duplicates_shows() {
    for place in places() {
        let mut shop = Shop::open(place);
        let people: Vec<(String, Profile)> = [
            ("Nguyễn Thị Đào", "0901234567"),
            ("dao nguyen thi", "0901234576"),
            ("Trần Văn Bình", "0912345678"),
            ("王小明", "13800138000"),
        ]
        .into_iter()
        .map(|(name, phone)| {
            let rules = Rules::usual(if name == "王小明" { "CN" } else { "VN" });
            let key = rules.normalise("till", "phone", phone).unwrap();
            let id = who(&mut shop, &format!("phone={}", key.value));
            (id, Profile { name: name.to_owned(), birthday: None, keys: vec![key] })
        })
        .collect();
        let mut session = shop.sessions.open().unwrap();
        let kept: Result<(), Failure> = session.write(|writing| {
            people.iter().try_for_each(|(id, profile)| writing.put_search_words(id, &words(profile)))
        });
        kept.unwrap();
        let reading = session.read();
        for (text, expected) in [
            ("đào", vec![0, 1]),
            ("NGUYEN dao", vec![0, 1]),
            ("nguyễn bình", vec![]),
            ("0912 345 678", vec![]),
            ("0912345678", vec![2]),
            ("5678", vec![2]),
            ("小明", vec![3]),
            ("binh", vec![2]),
            ("", vec![]),
        ] {
            let mut expected: Vec<String> =
                expected.into_iter().map(|at: usize| people[at].0.clone()).collect();
            expected.sort();
            assert_eq!(find(&reading, text, 10).unwrap(), expected, "{text}");
        }
        let place_of = |id: &String| people.iter().position(|(known, _)| known == id).unwrap();
        let pairs: Vec<(usize, usize)> = (reading.sharing_words("f:", 100).unwrap().iter())
            .map(|(a, b, _)| (place_of(a), place_of(b)))
            .collect();
        let likely = likely(&people, &pairs);
        assert_eq!((likely.len(), likely[0].evidence.len()), (1, 2));
        drop(session);

        let (a, b) = (people[0].0.clone(), people[1].0.clone());
        shop.record(&format!("{}\n{}", join(&b), order("o-1", &b, 1000)));
        let now = shop.now;
        let merged =
            shop.recorder.merge_customers(now, (&b, &a), "one name, one digit", "staff:7", 99).unwrap();
        assert_eq!(merged.outcome, Outcome::Done);
        assert_eq!(shop.balance(&a).0, 60, "who was no member became one");
        let again = shop.recorder.merge_customers(now, (&b, &a), "again", "staff:7", 100).unwrap();
        assert_eq!(again.code(), Some("same_member"));
        shop.prove();
    }
}

#[test]
fn of_a_person_who_is_erased_nothing_is_left_and_the_ledger_is_whole() {
    for place in places() {
        let mut shop = Shop::open(place);
        let ana = who(&mut shop, "phone=0901234567 external_id=K-7");
        let browser = who(&mut shop, "anonymous_id=b-1");
        shop.record(&format!("{}\n{}", join(&ana), order("o-1", &ana, 1000)));
        let now = shop.now;
        shop.recorder.merge_customers(now, (&browser, &ana), "one browser", "staff:7", 5).unwrap();
        let mut session = shop.sessions.open().unwrap();
        let key = Rules::usual("VN").normalise("till", "phone", "0901234567").unwrap();
        let profile = Profile { name: "Nguyễn Thị An".into(), birthday: None, keys: vec![key.clone()] };
        let consent = store::ConsentRow {
            customer_id: ana.clone(),
            consent_id: "c-1".into(),
            address: "+84901234567".into(),
            channel: "sms".into(),
            purpose: "marketing".into(),
            status: "granted".into(),
            legal_basis: "consent".into(),
            jurisdiction: "vn".into(),
            text_version: "2".into(),
            language: "vi".into(),
            source: "till".into(),
            actor: "ana".into(),
            evidence: "{}".into(),
            happened_at: now.as_microsecond(),
            recorded_at: now.as_microsecond(),
            expires_at: None,
            confirms: None,
        };
        let kept: Result<(), Failure> = session.write(|writing| {
            writing.put_search_words(&ana, &words(&profile))?;
            writing.set_tag(&ana, "vip", true, now.as_microsecond())?;
            let shoe =
                store::AttributeKind { name: "shoe".into(), kind: "number".into(), is_sensitive: false };
            writing.put_attribute(&ana, "shoe", &shoe, "38", now.as_microsecond())?;
            writing.put_lifecycle(&ana, now.as_microsecond(), "new", "first order")?;
            writing.insert_consents(&[consent])?;
            end_identifier(writing, &ana, &key, "number given up", now).map(drop)
        });
        kept.unwrap();
        let reading = session.read();
        assert_eq!(reading.tags_of(&ana).unwrap(), ["vip"]);
        assert_eq!(reading.attributes_of(&ana).unwrap().len(), 1);
        assert_eq!(reading.consents_for("+84901234567", "sms").unwrap().len(), 1);
        shop.erase(&ana);
        let reading = session.read();
        assert_eq!(find(&reading, "nguyen an", 10).unwrap(), Vec::<String>::new());
        assert_eq!(
            (reading.tags_of(&ana).unwrap().len(), reading.attributes_of(&ana).unwrap().len()),
            (0, 0)
        );
        assert_eq!(reading.keys_of_customer(&ana).unwrap(), []);
        let consents = reading.consents_of(&ana).unwrap();
        assert_eq!((consents[0].address.as_str(), consents[0].status.as_str()), ("", "granted"));
        assert_eq!(reading.merges_of(&ana).unwrap()[0].keys, "[]");
        assert_eq!(reading.lifecycle_of(&ana).unwrap().len(), 1, "statistics stay as they were");
        assert_eq!(shop.balance(&ana).0, 60);
        shop.prove();
    }
}

#[test]
fn work_is_leased_tried_again_and_laid_aside() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
        let (mut one, mut two) = (shop.sessions.open().unwrap(), shop.sessions.open().unwrap());
        let patience = SignedDuration::from_secs(60);
        let waiting = one.read().waiting(Queue::Outbox).unwrap();
        assert_eq!(waiting, 3, "a message for the joining and for each posting");
        // What one has leased the other does not get, until the lease ends.
        let (at, until) = (shop.now.as_microsecond(), (shop.now + patience).as_microsecond());
        let leased = one.write(|writing| writing.lease(Queue::Outbox, "one", at, until, 10)).unwrap();
        assert_eq!(leased.len(), 3);
        let lease = |session: &mut Session, worker: &str, at: i64| {
            session
                .write(|writing| writing.lease(Queue::Outbox, worker, at, at + 60_000_000, 10))
                .unwrap()
                .len()
        };
        assert_eq!(lease(&mut two, "two", at), 0);
        let id = leased[0].message.message_id.clone();
        let beats = one.write(|writing| writing.renew(Queue::Outbox, &id, "one", at, until + 1)).unwrap();
        assert!(beats);
        assert_eq!(lease(&mut two, "two", until), 2, "those whose lease has ended");
        let late: Result<bool, Failure> =
            one.write(|writing| writing.finish(Queue::Outbox, &leased[1].message.message_id, "one"));
        assert!(!late.unwrap(), "it is no longer this worker's");

        // A message that never arrives is tried ten times and then laid aside, to be replayed.
        shop.now += SignedDuration::from_hours(1);
        let (mut tried, worker) = (0, Worker { name: "two", patience });
        for _ in 0..=PAUSES.len() {
            let mut act = |_: &store::Leased| {
                tried += 1;
                Err(Problem { what: "503".into(), is_final: false })
            };
            work(&mut two, (Queue::Outbox, ""), worker, shop.now, 10, &mut act).unwrap();
            shop.now += SignedDuration::from_hours(30);
        }
        let dead = two.read().dead_letters(Queue::Outbox, 10).unwrap();
        assert_eq!(dead.iter().map(|letter| letter.problem.as_str()).collect::<Vec<_>>(), ["503"; 3]);
        assert!((24..=30).contains(&tried), "{tried}");
        let revived = |session: &mut Session, now: i64| {
            session.write(|writing| writing.revive(Queue::Outbox, &id, now)).unwrap()
        };
        assert_eq!([revived(&mut two, at), revived(&mut two, at)], [true, false]);
        let done = work(&mut two, (Queue::Outbox, ""), worker, shop.now, 10, &mut |_| Ok(())).unwrap();
        assert_eq!((done, two.read().waiting(Queue::Outbox).unwrap()), (1, 0));
    }
}

#[test]
fn a_schedule_runs_once_a_slot_however_late_and_by_however_many() {
    for place in places() {
        let shop = Shop::open(place);
        let (mut one, mut two) = (shop.sessions.open().unwrap(), shop.sessions.open().unwrap());
        let every = SignedDuration::from_hours(1);
        let now = shop.now;
        assert_eq!(schedule(&mut one, "expiry", every, now).unwrap(), Some(now));
        assert_eq!(schedule(&mut two, "expiry", every, now).unwrap(), None, "on another machine");
        assert_eq!(
            schedule(&mut one, "expiry", every, now + SignedDuration::from_mins(59)).unwrap(),
            None,
            "twice"
        );
        let late = now + SignedDuration::from_mins(60 * 30 + 7);
        let slot = schedule(&mut two, "expiry", every, late).unwrap();
        assert_eq!(slot, Some(now + SignedDuration::from_hours(30)), "late: once, for the last slot");
        assert_eq!(schedule(&mut one, "expiry", every, late).unwrap(), None);
        assert_eq!(schedule(&mut one, "expiry", every, now).unwrap(), None, "the clock stepped back");
        assert_eq!(one.read().waiting(Queue::Jobs).unwrap(), 2);
    }
}
