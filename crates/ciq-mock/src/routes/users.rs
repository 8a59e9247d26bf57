//! The users.

use std::convert::Infallible;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use ciq_synth::saas::{Population, user, user_id, user_index};
use serde::Deserialize;

use crate::extract::{JsonBody, QueryOf};
use crate::problem::Problem;
use crate::service::Service;
use crate::wire::{SeedUsers, Seeded, UsersPage};

/// Users of a page unless told otherwise.
const LIMIT_DEFAULT: u32 = 100;

/// The most users of a page.
const LIMIT_MAX: u32 = 1_000;

/// Users that are written at a time where all are asked for: about 100 KB.
const CHUNK: u32 = 500;

/// Which users.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsersAsked {
    /// How many, 1 to 1,000.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// `true` for all of them at once, as one array.
    #[param(value_type = Option<bool>)]
    all: Option<String>,
}

/// Makes users
///
/// They take the place of those before. The same seed and mix make the same users; more users
/// change nobody. A stream that runs goes on with the new ones.
#[utoipa::path(
    post,
    path = "/seed-users",
    tag = "Users",
    request_body = SeedUsers,
    responses((status = 200, description = "They are there.", body = Seeded))
)]
pub(crate) async fn seed_users(
    State(service): State<Service>,
    JsonBody(asked): JsonBody<SeedUsers>,
) -> Result<Json<Seeded>, Problem> {
    Ok(Json(service.seed_users(asked.check()?).await?))
}

/// Lists the users
///
/// In pages, or with `all=true` as one array.
#[utoipa::path(
    get,
    path = "/users",
    tag = "Users",
    params(UsersAsked),
    responses((status = 200, description = "A page of them.", body = UsersPage))
)]
pub(crate) async fn list_users(
    State(service): State<Service>,
    QueryOf(asked): QueryOf<UsersAsked>,
) -> Result<Response, Problem> {
    let population = service.world_if_any().map(|world| world.population);
    match asked.all.as_deref() {
        Some("true") => return Ok(all_users(population)),
        Some("false") | None => {}
        Some(_) => return Err(Problem::invalid("all", "must be true or false")),
    }
    let limit = asked.limit.map_or(Ok(LIMIT_DEFAULT), |limit| limit.parse());
    let limit = limit.ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    let limit =
        limit.ok_or_else(|| Problem::invalid("limit", format!("must be 1 to {LIMIT_MAX}")))?;
    let after = asked.cursor.map(|cursor| {
        let index = population.and_then(|population| user_index(&population, &cursor));
        index.ok_or_else(|| Problem::invalid("cursor", "no page ended there"))
    });
    let first = after.transpose()?.map_or(0, |index| index + 1);
    Ok(json(Body::from(page(population, first, limit))))
}

/// Writes a page: the users after a cursor, which is the id of the last one before.
fn page(population: Option<Population>, first: u32, limit: u32) -> Vec<u8> {
    let total = population.map_or(0, |population| population.users());
    let last = first.saturating_add(limit).min(total);
    let cursor = population
        .filter(|_| last < total && last > 0)
        .map_or_else(|| "null".to_owned(), |it| format!("\"{}\"", user_id(&it, last - 1)));
    let mut out = format!("{{\"total\":{total},\"nextCursor\":{cursor},\"users\":[").into_bytes();
    if let Some(population) = population {
        push_users(&population, first, last, &mut out);
    }
    out.extend_from_slice(b"]}");
    out
}

/// Answers with all users, a chunk at a time: a million of them need no more memory than one page.
fn all_users(population: Option<Population>) -> Response {
    let total = population.map_or(0, |population| population.users());
    let chunks = (0..total).step_by(CHUNK as usize).map(move |first| {
        let mut out = if first == 0 { Vec::new() } else { b",\n".to_vec() };
        if let Some(population) = population {
            push_users(&population, first, first.saturating_add(CHUNK).min(total), &mut out);
        }
        out
    });
    let all = std::iter::once(b"[".to_vec()).chain(chunks).chain([b"]\n".to_vec()]);
    let pieces = all.map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    json(Body::from_stream(futures_util::stream::iter(pieces)))
}

fn push_users(population: &Population, first: u32, last: u32, out: &mut Vec<u8>) {
    for index in first..last {
        if index > first {
            out.extend_from_slice(b",\n");
        }
        out.extend_from_slice(&user(population, index).to_json());
    }
}

fn json(body: Body) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
