//! Looking for a message among those that Twilio took.

use hyper::{Method, StatusCode};
use jiff::fmt::rfc2822;
use jiff::{Timestamp, Unit};
use serde::Deserialize;
use url::Url;

use super::{Ends, PROVIDER, Refusal, Twilio, refusal};
use crate::http::NoAnswer;
use crate::{SendError, Sent};

/// How many messages are asked for at once. They come newest first, and a crash is not long ago.
const PAGE_MESSAGES: &str = "50";

/// Most pages that are read: nobody is sent that much between a crash and the next start.
const PAGES_MAX: usize = 10;

/// What Twilio puts in front of a text while the account is on trial.
const TRIAL_PREFIX: &str = "Sent from your Twilio trial account - ";

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    messages: Vec<Listed>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    sid: String,
    status: String,
    #[serde(default)]
    body: String,
    /// RFC 2822, in whole seconds.
    date_created: Option<String>,
}

impl Listed {
    /// Tells whether it was made at that second or later. What has no readable date may have been.
    fn is_since(&self, second: Timestamp) -> bool {
        let date = self.date_created.as_deref().and_then(|text| rfc2822::parse(text).ok());
        date.is_none_or(|date| date.timestamp() >= second)
    }

    fn says(&self, body: &str) -> bool {
        let is_same = |text: &str| plain(text) == plain(body);
        is_same(&self.body) || self.body.strip_prefix(TRIAL_PREFIX).is_some_and(is_same)
    }
}

/// Returns a text without what may change on the way: ends of lines, and spaces around it.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

impl Twilio<'_> {
    /// Looks for a message with those ends and that text.
    ///
    /// Twilio's own filter by date is left aside: it looks at when a message was sent on, which a
    /// queued one was not yet.
    pub(super) async fn find(
        &self,
        ends: &Ends,
        body: &str,
        since: Timestamp,
    ) -> Result<Option<Sent>, SendError> {
        // Dates of messages have no fractions.
        let second = since
            .round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor));
        let second = second.unwrap_or(since);
        let first = self.messages_url()?;
        let mut url = first.clone();
        let asked = [("To", &ends.to), ("From", &ends.from)];
        url.query_pairs_mut().extend_pairs(asked).append_pair("PageSize", PAGE_MESSAGES);
        for _ in 0..PAGES_MAX {
            let page = self.page(&url).await?;
            let mut recent = page.messages.iter().filter(|it| it.is_since(second)).peekable();
            let is_past = recent.peek().is_none();
            if let Some(found) = recent.find(|it| it.says(body)) {
                return Ok(Some(Sent::accepted(&found.sid, &found.status)));
            }
            let next = page.next_page_uri.filter(|_| !is_past);
            let Some(next) = next.and_then(|uri| beside(&first, &uri)) else { return Ok(None) };
            url = next;
        }
        let reason = format!("it lists more than {PAGES_MAX} pages of messages to that recipient");
        Err(SendError::transient(PROVIDER, reason))
    }

    async fn page(&self, url: &Url) -> Result<Page, SendError> {
        let request = self.request(Method::GET, url, String::new())?;
        let lost = |said: String| {
            SendError::transient(PROVIDER, format!("messages could not be listed: {said}"))
        };
        let answer = self.client.request(request, self.now).await;
        let answer = answer.map_err(|error: NoAnswer| lost(error.into_reason()))?;
        if answer.status != StatusCode::OK {
            let Refusal { code } = serde_json::from_slice(&answer.body).unwrap_or_default();
            let reason = format!("messages could not be listed: {}", refusal(&answer, code));
            // Whatever is wrong, whether the message was sent is as open as before.
            let retry_after = answer.retry_after;
            return Err(SendError::Transient { provider: PROVIDER, reason, retry_after });
        }
        let unreadable = |_| lost("the answer cannot be read".to_owned());
        serde_json::from_slice(&answer.body).map_err(unreadable)
    }
}

/// Returns the address of a next page: the credentials go nowhere else than before.
fn beside(first: &Url, uri: &str) -> Option<Url> {
    first.join(uri).ok().filter(|next| next.origin() == first.origin())
}
