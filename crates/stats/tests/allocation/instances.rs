//! The portable instances whose optima were computed with HiGHS, and ones of our own shape.

use stats::allocation::Offers;

/// Costs of the portable instances are real numbers; they are counted in billionths, which moves the optimum
/// by less than a part in 10¹².
pub const UNIT: f64 = 1e9;

/// A number in [0, 1) that depends on `index` and `stream` alone (splitmix64).
pub fn uniform(index: u64, stream: u64) -> f64 {
    let mut z = (index + 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(stream.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 * (-53_f64).exp2()
}

/// Value and cost of offer `j` of customer `i` of the portable instance.
pub fn offer(i: u64, j: u64) -> (f64, f64) {
    let (a, b) = (uniform(i, 1), uniform(i, 2));
    let (e, f) = (uniform(i * 10 + j, 3), uniform(i * 10 + j, 4));
    let size = (j + 1) as f64;
    let cost = size * (0.2 + 0.8 * b) * (0.8 + 0.4 * f);
    let value = 12.0 * a * (1.0 - (-size / 4.0).exp()) * (0.5 + e) - b * size / 4.0;
    (value, cost)
}

/// The portable instance, costs in units of `1 / unit`, and its budget: a fifth of what everybody's most
/// valuable offer costs.
pub fn portable(customers: u64, unit: f64) -> (Offers, i64) {
    let offers = 10 * customers as usize;
    let (mut value, mut cost, mut spend) = (Vec::with_capacity(offers), Vec::with_capacity(offers), 0.0);
    for i in 0..customers {
        let mut best = (0.0, 0.0);
        for j in 0..10 {
            let (v, c) = offer(i, j);
            value.push(v);
            cost.push((c * unit).round() as i64);
            if v > best.0 {
                best = (v, c);
            }
        }
        spend += best.1;
    }
    (Offers::even(1, 10, value, cost).unwrap(), (0.2 * spend * unit).round() as i64)
}

/// The same offers with two kinds of contact slots: offers 0, 3, 6, 9 take a message, 1, 4, 7 a call, the
/// rest neither.
pub fn with_slots(customers: u64, unit: f64) -> (Offers, Vec<i64>) {
    let offers = 10 * customers as usize;
    let (mut value, mut uses) = (Vec::with_capacity(offers), Vec::with_capacity(3 * offers));
    let mut free = [0_i64; 3];
    for i in 0..customers {
        let mut best = (0.0, [0; 3]);
        for j in 0..10 {
            let (v, c) = offer(i, j);
            let used = [(c * unit).round() as i64, i64::from(j % 3 == 0), i64::from(j % 3 == 1)];
            value.push(v);
            uses.extend(used);
            if v > best.0 {
                best = (v, used);
            }
        }
        free.iter_mut().zip(best.1).for_each(|(sum, used)| *sum += used);
    }
    let limits = vec![free[0] / 5, free[1] / 4, free[2] / 4];
    (Offers::even(3, 10, value, uses).unwrap(), limits)
}
