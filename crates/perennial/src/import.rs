//! `perennial import`: options from the command line, ports from the data folder, the summary in words.

use crate::args::{Common, Import as ImportArgs, KindArg, Reading};
use crate::ended::{Ended, as_failure};
use crate::home::{Home, chance, now_micros};
use crate::progress::Progress;
use crate::say::{self, count, of};
use analytics::parquet_input::ParquetInput;
use domain::port::Failure;
use domain::{Id, Kind};
use engine::collect::detected::{Detected, Question};
use engine::collect::encoding::Encoding;
use engine::collect::import::{People, Ports, Progress as At, Stage, Started, Summary, detect, import};
use engine::collect::live::beside::BesideLog;
use engine::collect::mapping;
use engine::collect::number::Mark;
use engine::collect::open::{Input, Rows};
use engine::collect::options::{Layout, Mapping, OnBad, Options};
use engine::collect::refused::Stopped;
use engine::collect::role::Import;
use engine::collect::split::Separator;
use engine::collect::when::DateOrder;
use engine::people::find;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::path::Path;
use store::{FeedbackText, ImportFile, ImportState, NewImport, PersonField};

/// The source of facts where nobody named one.
const DEFAULT_SOURCE: &str = "shop";

/// Where mappings are kept, in the data folder and beside the shop's other files.
const MAPPINGS: &str = "mappings";

/// Run the command.
pub fn run(common: &Common, args: &ImportArgs) -> Result<(), Ended> {
    let kind = kind_of(args.kind);
    let mut home = Home::open(common)?;
    let options = options(&mut home, kind, &args.reading)?;
    if let Some(folder) = &args.watch {
        return crate::keep::watch(common, &mut home, kind, &options, folder, args.once);
    }
    if args.detect {
        return only_detect(common, &home, kind, args, &options);
    }
    let summary = import_files(common, &mut home, kind, args.files.clone(), &options)?;
    if let Some(name) = &args.save_mapping {
        mapping::save(&home.folder.join(MAPPINGS), name, &summary.mapping)?;
    }
    say::result(common, &summary, || words(&summary, common.quiet))
}

fn kind_of(kind: KindArg) -> Import {
    match kind {
        KindArg::Orders => Import::Orders,
        KindArg::Customers => Import::Customers,
        KindArg::Returns => Import::Returns,
        KindArg::Products => Import::Products,
        KindArg::Feedback => Import::Feedback,
        KindArg::Events => Import::Events,
        KindArg::Costs => Import::Costs,
    }
}

/// The options of an import: what was said, over a saved mapping, over the folder's settings.
pub fn options(home: &mut Home, kind: Import, reading: &Reading) -> Result<Options, Ended> {
    let unknown = |what: &str, text: &str| Ended::Usage(format!("--{what} {text} is not known; see --help"));
    let mut mapping = Mapping {
        shop: reading.source.clone(),
        timezone: reading.timezone.clone(),
        sheet: reading.sheet.clone(),
        header: reading.header.as_ref().map(|text| text == "yes"),
        walk_ins: reading.walk_in.clone(),
        known_customers: reading.known_customer.clone(),
        ..Mapping::default()
    };
    if let Some(text) = &reading.currency {
        mapping.currency =
            Some(text.parse().map_err(|error: domain::money::NotACurrency| Ended::Usage(error.to_string()))?);
    }
    if let Some(text) = &reading.encoding {
        mapping.encoding = Some(Encoding::parse(text).ok_or_else(|| unknown("encoding", text))?);
    }
    if let Some(text) = &reading.delimiter {
        mapping.delimiter = Some(Separator::parse(text).ok_or_else(|| unknown("delimiter", text))?);
    }
    if let Some(text) = &reading.date_order {
        mapping.date_order = Some(DateOrder::parse(text).ok_or_else(|| unknown("date-order", text))?);
    }
    mapping.decimal_mark =
        reading.decimal.as_ref().map(|text| if text == "comma" { Mark::Comma } else { Mark::Point });
    mapping.layout =
        reading.layout.as_ref().map(|text| if text == "orders" { Layout::Orders } else { Layout::Lines });
    for text in &reading.maps {
        mapping.map(kind, text)?;
    }
    if let Some(name) = &reading.mapping {
        mapping = mapping.over(saved_mapping(home, name)?);
    }
    let settled = Mapping {
        shop: Some(DEFAULT_SOURCE.to_owned()),
        currency: home.store.find_setting("currency")?.and_then(|code| code.parse().ok()),
        timezone: home.store.find_setting("timezone")?,
        ..Mapping::default()
    };
    let mapping = mapping.over(settled);
    home.settle("shop", reading.shop.as_deref())?;
    home.settle("currency", mapping.currency.as_ref().map(|currency| currency.code()))?;
    home.settle("timezone", mapping.timezone.as_deref())?;
    let mut options = Options::new(&home.folder);
    options.mapping = mapping;
    options.on_bad = if reading.on_bad == "stop" { OnBad::Stop } else { OnBad::Reject };
    options.as_of = reading.as_of.map(days_since_1970);
    options.secret = home.secret()?;
    Ok(options)
}

