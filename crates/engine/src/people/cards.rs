//! Cards and other identifiers in a customer's hand: given, lost, found, ended.

use super::profile::refresh_words;
use super::{Acting, Refused, Stopped, again, survivor};
use crate::record::identity::kinds::Rules;
use crate::record::identity::resolve::{LOST, end_identifier, is_lost};
use crate::staff::permissions::Operation;
use serde_json::{Value as Json, json};
use store::{Identifier, Session, Writing};

/// Give a customer a further identifier: a second card, another number. One that was lost is given again only by
/// [`found`].
pub fn give(
    session: &mut Session,
    rules: &Rules,
    customer: &str,
    (kind, value): (&str, &str),
    acting: &mut Acting<'_>,
) -> Result<Identifier, Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        let key = usable(rules, acting.source, kind, value)?;
        if is_lost(writing, &key)? {
            let why = crate::record::identity::kinds::NotUsable::Lost { kind: kind.to_owned() };
            return Err(Refused::NotUsable { kind: kind.to_owned(), value: value.to_owned(), why }.into());
        }
        give_within(writing, rules, &customer, &key)?;
        tell(writing, &customer, (kind, value), "given", acting)?;
        Ok(key)
    })
}

fn give_within(
    writing: &Writing<'_>,
    rules: &Rules,
    customer: &str,
    key: &Identifier,
) -> Result<(), Stopped> {
    match writing.owners_of(std::slice::from_ref(key))?.remove(0) {
        Some(owner) if owner == customer => return Ok(()),
        Some(owner) => {
            let (kind, value) = (key.kind.clone(), key.value.clone());
            return Err(Refused::Taken { kind, value, owner }.into());
        }
        None => {}
    }
    let limit = rules.kind(&key.kind).limit;
    let held = writing.keys_of_customer(customer)?;
    if held.iter().filter(|held| held.kind == key.kind && held.source == key.source).count() >= limit {
        let (customer, kind) = (customer.to_owned(), key.kind.clone());
        return Err(Refused::TooMany { customer, kind, limit }.into());
    }
    writing.insert_keys(&[(customer.to_owned(), key.clone())])?;
    Ok(refresh_words(writing, customer)?)
}

/// A card was lost: whoever shows it from now on is nobody. `instead` is the card given in its place.
pub fn lost(
    session: &mut Session,
    rules: &Rules,
    customer: &str,
    (kind, value): (&str, &str),
    instead: Option<&str>,
    acting: &mut Acting<'_>,
) -> Result<(), Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        end_within(writing, rules, &customer, (kind, value), LOST, acting)?;
        if let Some(instead) = instead {
            let key = usable(rules, acting.source, kind, instead)?;
            give_within(writing, rules, &customer, &key)?;
        }
        tell(writing, &customer, (kind, value), LOST, acting)
    })
}

/// A lost card was found again.
pub fn found(
    session: &mut Session,
    rules: &Rules,
    customer: &str,
    (kind, value): (&str, &str),
    acting: &mut Acting<'_>,
) -> Result<(), Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        let mut keys = former(writing, rules, &customer, acting.source, (kind, value))?;
        let not_theirs = || Refused::NotTheirs {
            customer: customer.clone(),
            kind: kind.to_owned(),
            value: value.to_owned(),
        };
        let key = keys.pop().ok_or_else(not_theirs)?;
        writing.forget_former(&customer, &key)?;
        give_within(writing, rules, &customer, &key)?;
        tell(writing, &customer, (kind, value), "found", acting)
    })
}

/// End an identifier for another reason: the number was given up.
pub fn end(
    session: &mut Session,
    rules: &Rules,
    customer: &str,
    key: (&str, &str),
    reason: &str,
    acting: &mut Acting<'_>,
) -> Result<(), Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        end_within(writing, rules, &customer, key, reason, acting)?;
        tell(writing, &customer, key, reason, acting)
    })
}

fn tell(
    writing: &Writing<'_>,
    customer: &str,
    (kind, value): (&str, &str),
    what: &str,
    acting: &mut Acting<'_>,
) -> Result<(), Stopped> {
    let after = json!({ "kind": kind, "value": value, "became": what });
    Ok(acting.tell(writing, Operation::WriteCustomers, customer, (Json::Null, after))?)
}

fn end_within(
    writing: &Writing<'_>,
    rules: &Rules,
    customer: &str,
    (kind, value): (&str, &str),
    reason: &str,
    acting: &Acting<'_>,
) -> Result<(), Stopped> {
    let asked = usable(rules, acting.source, kind, value)?;
    let held = writing.keys_of_customer(customer)?;
    // A card is known by its number, whichever system gave it.
    let key = held.into_iter().find(|key| key.kind == asked.kind && key.value == asked.value);
    let Some(key) = key else {
        let (kind, value) = (kind.to_owned(), asked.value);
        return Err(Refused::NotTheirs { customer: customer.to_owned(), kind, value }.into());
    };
    end_identifier(writing, customer, &key, reason, acting.now)?;
    Ok(refresh_words(writing, customer)?)
}

fn former(
    reading: &Writing<'_>,
    rules: &Rules,
    customer: &str,
    source: &str,
    (kind, value): (&str, &str),
) -> Result<Vec<Identifier>, Stopped> {
    let asked = usable(rules, source, kind, value)?;
    let all = reading.former_keys_of(customer)?;
    let same = |key: &Identifier| key.kind == asked.kind && key.value == asked.value;
    Ok(all.into_iter().filter(|row| row.reason == LOST).map(|row| row.key).filter(same).collect())
}

fn usable(rules: &Rules, source: &str, kind: &str, value: &str) -> Result<Identifier, Refused> {
    let refused = |why| Refused::NotUsable { kind: kind.to_owned(), value: value.to_owned(), why };
    rules.normalise(source, kind, value).map_err(refused)
}
