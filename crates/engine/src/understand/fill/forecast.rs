//! The next twelve months of today's customers, and of those not yet met.

use super::{Outlook, Run};
use crate::understand::options::Z;
use crate::understand::rows::{Row, rising, rows};
use crate::understand::trial::{days_between, next};
use crate::understand::xray::*;
use domain::column::Batch;
use domain::port::Failure;
use jiff::ToSpan;
use jiff::civil::Date;
use rayon::prelude::*;
use stats::lifetime::model::Model;
use stats::lifetime::track::{expected_cumulative, increments};
use stats::lifetime::value::Season;

/// Days looked ahead.
const YEAR_DAYS: i32 = 365;
/// Months behind that are drawn.
const MONTHS_BEHIND: usize = 24;
/// Days of history from which a season can be told from a trend.
const TWO_YEARS_DAYS: i32 = 730;
/// Days before the period in which a customer must have been able to be seen, for "new" to mean new.
const KNOWN_BEFORE_DAYS: i32 = 90;

/// A month, or the part of it that lies within the year ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    month: Date,
    /// Days from `as_of` to the end of the step.
    end_days: i32,
}

/// Sums of one step over all customers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    orders: f64,
    orders_variance: f64,
    sales: f64,
    sales_variance: f64,
    margin: f64,
    margin_variance: f64,
}

/// The forecast; `None` where nothing may be expected.
pub fn forecast(run: &Run, sums: Option<&Totals>) -> Result<Option<Forecast>, Failure> {
    let Some(outlook) = &run.outlook else { return Ok(None) };
    let months = run.insights.run("audit.months")?;
    let groups = run.insights.run("fits.outlook")?;
    let steps = steps(run.as_of);
    let mut ahead = ahead(outlook, &groups, &steps);
    let season = season(run, outlook, &months);
    let has_season = season.is_some();
    if let Some(season) = &season {
        follow(&mut ahead, &steps, season);
    }
    let whole = ahead.iter().fold(Sums::default(), |sum, step| plus(sum, *step));
    let doubt = outlook.doubt;
    let mut past: Vec<PastMonth> = rising(&months, "month_on")
        .into_iter()
        .filter_map(|row| {
            Some(PastMonth { month: row.day("month_on")?, sales_minor: row.minor_sum("sales_minor") })
        })
        .collect();
    past.drain(..past.len().saturating_sub(MONTHS_BEHIND));
    Ok(Some(Forecast {
        model: outlook.code.to_owned(),
        past,
        months: steps
            .iter()
            .zip(&ahead)
            .map(|(step, sums)| ForecastMonth {
                month: step.month,
                orders: doubt.of_orders(sums.orders, sums.orders_variance),
                sales: doubt.amount(sums.sales, sums.sales_variance),
            })
            .collect(),
        orders: doubt.of_orders(whole.orders, whole.orders_variance),
        sales: doubt.amount(whole.sales, whole.sales_variance),
        value: doubt.amount(whole.margin, whole.margin_variance),
        from_new: sums.and_then(|sums| from_new(run, outlook, sums, &months, &whole)),
        has_season,
    }))
}

/// The calendar months of the 365 days after `as_of`; the first and the last may be parts of a month.
fn steps(as_of: Date) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut day = next(as_of);
    let last = as_of.saturating_add(YEAR_DAYS.days());
    while day <= last {
        let end = day.last_of_month().min(last);
        steps.push(Step { month: day.first_of_month(), end_days: days_between(as_of, end) });
        if end == Date::MAX {
            break;
        }
        day = next(end);
    }
    steps
}

/// What is expected of today's customers in each step, alike ones together.
fn ahead(outlook: &Outlook, groups: &Batch, steps: &[Step]) -> Vec<Sums> {
    let all: Vec<Row> = rows(groups).collect();
    let nothing = || vec![Sums::default(); steps.len()];
    let model = outlook.fit.map(|fit| fit.model);
    // In parts of a fixed size, so that sums do not depend on how many cores there are.
    let parts: Vec<Vec<Sums>> = all
        .par_chunks(512)
        .map(|part| {
            part.iter().fold(nothing(), |sums, row| {
                let group = match &model {
                    Some(model) => of_model(model, row, steps),
                    None => of_rule(row, steps),
                };
                sums.into_iter().zip(group).map(|(a, b)| plus(a, b)).collect()
            })
        })
        .collect();
    parts
        .into_iter()
        .fold(nothing(), |sums, part| sums.into_iter().zip(part).map(|(a, b)| plus(a, b)).collect())
}

