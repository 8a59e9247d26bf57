//! Short messages, as a Twilio webhook tells them: as JSON or, like the real one, as a form.

use super::Teller;
use crate::chance::pick;
use crate::draft::Draft;
use crate::identifier::Carried;
use crate::json::Object;
use crate::words::QUESTIONS;
use crate::{Messenger, chance};

/// The shop's own number.
const SHOP_NUMBER: &str = "+18005550100";

/// The shop's own account.
const ACCOUNT_SID: &str = "AC5eed0000000000000000000000000001";

impl Teller<'_> {
    /// A question by text message or `WhatsApp`.
    pub(crate) fn question(&mut self, second: i64, messenger: Messenger) {
        let mut carried = Carried::default();
        let phone = self.person.phone();
        let (from, to) = match messenger {
            Messenger::Sms => (carried.text_sender(phone), SHOP_NUMBER.to_owned()),
            Messenger::WhatsApp => {
                (carried.whatsapp_sender(phone), format!("whatsapp:{SHOP_NUMBER}"))
            }
        };
        let sid = self.message_sid();
        let fields = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", ACCOUNT_SID),
            ("From", from.as_str()),
            ("To", to.as_str()),
            ("Body", pick(&mut self.rng, &QUESTIONS)),
            ("MessageStatus", "received"),
        ];
        let draft = if chance::chance(&mut self.rng, 1, 2) {
            Draft::new(second, "twilio", json(&fields), carried)
        } else {
            Draft::new(second, "twilio-form", form(&fields), carried)
        };
        self.drafts.push(draft);
    }

    fn message_sid(&mut self) -> String {
        let thing = self.thing();
        let seed = self.seed();
        format!("SM{:016x}{:016x}", thing.mark(seed, "message"), thing.mark(seed, "message tail"))
    }
}

fn json(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().fold(Object::new(), |body, (key, value)| body.text(key, value)).finish()
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::with_capacity(320);
    for (place, (key, value)) in fields.iter().enumerate() {
        if place > 0 {
            body.push(b'&');
        }
        body.extend_from_slice(key.as_bytes());
        body.push(b'=');
        value.bytes().for_each(|byte| push_encoded(&mut body, byte));
    }
    body
}

/// Writes one byte by the rules of `application/x-www-form-urlencoded`.
fn push_encoded(body: &mut Vec<u8>, byte: u8) {
    const HEX: [u8; 16] = *b"0123456789ABCDEF";
    match byte {
        b' ' => body.push(b'+'),
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => body.push(byte),
        _ => {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
            body.extend_from_slice(&[b'%', high, low]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_encodes_what_has_a_meaning() {
        let fields = [("From", "whatsapp:+1201"), ("Body", "a & b = 5%?")];
        assert_eq!(form(&fields), b"From=whatsapp%3A%2B1201&Body=a+%26+b+%3D+5%25%3F");
    }
}
