//! Automations: defined, switched, and acting.

use serde_json::{Value, json};

use crate::world::{Answer, World};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
const TOML: [(&str, &str); 1] = [("content-type", "application/toml")];

fn cart_recovery() -> Value {
    json!({
        "id": "cart-recovery",
        "name": "Cart recovery",
        "trigger": {"type": "cart_abandonment", "after": "2h"},
        "actions": [{"type": "send_message", "channel": "whatsapp",
            "body": "Hi {{ first_name | default('there') }}! {{ product }} is waiting: CART10"}],
    })
}

async fn define(world: &World, definition: &Value) -> Answer {
    world.post("/api/automations", definition.to_string()).await
}

async fn cart_add(world: &World, at: &str) {
    world
        .store(&json!({"customer_id": "c1", "event_type": "profile_update",
            "timestamp": "2024-01-01T09:00:00Z",
            "data": {"name": "Ana Example", "phone": "+12025550143"}}))
        .await;
    world
        .store(&json!({"customer_id": "c1", "event_type": "cart_add", "timestamp": at,
            "data": {"product_name": "Chair", "price": "80.00"}}))
        .await;
}

async fn evaluate(world: &World, as_of: &str) -> Value {
    let body = json!({"as_of": as_of}).to_string();
    world.post("/api/automations/evaluate", body).await.ok()
}

