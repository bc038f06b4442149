//! An independent slow model of merging and parting: every point is a thing of its own that belongs to one member for
//! ever; where it lies is asked each time, by following who is merged into whom. Random stories of three members, with
//! orders, caps, returns, spending, debts, merges in chains and partings must give the same balances.

use crate::story::Story;
use loyalty::judge::Output;
use loyalty::name::Name;
use proptest::prelude::*;

const NAMES: [&str; 3] = ["ana", "bo", "cam"];
/// 2026-01-05 00:00 UTC.
const BEGIN: i64 = 1_767_571_200;
const CAP: i64 = 40;

fn shop(deficit: &str, expiry_hours: i64) -> String {
    format!(
        r#"
        [program]
        id = "merges"
        name = "Merges"
        zone = "UTC"
        currency = "USD"
        [[wallet]]
        id = "beans"
        name = "Beans"
        deficit = "{deficit}"
        [[expiry]]
        wallet = "beans"
        after = "{expiry_hours}h"
        [[earning]]
        id = "base"
        wallet = "beans"
        per_amount = {{ every = "1.00", points = 1 }}
        caps = [{{ per = "day", points = {CAP} }}]
        [[ladder]]
        id = "status"
        name = "Status"
        counts = "spend"
        window = "rolling"
        length = "12M"
        lasts = "12M"
        [[ladder.tier]]
        id = "green"
        name = "Green"
        threshold = 0
        [[reward]]
        id = "cup"
        name = "Cup"
        kind = "product"
        products = ["cup"]
        prices = [{{ wallet = "beans", points = 7 }}]
        "#
    )
}

#[derive(Debug, Clone)]
enum Step {
    Order { who: usize, dollars: i64, quantity: i64 },
    Return { order: usize, quantity: i64 },
    Keep { back: usize },
    Give { who: usize, units: i64 },
    Redeem { who: usize },
    Merge { from: usize, into: usize },
    Part { who: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0usize..3, 1i64..30, 1i64..4).prop_map(|(who, dollars, quantity)| Step::Order { who, dollars, quantity }),
        4 => (0usize..6, 1i64..4).prop_map(|(order, quantity)| Step::Return { order, quantity }),
        2 => (0usize..6).prop_map(|back| Step::Keep { back }),
        1 => (0usize..3, 1i64..9).prop_map(|(who, units)| Step::Give { who, units }),
        3 => (0usize..3).prop_map(|who| Step::Redeem { who }),
        3 => (0usize..3, 0usize..3).prop_map(|(from, into)| Step::Merge { from, into }),
        3 => (0usize..3).prop_map(|who| Step::Part { who }),
    ]
}

#[derive(Debug, Clone)]
struct Point {
    belongs: usize,
    order: Option<usize>,
    earned: i64,
    ends: i64,
}

#[derive(Debug, Clone)]
struct Bought {
    owner: usize,
    at: i64,
    paid: i64,
    quantity: i64,
    back: i64,
    units: i64,
    called: i64,
    let_go: i64,
}

impl Bought {
    fn money_back(&self) -> i64 {
        if self.back == self.quantity { self.paid } else { self.paid * self.back / self.quantity }
    }

    fn due(&self) -> i64 {
        if self.back == self.quantity { self.units } else { self.units * self.money_back() / self.paid }
    }
}

#[derive(Debug, Default)]
struct Model {
    points: Vec<Point>,
    merged: [Option<usize>; 3],
    owed: [i64; 3],
    bought: Vec<Bought>,
    backs: Vec<(usize, i64, bool)>,
}

impl Model {
    fn holder(&self, mut who: usize) -> usize {
        while let Some(into) = self.merged[who] {
            who = into;
        }
        who
    }

    fn lying(&self, who: usize) -> Vec<usize> {
        let mut all: Vec<usize> =
            (0..self.points.len()).filter(|place| self.holder(self.points[*place].belongs) == who).collect();
        all.sort_by_key(|place| (self.points[*place].ends, self.points[*place].earned));
        all
    }

    fn drop_points(&mut self, mut places: Vec<usize>) {
        places.sort_unstable();
        for place in places.into_iter().rev() {
            self.points.remove(place);
        }
    }

    /// What is over is gone, and debts are paid by who has points.
    fn settle(&mut self, now: i64) {
        self.points.retain(|point| point.ends > now);
        for who in 0..3 {
            let pay: Vec<usize> = self.lying(who).into_iter().take(self.owed[who] as usize).collect();
            self.owed[who] -= pay.len() as i64;
            self.drop_points(pay);
        }
    }

    fn give(&mut self, belongs: usize, order: Option<usize>, units: i64, earned: i64, hours: i64) {
        let point = Point { belongs, order, earned, ends: earned + hours * 3_600 };
        self.points.extend(std::iter::repeat_n(point, units as usize));
    }

    fn after_return(&mut self, order: usize, now: i64, negative: bool, hours: i64) {
        let bought = self.bought[order].clone();
        let (due, who) = (bought.due(), self.holder(bought.owner));
        for _ in bought.called..due {
            let lying = self.lying(who);
            let own = lying.iter().copied().find(|place| self.points[*place].order == Some(order));
            match own.or(lying.first().copied()) {
                Some(place) => self.drop_points(vec![place]),
                None if negative => self.owed[who] += 1,
                None => self.bought[order].let_go += 1,
            }
        }
        let kept = self.bought[order].let_go.min((bought.called - due).max(0));
        self.bought[order].let_go -= kept;
        let again = (bought.called - due).max(0) - kept;
        self.give(bought.owner, Some(order), again, bought.at, hours);
        self.bought[order].called = due;
        self.settle(now);
    }

