//! What can go wrong between us and a server.

/// Why something over NATS did not happen.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// A setting is unusable.
    #[error("{name} is unusable: {reason}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Why, and what to write instead.
        reason: String,
    },
    /// The server could not be used, now.
    #[error("could not {doing}")]
    Server {
        /// What was being done.
        doing: String,
        /// What the client says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nobody is there to answer a request.
    #[error("could not ask on {subject}: nobody serves it")]
    NobodyServes {
        /// Where it was asked.
        subject: String,
    },
    /// A message should have been confirmed, and no stream took it. In a cluster that passes when
    /// its servers agree again.
    #[error(
        "no stream took what was published to {subjects}: if events are sorted into partitions, \
         the server needs the mapping for it, or publish to the partitions"
    )]
    NotTaken {
        /// Where it was published.
        subjects: String,
    },
    /// JetStream is wanted, and the server has none for this account.
    #[error("server has no JetStream for this account: start it with -js, or set NATS_MODE=core")]
    NoJetStream,
    /// A stream takes a part of a subject only, so that the rest would be lost.
    #[error(
        "stream {stream} takes {theirs}, which is only a part of {wanted}: widen the stream, or \
         list in NATS_SUBJECTS what it takes"
    )]
    PartOfSubject {
        /// The stream.
        stream: String,
        /// What it takes.
        theirs: String,
        /// What we were to subscribe to.
        wanted: String,
    },
    /// A stream or a consumer is set so that events would be lost or never come.
    #[error("{what} is not usable: {reason}")]
    Unusable {
        /// The stream or consumer.
        what: String,
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl NatsError {
    /// Tells whether the same may go through later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Server { .. } | Self::NobodyServes { .. } | Self::NotTaken { .. })
    }

    /// Makes an error of what the client says.
    pub(crate) fn server<E>(doing: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let doing = doing.into();
        move |source| Self::Server { doing, source: source.into() }
    }
}
