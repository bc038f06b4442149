//! What time alone does to a member: tiers end, warnings fall due, new expiry policies begin, accounts move on. Each
//! at its own instant, in order, whenever it is asked.

use super::{Output, posted};
use crate::earning::{expires_at, policy};
use crate::ledger::{Cause, LotId};
use crate::member::Member;
use crate::name::Name;
use crate::program::Program;
use crate::program::spec::{AppliesTo, Expiry};
use crate::tier::{self, Move};
use crate::time::start_of;
use jiff::Timestamp;
use jiff::civil::Date;

enum Due {
    TierEnds(usize),
    Warn(usize, Date),
    Policy(usize),
}

/// Do everything that was due for a member up to and including `to`.
pub(crate) fn advance(program: &Program, member: &mut Member, to: Timestamp, out: &mut Vec<Output>) {
    while let Some((at, due)) = next(program, member, to) {
        accounts(program, member, at, out);
        match due {
            Due::TierEnds(ladder) => refresh(program, member, ladder, at, program.day(at), out),
            Due::Warn(ladder, end) => warn(program, member, ladder, end, program.day(at), out),
            Due::Policy(place) => begin_policy(program, member, place, at, out),
        }
        member.advanced_to = at;
    }
    accounts(program, member, to, out);
    member.advanced_to = member.advanced_to.max(to);
}

/// When time alone will next change something for a member, if ever: whoever keeps members in a database looks again
/// then, and no balance is wrong if nobody does.
pub fn due_at(program: &Program, member: &Member) -> Option<Timestamp> {
    let own = next(program, member, Timestamp::MAX).map(|(at, _)| at);
    let lapses = crate::redemption::lapses(member).map(|(until, ..)| until);
    member.accounts.iter().filter_map(|account| account.next_due_at()).chain(own).chain(lapses).min()
}

fn accounts(program: &Program, member: &mut Member, at: Timestamp, out: &mut Vec<Output>) {
    for (wallet, account) in member.accounts.iter_mut().enumerate() {
        if account.next_due_at().is_some_and(|due| due <= at) {
            let mut postings = Vec::new();
            account.advance(at, &mut postings);
            posted(program, &member.id, wallet, postings, out);
        }
    }
}

fn next(program: &Program, member: &Member, to: Timestamp) -> Option<(Timestamp, Due)> {
    if member.merged.is_some() {
        return None;
    }
    let mut first: Option<(Timestamp, Due)> = None;
    let mut offer = |at: Timestamp, due: Due| {
        if at <= to && first.as_ref().is_none_or(|(known, _)| at < *known) {
            first = Some((at, due));
        }
    };
    for (place, standing) in member.standings.iter().enumerate() {
        let Some(end) = standing.present().and_then(|step| step.ends_on) else { continue };
        if let Some(ahead) = program.ladders[place].warn
            && standing.warned != Some(end)
        {
            let day = ahead.before_day(end);
            offer(start_of(day, &program.zone).max(member.advanced_to), Due::Warn(place, end));
        }
        offer(start_of(end, &program.zone).max(member.advanced_to), Due::TierEnds(place));
    }
    for (place, spec) in program.expiries.iter().enumerate() {
        if spec.applies_to != AppliesTo::AllPoints {
            continue;
        }
        let Some(from) = spec.from.map(|from| start_of(from, &program.zone)) else { continue };
        if from > member.advanced_to {
            offer(from, Due::Policy(place));
        }
    }
    first
}

fn warn(program: &Program, member: &mut Member, place: usize, end: Date, today: Date, out: &mut Vec<Output>) {
    let ladder = &program.ladders[place];
    let thresholds = tier::thresholds(program, ladder);
    let outlook = tier::outlook(ladder, &thresholds, member.joined_on, &member.standings[place], today);
    member.standings[place].warned = Some(end);
    if outlook.to_keep > 0 {
        out.push(Output::WillDowngrade {
            member: member.id.clone(),
            ladder: ladder.id.clone(),
            tier: ladder.tier[outlook.level].id.clone(),
            on: end,
            missing: outlook.to_keep,
        });
    }
}

