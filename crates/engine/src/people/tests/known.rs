//! Enrolling, finding, cards, consents, merging, states.

use super::super::cards;
use super::super::consents::{self, Said, standings};
use super::super::enrol::{Enrolment, enrol};
use super::super::find::{duplicates, find};
use super::super::lifecycle::{stages, tend};
use super::super::merging::{merge, unmerge};
use super::super::profile::{self, Change};
use super::super::rules;
use super::super::show::show;
use super::super::{Refused, profit};
use super::{Shop, fields, pairs, refused, shops};
use crate::record::consent::{Asked, Standing};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use std::collections::HashMap;

#[test]
fn a_telephone_number_is_enough_and_is_asked_once() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901.234.567");
        assert_eq!((ana.is_new, ana.joined.as_slice()), (true, &["corner".to_owned()][..]));
        assert_eq!(ana.to_ask, ["name", "email", "birthday", "language"]);
        // Without a word about marketing there is no consent.
        assert_eq!(standings(&shop.session.read(), &ana.customer, shop.now).unwrap(), []);
        let again = shop.by("phone=+84901234567");
        assert_eq!(
            (again.customer.as_str(), again.is_new, again.joined.len()),
            (ana.customer.as_str(), false, 0)
        );

        // More is said another time: the name in any form, a second address, an attribute, a tag.
        let more = Enrolment {
            keys: pairs("phone=0901234567 email=Ana@Corner.Example"),
            profile: Change {
                fields: fields(&[("name", " Nguyễn  Thị Đào "), ("birthday", "1990-03-31")]),
                attributes: fields(&[("shoe", "38"), ("milk", "oat")]),
                tags: vec!["regular".into()],
                untag: vec![],
            },
            ..Enrolment::default()
        };
        let told = shop.enrol(&more);
        assert_eq!((told.customer.as_str(), told.name.as_str()), (ana.customer.as_str(), "Nguyễn Thị Đào"));
        assert_eq!(told.to_ask, ["language"]);
        let shown = show(&shop.session.read(), &ana.customer, shop.now).unwrap();
        assert_eq!((shown.name.family.as_str(), shown.name.given.as_str()), ("Nguyễn", "Đào"));
        assert_eq!((shown.tags.len(), shown.attributes.len(), shown.keys.len()), (1, 2, 2));
        for text in ["dao nguyen", "ĐÀO", "0901234567", "4567", "ana@corner.example", ana.customer.as_str()]
        {
            let found = find(&shop.session.read(), &shop.rules, text, 10).unwrap();
            assert_eq!(
                found.iter().map(|found| found.customer.as_str()).collect::<Vec<_>>(),
                [ana.customer.as_str()],
                "{text}"
            );
        }
        // An attribute is of one kind for everybody.
        let wrong = Change { attributes: fields(&[("shoe", "large")]), ..Change::default() };
        let answer = shop.act(|session, _, acting| profile::change(session, &ana.customer, &wrong, acting));
        assert!(refused(answer).to_string().contains("this attribute is a number"));
        let nobody = Enrolment { keys: pairs("phone=12 email=test@test.com"), ..Enrolment::default() };
        let answer = shop.act(|session, rules, acting| enrol(session, rules, &nobody, acting));
        assert!(matches!(refused(answer), Refused::NobodyKnown(said) if said.len() == 2));
        shop.prove();
    }
}

#[test]
fn who_came_by_an_import_is_found_once_the_words_are_written() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901234567").customer;
        let wiped: Result<(), store::Failure> = shop.session.write(|writing| {
            writing.say(&[(&ana, "name", "Trần Bình")], "file", 1).map_err(|error| match error {
                store::Error::Failure(failure) => failure,
                store::Error::Refused(refused) => panic!("{refused}"),
            })?;
            writing.put_search_words(&ana, &[])
        });
        wiped.unwrap();
        assert_eq!(find(&shop.session.read(), &shop.rules, "tran binh", 5).unwrap(), []);
        let index = |shop: &mut Shop| super::super::find::index(&mut shop.session).unwrap();
        assert_eq!((index(&mut shop), index(&mut shop)), (1, 0));
        assert_eq!(find(&shop.session.read(), &shop.rules, "tran binh", 5).unwrap()[0].customer, ana);
    }
}

