//! What a customer says about being written to, as somebody in the shop heard it: with the text they were shown.

use super::super::guard::{Fields, Visit};
use super::super::settings::consents::{shown, texts};
use super::page::{Wrong, again};
use super::{acting, refusal};
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::consents::{Said, say};
use serde_json::json;

/// What may be said.
const STATES: [&str; 3] = ["granted", "denied", "withdrawn"];

/// `POST /customers/{customer}/consents`
pub async fn record(visit: Visit, Path(customer): Path<String>, fields: Fields) -> Result<Response, Problem> {
    match said(&visit, &customer, &fields).await {
        Ok(()) => Ok(visit.done(&format!("/customers/{customer}"), "saved")),
        Err(problem) => match refusal(&problem) {
            Some(why) => {
                let typed = fields.without_proof().pairs().to_vec();
                again(&visit, customer, Wrong { form: "consent", why, word: "refused", typed }).await
            }
            None => Err(problem),
        },
    }
}

async fn said(visit: &Visit, customer: &str, fields: &Fields) -> Result<(), Problem> {
    let (status, purpose) = (fields.text("status"), fields.text("purpose"));
    if !STATES.contains(&status) {
        return Err(Problem::of_body("/status", "granted, denied or withdrawn"));
    }
    if fields.text("how").is_empty() {
        return Err(Problem::of_body("/how", "say how they said it"));
    }
    let texts = texts(visit).await?;
    // The text in the language of the one who asks, or its kin; else the newest there is for the purpose.
    let lang = visit.reader().view.lang;
    let text = shown(&texts, purpose, lang.folder())
        .or_else(|| shown(&texts, purpose, lang.kin()?.folder()))
        .or_else(|| texts.iter().rev().find(|text| text.purpose == purpose));
    let text =
        text.ok_or_else(|| Problem::of_body("/purpose", "there is no text for it: write one in settings"))?;
    let said = Said {
        channel: fields.text("channel").to_owned(),
        purpose: purpose.to_owned(),
        status: status.to_owned(),
        text_version: text.version.clone(),
        language: text.language.clone(),
        evidence: json!({"how": fields.text("how")}),
        ..Said::default()
    };
    let (rules, id) = (visit.app().rules().clone(), customer.to_owned());
    acting(visit, move |session, acting| say(session, &rules, &id, &said, acting)).await?;
    Ok(())
}
