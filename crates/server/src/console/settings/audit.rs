//! `/settings/audit`: who changed what, newest first, and how it was before.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::problem::Problem;
use axum::extract::Query;
use axum::response::Response;
use engine::staff::audit::{Entry, Wanted, list};
use engine::staff::people;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// Entries of a page.
const ENTRIES: i64 = 50;
/// Kinds of things that are changed.
const KINDS: [&str; 10] = [
    "customer",
    "staff",
    "program",
    "reward",
    "segment",
    "attribute",
    "key",
    "webhook",
    "settings",
    "command",
];
/// What ids of ours begin with, and the kind of thing they stand for.
const IDS: [(&str, &str); 4] = [("cus_", "customer"), ("stf_", "staff"), ("key_", "key"), ("wh_", "webhook")];

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    actor: String,
    kind: String,
    subject: String,
    before: Option<i64>,
}

impl Asked {
    /// An id tells what kind of thing it stands for; a name does not, and is taken for a program's where nobody says.
    fn wanted(&self) -> Wanted {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let of_id = IDS.iter().find(|(begins, _)| self.subject.trim().starts_with(begins));
        let kind = of_id.map(|(_, kind)| (*kind).to_owned()).or_else(|| said(&self.kind));
        let subject = said(&self.subject).map(|id| (kind.clone().unwrap_or("program".to_owned()), id));
        Wanted { subject, kind, actor: said(&self.actor), before: self.before }
    }
}

/// The page.
#[derive(Serialize)]
pub struct AuditPage {
    tabs: Vec<Tab>,
    actor: String,
    kind: String,
    subject: String,
    kinds: [&'static str; KINDS.len()],
    /// Ids and names of those who work here.
    staff: Vec<(String, String)>,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Row {
    number: i64,
    at: DateTime,
    actor: String,
    role: String,
    operation: String,
    kind: String,
    subject: String,
    /// What is different: name, before, after.
    changes: Vec<(String, String, String)>,
    is_erased: bool,
}

impl Page for AuditPage {
    const TEMPLATE: &'static str = "console/settings/audit.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> AuditPage {
        let text = |text: &str| text.to_owned();
        let row = |number: i64, is_erased: bool| Row {
            number,
            at: jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0),
            actor: text("Ana"),
            role: text("owner"),
            operation: text("staff.manage"),
            kind: text("staff"),
            subject: text("stf_2"),
            changes: vec![(text("role"), text("till"), text("service"))],
            is_erased,
        };
        AuditPage {
            tabs: all_tabs(),
            actor: text("stf_1"),
            kind: text("staff"),
            subject: text("stf_2"),
            kinds: KINDS,
            staff: vec![(text("stf_1"), text("Ana"))],
            rows: vec![row(12, false), row(11, true)],
            next: Some(text("/settings/audit?before=11")),
        }
    }
}

impl AuditPage {
    /// Nothing was changed yet.
    pub fn sample_empty(reader: &Reader) -> AuditPage {
        AuditPage { rows: Vec::new(), next: None, ..AuditPage::sample(reader) }
    }
}

/// `GET /settings/audit`
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let wanted = asked.wanted();
    let read = visit.app().read(move |session| {
        let reading = session.read();
        Ok((list(&reading, &wanted, ENTRIES + 1)?, people::list(&reading)?))
    });
    let (mut entries, staff) = read.await?;
    let next = (entries.len() as i64 > ENTRIES).then(|| entries[ENTRIES as usize - 1].number);
    entries.truncate(ENTRIES as usize);
    let names: HashMap<String, String> =
        staff.iter().map(|member| (member.id.clone(), member.name.clone())).collect();
    let row = |entry: Entry| Row {
        number: entry.number,
        at: visit.reader().local(entry.at),
        actor: names.get(&entry.actor).cloned().unwrap_or(entry.actor),
        role: entry.role,
        operation: entry.operation,
        kind: entry.kind,
        subject: entry.subject,
        changes: changes(&entry.before, &entry.after),
        is_erased: entry.is_erased,
    };
    let address = |before: i64| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("actor", &asked.actor).append_pair("kind", &asked.kind);
        query.append_pair("subject", &asked.subject).append_pair("before", &before.to_string());
        format!("/settings/audit?{}", query.finish())
    };
    visit.show(&AuditPage {
        tabs: tabs(&visit),
        actor: asked.actor.clone(),
        kind: asked.kind.clone(),
        subject: asked.subject.clone(),
        kinds: KINDS,
        staff: staff.into_iter().map(|member| (member.id, member.name)).collect(),
        rows: entries.into_iter().map(row).collect(),
        next: next.map(address),
    })
}

