//! The corner shop's X-ray with made-up numbers, to look at: `cargo run -p engine --example xray_sample -- OUT.html vi`
//! (`bare` as a third word for the least a report can be).

use assets::{Assets, Lang};
use engine::understand::{xray::Xray, xray_page};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (Some(out), lang) = (words.first(), words.get(1).map_or("en", String::as_str)) else {
        eprintln!("usage: xray_sample OUT.html [en|vi|zh|zh-Hant] [bare]");
        return ExitCode::from(2);
    };
    let xray =
        if words.get(2).is_some_and(|word| word == "bare") { Xray::sample_bare() } else { Xray::sample() };
    let written = lang.parse::<Lang>().map_err(|error| error.to_string()).and_then(|lang| {
        let assets = Assets::open(None).map_err(|error| error.to_string())?;
        let page = xray_page::render(&xray, &assets, lang).map_err(|error| error.to_string())?;
        std::fs::write(out, page).map_err(|error| format!("cannot write {out}: {error}"))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
