//! One story of a shop's state, told on SQLite always and on PostgreSQL where `PERENNIAL_TEST_POSTGRES` names a
//! server: it must end the same way on each.

use domain::fact::Table;
use domain::port::{Prepared, PreparedTable};
use domain::{Id, Kind};
use serde_json::json;
use std::io::Write;
use store::{
    CampaignMember, CampaignResult, Disclosure, Error, Failure, FeedbackText, ImportFile, ImportState,
    NewImport, PersonField, Scratch, Store,
};

const NOW: i64 = 1_761_955_200_000_000;

fn on_each(story: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    story(&folder.path().join("state.sqlite").display().to_string());
    match std::env::var("PERENNIAL_TEST_POSTGRES") {
        Ok(server) => {
            let scratch = Scratch::create(&server).unwrap();
            story(&scratch.url());
        }
        // Past the harness, which keeps what tests that pass have printed.
        Err(_) => std::io::stderr().write_all(b"PostgreSQL story not run\n").unwrap(),
    }
}

fn dice() -> impl FnMut() -> u128 {
    let mut state = 7u128;
    move || {
        state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
        state
    }
}

fn import(number: u128) -> NewImport {
    NewImport {
        id: Id::from_body(Kind::Import, number),
        kind: "orders".into(),
        source: "till".into(),
        files: vec![ImportFile { name: "đơn hàng.csv".into(), bytes: 12, hash: format!("hash-{number}") }],
        mapping: json!({ "customer": "Mã KH" }),
        detected: json!({}),
    }
}

fn plan(id: Id) -> Prepared {
    let table = PreparedTable {
        table: Table::Lines,
        rows_new: 3,
        rows_known: 1,
        contradictions: vec![2],
        actions: "[]".into(),
    };
    Prepared { import: id, tables: vec![table] }
}

