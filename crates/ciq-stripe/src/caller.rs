//! A request with everything around it: the pace, the tries, and the count of both.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hyper::Method;
use stripe_client_core::StripeRequest;
use tokio::time::Instant;

use crate::limiter::{Limiter, Limits};
use crate::retry::{ApiError, Backoff, RetrySettings, Verdict, judge};
use crate::secret::KEY_VARIABLE;
use crate::transport::{Answer, BASE_VARIABLE, Call, Endpoint, Transport, TransportError};

/// Tries at an address where nobody is, or somebody else: it is probably a wrong one.
const STRANGER_ATTEMPTS: u32 = 4;

/// Stripe's limit of an idempotency key.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// Makes calls: within the limits, as often as it takes, under the same key each time.
#[derive(Debug)]
pub struct Caller {
    transport: Transport,
    limiter: Limiter,
    backoff: Backoff,
    meter: Arc<Meter>,
    /// Whether Stripe ever answered here.
    is_known: AtomicBool,
}

/// What calls were made.
#[derive(Debug, Default)]
pub struct Meter {
    calls: AtomicU64,
    retries: AtomicU64,
    rate_limited: AtomicU64,
}

/// What a [`Meter`] shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeterReading {
    /// Requests sent, each try counted.
    pub calls: u64,
    /// How many of them were no first tries.
    pub retries: u64,
    /// Answers that said that it was too fast.
    pub rate_limited: u64,
}

/// A piece of work that is to happen once, however often it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// Which run.
    pub(crate) run_id: &'a str,
    /// Which piece of it, such as `customer/017`.
    pub(crate) name: &'a str,
    /// Grows when a key is worth nothing any more.
    pub(crate) generation: u32,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Stripe says no.
    #[error("{step} was refused ({status}{}): {message}", labels(code.as_ref(), request_id.as_ref()))]
    Refused {
        /// Which piece of work.
        step: String,
        /// The status of the answer.
        status: u16,
        /// Stripe's word for the reason.
        code: Option<String>,
        /// Stripe's sentence.
        message: String,
        /// Stripe's name of the request.
        request_id: Option<String>,
    },
    /// The key is not good.
    #[error("the key in {KEY_VARIABLE} was refused ({status}): {message}")]
    Key {
        /// The status of the answer.
        status: u16,
        /// Stripe's sentence.
        message: String,
    },
    /// The server failed, and repeats its failure.
    #[error("{step} failed at the server, which repeats that for its idempotency key")]
    Stored {
        /// Which piece of work.
        step: String,
    },
    /// Somebody else answers there.
    #[error(
        "{address} does not answer like Stripe (status {status}): `{quote}`; {BASE_VARIABLE} is \
         probably wrong"
    )]
    Stranger {
        /// The address.
        address: String,
        /// The status of the answer.
        status: u16,
        /// The answer's first words.
        quote: String,
    },
    /// No answer came.
    #[error(
        "{step} got no answer in {attempts} attempts; check the network and {BASE_VARIABLE}, then try \
         again"
    )]
    Unanswered {
        /// Which piece of work.
        step: String,
        /// How many tries there were.
        attempts: u32,
        /// What became of the last one.
        #[source]
        source: TransportError,
    },
    /// No answer came that could be used.
    #[error("{step} came to nothing in {attempts} attempts: the last answer was {last}")]
    Exhausted {
        /// Which piece of work.
        step: String,
        /// How many tries there were.
        attempts: u32,
        /// What the last one brought.
        last: String,
    },
    /// A clock did not stop advancing.
    #[error("{step} waited {} s for a clock that advances", waited.as_secs())]
    ClockAdvances {
        /// Which piece of work.
        step: String,
        /// How long.
        waited: Duration,
    },
}

fn labels(code: Option<&String>, request_id: Option<&String>) -> String {
    let labels = [code, request_id].into_iter().flatten();
    labels.fold(String::new(), |text, label| text + ", " + label)
}

impl CallError {
    /// Tells whether what was asked for is not there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Returns the step that needs what is not there.
    pub(crate) fn missing_for(&self) -> Option<&str> {
        match self {
            Self::Refused { step, code: Some(code), .. } if code == "resource_missing" => {
                Some(step)
            }
            _ => None,
        }
    }

