//! Orders told anew: the ledger, caps, budgets, tiers, cards and returns end where they would have stood had the source
//! said so at first.

use crate::corner_shop::{DOLLAR_OFF, SHOP, TWELVE_MONTHS, by_month, ladder, shop};
use crate::story::{Story, check};
use loyalty::judge::Output;
use loyalty::name::Name;

#[test]
fn the_room_in_caps_and_budgets_is_given_back() {
    check(
        &shop("caps = [{ per = \"day\", points = 20 }]\nbudgets = [{ points = 50 }]\n"),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=15.00
        2026-03-02 order ana o-2 a:x=15.00
        ana beans 20
        2026-03-03 update ana o-1 a:x=8.00
        ana beans 13
        2026-03-04 update ana o-2 a:x=30.00
        ana beans 20
        # 30 of the budget are left
        2026-03-05 order ana o-3 a:x=30.00
        2026-03-06 order ana o-4 a:x=20.00
        ana beans 50
        ",
    );
}

#[test]
fn the_newest_word_counts_and_only_of_the_one_who_has_the_order() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 a:x=10.00
        2026-03-07 update ana o-1 a:x=12.00 updated=2026-03-05
        ana beans 12
        2026-03-07 update ana o-1 a:x=11.00 updated=2026-03-04
        2026-03-07 update ana o-1 a:x=13.00 updated=2026-03-05
        ana beans 12
        2026-03-07 update ana o-1 a:x=14.00
        ana beans 14
        2026-03-07 update ana o-1 a:x=16.00 updated=2026-03-05
        ana beans 14
        2026-03-07 update - o-1 a:x=15.00 updated=2026-03-06
        ana beans 15
        2026-03-07 update bo o-1 a:x=1.00 refused another_member
        2026-03-07 update ana o-2 a:x=5.00
        2026-03-07 order ana o-2 a:x=9.00
        ana beans 20
        bo beans 0
        ",
    );
}

#[test]
fn a_bill_nobody_has_claimed_is_told_anew_and_may_name_its_member() {
    check(
        corner_shop!(program "claim_within = \"7D\"", expiry "never = true", base),
        "
        2026-03-01 join ana
        2026-03-02 order - o-1 a:x=5.00
        2026-03-02 update - o-1 a:x=9.00
        2026-03-02 claim ana order=o-1
        ana beans 9
        2026-03-06 order - o-2 a:x=5.00
        2026-03-06 update - o-2 a:x=8.00 updated=2026-03-05
        2026-03-06 update - o-2 a:x=6.00 updated=2026-03-04
        2026-03-06 update - o-2 a:x=7.00 updated=2026-03-05
        2026-03-06 claim ana order=o-2
        2026-03-06 update ana o-2 a:x=4.00 updated=2026-03-05
        ana beans 17
        2026-03-06 order - o-3 a:x=5.00
        2026-03-06 update zed o-3 a:x=7.00 refused unknown_member
        2026-03-06 update ana o-3 a:x=7.00 updated=2026-03-05
        2026-03-06 update ana o-3 a:x=6.00 updated=2026-03-04
        ana beans 24
        2026-03-06 order - o-4 a:x=5.00
        2026-03-06 update ana o-4 a:x=1.00
        ana beans 25
        ",
    );
    // A bill keeps its own time, and the rules of that time.
    check(
        &corner_shop!(program "claim_within = \"7D\"", expiry "never = true", base)
            .replace("id = \"base\"", "id = \"base\"\nuntil = 2026-04-01"),
        "
        2026-03-01 join ana
        2026-03-31 order - o-1 a:x=5.00
        2026-04-01 update - o-1 a:x=9.00
        2026-04-02 claim ana order=o-1
        ana beans 9
        ",
    );
}

