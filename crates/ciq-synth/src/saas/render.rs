//! Events as they are written down.

mod digits;
mod fields;
mod forms;
mod mockgen;
mod names;
mod shopify;

use super::{Event, Payload, Population};

pub(super) use fields::Facts;
pub use fields::{Change, Prop};
pub use names::{EventId, event_id};

/// How events are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `{id, ts, userId, name, props}`.
    Mockgen,
    /// The envelope `{customer_id, event_type, timestamp, source_service, data, metadata}`, with an
    /// `event_id`.
    Customeriq,
    /// Segment's calls `track` and `identify`.
    Segment,
    /// CloudEvents 1.0, structured.
    CloudEvents,
    /// Webhooks of a shop, wrapped with their topic as an import file has them. Only payments have
    /// this form.
    Shopify,
    /// Comma-separated values.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [
        Self::Mockgen,
        Self::Customeriq,
        Self::Segment,
        Self::CloudEvents,
        Self::Shopify,
        Self::Csv,
    ];

    /// Returns the name, such as `cloudevents`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mockgen => "mockgen",
            Self::Customeriq => "customeriq",
            Self::Segment => "segment",
            Self::CloudEvents => "cloudevents",
            Self::Shopify => "shopify",
            Self::Csv => "csv",
        }
    }

    /// Returns the format of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// The first line of comma-separated values.
const CSV_HEADER: &[u8] = b"id,ts,userId,event,feature,durationSeconds,daysToRenewal,attempt,\
    amount,currency,message,sentiment,urgency,ticketId,name,email,phone,region,plan,deviceId\n";

/// Writes the events of one population down in one format. One serves any number of threads.
#[derive(Debug, Clone)]
pub struct Renderer {
    facts: Facts,
    format: Format,
}

impl Renderer {
    /// Makes a renderer.
    #[must_use]
    pub fn new(population: &Population, format: Format) -> Self {
        Self { facts: Facts::new(population), format }
    }

    /// Returns the format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the line that comes before all others, with its line break, where the format has
    /// one.
    #[must_use]
    pub fn header(&self) -> Option<&'static [u8]> {
        (self.format == Format::Csv).then_some(CSV_HEADER)
    }

    /// Tells whether the format has a form for an event.
    #[must_use]
    pub fn takes(&self, payload: Payload) -> bool {
        self.format != Format::Shopify || shopify::webhook(payload).is_some()
    }

    /// Appends the event as one line with its line break. Appends nothing where the format has no
    /// form for the event.
    pub fn render(&self, event: &Event, out: &mut Vec<u8>) {
        match self.format {
            Format::Mockgen => self.facts.push_mockgen(event, out),
            _ => self.render_changed(event, &Change::Nothing, out),
        }
    }

    /// Appends the event as if it had happened at another time.
    pub fn render_at(&self, event: &Event, at_ms: i64, out: &mut Vec<u8>) {
        self.render(&Event { at_ms, ..*event }, out);
    }

    /// Appends the event with a change to what it says.
    pub fn render_changed(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        let facts = &self.facts;
        match self.format {
            Format::Mockgen => facts.push_domain(event, change, out),
            Format::Customeriq => facts.push_envelope(event, change, out),
            Format::Segment => facts.push_segment(event, change, out),
            Format::CloudEvents => facts.push_cloud_event(event, change, out),
            Format::Shopify => facts.push_shopify(event, change, out),
            Format::Csv => facts.push_csv(event, change, out),
        }
    }
}
