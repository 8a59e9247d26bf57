//! NATS: whether it answers, and whether it keeps what is published.

use std::time::Duration;

use ciq_nats::{
    Mode, Nats, NatsError, NatsOptions, PartitionReader, Partitions, SourceOptions, SubjectFilter,
};
use tokio::time::timeout;

use super::{Finding, State};
use crate::cli::DoctorArgs;
use crate::exit::{Failure, chain};
use crate::nats::runtime;
use crate::session::Session;

/// How long a server may take for everything that it is asked.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The version of the server from which on all that is known to matter works: major and minor.
const RECOMMENDED: (u32, u32) = (2, 10);

/// What to do where NATS does not answer.
const ADVICE: &str = "start NATS (nats-server -js), or mend NATS_SERVERS and what proves who we \
                      are, or do without it (NATS_ENABLED=false, no NATS_PARTITIONS)";

/// Looks at NATS, if it is switched on; a worker needs it in any case.
pub(super) fn findings(session: &Session, args: &DoctorArgs) -> Vec<Finding> {
    if !session.environment.is_nats_enabled() && args.nats_partitions.is_none() {
        return vec![Finding::new("NATS", State::Ok, "switched off (NATS_ENABLED)")];
    }
    let options = args.nats.nats_options(&session.environment);
    let both = options.and_then(|nats| Ok((nats, args.nats.source_options()?, runtime()?)));
    let (nats, source, runtime) = match both {
        Ok(both) => both,
        Err(failure) => return vec![Finding::new("NATS", State::Bad, chain(&failure))],
    };
    let name = format!("NATS at {}", nats.servers);
    let looked = runtime.block_on(async {
        timeout(ANSWER_TIMEOUT, look(&nats, &source, args.nats_partitions)).await
    });
    // Connections are being made in the background, perhaps in vain: nobody waits for them.
    runtime.shutdown_background();
    let finding =
        if args.nats.is_publishing() { "published" } else { "not published (NATS_PUBLISH)" };
    match looked {
        Ok(Ok(mut findings)) => {
            findings.push(Finding::new("NATS changes of customers", State::Ok, finding));
            findings
        }
        Ok(Err(failure)) => {
            vec![Finding::new(name, State::Bad, format!("{}: {ADVICE}", chain(&failure)))]
        }
        Err(_) => {
            let seconds = ANSWER_TIMEOUT.as_secs();
            let finding = format!("no answer within {seconds} s: {ADVICE}");
            vec![Finding::new(name, State::Bad, finding)]
        }
    }
}

async fn look(
    options: &NatsOptions,
    source: &SourceOptions,
    partitions: Option<Partitions>,
) -> Result<Vec<Finding>, Failure> {
    let nats = Nats::connect(options).await?;
    let version = nats.server_version();
    let name = format!("NATS at {}", options.servers);
    let mut findings = vec![Finding::new(name, State::Ok, format!("answers, version {version}"))];
    findings.extend(version_finding(&version));
    let has_jetstream = nats.has_jetstream().await?;
    findings.push(jetstream_finding(source.mode, has_jetstream));
    if let (true, Some(partitions)) = (has_jetstream, partitions) {
        let source = source.clone().sorted(partitions)?;
        findings.push(partitions_finding(&nats, &source, partitions).await?);
    } else if has_jetstream && source.mode != Mode::Core {
        for subject in &source.subjects {
            let found = nats.stream_of(subject).await;
            findings.push(stream_finding(found, subject, &source.stream)?);
        }
    }
    Ok(findings)
}

/// Says whether the stream of events that are sorted has so many partitions.
async fn partitions_finding(
    nats: &Nats,
    source: &SourceOptions,
    partitions: Partitions,
) -> Result<Finding, NatsError> {
    let (name, stream) = ("NATS stream", &source.stream);
    match PartitionReader::check(nats, source, partitions).await {
        Err(error) if error.is_transient() => Err(error),
        Err(error) => Ok(Finding::new(name, State::Bad, chain(&error))),
        Ok(()) => {
            let there = nats.stream_of(&source.subjects[0]).await?;
            let finding = match there {
                Some(stream) => format!("{stream} takes events in {partitions} partitions"),
                None => format!("none yet: `customeriq worker` makes {stream}"),
            };
            Ok(Finding::new(name, State::Ok, finding))
        }
    }
}

fn stream_finding(
    found: Result<Option<String>, NatsError>,
    subject: &SubjectFilter,
    ours: &str,
) -> Result<Finding, NatsError> {
    let name = "NATS stream";
    match found {
        Ok(Some(stream)) => Ok(Finding::new(name, State::Ok, format!("{stream} takes {subject}"))),
        Ok(None) => {
            let finding = format!("none takes {subject} yet: `customeriq serve` makes {ours}");
            Ok(Finding::new(name, State::Ok, finding))
        }
        Err(error) if error.is_transient() => Err(error),
        Err(error) => Ok(Finding::new(name, State::Bad, chain(&error))),
    }
}

fn jetstream_finding(mode: Mode, has_jetstream: bool) -> Finding {
    let name = "NATS JetStream";
    match (mode, has_jetstream) {
        (Mode::Core, _) => {
            let finding = "not used (NATS_MODE=core): what comes while nobody listens is lost";
            Finding::new(name, State::Note, finding)
        }
        (Mode::Auto | Mode::JetStream, true) => Finding::new(name, State::Ok, "there"),
        (Mode::Auto, false) => {
            let finding = "none for this account, so what comes while nobody listens is lost: \
                           start the server with -js";
            Finding::new(name, State::Note, finding)
        }
        (Mode::JetStream, false) => {
            let finding = "none for this account: start the server with -js, or set NATS_MODE=auto";
            Finding::new(name, State::Bad, finding)
        }
    }
}

/// Returns a note about a server that is older than recommended.
fn version_finding(version: &str) -> Option<Finding> {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
    let (at_major, at_minor) = RECOMMENDED;
    let finding = format!("{version} will do; {at_major}.{at_minor} or newer is recommended");
    ((major, minor) < RECOMMENDED).then(|| Finding::new("NATS version", State::Note, finding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_server_is_noted() {
        for (version, is_noted) in [
            ("2.9.10", true),
            ("2.10.0", false),
            ("2.15.1-beta", false),
            ("3.0", false),
            ("x", false),
        ] {
            assert_eq!(version_finding(version).is_some(), is_noted, "{version}");
        }
    }
}
