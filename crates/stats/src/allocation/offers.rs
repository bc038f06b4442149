//! Customers with their offers, in memory or passing by, and what is refused about them.

use super::Rules;

/// Uses and limits are sums of whole numbers that a float must hold exactly.
const LARGEST_USE: i64 = 1 << 53;
/// Values beyond this are no money.
const LARGEST_VALUE: f64 = 1e100;

/// Why nothing was allocated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A value is not a number or absurd.
    #[error("customer {customer}, offer {offer}: value is {value}; supply a finite number below 1e100")]
    Value {
        /// Index of the customer.
        customer: u64,
        /// Index of the offer within the customer's.
        offer: usize,
        /// The value.
        value: f64,
    },
    /// A use is beyond what can be added exactly.
    #[error(
        "customer {customer}, offer {offer}: uses {used} of limit {limit}; at most 2^53 can be added exactly"
    )]
    Use {
        /// Index of the customer.
        customer: u64,
        /// Index of the offer within the customer's.
        offer: usize,
        /// Index of the limit.
        limit: usize,
        /// The use.
        used: i64,
    },
    /// Values, uses, starts or caps do not fit together.
    #[error("{what}: {found} given, {expected} expected")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A customer's uses are not one per limit and offer.
    #[error("customer {customer} has {values} values and {uses} uses; each offer has one use per limit")]
    Customer {
        /// Index of the customer.
        customer: u64,
        /// Values given.
        values: usize,
        /// Uses given.
        uses: usize,
    },
    /// There is no limit at all.
    #[error("no limit was given; name at least one budget or capacity")]
    NoLimit,
    /// The ROI floor is not a positive number.
    #[error("the ROI floor is {0}; it must be a finite number above 0, in value per unit of the first limit")]
    Floor(f64),
    /// A start price is not a finite number of zero or more.
    #[error("start price {limit} is {price}; it must be finite and not negative")]
    Start {
        /// Index of the limit.
        limit: usize,
        /// The price.
        price: f64,
    },
    /// Even the least use of a limit is above it.
    #[error("limit {limit} cannot be kept: {least} is used at least, {allowed} is allowed")]
    OutOfReach {
        /// Index of the limit.
        limit: usize,
        /// The least possible use.
        least: i128,
        /// The limit.
        allowed: i64,
    },
    /// Each rule could be kept alone, but not all at once.
    #[error("no allocation keeps all rules at once; relax a limit or the ROI floor")]
    Together,
    /// A second pass over the customers showed something else than the first.
    #[error("the customers changed between two passes; present the same rows in the same order")]
    Changed,
}

/// One customer's offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customer<'a> {
    /// Value of each offer over doing nothing.
    pub value: &'a [f64],
    /// Uses of each offer, offer by offer: one number per limit. May be negative, where an offer brings in
    /// money.
    pub uses: &'a [i64],
    /// Most this customer may use of the first limit; an offer beyond it is not available. `i64::MAX` is no
    /// cap.
    pub cap: i64,
}

impl Customer<'_> {
    /// Whether an offer is within the customer's own cap.
    pub(crate) fn is_open(&self, offer: usize, limits: usize) -> bool {
        self.uses[offer * limits] <= self.cap
    }

    fn check(&self, index: u64, limits: usize) -> Result<(), Refused> {
        if self.uses.len() != self.value.len() * limits {
            let (values, uses) = (self.value.len(), self.uses.len());
            return Err(Refused::Customer { customer: index, values, uses });
        }
        // The flaws are counted without branches, and looked for only where there is one.
        let is_bad = |value: &f64| value.is_nan() || value.abs() > LARGEST_VALUE;
        let bad_values = self.value.iter().filter(|value| is_bad(value)).count();
        let bad_uses = self.uses.iter().filter(|u| u.unsigned_abs() > LARGEST_USE as u64).count();
        if bad_values + bad_uses == 0 {
            return Ok(());
        }
        for (offer, value) in self.value.iter().enumerate() {
            if is_bad(value) {
                return Err(Refused::Value { customer: index, offer, value: *value });
            }
            for (limit, used) in self.uses[offer * limits..(offer + 1) * limits].iter().enumerate() {
                if used.unsigned_abs() > LARGEST_USE as u64 {
                    return Err(Refused::Use { customer: index, offer, limit, used: *used });
                }
            }
        }
        Ok(())
    }
}

