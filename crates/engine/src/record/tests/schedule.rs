//! Scheduled work that runs late, twice, never, on two machines at once, and on one that dies at it.

use super::super::schedule::{Task, Worker, round, time_passes};
use super::super::work::Problem;
use super::shop::{Shop, join, morning, order, places};
use domain::port::Clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::Queue;

/// A clock that is told.
pub struct Told(pub AtomicI64);

impl Told {
    pub fn at(now: Timestamp) -> Told {
        Told(AtomicI64::new(now.as_microsecond()))
    }

    pub fn go(&self, span: SignedDuration) {
        self.0.fetch_add(span.as_micros() as i64, Ordering::SeqCst);
    }
}

impl Clock for Told {
    fn now_micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn worker(name: &str) -> Worker<'_> {
    Worker { name, patience: SignedDuration::from_mins(10) }
}

/// A task that counts its turns, and goes wrong while `wrong` says so.
fn counting<'a>(turns: &'a AtomicU64, wrong: &'a dyn Fn() -> Option<Problem>) -> Task<'a> {
    let act = |_: &mut super::super::schedule::Turn<'_>| {
        turns.fetch_add(1, Ordering::SeqCst);
        wrong().map_or(Ok(()), Err)
    };
    Task { name: "count", every: HOUR, act: Box::new(act) }
}

#[test]
fn one_turn_a_slot_however_late_and_however_often_somebody_looks() {
    for place in places() {
        let shop = Shop::open(place);
        let mut session = shop.sessions.open().unwrap();
        let (clock, turns, never) = (Told::at(morning()), AtomicU64::new(0), || None);
        let look = |session: &mut store::Session, expected: u64, why: &str| {
            round(session, &mut [counting(&turns, &never)], &clock, worker("a")).unwrap();
            assert_eq!(turns.load(Ordering::SeqCst), expected, "{why}");
        };
        look(&mut session, 1, "the slot that has come");
        look(&mut session, 1, "twice in it");
        clock.go(SignedDuration::from_mins(59));
        look(&mut session, 1, "still in it");
        clock.go(SignedDuration::from_mins(2));
        look(&mut session, 2, "the next");
        clock.go(HOUR * 24 * 40);
        look(&mut session, 3, "after forty days once, for the last slot");
        clock.go(-HOUR);
        look(&mut session, 3, "the clock stepped back");
        clock.go(HOUR * 2);
        look(&mut session, 4, "and went on");
        assert_eq!(session.read().waiting(Queue::Jobs).unwrap(), 0);
    }
}

#[test]
fn what_fails_is_tried_again_and_laid_aside_when_nothing_helps() {
    let shop = Shop::open(places().remove(0));
    let mut session = shop.sessions.open().unwrap();
    let (clock, turns) = (Told::at(morning()), AtomicU64::new(0));
    let is_final = std::cell::Cell::new(false);
    let wrong = || Some(Problem { what: "the lake is away".into(), is_final: is_final.get() });
    let look = |session: &mut store::Session| {
        round(session, &mut [counting(&turns, &wrong)], &clock, worker("a")).unwrap()
    };
    assert_eq!(
        look(&mut session)[0].problem.as_ref().map(|wrong| wrong.what.as_str()),
        Some("the lake is away")
    );
    assert_eq!(look(&mut session), [], "not before its pause is over");
    clock.go(SignedDuration::from_secs(7));
    assert_eq!(look(&mut session)[0].attempt, 2);
    is_final.set(true);
    clock.go(SignedDuration::from_mins(7));
    look(&mut session);
    let dead = session.read().dead_letters(Queue::Jobs, 10).unwrap();
    assert_eq!((dead.len(), dead[0].attempts, dead[0].problem.as_str()), (1, 3, "the lake is away"));
    let (id, at) = (dead[0].message_id.clone(), clock.now_micros());
    assert!(session.write(|writing| writing.revive(Queue::Jobs, &id, at)).unwrap());
    assert_eq!(look(&mut session)[0].attempt, 1, "replayed from the beginning");
}

