//! `POST /events`: events as envelopes and domain events, one, an array or NDJSON.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ciq_engine::{Entry, EntryOutcome, EventOutcome, Settings, prepare};
use ciq_event::{Message, Rejection, WireForm, split, unwrap_record};
use jiff::Timestamp;

use super::event_bodies::EventsBody;
use crate::answer::{EventResult, EventStatus, EventsAnswer};
use crate::extract::RawBody;
use crate::state::off_thread;
use crate::{AppState, Problem, ProblemKind, WriterCaller};

/// Most records of one body: as many as usual events fit into the largest one. Bounds what the
/// smallest ones can ask for.
const RECORDS_MAX: usize = 50_000;

/// Takes events in
///
/// One JSON object, an array of them, or NDJSON. Each record is an envelope, a domain event, or a
/// wrapped message `{"wire_form", "body"}`. The same event twice is stored once, so sending again
/// is safe. Records that are no events are refused one by one and kept as dead letters; the others
/// are stored. All that is stored is stored before the answer.
#[utoipa::path(
    post,
    path = "/events",
    tag = "Events",
    request_body(
        description = "One event, an array of events, or one event per line.",
        content(
            (EventsBody = "application/json", example = json!({
                "customer_id": "cust_001", "event_type": "purchase",
                "timestamp": "2024-01-15T10:30:00Z", "source_service": "shop",
                "data": {"purchase_id": "po_1", "product_name": "Laptop", "total": "1299.99",
                    "currency": "USD", "email": "sarah@customer.example.org"}
            })),
            (String = "application/x-ndjson")
        )
    ),
    responses(
        (status = 200, description = "What became of each event.", body = EventsAnswer,
            example = json!({
                "results": [{"index": 0, "status": "stored",
                    "event_id": "evt_018d0c5be4c0f3a1b2c3d4e5f6071829", "customer_id": "cust_001"}],
                "stored": 1, "duplicates": 0, "rejected": 0
            })),
    )
)]
pub(crate) async fn post_events(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    let now = state.now();
    // A body that cannot be split is refused as a whole, before it makes a brand.
    let records = off_thread(move || records_of(&body)).await??;
    if records.is_empty() {
        return Ok(Json(EventsAnswer::default()).into_response());
    }
    let prepare_all = move |settings: &Settings| {
        records.iter().map(|record| entry_of(record, settings, now)).collect()
    };
    let outcomes = state.ingest(caller.brand, prepare_all).await?;
    respond(answer_of(outcomes))
}

fn records_of(body: &Bytes) -> Result<Vec<Bytes>, Problem> {
    let records = split(body)?;
    if records.len() > RECORDS_MAX {
        let detail = format!("more than {RECORDS_MAX} records: send several bodies");
        return Err(Problem::new(ProblemKind::TooLarge, detail).at("body"));
    }
    Ok(records.into_iter().map(|record| body.slice_ref(record)).collect())
}

fn entry_of(record: &[u8], settings: &Settings, now: Timestamp) -> Entry {
    match message_of(record, now) {
        Ok(message) => prepare(message, settings),
        Err(rejection) => {
            let message = Message::new(WireForm::Envelope, record, now);
            Entry::Rejected { message: message.into(), rejection }
        }
    }
}

/// Reads a record. What a platform's webhook or a till would send has a path of its own, where
/// signatures are checked; here it is taken only from a sender that wrapped it on purpose.
fn message_of(record: &[u8], now: Timestamp) -> Result<Message, Rejection> {
    let message = unwrap_record(record, now)?;
    let is_wrapped = message.body != record;
    match message.form {
        WireForm::Envelope | WireForm::Domain => Ok(message),
        _ if is_wrapped => Ok(message),
        WireForm::Shopify { .. } => Err(elsewhere("/api/integrations/shopify/webhook")),
        WireForm::Twilio | WireForm::TwilioForm => {
            Err(elsewhere("/api/integrations/twilio/webhook"))
        }
        WireForm::Pos => Err(elsewhere("/api/integrations/pos")),
        WireForm::Stripe => Err(elsewhere("/api/integrations/stripe/webhook")),
    }
}

fn elsewhere(path: &str) -> Rejection {
    let remedy = format!(
        "neither an envelope (event_type) nor a domain event (name, userId): send it to {path}, \
         or say what it is with wire_form and body"
    );
    Rejection::new("body", remedy)
}

fn answer_of(outcomes: Vec<EntryOutcome>) -> EventsAnswer {
    let mut answer = EventsAnswer::default();
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            EntryOutcome::Rejected(rejection) => answer.add(rejected(index, None, rejection)),
            EntryOutcome::Events(events) => {
                for event in events {
                    answer.add(result_of(index, event));
                }
            }
        }
    }
    answer
}

impl EventsAnswer {
    fn add(&mut self, result: EventResult) {
        match result.status {
            EventStatus::Stored => self.stored += 1,
            EventStatus::Duplicate => self.duplicates += 1,
            EventStatus::Rejected => self.rejected += 1,
        }
        self.results.push(result);
    }
}

fn result_of(index: usize, outcome: EventOutcome) -> EventResult {
    let taken = |status, event: ciq_event::EventId, customer_id| EventResult {
        index,
        status,
        event_id: Some(event.to_string()),
        customer_id,
        field: None,
        reason: None,
    };
    match outcome {
        EventOutcome::Stored { event, customer } => {
            taken(EventStatus::Stored, event, Some(customer.to_string()))
        }
        EventOutcome::Duplicate { event } => taken(EventStatus::Duplicate, event, None),
        EventOutcome::Refused { event, rejection } => {
            rejected(index, Some(event.to_string()), rejection)
        }
    }
}

fn rejected(index: usize, event_id: Option<String>, rejection: Rejection) -> EventResult {
    EventResult {
        index,
        status: EventStatus::Rejected,
        event_id,
        customer_id: None,
        field: Some(rejection.field),
        reason: Some(rejection.reason),
    }
}

/// Answers 200 where anything of the body is stored now, and a problem where nothing is.
fn respond(answer: EventsAnswer) -> Result<Response, Problem> {
    if answer.stored + answer.duplicates > 0 {
        return Ok(Json(answer).into_response());
    }
    let problem = match answer.results.as_slice() {
        [EventResult { field: Some(field), reason: Some(reason), .. }] => {
            Problem::new(ProblemKind::InvalidEvent, reason).at(field)
        }
        results => {
            let detail = format!("none of the {} events could be taken in", results.len());
            Problem::new(ProblemKind::InvalidEvent, detail)
        }
    };
    Err(problem.with_events(answer))
}
