//! Servers of NATS that keep each other's messages, all on this machine.

use serde_json::Value;

use crate::nats::{
    CLUSTER_LIMIT, NatsConfig, NatsError, NatsRoutes, NatsServer, PORT_TRIES, is_port_taken,
};
use crate::ports::free_port;
use crate::wait::eventually;

/// Servers that live as long as this value, each with a folder of its own.
///
/// They are numbered from 0. Dropping the value kills them all and removes their folders.
#[derive(Debug)]
pub struct NatsCluster {
    servers: Vec<NatsServer>,
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

    /// Waits until the running servers agree on a leader, and each has all that it keeps. More than
    /// half of the servers must run, and none of these may be suspended.
    pub fn wait_until_well(&self) -> Result<(), NatsError> {
        let mut reason = String::new();
        let is_well = || self.look().map_err(|told| reason = told).is_ok();
        if eventually(CLUSTER_LIMIT, is_well) { Ok(()) } else { Err(NatsError::NotWell { reason }) }
    }

    /// Returns the running server that leads the cluster, if there is one.
    pub fn meta_leader(&self) -> Result<Option<usize>, NatsError> {
        self.first_running(|server| Ok(leader(&ask(server, "/jsz")?["meta_cluster"])))
    }

    /// Returns the running server that leads a stream, if there is one.
    pub fn stream_leader(&self, stream: &str) -> Result<Option<usize>, NatsError> {
        self.first_running(|server| {
            let answer = ask(server, "/jsz?streams=true")?;
            let streams = list(&answer["account_details"]).iter();
            let mut streams = streams.flat_map(|account| list(&account["stream_detail"]));
            let found = streams.find(|detail| detail["name"] == stream);
            Ok(found.and_then(|detail| leader(&detail["cluster"])))
        })
    }

    fn launch(server_count: usize, config: &NatsConfig) -> Result<Self, NatsError> {
        let ports = (0..server_count).map(|_| free_port().ok_or(NatsError::NoFreePort));
        let ports = ports.collect::<Result<Vec<_>, _>>()?;
        // Its ports make the name its own among the clusters of this machine.
        let name = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
        let start = |port: &u16| {
            let routes = NatsRoutes { name: name.clone(), port: *port, ports: ports.clone() };
            NatsServer::start(NatsConfig { cluster: Some(routes), ..config.clone() })
        };
        let servers = ports.iter().map(start).collect::<Result<_, _>>()?;
        let cluster = Self { servers };
        cluster.wait_until_well()?;
        Ok(cluster)
    }

    /// Says what is not well.
    fn look(&self) -> Result<(), String> {
        let told = |error: NatsError| error.to_string();
        let running: Vec<_> = self.servers.iter().filter(|it| it.is_running()).collect();
        let leader = self.meta_leader().map_err(told)?.ok_or("nobody leads")?;
        let leading = &self.servers[leader];
        let answer = ask(leading, "/jsz").map_err(told)?;
        let peers = list(&answer["meta_cluster"]["replicas"]);
        for server in &running {
            let name = server.name();
            let is_current = |peer: &Value| peer["current"] == true && peer["offline"] != true;
            let follows = |peer: &Value| peer["name"] == name.as_str() && is_current(peer);
            if name != leading.name() && !peers.iter().any(follows) {
                return Err(format!("{name} does not follow {}", leading.name()));
            }
            server.monitor("/healthz").map_err(|error| format!("{name}: {error}"))?;
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
