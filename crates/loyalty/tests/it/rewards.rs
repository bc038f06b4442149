//! Rewards, vouchers and gift cards in stories of the corner shop.

use crate::story::{Story, at, check};
use loyalty::explain::explain;
use loyalty::gift_card;
use loyalty::judge::Output;
use loyalty::ledger::Posted;
use loyalty::name::Name;
use loyalty::program::Lang;
use loyalty::reward::{Unavailable, availability};
use loyalty::voucher::{Answer, stack, use_up};

const SHOP: &str = concat!(
    corner_shop!(wallet "transfer_per_month = 50", expiry "after = \"30D\"", base),
    r#"
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
benefits = [{ id = "delivery", name = "Free delivery", quota = 2, per = "month" }]

[[reward]]
id = "coffee"
name = "Coffee"
kind = "product"
products = ["latte"]
prices = [{ wallet = "beans", points = 20, tiers = ["gold"] }, { wallet = "beans", points = 30 }]
stock = 3
limits = [{ per = "day", times = 2 }]

[[reward]]
id = "cake"
name = "A cake of your choice"
kind = "choice"
products = ["carrot", "lemon"]
prices = [{ wallet = "beans", points = 10 }]
from = 2026-03-10
until = 2026-03-20

[[reward]]
id = "five-off"
name = "Five dollars off"
kind = "discount"
value = "5.00"
prices = [{ wallet = "beans", points = 50 }]
voucher = { pattern = "FIVE-######", valid = "30D", exclusive = "money", minimum = "10.00" }

[[reward]]
id = "two-off"
name = "Two dollars off"
kind = "discount"
value = "2.00"
prices = [{ wallet = "beans", points = 20 }]
voucher = { pattern = "TWO-######", valid = "30D", exclusive = "money" }

[[reward]]
id = "staff-off"
name = "Staff discount"
kind = "discount"
value = "1.00"
prices = [{ wallet = "beans", points = 1, segments = ["staff"] }]
voucher = { pattern = "STAFF-######", valid = "30D", alone = true }

[[reward]]
id = "card"
name = "Gift card"
kind = "stored_value"
value = "10.00"
confirm_above = 50
prices = [{ wallet = "beans", points = 100 }]
voucher = { pattern = "CARD-########", valid = "1Y" }

[[reward]]
id = "cinema"
name = "Cinema ticket"
kind = "external_code"
prices = [{ wallet = "beans", points = 5 }]

[[reward]]
id = "money"
name = "Points as money"
kind = "partial_payment"
value = "0.10"
minimum = 5
share_percent = 50
prices = [{ wallet = "beans", points = 1 }]

[[limit]]
wallet = "beans"
per = "day"
points = 150
points_per_till = 120
"#
);

#[test]
fn prices_by_tier_stock_and_limits() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=99.00
        2026-03-01 redeem ana coffee c-1
        ana beans 69
        2026-03-01 redeem ana coffee c-1
        ana beans 69
        2026-03-01 order ana o-2 a:x=1.00
        ana tier gold
        2026-03-01 redeem ana coffee c-2
        ana beans 50
        2026-03-01 redeem ana coffee c-3 refused unavailable
        2026-03-02 redeem ana coffee c-4
        ana beans 30
        2026-03-03 redeem ana coffee c-5 refused out_of_stock
        # what is given back is there again
        2026-03-03 refund ana c-4
        ana beans 50
        2026-03-03 redeem ana coffee c-5
        ana beans 30
        2026-03-03 redeem bo coffee c-6 refused out_of_stock
        ",
    );
}

#[test]
fn a_choice_has_its_days_and_its_products() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-09 order ana o-1 a:x=30.00
        2026-03-09 redeem ana cake c-1 product=lemon refused unavailable
        2026-03-10 redeem ana cake c-1 refused unavailable
        2026-03-10 redeem ana cake c-1 product=apple refused unavailable
        2026-03-10 redeem ana cake c-1 product=lemon
        ana beans 20
        2026-03-20 redeem ana cake c-2 product=lemon refused unavailable
        ",
    );
}

