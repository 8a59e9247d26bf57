//! A way to a server that the test can cut.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// Why a proxy could not be had.
#[derive(Debug, thiserror::Error)]
#[error("could not listen on this machine")]
pub struct ProxyError(#[from] io::Error);

/// Hands bytes to and fro between its own port on this machine and a server.
///
/// While it is cut it still takes connections, since its port must stay its own, and closes each
/// before a byte has passed: to a client the network is there and the server is not.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: State,
    /// Both ends of every connection since the last cut.
    open: Vec<TcpStream>,
    passed_count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Cut,
    Over,
}

impl TcpProxy {
    /// Opens a way to the server, which need not be there yet.
    pub fn start(server: SocketAddr) -> Result<Self, ProxyError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Shared { state: State::Open, open: Vec::new(), passed_count: 0 };
        let shared = Arc::new(Mutex::new(shared));
        let ours = Arc::clone(&shared);
        let listener = thread::spawn(move || listen(&listener, server, &ours));
        Ok(Self { address, shared, listener: Some(listener) })
    }

    /// Returns where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the same as an address that NATS clients take: `nats://127.0.0.1:…`.
    #[must_use]
    pub fn nats_url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Returns how many connections were let through so far.
    #[must_use]
    pub fn passed_count(&self) -> usize {
        lock(&self.shared).passed_count
    }

    /// Closes every connection, and lets none through until it is restored.
    pub fn cut(&self) {
        lock(&self.shared).close(State::Cut);
    }

    /// Lets connections through again; those that were closed stay closed.
    pub fn restore(&self) {
        lock(&self.shared).state = State::Open;
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        lock(&self.shared).close(State::Over);
        // The listener looks at the state when a connection arrives; without one it waits on.
        let has_called = TcpStream::connect(self.address).is_ok();
        if let Some(listener) = self.listener.take().filter(|_| has_called) {
            drop(listener.join());
        }
    }
}

impl Shared {
    fn close(&mut self, state: State) {
        self.state = state;
        for end in self.open.drain(..) {
            // The peer may have closed it before.
            drop(end.shutdown(Shutdown::Both));
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(listener: &TcpListener, server: SocketAddr, shared: &Mutex<Shared>) {
    for client in listener.incoming().flatten() {
        let state = lock(shared).state;
        match state {
            // A connection that cannot be made on either side is one that was refused.
            State::Open => drop(pass(client, server, shared)),
            State::Cut => drop(client),
            State::Over => return,
        }
    }
}

/// Joins a client to the server, unless the way was cut meanwhile.
fn pass(client: TcpStream, server: SocketAddr, shared: &Mutex<Shared>) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ends = [client.try_clone()?, server.try_clone()?];
    let back = (server.try_clone()?, client.try_clone()?);
    {
        let mut shared = lock(shared);
        if shared.state != State::Open {
            return Ok(());
        }
        shared.open.extend(ends);
        shared.passed_count += 1;
    }
    thread::spawn(move || carry(client, server));
    thread::spawn(move || carry(back.0, back.1));
    Ok(())
}

/// Copies one direction to its end, then ends the connection: NATS has no half-open ones.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    // An error is an end like any other.
    drop(io::copy(&mut from, &mut to));
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
