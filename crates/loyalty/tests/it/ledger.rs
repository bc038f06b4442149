//! The ledger in tables. A line is a command or a balance; days are midnights in UTC.

use domain::Points;
use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::ledger::{
    Account, Cause, Deficit, Moved, Opening, Posted, Posting, Refused, Start, balance_at, replay, verify,
};
use loyalty::name::Name;
use std::collections::BTreeMap;

fn instant(day: &str) -> Timestamp {
    if let Ok(at) = day.parse() {
        return at;
    }
    let date: Date = day.parse().unwrap_or_else(|_| panic!("'{day}' is neither a day nor an instant"));
    date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

fn points(text: &str) -> Points {
    Points::new(text.parse().unwrap_or_else(|_| panic!("'{text}' is no amount"))).unwrap()
}

#[derive(Default)]
struct Books {
    accounts: BTreeMap<String, Account>,
    postings: BTreeMap<String, Vec<Posting>>,
    merged: BTreeMap<String, (Vec<loyalty::ledger::LotId>, String)>,
}

/// Words of a line after the fixed ones: `key value` pairs.
fn after<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words.iter().position(|word| *word == key).map(|place| words[place + 1])
}

fn label(refused: &Refused) -> String {
    match refused {
        Refused::InsufficientPoints { available, .. } => format!("insufficient_points available={available}"),
        Refused::NothingToMove => "nothing_to_move".to_owned(),
        Refused::NoSuchHold(_) => "no_such_hold".to_owned(),
        Refused::IdTaken(_) => "id_taken".to_owned(),
        Refused::BeyondHold { held, .. } => format!("beyond_hold held={held}"),
        Refused::BeyondSpent { left, .. } => format!("beyond_spent left={left}"),
        Refused::NotPending(_) => "not_pending".to_owned(),
        Refused::TooLarge => "too_large".to_owned(),
        Refused::EndsBeforeItBegins(_) => "ends_before_it_begins".to_owned(),
    }
}

fn lots_of(account: &Account, cause: &str) -> Vec<loyalty::ledger::LotId> {
    let is_of = |lot: &loyalty::ledger::Lot| lot.cause.id == cause && lot.origin.is_none();
    account.lots().filter(|(_, lot)| is_of(lot)).map(|(id, _)| id).collect()
}

impl Books {
    fn account(&mut self, member: &str) -> &mut Account {
        self.accounts
            .entry(member.to_owned())
            .or_insert_with(|| Account::open("corner-shop", member, "stars"))
    }

    fn record(&mut self, member: &str, postings: Vec<Posting>) {
        self.postings.entry(member.to_owned()).or_default().extend(postings);
    }

