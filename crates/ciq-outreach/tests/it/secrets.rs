//! What no `Debug`, no error and no log shows.
//!
//! The tests run on one thread, so that what listens there hears everything.

use std::io;
use std::sync::{Arc, Mutex};

use ciq_outreach::{Channel, Outreach, OutreachSettings, Secret, WebhookSettings};
use ciq_testkit::{SmtpAnswer, SmtpDouble, TwilioAnswer, TwilioDouble};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{IMPATIENCE, WEBHOOK_SECRET, hides_everything, mail_at, message, twilio_at};

/// A log that is kept in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Listens to everything that is logged on this thread.
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt().with_writer(self.clone()).with_ansi(false);
        let subscriber = subscriber.with_max_level(tracing::Level::TRACE).finish();
        tracing::subscriber::set_default(subscriber)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn secrets_and_people_are_in_no_log_and_no_error() {
    let log = Log::default();
    let _listening = log.listen();
    let twilio = TwilioDouble::start().unwrap();
    twilio.answer_next(&[
        TwilioAnswer::Accept,
        TwilioAnswer::Refuse(21_211),
        TwilioAnswer::ServerError,
        TwilioAnswer::Hang,
    ]);
    let smtp = SmtpDouble::start().unwrap();
    smtp.answer_next(&[
        SmtpAnswer::Accept,
        SmtpAnswer::Refuse,
        SmtpAnswer::TryLater,
        SmtpAnswer::HangAfterData,
    ]);
    let settings = OutreachSettings {
        twilio: Some(twilio_at(&twilio.url())),
        smtp: Some(mail_at(&smtp)),
        webhook: WebhookSettings { secret: Some(Secret::new(WEBHOOK_SECRET)) },
        timeout: IMPATIENCE,
    };
    let mut texts = vec![format!("{settings:?}")];
    let outreach = Outreach::new(settings);
    texts.push(format!("{outreach:?}"));
    for channel in [Channel::Sms, Channel::Email, Channel::Webhook] {
        let sent = message(channel);
        texts.push(format!("{sent:?}"));
        for _ in 0..4 {
            texts.push(format!("{:?}", outreach.send(&sent).await));
        }
    }
    texts.push(log.text());
    assert_eq!((twilio.message_count(), smtp.mails().len()), (1, 2));
    for text in texts {
        hides_everything(&text);
    }
}

#[test]
fn a_secret_is_used_and_not_shown() {
    let secret = Secret::new("hush");
    assert_eq!(secret.expose(), "hush");
    assert_eq!((format!("{secret:?}"), secret.to_string()), ("***".to_owned(), "***".to_owned()));
}
