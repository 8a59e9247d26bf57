//! `erase`: everything about a customer goes, and does not come back.

use ciq_engine::Action;
use ciq_event::CustomerId;
use serde::Serialize;

use crate::cli::EraseArgs;
use crate::exit::{Exit, Failure};
use crate::output::{Voice, visible};
use crate::session::{Session, nobody};
use crate::table::counted;

/// What an erasure takes, or took.
#[derive(Debug, Serialize)]
struct Erased {
    customer_id: String,
    merged_profiles: i64,
    events: i64,
    purchases: usize,
    work_orders: usize,
    knowledge: usize,
    store_visits: i64,
    identifiers: usize,
}

impl Erased {
    fn sentence(&self) -> String {
        let parts = [
            counted(self.events, "event"),
            counted(self.purchases, "purchase"),
            counted(self.work_orders, "work order"),
            counted(self.knowledge, "note"),
            counted(self.store_visits, "store visit"),
            counted(self.identifiers, "identifier"),
        ];
        format!("{} of {}", parts.join(", "), visible(&self.customer_id))
    }
}

/// Erases a customer, after asking.
pub(super) fn run(session: &mut Session, args: &EraseArgs) -> Result<Exit, Failure> {
    let id = CustomerId::from_raw(args.id.as_str());
    let erased = whatever_is_known(session, &id)?;
    if !args.yes {
        confirm(session.output.voice(), &erased)?;
    }
    session.decide(&args.actor.actor, Action::Erase { customer: id })?;
    if session.output.is_json() {
        session.output.json(&erased)?;
    } else {
        session.output.line(format_args!("erased {}", erased.sentence()))?;
    }
    session.output.note(
        "they do not come back when the same events are sent again; copies outside the file \
         (backups, exports, rejected files) are yours to erase",
    );
    Ok(Exit::Done)
}

fn whatever_is_known(session: &Session, id: &CustomerId) -> Result<Erased, Failure> {
    let reader = session.reader()?;
    let profile = reader.profile(id)?.ok_or_else(|| nobody(id))?;
    Ok(Erased {
        merged_profiles: profile.merged_profiles,
        events: profile.summary.event_count,
        purchases: reader.purchases(id)?.len(),
        work_orders: reader.work_orders(id)?.len(),
        knowledge: reader.knowledge(id)?.len(),
        store_visits: profile.store_visit_count,
        identifiers: profile.all_identifiers.values().map(Vec::len).sum(),
        customer_id: profile.summary.id,
    })
}

fn confirm(voice: Voice, erased: &Erased) -> Result<(), Failure> {
    if !Voice::is_conversation() {
        let advice = "erasing cannot be undone: say --yes to do it without being asked";
        return Err(Failure::Usage(advice.to_owned()));
    }
    let question = format!("Erase {} for ever?", erased.sentence());
    if voice.ask(&question) {
        return Ok(());
    }
    Err(Failure::Unsound("nothing was erased".to_owned()))
}
