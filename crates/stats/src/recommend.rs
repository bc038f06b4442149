//! What to offer next: two lists with two aims, and when a product runs out.
//!
//! *Buy again* ([`buy_again`]) ranks what the customer will likely put in the basket, most of it bought before.
//! *Discover* ([`Neighbours`]) finds what they have not bought and people like them have. They are different products
//! with different measures; a list that mixes them is judged wrong by both. Where scores are equal, the more popular
//! product goes first and then the smaller product number: on grocery data this rule moves recall more than the
//! choice among published methods does.

mod buy_again;
mod discover;
mod evaluate;
mod replenish;

pub use buy_again::{Blend, Popularity, Scored, buy_again};
pub use discover::Neighbours;
pub use evaluate::{HeldOut, evaluate, hold_out_last};
pub use replenish::Replenishment;