    /// Tells whether the server repeats an old failure.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self, Self::Stored { .. })
    }
}

/// What one try brought.
enum Try {
    Answered(Answer),
    Failed(Failure),
    ClockAdvances,
}

/// What went wrong with a try that may be repeated.
struct Failure {
    /// Whether nobody is there, or somebody other than Stripe.
    is_strange: bool,
    asked: Option<Duration>,
    reason: Reason,
}

enum Reason {
    Transport(TransportError),
    /// And what is to be said of it.
    Answer(Answer, String),
}

impl Failure {
    /// An answer that Stripe would not give.
    fn strange(answer: Answer, what: &str) -> Self {
        let last = format!("{what}: `{}`", answer.quote());
        Self { is_strange: true, asked: None, reason: Reason::Answer(answer, last) }
    }

    fn transport(source: TransportError) -> Self {
        let is_strange = matches!(source, TransportError::Connect { .. });
        Self { is_strange, asked: None, reason: Reason::Transport(source) }
    }

    fn into_error(self, step: &str, attempts: u32) -> CallError {
        let step = step.to_owned();
        match self.reason {
            Reason::Transport(source) => CallError::Unanswered { step, attempts, source },
            Reason::Answer(_, last) => CallError::Exhausted { step, attempts, last },
        }
    }
}

impl Caller {
    /// Makes a caller. Nothing is sent yet. The seed decides how pauses are spread, and nothing
    /// else.
    #[must_use]
    pub fn new(
        transport: Transport,
        limits: Limits,
        retry: RetrySettings,
        jitter_seed: u64,
    ) -> Self {
        Self {
            transport,
            limiter: Limiter::new(limits),
            backoff: Backoff::new(retry, jitter_seed),
            meter: Arc::default(),
            is_known: AtomicBool::new(false),
        }
    }

