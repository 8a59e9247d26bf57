//! Twilio's own words: <https://www.twilio.com/docs/messaging/api/message-resource>.

use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::TwilioMessage;
use super::http::Answer;

/// Returns the account in the path of a request for messages.
pub(super) fn account(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/2010-04-01/Accounts/")?;
    rest.strip_suffix("/Messages.json").filter(|sid| !sid.is_empty() && !sid.contains('/'))
}

/// Says that a message was taken.
pub(super) fn taken(message: &TwilioMessage) -> Answer {
    Answer { status: 201, body: resource(message).to_string(), retry_after: None }
}

/// Says that a message was not taken. Twilio names the recipient where it is at fault.
pub(super) fn refused(code: u32, to: &str) -> Answer {
    let status = match code {
        20_003 => 401,
        20_404 => 404,
        20_429 => 429,
        _ => 400,
    };
    let body = json!({
        "code": code,
        "message": format!("The message to {to} was refused"),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    });
    Answer { status, body: body.to_string(), retry_after: None }
}

/// Says that something is wrong with the service.
pub(super) fn failed() -> Answer {
    let body = json!({"code": 20_500, "message": "Internal Server Error", "status": 500});
    Answer { status: 500, body: body.to_string(), retry_after: None }
}

/// Lists a page of the account's messages, newest first.
pub(super) fn list(
    query: &[(String, String)],
    account_sid: &str,
    messages: &[TwilioMessage],
) -> Answer {
    let asked =
        |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number = |name: &str| asked(name).and_then(|text| text.parse::<usize>().ok());
    let (page, size) = (number("Page").unwrap_or(0), number("PageSize").unwrap_or(50).max(1));
    let is_asked = |message: &&TwilioMessage| {
        message.account_sid == account_sid
            && asked("To").is_none_or(|to| to == message.to)
            && asked("From").is_none_or(|from| from == message.from)
    };
    let found: Vec<Value> = messages.iter().rev().filter(is_asked).map(resource).collect();
    let shown: Vec<&Value> = found.iter().skip(page * size).take(size).collect();
    let next = (found.len() > (page + 1) * size).then(|| {
        let mut next = form_urlencoded::Serializer::new(String::new());
        let kept = query.iter().filter(|(name, _)| name != "Page");
        next.extend_pairs(kept).append_pair("Page", &(page + 1).to_string());
        format!("/2010-04-01/Accounts/{account_sid}/Messages.json?{}", next.finish())
    });
    let body = json!({
        "messages": shown, "page": page, "page_size": size, "next_page_uri": next,
    });
    Answer { status: 200, body: body.to_string(), retry_after: None }
}

fn resource(message: &TwilioMessage) -> Value {
    let TwilioMessage {
        sid,
        account_sid,
        to,
        from,
        body,
        idempotency_key: _,
        authorization: _,
        created_at,
    } = message;
    let created = rfc2822::to_string(&created_at.to_zoned(TimeZone::UTC)).unwrap_or_default();
    json!({
        "sid": sid,
        "account_sid": account_sid,
        "to": to,
        "from": from,
        "body": body,
        "direction": "outbound-api",
        "status": "queued",
        "date_created": created,
        "date_updated": created,
        "date_sent": null,
        "error_code": null,
        "error_message": null,
        "num_segments": "1",
        "uri": format!("/2010-04-01/Accounts/{account_sid}/Messages/{sid}.json"),
    })
}
