//! Servers of PostgreSQL start, answer, die and come back; databases come and go.

use std::net::TcpStream;

use ciq_testkit::{PostgresConfig, PostgresDatabase, PostgresError, PostgresServer, eventually};

use crate::support::LIMIT;

fn start() -> PostgresServer {
    PostgresServer::start(PostgresConfig::new()).unwrap()
}

#[test]
fn a_server_answers_from_this_machine_alone() {
    let server = start();
    assert!(server.url().starts_with("postgres://postgres@127.0.0.1:"), "{}", server.url());
    assert!(server.url().ends_with("/postgres"), "{}", server.url());
    let settings = ["listen_addresses", "unix_socket_directories", "fsync", "synchronous_commit"];
    let shown = settings.map(|name| server.psql(&format!("SHOW {name}")).unwrap());
    assert_eq!(shown, ["127.0.0.1", "", "on", "on"]);
    let locale = "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database LIMIT 1";
    assert_eq!(server.psql(locale).unwrap(), "C|UTF8");
    assert!(server.log_path().starts_with(server.folder()));
}

#[test]
fn a_server_keeps_port_and_store_over_a_kill() {
    let mut server = start();
    let address = server.address();
    server.psql("CREATE TABLE kept (n BIGINT); INSERT INTO kept VALUES (7)").unwrap();
    server.kill().unwrap();
    assert!(TcpStream::connect(address).is_err());
    assert!(matches!(server.psql("SELECT 1"), Err(PostgresError::Refused(_))));
    server.restart().unwrap();
    assert_eq!(server.address(), address);
    assert_eq!(server.psql("SELECT n FROM kept").unwrap(), "7");
    assert!(server.log().contains("was not properly shut down"), "{}", server.log());
}

#[test]
fn a_kill_ends_what_is_under_way() {
    let mut server = start();
    let url = server.url();
    server.psql("CREATE TABLE kept (n BIGINT)").unwrap();
    let busy = std::thread::spawn(move || {
        let database = PostgresDatabase::on(&url).unwrap();
        database.psql("SELECT pg_sleep(3600)")
    });
    let is_busy = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(3600)'";
    assert!(eventually(LIMIT, || server.psql(is_busy).unwrap() == "1"));
    // Once more at once: nothing of the killed server stands in the way.
    server.restart().unwrap();
    assert!(matches!(busy.join().unwrap(), Err(PostgresError::Refused(_))));
    assert_eq!(server.psql(is_busy).unwrap(), "0");
}

#[test]
fn a_server_that_is_stopped_leaves_its_store_in_order() {
    let mut server = start();
    server.stop().unwrap();
    assert!(server.log().contains("database system is shut down"), "{}", server.log());
    assert!(matches!(server.suspend(), Err(PostgresError::NotRunning)));
    server.stop().unwrap();
    server.restart().unwrap();
    assert!(!server.log().contains("was not properly shut down"), "{}", server.log());
}

#[test]
fn a_suspended_server_answers_when_it_is_resumed() {
    let mut server = start();
    server.suspend().unwrap();
    let url = format!("{}?connect_timeout=1", server.url());
    let asked = PostgresDatabase::on(&url);
    assert!(matches!(asked, Err(PostgresError::Refused(_))), "{asked:?}");
    server.resume().unwrap();
    assert_eq!(server.psql("SELECT 1").unwrap(), "1");
}

#[test]
fn a_suspended_server_goes_like_any_other() {
    let mut server = start();
    server.suspend().unwrap();
    let folder = server.folder().to_owned();
    drop(server);
    assert!(eventually(LIMIT, || !folder.exists()));
}

#[test]
fn a_server_can_be_made_read_only_and_writable_again() {
    let mut server = start();
    server.make_read_only().unwrap();
    let error = server.psql("CREATE TABLE one (n BIGINT)").unwrap_err().to_string();
    assert!(error.contains("read-only transaction"), "{error}");
    server.make_writable().unwrap();
    server.psql("CREATE TABLE one (n BIGINT)").unwrap();
}

#[test]
fn settings_reach_the_server_and_last() {
    let config = PostgresConfig::new().with_connections_max(7);
    let mut server =
        PostgresServer::start(config.with_setting("application_name", "it's")).unwrap();
    assert_eq!(server.psql("SHOW max_connections").unwrap(), "7");
    server.set("work_mem", "5MB").unwrap();
    assert_eq!(server.psql("SHOW work_mem").unwrap(), "5MB");
    server.restart().unwrap();
    assert_eq!(server.psql("SHOW work_mem").unwrap(), "5MB");
}

#[test]
fn a_setting_that_is_wrong_is_told() {
    let config = PostgresConfig::new().with_setting("no_such_setting", "1");
    let error = PostgresServer::start(config).unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
}

#[test]
fn a_server_that_is_prepared_runs_when_it_is_restarted() {
    let mut server = PostgresServer::prepare(PostgresConfig::new()).unwrap();
    assert!(TcpStream::connect(server.address()).is_err());
    server.restart().unwrap();
    assert_eq!(server.psql("SELECT 1").unwrap(), "1");
}

#[test]
fn a_database_is_its_tests_own_and_goes_with_it() {
    let server = start();
    let one = PostgresDatabase::on(&server.url()).unwrap();
    let other = PostgresDatabase::on(&server.url()).unwrap();
    one.psql("CREATE TABLE mine (n BIGINT)").unwrap();
    other.psql("CREATE TABLE mine (n BIGINT)").unwrap();
    let count = "SELECT count(*) FROM pg_database WHERE datname LIKE 'test%'";
    assert_eq!(server.psql(count).unwrap(), "2");
    drop((one, other));
    assert_eq!(server.psql(count).unwrap(), "0");
}

#[test]
fn databases_of_one_process_share_a_server() {
    let (one, other) = (PostgresDatabase::fresh().unwrap(), PostgresDatabase::fresh().unwrap());
    let started = |database: &PostgresDatabase| {
        database.psql("SELECT pg_postmaster_start_time(), inet_server_port()").unwrap()
    };
    assert_eq!(started(&one), started(&other));
    assert_ne!(one.url(), other.url());
}
