//! What is known of a person: fields, the shop's own attributes, tags. Little is asked at first; [`to_ask`] says what
//! comes next.

use super::names::{self, Name, tidy};
use super::rules::two_letters;
use super::{Acting, Refused, Stopped, again, group, survivor};
use crate::record::identity::search::{self, Profile};
use crate::record::messages::of_customer;
use crate::record::within;
use crate::staff::permissions::Operation;
use loyalty::time::MonthDay;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{AttributeKind, Failure, Identifier, KnownField, Session, Writing};

/// The longest value of a field, in characters.
const LONGEST: usize = 1000;
/// The longest tag, in characters.
const LONGEST_TAG: usize = 60;

/// What is to be known from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Fields: `name`, `family_name`, `given_name`, `birthday`, `language`, `country`, `jurisdiction`, `address`, …; an
    /// empty value takes a field away.
    pub fields: BTreeMap<String, String>,
    /// The shop's own attributes; an empty value takes one away.
    pub attributes: BTreeMap<String, String>,
    /// Tags to put on.
    pub tags: Vec<String>,
    /// Tags to take off.
    pub untag: Vec<String>,
}

impl Change {
    /// As the audit tells it: what a sensitive attribute says stays unsaid.
    pub(crate) fn as_told(&self, reading: &Writing<'_>) -> Result<Change, Failure> {
        let mut told = self.clone();
        for (name, value) in &mut told.attributes {
            if !value.is_empty() && reading.attribute_kind(&tidy(name))?.is_some_and(|kind| kind.is_sensitive)
            {
                *value = UNSAID.to_owned();
            }
        }
        Ok(told)
    }
}

/// What stands in the place of a sensitive value.
pub const UNSAID: &str = "•••";

/// A customer's fields: the customer's own, and where one is missing, that of somebody merged into them.
pub fn fields(reading: &Writing<'_>, group: &[String]) -> Result<BTreeMap<String, KnownField>, Failure> {
    let mut fields = BTreeMap::new();
    for id in group {
        for known in reading.person_of(id)? {
            fields.entry(known.field.clone()).or_insert(known);
        }
    }
    Ok(fields)
}

/// The name among fields.
pub fn name_of(fields: &BTreeMap<String, KnownField>) -> Name {
    let text = |field: &str| fields.get(field).map_or("", |known| known.value.as_str());
    names::name(text("name"), text("family_name"), text("given_name"))
}

/// Change what is known of a customer.
pub fn change(
    session: &mut Session,
    customer: &str,
    change: &Change,
    acting: &mut Acting<'_>,
) -> Result<String, Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        let known = fields(writing, std::slice::from_ref(&customer))?;
        let before: BTreeMap<&String, &String> =
            change.fields.keys().filter_map(|field| Some((field, &known.get(field)?.value))).collect();
        put(writing, &customer, change, acting)?;
        let after = change.as_told(writing)?;
        let said = (serde_json::json!({ "fields": before }), serde_json::json!(after));
        acting.tell(writing, Operation::WriteCustomers, &customer, said)?;
        // Which fields, and nothing of what they say: who may know asks for it.
        let fields: Vec<&String> = change.fields.keys().collect();
        let (what, cause) = (serde_json::json!({ "fields": fields }), acting.id());
        writing.insert_messages(&[of_customer("customer.changed", &customer, what, acting.now, &cause)])?;
        Ok(customer)
    })
}

/// Change what is known of a customer, within a transaction.
pub fn put(
    writing: &Writing<'_>,
    customer: &str,
    change: &Change,
    acting: &Acting<'_>,
) -> Result<(), Stopped> {
    let fields: Vec<(String, String)> = change
        .fields
        .iter()
        .map(|(field, value)| Ok((field.clone(), checked(field, value)?)))
        .collect::<Result<_, Refused>>()?;
    let said: Vec<(&str, &str, &str)> =
        fields.iter().map(|(field, value)| (customer, field.as_str(), value.as_str())).collect();
    writing.say(&said, acting.source, acting.micros()).map_err(|error| match error {
        store::Error::Failure(failure) => Stopped::Failure(failure),
        store::Error::Refused(refused) => {
            Refused::NotAValue { field: "profile".to_owned(), value: String::new(), why: refused.to_string() }
                .into()
        }
    })?;
    for (name, value) in &change.attributes {
        put_attribute(writing, customer, name, value, acting.micros())?;
    }
    for tag in &change.tags {
        writing.set_tag(customer, &tag_of(tag)?, true, acting.micros())?;
    }
    for tag in &change.untag {
        writing.set_tag(customer, &tag_of(tag)?, false, acting.micros())?;
    }
    if let Some((_, birthday)) = fields.iter().find(|(field, _)| field == "birthday") {
        let birthday: Option<MonthDay> = birthday.trim_start_matches("--").parse().ok();
        for in_force in within::programs(writing)? {
            within::know_birthday(writing, &in_force, customer, birthday)?;
        }
    }
    refresh_words(writing, customer)?;
    Ok(())
}

