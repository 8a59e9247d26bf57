//! What the pages read. Blocking: run these off the async threads.

use std::collections::BTreeMap;

use ciq_store::{
    AutomationFigures, AutomationView, DeliveryView, ExecutionFilter, ExecutionView, PageRequest,
    Reader, StoreError, TaskView,
};
use serde_json::Value;

use super::shown::{List, Shown};

/// Tasks that are shown.
const TASKS_SHOWN: u32 = 25;

/// An automation as it was defined, and how it did lately.
#[derive(Debug)]
pub(super) struct Definition {
    /// Names it.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    /// Whether it may act.
    pub(super) is_on: bool,
    /// All of the definition.
    pub(super) value: Value,
    /// When it was changed last.
    pub(super) updated_at: Option<String>,
    /// How it did lately.
    pub(super) figures: AutomationFigures,
}

/// What automations did, as far as it is shown.
#[derive(Debug, Default)]
pub(super) struct Acts {
    /// Executions, the latest first.
    pub(super) executions: Vec<ExecutionView>,
    /// Where to go on.
    pub(super) next_execution: Option<String>,
    /// Messages and other actions, the latest first.
    pub(super) deliveries: Vec<DeliveryView>,
    /// Where to go on.
    pub(super) next_delivery: Option<String>,
    /// What customers are called, by id.
    pub(super) names: BTreeMap<String, String>,
}

/// What the page of all automations shows.
#[derive(Debug, Default)]
pub(super) struct AutomationsView {
    /// The automations, by id.
    pub(super) automations: Vec<Definition>,
    /// How many messages are in each state, lately.
    pub(super) delivery_counts: BTreeMap<String, i64>,
    /// What they did.
    pub(super) acts: Acts,
    /// What they ask people to do, the latest first.
    pub(super) tasks: Vec<TaskView>,
}

/// What the page of one automation shows.
#[derive(Debug)]
pub(super) struct OneView {
    /// The automation.
    pub(super) definition: Definition,
    /// What it did.
    pub(super) acts: Acts,
}

impl AutomationsView {
    /// Reads all automations, and what they did.
    pub(super) fn read(reader: &Reader, shown: &Shown) -> Result<Self, StoreError> {
        let mut figures = reader.automation_figures()?;
        let automations = reader.automations()?.into_iter().map(|automation| {
            let of_it = figures.remove(&automation.id).unwrap_or_default();
            Definition::of(automation, of_it)
        });
        let automations = automations.collect();
        let page = PageRequest { cursor: None, limit: Some(TASKS_SHOWN) };
        let (tasks, _) = reader.tasks(&ExecutionFilter::default(), &page)?;
        let mut acts = Acts::read(reader, shown)?;
        acts.add_names(reader, tasks.iter().map(|task| task.customer_id.as_str()))?;
        Ok(Self { automations, delivery_counts: reader.delivery_counts()?, acts, tasks })
    }
}

impl OneView {
    /// Reads one automation, and what it did; `None` where there is none.
    pub(super) fn read(reader: &Reader, shown: &Shown) -> Result<Option<Self>, StoreError> {
        let Some(id) = &shown.automation_id else { return Ok(None) };
        let Some(automation) = reader.automation(id)? else { return Ok(None) };
        let figures = reader.automation_figures()?.remove(id).unwrap_or_default();
        let definition = Definition::of(automation, figures);
        Ok(Some(Self { definition, acts: Acts::read(reader, shown)? }))
    }
}

impl Definition {
    fn of(automation: AutomationView, figures: AutomationFigures) -> Self {
        let value: Value = serde_json::from_str(automation.definition.get()).unwrap_or_default();
        let name = value["name"].as_str().unwrap_or(&automation.id).to_owned();
        let is_on = value["enabled"] == true;
        let AutomationView { id, updated_at, .. } = automation;
        Self { id, name, is_on, value, updated_at, figures }
    }
}

impl Acts {
    fn read(reader: &Reader, shown: &Shown) -> Result<Self, StoreError> {
        let (of_executions, of_deliveries) = (List::Executions, List::Deliveries);
        let (executions, next_execution) =
            reader.executions(&shown.filter(of_executions), &shown.page(of_executions))?;
        let (deliveries, next_delivery) =
            reader.deliveries(&shown.filter(of_deliveries), &shown.page(of_deliveries))?;
        let ids = executions.iter().map(|one| one.customer_id.clone());
        let ids: Vec<String> =
            ids.chain(deliveries.iter().map(|one| one.customer_id.clone())).collect();
        let names = BTreeMap::new();
        let mut acts = Self { executions, next_execution, deliveries, next_delivery, names };
        acts.add_names(reader, ids.iter().map(String::as_str))?;
        Ok(acts)
    }

    fn add_names<'a>(
        &mut self,
        reader: &Reader,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<(), StoreError> {
        self.names.extend(reader.customer_names(ids)?);
        Ok(())
    }
}
