//! `customers`: a page of customers.

use crate::cli::CustomersArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::table::{Align, Table, count, day, or_nothing};

/// Lists customers.
pub(super) fn run(session: &mut Session, args: &CustomersArgs) -> Result<Exit, Failure> {
    let page = session.reader()?.customers(&args.page.request(), args.sort.into())?;
    if session.output.is_json() {
        session.output.json(&page)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("name", Align::Left),
        ("email", Align::Left),
        ("phone", Align::Left),
        ("known %", Align::Right),
        ("orders", Align::Right),
        ("lifetime value", Align::Right),
        ("last seen", Align::Left),
    ]);
    for customer in page.data {
        table.row([
            customer.id,
            customer.name,
            or_nothing(customer.email.as_deref()),
            or_nothing(customer.phone.as_deref()),
            customer.profile_strength.to_string(),
            count(customer.total_orders),
            format!("{} {}", customer.lifetime_value.0, customer.currency),
            day(customer.last_event_at.as_deref()),
        ]);
    }
    table.write(&mut session.output)?;
    if let Some(cursor) = page.next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}
