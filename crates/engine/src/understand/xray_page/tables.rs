//! What tables print that is not in the document as it stands: names of bands, heats of cells, largest rows.

use super::said::customers_in;
use crate::understand::xray::{
    Amount, Factor, FlowKind, Group, ModelScore, Period, SegmentRow, State, TwoPeriods, Verdict, Xray,
};
use assets::{Failure, Habit, Words};
use serde::Serialize;

/// Steps of the heat of a cell, `.heat-1` … `.heat-9`.
const HEATS: f64 = 9.0;

/// Names of bands, in the reader's habit.
#[derive(Debug, Serialize)]
pub struct Bands {
    pub orders: Vec<String>,
    pub spend: Vec<String>,
    pub spend_unit: String,
    pub value: Vec<String>,
    pub late: Vec<String>,
}

impl Bands {
    pub fn of(xray: &Xray, words: &Words, habit: &Habit) -> Result<Bands, Failure> {
        let more = |from: String| words.text("report-and-more", &[("from", from.into())]);
        let orders = xray.one_period.by_orders.iter().map(|bin| match bin.orders_to {
            Some(to) => habit.number_range(f64::from(bin.orders_from), f64::from(to), 0),
            None => format!("{}+", habit.count(i64::from(bin.orders_from))),
        });
        let bounds = || xray.one_period.by_spend.iter().map(|bin| bin.from_minor);
        let largest = bounds().map(i64::saturating_abs).max().unwrap_or(0);
        // The largest unit in which every bound can be written with one digit after the point.
        let units = [1, 1_000, 1_000_000].map(|part| habit.axis_unit(largest / part));
        let fits = |scale: f64| bounds().all(|minor| (minor as f64 / scale * 10.0).fract() == 0.0);
        let (scale, spend_unit) = units.iter().find(|(scale, _)| fits(*scale)).unwrap_or(&units[0]).clone();
        let in_unit = |minor: i64| {
            let value = minor as f64 / scale;
            habit.number(value, usize::from(value.fract() != 0.0))
        };
        let spend = xray.one_period.by_spend.iter().map(|bin| match bin.until_minor {
            Some(until) => format!("{}–{}", in_unit(bin.from_minor), in_unit(until)),
            None => format!("{}+", in_unit(bin.from_minor)),
        });
        let bands = xray.value.as_ref().map_or(&[][..], |book| &book.bands);
        let value = bands.iter().map(|band| match band.until_minor {
            Some(until) => Ok(habit.short_money_range(band.from_minor, until)),
            None => more(habit.short_money(band.from_minor)),
        });
        let late = xray.leaving.late_since.iter().map(|band| match band.until_days {
            Some(until) => words.text(
                "late-band",
                &[("from", band.from_days.into()), ("to", until.saturating_sub(1).into())],
            ),
            None => words.text("late-band-more", &[("from", band.from_days.into())]),
        });
        Ok(Bands {
            orders: orders.collect(),
            spend: spend.collect(),
            spend_unit,
            value: value.collect::<Result<_, _>>()?,
            late: late.collect::<Result<_, _>>()?,
        })
    }
}

/// Who came and went, for the sentence above the table.
#[derive(Debug, Default, Serialize)]
pub struct Flows {
    stayed: u64,
    left: u64,
    new: u64,
    came_back: u64,
    most: u64,
}

impl Flows {
    pub fn of(xray: &Xray) -> Flows {
        let mut flows = Flows::default();
        for flow in xray.two_periods.iter().flat_map(|two| &two.flows) {
            let place = match flow.flow {
                FlowKind::Stayed => &mut flows.stayed,
                FlowKind::Left => &mut flows.left,
                FlowKind::New => &mut flows.new,
                FlowKind::CameBack => &mut flows.came_back,
            };
            *place += flow.customers;
        }
        flows.most = flows.stayed.max(flows.left).max(flows.new).max(flows.came_back).max(1);
        flows
    }
}

/// What drove the change.
#[derive(Debug, Default, Serialize)]
pub struct Drivers {
    rows: Vec<DriverRow>,
    change: i64,
    largest: Option<Factor>,
}

#[derive(Debug, Serialize)]
struct DriverRow {
    factor: Factor,
    before: String,
    after: String,
    effect_minor: i64,
    /// Of the largest effect, −1..1.
    share: f64,
}

