//! Whether somebody may be written to: read from what they have said, never from a flag.
//!
//! A proof hangs on an address, a channel and a purpose. The last word holds, by the time it was said and not by the
//! time we heard of it; a withdrawal and a grant of one instant are a withdrawal. A request that must be confirmed is
//! no consent until it is. Times are microseconds since 1970.

use serde::{Deserialize, Serialize};
use store::ConsentRow;

/// How it stands with an address, a channel and a purpose at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody has said anything: that is no consent.
    Silent,
    /// Asked for, not confirmed yet.
    Pending {
        /// The request.
        request: String,
    },
    /// Granted.
    Granted {
        /// The proof.
        proof: String,
        /// Until when, where it ends by itself.
        until: Option<i64>,
    },
    /// Granted once, and over.
    Expired {
        /// The proof.
        proof: String,
    },
    /// Denied or withdrawn.
    Refused {
        /// The proof.
        proof: String,
    },
}

/// How it stands at `at`, by everything that was said about the address and channel.
pub fn standing(said: &[ConsentRow], purpose: &str, at: i64) -> Standing {
    let about = said.iter().filter(|row| row.purpose == purpose && row.happened_at <= at);
    let ranked = |row: &&ConsentRow| (row.happened_at, is_no(row), row.consent_id.clone());
    let Some(last) = about.max_by_key(ranked) else { return Standing::Silent };
    let proof = last.consent_id.clone();
    match last.status.as_str() {
        "granted" if last.expires_at.is_some_and(|end| end <= at) => Standing::Expired { proof },
        "granted" => Standing::Granted { proof, until: last.expires_at },
        "pending" => Standing::Pending { request: proof },
        _ => Standing::Refused { proof },
    }
}

fn is_no(row: &ConsentRow) -> bool {
    !matches!(row.status.as_str(), "granted" | "pending")
}

/// The answer to a request for confirmation: a new proof that names the request. `None` where there is no such request,
/// it is older than `valid_for`, or somebody has said no since.
pub fn confirmed(
    said: &[ConsentRow],
    request: &str,
    consent_id: &str,
    at: i64,
    valid_for: i64,
) -> Option<ConsentRow> {
    let asked = said.iter().find(|row| row.consent_id == request && row.status == "pending")?;
    let is_in_time = at >= asked.happened_at && at - asked.happened_at <= valid_for;
    let stands = standing(said, &asked.purpose, at) == Standing::Pending { request: request.to_owned() };
    (is_in_time && stands).then(|| ConsentRow {
        consent_id: consent_id.to_owned(),
        status: "granted".to_owned(),
        happened_at: at,
        recorded_at: at,
        confirms: Some(request.to_owned()),
        ..asked.clone()
    })
}

/// What the law of a place asks, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `eu`, `vn`, `cn`.
    pub jurisdiction: String,
    /// The law, for people.
    pub law: String,
    /// From this day, as `YYYY-MM-DD`.
    pub from: jiff::civil::Date,
    /// Working days, or days, within which a request of a person is answered.
    pub answer_within: Clock,
    /// Days within which a withdrawal or an objection is carried out.
    pub withdraw_within: Clock,
}

/// A span the law gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Months of the calendar.
    Months(i32),
    /// Days of the calendar.
    Days(i32),
    /// Days but Saturdays and Sundays.
    WorkingDays(i32),
}

const PROFILES: &str = include_str!("profiles.toml");

#[derive(Deserialize)]
struct Profiles {
    profile: Vec<Profile>,
}

/// All profiles, oldest first.
pub fn profiles() -> Vec<Profile> {
    let mut all = toml::from_str::<Profiles>(PROFILES).expect("tests read it").profile;
    all.sort_by_key(|profile| profile.from);
    all
}

/// The law of a place on a day.
pub fn profile(jurisdiction: &str, on: jiff::civil::Date) -> Option<Profile> {
    profiles().into_iter().rfind(|profile| profile.jurisdiction == jurisdiction && profile.from <= on)
}

