//! Taking a person out of the log, out of answers and out of messages that wait at the door: what says who it was goes,
//! what was bought and what it was worth stays. Points and facts are derived from what stays.

use super::Writing;
use super::log::{EVENT, event};
use crate::db::{Db, Value};
use crate::failure::Failure;
use crate::phone::ends_of_number;
use serde_json::{Map, Value as Json};

/// What in an event's body or in an answer tells a person apart: the number on an invoice, codes of cards and vouchers,
/// devices and addresses, what was written by hand. A birthday leaves its month.
const PERSONAL: &[&str] = &[
    "address", "birthday", "code", "codes", "email", "invoice", "marks", "note", "phone", "problems",
    "segments", "vouchers",
];

impl Writing<'_> {
    /// Strip `customer_id` from the bodies of events that are about them and from the answers they got. Ledger, keys
    /// and facts stay as they are: a repeat is still known as one. Again changes nothing. Answers how many rows said
    /// something of the person.
    pub fn forget_in_log(&self, customer_id: &str) -> Result<u64, Failure> {
        forget_in_log(self.db, customer_id)
    }
}

impl crate::Session {
    /// As [`Writing::forget_in_log`], in a transaction of its own.
    pub fn forget_in_log(&mut self, customer_id: &str) -> Result<u64, Failure> {
        self.write(|writing| writing.forget_in_log(customer_id))
    }
}

/// As [`Writing::forget_in_log`], within a transaction.
pub(crate) fn forget_in_log(db: &Db, customer_id: &str) -> Result<u64, Failure> {
    let sql = format!("select {EVENT} event where customer_id = $1");
    let mut events = db.rows(&sql, &[customer_id.into()], event)?;
    events.retain_mut(|event| without_person(&event.body).map(|body| event.body = body).is_some());
    let write = "update event set body = $2, mark = $3 where event_id = $1";
    let values =
        events.iter().flat_map(|event| [(&event.event_id).into(), (&event.body).into(), event.mark().into()]);
    db.run_each(write, 3, values)?;
    let read = "select key, answer from command where customer_id = $1";
    let rows = db.rows(read, &[customer_id.into()], |row| Ok((row.string(0)?, row.string(1)?)))?;
    let stripped: Vec<(String, String)> =
        rows.into_iter().filter_map(|(key, text)| Some((key, without_person(&text)?))).collect();
    let write = "update command set answer = $2 where key = $1";
    db.run_each(write, 2, stripped.iter().flat_map(|(key, text)| [Value::from(key), text.into()]))?;
    Ok((events.len() + stripped.len()) as u64)
}

/// Where messages from outside lie as they came, and whose they are is not known yet.
const MESSAGES: [(&str, &str, &str); 2] = [
    (
        "intake",
        "select intake_id, body from intake where body <> ''",
        "update intake set body = $2 where intake_id = $1",
    ),
    (
        "dead_item",
        "select item_id, body from dead_item where body <> ''",
        "update dead_item set body = $2 where item_id = $1",
    ),
];

/// What in a message of a shop's system is about people, besides [`PERSONAL`].
const OF_PEOPLE: &[&str] = &[
    "billing",
    "billing_address",
    "browser_ip",
    "client_details",
    "contact_email",
    "context",
    "customer",
    "customer_ip_address",
    "customer_note",
    "default_address",
    "first_name",
    "last_name",
    "shipping",
    "shipping_address",
    "traits",
];

