//! Accounts from cycle to cycle.

use std::collections::BTreeSet;

use ciq_event::{
    AccountStage, AccountUpdate, Brand, Currency, ErrorRate, Event, Message, ParseContext, Payload,
    Tier, UsageTrend, WireForm,
};
use ciq_synth::Seed;
use ciq_synth::activity::{Account, Activity, ActivityEvent, Change, rates};
use jiff::{SignedDuration, Timestamp};

/// Time between cycles.
const INTERVAL: SignedDuration = SignedDuration::from_secs(30);

/// More events than the golden file has lines.
const GOLDEN_LINES: usize = 60;

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn activity(seed: u64, count: usize) -> Activity {
    let mut activity = Activity::new(Seed::new(seed));
    activity.populate(count, start());
    activity
}

/// Plays cycles from the start on.
fn play(activity: &mut Activity, cycles: i32) -> Vec<ActivityEvent> {
    (1..=cycles).flat_map(|cycle| activity.cycle(start() + INTERVAL * cycle).events).collect()
}

/// An account that calls already and, in production and paid for, changes in no other way.
fn settled(id: &str) -> Account {
    Account {
        id: id.to_owned(),
        stage: AccountStage::ProductionReady,
        tier: Tier::Pro,
        ..Account::new(id, start())
    }
}

/// Checks that so many of `all` are about `share` of them: within five standard deviations.
#[track_caller]
fn check_share(count: usize, all: usize, share: f64) {
    let [count, all] = [count, all].map(|it| f64::from(u32::try_from(it).unwrap()));
    let deviation = (all * share * (1.0 - share)).sqrt();
    let found = count / all;
    assert!((count - all * share).abs() < 5.0 * deviation, "{found} instead of {share}");
}

#[test]
fn draws_come_as_often_as_documented() {
    let mut activity = Activity::new(Seed::new(1));
    for number in 0..20 {
        activity.take_up(settled(&format!("a{number}")));
    }
    let ids: BTreeSet<String> = activity.accounts().map(|account| account.id.clone()).collect();
    let events = play(&mut activity, 2_000);
    let all = 20 * 2_000;
    let count = |name| {
        let is_one = |event: &&ActivityEvent| {
            ids.contains(&event.customer_id) && event.change.name() == name
        };
        events.iter().filter(is_one).count()
    };
    // A draw of no calls, of the same rate or of the same trend changes nothing.
    check_share(count("calls"), all, 0.7 * 50.0 / 51.0);
    check_share(count("error_rate"), all, 0.6 * 3.0 / 4.0);
    check_share(count("usage_trend"), all, 0.5 * 2.0 / 3.0);
    assert_eq!((count("stage"), count("tier"), count("created")), (0, 0, 0));
    let newcomers = events.iter().filter(|event| event.change.name() == "created").count();
    check_share(newcomers, 2_000, 0.1);
}

#[test]
fn every_number_of_calls_and_every_rate_comes_about_equally_often() {
    let mut activity = Activity::new(Seed::new(2));
    let ids: Vec<String> = (0..20).map(|number| format!("a{number}")).collect();
    for id in &ids {
        activity.take_up(settled(id));
    }
    let (mut calls, mut after_none) = ([0_usize; 51], Vec::new());
    for event in play(&mut activity, 1_000) {
        match event.change {
            _ if !ids.contains(&event.customer_id) => {}
            Change::Calls { count, .. } => calls[count as usize] += 1,
            Change::ErrorRate { before, after } if before == ErrorRate::default() => {
                after_none.push(after.millionths());
            }
            _ => {}
        }
    }
    let all = calls.iter().sum();
    assert!(calls[1..].iter().all(|count| *count > 0));
    check_share(calls[1..=25].iter().sum(), all, 0.5);
    for rate in [20_000, 150_000, 250_000] {
        let count = after_none.iter().filter(|after| **after == rate).count();
        check_share(count, after_none.len(), 1.0 / 3.0);
    }
}

#[test]
fn idle_keys_are_used_in_one_cycle_of_ten_after_two_hours() {
    let mut activity = Activity::new(Seed::new(3));
    for number in 0..400 {
        let stage = AccountStage::ApiKeysGenerated;
        let account = Account { stage, tier: Tier::Trial, ..settled(&format!("a{number}")) };
        activity.take_up(account);
    }
    let (mut idle, mut waited, mut begun) = (400, 0, 0);
    for cycle in 1..=300 {
        let at = start() + INTERVAL * cycle;
        let events = activity.cycle(at).events;
        let steps = events.iter().filter(|event| {
            let before = AccountStage::ApiKeysGenerated;
            event.customer_id.starts_with('a')
                && event.customer_id.len() < 5
                && matches!(event.change, Change::Stage { before: it, .. } if it == before)
        });
        let steps = steps.count();
        if at.duration_since(start()) <= rates::FIRST_CALL_AFTER {
            assert_eq!(steps, 0, "cycle {cycle}");
        } else {
            waited += idle;
            begun += steps;
        }
        idle -= steps;
    }
    check_share(begun, waited, 0.1);
}

