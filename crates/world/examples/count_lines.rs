//! Makes a chain of any size and counts its lines, to be timed from outside:
//! `time cargo run --release -p world --example count_lines -- CUSTOMERS`.

use jiff::civil::Date;
use world::{Config, World};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let customers = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let world = World::new(Config::chain(customers, 104, 1, Date::constant(2024, 1, 1)))?;
    let (mut lines, mut sold) = (0_u64, 0_i64);
    for history in world.histories() {
        lines += history.lines.len() as u64;
        sold += history.lines.iter().map(|line| line.total_minor).sum::<i64>();
    }
    println!("{customers} customers, {lines} lines, {sold} sold");
    Ok(())
}
