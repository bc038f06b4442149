//! The import itself: look at the whole file, decide what it means, read it again into the lake.
//!
//! The import's id comes out of the files' content and what was decided about them, so the same file again is the
//! same import, and one that was killed is completed by running it again.

use super::columns::{DetectedColumn, Places, assign};
use super::detected::{Detected, DetectedFile, Question, identifier_kind};
use super::judged::{Counts, Judged, Reject, Skipped};
use super::meaning::{Meaning, Worker};
use super::number::{NumberForm, currency_of};
use super::open::{Input, Source, sources};
use super::options::{Layout, OnBad, Options};
use super::orders::{self, OrderColumns};
use super::piece::{Piece, in_order, rows_of};
use super::plain::{self, PlainColumns};
use super::refused::{Reason, Refused, Stopped};
use super::rejects::{Rejects, column_name};
use super::role::{Import, Role};
use super::shape::{Format, Shape, shape};
use super::split::Scratch;
use super::survey::{Survey, survey};
use super::table::NOBODY;
use super::when::{self, DateOrder};
use super::who::{Register, Who};
use domain::fact::Table;
use domain::port::{Failure, Lake, Prepared, Staging};
use domain::{Currency, Id, Kind};
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an import asks of the outside.
pub struct Ports<'a> {
    /// Where facts go.
    pub lake: &'a dyn Lake,
    /// From the shop's keys of one kind (`external_id`, `phone`, `email`, `card_number`) to our ids, in order. Called
    /// about once a batch with the distinct keys not yet seen; the same key gets the same id, always.
    pub resolve: &'a mut dyn FnMut(&str, &[&str]) -> Result<Vec<Id>, Failure>,
    /// Takes what must not be in the lake: names, addresses, words.
    pub people: &'a mut dyn FnMut(People) -> Result<(), Failure>,
    /// Makes the plan durable, before it is carried out.
    pub prepared: &'a mut dyn FnMut(&Prepared) -> Result<(), Failure>,
    /// Hears how far it is.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Now, microseconds since 1970-01-01 UTC.
    pub now_micros: i64,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Bytes of the files on disk that are done.
    pub bytes: u64,
    /// All their bytes; 0 where not known.
    pub bytes_total: u64,
    /// Rows done in this stage.
    pub rows: u64,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Looking at the whole file.
    Looking,
    /// Reading it into the lake.
    Importing,
    /// Comparing with what the lake has, and committing.
    Committing,
}

/// What must not be in the lake.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct People {
    /// What files say about persons.
    pub persons: Vec<Person>,
    /// What customers said.
    pub words: Vec<Words>,
}

/// What a row says about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Our id.
    pub customer: Id,
    /// The shop's other keys: kind (`external_id`, `phone`, `email`, `card_number`) and key.
    pub identifiers: Vec<(&'static str, String)>,
    /// The name.
    pub name: Option<String>,
    /// The birthday, days since 1970-01-01; absent where it is a placeholder.
    pub birthday: Option<i32>,
}

/// What a customer said.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// `row_key` of the fact in `feedback`.
    pub row_key: u128,
    /// Who, where that is known.
    pub customer: Option<Id>,
    /// The words, as they were.
    pub text: String,
}

/// What an import did.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The import.
    pub import: Id,
    /// What was imported.
    pub kind: Import,
    /// The shop or system it came from.
    pub source: String,
    /// What was found out.
    pub detected: Detected,
    /// Rows read, and what became of them: `read` = `accepted` + `rejected` + skipped lines.
    pub counts: Counts,
    /// Rows rejected, contradictions among them.
    pub rejected: u64,
    /// Lines that are not data.
    pub skipped: Skipped,
    /// Facts that are new in the lake.
    pub facts_new: u64,
    /// Facts the lake had already.
    pub facts_known: u64,
    /// Distinct customers seen.
    pub customers: u64,
    /// Rejected rows by reason.
    pub reasons: Vec<(&'static str, u64)>,
    /// Where they are, if there are any.
    pub rejects: Option<PathBuf>,
    /// First and last day of the facts, days since 1970-01-01.
    pub days: Option<(i32, i32)>,
    /// Last day of observation.
    pub as_of: Option<i32>,
    /// What the shop should look at.
    pub questions: Vec<Question>,
    /// Version of each table after the import.
    pub versions: Vec<(Table, u64)>,
}

