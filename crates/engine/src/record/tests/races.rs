//! Races: many threads, one thing. Exactly one gets it, on every kind of database.

use super::super::answer::Outcome;
use super::super::command::Command;
use super::super::recorder::Recorder;
use super::super::writer::{Options, Unanswered, Writer};
use super::schedule::Told;
use super::shop::{Shop, commands, join, morning, order, places, writer};
use domain::port::Clock;
use jiff::SignedDuration;
use std::sync::Arc;
use std::thread;
use store::{Failure, Session};

struct Still;

impl Clock for Still {
    fn now_micros(&self) -> i64 {
        morning().as_microsecond()
    }
}

/// Eight recorders at once, each with its own connection and its own command; how many were done.
fn race(shop: &Shop, ask: impl Fn(usize) -> String + Sync) -> Vec<Outcome> {
    let ask = &ask;
    thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|number| {
                let (session, in_force) = (shop.sessions.open().unwrap(), shop.in_force.clone());
                let now = shop.now;
                scope.spawn(move || {
                    let mut recorder = Recorder::new(session, in_force, writer());
                    recorder.record(now, &commands(&ask(number))).unwrap().remove(0).outcome
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

fn done(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count()
}

#[test]
fn the_last_points_are_spent_once() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&join("ana"));
        shop.one(r#"{"type": "adjust", "member": "ana", "id": "a", "wallet": "beans", "units": 25}"#);
        let outcomes = race(&shop, |number| {
            format!(r#"{{"type": "redeem", "member": "ana", "id": "r-{number}", "reward": "coffee"}}"#)
        });
        assert_eq!((done(&outcomes), shop.balance("ana").0), (1, 5));
        shop.prove();
    }
}

#[test]
fn the_last_of_a_stock_and_of_a_budget_goes_to_one() {
    for place in places() {
        let mut shop = Shop::open(place);
        for number in 0..8 {
            shop.record(&join(&format!("m{number}")));
            let give = r#"{"type": "adjust", "member": "m", "id": "a", "wallet": "beans", "units": 30}"#;
            shop.one(&give.replace("\"m\"", &format!("\"m{number}\"")));
        }
        let outcomes = race(&shop, |number| {
            format!(r#"{{"type": "redeem", "member": "m{number}", "id": "r", "reward": "cup"}}"#)
        });
        assert_eq!(done(&outcomes), 3, "there are three cups");
        let outcomes = race(&shop, |number| order(&format!("o-{number}"), &format!("m{number}"), 100));
        assert_eq!(done(&outcomes), 8);
        let all: i64 = (0..8).map(|number| shop.balance(&format!("m{number}")).0).sum();
        assert_eq!(all, 5 * 30 + 8 + 200, "the launch budget of 200, and not a point more");
        shop.prove();
    }
}

#[test]
fn the_same_thing_from_eight_sides_happens_once() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), join("ann")));
        race(&shop, |_| order("o-1", "ana", 1000));
        assert_eq!(shop.balance("ana").0, 60);
        race(&shop, |_| r#"{"type": "return", "id": "b-1", "order": "o-1"}"#.to_owned());
        assert_eq!(shop.balance("ana").0, 0);
        race(&shop, |_| join("binh"));
        race(&shop, |_| r#"{"type": "merge", "member": "ann", "into": "ana"}"#.to_owned());
        let parted = race(&shop, |_| r#"{"type": "unmerge", "member": "ann"}"#.to_owned());
        assert_eq!(done(&parted), 1);
        shop.prove();
    }
}

#[test]
fn transfers_in_a_ring_neither_block_nor_lose_a_point() {
    for place in places() {
        let mut shop = Shop::open(place);
        for number in 0..8 {
            shop.record(&join(&format!("m{number}")));
            let give = r#"{"type": "adjust", "member": "m", "id": "a", "wallet": "beans", "units": 100}"#;
            shop.one(&give.replace("\"m\"", &format!("\"m{number}\"")));
        }
        for round in 0..5 {
            let outcomes = race(&shop, |number| {
                let to = (number + 1 + round) % 8;
                if to == number {
                    return order(&format!("o-{round}-{number}"), &format!("m{number}"), 0);
                }
                format!(
                    r#"{{"type": "transfer", "member": "m{number}", "to": "m{to}", "id": "t-{round}", "wallet": "beans", "units": 10}}"#
                )
            });
            assert_eq!(done(&outcomes), 8, "round {round}");
        }
        let all: i64 = (0..8).map(|number| shop.balance(&format!("m{number}")).0).sum();
        assert_eq!(all, 800);
        shop.prove();
    }
}

#[test]
fn a_crowd_at_the_writers_is_answered_each_with_its_own() {
    for place in places() {
        let shop = Shop::open(place);
        let writer =
            Writer::start(&shop.sessions, shop.in_force.clone(), Arc::new(Still), Options::new(9)).unwrap();
        let ask = |line: &str| -> Command { commands(line).remove(0) };
        let joined: Vec<_> = (0..50).map(|number| writer.submit(ask(&join(&format!("m{number}"))))).collect();
        assert!(joined.into_iter().all(|ticket| ticket.wait().unwrap().outcome == Outcome::Done));
        thread::scope(|scope| {
            for till in 0..6 {
                let (writer, ask) = (&writer, &ask);
                scope.spawn(move || {
                    let bills: Vec<_> = (0..100)
                        .map(|bill| {
                            let member = format!("m{}", (bill * 7 + till) % 50);
                            writer.submit(ask(&order(&format!("o-{till}-{bill}"), &member, 100 * (bill + 1))))
                        })
                        .collect();
                    for (bill, ticket) in (1..).zip(bills) {
                        let answer = ticket.wait().unwrap();
                        let base = answer
                            .moved
                            .iter()
                            .find(|moved| moved.rule.as_ref().is_some_and(|rule| *rule == "base"));
                        assert_eq!(base.map(|moved| moved.units), Some(bill));
                    }
                });
            }
        });
        writer.close();
        let all: i64 = (0..50).map(|number| shop.balance(&format!("m{number}")).0).sum();
        assert_eq!(all, 6 * 5050 + 200);
        shop.prove();
    }
}

#[test]
fn what_is_no_command_takes_its_turn_and_may_break_off() {
    for place in places() {
        let shop = Shop::open(place);
        let writer =
            Writer::start(&shop.sessions, shop.in_force.clone(), Arc::new(Still), Options::new(9)).unwrap();
        let joined = |name: &str| writer.ask(commands(&join(name)).remove(0)).unwrap().outcome;
        assert_eq!(joined("ana"), Outcome::Done);
        let put = |session: &mut Session| -> Result<(), Failure> {
            session.write(|writing| writing.put_setting("door", "open", 1))
        };
        writer.with_session(put).unwrap().unwrap();
        let breaks_off = |session: &mut Session| -> Result<(), Failure> {
            session.write(|writing| {
                writing.put_setting("door", "shut", 2)?;
                panic!("a fault in what is no command")
            })
        };
        assert!(matches!(writer.with_session(breaks_off), Err(Unanswered::Closed)));
        assert_eq!(joined("binh"), Outcome::Done);
        let read = |session: &mut Session| session.read().find_setting("door");
        assert_eq!(writer.with_session(read).unwrap().unwrap().as_deref(), Some("open"));
        writer.close();
        shop.prove();
    }
}

#[test]
fn writers_go_on_when_the_clock_steps_back_an_hour() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), join("binh")));
        let clock = Arc::new(Told::at(morning()));
        let options = Options { writers: 2, batch: 7, queue: 64, chance: writer() };
        let at_work = Writer::start(&shop.sessions, shop.in_force.clone(), clock.clone(), options).unwrap();
        let mut tickets = Vec::new();
        for number in 0..120 {
            let member = ["ana", "binh"][number % 2];
            tickets.push(at_work.submit(commands(&order(&format!("o-{number}"), member, 100)).remove(0)));
            match number {
                40 => clock.go(-SignedDuration::from_hours(1)),
                80 => clock.go(SignedDuration::from_mins(30)),
                _ => clock.go(SignedDuration::from_secs(1)),
            }
        }
        assert!(tickets.into_iter().all(|ticket| ticket.wait().unwrap().outcome == Outcome::Done));
        at_work.close();
        let kept = |member: &str| shop.balance(member).0;
        assert_eq!(kept("ana") + kept("binh"), 120 + 100, "each order, and the launch gift of both");
        shop.prove();
    }
}
