//! `/program/{program}/forms`: the figures of the common rules, to be changed without knowing the files. What is typed is
//! written into the same files, comments and all, and goes the same way: checked, planned, put in force.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::edit::{self, Files, files, row};
use super::{Head, open, starter_files};
use crate::problem::{Kind, Problem};
use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;
use std::collections::BTreeMap;
use toml_edit::{DocumentMut, Item, Table, Value};

/// What can be changed: the table of the files, the words for it, and the paths of figures in it.
const KINDS: [(&str, &[&str]); 6] = [
    (
        "earning",
        &[
            "per_amount.every",
            "per_amount.points",
            "per_amount.minimum",
            "fixed.points",
            "per_unit.points",
            "multiply.by",
            "from",
            "until",
        ],
    ),
    ("expiry", &["after"]),
    ("ladder", &["length", "lasts"]),
    ("reward", &["prices.0.points", "value", "cost", "stock", "until"]),
    ("mission", &["target", "streak", "gift.points"]),
    ("referral", &["minimum", "within", "referrer.points", "friend.points", "per_month"]),
];
/// Paths of figures of a tier.
const TIER: &[&str] = &["threshold"];

/// The page.
#[derive(Serialize)]
pub struct FormsPage {
    head: Head,
    version: i64,
    groups: Vec<Group>,
    /// Ids of what new rules refer to.
    wallets: Vec<String>,
    rules: Vec<String>,
    ladders: Vec<String>,
}

/// Rules of a kind.
#[derive(Serialize)]
struct Group {
    kind: &'static str,
    rules: Vec<Rule>,
}

/// A rule with its figures.
#[derive(Debug, PartialEq, Serialize)]
struct Rule {
    id: String,
    name: String,
    /// A tier stands below its ladder.
    is_tier: bool,
    figures: Vec<Figure>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Figure {
    /// File and path: `program.toml/earning/0/per_amount.every`.
    field: String,
    /// The words: `console-figure-{word}`.
    word: String,
    value: String,
}

fn documents(files: &Files) -> Result<BTreeMap<String, DocumentMut>, Problem> {
    let read = |(name, text): (&String, &String)| {
        let document: DocumentMut =
            text.parse().map_err(|error| Problem::new(Kind::Refused, format!("{name}: {error}")))?;
        Ok((name.clone(), document))
    };
    files.iter().map(read).collect()
}

/// The value at a path such as `prices.0.points`, below a table.
fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut found = table.get(parts.next()?)?.as_value()?;
    for part in parts {
        found = match part.parse::<usize>() {
            Ok(place) => found.as_array()?.get(place)?,
            Err(_) => found.as_inline_table()?.get(part)?,
        };
    }
    Some(found)
}

fn at_mut<'a>(table: &'a mut Table, path: &str) -> Option<&'a mut Value> {
    let mut parts = path.split('.');
    let mut found = table.get_mut(parts.next()?)?.as_value_mut()?;
    for part in parts {
        found = match part.parse::<usize>() {
            Ok(place) => found.as_array_mut()?.get_mut(place)?,
            Err(_) => found.as_inline_table_mut()?.get_mut(part)?,
        };
    }
    Some(found)
}

/// A figure as it is shown: without quotes.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Float(number) => Some(number.value().to_string()),
        Value::Datetime(day) => Some(day.value().to_string()),
        _ => None,
    }
}

/// The tables of a kind, however the file writes them.
fn tables<'a>(document: &'a DocumentMut, kind: &str) -> Vec<&'a Table> {
    document.get(kind).and_then(Item::as_array_of_tables).map_or_else(Vec::new, |all| all.iter().collect())
}

fn text(table: &Table, key: &str) -> String {
    table.get(key).and_then(Item::as_str).unwrap_or("").to_owned()
}

fn name(table: &Table, code: &str) -> String {
    let words = table.get("name");
    let said = words.and_then(|words| words.get(code).or_else(|| words.get("en")).and_then(Item::as_str));
    said.or_else(|| words.and_then(Item::as_str)).map_or_else(|| text(table, "id"), str::to_owned)
}

