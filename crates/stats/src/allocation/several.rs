//! Several limits: the dual by column generation, and the mixture of allocations that meets the limits.
//!
//! At given prices everybody's best offers make one allocation; the master finds the best mixture of those
//! seen, and its prices ask for the next. The mixture is a bound from below, the dual value at any prices one
//! from above, and they meet. Asking at the master's own prices makes them swing; asking between them and the
//! best prices so far does not (Wentges 1997, Int. Trans. Operational Research 4:151). Coordinate descent is
//! not used: on this dual, which has kinks, it can stop where it should not.

use super::master::{Column, Master, Optimum};
use super::offers::{Customer, Offers, Source, Totals};
use super::search::{Taste, best};
use super::{Blend, Refused, Rules, Solved};

/// Bounds this close, relative to the value, have met.
const CLOSE: f64 = 1e-12;
const QUERIES_AT_MOST: usize = 600;
/// A sample of so many customers finds the region of the prices.
const SAMPLE: u64 = 8_192;
/// How far around the sample's prices the first cuts are made, in units of the price.
const SPREAD: f64 = 0.03;

/// The dual at one point.
struct Asked {
    /// Multipliers of the limits, and of the ROI floor if there is one, per unit of the scaled rows.
    at: Vec<f64>,
    dual: f64,
}

struct Search<'s, 'a, 'b> {
    source: &'s mut Source<'a, 'b>,
    rules: &'s Rules,
    scales: Vec<f64>,
    limits: Vec<f64>,
    master: Master,
    /// Offer prices behind each column.
    prices: Vec<Option<Vec<f64>>>,
    best: Asked,
    queries: usize,
}

/// Optimal prices and the mixture of allocations at the optimum of the relaxation.
pub(super) fn solve(
    source: &mut Source<'_, '_>,
    rules: &Rules,
    start: Option<&[f64]>,
) -> Result<Solved, Refused> {
    let start = match start {
        Some(prices) => Some(prices.to_vec()),
        None if source.customers > 4 * SAMPLE => sample_prices(source, rules)?,
        None => None,
    };
    let limits = rules.limits.len();
    let (free, _) = totals_at(source, &vec![0.0; limits]);
    source.check()?;
    let mut search = Search::new(source, rules, &free);
    search.ask(&search.unscaled_origin())?;
    if let Some(prices) = start {
        search.ask_around(&prices)?;
    }
    let optimum = search.meet()?;
    Ok(search.solved(&optimum))
}

/// Value, uses and summed net value of everybody's best offers.
pub(super) fn totals_at(source: &mut Source<'_, '_>, prices: &[f64]) -> (Totals, f64) {
    let mut totals = Totals::nothing(prices.len());
    let mut net = Totals::nothing(0);
    source.visit(|_, customer| {
        let chosen = best(prices, customer, Taste::Cheaper);
        totals.add(customer, chosen.offer);
        net.shift(chosen.score);
    });
    (totals, net.exact_value())
}

