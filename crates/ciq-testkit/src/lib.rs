//! Real servers for tests, and faults on the way to them. In reading order:
//!
//! - [`NatsServer`]: a `nats-server` of the test's own, on free ports, in a folder that goes with
//!   it; it can be killed, restarted and suspended;
//! - [`NatsConfig`]: what such a server is started with;
//! - [`RedisServer`], [`RedisConfig`]: the same for `redis-server`;
//! - [`TcpProxy`]: a way to a server that the test can cut and restore;
//! - [`eventually`]: waiting for a condition, since a test never waits for a time.

mod http;
mod nats;
mod ports;
mod proxy;
mod redis;
mod wait;

pub use nats::{NatsConfig, NatsError, NatsLogin, NatsServer, NatsTls, NatsVersion};
pub use proxy::{ProxyError, TcpProxy};
pub use redis::{RedisConfig, RedisError, RedisServer};
pub use wait::eventually;
