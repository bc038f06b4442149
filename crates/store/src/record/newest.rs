//! The newest of what a customer has: for pages that show some of it and must be as quick for a customer of many years as
//! for a new one. Each statement reads an index from its end, and no more rows than are asked for.

use super::Writing;
use super::consents::{CONSENT, consent};
use super::ledger::{POSTING, posting};
use super::log::{EVENT, event};
use super::orders::{ORDER, order};
use super::{ConsentRow, EventRow, MessageRow, OrderRow, PostingRow};
use crate::failure::Failure;

/// A campaign that had something to do with a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// Which.
    pub campaign_id: String,
    /// `contact`, `held_out`, `left_out` for who was chosen how; else what came back: `sent`, `failed`, `opted_out`, ….
    pub what: String,
    /// When, in microseconds since 1970.
    pub happened_at: i64,
}

impl Writing<'_> {
    /// What happened to a customer last, the newest first.
    pub fn newest_events_of(&self, customer_id: &str, most: i64) -> Result<Vec<EventRow>, Failure> {
        let sql = format!(
            "select {EVENT} event where customer_id = $1 order by happened_at desc, event_id desc limit $2"
        );
        self.db.rows(&sql, &[customer_id.into(), most.into()], event)
    }

    /// What others were told about a customer last, the newest first; of what has arrived, as long as it is kept.
    pub fn newest_messages_of(&self, customer_id: &str, most: i64) -> Result<Vec<MessageRow>, Failure> {
        let sql = "select message_id, topic, customer_id, body, created_at from outbox where customer_id = $1
             order by created_at desc, message_id desc limit $2";
        self.db.rows(sql, &[customer_id.into(), most.into()], |row| {
            let (message_id, topic, customer_id) = (row.string(0)?, row.string(1)?, row.maybe_string(2)?);
            Ok(MessageRow { message_id, topic, customer_id, body: row.string(3)?, created_at: row.int(4)? })
        })
    }

    /// What was recorded from an event's id on, the newest first: ids grow with time.
    pub fn newest_events_from(
        &self,
        event_id: &str,
        kind: &str,
        most: i64,
    ) -> Result<Vec<EventRow>, Failure> {
        let sql = format!(
            "select {EVENT} event where event_id >= $1 and kind = $2 order by event_id desc limit $3"
        );
        self.db.rows(&sql, &[event_id.into(), kind.into(), most.into()], event)
    }

    /// The last orders of a customer, the newest day first.
    pub fn newest_orders_of(
        &self,
        program_id: &str,
        customer_id: &str,
        most: i64,
    ) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!(
            "{ORDER} where customer_id = $1 and program_id = $2 order by ordered_on desc, ordered_at desc limit $3"
        );
        self.db.rows(&sql, &[customer_id.into(), program_id.into(), most.into()], order)
    }

    /// The last entries of an account, the newest first.
    pub fn newest_postings_of(
        &self,
        owner_id: &str,
        program_id: &str,
        wallet: &str,
        most: i64,
    ) -> Result<Vec<PostingRow>, Failure> {
        let sql = format!(
            "{POSTING} where owner_id = $1 and program_id = $2 and wallet = $3 order by number desc limit $4"
        );
        self.db.rows(&sql, &[owner_id.into(), program_id.into(), wallet.into(), most.into()], posting)
    }

    /// What a customer said of being written to last, the newest first.
    pub fn newest_consents_of(&self, customer_id: &str, most: i64) -> Result<Vec<ConsentRow>, Failure> {
        let sql =
            format!("{CONSENT} where customer_id = $1 order by happened_at desc, consent_id desc limit $2");
        self.db.rows(&sql, &[customer_id.into(), most.into()], consent)
    }

    /// The campaigns a customer was in, and what came back, the newest first.
    pub fn newest_contacts_of(&self, customer_id: &str, most: i64) -> Result<Vec<ContactRow>, Failure> {
        let sql = "select campaign_id, what, happened_at from (
                 select campaign_member.campaign_id, arm as what, happened_at from campaign_member
                 join campaign_step on campaign_step.campaign_id = campaign_member.campaign_id
                     and campaign_step.kind = 'frozen'
                 where campaign_member.customer_id = $1
                 union all
                 select campaign_id, outcome as what, happened_at from campaign_result where customer_id = $1
             ) as contact
             order by happened_at desc, campaign_id, what limit $2";
        self.db.rows(sql, &[customer_id.into(), most.into()], |row| {
            Ok(ContactRow { campaign_id: row.string(0)?, what: row.string(1)?, happened_at: row.int(2)? })
        })
    }
}
