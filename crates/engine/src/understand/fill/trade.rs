//! Trade: products that bring people back, stores, channels.

use super::Run;
use crate::understand::options::share_of;
use crate::understand::rows::{Row, falling, rows};
use crate::understand::xray::*;
use domain::column::Batch;
use domain::port::Failure;
use stats::discoveries::{discoveries, two_sided};

/// Rows of a table of products.
const MOST_PRODUCTS: usize = 12;
/// Share of findings that may be false when many products are looked at (Benjamini and Hochberg 1995).
const FALSE_FINDINGS: f64 = 0.05;
/// A pace is steady where the middle half of the gaps spans less than the median gap.
const STEADY: f64 = 1.0;
/// Fewest new customers of a place from which a share is told.
const FEWEST_NEW: u64 = 20;

/// Products; `None` where the files name none.
pub fn products(
    run: &Run,
    names_products: bool,
    suggestions: &[SuggestionScore],
) -> Result<Option<Products>, Failure> {
    if !names_products {
        return Ok(None);
    }
    let back = run.insights.run("product.bring_back")?;
    let pairs = run.insights.run("product.affinity")?;
    let again = run.insights.run("product.replenishment")?;
    Ok(Some(Products {
        bring_back: if run.knows_first_orders() { bring_back(&back) } else { Vec::new() },
        pairs: falling(&pairs, "lift_low").into_iter().filter_map(pair).take(MOST_PRODUCTS).collect(),
        replenishment: replenishment(&again),
        suggestions: suggestions.to_vec(),
    }))
}

fn name(row: Row, name: &str, id: &str) -> Option<String> {
    row.text(name).or_else(|| row.text(id)).map(str::to_owned)
}

/// The products whose difference stands out among all those looked at; where none does, those most bought first.
fn bring_back(batch: &Batch) -> Vec<BringBack> {
    let mut found: Vec<(BringBack, f64)> = rows(batch)
        .filter_map(|row| {
            let difference = Estimate::new(
                row.number("difference")?,
                row.number("difference_low")?,
                row.number("difference_high")?,
            );
            let p_value = two_sided(pooled_z(row)?);
            let back = BringBack {
                product: name(row, "product_name", "product_id")?,
                customers: row.count("customers"),
                share: Estimate::new(
                    row.number("came_back_share")?,
                    row.number("came_back_low")?,
                    row.number("came_back_high")?,
                ),
                others_share: row.number("others_share")?,
                difference,
            };
            Some((back, p_value))
        })
        .collect();
    // Products alike in everything stand by name, whatever order the rows came in.
    found.sort_by(|a, b| a.0.product.cmp(&b.0.product));
    found.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.0.customers.cmp(&a.0.customers)));
    let p_values: Vec<f64> = found.iter().map(|one| one.1).collect();
    let true_ones = discoveries(&p_values, FALSE_FINDINGS);
    if true_ones == 0 {
        found.sort_by_key(|one| std::cmp::Reverse(one.0.customers));
    } else {
        found.truncate(true_ones);
    }
    let mut found: Vec<BringBack> = found.into_iter().take(MOST_PRODUCTS).map(|one| one.0).collect();
    found.sort_by(|a, b| b.difference.value.total_cmp(&a.difference.value));
    found
}

/// The score test of two shares: their difference over the standard error it would have, were they the same. Intervals
/// serve to show a difference, not to test one: near 0 and 1 they are lopsided.
fn pooled_z(row: Row) -> Option<f64> {
    let (came, customers) = (row.number("came_back")?, row.number("customers")?);
    let (others_came, others) = (row.number("others_came_back")?, row.number("others_customers")?);
    let both = (came + others_came) / (customers + others);
    let error = (both * (1.0 - both) * (1.0 / customers + 1.0 / others)).sqrt();
    let z = (came / customers - others_came / others) / error;
    z.is_finite().then_some(z)
}

fn pair(row: Row) -> Option<Pair> {
    let (orders, lift) = (row.count("orders_both"), row.number("lift")?);
    Some(Pair {
        first: name(row, "first_product_name", "first_product_id")?,
        second: name(row, "second_product_name", "second_product_id")?,
        orders,
        confidence: row.number("confidence")?,
        lift: Estimate::new(lift, row.number("lift_low")?, lift * upper_count(orders as f64) / orders as f64),
    })
}

/// The upper bound of a Poisson mean of which `count` was seen, 95 % one-sided (Garwood 1936): the counterpart of the
/// lower bound the relation gives.
fn upper_count(count: f64) -> f64 {
    stats::special::gamma_quantile(count + 1.0, 0.95)
}

