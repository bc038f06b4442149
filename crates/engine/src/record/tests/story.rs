//! One story, told on every kind of database: it must end the same way on each.

use super::super::answer::{Answer, Outcome};
use super::super::program::{NotInstalled, install};
use super::shop::{PROGRAM, Shop, files, join, order, places};
use jiff::SignedDuration;
use loyalty::voucher;

fn on_each(story: impl Fn(&mut Shop)) {
    for place in places() {
        let mut shop = Shop::open(place);
        story(&mut shop);
        shop.prove();
    }
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

#[test]
fn an_order_earns_once_whatever_is_repeated() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), join("binh")));
        let first = shop.one(&order("o-1", "ana", 1250));
        assert_eq!((first.outcome, first.is_repeat), (Outcome::Done, false));
        assert_eq!(shop.balance("ana"), (12 + 50, 0, 0, 0));

        // The same again, later, in other words, twice in one batch, under a key: one effect and the same answer.
        shop.later(hours(1));
        let again = shop.one(&order("o-1", "ana", 1250));
        assert_eq!((again.is_repeat, &again.moved, &again.balances), (true, &first.moved, &first.balances));
        let reworded = shop.one(&order("o-1", "ana", 9999));
        assert_eq!((reworded.is_repeat, &reworded.moved), (true, &first.moved));
        let both = shop.record(&format!("{}\n{}", order("o-2", "binh", 300), order("o-2", "binh", 300)));
        assert_eq!((both[0].is_repeat, both[1].is_repeat), (false, true));
        assert_eq!(both[0].moved, both[1].moved);
        assert_eq!((shop.balance("ana").0, shop.balance("binh").0), (62, 53));
    });
}

