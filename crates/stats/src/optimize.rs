//! Finding the maximum of a likelihood: quasi-Newton in a box, curvature, and checks of gradients.
//!
//! Our likelihoods have two to six parameters in logarithms, exact gradients, and optima that may lie at
//! infinity along a ridge. So the method is dense BFGS (memory limits are for thousands of parameters), inside a
//! box that keeps a ridge from running to overflow, with a line search that also accepts by slope: near an
//! optimum of a large sum the differences of values are rounding noise while the gradient is still exact.
//! Objectives return their value and write their gradient; infinity or NaN means "not here", and is stepped back from.

/// A square matrix as rows.
pub type Matrix = Vec<Vec<f64>>;

/// When to stop, and how far parameters may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest absolute gradient entry at which the search ends.
    pub gradient: f64,
    /// Most iterations.
    pub iterations: usize,
    /// Every parameter stays within ± this.
    pub reach: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { gradient: 1e-9, iterations: 200, reach: 14.0 }
    }
}

/// Where a search ended.
#[derive(Clone, Debug)]
pub struct Minimum {
    /// The parameters.
    pub at: Vec<f64>,
    /// The objective there.
    pub value: f64,
    /// Largest absolute gradient entry, parameters pressed against the box aside.
    pub gradient_norm: f64,
    /// Iterations used.
    pub iterations: usize,
    /// Calls of the objective.
    pub evaluations: usize,
}

/// Minimises `objective` from `start` by BFGS inside the box of `limits`.
///
/// `curvature` is an estimate of the inverse Hessian where one is known (from a sample of the rows, say); without
/// it the first step is short and the scale is learned. Never fails: the best point seen comes back with its
/// gradient norm, and the caller judges whether that is an optimum.
pub fn minimise(
    mut objective: impl FnMut(&[f64], &mut [f64]) -> f64,
    start: &[f64],
    curvature: Option<&Matrix>,
    limits: Limits,
) -> Minimum {
    let n = start.len();
    let mut at: Vec<f64> = start.iter().map(|v| v.clamp(-limits.reach, limits.reach)).collect();
    let mut gradient = vec![0.0; n];
    let mut value = objective(&at, &mut gradient);
    let mut evaluations = 1;
    let mut inverse = curvature.cloned().unwrap_or_else(|| identity(n));
    let mut scaled = curvature.is_some();
    let mut iterations = 0;
    let mut stalled = 0;

    while iterations < limits.iterations && value.is_finite() {
        let free: Vec<bool> =
            (0..n).map(|i| !(at[i].abs() >= limits.reach && at[i] * gradient[i] < 0.0)).collect();
        if norm(&gradient, &free) <= limits.gradient || stalled >= 2 {
            break;
        }
        iterations += 1;
        let mut direction = downhill(&inverse, &gradient, &free);
        let mut slope = dot(&direction, &gradient);
        if slope.is_nan() || slope >= 0.0 {
            inverse = identity(n);
            scaled = false;
            direction = downhill(&inverse, &gradient, &free);
            slope = dot(&direction, &gradient);
        }
        // Two units of a logarithm are a factor of seven: far enough for one step.
        let longest = direction.iter().fold(0.0f64, |m, d| m.max(d.abs()));
        let cap = 2.0 / longest;
        let first = if scaled { cap.min(1.0) } else { cap.min(0.5 / longest) };
        let ray = Ray { at: &at, direction: &direction, value, slope, first, cap, reach: limits.reach };
        let Some(step) = search(&mut objective, &ray, &mut evaluations) else { break };

        let moved: Vec<f64> = step.at.iter().zip(&at).map(|(new, old)| new - old).collect();
        let turned: Vec<f64> = step.gradient.iter().zip(&gradient).map(|(new, old)| new - old).collect();
        let bend = dot(&moved, &turned);
        if bend > 1e-14 * dot(&turned, &turned).sqrt() * dot(&moved, &moved).sqrt() && bend > 0.0 {
            if !scaled {
                let size = bend / dot(&turned, &turned);
                inverse = identity(n);
                inverse.iter_mut().flatten().for_each(|v| *v *= size);
                scaled = true;
            }
            update(&mut inverse, &moved, &turned, bend);
        }
        let gain = value - step.value;
        stalled = if gain <= 1e-15 * value.abs() { stalled + 1 } else { 0 };
        at = step.at;
        gradient = step.gradient;
        value = step.value;
    }
    let free: Vec<bool> =
        (0..n).map(|i| !(at[i].abs() >= limits.reach && at[i] * gradient[i] < 0.0)).collect();
    Minimum { gradient_norm: norm(&gradient, &free), at, value, iterations, evaluations }
}