impl Drivers {
    pub fn of(xray: &Xray, habit: &Habit) -> Drivers {
        let drivers = xray.two_periods.as_ref().map_or(&[][..], |two| &two.drivers);
        let most = drivers.iter().map(|one| one.effect_minor.saturating_abs()).max().unwrap_or(0).max(1);
        let written = |factor: Factor, value: f64| match factor {
            Factor::Customers => habit.number(value, 0),
            Factor::Frequency => habit.number(value, 2),
            Factor::OrderValue => habit.money(value.round() as i64),
            Factor::MarginRate => habit.percent(value, 1),
        };
        Drivers {
            rows: drivers
                .iter()
                .map(|one| DriverRow {
                    factor: one.factor,
                    before: written(one.factor, one.before),
                    after: written(one.factor, one.after),
                    effect_minor: one.effect_minor,
                    share: one.effect_minor as f64 / most as f64,
                })
                .collect(),
            change: drivers.iter().map(|one| one.effect_minor).sum(),
            largest: drivers.iter().max_by_key(|one| one.effect_minor.saturating_abs()).map(|one| one.factor),
        }
    }
}

/// The movement matrix with its heats.
#[derive(Debug, Default, Serialize)]
pub struct Movement {
    groups: Vec<Group>,
    rows: Vec<Vec<MovementCell>>,
    best: u64,
    kept: u64,
    lost: u64,
}

#[derive(Debug, Serialize)]
struct MovementCell {
    customers: Option<u64>,
    share: f64,
    heat: Option<u32>,
}

impl Movement {
    pub fn of(xray: &Xray) -> Movement {
        let Some(two) = xray.two_periods.as_ref().filter(|two| is_square(two)) else {
            return Movement::default();
        };
        let last = Group::ALL.len() - 1;
        let rows = two.movement.iter().enumerate().map(|(from, row)| {
            let total = row.iter().sum::<u64>().max(1);
            let cell = |(to, &customers): (usize, &u64)| {
                let share = customers as f64 / total as f64;
                let is_nobody = from == last && to == last;
                MovementCell {
                    customers: (!is_nobody).then_some(customers),
                    share,
                    heat: (!is_nobody).then(|| heat(share, 0.0, 1.0)),
                }
            };
            row.iter().enumerate().map(cell).collect()
        });
        Movement {
            groups: Group::ALL.to_vec(),
            rows: rows.collect(),
            best: two.movement[0].iter().sum(),
            kept: two.movement[0][0],
            lost: two.movement[0][last],
        }
    }
}

fn is_square(two: &TwoPeriods) -> bool {
    let size = Group::ALL.len();
    two.movement.len() == size && two.movement.iter().all(|row| row.len() == size)
}

/// The cohorts as a heat map: shares of each cohort that bought at each age.
#[derive(Debug, Serialize)]
pub struct Heat {
    ages: Vec<usize>,
    rows: Vec<HeatRow>,
    /// `less`, `more`, `same`: newer against older.
    verdict: &'static str,
}

#[derive(Debug, Serialize)]
struct HeatRow {
    first_bought: Period,
    customers: u64,
    is_small: bool,
    cells: Vec<Option<HeatCell>>,
}

#[derive(Debug, Serialize)]
struct HeatCell {
    share: f64,
    heat: u32,
}

impl Heat {
    pub fn of(xray: &Xray) -> Heat {
        let Some(cohorts) = &xray.cohorts else {
            return Heat { ages: vec![], rows: vec![], verdict: "same" };
        };
        let oldest = cohorts.rows.iter().map(|row| row.bought.len()).max().unwrap_or(0);
        let share = |bought: u64, customers: u64| bought as f64 / customers.max(1) as f64;
        let shares = cohorts
            .rows
            .iter()
            .filter(|row| row.customers >= cohorts.small_under)
            .flat_map(|row| row.bought.iter().flatten().map(|&bought| share(bought, row.customers)));
        // The scale runs over what is to be seen, without the few at the ends that small cohorts make.
        let (low, high) = shares.fold((1.0f64, 0.0f64), |(low, high), one| (low.min(one), high.max(one)));
        let rows = cohorts.rows.iter().map(|row| HeatRow {
            first_bought: row.first_bought,
            customers: row.customers,
            is_small: row.customers < cohorts.small_under,
            cells: (0..oldest)
                .map(|age| {
                    let share = share(row.bought.get(age).copied().flatten()?, row.customers);
                    Some(HeatCell { share, heat: heat(share, low, high) })
                })
                .collect(),
        });
        let verdict = match &cohorts.newer_against_older {
            Some(contrast) if contrast.difference.high < 0.0 => "less",
            Some(contrast) if contrast.difference.low > 0.0 => "more",
            _ => "same",
        };
        Heat { ages: (1..=oldest).collect(), rows: rows.collect(), verdict }
    }
}

