//! Benefits of tiers: what a member may use, how often in a period, and each use, which may be taken back.

use crate::fact::UseBenefit;
use crate::judge::{Books, Output, present, refused};
use crate::member::Member;
use crate::name::Name;
use crate::program::Program;
use crate::program::spec::{Benefit, Tier};
use crate::time::Period;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A use of a benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The benefit.
    pub benefit: Name,
    /// The first day of the period whose quota it counts on.
    pub first: Date,
    /// Taken back: it counts no more.
    pub is_undone: bool,
}

/// Uses of benefits by id.
pub type Uses = BTreeMap<Name, Used>;

/// How often a benefit can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How often; absent means always.
    pub times: Option<u32>,
    /// The period of the quota.
    pub per: Period,
}

/// Why a benefit cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBenefit {
    /// No tier grants it.
    #[error("no tier grants such a benefit; these are granted: {}", joined(.0))]
    Unknown(Vec<Name>),
    /// The member's tier does not grant it.
    #[error("the member's tier does not grant it; these do: {}", joined(.0))]
    NotGranted(Vec<Name>),
    /// It is for the days around the birthday, and today is none of them, or the birthday is not known.
    #[error("only around the member's birthday")]
    NotTheBirthday,
    /// It was used as often as the period allows.
    #[error("used up{}", .until.map_or(String::new(), |until| format!(" until {until}")))]
    UsedUp {
        /// The first day of the next period, where there is one.
        until: Option<Date>,
    },
}

impl NoBenefit {
    /// A word for machines.
    pub fn code(&self) -> &'static str {
        match self {
            NoBenefit::Unknown(_) => "unknown_benefit",
            NoBenefit::NotGranted(_) => "not_granted",
            NoBenefit::NotTheBirthday => "not_the_birthday",
            NoBenefit::UsedUp { .. } => "used_up",
        }
    }
}

fn joined(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether a benefit of the member's tier can be used on `day`, and how often still, or why not.
pub fn left(program: &Program, member: &Member, benefit: &str, day: Date) -> Result<Left, NoBenefit> {
    let spec = granted(program, member, benefit, day)?;
    if let Some(around) = spec.birthday
        && !member.birthday.is_some_and(|birthday| crate::earning::near_birthday(around, birthday, day))
    {
        return Err(NoBenefit::NotTheBirthday);
    }
    let Some(quota) = spec.quota else { return Ok(Left { times: None, per: spec.per }) };
    let first = spec.per.first_day(day);
    let counts = |used: &&Used| used.benefit == spec.id && used.first == first && !used.is_undone;
    let used = member.benefits_used.values().filter(counts).count();
    match quota.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)) {
        0 => Err(NoBenefit::UsedUp { until: next(spec.per, day) }),
        times => Ok(Left { times: Some(times), per: spec.per }),
    }
}

/// A benefit of the program as it is for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The benefit: as the member's tier grants it, or as the lowest tier that does.
    pub spec: &'a Benefit,
    /// The tier that grants it so.
    pub tier: &'a Name,
    /// How often it can be used still, or why not.
    pub left: Result<Left, NoBenefit>,
    /// The first day of the next period of its quota.
    pub until: Option<Date>,
}

/// Every benefit of the program as it is for a member on `day`, each once, in the order of the files.
pub fn standings<'a>(program: &'a Program, member: &Member, day: Date) -> Vec<Standing<'a>> {
    let mine = member.tiers_on(program, day);
    let mut all: Vec<Standing<'a>> = Vec::new();
    for tier in program.ladders.iter().flat_map(|ladder| &ladder.tier) {
        for spec in &tier.benefits {
            let is_mine = mine.contains(&&tier.id);
            let known = all.iter().position(|standing| standing.spec.id == spec.id);
            if known.is_some_and(|place| !is_mine || mine.contains(&all[place].tier)) {
                continue;
            }
            let left = left(program, member, spec.id.as_str(), day);
            let until = next(spec.per, day).filter(|_| spec.quota.is_some());
            let standing = Standing { spec, tier: &tier.id, left, until };
            match known {
                Some(place) => all[place] = standing,
                None => all.push(standing),
            }
        }
    }
    all
}

