//! Orders that are told anew or called off: the ledger follows, and ends where it would have stood had the source said
//! so at first.

use super::super::answer::Outcome;
use super::shop::{Shop, join, order, places};
use jiff::SignedDuration;

fn on_each(story: impl Fn(&mut Shop)) {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), join("binh")));
        story(&mut shop);
        shop.prove();
    }
}

/// An order of lines, in cents, told anew.
fn updated(id: &str, at: Option<&str>, lines: &[i64]) -> String {
    let at = at.map_or(String::new(), |at| format!(r#""updated_at": "{at}","#));
    format!(r#"{{"type": "order_updated", {at} "order": {}}}"#, bill(id, lines))
}

fn bill(id: &str, lines: &[i64]) -> String {
    let line = |(place, minor): (usize, &i64)| {
        format!(r#"{{"id": "{}", "product": "p{0}", "gross_minor": {minor}}}"#, place + 1)
    };
    let lines: Vec<String> = lines.iter().enumerate().map(line).collect();
    format!(r#"{{"id": "{id}", "member": "ana", "store": "north", "lines": [{}]}}"#, lines.join(", "))
}

fn told(id: &str, lines: &[i64]) -> String {
    format!(r#"{{"type": "order", {}"#, &bill(id, lines)[1..])
}

#[test]
fn what_the_source_says_now_replaces_what_it_said() {
    on_each(|shop| {
        shop.record(&told("o-1", &[1250]));
        assert_eq!(shop.balance("ana"), (12 + 50, 0, 0, 0));
        shop.later(SignedDuration::from_hours(30));
        // Rated on its own day, with the room it had taken under the cap of that day.
        assert_eq!(shop.one(&updated("o-1", None, &[2000])).outcome, Outcome::Done);
        assert_eq!(shop.balance("ana"), (20 + 50, 0, 0, 0));
        // Back and forth, and the same twice over.
        for (lines, points) in [(vec![1250], 62), (vec![300, 400], 57), (vec![300, 400], 57), (vec![100], 51)]
        {
            shop.one(&updated("o-1", None, &lines));
            assert_eq!(shop.balance("ana").0, points, "{lines:?}");
        }
        let again = shop.record(&format!("{}\n{}", updated("o-1", None, &[900]), told("o-1", &[1250])));
        assert_eq!((again[0].outcome, again[1].is_repeat), (Outcome::Done, true));
        assert_eq!(shop.balance("ana").0, 9 + 50);
    });
}

#[test]
fn the_newest_word_of_the_source_counts_in_whatever_order_it_comes() {
    on_each(|shop| {
        let (first, second) = ("2026-03-01T02:00:00Z", "2026-03-01T03:00:00Z");
        // The correction comes before the order itself, and an older one after it.
        assert_eq!(shop.one(&updated("o-1", Some(second), &[700])).outcome, Outcome::Done);
        assert_eq!(shop.one(&told("o-1", &[1250])).outcome, Outcome::Repeated);
        assert_eq!(shop.balance("ana").0, 7 + 50);
        shop.one(&updated("o-1", Some("2026-03-01T04:00:00Z"), &[800]));
        assert_eq!(shop.one(&updated("o-1", Some(first), &[1250])).outcome, Outcome::Repeated);
        assert!(shop.one(&updated("o-1", Some("2026-03-01T04:00:00Z"), &[900])).is_repeat);
        assert_eq!(shop.balance("ana").0, 8 + 50);
    });
}

#[test]
fn what_came_back_comes_back_of_the_corrected_order() {
    on_each(|shop| {
        shop.record(&told("o-1", &[1000, 500]));
        assert_eq!(shop.balance("ana").0, 15 + 50);
        shop.one(r#"{"type": "return", "id": "r-1", "order": "o-1", "lines": [{"line": "2"}]}"#);
        // Ten for the first line and its two thirds of the fifty.
        assert_eq!(shop.balance("ana").0, 10 + 33);
        shop.one(&updated("o-1", None, &[2000, 500]));
        assert_eq!(shop.balance("ana").0, 20 + 40);
        shop.one(r#"{"type": "return_undone", "id": "r-1", "order": "o-1"}"#);
        assert_eq!(shop.balance("ana").0, 25 + 50);
        shop.one(r#"{"type": "order_cancelled", "order": "o-1"}"#);
        assert_eq!(shop.balance("ana"), (0, 0, 0, 0));
        assert!(shop.one(r#"{"type": "order_cancelled", "order": "o-1"}"#).is_repeat);
    });
}

#[test]
fn an_order_called_off_before_it_came_gives_nothing() {
    on_each(|shop| {
        assert_eq!(shop.one(r#"{"type": "order_cancelled", "order": "o-1"}"#).outcome, Outcome::Waiting);
        shop.one(&order("o-1", "ana", 1250));
        assert_eq!(shop.balance("ana").0, 0);
    });
}

#[test]
fn a_bill_that_nobody_has_claimed_is_corrected_and_can_be_claimed() {
    on_each(|shop| {
        let anonymous = |kind: &str, minor: i64| {
            let bill = format!(
                r#""id": "b-1", "invoice": "INV-1", "lines": [{{"id": "1", "product": "tea", "gross_minor": {minor}}}]"#
            );
            match kind {
                "order" => format!(r#"{{"type": "order", {bill}}}"#),
                _ => format!(r#"{{"type": "order_updated", "order": {{{bill}}}}}"#),
            }
        };
        shop.one(&anonymous("order", 500));
        shop.later(SignedDuration::from_hours(1));
        shop.one(&anonymous("updated", 900));
        shop.one(r#"{"type": "claim", "member": "ana", "invoice": "INV-1"}"#);
        assert_eq!(shop.balance("ana").0, 9 + 50);
        let other = r#"{"type": "order_updated", "order": {"id": "b-1", "member": "binh", "lines": []}}"#;
        assert_eq!(shop.one(other).code(), Some("another_member"));
        assert_eq!((shop.balance("ana").0, shop.balance("binh").0), (59, 0));
    });
}

#[test]
fn the_last_correction_of_a_bill_is_the_last_by_time() {
    on_each(|shop| {
        let told = |minute: u32, minor: i64| {
            format!(
                r#"{{"type": "order_updated", "updated_at": "2026-03-01T01:{minute:02}:00Z", "order": {{"id": "b-1",
                    "invoice": "INV-1", "lines": [{{"id": "1", "product": "tea", "gross_minor": {minor}}}]}}}}"#
            )
            .replace('\n', " ")
        };
        shop.later(SignedDuration::from_hours(1));
        // The bill itself is told by its first correction; then an older one comes, a newer, and one between the two.
        for (minute, minor, outcome) in [
            (10, 500, Outcome::Done),
            (5, 100, Outcome::Repeated),
            (30, 900, Outcome::Done),
            (20, 700, Outcome::Repeated),
        ] {
            assert_eq!(shop.one(&told(minute, minor)).outcome, outcome, "{minute}");
        }
        shop.one(r#"{"type": "claim", "member": "ana", "invoice": "INV-1"}"#);
        assert_eq!(shop.balance("ana").0, 9 + 50);
        // It is known after the claim as well.
        assert_eq!(shop.one(&told(29, 200)).outcome, Outcome::Repeated);
        shop.one(&told(31, 1200));
        assert_eq!(shop.balance("ana").0, 12 + 50);
    });
}

#[test]
fn points_that_are_spent_are_owed_and_not_given_twice() {
    on_each(|shop| {
        shop.record(&told("o-1", &[1250]));
        shop.one(r#"{"type": "redeem", "member": "ana", "id": "x", "reward": "card"}"#);
        assert_eq!(shop.balance("ana").0, 62 - 40);
        shop.one(&updated("o-1", None, &[1350]));
        assert_eq!(shop.balance("ana"), (63 - 40, 0, 0, 0));
        // Taken back, they are owed for a moment; what is given again pays that first.
        shop.one(&updated("o-1", None, &[100]));
        assert_eq!(shop.balance("ana"), (51 - 40, 0, 0, 0));
    });
}
