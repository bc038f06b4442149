//! Every "no" there is, as RFC 9457 (problem details) has it. Built here and nowhere else; each kind has a page under
//! `docs/problems`, which the server shows at the address the problem names.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::record::writer::Unanswered;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::error::Error;
use store::Failure;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $slug:literal $status:ident $title:literal),* $(,)?) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $kind),* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// The last part of its address.
            pub fn slug(self) -> &'static str {
                match self { $(Kind::$kind => $slug),* }
            }

            /// The HTTP status it comes with.
            pub fn status(self) -> StatusCode {
                match self { $(Kind::$kind => StatusCode::$status),* }
            }

            /// The same few words every time.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$kind => $title),* }
            }

            /// Its page, in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Kind::$kind => include_str!(concat!(
                        env!("CARGO_MANIFEST_DIR"), "/../../docs/problems/", $slug, ".md"
                    ))),*
                }
            }
        }
    };
}

kinds! {
    /// The body is no JSON.
    MalformedJson "malformed-json" BAD_REQUEST "The body is not JSON",
    /// The body is JSON of another shape.
    InvalidBody "invalid-body" UNPROCESSABLE_ENTITY "The body is not what is expected here",
    /// A path, query or header cannot be read.
    InvalidRequest "invalid-request" BAD_REQUEST "The request cannot be read",
    /// No key, or none that is in force.
    Unauthenticated "unauthenticated" UNAUTHORIZED "Who are you?",
    /// The key may not do that.
    Forbidden "forbidden" FORBIDDEN "Not allowed",
    /// There is no such thing.
    NotFound "not-found" NOT_FOUND "There is no such thing",
    /// The thing does not do that.
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "Not so",
    /// The customer is not a member of the program.
    NotAMember "not-a-member" NOT_FOUND "Not a member",
    /// The rules say no.
    Refused "refused" CONFLICT "The rules say no",
    /// Too few points.
    InsufficientPoints "insufficient-points" CONFLICT "Not enough points",
    /// The reward cannot be had now.
    RewardUnavailable "reward-unavailable" CONFLICT "The reward cannot be had now",
    /// A second proof of who is asking is needed.
    NeedsConfirmation "needs-confirmation" CONFLICT "Needs a second proof",
    /// A code does not count.
    WrongCode "wrong-code" FORBIDDEN "The code does not count",
    /// Points are being spent too fast.
    TooFast "too-fast" CONFLICT "Too many points at once",
    /// Something of that name is there already.
    Conflict "conflict" CONFLICT "It is there already",
    /// An idempotency key was used for something else.
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY "The idempotency key was used for another request",
    /// The thing has changed since it was read.
    PreconditionFailed "precondition-failed" PRECONDITION_FAILED "It has changed meanwhile",
    /// The body is of a kind that is not read here.
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "Not a kind of body that is read here",
    /// The body is too large.
    TooLarge "too-large" PAYLOAD_TOO_LARGE "Too large",
    /// Asked too often.
    RateLimited "rate-limited" TOO_MANY_REQUESTS "Too many requests",
    /// The program is not installed.
    NoProgram "no-program" CONFLICT "No program is in force",
    /// More waits than may, or the database is away.
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Not now",
    /// A bug, or a broken disk.
    Internal "internal" INTERNAL_SERVER_ERROR "Something broke here",
}

/// One place of a body that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901) into the body, or the name of a parameter.
    pub pointer: String,
    /// What is wrong, and what is expected.
    pub detail: String,
}

/// A problem.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind.
    pub kind: Kind,
    /// This one, in a sentence.
    pub detail: String,
    /// Places of the body.
    pub errors: Vec<Fault>,
    /// What else machines want to know.
    pub more: Box<Map<String, Value>>,
    /// Headers that go with it.
    pub headers: Box<HeaderMap>,
    /// What is logged and not shown.
    pub secret: Option<String>,
}

impl Problem {
    /// A problem with a sentence.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            more: Box::default(),
            headers: Box::default(),
            secret: None,
        }
    }

    /// With something for machines.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// With a place.
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        self.errors.push(Fault { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// With a header.
    pub fn header(mut self, name: header::HeaderName, value: &str) -> Problem {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The body is JSON, and one place of it is wrong.
    pub fn of_body(pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        let (pointer, detail) = (pointer.into(), detail.into());
        Problem::new(Kind::InvalidBody, format!("{}: {detail}", shown(&pointer))).at(pointer, detail)
    }

    /// Nothing has that name.
    pub fn not_found(what: &str, id: &str) -> Problem {
        Problem::new(Kind::NotFound, format!("there is no {what} '{id}'"))
    }

    /// Not now; the same again in so many seconds.
    pub fn unavailable(detail: impl Into<String>, seconds: u64) -> Problem {
        Problem::new(Kind::Unavailable, detail).header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// A bug or a broken world: `secret` is logged, and not shown.
    pub fn internal(secret: impl Into<String>) -> Problem {
        let detail = "the request could not be carried out; tell the operator its id";
        Problem { secret: Some(secret.into()), ..Problem::new(Kind::Internal, detail) }
    }

    /// As JSON. `instance` is the request's id.
    pub fn body(&self, instance: &str) -> Value {
        let mut body = json!({
            "type": format!("/problems/{}", self.kind.slug()),
            "title": self.kind.title(),
            "status": self.kind.status().as_u16(),
            "detail": self.detail,
            "instance": format!("/requests/{instance}"),
        });
        let object = body.as_object_mut().expect("an object");
        object.extend((*self.more).clone());
        if !self.errors.is_empty() {
            object.insert("errors".to_owned(), json!(self.errors));
        }
        body
    }
}

/// A pointer as people read it.
fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "the body" } else { pointer }
}

/// The edge of the server writes it out, because the edge knows the request's id; see [`crate::edge`].
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        of_failure(&failure)
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Problem {
        match error {
            store::Error::Refused(refused) => Problem::new(Kind::Refused, refused.to_string()),
            store::Error::Failure(failure) => of_failure(&failure),
        }
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Problem {
        match unanswered {
            Unanswered::Failure(failure) => of_failure(&failure),
            Unanswered::Full | Unanswered::Closed => Problem::unavailable(unanswered.to_string(), 1),
        }
    }
}

/// What cannot be done now may be asked again; what is broken is a bug's sister. Neither shows where the database is.
fn of_failure(failure: &Failure) -> Problem {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(&format!(" because {cause}"));
        source = cause.source();
    }
    if failure.is_passing() {
        let detail = "the database is busy or away; nothing is known to have happened, ask the same again";
        return Problem { secret: Some(text), ..Problem::unavailable(detail, 2) };
    }
    Problem::internal(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_page_that_begins_with_its_title() {
        for kind in Kind::ALL {
            let page = kind.page();
            let first = page.lines().next().unwrap_or_default();
            assert_eq!(first, format!("# {}", kind.title()), "docs/problems/{}.md", kind.slug());
            let status = format!("Status {}", kind.status().as_u16());
            assert!(page.contains(&status), "docs/problems/{}.md says no '{status}'", kind.slug());
            assert!(page.contains("## What to do"), "docs/problems/{}.md", kind.slug());
        }
    }
}
