//! The files of a take-over, read and checked whole. Every file but `members.csv` may be missing.
//!
//! | file | columns (those in brackets may be missing) |
//! |---|---|
//! | `members.csv` | member, joined_on, \[name, family_name, given_name, phone, email, birthday, language, country, last_active_on, tags, `attribute.…`, `field.…`\] |
//! | `cards.csv` | member, card_number |
//! | `lots.csv` | member, wallet, points, earned_on, \[valid_until, usable_from, reference\] |
//! | `tiers.csv` | member, ladder, tier, since, \[valid_until\] |
//! | `progress.csv` | member, ladder, day, counted |
//! | `vouchers.csv` | code, member, reward, valid_until, \[uses_left, value\] |
//! | `gift_cards.csv` | code, balance |
//! | `consents.csv` | member, channel, purpose, status, at, \[address, text_version, language, source, evidence, valid_until\] |
//! | `balances.csv` | member, wallet, points: what the old system itself says each member has |
//! | `totals.csv` | what, total: `members`, `cards`, `vouchers`, `gift_cards`, `gift_card_value`, `consents`, `points.WALLET` |
//!
//! `valid_until` is the last day on which something can be used. Days are `YYYY-MM-DD` of the program's zone.

use super::book::{Book, Consent, Member};
use super::rows::{Line, Problems, Table};
use super::{Problem, Stopped};
use crate::people::consents::{Said, check};
use crate::people::profile::checked;
use crate::record::program::InForce;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use loyalty::program::Program;
use std::collections::HashSet;
use std::path::Path;

/// Read the files of a folder.
pub fn read(folder: &Path, in_force: Option<&InForce>, now: Timestamp) -> Result<Book, Stopped> {
    Reading::new(in_force, now).all(folder, true)
}

/// Read the files of a folder for a comparison: `members.csv` may be missing, and members are those that are named.
pub fn read_to_compare(folder: &Path, in_force: Option<&InForce>, now: Timestamp) -> Result<Book, Stopped> {
    Reading::new(in_force, now).all(folder, false)
}

pub(super) struct Reading<'a> {
    pub(super) program: Option<&'a Program>,
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    today: Date,
    pub(super) book: Book,
    problems: Problems,
    pub(super) codes: HashSet<String>,
    must_be_known: bool,
}

const MEMBER: &[&str] = &[
    "name",
    "family_name",
    "given_name",
    "phone",
    "email",
    "birthday",
    "language",
    "country",
    "last_active_on",
    "tags",
];

