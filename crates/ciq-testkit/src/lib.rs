//! Real servers for tests, and faults on the way to them. In reading order:
//!
//! - [`NatsServer`]: a `nats-server` of the test's own, on free ports, in a folder that goes with
//!   it; it can be killed, restarted and suspended;
//! - [`NatsConfig`]: what such a server is started with;
//! - [`NatsCluster`]: several of them that keep each other's messages;
//! - [`RedisServer`], [`RedisConfig`]: the same for `redis-server`;
//! - [`PostgresServer`], [`PostgresConfig`]: the same for PostgreSQL;
//! - [`PostgresDatabase`]: an empty database on such a server, or on one that many tests share;
//! - [`TestDatabase`]: files or such a database, as the run of the tests has chosen;
//! - [`TwilioDouble`], [`SmtpDouble`]: stand-ins for Twilio and for a mail server, since real ones
//!   send; they speak HTTP and SMTP on this machine, keep what they take, and fail when told to;
//! - [`Browser`]: a Chromium of the test's own, without a window, that reaches this machine alone;
//! - [`TcpProxy`]: a way to a server that the test can cut and restore;
//! - [`eventually`]: waiting for a condition, since a test never waits for a time.

mod browser;
mod database;
mod http;
mod nats;
mod nats_cluster;
mod ports;
mod postgres;
mod proxy;
mod redis;
mod smtp;
mod twilio;
mod wait;

pub use browser::{
    Browser, BrowserError, BrowserProgram, By, Element, Key, Motion, Scheme, Scripts,
};
pub use database::{PostgresDatabase, TestDatabase};
pub use nats::{NatsConfig, NatsError, NatsLogin, NatsRoutes, NatsServer, NatsTls, NatsVersion};
pub use nats_cluster::NatsCluster;
pub use postgres::{PostgresConfig, PostgresError, PostgresServer};
pub use proxy::{ProxyError, TcpProxy};
pub use redis::{RedisConfig, RedisError, RedisServer};
pub use smtp::{SmtpAnswer, SmtpDouble, SmtpDoubleError, SmtpMail};
pub use twilio::{TwilioAnswer, TwilioDouble, TwilioDoubleError, TwilioMessage};
pub use wait::eventually;
