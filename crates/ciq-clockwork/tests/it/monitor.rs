//! Accounts that need somebody, and what people do about it.

use ciq_clockwork::{ClockworkError, MonitorReport, Scope};
use ciq_event::InterventionId;
use ciq_monitor::{Action, Rules};
use ciq_store::{InterventionFilter, InterventionView};
use jiff::Timestamp;
use serde_json::json;

use crate::house::{House, at};

const ACME: &str = "ops@acme.example";
const BOLT: &str = "ops@bolt.example";

impl House {
    fn account(&self, email: &str, when: Timestamp, data: serde_json::Value) {
        self.tell(email, "account_updated", when, data);
    }

    fn check(&self, scope: Scope, as_of: Timestamp) -> (u64, u64) {
        let MonitorReport { opened_count, closed_count, .. } =
            self.clock.monitor(scope, as_of).unwrap();
        (opened_count, closed_count)
    }

    fn interventions(&self) -> Vec<InterventionView> {
        let all = ["open", "acknowledged", "snoozed", "resolved"].map(str::to_owned).to_vec();
        let filter = InterventionFilter { status: Some(all), ..InterventionFilter::default() };
        let mut found = self.reader().interventions(&filter).unwrap().data;
        found.sort_by(|one, other| {
            (&one.opened_at, &one.kind).cmp(&(&other.opened_at, &other.kind))
        });
        found
    }

