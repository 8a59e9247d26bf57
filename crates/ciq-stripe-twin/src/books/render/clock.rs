//! Test clocks.

use serde_json::{Value, json};

use crate::books::clocks::{Clock, ClockState};

/// Writes a test clock.
pub(in crate::books) fn clock(clock: &Clock) -> Value {
    let (status, details) = match clock.state {
        ClockState::Ready => ("ready", json!({})),
        ClockState::Failed => ("internal_failure", json!({})),
        ClockState::Advancing { target, .. } => {
            ("advancing", json!({ "advancing": { "target_frozen_time": target.seconds() } }))
        }
    };
    json!({
        "id": clock.id.as_str(),
        "object": "test_helpers.test_clock",
        "created": clock.created.seconds(),
        "deletes_after": clock.deletes_after().seconds(),
        "frozen_time": clock.frozen_time.seconds(),
        "livemode": false,
        "name": clock.name,
        "status": status,
        "status_details": details,
    })
}
