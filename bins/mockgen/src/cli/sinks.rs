//! The flags that say where events go. They stay texts here: an empty variable counts as unset.

use clap::Args;

/// Where events go.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SinkArgs {
    /// Where events go: console, http, redis, nats or file. [default: console]
    #[arg(long = "sink", env = "SINK_TYPE", value_name = "TYPE")]
    pub(crate) sink_type: Option<String>,
    /// Where to post events. [default: `http://127.0.0.1:3000/events`]
    #[arg(long, env = "HTTP_SINK_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) http_sink_url: Option<String>,
    /// What to send as `Authorization: Bearer TOKEN`; better as a variable than as a flag.
    #[arg(long, env = "HTTP_SINK_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) http_sink_token: Option<String>,
    /// The Redis server. [default: `redis://127.0.0.1:6379`]
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) redis_url: Option<String>,
    /// The stream in Redis. [default: domain.events]
    #[arg(long, env = "REDIS_STREAM_KEY", value_name = "KEY")]
    pub(crate) redis_stream_key: Option<String>,
    /// About how many events the stream in Redis keeps; all of them without it.
    #[arg(long, env = "REDIS_MAXLEN", value_name = "COUNT")]
    pub(crate) redis_maxlen: Option<String>,
    /// The NATS servers, separated by commas. [default: `nats://127.0.0.1:4222`]
    #[arg(long, env = "NATS_SERVERS", hide_env_values = true, value_name = "URLS")]
    pub(crate) nats_servers: Option<String>,
    /// Whether a stream of NATS confirms each event: jetstream or core. [default: jetstream]
    #[arg(long, env = "NATS_MODE", value_name = "MODE")]
    pub(crate) nats_mode: Option<String>,
    /// The file that events are appended to; .gz and .zst are compressed. [default: events.ndjson]
    #[arg(long, env = "SINK_FILE", value_name = "FILE")]
    pub(crate) sink_file: Option<String>,
}
