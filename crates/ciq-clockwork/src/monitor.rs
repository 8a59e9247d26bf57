//! The monitor: what accounts do becomes interventions, and people act on them.

use std::sync::{Arc, Mutex, PoisonError};

use ciq_event::{Currency, InterventionId};
use ciq_identity::CustomerKey;
use ciq_monitor::{
    ActError, Action, Change, Health, Held, NewIntervention, Rules, Status, Subject, Team, act,
    check, health,
};
use ciq_store::{
    ClosedRow, FeedPosition, HealthRow, HeldIntervention, InterventionDetail, InterventionStep,
    InterventionView, MonitorChanges, Monitored, OpenedRow, Reader, UpdatedRow, WokenRow,
};
use jiff::Timestamp;

use crate::{BrandClock, ClockworkError, Scope};

/// Accounts checked and written at once. The thread that writes is held up for as long as the disk
/// takes what came of them.
const CHUNK: u32 = 5_000;

/// Why an intervention is closed that a person resolved.
const BY_HAND: &str = "manual";

/// What a check did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct MonitorReport {
    /// Accounts checked.
    pub checked_count: u64,
    /// Interventions opened.
    pub opened_count: u64,
    /// Interventions closed.
    pub closed_count: u64,
    /// Interventions whose snooze ended.
    pub woken_count: u64,
    /// Interventions with other figures than before.
    pub updated_count: u64,
}

impl BrandClock {
    /// Checks accounts against the rules as of a time, opens and closes interventions, and keeps
    /// how each account goes. Blocks.
    pub fn monitor(&self, scope: Scope, as_of: Timestamp) -> Result<MonitorReport, ClockworkError> {
        let _checking = self.checking.lock().unwrap_or_else(PoisonError::into_inner);
        // As it is stored: an id that derives from it is the same when it is read again.
        let as_of = Timestamp::from_millisecond(as_of.as_millisecond()).unwrap_or(as_of);
        match scope {
            Scope::Touched => self.monitor_touched(as_of),
            Scope::All => self.monitor_all(as_of),
        }
    }

    /// Carries out what a person does about an intervention. `None` where there is no such
    /// intervention. Blocks.
    pub fn act_on_intervention(
        &self,
        id: InterventionId,
        actor: &str,
        action: &Action,
        at: Timestamp,
    ) -> Result<Option<InterventionDetail>, ClockworkError> {
        let (actor, action) = (actor.to_owned(), action.clone());
        let refused = Arc::new(Mutex::new(None));
        let said = Arc::clone(&refused);
        let written = self.handle.write_blocking(move |writer| {
            writer.change_intervention(id, |view| match step(view, &actor, &action, at) {
                Ok(step) => Some(step),
                Err(error) => {
                    *said.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    None
                }
            })
        })?;
        match refused.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(ClockworkError::Act(error)),
            None => Ok(written),
        }
    }

    /// Returns the rules of the monitor: the brand's own, else the default set.
    pub fn monitor_rules(&self) -> Result<Rules, ClockworkError> {
        let stored = self.handle.readers().read(Reader::monitor_rules)?;
        if stored.is_empty() {
            return Ok(Rules::default_set());
        }
        let values: Result<Vec<serde_json::Value>, _> =
            stored.iter().map(|rule| serde_json::from_str(rule.definition.get())).collect();
        let list = serde_json::Value::Array(values.map_err(|_| ClockworkError::Remembered)?);
        Rules::from_json(&list).map_err(ClockworkError::Rules)
    }

    /// Replaces the rules of the monitor; `None` goes back to the default set. The next check
    /// closes what no rule wants any more. Blocks.
    pub fn set_monitor_rules(
        &self,
        rules: Option<&Rules>,
        at: Timestamp,
    ) -> Result<(), ClockworkError> {
        let texts: Vec<(String, String)> = rules
            .into_iter()
            .flat_map(Rules::rules)
            .map(|rule| (rule.kind.clone(), rule.to_json().to_string()))
            .collect();
        self.handle.write_blocking(move |writer| writer.put_monitor_rules(&texts, at))?;
        Ok(())
    }

    /// Checks those whom anything happened to since the last check.
    fn monitor_touched(&self, as_of: Timestamp) -> Result<MonitorReport, ClockworkError> {
        let held = *self.monitored_until.lock().unwrap_or_else(PoisonError::into_inner);
        // After a start nobody knows what happened meanwhile.
        let Some(mut cursor) = held else { return self.monitor_all(as_of) };
        let mut run = Check::new(self, as_of)?;
        loop {
            let touched =
                self.handle.readers().read(|reader| reader.touched_since(cursor, CHUNK))?;
            if touched.until == cursor {
                break;
            }
            let accounts =
                self.handle.readers().read(|reader| reader.monitored_of(&touched.roots))?;
            run.write(&accounts)?;
            cursor = touched.until;
            self.note_monitored(cursor);
            if !touched.is_more {
                break;
            }
        }
        Ok(run.report)
    }

    fn monitor_all(&self, as_of: Timestamp) -> Result<MonitorReport, ClockworkError> {
        let until = self.handle.readers().read(Reader::feed_end)?;
        let mut run = Check::new(self, as_of)?;
        let mut after = CustomerKey(0);
        loop {
            let accounts = self.handle.readers().read(|reader| reader.monitored(after, CHUNK))?;
            let Some(last) = accounts.last() else { break };
            after = last.customer;
            run.write(&accounts)?;
        }
        self.note_monitored(until);
        Ok(run.report)
    }

    fn note_monitored(&self, until: FeedPosition) {
        *self.monitored_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

/// A check under way.
struct Check<'a> {
    clock: &'a BrandClock,
    rules: Rules,
    team: Team,
    as_of: Timestamp,
    report: MonitorReport,
}

