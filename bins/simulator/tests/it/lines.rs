//! What people read.

use crate::service::Service;
use crate::support::Place;

#[test]
fn a_line_has_a_time_a_level_and_a_sign() {
    let service = Service::start();
    let args = ["--cycles", "200", "--interval", "1ms", "--target", &service.url];
    let ran = Place::new().run(&args).expect(0);
    for line in ran.out.lines() {
        // 2026-01-01 12:00:00 - INFO - ...
        let (head, rest) = line.split_at_checked(29).unwrap_or_else(|| panic!("{line}"));
        let shape = head.replace(|sign: char| sign.is_ascii_digit(), "0");
        assert_eq!(shape, "0000-00-00 00:00:00 - INFO - ", "{line}");
        assert!(rest.starts_with(|sign: char| !sign.is_ascii()), "{line}");
    }
    for text in [
        "🚀 Starting with 4 customers: a cycle every 1ms, events to http://127.0.0.1:",
        "🆕 Startup Inc: New customer (stage api_keys_generated, tier trial)",
        "🔄 Cycle 1\n",
        "📞 BigCorp Ltd: +",
        "🚨 AtRisk Co: Error rate spike! ",
        "🔧 AtRisk Co: Error rate fixed ",
        "📈 BigCorp Ltd: Usage trend stable → increasing",
        "🎉 Startup Inc: Onboarding api_keys_generated → first_api_call",
        "✅ Cycle complete (",
        "🏁 Stopped. Cycles: 200, ",
    ] {
        assert!(ran.out.contains(text), "{text}\n{}", ran.out);
    }
    assert!(ran.err.is_empty(), "{}", ran.err);
    assert!(!ran.out.contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn whoever_stops_reading_ends_it() {
    let service = Service::start();
    let place = Place::new();
    let simulator = env!("CARGO_BIN_EXE_simulator");
    let script = format!("\"{simulator}\" --interval 1ms --target {} | head -n 3", service.url);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).current_dir(place.path(""));
    let ran = crate::support::ran(command).expect(0);
    assert_eq!((ran.out.lines().count(), ran.err.as_str()), (3, ""));
}