/// Strip messages that name somebody of everything about people. What they tell of orders stays and is worked in as
/// nobody's. Answers how many rows of which table named them.
pub(crate) fn forget_in_messages(db: &Db, names: &[String]) -> Result<[(&'static str, u64); 2], Failure> {
    let names = Names::of(names);
    let mut counts = MESSAGES.map(|(table, ..)| (table, 0));
    for ((_, read, write), (_, count)) in MESSAGES.iter().zip(&mut counts) {
        let mut stripped: Vec<(String, String)> = Vec::new();
        db.for_each(read, &[], |row| {
            if let Some(text) = names.taken_out_of(row.text(1)?) {
                stripped.push((row.string(0)?, text));
            }
            Ok::<(), Failure>(())
        })?;
        *count = stripped.len() as u64;
        db.run_each(write, 2, stripped.iter().flat_map(|(key, text)| [Value::from(key), text.into()]))?;
    }
    Ok(counts)
}

/// What names a person, as a message may write it.
struct Names {
    /// Whole values, in small letters.
    whole: Vec<String>,
    /// The last digits of telephone numbers, which stand after a country's code or a zero.
    digits: Vec<String>,
}

/// A shorter name is also a quantity or a size.
const SHORTEST: usize = 4;
/// A name as long as this tells a person inside of a longer text too.
const TELLING: usize = 8;

impl Names {
    fn of(names: &[String]) -> Names {
        let whole = names.iter().map(|name| name.trim().to_lowercase());
        Names {
            whole: whole.filter(|name| name.len() >= SHORTEST).collect(),
            digits: names.iter().flat_map(|name| ends_of_number(name)).collect(),
        }
    }

    /// The text without the person, where it names them.
    fn taken_out_of(&self, text: &str) -> Option<String> {
        match serde_json::from_str::<Json>(text) {
            Ok(mut value) => self.blank(&mut value).then(|| {
                strip_people(&mut value);
                value.to_string()
            }),
            Err(_) => self.are_in(text).then(|| "{}".to_owned()),
        }
    }

    fn are_in(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        let is_number = text.chars().all(|sign| sign.is_ascii_digit() || " +-.()".contains(sign));
        let number = if is_number { digits(&text) } else { String::new() };
        self.whole.iter().any(|name| text == *name || name.len() >= TELLING && text.contains(name.as_str()))
            || self.digits.iter().any(|last| number.ends_with(last.as_str()))
    }

    /// Empty every value that names the person. Answers whether one did.
    fn blank(&self, value: &mut Json) -> bool {
        match value {
            Json::Object(map) => map.values_mut().fold(false, |named, one| self.blank(one) | named),
            Json::Array(all) => all.iter_mut().fold(false, |named, one| self.blank(one) | named),
            Json::String(text) if self.are_in(text) => {
                text.clear();
                true
            }
            Json::Number(number) if self.are_in(&number.to_string()) => {
                *value = Json::Null;
                true
            }
            _ => false,
        }
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn strip_people(value: &mut Json) {
    strip(value);
    match value {
        Json::Object(map) => {
            map.retain(|name, _| !OF_PEOPLE.contains(&name.as_str()));
            map.values_mut().for_each(strip_people);
        }
        Json::Array(all) => all.iter_mut().for_each(strip_people),
        _ => {}
    }
}

/// The text without what is personal; `None` where there is nothing of that.
fn without_person(text: &str) -> Option<String> {
    let Ok(mut value) = serde_json::from_str::<Json>(text) else {
        // What cannot be read cannot be known to be harmless.
        return (text != "{}").then(|| "{}".to_owned());
    };
    strip(&mut value).then(|| value.to_string())
}

fn strip(value: &mut Json) -> bool {
    match value {
        Json::Object(map) => {
            let mut changed = false;
            if let Some(month) = map.get("birthday").and_then(month_of) {
                map.insert("birth_month".to_owned(), month.into());
            }
            for word in PERSONAL {
                changed |= map.remove(*word).is_some();
            }
            changed | each(map)
        }
        Json::Array(all) => all.iter_mut().fold(false, |changed, one| strip(one) | changed),
        _ => false,
    }
}

fn each(map: &mut Map<String, Json>) -> bool {
    map.values_mut().fold(false, |changed, one| strip(one) | changed)
}

/// The month of `1990-05-31` or `05-31`.
fn month_of(birthday: &Json) -> Option<u8> {
    let text = birthday.as_str()?;
    let mut parts = text.rsplit('-');
    let (_, month) = (parts.next()?, parts.next()?);
    month.parse().ok().filter(|month| (1..=12).contains(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str) {
        let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let stripped = without_person(before).unwrap();
        assert_eq!(read(&stripped), read(after));
        assert_eq!(without_person(&stripped), None, "again changes nothing");
    }

    #[test]
    fn what_says_who_goes_and_what_was_bought_stays() {
        check(
            r#"{"type":"join","member":"cus_1","birthday":"1990-05-31","marks":["device:abc"],"segments":[]}"#,
            r#"{"type":"join","member":"cus_1","birth_month":5}"#,
        );
        check(
            r#"{"type":"order","id":"o-1","invoice":"INV-7","lines":[{"id":"1","gross_minor":450}],
                "tenders":[{"kind":"gift_card","amount_minor":100,"code":"GC-1"}]}"#,
            r#"{"type":"order","id":"o-1","lines":[{"id":"1","gross_minor":450}],
                "tenders":[{"kind":"gift_card","amount_minor":100}]}"#,
        );
        check("not JSON", "{}");
        assert_eq!(without_person("{}"), None);
    }

    #[test]
    fn a_message_that_names_somebody_goes_on_as_nobodys() {
        let names = ["+84901234567", "ana@corner.example", "K-7001", "Đào Quý Phi", "17"].map(str::to_owned);
        let names = Names::of(&names);
        let order = r##"{"id":8801,"name":"#1001","email":"Ana@Corner.example","customer":{"id":17,"first_name":"Phi"},
            "billing_address":{"phone":"0901 234 567"},"line_items":[{"id":17,"quantity":17,"price":"4.50"}]}"##;
        let told: Json = serde_json::from_str(&names.taken_out_of(order).unwrap()).unwrap();
        let left = r##"{"id":8801,"name":"#1001","line_items":[{"id":17,"quantity":17,"price":"4.50"}]}"##;
        assert_eq!(told, serde_json::from_str::<Json>(left).unwrap());
        for named in [
            r#"{"phone_number":"84901234567"}"#,
            r#"{"tel":901234567}"#,
            r#"{"userId":"k-7001"}"#,
            r#"{"words":"cho Đào Quý Phi nhé"}"#,
            "K-7001",
        ] {
            let told = names.taken_out_of(named).unwrap();
            assert_eq!(names.taken_out_of(&told), None, "{named}");
        }
        for other in [r#"{"userId":"K-70010","total":17,"phone":"0912345678"}"#, "17", "{}", ""] {
            assert_eq!(names.taken_out_of(other), None, "{other}");
        }
        for (known_as, written) in [("+84791234567", "0121 123 4567"), ("+841211234567", "0791234567")] {
            let names = Names::of(&[known_as.to_owned()]);
            assert_eq!(
                names.taken_out_of(&format!(r#"{{"tel":"{written}"}}"#)).as_deref(),
                Some(r#"{"tel":""}"#)
            );
        }
    }
}
