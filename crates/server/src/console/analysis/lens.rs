//! `/analysis/{lens}`: a part of the report, live: the same words, pictures and tables as in the file that is handed on,
//! and each of them to take out as SVG or CSV.

use super::super::customers::list::names;
use super::super::frame::Area;
use super::super::guard::{Visit, go};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{LENSES, Tab, tabs};
use crate::figures::{self, Focus, Work};
use crate::problem::Problem;
use assets::{Failure, escape};
use axum::extract::{Path, Query};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use engine::staff::permissions::Operation;
use engine::understand::xray::{Place, Xray};
use engine::understand::xray_page::render;
use jiff::civil::DateTime;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The page.
#[derive(Serialize)]
pub struct LensPage {
    tabs: Vec<Tab>,
    lens: String,
    focus: Focus,
    /// The query of the part that is looked at, with its question mark; empty where it is the whole shop.
    query: String,
    /// What can be chosen: stores, channels, kept segments.
    stores: Vec<String>,
    channels: Vec<String>,
    kept: Vec<String>,
    /// HTML of the report, empty where there is none yet.
    html: String,
    /// Codes of the words in it that have definitions.
    definitions: Vec<String>,
    pictures: Vec<String>,
    tables: Vec<String>,
    computed_at: Option<DateTime>,
    /// Whether the figures are being computed.
    is_working: bool,
    failed: String,
}

/// A part of the report, taken apart.
struct Part {
    html: String,
    definitions: Vec<String>,
    /// Titles and SVG.
    pictures: Vec<(String, String)>,
    /// Titles and rows of cells.
    tables: Vec<(String, Vec<Vec<String>>)>,
}

impl Part {
    fn of(xray: &Xray, reader: &Reader, lens: &str) -> Result<Part, Failure> {
        let report = render(xray, &reader.assets, reader.view.lang)?;
        let html = between(&report, &format!("<section id=\"{lens}\""), "\n</section>").unwrap_or_default();
        Ok(Part { definitions: definitions(&html), pictures: pictures(&html), tables: tables(&html), html })
    }
}

/// The text from `begin` to the first `end` after it, both included.
fn between(text: &str, begin: &str, end: &str) -> Option<String> {
    let from = text.find(begin)?;
    let until = text[from..].find(end)?;
    Some(text[from..from + until + end.len()].to_owned())
}

/// What stands in the main part of a report, for a page of ours to show.
pub fn within_main(report: &str) -> String {
    let from = report.find("<main>").map_or(0, |at| at + "<main>".len());
    let until = report.rfind("</main>").unwrap_or(report.len());
    let main = report[from..until.max(from)].to_owned();
    // A page has one first heading, and it is ours.
    main.replace("<h1>", "<p class=\"lead\">").replace("</h1>", "</p>")
}

/// The report knows customers by id; whoever may see customers reads names that lead to them.
fn with_names(html: &str, names: &BTreeMap<String, String>) -> String {
    let said = |text: &str| format!("<bdi translate=\"no\">{}</bdi>", escape(text));
    names.iter().fold(html.to_owned(), |html, (id, name)| {
        html.replace(&said(id), &format!("<a href=\"/customers/{id}\">{}</a>", said(name)))
    })
}

/// The customers who stand in a report by themselves.
fn mentioned(xray: &Xray) -> Vec<String> {
    let top = xray.value.iter().flat_map(|value| &value.top).map(|one| &one.key);
    let call = xray.leaving.call.iter().map(|one| &one.key);
    top.chain(call).filter(|key| key.starts_with("cus_")).cloned().collect()
}

