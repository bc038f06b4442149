//! The cycle of a campaign, kept: problem, plan, people, list, results, what it brought, what was decided.

use super::freeze::{Facts, Frozen, meant};
use super::plan::{Plan, Promise, Who};
use super::size::{self, Sizing};
use super::{Refused, Stopped, days_after, followed};
use crate::measure::lift::{self, Frame, Measured, People, TIERS, Unit};
use crate::measure::people::{Outcomes, Person};
use crate::measure::rollout::{self, Promised};
use crate::understand::xray::{Decided, Estimate};
use domain::Id;
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::Store;

/// What a plan was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What the past says; absent for a public promise.
    pub sizing: Option<Sizing>,
}

/// One step, with what it said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// `planned`, `frozen`, `exported`, `results`, `measured`, `closed`.
    pub kind: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// What it said.
    pub said: serde_json::Value,
}

/// A campaign from end to end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cycle {
    /// Its name.
    pub campaign: String,
    /// `planned`, `frozen`, `closed`.
    pub state: String,
    /// The plan.
    pub plan: Plan,
    /// What was done.
    pub steps: Vec<Step>,
}

/// How a campaign was ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// `keep`, `change`, `stop`.
    pub decision: String,
    /// Whether that is what the measurement advised.
    pub as_advised: bool,
    /// Why, in the words of who decided.
    pub note: String,
}

fn step_refused(campaign: &str, detail: impl Into<String>) -> Stopped {
    Refused::Step { campaign: campaign.to_owned(), detail: detail.into() }.into()
}

/// The plan of a campaign.
///
/// # Errors
/// Refused where there is none of that name.
pub fn plan_of(store: &Store, campaign: &str) -> Result<Plan, Stopped> {
    let Some(row) = store.find_campaign(campaign)? else {
        let known: Vec<String> = store.list_campaigns()?.into_iter().map(|row| row.campaign_id).collect();
        let known = if known.is_empty() {
            "there is none yet".to_owned()
        } else {
            format!("known: {}", known.join(", "))
        };
        return Err(step_refused(
            campaign,
            format!("there is no campaign of that name; {known}. Plan one with perennial campaign plan FILE"),
        ));
    };
    read(campaign, &row.plan)
}

fn read<T: serde::de::DeserializeOwned>(campaign: &str, text: &str) -> Result<T, Stopped> {
    serde_json::from_str(text).map_err(|error| {
        let what =
            format!("what is kept of campaign {campaign} cannot be read; restore state.db from a backup");
        domain::port::Failure::because(what, error).into()
    })
}

/// The last step of a kind.
fn last<T: serde::de::DeserializeOwned>(
    store: &Store,
    campaign: &str,
    kind: &str,
) -> Result<Option<T>, Stopped> {
    let steps = store.steps_of_campaign(campaign)?;
    steps.iter().rfind(|step| step.kind == kind).map(|step| read(campaign, &step.body)).transpose()
}

/// What was frozen, where it was.
pub fn frozen(store: &Store, campaign: &str) -> Result<Option<Frozen>, Stopped> {
    last(store, campaign, "frozen")
}

/// What was measured last.
pub fn measured(store: &Store, campaign: &str) -> Result<Option<Measured>, Stopped> {
    last(store, campaign, "measured")
}

/// Refuses a campaign that is over.
pub(super) fn require_open(store: &Store, campaign: &str) -> Result<(), Stopped> {
    match store.find_campaign(campaign)? {
        Some(row) if row.state == "closed" => {
            Err(step_refused(campaign, "it is closed; nothing leaves the house for it any more"))
        }
        _ => Ok(()),
    }
}

/// Sizes a plan on the shop's own past and keeps it.
///
/// # Errors
/// Refused where its break-even lift could not be seen, and where the campaign was frozen under another plan.
pub fn plan(facts: &Facts<'_>, store: &mut Store, plan: &Plan, now_micros: i64) -> Result<Planned, Stopped> {
    let text = serde_json::to_string(plan).expect("plain data becomes JSON");
    if let Some(row) = store.find_campaign(&plan.name)?.filter(|row| row.state != "planned") {
        if row.plan != text {
            let detail = format!(
                "it is {} under another plan, and rules of reading do not change on the way; give the new plan another name",
                row.state
            );
            return Err(step_refused(&plan.name, detail));
        }
        if let Some(planned) = last(store, &plan.name, "planned")? {
            return Ok(planned);
        }
    }
    let sizing = match plan.promise {
        Promise::Public => None,
        Promise::Unannounced => {
            let sizing = sized(facts, store, plan, now_micros)?;
            size::check(plan, &sizing)?;
            Some(sizing)
        }
    };
    let planned = Planned { plan: plan.clone(), sizing };
    let step = serde_json::to_string(&planned).expect("plain data becomes JSON");
    store.plan_campaign(&plan.name, &text, &step, now_micros)?;
    Ok(planned)
}

