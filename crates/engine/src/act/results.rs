//! What came back: a vendor's file of sent and failed, or the staff's list with its ticks.
//!
//! Rows find their people by our reference, else by phone number, e-mail address or the shop's key. Who asked not to be
//! written to again is taken at their word in the same transaction. Rows about people who were to be left alone show a
//! leak; a row about nobody we know is counted. The same file again changes nothing.

use super::export::references;
use super::plan::Plan;
use super::{Refused, Stopped, cycle};
use crate::collect::when::{self, DAY_MICROS, DateEvidence, DateOrder};
use crate::collect::whole::{Whole, plain};
use crate::record::consent::{Standing, standing};
use domain::Id;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{CampaignResult, ConsentRow, Store};

/// What each word of a file means.
const WORDS: &str = include_str!("outcomes.txt");

/// What the staff may tick, in the words of documents, in order.
pub const TICKS: [&str; 5] = ["reached", "no_answer", "will_come", "declined", "opted_out"];

/// How a reached person is known.
const REACHED: [&str; 5] = ["sent", "answered", "reached", "will_come", "declined"];

/// Whether an outcome means that somebody was contacted.
pub fn is_contact(outcome: &str) -> bool {
    REACHED.contains(&outcome) || outcome == "opted_out"
}

/// What a file of results said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Came {
    /// The file.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// Rows that say nothing, such as a call not made yet.
    pub empty: u64,
    /// Outcomes that were new.
    pub new: u64,
    /// Outcomes by word.
    pub outcomes: BTreeMap<String, u64>,
    /// People who asked not to be written to again and until then might have been.
    pub opted_out: u64,
    /// People who were to be left alone and were contacted.
    pub leaked: u64,
    /// People whom no list of ours had.
    pub strangers: u64,
    /// Rows about nobody we know.
    pub unknown: u64,
}

/// The meaning of a word in a file.
fn meaning(word: &str) -> Option<&'static str> {
    let wanted = plain(word);
    WORDS.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let (code, words) = line.split_once(": ")?;
        (plain(code) == wanted || words.split(", ").any(|one| plain(one) == wanted)).then_some(code)
    })
}

/// What the staff may tick, in a language: `lang` is the place of its words in a line of `outcomes.txt`.
pub fn ticks(lang: assets::Lang) -> Vec<String> {
    let mut all = Vec::new();
    for tick in TICKS {
        let line = WORDS.lines().find_map(|line| line.strip_prefix(&format!("{tick}: ")));
        let words: Vec<&str> = line.unwrap_or_default().split(", ").collect();
        let is_han = |word: &&&str| word.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
        let is_latin = |word: &&&str| word.is_ascii();
        let found = match lang {
            assets::Lang::En => words.iter().find(is_latin),
            assets::Lang::Vi => words.iter().find(|word| !is_latin(word) && !is_han(word)),
            assets::Lang::Zh => words.iter().find(is_han),
            assets::Lang::ZhHant => words.iter().rfind(is_han),
        };
        all.push(found.map_or(tick, |word| word).to_owned());
    }
    all
}

/// Takes a file of results in.
///
/// # Errors
/// Refused before the freeze, and where a column or a word of the file is not understood: nothing of it is kept then.
pub fn take(
    store: &mut Store,
    plan: &Plan,
    file: &str,
    list: &Whole,
    secret: &[u8; 32],
    now_micros: i64,
) -> Result<Came, Stopped> {
    let step = |detail: &str| Refused::Step { campaign: plan.name.clone(), detail: detail.to_owned() };
    if cycle::frozen(store, &plan.name)?.is_none() {
        return Err(step("nothing was frozen yet, so there are no results to take in").into());
    }
    let wrong = |detail: String| Refused::File { file: file.to_owned(), detail };
    let status = list
        .place(&["outcome", "status", "result", "ket qua", "trang thai", "结果", "状态", "結果", "狀態"])
        .ok_or_else(|| {
            wrong(format!(
                "no column says what came of it (outcome, status, result) among {}",
                list.head.join(", ")
            ))
        })?;
    let finders = Finders::of(store, plan, list, secret)?;
    if finders.columns.is_empty() {
        let detail =
            format!("no column says who (ref, phone, email, customer) among {}", list.head.join(", "));
        return Err(wrong(detail).into());
    }
    let mut arms: FxHashMap<u128, String> = FxHashMap::default();
    store.for_each_member(&plan.name, |member| {
        arms.insert(member.customer.body(), member.arm);
    })?;
    let mut known: std::collections::BTreeSet<(Id, String)> = std::collections::BTreeSet::new();
    store.for_each_result(&plan.name, |id, outcome, _| {
        known.insert((id, outcome.to_owned()));
    })?;
    let days = Days::of(list);
    let mut came = Came { file: file.to_owned(), rows: list.rows.len() as u64, ..Came::default() };
    let mut results = Vec::new();
    for (line, cells) in &list.rows {
        let word = cells.get(status).map_or("", |cell| cell.trim());
        if word.is_empty() {
            came.empty += 1;
            continue;
        }
        let outcome = meaning(word).ok_or_else(|| {
            let known: Vec<&str> =
                WORDS.lines().filter_map(|line| line.split_once(": ")).map(|(code, _)| code).collect();
            wrong(format!("line {line}: '{word}' is no outcome we know; write one of {}", known.join(", ")))
        })?;
        let stated = days.day(cells, now_micros).map_err(|why| wrong(format!("line {line}: {why}")))?;
        let Some(customer) = finders.find(cells) else {
            came.unknown += 1;
            continue;
        };
        *came.outcomes.entry(outcome.to_owned()).or_default() += 1;
        if known.insert((customer, outcome.to_owned())) {
            came.new += 1;
            let happened_at = stated.unwrap_or(now_micros);
            results.push(CampaignResult { customer, outcome: outcome.to_owned(), happened_at });
        }
        match arms.get(&customer.body()).map(String::as_str) {
            Some("contact") => {}
            Some("held_out") if is_contact(outcome) => came.leaked += 1,
            _ if is_contact(outcome) => came.strangers += 1,
            _ => {}
        }
    }
    let said = opt_outs(store, plan, &results, now_micros)?;
    came.opted_out =
        said.iter().map(|row| &row.customer_id).collect::<std::collections::BTreeSet<_>>().len() as u64;
    let text = serde_json::to_string(&came).expect("plain data becomes JSON");
    store.record_results(&plan.name, &results, &said, &text, now_micros)?;
    Ok(came)
}