/// The offers of many customers, one customer after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Offers {
    limits: usize,
    starts: Vec<usize>,
    value: Vec<f64>,
    uses: Vec<i64>,
    caps: Vec<i64>,
}

impl Offers {
    /// Offers `starts[i]..starts[i + 1]` are those of customer `i`, so `starts` has one entry more than there
    /// are customers; `uses` holds `limits` numbers per offer.
    ///
    /// # Errors
    /// [`Refused`] where the lengths do not fit together or a number cannot be used.
    pub fn new(
        limits: usize,
        starts: Vec<usize>,
        value: Vec<f64>,
        uses: Vec<i64>,
    ) -> Result<Offers, Refused> {
        if limits == 0 {
            return Err(Refused::NoLimit);
        }
        if value.len().checked_mul(limits) != Some(uses.len()) {
            let expected = value.len().saturating_mul(limits);
            return Err(Refused::Shape { what: "uses", found: uses.len(), expected });
        }
        let is_rising = starts.windows(2).all(|pair| pair[0] <= pair[1]);
        if starts.first() != Some(&0) || starts.last() != Some(&value.len()) || !is_rising {
            let found = starts.last().copied().unwrap_or(0);
            return Err(Refused::Shape { what: "rising starts from 0", found, expected: value.len() });
        }
        let offers = Offers { limits, starts, value, uses, caps: Vec::new() };
        (0..offers.len()).try_for_each(|index| offers.customer(index).check(index as u64, limits))?;
        Ok(offers)
    }

    /// The same number of offers for every customer.
    ///
    /// # Errors
    /// As [`Offers::new`].
    pub fn even(
        limits: usize,
        per_customer: usize,
        value: Vec<f64>,
        uses: Vec<i64>,
    ) -> Result<Offers, Refused> {
        let customers = value.len().checked_div(per_customer).unwrap_or(0);
        if customers * per_customer != value.len() {
            let expected = (customers + 1) * per_customer;
            return Err(Refused::Shape { what: "values", found: value.len(), expected });
        }
        Offers::new(limits, (0..=customers).map(|i| i * per_customer).collect(), value, uses)
    }

    /// Sets the most each customer may use of the first limit.
    ///
    /// # Errors
    /// [`Refused::Shape`] unless there is one cap per customer.
    pub fn with_caps(mut self, caps: Vec<i64>) -> Result<Offers, Refused> {
        if caps.len() != self.len() {
            return Err(Refused::Shape { what: "caps", found: caps.len(), expected: self.len() });
        }
        self.caps = caps;
        Ok(self)
    }

    /// How many customers.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One customer.
    pub fn customer(&self, index: usize) -> Customer<'_> {
        let (from, to) = (self.starts[index], self.starts[index + 1]);
        Customer {
            value: &self.value[from..to],
            uses: &self.uses[from * self.limits..to * self.limits],
            cap: self.caps.get(index).copied().unwrap_or(i64::MAX),
        }
    }

    /// Presents every customer in order: a pass for [`super::plan`].
    pub fn visit(&self, each: &mut dyn FnMut(Customer<'_>)) {
        (0..self.len()).for_each(|index| each(self.customer(index)));
    }
}

/// A way to see all customers once, in order, by calling back with each.
pub type Pass<'a> = dyn FnMut(&mut dyn FnMut(Customer<'_>)) + 'a;

/// A checked [`Pass`] that counts.
pub(crate) struct Source<'a, 'b> {
    pass: &'a mut Pass<'b>,
    pub customers: u64,
    limits: usize,
    offers: u64,
    pub passes: u32,
    has_changed: bool,
}

