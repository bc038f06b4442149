//! Cases: what somebody of the shop takes up for a customer, and sees through. An open one keeps a person out of campaigns as
//! an open complaint does. The words are people: the audit tells that there was a case and who did what, not what was said.

use super::{Acting, Refused, Stopped, again, group, survivor};
use crate::record::books::instant;
use crate::staff::permissions::Operation;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::{CaseNote, CaseRow, Failure, Session, Writing};

/// The longest that a case is about, in characters.
const LONGEST_ABOUT: usize = 200;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 4000;

/// A case with what was said and done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// Whose; the customer as of the day it was opened.
    pub customer: String,
    /// What it is about, in a sentence; empty once the person is erased.
    pub about: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom: a member of staff, or a key.
    pub opened_by: String,
    /// When it was closed; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// What was said and done, the first first.
    pub notes: Vec<Note>,
}

/// Something said or done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// In words; empty once the person is erased.
    pub text: String,
    /// When.
    pub written_at: Timestamp,
    /// By whom.
    pub written_by: String,
}

impl Case {
    fn of(reading: &Writing<'_>, row: CaseRow) -> Result<Case, Failure> {
        let note = |note: CaseNote| Note {
            text: note.text,
            written_at: instant(note.written_at),
            written_by: note.written_by,
        };
        Ok(Case {
            notes: reading.notes_of_case(&row.case_id)?.into_iter().map(note).collect(),
            id: row.case_id,
            customer: row.customer_id,
            about: row.about,
            opened_at: instant(row.opened_at),
            opened_by: row.opened_by,
            closed_at: row.closed_at.map(instant),
            closed_by: row.closed_by,
        })
    }
}

/// Open a case under an id that whoever asks has made; the same id again answers as the first time.
///
/// # Errors
/// Refused without words, or with too many, and for somebody who is not there.
pub fn open(
    session: &mut Session,
    id: &str,
    customer: &str,
    about: &str,
    acting: &mut Acting<'_>,
) -> Result<Case, Stopped> {
    let about = words("about", about, LONGEST_ABOUT)?;
    again(session, |writing| {
        let row = CaseRow {
            case_id: id.to_owned(),
            customer_id: survivor(writing, customer)?,
            about: about.clone(),
            opened_at: acting.micros(),
            opened_by: acting.actor.id.clone(),
            closed_at: None,
            closed_by: None,
        };
        if writing.insert_case(&row)? {
            tell(writing, acting, &row, (Json::Null, "open"))?;
        }
        find(writing, id)
    })
}

/// Write down what was said or done about an open case and, where `is_closed`, that this closes it; then the words may be
/// missing.
///
/// # Errors
/// Refused without words, where there is no case, and where somebody else has closed it.
pub fn answer(
    session: &mut Session,
    id: &str,
    text: &str,
    is_closed: bool,
    acting: &mut Acting<'_>,
) -> Result<Case, Stopped> {
    let is_silent = text.trim().is_empty() && is_closed;
    let text = if is_silent { String::new() } else { words("text", text, LONGEST_NOTE)? };
    again(session, |writing| {
        let row = writing.find_case(id)?.ok_or_else(|| Refused::UnknownCase(id.to_owned()))?;
        if row.closed_at.is_some() {
            return Err(Refused::ClosedCase(id.to_owned()).into());
        }
        if !text.is_empty() {
            let note = CaseNote {
                note_id: acting.id(),
                text: text.clone(),
                written_at: acting.micros(),
                written_by: acting.actor.id.clone(),
            };
            writing.insert_case_note(id, &note)?;
        }
        if is_closed && !writing.close_case(id, &acting.actor.id, acting.micros())? {
            // Somebody else was here first, since we looked.
            return Err(Refused::ClosedCase(id.to_owned()).into());
        }
        tell(writing, acting, &row, (json!("open"), if is_closed { "closed" } else { "answered" }))?;
        find(writing, id)
    })
}

/// One case.
///
/// # Errors
/// Refused where there is none of that id.
pub fn find(reading: &Writing<'_>, id: &str) -> Result<Case, Stopped> {
    let row = reading.find_case(id)?.ok_or_else(|| Refused::UnknownCase(id.to_owned()))?;
    Ok(Case::of(reading, row)?)
}

/// All cases of a person, whoever they were before, the last opened first.
pub fn of_customer(reading: &Writing<'_>, customer: &str) -> Result<Vec<Case>, Failure> {
    let mut all = Vec::new();
    for id in group(reading, customer)? {
        for row in reading.cases_of(&id)? {
            all.push(Case::of(reading, row)?);
        }
    }
    all.sort_by_key(|case| std::cmp::Reverse(case.opened_at));
    Ok(all)
}

/// The open cases after one of them, the oldest first, at most `most`.
///
/// # Errors
/// Refused where there is no case of the id.
pub fn open_after(reading: &Writing<'_>, after: Option<&str>, most: i64) -> Result<Vec<Case>, Stopped> {
    let from = match after {
        None => None,
        Some(id) => Some(reading.find_case(id)?.ok_or_else(|| Refused::UnknownCase(id.to_owned()))?),
    };
    let place = from.as_ref().map_or((i64::MIN, ""), |row| (row.opened_at, row.case_id.as_str()));
    let rows = reading.open_cases(place, most)?;
    Ok(rows.into_iter().map(|row| Case::of(reading, row)).collect::<Result<_, _>>()?)
}

fn words(field: &str, text: &str, longest: usize) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        let shown: String = text.chars().take(40).collect();
        let why = format!("say it in 1 to {longest} characters");
        return Err(Refused::NotAValue { field: field.to_owned(), value: shown, why });
    }
    Ok(text.to_owned())
}

fn tell(
    writing: &Writing<'_>,
    acting: &mut Acting<'_>,
    row: &CaseRow,
    (before, after): (Json, &str),
) -> Result<(), Failure> {
    let before = if before.is_null() { before } else { json!({"case": row.case_id, "state": before}) };
    let after = json!({"case": row.case_id, "state": after});
    acting.tell(writing, Operation::WriteCustomers, &row.customer_id, (before, after))
}
