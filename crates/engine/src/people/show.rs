//! One customer as staff see them: who it is, what they agreed to, what they have.

use super::consents::{Stands, standings};
use super::lifecycle::{Stage, stages};
use super::names::Name;
use super::profile::{UNSAID, fields, name_of, to_ask};
use super::profit::{Sums, sums};
use super::{Stopped, group, survivor};
use crate::record::books::{instant, voucher};
use crate::record::program::InForce;
use crate::record::within;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use loyalty::member::Member;
use serde::Serialize;
use store::{Failure, FormerKey, Identifier, KnownField, MergeRow, RequestRow, Writing};

/// One customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Who.
    pub customer: String,
    /// The id that was asked for, where it leads to this customer since a merge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Since when we know them.
    pub known_since: Timestamp,
    /// The name.
    pub name: Name,
    /// What else they said of themselves, with who says so.
    pub fields: Vec<KnownField>,
    /// Identifiers, cards among them.
    pub keys: Vec<Identifier>,
    /// Identifiers they had and have no more.
    pub former_keys: Vec<FormerKey>,
    /// How it stands with what they agreed to.
    pub consents: Vec<Stands>,
    /// Tags.
    pub tags: Vec<String>,
    /// The shop's own attributes.
    pub attributes: Vec<Attribute>,
    /// The programs they are in.
    pub programs: Vec<Membership>,
    /// Where they stood, the oldest first.
    pub lifecycle: Vec<Stage>,
    /// What they brought and cost.
    pub profit: Sums,
    /// Merges and partings, the oldest first.
    pub merges: Vec<MergeRow>,
    /// What they asked about their data.
    pub requests: Vec<RequestRow>,
    /// What is not known yet, in the order in which it is to be asked.
    pub to_ask: Vec<String>,
}

/// An attribute of the shop's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// `number`, `text`, `day` or `flag`.
    pub kind: String,
    /// What it says; `•••` where it is sensitive, which only a person's own data ([`super::export`]) tells.
    pub value: String,
    /// Whether it is sensitive.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_sensitive: bool,
}

/// A customer in a program.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Membership {
    /// The program.
    pub program: String,
    /// When they joined.
    pub joined_at: Timestamp,
    /// Standing on each ladder.
    pub tiers: Vec<Tier>,
    /// What each wallet holds, in its smallest unit.
    pub wallets: Vec<Wallet>,
    /// Vouchers that can still be used.
    pub vouchers: Vec<Voucher>,
}

/// A standing on a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tier {
    /// The ladder.
    pub ladder: String,
    /// The tier.
    pub tier: String,
    /// Since.
    pub since: Date,
    /// Until, unless kept; absent means for good.
    pub ends_on: Option<Date>,
}

/// What a wallet holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wallet {
    /// Which.
    pub wallet: String,
    /// Decimals of its unit.
    pub precision: u32,
    /// Can be spent.
    pub available: i64,
    /// Earned, not usable yet.
    pub pending: i64,
    /// Set aside.
    pub held: i64,
    /// Owed.
    pub owed: i64,
    /// When the next points run out, and how many.
    pub next_expiry: Option<(Timestamp, i64)>,
}

/// A voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voucher {
    /// Its code.
    pub code: String,
    /// The reward.
    pub reward: String,
    /// The end, exclusive.
    pub ends_at: Timestamp,
    /// How often it can be used.
    pub uses_left: u32,
    /// Money off, in minor units.
    pub value_minor: i64,
}

