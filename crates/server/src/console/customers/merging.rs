//! Two who are one, and one who are two after all.

use super::super::guard::{Fields, Visit};
use super::page::{Wrong, again};
use super::{acting, done, refusal};
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::find::find;
use engine::people::merging;

/// `POST /customers/{customer}/merge`: the other ends, this one goes on.
pub async fn merge(visit: Visit, Path(customer): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let merged = try_merge(&visit, &customer, &fields).await;
    match merged {
        Ok(id) => Ok(visit.done(&format!("/customers/{id}"), "merged")),
        Err(problem) => {
            let why = refusal(&problem).unwrap_or_else(|| problem.detail.clone());
            if problem.kind.status().is_server_error() {
                return Err(problem);
            }
            let typed = fields.without_proof().pairs().to_vec();
            again(&visit, customer, Wrong { form: "merge", why, word: "refused", typed }).await
        }
    }
}

async fn try_merge(visit: &Visit, customer: &str, fields: &Fields) -> Result<String, Problem> {
    let (other, evidence) = (fields.text("other"), fields.text("evidence").to_owned());
    if evidence.is_empty() {
        return Err(Problem::of_body("/evidence", "say why they are one person"));
    }
    let from = one(visit, other.to_owned()).await?;
    let into = customer.to_owned();
    let merged =
        acting(visit, move |session, acting| merging::merge(session, (&from, &into), &evidence, acting));
    Ok(merged.await?.customer)
}

/// The one customer a text finds, as the search does.
async fn one(visit: &Visit, text: String) -> Result<String, Problem> {
    let rules = visit.app().rules().clone();
    let found = visit.app().read(move |session| done(find(&session.read(), &rules, &text, 2))).await?;
    match found.as_slice() {
        [one] => Ok(one.customer.clone()),
        [] => Err(Problem::of_body("/other", "nobody is known by that")),
        _ => Err(Problem::of_body("/other", "several are known by that: give a number, a card or the id")),
    }
}

/// `POST /customers/{customer}/unmerge`: whoever was merged is a customer of their own again.
pub async fn unmerge(visit: Visit, Path(customer): Path<String>) -> Result<Response, Problem> {
    let id = customer.clone();
    acting(&visit, move |session, acting| merging::unmerge(session, &id, acting)).await?;
    Ok(visit.done(&format!("/customers/{customer}"), "parted"))
}
