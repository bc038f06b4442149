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

use super::rows::{Line, Problems, Table};
use super::{Problem, Stopped};
use crate::people::consents::{Said, check};
use crate::people::profile::checked;
use crate::record::program::InForce;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use loyalty::program::Program;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Everything the files hold.
#[derive(Debug, Default)]
pub struct Book {
    /// Members, in the order of their file.
    pub members: Vec<Member>,
    /// Gift cards: code and minor units.
    pub gift_cards: Vec<(String, i64)>,
    /// What the old system says each member has: member's place, wallet's place, smallest units.
    pub balances: Vec<(usize, usize, i64)>,
    /// Sums the old system says.
    pub totals: BTreeMap<String, i64>,
    /// Places of members by the old system's key.
    pub(super) places: HashMap<String, usize>,
}

/// A member as the old system knows them.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Member {
    /// The old system's key.
    pub key: String,
    /// Line in `members.csv`; not part of what they are.
    #[serde(skip)]
    pub line: u64,
    /// When they joined.
    pub joined_on: Date,
    /// When they were last active.
    pub last_active_on: Option<Date>,
    /// Identifiers beside the key: kind and value, as written.
    pub keys: Vec<(String, String)>,
    /// The line of each of them in its file; not part of what they are.
    #[serde(skip)]
    pub key_lines: Vec<u64>,
    /// What is known of them.
    pub fields: BTreeMap<String, String>,
    /// The shop's own attributes.
    pub attributes: BTreeMap<String, String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Points with their dates.
    pub lots: Vec<Lot>,
    /// Tiers: ladder's place, tier's place, first day, day of the end (exclusive).
    pub tiers: Vec<(usize, usize, Date, Option<Date>)>,
    /// What counts on a ladder: its place, day, units.
    pub progress: Vec<(usize, Date, i64)>,
    /// Vouchers.
    pub vouchers: Vec<Voucher>,
    /// Consents.
    pub consents: Vec<Consent>,
}

/// Points earned together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lot {
    /// The wallet's place.
    pub wallet: usize,
    /// Smallest units.
    pub units: i64,
    /// When they were earned.
    pub earned_at: Timestamp,
    /// When they can be used, where that is later.
    pub usable_from: Option<Timestamp>,
    /// When they end, exclusive.
    pub expires_at: Option<Timestamp>,
    /// The old system's word for where they come from.
    pub reference: String,
}

/// A voucher that can still be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voucher {
    /// Its code.
    pub code: String,
    /// The reward.
    pub reward: String,
    /// The end, exclusive.
    pub ends_at: Timestamp,
    /// How often it can be used.
    pub uses_left: i64,
    /// Money off, minor units.
    pub value_minor: i64,
}

/// A consent with the proof there is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Consent {
    /// What was said.
    pub said: Said,
    /// Where it was said, in the old system's words.
    pub source: String,
    /// Line in `consents.csv`; not part of what was said.
    #[serde(skip)]
    pub line: u64,
}

/// Read the files of a folder.
pub fn read(folder: &Path, in_force: Option<&InForce>, now: Timestamp) -> Result<Book, Stopped> {
    Reading::new(in_force, now).all(folder, true)
}

/// Read the files of a folder for a comparison: `members.csv` may be missing, and members are those that are named.
pub fn read_to_compare(folder: &Path, in_force: Option<&InForce>, now: Timestamp) -> Result<Book, Stopped> {
    Reading::new(in_force, now).all(folder, false)
}

