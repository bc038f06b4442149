//! `/settings`: what the shop is, as imports and programs have settled it.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::problem::Problem;
use axum::response::Response;
use jiff::civil::DateTime;
use serde::Serialize;

/// The page.
#[derive(Serialize)]
pub struct ShopPage {
    tabs: Vec<Tab>,
    name: String,
    currency: String,
    zone: String,
    country: String,
    programs: Vec<Program>,
    stores: Vec<Store>,
}

#[derive(Serialize)]
struct Program {
    id: String,
    name: String,
    version: i64,
    in_force_since: Option<DateTime>,
}

#[derive(Serialize)]
struct Store {
    id: String,
    sales_minor: i64,
    customers: u64,
}

impl Page for ShopPage {
    const TEMPLATE: &'static str = "console/settings/shop.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> ShopPage {
        let text = |text: &str| text.to_owned();
        let since = jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0);
        ShopPage {
            tabs: all_tabs(),
            name: text("Corner shop"),
            currency: text("VND"),
            zone: text("Asia/Ho_Chi_Minh"),
            country: text("VN"),
            programs: vec![Program {
                id: text("corner"),
                name: text("Thẻ góc phố"),
                version: 3,
                in_force_since: Some(since),
            }],
            stores: vec![Store { id: text("hang-bong"), sales_minor: 412_000_000, customers: 640 }],
        }
    }
}

/// `GET /settings`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let (app, reader) = (visit.app(), visit.reader());
    let code = reader.loyalty_lang().code();
    let mut programs = Vec::new();
    for open in app.programs().into_values() {
        let program = &open.in_force.program;
        let id = program.head.id.to_string();
        let asked = id.clone();
        let rows = app.read(move |session| Ok(session.read().versions_of_program(&asked)?)).await?;
        let since = rows.iter().find(|row| row.version == open.in_force.version).map(|row| row.installed_at);
        programs.push(Program {
            id,
            name: program.head.name.in_language(code).to_owned(),
            version: open.in_force.version,
            in_force_since: since.map(|at| reader.local_micros(at)),
        });
    }
    let known = app.figures().known();
    let places = known.as_ref().and_then(|known| known.xray.stores.clone()).unwrap_or_default();
    let stores = places.into_iter().map(|place| Store {
        id: place.name,
        sales_minor: place.sales_minor,
        customers: place.customers,
    });
    visit.show(&ShopPage {
        tabs: tabs(&visit),
        name: reader.shop.clone(),
        currency: reader.currency.clone(),
        zone: reader.zone.iana_name().unwrap_or("UTC").to_owned(),
        country: app.settings().country.clone(),
        programs,
        stores: stores.collect(),
    })
}
