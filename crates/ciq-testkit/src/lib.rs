//! Real servers for tests, and faults on the way to them. In reading order:
//!
//! - [`NatsServer`]: a `nats-server` of the test's own, on free ports, in a folder that goes with
//!   it; it can be killed, restarted and suspended;
//! - [`NatsConfig`]: what such a server is started with;
//! - [`RedisServer`], [`RedisConfig`]: the same for `redis-server`;
//! - [`TwilioDouble`], [`SmtpDouble`]: stand-ins for Twilio and for a mail server, since real ones
//!   send; they speak HTTP and SMTP on this machine, keep what they take, and fail when told to;
//! - [`Browser`]: a Chromium of the test's own, without a window, that reaches this machine alone;
//! - [`TcpProxy`]: a way to a server that the test can cut and restore;
//! - [`eventually`]: waiting for a condition, since a test never waits for a time.

mod browser;
mod http;
mod nats;
mod ports;
mod proxy;
mod redis;
mod smtp;
mod twilio;
mod wait;

pub use browser::{
    Browser, BrowserError, BrowserProgram, By, Element, Key, Motion, Scheme, Scripts,
};
pub use nats::{NatsConfig, NatsError, NatsLogin, NatsServer, NatsTls, NatsVersion};
pub use proxy::{ProxyError, TcpProxy};
pub use redis::{RedisConfig, RedisError, RedisServer};
pub use smtp::{SmtpAnswer, SmtpDouble, SmtpDoubleError, SmtpMail};
pub use twilio::{TwilioAnswer, TwilioDouble, TwilioDoubleError, TwilioMessage};
pub use wait::eventually;
