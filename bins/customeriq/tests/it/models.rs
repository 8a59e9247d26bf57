//! `train`, `evaluate`, `predict`, `models`: what customers will do.

use crate::support::Place;

/// A place with a file of made-up people, some of whom leave: enough to learn from.
fn world() -> Place {
    let place = Place::new();
    place.run(&[&DEMO[..], &["--people", "300", "--days", "120"]].concat()).expect(0);
    place
}

/// Makes people up.
const DEMO: [&str; 5] = ["demo", "--no-serve", "--quiet", "--db", "d.db"];

/// What there is enough of to learn from.
const LESSON: [&str; 4] = ["--target", "purchase", "--horizon", "14d"];

/// A day towards the end of the made-up world.
const END: &str = "2026-04-30";

/// A day well before it.
const CUT: &str = "2026-03-31T00:00:00Z";

#[test]
fn a_model_is_trained_listed_and_put_aside() {
    let place = world();
    let run = |args: &[&str]| place.run(&[args, &["--db", "d.db"]].concat());
    let trained = run(&[&["train", "--json"], &LESSON[..]].concat()).expect(0).json();
    let version = trained["model_version"].as_str().unwrap();
    assert!(trained["report"]["auc"].as_f64().unwrap() > 0.5, "{trained}");
    let models = run(&["models", "--json"]).expect(0).json();
    assert_eq!(models["data"][0]["version"], version);
    assert_eq!(models["data"][0]["is_in_use"], true);
    assert!(run(&["models"]).expect(0).out.contains(version));
    run(&["models", "use", "scorecard"]).expect(0);
    assert_eq!(run(&["models", "--json"]).expect(0).json()["data"][0]["is_in_use"], false);
    assert!(run(&["models", "use", "nothing"]).expect(4).err.contains("customeriq models"));
    run(&["models", "use", version]).expect(0);
    run(&["predict", "--as-of", END]).expect(0);
    let customers =
        run(&["customers", "--sort", "lifetime-value", "--limit", "1", "--json"]).expect(0).json();
    let id = customers["data"][0]["id"].as_str().unwrap();
    let shown = run(&["show", id]).expect(0).out;
    assert!(shown.contains(version), "{shown}");
    let told = run(&[&["train", "--cut", CUT], &LESSON[..]].concat()).expect(0);
    assert!(told.out.contains("AUC") && told.out.contains("weight"), "{}", told.out);
    assert!(told.err.contains("customeriq predict"), "{}", told.err);
}

#[test]
fn all_models_are_judged_and_drawn() {
    let place = world();
    let run = |args: &[&str]| place.run(&[args, &["--db", "d.db"]].concat());
    let lesson = [&["evaluate"], &LESSON[..]].concat();
    let draw = ["--svg", "chances.svg", "--gain-svg", "gain.svg"];
    let text = run(&[&lesson[..], &draw].concat()).expect(0).out;
    for model in ["trained", "scorecard", "recency"] {
        assert!(text.contains(model), "{model}: {text}");
    }
    for file in ["chances.svg", "gain.svg"] {
        assert!(place.read(file).contains("<svg"), "{file}");
    }
    let judged = run(&[&lesson[..], &["--json"]].concat()).expect(0).json();
    assert_eq!(judged["horizon_days"], 14);
    assert!(judged["models"].as_array().unwrap().len() > 2);
    // Judging changes nothing.
    assert!(run(&["models", "--json"]).expect(0).json()["data"].as_array().unwrap().is_empty());
}

#[test]
fn everyone_is_in_one_segment() {
    let place = Place::new();
    place.run(&[&DEMO[..], &["--people", "60"]].concat()).expect(0);
    let run = |args: &[&str]| place.run(&[args, &["--db", "d.db"]].concat());
    let told = run(&["predict", "--as-of", END, "--json"]).expect(0).json();
    let segments = told["segments"].as_array().unwrap();
    let sum: u64 = segments.iter().map(|one| one["customer_count"].as_u64().unwrap()).sum();
    assert_eq!(sum, 60);
    assert_eq!(told["customer_count"], 60);
    let table = run(&["predict"]).expect(0).out;
    assert!(table.contains("segment") && table.contains("share %"), "{table}");
    run(&["predict", "--as-of", "tomorrow"]).expect(2);
}

#[test]
fn too_little_history_is_said_with_what_to_do() {
    let place = Place::with_story();
    for command in ["train", "evaluate"] {
        let ran = place.run(&[command]).expect(1);
        assert!(ran.err.contains("not enough history"), "{}", ran.err);
        assert!(ran.err.contains("scorecard"), "{}", ran.err);
    }
    place.run(&["train", "--horizon", "1"]).expect(2);
    assert!(Place::new().run(&["train"]).expect(4).err.contains("customeriq import FILE"));
}