/// A value as its field keeps it.
pub(crate) fn checked(field: &str, value: &str) -> Result<String, Refused> {
    let value = tidy(value);
    let no =
        |why: &str| Refused::NotAValue { field: field.to_owned(), value: value.clone(), why: why.to_owned() };
    if value.is_empty() {
        return Ok(value);
    }
    if value.chars().count() > LONGEST || value.contains('\0') {
        return Err(no("at most 1,000 characters of text"));
    }
    match field {
        "birthday" => {
            let day = value.trim_start_matches("--");
            let is_whole = day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok();
            let is_partial = day.len() == 5 && day.parse::<MonthDay>().is_ok();
            if is_whole || is_partial {
                Ok(day.to_owned())
            } else {
                Err(no("write 1990-03-31, or 03-31 without the year"))
            }
        }
        "country" => two_letters(&value),
        "jurisdiction" => {
            let lower = value.to_lowercase();
            let is_known = matches!(lower.as_str(), "eu" | "vn" | "cn");
            if is_known { Ok(lower) } else { Err(no("known: eu, vn, cn")) }
        }
        "email" | "phone" | "card_number" | "external_id" => {
            Err(no("this is an identifier: give it as one, not as a field of the profile"))
        }
        _ => Ok(value),
    }
}

fn tag_of(tag: &str) -> Result<String, Refused> {
    let tidied = tidy(tag);
    if tidied.is_empty() || tidied.chars().count() > LONGEST_TAG {
        let why = "a tag has 1 to 60 characters".to_owned();
        return Err(Refused::NotAValue { field: "tag".into(), value: tag.to_owned(), why });
    }
    Ok(tidied)
}

/// Keep an attribute under the kind the shop has said, or, the first time, the narrowest the value fits.
pub(crate) fn put_attribute(
    writing: &Writing<'_>,
    customer: &str,
    name: &str,
    value: &str,
    now: i64,
) -> Result<(), Stopped> {
    let name = tidy(name);
    let value = tidy(value);
    let known = writing.attribute_kind(&name)?;
    let said = match &known {
        Some(kind) if kind.is_sensitive => UNSAID,
        _ => &value,
    };
    let no = |why: String| Refused::NotAValue { field: name.clone(), value: said.to_owned(), why };
    if name.is_empty() || name.chars().count() > LONGEST_TAG {
        return Err(no("an attribute's name has 1 to 60 characters".into()).into());
    }
    if value.is_empty() {
        return Ok(writing.delete_attribute(customer, &name)?);
    }
    let kind = match known.clone() {
        Some(kind) => kind,
        None => {
            let kind =
                AttributeKind { name: name.clone(), kind: kind_of(&value).to_owned(), is_sensitive: false };
            writing.put_attribute_kind(&kind, now)?;
            kind
        }
    };
    let kept = of_kind(&kind.kind, &value).ok_or_else(|| no(format!("this attribute is a {}", kind.kind)))?;
    Ok(writing.put_attribute(customer, &name, &kind, &kept, now)?)
}

/// Say what an attribute holds, best before anybody has it: `number`, `text`, `day` or `flag`; and whether it is
/// sensitive. What customers have of one that becomes sensitive is sealed at once; it stays sensitive for good.
pub fn define_attribute(
    session: &mut Session,
    asked: &AttributeKind,
    acting: &mut Acting<'_>,
) -> Result<AttributeKind, Stopped> {
    let (kind, is_news) = again(session, |writing| define_within(writing, asked, acting))?;
    if is_news && kind.is_sensitive {
        reseal(session)?;
        // What was there in the clear is not left on the disk.
        session.settle_erasure()?;
    }
    Ok(kind)
}

/// The same within a transaction; whether it is news. Values that are there are sealed by [`reseal`].
pub fn define_within(
    writing: &Writing<'_>,
    asked: &AttributeKind,
    acting: &mut Acting<'_>,
) -> Result<(AttributeKind, bool), Stopped> {
    let name = tidy(&asked.name);
    let kind = asked.kind.as_str();
    let no = |why: String| Refused::NotAValue { field: name.clone(), value: kind.to_owned(), why };
    if !["number", "text", "day", "flag"].contains(&kind) {
        return Err(no("an attribute is a number, a text, a day or a flag".into()).into());
    }
    if name.is_empty() || name.chars().count() > LONGEST_TAG {
        return Err(no("an attribute's name has 1 to 60 characters".into()).into());
    }
    let known = writing.attribute_kind(&name)?;
    if let Some(known) = known.as_ref().filter(|known| known.kind != kind) {
        return Err(no(format!("it is a {} already, and values are kept as such", known.kind)).into());
    }
    let was_sensitive = known.as_ref().is_some_and(|known| known.is_sensitive);
    let after = AttributeKind {
        name: name.clone(),
        kind: kind.to_owned(),
        is_sensitive: asked.is_sensitive || was_sensitive,
    };
    let is_news = known.as_ref() != Some(&after);
    if is_news {
        writing.put_attribute_kind(&after, acting.micros())?;
        let said = (serde_json::json!(known), serde_json::json!(after));
        acting.tell_of(writing, Operation::ManageSettings, ("attribute", &name), said)?;
    }
    Ok((after, is_news))
}