#[test]
fn a_key_is_bound_to_what_was_asked_under_it() {
    on_each(|shop| {
        shop.record(&join("ana"));
        let adjust = |id: &str, units: i64| {
            format!(
                r#"{{"key": "k-1", "type": "adjust", "member": "ana", "id": "{id}", "wallet": "beans", "units": {units}}}"#
            )
        };
        let first = shop.one(&adjust("a-1", 40));
        assert_eq!(first.outcome, Outcome::Done);
        assert_eq!(shop.one(&adjust("a-1", 40)).moved, first.moved);
        let other = shop.one(&adjust("a-2", 40));
        assert_eq!((other.outcome, other.code()), (Outcome::Refused, Some("key_reused")));
        // A refusal is an answer, and is kept under the key as well.
        let greedy = r#"{"key": "k-2", "type": "redeem", "member": "ana", "id": "r-1", "reward": "card"}"#;
        assert_eq!(shop.one(greedy).outcome, Outcome::Done);
        let greedy = r#"{"key": "k-3", "type": "redeem", "member": "ana", "id": "r-2", "reward": "cup"}"#;
        assert_eq!(shop.one(greedy).code(), Some("insufficient_points"));
        shop.one(r#"{"type": "adjust", "member": "ana", "id": "a-3", "wallet": "beans", "units": 500}"#);
        let again = shop.one(greedy);
        assert_eq!((again.code(), again.is_repeat), (Some("insufficient_points"), true));
        // Under another key the same redemption is judged anew: the reason has gone.
        assert_eq!(shop.one(&greedy.replace("k-3", "k-4")).outcome, Outcome::Done);
        assert_eq!(shop.balance("ana").0, 470);
    });
}

#[test]
fn returns_come_early_late_in_parts_and_never_take_more_than_was_earned() {
    on_each(|shop| {
        shop.record(&join("ana"));
        let back = |id: &str, minor: i64| {
            format!(
                r#"{{"type": "return", "id": "{id}", "order": "o-1", "lines": [{{"line": "1", "amount_minor": {minor}}}]}}"#
            )
        };
        let early = shop.one(&back("b-1", 500));
        assert_eq!((early.outcome, early.waits_for.as_deref()), (Outcome::Waiting, Some("order o-1")));
        assert_eq!(shop.one(&back("b-1", 500)).outcome, Outcome::Waiting);
        shop.one(&order("o-1", "ana", 2000));
        assert_eq!(shop.balance("ana").0, 15 + 38);
        shop.later(hours(5));
        shop.record(&format!("{}\n{}", back("b-2", 700), back("b-2", 700)));
        assert_eq!(shop.one(&back("b-3", 900)).code(), Some("too_much"));
        shop.one(&back("b-3", 800));
        assert_eq!(shop.balance("ana"), (0, 0, 0, 0));
        let kept = shop.one(r#"{"type": "return_undone", "id": "b-2", "order": "o-1"}"#);
        assert_eq!(kept.outcome, Outcome::Done);
        assert_eq!(shop.balance("ana").0, 7 + 18);
    });
}

#[test]
fn the_last_of_a_budget_and_of_a_stock_goes_to_one() {
    on_each(|shop| {
        // The launch budget pays four gifts of 50, over batches; the fifth gets what is left, which is nothing.
        for (place, member) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            shop.record(&format!("{}\n{}", join(member), order(&format!("o-{place}"), member, 4000)));
        }
        let balances: Vec<i64> = ["a", "b", "c", "d", "e"].iter().map(|id| shop.balance(id).0).collect();
        assert_eq!(balances, [90, 90, 90, 90, 40]);
        let redeem = |id: &str, member: &str| {
            format!(r#"{{"type": "redeem", "member": "{member}", "id": "{id}", "reward": "cup"}}"#)
        };
        shop.record(&format!("{}\n{}", redeem("r-1", "a"), redeem("r-2", "b")));
        let last = shop.record(&format!("{}\n{}", redeem("r-3", "c"), redeem("r-4", "d")));
        assert_eq!((last[0].outcome, last[1].code()), (Outcome::Done, Some("out_of_stock")));
        shop.one(r#"{"type": "refund", "member": "b", "id": "r-2"}"#);
        assert_eq!(shop.one(&redeem("r-4", "d")).outcome, Outcome::Done);
        assert_eq!(shop.one(&redeem("r-5", "e")).code(), Some("out_of_stock"));
    });
}

#[test]
fn holds_are_captured_released_or_lapse_by_themselves() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 10_000)));
        let hold = |id: &str| {
            format!(
                r#"{{"type": "hold", "member": "ana", "id": "{id}", "reward": "coffee", "until": "2026-03-01T02:00:00.123456789Z"}}"#
            )
        };
        shop.record(&format!("{}\n{}\n{}", hold("h-1"), hold("h-2"), hold("h-3")));
        assert_eq!(shop.balance("ana"), (90, 0, 60, 0));
        let captured = shop.one(r#"{"type": "capture", "member": "ana", "id": "h-1"}"#);
        let code = captured.given[0].code.clone().expect("a voucher has a code");
        shop.one(r#"{"type": "release", "member": "ana", "id": "h-2"}"#);
        assert_eq!(shop.balance("ana"), (110, 0, 20, 0));
        shop.later(hours(2));
        assert_eq!(shop.balance("ana"), (130, 0, 0, 0), "whether or not a job ran");
        assert_eq!(shop.recorder.tick(shop.now, 10).unwrap(), 1);
        assert_eq!(shop.recorder.tick(shop.now, 10).unwrap(), 0);
        assert_eq!(
            shop.one(r#"{"type": "capture", "member": "ana", "id": "h-3"}"#).code(),
            Some("no_such_hold")
        );
        assert_eq!(shop.balance("ana"), (130, 0, 0, 0));

        let show =
            format!(r#"{{"vouchers_for": "bill-1", "codes": ["{code}", "C-NOSUCH"], "bill_minor": 500}}"#);
        let shown = shop.one(&show);
        assert_eq!(
            shown.vouchers[0].1,
            loyalty::voucher::Answer::Left { why: "voucher C-NOSUCH does not exist".into() }
        );
        assert_eq!(shown.vouchers[1].1, loyalty::voucher::Answer::Taken { off_minor: 300 });
        assert_eq!(shop.one(&show).vouchers, shown.vouchers, "the same bill again");
        let other = shop.one(&show.replace("bill-1", "bill-2"));
        assert_eq!(
            other.vouchers[1].1,
            loyalty::voucher::Answer::Left { why: format!("voucher {code} was used") }
        );
    });
}

/// What a hold had set aside is free for whoever asks once it is over, whether or not anybody has looked at its member.
#[test]
fn a_hold_that_is_over_keeps_nothing_from_others() {
    on_each(|shop| {
        for id in ["ana", "binh"] {
            shop.record(&format!("{}\n{}", join(id), order(&format!("o-{id}"), id, 20_000)));
        }
        let ask = |what: &str, member: &str, id: &str| {
            let until = if what == "hold" { r#", "until": "2026-03-01T02:00:00Z""# } else { "" };
            format!(
                r#"{{"type": "{what}", "member": "{member}", "id": "{id}", "reward": "cup", "till": "t-1"{until}}}"#
            )
        };
        shop.record(&["h-1", "h-2", "h-3"].map(|id| ask("hold", "ana", id)).join("\n"));
        assert_eq!(shop.one(&ask("redeem", "binh", "r-1")).code(), Some("out_of_stock"));
        shop.later(hours(2));
        let late = shop.one(&ask("redeem", "binh", "r-1"));
        assert_eq!((late.outcome, late.code()), (Outcome::Done, None), "{late:?}");
        // The till's limit of 100 is free again as well: 30 of it are spent.
        assert_eq!(shop.one(&ask("redeem", "binh", "r-2")).outcome, Outcome::Done);
        assert_eq!(shop.one(&ask("redeem", "binh", "r-3")).outcome, Outcome::Done);
        assert_eq!(shop.one(&ask("redeem", "ana", "r-4")).code(), Some("out_of_stock"));
        let lapsed = shop.one(r#"{"type": "capture", "member": "ana", "id": "h-1"}"#);
        assert_eq!(lapsed.code(), Some("no_such_hold"));
    });
}

#[test]
fn benefits_are_used_up_to_their_quota_and_taken_back() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 20_000)));
        let used = |id: &str| {
            format!(r#"{{"type": "benefit", "member": "ana", "id": "{id}", "benefit": "delivery"}}"#)
        };
        let first = shop.record(&format!("{}\n{}\n{}", used("u-1"), used("u-1"), used("u-2")));
        let left = |answer: &Answer| answer.benefits[0].left;
        assert_eq!((left(&first[0]), first[1].is_repeat, left(&first[2])), (Some(1), true, Some(0)));
        assert_eq!(shop.one(&used("u-3")).code(), Some("used_up"));
        let back = shop.one(r#"{"type": "benefit_undone", "member": "ana", "id": "u-1"}"#);
        assert_eq!((back.outcome, left(&back)), (Outcome::Done, Some(1)));
        assert_eq!(left(&shop.one(&used("u-3"))), Some(0));
    });
}

