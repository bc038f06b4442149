//! Freezing: who is in, as of a moment; who is left out and why; who is left alone, by lot. What is frozen stays.
//!
//! Gather, judge, record: people are found by the plan's definition, judged one by one ([`judge`], pure), drawn under
//! the folder's secret, and written in one transaction. Frozen again nothing changes, and on the same facts another
//! folder with the same secret would draw the same people.

use super::people::{Library, When, find, ids};
use super::plan::{Plan, Promise, Rollout, RolloutBy, Who};
use super::segment::Condition;
use super::{Refused, Stopped, days_after, draw};
use crate::measure::lift::TIERS;
use crate::measure::people::{Outcomes, Person};
use crate::record::consent::{Standing, standing};
use crate::understand::options::Options;
use crate::understand::{prepare, prepare_spans};
use domain::Id;
use domain::port::Insights;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{CampaignMember, Store};

/// What every step on the facts needs.
pub struct Facts<'a> {
    /// Relations.
    pub insights: &'a dyn Insights,
    /// Currency, margin and day of the question.
    pub options: Options,
    /// The last day of facts.
    pub as_of: Date,
    /// The moment at which it is asked, in microseconds since 1970.
    pub now_micros: i64,
    /// The folder's secret.
    pub secret: [u8; 32],
}

impl Facts<'_> {
    /// When people are asked for.
    pub fn when(&self) -> When {
        When { as_of: self.as_of, now_micros: self.now_micros }
    }
}

/// The setting that keeps the share of customers nobody ever writes to for advertising.
pub const UNIVERSAL: &str = "universal_holdout";

/// What was frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    /// The last day of facts it stands on.
    pub as_of: Date,
    /// The first day on which people may answer.
    pub start_on: Date,
    /// The segment's version, where it was a segment.
    pub segment_version: Option<i64>,
    /// To be contacted.
    pub contact: u64,
    /// Left alone.
    pub held_out: u64,
    /// Left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Contacted and left alone, by tier.
    pub tiers: BTreeMap<String, (u64, u64)>,
    /// BLAKE3 of who is where: the same people give the same.
    pub fingerprint: String,
}

/// Why somebody is left out: the words in state and, with `-` for `_`, in `locales/` under `cam-out-…`.
pub const REASONS: [&str; 4] = ["universal_holdout", "other_campaign", "open_complaint", "no_consent"];

/// The people a plan means, as of the day of `facts`, and the version of the segment.
///
/// # Errors
/// As [`find`]; refused where the segment does not exist.
pub fn meant(facts: &Facts<'_>, store: &Store, plan: &Plan) -> Result<(Vec<Id>, Option<i64>), Stopped> {
    let library = Library { store, given: &[] };
    let (condition, version, name) = match &plan.who {
        Who::Sentence(sentence) => (Condition::Sentence(sentence.clone()), None, sentence.clone()),
        Who::Segment(name) => {
            let segment = library.find(name)?;
            let version = store.find_segment(name)?.map(|(version, _)| version);
            (library.written_out(&segment)?, version, name.clone())
        }
    };
    ready(facts, &condition)?;
    Ok((find(facts.insights, store, &condition, facts.when(), &name)?, version))
}

/// Give the run its parameters, and its models where a condition asks for them.
pub fn ready(facts: &Facts<'_>, condition: &Condition) -> Result<(), Stopped> {
    let options = Options { as_of: Some(facts.as_of), ..facts.options.clone() };
    if condition.needs_models() {
        prepare(facts.insights, &options)?;
    } else {
        prepare_spans(facts.insights, &options)?;
    }
    Ok(())
}

/// What is known of somebody when it is judged whether they are left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// Belongs to those nobody writes to.
    pub is_universal: bool,
    /// In another campaign that is not over.
    pub is_in_other: bool,
    /// Has complained lately, or has an open case.
    pub has_complaint: bool,
    /// May be written to on the channel for the purpose.
    pub may_contact: bool,
}