impl<'a, 'b> Source<'a, 'b> {
    /// Sees everybody once, checks every number, and refuses limits that cannot be kept.
    pub fn new(
        pass: &'a mut Pass<'b>,
        rules: &Rules,
        start: Option<&[f64]>,
    ) -> Result<Source<'a, 'b>, Refused> {
        let limits = rules.limits.len();
        if limits == 0 {
            return Err(Refused::NoLimit);
        }
        if let Some(floor) = rules.roi_floor.filter(|floor| !(*floor > 0.0 && *floor < 1e50)) {
            return Err(Refused::Floor(floor));
        }
        if let Some(start) = start {
            if start.len() != limits {
                return Err(Refused::Shape { what: "start prices", found: start.len(), expected: limits });
            }
            let is_price = |price: &f64| *price >= 0.0 && price.is_finite();
            if let Some(limit) = start.iter().position(|price| !is_price(price)) {
                return Err(Refused::Start { limit, price: start[limit] });
            }
        }
        let (mut customers, mut offers, mut failure) = (0, 0, None);
        let mut least = vec![0_i128; limits];
        pass(&mut |customer| {
            if failure.is_none() {
                failure = customer.check(customers, limits).err();
            }
            if failure.is_none() {
                for (limit, sum) in least.iter_mut().enumerate() {
                    let used = customer.uses.chunks_exact(limits).filter(|uses| uses[0] <= customer.cap);
                    *sum += i128::from(used.fold(0, |least, uses| least.min(uses[limit])));
                }
            }
            customers += 1;
            offers += customer.value.len() as u64;
        });
        if let Some(refusal) = failure {
            return Err(refusal);
        }
        for (limit, (least, allowed)) in least.iter().zip(&rules.limits).enumerate() {
            if *least > i128::from(*allowed) {
                return Err(Refused::OutOfReach { limit, least: *least, allowed: *allowed });
            }
        }
        Ok(Source { pass, customers, limits, offers, passes: 1, has_changed: false })
    }

    /// One more pass.
    pub fn visit(&mut self, mut each: impl FnMut(u64, &Customer<'_>)) {
        let (mut customers, mut offers) = (0, 0);
        let mut is_whole = true;
        (self.pass)(&mut |customer| {
            if customer.uses.len() == customer.value.len() * self.limits {
                each(customers, &customer);
            } else {
                is_whole = false;
            }
            customers += 1;
            offers += customer.value.len() as u64;
        });
        self.passes += 1;
        self.has_changed |= !is_whole || (customers, offers) != (self.customers, self.offers);
    }

    /// Refuses if any pass so far differed from the first.
    pub fn check(&self) -> Result<(), Refused> {
        if self.has_changed { Err(Refused::Changed) } else { Ok(()) }
    }
}

/// Value and uses of an allocation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Totals {
    pub value: f64,
    /// What the sum of the values has lost in rounding (Neumaier 1974).
    lost: f64,
    pub uses: Vec<i128>,
    pub served: u64,
}

impl Totals {
    pub fn nothing(limits: usize) -> Totals {
        Totals { value: 0.0, lost: 0.0, uses: vec![0; limits], served: 0 }
    }

    /// Adds one customer's offer.
    pub fn add(&mut self, customer: &Customer<'_>, offer: Option<u32>) {
        self.count(customer, offer, 1);
    }

    /// Takes one customer's offer back.
    pub fn remove(&mut self, customer: &Customer<'_>, offer: Option<u32>) {
        self.count(customer, offer, -1);
    }

    fn count(&mut self, customer: &Customer<'_>, offer: Option<u32>, sign: i64) {
        let Some(offer) = offer.map(|offer| offer as usize) else { return };
        self.shift(sign as f64 * customer.value[offer]);
        let limits = self.uses.len();
        for (sum, used) in self.uses.iter_mut().zip(&customer.uses[offer * limits..]) {
            *sum += i128::from(sign * used);
        }
        self.served = self.served.wrapping_add_signed(sign);
    }

    /// Adds to the value without losing digits.
    pub fn shift(&mut self, amount: f64) {
        let sum = self.value + amount;
        let larger = self.value.abs() >= amount.abs();
        self.lost += if larger { (self.value - sum) + amount } else { (amount - sum) + self.value };
        self.value = sum;
    }

    /// The value with what rounding had lost.
    pub fn exact_value(&self) -> f64 {
        self.value + self.lost
    }

    /// Σ value − floor × Σ use of the first limit.
    pub fn surplus(&self, floor: f64) -> f64 {
        self.exact_value() - floor * self.uses[0] as f64
    }
}