#[test]
fn hold_capture_release_and_lapse() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=80.00
        2026-03-02T10:00 hold ana coffee h-1 until=2026-03-02T10:30
        ana beans 50 held=30
        2026-03-02T10:10 capture ana h-1
        2026-03-02T10:10 capture ana h-1
        ana beans 50 held=0
        2026-03-02T11:00 hold ana coffee h-2 until=2026-03-02T11:30
        2026-03-02T11:05 release ana h-2
        2026-03-02T11:05 release ana h-2 refused no_such_hold
        ana beans 50 held=0
        # a hold of which nothing is said lasts a quarter of an hour
        2026-03-03T11:00 hold ana coffee h-3
        ana beans 20 held=30
        2026-03-03T11:15 capture ana h-3 refused no_such_hold
        ana beans 50 held=0
        ",
    );
}

#[test]
fn all_reasons_come_at_once_with_what_is_missing() {
    let mut story = Story::new(SHOP);
    story.tell("2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=7.00");
    let member = &story.books.members[&Name::new("ana")];
    let reasons = |reward: &str| availability(&story.program, &story.books.shared, member, reward, story.now);
    let begins = Unavailable::NotYet { on: "2026-03-10".parse().unwrap() };
    let missing = |price, missing| Unavailable::InsufficientPoints { price, missing };
    assert_eq!(reasons("cake"), Err(vec![begins, missing(10, 3)]));
    assert_eq!(reasons("coffee"), Err(vec![missing(30, 23)]));
    assert_eq!(reasons("cinema"), Err(vec![Unavailable::OutOfStock]));
    assert_eq!(reasons("staff-off"), Err(vec![Unavailable::NoPrice]));
    assert_eq!(reasons("tea"), Err(vec![Unavailable::Unknown]));
    assert_eq!(reasons("money"), Ok((0, 5)));
}

#[test]
fn part_payment_keeps_to_the_share_of_the_bill() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=90.00
        2026-03-02 redeem ana money p-1 units=51 bill=10.00 refused unavailable
        2026-03-02 redeem ana money p-1 units=4 bill=10.00 refused unavailable
        2026-03-02 redeem ana money p-1 units=50 bill=10.00
        ana beans 40
        2026-03-02 redeem ana money p-2 units=41 bill=100.00 refused insufficient_points
        ",
    );
}

#[test]
fn speed_limits_and_the_second_proof() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=400.00
        2026-03-01 order bo o-2 a:x=400.00
        2026-03-02 redeem ana card g-1 till=t-1 refused needs_confirmation
        2026-03-02 redeem ana card g-1 till=t-1 confirmed
        # 20 of the till's 120 are left, and 50 of ana's 150
        2026-03-02 redeem bo five-off v-1 till=t-1 refused too_fast
        2026-03-02 redeem bo five-off v-1 till=t-2
        2026-03-02 redeem ana five-off v-2 till=t-3
        2026-03-02 redeem ana two-off v-3 till=t-3 refused too_fast
        2026-03-03 redeem ana two-off v-3 till=t-1
        ana beans 230
        ",
    );
}

fn codes(story: &Story) -> Vec<Name> {
    let code = |output: &Output| match output {
        Output::Rewarded { code, .. } => code.clone(),
        _ => None,
    };
    story.outputs.iter().filter_map(code).collect()
}

