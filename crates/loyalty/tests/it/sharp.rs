//! What no other test said out loud: each of these was found by a mutant that lived.

use crate::corner_shop::{DOLLAR_OFF, SHOP, TWELVE_MONTHS, by_month, cup, ladder, shop};
use crate::story::{Story, check};
use domain::Points;
use jiff::{SignedDuration, Timestamp};
use loyalty::earning::{Budgets, Occasion, Tallies, What, rate};
use loyalty::fact::{Event, Fact};
use loyalty::ledger::{Account, Cause, Deficit, LotId, Moved, Opening, Posted, Posting, Pot, Refused, Start};
use loyalty::time::Moment;

fn hour(number: i64) -> Timestamp {
    Timestamp::from_second(1_767_571_200 + number * 3_600).unwrap()
}

fn points(units: i64) -> Points {
    Points::new(units).unwrap()
}

fn opening(at: i64, ends: Option<i64>) -> Opening {
    Opening { earned_at: hour(at), start: Start::Usable, expires_at: ends.map(hour) }
}

/// An account with lots of so many points, earned an hour apart, each with its end.
fn account(lots: &[(i64, Option<i64>)]) -> (Account, Vec<Posting>) {
    let (mut account, mut out) = (Account::open("corner-shop", "ana", "beans"), Vec::new());
    for (place, (units, ends)) in lots.iter().enumerate() {
        let at = place as i64;
        let cause = Cause::new("order", &format!("o-{place}"));
        account.earn(hour(at), points(*units), opening(at, *ends), cause, &mut out).unwrap();
    }
    (account, out)
}

const MOST: i64 = i64::MAX / 4;

#[test]
fn an_account_counts_its_postings() {
    let (mut account, mut out) = account(&[(5, None), (7, None)]);
    account.spend(hour(3), points(6), Cause::new("redemption", "c-1"), &mut out).unwrap();
    assert_eq!((account.postings(), out.len()), (3, 3));
}

#[test]
fn a_redemption_s_id_is_used_once() {
    let (mut account, mut out) = account(&[(20, None)]);
    account.spend(hour(1), points(3), Cause::new("redemption", "c-1"), &mut out).unwrap();
    let again = account.spend(hour(1), points(3), Cause::new("redemption", "c-1"), &mut out);
    assert_eq!(again, Err(Refused::IdTaken("c-1".into())));
    let held = account.hold(hour(1), points(3), hour(9), Cause::new("redemption", "c-1"), &mut out);
    assert_eq!(held, Err(Refused::IdTaken("c-1".into())));
    assert_eq!(account.usable(), 17);
}

#[test]
fn no_counter_can_overflow() {
    let (mut full, mut out) = account(&[(MOST - 5, None)]);
    let moved =
        |amount| Moved { amount, earned_at: hour(0), start: Start::Usable, expires_at: None, from: LotId(0) };
    let cause = || Cause::new("transfer", "t-1");
    let too_many = full.receive(hour(1), Posted::TransferIn, &[moved(3), moved(3)], 0, cause(), &mut out);
    assert_eq!(too_many, Err(Refused::TooLarge));
    let restored = full.restore(hour(1), Posted::Reinstate, points(6), opening(0, None), cause(), &mut out);
    assert_eq!(restored, Err(Refused::TooLarge));
    full.receive(hour(1), Posted::TransferIn, &[moved(2), moved(2)], 0, cause(), &mut out).unwrap();
    full.restore(hour(1), Posted::Reinstate, points(1), opening(0, None), cause(), &mut out).unwrap();
    assert_eq!(full.usable(), MOST);
    let earned = full.earn(hour(2), points(1), opening(2, None), cause(), &mut out);
    assert_eq!(earned, Err(Refused::TooLarge));
}