/// A civil date as the facts count days.
pub fn days_since_1970(date: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since(epoch).map_or(0, |span| span.get_days())
}

/// A mapping saved in this data folder, one in `mappings/` here, or a TOML file.
fn saved_mapping(home: &Home, name: &str) -> Result<Mapping, Ended> {
    let saved = home.folder.join(MAPPINGS);
    Ok(mapping::load(name, &[&saved, Path::new(MAPPINGS)])?)
}

fn inputs(files: Vec<String>) -> Result<Vec<Input>, Ended> {
    let mut inputs = Vec::new();
    for file in files {
        if Path::new(&file).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
            inputs.push(parquet(&file)?);
        } else {
            inputs.push(Input::Path(file));
        }
    }
    Ok(inputs)
}

fn parquet(file: &str) -> Result<Input, Ended> {
    let table = ParquetInput::open(Path::new(file)).map_err(|failure| Ended::Refused(failure.to_string()))?;
    Ok(Input::Rows(Rows {
        name: file.to_owned(),
        header: table.header().to_vec(),
        open: Box::new(move || {
            let mut rows = table.rows()?;
            Ok(Box::new(move |record| rows.next(&mut |cell| record.push(cell))))
        }),
    }))
}

/// How an import of files ends when it does not end well: the engine said so, or something around it.
pub enum Stop {
    /// The engine refused or failed.
    Engine(Stopped),
    /// Something else.
    Ended(Ended),
}

impl From<Stopped> for Stop {
    fn from(stopped: Stopped) -> Stop {
        Stop::Engine(stopped)
    }
}

