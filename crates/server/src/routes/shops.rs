//! `/v1/shops`: web shops that send webhooks, and the secret by which each is known.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::seal;
use crate::shops::{DIALECTS, thing, woocommerce};
use axum::Json;
use axum::extract::{Path, State};
use engine::record::view;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::ShopLinkRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_shops)).routes(routes!(put_shop, delete_shop))
}

/// A shop that sends webhooks.
#[derive(Debug, Serialize, ToSchema)]
struct ShopLink {
    /// As whose its orders are known here.
    #[schema(example = "web")]
    source: String,
    /// `shopify` or `woocommerce`.
    #[schema(example = "shopify")]
    dialect: String,
    /// Where it is to send them.
    #[schema(example = "/v1/hooks/shopify/web")]
    path: String,
    /// When the secret was given.
    #[schema(value_type = String, format = DateTime)]
    set_at: Timestamp,
    /// By whom.
    set_by: String,
}

impl ShopLink {
    fn of(row: ShopLinkRow) -> ShopLink {
        let path = format!("/v1/hooks/{}/{}", row.dialect, row.source);
        let set_at = view::at(row.set_at);
        ShopLink { source: row.source, dialect: row.dialect, path, set_at, set_by: row.set_by }
    }
}

/// A secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecretIn {
    /// Shopify: the client secret of the app; WooCommerce: the secret of the webhook. It is sealed and never shown.
    #[schema(example = "hush")]
    secret: String,
}

/// The shops that send webhooks.
#[utoipa::path(get, path = "/v1/shops", tag = "intake", security(("key" = ["settings.manage"])),
    responses((status = 200, body = Page<ShopLink>)))]
async fn list_shops(State(app): State<App>) -> Result<Json<Page<ShopLink>>, Problem> {
    let rows = app.read(|session| Ok(session.read().shop_links()?)).await?;
    Ok(Json(Page::whole(rows.into_iter().map(ShopLink::of).collect())))
}

/// Listen to a shop: from now on webhooks signed with this secret are taken, and no others. `source` is the name under
/// which its orders and customers are known here.
#[utoipa::path(put, path = "/v1/shops/{source}/{dialect}", tag = "intake", security(("key" = ["settings.manage"])),
    params(("source" = String, Path, example = "web"), ("dialect" = String, Path, example = "shopify")),
    request_body(content = SecretIn), responses((status = 200, body = ShopLink)))]
async fn put_shop(
    State(app): State<App>,
    caller: Caller,
    Path((source, dialect)): Path<(String, String)>,
    key: IdempotencyKey,
    body: Body<SecretIn>,
) -> Result<Reply, Problem> {
    // A hash of the body would be one of the secret.
    let hash = asked(
        &format!("PUT /v1/shops/{source}/{dialect}"),
        app.pepper().hash("shop secret", body.value.secret.as_bytes()),
    );
    if !DIALECTS.contains(&dialect.as_str()) {
        let detail = format!("'{dialect}' is none of {}", DIALECTS.join(", "));
        return Err(Problem::new(Kind::InvalidRequest, detail.clone()).at("dialect", detail));
    }
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
    if source.is_empty() || source.len() > 60 || !source.chars().all(is_plain) {
        let detail = "1 to 60 letters, digits, '-', '_' and '.'";
        return Err(Problem::new(Kind::InvalidRequest, format!("source: {detail}")).at("source", detail));
    }
    let secret = match dialect.as_str() {
        "woocommerce" => woocommerce::secret(&body.value.secret),
        _ => body.value.secret,
    };
    if secret.is_empty() {
        return Err(Problem::of_body("/secret", "required: without one anybody could send orders"));
    }
    let mut nonce = [0u8; 12];
    app.chance(&mut nonce);
    let row = ShopLinkRow {
        sealed: seal::seal(app.pepper(), &thing(&dialect, &source), secret.as_bytes(), nonce),
        source,
        dialect,
        set_at: app.now_micros(),
        set_by: caller.id,
    };
    once(&app, key, hash, move |writing| {
        writing.put_shop_link(&row)?;
        Ok(Reply::ok(ShopLink::of(row.clone())))
    })
    .await
}

/// Listen to a shop no more.
#[utoipa::path(delete, path = "/v1/shops/{source}/{dialect}", tag = "intake", security(("key" = ["settings.manage"])),
    params(("source" = String, Path), ("dialect" = String, Path)), responses((status = 200, body = Page<ShopLink>)))]
async fn delete_shop(
    State(app): State<App>,
    Path((source, dialect)): Path<(String, String)>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("DELETE /v1/shops/{source}/{dialect}"), [0; 32]);
    once(&app, key, hash, move |writing| {
        if !writing.delete_shop_link(&source, &dialect)? {
            return Err(Problem::not_found("shop", &format!("{source}/{dialect}")));
        }
        let left = writing.shop_links()?;
        Ok(Reply::ok(Page::whole(left.into_iter().map(ShopLink::of).collect())))
    })
    .await
}