fn figures(table: &Table, place: &str, paths: &[&str]) -> Vec<Figure> {
    let one = |path: &&str| {
        let value = shown(at(table, path)?)?;
        Some(Figure { field: format!("{place}/{path}"), word: path.replace(['.', '_'], "-"), value })
    };
    paths.iter().filter_map(one).collect()
}

fn groups(documents: &BTreeMap<String, DocumentMut>, code: &str) -> Vec<Group> {
    let of_kind = |(kind, paths): (&'static str, &[&str])| {
        let mut rules = Vec::new();
        for (file, document) in documents {
            for (number, table) in tables(document, kind).into_iter().enumerate() {
                let place = format!("{file}/{kind}/{number}");
                let id = match text(table, "id") {
                    id if id.is_empty() => text(table, "wallet"),
                    id => id,
                };
                let name =
                    Some(name(table, code)).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
                rules.push(Rule { id, name, is_tier: false, figures: figures(table, &place, paths) });
                let tiers = table.get("tier").and_then(Item::as_array_of_tables);
                for (level, tier) in tiers.into_iter().flat_map(|tiers| tiers.iter()).enumerate() {
                    let figures = figures(tier, &format!("{place}/tier/{level}"), TIER);
                    let (id, name) = (text(tier, "id"), self::name(tier, code));
                    rules.push(Rule { id, name, is_tier: true, figures });
                }
            }
        }
        rules.retain(|rule| !rule.figures.is_empty());
        Group { kind, rules }
    };
    KINDS.into_iter().map(of_kind).filter(|group| !group.rules.is_empty()).collect()
}

fn ids(documents: &BTreeMap<String, DocumentMut>, kind: &str) -> Vec<String> {
    let all = documents.values().flat_map(|document| tables(document, kind));
    all.map(|table| text(table, "id")).filter(|id| !id.is_empty()).collect()
}

impl FormsPage {
    fn of(head: Head, version: i64, files: &Files, reader: &Reader) -> Result<FormsPage, Problem> {
        let documents = documents(files)?;
        Ok(FormsPage {
            head,
            version,
            groups: groups(&documents, reader.view.lang.folder()),
            wallets: ids(&documents, "wallet"),
            rules: ids(&documents, "earning"),
            ladders: ids(&documents, "ladder"),
        })
    }
}

impl Page for FormsPage {
    const TEMPLATE: &'static str = "console/program/forms.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> FormsPage {
        let mut files = starter_files();
        let more = "[[earning]]\nid = \"x2\"\nwallet = \"points\"\nmultiply = { of = [\"base\"], by = \"1.5\" }\nfrom = 2026-10-01\n\
                    [[earning]]\nid = \"gift\"\nwallet = \"points\"\nfixed = { points = 5 }\n\
                    [[earning]]\nid = \"unit\"\nwallet = \"points\"\nper_unit = { points = 5 }\nuntil = 2026-12-31\n\
                    [[earning]]\nid = \"least\"\nwallet = \"points\"\nper_amount = { every = 1, points = 5, minimum = 9 }\n\
                    [[ladder]]\nid = \"status\"\nlength = \"12M\"\nlasts = \"12M\"\n[[ladder.tier]]\nid = \"silver\"\nthreshold = 2000000\n\
                    [[reward]]\nid = \"cup\"\nstock = 10\ncost = 5\nuntil = 2026-12-31\n";
        files.insert("more.toml".to_owned(), more.to_owned());
        FormsPage::of(Head::sample(reader), 3, &files, reader).expect("the sample can be read")
    }
}

/// `GET /program/{program}/forms`
pub async fn show(visit: Visit, Path(program): Path<String>) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let version = open.in_force.version;
    let files = files(&row(&visit, &program, version).await?)?;
    visit.show(&FormsPage::of(Head::of(&visit, &open), version, &files, visit.reader())?)
}

