//! Vouchers that are made beforehand, to be printed or handed out: nobody's until they are shown at a till. Their codes
//! come from the same series as those members buy, so that no two are ever the same.

use super::counters::Counter;
use super::program::InForce;
use crate::staff::audit::{Change, append};
use crate::staff::people::Asking;
use crate::staff::permissions::{NotAllowed, Operation};
use loyalty::name::Name;
use loyalty::program::Program;
use loyalty::program::spec::{RewardKind, Voucher};
use loyalty::voucher::code;
use serde_json::{Value, json};
use store::{Failure, Session, VoucherRow};

/// The most that are made at once.
pub const MOST: i64 = 10_000;

/// Why vouchers are not made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// No such reward, or one without codes and a value of its own.
    #[error("{0} gives no voucher with a value of its own: it needs value and voucher in the program's file")]
    NoVoucher(String),
    /// None, or too many at once.
    #[error("{0} vouchers: from 1 to 10000 are made at once")]
    Count(i64),
    /// The pattern is too short for so many.
    #[error(
        "the codes of {reward} ({pattern}) would come to be guessed: {left} are left to be made; give the pattern more #"
    )]
    Pattern {
        /// The reward.
        reward: String,
        /// Its pattern.
        pattern: String,
        /// How many more there may be.
        left: i64,
    },
    /// Not for them to do.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The world said no.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// The voucher of a reward that can be made beforehand, and what it takes off, minor units.
pub fn printable<'a>(program: &'a Program, reward: &str) -> Option<(&'a Voucher, i64)> {
    let spec = program.rewards.iter().find(|spec| spec.id == *reward && spec.kind == RewardKind::Discount)?;
    Some((spec.voucher.as_ref()?, spec.value?.units(program.decimals())?))
}

/// Make `count` vouchers of a reward.
pub fn generate(
    session: &mut Session,
    asking: &mut Asking<'_>,
    in_force: &InForce,
    reward: &str,
    count: i64,
) -> Result<Vec<VoucherRow>, NotMade> {
    asking.actor.require(Operation::GenerateVouchers)?;
    let program = &in_force.program;
    let Some((voucher, value_minor)) = printable(program, reward) else {
        return Err(NotMade::NoVoucher(reward.to_owned()));
    };
    if !(1..=MOST).contains(&count) {
        return Err(NotMade::Count(count));
    }
    let until = voucher.valid.after(asking.now, &program.zone);
    let id = program.head.id.as_str();
    let counter = Counter::Made(Name::new(reward)).name();
    session.write(|writing| {
        let made = writing.lock_counters(id, &[&counter])?.first().copied().unwrap_or(0);
        let left = most_codes(&voucher.pattern).saturating_sub(made);
        if count > left {
            let (reward, pattern) = (reward.to_owned(), voucher.pattern.clone());
            return Err(NotMade::Pattern { reward, pattern, left: left.max(0) });
        }
        let row = |number: i64| VoucherRow {
            code: code(&voucher.pattern, in_force.seed, reward, number as u64),
            program_id: id.to_owned(),
            customer_id: String::new(),
            reward: reward.to_owned(),
            ends_at: until.as_microsecond(),
            uses_left: voucher.uses.into(),
            value_minor,
        };
        let rows: Vec<VoucherRow> = (made..made + count).map(row).collect();
        writing.put_vouchers(&rows)?;
        writing.put_counters(id, &[(counter.clone(), made + count)])?;
        let change = Change {
            actor: asking.actor.clone(),
            operation: Operation::GenerateVouchers,
            kind: "program",
            subject: id.to_owned(),
            before: Value::Null,
            after: json!({"reward": reward, "vouchers": count, "value_minor": value_minor, "from": made}),
            salt: (asking.chance)(),
        };
        append(writing, asking.now, &[change])?;
        Ok(rows)
    })
}

/// How many codes of a pattern may be made: one in a hundred of those there are, so that a guess seldom finds one.
fn most_codes(pattern: &str) -> i64 {
    let places = pattern.bytes().filter(|byte| *byte == b'#').count() as u32;
    32i64.checked_pow(places).unwrap_or(i64::MAX) / 100
}
