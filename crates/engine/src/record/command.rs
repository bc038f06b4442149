//! What can be asked: a fact with where it comes from and what makes it one.

use crate::staff::actor::Actor;
use crate::staff::permissions::Operation;
use jiff::Timestamp;
use loyalty::fact::Fact;
use loyalty::judge::CANCELLED;
use serde::{Deserialize, Serialize};

/// Something to record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The caller's idempotency key: the same again is answered as it was, and has no further effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where it comes from: a till, a web shop, a file. Ids of orders and events are the source's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Who asks, where it is somebody whose name belongs in the audit. Said by the door they came through, never by
    /// the command itself.
    #[serde(skip)]
    pub by: Option<By>,
    /// What is asked.
    #[serde(flatten)]
    pub act: Act,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// Chance for the audit's entry; see [`crate::staff::audit::Change`].
    pub salt: u128,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Act {
    /// Use vouchers on a bill: those that may be combined count, the others are told why not.
    UseVouchers(UseVouchers),
    /// A fact for the judge.
    Fact(Fact),
}

/// Vouchers shown at a till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseVouchers {
    /// The bill they are used on, by which a repeat is known.
    pub vouchers_for: String,
    /// The codes.
    pub codes: Vec<String>,
    /// What the bill comes to.
    pub bill_minor: i64,
}

impl Command {
    /// A command without a key, from the shop itself.
    pub fn of(fact: Fact) -> Command {
        Command { key: None, source: String::new(), by: None, act: Act::Fact(fact) }
    }

    /// The same under an idempotency key.
    pub fn under(self, key: &str) -> Command {
        Command { key: Some(key.to_owned()), ..self }
    }

    /// The same, asked by somebody whose name belongs in the audit.
    pub fn by(self, by: By) -> Command {
        Command { by: Some(by), ..self }
    }

    /// What whoever asks must be allowed to do.
    pub fn operation(&self) -> Operation {
        let Act::Fact(fact) = &self.act else { return Operation::SpendPoints };
        match fact {
            Fact::Join(_) => Operation::WriteCustomers,
            Fact::Order(_)
            | Fact::OrderUpdated { .. }
            | Fact::OrderCancelled { .. }
            | Fact::Return(_)
            | Fact::ReturnUndone { .. }
            | Fact::Event(_)
            | Fact::Claim(_)
            | Fact::Tick => Operation::RecordOrders,
            Fact::Hold(_)
            | Fact::Redeem(_)
            | Fact::Capture { .. }
            | Fact::Release { .. }
            | Fact::Refund { .. }
            | Fact::Transfer { .. }
            | Fact::Pool(_)
            | Fact::Benefit(_)
            | Fact::BenefitUndone { .. } => Operation::SpendPoints,
            Fact::Adjust { .. } => Operation::AdjustPoints,
            Fact::Merge { .. } | Fact::Unmerge { .. } => Operation::MergeCustomers,
        }
    }

    /// What makes this command one, whatever key it comes under: the natural key of what it records. Facts that may
    /// rightly come again, such as a merge after an unmerge, have none.
    pub(super) fn natural_key(&self) -> Option<String> {
        let source = &self.source;
        Some(match &self.act {
            Act::UseVouchers(ask) => format!("vouchers:{source}/{}", ask.vouchers_for),
            Act::Fact(fact) => match fact {
                Fact::Join(join) => format!("join:{}", join.member),
                Fact::Order(order) => format!("order:{source}/{}", order.id),
                Fact::OrderUpdated { updated_at: Some(at), order } => {
                    format!("order_updated:{source}/{}/{at}", order.id)
                }
                Fact::OrderCancelled { order } => format!("return:{source}/{order}/{CANCELLED}"),
                Fact::Return(back) => format!("return:{source}/{}/{}", back.order, back.id),
                Fact::ReturnUndone { id, order } => format!("return_undone:{source}/{order}/{id}"),
                Fact::Event(custom) => format!("event:{source}/{}", custom.id),
                Fact::Hold(ask) | Fact::Redeem(ask) => format!("redemption:{}/{}", ask.member, ask.id),
                Fact::Capture { member, id } => format!("capture:{member}/{id}"),
                Fact::Release { member, id } => format!("release:{member}/{id}"),
                Fact::Refund { member, id } => format!("refund:{member}/{id}"),
                Fact::Adjust { member, id, .. } => format!("adjust:{member}/{id}"),
                Fact::Transfer { member, id, .. } => format!("transfer:{member}/{id}"),
                Fact::Pool(ask) => format!("pool:{}/{}", ask.member, ask.id),
                Fact::Benefit(ask) => format!("benefit:{}/{}", ask.member, ask.id),
                Fact::BenefitUndone { member, id } => format!("benefit_undone:{member}/{id}"),
                // Without a time of its own a correction is known by the caller's key alone: an order may be changed
                // back and forth.
                Fact::OrderUpdated { updated_at: None, .. }
                | Fact::Claim(_)
                | Fact::Merge { .. }
                | Fact::Unmerge { .. }
                | Fact::Tick => return None,
            },
        })
    }

