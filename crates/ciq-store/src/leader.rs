//! Leadership: of all processes that work on a brand, one leads its clock.

use crate::sql::{Connection, Mode, Session};
use crate::{Location, PostgresPlace, StoreError};

/// Takes the lead, which then lasts as long as the connection. Who has it is given it again. The
/// server notices within half a minute that a machine is gone: unless told, it takes two hours.
const TAKE: &str = "SELECT pg_try_advisory_lock(?1),
        set_config('tcp_keepalives_idle', '10', false),
        set_config('tcp_keepalives_interval', '5', false),
        set_config('tcp_keepalives_count', '3', false)";

/// The lead of a brand's clock. Dropped, or when its process dies, another one's takes it. A file
/// has one service, which leads.
#[derive(Debug)]
pub struct Leadership {
    location: Location,
    /// A connection of its own, which nothing else ends.
    connection: Option<Connection>,
    is_held: bool,
}

impl Leadership {
    /// Makes one that is not held yet, unless it is a file's.
    pub fn of(location: impl Into<Location>) -> Self {
        let location = location.into();
        let is_held = location.file().is_some();
        Self { location, connection: None, is_held }
    }

    /// Tells whether it was held when it was taken last.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// Takes the lead where nobody has it, and tells whether it is held. Blocks.
    ///
    /// Ask before each work: a connection that broke has lost the lead.
    pub fn take(&mut self) -> Result<bool, StoreError> {
        let taken = match &self.location {
            Location::File(_) => Ok(true),
            Location::Schema(place) => take(place, &mut self.connection),
        };
        if taken.is_err() {
            self.connection = None;
        }
        self.is_held = matches!(taken, Ok(true));
        taken
    }
}

fn take(place: &PostgresPlace, held: &mut Option<Connection>) -> Result<bool, StoreError> {
    let doing = StoreError::doing("find out who leads the brand's clock");
    let connection = if let Some(connection) = held {
        connection
    } else {
        let session = Session::connect(place, Mode::Read).map_err(&doing)?;
        held.insert(Connection::Postgres(session))
    };
    connection.query_row(TAKE, [place.lead_lock()], |row| row.get(0)).map_err(doing)
}