fn definitions(html: &str) -> Vec<String> {
    let codes = html.split("popovertarget=\"d-").skip(1).filter_map(|rest| rest.split('"').next());
    codes.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The text of the heading before a place.
fn title(html: &str, place: usize) -> String {
    let heading = html[..place].rfind("<h3").or_else(|| html[..place].rfind("<h2"));
    let inner = heading.and_then(|at| html[at..place].split_once('>')).map_or("", |(_, rest)| rest);
    let inner = inner.split("</h").next().unwrap_or("").split("<small").next().unwrap_or("");
    plain(inner)
}

/// Wide drawings: each stands in the page twice, for a desk and for a phone.
fn pictures(html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = html[from..].find("<div class=\"pic wide\">").map(|at| from + at) {
        if let Some(svg) = between(&html[at..], "<svg", "</svg>") {
            found.push((title(html, at), svg));
        }
        from = at + 1;
    }
    found
}

fn tables(html: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = html[from..].find("<table").map(|at| from + at) {
        let table = between(&html[at..], "<table", "</table>").unwrap_or_default();
        let rows =
            table.split("<tr").skip(1).map(cells).filter(|row| row.iter().any(|cell| !cell.is_empty()));
        found.push((title(html, at), rows.collect()));
        from = at + 1;
    }
    found
}

fn cells(row: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = row;
    while let Some(at) = [rest.find("<th"), rest.find("<td")].into_iter().flatten().min() {
        let Some((_, inner)) = rest[at..].split_once('>') else { break };
        let end =
            [inner.find("</th>"), inner.find("</td>")].into_iter().flatten().min().unwrap_or(inner.len());
        all.push(plain(&inner[..end]));
        rest = &inner[end..];
    }
    all
}

/// Our own HTML without its marks.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(letter),
            _ => {}
        }
    }
    let escapes =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    let text = escapes.iter().fold(text, |text, (escape, letter)| text.replace(escape, letter));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl LensPage {
    fn empty(lens: &str) -> LensPage {
        LensPage {
            tabs: tabs(),
            lens: lens.to_owned(),
            focus: Focus::default(),
            query: String::new(),
            stores: Vec::new(),
            channels: Vec::new(),
            kept: Vec::new(),
            html: String::new(),
            definitions: Vec::new(),
            pictures: Vec::new(),
            tables: Vec::new(),
            computed_at: None,
            is_working: false,
            failed: String::new(),
        }
    }

    fn of(xray: &Xray, reader: &Reader, lens: &str) -> Result<LensPage, Failure> {
        let part = Part::of(xray, reader, lens)?;
        Ok(LensPage {
            html: part.html,
            definitions: part.definitions,
            pictures: part.pictures.into_iter().map(|(title, _)| title).collect(),
            tables: part.tables.into_iter().map(|(title, _)| title).collect(),
            ..LensPage::empty(lens)
        })
    }

    /// A lens of the sample report.
    pub fn sample_of(reader: &Reader, lens: &str) -> LensPage {
        let at = jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0);
        let page = LensPage::of(&Xray::sample(), reader, lens).expect("its words are there");
        let (stores, channels) = places(&Xray::sample());
        let focus = Focus { store: stores.first().cloned().unwrap_or_default(), ..Focus::default() };
        let kept = vec!["late-regulars".to_owned()];
        let query = format!("?{}", focus.query());
        LensPage { computed_at: Some(at), focus, query, stores, channels, kept, ..page }
    }

    /// Before anything was computed.
    pub fn sample_none() -> LensPage {
        LensPage {
            failed: "there are no orders yet".to_owned(),
            is_working: true,
            ..LensPage::empty("period")
        }
    }
}

impl Page for LensPage {
    const TEMPLATE: &'static str = "console/analysis/lens.html";
    const AREA: Area = Area::Analysis;

    fn sample(reader: &Reader) -> LensPage {
        LensPage::sample_of(reader, "period")
    }
}

/// `GET /analysis`: on to the first lens.
pub async fn first(_: Visit) -> Response {
    go("/analysis/period")
}

fn known(lens: &str) -> Result<(), Problem> {
    if LENSES.contains(&lens) { Ok(()) } else { Err(Problem::not_found("lens", lens)) }
}

fn broken(failure: Failure) -> Problem {
    Problem::internal(failure.to_string())
}

/// The names of stores and channels there are.
pub(super) fn places(xray: &Xray) -> (Vec<String>, Vec<String>) {
    let names = |places: &Option<Vec<Place>>| {
        places.iter().flatten().map(|place| place.name.clone()).collect::<Vec<_>>()
    };
    (names(&xray.stores), names(&xray.channels))
}

/// `GET /analysis/{lens}`
pub async fn show(
    visit: Visit,
    Path(lens): Path<String>,
    Query(focus): Query<Focus>,
) -> Result<Response, Problem> {
    known(&lens)?;
    let (found, work) = figures::look_at(visit.app(), &focus);
    let page = match found {
        Some(found) => {
            let page = LensPage::of(&found.xray, visit.reader(), &lens).map_err(broken)?;
            let names = match visit.may(Operation::ReadCustomers) && page.html.contains("cus_") {
                true => names(&visit, mentioned(&found.xray)).await?,
                false => BTreeMap::new(),
            };
            let at = visit.reader().local_micros(found.at);
            LensPage { computed_at: Some(at), html: with_names(&page.html, &names), ..page }
        }
        None => LensPage::empty(&lens),
    };
    let failed = if let Work::Failed(why) = &work { why.clone() } else { String::new() };
    let whole = visit.app().figures().known();
    let (stores, channels) = whole.map_or_else(Default::default, |found| places(&found.xray));
    let kept = visit.app().read(|session| Ok(session.read().segments()?)).await?;
    let kept = kept.into_iter().map(|(name, ..)| name).collect();
    let query = if focus.is_everything() { String::new() } else { format!("?{}", focus.query()) };
    // Whoever looks at why it failed has it tried again the next time.
    if !failed.is_empty() {
        figures::again(visit.app(), &focus);
    }
    let is_working = matches!(work, Work::Under(..));
    visit.show(&LensPage { is_working, failed, focus, query, stores, channels, kept, ..page })
}

