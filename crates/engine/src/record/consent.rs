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

/// What the law of a place asks, from a day on. A span that is absent is one the law does not name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// `eu`, `vn`, `cn`.
    pub jurisdiction: String,
    /// The law, for people.
    pub law: String,
    /// What is to be known of where the spans come from.
    #[serde(default)]
    pub note: String,
    /// From this day, as `YYYY-MM-DD`.
    pub from: jiff::civil::Date,
    /// Within which a request of a person is answered.
    #[serde(default)]
    pub answer_within: Option<Clock>,
    /// Within which a withdrawal of consent or an objection is carried out.
    #[serde(default)]
    pub withdraw_within: Option<Clock>,
    /// The same where others who process the data for the shop must stop as well.
    #[serde(default)]
    pub withdraw_with_processors_within: Option<Clock>,
    /// Within which data are handed out or set right.
    #[serde(default)]
    pub access_within: Option<Clock>,
    /// Within which data are erased.
    #[serde(default)]
    pub erase_within: Option<Clock>,
    /// By how much one of these may be extended, once, where the request is difficult and the person is told.
    #[serde(default)]
    pub extension: Option<Clock>,
}

/// What a person asks about their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// To see what is known.
    Access,
    /// To set it right.
    Correct,
    /// To be forgotten.
    Erase,
    /// To take back a consent.
    Withdraw,
    /// To object to what is done with it.
    Object,
}

impl Asked {
    /// The word kept.
    pub fn code(self) -> &'static str {
        match self {
            Asked::Access => "access",
            Asked::Correct => "correct",
            Asked::Erase => "erase",
            Asked::Withdraw => "withdraw",
            Asked::Object => "object",
        }
    }
}

impl Profile {
    /// Within which what is asked must be done.
    pub fn done_within(&self, asked: Asked) -> Option<Clock> {
        match asked {
            Asked::Access | Asked::Correct => self.access_within,
            Asked::Erase => self.erase_within,
            Asked::Withdraw | Asked::Object => self.withdraw_within,
        }
    }
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
    /// Hours: the last whole day within them counts, so that nobody is late by a clock we do not keep.
    Hours(i32),
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
            Clock::Hours(hours) => span(jiff::Span::new().days(hours / 24)),
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
        assert_eq!(before.answer_within, Some(Clock::Hours(72)));
        assert_eq!(
            (before.withdraw_within, before.erase_within),
            (Some(Clock::Hours(72)), Some(Clock::Hours(72)))
        );
        assert_eq!(after.answer_within, Some(Clock::WorkingDays(2)));
        assert_eq!(after.withdraw_within, Some(Clock::Days(15)));
        assert_eq!(after.withdraw_with_processors_within, Some(Clock::Days(20)));
        assert_eq!(after.extension, Some(Clock::Days(15)));
        // A Friday's request is answered by Tuesday.
        let friday = date("2026-03-06");
        assert_eq!(after.answer_within.unwrap().last_day(friday), date("2026-03-10"));
        assert_eq!(after.done_within(Asked::Withdraw).unwrap().last_day(friday), date("2026-03-21"));
        assert_eq!(before.answer_within.unwrap().last_day(friday), date("2026-03-09"));
        let eu = profile("eu", date("2026-01-31")).unwrap();
        assert_eq!(eu.answer_within.unwrap().last_day(date("2026-01-31")), date("2026-02-28"));
        assert_eq!((eu.withdraw_within, eu.extension), (None, Some(Clock::Months(2))));
        assert_eq!(profile("eu", date("2018-05-24")), None);
        // "In a timely manner" names no days.
        let cn = profile("cn", date("2026-01-01")).unwrap();
        assert_eq!((cn.answer_within, cn.withdraw_within, cn.erase_within), (None, None, None));
    }
}