#[test]
fn what_came_back_comes_back_of_the_corrected_order() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=10.00 b:x=5.00
        2026-03-03 return o-1 r-1 2:1
        ana beans 10
        2026-03-04 update ana o-1 a:x=20.00 b:x=5.00
        ana beans 20
        2026-03-05 keep o-1 r-1
        ana beans 25
        2026-03-05 keep o-1 r-1
        2026-03-06 cancel o-1
        ana beans 0
        # the line that came back is gone from the order, and one that came back in part is shorter
        2026-03-07 order ana o-2 4xa:x=8.00 b:x=5.00
        2026-03-08 return o-2 r-2 1:3 2:1
        ana beans 2
        2026-03-09 update ana o-2 4xa:x=16.00
        ana beans 4
        2026-03-10 update ana o-2 2xa:x=16.00
        ana beans 0
        2026-03-11 keep o-2 r-2
        ana beans 16
        # of two returns the second has what the first leaves of the shorter line, in units and in money
        2026-03-12 order ana o-3 4xa:x=8.00 b:x=10.00
        2026-03-13 return o-3 r-3 1:2 2:$4.00
        2026-03-13 return o-3 r-4 1:2 2:$4.00
        ana beans 18
        2026-03-14 update ana o-3 3xa:x=6.00 b:x=6.00
        ana beans 16
        2026-03-15 keep o-3 r-4
        ana beans 20
        2026-03-15 keep o-3 r-3
        ana beans 28
        # also where the first is taken back and the second stays
        2026-03-16 order ana o-4 4xa:x=8.00 b:x=10.00
        2026-03-17 return o-4 r-5 1:2 2:$4.00
        2026-03-17 return o-4 r-6 1:2 2:$4.00
        ana beans 30
        2026-03-18 update ana o-4 3xa:x=6.00 b:x=6.00
        ana beans 28
        2026-03-19 keep o-4 r-5
        ana beans 36
        2026-03-19 keep o-4 r-6
        ana beans 40
        ",
    );
}

#[test]
fn tiers_stand_as_if_the_order_had_been_so_at_first() {
    let climb = |keys: &str, gold: u32| shop(&ladder(&format!("{keys}\n{TWELVE_MONTHS}"), gold));
    let amounts = "
        2026-03-01 join ana
        2026-03-02 order ana o-1 2xa:x=120.00
        ana tier gold
        2026-03-03 update ana o-1 2xa:x=99.00
        ana tier green
        2026-03-04 update ana o-1 2xa:x=120.00
        ana tier gold
        2026-03-05 return o-1 r-1 1:1
        ana tier green
        2026-03-06 order ana o-2 a:x=39.00
        ana tier green
        2026-03-06 order ana o-3 a:x=1.00
        ana tier gold
    ";
    check(&climb("counts = \"spend\"", 100), amounts);
    check(&climb("counts = \"points\"\nwallet = \"beans\"", 100), amounts);
    check(
        &climb("counts = \"visits\"", 2),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=1.00
        2026-03-02 order ana o-2 a:x=1.00
        2026-03-03 order ana o-3 a:x=1.00
        ana tier gold
        2026-03-04 update ana o-1 a:x=2.00
        2026-03-04 update ana o-3 a:x=2.00
        ana tier gold
        2026-03-04 cancel o-2
        ana tier gold
        2026-03-04 cancel o-1
        ana tier green
        # one of two orders of a day was on another day: that day stays a visit
        2026-05-01 order ana o-4 a:x=1.00
        2027-05-01 order ana o-5 a:x=1.00
        2027-05-01 order ana o-6 a:x=1.00
        ana tier green
        2027-05-02 update ana o-5 a:x=1.00 at=2027-05-02
        ana tier gold
        ",
    );
}

/// A day is a visit while an order of that day counts, and no other day's.
#[test]
fn a_day_is_no_visit_once_its_orders_are_gone() {
    check(
        &shop(&ladder(&format!("counts = \"visits\"\n{TWELVE_MONTHS}"), 2)),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=1.00
        2026-03-03 order ana o-2 a:x=1.00
        ana tier gold
        2026-03-04 update ana o-2 a:x=1.00 at=2026-03-02
        ana tier green
        2026-03-05 order ana o-3 a:x=1.00
        2026-03-05 order ana o-4 a:x=1.00
        2026-03-05 cancel o-3
        ana tier gold
        # the only other order of the day came back
        2026-03-06 update ana o-4 a:x=1.00 at=2026-03-02
        ana tier green
        ",
    );
}