/// Why somebody is left out, the first reason that holds. What is promised to all is kept from nobody; whether they may
/// be written to about it is asked when a list is written.
pub fn judge(plan: &Plan, known: Known) -> Option<&'static str> {
    let is_public = plan.promise == Promise::Public;
    match known {
        Known { is_universal: true, .. } if !is_public => Some(REASONS[0]),
        Known { is_in_other: true, .. } if !is_public => Some(REASONS[1]),
        Known { has_complaint: true, .. } if !is_public => Some(REASONS[2]),
        Known { may_contact: false, .. } if !is_public => Some(REASONS[3]),
        _ => None,
    }
}

/// The people of a plan, dealt: what a freeze would write, without writing it.
pub struct Dealt {
    /// Everybody, in the order of their ids.
    pub members: Vec<CampaignMember>,
    /// The figures.
    pub frozen: Frozen,
}

/// Finds, judges and deals the people of a plan. `now_micros` is the moment at which consents are read.
///
/// # Errors
/// As [`meant`]; refused where the start lies before the facts end.
pub fn deal(facts: &Facts<'_>, store: &Store, plan: &Plan, now_micros: i64) -> Result<Dealt, Stopped> {
    let next = days_after(facts.as_of, 1);
    let start_on = match &plan.rollout {
        Some(rollout) => rollout.waves[0].on,
        None => plan.start_on.unwrap_or(next),
    };
    if start_on < next {
        let detail = format!(
            "it is to start on {start_on}, and facts are known up to {}: people would be chosen by what happens after the \
             start. Say start_on = {next} or later",
            facts.as_of
        );
        return Err(Refused::Step { campaign: plan.name.clone(), detail }.into());
    }
    let (people, segment_version) = meant(facts, store, plan)?;
    let left_out = reasons(facts, store, plan, &people, now_micros)?;
    let [before, _] = plan.windows(start_on);
    let known = Outcomes::read(facts.insights, &[before])?;
    let persons: Vec<Person> = people.iter().map(|id| known.person_before(*id)).collect();
    drop(known);
    let tiers = tiers(&persons);
    let stores = match &plan.rollout {
        Some(Rollout { by: RolloutBy::Store, .. }) => homes(facts.insights)?,
        _ => FxHashMap::default(),
    };
    let eligible: Vec<usize> = (0..people.len()).filter(|at| left_out[*at].is_none()).collect();
    let parts = parts(facts, plan, &eligible, &people, &tiers, &stores);
    let mut members: Vec<CampaignMember> = Vec::with_capacity(people.len());
    for (at, id) in people.iter().enumerate() {
        members.push(CampaignMember {
            customer: *id,
            arm: "left_out".to_owned(),
            reason: left_out[at].map(str::to_owned),
            tier: Some(TIERS[tiers[at]].to_owned()),
            store_id: stores.get(&id.body()).cloned(),
            wave: None,
        });
    }
    for (at, part) in eligible.iter().zip(parts) {
        let member = &mut members[*at];
        match part {
            Part::HeldOut => member.arm = "held_out".to_owned(),
            Part::Contact(wave) => {
                member.arm = "contact".to_owned();
                member.wave = wave.map(|wave| wave as i64);
            }
        }
    }
    let frozen = figures(facts.as_of, start_on, segment_version, &members);
    Ok(Dealt { members, frozen })
}

/// Freezes a planned campaign; frozen before, it answers what was frozen then.
///
/// # Errors
/// As [`deal`]; refused where nobody is left.
pub fn freeze(facts: &Facts<'_>, store: &mut Store, plan: &Plan, now_micros: i64) -> Result<Frozen, Stopped> {
    if let Some(frozen) = super::cycle::frozen(store, &plan.name)? {
        return Ok(frozen);
    }
    let Dealt { members, frozen } = deal(facts, store, plan, now_micros)?;
    if frozen.contact == 0 {
        let why: Vec<String> =
            frozen.left_out.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let why = if why.is_empty() { "nobody answers the definition".to_owned() } else { why.join(", ") };
        let detail = format!("nobody is left to contact: {why}");
        return Err(Refused::Step { campaign: plan.name.clone(), detail }.into());
    }
    let step = serde_json::to_string(&frozen).expect("plain data becomes JSON");
    store.freeze_campaign(&plan.name, &members, &step, now_micros)?;
    Ok(frozen)
}

