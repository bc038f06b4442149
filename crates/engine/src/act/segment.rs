//! A segment: a named definition of a set of customers, as a person writes it.
//!
//! The file form is TOML. `who` is one condition; conditions nest with `all`, `any` and `not`, and a segment may stand
//! in another. This module reads and explains definitions; [`super::people`] finds who answers them.
//!
//! ```
//! let text = r#"
//!     name = "late-regulars"
//!     about = "Came at least three times and is late by their own habit"
//!     [who]
//!     all = [
//!         { field = "summary.order_days", at_least = 3 },
//!         { field = "cadence.state", is = "at_risk" },
//!         { not = { did = "complained", within_days = 30 } },
//!     ]
//! "#;
//! let segment = engine::act::segment::parse("late-regulars.toml", text)?;
//! assert_eq!(segment.name, "late-regulars");
//! # Ok::<(), engine::act::Refused>(())
//! ```

use super::Refused;
use jiff::civil::Date;
use serde::Serialize;
use toml::{Table, Value};

/// A named set of customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segment {
    /// Letters, digits and `-`.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// Who is in it.
    pub who: Condition,
}

/// What must be so of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// In another segment.
    Segment(String),
    /// Meant by a sentence of the X-ray.
    Sentence(String),
    /// Has a tag.
    Tag(String),
    /// May be written to: has agreed to it and not taken it back, or is asked for service and has not said no.
    Agreed {
        /// `sms`, `email`, `zalo`, `call`, … as in consents.
        channel: String,
        /// `marketing`, `survey`, …
        purpose: String,
    },
    /// A column of a relation of customers, such as `summary.order_days` of `customer.summary`.
    Field {
        /// The relation, without `customer.`.
        relation: String,
        /// The column.
        column: String,
        /// All must hold. An absent value answers none but `is_known = false`.
        tests: Vec<Test>,
    },
    /// Did something, so often, so much, within such a time.
    Did(Behaviour),
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// One of these words, or numbers, or yes or no.
    Is(Vec<Literal>),
    /// None of these.
    IsNot(Vec<Literal>),
    /// This or more; days count from 1970.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// More than this.
    Above(f64),
    /// Less than this.
    Below(f64),
    /// A day at most so many days before the day of the question.
    WithinDays(i64),
    /// Whether there is a value at all.
    IsKnown(bool),
}

/// A value as written.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Literal {
    /// A word.
    Text(String),
    /// A number, a yes (1) or a no (0), or a day since 1970.
    Number(f64),
}

/// Something customers do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Behaviour {
    /// What.
    pub act: Act,
    /// Only this product.
    pub product: Option<String>,
    /// Only this category.
    pub category: Option<String>,
    /// Only in this store.
    pub store: Option<String>,
    /// Only through this channel.
    pub channel: Option<String>,
    /// In the last so many days, the day of the question among them.
    pub within_days: Option<i64>,
    /// From this day on.
    pub from: Option<Date>,
    /// Before this day.
    pub until: Option<Date>,
    /// At least so many times; days on which it happened.
    pub at_least: i64,
    /// At most so many times.
    pub at_most: Option<i64>,
    /// For at least so much, in minor units.
    pub spent_at_least_minor: Option<i64>,
}

/// What customers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Ordered.
    Ordered,
    /// Brought something back.
    Returned,
    /// Complained.
    Complained,
}

impl Act {
    /// The word in a definition and in `segment.behaviours`.
    pub fn word(self) -> &'static str {
        match self {
            Act::Ordered => "ordered",
            Act::Returned => "returned",
            Act::Complained => "complained",
        }
    }
}

/// The relations a field may name: one row a customer each.
pub const RELATIONS: [&str; 8] =
    ["summary", "value", "cadence", "segment", "rfm", "propensity", "habit", "number"];

/// Those whose rows come out of fitted models.
const FITTED: [&str; 2] = ["value", "propensity"];

/// The sentences of the X-ray that mean people.
pub const SENTENCES: [&str; 3] = ["best_late", "call", "one_timers"];

