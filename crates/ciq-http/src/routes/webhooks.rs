//! Webhooks of platforms and transactions of tills.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName, Uri};
use ciq_engine::{EntryOutcome, EventOutcome, prepare};
use ciq_event::{Brand, Message, Rejection, WireForm};

use crate::answer::{EventStatus, WebhookAnswer};
use crate::caller::{asked_brand, shown_token};
use crate::extract::{RawBody, is_media_type};
use crate::signature::{TwilioRequest, is_shopifys, is_stripes, is_twilios};
use crate::{AppState, Problem, ProblemKind, Role, WebhookSecrets, WriterCaller};

/// Says what a Shopify webhook is about.
const SHOPIFY_TOPIC: HeaderName = HeaderName::from_static("x-shopify-topic");

/// The longest topic, in bytes. Shopify's own have up to about 60.
const TOPIC_LENGTH_MAX: usize = 100;

/// Shopify's signature.
const SHOPIFY_SIGNATURE: HeaderName = HeaderName::from_static("x-shopify-hmac-sha256");

/// Twilio's signature.
const TWILIO_SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");

/// Stripe's signature.
const STRIPE_SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");

/// The field at fault where an event of Stripe is about no customer.
const STRIPE_CUSTOMER: &str = "data.object.customer";

/// What Twilio sends.
const FORM: &str = "application/x-www-form-urlencoded";

/// Takes a Shopify webhook
///
/// Where a secret is configured, `x-shopify-hmac-sha256` must fit the raw body, and no token is
/// needed. Otherwise it takes a writer.
#[utoipa::path(
    post,
    path = "/api/integrations/shopify/webhook",
    tag = "Events",
    params(
        ("x-shopify-topic" = String, Header, description = "What it is about.",
            example = "orders/create"),
        ("x-shopify-hmac-sha256" = Option<String>, Header,
            description = "Base64 of HMAC-SHA256 over the raw body."),
    ),
    request_body(content = Object, description = "As Shopify sends it.", example = json!({
        "id": 5001, "email": "ada@example.com", "total_price": "24.50",
        "line_items": [{"title": "Reading lamp", "price": "24.50", "quantity": 1}]
    })),
    responses((status = 200, description = "It is stored.", body = WebhookAnswer))
)]
pub(crate) async fn shopify_webhook(
    State(state): State<AppState>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<WebhookAnswer>, Problem> {
    let signed = Signed {
        header: SHOPIFY_SIGNATURE,
        secrets: &state.options().shopify_secrets,
        misfit: MISFIT,
    };
    let fits = |secret: &str, signature: &str| is_shopifys(secret, &body, signature);
    let brand = admit(&state, &headers, &signed, fits)?;
    let form = WireForm::Shopify { topic: topic_of(&headers)? };
    take(&state, brand, form, body).await
}

/// Takes a Twilio webhook
///
/// As the form that Twilio sends, or as JSON. Where an auth token is configured,
/// `X-Twilio-Signature` must fit, and no token is needed. Otherwise it takes a writer.
#[utoipa::path(
    post,
    path = "/api/integrations/twilio/webhook",
    tag = "Events",
    params(
        ("x-twilio-signature" = Option<String>, Header,
            description = "Base64 of HMAC-SHA1 over the URL and, for a form, its parameters."),
        ("bodySHA256" = Option<String>, Query,
            description = "The hash of a body that is no form; part of the signed URL."),
    ),
    request_body(
        description = "As Twilio sends it.",
        content(
            (Object = "application/json", example = json!({
                "From": "whatsapp:+15550123", "Body": "When will my order ship?",
                "MessageStatus": "received"
            })),
            (String = "application/x-www-form-urlencoded", example =
                "From=whatsapp%3A%2B15550123&Body=When+will+my+order+ship%3F")
        )
    ),
    responses((status = 200, description = "It is stored.", body = WebhookAnswer))
)]
pub(crate) async fn twilio_webhook(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<WebhookAnswer>, Problem> {
    let signed = Signed {
        header: TWILIO_SIGNATURE,
        secrets: &state.options().twilio_secrets,
        misfit: MISFIT,
    };
    let is_form = is_media_type(&headers, FORM);
    let url = called_url(&state, &uri, &headers);
    let request = TwilioRequest { url: &url, body: &body, is_form };
    let fits = |secret: &str, signature: &str| is_twilios(secret, request, signature);
    let brand = admit(&state, &headers, &signed, fits)?;
    let form = if is_form { WireForm::TwilioForm } else { WireForm::Twilio };
    take(&state, brand, form, body).await
}

/// Takes a webhook of Stripe
///
/// Where a secret is configured, `Stripe-Signature` must fit the raw body and be at most five
/// minutes old, and no token is needed. Otherwise it takes a writer. An event that is about no
/// customer, such as `product.created`, is kept as a dead letter and answered with `rejected`, so
/// that Stripe does not send it again.
#[utoipa::path(
    post,
    path = "/api/integrations/stripe/webhook",
    tag = "Events",
    params(
        ("stripe-signature" = Option<String>, Header,
            description = "`t=SECONDS,v1=HEX,...`: HMAC-SHA256 over the time, a dot and the raw body."),
    ),
    request_body(content = Object, description = "A snapshot event as Stripe sends it.",
        example = json!({
            "id": "evt_1", "object": "event", "created": 1_760_000_000, "livemode": false,
            "type": "invoice.paid",
            "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1",
                "subscription": "sub_1", "currency": "usd", "amount_paid": 3000, "status": "paid"}}
        })),
    responses((status = 200, description = "It is stored.", body = WebhookAnswer))
)]
pub(crate) async fn stripe_webhook(
    State(state): State<AppState>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<WebhookAnswer>, Problem> {
    let misfit = "the signature does not fit the configured secret, or is over five minutes old";
    let signed =
        Signed { header: STRIPE_SIGNATURE, secrets: &state.options().stripe_secrets, misfit };
    let now = state.now();
    let fits = |secret: &str, signature: &str| is_stripes(secret, &body, signature, now);
    let brand = admit(&state, &headers, &signed, fits)?;
    match outcome_of(&state, brand, WireForm::Stripe, body).await? {
        EntryOutcome::Rejected(rejection) if rejection.field == STRIPE_CUSTOMER => {
            let status = EventStatus::Rejected;
            Ok(Json(WebhookAnswer { status, event_ids: Vec::new(), customer_id: None }))
        }
        outcome => answer(outcome),
    }
}

/// Takes a transaction at a point of sale
///
/// A visit, a purchase, or both. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/integrations/pos",
    tag = "Events",
    request_body(content = Object, description = "The transaction.", example = json!({
        "store_id": "STORE-001", "loyalty_id": "LOY-789456", "phone": "+1-555-0123",
        "total": 125.50, "check_in_at": "2024-01-17T11:00:00Z"
    })),
    responses((status = 200, description = "It is stored.", body = WebhookAnswer))
)]
pub(crate) async fn pos_transaction(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    RawBody(body): RawBody,
) -> Result<Json<WebhookAnswer>, Problem> {
    take(&state, caller.brand, WireForm::Pos, body).await
}

