//! Tiers in stories of the corner shop.

use crate::story::{Story, check};
use loyalty::judge::Output;

const SHOP: &str = concat!(
    corner_shop!(wallet "deficit = \"clamp\"", expiry "never = true", base),
    r#"
by_tier = { gold = 2 }

[[reward]]
id = "coffee"
name = "Coffee"
kind = "product"
products = ["latte"]
prices = [{ wallet = "beans", points = 8 }]
"#
);

fn ladder(keys: &str) -> String {
    format!(
        r#"{SHOP}
        [[ladder]]
        id = "status"
        name = "Status"
        {keys}
        [[ladder.tier]]
        id = "green"
        name = "Green"
        threshold = 0
        [[ladder.tier]]
        id = "silver"
        name = "Silver"
        threshold = 50
        [[ladder.tier]]
        id = "gold"
        name = "Gold"
        threshold = 100
        bonus = {{ wallet = "beans", points = 30 }}
        "#
    )
}

const SPEND: &str = "counts = \"spend\"\nwindow = \"rolling\"\nlength = \"12M\"\nlasts = \"12M\"";

#[test]
fn a_tier_is_reached_at_once_and_seen_by_the_next_order() {
    check(
        &ladder(SPEND),
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=60.00
        ana tier silver
        2026-01-02 order ana o-2 a:x=40.00
        # the order that reaches gold earns as silver, and the bonus comes once
        ana beans 130
        ana tier gold
        2026-01-02 order ana o-3 a:x=10.00
        ana beans 150
        ",
    );
}

#[test]
fn the_tier_of_the_day_before_where_the_ladder_says_so() {
    check(
        &ladder(&format!("{SPEND}\nas_of = \"previous_day\"")),
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=100.00
        2026-01-02T23:59 order ana o-2 a:x=10.00
        ana beans 140
        2026-01-03T00:00 order ana o-3 a:x=10.00
        ana beans 160
        ",
    );
}

#[test]
fn spending_points_demotes_nobody() {
    check(
        &ladder(
            "counts = \"points\"\nwallet = \"beans\"\nwindow = \"rolling\"\nlength = \"12M\"\nlasts = \"12M\"",
        ),
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=100.00
        ana tier gold
        2026-01-03 redeem ana coffee c-1
        2026-01-04 tick
        ana tier gold
        ",
    );
}

#[test]
fn a_return_changes_the_tier_as_if_the_order_had_been_smaller() {
    check(
        &ladder(SPEND),
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 4xa:x=100.00
        ana tier gold
        ana beans 130
        2026-01-03 return o-1 r-1 1:1
        # 75 kept: silver, and the bonus of gold is taken back
        ana tier silver
        ana beans 75
        2026-01-04 keep o-1 r-1
        ana tier gold
        ana beans 130
        2026-01-05 return o-1 r-2
        ana tier green
        ana beans 0
        ",
    );
}

#[test]
fn time_is_up_and_the_window_decides() {
    check(
        &ladder(SPEND),
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=100.00
        2026-06-01 order ana o-2 a:x=60.00
        2027-01-01T23:59 tick
        ana tier gold
        2027-01-02T00:00 tick
        ana tier silver
        # a year later nothing is in the window any more
        2028-01-02 tick
        ana tier green
        ",
    );
}

#[test]
fn one_step_down_none_and_a_level_that_is_kept() {
    let story = "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=100.00
        2027-01-02 tick
        ";
    check(
        &ladder(&format!("{SPEND}\ndowngrade = \"one_step\"")),
        &format!("{story}\nana tier silver\n2028-01-02 tick\nana tier green"),
    );
    check(
        &ladder(&format!("{SPEND}\ndowngrade = \"none\"")),
        &format!("{story}\nana tier gold\n2030-01-01 tick\nana tier gold"),
    );
    let kept = ladder(SPEND).replace("threshold = 50", "threshold = 50\nkeep = true");
    check(&kept, &format!("{story}\nana tier green"));
    // Silver was never the member's level: the order jumped over it. Reached by itself, it is kept.
    check(
        &kept,
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=60.00
        2026-01-03 order ana o-2 a:x=60.00
        ana tier gold
        2027-01-03 tick
        ana tier silver
        2030-01-01 tick
        ana tier silver
        ",
    );
}

#[test]
fn grace_is_extra_time_and_counts() {
    check(
        &ladder(&format!("{SPEND}\ngrace = \"1M\"")),
        "
        2026-01-02 join ana
        2026-01-02 order ana o-1 a:x=100.00
        2027-02-01T23:59 tick
        ana tier gold
        2027-02-02 tick
        ana tier green
        ",
    );
    check(
        &ladder(&format!("{SPEND}\ngrace = \"1M\"")),
        "
        2026-01-02 join ana
        2026-01-02 order ana o-1 a:x=100.00
        2027-01-20 order ana o-2 a:x=50.00
        2027-02-02 tick
        ana tier silver
        ",
    );
}

