//! A service with a brand in it, and people who come to look.

use serde_json::{Value, json};

use crate::service::Service;
use crate::support::Place;
use crate::visitor::Visitor;
use crate::world;

/// A service, and where its files are.
pub(crate) struct House {
    pub(crate) service: Service,
    pub(crate) place: Place,
}

impl House {
    /// A shop of made-up people, in which nothing happens by itself: what is seen is the same on
    /// each run.
    pub(crate) fn with_shop() -> Self {
        let place = Place::new();
        world::fill(&place);
        let command = ["serve", "--port", "0", "--every", "off", "--db", world::FILE];
        let service = Service::launch(place.command(&command));
        service.post("/api/monitor/check", &json!({}));
        Self { service, place }
    }

    /// A service without anyone, which acts by itself.
    pub(crate) fn empty() -> Self {
        let place = Place::new();
        let service = Service::start(&place);
        Self { service, place }
    }

    /// A service without anyone, in which nothing happens by itself.
    pub(crate) fn still() -> Self {
        let place = Place::new();
        let service = Service::start_still(&place, &[]);
        Self { service, place }
    }

    /// Stops the service, and starts it again where it was.
    #[track_caller]
    pub(crate) fn restart(self) -> Self {
        let Self { service, place } = self;
        let port = service.address.port().to_string();
        service.stop();
        let service = Service::launch(place.command(&["serve", "--port", &port]));
        Self { service, place }
    }

    /// The same behind tokens.
    pub(crate) fn with_tokens(tokens: &str) -> Self {
        let place = Place::new();
        let mut command = place.command(&["serve", "--port", "0"]);
        command.env("CUSTOMERIQ_TOKENS", tokens);
        Self { service: Service::launch(command), place }
    }

    /// Someone with a browser.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.service.address)
    }

    /// Posts an event, which must be stored.
    #[track_caller]
    pub(crate) fn tell(&self, event: &Value) {
        let answer = self.service.post("/events", event);
        assert_eq!(answer["rejected"], json!(0), "{answer}");
    }

    /// Returns how many reviews wait for a person.
    #[track_caller]
    pub(crate) fn pending_count(&self) -> u64 {
        self.service.json("/api/stats")["pending_review_count"].as_u64().unwrap()
    }
}
