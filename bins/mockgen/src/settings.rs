//! From texts of flags and variables to values. Every error names the variable and the flag.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ciq_mock::Defaults;
use ciq_nats::{NatsError, NatsOptions, Servers};
use ciq_sink::{NatsMode, SinkError, SinkSettings};
use ciq_synth::saas::{Mix, Region};

use crate::cli::{ServeArgs, SinkArgs};
use crate::exit::Failure;

/// The port unless told otherwise.
const PORT_DEFAULT: u16 = 4001;

/// Where customeriq takes events. A number, not a name: it listens at IPv4 only.
const HTTP_URL_DEFAULT: &str = "http://127.0.0.1:3000/events";

/// Where Redis is unless told otherwise.
const REDIS_URL_DEFAULT: &str = "redis://127.0.0.1:6379";

/// The stream in Redis unless told otherwise.
const REDIS_KEY_DEFAULT: &str = "domain.events";

/// Where NATS is unless told otherwise.
const NATS_DEFAULT: &str = "nats://127.0.0.1:4222";

/// The file of a file sink unless told otherwise.
const FILE_DEFAULT: &str = "events.ndjson";

/// How errors name a value: the variable, then the flag.
const TYPE_NAME: &str = "SINK_TYPE (--sink)";
const HTTP_NAME: &str = "HTTP_SINK_URL (--http-sink-url)";
const REDIS_NAME: &str = "REDIS_URL (--redis-url)";
const MAXLEN_NAME: &str = "REDIS_MAXLEN (--redis-maxlen)";
const NATS_NAME: &str = "NATS_SERVERS (--nats-servers)";
const MODE_NAME: &str = "NATS_MODE (--nats-mode)";

/// Returns where to listen.
pub(crate) fn address(args: &ServeArgs) -> Result<SocketAddr, Failure> {
    let ip = args.listen.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |listen| listen.ip);
    if let Some(port) = args.listen.and_then(|listen| listen.port) {
        return Ok(SocketAddr::new(ip, port));
    }
    let port = given(args.port.as_deref()).map_or(Ok(PORT_DEFAULT), |text| {
        let reason = || format!("{text:?} is no port: use 0 to 65535");
        text.parse().map_err(|_| Failure::setting("PORT (--port)", reason()))
    });
    Ok(SocketAddr::new(ip, port?))
}

/// Returns what users are like unless they are asked for otherwise.
pub(crate) fn defaults(args: &ServeArgs) -> Result<Defaults, Failure> {
    let sms = args.default_sms_consent.as_deref();
    let email = args.default_email_consent.as_deref();
    Ok(Defaults {
        region: region(args.default_region.as_deref(), "DEFAULT_REGION (--default-region)")?,
        sms_consent: yes("DEFAULT_SMS_CONSENT (--default-sms-consent)", sms)?,
        email_consent: yes("DEFAULT_EMAIL_CONSENT (--default-email-consent)", email)?,
    })
}

/// Reads a region; India without one.
pub(crate) fn region(text: Option<&str>, name: &'static str) -> Result<Region, Failure> {
    given(text).map_or(Ok(Region::In), |text| {
        Region::parse(text).map_err(|error| Failure::setting(name, error.to_string()))
    })
}

/// Reads a mix.
pub(crate) fn mix(text: &str) -> Result<Mix, Failure> {
    let shares: Vec<f64> = text.split(',').map_while(|part| part.trim().parse().ok()).collect();
    let &[power, casual, at_risk] = shares.as_slice() else {
        let reason = format!("{text:?} is no mix: write three shares such as 0.2,0.6,0.2");
        return Err(Failure::setting("--mix", reason));
    };
    Mix::new(power, casual, at_risk).map_err(|error| Failure::setting("--mix", error.to_string()))
}