/// A mission forgets what the order counted, also where it counts nothing any more.
#[test]
fn a_mission_counts_what_the_order_is_now() {
    check(
        &shop(
            "[[mission]]\nid = \"coffee\"\nname = \"Coffee\"\ncounts = \"orders\"\nlines = 'line.category == \"coffee\"'\n\
             target = 1\nperiod = \"week\"\ngift = { wallet = \"beans\", points = 50 }\n",
        ),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=4.00
        ana beans 54
        2026-03-03 update ana o-1 bun:bakery=3.00
        ana beans 3
        2026-03-03 update ana o-1 latte:coffee=5.00
        ana beans 55
        ",
    );
}

/// Whoever pays for a rule is paid back for what a correction takes.
#[test]
fn what_is_taken_back_names_rule_and_funder() {
    let mut story =
        Story::new(&shop("funder = \"roaster\"\n[[funder]]\nid = \"roaster\"\nname = \"Roaster\"\n"));
    story.tell("2026-03-01 join ana\n2026-03-02 order ana o-1 a:x=9.00\n2026-03-03 update ana o-1 a:x=4.00\nana beans 4");
    let causes: Vec<(String, Option<Name>, Option<Name>)> = story
        .postings("ana", "beans")
        .into_iter()
        .map(|posting| (posting.cause.kind.to_string(), posting.cause.rule, posting.cause.funder))
        .collect();
    let by = |kind: &str| (kind.to_owned(), Some("base".into()), Some("roaster".into()));
    assert_eq!(causes, [by("order"), by("order_updated"), by("order")]);
    story.prove();
}

/// What is told again as it was changes nothing that comes later, also where receipts count together.
#[test]
fn the_same_told_again_changes_nothing() {
    for again in ["", "2026-03-05 update ana o-1 2xa:x=16.00"] {
        check(
            &shop(&by_month(100)),
            &format!(
                "
                2026-03-01 join ana
                2026-03-02 order ana o-1 2xa:x=16.00
                2026-03-03 return o-1 r-1 1:1
                ana beans 58
                {again}
                ana beans 58
                2026-03-06 order ana o-2 a:x=11.00
                ana beans 169
                # 8.00 and 11.00 and 0.99: a cent is missing
                2026-03-07 order ana o-3 a:x=0.99
                ana beans 169
                2026-03-07 order ana o-4 a:x=0.01
                ana beans 269
                "
            ),
        );
    }
}

/// The year of a ladder may begin in March: January belongs to the year before.
#[test]
fn a_year_that_begins_in_march_goes_on_in_january() {
    check(
        &shop(&ladder(
            "counts = \"spend\"\nwindow = \"calendar_year\"\nyear_begins = \"03-01\"\nlasts_next_year = true",
            100,
        )),
        "
        2025-11-01 join ana
        2025-11-01 join bo
        2025-12-01 order ana o-1 a:x=60.00
        2025-12-01 order bo o-2 a:x=60.00
        2026-02-28 order ana o-3 a:x=40.00
        ana tier gold
        2026-03-01 order bo o-4 a:x=99.00
        bo tier green
        2027-02-28 tick
        ana tier gold
        2027-03-01 tick
        ana tier green
        ",
    );
}

