//! Returns in stories of the corner shop.

use crate::story::check;

const SHOP: &str = concat!(
    corner_shop!(wallet "deficit = \"DEFICIT\"\nrestore_grace = \"7D\"", expiry "after = \"30D\"", base),
    r#"
[[reward]]
id = "coffee"
name = "Coffee"
kind = "product"
products = ["latte"]
prices = [{ wallet = "beans", points = 8 }]

[[reward]]
id = "money"
name = "Points as money"
kind = "partial_payment"
value = "0.10"
minimum = 5
share_percent = 50
prices = [{ wallet = "beans", points = 1 }]
"#
);

fn shop(deficit: &str) -> String {
    SHOP.replace("DEFICIT", deficit)
}

#[test]
fn parts_sum_exactly_to_the_whole_in_any_order() {
    // 10 points on three lines of 3.33, 3.33, 3.34: 3, 3 and 4 by largest remainder.
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let left = |line: usize| [0, 3, 3, 4][line];
        let mut beans = 10;
        let mut script = "
            2026-03-01 join ana
            2026-03-02 order ana o-1 3xa:x=3.33 3xb:x=3.33 3xc:x=3.34
            ana beans 10
            "
        .to_owned();
        for line in order {
            beans -= left(line);
            script += &format!("2026-03-03 return o-1 r-{line} {line}:3\nana beans {beans}\n");
        }
        check(&shop("clamp"), &script);
    }
}

#[test]
fn a_line_named_without_a_quantity_comes_back_with_all_that_is_left() {
    check(
        &shop("clamp"),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 3xa:x=10.00
        2026-03-03 return o-1 r-1 1:1
        ana beans 7
        2026-03-04 return o-1 r-2 1:0
        ana beans 0
        ",
    );
}

#[test]
fn a_line_comes_back_in_any_number_of_parts() {
    check(
        &shop("clamp"),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 3xa:x=10.00
        ana beans 10
        2026-03-03 return o-1 r-1 1:1
        ana beans 7
        2026-03-03 return o-1 r-1 1:1
        ana beans 7
        2026-03-03 return o-1 r-2 1:0.5
        ana beans 5
        2026-03-03 return o-1 r-3 1:$1.00
        ana beans 4
        2026-03-03 return o-1 r-4 1:1.6 refused too_much
        2026-03-03 return o-1 r-4 2:1 refused unknown_line
        2026-03-03 return o-1 r-5
        ana beans 0 clawed_back=10
        2026-03-03 return o-1 r-6
        ana beans 0 clawed_back=10
        ",
    );
}

#[test]
fn a_return_may_come_before_its_order() {
    check(
        &shop("clamp"),
        "
        2026-03-01 join ana
        2026-03-02 return o-1 r-1 1:1
        2026-03-02 return o-1 r-1 1:1
        2026-03-03 order ana o-1 2xa:x=10.00
        ana beans 5 earned=10 clawed_back=5
        2026-03-03 return o-1 r-1 1:1
        ana beans 5
        ",
    );
}

#[test]
fn a_return_of_a_return() {
    check(
        &shop("clamp"),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 2xa:x=10.00
        2026-03-03 return o-1 r-1 1:1
        ana beans 5
        2026-03-04 keep o-1 r-1
        2026-03-04 keep o-1 r-1
        ana beans 10 expires=10@2026-04-01
        2026-03-05 return o-1 r-2
        ana beans 0
        # the lot has ended: what comes back lives for the grace
        2026-05-01 keep o-1 r-2
        ana beans 10 expires=10@2026-05-08
        2026-05-01 keep o-1 r-9 refused unknown_return
        ",
    );
}

#[test]
fn three_policies_when_the_points_are_spent() {
    let script = |end: &str| {
        format!(
            "
            2026-03-01 join ana
            2026-03-02 order ana o-1 a:x=10.00
            2026-03-02 redeem ana coffee c-1
            ana beans 2
            2026-03-03 {end}
            "
        )
    };
    check(&shop("clamp"), &script("return o-1 r-1\nana beans 0 owed=0"));
    check(
        &shop("negative"),
        &script("return o-1 r-1\nana beans 0 owed=8\n2026-03-04 order ana o-2 a:x=10.00\nana beans 2 owed=0"),
    );
    check(&shop("refuse"), &script("return o-1 r-1 refused points_gone\nana beans 2"));
    check(&shop("pending_only"), &script("return o-1 r-1\nana beans 2"));
}

#[test]
fn what_a_policy_let_go_is_not_given_back() {
    check(
        &shop("clamp"),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=10.00
        2026-03-02 redeem ana coffee c-1
        2026-03-03 return o-1 r-1
        ana beans 0 clawed_back=2
        2026-03-04 keep o-1 r-1
        ana beans 2
        ",
    );
}

#[test]
fn points_spent_on_an_order_come_back_with_it() {
    check(
        &shop("clamp"),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=100.00
        2026-03-10 hold ana money p-1 units=50 bill=20.00
        ana beans 50 held=50
        2026-03-10 capture ana p-1
        2026-03-10 order ana o-2 4xa:x=20.00 pay=points:5.00:p-1 pay=card:15.00
        # the part paid with points earns nothing
        ana beans 65
        2026-03-11 return o-2 r-1 1:1
        # a quarter: 3 of 15 earned go, 12 of 50 spent come back to their lot
        ana beans 74 expires=62@2026-04-01,12@2026-04-09
        2026-04-20 return o-2 r-2
        # the lot ended meanwhile: the rest lives for the grace
        ana beans 38 expires=38@2026-04-27
        2026-04-21 keep o-2 r-2
        ana beans 0
        ",
    );
}

#[test]
fn late_returns_are_refused_where_the_program_says_so() {
    let text = shop("clamp").replace("currency = \"USD\"", "currency = \"USD\"\nreturn_within = \"14D\"");
    check(
        &text,
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 2xa:x=10.00
        2026-03-15 return o-1 r-1 1:1
        ana beans 5
        2026-03-16 return o-1 r-2 1:1 refused too_late
        ana beans 5
        ",
    );
}
