//! The back-test as a page: one self-contained HTML file in the reader's language.
//!
//! What is money here is units times worth, at once for charts and from the document's sums for figures; no number is
//! printed that does not follow from the document by counting, dividing or naming.

use super::backtest::{Document, Named};
use assets::chart::{Axis, Colour, Kind, Plot, Series};
use assets::{Assets, Failure, Habit, Lang, Words};
use jiff::civil::{Date, date};
use loyalty::backtest::{Band, Movement, Side};
use loyalty::number::decimal;
use loyalty::program::Program;
use serde::Serialize;
use std::collections::BTreeMap;

/// Sections of the page, in their order: its anchors, and the keys `section-ID`.
const SECTIONS: [&str; 5] = ["bt-points", "bt-cost", "bt-tiers", "bt-members", "bt-notes"];

/// What the template is given.
#[derive(Serialize)]
struct Page<'a> {
    currency: &'a str,
    decimals: u32,
    lang: &'static str,
    shop: String,
    sections: [&'static str; 5],
    d: &'a Document,
    until: Date,
    names: [String; 2],
    rates: [f64; 2],
    more_minor: i64,
    wallets: Vec<Vec<Wallet>>,
    funders: Vec<Funder>,
    tiers: [Vec<Tier>; 2],
    moves: Vec<(&'static str, [u64; 2])>,
    bands: Vec<Spend>,
    charts: Charts,
}

/// One wallet of a program, in points.
#[derive(Serialize)]
struct Wallet {
    name: String,
    earned: String,
    clawed_back: String,
    expired: String,
    spent: String,
    outstanding: String,
}

/// What a funder pays under each program.
#[derive(Serialize)]
struct Funder {
    name: String,
    first_minor: i64,
    second_minor: i64,
}

#[derive(Serialize)]
struct Tier {
    name: String,
    members: u64,
    share: f64,
}

/// Members who spent about as much.
#[derive(Serialize)]
struct Spend {
    name: String,
    band: Band,
    first_rate: f64,
    second_rate: f64,
}

/// Every chart as HTML; empty where there is nothing to draw.
#[derive(Serialize)]
struct Charts {
    outstanding: String,
    given: String,
    bands: String,
}

/// The page. `programs` are those of the document, in its order: for the names of wallets, tiers and funders.
///
/// # Errors
/// Where a template or a message is wrong, never because of a number.
pub fn render(
    document: &Document,
    programs: [&Program; 2],
    assets: &Assets,
    lang: Lang,
) -> Result<String, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, document.currency.code(), document.decimals);
    let sides = [&document.result.first, &document.result.second];
    let names = names(document, lang);
    let rates = [&document.first, &document.second].map(|named: &Named| {
        let hundredths = named.cost_rate_hundredths;
        hundredths as f64 / 10_000.0
    });
    let bands = bands(document, words, &habit)?;
    let charts = Charts::of(document, programs, words, &habit, &names, &bands)?;
    let tiers = [0, 1].map(|place| tiers(programs[place], sides[place], lang));
    let page = Page {
        currency: document.currency.code(),
        decimals: document.decimals,
        lang: lang.tag(),
        shop: match &document.shop {
            Some(shop) => shop.clone(),
            None => words.text("report-shop-unnamed", &[])?,
        },
        sections: SECTIONS,
        d: document,
        until: document.until.yesterday().unwrap_or(document.until),
        rates,
        more_minor: sides[1].cost_minor - sides[0].cost_minor,
        wallets: [0, 1].iter().map(|place| wallets(programs[*place], sides[*place], &habit)).collect(),
        funders: funders(programs, sides, words, lang)?,
        tiers,
        moves: moves(sides),
        bands,
        charts,
        names,
    };
    assets.render("program/backtest.html", lang, &page)
}

/// What the terminal says first.
///
/// # Errors
/// As [`render`].
pub fn headline(document: &Document, assets: &Assets, lang: Lang) -> Result<String, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, document.currency.code(), document.decimals);
    let [first, second] = names(document, lang);
    let sides = [&document.result.first, &document.result.second];
    let [first_rate, second_rate] = [&document.first, &document.second]
        .map(|named| habit.percent(named.cost_rate_hundredths as f64 / 10_000.0, 2));
    let args = [
        ("first", first.into()),
        ("second", second.into()),
        ("first_cost", habit.short_money(sides[0].cost_minor).into()),
        ("second_cost", habit.short_money(sides[1].cost_minor).into()),
        ("first_rate", first_rate.into()),
        ("second_rate", second_rate.into()),
    ];
    let cost = words.text("bt-headline", &args)?;
    let args = [
        ("second", names(document, lang)[1].as_str().into()),
        ("gain", document.result.gain.into()),
        ("lose", document.result.lose.into()),
        ("same", document.result.same.into()),
    ];
    Ok(format!("{cost}\n{}", words.text("bt-gain-lose", &args)?))
}