/// Minimises from every start and returns all results, best first.
pub fn from_starts(
    mut objective: impl FnMut(&[f64], &mut [f64]) -> f64,
    starts: &[Vec<f64>],
    limits: Limits,
) -> Vec<Minimum> {
    let mut found: Vec<Minimum> =
        starts.iter().map(|start| minimise(&mut objective, start, None, limits)).collect();
    found.sort_by(|a, b| a.value.total_cmp(&b.value));
    found
}

/// Second derivatives at `at`, by central differences of the exact gradient in the coordinates named by `free`;
/// the result has one row per free coordinate, in their order.
pub fn hessian(mut objective: impl FnMut(&[f64], &mut [f64]) -> f64, at: &[f64], free: &[usize]) -> Matrix {
    const STEP: f64 = 1e-4;
    let mut rows: Matrix = Vec::with_capacity(free.len());
    for &i in free {
        let mut sides = [vec![0.0; at.len()], vec![0.0; at.len()]];
        for (side, sign) in sides.iter_mut().zip([1.0, -1.0]) {
            let mut moved = at.to_vec();
            moved[i] += sign * STEP;
            objective(&moved, side);
        }
        rows.push(free.iter().map(|&j| (sides[0][j] - sides[1][j]) / (2.0 * STEP)).collect());
    }
    (0..free.len()).map(|i| (0..free.len()).map(|j| 0.5 * (rows[i][j] + rows[j][i])).collect()).collect()
}

/// Inverse of a symmetric positive definite matrix by Cholesky; `None` when it is not positive definite or not finite.
pub fn inverse(matrix: &Matrix) -> Option<Matrix> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix[i][j] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
            if i == j {
                // A pivot that lost all digits of its diagonal is zero, whatever its sign.
                if !rest.is_finite() || rest <= 1e-13 * matrix[i][i].abs() {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    // Columns of the inverse, which are its rows too.
    let mut inverted = identity(n);
    for x in &mut inverted {
        for i in 0..n {
            x[i] = (x[i] - (0..i).map(|k| lower[i][k] * x[k]).sum::<f64>()) / lower[i][i];
        }
        for i in (0..n).rev() {
            x[i] = (x[i] - (i + 1..n).map(|k| lower[k][i] * x[k]).sum::<f64>()) / lower[i][i];
        }
    }
    Some(inverted)
}

/// Largest relative disagreement between the written gradient and central differences of the value: a test's tool.
pub fn gradient_error(mut objective: impl FnMut(&[f64], &mut [f64]) -> f64, at: &[f64]) -> f64 {
    let mut scratch = vec![0.0; at.len()];
    let mut exact = vec![0.0; at.len()];
    objective(at, &mut exact);
    let size = exact.iter().fold(1.0f64, |m, g| m.max(g.abs()));
    (0..at.len())
        .map(|i| {
            let mut side = |step: f64| {
                let mut moved = at.to_vec();
                moved[i] += step;
                objective(&moved, &mut scratch)
            };
            let h = 1e-3;
            let near = (side(h) - side(-h)) / (2.0 * h);
            let far = (side(2.0 * h) - side(-2.0 * h)) / (4.0 * h);
            ((4.0 * near - far) / 3.0 - exact[i]).abs() / size
        })
        .fold(0.0, f64::max)
}

struct Ray<'a> {
    at: &'a [f64],
    direction: &'a [f64],
    value: f64,
    slope: f64,
    first: f64,
    cap: f64,
    reach: f64,
}

