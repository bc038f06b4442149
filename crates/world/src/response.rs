//! How customers answer an offer: the truth behind every experiment.
//!
//! Each customer has a chance of ordering within four weeks untouched and another with an offer. Both answers to one
//! occasion hang on the same draw, so the effect on one customer is never both ways at once, and a test of nothing
//! against nothing finds exactly nothing.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// What an offer does to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResponseKind {
    /// Buys anyway; an offer gives margin away.
    SureBuyer,
    /// Buys because of it.
    Persuadable,
    /// Does not buy either way.
    LostCause,
    /// Would have bought, and stays away when bothered.
    DoNotDisturb,
}

impl ResponseKind {
    /// All kinds.
    pub const ALL: [ResponseKind; 4] = [
        ResponseKind::SureBuyer,
        ResponseKind::Persuadable,
        ResponseKind::LostCause,
        ResponseKind::DoNotDisturb,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ResponseKind::SureBuyer => "sure_buyer",
            ResponseKind::Persuadable => "persuadable",
            ResponseKind::LostCause => "lost_cause",
            ResponseKind::DoNotDisturb => "do_not_disturb",
        }
    }
}

/// One customer's chances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Response {
    /// The kind.
    pub kind: ResponseKind,
    /// The chance of an order within four weeks, untouched.
    pub base: f64,
    /// What an offer adds to it.
    pub effect: f64,
}

/// Draws a customer's response. Those who like discounts are more often persuadable and those who order often more
/// often sure, so the kinds can be learnt from what a shop sees.
pub fn draw(random: &mut Pcg64Mcg, orders_per_week: f64, likes_discounts: f64) -> Response {
    let often = orders_per_week / (orders_per_week + 0.4);
    let weights = [0.10 + 0.55 * often, 0.08 + 0.60 * likes_discounts, 0.15 + 0.50 * (1.0 - often), 0.10];
    let mut left = random.random::<f64>() * weights.iter().sum::<f64>();
    let mut kind = ResponseKind::DoNotDisturb;
    for (candidate, weight) in ResponseKind::ALL.into_iter().zip(weights) {
        left -= weight;
        if left < 0.0 {
            kind = candidate;
            break;
        }
    }
    let jitter = 0.8 + 0.4 * random.random::<f64>();
    let (base, effect) = match kind {
        ResponseKind::SureBuyer => (0.70, 0.02),
        ResponseKind::Persuadable => (0.15, 0.25),
        ResponseKind::LostCause => (0.03, 0.01),
        ResponseKind::DoNotDisturb => (0.40, -0.20),
    };
    Response { kind, base: base * jitter, effect: effect * jitter }
}
