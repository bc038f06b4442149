//! Understand: from facts to who the customers are and what they are worth.

pub mod xray;
pub mod xray_page;