#[test]
fn the_shops_own_number_and_its_tablet_are_nobody() {
    for mut shop in shops() {
        let change = rules::Change {
            block: vec!["028 3822 1234".into()],
            shared: vec!["zalo_id".into()],
            limits: vec![("card_number".into(), 2)],
            ..rules::Change::default()
        };
        let now = shop.now;
        shop.rules = shop.act(|session, _, _| {
            session.write(|writing| rules::change(writing, "VN", &change, now)).unwrap()
        });
        assert_eq!(rules::rules(&shop.session.read(), "US").unwrap(), shop.rules, "kept as a setting");
        let answer = shop.by("phone=+842838221234 card_number=17");
        assert_eq!(answer.left_out[0].0, "phone");
        let other = shop.by("card_number=18 zalo_id=tablet");
        let third = shop.by("card_number=19 zalo_id=tablet");
        assert_ne!(other.customer, third.customer);
        assert_eq!(third.left_out[0].0, "zalo_id");
        shop.prove();
    }
}

#[test]
fn likely_duplicates_are_listed_and_merging_takes_everything_along() {
    for mut shop in shops() {
        let named = |keys: &str, name: &str| Enrolment {
            keys: pairs(keys),
            profile: Change { fields: fields(&[("name", name)]), ..Change::default() },
            ..Enrolment::default()
        };
        let ana = shop.enrol(&named("phone=0901234567", "Nguyễn Thị Đào")).customer;
        let slip = shop.enrol(&named("phone=0901234576", "dao nguyen thi"));
        assert_eq!(slip.likely.len(), 1, "{:?}", slip.likely);
        assert_eq!(slip.likely[0].evidence.len(), 2, "one name, and a number with two digits exchanged");
        assert_eq!(duplicates(&shop.session.read(), 100).unwrap().len(), 1);
        let dao = slip.customer;
        shop.order("o-1", &dao, 1000);
        let merged = shop
            .act(|session, _, acting| merge(session, (&dao, &ana), "one name, one digit", acting))
            .unwrap();
        assert_eq!((merged.customer.as_str(), merged.programs.len()), (ana.as_str(), 1));
        assert_eq!(shop.balance(&ana), 10);
        // Whoever asks for the one that ended is led to the one that goes on.
        let shown = show(&shop.session.read(), &dao, shop.now).unwrap();
        assert_eq!((shown.customer.as_str(), shown.asked.as_deref()), (ana.as_str(), Some(dao.as_str())));
        assert_eq!((shown.keys.len(), shown.merges[0].evidence.as_str()), (2, "one name, one digit"));
        let found = find(&shop.session.read(), &shop.rules, "0901234576", 10).unwrap();
        assert_eq!(found[0].customer, ana);
        let again = shop.act(|session, _, acting| merge(session, (&dao, &ana), "", acting));
        assert!(matches!(refused(again), Refused::SameCustomer(..)));
        shop.prove();

        shop.act(|session, _, acting| unmerge(session, &dao, acting)).unwrap();
        assert_eq!((shop.balance(&ana), shop.balance(&dao)), (0, 10));
        assert_eq!(find(&shop.session.read(), &shop.rules, "0901234576", 10).unwrap()[0].customer, dao);
        let again = shop.act(|session, _, acting| unmerge(session, &dao, acting));
        assert_eq!(refused(again), Refused::NotMerged(dao));
        shop.prove();
    }
}

#[test]
fn a_lost_card_opens_nothing_and_a_recycled_number_shows_nothing() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901234567 card_number=C-17").customer;
        shop.order("o-1", &ana, 1000);
        shop.act(|session, rules, acting| {
            cards::lost(session, rules, &ana, ("card_number", "C-17"), Some("C-18"), acting)
        })
        .unwrap();
        let thief = Enrolment { keys: pairs("card_number=C-17"), ..Enrolment::default() };
        let answer = shop.act(|session, rules, acting| enrol(session, rules, &thief, acting));
        assert!(refused(answer).to_string().contains("reported lost"));
        assert_eq!(shop.by("card_number=C-18").customer, ana);
        shop.act(|session, rules, acting| {
            cards::found(session, rules, &ana, ("card_number", "C-17"), acting)
        })
        .unwrap();
        assert_eq!(shop.by("card_number=C-17").customer, ana, "both cards are hers");
        let taken = shop.act(|session, rules, acting| {
            let other = enrol(
                session,
                rules,
                &Enrolment { keys: pairs("phone=0912345678"), ..Enrolment::default() },
                acting,
            )?;
            cards::give(session, rules, &other.customer, ("card_number", "C-17"), acting)
        });
        assert!(matches!(refused(taken), Refused::Taken { owner, .. } if owner == ana));

        // The number belongs to somebody else now, who sees nothing of hers, and agreed to nothing.
        let yes = Said {
            channel: "sms".into(),
            purpose: "marketing".into(),
            status: "granted".into(),
            text_version: "2".into(),
            ..Said::default()
        };
        shop.act(|session, rules, acting| consents::say(session, rules, &ana, &yes, acting)).unwrap();
        let new = shop.enrol(&Enrolment {
            keys: pairs("phone=0901234567"),
            is_new_owner: true,
            ..Enrolment::default()
        });
        assert!(new.is_new && new.customer != ana);
        assert_eq!((shop.balance(&new.customer), shop.balance(&ana)), (0, 10));
        let asked = ("+84901234567", "sms", "marketing");
        let stands = consents::standing(&shop.session.read(), &new.customer, asked, shop.now).unwrap();
        assert_eq!(stands, Standing::Silent);
        assert_eq!(shop.by("card_number=C-18").customer, ana);
        shop.prove();
    }
}