#[test]
fn vouchers_stack_the_same_way_whatever_the_order() {
    let mut story = Story::new(SHOP);
    story.tell(
        "
        2026-03-01 join ana segment=staff
        2026-03-01 order ana o-1 a:x=145.00
        2026-03-01 redeem ana five-off v-1
        2026-03-01 redeem ana two-off v-2
        2026-03-01 redeem ana staff-off v-3
        ",
    );
    let codes = codes(&story);
    let (five, two, staff) = (&codes[0], &codes[1], &codes[2]);
    let decide = |codes: &[&Name], bill: i64, now: &str| -> Vec<String> {
        let codes: Vec<Name> = codes.iter().map(|code| (*code).clone()).collect();
        let now = at(&story.program, now);
        let answers = stack(&story.program, &story.books.shared, &codes, bill, now);
        answers
            .into_iter()
            .map(|(code, answer)| match answer {
                Answer::Taken { off_minor } => {
                    format!("{} {off_minor}", code.as_str().split('-').next().unwrap())
                }
                Answer::Left { why } => why.replace(code.as_str(), "it"),
            })
            .collect()
    };
    let both = format!("voucher it cannot be used together with {five}: both are of one group");
    let alone = format!("voucher it cannot be used together with {five}");
    let expected = vec!["FIVE 500".to_owned(), both, alone];
    for order in [[five, two, staff], [staff, two, five], [two, five, staff]] {
        assert_eq!(decide(&order, 2_000, "2026-03-02"), expected);
    }
    assert_eq!(decide(&[five], 999, "2026-03-02"), ["voucher it needs a bill of 10.00"]);
    assert_eq!(decide(&[two], 150, "2026-03-02"), ["TWO 150"], "never more than the bill");
    assert_eq!(decide(&[&Name::new("NONE")], 150, "2026-03-02"), ["voucher it does not exist"]);
    assert!(decide(&[two], 150, "2026-03-31")[0].contains("ended at"));

    let now = at(&story.program, "2026-03-02");
    let answers = stack(&story.program, &story.books.shared, std::slice::from_ref(two), 500, now);
    use_up(&mut story.books.shared, &answers);
    let again = stack(&story.program, &story.books.shared, std::slice::from_ref(two), 500, now);
    assert!(matches!(&again[0].1, Answer::Left { why } if why.contains("was used")), "{again:?}");
    story.tell("2026-03-02 refund ana v-2 refused used\n2026-03-02 refund ana v-1\nana beans 124");
    assert!(!story.books.shared.vouchers.contains_key(five), "a voucher given back is gone");
}

#[test]
fn a_gift_card_is_a_ledger_in_money() {
    let mut story = Story::new(SHOP);
    story.tell(
        "2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=100.00\n2026-03-01 redeem ana card g-1 confirmed",
    );
    let card = codes(&story)[0].clone();
    let now = story.now;
    let shared = &mut story.books.shared;
    let bill = Name::new("o-2");
    assert_eq!(shared.cards[&card].usable(), 1_000);
    let out = &mut story.outputs;
    gift_card::pay(shared, &card, 700, &bill, now, out).unwrap();
    assert!(gift_card::pay(shared, &card, 301, &Name::new("o-3"), now, out).is_err());
    gift_card::refund(shared, &card, 200, &bill, now, out).unwrap();
    assert!(gift_card::refund(shared, &card, 501, &bill, now, out).is_err(), "never more than was paid");
    assert!(gift_card::pay(shared, &Name::new("no such card"), 1, &bill, now, out).is_err());
    assert_eq!(shared.cards[&card].usable(), 500);
    gift_card::load(&story.program, shared, &card, 250, &"top-up".into(), now, out);
    assert_eq!(shared.cards[&card].usable(), 750);
    // Every step of it is an entry, chained to the one before: what the card holds is what they come to.
    let kinds: Vec<Posted> = story.card(card.as_str()).iter().map(|posting| posting.kind).collect();
    assert_eq!(kinds, [Posted::Earn, Posted::Spend, Posted::Refund, Posted::Earn]);
    let said: Vec<String> = story
        .outputs
        .iter()
        .filter(|output| matches!(output, Output::Card { .. }))
        .map(|output| explain(&story.program, output, Lang::En).unwrap())
        .collect();
    assert_eq!(said[1], format!("7.00 USD from gift card {card}, for bill o-2."));
    story.prove();
    story.tell("2026-03-01 refund ana g-1 refused used");
    gift_card::refund(&mut story.books.shared, &card, 500, &bill, now, &mut story.outputs).unwrap();
    story.tell("2026-03-01 refund ana g-1");
    assert_eq!(story.books.shared.cards[&card].usable(), 0, "a card given back holds nothing");
    story.prove();
}