impl<'a> Check<'a> {
    fn new(clock: &'a BrandClock, as_of: Timestamp) -> Result<Self, ClockworkError> {
        let rules = clock.monitor_rules()?;
        let (loads, turns) = clock
            .handle
            .readers()
            .read(|reader| Ok((reader.intervention_loads()?, reader.monitor_turns()?)))?;
        let team = Team::new(turns, loads);
        Ok(Self { clock, rules, team, as_of, report: MonitorReport::default() })
    }

    /// Checks some accounts and writes what that comes to, if it comes to anything.
    fn write(&mut self, accounts: &[Monitored]) -> Result<(), ClockworkError> {
        self.clock.check_stop()?;
        let mut changes = MonitorChanges::default();
        for account in accounts {
            self.check(account, &mut changes);
        }
        self.report.checked_count += accounts.len() as u64;
        if changes == MonitorChanges::default() {
            return Ok(());
        }
        let written =
            self.clock.handle.write_blocking(move |writer| writer.write_monitor(&changes))?;
        self.report.opened_count += written.opened;
        self.report.closed_count += written.closed;
        self.report.woken_count += written.woken;
        self.report.updated_count += written.updated;
        Ok(())
    }

    fn check(&mut self, account: &Monitored, changes: &mut MonitorChanges) {
        let subject = subject_of(account);
        let held: Vec<Held> = account.held.iter().filter_map(held_of).collect();
        for change in check(&self.rules, &subject, &held, self.as_of) {
            self.take(account, change, changes);
        }
        changes.health.extend(self.new_health(account, &health(&subject, self.as_of)));
    }

    fn take(&mut self, account: &Monitored, change: Change, changes: &mut MonitorChanges) {
        let numbers = |id: InterventionId| {
            let held = account.held.iter().find(|held| held.id == id)?;
            Some((held.key, held.revision))
        };
        match change {
            Change::Open(new) => {
                *changes.turns.entry(new.kind.clone()).or_default() += 1;
                changes.opened.push(self.opened(account, new));
            }
            Change::Close { id, at, reason } => {
                let row = |(key, revision)| ClosedRow {
                    key,
                    revision,
                    at,
                    reason: reason.name().to_owned(),
                };
                changes.closed.extend(numbers(id).map(row));
            }
            Change::Wake { id, at } => {
                let row = |(key, revision)| WokenRow { key, revision, at };
                changes.woken.extend(numbers(id).map(row));
            }
            Change::Update { id, at, severity, evidence } => {
                let row = |(key, revision)| UpdatedRow { key, revision, at, severity, evidence };
                changes.updated.extend(numbers(id).map(row));
            }
        }
    }

