//! Work that must be done though machines die: messages to others and jobs of our own. Whoever works leases what is
//! due; what fails is tried again with growing patience, spread by chance so that a crowd does not come back at once;
//! what never succeeds is laid aside to be read and replayed.

use super::schedule::Worker;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Failure, Leased, MessageRow, Queue, Session};

/// The pauses before each further attempt, as Standard Webhooks 1.0.0 proposes them; after the last it is laid aside.
pub const PAUSES: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
    SignedDuration::from_hours(24),
];

/// Why a piece of work was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What was wrong.
    pub what: String,
    /// Whether trying again is of no use.
    pub is_final: bool,
}

/// When to try again after the `attempt`-th attempt (from 1) of `id`: the pause, and up to a fifth of it more, by a
/// hash of both, so that it is the same wherever it is computed.
pub fn again_at(id: &str, attempt: i64, now: Timestamp) -> Option<Timestamp> {
    let pause = PAUSES.get(usize::try_from(attempt - 1).ok()?)?.as_micros() as i64;
    let hash = blake3::hash(format!("{id} {attempt}").as_bytes());
    let spread = u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes have 8")) % 1000;
    let more = pause / 5000 * spread as i64;
    now.checked_add(SignedDuration::from_micros(pause + more)).ok()
}

/// Do up to `most` pieces of work of a queue, of one topic or of any where it is empty. Answers how many were leased.
///
/// `act` runs outside of any transaction and may take its time; it may be run again for the same message after a crash,
/// so that it says the message's id to whoever listens.
pub fn work(
    session: &mut Session,
    (queue, topic): (Queue, &str),
    Worker { name: worker, patience }: Worker<'_>,
    now: Timestamp,
    most: i64,
    act: &mut dyn FnMut(&Leased) -> Result<(), Problem>,
) -> Result<usize, Failure> {
    let due = (now.as_microsecond(), (now + patience).as_microsecond());
    let leased = session.write(|writing| writing.lease_topic(queue, topic, worker, due, most))?;
    for one in &leased {
        let id = one.message.message_id.as_str();
        let answer = act(one);
        session.write(|writing| match &answer {
            Ok(()) => writing.finish(queue, id, worker),
            Err(problem) => {
                let again = if problem.is_final { None } else { again_at(id, one.attempt, now) };
                writing.fail(queue, id, worker, &problem.what, again.map(Timestamp::as_microsecond))
            }
        })?;
    }
    Ok(leased.len())
}

/// Put a job in the queue for a schedule whose time has come. However late it is asked, and by however many machines,
/// there is one job: for the last slot that has come. Answers the slot where this call made it.
pub fn schedule(
    session: &mut Session,
    name: &str,
    every: SignedDuration,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let (now, step) = (now.as_microsecond(), (every.as_micros() as i64).max(1));
    let slot = now.div_euclid(step) * step;
    session.write(|writing| {
        let known = writing.next_slot(name)?;
        if known.is_some_and(|next| next > now) || !writing.move_slot(name, known, slot + step)? {
            return Ok(None);
        }
        let job = MessageRow {
            message_id: format!("{slot:020}/{name}"),
            topic: name.to_owned(),
            customer_id: None,
            body: format!("{{\"slot\":{slot}}}"),
            created_at: slot,
        };
        let is_new = writing.insert_jobs(&[job])? == 1;
        Ok(is_new.then(|| super::books::instant(slot)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_spread() {
        let now = Timestamp::UNIX_EPOCH;
        let pause = |id: &str, attempt| again_at(id, attempt, now).map(|at| at.duration_since(now).as_secs());
        for (attempt, least) in (1..).zip(PAUSES) {
            let all: Vec<i64> = (0..50).filter_map(|id| pause(&format!("m-{id}"), attempt)).collect();
            let most = least.as_secs() * 6 / 5;
            assert!(all.iter().all(|pause| (least.as_secs()..=most).contains(pause)), "{attempt}: {all:?}");
            assert!(attempt == 1 || all.iter().min() < all.iter().max(), "{attempt}: spread");
        }
        assert_eq!((pause("m", 10), pause("m", 0)), (None, None));
        assert_eq!(pause("m", 3), pause("m", 3));
    }
}