#[test]
fn points_restored_are_taken_out_of_what_they_had_become() {
    let (mut account, mut out) = account(&[(5, Some(50))]);
    let cause = || Cause::new("return", "r-1");
    let nothing = account.restore(hour(1), Posted::Refund, points(0), opening(0, None), cause(), &mut out);
    assert_eq!(nothing, Err(Refused::NothingToMove));
    account.restore(hour(1), Posted::Refund, points(3), opening(0, Some(40)), cause(), &mut out).unwrap();
    account.restore(hour(1), Posted::Reinstate, points(2), opening(0, None), cause(), &mut out).unwrap();
    let from: Vec<i64> = out[1..]
        .iter()
        .map(|posting| posting.on(&Pot::Redeemed) * 10 + posting.on(&Pot::ClawedBack))
        .collect();
    assert_eq!((from, account.usable(), account.opened()), (vec![-30, -2], 10, 3));
    let totals = account.balance(hour(2)).totals;
    assert_eq!((totals.refunded, totals.reinstated, totals.earned), (3, 2, 5));
}

#[test]
fn points_that_come_back_in_time_go_to_their_own_lots() {
    // The first lot ends exactly when the grace does: it is not short. The other two are, and get a lot each.
    let (mut account, mut out) = account(&[(1, Some(20)), (2, Some(18)), (4, Some(19))]);
    account.spend(hour(3), points(7), Cause::new("redemption", "c-1"), &mut out).unwrap();
    account.refund(hour(4), &"c-1".into(), points(7), hour(20), &mut out).unwrap();
    let lots: Vec<(i64, Option<Timestamp>, Option<LotId>)> =
        account.lots().map(|(_, lot)| (lot.left, lot.expires_at, lot.origin)).collect();
    let end = Some(hour(20));
    assert_eq!(lots[0], (1, end, None));
    let mut fresh = lots[3..].to_vec();
    fresh.sort_by_key(|lot| lot.0);
    assert_eq!(fresh, [(2, end, Some(LotId(1))), (4, end, Some(LotId(2)))]);
}

#[test]
fn a_clawback_says_only_what_it_took() {
    let (mut account, mut out) = account(&[(3, None), (4, None), (5, None)]);
    let cause = || Cause::new("return", "r-1");
    let taken = account
        .claw_back(hour(4), points(3), &[LotId(0), LotId(1)], Deficit::Clamp, cause(), &mut out)
        .unwrap();
    assert_eq!((taken.taken, taken.forgone, taken.owed), (3, 0, 0));
    let last = out.last().unwrap();
    assert!(last.lines.len() == 2 && last.lines.iter().all(|line| line.amount != 0), "{last:?}");
    let before = out.len();
    // Exactly all there is: nothing is let go, and nothing owed.
    let taken = account.claw_back(hour(5), points(9), &[], Deficit::Negative, cause(), &mut out).unwrap();
    assert_eq!((taken.taken, taken.owed, account.owed(), out.len()), (9, 0, 0, before + 1));
    assert!(out.last().unwrap().lines.iter().all(|line| line.amount != 0));
    let taken = account.claw_back(hour(6), points(2), &[], Deficit::Clamp, cause(), &mut out).unwrap();
    assert_eq!((taken.taken, taken.forgone, out.len()), (0, 2, before + 1), "nothing taken is no posting");
}

#[test]
fn debts_are_paid_lot_by_lot_and_only_where_there_is_something() {
    let (mut account, mut out) = account(&[(1, None)]);
    let cause = || Cause::new("return", "r-1");
    account.claw_back(hour(1), points(6), &[], Deficit::Negative, cause(), &mut out).unwrap();
    assert_eq!((account.owed(), account.usable()), (5, 0));
    let waits = Opening { earned_at: hour(2), start: Start::At(hour(9)), expires_at: None };
    let before = out.len();
    account.earn(hour(2), points(3), waits, Cause::new("order", "o-9"), &mut out).unwrap();
    assert_eq!((out.len(), account.owed()), (before + 1, 5), "points that wait pay nothing");
    let moved =
        |amount| Moved { amount, earned_at: hour(0), start: Start::Usable, expires_at: None, from: LotId(0) };
    account.receive(hour(3), Posted::TransferIn, &[moved(2), moved(4)], 0, cause(), &mut out).unwrap();
    assert_eq!((account.owed(), account.usable()), (0, 1));
    let paid: Vec<i64> = out.last().unwrap().lines.iter().map(|line| line.amount).collect();
    assert_eq!((out.last().unwrap().kind, paid), (Posted::Repay, vec![-2, -3, 5]));
}