impl Summary {
    /// Nothing lost: every row read is accepted, rejected or no data.
    pub fn adds_up(&self) -> bool {
        self.counts.read == self.counts.accepted + self.rejected + self.skipped.all()
    }
}

/// Import files of one kind.
///
/// Rows are checked, given keys, and written to the lake under the import's id; what is known already is not written
/// again. Rows that are no facts go to `rejects/` below the data folder.
///
/// # Errors
/// [`Stopped::Refused`] where the files are not fit to be imported, and then nothing was; [`Stopped::Failed`] where
/// disk, lake or state failed, and then running it again completes it.
pub fn import(
    kind: Import,
    inputs: Vec<Input>,
    options: &Options,
    ports: &mut Ports<'_>,
) -> Result<Summary, Stopped> {
    let mut looked = look(kind, inputs, options, ports)?;
    let threads = threads(options);
    let (meaning, detected) = (&looked.meaning, &looked.detected);
    let import = looked.import;
    let text = import.to_string();
    let path = options.folder.join("rejects").join(format!("{text}.csv"));
    let mut sink = Sink {
        import: &text,
        source: &meaning.source,
        names: looked.sources.iter().map(|source| source.name.clone()).collect(),
        columns: looked.shapes.iter().map(|shape| shape.columns.clone()).collect(),
        staging: ports.lake.stage(import)?,
        resolve: ports.resolve,
        people: ports.people,
        ids: FxHashMap::default(),
        rejects: Rejects::new(path),
        on_bad: options.on_bad,
        first_bad: None,
        counts: Counts::default(),
        skipped: Skipped::default(),
        reasons: FxHashMap::default(),
        sought: FxHashMap::default(),
        days: None,
        customers: 0,
        birthday_order: meaning.birthday_order,
        january_is_filler: meaning.january_is_filler,
    };
    let seen = Arc::new(AtomicU64::new(0));
    let (progress, total) = (&mut *ports.progress, looked.bytes);
    let judge = Judge::new(kind);
    in_order(
        &looked.sources,
        &looked.shapes,
        &seen,
        threads,
        None,
        || Worker::new(meaning),
        |worker, piece| judge.piece(piece, &looked.shapes[piece.file], meaning, worker),
        |judged| {
            sink.take(judged)?;
            let bytes = seen.load(Ordering::Relaxed);
            progress(Progress { stage: Stage::Importing, bytes, bytes_total: total, rows: sink.counts.read });
            Ok(())
        },
    )?;
    let first = looked.sources[0].name.clone();
    if sink.counts.read == sink.skipped.all() {
        return Err(Refused::NoRows(first).into());
    }
    if sink.counts.accepted == 0 {
        let path = sink.rejects.finish()?;
        let (line, reason) = sink.first_bad.unwrap_or((0, Reason::Missing));
        return Err(Refused::NothingAccepted {
            file: first,
            rows: sink.counts.read,
            line,
            reason: reason.text().to_owned(),
            rejects: path.map_or(String::new(), |path| path.display().to_string()),
        }
        .into());
    }
    progress(Progress { stage: Stage::Committing, bytes: total, bytes_total: total, rows: sink.counts.read });
    let staging = sink.staging;
    let plan = staging.finish()?;
    let contradictions: u64 = plan.tables.iter().map(|table| table.contradictions.len() as u64).sum();
    sink.counts.accepted -= contradictions;
    for ordinal in plan.tables.iter().flat_map(|table| &table.contradictions) {
        let (file, line) = ((*ordinal >> FILE_SHIFT) as usize, *ordinal & ((1 << FILE_SHIFT) - 1));
        let reject = Reject { line, column: None, value: String::new(), reason: Reason::Contradiction };
        *sink.reasons.entry(Reason::Contradiction).or_default() += 1;
        sink.rejects.add(&sink.names[file], &sink.columns[file], &reject)?;
    }
    let rejects = sink.rejects.finish()?;
    (ports.prepared)(&plan)?;
    let versions = ports.lake.commit(&plan)?;
    let mut reasons: Vec<_> = sink.reasons.iter().map(|(reason, count)| (reason.text(), *count)).collect();
    reasons.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    counted_questions(&sink.counts, &mut looked.questions);
    let summary = Summary {
        import,
        kind,
        source: meaning.source.clone(),
        detected: detected.clone(),
        counts: sink.counts,
        rejected: sink.rejects.count,
        skipped: sink.skipped,
        facts_new: plan.tables.iter().map(|table| table.rows_new).sum(),
        facts_known: plan.tables.iter().map(|table| table.rows_known).sum(),
        customers: sink.customers,
        reasons,
        rejects,
        days: sink.days,
        as_of: options.as_of.or(sink.days.map(|days| days.1)),
        questions: looked.questions,
        versions,
    };
    assert!(summary.adds_up(), "every row read is accepted, rejected or no data: {:?}", summary.counts);
    Ok(summary)
}