/// What a model expects of a group of customers in each step. What varies beyond chance within the year (rate, leaving)
/// is taken to vary alike in every step.
fn of_model(model: &Model, row: &Row, steps: &[Step]) -> Vec<Sums> {
    let ends: Vec<f64> = steps.iter().map(|step| f64::from(step.end_days)).collect();
    let standing = model.standing(row.sum("frequency"), row.sum("recency_days"), row.sum("age_days"));
    let mut cumulative = vec![0.0; ends.len()];
    standing.expected_orders_at(&ends, &mut cumulative);
    let (year, variance) = standing.order_moments(f64::from(YEAR_DAYS));
    let extra = if year > 0.0 { ((variance - year) / (year * year)).max(0.0) } else { 0.0 };
    let customers = row.sum("customers").max(1.0);
    let (value, margin) = (row.sum("order_value_minor"), row.sum("order_margin_minor"));
    let of = |mean: f64| {
        let mean = mean.max(0.0);
        let variance = mean + extra * mean * mean;
        Sums {
            orders: customers * mean,
            orders_variance: customers * variance,
            sales: value * mean,
            sales_variance: variance * value * value / customers,
            margin: margin * mean,
            margin_variance: variance * margin * margin / customers,
        }
    };
    increments(&cumulative).into_iter().map(of).collect()
}

/// What a naive rule expects of a group of customers in each step: the same every day. Its doubt is that of its errors on
/// held-out time, and not chance.
fn of_rule(row: &Row, steps: &[Step]) -> Vec<Sums> {
    let ends: Vec<f64> = steps.iter().map(|step| f64::from(step.end_days) / f64::from(YEAR_DAYS)).collect();
    let of = |part: f64| Sums {
        orders: row.sum("orders_12m") * part,
        sales: row.sum("sales_12m_minor") * part,
        margin: row.sum("margin_12m_minor") * part,
        ..Sums::default()
    };
    increments(&ends).into_iter().map(of).collect()
}

fn plus(a: Sums, b: Sums) -> Sums {
    Sums {
        orders: a.orders + b.orders,
        orders_variance: a.orders_variance + b.orders_variance,
        sales: a.sales + b.sales,
        sales_variance: a.sales_variance + b.sales_variance,
        margin: a.margin + b.margin,
        margin_variance: a.margin_variance + b.margin_variance,
    }
}

/// The season of repeat orders by month of the year, from what came in whole months beside what the model expects of
/// each intake. `None` with less than two years, or under a naive rule.
fn season(run: &Run, outlook: &Outlook, months: &Batch) -> Option<Season> {
    if run.observed.days() < TWO_YEARS_DAYS {
        return None;
    }
    let model = &outlook.fit?.model;
    let whole: Vec<(Date, f64)> = rising(months, "month_on")
        .into_iter()
        .filter_map(|row| Some((row.day("month_on")?, row.sum("repeat_orders"))))
        .filter(|(month, _)| *month >= run.observed.from && month.last_of_month() <= run.as_of)
        .collect();
    let first = whole.first()?.0;
    let at = |day: Date| f64::from(days_between(first, day));
    let births: Vec<f64> = outlook.statistics.age_days.iter().map(|age| at(run.as_of) - age).collect();
    let mut times = vec![-1.0];
    times.extend(whole.iter().map(|(month, _)| at(month.last_of_month())));
    let cumulative = expected_cumulative(model, &births, Some(&outlook.statistics.customers), &times).ok()?;
    let expected: Vec<f64> = cumulative.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect();
    let place: Vec<usize> = whole.iter().map(|(month, _)| month.month() as usize - 1).collect();
    let actual: Vec<f64> = whole.iter().map(|(_, orders)| *orders).collect();
    Season::from_tracking(12, &place, &actual, &expected).ok()
}

/// Moves orders between months as the season says; their sum over the year stays what the model expects.
fn follow(ahead: &mut [Sums], steps: &[Step], season: &Season) {
    let factor = |step: &Step| season.factors.get(step.month.month() as usize - 1).copied().unwrap_or(1.0);
    let plain: f64 = ahead.iter().map(|sums| sums.orders).sum();
    let moved: f64 = ahead.iter().zip(steps).map(|(sums, step)| sums.orders * factor(step)).sum();
    let level = if moved > 0.0 { plain / moved } else { 1.0 };
    for (sums, step) in ahead.iter_mut().zip(steps) {
        let by = factor(step) * level;
        *sums = Sums {
            orders: sums.orders * by,
            orders_variance: sums.orders_variance * by,
            sales: sums.sales * by,
            sales_variance: sums.sales_variance * by,
            margin: sums.margin * by,
            margin_variance: sums.margin_variance * by,
        };
    }
}

