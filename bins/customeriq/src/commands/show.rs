//! `show`: everything about a customer.

mod account;
mod billing;
mod insight;

use ciq_event::CustomerId;
use ciq_store::{
    AccountView, BillingView, CampaignView, CustomerDetail, EventView, ExecutionFilter,
    ExecutionView, InsightView, InterventionFilter, InterventionView, KnowledgeView, PageRequest,
    ProfileDetail, PurchaseView, StoreVisitView, WorkOrderView,
};
use serde::Serialize;

use super::campaigns::campaigns_table;
use super::executions::executions_table;
use super::timeline::events_table;
use crate::cli::IdArgs;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, visible};
use crate::session::{Session, nobody};
use crate::table::{Align, Table, count, counted, day, minute, or_nothing};

/// Events that `--json` has, as the API does; `timeline` has the rest.
const EVENTS_READ: u32 = 50;

/// Executions, and what they sent, that `--json` has, as the API does; `executions` and `campaigns`
/// have the rest.
const ACTIONS_READ: u32 = 20;

/// Events that are shown.
const EVENTS_SHOWN: usize = 20;

/// Rows of each other part that are shown; `--json` has the rest.
const ROWS_SHOWN: usize = 10;

/// Everything about a customer: what the API answers at `/api/profiles/ID/360`, and the fields.
#[derive(Debug, Serialize)]
struct Customer360 {
    customer: CustomerDetail,
    profile: ProfileDetail,
    timeline: Vec<EventView>,
    purchases: Vec<PurchaseView>,
    work_orders: Vec<WorkOrderView>,
    knowledge: Vec<KnowledgeView>,
    store_visits: Vec<StoreVisitView>,
    insight: Option<InsightView>,
    account: Option<AccountView>,
    billing: BillingView,
    interventions: Vec<InterventionView>,
    executions: Vec<ExecutionView>,
    campaigns: Vec<CampaignView>,
}

/// Shows a customer.
pub(super) fn run(session: &mut Session, args: &IdArgs) -> Result<Exit, Failure> {
    let id = CustomerId::from_raw(args.id.as_str());
    let whole = read(session, &id)?.ok_or_else(|| nobody(&id))?;
    if session.output.is_json() {
        session.output.json(&whole)?;
    } else {
        whole.write(&mut session.output)?;
    }
    Ok(Exit::Done)
}

fn read(session: &Session, id: &CustomerId) -> Result<Option<Customer360>, Failure> {
    let reader = session.reader()?;
    let page = PageRequest { cursor: None, limit: Some(EVENTS_READ) };
    let parts = (reader.customer(id)?, reader.profile(id)?, reader.timeline(id, &page)?);
    let (Some(customer), Some(profile), Some(timeline)) = parts else { return Ok(None) };
    let recent = PageRequest { cursor: None, limit: Some(ACTIONS_READ) };
    let filter = ExecutionFilter { customer: Some(id.clone()), ..ExecutionFilter::default() };
    let unresolved =
        InterventionFilter { customer: Some(id.clone()), ..InterventionFilter::default() };
    Ok(Some(Customer360 {
        customer,
        profile,
        timeline: timeline.data,
        purchases: reader.purchases(id)?,
        work_orders: reader.work_orders(id)?,
        knowledge: reader.knowledge(id)?,
        store_visits: reader.store_visits(id)?,
        insight: reader.insight(id)?,
        account: reader.account(id)?,
        billing: reader.billing(id)?,
        interventions: reader.interventions(&unresolved)?.data,
        executions: reader.executions(&filter, &recent)?.0,
        campaigns: reader.campaigns(&filter, &recent)?.0,
    }))
}

impl Customer360 {
    fn write(self, output: &mut Output) -> Result<(), Failure> {
        self.write_head(output)?;
        if let Some(insight) = &self.insight {
            heading(output, "what it means")?;
            insight::write(output, insight)?;
        }
        account::write(output, self.account.as_ref(), self.interventions)?;
        billing::write(output, &self.billing)?;
        let mut events = self.timeline;
        events.truncate(EVENTS_SHOWN);
        let shown = events.len();
        let all = count(self.customer.summary.event_count);
        heading(output, &format!("events ({shown} of {all}, the latest first)"))?;
        events_table(events).write(output)?;
        write_purchases(output, self.purchases)?;
        write_work_orders(output, self.work_orders)?;
        write_knowledge(output, self.knowledge)?;
        write_visits(output, self.store_visits)?;
        write_automations(output, self.executions, self.campaigns)
    }