/// Why each is left out.
fn reasons(
    facts: &Facts<'_>,
    store: &Store,
    plan: &Plan,
    people: &[Id],
    now_micros: i64,
) -> Result<Vec<Option<&'static str>>, Stopped> {
    let share: f64 = store.find_setting(UNIVERSAL)?.and_then(|text| text.parse().ok()).unwrap_or(0.0);
    let salt = draw::salt(&facts.secret, "universal");
    let mut others: FxHashSet<u128> = FxHashSet::default();
    store.for_each_in_open_campaigns(&plan.name, |id, _| {
        others.insert(id.body());
    })?;
    let complaints = facts.insights.run("campaign.complaints")?;
    let last = complaints.column("last_on");
    let since = i64::from(super::day_number(facts.as_of)) - plan.complaint_days;
    let lately = ids(&complaints)
        .into_iter()
        .enumerate()
        .filter(|(row, _)| last.int(*row).is_some_and(|day| day > since))
        .filter_map(|(_, id)| Some(id?.body()));
    let unsettled = store.with_open_cases()?.into_iter().map(Id::body);
    let complained: FxHashSet<u128> = lately.chain(unsettled).collect();
    let permission = Permission::of(store, &plan.channel, &plan.purpose, now_micros)?;
    let judged = people.iter().map(|id| {
        let body = id.body();
        let known = Known {
            is_universal: share > 0.0 && draw::is_in_share(&salt, *id, share),
            is_in_other: others.contains(&body),
            has_complaint: complained.contains(&body),
            may_contact: permission.has(*id),
        };
        judge(plan, known)
    });
    Ok(judged.collect())
}

/// Who may be written to on a channel for a purpose.
pub struct Permission {
    /// The address each has agreed with; `None` where the purpose needs no consent.
    agreed: Option<FxHashMap<u128, String>>,
    /// Who has said no, where none is needed.
    refused: FxHashSet<u128>,
}

impl Permission {
    /// What everybody has said by an instant: the last word holds, address by address. Service needs no consent, and
    /// whoever has asked to be left alone is left alone all the same.
    ///
    /// # Errors
    /// Where the consents cannot be read.
    pub fn of(store: &Store, channel: &str, purpose: &str, at: i64) -> Result<Permission, Stopped> {
        let (mut agreed, mut refused) = (FxHashMap::default(), FxHashSet::default());
        let mut judge = |whose: Option<Id>, said: &mut Vec<store::ConsentRow>| {
            let Some(id) = whose else { return };
            let mut addresses: Vec<&str> = said.iter().map(|row| row.address.as_str()).collect();
            addresses.sort_unstable();
            addresses.dedup();
            for address in addresses {
                let about: Vec<_> = said.iter().filter(|row| row.address == address).cloned().collect();
                match standing(&about, purpose, at) {
                    Standing::Granted { .. } => {
                        agreed.entry(id.body()).or_insert_with(|| address.to_owned());
                    }
                    Standing::Refused { .. } => drop(refused.insert(id.body())),
                    _ => {}
                }
            }
            said.clear();
        };
        let mut said: Vec<store::ConsentRow> = Vec::new();
        let mut whose: Option<Id> = None;
        store.for_each_consent(channel, purpose, |id, row| {
            if whose != Some(id) {
                judge(whose, &mut said);
                whose = Some(id);
            }
            said.push(row);
        })?;
        judge(whose, &mut said);
        Ok(Permission { agreed: (purpose != "service").then_some(agreed), refused })
    }