    fn run(&mut self, now: Timestamp, words: &[&str]) -> Result<(), Refused> {
        let (verb, member) = (words[0], words[1]);
        let mut out = Vec::new();
        let account = self.account(member);
        let start = match (after(words, "from"), after(words, "on")) {
            (Some(day), _) => Start::At(instant(day)),
            (_, Some(event)) => Start::On { event: event.into(), until: after(words, "before").map(instant) },
            _ => Start::Usable,
        };
        let opening = Opening {
            earned_at: after(words, "earned").map_or(now, instant),
            start,
            expires_at: after(words, "expires").map(instant),
        };
        let answer = match verb {
            "earn" => account
                .earn(now, points(words[2]), opening, Cause::new("order", words[3]), &mut out)
                .map(|_| ()),
            "give" => {
                account.adjust(now, points(words[2]), Some(opening), Cause::new("staff", words[3]), &mut out)
            }
            "take" => account.adjust(now, points(words[2]), None, Cause::new("staff", words[3]), &mut out),
            "spend" => account.spend(now, points(words[2]), Cause::new("redemption", words[3]), &mut out),
            "hold" => {
                let until = instant(after(words, "until").expect("a hold has an end"));
                account.hold(now, points(words[2]), until, Cause::new("redemption", words[3]), &mut out)
            }
            "capture" => {
                let part = words.get(3).filter(|word| word.parse::<i64>().is_ok()).map(|word| points(word));
                account.capture(now, &Name::new(words[2]), part, &mut out).map(|_| ())
            }
            "release" => account.release(now, &Name::new(words[2]), &mut out),
            "refund" => {
                let at_least = after(words, "until").map_or(now, instant);
                account.refund(now, &Name::new(words[3]), points(words[2]), at_least, &mut out)
            }
            "return" => {
                let own = lots_of(account, words[3]);
                let deficit = match words[4] {
                    "pending_only" => Deficit::PendingOnly,
                    "clamp" => Deficit::Clamp,
                    "negative" => Deficit::Negative,
                    "refuse" => Deficit::Refuse,
                    other => panic!("no deficit policy {other}"),
                };
                account
                    .claw_back(now, points(words[2]), &own, deficit, Cause::new("return", "r"), &mut out)
                    .map(|_| ())
            }
            "reinstate" => {
                let lot = lots_of(account, words[3])[0];
                let at_least = after(words, "until").map_or(now, instant);
                account.reinstate(now, lot, points(words[2]), at_least, Cause::new("return", "r"), &mut out)
            }
            "activate" => {
                let lot = lots_of(account, words[2])[0];
                account.activate(now, lot, after(words, "from").map_or(now, instant), &mut out)
            }
            "cancel" => {
                let lot = lots_of(account, words[2])[0];
                account.cancel(now, lot, Cause::new("staff", "x"), &mut out).map(|_| ())
            }
            "extend" => {
                let to = (words[3] != "never").then(|| instant(words[3]));
                let ends: Vec<_> = lots_of(account, words[2]).into_iter().map(|lot| (lot, to)).collect();
                account.set_expiry(now, &ends, Cause::new("staff", "x"), &mut out);
                Ok(())
            }
            "send" => {
                let sent =
                    account.transfer_out(now, points(words[3]), Cause::new("transfer", words[4]), &mut out);
                return sent.map(|moved| {
                    self.record(member, std::mem::take(&mut out));
                    self.receive(now, Posted::TransferIn, words[2], &moved, 0, words[4]);
                });
            }
            "merge" => {
                let (moved, owed) = account.merge_out(now, Cause::new("merge", member), &mut out);
                self.record(member, std::mem::take(&mut out));
                let lots = self.receive(now, Posted::MergeIn, words[2], &moved, owed, member);
                self.merged.insert(member.to_owned(), (lots, words[2].to_owned()));
                return Ok(());
            }
            "unmerge" => {
                let (lots, into) = self.merged.remove(member).expect("was merged");
                let mut left = Vec::new();
                let cause = Cause::new("unmerge", member);
                let moved = self.account(&into).unmerge_out(now, &lots, cause, &mut left);
                self.record(&into, left);
                self.receive(now, Posted::MergeIn, member, &moved, 0, member);
                return Ok(());
            }
            other => panic!("no verb {other}"),
        };
        self.record(member, out);
        answer
    }

    fn receive(
        &mut self,
        now: Timestamp,
        kind: Posted,
        member: &str,
        moved: &[Moved],
        owed: i64,
        id: &str,
    ) -> Vec<loyalty::ledger::LotId> {
        let mut out = Vec::new();
        let cause = Cause::new("transfer", id);
        let lots = self.account(member).receive(now, kind, moved, owed, cause, &mut out).unwrap();
        self.record(member, out);
        lots
    }

    fn balance(&mut self, now: Timestamp, words: &[&str], line: &str) {
        let balance = self.account(words[1]).balance(now);
        let soonest = |dated: &[(Timestamp, i64)]| {
            let text = |(at, amount): &(Timestamp, i64)| format!("{amount}@{}", &at.to_string()[..10]);
            dated.iter().map(text).collect::<Vec<_>>().join(",")
        };
        for word in &words[2..] {
            let (key, expected) = word.split_once('=').unwrap_or_else(|| panic!("key=value in: {line}"));
            let actual = match key {
                "available" => balance.available.to_string(),
                "pending" => balance.pending.to_string(),
                "held" => balance.held.to_string(),
                "owed" => balance.owed.to_string(),
                "earned" => balance.totals.earned.to_string(),
                "spent" => balance.totals.spent.to_string(),
                "refunded" => balance.totals.refunded.to_string(),
                "expired" => balance.totals.expired.to_string(),
                "clawed_back" => balance.totals.clawed_back.to_string(),
                "cancelled" => balance.totals.cancelled.to_string(),
                "expires" => soonest(&balance.expirations),
                "activates" => soonest(&balance.activations),
                other => panic!("no figure {other}"),
            };
            assert_eq!(actual, expected, "{key} in: {line}");
        }
        let net = balance.available + balance.pending + balance.held - balance.owed;
        assert_eq!(net, balance.totals.net(), "counters reconcile in: {line}");
    }
}