/// A till that asks first whether a voucher counts, and sends the order with it afterwards, uses it once: in one batch,
/// in two, and whichever comes first.
#[test]
fn a_voucher_shown_ahead_of_its_order_is_used_once() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 20_000)));
        let codes: Vec<String> = ["r-1", "r-2", "r-3", "r-4"]
            .map(|id| {
                let ask =
                    format!(r#"{{"type": "redeem", "member": "ana", "id": "{id}", "reward": "coffee"}}"#);
                shop.one(&ask).given[0].code.as_ref().expect("a code").to_string()
            })
            .to_vec();
        let show = |bill: &str, code: &str| {
            format!(r#"{{"vouchers_for": "{bill}", "codes": ["{code}"], "bill_minor": 900}}"#)
        };
        let pay = |id: &str, code: &str| {
            let tender = format!(
                r#""tenders": [{{"kind": "voucher", "amount_minor": 300, "code": "{code}"}}], "lines""#
            );
            order(id, "ana", 900).replace(r#""lines""#, &tender)
        };
        let is_taken = |answer: &Answer| matches!(answer.vouchers[0].1, voucher::Answer::Taken { .. });
        let together = shop.record(&format!("{}\n{}", show("b-1", &codes[0]), pay("o-2", &codes[0])));
        assert!(is_taken(&together[0]) && together[1].problems.is_empty(), "{together:?}");
        assert!(is_taken(&shop.one(&show("b-2", &codes[1]))));
        assert_eq!(shop.one(&pay("o-3", &codes[1])).problems, []);
        // The order first: the voucher is used by it, and there is nothing left to show.
        let together = shop.record(&format!("{}\n{}", pay("o-4", &codes[2]), show("b-3", &codes[2])));
        assert!(together[0].problems.is_empty() && !is_taken(&together[1]), "{together:?}");
        assert_eq!(shop.one(&pay("o-5", &codes[3])).problems, []);
        for (place, code) in codes.iter().enumerate() {
            let again = shop.one(&pay(&format!("again-{place}"), code));
            assert_eq!(again.code(), Some("voucher"), "{code} was used: {again:?}");
        }
        // All of it came back, and the voucher with it.
        shop.one(r#"{"type": "return", "id": "b-1", "order": "o-5"}"#);
        assert_eq!(shop.one(&pay("o-6", &codes[3])).problems, []);
    });
}

#[test]
fn bills_are_claimed_once_by_number_invoice_or_day() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), join("binh")));
        let bill = |id: &str, minor: i64| {
            order(id, "ana", minor).replace(r#""member": "ana","#, &format!(r#""invoice": "inv-{id}","#))
        };
        shop.record(&format!("{}\n{}\n{}", bill("o-1", 500), bill("o-2", 600), bill("o-3", 700)));
        let claim =
            |member: &str, what: &str| format!(r#"{{"type": "claim", "member": "{member}", {what}}}"#);
        assert_eq!(shop.one(&claim("ana", r#""order": "o-1""#)).outcome, Outcome::Done);
        assert_eq!(shop.one(&claim("binh", r#""order": "o-1""#)).code(), Some("claimed"));
        assert_eq!(shop.one(&claim("ana", r#""order": "o-1""#)).outcome, Outcome::Repeated);
        assert_eq!(shop.one(&claim("binh", r#""invoice": "inv-o-2""#)).outcome, Outcome::Done);
        assert_eq!(
            shop.one(&claim("ana", r#""on": "2026-03-01", "amount_minor": 700"#)).outcome,
            Outcome::Done
        );
        assert_eq!(
            shop.one(&claim("ana", r#""on": "2026-03-01", "amount_minor": 700"#)).code(),
            Some("no_such_bill")
        );
        assert_eq!(shop.balance("ana").0, 5 + 7 + 50);
        assert_eq!(shop.balance("binh").0, 6 + 50);
    });
}

#[test]
fn gift_cards_pay_and_are_paid_back() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 5000)));
        let given = shop.one(r#"{"type": "redeem", "member": "ana", "id": "r-1", "reward": "card"}"#);
        let code = given.given[0].code.clone().expect("a card has a code");
        let pay = |id: &str, minor: i64| {
            let tender = format!(
                r#""tenders": [{{"kind": "gift_card", "amount_minor": {minor}, "code": "{code}"}}], "lines""#
            );
            order(id, "ana", 900).replace(r#""lines""#, &tender)
        };
        assert_eq!(shop.one(&pay("o-2", 400)).problems, []);
        let empty = shop.one(&pay("o-3", 400));
        assert_eq!((empty.outcome, empty.code()), (Outcome::Done, Some("gift_card")));
        shop.one(r#"{"type": "return", "id": "b-1", "order": "o-2"}"#);
        assert_eq!(shop.one(&pay("o-4", 500)).problems, []);
        // Each step is an entry of the card's own ledger, which the proof at the end replays.
        let id = shop.in_force.program.head.id.clone();
        let session = shop.recorder.session();
        let entries = super::super::view::entries(&session.read(), id.as_str(), code.as_str()).unwrap();
        let moved: Vec<i64> = entries.iter().map(|entry| entry.posting.change()).collect();
        assert_eq!(moved, [500, -400, 400, -500]);
    });
}

#[test]
fn a_correction_moves_what_a_gift_card_has_paid_and_no_more() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 5000)));
        let given = shop.one(r#"{"type": "redeem", "member": "ana", "id": "r-1", "reward": "card"}"#);
        let code = given.given[0].code.clone().expect("a card has a code");
        let card = |minor: i64| {
            format!(r#""tenders": [{{"kind": "gift_card", "amount_minor": {minor}, "code": "{code}"}}], "#)
        };
        let told = |id: &str, tenders: &str| {
            order(id, "ana", 900).replace(r#""lines""#, &format!(r#"{tenders}"lines""#))
        };
        let anew = |tenders: &str| {
            let bill = r#""lines": [{"id": "1", "product": "latte", "gross_minor": 900}]"#;
            format!(
                r#"{{"type": "order_updated", "order": {{"id": "o-2", "member": "ana", {tenders}{bill}}}}}"#
            )
        };
        let left = |shop: &mut Shop| {
            let id = shop.in_force.program.head.id.clone();
            let session = shop.recorder.session();
            let entries = super::super::view::entries(&session.read(), id.as_str(), code.as_str()).unwrap();
            entries.iter().map(|entry| entry.posting.change()).sum::<i64>()
        };
        assert_eq!(shop.one(&told("o-2", &card(400))).problems, []);
        assert_eq!(left(shop), 100);
        // Less, more, the same again; and what the card does not hold is told.
        for (minor, rest) in [(250, 250), (480, 20), (480, 20)] {
            assert_eq!(shop.one(&anew(&card(minor))).problems, [], "{minor}");
            assert_eq!(left(shop), rest, "{minor}");
        }
        assert_eq!(shop.one(&anew(&card(900))).code(), Some("gift_card"));
        assert_eq!(left(shop), 20);
        // A correction that does not say how it was paid changes nothing of it; one that says cash gives all of it back.
        shop.one(&anew(""));
        assert_eq!(left(shop), 20);
        assert_eq!(shop.one(&anew(r#""tenders": [{"kind": "cash", "amount_minor": 900}], "#)).problems, []);
        assert_eq!(left(shop), 500);
        // What came back of the bill stays with the card.
        assert_eq!(shop.one(&anew(&card(300))).problems, []);
        shop.one(r#"{"type": "return", "id": "b-1", "order": "o-2"}"#);
        assert_eq!(left(shop), 500);
        shop.one(&anew(&card(300)));
        assert_eq!(left(shop), 500);
    });
}

#[test]
fn a_correction_says_which_points_have_paid() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 9000)));
        shop.one(r#"{"type": "redeem", "member": "ana", "id": "r-1", "reward": "coffee"}"#);
        let before = shop.balance("ana").0;
        shop.one(&order("o-2", "ana", 300));
        let anew = r#"{"type": "order_updated", "order": {"id": "o-2", "member": "ana",
            "tenders": [{"kind": "points", "amount_minor": 300, "code": "r-1"}],
            "lines": [{"id": "1", "product": "latte", "gross_minor": 300}]}}"#;
        assert_eq!(shop.one(&anew.replace('\n', " ")).problems, []);
        // Nothing is earned on what points have paid, and what paid comes back with the order.
        assert_eq!(shop.balance("ana").0, before);
        shop.one(r#"{"type": "return", "id": "b-1", "order": "o-2"}"#);
        assert_eq!(shop.balance("ana").0, before + 20);
    });
}

#[test]
fn members_merge_and_part_again() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), join("ann")));
        shop.record(&format!("{}\n{}", order("o-1", "ana", 1000), order("o-2", "ann", 2000)));
        shop.one(r#"{"type": "merge", "member": "ann", "into": "ana"}"#);
        assert_eq!((shop.balance("ana").0, shop.balance("ann").0), (130, 0));
        // What still comes under the old name is the new one's.
        shop.one(&order("o-3", "ann", 300));
        shop.one(r#"{"type": "return", "id": "b-1", "order": "o-2"}"#);
        assert_eq!((shop.balance("ana").0, shop.balance("ann").0), (63, 0));
        shop.one(r#"{"type": "unmerge", "member": "ann"}"#);
        assert_eq!((shop.balance("ana").0, shop.balance("ann").0), (63, 0));
        shop.one(&order("o-4", "ann", 400));
        assert_eq!((shop.balance("ana").0, shop.balance("ann").0), (63, 4));
    });
}

#[test]
fn households_pool_and_friends_send() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}\n{}", join("ana"), join("binh"), order("o-1", "ana", 10_000)));
        let pool = |id: &str, member: &str, does: &str, units: i64| {
            format!(
                r#"{{"type": "pool", "member": "{member}", "id": "{id}", "household": "h", "does": "{does}", "pool": "home", "units": {units}}}"#
            )
        };
        shop.one(&pool("p-1", "ana", "join", 0));
        shop.one(&pool("p-2", "binh", "join", 0));
        shop.one(&pool("p-3", "ana", "give", 100));
        assert_eq!(shop.one(&pool("p-4", "binh", "take", 500)).code(), Some("insufficient_points"));
        shop.one(&pool("p-5", "binh", "take", 30));
        assert_eq!((shop.balance("ana").0, shop.balance("binh").0), (50, 30));
        let send = r#"{"type": "transfer", "member": "ana", "to": "binh", "id": "t-1", "wallet": "beans", "units": 20}"#;
        shop.record(&format!("{send}\n{send}"));
        assert_eq!((shop.balance("ana").0, shop.balance("binh").0), (30, 50));
        // The place goes along with a merger, and comes back.
        shop.record(&format!(
            r#"{}{}{{"type": "merge", "member": "ana", "into": "cam"}}"#,
            join("cam"),
            "\n"
        ));
        shop.one(&pool("p-6", "cam", "take", 10));
        assert_eq!(shop.balance("cam").0, 40);
        shop.record(r#"{"type": "unmerge", "member": "ana"}"#);
        assert_eq!(shop.one(&pool("p-7", "cam", "take", 10)).code(), Some("no_such_pool"));
        shop.one(&pool("p-8", "ana", "take", 10));
        assert_eq!((shop.balance("ana").0, shop.balance("cam").0), (40, 10));
    });
}

#[test]
fn points_run_out_whether_a_job_runs_late_twice_or_never() {
    let mut chains = Vec::new();
    for ticks in [0, 1, 3] {
        for place in places() {
            let mut shop = Shop::open(place);
            shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
            shop.later(hours(24 * 200));
            shop.one(&order("o-2", "ana", 2000));
            for _ in 0..ticks {
                shop.later(hours(24 * 60));
                shop.recorder.tick(shop.now, 100).unwrap();
                shop.recorder.tick(shop.now, 100).unwrap();
            }
            shop.now = "2027-04-01T00:00:00Z".parse().unwrap();
            assert_eq!(shop.balance("ana").0, 20 + 50, "{ticks} ticks");
            shop.one(&order("o-3", "ana", 100));
            shop.prove();
            let postings = shop.recorder.session().read().postings_of("ana", "corner").unwrap();
            chains.push(postings.last().unwrap().hash);
        }
    }
    chains.dedup();
    assert_eq!(chains.len(), 1, "the same chain, hash for hash, on every database");
}

#[test]
fn the_clock_steps_back_an_hour() {
    on_each(|shop| {
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
        shop.later(hours(-1));
        assert_eq!(shop.one(&order("o-2", "ana", 2000)).outcome, Outcome::Done);
        let spent = shop.one(r#"{"type": "redeem", "member": "ana", "id": "r-1", "reward": "coffee"}"#);
        assert_eq!(spent.outcome, Outcome::Done);
        assert_eq!(shop.balance("ana").0, 10 + 20 + 50 - 20);
    });
}

#[test]
fn what_was_answered_is_there_after_opening_again() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
        let answer = shop.one(&order("o-2", "ana", 2000));
        let mut shop = shop.reopen(PROGRAM);
        assert_eq!(shop.balance("ana").0, 80);
        let again = shop.one(&order("o-2", "ana", 2000));
        assert_eq!((again.is_repeat, again.moved), (true, answer.moved));
        shop.prove();
    }
}

