//! What a form about an intervention asks for.

use ciq_http::{Problem, ProblemKind};
use ciq_monitor::Action;
use jiff::{SignedDuration, Timestamp};

use crate::asked::Asked;

/// Longest name of a person, in characters, as the API has it.
const NAME_LENGTH_MAX: usize = 120;

/// How long a snooze is where the form does not say, in hours.
const SNOOZE_HOURS: i64 = 4;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// What to do.
    pub(super) action: Action,
    /// In whose name; `None` where the form does not say.
    pub(super) actor: Option<String>,
    /// What to say afterwards, as the address carries it.
    pub(super) done: &'static str,
}

impl Ask {
    /// Reads a form that went to `/interventions/ID/VERB`.
    pub(super) fn parse(verb: &str, form: &Asked, now: Timestamp) -> Result<Self, Problem> {
        let words = |name: &str| {
            form.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (action, done) = match verb {
            "acknowledge" => (Action::Acknowledge, "acknowledged"),
            "snooze" => {
                let hours = form.get("hours").and_then(|text| text.parse().ok());
                let span =
                    SignedDuration::from_hours(hours.unwrap_or(SNOOZE_HOURS).clamp(1, 9_999));
                let until = now.checked_add(span).map_err(|_| unknown())?;
                (Action::Snooze { until }, "snoozed")
            }
            "assign" => (Action::Assign { to: words("to") }, "assigned"),
            "resolve" => (Action::Resolve { note: words("note") }, "resolved"),
            "reopen" => (Action::Reopen, "reopened"),
            "comment" => {
                let text = words("text").ok_or_else(|| invalid("text", "write a comment first"))?;
                (Action::Comment { text }, "commented")
            }
            _ => return Err(unknown()),
        };
        let actor = words("by");
        for (field, name) in [("by", actor.as_deref()), ("to", form.get("to"))] {
            if name.is_some_and(|name| name.chars().count() > NAME_LENGTH_MAX) {
                return Err(invalid(field, "a name has 120 characters at most"));
            }
        }
        Ok(Self { action, actor, done })
    }
}

fn invalid(field: &str, detail: &str) -> Problem {
    Problem::new(ProblemKind::InvalidRequest, detail).at(field)
}

fn unknown() -> Problem {
    Problem::not_found("action")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(verb: &str, form: &str, expect: Option<&Action>) {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let asked = Ask::parse(verb, &Asked::parse(form.as_bytes()), now);
        assert_eq!(asked.ok().as_ref().map(|ask| &ask.action), expect, "{verb}?{form}");
    }

    #[test]
    fn a_form_says_what_to_do() {
        let until = "2026-11-22T10:00:00Z".parse().unwrap();
        check("snooze", "hours=24", Some(&Action::Snooze { until }));
        let until = "2026-11-21T14:00:00Z".parse().unwrap();
        check("snooze", "hours=x", Some(&Action::Snooze { until }));
        check("assign", "to=+kim+", Some(&Action::Assign { to: Some("kim".to_owned()) }));
        check("assign", "to=", Some(&Action::Assign { to: None }));
        check("resolve", "note=++", Some(&Action::Resolve { note: None }));
        check("comment", "text=+", None);
        check("delete", "", None);
        check("acknowledge", &format!("by={}", "x".repeat(121)), None);
    }
}
