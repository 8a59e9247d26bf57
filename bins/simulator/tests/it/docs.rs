//! What docs/simulator.md says is so.

use ciq_synth::activity::rates;

use crate::support::Place;

/// The page.
const PAGE: &str = include_str!("../../../../docs/simulator.md");

#[test]
fn every_flag_is_on_the_page() {
    let help = Place::new().run(&["--help"]).expect(0);
    let flags = help.out.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let mut count = 0;
    for flag in
        flags.filter(|flag| flag.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-'))
    {
        if !["help", "version", "verbose", "quiet"].contains(&flag) {
            assert!(PAGE.contains(&format!("| `--{flag}")), "--{flag}");
            count += 1;
        }
    }
    assert!(count >= 9, "{count} flags");
}

#[test]
fn every_command_on_the_page_is_understood() {
    let blocks = PAGE.split("\n```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(str::lines).filter(|line| line.starts_with("simulator"));
    let mut count = 0;
    for line in lines {
        let command = line.split('#').next().unwrap();
        let args: Vec<&str> = command.split_whitespace().skip(1).chain(["--help"]).collect();
        Place::new().run(&args).expect(0);
        count += 1;
    }
    assert!(count >= 4, "{count} commands");
}

#[track_caller]
fn check_rate(what: &str, percent: u64) {
    let row = PAGE.lines().find(|line| line.starts_with(&format!("| {what}")));
    let row = row.unwrap_or_else(|| panic!("no row of {what}"));
    assert!(row.contains(&format!("| {percent} % |")), "{row}");
}

#[test]
fn the_rates_are_those_of_the_page() {
    check_rate("makes calls", rates::CALLS_PERCENT);
    check_rate("error rate is drawn anew", rates::ERROR_PERCENT);
    check_rate("usage trend is drawn anew", rates::TREND_PERCENT);
    check_rate("somebody new signs up", rates::NEW_CUSTOMER_PERCENT);
    check_rate("`new` → `trial_created`", rates::TRIAL_PERCENT);
    check_rate("`trial_created` → `api_keys_generated`", rates::KEYS_PERCENT);
    check_rate("`api_keys_generated` → `first_api_call`", rates::FIRST_CALL_PERCENT);
    check_rate("`first_api_call` → `integration_validated`", rates::VALIDATED_PERCENT);
    check_rate("`integration_validated` → `production_ready`", rates::PRODUCTION_PERCENT);
    check_rate("trial becomes a subscription", rates::SUBSCRIBE_PERCENT);
}
