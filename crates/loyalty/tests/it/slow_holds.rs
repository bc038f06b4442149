//! An independent slow model of holds: every point is a thing of its own, with the hold or redemption it is in. Random
//! stories of holds, captures, releases, lapses, redemptions and refunds must give the same balances.

use crate::story::program;
use jiff::Timestamp;
use loyalty::fact::{Event, Fact, Join, Redeem};
use loyalty::judge::{Books, Output, judge};
use loyalty::name::Name;
use proptest::prelude::*;

const HOUR: i64 = 3_600;
const BEGIN: i64 = 1_767_546_000;

fn shop(expiry_hours: i64, grace_hours: i64, stock: u32) -> String {
    format!(
        r#"
        [program]
        id = "holds"
        name = "Holds"
        zone = "UTC"
        currency = "USD"
        [[wallet]]
        id = "beans"
        name = "Beans"
        restore_grace = "{grace_hours}h"
        [[expiry]]
        wallet = "beans"
        after = "{expiry_hours}h"
        [[reward]]
        id = "cup"
        name = "Cup"
        kind = "product"
        products = ["cup"]
        stock = {stock}
        prices = [{{ wallet = "beans", points = 4 }}]
        limits = [{{ per = "lifetime", times = 3 }}]
        "#
    )
}

#[derive(Debug, Clone)]
enum Step {
    Give(i64),
    Hold(i64),
    Redeem,
    Capture(usize),
    Release(usize),
    Refund(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Mine,
    Held(usize),
    Spent(usize),
    Gone,
}

#[derive(Debug, Clone)]
struct Point {
    earned: i64,
    ends: i64,
    lot: usize,
    state: State,
    taken: usize,
}

/// A hold or redemption: until when it is held, and whether it was captured, let go or given back. One that is over by
/// itself sets nothing aside, of the points, the limits and the stock.
#[derive(Debug, Clone, PartialEq)]
enum Asked {
    Held(i64),
    Had,
    Over,
}

#[derive(Debug, Default)]
struct Model {
    points: Vec<Point>,
    lots: usize,
    asked: Vec<Asked>,
    taken: usize,
}

impl Model {
    fn pass(&mut self, now: i64) {
        for (place, asked) in self.asked.iter_mut().enumerate() {
            if matches!(asked, Asked::Held(until) if *until <= now) {
                *asked = Asked::Over;
                self.points
                    .iter_mut()
                    .filter(|p| p.state == State::Held(place))
                    .for_each(|p| p.state = State::Mine);
            }
        }
        for point in self.points.iter_mut().filter(|p| p.state == State::Mine && p.ends <= now) {
            point.state = State::Gone;
        }
    }

    fn had(&self) -> usize {
        self.asked.iter().filter(|asked| matches!(asked, Asked::Held(_) | Asked::Had)).count()
    }

    fn ask(&mut self, stock: u32, now: i64, until: Option<i64>) -> bool {
        let place = self.asked.len();
        let mut mine: Vec<usize> =
            (0..self.points.len()).filter(|p| self.points[*p].state == State::Mine).collect();
        mine.sort_by_key(|p| (self.points[*p].ends, self.points[*p].earned, self.points[*p].lot));
        let is_late = until.is_some_and(|until| until <= now);
        if self.had() >= stock as usize || self.had() >= 3 || mine.len() < 4 || is_late {
            self.asked.push(Asked::Over);
            return false;
        }
        for point in mine.into_iter().take(4) {
            self.taken += 1;
            self.points[point].taken = self.taken;
            self.points[point].state = if until.is_some() { State::Held(place) } else { State::Spent(place) };
        }
        self.asked.push(until.map_or(Asked::Had, Asked::Held));
        true
    }

