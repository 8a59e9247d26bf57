//! An automation, from its definition to the message.
//!
//! You will see a cart that is left for two hours trigger a message, the message that would go out,
//! and why it does not when the customer buys, or says no, in the meantime.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_automation::{
    Automation, CartFact, Channel, Facts, SendVerdict, Triggered, check_send, evaluate,
};
use jiff::Timestamp;

const DEFINITION: &str = r#"
    [[automation]]
    id = "cart-recovery"
    trigger = { type = "cart_abandonment", after = "2h" }
    conditions = [{ field = "order_count", op = "ge", value = 1 }]

    [[automation.actions]]
    type = "send_message"
    body = "Hi {{ first_name | default('there') }}! {{ product }} is still in your cart."
"#;

/// What is known of a customer who put a lamp into the cart at ten.
fn facts() -> Result<Facts, Box<dyn Error>> {
    let lamp = CartFact {
        product_name: "Reading lamp".to_owned(),
        category: None,
        price_minor: None,
        added_at: "2026-01-31T10:00:00Z".parse()?,
    };
    Ok(Facts {
        customer_id: "cust_001".to_owned(),
        name: Some("Ada Example".to_owned()),
        phone: Some("12025550142".to_owned()),
        order_count: 1,
        carts: vec![lamp],
        ..Facts::default()
    })
}

/// Returns what would happen to the message in a few words.
fn told(automation: &Automation, facts: &Facts, fired: &Triggered, as_of: Timestamp) -> String {
    match check_send(automation, 0, facts, fired, as_of) {
        SendVerdict::Send(message) => {
            format!("to {}: {}", message.to.unwrap_or_default(), message.body)
        }
        SendVerdict::Wait { until } => format!("waits until {until}"),
        SendVerdict::Suppress { reason } => format!("suppressed: {}", reason.name()),
    }
}

fn stories() -> Result<Vec<String>, Box<dyn Error>> {
    let automations = Automation::parse_toml(DEFINITION)?;
    let automation = automations.first().ok_or("no automation")?;
    let facts = facts()?;
    let early = evaluate(automation, &facts, &[], "2026-01-31T11:59:00Z".parse()?);
    let as_of: Timestamp = "2026-01-31T12:05:00Z".parse()?;
    let late = evaluate(automation, &facts, &[], as_of);
    let fired = late.first().ok_or("it did not fire")?;

    // Asked right before sending, with what is known then.
    let bought = Facts { carts: Vec::new(), order_count: 2, ..facts.clone() };
    let refused = Facts { consents: [(Channel::Whatsapp, false)].into(), ..facts.clone() };
    Ok(vec![
        format!("at 11:59 it fires {} times, at 12:05 {}", early.len(), late.len()),
        told(automation, &facts, fired, as_of),
        told(automation, &bought, fired, as_of),
        told(automation, &refused, fired, as_of),
    ])
}

fn main() -> Result<(), Box<dyn Error>> {
    stories()?.iter().for_each(|story| println!("{story}"));
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
    let told = stories().unwrap();
    assert_eq!(told[0], "at 11:59 it fires 0 times, at 12:05 1");
    assert_eq!(told[1], "to +12025550142: Hi Ada! Reading lamp is still in your cart.");
    assert_eq!(told[2..], ["suppressed: condition_cleared", "suppressed: no_consent"]);
}

#[cfg(test)]
#[test]
fn every_definition_on_the_page_is_understood() {
    let page = include_str!("../docs/insight.md");
    let definitions = page.split("\n```toml\n").skip(1);
    let definitions: Vec<_> = definitions.map(|rest| rest.split("\n```").next().unwrap()).collect();
    assert!(!definitions.is_empty());
    for definition in definitions {
        assert!(!Automation::parse_toml(definition).unwrap().is_empty());
    }
}
