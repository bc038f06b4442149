//! Program files: each mistake names the file, the line and the mend.

use loyalty::program::{Problem, load};
use std::collections::BTreeMap;

const GOOD: &str = r#"
[program]
id = "corner-shop"
name = { en = "Corner shop", vi = "Tiệm góc phố", zh = "街角小店" }
zone = "Asia/Ho_Chi_Minh"
currency = "VND"

[[wallet]]
id = "beans"
name = "Beans"

[[expiry]]
wallet = "beans"
never = true
"#;

fn problems(more: &str) -> Vec<Problem> {
    let files = BTreeMap::from([
        ("program.toml".to_owned(), GOOD.to_owned()),
        ("rules.toml".to_owned(), more.to_owned()),
    ]);
    load(&files).err().unwrap_or_default()
}

/// The one problem of a text, as it is printed.
fn problem(more: &str) -> String {
    let all: Vec<String> = problems(more).iter().map(ToString::to_string).collect();
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0].clone()
}

#[test]
fn a_good_program_loads_and_files_may_be_split() {
    assert_eq!(problems(""), []);
    assert_eq!(problems("[[funder]]\nid = \"supplier\"\nname = \"Supplier\"\n"), []);
}

#[test]
fn mistakes_name_file_line_and_mend() {
    let rule = |keys: &str| format!("\n[[earning]]\nid = \"base\"\nwallet = \"beans\"\n{keys}\n");
    let fixed = |keys: &str| rule(&format!("fixed = {{ points = 1 }}\n{keys}"));
    for (text, expected) in [
        ("[[earning]\n".to_owned(), "rules.toml:1: this is not TOML"),
        (
            "[[earnings]]\nid = \"x\"\n".to_owned(),
            "rules.toml:1: unknown table 'earnings'; known tables: [program], [[wallet]]",
        ),
        (fixed("wehn = 'true'"), "rules.toml:6: unknown key 'wehn' in [[earning]]; did you mean 'when'?"),
        (
            rule("per_amount = { every = \"1000\", point = 1 }"),
            "rules.toml:5: unknown key 'point' in [[earning]]; did you mean 'points'?",
        ),
        (
            "\n[[earning]]\nid = \"base\"\n".to_owned(),
            "rules.toml:2: [[earning]] has no 'wallet'; add wallet",
        ),
        (fixed("").replace("beans", "stars"), "rules.toml:2: wallet 'stars' does not exist; known: beans"),
        (fixed("group = \"promo\""), "rules.toml:2: group 'promo' does not exist; there is none"),
        (fixed("tiers = [\"gold\"]"), "rules.toml:2: tier 'gold' does not exist; there is none"),
        (fixed("funder = \"aunt\""), "rules.toml:2: funder 'aunt' does not exist; known: shop"),
        (fixed("days = [\"saturday\"]"), "rules.toml:6: 'saturday' is not known here; write one of mon, tue"),
        (fixed("from = 2026-02-30"), "rules.toml:6: "),
        (fixed("from = \"soon\""), "rules.toml:6: 'soon' is not a day; write year-month-day"),
        (
            fixed("from = 2026-03-01\nuntil = 2026-03-01"),
            "rules.toml:2: it ends on 2026-03-01, before it begins",
        ),
        (fixed("hours = \"9 to 5\""), "rules.toml:6: '9 to 5' is not a time of day; write 07:00-09:30"),
        (
            fixed("when = 'order.totl > 5'"),
            "when = 'order.totl > 5': 'order.totl' does not exist; known: order.total_minor",
        ),
        (fixed("when = 'order.total_minor >'"), "this is not a condition"),
        (fixed("when = 'order.store = \"north\"'"), "; equal is written =="),
        (fixed("expires_after = 36"), "rules.toml:6: here stands integer `36`; write a text in quotes"),
        (fixed("when = 'order.total_minor'"), "this cannot be answered with yes or no"),
        (fixed("when = 'order.total_minor > \"5\"'"), "this cannot be answered with yes or no"),
        (rule(""), "rules.toml:2: rule 'base' says how many points in 0 ways; give it exactly one of"),
        (fixed("per_unit = { points = 1 }"), "in 2 ways"),
        (rule("per_amount = { every = \"0.5\", points = 1 }"), "every = 0.5 is not an amount of VND"),
        (rule("per_amount = { every = 0, points = 1 }"), "every is zero"),
        (rule("per_amount = { every = 1000, points = 1.5 }"), "rules.toml:5: here stands floating point `1.5`; write a number in quotes such as"),
        (rule("fixed = { points = \"0.5\" }"), "points = 0.5 does not exist in a wallet of precision 0"),
        (rule("fixed = { points = \"-1\" }"), "points = -1 does not exist"),
        (
            rule("bands = [{ from = 0, below = 10, points = 1 }, { from = 20, points = 2 }]"),
            "there is a gap between 10 and 20; let the band begin where the one before ends: from = \"10\"",
        ),
        (
            rule("bands = [{ from = 0, below = 20, points = 1 }, { from = 10, points = 2 }]"),
            "the bands from 0 and from 10 overlap",
        ),
        (
            rule("bands = [{ from = 0, points = 1 }, { from = 10, points = 2 }]"),
            "the band from 0 has no end but is not the last; give it below = \"10\"",
        ),
        (
            rule("bands = [{ from = 0, below = 10, points = 1 }]"),
            "the last band ends at 10: a larger bill would give nothing; leave below out of it, or add { from = \"10\", \
             points = 0 } if that is meant",
        ),
        (rule("multiply = { of = [\"other\"], by = 2 }"), "rule 'other' does not exist; known: base"),
        (rule("multiply = { of = [\"base\"], by = 2 }"), "rule 'base' is itself a multiple"),
        (fixed("caps = [{ per = \"day\" }]"), "a cap limits nothing; give it points or times"),
        (fixed("pending = {}"), "pending waits for nothing"),
        (
            "[[wallet]]\nid = \"gems\"\nname = \"Gems\"\nprecision = 835\n[[expiry]]\nwallet = \"gems\"\nnever = true\n\
             [[earning]]\nid = \"base\"\nwallet = \"gems\"\nper_unit = { points = 1 }\n"
                .to_owned(),
            "precision = 835 is too fine; write 0 to 6",
        ),
        (
            "[[wallet]]\nid = \"gems\"\nname = \"Gems\"\nworth = 0\n[[expiry]]\nwallet = \"gems\"\nnever = true\n".to_owned(),
            "worth = 0 is not above zero",
        ),
        (
            fixed("when = 'line.category == \"coffee\"'"),
            "rules.toml:2: when = 'line.category == \"coffee\"': 'line.category' is known of one line only; ask it in lines",
        ),
        (fixed("when = 'event.name == \"x\"'"), "'event.name' is not known of an order; give the rule event"),
        (
            fixed("event = 'review'\nwhen = 'order.total_minor > 5'"),
            "'order.total_minor' is not known of an event, which has no order; ask member",
        ),
        (
            rule("per_unit = { points = \"1.500\" }"),
            "points = \"1.500\" can be read as 1500 or as 1.5; write 1500, or \"1.5\"",
        ),
        (
            "[[funder]]\nid = \"roaster\"\nname = { vn = \"Lò rang\" }\n".to_owned(),
            "'vn' is no language of the rule book; write en, vi, zh or zh-Hant",
        ),
        (
            "[[funder]]\nid = \"roaster\"\nname = \" \"\n".to_owned(),
            "a name is empty; write what people read there",
        ),
        (
            "[[funder]]\nid = \"the roaster\"\nname = \"Roaster\"\n".to_owned(),
            "'the roaster' is not an id; use 1 to 64 letters, digits, - and _",
        ),
        (fixed("").replace("\"base\"", "\"bàse\""), "rules.toml:2: 'bàse' is not an id; use 1 to 64 letters"),
        (fixed("sum_over = \"month\""), "sum_over needs amounts"),
        (fixed("festival = { days_before = 3 }"), "a festival has no day, or two"),
        (
            fixed("expires_after = \"soon\""),
            "'soon' is not a length of time; write a number and one of s, m, h, D, W, M, Y",
        ),
        (
            format!("{}{}", fixed(""), fixed("from = 2026-03-01")),
            "two versions of rule 'base' are in force at once; end the earlier one: until = 2026-03-01 in rules.toml:2",
        ),
        (
            "[[wallet]]\nid = \"gems\"\nname = \"Gems\"\n".to_owned(),
            "nothing says when points of 'gems' run out; add [[expiry]] wallet = \"gems\"",
        ),
        (
            "[[mission]]\nid = \"ever\"\nname = \"Ever\"\ncounts = \"orders\"\ntarget = 5\nperiod = \"lifetime\"\n\
             streak = 2\nbadge = \"Ever\"\n"
                .to_owned(),
            "a lifetime comes only once; write streak = 1, or a period that comes again",
        ),
        ("[[expiry]]\nwallet = \"beans\"\n".to_owned(), "an expiry says when in no way, or in several"),
        ("[[wallet]]\nid = \"beans\"\nname = \"Beans\"\n".to_owned(), "wallet 'beans' is there twice"),
        (
            "[program]\nid = \"x\"\nname = \"x\"\nzone = \"Asia/Hanoi\"\ncurrency = \"VND\"\n".to_owned(),
            "[program] is there twice; keep one",
        ),
    ] {
        let found = problem(&text);
        assert!(found.contains(expected), "{found}\nexpected {expected}\nin {text}");
    }
}

