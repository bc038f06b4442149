//! Choosing with a probability that is known in closed form.
//!
//! What was drawn can be judged later only if its probability was written down as it was. So each rule here gives the
//! whole vector of probabilities, [`draw`] takes one action from it by a number the caller brings (a hash of the
//! decision's id, say), and the same vector and number give the same action, bit for bit.

use super::Refused;
use super::gate::best;
use crate::inputs::{BadInput, finite, not_empty};

/// Inverse-gap weighting (Abe and Long 1999; Foster and Rakhlin 2020): an action whose score is `gap` below the best
/// gets 1 / (K + gamma · gap), the best the rest. `gamma` 0 is uniform; larger explores less, and more so the larger
/// the gap. The first among equals is the best.
pub fn inverse_gap(scores: &[f64], gamma: f64) -> Result<Vec<f64>, Refused> {
    check(scores, "gamma", gamma)?;
    let top = best(scores);
    let among = scores.len() as f64;
    let share = |score: &f64| 1.0 / (among + gamma * (scores[top] - score));
    let mut probabilities: Vec<f64> = scores.iter().map(share).collect();
    probabilities[top] = 0.0;
    probabilities[top] = 1.0 - probabilities.iter().sum::<f64>();
    Ok(probabilities)
}

/// Softmax: in proportion to exp(score / temperature).
pub fn softmax(scores: &[f64], temperature: f64) -> Result<Vec<f64>, Refused> {
    check(scores, "temperature", temperature)?;
    if temperature == 0.0 {
        let (setting, value) = ("temperature", temperature);
        return Err(BadInput::Setting { setting, value, range: "above 0" }.into());
    }
    let highest = scores[best(scores)];
    let raised: Vec<f64> = scores.iter().map(|score| ((score - highest) / temperature).exp()).collect();
    let sum: f64 = raised.iter().sum();
    Ok(raised.into_iter().map(|value| value / sum).collect())
}

/// Epsilon-greedy: epsilon spread over all actions, the rest over the best (evenly where several are).
pub fn epsilon_greedy(scores: &[f64], epsilon: f64) -> Result<Vec<f64>, Refused> {
    check(scores, "epsilon", epsilon)?;
    if epsilon > 1.0 {
        let (setting, value) = ("epsilon", epsilon);
        return Err(BadInput::Setting { setting, value, range: "0 to 1" }.into());
    }
    let highest = scores[best(scores)];
    let bests = scores.iter().filter(|score| **score == highest).count() as f64;
    let even = epsilon / scores.len() as f64;
    let of = |score: &f64| even + if *score == highest { (1.0 - epsilon) / bests } else { 0.0 };
    Ok(scores.iter().map(of).collect())
}

/// Lifts probabilities so that each action keeps at least its floor (0.05 for doing nothing, say): floor + (1 − Σ
/// floors) · p. Actions that are not eligible have no place in the vector at all.
pub fn with_floors(probabilities: &[f64], floors: &[f64]) -> Result<Vec<f64>, Refused> {
    super::refused::probabilities("probabilities", 0, probabilities)?;
    crate::inputs::same_rows("probabilities", probabilities, "floors", floors)?;
    crate::inputs::not_negative("floors", floors)?;
    let sum: f64 = floors.iter().sum();
    if sum > 1.0 {
        return Err(BadInput::Setting { setting: "sum of floors", value: sum, range: "at most 1" }.into());
    }
    Ok(probabilities.iter().zip(floors).map(|(p, floor)| floor + (1.0 - sum) * p).collect())
}

/// An action drawn, with the probability it had.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Drawn {
    /// The action.
    pub action: usize,
    /// Its probability.
    pub probability: f64,
}

