//! Tries the recommendation lists on the public next-basket files, where they are present.
//!
//! `PERENNIAL_RETAIL_DATA=DIR cargo run --release -p stats --example next_basket`, with
//! `tafeng_baskets/tafeng_history.json.gz` and `instacart_sample/orders_products.csv.gz` under the folder. The last
//! basket of each customer is held out; popularity and similarity are learnt from the rest.

use std::error::Error;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use stats::accuracy::baskets::{Ideal, ListScores};
use stats::baskets::Histories;
use stats::recommend::{Blend, Neighbours, Popularity, Scored, buy_again, evaluate, hold_out_last};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::var_os("PERENNIAL_RETAIL_DATA") else {
        println!("not run: PERENNIAL_RETAIL_DATA names no folder");
        return Ok(());
    };
    let folder = Path::new(&folder);
    try_lists("Ta-Feng", &tafeng(&folder.join("tafeng_baskets/tafeng_history.json.gz"))?)?;
    try_lists("Instacart sample", &instacart(&folder.join("instacart_sample/orders_products.csv.gz"))?)?;
    Ok(())
}

fn try_lists(name: &str, histories: &Histories) -> Result<(), Box<dyn Error>> {
    let held_out = hold_out_last(histories)?;
    let popularity = Popularity::learn(held_out.histories.baskets());
    let neighbours = Neighbours::learn(&held_out.histories, 100, usize::MAX)?;
    println!(
        "{name}: {} customers, {} products",
        held_out.targets.len(),
        held_out.histories.baskets().products()
    );
    let show = |method: &str, list: &dyn Fn(&[&[u32]]) -> Vec<Scored>| -> Result<(), Box<dyn Error>> {
        let found = evaluate(&held_out, 10, Ideal::AtK, list)?;
        let whole = evaluate(&held_out, 10, Ideal::WholeBasket, list)?;
        print_row(method, &found, whole.ndcg);
        Ok(())
    };
    let blend = |recency, popularity| Blend { recency, popularity };
    show("most popular", &|_| buy_again(&[], &popularity, &Blend::default(), 10))?;
    show("own count, ties by popularity", &|b| buy_again(b, &popularity, &blend(0.0, 1e-9), 10))?;
    show("count + .5 recency + .9 popularity", &|b| buy_again(b, &popularity, &blend(0.5, 0.9), 10))?;
    show("item cosine, bought kept", &|b| neighbours.discover(b, true, 10))?;
    show("item cosine, new only", &|b| neighbours.discover(b, false, 10))
}

fn print_row(method: &str, found: &ListScores, whole: f64) {
    let part = |value: Option<f64>| value.map_or("    -".to_owned(), |value| format!("{value:.4}"));
    println!(
        "  {method:36} recall@10 {:.4} ±{:.4}  nDCG@10 {:.4} (whole {whole:.4})  hit {:.4}  repeat {}  explore {}",
        found.recall,
        found.recall_standard_error,
        found.ndcg,
        found.hit_rate,
        part(found.repeat_recall),
        part(found.explore_recall),
    );
}

fn unpacked(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}

/// A JSON object of customers, each a list of baskets that starts and ends with the mark [-1].
fn tafeng(path: &Path) -> Result<Histories, Box<dyn Error>> {
    let customers: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&unpacked(path)?)?;
    let mut histories = Histories::new();
    for baskets in customers.values() {
        let baskets: Vec<Vec<i64>> = serde_json::from_value(baskets.clone())?;
        let known: Vec<Vec<u32>> = baskets
            .into_iter()
            .map(|basket| basket.into_iter().filter_map(|product| u32::try_from(product).ok()).collect())
            .collect();
        histories.push(&known)?;
    }
    Ok(histories)
}

/// One line per product of an order: order, customer, place of the order, …, product in the seventh column.
fn instacart(path: &Path) -> Result<Histories, Box<dyn Error>> {
    let mut lines: Vec<(u32, u32, u32)> = Vec::new();
    for line in unpacked(path)?.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        lines.push((cells[1].parse()?, cells[2].parse()?, cells[6].parse()?));
    }
    lines.sort_unstable();
    let mut histories = Histories::new();
    for customer in lines.chunk_by(|a, b| a.0 == b.0) {
        let baskets: Vec<Vec<u32>> = customer
            .chunk_by(|a, b| a.1 == b.1)
            .map(|order| order.iter().map(|line| line.2).collect())
            .collect();
        histories.push(&baskets)?;
    }
    Ok(histories)
}
