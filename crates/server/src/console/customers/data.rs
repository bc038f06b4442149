//! What the law lets a customer ask for: everything we have of them, as a page or a document; and to be forgotten.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::history::from_files;
use super::{acting, done};
use crate::problem::Problem;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::people::erasure::{self, Certificate, Part};
use engine::people::export::{PersonData, export};
use engine::people::page;
use serde::Serialize;

async fn all(visit: &Visit, customer: String) -> Result<PersonData, Problem> {
    let (now, lang) = (visit.app().now(), visit.reader().loyalty_lang());
    let history = from_files(visit, &customer).await?.1;
    visit
        .app()
        .read(move |session| session.snapshot(|reading| done(export(reading, &customer, lang, history, now))))
        .await
}

/// `GET /customers/{customer}/data.html`: to be read, printed or handed over; it asks nothing of anybody.
pub async fn as_page(visit: Visit, Path(customer): Path<String>) -> Result<Response, Problem> {
    let data = all(&visit, customer).await?;
    let reader = visit.reader();
    let text = page::render(&data, &reader.zone, &reader.assets, reader.view.lang)
        .map_err(|failure| Problem::internal(failure.to_string()))?;
    // The page carries its own style, and is a file to take away.
    let name = format!("attachment; filename=\"{}.html\"", data.person.customer);
    Ok((
        [(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)],
        text,
    )
        .into_response())
}

/// `GET /customers/{customer}/data.json`
pub async fn as_document(visit: Visit, Path(customer): Path<String>) -> Result<Response, Problem> {
    let data = all(&visit, customer).await?;
    let text = serde_json::to_string_pretty(&data).map_err(|error| Problem::internal(error.to_string()))?;
    let name = format!("attachment; filename=\"{}.json\"", data.person.customer);
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// Before somebody is forgotten.
#[derive(Serialize)]
pub struct ErasePage {
    id: String,
    name: String,
    /// What has to be typed.
    typed: String,
    is_wrong: bool,
}

impl Page for ErasePage {
    const TEMPLATE: &'static str = "console/customers/erase.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> ErasePage {
        let id = "cus_00000000000000000000004027".to_owned();
        ErasePage { typed: last(&id), id, name: "Khách hàng số 4027".to_owned(), is_wrong: true }
    }
}

/// The last signs of an id: short enough to type, long enough to mean it.
fn last(id: &str) -> String {
    id[id.len().saturating_sub(4)..].to_owned()
}

/// What became of it.
#[derive(Serialize)]
pub struct ErasedPage {
    customer: String,
    erasure: String,
    hash: String,
    removed: Vec<Part>,
    kept: Vec<Part>,
    backups: String,
}

impl Page for ErasedPage {
    const TEMPLATE: &'static str = "console/customers/erased.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> ErasedPage {
        let part = |place: &str, what: &str, why: &str| Part {
            place: place.to_owned(),
            what: what.to_owned(),
            count: 3,
            why: why.to_owned(),
        };
        ErasedPage {
            customer: "cus_00000000000000000000004027".to_owned(),
            erasure: "0123".to_owned(),
            hash: "9f86d081".to_owned(),
            removed: vec![part("identifier", "identifiers", "")],
            kept: vec![part("posting", "entries of the ledger", "what was earned must stay provable")],
            backups: "Backups made from now on do not hold the person.".to_owned(),
        }
    }
}

impl ErasedPage {
    fn of(customer: String, certificate: Certificate, hash: String) -> ErasedPage {
        ErasedPage {
            customer,
            erasure: certificate.erasure,
            hash,
            removed: certificate.removed,
            kept: certificate.kept,
            backups: certificate.backups,
        }
    }
}

/// `GET /customers/{customer}/erase`
pub async fn ask(visit: Visit, Path(customer): Path<String>) -> Result<Response, Problem> {
    let data = all(&visit, customer).await?;
    visit.show(&asked(&data, false))
}

fn asked(data: &PersonData, is_wrong: bool) -> ErasePage {
    let id = data.person.customer.clone();
    ErasePage { typed: last(&id), id, name: data.person.name.full.clone(), is_wrong }
}

/// `POST /customers/{customer}/erase`
pub async fn erase(visit: Visit, Path(customer): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let data = all(&visit, customer).await?;
    let id = data.person.customer.clone();
    if fields.text("typed") != last(&id) {
        return visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &asked(&data, true));
    }
    let (wanted, folders) = (id.clone(), visit.app().settings().folders.clone());
    let erased = acting(&visit, move |session, acting| erasure::erase(session, &wanted, &folders, acting));
    let (certificate, hash) = erased.await?;
    visit.show(&ErasedPage::of(id, certificate, hash))
}