#[test]
fn dates_change_where_they_differ_and_there_are_points() {
    let (mut account, mut out) = account(&[(3, Some(20)), (4, Some(21))]);
    account.spend(hour(2), points(3), Cause::new("redemption", "c-1"), &mut out).unwrap();
    let before = out.len();
    let cause = || Cause::new("policy", "2026");
    account.set_expiry(hour(3), &[(LotId(0), Some(hour(30))), (LotId(1), Some(hour(21)))], cause(), &mut out);
    assert_eq!(out.len(), before, "a spent lot and a date that stays are no change");
    account.set_expiry(hour(3), &[(LotId(0), Some(hour(30))), (LotId(1), Some(hour(30)))], cause(), &mut out);
    assert_eq!((out.len(), out.last().unwrap().terms.len()), (before + 1, 1));
}

#[test]
fn pending_points_begin_when_their_event_says() {
    let mut account = Account::open("corner-shop", "ana", "beans");
    let mut out = Vec::new();
    let waits = || Opening {
        earned_at: hour(0),
        start: Start::On { event: "collected".into(), until: None },
        expires_at: None,
    };
    for id in ["o-0", "o-1"] {
        account.earn(hour(0), points(5), waits(), Cause::new("order", id), &mut out).unwrap();
    }
    account.activate(hour(2), LotId(0), hour(2), &mut out).unwrap();
    account.activate(hour(2), LotId(1), hour(4), &mut out).unwrap();
    let kinds: Vec<Posted> = out[2..].iter().map(|posting| posting.kind).collect();
    assert_eq!(kinds, [Posted::Activate, Posted::Extend], "at once, and later");
    assert_eq!(account.usable(), 5);
    account.advance(hour(2) + SignedDuration::from_hours(2), &mut out);
    assert_eq!((account.usable(), out.last().unwrap().kind), (10, Posted::Activate));
}

#[test]
fn points_given_by_hand_are_not_earned() {
    let (mut account, mut out) = account(&[(5, None)]);
    let cause = || Cause::new("staff", "a-1");
    account.adjust(hour(1), points(3), Some(opening(1, None)), cause(), &mut out).unwrap();
    account.adjust(hour(2), points(2), None, Cause::new("staff", "a-2"), &mut out).unwrap();
    let totals = account.balance(hour(3)).totals;
    assert_eq!((totals.earned, totals.adjusted_up, totals.adjusted_down, totals.net()), (5, 3, 2, 6));
}

const BUDGETS: &str = concat!(
    corner_shop!(expiry "never = true"),
    r#"
    [[earning]]
    id = "launch"
    wallet = "beans"
    fixed = { points = 6 }
    budgets = [{ points = 10 }, { points = 8, per_store = true }]
    "#
);

#[test]
fn a_budget_that_gives_nothing_is_not_charged_and_says_which_it_was() {
    let program = crate::story::program(BUDGETS);
    let moment = Moment::new(hour(0), &program.zone);
    let (mut tallies, mut budgets) = (Tallies::default(), Budgets::default());
    let mut buy = |store: &str, budgets: &mut Budgets| {
        let words = ["ana", "o-1", "a:x=1.00", &format!("store={store}")];
        let Fact::Order(order) = crate::story::fact(&program, "order", &words) else { panic!() };
        let seen = loyalty::condition::Seen::default();
        let currency = program.head.currency;
        let occasion =
            Occasion { moment: &moment, what: What::Order(&order), seen: &seen, birthday: None, currency };
        let mut awards = rate(&program, &occasion, &mut tallies, budgets);
        awards.pop().map(|award| {
            let cuts: Vec<String> =
                award.working.cuts.iter().map(|cut| format!("{} {}>{}", cut.by, cut.from, cut.to)).collect();
            (award.units, cuts.join(", "), award.working)
        })
    };
    let first = buy("north", &mut budgets).unwrap();
    assert_eq!((first.0, first.1.as_str()), (6, ""));
    let second = buy("north", &mut budgets).unwrap();
    assert_eq!((second.0, second.1.as_str()), (2, "budget 6>4, budget of north 4>2"));
    let third = buy("south", &mut budgets).unwrap();
    assert_eq!((third.0, third.1.as_str()), (2, "budget 6>2"));
    let spent = budgets.clone();
    assert_eq!(buy("west", &mut budgets).map(|given| given.0), None);
    assert_eq!(budgets, spent, "nothing given, nothing charged");
    // The arithmetic that is written down is not believed where it does not add up.
    let mut working = second.2;
    assert_eq!(working.recompute(), Some(2));
    working.cuts[1].to = 5;
    assert_eq!(working.recompute(), None);
}

