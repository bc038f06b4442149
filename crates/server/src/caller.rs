//! Who is asking: a key of a till or a shop, or a member of staff who has signed in.

use crate::problem::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use engine::record::command::By;
use engine::staff::actor::Actor;
use engine::staff::permissions::{Operation, Role};

/// Who is asking, and what they may do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// A key's id, or a member of staff's.
    pub id: String,
    /// The source whose ids they speak of; empty where they may name any.
    pub source: String,
    /// What they may do.
    pub scopes: Vec<Operation>,
    /// As what they act, for the audit.
    pub role: Role,
}

impl Caller {
    /// Whether they may do something.
    pub fn may(&self, scope: Operation) -> bool {
        self.scopes.contains(&scope)
    }

    /// As one whose name belongs in the audit.
    pub fn actor(&self) -> Actor {
        Actor::new(&self.id, self.role)
    }

    /// Whoever a command is asked by, where it is told in the audit: what is done by hand, and nothing that arrives by
    /// the thousand.
    pub fn by(&self, operation: Operation, salt: u128) -> Option<By> {
        let is_by_hand = matches!(operation, Operation::AdjustPoints | Operation::MergeCustomers);
        (is_by_hand || self.is_staff()).then(|| By { actor: self.actor(), salt })
    }

    /// Whether it is a person who has signed in.
    pub fn is_staff(&self) -> bool {
        self.id.starts_with("stf_")
    }

    /// The source of what they send: their own, or the one they name where they have none.
    pub fn source<'a>(&'a self, named: Option<&'a str>) -> Result<&'a str, Problem> {
        match named {
            Some(named) if !self.source.is_empty() && named != self.source => Err(Problem::new(
                Kind::Forbidden,
                format!("this key speaks for the source '{}' and not for '{named}'", self.source),
            )),
            Some(named) if self.source.is_empty() => Ok(named),
            _ => Ok(&self.source),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        // The guard has put it there; a route without a guard is a bug and lets nobody in.
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| Problem::internal("a route without a guard"))
    }
}
