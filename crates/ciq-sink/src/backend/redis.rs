//! A stream of Redis, which gets each event once.
//!
//! A connection that breaks leaves open whether the server has done what it was told. So every
//! request is a script that does nothing when it was done before: beside the stream a key of our
//! own holds the number of the last request that was done, and the script compares and replaces it
//! in the same step in which it adds the events. Sending a request again is then always safe, also
//! when an old copy of it arrives late over a connection that was given up. The alternatives were
//! worse: looking for the events at the end of the stream misses those that were cut off, and ids
//! of our own choosing collide with those of other writers.
//! <https://redis.io/docs/latest/develop/programmability/eval-intro/>

use std::ops::Range;
use std::time::Duration;

use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisError, Script};

use super::{Done, Failure};
use crate::backoff::random_bits;
use crate::settings::{SinkUrl, Trimming};
use crate::{Batch, SinkError};

/// Most messages of a request: the server answers nobody else meanwhile, for about 5 ms.
const MESSAGES_MAX: usize = 1_000;

/// Most bytes of a request.
const BYTES_MAX: usize = 1024 * 1024;

/// Requests that are on their way at once: the server works on one while the next one is made.
const REQUESTS_MAX: usize = 8;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the key with the number outlives its last use: longer than anybody leaves a server
/// down. After it, a request whose end is not known may be done twice.
const NUMBER_LIFE_S: u64 = 7 * 24 * 3_600;

/// The same once the sink is closed: long enough for a late copy of the last request.
const NUMBER_REST_S: u64 = 60;

/// Adds events and returns the number of the last request that was done.
///
/// The number is written last: what fails here fails at the first write, before anything is done.
const SCRIPT: &str = "
local at = tonumber(redis.call('GET', KEYS[2]) or '0')
if at ~= tonumber(ARGV[1]) then return at end
local add, stream = redis.call, KEYS[1]
for i = 4, #ARGV, 4 do
  add('XADD', stream, CUT '*',
    'id', ARGV[i], 'userId', ARGV[i + 1], 'name', ARGV[i + 2], 'event', ARGV[i + 3])
end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return tonumber(ARGV[2])";

/// How a stream is cut at its old end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut(Option<(u64, Trimming)>);

impl Cut {
    pub(crate) fn new(max_length: Option<u64>, trimming: Trimming) -> Self {
        Self(max_length.map(|length| (length, trimming)))
    }

    /// Returns the script's arguments for it.
    fn arguments(self) -> String {
        match self.0 {
            None => String::new(),
            Some((length, Trimming::About)) => format!("'MAXLEN', '~', '{length}',"),
            Some((length, Trimming::Exact)) => format!("'MAXLEN', '=', '{length}',"),
        }
    }
}

/// Adds to a stream.
#[derive(Debug)]
pub(crate) struct Redis {
    client: Client,
    stream_key: String,
    /// Where the number of the last request is kept.
    number_key: String,
    script: String,
    connection: Option<Connection>,
    /// The number of the last request that is known to be done.
    number: u64,
}

/// A connection to a server that knows the script.
#[derive(Clone)]
struct Connection {
    link: MultiplexedConnection,
    script_hash: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

impl Redis {
    pub(crate) fn new(url: &SinkUrl, stream_key: &str, cut: Cut) -> Result<Self, SinkError> {
        let client = Client::open(url.url().as_str()).map_err(|error| SinkError::Address {
            sink: "redis",
            reason: error.category().to_owned(),
        })?;
        if stream_key.is_empty() {
            let reason = "it is empty".to_owned();
            return Err(SinkError::Setting { sink: "redis", name: "stream key", reason });
        }
        Ok(Self {
            client,
            stream_key: stream_key.to_owned(),
            // The braces keep both keys on one server of a cluster.
            number_key: format!("{{{stream_key}}}:sink:{:016x}", random_bits()),
            script: SCRIPT.replace("CUT", &cut.arguments()),
            connection: None,
            number: 0,
        })
    }