    /// The thing an event of this command speaks of, and what it says of it: see [`store::EventRow`]. What the shop has
    /// done is the same whichever program rates it; what a program has done is that program's. `is_known` says whether
    /// the order was told before, `id` is the event's own.
    pub(super) fn thing(&self, program: &str, is_known: bool, id: &str) -> (String, String) {
        let order = |of: &str| format!("order:{}", self.scoped(of));
        let whole = |thing: String| (thing, String::new());
        let Act::Fact(fact) = &self.act else {
            return whole(format!("{}:{program}/{}/{}", self.kind(), self.source, self.id()));
        };
        match fact {
            Fact::Order(bill) => whole(order(bill.id.as_str())),
            Fact::OrderUpdated { order: bill, .. } if !is_known => whole(order(bill.id.as_str())),
            Fact::OrderUpdated { order: bill, .. } => (order(bill.id.as_str()), format!("updated:{id}")),
            Fact::OrderCancelled { order: of } => (order(of.as_str()), format!("return:{CANCELLED}")),
            Fact::Return(back) => (order(back.order.as_str()), format!("return:{}", back.id)),
            Fact::ReturnUndone { id, order: of } => (order(of.as_str()), format!("return_undone:{id}")),
            Fact::Event(custom) => whole(format!("event:{}", self.scoped(custom.id.as_str()))),
            Fact::Claim(_) | Fact::Merge { .. } | Fact::Unmerge { .. } | Fact::Tick => {
                whole(format!("{}:{program}/{id}", self.kind()))
            }
            _ => whole(format!("{program}/{}", self.natural_key().unwrap_or_default())),
        }
    }

    /// Whether it may take back or give back points of before, for which the judge needs lots that are spent. Whatever
    /// only earns, spends or sets aside does without.
    pub(super) fn looks_back(&self) -> bool {
        let Act::Fact(fact) = &self.act else { return false };
        match fact {
            Fact::Order(order) => order.tenders.iter().any(|tender| tender.kind == "points"),
            Fact::Event(custom) => custom.name.as_str().starts_with("referral_"),
            Fact::Join(_)
            | Fact::Hold(_)
            | Fact::Redeem(_)
            | Fact::Capture { .. }
            | Fact::Release { .. }
            | Fact::Adjust { .. }
            | Fact::Transfer { .. }
            | Fact::Benefit(_)
            | Fact::BenefitUndone { .. }
            | Fact::Tick => false,
            Fact::OrderUpdated { .. }
            | Fact::OrderCancelled { .. }
            | Fact::Return(_)
            | Fact::ReturnUndone { .. }
            | Fact::Claim(_)
            | Fact::Refund { .. }
            | Fact::Pool(_)
            | Fact::Merge { .. }
            | Fact::Unmerge { .. } => true,
        }
    }

    /// The hash of what is asked, without its key.
    pub(super) fn hash(&self) -> [u8; 32] {
        let text = serde_json::to_vec(&(&self.source, &self.act)).expect("plain data becomes JSON");
        *blake3::hash(&text).as_bytes()
    }

