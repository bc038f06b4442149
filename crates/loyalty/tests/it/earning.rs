//! Earning in stories of the corner shop.

use crate::story::check;

pub const SHOP: &str = corner_shop!(program r#"claim_within = "7D""#, expiry "never = true");

fn shop(rules: &str) -> String {
    format!("{SHOP}{rules}")
}

const BASE: &str = r#"
[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }
"#;

#[test]
fn a_bill_earns_by_whole_dollars() {
    check(
        &shop(BASE),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=4.50 bun:bakery=2.50
        ana beans 7
        2026-03-02 order ana o-2 latte:coffee=4.99
        ana beans 11
        # the same order again has no effect
        2026-03-03 order ana o-1 latte:coffee=4.50 bun:bakery=2.50
        ana beans 11
        2026-03-03 order bo o-3 latte:coffee=4.50 refused unknown_member
        ",
    );
}

#[test]
fn floor_per_line_drops_more_than_floor_per_bill() {
    let rule = BASE.replace("points = 1", "points = 1, per = \"line\"");
    check(
        &shop(&rule),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=4.50 bun:bakery=2.50
        ana beans 6
        ",
    );
}

#[test]
fn a_remainder_is_carried_where_receipts_sum_up() {
    let rule = format!("{BASE}sum_over = \"lifetime\"\n");
    check(
        &shop(&rule),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=4.50
        ana beans 4
        2026-04-02 order ana o-2 latte:coffee=4.50
        ana beans 9
        ",
    );
}

#[test]
fn fractions_round_as_the_wallet_says() {
    for (rounding, beans) in [("down", "5.5"), ("up", "5.6"), ("half_up", "5.5"), ("half_even", "5.5")] {
        let text = shop(&BASE.replace("points = 1", "points = \"1.2\", whole = false")).replace(
            "name = \"Beans\"",
            &format!("name = \"Beans\"\nprecision = 1\nrounding = \"{rounding}\""),
        );
        // 4.60 × 1.2 = 5.52
        check(
            &text,
            &format!("2026-03-01 join ana\n2026-03-02 order ana o-1 latte:coffee=4.60\nana beans {beans}"),
        );
    }
}

#[test]
fn bands_by_amount() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "bands"
            wallet = "beans"
            bands = [
                { from = "0", below = "10.00", points = 1 },
                { from = "10.00", below = "50.00", points = 15 },
                { from = "50.00", points = 100 },
            ]
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=9.99
        ana beans 1
        2026-03-02 order ana o-2 latte:coffee=10.00
        ana beans 16
        2026-03-02 order ana o-3 latte:coffee=50.00
        ana beans 116
        ",
    );
}

/// A bill of which nothing counts gives nothing, by whatever a rule counts; what is shipped may count alone.
#[test]
fn what_does_not_count_gives_nothing() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "bands"
            wallet = "beans"
            bands = [{ from = "0", below = "10.00", points = 1 }, { from = "10.00", points = 7 }]
            basis = { exclude_categories = ["tobacco"] }
            [[earning]]
            id = "visit"
            wallet = "beans"
            fixed = { points = 20 }
            basis = { exclude_categories = ["tobacco"], shipping = "included" }
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 snus:tobacco=30.00
        ana beans 0
        2026-03-02 order ana o-2
        ana beans 0
        2026-03-02 order ana o-3 snus:tobacco=30.00 shipping=2.00
        ana beans 20
        2026-03-02 order ana o-4 snus:tobacco=30.00 gum:sweets=0.00
        ana beans 41
        ",
    );
}

#[test]
fn units_visits_and_events() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "cups"
            wallet = "beans"
            lines = 'line.category == "coffee"'
            per_unit = { points = 2 }
            [[earning]]
            id = "visit"
            wallet = "beans"
            fixed = { points = 5, minimum = "10.00" }
            caps = [{ per = "day", times = 1 }]
            [[earning]]
            id = "review"
            wallet = "beans"
            event = "review"
            fixed = { points = 10 }
            caps = [{ per = "month", points = 25 }]
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 3xlatte:coffee=9.00 bun:bakery=0.99
        ana beans 6
        2026-03-02 order ana o-2 bun:bakery=10.00
        ana beans 11
        2026-03-02 order ana o-3 bun:bakery=10.00
        ana beans 11
        2026-03-03 order ana o-4 bun:bakery=10.00
        ana beans 16
        2026-03-04 event ana review e-1
        2026-03-04 event ana review e-1
        2026-03-04 event ana review e-2
        ana beans 36
        # the cap of the month leaves five
        2026-03-04 event ana review e-3
        2026-03-04 event ana review e-4
        ana beans 41
        2026-04-01 event ana review e-5
        ana beans 51
        ",
    );
}