/// Read a definition; `file` is for messages. Amounts are minor units.
pub fn parse(file: &str, text: &str) -> Result<Segment, Refused> {
    let wrong = |detail: String| Refused::Segment { file: file.to_owned(), detail };
    let table: Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    known(&table, &["name", "about", "who"], "the file").map_err(wrong)?;
    let name = word(&table, "name").map_err(wrong)?.unwrap_or_default();
    check_name(&name).map_err(wrong)?;
    let about = word(&table, "about").map_err(wrong)?.unwrap_or_default();
    let who = table.get("who").ok_or_else(|| {
        wrong("there is no [who]: say who is in it, such as who = { field = \"cadence.state\", is = \"at_risk\" }".into())
    })?;
    let who = condition(who, "who").map_err(wrong)?;
    Ok(Segment { name, about, who })
}

/// Whether a name can be kept: letters, digits, `-` and `_`.
pub fn check_name(name: &str) -> Result<(), String> {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if !name.is_empty() && name.len() <= 100 && name.chars().all(fits) {
        return Ok(());
    }
    Err(format!("name = \"{name}\" must have letters, digits, '-' and '_' only, and one of them at least"))
}

type Read<T> = Result<T, String>;

fn condition(value: &Value, place: &str) -> Read<Condition> {
    let table = value.as_table().ok_or_else(|| {
        format!("{place} must be a table such as {{ field = \"summary.order_days\", at_least = 3 }}")
    })?;
    const HEADS: [&str; 9] = ["all", "any", "not", "segment", "sentence", "tag", "consent", "field", "did"];
    let heads: Vec<&str> = HEADS.into_iter().filter(|head| table.contains_key(*head)).collect();
    let [head] = heads[..] else {
        return Err(format!(
            "{place} must have one of {}; it has {}",
            HEADS.join(", "),
            if heads.is_empty() { "none".to_owned() } else { heads.join(" and ") }
        ));
    };
    match head {
        "all" | "any" => {
            known(table, &[head], place)?;
            let parts = table[head].as_array().ok_or_else(|| format!("{place}.{head} must be a list"))?;
            if parts.is_empty() {
                return Err(format!("{place}.{head} is empty: it would mean everybody or nobody"));
            }
            let parts = parts.iter().enumerate();
            let parts = parts
                .map(|(at, part)| condition(part, &format!("{place}.{head}[{}]", at + 1)))
                .collect::<Read<Vec<_>>>()?;
            Ok(if head == "all" { Condition::All(parts) } else { Condition::Any(parts) })
        }
        "not" => {
            known(table, &["not"], place)?;
            Ok(Condition::Not(Box::new(condition(&table["not"], &format!("{place}.not"))?)))
        }
        "field" => field(table, place),
        "did" => behaviour(table, place).map(Condition::Did),
        "consent" => {
            known(table, &["consent", "purpose"], place)?;
            let channel = word(table, "consent")?.unwrap_or_default().trim().to_owned();
            let purpose = word(table, "purpose")?.unwrap_or_else(|| "marketing".to_owned());
            if channel.is_empty() || purpose.is_empty() {
                return Err(format!(
                    "{place}: say to what, such as consent = \"sms\", purpose = \"marketing\""
                ));
            }
            Ok(Condition::Agreed { channel, purpose })
        }
        _ => {
            known(table, &[head], place)?;
            let named = word(table, head)?.unwrap_or_default();
            match head {
                "segment" => {
                    check_name(&named).map_err(|why| format!("{place}: {why}"))?;
                    Ok(Condition::Segment(named))
                }
                "tag" => Ok(Condition::Tag(named)),
                _ if SENTENCES.contains(&named.as_str()) => Ok(Condition::Sentence(named)),
                _ => {
                    Err(format!("{place}: no people stand behind sentence '{named}'; {}", one_of(&SENTENCES)))
                }
            }
        }
    }
}

