//! One line of every kind of event, in every format.

use ciq_synth::saas::{Event, Format, Payload, Ticket, Urgency};

use super::{START_MS, rendered};

/// One event of every kind, a minute and a millisecond apart.
pub(super) fn events() -> Vec<Event> {
    let ticket = Ticket { ticket: 0, message: 1, sentiment: -35, urgency: Urgency::High };
    let reply = Ticket { message: 3, sentiment: 60, urgency: Urgency::Low, ..ticket };
    let payloads = [
        Payload::UserIdentified,
        Payload::SessionStart { device: 1 },
        Payload::FeatureUsed { feature: 2 },
        Payload::SessionEnd { duration_seconds: 1_207 },
        Payload::CardDecline { days_to_renewal: 3, amount_cents: 4_900 },
        Payload::RenewalFailed { attempt: 1, amount_cents: 4_950 },
        Payload::PlanRenewed { amount_cents: 1_999 },
        Payload::InvoicePaid { amount_cents: 49_905 },
        Payload::PlanCancelled,
        Payload::TicketOpened(ticket),
        Payload::TicketReplied(reply),
        Payload::TicketClosed { ticket: 0 },
    ];
    (0..)
        .zip(payloads)
        .map(|(sequence, payload)| Event {
            at_ms: START_MS + i64::from(sequence) * 60_001,
            user: 4_711,
            sequence,
            payload,
        })
        .collect()
}

#[track_caller]
fn check(format: Format, expect: &str) {
    let lines: String = events().iter().map(|event| rendered(format, event)).collect();
    assert_eq!(lines, expect);
}

#[test]
fn the_domain_form() {
    check(
        Format::Mockgen,
        r#"{"id":"evt_2758c74b6fe66795","ts":"2026-01-01T00:00:00.000Z","userId":"OTM035","name":"user_identified","props":{"name":"Nora Hayes","email":"nora.hayes4711@example.org","phone":"+17625550190","region":"IN","plan":"pro","deviceId":"dev_f22e87bb"}}
{"id":"evt_fad0c5a17452e636","ts":"2026-01-01T00:01:00.001Z","userId":"OTM035","name":"session_start","props":{"deviceId":"dev_a4e50279"}}
{"id":"evt_4986a31904e37435","ts":"2026-01-01T00:02:00.002Z","userId":"OTM035","name":"feature_used","props":{"feature":"export"}}
{"id":"evt_c3e69600aebc602a","ts":"2026-01-01T00:03:00.003Z","userId":"OTM035","name":"session_end","props":{"durationSeconds":1207}}
{"id":"evt_af2d54d0bc045602","ts":"2026-01-01T00:04:00.004Z","userId":"OTM035","name":"pre_renewal_card_decline","props":{"daysToRenewal":3,"amount":49,"currency":"USD"}}
{"id":"evt_3f54283ab7e36f67","ts":"2026-01-01T00:05:00.005Z","userId":"OTM035","name":"plan_renewal_failed","props":{"attempt":1,"amount":49.5,"currency":"USD"}}
{"id":"evt_edfb715b1325aaad","ts":"2026-01-01T00:06:00.006Z","userId":"OTM035","name":"plan_renewed","props":{"amount":19.99,"currency":"USD"}}
{"id":"evt_7ca6befe11be0672","ts":"2026-01-01T00:07:00.007Z","userId":"OTM035","name":"invoice_paid","props":{"amount":499.05,"currency":"USD"}}
{"id":"evt_a27c525c50a66255","ts":"2026-01-01T00:08:00.008Z","userId":"OTM035","name":"plan_cancelled","props":{}}
{"id":"evt_e20203fe0dc276a7","ts":"2026-01-01T00:09:00.009Z","userId":"OTM035","name":"ticket_opened","props":{"message":"My export stops at half of the rows.","sentiment":-0.35,"urgency":"high","ticketId":"TKT-OTM035-1"}}
{"id":"evt_0641f4f59339e7e6","ts":"2026-01-01T00:10:00.010Z","userId":"OTM035","name":"ticket_replied","props":{"message":"Quick and friendly, thanks a lot.","sentiment":0.6,"urgency":"low","ticketId":"TKT-OTM035-1"}}
{"id":"evt_6faa64c4629f5cb8","ts":"2026-01-01T00:11:00.011Z","userId":"OTM035","name":"ticket_closed","props":{"ticketId":"TKT-OTM035-1"}}
"#,
    );
}