/// Run a script. With `job`, an expiry job runs before every line, which must make no difference.
fn run(script: &str, job: bool) -> Books {
    let mut books = Books::default();
    let mut now = instant("2026-01-01");
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words[0] == "day" {
            now = instant(words[1]);
            continue;
        }
        if job {
            for member in books.accounts.keys().cloned().collect::<Vec<_>>() {
                let mut out = Vec::new();
                books.account(&member).advance(now, &mut out);
                books.account(&member).advance(now, &mut out);
                books.record(&member, out);
            }
        }
        if words[0] == "balance" {
            books.balance(now, &words, line);
            continue;
        }
        let (command, expected) = match words.iter().position(|word| *word == "refused") {
            Some(place) => (&words[..place], words[place + 1..].join(" ")),
            None => (&words[..], "done".to_owned()),
        };
        let answer = books.run(now, command).map_or_else(|refused| label(&refused), |()| "done".to_owned());
        assert_eq!(answer, expected, "in: {line}");
    }
    books
}

fn check(script: &str) {
    let books = run(script, false);
    let with_job = run(script, true);
    let mut transferred = 0;
    for (member, postings) in &books.postings {
        let account = &books.accounts[member];
        assert_eq!(verify("corner-shop", member, "stars", postings), [], "{member}");
        let last = account.at();
        assert_eq!(&replay("corner-shop", member, "stars", postings, last), account, "{member} replays");
        let job_account = &with_job.accounts[member];
        let seen = |books: &Books| balance_at("corner-shop", member, "stars", &books.postings[member], last);
        assert_eq!(seen(&books), seen(&with_job), "{member}: a job makes no difference");
        assert!(job_account.postings() >= account.postings());
        assert_eq!(with_job.postings[member][..postings.len()], postings[..], "{member}: the same chain");
        transferred += postings.iter().map(|p| p.on(&loyalty::ledger::Pot::Transferred)).sum::<i64>();
    }
    assert_eq!(transferred, 0, "what one member sends another receives");
}

#[test]
fn hold_capture_and_the_missing_amount() {
    check(
        "
        earn    ana 100 order-1  expires 2027-03-31
        hold    ana  30 reward-7 until 2026-01-02
        balance ana available=70 held=30
        spend   ana  90 reward-8 refused insufficient_points available=70
        capture ana reward-7
        balance ana available=70 held=0 spent=30 expires=70@2027-03-31
        capture ana reward-7 refused no_such_hold
        spend   ana  0 reward-9 refused nothing_to_move
        ",
    );
}

#[test]
fn a_hold_lapses_by_itself() {
    check(
        "
        earn    ana 100 order-1 expires 2026-06-01
        hold    ana 100 reward-1 until 2026-01-10
        spend   ana 10 reward-2 refused insufficient_points available=0
        day 2026-01-10
        balance ana available=100 held=0
        capture ana reward-1 refused no_such_hold
        hold    ana 100 reward-1 until 2026-07-01
        day 2026-06-01
        balance ana available=0 held=100
        release ana reward-1
        balance ana available=0 held=0 expired=100
        hold    ana 1 reward-3 until 2026-06-01 refused ends_before_it_begins
        ",
    );
}

#[test]
fn part_of_a_hold_is_captured_and_the_rest_goes_home() {
    check(
        "
        earn    ana 50 order-1 expires 2026-02-01
        earn    ana 50 order-2 expires 2026-03-01
        hold    ana 80 reward-1 until 2026-01-05
        hold    ana 5 reward-1 until 2026-01-05 refused id_taken
        capture ana reward-1 90 refused beyond_hold held=80
        capture ana reward-1 60
        balance ana available=40 spent=60 expires=40@2026-03-01
        refund  ana 70 reward-1 refused beyond_spent left=60
        refund  ana 20 reward-1
        balance ana available=60 expires=10@2026-02-01,50@2026-03-01
        refund  ana 40 reward-1
        refund  ana 1 reward-1 refused beyond_spent left=0
        balance ana available=100 spent=60 refunded=60
        ",
    );
}