#[test]
fn codes_of_another_company_are_handed_out_once() {
    let mut story = Story::new(SHOP);
    story.books.shared.codes.insert("cinema".into(), vec!["SEAT-1".into(), "SEAT-2".into()]);
    story.tell(
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=100.00
        2026-03-01 redeem ana cinema c-1
        2026-03-01 redeem ana cinema c-2
        2026-03-01 redeem ana cinema c-3 refused out_of_stock
        ",
    );
    assert_eq!(codes(&story), [Name::new("SEAT-1"), Name::new("SEAT-2")]);
}

#[test]
fn transfers_have_a_limit_a_month() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=90.00
        2026-03-02 send ana bo beans 40 t-1
        2026-03-02 send ana bo beans 40 t-1
        bo beans 40 expires=40@2026-03-31
        2026-03-02 send ana bo beans 11 t-2 refused over_limit
        2026-03-02 send ana ana beans 1 t-3 refused same_member
        2026-03-02 send ana cam beans 1 t-3 refused unknown_member
        ana beans 50
        ",
    );
}

#[test]
fn benefits_have_a_quota_and_stop_with_the_tier() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=100.00
        2026-03-02 use ana delivery u-1
        # the same use again is no second one
        2026-03-02 use ana delivery u-1
        2026-03-31 use ana delivery u-2
        2026-03-31 use ana delivery u-3 refused used_up
        # taken back it can be used again, once
        2026-03-31 void ana u-2
        2026-03-31 void ana u-2
        2026-03-31 void ana u-9 refused no_such_use
        2026-03-31 use ana delivery u-4
        2026-03-31 use ana delivery u-5 refused used_up
        2026-04-01 use ana delivery u-6
        # a use that became known late counts on its own month
        2026-04-01 use ana delivery u-7 at=2026-03-30 refused used_up
        2026-04-01 use ana massage u-8 refused unknown_benefit
        2026-04-01 use bo delivery u-8 refused not_granted
        2026-04-01 use cam delivery u-8 refused unknown_member
        # the tier ends, and the benefit with it
        2027-03-01 use ana delivery u-8 refused not_granted
        ",
    );
}

#[test]
fn a_use_of_a_benefit_says_how_often_is_left() {
    let mut story = Story::new(SHOP);
    story.tell(
        "2026-03-01 join ana
         2026-03-01 order ana o-1 a:x=100.00
         2026-03-02 use ana delivery u-1
         2026-03-02 use ana delivery u-2
         2026-03-02 use ana delivery u-3 refused used_up
         2026-03-03 void ana u-1",
    );
    let told = |lang: Lang| -> Vec<String> {
        let about = |output: &&Output| matches!(output, Output::Benefit { .. } | Output::Refused { .. });
        let all = story.outputs.iter().filter(about);
        all.map(|output| explain(&story.program, output, lang).unwrap()).collect()
    };
    assert_eq!(
        told(Lang::En),
        [
            "'Free delivery' was used. It can be used 1 more time before 2026-04-01.",
            "'Free delivery' was used. It can be used 0 more times before 2026-04-01.",
            "refused: delivery: used up until 2026-04-01",
            "A use of 'Free delivery' was taken back. It can be used 1 more time before 2026-04-01.",
        ]
    );
    assert_eq!(told(Lang::Vi)[0], "Đã dùng “Free delivery”. Còn dùng được 1 lần trước ngày 2026-04-01.");
    assert_eq!(told(Lang::Zh)[3], "已撤销一次“Free delivery”的使用。2026-04-01 之前还可使用 1 次。");
}