impl<'a> Reading<'a> {
    fn new(in_force: Option<&'a InForce>, now: Timestamp) -> Reading<'a> {
        let program = in_force.map(|in_force| &in_force.program);
        let zone = program.map_or(TimeZone::UTC, |program| program.zone.clone());
        Reading {
            program,
            today: now.to_zoned(zone.clone()).date(),
            zone,
            now,
            book: Book::default(),
            problems: Problems::default(),
            codes: HashSet::new(),
            must_be_known: true,
        }
    }

    fn all(mut self, folder: &Path, must_be_known: bool) -> Result<Book, Stopped> {
        self.must_be_known = must_be_known;
        self.file(folder, "members.csv", &["member", "joined_on"], MEMBER, Reading::member)?;
        if must_be_known && self.book.members.is_empty() && self.problems.all.is_empty() {
            return Err(Stopped::Refused(format!(
                "{} holds no members.csv with members: a take-over begins with them",
                folder.display()
            )));
        }
        self.file(folder, "cards.csv", &["member", "card_number"], &[], Reading::card)?;
        let known = ["valid_until", "usable_from", "reference"];
        self.file(folder, "lots.csv", &["member", "wallet", "points", "earned_on"], &known, Reading::lot)?;
        self.file(
            folder,
            "tiers.csv",
            &["member", "ladder", "tier", "since"],
            &["valid_until"],
            Reading::tier,
        )?;
        self.file(folder, "progress.csv", &["member", "ladder", "day", "counted"], &[], Reading::progress)?;
        let needed = ["code", "member", "reward", "valid_until"];
        self.file(folder, "vouchers.csv", &needed, &["uses_left", "value"], Reading::voucher)?;
        self.file(folder, "gift_cards.csv", &["code", "balance"], &[], Reading::gift_card)?;
        let needed = ["member", "channel", "purpose", "status", "at"];
        let known = ["address", "text_version", "language", "source", "evidence", "valid_until"];
        self.file(folder, "consents.csv", &needed, &known, Reading::consent)?;
        self.file(folder, "balances.csv", &["member", "wallet", "points"], &[], Reading::balance)?;
        self.file(folder, "totals.csv", &["what", "total"], &[], Reading::total)?;
        if self.problems.all.is_empty() { Ok(self.book) } else { Err(Stopped::Problems(self.problems.all)) }
    }

    fn file(
        &mut self,
        folder: &Path,
        name: &str,
        needed: &[&str],
        known: &[&str],
        on: fn(&mut Reading<'a>, &Table<'_>, &Line<'_>, &mut Problems),
    ) -> Result<(), Stopped> {
        let path = folder.join(name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                let path = path.display().to_string();
                return Err(store::Failure::Io { path, source: error.into() }.into());
            }
        };
        let mut problems = std::mem::take(&mut self.problems);
        match String::from_utf8(bytes) {
            Ok(text) => {
                if let Some(table) = Table::open(name, &text, needed, known, &mut problems) {
                    table.each(&mut problems, |line, problems| on(self, &table, line, problems));
                }
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
                let reason = "not UTF-8 from here on: save the file as CSV UTF-8".to_owned();
                problems.add(Problem {
                    file: name.into(),
                    line,
                    column: String::new(),
                    value: String::new(),
                    reason,
                });
            }
        }
        self.problems = problems;
        Ok(())
    }

    /// The place of the member a row names.
    pub(super) fn of(&mut self, line: &Line<'_>, problems: &mut Problems) -> Option<usize> {
        let key = line.needed("member", problems)?;
        if let Some(place) = self.book.places.get(&key) {
            return Some(*place);
        }
        if self.must_be_known {
            problems.add(line.problem("member", "no such member in members.csv"));
            return None;
        }
        self.book.members.push(Member { key: key.clone(), line: line.number(), ..Member::default() });
        self.book.places.insert(key, self.book.members.len() - 1);
        Some(self.book.members.len() - 1)
    }

    pub(super) fn start(&self, day: Date) -> Timestamp {
        loyalty::time::start_of(day, &self.zone)
    }

    /// The instant after the last day on which something can be used; refused where that has passed.
    pub(super) fn end(&self, line: &Line<'_>, problems: &mut Problems) -> Result<Option<Timestamp>, ()> {
        let Some(day) = line.day("valid_until", problems)? else { return Ok(None) };
        let end = self.start(day.tomorrow().map_err(drop)?);
        if self.must_be_known && end <= self.now {
            problems.add(line.problem("valid_until", "this has ended already: leave the row out"));
            return Err(());
        }
        Ok(Some(end))
    }

    pub(super) fn past(
        &self,
        line: &Line<'_>,
        column: &str,
        day: Date,
        problems: &mut Problems,
    ) -> Option<Date> {
        if day > self.today {
            problems.add(line.problem(column, &format!("this day has not come: today is {}", self.today)));
            return None;
        }
        Some(day)
    }

    fn member(&mut self, table: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (Some(key), Some(joined_on)) =
            (line.needed("member", problems), line.needed_day("joined_on", problems))
        else {
            return;
        };
        let Some(joined_on) = self.past(line, "joined_on", joined_on, problems) else { return };
        if let Some(place) = self.book.places.get(&key) {
            let before = self.book.members[*place].line;
            return problems.add(line.problem("member", &format!("this member is in line {before} already")));
        }
        let Ok(last_active_on) = line.day("last_active_on", problems) else { return };
        let mut member =
            Member { key: key.clone(), line: line.number(), joined_on, last_active_on, ..Member::default() };
        for kind in ["phone", "email"] {
            if !line.text(kind).is_empty() {
                member.keys.push((kind.to_owned(), line.text(kind).to_owned()));
                member.key_lines.push(line.number());
            }
        }
        let named = ["name", "family_name", "given_name", "birthday", "language", "country"];
        let fields = named.into_iter().map(|name| (name, name)).chain(table.own("field."));
        for (column, field) in fields.filter(|(column, _)| !line.text(column).is_empty()) {
            match checked(field, line.text(column)) {
                Ok(value) => drop(member.fields.insert(field.to_owned(), value)),
                Err(refused) => problems.add(line.problem(column, &refused.to_string())),
            }
        }
        for (column, name) in table.own("attribute.").filter(|(column, _)| !line.text(column).is_empty()) {
            member.attributes.insert(name.to_owned(), line.text(column).to_owned());
        }
        let tags = line.text("tags").split('|').map(str::trim).filter(|tag| !tag.is_empty());
        member.tags = tags.map(str::to_owned).collect();
        self.book.places.insert(key, self.book.members.len());
        self.book.members.push(member);
    }

    fn card(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (Some(place), Some(card)) = (self.of(line, problems), line.needed("card_number", problems))
        else {
            return;
        };
        let member = &mut self.book.members[place];
        member.keys.push(("card_number".to_owned(), card));
        member.key_lines.push(line.number());
    }

    pub(super) fn needs_program(
        &self,
        line: &Line<'_>,
        column: &str,
        problems: &mut Problems,
    ) -> Option<&'a Program> {
        if self.program.is_none() {
            problems.add(line.problem(column, "this belongs to a program: name it with --program"));
        }
        self.program
    }

