//! Every sentence exists in every language, and takes the same values.

use crate::tree::{files, text};
use std::collections::{BTreeMap, BTreeSet};

const LANGUAGES: [&str; 3] = ["en", "vi", "zh"];

/// Message → the variables it uses, from one Fluent file.
fn messages(path: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text(path).lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '-') {
            let (name, _) =
                line.split_once('=').unwrap_or_else(|| panic!("{path}: a message without '=': {line}"));
            current = name.trim().to_owned();
            assert!(!found.contains_key(&current), "{path}: {current} is there twice");
            found.insert(current.clone(), BTreeSet::new());
        }
        for (place, _) in line.match_indices('$') {
            let rest = &line[place + 1..];
            let end = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            found.get_mut(&current).expect("a message").insert(rest[..end].to_owned());
        }
    }
    found
}

fn names_in(language: &str) -> BTreeSet<String> {
    let folder = format!("locales/{language}/");
    let paths = files(&folder);
    paths.iter().filter(|path| path.ends_with(".ftl")).map(|path| path[folder.len()..].to_owned()).collect()
}

#[test]
fn languages_have_the_same_files() {
    for language in LANGUAGES {
        assert_eq!(names_in(language), names_in("en"), "{language}");
        assert!(!names_in(language).is_empty(), "{language} has no words");
    }
}

#[test]
fn languages_have_the_same_sentences_with_the_same_values() {
    for file in names_in("en") {
        let english = messages(&format!("locales/en/{file}"));
        assert!(!english.is_empty(), "{file} is empty");
        for language in &LANGUAGES[1..] {
            let path = format!("locales/{language}/{file}");
            let other = messages(&path);
            let missing: Vec<_> = english.keys().filter(|key| !other.contains_key(*key)).collect();
            let extra: Vec<_> = other.keys().filter(|key| !english.contains_key(*key)).collect();
            assert!(
                missing.is_empty() && extra.is_empty(),
                "{path}: missing {missing:?}, not in English {extra:?}"
            );
            for (key, variables) in &other {
                let unknown: Vec<_> = variables.difference(&english[key]).collect();
                assert!(unknown.is_empty(), "{path}: {key} uses {unknown:?}, which English does not");
            }
        }
    }
}

#[test]
fn no_sentence_was_left_in_english() {
    // A word may be the same in two languages; a sentence of four words hardly is.
    for language in &LANGUAGES[1..] {
        for file in names_in("en") {
            let english: BTreeSet<String> = sentences(&format!("locales/en/{file}"));
            let other = sentences(&format!("locales/{language}/{file}"));
            let same: Vec<&String> = english.intersection(&other).collect();
            assert!(same.is_empty(), "{language}/{file} has English sentences: {same:?}");
        }
    }
}

/// Values of one-line messages with four words or more outside placeables.
fn sentences(path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text(path).lines().filter(|line| !line.starts_with(['#', ' '])) {
        let Some((_, value)) = line.split_once(" = ") else { continue };
        let mut bare = String::new();
        let mut depth = 0;
        for letter in value.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth == 0 => bare.push(letter),
                _ => {}
            }
        }
        let words = bare.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count();
        if words >= 4 {
            found.insert(bare.trim().to_owned());
        }
    }
    found
}
