//! The standard output. The test program itself is started again to have one of its own.

use std::process::{Command, Stdio};

use ciq_sink::{Sink, SinkSettings};

use crate::support::{LIMIT, body, send};

/// Prints three events; also when it runs as a test among others.
#[tokio::test]
async fn an_event_is_a_line() {
    let sink = Sink::open(SinkSettings::console()).await.unwrap();
    send(&sink, 0..3, 2).await;
    assert_eq!(sink.close(LIMIT).await.delivered, 3);
}

#[test]
fn events_come_out_in_order() {
    let program = std::env::current_exe().unwrap();
    let mut again = Command::new(program);
    again.args(["--exact", "console::an_event_is_a_line", "--nocapture"]);
    let output = again.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let expected: Vec<String> = (0..3).map(body).collect();
    assert!(text.contains(&(expected.join("\n") + "\n")), "{text}");
}