impl From<Ended> for Stop {
    fn from(ended: Ended) -> Stop {
        Stop::Ended(ended)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Stop {
        Stop::Ended(error.into())
    }
}

impl From<Stop> for Ended {
    fn from(stop: Stop) -> Ended {
        match stop {
            Stop::Engine(stopped) => stopped.into(),
            Stop::Ended(ended) => ended,
        }
    }
}

/// Import files and pin what came of it.
pub fn import_files(
    common: &Common,
    home: &mut Home,
    kind: Import,
    files: Vec<String>,
    options: &Options,
) -> Result<Summary, Stop> {
    let mut progress = Progress::new(common.quiet);
    import_told(home, kind, files, options, &mut |at| {
        progress.at(stage_name(at.stage), at.bytes, at.bytes_total, at.rows);
    })
}

/// The same, telling somebody how far it is.
pub fn import_told(
    home: &mut Home,
    kind: Import,
    files: Vec<String>,
    options: &Options,
    told: &mut dyn FnMut(At),
) -> Result<Summary, Stop> {
    let inputs = inputs(files)?;
    let source = options.mapping.shop.clone().unwrap_or_else(|| DEFAULT_SOURCE.to_owned());
    let lake = BesideLog::new(home.lake.clone(), home.store.sessions());
    let started = now_micros();
    let current = Cell::new(Id::from_body(Kind::Import, 0));
    let store = RefCell::new(&mut home.store);
    let mut seed = blake3::Hasher::new_keyed(blake3::hash(&chance().to_le_bytes()).as_bytes()).finalize_xof();
    let mut draw = move || {
        let mut bytes = [0; 16];
        seed.fill(&mut bytes);
        u128::from_le_bytes(bytes)
    };
    let mut ports = Ports {
        lake: &lake,
        resolve: &mut |identifier, keys| {
            let today = keys_of_today(identifier, keys);
            let keys = today.iter().map(|key| &**key).collect::<Vec<_>>();
            store.borrow_mut().resolve(&source, identifier, &keys, started, &mut draw).map_err(as_failure)
        },
        people: &mut |batch| {
            keep_people(&mut store.borrow_mut(), current.get(), &source, started, &batch).map_err(as_failure)
        },
        started: &mut |import| {
            current.set(import.import);
            let known = store.borrow_mut().start_import(&record(import)?, started).map_err(as_failure)?;
            Ok(!matches!(known.state, ImportState::Done))
        },
        prepared: &mut |plan, summary| {
            store.borrow_mut().prepare_import(plan, &json_of(summary)?).map_err(as_failure)
        },
        progress: &mut |at: At| told(at),
        now_micros: started,
    };
    let summary = import(kind, inputs, options, &mut ports)?;
    home.store.complete_import(summary.import, &summary.versions, now_micros())?;
    if summary.detected.currency != domain::Currency::UNKNOWN {
        home.settle("currency", Some(summary.detected.currency.code()))?;
    }
    home.pin()?;
    Ok(summary)
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Looking => "looking at the file",
        Stage::Importing => "importing",
        Stage::Committing => "comparing with what is known",
    }
}

/// What state keeps of an import.
fn record(import: &Started<'_>) -> Result<NewImport, Failure> {
    Ok(NewImport {
        id: import.import,
        kind: import.kind.name().to_owned(),
        source: import.source.to_owned(),
        files: import
            .files
            .iter()
            .map(|file| ImportFile { name: file.name.clone(), bytes: file.bytes, hash: file.hash.clone() })
            .collect(),
        mapping: json_of(import.mapping)?,
        detected: json_of(import.detected)?,
    })
}

fn json_of(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value)
        .map_err(|error| Failure::because("the record of the import cannot be written", error))
}

/// Keys as customers have them today: a file from before 2018 names Vietnamese mobiles by their old numbers. Rows keep the
/// identity that the file's own key gives them.
fn keys_of_today<'a>(kind: &str, keys: &[&'a str]) -> Vec<Cow<'a, str>> {
    let today = |key: &'a str| match kind {
        "phone" => store::number_of_today(key).map_or(Cow::Borrowed(key), Cow::Owned),
        _ => Cow::Borrowed(key),
    };
    keys.iter().map(|key| today(key)).collect()
}