    /// Each request counts on the one before it: none is done when one before it was not.
    pub(crate) async fn deliver(&mut self, batch: &Batch, from: usize) -> Result<Done, Failure> {
        let connection = match self.connected().await {
            Ok(connection) => connection,
            Err(error) => return Err(Failure::of("connect to redis", &error)),
        };
        let (mut ends, mut requests) = (Vec::new(), Vec::new());
        let mut start = from;
        for number in (self.number..).take(REQUESTS_MAX) {
            if start == batch.len() {
                break;
            }
            let end = batch.end_within(start, MESSAGES_MAX, BYTES_MAX);
            requests.push(self.request(connection.clone(), batch, number, start..end));
            ends.push(end);
            start = end;
        }
        let answers = join_all(requests).await;
        let error = answers.iter().find_map(|answer| answer.as_ref().err());
        if error.is_some() {
            // Whatever it was, a new connection is a clean slate, and costs little beside the
            // pause that follows.
            self.connection = None;
        }
        match judge(self.number, &answers, &ends) {
            Verdict::Done { number, end } => {
                self.number = number;
                Ok(Done::delivered(end - from))
            }
            Verdict::Forgotten { number } => {
                self.number = number;
                Err(Failure::new("redis has forgotten what it was told: going on from there"))
            }
            Verdict::Nothing => Err(error.map_or_else(
                || Failure::new("redis did nothing and does not say why"),
                |error| Failure::of("add to the stream of redis", error),
            )),
        }
    }

    /// Lets the server forget the number soon.
    pub(crate) async fn close(&mut self) {
        let Some(Connection { link, .. }) = &mut self.connection else { return };
        let mut forget = redis::cmd("EXPIRE");
        forget.arg(&self.number_key).arg(NUMBER_REST_S);
        // It forgets by itself, only later.
        drop(forget.exec_async(link).await);
    }

    async fn connected(&mut self) -> Result<Connection, RedisError> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let connection = connect(&self.client, &self.script).await?;
        Ok(self.connection.insert(connection).clone())
    }

    /// Sends one request and returns the number of the last one that was done.
    async fn request(
        &self,
        mut connection: Connection,
        batch: &Batch,
        number: u64,
        places: Range<usize>,
    ) -> Result<u64, RedisError> {
        let mut add = Cmd::with_capacity(8 + 4 * places.len(), 2 * batch.bytes_of(&places));
        add.arg("EVALSHA").arg(&connection.script_hash).arg(2);
        add.arg(&self.stream_key).arg(&self.number_key);
        add.arg(number).arg(number + 1).arg(NUMBER_LIFE_S);
        for message in batch.range(places) {
            add.arg(message.id).arg(message.user_id).arg(message.name).arg(message.body);
        }
        add.query_async(&mut connection.link).await
    }
}

/// What the answers to a row of requests mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Requests up to this number are done, and with them the messages up to this place.
    Done { number: u64, end: usize },
    /// The server knows less than it did: it is at this number.
    Forgotten { number: u64 },
    /// None is done, as far as is known.
    Nothing,
}

/// Judges the answers to the requests after a number, whose messages end at these places.
///
/// Whatever request an answer belongs to, it tells how far the server is: those up to there are
/// done, also those whose own answers are lost.
fn judge<E>(number: u64, answers: &[Result<u64, E>], ends: &[usize]) -> Verdict {
    let told = || answers.iter().filter_map(|answer| answer.as_ref().ok().copied());
    let done = (number + 1..).zip(ends).filter(|(number, _)| told().any(|told| told == *number));
    if let Some((number, &end)) = done.last() {
        return Verdict::Done { number, end };
    }
    match told().min() {
        Some(told) if told < number => Verdict::Forgotten { number: told },
        _ => Verdict::Nothing,
    }
}

async fn connect(client: &Client, script: &str) -> Result<Connection, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(ANSWER_TIMEOUT));
    let mut link = client.get_multiplexed_async_connection_with_config(&config).await?;
    let script = Script::new(script);
    let script_hash = script.prepare_invoke().load_async(&mut link).await?;
    Ok(Connection { link, script_hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answers: [Result<u64, ()>; 3], expected: Verdict) {
        assert_eq!(judge(7, &answers, &[10, 20, 25]), expected);
    }

    #[test]
    fn an_answer_tells_how_far_the_server_is() {
        let lost = Err(());
        check([Ok(8), Ok(9), Ok(10)], Verdict::Done { number: 10, end: 25 });
        check([Ok(8), lost, lost], Verdict::Done { number: 8, end: 10 });
        check([lost, Ok(9), lost], Verdict::Done { number: 9, end: 20 });
        // The second was done before, and its own answer is lost again.
        check([Ok(9), lost, lost], Verdict::Done { number: 9, end: 20 });
        // The first failed, and those after it found that.
        check([lost, Ok(7), Ok(7)], Verdict::Nothing);
        check([lost, lost, lost], Verdict::Nothing);
        check([Ok(0), Ok(0), lost], Verdict::Forgotten { number: 0 });
    }
}
