//! Consents by file, for a shop that has them in a list: who agreed to be written to, on which channel, what for.

use super::results::Finders;
use super::{Refused, Stopped};
use crate::collect::whole::{Whole, plain};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use store::{ConsentRow, Store};

/// What is said of the whole list.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// `sms`, `email`, `zalo`, `call`.
    pub channel: String,
    /// `marketing`, `survey`.
    pub purpose: String,
    /// Which text they agreed to.
    pub text_version: String,
    /// Where the law is: `vn`, `eu`, `cn`.
    pub jurisdiction: String,
    /// When it was said, in microseconds since 1970.
    pub happened_at: i64,
    /// Now.
    pub now_micros: i64,
}

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Taken {
    /// Rows of the list.
    pub rows: u64,
    /// New proofs.
    pub kept: u64,
    /// Said before in the same words.
    pub known: u64,
    /// Rows about nobody we know.
    pub unknown: u64,
    /// Rows without an address on the channel.
    pub no_address: u64,
}

/// Takes a list in; the same list again adds nothing.
///
/// # Errors
/// Refused where no column says who.
pub fn take(store: &mut Store, file: &str, list: &Whole, about: &About) -> Result<Taken, Stopped> {
    let finders = Finders::without_references(store, list)?;
    if finders.columns.is_empty() {
        let detail = format!("no column says who (phone, email, customer) among {}", list.head.join(", "));
        return Err(Refused::File { file: file.to_owned(), detail }.into());
    }
    let says = list.place(&["consent", "agrees", "accepts_messages", "dong y", "同意"]);
    let mut said: FxHashSet<(u128, String, String, i64)> = FxHashSet::default();
    store.for_each_consent(&about.channel, &about.purpose, |id, row| {
        said.insert((id.body(), row.address, row.status, row.happened_at));
    })?;
    let wanted = if about.channel == "email" { "email" } else { "phone" };
    let mut addresses: FxHashMap<u128, String> = FxHashMap::default();
    store.for_each_key(|id, kind, _, value| {
        if kind == wanted {
            addresses.entry(id.body()).or_insert_with(|| value.to_owned());
        }
    })?;
    let mut taken = Taken { rows: list.rows.len() as u64, ..Taken::default() };
    let mut rows: Vec<ConsentRow> = Vec::new();
    for (line, cells) in &list.rows {
        let Some(customer) = finders.find(cells) else {
            taken.unknown += 1;
            continue;
        };
        let Some(address) = addresses.get(&customer.body()) else {
            taken.no_address += 1;
            continue;
        };
        let status = match says.and_then(|at| cells.get(at)).map(|cell| plain(cell)) {
            None => "granted",
            Some(word)
                if ["true", "yes", "1", "y", "co", "x", "dongy", "granted", "是", "同意"]
                    .contains(&word.as_str()) =>
            {
                "granted"
            }
            Some(_) => "denied",
        };
        let id = customer.to_string();
        if !said.insert((customer.body(), address.clone(), status.to_owned(), about.happened_at)) {
            taken.known += 1;
            continue;
        }
        taken.kept += 1;
        rows.push(ConsentRow {
            customer_id: id,
            consent_id: format!("{:020}-{line:08}-list", about.now_micros),
            address: address.clone(),
            channel: about.channel.clone(),
            purpose: about.purpose.clone(),
            status: status.to_owned(),
            legal_basis: "consent".to_owned(),
            jurisdiction: about.jurisdiction.clone(),
            text_version: about.text_version.clone(),
            language: String::new(),
            source: "import".to_owned(),
            actor: "list".to_owned(),
            evidence: serde_json::json!({ "file": file, "line": line }).to_string(),
            happened_at: about.happened_at,
            recorded_at: about.now_micros,
            expires_at: None,
            confirms: None,
        });
    }
    store.record_consents(&rows)?;
    Ok(taken)
}