/// What a till lists: each benefit once, as the member's tier grants it, with what is left or why not.
#[test]
fn benefits_stand_once_each_as_the_member_s_tier_grants_them() {
    let program = concat!(
        corner_shop!(expiry "never = true", base),
        r#"
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
        benefits = [{ id = "refill", name = "Refill", quota = 1, per = "month" }, { id = "wifi", name = "Wi-Fi" }]
        [[ladder.tier]]
        id = "gold"
        name = "Gold"
        threshold = 100
        benefits = [{ id = "refill", name = "Refill", quota = 3, per = "day" }, { id = "table", name = "Table" }]
        "#
    );
    let stand = |script: &str, day: &str| -> Vec<String> {
        let mut story = Story::new(program);
        story.tell(script);
        let (member, day) = (&story.books.members["ana"], day.parse().unwrap());
        let told = |one: loyalty::benefit::Standing<'_>| {
            let left = match &one.left {
                Ok(left) => left.times.map_or("always".to_owned(), |times| times.to_string()),
                Err(why) => why.code().to_owned(),
            };
            let until = one.until.map_or(String::new(), |day| format!(" until {day}"));
            format!("{} of {}: {left}{until}", one.spec.id, one.tier)
        };
        loyalty::benefit::standings(&story.program, member, day).into_iter().map(told).collect()
    };
    let green = "2026-03-01 join ana\n2026-03-02 use ana refill u-1";
    assert_eq!(
        stand(green, "2026-03-02"),
        ["refill of green: used_up until 2026-04-01", "wifi of green: always", "table of gold: not_granted"]
    );
    assert_eq!(stand(green, "2026-04-01")[0], "refill of green: 1 until 2026-05-01");
    let gold = format!("{green}\n2026-03-03 order ana o-1 a:x=100.00\n2026-03-03 use ana refill u-2");
    assert_eq!(
        stand(&gold, "2026-03-03"),
        ["refill of gold: 2 until 2026-03-04", "wifi of green: not_granted", "table of gold: always"]
    );
}

#[test]
fn two_members_merged_have_one_quota_and_parted_each_their_own() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=100.00
        2026-03-01 order bo o-2 a:x=100.00
        2026-03-02 use ana delivery u-1
        2026-03-02 use bo delivery u-2
        2026-03-03 merge ana bo
        2026-03-03 use bo delivery u-3 refused used_up
        2026-03-03 void ana u-1
        2026-03-03 use bo delivery u-4
        2026-03-04 unmerge ana
        # what ana had used was taken back meanwhile; bo has used two
        2026-03-04 use bo delivery u-5 refused used_up
        2026-03-04 use ana delivery u-6
        2026-03-04 use ana delivery u-7
        2026-03-04 use ana delivery u-8 refused used_up
        ",
    );
}

#[test]
fn what_a_card_paid_comes_back_to_it() {
    let mut story = Story::new(SHOP);
    story.tell(
        "2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=100.00\n2026-03-01 redeem ana card g-1 confirmed",
    );
    let card = codes(&story)[0].clone();
    let left = |story: &Story| story.books.shared.cards[&card].usable();
    story.tell(&format!("2026-03-02 order ana o-2 3xa:x=12.00 pay=gift_card:10.00:{card} pay=cash:2.00"));
    assert_eq!(left(&story), 0);
    story.tell("2026-03-02 refund ana g-1 refused used");
    story.tell("2026-03-03 return o-2 r-1 1:1");
    assert_eq!(left(&story), 333, "a third of ten dollars, rounded down");
    story.tell("2026-03-03 keep o-2 r-1");
    assert_eq!(left(&story), 0);
    story.tell("2026-03-04 return o-2 r-2");
    assert_eq!(left(&story), 1_000);
    story.tell(&format!("2026-03-05 order ana o-3 a:x=20.00 pay=gift_card:20.00:{card} refused gift_card"));
    assert_eq!(left(&story), 1_000);
    story.prove();
}

