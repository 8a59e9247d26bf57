//! Automations: defining them, switching them on and off, and having them act.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use ciq_automation::Automation;
use ciq_event::Brand;
use ciq_ingest::BrandHandle;
use ciq_store::{AutomationView, StoreError, Writer};
use jiff::Timestamp;
use serde_json::Value;

use super::event_bodies::{AsOfBody, AutomationBody, SwitchBody};
use crate::answer::{AutomationAnswer, AutomationList, EvaluatedAnswer};
use crate::extract::{JsonObject, OptionalObject, PathId, RawBody, is_media_type};
use crate::insight_query::{as_of, only_keys};
use crate::query::invalid;
use crate::{AppState, Problem, ProblemKind, ReaderCaller, WriterCaller};

/// Most automations of one body.
const AUTOMATIONS_MAX: usize = 100;

/// Lists automations, by id
#[utoipa::path(
    get,
    path = "/api/automations",
    tag = "Automations",
    responses((status = 200, description = "The automations.", body = AutomationList))
)]
pub(crate) async fn list_automations(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
) -> Result<Json<AutomationList>, Problem> {
    let data = state.read(&caller.brand, ciq_store::Reader::automations).await?;
    Ok(Json(AutomationList { data: data.unwrap_or_default() }))
}

/// Defines automations
///
/// One as JSON, or up to 100 as TOML `[[automation]]` tables, all or none. 409 where one of the ids
/// is taken. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/automations",
    tag = "Automations",
    request_body(
        description = "The definition, or several.",
        content(
            (AutomationBody = "application/json"),
            (String = "application/toml", example =
                "[[automation]]\nid = \"welcome\"\ntrigger = { type = \"segment_entered\", segment = \"new\" }\nactions = [{ type = \"send_email\", subject = \"Welcome\", body = \"Hello!\" }]\n")
        )
    ),
    responses((status = 201, description = "They are defined: one for JSON, a list for TOML.",
        body = AutomationAnswer))
)]
pub(crate) async fn add_automations(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    body: Definitions,
) -> Result<(StatusCode, Json<AutomationAnswer>), Problem> {
    state.open(&caller.brand).await?;
    let at = state.now();
    let rows = body.automations.iter().map(row_of).collect::<Vec<_>>();
    let ids: Vec<String> = body.automations.into_iter().map(|automation| automation.id).collect();
    let add = state.write(&caller.brand, move |writer, handle| {
        if !writer.put_automations(&rows, at, true)? {
            return Ok(None);
        }
        ids.iter().map(|id| view(handle, id)).collect::<Result<Option<Vec<_>>, _>>()
    });
    let mut data = add.await?.flatten().ok_or_else(|| {
        let detail = "an automation with this id is there: choose another, or PUT changes it";
        Problem::new(ProblemKind::Conflict, detail).at("id")
    })?;
    let answer = match data.pop() {
        Some(one) if body.is_single => AutomationAnswer::One(one),
        last => AutomationAnswer::Several(AutomationList {
            data: data.into_iter().chain(last).collect(),
        }),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Returns an automation
#[utoipa::path(
    get,
    path = "/api/automations/{id}",
    tag = "Automations",
    params(("id" = String, Path, description = "The automation.", example = "cart-recovery")),
    responses((status = 200, description = "The automation.", body = AutomationView))
)]
pub(crate) async fn get_automation(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<AutomationView>, Problem> {
    let found = state.read(&caller.brand, move |reader| reader.automation(&id)).await?;
    found.flatten().map(Json).ok_or_else(unknown)
}

/// Changes an automation
///
/// The body is the whole definition. It may leave `id` out; the one in the path counts. What is
/// under way is checked against the new definition before it is sent. Takes a writer.
#[utoipa::path(
    put,
    path = "/api/automations/{id}",
    tag = "Automations",
    params(("id" = String, Path, description = "The automation.")),
    request_body = AutomationBody,
    responses((status = 200, description = "It is changed.", body = AutomationView))
)]
pub(crate) async fn put_automation(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    JsonObject(mut body): JsonObject,
) -> Result<Json<AutomationView>, Problem> {
    if body.get("id").is_some_and(|own| own.as_str() != Some(&id)) {
        return Err(invalid("id", "not the one in the path: an automation keeps its id"));
    }
    body.insert("id".to_owned(), Value::String(id.clone()));
    let row = row_of(&Automation::parse_json(&Value::Object(body))?);
    let at = state.now();
    let put = state.write(&caller.brand, move |writer, handle| {
        change(writer, handle, &id, at, |_| Some(row.1))
    });
    put.await?.flatten().map(Json).ok_or_else(unknown)
}