#[test]
fn a_return_takes_its_receipt_off_the_sum() {
    check(
        &format!("{}{}", corner_shop!(expiry "never = true"), by_month(1)),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=9.00
        2026-03-03 return o-1 r-1
        2026-03-04 order ana o-2 a:x=9.00
        ana beans 0
        2026-03-05 order ana o-3 a:x=1.00
        ana beans 1
        2026-03-06 keep o-1 r-1
        2026-03-07 order ana o-4 a:x=1.00
        ana beans 2
        ",
    );
}

#[test]
fn parting_gives_back_the_count_of_orders() {
    let mut story = Story::new(SHOP);
    story.tell(
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 a:x=9.00
        2026-03-02 order bo o-2 a:x=9.00
        2026-03-02 order bo o-3 a:x=9.00
        2026-03-03 merge bo ana
        2026-03-04 merge bo ana
        2026-03-04 unmerge bo
        2026-03-05 merge bo ana
        ",
    );
    assert_eq!(story.books.members["ana"].orders_count, 3);
    story.tell("2026-03-06 unmerge bo");
    let count = |who: &str| (story.books.members[who].orders_count, story.books.members[who].orders.len());
    assert_eq!((count("ana"), count("bo")), ((1, 1), (2, 2)));
    story.prove();
}

/// What is left of a line is what did not come back before, by whichever return.
#[test]
fn the_rest_of_a_bill_comes_back_and_goes_again() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 4xa:x=8.00 b:x=2.00
        ana beans 10
        2026-03-03 return o-1 r-1 1:1
        ana beans 8
        2026-03-04 return o-1 r-2
        ana beans 0
        2026-03-05 keep o-1 r-2
        ana beans 8
        # a line named twice in one return: a piece, and then all that is left of it
        2026-03-06 return o-1 r-3 1:1 1:0
        ana beans 2
        2026-03-07 keep o-1 r-3
        ana beans 8
        2026-03-08 return o-1 r-4 1:1 1:3 refused too_much
        2026-03-08 return o-1 r-5 1:3
        ana beans 2
        ",
    );
}

#[test]
fn returns_that_come_before_their_order_all_count_and_each_once() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-02 return o-1 r-1 1:1
        2026-03-02 return o-1 r-2 1:1
        2026-03-02 return o-1 r-1 1:1
        2026-03-03 order ana o-1 4xa:x=8.00
        ana beans 4
        2026-03-04 keep o-1 r-2
        ana beans 6
        ",
    );
}

/// What may be spent at a till, or so many times, may be spent to the last point and time.
#[test]
fn limits_are_reached_and_not_passed() {
    let limit = "[[limit]]\nwallet = \"beans\"\nper = \"day\"\ntimes = 3\npoints_per_till = 30\n";
    check(
        &shop(&format!("{DOLLAR_OFF}{limit}")),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=200.00
        2026-03-02 redeem ana off r-1 units=10 bill=100.00 till=t-1
        2026-03-02 redeem ana off r-2 units=21 bill=100.00 till=t-1 refused too_fast
        2026-03-02 redeem ana off r-3 units=20 bill=100.00 till=t-1
        2026-03-02 redeem ana off r-4 units=1 bill=100.00 till=t-1 refused too_fast
        2026-03-02 redeem ana off r-5 units=40 bill=100.00
        2026-03-02 redeem ana off r-6 units=1 bill=100.00 refused too_fast
        # what was given back is free again at the till, and not in how fast points were spent
        2026-03-03 hold ana off h-1 units=30 bill=100.00 till=t-1
        2026-03-03 release ana h-1
        2026-03-03 redeem ana off r-7 units=30 bill=100.00 till=t-1
        ",
    );
}