    /// Whether it goes.
    fn step(&mut self, step: &Step, now: i64, negative: bool, hours: i64) -> bool {
        self.settle(now);
        match *step {
            Step::Order { who, dollars, quantity } => {
                let owner = self.holder(who);
                let day = now.div_euclid(86_400);
                let today = |bought: &&Bought| {
                    bought.at.div_euclid(86_400) == day && self.holder(bought.owner) == owner
                };
                let used: i64 = self.bought.iter().filter(today).map(|bought| bought.units).sum();
                let units = dollars.min((CAP - used).max(0));
                let paid = dollars * 100;
                self.give(owner, Some(self.bought.len()), units, now, hours);
                self.bought.push(Bought {
                    owner,
                    at: now,
                    paid,
                    quantity,
                    back: 0,
                    units,
                    called: 0,
                    let_go: 0,
                });
                self.settle(now);
                true
            }
            Step::Return { order, quantity } => {
                let Some(bought) = self.bought.get_mut(order) else { return true };
                if bought.back + quantity > bought.quantity {
                    return false;
                }
                bought.back += quantity;
                self.backs.push((order, quantity, true));
                self.after_return(order, now, negative, hours);
                true
            }
            Step::Keep { back } => {
                let Some((order, quantity, stands)) = self.backs.get(back).copied() else { return true };
                if stands {
                    self.backs[back].2 = false;
                    self.bought[order].back -= quantity;
                    self.after_return(order, now, negative, hours);
                }
                true
            }
            Step::Give { who, units } => {
                self.give(self.holder(who), None, units, now, hours);
                self.settle(now);
                true
            }
            Step::Redeem { who } => {
                let mine: Vec<usize> = self.lying(self.holder(who)).into_iter().take(7).collect();
                let is_enough = mine.len() == 7;
                if is_enough {
                    self.drop_points(mine);
                }
                is_enough
            }
            Step::Merge { from, into } => {
                let into = self.holder(into);
                if self.merged[from].is_some() {
                    // Said again it is a repetition, into somebody else it is refused.
                    return self.holder(from) == into;
                }
                if from == into {
                    return false;
                }
                self.merged[from] = Some(into);
                self.owed[into] += std::mem::take(&mut self.owed[from]);
                self.settle(now);
                true
            }
            Step::Part { who } => {
                let Some(into) = self.merged[who] else { return false };
                if self.merged[into].is_some() {
                    return false;
                }
                self.merged[who] = None;
                self.settle(now);
                true
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merges_and_the_slow_model_agree(
        rules in (any::<bool>(), 10i64..200),
        steps in prop::collection::vec((1i64..14, step()), 1..40),
    ) {
        let (negative, hours) = rules;
        let mut story = Story::new(&shop(if negative { "negative" } else { "clamp" }, hours));
        let time = |seconds: i64| {
            let at = jiff::Timestamp::from_second(seconds).unwrap();
            at.to_zoned(jiff::tz::TimeZone::UTC).datetime().to_string()
        };
        for name in NAMES {
            story.tell(&format!("{} join {name}", time(BEGIN)));
        }
        let mut model = Model::default();
        let mut now = BEGIN;
        for (number, (wait, step)) in steps.iter().enumerate() {
            now += wait * 3_600;
            let text = match step {
                Step::Order { who, dollars, quantity } => {
                    format!("order {} o-{} {quantity}xa:x={dollars}.00", NAMES[*who], model.bought.len())
                }
                Step::Return { order, .. } if *order >= model.bought.len() => "tick".to_owned(),
                Step::Return { order, quantity } => format!("return o-{order} r-{} 1:{quantity}", model.backs.len()),
                Step::Keep { back } if *back >= model.backs.len() => "tick".to_owned(),
                Step::Keep { back } => format!("keep o-{} r-{back}", model.backs[*back].0),
                Step::Give { who, units } => format!("adjust {} beans {units} g-{number}", NAMES[*who]),
                Step::Redeem { who } => format!("redeem {} cup c-{number}", NAMES[*who]),
                Step::Merge { from, into } => format!("merge {} {}", NAMES[*from], NAMES[*into]),
                Step::Part { who } => format!("unmerge {}", NAMES[*who]),
            };
            let words: Vec<&str> = text.split_whitespace().collect();
            let fact = crate::story::fact(&story.program, words[0], &words[1..]);
            let at = jiff::Timestamp::from_second(now).unwrap();
            let mut out = Vec::new();
            loyalty::judge::judge(&story.program, &mut story.books, &loyalty::fact::Event { at, fact }, &mut out);
            story.now = at;
            let went = !out.iter().any(|output| matches!(output, Output::Refused { .. }));
            story.outputs.extend(out);
            prop_assert_eq!(went, model.step(step, now, negative, hours), "{} ({}) {:?}", text, number, story.outputs.last());
            for (who, name) in NAMES.iter().enumerate().filter(|(who, _)| model.merged[*who].is_none()) {
                let member = &story.books.members[&Name::new(name)];
                let balance = member.accounts[0].balance(at);
                let slow = (model.lying(who).len() as i64, model.owed[who]);
                prop_assert_eq!((balance.available, balance.owed), slow, "{} after {} ({})", name, text, number);
                let kept = model.bought.iter().filter(|bought| model.holder(bought.owner) == who);
                let spend: i64 = kept.clone().map(|bought| bought.paid - bought.money_back()).sum();
                prop_assert_eq!(member.standings[0].counted.values().sum::<i64>(), spend, "{} after {}", name, text);
                prop_assert_eq!(member.orders.len(), kept.count(), "{} after {}", name, text);
            }
        }
        story.prove();
    }
}