    fn opened(&mut self, account: &Monitored, new: NewIntervention) -> OpenedRow {
        let NewIntervention { kind, title, severity, opened_at, evidence, due_at, action } = new;
        let rule = self.rules.rule(&kind);
        OpenedRow {
            id: InterventionId::of_opening(&account.customer_id, &kind, opened_at),
            customer: account.customer,
            assignee: rule.and_then(|rule| self.team.pick(rule)),
            kind,
            title,
            severity,
            opened_at,
            due_at,
            action,
            evidence,
        }
    }

    /// What is known already is not written again: most accounts go as they went.
    fn new_health(&self, account: &Monitored, found: &Health) -> Option<HealthRow> {
        let row = HealthRow {
            customer: account.customer,
            score: found.score,
            band: found.band.name().to_owned(),
            parts: parts_json(found),
            as_of: self.as_of,
        };
        let is_known = account.health.as_ref().is_some_and(|known| {
            (known.score, &known.band, &known.parts) == (row.score, &row.band, &row.parts)
        });
        (!is_known).then_some(row)
    }
}

fn subject_of(account: &Monitored) -> Subject {
    let digits = Currency::parse(&account.currency).map_or(2, Currency::digits);
    Subject {
        account: account.account.clone(),
        status: account.status.clone(),
        customer_since: account.customer_since,
        churn: account.churn,
        segment: account.segment.clone(),
        lifetime_value: whole_units(account.lifetime_value_minor, digits),
        strength: account.strength,
        negative_ticket_count: account.negative_ticket_count,
    }
}

/// Rules compare amounts; nothing is added up, so what a float cannot hold does not matter.
fn whole_units(minor: i64, digits: u32) -> f64 {
    let unit = 10_i64.pow(digits);
    #[expect(clippy::cast_precision_loss, reason = "compared with thresholds only")]
    let units = minor as f64 / unit as f64;
    units
}

/// An intervention in a status that this program does not know is left alone.
fn held_of(held: &HeldIntervention) -> Option<Held> {
    Some(Held {
        id: held.id,
        kind: held.kind.clone(),
        status: Status::parse(&held.status)?,
        severity: held.severity,
        opened_at: held.opened_at,
        snoozed_until: held.snoozed_until,
        closed_at: held.closed_at,
        evidence: held.evidence.clone(),
    })
}

fn parts_json(health: &Health) -> String {
    // Numbers and texts: nothing that JSON cannot write.
    serde_json::to_string(&health.parts).unwrap_or_default()
}

/// What a person's action comes to for an intervention as it stands.
fn step(
    view: &InterventionView,
    actor: &str,
    action: &Action,
    at: Timestamp,
) -> Result<InterventionStep, ActError> {
    let held = Status::parse(&view.status).unwrap_or(Status::Open);
    let snoozed_until = view.snoozed_until.as_deref().and_then(|text| text.parse().ok());
    let status = act(held, snoozed_until, action, at)?;
    let mut step = InterventionStep {
        actor: actor.to_owned(),
        at,
        action: done(action).to_owned(),
        status: status.name().to_owned(),
        snoozed_until: snoozed_until.filter(|_| status == Status::Snoozed),
        assignee: view.assignee.clone(),
        close_reason: None,
        detail: None,
    };
    match action {
        Action::Acknowledge | Action::Reopen => {}
        Action::Snooze { until } => step.snoozed_until = Some(*until),
        Action::Assign { to } => {
            step.detail = Some(to.clone().unwrap_or_else(|| "nobody".to_owned()));
            step.assignee.clone_from(to);
        }
        Action::Resolve { note } => {
            step.close_reason = Some(BY_HAND.to_owned());
            step.detail.clone_from(note);
        }
        Action::Comment { text } => step.detail = Some(text.clone()),
    }
    Ok(step)
}

/// Names what was done, for the history.
fn done(action: &Action) -> &'static str {
    match action {
        Action::Acknowledge => "acknowledged",
        Action::Snooze { .. } => "snoozed",
        Action::Assign { .. } => "assigned",
        Action::Resolve { .. } => "resolved",
        Action::Reopen => "reopened",
        Action::Comment { .. } => "commented",
    }
}