/// Find out what files are without importing them: what `import` would print before it starts.
pub fn detect(
    kind: Import,
    inputs: Vec<Input>,
    options: &Options,
    ports: &mut Ports<'_>,
) -> Result<(Detected, Vec<Question>), Stopped> {
    look(kind, inputs, options, ports).map(|looked| (looked.detected, looked.questions))
}

/// Ordinals of rows: the file's number above this bit, the line below.
const FILE_SHIFT: u32 = 40;

fn threads(options: &Options) -> usize {
    options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from))
}

/// Everything known before the second reading.
struct Looked {
    sources: Vec<Source>,
    _spools: Vec<super::open::Spool>,
    shapes: Vec<Shape>,
    meaning: Meaning,
    detected: Detected,
    questions: Vec<Question>,
    import: Id,
    bytes: u64,
}

fn look(
    kind: Import,
    inputs: Vec<Input>,
    options: &Options,
    ports: &mut Ports<'_>,
) -> Result<Looked, Stopped> {
    let mapping = &options.mapping;
    let (sources, spools) = sources(inputs, &options.folder, ports.now_micros as u64)?;
    let bytes = sources.iter().map(|source| source.bytes).sum();
    let shape_of = |source: &Source, encoding| shape(source, kind, mapping, encoding);
    let mut shapes = sources.iter().map(|source| shape_of(source, None)).collect::<Result<Vec<_>, _>>()?;
    let columns_of = |source: &Source, shape: &Shape| assign(&source.name, shape, kind, mapping);
    let mut columns: Vec<Vec<DetectedColumn>> = sources
        .iter()
        .zip(&shapes)
        .map(|(source, shape)| columns_of(source, shape))
        .collect::<Result<_, _>>()?;
    let places: Vec<Places> = columns.iter().map(|columns| Places::of(columns)).collect();
    let mut surveys: Vec<Survey> = sources.iter().map(|_| Survey::default()).collect();
    let mut digest = blake3::Hasher::new();
    let seen = Arc::new(AtomicU64::new(0));
    let (progress, mut rows) = (&mut *ports.progress, 0);
    in_order(
        &sources,
        &shapes,
        &seen,
        threads(options),
        Some(&mut digest),
        Scratch::default,
        |scratch, piece| (piece.file, survey(piece, &shapes[piece.file], kind, &places[piece.file], scratch)),
        |(file, found)| {
            rows += found.rows;
            surveys[file].add(found);
            let bytes_read = seen.load(Ordering::Relaxed);
            progress(Progress { stage: Stage::Looking, bytes: bytes_read, bytes_total: bytes, rows });
            Ok(())
        },
    )?;
    if rows == 0 {
        return Err(Refused::NoRows(sources[0].name.clone()).into());
    }
    // The odd bytes of the whole file may say another encoding than its beginning, and so other headers.
    for (file, found) in surveys.iter().enumerate() {
        let encoding = found.encoding(shapes[file].encoding);
        if mapping.encoding.is_none() && encoding != shapes[file].encoding {
            shapes[file] = shape_of(&sources[file], Some(encoding))?;
            columns[file] = columns_of(&sources[file], &shapes[file])?;
        }
    }
    let mut found = Survey::default();
    surveys.into_iter().for_each(|survey| found.add(survey));
    decide(kind, options, ports.now_micros, sources, spools, shapes, columns, found, digest, bytes)
}

