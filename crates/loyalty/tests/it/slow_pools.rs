//! An independent slow model of sharing: transfers and the pools of households, among merging and parting. The whole
//! list of what happened is told from its beginning each time it is asked how things stand. Every point is a thing of
//! its own that lies with a member or in a pool; who is who, who belongs where and how much of a month's limit is used
//! is looked up in what happened, never kept.

use crate::story::Story;
use loyalty::fact::Event;
use loyalty::judge::{Output, judge};
use loyalty::name::Name;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["ana", "bo", "cam", "dan"];
const HOUSES: [&str; 2] = ["smiths", "ngs"];
/// 2026-01-20 00:00 UTC: the month ends in the midst of a story.
const BEGIN: i64 = 1_768_867_200;
/// 2026-02-01 00:00 UTC.
const FEBRUARY: i64 = 1_769_904_000;
const SEATS: usize = 2;
const SENT_A_MONTH: i64 = 25;
const TAKEN_A_MONTH: i64 = 15;

fn shop(deficit: &str, expiry_hours: i64) -> String {
    format!(
        r#"
        [program]
        id = "pools"
        name = "Pools"
        zone = "UTC"
        currency = "USD"
        [[wallet]]
        id = "beans"
        name = "Beans"
        deficit = "{deficit}"
        transfer_per_month = {SENT_A_MONTH}
        [[expiry]]
        wallet = "beans"
        after = "{expiry_hours}h"
        [[earning]]
        id = "base"
        wallet = "beans"
        per_amount = {{ every = "1.00", points = 1 }}
        [[pool]]
        id = "family"
        wallet = "beans"
        members = {SEATS}
        take_per_month = {TAKEN_A_MONTH}
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
    Order {
        who: usize,
        dollars: i64,
        quantity: i64,
    },
    Return {
        order: usize,
        quantity: i64,
    },
    Keep {
        back: usize,
    },
    Redeem {
        who: usize,
    },
    Send {
        who: usize,
        to: usize,
        units: i64,
    },
    Join {
        who: usize,
        house: usize,
    },
    Leave {
        who: usize,
        house: usize,
    },
    Put {
        who: usize,
        house: usize,
        units: i64,
    },
    Take {
        who: usize,
        house: usize,
        units: i64,
    },
    Merge {
        from: usize,
        into: usize,
    },
    Part {
        who: usize,
    },
    /// What happened so many steps before is told again, word for word.
    Again {
        before: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, house, units) = (0usize..4, 0usize..2, 1i64..9);
    prop_oneof![
        5 => (who.clone(), 1i64..20, 1i64..4).prop_map(|(who, dollars, quantity)| Step::Order { who, dollars, quantity }),
        2 => (0usize..6, 1i64..4).prop_map(|(order, quantity)| Step::Return { order, quantity }),
        1 => (0usize..4).prop_map(|back| Step::Keep { back }),
        1 => who.clone().prop_map(|who| Step::Redeem { who }),
        4 => (who.clone(), who.clone(), units.clone()).prop_map(|(who, to, units)| Step::Send { who, to, units }),
        5 => (who.clone(), house.clone()).prop_map(|(who, house)| Step::Join { who, house }),
        1 => (who.clone(), house.clone()).prop_map(|(who, house)| Step::Leave { who, house }),
        4 => (who.clone(), house.clone(), units.clone()).prop_map(|(who, house, units)| Step::Put { who, house, units }),
        4 => (who.clone(), house.clone(), units).prop_map(|(who, house, units)| Step::Take { who, house, units }),
        2 => (who.clone(), who.clone()).prop_map(|(from, into)| Step::Merge { from, into }),
        2 => who.prop_map(|who| Step::Part { who }),
        1 => (1usize..6).prop_map(|before| Step::Again { before }),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// With a member: whoever that one is by now.
    With(usize),
    Pool(usize),
}

#[derive(Debug, Clone)]
struct Point {
    place: Place,
    /// What it was earned for, until it is sent.
    order: Option<usize>,
    earned: i64,
    ends: i64,
    /// When it came to lie where it lies, among others that came then.
    lot: usize,
}

#[derive(Debug, Clone)]
struct Bought {
    owner: usize,
    at: i64,
    units: i64,
    quantity: i64,
    back: i64,
    called: i64,
    let_go: i64,
    /// Where points that are given again belong, while anything of it is known where the order is.
    lot: Option<usize>,
}

impl Bought {
    fn due(&self) -> i64 {
        let cents = self.units * 100;
        let money_back = if self.back == self.quantity { cents } else { cents * self.back / self.quantity };
        self.units * money_back / cents
    }
}

#[derive(Debug, Default)]
struct Model {
    hours: i64,
    is_negative: bool,
    now: i64,
    points: Vec<Point>,
    lots: usize,
    owed: [i64; 4],
    bought: Vec<Bought>,
    backs: Vec<(usize, i64, bool)>,
    merged: [Option<usize>; 4],
    /// House, and who went in.
    joined: Vec<(usize, usize)>,
    /// When, by whom, how much.
    sent: Vec<(i64, usize, i64)>,
    taken: Vec<(i64, usize, i64)>,
    /// Whether each step went.
    went: Vec<bool>,
}

impl Model {
    /// Tell everything from the beginning.
    fn told(rules: (bool, i64), history: &[(i64, Step)]) -> Model {
        let mut model = Model { is_negative: rules.0, hours: rules.1, ..Model::default() };
        for place in 0..history.len() {
            model.now = history[place].0;
            model.settle();
            let went = model.step(history, place);
            model.settle();
            model.went.push(went);
        }
        model
    }

    fn holder(&self, mut who: usize) -> usize {
        while let Some(into) = self.merged[who] {
            who = into;
        }
        who
    }

    fn where_is(&self, point: &Point) -> Place {
        match point.place {
            Place::With(who) => Place::With(self.holder(who)),
            pool => pool,
        }
    }

    /// What lies somewhere, in the order in which it is spent.
    fn lying(&self, place: Place) -> Vec<usize> {
        let mut all: Vec<usize> =
            (0..self.points.len()).filter(|one| self.where_is(&self.points[*one]) == place).collect();
        all.sort_by_key(|one| (self.points[*one].ends, self.points[*one].earned, self.points[*one].lot));
        all
    }

    fn drop_points(&mut self, mut gone: Vec<usize>) {
        gone.sort_unstable();
        for one in gone.into_iter().rev() {
            self.points.remove(one);
        }
    }

    fn settle(&mut self) {
        let now = self.now;
        self.points.retain(|point| point.ends > now);
        for who in (0..4).filter(|who| self.owed[*who] > 0).collect::<Vec<_>>() {
            let mut pay = self.lying(Place::With(who));
            pay.truncate(self.owed[who] as usize);
            self.owed[who] -= pay.len() as i64;
            self.drop_points(pay);
        }
    }

    /// Points that lay together in one lot lie together in a new one, lot by lot as they come.
    fn move_all(&mut self, points: &[usize], place: impl Fn(Place) -> Place) -> Vec<(usize, usize)> {
        let mut lots: Vec<(usize, usize)> = Vec::new();
        for one in points {
            let old = self.points[*one].lot;
            let known = lots.iter().find(|(from, _)| *from == old).map(|(_, to)| *to);
            let lot = known.unwrap_or_else(|| {
                self.lots += 1;
                lots.push((old, self.lots));
                self.lots
            });
            let point = &mut self.points[*one];
            (point.lot, point.place) = (lot, place(point.place));
        }
        lots
    }

    /// So many of what lies at one place go to another, and are nobody's order's any more.
    fn send(&mut self, from: Place, to: Place, units: i64) -> bool {
        let mut moved = self.lying(from);
        if (moved.len() as i64) < units {
            return false;
        }
        moved.truncate(units as usize);
        self.move_all(&moved, |_| to);
        moved.into_iter().for_each(|one| self.points[one].order = None);
        true
    }

    /// What a member has used of a month's limit, with all who are that member now.
    fn used(&self, of: &[(i64, usize, i64)], who: usize) -> i64 {
        let month = |at: i64| at >= FEBRUARY;
        let mine =
            |(at, by, _): &&(i64, usize, i64)| month(*at) == month(self.now) && self.holder(*by) == who;
        of.iter().filter(mine).map(|(_, _, units)| units).sum()
    }

    fn belongs(&self, who: usize, house: usize) -> bool {
        self.joined.iter().any(|(at, name)| *at == house && self.holder(*name) == who)
    }

    fn seats(&self, house: usize) -> usize {
        (0..4).filter(|who| self.belongs(*who, house)).count()
    }

    /// All that lies with one goes along with another or back again, and orders find their points by their new lots.
    fn carry(&mut self, points: Vec<usize>, orders: Vec<usize>) {
        let mut points = points;
        points.sort_by_key(|one| self.points[*one].lot);
        let lots = self.move_all(&points, |place| place);
        for order in orders {
            let old = self.bought[order].lot;
            self.bought[order].lot = lots.iter().find(|(from, _)| Some(*from) == old).map(|(_, to)| *to);
        }
    }

    fn orders_of(&self, who: usize) -> Vec<usize> {
        (0..self.bought.len()).filter(|order| self.holder(self.bought[*order].owner) == who).collect()
    }

    fn give(&mut self, order: usize, units: i64) {
        let bought = self.bought[order].clone();
        if units == 0 {
            return;
        }
        let lot = bought.lot.unwrap_or_else(|| {
            self.lots += 1;
            self.lots
        });
        self.bought[order].lot = Some(lot);
        let ends = bought.at + self.hours * 3_600;
        let point =
            Point { place: Place::With(bought.owner), order: Some(order), earned: bought.at, ends, lot };
        self.points.extend(std::iter::repeat_n(point, units as usize));
    }

    fn after_return(&mut self, order: usize) {
        let bought = self.bought[order].clone();
        let (due, who) = (bought.due(), self.holder(bought.owner));
        for _ in bought.called..due {
            let lying = self.lying(Place::With(who));
            let own = lying.iter().copied().find(|one| self.points[*one].order == Some(order));
            match own.or(lying.first().copied()) {
                Some(one) => self.drop_points(vec![one]),
                None if self.is_negative => self.owed[who] += 1,
                None => self.bought[order].let_go += 1,
            }
        }
        let again = (bought.called - due).max(0);
        let kept = self.bought[order].let_go.min(again);
        self.bought[order].let_go -= kept;
        self.bought[order].called = due;
        self.give(order, again - kept);
    }

    /// Whether it goes.
    fn step(&mut self, history: &[(i64, Step)], place: usize) -> bool {
        match history[place].1 {
            Step::Order { who, dollars, quantity } => {
                let owner = self.holder(who);
                self.bought.push(Bought {
                    owner,
                    at: self.now,
                    units: dollars,
                    quantity,
                    back: 0,
                    called: 0,
                    let_go: 0,
                    lot: None,
                });
                self.give(self.bought.len() - 1, dollars);
                true
            }
            Step::Return { order, quantity } => {
                let Some(bought) = self.bought.get_mut(order) else { return true };
                if bought.back + quantity > bought.quantity {
                    return false;
                }
                bought.back += quantity;
                self.backs.push((order, quantity, true));
                self.after_return(order);
                true
            }
            Step::Keep { back } => {
                let Some((order, quantity, stands)) = self.backs.get(back).copied() else { return true };
                if stands {
                    self.backs[back].2 = false;
                    self.bought[order].back -= quantity;
                    self.after_return(order);
                }
                true
            }
            Step::Redeem { who } => {
                let mut mine = self.lying(Place::With(self.holder(who)));
                let is_enough = mine.len() >= 7;
                mine.truncate(if is_enough { 7 } else { 0 });
                self.drop_points(mine);
                is_enough
            }
            Step::Send { who, to, units } => {
                let (who, to) = (self.holder(who), self.holder(to));
                let goes = who != to
                    && self.used(&self.sent, who) + units <= SENT_A_MONTH
                    && self.send(Place::With(who), Place::With(to), units);
                if goes {
                    self.sent.push((self.now, who, units));
                }
                goes
            }
            Step::Join { who, house } => {
                let who = self.holder(who);
                let goes = (0..2).all(|house| !self.belongs(who, house)) && self.seats(house) < SEATS;
                if goes {
                    self.joined.push((house, who));
                }
                goes
            }
            Step::Leave { who, house } => {
                let who = self.holder(who);
                let belonged = self.belongs(who, house);
                let merged = std::mem::take(&mut self.joined);
                self.joined = merged
                    .into_iter()
                    .filter(|(at, name)| *at != house || self.holder(*name) != who)
                    .collect();
                belonged
            }
            Step::Put { who, house, units } => {
                let who = self.holder(who);
                self.belongs(who, house) && self.send(Place::With(who), Place::Pool(house), units)
            }
            Step::Take { who, house, units } => {
                let who = self.holder(who);
                let goes = self.belongs(who, house)
                    && self.used(&self.taken, who) + units <= TAKEN_A_MONTH
                    && self.send(Place::Pool(house), Place::With(who), units);
                if goes {
                    self.taken.push((self.now, who, units));
                }
                goes
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
                self.carry(self.lying(Place::With(from)), self.orders_of(from));
                self.merged[from] = Some(into);
                self.owed[into] += std::mem::take(&mut self.owed[from]);
                true
            }
            Step::Part { who } => {
                let Some(into) = self.merged[who] else { return false };
                if self.merged[into].is_some() {
                    return false;
                }
                self.merged[who] = None;
                self.carry(self.lying(Place::With(who)), self.orders_of(who));
                true
            }
            Step::Again { before } => match place.checked_sub(before) {
                // What went has its effect once; what was refused may go now.
                Some(first) if is_told_again(&history[first].1) => {
                    self.went[first] || self.step(history, first)
                }
                _ => true,
            },
        }
    }
}

/// Whether the step has an id of its own that a repetition is known by.
fn is_told_again(step: &Step) -> bool {
    use Step::{Join, Leave, Put, Send, Take};
    matches!(step, Send { .. } | Join { .. } | Leave { .. } | Put { .. } | Take { .. })
}

/// The step as the story's text; `number` is in its id.
fn text(history: &[(i64, Step)], number: usize, model: &Model) -> String {
    let member = |who: usize| NAMES[who];
    match history[number].1 {
        Step::Order { who, dollars, quantity } => {
            format!("order {} o-{} {quantity}xa:x={dollars}.00", member(who), model.bought.len())
        }
        Step::Return { order, .. } if order >= model.bought.len() => "tick".to_owned(),
        Step::Return { order, quantity } => format!("return o-{order} r-{} 1:{quantity}", model.backs.len()),
        Step::Keep { back } if back >= model.backs.len() => "tick".to_owned(),
        Step::Keep { back } => format!("keep o-{} r-{back}", model.backs[back].0),
        Step::Redeem { who } => format!("redeem {} cup c-{number}", member(who)),
        Step::Send { who, to, units } => {
            format!("send {} {} beans {units} t-{number}", member(who), member(to))
        }
        Step::Join { who, house } => format!("pool {} join {} family p-{number}", member(who), HOUSES[house]),
        Step::Leave { who, house } => {
            format!("pool {} leave {} family p-{number}", member(who), HOUSES[house])
        }
        Step::Put { who, house, units } => {
            format!("pool {} give {} {units} p-{number}", member(who), HOUSES[house])
        }
        Step::Take { who, house, units } => {
            format!("pool {} take {} {units} p-{number}", member(who), HOUSES[house])
        }
        Step::Merge { from, into } => format!("merge {} {}", member(from), member(into)),
        Step::Part { who } => format!("unmerge {}", member(who)),
        Step::Again { before } => match number.checked_sub(before) {
            Some(first) if is_told_again(&history[first].1) => text(history, first, model),
            _ => "tick".to_owned(),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sharing_and_the_slow_model_agree(
        rules in (any::<bool>(), 60i64..400),
        steps in prop::collection::vec((1i64..14, step()), 1..50),
    ) {
        let mut story = Story::new(&shop(if rules.0 { "negative" } else { "clamp" }, rules.1));
        for name in NAMES {
            story.tell(&format!("2026-01-20 join {name}"));
        }
        let mut now = BEGIN;
        let history: Vec<(i64, Step)> = steps
            .into_iter()
            .map(|(wait, step)| {
                now += wait * 3_600;
                (now, step)
            })
            .collect();
        let mut model = Model::default();
        for number in 0..history.len() {
            let said = text(&history, number, &model);
            let words: Vec<&str> = said.split_whitespace().collect();
            let fact = crate::story::fact(&story.program, words[0], &words[1..]);
            let at = jiff::Timestamp::from_second(history[number].0).unwrap();
            let mut out = Vec::new();
            judge(&story.program, &mut story.books, &Event { at, fact }, &mut out);
            story.now = at;
            let went = !out.iter().any(|output| matches!(output, Output::Refused { .. }));
            story.outputs.extend(out);
            model = Model::told(rules, &history[..=number]);
            prop_assert_eq!(went, model.went[number], "{} ({}) {:?}", said, number, story.outputs.last());
            for (who, name) in NAMES.iter().enumerate().filter(|(who, _)| model.merged[*who].is_none()) {
                let balance = story.books.members[&Name::new(name)].accounts[0].balance(at);
                let slow = (model.lying(Place::With(who)).len() as i64, model.owed[who]);
                prop_assert_eq!((balance.available, balance.owed), slow, "{} after {} ({})", name, said, number);
            }
            for (house, name) in HOUSES.iter().enumerate() {
                let found = story.books.shared.households.get(&Name::new(name));
                let points = found.map_or(0, |found| found.account.balance(at).available);
                prop_assert_eq!(points, model.lying(Place::Pool(house)).len() as i64, "{} after {} ({})", name, said, number);
                let members = found.map_or(0, |found| found.members().len());
                prop_assert_eq!(members, model.seats(house), "members of {} after {} ({})", name, said, number);
            }
        }
        story.prove();
    }
}