#[test]
fn a_gift_card_pays_the_difference_or_gets_it_back() {
    let mut story = Story::new(&shop(
        "[[reward]]\nid = \"card\"\nname = \"Card\"\nkind = \"stored_value\"\nvalue = \"10.00\"\n\
         prices = [{ wallet = \"beans\", points = 10 }]\nvoucher = { pattern = \"CARD-########\", valid = \"1Y\" }\n",
    ));
    story.tell("2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=100.00\n2026-03-01 redeem ana card g-1");
    let code = |output: &Output| match output {
        Output::Rewarded { code, .. } => code.clone(),
        _ => None,
    };
    let card: Name = story.outputs.iter().find_map(code).unwrap();
    for (verb, paid, left) in [
        ("order ana o-2 a:x=9.00", "pay=gift_card:6.00:CODE", 400),
        ("update ana o-2 a:x=9.00", "pay=gift_card:9.00:CODE", 100),
        ("update ana o-2 a:x=9.00", "pay=gift_card:9.00:CODE", 100),
        ("update ana o-2 a:x=9.00", "pay=gift_card:2.00:CODE", 800),
        // The source does not say how it was paid: nothing moves.
        ("update ana o-2 a:x=9.00", "", 800),
        ("update ana o-2 a:x=9.00", "pay=gift_card:5.00", 800),
        ("update ana o-2 a:x=9.00", "pay=gift_card:5.00:CODE", 500),
        ("update ana o-2 a:x=9.00", "pay=gift_card:2.00:CODE pay=gift_card:2.00:CODE", 600),
        ("update ana o-2 a:x=9.00", "pay=gift_card:20.00:CODE refused gift_card", 600),
        ("update ana o-2 a:x=9.00", "pay=card:9.00:1", 1_000),
        ("update ana o-2 a:x=9.00", "pay=gift_card:3.00:CODE", 700),
        ("return o-2 r-1", "", 1_000),
    ] {
        story.tell(&format!("2026-03-02 {verb} {}", paid.replace("CODE", card.as_str())));
        assert_eq!(story.books.shared.cards[&card].usable(), left, "{verb} {paid}");
    }
    story.prove();
}

/// Where half the bill came back, a card has paid half of what is said now.
#[test]
fn a_gift_card_pays_the_difference_of_what_did_not_come_back() {
    let mut story = Story::new(&shop(
        "[[reward]]\nid = \"card\"\nname = \"Card\"\nkind = \"stored_value\"\nvalue = \"10.00\"\n\
         prices = [{ wallet = \"beans\", points = 10 }]\nvoucher = { pattern = \"CARD-########\", valid = \"1Y\" }\n",
    ));
    story.tell("2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=100.00\n2026-03-01 redeem ana card g-1");
    let code = |output: &Output| match output {
        Output::Rewarded { code, .. } => code.clone(),
        _ => None,
    };
    let card: Name = story.outputs.iter().find_map(code).unwrap();
    for (said, left) in [
        ("order ana o-2 2xa:x=8.00 pay=gift_card:6.00:CODE", 400),
        ("return o-2 r-1 1:1", 700),
        ("update ana o-2 2xa:x=8.00 pay=gift_card:2.00:CODE", 900),
        ("update ana o-2 2xa:x=8.00 pay=gift_card:2.00:CODE", 900),
        ("update ana o-2 2xa:x=8.00 pay=gift_card:8.00:CODE", 600),
        ("update ana o-2 2xa:x=8.00 pay=gift_card:6.00:CODE", 700),
        // A larger bill, of which less came back, so that the card pays more of it.
        ("update ana o-2 2xa:x=8.00 b:x=8.00 pay=gift_card:6.00:CODE", 550),
        ("update ana o-2 2xa:x=8.00 pay=gift_card:6.00:CODE", 700),
        ("keep o-2 r-1", 400),
        ("return o-2 r-2", 1_000),
        ("update ana o-2 2xa:x=8.00 pay=gift_card:8.00:CODE", 1_000),
        ("keep o-2 r-2", 200),
    ] {
        story.tell(&format!("2026-03-02 {}", said.replace("CODE", card.as_str())));
        assert_eq!(story.books.shared.cards[&card].usable(), left, "{said}");
    }
    story.prove();
}

/// The points that have paid an order are those the source names now, and they are what a return gives back.
#[test]
fn points_belong_to_the_redemption_that_is_named_now() {
    check(
        &shop(DOLLAR_OFF),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=100.00
        2026-03-02 redeem ana off r-1 units=10 bill=50.00
        2026-03-02 redeem ana off r-2 units=20 bill=50.00
        ana beans 70
        2026-03-02 order ana o-2 2xa:x=50.00 pay=points:10.00:r-1
        ana beans 110
        2026-03-03 update ana o-2 2xa:x=50.00 pay=points:20.00:r-2
        ana beans 100
        2026-03-04 return o-2 b-1 1:1
        ana beans 95
        # some of r-2 was given back through this order, so it stays with it
        2026-03-05 update ana o-2 2xa:x=50.00 pay=points:10.00:r-1
        ana beans 105
        2026-03-06 return o-2 b-2
        ana beans 100
        ",
    );
}
