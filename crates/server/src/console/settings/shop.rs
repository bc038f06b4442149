//! `/settings`: what the shop is, as imports and programs have settled it; and how it looks: its name, colour and mark, and
//! the language of reports.

use super::super::frame::Area;
use super::super::guard::{Visit, proven};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, settle, tabs};
use crate::brand::{self, COLOUR, MARK};
use crate::problem::{Kind, Problem};
use assets::Lang;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::DateTime;
use serde::Serialize;
use std::collections::BTreeMap;

/// The colour of our own leaf, which a shop begins with.
const OURS: &str = "#1f6b4f";
/// The longest name of a shop, in letters.
const LONGEST: usize = 100;

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
    /// As it stands, or as it was typed.
    look: Look,
    /// Codes of the languages there are.
    languages: Vec<&'static str>,
    refused: String,
    /// Whether somebody else has changed it since the page was opened.
    is_changed: bool,
}

/// How the shop looks, as a form has it.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
struct Look {
    name: String,
    colour: String,
    language: String,
    has_mark: bool,
    /// Stands for all of it, so that a form that is sent later finds out whether it is still so.
    seen: String,
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
            look: Look { name: text("Corner shop"), colour: OURS.to_owned(), ..Look::default() },
            languages: languages(),
            refused: text("'red' is no colour"),
            is_changed: true,
        }
    }
}

fn languages() -> Vec<&'static str> {
    Lang::ALL.into_iter().map(Lang::folder).collect()
}

/// The settings a form may change, as they stand: by name, absent ones empty.
async fn settled(visit: &Visit) -> Result<BTreeMap<&'static str, String>, Problem> {
    let read = |session: &mut store::Session| {
        let reading = session.read();
        let one =
            |name: &'static str| Ok::<_, Problem>((name, reading.find_setting(name)?.unwrap_or_default()));
        ["shop", COLOUR, MARK, "language"].into_iter().map(one).collect()
    };
    visit.app().read(read).await
}

impl Look {
    fn of(settled: &BTreeMap<&'static str, String>) -> Look {
        let colour = settled[COLOUR].clone();
        Look {
            name: settled["shop"].clone(),
            colour: if colour.is_empty() { OURS.to_owned() } else { colour },
            language: settled["language"].clone(),
            has_mark: !settled[MARK].is_empty(),
            seen: blake3::hash(format!("{settled:?}").as_bytes()).to_hex()[..16].to_owned(),
        }
    }
}

/// `GET /settings`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.show(&read(&visit).await?)
}

fn wrong(error: MultipartError) -> Problem {
    Problem::new(Kind::InvalidRequest, error.to_string())
}

/// `POST /settings`: name, colour, mark, language.
pub async fn change(visit: Visit, mut form: Multipart) -> Result<Response, Problem> {
    let (mut typed, mut mark, mut is_proven) = (BTreeMap::new(), Vec::new(), false);
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        match field.name().unwrap_or_default().to_owned().as_str() {
            "csrf" => {
                proven(&visit, &field.text().await.map_err(wrong)?)?;
                is_proven = true;
            }
            "mark" => mark = field.bytes().await.map_err(wrong)?.to_vec(),
            name => drop(typed.insert(name.to_owned(), field.text().await.map_err(wrong)?.trim().to_owned())),
        }
    }
    if !is_proven {
        proven(&visit, "")?;
    }
    let before = settled(&visit).await?;
    let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let now = Look::of(&before);
    let asked =
        Look { name: text("name"), colour: text("colour"), language: text("language"), ..now.clone() };
    let again = |refused: String, is_changed: bool, page: ShopPage| {
        let status = if is_changed { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        visit.show_as(status, &ShopPage { look: asked.clone(), refused, is_changed, ..page })
    };
    if text("seen") != now.seen {
        return again(String::new(), true, read(&visit).await?);
    }
    let mut after = match checked(&asked) {
        Ok(after) => after,
        Err(refused) => return again(refused, false, read(&visit).await?),
    };
    let kept = match (mark.is_empty(), typed.contains_key("no_mark")) {
        (_, true) => Ok(String::new()),
        (true, false) => Ok(before[MARK].clone()),
        (false, false) => brand::mark(&mark),
    };
    match kept {
        Ok(kept) => after.insert(MARK, kept),
        Err(refused) => return again(refused.to_string(), false, read(&visit).await?),
    };
    settle(&visit, "shop", before, after).await?;
    Ok(visit.done("/settings", "saved"))
}

/// What was typed, as it is kept.
fn checked(asked: &Look) -> Result<BTreeMap<&'static str, String>, String> {
    let length = asked.name.chars().count();
    if length == 0 || length > LONGEST {
        return Err(format!("the name of a shop has 1 to {LONGEST} letters"));
    }
    if !languages().contains(&asked.language.as_str()) && !asked.language.is_empty() {
        return Err(format!("'{}' is none of the languages there are", asked.language));
    }
    let colour = brand::colour(&asked.colour).map_err(|no| no.to_string())?;
    Ok(BTreeMap::from([
        ("shop", asked.name.clone()),
        (COLOUR, if colour == OURS { String::new() } else { colour }),
        ("language", asked.language.clone()),
    ]))
}

async fn read(visit: &Visit) -> Result<ShopPage, Problem> {
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
    let look = Look::of(&settled(visit).await?);
    Ok(ShopPage {
        look,
        languages: languages(),
        refused: String::new(),
        is_changed: false,
        tabs: tabs(visit),
        name: reader.shop.clone(),
        currency: reader.currency.clone(),
        zone: reader.zone.iana_name().unwrap_or("UTC").to_owned(),
        country: app.settings().country.clone(),
        programs,
        stores: stores.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_kept_or_refused_with_why() {
        let look = |name: &str, colour: &str, language: &str| Look {
            name: name.to_owned(),
            colour: colour.to_owned(),
            language: language.to_owned(),
            ..Look::default()
        };
        let kept = checked(&look("Góc phố", "#E4002B", "vi")).unwrap();
        assert_eq!(
            (kept["shop"].as_str(), kept[COLOUR].as_str(), kept["language"].as_str()),
            ("Góc phố", "#e4002b", "vi")
        );
        assert_eq!(checked(&look("A", OURS, "")).unwrap()[COLOUR], "", "ours is no choice");
        for (wrong, says) in [
            (look("", OURS, ""), "1 to 100 letters"),
            (look("A", "green", ""), "no colour"),
            (look("A", OURS, "fr"), "none of the languages"),
        ] {
            assert!(checked(&wrong).unwrap_err().contains(says), "{wrong:?}");
        }
    }
}