/// The benefit as the member's tier grants it on `day`.
fn granted<'a>(
    program: &'a Program,
    member: &Member,
    benefit: &str,
    day: Date,
) -> Result<&'a Benefit, NoBenefit> {
    let mine = member.tiers_on(program, day);
    let tiers = || program.ladders.iter().flat_map(|ladder| &ladder.tier);
    let of = |tier: &'a Tier| tier.benefits.iter().find(|known| known.id == *benefit);
    if let Some(spec) = tiers().filter(|tier| mine.contains(&&tier.id)).find_map(of) {
        return Ok(spec);
    }
    let grant: Vec<Name> = tiers().filter(|tier| of(tier).is_some()).map(|tier| tier.id.clone()).collect();
    if grant.is_empty() {
        let mut known: Vec<Name> =
            tiers().flat_map(|tier| &tier.benefits).map(|benefit| benefit.id.clone()).collect();
        known.sort();
        known.dedup();
        return Err(NoBenefit::Unknown(known));
    }
    Err(NoBenefit::NotGranted(grant))
}

/// A member uses a benefit: once for each id.
pub(crate) fn used(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    ask: &UseBenefit,
    out: &mut Vec<Output>,
) {
    let Some(member) = present(program, books, now, &ask.member, &ask.id, out) else { return };
    if member.benefits_used.contains_key(&ask.id) {
        return out.push(Output::Repeated { id: ask.id.clone() });
    }
    let day = program.day(ask.happened_at.unwrap_or(now).min(now));
    match left(program, member, ask.benefit.as_str(), day) {
        Err(why) => refused(&ask.id, why.code(), format!("{}: {why}", ask.benefit), out),
        Ok(Left { times, per }) => {
            let used = Used { benefit: ask.benefit.clone(), first: per.first_day(day), is_undone: false };
            member.benefits_used.insert(ask.id.clone(), used);
            let times = times.map(|times| times - 1);
            out.push(told(member, &ask.id, &ask.benefit, times, next(per, day), false));
        }
    }
}

/// A use is taken back: it counts on no quota any more.
pub(crate) fn undone(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    member: &Name,
    id: &Name,
    out: &mut Vec<Output>,
) {
    let Some(member) = present(program, books, now, member, id, out) else { return };
    let Some(used) = member.benefits_used.get_mut(id) else {
        return refused(id, "no_such_use", "no benefit was used under that id", out);
    };
    if used.is_undone {
        return out.push(Output::Repeated { id: id.clone() });
    }
    used.is_undone = true;
    let benefit = used.benefit.clone();
    let today = program.day(now);
    let (times, until) = match left(program, member, benefit.as_str(), today) {
        Ok(Left { times, per }) => (times, next(per, today)),
        Err(_) => (None, None),
    };
    out.push(told(member, id, &benefit, times, until, true));
}

/// The first day of the next period; a lifetime has none.
fn next(per: Period, day: Date) -> Option<Date> {
    Some(per.next_first_day(day)).filter(|next| *next < Date::MAX)
}

fn told(
    member: &Member,
    id: &Name,
    benefit: &Name,
    left: Option<u32>,
    until: Option<Date>,
    is_undone: bool,
) -> Output {
    let (member, id, benefit) = (member.id.clone(), id.clone(), benefit.clone());
    let until = until.filter(|_| left.is_some());
    Output::Benefit { member, id, benefit, left, until, is_undone }
}

/// The uses of a merged member go along.
pub(crate) fn merge(uses: Uses, into: &mut Member) {
    for (id, used) in uses {
        into.benefits_used.entry(id).or_insert(used);
    }
}

/// The uses of a member that is parted again, as they stand by now.
pub(crate) fn part(uses: Uses, of: &mut Member) -> Uses {
    let as_is_now = |(id, used): (Name, Used)| {
        let now = of.benefits_used.remove(&id).unwrap_or(used);
        (id, now)
    };
    uses.into_iter().map(as_is_now).collect()
}