/// A window that is one day long holds that day, and a tier that ends today has ended.
#[test]
fn the_first_day_of_a_year_counts_and_the_last_day_of_a_tier_does_not() {
    let keys = "counts = \"spend\"\nwindow = \"calendar_year\"\nlasts = \"1M\"\ndowngrade = \"re_evaluate\"";
    check(
        &shop(&ladder(keys, 100)),
        "
        2025-06-01 join ana
        2026-01-01 order ana o-1 a:x=100.00
        ana tier gold
        2026-01-31 tick
        ana tier gold
        2026-02-01 order ana o-2 a:x=1.00
        ana tier gold
        2027-01-31 tick
        ana tier gold
        2027-02-01 tick
        ana tier green
        ",
    );
}

/// A hold that was released and made again under the same name is not over when the first one would have been.
#[test]
fn a_hold_made_again_lives_its_own_time() {
    check(
        &shop(&cup(10, "stock = 1")),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=50.00
        2026-03-01 order bo o-2 a:x=50.00
        2026-03-02T08:00 hold ana cup h-1 until=2026-03-02T09:00
        2026-03-02T08:10 release ana h-1
        2026-03-02T08:20 hold ana cup h-1 until=2026-03-02T12:00
        2026-03-02T10:00 redeem bo cup r-1 refused out_of_stock
        2026-03-02T12:00 redeem bo cup r-1
        2026-03-02T12:00 capture ana h-1 refused no_such_hold
        ana beans 50
        ",
    );
}

/// What the policy let go of a return is forgotten once the return is taken back: the next one is counted by itself.
#[test]
fn what_was_let_go_is_let_go_once() {
    check(
        // By itself a wallet goes down to zero and lets the rest go.
        &shop(&cup(10, "")),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=10.00
        2026-03-03 redeem ana cup c-1
        2026-03-04 return o-1 r-1
        2026-03-05 keep o-1 r-1
        ana beans 0
        2026-03-06 order ana o-2 a:x=10.00
        2026-03-07 return o-1 r-2
        ana beans 0
        2026-03-08 keep o-1 r-2
        ana beans 10
        ",
    );
}

#[test]
fn a_second_proof_is_asked_for_above_the_limit_and_not_at_it() {
    let asked_above = |above: u32| shop(&cup(10, &format!("confirm_above = {above}")));
    let bought = "2026-03-01 join ana\n2026-03-02 order ana o-1 a:x=10.00\n2026-03-03 redeem ana cup c-1";
    check(&asked_above(10), &format!("{bought}\nana beans 0"));
    check(&asked_above(9), &format!("{bought} refused needs_confirmation\nana beans 10"));
}

#[test]
fn an_order_has_ten_thousand_lines_at_most() {
    let order =
        |lines: usize| format!("2026-03-01 join ana\n2026-03-02 order ana o-1 {}", "a:x=0.01 ".repeat(lines));
    check(SHOP, &format!("{}\nana beans 100", order(10_000)));
    check(SHOP, &format!("{}refused malformed\nana beans 0", order(10_001)));
}

/// Thirty dollars of the hundred a tier takes are spent: seventy are missing.
#[test]
fn what_is_missing_to_the_next_tier_is_what_is_not_there_yet() {
    let mut story = Story::new(&shop(&ladder(&format!("counts = \"spend\"\n{TWELVE_MONTHS}"), 100)));
    story.tell("2026-03-01 join ana\n2026-03-02 order ana o-1 a:x=30.00");
    let (program, member) = (&story.program, &story.books.members["ana"]);
    let thresholds = loyalty::tier::thresholds(program, &program.ladders[0]);
    let today = "2026-03-02".parse().unwrap();
    let standing = &member.standings[0];
    let outlook = loyalty::tier::outlook(&program.ladders[0], &thresholds, member.joined_on, standing, today);
    assert_eq!((outlook.level, outlook.total, outlook.to_next, outlook.to_keep), (0, 3_000, Some(7_000), 0));
}

