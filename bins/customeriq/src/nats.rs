//! NATS as the command line and the variables say it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use ciq_nats::{Credentials, Mode, NatsOptions, SourceOptions, Start, SubjectFilter, Tls};
use clap::builder::{BoolishValueParser, OsStringValueParser};
use clap::{ArgAction, Args};
use tokio::runtime::{Builder, Runtime};

use crate::environment::{Environment, Secret};
use crate::exit::Failure;

/// How NATS is reached, and what is received.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsArgs {
    /// The servers, separated by commas; any of them will do.
    #[arg(long, env = "NATS_SERVERS", hide_env_values = true, value_name = "ADDRESSES")]
    #[arg(default_value = "nats://localhost:4222")]
    nats_servers: Secret,
    /// The subjects of events, separated by commas.
    #[arg(long, env = "NATS_SUBJECTS", default_value = "customer.events.>")]
    #[arg(value_name = "SUBJECTS", hide_short_help = true)]
    nats_subjects: String,
    /// Instances with the same group share the work.
    #[arg(long, env = "NATS_QUEUE_GROUP", default_value = "customeriq-service")]
    #[arg(value_name = "NAME", hide_short_help = true)]
    nats_queue_group: String,
    /// auto takes a stream where the server has JetStream; jetstream insists on it; core does
    /// without, and loses what comes while nobody listens.
    #[arg(long, env = "NATS_MODE", default_value = "auto")]
    #[arg(value_name = "MODE", hide_short_help = true)]
    nats_mode: Mode,
    /// The stream that is made for subjects that no stream takes yet.
    #[arg(long, env = "NATS_STREAM", default_value = "CUSTOMER_EVENTS")]
    #[arg(value_name = "NAME", hide_short_help = true)]
    nats_stream: String,
    /// How many servers of a cluster keep each stream that is made: 1, 3 or 5.
    #[arg(long, env = "NATS_REPLICAS", default_value = "1")]
    #[arg(value_name = "N", hide_short_help = true)]
    nats_replicas: usize,
    /// After how many seconds the server delivers again what was not acknowledged.
    #[arg(long, env = "NATS_ACK_WAIT", default_value = "60", value_parser = ack_wait)]
    #[arg(value_name = "SECONDS", hide_short_help = true)]
    nats_ack_wait: u64,
    /// How many messages may wait for their acknowledgement.
    #[arg(long, env = "NATS_MAX_ACK_PENDING", default_value = "20000")]
    #[arg(value_parser = ack_pending, value_name = "N", hide_short_help = true)]
    nats_max_ack_pending: i64,
    /// Whether changes of customers are published.
    #[arg(long, env = "NATS_PUBLISH", default_value = "true")]
    #[arg(value_name = "BOOL", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    #[arg(hide_short_help = true, hide_possible_values = true)]
    nats_publish: bool,
    /// A file of root certificates to trust beside those of the system.
    #[arg(long, env = "NATS_TLS_CA", value_parser = OsStringValueParser::new())]
    #[arg(value_name = "FILE", hide_short_help = true)]
    nats_tls_ca: Option<OsString>,
    /// Our certificate, where the server asks for one.
    #[arg(long, env = "NATS_TLS_CERT", value_parser = OsStringValueParser::new())]
    #[arg(value_name = "FILE", hide_short_help = true)]
    nats_tls_cert: Option<OsString>,
    /// The key of our certificate.
    #[arg(long, env = "NATS_TLS_KEY", value_parser = OsStringValueParser::new())]
    #[arg(value_name = "FILE", hide_short_help = true)]
    nats_tls_key: Option<OsString>,
    /// Whether a server without TLS is refused.
    #[arg(long, env = "NATS_TLS_REQUIRED", default_value = "false")]
    #[arg(value_name = "BOOL", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    #[arg(hide_short_help = true, hide_possible_values = true)]
    nats_tls_required: bool,
    /// A file of credentials, as nsc writes it.
    #[arg(long, env = "NATS_CREDS", value_parser = OsStringValueParser::new())]
    #[arg(value_name = "FILE", hide_short_help = true)]
    nats_creds: Option<OsString>,
}

