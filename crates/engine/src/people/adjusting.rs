//! Points given or taken by hand: with a reason, and above the shop's limit with a second pair of eyes. What is decided
//! here is then recorded as any command; its id is the adjustment's, so that nothing is given twice.

use super::{Acting, Refused, Stopped, again, survivor};
use crate::staff::permissions::Operation;
use jiff::Timestamp;
use store::{AdjustmentRow, Failure, Session, Writing};

/// The setting with the most whole points one person gives or takes alone.
const LIMIT: &str = "adjustment_limit";
/// That where the shop has not said.
const USUAL_LIMIT: i64 = 500;
/// The longest reason, in characters.
const LONGEST: usize = 500;

/// Something to give or take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Its id, new each time a form is opened.
    pub id: String,
    /// The program.
    pub program: String,
    /// The wallet.
    pub wallet: String,
    /// Digits after the point of that wallet.
    pub precision: u32,
    /// Smallest units, signed.
    pub units: i64,
    /// Why, in a sentence.
    pub reason: String,
}

/// The most whole points one person gives or takes alone.
pub fn limit(reading: &Writing<'_>) -> Result<i64, Failure> {
    let said = reading.find_setting(LIMIT)?.and_then(|text| text.parse().ok());
    Ok(said.unwrap_or(USUAL_LIMIT))
}

/// Change the limit.
pub fn set_limit(writing: &Writing<'_>, points: i64, now: Timestamp) -> Result<(), Stopped> {
    if points < 0 {
        let why = "a number of points, 0 or more".to_owned();
        return Err(Refused::NotAValue { field: "limit".into(), value: points.to_string(), why }.into());
    }
    Ok(writing.put_setting(LIMIT, &points.to_string(), now.as_microsecond())?)
}

/// Keep what somebody asks. What is within the limit may be recorded at once, and its state is `done`; the rest waits.
/// The same id again answers as the first time.
pub fn ask(
    session: &mut Session,
    customer: &str,
    asked: &Ask,
    acting: &mut Acting<'_>,
) -> Result<AdjustmentRow, Stopped> {
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        let why = format!("say why in 1 to {LONGEST} characters");
        return Err(Refused::NotAValue { field: "reason".into(), value: reason.to_owned(), why }.into());
    }
    again(session, |writing| {
        let most = limit(writing)?.saturating_mul(10i64.pow(asked.precision.min(9)));
        let is_small = asked.units.unsigned_abs() <= most.unsigned_abs();
        let row = AdjustmentRow {
            adjustment_id: asked.id.clone(),
            customer_id: survivor(writing, customer)?,
            program_id: asked.program.clone(),
            wallet: asked.wallet.clone(),
            units: asked.units,
            reason: reason.to_owned(),
            asked_by: acting.actor.id.clone(),
            asked_at: acting.micros(),
            state: if is_small { "done" } else { "waiting" }.to_owned(),
            decided_by: is_small.then(|| acting.actor.id.clone()),
            decided_at: is_small.then(|| acting.micros()),
        };
        if !writing.insert_adjustment(&row)? {
            let known = writing.find_adjustment(&row.adjustment_id)?;
            return known.ok_or_else(|| Refused::NothingWaits(row.adjustment_id.clone()).into());
        }
        let said = serde_json::json!({"adjustment": row.adjustment_id, "units": row.units, "wallet": row.wallet,
            "reason": row.reason, "state": row.state});
        let told = (serde_json::Value::Null, said);
        acting.tell(writing, Operation::AdjustPoints, &row.customer_id, told)?;
        Ok(row)
    })
}

/// Decide on what somebody else has asked.
pub fn decide(
    session: &mut Session,
    id: &str,
    is_yes: bool,
    acting: &mut Acting<'_>,
) -> Result<AdjustmentRow, Stopped> {
    again(session, |writing| {
        let row = writing.find_adjustment(id)?.filter(|row| row.state == "waiting");
        let row = row.ok_or_else(|| Refused::NothingWaits(id.to_owned()))?;
        if row.asked_by == acting.actor.id {
            return Err(Refused::OwnAdjustment(id.to_owned()).into());
        }
        let state = if is_yes { "done" } else { "refused" };
        writing.decide_adjustment(id, state, &acting.actor.id, acting.micros())?;
        let told =
            (serde_json::json!({"state": "waiting"}), serde_json::json!({"adjustment": id, "state": state}));
        acting.tell(writing, Operation::AdjustPoints, &row.customer_id, told)?;
        Ok(AdjustmentRow { state: state.to_owned(), ..row })
    })
}
