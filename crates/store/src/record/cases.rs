//! Cases: what somebody of the shop has taken up for a customer, with what was said and done about it, until it is closed.

use super::Writing;
use crate::db::Row;
use crate::failure::Failure;
use crate::open::Store;
use domain::Id;

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CaseRow {
    /// Its id.
    pub case_id: String,
    /// Whose.
    pub customer_id: String,
    /// What it is about, in a sentence; empty once the person is erased.
    pub about: String,
    /// When it was opened, in microseconds since 1970.
    pub opened_at: i64,
    /// By whom.
    pub opened_by: String,
    /// When it was closed; absent while it is open.
    pub closed_at: Option<i64>,
    /// By whom.
    pub closed_by: Option<String>,
}

/// Something said or done about a case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CaseNote {
    /// Grows with time.
    pub note_id: String,
    /// In words; empty once the person is erased.
    pub text: String,
    /// When, in microseconds since 1970.
    pub written_at: i64,
    /// By whom.
    pub written_by: String,
}

macro_rules! select_case {
    ($rest:literal) => {
        concat!(
            "select case_id, customer_id, about, opened_at, opened_by, closed_at, closed_by from customer_case ",
            $rest
        )
    };
}

fn case(row: &Row<'_>) -> Result<CaseRow, Failure> {
    Ok(CaseRow {
        case_id: row.string(0)?,
        customer_id: row.string(1)?,
        about: row.string(2)?,
        opened_at: row.int(3)?,
        opened_by: row.string(4)?,
        closed_at: row.maybe_int(5)?,
        closed_by: row.maybe_string(6)?,
    })
}

impl Writing<'_> {
    /// Open a case; answers whether it is new. The same again changes nothing.
    pub fn insert_case(&self, row: &CaseRow) -> Result<bool, Failure> {
        let sql = "insert into customer_case (case_id, customer_id, about, opened_at, opened_by)
             values ($1, $2, $3, $4, $5) on conflict do nothing";
        let (id, customer) = ((&row.case_id).into(), (&row.customer_id).into());
        let values = [id, customer, (&row.about).into(), row.opened_at.into(), (&row.opened_by).into()];
        Ok(self.db.run(sql, &values)? == 1)
    }

    /// A case, where there is one of that id.
    pub fn find_case(&self, id: &str) -> Result<Option<CaseRow>, Failure> {
        self.db.first(select_case!("where case_id = $1"), &[id.into()], case)
    }

    /// All of a customer's, the last opened first.
    pub fn cases_of(&self, customer_id: &str) -> Result<Vec<CaseRow>, Failure> {
        let sql = select_case!("where customer_id = $1 order by opened_at desc, case_id");
        self.db.rows(sql, &[customer_id.into()], case)
    }

    /// Those that are open, the oldest first, after one of them (its instant and id); at most `most`.
    pub fn open_cases(&self, (at, id): (i64, &str), most: i64) -> Result<Vec<CaseRow>, Failure> {
        let sql = select_case!(
            "where closed_at is null and (opened_at > $1 or opened_at = $1 and case_id > $2)
             order by opened_at, case_id limit $3"
        );
        self.db.rows(sql, &[at.into(), id.into(), most.into()], case)
    }

    /// Close a case that is open; answers whether it was.
    pub fn close_case(&self, id: &str, by: &str, now: i64) -> Result<bool, Failure> {
        let sql = "update customer_case set closed_at = $3, closed_by = $2
             where case_id = $1 and closed_at is null";
        Ok(self.db.run(sql, &[id.into(), by.into(), now.into()])? == 1)
    }

    /// Add what was said or done.
    pub fn insert_case_note(&self, case_id: &str, note: &CaseNote) -> Result<(), Failure> {
        let sql = "insert into case_note (case_id, note_id, text, written_at, written_by)
             values ($1, $2, $3, $4, $5)";
        let (id, text) = ((&note.note_id).into(), (&note.text).into());
        let values = [case_id.into(), id, text, note.written_at.into(), (&note.written_by).into()];
        self.db.run(sql, &values).map(drop)
    }

    /// What was said and done about a case, the first first.
    pub fn notes_of_case(&self, case_id: &str) -> Result<Vec<CaseNote>, Failure> {
        let sql = "select note_id, text, written_at, written_by from case_note where case_id = $1
             order by note_id";
        self.db.rows(sql, &[case_id.into()], |row| {
            let (note_id, text) = (row.string(0)?, row.string(1)?);
            Ok(CaseNote { note_id, text, written_at: row.int(2)?, written_by: row.string(3)? })
        })
    }
}