fn keep_people(
    store: &mut store::Store,
    import: Id,
    source: &str,
    now: i64,
    batch: &People,
) -> Result<(), store::Error> {
    let birthdays: Vec<String> = batch
        .persons
        .iter()
        .map(|person| person.birthday.map_or_else(String::new, |day| date_of(day).to_string()))
        .collect();
    let mut fields = Vec::new();
    for (person, birthday) in batch.persons.iter().zip(&birthdays) {
        let customer = person.customer;
        if let Some(name) = &person.name {
            fields.push(PersonField { customer, field: "name", value: name });
        }
        if !birthday.is_empty() {
            fields.push(PersonField { customer, field: "birthday", value: birthday });
        }
    }
    store.record_people(source, import, now, &fields)?;
    for kind in ["external_id", "phone", "email", "card_number"] {
        let (whose, keys): (Vec<Id>, Vec<&str>) = batch
            .persons
            .iter()
            .flat_map(|person| {
                let of_kind = person.identifiers.iter().filter(move |(known, _)| *known == kind);
                of_kind.map(|(_, key)| (person.customer, key.as_str()))
            })
            .unzip();
        if !keys.is_empty() {
            let today = keys_of_today(kind, &keys);
            let keys: Vec<(Id, &str)> = whose.into_iter().zip(today.iter().map(|key| &**key)).collect();
            store.add_identifiers(source, kind, &keys)?;
        }
    }
    if !batch.persons.is_empty() {
        store.save_setting(find::DUE, &now.to_string(), now)?;
    }
    let words: Vec<FeedbackText<'_>> = batch
        .words
        .iter()
        .map(|words| FeedbackText {
            row_key: words.row_key,
            part: "text",
            customer: words.customer,
            text: &words.text,
        })
        .collect();
    store.record_feedback(source, import, now, &words)?;
    Ok(())
}

/// Days since 1970 as a date.
pub fn date_of(day: i32) -> jiff::civil::Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(jiff::Span::new().days(day)).unwrap_or(epoch)
}

/// Find out how files are to be read; nothing is written.
pub fn look(
    home: &Home,
    kind: Import,
    files: Vec<String>,
    options: &Options,
    told: &mut dyn FnMut(At),
) -> Result<(Detected, Vec<Question>), Ended> {
    let lake = home.lake.clone();
    let mut ports = Ports {
        lake: &lake,
        resolve: &mut |_, _| Ok(Vec::new()),
        people: &mut |_| Ok(()),
        started: &mut |_| Ok(false),
        prepared: &mut |_, _| Ok(()),
        progress: told,
        now_micros: now_micros(),
    };
    Ok(detect(kind, inputs(files)?, options, &mut ports)?)
}

fn only_detect(
    common: &Common,
    home: &Home,
    kind: Import,
    args: &ImportArgs,
    options: &Options,
) -> Result<(), Ended> {
    let mut progress = Progress::new(common.quiet);
    let mut told = |at: At| progress.at(stage_name(at.stage), at.bytes, at.bytes_total, at.rows);
    let (detected, questions) = look(home, kind, args.files.clone(), options, &mut told)?;
    drop(progress);
    say::result(common, &json!({"detected": detected, "questions": questions}), || {
        let mut text = format!("{detected}\n");
        for question in &questions {
            let _ = writeln!(text, "look: {} ({})", question.text, question.otherwise);
        }
        text
    })
}

/// The summary in words.
pub fn words(summary: &Summary, is_quiet: bool) -> String {
    let mut text = String::new();
    if !is_quiet {
        let _ = writeln!(text, "{}", summary.detected);
        for question in &summary.questions {
            let _ = writeln!(text, "look: {}\n      {}", question.text, question.otherwise);
        }
    }
    let counts = &summary.counts;
    if summary.is_repeat {
        return text + "imported before: nothing has changed\n";
    }
    let _ = writeln!(
        text,
        "{} read = {} accepted + {} rejected + {} blank, total or header lines",
        of(counts.read, "row"),
        count(counts.accepted),
        count(summary.rejected),
        count(summary.skipped.all())
    );
    let _ = writeln!(
        text,
        "{} new, {} known before; {}; {} without a customer",
        of(summary.facts_new, "fact"),
        count(summary.facts_known),
        of(summary.customers, "customer"),
        of(counts.anonymous, "row")
    );
    if let Some((first, last)) = summary.days {
        let _ = writeln!(text, "from {} to {}", date_of(first), date_of(last));
    }
    for (reason, rows) in &summary.reasons {
        let _ = writeln!(text, "rejected {}: {reason}", count(*rows));
    }
    if let Some(path) = &summary.rejects {
        let _ = writeln!(text, "rejected rows are in {}", path.display());
    }
    text
}
