//! The first reading, and what it decides: from files to a [`Meaning`], or to a refusal that asks.

use super::columns::{DetectedColumn, Places, assign};
use super::detected::{Detected, DetectedFile, Question, identifier_kind};
use super::import::{FileRead, Ports, Progress, Stage};
use super::judged::Counts;
use super::meaning::{Meaning, identifier, phone_country};
use super::number::{self, NumberForm, currency_of};
use super::open::{Input, Source, sources};
use super::options::{ColumnName, Layout, Mapping, Options};
use super::piece::in_order;
use super::refused::{Refused, Stopped};
use super::role::{Import, Role};
use super::shape::{Format, Shape, shape};
use super::split::Scratch;
use super::survey::{Survey, survey};
use super::when;
use super::who::{Register, Who};
use domain::{Currency, Id, Kind};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Worker threads of an import.
pub(super) fn threads(options: &Options) -> usize {
    options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from))
}

/// Everything known before the second reading.
pub(super) struct Looked {
    pub sources: Vec<Source>,
    _spools: Vec<super::open::Spool>,
    pub shapes: Vec<Shape>,
    pub meaning: Meaning,
    pub detected: Detected,
    pub questions: Vec<Question>,
    pub import: Id,
    pub bytes: u64,
    pub files: Vec<FileRead>,
    pub mapping: Mapping,
}

pub(super) fn look(
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
    let (mut surveys, mut hashes) = survey_all(kind, &sources, &shapes, &places, bytes, options, ports)?;
    // The odd bytes of the whole file may say another encoding than its beginning, and so other headers.
    let mut is_changed = false;
    for (file, found) in surveys.iter().enumerate() {
        let encoding = found.encoding(shapes[file].encoding);
        if mapping.encoding.is_none() && encoding != shapes[file].encoding {
            shapes[file] = shape_of(&sources[file], Some(encoding))?;
            columns[file] = columns_of(&sources[file], &shapes[file])?;
            is_changed = true;
        }
    }
    let places: Vec<Places> = columns.iter().map(|columns| Places::of(columns)).collect();
    if is_changed {
        (surveys, hashes) = survey_all(kind, &sources, &shapes, &places, bytes, options, ports)?;
    }
    let mut found = Survey::default();
    surveys.into_iter().for_each(|survey| found.add(survey));
    decide(
        kind,
        options,
        ports.now_micros,
        Read { sources, spools, shapes, columns, places, found, hashes, bytes },
    )
}

/// The first reading of all files: what each has found, and the hash of each.
fn survey_all(
    kind: Import,
    sources: &[Source],
    shapes: &[Shape],
    places: &[Places],
    bytes: u64,
    options: &Options,
    ports: &mut Ports<'_>,
) -> Result<(Vec<Survey>, Vec<blake3::Hash>), Stopped> {
    let mut surveys: Vec<Survey> = sources.iter().map(|_| Survey::default()).collect();
    let mut hashes = Vec::new();
    let seen = Arc::new(AtomicU64::new(0));
    let (progress, mut rows) = (&mut *ports.progress, 0);
    in_order(
        sources,
        shapes,
        &seen,
        threads(options),
        Some(&mut hashes),
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
    if rows == 0 && surveys.iter().all(|survey| survey.other_lines == 0) {
        return Err(Refused::NoRows(sources[0].name.clone()).into());
    }
    Ok((surveys, hashes))
}

/// Everything the first reading gave.
struct Read {
    sources: Vec<Source>,
    spools: Vec<super::open::Spool>,
    shapes: Vec<Shape>,
    columns: Vec<Vec<DetectedColumn>>,
    places: Vec<Places>,
    found: Survey,
    hashes: Vec<blake3::Hash>,
    bytes: u64,
}

/// From evidence to meaning, or to a refusal that asks.
fn decide(kind: Import, options: &Options, now_micros: i64, read: Read) -> Result<Looked, Stopped> {
    let Read { sources, spools, shapes, columns, places, mut found, hashes, bytes } = read;
    let mapping = &options.mapping;
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
    let layout =
        mapping.layout.unwrap_or(if has_lines || (has(Role::Order) && found.repeats * 50 > found.rows) {
            Layout::Lines
        } else {
            Layout::Orders
        });
    let customer_role =
        [Role::Customer, Role::Card, Role::Phone, Role::Email].into_iter().find(|role| has(*role));
    let country = phone_country(currency);
    let key_of = |key: &str| identifier(customer_role.unwrap_or(Role::Customer), key, country);
    let impossible: Vec<_> =
        found.impossible().into_iter().map(|(key, orders, days)| (key_of(&key), orders, days)).collect();
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
            otherwise: "--currency CODE for another one, with a --source of its own".to_owned(),
        });
    }
    if is_orders && !has(Role::Total) && !has(Role::UnitPrice) {
        questions.push(Question {
            text: "there is no column of amounts; every order counts with 0, and nothing about money can be said".to_owned(),
            otherwise: "--map total=COLUMN or --map unit_price=COLUMN".to_owned(),
        });
    }
    if is_orders && customer_role.is_none() {
        questions.push(Question {
            text: "there is no column of customers; all rows are anonymous and count in totals only"
                .to_owned(),
            otherwise: "--map customer=COLUMN".to_owned(),
        });
    }
    for (shape, places) in shapes.iter().zip(&places) {
        questions.extend(doubtful_total(shape, places, money));
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
        mapping.earliest,
        mapping.latest,
        options.earliest,
        options.latest,
    ]);
    let mut digest = blake3::Hasher::new();
    hashes.iter().for_each(|hash| {
        digest.update(hash.as_bytes());
    });
    let hash = digest.update(how.to_string().as_bytes()).finalize();
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
        earliest: mapping.earliest.map_or(options.earliest, day_of),
        latest: mapping.latest.map(day_of).or(options.latest).unwrap_or(today + 1),
        layout,
        c_marks: detected.c_marks,
        phone_country: country,
        january_is_filler,
        fills_down: is_orders
            && shapes.iter().zip(&columns).any(|(shape, columns)| fills_down(shape, &Places::of(columns))),
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
    let files = sources.iter().zip(&hashes).map(|(source, hash)| FileRead {
        name: source.name.clone(),
        bytes: source.bytes,
        hash: hash.to_hex().to_string(),
    });
    let files = files.collect();
    let mapping = understood_mapping(mapping, &meaning, &detected, &shapes[0]);
    Ok(Looked {
        sources,
        _spools: spools,
        shapes,
        meaning,
        detected,
        questions,
        import,
        bytes,
        files,
        mapping,
    })
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

