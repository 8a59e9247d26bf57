//! NATS for customer events.
