//! A stand-in for Twilio's message API: it takes messages, sends none, and fails when told to.

mod http;
mod wire;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;

use http::{Answer, Request};

/// Why a double could not be had.
#[derive(Debug, thiserror::Error)]
#[error("could not listen on this machine")]
pub struct TwilioDoubleError(#[from] io::Error);

/// What a double does with one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwilioAnswer {
    /// It takes the message and says so, as without orders.
    Accept,
    /// It does not take the message: 429, code 20429, with a `Retry-After` in whole seconds.
    TooMany {
        /// When to come back.
        retry_after: Duration,
    },
    /// It does not take the message: 500.
    ServerError,
    /// It does not take the message, and never answers.
    Hang,
    /// It takes the message, and never answers.
    AcceptThenHang,
    /// It takes the message, and closes the connection instead of answering.
    AcceptThenClose,
    /// It does not take the message, with a code of Twilio such as 21211 or 21610. The status is
    /// 400; it is 401 with 20003, 404 with 20404 and 429 with 20429.
    Refuse(u32),
}

/// A message that a double took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioMessage {
    /// What the double calls it: `SM` and 32 digits.
    pub sid: String,
    /// The account in the path of the request.
    pub account_sid: String,
    /// To whom.
    pub to: String,
    /// From whom.
    pub from: String,
    /// The text.
    pub body: String,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// When it was taken.
    pub created_at: Timestamp,
}

/// A stand-in for Twilio's message API on a port of its own on this machine; it ends with this
/// value.
///
/// It takes messages from any account with basic authentication, lists them, newest first, and
/// takes two with the same `Idempotency-Key` as one. Twilio itself promises nothing of that kind
/// for messages: [`TwilioDouble::ignore_keys`] makes a double like it.
#[derive(Debug)]
pub struct TwilioDouble {
    address: SocketAddr,
    desk: Arc<Desk>,
    listener: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Debug)]
struct Desk {
    state: Mutex<State>,
    /// Rung when `is_held` or `is_over` changes.
    bell: Condvar,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<TwilioAnswer>,
    request_count: usize,
    messages: Vec<TwilioMessage>,
    ignores_keys: bool,
    is_held: bool,
    is_over: bool,
    open: Vec<TcpStream>,
}

impl TwilioDouble {
    /// Starts a double.
    pub fn start() -> Result<Self, TwilioDoubleError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk { state: Mutex::default(), bell: Condvar::new() });
        let ours = Arc::clone(&desk);
        let listener = thread::spawn(move || listen(&listener, &ours));
        Ok(Self { address, desk, listener: Some(listener) })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the same as a base address of the API, for `TWILIO_API_URL`:
    /// `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says what to do with the next messages, in this order, after those of earlier orders. When
    /// there are no more orders, each message is taken.
    pub fn answer_next(&self, answers: &[TwilioAnswer]) {
        self.desk.lock().answers.extend(answers.iter().cloned());
    }

    /// Returns how often a message was posted, refused ones and repetitions included.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.desk.lock().request_count
    }

    /// Returns the messages that were taken, oldest first, each once: what people would see.
    #[must_use]
    pub fn messages(&self) -> Vec<TwilioMessage> {
        self.desk.lock().messages.clone()
    }

    /// Returns how many messages were taken, each counted once.
    #[must_use]
    pub fn message_count(&self) -> usize {
        self.desk.lock().messages.len()
    }

    /// Takes messages from now on and counts them, and answers none until [`release`]. Lists are
    /// answered.
    ///
    /// [`release`]: TwilioDouble::release
    pub fn hold(&self) {
        self.desk.lock().is_held = true;
    }

    /// Answers what was held back, and what comes.
    pub fn release(&self) {
        self.desk.lock().is_held = false;
        self.desk.bell.notify_all();
    }

    /// Takes messages with the same key as different ones from now on.
    pub fn ignore_keys(&self) {
        self.desk.lock().ignores_keys = true;
    }
}