    fn step(&mut self, step: &Step, now: i64, expiry: i64, grace: i64, stock: u32) -> bool {
        self.pass(now);
        let set = |points: &mut Vec<Point>, from: State, to: State| {
            points.iter_mut().filter(|p| p.state == from).for_each(|p| p.state = to);
        };
        match *step {
            Step::Give(count) => {
                for _ in 0..count {
                    let (earned, ends, lot) = (now, now + expiry, self.lots);
                    self.points.push(Point { earned, ends, lot, state: State::Mine, taken: 0 });
                }
                self.lots += 1;
                true
            }
            Step::Hold(hours) => self.ask(stock, now, Some(now + hours * HOUR)),
            Step::Redeem => self.ask(stock, now, None),
            Step::Capture(place) => match self.asked.get(place) {
                Some(Asked::Held(_)) => {
                    set(&mut self.points, State::Held(place), State::Spent(place));
                    self.asked[place] = Asked::Had;
                    true
                }
                // What was captured before is a repetition, and no refusal.
                Some(Asked::Had) => true,
                _ => false,
            },
            Step::Release(place) => {
                let is_held = matches!(self.asked.get(place), Some(Asked::Held(_)));
                if is_held {
                    set(&mut self.points, State::Held(place), State::Mine);
                    self.asked[place] = Asked::Over;
                }
                is_held
            }
            Step::Refund(place) => {
                let is_had = matches!(self.asked.get(place), Some(Asked::Had));
                if is_had {
                    // Points of one lot that would end before the grace come back together, with a new end.
                    for lot in 0..self.lots {
                        let back = |p: &&mut Point| p.state == State::Spent(place) && p.lot == lot;
                        let fresh = self.lots;
                        let mut is_new = false;
                        for point in self.points.iter_mut().filter(back) {
                            point.state = State::Mine;
                            if point.ends < now + grace {
                                (point.ends, point.lot, is_new) = (now + grace, fresh, true);
                            }
                        }
                        self.lots += usize::from(is_new);
                    }
                    self.asked[place] = Asked::Over;
                }
                is_had
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1i64..9).prop_map(Step::Give),
        3 => (0i64..30).prop_map(Step::Hold),
        2 => Just(Step::Redeem),
        3 => (0usize..8).prop_map(Step::Capture),
        2 => (0usize..8).prop_map(Step::Release),
        2 => (0usize..8).prop_map(Step::Refund),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn holds_and_the_slow_model_agree(
        rules in (10i64..100, 0i64..50, 1u32..5),
        steps in prop::collection::vec((0i64..20, step()), 1..40),
    ) {
        let (expiry, grace, stock) = rules;
        let program = program(&shop(expiry, grace, stock));
        let mut books = Books::default();
        let mut model = Model::default();
        let mut now = BEGIN;
        let tell = |at: i64, fact: Fact, books: &mut Books| {
            let at = Timestamp::from_second(at).unwrap();
            let mut out = Vec::new();
            judge(&program, books, &Event { at, fact }, &mut out);
            !out.iter().any(|output| matches!(output, Output::Refused { .. }))
        };
        let join = Join { member: "ana".into(), birthday: None, segments: vec![], referred_by: None, marks: vec![] };
        tell(now, Fact::Join(join), &mut books);
        let mut asked = 0;
        for (number, (wait, step)) in steps.iter().enumerate() {
            now += wait * HOUR;
            let name = |place: usize| Name::new(&format!("a-{place}"));
            let redeem = |until: Option<i64>| Redeem {
                member: "ana".into(),
                id: name(asked),
                reward: "cup".into(),
                product: None,
                units: None,
                bill_minor: None,
                till: None,
                is_confirmed: false,
                until: until.map(|until| Timestamp::from_second(until).unwrap()),
            };
            let member = || Name::new("ana");
            let fact = match *step {
                Step::Give(units) => Fact::Adjust { member: member(), id: Name::new(&format!("g-{number}")), wallet: "beans".into(), units },
                Step::Hold(hours) => Fact::Hold(redeem(Some(now + hours * HOUR))),
                Step::Redeem => Fact::Redeem(redeem(None)),
                Step::Capture(place) => Fact::Capture { member: member(), id: name(place) },
                Step::Release(place) => Fact::Release { member: member(), id: name(place) },
                Step::Refund(place) => Fact::Refund { member: member(), id: name(place) },
            };
            asked += usize::from(matches!(step, Step::Hold(_) | Step::Redeem));
            let went = tell(now, fact, &mut books);
            prop_assert_eq!(went, model.step(step, now, expiry * HOUR, grace * HOUR, stock), "{:?} at {}", step, number);
            model.pass(now);
            let balance = books.members[&Name::new("ana")].accounts[0].balance(Timestamp::from_second(now).unwrap());
            let count = |wanted: &dyn Fn(&State) -> bool| model.points.iter().filter(|p| wanted(&p.state)).count() as i64;
            let slow = (
                count(&|state| *state == State::Mine),
                count(&|state| matches!(state, State::Held(_))),
                count(&|state| matches!(state, State::Spent(_))),
                count(&|state| *state == State::Gone),
            );
            let totals = balance.totals;
            prop_assert_eq!((balance.available, balance.held, totals.spent - totals.refunded, totals.expired), slow, "{:?} at {}", step, number);
        }
    }
}
