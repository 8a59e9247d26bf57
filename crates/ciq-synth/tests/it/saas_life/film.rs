//! A film goes on for ever.

use std::collections::BTreeSet;

use ciq_synth::saas::{Event, Film, Mode, Modes, Payload};

use super::{events, population, settings};

const DAY_MS: i64 = 86_400_000;

/// The first events of a film.
fn reel(users: u32, modes: Modes, length: usize) -> Vec<Event> {
    let mut film = Film::new(&population(users), modes);
    (0..length).map(|_| film.next()).collect()
}

#[test]
fn a_film_is_in_order_and_crosses_chapters_without_repeating_itself() {
    let reel = reel(40, Modes::default(), 150_000);
    assert!(reel.is_sorted_by_key(|event| (event.at_ms, event.user, event.sequence)));
    let length_ms = reel.last().unwrap().at_ms - reel[0].at_ms;
    assert!(length_ms > 400 * DAY_MS, "only {length_ms} ms: it has to see the third chapter");
    let ids: BTreeSet<_> = reel.iter().map(|event| (event.user, event.sequence)).collect();
    assert_eq!(ids.len(), reel.len());
}

#[test]
fn a_film_leaves_no_session_and_no_ticket_open() {
    let reel = reel(40, Modes::default(), 100_000);
    let (mut sessions, mut tickets) = (BTreeSet::new(), BTreeSet::new());
    for event in &reel {
        match event.payload {
            Payload::SessionStart { .. } => assert!(sessions.insert(event.user)),
            Payload::SessionEnd { .. } => assert!(sessions.remove(&event.user)),
            Payload::TicketOpened(ticket) => {
                assert!(tickets.insert((event.user, ticket.ticket)));
            }
            Payload::TicketClosed { ticket } => assert!(tickets.remove(&(event.user, ticket))),
            _ => {}
        }
    }
    let open_since = reel.last().unwrap().at_ms - 20 * DAY_MS;
    let is_old = |event: &&Event| match event.payload {
        Payload::TicketOpened(ticket) => tickets.contains(&(event.user, ticket.ticket)),
        _ => false,
    };
    assert!(reel.iter().filter(is_old).all(|event| event.at_ms > open_since));
}

#[test]
fn the_first_chapter_is_the_history_of_its_length() {
    let history = events(&settings(50, 180).with_modes(Modes::of(&[Mode::Product])));
    let reel = reel(50, Modes::of(&[Mode::Product]), history.len());
    assert!(reel == history);
}

#[test]
fn a_film_about_nothing_stands_still() {
    let reel = reel(5, Modes::of(&[]), 3);
    assert!(reel.iter().all(|event| *event == reel[0]));
}
