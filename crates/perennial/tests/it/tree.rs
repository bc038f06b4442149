//! The repository as files: what the tests of the house share, and what must not lie about in it.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// A file of the repository as text.
pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below `folder` (relative to the root), as paths relative to the root, sorted.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let root = root();
    let mut found: Vec<String> = found
        .into_iter()
        .map(|path| path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/"))
        .collect();
    found.sort();
    found
}

/// What is made, not written, and whatever begins with a point except our own `.ci`.
fn is_ours(name: &str) -> bool {
    let made =
        ["target", "target-full", "perennial-data", "demo", "demo-data", "node_modules", "__pycache__"];
    !made.contains(&name) && (!name.starts_with('.') || name == ".ci")
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let entry = entry.expect("an entry");
        if !is_ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if entry.file_type().expect("a type").is_dir() {
            walk(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// Files that people write: code, documents, templates, words; not data, not the lock file.
fn written() -> Vec<(String, String)> {
    let endings = ["rs", "toml", "md", "sql", "slt", "ftl", "html", "css", "js", "py", "sh", "txt", "yml"];
    files("")
        .into_iter()
        .filter(|path| !path.starts_with("fixtures/"))
        .filter(|path| {
            let ending = path.rsplit('.').next().unwrap_or_default();
            endings.contains(&ending) || path.starts_with(".ci/") || path == "justfile"
        })
        .filter_map(|path| fs::read_to_string(root().join(&path)).ok().map(|text| (path, text)))
        .collect()
}

/// Where `is_bad` holds, as `path:line: text`.
fn lines_where(is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in written() {
        for (place, line) in text.lines().enumerate().filter(|(_, line)| is_bad(line)) {
            found.push(format!("{path}:{}: {}", place + 1, line.trim()));
        }
    }
    found
}

/// Words of a line: runs of letters, digits and underscores.
fn words_of(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

// Each word is put together here, so that this file is not among what it finds.

#[test]
fn nothing_is_left_for_later() {
    let later = [["TO", "DO"], ["FIX", "ME"], ["HA", "CK"]].map(|halves| halves.concat());
    let holes = [["unimple", "mented!"], ["to", "do!("], ["dbg", "!("]].map(|halves| halves.concat());
    let found = lines_where(|line| {
        words_of(line).any(|word| later.iter().any(|known| known == word))
            || holes.iter().any(|hole| line.contains(hole))
    });
    assert!(found.is_empty(), "finish these or take them out:\n{}", found.join("\n"));
}

#[test]
fn no_test_is_switched_off() {
    let ignored = ["#[", "ignore"].concat();
    let found = lines_where(|line| line.contains(&ignored));
    assert!(found.is_empty(), "assert today's answer and say why it is wrong:\n{}", found.join("\n"));
}

#[test]
fn no_path_of_one_machine_is_in_the_tree() {
    let homes = ["work", "root", "tmp", "home", "Users"].map(|home| format!("/{home}/"));
    let found = lines_where(|line| {
        homes.iter().any(|home| {
            line.match_indices(home.as_str()).any(|(place, _)| {
                // A folder of a URL or of a path below another is no folder of the machine.
                !line[..place].ends_with(|letter: char| letter.is_alphanumeric() || "}_-.)".contains(letter))
            })
        })
    });
    assert!(found.is_empty(), "a path of one machine:\n{}", found.join("\n"));
}

#[test]
fn lints_are_expected_with_a_reason_and_not_allowed_in_silence() {
    let allow = ["allow", "("].concat();
    let found = lines_where(|line| {
        let line = line.trim_start();
        let attribute = line.starts_with("#[") || line.starts_with("#![");
        attribute && line.contains(&allow) && !line.contains("reason")
    });
    assert!(found.is_empty(), "write #[expect(…, reason = \"…\")]:\n{}", found.join("\n"));
}

#[test]
fn what_every_visitor_looks_for_is_there() {
    for path in [
        "README.md",
        "ARCHITECTURE.md",
        "STYLE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE",
        "NOTICE",
        "justfile",
        "rustfmt.toml",
        "clippy.toml",
        "deny.toml",
        ".ci/run",
    ] {
        assert!(root().join(path).is_file(), "{path} is missing");
    }
    assert!(text("LICENSE").contains("Version 2.0, January 2004"));
    assert!(text("NOTICE").contains("fixtures/cdnow"), "data without provenance");
}
