//! How fast it goes where a server has a limit.

use crate::support::{Place, SMALL, TwinProcess};

/// What Stripe allows in test mode, in calls a second.
const RATE: f64 = 25.0;

/// How much longer than the calls need it may take, and what starting and waiting may add.
const FACTOR_MAX: f64 = 1.15;
const OVERHEAD_SECONDS_MAX: f64 = 5.0;

#[test]
fn a_run_keeps_to_the_limit_and_wastes_little_time_below_it() {
    let twin = TwinProcess::start(&["--rate", "25"]);
    let args = [&["generate", "--quiet", "--json"][..], &SMALL].concat();
    let report = Place::new().run_at(&twin.url, &args).expect(0).json();
    assert_eq!(report["rate_limited"], 0, "{report}");
    let (calls, seconds) = (report["calls"].as_f64().unwrap(), report["seconds"].as_f64().unwrap());
    assert!(seconds >= (calls - RATE) / RATE, "{report}");
    assert!(seconds <= calls / RATE * FACTOR_MAX + OVERHEAD_SECONDS_MAX, "{report}");
}
