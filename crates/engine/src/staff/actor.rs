//! Whoever asks for something: who they are, and as what.

use super::permissions::{NotAllowed, Operation, Role, require};
use std::fmt;

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// An id of staff (`stf_…`) or of a key, `shell` for a command on the machine, or a part of the program.
    pub id: String,
    /// As what.
    pub role: Role,
}

impl Actor {
    /// Somebody who has signed in, or a key: an id and what it may do.
    pub fn new(id: impl Into<String>, role: Role) -> Actor {
        Actor { id: id.into(), role }
    }

    /// Whoever has the machine and its files: there is nothing to keep from them.
    pub fn shell() -> Actor {
        Actor::new("shell", Role::Owner)
    }

    /// A part of the program that acts by itself, such as `scheduler`.
    pub fn system(part: &str) -> Actor {
        Actor::new(part, Role::Owner)
    }

    /// That they may do something, or why not.
    pub fn require(&self, operation: Operation) -> Result<(), NotAllowed> {
        require(self.role, operation)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.role)
    }
}