/// `GET /analysis/{lens}/{file}`: `1.svg` is its first picture, `1.csv` its first table.
pub async fn file(
    visit: Visit,
    Path((lens, file)): Path<(String, String)>,
    Query(focus): Query<Focus>,
) -> Result<Response, Problem> {
    known(&lens)?;
    let missing = || Problem::not_found("file", &file);
    let found = figures::look_at(visit.app(), &focus).0.ok_or_else(missing)?;
    let part = Part::of(&found.xray, visit.reader(), &lens).map_err(broken)?;
    let (number, ending) = file.split_once('.').ok_or_else(missing)?;
    let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).ok_or_else(missing)?;
    let (kind, text) = match ending {
        "svg" => {
            let (_, svg) = part.pictures.get(place).ok_or_else(missing)?;
            let look = visit.reader().assets.text("static/look.css").map_err(broken)?;
            ("image/svg+xml", standing(svg, &look))
        }
        "csv" => ("text/csv; charset=utf-8", written(&part.tables.get(place).ok_or_else(missing)?.1)),
        _ => return Err(missing()),
    };
    let name = format!("attachment; filename=\"{lens}-{file}\"");
    let headers: [(HeaderName, String); 2] =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

/// A drawing that stands alone: with its name space and its colours.
fn standing(svg: &str, look: &str) -> String {
    let Some((head, rest)) = svg.split_once('>') else { return svg.to_owned() };
    let space = if head.contains("xmlns=") { "" } else { " xmlns=\"http://www.w3.org/2000/svg\"" };
    format!("{head}{space}><style><![CDATA[\n{look}]]></style>{rest}\n")
}

/// Rows as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8.
fn written(rows: &[Vec<String>]) -> String {
    let cell = |cell: &String| match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n";
    std::iter::once("\u{feff}".to_owned()).chain(rows.iter().map(line)).collect()
}

/// The report is a page of its own, to print and to hand on: it carries its style with it.
pub const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /analysis/report`: all of it as one file.
pub async fn report(visit: Visit, Query(focus): Query<Focus>) -> Result<Response, Problem> {
    let (found, _) = figures::look_at(visit.app(), &focus);
    let found = found.ok_or_else(|| Problem::unavailable("the figures are being computed", 5))?;
    let text = render(&found.xray, &visit.reader().assets, visit.reader().view.lang).map_err(broken)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, REPORT_POLICY),
    ];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_the_id_and_leads_to_the_customer() {
        let html = "<th><bdi translate=\"no\">cus_1</bdi></th><th><bdi translate=\"no\">cus_12</bdi></th>";
        let names = BTreeMap::from([("cus_1".to_owned(), "Ana <b>".to_owned())]);
        assert_eq!(
            with_names(html, &names),
            "<th><a href=\"/customers/cus_1\"><bdi translate=\"no\">Ana &lt;b&gt;</bdi></a></th>\
             <th><bdi translate=\"no\">cus_12</bdi></th>"
        );
    }

    #[test]
    fn a_part_is_taken_apart() {
        let html = "<section id=\"a\"><h2>A</h2><h3>Whale <small>x</small></h3><div class=\"pic wide\"><svg class=\"plot\">\
                    <g/></svg></div><table><thead><tr><th>Name</th><th>n</th></tr></thead><tbody><tr><th scope=\"row\">\
                    <b>O&amp;K</b></th><td>1,5</td></tr></tbody></table></section>";
        assert_eq!(pictures(html), [("Whale".to_owned(), "<svg class=\"plot\"><g/></svg>".to_owned())]);
        let all = tables(html);
        assert_eq!(all[0].1, [["Name", "n"], ["O&K", "1,5"]]);
        assert_eq!(written(&all[0].1), "\u{feff}Name,n\r\nO&K,\"1,5\"\r\n");
        assert!(standing("<svg a=\"b\"><g/></svg>", "x{}").starts_with("<svg a=\"b\" xmlns="));
        assert_eq!(
            definitions("popovertarget=\"d-b\" popovertarget=\"d-a\" popovertarget=\"d-b\""),
            ["a", "b"]
        );
    }
}
