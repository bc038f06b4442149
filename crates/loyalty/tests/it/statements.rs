//! Who pays for what, months in the accounts, and what comes back with a return, in stories of the corner shop.

use crate::story::{Story, at, check};
use loyalty::judge::Output;
use loyalty::ledger::Posting;
use loyalty::liability::{Months, count_months, movement};
use loyalty::name::Name;
use loyalty::statement::statement;

const SHOP: &str = concat!(
    corner_shop!(wallet "deficit = \"negative\"\nrestore_grace = \"7D\"", expiry "after = \"60D\""),
    r#"
[[funder]]
id = "roaster"
name = "The roaster"

[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }

[[earning]]
id = "coffee-week"
wallet = "beans"
lines = 'line.category == "coffee"'
per_unit = { points = 5 }
funder = "roaster"

[[reward]]
id = "cup"
name = "Cup"
kind = "product"
products = ["cup"]
prices = [{ wallet = "beans", points = 20 }]
cost = "1.50"
stock = 1
limits = [{ per = "month", times = 2 }]
funder = "roaster"

[[reward]]
id = "five-off"
name = "Five dollars off"
kind = "discount"
value = "5.00"
cost = "4.00"
prices = [{ wallet = "beans", points = 50 }]
voucher = { pattern = "FIVE-######", valid = "10D", minimum = "10.00" }
"#
);

fn postings(story: &Story) -> Vec<Posting> {
    ["ana", "bo"].iter().flat_map(|who| story.postings(who, "beans")).collect()
}

#[test]
fn what_funders_pay_ties_to_the_ledger() {
    let mut story = Story::new(SHOP);
    story.tell(
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 2xlatte:coffee=40.00 bun:bakery=20.00
        2026-03-03 order bo o-2 4xlatte:coffee=30.00
        2026-03-04 redeem ana cup c-1
        2026-03-05 return o-2 r-1 1:1
        2026-03-06 redeem ana five-off v-1
        2026-03-07 refund ana v-1
        2026-04-02 return o-1 r-2 1:2
        2026-04-03 keep o-1 r-2
        2026-04-04 adjust bo beans 3 a-1
        ",
    );
    story.prove();
    let (from, to) = (at(&story.program, "2026-03-01"), at(&story.program, "2026-04-01"));
    let march = statement(&story.program, story.outputs.iter(), from, to);
    let told: Vec<(&str, i64, i64)> =
        march.points.iter().map(|row| (row.funder.as_str(), row.earned, row.taken_back)).collect();
    // A quarter of bo's lattes came back: 7 of 30 points of the shop's, 5 of 20 of the roaster's.
    assert_eq!(told, [("roaster", 30, 5), ("shop", 90, 7)]);
    let rewards: Vec<(&str, &str, i64, i64, Option<i64>)> = march
        .rewards
        .iter()
        .map(|row| (row.funder.as_str(), row.reward.as_str(), row.times, row.points, row.cost_minor))
        .collect();
    assert_eq!(rewards, [("roaster", "cup", 1, 20, Some(150)), ("shop", "five-off", 0, 0, Some(0))]);
    // Where no worth is said, the dearest reward by its cost says it: 4.00 for 50 beans, 8 cents each.
    assert_eq!(march.points[0].worth_minor, Some(25 * 8));
    for (from, to) in
        [("2026-03-01", "2026-04-01"), ("2026-04-01", "2026-05-01"), ("2026-01-01", "2027-01-01")]
    {
        let (from, to) = (at(&story.program, from), at(&story.program, to));
        let rows = statement(&story.program, story.outputs.iter(), from, to);
        let table = movement(postings(&story).iter(), from, to);
        assert_eq!(rows.points.iter().map(|row| row.earned).sum::<i64>(), table.earned);
        assert_eq!(rows.points.iter().map(|row| row.taken_back).sum::<i64>(), table.clawed_back);
        assert_eq!(rows.rewards.iter().map(|row| row.points).sum::<i64>(), table.spent);
        assert_eq!(table.sum(), table.closing);
    }
}