#[test]
fn a_household_shares_points_within_its_limits() {
    let shop =
        format!("{SHOP}\n[[pool]]\nid = \"family\"\nwallet = \"beans\"\nmembers = 2\ntake_per_month = 30\n");
    check(
        &shop,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 join cam
        2026-03-01 order ana o-1 a:x=50.00
        2026-03-02 pool ana give smiths 10 p-0 refused no_such_pool
        2026-03-02 pool ana join smiths family p-1
        2026-03-02 pool bo join smiths family p-2
        2026-03-02 pool cam join smiths family p-3 refused pool_full
        2026-03-02 pool bo join others family p-4 refused in_a_pool
        2026-03-02 pool ana give smiths 45 p-5
        2026-03-02 pool ana give smiths 45 p-5
        2026-03-02 pool ana give smiths 45 p-6 refused insufficient_points
        ana beans 5
        2026-03-03 pool cam take smiths 10 p-7 refused no_such_pool
        2026-03-03 pool bo take smiths 30 p-8
        bo beans 30 expires=30@2026-03-31
        2026-03-03 pool bo take smiths 1 p-9 refused over_limit
        2026-03-03 pool ana take smiths 16 p-10 refused insufficient_points
        2026-03-03 pool bo leave smiths family p-11
        2026-03-03 pool cam join smiths family p-12
        # what is in the pool runs out like any other point
        2026-03-31 pool cam take smiths 15 p-13 refused insufficient_points
        ",
    );
}

/// Two cards of one person have one place in a household, whichever of them had it, and each its own again after.
#[test]
fn a_place_in_a_household_goes_along_with_a_merger() {
    let program =
        format!("{SHOP}\n[[pool]]\nid = \"family\"\nwallet = \"beans\"\nmembers = 2\ntake_per_month = 30\n");
    check(
        &program,
        "
        2026-03-01 join ana
        2026-03-01 join ann
        2026-03-01 join bo
        2026-03-01 join cam
        2026-03-01 order ana o-1 x:y=50.00
        2026-03-02 pool ana join smiths family p-1
        2026-03-02 pool bo join smiths family p-2
        2026-03-02 pool ana give smiths 40 p-3
        2026-03-03 pool ann take smiths 5 p-4 refused no_such_pool
        2026-03-03 merge ana ann
        2026-03-03 pool ann take smiths 5 p-4
        2026-03-03 pool ana take smiths 5 p-5
        ann beans 20
        2026-03-03 pool cam join smiths family p-6 refused pool_full
        # what each took counts together while they are one
        2026-03-03 pool ann take smiths 21 p-7 refused over_limit
        # both places are one, so there is room for another
        2026-03-04 merge bo ann
        2026-03-04 pool cam join smiths family p-6
        2026-03-05 unmerge bo
        2026-03-05 pool bo take smiths 5 p-8
        2026-03-05 pool bo leave smiths family p-9
        2026-03-05 pool bo leave smiths family p-10 refused no_such_pool
        2026-03-06 unmerge ana
        2026-03-06 pool ann take smiths 1 p-11 refused no_such_pool
        2026-03-06 pool ana take smiths 20 p-12
        ",
    );
    // A household is of one pool.
    check(
        &format!("{program}[[pool]]\nid = \"club\"\nwallet = \"beans\"\nmembers = 9\n"),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 pool ana join smiths family p-1
        2026-03-02 pool bo join smiths club p-2 refused no_such_pool
        2026-03-02 pool bo join others club p-3
        2026-03-02 pool ana join others club p-4
        ",
    );
}

/// What was sent while two cards were one was sent: told again after they are parted, it is not sent twice.
#[test]
fn a_transfer_told_again_after_a_parting_is_a_repetition() {
    check(
        SHOP,
        "
        2026-03-01 join ana
        2026-03-01 join ann
        2026-03-01 join bo
        2026-03-01 order ana o-1 x:y=40.00
        2026-03-02 merge ana ann
        2026-03-02 send ana bo beans 10 t-1
        2026-03-03 unmerge ana
        2026-03-03 send ana bo beans 10 t-1
        bo beans 10
        ana beans 30
        2026-03-04 merge ana bo
        2026-03-04 send ana bo beans 10 t-1
        bo beans 40
        ",
    );
}
