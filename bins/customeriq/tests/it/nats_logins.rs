//! Servers that let in who proves who they are, and speak TLS.

use std::path::PathBuf;
use std::process::Command;

use ciq_testkit::{NatsConfig, NatsLogin, NatsTls, eventually};

use crate::nats_load::{await_stored, stored};
use crate::nats_served::Served;
use crate::nats_support::{Bus, LIMIT};
use crate::support::{Place, ran};

/// The seed of a user key that opens nothing but the servers of this test.
const SEED: &str = "SUAEAYXQXML3OU5FJBEBSHFPCHUU7YVZOELP2HZZD3RUKJFWQQCLK4UFSM";

/// The public key of the seed.
const KEY: &str = "UD57EJVT7DGA2Q7JTNCER7XD754Q6563A4DUBQI7JN2BPUJRN5TM5YTB";

/// What the certificates are for.
const EXTENSIONS: &str = "[req]\ndistinguished_name = name\n[name]\n\
    [authority]\nbasicConstraints = critical,CA:TRUE\n\
    [server]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\n\
    subjectAltName = DNS:localhost,IP:127.0.0.1\n\
    [client]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = clientAuth\n\
    subjectAltName = DNS:customeriq\n";

/// Checks that the service and `publish` get in with these variables.
#[track_caller]
fn check(bus: &Bus, variables: &[(&str, &str)]) {
    let mut command = Served::command(bus);
    command.envs(variables.iter().copied());
    let service = Served::launch(&bus.place, command);
    service.await_ready();
    let before = stored(&bus.place);
    let mut publishing = bus.command(&["publish", "--event", "note"]);
    publishing.envs(variables.iter().copied());
    ran(publishing, b"").expect(0);
    await_stored(&bus.place, before + 1);
    let words = service.stop();
    assert!(!words.contains("hush") && !words.contains(SEED), "{words}");
}

/// Checks that the service does not get in with these variables, and that `doctor` says why.
#[track_caller]
fn check_refused(bus: &Bus, variables: &[(&str, &str)], why: &str) {
    let mut command = Served::command(bus);
    command.envs(variables.iter().copied());
    let service = Served::launch(&bus.place, command);
    service.await_unready("waiting for ");
    let is_told = || service.words().contains("[NATS] Failed to connect");
    assert!(eventually(LIMIT, is_told), "{}", service.words());
    let words = service.stop();
    let mut asking = bus.command(&["doctor", "--port", "0"]);
    asking.env("NATS_ENABLED", "true").envs(variables.iter().copied());
    let told = ran(asking, b"").expect(1);
    assert!(told.out.to_lowercase().contains(why), "{}", told.out);
    assert!(!words.contains("hush") && !told.out.contains("hush"), "{words}{}", told.out);
}

fn bus(login: NatsLogin) -> Bus {
    Bus::with(NatsConfig { login, ..NatsConfig::default() })
}

#[test]
fn a_user_and_a_password_open() {
    let (user, password) = ("me".to_owned(), "hush".to_owned());
    let bus = bus(NatsLogin::Password { user, password });
    check(&bus, &[("NATS_USER", "me"), ("NATS_PASSWORD", "hush")]);
    let address = bus.server.url().replace("nats://", "nats://me:hush@");
    check(&bus, &[("NATS_SERVERS", &address)]);
    let wrong = [("NATS_USER", "me"), ("NATS_PASSWORD", "hushed")];
    check_refused(&bus, &wrong, "authorization violation");
}

#[test]
fn a_token_opens() {
    check(&bus(NatsLogin::Token("hush".to_owned())), &[("NATS_TOKEN", "hush")]);
}

#[test]
fn the_seed_of_an_nkey_opens() {
    check(&bus(NatsLogin::Nkey(KEY.to_owned())), &[("NATS_NKEY", SEED)]);
}

/// An authority, and what it has certified, in a folder of the test's own.
struct Papers(Place);

impl Papers {
    fn new() -> Self {
        let papers = Self(Place::new());
        papers.0.write("extensions", EXTENSIONS);
        papers.openssl("authority", "test", &[]);
        papers.openssl("server", "localhost", &["-CA", "authority.pem", "-CAkey", "authority.key"]);
        papers.openssl("client", "us", &["-CA", "authority.pem", "-CAkey", "authority.key"]);
        papers
    }

    fn openssl(&self, name: &str, subject: &str, signer: &[&str]) {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        command.args(["-nodes", "-days", "30", "-config", "extensions", "-extensions", name]);
        command.args(["-subj", &format!("/CN={subject}"), "-keyout", &format!("{name}.key")]);
        command.args(["-out", &format!("{name}.pem")]).args(signer);
        command.current_dir(self.0.path(""));
        ran(command, b"").expect(0);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

fn secured(papers: &Papers, client_authority: Option<PathBuf>) -> (Bus, String) {
    let (certificate, key) = (papers.path("server.pem"), papers.path("server.key"));
    let tls = Some(NatsTls { certificate, key, client_authority });
    let bus = Bus::with(NatsConfig { tls, ..NatsConfig::default() });
    let address = format!("tls://localhost:{}", bus.server.address().port());
    (bus, address)
}

#[test]
fn a_server_with_tls_is_trusted_where_its_authority_is() {
    let papers = Papers::new();
    let (bus, address) = secured(&papers, None);
    let authority = papers.text("authority.pem");
    check(&bus, &[("NATS_SERVERS", &address), ("NATS_TLS_CA", &authority)]);
    check_refused(&bus, &[("NATS_SERVERS", &address)], "certificate");
}

#[test]
fn a_server_that_wants_a_certificate_gets_ours() {
    let papers = Papers::new();
    let (bus, address) = secured(&papers, Some(papers.path("authority.pem")));
    let names = ["authority.pem", "client.pem", "client.key"].map(|name| papers.text(name));
    let [authority, certificate, key] = &names;
    let trusting = [("NATS_SERVERS", address.as_str()), ("NATS_TLS_CA", authority.as_str())];
    let ours = [("NATS_TLS_CERT", certificate.as_str()), ("NATS_TLS_KEY", key.as_str())];
    check(&bus, &[trusting, ours].concat());
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_required() {
    let bus = Bus::new();
    // The client's own words for an answer that is no TLS.
    check_refused(&bus, &[("NATS_TLS_REQUIRED", "true")], "received corrupt message");
}