/// What the past says of a plan, whether it is kept or not.
///
/// # Errors
/// As [`size::size`].
pub fn sized(facts: &Facts<'_>, store: &Store, plan: &Plan, now_micros: i64) -> Result<Sizing, Stopped> {
    let mut trial = plan.clone();
    trial.start_on = trial.start_on.filter(|on| *on > facts.as_of);
    let dealt = super::freeze::deal(facts, store, &trial, now_micros)?;
    let people = dealt.frozen.contact + dealt.frozen.held_out;
    let past = past(facts, store, plan, plan.days)?;
    let longer = past_if_any(facts, store, plan, 2 * plan.days);
    size::size(plan, people, &past, longer.as_deref())
}

/// The people the plan would have meant so many days ago, with what they then did.
fn past(facts: &Facts<'_>, store: &Store, plan: &Plan, days: i64) -> Result<Vec<Person>, Stopped> {
    let then = Facts {
        insights: facts.insights,
        options: facts.options.clone(),
        as_of: days_after(facts.as_of, -days),
        now_micros: facts.now_micros,
        secret: facts.secret,
    };
    let (people, _) = meant(&then, store, plan)?;
    let longer = Plan { days, ..plan.clone() };
    let outcomes = Outcomes::read(facts.insights, &longer.windows(days_after(then.as_of, 1)))?;
    Ok(people.into_iter().map(|id| outcomes.person(id)).collect())
}

/// The same where history reaches so far back; it only serves to advise.
fn past_if_any(facts: &Facts<'_>, store: &Store, plan: &Plan, days: i64) -> Option<Vec<Person>> {
    past(facts, store, plan, days).ok().filter(|past| past.len() >= 30)
}

/// Reads a campaign. A fixed plan is read once, when its days are over: later it answers what it said then.
///
/// # Errors
/// Refused before the freeze, and before the days of a fixed plan are over.
pub fn measure(
    facts: &Facts<'_>,
    store: &mut Store,
    campaign: &str,
    now_micros: i64,
) -> Result<Measured, Stopped> {
    let plan = plan_of(store, campaign)?;
    let Some(frozen) = frozen(store, campaign)? else {
        return Err(step_refused(
            campaign,
            "nothing was frozen yet, so there is nothing to compare: perennial campaign freeze NAME",
        ));
    };
    if let Some(said) = measured(store, campaign)?.filter(|said| said.is_complete) {
        return Ok(said);
    }
    let found = match &plan.rollout {
        None => lifted(facts, store, &plan, &frozen)?,
        Some(_) => rolled_out(facts, store, &plan)?,
    };
    let followed = followed::by_outcome(&followed::joined(facts, store, &plan, &frozen)?);
    let found = Measured { followed, ..found };
    let step = serde_json::to_string(&found).expect("plain data becomes JSON");
    store.add_campaign_step(campaign, "measured", &step, now_micros)?;
    // What is answered is what is kept, to the last digit.
    read(campaign, &step)
}

fn lifted(facts: &Facts<'_>, store: &Store, plan: &Plan, frozen: &Frozen) -> Result<Measured, Stopped> {
    let next = days_after(facts.as_of, 1);
    let [before, (from, until)] = plan.windows(frozen.start_on);
    let is_complete = next >= until;
    if !is_complete && plan.reading == super::plan::Reading::Fixed {
        let detail = format!(
            "it is read once, when its {} days are over: facts are known up to {}, and it counts to {}. Bring the orders in, \
             or plan reading = \"sequence\" next time",
            plan.days,
            facts.as_of,
            days_after(until, -1)
        );
        return Err(step_refused(&plan.name, detail));
    }
    if next <= from {
        return Err(step_refused(
            &plan.name,
            format!(
                "facts are known up to {}, and it began on {from}: bring the orders in first",
                facts.as_of
            ),
        ));
    }
    super::freeze::ready(facts, &super::segment::Condition::All(Vec::new()))?;
    let until = until.min(next);
    let outcomes = Outcomes::read(facts.insights, &[before, (from, until)])?;
    let mut people = People::default();
    let mut arms: FxHashMap<u128, bool> = FxHashMap::default();
    let mut units: Vec<Unit> = Vec::new();
    let (sent, has_results) = reached(store, &plan.name)?;
    store.for_each_member(&plan.name, |member| {
        let is_contact = match member.arm.as_str() {
            "contact" => true,
            "held_out" => false,
            _ => {
                people.left_out += 1;
                return;
            }
        };
        *(if is_contact { &mut people.contact } else { &mut people.held_out }) += 1;
        arms.insert(member.customer.body(), is_contact);
        let person = outcomes.person(member.customer);
        let was_sent = is_contact && (!has_results || sent.contains(&member.customer));
        let used = is_contact && person.orders > 0.0;
        let tier = TIERS.iter().position(|tier| member.tier.as_deref() == Some(tier)).unwrap_or(0);
        let cost =
            plan.cost_per_contact_minor * i64::from(was_sent) + plan.cost_per_use_minor * i64::from(used);
        units.push(Unit { is_contact, tier: tier as u8, person, cost: cost as f64 });
    })?;
    counted(store, &plan.name, &arms, &mut people)?;
    let planned: Option<Planned> = last(store, &plan.name, "planned")?;
    let sizing = planned.and_then(|planned| planned.sizing);
    let variance = sizing.as_ref().map_or(0.0, |sizing| {
        let left = 1.0 - sizing.correlation * sizing.correlation;
        let each = sizing.deviation * sizing.deviation * left;
        each / people.contact.max(1) as f64 + each / people.held_out.max(1) as f64
    });
    let frame = Frame {
        shop: facts.options.shop.clone(),
        currency: facts.options.currency,
        decimals: facts.options.decimals,
        from,
        until,
        is_complete,
        people,
        planned_variance: variance,
        break_even: sizing.as_ref().map_or(0.0, |sizing| sizing.break_even),
    };
    lift::measure(plan, &frame, &units)
        .map_err(|error| step_refused(&plan.name, format!("it cannot be read: {error}")))
}