/// Returns where events go.
pub(crate) fn sink(args: &SinkArgs) -> Result<SinkSettings, Failure> {
    match given(args.sink_type.as_deref()).unwrap_or("console").to_lowercase().as_str() {
        "console" => Ok(SinkSettings::console()),
        "http" => {
            let url = given(args.http_sink_url.as_deref()).unwrap_or(HTTP_URL_DEFAULT);
            http(args, url, HTTP_NAME)
        }
        "redis" => {
            let url = given(args.redis_url.as_deref()).unwrap_or(REDIS_URL_DEFAULT);
            redis(args, url, REDIS_NAME)
        }
        "nats" => {
            let servers = given(args.nats_servers.as_deref()).unwrap_or(NATS_DEFAULT);
            nats(args, servers, NATS_NAME)
        }
        "file" => {
            let path = given(args.sink_file.as_deref()).unwrap_or(FILE_DEFAULT);
            Ok(SinkSettings::file(path))
        }
        other => {
            let reason = format!("{other:?} is no sink: use console, http, redis, nats or file");
            Err(Failure::setting(TYPE_NAME, reason))
        }
    }
}

/// Returns the sink of `--out URL`; none for what is no URL.
pub(crate) fn sink_of_url(args: &SinkArgs, out: &str) -> Option<Result<SinkSettings, Failure>> {
    let (scheme, _) = out.split_once("://")?;
    Some(match scheme {
        "http" | "https" => http(args, out, "--out"),
        "redis" | "rediss" => redis(args, out, "--out"),
        "nats" | "tls" => nats(args, out, "--out"),
        _ => Err(Failure::setting("--out", "use a URL of http, https, redis, rediss or nats")),
    })
}

fn http(args: &SinkArgs, url: &str, name: &'static str) -> Result<SinkSettings, Failure> {
    let settings = SinkSettings::http(url).map_err(of_sink(name))?;
    Ok(match given(args.http_sink_token.as_deref()) {
        Some(token) => settings.with_header("authorization", &format!("Bearer {token}")),
        None => settings,
    })
}

fn redis(args: &SinkArgs, url: &str, name: &'static str) -> Result<SinkSettings, Failure> {
    let key = given(args.redis_stream_key.as_deref()).unwrap_or(REDIS_KEY_DEFAULT);
    let max_length = given(args.redis_maxlen.as_deref()).map(|text| {
        let length = text.parse().ok().filter(|length: &u64| *length > 0);
        let reason = || format!("{text:?} is no number of events: use 1 or more");
        length.ok_or_else(|| Failure::setting(MAXLEN_NAME, reason()))
    });
    SinkSettings::redis(url, key, max_length.transpose()?).map_err(of_sink(name))
}

fn nats(args: &SinkArgs, servers: &str, name: &'static str) -> Result<SinkSettings, Failure> {
    let servers: Servers = servers.parse().map_err(|error: NatsError| {
        let reason = match error {
            NatsError::Setting { reason, .. } => reason,
            error => error.to_string(),
        };
        Failure::setting(name, reason)
    })?;
    let mode = match given(args.nats_mode.as_deref()).unwrap_or("jetstream") {
        "jetstream" | "auto" => NatsMode::JetStream,
        "core" => NatsMode::Core,
        other => {
            let reason = format!("{other:?} is no mode: use jetstream or core");
            return Err(Failure::setting(MODE_NAME, reason));
        }
    };
    Ok(SinkSettings::nats(NatsOptions::new(servers), mode))
}

/// Names the variable in the error of a sink's address.
fn of_sink(name: &'static str) -> impl Fn(SinkError) -> Failure {
    move |error| match error {
        SinkError::Address { reason, .. } | SinkError::Setting { reason, .. } => {
            Failure::setting(name, reason)
        }
        error => Failure::Sink(error),
    }
}

/// Reads a yes or a no; yes without one.
fn yes(name: &'static str, text: Option<&str>) -> Result<bool, Failure> {
    match given(text).unwrap_or("true").to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        other => Err(Failure::setting(name, format!("{other:?} is neither true nor false"))),
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
    use crate::cli::Cli;

    #[track_caller]
    fn check(flags: &[&str], expect: &str) {
        // An empty flag hides a variable of whoever runs the test.
        let args = Cli::parse_from([&["mockgen", "--port", ""], flags].concat()).serve;
        assert_eq!(address(&args).unwrap().to_string(), expect);
    }

    #[test]
    fn only_this_machine_is_served_unless_told_otherwise() {
        check(&[], "127.0.0.1:4001");
        check(&["--listen", "0.0.0.0"], "0.0.0.0:4001");
        check(&["--listen", "[::1]:80"], "[::1]:80");
    }
}
