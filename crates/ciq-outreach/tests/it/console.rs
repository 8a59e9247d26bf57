//! Channels that are not set up: nothing leaves the machine.

use ciq_outreach::{Channel, Outreach, OutreachSettings, TwilioSettings};
use ciq_testkit::TwilioDouble;

use crate::secrets::Log;
use crate::support::{KEY, accepted, hides_everything, message, twilio_at};

#[tokio::test]
async fn without_settings_messages_are_logged_and_not_sent() {
    let log = Log::default();
    let _listening = log.listen();
    let outreach = Outreach::new(OutreachSettings::default());
    for channel in [Channel::Whatsapp, Channel::Sms, Channel::Email] {
        assert!(!outreach.configured(channel));
        let taken = accepted(outreach.send(&message(channel)).await);
        assert_eq!(taken, (format!("console:{KEY}"), "logged".to_owned()));
    }
    let text = log.text();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("was not sent")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    for (line, channel) in lines.iter().zip(["whatsapp", "sms", "email"]) {
        assert!(line.contains(" INFO "), "{line}");
        assert!(line.contains(&format!("channel=\"{channel}\" idempotency_key={KEY}")), "{line}");
    }
    hides_everything(&text);
    assert!(outreach.configured(Channel::Webhook));
}

#[tokio::test]
async fn a_channel_without_a_sender_goes_to_the_console() {
    let double = TwilioDouble::start().unwrap();
    let twilio = TwilioSettings { sms_from: None, ..twilio_at(&double.url()) };
    let settings = OutreachSettings { twilio: Some(twilio), ..OutreachSettings::default() };
    let outreach = Outreach::new(settings);
    assert!(outreach.configured(Channel::Whatsapp));
    assert!(!outreach.configured(Channel::Sms));
    assert!(accepted(outreach.send(&message(Channel::Sms)).await).0.starts_with("console:"));
    assert_eq!(double.request_count(), 0);
    assert!(accepted(outreach.send(&message(Channel::Whatsapp)).await).0.starts_with("SM"));
}

#[test]
fn channels_are_read_by_their_names() {
    for channel in Channel::ALL {
        assert_eq!(Channel::parse(channel.name()), Ok(channel));
        assert_eq!(channel.to_string(), channel.name());
    }
    let error = Channel::parse("fax").unwrap_err().to_string();
    assert_eq!(error, "channel is unknown: \"fax\": write whatsapp, sms, email or webhook");
}
