//! When points run out: the policy in force for the member, and the date it gives.

use crate::name::Name;
use crate::program::Program;
use crate::program::spec::{AppliesTo, Expiry};
use crate::time::{round_up, start_of};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// The policy for points of `wallet` earned on `day` by a member who joined on `joined_on` and is in `tiers`: a
/// policy for a tier goes before one for all, a later one before an earlier one.
pub fn policy<'a>(
    program: &'a Program,
    wallet: usize,
    day: Date,
    joined_on: Date,
    tiers: &[&Name],
) -> Option<&'a Expiry> {
    let id = &program.wallets[wallet].id;
    let fits = |spec: &&Expiry| {
        let begun = spec.from.is_none_or(|from| from <= day);
        let mine = spec.applies_to != AppliesTo::NewMembers || spec.from.is_none_or(|from| from <= joined_on);
        let tier = spec.tiers.is_empty() || tiers.iter().any(|tier| spec.tiers.contains(tier));
        spec.wallet == *id && begun && mine && tier
    };
    program
        .expiries
        .iter()
        .filter(fits)
        .max_by_key(|spec| (!spec.tiers.is_empty(), spec.from.unwrap_or(Date::MIN)))
}

/// The end of points earned at `earned_at` under a policy; `active_at` is the member's last activity.
pub fn expires_at(
    program: &Program,
    policy: &Expiry,
    earned_at: Timestamp,
    active_at: Timestamp,
) -> Option<Timestamp> {
    let zone = &program.zone;
    if policy.never {
        return None;
    }
    let end = if let Some(after) = policy.after {
        after.after(earned_at, zone)
    } else if let Some(idle) = policy.idle {
        idle.after(earned_at.max(active_at), zone)
    } else if let Some(on) = policy.on {
        let earned = crate::time::day_of(earned_at, zone);
        let least = policy.at_least.map_or(earned, |least| least.after_day(earned));
        // The day named is the last day; the end is exclusive.
        start_of(on.on_or_after(least).saturating_add(1.days()), zone)
    } else {
        return None;
    };
    Some(policy.round.map_or(end, |period| round_up(end, period, zone)))
}
