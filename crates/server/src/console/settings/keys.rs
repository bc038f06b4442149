//! `/settings/keys`: keys of tills, web shops and apps.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::key::{self, NewKey};
use crate::problem::Problem;
use crate::routes::keys::{check_source, made, revoke as end, told};
use crate::scope;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use engine::record::view;
use engine::staff::audit::append;
use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::Value;
use store::ApiKeyRow;

/// What a key may be for; each stands for the scopes it needs.
const PURPOSES: [&str; 7] = ["till", "shop", "app", "intake", "page", "analyst", "owner"];

/// The page.
#[derive(Serialize)]
pub struct KeysPage {
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    purposes: [&'static str; PURPOSES.len()],
    /// A new key, shown once.
    made: Option<String>,
    refused: String,
    typed: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    source: String,
    scopes: String,
    created_at: DateTime,
    last_used_at: Option<DateTime>,
    expires_at: Option<DateTime>,
    revoked_at: Option<DateTime>,
}

impl Page for KeysPage {
    const TEMPLATE: &'static str = "console/settings/keys.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> KeysPage {
        let at = jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0);
        let row = |id: &str, revoked_at| Row {
            id: id.to_owned(),
            name: "till north 1".to_owned(),
            source: "north".to_owned(),
            scopes: "orders.record points.spend".to_owned(),
            created_at: at,
            last_used_at: Some(at),
            expires_at: Some(at),
            revoked_at,
        };
        KeysPage {
            tabs: all_tabs(),
            rows: vec![row("key_0303030303030303", None), row("key_0404040404040404", Some(at))],
            purposes: PURPOSES,
            made: Some("per_0303030303030303_secret".to_owned()),
            refused: "1 to 200 characters".to_owned(),
            typed: vec![("source".to_owned(), "north".to_owned())],
        }
    }
}

impl KeysPage {
    /// Before the first key.
    pub fn sample_empty(reader: &Reader) -> KeysPage {
        KeysPage { rows: Vec::new(), made: None, refused: String::new(), ..KeysPage::sample(reader) }
    }
}

/// `GET /settings/keys`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.show(&read(&visit).await?)
}

async fn read(visit: &Visit) -> Result<KeysPage, Problem> {
    let all = visit.app().read(|session| Ok(session.read().api_keys()?)).await?;
    let at = |micros: i64| visit.reader().local_micros(micros);
    let row = |row: ApiKeyRow| Row {
        id: row.key_id,
        name: row.name,
        source: row.source,
        scopes: row.scopes,
        created_at: at(row.created_at),
        last_used_at: row.last_used_at.map(at),
        expires_at: row.expires_at.map(at),
        revoked_at: row.revoked_at.map(at),
    };
    Ok(KeysPage {
        tabs: tabs(visit),
        rows: all.into_iter().map(row).collect(),
        purposes: PURPOSES,
        made: None,
        refused: String::new(),
        typed: Vec::new(),
    })
}

/// `POST /settings/keys`
pub async fn create(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    match make(&visit, &fields).await {
        Ok(text) => {
            let page = KeysPage { made: Some(text), ..read(&visit).await? };
            visit.show_as(StatusCode::CREATED, &page)
        }
        Err(problem) if problem.kind.status().is_client_error() => {
            let typed = fields.without_proof().pairs().to_vec();
            let page = KeysPage { refused: problem.detail, typed, ..read(&visit).await? };
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(problem) => Err(problem),
    }
}

async fn make(visit: &Visit, fields: &Fields) -> Result<String, Problem> {
    let (name, source) = (fields.text("name"), fields.text("source"));
    if name.is_empty() || name.len() > 200 {
        return Err(Problem::of_body("/name", "1 to 200 characters"));
    }
    check_source(source)?;
    let scopes =
        scope::parse(fields.text("purpose")).map_err(|no| Problem::of_body("/purpose", no.to_string()))?;
    let (app, now) = (visit.app(), visit.app().now_micros());
    let new = NewKey { name, source, scopes: &scopes, expires_at: None, by: &visit.member().id };
    let (row, text) = key::make(&new, app.pepper(), now, &|bytes| app.chance(bytes));
    let (actor, salt) = (visit.member().actor(), app.chance_u128());
    app.write(move |writing| {
        writing.insert_api_key(&row)?;
        Ok(append(writing, view::at(now), &[told(&actor, &row.key_id, Value::Null, made(&row), salt)])?)
    })
    .await?;
    Ok(text)
}

/// `POST /settings/keys/{key}/revoke`
pub async fn revoke(visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    end(visit.app(), &visit.caller(), &key).await?;
    Ok(visit.done("/settings/keys", "revoked"))
}
