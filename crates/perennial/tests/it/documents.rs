//! What the documents name is there.

use crate::tree::{files, root, text};

fn pages() -> Vec<String> {
    files("").into_iter().filter(|path| path.ends_with(".md") && !path.starts_with("fixtures/")).collect()
}

/// What stands between single back-quotes outside blocks of code.
fn quoted(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_block = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Whether a quoted word is a path of the repository: it has a slash, and nothing a path has not.
fn is_path(word: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "/._-*".contains(letter);
    word.contains('/') && word.chars().all(fits) && !word.starts_with('/') && !word.starts_with("./")
}

/// A path with stars is there where something matches it, star for one name.
fn is_there(path: &str) -> bool {
    let mut places = vec![root()];
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for place in places {
            if part.contains('*') {
                let (before, after) = part.split_once('*').expect("a star");
                let entries = std::fs::read_dir(&place).into_iter().flatten().flatten();
                next.extend(entries.map(|entry| entry.path()).filter(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    name.starts_with(before) && name.ends_with(after)
                }));
            } else if place.join(part).exists() {
                next.push(place.join(part));
            }
        }
        places = next;
    }
    !places.is_empty()
}

#[test]
fn paths_named_in_architecture_exist() {
    let mut checked = 0;
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for path in quoted(&text(page)).into_iter().filter(|word| is_path(word)) {
            assert!(is_there(&path), "{page} names {path}, which does not exist");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} paths were found: has the way of writing them changed?");
}

#[test]
fn architecture_names_every_crate_and_every_top_level_folder() {
    let page = text("ARCHITECTURE.md");
    let mut folders: Vec<String> = files("")
        .iter()
        .filter_map(|path| path.split_once('/').map(|(folder, _)| folder.to_owned()))
        .collect();
    folders.dedup();
    for folder in folders.iter().filter(|folder| !folder.starts_with('.')) {
        assert!(page.contains(&format!("`{folder}/")), "ARCHITECTURE.md does not say what {folder}/ is");
    }
    for entry in std::fs::read_dir(root().join("crates")).expect("crates") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(
            page.contains(&format!("`crates/{name}`")),
            "ARCHITECTURE.md does not say what crates/{name} is"
        );
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let folder = root().join(&page).parent().expect("a folder").to_owned();
        let text = text(&page);
        for (place, _) in text.match_indices("](") {
            let rest = &text[place + 2..];
            let target = &rest[..rest.find(')').unwrap_or(0)];
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            assert!(folder.join(path).exists(), "{page} links to {target}, which does not exist");
        }
    }
}

#[test]
fn readme_has_the_two_commands_and_they_are_what_ci_runs() {
    let readme = text("README.md");
    let ci = text(".ci/run") + &text("justfile");
    for command in ["cargo run --release -- demo", "cargo test --workspace"] {
        assert!(
            readme.lines().any(|line| line.trim() == command),
            "README.md does not show '{command}' on a line"
        );
        assert!(ci.contains(command), ".ci/run does not run '{command}'");
    }
}

/// The long options of the command line, from their definitions.
fn options() -> Vec<String> {
    let positional = [
        "common",
        "command",
        "kind",
        "files",
        "file",
        "reading",
        "report",
        "model",
        "query",
        "dir",
        "before",
        "after",
        "campaign",
        "facts",
        "sample",
        "input",
        "learning",
        "comparison",
        "dest",
        "src",
        "who",
        "what",
        "into",
        "number",
        "text",
        "said",
        "configured",
        "id",
        "url",
    ];
    let rooms = files("crates/perennial/src/args");
    let args = rooms.iter().fold(text("crates/perennial/src/args.rs"), |all, room| all + &text(room));
    // A word may stand alone in one command and be an option in another.
    let mut is_long = false;
    let fields = args.lines().filter_map(|line| {
        is_long |= line.trim().starts_with("#[arg(long");
        let name = line.trim().strip_prefix("pub ")?.split_once(": ")?.0;
        Some((name, std::mem::take(&mut is_long)))
    });
    fields
        .filter(|(name, _)| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
        .filter(|(name, is_long)| *is_long || !positional.contains(name))
        .map(|(name, _)| name)
        // What stands there under `long = "…"`.
        .flat_map(|name| match name {
            "maps" => vec!["map"],
            "purpose" => vec!["purpose", "for"],
            name => vec![name],
        })
        .map(|name| format!("--{}", name.replace('_', "-")))
        .collect()
}

/// The words of a line that begin with two dashes.
fn long_options(line: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    line.match_indices("--")
        .filter(|(place, _)| {
            !line[..*place].ends_with(|letter: char| is_part(letter) || letter.is_alphanumeric())
        })
        .map(|(place, _)| line[place..].chars().take_while(|letter| is_part(*letter)).collect::<String>())
        .map(|word| word.trim_end_matches('-').to_owned())
        .filter(|word| word.len() > 2 && !word.starts_with("---"))
        .collect()
}

#[test]
fn the_manual_says_every_option() {
    let manual: String =
        files("docs/manual").iter().filter(|path| path.ends_with(".md")).map(|path| text(path)).collect();
    let options = options();
    assert!(options.len() > 30, "{options:?}");
    let missing: Vec<&String> = options.iter().filter(|option| !manual.contains(option.as_str())).collect();
    assert!(missing.is_empty(), "docs/manual does not mention {missing:?}");
}

#[test]
fn options_named_to_people_exist() {
    let mut known = options();
    known.extend(["--help", "--version"].map(str::to_owned));
    let mut unknown = Vec::new();
    let messages =
        ["engine", "analytics", "store", "perennial"].map(|name| files(&format!("crates/{name}/src")));
    let sources = messages.into_iter().flatten().filter(|path| path.ends_with(".rs"));
    for path in sources.chain(files("docs/manual")).chain(files("locales")) {
        let is_code = path.ends_with(".rs");
        for line in text(&path)
            .lines()
            .filter(|line| !line.contains("cargo ") && !line.trim_start().starts_with("-- "))
        {
            let line = if is_code { line.split("//").next().unwrap_or_default() } else { line };
            let named = long_options(line).into_iter().filter(|option| !known.contains(option));
            unknown.extend(named.map(|option| format!("{path}: {option}")));
        }
    }
    assert!(unknown.is_empty(), "options that do not exist:\n{}", unknown.join("\n"));
}
