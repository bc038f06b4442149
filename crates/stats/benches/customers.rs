//! Our side of the race with lifetimes: `just peers --only fit --only score`, see benches/peers/README.md.
//!
//! The script writes customers (columns of little-endian f64) into the folder named by `PERENNIAL_RACE`; this fits and
//! scores the same ones and prints one line of JSON per piece: its name, the best time by the processor of all threads and
//! by the clock, and the answer. Without the folder there is nothing to do.

#![expect(clippy::disallowed_methods, reason = "a race is measured by the clock")]

#[expect(dead_code, reason = "shared with benches that make customers")]
mod shared;

use shared::processor_seconds;
use stats::lifetime::fit::{Family, fit};
use stats::lifetime::history::History;
use stats::lifetime::score::{Request, Score, score_all};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let Some(folder) = std::env::var_os("PERENNIAL_RACE").map(PathBuf::from) else { return };
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of the race")
        .filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".frequency.f64").map(str::to_owned))
        .collect();
    names.sort();
    for name in &names {
        race(&folder, name);
    }
}

fn race(folder: &Path, name: &str) {
    let [frequency, recency, age] =
        ["frequency", "recency", "age"].map(|column| read(&folder.join(format!("{name}.{column}.f64"))));
    let history = History::new(&frequency, &recency, &age);
    let fitted = timed(
        &format!("fit {name}"),
        || fit(Family::BG_NBD, &history).expect("a fit"),
        |fitted| fitted.model.parameters(),
    );
    let request = Request { horizon: 52.0, rate: 0.0 };
    timed(
        &format!("score {name}"),
        || score_all(&fitted.model, &history, &request).expect("scores"),
        |scores| {
            let sum = |of: fn(&Score) -> f64| -> f64 { scores.iter().map(of).sum() };
            vec![sum(|score| score.expected_orders), sum(|score| score.p_alive)]
        },
    );
}

fn read(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number)).collect()
}

/// The best of seven runs after one to warm up, said with the answer; hands on what the last one found.
fn timed<T>(name: &str, work: impl Fn() -> T, answer: impl Fn(&T) -> Vec<f64>) -> T {
    let mut found = work();
    let (mut processor, mut clock) = (f64::MAX, f64::MAX);
    for _ in 0..7 {
        let (began, before) = (Instant::now(), processor_seconds());
        found = work();
        let wall = began.elapsed().as_secs_f64();
        clock = clock.min(wall);
        processor =
            processor.min(before.zip(processor_seconds()).map_or(wall, |(before, after)| after - before));
    }
    let answer: Vec<String> = answer(&found).iter().map(f64::to_string).collect();
    println!(
        "{{\"name\": \"{name}\", \"processor\": {processor}, \"clock\": {clock}, \"answer\": [{}]}}",
        answer.join(", ")
    );
    found
}