/// Show one customer as of `now`.
pub fn show(reading: &Writing<'_>, customer: &str, now: Timestamp) -> Result<Shown, Stopped> {
    let id = survivor(reading, customer)?;
    let group = group(reading, &id)?;
    let fields = fields(reading, &group)?;
    let keys = reading.keys_of_customer(&id)?;
    let written_at = reading.find_customer(&id)?.map_or(now, |row| instant(row.created_at));
    let (mut former_keys, mut tags, mut attributes, mut requests) =
        (vec![], vec![], Vec::<Attribute>::new(), vec![]);
    for of in &group {
        former_keys.extend(reading.former_keys_of(of)?);
        tags.extend(reading.tags_of(of)?);
        requests.extend(reading.requests_of(of)?);
        for row in reading.attributes_of(of)? {
            if attributes.iter().all(|known| known.name != row.name) {
                let value = if row.is_sealed { UNSAID.to_owned() } else { row.value };
                attributes.push(Attribute {
                    name: row.name,
                    kind: row.kind,
                    value,
                    is_sensitive: row.is_sealed,
                });
            }
        }
    }
    tags.sort();
    tags.dedup();
    let mut programs = Vec::new();
    for in_force in within::programs(reading)? {
        if let Some(member) = within::find_member(reading, &in_force, &id)? {
            programs.push(membership(reading, &in_force, &member, now)?);
        }
    }
    let lifecycle = stages(reading, &id)?;
    Ok(Shown {
        asked: (id != customer).then(|| customer.to_owned()),
        known_since: known_since(written_at, &programs, &lifecycle),
        name: name_of(&fields),
        to_ask: to_ask(&fields, &keys),
        fields: fields.into_values().collect(),
        keys,
        former_keys,
        consents: standings(reading, &id, now)?,
        tags,
        attributes,
        programs,
        lifecycle,
        profit: sums(reading, &group)?,
        merges: reading.merges_of(&id)?,
        requests,
        customer: id,
    })
}

/// Since when somebody is known: a file that brings a shop's history writes its customers down long after they first came.
/// A stage begins with its day, so that one of the same day says nothing of an earlier time.
fn known_since(written_at: Timestamp, programs: &[Membership], lifecycle: &[Stage]) -> Timestamp {
    let joined = programs.iter().map(|program| program.joined_at);
    let day = SignedDuration::from_hours(24);
    let stages = lifecycle.iter().map(|stage| stage.since);
    let earlier = stages.filter(|since| written_at.duration_since(*since) >= day);
    joined.chain(earlier).fold(written_at, Timestamp::min)
}

/// A member's tiers, wallets and vouchers as of `now`.
pub(crate) fn membership(
    reading: &Writing<'_>,
    in_force: &InForce,
    member: &Member,
    now: Timestamp,
) -> Result<Membership, Failure> {
    let program = &in_force.program;
    let today = program.day(now);
    let tier = |(ladder, standing): (&loyalty::program::spec::Ladder, &loyalty::tier::Standing)| {
        let step = standing.steps.iter().rev().find(|step| step.day <= today)?;
        let tier = ladder.tier.get(step.level)?.id.to_string();
        Some(Tier { ladder: ladder.id.to_string(), tier, since: step.day, ends_on: step.ends_on })
    };
    let wallet = |(spec, account): (&loyalty::program::spec::Wallet, &loyalty::ledger::Account)| {
        let at = now.max(account.at());
        let balance = account.balance(at);
        let runs_out = |(_, lot): (_, &loyalty::ledger::Lot)| {
            Some((lot.expires_at.filter(|end| *end > at && lot.left > 0)?, lot.left))
        };
        let first = account.lots().filter_map(runs_out).map(|(end, _)| end).min();
        let next = first.map(|end| {
            let units = account.lots().filter_map(runs_out).filter(|(other, _)| *other == end);
            (end, units.map(|(_, units)| units).sum())
        });
        Wallet {
            wallet: spec.id.to_string(),
            precision: spec.precision,
            available: balance.available,
            pending: balance.pending,
            held: balance.held,
            owed: balance.owed,
            next_expiry: next,
        }
    };
    let vouchers = reading.vouchers_of(program.head.id.as_str(), member.id.as_str())?;
    Ok(Membership {
        program: program.head.id.to_string(),
        joined_at: member.joined_at,
        tiers: program.ladders.iter().zip(&member.standings).filter_map(tier).collect(),
        wallets: program.wallets.iter().zip(&member.accounts).map(wallet).collect(),
        vouchers: vouchers
            .iter()
            .map(|row| (row.code.clone(), voucher(row)))
            .filter(|(_, voucher)| voucher.until > now && voucher.uses_left > 0)
            .map(|(code, voucher)| Voucher {
                code,
                reward: voucher.reward.to_string(),
                ends_at: voucher.until,
                uses_left: voucher.uses_left,
                value_minor: voucher.value_minor,
            })
            .collect(),
    })
}
