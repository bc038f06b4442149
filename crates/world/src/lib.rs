//! A simulated market with planted truth.
//!
//! Customers with their own rates, tastes and reasons to leave buy real-looking baskets in a few shops. What was
//! planted is handed out beside what was sold, so that every estimator of this project can be asked to find it again.
//! A world is a pure function of its [`Config`]: the same configuration gives the same bytes, on any machine, and
//! customer number n is the same person in a world of a thousand as in a world of a million. One customer's history
//! is made at a time, so memory does not grow with the world.
//!
//! Nobody here is a real person. The world knows no clock, no files and no statistics.
//!
//! ```
//! use world::{Config, World};
//!
//! let world = World::new(Config { customers: 20, ..Config::corner_shop(7) })?;
//! let sold: i64 = world.histories().flat_map(|history| history.lines).map(|line| line.total_minor).sum();
//! assert!(sold > 0);
//! # Ok::<(), world::Refused>(())
//! ```

mod action;
mod basket;
mod catalogue;
mod config;
mod feedback;
mod history;
mod market;
mod person;
mod random;
mod reason;
mod response;
mod row;
mod season;

pub use action::Action;
pub use catalogue::{PLANTED_PAIRS, Product};
pub use config::{Config, Process, Refused, Spend};
pub use feedback::Language;
pub use history::History;
pub use market::{Store, World};
pub use reason::Reason;
pub use response::ResponseKind;
pub use row::{Cell, CustomerRow, Feedback, OrderLine, Return, Truth};
