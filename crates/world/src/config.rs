//! What a world is made of.

use jiff::civil::Date;

/// Why a world cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A setting is outside its range.
    #[error("{setting} is {value}; it must be {range}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// The range, in words.
        range: &'static str,
    },
    /// The last day of the world is not a date.
    #[error(
        "a world of {weeks} weeks from {start} ends after the year 9999; start earlier or make it shorter"
    )]
    TooLong {
        /// The first day.
        start: Date,
        /// Its length.
        weeks: u32,
    },
}

/// How long customers stay. Times are in weeks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Process {
    /// A coin is thrown after every repeat order and the customer leaves with a chance of their own, Beta(`a`, `b`):
    /// the BG/NBD of Fader, Hardie and Lee (2005).
    BetaGeometric {
        /// First shape of the chance to leave.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// The same, with the coin thrown after the first order too: the MBG/NBD of Batislam, Denizel and Filiztekin.
    ModifiedBetaGeometric {
        /// First shape of the chance to leave.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// The customer leaves at a constant risk of their own, Gamma(`s`, rate `beta`) per week: the Pareto/NBD of
    /// Schmittlein, Morrison and Colombo (1987).
    Pareto {
        /// Shape of the risk.
        s: f64,
        /// Rate of the risk, in weeks.
        beta: f64,
    },
    /// Nobody leaves.
    Never,
}

/// The gamma-gamma law of order value (Fader and Hardie 2013): each order is Gamma(`p`, rate ν) with ν the customer's
/// own, Gamma(`q`, rate `gamma`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spend {
    /// Shape of one customer's orders.
    pub p: f64,
    /// Shape of the customers; above 1.
    pub q: f64,
    /// Scale, in minor units.
    pub gamma: f64,
}

impl Spend {
    /// The mean order value of the population, in minor units.
    pub fn mean(&self) -> f64 {
        self.p * self.gamma / (self.q - 1.0)
    }
}

/// What a world is made of. Everything about it follows from these values.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Customers who order at least once.
    pub customers: u32,
    /// Weeks seen.
    pub weeks: u32,
    /// The seed of all chance.
    pub seed: u64,
    /// The first day.
    pub start: Date,
    /// Customers place their first order evenly over this many first weeks.
    pub joining_weeks: u32,
    /// Orders per week are each customer's own, Gamma(`rate_shape`, rate `rate_weeks`): r and α of the papers.
    pub rate_shape: f64,
    /// The rate of that law, in weeks.
    pub rate_weeks: f64,
    /// How regular gaps are: Erlang-k, 1 for none (exponential gaps), 2 or 3 for habits.
    pub regularity: f64,
    /// How customers leave.
    pub process: Process,
    /// What they spend.
    pub spend: Spend,
    /// How strong weekdays, months and the lunar new year are: 0 for none, 1 for a Vietnamese high street.
    pub seasonality: f64,
    /// Products. Up to the length of the hand-written list they are taken from it; more are made up.
    pub products: u32,
    /// Stores.
    pub stores: u32,
    /// Orders without a customer, as a share of all orders expected.
    pub anonymous_share: f64,
    /// The share of goods lines that come back.
    pub return_share: f64,
    /// Weeks after the end whose orders go into the truth.
    pub future_weeks: u32,
}

impl Config {
    /// Three coffee-and-goods shops, 1,500 members, eighteen months with a lunar new year inside; amounts in đồng.
    /// The shop of the demo, the tests and the manual.
    pub fn corner_shop(seed: u64) -> Config {
        Config {
            customers: 1_500,
            weeks: 78,
            seed,
            start: Date::constant(2024, 7, 1),
            joining_weeks: 60,
            rate_shape: 0.9,
            rate_weeks: 1.5,
            regularity: 2.0,
            process: Process::ModifiedBetaGeometric { a: 0.7, b: 6.0 },
            spend: Spend { p: 6.0, q: 4.0, gamma: 47_500.0 },
            seasonality: 1.0,
            products: 60,
            stores: 3,
            anonymous_share: 0.15,
            return_share: 0.015,
            future_weeks: 52,
        }
    }

    /// A chain of any size: the same habits, 2,000 products, one store for every 20,000 customers and at least three.
    pub fn chain(customers: u32, weeks: u32, seed: u64, start: Date) -> Config {
        Config {
            customers,
            weeks,
            start,
            joining_weeks: weeks.div_ceil(2).max(1),
            products: 2_000,
            stores: (customers / 20_000).max(3),
            ..Config::corner_shop(seed)
        }
    }

    /// Only a purchase process, for testing estimators: no seasons, no anonymous orders, no returns.
    pub fn plain(customers: u32, weeks: u32, seed: u64, process: Process) -> Config {
        Config {
            customers,
            weeks,
            joining_weeks: weeks.div_ceil(4).max(1),
            regularity: 1.0,
            process,
            seasonality: 0.0,
            anonymous_share: 0.0,
            return_share: 0.0,
            ..Config::corner_shop(seed)
        }
    }

    /// Days seen.
    pub fn days(&self) -> u32 {
        self.weeks * 7
    }

    pub(crate) fn check(&self) -> Result<(), Refused> {
        let above_zero = |setting, value: f64| {
            if value > 0.0 && value.is_finite() {
                return Ok(());
            }
            Err(Refused::Setting { setting, value, range: "above 0" })
        };
        let within = |setting, value: f64, low: f64, high: f64, range| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Refused::Setting { setting, value, range })
        };
        within("customers", f64::from(self.customers), 1.0, 1e9, "between 1 and 1,000,000,000")?;
        within("weeks", f64::from(self.weeks), 1.0, 5_000.0, "between 1 and 5,000")?;
        within("future_weeks", f64::from(self.future_weeks), 0.0, 5_000.0, "5,000 or fewer")?;
        within(
            "joining_weeks",
            f64::from(self.joining_weeks),
            1.0,
            f64::from(self.weeks),
            "between 1 and weeks",
        )?;
        within("products", f64::from(self.products), 10.0, 1e6, "between 10 and 1,000,000")?;
        within("stores", f64::from(self.stores), 1.0, 1e5, "between 1 and 100,000")?;
        within("anonymous_share", self.anonymous_share, 0.0, 0.9, "between 0 and 0.9")?;
        within("return_share", self.return_share, 0.0, 1.0, "between 0 and 1")?;
        within("seasonality", self.seasonality, 0.0, 2.0, "between 0 and 2")?;
        above_zero("rate_shape", self.rate_shape)?;
        above_zero("rate_weeks", self.rate_weeks)?;
        within("regularity", self.regularity, 0.1, 100.0, "between 0.1 and 100")?;
        above_zero("spend p", self.spend.p)?;
        above_zero("spend q less 1", self.spend.q - 1.0)?;
        above_zero("spend gamma", self.spend.gamma)?;
        match self.process {
            Process::BetaGeometric { a, b } | Process::ModifiedBetaGeometric { a, b } => {
                above_zero("process a", a)?;
                above_zero("process b", b)
            }
            Process::Pareto { s, beta } => {
                above_zero("process s", s)?;
                above_zero("process beta", beta)
            }
            Process::Never => Ok(()),
        }
    }
}
