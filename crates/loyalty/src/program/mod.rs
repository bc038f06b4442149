//! A program: files read, checked and compiled, ready to judge.
//!
//! [`load`] takes the texts of a program's TOML files. Tables may be split over files as one likes; each problem
//! names the file, the line and the mend, and all problems of all files come at once. A [`Program`] that exists is
//! sound: every name it uses exists, every condition compiles, every amount is exact in its wallet or currency.

mod check;
mod compile;
mod day;
mod load;
pub mod spec;

pub use compile::{Cap, Quantity, Rule};
pub use load::{Problem, load};

use crate::condition::Condition;
use crate::name::Name;
use crate::number::Ratio;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A language the engine writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Vietnamese.
    Vi,
    /// Chinese in simplified characters.
    Zh,
    /// Chinese in traditional characters.
    ZhHant,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 4] = [Lang::En, Lang::Vi, Lang::Zh, Lang::ZhHant];

    /// The code: `en`, `vi`, `zh`, `zh-Hant`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Vi => "vi",
            Lang::Zh => "zh",
            Lang::ZhHant => "zh-Hant",
        }
    }

    /// The language of a code such as `vi`, `zh-CN` or `zh-TW`.
    pub fn from_code(code: &str) -> Option<Lang> {
        let lower = code.to_ascii_lowercase();
        let mut parts = lower.split(['-', '_']);
        match (parts.next()?, parts.next()) {
            ("en", _) => Some(Lang::En),
            ("vi", _) => Some(Lang::Vi),
            ("zh", Some("hant" | "tw" | "hk" | "mo")) => Some(Lang::ZhHant),
            ("zh", _) => Some(Lang::Zh),
            _ => None,
        }
    }

    /// Whether it is written in Chinese characters, which take no spaces and marks of their own.
    pub fn is_chinese(self) -> bool {
        matches!(self, Lang::Zh | Lang::ZhHant)
    }
}

/// A mission with its conditions compiled.
#[derive(Debug, PartialEq)]
pub struct Mission {
    /// As written.
    pub spec: spec::Mission,
    /// Compiled.
    pub when: Option<Condition>,
    /// Compiled.
    pub lines: Option<Condition>,
    /// The target in the smallest unit of what is counted: minor units, thousandths of a unit, or times.
    pub target: i64,
}

/// A surprise with its condition compiled.
#[derive(Debug, PartialEq)]
pub struct Surprise {
    /// As written.
    pub spec: spec::Surprise,
    /// Compiled.
    pub when: Option<Condition>,
}

/// A program, checked and compiled.
#[derive(Debug, PartialEq)]
pub struct Program {
    /// `[program]`.
    pub head: spec::Head,
    /// The zone of its days.
    pub zone: TimeZone,
    /// Wallets, in the order of the files; an account's place among a member's accounts is its wallet's place here.
    pub wallets: Vec<spec::Wallet>,
    /// Expiry policies.
    pub expiries: Vec<spec::Expiry>,
    /// Earning rules, all versions, in the order of the files.
    pub rules: Vec<Rule>,
    /// Groups.
    pub groups: Vec<spec::Group>,
    /// Funders; `shop` is always one.
    pub funders: Vec<spec::Funder>,
    /// Ladders.
    pub ladders: Vec<spec::Ladder>,
    /// Rewards.
    pub rewards: Vec<spec::Reward>,
    /// Missions.
    pub missions: Vec<Mission>,
    /// Referral.
    pub referrals: Vec<spec::Referral>,
    /// Surprises.
    pub surprises: Vec<Surprise>,
    /// Pools.
    pub pools: Vec<spec::Pool>,
    /// Spending limits.
    pub limits: Vec<spec::Limit>,
}

impl Program {
    /// The place of a wallet.
    pub fn wallet(&self, id: &str) -> Option<usize> {
        self.wallets.iter().position(|wallet| wallet.id == *id)
    }

    /// The place of a wallet that the checker found to exist.
    pub(crate) fn known_wallet(&self, id: &Name) -> usize {
        self.wallet(id.as_str()).expect("the checker saw to it that the wallet exists")
    }

    /// A number of points in a wallet's smallest unit; the checker saw to it that it is exact.
    pub(crate) fn units(&self, wallet: usize, number: crate::number::Number) -> i64 {
        number.units(self.wallets[wallet].precision).unwrap_or(0)
    }

    /// Decimals of the program's currency.
    pub fn decimals(&self) -> u32 {
        self.head.currency.decimals()
    }

    /// An amount in minor units of the program's currency.
    pub(crate) fn minor(&self, number: crate::number::Number) -> i64 {
        number.units(self.decimals()).unwrap_or(0)
    }

    /// The day of an instant in the program's zone.
    pub fn day(&self, at: Timestamp) -> Date {
        crate::time::day_of(at, &self.zone)
    }

    /// The ladder and level of a tier.
    pub fn tier(&self, id: &str) -> Option<(usize, usize)> {
        self.ladders.iter().enumerate().find_map(|(ladder, spec)| {
            spec.tier.iter().position(|tier| tier.id == *id).map(|level| (ladder, level))
        })
    }

    /// The versions of a rule, by its id.
    pub fn versions(&self, id: &str) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.spec.id == *id)
    }

    /// What one smallest unit costs the shop in minor units: the wallet's `worth`, else the most that a unit spent on a
    /// reward with a `cost` costs. `None` where the program says neither.
    pub fn worth(&self, wallet: usize) -> Option<Ratio> {
        let scale = Ratio::new(10i128.pow(self.decimals()), 10i128.pow(self.wallets[wallet].precision))?;
        if let Some(worth) = self.wallets[wallet].worth {
            return worth.ratio().times(scale);
        }
        let id = &self.wallets[wallet].id;
        let prices =
            self.rewards.iter().flat_map(|reward| reward.prices.iter().map(move |price| (reward, price)));
        let each = prices.filter(|(_, price)| price.wallet == *id).filter_map(|(reward, price)| {
            Ratio::new(i128::from(self.minor(reward.cost?)), i128::from(self.units(wallet, price.points)))
        });
        each.max_by(|a, b| (a.over() * b.under()).cmp(&(b.over() * a.under())))
    }

    /// The most money one smallest unit buys any member, in minor units: what the unit is worth outside the shop's own
    /// books. `None` where no reward has a `value`.
    pub fn value(&self, wallet: usize) -> Option<Ratio> {
        let id = &self.wallets[wallet].id;
        let prices =
            self.rewards.iter().flat_map(|reward| reward.prices.iter().map(move |price| (reward, price)));
        let each = prices.filter(|(_, price)| price.wallet == *id).filter_map(|(reward, price)| {
            Ratio::new(i128::from(self.minor(reward.value?)), i128::from(self.units(wallet, price.points)))
        });
        each.max_by(|a, b| (a.over() * b.under()).cmp(&(b.over() * a.under())))
    }
}
