//! `merges`: listed, explained, undone, reviewed and made.

use ciq_engine::{Action, DecisionOutcome, ReviewId};
use ciq_event::{CustomerId, MergeId};
use ciq_store::Explanation;
use serde_json::json;

use crate::cli::{MergesArgs, MergesCommand, PageArgs};
use crate::exit::{Exit, Failure};
use crate::output::{Style, visible};
use crate::session::{Session, nobody};
use crate::table::{Align, Table, count, counted, minute, or_nothing};

/// Statuses of reviews that wait for a person.
const PENDING: &str = "pending";

/// Lists merges, or does what is asked about them.
pub(super) fn run(session: &mut Session, args: &MergesArgs) -> Result<Exit, Failure> {
    let (actor, action) = match &args.command {
        None => return list(session, &args.page),
        Some(MergesCommand::Queue(page)) => return queue(session, page),
        Some(MergesCommand::Explain { id, other }) => {
            return explain(session, id, other.as_deref());
        }
        Some(MergesCommand::Undo { id, actor }) => (actor, Action::Undo { merge: merge_id(id)? }),
        Some(MergesCommand::Approve { id, actor }) => {
            (actor, Action::Approve { review: review_id(id)? })
        }
        Some(MergesCommand::Reject { id, actor }) => {
            (actor, Action::Reject { review: review_id(id)? })
        }
        Some(MergesCommand::Join { ids, reason, actor }) => {
            let customers = ids.iter().map(|id| CustomerId::from_raw(id.as_str())).collect();
            (actor, Action::Merge { customers, reason: reason.clone() })
        }
    };
    let outcome = session.decide(&actor.actor, action)?;
    report(session, &outcome)
}

fn merge_id(text: &str) -> Result<MergeId, Failure> {
    let advice = "is no merge id: list them with `customeriq merges`";
    text.parse().map_err(|_| Failure::Usage(format!("{} {advice}", visible(text))))
}

fn review_id(text: &str) -> Result<ReviewId, Failure> {
    let advice = "is no review id: list them with `customeriq merges queue`";
    text.parse().map_err(|_| Failure::Usage(format!("{} {advice}", visible(text))))
}

fn list(session: &mut Session, page: &PageArgs) -> Result<Exit, Failure> {
    let (merges, next_cursor) = session.reader()?.merges(&page.request())?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": merges, "next_cursor": next_cursor }))?;
        return Ok(Exit::Done);
    }
    if merges.is_empty() {
        session.output.note("no merges");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("when (UTC)", Align::Left),
        ("merge", Align::Left),
        ("customer", Align::Left),
        ("of", Align::Right),
        ("reason", Align::Left),
        ("by", Align::Left),
        ("undone (UTC)", Align::Left),
    ]);
    for merge in merges {
        table.row([
            minute(merge.merged_at.as_deref()),
            merge.id,
            or_nothing(merge.customer_id.as_deref()),
            count(merge.merged_profile_ids.len() + 1),
            merge.reason,
            merge.actor,
            minute(merge.undone_at.as_deref()),
        ]);
    }
    table.write(&mut session.output)?;
    if let Some(cursor) = next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

fn queue(session: &mut Session, page: &PageArgs) -> Result<Exit, Failure> {
    let reviews = session.reader()?.reviews(Some(PENDING), &page.request())?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": reviews }))?;
        return Ok(Exit::Done);
    }
    if reviews.is_empty() {
        session.output.note("nothing waits for a person");
        return Ok(Exit::Done);
    }
    for review in reviews {
        let id = session.output.paint(Style::Bold, &review.id);
        session.output.line(format_args!(
            "{id}  {}  shown by {}, first {} UTC",
            visible(&review.reason),
            counted(review.evidence_count, "event"),
            minute(review.created_at.as_deref())
        ))?;
        for customer in review.profile_ids {
            session.output.line(format_args!("    {}", visible(&customer)))?;
        }
    }
    session.output.note("settle them with `customeriq merges approve ID` or `reject ID`");
    Ok(Exit::Done)
}

fn explain(session: &mut Session, id: &str, other: Option<&str>) -> Result<Exit, Failure> {
    let id = CustomerId::from_raw(id);
    let other = other.map(CustomerId::from_raw);
    let reader = session.reader()?;
    let Some(explanation) = reader.explain(&id, other.as_ref())? else {
        for id in [Some(&id), other.as_ref()].into_iter().flatten() {
            reader.resolve(id)?.ok_or_else(|| nobody(id))?;
        }
        return Err(Failure::NotFound("the two ids name two customers".to_owned()));
    };
    if session.output.is_json() {
        session.output.json(&explanation)?;
    } else {
        tell(session, &explanation)?;
    }
    Ok(Exit::Done)
}

fn tell(session: &mut Session, explanation: &Explanation) -> Result<(), Failure> {
    let output = &mut session.output;
    let id = output.paint(Style::Bold, visible(&explanation.customer_id));
    output.line(format_args!(
        "{id} was made of {}:",
        counted(explanation.origins.len(), "profile")
    ))?;
    for origin in &explanation.origins {
        output.line(format_args!(
            "  {}  {}",
            origin.profile_id,
            counted(origin.event_count, "event")
        ))?;
        for identifier in &origin.identifiers {
            let line = format!("      {:<12}  {}", identifier.kind, identifier.value);
            output.line(visible(&line))?;
        }
    }
    if !explanation.links.is_empty() {
        output.line("they are one because:")?;
    }
    for link in &explanation.links {
        let [a, b] = &link.between;
        output.line(format_args!("  {a} = {b}"))?;
        let (reason, actor) = (visible(&link.reason), visible(&link.actor));
        let when = minute(link.merged_at.as_deref());
        output.line(format_args!("      {reason}, by {actor}, {when} UTC, {}", link.merge_id))?;
        output.line(format_args!("      {}", visible(&link.evidence.to_string())))?;
    }
    Ok(())
}

fn report(session: &mut Session, outcome: &DecisionOutcome) -> Result<Exit, Failure> {
    let (json, sentence) = match outcome {
        DecisionOutcome::Merged { merge, customer } => {
            let id = merge.map(|id| id.to_string());
            let sentence = match &id {
                Some(id) => {
                    format!("merged into {customer}; undo with `customeriq merges undo {id}`")
                }
                None => format!("they are one already: {customer}"),
            };
            let customer = customer.to_string();
            (json!({"outcome": "merged", "merge_id": id, "customer_id": customer}), sentence)
        }
        DecisionOutcome::Undone { customers } => {
            let ids: Vec<String> = customers.iter().map(ToString::to_string).collect();
            let sentence = format!("undone; the customers are {}", ids.join(", "));
            (json!({"outcome": "undone", "customer_ids": ids}), sentence)
        }
        DecisionOutcome::Rejected => {
            let sentence = "rejected; nothing automatic will join these customers".to_owned();
            (json!({"outcome": "rejected"}), sentence)
        }
        DecisionOutcome::Erased => (json!({"outcome": "erased"}), "erased".to_owned()),
    };
    if session.output.is_json() {
        session.output.json(&json)?;
    } else {
        session.output.line(visible(&sentence))?;
    }
    Ok(Exit::Done)
}
