//! Wallets and how their points run out.

use super::FINEST;
use super::found::{Found, Known};
use crate::program::load::Tables;
use crate::program::spec;

pub(super) fn wallets(tables: &Tables, known: &Known, found: &mut Found) {
    for wallet in &tables.wallets {
        let spec = &wallet.item;
        if spec.precision > FINEST {
            found.add(wallet, format!("precision = {} is too fine", spec.precision), "write 0 to 6");
        }
        if let Some(worth) = spec.worth
            && !worth.is_positive()
        {
            found.add(
                wallet,
                format!("worth = {worth} is not above zero"),
                "write what one point costs the shop",
            );
        }
        if let Some(worth) = spec.worth {
            found.plain_number(wallet, "worth", worth, known.currency.decimals());
        }
        if let Some(most) = spec.transfer_per_month {
            found.points(wallet, "transfer_per_month", most, &spec.id, known);
        }
    }
}

pub(super) fn expiries(tables: &Tables, known: &Known, found: &mut Found) {
    for placed in &tables.expiries {
        let spec = &placed.item;
        found.exists(placed, "wallet", &spec.wallet, known.wallets.iter().map(|(id, _)| id));
        for tier in &spec.tiers {
            found.exists(placed, "tier", tier, &known.tiers);
        }
        let ways = [spec.never, spec.after.is_some(), spec.on.is_some(), spec.idle.is_some()];
        if ways.iter().filter(|way| **way).count() != 1 {
            let mend = "give it exactly one of never = true, after, on, idle";
            found.add(placed, "an expiry says when in no way, or in several", mend);
        }
        for (key, length) in [("after", spec.after), ("idle", spec.idle), ("extend", spec.extend)] {
            if length.is_some_and(|length| length.count == 0) {
                found.add(placed, format!("{key} is no time at all"), "write at least one day, 1D");
            }
        }
        if spec.at_least.is_some() && spec.on.is_none() {
            found.add(placed, "at_least needs on", "say the day of the year, or remove at_least");
        }
        if spec.extend.is_some() && spec.after.is_none() {
            found.add(placed, "extend needs after", "say after, or remove extend");
        }
    }
    for wallet in &tables.wallets {
        let general = |spec: &spec::Expiry| spec.wallet == wallet.item.id && spec.tiers.is_empty();
        if !tables.expiries.iter().any(|placed| general(&placed.item)) {
            let mend = format!("add [[expiry]] wallet = \"{}\", never = true if they do not", wallet.item.id);
            found.add(wallet, format!("nothing says when points of '{}' run out", wallet.item.id), mend);
        }
    }
}
