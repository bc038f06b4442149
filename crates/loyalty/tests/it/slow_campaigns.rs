//! Independent slow models of missions and referral, and the order of what does not depend on one another: everything
//! recomputed from the list of what happened.

use crate::story::{Story, program};
use loyalty::fact::Event;
use loyalty::judge::{Books, Output, judge};
use loyalty::name::Name;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;
/// 2026-03-02 08:00 in Paris, a Monday; the clocks change on the 29th.
const BEGIN: i64 = 1_772_434_800;

fn shop(counts: &str, target: &str, streak: u32, again: bool, minimum: i64) -> String {
    format!(
        r#"
        [program]
        id = "campaigns"
        name = "Campaigns"
        zone = "Europe/Paris"
        currency = "EUR"
        [[wallet]]
        id = "beans"
        name = "Beans"
        deficit = "negative"
        [[expiry]]
        wallet = "beans"
        never = true
        [[mission]]
        id = "weeks"
        name = "Weeks"
        counts = "{counts}"
        target = "{target}"
        period = "week"
        streak = {streak}
        again = {again}
        gift = {{ wallet = "beans", points = 5 }}
        [[referral]]
        id = "friend"
        minimum = "{}.{:02}"
        within = "30D"
        referrer = {{ wallet = "beans", points = 7 }}
        friend = {{ wallet = "beans", points = 3 }}
        "#,
        minimum / 100,
        minimum % 100
    )
}

#[derive(Debug, Clone)]
enum Step {
    Order { minor: i64, quantity: i64 },
    Return { order: usize, quantity: i64 },
    Keep { back: usize },
}

#[derive(Debug, Clone)]
struct Bought {
    at: i64,
    minor: i64,
    quantity: i64,
    back: i64,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1i64..3_000, 1i64..5).prop_map(|(minor, quantity)| Step::Order { minor, quantity }),
        2 => (0usize..8, 1i64..5).prop_map(|(order, quantity)| Step::Return { order, quantity }),
        1 => (0usize..8).prop_map(|back| Step::Keep { back }),
    ]
}

/// Monday-based week number and day number of the shop's own calendar, by the clock there.
fn local(at: i64) -> (i64, i64) {
    let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let day = jiff::Timestamp::from_second(at).unwrap().to_zoned(zone).date();
    let days = i64::from(jiff::civil::date(1970, 1, 5).until(day).unwrap().get_days());
    (days.div_euclid(7), days)
}