/// `POST /program/{program}/forms`: what was typed, written into the files, and their plan.
pub async fn change(visit: Visit, Path(program): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let version: i64 =
        fields.text("version").parse().map_err(|_| Problem::of_body("/version", "open the page again"))?;
    let before = files(&row(&visit, &program, version).await?)?;
    let mut documents = documents(&before)?;
    write(&mut documents, &fields);
    let mut after: Files =
        documents.into_iter().map(|(name, document)| (name, document.to_string())).collect();
    if let Some(rule) = added(&fields) {
        let file = Some("program.toml".to_owned()).filter(|name| after.contains_key(name));
        let file = file.or_else(|| after.keys().next().cloned()).unwrap_or_else(|| "program.toml".to_owned());
        let text = after.entry(file).or_default();
        *text = format!("{}\n\n{rule}", text.trim_end());
    }
    edit::plan(visit, program, version, after).await
}

/// Put what was typed in the place of what was there; what is the same stays as it is written.
fn write(documents: &mut BTreeMap<String, DocumentMut>, fields: &Fields) {
    for (field, typed) in fields.pairs() {
        let (typed, parts) = (typed.trim(), field.split('/').collect::<Vec<_>>());
        let (file, kind, number, rest) = match parts.as_slice() {
            [file, kind, number, rest @ ..] if !typed.is_empty() => (*file, *kind, *number, rest),
            _ => continue,
        };
        let table = documents.get_mut(file).and_then(|document| {
            let all = document.get_mut(kind)?.as_array_of_tables_mut()?;
            let table = all.get_mut(number.parse().ok()?)?;
            match rest {
                [_] => Some(table),
                ["tier", level, _] => {
                    table.get_mut("tier")?.as_array_of_tables_mut()?.get_mut(level.parse().ok()?)
                }
                _ => None,
            }
        });
        let Some(value) = table.zip(rest.last()).and_then(|(table, path)| at_mut(table, path)) else {
            continue;
        };
        if shown(value).as_deref() != Some(typed) {
            put(value, typed);
        }
    }
}

/// A figure as somebody writes it, in the place of another: a whole number stays one, everything else is a text, which the
/// reader of programs takes or names.
fn put(value: &mut Value, typed: &str) {
    let decor = value.decor().clone();
    let plain = typed.replace(' ', "");
    *value = match value {
        Value::Datetime(_) => plain.parse::<toml_edit::Datetime>().map_or_else(|_| typed.into(), Value::from),
        _ => plain.parse::<i64>().map_or_else(|_| typed.replace(',', ".").into(), Value::from),
    };
    *value.decor_mut() = decor;
}