impl NatsArgs {
    /// Returns how to reach the servers, and who we are to them.
    pub(crate) fn nats_options(&self, environment: &Environment) -> Result<NatsOptions, Failure> {
        let servers = self.nats_servers.expose().unwrap_or_default();
        let mut options = NatsOptions::new(servers.parse()?);
        options.credentials = self.credentials(environment, login_in(servers))?;
        options.tls = self.tls()?;
        Ok(options)
    }

    /// Returns what to receive, and how.
    pub(crate) fn source_options(&self) -> Result<SourceOptions, Failure> {
        let options = SourceOptions {
            subjects: SubjectFilter::parse_list(&self.nats_subjects)?,
            queue_group: self.nats_queue_group.clone(),
            mode: self.nats_mode,
            stream: self.nats_stream.clone(),
            replicas: self.nats_replicas,
            ack_wait: Duration::from_secs(self.nats_ack_wait),
            ack_pending_max: self.nats_max_ack_pending,
            start: Start::Durable,
        };
        options.check()?;
        Ok(options)
    }

    /// Tells whether changes of customers are published.
    pub(crate) fn is_publishing(&self) -> bool {
        self.nats_publish
    }

    fn credentials(
        &self,
        environment: &Environment,
        in_address: Option<Credentials>,
    ) -> Result<Credentials, Failure> {
        let text =
            |secret: &Option<Secret>| secret.as_ref().and_then(Secret::expose).map(str::to_owned);
        let (user, password) = (text(&environment.nats_user), text(&environment.nats_password));
        let login = match (user, password) {
            (Some(user), Some(password)) => Some(Credentials::UserPassword(user, password)),
            (None, None) => None,
            (Some(_), None) => return Err(lonely("NATS_USER", "NATS_PASSWORD")),
            (None, Some(_)) => return Err(lonely("NATS_PASSWORD", "NATS_USER")),
        };
        let kinds = [
            ("NATS_USER", login),
            ("NATS_TOKEN", text(&environment.nats_token).map(Credentials::Token)),
            ("NATS_NKEY", text(&environment.nats_nkey).map(Credentials::Nkey)),
            ("NATS_CREDS", path(self.nats_creds.as_ref()).map(Credentials::File)),
            ("a user in NATS_SERVERS", in_address),
        ];
        let mut given = kinds.into_iter().filter_map(|(name, kind)| Some((name, kind?)));
        let first = given.next();
        if let (Some((one, _)), Some((other, _))) = (&first, given.next()) {
            let advice = format!("{one} and {other} are both set: keep one of them");
            return Err(Failure::Usage(advice));
        }
        Ok(first.map_or(Credentials::None, |(_, kind)| kind))
    }

    fn tls(&self) -> Result<Tls, Failure> {
        let pair = (path(self.nats_tls_cert.as_ref()), path(self.nats_tls_key.as_ref()));
        let certificate = match pair {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => return Err(lonely("NATS_TLS_CERT", "NATS_TLS_KEY")),
            (None, Some(_)) => return Err(lonely("NATS_TLS_KEY", "NATS_TLS_CERT")),
        };
        let ca_file = path(self.nats_tls_ca.as_ref());
        Ok(Tls { ca_file, certificate, is_required: self.nats_tls_required })
    }
}

/// Makes the threads on which a command waits for NATS.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    // Of two, one answers the server while the command reads a file or writes.
    let threads = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let doing = "start the threads that wait for NATS".to_owned();
    threads.map_err(|source| Failure::System { doing, source })
}

/// Returns the login that stands in the first address that has one: a user and a password, or a
/// token alone. The client itself passes over it.
fn login_in(servers: &str) -> Option<Credentials> {
    let mut parts = servers.split(',').filter_map(|address| address.rsplit_once('@'));
    let (before, _host) = parts.next()?;
    let login = before.split_once("://").map_or(before, |(_scheme, login)| login).trim();
    Some(match login.split_once(':') {
        Some((user, password)) => Credentials::UserPassword(decoded(user), decoded(password)),
        None => Credentials::Token(decoded(login)),
    })
}