#[test]
fn what_is_excluded_does_not_count() {
    let rule = format!(
        "{BASE}basis = {{ exclude_categories = [\"tobacco\"], exclude_tenders = [\"voucher\"], tax = \"excluded\" }}\n"
    );
    check(
        &shop(&rule),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=10.00 cigars:tobacco=30.00
        ana beans 10
        # half of the bill is paid with a voucher: half of each line counts
        2026-03-02 order ana o-2 latte:coffee=10.00 cigars:tobacco=30.00 pay=voucher:20.00 pay=card:20.00
        ana beans 15
        # tax of a dollar does not count
        2026-03-02 order ana o-3 latte:coffee=11.00+1.00
        ana beans 25
        # nor does a discount, nor shipping
        2026-03-02 order ana o-4 latte:coffee=12.00-2.00 shipping=5.00
        ana beans 35
        ",
    );
}

#[test]
fn before_the_discount_and_with_shipping_where_the_rule_says_so() {
    let rule = format!("{BASE}basis = {{ discount = \"before\", shipping = \"included\" }}\n");
    check(
        &shop(&rule),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=12.00-2.00 shipping=5.00
        ana beans 17
        ",
    );
}

#[test]
fn doubled_days_multiply_what_other_rules_gave() {
    let rules = format!(
        "{BASE}{}",
        r#"
        [[earning]]
        id = "weekend"
        wallet = "beans"
        days = ["sat", "sun"]
        multiply = { of = ["base"], by = 2 }
        caps = [{ per = "day", points = 20 }]
        "#
    );
    check(
        &shop(&rules),
        "
        2026-03-01 join ana
        # Friday, then Saturday in the shop's zone
        2026-03-06T23:59 order ana o-1 latte:coffee=10.00
        ana beans 10
        2026-03-07T00:00 order ana o-2 latte:coffee=10.00
        ana beans 30
        # the bonus is capped at 20 a day: 15 are asked for, 10 are left
        2026-03-07T12:00 order ana o-3 latte:coffee=15.00
        ana beans 55
        2026-03-07T13:00 order ana o-4 latte:coffee=15.00
        ana beans 70
        ",
    );
}

#[test]
fn several_rules_in_a_group_follow_its_policy() {
    let rules = |policy: &str| {
        shop(&format!(
            r#"
            {BASE}
            [[group]]
            id = "promo"
            policy = "{policy}"
            [[earning]]
            id = "small"
            wallet = "beans"
            group = "promo"
            priority = 1
            fixed = {{ points = 3 }}
            [[earning]]
            id = "large"
            wallet = "beans"
            group = "promo"
            fixed = {{ points = 8 }}
            "#
        ))
    };
    for (policy, beans) in [("sum", 21), ("best", 18), ("first", 13)] {
        check(
            &rules(policy),
            &format!("2026-03-01 join ana\n2026-03-02 order ana o latte:coffee=10.00\nana beans {beans}"),
        );
    }
    let exclusive = rules("best")
        .replace("policy = \"best\"", "policy = \"best\"\nexcludes = [\"basic\"]")
        .replace("id = \"base\"\nwallet = \"beans\"", "id = \"base\"\nwallet = \"beans\"\ngroup = \"basic\"")
        + "\n[[group]]\nid = \"basic\"\npolicy = \"sum\"\n";
    check(&exclusive, "2026-03-01 join ana\n2026-03-02 order ana o latte:coffee=10.00\nana beans 8");
}

#[test]
fn places_hours_dates_and_conditions() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "morning"
            wallet = "beans"
            from = 2026-03-02
            until = 2026-03-04
            hours = "07:00-09:00"
            stores = ["north"]
            channels = ["till"]
            when = 'order.total_minor >= 500 && "coffee" in order.categories'
            fixed = { points = 1 }
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-01T08:00 order ana o-1 latte:coffee=5.00 store=north channel=till
        ana beans 0
        2026-03-02T08:00 order ana o-2 latte:coffee=5.00 store=north channel=till
        ana beans 1
        2026-03-02T09:00 order ana o-3 latte:coffee=5.00 store=north channel=till
        2026-03-03T08:00 order ana o-4 latte:coffee=5.00 store=south channel=till
        2026-03-03T08:00 order ana o-5 latte:coffee=5.00 channel=till
        2026-03-03T08:00 order ana o-6 latte:coffee=5.00 store=north channel=web
        2026-03-03T08:00 order ana o-7 latte:coffee=4.99 store=north channel=till
        2026-03-03T08:00 order ana o-8 bun:bakery=5.00 store=north channel=till
        ana beans 1
        2026-03-04T08:00 order ana o-9 latte:coffee=5.00 store=north channel=till
        ana beans 1
        # it came late, and counts by its own time
        2026-03-05T08:00 order ana o-10 latte:coffee=5.00 store=north channel=till at=2026-03-03T08:00
        ana beans 2
        ",
    );
}