#[test]
fn only_those_who_use_their_keys_call() {
    let mut activity = activity(4, 60);
    for cycle in 1..=500 {
        let before = activity.clone();
        for event in activity.cycle(start() + INTERVAL * cycle).events {
            let was_calling = before.account(&event.customer_id).is_some_and(Account::is_calling);
            let is_calling = activity.account(&event.customer_id).unwrap().is_calling();
            match event.change {
                Change::Calls { .. } => assert!(is_calling, "{}", event.line()),
                Change::ErrorRate { .. } | Change::UsageTrend { .. } => {
                    assert!(was_calling, "{}", event.line());
                }
                _ => {}
            }
        }
    }
}

#[test]
fn stages_and_tiers_only_go_up_and_everybody_arrives() {
    let mut activity = activity(5, 40);
    let first: Vec<String> = activity.accounts().map(|account| account.id.clone()).collect();
    for event in play(&mut activity, 3_000) {
        match event.change {
            Change::Stage { before, after } => {
                let next = AccountStage::ALL.iter().position(|stage| *stage == before).unwrap() + 1;
                assert_eq!(after, AccountStage::ALL[next], "{}", event.line());
            }
            Change::Tier { before, after } => assert!(after > before, "{}", event.line()),
            _ => {}
        }
    }
    for id in first {
        let account = activity.account(&id).unwrap();
        assert_eq!(account.stage, AccountStage::ProductionReady, "{account:?}");
        assert!(account.tier > Tier::Trial, "{account:?}");
    }
    let stages: BTreeSet<_> = activity.accounts().map(|account| account.stage).collect();
    assert!(stages.len() >= 4, "{stages:?}");
}

#[test]
fn what_events_tell_adds_up_to_the_accounts() {
    let mut told = Activity::new(Seed::new(9));
    let mut activity = Activity::new(Seed::new(6));
    let mut events = activity.populate(30, start());
    events.extend(play(&mut activity, 400));
    let mut ids = BTreeSet::new();
    for event in events {
        assert!(ids.insert(event.id.clone()), "{} comes twice", event.id);
        let mut account = match &event.change {
            Change::Created(account) => account.as_ref().clone(),
            _ => told.account(&event.customer_id).unwrap().clone(),
        };
        match event.change {
            Change::Created(_) => {}
            Change::Stage { before, after } => {
                assert_eq!(account.stage, before);
                (account.stage, account.stage_since) = (after, Some(event.at));
            }
            Change::Tier { before, after } => {
                assert_eq!(account.tier, before);
                account.tier = after;
            }
            Change::Calls { count, before, after } => {
                assert_eq!(account.total_api_calls, before);
                account.total_api_calls += i64::from(count);
                assert_eq!(account.total_api_calls, after);
            }
            Change::ErrorRate { before, after } => {
                assert_eq!(account.error_rate, before);
                account.error_rate = after;
            }
            Change::UsageTrend { before, after } => {
                assert_eq!(account.usage_trend, before);
                account.usage_trend = after;
            }
        }
        told.take_up(account);
    }
    assert!(told.accounts().eq(activity.accounts()));
}

