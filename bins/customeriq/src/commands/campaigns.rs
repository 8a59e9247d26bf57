//! `campaigns`: what was sent, or was not, and why.

use ciq_store::CampaignView;
use serde_json::json;

use super::executions::check_customer;
use crate::cli::CampaignsArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::table::{Align, Table, count, minute, or_nothing};

/// Lists what executions sent.
pub(super) fn run(session: &mut Session, args: &CampaignsArgs) -> Result<Exit, Failure> {
    let (reader, filter) = (session.reader()?, args.filter());
    check_customer(&reader, &filter)?;
    let (campaigns, next_cursor) = reader.campaigns(&filter, &args.page.request())?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": campaigns, "next_cursor": next_cursor }))?;
        return Ok(Exit::Done);
    }
    if campaigns.is_empty() {
        session.output.note("nothing was sent, and nothing waits");
        return Ok(Exit::Done);
    }
    campaigns_table(campaigns).write(&mut session.output)?;
    if let Some(cursor) = next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

/// Makes a table of messages and other actions.
pub(super) fn campaigns_table(campaigns: Vec<CampaignView>) -> Table {
    let mut table = Table::new(&[
        ("asked for (UTC)", Align::Left),
        ("channel", Align::Left),
        ("customer", Align::Left),
        ("status", Align::Left),
        ("tries", Align::Right),
        ("reason", Align::Left),
        ("sent (UTC)", Align::Left),
        ("to", Align::Left),
        ("words", Align::Left),
    ]);
    for campaign in campaigns {
        let words = campaign.subject.or(campaign.content);
        table.row([
            minute(campaign.created_at.as_deref()),
            campaign.channel,
            campaign.customer_id,
            campaign.status,
            count(campaign.attempt_count),
            or_nothing(campaign.reason.as_deref()),
            minute(campaign.sent_at.as_deref()),
            or_nothing(campaign.recipient.as_deref()),
            or_nothing(words.as_deref()),
        ]);
    }
    table
}