#[test]
fn the_earliest_expiry_is_spent_first_then_the_oldest() {
    check(
        "
        earn    ana 10 forever
        earn    ana 10 late    expires 2026-12-01
        earn    ana 10 soon    expires 2026-02-01
        earn    ana 10 older   expires 2026-02-01 earned 2025-12-01
        spend   ana 15 reward-1
        balance ana expires=5@2026-02-01,10@2026-12-01
        return  ana 10 older pending_only
        day 2026-02-01
        balance ana available=20 expired=5
        spend   ana 25 reward-2 refused insufficient_points available=20
        ",
    );
}

#[test]
fn an_expired_lot_is_never_spendable_at_the_instant_it_ends() {
    check(
        "
        earn    ana 10 order-1 expires 2026-02-01
        day 2026-01-31T23:59:59.999Z
        balance ana available=10
        day 2026-02-01
        spend   ana 1 reward-1 refused insufficient_points available=0
        balance ana expired=10
        ",
    );
}

#[test]
fn pending_points_by_date_and_by_event() {
    check(
        "
        earn    ana 10 order-1 from 2026-01-15 expires 2026-03-01
        earn    ana 20 order-2 on delivered before 2026-02-01
        earn    ana 30 order-3 on delivered before 2026-02-01
        earn    ana 40 order-4 on delivered
        balance ana available=0 pending=100 activates=10@2026-01-15
        spend   ana 1 r refused insufficient_points available=0
        day 2026-01-15
        balance ana available=10 pending=90
        activate ana order-2
        activate ana order-2 refused not_pending
        balance ana available=30 pending=70
        day 2026-02-01
        balance ana available=30 pending=40 cancelled=30
        activate ana order-3 refused not_pending
        cancel  ana order-4
        balance ana pending=0 cancelled=70
        ",
    );
}

#[test]
fn an_event_may_start_a_delay() {
    check(
        "
        earn     ana 40 order-4 on delivered
        activate ana order-4 from 2026-01-20
        balance  ana available=0 pending=40 activates=40@2026-01-20
        day 2026-01-20
        balance  ana available=40 pending=0
        ",
    );
}

#[test]
fn a_return_takes_the_orders_own_points_first() {
    check(
        "
        earn   ana 10 order-1 expires 2026-02-01
        earn   ana 10 order-2 expires 2026-03-01
        return ana 10 order-2 clamp
        balance ana available=10 expires=10@2026-02-01 clawed_back=10
        ",
    );
}

#[test]
fn four_policies_when_the_points_are_gone() {
    check(
        "
        earn   ana 10 order-1
        spend  ana 8 reward-1
        return ana 10 order-1 pending_only
        balance ana available=2 owed=0 clawed_back=0
        return ana 10 order-1 refuse refused insufficient_points available=2
        return ana 10 order-1 clamp
        balance ana available=0 owed=0 clawed_back=2
        ",
    );
    check(
        "
        earn   bo 10 order-1
        spend  bo 8 reward-1
        return bo 10 order-1 negative
        balance bo available=0 owed=8 clawed_back=10
        earn   bo 5 order-2 expires 2026-05-01
        balance bo available=0 owed=3
        earn   bo 5 order-3 from 2026-01-10
        balance bo available=0 owed=3 pending=5
        day 2026-01-10
        balance bo available=2 owed=0 pending=0
        ",
    );
}

#[test]
fn points_given_back_pay_the_debt_first() {
    check(
        "
        earn   ana 10 order-1
        spend  ana 10 reward-1
        return ana 10 order-1 negative
        balance ana owed=10 available=0
        refund ana 10 reward-1
        balance ana owed=0 available=0
        ",
    );
}

#[test]
fn refunds_go_home_and_live_at_least_the_grace() {
    check(
        "
        earn   ana 50 order-1 expires 2026-02-01
        earn   ana 50 order-2 expires 2026-06-01
        spend  ana 80 reward-1
        day 2026-03-01
        refund ana 80 reward-1 until 2026-03-08
        balance ana available=100 expires=50@2026-03-08,50@2026-06-01 expired=0
        ",
    );
}

#[test]
fn without_grace_a_dead_lot_stays_dead() {
    check(
        "
        earn   ana 50 order-1 expires 2026-02-01
        spend  ana 20 reward-1
        day 2026-03-01
        refund ana 20 reward-1
        balance ana available=0 expired=50 refunded=20
        ",
    );
}

