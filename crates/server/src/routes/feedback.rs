//! `/v1/feedback`: what somebody said of the shop, piece by piece: a survey in the app, a complaint at the till.

use super::orders::check_id;
use super::people::acting;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once_apart};
use crate::problem::Problem;
use crate::reference;
use axum::extract::State;
use engine::people::feedback::{Feedback, hear};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_feedback))
}

/// What somebody said: a score, words, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FeedbackIn {
    /// The source's own id: the same id again changes nothing.
    #[schema(example = "F-17")]
    id: String,
    /// Who said it, named as any customer is; absent where nobody knows.
    #[schema(example = "phone:0901234567")]
    customer: Option<String>,
    /// The order it is about.
    #[schema(example = "o-1001")]
    order: Option<String>,
    /// `survey`, `review`, `complaint`, or a word of the shop's own.
    #[schema(example = "survey")]
    kind: Option<String>,
    /// Thousandths of a point: 4500 is 4.5.
    #[schema(example = 4000)]
    score_milli: Option<i64>,
    /// The top of the scale, in thousandths.
    #[schema(example = 5000)]
    score_max_milli: Option<i64>,
    /// In their own words. They are kept as part of the person, and forgotten with it.
    #[schema(example = "The queue was long")]
    #[serde(default)]
    text: String,
    /// The shop's own key of the store.
    store: Option<String>,
    /// `till`, `web`, `app`.
    channel: Option<String>,
    /// When it was said; absent means now.
    #[schema(value_type = Option<String>, format = DateTime)]
    happened_at: Option<Timestamp>,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
struct Kept {
    /// The source's own id.
    id: String,
    /// Our id of who said it; null where nobody knows.
    customer: Option<String>,
}

/// Keep what somebody said of the shop. Score, kind, order and day count at once in every question, and a complaint keeps
/// its customer out of the next campaign; the words stay with the person.
#[utoipa::path(post, path = "/v1/feedback", tag = "customers", security(("key" = ["orders.record"])),
    request_body(content = FeedbackIn, example = json!({
        "id": "F-17", "customer": "phone:0901234567", "order": "o-1001", "kind": "survey", "score_milli": 4000,
        "score_max_milli": 5000, "text": "The queue was long"
    })),
    responses((status = 201, description = "It is kept", body = Kept),
        (status = 200, description = "It was kept before", body = Kept)))]
async fn create_feedback(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<FeedbackIn>,
) -> Result<Reply, Problem> {
    let said = body.value;
    check_id("/id", &said.id)?;
    let short = [
        ("/order", &said.order),
        ("/kind", &said.kind),
        ("/store", &said.store),
        ("/channel", &said.channel),
    ];
    for (pointer, text) in short {
        text.as_ref().map_or(Ok(()), |text| check_id(pointer, text))?;
    }
    if said.happened_at.is_some_and(|at| at > app.now()) {
        return Err(Problem::of_body("/happened_at", "nobody has said it yet"));
    }
    let hash = asked("POST /v1/feedback", body.hash);
    once_apart(&app, key, hash, async {
        let customer = match &said.customer {
            Some(customer) => Some(reference::find(&app, &caller.source, customer).await?),
            None => None,
        };
        let feedback = Feedback {
            id: said.id,
            order: said.order,
            kind: said.kind,
            score_milli: said.score_milli,
            score_max_milli: said.score_max_milli,
            store: said.store,
            channel: said.channel,
        };
        let (secret, text, at) = (app.settings().fact_secret, said.text, said.happened_at);
        let heard = acting(&app, &caller, move |session, acting| {
            hear(session, &secret, &feedback, customer.as_deref(), at, &text, acting)
        });
        let heard = heard.await?;
        let kept = Kept { id: heard.id, customer: heard.customer };
        Ok(if heard.is_repeat { Reply::ok(kept) } else { Reply::created(kept) })
    })
    .await
}
