//! Who pays for what: the points that each funder's rules gave and the rewards each paid for, over a period.
//!
//! Counted from the entries alone, so a statement ties to the ledger to the unit: what the funders gave sums to what was
//! earned, what was taken back to what was clawed back, what rewards took to what was spent. What an entry does not
//! name a funder for (points given by hand) is the shop's.

use crate::judge::Output;
use crate::ledger::{Posted, Posting, Pot};
use crate::name::Name;
use crate::number::{Ratio, Rounding};
use crate::program::Program;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Points of one wallet that a funder's rules gave. Points are smallest units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// Who pays.
    pub funder: Name,
    /// The wallet.
    pub wallet: Name,
    /// Earned under the funder's rules.
    pub earned: i64,
    /// Taken back by returns, less what was given again.
    pub taken_back: i64,
    /// What the rest is worth by the program's `worth`, minor units, rounded up; absent where it does not say.
    pub worth_minor: Option<i64>,
}

/// A reward a funder pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// Who pays.
    pub funder: Name,
    /// The reward.
    pub reward: Name,
    /// The wallet it was paid from.
    pub wallet: Name,
    /// How often it was had, less what was given back whole.
    pub times: i64,
    /// Smallest units spent on it, less what was given back.
    pub points: i64,
    /// What it cost by the reward's `cost`, minor units; absent where it does not say.
    pub cost_minor: Option<i64>,
}

/// A statement over a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Points, by funder and wallet.
    pub points: Vec<Points>,
    /// Rewards, by funder and reward.
    pub rewards: Vec<Reward>,
}

/// A redemption as far as a statement follows it.
struct Redeemed {
    reward: Option<Name>,
    left: i64,
}

/// The statement over `from <= at < to`, of all outputs from the first: a refund is its redemption's, whenever that was.
pub fn statement<'a>(
    program: &Program,
    outputs: impl Iterator<Item = &'a Output>,
    from: Timestamp,
    to: Timestamp,
) -> Statement {
    let mut points: BTreeMap<(Name, Name), (i64, i64)> = BTreeMap::new();
    let mut rewards: BTreeMap<(Name, Name, Name), (i64, i64)> = BTreeMap::new();
    let mut redeemed: BTreeMap<(Name, Name, Name), Redeemed> = BTreeMap::new();
    for output in outputs {
        let Output::Posted { member, wallet, posting, .. } = output else { continue };
        if posting.at >= to {
            continue;
        }
        let inside = posting.at >= from;
        let funder = posting.cause.funder.clone().unwrap_or_else(|| "shop".into());
        match posting.kind {
            Posted::Earn if inside => {
                points.entry((funder, wallet.clone())).or_default().0 -= posting.on(&Pot::Issued);
            }
            Posted::Clawback | Posted::Reinstate if inside => {
                points.entry((funder, wallet.clone())).or_default().1 += posting.on(&Pot::ClawedBack);
            }
            Posted::Spend | Posted::Capture | Posted::Refund => {
                let key = (member.clone(), wallet.clone(), posting.cause.id.clone());
                let (reward, times) = follow(&mut redeemed, key, posting);
                if inside {
                    let funder = payer(program, reward.as_ref());
                    let reward = reward.unwrap_or_else(|| "".into());
                    let row = rewards.entry((funder, reward, wallet.clone())).or_default();
                    row.0 += times;
                    row.1 += posting.on(&Pot::Redeemed);
                }
            }
            _ => {}
        }
    }
    let worth = |wallet: &Name, units: i64| {
        let worth = program.worth(program.wallet(wallet.as_str())?)?;
        worth.times(Ratio::new(i128::from(units), 1)?)?.round(Rounding::Up)
    };
    let cost = |reward: &Name, times: i64| {
        let spec = program.rewards.iter().find(|spec| spec.id == *reward)?;
        spec.cost.map(|cost| program.minor(cost).saturating_mul(times))
    };
    Statement {
        points: points
            .into_iter()
            .map(|((funder, wallet), (earned, taken_back))| {
                let worth_minor = worth(&wallet, earned - taken_back);
                Points { funder, wallet, earned, taken_back, worth_minor }
            })
            .collect(),
        rewards: rewards
            .into_iter()
            .map(|((funder, reward, wallet), (times, points))| {
                let cost_minor = cost(&reward, times);
                Reward { funder, reward, wallet, times, points, cost_minor }
            })
            .collect(),
    }
}

/// Which reward an entry is about, and by how much it changes how often that was had.
fn follow(
    redeemed: &mut BTreeMap<(Name, Name, Name), Redeemed>,
    key: (Name, Name, Name),
    posting: &Posting,
) -> (Option<Name>, i64) {
    let row = redeemed.entry(key).or_insert(Redeemed { reward: None, left: 0 });
    row.left += posting.on(&Pot::Redeemed);
    if posting.kind == Posted::Refund {
        return (row.reward.clone(), if row.left == 0 { -1 } else { 0 });
    }
    row.reward.clone_from(&posting.cause.rule);
    (row.reward.clone(), 1)
}

fn payer(program: &Program, reward: Option<&Name>) -> Name {
    let spec = reward.and_then(|reward| program.rewards.iter().find(|spec| spec.id == *reward));
    spec.map_or_else(|| "shop".into(), |spec| spec.funder.clone())
}
