//! Settings: who works here, keys, who changed what, whether everything is in order.

pub mod audit;
pub mod health;
pub mod keys;
pub mod shop;
pub mod staff;

use super::guard::Visit;
use engine::staff::permissions::Operation;
use serde::Serialize;

/// The pages of settings: the word, the address, and what one must be allowed to do.
const PAGES: [(&str, &str, Operation); 5] = [
    ("shop", "/settings", Operation::ReadPrograms),
    ("staff", "/settings/staff", Operation::ReadStaff),
    ("keys", "/settings/keys", Operation::ManageKeys),
    ("audit", "/settings/audit", Operation::ReadAudit),
    ("health", "/settings/health", Operation::ReadJobs),
];

/// A tab.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    word: &'static str,
    href: &'static str,
}

/// The tabs a visitor may open.
pub fn tabs(visit: &Visit) -> Vec<Tab> {
    PAGES
        .into_iter()
        .filter(|(_, _, needs)| visit.may(*needs))
        .map(|(word, href, _)| Tab { word, href })
        .collect()
}

/// All of them.
pub fn all_tabs() -> Vec<Tab> {
    PAGES.into_iter().map(|(word, href, _)| Tab { word, href }).collect()
}