/// A step of heat for a share on a scale.
fn heat(share: f64, low: f64, high: f64) -> u32 {
    let along = if high > low { ((share - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
    (along * (HEATS - 1.0)).round() as u32 + 1
}

/// Sales by cohort.
#[derive(Debug, Serialize)]
pub struct Base {
    /// Part of the period's sales from cohorts that began in it.
    new_share: f64,
    /// Part of the period's sales by layer.
    shares: Vec<f64>,
    steps: Vec<String>,
    legend: Vec<Entry>,
}

/// A colour and what it stands for.
#[derive(Debug, Serialize)]
struct Entry {
    colour: String,
    name: String,
}

impl Base {
    pub fn of(xray: &Xray, words: &Words, habit: &Habit) -> Result<Base, Failure> {
        let layers = &xray.whole_base.layers;
        let all = layers.iter().map(|layer| layer.period_minor).sum::<i64>();
        let part = |minor: i64| if all > 0 { minor as f64 / all as f64 } else { 0.0 };
        let new = layers.iter().filter(|layer| layer.first_bought.from >= xray.period.from);
        let mut legend: Vec<Entry> = layers
            .iter()
            .enumerate()
            .map(|(place, layer)| Entry {
                colour: format!("s{}", shade(place, layers.len())),
                name: habit.period(layer.first_bought.from, layer.first_bought.until),
            })
            .collect();
        if !xray.whole_base.anonymous_minor.is_empty() {
            let name = words.text("word-anonymous_sales", &[])?;
            legend.push(Entry { colour: "kq".to_owned(), name });
        }
        Ok(Base {
            new_share: part(new.map(|layer| layer.period_minor).sum()),
            shares: layers.iter().map(|layer| part(layer.period_minor)).collect(),
            steps: xray.whole_base.steps.iter().map(|&day| habit.month(day)).collect(),
            legend,
        })
    }
}

/// The shade of a layer, 1 (oldest) to 6, spread over however many there are.
pub fn shade(place: usize, layers: usize) -> usize {
    if layers <= 1 { 1 } else { 1 + place * 5 / (layers - 1) }
}

/// The value book's sentence.
#[derive(Debug, Default, Serialize)]
pub struct Value {
    top_customers: u64,
    top_from: i64,
    top_share: f64,
    /// Upper end of the largest value, for the scale of the lines.
    largest: f64,
}

impl Value {
    pub fn of(xray: &Xray) -> Value {
        let Some(book) = &xray.value else { return Value::default() };
        let mut said = Value::default();
        // The fewest bands from the top that hold half of the value.
        for band in &book.bands {
            said.top_customers += band.customers;
            said.top_share += band.value_share;
            said.top_from = band.from_minor;
            if said.top_share >= 0.5 {
                break;
            }
        }
        let highest = book.top.iter().map(|one| one.value.high_minor).max().unwrap_or(0);
        said.largest = highest as f64 * 1.05;
        said
    }
}

/// The late, for the sentence.
#[derive(Debug, Serialize)]
pub struct Late {
    customers: u64,
    lapsed: u64,
    at_stake: Option<Amount>,
    most: u64,
}

impl Late {
    pub fn of(xray: &Xray) -> Late {
        let states = &xray.leaving.states;
        Late {
            customers: customers_in(xray, State::AtRisk),
            lapsed: customers_in(xray, State::Lapsed),
            at_stake: states.iter().find(|row| row.state == State::AtRisk).and_then(|row| row.at_stake),
            most: states.iter().map(|row| row.customers).max().unwrap_or(0).max(1),
        }
    }
}

/// The kind that brings most.
#[derive(Debug, Serialize)]
pub struct Kinds<'a> {
    largest: Option<&'a SegmentRow>,
}

impl Kinds<'_> {
    pub fn of(xray: &Xray) -> Kinds<'_> {
        Kinds { largest: xray.segments.iter().max_by_key(|row| row.sales_minor) }
    }
}

/// The judgement's sentence.
#[derive(Debug, Serialize)]
pub struct Models<'a> {
    /// The model the sentence names: the one used.
    used: Option<&'a ModelScore>,
    /// The best naive rule.
    naive: Option<&'a ModelScore>,
    days: i32,
}

impl Models<'_> {
    pub fn of(xray: &Xray) -> Models<'_> {
        let Some(judgement) = &xray.judgement else { return Models { used: None, naive: None, days: 0 } };
        let scored = || judgement.models.iter().filter(|model| model.refusal.is_none());
        let used = scored().find(|model| model.model == judgement.used);
        let naive = scored().filter(|model| model.is_naive).min_by(|a, b| a.rmse.total_cmp(&b.rmse));
        let needs_naive = judgement.verdict != Verdict::ModelWins;
        Models { used: used.or(naive.filter(|_| needs_naive)), naive, days: judgement.judged_on.days() }
    }
}
