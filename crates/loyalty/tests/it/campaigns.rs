//! Missions, referral, surprises, merging: stories of the corner shop.

use crate::story::{Story, check};
use loyalty::judge::Output;
use loyalty::name::Name;
use loyalty::referral::{State, state_at};

const SHOP: &str = corner_shop!(expiry "never = true", base);

fn shop(more: &str) -> String {
    format!("{SHOP}{more}")
}

#[test]
fn a_mission_is_completed_once_a_period_and_rolled_back_by_a_return() {
    check(
        &shop(
            r#"
            [[mission]]
            id = "three-coffees"
            name = "Three coffees in a week"
            counts = "units"
            lines = 'line.category == "coffee"'
            target = 3
            period = "week"
            gift = { wallet = "beans", points = 50 }
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 2xlatte:coffee=2.00 bun:bakery=1.00
        ana beans 3
        2026-03-08 order ana o-2 latte:coffee=1.00
        ana beans 54
        2026-03-08 order ana o-3 5xlatte:coffee=5.00
        ana beans 59
        # six of eight come back: two are left, and the prize goes
        2026-03-09 return o-3 r-1
        2026-03-09 return o-2 r-2
        ana beans 3
        2026-03-09 keep o-2 r-2
        ana beans 54
        ",
    );
}

/// A mission on coffee is about the coffee of a bill: a bun that comes back takes nothing off it.
#[test]
fn only_the_goods_that_count_take_off_a_mission() {
    let mission = |counts: &str, target: &str| {
        shop(&format!(
            "[[mission]]\nid = \"coffee\"\nname = \"Coffee\"\ncounts = \"{counts}\"\nlines = 'line.category == \"coffee\"'\n\
             target = {target}\nperiod = \"week\"\ngift = {{ wallet = \"beans\", points = 50 }}\n"
        ))
    };
    for (counts, target) in [("spend", "\"8.00\""), ("units", "2"), ("orders", "1"), ("visits", "1")] {
        // Of two cups at four dollars, one makes no order undone, but too little spend and too few units.
        let left = if matches!(counts, "spend" | "units") { 4 } else { 54 };
        check(
            &mission(counts, target),
            &format!(
                "
                2026-03-01 join ana
                2026-03-02 order ana o-1 2xlatte:coffee=8.00 bun:bakery=90.00
                ana beans 148
                2026-03-03 return o-1 r-1 2:1
                ana beans 58
                2026-03-04 return o-1 r-2 1:1
                ana beans {left}
                2026-03-04 keep o-1 r-2
                ana beans 58
                2026-03-05 keep o-1 r-1
                2026-03-05 return o-1 r-3 1:2
                # the bun was kept, the coffee was not
                ana beans 90
                "
            ),
        );
    }
}

#[test]
fn a_streak_of_weeks_and_a_mission_of_events() {
    check(
        &shop(
            r#"
            [[mission]]
            id = "streak"
            name = "Four weeks in a row"
            counts = "visits"
            target = 1
            period = "week"
            streak = 4
            gift = { wallet = "beans", points = 100 }
            badge = "Regular"
            [[mission]]
            id = "reviewer"
            name = "Two reviews"
            counts = "events"
            event = "review"
            target = 2
            period = "lifetime"
            again = false
            gift = { wallet = "beans", points = 7 }
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=1.00
        2026-03-09 order ana o-2 a:x=1.00
        2026-03-16 order ana o-3 a:x=1.00
        ana beans 3
        2026-03-29T23:59 order ana o-4 a:x=1.00
        ana beans 104
        2026-03-30 event ana review e-1
        2026-03-30 event ana review e-1
        ana beans 104
        2026-03-30 event ana review e-2
        2026-03-30 event ana review e-3
        2026-03-30 event ana review e-4
        ana beans 111
        ",
    );
}

const REFERRAL: &str = r#"
[[referral]]
id = "friends"
minimum = "10.00"
within = "30D"
referrer = { wallet = "beans", points = 100 }
friend = { wallet = "beans", points = 50 }
per_month = 2
flag_same = ["card", "device"]
delay = "14D"
"#;

#[test]
fn both_sides_get_their_points_after_the_friends_first_good_order() {
    check(
        &shop(REFERRAL),
        "
        2026-03-01 join ana
        2026-03-01 join bo by=ana
        2026-03-02 order bo o-1 a:x=9.00
        ana beans 0 pending=0
        2026-03-03 order bo o-2 a:x=20.00
        ana beans 0 pending=100
        bo beans 29 pending=50
        2026-03-17 tick
        ana beans 100
        bo beans 79
        # the order comes back even now: so do the points, and the next good order brings them again
        2026-03-18 return o-2 r-1
        ana beans 0
        bo beans 9
        2026-03-19 order bo o-3 a:x=20.00
        ana beans 0 pending=100
        ",
    );
}

#[test]
fn what_looks_like_one_person_twice_is_flagged() {
    let mut story = Story::new(&shop(REFERRAL));
    story.tell(
        "
        2026-03-01 join ana mark=card:1 mark=phone:7
        2026-03-01 join bo  by=ana mark=card:1
        2026-03-01 join cam by=ana mark=phone:7
        2026-03-01 join dan by=nobody refused no_referral
        2026-03-02 order bo  o-1 a:x=20.00
        2026-03-02 order cam o-2 a:x=20.00
        ana beans 0 pending=100
        ",
    );
    let state = |story: &Story, who: &str| state_at(&story.books, &Name::new(who), story.now);
    assert_eq!(state(&story, "bo"), Some(State::Flagged));
    assert_eq!(state(&story, "cam"), Some(State::Pending));
    story.tell("2026-03-03 event bo referral_approved s-1\nana beans 0 pending=200");
    story.tell("2026-03-04 event cam referral_rejected s-2\nana beans 0 pending=100\ncam beans 20 pending=0");
    assert_eq!(state(&story, "cam"), Some(State::Rejected));
    // Two of this month were good: the third is flagged.
    story.tell("2026-03-05 join eve by=ana\n2026-03-05 order eve o-3 a:x=20.00");
    assert_eq!(state(&story, "eve"), Some(State::Flagged));
    story.tell("2026-03-17 tick");
    assert_eq!(state(&story, "bo"), Some(State::Approved));
    story.tell("2026-03-05 join fay by=ana\n2026-04-30 order fay o-4 a:x=20.00");
    assert_eq!(state(&story, "fay"), Some(State::Lapsed));
    story.prove();
}

#[test]
fn surprises_keep_to_their_budget_and_hold_out_an_exact_share() {
    for seed in 0..20 {
        let mut story = Story::new(&shop(
            r#"
            [[surprise]]
            id = "thanks"
            when = 'order.total_minor >= 100 && !("complaint-open" in member.segments)'
            one_in = 2
            holdout_percent = 20
            budget = 400
            once_per = "year"
            gift = { wallet = "beans", points = 10 }
            "#,
        ));
        story.books.shared.seed = seed;
        story.tell("2026-03-01 join sad segment=complaint-open");
        for customer in 0..150 {
            story.tell(&format!(
                "2026-03-01 join c{customer}\n2026-03-02 order c{customer} o-{customer} a:x=1.00\n\
                 2026-03-02 order c{customer} p-{customer} a:x=1.00\n2026-03-02 order sad s-{customer} a:x=1.00"
            ));
        }
        let drawn = story.books.shared.surprises[&Name::new("thanks")];
        assert!(drawn.units <= 400 && drawn.units % 10 == 0);
        assert!((drawn.held_out * 100).abs_diff(drawn.chosen * 20) <= 100, "exact to one: {drawn:?}");
        assert_eq!(drawn.units, (drawn.chosen - drawn.held_out) as i64 * 10);
        assert!(drawn.chosen >= 40, "{drawn:?}");
        let mut who: Vec<&Name> = Vec::new();
        for output in &story.outputs {
            if let Output::Surprise { member, .. } = output {
                assert!(*member != "sad", "nobody with an open complaint");
                who.push(member);
            }
        }
        let count = who.len();
        who.sort();
        who.dedup();
        assert_eq!(who.len(), count, "once a year");
        assert_eq!(count as u64, drawn.chosen);
    }
}

#[test]
fn merged_members_answer_as_one_and_part_again() {
    let ladder = r#"
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
        threshold = 100
        "#;
    check(
        &shop(ladder),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 2xa:x=60.00
        2026-03-02 order bo  o-2 a:x=60.00
        2026-03-03 merge ana bo
        2026-03-03 merge ana bo
        bo tier gold
        bo beans 120
        ana beans 0
        # an order of the old card counts for the new member, and a return finds its order
        2026-03-04 order ana o-3 a:x=10.00
        bo beans 130
        2026-03-04 return o-1 r-1 1:1
        bo beans 100
        bo tier gold
        2026-03-05 unmerge ana
        ana beans 30
        ana tier green
        bo beans 70
        bo tier green
        2026-03-06 return o-1 r-2
        ana beans 0
        2026-03-06 unmerge ana refused not_merged
        ",
    );
}