fn field(table: &Table, place: &str) -> Read<Condition> {
    const TESTS: [&str; 9] =
        ["field", "is", "is_not", "at_least", "at_most", "above", "below", "within_days", "is_known"];
    known(table, &TESTS, place)?;
    let name = word(table, "field")?.unwrap_or_default();
    let (relation, column) = name
        .split_once('.')
        .filter(|(relation, column)| RELATIONS.contains(relation) && !column.is_empty())
        .ok_or_else(|| {
            format!(
                "{place}: field = \"{name}\" must be a relation of customers and its column; relations: {}",
                RELATIONS.join(", ")
            )
        })?;
    let mut tests = Vec::new();
    for (key, value) in table.iter().filter(|(key, _)| *key != "field") {
        let at = format!("{place}.{key}");
        tests.push(match key.as_str() {
            "is" => Test::Is(literals(value, &at)?),
            "is_not" => Test::IsNot(literals(value, &at)?),
            "at_least" => Test::AtLeast(number(value, &at)?),
            "at_most" => Test::AtMost(number(value, &at)?),
            "above" => Test::Above(number(value, &at)?),
            "below" => Test::Below(number(value, &at)?),
            "within_days" => Test::WithinDays(whole(value, &at)?),
            _ => Test::IsKnown(value.as_bool().ok_or_else(|| format!("{at} must be true or false"))?),
        });
    }
    if tests.is_empty() {
        return Err(format!("{place} asks nothing of {name}; add one of {}", TESTS[1..].join(", ")));
    }
    Ok(Condition::Field { relation: relation.to_owned(), column: column.to_owned(), tests })
}

fn behaviour(table: &Table, place: &str) -> Read<Behaviour> {
    const KEYS: [&str; 11] = [
        "did",
        "product",
        "category",
        "store",
        "channel",
        "within_days",
        "from",
        "until",
        "at_least",
        "at_most",
        "spent_at_least_minor",
    ];
    known(table, &KEYS, place)?;
    let act = match word(table, "did")?.as_deref() {
        Some("ordered") => Act::Ordered,
        Some("returned") => Act::Returned,
        Some("complained") => Act::Complained,
        other => {
            return Err(format!(
                "{place}: did = \"{}\"; {}",
                other.unwrap_or_default(),
                one_of(&["ordered", "returned", "complained"])
            ));
        }
    };
    let count = |key: &str| table.get(key).map(|value| whole(value, &format!("{place}.{key}"))).transpose();
    let day = |key: &str| table.get(key).map(|value| date(value, &format!("{place}.{key}"))).transpose();
    let made = Behaviour {
        act,
        product: word(table, "product")?,
        category: word(table, "category")?,
        store: word(table, "store")?,
        channel: word(table, "channel")?,
        within_days: count("within_days")?,
        from: day("from")?,
        until: day("until")?,
        at_least: count("at_least")?.unwrap_or(if table.contains_key("at_most") { 0 } else { 1 }),
        at_most: count("at_most")?,
        spent_at_least_minor: count("spent_at_least_minor")?,
    };
    if made.within_days.is_some_and(|days| days < 1) {
        return Err(format!("{place}.within_days must be 1 or more"));
    }
    Ok(made)
}

fn known(table: &Table, keys: &[&str], place: &str) -> Read<()> {
    match table.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{place} has '{key}', which is not known here; {}", one_of(keys))),
        None => Ok(()),
    }
}

fn one_of(words: &[&str]) -> String {
    format!("use one of {}", words.join(", "))
}

fn word(table: &Table, key: &str) -> Read<Option<String>> {
    let read = |value: &Value| {
        value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} must be text in quotes"))
    };
    table.get(key).map(read).transpose()
}

fn whole(value: &Value, place: &str) -> Read<i64> {
    value.as_integer().ok_or_else(|| format!("{place} must be a whole number"))
}

fn number(value: &Value, place: &str) -> Read<f64> {
    match value {
        Value::Integer(number) => Ok(*number as f64),
        Value::Float(number) if number.is_finite() => Ok(*number),
        Value::Datetime(_) => date(value, place).map(|day| f64::from(super::day_number(day))),
        _ => Err(format!("{place} must be a number or a day such as 2026-01-31")),
    }
}

