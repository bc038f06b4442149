//! A member of many years: what is kept of them stays small, and what they did long ago can still be taken back.

use super::super::answer::Outcome;
use super::shop::{Shop, join, order, places};
use std::fmt::Write as _;

/// How often points come and go.
const TIMES: usize = 3_000;

/// How long the document of a member is.
fn length(shop: &Shop, member: &str) -> usize {
    let reading = shop.recorder.session().read();
    reading.find_members("corner", &[member]).unwrap()[0].state.len()
}

#[test]
fn a_member_of_many_entries_stays_small() {
    for place in places() {
        let mut shop = Shop::open(place);
        // 10 points of the bill and 50 for the launch; all of them go to two coffees and a hand that takes 20.
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
        for id in ["c-1", "c-2"] {
            let line = format!(r#"{{"type": "redeem", "member": "ana", "id": "{id}", "reward": "coffee"}}"#);
            assert_eq!(shop.one(&line).outcome, Outcome::Done);
        }
        let before = length(&shop, "ana");
        let adjust = |id: &str, units: i64| {
            format!(
                r#"{{"type": "adjust", "member": "ana", "id": "{id}", "wallet": "beans", "units": {units}}}"#
            )
        };
        shop.one(&adjust("rest", -20));
        for batch in (0..TIMES).collect::<Vec<_>>().chunks(250) {
            let mut lines = String::new();
            for number in batch {
                let _ = writeln!(lines, "{}", adjust(&format!("up-{number}"), 10));
                let _ = writeln!(lines, "{}", adjust(&format!("down-{number}"), -10));
            }
            let answers = shop.record(&lines);
            assert!(answers.iter().all(|answer| answer.outcome == Outcome::Done));
        }
        assert_eq!(shop.balance("ana").0, 0);
        let rows = shop.recorder.session().read().postings_of("ana", "corner").unwrap();
        assert!(rows.len() > 2 * TIMES, "{}", rows.len());
        assert!(length(&shop, "ana") < before + 500, "{} after {before}", length(&shop, "ana"));

        // Both look back at lots that are long spent: a coffee comes back, and so does what earned everything.
        let back = shop.one(r#"{"type": "refund", "member": "ana", "id": "c-1"}"#);
        assert_eq!((back.outcome, shop.balance("ana").0), (Outcome::Done, 20));
        shop.one(r#"{"type": "return", "id": "r-1", "order": "o-1"}"#);
        assert_eq!(shop.balance("ana"), (0, 0, 0, 40));
        shop.one(r#"{"type": "return_undone", "id": "r-1", "order": "o-1"}"#);
        assert_eq!(shop.balance("ana").0 - shop.balance("ana").3, 20);
        shop.prove();
    }
}