/// The proofs of who asked not to be written to again: one for each address that stands as granted or unsaid.
fn opt_outs(
    store: &Store,
    plan: &Plan,
    results: &[CampaignResult],
    now_micros: i64,
) -> Result<Vec<ConsentRow>, Stopped> {
    let who: FxHashMap<u128, Id> = results
        .iter()
        .filter(|result| result.outcome == "opted_out")
        .map(|result| (result.customer.body(), result.customer))
        .collect();
    if who.is_empty() {
        return Ok(Vec::new());
    }
    let mut by_address: BTreeMap<(Id, String), Vec<ConsentRow>> = BTreeMap::new();
    store.for_each_consent(&plan.channel, &plan.purpose, |id, row| {
        if who.contains_key(&id.body()) {
            by_address.entry((id, row.address.clone())).or_default().push(row);
        }
    })?;
    let mut people: Vec<Id> = who.into_values().collect();
    people.sort_unstable();
    for id in people {
        // Somebody of whom no consent was ever kept is refused under no address: it holds until another word.
        if !by_address.keys().any(|(known, _)| *known == id) {
            by_address.insert((id, String::new()), Vec::new());
        }
    }
    let mut rows = Vec::new();
    for (place, ((id, address), said)) in by_address.into_iter().enumerate() {
        if matches!(standing(&said, &plan.purpose, now_micros), Standing::Refused { .. }) {
            continue;
        }
        let last = said.last();
        let of = |get: fn(&ConsentRow) -> &String| last.map(get).cloned().unwrap_or_default();
        rows.push(ConsentRow {
            customer_id: id.to_string(),
            consent_id: format!("{now_micros:020}-{place:08}-{}", plan.name),
            address,
            channel: plan.channel.clone(),
            purpose: plan.purpose.clone(),
            status: "withdrawn".to_owned(),
            legal_basis: "consent".to_owned(),
            jurisdiction: of(|row| &row.jurisdiction),
            text_version: of(|row| &row.text_version),
            language: of(|row| &row.language),
            source: "stop".to_owned(),
            actor: format!("campaign {}", plan.name),
            evidence: serde_json::json!({ "campaign": plan.name }).to_string(),
            happened_at: now_micros,
            recorded_at: now_micros,
            expires_at: None,
            confirms: None,
        });
    }
    Ok(rows)
}

/// The day on which something was done, where a file says it.
struct Days {
    column: Option<usize>,
    order: DateOrder,
}

impl Days {
    /// The column of days; the order of day and month is that of the whole column, day first where nothing decides.
    fn of(list: &Whole) -> Days {
        const NAMES: [&str; 14] = [
            "called on",
            "done on",
            "sent on",
            "sent at",
            "date",
            "day",
            "ngay goi",
            "ngay gui",
            "ngay",
            "致电日",
            "发送时间",
            "致電日",
            "傳送時間",
            "日期",
        ];
        let column = list.place(&NAMES);
        let mut evidence = DateEvidence::default();
        for (_, cells) in &list.rows {
            evidence.look(column.and_then(|at| cells.get(at)).map_or("", String::as_str));
        }
        Days { column, order: evidence.order().unwrap_or(DateOrder::Dmy) }
    }

    /// The beginning of the day of a row, in microseconds since 1970; `None` where the row says none.
    fn day(&self, cells: &[String], now_micros: i64) -> Result<Option<i64>, String> {
        let cell = self.column.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        if cell.is_empty() {
            return Ok(None);
        }
        let read =
            when::read(cell, self.order).ok_or_else(|| format!("'{cell}' is no day; write 2026-01-31"))?;
        let day = read.civil_micros.div_euclid(DAY_MICROS) * DAY_MICROS;
        // The shop's day may be ahead of the world's by less than one.
        match day > now_micros + DAY_MICROS {
            true => Err(format!("'{cell}' has not come yet")),
            false => Ok(Some(day)),
        }
    }
}