/// From evidence to meaning, or to a refusal that asks.
#[allow(clippy::too_many_arguments)]
fn decide(
    kind: Import,
    options: &Options,
    now_micros: i64,
    sources: Vec<Source>,
    spools: Vec<super::open::Spool>,
    shapes: Vec<Shape>,
    columns: Vec<Vec<DetectedColumn>>,
    mut found: Survey,
    mut digest: blake3::Hasher,
    bytes: u64,
) -> Result<Looked, Stopped> {
    let mapping = &options.mapping;
    let places: Vec<Places> = columns.iter().map(|columns| Places::of(columns)).collect();
    let has = |role| places.iter().any(|places| places.has(role));
    let named = |role: Role| {
        let names = columns.iter().flatten().find(|column| column.role == Some(role));
        names.map_or(String::new(), |column| column.name.clone())
    };
    let file = || sources[0].name.clone();
    let date_order = match (mapping.date_order, found.dates.order()) {
        (Some(order), _) | (None, Some(order)) => order,
        (None, None) => {
            let example = found.dates.example.clone().unwrap_or_default();
            return Err(Refused::DateOrder { file: file(), column: named(Role::Date), example }.into());
        }
    };
    let date_matters = found.dates.day_first + found.dates.month_first + found.dates.both > 0;
    let currency = mapping.currency.unwrap_or_else(|| most_said(&found));
    let decimals = (currency != Currency::UNKNOWN).then(|| currency.decimals());
    let money = match (mapping.decimal_mark, found.money.form(decimals)) {
        (Some(decimal), _) => NumberForm { decimal },
        (None, Some(form)) => form,
        (None, None) => {
            let role = [Role::Total, Role::UnitPrice, Role::Spend, Role::Cost, Role::UnitCost];
            let role = role.into_iter().find(|role| has(*role)).unwrap_or(Role::Total);
            let example = found.money.doubtful.clone().unwrap_or_default();
            return Err(Refused::DecimalMark { file: file(), column: named(role), example }.into());
        }
    };
    // A quantity such as 1.250 is read in the way of the amounts beside it, unless other quantities say otherwise.
    let says_itself = found.quantities.point + found.quantities.comma > 0;
    let quantity = if says_itself { found.quantities.form(None).unwrap_or(money) } else { money };
    let zone = match &mapping.timezone {
        None => None,
        Some(name) => Some(TimeZone::get(name).map_err(|_| Refused::BadOption {
            option: "--timezone",
            value: name.clone(),
            expected: "expected an IANA name such as Asia/Ho_Chi_Minh".to_owned(),
        })?),
    };
    let is_orders = matches!(kind, Import::Orders | Import::Returns);
    let has_lines = [Role::Product, Role::ProductName, Role::Line, Role::UnitPrice].into_iter().any(has);
    let layout = mapping.layout.unwrap_or(if has_lines || found.repeats * 50 > found.rows {
        Layout::Lines
    } else {
        Layout::Orders
    });
    let impossible: Vec<_> = found.impossible();
    let register = Register::new(
        mapping.walk_ins.iter().cloned().chain(impossible.iter().map(|(key, ..)| key.clone())),
        &mapping.known_customers,
    );
    let mut questions = Vec::new();
    for (key, orders, days) in &impossible {
        if !register.is_somebody(key)
            && !mapping.walk_ins.contains(key)
            && register_by_name(key) == Who::Customer
        {
            questions.push(Question {
                text: format!("'{key}' has {orders} orders on {days} days, more than one customer can have; taken for a placeholder, its orders are anonymous"),
                otherwise: format!("--known-customer '{key}' if it is one customer"),
            });
        }
    }
    // By chance one birthday in 365 is a 1 January.
    let january_is_filler = found.births.1 >= 3 && found.births.1 * 20 > found.births.0;
    if january_is_filler {
        questions.push(Question {
            text: format!(
                "{} of {} birthdays are a 1 January; taken for placeholders and left out",
                found.births.1, found.births.0
            ),
            otherwise: "correct them in the shop's own system".to_owned(),
        });
    }
    if found.currencies.len() > 1 && has(Role::Currency) {
        let said: Vec<String> =
            found.currencies.iter().map(|(code, rows)| format!("{code} ({rows} rows)")).collect();
        questions.push(Question {
            text: format!(
                "there are several currencies: {}; only {currency} is imported, the rest is rejected",
                said.join(", ")
            ),
            otherwise: "--currency CODE for another one, with a --shop of its own".to_owned(),
        });
    }
    if is_orders && !has(Role::Total) && !has(Role::UnitPrice) {
        questions.push(Question {
            text: "there is no column of amounts; every order counts with 0, and nothing about money can be said".to_owned(),
            otherwise: "--map total=COLUMN or --map unit_price=COLUMN".to_owned(),
        });
    }
    let customer_role =
        [Role::Customer, Role::Card, Role::Phone, Role::Email].into_iter().find(|role| has(*role));
    if is_orders && customer_role.is_none() {
        questions.push(Question {
            text: "there is no column of customers; all rows are anonymous and count in totals only"
                .to_owned(),
            otherwise: "--map customer=COLUMN".to_owned(),
        });
    }
    let source = mapping.shop.clone().unwrap_or_else(|| "shop".to_owned());
    let detected = Detected {
        kind,
        files: sources
            .iter()
            .zip(&shapes)
            .zip(&columns)
            .map(|((source, shape), columns)| detected_file(source, shape, columns))
            .collect(),
        date_order: date_matters.then_some(date_order),
        decimal_mark: money.decimal,
        currency,
        timezone: mapping.timezone.clone(),
        layout: is_orders.then_some(layout),
        customer_key: customer_role.map(identifier_kind),
        c_marks: found.c_marks.0 > 0 && found.c_marks.1 * 10 >= found.c_marks.0 * 9,
    };
    // The id says what was imported and how it was understood; the place of the file does not matter.
    let understood: Vec<_> = columns.iter().flatten().map(|column| (column.number, column.role)).collect();
    let how = serde_json::json!([
        kind,
        source,
        understood,
        date_order,
        money,
        quantity,
        currency,
        mapping.timezone,
        layout,
        mapping.walk_ins,
        mapping.known_customers,
        options.earliest,
        options.latest,
    ]);
    digest.update(how.to_string().as_bytes());
    let hash = digest.finalize();
    let body = u128::from_be_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"));
    let today = now_micros.div_euclid(when::DAY_MICROS) as i32;
    let meaning = Meaning {
        kind,
        date_order,
        birthday_order: found.birthdays.order().unwrap_or(date_order),
        money,
        quantity,
        currency,
        zone,
        earliest: options.earliest,
        latest: options.latest.unwrap_or(today + 1),
        layout,
        c_marks: detected.c_marks,
        january_is_filler,
        register,
        secret: options.secret,
        source,
        pairs: std::mem::take(&mut found.pairs),
        headers: shapes
            .iter()
            .map(|shape| {
                (shape.format != Format::Json && shape.header_line.is_some()).then(|| shape.columns.clone())
            })
            .collect(),
        places,
    };
    let import = Id::from_body(Kind::Import, body);
    Ok(Looked { sources, _spools: spools, shapes, meaning, detected, questions, import, bytes })
}

