//! The way to a server is cut and restored.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use ciq_testkit::{NatsConfig, NatsServer, TcpProxy};

use crate::support::{LIMIT, Wire};

/// A server that says the same back.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    address
}

fn connect(proxy: &TcpProxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Tells whether a word comes back.
fn echoes(stream: &mut TcpStream) -> bool {
    let mut word = [0; 4];
    stream.write_all(b"word").and_then(|()| stream.read_exact(&mut word)).is_ok()
        && &word == b"word"
}

#[test]
fn bytes_pass_until_the_way_is_cut_and_again_when_it_is_restored() {
    let proxy = TcpProxy::start(echo()).unwrap();
    let mut before = connect(&proxy);
    assert!(echoes(&mut before));
    proxy.cut();
    assert!(!echoes(&mut before));
    assert!(!echoes(&mut connect(&proxy)));
    proxy.restore();
    assert!(!echoes(&mut before));
    assert!(echoes(&mut connect(&proxy)));
    assert_eq!(proxy.passed_count(), 2);
}

#[test]
fn connections_end_with_the_proxy() {
    let proxy = TcpProxy::start(echo()).unwrap();
    let mut stream = connect(&proxy);
    assert!(echoes(&mut stream));
    drop(proxy);
    assert!(!echoes(&mut stream));
}

#[test]
fn a_server_that_is_not_there_is_a_closed_connection() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = TcpProxy::start(nobody).unwrap();
    assert!(!echoes(&mut connect(&proxy)));
    assert_eq!(proxy.passed_count(), 0);
}

#[test]
fn a_nats_client_loses_its_server_and_finds_it_again() {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let proxy = TcpProxy::start(server.address()).unwrap();
    let (mut wire, greeting) = Wire::open(proxy.address());
    assert!(greeting.starts_with("INFO "), "{greeting}");
    assert_eq!(wire.ping(""), "PONG");
    proxy.cut();
    assert_eq!(wire.line(), "");
    assert_eq!(Wire::open(proxy.address()).1, "");
    proxy.restore();
    assert_eq!(Wire::open(proxy.address()).0.ping(""), "PONG");
    assert_eq!(proxy.nats_url(), format!("nats://{}", proxy.address()));
}
