//! Reports that are written by themselves: of the whole shop or of a part of it, every day, week or month, as a file in the
//! folder `reports` of the data folder, and to an address where one is named. What is to be written is a setting; scheduled
//! work writes it, the console too. A letter is a job of its own, so that a mail server that is away keeps no file waiting.

use crate::brand::Brand;
use crate::figures::{Focus, Lake, read_part};
use crate::mail::{Letter, Mail, is_address};
use assets::{Assets, Habit, Lang};
use domain::port::Failure;
use engine::record::schedule::{Done, Worker};
use engine::record::view;
use engine::record::work::{Problem, work};
use engine::understand::xray_page::render;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::{JobStanding, Leased, MessageRow, Queue, Session, Writing};

/// The setting with the reports, as JSON.
pub const SETTING: &str = "scheduled_reports";
/// The folder of the files, below the data folder.
pub const FOLDER: &str = "reports";
/// How often, as it is offered.
pub const SPANS: [&str; 3] = ["day", "week", "month"];
/// The topic of the jobs that send reports.
pub const SENDING: &str = "report_letter";
/// How many letters are sent in one round, so that a slow mail server does not keep other work waiting.
const AT_ONCE: i64 = 8;
/// How long is remembered that a letter was sent.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 92);

/// A report that is written by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Its name: letters, digits and `-`; the file is called after it.
    pub name: String,
    /// Code of the language.
    pub language: String,
    /// `day`; `week`, on Mondays; `month`, on the first.
    pub every: String,
    /// What of the shop.
    #[serde(default)]
    pub focus: Focus,
    /// The e-mail address it is sent to as well; empty: to none.
    #[serde(default)]
    pub to: String,
}

/// What a job sends: the file of a report, to whoever it goes to when it is sent.
#[derive(Debug, Serialize, Deserialize)]
struct Sending {
    report: String,
    day: Date,
}

/// Why a report cannot be scheduled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    /// The name cannot be a file's.
    #[error("'{0}' cannot be the name of a file: 1 to 60 letters without marks, digits and '-'")]
    Name(String),
    /// None of the spans.
    #[error("'{0}' is no span: day, week or month")]
    Every(String),
    /// None of the languages.
    #[error("'{0}' is none of the languages there are")]
    Language(String),
    /// No address.
    #[error(
        "'{0}' is no e-mail address: write one, as ana@shop.example; a list of your mail server reaches several"
    )]
    Address(String),
    /// This server has no mail server.
    #[error("no mail server is named: set smtp and smtp_from for this server, or leave the address empty")]
    NoMail,
}

impl Scheduled {
    /// That it can be scheduled, on a server that sends letters or sends none.
    pub fn checked(self, sends: bool) -> Result<Scheduled, NotUsable> {
        let fits = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
        if self.name.is_empty() || self.name.len() > 60 || !self.name.bytes().all(fits) {
            return Err(NotUsable::Name(self.name));
        }
        if !SPANS.contains(&self.every.as_str()) {
            return Err(NotUsable::Every(self.every));
        }
        if self.language.parse::<Lang>().is_err() {
            return Err(NotUsable::Language(self.language));
        }
        if !self.to.is_empty() && !is_address(&self.to) {
            return Err(NotUsable::Address(self.to));
        }
        if !self.to.is_empty() && !sends {
            return Err(NotUsable::NoMail);
        }
        Ok(self)
    }

    /// Whether it is written on a day.
    pub fn is_due(&self, day: Date) -> bool {
        match self.every.as_str() {
            "week" => day.weekday() == Weekday::Monday,
            "month" => day.day() == 1,
            _ => true,
        }
    }

    /// The file of a day.
    pub fn file(&self, day: Date) -> String {
        format!("{}-{day}.html", self.name)
    }
}

