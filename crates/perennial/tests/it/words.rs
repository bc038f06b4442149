//! Every sentence exists in every language, and takes the same values.

use crate::tree::{files, text};
use std::collections::{BTreeMap, BTreeSet};

const LANGUAGES: [&str; 4] = ["en", "vi", "zh", "zh-Hant"];

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

/// Characters that our simplified Chinese uses and traditional Chinese never.
const SIMPLIFIED: &str = "\
    与丢两个为么义习书买亏产仅从们优会传体债倾偿兑兰关内册写农决况冻净减凭则创删别办务动励势区单却历压参\
    双发变号听启员响围国图坏处备复够头夹奖学实审宽对导将尔尝层届属币师带并库应开异弃张强归当录彻忆态总惊\
    惯户扫扰报担拟择损换搁摊数断无时显暂机权条来构标树样档检槛欧汇没浅测浏渐满点状独现电画畅盖盘码礼离积\
    称税稳笔签简篮类红约级纳线组细终经结给络绝统继续绿编缩网职联节获营蓝虑补衬装见观规视览计订认让议记\
    许论设证评识诉诊试话询该详语误说请诺读谁调谈谢谨负责败账货质购贷费资赖赠跃踪转载较输达过运还这进远连\
    迟选递遗邮释针钟钥钱银铺链销锁错键长门闭问间阅际随难页项顺须顾预领频题颜额饰馈验鱼鲸龄";

#[test]
fn traditional_chinese_is_written_in_traditional_characters() {
    let told = "crates/loyalty/src/words/texts.rs";
    let sentences = text(told);
    let last =
        sentences.lines().filter_map(|line| line.rsplit_once("\", \"").map(|(_, last)| last.to_owned()));
    let mut places: Vec<(String, String)> = vec![(told.to_owned(), last.collect())];
    let paths = names_in("zh-Hant").into_iter().map(|file| format!("locales/zh-Hant/{file}"));
    places.extend(paths.map(|path| (path.clone(), text(&path))));
    for (path, said) in &places {
        let left: BTreeSet<char> = said.chars().filter(|letter| SIMPLIFIED.contains(*letter)).collect();
        assert!(left.is_empty(), "{path} has simplified characters: {left:?}");
        // What is said otherwise in Taiwan.
        for word in
            ["積分", "渠道", "短信", "郵箱", "默認", "用戶", "登錄", "數據", "信息", "網絡", "軟件", "賬"]
        {
            assert!(!said.contains(word), "{path} says {word}");
        }
    }
    assert!(text("locales/zh/words.ftl").chars().any(|letter| SIMPLIFIED.contains(letter)));
}

/// What the sources say, with the lines of a broken text joined.
fn sources() -> String {
    let paths = files("crates/").into_iter().filter(|path| path.ends_with(".rs") && path.contains("/src/"));
    let mut all = String::new();
    for path in paths {
        let mut rest = text(&path);
        while let Some(at) = rest.find("\\\n") {
            let behind = rest[at + 2..].trim_start().to_owned();
            all.push_str(&rest[..at]);
            rest = behind;
        }
        all.push_str(&rest);
    }
    all.replace("\\\"", "\"")
}

#[test]
fn refusals_are_those_the_engine_writes() {
    let (sources, mut count) = (sources(), 0);
    let known = text("locales/en/refusals.ftl") + &text("locales/en/refusals-files.ftl");
    for (key, english) in known.lines().filter_map(|line| line.split_once(" = ")) {
        let mut parts = english.split("{ $").map(|part| part.split_once(" }").map_or(part, |(_, text)| text));
        assert!(
            parts.all(|part| sources.contains(part)),
            "{key}: no source says \u{201c}{english}\u{201d} any more"
        );
        count += 1;
    }
    assert!(count >= 300, "{count}");
}

#[test]
fn refusals_are_said_without_english() {
    // Words of files and formats, which are typed as they are.
    let typed =
        ["JSON", "lines", "SVG", "PNG", "who", "value", "voucher", "promise", "unannounced", "public"];
    let typed = typed.into_iter().chain(["program", "currency"]).collect::<BTreeSet<_>>();
    for language in ["zh", "zh-Hant"] {
        for (key, said) in text(&format!("locales/{language}/refusals.ftl"))
            .lines()
            .filter_map(|line| line.split_once(" = "))
        {
            let bare: String =
                said.split("{ $").map(|part| part.split_once(" }").map_or(part, |(_, t)| t)).collect();
            let words = bare.split(|letter: char| !letter.is_ascii_alphabetic());
            let english: Vec<_> = words.filter(|word| word.len() > 2 && !typed.contains(word)).collect();
            assert!(english.is_empty(), "{language}: {key} says {english:?}");
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
