//! `program backtest`: the shop's own history through two programs.

use super::{folder, place};
use crate::args::{Common, ProgramBacktest};
use crate::ended::Ended;
use crate::home::{Home, assets};
use crate::progress::Progress;
use crate::{say, xray};
use analytics::session::Session;
use domain::{Currency, Id};
use engine::design::backtest::{Document, Options, People, Progress as At, backtest};
use engine::design::backtest_page;
use jiff::civil::Date;
use loyalty::program::Program;
use loyalty::time::MonthDay;
use std::collections::HashMap;

/// Run the command.
pub fn run(common: &Common, args: &ProgramBacktest) -> Result<(), Ended> {
    let (first, second) = (folder::program(&args.dir)?, folder::program(&args.against)?);
    let programs = [&first, &second];
    let home = Home::open_to_read(common)?;
    let assets = assets(common)?;
    let session = home.session(common, &assets)?;
    let mut progress = Progress::new(common.quiet);
    progress.at("running the history through both programs", 0, 0, 0);
    let document = of_home(&home, &session, programs, (args.from, args.to), &mut |at| {
        progress.at("running the history through both programs", at.done, at.total, at.done);
    })?;
    progress.clear();
    let lang = args.lang;
    let page = backtest_page::render(&document, programs, &assets, lang)?;
    let mut told = format!("the report is in {}\n", place::write(&args.out, page.as_bytes())?);
    if let Some(path) = &args.out_json {
        let text = serde_json::to_vec_pretty(&document).map_err(|error| Ended::Failed(error.into()))?;
        told += &format!("every number is in {}\n", place::write(path, &text)?);
    }
    let said = backtest_page::headline(&document, &assets, lang)?;
    say::result(common, &document, || format!("{said}\n{told}"))
}

/// Run the history of a data folder through two programs.
pub fn of_home(
    home: &Home,
    session: &Session,
    programs: [&Program; 2],
    (from, to): (Option<Date>, Option<Date>),
    told: &mut dyn FnMut(At),
) -> Result<Document, Ended> {
    let currency = home.store.find_setting("currency")?.and_then(|code| code.parse().ok());
    let options = Options {
        shop: home.store.find_setting("shop")?,
        zone: home.store.find_setting("timezone")?,
        from,
        to,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        ..Options::new(currency.unwrap_or(Currency::UNKNOWN))
    };
    let (keys, birthdays) = (xray::keys(home)?, birthdays(home)?);
    let people = People { birthday: &|id| birthdays.get(id).copied(), key: &|id| keys.get(id).cloned() };
    Ok(backtest(session, programs, &options, &people, told)?)
}

/// Birthdays by our ids; what is no day of the year is nobody's birthday.
fn birthdays(home: &Home) -> Result<HashMap<String, MonthDay>, Ended> {
    let mut birthdays = HashMap::new();
    home.store.for_each_person("birthday", |id: Id, text| {
        if let Ok(day) = text.parse::<MonthDay>() {
            birthdays.insert(id.to_string(), day);
        }
    })?;
    Ok(birthdays)
}
