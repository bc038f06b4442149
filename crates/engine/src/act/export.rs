//! The list that leaves the house: one row a person to contact, only the columns asked for, never the held out.
//!
//! Consent is read again at the moment of the export, so who has opted out since the freeze is not on it. The file is
//! written down as personal data that left (what, to whom, how many, its checksum, who was in it) before it is handed
//! out: a crash in between leaves a note too many and never one too few. The same people and words are the same bytes.

use super::cycle;
use super::freeze::Permission;
use super::layout::{Field, Layout};
use super::plan::Plan;
use super::workbook::{Sheet, bytes, fits};
use super::{Refused, Stopped, days_after, draw};
use assets::{Habit, Lang};
use domain::Id;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Disclosure, Store};

/// What is asked of an export.
pub struct Ask<'a> {
    /// The columns.
    pub layout: &'a Layout,
    /// The layout's name, for the record.
    pub layout_name: &'a str,
    /// Of headers and days.
    pub lang: Lang,
    /// The folder's secret, of which references are made.
    pub secret: [u8; 32],
    /// Only these days' wave of a roll-out: waves that start by then. `None` takes all.
    pub waves_upto: Option<jiff::civil::Date>,
    /// What may be ticked in a column of outcomes.
    pub outcomes: &'a [String],
    /// Now, in microseconds since 1970.
    pub now_micros: i64,
}

/// A file as it leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// The layout.
    pub layout: String,
    /// Who gets it.
    pub recipient: String,
    /// What stands above the columns.
    pub columns: Vec<String>,
    /// Rows, the head left out: one a person.
    pub rows: u64,
    /// BLAKE3 of the bytes, in hexadecimal.
    pub checksum: String,
    /// Chosen, and not on it: opted out since, no address, or a wave that has not begun.
    pub not_on_it: u64,
}

/// What is known of a person besides.
#[derive(Default)]
struct Contact {
    name: String,
    phone: String,
    email: String,
    key: String,
}

/// Makes the file and writes down that it leaves.
///
/// # Errors
/// Refused before the freeze, after the close, for more rows than a sheet has, and where nobody has an address.
pub fn export(store: &mut Store, plan: &Plan, ask: &Ask<'_>) -> Result<(Vec<u8>, Exported), Stopped> {
    let step = |detail: String| Refused::Step { campaign: plan.name.clone(), detail };
    cycle::require_open(store, &plan.name)?;
    let frozen = cycle::frozen(store, &plan.name)?
        .ok_or_else(|| step("freeze it first: perennial campaign freeze NAME".to_owned()))?;
    let permission = Permission::of(store, &plan.channel, &plan.purpose, ask.now_micros)?;
    let mut ids: Vec<Id> = Vec::new();
    let mut not_on_it = 0;
    store.for_each_member(&plan.name, |member| {
        if member.arm != "contact" {
            return;
        }
        match permission.has(member.customer) && has_begun(plan, member.wave, ask.waves_upto) {
            true => ids.push(member.customer),
            false => not_on_it += 1,
        }
    })?;
    let mut contacts = contacts(store, &ids)?;
    for (id, contact) in ids.iter().zip(&mut contacts) {
        // The address somebody agreed with is the one that is written to.
        let Some(address) = permission.address(*id) else { continue };
        match plan.channel.as_str() {
            "email" => address.clone_into(&mut contact.email),
            "sms" | "call" | "zalo" if address.starts_with('+') => address.clone_into(&mut contact.phone),
            _ => {}
        }
    }
    let salt = draw::salt(&ask.secret, &format!("reference:{}", plan.name));
    let due_on = Habit::new(ask.lang, "XXX", 0).day(days_after(frozen.start_on, plan.due_days));
    let mut rows = Vec::with_capacity(ids.len());
    let mut on_it = Vec::with_capacity(ids.len());
    for (id, contact) in ids.iter().zip(&contacts) {
        let row = Row { plan, contact, due_on: &due_on, reference: reference(&salt, *id) };
        match row.cells(ask.layout) {
            Some(cells) => {
                rows.push(cells);
                on_it.push(*id);
            }
            None => not_on_it += 1,
        }
    }
    if rows.is_empty() {
        let detail = "nobody who may be contacted has the address this layout asks for; import it with the customers, or \
                      choose another layout";
        return Err(step(detail.to_owned()).into());
    }
    if !fits(ask.layout.format, rows.len()) {
        return Err(step(format!(
            "{} rows are more than a sheet of Excel has; use a layout with format = \"csv\"",
            rows.len()
        ))
        .into());
    }
    let file = bytes(&Sheet { layout: ask.layout, lang: ask.lang, rows: &rows, outcomes: ask.outcomes })?;
    let exported = Exported {
        layout: ask.layout_name.to_owned(),
        recipient: plan.recipient.clone(),
        columns: ask.layout.columns.iter().map(|column| column.title(ask.lang).to_owned()).collect(),
        rows: rows.len() as u64,
        checksum: blake3::hash(&file).to_hex().to_string(),
        not_on_it,
    };
    let said = serde_json::to_string(&exported).expect("plain data becomes JSON");
    let disclosure = Disclosure {
        disclosure_id: format!("{}/{}", plan.name, exported.checksum),
        campaign_id: plan.name.clone(),
        recipient: plan.recipient.clone(),
        purpose: plan.purpose.clone(),
        columns: serde_json::to_string(&exported.columns).expect("plain data becomes JSON"),
        rows: exported.rows as i64,
        checksum: exported.checksum.clone(),
        disclosed_at: ask.now_micros,
    };
    store.disclose(&disclosure, &on_it, &said)?;
    Ok((file, exported))
}

