//! Facts in, entries out: a simulation read and written line by line, and its entries in words.

use super::folder;
use super::place::Lines;
use crate::args::{Common, Facts, ProgramExplain, ProgramSimulate};
use crate::ended::Ended;
use crate::say;
use engine::design::rules_page::words_of;
use jiff::Timestamp;
use loyalty::explain::{explain as sentence, explain_note};
use loyalty::fact::{Event, Fact};
use loyalty::judge::Output;
use loyalty::ledger::Posting;
use loyalty::name::Name;
use loyalty::number::decimal;
use loyalty::program::{Lang, Program};
use loyalty::simulate::{Simulation, Told, read_events};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// `program simulate`
pub fn simulate(common: &Common, args: &ProgramSimulate) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    let lang = words_of(args.facts.lang);
    if let Some(path) = &args.out {
        let mut file = Lines::create(path)?;
        let mut lines = 0u64;
        each(&program, &args.facts, |_, _, told| {
            lines += 1;
            file.line(&line(&program, told, lang)?)
        })?;
        let place = file.keep()?;
        return say::result(common, &json!({"out": path, "lines": lines}), || {
            format!("{} lines are in {place}\n", say::count(lines))
        });
    }
    if common.json {
        let mut outputs: Vec<Value> = Vec::new();
        each(&program, &args.facts, |_, _, told| {
            outputs.push(document(&program, told, lang)?);
            Ok(())
        })?;
        return say::result(common, &json!({ "outputs": outputs }), String::new);
    }
    let mut text = String::new();
    let ended = each(&program, &args.facts, |_, _, told| {
        text += &line(&program, told, lang)?;
        text.push('\n');
        // Some pages at a time, so that a long simulation is seen while it runs and held nowhere.
        if text.len() > 1 << 16 { say::print(&std::mem::take(&mut text)) } else { Ok(()) }
    });
    // What came before a line that is no fact has happened.
    say::print(&text)?;
    ended
}

/// What is told as the document it is written as: its own fields, and for an entry the sentence that explains it.
fn document(program: &Program, told: &Told, lang: Lang) -> Result<Value, Ended> {
    let mut value = serde_json::to_value(told).map_err(|error| Ended::Failed(error.into()))?;
    let words = match told {
        Told::Output(output) => sentence(program, output, lang),
        Told::Note(note) => Some(explain_note(note, lang)),
    };
    if let (Some(words), Some(fields)) = (words, value.as_object_mut()) {
        fields.insert("explanation".to_owned(), words.into());
    }
    Ok(value)
}

fn line(program: &Program, told: &Told, lang: Lang) -> Result<String, Ended> {
    serde_json::to_string(&document(program, told, lang)?).map_err(|error| Ended::Failed(error.into()))
}

/// Run the facts through the program, and hand over each fact with what is told of it. A line that is no fact ends it.
pub fn each(
    program: &Program,
    facts: &Facts,
    mut told: impl FnMut(&Simulation, &Fact, &Told) -> Result<(), Ended>,
) -> Result<(), Ended> {
    let mut simulation = Simulation::new(program, facts.seed);
    for event in events(&facts.events)? {
        let event = event?;
        let fact = event.fact.clone();
        for one in simulation.take(event) {
            told(&simulation, &fact, &one)?;
        }
    }
    Ok(())
}

/// The facts of a file, or of standard input, read as they are asked for.
pub fn events(path: &Path) -> Result<impl Iterator<Item = Result<Event, Ended>> + use<>, Ended> {
    let shown = path.display().to_string();
    let reader: Box<dyn BufRead> = if shown == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        if path.is_dir() {
            return Err(Ended::Refused(format!("{shown} is a folder: name a file of facts, one a line")));
        }
        let file = File::open(path).map_err(|error| Ended::Refused(format!("{shown}: {error}")))?;
        Box::new(BufReader::with_capacity(1 << 18, file))
    };
    let name = if shown == "-" { "standard input".to_owned() } else { shown };
    let lines = reader.lines().enumerate();
    Ok(lines.filter_map(move |(place, line)| {
        let at = place + 1;
        let text = match line {
            Ok(text) => text,
            Err(error) => return Some(Err(Ended::Refused(format!("{name}:{at}: {error}")))),
        };
        let event = read_events(&text).next()?;
        Some(event.map_err(|bad| {
            Ended::Refused(format!(
                "{name}:{at}: {}; every line is one fact such as \
                 {{\"at\":\"2026-03-01T02:00:00Z\",\"type\":\"join\",\"member\":\"ana\"}}, see the manual's page on \
                 facts",
                bad.what
            ))
        }))
    }))
}

/// `program explain`
pub fn explain(common: &Common, args: &ProgramExplain) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    if let Some(wallet) = args.wallet.as_ref().filter(|wallet| program.wallet(wallet).is_none()) {
        let known: Vec<&str> = program.wallets.iter().map(|wallet| wallet.id.as_str()).collect();
        return Err(Ended::Refused(format!("there is no wallet '{wallet}'; known: {}", known.join(", "))));
    }
    let mut found = Explained::of(&program, args, common.json);
    let ended = each(&program, &args.facts, |simulation, fact, told| {
        found.note(simulation, fact, told);
        // Some pages at a time, as a simulation does.
        if found.text.len() > 1 << 16 { say::print(&std::mem::take(&mut found.text)) } else { Ok(()) }
    });
    if common.json {
        ended?;
        found.knows_what_was_asked()?;
        let document = json!({"entries": found.entries, "remarks": found.remarks});
        return say::result(common, &document, String::new);
    }
    say::print(&found.text)?;
    ended?;
    found.knows_what_was_asked()
}

