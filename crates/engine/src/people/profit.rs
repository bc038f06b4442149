//! What a customer has brought and cost: margin, the cost of rewards, of being written to, of being served. Each row has
//! its cause and is written once; what was wrong is set right by another row.
//!
//! Margin comes from the orders of the record at the shop's margin; the cost of a reward from the program's own `cost`.
//! What contact and service cost is said by whoever sends and serves ([`charge`], [`charge_by`]).

use super::{Acting, Stopped, again, group, survivor};
use crate::record::books::{Kept, kept};
use crate::record::within;
use crate::staff::permissions::Operation;
use loyalty::program::Program;
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::{Failure, ProfitRow, Session, Writing};

/// The sums of a customer, minor units: above zero what was brought, below what it cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Of orders, less what came back.
    pub margin_minor: i64,
    /// Of rewards.
    pub reward_cost_minor: i64,
    /// Of messages.
    pub contact_cost_minor: i64,
    /// Of service.
    pub service_cost_minor: i64,
    /// All together.
    pub profit_minor: i64,
}

/// The sums of a person.
pub fn sums(reading: &Writing<'_>, group: &[String]) -> Result<Sums, Failure> {
    let mut sums = Sums::default();
    for id in group {
        for row in reading.profit_of(id)? {
            let sum = match row.kind.as_str() {
                "margin" => &mut sums.margin_minor,
                "reward_cost" => &mut sums.reward_cost_minor,
                "contact_cost" => &mut sums.contact_cost_minor,
                _ => &mut sums.service_cost_minor,
            };
            *sum = sum.saturating_add(row.amount_minor);
            sums.profit_minor = sums.profit_minor.saturating_add(row.amount_minor);
        }
    }
    Ok(sums)
}

/// What something cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge<'a> {
    /// Whose.
    pub customer: &'a str,
    /// `contact_cost` or `service_cost`.
    pub kind: &'a str,
    /// What kind of fact: `message`, `case`.
    pub cause_kind: &'a str,
    /// Its id: the same again changes nothing.
    pub cause_id: &'a str,
    /// The day.
    pub on: jiff::civil::Date,
    /// What it cost, in minor units, above zero.
    pub cost_minor: i64,
}

/// Keep what contact or service cost, within the transaction that made it so. Answers whether it is new.
pub fn charge(writing: &Writing<'_>, charge: &Charge<'_>, now: i64) -> Result<bool, Failure> {
    let row = ProfitRow {
        customer_id: charge.customer.to_owned(),
        kind: charge.kind.to_owned(),
        cause_kind: charge.cause_kind.to_owned(),
        cause_id: charge.cause_id.to_owned(),
        happened_on: charge.on.to_string(),
        amount_minor: -charge.cost_minor,
        recorded_at: now,
    };
    Ok(writing.insert_profit(&[row])? == 1)
}

/// The same by somebody, in a transaction of its own and told in the audit.
pub fn charge_by(session: &mut Session, cost: &Charge<'_>, acting: &mut Acting<'_>) -> Result<bool, Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, cost.customer)?;
        let is_new = charge(writing, &Charge { customer: &customer, ..*cost }, acting.micros())?;
        if is_new {
            let after = json!({ "kind": cost.kind, "cause": cost.cause_id, "cost_minor": cost.cost_minor });
            acting.tell(writing, Operation::WriteCustomers, &customer, (Json::Null, after))?;
        }
        Ok(is_new)
    })
}

/// What files have told of a customer, from before the record began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// What was paid less what came back, minor units.
    pub kept_minor: i64,
    /// The last day of it.
    pub last_on: jiff::civil::Date,
}

/// Write what a customer's orders brought and their rewards cost, as far as that is not written yet. `margin_share` is
/// what the shop keeps of a sale, in thousandths. An order of which something came back since gets a further row for
/// the difference; what was `imported` is one sum. Answers how many rows are new.
pub fn settle(
    session: &mut Session,
    customer: &str,
    margin_share_milli: i64,
    imported: Option<Imported>,
    now: i64,
) -> Result<u64, Stopped> {
    again(session, |writing| {
        let written: Vec<ProfitRow> = writing.profit_of(customer)?;
        let mut rows: Vec<ProfitRow> =
            imported.iter().map(|sum| of_before(customer, *sum, margin_share_milli)).collect();
        for in_force in within::programs(writing)? {
            let program = &in_force.program;
            margins(writing, program, customer, margin_share_milli, &mut rows)?;
            if let Some(member) = within::find_member(writing, &in_force, customer)? {
                rows.extend(rewards(program, customer, &member));
            }
        }
        let rows = rows.into_iter().filter_map(|row| correction(&written, row, now)).collect::<Vec<_>>();
        Ok(writing.insert_profit(&rows)?)
    })
}

