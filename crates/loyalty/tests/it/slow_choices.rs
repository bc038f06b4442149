//! An independent slow model of groups: each way to keep rules is tried, and the one the policies allow must be what
//! the engine gives. Rules give fixed points, so that nothing but the choice is in question.

use crate::story::program;
use loyalty::condition::Seen;
use loyalty::earning::{Budgets, Occasion, Tallies, What, rate};
use loyalty::fact::{Line, Order};
use loyalty::time::Moment;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
struct Rules {
    /// Points, group, priority.
    rules: Vec<(i64, Option<usize>, i32)>,
    /// Policy, groups excluded.
    groups: Vec<(&'static str, Vec<usize>)>,
}

impl Rules {
    fn text(&self) -> String {
        let mut text = r#"
            [program]
            id = "groups"
            name = "Groups"
            zone = "UTC"
            currency = "USD"
            [[wallet]]
            id = "beans"
            name = "Beans"
            [[expiry]]
            wallet = "beans"
            never = true
            "#
        .to_owned();
        for (place, (policy, excludes)) in self.groups.iter().enumerate() {
            let excludes: Vec<String> = excludes
                .iter()
                .filter(|other| **other != place)
                .map(|other| format!("\"g{other}\""))
                .collect();
            text += &format!(
                "[[group]]\nid = \"g{place}\"\npolicy = \"{policy}\"\nexcludes = [{}]\n",
                excludes.join(", ")
            );
        }
        for (place, (points, group, priority)) in self.rules.iter().enumerate() {
            text += &format!(
                "[[earning]]\nid = \"r{place}\"\nwallet = \"beans\"\nfixed = {{ points = {points} }}\npriority = {priority}\n"
            );
            if let Some(group) = group {
                text += &format!("group = \"g{group}\"\n");
            }
        }
        text
    }

    /// Whether keeping exactly these rules of a group is what its policy says.
    fn allowed(&self, group: usize, kept: &BTreeSet<usize>) -> bool {
        let all: Vec<usize> =
            (0..self.rules.len()).filter(|rule| self.rules[*rule].1 == Some(group)).collect();
        let mine: Vec<usize> = all.iter().copied().filter(|rule| kept.contains(rule)).collect();
        let goes_before = |a: usize, b: usize| {
            let (a_row, b_row) = (self.rules[a], self.rules[b]);
            (-a_row.2, a) < (-b_row.2, b)
        };
        match self.groups[group].0 {
            "sum" => mine == all,
            "first" => {
                all.is_empty()
                    || mine.len() == 1
                        && all.iter().all(|other| *other == mine[0] || goes_before(mine[0], *other))
            }
            _ => {
                let beats = |other: usize| {
                    let (mine_points, other_points) = (self.rules[mine[0]].0, self.rules[other].0);
                    mine_points > other_points || mine_points == other_points && goes_before(mine[0], other)
                };
                all.is_empty()
                    || mine.len() == 1 && all.iter().all(|other| *other == mine[0] || beats(*other))
            }
        }
    }

    fn slow(&self) -> i64 {
        let grouped = |kept: &BTreeSet<usize>| (0..self.groups.len()).all(|group| self.allowed(group, kept));
        let mut ways: Vec<BTreeSet<usize>> = (0u32..1 << self.rules.len())
            .map(|bits| (0..self.rules.len()).filter(|rule| bits >> rule & 1 == 1).collect())
            .filter(|kept: &BTreeSet<usize>| {
                (0..self.rules.len()).all(|rule| self.rules[rule].1.is_some() || kept.contains(&rule))
            })
            .filter(grouped)
            .collect();
        assert_eq!(ways.len(), 1, "the policies leave one way: {ways:?}");
        let mut kept = ways.remove(0);
        // Groups are asked in the order of the file; one that gives nothing any more excludes nobody.
        for (place, (_, excludes)) in self.groups.iter().enumerate() {
            if kept.iter().any(|rule| self.rules[*rule].1 == Some(place)) {
                kept.retain(|rule| {
                    self.rules[*rule].1.is_none_or(|group| group == place || !excludes.contains(&group))
                });
            }
        }
        kept.iter().map(|rule| self.rules[*rule].0).sum()
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    let rule = (1i64..6, prop::option::of(0usize..3), -1i32..2);
    let policy = prop_oneof![Just("sum"), Just("best"), Just("first")];
    let group = (policy, prop::collection::vec(0usize..3, 0..2));
    (prop::collection::vec(rule, 1..8), prop::collection::vec(group, 3..4))
        .prop_map(|(rules, groups)| Rules { rules, groups })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_keep_what_their_policies_say(rules in rules()) {
        let program = program(&rules.text());
        let line = Line {
            id: "1".into(), product: "x".into(), category: "x".into(), quantity_milli: 1_000,
            gross_minor: 500, discount_minor: 0, tax_minor: 0,
        };
        let order = Order {
            id: "o".into(), member: None, ordered_at: None, store: None, till: None, channel: None, currency: None,
            lines: vec![line], tenders: vec![], shipping_minor: 0, invoice: None,
        };
        let moment = Moment::new("2026-03-01T00:00:00Z".parse().unwrap(), &program.zone);
        let seen = Seen::default();
        let occasion = Occasion {
            moment: &moment, what: What::Order(&order), seen: &seen, birthday: None, currency: program.head.currency,
        };
        let awards = rate(&program, &occasion, &mut Tallies::default(), &mut Budgets::default());
        prop_assert_eq!(awards.iter().map(|award| award.units).sum::<i64>(), rules.slow(), "{}", rules.text());
    }
}
