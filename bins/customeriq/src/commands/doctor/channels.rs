//! Messages: which of them leave this machine, and what is missing for the others.

use ciq_outreach::{Channel, OutreachSettings};

use super::{Finding, State};
use crate::exit::chain;
use crate::outreach::{Reach, reach};
use crate::session::Session;

/// Looks at each channel. Nothing is connected, and nothing sent.
pub(super) fn findings(session: &Session) -> Vec<Finding> {
    match session.outreach() {
        Ok(settings) => {
            Channel::ALL.into_iter().map(|channel| finding(&settings, channel)).collect()
        }
        Err(failure) => {
            let advice = failure.advice().unwrap_or("mend it, or unset it");
            let finding = format!("{}: {advice}", chain(&failure));
            vec![Finding::new("messages", State::Bad, finding)]
        }
    }
}

fn finding(settings: &OutreachSettings, channel: Channel) -> Finding {
    let finding = match reach(settings, channel) {
        Reach::Away => format!("leave this machine by {}", carrier(settings, channel)),
        Reach::Here => {
            "go to this machine only, since nothing signs them (OUTREACH_WEBHOOK_SECRET)".to_owned()
        }
        Reach::Console => format!("go to the console ({} is not set)", missing(settings, channel)),
    };
    Finding::new(format!("{channel} messages"), State::Ok, finding)
}

fn carrier(settings: &OutreachSettings, channel: Channel) -> String {
    match (channel, &settings.smtp) {
        (Channel::Whatsapp | Channel::Sms, _) => "Twilio".to_owned(),
        (Channel::Email, Some(smtp)) => format!("{}, port {}", smtp.host, smtp.port),
        (Channel::Email, None) => "a mail server".to_owned(),
        (Channel::Webhook, _) => "HTTPS, signed".to_owned(),
    }
}

/// Names the variable that would set a channel up.
fn missing(settings: &OutreachSettings, channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp | Channel::Sms if settings.twilio.is_none() => "TWILIO_ACCOUNT_SID",
        Channel::Whatsapp => "TWILIO_WHATSAPP_FROM",
        Channel::Sms => "TWILIO_SMS_FROM",
        Channel::Email => "SMTP_HOST",
        Channel::Webhook => "OUTREACH_WEBHOOK_SECRET",
    }
}