    /// Returns the count of its calls.
    pub fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }

    /// Returns where it calls.
    pub fn endpoint(&self) -> &Endpoint {
        self.transport.endpoint()
    }

    /// Makes a call and reads its answer.
    pub(crate) async fn call<R>(&self, step: Step<'_>, request: &R) -> Result<R::Output, CallError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        let call = Call::from(request.build());
        let key = (call.method == Method::POST).then(|| step.idempotency_key(&call));
        let (mut failures, mut strangers) = (0, 0);
        let began = Instant::now();
        let mut clock_waits = 0;
        loop {
            let failure = match self.attempt(step, &call, key.as_deref()).await? {
                Try::Answered(answer) => match decode::<R::Output>(&answer) {
                    Some(output) => {
                        self.is_known.store(true, Ordering::Relaxed);
                        return Ok(output);
                    }
                    // The write happened: the same key brings its answer once more.
                    None => Failure::strange(answer, "one that cannot be read"),
                },
                Try::Failed(failure) => failure,
                Try::ClockAdvances => {
                    clock_waits += 1;
                    self.wait_for_clock(step, clock_waits, began).await?;
                    continue;
                }
            };
            failures += 1;
            strangers += u32::from(failure.is_strange);
            if strangers >= STRANGER_ATTEMPTS && !self.is_known.load(Ordering::Relaxed) {
                return Err(match &failure.reason {
                    Reason::Answer(answer, _) => self.stranger(answer),
                    Reason::Transport(_) => failure.into_error(step.name, failures),
                });
            }
            if failures >= self.backoff.settings().attempts {
                return Err(failure.into_error(step.name, failures));
            }
            self.meter.retries.fetch_add(1, Ordering::Relaxed);
            let pause = self.backoff.pause(failures, failure.asked);
            let pause_ms = pause.as_millis();
            tracing::debug!(step = step.name, failures, pause_ms, "a call is tried again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Tries once.
    async fn attempt(
        &self,
        step: Step<'_>,
        call: &Call,
        key: Option<&str>,
    ) -> Result<Try, CallError> {
        self.limiter.permit(call.resource()).await;
        self.meter.calls.fetch_add(1, Ordering::Relaxed);
        let answer = match self.transport.send(call, key).await {
            Ok(answer) => answer,
            Err(source) => return Ok(Try::Failed(Failure::transport(source))),
        };
        if answer.status == 429 {
            self.meter.rate_limited.fetch_add(1, Ordering::Relaxed);
        }
        let error = ApiError::read(&answer.body);
        if error.is_some() {
            self.is_known.store(true, Ordering::Relaxed);
        }
        match judge(&answer, error.as_ref()) {
            Verdict::Done if is_json(&answer.body) => Ok(Try::Answered(answer)),
            // A read has no outcome that could be lost.
            Verdict::Done if call.method == Method::GET => Err(self.stranger(&answer)),
            Verdict::Done => Ok(Try::Failed(Failure::strange(answer, "one that is no JSON"))),
            Verdict::Again(asked) => {
                let is_strange = error.is_none();
                let said = error.map_or_else(|| answer.quote(), |error| error.message);
                let last = format!("status {}, `{said}`", answer.status);
                let reason = Reason::Answer(answer, last);
                Ok(Try::Failed(Failure { is_strange, asked, reason }))
            }
            Verdict::ClockAdvances => Ok(Try::ClockAdvances),
            Verdict::Stored => Err(CallError::Stored { step: step.name.to_owned() }),
            Verdict::Final => Err(match error {
                Some(error) => refused(step, &answer, error),
                None => self.stranger(&answer),
            }),
        }
    }

    fn stranger(&self, answer: &Answer) -> CallError {
        CallError::Stranger {
            address: self.endpoint().to_string(),
            status: answer.status,
            quote: answer.quote(),
        }
    }

    async fn wait_for_clock(
        &self,
        step: Step<'_>,
        waits: u32,
        began: Instant,
    ) -> Result<(), CallError> {
        let waited = began.elapsed();
        if waited > self.backoff.settings().clock_wait {
            return Err(CallError::ClockAdvances { step: step.name.to_owned(), waited });
        }
        tokio::time::sleep(clock_pause(waits)).await;
        Ok(())
    }
}

/// The first pause before a clock is looked at again.
const CLOCK_PAUSE_MIN: Duration = Duration::from_millis(50);

/// The longest pause before a clock is looked at again.
const CLOCK_PAUSE_MAX: Duration = Duration::from_secs(3);

/// Returns the pause before a clock is looked at again, the first being 1.
pub(crate) fn clock_pause(looks: u32) -> Duration {
    CLOCK_PAUSE_MIN.saturating_mul(1 << looks.saturating_sub(1).min(16)).min(CLOCK_PAUSE_MAX)
}

fn refused(step: Step<'_>, answer: &Answer, error: ApiError) -> CallError {
    let status = answer.status;
    let ApiError { kind, code, param, mut message } = error;
    if status == 401 || (status == 403 && code.is_none()) {
        return CallError::Key { status, message };
    }
    if let Some(param) = param {
        message = format!("{message} [{param}]");
    }
    let code = code.or(Some(kind)).filter(|code| !code.is_empty());
    let request_id = answer.request_id.clone();
    CallError::Refused { step: step.name.to_owned(), status, code, message, request_id }
}

fn decode<T: miniserde::Deserialize>(answer: &Answer) -> Option<T> {
    let text = std::str::from_utf8(&answer.body).ok()?;
    miniserde::json::from_str(text).ok()
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

impl Step<'_> {
    /// Returns the key under which Stripe carries the step out once. It follows from the request
    /// too: a key is worth nothing for another one.
    fn idempotency_key(&self, call: &Call) -> String {
        let Self { run_id, name, generation } = self;
        let mut hasher = blake3::Hasher::new();
        hasher.update(call.path.as_bytes()).update(b"?");
        hasher.update(call.body.as_deref().unwrap_or_default().as_bytes());
        let hash = hasher.finalize().to_hex();
        let key = format!("{run_id}:{name}:{generation}:{}", &hash[..16]);
        if key.len() <= IDEMPOTENCY_KEY_BYTES_MAX {
            return key;
        }
        blake3::hash(key.as_bytes()).to_hex().to_string()
    }
}

impl Meter {
    /// Reads it.
    pub fn read(&self) -> MeterReading {
        MeterReading {
            calls: self.calls.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            rate_limited: self.rate_limited.load(Ordering::Relaxed),
        }
    }
}
