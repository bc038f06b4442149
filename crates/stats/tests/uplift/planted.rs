//! Trials whose effects are known because they were planted.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use stats::table::Table;
use stats::uplift::{Assignment, Trial};

/// How outcomes come about.
pub struct World {
    /// The level untouched.
    pub base: fn(&[f64]) -> f64,
    /// What each action adds.
    pub effects: Vec<fn(&[f64]) -> f64>,
    /// Chances of the arms, the control first; given the features where they differ.
    pub chances: fn(&[f64]) -> Vec<f64>,
    /// Whether the level is the chance of a yes; otherwise it is met with noise of spread 1.
    pub is_binary: bool,
}

/// A trial and the truth behind it.
pub struct Planted {
    pub trial: Trial,
    /// Effects of each row: rows × actions.
    pub truth: Vec<Vec<f64>>,
}

/// Draws customers with four standard normal features.
pub fn draw(world: &World, rows: usize, seed: u64) -> Planted {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let (mut values, mut arms, mut outcomes, mut chances, mut truth) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let x: Vec<f64> = (0..4).map(|_| StandardNormal.sample(&mut random)).collect();
        let chance = (world.chances)(&x);
        let (u, mut sum, mut arm) = (random.random::<f64>(), 0.0, 0);
        for (place, chance) in chance.iter().enumerate() {
            sum += chance;
            arm = place;
            if u < sum {
                break;
            }
        }
        let effects: Vec<f64> = world.effects.iter().map(|effect| effect(&x)).collect();
        let level = (world.base)(&x) + if arm > 0 { effects[arm - 1] } else { 0.0 };
        let noise: f64 = StandardNormal.sample(&mut random);
        let yes = random.random::<f64>() < level;
        outcomes.push(if world.is_binary { f64::from(u8::from(yes)) } else { level + noise });
        values.extend(x);
        chances.extend(chance);
        arms.push(arm);
        truth.push(effects);
    }
    let width = chances.len() / rows;
    let assignment = Assignment::by_row(Table::new(width, chances).unwrap()).unwrap();
    let trial = Trial::new(Table::new(4, values).unwrap(), &arms, &outcomes, &assignment).unwrap();
    Planted { trial, truth }
}

/// Two actions that help different customers, an even draw, a number as outcome.
pub fn two_actions() -> World {
    World {
        base: |x| 2.0 + x[0] - 0.5 * x[1],
        effects: vec![|x| 0.5 + x[0], |x| -0.3 + 0.8 * x[1]],
        chances: |_| vec![1.0 / 3.0; 3],
        is_binary: false,
    }
}

/// One action whose effect on a chance is a straight line of the features.
pub fn one_action_on_a_chance() -> World {
    World {
        base: |x| 0.3 + 0.05 * x[1].clamp(-2.0, 2.0),
        effects: vec![|x| 0.05 + 0.06 * x[0].clamp(-2.0, 2.0)],
        chances: |_| vec![0.5; 2],
        is_binary: true,
    }
}

/// Actions that change nothing.
pub fn nothing(is_binary: bool) -> World {
    World {
        base: |x| 0.3 + 0.05 * x[1].clamp(-2.0, 2.0),
        effects: vec![|_| 0.0, |_| 0.0],
        chances: |_| vec![1.0 / 3.0; 3],
        is_binary,
    }
}