/// How a platform signs.
struct Signed<'a> {
    header: HeaderName,
    secrets: &'a WebhookSecrets,
    /// What to say where the signature does not fit.
    misfit: &'static str,
}

/// What to say of a signature that does not fit, where it has no time.
const MISFIT: &str = "the signature does not fit the configured secret";

/// Decides whose webhook it is: the brand of the secret that signed it; where the brand has no
/// secret, that of a caller who may write.
fn admit(
    state: &AppState,
    headers: &HeaderMap,
    signed: &Signed<'_>,
    fits: impl Fn(&str, &str) -> bool,
) -> Result<Brand, Problem> {
    let mut asked = asked_brand(headers)?;
    let token = shown_token(headers)?;
    let is_open = state.access().is_open();
    if token.is_some() && !is_open {
        asked = Some(state.access().admit(token, asked)?.brand);
    }
    let candidates = signed.secrets.candidates(asked.as_ref(), is_open);
    if candidates.is_empty() {
        let caller = state.access().admit(token, asked)?;
        return Ok(caller.allowed(Role::Writer)?.brand);
    }
    let refused =
        |detail| Err(Problem::new(ProblemKind::Unauthorized, detail).at(signed.header.as_str()));
    let Some(signature) = headers.get(&signed.header).and_then(|value| value.to_str().ok()) else {
        return refused("a secret is configured, and the webhook is not signed");
    };
    match candidates.into_iter().find(|(_, secret)| fits(secret, signature)) {
        Some((brand, _)) => Ok(brand),
        None => refused(signed.misfit),
    }
}

fn topic_of(headers: &HeaderMap) -> Result<String, Problem> {
    let invalid =
        |detail: &str| Problem::new(ProblemKind::InvalidRequest, detail).at(SHOPIFY_TOPIC.as_str());
    let topic = headers.get(SHOPIFY_TOPIC).ok_or_else(|| {
        invalid("required: what is the webhook about? Shopify sends it, such as orders/create")
    })?;
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"/_-".contains(byte);
    let is_topic =
        (1..=TOPIC_LENGTH_MAX).contains(&topic.len()) && topic.as_bytes().iter().all(is_allowed);
    let topic = topic.to_str().ok().filter(|_| is_topic);
    topic.map(str::to_owned).ok_or_else(|| invalid("not a topic such as orders/create"))
}

/// Returns the URL that Twilio called: under the public one where it is configured.
fn called_url(state: &AppState, uri: &Uri, headers: &HeaderMap) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    if let Some(public) = &state.options().public_url {
        return public.join(path);
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("http://{host}{path}")
}

async fn take(
    state: &AppState,
    brand: Brand,
    form: WireForm,
    body: Bytes,
) -> Result<Json<WebhookAnswer>, Problem> {
    answer(outcome_of(state, brand, form, body).await?)
}

async fn outcome_of(
    state: &AppState,
    brand: Brand,
    form: WireForm,
    body: Bytes,
) -> Result<EntryOutcome, Problem> {
    let message = Message::new(form, body, state.now());
    let outcomes = state.ingest(brand, |settings| vec![prepare(message, settings)]).await?;
    let first = outcomes.into_iter().next();
    first.ok_or_else(|| Problem::internal("take a webhook in", "it had no outcome"))
}

fn answer(outcome: EntryOutcome) -> Result<Json<WebhookAnswer>, Problem> {
    match outcome {
        EntryOutcome::Events(events) => Ok(Json(answer_of(events)?)),
        EntryOutcome::Rejected(rejection) => Err(rejection.into()),
    }
}

fn answer_of(events: Vec<EventOutcome>) -> Result<WebhookAnswer, Rejection> {
    let mut status = EventStatus::Duplicate;
    let mut event_ids = Vec::with_capacity(events.len());
    let mut customer_id = None;
    let mut refused = None;
    for outcome in events {
        match outcome {
            EventOutcome::Stored { event, customer } => {
                status = EventStatus::Stored;
                event_ids.push(event.to_string());
                customer_id = Some(customer.to_string());
            }
            EventOutcome::Duplicate { event } => event_ids.push(event.to_string()),
            EventOutcome::Refused { rejection, .. } => refused = Some(rejection),
        }
    }
    match refused {
        Some(rejection) if event_ids.is_empty() => Err(rejection),
        _ => Ok(WebhookAnswer { status, event_ids, customer_id }),
    }
}
