//! `/customers`: found by any identifier, filtered by what is known of them, the most worth acting on first.

use super::super::counts::{Counts, Standing};
use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::done;
use crate::app::App;
use crate::figures::{Known, Score, Scores, Worth};
use crate::problem::Problem;
use axum::Extension;
use axum::extract::Query;
use axum::response::Response;
use domain::{Id, Kind};
use engine::act::segment;
use engine::people::find::{Found, find};
use engine::staff::permissions::Operation;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Writing;

/// Rows of a page.
const ROWS: usize = 50;

/// States, in the order in which they are offered.
pub const STATES: [&str; 5] = ["new", "active", "returning", "at_risk", "lapsed"];
/// Kinds of customers, likewise.
pub const SEGMENTS: [&str; 8] =
    ["heart", "regulars", "big_rare", "occasional", "new", "slipping", "one_time", "gone"];
/// Orders in which customers are listed.
const SORTS: [&str; 5] = ["worth", "late", "spent", "last", "first"];

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    state: String,
    segment: String,
    /// The name of a kept segment.
    saved: String,
    sort: String,
    page: usize,
    after: String,
}

/// The page.
#[derive(Serialize)]
pub struct CustomersPage {
    q: String,
    state: String,
    segment: String,
    sort: String,
    states: [&'static str; STATES.len()],
    segments: [&'static str; SEGMENTS.len()],
    sorts: [&'static str; SORTS.len()],
    /// Kept segments.
    kept: Vec<Kept>,
    saved: String,
    /// Why the chosen segment cannot be shown; empty where it can.
    refused: String,
    /// Whether the chosen segment is being counted.
    is_counting: bool,
    /// Whether anything is known by which to filter.
    has_scores: bool,
    rows: Vec<Row>,
    /// Customers that answer.
    count: Option<usize>,
    /// Of so many.
    of: Option<usize>,
    /// Addresses of the pages before and after.
    before: Option<String>,
    next: Option<String>,
    first: usize,
}

/// A kept segment, with how many are in it; none while they are counted, or where they cannot be.
#[derive(Debug, Clone, Serialize)]
struct Kept {
    name: String,
    about: String,
    count: Option<usize>,
    is_counting: bool,
}

/// A customer in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    id: String,
    name: String,
    key: String,
    state: Option<String>,
    order_days: Option<i64>,
    last_on: Option<Date>,
    days_late: i64,
    net_minor: Option<i64>,
    worth: Option<Worth>,
}

impl Page for CustomersPage {
    const TEMPLATE: &'static str = "console/customers/list.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> CustomersPage {
        let day = jiff::civil::date(2026, 10, 12);
        let row = |number: u32, state: &str, minor: i64, days_late: i64| Row {
            id: format!("cus_{number:026}"),
            name: format!("Khách hàng số {number}"),
            key: format!("phone 0900{number:06}"),
            state: Some(state.to_owned()),
            order_days: Some(i64::from(number % 40)),
            last_on: Some(day),
            days_late,
            net_minor: Some(minor * 2),
            worth: Some(Worth { minor, low_minor: minor / 2, high_minor: minor * 2 }),
        };
        let rows = vec![
            row(4027, "at_risk", 4_100_000, 23),
            row(1180, "active", 2_600_000, 0),
            row(33, "lapsed", 90_000, 140),
            Row {
                state: None,
                order_days: None,
                last_on: None,
                worth: None,
                net_minor: None,
                ..row(7, "", 0, 0)
            },
        ];
        CustomersPage {
            state: "at_risk".to_owned(),
            saved: "late-regulars".to_owned(),
            kept: vec![
                Kept {
                    name: "late-regulars".to_owned(),
                    about: "Came three times, is late".to_owned(),
                    count: Some(38),
                    is_counting: false,
                },
                Kept { name: "staff".to_owned(), about: String::new(), count: None, is_counting: true },
            ],
            sort: "worth".to_owned(),
            count: Some(120),
            of: Some(1_500),
            before: Some("/customers?page=0".to_owned()),
            next: Some("/customers?page=2".to_owned()),
            first: 51,
            ..CustomersPage::of(&Asked { page: 1, ..Asked::default() }, rows, true)
        }
    }
}

impl CustomersPage {
    fn of(asked: &Asked, rows: Vec<Row>, has_scores: bool) -> CustomersPage {
        CustomersPage {
            q: asked.q.clone(),
            state: asked.state.clone(),
            segment: asked.segment.clone(),
            sort: if asked.sort.is_empty() { "worth".to_owned() } else { asked.sort.clone() },
            states: STATES,
            segments: SEGMENTS,
            sorts: SORTS,
            has_scores,
            kept: Vec::new(),
            saved: asked.saved.clone(),
            refused: String::new(),
            is_counting: false,
            rows,
            count: None,
            of: None,
            before: None,
            next: None,
            first: asked.page * ROWS + 1,
        }
    }

