//! Offers under a budget.

use super::answer::{Answer, Estimate};
use super::arms::numbered;
use crate::args::stats::Allocate;
use crate::ended::Ended;
use crate::say;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::allocation::{Allocation, Offers, Rules};

const ROLES: Roles = &[
    ("customer", &["customer", "customer_id", "id"]),
    ("offer", &["offer", "action"]),
    ("value", &["value"]),
    ("cost", &["cost"]),
];
/// Uses beyond this cannot be added exactly.
const MOST: i64 = 1 << 53;

/// The offers of a file, customer by customer.
struct Catalogue<'a> {
    customers: Vec<&'a str>,
    /// The rows of the file, customer after customer.
    rows: Vec<usize>,
    starts: Vec<usize>,
    names: Vec<&'a str>,
    value: Vec<f64>,
    /// One column per limit; the first is the cost.
    uses: Vec<Vec<i64>>,
}

/// `stats allocate`
pub fn allocate(args: &Allocate) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, ROLES)?;
    let limits = args.limit.iter().map(|text| limit(text)).collect::<Result<Vec<_>, _>>()?;
    let catalogue = read(&table, &limits)?;
    let bad = |error: stats::allocation::Refused| table.refused(error);
    let value = catalogue.rows.iter().map(|row| catalogue.value[*row]).collect();
    let uses =
        catalogue.rows.iter().flat_map(|row| catalogue.uses.iter().map(move |column| column[*row])).collect();
    let mut offers = Offers::new(1 + limits.len(), catalogue.starts.clone(), value, uses).map_err(bad)?;
    if let Some(cap) = args.cap {
        offers = offers.with_caps(vec![cap; catalogue.customers.len()]).map_err(bad)?;
    }
    let all = std::iter::once(args.budget).chain(limits.iter().map(|(_, most)| *most)).collect();
    let rules = Rules { limits: all, roi_floor: args.roi_floor };
    let found = stats::allocation::allocate(&offers, &rules).map_err(bad)?;
    let chosen = chosen(&catalogue, &found);
    let plan = &found.plan;
    let priced = std::iter::once("budget".to_owned())
        .chain(limits.iter().map(|(column, _)| column.clone()))
        .enumerate()
        .map(|(place, name)| {
            Estimate::new(format!("price of {name}"), plan.prices[place])
                .with("used", plan.uses[place].to_string())
                .with("limit", rules.limits[place].to_string())
        });
    let mut answer =
        Answer::new("allocate", "multiple-choice knapsack by dual prices", catalogue.customers.len())
            .setting("budget", args.budget)
            .setting("offers", table.len())
            .setting("cap", json!(args.cap))
            .setting("roi_floor", json!(args.roi_floor))
            .estimates([
                Estimate::new("value", plan.value).of(plan.customers),
                Estimate::new("bound", plan.bound),
                Estimate::new("gap", plan.gap()),
                Estimate::new("customers served", plan.served as f64),
            ])
            .estimates(priced);
    let kept = match &args.out {
        Some(path) => {
            say::write_file(path, &csv_of(&chosen).map_err(Ended::Failed)?)?;
            answer = answer.note(format!("The offers are in {}.", path.display()));
            Value::Null
        }
        None => {
            chosen.iter().map(|(customer, offer)| json!({"customer": customer, "offer": offer})).collect()
        }
    };
    Ok(answer.details(json!({
        "prices": plan.prices,
        "bound": plan.bound,
        "value": plan.value,
        "uses": plan.uses.iter().map(|used| *used as f64).collect::<Vec<_>>(),
        "fractional": plan.fractional,
        "chosen": kept,
    })))
}

fn limit(text: &str) -> Result<(String, i64), Ended> {
    let pair = text.split_once('=').and_then(|(column, most)| Some((column.to_owned(), most.parse().ok()?)));
    pair.ok_or_else(|| {
        Ended::Usage(format!("--limit {text}: expected column=whole number, such as calls=200"))
    })
}

fn read<'a>(table: &'a Table, limits: &[(String, i64)]) -> Result<Catalogue<'a>, Ended> {
    let (numbers, customers) = numbered(&table.texts("customer")?);
    let mut rows: Vec<usize> = (0..table.len()).collect();
    rows.sort_by_key(|row| numbers[*row]);
    let ends = (0..customers.len()).map(|one| rows.partition_point(|row| numbers[*row] as usize <= one));
    let starts = std::iter::once(0).chain(ends).collect();
    let mut uses = vec![table.whole("cost", -MOST, MOST)?];
    for (column, _) in limits {
        let place = table.named(column)?;
        let numbers = table.numbers(place)?;
        if let Some(row) =
            numbers.iter().position(|number| number.fract() != 0.0 || number.abs() > MOST as f64)
        {
            return Err(table.wrong(row, place, &format!("is {}; a whole number is expected", numbers[row])));
        }
        uses.push(numbers.into_iter().map(|number| number as i64).collect());
    }
    Ok(Catalogue {
        customers,
        rows,
        starts,
        names: table.texts("offer")?,
        value: table.column("value")?,
        uses,
    })
}

/// Each customer with the offer allocated, if any.
fn chosen<'a>(catalogue: &Catalogue<'a>, found: &Allocation) -> Vec<(&'a str, Option<&'a str>)> {
    let offer = |(place, choice): (usize, &Option<u32>)| {
        let row = choice.map(|choice| catalogue.rows[catalogue.starts[place] + choice as usize]);
        (catalogue.customers[place], row.map(|row| catalogue.names[row]))
    };
    found.chosen.iter().enumerate().map(offer).collect()
}

fn csv_of(chosen: &[(&str, Option<&str>)]) -> Result<Vec<u8>, anyhow::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["customer", "offer"])?;
    for (customer, offer) in chosen {
        writer.write_record([*customer, offer.unwrap_or_default()])?;
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
}
