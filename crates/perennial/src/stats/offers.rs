//! Offers under a budget.

mod stream;

use super::answer::{Answer, Estimate};
use super::arms::numbered;
use crate::args::stats::Allocate;
use crate::ended::Ended;
use crate::progress::Progress;
use crate::say;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::allocation::{Offers, Plan, Refused, Rules};

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

/// Another limit: its column, and what the uses may add up to.
type Limit = (String, i64);

/// `stats allocate`
pub fn allocate(args: &Allocate, progress: &mut Progress) -> Result<Answer, Ended> {
    match &args.out {
        Some(out) if args.stream => stream::allocate(args, out, progress),
        _ => in_memory(args),
    }
}

fn in_memory(args: &Allocate) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, ROLES)?;
    let limits = args.limit.iter().map(|text| limit(text)).collect::<Result<Vec<_>, _>>()?;
    let catalogue = read(&table, &limits)?;
    let bad = |error: Refused| table.refused(error);
    let value = catalogue.rows.iter().map(|row| catalogue.value[*row]).collect();
    let uses =
        catalogue.rows.iter().flat_map(|row| catalogue.uses.iter().map(move |column| column[*row])).collect();
    let mut offers = Offers::new(1 + limits.len(), catalogue.starts.clone(), value, uses).map_err(bad)?;
    if let Some(cap) = args.cap {
        offers = offers.with_caps(vec![cap; catalogue.customers.len()]).map_err(bad)?;
    }
    let rules = rules(args, &limits);
    let start = Some(args.start.as_slice()).filter(|start| !start.is_empty());
    let plan = stats::allocation::plan(&mut |each| offers.visit(each), &rules, start).map_err(bad)?;
    let chosen = chosen(&catalogue, &offers, &plan);
    let mut answer = answer(args, &limits, &rules, &plan, table.len() as u64);
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
    Ok(answer.details(details(&plan, kept)))
}

fn rules(args: &Allocate, limits: &[Limit]) -> Rules {
    let all = std::iter::once(args.budget).chain(limits.iter().map(|(_, most)| *most));
    Rules { limits: all.collect(), roi_floor: args.roi_floor }
}

/// What a plan comes to.
fn answer(args: &Allocate, limits: &[Limit], rules: &Rules, plan: &Plan, offers: u64) -> Answer {
    let names = std::iter::once("budget").chain(limits.iter().map(|(column, _)| column.as_str()));
    let priced = names.enumerate().map(|(place, name)| {
        Estimate::new(format!("price of {name}"), plan.prices[place])
            .with("used", plan.uses[place].to_string())
            .with("limit", rules.limits[place].to_string())
    });
    Answer::new("allocate", "multiple-choice knapsack by dual prices", plan.customers as usize)
        .setting("budget", args.budget)
        .setting("offers", offers)
        .setting("cap", json!(args.cap))
        .setting("roi_floor", json!(args.roi_floor))
        .estimates([
            Estimate::new("value", plan.value).of(plan.customers),
            Estimate::new("bound", plan.bound),
            Estimate::new("gap", plan.gap()),
            Estimate::new("customers served", plan.served as f64),
        ])
        .estimates(priced)
        .details(details(plan, Value::Null))
}

fn details(plan: &Plan, chosen: Value) -> Value {
    json!({
        "prices": plan.prices,
        "bound": plan.bound,
        "value": plan.value,
        "uses": plan.uses.iter().map(|used| *used as f64).collect::<Vec<_>>(),
        "fractional": plan.fractional,
        "chosen": chosen,
    })
}

fn limit(text: &str) -> Result<Limit, Ended> {
    let pair = text.split_once('=').and_then(|(column, most)| Some((column.to_owned(), most.parse().ok()?)));
    pair.ok_or_else(|| {
        Ended::Usage(format!("--limit {text}: expected column=whole number, such as calls=200"))
    })
}

fn read<'a>(table: &'a Table, limits: &[Limit]) -> Result<Catalogue<'a>, Ended> {
    let (numbers, customers) = numbered(&table.texts("customer")?);
    let mut rows: Vec<usize> = (0..table.len()).collect();
    rows.sort_by_key(|row| numbers[*row]);
    let ends = (0..customers.len()).map(|one| rows.partition_point(|row| numbers[*row] as usize <= one));
    let starts = std::iter::once(0).chain(ends).collect();
    let mut uses = vec![table.whole("cost", -MOST, MOST)?];
    for (column, _) in limits {
        let place = table.named(column)?;
        uses.push(table.whole_numbers(place, -MOST, MOST)?);
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
fn chosen<'a>(catalogue: &Catalogue<'a>, offers: &Offers, plan: &Plan) -> Vec<(&'a str, Option<&'a str>)> {
    let offer = |(place, customer): (usize, &&'a str)| {
        let choice = plan.choice(place as u64, &offers.customer(place));
        let row = choice.map(|choice| catalogue.rows[catalogue.starts[place] + choice as usize]);
        (*customer, row.map(|row| catalogue.names[row]))
    };
    catalogue.customers.iter().enumerate().map(offer).collect()
}

fn csv_of(chosen: &[(&str, Option<&str>)]) -> Result<Vec<u8>, anyhow::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["customer", "offer"])?;
    for (customer, offer) in chosen {
        writer.write_record([*customer, offer.unwrap_or_default()])?;
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
}