#[test]
fn customers_imports_and_people() {
    on_each(|url| {
        let mut store = Store::open(url, NOW).unwrap();
        assert_eq!(store.verify().unwrap(), []);
        let mut chance = dice();

        // Thousands of keys at once, some twice, some known, in no order.
        let keys: Vec<String> = (0..9_000).map(|key| format!("khách-{}", key * 7 % 6_000)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let first = store.resolve("till", "external_id", &keys[..100], NOW, &mut chance).unwrap();
        let all = store.resolve("till", "external_id", &keys, NOW + 1, &mut chance).unwrap();
        assert_eq!((&all[..100], store.count_customers().unwrap()), (&first[..], 6_000));
        assert_eq!(all[..3_000], all[6_000..], "the same key is the same customer");
        let ana = all[0];
        let owners =
            store.add_identifiers("web", "email", &[(ana, "ana@corner.example"), (all[1], "b@c.d")]).unwrap();
        assert_eq!(owners, [ana, all[1]]);
        assert_eq!(store.add_identifiers("till", "email", &[(all[2], "b@c.d")]).unwrap(), [all[1]]);
        assert_eq!(store.find_customers("email", "ana@corner.example").unwrap(), [(String::new(), ana)]);
        let kinds: Vec<Vec<String>> = store
            .keys_of(&[all[1], ana, all[7]])
            .unwrap()
            .into_iter()
            .map(|keys| keys.into_iter().map(|key| key.kind).collect())
            .collect();
        assert_eq!(kinds, [vec!["external_id", "email"], vec!["external_id", "email"], vec!["external_id"]]);
        let mut walked = Vec::new();
        store.for_each_key(|id, _, _, _| walked.push(id)).unwrap();
        assert!(walked.is_sorted() && walked.len() == 6_002);

        let begun = store.start_import(&import(1), NOW).unwrap();
        assert_eq!((begun.state, begun.files[0].name.as_str()), (ImportState::Started, "đơn hàng.csv"));
        let said =
            |customer, field: &'static str, value: &'static str| PersonField { customer, field, value };
        let fields = [
            said(ana, "name", "Ana"),
            said(ana, "name", "Nguyễn Thị An"),
            said(all[1], "custom.Ghi chú", "x"),
        ];
        assert_eq!(store.record_people("till", begun.id, NOW, &fields).unwrap(), 3);
        assert_eq!(store.find_person(ana).unwrap()[0].value, "Nguyễn Thị An", "the last word wins");
        let text = FeedbackText { row_key: 10, part: "text", customer: Some(ana), text: "cà phê ngon" };
        assert_eq!(store.record_feedback("till", begun.id, NOW, &[text, text]).unwrap(), 1);
        store.prepare_import(&plan(begun.id), &json!({ "rows": 4 })).unwrap();
        assert_eq!(store.unfinished_imports().unwrap(), [plan(begun.id)]);
        for version in [4, 2] {
            store.complete_import(begun.id, &[(Table::Lines, version)], NOW + 5).unwrap();
        }
        assert_eq!(store.lake_versions().unwrap(), [(Table::Lines, 4)]);
        let refused = store.refuse_import(begun.id, &json!({}), NOW).unwrap_err();
        assert!(refused.to_string().ends_with("is done: it cannot be refused"), "{refused}");
        assert_eq!(store.imports_of_file("hash-1").unwrap(), [begun.id]);
        assert_eq!(store.list_imports().unwrap().len(), 1);

        store.save_setting("currency", "USD", NOW).unwrap();
        store.save_setting("currency", "VND", NOW).unwrap();
        assert_eq!(store.find_setting("currency").unwrap().as_deref(), Some("VND"));
        store.save_mapping("till", "customer = 1", NOW).unwrap();
        assert_eq!(store.list_mappings().unwrap().len(), 1);

        store.erase_customer(ana, NOW + 9, &mut chance).unwrap();
        assert_eq!(store.find_person(ana).unwrap(), []);
        assert_eq!(store.find_feedback("till", 10).unwrap()[0].text, "");
        let again = store.resolve("till", "external_id", &keys[..1], NOW + 10, &mut chance).unwrap();
        assert_eq!(again, [ana], "an old file does not bring a person back under a new id");
        assert_eq!(store.verify().unwrap(), []);

        // A reader sees it all and may change nothing.
        let mut reader = Store::open_read_only(url).unwrap();
        assert_eq!(reader.count_customers().unwrap(), 5_999);
        let failure = reader.save_setting("currency", "EUR", NOW).unwrap_err();
        assert!(matches!(failure, Error::Failure(Failure::ReadOnly { .. })), "{failure}");
        drop((reader, store));

        // Opened again, nothing migrates and everything is there.
        let store = Store::open(url, NOW + 20).unwrap();
        assert_eq!(store.find_setting("currency").unwrap().as_deref(), Some("VND"));
        assert_eq!(store.verify().unwrap(), []);
    });
}

#[test]
fn identifiers_are_counted_wherever_they_go() {
    let rule = "every identifier that was given and not taken back is there";
    on_each(|url| {
        let mut store = Store::open(url, NOW).unwrap();
        let ids = store.resolve("till", "external_id", &["1", "2", "3"], NOW, &mut dice()).unwrap();
        let (ana, binh) = (ids[0].to_string(), ids[1].to_string());
        store
            .add_identifiers("", "email", &[(ids[0], "a@x.y"), (ids[0], "b@x.y"), (ids[1], "c@x.y")])
            .unwrap();
        let key = |kind: &str, source: &str, value: &str| store::Identifier {
            kind: kind.into(),
            source: source.into(),
            value: value.into(),
        };
        let card = key("card_number", "till", "C-17");
        let mut session = store.sessions().open().unwrap();
        let done: Result<(), Failure> = session.write(|writing| {
            let new = Id::new(Kind::Customer, 2_000_000_000_000, 7).to_string();
            let keys = [(new.clone(), key("phone", "", "+84901234567")), (ana.clone(), card.clone())];
            writing.insert_customers(&[new], &keys, NOW)?;
            writing.move_keys(&[key("email", "", "b@x.y"), card.clone()], &ana, &binh)?;
            let former = store::FormerKey {
                customer_id: binh.clone(),
                key: card,
                reason: "lost".into(),
                ended_at: NOW,
            };
            writing.end_key(&former).map(drop)
        });
        done.unwrap();
        assert_eq!(store.verify().unwrap(), []);
        let nobody: Result<(), Failure> =
            session.write(|writing| writing.insert_keys(&[("cus_x".into(), key("phone", "", "+1"))]));
        assert!(nobody.is_err(), "who is not there gets none");

        // One of two, and the only one.
        for (damage, whose) in [
            ("delete from identifier where value = 'a@x.y'", format!("{ana} has 1 of 2")),
            ("delete from identifier where value = '3'", format!("{} has 0 of 1", ids[2])),
        ] {
            session.damage(damage).unwrap();
            let found = store.verify().unwrap();
            let named = found.iter().any(|finding| finding.rule == rule && finding.what == whose);
            assert!(named, "{damage}: {found:?}");
        }
        store.erase_customer(ids[0], NOW, &mut dice()).unwrap();
        assert!(!store.verify().unwrap().iter().any(|finding| finding.what.starts_with(&ana)));
    });
}

/// PostgreSQL alone: SQLite has one writer.
#[test]
fn who_is_erased_meanwhile_is_given_nothing() {
    let Ok(server) = std::env::var("PERENNIAL_TEST_POSTGRES") else { return };
    let scratch = Scratch::create(&server).unwrap();
    let mut store = Store::open(&scratch.url(), NOW).unwrap();
    let ana = store.resolve("till", "external_id", &["1"], NOW, &mut dice()).unwrap()[0];
    let phone =
        store::Identifier { kind: "phone".into(), source: String::new(), value: "+84901234567".into() };
    let mut session = store.sessions().open().unwrap();
    let given: Result<(), Failure> = session.write(|writing| {
        assert_eq!(writing.find_customer(&ana.to_string())?.unwrap().erased_at, None);
        store.erase_customer(ana, NOW, &mut dice()).unwrap();
        writing.insert_keys(&[(ana.to_string(), phone.clone())])
    });
    assert!(matches!(given, Err(Failure::Conflict { .. })), "{given:?}");
    assert_eq!(store.find_customers("phone", &phone.value).unwrap(), []);
    assert_eq!(store.verify().unwrap(), []);
}

#[test]
fn an_erased_person_does_not_come_back_under_the_number_of_before_2018() {
    on_each(|url| {
        let mut store = Store::open(url, NOW).unwrap();
        // One was kept as a file of then wrote it, the other as it is dialled today.
        for (erased_as, comes_as) in [
            ("+841212345678", "+84792345678"),
            ("+84381234567", "+841681234567"),
            ("+84901234567", "+84901234567"),
        ] {
            let person = store.resolve("till", "phone", &[erased_as], NOW, &mut dice()).unwrap();
            store.erase_customer(person[0], NOW, &mut dice()).unwrap();
            let again = store.resolve("web", "phone", &[comes_as], NOW, &mut dice()).unwrap();
            assert_eq!(again, person, "{erased_as} {comes_as}");
            let key = store::Identifier { kind: "phone".into(), source: "".into(), value: comes_as.into() };
            let session = store.sessions().open().unwrap();
            let owners = session.read().erased_owners(&[key]).unwrap();
            assert_eq!(owners, [Some(person[0].to_string())]);
        }
        assert_eq!(store.count_customers().unwrap(), 0);
        // A card with the same digits is a card.
        let card = store.resolve("till", "card_number", &["+84792345678"], NOW, &mut dice()).unwrap();
        assert_eq!(store.count_customers().unwrap(), 1, "{card:?}");
        assert_eq!(store.verify().unwrap(), []);
    });
}

#[test]
fn what_fails_in_the_middle_leaves_nothing() {
    on_each(|url| {
        let store = Store::open(url, NOW).unwrap();
        let mut session = store.sessions().open().unwrap();
        let event = |id: &str| store::EventRow {
            event_id: id.into(),
            kind: "review".into(),
            source: "web".into(),
            customer_id: Some("cus".into()),
            happened_at: NOW,
            recorded_at: NOW,
            body: "{}".into(),
            about: format!("event:web/{id}"),
            part: String::new(),
        };
        for fuse in 0..5 {
            session.fail_after(Some(fuse));
            let answer: Result<(), Failure> = session.write(|writing| {
                writing.insert_events(&[event("1"), event("2")])?;
                writing.insert_events(&[event("3")]).map(drop)
            });
            session.fail_after(None);
            assert!(matches!(answer, Err(Failure::Io { .. })), "{fuse}: {answer:?}");
            assert_eq!(session.read().events_of("cus").unwrap(), [], "{fuse}");
        }
        // A key that is taken undoes its whole transaction.
        session.write(|writing| writing.insert_events(&[event("1")])).unwrap();
        let taken: Result<(), Failure> =
            session.write(|writing| writing.insert_events(&[event("0"), event("1"), event("2")]).map(drop));
        assert!(taken.is_err());
        assert_eq!(session.read().events_of("cus").unwrap(), [event("1")]);
    });
}

#[test]
fn the_log_has_each_fact_once_until_a_seal_is_done() {
    use store::LogPart;
    on_each(|url| {
        let store = Store::open(url, NOW).unwrap();
        let mut session = store.sessions().open().unwrap();
        let event = |id: &str, about: &str, part: &str| store::EventRow {
            event_id: id.into(),
            kind: "order".into(),
            source: "web".into(),
            customer_id: Some("cus".into()),
            happened_at: NOW,
            recorded_at: NOW,
            body: r#"{"id":"o","invoice":"INV-1"}"#.into(),
            about: about.into(),
            part: part.into(),
        };
        let facts = |session: &store::Session, part| {
            let mut ids = Vec::new();
            session
                .read()
                .log_facts(part, |row| {
                    ids.push(row.event_id);
                    Ok::<(), Failure>(())
                })
                .unwrap();
            ids
        };
        let rows = [
            event("3", "order:web/a", ""),
            event("2", "order:web/a", "return:r"),
            event("4", "order:web/b", ""),
            event("5", "order:web/c", ""),
        ];
        assert_eq!(session.write(|writing| writing.insert_events(&rows)).unwrap(), 4);
        // The same facts under other ids, as from a second program.
        let again = [event("6", "order:web/b", ""), event("7", "order:web/d", "")];
        assert_eq!(session.write(|writing| writing.insert_events(&again)).unwrap(), 1);
        assert_eq!(facts(&session, LogPart::Unsealed), ["3", "4", "5", "7"]);
        assert_eq!(session.read().log_changes(LogPart::Unsealed).unwrap(), ["order:web/a"]);
        let about = session.read().events_about(&["order:web/a", "order:web/x", "order:web/b"]).unwrap();
        let about: Vec<(usize, &str)> = about.iter().map(|(at, row)| (*at, row.event_id.as_str())).collect();
        assert_eq!(about, [(0, "3"), (0, "2"), (2, "4")]);
        assert_eq!(session.read().has_said(&["order:web/d", "order:web/x"], "").unwrap(), [true, false]);
        assert!(session.read().has_log().unwrap());

        // A seal of two takes the fact behind the change along, though it came under a later id.
        let lake_id = domain::Id::new(domain::Kind::Seal, 1, 1);
        let seal = session.write(|writing| writing.claim_seal(lake_id, 1, NOW)).unwrap().unwrap();
        assert_eq!((seal.seal_id, seal.events), (1, 2));
        assert_eq!(facts(&session, LogPart::Seal(1)), ["3"]);
        assert_eq!(facts(&session, LogPart::Unsealed), ["3", "4", "5", "7"]);
        assert_eq!(session.read().open_seal().unwrap(), Some(seal));
        let plan = domain::port::Prepared { import: lake_id, tables: Vec::new() };
        assert!(session.write(|writing| writing.prepare_seal(1, &plan)).unwrap());
        assert!(!session.write(|writing| writing.prepare_seal(1, &plan)).unwrap());
        assert_eq!(session.read().open_seal().unwrap().unwrap().prepared, Some(plan));
        let versions = [(domain::fact::Table::Lines, 4)];
        for _ in 0..2 {
            session.write(|writing| writing.complete_seal(1, &versions, NOW)).unwrap();
        }
        assert_eq!(session.read().open_seal().unwrap(), None);
        assert_eq!(session.read().lake_versions().unwrap(), versions);
        assert_eq!(facts(&session, LogPart::Unsealed), ["4", "5", "7"]);
        assert_eq!(session.read().lost_claims(9).unwrap(), [""; 0]);
        assert!(session.lock_lake().unwrap());

        // What is altered in place is noticed, and what is stripped by us is not altered.
        session.damage("update event set body = '{}' where event_id = '5'").unwrap();
        let altered: Vec<String> =
            session.read().altered_events(9).unwrap().into_iter().map(|row| row.event_id).collect();
        assert_eq!(altered, ["5"]);
        session
            .damage(r#"update event set body = '{"id":"o","invoice":"INV-1"}' where event_id = '5'"#)
            .unwrap();
        assert_eq!(session.read().altered_events(9).unwrap(), []);

        // The person goes from what was received, and the log stays.
        assert_eq!(session.forget_in_log("cus").unwrap(), 5);
        assert_eq!(session.forget_in_log("cus").unwrap(), 0);
        assert!(session.read().events_of("cus").unwrap().iter().all(|row| row.body == r#"{"id":"o"}"#));
        assert_eq!(session.read().altered_events(9).unwrap(), []);
    });
}

#[test]
fn a_snapshot_does_not_see_what_comes_later() {
    on_each(|url| {
        let store = Store::open(url, NOW).unwrap();
        let (mut reader, mut writer) = (store.sessions().open().unwrap(), store.sessions().open().unwrap());
        let put = |writer: &mut store::Session, value: i64| {
            writer.write(|writing| writing.put_counters("p", &[("n".to_owned(), value)])).unwrap();
        };
        put(&mut writer, 1);
        reader
            .snapshot(|reading| {
                assert_eq!(reading.list_counters("p")?, [("n".to_owned(), 1)]);
                put(&mut writer, 2);
                assert_eq!(reading.list_counters("p")?, [("n".to_owned(), 1)]);
                Ok::<(), Failure>(())
            })
            .unwrap();
        assert_eq!(reader.read().list_counters("p").unwrap(), [("n".to_owned(), 2)]);
    });
}

#[test]
fn segments_campaigns_and_what_left_the_house() {
    on_each(|url| {
        let mut store = Store::open(url, NOW).unwrap();
        assert_eq!(store.save_segment("late", "one", NOW).unwrap(), 1);
        assert_eq!(store.save_segment("late", "two", NOW).unwrap(), 2);
        assert_eq!(store.list_segments().unwrap(), [("late".to_owned(), 2, "two".to_owned())]);

        let keys: Vec<String> = (0..5_000).map(|key| format!("k-{key}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let ids = store.resolve("till", "external_id", &keys, NOW, &mut dice()).unwrap();
        let member = |at: usize, customer: &Id| CampaignMember {
            customer: *customer,
            arm: ["contact", "held_out", "left_out"][at % 3].to_owned(),
            reason: (at % 3 == 2).then(|| "no_consent".to_owned()),
            tier: None,
            store_id: Some("D1".to_owned()),
            wave: at.is_multiple_of(3).then_some(1),
        };
        let members: Vec<CampaignMember> = ids.iter().enumerate().map(|(at, id)| member(at, id)).collect();
        store.plan_campaign("win-back", "{}", "{}", NOW).unwrap();
        assert!(store.freeze_campaign("win-back", &members, "{}", NOW).unwrap());
        assert!(!store.freeze_campaign("win-back", &members, "{}", NOW).unwrap());
        let mut kept = 0;
        store
            .for_each_member("win-back", |member| {
                assert!(members.contains(&member) || kept > 50, "spot checks are enough");
                kept += 1;
            })
            .unwrap();
        assert_eq!(kept, 5_000);
        let mut busy = 0;
        store.for_each_in_open_campaigns("other", |_, _| busy += 1).unwrap();
        assert_eq!(busy, 3_334);

        let came: Vec<CampaignResult> = ids[..900]
            .iter()
            .map(|id| CampaignResult { customer: *id, outcome: "sent".to_owned(), happened_at: NOW })
            .collect();
        assert_eq!(store.record_results("win-back", &came, &[], "{}", NOW).unwrap(), 900);
        assert_eq!(store.record_results("win-back", &came, &[], "{}", NOW + 1).unwrap(), 0);
        let file = Disclosure {
            disclosure_id: "win-back/abc".to_owned(),
            campaign_id: "win-back".to_owned(),
            recipient: "vendor".to_owned(),
            purpose: "marketing".to_owned(),
            columns: "[\"phone\"]".to_owned(),
            rows: 1_667,
            checksum: "abc".to_owned(),
            disclosed_at: NOW,
        };
        assert!(store.disclose(&file, &ids[..1_667], "{}").unwrap());
        assert!(!store.disclose(&file, &ids[..1_667], "{}").unwrap());
        assert_eq!(store.disclosures_of("win-back").unwrap(), [file]);
        assert!(store.close_campaign("win-back", "{}", NOW).unwrap());
        assert_eq!(store.steps_of_campaign("win-back").unwrap().len(), 5);
        assert_eq!(store.list_campaigns().unwrap()[0].state, "closed");
    });
}
