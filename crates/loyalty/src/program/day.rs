//! A day in a program file: a TOML date (`2026-03-10`) or the same in quotes.

use jiff::civil::Date;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use std::fmt;

pub(super) fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    day.map(|day| day.to_string()).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    deserializer.deserialize_any(Visit)
}

struct Visit;

impl<'de> Visitor<'de> for Visit {
    type Value = Option<Date>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day such as 2026-03-10")
    }

    fn visit_none<E: Error>(self) -> Result<Option<Date>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Date>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Date>, D::Error> {
        deserializer.deserialize_any(Visit)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Date>, E> {
        let plain = text.len() == 10;
        let day = text.parse().ok().filter(|_| plain);
        day.map(Some)
            .ok_or_else(|| E::custom(format!("'{text}' is not a day: write year-month-day, 2026-03-10")))
    }

    // The TOML reader hands a date over as a map of one private key and the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Date>, A::Error> {
        let Some((_, text)) = map.next_entry::<String, String>()? else {
            return Err(A::Error::custom("expected a day such as 2026-03-10"));
        };
        self.visit_str(&text)
    }
}