/// A text as TOML has it: JSON's form of it is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The rule that is to be added, as it stands in a file; none where none was asked for.
fn added(fields: &Fields) -> Option<String> {
    let typed = |name: &str| fields.text(name).to_owned();
    let number = |name: &str| {
        let plain = typed(name).replace([' ', ','], "");
        plain.parse::<i64>().map_or_else(|_| quoted(&typed(name)), |number| number.to_string())
    };
    let days = || {
        let list: Vec<String> = fields.all("days").into_iter().map(quoted).collect();
        if list.is_empty() { String::new() } else { format!("days = [{}]\n", list.join(", ")) }
    };
    let span = || {
        let day = |name: &str| {
            let said = typed(name);
            said.parse::<jiff::civil::Date>().map_or(String::new(), |day| format!("{name} = {day}\n"))
        };
        day("from") + &day("until")
    };
    let head = |kind: &str| {
        let name = typed("name");
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("name = {{ en = {0}, vi = {0}, zh = {0} }}\n", quoted(&name))
        };
        format!("[[{kind}]]\nid = {}\n{name}", quoted(&typed("id")))
    };
    let wallet = || format!("wallet = {}\n", quoted(&typed("wallet")));
    Some(match fields.text("add") {
        "per-amount" => {
            format!(
                "{}{}{}{}per_amount = {{ every = {}, points = {} }}\n",
                head("earning"),
                wallet(),
                days(),
                span(),
                number("every"),
                number("points")
            )
        }
        "multiply" => {
            let by = quoted(&typed("by").replace(',', "."));
            format!(
                "{}{}{}{}multiply = {{ of = [{}], by = {by} }}\n",
                head("earning"),
                wallet(),
                days(),
                span(),
                quoted(&typed("of"))
            )
        }
        "tier" => format!("{}threshold = {}\n", head("ladder.tier"), number("threshold")),
        "reward" => {
            // Money off where an amount is said, else the product of that id.
            let gives = match typed("value").as_str() {
                "" => format!("kind = \"product\"\nproducts = [{}]\n", quoted(&typed("id"))),
                _ => format!("kind = \"discount\"\nvalue = {}\n", number("value")),
            };
            format!(
                "{}{gives}prices = [{{ wallet = {}, points = {} }}]\n",
                head("reward"),
                quoted(&typed("wallet")),
                number("points")
            )
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loyalty::program::load;

    fn changed(pairs: &str) -> Files {
        let mut documents = documents(&starter_files()).unwrap();
        write(&mut documents, &Fields::read(pairs.as_bytes()));
        documents.into_iter().map(|(name, document)| (name, document.to_string())).collect()
    }

    #[test]
    fn a_figure_is_changed_and_nothing_else_is() {
        let before = &starter_files()["program.toml"];
        assert_eq!(&changed("")["program.toml"], before, "what is not touched is as it was written");
        let after = changed(
            "program.toml/earning/0/per_amount.every=20000&program.toml/reward/0/prices.0.points=120",
        );
        let text = &after["program.toml"];
        assert!(text.contains("per_amount = { every = 20000, points = 1 }"), "{text}");
        assert!(text.contains("points = 120 }]") && text.contains("# A program to begin with"), "{text}");
        assert!(load(&after).is_ok());
        let half = changed("program.toml/earning/0/per_amount.points=1,5");
        assert!(
            half["program.toml"].contains("points = \"1.5\""),
            "half a point is a text the reader of programs takes"
        );
        let wrong = changed("program.toml/earning/0/per_amount.every=0");
        assert!(load(&wrong).is_err(), "what makes no sense is named by the check, as in the files");
        assert_eq!(
            changed("elsewhere.toml/earning/0/x=1&program.toml/earning/9/x=1")["program.toml"],
            *before
        );
    }

    #[test]
    fn a_rule_is_added_that_the_program_takes() {
        for add in [
            "add=per-amount&id=weekend&name=Weekend&wallet=points&every=5000&points=1&days=sat&days=sun",
            "add=multiply&id=double&wallet=points&of=base&by=2&from=2026-12-01&until=2026-12-24",
            "add=reward&id=tea&name=Tea&wallet=points&points=30",
            "add=reward&id=off2&name=Off&wallet=points&points=30&value=20000",
        ] {
            let rule = added(&Fields::read(add.as_bytes())).unwrap();
            let mut files = starter_files();
            let text = files.get_mut("program.toml").unwrap();
            *text = format!("{text}\n{rule}");
            if let Err(problems) = load(&files) {
                panic!("{add}\n{rule}\n{problems:?}");
            }
        }
        assert_eq!(added(&Fields::read(b"add=")), None);
    }

    #[test]
    fn every_figure_of_the_starter_is_offered() {
        let documents = documents(&starter_files()).unwrap();
        let groups = groups(&documents, "vi");
        let kinds: Vec<&str> = groups.iter().map(|group| group.kind).collect();
        assert_eq!(kinds, ["earning", "expiry", "reward", "mission", "referral"]);
        let base = &groups[0].rules[0];
        assert_eq!((base.name.as_str(), base.figures.len()), ("Mỗi lần mua", 2));
        assert_eq!(base.figures[0].value, "10000");
    }
}
