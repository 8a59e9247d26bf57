//! Envelopes: what the company's own services say about a customer.

use super::Teller;
use crate::catalog::{PAYMENT_METHODS, PRODUCTS, TECHNICIANS};
use crate::chance::{between, chance, pick};
use crate::draft::Draft;
use crate::identifier::{Carried, Kind};
use crate::json::Object;
use crate::settings::DAY_SECONDS;
use crate::words::{NOTES, PROBLEMS, QUESTIONS, REPAIRS};

/// The longest a repair takes.
const REPAIR_DAYS_MAX: i64 = 9;

/// An anonymous visit to the web shop.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) cookie_id: String,
    pub(crate) session_id: String,
}

/// An envelope before its customer is named.
struct Envelope<'a> {
    second: i64,
    event_type: &'a str,
    source: &'a str,
    data: Object,
    metadata: Object,
    carried: Carried,
}

impl<'a> Envelope<'a> {
    fn new(second: i64, event_type: &'a str, source: &'a str, data: Object) -> Self {
        let (metadata, carried) = (Object::new(), Carried::default());
        Self { second, event_type, source, data, metadata, carried }
    }
}

impl Teller<'_> {
    /// Somebody without a name looks around in the web shop. Returns when they stop.
    pub(crate) fn browsing(&mut self, second: i64, visit: &Visit) -> i64 {
        let mut now = second;
        for _ in 0..between(&mut self.rng, 2, 4) {
            now += between(&mut self.rng, 10, 240);
            let product = pick(&mut self.rng, &PRODUCTS);
            let data = Object::new()
                .text("view_id", &format!("view_{}", self.thing().serial()))
                .text("product_id", product.sku)
                .text("product_name", product.name)
                .text("category", product.category);
            let mut envelope = Envelope::new(now, "page_view", "web-shop", data);
            envelope.visit(visit);
            self.send(envelope, None);
        }
        now
    }

    /// The one who looked around asks for the newsletter: the browser gets an address.
    pub(crate) fn newsletter(&mut self, second: i64, visit: &Visit) {
        let mut carried = Carried::default();
        let data = Object::new()
            .text("title", "Newsletter sign-up")
            .text("message", "Signed up for the newsletter.")
            .text("email", &carried.email(&mut self.rng, self.person.email()));
        let mut envelope = Envelope::new(second, "contact", "web-shop", data);
        envelope.carried = carried;
        envelope.visit(visit);
        self.send(envelope, None);
    }

    /// A purchase within a session of the app.
    pub(super) fn app_purchase(
        &mut self,
        second: i64,
        customer_id: &str,
        [session_id, device_id]: [&str; 2],
    ) {
        let item = self.basket_item();
        let mut carried = Carried::default();
        let mut data = Object::new()
            .text("purchase_id", &format!("APP-{}", self.thing().serial()))
            .text("product_name", item.product.name)
            .text("product_sku", item.product.sku)
            .text("category", item.product.category)
            .number("quantity", item.quantity)
            .amount("price", item.product.price_cents)
            .amount("total", item.total_cents());
        if item.product.category == "Electronics" {
            data = data.number("warranty_expires", second + 730 * DAY_SECONDS);
        }
        data = data
            .text("customer_name", &self.person.name())
            .text("email", &carried.email(&mut self.rng, self.person.email()));
        let mut envelope = Envelope::new(second, "purchase", "app", data);
        envelope.metadata = Object::new()
            .text("session_id", carried.plain(Kind::SessionId, session_id))
            .text("device_id", carried.plain(Kind::DeviceId, device_id))
            .text("payment_method", pick(&mut self.rng, &PAYMENT_METHODS));
        envelope.carried = carried;
        self.send(envelope, Some(customer_id));
    }

    /// A profile is filled in: the account gets an address and, if given, a number.
    pub(crate) fn profile_update(
        &mut self,
        second: i64,
        customer_id: Option<&str>,
        email: &str,
        phone: Option<&str>,
    ) {
        let mut carried = Carried::default();
        let mut data = Object::new()
            .text("name", &self.person.name())
            .text("email", &carried.email(&mut self.rng, email));
        if let Some(phone) = phone {
            data = data.text("phone", &carried.phone(&mut self.rng, phone));
        }
        data = data.text_if("company", self.person.company);
        let mut envelope = Envelope::new(second, "profile_update", "accounts", data);
        envelope.carried = carried;
        self.send(envelope, customer_id);
    }

    /// A ticket by mail or phone. One in three is worth remembering.
    pub(crate) fn desk_ticket(&mut self, second: i64) {
        let (title, text, category) = pick(&mut self.rng, &PROBLEMS);
        let is_important = chance(&mut self.rng, 1, 3);
        let data = Object::new()
            .text("ticket_id", &format!("TKT-{}", self.thing().serial()))
            .text("title", title)
            .text("description", text)
            .text("status", pick(&mut self.rng, &["open", "open", "pending", "resolved"]))
            .text("priority", pick(&mut self.rng, &["low", "medium", "medium", "high"]))
            .text("category", category)
            .flag("important", is_important)
            .flag("save_as_memory", is_important);
        let mut envelope = Envelope::new(second, "support_ticket", "support-desk", data);
        envelope.metadata =
            Object::new().text("channel", pick(&mut self.rng, &["email", "phone", "chat"]));
        self.send_known(envelope);
    }

    /// A question that reaches the desk otherwise.
    pub(crate) fn contact(&mut self, second: i64) {
        let data = Object::new()
            .text("contact_id", &format!("CON-{}", self.thing().serial()))
            .text("title", "Question from a customer")
            .text("message", pick(&mut self.rng, &QUESTIONS));
        let mut envelope = Envelope::new(second, "contact", "support-desk", data);
        envelope.metadata =
            Object::new().text("channel", pick(&mut self.rng, &["email", "phone", "web_form"]));
        self.send_known(envelope);
    }

    /// A repair: opened, and completed some days later.
    pub(crate) fn repair(&mut self, second: i64) {
        let work_order_id = format!("WO-{}", self.thing().serial());
        let (issue, resolution) = pick(&mut self.rng, &REPAIRS);
        let product = pick(&mut self.rng, &PRODUCTS);
        let technician = pick(&mut self.rng, &TECHNICIANS);
        let order = |status: &str| {
            Object::new()
                .text("work_order_id", &work_order_id)
                .text("order_type", "repair")
                .text("issue_description", issue)
                .text("status", status)
                .text("assigned_to", technician)
                .text("product_id", product.sku)
        };
        let opened =
            order("open").text("priority", pick(&mut self.rng, &["low", "medium", "high"]));
        self.send_known(Envelope::new(second, "repair", "workshop", opened));
        let done = second + between(&mut self.rng, DAY_SECONDS, REPAIR_DAYS_MAX * DAY_SECONDS);
        let completed = order("completed")
            .text("resolution", resolution)
            .amount("cost", between(&mut self.rng, 9, 89) * 100)
            .number("completed_date", done);
        self.send_known(Envelope::new(done, "repair", "workshop", completed));
    }

    /// Somebody in the company writes down something about the customer.
    pub(crate) fn note(&mut self, second: i64) {
        let (content, category) = pick(&mut self.rng, &NOTES);
        let data = Object::new()
            .text("note_id", &format!("NOTE-{}", self.thing().serial()))
            .text("title", "Note")
            .text("content", content)
            .text("category", category)
            .text("importance", pick(&mut self.rng, &["low", "normal", "high"]))
            .texts("tags", &[category]);
        self.send_known(Envelope::new(second, "note", "crm", data));
    }

    /// Names the customer by the account, or by the address where there is none.
    fn send_known(&mut self, mut envelope: Envelope<'_>) {
        let person = self.person;
        let customer_id = person.channels.customer_id.as_deref();
        if customer_id.is_none() || chance(&mut self.rng, 2, 5) {
            let email = envelope.carried.email(&mut self.rng, person.email());
            envelope.data = envelope.data.text("email", &email);
        }
        self.send(envelope, customer_id);
    }

    fn send(&mut self, envelope: Envelope<'_>, customer_id: Option<&str>) {
        let Envelope { second, event_type, source, data, metadata, mut carried } = envelope;
        let mut body = Object::new();
        if let Some(customer_id) = customer_id {
            body = body.text("customer_id", carried.plain(Kind::CustomerId, customer_id));
        }
        let body = body
            .text("event_type", event_type)
            .number("timestamp", second)
            .text("source_service", source)
            .object("data", data)
            .object("metadata", metadata);
        self.drafts.push(Draft::new(second, "envelope", body.finish(), carried));
    }
}

impl Envelope<'_> {
    /// Says from which browser and visit it comes.
    fn visit(&mut self, visit: &Visit) {
        self.metadata = Object::new()
            .text("session_id", self.carried.plain(Kind::SessionId, &visit.session_id))
            .text("cookie_id", self.carried.plain(Kind::CookieId, &visit.cookie_id));
    }
}