#[test]
fn ladders_and_rewards_are_checked_too() {
    let ladder = |keys: &str, tiers: &str| {
        format!(
            "[[ladder]]\nid = \"status\"\nname = \"Status\"\ncounts = \"spend\"\nwindow = \"calendar_year\"\n{keys}\n{tiers}"
        )
    };
    let tier = |id: &str, threshold: i64| {
        format!("[[ladder.tier]]\nid = \"{id}\"\nname = \"{id}\"\nthreshold = {threshold}\n")
    };
    let two = tier("green", 0) + &tier("gold", 100);
    let reward = |keys: &str| format!("[[reward]]\nid = \"coffee\"\nname = \"Coffee\"\n{keys}\n");
    let price = "prices = [{ wallet = \"beans\", points = 5 }]";
    for (text, expected) in [
        (ladder("", &two), "nothing says how long a tier lasts"),
        (ladder("lasts = \"1Y\"\nlasts_next_year = true", &two), "a tier lasts in two ways"),
        (ladder("lasts = \"1Y\"\nlength = \"1Y\"", &two), "length belongs to a rolling window"),
        (ladder("lasts = \"1Y\"", &tier("green", 5)), "the lowest tier has a threshold"),
        (
            ladder("lasts = \"1Y\"", &(tier("green", 0) + &tier("gold", 0))),
            "tier 'gold' takes no more than the one below",
        ),
        (ladder("lasts = \"1Y\"", &(tier("green", 0) + &tier("green", 5))), "tier 'green' is there twice"),
        (ladder("lasts = \"1Y\"", &(tier("green", 0) + &tier("gold star", 5))), "'gold star' is not an id"),
        (ladder("lasts = \"1Y\"\nwallet = \"beans\"", &two), "wallet needs counts = \"points\""),
        (reward("kind = \"discount\"\nprices = []"), "the reward has no price"),
        (reward(&format!("kind = \"discount\"\n{price}")), "the reward has no value"),
        (
            reward(&format!("kind = \"choice\"\nproducts = [\"latte\"]\n{price}")),
            "a choice of fewer than two products",
        ),
        (
            reward(&format!(
                "kind = \"discount\"\nvalue = 1000\n{price}\nvoucher = {{ pattern = \"X-##\", valid = \"3D\" }}"
            )),
            "pattern 'X-##' has 2 free places",
        ),
        (
            reward(&format!("kind = \"partial_payment\"\nvalue = 1000\nshare_percent = 101\n{price}")),
            "share_percent is not 1 to 100",
        ),
    ] {
        let found: Vec<String> = problems(&text).iter().map(ToString::to_string).collect();
        assert!(
            found.iter().any(|problem| problem.contains(expected)),
            "{found:#?}\nexpected {expected}\nin {text}"
        );
    }
}