fn date(value: &Value, place: &str) -> Read<Date> {
    let text = match value {
        Value::Datetime(day) => day.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    text.parse().map_err(|_| format!("{place} must be a day such as 2026-01-31"))
}

fn literals(value: &Value, place: &str) -> Read<Vec<Literal>> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(Literal::Text(text.clone())),
        Value::Boolean(is) => Ok(Literal::Number(f64::from(u8::from(*is)))),
        other => number(other, place).map(Literal::Number),
    };
    match value {
        Value::Array(all) if !all.is_empty() => all.iter().map(one).collect(),
        Value::Array(_) => Err(format!("{place} is an empty list")),
        other => Ok(vec![one(other)?]),
    }
}

impl Condition {
    /// Everything in it, itself first.
    pub fn parts(&self) -> Vec<&Condition> {
        let mut all = vec![self];
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                all.extend(parts.iter().flat_map(Condition::parts))
            }
            Condition::Not(part) => all.extend(part.parts()),
            _ => {}
        }
        all
    }

    /// Whether a model must be fitted before it can be answered.
    pub fn needs_models(&self) -> bool {
        self.parts().iter().any(|part| match part {
            Condition::Field { relation, .. } => FITTED.contains(&relation.as_str()),
            Condition::Sentence(_) => true,
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_is_to_a_channel_and_for_a_purpose() {
        let read = |who: &str| parse("s.toml", &format!("name = \"s\"\nwho = {who}"));
        let agreed = |channel: &str, purpose: &str| Condition::Agreed {
            channel: channel.to_owned(),
            purpose: purpose.to_owned(),
        };
        let asked = read("{ consent = \"sms\", purpose = \"survey\" }").unwrap();
        assert_eq!(asked.who, agreed("sms", "survey"));
        let not = read("{ not = { consent = \"email\" } }").unwrap();
        assert_eq!(not.who, Condition::Not(Box::new(agreed("email", "marketing"))));
        for wrong in ["{ consent = \"\" }", "{ consent = 3 }", "{ consent = \"sms\", within_days = 3 }"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    fn refused(text: &str) -> String {
        parse("s.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn conditions_nest() {
        let text = r#"
            name = "vip-late"
            [who]
            all = [
                { segment = "vip" },
                { any = [{ sentence = "best_late" }, { tag = "friend" }] },
                { not = { did = "ordered", category = "coffee", within_days = 30, at_least = 2 } },
                { field = "value.margin_12m_minor", at_least = 100000, below = 5e6 },
                { field = "summary.last_on", at_least = 2026-01-31 },
            ]
        "#;
        let segment = parse("s.toml", text).unwrap();
        assert_eq!(segment.who.parts().len(), 9);
        assert!(segment.who.needs_models());
        let Condition::All(parts) = &segment.who else { panic!("all") };
        let Condition::Field { tests, .. } = &parts[4] else { panic!("a field") };
        assert_eq!(tests, &[Test::AtLeast(20_484.0)]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (who, words) in [
            ("", "there is no [who]"),
            ("who = 3", "who must be a table"),
            ("who = { all = [] }", "who.all is empty"),
            (
                "who = { all = [{ field = \"x.y\", is = 1 }] }",
                "who.all[1]: field = \"x.y\" must be a relation",
            ),
            ("who = { field = \"summary.order_days\" }", "asks nothing"),
            (
                "who = { field = \"summary.order_days\", atleast = 3 }",
                "has 'atleast', which is not known here",
            ),
            ("who = { did = \"bought\" }", "use one of ordered, returned, complained"),
            ("who = { did = \"ordered\", within_days = 0 }", "must be 1 or more"),
            ("who = { tag = \"a\", segment = \"b\" }", "it has segment and tag"),
            ("who = { sentence = \"concentration\" }", "no people stand behind sentence"),
            ("who = { field = \"summary.order_days\", at_least = \"x\" }", "must be a number"),
        ] {
            let said = refused(&format!("name = \"s\"\n{who}"));
            assert!(said.contains(words) && said.contains("s.toml"), "{who}: {said}");
        }
        assert!(refused("name = \"a b\"\nwho = { tag = \"x\" }").contains("letters, digits"));
    }
}
