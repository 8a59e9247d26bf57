//! Ports that nobody listens on.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Where to look. Systems give outgoing connections ports from 32768 up: a client that keeps
/// trying a dead server's port from that range may be given the very same port and connect to
/// itself, and the server could not come back.
const PORTS: Range<u16> = 12_000..32_000;

/// How far apart two processes begin to look: prime to the length of the range, and more than one
/// test needs.
const STRIDE: u32 = 37;

/// How many ports this process has looked at.
static LOOKED: AtomicU16 = AtomicU16::new(0);

/// Returns a port of this machine that was free a moment ago, and another one at each call.
pub(crate) fn free_port() -> Option<u16> {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    PORTS.map(|_| candidate(process::id(), LOOKED.fetch_add(1, Ordering::Relaxed))).find(is_free)
}

/// Returns the port to look at: tests run in many processes at once, so each begins elsewhere.
fn candidate(process: u32, looked: u16) -> u16 {
    let length = u32::from(PORTS.end - PORTS.start);
    let offset = (process % length * STRIDE + u32::from(looked)) % length;
    PORTS.start + u16::try_from(offset).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_below_those_of_outgoing_connections() {
        assert!(PORTS.contains(&free_port().unwrap()));
    }

    #[test]
    fn two_calls_name_two_ports() {
        assert_ne!(free_port(), free_port());
    }

    #[test]
    fn every_process_begins_elsewhere_and_none_leaves_the_range() {
        assert_eq!((candidate(0, 0), candidate(1, 0), candidate(1, 1)), (12_000, 12_037, 12_038));
        assert!(PORTS.contains(&candidate(u32::MAX, u16::MAX)));
    }
}