/// What was sold before the record began, as one row.
fn of_before(customer: &str, sum: Imported, share_milli: i64) -> ProfitRow {
    ProfitRow {
        customer_id: customer.to_owned(),
        kind: "margin".to_owned(),
        cause_kind: "history".to_owned(),
        cause_id: "imported".to_owned(),
        happened_on: sum.last_on.to_string(),
        amount_minor: margin(sum.kept_minor, share_milli),
        recorded_at: 0,
    }
}

fn margin(kept_minor: i64, share_milli: i64) -> i64 {
    i64::try_from(i128::from(kept_minor) * i128::from(share_milli) / 1000).unwrap_or(i64::MAX)
}

fn margins(
    reading: &Writing<'_>,
    program: &Program,
    customer: &str,
    share_milli: i64,
    rows: &mut Vec<ProfitRow>,
) -> Result<(), Failure> {
    for row in reading.orders_of(program.head.id.as_str(), customer)? {
        // One order counts once, in however many programs it earns.
        if rows.iter().any(|known| known.cause_kind == "order" && known.cause_id == row.order_id) {
            continue;
        }
        let Kept::Record(record) = kept(program, &row)? else { continue };
        let kept_minor: i64 = record.lines.iter().map(|line| line.paid_minor - line.returned_minor()).sum();
        rows.push(ProfitRow {
            customer_id: customer.to_owned(),
            kind: "margin".to_owned(),
            cause_kind: "order".to_owned(),
            cause_id: row.order_id.clone(),
            happened_on: row.ordered_on.clone(),
            amount_minor: margin(kept_minor, share_milli),
            recorded_at: 0,
        });
    }
    Ok(())
}

fn rewards(program: &Program, customer: &str, member: &loyalty::member::Member) -> Vec<ProfitRow> {
    let cost = |reward: &loyalty::name::Name| {
        let spec = program.rewards.iter().find(|spec| spec.id == *reward)?;
        spec.cost?.units(program.decimals())
    };
    let row = |(id, held): (&loyalty::name::Name, &loyalty::reward::Held)| {
        Some(ProfitRow {
            customer_id: customer.to_owned(),
            kind: "reward_cost".to_owned(),
            cause_kind: "redemption".to_owned(),
            cause_id: format!("{}/{id}", program.head.id),
            happened_on: held.day.to_string(),
            amount_minor: -cost(&held.reward)?,
            recorded_at: 0,
        })
    };
    member.redemptions.iter().filter(|(_, held)| !held.is_open).filter_map(row).collect()
}

/// The row that makes what is written equal to `row`; none where it is.
fn correction(written: &[ProfitRow], row: ProfitRow, now: i64) -> Option<ProfitRow> {
    let of_cause = |known: &&ProfitRow| {
        known.kind == row.kind
            && known.cause_kind == row.cause_kind
            && known.cause_id.split('#').next() == Some(row.cause_id.as_str())
    };
    let known: Vec<&ProfitRow> = written.iter().filter(of_cause).collect();
    let so_far: i64 = known.iter().map(|known| known.amount_minor).sum();
    if row.amount_minor == so_far {
        return None;
    }
    let cause_id =
        if known.is_empty() { row.cause_id.clone() } else { format!("{}#{}", row.cause_id, known.len()) };
    Some(ProfitRow { cause_id, amount_minor: row.amount_minor - so_far, recorded_at: now, ..row })
}

/// The rows of a person, by day.
pub fn rows(reading: &Writing<'_>, customer: &str) -> Result<Vec<ProfitRow>, Failure> {
    let mut all = Vec::new();
    for id in group(reading, customer)? {
        all.extend(reading.profit_of(&id)?);
    }
    all.sort_by(|one, other| one.happened_on.cmp(&other.happened_on).then(one.cause_id.cmp(&other.cause_id)));
    Ok(all)
}