impl Clock {
    /// The last day on which it is in time, for what came on `day`.
    pub fn last_day(self, day: jiff::civil::Date) -> jiff::civil::Date {
        let span = |span: jiff::Span| day.checked_add(span).unwrap_or(jiff::civil::Date::MAX);
        match self {
            Clock::Months(months) => span(jiff::Span::new().months(months)),
            Clock::Days(days) => span(jiff::Span::new().days(days)),
            Clock::WorkingDays(days) => {
                use jiff::civil::Weekday::{Saturday, Sunday};
                let mut last = day;
                for _ in 0..days {
                    last = last.tomorrow().unwrap_or(jiff::civil::Date::MAX);
                    while matches!(last.weekday(), Saturday | Sunday) {
                        last = last.tomorrow().unwrap_or(jiff::civil::Date::MAX);
                    }
                }
                last
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(id: &str, status: &str, at: i64) -> ConsentRow {
        ConsentRow {
            customer_id: "cus".into(),
            consent_id: id.into(),
            address: "ana@corner.example".into(),
            channel: "email".into(),
            purpose: "marketing".into(),
            status: status.into(),
            legal_basis: "consent".into(),
            jurisdiction: "vn".into(),
            text_version: "2".into(),
            language: "vi".into(),
            source: "form".into(),
            actor: "ana".into(),
            evidence: "{}".into(),
            happened_at: at,
            recorded_at: at + 5,
            expires_at: (id == "short").then_some(at + 10),
            confirms: None,
        }
    }

    fn word(said: &[ConsentRow], at: i64) -> &'static str {
        match standing(said, "marketing", at) {
            Standing::Silent => "silent",
            Standing::Pending { .. } => "pending",
            Standing::Granted { .. } => "granted",
            Standing::Expired { .. } => "expired",
            Standing::Refused { .. } => "refused",
        }
    }

    #[test]
    fn the_last_word_holds_by_when_it_was_said() {
        let grant = said("1", "granted", 100);
        let stop = said("2", "withdrawn", 200);
        assert_eq!(word(&[], 100), "silent");
        assert_eq!(
            [word(std::slice::from_ref(&grant), 99), word(std::slice::from_ref(&grant), 100)],
            ["silent", "granted"]
        );
        // However they arrive.
        for all in [[grant.clone(), stop.clone()], [stop.clone(), grant.clone()]] {
            assert_eq!(
                [word(&all, 150), word(&all, 200), word(&all, 900)],
                ["granted", "refused", "refused"]
            );
        }
        let at_once = [said("9", "granted", 200), stop];
        assert_eq!(word(&at_once, 200), "refused", "of one instant the no counts");
        assert_eq!(
            standing(&[grant], "survey", 150),
            Standing::Silent,
            "another purpose is another question"
        );
        let short = [said("short", "granted", 100)];
        assert_eq!([word(&short, 109), word(&short, 110)], ["granted", "expired"]);
    }

    #[test]
    fn a_request_is_no_consent_until_it_is_confirmed_in_time() {
        let mut all = vec![said("ask", "pending", 100)];
        assert_eq!(word(&all, 150), "pending");
        assert_eq!(confirmed(&all, "ask", "yes", 500, 300), None, "too late");
        assert_eq!(confirmed(&all, "other", "yes", 150, 300), None);
        let yes = confirmed(&all, "ask", "yes", 150, 300).unwrap();
        assert_eq!((yes.status.as_str(), yes.confirms.as_deref()), ("granted", Some("ask")));
        all.push(yes);
        assert_eq!(word(&all, 150), "granted");
        assert_eq!(confirmed(&all, "ask", "again", 160, 300), None, "once");
        let refused = [said("ask", "pending", 100), said("no", "denied", 120)];
        assert_eq!(confirmed(&refused, "ask", "yes", 150, 300), None);
    }

    #[test]
    fn laws_are_dated_and_have_clocks() {
        let date = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
        // Law 91/2025/QH15 with Decree 356/2025 took the place of Decree 13/2023 on 1 January 2026.
        let before = profile("vn", date("2025-12-31")).unwrap();
        let after = profile("vn", date("2026-01-01")).unwrap();
        assert_eq!((before.answer_within, after.answer_within), (Clock::Days(3), Clock::WorkingDays(2)));
        // A Friday's request is answered by Tuesday.
        assert_eq!(after.answer_within.last_day(date("2026-03-06")), date("2026-03-10"));
        assert_eq!(
            profile("eu", date("2026-01-31")).unwrap().answer_within.last_day(date("2026-01-31")),
            date("2026-02-28")
        );
        assert_eq!(profile("eu", date("2018-05-24")), None);
        assert!(profile("cn", date("2026-01-01")).is_some());
    }
}
