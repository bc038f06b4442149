//! What is answered: kept with the command, so that the same question is answered the same way for ever.

use jiff::civil::Date;
use loyalty::judge::Output;
use loyalty::name::Name;
use serde::{Deserialize, Serialize};

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What became of it.
    pub outcome: Outcome,
    /// Whether this was answered before; not kept.
    #[serde(skip)]
    pub is_repeat: bool,
    /// What could not be done, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// How points moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    /// What was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// Tiers that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierChange>,
    /// Benefits that were used, or whose use was taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<BenefitUsed>,
    /// What became of vouchers that were shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<(Name, loyalty::voucher::Answer)>,
    /// What the accounts that moved hold afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<Balance>,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It took effect.
    Done,
    /// It was known already and has no further effect.
    Repeated,
    /// It is kept, and takes effect when what it waits for comes.
    Waiting,
    /// It has no effect; the problems say why.
    Refused,
}

/// What could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A word for machines.
    pub code: Name,
    /// A sentence for people.
    pub why: String,
}

/// Points that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Whose.
    pub member: Name,
    /// In which wallet.
    pub wallet: Name,
    /// What the posting does.
    pub kind: loyalty::ledger::Posted,
    /// Smallest units, signed: what it did to what the member has. Zero where points only changed their place.
    pub units: i64,
    /// The rule that gave them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Name>,
}

/// A reward that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The redemption.
    pub redemption: Name,
    /// The reward.
    pub reward: Name,
    /// Its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Name>,
    /// Money off or on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_minor: Option<i64>,
    /// The product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Name>,
}

/// A tier that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierChange {
    /// Whose.
    pub member: Name,
    /// The ladder.
    pub ladder: Name,
    /// Before.
    pub from: Name,
    /// After.
    pub to: Name,
    /// Until when, unless kept.
    pub ends_on: Option<Date>,
}

/// A benefit that was used, or whose use was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenefitUsed {
    /// The benefit.
    pub benefit: Name,
    /// How often it can still be used; absent means always, or no more by this member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// The first day of the next period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// What an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Whose.
    pub member: Name,
    /// In which wallet.
    pub wallet: Name,
    /// Can be spent.
    pub available: i64,
    /// Earned, not usable yet.
    pub pending: i64,
    /// Set aside.
    pub held: i64,
    /// Owed.
    pub owed: i64,
}

impl Answer {
    /// Nothing happened, for one reason.
    pub fn refused(code: &str, why: impl Into<String>) -> Answer {
        let problem = Problem { code: code.into(), why: why.into() };
        Answer { problems: vec![problem], ..Answer::empty(Outcome::Refused) }
    }

    /// The word of the first problem.
    pub fn code(&self) -> Option<&str> {
        self.problems.first().map(|problem| problem.code.as_str())
    }

    pub(super) fn empty(outcome: Outcome) -> Answer {
        Answer {
            outcome,
            is_repeat: false,
            problems: Vec::new(),
            waits_for: None,
            moved: Vec::new(),
            given: Vec::new(),
            tiers: Vec::new(),
            benefits: Vec::new(),
            vouchers: Vec::new(),
            balances: Vec::new(),
        }
    }

    /// What the judge's outputs come to. `took_effect` says so where the judge has both kept the fact and refused a
    /// part of it, such as an order whose gift card was empty.
    pub(super) fn from(id: &str, took_effect: bool, outputs: &[Output]) -> Answer {
        let mut answer = Answer::empty(Outcome::Done);
        for output in outputs {
            match output {
                Output::Posted { member, wallet, posting, .. } => answer.moved.push(Moved {
                    member: member.clone(),
                    wallet: wallet.clone(),
                    kind: posting.kind,
                    units: posting.change(),
                    rule: posting.cause.rule.clone(),
                }),
                Output::Tier { member, ladder, from, to, ends_on, .. } => answer.tiers.push(TierChange {
                    member: member.clone(),
                    ladder: ladder.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    ends_on: *ends_on,
                }),
                Output::Rewarded { redemption, reward, code, value_minor, product, .. } => {
                    answer.given.push(Given {
                        redemption: redemption.clone(),
                        reward: reward.clone(),
                        code: code.clone(),
                        value_minor: *value_minor,
                        product: product.clone(),
                    });
                }
                Output::Repeated { .. } => answer.outcome = Outcome::Repeated,
                Output::Waiting { what, .. } => {
                    answer.outcome = Outcome::Waiting;
                    answer.waits_for = Some(what.clone());
                }
                Output::Refused { id: of, code, why } => {
                    if (*of == *id || id.is_empty()) && !took_effect {
                        answer.outcome = Outcome::Refused;
                    }
                    answer.problems.push(Problem { code: code.clone(), why: why.clone() });
                }
                Output::Benefit { benefit, left, until, .. } => {
                    answer.benefits.push(BenefitUsed {
                        benefit: benefit.clone(),
                        left: *left,
                        until: *until,
                    });
                }
                Output::WillDowngrade { .. }
                | Output::Card { .. }
                | Output::Mission { .. }
                | Output::Referral { .. }
                | Output::Surprise { .. } => {}
            }
        }
        answer
    }
}
