//! Relations as files: name, header, and what each reads of the others.
//!
//! A relation is one `select` in `sql/<schema>/<name>.sql`. Its header is the manual: the first line says what it is,
//! lines of three spaces name the columns in order, and a line that says `Kept` asks for its rows to be computed
//! once. What it reads is found in the text, so a relation cannot forget to say so. This module must not know
//! DataFusion.

use domain::fact::Table;
use domain::port::Failure;
use std::collections::{BTreeMap, BTreeSet};

/// Tables a run gives beside the lake.
pub const INPUTS: [&str; 7] = [
    "run.parameters",
    "run.history",
    "run.behaviours",
    "run.windows",
    "run.contacts",
    "fits.latest",
    "fits.propensity",
];

/// What the session adds up of the lake's lines when a relation reads it: see `crate::days`.
pub const ADDED_UP: [&str; 2] = ["lake.days", "lake.codes"];

/// One relation of `sql/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// `customer.rfm`.
    pub name: String,
    /// Where it stands: `sql/customer/rfm.sql`.
    pub path: String,
    /// The whole text.
    pub sql: String,
    /// What it is, in a sentence.
    pub about: String,
    /// The rest of the header, before the columns.
    pub notes: String,
    /// Columns in order, each with what it means.
    pub columns: Vec<(String, String)>,
    /// Whether its rows are worth computing once for all who read it.
    pub is_kept: bool,
    /// What it reads: relations, `lake.…` tables and inputs of the run, in order of appearance.
    pub reads: Vec<String>,
}

/// All relations of the sources, (path, text) each, every one after those it reads. Paths that do not end in `.sql`
/// are passed over.
///
/// # Errors
/// Where a path or a header is not well formed, two files have one name, a relation reads what does not exist, or
/// relations read each other in a circle.
pub fn read_all(sources: &[(String, String)]) -> Result<Vec<Relation>, Failure> {
    let mut relations = BTreeMap::new();
    for (path, text) in sources.iter().filter(|(path, _)| path.ends_with(".sql")) {
        let relation = read(path, text)?;
        if let Some(other) = relations.insert(relation.name.clone(), relation) {
            return Err(Failure::new(format!(
                "two files make relation {}: {} and {path}",
                other.name, other.path
            )));
        }
    }
    for relation in relations.values() {
        if let Some(read) = relation.reads.iter().find(|read| !is_known(read, &relations)) {
            return Err(Failure::new(format!(
                "{} reads {read}, which is no relation, no table of the lake and no input of a run{}",
                relation.path,
                alike(read, &relations)
            )));
        }
    }
    in_order(relations)
}

fn is_known(name: &str, relations: &BTreeMap<String, Relation>) -> bool {
    relations.contains_key(name)
        || INPUTS.contains(&name)
        || ADDED_UP.contains(&name)
        || name
            .strip_prefix("lake.")
            .is_some_and(|table| Table::ALL.iter().any(|known| known.name() == table))
}

fn alike(name: &str, relations: &BTreeMap<String, Relation>) -> String {
    let schema = name.split('.').next().unwrap_or_default();
    let known: Vec<&str> = relations
        .keys()
        .map(String::as_str)
        .filter(|known| known.split('.').next() == Some(schema))
        .collect();
    if known.is_empty() { String::new() } else { format!("; {schema} has {}", known.join(", ")) }
}

fn in_order(mut relations: BTreeMap<String, Relation>) -> Result<Vec<Relation>, Failure> {
    let mut ordered: Vec<Relation> = Vec::with_capacity(relations.len());
    while !relations.is_empty() {
        let ready: Vec<String> = relations
            .values()
            .filter(|relation| !relation.reads.iter().any(|read| relations.contains_key(read)))
            .map(|relation| relation.name.clone())
            .collect();
        if ready.is_empty() {
            return Err(Failure::new(format!(
                "relations read each other in a circle: {}",
                circle(&relations)
            )));
        }
        ordered.extend(ready.iter().filter_map(|name| relations.remove(name)));
    }
    Ok(ordered)
}

/// One circle among relations of which each reads another of them.
fn circle(relations: &BTreeMap<String, Relation>) -> String {
    let mut path: Vec<&str> = Vec::new();
    let mut name = relations.keys().next().map(String::as_str);
    while let Some(here) = name {
        if let Some(start) = path.iter().position(|seen| *seen == here) {
            path.drain(..start);
            path.push(here);
            break;
        }
        path.push(here);
        let reads = &relations[here].reads;
        name = reads.iter().find(|read| relations.contains_key(*read)).map(String::as_str);
    }
    path.join(" → ")
}

