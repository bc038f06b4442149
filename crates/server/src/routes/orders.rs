//! `/v1/orders`, `/v1/claims`, `/v1/events`: what was bought, and what else happened.

use super::members::{Of, act};
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect};
use crate::idempotency::{IdempotencyKey, Reply};
use crate::problem::Problem;
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::command::Act;
use engine::record::view::{self, Kept};
use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::fact::{Claim, Custom, Fact, Line, Order, Tender};
use loyalty::member::OrderRecord;
use loyalty::name::Name;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_order))
        .routes(routes!(find_order))
        .routes(routes!(create_claim))
        .routes(routes!(create_event))
}

/// Something was bought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderIn {
    /// The source's own id: the same id again changes nothing.
    #[schema(example = "o-1001")]
    pub id: String,
    /// Who, as any customer is named; absent on an anonymous bill.
    #[schema(example = "phone:0901234567")]
    pub customer: Option<String>,
    /// When it was bought; absent means now.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ordered_at: Option<Timestamp>,
    /// Where.
    pub store: Option<String>,
    /// At which till.
    pub till: Option<String>,
    /// How: `till`, `web`, `app`.
    pub channel: Option<String>,
    /// ISO 4217; absent means the program's.
    pub currency: Option<String>,
    /// What.
    pub lines: Vec<LineIn>,
    /// How it was paid.
    #[serde(default)]
    pub tenders: Vec<TenderIn>,
    /// Shipping, minor units.
    #[serde(default)]
    pub shipping_minor: i64,
    /// The number on an invoice, by which the bill may be claimed.
    pub invoice: Option<String>,
}

/// One line of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineIn {
    /// Its id in the order.
    #[schema(example = "1")]
    pub id: String,
    /// The product.
    #[schema(example = "latte")]
    pub product: String,
    /// Its category.
    #[serde(default)]
    pub category: String,
    /// Thousandths of a unit; one unit where nothing is said.
    #[serde(default = "one")]
    pub quantity_milli: i64,
    /// Price of the line before discount, tax in it, minor units.
    #[schema(example = 450)]
    pub gross_minor: i64,
    /// What was taken off, minor units.
    #[serde(default)]
    pub discount_minor: i64,
    /// The tax in what was paid, minor units.
    #[serde(default)]
    pub tax_minor: i64,
}

fn one() -> i64 {
    1000
}

/// One way an order was paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TenderIn {
    /// `card`, `cash`, `voucher`, `gift_card`, `points`.
    #[schema(example = "cash")]
    pub kind: String,
    /// Minor units.
    pub amount_minor: i64,
    /// Of a voucher or gift card its code, of points the redemption.
    pub code: Option<String>,
}

pub(super) fn name(text: &str) -> Name {
    Name::from(text)
}

fn maybe(text: &Option<String>) -> Option<Name> {
    text.as_deref().map(name)
}

/// An id of the source's own: what is empty or endless is none.
pub(super) fn check_id(pointer: &str, id: &str) -> Result<(), Problem> {
    let is_sound = (1..=200).contains(&id.len()) && !id.chars().any(char::is_control);
    if is_sound {
        Ok(())
    } else {
        Err(Problem::of_body(pointer, "1 to 200 characters, none of them a control sign"))
    }
}

/// The bare id of an order or a return in a path; `ext:` before it says that it is the shop's own, which it always is.
pub(super) fn own(id: &str) -> &str {
    id.strip_prefix("ext:").unwrap_or(id)
}

impl OrderIn {
    /// As the judge knows it.
    pub async fn read(&self, app: &App, source: &str) -> Result<Order, Problem> {
        check_id("/id", &self.id)?;
        let member = match &self.customer {
            Some(customer) => Some(reference::find(app, source, customer).await?),
            None => None,
        };
        let currency = match &self.currency {
            Some(code) => {
                Some(code.parse().map_err(|_| Problem::of_body("/currency", "an ISO 4217 code, as VND"))?)
            }
            None => None,
        };
        let line = |line: &LineIn| Line {
            id: name(&line.id),
            product: name(&line.product),
            category: name(&line.category),
            quantity_milli: line.quantity_milli,
            gross_minor: line.gross_minor,
            discount_minor: line.discount_minor,
            tax_minor: line.tax_minor,
        };
        let tender = |tender: &TenderIn| Tender {
            kind: name(&tender.kind),
            amount_minor: tender.amount_minor,
            code: maybe(&tender.code),
        };
        Ok(Order {
            id: name(&self.id),
            member: member.as_deref().map(name),
            ordered_at: self.ordered_at,
            store: maybe(&self.store),
            till: maybe(&self.till),
            channel: maybe(&self.channel),
            currency,
            lines: self.lines.iter().map(line).collect(),
            tenders: self.tenders.iter().map(tender).collect(),
            shipping_minor: self.shipping_minor,
            invoice: maybe(&self.invoice),
        })
    }
}