    /// The id by which the judge knows what is asked.
    pub(super) fn id(&self) -> &str {
        match &self.act {
            Act::UseVouchers(ask) => &ask.vouchers_for,
            Act::Fact(fact) => match fact {
                Fact::Join(join) => join.member.as_str(),
                Fact::Order(order) | Fact::OrderUpdated { order, .. } => order.id.as_str(),
                Fact::OrderCancelled { .. } => CANCELLED,
                Fact::Return(back) => back.id.as_str(),
                Fact::Event(custom) => custom.id.as_str(),
                Fact::Hold(ask) | Fact::Redeem(ask) => ask.id.as_str(),
                Fact::ReturnUndone { id, .. }
                | Fact::Capture { id, .. }
                | Fact::Release { id, .. }
                | Fact::Refund { id, .. }
                | Fact::Adjust { id, .. }
                | Fact::Transfer { id, .. } => id.as_str(),
                Fact::Pool(ask) => ask.id.as_str(),
                Fact::Benefit(ask) => ask.id.as_str(),
                Fact::BenefitUndone { id, .. } => id.as_str(),
                Fact::Merge { member, .. } | Fact::Unmerge { member } => member.as_str(),
                Fact::Claim(_) | Fact::Tick => "",
            },
        }
    }

    /// The word for what is asked, as in its JSON.
    pub(super) fn kind(&self) -> &'static str {
        match &self.act {
            Act::UseVouchers(_) => "vouchers_used",
            Act::Fact(fact) => match fact {
                Fact::Join(_) => "join",
                Fact::Order(_) => "order",
                Fact::OrderUpdated { .. } => "order_updated",
                Fact::OrderCancelled { .. } => "order_cancelled",
                Fact::Return(_) => "return",
                Fact::ReturnUndone { .. } => "return_undone",
                Fact::Event(_) => "event",
                Fact::Claim(_) => "claim",
                Fact::Hold(_) => "hold",
                Fact::Redeem(_) => "redeem",
                Fact::Capture { .. } => "capture",
                Fact::Release { .. } => "release",
                Fact::Refund { .. } => "refund",
                Fact::Adjust { .. } => "adjust",
                Fact::Transfer { .. } => "transfer",
                Fact::Pool(_) => "pool",
                Fact::Benefit(_) => "benefit",
                Fact::BenefitUndone { .. } => "benefit_undone",
                Fact::Merge { .. } => "merge",
                Fact::Unmerge { .. } => "unmerge",
                Fact::Tick => "tick",
            },
        }
    }

    /// The members it names, and the order through which it may name another.
    pub(super) fn names(&self) -> (Vec<&str>, Option<String>) {
        let Act::Fact(fact) = &self.act else { return (Vec::new(), None) };
        let order = |id: &loyalty::name::Name| Some(self.scoped(id.as_str()));
        match fact {
            Fact::Join(join) => {
                let by = join.referred_by.iter().map(|name| name.as_str());
                (std::iter::once(join.member.as_str()).chain(by).collect(), None)
            }
            Fact::Order(bill) | Fact::OrderUpdated { order: bill, .. } => {
                (bill.member.iter().map(|name| name.as_str()).collect(), order(&bill.id))
            }
            Fact::OrderCancelled { order: of } => (Vec::new(), order(of)),
            Fact::Return(back) => (Vec::new(), order(&back.order)),
            Fact::ReturnUndone { order: of, .. } => (Vec::new(), order(of)),
            Fact::Claim(claim) => (vec![claim.member.as_str()], claim.order.as_ref().and_then(order)),
            Fact::Event(custom) => (vec![custom.member.as_str()], None),
            Fact::Hold(ask) | Fact::Redeem(ask) => (vec![ask.member.as_str()], None),
            Fact::Pool(ask) => (vec![ask.member.as_str()], None),
            Fact::Benefit(ask) => (vec![ask.member.as_str()], None),
            Fact::BenefitUndone { member, .. } => (vec![member.as_str()], None),
            Fact::Capture { member, .. }
            | Fact::Release { member, .. }
            | Fact::Refund { member, .. }
            | Fact::Adjust { member, .. }
            | Fact::Unmerge { member } => (vec![member.as_str()], None),
            Fact::Transfer { member, to, .. } => (vec![member.as_str(), to.as_str()], None),
            Fact::Merge { member, into } => (vec![member.as_str(), into.as_str()], None),
            Fact::Tick => (Vec::new(), None),
        }
    }

    /// An id of the source's own as we keep it: no two sources have the same.
    pub(super) fn scoped(&self, id: &str) -> String {
        if self.source.is_empty() { id.to_owned() } else { format!("{}/{id}", self.source) }
    }

    /// The fact as the judge is to see it: ids scoped to their source, times in whole microseconds, which is what the
    /// database keeps.
    pub(super) fn fact(&self) -> Option<Fact> {
        let Act::Fact(fact) = &self.act else { return None };
        let mut fact = fact.clone();
        let scoped = |id: &mut loyalty::name::Name| *id = self.scoped(id.as_str()).as_str().into();
        match &mut fact {
            Fact::Order(order) => {
                scoped(&mut order.id);
                order.ordered_at = order.ordered_at.map(whole);
            }
            Fact::OrderUpdated { updated_at, order } => {
                scoped(&mut order.id);
                order.ordered_at = order.ordered_at.map(whole);
                *updated_at = updated_at.map(whole);
            }
            Fact::OrderCancelled { order } => scoped(order),
            Fact::Return(back) => scoped(&mut back.order),
            Fact::ReturnUndone { order, .. } => scoped(order),
            Fact::Claim(claim) => {
                if let Some(order) = &mut claim.order {
                    scoped(order);
                }
            }
            Fact::Event(custom) => {
                scoped(&mut custom.id);
                if let Some(order) = &mut custom.order {
                    scoped(order);
                }
                custom.happened_at = custom.happened_at.map(whole);
            }
            Fact::Hold(ask) | Fact::Redeem(ask) => ask.until = ask.until.map(whole),
            Fact::Benefit(ask) => ask.happened_at = ask.happened_at.map(whole),
            _ => {}
        }
        Some(fact)
    }

    /// When it happened, where it says so.
    pub(super) fn happened_at(&self) -> Option<Timestamp> {
        match &self.act {
            Act::Fact(Fact::Order(order)) => order.ordered_at,
            Act::Fact(Fact::OrderUpdated { updated_at, .. }) => *updated_at,
            Act::Fact(Fact::Event(custom)) => custom.happened_at,
            Act::Fact(Fact::Benefit(ask)) => ask.happened_at,
            _ => None,
        }
    }
}

