//! Keeping other writers off what a batch is about, where several write to one brand.

use std::collections::BTreeSet;

use ciq_engine::Needs;
use ciq_event::EventId;

use crate::codec::{identifier_hash, ids_list, numbers_list, texts_list};
use crate::sql::{Connection, Params};
use crate::{StoreError, sql};

const HOLDERS: &str = "SELECT hash, customer_key FROM identifier WHERE hash IN rarray(?1)";

const ROOTS_OF_ORIGINS: &str = "SELECT DISTINCT root_key FROM customer WHERE key IN rarray(?1)";

const ROOTS_OF_MINTED: &str =
    "SELECT DISTINCT root_key FROM customer WHERE minted_by IN rarray(?1)";

const ROOTS_OF_ORDERS: &str = "SELECT DISTINCT c.root_key FROM purchase AS p
    JOIN event AS e ON e.seq = p.event_seq JOIN customer AS c ON c.key = e.customer_key
    WHERE p.id IN rarray(?1)";

/// Waits for whoever claims one of these. A claim ends with its transaction, which removes it.
const CLAIM: &str = "INSERT INTO claim (hash) SELECT hash FROM unnest(?1) AS given (hash)
    ORDER BY hash ON CONFLICT DO NOTHING";

const UNCLAIM: &str = "DELETE FROM claim WHERE hash IN rarray(?1)";

/// Waits for whoever works on these customers. One that is merged meanwhile has no row any more.
const LOCK: &str = "SELECT key FROM activity WHERE key IN rarray(?1) ORDER BY key FOR UPDATE";

/// What other writers are kept off.
pub(super) struct Kept {
    /// Hashes of identifiers and orders.
    pub(super) claimed: BTreeSet<i64>,
    /// The origins that may hold the needed identifiers.
    pub(super) holders: BTreeSet<i64>,
}

/// Keeps other writers off until the transaction ends: from identifiers that nobody holds yet and
/// from orders, by claiming them; from customers, by locking their rows. First all claims, then
/// all rows, each in order of their numbers, so that writers seldom wait for each other in a
/// circle. What others did while this waited is looked at again, until nothing new shows.
pub(super) fn lock(connection: &Connection, needs: &Needs) -> Result<Kept, StoreError> {
    lock_all(connection, needs).map_err(StoreError::doing("wait for other writers"))
}

/// Removes claims, at the end of the transaction that made them.
pub(crate) fn release(connection: &Connection, claimed: &BTreeSet<i64>) -> Result<(), StoreError> {
    if claimed.is_empty() {
        return Ok(());
    }
    let list = numbers_list(claimed.iter().copied());
    connection
        .execute(UNCLAIM, [list])
        .map(drop)
        .map_err(StoreError::doing("let other writers go on"))
}

fn lock_all(connection: &Connection, needs: &Needs) -> sql::Result<Kept> {
    let wanted: BTreeSet<i64> = needs
        .identifiers
        .iter()
        .map(|needed| identifier_hash(&needed.kind().name(), needed.value()))
        .collect();
    let mut unclaimed = orders(needs);
    let mut claimed = BTreeSet::new();
    let mut locked = BTreeSet::new();
    loop {
        let (known, holders) = holders(connection, &wanted)?;
        unclaimed.extend(wanted.difference(&known));
        let claims: BTreeSet<i64> = unclaimed.difference(&claimed).copied().collect();
        if !claims.is_empty() {
            connection.execute(CLAIM, [numbers_list(claims.iter().copied())])?;
            claimed.extend(&claims);
        }
        let roots = roots(connection, needs, &holders)?;
        let new: BTreeSet<i64> = roots.difference(&locked).copied().collect();
        if !new.is_empty() {
            keys(connection, LOCK, [numbers_list(new.iter().copied())])?;
            locked.extend(&new);
        }
        if claims.is_empty() && new.is_empty() {
            return Ok(Kept { claimed, holders });
        }
    }
}

/// What orders are claimed under.
fn orders(needs: &Needs) -> BTreeSet<i64> {
    let purchases = needs.purchases.iter().map(|id| identifier_hash("purchase", id));
    let work_orders = needs.work_orders.iter().map(|id| identifier_hash("work_order", id));
    purchases.chain(work_orders).collect()
}

/// Which of the wanted are held, and by which origins.
fn holders(
    connection: &Connection,
    wanted: &BTreeSet<i64>,
) -> sql::Result<(BTreeSet<i64>, BTreeSet<i64>)> {
    let mut statement = connection.prepare_cached(HOLDERS)?;
    let mut rows = statement.query([numbers_list(wanted.iter().copied())])?;
    let (mut known, mut holders) = (BTreeSet::new(), BTreeSet::new());
    while let Some(row) = rows.next()? {
        known.insert(row.get(0)?);
        holders.insert(row.get(1)?);
    }
    Ok((known, holders))
}

/// The customers that a batch is about, as they are now.
fn roots(
    connection: &Connection,
    needs: &Needs,
    holders: &BTreeSet<i64>,
) -> sql::Result<BTreeSet<i64>> {
    let mut roots = keys(connection, ROOTS_OF_ORIGINS, [numbers_list(holders.iter().copied())])?;
    let minted: Vec<EventId> =
        needs.customers.iter().filter_map(ciq_event::CustomerId::minting_event).collect();
    if !minted.is_empty() {
        let list = ids_list(minted.iter().map(EventId::as_bytes));
        roots.extend(keys(connection, ROOTS_OF_MINTED, [list])?);
    }
    if !needs.purchases.is_empty() {
        let list = texts_list(needs.purchases.iter().map(String::as_str));
        roots.extend(keys(connection, ROOTS_OF_ORDERS, [list])?);
    }
    Ok(roots)
}

fn keys(connection: &Connection, sql: &str, given: impl Params) -> sql::Result<BTreeSet<i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(given, |row| row.get(0))?;
    rows.collect()
}
