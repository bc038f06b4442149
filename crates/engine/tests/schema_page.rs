//! `docs/manual/xray-json.md` is made of the doc comments of the document's types, so that it cannot differ from them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The files of the document's types, in the order of the page.
const SOURCES: [&str; 6] =
    ["xray.rs", "xray/sentence.rs", "xray/lenses.rs", "xray/customers.rs", "xray/trade.rs", "xray/trust.rs"];

const OPENING: &str = "# The X-ray as JSON\n\n`perennial xray --out-json FILE` writes every number of the report; `--json` \
prints it. The document says which\nversion of this schema it follows in `schema`, now `perennial.xray/1`: the number \
rises when a field changes its\nmeaning or goes away, new optional fields do not change it.\n\nMoney is whole minor units \
of `currency`; shares lie between 0 and 1; days are the shop's; a period's end is the first\nday after it; what cannot be \
known is `null`, never zero; what is in doubt is an `Estimate` with its interval. The\noutermost object is `Xray`.\n";

/// A type or one of its fields, with what its doc comment says.
struct Item {
    name: String,
    kind: String,
    about: String,
}

#[test]
fn the_page_says_what_the_types_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut page = String::from(OPENING);
    let mut fields = 0;
    for source in SOURCES {
        let text = fs::read_to_string(root.join("src/understand").join(source)).expect("a source");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        for (item, members) in types(&text) {
            assert!(!item.about.is_empty(), "{source}: {} has no doc comment", item.name);
            let _ =
                write!(page, "\n## {}\n\n{}\n\n| field | type | |\n|---|---|---|\n", item.name, item.about);
            for member in members {
                assert!(
                    !member.about.is_empty(),
                    "{source}: {}.{} has no doc comment",
                    item.name,
                    member.name
                );
                let _ = writeln!(page, "| `{}` | {} | {} |", member.name, member.kind, member.about);
                fields += 1;
            }
        }
    }
    assert!(fields > 150, "only {fields} fields were found: has the way of writing them changed?");
    let path = root.join("../../docs/manual/xray-json.md");
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        fs::write(&path, &page).expect("the manual can be written");
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/manual/xray-json.md is not what the types say; write it anew with UPDATE_MANUAL=1 cargo test -p engine --test \
         schema_page"
    );
}

/// The public structs and enums of a source, each with its fields or variants.
fn types(text: &str) -> Vec<(Item, Vec<Item>)> {
    let mut found: Vec<(Item, Vec<Item>)> = Vec::new();
    let (mut about, mut is_open, mut is_enum) = (Vec::new(), false, false);
    for line in text.lines() {
        let bare = line.trim();
        if let Some(words) = bare.strip_prefix("///") {
            about.push(words.trim().to_owned());
            continue;
        }
        if bare.starts_with('#') {
            continue;
        }
        let said = plain(&std::mem::take(&mut about).join(" "));
        let opened = ["pub struct ", "pub enum "].iter().find_map(|start| line.strip_prefix(start));
        if let Some(rest) = opened {
            let name = rest.split([' ', '{', '<', '(']).next().unwrap_or_default().to_owned();
            is_open = line.ends_with('{');
            is_enum = line.starts_with("pub enum ");
            if is_open {
                found.push((Item { name, kind: String::new(), about: said }, Vec::new()));
            }
        } else if line == "}" {
            is_open = false;
        } else if is_open && line.starts_with("    ") && (line[4..].starts_with("pub ") || is_enum) {
            let Some((_, members)) = found.last_mut() else { continue };
            if let Some(member) = member(&line[4..], is_enum, said) {
                members.push(member);
            }
        }
    }
    found
}

/// One field (`pub name: Type,`) or variant (`Name,`, `Name {`, `Name(Type),`).
fn member(line: &str, is_enum: bool, about: String) -> Option<Item> {
    if is_enum {
        let name: String = line.chars().take_while(|letter| letter.is_alphanumeric()).collect();
        let is_variant = name.starts_with(char::is_uppercase);
        return is_variant.then(|| Item { name: snake(&name), kind: "variant".to_owned(), about });
    }
    let (name, kind) = line.strip_prefix("pub ")?.trim_end_matches(',').split_once(": ")?;
    let kind = match kind.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>')) {
        Some(inner) => format!("{}, or null", json(inner)),
        None => json(kind),
    };
    Some(Item { name: name.to_owned(), kind, about })
}

/// A Rust type in the words of JSON.
fn json(kind: &str) -> String {
    match kind {
        "String" => "text".to_owned(),
        "bool" => "true or false".to_owned(),
        "f64" => "number".to_owned(),
        "u32" | "u64" | "i32" | "i64" | "usize" => "whole number".to_owned(),
        "Date" => "day, `2026-03-31`".to_owned(),
        "Currency" => "code, `VND`".to_owned(),
        _ => match kind.strip_prefix("Vec<").and_then(|inner| inner.strip_suffix('>')) {
            Some(inner) => format!("list of {}", json(inner)),
            None => format!("`{kind}`"),
        },
    }
}

/// A variant's name as serde writes it.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// A doc comment without links of its own kind, `None` as JSON says it.
fn plain(comment: &str) -> String {
    comment.replace("[`", "`").replace("`]", "`").replace("`None`", "`null`").replace('|', "\\|")
}
