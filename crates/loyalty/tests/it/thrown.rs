//! Wrong texts thrown at the readers: seeds that are sound, cut, joined and written over by a seeded draw. What is done
//! with each is the body of the fuzz target of the same name. `PERENNIAL_THROWS` says how many.

#[path = "../../../../fuzz/src/lib.rs"]
mod fuzz;

use std::path::{Path, PathBuf};

/// A draw that is the same on every machine: SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn texts(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|is| is == ending) {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found.sort();
    found
}

/// Blocks of a kind in the manual.
fn blocks(kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let pages = texts("docs/manual/programs", "md");
    let of = |page: &String| -> Vec<String> {
        page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next().map(str::to_owned)).collect()
    };
    pages.iter().flat_map(of).collect()
}

const BITS: [&str; 24] = [
    "\0",
    "\n",
    "\"",
    "'",
    "{",
    "}",
    "[[",
    "]]",
    "=",
    "-",
    "0",
    "9223372036854775807",
    "-1",
    "1e9",
    "\u{1F600}",
    "ạ",
    "9999-12-31",
    "-009999-01-01T00:00:00Z",
    "null",
    "true",
    "[]",
    "{}",
    ",",
    "𝟘",
];

/// A seed with some things done to it.
fn spoilt(draw: &mut Draw, seeds: &[String]) -> Vec<u8> {
    let mut bytes = seeds[draw.below(seeds.len())].clone().into_bytes();
    for _ in 0..=draw.below(4) {
        let (a, b) = (draw.below(bytes.len()), draw.below(bytes.len()));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 200));
        match draw.below(7) {
            0 => _ = bytes.drain(from..to),
            1 => bytes.splice(from..to, BITS[draw.below(BITS.len())].bytes()).for_each(drop),
            2 => bytes.splice(from..from, BITS[draw.below(BITS.len())].bytes()).for_each(drop),
            3 => {
                let again = bytes[from..to].to_vec();
                let at = draw.below(bytes.len());
                bytes.splice(at..at, again).for_each(drop);
            }
            4 => {
                let other = seeds[draw.below(seeds.len())].as_bytes();
                let at = draw.below(other.len());
                bytes.splice(from..to, other[at..(at + 120).min(other.len())].iter().copied()).for_each(drop);
            }
            5 if !bytes.is_empty() => bytes[from] = b' ' + draw.below(95) as u8,
            // Another number where one stood.
            _ => {
                if let Some(at) = bytes[from..].iter().position(u8::is_ascii_digit) {
                    let number = (draw.next() >> draw.below(64)).to_string();
                    bytes.splice(from + at..=from + at, number.bytes()).for_each(drop);
                }
            }
        }
        bytes.truncate(1 << 14);
    }
    bytes
}

fn throw(seed: u64, seeds: &[String], at: fn(&[u8])) {
    assert!(!seeds.is_empty(), "there is something to begin with");
    let throws = std::env::var("PERENNIAL_THROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(400u64);
    seeds.iter().for_each(|seed| at(seed.as_bytes()));
    let mut draw = Draw(seed);
    for number in 0..throws {
        let text = spoilt(&mut draw, seeds);
        let shown = String::from_utf8_lossy(&text).into_owned();
        let ended = std::panic::catch_unwind(|| at(&text));
        assert!(ended.is_ok(), "throw {number} of seed {seed}:\n{shown}");
    }
    println!("{throws} texts thrown");
}

#[test]
fn thrown_program_files_are_refused_or_run() {
    let mut seeds = texts("programs", "toml");
    let first = blocks("toml").into_iter().find(|text| text.contains("[program]")).expect("a first program");
    seeds.extend(blocks("toml").into_iter().map(|recipe| format!("{first}\n{recipe}")));
    throw(1, &seeds, fuzz::program_file);
}

#[test]
fn thrown_conditions_are_refused_or_answered_alike() {
    let seeds = [
        "order.total_minor >= 50000 && order.store in ['north', 'south']",
        "\"coffee\" in order.categories && !(\"complaint-open\" in member.segments)",
        "line.category == \"coffee\" || line.paid_minor > 1000",
        "order.categories.exists(c, c.startsWith('bak')) ? member.orders_before == 3 : false",
        "size(order.products) % 2 == 1 && order.day < '2026-03-11'",
        "event.name == 'review' && member.days_joined >= 30",
        "order.products.map(p, p + 'x').filter(p, p != 'latte')[0] == 'bunx'",
    ];
    throw(2, &seeds.map(str::to_owned), fuzz::condition);
}

#[test]
fn thrown_facts_leave_a_sound_ledger() {
    let mut seeds: Vec<String> = blocks("json").into_iter().filter(|text| text.contains("\"at\"")).collect();
    seeds.push(
        [
            r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"ana"}"#,
            r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"bo","referred_by":"ana","marks":["device:x"]}"#,
            r#"{"at":"2026-03-02T02:00:00Z","type":"order","id":"o-1","member":"bo","lines":[{"id":"1","product":"a","gross_minor":9000}],"tenders":[{"kind":"gift_card","amount_minor":5,"code":"x"}]}"#,
            r#"{"at":"2026-03-05T02:00:00Z","type":"redeem","id":"c-1","member":"bo","reward":"card"}"#,
            r#"{"at":"2026-03-05T03:00:00Z","type":"transfer","id":"t-1","member":"bo","to":"ana","wallet":"beans","units":30}"#,
            r#"{"at":"2026-03-06T02:00:00Z","type":"pool","id":"p-1","member":"ana","household":"h","does":"join","pool":"home"}"#,
            r#"{"at":"2026-03-06T02:00:00Z","type":"pool","id":"p-2","member":"ana","household":"h","does":"give","units":10}"#,
            r#"{"at":"2026-03-07T02:00:00Z","type":"merge","member":"bo","into":"ana"}"#,
            r#"{"at":"2026-03-08T02:00:00Z","type":"return","id":"r-1","order":"o-1","lines":[{"line":"1","amount_minor":4000}]}"#,
            r#"{"at":"2026-03-09T02:00:00Z","type":"unmerge","member":"bo"}"#,
            r#"{"at":"2026-03-10T02:00:00Z","type":"return_undone","id":"r-1","order":"o-1"}"#,
            r#"{"at":"2026-06-10T02:00:00Z","type":"tick"}"#,
        ]
        .join("\n"),
    );
    throw(3, &seeds, fuzz::facts);
}
