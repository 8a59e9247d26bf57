//! What happens to a user makes sense.

use std::collections::{BTreeMap, BTreeSet};

use ciq_synth::saas::{
    Event, FEATURES, HistorySettings, LeavingReason, Mode, Modes, Payload, UserTruth, user_truth,
};

use super::{events, population, settings};

const DAY_MS: i64 = 86_400_000;

/// The events of each user, in order.
fn by_user(settings: &HistorySettings) -> BTreeMap<u32, Vec<Event>> {
    let mut users: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
    for event in events(settings) {
        users.entry(event.user).or_default().push(event);
    }
    users
}

fn all_modes() -> Modes {
    Modes::of(&[Mode::Product, Mode::Billing, Mode::Ticket, Mode::Profile])
}

/// Checks something for every user of a history of four months.
#[track_caller]
fn check_users(check: impl Fn(&HistorySettings, &[Event], &UserTruth)) {
    let settings = settings(1_500, 120).with_modes(all_modes());
    for (user, events) in by_user(&settings) {
        check(&settings, &events, &user_truth(&settings, user));
    }
}

#[test]
fn a_session_starts_has_features_and_ends_before_the_next() {
    check_users(|_, events, _| {
        let mut started_ms = None;
        for event in events {
            match event.payload {
                Payload::SessionStart { device } => {
                    assert!(started_ms.replace(event.at_ms).is_none(), "{event:?}");
                    assert!(device < ciq_synth::saas::DEVICES_MAX);
                }
                Payload::FeatureUsed { feature } => {
                    assert!(started_ms.is_some(), "{event:?}");
                    assert!(usize::from(feature) < FEATURES.len());
                }
                Payload::SessionEnd { duration_seconds } => {
                    let length_ms = event.at_ms - started_ms.take().expect("it was open");
                    assert!((length_ms - i64::from(duration_seconds) * 1_000).abs() <= 500);
                }
                _ => {}
            }
        }
        assert_eq!(started_ms, None, "a session that began ends");
    });
}

#[test]
fn a_ticket_is_opened_first_and_closed_once_and_last() {
    let settings = settings(1_500, 120);
    let end_ms = settings.population.start_ms() + 120 * DAY_MS;
    let mut closed_count = 0;
    for events in by_user(&settings).values() {
        let (mut open, mut closed) = (BTreeMap::new(), BTreeSet::new());
        for event in events {
            match event.payload {
                Payload::TicketOpened(ticket) => {
                    assert!(!closed.contains(&ticket.ticket));
                    assert!(open.insert(ticket.ticket, event.at_ms).is_none());
                }
                Payload::TicketReplied(ticket) => assert!(open.contains_key(&ticket.ticket)),
                Payload::TicketClosed { ticket } => {
                    assert!(open.remove(&ticket).is_some() && closed.insert(ticket));
                }
                _ => {}
            }
        }
        assert!(open.values().all(|at_ms| end_ms - at_ms < 19 * DAY_MS), "{open:?}");
        closed_count += closed.len();
    }
    assert!(closed_count > 1_000);
}

#[test]
fn a_ticket_of_somebody_who_left_is_closed() {
    check_users(|_, events, truth| {
        let count = |is: fn(&Payload) -> bool| events.iter().filter(|e| is(&e.payload)).count();
        let opened = count(|payload| matches!(payload, Payload::TicketOpened(_)));
        let closed = count(|payload| matches!(payload, Payload::TicketClosed { .. }));
        assert!(closed == opened || truth.left_ms.is_none());
    });
}

#[test]
fn nothing_happens_before_joining_nor_after_leaving() {
    check_users(|settings, events, truth| {
        let start_ms = settings.population.start_ms();
        let end_ms = start_ms + i64::from(settings.days()) * DAY_MS;
        for event in events {
            assert!((start_ms..end_ms).contains(&event.at_ms), "{event:?}");
            assert!(event.at_ms >= truth.joined_ms, "{event:?} {truth:?}");
            assert!(event.at_ms <= truth.left_ms.unwrap_or(i64::MAX), "{event:?} {truth:?}");
        }
    });
}

#[test]
fn events_and_truth_agree_on_how_it_ends() {
    check_users(|_, events, truth| {
        let cancelled: Vec<&Event> =
            events.iter().filter(|event| event.payload == Payload::PlanCancelled).collect();
        let lost = events
            .iter()
            .find(|event| matches!(event.payload, Payload::RenewalFailed { attempt: 4, .. }));
        match truth.reason {
            Some(LeavingReason::Voluntary) if !truth.is_silent => {
                assert_eq!(cancelled.len(), 1);
                assert_eq!(Some(cancelled[0].at_ms), truth.left_ms);
                assert_eq!(cancelled[0].sequence, events.last().unwrap().sequence, "the last");
            }
            Some(LeavingReason::Involuntary) => {
                assert!(cancelled.is_empty());
                assert_eq!(lost.map(|event| event.at_ms + 1), truth.left_ms);
            }
            Some(LeavingReason::Voluntary) | None => assert!(cancelled.is_empty()),
        }
        assert!(lost.is_none() || truth.reason == Some(LeavingReason::Involuntary));
        assert!(truth.decided_ms.is_none_or(|at_ms| at_ms < truth.left_ms.unwrap_or(i64::MAX)));
    });
}

