//! Where events go, from the flags of `events`.

use ciq_nats::{NatsError, NatsOptions, Servers};
use ciq_sink::{NatsMode, SinkError, SinkSettings};

use crate::cli::EventsArgs;
use crate::exit::Failure;

/// The stream in Redis unless told otherwise.
const REDIS_KEY_DEFAULT: &str = "domain.events";

/// How errors name a value: the variable, then the flag.
const TO_NAME: &str = "--to";
const MAXLEN_NAME: &str = "REDIS_MAXLEN (--redis-maxlen)";
const MODE_NAME: &str = "NATS_MODE (--nats-mode)";

/// Reads where events go; none for the standard output.
pub(crate) fn events_target(args: &EventsArgs) -> Result<Option<SinkSettings>, Failure> {
    let to = args.to.trim();
    let Some((scheme, _)) = to.split_once("://") else {
        return Ok((to != "-").then(|| SinkSettings::file(to)));
    };
    match scheme {
        "http" | "https" => http(args, to),
        "redis" | "rediss" => redis(args, to),
        "nats" | "tls" => nats(args, to),
        _ => Err(Failure::setting(TO_NAME, "use a URL of http, https, redis, rediss or nats")),
    }
    .map(Some)
}

fn http(args: &EventsArgs, url: &str) -> Result<SinkSettings, Failure> {
    let settings = SinkSettings::http(url).map_err(of_sink)?;
    Ok(match given(args.sink.http_sink_token.as_deref()) {
        Some(token) => settings.with_header("authorization", &format!("Bearer {token}")),
        None => settings,
    })
}

fn redis(args: &EventsArgs, url: &str) -> Result<SinkSettings, Failure> {
    let key = given(args.sink.redis_stream_key.as_deref()).unwrap_or(REDIS_KEY_DEFAULT);
    let max_length = given(args.sink.redis_maxlen.as_deref()).map(|text| {
        let length = text.parse().ok().filter(|length: &u64| *length > 0);
        let reason = || format!("{text:?} is no number of events: use 1 or more");
        length.ok_or_else(|| Failure::setting(MAXLEN_NAME, reason()))
    });
    SinkSettings::redis(url, key, max_length.transpose()?).map_err(of_sink)
}

fn nats(args: &EventsArgs, servers: &str) -> Result<SinkSettings, Failure> {
    let servers: Servers = servers.parse().map_err(|error: NatsError| {
        let reason = match error {
            NatsError::Setting { reason, .. } => reason,
            error => error.to_string(),
        };
        Failure::setting(TO_NAME, reason)
    })?;
    let mode = match given(args.sink.nats_mode.as_deref()).unwrap_or("jetstream") {
        "jetstream" | "auto" => NatsMode::JetStream,
        "core" => NatsMode::Core,
        other => {
            let reason = format!("{other:?} is no mode: use jetstream or core");
            return Err(Failure::setting(MODE_NAME, reason));
        }
    };
    Ok(SinkSettings::nats(NatsOptions::new(servers), mode))
}

/// Names the flag in the error of a sink's address.
fn of_sink(error: SinkError) -> Failure {
    match error {
        SinkError::Address { reason, .. } | SinkError::Setting { reason, .. } => {
            Failure::setting(TO_NAME, reason)
        }
        error => Failure::Sink(error),
    }
}

/// Returns a value that is set: an empty one is as good as none.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    #[track_caller]
    fn check(to: &str, expect: &str) {
        let cli = Cli::parse_from(["stripe-seed", "events", "--to", to]);
        let Command::Events(args) = cli.command else { panic!("not events") };
        let found = match events_target(&args) {
            Ok(Some(settings)) => settings.to_string(),
            Ok(None) => "standard output".to_owned(),
            Err(failure) => failure.to_string(),
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn events_go_to_a_file_a_server_or_the_standard_output() {
        check("-", "standard output");
        check("events.ndjson", "file events.ndjson");
        check("http://127.0.0.1:3000/events", "http http://127.0.0.1:3000/events");
        check("redis://127.0.0.1:6379", "redis redis://127.0.0.1:6379 domain.events");
        check("nats://127.0.0.1:4222", "nats nats://127.0.0.1:4222 customer.events");
        check("ftp://a", "--to is unusable: use a URL of http, https, redis, rediss or nats");
    }
}