#[test]
fn birthdays_and_festivals() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "birthday"
            wallet = "beans"
            birthday = { days_before = 3, days_after = 3 }
            fixed = { points = 10 }
            caps = [{ per = "year", times = 1 }]
            [[earning]]
            id = "tet"
            wallet = "beans"
            festival = { lunar = "01-01", days_before = 7 }
            fixed = { points = 1 }
            [[earning]]
            id = "mid-autumn"
            wallet = "beans"
            festival = { lunar = "08-15", almanac = "china", days_before = 1, days_after = 1 }
            fixed = { points = 100 }
            "#,
        ),
        "
        2026-01-01 join ana birthday=1992-02-29
        2026-01-01 join bo
        # Tet is on 17 February 2026
        2026-02-09 order ana o-1 latte:coffee=5.00
        ana beans 0
        2026-02-10 order ana o-2 latte:coffee=5.00
        ana beans 1
        2026-02-24 order ana o-3 latte:coffee=5.00
        ana beans 1
        # 28 February stands for the leap day
        2026-02-25 order ana o-4 latte:coffee=5.00
        2026-03-03 order ana o-5 latte:coffee=5.00
        2026-03-03 order bo  o-6 latte:coffee=5.00
        ana beans 11
        bo beans 0
        # 2028 has the leap day itself: the window goes from 26 February to 3 March
        2028-02-25 order ana o-7 latte:coffee=5.00
        ana beans 11
        2028-03-03 order ana o-8 latte:coffee=5.00
        ana beans 21
        # 2028 has a leap fifth month, so that mid-autumn is late: 3 October
        2028-10-01 order bo o-9 latte:coffee=5.00
        bo beans 0
        2028-10-02 order bo o-10 latte:coffee=5.00
        2028-10-04 order bo o-11 latte:coffee=5.00
        2028-10-05 order bo o-12 latte:coffee=5.00
        bo beans 200
        ",
    );
}

#[test]
fn spend_is_summed_over_receipts_with_a_threshold_and_a_cap() {
    // A published campaign of a furniture shop (February 2020): three times the points on top once the receipts of the
    // campaign reach 600, at most 3,000 on top.
    check(
        &shop(&format!(
            r#"{BASE}
            [[earning]]
            id = "campaign"
            wallet = "beans"
            from = 2026-02-01
            until = 2026-03-01
            per_amount = {{ every = "1.00", points = 3, minimum = "600.00" }}
            sum_over = "month"
            caps = [{{ per = "lifetime", points = 3000 }}]
            "#
        )),
        "
        2026-01-01 join ana
        2026-01-01 join bo
        2026-01-01 join cam
        2026-02-02 order ana o-1 desk:home=400.00
        ana beans 400
        2026-02-03 order ana o-2 lamp:home=200.00
        ana beans 2400
        2026-02-03 order bo o-3 desk:home=800.00
        bo beans 3200
        2026-02-03 order cam o-4 desk:home=900.00
        2026-02-04 order cam o-5 bed:home=600.00
        cam beans 4500
        2026-03-01 order cam o-6 bed:home=600.00
        cam beans 5100
        ",
    );
}

#[test]
fn a_budget_is_never_passed_by_one_point() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "opening"
            wallet = "beans"
            fixed = { points = 40 }
            budgets = [{ points = 100 }, { points = 60, per_store = true, period = "day" }]
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 latte:coffee=1.00 store=north
        2026-03-01 order bo  o-2 latte:coffee=1.00 store=north
        ana beans 40
        bo beans 20
        2026-03-02 order bo  o-3 latte:coffee=1.00 store=north
        bo beans 60
        2026-03-02 order ana o-4 latte:coffee=1.00 store=south
        ana beans 40
        ",
    );
}

#[test]
fn pending_points_wait_for_a_delay_a_day_or_an_event() {
    let rule = |pending: &str| shop(&format!("{BASE}pending = {{ {pending} }}\n"));
    check(
        &rule("delay = \"14D\""),
        "
        2026-03-01 join ana
        2026-03-01T10:00 order ana o-1 latte:coffee=5.00
        ana beans 0 pending=5
        2026-03-15T09:59 tick
        ana beans 0 pending=5
        2026-03-15T10:00 tick
        ana beans 5 pending=0
        ",
    );
    check(
        &rule("until = 2026-04-01"),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 latte:coffee=5.00
        ana beans 0 pending=5
        2026-04-01 order ana o-2 latte:coffee=1.00
        ana beans 6 pending=0
        ",
    );
    check(
        &rule("event = \"collected\", within = \"3D\""),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 latte:coffee=5.00
        2026-03-01 order ana o-2 latte:coffee=7.00
        2026-03-02 event ana collected e-1 order=o-2
        ana beans 7 pending=5
        2026-03-04 tick
        ana beans 7 pending=0
        2026-03-05 event ana collected e-2 order=o-1
        ana beans 7
        ",
    );
}