/// Recompute a member's story on a ladder through `today`, tell what changed, give and take back bonuses, and give
/// points the dates of the new tier.
pub(crate) fn refresh(
    program: &Program,
    member: &mut Member,
    place: usize,
    now: Timestamp,
    today: Date,
    out: &mut Vec<Output>,
) {
    let ladder = &program.ladders[place];
    let thresholds = tier::thresholds(program, ladder);
    let standing = &mut member.standings[place];
    let before = standing.present().copied();
    let known = standing.steps.len();
    let opening = standing.opening;
    let steps = tier::timeline(ladder, &thresholds, opening, member.joined_on, &standing.counted, today);
    if steps == standing.steps {
        return;
    }
    let is_longer = steps.len() > known && steps[..known] == standing.steps[..];
    standing.steps = steps.clone();
    let last = steps.last().expect("there is always one");
    let old = before.map_or(0, |step| step.level);
    let name = |level: usize| ladder.tier[level].id.clone();
    let mut tell = |from: usize, step: &tier::Step, why: Move| {
        out.push(Output::Tier {
            member: member.id.clone(),
            ladder: ladder.id.clone(),
            from: name(from),
            to: name(step.level),
            why,
            on: step.day,
            ends_on: step.ends_on,
        });
    };
    if is_longer {
        for pair in steps[known - 1..].windows(2) {
            tell(pair[0].level, &pair[1], pair[1].why);
        }
    } else if last.level != old {
        // The past itself changed: a return, or a fact that came late.
        tell(old, last, if last.level > old { Move::Up } else { Move::Down });
    }
    let reached: Vec<usize> = steps.iter().map(|step| step.level).collect();
    let highest = reached.iter().copied().max().unwrap_or(0);
    bonuses(program, member, place, highest, now, out);
    if last.level != old {
        redate(program, member, now, out);
    }
}

/// Each level's bonus is given once, also where a jump passed the level; a level the member turns out never to have
/// reached gives it back.
fn bonuses(
    program: &Program,
    member: &mut Member,
    place: usize,
    highest: usize,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    // Levels that were taken over had their bonus where they were reached.
    let had = member.standings[place].opening.map_or(0, |opening| opening.step.level);
    for (level, tier) in program.ladders[place].tier.iter().enumerate().skip(had + 1) {
        let Some(gift) = &tier.bonus else { continue };
        let given = member.standings[place].bonuses.get(&level).copied();
        if level <= highest && given.is_none() {
            let cause = Cause {
                rule: Some(tier.id.clone()),
                funder: Some(gift.funder.clone()),
                ..Cause::new("tier", member.id.as_str())
            };
            if let Some((wallet, lot)) = super::give(program, member, gift, cause, None, now, out) {
                member.standings[place].bonuses.insert(level, (wallet, lot));
            }
        } else if level > highest
            && let Some((wallet, lot)) = given
        {
            member.standings[place].bonuses.remove(&level);
            let cause = Cause {
                rule: Some(tier.id.clone()),
                funder: Some(gift.funder.clone()),
                ..Cause::new("tier", member.id.as_str())
            };
            let amount = member.accounts[wallet].lot(lot).map_or(0, |lot| lot.amount);
            super::returns::take_back(program, member, wallet, lot, amount, cause, now, out);
        }
    }
}

