//! The movement table ties to the ledger.

use crate::story::{Story, at};
use loyalty::liability::movement;

#[test]
fn the_movement_table_ties_to_the_ledger_to_the_unit() {
    let text = concat!(
        corner_shop!(wallet "deficit = \"negative\"\ntransfer_per_month = 100", expiry "after = \"2M\"", base),
        r#"
        [[reward]]
        id = "cup"
        name = "Cup"
        kind = "product"
        products = ["cup"]
        prices = [{ wallet = "beans", points = 20 }]
        "#
    );
    let mut story = Story::new(text);
    story.tell(
        "
        2026-01-01 join ana
        2026-01-01 join bo
        2026-01-10 order ana o-1 a:x=50.00
        2026-01-20 redeem ana cup c-1
        2026-02-10 order ana o-2 a:x=30.00
        2026-02-11 send ana bo beans 10 t-1
        2026-02-12 return o-1 r-1
        2026-02-13 adjust bo beans 3 a-1
        2026-02-14 refund ana c-1
        2026-02-20 hold bo cup h-1 refused insufficient_points
        2026-03-31 tick
        ",
    );
    story.prove();
    let mut postings = story.postings("ana", "beans");
    postings.extend(story.postings("bo", "beans"));
    let february =
        movement(postings.iter(), at(&story.program, "2026-02-01"), at(&story.program, "2026-03-01"));
    assert_eq!(february.opening, 30);
    assert_eq!((february.earned, february.spent, february.clawed_back), (30, -20, 50));
    assert_eq!((february.adjusted, february.transferred, february.expired), (3, 0, 0));
    assert_eq!(february.closing, 33);
    assert_eq!(february.sum(), february.closing);
    let march = movement(postings.iter(), at(&story.program, "2026-03-01"), at(&story.program, "2026-04-01"));
    assert_eq!(march.opening, february.closing);
    assert_eq!(march.sum(), march.closing);
    let now: i64 = ["ana", "bo"]
        .iter()
        .map(|who| {
            let balance = story.books.members[&loyalty::name::Name::new(who)].accounts[0].balance(story.now);
            balance.available + balance.pending + balance.held - balance.owed
        })
        .sum();
    assert_eq!(march.closing, now);
}
