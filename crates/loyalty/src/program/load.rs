//! Reading: TOML to tables, each with its file and line.

use super::{Program, check, spec};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// What is wrong with a program file, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where the whole program is meant.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}; {}", self.file, self.what, self.mend),
            line => write!(f, "{}:{line}: {}; {}", self.file, self.what, self.mend),
        }
    }
}

/// A table with the place it was read from.
#[derive(Debug)]
pub(super) struct Placed<T> {
    pub(super) item: T,
    pub(super) file: String,
    pub(super) line: usize,
}

impl<T> Placed<T> {
    pub(super) fn problem(&self, what: impl Into<String>, mend: impl Into<String>) -> Problem {
        Problem { file: self.file.clone(), line: self.line, what: what.into(), mend: mend.into() }
    }
}

/// All tables of a program, as read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) heads: Vec<Placed<spec::Head>>,
    pub(super) wallets: Vec<Placed<spec::Wallet>>,
    pub(super) expiries: Vec<Placed<spec::Expiry>>,
    pub(super) earnings: Vec<Placed<spec::Earning>>,
    pub(super) groups: Vec<Placed<spec::Group>>,
    pub(super) funders: Vec<Placed<spec::Funder>>,
    pub(super) ladders: Vec<Placed<spec::Ladder>>,
    pub(super) rewards: Vec<Placed<spec::Reward>>,
    pub(super) missions: Vec<Placed<spec::Mission>>,
    pub(super) referrals: Vec<Placed<spec::Referral>>,
    pub(super) surprises: Vec<Placed<spec::Surprise>>,
    pub(super) pools: Vec<Placed<spec::Pool>>,
    pub(super) limits: Vec<Placed<spec::Limit>>,
}

const TABLES: &str = "[program], [[wallet]], [[expiry]], [[earning]], [[group]], [[funder]], [[ladder]], [[reward]], \
                      [[mission]], [[referral]], [[surprise]], [[pool]], [[limit]]";

/// Read, check and compile the files of a program: path to text. All problems come at once, sorted by place.
pub fn load(files: &BTreeMap<String, String>) -> Result<Program, Vec<Problem>> {
    let mut tables = Tables::default();
    let mut problems = Vec::new();
    for (file, text) in files {
        read(file, text, &mut tables, &mut problems);
    }
    // Names that are missing only because their table could not be read would be noise.
    if !problems.is_empty() {
        problems.sort();
        return Err(problems);
    }
    check::compile(tables)
}

fn read(file: &str, text: &str, tables: &mut Tables, problems: &mut Vec<Problem>) {
    let document = match DeTable::parse(text) {
        Ok(document) => document.into_inner(),
        Err(error) => {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            problems.push(Problem {
                file: file.to_owned(),
                line,
                what: format!("this is not TOML: {}", error.message()),
                mend: "see the examples in the manual, or toml.io for the format".to_owned(),
            });
            return;
        }
    };
    let mut reader = Reader { file, text, problems };
    for (key, value) in document {
        let name = key.get_ref().to_string();
        match name.as_str() {
            "program" => reader.one(&name, value, &mut tables.heads),
            "wallet" => reader.many(&name, value, &mut tables.wallets),
            "expiry" => reader.many(&name, value, &mut tables.expiries),
            "earning" => reader.many(&name, value, &mut tables.earnings),
            "group" => reader.many(&name, value, &mut tables.groups),
            "funder" => reader.many(&name, value, &mut tables.funders),
            "ladder" => reader.many(&name, value, &mut tables.ladders),
            "reward" => reader.many(&name, value, &mut tables.rewards),
            "mission" => reader.many(&name, value, &mut tables.missions),
            "referral" => reader.many(&name, value, &mut tables.referrals),
            "surprise" => reader.many(&name, value, &mut tables.surprises),
            "pool" => reader.many(&name, value, &mut tables.pools),
            "limit" => reader.many(&name, value, &mut tables.limits),
            _ => {
                let at = key.span().start;
                reader.problem(at, format!("unknown table '{name}'"), format!("known tables: {TABLES}"));
            }
        }
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, at: usize, what: String, mend: String) {
        let line = line_of(self.text, at);
        self.problems.push(Problem { file: self.file.to_owned(), line, what, mend });
    }

    fn many<T: DeserializeOwned>(&mut self, name: &str, value: Spanned<DeValue>, into: &mut Vec<Placed<T>>) {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Array(array) => {
                for element in array {
                    self.one(name, element, into);
                }
            }
            _ => self.problem(at, format!("'{name}' is not a list of tables"), format!("write [[{name}]]")),
        }
    }

    fn one<T: DeserializeOwned>(&mut self, name: &str, value: Spanned<DeValue>, into: &mut Vec<Placed<T>>) {
        let at = value.span().start;
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            return self.problem(at, format!("'{name}' is not a table"), format!("write [{name}] once"));
        }
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(item) => into.push(Placed { item, file: self.file.to_owned(), line: line_of(self.text, at) }),
            Err(error) => {
                let at = error.span().map_or(at, |span| span.start);
                let (what, mend) = in_words(name, error.message());
                self.problem(at, what, mend);
            }
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// The reader's message as what is wrong and what to do.
fn in_words(table: &str, message: &str) -> (String, String) {
    let message = message.trim();
    let table = if table == "program" { "[program]".to_owned() } else { format!("[[{table}]]") };
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let (unknown, known) = rest.split_once('`').unwrap_or((rest, ""));
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        let mend = match nearest(unknown, &known) {
            Some(near) => format!("did you mean '{near}'? known keys: {}", known.join(", ")),
            None => format!("known keys: {}", known.join(", ")),
        };
        return (format!("unknown key '{unknown}' in {table}"), mend);
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let missing = rest.trim_end_matches('`');
        return (format!("{table} has no '{missing}'"), format!("add {missing} = …"));
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let (unknown, known) = rest.split_once('`').unwrap_or((rest, ""));
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        return (format!("'{unknown}' is not known here"), format!("write one of {}", known.join(", ")));
    }
    if let Some((found, wanted)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        let mend = match wanted {
            "a string" => "write a text in quotes".to_owned(),
            wanted => format!("write {wanted}"),
        };
        return (format!("here stands {found}"), mend);
    }
    match message.split_once(": ") {
        Some((what, mend)) => (what.to_owned(), mend.to_owned()),
        None => (message.to_owned(), format!("see {table} in the manual")),
    }
}

fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().min_by_key(|known| distance(unknown, known))?;
    (distance(unknown, best) <= 2).then_some(best)
}

/// Edit distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let cost = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}
