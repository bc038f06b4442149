//! What a command did, as the API says it; and what it refused, as a problem.

use crate::idempotency::{self, Reply};
use crate::problem::{Kind, Problem};
use axum::http::StatusCode;
use engine::record::answer::{Answer, Outcome};
use engine::record::view::Rehearsed;
use loyalty::judge::Output;
use loyalty::program::{Lang, Program};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a command did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Effect {
    /// `done`; `repeated` where it was known already; `waiting` where it takes effect when something else comes.
    #[schema(example = "done")]
    pub outcome: String,
    /// Whether nothing happened, because it was only tried.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_dry_run: bool,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// How points moved.
    pub moved: Vec<Moved>,
    /// What was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// Tiers that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierChange>,
    /// Benefits that were used, or whose use was taken back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<BenefitUsed>,
    /// What became of the vouchers that were shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<VoucherAnswer>,
    /// What the accounts that moved hold afterwards.
    pub balances: Vec<Balance>,
    /// What could not be done though the rest was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Trouble>,
}

/// Points that moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moved {
    /// Whose.
    pub customer: String,
    /// In which wallet.
    pub wallet: String,
    /// `earn`, `spend`, `hold`, `clawback`, …
    pub kind: String,
    /// Smallest units, signed; zero where points only changed their place.
    pub units: i64,
    /// The rule that gave them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Why, in a sentence; where it was only tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A reward that was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Given {
    /// The redemption.
    pub redemption: String,
    /// The reward.
    pub reward: String,
    /// Its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Money off, or on the card, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_minor: Option<i64>,
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
}

/// A tier that changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierChange {
    /// Whose.
    pub customer: String,
    /// The ladder.
    pub ladder: String,
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
    /// The day after the last, unless kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<String>,
}

/// A benefit that was used, or whose use was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct BenefitUsed {
    /// The benefit.
    pub benefit: String,
    /// How often it can still be used in the period; absent where that is unlimited, or not at all any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// The first day of the next period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What became of a voucher.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoucherAnswer {
    /// Its code.
    pub code: String,
    /// Whether it counts.
    pub is_taken: bool,
    /// Minor units off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_minor: Option<i64>,
    /// Why it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What an account holds, in smallest units.
#[derive(Debug, Serialize, ToSchema)]
pub struct Balance {
    /// Whose.
    pub customer: String,
    /// In which wallet.
    pub wallet: String,
    /// Can be spent.
    pub available: i64,
    /// Earned, not usable yet.
    pub pending: i64,
    /// Set aside.
    pub held: i64,
    /// Owed.
    pub owed: i64,
}

/// What could not be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trouble {
    /// A word for machines.
    pub code: String,
    /// A sentence for people.
    pub why: String,
}

/// How a write is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It is to happen.
    #[default]
    Commit,
    /// It is only tried: the answer says what would happen, and nothing does.
    DryRun,
}

/// What a write takes that is about all programs.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Meant {
    /// `dry_run` only tries.
    #[serde(default)]
    #[param(inline)]
    pub mode: Mode,
}

/// What every write takes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// The program, where there are several.
    pub program: Option<String>,
    /// The source whose ids are meant, where the key has none of its own.
    pub source: Option<String>,
    /// `dry_run` only tries.
    #[serde(default)]
    #[param(inline)]
    pub mode: Mode,
}

fn text(name: &impl ToString) -> String {
    name.to_string()
}

