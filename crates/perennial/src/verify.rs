//! Everything we keep, proven: the state, the record of every program, the audit, the log, the lake.

use crate::args::Common;
use crate::ended::Ended;
use crate::home::{Home, shop_of};
use crate::program::in_force;
use crate::progress::Progress;
use crate::say::{self, count};
use analytics::lake::DeltaLake;
use engine::record::verify::{verify_audit, verify_log, verify_told};
use engine::record::verify_lake::verify_lake;
use serde::Serialize;
use store::Store;

/// Something that does not hold.
#[derive(Debug, Serialize)]
pub struct Wrong {
    /// Where: `state`, `record`, `audit`, `log`, `lake`.
    part: &'static str,
    /// What must hold and does not.
    rule: String,
    /// For what.
    what: String,
    /// What was found there.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Since when, where the rows tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

impl Wrong {
    fn words(&self) -> String {
        let mut text = format!("{}: {}", self.rule, self.what);
        if !self.detail.is_empty() {
            text += &format!(" ({})", self.detail);
        }
        if let Some(since) = &self.since {
            text += &format!(", since {since}");
        }
        text
    }
}

/// What was looked at, and what does not hold.
#[derive(Debug, Default, Serialize)]
pub struct Proof {
    /// Whether everything holds.
    pub is_sound: bool,
    /// Programs whose record was replayed.
    pub programs: u64,
    /// Owners of points.
    pub owners: u64,
    /// Entries of the ledger that were replayed.
    pub postings: u64,
    /// Members whose state was compared.
    pub members: u64,
    /// Entries of the audit.
    pub audit: u64,
    /// What does not hold.
    pub findings: Vec<Wrong>,
}

impl Proof {
    /// In words.
    pub fn words(&self) -> String {
        let mut text = String::new();
        if self.programs > 0 {
            text += &format!(
                "{} entries of {} owners and {} members replayed\n",
                count(self.postings),
                count(self.owners),
                count(self.members)
            );
        }
        match self.is_sound {
            true => text + "all is sound\n",
            false => self.findings.iter().fold(text, |text, wrong| text + &wrong.words() + "\n"),
        }
    }

    /// That everything holds, or the failure to end with.
    pub fn sound(&self) -> Result<(), Ended> {
        if self.is_sound {
            return Ok(());
        }
        Err(Ended::Failed(anyhow::anyhow!("{} findings", self.findings.len())))
    }
}

/// `perennial verify`
pub fn run(common: &Common) -> Result<(), Ended> {
    let home = Home::open_to_read(common)?;
    let proof = prove(&home.store, &home.lake, common.quiet)?;
    say::result(common, &proof, || proof.words())?;
    proof.sound()
}

/// Prove everything. Reads all there is, changes nothing.
pub fn prove(store: &Store, lake: &DeltaLake, is_silent: bool) -> Result<Proof, Ended> {
    let mut proof = Proof::default();
    let mut progress = Progress::new(is_silent);
    progress.at("looking through the state", 0, 0, 0);
    proof.findings.extend(store.verify()?.into_iter().map(|finding| Wrong {
        part: "state",
        rule: finding.rule,
        what: finding.what,
        detail: String::new(),
        since: None,
    }));
    let mut session = store.sessions().open_read_only()?;
    for in_force in in_force::all(&session)? {
        let report = verify_told(&mut session, &in_force.program, &mut |at| {
            progress.at("replaying the ledger", at.accounts_read, at.accounts, at.postings_read);
        })?;
        proof.programs += 1;
        proof.owners += report.owners;
        proof.postings += report.postings;
        proof.members += report.members;
        proof.findings.extend(report.findings.into_iter().map(|finding| of_record("record", finding)));
    }
    let (entries, broken) = verify_audit(&mut session)?;
    proof.audit = entries;
    proof.findings.extend(broken.into_iter().map(|finding| of_record("audit", finding)));
    progress.at("reading the log", 0, 0, 0);
    let altered = verify_log(&mut session)?;
    proof.findings.extend(altered.into_iter().map(|finding| of_record("log", finding)));
    progress.at("reading the lake", 0, 0, 0);
    let damages = lake.damages()?;
    // Files that cannot be read cannot be held against the log either.
    let is_readable = damages.is_empty();
    proof.findings.extend(damages.into_iter().map(|what| Wrong {
        part: "lake",
        rule: "every file of the lake can be read".to_owned(),
        what,
        detail: String::new(),
        since: None,
    }));
    if is_readable {
        let mut keys = |table, each: &mut dyn FnMut(u128)| lake.log_keys(table, each);
        let differences = verify_lake(&mut session, &shop_of(store)?, &mut keys)?;
        proof.findings.extend(differences.into_iter().map(|finding| of_record("lake", finding)));
    }
    progress.clear();
    proof.is_sound = proof.findings.is_empty();
    Ok(proof)
}

fn of_record(part: &'static str, finding: engine::record::verify::Finding) -> Wrong {
    let engine::record::verify::Finding { rule, what, detail, since } = finding;
    Wrong { part, rule, what, detail, since: since.map(|at| at.to_string()) }
}
