//! Orders within a time at a gamma-distributed rate: negative binomial chances, count by count.

/// Walks up the counts of a negative binomial with mixing gamma(shape), z = time / (rate + time).
pub(super) struct Arrivals {
    shape: f64,
    z: f64,
    n: f64,
    /// ln of the chance of exactly n, kept while the chance itself is below the smallest float.
    ln_chance: f64,
    chance: f64,
    /// Chance of n or more.
    tail: f64,
}

impl Arrivals {
    pub fn new(shape: f64, z: f64) -> Arrivals {
        let ln_chance = shape * (-z).ln_1p();
        Arrivals { shape, z, n: 0.0, ln_chance, chance: ln_chance.exp(), tail: 1.0 }
    }

    /// The chance of exactly the count that comes next: of 0 first, then of 1, …
    pub fn pass(&mut self) -> f64 {
        let chance = self.chance;
        let factor = (self.shape + self.n) / (self.n + 1.0) * self.z;
        self.n += 1.0;
        if self.ln_chance < -600.0 {
            self.ln_chance += factor.ln();
            self.chance = self.ln_chance.exp();
        } else {
            self.chance *= factor;
        }
        chance
    }

    /// Passes `steps` more counts and gives the chance of at least that many arrivals in all.
    pub fn beyond(&mut self, steps: usize) -> f64 {
        for _ in 0..steps {
            self.tail = (self.tail - self.pass()).max(0.0);
        }
        self.tail
    }
}