/// The programs' names; where both are called alike, their ids stand beside them.
fn names(document: &Document, lang: Lang) -> [String; 2] {
    let both = [&document.first, &document.second];
    let [first, second] = both.map(|named| named.name.in_language(lang.folder()).to_owned());
    if first != second {
        return [first, second];
    }
    if document.first.id == document.second.id {
        return [format!("{first} (A)"), format!("{second} (B)")];
    }
    both.map(|named| format!("{first} ({})", named.id))
}

fn wallets(program: &Program, side: &Side, habit: &Habit) -> Vec<Wallet> {
    let mut all = Vec::new();
    for wallet in &program.wallets {
        let movement = side.wallets.get(wallet.id.as_str()).copied().unwrap_or_default();
        let points = |units: i64| {
            let digits = wallet.precision as usize;
            // Exact digits where a float would not hold them.
            if units.unsigned_abs() < 1 << 53 {
                habit.number(units as f64 / 10f64.powi(digits as i32), digits)
            } else {
                decimal(units, wallet.precision)
            }
        };
        all.push(Wallet {
            name: wallet.name.in_language(habit.lang().folder()).to_owned(),
            earned: points(movement.earned),
            clawed_back: points(movement.clawed_back),
            expired: points(movement.expired),
            spent: points(movement.spent),
            outstanding: points(movement.outstanding),
        });
    }
    all
}

fn funders(
    programs: [&Program; 2],
    sides: [&Side; 2],
    words: &Words,
    lang: Lang,
) -> Result<Vec<Funder>, Failure> {
    let mut costs: BTreeMap<&str, [i64; 2]> = BTreeMap::new();
    for (place, side) in sides.into_iter().enumerate() {
        for (funder, cost) in &side.cost_by_funder {
            costs.entry(funder).or_default()[place] = *cost;
        }
    }
    costs
        .into_iter()
        .map(|(id, [first_minor, second_minor])| {
            let spec = programs.iter().flat_map(|program| &program.funders).find(|spec| spec.id == *id);
            let name = match spec {
                Some(spec) => spec.name.in_language(lang.folder()).to_owned(),
                None if id == "shop" => words.text("bt-the-shop", &[])?,
                None => id.to_owned(),
            };
            Ok(Funder { name, first_minor, second_minor })
        })
        .collect()
}

fn tiers(program: &Program, side: &Side, lang: Lang) -> Vec<Tier> {
    let mut all = Vec::new();
    for ladder in &program.ladders {
        let members = |id: &str| side.tiers.get(id).copied().unwrap_or(0);
        let total: u64 = ladder.tier.iter().map(|tier| members(tier.id.as_str())).sum();
        for tier in &ladder.tier {
            let name = tier.name.in_language(lang.folder());
            let several = program.ladders.len() > 1;
            let ladder = ladder.name.in_language(lang.folder());
            all.push(Tier {
                name: if several { format!("{ladder} · {name}") } else { name.to_owned() },
                members: members(tier.id.as_str()),
                share: members(tier.id.as_str()) as f64 / total.max(1) as f64,
            });
        }
    }
    all
}

fn moves(sides: [&Side; 2]) -> Vec<(&'static str, [u64; 2])> {
    let count = |key: &str| sides.map(|side| side.moves.get(key).copied().unwrap_or(0));
    ["reached", "kept", "lost"].into_iter().map(|key| (key, count(key))).collect()
}

fn bands(document: &Document, words: &Words, habit: &Habit) -> Result<Vec<Spend>, Failure> {
    let edges: Vec<i64> = document.result.by_spend.keys().copied().collect();
    let mut all = Vec::new();
    for (place, (from, band)) in document.result.by_spend.iter().enumerate() {
        let name = match edges.get(place + 1) {
            _ if *from == 0 => words.text("bt-band-none", &[])?,
            Some(_) => habit.short_money_range(*from, next_edge(*from)),
            None => words.text("report-and-more", &[("from", habit.short_money(*from).into())])?,
        };
        let rate = |minor: i64| minor as f64 / band.sales_minor.max(1) as f64;
        let (first_rate, second_rate) = (rate(band.first_minor), rate(band.second_minor));
        all.push(Spend { name, band: *band, first_rate, second_rate });
    }
    Ok(all)
}

/// The edge after one of 1, 2 or 5 times a power of ten.
fn next_edge(edge: i64) -> i64 {
    let leading = edge / 10i64.pow(edge.max(1).ilog10());
    if leading == 2 { edge.saturating_mul(5) / 2 } else { edge.saturating_mul(2) }
}

impl Charts {
    fn of(
        document: &Document,
        programs: [&Program; 2],
        words: &Words,
        habit: &Habit,
        names: &[String; 2],
        bands: &[Spend],
    ) -> Result<Charts, Failure> {
        let sides = [&document.result.first, &document.result.second];
        let months = months(document);
        let drawn = Drawn { programs, sides, names, words, habit, months: &months };
        let given = |movement: &Movement| movement.earned - movement.clawed_back;
        Ok(Charts {
            outstanding: drawn.by_month("bt-outstanding", |movement| movement.outstanding, true)?,
            given: drawn.by_month("bt-given", given, false)?,
            bands: drawn.by_band(bands)?,
        })
    }
}

