//! WhatsApp and SMS, by Twilio's API of 2010-04-01:
//! <https://www.twilio.com/docs/messaging/api/message-resource>.

mod code;
mod listed;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::http::{self, Answer, HttpClient, NoAnswer};
use crate::text::{is_e164, key_header};
use crate::{Outgoing, SendError, Sent, TwilioSettings};

pub(crate) const PROVIDER: &str = "Twilio";

/// An account of Twilio, and how it is reached.
#[derive(Debug)]
pub(crate) struct Twilio<'a> {
    pub(crate) client: &'a HttpClient,
    pub(crate) settings: &'a TwilioSettings,
    pub(crate) now: Timestamp,
}

/// From whom to whom, as Twilio writes it.
struct Ends {
    from: String,
    to: String,
}

impl Ends {
    /// Ends of a WhatsApp message: numbers with a word in front.
    fn whatsapp(from: &str, to: &str) -> Self {
        let to = to.strip_prefix("whatsapp:").unwrap_or(to);
        Self { from: format!("whatsapp:{from}"), to: format!("whatsapp:{to}") }
    }

    fn is_usable(&self) -> bool {
        is_e164(self.to.strip_prefix("whatsapp:").unwrap_or(&self.to))
    }
}

/// What Twilio says of a message that it took.
#[derive(Deserialize)]
struct Taken {
    sid: String,
    status: String,
}

/// What Twilio says when it refuses. Its text is left out: it may name the recipient.
#[derive(Deserialize, Default)]
struct Refusal {
    code: Option<u32>,
}

impl Twilio<'_> {
    pub(crate) async fn send_whatsapp(
        &self,
        from: &str,
        message: &Outgoing,
    ) -> Result<Sent, SendError> {
        self.send(&Ends::whatsapp(from, &message.to), message).await
    }

    pub(crate) async fn send_sms(&self, from: &str, message: &Outgoing) -> Result<Sent, SendError> {
        self.send(&Ends { from: from.to_owned(), to: message.to.clone() }, message).await
    }

    pub(crate) async fn find_whatsapp(
        &self,
        from: &str,
        message: &Outgoing,
        since: Timestamp,
    ) -> Result<Option<Sent>, SendError> {
        self.find(&Ends::whatsapp(from, &message.to), &message.body, since).await
    }

    pub(crate) async fn find_sms(
        &self,
        from: &str,
        message: &Outgoing,
        since: Timestamp,
    ) -> Result<Option<Sent>, SendError> {
        let ends = Ends { from: from.to_owned(), to: message.to.clone() };
        self.find(&ends, &message.body, since).await
    }

    async fn send(&self, ends: &Ends, message: &Outgoing) -> Result<Sent, SendError> {
        if !ends.is_usable() {
            let reason = "the recipient is no number in E.164 form, such as +14155550100";
            return Err(SendError::permanent(PROVIDER, reason));
        }
        let request = self.posting(ends, message)?;
        match self.client.request(request, self.now).await {
            Ok(answer) => outcome(&answer),
            Err(NoAnswer::NotSent(reason)) => Err(SendError::transient(PROVIDER, reason)),
            Err(NoAnswer::Sent(reason)) => Err(SendError::unknown(PROVIDER, reason)),
        }
    }

    fn posting(&self, ends: &Ends, message: &Outgoing) -> Result<Request<Bytes>, SendError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("From", &ends.from);
        form.append_pair("To", &ends.to);
        form.append_pair("Body", &message.body);
        let mut request = self.request(Method::POST, &self.messages_url()?, form.finish())?;
        let headers = request.headers_mut();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        // Twilio documents no such header for messages, and may well ignore it. It does no harm,
        // and what stands in front of Twilio may know it.
        if let Some(key) = key_header(&message.idempotency_key) {
            headers.insert("idempotency-key", key);
        }
        Ok(request)
    }

    /// Returns where messages are posted and listed.
    fn messages_url(&self) -> Result<Url, SendError> {
        let TwilioSettings { base_url, account_sid, .. } = self.settings;
        let text = format!(
            "{}/2010-04-01/Accounts/{account_sid}/Messages.json",
            base_url.trim_end_matches('/')
        );
        let unusable =
            |reason: &str| SendError::permanent(PROVIDER, format!("TWILIO_API_URL: {reason}"));
        let url = Url::parse(&text).map_err(|error| unusable(&error.to_string()))?;
        http::check(&url).map_err(unusable)?;
        Ok(url)
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        body: String,
    ) -> Result<Request<Bytes>, SendError> {
        let TwilioSettings { account_sid, auth_token, .. } = self.settings;
        let login = STANDARD.encode(format!("{account_sid}:{}", auth_token.expose()));
        let unusable = |_| SendError::permanent(PROVIDER, "TWILIO_API_URL: no such address");
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = url.as_str().parse().map_err(unusable)?;
        if let Ok(mut login) = HeaderValue::from_str(&format!("Basic {login}")) {
            login.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, login);
        }
        Ok(request)
    }
}

/// Tells what became of a message.
fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    let status = answer.status;
    if status.is_success() {
        let taken = serde_json::from_slice::<Taken>(&answer.body);
        let unreadable = |_| {
            let reason = format!("HTTP {}, and the rest of the answer is lost", status.as_u16());
            SendError::unknown(PROVIDER, reason)
        };
        return taken.map(|it| Sent::accepted(it.sid, it.status)).map_err(unreadable);
    }
    let Refusal { code } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = refusal(answer, code);
    if status.is_server_error() {
        // It may have failed after it took the message, and knows no key by which to tell: its list
        // says so.
        return Err(SendError::unknown(PROVIDER, reason));
    }
    if answer.is_for_now() || code.is_some_and(code::is_for_now) {
        let retry_after = answer.retry_after;
        return Err(SendError::Transient { provider: PROVIDER, reason, retry_after });
    }
    Err(SendError::Permanent { provider: PROVIDER, code, reason })
}

/// Returns what Twilio said in our own words: status, code, and what to do.
fn refusal(answer: &Answer, code: Option<u32>) -> String {
    let status = answer.status;
    let number = status.as_u16();
    if let Some(code) = code {
        let advice = code::advice(code).map(|advice| format!("{advice}; ")).unwrap_or_default();
        let page = format!("see https://www.twilio.com/docs/api/errors/{code}");
        return format!("HTTP {number}, code {code}: {advice}{page}");
    }
    if status.is_redirection() {
        return format!("HTTP {number}: redirects are not followed: check TWILIO_API_URL");
    }
    match number {
        401 | 403 => format!("HTTP {number}: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"),
        404 => format!("HTTP {number}: check TWILIO_API_URL and TWILIO_ACCOUNT_SID"),
        _ => format!("HTTP {number}"),
    }
}