/// Whether a file is one that left for this campaign, whole: its checksum and number of rows are on record.
///
/// # Errors
/// Refused where it is not.
pub fn verify(store: &Store, plan: &Plan, name: &str, bytes: &[u8]) -> Result<Disclosure, Stopped> {
    let checksum = blake3::hash(bytes).to_hex().to_string();
    let left = store.disclosures_of(&plan.name)?;
    let detail = format!(
        "its checksum {}… is that of none of the {} files that left for campaign {}: it was changed, or cut off on the way",
        &checksum[..12],
        left.len(),
        plan.name
    );
    let found = left.into_iter().find(|file| file.checksum == checksum);
    found.ok_or_else(|| Refused::File { file: name.to_owned(), detail }.into())
}

/// Whether a person's wave has begun by a day.
fn has_begun(plan: &Plan, wave: Option<i64>, upto: Option<jiff::civil::Date>) -> bool {
    let (Some(rollout), Some(upto)) = (&plan.rollout, upto) else { return true };
    wave.is_some_and(|wave| rollout.waves.get(wave as usize).is_some_and(|wave| wave.on <= upto))
}

/// A person's reference in a campaign's files: 60 bits, in Crockford's letters.
pub(super) fn reference(salt: &[u8; 32], customer: Id) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let place = draw::place(salt, customer);
    (0..12).map(|at| LETTERS[(place >> (59 - 5 * at) & 31) as usize] as char).collect()
}

/// The references of everybody in a campaign.
pub(super) fn references(
    store: &Store,
    secret: &[u8; 32],
    campaign: &str,
) -> Result<FxHashMap<String, Id>, Stopped> {
    let salt = draw::salt(secret, &format!("reference:{campaign}"));
    let mut all = FxHashMap::default();
    store.for_each_member(campaign, |member| {
        all.insert(reference(&salt, member.customer), member.customer);
    })?;
    Ok(all)
}

fn contacts(store: &Store, ids: &[Id]) -> Result<Vec<Contact>, Stopped> {
    let mut all: Vec<Contact> = ids.iter().map(|_| Contact::default()).collect();
    let places: FxHashMap<u128, usize> = ids.iter().enumerate().map(|(at, id)| (id.body(), at)).collect();
    store.for_each_key(|id, kind, _, value| {
        let Some(at) = places.get(&id.body()) else { return };
        let contact = &mut all[*at];
        let place = match kind {
            "phone" => &mut contact.phone,
            "email" => &mut contact.email,
            _ => &mut contact.key,
        };
        if place.is_empty() {
            value.clone_into(place);
        }
    })?;
    for field in ["name", "phone", "email"] {
        store.for_each_person(field, |id, value| {
            let Some(at) = places.get(&id.body()) else { return };
            let contact = &mut all[*at];
            let place = match field {
                "name" => &mut contact.name,
                "phone" => &mut contact.phone,
                _ => &mut contact.email,
            };
            if place.is_empty() {
                value.clone_into(place);
            }
        })?;
    }
    Ok(all)
}

struct Row<'a> {
    plan: &'a Plan,
    contact: &'a Contact,
    due_on: &'a str,
    reference: String,
}

impl Row<'_> {
    /// The cells; `None` where an address the layout asks for is not known.
    fn cells(&self, layout: &Layout) -> Option<Vec<String>> {
        let addresses: BTreeSet<Field> = layout
            .columns
            .iter()
            .filter_map(|column| column.value)
            .filter(|field| field.is_address())
            .collect();
        // A file with both may have either.
        if !addresses.is_empty() && addresses.iter().all(|field| self.value(*field).is_empty()) {
            return None;
        }
        Some(
            layout
                .columns
                .iter()
                .map(|column| match (&column.fixed, column.value) {
                    (Some(text), _) => text.clone(),
                    (None, Some(field)) => self.value(field),
                    (None, None) => String::new(),
                })
                .collect(),
        )
    }

    fn value(&self, field: Field) -> String {
        let digits = self.contact.phone.trim_start_matches('+');
        match field {
            Field::Ref => self.reference.clone(),
            Field::Name => self.contact.name.clone(),
            Field::Phone => self.contact.phone.clone(),
            Field::PhoneDigits => digits.to_owned(),
            Field::PhoneLocal => match self.contact.phone.strip_prefix("+84") {
                Some(rest) => format!("0{rest}"),
                None => self.contact.phone.strip_prefix("+86").unwrap_or(&self.contact.phone).to_owned(),
            },
            Field::Email => self.contact.email.clone(),
            Field::CustomerKey => self.contact.key.clone(),
            Field::Message => self.filled(&self.plan.message),
            Field::Reason => self.filled(&self.plan.reason),
            Field::Action => self.filled(&self.plan.action),
            Field::DueOn => self.due_on.to_owned(),
            Field::DoneOn | Field::Outcome | Field::Note => String::new(),
        }
    }

    /// A text with what stands in braces filled in; braces around anything else stay.
    fn filled(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let simple = [Field::Name, Field::Ref, Field::CustomerKey, Field::DueOn];
        Field::ALL
            .iter()
            .filter(|(_, field)| simple.contains(field))
            .fold(text.to_owned(), |text, (word, field)| {
                text.replace(&format!("{{{word}}}"), &self.value(*field))
            })
    }
}
