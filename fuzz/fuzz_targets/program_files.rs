//! Any text as a program file: refused with a line and a mend, or a program that can be shown, compared and run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loyalty::program::{Lang, load};
use std::collections::BTreeMap;

/// A little of everything that can happen, for whatever program there is.
const FACTS: &str = r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"ana","birthday":"02-29"}
{"at":"2026-03-02T02:00:00Z","type":"order","id":"o-1","member":"ana","store":"north","lines":[{"id":"1","product":"latte","category":"coffee","quantity_milli":2000,"gross_minor":90000,"discount_minor":10000,"tax_minor":700}],"tenders":[{"kind":"voucher","amount_minor":100}],"shipping_minor":300}
{"at":"2026-03-03T02:00:00Z","type":"return","id":"r-1","order":"o-1","lines":[{"line":"1","quantity_milli":1000}]}
{"at":"2026-03-04T02:00:00Z","type":"event","id":"e-1","member":"ana","name":"review"}
{"at":"2028-03-04T02:00:00Z","type":"tick"}"#;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let files = BTreeMap::from([("program.toml".to_owned(), text.to_owned())]);
    match load(&files) {
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.line <= text.lines().count() + 1, "{problem}");
                assert!(!problem.what.is_empty() && !problem.mend.is_empty(), "{problem}");
            }
        }
        Ok(program) => {
            for lang in Lang::ALL {
                assert!(loyalty::show::show(&program, lang).starts_with("# "));
            }
            assert!(loyalty::diff::is_same(&program, &program));
            let events = loyalty::simulate::read_events(FACTS).map(|event| event.expect("a fact"));
            for output in loyalty::simulate::simulate(&program, 1, events) {
                loyalty::explain::explain(&program, &output, Lang::En);
            }
        }
    }
});
