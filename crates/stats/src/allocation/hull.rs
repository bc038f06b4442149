//! The upper hull of one customer's offers in the plane of cost and value.
//!
//! Only offers on the hull can be part of the relaxation's optimum, and they come into it one after another,
//! as the price of money falls: each is a step with a slope, in value per unit of cost.

use super::Customer;

/// From one corner of a hull to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// Value per unit of cost; above 0.
    pub slope: f64,
    pub cost: i64,
    pub value: f64,
}

/// Works out hulls, keeping its buffers.
#[derive(Default)]
pub(crate) struct Hull {
    points: Vec<(i64, f64)>,
    corners: Vec<(i64, f64)>,
}

impl Hull {
    /// The corners of a customer's hull by rising cost and value, from the cheapest offer (or doing nothing)
    /// to the most valuable.
    pub fn corners(&mut self, customer: &Customer<'_>) -> &[(i64, f64)] {
        self.points.clear();
        self.points.push((0, 0.0));
        for (value, cost) in customer.value.iter().zip(customer.uses) {
            if *cost <= customer.cap {
                self.points.push((*cost, *value));
            }
        }
        sort(&mut self.points);
        self.corners.clear();
        for point in &self.points {
            match self.corners.last() {
                Some(last) if point.1 <= last.1 => continue,
                // Equal cost and more value: the new one takes its place.
                Some(last) if point.0 == last.0 => drop(self.corners.pop()),
                _ => {}
            }
            while let [.., before, last] = self.corners[..] {
                if slope(before, last) > slope(last, *point) {
                    break;
                }
                self.corners.pop();
            }
            self.corners.push(*point);
        }
        &self.corners
    }

    /// The steps between the corners, and the corner they start from.
    pub fn steps(&mut self, customer: &Customer<'_>) -> ((i64, f64), impl Iterator<Item = Step> + '_) {
        let corners = self.corners(customer);
        let steps = corners.windows(2).map(|pair| Step {
            slope: slope(pair[0], pair[1]),
            cost: pair[1].0 - pair[0].0,
            value: pair[1].1 - pair[0].1,
        });
        (corners[0], steps.filter(|step| step.slope > 0.0))
    }
}

fn slope(from: (i64, f64), to: (i64, f64)) -> f64 {
    (to.1 - from.1) / (to.0 - from.0) as f64
}

/// Insertion sort by cost: lists are short, and mostly given in order.
fn sort(points: &mut [(i64, f64)]) {
    if points.len() > 32 {
        points.sort_unstable_by_key(|point| point.0);
        return;
    }
    for place in 1..points.len() {
        let point = points[place];
        let mut at = place;
        while at > 0 && points[at - 1].0 > point.0 {
            points[at] = points[at - 1];
            at -= 1;
        }
        points[at] = point;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dominated_offers_are_no_corners() {
        let uses = [10, 20, 30, 20, 5, -4];
        let customer = Customer { value: &[50.0, 60.0, 90.0, 55.0, -1.0, -8.0], uses: &uses, cap: i64::MAX };
        let mut hull = Hull::default();
        assert_eq!(hull.corners(&customer), [(-4, -8.0), (10, 50.0), (30, 90.0)]);
        let slopes: Vec<f64> = hull.steps(&customer).1.map(|step| step.slope).collect();
        // Doing nothing falls inside: the step to it has slope 2, the one from it 5.
        assert_eq!(slopes, [58.0 / 14.0, 2.0]);
    }

    #[test]
    fn caps_take_offers_away() {
        let customer = Customer { value: &[5.0, 9.0], uses: &[1, 3], cap: 2 };
        assert_eq!(Hull::default().corners(&customer), [(0, 0.0), (1, 5.0)]);
    }
}
