//! How things are named in paths and bodies: by our id (`cus_…`), or by the shop's own key with its kind before it
//! (`ext:K-17`, `phone:0901234567`, `card:9001`).

use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::proof;
use engine::record::identity::kinds;
use store::Identifier;

/// A customer, as somebody names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Our id.
    Ours(String),
    /// One of theirs.
    Theirs(Identifier),
}

/// Read a reference. `source` is whose keys are meant where a kind is each source's own.
pub fn read(app: &App, source: &str, text: &str) -> Result<Reference, Problem> {
    if let Ok(id) = text.parse::<domain::Id>()
        && id.kind() == domain::Kind::Customer
    {
        return Ok(Reference::Ours(text.to_owned()));
    }
    let Some((kind, value)) = text.split_once(':') else {
        let detail = format!(
            "'{text}' names no customer: give cus_…, ext:KEY, phone:NUMBER, email:ADDRESS or card:NUMBER"
        );
        return Err(Problem::new(Kind::InvalidRequest, detail.clone()).at("customer", detail));
    };
    // What a member's card shows on the screen of their telephone.
    if kind == "qr" {
        return proof::read_card(app.pepper(), value, app.now_micros()).map(Reference::Ours);
    }
    let kind = kinds::named(kind);
    match app.rules().normalise(source, kind, value) {
        Ok(key) => Ok(Reference::Theirs(key)),
        Err(why) => {
            let detail = format!("{kind}: {why}");
            Err(Problem::new(Kind::InvalidRequest, detail.clone()).at("customer", detail))
        }
    }
}

/// The id of a customer that is named. Our own ids are taken at their word: what is done with one that does not exist
/// fails by itself.
pub async fn find(app: &App, source: &str, text: &str) -> Result<String, Problem> {
    match read(app, source, text)? {
        Reference::Ours(id) => Ok(id),
        Reference::Theirs(key) => {
            let found = app.read(move |session| Ok(session.read().owners_of(&[key])?)).await?;
            let nobody = || Problem::new(Kind::NotFound, format!("no customer is known as '{text}'"));
            found.into_iter().flatten().next().ok_or_else(nobody)
        }
    }
}
