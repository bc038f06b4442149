//! Ladders and their tiers.

use super::found::{Found, Known};
use crate::program::load::Tables;
use crate::program::spec::{self, Window};
use std::collections::BTreeSet;

pub(super) fn ladders(tables: &Tables, known: &Known, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for placed in &tables.ladders {
        let spec = &placed.item;
        let by_points = spec.counts == spec::Counted::Points;
        match (&spec.wallet, by_points) {
            (Some(wallet), true) => {
                found.exists(placed, "wallet", wallet, known.wallets.iter().map(|(id, _)| id));
            }
            (None, true) => {
                found.add(placed, "counts = \"points\" needs wallet", "name the wallet that counts")
            }
            (Some(_), false) => found.add(placed, "wallet needs counts = \"points\"", "remove wallet"),
            (None, false) => {}
        }
        if (spec.window == Window::Rolling) != spec.length.is_some() {
            found.add(
                placed,
                "length belongs to a rolling window, and a rolling window needs it",
                "write length = \"12M\"",
            );
        }
        let ends = spec.lasts.is_some() || spec.lasts_next_year;
        if spec.downgrade != spec::Downgrade::None && !ends {
            found.add(
                placed,
                "nothing says how long a tier lasts",
                "add lasts or lasts_next_year, or downgrade = \"none\"",
            );
        }
        if spec.lasts.is_some() && spec.lasts_next_year {
            found.add(placed, "a tier lasts in two ways", "keep lasts or lasts_next_year");
        }
        let scale = match spec.counts {
            spec::Counted::Points => {
                spec.wallet.as_ref().and_then(|wallet| known.precision(wallet)).unwrap_or(0)
            }
            spec::Counted::Spend => known.currency.decimals(),
            spec::Counted::Orders | spec::Counted::Visits => 0,
        };
        let mut before: Option<i64> = None;
        for tier in &spec.tier {
            found.id(placed, &tier.id);
            tier.benefits.iter().for_each(|benefit| found.id(placed, &benefit.id));
            if !seen.insert(tier.id.clone()) {
                found.add(
                    placed,
                    format!("tier '{}' is there twice", tier.id),
                    "tiers of all ladders have ids of their own",
                );
            }
            let threshold = tier.threshold.units(scale);
            match (threshold, before) {
                (None, _) => found.add(
                    placed,
                    format!("threshold {} is not exact", tier.threshold),
                    "use fewer decimals",
                ),
                (Some(0), None) => {}
                (Some(_), None) => found.add(
                    placed,
                    "the lowest tier has a threshold",
                    "begin with a tier of threshold = \"0\"",
                ),
                (Some(now), Some(before)) if now <= before => {
                    let what = format!("tier '{}' takes no more than the one below", tier.id);
                    found.add(placed, what, "write tiers lowest first");
                }
                _ => {}
            }
            before = threshold.or(before);
            if let Some(bonus) = &tier.bonus {
                found.gift(placed, bonus, known);
            }
        }
        if spec.tier.is_empty() {
            found.add(placed, "the ladder has no tier", "add [[ladder.tier]]");
        }
    }
}