struct Reading<'a> {
    program: Option<&'a Program>,
    zone: TimeZone,
    now: Timestamp,
    today: Date,
    book: Book,
    problems: Problems,
    codes: HashSet<String>,
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
    fn of(&mut self, line: &Line<'_>, problems: &mut Problems) -> Option<usize> {
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

    fn start(&self, day: Date) -> Timestamp {
        loyalty::time::start_of(day, &self.zone)
    }

    /// The instant after the last day on which something can be used; refused where that has passed.
    fn end(&self, line: &Line<'_>, problems: &mut Problems) -> Result<Option<Timestamp>, ()> {
        let Some(day) = line.day("valid_until", problems)? else { return Ok(None) };
        let end = self.start(day.tomorrow().map_err(drop)?);
        if self.must_be_known && end <= self.now {
            problems.add(line.problem("valid_until", "this has ended already: leave the row out"));
            return Err(());
        }
        Ok(Some(end))
    }

    fn past(&self, line: &Line<'_>, column: &str, day: Date, problems: &mut Problems) -> Option<Date> {
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

    /// The place and precision of a wallet of the program.
    fn wallet(&self, line: &Line<'_>, problems: &mut Problems) -> Option<(usize, u32)> {
        let name = line.needed("wallet", problems)?;
        let program = self.needs_program(line, "wallet", problems)?;
        let place = program.wallet(&name);
        if place.is_none() {
            let known: Vec<&str> = program.wallets.iter().map(|wallet| wallet.id.as_str()).collect();
            problems.add(
                line.problem(
                    "wallet",
                    &format!("the program has no such wallet; known: {}", known.join(", ")),
                ),
            );
        }
        place.map(|place| (place, program.wallets[place].precision))
    }

    fn needs_program(&self, line: &Line<'_>, column: &str, problems: &mut Problems) -> Option<&'a Program> {
        if self.program.is_none() {
            problems.add(line.problem(column, "this belongs to a program: name it with --program"));
        }
        self.program
    }

    fn lot(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, wallet) = (self.of(line, problems), self.wallet(line, problems));
        let (Some(place), Some((wallet, precision))) = (place, wallet) else { return };
        let units = line.units("points", precision, problems);
        let earned_on = line.needed_day("earned_on", problems);
        let earned_on = earned_on.and_then(|day| self.past(line, "earned_on", day, problems));
        let usable_from = line.day("usable_from", problems);
        let expires_at = self.end(line, problems);
        let (Some(units), Some(earned_on), Ok(usable_from), Ok(expires_at)) =
            (units, earned_on, usable_from, expires_at)
        else {
            return;
        };
        if units == 0 {
            return problems.add(line.problem("points", "no points: leave the row out"));
        }
        let lot = Lot {
            wallet,
            units,
            earned_at: self.start(earned_on),
            usable_from: usable_from.map(|day| self.start(day)).filter(|from| *from > self.now),
            expires_at,
            reference: line.text("reference").to_owned(),
        };
        self.book.members[place].lots.push(lot);
    }

    fn ladder(&self, line: &Line<'_>, problems: &mut Problems) -> Option<(&'a Program, usize)> {
        let name = line.needed("ladder", problems)?;
        let program = self.needs_program(line, "ladder", problems)?;
        let place = program.ladders.iter().position(|ladder| ladder.id == *name.as_str());
        if place.is_none() {
            let known: Vec<&str> = program.ladders.iter().map(|ladder| ladder.id.as_str()).collect();
            problems.add(
                line.problem(
                    "ladder",
                    &format!("the program has no such ladder; known: {}", known.join(", ")),
                ),
            );
        }
        place.map(|place| (program, place))
    }

    fn tier(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, ladder) = (self.of(line, problems), self.ladder(line, problems));
        let (Some(place), Some((program, ladder))) = (place, ladder) else { return };
        let tiers = &program.ladders[ladder].tier;
        let Some(level) = tiers.iter().position(|tier| tier.id == *line.text("tier")) else {
            let known: Vec<&str> = tiers.iter().map(|tier| tier.id.as_str()).collect();
            return problems.add(
                line.problem("tier", &format!("the ladder has no such tier; known: {}", known.join(", "))),
            );
        };
        let since = line.needed_day("since", problems);
        let Some(since) = since.and_then(|day| self.past(line, "since", day, problems)) else { return };
        if self.end(line, problems).is_err() {
            return;
        }
        let Ok(until) = line.day("valid_until", problems) else { return };
        let member = &mut self.book.members[place];
        if member.tiers.iter().any(|known| known.0 == ladder) {
            return problems.add(line.problem("ladder", "this member has a tier on this ladder already"));
        }
        member.tiers.push((ladder, level, since, until.and_then(|day| day.tomorrow().ok())));
    }

    fn progress(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, ladder) = (self.of(line, problems), self.ladder(line, problems));
        let (Some(place), Some((program, ladder))) = (place, ladder) else { return };
        let scale = progress_scale(program, ladder);
        let (Some(day), Some(units)) =
            (line.needed_day("day", problems), line.units("counted", scale, problems))
        else {
            return;
        };
        let Some(day) = self.past(line, "day", day, problems) else { return };
        self.book.members[place].progress.push((ladder, day, units));
    }

    fn voucher(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (Some(place), Some(code)) = (self.of(line, problems), line.needed("code", problems)) else {
            return;
        };
        let Some(program) = self.needs_program(line, "reward", problems) else { return };
        let Some(reward) = program.rewards.iter().find(|reward| reward.id == *line.text("reward")) else {
            let known: Vec<&str> = program.rewards.iter().map(|reward| reward.id.as_str()).collect();
            return problems.add(
                line.problem(
                    "reward",
                    &format!("the program has no such reward; known: {}", known.join(", ")),
                ),
            );
        };
        let Ok(end) = self.end(line, problems) else { return };
        let Some(ends_at) = end else {
            return problems.add(line.problem("valid_until", "this must not be empty"));
        };
        if !self.codes.insert(code.clone()) {
            return problems.add(line.problem("code", "this code is there twice"));
        }
        let uses_left = match line.text("uses_left") {
            "" => Some(1),
            _ => line.units("uses_left", 0, problems).filter(|uses| *uses > 0),
        };
        let value_minor = match line.text("value") {
            "" => Some(reward.value.and_then(|value| value.units(program.decimals())).unwrap_or(0)),
            _ => line.units("value", program.decimals(), problems),
        };
        let (Some(uses_left), Some(value_minor)) = (uses_left, value_minor) else { return };
        let voucher = Voucher { code, reward: reward.id.to_string(), ends_at, uses_left, value_minor };
        self.book.members[place].vouchers.push(voucher);
    }

    fn gift_card(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let Some(code) = line.needed("code", problems) else { return };
        let Some(program) = self.needs_program(line, "code", problems) else { return };
        let Some(minor) = line.units("balance", program.decimals(), problems) else { return };
        if !self.codes.insert(code.clone()) {
            return problems.add(line.problem("code", "this code is there twice"));
        }
        self.book.gift_cards.push((code, minor));
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

    fn balance(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, wallet) = (self.of(line, problems), self.wallet(line, problems));
        let (Some(place), Some((wallet, precision))) = (place, wallet) else { return };
        if let Some(units) = line.units("points", precision, problems) {
            self.book.balances.push((place, wallet, units));
        }
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

/// Decimals of what a ladder counts.
pub(super) fn progress_scale(program: &Program, ladder: usize) -> u32 {
    use loyalty::program::spec::Counted;
    let ladder = &program.ladders[ladder];
    match ladder.counts {
        Counted::Points => {
            let wallet = ladder.wallet.as_ref().and_then(|wallet| program.wallet(wallet.as_str()));
            wallet.map_or(0, |wallet| program.wallets[wallet].precision)
        }
        Counted::Spend => program.decimals(),
        Counted::Orders | Counted::Visits => 0,
    }
}
