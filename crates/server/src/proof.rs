//! Proof that a member is there: a one-time code sent to their telephone, or the card on its screen, whose QR code is
//! another one every half minute. A code is good for one request; the same request again is let through, so that a till
//! that heard no answer may ask again.

use crate::key::Pepper;
use crate::problem::{Kind, Problem};
use crate::webhooks::{CODE_TOPIC, manage::message_id};
use axum::http::header;
use engine::record::view;
use serde_json::json;
use store::{CodeRow, MessageRow, Writing};
use subtle::ConstantTimeEq;

/// How long a code is good for.
const GOOD_MICROS: i64 = 5 * 60_000_000;
/// How often a code may be guessed.
const TRIES: i64 = 5;
/// How many codes an address may be sent within which time.
const LIMITS: [(i64, i64); 2] = [(3, 10 * 60_000_000), (10, 86_400_000_000)];
/// How long one QR code of a card is shown. It is taken for as long again.
const STEP_MICROS: i64 = 30_000_000;
/// What a card's QR code begins with.
const CARD: &str = "P1";

/// Make a code for an address and put it on its way. Answers its row.
pub fn make(
    writing: &Writing<'_>,
    pepper: &Pepper,
    (address, channel, purpose): (&str, &str, &str),
    now: i64,
    chance: u128,
) -> Result<CodeRow, Problem> {
    for (most, within) in LIMITS {
        if writing.count_codes(address, now - within)? >= most {
            let detail = format!("{most} codes were sent to this address within {} min", within / 60_000_000);
            let wait = (within / 1_000_000).to_string();
            return Err(Problem::new(Kind::RateLimited, detail).header(header::RETRY_AFTER, &wait));
        }
    }
    let digits = format!("{:06}", (chance >> 64) % 1_000_000);
    let code_id = format!("cod_{now:016x}{:08x}", chance as u32);
    let row = CodeRow {
        hash: pepper.hash("one-time code", format!("{code_id} {digits}").as_bytes()),
        code_id,
        address: address.to_owned(),
        purpose: purpose.to_owned(),
        tries: 0,
        created_at: now,
        ends_at: now + GOOD_MICROS,
        used_at: None,
        used_for: None,
    };
    writing.insert_code(&row)?;
    let body = json!({
        "code": row.code_id, "digits": digits, "address": address, "channel": channel, "purpose": purpose,
        "ends_at": view::at(row.ends_at),
    });
    writing.insert_messages(&[MessageRow {
        message_id: message_id(now, chance as u64),
        topic: CODE_TOPIC.to_owned(),
        customer_id: None,
        body: body.to_string(),
        created_at: now,
    }])?;
    Ok(row)
}

/// What is shown as proof.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The id of a code.
    pub code: &'a str,
    /// Its digits.
    pub digits: &'a str,
    /// What it is to be good for.
    pub purpose: &'a str,
    /// The addresses it may have been sent to.
    pub addresses: &'a [String],
    /// The request it is shown with.
    pub request: &'a str,
}

/// Use a code up. The inner no is to be committed: a wrong guess counts.
pub fn use_up(
    writing: &Writing<'_>,
    pepper: &Pepper,
    shown: &Shown<'_>,
    now: i64,
) -> Result<Result<(), Problem>, Problem> {
    let Some(mut row) = writing.lock_code(shown.code)? else {
        return Ok(Err(wrong("there is no such code")));
    };
    let is_ours = row.purpose == shown.purpose && shown.addresses.contains(&row.address);
    let digits = format!("{} {}", row.code_id, shown.digits);
    let no = if !is_ours {
        "it was sent for something else, or to somebody else"
    } else if now >= row.ends_at {
        "it has run out: ask for a new one"
    } else if row.tries >= TRIES {
        "it was guessed too often: ask for a new one"
    } else if !pepper.is("one-time code", digits.as_bytes(), &row.hash) {
        row.tries += 1;
        writing.put_code(&row)?;
        "these are not its digits"
    } else if row.used_for.as_deref().is_some_and(|before| before != shown.request) {
        "it was used before: ask for a new one"
    } else {
        row.used_at = row.used_at.or(Some(now));
        row.used_for = Some(shown.request.to_owned());
        writing.put_code(&row)?;
        return Ok(Ok(()));
    };
    Ok(Err(wrong(no)))
}

fn wrong(why: &str) -> Problem {
    Problem::new(Kind::WrongCode, format!("the code does not count: {why}"))
}

/// What a customer's card shows now, and until when.
pub fn card(pepper: &Pepper, customer: &str, now: i64) -> (String, i64) {
    let step = now.div_euclid(STEP_MICROS);
    (format!("{CARD}.{customer}.{}", mark(pepper, customer, step)), (step + 1) * STEP_MICROS)
}

/// Whose card it is, if it is shown now or was a moment ago.
pub fn read_card(pepper: &Pepper, token: &str, now: i64) -> Result<String, Problem> {
    let mut parts = token.split('.');
    let (Some(CARD), Some(customer), Some(mark), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong("this is no card of ours"));
    };
    let step = now.div_euclid(STEP_MICROS);
    let is_shown = [step, step - 1].into_iter().any(|step| {
        let expected = self::mark(pepper, customer, step);
        bool::from(expected.as_bytes().ct_eq(mark.as_bytes()))
    });
    if is_shown { Ok(customer.to_owned()) } else { Err(wrong("the card has changed since: scan it again")) }
}

fn mark(pepper: &Pepper, customer: &str, step: i64) -> String {
    let hash = pepper.hash("card", format!("{customer} {step}").as_bytes());
    hash[..10].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Use up what a card showed: it proves one request.
pub fn use_up_card(
    writing: &Writing<'_>,
    (token, customer): (&str, &str),
    request: &str,
    now: i64,
) -> Result<(), Problem> {
    let code_id = format!("card_{}", token.rsplit('.').next().unwrap_or_default());
    match writing.lock_code(&code_id)? {
        Some(row) if row.used_for.as_deref() == Some(request) => Ok(()),
        Some(_) => Err(wrong("the card was shown for something else a moment ago: wait for the next code")),
        None => Ok(writing.insert_code(&CodeRow {
            code_id,
            address: customer.to_owned(),
            purpose: "card".to_owned(),
            hash: [0; 32],
            tries: 0,
            created_at: now,
            ends_at: now + 2 * STEP_MICROS,
            used_at: Some(now),
            used_for: Some(request.to_owned()),
        })?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_taken_while_it_is_shown_and_a_moment_longer() {
        let pepper = Pepper::new([7; 32]);
        let (token, until) = card(&pepper, "cus_1", 5);
        assert_eq!(until, STEP_MICROS);
        for (now, is_taken) in [(5, true), (until, true), (2 * until - 1, true), (2 * until, false)] {
            assert_eq!(read_card(&pepper, &token, now).is_ok(), is_taken, "{now}");
        }
        for bad in [token.replace("cus_1", "cus_2"), format!("{token}.x"), "P1.cus_1".into(), String::new()] {
            assert!(read_card(&pepper, &bad, 5).is_err(), "{bad}");
        }
        assert!(read_card(&Pepper::new([8; 32]), &token, 5).is_err());
    }
}