/// The word of an enum, as its JSON has it.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Effect {
    /// What an answer says.
    pub fn of(answer: &Answer) -> Effect {
        Effect {
            outcome: word(&answer.outcome),
            is_dry_run: false,
            waits_for: answer.waits_for.clone(),
            moved: answer
                .moved
                .iter()
                .map(|moved| Moved {
                    customer: text(&moved.member),
                    wallet: text(&moved.wallet),
                    kind: word(&moved.kind),
                    units: moved.units,
                    rule: moved.rule.as_ref().map(text),
                    why: None,
                })
                .collect(),
            given: answer
                .given
                .iter()
                .map(|given| Given {
                    redemption: text(&given.redemption),
                    reward: text(&given.reward),
                    code: given.code.as_ref().map(text),
                    value_minor: given.value_minor,
                    product: given.product.as_ref().map(text),
                })
                .collect(),
            tiers: answer
                .tiers
                .iter()
                .map(|tier| TierChange {
                    customer: text(&tier.member),
                    ladder: text(&tier.ladder),
                    from: text(&tier.from),
                    to: text(&tier.to),
                    ends_on: tier.ends_on.as_ref().map(text),
                })
                .collect(),
            benefits: answer
                .benefits
                .iter()
                .map(|used| BenefitUsed {
                    benefit: text(&used.benefit),
                    left: used.left,
                    until: used.until.as_ref().map(text),
                })
                .collect(),
            vouchers: answer.vouchers.iter().map(|(code, answer)| voucher(code.as_str(), answer)).collect(),
            balances: answer
                .balances
                .iter()
                .map(|balance| Balance {
                    customer: text(&balance.member),
                    wallet: text(&balance.wallet),
                    available: balance.available,
                    pending: balance.pending,
                    held: balance.held,
                    owed: balance.owed,
                })
                .collect(),
            problems: answer
                .problems
                .iter()
                .map(|problem| Trouble { code: text(&problem.code), why: problem.why.clone() })
                .collect(),
        }
    }

    /// What a command would do, each move with its reason.
    pub fn tried(program: &Program, rehearsed: &Rehearsed, lang: Lang) -> Effect {
        let mut effect = Effect::of(&rehearsed.answer);
        let posted = rehearsed.outputs.iter().filter(|output| matches!(output, Output::Posted { .. }));
        for (moved, output) in effect.moved.iter_mut().zip(posted) {
            moved.why = loyalty::explain::explain(program, output, lang);
        }
        effect.is_dry_run = true;
        effect
    }
}

/// What became of a voucher on a bill.
pub fn voucher(code: &str, answer: &loyalty::voucher::Answer) -> VoucherAnswer {
    use loyalty::voucher::Answer as A;
    let (off_minor, why) = match answer {
        A::Taken { off_minor } => (Some(*off_minor), None),
        A::Left { why } => (None, Some(why.clone())),
    };
    VoucherAnswer { code: code.to_owned(), is_taken: off_minor.is_some(), off_minor, why }
}

/// The reply to a command: what it did, or why not. The same answer gives the same reply, so that a repeat is answered
/// as the first was.
pub fn reply(answer: &Answer) -> Result<Reply, Problem> {
    if answer.outcome == Outcome::Refused {
        return Err(refusal(answer));
    }
    let status = match answer.outcome {
        Outcome::Waiting => StatusCode::ACCEPTED,
        Outcome::Repeated => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    let is_repeat = answer.is_repeat || answer.outcome == Outcome::Repeated;
    Ok(Reply { is_repeat, ..Reply::new(status, Effect::of(answer)) })
}

/// The reply to a command that was only tried.
pub fn tried(program: &Program, rehearsed: &Rehearsed, lang: Lang) -> Result<Reply, Problem> {
    match rehearsed.answer.outcome {
        Outcome::Refused => Err(refusal(&rehearsed.answer)),
        _ => Ok(Reply::ok(Effect::tried(program, rehearsed, lang))),
    }
}

/// A refusal as a problem; it took no effect.
pub fn refusal(answer: &Answer) -> Problem {
    let code = answer.code().unwrap_or("refused");
    let kind = match code {
        "key_reused" => return idempotency::reused(),
        "bug" => return Problem::internal("judging a command broke off"),
        "unknown_member" => Kind::NotAMember,
        "unknown_order" | "unknown_return" | "unknown_line" | "no_such_hold" | "no_such_pool"
        | "unknown_wallet" | "unknown_benefit" | "no_such_use" => Kind::NotFound,
        "insufficient_points" => Kind::InsufficientPoints,
        "needs_confirmation" => Kind::NeedsConfirmation,
        "too_fast" => Kind::TooFast,
        "out_of_stock" | "unavailable" => Kind::RewardUnavailable,
        _ => Kind::Refused,
    };
    let why: Vec<&str> = answer.problems.iter().map(|problem| problem.why.as_str()).collect();
    let problem = Problem::new(kind, why.join("; ")).with("code", code);
    if answer.is_repeat { problem.header(idempotency::HIT, "true") } else { problem }
}