/// Record an order: the member earns, and whatever else the program says follows. The same order again changes nothing
/// and is answered as the first time. Late orders count for the day on which they were made.
#[utoipa::path(post, path = "/v1/orders", tag = "orders", security(("key" = ["orders.record"])), params(Asked),
    request_body(content = OrderIn, example = json!({
        "id": "o-1001", "customer": "phone:0901234567", "store": "north", "till": "north-1",
        "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]
    })),
    responses((status = 201, description = "It took effect", body = Effect)))]
async fn create_order(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<OrderIn>,
) -> Result<Reply, Problem> {
    let source = caller.source(asked.source.as_deref())?;
    let order = body.value.read(&app, source).await?;
    act(&app, &caller, &asked, key, Act::Fact(Fact::Order(order))).await
}

/// An order as it is kept.
#[derive(Debug, Serialize, ToSchema)]
struct OrderOut {
    /// The source's own id.
    id: String,
    /// Who has it; absent while nobody has claimed the bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// When it was bought.
    #[schema(value_type = String, format = DateTime)]
    ordered_at: Timestamp,
    /// Its lines, with what came back.
    lines: Vec<LineOut>,
    /// What it earned.
    earned: Vec<Earned>,
    /// Its returns.
    returns: Vec<ReturnOut>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
struct LineOut {
    /// Its id; `shipping` for what was paid for shipping.
    id: String,
    /// Thousandths of a unit.
    quantity_milli: i64,
    /// Minor units paid.
    paid_minor: i64,
    /// Thousandths that came back.
    returned_milli: i64,
    /// Minor units that came back, goods and money.
    returned_minor: i64,
}

/// What an order earned under one rule.
#[derive(Debug, Serialize, ToSchema)]
struct Earned {
    /// The wallet.
    wallet: String,
    /// The rule.
    rule: String,
    /// Smallest units.
    units: i64,
    /// How many of them returns have called for.
    clawed_back: i64,
}

/// A return of an order.
#[derive(Debug, Serialize, ToSchema)]
struct ReturnOut {
    /// Its id.
    id: String,
    /// Whether it was taken back.
    is_undone: bool,
}

/// An order by the source's own id.
#[utoipa::path(get, path = "/v1/orders/{order}", tag = "orders", security(("key" = ["customers.read"])),
    params(("order" = String, Path, example = "o-1001"), Of, SourceAsked), responses((status = 200, body = OrderOut)))]
async fn find_order(
    State(app): State<App>,
    caller: Caller,
    Path(order): Path<String>,
    Query(of): Query<Of>,
    Query(from): Query<SourceAsked>,
) -> Result<Json<OrderOut>, Problem> {
    let open = app.program(of.program.as_deref())?;
    let source = caller.source(from.source.as_deref())?.to_owned();
    let id = own(&order).to_owned();
    let asked = id.clone();
    let shop = open.clone();
    let found = app.read(move |session| Ok(view::order(&session.read(), &shop.in_force, &source, &asked)?));
    let nothing = |ordered_at| OrderOut {
        id: id.clone(),
        customer: None,
        ordered_at,
        lines: Vec::new(),
        earned: Vec::new(),
        returns: Vec::new(),
    };
    Ok(Json(match found.await? {
        None => return Err(Problem::not_found("order", &order)),
        Some(Kept::Anonymous(at, bill)) => {
            let line = |line: &Line| LineOut {
                id: line.id.to_string(),
                quantity_milli: line.quantity_milli,
                paid_minor: line.paid_minor(),
                returned_milli: 0,
                returned_minor: 0,
            };
            OrderOut { lines: bill.lines.iter().map(line).collect(), ..nothing(at) }
        }
        Some(Kept::Owned(customer, record)) => {
            let program = &open.in_force.program;
            let wallet =
                |place: usize| program.wallets.get(place).map_or(String::new(), |one| one.id.to_string());
            let earned = record.awards.iter().map(|award| Earned {
                wallet: wallet(award.wallet),
                rule: award.rule.to_string(),
                units: award.per_line.iter().sum(),
                clawed_back: award.clawed,
            });
            OrderOut {
                customer: Some(customer.to_string()),
                lines: lines(&record),
                earned: earned.collect(),
                returns: record
                    .returns
                    .iter()
                    .map(|(id, back)| ReturnOut { id: id.to_string(), is_undone: back.is_undone })
                    .collect(),
                ..nothing(record.ordered_at)
            }
        }
    }))
}