#[test]
fn the_envelope() {
    check(
        Format::Customeriq,
        r#"{"event_id":"evt_2758c74b6fe66795","customer_id":"OTM035","event_type":"profile_update","timestamp":"2026-01-01T00:00:00.000Z","source_service":"mockgen","data":{"name":"Nora Hayes","email":"nora.hayes4711@example.org","phone":"+17625550190","region":"IN","plan":"pro","device_id":"dev_f22e87bb"},"metadata":{}}
{"event_id":"evt_fad0c5a17452e636","customer_id":"OTM035","event_type":"session_start","timestamp":"2026-01-01T00:01:00.001Z","source_service":"mockgen","data":{"device_id":"dev_a4e50279"},"metadata":{}}
{"event_id":"evt_4986a31904e37435","customer_id":"OTM035","event_type":"feature_used","timestamp":"2026-01-01T00:02:00.002Z","source_service":"mockgen","data":{"feature":"export"},"metadata":{}}
{"event_id":"evt_c3e69600aebc602a","customer_id":"OTM035","event_type":"session_end","timestamp":"2026-01-01T00:03:00.003Z","source_service":"mockgen","data":{"duration_seconds":1207},"metadata":{}}
{"event_id":"evt_af2d54d0bc045602","customer_id":"OTM035","event_type":"pre_renewal_card_decline","timestamp":"2026-01-01T00:04:00.004Z","source_service":"mockgen","data":{"days_to_renewal":3,"amount":49,"currency":"USD"},"metadata":{}}
{"event_id":"evt_3f54283ab7e36f67","customer_id":"OTM035","event_type":"plan_renewal_failed","timestamp":"2026-01-01T00:05:00.005Z","source_service":"mockgen","data":{"attempt":1,"amount":49.5,"currency":"USD"},"metadata":{}}
{"event_id":"evt_edfb715b1325aaad","customer_id":"OTM035","event_type":"plan_renewed","timestamp":"2026-01-01T00:06:00.006Z","source_service":"mockgen","data":{"amount":19.99,"currency":"USD"},"metadata":{}}
{"event_id":"evt_7ca6befe11be0672","customer_id":"OTM035","event_type":"invoice_paid","timestamp":"2026-01-01T00:07:00.007Z","source_service":"mockgen","data":{"amount":499.05,"currency":"USD"},"metadata":{}}
{"event_id":"evt_a27c525c50a66255","customer_id":"OTM035","event_type":"plan_cancelled","timestamp":"2026-01-01T00:08:00.008Z","source_service":"mockgen","data":{},"metadata":{}}
{"event_id":"evt_e20203fe0dc276a7","customer_id":"OTM035","event_type":"ticket_opened","timestamp":"2026-01-01T00:09:00.009Z","source_service":"mockgen","data":{"message":"My export stops at half of the rows.","sentiment":-0.35,"urgency":"high","ticket_id":"TKT-OTM035-1"},"metadata":{}}
{"event_id":"evt_0641f4f59339e7e6","customer_id":"OTM035","event_type":"ticket_replied","timestamp":"2026-01-01T00:10:00.010Z","source_service":"mockgen","data":{"message":"Quick and friendly, thanks a lot.","sentiment":0.6,"urgency":"low","ticket_id":"TKT-OTM035-1"},"metadata":{}}
{"event_id":"evt_6faa64c4629f5cb8","customer_id":"OTM035","event_type":"ticket_closed","timestamp":"2026-01-01T00:11:00.011Z","source_service":"mockgen","data":{"ticket_id":"TKT-OTM035-1"},"metadata":{}}
"#,
    );
}