#[test]
fn consents_are_proofs_and_a_double_opt_in_has_two_halves() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901234567 email=ana@corner.example").customer;
        let ask = Said {
            channel: "email".into(),
            purpose: "marketing".into(),
            status: "pending".into(),
            text_version: "2026-03".into(),
            language: "vi".into(),
            evidence: json!({"ip": "192.0.2.7"}),
            ..Said::default()
        };
        let request =
            shop.act(|session, rules, acting| consents::say(session, rules, &ana, &ask, acting)).unwrap();
        assert_eq!((request.address.as_str(), request.jurisdiction.as_str()), ("ana@corner.example", "vn"));
        let word = |shop: &Shop| standings(&shop.session.read(), &ana, shop.now).unwrap()[0].standing.clone();
        assert!(matches!(word(&shop), Standing::Pending { .. }));
        shop.later(1);
        let id = request.consent_id.clone();
        let proof = json!({"ip": "192.0.2.8"});
        let confirm = |shop: &mut Shop| {
            shop.act(|session, _, acting| consents::confirm(session, &ana, &id, &proof, acting))
        };
        let yes = confirm(&mut shop).unwrap();
        assert_eq!(
            (yes.confirms.as_deref(), yes.evidence.as_str()),
            (Some(id.as_str()), r#"{"ip":"192.0.2.8"}"#)
        );
        assert_eq!(confirm(&mut shop).unwrap(), yes, "once");
        assert!(matches!(word(&shop), Standing::Granted { .. }));
        shop.later(1);
        let stop = Said { status: "withdrawn".into(), ..ask.clone() };
        shop.act(|session, rules, acting| consents::say(session, rules, &ana, &stop, acting)).unwrap();
        assert!(matches!(word(&shop), Standing::Refused { .. }));
        assert_eq!(shop.session.read().consents_of(&ana).unwrap().len(), 3, "nothing is overwritten");
        let bare = Said { text_version: String::new(), ..ask };
        let answer = shop.act(|session, rules, acting| consents::say(session, rules, &ana, &bare, acting));
        assert!(matches!(refused(answer), Refused::NoConsent(_)));

        // A request on a Friday has its days.
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        shop.now = "2026-03-06T01:00:00Z".parse().unwrap();
        let row = shop
            .act(|session, rules, acting| {
                super::super::requests::receive(session, rules, &ana, Asked::Withdraw, &zone, acting)
            })
            .unwrap();
        assert_eq!(
            (row.answer_by.as_deref(), row.done_by.as_deref()),
            (Some("2026-03-10"), Some("2026-03-21"))
        );
        assert_eq!(shop.session.read().open_requests(10).unwrap().len(), 1);
        shop.act(|session, _, acting| super::super::requests::close(session, &row.request_id, true, acting))
            .unwrap();
        assert_eq!(shop.session.read().open_requests(10).unwrap(), []);
    }
}