    /// Nobody was found, and nobody is known.
    pub fn samples_empty() -> [(&'static str, CustomersPage); 3] {
        let looked = Asked { q: "nobody".to_owned(), ..Asked::default() };
        let counted = Asked { saved: "late".to_owned(), ..Asked::default() };
        let counting = CustomersPage {
            is_counting: true,
            refused: "there is no segment of that name".to_owned(),
            ..CustomersPage::of(&counted, Vec::new(), true)
        };
        [
            ("customers-counting", counting),
            ("customers-nobody", CustomersPage::of(&looked, Vec::new(), true)),
            ("customers-new", CustomersPage::of(&Asked::default(), Vec::new(), false)),
        ]
    }
}

/// `GET /customers`
pub async fn show(
    visit: Visit,
    Extension(counts): Extension<Arc<Counts>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let known = visit.app().figures().known();
    let kept = match visit.may(Operation::ReadSegments) {
        true => visit.app().read(|session| Ok(session.read().segments()?)).await?,
        false => Vec::new(),
    };
    let only = match kept.iter().find(|(name, ..)| *name == asked.saved) {
        _ if asked.saved.is_empty() => None,
        Some((_, _, text)) => Some(counts.look(visit.app(), text)),
        None => Some(Standing::Refused(format!("there is no segment {}", asked.saved))),
    };
    let page = if !asked.q.trim().is_empty() {
        search(&visit, asked, known).await?
    } else if let Some(known) = known.filter(|known| !known.scores.is_empty()) {
        filtered(&visit, asked, known, only).await?
    } else {
        newest(&visit, asked).await?
    };
    let kept = kept.into_iter().map(|(name, _, text)| of_kept(&counts, visit.app(), name, &text));
    visit.show(&CustomersPage { kept: kept.collect(), ..page })
}

fn of_kept(counts: &Arc<Counts>, app: &App, name: String, text: &str) -> Kept {
    let standing = counts.look(app, text);
    Kept {
        about: segment::parse(&name, text).map_or_else(|_| String::new(), |segment| segment.about),
        count: if let Standing::Known(members) = &standing { Some(members.ids.len()) } else { None },
        is_counting: standing == Standing::Counting,
        name,
    }
}

/// Whoever answers to a text: an identifier, words of a name, the end of a number, an order.
async fn search(visit: &Visit, asked: Asked, known: Option<Arc<Known>>) -> Result<CustomersPage, Problem> {
    let (text, rules) = (asked.q.trim().to_owned(), visit.app().rules().clone());
    let programs: Vec<String> = visit.app().programs().into_keys().collect();
    let found = visit.app().read(move |session| {
        let reading = session.read();
        let mut found = match find(&reading, &rules, &text, ROWS) {
            Ok(found) => found,
            // An id that is nobody's any more is nobody found, as any other text.
            Err(engine::people::Stopped::Refused(_)) => Vec::new(),
            Err(other) => return done(Err(other)),
        };
        if found.is_empty() {
            for program in &programs {
                for order in reading.find_orders(program, &[&text])? {
                    found.extend(named(&reading, &rules, &[order.customer_id])?);
                }
            }
        }
        Ok(found)
    });
    let rows: Vec<Row> = found.await?.into_iter().map(|found| row(found, known.as_deref())).collect();
    let count = Some(rows.len());
    Ok(CustomersPage { count, ..CustomersPage::of(&asked, rows, known.is_some()) })
}

fn named(
    reading: &Writing<'_>,
    rules: &engine::record::identity::kinds::Rules,
    ids: &[String],
) -> Result<Vec<Found>, Problem> {
    let mut all = Vec::new();
    for id in ids {
        match find(reading, rules, id, 1) {
            Ok(found) => all.extend(found),
            Err(engine::people::Stopped::Refused(_)) => {}
            Err(other) => return done(Err(other)),
        }
    }
    Ok(all)
}

fn row(found: Found, known: Option<&Known>) -> Row {
    let score: Option<Score> = known.and_then(|known| known.scores.find(&found.customer));
    let key = found.by.as_ref().or(found.keys.iter().find(|key| key.kind == "phone")).or(found.keys.first());
    let key = key.map_or(String::new(), |key| key.value.clone());
    Row {
        name: if found.name.is_empty() { key.clone() } else { found.name },
        id: found.customer,
        key,
        state: score.as_ref().map(|score| score.state.clone()),
        order_days: score.as_ref().map(|score| score.order_days),
        last_on: score.as_ref().and_then(|score| score.last_on),
        days_late: score.as_ref().map_or(0, |score| score.days_late),
        net_minor: score.as_ref().map(|score| score.net_minor),
        worth: score.and_then(|score| score.worth),
    }
}

/// The names of customers by id: a number where no name is known; whoever is nobody any more is left out.
pub async fn names(visit: &Visit, ids: Vec<String>) -> Result<BTreeMap<String, String>, Problem> {
    let rules = visit.app().rules().clone();
    let found = visit.app().read(move |session| {
        let reading = session.read();
        let mut names = BTreeMap::new();
        for id in ids {
            let found = named(&reading, &rules, std::slice::from_ref(&id))?;
            names.extend(found.into_iter().map(|found| (id.clone(), row(found, None).name)));
        }
        Ok(names)
    });
    let mut names = found.await?;
    names.retain(|_, name: &mut String| !name.is_empty());
    Ok(names)
}

/// Whoever has the scores that are asked for, in the order that is asked for.
async fn filtered(
    visit: &Visit,
    asked: Asked,
    known: Arc<Known>,
    only: Option<Standing>,
) -> Result<CustomersPage, Problem> {
    let members = match only {
        None => None,
        Some(Standing::Known(members)) => Some(members),
        Some(Standing::Counting) => {
            return Ok(CustomersPage { is_counting: true, ..CustomersPage::of(&asked, Vec::new(), true) });
        }
        Some(Standing::Refused(refused)) => {
            return Ok(CustomersPage { refused, ..CustomersPage::of(&asked, Vec::new(), true) });
        }
    };
    let only = members.as_ref().map(|members| members.ids.as_slice());
    let places = chosen(&known.scores, &asked, only);
    let (count, of, first) = (places.len(), known.scores.len(), asked.page.saturating_mul(ROWS));
    let shown: Vec<String> = places.iter().skip(first).take(ROWS).map(|(_, body)| id(*body)).collect();
    let rules = visit.app().rules().clone();
    let found = visit.app().read(move |session| named(&session.read(), &rules, &shown)).await?;
    let rows = found.into_iter().map(|found| row(found, Some(&known))).collect();
    let address = |page: usize| {
        let pairs = [
            ("state", &asked.state),
            ("segment", &asked.segment),
            ("saved", &asked.saved),
            ("sort", &asked.sort),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs).append_pair("page", &page.to_string());
        format!("/customers?{}", query.finish())
    };
    Ok(CustomersPage {
        count: Some(count),
        of: Some(of),
        before: (asked.page > 0).then(|| address(asked.page - 1)),
        next: (first + ROWS < count).then(|| address(asked.page + 1)),
        ..CustomersPage::of(&asked, rows, true)
    })
}

/// Rows of the scores that answer, among `only` (sorted) where that is said, sorted as far as the page that is shown: its key and the body of the id.
fn chosen(scores: &Scores, asked: &Asked, only: Option<&[u128]>) -> Vec<(i64, u128)> {
    let is = |name: &str, wanted: &str, row: usize| {
        wanted.is_empty() || scores.column(name).and_then(|column| column.text(row)) == Some(wanted)
    };
    let column = scores.column(match asked.sort.as_str() {
        "late" => "days_late",
        "spent" => "net_minor",
        "last" => "last_on",
        "first" => "first_on",
        _ => "margin_12m_minor",
    });
    let of = |row: usize| column.and_then(|column| column.float(row)).map_or(i64::MIN, |value| value as i64);
    let mut places: Vec<(i64, u128)> = scores
        .places()
        .iter()
        .filter(|(body, row)| {
            let row = *row as usize;
            only.is_none_or(|only| only.binary_search(body).is_ok())
                && is("state", &asked.state, row)
                && is("segment", &asked.segment, row)
        })
        .map(|(body, row)| (of(*row as usize), *body))
        .collect();
    let wanted = (asked.page.saturating_add(1)).saturating_mul(ROWS);
    let by = |a: &(i64, u128), b: &(i64, u128)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
    if wanted < places.len() {
        places.select_nth_unstable_by(wanted, by);
        places[..wanted].sort_unstable_by(by);
    } else {
        places.sort_unstable_by(by);
    }
    places
}

fn id(body: u128) -> String {
    Id::from_body(Kind::Customer, body).to_string()
}

/// Everybody, in the order of the ids: before anything is known of them.
async fn newest(visit: &Visit, asked: Asked) -> Result<CustomersPage, Problem> {
    let (rules, after) = (visit.app().rules().clone(), asked.after.clone());
    let found = visit.app().read(move |session| {
        let reading = session.read();
        let rows = reading.customers_after(&after, ROWS as i64 + 1)?;
        let ids: Vec<String> =
            rows.iter().filter(|row| row.erased_at.is_none()).map(|row| row.customer_id.clone()).collect();
        let last = rows.get(ROWS - 1).filter(|_| rows.len() > ROWS).map(|row| row.customer_id.clone());
        Ok((named(&reading, &rules, &ids[..ids.len().min(ROWS)])?, last))
    });
    let (found, last) = found.await?;
    let rows = found.into_iter().map(|found| row(found, None)).collect();
    let next = last.map(|last| format!("/customers?after={last}"));
    Ok(CustomersPage { next, ..CustomersPage::of(&asked, rows, false) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Batch, Column};

    #[test]
    fn the_page_that_is_shown_is_sorted_and_the_count_is_of_all() {
        let ids: Vec<String> = (0..120u128).map(id).collect();
        let scores = Scores::of(Batch::new(vec![
            Column::texts("customer_id", ids.iter().map(|id| Some(id.as_str()))),
            Column::texts("state", (0..120).map(|row| Some(if row % 2 == 0 { "active" } else { "lapsed" }))),
            Column::ints("days_late", (0..120).map(|row| Some((row * 7) % 120))),
        ]));
        let asked = Asked { state: "lapsed".to_owned(), sort: "late".to_owned(), ..Asked::default() };
        let found = chosen(&scores, &asked, None);
        assert_eq!(found.len(), 60);
        assert!(found[..ROWS].is_sorted_by(|a, b| a.0 >= b.0));
        assert_eq!(found[0].0, 119);
        let second = chosen(&scores, &Asked { page: 1, ..asked.clone() }, None);
        let some: Vec<u128> = vec![1, 3, 4];
        assert_eq!(chosen(&scores, &asked, Some(&some)).len(), 2, "those of the segment who are lapsed");
        assert_eq!(second.len(), 60);
        assert!(second.is_sorted_by(|a, b| a.0 >= b.0), "both pages");
        assert!(chosen(&scores, &Asked { segment: "heart".to_owned(), ..Asked::default() }, None).is_empty());
    }
}
