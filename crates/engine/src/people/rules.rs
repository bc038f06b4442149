//! The shop's rules for identifiers: kinds in the order in which they count, how many of each, which show that two are
//! one, and values nobody is known by. Kept as a setting; without one, the usual rules of the shop's country.

use super::{Refused, Stopped};
use crate::record::identity::kinds::{Kind, Rules};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Failure, Writing};

/// The setting that holds them.
const SETTING: &str = "identity_rules";

/// The rules in force. `country` is taken where the shop has not said its own.
pub fn rules(reading: &Writing<'_>, country: &str) -> Result<Rules, Failure> {
    let Some(text) = reading.find_setting(SETTING)? else { return Ok(Rules::usual(country)) };
    serde_json::from_str(&text)
        .map_err(|error| Failure::Damaged { path: format!("setting {SETTING}"), detail: error.to_string() })
}

/// What is to be different.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// The country by which telephone numbers are read.
    pub country: Option<String>,
    /// Values nobody is known by, such as the shop's own number; added to those there are.
    pub block: Vec<String>,
    /// Values that are somebody's after all.
    pub unblock: Vec<String>,
    /// How many of a kind a customer may have.
    pub limits: Vec<(String, usize)>,
    /// Kinds that many people share, such as a tablet in the shop: they never show that two are one.
    pub shared: Vec<String>,
    /// Kinds that are one person's.
    pub personal: Vec<String>,
    /// Kinds in the order in which they count; those not named follow as they were.
    pub order: Vec<String>,
}

/// Change the rules, from now on. What is known already stays as it is.
pub fn change(
    writing: &Writing<'_>,
    country: &str,
    change: &Change,
    now: Timestamp,
) -> Result<Rules, Stopped> {
    let mut rules = rules(writing, country)?;
    if let Some(country) = &change.country {
        rules.country = two_letters(country)?;
    }
    for value in &change.block {
        let value = as_kept(&rules, value);
        if !rules.blocked.contains(&value) {
            rules.blocked.push(value);
        }
    }
    for value in &change.unblock {
        let value = as_kept(&rules, value);
        rules.blocked.retain(|blocked| *blocked != value);
    }
    for (kind, limit) in &change.limits {
        if *limit == 0 {
            let why = "a limit of none would leave the kind unusable: give 1 or more".to_owned();
            return Err(Refused::NotAValue { field: "limit".into(), value: kind.clone(), why }.into());
        }
        of_kind(&mut rules, kind).limit = *limit;
    }
    change.shared.iter().for_each(|kind| of_kind(&mut rules, kind).merges = false);
    change.personal.iter().for_each(|kind| of_kind(&mut rules, kind).merges = true);
    for (place, name) in change.order.iter().enumerate() {
        let kind = of_kind(&mut rules, name).clone();
        rules.kinds.retain(|known| known.name != kind.name);
        rules.kinds.insert(place.min(rules.kinds.len()), kind);
    }
    let text = serde_json::to_string(&rules).expect("plain data becomes JSON");
    writing.put_setting(SETTING, &text, now.as_microsecond())?;
    Ok(rules)
}

fn of_kind<'a>(rules: &'a mut Rules, name: &str) -> &'a mut Kind {
    let place = rules.kinds.iter().position(|kind| kind.name == name).unwrap_or_else(|| {
        let kind = rules.kind(name);
        rules.kinds.push(kind);
        rules.kinds.len() - 1
    });
    &mut rules.kinds[place]
}

/// A blocked value as identifiers are kept: a telephone number with its country.
fn as_kept(rules: &Rules, value: &str) -> String {
    let open = Rules { blocked: Vec::new(), ..rules.clone() };
    let known = ["phone", "email"].iter().find_map(|kind| open.normalise("", kind, value).ok());
    known.map_or_else(|| value.trim().to_owned(), |key| key.value)
}

/// A country as ISO 3166 writes it.
pub(crate) fn two_letters(text: &str) -> Result<String, Refused> {
    let upper = text.trim().to_ascii_uppercase();
    if upper.len() == 2 && upper.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(upper);
    }
    let why = "a country is two letters, such as VN".to_owned();
    Err(Refused::NotAValue { field: "country".into(), value: text.to_owned(), why })
}