    fn write_head(&self, output: &mut Output) -> Result<(), Failure> {
        let summary = &self.customer.summary;
        let name = output.paint(Style::Bold, visible(&summary.name));
        let id = output.paint(Style::Dim, visible(&summary.id));
        output.line(format_args!("{name}  {id}"))?;
        output.line(format_args!(
            "{}, known to {} %, customer since {}, last seen {}",
            visible(&summary.status),
            summary.profile_strength,
            day(summary.customer_since.as_deref()),
            day(summary.last_event_at.as_deref())
        ))?;
        let spent: Vec<String> = self
            .customer
            .lifetime_values
            .iter()
            .map(|(currency, amount)| format!("{} {currency}", amount.0))
            .collect();
        let spent = if spent.is_empty() { "nothing".to_owned() } else { spent.join(" and ") };
        output.line(format_args!(
            "spent {spent} in {}, {}, made of {}",
            counted(summary.total_orders, "order"),
            counted(summary.event_count, "event"),
            counted(self.profile.merged_profiles, "profile")
        ))?;
        if let Some(company) = &summary.company {
            output.line(format_args!("company: {}", visible(company)))?;
        }
        if !self.customer.tags.is_empty() {
            output.line(format_args!("tags: {}", visible(&self.customer.tags.join(", "))))?;
        }
        for (name, value) in &self.customer.custom_fields {
            output.line(visible(&format!("{name}: {value}")))?;
        }
        heading(output, "identifiers")?;
        for (kind, values) in &self.profile.all_identifiers {
            output.line(visible(&format!("{kind:<12}  {}", values.join(", "))))?;
        }
        Ok(())
    }
}

fn heading(output: &mut Output, text: &str) -> Result<(), Failure> {
    let text = output.paint(Style::Bold, text);
    output.line(format_args!("\n{text}"))
}

/// Writes the heading of a part and tells whether there is anything in it.
fn part(output: &mut Output, name: &str, row_count: usize) -> Result<bool, Failure> {
    match row_count {
        0 => return Ok(false),
        1..=ROWS_SHOWN => heading(output, name)?,
        _ => heading(output, &format!("{name} ({ROWS_SHOWN} of {row_count})"))?,
    }
    Ok(true)
}

fn write_purchases(output: &mut Output, rows: Vec<PurchaseView>) -> Result<(), Failure> {
    if !part(output, "purchases", rows.len())? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("when (UTC)", Align::Left),
        ("order", Align::Left),
        ("product", Align::Left),
        ("quantity", Align::Right),
        ("total", Align::Right),
        ("warranty until", Align::Left),
    ]);
    for row in rows.into_iter().take(ROWS_SHOWN) {
        table.row([
            minute(row.purchased_at.as_deref()),
            row.id,
            row.product_name,
            row.quantity.map_or_else(|| or_nothing(None), count),
            format!("{} {}", row.total.0, row.currency),
            day(row.warranty_expires_at.as_deref()),
        ]);
    }
    table.write(output)
}

fn write_work_orders(output: &mut Output, rows: Vec<WorkOrderView>) -> Result<(), Failure> {
    if !part(output, "work orders", rows.len())? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("opened (UTC)", Align::Left),
        ("work order", Align::Left),
        ("kind", Align::Left),
        ("issue", Align::Left),
        ("status", Align::Left),
        ("priority", Align::Left),
        ("with", Align::Left),
    ]);
    for row in rows.into_iter().take(ROWS_SHOWN) {
        table.row([
            minute(row.created_at.as_deref()),
            row.id,
            or_nothing(row.order_type.as_deref()),
            or_nothing(row.issue_description.as_deref()),
            or_nothing(row.status.as_deref()),
            or_nothing(row.priority.as_deref()),
            or_nothing(row.assigned_to.as_deref()),
        ]);
    }
    table.write(output)
}

fn write_knowledge(output: &mut Output, rows: Vec<KnowledgeView>) -> Result<(), Failure> {
    if !part(output, "notes", rows.len())? {
        return Ok(());
    }
    for row in rows.into_iter().take(ROWS_SHOWN) {
        let about = or_nothing(row.category.as_deref());
        let when = day(row.created_at.as_deref());
        output.line(visible(&format!("{when}  [{about}] {}", row.content)))?;
    }
    Ok(())
}

fn write_visits(output: &mut Output, rows: Vec<StoreVisitView>) -> Result<(), Failure> {
    if !part(output, "store visits", rows.len())? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("when (UTC)", Align::Left),
        ("store", Align::Left),
        ("minutes", Align::Right),
    ]);
    for row in rows.into_iter().take(ROWS_SHOWN) {
        table.row([
            minute(row.check_in_at.as_deref()),
            row.store_name.unwrap_or(row.store_id),
            row.duration_minutes.map_or_else(|| or_nothing(None), count),
        ]);
    }
    table.write(output)
}

fn write_automations(
    output: &mut Output,
    mut executions: Vec<ExecutionView>,
    mut campaigns: Vec<CampaignView>,
) -> Result<(), Failure> {
    if part(output, "triggered", executions.len())? {
        executions.truncate(ROWS_SHOWN);
        executions_table(executions).write(output)?;
    }
    if part(output, "messages and other actions", campaigns.len())? {
        campaigns.truncate(ROWS_SHOWN);
        campaigns_table(campaigns).write(output)?;
    }
    Ok(())
}