/// Switches an automation on or off
///
/// What is under way for one that is off is not sent. Takes a writer.
#[utoipa::path(
    patch,
    path = "/api/automations/{id}",
    tag = "Automations",
    params(("id" = String, Path, description = "The automation.")),
    request_body = SwitchBody,
    responses((status = 200, description = "It is switched.", body = AutomationView))
)]
pub(crate) async fn switch_automation(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    JsonObject(body): JsonObject,
) -> Result<Json<AutomationView>, Problem> {
    only_keys(&body, &["enabled"])?;
    let enabled = body.get("enabled").and_then(Value::as_bool);
    let enabled = enabled.ok_or_else(|| invalid("enabled", "required: true or false"))?;
    let switch = if enabled { Switch::On } else { Switch::Off };
    state.switch_automation(&caller.brand, id, switch).await.map(Json)
}

/// Whether an automation may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It may.
    On,
    /// It may not, and what is under way for it is not sent.
    Off,
}

impl AppState {
    /// Switches an automation of a brand on or off, and returns it.
    pub async fn switch_automation(
        &self,
        brand: &Brand,
        id: String,
        switch: Switch,
    ) -> Result<AutomationView, Problem> {
        let at = self.now();
        let write = self.write(brand, move |writer, handle| {
            change(writer, handle, &id, at, |stored| {
                let value = serde_json::from_str(stored.definition.get()).ok()?;
                let mut automation = Automation::parse_json(&value).ok()?;
                automation.enabled = switch == Switch::On;
                Some(automation.to_json().to_string())
            })
        });
        write.await?.flatten().ok_or_else(unknown)
    }
}

/// Deletes an automation
///
/// What it did stays on record; what it has under way is not sent. Takes a writer.
#[utoipa::path(
    delete,
    path = "/api/automations/{id}",
    tag = "Automations",
    params(("id" = String, Path, description = "The automation.")),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn delete_automation(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let delete = state.write(&caller.brand, move |writer, _| writer.delete_automation(&id));
    match delete.await? {
        Some(true) => Ok(StatusCode::NO_CONTENT),
        Some(false) | None => Err(unknown()),
    }
}

/// Computes everyone, triggers automations, and sends what is due
///
/// As of a time, which may be past: then what was due then is sent now. Each message goes out once,
/// however often this is asked. Goes on where it takes longer than a request may. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/automations/evaluate",
    tag = "Automations",
    request_body = Option<AsOfBody>,
    responses((status = 200, description = "What came of it.", body = EvaluatedAnswer))
)]
pub(crate) async fn evaluate_automations(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    OptionalObject(body): OptionalObject,
) -> Result<Json<EvaluatedAnswer>, Problem> {
    let now = state.now();
    let as_of = as_of(&body, now)?;
    let clock = state.brand_clock(&caller.brand).await?;
    if as_of < now {
        // Somebody plays the past: nothing of today in between.
        clock.hold();
    }
    // A caller who goes away must not leave a message half sent.
    let evaluating = tokio::spawn(async move { clock.evaluate(as_of).await });
    let evaluated = evaluating.await;
    let evaluated =
        evaluated.map_err(|_| Problem::internal("evaluate automations", "it panicked"))??;
    Ok(Json(evaluated.into()))
}

/// The automations of a body.
pub(crate) struct Definitions {
    automations: Vec<Automation>,
    is_single: bool,
}

impl<S: Send + Sync> FromRequest<S> for Definitions {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_media_type(request.headers(), "application/toml") {
            let JsonObject(body) = JsonObject::from_request(request, state).await?;
            let automation = Automation::parse_json(&Value::Object(body))?;
            return Ok(Self { automations: vec![automation], is_single: true });
        }
        let RawBody(body) = RawBody::from_request(request, state).await?;
        let text = std::str::from_utf8(&body).map_err(|_| invalid("body", "not UTF-8"))?;
        let automations = Automation::parse_toml(text)?;
        if automations.is_empty() {
            return Err(invalid("automation", "required: at least one [[automation]] table"));
        }
        if automations.len() > AUTOMATIONS_MAX {
            return Err(invalid("automation", "at most 100 at once"));
        }
        Ok(Self { automations, is_single: false })
    }
}

fn row_of(automation: &Automation) -> (String, String) {
    (automation.id.clone(), automation.to_json().to_string())
}

fn view(handle: &BrandHandle, id: &str) -> Result<Option<AutomationView>, StoreError> {
    handle.readers().read(|reader| reader.automation(id))
}

/// Replaces a definition by one that may follow from it. `None` where there is none, or where
/// none follows.
fn change(
    writer: &mut Writer,
    handle: &BrandHandle,
    id: &str,
    at: Timestamp,
    definition: impl FnOnce(&AutomationView) -> Option<String>,
) -> Result<Option<AutomationView>, StoreError> {
    let Some(stored) = view(handle, id)? else { return Ok(None) };
    let Some(definition) = definition(&stored) else { return Ok(None) };
    writer.put_automations(&[(id.to_owned(), definition)], at, false)?;
    view(handle, id)
}

fn unknown() -> Problem {
    Problem::not_found("automation")
}