/// The ways to a person that a file offers. What is known of keys is read once: a file may have a million rows.
pub(super) struct Finders {
    references: FxHashMap<String, Id>,
    /// The shop's keys by kind and value; a value that several customers have is nobody's.
    keys: FxHashMap<&'static str, FxHashMap<String, Option<Id>>>,
    /// Kind of key and column, the surest first.
    pub columns: Vec<(&'static str, usize)>,
}

impl Finders {
    fn of(store: &Store, plan: &Plan, list: &Whole, secret: &[u8; 32]) -> Result<Finders, Stopped> {
        let mut finders = Finders::without_references(store, list)?;
        if let Some(column) = list.place(&["ref", "tracking_id", "ma", "编号", "編號"]) {
            finders.references = references(store, secret, &plan.name)?;
            finders.columns.insert(0, ("ref", column));
        }
        Ok(finders)
    }

    /// Ways without references, for a file that is of no campaign.
    pub fn without_references(store: &Store, list: &Whole) -> Result<Finders, Stopped> {
        let columns = columns(list);
        let mut keys: FxHashMap<&'static str, FxHashMap<String, Option<Id>>> =
            columns.iter().map(|(kind, _)| (*kind, FxHashMap::default())).collect();
        if !keys.is_empty() {
            store.for_each_key(|id, kind, _, value| {
                let Some(known) = keys.get_mut(kind) else { return };
                match known.get_mut(value) {
                    Some(whose) if *whose == Some(id) => {}
                    Some(whose) => *whose = None,
                    None => drop(known.insert(value.to_owned(), Some(id))),
                }
            })?;
        }
        Ok(Finders { references: FxHashMap::default(), keys, columns })
    }

    /// The person of a row.
    pub fn find(&self, cells: &[String]) -> Option<Id> {
        self.columns.iter().find_map(|(kind, column)| {
            let cell = cells.get(*column).map_or("", |cell| cell.trim());
            if cell.is_empty() {
                return None;
            }
            match *kind {
                "ref" => self.references.get(&cell.to_lowercase()).copied(),
                "phone" => forms(cell).find_map(|form| self.key("phone", &form)),
                "email" => self.key("email", &cell.to_lowercase()),
                _ => self.key("external_id", cell),
            }
        })
    }

    fn key(&self, kind: &str, value: &str) -> Option<Id> {
        self.keys.get(kind)?.get(value).copied().flatten()
    }
}

fn columns(list: &Whole) -> Vec<(&'static str, usize)> {
    const NAMES: [(&str, &[&str]); 3] = [
        ("phone", &["phone", "so dien thoai", "sdt", "mobile", "电话", "手机", "電話", "手機"]),
        ("email", &["email", "e-mail", "电子邮箱", "電子郵件"]),
        ("external_id", &["customer", "customer_id", "customer_key", "ma khach hang", "客户", "客戶"]),
    ];
    NAMES.iter().filter_map(|(kind, names)| Some((*kind, list.place(names)?))).collect()
}

/// A number as vendors write it, with the country or without, in the forms it may be kept in. Those that cost nothing
/// come first: reading a number by the plans of its country takes as long as a thousand look-ups.
fn forms(cell: &str) -> impl Iterator<Item = String> {
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    let vietnamese = digits.strip_prefix('0').filter(|rest| rest.len() == 9).map(|rest| format!("+84{rest}"));
    let chinese = (digits.len() == 11 && digits.starts_with('1')).then(|| format!("+86{digits}"));
    let plain = [Some(cell.to_owned()), Some(format!("+{digits}")), vietnamese, chinese];
    let read = ["VN", "CN"].into_iter().filter_map(|country| store::phone_number(cell, country));
    plain.into_iter().flatten().chain(read).chain(std::iter::once(digits))
}

#[cfg(test)]
mod words {
    use super::*;

    #[test]
    fn files_speak_every_language() {
        for (word, code) in [
            ("Delivered", Some("sent")),
            ("ĐÃ GỬI", Some("sent")),
            ("退订", Some("opted_out")),
            ("STOP", Some("opted_out")),
            ("Không nghe máy", Some("no_answer")),
            ("will_come", Some("will_come")),
            ("maybe", None),
        ] {
            assert_eq!(meaning(word), code, "{word}");
        }
        assert_eq!(ticks(assets::Lang::En)[0], "reached");
        assert_eq!(ticks(assets::Lang::Vi)[1], "không nghe máy");
        assert_eq!(ticks(assets::Lang::Zh)[4], "退订");
        assert_eq!(ticks(assets::Lang::ZhHant)[4], "退訂");
        for lang in assets::Lang::ALL {
            let understood: Vec<_> = ticks(lang).iter().map(|word| meaning(word)).collect();
            assert_eq!(understood, TICKS.map(Some), "what may be ticked is understood");
        }
    }
}