struct Step {
    at: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// Brackets and bisects to a step satisfying Wolfe's conditions, or their form by slopes (Hager & Zhang 2005)
/// when the values no longer differ. `None` when not even a tiny step helps.
fn search(
    objective: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
    ray: &Ray,
    evaluations: &mut usize,
) -> Option<Step> {
    const DECREASE: f64 = 1e-4;
    const FLATTEN: f64 = 0.9;
    let noise = 1e-14 * ray.value.abs().max(1e-300);
    let (mut low, mut high) = ((0.0, ray.value, ray.slope), f64::INFINITY);
    let mut length = ray.first;
    let mut best: Option<Step> = None;
    for _ in 0..40 {
        let at: Vec<f64> = ray
            .at
            .iter()
            .zip(ray.direction)
            .map(|(x, d)| (x + length * d).clamp(-ray.reach, ray.reach))
            .collect();
        let mut gradient = vec![0.0; at.len()];
        let value = objective(&at, &mut gradient);
        *evaluations += 1;
        let slope = dot(ray.direction, &gradient);
        let is_usable = value.is_finite() && slope.is_finite();
        let enough = value <= ray.value + DECREASE * length * ray.slope;
        let by_slope = value <= ray.value + noise && slope <= (2.0 * DECREASE - 1.0) * ray.slope;
        if !is_usable || !(enough || by_slope) {
            high = length;
            // The minimum of the parabola through both ends, kept inside the bracket.
            let width = high - low.0;
            let curve = value - low.1 - low.2 * width;
            let guess =
                if is_usable && curve > 0.0 { -0.5 * low.2 * width * width / curve } else { 0.1 * width };
            length = low.0 + guess.clamp(0.1 * width, 0.6 * width);
            continue;
        }
        let flat = slope >= FLATTEN * ray.slope;
        low = (length, value, slope);
        if best.as_ref().is_none_or(|b| value <= b.value + noise) {
            best = Some(Step { at, value, gradient });
        }
        if flat || length >= ray.cap {
            break;
        }
        length = if high.is_finite() { 0.5 * (length + high) } else { (2.5 * length).min(ray.cap) };
    }
    best
}

fn downhill(inverse: &Matrix, gradient: &[f64], free: &[bool]) -> Vec<f64> {
    let masked: Vec<f64> = gradient.iter().zip(free).map(|(g, f)| if *f { *g } else { 0.0 }).collect();
    inverse.iter().zip(free).map(|(row, f)| if *f { -dot(row, &masked) } else { 0.0 }).collect()
}

/// The BFGS update of the inverse Hessian (Nocedal & Wright, equation 6.17).
fn update(inverse: &mut Matrix, moved: &[f64], turned: &[f64], bend: f64) {
    let n = moved.len();
    let carried: Vec<f64> = inverse.iter().map(|row| dot(row, turned)).collect();
    let factor = (1.0 + dot(turned, &carried) / bend) / bend;
    for i in 0..n {
        for j in 0..n {
            inverse[i][j] +=
                factor * moved[i] * moved[j] - (moved[i] * carried[j] + carried[i] * moved[j]) / bend;
        }
    }
}

fn identity(n: usize) -> Matrix {
    (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn norm(gradient: &[f64], free: &[bool]) -> f64 {
    gradient.iter().zip(free).filter(|(_, f)| **f).fold(0.0f64, |m, (g, _)| m.max(g.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rosenbrock(x: &[f64], g: &mut [f64]) -> f64 {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        g[0] = -2.0 * a - 400.0 * x[0] * b;
        g[1] = 200.0 * b;
        a * a + 100.0 * b * b
    }

    #[test]
    fn the_banana_valley_is_followed_to_its_end() {
        for start in [[-1.2, 1.0], [3.0, -3.0], [0.0, 10.0]] {
            let found = minimise(rosenbrock, &start, None, Limits::default());
            assert!(found.gradient_norm < 1e-8, "{found:?}");
            assert!((found.at[0] - 1.0).abs() < 1e-8 && (found.at[1] - 1.0).abs() < 1e-8, "{found:?}");
        }
    }

    #[test]
    fn a_slope_without_end_stops_at_the_box() {
        let found = minimise(
            |x, g| {
                g[0] = -(-x[0]).exp();
                g[1] = 2.0 * (x[1] - 3.0);
                (-x[0]).exp() + (x[1] - 3.0) * (x[1] - 3.0)
            },
            &[0.0, 0.0],
            None,
            Limits { reach: 5.0, ..Limits::default() },
        );
        assert_eq!(found.at[0], 5.0);
        assert!((found.at[1] - 3.0).abs() < 1e-9);
        assert!(found.gradient_norm < 1e-9);
    }

    #[test]
    fn values_that_are_not_numbers_are_stepped_back_from() {
        let found = minimise(
            |x, g| {
                if x[0] > 1.5 {
                    return f64::NAN;
                }
                g[0] = 2.0 * (x[0] - 1.0);
                (x[0] - 1.0) * (x[0] - 1.0)
            },
            &[-4.0],
            None,
            Limits::default(),
        );
        assert!((found.at[0] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn curvature_and_its_inverse_are_right() {
        let curvature = hessian(rosenbrock, &[1.0, 1.0], &[0, 1]);
        for (row, known) in curvature.iter().zip([[802.0, -400.0], [-400.0, 200.0]]) {
            assert!((row[0] - known[0]).abs() < 1e-4 && (row[1] - known[1]).abs() < 1e-4, "{row:?}");
        }
        let inverted = inverse(&curvature).expect("the valley floor is convex");
        assert!((inverted[0][0] - 0.5).abs() < 1e-5 && (inverted[1][1] - 2.005).abs() < 1e-4);
        assert_eq!(inverse(&vec![vec![1.0, 2.0], vec![2.0, 1.0]]), None);
        assert_eq!(inverse(&vec![vec![f64::NAN]]), None);
        assert!(gradient_error(rosenbrock, &[0.3, -0.8]) < 1e-9);
    }
}