/// The instant without what is finer than a microsecond.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Command {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn commands_are_json_lines() {
        let order = read(
            r#"{"key": "k-1", "source": "till", "type": "order", "id": "o-1", "member": "ana",
                "ordered_at": "2026-03-01T08:00:00.123456789Z",
                "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]}"#,
        );
        assert_eq!((order.key.as_deref(), order.kind(), order.id()), (Some("k-1"), "order", "o-1"));
        assert_eq!(order.natural_key().as_deref(), Some("order:till/o-1"));
        assert_eq!(order.names(), (vec!["ana"], Some("till/o-1".into())));
        let Some(Fact::Order(fact)) = order.fact() else { panic!("an order") };
        assert_eq!((fact.id.as_str(), fact.ordered_at.unwrap().as_nanosecond() % 1000), ("till/o-1", 0));
        let vouchers = read(r#"{"vouchers_for": "b-1", "codes": ["C-1"], "bill_minor": 900}"#);
        assert_eq!(vouchers.natural_key().as_deref(), Some("vouchers:/b-1"));
    }

    #[test]
    fn the_hash_is_of_what_is_asked_and_not_of_the_key() {
        let one = read(r#"{"type": "adjust", "member": "ana", "id": "a", "wallet": "beans", "units": 5}"#);
        let other = read(r#"{"type": "adjust", "member": "ana", "id": "a", "wallet": "beans", "units": 6}"#);
        assert_eq!(one.hash(), one.clone().under("k").hash());
        assert_ne!(one.hash(), other.hash());
    }
}
