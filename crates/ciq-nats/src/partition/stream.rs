//! The stream of events that are sorted: made where there is none, checked and never changed where
//! there is.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};

use super::{Partitions, SORTED};
use crate::stream::{DUPLICATE_WINDOW, check_stream, is_name_taken};
use crate::{Nats, NatsError, SourceOptions, SubjectFilter};

/// Makes or checks the stream.
pub(super) async fn prepare(
    nats: &Nats,
    options: &SourceOptions,
    partitions: Partitions,
) -> Result<(), NatsError> {
    let name = &options.stream;
    if config_of(nats, name).await?.is_none() {
        create(nats, wanted(options, partitions)).await?;
    }
    // Another worker may have made it meanwhile.
    check(nats, name, partitions).await?;
    check_stream(nats, name).await
}

/// Checks the stream, if there is one.
pub(super) async fn check(
    nats: &Nats,
    name: &str,
    partitions: Partitions,
) -> Result<(), NatsError> {
    let Some(config) = config_of(nats, name).await? else { return Ok(()) };
    match fault(&config, partitions) {
        None => Ok(()),
        Some(reason) => Err(NatsError::Unusable { what: format!("stream {name}"), reason }),
    }
}

async fn config_of(nats: &Nats, name: &str) -> Result<Option<Config>, NatsError> {
    match nats.context.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
        Err(error) if is_absent(&error.kind()) => Ok(None),
        Err(error) => Err(NatsError::server(format!("look at stream {name}"))(error)),
    }
}

fn is_absent(kind: &GetStreamErrorKind) -> bool {
    match kind {
        GetStreamErrorKind::JetStream(error) => error.error_code() == ErrorCode::STREAM_NOT_FOUND,
        _ => false,
    }
}

fn wanted(options: &SourceOptions, partitions: Partitions) -> Config {
    Config {
        name: options.stream.clone(),
        // One by one: what is published to a partition that nobody reads is refused.
        subjects: (0..partitions.count()).map(|partition| partitions.filter(partition)).collect(),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        num_replicas: options.replicas,
        duplicate_window: DUPLICATE_WINDOW,
        description: Some("customer events, sorted by customer".to_owned()),
        ..Config::default()
    }
}

async fn create(nats: &Nats, wanted: Config) -> Result<(), NatsError> {
    let name = wanted.name.clone();
    match nats.context.create_stream(wanted).await {
        Ok(_) => {
            tracing::info!(target: "nats", "[NATS] Made stream {name}");
            Ok(())
        }
        Err(error) if is_name_taken(error.kind()) => Ok(()),
        Err(error) if is_overlap(&error.kind()) => Err(NatsError::Unusable {
            what: format!("stream {name}"),
            reason: "another stream takes its subjects: name that one with NATS_STREAM, or delete \
                     it once it is read"
                .to_owned(),
        }),
        Err(error) => Err(NatsError::server(format!("make stream {name}"))(error)),
    }
}

fn is_overlap(kind: &CreateStreamErrorKind) -> bool {
    match kind {
        CreateStreamErrorKind::JetStream(error) => {
            error.error_code() == ErrorCode::STREAM_SUBJECT_OVERLAP
        }
        _ => false,
    }
}

/// Says why a stream cannot be used, and what to do; `None` where it can.
fn fault(config: &Config, wanted: Partitions) -> Option<String> {
    let counts = config.subjects.iter().filter_map(|subject| count_in(subject));
    if let Some(found) = counts.into_iter().find(|count| *count != wanted.count()) {
        return Some(format!(
            "it has {found} partitions, not {wanted}: ask for {found}, or name another stream with \
             NATS_STREAM, to which events go from now on while the workers of this one read it to \
             its end"
        ));
    }
    let takes = |partition: u32| {
        config.subjects.iter().any(|taken| {
            SubjectFilter::parse(taken).is_ok_and(|taken| taken.covers(&wanted.filter(partition)))
        })
    };
    if let Some(missing) = (0..wanted.count()).find(|partition| !takes(*partition)) {
        return Some(format!(
            "it does not take {}: add that to its subjects, or name another stream with \
             NATS_STREAM",
            wanted.filter(missing)
        ));
    }
    // A consumer is made again at the place where another stopped, which others do not allow.
    (config.retention != RetentionPolicy::Limits).then(|| {
        "it does not keep what was read (retention is not limits): name another stream with \
         NATS_STREAM"
            .to_owned()
    })
}

/// Returns how many partitions there are by the subject of one.
fn count_in(subject: &str) -> Option<u32> {
    subject.strip_prefix(SORTED)?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(subjects: &[&str]) -> Config {
        let subjects = subjects.iter().map(ToString::to_string).collect();
        Config { subjects, ..Config::default() }
    }

    #[track_caller]
    fn check(config: &Config, expected: Option<&str>) {
        let told = fault(config, Partitions::new(2).unwrap());
        match expected {
            None => assert_eq!(told, None),
            Some(words) => assert!(told.clone().unwrap_or_default().contains(words), "{told:?}"),
        }
    }

    #[test]
    fn a_stream_as_we_make_it_or_wider_will_do() {
        let options = SourceOptions::new(SubjectFilter::parse_list("a.>").unwrap());
        check(&wanted(&options, Partitions::new(2).unwrap()), None);
        check(&config(&["customer.partitioned.2.>"]), None);
        check(&config(&["customer.partitioned.>"]), None);
    }

    #[test]
    fn another_number_of_partitions_is_refused_with_a_remedy() {
        let four = config(&["customer.partitioned.4.0.>", "customer.partitioned.4.1.>"]);
        check(&four, Some("it has 4 partitions, not 2: ask for 4"));
        check(&four, Some("NATS_STREAM"));
    }

    #[test]
    fn a_stream_that_would_lose_events_is_refused() {
        check(&config(&["customer.partitioned.2.0.>"]), Some("customer.partitioned.2.1.>"));
        check(&config(&["customer.events.>"]), Some("does not take"));
        let retention = RetentionPolicy::WorkQueue;
        let queue = Config { retention, ..config(&["customer.partitioned.2.>"]) };
        check(&queue, Some("retention"));
    }
}