    /// Whether somebody may be written to.
    pub fn has(&self, customer: Id) -> bool {
        match &self.agreed {
            Some(agreed) => agreed.contains_key(&customer.body()),
            None => !self.refused.contains(&customer.body()),
        }
    }

    /// The address somebody has agreed with, where one is needed.
    pub fn address(&self, customer: Id) -> Option<&str> {
        self.agreed.as_ref()?.get(&customer.body()).map(String::as_str)
    }
}

/// 0 for nothing before the start, 1 up to the median margin of the others, 2 above it.
pub fn tiers(persons: &[Person]) -> Vec<usize> {
    let mut margins: Vec<f64> =
        persons.iter().filter(|one| one.orders_before > 0.0).map(|one| one.margin_before).collect();
    margins.sort_by(f64::total_cmp);
    let median = margins.get(margins.len() / 2).copied().unwrap_or(0.0);
    persons
        .iter()
        .map(|one| match one {
            one if one.orders_before <= 0.0 => 0,
            one if one.margin_before < median => 1,
            _ => 2,
        })
        .collect()
}

/// The store each customer buys at most.
fn homes(insights: &dyn Insights) -> Result<FxHashMap<u128, String>, Stopped> {
    let batch = insights.run("campaign.homes")?;
    let store = batch.column("store_id");
    let rows = ids(&batch).into_iter().enumerate();
    Ok(rows.filter_map(|(row, id)| Some((id?.body(), store.text(row)?.to_owned()))).collect())
}

enum Part {
    HeldOut,
    Contact(Option<usize>),
}

fn parts(
    facts: &Facts<'_>,
    plan: &Plan,
    eligible: &[usize],
    people: &[Id],
    tiers: &[usize],
    stores: &FxHashMap<u128, String>,
) -> Vec<Part> {
    let salt = draw::salt(&facts.secret, &plan.hold_out_key);
    let strata: Vec<(Id, usize)> = eligible.iter().map(|at| (people[*at], tiers[*at])).collect();
    match &plan.rollout {
        None => draw::deal(&salt, &strata, &[plan.hold_out])
            .into_iter()
            .map(|part| if part == 0 { Part::HeldOut } else { Part::Contact(None) })
            .collect(),
        Some(Rollout { by: RolloutBy::Lot, waves }) => {
            let shares: Vec<f64> = waves.iter().map(|wave| wave.share).collect();
            let dealt = draw::deal(&salt, &strata, &shares).into_iter();
            dealt.map(|part| Part::Contact((part < waves.len()).then_some(part))).collect()
        }
        Some(Rollout { by: RolloutBy::Store, waves }) => {
            let wave = |at: &usize| {
                let store = stores.get(&people[*at].body())?;
                waves.iter().position(|wave| wave.stores.contains(store))
            };
            eligible.iter().map(|at| Part::Contact(wave(at))).collect()
        }
    }
}

fn figures(as_of: Date, start_on: Date, segment_version: Option<i64>, members: &[CampaignMember]) -> Frozen {
    let mut frozen = Frozen {
        as_of,
        start_on,
        segment_version,
        contact: 0,
        held_out: 0,
        left_out: BTreeMap::new(),
        tiers: BTreeMap::new(),
        fingerprint: String::new(),
    };
    let mut hasher = blake3::Hasher::new();
    for member in members {
        hasher.update(&member.customer.body().to_be_bytes());
        hasher.update(member.arm.as_bytes());
        hasher.update(&member.wave.unwrap_or(-1).to_be_bytes());
        let tier = frozen.tiers.entry(member.tier.clone().unwrap_or_default());
        match member.arm.as_str() {
            "contact" => {
                frozen.contact += 1;
                tier.or_default().0 += 1;
            }
            "held_out" => {
                frozen.held_out += 1;
                tier.or_default().1 += 1;
            }
            _ => *frozen.left_out.entry(member.reason.clone().unwrap_or_default()).or_default() += 1,
        }
    }
    frozen.fingerprint = hasher.finalize().to_hex().to_string();
    frozen
}
