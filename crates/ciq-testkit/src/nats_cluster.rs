//! Servers of NATS that keep each other's messages, all on this machine.

use std::error::Error as _;

use serde_json::Value;

use crate::nats::{
    CLUSTER_LIMIT, NatsConfig, NatsError, NatsRoutes, NatsServer, PORT_TRIES, is_port_taken,
};
use crate::ports::HeldPort;
use crate::wait::eventually;

/// Servers that live as long as this value, each with a folder of its own.
///
/// They are numbered from 0. Dropping the value kills them all and removes their folders.
#[derive(Debug)]
pub struct NatsCluster {
    servers: Vec<NatsServer>,
    /// Where they reach each other; the last field, to be given back when they are gone.
    _ports: Vec<HeldPort>,
}

impl NatsCluster {
    /// Starts so many servers, all with this configuration, and returns when they agree. Three are
    /// the fewest of which one may die; a single one has nobody to agree with.
    pub fn start(server_count: usize, config: &NatsConfig) -> Result<Self, NatsError> {
        for _ in 1..PORT_TRIES {
            match Self::launch(server_count, config) {
                Err(error) if is_port_taken(&error) => {}
                other => return other,
            }
        }
        Self::launch(server_count, config)
    }

    /// Returns the addresses of all servers as clients take them, with commas between them.
    #[must_use]
    pub fn urls(&self) -> String {
        self.servers.iter().map(NatsServer::url).collect::<Vec<_>>().join(",")
    }

    /// Returns how many servers there are, running or not.
    #[must_use]
    pub fn server_count(&self) -> usize {
        self.servers.len()
    }

    /// Returns a server.
    pub fn server(&self, index: usize) -> Result<&NatsServer, NatsError> {
        self.servers.get(index).ok_or(NatsError::NotRunning)
    }

    /// Returns a server, to do something to it.
    pub fn server_mut(&mut self, index: usize) -> Result<&mut NatsServer, NatsError> {
        self.servers.get_mut(index).ok_or(NatsError::NotRunning)
    }

    /// Ends a server at once, as a crash would.
    pub fn kill(&mut self, index: usize) -> Result<(), NatsError> {
        self.server_mut(index)?.kill()
    }

    /// Starts a server again on the same ports and the same store, and returns when it takes
    /// clients; what it has missed may not be there yet.
    pub fn restart(&mut self, index: usize) -> Result<(), NatsError> {
        self.server_mut(index)?.restart()
    }

    /// Waits until the running servers agree on a leader, and each has all messages that it keeps.
    /// More than half of the servers must run, and none of these may be suspended.
    ///
    /// The server's own word, `/healthz`, asks for more: that each consumer's acknowledgements are
    /// the same everywhere at that moment, which under load they seldom are.
    pub fn wait_until_well(&self) -> Result<(), NatsError> {
        let mut reason = String::new();
        let is_well = || self.look().map_err(|told| reason = told).is_ok();
        if eventually(CLUSTER_LIMIT, is_well) {
            return Ok(());
        }
        let words = |it: &NatsServer| format!("{} says: {}", it.name(), it.last_words());
        let words: Vec<_> = self.servers.iter().map(words).collect();
        Err(NatsError::NotWell { reason: format!("{reason}; {}", words.join("; ")) })
    }

    /// Returns the running server that leads the cluster, if there is one.
    pub fn meta_leader(&self) -> Result<Option<usize>, NatsError> {
        self.first_running(|server| Ok(leader(&ask(server, "/jsz")?["meta_cluster"])))
    }

    /// Returns the running server that leads a stream, if there is one.
    pub fn stream_leader(&self, stream: &str) -> Result<Option<usize>, NatsError> {
        self.first_running(|server| {
            let answer = ask(server, "/jsz?streams=true")?;
            let found = streams(&answer).find(|detail| detail["name"] == stream);
            Ok(found.and_then(|detail| leader(&detail["cluster"])))
        })
    }

    fn launch(server_count: usize, config: &NatsConfig) -> Result<Self, NatsError> {
        let held = (0..server_count).map(|_| HeldPort::take().ok_or(NatsError::NoFreePort));
        let held = held.collect::<Result<Vec<_>, _>>()?;
        let ports: Vec<_> = held.iter().map(HeldPort::number).collect();
        // Its ports make the name its own among the clusters of this machine.
        let name = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
        let start = |port: &u16| {
            let routes = NatsRoutes { name: name.clone(), port: *port, ports: ports.clone() };
            NatsServer::start(NatsConfig { cluster: Some(routes), ..config.clone() })
        };
        let servers = ports.iter().map(start).collect::<Result<_, _>>()?;
        let cluster = Self { servers, _ports: held };
        cluster.wait_until_well()?;
        Ok(cluster)
    }

    /// Says what is not well.
    fn look(&self) -> Result<(), String> {
        let running: Vec<_> = self.servers.iter().filter(|it| it.is_running()).collect();
        let leader = self.meta_leader().map_err(|error| told(&error))?.ok_or("nobody leads")?;
        let leading = &self.servers[leader];
        let answer = ask(leading, "/jsz").map_err(|error| told(&error))?;
        follow(leading, &running, &answer["meta_cluster"])
            .map_err(|why| format!("{why} at all"))?;
        for server in &running {
            let answer = ask(server, "/jsz?streams=true").map_err(|error| told(&error))?;
            for stream in streams(&answer) {
                let name = &stream["name"];
                match self::leader(&stream["cluster"]) {
                    None => return Err(format!("nobody leads the stream {name}")),
                    Some(leader) if leader == server.name() => {
                        follow(server, &running, &stream["cluster"])
                            .map_err(|why| format!("{why} in the stream {name}"))?;
                    }
                    Some(leader) if running.iter().all(|it| it.name() != leader) => {
                        return Err(format!("{leader}, which is gone, leads the stream {name}"));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Asks the running servers who leads until one names another one that runs.
    fn first_running(
        &self,
        find: impl Fn(&NatsServer) -> Result<Option<String>, NatsError>,
    ) -> Result<Option<usize>, NatsError> {
        for server in self.servers.iter().filter(|it| it.is_running()) {
            let name = find(server)?;
            let is_it = |it: &NatsServer| it.is_running() && Some(it.name()) == name;
            if let Some(index) = self.servers.iter().position(is_it) {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }
}

/// Checks that the running servers follow the one that leads a group.
fn follow(leading: &NatsServer, running: &[&NatsServer], group: &Value) -> Result<(), String> {
    let peers = list(&group["replicas"]);
    for name in running.iter().map(|it| it.name()).filter(|name| *name != leading.name()) {
        let is_current = |peer: &Value| peer["current"] == true && peer["offline"] != true;
        if !peers.iter().any(|peer| peer["name"] == name.as_str() && is_current(peer)) {
            return Err(format!("{name} does not follow {}", leading.name()));
        }
    }
    Ok(())
}

/// Returns what a server says about its streams.
fn streams(answer: &Value) -> impl Iterator<Item = &Value> {
    list(&answer["account_details"]).iter().flat_map(|account| list(&account["stream_detail"]))
}

/// Returns the words of an error, with those of its source.
fn told(error: &NatsError) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// Asks a monitoring page.
fn ask(server: &NatsServer, path: &str) -> Result<Value, NatsError> {
    let answer = server.monitor(path)?;
    serde_json::from_str(&answer).map_err(|error| NatsError::NotReady { reason: error.to_string() })
}

/// Returns who leads a group of servers, if they have chosen one.
fn leader(group: &Value) -> Option<String> {
    group["leader"].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
