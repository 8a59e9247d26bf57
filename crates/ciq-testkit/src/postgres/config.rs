//! What a server is started with, as its configuration file.

use std::collections::BTreeMap;

/// How many connections a server takes that many tests share.
const SHARED_CONNECTIONS_MAX: u16 = 500;

/// What a server is started with.
///
/// By default it is PostgreSQL as it comes: it confirms only what is on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostgresConfig {
    settings: BTreeMap<String, String>,
}

impl PostgresConfig {
    /// Makes a server as it comes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a server that many tests share: it takes many connections, and does not wait for the
    /// disk, since only a crash of the whole machine would tell.
    #[must_use]
    pub fn shared() -> Self {
        Self::new().with_connections_max(SHARED_CONNECTIONS_MAX).with_setting("fsync", "off")
    }

    /// Limits how many connections it takes.
    #[must_use]
    pub fn with_connections_max(self, count: u16) -> Self {
        self.with_setting("max_connections", &count.to_string())
    }

    /// Adds a setting in the words of `postgresql.conf`, such as `max_wal_size` and `4GB`.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Changes a setting.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Returns the text of the configuration file. The server listens on this machine alone, and
    /// shares memory by files of its own folder, so that nothing stays when it is killed.
    pub(super) fn text(&self, port: u16) -> String {
        let port = port.to_string();
        let place = [
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("unix_socket_directories", ""),
            ("dynamic_shared_memory_type", "mmap"),
        ];
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let line = |(name, value)| format!("{name} = {}\n", quoted(value));
        place.into_iter().chain(settings).map(line).collect()
    }
}

/// Quotes a value in the server's own way.
fn quoted(value: &str) -> String {
    let mut text = String::from("'");
    for sign in value.chars() {
        match sign {
            '\'' => text.push_str("''"),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            sign => text.push(sign),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(config: &PostgresConfig, expect: &[&str]) {
        let text = config.text(7);
        let begin = "listen_addresses = '127.0.0.1'\nport = '7'\nunix_socket_directories = ''\n\
                     dynamic_shared_memory_type = 'mmap'\n";
        let rest: Vec<_> = text.strip_prefix(begin).unwrap().lines().collect();
        assert_eq!(rest, expect);
    }

    #[test]
    fn a_server_is_as_it_comes_by_default() {
        check(&PostgresConfig::new(), &[]);
    }

    #[test]
    fn a_setting_is_quoted_and_the_last_word_counts() {
        let config = PostgresConfig::new().with_setting("search_path", "a").with_connections_max(9);
        let config = config.with_setting("search_path", "it's\\\n");
        check(&config, &["max_connections = '9'", "search_path = 'it''s\\\\\\n'"]);
    }

    #[test]
    fn a_shared_server_takes_many_connections() {
        check(&PostgresConfig::shared(), &["fsync = 'off'", "max_connections = '500'"]);
    }
}
