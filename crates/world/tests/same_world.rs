//! A world is a function of its configuration, and its rows hold together.

use std::collections::BTreeSet;
use std::fmt::Write;

use world::{Config, CustomerRow, Feedback, History, OrderLine, Process, Return, Truth, World};

fn small(seed: u64) -> World {
    World::new(Config { customers: 150, ..Config::corner_shop(seed) }).unwrap()
}

/// Every row as it would be written.
fn written<'w>(histories: impl Iterator<Item = History<'w>>) -> String {
    let mut text = String::new();
    let mut row = |cells: &[world::Cell]| {
        for cell in cells {
            write!(text, "{cell}\t").unwrap();
        }
        text.push('\n');
    };
    for history in histories {
        history.customer.iter().for_each(|customer| row(&customer.cells()));
        history.truth.iter().for_each(|truth| row(&truth.cells()));
        history.lines.iter().for_each(|line| row(&line.cells()));
        history.returns.iter().for_each(|back| row(&back.cells()));
        history.feedback.iter().for_each(|said| row(&said.cells()));
    }
    text
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let once = written(small(7).histories());
    assert_eq!(once, written(small(7).histories()));
    assert_ne!(once, written(small(8).histories()));
    assert!(once.len() > 100_000);
}

#[test]
fn a_customer_is_the_same_in_a_larger_world() {
    let large = World::new(Config { customers: 5_000, ..Config::corner_shop(7) }).unwrap();
    assert_eq!(small(7).history(42), large.history(42));
}

#[test]
fn columns_and_cells_agree() {
    let world = small(7);
    let history = world.histories().find(|h| !h.returns.is_empty() && !h.feedback.is_empty()).unwrap();
    assert_eq!(history.lines[0].cells().len(), OrderLine::COLUMNS.len());
    assert_eq!(history.returns[0].cells().len(), Return::COLUMNS.len());
    assert_eq!(history.feedback[0].cells().len(), Feedback::COLUMNS.len());
    assert_eq!(history.customer.unwrap().cells().len(), CustomerRow::COLUMNS.len());
    assert_eq!(history.truth.unwrap().cells().len(), Truth::COLUMNS.len());
}

#[test]
fn money_adds_up_and_nothing_comes_back_that_was_not_sold() {
    let world = small(9);
    let (mut orders, mut lines) = (BTreeSet::new(), 0);
    for history in world.histories() {
        for line in &history.lines {
            assert_eq!(line.total_minor, line.unit_price_minor * line.quantity - line.discount_minor);
            assert!(line.total_minor > 0 && line.cost_minor > 0 && line.quantity > 0, "{line:?}");
            assert!(line.at.date() >= world.config().start && line.at.date() <= world.last_day());
            assert!((6..22).contains(&line.at.hour()));
            orders.insert((line.order_id.to_string(), line.line));
            lines += 1;
        }
        let days = history.lines.windows(2);
        assert!(
            history.customer.is_none() || days.into_iter().all(|pair| pair[0].at.date() <= pair[1].at.date())
        );
        for back in &history.returns {
            let sold = history.lines.iter().find(|l| (&l.order_id, l.line) == (&back.order_id, back.line));
            let sold = sold.unwrap();
            assert!(back.quantity <= sold.quantity && back.amount_minor <= sold.total_minor);
            assert!(back.at.date() > sold.at.date());
        }
        if let (Some(truth), Some(first)) = (&history.truth, history.lines.first()) {
            assert_eq!(history.customer.as_ref().unwrap().joined_on, first.at.date());
            assert!(truth.alive_until.is_none_or(|day| day >= history.lines.last().unwrap().at.date()));
            assert_eq!(truth.reason.is_some(), truth.alive_until.is_some());
        }
    }
    assert_eq!(orders.len(), lines, "an order line has a key of its own");
}

#[test]
fn the_corner_shop_is_the_size_the_demo_wants() {
    let world = World::new(Config::corner_shop(1)).unwrap();
    let (mut lines, mut anonymous, mut orders, mut said, mut returns) = (0, 0, BTreeSet::new(), 0, 0);
    for history in world.histories() {
        lines += history.lines.len();
        said += history.feedback.len();
        returns += history.returns.len();
        let ids: BTreeSet<_> = history.lines.iter().map(|line| line.order_id.to_string()).collect();
        anonymous += if history.customer.is_none() { ids.len() } else { 0 };
        orders.extend(ids);
    }
    assert_eq!(world.customers().count(), 1_500);
    assert!((20_000..120_000).contains(&lines), "{lines} lines");
    let share = anonymous as f64 / orders.len() as f64;
    assert!((0.08..0.25).contains(&share), "{share} anonymous of {} orders", orders.len());
    assert!((300..2_000).contains(&said), "{said} said");
    assert!((50..2_000).contains(&returns), "{returns} returns");
}

#[test]
fn impossible_worlds_are_refused() {
    let base = Config::corner_shop(1);
    for config in [
        Config { customers: 0, ..base.clone() },
        Config { joining_weeks: 100, ..base.clone() },
        Config { return_share: 1.5, ..base.clone() },
        Config { rate_weeks: f64::NAN, ..base.clone() },
        Config { start: jiff::civil::Date::constant(9999, 6, 1), ..base.clone() },
        Config { process: Process::Pareto { s: 0.0, beta: 1.0 }, ..base.clone() },
    ] {
        assert!(World::new(config.clone()).is_err(), "{config:?}");
    }
    let refused = World::new(Config { weeks: 0, ..base }).unwrap_err();
    assert_eq!(refused.to_string(), "weeks is 0; it must be between 1 and 5,000");
}
