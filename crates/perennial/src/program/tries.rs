//! What a program means in money: for a basket, and in the accounts of a month.

use super::folder;
use super::stream::{each, events};
use crate::args::{Common, PolicyArg, ProgramCalculate, ProgramLiability};
use crate::ended::Ended;
use crate::home::now_micros;
use crate::say;
use engine::design::liabilities::{Asked, Statement, statements};
use engine::design::rules_page::words_of;
use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::calculator::{benefit, break_even_lift, in_words};
use loyalty::fact::{Fact, Order};
use loyalty::judge::Books;
use loyalty::liability::{Policy, Shares};
use loyalty::name::Name;
use loyalty::number::{Number, decimal};
use loyalty::program::Program;
use loyalty::simulate::{Simulation, Told};
use loyalty::time::start_of;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// `program calculate`
pub fn calculate(common: &Common, args: &ProgramCalculate) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    let is_standard = |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if is_standard(&args.basket) && is_standard(&args.events) {
        return Err(Ended::Usage("--basket and --events cannot both read standard input".to_owned()));
    }
    let mut order = match (&args.basket, &args.amount) {
        (Some(path), _) => basket(path)?,
        (None, Some(amount)) => one_line(&program, amount)?,
        (None, None) => {
            return Err(Ended::Usage("give a basket with --basket FILE or --amount AMOUNT".to_owned()));
        }
    };
    let margin = margin(&args.margin)?;
    let at =
        args.at.map(|at| program.zone.to_ambiguous_zoned(at).compatible().map(|zoned| zoned.timestamp()));
    let at = at.transpose().map_err(|error| Ended::Usage(format!("--at: {error}")))?;
    let clock = Timestamp::from_microsecond(now_micros()).map_err(|error| Ended::Failed(error.into()))?;
    let (mut books, mut now, mut later) = (Books::default(), at.unwrap_or(clock), 0u64);
    if let (Some(path), Some(member)) = (&args.events, &args.member) {
        let mut simulation = Simulation::new(&program, 1);
        for event in events(path)? {
            let event = event?;
            // What is told for later has not happened yet at that time.
            if at.is_some_and(|at| event.at > at) {
                later += 1;
            } else {
                simulation.take(event);
            }
        }
        now = at.unwrap_or(now.max(simulation.now()));
        books = simulation.books().clone();
        let member = Name::new(member);
        if !books.members.contains_key(&member) {
            let by = args.at.map_or_else(String::new, |at| format!(" by {at}"));
            return Err(Ended::Refused(format!(
                "{}: nobody called '{member}' joins{by}; name a member of the file with --member",
                path.display()
            )));
        }
        if later > 0 && !common.quiet {
            let facts = if later == 1 { "fact is" } else { "facts are" };
            eprintln!("{} {facts} later than --at and left out", say::count(later));
        }
        order.member = Some(member);
    }
    let answer = benefit(&program, &books, &order, now).map_err(Ended::Refused)?;
    let lift = break_even_lift(answer.cost_minor, answer.paid_minor, margin).filter(|_| answer.is_cost_known);
    let wallet = |place: usize| program.wallets[place].id.as_str();
    let document = json!({
        "currency": program.head.currency,
        "at": now,
        "later_facts": later,
        "paid_minor": answer.paid_minor,
        "earned": answer.earned.iter().enumerate().map(|(place, units)| json!({
            "wallet": wallet(place), "units": units, "precision": program.wallets[place].precision,
        })).collect::<Vec<_>>(),
        "worth_minor": answer.worth_minor,
        "cost_minor": Some(answer.cost_minor).filter(|_| answer.is_cost_known),
        "rewards": answer.rewards.iter().map(|row| json!({
            "reward": row.reward, "wallet": wallet(row.wallet), "missing": row.missing, "baskets": row.baskets,
            "unavailable": row.gone,
        })).collect::<Vec<_>>(),
        "margin_percent": margin,
        "break_even_lift": lift,
    });
    say::result(common, &document, || in_words(&program, &answer, margin, words_of(args.lang)))
}

