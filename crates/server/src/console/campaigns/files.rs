//! What leaves for a campaign, and what comes back. A file that leaves is personal data, and is written down as such by
//! the engine; a file that comes back takes effect at once where somebody opted out.

use super::super::guard::{Fields, Visit, proven};
use super::at_desk;
use super::cycle::again;
use crate::problem::{Kind, Problem};
use axum::extract::{Multipart, Path};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::act::export::{Ask, export as written};
use engine::act::results::{take, ticks};
use engine::act::{cycle, layout};
use engine::collect::whole;

/// Where a shop keeps layouts of its own, in the data folder.
pub(super) const LAYOUTS: &str = "layouts";

/// `POST /campaigns/of/{campaign}/list`: the file itself.
pub async fn export(visit: Visit, Path(campaign): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let (name, wanted, lang) = (campaign.clone(), fields.text("layout").to_owned(), visit.reader().view.lang);
    let done = at_desk(&visit, move |desk, now| {
        let plan = cycle::plan_of(&desk.store, &name)?;
        let layout = layout::load(&wanted, &desk.folder.join(LAYOUTS))?;
        let ask = Ask {
            layout: &layout,
            layout_name: &wanted,
            lang,
            secret: desk.secret,
            waves_upto: None,
            outcomes: &ticks(lang),
            now_micros: now,
        };
        let (bytes, _) = written(&mut desk.store, &plan, &ask)?;
        Ok((bytes, layout.format == layout::Format::Csv, wanted))
    });
    match done.await? {
        Ok((bytes, is_csv, layout)) => {
            let (ending, kind) = match is_csv {
                true => ("csv", "text/csv; charset=utf-8"),
                false => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            };
            let name = format!("attachment; filename=\"{campaign}-{layout}.{ending}\"");
            let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
            Ok((headers, bytes).into_response())
        }
        Err(refused) => again(&visit, campaign, refused, &fields).await,
    }
}

/// `POST /campaigns/of/{campaign}/results`: a file with what became of it.
pub async fn results(
    visit: Visit,
    Path(campaign): Path<String>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let wrong = |error: axum::extract::multipart::MultipartError| {
        Problem::new(Kind::InvalidRequest, error.to_string())
    };
    let (mut file, mut is_proven) = (None, false);
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        match field.name() {
            Some("csrf") => {
                proven(&visit, &field.text().await.map_err(wrong)?)?;
                is_proven = true;
            }
            Some("file") => {
                let name = field.file_name().unwrap_or("results").to_owned();
                file = Some((name, field.bytes().await.map_err(wrong)?.to_vec()));
            }
            _ => {}
        }
    }
    if !is_proven {
        proven(&visit, "")?;
    }
    let (name, bytes) = file
        .filter(|(_, bytes)| !bytes.is_empty())
        .ok_or_else(|| Problem::of_body("/file", "choose a file"))?;
    let of = campaign.clone();
    let done = at_desk(&visit, move |desk, now| {
        let plan = cycle::plan_of(&desk.store, &of)?;
        let list = match whole::read(&name, bytes) {
            Ok(list) => list,
            Err(stopped) => {
                let detail = stopped.to_string();
                return Err(engine::act::Refused::File { file: name, detail }.into());
            }
        };
        let secret = desk.secret;
        take(&mut desk.store, &plan, &name, &list, &secret, now)
    });
    match done.await? {
        Ok(_) => Ok(visit.done(&format!("/campaigns/of/{campaign}"), "taken")),
        Err(refused) => again(&visit, campaign, refused, &Fields::default()).await,
    }
}