#[test]
fn calls_of_segment() {
    check(
        Format::Segment,
        r#"{"messageId":"evt_2758c74b6fe66795","type":"identify","userId":"OTM035","timestamp":"2026-01-01T00:00:00.000Z","traits":{"name":"Nora Hayes","email":"nora.hayes4711@example.org","phone":"+17625550190","region":"IN","plan":"pro","deviceId":"dev_f22e87bb"}}
{"messageId":"evt_fad0c5a17452e636","type":"track","event":"session_start","userId":"OTM035","timestamp":"2026-01-01T00:01:00.001Z","properties":{"deviceId":"dev_a4e50279"}}
{"messageId":"evt_4986a31904e37435","type":"track","event":"feature_used","userId":"OTM035","timestamp":"2026-01-01T00:02:00.002Z","properties":{"feature":"export"}}
{"messageId":"evt_c3e69600aebc602a","type":"track","event":"session_end","userId":"OTM035","timestamp":"2026-01-01T00:03:00.003Z","properties":{"durationSeconds":1207}}
{"messageId":"evt_af2d54d0bc045602","type":"track","event":"pre_renewal_card_decline","userId":"OTM035","timestamp":"2026-01-01T00:04:00.004Z","properties":{"daysToRenewal":3,"amount":49,"currency":"USD"}}
{"messageId":"evt_3f54283ab7e36f67","type":"track","event":"plan_renewal_failed","userId":"OTM035","timestamp":"2026-01-01T00:05:00.005Z","properties":{"attempt":1,"amount":49.5,"currency":"USD"}}
{"messageId":"evt_edfb715b1325aaad","type":"track","event":"plan_renewed","userId":"OTM035","timestamp":"2026-01-01T00:06:00.006Z","properties":{"amount":19.99,"currency":"USD"}}
{"messageId":"evt_7ca6befe11be0672","type":"track","event":"invoice_paid","userId":"OTM035","timestamp":"2026-01-01T00:07:00.007Z","properties":{"amount":499.05,"currency":"USD"}}
{"messageId":"evt_a27c525c50a66255","type":"track","event":"plan_cancelled","userId":"OTM035","timestamp":"2026-01-01T00:08:00.008Z","properties":{}}
{"messageId":"evt_e20203fe0dc276a7","type":"track","event":"ticket_opened","userId":"OTM035","timestamp":"2026-01-01T00:09:00.009Z","properties":{"message":"My export stops at half of the rows.","sentiment":-0.35,"urgency":"high","ticketId":"TKT-OTM035-1"}}
{"messageId":"evt_0641f4f59339e7e6","type":"track","event":"ticket_replied","userId":"OTM035","timestamp":"2026-01-01T00:10:00.010Z","properties":{"message":"Quick and friendly, thanks a lot.","sentiment":0.6,"urgency":"low","ticketId":"TKT-OTM035-1"}}
{"messageId":"evt_6faa64c4629f5cb8","type":"track","event":"ticket_closed","userId":"OTM035","timestamp":"2026-01-01T00:11:00.011Z","properties":{"ticketId":"TKT-OTM035-1"}}
"#,
    );
}

#[test]
fn cloud_events() {
    check(
        Format::CloudEvents,
        r#"{"specversion":"1.0","id":"evt_2758c74b6fe66795","source":"/mockgen","type":"com.customeriq.user_identified","subject":"OTM035","time":"2026-01-01T00:00:00.000Z","datacontenttype":"application/json","data":{"name":"Nora Hayes","email":"nora.hayes4711@example.org","phone":"+17625550190","region":"IN","plan":"pro","deviceId":"dev_f22e87bb"}}
{"specversion":"1.0","id":"evt_fad0c5a17452e636","source":"/mockgen","type":"com.customeriq.session_start","subject":"OTM035","time":"2026-01-01T00:01:00.001Z","datacontenttype":"application/json","data":{"deviceId":"dev_a4e50279"}}
{"specversion":"1.0","id":"evt_4986a31904e37435","source":"/mockgen","type":"com.customeriq.feature_used","subject":"OTM035","time":"2026-01-01T00:02:00.002Z","datacontenttype":"application/json","data":{"feature":"export"}}
{"specversion":"1.0","id":"evt_c3e69600aebc602a","source":"/mockgen","type":"com.customeriq.session_end","subject":"OTM035","time":"2026-01-01T00:03:00.003Z","datacontenttype":"application/json","data":{"durationSeconds":1207}}
{"specversion":"1.0","id":"evt_af2d54d0bc045602","source":"/mockgen","type":"com.customeriq.pre_renewal_card_decline","subject":"OTM035","time":"2026-01-01T00:04:00.004Z","datacontenttype":"application/json","data":{"daysToRenewal":3,"amount":49,"currency":"USD"}}
{"specversion":"1.0","id":"evt_3f54283ab7e36f67","source":"/mockgen","type":"com.customeriq.plan_renewal_failed","subject":"OTM035","time":"2026-01-01T00:05:00.005Z","datacontenttype":"application/json","data":{"attempt":1,"amount":49.5,"currency":"USD"}}
{"specversion":"1.0","id":"evt_edfb715b1325aaad","source":"/mockgen","type":"com.customeriq.plan_renewed","subject":"OTM035","time":"2026-01-01T00:06:00.006Z","datacontenttype":"application/json","data":{"amount":19.99,"currency":"USD"}}
{"specversion":"1.0","id":"evt_7ca6befe11be0672","source":"/mockgen","type":"com.customeriq.invoice_paid","subject":"OTM035","time":"2026-01-01T00:07:00.007Z","datacontenttype":"application/json","data":{"amount":499.05,"currency":"USD"}}
{"specversion":"1.0","id":"evt_a27c525c50a66255","source":"/mockgen","type":"com.customeriq.plan_cancelled","subject":"OTM035","time":"2026-01-01T00:08:00.008Z","datacontenttype":"application/json","data":{}}
{"specversion":"1.0","id":"evt_e20203fe0dc276a7","source":"/mockgen","type":"com.customeriq.ticket_opened","subject":"OTM035","time":"2026-01-01T00:09:00.009Z","datacontenttype":"application/json","data":{"message":"My export stops at half of the rows.","sentiment":-0.35,"urgency":"high","ticketId":"TKT-OTM035-1"}}
{"specversion":"1.0","id":"evt_0641f4f59339e7e6","source":"/mockgen","type":"com.customeriq.ticket_replied","subject":"OTM035","time":"2026-01-01T00:10:00.010Z","datacontenttype":"application/json","data":{"message":"Quick and friendly, thanks a lot.","sentiment":0.6,"urgency":"low","ticketId":"TKT-OTM035-1"}}
{"specversion":"1.0","id":"evt_6faa64c4629f5cb8","source":"/mockgen","type":"com.customeriq.ticket_closed","subject":"OTM035","time":"2026-01-01T00:11:00.011Z","datacontenttype":"application/json","data":{"ticketId":"TKT-OTM035-1"}}
"#,
    );
}

