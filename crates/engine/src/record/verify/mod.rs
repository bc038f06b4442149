//! Proof that what is kept is what happened: every account is replayed from its first posting and compared with what
//! is kept of it, what members share is held against what the program allows, the audit's chain is walked, and every
//! event of the log is held against the mark it was written with.
//!
//! It works on a live system: everything is read as of one instant. One thread reads, the others replay, so that what
//! is in memory is some pages of owners whatever the size of the shop.

mod owner;
mod shared;

use self::owner::{Page, Seen, check};
use super::books::instant;
use crate::staff::audit;
use jiff::Timestamp;
use loyalty::program::Program;
use serde::Serialize;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use store::{EventRow, Failure, Session, Writing};

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What must hold and does not.
    pub rule: String,
    /// Where: an owner and a wallet, a counter, an order.
    pub what: String,
    /// What was found there.
    pub detail: String,
    /// Since when, where the rows tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What was looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Owners of accounts: customers, households and gift cards.
    pub owners: u64,
    /// Postings replayed.
    pub postings: u64,
    /// Members whose state was compared.
    pub members: u64,
    /// Entries of the audit.
    pub audit: u64,
    /// What does not hold.
    pub findings: Vec<Finding>,
}

/// How far a proof is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Accounts there are.
    pub accounts: u64,
    /// Accounts read.
    pub accounts_read: u64,
    /// Postings read.
    pub postings_read: u64,
}

/// How many accounts are read at once.
const PAGE: i64 = 500;
/// How many pages wait to be replayed.
const PAGES_AHEAD: usize = 4;
/// How many findings are listed; a broken table would otherwise list itself.
const LISTED: usize = 1000;

/// Check the record of a program, and the audit. Reads everything, changes nothing.
pub fn verify_record(session: &mut Session, program: &Program) -> Result<Report, Failure> {
    let mut report = verify_told(session, program, &mut |_| {})?;
    let (entries, broken) = verify_audit(session)?;
    report.audit = entries;
    report.findings.extend(broken);
    Ok(report)
}

/// Check the record of a program as of one instant; `told` hears how far it is.
pub fn verify_told(
    session: &mut Session,
    program: &Program,
    told: &mut dyn FnMut(Progress),
) -> Result<Report, Failure> {
    session.snapshot(|reading| {
        let mut seen = replay(reading, program, told)?;
        shared::check(reading, program, &mut seen)?;
        seen.findings.truncate(LISTED);
        let (owners, postings, members) = (seen.owners, seen.postings, seen.members);
        Ok(Report { owners, postings, members, audit: 0, findings: seen.findings })
    })
}

/// Walk the audit's chain as of one instant: how many entries there are, and what does not hold of them.
pub fn verify_audit(session: &mut Session) -> Result<(u64, Vec<Finding>), Failure> {
    let (entries, broken) = session.snapshot(|reading| audit::prove(reading, &mut |_| {}))?;
    let finding = |broken: audit::Broken| Finding {
        rule: "the audit is as it was written".to_owned(),
        what: format!("entry {}", broken.number),
        detail: broken.what,
        since: Some(broken.at),
    };
    Ok((entries, broken.into_iter().take(LISTED).map(finding).collect()))
}

/// Read the log as of one instant: what does not hold of its events, sealed or not.
pub fn verify_log(session: &mut Session) -> Result<Vec<Finding>, Failure> {
    let altered = session.snapshot(|reading| reading.altered_events(LISTED))?;
    let finding = |event: EventRow| Finding {
        rule: "every event is as it was written".to_owned(),
        what: event.event_id,
        detail: event.about,
        since: at(event.recorded_at),
    };
    Ok(altered.into_iter().map(finding).collect())
}

/// Read page by page, and let the other threads replay.
fn replay(reading: &Writing<'_>, program: &Program, told: &mut dyn FnMut(Progress)) -> Result<Seen, Failure> {
    let helpers = thread::available_parallelism().map_or(1, usize::from);
    let (pages, waiting) = sync_channel(PAGES_AHEAD);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        let work = || checked(&waiting, program);
        let threads: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let read = read_pages(reading, program, told, &mut |page| drop(pages.send(page)));
        drop(pages);
        let mut all = Seen::default();
        for thread in threads {
            match thread.join() {
                Ok(seen) => all.add(seen?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        read.map(|()| all)
    })
}

fn checked(waiting: &Mutex<Receiver<Page>>, program: &Program) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(page) = next else { return Ok(seen) };
        check(program, &page, &mut seen)?;
    }
}

fn read_pages(
    reading: &Writing<'_>,
    program: &Program,
    told: &mut dyn FnMut(Progress),
    hand: &mut dyn FnMut(Page),
) -> Result<(), Failure> {
    let id = program.head.id.as_str();
    let mut progress = Progress { accounts: reading.count_accounts(id)?, ..Progress::default() };
    let mut after = String::new();
    loop {
        let until = reading.owner_at(id, &after, PAGE)?;
        let page = Page {
            postings: reading.postings_between(id, &after, until.as_deref())?,
            accounts: reading.accounts_between(id, &after, until.as_deref())?,
            lots: reading.lots_between(id, &after, until.as_deref())?,
            members: reading.members_between(id, &after, until.as_deref())?,
        };
        progress.accounts_read += page.accounts.len() as u64;
        progress.postings_read += page.postings.len() as u64;
        hand(page);
        told(progress);
        match until {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// An instant out of a row, for a finding.
fn at(micros: i64) -> Option<Timestamp> {
    Some(instant(micros))
}