#[test]
fn calendar_years_and_the_end_of_the_next_one() {
    check(
        &ladder("counts = \"spend\"\nwindow = \"calendar_year\"\nlasts_next_year = true"),
        "
        2026-01-01 join ana
        2026-12-30 order ana o-1 a:x=60.00
        2027-01-02 order ana o-2 a:x=60.00
        ana tier silver
        2027-12-31T23:59 tick
        ana tier silver
        # 2027 gave 60: kept to the end of 2029 or what the year gives
        2028-01-01 tick
        ana tier silver
        2030-01-01 tick
        ana tier green
        ",
    );
}

#[test]
fn visits_count_days_and_orders_count_orders() {
    let visits = ladder("counts = \"visits\"\nwindow = \"rolling\"\nlength = \"12M\"\nlasts = \"12M\"")
        .replace("threshold = 50", "threshold = 2")
        .replace("threshold = 100", "threshold = 3");
    check(
        &visits,
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=1.00
        2026-01-02 order ana o-2 a:x=1.00
        ana tier green
        2026-01-03 order ana o-3 a:x=1.00
        ana tier silver
        2026-01-03 return o-1 r-1
        ana tier silver
        2026-01-03 return o-2 r-2
        ana tier green
        ",
    );
}

#[test]
fn a_member_is_told_what_is_missing_ahead_of_time() {
    let mut story = Story::new(&ladder(&format!("{SPEND}\nwarn = \"30D\"")));
    story.tell(
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=100.00
        2026-06-01 order ana o-2 a:x=70.00
        2026-12-02 tick
        ",
    );
    let warnings = |story: &Story| -> Vec<(String, i64)> {
        let warning = |output: &Output| match output {
            Output::WillDowngrade { on, missing, .. } => Some((on.to_string(), *missing)),
            _ => None,
        };
        story.outputs.iter().filter_map(warning).collect()
    };
    assert_eq!(warnings(&story), []);
    story.tell("2026-12-03 tick\n2026-12-04 tick");
    assert_eq!(warnings(&story), [("2027-01-02".to_owned(), 3_000)]);
    story.prove();
}

#[test]
fn expiry_follows_the_tier() {
    let text = ladder(SPEND).replace(
        "never = true",
        "after = \"6M\"\n[[expiry]]\nwallet = \"beans\"\ntiers = [\"gold\"]\nnever = true",
    );
    check(
        &text,
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 a:x=60.00
        ana beans 60 expires=60@2026-07-02
        2026-02-01 order ana o-2 a:x=60.00
        ana tier gold
        ana beans 150 expires=
        2027-01-31 tick
        ana beans 150
        # gold ends on 1 February 2027: points without an end get one counted from that day
        2027-02-01 tick
        ana tier green
        ana beans 150 expires=150@2027-08-01
        ",
    );
}

/// Years of membership: each member's begins on the day of joining, on the 28th of February for who joined on the 29th.
#[test]
fn a_year_of_membership_begins_on_the_day_of_joining() {
    check(
        &ladder("counts = \"spend\"\nwindow = \"anniversary\"\nlasts_next_year = true"),
        "
        2024-02-29 join leap
        2025-02-27 order leap l-1 a:x=60.00
        2025-02-28 order leap l-2 a:x=40.00
        leap tier silver
        2026-03-15 join ana
        2026-03-15 join bo
        2026-04-01 order ana o-1 a:x=60.00
        ana tier silver
        2027-03-14 order ana o-2 a:x=40.00
        2027-03-14 order bo o-3 a:x=60.00
        ana tier gold
        bo tier silver
        2027-03-15 order bo o-4 a:x=40.00
        bo tier silver
        2028-03-14 tick
        ana tier gold
        2028-03-15 tick
        # nothing in the year that is over for ana, and too little for bo
        ana tier green
        bo tier green
        ",
    );
}

/// What counts begins anew with each tier; the day on which it was reached is its first.
#[test]
fn a_window_may_begin_where_the_tier_did() {
    check(
        &ladder("counts = \"spend\"\nwindow = \"tier_start\"\nlasts = \"12M\"\ndowngrade = \"one_step\""),
        "
        2026-01-01 join ana
        2026-01-10 order ana o-1 a:x=30.00
        2026-01-20 order ana o-2 a:x=30.00
        ana tier silver
        2026-02-01 order ana o-3 a:x=69.00
        ana tier silver
        2026-02-02 order ana o-4 a:x=1.00
        ana tier gold
        2027-02-01 tick
        ana tier gold
        2027-02-02 tick
        ana tier silver
        2027-02-02 order ana o-5 a:x=50.00
        2028-02-02 tick
        ana tier silver
        2029-02-02 tick
        ana tier green
        ",
    );
}
