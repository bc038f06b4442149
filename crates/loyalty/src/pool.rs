//! Pools: a household's shared points. A pool is an account of its own; members put points in and take them out within
//! a limit a month, and points keep their dates on the way. Who is merged into another takes that place along, and has
//! it back when the two are parted.

use crate::fact::{Pool, PoolStep};
use crate::judge::{Books, Output, Shared, posted, present, refused};
use crate::ledger::{Account, Cause, Posted};
use crate::name::Name;
use crate::program::spec::CapPer;
use crate::program::{Lang, Program};
use domain::Points;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A household that shares points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// The program's pool.
    pub pool: Name,
    /// Place of the wallet.
    pub wallet: usize,
    /// Who joined it, and whom each was merged into since, one after the other.
    #[serde(alias = "members", deserialize_with = "joined")]
    pub joined: BTreeMap<Name, Vec<Name>>,
    /// Its points.
    pub account: Account,
}

impl Household {
    /// Who belongs to it.
    pub fn members(&self) -> BTreeSet<&Name> {
        self.joined.iter().map(|(name, since)| since.last().unwrap_or(name)).collect()
    }
}

/// Households were kept with their members alone once.
fn joined<'de, D: Deserializer<'de>>(kept: D) -> Result<BTreeMap<Name, Vec<Name>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Joined(BTreeMap<Name, Vec<Name>>),
        Members(BTreeSet<Name>),
    }
    Ok(match Kept::deserialize(kept)? {
        Kept::Joined(joined) => joined,
        Kept::Members(members) => members.into_iter().map(|name| (name, Vec::new())).collect(),
    })
}

/// A member is one with another from now on, in every household.
pub(crate) fn merged(shared: &mut Shared, from: &Name, into: &Name) {
    for household in shared.households.values_mut() {
        let mine = household.joined.iter_mut().filter(|(name, since)| since.last().unwrap_or(name) == from);
        mine.for_each(|(_, since)| since.push(into.clone()));
    }
}

/// A member is somebody else again.
pub(crate) fn parted(shared: &mut Shared, from: &Name, into: &Name) {
    for household in shared.households.values_mut() {
        for (name, since) in &mut household.joined {
            if since.last() == Some(into) && since.iter().nth_back(1).unwrap_or(name) == from {
                since.pop();
            }
        }
    }
}

pub(crate) fn step(program: &Program, books: &mut Books, now: Timestamp, ask: &Pool, out: &mut Vec<Output>) {
    let Some(member) = present(program, books, now, &ask.member, &ask.id, out) else { return };
    if member.events.contains(&ask.id) {
        return out.push(Output::Repeated { id: ask.id.clone() });
    }
    let who = member.id.clone();
    let done = match ask.does {
        PoolStep::Join => join(program, books, &who, ask, out),
        PoolStep::Leave => leave(books, &who, ask, out),
        PoolStep::Give => give(program, books, now, &who, ask, out),
        PoolStep::Take => take(program, books, now, &who, ask, out),
    };
    if done && let Some(member) = books.members.get_mut(&who) {
        member.events.insert(ask.id.clone());
    }
}

fn join(program: &Program, books: &mut Books, who: &Name, ask: &Pool, out: &mut Vec<Output>) -> bool {
    let spec = ask.pool.as_ref().and_then(|pool| program.pools.iter().find(|spec| spec.id == *pool));
    let Some(spec) = spec else {
        let known: Vec<&str> = program.pools.iter().map(|spec| spec.id.as_str()).collect();
        refused(
            &ask.id,
            "no_such_pool",
            format!("name a pool of the program; known: {}", known.join(", ")),
            out,
        );
        return false;
    };
    let elsewhere = |(_, row): (&Name, &Household)| row.pool == spec.id && row.members().contains(who);
    if books.shared.households.iter().any(elsewhere) {
        refused(&ask.id, "in_a_pool", "the member belongs to a household already: leave it first", out);
        return false;
    }
    let wallet = program.known_wallet(&spec.wallet);
    let household = books.shared.households.entry(ask.household.clone()).or_insert_with(|| Household {
        pool: spec.id.clone(),
        wallet,
        joined: BTreeMap::new(),
        account: Account::open(program.head.id.as_str(), ask.household.as_str(), spec.wallet.as_str()),
    });
    if household.pool != spec.id {
        let why = format!("household '{}' is of pool '{}'", ask.household, household.pool);
        refused(&ask.id, "no_such_pool", why, out);
        return false;
    }
    if household.members().len() >= spec.members as usize {
        refused(&ask.id, "pool_full", format!("a household has at most {} members", spec.members), out);
        return false;
    }
    household.joined.insert(who.clone(), Vec::new());
    true
}