/// All that are scheduled.
pub fn scheduled(reading: &Writing<'_>) -> Result<Vec<Scheduled>, store::Failure> {
    let text = reading.find_setting(SETTING)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Write a report of a day into the data folder, in the shop's own look; answers where it is.
///
/// # Errors
/// A sentence: why there is none.
pub fn write(
    lake: &Lake,
    assets: &Assets,
    brand: &Brand,
    folder: &Path,
    report: &Scheduled,
    day: Date,
    now: Timestamp,
) -> Result<PathBuf, String> {
    let (xray, _) = read_part(lake, &report.focus, now.as_microsecond(), &mut |_| {})?;
    let lang = report.language.parse().unwrap_or(Lang::En);
    let text = render(&xray, &brand.dressed(assets), lang).map_err(|failure| failure.to_string())?;
    let folder = folder.join(FOLDER);
    let path = folder.join(report.file(day));
    let failed = |error: std::io::Error| {
        Failure::because(format!("cannot write {}", path.display()), error).to_string()
    };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    // Beside its place first, so that nobody reads half of it.
    let beside = path.with_extension("part");
    std::fs::write(&beside, text).map_err(failed)?;
    std::fs::rename(&beside, &path).map_err(failed)?;
    Ok(path)
}

/// Ask that the report of a day be sent, where it goes to an address. However often the same `due` asks, there is one
/// letter; `due` is the day, or the moment at which somebody asked by hand.
pub fn ask(
    writing: &Writing<'_>,
    report: &Scheduled,
    day: Date,
    due: &str,
    now: Timestamp,
) -> Result<(), store::Failure> {
    if report.to.is_empty() {
        return Ok(());
    }
    let sending = Sending { report: report.name.clone(), day };
    let job = MessageRow {
        message_id: format!("{SENDING}/{}/{due}", report.name),
        topic: SENDING.to_owned(),
        customer_id: None,
        body: serde_json::to_string(&sending).expect("texts become JSON"),
        created_at: now.as_microsecond(),
    };
    writing.insert_jobs(&[job]).map(drop)
}

/// How the last letter of each report stands, by the report's name, with the day it is of.
pub fn sendings(reading: &Writing<'_>) -> Result<BTreeMap<String, (Date, JobStanding)>, store::Failure> {
    let mut last = BTreeMap::new();
    for job in reading.jobs_of(SENDING, 1000)? {
        if let Ok(Sending { report, day }) = serde_json::from_str(&job.body) {
            last.entry(report).or_insert((day, job));
        }
    }
    Ok(last)
}

/// Send the letters that are due, each under a lease; what does not go is tried again with growing patience. A letter to
/// a report that is asked for no more, or has no address any more, is not sent.
///
/// Two who look at once send one letter. Only where a machine dies between the mail server's "taken" and our note of it
/// the letter goes again, under the same id.
pub fn send_due(
    session: &mut Session,
    mail: &Mail,
    assets: &Assets,
    folder: &Path,
    worker: Worker<'_>,
    now: Timestamp,
) -> Result<Vec<Done>, store::Failure> {
    let reading = session.read();
    let all = scheduled(&reading)?;
    let shop = reading.find_setting("shop")?.unwrap_or_default();
    let mut done = Vec::new();
    let mut act = |leased: &Leased| {
        let sent = deliver(leased, &all, &shop, mail, assets, folder);
        done.push(Done {
            task: SENDING.to_owned(),
            slot: view::at(leased.message.created_at),
            attempt: leased.attempt,
            problem: sent.clone().err(),
            was_ours: true,
        });
        sent
    };
    work(session, (Queue::Jobs, SENDING), worker, now, AT_ONCE, &mut act)?;
    let before = (now - REMEMBERED).as_microsecond();
    session.write(|writing| writing.clear_done(Queue::Jobs, SENDING, before))?;
    Ok(done)
}

fn deliver(
    leased: &Leased,
    all: &[Scheduled],
    shop: &str,
    mail: &Mail,
    assets: &Assets,
    folder: &Path,
) -> Result<(), Problem> {
    let of_no_use = |what: String| Problem { what, is_final: true };
    let Sending { report, day } =
        serde_json::from_str(&leased.message.body).map_err(|error| of_no_use(error.to_string()))?;
    let Some(report) = all.iter().find(|known| known.name == report && !known.to.is_empty()) else {
        return Ok(());
    };
    let file = report.file(day);
    let path = folder.join(FOLDER).join(&file);
    let page = std::fs::read(&path).map_err(|error| of_no_use(format!("{file}: {error}")))?;
    let lang = report.language.parse().unwrap_or(Lang::En);
    let written = Habit::new(lang, "", 0).day(day);
    let said = |key: &str| {
        let args =
            [("shop", shop.into()), ("name", report.name.as_str().into()), ("day", written.as_str().into())];
        let words = assets.words(lang).and_then(|words| words.text(key, &args));
        words.map_err(|failure| of_no_use(failure.to_string()))
    };
    mail.send(&Letter {
        id: &leased.message.message_id.replace('/', "."),
        to: &report.to,
        subject: &said("console-report-letter-subject")?,
        text: &said("console-report-letter")?,
        page: (&file, &page),
        at: view::at(leased.message.created_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn report(name: &str, every: &str, language: &str) -> Scheduled {
        Scheduled {
            name: name.into(),
            language: language.into(),
            every: every.into(),
            focus: Focus::default(),
            to: String::new(),
        }
    }

    #[test]
    fn a_report_is_due_on_its_days_and_named_after_them() {
        let monday = date(2026, 11, 23);
        for (every, day, due) in [
            ("day", monday, true),
            ("week", monday, true),
            ("week", date(2026, 11, 22), false),
            ("month", monday, false),
            ("month", date(2026, 12, 1), true),
        ] {
            assert_eq!(report("north", every, "vi").is_due(day), due, "{every} {day}");
        }
        assert_eq!(report("north", "week", "vi").file(monday), "north-2026-11-23.html");
    }

    #[test]
    fn a_name_is_a_files_and_leads_nowhere_else() {
        assert!(report("north-1", "week", "vi").checked(false).is_ok());
        for wrong in ["", "../x", "a b", "a/b", "Bắc"] {
            assert_eq!(report(wrong, "week", "vi").checked(true), Err(NotUsable::Name(wrong.into())));
        }
        assert_eq!(report("a", "hour", "vi").checked(true), Err(NotUsable::Every("hour".into())));
        assert_eq!(report("a", "week", "fr").checked(true), Err(NotUsable::Language("fr".into())));
    }

    #[test]
    fn it_goes_to_one_address_where_letters_are_sent() {
        let to = |address: &str| Scheduled { to: address.to_owned(), ..report("a", "week", "vi") };
        assert!(to("ana@shop.example").checked(true).is_ok());
        assert_eq!(to("ana@shop.example").checked(false), Err(NotUsable::NoMail));
        for wrong in ["ana", "ana@shop.example, bao@shop.example", "a@b\r\nBcc: c@d.e"] {
            assert_eq!(to(wrong).checked(true), Err(NotUsable::Address(wrong.to_owned())));
        }
    }
}