/// Sales to customers not yet met, if they keep coming as in the period: their first orders and what the model expects
/// of a new customer until the end of the year. `None` with less than a year of period, where the period begins with
/// the facts (its "new" customers may be old ones), where nobody came new, or under a naive rule.
fn from_new(run: &Run, outlook: &Outlook, sums: &Totals, months: &Batch, whole: &Sums) -> Option<Amount> {
    let is_known = days_between(run.observed.from, run.period.from) >= KNOWN_BEFORE_DAYS;
    if run.period.days() < YEAR_DAYS || !is_known || sums.new_customers == 0 || whole.orders <= 0.0 {
        return None;
    }
    let model = &outlook.fit?.model;
    let newcomer = model.newcomer();
    let ends: Vec<f64> = (0..=52).map(|week| 7.0 * f64::from(week)).collect();
    let mut later = vec![0.0; ends.len()];
    newcomer.expected_orders_at(&ends, &mut later);
    // Newcomers arrive evenly over the year: each has on average the mean of what is expected within 0 to 365 days.
    let each = 1.0 + stats::describe::mean(&later);
    let order_value = sums.sales_minor as f64 / sums.orders.max(1) as f64;
    let counts: Vec<f64> = rows(months)
        .filter(|row| row.day("month_on").is_some_and(|month| month >= run.period.from))
        .map(|row| row.sum("new_customers"))
        .collect();
    // A sum of twelve months varies by the root of twelve times as much as one.
    let spread = stats::describe::standard_deviation(&counts) * (counts.len() as f64).sqrt();
    let new_customers = sums.new_customers as f64;
    let relative = (spread / new_customers).hypot(outlook.doubt.orders);
    let minor = new_customers * each * order_value;
    let half = Z * relative * minor;
    Some(Amount::new(
        minor.round() as i64,
        (minor - half).max(0.0).round() as i64,
        (minor + half).round() as i64,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::doubt::Doubt;
    use crate::understand::fitting::Statistics;
    use domain::column::Column;
    use jiff::civil::date;

    #[test]
    fn a_year_is_cut_at_the_ends_of_months() {
        let whole = steps(date(1998, 6, 30));
        assert_eq!(whole.len(), 12);
        assert_eq!(whole[0], Step { month: date(1998, 7, 1), end_days: 31 });
        assert_eq!(whole[11], Step { month: date(1999, 6, 1), end_days: 365 });
        let parts = steps(date(2011, 12, 9));
        assert_eq!(parts.len(), 13);
        assert_eq!((parts[0].month, parts[0].end_days), (date(2011, 12, 1), 22));
        assert_eq!(parts[12].end_days, 365);
    }

    /// Ten customers at an order in a hundred days, each bringing 100.
    fn ten_alike() -> Batch {
        let int = |name, cell| Column::ints(name, [Some(cell)]);
        Batch::new(vec![
            int("frequency", 3),
            int("recency_days", 280),
            int("age_days", 300),
            int("customers", 10),
            int("order_value_minor", 1_000),
            int("order_margin_minor", 500),
            Column::floats("orders_12m", [Some(36.5)]),
            int("sales_12m_minor", 3_650),
            int("margin_12m_minor", 1_825),
        ])
    }

    #[test]
    fn steps_add_up_to_what_each_customer_is_expected_to_do() {
        let statistics = Statistics::default();
        let doubt = Doubt { orders: 0.0, buyers: 0.0 };
        let outlook =
            Outlook { code: "own_rate", fit: None, statistics: &statistics, has_attrition: false, doubt };
        let steps = steps(date(2026, 12, 31));
        let by_rule = ahead(&outlook, &ten_alike(), &steps);
        // NBD with r = 1 and alpha = 100 expects (1 + 3) / (100 + 300) orders a day, too.
        let model = Model::from_parts("nbd", &[1.0, 100.0]).unwrap();
        let batch = ten_alike();
        let by_model = of_model(&model, &rows(&batch).next().unwrap(), &steps);
        for (rule, model) in by_rule.iter().zip(&by_model) {
            assert!((rule.orders - model.orders).abs() < 1e-9 && (rule.sales - model.sales).abs() < 1e-7);
            assert!((rule.margin - model.margin).abs() < 1e-7 && model.orders_variance > model.orders);
        }
        assert!((by_rule.iter().map(|step| step.orders).sum::<f64>() - 36.5).abs() < 1e-9);
    }

    #[test]
    fn a_season_moves_orders_and_makes_none() {
        let steps = steps(date(2026, 12, 31));
        let mut ahead = vec![Sums { orders: 10.0, sales: 100.0, ..Sums::default() }; 12];
        let mut factors = [1.0; 12];
        factors[11] = 2.0;
        follow(&mut ahead, &steps, &Season::given(&factors).unwrap());
        assert!((ahead.iter().map(|step| step.orders).sum::<f64>() - 120.0).abs() < 1e-9);
        assert!((ahead[11].sales / ahead[0].sales - 2.0).abs() < 1e-9);
    }
}