fn leave(books: &mut Books, who: &Name, ask: &Pool, out: &mut Vec<Output>) -> bool {
    if belongs(books, who, ask, out).is_none() {
        return false;
    }
    if let Some(household) = books.shared.households.get_mut(&ask.household) {
        household.joined.retain(|name, since| since.last().unwrap_or(name) != who);
    }
    true
}

fn points(ask: &Pool, out: &mut Vec<Output>) -> Option<Points> {
    let points = Points::new(ask.units).filter(|points| points.units() > 0);
    if points.is_none() {
        refused(&ask.id, "nothing_to_move", "give an amount above zero", out);
    }
    points
}

fn belongs(books: &Books, who: &Name, ask: &Pool, out: &mut Vec<Output>) -> Option<usize> {
    let household = books.shared.households.get(&ask.household).filter(|row| row.members().contains(who));
    if household.is_none() {
        let why = format!("the member does not belong to household '{}'", ask.household);
        refused(&ask.id, "no_such_pool", why, out);
    }
    household.map(|row| row.wallet)
}

fn give(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    who: &Name,
    ask: &Pool,
    out: &mut Vec<Output>,
) -> bool {
    let Some(wallet) = belongs(books, who, ask, out) else { return false };
    let Some(points) = points(ask, out) else { return false };
    let (members, shared) = (&mut books.members, &mut books.shared);
    let (Some(member), Some(household)) = (members.get_mut(who), shared.households.get_mut(&ask.household))
    else {
        return false;
    };
    let cause = Cause::new("transfer", ask.id.as_str());
    move_points(
        program,
        wallet,
        (who, &mut member.accounts[wallet]),
        (&ask.household, &mut household.account),
        now,
        points,
        cause,
        out,
    )
}

fn take(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    who: &Name,
    ask: &Pool,
    out: &mut Vec<Output>,
) -> bool {
    let Some(wallet) = belongs(books, who, ask, out) else { return false };
    let Some(points) = points(ask, out) else { return false };
    let (members, shared) = (&mut books.members, &mut books.shared);
    let (Some(member), Some(household)) = (members.get_mut(who), shared.households.get_mut(&ask.household))
    else {
        return false;
    };
    let spec = program.pools.iter().find(|spec| spec.id == household.pool);
    let key: Name = format!("pool:{}", household.pool).as_str().into();
    let today = program.day(now);
    if let Some(most) = spec.and_then(|spec| spec.take_per_month) {
        let left =
            (program.units(wallet, most) - member.tallies.tally(&key, CapPer::Month, today).points).max(0);
        if ask.units > left {
            let left = crate::words::points(program, wallet, left, Lang::En);
            refused(&ask.id, "over_limit", format!("{left} can still be taken this month"), out);
            return false;
        }
    }
    let cause = Cause::new("transfer", ask.id.as_str());
    let done = move_points(
        program,
        wallet,
        (&ask.household, &mut household.account),
        (who, &mut member.accounts[wallet]),
        now,
        points,
        cause,
        out,
    );
    if done {
        member.tallies.add(&key, CapPer::Month, today, ask.units);
    }
    done
}

#[expect(clippy::too_many_arguments, reason = "two sides of one transfer")]
fn move_points(
    program: &Program,
    wallet: usize,
    from: (&Name, &mut Account),
    to: (&Name, &mut Account),
    now: Timestamp,
    points: Points,
    cause: Cause,
    out: &mut Vec<Output>,
) -> bool {
    let id = cause.id.clone();
    let mut postings = Vec::new();
    let sent = from.1.transfer_out(now, points, cause.clone(), &mut postings);
    posted(program, from.0, wallet, postings, out);
    let moved = match sent {
        Ok(moved) => moved,
        Err(why) => {
            refused(&id, "insufficient_points", why.to_string(), out);
            return false;
        }
    };
    let mut postings = Vec::new();
    let received = to.1.receive(now, Posted::TransferIn, &moved, 0, cause, &mut postings);
    posted(program, to.0, wallet, postings, out);
    if let Err(why) = received {
        refused(&id, "ledger", why.to_string(), out);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_of_before_mergers_is_read() {
        let account = Account::open("corner", "home", "beans");
        let joined = BTreeMap::from([("ana".into(), Vec::new()), ("binh".into(), vec!["cam".into()])]);
        let household = Household { pool: "family".into(), wallet: 0, joined, account };
        let mut kept = serde_json::to_value(&household).unwrap();
        assert_eq!(serde_json::from_value::<Household>(kept.clone()).unwrap(), household);
        kept.as_object_mut().unwrap().remove("joined");
        kept["members"] = serde_json::json!(["ana", "cam"]);
        let of_before: Household = serde_json::from_value(kept).unwrap();
        assert_eq!(of_before.members(), household.members());
    }
}
