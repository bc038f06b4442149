//! The page in every language, with everything and with nothing.

use super::*;

fn pages() -> Vec<(String, String)> {
    let assets = Assets::open(None).unwrap();
    let mut pages = vec![];
    for lang in Lang::ALL {
        for (name, xray) in [("full", Xray::sample()), ("bare", Xray::sample_bare())] {
            let page =
                render(&xray, &assets, lang).unwrap_or_else(|failure| panic!("{name} in {lang}: {failure}"));
            pages.push((format!("{name} in {lang}"), page));
        }
    }
    pages
}

/// Elements are closed in the order they were opened; enough to find a forgotten `</div>`.
fn unbalanced(page: &str) -> Option<String> {
    const VOID: [&str; 3] = ["meta", "br", "!doctype"];
    let mut open: Vec<String> = vec![];
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((tag, behind)) = after.split_once('>') else {
            return Some(format!("'<{after:.30}' has no end"));
        };
        rest = behind;
        let name: String = tag.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        let name = name.to_ascii_lowercase();
        if let Some(closed) = name.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == closed => {}
                other => return Some(format!("</{closed}> closes {other:?}")),
            }
        } else if name == "style" || name == "script" {
            rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, behind)| behind);
        } else if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    open.pop()
}

#[test]
fn pages_ask_nothing_of_the_network_and_stay_small() {
    for (name, page) in pages() {
        for word in ["http:", "https:", "src=", "@import", "url(", "<link"] {
            assert!(!page.contains(word), "{name} has {word}");
        }
        assert!(page.len() < 2_000_000, "{name}: {} bytes", page.len());
    }
}

#[test]
fn pages_are_well_formed() {
    for (name, page) in pages() {
        assert_eq!(unbalanced(&page), None, "{name}");
        let mut ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name} has an id twice");
        for target in page.split("popovertarget=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.binary_search(&target).is_ok(), "{name}: no definition {target}");
        }
        for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.binary_search(&target).is_ok(), "{name}: no section {target}");
        }
    }
}

#[test]
fn headings_descend_in_order() {
    for (name, page) in pages() {
        let levels: Vec<u32> = page
            .match_indices("<h")
            .filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10))
            .collect();
        assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1, "{name}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: h{} after h{}", pair[1], pair[0]);
        }
    }
}