fn register_by_name(key: &str) -> Who {
    Register::new([], &[]).who(key)
}

fn detected_file(source: &Source, shape: &Shape, columns: &[DetectedColumn]) -> DetectedFile {
    let is_text = matches!(shape.format, Format::Delimited | Format::Json);
    DetectedFile {
        name: source.name.clone(),
        format: match shape.format {
            Format::Delimited => "text",
            Format::Json => "json lines",
            Format::Excel { .. } => "workbook",
            Format::Rows => "rows",
        },
        encoding: is_text.then_some(shape.encoding),
        delimiter: (shape.format == Format::Delimited).then_some(shape.dialect.separator),
        header_line: shape.header_line.filter(|_| shape.format != Format::Rows),
        columns: columns.to_vec(),
    }
}

/// The currency most rows say; unknown where none does.
fn most_said(found: &Survey) -> Currency {
    let mut sums: Vec<(Currency, u64)> = Vec::new();
    for (text, rows) in &found.currencies {
        let said = text.parse::<Currency>().ok().or_else(|| currency_of(text)?.parse().ok());
        let Some(currency) = said else { continue };
        match sums.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, sum)) => *sum += rows,
            None => sums.push((currency, *rows)),
        }
    }
    sums.into_iter()
        .max_by_key(|(currency, rows)| (*rows, std::cmp::Reverse(*currency)))
        .map_or(Currency::UNKNOWN, |most| most.0)
}

