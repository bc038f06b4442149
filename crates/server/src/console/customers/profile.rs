//! Changing what is known of a customer. Whoever was faster is not written over: the page shows what they said beside
//! what was typed.

use super::super::guard::{Fields, Visit};
use super::page::{CHANGED, Wrong, again, seen};
use super::{acting, done, refusal};
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::profile::{self, Change};
use engine::people::show::show;

/// `POST /customers/{customer}/profile`
pub async fn change(visit: Visit, Path(customer): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let (id, now) = (customer.clone(), visit.app().now());
    let person = visit.app().read(move |session| session.snapshot(|reading| done(show(reading, &id, now))));
    let person = person.await?;
    let wrong = |word, why: String| Wrong {
        form: "profile",
        why,
        word,
        typed: fields.without_proof().pairs().to_vec(),
    };
    if fields.text("seen") != seen(&person) {
        return again(&visit, customer, wrong("changed", String::new())).await;
    }
    let before =
        |name: &str| person.fields.iter().find(|field| field.field == name).map_or("", |field| &field.value);
    let tags: Vec<String> = fields
        .text("tags")
        .split(',')
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect();
    let change = Change {
        fields: CHANGED
            .iter()
            .filter(|name| fields.text(name) != before(name))
            .map(|name| ((*name).to_owned(), fields.text(name).to_owned()))
            .collect(),
        untag: person.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect(),
        tags: tags.into_iter().filter(|tag| !person.tags.contains(tag)).collect(),
        ..Change::default()
    };
    let address = format!("/customers/{}", person.customer);
    if change == Change::default() {
        return Ok(visit.done(&address, "nothing"));
    }
    let id = person.customer.clone();
    let changed = acting(&visit, move |session, acting| profile::change(session, &id, &change, acting)).await;
    match changed {
        Ok(_) => Ok(visit.done(&address, "saved")),
        Err(problem) => match refusal(&problem) {
            Some(why) => again(&visit, customer, wrong("refused", why)).await,
            None => Err(problem),
        },
    }
}
