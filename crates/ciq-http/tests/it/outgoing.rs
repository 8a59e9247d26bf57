//! Messages that leave the machine, as far as the API has a part in it.

use std::sync::Arc;
use std::time::Duration;

use ciq_clockwork::Clocks;
use ciq_http::router;
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_testkit::{TwilioDouble, eventually};
use serde_json::{Value, json};

use crate::world::World;

/// Long beside anything here, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

const AS_OF: &str = r#"{"as_of": "2024-01-20T12:00:00Z"}"#;

/// A world that sends through a provider, in which a message is due.
async fn world(twilio: &TwilioDouble) -> World {
    let url = twilio.url();
    let settings = OutreachSettings::from_lookup(&|name| match name {
        "TWILIO_ACCOUNT_SID" => Some("AC00000000000000000000000000000000".to_owned()),
        "TWILIO_AUTH_TOKEN" => Some("secret".to_owned()),
        "TWILIO_WHATSAPP_FROM" => Some("+14155550100".to_owned()),
        "TWILIO_API_URL" => Some(url.clone()),
        _ => None,
    });
    let mut world = World::open();
    let brands = Arc::clone(world.state.brands());
    let clocks = Arc::new(Clocks::new(brands, Outreach::new(settings.unwrap())));
    world.app = router(world.state.clone().with_clocks(clocks));
    let rule = json!({"id": "cart", "trigger": {"type": "cart_abandonment", "after": "2h"},
        "actions": [{"type": "send_message", "channel": "whatsapp", "body": "Your {{ product }}"}]});
    assert_eq!(world.post("/api/automations", rule.to_string()).await.status, 201);
    world
        .store(&json!({"customer_id": "c1", "event_type": "cart_add",
            "timestamp": "2024-01-20T09:00:00Z",
            "data": {"product_name": "Chair", "phone": "+12025550143"}}))
        .await;
    world
}

async fn status(world: &World) -> Value {
    world.get("/api/campaigns").await.ok()["data"][0]["status"].clone()
}

#[tokio::test]
async fn messages_go_by_the_clocks_that_the_process_has() {
    let twilio = TwilioDouble::start().unwrap();
    let world = world(&twilio).await;
    let report = world.post("/api/automations/evaluate", AS_OF).await.ok();
    assert_eq!(report["sent_count"], 1);
    assert_eq!(twilio.message_count(), 1);
    world.post("/api/automations/evaluate", AS_OF).await.ok();
    assert_eq!((twilio.message_count(), status(&world).await), (1, json!("sent")));
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_message_half_sent() {
    let twilio = Arc::new(TwilioDouble::start().unwrap());
    let world = world(&twilio).await;
    twilio.hold();
    let asked = Arc::clone(&twilio);
    let is_asked = move || eventually(PATIENCE, || asked.request_count() == 1);
    tokio::select! {
        answer = world.post("/api/automations/evaluate", AS_OF) => panic!("{}", answer.text),
        is_asked = tokio::task::spawn_blocking(is_asked) => assert!(is_asked.unwrap()),
    }
    assert_eq!(status(&world).await, "sending");
    twilio.release();
    let written = async {
        while status(&world).await != "sent" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, written).await.unwrap();
    assert_eq!(twilio.message_count(), 1);
}