/// First days of the months of the time.
fn months(document: &Document) -> Vec<Date> {
    let mut month = document.from.first_of_month();
    let mut months = Vec::new();
    while month < document.until && months.len() < 1_200 {
        months.push(month);
        let (year, number) =
            if month.month() == 12 { (month.year() + 1, 1) } else { (month.year(), month.month() + 1) };
        month = date(year, number, 1);
    }
    months
}

struct Drawn<'a> {
    programs: [&'a Program; 2],
    sides: [&'a Side; 2],
    names: &'a [String; 2],
    words: &'a Words,
    habit: &'a Habit,
    months: &'a [Date],
}

impl Drawn<'_> {
    /// Minor units by month of what is counted of each wallet; a stock stays where nothing moves it.
    fn values(&self, place: usize, of: impl Fn(&Movement) -> i64, is_stock: bool) -> Vec<f64> {
        let (program, side) = (self.programs[place], self.sides[place]);
        let mut values = vec![0.0; self.months.len()];
        for (wallet, spec) in program.wallets.iter().enumerate() {
            let worth = program.worth(wallet).map_or(0.0, |worth| worth.over() as f64 / worth.under() as f64);
            let mut last = 0.0;
            for (value, month) in values.iter_mut().zip(self.months) {
                let key = format!("{:04}-{:02}", month.year(), month.month());
                let movement = side.months.get(&key).and_then(|wallets| wallets.get(spec.id.as_str()));
                let now = movement.map(|movement| of(movement) as f64 * worth);
                last = now.unwrap_or(if is_stock { last } else { 0.0 });
                *value += last;
            }
        }
        values
    }

    fn by_month(&self, id: &str, of: impl Fn(&Movement) -> i64, is_stock: bool) -> Result<String, Failure> {
        let both = [self.values(0, &of, is_stock), self.values(1, &of, is_stock)];
        let largest = both.iter().flatten().fold(0.0f64, |largest, value| largest.max(value.abs()));
        if self.months.len() < 2 || largest <= 0.0 {
            return Ok(String::new());
        }
        let (scale, unit) = self.habit.axis_unit(largest as i64);
        let line = |place: usize| Series {
            name: self.names[place].clone(),
            values: both[place].iter().map(|value| Some(value / scale)).collect(),
            band: None,
            kind: Kind::Line,
            colour: Colour::Series(place + 1),
        };
        let tips = self.months.iter().enumerate().map(|(step, month)| {
            let value = |place: usize| self.habit.short_money(both[place][step].round() as i64);
            let args = [
                ("month", self.habit.month(*month).into()),
                ("first", self.names[0].as_str().into()),
                ("second", self.names[1].as_str().into()),
                ("first_value", value(0).into()),
                ("second_value", value(1).into()),
            ];
            self.words.text("bt-tip-month", &args)
        });
        let lowest = both.iter().flatten().fold(0.0f64, |lowest, value| lowest.min(*value));
        Plot {
            id,
            title: self.words.text(&format!("chart-{id}"), &[])?,
            description: self.words.text(&format!("chart-{id}-desc"), &[])?,
            x: Axis::Months(self.months.to_vec()),
            x_unit: String::new(),
            unit,
            y_min: (lowest >= 0.0).then_some(0.0),
            y_max: None,
            series: vec![line(0), line(1)],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        }
        .pictures(self.habit)
    }

    /// What members who spent about as much get of it.
    fn by_band(&self, bands: &[Spend]) -> Result<String, Failure> {
        let bands: Vec<&Spend> = bands.iter().filter(|one| one.band.sales_minor > 0).collect();
        if bands.is_empty() {
            return Ok(String::new());
        }
        let bars = |place: usize, rate: fn(&Spend) -> f64| Series {
            name: self.names[place].clone(),
            values: bands.iter().map(|one| Some(rate(one) * 100.0)).collect(),
            band: None,
            kind: Kind::Bar,
            colour: Colour::Series(place + 1),
        };
        let tips = bands.iter().map(|one| {
            let args = [
                ("band", one.name.as_str().into()),
                ("members", one.band.members.into()),
                ("first", self.names[0].as_str().into()),
                ("second", self.names[1].as_str().into()),
                ("first_rate", self.habit.percent(one.first_rate, 2).into()),
                ("second_rate", self.habit.percent(one.second_rate, 2).into()),
            ];
            self.words.text("bt-tip-band", &args)
        });
        Plot {
            id: "bt-bands",
            title: self.words.text("chart-bt-bands", &[])?,
            description: self.words.text("chart-bt-bands-desc", &[])?,
            x: Axis::Names(bands.iter().map(|one| one.name.clone()).collect()),
            x_unit: self.words.text("bt-axis-spend", &[])?,
            unit: "%".to_owned(),
            y_min: None,
            y_max: None,
            series: vec![bars(0, |one| one.first_rate), bars(1, |one| one.second_rate)],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        }
        .pictures(self.habit)
    }
}
