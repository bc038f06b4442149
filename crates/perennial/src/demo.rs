//! `perennial demo`: the sample shops, from files to reports, or the console on the corner shop.
//!
//! CDNOW is real: a web shop's customers of early 1997 and what they bought for eighteen months. The corner shop is
//! simulated, with products, stores, returns and feedback, so that every part of the report has something to say.

use crate::args::{Common, Demo, Reading, Report};
use crate::ended::Ended;
use crate::home::Home;
use crate::import::{import_files, options as import_options};
use crate::living;
use crate::progress::Progress;
use crate::say::{self, count};
use crate::serve;
use crate::simulate;
use crate::xray::{compute, headline, write_page};
use assets::Lang;
use engine::collect::role::Import;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use world::Config;

/// CDNOW as shipped inside the lifetimes package; see NOTICE.
const CDNOW: &[u8] = include_bytes!("../../../fixtures/cdnow/CDNOW_master.txt");

/// What one sample shop gave.
struct Shop {
    name: &'static str,
    rows: u64,
    customers: u64,
    pages: Vec<PathBuf>,
    said: String,
}

/// Run the command.
pub fn run(common: &Common, args: &Demo) -> Result<(), Ended> {
    if args.serve {
        let shop = living::shop(common, &args.out.join("console"))?;
        return serve::demo(&shop, args.listen.as_deref());
    }
    let shops = [cdnow(common, args)?, corner_shop(common, args)?];
    let document: Vec<Value> = shops
        .iter()
        .map(|shop| json!({"shop": shop.name, "rows": shop.rows, "customers": shop.customers, "pages": shop.pages}))
        .collect();
    say::result(common, &json!({ "shops": document }), || {
        let mut text = String::new();
        for shop in &shops {
            let _ = writeln!(
                text,
                "{}: {} rows, {} customers",
                shop.name,
                count(shop.rows),
                count(shop.customers)
            );
            let _ = writeln!(text, "{}", shop.said.trim_end());
            for page in &shop.pages {
                let _ = writeln!(text, "  {}", page.display());
            }
            text.push('\n');
        }
        text + "Open a page in a browser. Then try your own orders:  perennial xray --orders orders.csv\n"
    })
}

fn cdnow(common: &Common, args: &Demo) -> Result<Shop, Ended> {
    let folder = args.out.join("cdnow");
    let file = folder.join("files").join("CDNOW_master.txt");
    say::write_file(&file, CDNOW)?;
    let reading =
        Reading { shop: Some("CDNOW".to_owned()), currency: Some("USD".to_owned()), ..Reading::default() };
    shop("CDNOW", common, args, &folder, &[(Import::Orders, file)], &reading)
}

fn corner_shop(common: &Common, args: &Demo) -> Result<Shop, Ended> {
    let folder = args.out.join("corner-shop");
    let files = folder.join("files");
    simulate::write(Config::corner_shop(1), &files, &mut Progress::new(common.quiet))?;
    let reading = Reading {
        shop: Some("Corner shop".to_owned()),
        currency: Some("VND".to_owned()),
        timezone: Some("Asia/Ho_Chi_Minh".to_owned()),
        ..Reading::default()
    };
    let inputs = [
        (Import::Customers, files.join("customers.csv")),
        (Import::Orders, files.join("orders.csv")),
        (Import::Returns, files.join("returns.csv")),
        (Import::Feedback, files.join("feedback.csv")),
    ];
    shop("Corner shop", common, args, &folder, &inputs, &reading)
}

fn shop(
    name: &'static str,
    common: &Common,
    args: &Demo,
    folder: &Path,
    inputs: &[(Import, PathBuf)],
    reading: &Reading,
) -> Result<Shop, Ended> {
    let common = Common { data: folder.to_owned(), database: None, lake: None, ..common.clone() };
    let mut home = Home::open(&common)?;
    let mut rows = 0;
    for (kind, file) in inputs {
        let options = import_options(&mut home, *kind, reading)?;
        let summary = import_files(&common, &mut home, *kind, vec![file.display().to_string()], &options)?;
        if *kind == Import::Orders {
            rows = summary.counts.read;
        }
    }
    let report = Report::usual();
    let xray = compute(&common, &home, &report, None, Some(&folder.join("scores.csv")))?;
    let text = serde_json::to_vec_pretty(&xray).map_err(|error| Ended::Failed(error.into()))?;
    say::write_file(&folder.join("xray.json"), &text)?;
    let languages = match args.lang {
        Some(lang) => vec![(lang, "xray.html".to_owned())],
        None => Lang::ALL.map(|lang| (lang, page_in(lang))).to_vec(),
    };
    let mut pages = Vec::new();
    for (lang, page) in languages {
        let path = folder.join(page);
        write_page(&common, &xray, lang, &path)?;
        pages.push(path);
    }
    let customers = home.store.count_customers()?;
    let said = headline(&common, &xray, args.lang.unwrap_or(Lang::En))?;
    Ok(Shop { name, rows, customers, pages, said })
}

/// The name of a page among those of all languages.
fn page_in(lang: Lang) -> String {
    if lang == Lang::En { "xray.html".to_owned() } else { format!("xray.{lang}.html") }
}
