//! From identifiers to a customer: none known makes one, one known is the one, several known are merged where the rules
//! allow it, and otherwise what counts least is left out and the question asked again.

use super::kinds::{NotUsable, Rules};
use crate::record::messages::of_customer;
use domain::{Id, Kind};
use jiff::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use store::{Failure, FormerKey, Identifier, MergeRow, Writing};

/// Identifiers seen together: in one order, one form, one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Where.
    pub source: String,
    /// Kind and value, as they came.
    pub keys: Vec<(String, String)>,
}

/// Who it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The customer; none where nothing usable was seen.
    pub customer: Option<String>,
    /// Whether the customer is new.
    pub is_new: bool,
    /// Who turned out to be the same: each of them is the customer now.
    pub merged: Vec<String>,
    /// What was left out, and why.
    pub left_out: Vec<(String, NotUsable)>,
}

/// What follows from a sighting.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The customer, where one is known.
    pub customer: Option<String>,
    /// Others who are the same.
    pub same: Vec<String>,
    /// Identifiers the customer gets.
    pub new: Vec<Identifier>,
    /// What was left out.
    pub left_out: Vec<(String, NotUsable)>,
}

/// Judge one sighting. `seen` are its identifiers in the order in which they count, each with who has it; `held` are
/// all identifiers of those who have any.
pub fn judge(
    rules: &Rules,
    seen: &[(Identifier, Option<String>)],
    held: &BTreeMap<String, Vec<Identifier>>,
) -> Verdict {
    let mut verdict = Verdict::default();
    let mut using: Vec<&(Identifier, Option<String>)> = seen.iter().collect();
    loop {
        let mut owners: Vec<&String> = Vec::new();
        for owner in using.iter().filter_map(|(_, owner)| owner.as_ref()) {
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        // A tablet in the shop shows nothing where anything else does: whoever brings a key of their own is not its
        // last user, unless that key says so.
        let is_personal = |key: &Identifier| rules.kind(&key.kind).merges;
        let shared = using.iter().position(|(key, owner)| {
            let says_so = |(own, of): &&&(Identifier, Option<String>)| is_personal(own) && of == owner;
            let is_contradicted =
                using.iter().any(|(own, _)| is_personal(own)) && !using.iter().any(|one| says_so(&one));
            !is_personal(key)
                && owner.is_some()
                && (is_contradicted || owner.as_ref() != owners.first().copied())
        });
        if let Some(at) = shared {
            let kind = using.remove(at).0.kind.clone();
            verdict.left_out.push((kind.clone(), NotUsable::Shared { kind }));
            continue;
        }
        match over_limit(rules, &using, &owners, held) {
            None => {
                verdict.customer = owners.first().map(|owner| (*owner).clone());
                verdict.same = owners.iter().skip(1).map(|owner| (*owner).clone()).collect();
                verdict.new =
                    using.iter().filter(|(_, owner)| owner.is_none()).map(|(key, _)| key.clone()).collect();
                return verdict;
            }
            Some(why) => {
                // What counts least goes first; of one kind the one that came last.
                let Some((last, _)) = using.pop() else { return verdict };
                verdict.left_out.push((last.kind.clone(), why));
            }
        }
    }
}

/// A kind of which the owners together, with what is new, would have too many.
fn over_limit(
    rules: &Rules,
    using: &[&(Identifier, Option<String>)],
    owners: &[&String],
    held: &BTreeMap<String, Vec<Identifier>>,
) -> Option<NotUsable> {
    let of_owners = owners.iter().filter_map(|owner| held.get(*owner)).flatten();
    let all: BTreeSet<&Identifier> = of_owners.chain(using.iter().map(|(key, _)| key)).collect();
    // Keys of a kind are counted source by source: two shops give each their own.
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for key in all {
        *counts.entry((key.kind.as_str(), key.source.as_str())).or_default() += 1;
    }
    let too_many = counts.into_iter().find(|((kind, _), count)| *count > rules.kind(kind).limit);
    too_many.map(|((kind, _), _)| NotUsable::Limit { kind: kind.to_owned(), limit: rules.kind(kind).limit })
}

/// Find out who was seen, sighting by sighting, making customers and merging them where that follows. In one
/// transaction; a [`Failure::Conflict`] means that somebody else made the same customer first: ask again.
pub fn identify(
    writing: &Writing<'_>,
    rules: &Rules,
    sightings: &[Sighting],
    now: Timestamp,
    chance: &mut dyn FnMut() -> u128,
) -> Result<Vec<Identified>, Failure> {
    sightings.iter().map(|sighting| identify_one(writing, rules, sighting, now, chance)).collect()
}

fn identify_one(
    writing: &Writing<'_>,
    rules: &Rules,
    sighting: &Sighting,
    now: Timestamp,
    chance: &mut dyn FnMut() -> u128,
) -> Result<Identified, Failure> {
    let mut left_out = Vec::new();
    let mut keys: Vec<Identifier> = Vec::new();
    for (kind, value) in &sighting.keys {
        match rules.normalise(&sighting.source, kind, value) {
            Ok(key) if keys.contains(&key) => {}
            Ok(key) => keys.push(key),
            Err(why) => left_out.push((kind.clone(), why)),
        }
    }
    keys.sort_by_key(|key| rules.rank(&key.kind));
    let mut owners = writing.owners_of(&keys)?;
    for at in (0..keys.len()).rev().filter(|at| owners[*at].is_none()).collect::<Vec<_>>() {
        if is_lost(writing, &keys[at])? {
            let kind = keys.remove(at).kind;
            owners.remove(at);
            left_out.push((kind.clone(), NotUsable::Lost { kind }));
        }
    }
    let mut held = BTreeMap::new();
    for owner in owners.iter().flatten() {
        if !held.contains_key(owner) {
            held.insert(owner.clone(), writing.keys_of_customer(owner)?);
        }
    }
    let seen: Vec<(Identifier, Option<String>)> = keys.into_iter().zip(owners).collect();
    let verdict = judge(rules, &seen, &held);
    left_out.extend(verdict.left_out);
    let is_new = verdict.customer.is_none() && !verdict.new.is_empty();
    let customer = match verdict.customer {
        Some(known) => Some(known),
        None if is_new => {
            let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
            let id = Id::new(Kind::Customer, millis, chance()).to_string();
            let told = of_customer("customer.created", &id, json!({}), now, "");
            writing.insert_messages(&[told])?;
            Some(id)
        }
        None => None,
    };
    if let Some(customer) = &customer {
        for same in &verdict.same {
            let evidence = "seen together with the other's identifiers";
            merge(writing, same, customer, evidence, "identity", now, chance())?;
        }
        let new: Vec<(String, Identifier)> =
            verdict.new.into_iter().map(|key| (customer.clone(), key)).collect();
        match is_new {
            true => writing.insert_customers(std::slice::from_ref(customer), &new, now.as_microsecond())?,
            false => writing.insert_keys(&new)?,
        }
    }
    Ok(Identified { customer, is_new, merged: verdict.same, left_out })
}

/// The reason under which a lost card ends.
pub const LOST: &str = "lost";

/// Whether an identifier that nobody has was reported lost.
pub fn is_lost(reading: &Writing<'_>, key: &Identifier) -> Result<bool, Failure> {
    Ok(reading.former_owners(key)?.first().is_some_and(|last| last.reason == LOST))
}

/// Make two customers one: the identifiers go along, and the log says why. The customers' points are merged by the
/// recorder; see [`crate::record::recorder::Recorder::merge_customers`].
pub fn merge(
    writing: &Writing<'_>,
    from: &str,
    into: &str,
    evidence: &str,
    by: &str,
    now: Timestamp,
    chance: u128,
) -> Result<(), Failure> {
    let keys = writing.keys_of_customer(from)?;
    writing.move_keys(&keys, from, into)?;
    let merge_id =
        format!("{:032x}", (now.as_microsecond().max(0) as u128) << 64 | (chance & u128::from(u64::MAX)));
    writing.insert_messages(&[of_customer(
        "customer.merged",
        into,
        json!({"other": from}),
        now,
        &merge_id,
    )])?;
    writing.insert_merge(&MergeRow {
        merge_id,
        from_id: from.to_owned(),
        into_id: into.to_owned(),
        evidence: evidence.to_owned(),
        keys: serde_json::to_string(
            &keys.iter().map(|key| (&key.kind, &key.source, &key.value)).collect::<Vec<_>>(),
        )
        .expect("texts become JSON"),
        merged_by: by.to_owned(),
        merged_at: now.as_microsecond(),
        parted_by: None,
        parted_at: None,
    })
}

/// They were two after all: the identifiers that went along go back, as far as they are still there. Answers whether
/// there was a merge to take back.
pub fn unmerge(writing: &Writing<'_>, from: &str, by: &str, now: Timestamp) -> Result<bool, Failure> {
    let Some(row) = writing.merge_in_force(from)? else { return Ok(false) };
    let keys: Vec<(String, String, String)> =
        super::super::books::value(&row.keys, || format!("merge {}", row.merge_id))?;
    let keys: Vec<Identifier> =
        keys.into_iter().map(|(kind, source, value)| Identifier { kind, source, value }).collect();
    writing.move_keys(&keys, &row.into_id, from)?;
    writing.end_merge(&row.merge_id, by, now.as_microsecond())?;
    let into = json!({"other": row.into_id});
    writing.insert_messages(&[of_customer("customer.parted", from, into, now, &row.merge_id)])?;
    Ok(true)
}

/// End an identifier: the number was given up, the card lost. Who is seen with it next is somebody new, and sees
/// nothing of the former owner's.
pub fn end_identifier(
    writing: &Writing<'_>,
    customer: &str,
    key: &Identifier,
    reason: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    writing.end_key(&FormerKey {
        customer_id: customer.to_owned(),
        key: key.clone(),
        reason: reason.to_owned(),
        ended_at: now.as_microsecond(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Identifier {
        let (kind, value) = text.split_once(':').unwrap();
        Identifier { kind: kind.to_owned(), source: String::new(), value: value.to_owned() }
    }

    /// Who has what, as `who: keys`; then what was seen; then what follows.
    fn check(held: &str, seen: &str, expected: &str) {
        let rules = Rules::usual("VN");
        let held: BTreeMap<String, Vec<Identifier>> = held
            .split(';')
            .filter_map(|line| line.split_once('='))
            .map(|(who, keys)| (who.trim().to_owned(), keys.split_whitespace().map(key).collect()))
            .collect();
        let mut seen: Vec<(Identifier, Option<String>)> = seen
            .split_whitespace()
            .map(|text| {
                let owner =
                    held.iter().find(|(_, keys)| keys.contains(&key(text))).map(|(who, _)| who.clone());
                (key(text), owner)
            })
            .collect();
        seen.sort_by_key(|(key, _)| rules.rank(&key.kind));
        let verdict = judge(&rules, &seen, &held);
        let new: Vec<String> = verdict.new.iter().map(|key| format!("+{}", key.value)).collect();
        let same: Vec<String> = verdict.same.iter().map(|who| format!("={who}")).collect();
        let out: Vec<String> = verdict.left_out.iter().map(|(kind, _)| format!("-{kind}")).collect();
        let customer = verdict.customer.unwrap_or_else(|| "new".to_owned());
        let parts: Vec<String> = std::iter::once(customer).chain(same).chain(new).chain(out).collect();
        assert_eq!(parts.join(" "), expected);
    }

    #[test]
    fn none_one_or_many() {
        check("", "phone:1 email:a", "new +1 +a");
        check("ana = phone:1", "phone:1 email:a", "ana +a");
        check("ana = phone:1; ann = email:a", "phone:1 email:a", "ana =ann");
        check("anon = anonymous_id:x; ana = external_id:7", "anonymous_id:x external_id:7", "ana =anon");
    }

    #[test]
    fn limits_leave_out_what_counts_least() {
        // Two customers of the shop with a key each are two, whatever telephone they share.
        check("ana = external_id:7 phone:1; ann = external_id:8", "external_id:8 phone:1", "ann -phone");
        check("ana = external_id:7", "external_id:8 external_id:7", "new +8 -external_id");
        let five = "ana = external_id:7 email:a email:b email:c email:d email:e";
        check(five, "external_id:7 email:f", "ana -email");
    }

    #[test]
    fn a_tablet_in_the_shop_makes_nobody_the_same() {
        check(
            "ana = external_id:7 device_id:t; ann = external_id:8",
            "external_id:8 device_id:t",
            "ann -device_id",
        );
        check("ana = external_id:7 device_id:t", "external_id:9 device_id:t", "new +9 -device_id");
        check("ana = phone:1 device_id:t", "phone:2 device_id:t", "new +2 -device_id");
        check("ana = phone:1 device_id:t", "phone:1 device_id:t", "ana");
        check("ana = phone:1 device_id:t", "device_id:t", "ana");
    }
}