/// Who was contacted by the results that came back, and whether any came.
fn reached(store: &Store, campaign: &str) -> Result<(BTreeSet<Id>, bool), Stopped> {
    let (mut sent, mut has_any) = (BTreeSet::new(), false);
    store.for_each_result(campaign, |id, outcome, _| {
        has_any = true;
        if super::results::is_contact(outcome) {
            sent.insert(id);
        }
    })?;
    Ok((sent, has_any))
}

/// Counts what came back.
fn counted(
    store: &Store,
    campaign: &str,
    arms: &FxHashMap<u128, bool>,
    people: &mut People,
) -> Result<(), Stopped> {
    let mut by_person: FxHashMap<u128, Vec<String>> = FxHashMap::default();
    store.for_each_result(campaign, |id, outcome, _| {
        by_person.entry(id.body()).or_default().push(outcome.to_owned());
    })?;
    if by_person.is_empty() {
        return Ok(());
    }
    let mut sent = 0;
    for (body, outcomes) in &by_person {
        let has = |word: &str| outcomes.iter().any(|outcome| outcome == word);
        let was_contacted = outcomes.iter().any(|outcome| super::results::is_contact(outcome));
        match arms.get(body) {
            Some(true) if was_contacted => sent += 1,
            Some(false) if was_contacted => people.leaked += 1,
            None if was_contacted => people.strangers += 1,
            _ => {}
        }
        people.failed += u64::from(has("failed") && !was_contacted);
        people.answered += u64::from(has("answered") || has("will_come"));
        people.opted_out += u64::from(has("opted_out"));
    }
    people.sent = Some(sent);
    Ok(())
}

fn rolled_out(facts: &Facts<'_>, store: &Store, plan: &Plan) -> Result<Measured, Stopped> {
    let Some(rule) = &plan.rollout else { unreachable!("asked of a roll-out") };
    let next = days_after(facts.as_of, 1);
    let all = plan.periods(rule);
    let known: Vec<_> = all.iter().copied().filter(|period| period.1 <= next).collect();
    if known.last().is_none_or(|period| period.1 <= rule.waves[0].on) {
        let detail = format!(
            "no period after its first start is over: facts are known up to {}. Bring the orders in first",
            facts.as_of
        );
        return Err(step_refused(&plan.name, detail));
    }
    super::freeze::ready(facts, &super::segment::Condition::All(Vec::new()))?;
    let outcomes = Outcomes::read(facts.insights, &known)?;
    let mut promised = Vec::new();
    let mut people = People::default();
    store.for_each_member(&plan.name, |member| {
        if member.arm == "contact" {
            people.contact += 1;
            let wave = member.wave.map(|wave| wave as usize);
            promised.push(Promised { customer: member.customer, wave, store: member.store_id });
        } else {
            people.left_out += 1;
        }
    })?;
    let found = rollout::measure(plan, rule, &promised, &known, &outcomes)
        .map_err(|error| step_refused(&plan.name, format!("it cannot be read: {error}")))?;
    let decision = crate::measure::decide::of_rollout(&found, known.len() == all.len());
    Ok(Measured {
        campaign: plan.name.clone(),
        title: plan.title.clone(),
        action: plan.action.clone(),
        channel: plan.channel.clone(),
        shop: facts.options.shop.clone(),
        currency: facts.options.currency,
        decimals: facts.options.decimals,
        from: rule.waves[0].on,
        until: known[known.len() - 1].1,
        before_days: plan.before_days,
        reading: plan.reading,
        is_complete: known.len() == all.len(),
        level: plan.level,
        hold_out: 0.0,
        people,
        draw: lift::Draw { p_value: 1.0, is_sound: true },
        effects: vec![lift::MetricEffect {
            metric: plan.metric,
            control: 0.0,
            treated: found.overall.value,
            lift: found.overall,
            standard_error: found.standard_error,
            p_value: found.p_value,
            is_detected: found.is_detected,
            variance_ratio: 1.0,
            needed: None,
        }],
        money: None,
        tiers: Vec::new(),
        rollout: Some(found),
        followed: Vec::new(),
        decision,
    })
}

