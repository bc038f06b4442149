//! `/analysis/registry`: what every figure means. Words come from the report's glossary, relations from their own headers:
//! what a row is, what each column holds, in which unit, and which file is answerable for it.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, tabs};
use crate::problem::Problem;
use axum::extract::Query;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The page.
#[derive(Serialize)]
pub struct RegistryPage {
    tabs: Vec<Tab>,
    /// Folders of relations, and the one that is shown; empty shows the glossary.
    folders: Vec<String>,
    of: String,
    /// Codes of the glossary.
    words: Vec<String>,
    relations: Vec<Relation>,
}

/// What is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    of: String,
}

/// A relation as its header tells of it.
#[derive(Serialize, PartialEq, Debug)]
struct Relation {
    name: String,
    about: String,
    /// What a row is.
    grain: String,
    /// The file that owns it.
    owner: String,
    columns: Vec<Column>,
}

#[derive(Serialize, PartialEq, Debug)]
struct Column {
    name: String,
    /// `money`, `days`, `share`, `day`, `instant`, `weeks`, `months`; empty for counts, words and keys.
    unit: &'static str,
    meaning: String,
}

/// A unit comes last in a name (STYLE, 7).
fn unit(name: &str) -> &'static str {
    let is = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    match name {
        _ if is(&["_minor"]) => "money",
        _ if is(&["_days"]) => "days",
        _ if is(&["_weeks"]) => "weeks",
        _ if is(&["_months"]) => "months",
        _ if is(&["_share", "_rate"]) || name.starts_with("p_") => "share",
        _ if is(&["_on"]) => "day",
        _ if is(&["_at"]) => "instant",
        _ => "",
    }
}

fn relation(path: &str, name: &str, text: &str) -> Relation {
    let mut found = Relation {
        name: name.to_owned(),
        about: String::new(),
        grain: String::new(),
        owner: path.to_owned(),
        columns: Vec::new(),
    };
    let mut notes = String::new();
    for line in text.lines().map_while(|line| line.strip_prefix("--")) {
        match line.strip_prefix("   ").and_then(|column| column.split_once(": ")) {
            Some((column, meaning)) => found.columns.push(Column {
                name: column.to_owned(),
                unit: unit(column),
                meaning: meaning.to_owned(),
            }),
            None => notes = notes + line.trim() + " ",
        }
    }
    let notes = notes.trim().strip_prefix(&format!("{name}: ")).unwrap_or(notes.trim()).to_owned();
    let mut sentences = notes.split_inclusive(". ").map(str::trim);
    found.about = sentences.next().unwrap_or("").to_owned();
    found.grain = sentences.find(|one| one.starts_with("One row")).unwrap_or("").to_owned();
    found
}

impl RegistryPage {
    fn of(reader: &Reader, of: &str) -> Result<RegistryPage, assets::Failure> {
        let sources = reader.assets.relation_sources()?;
        let folder = |name: &str| name.split('.').next().unwrap_or("").to_owned();
        let relations = sources.iter().filter(|source| !source.is_test());
        let folders: BTreeSet<String> = relations.clone().map(|source| folder(&source.name)).collect();
        let shown = relations.filter(|source| folder(&source.name) == of);
        let codes =
            reader.words()?.keys().iter().filter_map(|key| key.strip_prefix("def-").map(str::to_owned));
        Ok(RegistryPage {
            tabs: tabs(),
            words: if of.is_empty() { codes.collect() } else { Vec::new() },
            relations: shown.map(|source| relation(&source.path, &source.name, &source.text)).collect(),
            folders: folders.into_iter().collect(),
            of: of.to_owned(),
        })
    }

    /// The glossary.
    pub fn sample_words(reader: &Reader) -> RegistryPage {
        RegistryPage::of(reader, "").expect("words come with the program")
    }
}

impl Page for RegistryPage {
    const TEMPLATE: &'static str = "console/analysis/registry.html";
    const AREA: Area = Area::Analysis;

    fn sample(reader: &Reader) -> RegistryPage {
        RegistryPage::of(reader, "customer").expect("relations come with the program")
    }
}

/// `GET /analysis/registry`
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let page = RegistryPage::of(visit.reader(), &asked.of);
    visit.show(&page.map_err(|failure| Problem::internal(failure.to_string()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_every_relation_has_one() {
        let text = "-- customer.late: customers past their day. Two\n-- lines. One row per such customer. Reads x.\n\
                    --   days_late: days since\n--   net_minor: paid\nselect 1\n-- not this";
        let read = relation("sql/customer/late.sql", "customer.late", text);
        assert_eq!(
            (read.about.as_str(), read.grain.as_str()),
            ("customers past their day.", "One row per such customer.")
        );
        assert_eq!(read.columns.iter().map(|one| one.unit).collect::<Vec<_>>(), ["", "money"]);
        let sources = assets::Assets::open(None).unwrap().relation_sources().unwrap();
        for source in sources.iter().filter(|source| !source.is_test()) {
            let read = relation(&source.path, &source.name, &source.text);
            assert!(!read.about.is_empty() && !read.columns.is_empty(), "{}", source.name);
        }
    }
}
