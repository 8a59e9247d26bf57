//! Files, compressed or not.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use ciq_sink::{Sink, SinkError, SinkSettings};
use flate2::read::MultiGzDecoder;

use crate::support::{LIMIT, check_once_in_order, send};

/// Writes a file in two runs, and reads it as others would.
async fn check(name: &str, read: impl Fn(&Path) -> String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    for run in [0..3_000, 3_000..5_000] {
        let count = u64::try_from(run.len()).unwrap();
        let sink = Sink::open(SinkSettings::file(&path)).await.unwrap();
        send(&sink, run, 300).await;
        assert_eq!(sink.close(LIMIT).await.delivered, count);
    }
    let text = read(&path);
    assert!(text.ends_with('\n'));
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    check_once_in_order(&lines, 5_000);
}

#[tokio::test]
async fn a_file_is_appended_to() {
    check("events.ndjson", |path| fs::read_to_string(path).unwrap()).await;
}

#[tokio::test]
async fn a_file_is_compressed_as_its_name_says() {
    check("events.ndjson.gz", |path| {
        let mut text = String::new();
        MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        text
    })
    .await;
    check("events.ndjson.zst", |path| {
        let bytes = zstd::decode_all(fs::File::open(path).unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let error = Sink::open(SinkSettings::file("/no/such/folder/events")).await.unwrap_err();
    assert!(matches!(error, SinkError::File { .. }));
    assert!(error.to_string().contains("/no/such/folder/events"), "{error}");
}