/// Ends a campaign.
///
/// # Errors
/// Refused for a decision other than the advised one without a note, and for one that was never measured without one.
pub fn close(
    store: &mut Store,
    campaign: &str,
    decision: Option<&str>,
    note: &str,
    now_micros: i64,
) -> Result<Closed, Stopped> {
    plan_of(store, campaign)?;
    if let Some(closed) = last::<Closed>(store, campaign, "closed")? {
        return Ok(closed);
    }
    let advised = measured(store, campaign)?.map(|measured| measured.decision.verdict.word());
    let decision = match (decision, advised) {
        (Some(decision), _) => decision.to_owned(),
        (None, Some(advised)) if advised != "wait" => advised.to_owned(),
        _ => {
            return Err(step_refused(
                campaign,
                "it was not measured to its end: measure it, or say --decision keep, change or stop with a --note",
            ));
        }
    };
    let as_advised = advised == Some(decision.as_str());
    if !as_advised && note.trim().is_empty() {
        let advised = advised.unwrap_or("nothing, it was not measured");
        return Err(step_refused(
            campaign,
            format!(
                "the measurement advises {advised}; to decide {decision} say why with --note: the next who looks will want to know"
            ),
        ));
    }
    let closed = Closed { decision, as_advised, note: note.trim().to_owned() };
    let step = serde_json::to_string(&closed).expect("plain data becomes JSON");
    store.close_campaign(campaign, &step, now_micros)?;
    Ok(closed)
}

/// How many of the campaigns that are over a report remembers.
const REMEMBERED: usize = 10;

/// What was decided before: the campaigns that are over, the last first. `zone` is that of the shop's days, UTC where the
/// shop has said none.
///
/// # Errors
/// Where state cannot be read.
pub fn decided(store: &Store, zone: Option<&str>) -> Result<Vec<Decided>, Stopped> {
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    let day = |at: i64| crate::record::view::at(at).to_zoned(zone.clone()).date();
    let mut over: Vec<_> = store.list_campaigns()?.into_iter().filter(|row| row.state == "closed").collect();
    over.sort_by(|a, b| b.changed_at.cmp(&a.changed_at).then_with(|| a.campaign_id.cmp(&b.campaign_id)));
    over.truncate(REMEMBERED);
    let mut all = Vec::new();
    for row in over {
        let plan: Plan = read(&row.campaign_id, &row.plan)?;
        let Some(closed) = last::<Closed>(store, &row.campaign_id, "closed")? else { continue };
        let measured = measured(store, &row.campaign_id)?;
        let effect = measured.as_ref().and_then(|measured| measured.effects.first());
        // What it brought is said of all who were contacted together; of a roll-out a person and period is meant.
        let is_whole = measured.as_ref().is_some_and(|measured| measured.rollout.is_none());
        let people = measured.as_ref().map_or(0, |measured| measured.people.contact) as f64;
        let brought = effect.filter(|effect| effect.is_detected && is_whole).map(|effect| {
            Estimate::new(effect.lift.value * people, effect.lift.low * people, effect.lift.high * people)
        });
        let (sentence, segment) = match plan.who {
            Who::Sentence(name) => (Some(name), None),
            Who::Segment(name) => (None, Some(name)),
        };
        all.push(Decided {
            campaign: row.campaign_id,
            title: plan.title,
            action: plan.action,
            sentence,
            segment,
            decided_on: day(row.changed_at),
            decision: closed.decision,
            note: closed.note,
            was_measured: measured.is_some(),
            metric: plan.metric.word().to_owned(),
            brought,
        });
    }
    Ok(all)
}

/// A campaign from end to end.
///
/// # Errors
/// Refused where there is none of that name.
pub fn show(store: &Store, campaign: &str) -> Result<Cycle, Stopped> {
    let plan = plan_of(store, campaign)?;
    let state = store.find_campaign(campaign)?.map(|row| row.state).unwrap_or_default();
    let mut steps = Vec::new();
    for step in store.steps_of_campaign(campaign)? {
        let said = read(campaign, &step.body)?;
        steps.push(Step { kind: step.kind, at: step.happened_at, said });
    }
    Ok(Cycle { campaign: campaign.to_owned(), state, plan, steps })
}
