//! Twilio's error codes in words: <https://www.twilio.com/docs/api/errors>.

/// Tells whether the same message may be taken later, whatever the status of the answer was.
pub(super) fn is_for_now(code: u32) -> bool {
    matches!(code, 20_429 | 21_611 | 30_001 | 60_728 | 63_017 | 63_018 | 63_038)
}

/// Returns what is wrong and what to do about it, for the codes that a sender meets.
pub(super) fn advice(code: u32) -> Option<&'static str> {
    Some(match code {
        20_003 => "the login was refused: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
        20_404 => "no such account: check TWILIO_ACCOUNT_SID and TWILIO_API_URL",
        20_429 => "too many requests: send more slowly",
        21_211 => "the recipient's number does not exist: correct it in the customer's profile",
        21_212 => {
            "the sender's number is not valid: check TWILIO_WHATSAPP_FROM and TWILIO_SMS_FROM"
        }
        21_408 => "the account may not send to that region: allow it in Twilio's console",
        21_602 => "the text is empty: correct the template",
        21_604 => "the recipient is missing",
        21_606 => "the sender's number cannot send messages: check TWILIO_SMS_FROM",
        21_608 => "a trial account sends only to numbers that were verified: verify it or upgrade",
        21_610 => "the recipient has unsubscribed: do not write again before they send START",
        21_611 => "the sender's queue is full: send more slowly",
        21_612 => "this sender cannot reach this recipient: use another sender",
        21_614 => "the recipient's number takes no text messages: it is no mobile number",
        21_617 => "the text is longer than 1,600 characters: shorten the template",
        21_659 => "the sender's number is not of Twilio: check TWILIO_SMS_FROM",
        21_660 => "the sender's number is of another account: check TWILIO_SMS_FROM",
        30_001 | 63_017 => "the account's queue is full: send more slowly",
        60_728 => "the account's limit of messages an hour is reached",
        63_003 => "the recipient is not on WhatsApp",
        63_007 => "the sender's number is not on WhatsApp: check TWILIO_WHATSAPP_FROM",
        63_016 => "the recipient has not written for 24 hours: WhatsApp then takes only templates",
        63_018 => "WhatsApp's limit of this sender is reached: send more slowly",
        63_024 => "the recipient cannot be reached by WhatsApp",
        63_038 => "the account's limit of messages a day is reached",
        _ => return None,
    })
}