    fn consent(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let Some(place) = self.of(line, problems) else { return };
        let at = line.instant("at", |day| self.start(day), problems);
        let expires_at = line.day("valid_until", problems);
        let (Ok(at), Ok(expires_at)) = (at, expires_at) else { return };
        let Some(at) = at else { return problems.add(line.problem("at", "this must not be empty")) };
        let mut evidence = serde_json::Map::new();
        if !line.text("evidence").is_empty() {
            evidence.insert("said".into(), line.text("evidence").into());
        }
        evidence.insert("file".into(), format!("consents.csv line {}", line.number()).into());
        let or_none = |column: &str| Some(line.text(column).to_owned()).filter(|text| !text.is_empty());
        let said = Said {
            channel: line.text("channel").to_owned(),
            purpose: line.text("purpose").to_owned(),
            status: line.text("status").to_owned(),
            address: or_none("address"),
            // What the old system did not keep is said to be unknown, and proves accordingly little.
            text_version: or_none("text_version").unwrap_or_else(|| "unknown".to_owned()),
            language: line.text("language").to_owned(),
            evidence: evidence.into(),
            happened_at: Some(at),
            expires_at: expires_at.and_then(|day| day.tomorrow().ok()).map(|day| self.start(day)),
            ..Said::default()
        };
        if let Err(refused) = check(&said) {
            let column = if matches!(said.status.as_str(), "granted" | "denied" | "withdrawn" | "pending") {
                "channel"
            } else {
                "status"
            };
            return problems.add(line.problem(column, &refused.to_string()));
        }
        let source = or_none("source").unwrap_or_else(|| "takeover".to_owned());
        self.book.members[place].consents.push(Consent { said, source, line: line.number() });
    }

    fn total(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let Some(what) = line.needed("what", problems) else { return };
        let scale = match (what.strip_prefix("points."), self.program) {
            (Some(wallet), Some(program)) => {
                program.wallet(wallet).map(|place| program.wallets[place].precision)
            }
            (None, program) if what == "gift_card_value" => program.map(Program::decimals),
            (None, _)
                if ["members", "cards", "vouchers", "gift_cards", "consents"].contains(&what.as_str()) =>
            {
                Some(0)
            }
            _ => None,
        };
        let Some(scale) = scale else {
            let reason = "unknown; known: members, cards, vouchers, gift_cards, gift_card_value, consents, points.WALLET";
            return problems.add(line.problem("what", reason));
        };
        if let Some(units) = line.units("total", scale, problems) {
            self.book.totals.insert(what, units);
        }
    }
}