#[test]
fn months_of_the_accounts_tie_to_the_movement() {
    let mut story = Story::new(SHOP);
    story.tell(
        "
        2026-01-10 join ana
        2026-01-10 join bo
        2026-01-31 order ana o-1 a:x=60.00
        2026-02-01 order ana o-2 a:x=30.00
        2026-02-03 redeem ana cup c-1
        2026-02-04 hold ana five-off h-1 until=2026-02-06
        2026-02-05 capture ana h-1
        2026-02-10 order bo o-3 a:x=80.00
        2026-02-11 hold bo five-off h-2 until=2026-03-20
        2026-02-12 return o-1 r-1
        2026-03-05 refund ana h-1
        2026-04-20 tick
        ",
    );
    story.prove();
    let program = &story.program;
    for end in ["2026-02-01", "2026-03-01", "2026-03-10", "2026-04-01", "2026-05-01"] {
        let to = at(program, end);
        let mut months = Months::new();
        for who in ["ana", "bo"] {
            count_months(&mut months, &story.postings(who, "beans"), &program.zone, to);
        }
        let table = movement(postings(&story).iter(), at(program, "2026-01-01"), to);
        let left: i64 = months.values().map(|month| month.issued - month.redeemed - month.expired).sum();
        let owed: i64 = postings(&story)
            .iter()
            .filter(|posting| posting.at < to)
            .map(|posting| -posting.on(&loyalty::ledger::Pot::Owed))
            .sum();
        assert_eq!(left - owed, table.closing, "{end}");
        assert_eq!(months.values().map(|month| month.redeemed).sum::<i64>(), table.spent, "{end}");
        assert_eq!(months.values().map(|month| month.expired).sum::<i64>(), table.expired, "{end}");
        for month in months.values() {
            assert_eq!(month.redeemed_by_age.iter().sum::<i64>(), month.redeemed, "{end}");
        }
    }
    let mut months = Months::new();
    count_months(&mut months, &story.postings("ana", "beans"), &program.zone, at(program, "2026-03-01"));
    // 60 of January paid for cup and voucher a month later, then 10 of February; o-1 came back and its 60 are taken from
    // what was left of February, the rest owed.
    assert_eq!(months["2026-01"].redeemed_by_age, [0, 60]);
    assert_eq!((months["2026-02"].redeemed, months["2026-02"].issued), (10, 10));
}

fn code(story: &Story) -> Name {
    let code = |output: &Output| match output {
        Output::Rewarded { code, .. } => code.clone(),
        _ => None,
    };
    story.outputs.iter().filter_map(code).next_back().unwrap()
}

#[test]
fn a_voucher_can_be_used_again_once_its_whole_bill_came_back() {
    let mut story = Story::new(SHOP);
    story.tell("2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=60.00\n2026-03-01 redeem ana five-off v-1");
    let code = code(&story);
    let left = |story: &Story| story.books.shared.vouchers[&code].uses_left;
    let pay = format!("pay=voucher:5.00:{code}");
    story.tell(&format!("2026-03-02 order ana o-2 a:x=9.00 {pay} refused voucher"));
    assert_eq!(left(&story), 1, "a bill below its minimum does not use it up");
    story.tell(&format!("2026-03-02 order ana o-3 a:x=12.00 b:x=8.00 {pay}"));
    assert_eq!(left(&story), 0);
    story.tell(&format!("2026-03-02 order ana o-4 a:x=20.00 {pay} refused voucher"));
    story.tell("2026-03-02 refund ana v-1 refused used");
    story.tell("2026-03-03 return o-3 r-1 1:1");
    assert_eq!(left(&story), 0, "half a bill is no bill given back");
    story.tell("2026-03-10 return o-3 r-2");
    assert_eq!(left(&story), 1);
    // It would have ended on the 11th; what comes back lives at least a week.
    story.tell(&format!("2026-03-16 order ana o-5 a:x=20.00 {pay}"));
    assert_eq!(left(&story), 0);
    story.tell("2026-03-16 keep o-3 r-2 refused voucher");
    story.tell("2026-03-16 return o-5 r-3");
    assert_eq!(left(&story), 1);
    story.tell("2026-03-16 keep o-5 r-3");
    assert_eq!(left(&story), 0);
    story.tell("2026-03-16 return o-5 r-4\n2026-03-16 refund ana v-1");
    assert!(!story.books.shared.vouchers.contains_key(&code));
    story.prove();
}

#[test]
fn a_hold_sets_aside_stock_and_limit_and_gives_them_back() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=90.00
        2026-03-01 order bo o-2 a:x=90.00
        # the last cup is set aside for ana
        2026-03-02T10:00 hold ana cup h-1 until=2026-03-02T10:30
        2026-03-02T10:10 redeem bo cup c-1 refused out_of_stock
        # the hold ended by itself; the cup is there again once somebody asked for it
        2026-03-02T10:35 capture ana h-1 refused no_such_hold
        2026-03-02T10:40 hold bo cup h-2 until=2026-03-02T11:00
        2026-03-02T10:45 release bo h-2
        2026-03-02T10:50 redeem ana cup c-2
        2026-03-02T10:55 refund ana c-2
        2026-03-02T10:56 redeem ana cup c-3
        2026-03-02T10:57 refund ana c-3
        # what was let go or given back counts for no limit
        2026-03-02T10:58 redeem ana cup c-4
        ana beans 70 held=0
        bo beans 90 held=0
        ",
    );
}

#[test]
fn two_cards_of_one_person_have_one_cap() {
    let shop = format!(
        "{SHOP}\n[[earning]]\nid = \"daily\"\nwallet = \"beans\"\nfixed = {{ points = 4 }}\ncaps = [{{ per = \"day\", times = 1 }}]\n"
    );
    check(
        &shop,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 a:x=1.00
        2026-03-02 order bo o-2 a:x=1.00
        ana beans 5
        bo beans 5
        2026-03-02 merge bo ana
        ana beans 10
        2026-03-02 order ana o-3 a:x=1.00
        ana beans 11
        2026-03-02 unmerge bo
        ana beans 6
        bo beans 5
        2026-03-02 order bo o-4 a:x=1.00
        bo beans 6
        2026-03-03 order bo o-5 a:x=1.00
        bo beans 11
        ",
    );
}