/// An order told anew when its points, of two rules, are spent: what the policy let go of both is not given again.
#[test]
fn an_order_told_anew_gives_nothing_again_of_what_is_spent() {
    use loyalty::simulate::{Simulation, read_events};
    let visit = "[[earning]]\nid = \"visit\"\nwallet = \"beans\"\nfixed = { points = 10 }\n";
    let program = crate::story::program(&shop(&format!("{visit}{}", cup(20, ""))));
    let order = r#"{"id":"o-1","member":"ana","lines":[{"id":"1","product":"a","gross_minor":1000}]}"#;
    let facts = [
        r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"ana"}"#.to_owned(),
        format!(r#"{{"at":"2026-03-02T02:00:00Z","type":"order",{}"#, &order[1..]),
        r#"{"at":"2026-03-03T02:00:00Z","type":"redeem","id":"c-1","member":"ana","reward":"cup"}"#
            .to_owned(),
        format!(r#"{{"at":"2026-03-04T02:00:00Z","type":"order_updated","order":{order}}}"#),
    ]
    .join("\n");
    let mut simulation = Simulation::new(&program, 1);
    for event in read_events(&facts) {
        simulation.take(event.expect("a fact"));
    }
    let balance = simulation.books().members["ana"].accounts[0].balance(simulation.now());
    assert_eq!((balance.available, balance.owed, balance.totals.earned), (0, 0, 40));
}

/// What comes from another member may fill an account to the last point, and a debt is a line only where there is one.
#[test]
fn what_is_received_fills_an_account_and_owes_only_what_is_owed() {
    let (mut full, mut out) = account(&[(MOST - 4, None)]);
    let moved =
        |amount| Moved { amount, earned_at: hour(0), start: Start::Usable, expires_at: None, from: LotId(0) };
    let cause = || Cause::new("transfer", "t-1");
    let over = full.receive(hour(1), Posted::TransferIn, &[moved(5)], 0, cause(), &mut out);
    assert_eq!(over, Err(Refused::TooLarge));
    let lots =
        full.receive(hour(1), Posted::TransferIn, &[moved(1), moved(3)], 0, cause(), &mut out).unwrap();
    assert_eq!((full.usable(), lots), (MOST, vec![LotId(1), LotId(2)]));
    assert!(out.last().unwrap().lines.iter().all(|line| line.pot != Pot::Owed));
    let (mut small, mut out) = account(&[(9, None)]);
    let before = out.len();
    assert_eq!(small.receive(hour(1), Posted::MergeIn, &[], 0, cause(), &mut out), Ok(Vec::new()));
    assert_eq!(out.len(), before, "nothing came, nothing is posted");
    small.receive(hour(1), Posted::MergeIn, &[], 1, cause(), &mut out).unwrap();
    assert_eq!((small.usable(), small.owed()), (8, 0), "a debt of one that came along is paid");
}

#[test]
fn nothing_is_nothing_to_give_back() {
    let (mut account, mut out) = account(&[(9, None)]);
    account.spend(hour(1), points(4), Cause::new("redemption", "c-1"), &mut out).unwrap();
    let before = out.len();
    let refunded = account.refund(hour(2), &"c-1".into(), points(0), hour(2), &mut out);
    let cause = Cause::new("return", "r-1");
    let again = account.reinstate(hour(2), LotId(0), points(0), hour(2), cause, &mut out);
    assert_eq!((refunded, again), (Err(Refused::NothingToMove), Err(Refused::NothingToMove)));
    assert_eq!(out.len(), before);
    account.refund(hour(2), &"c-1".into(), points(4), hour(2), &mut out).unwrap();
    assert_eq!(account.usable(), 9);
}

/// Points given back with a grace are lots of their own. Whoever they belonged to before two mergers has them after two
/// partings, wherever they were given back.
#[test]
fn points_given_back_find_their_member_through_two_mergers() {
    let shop = corner_shop!(wallet "restore_grace = \"20D\"", expiry "after = \"30D\"", base);
    let shop = &format!("{shop}{}", cup(10, ""));
    let begin = "2026-03-01 join ana\n2026-03-01 join bo\n2026-03-01 join cam\n2026-03-01 order bo o-0 a:x=3.00\n\
                 2026-03-01 order cam o-1 a:x=10.00\n2026-03-02 adjust bo beans -3 a-1\n2026-03-03 merge cam bo";
    let end = "2026-03-23 unmerge bo\n2026-03-24 unmerge cam\ncam beans 10 expires=10@2026-04-10\nbo beans 0\nana beans 0";
    check(
        shop,
        &format!(
            "{begin}\n2026-03-20 redeem bo cup c-1\n2026-03-21 refund bo c-1\n2026-03-22 merge bo ana\n{end}"
        ),
    );
    check(
        shop,
        &format!(
            "{begin}\n2026-03-04 merge bo ana\n2026-03-20 redeem ana cup c-1\n2026-03-21 refund ana c-1\n{end}"
        ),
    );
}

/// A record from before orders were numbered: the only order of a member is the first one, also when it is told anew.
#[test]
fn the_first_order_stays_the_first_when_it_is_told_anew() {
    let mut story = Story::new(concat!(
        corner_shop!(expiry "never = true"),
        "[[earning]]\nid = \"welcome\"\nwallet = \"beans\"\nwhen = 'member.orders_before == 0'\nfixed = { points = 10 }\n"
    ));
    story.tell("2026-03-01 join ana\n2026-03-02 order ana o-1 a:x=9.00\nana beans 10");
    let record = story.books.members.get_mut("ana").and_then(|member| member.orders.get_mut("o-1")).unwrap();
    assert_eq!(record.orders_before.take(), Some(0));
    let words = ["ana", "o-1", "a:x=8.00"];
    let Fact::Order(order) = crate::story::fact(&story.program, "order", &words) else { panic!() };
    let event = Event { at: story.now, fact: Fact::OrderUpdated { order, updated_at: None } };
    let mut out = Vec::new();
    loyalty::judge::judge(&story.program, &mut story.books, &event, &mut out);
    story.outputs.extend(out);
    story.tell("ana beans 10");
    story.prove();
}

/// Points an order was paid with come back with a return, are spent again where it is taken back, and come back once more.
#[test]
fn points_that_paid_come_and_go_with_each_return() {
    check(
        &shop(DOLLAR_OFF),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=100.00
        2026-03-02 redeem ana off r-1 units=20 bill=50.00
        2026-03-02 order ana o-2 2xa:x=50.00 pay=points:20.00:r-1
        ana beans 110
        2026-03-03 return o-2 b-1
        ana beans 100
        2026-03-04 keep o-2 b-1
        ana beans 110
        2026-03-05 return o-2 b-2
        ana beans 100
        2026-03-06 keep o-2 b-2
        ana beans 110
        2026-03-07 return o-2 b-3 1:1
        ana beans 105
        2026-03-08 return o-2 b-4
        ana beans 100
        2026-03-09 keep o-2 b-3
        ana beans 105
        2026-03-10 keep o-2 b-4
        ana beans 110
        ",
    );
}

/// Points given again while two members are one belong to the order, and go where it goes.
#[test]
fn points_given_again_after_a_merger_leave_with_their_order() {
    check(
        &shop(&cup(10, "")),
        "
        2026-03-01 join cam
        2026-03-01 join bo
        2026-03-02 order bo o-0 a:x=3.00
        2026-03-02 order cam o-1 2xa:x=20.00
        2026-03-03 return o-1 r-1 1:1
        2026-03-04 redeem cam cup c-1
        2026-03-05 merge cam bo
        2026-03-06 keep o-1 r-1
        bo beans 13
        2026-03-07 unmerge cam
        cam beans 10
        bo beans 3
        ",
    );
}

/// A return that waits can be taken back by its name, and no return takes more than is there, or less than nothing.
#[test]
fn a_return_takes_what_there_is_and_waits_by_its_own_name() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-02 return o-1 r-1 1:1
        2026-03-02 return o-1 r-2 1:2
        2026-03-02 keep o-1 r-2
        2026-03-02 keep o-1 r-9 refused unknown_return
        2026-03-03 order ana o-1 4xa:x=8.00
        ana beans 6
        2026-03-04 order ana o-2 a:x=10.00
        2026-03-05 return o-2 r-3 1:$6.00
        2026-03-05 return o-2 r-4 1:$5.00 refused too_much
        2026-03-05 return o-2 r-5 1:-1 refused too_much
        2026-03-05 return o-2 r-6 1:$-1.00 refused too_much
        ana beans 10
        ",
    );
}
