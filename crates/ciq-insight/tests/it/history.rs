//! What events are read as.

use ciq_insight::{ActKind, Sentiment};

#[test]
fn the_type_of_an_event_tells_the_act() {
    assert_eq!(ActKind::of("cart_add", None), ActKind::CartAdd);
    assert_eq!(ActKind::of("add_to_cart", None), ActKind::CartAdd);
    assert_eq!(ActKind::of("whatsapp_message", None), ActKind::Message);
    assert_eq!(ActKind::of("store_visit", None), ActKind::StoreVisit);
    assert_eq!(ActKind::of("plan_cancelled", None), ActKind::Cancellation);
    assert_eq!(ActKind::of("moon_landing", None), ActKind::Other);
}

#[test]
fn a_ticket_sounds_as_its_event_says() {
    let negative = Sentiment::of("Negative");
    assert_eq!(ActKind::of("support_ticket", Some(negative)), ActKind::Ticket(Sentiment::Negative));
    assert_eq!(ActKind::of("support_ticket", None), ActKind::Ticket(Sentiment::Neutral));
    assert_eq!(Sentiment::of("satisfied"), Sentiment::Positive);
    assert_eq!(Sentiment::of("?"), Sentiment::Neutral);
}