impl Store {
    /// Everybody with an open case. Whoever was merged since is told as who they are today.
    pub fn with_open_cases(&self) -> Result<Vec<Id>, Failure> {
        let sql = "with recursive whose (customer_id) as (
                 select customer_id from customer_case where closed_at is null
                 union
                 select customer_merge.into_id from whose
                 join customer_merge on customer_merge.from_id = whose.customer_id
                 where customer_merge.parted_at is null
             )
             select customer_id from whose
             where not exists (select 1 from customer_merge
                 where customer_merge.from_id = whose.customer_id and customer_merge.parted_at is null)
             order by customer_id";
        self.db.rows(sql, &[], |row| row.id(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, shop};
    use crate::{Failure, MergeRow};

    #[test]
    fn a_case_is_open_until_it_is_closed_and_follows_a_merge() {
        let mut shop = shop();
        let ids = shop.resolve("till", "external_id", &["1", "2"], NOW, &mut chance(1)).unwrap();
        let row = |id: &str, customer: Id, at: i64| CaseRow {
            case_id: id.to_owned(),
            customer_id: customer.to_string(),
            about: "cold soup".to_owned(),
            opened_at: at,
            opened_by: "stf_1".to_owned(),
            closed_at: None,
            closed_by: None,
        };
        let note = CaseNote {
            note_id: "n-1".to_owned(),
            text: "called back".to_owned(),
            written_at: NOW,
            written_by: "stf_1".to_owned(),
        };
        let (one, two) = (row("case_1", ids[0], NOW), row("case_2", ids[1], NOW + 1));
        let mut session = shop.sessions().open().unwrap();
        let opened: Result<[bool; 3], Failure> = session.write(|writing| {
            let opened = [writing.insert_case(&one)?, writing.insert_case(&one)?, writing.insert_case(&two)?];
            writing.insert_case_note("case_1", &note)?;
            Ok(opened)
        });
        assert_eq!(opened.unwrap(), [true, false, true]);
        let reading = session.read();
        assert_eq!(reading.open_cases((0, ""), 9).unwrap(), [one.clone(), two.clone()]);
        assert_eq!(reading.open_cases((NOW, "case_1"), 9).unwrap(), [two]);
        assert_eq!(reading.notes_of_case("case_1").unwrap(), [note]);
        assert_eq!(shop.with_open_cases().unwrap(), ids);

        let closed: Result<[bool; 2], Failure> = session.write(|writing| {
            Ok([
                writing.close_case("case_2", "stf_2", NOW + 9)?,
                writing.close_case("case_2", "stf_3", NOW + 10)?,
            ])
        });
        assert_eq!(closed.unwrap(), [true, false]);
        let kept = session.read().find_case("case_2").unwrap().unwrap();
        assert_eq!((kept.closed_at, kept.closed_by.as_deref()), (Some(NOW + 9), Some("stf_2")));
        assert_eq!(shop.with_open_cases().unwrap(), ids[..1]);

        let merge = MergeRow {
            merge_id: "m-1".to_owned(),
            from_id: ids[0].to_string(),
            into_id: ids[1].to_string(),
            keys: "[]".to_owned(),
            evidence: String::new(),
            merged_by: String::new(),
            merged_at: NOW,
            parted_by: None,
            parted_at: None,
        };
        let merged: Result<(), Failure> = session.write(|writing| writing.insert_merge(&merge));
        merged.unwrap();
        assert_eq!(shop.with_open_cases().unwrap(), ids[1..], "who it is today");
        assert_eq!(session.read().cases_of(&ids[0].to_string()).unwrap(), [one]);
    }
}