#[test]
fn a_thousand_is_not_mistaken_for_one() {
    let worth = |number: &str, currency: &str| {
        let text = GOOD
            .replace("\"VND\"", &format!("\"{currency}\""))
            .replace("name = \"Beans\"", &format!("name = \"Beans\"\nworth = \"{number}\""));
        let problems = load(&BTreeMap::from([("program.toml".to_owned(), text)])).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let found = worth("1.000", "VND");
    assert!(found.contains("worth = \"1.000\" can be read as 1000 or as 1; write 1000, or \"1\""), "{found}");
    assert!(worth("12.125", "USD").contains("write 12125, or \"12.1250\""));
    for (number, currency) in
        [("1000", "VND"), ("1.5", "VND"), ("0.125", "VND"), ("1.2500", "USD"), ("1.000", "BHD")]
    {
        assert_eq!(worth(number, currency), "", "{number} {currency}");
    }
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_files() {
    let text = "[[earning]]\nid = \"a\"\nwallet = \"x\"\nfixed = { points = 1 }\n\n[[earning]]\nid = \"b\"\nwallet = \"y\"\nfixed = { points = 1 }\n";
    let lines: Vec<usize> = problems(text).iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [1, 6]);
}

#[test]
fn there_must_be_a_program() {
    let problems = load(&BTreeMap::new()).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "program.toml: there is no [program]; add [program] with id, name, zone and currency"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(
        text in "[a-z0-9 =\\[\\]{}\".,#\n'-]{0,200}",
        place in 0usize..700,
        change in "[a-z0-9=\\[\\]{}\"-]{1,3}",
    ) {
        let _ = problems(&text);
        // A good file with something written over it: whatever comes, it is a program or a list of problems.
        let mut broken: Vec<char> = GOOD.chars().collect();
        let at = place.min(broken.len());
        broken.splice(at..at, change.chars());
        let files = BTreeMap::from([("program.toml".to_owned(), broken.into_iter().collect())]);
        if let Err(problems) = load(&files) {
            proptest::prop_assert!(!problems.is_empty());
            proptest::prop_assert!(problems.iter().all(|problem| !problem.what.is_empty() && !problem.mend.is_empty()));
        }
    }
}

#[test]
fn a_name_in_one_kind_of_chinese_serves_readers_of_the_other() {
    let text = GOOD.replace("zh = \"街角小店\"", "zh-Hant = \"街角小店面\"");
    let program = load(&BTreeMap::from([("program.toml".to_owned(), text)])).unwrap();
    let names = ["en", "vi", "zh", "zh-Hant"].map(|code| program.head.name.in_language(code).to_owned());
    assert_eq!(names, ["Corner shop", "Tiệm góc phố", "街角小店面", "街角小店面"]);
}
