//! What customers said, in their own words, raw for ever. The lake has the score, the day and the store; the words are
//! people and stay here.

use crate::db::{Row, Value};
use crate::failure::{Error, Failure};
use crate::open::Store;
use domain::Id;

/// Words to keep.
#[derive(Debug, Clone, Copy)]
pub struct FeedbackText<'a> {
    /// `row_key` of the fact in the lake.
    pub row_key: u128,
    /// Which of its texts: `text`, `title`, the name of a question.
    pub part: &'a str,
    /// Who said it, where known.
    pub customer: Option<Id>,
    /// The words, as they came.
    pub text: &'a str,
}

/// Words kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeptText {
    /// `row_key` of the fact in the lake.
    pub row_key: u128,
    /// Which of its texts.
    pub part: String,
    /// Who said it, where known.
    pub customer: Option<Id>,
    /// The words; empty where the person was erased.
    pub text: String,
    /// Whether the person was erased.
    pub is_erased: bool,
}

impl Store {
    /// Keep words. The first ones under a source, key and part stay for ever; the same again changes nothing. Words of
    /// an erased customer are kept as an empty place. Answers how many are new.
    pub fn record_feedback(
        &mut self,
        source: &str,
        import: Id,
        recorded_at: i64,
        texts: &[FeedbackText<'_>],
    ) -> Result<u64, Error> {
        let import = import.to_string();
        let owned: Vec<(String, Option<String>, &FeedbackText<'_>)> = texts
            .iter()
            .map(|said| (hex(said.row_key), said.customer.map(|id| id.to_string()), said))
            .collect();
        let gone = "exists (select 1 from customer where id = $4 and erased_at is not null)";
        let sql = format!(
            "insert into feedback_text
                 (source, row_key, part, customer_id, text, is_erased, import_id, recorded_at)
             values ($1, $2, $3, $4, case when {gone} then '' else $5 end, case when {gone} then 1 else 0 end, $6, $7)
             on conflict do nothing"
        );
        self.db.transaction(|db| {
            let values = owned.iter().flat_map(|(row_key, customer, said)| -> [Value<'_>; 7] {
                let customer = customer.as_deref().into();
                let (part, text) = (said.part.into(), said.text.into());
                [source.into(), row_key.into(), part, customer, text, (&import).into(), recorded_at.into()]
            });
            Ok(db.run_each(&sql, 7, values)?)
        })
    }

    /// The words of one piece of feedback, part by part.
    pub fn find_feedback(&self, source: &str, row_key: u128) -> Result<Vec<KeptText>, Failure> {
        let sql = "select row_key, part, customer_id, text, is_erased from feedback_text
             where source = $1 and row_key = $2 order by part";
        self.db.rows(sql, &[source.into(), (&hex(row_key)).into()], kept)
    }

    /// All words of a source, ordered by key and part, streamed.
    pub fn for_each_feedback(&self, source: &str, mut read: impl FnMut(KeptText)) -> Result<(), Failure> {
        let sql = "select row_key, part, customer_id, text, is_erased from feedback_text
             where source = $1 order by row_key, part";
        self.db.for_each(sql, &[source.into()], |row| {
            read(kept(row)?);
            Ok(())
        })
    }
}

fn hex(row_key: u128) -> String {
    format!("{row_key:032x}")
}

fn kept(row: &Row<'_>) -> Result<KeptText, Failure> {
    let customer = match row.maybe_text(2)? {
        Some(_) => Some(row.id(2)?),
        None => None,
    };
    Ok(KeptText {
        row_key: row.parsed(0, |text| u128::from_str_radix(text, 16).ok())?,
        part: row.text(1)?.to_owned(),
        customer,
        text: row.text(3)?.to_owned(),
        is_erased: row.int(4)? == 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, import, shop};

    #[test]
    fn the_first_words_stay_for_ever() {
        let mut shop = shop();
        let import = import(&mut shop, 1);
        let ana = shop.resolve("till", "external_id", &["17"], NOW, &mut chance(1)).unwrap()[0];
        let said = |row_key, part, text| FeedbackText { row_key, part, customer: Some(ana), text };
        let words = "Cà phê ngon,\r\n\"nhưng\" chờ lâu 😐 \u{0}";
        let first = [said(u128::MAX, "text", words), said(u128::MAX, "title", "Chờ"), said(7, "text", "ok")];
        assert_eq!(shop.record_feedback("till", import, NOW, &first).unwrap(), 3);
        assert_eq!(shop.record_feedback("till", import, NOW, &first).unwrap(), 0);
        assert_eq!(shop.record_feedback("till", import, NOW, &[said(7, "text", "changed")]).unwrap(), 0);
        let nobody = FeedbackText { row_key: 7, part: "text", customer: None, text: "from the web" };
        assert_eq!(shop.record_feedback("web", import, NOW, &[nobody]).unwrap(), 1);

        let kept = shop.find_feedback("till", u128::MAX).unwrap();
        assert_eq!(kept.iter().map(|kept| kept.text.as_str()).collect::<Vec<_>>(), [words, "Chờ"]);
        assert_eq!((kept[0].customer, kept[0].is_erased), (Some(ana), false));
        assert_eq!(shop.find_feedback("web", 7).unwrap()[0].customer, None);
        assert_eq!(shop.find_feedback("till", 8).unwrap(), []);

        let mut streamed = Vec::new();
        shop.for_each_feedback("till", |kept| streamed.push((kept.row_key, kept.part))).unwrap();
        assert_eq!(streamed, [(7, "text".into()), (u128::MAX, "text".into()), (u128::MAX, "title".into())]);
    }

    #[test]
    fn words_of_a_stranger_are_refused_whole() {
        let mut shop = shop();
        let import = import(&mut shop, 1);
        let stranger = Id::new(domain::Kind::Customer, 1, 1);
        let said = |row_key, customer| FeedbackText { row_key, part: "text", customer, text: "x" };
        assert!(
            shop.record_feedback("till", import, NOW, &[said(1, None), said(2, Some(stranger))]).is_err()
        );
        assert_eq!(shop.find_feedback("till", 1).unwrap(), []);
    }
}