    fn only(&self) -> InterventionView {
        let mut found = self.interventions();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn act(&self, action: &Action, when: Timestamp) -> Result<(), ClockworkError> {
        let id: InterventionId = self.only().id.parse().unwrap();
        self.clock.act_on_intervention(id, "admin", action, when).map(drop)
    }
}

fn failing() -> serde_json::Value {
    json!({"company": "Acme", "tier": "pro", "stage": "production_ready", "error_rate": 0.15,
        "api_calls": 11})
}

#[test]
fn errors_open_an_intervention_that_closes_when_they_are_gone() {
    let house = House::new();
    house.account(ACME, at(0, 10, 0), failing());
    assert_eq!(house.check(Scope::Touched, at(0, 11, 0)), (1, 0));
    let open = house.only();
    assert_eq!((open.kind.as_str(), open.severity.as_str()), ("error_debugging", "high"));
    let shown: Vec<_> = open.evidence.iter().map(|one| (one.field.as_str(), &one.value)).collect();
    assert_eq!(shown, [("error_rate", &json!(0.15)), ("total_api_calls", &json!(11))]);
    assert_eq!(house.check(Scope::Touched, at(0, 11, 5)), (0, 0), "nothing happened");
    assert_eq!(house.check(Scope::All, at(0, 11, 5)), (0, 0), "it is open already");
    house.account(ACME, at(0, 12, 0), json!({"error_rate": 0.02}));
    assert_eq!(house.check(Scope::Touched, at(0, 12, 1)), (0, 1));
    let closed = house.only();
    assert_eq!(
        (closed.status.as_str(), closed.close_reason.as_deref()),
        ("resolved", Some("cleared"))
    );
    house.account(ACME, at(0, 13, 0), failing());
    assert_eq!(house.check(Scope::Touched, at(1, 12, 0)), (0, 0), "a day has not passed");
    assert_eq!(house.check(Scope::All, at(1, 12, 1)), (1, 0));
}

#[test]
fn time_alone_opens_what_got_stuck_and_wakes_what_was_put_away() {
    let house = House::new();
    let stuck = json!({"stage": "api_keys_generated", "tier": "trial",
        "signed_up_at": at(0, 10, 0).to_string()});
    house.account(BOLT, at(0, 10, 0), stuck);
    assert_eq!(house.check(Scope::All, at(1, 10, 0)), (0, 0), "exactly a day");
    assert_eq!(house.check(Scope::All, at(1, 10, 1)), (1, 0));
    house.act(&Action::Snooze { until: at(1, 14, 0) }, at(1, 11, 0)).unwrap();
    let report = house.clock.monitor(Scope::All, at(1, 14, 0)).unwrap();
    assert_eq!((report.woken_count, house.only().status.as_str()), (1, "open"));
    house.account(BOLT, at(1, 15, 0), json!({"stage": "first_api_call", "api_calls": 1}));
    assert_eq!(house.check(Scope::Touched, at(1, 15, 1)), (0, 1));
}

#[test]
fn what_people_do_is_kept_and_what_cannot_be_is_refused() {
    let house = House::new();
    house.account(ACME, at(0, 10, 0), failing());
    house.check(Scope::All, at(0, 11, 0));
    house.act(&Action::Acknowledge, at(0, 11, 1)).unwrap();
    house.act(&Action::Assign { to: Some("kim".to_owned()) }, at(0, 11, 2)).unwrap();
    house.act(&Action::Comment { text: "called them".to_owned() }, at(0, 11, 3)).unwrap();
    house.act(&Action::Resolve { note: Some("fixed".to_owned()) }, at(0, 11, 4)).unwrap();
    let refused = house.act(&Action::Acknowledge, at(0, 11, 5)).unwrap_err();
    assert!(matches!(refused, ClockworkError::Act(_)), "{refused:?}");
    let view = house.only();
    assert_eq!((view.status.as_str(), view.close_reason.as_deref()), ("resolved", Some("manual")));
    let id: InterventionId = view.id.parse().unwrap();
    let history = house.reader().intervention(id).unwrap().unwrap().history;
    let steps: Vec<_> =
        history.iter().map(|step| (step.action.as_str(), step.actor.as_str())).collect();
    let by_hand = ["acknowledged", "assigned", "commented", "resolved"].map(|one| (one, "admin"));
    assert_eq!(steps[0], ("opened", "monitor"));
    assert_eq!(steps[1..], by_hand);
    let nobody = InterventionId::from_raw([7; 16]);
    let none = house.clock.act_on_intervention(nobody, "admin", &Action::Reopen, at(0, 12, 0));
    assert!(none.unwrap().is_none());
}

#[test]
fn rules_of_ones_own_replace_the_default_set_and_close_what_they_do_not_want() {
    let house = House::new();
    house.account(ACME, at(0, 10, 0), failing());
    house.check(Scope::All, at(0, 11, 0));
    let rules = Rules::parse_toml(
        r#"
        [[rule]]
        kind = "big_fish"
        title = "Say hello"
        severity = "low"
        cool_down = "7d"
        assignment = { round_robin = ["ann", "bob"] }
        when = [{ field = "tier", op = "in", value = ["pro", "enterprise"] }]
        "#,
    )
    .unwrap();
    house.clock.set_monitor_rules(Some(&rules), at(0, 12, 0)).unwrap();
    house.account(BOLT, at(0, 12, 0), json!({"tier": "enterprise"}));
    assert_eq!(house.check(Scope::All, at(0, 12, 1)), (2, 1));
    let mut names: Vec<_> = house
        .interventions()
        .into_iter()
        .filter(|one| one.status == "open")
        .map(|one| one.assignee.unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["ann", "bob"]);
    house.clock.set_monitor_rules(None, at(0, 13, 0)).unwrap();
    assert_eq!(house.clock.monitor_rules().unwrap(), Rules::default_set());
}

#[test]
fn an_intervention_sets_an_automation_off() {
    let house = House::new();
    house.define(&json!({"id": "page", "name": "Page somebody", "enabled": true,
        "trigger": {"type": "intervention", "kind": "error_debugging", "min_severity": "high"},
        "actions": [{"type": "create_task", "title": "Look at {{ name }}"}]}));
    house.account(ACME, at(0, 10, 0), failing());
    assert_eq!(house.evaluate(at(0, 11, 0)).pass.triggered_count, 1);
    assert_eq!(house.executions().len(), 1);
}

#[test]
fn how_an_account_goes_is_kept_with_its_reasons() {
    let house = House::new();
    house.account(ACME, at(0, 10, 0), failing());
    house.check(Scope::All, at(0, 11, 0));
    let worse = house.reader().account(&house.customer(ACME)).unwrap().unwrap();
    house.account(ACME, at(0, 12, 0), json!({"error_rate": 0, "usage_trend": "increasing"}));
    house.check(Scope::Touched, at(0, 12, 1));
    let better = house.reader().account(&house.customer(ACME)).unwrap().unwrap();
    assert!(better.health_score > worse.health_score, "{better:?} {worse:?}");
}
