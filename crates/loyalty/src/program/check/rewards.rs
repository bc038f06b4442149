//! Rewards and their vouchers.

use super::found::{Found, Known};
use crate::program::compile;
use crate::program::load::{Placed, Tables};
use crate::program::spec::{self, RewardKind};

pub(super) fn rewards(tables: &Tables, known: &Known, found: &mut Found) {
    for placed in &tables.rewards {
        let spec = &placed.item;
        found.exists(placed, "funder", &spec.funder, &known.funders);
        found.interval(placed, spec.from, spec.until);
        found.money(placed, "value", spec.value, known);
        found.money(placed, "cost", spec.cost, known);
        if spec.prices.is_empty() {
            found.add(placed, "the reward has no price", "add prices = [{ wallet = …, points = … }]");
        }
        for price in &spec.prices {
            if found.exists(placed, "wallet", &price.wallet, known.wallets.iter().map(|(id, _)| id)) {
                found.points(placed, "points", price.points, &price.wallet, known);
                let spendable =
                    |wallet: &&Placed<spec::Wallet>| wallet.item.id == price.wallet && !wallet.item.spendable;
                if tables.wallets.iter().any(|wallet| spendable(&wallet)) {
                    found.add(
                        placed,
                        format!("points of '{}' buy nothing", price.wallet),
                        "use a spendable wallet",
                    );
                }
            }
            for tier in &price.tiers {
                found.exists(placed, "tier", tier, &known.tiers);
            }
        }
        let needs_value =
            matches!(spec.kind, RewardKind::Discount | RewardKind::StoredValue | RewardKind::PartialPayment);
        if needs_value && spec.value.is_none() {
            found.add(placed, "the reward has no value", "add value, the money it is worth");
        }
        if spec.kind == RewardKind::Choice && spec.products.len() < 2 {
            found.add(placed, "a choice of fewer than two products", "name the products");
        }
        if spec.kind == RewardKind::Product && spec.products.len() != 1 {
            found.add(
                placed,
                "a product reward names one product",
                "write products = [\"…\"], or kind = \"choice\"",
            );
        }
        if spec.share_percent.is_some_and(|share| share == 0 || share > 100) {
            found.add(
                placed,
                "share_percent is not 1 to 100",
                "write the largest share of a bill that points may pay",
            );
        }
        if let Some(wallet) = spec.prices.first().map(|price| &price.wallet) {
            for (key, number) in [("minimum", spec.minimum), ("confirm_above", spec.confirm_above)] {
                if let Some(number) = number {
                    found.points(placed, key, number, wallet, known);
                }
            }
            let precision = known.precision(wallet).unwrap_or(0);
            found.keep(placed, compile::caps(&spec.limits, precision));
        }
        if let Some(voucher) = &spec.voucher {
            check_pattern(placed, voucher, found);
            found.money(placed, "voucher.minimum", voucher.minimum, known);
        }
    }
}

fn check_pattern(placed: &Placed<spec::Reward>, voucher: &spec::Voucher, found: &mut Found) {
    let free = voucher.pattern.matches('#').count();
    if !(6..=16).contains(&free) {
        let what = format!("pattern '{}' has {free} free places", voucher.pattern);
        found.add(placed, what, "use 6 to 16 #, so that codes cannot be guessed");
    }
    if voucher.pattern.len() > 40 || !voucher.pattern.is_ascii() {
        found.add(
            placed,
            "the pattern is long or not plain ASCII",
            "use at most 40 letters, digits, - and #",
        );
    }
    if voucher.uses == 0 {
        found.add(placed, "the voucher can never be used", "write uses = 1 or more");
    }
}