/// Seal what is sensitive under the newest key, where it is not: some hundred values a transaction, so that nobody
/// waits. Answers how many were sealed. Broken off, it goes on where it is called again.
pub fn reseal(session: &mut Session) -> Result<u64, Stopped> {
    const AT_ONCE: i64 = 500;
    let (mut after, mut count) = ((String::new(), String::new()), 0);
    loop {
        let step = again(session, |writing| Ok(writing.reseal_after((&after.0, &after.1), AT_ONCE)?))?;
        let Some((last, sealed)) = step else { return Ok(count) };
        (after, count) = (last, count + sealed);
    }
}

fn kind_of(value: &str) -> &'static str {
    ["number", "day", "flag"].into_iter().find(|kind| of_kind(kind, value).is_some()).unwrap_or("text")
}

/// A value as a kind keeps it; none where it does not fit.
fn of_kind(kind: &str, value: &str) -> Option<String> {
    match kind {
        "number" => {
            let digits = value.strip_prefix('-').unwrap_or(value);
            let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
            let all_digits = |text: &str| {
                !text.is_empty() && text.len() <= 18 && text.bytes().all(|sign| sign.is_ascii_digit())
            };
            (all_digits(whole) && all_digits(part)).then(|| value.to_owned())
        }
        "day" => Some(value.parse::<jiff::civil::Date>().ok().filter(|_| value.len() == 10)?.to_string()),
        "flag" => match value.to_lowercase().as_str() {
            "true" | "yes" => Some("true".to_owned()),
            "false" | "no" => Some("false".to_owned()),
            _ => None,
        },
        _ => Some(value.to_owned()),
    }
}

/// What a search and the list of duplicates look at.
pub(crate) fn searchable(reading: &Writing<'_>, customer: &str) -> Result<Profile, Failure> {
    let group = group(reading, customer)?;
    let fields = fields(reading, &group)?;
    let keys: Vec<Identifier> = reading.keys_of_customer(customer)?;
    let name = name_of(&fields).full;
    Ok(Profile { name, birthday: fields.get("birthday").map(|known| known.value.clone()), keys })
}

/// Write the words under which a customer is found anew.
pub(crate) fn refresh_words(writing: &Writing<'_>, customer: &str) -> Result<(), Failure> {
    writing.put_search_words(customer, &search::words(&searchable(writing, customer)?))
}

/// What a shop asks little by little, in this order.
const ASKED: &[&str] = &["phone", "name", "email", "birthday", "language"];

/// What is not known yet, in the order in which it is to be asked.
pub fn to_ask(fields: &BTreeMap<String, KnownField>, keys: &[Identifier]) -> Vec<String> {
    let has_name = !name_of(fields).full.is_empty();
    let is_known = |what: &&&str| {
        fields.contains_key(**what)
            || keys.iter().any(|key| key.kind == ***what)
            || (***what == *"name" && has_name)
    };
    ASKED.iter().filter(|what| !is_known(what)).map(|what| (*what).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_of_one_kind() {
        for (value, kind) in [
            ("38", "number"),
            ("-1.5", "number"),
            ("2026-03-01", "day"),
            ("Yes", "flag"),
            ("oat milk", "text"),
            ("1,5", "text"),
        ] {
            assert_eq!(kind_of(value), kind, "{value}");
        }
        assert_eq!(of_kind("number", "many"), None);
        assert_eq!(of_kind("day", "2026-02-30"), None);
        assert_eq!(of_kind("flag", "no").as_deref(), Some("false"));
    }

    #[test]
    fn fields_are_checked() {
        for (field, value, expected) in [
            ("birthday", "1990-03-31", Ok("1990-03-31")),
            ("birthday", "--03-31", Ok("03-31")),
            ("birthday", "31/3", Err(())),
            ("country", "vn", Ok("VN")),
            ("country", "Vietnam", Err(())),
            ("jurisdiction", "VN", Ok("vn")),
            ("email", "a@b.c", Err(())),
            ("name", " Ana  Trần ", Ok("Ana Trần")),
        ] {
            let got = checked(field, value);
            assert_eq!(got.as_deref().map_err(|_| ()), expected, "{field} {value}");
        }
    }
}