/// Takes the action in whose stretch of [0, 1) the number `u` lies. Actions of probability 0 are never taken.
pub fn draw(probabilities: &[f64], u: f64) -> Result<Drawn, Refused> {
    not_empty("probabilities", probabilities)?;
    super::refused::probabilities("probabilities", 0, probabilities)?;
    if !(0.0..1.0).contains(&u) {
        let (setting, value) = ("u", u);
        return Err(BadInput::Setting { setting, value, range: "0 or more and below 1" }.into());
    }
    let possible = || probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0);
    let drawn = possible().scan(0.0, |sum, (action, p)| {
        *sum += p;
        Some((action, *p, *sum))
    });
    // Rounding can leave the sum a hair below u; the last possible action is then the one.
    let mut last = Drawn { action: 0, probability: probabilities[0] };
    for (action, probability, sum) in drawn {
        last = Drawn { action, probability };
        if u < sum {
            break;
        }
    }
    Ok(last)
}

fn check(scores: &[f64], setting: &'static str, value: f64) -> Result<(), BadInput> {
    not_empty("scores", scores)?;
    finite("scores", scores)?;
    if value >= 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(BadInput::Setting { setting, value, range: "0 or more" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(left: &[f64], right: &[f64]) -> bool {
        left.len() == right.len() && left.iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn probabilities_by_hand() {
        // Gaps 0.5, 0, 0.25 at gamma 4 among three: 1/5, rest, 1/4.
        assert!(near(&inverse_gap(&[0.0, 0.5, 0.25], 4.0).unwrap(), &[0.2, 0.55, 0.25]));
        assert!(near(&inverse_gap(&[3.0, 3.0], 9.0).unwrap(), &[0.5, 0.5]));
        assert!(near(&epsilon_greedy(&[1.0, 2.0, 2.0, 0.0], 0.2).unwrap(), &[0.05, 0.45, 0.45, 0.05]));
        assert!(near(&softmax(&[0.0, 3.0_f64.ln()], 1.0).unwrap(), &[0.25, 0.75]));
        assert!(near(&with_floors(&[0.0, 1.0], &[0.05, 0.0]).unwrap(), &[0.05, 0.95]));
    }

    #[test]
    fn a_number_draws_the_action_in_whose_stretch_it_lies() {
        let p = [0.0, 0.25, 0.0, 0.75, 0.0];
        for (u, action) in [(0.0, 1), (0.249, 1), (0.25, 3), (0.999_999_999, 3)] {
            assert_eq!(draw(&p, u).unwrap().action, action, "u {u}");
        }
        assert_eq!(draw(&p, 0.3).unwrap().probability, 0.75);
        for refused in [draw(&p, 1.0), draw(&p, f64::NAN), draw(&[], 0.5), draw(&[0.5, 0.4], 0.5)] {
            assert!(refused.is_err());
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(inverse_gap(&[], 1.0).is_err() && inverse_gap(&[f64::NAN], 1.0).is_err());
        assert!(inverse_gap(&[1.0], -1.0).is_err() && softmax(&[1.0], 0.0).is_err());
        assert!(epsilon_greedy(&[1.0], 1.5).is_err() && with_floors(&[1.0], &[1.5]).is_err());
        assert_eq!(inverse_gap(&[7.0], 1.0).unwrap(), [1.0]);
    }

    proptest! {
        #[test]
        fn every_vector_sums_to_one_and_better_scores_are_never_rarer(
            scores in prop::collection::vec(-1e6..1e6f64, 1..51), setting in 0.001..1.0f64, u in 0.0..1.0f64,
        ) {
            for p in [
                inverse_gap(&scores, setting * 100.0).unwrap(),
                softmax(&scores, setting * 1e5).unwrap(),
                epsilon_greedy(&scores, setting).unwrap(),
            ] {
                prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                for (a, b) in p.iter().zip(&scores).flat_map(|x| p.iter().zip(&scores).map(move |y| (x, y))) {
                    prop_assert!(a.1 <= b.1 || a.0 >= &(b.0 - 1e-12));
                }
                let floored = with_floors(&p, &vec![0.5 / p.len() as f64; p.len()]).unwrap();
                prop_assert!((floored.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                prop_assert!(floored.iter().all(|p| *p >= 0.5 / scores.len() as f64));
                let drawn = draw(&p, u).unwrap();
                prop_assert_eq!(drawn, draw(&p, u).unwrap());
                prop_assert_eq!(drawn.probability.to_bits(), p[drawn.action].to_bits());
            }
        }
    }
}
