//! The back-test: two programs over one history.

use crate::story::{at, fact, program};
use loyalty::backtest::{Backtest, History, backtest};
use loyalty::fact::Event;
use loyalty::name::Name;
use loyalty::program::Program;

const SHOP: &str = concat!(
    corner_shop!(wallet "worth = \"0.01\"", expiry "after = \"6M\"", base),
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
"#
);

fn histories(program: &Program) -> Vec<History> {
    let event = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        Event { at: at(program, words[0]), fact: fact(program, words[1], &words[2..]) }
    };
    let history = |member: &str, events: &[&str]| History {
        member: Name::new(member),
        joined_at: at(program, "2026-01-01"),
        birthday: None,
        events: events.iter().map(|text| event(text)).collect(),
    };
    vec![
        history(
            "ana",
            &[
                "2026-01-02 order ana o-1 2xa:x=120.00",
                "2026-01-03 return o-1 r-1 1:1",
                "2026-01-04 order ana o-2 a:x=60.00",
            ],
        ),
        history("bo", &["2026-01-02 order bo o-3 tea:x=9.00", "2026-08-02 order bo o-4 tea:x=5.00"]),
        history("cam", &[]),
        history("dan", &["2026-01-02 order dan o-5 tea:x=100.00", "2027-06-01 order dan o-6 tea:x=100.00"]),
    ]
}

#[test]
fn two_programs_over_one_history() {
    let old = program(SHOP);
    let new = program(
        &SHOP
            .replace("\"corner-shop\"", "\"new\"")
            .replace("every = \"1.00\", points = 1", "every = \"10.00\", points = 15"),
    );
    let until = at(&old, "2027-01-01");
    let report = backtest(&old, &new, until, 2, histories(&old).into_iter());
    // The order of June 2027 is after the time that is looked at.
    assert_eq!((report.members, report.orders, report.returns, report.refused), (4, 5, 1, 0));
    assert_eq!((report.gain, report.lose, report.same), (2, 1, 1));
    let wallet = report.first.wallets["beans"];
    assert_eq!((wallet.earned, wallet.clawed_back, wallet.expired, wallet.outstanding), (294, 60, 229, 5));
    let wallet = report.second.wallets["beans"];
    assert_eq!((wallet.earned, wallet.clawed_back, wallet.expired, wallet.outstanding), (420, 90, 330, 0));
    assert_eq!(report.first.tiers["gold"], 2);
    // What returns took back costs nothing.
    assert_eq!((report.first.cost_minor, report.second.cost_minor), (234, 330));
    assert_eq!((report.first.expired_minor, report.first.outstanding_minor), (229, 5));
    assert_eq!(report.first.cost_by_funder["shop"], 234);
    assert_eq!(report.sales_minor, 12_000 + 6_000 + 900 + 500 + 10_000);
    assert_eq!((report.gain_minor, report.lose_minor), (60 + 50, 14));
    // Ana spent 180, bo 14, dan 100, cam nothing.
    let bands: Vec<(i64, u64, i64)> =
        report.by_spend.iter().map(|(from, band)| (*from, band.members, band.first_minor)).collect();
    assert_eq!(bands, [(0, 1, 0), (1_000, 1, 14), (10_000, 2, 100 + 120)]);
    assert_eq!(report.gain_most[0].member, "ana");
    assert_eq!((report.gain_most[0].first_minor, report.gain_most[0].second_minor), (120, 180));
    assert_eq!(report.lose_most.len(), 1);
    assert_eq!((report.lose_most[0].member.as_str(), report.lose_most[0].more_minor), ("bo", -14));
    for side in [&report.first, &report.second] {
        for (wallet, movement) in &side.wallets {
            assert_eq!(movement.sum(), movement.outstanding, "the movement ties to the unit");
            let months: Vec<_> = side.months.values().filter_map(|wallets| wallets.get(wallet)).collect();
            assert_eq!(months.last().map(|month| month.outstanding), Some(movement.outstanding));
            assert_eq!(months.iter().map(|month| month.earned).sum::<i64>(), movement.earned);
            assert_eq!(months.iter().map(|month| month.expired).sum::<i64>(), movement.expired);
        }
    }
}

#[test]
fn parts_beside_one_another_give_the_same_report() {
    let old = program(SHOP);
    let until = at(&old, "2027-01-01");
    let whole = backtest(&old, &old, until, 3, histories(&old).into_iter());
    let mut all = histories(&old);
    let second_half = all.split_off(2);
    let mut first = Backtest::begin(&old, &old, until, 3);
    let mut second = Backtest::begin(&old, &old, until, 3);
    all.iter().for_each(|history| first.add(history));
    second_half.iter().for_each(|history| second.add(history));
    first.join(second);
    assert_eq!(first.end(), whole);
    assert_eq!(whole.same, 4, "a program against itself finds nothing");
}
