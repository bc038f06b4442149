//! What people agree to: proofs that are only ever added, one for each address, channel, purpose, version of the text
//! and source. Whether somebody may be written to is read from them (`crate::record::consent`), never from a flag.

use super::profile::fields;
use super::{Acting, Refused, Stopped, again, group, survivor};
use crate::record::consent::{self, Standing};
use crate::record::identity::kinds::Rules;
use crate::staff::permissions::Operation;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use store::{ConsentRow, Failure, Session, Writing};

/// A request for confirmation is good for so long.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What somebody said about being written to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Said {
    /// `email`, `sms`, `zalo`, `whatsapp`, `call`, `push`, `post`, ….
    pub channel: String,
    /// `marketing`, `survey`, `profiling`, ….
    pub purpose: String,
    /// `granted`, `denied`, `withdrawn`, or `pending`: asked for and to be confirmed.
    pub status: String,
    /// The address it is about; absent means the customer's own for that channel.
    pub address: Option<String>,
    /// Which text was shown. Without one nobody has agreed to anything.
    pub text_version: String,
    /// In which language.
    pub language: String,
    /// On which ground, where not consent: `contract`, `legitimate_interest`, ….
    pub legal_basis: Option<String>,
    /// Whose law; absent means that of the person's place, else of the shop's.
    pub jurisdiction: Option<String>,
    /// What else proves it: network address, browser, a row of a file.
    pub evidence: Json,
    /// When it was said; absent means now.
    pub happened_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// How it stands with an address, a channel and a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stands {
    /// The address.
    pub address: String,
    /// The channel.
    pub channel: String,
    /// The purpose.
    pub purpose: String,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Keep what somebody said.
pub fn say(
    session: &mut Session,
    rules: &Rules,
    customer: &str,
    said: &Said,
    acting: &mut Acting<'_>,
) -> Result<ConsentRow, Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        let row = say_within(writing, rules, &customer, said, acting)?;
        tell(writing, &row, acting)?;
        Ok(row)
    })
}

/// Keep what somebody said, within a transaction.
pub fn say_within(
    writing: &Writing<'_>,
    rules: &Rules,
    customer: &str,
    said: &Said,
    acting: &mut Acting<'_>,
) -> Result<ConsentRow, Stopped> {
    let row = row(writing, rules, customer, said, acting)?;
    // The same word again, from the same place at the same instant, is one proof.
    let known = writing.consents_of(customer)?;
    if let Some(known) = known.into_iter().find(|known| is_same(known, &row)) {
        return Ok(known);
    }
    writing.insert_consents(std::slice::from_ref(&row))?;
    Ok(row)
}

fn is_same(known: &ConsentRow, row: &ConsentRow) -> bool {
    let word = |row: &ConsentRow| {
        (
            row.address.clone(),
            row.channel.clone(),
            row.purpose.clone(),
            row.status.clone(),
            row.text_version.clone(),
        )
    };
    word(known) == word(row) && known.source == row.source && known.happened_at == row.happened_at
}

fn row(
    reading: &Writing<'_>,
    rules: &Rules,
    customer: &str,
    said: &Said,
    acting: &mut Acting<'_>,
) -> Result<ConsentRow, Stopped> {
    check(said)?;
    let happened_at = said.happened_at.unwrap_or(acting.now).as_microsecond().min(acting.micros());
    let jurisdiction = match &said.jurisdiction {
        Some(said) => super::profile::checked("jurisdiction", said)?,
        None => jurisdiction(reading, rules, customer)?,
    };
    let or =
        |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    Ok(ConsentRow {
        customer_id: customer.to_owned(),
        consent_id: acting.id(),
        address: address(reading, rules, customer, said)?,
        channel: said.channel.clone(),
        purpose: said.purpose.clone(),
        status: said.status.clone(),
        legal_basis: or(said.legal_basis.as_deref().unwrap_or_default(), "consent"),
        jurisdiction,
        text_version: said.text_version.clone(),
        language: said.language.clone(),
        source: acting.source.to_owned(),
        actor: acting.actor.id.clone(),
        evidence: if said.evidence.is_null() { "{}".to_owned() } else { said.evidence.to_string() },
        happened_at,
        recorded_at: acting.micros(),
        expires_at: said.expires_at.map(Timestamp::as_microsecond),
        confirms: None,
    })
}

/// Whether what was said can be a proof.
pub(crate) fn check(said: &Said) -> Result<(), Refused> {
    let no = |why: &str| Err(Refused::NoConsent(why.to_owned()));
    if said.channel.is_empty() || said.purpose.is_empty() {
        return no(
            "a consent is to something: give channel (email, sms, zalo, …) and purpose (marketing, survey, …)",
        );
    }
    if !matches!(said.status.as_str(), "granted" | "denied" | "withdrawn" | "pending") {
        return no("a consent is granted, denied, withdrawn or pending; silence is none");
    }
    if matches!(said.status.as_str(), "granted" | "pending") && said.text_version.is_empty() {
        return no("who agrees agrees to a text: give its version, or the proof proves nothing");
    }
    Ok(())
}

/// The kind of identifier that is a channel's address.
pub(crate) fn address_kind(channel: &str) -> Option<&'static str> {
    match channel {
        "email" => Some("email"),
        "sms" | "zalo" | "whatsapp" | "call" => Some("phone"),
        _ => None,
    }
}

