//! Random commands against the ledger: what must hold whatever is done.

use domain::Points;
use jiff::{SignedDuration, Timestamp};
use loyalty::ledger::{
    Account, Cause, Deficit, LotId, Opening, Posting, Pot, Start, balance_at, replay, verify,
};
use loyalty::name::Name;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Earn { points: i64, delay: i64, life: Option<i64> },
    Spend { points: i64 },
    Hold { points: i64, hours: i64 },
    Capture { which: usize, points: Option<i64> },
    Release { which: usize },
    Refund { which: usize, points: i64, grace: i64 },
    ClawBack { lot: u32, points: i64, deficit: Deficit },
    Reinstate { lot: u32, points: i64 },
    Extend { lot: u32, life: Option<i64> },
}

fn step() -> impl Strategy<Value = Step> {
    let deficit = prop_oneof![
        Just(Deficit::PendingOnly),
        Just(Deficit::Clamp),
        Just(Deficit::Negative),
        Just(Deficit::Refuse)
    ];
    let life = || prop::option::of(0i64..200);
    prop_oneof![
        4 => (1i64..100, 0i64..48, life()).prop_map(|(points, delay, life)| Step::Earn { points, delay, life }),
        2 => (1i64..80).prop_map(|points| Step::Spend { points }),
        2 => (1i64..80, 1i64..60).prop_map(|(points, hours)| Step::Hold { points, hours }),
        1 => (0usize..30, prop::option::of(1i64..50)).prop_map(|(which, points)| Step::Capture { which, points }),
        1 => (0usize..30).prop_map(|which| Step::Release { which }),
        2 => (0usize..30, 1i64..50, 0i64..50).prop_map(|(which, points, grace)| Step::Refund { which, points, grace }),
        2 => (0u32..9, 1i64..80, deficit).prop_map(|(lot, points, deficit)| Step::ClawBack { lot, points, deficit }),
        1 => (0u32..9, 1i64..20).prop_map(|(lot, points)| Step::Reinstate { lot, points }),
        1 => (0u32..9, life()).prop_map(|(lot, life)| Step::Extend { lot, life }),
    ]
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn perform(account: &mut Account, now: Timestamp, number: usize, step: &Step, out: &mut Vec<Posting>) {
    let id = format!("s{number}");
    let before = account.balance(now);
    // A refusal is an answer; what matters is what the books say afterwards.
    match step {
        Step::Earn { points, delay, life } => {
            let start = if *delay == 0 { Start::Usable } else { Start::At(now + hours(*delay)) };
            let opening = Opening { earned_at: now, start, expires_at: life.map(|life| now + hours(life)) };
            account.earn(now, Points::new(*points).unwrap(), opening, Cause::new("order", &id), out).unwrap();
        }
        Step::Spend { points } => {
            let answer =
                account.spend(now, Points::new(*points).unwrap(), Cause::new("redemption", &id), out);
            assert_eq!(
                answer.is_ok(),
                *points <= before.available,
                "spend is refused exactly when points lack"
            );
        }
        Step::Hold { points, hours: length } => {
            let cause = Cause::new("redemption", &id);
            let _ = account.hold(now, Points::new(*points).unwrap(), now + hours(*length), cause, out);
        }
        Step::Capture { which, points } => {
            let _ = account.capture(now, &Name::new(&format!("s{which}")), points.and_then(Points::new), out);
        }
        Step::Release { which } => {
            let _ = account.release(now, &Name::new(&format!("s{which}")), out);
        }
        Step::Refund { which, points, grace } => {
            let redemption = Name::new(&format!("s{which}"));
            let _ = account.refund(now, &redemption, Points::new(*points).unwrap(), now + hours(*grace), out);
        }
        Step::ClawBack { lot, points, deficit } => {
            let cause = Cause::new("return", &id);
            let _ =
                account.claw_back(now, Points::new(*points).unwrap(), &[LotId(*lot)], *deficit, cause, out);
        }
        Step::Reinstate { lot, points } => {
            let cause = Cause::new("return", &id);
            let _ = account.reinstate(now, LotId(*lot), Points::new(*points).unwrap(), now, cause, out);
        }
        Step::Extend { lot, life } => {
            let end = life.map(|life| now + hours(life));
            account.set_expiry(now, &[(LotId(*lot), end)], Cause::new("staff", &id), out);
        }
    }
}

fn history(steps: &[(i64, Step)], job: bool) -> (Account, Vec<Posting>, Timestamp) {
    let mut account = Account::open("p", "m", "w");
    let mut out = Vec::new();
    let mut now = Timestamp::UNIX_EPOCH;
    for (number, (wait, step)) in steps.iter().enumerate() {
        if job {
            for _ in 0..*wait {
                now += hours(1);
                account.advance(now, &mut out);
            }
        } else {
            now += hours(*wait);
        }
        perform(&mut account, now, number, step, &mut out);
    }
    (account, out, now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_hold(steps in prop::collection::vec((0i64..30, step()), 1..40)) {
        let (account, postings, now) = history(&steps, false);
        prop_assert_eq!(verify("p", "m", "w", &postings), vec![]);
        let replayed = replay("p", "m", "w", &postings, now);
        prop_assert_eq!(&replayed, &account, "projection equals replay");
        prop_assert_eq!(replayed.usable() == account.usable(), true);

        // Conservation, counted from the lines and not by the account.
        let own: i64 = postings.iter().map(Posting::change).sum();
        let balance = account.balance(now);
        let settled = account.next_due_at().is_none_or(|due| due > now);
        if settled {
            prop_assert_eq!(own, balance.available + balance.pending + balance.held - balance.owed);
        }
        prop_assert_eq!(balance.totals.net(), balance.available + balance.pending + balance.held - balance.owed);
        prop_assert!(balance.available >= 0 && balance.pending >= 0 && balance.held >= 0 && balance.owed >= 0);
        prop_assert!(balance.owed == 0 || balance.available == 0, "usable points pay the debt");

        // Over all pots a posting is zero, and no lot is below zero at any step.
        for posting in &postings {
            prop_assert_eq!(posting.lines.iter().map(|line| line.amount).sum::<i64>(), 0);
            if let Some(line) = posting.lines.iter().find(|line| line.pot == Pot::Redeemed && line.amount > 0) {
                prop_assert!(line.amount > 0);
            }
        }
    }

    #[test]
    fn a_job_that_runs_every_hour_leaves_the_same_chain(steps in prop::collection::vec((0i64..30, step()), 1..40)) {
        let (never, postings, now) = history(&steps, false);
        let (hourly, with_job, _) = history(&steps, true);
        let mut late = never.clone();
        let mut all = postings.clone();
        late.advance(now, &mut all);
        let mut hourly_now = hourly.clone();
        let mut hourly_all = with_job.clone();
        hourly_now.advance(now, &mut hourly_all);
        prop_assert_eq!(late.head(), hourly_now.head());
        // At any instant in between the balance is the same from either chain.
        for hour in 0..40 {
            let at = Timestamp::UNIX_EPOCH + hours(hour * 11);
            let from = |postings: &[Posting]| balance_at("p", "m", "w", postings, at);
            prop_assert_eq!(from(&postings), from(&with_job));
        }
    }
}