impl<'s, 'a, 'b> Search<'s, 'a, 'b> {
    fn new(source: &'s mut Source<'a, 'b>, rules: &'s Rules, free: &Totals) -> Search<'s, 'a, 'b> {
        let mut scales: Vec<f64> = free
            .uses
            .iter()
            .zip(&rules.limits)
            .map(|(used, limit)| {
                (*used as f64).abs().max((*limit as f64).abs().min(4.0 * (*used as f64).abs())).max(1.0)
            })
            .collect();
        let mut limits: Vec<f64> =
            rules.limits.iter().zip(&scales).map(|(limit, scale)| *limit as f64 / scale).collect();
        let value = free.exact_value().abs().max(f64::MIN_POSITIVE);
        if let Some(floor) = rules.roi_floor {
            scales.push((floor * free.uses[0] as f64).abs().max(value));
            limits.push(0.0);
        }
        let master = Master::new(limits.clone(), 10.0 * value);
        let prices = vec![None];
        let best = Asked { at: Vec::new(), dual: f64::INFINITY };
        Search { source, rules, scales, limits, master, prices, best, queries: 0 }
    }

    fn unscaled_origin(&self) -> Vec<f64> {
        vec![0.0; self.scales.len()]
    }

    /// Prices of offers at multipliers of the rows: the floor's makes value dearer and cost cheaper.
    fn offer_prices(&self, at: &[f64]) -> (Vec<f64>, f64) {
        let limits = self.rules.limits.len();
        let mut prices: Vec<f64> = (0..limits).map(|row| at[row] / self.scales[row]).collect();
        let Some(floor) = self.rules.roi_floor else { return (prices, 1.0) };
        let multiplier = at[limits] / self.scales[limits];
        prices[0] += multiplier * floor;
        prices.iter_mut().for_each(|price| *price /= 1.0 + multiplier);
        (prices, 1.0 + multiplier)
    }

    /// One pass: everybody's best offers at these multipliers become a column. Returns what the column gains
    /// there.
    fn ask(&mut self, at: &[f64]) -> Result<(), Refused> {
        let (prices, weight) = self.offer_prices(at);
        let (totals, net) = totals_at(self.source, &prices);
        self.source.check()?;
        self.queries += 1;
        let value = totals.exact_value();
        let mut uses: Vec<f64> = totals.uses.iter().map(|used| *used as f64).collect();
        if let Some(floor) = self.rules.roi_floor {
            uses.push(-totals.surplus(floor));
        }
        uses.iter_mut().zip(&self.scales).for_each(|(used, scale)| *used /= scale);
        let dual =
            weight * net + at.iter().zip(&self.limits).map(|(price, limit)| price * limit).sum::<f64>();
        if dual < self.best.dual {
            self.best = Asked { at: at.to_vec(), dual };
        }
        self.master.columns.push(Column { value, uses });
        self.prices.push(Some(prices));
        Ok(())
    }

    /// Asks at known prices and a little to each side of every one.
    fn ask_around(&mut self, prices: &[f64]) -> Result<(), Refused> {
        let mut at: Vec<f64> = prices.iter().zip(&self.scales).map(|(price, scale)| price * scale).collect();
        at.resize(self.scales.len(), 0.0);
        self.ask(&at)?;
        for row in 0..prices.len() {
            for factor in [1.0 - SPREAD, 1.0 + SPREAD] {
                let mut beside = at.clone();
                beside[row] *= factor;
                if beside[row] != at[row] {
                    self.ask(&beside)?;
                }
            }
        }
        Ok(())
    }

    /// Asks until the bounds meet.
    fn meet(&mut self) -> Result<Optimum, Refused> {
        let mut inward = 0.5;
        let mut last = self.master.solve().ok_or(Refused::Together)?;
        while self.queries < QUERIES_AT_MOST {
            let size = self.best.dual.abs().max(last.value.abs()).max(f64::MIN_POSITIVE);
            let is_over = last.over > 1e-9;
            if !is_over && self.best.dual - last.value <= CLOSE * size {
                break;
            }
            let at: Vec<f64> = last
                .prices
                .iter()
                .zip(&self.best.at)
                .map(|(price, center)| price + inward * (center - price))
                .collect();
            let (before, was) = (self.best.dual, last.value);
            self.ask(&at)?;
            let Some(next) = self.master.solve() else { break };
            // A degenerate step moves the prices and not the value.
            let has_moved = next.value != was || self.best.dual < before || next.prices != last.prices;
            last = next;
            if has_moved {
                inward = if self.best.dual - last.value < 1e-4 * size { 0.2 } else { 0.5 };
            } else if inward > 0.0 {
                inward = 0.0;
            } else if last.over > 1e-9 && self.master.penalty < 1e15 * size {
                self.master.penalty *= 1e3;
                let Some(next) = self.master.solve() else { break };
                last = next;
            } else {
                break;
            }
        }
        if last.over > 1e-9 { Err(Refused::Together) } else { Ok(last) }
    }

    fn solved(&self, optimum: &Optimum) -> Solved {
        let (prices, weight) = self.offer_prices(&self.best.at);
        let total: f64 = optimum.mixture.iter().map(|(_, share)| share).sum();
        let blend = optimum
            .mixture
            .iter()
            .map(|(column, share)| Blend { share: share / total, prices: self.prices[*column].clone() });
        Solved { prices, bound: self.best.dual, weight, blend: blend.collect(), totals: None }
    }
}

/// Prices of a sample of the customers with its share of the limits; `None` where the sample alone cannot
/// keep them.
fn sample_prices(source: &mut Source<'_, '_>, rules: &Rules) -> Result<Option<Vec<f64>>, Refused> {
    let limits = rules.limits.len();
    let stride = source.customers.div_ceil(SAMPLE);
    let (mut starts, mut value, mut uses, mut caps) = (vec![0], Vec::new(), Vec::new(), Vec::new());
    source.visit(|index, customer| {
        // A different place in every block, so that customers in a periodic order are sampled evenly.
        if index % stride == (index / stride).wrapping_mul(0x9E37_79B9) % stride {
            value.extend_from_slice(customer.value);
            uses.extend_from_slice(customer.uses);
            starts.push(value.len());
            caps.push(customer.cap);
        }
    });
    source.check()?;
    let share = (starts.len() - 1) as f64 / source.customers as f64;
    let scaled = |limit: &i64| if *limit == i64::MAX { *limit } else { (*limit as f64 * share) as i64 };
    let smaller = Rules { limits: rules.limits.iter().map(scaled).collect(), roi_floor: rules.roi_floor };
    let offers = Offers::new(limits, starts, value, uses)?.with_caps(caps)?;
    let mut pass = |each: &mut dyn FnMut(Customer<'_>)| offers.visit(each);
    let found =
        Source::new(&mut pass, &smaller, None).and_then(|mut source| solve(&mut source, &smaller, None));
    Ok(found.ok().map(|solved| solved.prices))
}
