//! Any lines as facts: read or refused, judged without an end, and the ledger sound after each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loyalty::judge::Output;
use loyalty::ledger::verify;
use loyalty::program::{Program, load};
use std::collections::BTreeMap;
use std::sync::OnceLock;

const PROGRAM: &str = r#"
[program]
id = "fuzz"
name = "Fuzz"
zone = "Europe/Paris"
currency = "EUR"
claim_within = "7D"
[[wallet]]
id = "beans"
name = "Beans"
precision = 1
deficit = "negative"
restore_grace = "2D"
transfer_per_month = 500
[[expiry]]
wallet = "beans"
after = "30D"
extend = "1M"
[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = "1.2", whole = false }
by_tier = { gold = "1.5" }
pending = { delay = "2D" }
caps = [{ per = "day", points = 900 }]
budgets = [{ points = 9000, per_store = true }]
[[earning]]
id = "double"
wallet = "beans"
days = ["tue"]
multiply = { of = ["base"], by = 2 }
[[earning]]
id = "review"
wallet = "beans"
event = "review"
fixed = { points = 3 }
[[ladder]]
id = "status"
name = "Status"
counts = "spend"
window = "rolling"
length = "12M"
lasts = "6M"
[[ladder.tier]]
id = "green"
name = "Green"
threshold = 0
[[ladder.tier]]
id = "gold"
name = "Gold"
threshold = 100
bonus = { wallet = "beans", points = 9 }
[[reward]]
id = "coffee"
name = "Coffee"
kind = "product"
products = ["latte"]
stock = 3
prices = [{ wallet = "beans", points = 20 }]
[[reward]]
id = "card"
name = "Card"
kind = "stored_value"
value = "10.00"
prices = [{ wallet = "beans", points = 30 }]
voucher = { pattern = "CARD-########", valid = "1Y" }
[[mission]]
id = "week"
name = "Week"
counts = "orders"
target = 2
period = "week"
gift = { wallet = "beans", points = 4 }
[[referral]]
id = "friend"
minimum = "5.00"
within = "30D"
referrer = { wallet = "beans", points = 7 }
[[surprise]]
id = "gift"
one_in = 2
holdout_percent = 50
budget = 100
gift = { wallet = "beans", points = 5 }
[[pool]]
id = "home"
wallet = "beans"
members = 3
"#;

fn program() -> &'static Program {
    static PROGRAM_READ: OnceLock<Program> = OnceLock::new();
    PROGRAM_READ.get_or_init(|| {
        load(&BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]))
            .expect("the program is sound")
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let program = program();
    let events = loyalty::simulate::read_events(text).take(200).filter_map(Result::ok);
    let mut chains: BTreeMap<(String, String), Vec<_>> = BTreeMap::new();
    for output in loyalty::simulate::simulate(program, 1, events) {
        if let Output::Posted { member, wallet, posting, .. } = output {
            chains.entry((member.to_string(), wallet.to_string())).or_default().push(posting);
        }
    }
    for ((member, wallet), postings) in &chains {
        assert_eq!(verify("fuzz", member, wallet, postings), [], "{member}");
    }
});