#[test]
fn envelopes_say_what_the_events_say() {
    let mut activity = Activity::new(Seed::new(7));
    let mut events = activity.populate(30, start());
    events.extend(play(&mut activity, 100));
    let context =
        ParseContext { brand: Brand::default(), currency: Currency::parse("EUR").unwrap() };
    for event in &events {
        let message = Message::new(WireForm::Envelope, event.envelope(), event.at);
        let read = ciq_event::parse(&message, &context).unwrap().remove(0);
        check_read(event, &read);
    }
    let kinds: BTreeSet<_> = events.iter().map(|event| event.change.name()).collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

#[track_caller]
fn check_read(event: &ActivityEvent, read: &Event) {
    assert_eq!((read.occurred_at, read.event_type.as_str()), (event.at, event.event_type()));
    assert_eq!(read.contacts[0].value, event.customer_id);
    let Payload::Account(update) = &read.payload else { panic!("{read:?}") };
    let mut expect = AccountUpdate::default();
    match &event.change {
        Change::Created(account) => {
            assert_eq!(read.profile.name.as_deref(), Some(account.company.as_str()));
            assert_eq!(read.profile.company.as_deref(), Some(account.company.as_str()));
            expect = AccountUpdate {
                stage: Some(account.stage),
                tier: Some(account.tier),
                error_rate: Some(account.error_rate),
                usage_trend: Some(account.usage_trend),
                integration_status: Some(account.integration_status().to_owned()),
                signed_up_at: account.signed_up_at,
                api_call_count: account.total_api_calls,
            };
        }
        Change::Stage { after, .. } => {
            expect.stage = Some(*after);
            expect.integration_status = update.integration_status.clone();
            assert!(update.integration_status.is_some());
        }
        Change::Tier { after, .. } => expect.tier = Some(*after),
        Change::Calls { count, .. } => expect.api_call_count = i64::from(*count),
        Change::ErrorRate { after, .. } => expect.error_rate = Some(*after),
        Change::UsageTrend { after, .. } => expect.usage_trend = Some(*after),
    }
    assert_eq!(*update, expect, "{}", event.line());
}

#[test]
fn the_four_of_every_demonstration_are_there() {
    let mut activity = Activity::new(Seed::new(8));
    let events = activity.populate(4, start());
    let lines: Vec<String> = events.iter().map(ActivityEvent::line).collect();
    assert_eq!(
        lines,
        [
            "🆕 Startup Inc: New customer (stage api_keys_generated, tier trial)",
            "🆕 AtRisk Co: New customer (stage production_ready, tier pro)",
            "🆕 BigCorp Ltd: New customer (stage production_ready, tier enterprise)",
            "🆕 Example Corp: New customer (stage integration_validated, tier starter)",
        ]
    );
    let startup = activity.account("startup-inc").unwrap();
    assert_eq!((startup.total_api_calls, startup.stage), (0, AccountStage::ApiKeysGenerated));
    let age = start().duration_since(startup.signed_up_at.unwrap());
    assert!(age > SignedDuration::from_hours(24));
    let at_risk = activity.account("atrisk-co").unwrap();
    assert_eq!(at_risk.error_rate, ErrorRate::from_millionths(50_000));
    let large = activity.account("bigcorp-ltd").unwrap();
    assert_eq!((large.usage_trend, large.tier), (UsageTrend::Stable, Tier::Enterprise));
    // Those who are there already are left alone.
    let rest = Activity::populate(&mut activity, 6, start());
    assert_eq!((rest.len(), activity.accounts().len()), (2, 6));
}

#[test]
fn one_who_is_taken_up_goes_on_from_there() {
    let mut activity = Activity::new(Seed::new(1));
    activity.take_up(Account { total_api_calls: 1_000, ..settled("acme") });
    let calls = play(&mut activity, 20).into_iter().find_map(|event| match event.change {
        Change::Calls { before, .. } if event.customer_id == "acme" => Some(before),
        _ => None,
    });
    assert_eq!(calls, Some(1_000));
    assert!(activity.populate(1, start()).len() == 1, "the first of the four is added");
}

#[test]
fn a_cycle_is_a_function_of_seed_number_and_accounts() {
    let mut whole = activity(1, 10);
    let mut part = whole.clone();
    assert_eq!(play(&mut whole, 50), play(&mut part, 50));
    assert_ne!(play(&mut activity(2, 10), 50), play(&mut activity(1, 10), 50));
    // One account more changes nothing for another.
    let mut more = activity(1, 10);
    more.take_up(settled("zzz"));
    let of_startup = |activity: &mut Activity| {
        let events = play(activity, 50).into_iter();
        let ours = events.filter(|event| event.customer_id == "startup-inc");
        ours.map(|event| (event.at, event.change)).collect::<Vec<_>>()
    };
    let ours = of_startup(&mut more);
    assert!(!ours.is_empty());
    assert_eq!(ours, of_startup(&mut activity(1, 10)));
}

/// A change of these is a change of every run: say so in the changelog.
/// `REPIN=1 cargo test -p ciq-synth --test it pinned` writes what they are now.
#[test]
fn the_first_events_of_seed_1_are_pinned() {
    let mut activity = Activity::new(Seed::new(1));
    let mut events = activity.populate(6, start());
    events.extend(play(&mut activity, 20));
    let lines = events.iter().take(GOLDEN_LINES).map(|event| {
        let envelope = String::from_utf8(event.envelope()).unwrap();
        format!("{envelope}\n{}\n", event.line())
    });
    let text: String = lines.collect();
    if std::env::var_os("REPIN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/activity_seed_1.txt");
        std::fs::write(path, &text).unwrap();
        return;
    }
    assert_eq!(text, include_str!("../golden/activity_seed_1.txt"));
}