/// A total below the price of one unit, in most rows and without a quantity beside it, is a quantity by another name.
fn doubtful_total(shape: &Shape, places: &Places, form: NumberForm) -> Option<Question> {
    let (total, price) = (places.find(Role::Total)?, places.find(Role::UnitPrice)?);
    if places.has(Role::Quantity) {
        return None;
    }
    let minor = |row: &Vec<String>, place: usize| number::read(row.get(place)?, form).ok()?.rescale(4);
    let rows: Vec<(i64, i64)> =
        shape.sample.iter().filter_map(|row| Some((minor(row, total)?, minor(row, price)?))).collect();
    let below = rows.iter().filter(|(total, price)| total < price).count();
    (below * 2 > rows.len()).then(|| {
        let (total, price) = (&shape.columns[total], &shape.columns[price]);
        Question {
            text: format!("'{total}' was taken for the amount paid, and is below '{price}' in most rows"),
            otherwise: format!(
                "--map 'quantity={total}' if it counts units; and --map 'total={price}' --map unit_price=- if that is the price of all of them"
            ),
        }
    })
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

fn day_of(date: jiff::civil::Date) -> i32 {
    let day = when::day_number(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    day.map_or(0, |day| day as i32)
}

/// What was said and found out, as a mapping that reads such files again.
fn understood_mapping(said: &Mapping, meaning: &Meaning, detected: &Detected, shape: &Shape) -> Mapping {
    let mut mapping = said.clone();
    mapping.kind = Some(meaning.kind);
    mapping.shop = Some(meaning.source.clone());
    mapping.currency =
        mapping.currency.or((meaning.currency != Currency::UNKNOWN).then_some(meaning.currency));
    mapping.date_order = mapping.date_order.or(detected.date_order);
    mapping.decimal_mark = Some(detected.decimal_mark);
    mapping.layout = detected.layout;
    if shape.format == Format::Delimited {
        mapping.delimiter = Some(shape.dialect.separator);
        mapping.encoding = Some(shape.encoding);
        mapping.header = Some(shape.header_line.is_some());
    }
    let has_header = shape.header_line.is_some() || shape.format != Format::Delimited;
    for column in detected.files[0].columns.iter() {
        let Some(role) = column.role.filter(|role| !mapping.columns.iter().any(|(known, _)| known == role))
        else {
            continue;
        };
        let name = if has_header {
            ColumnName::Header(column.name.clone())
        } else {
            ColumnName::Number(column.number)
        };
        mapping.columns.push((role, name));
    }
    mapping
}

/// Whether lines leave blank what stands in the first line of their order, as sheets with merged cells do: a fifth of
/// the rows have a product and neither order nor date.
fn fills_down(shape: &Shape, places: &Places) -> bool {
    let blank = |row: &[String], role| {
        places.find(role).is_some_and(|place| row.get(place).is_none_or(|cell| cell.trim().is_empty()))
    };
    let is_bare = |row: &&Vec<String>| {
        let has = |role| places.has(role) && !blank(row, role);
        blank(row, Role::Order) && blank(row, Role::Date) && (has(Role::Product) || has(Role::ProductName))
    };
    let bare = shape.sample.iter().filter(is_bare).count();
    bare * 5 >= shape.sample.len().max(1) && shape.sample.first().is_some_and(|row| !is_bare(&row))
}

pub(super) fn counted_questions(counts: &Counts, questions: &mut Vec<Question>) {
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