#[test]
fn a_renewal_fails_only_after_a_decline_and_attempt_by_attempt() {
    check_users(|_, events, _| {
        let (mut declined_ms, mut attempts) = (None, 0);
        for event in events {
            match event.payload {
                Payload::CardDecline { days_to_renewal, .. } => {
                    assert!((1..=7).contains(&days_to_renewal));
                    declined_ms = Some(event.at_ms);
                }
                Payload::RenewalFailed { attempt, .. } => {
                    attempts += 1;
                    assert_eq!(attempt, attempts);
                    let since_ms = event.at_ms - declined_ms.expect("it was declined before");
                    assert!(since_ms < 16 * DAY_MS, "not another month's decline");
                }
                Payload::PlanRenewed { .. } => (declined_ms, attempts) = (None, 0),
                _ => {}
            }
        }
    });
}

#[test]
fn every_renewal_is_paid_in_the_same_amount() {
    check_users(|_, events, _| {
        let bills = |event: &Event| match event.payload {
            Payload::PlanRenewed { amount_cents } => Some((event.at_ms + 1_500, amount_cents)),
            _ => None,
        };
        let paid = |event: &Event| match event.payload {
            Payload::InvoicePaid { amount_cents } => Some((event.at_ms, amount_cents)),
            _ => None,
        };
        let renewals: Vec<_> = events.iter().filter_map(bills).collect();
        assert_eq!(renewals, events.iter().filter_map(paid).collect::<Vec<_>>());
        assert!(renewals.is_sorted_by(|a, b| a.0 + 14 * DAY_MS < b.0));
    });
}

#[test]
fn users_say_who_they_are_before_anything_else_and_once() {
    check_users(|_, events, _| {
        let names = events.iter().filter(|event| event.payload == Payload::UserIdentified);
        assert_eq!(names.count(), 1);
        assert_eq!(events[0].payload, Payload::UserIdentified);
    });
}

#[test]
fn sequence_numbers_are_never_used_twice() {
    check_users(|_, events, _| {
        let numbers: BTreeSet<u32> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(numbers.len(), events.len());
    });
}

#[test]
fn a_mode_alone_tells_the_same_as_among_others() {
    let all = settings(300, 60).with_modes(all_modes());
    for mode in [Mode::Product, Mode::Billing, Mode::Ticket, Mode::Profile] {
        let alone = events(&all.with_modes(Modes::of(&[mode])));
        let among = events(&all).into_iter().filter(|event| event.payload.mode() == mode);
        assert!(alone == among.collect::<Vec<_>>(), "{}", mode.name());
    }
}

#[test]
fn a_history_may_begin_at_any_moment() {
    let start = "2024-02-28T13:37:11.123Z".parse().unwrap();
    let population = population(300).with_start(start);
    let settings = HistorySettings::new(population, 2).unwrap();
    let events = events(&settings);
    let start_ms = start.as_millisecond();
    let hours: BTreeSet<i64> =
        events.iter().map(|event| (event.at_ms - start_ms).div_euclid(3_600_000)).collect();
    assert_eq!(hours.into_iter().collect::<Vec<_>>(), (0..48).collect::<Vec<_>>());
}

#[test]
fn dips_lie_within_the_time_of_a_user() {
    let settings = settings(2_000, 120);
    let truths: Vec<UserTruth> = (0..2_000).map(|user| user_truth(&settings, user)).collect();
    let end_ms = settings.population.start_ms() + 120 * DAY_MS;
    let dips = truths.iter().flat_map(|truth| truth.dips.iter().map(move |dip| (truth, dip)));
    let mut count = 0;
    for (truth, dip) in dips {
        assert!(dip.end - dip.start >= 7 * DAY_MS && dip.end - dip.start <= 21 * DAY_MS);
        assert!(dip.end > truth.joined_ms && dip.start < truth.left_ms.unwrap_or(end_ms));
        count += 1;
    }
    assert!((200..800).contains(&count), "{count}");
}

#[test]
fn every_event_has_one_of_the_names_and_every_name_occurs() {
    let modes = Modes::of(&[Mode::Product, Mode::Billing, Mode::Ticket, Mode::Profile]);
    let told = events(&settings(2_000, 60).with_modes(modes));
    let met: BTreeSet<&str> = told.iter().map(|event| event.payload.name()).collect();
    assert_eq!(met, BTreeSet::from(Payload::NAMES));
}
