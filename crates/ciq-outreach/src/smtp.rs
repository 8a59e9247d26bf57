//! Mail, by SMTP: RFC 5321.

mod failure;
mod mail;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::time::timeout;

use crate::http::is_this_machine;
use crate::{Outgoing, SendError, Sent, SmtpSettings, SmtpTls};

use failure::{Step, failure};

const PROVIDER: &str = "the mail server";

/// How long a farewell may take: the mail is settled by then.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// A mail server. Each mail has a connection of its own.
#[derive(Clone)]
pub(crate) struct MailServer {
    settings: SmtpSettings,
    /// How long a mail may take, from the connection to the last answer.
    timeout: Duration,
    /// Made at the first mail: it reads the system's certificates.
    tls: Arc<OnceLock<TlsParameters>>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { settings, timeout, tls: _ } = self;
        let mut shown = f.debug_struct("MailServer");
        shown.field("settings", settings).field("timeout", timeout).finish_non_exhaustive()
    }
}

impl MailServer {
    pub(crate) fn new(settings: SmtpSettings, timeout: Duration) -> Self {
        Self { settings, timeout, tls: Arc::default() }
    }

    pub(crate) async fn send(&self, message: &Outgoing, now: Timestamp) -> Result<Sent, SendError> {
        let mail = mail::compose(&self.settings.from, message, now)?;
        // From here on the server may have the mail, whatever comes back.
        let is_out = AtomicBool::new(false);
        let trying = async {
            let mut connection = self.connect().await?;
            let taken = hand_over(&mut connection, &mail, &is_out).await;
            Ok::<_, SendError>((connection, taken))
        };
        let Ok(tried) = timeout(self.timeout, trying).await else {
            let reason = format!("no answer within {:?}", self.timeout);
            let is_out = is_out.load(Ordering::Acquire);
            let error = if is_out { SendError::unknown } else { SendError::transient };
            return Err(error(PROVIDER, reason));
        };
        let (mut connection, taken) = tried?;
        // Whether it says goodbye changes nothing.
        drop(timeout(QUIT_TIMEOUT.min(self.timeout), connection.quit()).await);
        taken?;
        Ok(Sent::accepted(mail.message_id, "250"))
    }

    /// Connects, encrypts and logs in.
    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let SmtpSettings { host, port, user, password, from: _, tls } = &self.settings;
        if *tls == SmtpTls::None && !is_this_machine(host) {
            let reason = "SMTP_TLS=none is for a server on this machine: write starttls or tls";
            return Err(SendError::permanent(PROVIDER, reason));
        }
        let hello = ClientId::default();
        let at_once = if *tls == SmtpTls::Tls { Some(self.tls()?) } else { None };
        let server = (host.as_str(), *port);
        let limit = Some(self.timeout);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, limit, &hello, at_once, None);
        let greeted = |error| failure(Step::Greeting, &error);
        let mut connection = connecting.await.map_err(greeted)?;
        if *tls == SmtpTls::Starttls {
            if !connection.can_starttls() {
                let reason = "it offers no STARTTLS, so nothing was sent: set SMTP_TLS to tls";
                return Err(SendError::permanent(PROVIDER, reason));
            }
            connection.starttls(self.tls()?, &hello).await.map_err(greeted)?;
        }
        if let (Some(user), Some(password)) = (user, password) {
            let login = Credentials::new(user.clone(), password.expose().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let entered = connection.auth(&mechanisms, &login).await;
            entered.map_err(|error| failure(Step::Login, &error))?;
        }
        Ok(connection)
    }

    /// Returns how to encrypt. A failure is not kept: certificates may be installed later.
    fn tls(&self) -> Result<TlsParameters, SendError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let tls = TlsParameters::new_rustls(self.settings.host.clone());
        let tls = tls.map_err(|error| {
            SendError::transient(PROVIDER, format!("TLS cannot be set up: {error}"))
        })?;
        Ok(self.tls.get_or_init(|| tls).clone())
    }
}

/// Hands over one mail. The flag is raised before its text goes out.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    mail: &mail::Composed,
    is_out: &AtomicBool,
) -> Result<(), SendError> {
    let mail::Composed { envelope, bytes, message_id: _ } = mail;
    let parameters = parameters(connection, envelope)?;
    let sender = Mail::new(envelope.from().cloned(), parameters);
    let said = connection.command(sender).await;
    said.map_err(|error| failure(Step::Sender, &error))?;
    for to in envelope.to() {
        let said = connection.command(Rcpt::new(to.clone(), Vec::new())).await;
        said.map_err(|error| failure(Step::Recipient, &error))?;
    }
    let said = connection.command(Data).await;
    said.map_err(|error| failure(Step::Data, &error))?;
    is_out.store(true, Ordering::Release);
    let said = connection.message(bytes).await;
    said.map_err(|error| failure(Step::Text, &error))?;
    Ok(())
}

/// Returns what the server needs to know in front: addresses beyond ASCII, RFC 6531.
fn parameters(
    connection: &AsyncSmtpConnection,
    envelope: &Envelope,
) -> Result<Vec<MailParameter>, SendError> {
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    if addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
        return Ok(Vec::new());
    }
    if connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Ok(vec![MailParameter::SmtpUtfEight]);
    }
    let reason = "it takes no address with letters beyond ASCII, and sender or recipient has some";
    Err(SendError::permanent(PROVIDER, reason))
}