/// Give live points the dates of the member's present tiers, where a wallet's policies differ by tier. A date that
/// would be earlier counts from today, so that a lost tier never takes points at once.
fn redate(program: &Program, member: &mut Member, now: Timestamp, out: &mut Vec<Output>) {
    let today = program.day(now);
    for wallet in 0..program.wallets.len() {
        let id = &program.wallets[wallet].id;
        if !program.expiries.iter().any(|spec| spec.wallet == *id && !spec.tiers.is_empty()) {
            continue;
        }
        let tiers: Vec<Name> = member.tiers_on(program, today).into_iter().cloned().collect();
        let tiers: Vec<&Name> = tiers.iter().collect();
        let Some(policy) = policy(program, wallet, today, member.joined_on, &tiers) else { continue };
        let end = |earned_at| expires_at(program, policy, earned_at, member.active_at);
        let account = &member.accounts[wallet];
        let date = |lot: LotId| {
            let lot_row = account.lot(lot).expect("live lots exist");
            let (old, new) = (lot_row.expires_at, end(lot_row.earned_at));
            let later = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
                (Some(a), Some(b)) => a >= b,
                (None, _) => true,
                (Some(_), None) => false,
            };
            let shortened = || {
                let from_today = end(now);
                if later(from_today, old) { old } else { from_today }
            };
            (lot, if later(new, old) { new } else { shortened() })
        };
        let ends: Vec<_> = account.live_lots().map(date).collect();
        set_ends(program, member, wallet, &ends, Cause::new("tier", member.id.clone().as_str()), now, out);
    }
}

/// When points earned on `day` end that become known now: policies for all points that began in between count for them
/// as they did for points that were there.
pub(super) fn end_of(
    program: &Program,
    member: &Member,
    wallet: usize,
    (earned_at, day): (Timestamp, Date),
    active_at: Timestamp,
    today: Date,
) -> Option<Timestamp> {
    let first = policy(program, wallet, day, member.joined_on, &member.tiers_on(program, day))
        .and_then(|policy| expires_at(program, policy, earned_at, active_at));
    let id = &program.wallets[wallet].id;
    let all =
        program.expiries.iter().filter(|spec| spec.wallet == *id && spec.applies_to == AppliesTo::AllPoints);
    let mut since: Vec<(Date, &Expiry)> = all.filter_map(|spec| Some((spec.from?, spec))).collect();
    since.retain(|(from, _)| day < *from && *from <= today);
    since.sort_by_key(|(from, _)| *from);
    since.into_iter().fold(first, |end, (from, spec)| {
        let tiers = member.tiers_on(program, from);
        let begins_at = start_of(from, &program.zone);
        let is_gone = end.is_some_and(|end| end <= begins_at);
        if is_gone || !(spec.tiers.is_empty() || tiers.iter().any(|tier| spec.tiers.contains(tier))) {
            return end;
        }
        expires_at(program, spec, earned_at, active_at).map(|end| end.max(begins_at))
    })
}

/// A policy for all points begins: points there already get the date it gives them, never one before it began.
fn begin_policy(program: &Program, member: &mut Member, place: usize, at: Timestamp, out: &mut Vec<Output>) {
    let spec = &program.expiries[place];
    let wallet = program.known_wallet(&spec.wallet);
    let tiers: Vec<Name> = member.tiers_on(program, program.day(at)).into_iter().cloned().collect();
    if !spec.tiers.is_empty() && !tiers.iter().any(|tier| spec.tiers.contains(tier)) {
        return;
    }
    let account = &member.accounts[wallet];
    let date = |lot: LotId| {
        let earned_at = account.lot(lot).expect("live lots exist").earned_at;
        (lot, expires_at(program, spec, earned_at, member.active_at).map(|end| end.max(at)))
    };
    let ends: Vec<_> = account.live_lots().map(date).collect();
    let from = spec.from.map_or_else(String::new, |from| from.to_string());
    set_ends(program, member, wallet, &ends, Cause::new("policy", &from), at, out);
}

/// Give lots new ends. Points of a rule that says itself how long they live keep theirs, whatever the wallet says.
pub(super) fn set_ends(
    program: &Program,
    member: &mut Member,
    wallet: usize,
    ends: &[(LotId, Option<Timestamp>)],
    cause: Cause,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let account = &member.accounts[wallet];
    let has_its_own = |lot: LotId| {
        let version = account.lot(lot).and_then(|lot| lot.cause.version.as_ref());
        program.rules.iter().any(|rule| Some(&rule.version) == version && rule.spec.expires_after.is_some())
    };
    let ends: Vec<_> = ends.iter().copied().filter(|(lot, _)| !has_its_own(*lot)).collect();
    let mut postings = Vec::new();
    member.accounts[wallet].set_expiry(now, &ends, cause, &mut postings);
    posted(program, &member.id, wallet, postings, out);
}