fn address(reading: &Writing<'_>, rules: &Rules, customer: &str, said: &Said) -> Result<String, Stopped> {
    let kind = address_kind(&said.channel);
    match (&said.address, kind) {
        (Some(address), Some(kind)) => {
            let refused = |why| Refused::NotUsable { kind: kind.to_owned(), value: address.clone(), why };
            Ok(rules.normalise("", kind, address).map_err(refused)?.value)
        }
        (Some(address), None) => Ok(address.trim().to_owned()),
        (None, Some(kind)) => {
            let keys = reading.keys_of_customer(customer)?;
            let own = keys.into_iter().find(|key| key.kind == kind);
            let why = format!(
                "customer {customer} has no {kind} to be written to by {}: give one, or say the address",
                said.channel
            );
            Ok(own.ok_or(Refused::NoConsent(why))?.value)
        }
        (None, None) => Ok(String::new()),
    }
}

/// Whose law holds for a person: what they or the shop said, else that of their country, else of the shop's.
pub fn jurisdiction(reading: &Writing<'_>, rules: &Rules, customer: &str) -> Result<String, Failure> {
    let fields = fields(reading, &group(reading, customer)?)?;
    if let Some(said) = fields.get("jurisdiction") {
        return Ok(said.value.clone());
    }
    let country = fields.get("country").map_or(rules.country.as_str(), |known| known.value.as_str());
    Ok(law_of(country).to_owned())
}

/// The jurisdiction of a country; empty where we know no profile of it.
pub fn law_of(country: &str) -> &'static str {
    // The Union, and those of the European Economic Area, where the regulation holds as well (decision 154/2018).
    const EU: &[&str] = &[
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT",
        "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO",
    ];
    match country {
        "VN" => "vn",
        "CN" => "cn",
        country if EU.contains(&country) => "eu",
        _ => "",
    }
}

/// Answer a request for confirmation: the second half of a double opt-in. A request that is too old, unknown, or refused
/// since, is no ground for anything.
pub fn confirm(
    session: &mut Session,
    customer: &str,
    request: &str,
    evidence: &Json,
    acting: &mut Acting<'_>,
) -> Result<ConsentRow, Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        let mut said = Vec::new();
        for id in group(writing, &customer)? {
            said.extend(writing.consents_of(&id)?);
        }
        if let Some(known) = said.iter().find(|row| row.confirms.as_deref() == Some(request)) {
            return Ok(known.clone());
        }
        let about = said.iter().find(|row| row.consent_id == request).map(|row| {
            let same = |other: &&ConsentRow| other.address == row.address && other.channel == row.channel;
            said.iter().filter(same).cloned().collect::<Vec<_>>()
        });
        let within = CONFIRM_WITHIN.as_micros() as i64;
        let id = acting.id();
        let row = consent::confirmed(&about.unwrap_or_default(), request, &id, acting.micros(), within);
        let Some(mut row) = row else {
            let why = "this request for confirmation is unknown, older than seven days, or was refused since: ask again";
            return Err(Refused::NoConsent(why.to_owned()).into());
        };
        row.customer_id = customer;
        row.source = acting.source.to_owned();
        row.actor = acting.actor.id.clone();
        row.evidence = evidence.to_string();
        writing.insert_consents(std::slice::from_ref(&row))?;
        tell(writing, &row, acting)?;
        Ok(row)
    })
}

/// A consent in the audit: its proof is the row itself.
fn tell(writing: &Writing<'_>, row: &ConsentRow, acting: &mut Acting<'_>) -> Result<(), Failure> {
    let after = json!({ "consent": row.consent_id, "status": row.status, "channel": row.channel, "purpose": row.purpose });
    acting.tell(writing, Operation::WriteConsents, &row.customer_id, (Json::Null, after))
}

/// What counts for a person on an address and channel: what they said themselves, and what anybody who reads that address
/// refused. What a former owner of a number agreed to is not the present one's.
fn about(
    reading: &Writing<'_>,
    group: &[String],
    address: &str,
    channel: &str,
) -> Result<Vec<ConsentRow>, Failure> {
    let all = reading.consents_for(address, channel)?;
    let counts = |row: &ConsentRow| {
        group.contains(&row.customer_id) || matches!(row.status.as_str(), "denied" | "withdrawn")
    };
    Ok(all.into_iter().filter(counts).collect())
}

/// How it stands with everything a person has said, at an instant.
pub fn standings(reading: &Writing<'_>, customer: &str, at: Timestamp) -> Result<Vec<Stands>, Failure> {
    let group = group(reading, customer)?;
    let mut asked = BTreeSet::new();
    for id in &group {
        for row in reading.consents_of(id)?.into_iter().filter(|row| !row.address.is_empty()) {
            asked.insert((row.address, row.channel, row.purpose));
        }
    }
    let stands = |(address, channel, purpose): (String, String, String)| {
        let said = about(reading, &group, &address, &channel)?;
        let standing = consent::standing(&said, &purpose, at.as_microsecond());
        Ok(Stands { address, channel, purpose, standing })
    };
    asked.into_iter().map(stands).collect()
}

/// Whether a person may be written to at an address by a channel for a purpose, at an instant, and by which proof.
pub fn standing(
    reading: &Writing<'_>,
    customer: &str,
    (address, channel, purpose): (&str, &str, &str),
    at: Timestamp,
) -> Result<Standing, Failure> {
    let said = about(reading, &group(reading, customer)?, address, channel)?;
    Ok(consent::standing(&said, purpose, at.as_microsecond()))
}
