//! `stats`: figures about the brand.

use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, visible};
use crate::session::Session;
use crate::table::{count, minute};

/// Shows figures.
pub(super) fn run(session: &mut Session) -> Result<Exit, Failure> {
    let stats = session.reader()?.stats()?;
    let output = &mut session.output;
    if output.is_json() {
        output.json(&stats)?;
        return Ok(Exit::Done);
    }
    let figures = [
        ("customers", stats.customer_count),
        ("events", stats.event_count),
        ("purchases", stats.purchase_count),
        ("work orders", stats.work_order_count),
        ("notes", stats.knowledge_count),
        ("store visits", stats.store_visit_count),
        ("identifiers", stats.identifier_count),
        ("merges", stats.merge_count),
        ("merges undone", stats.undone_merge_count),
        ("reviews that wait", stats.pending_review_count),
        ("dead letters", stats.dead_letter_count),
    ];
    for (name, figure) in figures {
        figure_line(output, name, &count(figure))?;
    }
    for (currency, total) in &stats.lifetime_values {
        figure_line(output, "spent", &format!("{} {currency}", total.0))?;
    }
    figure_line(output, "last event", &minute(stats.last_event_at.as_deref()))?;
    let head = output.paint(Style::Bold, "events by type");
    output.line(format_args!("\n{head}"))?;
    let mut by_type: Vec<_> = stats.events_by_type.into_iter().collect();
    by_type.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
    for (name, figure) in by_type {
        figure_line(output, &visible(&name), &count(figure))?;
    }
    Ok(Exit::Done)
}

/// Writes a name and its figure.
fn figure_line(output: &mut Output, name: &str, figure: &str) -> Result<(), Failure> {
    output.line(format_args!("{name:<24} {figure:>16}"))
}