fn read(path: &str, text: &str) -> Result<Relation, Failure> {
    let wrong = |what: &str| Failure::new(format!("{path}: {what}"));
    let name = name_of(path)
        .ok_or_else(|| wrong("a relation stands in sql/<schema>/<name>.sql, in small letters"))?;
    let header: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("--")).collect();
    let about = header
        .first()
        .and_then(|line| line.trim().strip_prefix(&format!("{name}: ")))
        .ok_or_else(|| wrong(&format!("the first line must say '-- {name}: what it is'")))?;
    let (mut notes, mut columns) = (Vec::new(), Vec::new());
    for line in &header[1..] {
        match line.strip_prefix("   ").and_then(|column| column.split_once(": ")) {
            Some((column, meaning)) => columns.push((column.to_owned(), meaning.to_owned())),
            None => notes.push(line.trim()),
        }
    }
    if columns.is_empty() {
        return Err(wrong("the header must list the columns, each as '--   name: meaning'"));
    }
    let notes = notes.join(" ");
    let is_kept = notes.split(['.', ':', ' ']).any(|word| word == "Kept");
    Ok(Relation {
        name,
        path: path.to_owned(),
        sql: text.to_owned(),
        about: about.to_owned(),
        notes,
        columns,
        is_kept,
        reads: names_in(text),
    })
}

/// `customer.rfm` of `sql/customer/rfm.sql` or `customer/rfm.slt`.
pub fn name_of(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".sql").or_else(|| path.strip_suffix(".slt"))?;
    let mut parts = stem.rsplit('/');
    let (name, schema) = (parts.next()?, parts.next()?);
    let is_plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    (is_plain(name) && is_plain(schema)).then(|| format!("{schema}.{name}"))
}

/// Names with a schema that a query reads: those after `from` and `join`, each once, in order of appearance.
pub fn names_in(sql: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let plain = without_text(sql);
    let mut words = plain.split_whitespace();
    let mut names = Vec::new();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('(');
        if !(word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("join")) {
            continue;
        }
        let Some(next) = words.clone().next() else { break };
        let name = next.trim_matches(|c: char| matches!(c, '(' | ')' | ',' | ';'));
        let is_name = name.split('.').count() == 2
            && name.split('.').all(|part| !part.is_empty())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        if is_name && seen.insert(name.to_owned()) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The query with comments and quoted text blanked.
fn without_text(sql: &str) -> String {
    let mut plain = String::with_capacity(sql.len());
    let mut letters = sql.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                is_quoted = !is_quoted;
                plain.push(' ');
            }
            _ if is_quoted => {}
            '-' if letters.peek() == Some(&'-') => {
                while letters.next_if(|letter| *letter != '\n').is_some() {}
            }
            _ => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, body: &str) -> (String, String) {
        let path = format!("sql/{}.sql", name.replace('.', "/"));
        (path, format!("-- {name}: about.\n-- One row. Kept.\n--   a: the column\n{body}\n"))
    }

    fn refused(sources: &[(String, String)]) -> String {
        read_all(sources).unwrap_err().to_string()
    }

    #[test]
    fn relations_come_after_what_they_read() {
        let sources = [
            file("customer.rfm", "select a from customer.summary"),
            file("customer.summary", "select a from facts.lines join run.parameters on true"),
            file("facts.lines", "select a from lake.lines"),
        ];
        let relations = read_all(&sources).unwrap();
        let names: Vec<&str> = relations.iter().map(|relation| relation.name.as_str()).collect();
        assert_eq!(names, ["facts.lines", "customer.summary", "customer.rfm"]);
        assert_eq!(relations[1].reads, ["facts.lines", "run.parameters"]);
        assert_eq!(relations[1].columns, [("a".to_owned(), "the column".to_owned())]);
        assert!(relations[1].is_kept);
    }

    #[test]
    fn comments_and_text_name_nothing() {
        let sql = "-- from no.where\nselect 'from no.where', a.b from (select c from x.y) as a\nJOIN x.z on a.b = z.b";
        assert_eq!(names_in(sql), ["x.y", "x.z"]);
        assert_eq!(names_in("select 1 from x.y, (select max(a) from x.w)"), ["x.y", "x.w"]);
    }

    #[test]
    fn a_circle_is_named() {
        let sources = [file("a.b", "select a from a.c"), file("a.c", "select a from a.b")];
        assert_eq!(refused(&sources), "relations read each other in a circle: a.b → a.c → a.b");
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_that_exist() {
        let sources =
            [file("customer.rfm", "select a from customer.sumary"), file("customer.summary", "select 1")];
        assert_eq!(
            refused(&sources),
            "sql/customer/rfm.sql reads customer.sumary, which is no relation, no table of the lake and no input of \
             a run; customer has customer.rfm, customer.summary"
        );
        assert!(refused(&[file("a.b", "select a from lake.lined")]).contains("lake.lined"));
    }

    #[test]
    fn a_header_is_demanded() {
        let bare = ("sql/a/b.sql".to_owned(), "select 1".to_owned());
        assert_eq!(refused(&[bare]), "sql/a/b.sql: the first line must say '-- a.b: what it is'");
        let without_columns = ("sql/a/b.sql".to_owned(), "-- a.b: about\nselect 1".to_owned());
        assert!(refused(&[without_columns]).contains("must list the columns"));
        let misplaced = ("sql/b.SQL.sql".to_owned(), "-- b: about".to_owned());
        assert!(refused(&[misplaced]).contains("sql/<schema>/<name>.sql"));
    }
}
