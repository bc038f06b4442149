//! The manual: what it shows loads, and it knows every key.

use loyalty::condition::FIELDS;
use loyalty::program::{Lang, load};
use loyalty::show::show;
use std::collections::BTreeMap;
use std::path::Path;

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/programs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn blocks(text: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn first_program() -> String {
    blocks(&page("first.md"), "toml").remove(0)
}

#[test]
fn every_recipe_loads_alone_and_all_together() {
    let first = first_program();
    let recipes = blocks(&page("recipes.md"), "toml");
    assert!(recipes.len() >= 18, "{}", recipes.len());
    let check = |files: BTreeMap<String, String>| {
        let program = load(&files).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        for lang in Lang::ALL {
            assert!(!show(&program, lang).contains('…'));
        }
    };
    let mut all = BTreeMap::from([("program.toml".to_owned(), first.clone())]);
    check(all.clone());
    for (place, recipe) in recipes.into_iter().enumerate() {
        let alone = [("program.toml".to_owned(), first.clone()), ("recipe.toml".to_owned(), recipe.clone())];
        check(BTreeMap::from(alone));
        all.insert(format!("recipe-{place:02}.toml"), recipe);
    }
    check(all);
}

/// `2026-05-01  100000  in district-1  of coffee  30`: a bill, and what its member has earned by then in all.
#[test]
fn bills_below_a_recipe_earn_what_the_page_says() {
    let text = page("recipes.md");
    let mut count = 0;
    for part in text.split("```toml\n").skip(1) {
        let Some(bills) = part.split("```bills\n").nth(1).and_then(|rest| rest.split("```").next()) else {
            continue;
        };
        let recipe = part.split("```").next().unwrap();
        let mut story = crate::story::Story::new(&format!("{}\n{recipe}", first_program()));
        story.tell("2026-01-01 join ana");
        for (number, bill) in bills.lines().enumerate() {
            let words: Vec<&str> = bill.split_whitespace().collect();
            let said = |key: &str| words.iter().position(|word| *word == key).map(|place| words[place + 1]);
            let store = said("in").map_or_else(String::new, |store| format!(" store={store}"));
            let (day, amount, category) = (words[0], words[1], said("of").unwrap_or("x"));
            story.tell(&format!("{day}T09:00 order ana o-{number} thing:{category}={amount}{store}"));
            let earned = story.books.members["ana"].accounts[0].balance(story.now).totals.earned;
            assert_eq!(earned.to_string(), *words.last().unwrap(), "{bill}\n{recipe}");
            count += 1;
        }
        story.prove();
    }
    assert!(count > 20, "{count}");
}

#[test]
fn the_mistake_the_manual_shows_is_the_one_the_checker_finds() {
    let text = first_program().replace("every = \"10000\", points = 1", "every = \"10000\", point = 1");
    let problems = load(&BTreeMap::from([("program.toml".to_owned(), text)])).unwrap_err();
    let shown = blocks(&page("first.md"), "text").remove(0);
    assert_eq!(problems[0].to_string(), shown.trim());
}

#[test]
fn the_facts_the_manual_shows_are_facts() {
    let program = load(&BTreeMap::from([("program.toml".to_owned(), first_program())])).unwrap();
    let text = blocks(&page("simulate.md"), "json").remove(0);
    let events: Vec<_> = loyalty::simulate::read_events(&text).collect::<Result<_, _>>().unwrap();
    let outputs: Vec<String> = loyalty::simulate::simulate(&program, 1, events.into_iter())
        .map(|output| serde_json::to_string(&output).unwrap())
        .collect();
    assert!(outputs.iter().any(|line| line.contains("\"posted\"")), "{outputs:#?}");
    assert!(outputs.iter().any(|line| line.contains("\"insufficient_points\"")), "{outputs:#?}");
    let broken = loyalty::simulate::read_events("{}\n\n{\"at\":\"x\"}").collect::<Vec<_>>();
    assert_eq!(broken.len(), 2);
    assert_eq!(broken[1].as_ref().unwrap_err().line, 3);
}

#[test]
fn the_reference_knows_every_key_and_the_conditions_page_every_field() {
    let reference = page("reference.md");
    let source = [
        include_str!("../../src/program/spec/mod.rs"),
        include_str!("../../src/program/spec/wallet.rs"),
        include_str!("../../src/program/spec/earning.rs"),
        include_str!("../../src/program/spec/ladder.rs"),
        include_str!("../../src/program/spec/reward.rs"),
        include_str!("../../src/program/spec/campaign.rs"),
    ]
    .concat();
    let keys = source.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    let mut count = 0;
    for (key, _) in keys.filter(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
        assert!(reference.contains(&format!("| `{key}` |")), "{key} is not in the reference");
        count += 1;
    }
    assert!(count > 100, "{count} keys");
    let conditions = page("conditions.md");
    for field in FIELDS {
        assert!(conditions.contains(&format!("| `{}` | {} |", field.path, field.about)), "{}", field.path);
    }
}
