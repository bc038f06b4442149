//! Customers: what they are worth, who is leaving, what kinds there are.

use super::lenses::concentration;
use super::{Outlook, Run};
use crate::understand::rows::{Row, falling, rising, rows};
use crate::understand::xray::*;
use domain::port::Failure;

/// What customers are expected to bring in twelve months; `None` where nothing may be expected.
pub fn value(run: &Run) -> Result<Option<ValueBook>, Failure> {
    let Some(outlook) = &run.outlook else { return Ok(None) };
    let bands = run.insights.run("audit.worth_bands")?;
    let whole: f64 = rows(&bands).map(|row| row.sum("margin_12m_minor")).sum();
    if bands.rows() == 0 || whole == 0.0 {
        return Ok(None);
    }
    let expected = run.insights.run("audit.expected_margins")?;
    let expected: Vec<f64> = rows(&expected).map(|row| row.sum("margin_12m_minor")).collect();
    let top = run.insights.run("audit.top_value")?;
    Ok(Some(ValueBook {
        bands: falling(&bands, "until_minor")
            .into_iter()
            .map(|row| {
                let minor = row.sum("margin_12m_minor");
                ValueBand {
                    from_minor: row.minor("from_minor").unwrap_or_else(|| (minor.floor() as i64).min(-1)),
                    until_minor: row.minor("until_minor"),
                    customers: row.count("customers"),
                    value: outlook.doubt.amount(minor, row.sum("margin_12m_variance")),
                    value_share: minor / whole,
                }
            })
            .collect(),
        concentration: concentration(&expected, run.measure),
        top: falling(&top, "margin_12m_minor")
            .into_iter()
            .filter_map(|row| top_customer(run, outlook, row))
            .collect(),
    }))
}

fn top_customer(run: &Run, outlook: &Outlook, row: Row) -> Option<TopCustomer> {
    let minor = row.sum("margin_12m_minor");
    let bounds = row.minor("margin_12m_low_minor").zip(row.minor("margin_12m_high_minor"));
    Some(TopCustomer {
        key: run.key(row.text("customer_id")),
        orders: row.count("orders"),
        sales_minor: row.minor_sum("sales_minor"),
        last_order_on: row.day("last_on")?,
        alive: row.number("p_alive").filter(|_| outlook.has_attrition),
        value: match bounds {
            Some((low, high)) => Amount::new(minor.round() as i64, low, high),
            None => outlook.doubt.amount(minor, 0.0),
        },
        state: state(row.text("state"))?,
    })
}

fn state(code: Option<&str>) -> Option<State> {
    Some(match code? {
        "new" => State::New,
        "active" => State::Active,
        "returning" => State::Returning,
        "at_risk" => State::AtRisk,
        "lapsed" => State::Lapsed,
        _ => return None,
    })
}

/// The leaving and the lapsed, by each customer's own clock.
pub fn leaving(run: &Run) -> Result<Leaving, Failure> {
    let states = run.insights.run("audit.states")?;
    let late_since = run.insights.run("audit.late_since")?;
    let call = run.insights.run("audit.call")?;
    let expected = |row: Row| expected(run, row);
    let mut states: Vec<StateRow> = rows(&states)
        .filter_map(|row| {
            Some(StateRow {
                state: state(row.text("state"))?,
                customers: row.count("customers"),
                sales_minor: row.minor_sum("sales_minor"),
                value: expected(row),
                at_stake: at_stake(run, row),
            })
        })
        .collect();
    states.sort_by_key(|row| row.state);
    Ok(Leaving {
        states,
        late_since: rising(&late_since, "from_days")
            .into_iter()
            .map(|row| LateBand {
                from_days: row.count("from_days") as u32,
                until_days: row.minor("until_days").map(|days| days as u32),
                customers: row.count("customers"),
                at_stake: at_stake(run, row),
            })
            .collect(),
        call: falling(&call, "at_stake_minor")
            .into_iter()
            .filter_map(|row| late_customer(run, row))
            .collect(),
    })
}

fn late_customer(run: &Run, row: Row) -> Option<LateCustomer> {
    Some(LateCustomer {
        key: run.key(row.text("customer_id")),
        orders: row.count("orders"),
        sales_minor: row.minor_sum("sales_minor"),
        last_order_on: row.day("last_on")?,
        expected_on: row.day("expected_on")?,
        usual_gap_days: row.number("usual_gap_days")?,
        days_late: row.count("days_late") as u32,
        alive: row.number("p_alive").filter(|_| run.tells_who_left()),
        at_stake: at_stake(run, row),
    })
}

/// Expected value of the customers of a row, in twelve months.
fn expected(run: &Run, row: Row) -> Option<Amount> {
    let outlook = run.outlook.as_ref()?;
    Some(outlook.doubt.amount(row.number("margin_12m_minor")?, row.sum("margin_12m_variance")))
}

/// Value at stake of the customers of a row; `None` where it cannot be told who has left.
fn at_stake(run: &Run, row: Row) -> Option<Amount> {
    let outlook = run.outlook.as_ref().filter(|outlook| outlook.has_attrition)?;
    Some(outlook.doubt.amount(row.number("at_stake_minor")?, row.sum("at_stake_variance")))
}

/// Kinds of customers.
pub fn segments(run: &Run) -> Result<Vec<SegmentRow>, Failure> {
    let segments = run.insights.run("audit.segments")?;
    let whole: f64 = rows(&segments).map(|row| row.sum("sales_minor")).sum();
    let mut found: Vec<SegmentRow> = rows(&segments)
        .filter_map(|row| {
            let (customers, orders) = (row.count("customers"), row.sum("orders"));
            let sales = row.sum("sales_minor");
            Some(SegmentRow {
                segment: segment(row.text("segment")?)?,
                customers,
                orders_per_customer: orders / customers.max(1) as f64,
                order_value_minor: (orders > 0.0).then(|| (sales / orders).round() as i64),
                last_order_days: row.sum("quiet_days").round().max(0.0) as u32,
                sales_minor: sales as i64,
                sales_share: if whole > 0.0 { sales / whole } else { 0.0 },
                value: expected(run, row),
            })
        })
        .collect();
    found.sort_by_key(|row| row.segment);
    Ok(found)
}

fn segment(code: &str) -> Option<Segment> {
    Some(match code {
        "heart" => Segment::Heart,
        "regulars" => Segment::Regulars,
        "big_rare" => Segment::BigRare,
        "occasional" => Segment::Occasional,
        "new" => Segment::New,
        "slipping" => Segment::Slipping,
        "one_time" => Segment::OneTime,
        "gone" => Segment::Gone,
        _ => return None,
    })
}
