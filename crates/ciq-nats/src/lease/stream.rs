//! The stream in which leases are kept: the last word on each subject, for as long as a lease is.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, StorageType};

use crate::{Nats, NatsError, SourceOptions};

/// Returns the stream's name.
pub(super) fn name(options: &SourceOptions) -> String {
    format!("{}_LEASES", options.stream)
}

/// Makes or checks the stream, and returns how long its leases are.
pub(super) async fn prepare(
    nats: &Nats,
    options: &SourceOptions,
    lease: Duration,
) -> Result<Duration, NatsError> {
    let name = name(options);
    let wanted = Config {
        name: name.clone(),
        subjects: vec![format!("customeriq.leases.{}.>", options.stream)],
        storage: StorageType::File,
        num_replicas: options.replicas,
        max_messages_per_subject: 1,
        max_age: lease,
        description: Some("which worker of customeriq reads which partition".to_owned()),
        ..Config::default()
    };
    let found = nats.context.get_or_create_stream(wanted.clone()).await;
    let found = found.map_err(NatsError::server(format!("make stream {name}")))?;
    check(&name, &wanted, &found.cached_info().config, options.ack_wait)
}

/// Checks a stream of leases, which is never changed.
fn check(
    name: &str,
    wanted: &Config,
    found: &Config,
    ack_wait: Duration,
) -> Result<Duration, NatsError> {
    let refuse = |reason: String| {
        let reason = format!("{reason}: stop all workers and delete it; they make it again");
        Err(NatsError::Unusable { what: format!("stream {name}"), reason })
    };
    if found.subjects != wanted.subjects || found.max_messages_per_subject != 1 {
        return refuse("it is no stream of leases".to_owned());
    }
    // Workers of other groups may wait for longer, and have made it.
    if found.max_age.is_zero() || found.max_age > ack_wait {
        let (lease, ack_wait) = (found.max_age.as_secs(), ack_wait.as_secs());
        return refuse(format!("a lease in it is {lease} s, longer than NATS_ACK_WAIT={ack_wait}"));
    }
    Ok(found.max_age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_never_longer_than_the_wait_for_an_acknowledgement() {
        let ack_wait = Duration::from_secs(10);
        let stream = |max_age: u64| Config {
            subjects: vec!["customeriq.leases.S.>".to_owned()],
            max_messages_per_subject: 1,
            max_age: Duration::from_secs(max_age),
            ..Config::default()
        };
        let told = |found: &Config| check("S_LEASES", &stream(5), found, ack_wait);
        assert_eq!(told(&stream(5)).unwrap(), Duration::from_secs(5));
        assert_eq!(told(&stream(9)).unwrap(), Duration::from_secs(9));
        for odd in [stream(0), stream(30), Config { max_messages_per_subject: -1, ..stream(5) }] {
            assert!(told(&odd).unwrap_err().to_string().contains("delete it"), "{odd:?}");
        }
    }
}
