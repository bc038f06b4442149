//! Surprise gifts: drawn by a seed, unannounced, within a budget, with a share held out so that the effect can be
//! measured.
//!
//! Of the orders that could be chosen, one in so many is, by a hash of seed, surprise and order. Of those chosen, the
//! held-out share is exact to one at any time: the nth is held out where the running share passes a whole number.
//! Whether a member is held out is thus decided by when the order came and not by who came.

use crate::earning::{Occasion, What};
use crate::fact::Order;
use crate::judge::{Books, Output, give};
use crate::ledger::Cause;
use crate::name::Name;
use crate::program::Program;
use crate::program::spec::CapPer;
use crate::time::{Moment, Period};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What was drawn of a surprise so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Orders that could be chosen.
    pub eligible: u64,
    /// Of those, chosen.
    pub chosen: u64,
    /// Of those, held out.
    pub held_out: u64,
    /// Smallest units given.
    pub units: i64,
}

/// 64 bits from a seed and some names; the same for the same input, for ever.
pub(crate) fn draw(seed: u64, names: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for name in names {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
    }
    let bytes = hasher.finalize();
    u64::from_le_bytes(bytes.as_bytes()[..8].try_into().expect("eight bytes"))
}

#[expect(clippy::too_many_arguments, reason = "the facts of one order")]
pub(crate) fn after_order(
    program: &Program,
    books: &mut Books,
    owner: &Name,
    order: &Order,
    moment: &Moment,
    seen: &crate::condition::Seen,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    for surprise in &program.surprises {
        let spec = &surprise.spec;
        let (members, shared) = (&mut books.members, &mut books.shared);
        let Some(member) = members.get_mut(owner) else { return };
        let currency = program.head.currency;
        let occasion =
            Occasion { moment, what: What::Order(order), seen, birthday: member.birthday, currency };
        let inside = spec.from.is_none_or(|from| from <= moment.day)
            && spec.until.is_none_or(|until| moment.day < until);
        let key: Name = format!("surprise:{}", spec.id).as_str().into();
        let per = cap_per(spec.once_per);
        let fresh = member.tallies.tally(&key, per, moment.day).times == 0;
        if !inside || !fresh || surprise.when.as_ref().is_some_and(|when| !when.holds(&occasion.facts())) {
            continue;
        }
        let drawn = shared.surprises.entry(spec.id.clone()).or_default();
        drawn.eligible += 1;
        let chance = draw(shared.seed, &[spec.id.as_str(), order.id.as_str()]);
        if !chance.is_multiple_of(u64::from(spec.one_in)) {
            continue;
        }
        let wallet = program.known_wallet(&spec.gift.wallet);
        let units = program.units(wallet, spec.gift.points);
        // A member is chosen only while the budget holds a whole gift, so that both arms stop together.
        if drawn.units + units > program.units(wallet, spec.budget) {
            continue;
        }
        drawn.chosen += 1;
        let percent = u64::from(spec.holdout_percent);
        let offset = draw(shared.seed, &[spec.id.as_str()]) % 100;
        let passed = |chosen: u64| (chosen * percent + offset) / 100;
        let is_held_out = passed(drawn.chosen) > passed(drawn.chosen - 1);
        member.tallies.add(&key, per, moment.day, units);
        out.push(Output::Surprise { member: owner.clone(), surprise: spec.id.clone(), is_held_out });
        if is_held_out {
            drawn.held_out += 1;
            continue;
        }
        drawn.units += units;
        let cause = Cause {
            rule: Some(spec.id.clone()),
            funder: Some(spec.gift.funder.clone()),
            ..Cause::new("surprise", order.id.as_str())
        };
        give(program, member, &spec.gift, cause, None, now, out);
    }
}

fn cap_per(period: Period) -> CapPer {
    match period {
        Period::Day => CapPer::Day,
        Period::Week => CapPer::Week,
        Period::Month => CapPer::Month,
        Period::Year => CapPer::Year,
        Period::Lifetime => CapPer::Lifetime,
    }
}

/// How many gifts a budget pays for, for the rule book.
pub fn gifts(program: &Program, place: usize) -> i64 {
    let spec = &program.surprises[place].spec;
    let wallet = program.known_wallet(&spec.gift.wallet);
    program.units(wallet, spec.budget) / program.units(wallet, spec.gift.points).max(1)
}

/// The first day of the period in which a member can be chosen again.
pub fn again_on(program: &Program, place: usize, chosen_on: Date) -> Date {
    program.surprises[place].spec.once_per.next_first_day(chosen_on)
}
