//! Explanations in every language.

use crate::story::Story;
use loyalty::explain::explain;
use loyalty::judge::Output;
use loyalty::program::Lang;

const SHOP: &str = r#"
[program]
id = "corner-shop"
name = "Corner shop"
zone = "Asia/Ho_Chi_Minh"
currency = "USD"

[[wallet]]
id = "stars"
name = { en = "stars", vi = "sao", zh = "颗星" }
one = "star"
precision = 1

[[expiry]]
wallet = "stars"
after = "6M"

[[funder]]
id = "supplier"
name = "the coffee supplier"

[[earning]]
id = "base"
name = { en = "a star a dollar", vi = "một sao mỗi đô", zh = "一元一星" }
wallet = "stars"
per_amount = { every = "1.00", points = 1, whole = false }
by_tier = { gold = "1.2" }
caps = [{ per = "day", points = 60 }]

[[earning]]
id = "cups"
wallet = "stars"
lines = 'line.category == "coffee"'
per_unit = { points = 2 }
pending = { delay = "14D" }
funder = "supplier"

[[ladder]]
id = "status"
name = "Status"
counts = "spend"
window = "rolling"
length = "12M"
lasts = "12M"
[[ladder.tier]]
id = "green"
name = "Green"
threshold = 0
[[ladder.tier]]
id = "gold"
name = { en = "Gold", vi = "Vàng", zh = "金卡" }
threshold = 10

[[reward]]
id = "coffee"
name = "Coffee"
kind = "product"
products = ["latte"]
prices = [{ wallet = "stars", points = 8 }]
"#;

fn sentences(script: &str, lang: Lang) -> Vec<String> {
    let mut story = Story::new(SHOP);
    story.tell(script);
    story.prove();
    let version = |text: String| {
        let place = story.program.rules.iter().find(|rule| text.contains(rule.version.as_str()));
        place.map_or(text.clone(), |rule| text.replace(rule.version.as_str(), "V"))
    };
    story.outputs.iter().filter_map(|output| explain(&story.program, output, lang)).map(version).collect()
}

const STORY: &str = "
    2026-03-01 join ana
    2026-03-01 order ana o-1 bun:bakery=20.00-7.50
    2026-03-02 order ana o-2 bun:bakery=80.37 latte:coffee=2.00 pay=points:10.00:x
    2026-03-03 redeem ana coffee c-1
    2026-03-04 return o-2 r-1
    ";

#[test]
fn an_award_says_how_it_came_about() {
    assert_eq!(
        sentences(STORY, Lang::En),
        [
            "12.5 stars by rule 'a star a dollar' (version V); 12.50 USD of the order counts; for every 1.00 USD: 1 star; \
             that is 12.5, rounded down: 12.5 stars; lot 0, until 2026-09-01 00:00.",
            "60.0 stars by rule 'a star a dollar' (version V); 72.37 USD of the order counts; 10.00 USD was paid in ways \
             that do not count; for every 1.00 USD: 1 star; tier Gold: times 1.2; that is 86.844, rounded down: 86.8 \
             stars; the cap per day cut it from 86.8 stars to 60.0 stars; lot 1, until 2026-09-02 00:00.",
            "2.0 stars by rule 'cups' (version V); 1.76 USD of the order counts; 10.00 USD was paid in ways that do not \
             count; 1 unit at 2 stars each; that is 2, rounded down: 2.0 stars; lot 2, until 2026-09-02 00:00; usable from \
             2026-03-16 00:00; paid by the coffee supplier.",
            "8.0 stars spent on redemption c-1.",
            "60.0 stars taken back because of return r-1.",
            "2.0 stars taken back because of return r-1.",
        ]
    );
}

#[test]
fn it_says_so_in_vietnamese_and_chinese() {
    let vietnamese = sentences(STORY, Lang::Vi);
    assert_eq!(
        vietnamese[0],
        "12,5 sao theo quy tắc 'một sao mỗi đô' (phiên bản V); 12,50 USD của đơn hàng được tính; mỗi 1,00 USD: 1 sao; tức là \
         12,5, làm tròn xuống: 12,5 sao; lô 0, đến 2026-09-01 00:00."
    );
    let traditional = sentences(STORY, Lang::ZhHant);
    assert_eq!(traditional[3], "兌換 c-1 使用 8.0 颗星。");
    assert_eq!(traditional[4], "因退貨 r-1 收回 60.0 颗星。");
    let chinese = sentences(STORY, Lang::Zh);
    assert_eq!(chinese[3], "兑换 c-1 使用 8.0 颗星。");
    assert_eq!(chinese[4], "因退货 r-1 收回 60.0 颗星。");
    assert!(chinese[1].contains("等级 金卡：乘以 1.2") && chinese[1].contains("每天上限"), "{}", chinese[1]);
}

#[test]
fn every_kind_of_entry_has_a_sentence_in_every_language() {
    let script = "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 latte:coffee=100.00
        2026-03-01 adjust ana stars 5 a-1
        2026-03-01 adjust ana stars -5 a-2
        2026-03-01 hold ana coffee h-1
        2026-03-01 capture ana h-1
        2026-03-01 refund ana h-1
        2026-03-01 hold ana coffee h-2
        2026-03-01 release ana h-2
        2026-03-16 return o-1 r-1 1:0.5
        2026-03-16 keep o-1 r-1
        2026-03-16 merge ana bo
        2026-12-16 tick
        ";
    for lang in Lang::ALL {
        let all = sentences(script, lang);
        assert!(all.len() >= 15, "{all:#?}");
        assert!(all.iter().all(|text| !text.contains('…') && !text.contains("posted")), "{all:#?}");
    }
    let mut story = Story::new(SHOP);
    story.tell(script);
    let kinds: std::collections::BTreeSet<String> = story
        .outputs
        .iter()
        .filter_map(|output| match output {
            Output::Posted { posting, .. } => Some(format!("{:?}", posting.kind)),
            _ => None,
        })
        .collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
}
