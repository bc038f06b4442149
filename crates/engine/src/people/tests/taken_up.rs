//! What is taken up for a customer, what they said, and what others were told about them.

use super::super::cases::{answer, find, of_customer, open, open_after};
use super::super::erasure::erase;
use super::super::export::export;
use super::super::feedback::{Feedback, hear};
use super::super::merging::{merge, try_merge, try_unmerge};
use super::super::{Refused, Stopped};
use super::{Shop, refused, shops};
use loyalty::program::Lang;

const SECRET: [u8; 32] = [7; 32];

#[test]
fn a_case_follows_its_customer_until_somebody_closes_it() {
    for mut shop in shops() {
        let (ana, binh) = (shop.by("phone=0901234567").customer, shop.by("phone=0907654321").customer);
        let taken = |shop: &mut Shop, id: &str, who: &str, about: &str| {
            shop.act(|session, _, acting| open(session, id, who, about, acting))
        };
        let first = taken(&mut shop, "case_1", &ana, " the soup was cold ").unwrap();
        assert_eq!((first.about.as_str(), first.customer.as_str()), ("the soup was cold", ana.as_str()));
        shop.later(1);
        assert_eq!(
            taken(&mut shop, "case_1", &ana, "in other words").unwrap(),
            first,
            "the same id, the same case"
        );
        taken(&mut shop, "case_2", &binh, "too loud").unwrap();
        taken(&mut shop, "case_3", &binh, "too quiet").unwrap();
        let pages = |shop: &Shop, after: Option<&str>| -> Vec<String> {
            let page = open_after(&shop.session.read(), after, 2).unwrap();
            page.into_iter().map(|case| case.id).collect()
        };
        assert_eq!(pages(&shop, None), ["case_1", "case_2"]);
        assert_eq!(pages(&shop, Some("case_2")), ["case_3"]);

        let answered = |shop: &mut Shop, id: &str, text: &str, is_closed: bool| {
            shop.act(|session, _, acting| answer(session, id, text, is_closed, acting))
        };
        assert_eq!(answered(&mut shop, "case_1", "called back", false).unwrap().notes.len(), 1);
        let closed = answered(&mut shop, "case_2", "", true).unwrap();
        assert_eq!((closed.notes.len(), closed.closed_by.as_deref()), (0, Some("staff:7")));
        for is_closed in [true, false] {
            let late = answered(&mut shop, "case_2", "and then", is_closed);
            assert_eq!(refused(late), Refused::ClosedCase("case_2".to_owned()));
        }
        assert_eq!(find(&shop.session.read(), "case_2").unwrap(), closed, "nothing was added");
        assert_eq!(pages(&shop, None), ["case_1", "case_3"]);

        // The two are one person: whoever they are today has all of them.
        shop.act(|session, _, acting| merge(session, (&ana, &binh), "said so", acting)).unwrap();
        let all: Vec<String> =
            of_customer(&shop.session.read(), &binh).unwrap().into_iter().map(|case| case.id).collect();
        assert_eq!(all, ["case_2", "case_3", "case_1"]);
        let open: Vec<String> =
            shop.store.with_open_cases().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(open, [binh.as_str()]);

        shop.act(|session, _, acting| erase(session, &binh, &[], acting)).unwrap();
        let left = find(&shop.session.read(), "case_1").unwrap();
        assert_eq!((left.about.as_str(), left.notes[0].text.as_str()), ("", ""));
        shop.prove();
    }
}

#[test]
fn feedback_is_heard_once_and_its_words_go_with_the_person() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901234567").customer;
        let heard = |shop: &mut Shop, id: &str, who: Option<&str>, words: &str| {
            let said = Feedback {
                id: id.into(),
                score_milli: Some(1000),
                score_max_milli: Some(5000),
                ..Feedback::default()
            };
            shop.act(|session, _, acting| hear(session, &SECRET, &said, who, None, words, acting))
        };
        for is_repeat in [false, true] {
            assert_eq!(heard(&mut shop, "f-1", Some(&ana), "cold soup").unwrap().is_repeat, is_repeat);
        }
        heard(&mut shop, "f-2", None, "too loud").unwrap();
        let nobody = heard(&mut shop, "f-3", Some("cus_00000000000000000000000000"), "");
        assert!(matches!(refused(nobody), Refused::UnknownCustomer(_)));
        let now = shop.now;
        let data = |shop: &Shop| export(&shop.session.read(), &ana, Lang::En, vec![], now);
        assert!(serde_json::to_string(&data(&shop).unwrap()).unwrap().contains("cold soup"));
        let words = |shop: &Shop| -> Vec<String> {
            let kept = shop.session.read().words_of(&ana).unwrap();
            kept.into_iter().map(|(_, kept)| kept.text).collect()
        };
        assert_eq!(words(&shop), ["cold soup"]);
        shop.act(|session, _, acting| erase(session, &ana, &[], acting)).unwrap();
        assert_eq!(words(&shop), [""]);
        let log = shop.session.read().events_of(&ana).unwrap();
        assert!(log.iter().any(|event| event.about == "feedback:till/f-1"), "that something was said stays");
        shop.prove();
    }
}

#[test]
fn what_others_were_told_of_a_customer_is_shown_newest_first() {
    for mut shop in shops() {
        let ana = shop.by("phone=0901234567").customer;
        shop.by("phone=0907654321");
        shop.later(1);
        shop.order("o-1", &ana, 1000);
        let told = |shop: &Shop, most: i64| -> Vec<String> {
            let rows = shop.session.read().newest_messages_of(&ana, most).unwrap();
            assert!(rows.iter().all(|row| row.customer_id.as_deref() == Some(ana.as_str())));
            assert!(rows.is_sorted_by(|one, next| one.created_at >= next.created_at));
            rows.into_iter().map(|row| row.topic).collect()
        };
        let all = told(&shop, 50);
        assert_eq!(all.last().map(String::as_str), Some("customer.created"), "{all:?}");
        assert!(all.iter().any(|topic| topic == "points.earned"), "{all:?}");
        assert_eq!(told(&shop, 1), all[..1]);
    }
}

#[test]
fn a_merge_that_is_only_tried_says_what_it_would_do_and_does_nothing() {
    for mut shop in shops() {
        let (ana, dao) = (shop.by("phone=0901234567").customer, shop.by("phone=0907654321").customer);
        shop.order("o-1", &dao, 1000);
        let pair = (dao.as_str(), ana.as_str());
        let tried = shop.act(|session, _, acting| try_merge(session, pair, "one name", acting)).unwrap();
        assert_eq!((shop.balance(&ana), shop.balance(&dao)), (0, 10));
        let nobody = shop.act(|session, _, acting| try_unmerge(session, &dao, acting));
        assert_eq!(refused(nobody), Refused::NotMerged(dao.clone()));
        let merged = shop.act(|session, _, acting| merge(session, pair, "one name", acting)).unwrap();
        assert_eq!((&tried.customer, &tried.other), (&merged.customer, &merged.other));
        assert_eq!(tried.programs[0].1.moved, merged.programs[0].1.moved);

        let parted = shop.act(|session, _, acting| try_unmerge(session, &dao, acting)).unwrap();
        assert_eq!((parted.customer.as_str(), parted.other.as_str()), (ana.as_str(), dao.as_str()));
        assert_eq!(shop.balance(&ana), 10, "they are one still");
        let again: Result<_, Stopped> = shop.act(|session, _, acting| try_merge(session, pair, "", acting));
        assert!(matches!(refused(again), Refused::SameCustomer(..)));
        shop.prove();
    }
}