#[test]
fn where_a_customer_stands_is_dated_by_their_own_clock() {
    for mut shop in shops() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let weekly = shop.by("phone=0901234567").customer;
        let monthly = shop.by("phone=0912345678").customer;
        for week in 0..12 {
            shop.order(&format!("w-{week}"), &weekly, 500);
            if week % 4 == 0 {
                shop.order(&format!("m-{week}"), &monthly, 500);
            }
            shop.later(7);
        }
        let tended = |shop: &mut Shop| {
            let now = shop.now;
            shop.act(|session, _, _| tend(session, &zone, &HashMap::new(), now)).unwrap()
        };
        let states = |shop: &Shop, id: &str| -> Vec<String> {
            stages(&shop.session.read(), id).unwrap().into_iter().map(|stage| stage.state).collect()
        };
        assert_eq!(tended(&mut shop).customers, 2);
        assert_eq!(states(&shop, &weekly)[..2], ["new", "active"]);
        assert_eq!(tended(&mut shop).changes.len(), 0, "on the same day nothing more");
        // Eight days of silence are long for one, twenty-nine are usual for the other.
        shop.later(1);
        tended(&mut shop);
        let late = states(&shop, &weekly);
        assert!(["at_risk", "lapsed"].contains(&late.last().unwrap().as_str()), "{late:?}");
        assert_eq!(states(&shop, &monthly).last().unwrap(), "active");
        shop.later(200);
        tended(&mut shop);
        assert_eq!(states(&shop, &weekly).last().unwrap(), "lapsed");
        let before = states(&shop, &weekly);
        shop.order("w-back", &weekly, 500);
        tended(&mut shop);
        let after = states(&shop, &weekly);
        assert_eq!(after[..before.len()], before[..], "what was written stays");
        assert_eq!(after.last().unwrap(), "won_back");
        shop.prove();
    }
}

#[test]
fn somebody_whose_past_came_by_file_is_known_since_it_began() {
    for mut shop in shops() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let (ana, binh) = (shop.by("phone=0901234567").customer, shop.by("phone=0912345678").customer);
        let written_at = shop.now;
        let began: Date = "2025-10-01".parse().unwrap();
        let history = HashMap::from([(ana.clone(), vec![began])]);
        shop.act(|session, _, _| tend(session, &zone, &history, written_at)).unwrap();
        let since = |shop: &Shop, id: &str| show(&shop.session.read(), id, shop.now).unwrap().known_since;
        assert_eq!(since(&shop, &ana).to_zoned(zone.clone()).date(), began);
        assert_eq!(since(&shop, &binh), written_at, "the beginning of the same day is no earlier day");
    }
}

#[test]
fn a_customer_is_worth_what_they_brought_less_what_they_cost() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901234567").customer;
        shop.order("o-1", &ana, 1000);
        shop.record(&format!(r#"{{"type": "redeem", "member": "{ana}", "id": "r-1", "reward": "coffee"}}"#));
        let now = shop.now;
        let settle_with = |shop: &mut Shop, before: Option<i64>| {
            let last_on = "2026-02-01".parse().unwrap();
            let imported = before.map(|kept_minor| profit::Imported { kept_minor, last_on });
            let ana = ana.clone();
            shop.act(|session, _, _| profit::settle(session, &ana, 400, imported, now.as_microsecond()))
                .unwrap()
        };
        let settle = |shop: &mut Shop| settle_with(shop, None);
        assert_eq!((settle(&mut shop), settle(&mut shop)), (2, 0));
        let charge = profit::Charge {
            customer: &ana,
            kind: "contact_cost",
            cause_kind: "message",
            cause_id: "m-1",
            on: "2026-03-06".parse().unwrap(),
            cost_minor: 3,
        };
        for expected in [true, false] {
            let is_new: Result<bool, store::Failure> =
                shop.session.write(|writing| profit::charge(writing, &charge, now.as_microsecond()));
            assert_eq!(is_new.unwrap(), expected);
        }
        shop.record(r#"{"type": "return", "id": "b-1", "order": "o-1", "lines": [{"line": "1", "amount_minor": 250}]}"#);
        assert_eq!(settle(&mut shop), 1, "a row for what came back");
        let sums = show(&shop.session.read(), &ana, shop.now).unwrap().profit;
        assert_eq!((sums.margin_minor, sums.reward_cost_minor, sums.contact_cost_minor), (300, -120, -3));
        assert_eq!(sums.profit_minor, 177);

        // What files told of before, once; a further file brings the difference.
        assert_eq!([Some(500), Some(500), Some(750)].map(|sum| settle_with(&mut shop, sum)), [1, 0, 1]);
        let again = profit::Charge { cause_id: "c-1", kind: "service_cost", cause_kind: "case", ..charge };
        let told =
            |shop: &mut Shop| shop.act(|session, _, acting| profit::charge_by(session, &again, acting));
        assert_eq!((told(&mut shop).unwrap(), told(&mut shop).unwrap()), (true, false));
        let sums = show(&shop.session.read(), &ana, shop.now).unwrap().profit;
        assert_eq!((sums.margin_minor, sums.service_cost_minor, sums.profit_minor), (600, -3, 474));
        shop.prove();
    }
}