#[test]
fn webhooks_of_a_shop() {
    check(
        Format::Shopify,
        r#"{"wire_form":"shopify:subscription_billing_attempts/success","received_at":"2026-01-01T00:06:00.006Z","body":{"id":2389990621243518,"order_number":"SUB-2389990621243518","email":"nora.hayes4711@example.org","phone":"+17625550190","total_price":"19.99","currency":"USD","financial_status":"paid","created_at":"2026-01-01T00:06:00.006Z","line_items":[{"title":"Plan pro, one month","sku":"PLAN-PRO","quantity":1,"price":"19.99"}],"customer":{"id":10369792618,"first_name":"Nora","last_name":"Hayes"}}}
{"wire_form":"shopify:orders/paid","received_at":"2026-01-01T00:07:00.007Z","body":{"id":4494153069716627,"order_number":"SUB-4494153069716627","email":"nora.hayes4711@example.org","phone":"+17625550190","total_price":"499.05","currency":"USD","financial_status":"paid","created_at":"2026-01-01T00:07:00.007Z","line_items":[{"title":"Plan pro, one month","sku":"PLAN-PRO","quantity":1,"price":"499.05"}],"customer":{"id":10369792618,"first_name":"Nora","last_name":"Hayes"}}}
"#,
    );
}

#[test]
fn comma_separated_values() {
    check(
        Format::Csv,
        r#"evt_2758c74b6fe66795,2026-01-01T00:00:00.000Z,OTM035,user_identified,,,,,,,,,,,Nora Hayes,nora.hayes4711@example.org,+17625550190,IN,pro,dev_f22e87bb
evt_fad0c5a17452e636,2026-01-01T00:01:00.001Z,OTM035,session_start,,,,,,,,,,,,,,,,dev_a4e50279
evt_4986a31904e37435,2026-01-01T00:02:00.002Z,OTM035,feature_used,export,,,,,,,,,,,,,,,
evt_c3e69600aebc602a,2026-01-01T00:03:00.003Z,OTM035,session_end,,1207,,,,,,,,,,,,,,
evt_af2d54d0bc045602,2026-01-01T00:04:00.004Z,OTM035,pre_renewal_card_decline,,,3,,49,USD,,,,,,,,,,
evt_3f54283ab7e36f67,2026-01-01T00:05:00.005Z,OTM035,plan_renewal_failed,,,,1,49.5,USD,,,,,,,,,,
evt_edfb715b1325aaad,2026-01-01T00:06:00.006Z,OTM035,plan_renewed,,,,,19.99,USD,,,,,,,,,,
evt_7ca6befe11be0672,2026-01-01T00:07:00.007Z,OTM035,invoice_paid,,,,,499.05,USD,,,,,,,,,,
evt_a27c525c50a66255,2026-01-01T00:08:00.008Z,OTM035,plan_cancelled,,,,,,,,,,,,,,,,
evt_e20203fe0dc276a7,2026-01-01T00:09:00.009Z,OTM035,ticket_opened,,,,,,,My export stops at half of the rows.,-0.35,high,TKT-OTM035-1,,,,,,
evt_0641f4f59339e7e6,2026-01-01T00:10:00.010Z,OTM035,ticket_replied,,,,,,,"Quick and friendly, thanks a lot.",0.6,low,TKT-OTM035-1,,,,,,
evt_6faa64c4629f5cb8,2026-01-01T00:11:00.011Z,OTM035,ticket_closed,,,,,,,,,,TKT-OTM035-1,,,,,,
"#,
    );
}
