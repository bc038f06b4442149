//! Facts in, entries out: a simulation read and written line by line, and its entries in words.

use super::{folder, lang_of};
use crate::args::{Common, Facts, ProgramExplain, ProgramSimulate};
use crate::ended::Ended;
use crate::say;
use loyalty::explain::explain as sentence;
use loyalty::fact::Event;
use loyalty::judge::Output;
use loyalty::number::decimal;
use loyalty::program::{Lang, Program};
use loyalty::simulate as engine;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// `program simulate`
pub fn simulate(common: &Common, args: &ProgramSimulate) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    let lang = lang_of(args.facts.lang);
    if let Some(path) = &args.out {
        let mut file = Beside::create(path)?;
        let mut lines = 0u64;
        each(&program, &args.facts, |output| {
            lines += 1;
            file.line(&line(&program, output, lang)?)
        })?;
        file.keep()?;
        return say::result(common, &json!({"out": path, "lines": lines}), || {
            format!("{} lines are in {}\n", say::count(lines), path.display())
        });
    }
    if common.json {
        let mut outputs: Vec<Value> = Vec::new();
        each(&program, &args.facts, |output| {
            outputs.push(document(&program, output, lang)?);
            Ok(())
        })?;
        return say::result(common, &json!({ "outputs": outputs }), String::new);
    }
    let mut text = String::new();
    let ended = each(&program, &args.facts, |output| {
        text += &line(&program, output, lang)?;
        text.push('\n');
        // Some pages at a time, so that a long simulation is seen while it runs and held nowhere.
        if text.len() > 1 << 16 { say::print(&std::mem::take(&mut text)) } else { Ok(()) }
    });
    // What came before a line that is no fact has happened.
    say::print(&text)?;
    ended
}

/// An output as the document it is written as: its own fields, and for an entry the sentence that explains it.
fn document(program: &Program, output: &Output, lang: Lang) -> Result<Value, Ended> {
    let mut value = serde_json::to_value(output).map_err(|error| Ended::Failed(error.into()))?;
    if let (Some(words), Some(fields)) = (sentence(program, output, lang), value.as_object_mut()) {
        fields.insert("explanation".to_owned(), words.into());
    }
    Ok(value)
}

fn line(program: &Program, output: &Output, lang: Lang) -> Result<String, Ended> {
    serde_json::to_string(&document(program, output, lang)?).map_err(|error| Ended::Failed(error.into()))
}

/// Run the facts through the program, and hand over each output. A line that is no fact ends it.
pub fn each(
    program: &Program,
    facts: &Facts,
    mut told: impl FnMut(&Output) -> Result<(), Ended>,
) -> Result<(), Ended> {
    let stopped = RefCell::new(None);
    let events =
        events(&facts.events)?.map_while(|event| event.map_err(|ended| stopped.replace(Some(ended))).ok());
    for output in engine::simulate(program, facts.seed, events) {
        told(&output)?;
    }
    match stopped.take() {
        Some(ended) => Err(ended),
        None => Ok(()),
    }
}

/// The facts of a file, or of standard input, read as they are asked for.
pub fn events(path: &Path) -> Result<impl Iterator<Item = Result<Event, Ended>> + use<>, Ended> {
    let shown = path.display().to_string();
    let reader: Box<dyn BufRead> = if shown == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
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
        let event = engine::read_events(&text).next()?;
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

/// A file that appears whole or not at all.
struct Beside {
    beside: std::path::PathBuf,
    path: std::path::PathBuf,
    file: BufWriter<File>,
}

impl Beside {
    fn create(path: &Path) -> Result<Beside, Ended> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, error))?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = std::path::PathBuf::from(beside);
        let file = File::create(&beside).map_err(|error| cannot_write(path, error))?;
        Ok(Beside { beside, path: path.to_owned(), file: BufWriter::with_capacity(1 << 18, file) })
    }

    fn line(&mut self, line: &str) -> Result<(), Ended> {
        writeln!(self.file, "{line}").map_err(|error| cannot_write(&self.path, error))
    }

    fn keep(mut self) -> Result<(), Ended> {
        self.file.flush().map_err(|error| cannot_write(&self.path, error))?;
        std::fs::rename(&self.beside, &self.path).map_err(|error| cannot_write(&self.path, error))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // What was kept has another name by now; what was not is worth nothing.
        let _ = std::fs::remove_file(&self.beside);
    }
}

fn cannot_write(path: &Path, error: std::io::Error) -> Ended {
    Ended::Failed(anyhow::Error::new(error).context(format!(
        "cannot write {}: check that the folder exists, is writable and has space",
        path.display()
    )))
}

/// `program explain`
pub fn explain(common: &Common, args: &ProgramExplain) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    let lang = lang_of(args.facts.lang);
    if let Some(wallet) = args.wallet.as_ref().filter(|wallet| program.wallet(wallet).is_none()) {
        let known: Vec<&str> = program.wallets.iter().map(|wallet| wallet.id.as_str()).collect();
        return Err(Ended::Refused(format!("there is no wallet '{wallet}'; known: {}", known.join(", "))));
    }
    let mut balances: BTreeMap<(String, String), i64> = BTreeMap::new();
    let (mut entries, mut text) = (Vec::new(), String::new());
    let ended = each(&program, &args.facts, |output| {
        let Output::Posted { member, wallet, posting, working } = output else { return Ok(()) };
        let balance = balances.entry((member.to_string(), wallet.to_string())).or_default();
        *balance += posting.change();
        let asked = |asked: &Option<String>, is: &str| asked.as_deref().is_none_or(|asked| asked == is);
        if !asked(&args.member, member.as_str())
            || !asked(&args.wallet, wallet.as_str())
            || !asked(&args.because, posting.cause.id.as_str())
        {
            return Ok(());
        }
        let words = sentence(&program, output, lang).unwrap_or_default();
        if common.json {
            entries.push(json!({
                "at": posting.at, "member": member, "wallet": wallet, "number": posting.number,
                "kind": posting.kind, "cause": posting.cause, "change": posting.change(), "balance": *balance,
                "working": working, "explanation": words,
            }));
            return Ok(());
        }
        let place = program.wallet(wallet.as_str()).unwrap_or(0);
        let digits = |units: i64| decimal(units, program.wallets[place].precision);
        let at = posting.at.to_zoned(program.zone.clone()).strftime("%Y-%m-%d %H:%M");
        let sign = if posting.change() > 0 { "+" } else { "" };
        text +=
            &format!("{at}  {member}  {sign}{} = {}  {words}\n", digits(posting.change()), digits(*balance));
        if text.len() > 1 << 16 { say::print(&std::mem::take(&mut text)) } else { Ok(()) }
    });
    if common.json {
        ended?;
        return say::result(common, &json!({ "entries": entries }), String::new);
    }
    say::print(&text)?;
    ended
}