#[test]
fn a_return_undone_gives_the_points_again() {
    check(
        "
        earn   ana 50 order-1 expires 2026-06-01
        return ana 20 order-1 clamp
        reinstate ana 20 order-1
        balance ana available=50 clawed_back=20 expires=50@2026-06-01
        return ana 20 order-1 clamp
        day 2026-06-01
        reinstate ana 20 order-1 until 2026-06-08
        balance ana available=20 expires=20@2026-06-08
        return ana 20 order-1 clamp
        balance ana available=0 clawed_back=60
        ",
    );
}

#[test]
fn dates_can_be_changed_and_points_die_with_them() {
    check(
        "
        earn   ana 10 order-1 expires 2026-06-01
        extend ana order-1 2026-09-01
        balance ana expires=10@2026-09-01
        extend ana order-1 never
        day 2027-01-01
        balance ana available=10
        extend ana order-1 2026-12-31
        balance ana available=0 expired=10
        ",
    );
}

#[test]
fn staff_give_and_take() {
    check(
        "
        give ana 10 sorry
        take ana 4 mistake
        take ana 7 mistake refused insufficient_points available=6
        balance ana available=6 earned=0
        ",
    );
}

#[test]
fn a_late_fact_is_posted_now_and_its_dead_points_leave_a_trace() {
    check(
        "
        day 2026-05-01
        earn ana 10 order-2
        earn ana 10 order-1 earned 2025-01-01 expires 2026-01-01
        balance ana available=10 earned=20 expired=10
        ",
    );
}

#[test]
fn transfers_keep_their_dates() {
    check(
        "
        earn ana 50 order-1 expires 2026-06-01
        earn ana 50 order-2 expires 2026-09-01
        send ana bo 70 gift-1
        send ana bo 70 gift-2 refused insufficient_points available=30
        balance ana available=30 expires=30@2026-09-01
        balance bo  available=70 expires=50@2026-06-01,20@2026-09-01
        day 2026-06-01
        balance bo  available=20 expired=50
        ",
    );
}

#[test]
fn members_merge_and_part_again() {
    check(
        "
        earn  ana 50 order-1 expires 2026-06-01
        earn  ana 10 order-2 from 2026-02-01
        earn  bo  30 order-3 expires 2026-03-01
        hold  ana 20 reward-1 until 2026-01-20
        merge ana bo
        balance ana available=0 pending=0 held=0
        balance bo available=80 pending=10
        spend bo 40 reward-2
        balance bo available=40 expires=40@2026-06-01
        unmerge ana
        balance ana available=40 pending=10
        balance bo available=0
        ",
    );
}

#[test]
fn a_debt_goes_along_when_members_merge() {
    check(
        "
        earn   ana 10 order-1
        spend  ana 10 reward-1
        return ana 10 order-1 negative
        earn   bo 25 order-2
        merge  ana bo
        balance ana owed=0
        balance bo available=15 owed=0
        ",
    );
}

#[test]
fn a_chain_shows_what_was_done_to_it() {
    let books = run("earn ana 100 order-1\nspend ana 30 reward-1\nspend ana 30 reward-2", false);
    let whole = &books.postings["ana"];
    let faults = |postings: &[Posting]| {
        verify("corner-shop", "ana", "stars", postings)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(faults(whole), "");

    let mut richer = whole.clone();
    richer[0].lines[1].amount = 1_000;
    assert!(faults(&richer).contains("posting 0 does not match its hash"), "{}", faults(&richer));
    assert!(
        faults(&richer).contains("posting 0 does not balance: its lines sum to 900"),
        "{}",
        faults(&richer)
    );

    let mut shorter = whole.clone();
    shorter.remove(1);
    assert!(faults(&shorter).contains("posting 2 stands where posting 1 belongs"), "{}", faults(&shorter));

    let mut earlier = whole.clone();
    earlier[2].at = instant("2020-01-01");
    assert!(faults(&earlier).contains("posting 2 is dated before"), "{}", faults(&earlier));

    let mut overdrawn = whole.clone();
    overdrawn[2].lines[0].amount = -300;
    assert!(faults(&overdrawn).contains("takes 300 from lot 0, which holds 70"), "{}", faults(&overdrawn));

    let moved = verify("corner-shop", "bo", "stars", whole);
    assert_eq!(moved.len(), 1, "a chain belongs to one member: {moved:?}");
}

#[test]
fn a_sum_beyond_63_bits_is_refused() {
    check(
        "
        earn ana 2305843009213693951 order-1
        earn ana 1 order-2 refused too_large
        balance ana available=2305843009213693951
        ",
    );
}