/// What is different between two values: what only one has, and what both have otherwise. What stands within another is
/// told by its own name.
fn changes(before: &Value, after: &Value) -> Vec<(String, String, String)> {
    let (Value::Object(_) | Value::Null, Value::Object(_) | Value::Null) = (before, after) else {
        return vec![(String::new(), shown(before), shown(after))];
    };
    let mut names: Vec<&String> =
        before.as_object().into_iter().chain(after.as_object()).flat_map(|all| all.keys()).collect();
    names.sort();
    names.dedup();
    let one = |name: &String| match (&before[name], &after[name]) {
        (was, is) if was == is => Vec::new(),
        (was @ (Value::Object(_) | Value::Null), is @ (Value::Object(_) | Value::Null)) => changes(was, is),
        (was, is) => vec![(name.clone(), shown(was), shown(is))],
    };
    names.into_iter().flat_map(one).collect()
}

/// A value as it is read: a list by its parts, an account by what is in it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(all) => match (all.get("wallet"), all.get("available")) {
            (Some(wallet), Some(available)) => format!("{} {available}", shown(wallet)),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_different_is_shown() {
        let before = json!({"role": "till", "name": "Ben", "tags": ["a"]});
        let after = json!({"role": "service", "name": "Ben", "tags": ["a", "b"]});
        let found = changes(&before, &after);
        assert_eq!(
            found,
            vec![
                ("role".into(), "till".into(), "service".into()),
                ("tags".into(), "a".into(), "a, b".into())
            ]
        );
        assert_eq!(
            changes(&Value::Null, &json!({"name": "Ben"})),
            vec![("name".into(), String::new(), "Ben".into())]
        );
        let inner = changes(
            &json!({"fields": {"name": "A"}}),
            &json!({"fields": {"name": "B"}, "balances": [
            {"member": "cus_1", "wallet": "beans", "available": 40, "held": 0}]}),
        );
        let told = |name: &str, was: &str, is: &str| (name.to_owned(), was.to_owned(), is.to_owned());
        assert_eq!(inner, [told("balances", "", "beans 40"), told("name", "A", "B")]);
        assert_eq!(changes(&json!(1), &json!(2)), vec![(String::new(), "1".into(), "2".into())]);
        assert!(changes(&before, &before).is_empty());
    }

    #[test]
    fn a_filter_is_what_was_said_and_what_an_id_tells() {
        let asked = |kind: &str, subject: &str| {
            let asked = Asked { kind: kind.into(), subject: subject.into(), ..Asked::default() };
            let Wanted { subject, kind, .. } = asked.wanted();
            (subject.map(|(kind, id)| format!("{kind}/{id}")), kind)
        };
        for (kind, subject, of, all) in [
            ("", "", None, None),
            ("staff", "", None, Some("staff")),
            ("", " cus_1 ", Some("customer/cus_1"), Some("customer")),
            ("staff", "cus_1", Some("customer/cus_1"), Some("customer")),
            ("settings", "shop", Some("settings/shop"), Some("settings")),
            ("", "corner", Some("program/corner"), None),
        ] {
            assert_eq!(
                asked(kind, subject),
                (of.map(str::to_owned), all.map(str::to_owned)),
                "{kind} {subject}"
            );
        }
    }
}