#[test]
fn an_anonymous_bill_is_claimed_once_and_in_time() {
    check(
        &shop(BASE),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01T10:00 order - o-1 latte:coffee=5.00 invoice=inv-1 store=north
        2026-03-01T11:00 order - o-2 latte:coffee=6.00
        2026-03-01T12:00 order - o-3 latte:coffee=6.00
        2026-03-02 claim ana invoice=inv-1
        ana beans 5
        2026-03-02 claim ana order=o-1
        2026-03-02 claim bo order=o-1 refused claimed
        ana beans 5
        2026-03-02 claim ana on=2026-03-01 amount=6.00 refused ambiguous
        2026-03-02 claim ana on=2026-03-01 amount=7.00 refused no_such_bill
        2026-03-02 claim ana order=o-2
        2026-03-02 claim ana on=2026-03-01 amount=6.00
        ana beans 17
        2026-03-02 order - o-4 latte:coffee=9.00
        2026-03-09 claim bo order=o-4 refused too_late
        # two bills alike, in two stores
        2026-03-09T10:00 order - o-5 latte:coffee=4.00 store=north
        2026-03-09T10:00 order - o-6 latte:coffee=4.00 store=south
        2026-03-10 claim bo on=2026-03-09 amount=4.00 store=west refused no_such_bill
        2026-03-10 claim bo on=2026-03-09 amount=4.00 store=south
        2026-03-10 claim ana order=o-6 refused claimed
        2026-03-10 claim ana order=o-5
        ana beans 21
        bo beans 4
        ",
    );
}

#[test]
fn old_orders_rate_under_old_rules() {
    check(
        &shop(
            r#"
            [[earning]]
            id = "base"
            wallet = "beans"
            until = 2026-03-10
            per_amount = { every = "1.00", points = 1 }
            [[earning]]
            id = "base"
            wallet = "beans"
            from = 2026-03-10
            per_amount = { every = "2.00", points = 1 }
            "#,
        ),
        "
        2026-03-01 join ana
        2026-03-09T23:59 order ana o-1 latte:coffee=10.00
        ana beans 10
        2026-03-10T00:00 order ana o-2 latte:coffee=10.00
        ana beans 15
        2026-03-12 order ana o-3 latte:coffee=10.00 at=2026-03-09T12:00
        ana beans 25
        ",
    );
}

#[test]
fn two_markets_in_one_program() {
    check(
        &shop(&format!(
            r#"{BASE}
            [[earning]]
            id = "base-vn"
            wallet = "beans"
            currency = "VND"
            per_amount = {{ every = "25000", points = 1 }}
            "#
        )),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=5.00
        # amounts of an order are minor units of its own currency: 60,000 dong
        2026-03-02 order ana o-2 latte:coffee=600.00 currency=VND
        ana beans 7
        ",
    );
}

#[test]
fn money_of_another_currency_counts_for_its_own_rules_and_nothing_else() {
    let program = [
        BASE,
        r#"
        [[earning]]
        id = "guests"
        wallet = "beans"
        currency = "VND"
        per_amount = { every = "10000", points = 1 }
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
        [[mission]]
        id = "big-week"
        name = "Big week"
        counts = "spend"
        target = 50
        period = "week"
        gift = { wallet = "beans", points = 7 }
        [[reward]]
        id = "card"
        name = "Card"
        kind = "stored_value"
        value = 5
        prices = [{ wallet = "beans", points = 1 }]
        voucher = { pattern = "CARD-######", valid = "1Y" }
        "#,
    ]
    .concat();
    // The script writes 200,000 đ as it does 2,000 dollars, which they are not.
    check(
        &shop(&program),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=2000.00 currency=VND
        ana beans 20
        ana tier green
        2026-03-03 order ana o-2 latte:coffee=60.00
        ana beans 87
        2026-03-04 order ana o-3 latte:coffee=40.00
        ana tier gold
        ",
    );
    let mut story = crate::story::Story::new(&shop(&program));
    story.tell(
        "2026-03-01 join ana\n2026-03-02 order ana o-1 latte:coffee=2.00\n2026-03-02 redeem ana card c-1",
    );
    let code = story.books.shared.cards.keys().next().unwrap().to_string();
    story.tell(&format!(
        "2026-03-03 order ana o-2 a:x=900.00 currency=VND pay=gift_card:900.00:{code} refused gift_card"
    ));
    assert_eq!(story.books.shared.cards[code.as_str()].usable(), 500);
}

#[test]
fn amounts_beyond_measure_are_refused() {
    check(
        &shop(BASE),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 latte:coffee=90000000000000.00 refused malformed
        2026-03-02 order ana o-2 latte:coffee=5.00-6.00 refused malformed
        ana beans 0
        ",
    );
}
