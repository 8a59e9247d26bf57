//! What a server is started with, as its configuration file.

use std::path::{Path, PathBuf};

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct NatsConfig {
    /// Whether it stores messages.
    pub jetstream: bool,
    /// The largest message that it takes; 1 MiB where it is left to the server.
    pub payload_bytes_max: Option<u32>,
    /// Who may connect.
    pub login: NatsLogin,
    /// The files for TLS, where clients must use it.
    pub tls: Option<NatsTls>,
    /// Its place among others, where it is not alone.
    pub cluster: Option<NatsRoutes>,
    /// More of the configuration file, in the server's own words.
    pub extra: String,
}

impl Default for NatsConfig {
    /// Returns a server that stores messages and takes everybody.
    fn default() -> Self {
        Self {
            jetstream: true,
            payload_bytes_max: None,
            login: NatsLogin::Anybody,
            tls: None,
            cluster: None,
            extra: String::new(),
        }
    }
}

/// Who may connect to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NatsLogin {
    /// Everybody.
    Anybody,
    /// Who knows the name and the password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// Who knows the token.
    Token(String),
    /// Who holds the seed of this public user key, `U…`.
    Nkey(String),
}

/// The PEM files of a server that speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsTls {
    /// The server's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authority whose certificates clients must show, where they must show one.
    pub client_authority: Option<PathBuf>,
}

/// A server's place in a cluster on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsRoutes {
    /// The cluster's name; servers of another one are turned away.
    pub name: String,
    /// The port for the other servers.
    pub port: u16,
    /// Such ports of all servers; its own among them does no harm.
    pub ports: Vec<u16>,
}

impl NatsConfig {
    /// Returns the text of the configuration file, with the ports of clients and monitoring pages.
    pub(super) fn text(&self, name: &str, client: u16, monitor: u16, folder: &Path) -> String {
        let Self { jetstream, payload_bytes_max, login, tls, cluster, extra } = self;
        let mut lines = vec![
            format!("server_name: {}", quoted(name)),
            format!("listen: \"127.0.0.1:{client}\""),
            format!("http: \"127.0.0.1:{monitor}\""),
        ];
        lines.extend(jetstream.then(|| format!("jetstream {{ store_dir: {} }}", path(folder))));
        lines.extend(payload_bytes_max.map(|bytes| format!("max_payload: {bytes}")));
        lines.extend(login.line());
        lines.extend(tls.as_ref().map(NatsTls::line));
        lines.extend(cluster.as_ref().map(NatsRoutes::line));
        lines.push(extra.clone());
        lines.join("\n") + "\n"
    }
}

impl NatsLogin {
    fn line(&self) -> Option<String> {
        let rule = match self {
            Self::Anybody => return None,
            Self::Password { user, password } => {
                format!("user: {}, password: {}", quoted(user), quoted(password))
            }
            Self::Token(token) => format!("token: {}", quoted(token)),
            Self::Nkey(key) => format!("users: [ {{ nkey: {} }} ]", quoted(key)),
        };
        Some(format!("authorization {{ {rule} }}"))
    }
}

impl NatsTls {
    fn line(&self) -> String {
        let Self { certificate, key, client_authority } = self;
        let authority = client_authority
            .as_ref()
            .map(|file| format!(", ca_file: {}, verify: true", path(file)))
            .unwrap_or_default();
        format!("tls {{ cert_file: {}, key_file: {}{authority} }}", path(certificate), path(key))
    }
}

impl NatsRoutes {
    fn line(&self) -> String {
        let Self { name, port, ports } = self;
        let routes: Vec<_> = ports.iter().map(|it| format!("\"nats://127.0.0.1:{it}\"")).collect();
        let routes = routes.join(", ");
        let name = quoted(name);
        format!("cluster {{ name: {name}, listen: \"127.0.0.1:{port}\", routes: [ {routes} ] }}")
    }
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// Quotes a value in the server's own way.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for sign in value.chars() {
        match sign {
            '"' | '\\' => text.extend(['\\', sign]),
            '\n' => text.push_str("\\n"),
            sign => text.push(sign),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(config: &NatsConfig, expect: &[&str]) {
        let text = config.text("one", 1, 2, Path::new("/tmp/a b"));
        let begin = "server_name: \"one\"\nlisten: \"127.0.0.1:1\"\nhttp: \"127.0.0.1:2\"\n";
        let rest: Vec<_> = text.strip_prefix(begin).unwrap().trim_end().lines().collect();
        assert_eq!(rest, expect);
    }

    #[test]
    fn a_server_stores_and_takes_everybody_by_default() {
        check(&NatsConfig::default(), &["jetstream { store_dir: \"/tmp/a b\" }"]);
    }

    #[test]
    fn a_login_is_quoted() {
        let login = NatsLogin::Password { user: "a".to_owned(), password: "\"b\\\nc".to_owned() };
        let config = NatsConfig { jetstream: false, login, ..NatsConfig::default() };
        check(&config, &["authorization { user: \"a\", password: \"\\\"b\\\\\\nc\" }"]);
    }

    #[test]
    fn everything_else_is_a_line() {
        let tls = NatsTls {
            certificate: PathBuf::from("/c"),
            key: PathBuf::from("/k"),
            client_authority: Some(PathBuf::from("/a")),
        };
        let config = NatsConfig {
            jetstream: false,
            payload_bytes_max: Some(10),
            login: NatsLogin::Nkey("UABC".to_owned()),
            tls: Some(tls),
            cluster: Some(NatsRoutes { name: "c".to_owned(), port: 3, ports: vec![3, 4] }),
            extra: "debug: true".to_owned(),
        };
        let lines = [
            "max_payload: 10",
            "authorization { users: [ { nkey: \"UABC\" } ] }",
            "tls { cert_file: \"/c\", key_file: \"/k\", ca_file: \"/a\", verify: true }",
            "cluster { name: \"c\", listen: \"127.0.0.1:3\", \
             routes: [ \"nats://127.0.0.1:3\", \"nats://127.0.0.1:4\" ] }",
            "debug: true",
        ];
        check(&config, &lines);
    }
}