#[test]
fn two_machines_at_once_and_one_that_dies() {
    for place in places() {
        let shop = Shop::open(place);
        let clock = Told::at(morning());
        let (turns, ready) = (AtomicU64::new(0), Barrier::new(4));
        std::thread::scope(|scope| {
            for machine in 0..4 {
                let (shop, clock, turns, ready) = (&shop.sessions, &clock, &turns, &ready);
                scope.spawn(move || {
                    let mut session = shop.open().unwrap();
                    let (name, never) = (format!("machine-{machine}"), || None);
                    for _ in 0..5 {
                        ready.wait();
                        round(&mut session, &mut [counting(turns, &never)], clock, worker(&name)).unwrap();
                        if ready.wait().is_leader() {
                            clock.go(HOUR);
                        }
                    }
                });
            }
        });
        assert_eq!(turns.load(Ordering::SeqCst), 5, "one turn for each of five slots");

        // A machine leases the next one and is never heard of again.
        let mut session = shop.sessions.open().unwrap();
        super::super::work::schedule(
            &mut session,
            "count",
            HOUR,
            Timestamp::from_microsecond(clock.now_micros()).unwrap(),
        )
        .unwrap();
        let (at, until) = (clock.now_micros(), clock.now_micros() + 600_000_000);
        let leased =
            session.write(|writing| writing.lease_topic(Queue::Jobs, "count", "dead", (at, until), 1));
        assert_eq!(leased.unwrap().len(), 1);
        let never = || None;
        let mut look = || round(&mut session, &mut [counting(&turns, &never)], &clock, worker("b")).unwrap();
        assert_eq!(look(), [], "its lease lasts");
        clock.go(SignedDuration::from_mins(11));
        assert_eq!(look()[0].attempt, 2, "and ends");
    }
}

#[test]
fn a_turn_beats_and_learns_that_it_is_no_longer_its_own() {
    let shop = Shop::open(places().remove(0));
    let mut session = shop.sessions.open().unwrap();
    let clock = Told::at(morning());
    let beats = std::cell::RefCell::new(Vec::new());
    let act = |turn: &mut super::super::schedule::Turn<'_>| {
        for minutes in [6, 6, 11] {
            clock.go(SignedDuration::from_mins(minutes));
            beats.borrow_mut().push(turn.beat()?);
        }
        Ok(())
    };
    let task = Task { name: "long", every: HOUR, act: Box::new(act) };
    let done = round(&mut session, &mut [task], &clock, worker("a")).unwrap();
    assert_eq!(*beats.borrow(), [true, true, false], "the third comes after the lease has run out");
    assert_eq!(done.len(), 1);
}

#[test]
fn points_run_out_by_the_schedule_and_balances_do_not_wait_for_it() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 1000)));
        shop.later(SignedDuration::from_hours(24 * 400));
        assert_eq!(shop.balance("ana").0, 0, "without any job");
        let clock = Told::at(shop.now);
        let mut session = shop.sessions.open().unwrap();
        let recorder = std::cell::RefCell::new(&mut shop.recorder);
        let act = |turn: &mut super::super::schedule::Turn<'_>| {
            let now = turn.now;
            time_passes(&mut recorder.borrow_mut(), now, &mut || turn.beat()).map(drop).map_err(Problem::from)
        };
        let mut tasks = [Task { name: "passing_time", every: HOUR, act: Box::new(act) }];
        for _ in 0..2 {
            round(&mut session, &mut tasks, &clock, worker("a")).unwrap();
        }
        drop(tasks);
        let postings = shop.recorder.session().read().postings_of("ana", "corner").unwrap();
        assert_eq!(postings.iter().filter(|row| row.kind == "expire").count(), 2, "each lot once");
        shop.prove();
    }
}