fn counted_questions(counts: &Counts, questions: &mut Vec<Question>) {
    let mut ask = |rows: u64, what: &str, otherwise: &str| {
        if rows > 0 {
            questions.push(Question {
                text: format!("{rows} rows have {what} as their customer; they are anonymous sales"),
                otherwise: otherwise.to_owned(),
            });
        }
    };
    ask(counts.walk_in, "a placeholder", "--known-customer KEY for a key that is one customer");
    ask(counts.marketplace, "a marketplace", "--known-customer KEY for a key that is one customer");
    ask(counts.staff, "staff", "--known-customer KEY for a key that is one customer");
    ask(
        counts.masked,
        "a masked key",
        "export the keys unmasked, or map another column with --map customer=COLUMN",
    );
}

/// Which judge a kind has.
enum Judge {
    Orders(OrderColumns),
    Plain(PlainColumns),
}

impl Judge {
    fn new(kind: Import) -> Judge {
        match kind {
            Import::Orders | Import::Returns => Judge::Orders(OrderColumns::new()),
            _ => Judge::Plain(PlainColumns::new(kind)),
        }
    }

    fn piece(&self, piece: &Piece, shape: &Shape, meaning: &Meaning, worker: &mut Worker) -> Judged {
        let mut judged = match self {
            Judge::Orders(_) => Judged::new(piece.file, &orders::TABLES),
            Judge::Plain(_) => Judged::new(piece.file, &[meaning.kind.table()]),
        };
        let mut scratch = std::mem::take(&mut worker.scratch);
        let (mut bad, header) = (Vec::new(), shape.header_line);
        rows_of(
            piece,
            shape,
            &mut scratch,
            &mut |row| {
                if header.is_some_and(|line| row.line <= line) {
                    return;
                }
                match self {
                    Judge::Orders(columns) => orders::judge(&row, columns, meaning, worker, &mut judged),
                    Judge::Plain(columns) => plain::judge(&row, columns, meaning, worker, &mut judged),
                }
            },
            &mut |what| bad.push(what),
        );
        worker.scratch = scratch;
        for what in bad {
            judged.counts.read += 1;
            judged.rejects.push(Reject {
                line: what.line,
                column: None,
                value: what.value,
                reason: what.reason,
            });
        }
        judged
    }
}

/// Takes judged pieces in order.
struct Sink<'a> {
    import: &'a str,
    source: &'a str,
    names: Vec<String>,
    columns: Vec<Vec<String>>,
    staging: Box<dyn Staging>,
    resolve: &'a mut dyn FnMut(&str, &[&str]) -> Result<Vec<Id>, Failure>,
    people: &'a mut dyn FnMut(People) -> Result<(), Failure>,
    /// Hash of kind and key → body of the id.
    ids: FxHashMap<u128, u128>,
    rejects: Rejects,
    on_bad: OnBad,
    first_bad: Option<(u64, Reason)>,
    counts: Counts,
    skipped: Skipped,
    reasons: FxHashMap<Reason, u64>,
    /// Customer and product of returns → the last order that had them.
    sought: FxHashMap<u64, String>,
    days: Option<(i32, i32)>,
    customers: u64,
    birthday_order: DateOrder,
    january_is_filler: bool,
}

/// Ids remembered; beyond it they are asked for again.
const IDS_LIMIT: usize = 8 << 20;