#[test]
fn nothing_unformatted_reaches_the_reader() {
    for (name, page) in pages() {
        for word in ["{ $", "{{", "NaN", "none</td>", "undefined", ">inf", "None"] {
            assert!(!page.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn every_chart_has_a_title_a_description_and_a_table() {
    let (_, page) = pages().swap_remove(0);
    let charts = page.matches("role=\"img\"").count();
    assert_eq!(page.matches("<desc id=").count(), charts);
    assert_eq!(charts, 22);
    assert_eq!(page.matches("<details class=\"behind\">").count(), charts / 2);
}

#[test]
fn every_language_has_the_same_keys() {
    let assets = Assets::open(None).unwrap();
    let keys = |lang| {
        let mut keys = assets.words(lang).unwrap().keys().to_vec();
        keys.sort_unstable();
        keys
    };
    let english = keys(Lang::En);
    for lang in Lang::ALL {
        let others = keys(lang);
        let missing: Vec<_> = english.iter().filter(|key| !others.contains(key)).collect();
        let extra: Vec<_> = others.iter().filter(|key| !english.contains(key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{lang} lacks {missing:?}, has besides {extra:?}");
        assert!(others.windows(2).all(|pair| pair[0] != pair[1]), "{lang} has a key twice");
    }
}

/// Every saying once, whatever the report would choose.
fn everything_said() -> Xray {
    use crate::understand::xray::{Amount, Estimate, Saying, Sentence};
    let mut xray = Xray::sample();
    let codes: Vec<_> = xray.sentences.iter().map(|one| one.saying.code()).collect();
    let others = [
        Saying::Concentration {
            customers: 412,
            customers_share: 0.1,
            value_share: Estimate::new(0.63, 0.6, 0.66),
        },
        Saying::Anonymous { share: 0.18, sales_minor: 871_000_000 },
        Saying::DueSoon {
            customers: Estimate::new(310.0, 281.0, 339.0),
            value: Amount::new(96_000_000, 84_000_000, 109_000_000),
        },
    ];
    assert!(others.iter().all(|saying| !codes.contains(&saying.code())));
    xray.sentences.extend(others.map(|saying| Sentence { saying, at_stake_minor: None }));
    xray
}

#[test]
fn every_sentence_in_every_language() {
    let assets = Assets::open(None).unwrap();
    let xray = everything_said();
    let mut text = String::new();
    for lang in Lang::ALL {
        let habit = Habit::new(lang, xray.currency.code(), xray.decimals);
        let words = assets.words(lang).unwrap();
        text += &format!("# {}\n", said::headline(&xray, words, &habit).unwrap());
        for one in said::all(&xray, words, &habit).unwrap() {
            let one = serde_json::to_value(one).unwrap();
            text += &format!("{}\n  > {}\n", one["text"].as_str().unwrap(), one["todo"].as_str().unwrap());
        }
    }
    let text = text.replace('\u{a0}', " ").replace('\u{2060}', "");
    assert!(text == include_str!("said.txt"), "said.txt is no longer what is said; it would be:\n{text}");
}

#[test]
fn lists_of_one_and_of_none_are_pages_too() {
    let assets = Assets::open(None).unwrap();
    for length in [0, 1] {
        let mut value = serde_json::to_value(Xray::sample()).unwrap();
        shorten(&mut value, length);
        let xray: Xray = serde_json::from_value(value).unwrap();
        let page = render(&xray, &assets, Lang::En).unwrap();
        assert_eq!(unbalanced(&page), None, "lists of {length}");
        assert!(!page.contains("NaN") && !page.contains(">inf"), "lists of {length}");
    }
}

fn shorten(value: &mut serde_json::Value, length: usize) {
    match value {
        serde_json::Value::Array(items) => {
            items.truncate(length);
            items.iter_mut().for_each(|item| shorten(item, length));
        }
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| shorten(field, length)),
        _ => {}
    }
}

#[test]
fn a_products_name_is_never_markup() {
    let assets = Assets::open(None).unwrap();
    let mut xray = Xray::sample();
    xray.shop = Some("<script>alert(1)</script>".to_owned());
    xray.products.as_mut().unwrap().bring_back[0].product = "<img onerror=x>".to_owned();
    xray.stores.as_mut().unwrap()[0].name = "\"><u>".to_owned();
    let page = render(&xray, &assets, Lang::En).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("\"><u>"));
}

#[test]
fn what_was_decided_before_is_remembered_in_every_language() {
    let assets = Assets::open(None).unwrap();
    for (lang, words) in [
        (
            Lang::En,
            ["It brought between 39 and 83 people", "Keep it · ", "It could not be told from nothing."],
        ),
        (Lang::Vi, ["Đã đưa thêm từ 39 đến 83 người", "Tiếp tục mỗi tháng", "Chưa phân biệt được"]),
        (Lang::Zh, ["它多带来了 39 到 83 位顾客", "Tiếp tục mỗi tháng", "无法与没有效果区分。"]),
    ] {
        let page = render(&Xray::sample(), &assets, lang).unwrap();
        let memory =
            page.split("id=\"memory\"").nth(1).expect("a section").split("</section>").next().unwrap();
        for word in words {
            assert!(memory.contains(word), "{lang}: no '{word}' in {memory}");
        }
    }
    let nothing = render(&Xray::sample_bare(), &assets, Lang::En).unwrap();
    assert!(!nothing.contains("id=\"memory\""), "a shop that has tried nothing has no such section");
}