/// A basket is an order without what a shop adds: its id, and ids of its lines.
fn basket(path: &Path) -> Result<Order, Ended> {
    let is_standard = path.as_os_str() == "-";
    let shown = if is_standard { "standard input".to_owned() } else { path.display().to_string() };
    let refused = |why: String| Ended::Refused(format!("{shown}: {why}"));
    let text = match is_standard {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    let text = text.map_err(|error| refused(error.to_string()))?;
    let mut value: Value = serde_json::from_str(&text).map_err(|error| {
        refused(format!(
            "{error}; a basket is {{\"lines\": [{{\"product\": \"latte\", \"gross_minor\": 45000}}]}}"
        ))
    })?;
    if let Some(order) = value.as_object_mut() {
        order.entry("id").or_insert_with(|| "basket".into());
        for (place, line) in
            order.get_mut("lines").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
        {
            if let Some(line) = line.as_object_mut() {
                line.entry("id").or_insert_with(|| (place + 1).to_string().into());
                line.entry("product").or_insert_with(|| "".into());
            }
        }
    }
    serde_json::from_value(value).map_err(|error| refused(format!("this is no basket: {error}")))
}

fn one_line(program: &Program, amount: &str) -> Result<Order, Ended> {
    let currency = program.head.currency;
    let number: Option<Number> = serde_json::from_value(Value::String(amount.to_owned())).ok();
    let minor = number.and_then(|number| number.units(program.decimals())).filter(|minor| *minor > 0);
    let minor = minor.ok_or_else(|| {
        let how = match program.decimals() {
            0 => "write whole digits, such as 120000".to_owned(),
            decimals => format!("write digits with at most {decimals} after the point"),
        };
        Ended::Usage(format!("--amount {amount} is no amount of {currency}: {how}"))
    })?;
    let order = json!({"id": "basket", "lines": [{"id": "1", "product": "", "gross_minor": minor}]});
    serde_json::from_value(order).map_err(|error| Ended::Failed(error.into()))
}

/// A share such as 0.3 in whole per cent.
fn margin(text: &str) -> Result<u8, Ended> {
    let number: Option<Number> = serde_json::from_value(Value::String(text.to_owned())).ok();
    let percent = number.and_then(|number| number.units(2)).and_then(|percent| u8::try_from(percent).ok());
    percent.filter(|percent| (1..=100).contains(percent)).ok_or_else(|| {
        Ended::Usage(format!("--margin {text}: expected a share of sales from 0.01 to 1, such as 0.3"))
    })
}

/// `program liability`
pub fn liability(common: &Common, args: &ProgramLiability) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    let month: Option<Date> = format!("{}-01", args.month).parse().ok().filter(|_| args.month.len() == 7);
    let month = month
        .ok_or_else(|| Ended::Usage(format!("--month {}: expected a month such as 2026-03", args.month)))?;
    let (year, number) =
        if month.month() == 12 { (month.year() + 1, 1) } else { (month.year(), month.month() + 1) };
    let next = Date::new(year, number, 1)
        .map_err(|error| Ended::Usage(format!("--month {}: {error}", args.month)))?;
    let mut sales_minor: BTreeMap<String, i64> = BTreeMap::new();
    for event in events(&args.facts.events)? {
        let event = event?;
        if let Fact::Order(order) = &event.fact
            && order.member.is_some()
            && order.currency.is_none_or(|currency| currency == program.head.currency)
        {
            let day = program.day(order.ordered_at.unwrap_or(event.at));
            let sum = sales_minor.entry(day.strftime("%Y-%m").to_string()).or_default();
            *sum = sum.saturating_add(order.paid_minor());
        }
    }
    let mut outputs = Vec::new();
    each(&program, &args.facts, |_, _, told| {
        if let Told::Output(output) = told {
            outputs.push(output.clone());
        }
        Ok(())
    })?;
    let asked = Asked {
        from: start_of(month, &program.zone),
        to: start_of(next, &program.zone),
        policy: policy(args.policy),
        life_months: args.life_months,
        sales_minor,
    };
    let rows = statements(&program, &outputs, &asked);
    let document = json!({
        "program": program.head.id, "month": args.month, "policy": asked.policy,
        "currency": program.head.currency, "wallets": rows,
    });
    say::result(common, &document, || rows.iter().map(|row| told(&program, row, &args.month)).collect())
}

fn policy(arg: PolicyArg) -> Policy {
    match arg {
        PolicyArg::RelativePrice => Policy::RelativePrice { shares: Shares::Exact },
        PolicyArg::RelativePriceWholePercent => Policy::RelativePrice { shares: Shares::WholePercent },
        PolicyArg::FairValue => Policy::FairValue,
        PolicyArg::Provision => Policy::Provision,
        PolicyArg::None => Policy::None,
    }
}

fn told(program: &Program, row: &Statement, month: &str) -> String {
    let precision = program.wallet(&row.wallet).map_or(0, |place| program.wallets[place].precision);
    let (points, money) =
        (|units: i64| decimal(units, precision), |minor: i64| decimal(minor, program.decimals()));
    let (currency, table) = (program.head.currency, &row.movement);
    let mut text = format!("{} in {month}\n", row.wallet);
    for (name, units) in [
        ("there at the beginning", table.opening),
        ("earned", table.earned),
        ("by hand", table.adjusted),
        ("spent", -table.spent),
        ("taken back", -table.clawed_back),
        ("ran out", -table.expired),
        ("cancelled", -table.cancelled),
        ("from other members", table.transferred),
        ("there at the end", table.closing),
    ] {
        let _ = writeln!(text, "  {name:<24}{:>16}", points(units));
    }
    let _ = writeln!(
        text,
        "  liability {} {currency}, before {} {currency}{}",
        money(row.liability_minor),
        money(row.before_minor),
        if row.is_estimated { "" } else { "; too little was redeemed to estimate: all points count" }
    );
    for line in &row.journal {
        let account = serde_json::to_value(line.account).ok();
        let account = account.as_ref().and_then(Value::as_str).unwrap_or_default().replace('_', " ");
        let _ = writeln!(
            text,
            "  {account:<24}debit {:>14}  credit {:>14}  {}",
            money(line.debit_minor),
            money(line.credit_minor),
            line.what
        );
    }
    text
}