impl Drop for TwilioDouble {
    fn drop(&mut self) {
        {
            let mut state = self.desk.lock();
            state.is_over = true;
            for stream in state.open.drain(..) {
                // The peer may have closed it before.
                drop(stream.shutdown(Shutdown::Both));
            }
        }
        self.desk.bell.notify_all();
        // The listener looks at the state when a connection arrives; without one it waits on.
        let has_called = TcpStream::connect(self.address).is_ok();
        if let Some(listener) = self.listener.take().filter(|_| has_called) {
            drop(listener.join());
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the desk is over, or not held where that is enough.
    fn wait(&self, is_enough: impl Fn(&State) -> bool) {
        let waits = |state: &mut State| !state.is_over && !is_enough(state);
        drop(self.bell.wait_while(self.lock(), waits));
    }
}

fn listen(listener: &TcpListener, desk: &Arc<Desk>) {
    for client in listener.incoming().flatten() {
        let Ok(ours) = client.try_clone() else { continue };
        {
            let mut state = desk.lock();
            if state.is_over {
                return;
            }
            state.open.push(ours);
        }
        let desk = Arc::clone(desk);
        // An error is an end like any other.
        thread::spawn(move || drop(serve(&client, &desk)));
    }
}

/// Answers requests until the client goes.
fn serve(client: &TcpStream, desk: &Desk) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut reader = io::BufReader::new(client);
    while let Some(request) = http::read(&mut reader)? {
        match desk.answer(&request) {
            Some(answer) => http::write(client, &answer)?,
            None => return client.shutdown(Shutdown::Both),
        }
    }
    Ok(())
}

impl Desk {
    /// Returns an answer, or `None` where the connection is to be closed.
    fn answer(&self, request: &Request) -> Option<Answer> {
        let Some(account_sid) = wire::account(&request.path) else {
            return Some(wire::refused(20_404, ""));
        };
        if !request.header("authorization").is_some_and(|it| it.starts_with("Basic ")) {
            return Some(wire::refused(20_003, ""));
        }
        match request.method.as_str() {
            "GET" => Some(wire::list(&request.query, account_sid, &self.lock().messages)),
            _ => self.take(request, account_sid),
        }
    }

    fn take(&self, request: &Request, account_sid: &str) -> Option<Answer> {
        let order = {
            let mut state = self.lock();
            state.request_count += 1;
            state.answers.pop_front().unwrap_or(TwilioAnswer::Accept)
        };
        let to = request.form("To").unwrap_or_default();
        match order {
            TwilioAnswer::Accept => {
                let answer = self.accept(request, account_sid);
                self.wait(|state| !state.is_held);
                Some(answer)
            }
            TwilioAnswer::AcceptThenHang => {
                self.accept(request, account_sid);
                self.wait(|_| false);
                None
            }
            TwilioAnswer::AcceptThenClose => {
                self.accept(request, account_sid);
                None
            }
            TwilioAnswer::Hang => {
                self.wait(|_| false);
                None
            }
            TwilioAnswer::TooMany { retry_after } => {
                Some(wire::refused(20_429, &to).with_retry_after(retry_after))
            }
            TwilioAnswer::ServerError => Some(wire::failed()),
            TwilioAnswer::Refuse(code) => Some(wire::refused(code, &to)),
        }
    }

    /// Takes a message, unless it was taken under the same key before.
    fn accept(&self, request: &Request, account_sid: &str) -> Answer {
        let key = request.header("idempotency-key").map(str::to_owned);
        let mut state = self.lock();
        let is_known = |known: &&TwilioMessage| key.is_some() && known.idempotency_key == key;
        let known = state.messages.iter().find(is_known).filter(|_| !state.ignores_keys);
        if let Some(known) = known {
            return wire::taken(known);
        }
        let field = |name: &str| request.form(name).unwrap_or_default();
        let (to, from, body) = (field("To"), field("From"), field("Body"));
        if to.is_empty() || from.is_empty() || body.is_empty() {
            return wire::refused(if to.is_empty() { 21_604 } else { 21_602 }, &to);
        }
        let message = TwilioMessage {
            sid: format!("SM{:032x}", state.messages.len() + 1),
            account_sid: account_sid.to_owned(),
            to,
            from,
            body,
            idempotency_key: key,
            authorization: request.header("authorization").map(str::to_owned),
            created_at: now(),
        };
        let answer = wire::taken(&message);
        state.messages.push(message);
        answer
    }
}

#[expect(clippy::disallowed_methods, reason = "a message has the time at which it came")]
fn now() -> Timestamp {
    Timestamp::now()
}