/// What is explained so far: as data where a document was asked for, else in words.
struct Explained<'a> {
    program: &'a Program,
    args: &'a ProgramExplain,
    is_json: bool,
    balances: BTreeMap<(String, String), i64>,
    text: String,
    entries: Vec<Value>,
    remarks: Vec<Value>,
    knows_member: bool,
    knows_because: bool,
}

impl<'a> Explained<'a> {
    fn of(program: &'a Program, args: &'a ProgramExplain, is_json: bool) -> Explained<'a> {
        Explained {
            program,
            args,
            is_json,
            balances: BTreeMap::new(),
            text: String::new(),
            entries: Vec::new(),
            remarks: Vec::new(),
            knows_member: args.member.is_none(),
            knows_because: args.because.is_none(),
        }
    }

    fn note(&mut self, simulation: &Simulation, fact: &Fact, told: &Told) {
        let member = simulation.member_of(fact).map_or("", Name::as_str);
        self.knows_because |= self.args.because.as_deref().is_some_and(|asked| fact.id() == *asked);
        if let Some(asked) = &self.args.member {
            self.knows_member |= simulation.books().members.contains_key(asked.as_str());
        }
        match told {
            Told::Output(output @ Output::Posted { member, wallet, posting, .. }) => {
                self.entry(output, member.as_str(), wallet.as_str(), posting);
            }
            Told::Output(output @ Output::Refused { id, code, why }) => {
                let lang = words_of(self.args.facts.lang);
                let words = sentence(self.program, output, lang).unwrap_or_default();
                self.remark(simulation.now(), member, id, ("refused", code.as_str(), why), &words);
            }
            Told::Note(note) => {
                let words = explain_note(note, words_of(self.args.facts.lang));
                self.remark(simulation.now(), member, &note.id, ("note", note.code, &note.why), &words);
            }
            Told::Output(output @ Output::Benefit { id, .. }) => {
                let words =
                    sentence(self.program, output, words_of(self.args.facts.lang)).unwrap_or_default();
                self.remark(simulation.now(), member, id, ("benefit", "benefit", &words), &words);
            }
            Told::Output(_) => {}
        }
    }

    fn is_asked(asked: &Option<String>, is: &str) -> bool {
        asked.as_deref().is_none_or(|asked| asked == is)
    }

    fn entry(&mut self, output: &Output, member: &str, wallet: &str, posting: &Posting) {
        let args = self.args;
        let balance = self.balances.entry((member.to_owned(), wallet.to_owned())).or_default();
        *balance += posting.change();
        self.knows_because |= args.because.as_deref() == Some(posting.cause.id.as_str());
        if !Self::is_asked(&args.member, member)
            || !Self::is_asked(&args.wallet, wallet)
            || !Self::is_asked(&args.because, posting.cause.id.as_str())
        {
            return;
        }
        let words = sentence(self.program, output, words_of(args.facts.lang)).unwrap_or_default();
        let working = match output {
            Output::Posted { working, .. } => working.as_ref(),
            _ => None,
        };
        if self.is_json {
            return self.entries.push(json!({
                "at": posting.at, "member": member, "wallet": wallet, "number": posting.number,
                "kind": posting.kind, "cause": posting.cause, "change": posting.change(), "balance": *balance,
                "working": working, "explanation": words,
            }));
        }
        let place = self.program.wallet(wallet).unwrap_or(0);
        let digits = |units: i64| decimal(units, self.program.wallets[place].precision);
        let sign = if posting.change() > 0 { "+" } else { "" };
        let (change, after) = (digits(posting.change()), digits(*balance));
        let at = self.clock(posting.at);
        self.text += &format!("{at}  {member}  {sign}{change} = {after}  {words}\n");
    }

    /// A refusal or a note: no points moved, so it belongs to no wallet.
    fn remark(&mut self, at: Timestamp, member: &str, id: &Name, said: (&str, &str, &str), words: &str) {
        let args = self.args;
        let is_asked = Self::is_asked(&args.member, member) && Self::is_asked(&args.because, id.as_str());
        if !is_asked || args.wallet.is_some() {
            return;
        }
        if self.is_json {
            let (kind, code, why) = said;
            return self.remarks.push(json!({
                "at": at, "member": member, "id": id, "kind": kind, "code": code, "why": why,
                "explanation": words,
            }));
        }
        let at = self.clock(at);
        let who = if member.is_empty() { "-" } else { member };
        self.text += &format!("{at}  {who}  {id}: {words}\n");
    }

    fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.program.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// What was asked for and never came is more likely a slip than an answer.
    fn knows_what_was_asked(&self) -> Result<(), Ended> {
        let path = self.args.facts.events.display();
        if let Some(member) = self.args.member.as_ref().filter(|_| !self.knows_member) {
            return Err(Ended::Refused(format!("{path}: nobody called '{member}' joins: check --member")));
        }
        if let Some(because) = self.args.because.as_ref().filter(|_| !self.knows_because) {
            return Err(Ended::Refused(format!("{path}: no fact has the id '{because}': check --because")));
        }
        Ok(())
    }
}
