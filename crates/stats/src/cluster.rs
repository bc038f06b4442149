//! Groups of customers found in the data: k-means on standardised log-RFM, with a figure for how far to trust them.
//!
//! Seeds are chosen by k-means++ (Arthur and Vassilvitskii 2007), the groups improved by Lloyd's steps. Groups are
//! always found, also in a cloud without any, so each choice of k carries its stability: the mean adjusted Rand index
//! (Hubert and Arabie 1985) between the groups and those found again on bootstrap samples of the customers. A base
//! whose groups do not come back is reported as having none.

mod choose;
mod k_means;
mod rand_index;

pub use choose::{Choice, Search, Tried, choose_clusters};
pub use k_means::{Clusters, k_means};
pub use rand_index::adjusted_rand;

use crate::inputs::{BadInput, not_negative, same_rows};
use crate::table::Table;

/// The table of ln(1 + x) of recency in days, orders, and spend. Spend below zero (all returned) counts as none.
pub fn log_rfm(days_since_last: &[f64], orders: &[f64], spend: &[f64]) -> Result<Table, BadInput> {
    same_rows("days_since_last", days_since_last, "orders", orders)?;
    same_rows("days_since_last", days_since_last, "spend", spend)?;
    not_negative("days_since_last", days_since_last)?;
    not_negative("orders", orders)?;
    let rows = days_since_last.iter().zip(orders).zip(spend);
    Table::new(3, rows.flat_map(|((d, o), s)| [d.ln_1p(), o.ln_1p(), s.max(0.0).ln_1p()]).collect())
}