/// Puts signs in the place of their codes: a password with `@` in it is written with `%40`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An empty variable is as good as none.
fn path(text: Option<&OsString>) -> Option<PathBuf> {
    text.filter(|text| !text.is_empty()).map(PathBuf::from)
}

fn lonely(given: &str, missing: &str) -> Failure {
    Failure::Usage(format!("{given} is set without {missing}: set both, or neither"))
}

fn ack_wait(text: &str) -> Result<u64, &'static str> {
    let seconds = text.trim().parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
    seconds.ok_or("NATS_ACK_WAIT takes whole seconds from 1 to 86400, such as 60")
}

fn ack_pending(text: &str) -> Result<i64, &'static str> {
    let count = text.trim().parse().ok().filter(|count| *count >= 1);
    count.ok_or("NATS_MAX_ACK_PENDING takes a whole number from 1 on, such as 20000")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        nats: NatsArgs,
    }

    fn settings(flags: &[&str]) -> NatsArgs {
        Line::parse_from([&["x"], flags].concat()).nats
    }

    #[test]
    fn without_flags_the_documented_defaults_hold() {
        let options = settings(&[]).source_options().unwrap();
        let subjects = SubjectFilter::parse_list("customer.events.>").unwrap();
        assert_eq!(options, SourceOptions::new(subjects));
        assert!(settings(&[]).is_publishing());
    }

    #[track_caller]
    fn check(flags: &[&str], secrets: &[&str], told: &str) {
        let environment = Environment::of(secrets);
        let error = settings(flags).nats_options(&environment).unwrap_err();
        assert_eq!(error.exit(), crate::exit::Exit::Usage);
        assert!(error.to_string().contains(told), "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn credentials_that_contradict_each_other_are_refused() {
        let user = ["--nats-user", "hush", "--nats-password", "hush"];
        check(&["--nats-creds", "a"], &user, "NATS_USER and NATS_CREDS are both set");
        check(&["--nats-servers", "nats://a:hush@b"], &["--nats-token", "hush"], "NATS_TOKEN and");
        check(&[], &user[..2], "NATS_USER is set without NATS_PASSWORD");
        check(&["--nats-tls-key", "k"], &[], "NATS_TLS_KEY is set without NATS_TLS_CERT");
        check(&["--nats-servers", "nats://a:hush@b c"], &[], "NATS_SERVERS");
    }

    #[test]
    fn a_login_stands_in_an_address() {
        let of = |servers: &str| login_in(servers);
        let login = |user: &str, password: &str| {
            Some(Credentials::UserPassword(user.to_owned(), password.to_owned()))
        };
        assert_eq!(of("nats://a:4222,tls://b"), None);
        assert_eq!(of("nats://me:hush@a:4222"), login("me", "hush"));
        assert_eq!(of("nats://a, me:h%40%3a%C3%BC@b"), login("me", "h@:\u{fc}"));
        assert_eq!(of("me:100%@a"), login("me", "100%"));
        assert_eq!(of("nats://hush@a"), Some(Credentials::Token("hush".to_owned())));
    }

    #[test]
    fn an_empty_value_is_as_good_as_none() {
        let environment = Environment::of(&["--nats-token", " ", "--nats-user", ""]);
        let options = settings(&["--nats-creds", "", "--nats-tls-ca", ""]);
        let options = options.nats_options(&environment).unwrap();
        assert_eq!(options.credentials, Credentials::None);
        assert_eq!(options.tls, Tls::default());
    }

    #[test]
    fn wrong_values_name_their_variable() {
        for (flags, name) in [
            (["--nats-mode", "fast"], "NATS_MODE"),
            (["--nats-ack-wait", "0"], "NATS_ACK_WAIT"),
            (["--nats-max-ack-pending", "many"], "NATS_MAX_ACK_PENDING"),
        ] {
            let error = Line::try_parse_from([["x"].as_slice(), &flags].concat()).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
        for (flags, name) in [
            (["--nats-subjects", "a b"], "NATS_SUBJECTS"),
            (["--nats-queue-group", "a.b"], "NATS_QUEUE_GROUP"),
            (["--nats-stream", ""], "NATS_STREAM"),
            (["--nats-replicas", "2"], "NATS_REPLICAS"),
        ] {
            let error = settings(&flags).source_options().unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