#[test]
fn a_program_is_installed_in_versions_that_keep_the_places() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
        let more = format!(
            "{PROGRAM}\n[[wallet]]\nid = \"stamps\"\nname = \"Stamps\"\n[[expiry]]\nwallet = \"stamps\"\nnever = true\n"
        );
        let mut session = shop.sessions.open().unwrap();
        assert_eq!(install(&mut session, &files(PROGRAM), 9, shop.now).unwrap().version, 1, "the same again");
        let second = install(&mut session, &files(&more), 9, shop.now).unwrap();
        assert_eq!((second.version, second.seed), (2, 7), "the seed stays");
        let other = PROGRAM.replace("\"beans\"", "\"grains\"");
        let refused = install(&mut session, &files(&other), 9, shop.now).unwrap_err();
        assert!(matches!(refused, NotInstalled::Moved { .. }), "{refused}");
        assert!(
            refused.to_string().starts_with("program corner: wallet beans stood at place 1"),
            "{refused}"
        );
        drop(session);
        let mut shop = shop.reopen(&more);
        assert_eq!(shop.in_force.version, 2);
        shop.one(r#"{"type": "adjust", "member": "ana", "id": "a", "wallet": "stamps", "units": 3}"#);
        assert_eq!(shop.balance("ana").0, 60);
        shop.prove();
    }
}