#[tokio::test]
async fn an_automation_is_defined_changed_switched_and_deleted() {
    let world = World::open();
    assert_eq!(world.get("/api/automations").await.ok(), json!({"data": []}));
    let made = define(&world, &cart_recovery()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(made["id"], "cart-recovery");
    assert_eq!(made["definition"]["enabled"], true);
    assert_eq!(made["definition"]["cool_down"], "1d");
    assert_eq!(world.get("/api/automations").await.ok(), json!({"data": [made]}));
    let path = "/api/automations/cart-recovery";
    assert_eq!(world.get(path).await.ok(), made);

    let mut other = cart_recovery();
    other["name"] = json!("Another name");
    other.as_object_mut().unwrap().remove("id");
    let put = world.ask(("PUT", path), &JSON, other.to_string()).await.ok();
    assert_eq!(put["definition"]["name"], "Another name");
    assert_eq!(put["created_at"], made["created_at"]);
    assert_ne!(put["updated_at"], made["updated_at"]);

    let off = world.ask(("PATCH", path), &JSON, r#"{"enabled": false}"#).await.ok();
    assert_eq!(off["definition"]["enabled"], false);
    assert_eq!(off["definition"]["name"], "Another name");

    let gone = world.ask(("DELETE", path), &[], "").await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    for (method, body) in [
        ("GET", ""),
        ("PUT", &*other.to_string()),
        ("PATCH", r#"{"enabled":true}"#),
        ("DELETE", ""),
    ] {
        world.ask((method, path), &JSON, body.to_owned()).await.is_problem(404, "");
    }
}

#[tokio::test]
async fn a_toml_body_brings_several_all_or_none() {
    let world = World::open();
    let defaults = ciq_automation::DEFAULTS_TOML;
    let made = world.ask(("POST", "/api/automations"), &TOML, defaults).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let ids: Vec<_> =
        made.json()["data"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids.len(), ciq_automation::default_set().unwrap().len());
    let again = world.ask(("POST", "/api/automations"), &TOML, defaults).await;
    again.is_problem(409, "id");
    let toml = |id: &str| {
        format!(
            "[[automation]]\nid = \"{id}\"\ntrigger = {{ type = \"churn_risk\", threshold = 0.7 }}\n\
             actions = [{{ type = \"create_task\", title = \"Call\" }}]\n"
        )
    };
    let mixed = toml("fresh") + &toml("cart-recovery");
    world.ask(("POST", "/api/automations"), &TOML, mixed).await.is_problem(409, "id");
    world.get("/api/automations/fresh").await.is_problem(404, "");
    let twice = toml("twin") + &toml("twin");
    world.ask(("POST", "/api/automations"), &TOML, twice).await.is_problem(400, "id");
    let wrong = toml("fresh").replace("0.7", "7");
    let wrong = world.ask(("POST", "/api/automations"), &TOML, wrong).await;
    wrong.is_problem(400, "automation[0].trigger.threshold");
    for (body, field) in [(&b""[..], "automation"), (b"[[", "body"), (b"\xff", "body")] {
        world.ask(("POST", "/api/automations"), &TOML, body.to_vec()).await.is_problem(400, field);
    }
    let many: String = (0..101).map(|number| toml(&format!("a{number}"))).collect();
    world.ask(("POST", "/api/automations"), &TOML, many).await.is_problem(400, "automation");
}

#[tokio::test]
async fn a_wrong_definition_names_the_field_and_what_to_write() {
    let world = World::open();
    let mut wrong = cart_recovery();
    wrong["trigger"]["after"] = json!("soon");
    let answer = define(&world, &wrong).await;
    answer.is_problem(400, "trigger.after");
    assert!(answer.text.contains("2h"), "{}", answer.text);
    let mut wrong = cart_recovery();
    wrong["trigers"] = json!(1);
    let answer = define(&world, &wrong).await;
    answer.is_problem(400, "trigers");
    assert!(answer.text.contains("did you mean"), "{}", answer.text);
    define(&world, &json!({})).await.is_problem(400, "id");
    world.post("/api/automations", "[]").await.is_problem(400, "body");
    let form = world.ask(("POST", "/api/automations"), &[], "x").await;
    form.is_problem(415, "content-type");
    assert_eq!(world.brands(), [""; 0]);

    assert_eq!(define(&world, &cart_recovery()).await.status, 201);
    let taken = define(&world, &cart_recovery()).await;
    taken.is_problem(409, "id");
    let path = "/api/automations/cart-recovery";
    let mut renamed = cart_recovery();
    renamed["id"] = json!("other");
    world.ask(("PUT", path), &JSON, renamed.to_string()).await.is_problem(400, "id");
    world.ask(("PATCH", path), &JSON, r#"{"enabled": 1}"#).await.is_problem(400, "enabled");
    world.ask(("PATCH", path), &JSON, "{}").await.is_problem(400, "enabled");
    let more = r#"{"enabled": true, "name": "x"}"#;
    world.ask(("PATCH", path), &JSON, more).await.is_problem(400, "name");
}

#[tokio::test]
async fn an_abandoned_cart_brings_one_message_however_often_it_is_looked_at() {
    let world = World::open();
    assert_eq!(define(&world, &cart_recovery()).await.status, 201);
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    let early = evaluate(&world, "2024-01-20T10:59:00Z").await;
    assert_eq!((&early["triggered_count"], &early["sent_count"]), (&json!(0), &json!(0)));
    let late = evaluate(&world, "2024-01-20T12:00:00Z").await;
    assert_eq!(
        late,
        json!({"customer_count": 1, "triggered_count": 1, "sent_count": 1,
            "suppressed_count": 0, "failed_count": 0, "waiting_count": 0})
    );
    let again = evaluate(&world, "2024-01-20T12:10:00Z").await;
    assert_eq!((&again["triggered_count"], &again["sent_count"]), (&json!(0), &json!(0)));

    let executions = world.get("/api/automations/executions").await.ok();
    assert_eq!(executions["data"].as_array().unwrap().len(), 1);
    let execution = &executions["data"][0];
    assert_eq!(execution["automation_id"], "cart-recovery");
    assert_eq!(
        (&execution["customer_id"], &execution["status"]),
        (&json!("c1"), &json!("executed"))
    );
    let campaigns = world.get("/api/campaigns").await.ok();
    assert_eq!(campaigns["data"].as_array().unwrap().len(), 1);
    let campaign = &campaigns["data"][0];
    assert_eq!((&campaign["status"], &campaign["channel"]), (&json!("sent"), &json!("whatsapp")));
    assert_eq!(campaign["content"], "Hi Ana! Chair is waiting: CART10");
    assert_eq!(campaign["automation_execution_id"], execution["id"]);
    let all = world.get("/api/profiles/c1/360").await.ok();
    assert_eq!((&all["executions"], &all["campaigns"]), (&executions["data"], &campaigns["data"]));

    for (list, status) in [("automations/executions", "executed"), ("campaigns", "sent")] {
        for (query, count) in [
            (format!("status={status}"), 1),
            ("status=failed".to_owned(), 0),
            ("customer_id=c1&automation_id=cart-recovery".to_owned(), 1),
            ("customer_id=nobody".to_owned(), 0),
            ("automation_id=other".to_owned(), 0),
        ] {
            let page = world.get(&format!("/api/{list}?{query}")).await.ok();
            assert_eq!(page["data"].as_array().unwrap().len(), count, "{list}?{query}");
        }
    }
}

#[tokio::test]
async fn who_bought_before_gets_no_message() {
    let world = World::open();
    assert_eq!(define(&world, &cart_recovery()).await.status, 201);
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    world
        .store(&json!({"customer_id": "c1", "event_type": "purchase",
            "timestamp": "2024-01-20T10:30:00Z",
            "data": {"purchase_id": "p1", "product_name": "Chair", "total": "80.00"}}))
        .await;
    let report = evaluate(&world, "2024-01-20T12:00:00Z").await;
    assert_eq!((&report["triggered_count"], &report["sent_count"]), (&json!(0), &json!(0)));
    for list in ["automations/executions", "campaigns", "tasks"] {
        let page = world.get(&format!("/api/{list}")).await.ok();
        assert_eq!(page, json!({"data": [], "next_cursor": null}));
    }
}

#[tokio::test]
async fn what_is_switched_off_does_not_act() {
    let world = World::open();
    assert_eq!(define(&world, &cart_recovery()).await.status, 201);
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    let path = ("PATCH", "/api/automations/cart-recovery");
    world.ask(path, &JSON, r#"{"enabled": false}"#).await.ok();
    assert_eq!(evaluate(&world, "2024-01-20T12:00:00Z").await["triggered_count"], 0);
}

#[tokio::test]
async fn a_prediction_triggers_and_sends_nothing_by_itself() {
    let world = World::open();
    assert_eq!(define(&world, &cart_recovery()).await.status, 201);
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    let body = r#"{"as_of": "2024-01-20T12:00:00Z"}"#;
    let report = world.post("/api/predictions", body).await.ok();
    assert_eq!(report, json!({"customer_count": 1, "triggered_count": 1}));
    let campaigns = world.get("/api/campaigns").await.ok();
    assert_eq!(campaigns["data"][0]["status"], "queued");
    assert_eq!(evaluate(&world, "2024-01-20T12:00:00Z").await["sent_count"], 1);
}

#[tokio::test]
async fn a_task_is_listed() {
    let world = World::open();
    let mut ask_a_person = cart_recovery();
    ask_a_person["actions"] = json!([{"type": "create_task", "title": "Call about {{ product }}"}]);
    assert_eq!(define(&world, &ask_a_person).await.status, 201);
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    assert_eq!(evaluate(&world, "2024-01-20T12:00:00Z").await["sent_count"], 1);
    let tasks = world.get("/api/tasks?status=open&customer_id=c1").await.ok();
    assert_eq!(tasks["data"][0]["title"], "Call about Chair");
    assert_eq!(world.get("/api/tasks?status=done").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn lists_have_pages() {
    let world = World::open();
    let mut rule = cart_recovery();
    for number in 0..3 {
        rule["id"] = json!(format!("rule-{number}"));
        assert_eq!(define(&world, &rule).await.status, 201);
    }
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    assert_eq!(evaluate(&world, "2024-01-20T12:00:00Z").await["triggered_count"], 3);
    for list in ["automations/executions", "campaigns"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get(&format!("/api/{list}?limit=2&cursor={cursor}")).await.ok();
            let ids = page["data"].as_array().unwrap().iter().map(|one| one["id"].to_string());
            seen.extend(ids);
            let Some(next) = page["next_cursor"].as_str() else { break };
            next.clone_into(&mut cursor);
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 3, "{list}");
        world.get(&format!("/api/{list}?status=x")).await.is_problem(400, "status");
        for cursor in ["x", "0", "-1", "99999999999999999999"] {
            let path = format!("/api/{list}?cursor={cursor}");
            world.get(&path).await.is_problem(400, "cursor");
        }
    }
}

#[tokio::test]
async fn brands_are_strangers_to_each_other() {
    let world = World::open();
    assert_eq!(define(&world, &cart_recovery()).await.status, 201);
    cart_add(&world, "2024-01-20T09:00:00Z").await;
    evaluate(&world, "2024-01-20T12:00:00Z").await;
    let other = [("x-brand-id", "other"), ("content-type", "application/json")];
    let nothing = json!({"data": [], "next_cursor": null});
    for list in ["automations/executions", "campaigns", "tasks", "insights"] {
        let page = world.ask(("GET", &format!("/api/{list}")), &other, "").await.ok();
        assert_eq!(page, nothing, "{list}");
    }
    let list = world.ask(("GET", "/api/automations"), &other, "").await.ok();
    assert_eq!(list, json!({"data": []}));
    let path = "/api/automations/cart-recovery";
    for (method, body) in [("GET", ""), ("DELETE", ""), ("PATCH", r#"{"enabled":true}"#)] {
        world.ask((method, path), &other, body).await.is_problem(404, "");
    }
    for part in ["features", "predictions", "journey", "intents", "360"] {
        let path = format!("/api/profiles/c1/{part}");
        world.ask(("GET", &path), &other, "").await.is_problem(404, "");
    }
    assert_eq!(world.brands(), ["default"], "reading made a brand");
    let made = world.ask(("POST", "/api/automations"), &other, cart_recovery().to_string()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let zero = world.ask(("POST", "/api/automations/evaluate"), &other, "").await.ok();
    assert_eq!(zero["customer_count"], 0);
}