/// How many prizes are due, from the orders as they now stand.
fn prizes(bought: &[Bought], counts: &str, target: i64, streak: u32, again: bool) -> i64 {
    let mut weeks: BTreeMap<i64, i64> = BTreeMap::new();
    let mut visited: BTreeSet<i64> = BTreeSet::new();
    for one in bought {
        let (week, day) = local(one.at);
        let whole_back = one.back == one.quantity;
        let money_back = if whole_back { one.minor } else { one.minor * one.back / one.quantity };
        let worth = match counts {
            "orders" => i64::from(!whole_back),
            "spend" => one.minor - money_back,
            "units" if whole_back => 0,
            // Units come back in proportion to the money of the bill.
            "units" => one.quantity * 1_000 - one.quantity * 1_000 * money_back / one.minor,
            _ => i64::from(!whole_back && visited.insert(day)),
        };
        *weeks.entry(week).or_default() += worth;
    }
    let good: BTreeSet<i64> =
        weeks.into_iter().filter(|(_, sum)| *sum >= target).map(|(week, _)| week).collect();
    let (mut count, mut run, mut last) = (0, 0u32, None);
    for week in good {
        run = if last == Some(week - 1) { run + 1 } else { 1 };
        last = Some(week);
        if run == streak && (again || count == 0) {
            (count, run, last) = (count + 1, 0, None);
        }
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn missions_referral_and_the_slow_model_agree(
        rules in (prop_oneof![Just("orders"), Just("spend"), Just("units"), Just("visits")], 1i64..4, 1u32..4, any::<bool>(), 100i64..3_000),
        steps in prop::collection::vec((0i64..9, step()), 1..25),
    ) {
        let (counts, size, streak, again, minimum) = rules;
        let (target, text) = match counts {
            "spend" => (size * 700, format!("{}.00", size * 7)),
            "units" => (size * 1_000, size.to_string()),
            _ => (size, size.to_string()),
        };
        let mut story = Story::new(&shop(counts, &text, streak, again, minimum));
        let time = |seconds: i64| {
            let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
            jiff::Timestamp::from_second(seconds).unwrap().to_zoned(zone).datetime().to_string()
        };
        story.tell(&format!("{} join bo\n{} join ana by=bo", time(BEGIN), time(BEGIN)));
        let mut now = BEGIN;
        let mut bought: Vec<Bought> = Vec::new();
        let mut backs: Vec<(usize, i64, bool, String)> = Vec::new();
        // The order that made the referral good, while enough of it is kept.
        let mut good: Option<usize> = None;
        let (mut is_lapsed, mut friend_order_left) = (false, Vec::<i64>::new());
        for (number, (wait, step)) in steps.iter().enumerate() {
            now += wait * DAY / 2;
            let touched = match step {
                Step::Order { minor, quantity } => {
                    story.tell(&format!("{} order ana o-{} {quantity}xa:x={}.{:02}", time(now), bought.len(), minor / 100, minor % 100));
                    bought.push(Bought { at: now, minor: *minor, quantity: *quantity, back: 0 });
                    friend_order_left.push(*minor);
                    bought.len() - 1
                }
                Step::Return { order, quantity } => {
                    let Some(one) = bought.get_mut(*order).filter(|one| one.back + quantity <= one.quantity) else { continue };
                    one.back += quantity;
                    story.tell(&format!("{} return o-{order} r-{number} 1:{quantity}", time(now)));
                    backs.push((*order, *quantity, true, format!("r-{number}")));
                    *order
                }
                Step::Keep { back } => {
                    let Some((order, quantity, stands, id)) = backs.get_mut(*back).filter(|back| back.2) else { continue };
                    *stands = false;
                    bought[*order].back -= *quantity;
                    story.tell(&format!("{} keep o-{order} {id}", time(now)));
                    *order
                }
            };
            let one = &bought[touched];
            friend_order_left[touched] = if one.back == one.quantity { 0 } else { one.minor - one.minor * one.back / one.quantity };
            let enough = friend_order_left[touched] >= minimum;
            match (step, good) {
                (Step::Return { .. }, Some(order)) if order == touched && !enough => good = None,
                (Step::Order { .. } | Step::Keep { .. }, None) if enough && !is_lapsed => {
                    // Thirty days of the shop's calendar, an hour shorter or longer over the clock change.
                    let end = story.program.referrals[0].within.after(jiff::Timestamp::from_second(BEGIN).unwrap(), &story.program.zone);
                    if jiff::Timestamp::from_second(now).unwrap() < end { good = Some(touched) } else { is_lapsed = true }
                }
                _ => {}
            }
            let missions = 5 * prizes(&bought, counts, target, streak, again);
            let brought = |points: i64| if good.is_some() { points } else { 0 };
            let net = |who: &str| {
                let account = &story.books.members[&Name::new(who)].accounts[0];
                let balance = account.balance(story.now);
                balance.available - balance.owed
            };
            prop_assert_eq!(net("ana"), missions + brought(3), "ana after {:?}, {} {} {}", step, counts, target, streak);
            prop_assert_eq!(net("bo"), brought(7), "bo after {:?}", step);
        }
        story.prove();
    }
}

const SHOP: &str = concat!(
    corner_shop!(wallet "deficit = \"negative\"\ntransfer_per_month = 50", expiry "after = \"20D\"", base),
    r#"
caps = [{ per = "day", points = 40 }]
[[earning]]
id = "review"
wallet = "beans"
event = "review"
fixed = { points = 3 }
caps = [{ per = "month", times = 2 }]
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
[[ladder.tier]]
id = "gold"
name = "Gold"
threshold = 60
bonus = { wallet = "beans", points = 9 }
"#
);

/// What one member does, a line each; the order's and return's ids are made unique by the member's name.
fn life() -> impl Strategy<Value = Vec<(i64, String)>> {
    let step = prop_oneof![
        (1i64..60).prop_map(|money| format!("order WHO o-WHO-N 2xa:x={money}.00")),
        (0usize..4).prop_map(|order| format!("return o-WHO-{order} r-WHO-N 1:1")),
        Just("event WHO review e-WHO-N".to_owned()),
        (1i64..20).prop_map(|units| format!("adjust WHO beans {units} a-WHO-N")),
    ];
    prop::collection::vec((0i64..6, step), 1..8)
}

fn events(story: &Story, who: &str, life: &[(i64, String)]) -> Vec<(i64, Event)> {
    let mut day = 0;
    let mut events = vec![(0, told(story, 0, &format!("join {who}")))];
    for (number, (wait, text)) in life.iter().enumerate() {
        day += wait;
        let text = text.replace("WHO", who).replace("-N", &format!("-{number}"));
        events.push((day, told(story, day, &text)));
    }
    events
}

fn told(story: &Story, day: i64, text: &str) -> Event {
    let at = crate::story::at(&story.program, "2026-03-01") + jiff::SignedDuration::from_hours(24 * day);
    let words: Vec<&str> = text.split_whitespace().collect();
    Event { at, fact: crate::story::fact(&story.program, words[0], &words[1..]) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Members do not depend on one another: however their lives are dealt into one stream, each has the same chain.
    #[test]
    fn the_order_of_independent_events_does_not_matter(
        lives in prop::collection::vec(life(), 2..4),
        deal in prop::collection::vec(0usize..4, 40),
    ) {
        let story = Story::new(SHOP);
        let names = ["ana", "bo", "cam", "dan"];
        let all: Vec<Vec<(i64, Event)>> =
            lives.iter().enumerate().map(|(place, life)| events(&story, names[place], life)).collect();
        let heads = |events: Vec<Event>| {
            let program = program(SHOP);
            let (mut books, mut out) = (Books::default(), Vec::new());
            events.iter().for_each(|event| judge(&program, &mut books, event, &mut out));
            let members: Vec<_> = books.members.values().map(|member| (member.id.clone(), member.accounts[0].head(), member.standings.clone(), member.tallies.clone())).collect();
            let refusals = out.iter().filter(|output| matches!(output, Output::Refused { .. })).count();
            (members, refusals)
        };
        // One after the other, by time, and dealt at random among those of one day.
        let in_turn: Vec<Event> = all.iter().flatten().map(|(_, event)| event.clone()).collect();
        let mut by_time: Vec<(i64, usize, usize, Event)> = Vec::new();
        for (who, life) in all.iter().enumerate() {
            by_time.extend(life.iter().enumerate().map(|(place, (day, event))| (*day, who, place, event.clone())));
        }
        let mut dealt = by_time.clone();
        by_time.sort_by_key(|(day, who, place, _)| (*day, *who, *place));
        dealt.sort_by_key(|(day, who, place, _)| (*day, deal[*who * 7 % 40], *who, *place));
        let strip = |events: Vec<(i64, usize, usize, Event)>| events.into_iter().map(|(_, _, _, event)| event).collect();
        let first = heads(in_turn);
        prop_assert_eq!(&heads(strip(by_time)), &first);
        prop_assert_eq!(&heads(strip(dealt)), &first);
    }

    /// Returns of several lines of several orders at one instant: any order gives the same balance, tier and debt.
    #[test]
    fn the_order_of_returns_does_not_matter(
        prices in prop::collection::vec((1i64..60, 1i64..60), 1..4),
        order in prop::collection::vec(0usize..100, 8),
        spent in 0i64..30,
    ) {
        let run = |shuffle: bool| {
            let mut story = Story::new(SHOP);
            story.tell("2026-03-01 join ana\n2026-03-01 join bo");
            for (place, (a, b)) in prices.iter().enumerate() {
                story.tell(&format!("2026-03-0{} order ana o-{place} a:x={a}.00 b:x={b}.00", place + 2));
            }
            let have = story.books.members[&Name::new("ana")].accounts[0].usable();
            if spent > 0 && spent <= have {
                story.tell(&format!("2026-03-06 send ana bo beans {spent} t-1"));
            }
            let mut returns: Vec<(usize, usize)> = (0..prices.len()).flat_map(|place| [(place, 1), (place, 2)]).collect();
            if shuffle {
                returns.sort_by_key(|(place, line)| order[(place * 2 + line) % 8]);
            }
            for (place, line) in returns {
                story.tell(&format!("2026-03-07 return o-{place} r-{place}-{line} {line}:1"));
            }
            story.prove();
            let member = &story.books.members[&Name::new("ana")];
            let balance = member.accounts[0].balance(story.now);
            (balance.available, balance.owed, member.standings[0].counted.clone(), member.tiers_on(&story.program, story.program.day(story.now)).len())
        };
        prop_assert_eq!(run(true), run(false));
    }

    /// A merge that is undone at once leaves both members as they were.
    #[test]
    fn parting_undoes_merging(lives in prop::collection::vec(life(), 2..3)) {
        // Together they may reach a tier that neither reached alone: without its bonus nothing is given for that.
        let mut story = Story::new(&SHOP.replace("bonus = { wallet = \"beans\", points = 9 }", ""));
        for (place, life) in lives.iter().enumerate() {
            for (_, event) in events(&story, ["ana", "bo"][place], life) {
                let mut out = Vec::new();
                judge(&story.program, &mut story.books, &Event { at: event.at.max(story.now), ..event.clone() }, &mut out);
                story.now = story.now.max(event.at);
                story.outputs.extend(out);
            }
        }
        story.tell("2026-08-01 tick");
        let standing = |story: &Story| {
            let of = |who: &str| {
                let member = &story.books.members[&Name::new(who)];
                let balance = member.accounts[0].balance(story.now);
                let counted: Vec<_> = member.standings[0].counted.iter().filter(|(_, units)| **units != 0).map(|(day, units)| (*day, *units)).collect();
                (balance.available - balance.owed, balance.expirations, counted, member.orders.len(), member.orders_count)
            };
            (of("ana"), of("bo"))
        };
        let before = standing(&story);
        story.tell("2026-08-01 merge bo ana");
        let ana = &story.books.members[&Name::new("ana")];
        let net = ana.accounts[0].balance(story.now);
        prop_assert_eq!(net.available - net.owed, before.0.0 + before.1.0, "nothing is lost on the way");
        story.tell("2026-08-01 unmerge bo");
        let after = standing(&story);
        prop_assert_eq!(after.0.0 + after.1.0, before.0.0 + before.1.0);
        prop_assert_eq!((&after.0.2, after.0.3, after.0.4), (&before.0.2, before.0.3, before.0.4));
        prop_assert_eq!((&after.1.2, after.1.3, after.1.4), (&before.1.2, before.1.3, before.1.4));
        if before.0.0 >= 0 && before.1.0 >= 0 {
            prop_assert_eq!(after, before);
        }
        story.prove();
    }
}
