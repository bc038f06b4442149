//! JSON lines: one object a line, nested objects flattened with a point between the names.

use super::piece::Bad;
use super::refused::Reason;
use super::split::{Laid, Row};
use memchr::memchr_iter;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// An object's fields in order, the values as they were written, so that no amount passes through a float.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fields<'a>, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, &RawValue>()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        from.deserialize_map(Walk).map(Fields)
    }
}

/// Columns of the objects in `text`, in order of appearance.
pub(super) fn columns(text: &str) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        each(line, "", &mut |name, _| {
            if !columns.iter().any(|known| known == name) && columns.len() < super::shape::COLUMN_LIMIT + 1 {
                columns.push(name.to_owned());
            }
        });
    }
    columns
}

/// Give each line's cells, in the order of `columns`, to `on`.
pub(super) fn rows(
    text: &str,
    first: u64,
    columns: &[String],
    on: &mut dyn FnMut(Row<'_>),
    bad: &mut dyn FnMut(Bad),
) {
    let places: HashMap<&str, usize> =
        columns.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
    let mut cells = vec![String::new(); columns.len()];
    let mut start = 0;
    let ends = memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    for (number, end) in ends.enumerate() {
        let line = text[start..end].trim();
        start = (end + 1).min(text.len());
        if line.is_empty() {
            continue;
        }
        let number = first + number as u64;
        cells.iter_mut().for_each(String::clear);
        let is_object = each(line, "", &mut |name, value| {
            if let Some(place) = places.get(name) {
                cells[*place].push_str(value);
            }
        });
        if !is_object {
            bad(Bad { line: number, value: line.chars().take(200).collect(), reason: Reason::NotAnObject });
            continue;
        }
        let mut laid = Laid::default();
        cells.iter().for_each(|cell| laid.push(cell));
        laid.end_row(number);
        laid.each(&mut *on);
    }
}

/// Walk an object: names with a point between, scalar values as text.
fn each(object: &str, under: &str, on: &mut dyn FnMut(&str, &str)) -> bool {
    let Ok(fields) = serde_json::from_str::<Fields<'_>>(object) else { return false };
    for (name, value) in fields.0 {
        let name = if under.is_empty() { name } else { format!("{under}.{name}") };
        let value = value.get();
        match value.as_bytes().first() {
            Some(b'{') if name.matches('.').count() < 8 => {
                each(value, &name, on);
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(value).unwrap_or_default();
                on(&name, &text);
            }
            _ if value == "null" => on(&name, ""),
            _ => on(&name, value),
        }
    }
    true
}
