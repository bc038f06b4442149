//! Proof of what people have agreed to: rows that are only ever added.

use super::Writing;
use crate::db::{Row, Value};
use crate::failure::Failure;

/// One thing a person said about being written to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ConsentRow {
    /// Who.
    pub customer_id: String,
    /// Grows with time.
    pub consent_id: String,
    /// The address it is about.
    pub address: String,
    /// `email`, `sms`, `zalo`, …
    pub channel: String,
    /// `marketing`, `survey`, `profiling`, …
    pub purpose: String,
    /// `pending`, `granted`, `denied`, `withdrawn`.
    pub status: String,
    /// `consent`, `contract`, …
    pub legal_basis: String,
    /// `eu`, `vn`, `cn`.
    pub jurisdiction: String,
    /// Which text was shown.
    pub text_version: String,
    /// In which language.
    pub language: String,
    /// `form`, `till`, `import`, `api`, `stop`.
    pub source: String,
    /// Who recorded it.
    pub actor: String,
    /// What else proves it, as JSON: network address, browser, a file's row.
    pub evidence: String,
    /// When it was said, in microseconds since 1970.
    pub happened_at: i64,
    /// When we heard of it.
    pub recorded_at: i64,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    /// With double opt-in: the request it answers.
    pub confirms: Option<String>,
}

pub(crate) const CONSENT: &str = "select customer_id, consent_id, address, channel, purpose, status, legal_basis, jurisdiction,
    text_version, language, source, actor, evidence, happened_at, recorded_at, expires_at, confirms from consent";

pub(crate) fn consent(row: &Row<'_>) -> Result<ConsentRow, Failure> {
    Ok(ConsentRow {
        customer_id: row.string(0)?,
        consent_id: row.string(1)?,
        address: row.string(2)?,
        channel: row.string(3)?,
        purpose: row.string(4)?,
        status: row.string(5)?,
        legal_basis: row.string(6)?,
        jurisdiction: row.string(7)?,
        text_version: row.string(8)?,
        language: row.string(9)?,
        source: row.string(10)?,
        actor: row.string(11)?,
        evidence: row.string(12)?,
        happened_at: row.int(13)?,
        recorded_at: row.int(14)?,
        expires_at: row.maybe_int(15)?,
        confirms: row.maybe_string(16)?,
    })
}

impl Writing<'_> {
    /// Add proofs.
    pub fn insert_consents(&self, rows: &[ConsentRow]) -> Result<(), Failure> {
        let sql = "insert into consent (customer_id, consent_id, address, channel, purpose, status, legal_basis,
                 jurisdiction, text_version, language, source, actor, evidence, happened_at, recorded_at, expires_at,
                 confirms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 17] {
            [
                (&row.customer_id).into(),
                (&row.consent_id).into(),
                (&row.address).into(),
                (&row.channel).into(),
                (&row.purpose).into(),
                (&row.status).into(),
                (&row.legal_basis).into(),
                (&row.jurisdiction).into(),
                (&row.text_version).into(),
                (&row.language).into(),
                (&row.source).into(),
                (&row.actor).into(),
                (&row.evidence).into(),
                row.happened_at.into(),
                row.recorded_at.into(),
                row.expires_at.into(),
                row.confirms.as_deref().into(),
            ]
        });
        self.db.run_each(sql, 17, values).map(drop)
    }

    /// Everything a person has said, by the time it was said.
    pub fn consents_of(&self, customer_id: &str) -> Result<Vec<ConsentRow>, Failure> {
        let sql = format!("{CONSENT} where customer_id = $1 order by happened_at, consent_id");
        self.db.rows(&sql, &[customer_id.into()], consent)
    }

    /// How many proofs there are of some customers together.
    pub fn count_consents(&self, customers: &[&str]) -> Result<i64, Failure> {
        let mut count = 0;
        let sql = "select count(*) from consent where customer_id = $1";
        self.db.seek_each(sql, &[], customers.iter().copied(), |_, row| {
            count += row.int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Everything that was said about an address on a channel, by whomever, by the time it was said.
    pub fn consents_for(&self, address: &str, channel: &str) -> Result<Vec<ConsentRow>, Failure> {
        let sql = format!("{CONSENT} where address = $1 and channel = $2 order by happened_at, consent_id");
        self.db.rows(&sql, &[address.into(), channel.into()], consent)
    }
}