impl Sink<'_> {
    fn take(&mut self, mut judged: Judged) -> Result<(), Stopped> {
        for reject in &judged.rejects {
            self.first_bad.get_or_insert((reject.line, reject.reason));
            if self.on_bad == OnBad::Stop {
                return Err(Refused::BadRow {
                    file: self.names[judged.file].clone(),
                    line: reject.line,
                    column: reject
                        .column
                        .map_or(String::new(), |place| column_name(&self.columns[judged.file], place)),
                    value: reject.value.clone(),
                    reason: reject.reason.text().to_owned(),
                }
                .into());
            }
            *self.reasons.entry(reject.reason).or_default() += 1;
            self.rejects.add(&self.names[judged.file], &self.columns[judged.file], reject)?;
        }
        self.skipped += judged.skipped;
        if let Some((first, last)) = judged.days {
            self.days = Some(self.days.map_or((first, last), |days| (days.0.min(first), days.1.max(last))));
        }
        let ids = self.ids_of(&mut judged)?;
        let customer = |who: u32| (who != NOBODY).then(|| ids[who as usize].1);
        if !judged.said.is_empty() {
            let words = judged.said.drain(..).map(|said| Words {
                row_key: said.row_key,
                customer: (said.who != NOBODY).then(|| ids[said.who as usize].0),
                text: said.text,
            });
            (self.people)(People { persons: Vec::new(), words: words.collect() })?;
        }
        self.sought.extend(judged.sought.drain(..));
        let base = (judged.file as i64) << FILE_SHIFT;
        for filled in judged.tables {
            if filled.rows() == 0 {
                continue;
            }
            let found: Vec<(usize, String)> = filled
                .orphans
                .iter()
                .filter_map(|(row, pair)| Some((*row, self.sought.get(pair)?.clone())))
                .collect();
            judged.counts.returns_joined += found.len() as u64;
            let table = filled.table;
            let batch = filled.into_batch(self.import, self.source, base, customer, &found);
            self.staging.write(table, batch)?;
        }
        self.counts.add(&judged.counts);
        Ok(())
    }

    /// Ids of a piece's customers, and what is new about them to `people`.
    fn ids_of(&mut self, judged: &mut Judged) -> Result<Vec<(Id, [u8; 30])>, Stopped> {
        let known = std::mem::take(&mut judged.known);
        let hashes: Vec<u128> = known
            .iter()
            .map(|known| {
                let mut hasher = blake3::Hasher::new();
                hasher.update(identifier_kind(known.role.unwrap_or(Role::Customer)).as_bytes()).update(&[0]);
                let hash = hasher.update(known.key.as_bytes()).finalize();
                u128::from_be_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
            })
            .collect();
        if self.ids.len() > IDS_LIMIT {
            self.ids.clear();
        }
        let mut unseen: Vec<(&'static str, usize)> = known
            .iter()
            .enumerate()
            .filter(|(place, _)| !self.ids.contains_key(&hashes[*place]))
            .map(|(place, known)| (identifier_kind(known.role.unwrap_or(Role::Customer)), place))
            .collect();
        unseen.sort_by_key(|(kind, _)| *kind);
        let mut persons = Vec::new();
        for group in unseen.chunk_by(|one, other| one.0 == other.0) {
            let keys: Vec<&str> = group.iter().map(|(_, place)| known[*place].key.as_str()).collect();
            let ids = (self.resolve)(group[0].0, &keys)?;
            assert_eq!(ids.len(), keys.len(), "an id for every key");
            for ((_, place), id) in group.iter().zip(ids) {
                self.ids.insert(hashes[*place], id.body());
                self.customers += 1;
                if !known[*place].about.is_empty() {
                    persons.push(self.person(id, &known[*place].about, &mut judged.counts));
                }
            }
        }
        if !persons.is_empty() {
            (self.people)(People { persons, words: Vec::new() })?;
        }
        let id = |hash: &u128| {
            let id = Id::from_body(Kind::Customer, self.ids[hash]);
            (id, id.to_string().as_bytes().try_into().expect("an id has 30 letters"))
        };
        Ok(hashes.iter().map(id).collect())
    }

    fn person(&self, customer: Id, about: &[(Role, String)], counts: &mut Counts) -> Person {
        let mut person = Person { customer, identifiers: Vec::new(), name: None, birthday: None };
        for (role, cell) in about {
            match role {
                Role::Name => person.name = Some(cell.clone()),
                Role::Birthday => {
                    let day = when::read(cell, self.birthday_order)
                        .map(|moment| moment.civil_micros.div_euclid(when::DAY_MICROS));
                    let is_filler = |day: i64| {
                        self.january_is_filler && {
                            let (_, month, date) = when::civil_of(day);
                            (month, date) == (1, 1)
                        }
                    };
                    counts.birthdays_left_out += u64::from(day.is_some_and(is_filler));
                    person.birthday = day.filter(|day| !is_filler(*day)).map(|day| day as i32);
                }
                role => person.identifiers.push((identifier_kind(*role), cell.clone())),
            }
        }
        person
    }
}
