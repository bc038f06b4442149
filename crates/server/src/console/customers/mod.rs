//! Customers: finding them, one page each, and what can be done with one.
//!
//! - [`list`] finds and filters; [`page`] shows one, with [`timeline`], [`standing`] and what files told ([`history`]);
//! - [`profile`], [`points`], [`merging`], [`agreeing`], [`cases`], [`requests`] and [`data`] are what can be done.

pub mod agreeing;
pub mod cases;
pub mod data;
pub mod history;
pub mod list;
pub mod merging;
pub mod page;
pub mod points;
pub mod profile;
pub mod requests;
pub mod standing;
pub mod timeline;

use super::guard::Visit;
use crate::problem::{Kind, Problem};
use engine::people::{Acting, Refused, Stopped};
use store::Session;

/// What the house said, as a problem where it is a no.
pub fn done<T>(answer: Result<T, Stopped>) -> Result<T, Problem> {
    answer.map_err(|stopped| match stopped {
        Stopped::Failure(failure) => failure.into(),
        Stopped::Refused(refused) => {
            let kind = match *refused {
                Refused::UnknownCustomer(_)
                | Refused::Erased(_)
                | Refused::UnknownCase(_)
                | Refused::UnknownRequest(_) => Kind::NotFound,
                _ => Kind::Refused,
            };
            Problem::new(kind, refused.to_string())
        }
    })
}

/// Do something to somebody, in the visitor's name.
pub async fn acting<T: Send + 'static>(
    visit: &Visit,
    work: impl FnOnce(&mut Session, &mut Acting<'_>) -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Problem> {
    let (actor, now, chances) = (visit.member().actor(), visit.app().now(), visit.app().clone());
    visit
        .app()
        .with_session(move |session| {
            let mut chance = || chances.chance_u128();
            let source = "console";
            done(work(session, &mut Acting { now, actor: &actor, source, chance: &mut chance }))
        })
        .await
}

/// Why it was not done, for a form that is shown again: the sentence, where it follows from what was asked.
pub fn refusal(problem: &Problem) -> Option<String> {
    let status = problem.kind.status();
    (status.is_client_error() && problem.kind != Kind::NotFound).then(|| problem.detail.clone())
}