/// Products bought again at a steady pace, those with most customers first; where none is steady, none.
fn replenishment(batch: &Batch) -> Vec<Replenishment> {
    let mut found: Vec<Replenishment> = rows(batch)
        .filter_map(|row| {
            Some(Replenishment {
                product: name(row, "product_name", "product_id")?,
                customers: row.count("customers"),
                median_days: row.number("median_days")?,
                q1_days: row.number("q1_days")?,
                q3_days: row.number("q3_days")?,
                due_customers: row.count("due_customers"),
            })
        })
        .filter(|one| one.median_days > 0.0 && one.q3_days - one.q1_days <= STEADY * one.median_days)
        .collect();
    found.sort_by(|a, b| b.customers.cmp(&a.customers).then_with(|| a.product.cmp(&b.product)));
    found.truncate(MOST_PRODUCTS);
    found
}

/// Stores or channels, largest first; `None` where the files name none.
pub fn places(run: &Run, relation: &str, name: &str) -> Result<Option<Vec<Place>>, Failure> {
    let batch = run.insights.run(relation)?;
    let mut found: Vec<Place> = rows(&batch)
        .filter_map(|row| {
            let sales_minor = row.minor_sum("sales_minor");
            let anonymous = row.sum("anonymous_minor");
            let old_enough = row.count("old_enough");
            Some(Place {
                name: row.text(name)?.to_owned(),
                customers: row.count("customers"),
                new_customers: row.count("new_customers"),
                orders: row.count("orders"),
                sales_minor,
                sales_share: row.sum("sales_share"),
                anonymous_share: if sales_minor > 0 {
                    (anonymous / sales_minor as f64).clamp(0.0, 1.0)
                } else {
                    0.0
                },
                second_order_share: (old_enough >= FEWEST_NEW)
                    .then(|| share_of(row.count("came_back"), old_enough))
                    .flatten(),
            })
        })
        .collect();
    found.sort_by(|a, b| b.sales_minor.cmp(&a.sales_minor).then_with(|| a.name.cmp(&b.name)));
    Ok((!found.is_empty()).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::column::Column;

    #[test]
    fn the_upper_bound_is_that_of_garwood() {
        // Garwood (1936), 95 % one-sided: 0 → 3.00, 5 → 10.51, 10 → 16.96, 50 → 63.29.
        for (count, bound) in [(0.0, 2.996), (5.0, 10.513), (10.0, 16.962), (50.0, 63.287)] {
            assert!((upper_count(count) / bound - 1.0).abs() < 1e-3, "{count}: {}", upper_count(count));
        }
    }

    #[test]
    fn eleven_of_twelve_against_half_is_no_certainty() {
        let counts =
            [("came_back", 11), ("customers", 12), ("others_came_back", 1_800), ("others_customers", 4_000)];
        let batch = Batch::new(counts.map(|(name, cell)| Column::ints(name, [Some(cell)])).to_vec());
        let z = rows(&batch).next().and_then(pooled_z).unwrap();
        // The exact binomial probability of 11 or more of 12 at 45 % is 0.0011.
        assert!((two_sided(z) / 2.0 / 0.0011 - 1.0).abs() < 0.6, "{z}");
    }

    #[test]
    fn products_without_a_difference_are_shown_by_size_and_claim_nothing() {
        let floats = |name, cells: [f64; 2]| Column::floats(name, cells.map(Some));
        let batch = Batch::new(vec![
            Column::texts("product_id", [Some("a"), Some("b")]),
            Column::texts("product_name", [Some("Nâu đá"), None]),
            Column::ints("customers", [Some(40), Some(90)]),
            Column::ints("came_back", [Some(20), Some(45)]),
            Column::ints("others_customers", [Some(500), Some(450)]),
            Column::ints("others_came_back", [Some(240), Some(230)]),
            floats("came_back_share", [0.5, 0.5]),
            floats("came_back_low", [0.4, 0.45]),
            floats("came_back_high", [0.6, 0.55]),
            floats("others_share", [0.48, 0.51]),
            floats("difference", [0.02, -0.01]),
            floats("difference_low", [-0.1, -0.07]),
            floats("difference_high", [0.12, 0.05]),
        ]);
        let found = bring_back(&batch);
        let names: Vec<&str> = found.iter().map(|one| one.product.as_str()).collect();
        assert_eq!(names, ["Nâu đá", "b"]);
    }
}