fn lines(record: &OrderRecord) -> Vec<LineOut> {
    let line = |line: &loyalty::member::LineRecord| LineOut {
        id: if line.id == "" { "shipping".to_owned() } else { line.id.to_string() },
        quantity_milli: line.quantity_milli,
        paid_minor: line.paid_minor,
        returned_milli: line.returned_milli,
        returned_minor: line.returned_minor(),
    };
    record.lines.iter().filter(|line| line.id != "" || line.paid_minor != 0).map(line).collect()
}

/// Whose ids.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SourceAsked {
    /// The source whose ids are meant, where the key has none of its own.
    pub source: Option<String>,
}

/// A member claims a bill on which they were forgotten: by its id, by its invoice, or by day and amount.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimIn {
    /// Who.
    #[schema(example = "phone:0901234567")]
    customer: String,
    /// The order's id.
    order: Option<String>,
    /// The number of the invoice.
    invoice: Option<String>,
    /// The day, with `amount_minor`.
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// What was paid, minor units.
    amount_minor: Option<i64>,
    /// The store, with `on`.
    store: Option<String>,
}

/// Attach a forgotten bill to a member, who then earns as if it had been theirs at once.
#[utoipa::path(post, path = "/v1/claims", tag = "till", security(("key" = ["orders.record"])), params(Asked),
    request_body(content = ClaimIn, example = json!({"customer": "phone:0901234567", "order": "o-1002"})),
    responses((status = 201, body = Effect)))]
async fn create_claim(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<ClaimIn>,
) -> Result<Reply, Problem> {
    let (source, ask) = (caller.source(asked.source.as_deref())?, body.value);
    let by_day = ask.on.is_some() && ask.amount_minor.is_some();
    if ask.order.is_none() && ask.invoice.is_none() && !by_day {
        return Err(Problem::of_body("", "say which bill: order, invoice, or on with amount_minor"));
    }
    let member = reference::find(&app, source, &ask.customer).await?;
    let claim = Claim {
        member: name(&member),
        order: maybe(&ask.order),
        invoice: maybe(&ask.invoice),
        on: ask.on,
        amount_minor: ask.amount_minor,
        store: maybe(&ask.store),
    };
    act(&app, &caller, &asked, key, Act::Fact(Fact::Claim(claim))).await
}

/// Anything else that happened to a member: `review`, `survey_answered`, `check_in`, …
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventIn {
    /// The source's own id: the same id again changes nothing.
    #[schema(example = "e-1")]
    id: String,
    /// Who.
    #[schema(example = "phone:0901234567")]
    customer: String,
    /// What.
    #[schema(example = "review")]
    name: String,
    /// When; absent means now.
    #[schema(value_type = Option<String>, format = DateTime)]
    happened_at: Option<Timestamp>,
    /// The order it is about.
    order: Option<String>,
    /// The store.
    store: Option<String>,
}

/// Record an event: rules may give points for it, missions may count it.
#[utoipa::path(post, path = "/v1/events", tag = "orders", security(("key" = ["orders.record"])), params(Asked),
    request_body(content = EventIn, example = json!({"id": "e-1", "customer": "phone:0901234567", "name": "review"})),
    responses((status = 201, body = Effect)))]
async fn create_event(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<EventIn>,
) -> Result<Reply, Problem> {
    let (source, ask) = (caller.source(asked.source.as_deref())?, body.value);
    check_id("/id", &ask.id)?;
    check_id("/name", &ask.name)?;
    let custom = Custom {
        id: name(&ask.id),
        member: name(&reference::find(&app, source, &ask.customer).await?),
        name: name(&ask.name),
        happened_at: ask.happened_at,
        order: maybe(&ask.order),
        store: maybe(&ask.store),
    };
    act(&app, &caller, &asked, key, Act::Fact(Fact::Event(custom))).await
}
