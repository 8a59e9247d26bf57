//! A run that is killed at random moments, and resumed.

use std::process::Stdio;

use ciq_testkit::eventually;

use crate::support::{LIMIT, Place, SMALL, TwinProcess};
use crate::world::{check_no_duplicates, state};

/// How many moments there are unless `CUSTOMERIQ_SOAK_KILLS` says otherwise.
const KILLS: usize = 6;

/// Draws a number below a limit; the same numbers in every run of the tests.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        // Numerical Recipes' generator: good enough to pick a moment.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[expect(clippy::disallowed_methods, reason = "the soak says how long to go on")]
fn kill_count() -> usize {
    let asked = std::env::var("CUSTOMERIQ_SOAK_KILLS").ok();
    asked.map_or(KILLS, |text| text.parse().unwrap())
}

/// Returns how many steps the journal of a place has.
fn steps(place: &Place) -> usize {
    let journal = std::fs::read_to_string(place.path("config/run_journal.ndjson"));
    journal.unwrap_or_default().lines().count()
}

/// Starts a command and kills it when so many steps are done; tells whether it was still running.
fn kill_after(place: &Place, url: Option<&str>, args: &[&str], count: usize) -> bool {
    let mut command = match url {
        Some(url) => place.command_at(url, args),
        None => place.command(args),
    };
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = silent.spawn().unwrap();
    let mut is_over = false;
    let is_reached = eventually(LIMIT, || {
        is_over = child.try_wait().unwrap().is_some();
        is_over || steps(place) >= count
    });
    assert!(is_reached, "{} of {count} steps", steps(place));
    // One that has ended already cannot be killed.
    drop(child.kill());
    let status = child.wait().unwrap();
    !is_over && !status.success()
}

#[test]
fn a_run_that_is_killed_comes_to_the_same_when_it_is_resumed() {
    let calm = Place::new();
    let args = [&["generate", "--start", "2026-01", "--quiet", "--rate", "0"][..], &SMALL].concat();
    calm.run_at(&TwinProcess::start(&[]).url, &args).expect(0);
    let (expected, all) = (state(&calm), steps(&calm) as u64);
    let mut chance = Chance(20_261_122);
    let mut kills = 0;
    let wanted = kill_count();
    let faults = ["--fault-429", "2", "--fault-500", "2", "--fault-lost", "2", "--seed"];
    for round in 0.. {
        if kills >= wanted {
            break;
        }
        // Every other time, answers fail and get lost on top of it.
        let seed = round.to_string();
        let faults = [&faults[..], &[&seed]].concat();
        let faults = if round % 2 == 0 { &[][..] } else { &faults };
        let twin = TwinProcess::start(&[&["--advance-ms", "20"], faults].concat());
        let place = Place::new();
        // The first kill may come before the first step, each further one a little later.
        let mut at = usize::try_from(chance.below(all)).unwrap();
        let mut is_killed = kill_after(&place, Some(&twin.url), &args, at);
        while is_killed && kills < wanted && place.files().contains(&"current_run.json".to_owned())
        {
            kills += 1;
            at = steps(&place) + 1 + usize::try_from(chance.below(all)).unwrap();
            is_killed =
                kill_after(&place, Some(&twin.url), &["resume", "--quiet", "--rate", "0"], at);
        }
        // What was killed before it began is begun, what is finished is checked once more.
        place.run_at(&twin.url, &args).expect(0);
        assert_eq!(state(&place), expected, "killed at {at} of {all}");
        check_no_duplicates(&twin, &place);
        place.run_at(&twin.url, &["verify", "--rate", "0"]).expect(0);
    }
}

#[test]
fn a_twin_that_is_killed_with_the_run_goes_on_with_it() {
    let args = [&["generate", "--twin", "--start", "2026-01", "--quiet"][..], &SMALL].concat();
    let calm = Place::new();
    calm.run(&args).expect(0);
    let place = Place::new();
    for part in 1..4 {
        kill_after(&place, None, &args, steps(&calm) * part / 4);
    }
    place.run(&["resume", "--quiet"]).expect(0);
    assert_eq!(state(&place), state(&calm));
    place.run(&["verify"]).expect(0);
}

#[test]
fn a_lost_journal_is_made_up_for_by_the_server() {
    let twin = TwinProcess::start(&[]);
    let place = Place::new();
    let args = [&["generate", "--start", "2026-01", "--quiet", "--rate", "0"][..], &SMALL].concat();
    assert!(kill_after(&place, Some(&twin.url), &args, 9));
    std::fs::remove_file(place.path("config/run_journal.ndjson")).unwrap();
    place.run_at(&twin.url, &["resume", "--quiet"]).expect(0);
    check_no_duplicates(&twin, &place);
    place.run_at(&twin.url, &["verify", "--rate", "0"]).expect(0);
}

#[test]
fn a_run_of_other_settings_is_not_mixed_with_one_that_is_under_way() {
    let twin = TwinProcess::start(&[]);
    let place = Place::new();
    let args = [&["generate", "--start", "2026-01", "--rate", "0"][..], &SMALL].concat();
    assert!(kill_after(&place, Some(&twin.url), &args, 5));
    let other = [&args[..], &["--seed", "2"]].concat();
    let told = place.run_at(&twin.url, &other).expect(2).err;
    let remedy = "go on with it by `stripe-seed resume`, give it up with --fresh";
    assert!(told.contains("its seed is 1, not 2") && told.contains(remedy), "{told}");
    place.run(&[&args[..], &["--twin"]].concat()).expect(2).says("not at the twin within");
    place.run_at(&twin.url, &args).expect(0).says("the run `demo` goes on with month ");
    // Given up, it is deleted from the server too.
    assert!(kill_after(&place, Some(&twin.url), &args, 5));
    place.run_at(&twin.url, &[&other[..], &["--fresh"]].concat()).expect(0);
    check_no_duplicates(&twin, &place);
}
