//! The benefit calculator: what a basket is worth to the member and costs the shop, how far it is to the next reward,
//! and how much more members must buy for the program to pay for itself. Answers come from the engine, on a new member
//! or one of the books.

use crate::fact::{Event, Fact, Join, Order};
use crate::judge::{Books, Output, Shared, judge};
use crate::ledger::{Posted, Pot};
use crate::member::Member;
use crate::name::Name;
use crate::number::{Ratio, Rounding};
use crate::program::spec::RewardKind;
use crate::program::{Lang, Program};
use crate::redemption::lapse;
use crate::reward::{Unavailable, availability, price};
use crate::words::{money, number, points, say};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a basket brings. Percentages are exact ratios, shown in hundredths of a per cent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Benefit {
    /// What was paid, minor units.
    pub paid_minor: i64,
    /// Smallest units earned by wallet, pending ones too.
    pub earned: Vec<i64>,
    /// What the points are worth on the best reward by money, minor units, rounded down.
    pub worth_minor: i64,
    /// What they cost the shop, minor units, rounded up.
    pub cost_minor: i64,
    /// Whether the program says what they cost: not where a spendable wallet has neither `worth` nor rewards with a
    /// `cost`.
    pub is_cost_known: bool,
    /// The rewards of spendable wallets, cheapest first.
    pub rewards: Vec<Distance>,
}

/// How far a reward is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distance {
    /// The reward.
    pub reward: Name,
    /// Place of the wallet.
    pub wallet: usize,
    /// Smallest units missing after this basket.
    pub missing: i64,
    /// So many more baskets like this; absent where the basket earns nothing there.
    pub baskets: Option<i64>,
    /// Why it cannot be had however many points there are: none left, not yet, over, as often as allowed.
    pub gone: Vec<Unavailable>,
}

/// What `order` brings a member of the books, or a new member where `order` names nobody known. The books stay as
/// they are.
pub fn benefit(program: &Program, books: &Books, order: &Order, now: Timestamp) -> Result<Benefit, String> {
    let mut books = books.clone();
    let who = order
        .member
        .clone()
        .filter(|id| books.members.contains_key(id))
        .unwrap_or_else(|| "calculator".into());
    let mut out = Vec::new();
    lapse(program, &mut books, now, &mut out);
    let join =
        Join { member: who.clone(), birthday: None, segments: vec![], referred_by: None, marks: vec![] };
    judge(program, &mut books, &Event { at: now, fact: Fact::Join(join) }, &mut out);
    out.clear();
    let basket: Name = "calculator's basket".into();
    let asked = Order { id: basket, member: Some(who.clone()), ordered_at: Some(now), ..order.clone() };
    judge(program, &mut books, &Event { at: now, fact: Fact::Order(asked) }, &mut out);
    let mut earned = vec![0i64; program.wallets.len()];
    for output in &out {
        match output {
            Output::Posted { wallet, posting, member, .. }
                if *member == who && posting.kind == Posted::Earn =>
            {
                earned[program.known_wallet(wallet)] -= posting.on(&Pot::Issued);
            }
            Output::Refused { why, .. } => return Err(why.clone()),
            _ => {}
        }
    }
    let member = &books.members[&who];
    let sum = |ratio: &dyn Fn(usize) -> Option<Ratio>, rounding| -> i64 {
        let part = |wallet: usize| {
            let ratio = ratio(wallet)?.times(Ratio::new(i128::from(earned[wallet]), 1)?)?;
            ratio.round(rounding)
        };
        (0..earned.len()).filter_map(part).sum()
    };
    let shared = &books.shared;
    let worth_minor = sum(&|wallet| best_value(program, shared, member, wallet, now), Rounding::Down);
    let cost_minor = sum(&|wallet| program.worth(wallet), Rounding::Up);
    let is_cost_known =
        program.wallets.iter().zip(&earned).enumerate().all(|(place, (wallet, units))| {
            *units == 0 || !wallet.spendable || program.worth(place).is_some()
        });
    Ok(Benefit {
        paid_minor: order.paid_minor(),
        rewards: distances(program, shared, member, &earned, now),
        earned,
        worth_minor,
        cost_minor,
        is_cost_known,
    })
}

/// Why a member cannot have a reward, apart from the points it takes.
fn gone(
    program: &Program,
    shared: &Shared,
    member: &Member,
    reward: &Name,
    now: Timestamp,
) -> Vec<Unavailable> {
    let mut reasons = availability(program, shared, member, reward.as_str(), now).err().unwrap_or_default();
    reasons.retain(|reason| !matches!(reason, Unavailable::InsufficientPoints { .. }));
    reasons
}

/// The most money one smallest unit of a wallet buys among the rewards that can be had: minor units per unit.
pub fn best_value(
    program: &Program,
    shared: &Shared,
    member: &Member,
    wallet: usize,
    now: Timestamp,
) -> Option<Ratio> {
    let value = |reward: &crate::program::spec::Reward| {
        if !gone(program, shared, member, &reward.id, now).is_empty() {
            return None;
        }
        let (place, cost) = price(program, reward, member, program.day(now))?;
        let units = program.units(place, cost.points);
        (place == wallet).then(|| Ratio::new(i128::from(program.minor(reward.value?)), i128::from(units)))?
    };
    let larger = |a: &Ratio, b: &Ratio| (a.over() * b.under()).cmp(&(b.over() * a.under()));
    program.rewards.iter().filter_map(value).max_by(larger)
}

