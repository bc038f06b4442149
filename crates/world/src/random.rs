//! One stream of chance per customer and purpose.
//!
//! A stream is named by the world's seed, a purpose and a number, so that drawing more of one thing (returns, say)
//! never moves another (order times), and customers do not depend on each other.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// What a stream is for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Rates, tastes, language.
    Traits = 1,
    /// Order times and leaving.
    Times = 2,
    /// What is bought.
    Baskets = 3,
    /// What comes back.
    Returns = 4,
    /// What is said.
    Feedback = 5,
    /// How offers are answered.
    Response = 6,
    /// Sales without a customer.
    WalkIns = 7,
    /// Orders after the end.
    Future = 8,
    /// Made-up products.
    Catalogue = 9,
    /// Orders that an action brought.
    Action = 10,
}

/// The stream of this name.
pub fn stream(seed: u64, purpose: Purpose, number: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(mixed(mixed(mixed(seed) ^ purpose as u64) ^ number))
}

/// Steele, Lea and Flood's finaliser (2014): neighbouring numbers come out unrelated.
pub fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