fn distances(
    program: &Program,
    shared: &Shared,
    member: &Member,
    earned: &[i64],
    now: Timestamp,
) -> Vec<Distance> {
    let mut all: Vec<(i64, Distance)> = Vec::new();
    for reward in &program.rewards {
        let Some((wallet, cost)) = price(program, reward, member, program.day(now)) else { continue };
        let least =
            reward.minimum.filter(|_| reward.kind == RewardKind::PartialPayment).unwrap_or(cost.points);
        let units = program.units(wallet, least);
        let balance = member.accounts[wallet].balance(now.max(member.accounts[wallet].at()));
        let missing = (units - balance.available - balance.pending).max(0);
        let per = earned[wallet];
        let baskets = (per > 0).then(|| (missing + per - 1) / per);
        let gone = gone(program, shared, member, &reward.id, now);
        all.push((units, Distance { reward: reward.id.clone(), wallet, missing, baskets, gone }));
    }
    all.sort_by_key(|(units, _)| *units);
    all.into_iter().map(|(_, distance)| distance).collect()
}

/// How much more members must buy, as a share of what they buy anyway, for the program to pay for itself:
/// cost ÷ (margin − cost), both as shares of sales. `None` where the cost reaches the margin.
///
/// Members who would have bought anyway get the points too: with sales S, margin m and cost c (shares), the shop keeps
/// (1 + lift)·S·(m − c), which must be S·m.
pub fn break_even_lift(cost_minor: i64, paid_minor: i64, margin_percent: u8) -> Option<Ratio> {
    let cost = Ratio::new(i128::from(cost_minor), i128::from(paid_minor))?;
    let margin = Ratio::new(i128::from(margin_percent), 100)?;
    let left = Ratio::new(
        margin.over() * cost.under() - cost.over() * margin.under(),
        margin.under() * cost.under(),
    )?;
    if left.over() <= 0 {
        return None;
    }
    cost.per(left)
}

fn percent(part: i64, whole: i64) -> String {
    let exact = Ratio::new(i128::from(part) * 10_000, i128::from(whole.max(1)));
    let hundredths = exact.and_then(|exact| exact.round(Rounding::HalfUp)).unwrap_or(0);
    crate::number::decimal(hundredths, 2)
}

/// Why a reward cannot be had, in words.
fn because(reason: &Unavailable, lang: Lang) -> String {
    match reason {
        Unavailable::NotYet { on } => say(lang, "gone not_yet", &[&on.to_string()]),
        Unavailable::Ended { on } => say(lang, "gone ended", &[&on.to_string()]),
        Unavailable::OutOfStock => say(lang, "gone out_of_stock", &[]),
        Unavailable::NoPrice => say(lang, "gone no_price", &[]),
        Unavailable::LimitReached { per } => {
            say(lang, "gone limit_reached", &[&say(lang, &format!("per {per}"), &[])])
        }
        other => other.to_string(),
    }
}

/// The benefit in words, for the member and for the shop.
pub fn in_words(program: &Program, benefit: &Benefit, margin_percent: u8, lang: Lang) -> String {
    let earned: Vec<String> = benefit
        .earned
        .iter()
        .enumerate()
        .filter(|(_, units)| **units > 0)
        .map(|(wallet, units)| points(program, wallet, *units, lang))
        .collect();
    let basket = money(program, benefit.paid_minor, lang);
    let mut lines = vec![match earned.is_empty() {
        true => say(lang, "calc nothing", &[&basket]),
        false => say(lang, "calc basket", &[&basket, &crate::words::list(&earned, lang)]),
    }];
    let percent = |part: i64| number(&percent(part, benefit.paid_minor), lang);
    let worth = money(program, benefit.worth_minor, lang);
    lines.push(say(lang, "calc worth", &[&worth, &percent(benefit.worth_minor)]));
    let cost = money(program, benefit.cost_minor, lang);
    lines.push(match benefit.is_cost_known {
        true => say(lang, "calc cost", &[&cost, &percent(benefit.cost_minor)]),
        false => say(lang, "calc cost unknown", &[]),
    });
    for distance in &benefit.rewards {
        let reward = program.rewards.iter().find(|reward| reward.id == distance.reward);
        let name = reward.map_or("", |reward| reward.name.in_language(lang.code()));
        let missing = points(program, distance.wallet, distance.missing, lang);
        match distance.baskets {
            _ if !distance.gone.is_empty() => {
                let why: Vec<String> = distance.gone.iter().map(|reason| because(reason, lang)).collect();
                lines.push(say(lang, "calc gone", &[name, &crate::words::list(&why, lang)]));
            }
            _ if distance.missing == 0 => lines.push(say(lang, "calc there", &[name])),
            Some(baskets) => {
                let baskets = number(&baskets.to_string(), lang);
                lines.push(say(lang, "calc next", &[name, &missing, &baskets]));
            }
            None => {}
        }
    }
    if !benefit.is_cost_known {
        return lines.join("\n") + "\n";
    }
    let margin = margin_percent.to_string();
    lines.push(match break_even_lift(benefit.cost_minor, benefit.paid_minor, margin_percent) {
        Some(lift) => {
            let hundred =
                Ratio::new(lift.over() * 10_000, lift.under()).and_then(|lift| lift.round(Rounding::Up));
            let lift = crate::number::decimal(hundred.unwrap_or(0), 2);
            say(lang, "calc lift", &[&margin, &number(&lift, lang)])
        }
        None => say(lang, "calc no lift", &[&margin]),
    });
    lines.join("\n") + "\n"
}
