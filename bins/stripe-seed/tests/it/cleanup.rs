//! Cleaning up touches only what is one's own.

use serde_json::Value;

use crate::support::{Place, SMALL, TwinProcess};

fn clock_names(twin: &TwinProcess) -> Vec<String> {
    let clocks = twin.list("/v1/test_helpers/test_clocks");
    let name = |clock: &Value| clock["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = clocks.iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_cleanup_deletes_the_clocks_of_its_own_run() {
    let twin = TwinProcess::start(&[]);
    let foreign = ["Monthly test", "stripe-seeding 01", "stripe-seed demo2 extra"];
    for name in foreign {
        let body = format!("frozen_time=1767225600&name={}", name.replace(' ', "+"));
        assert_eq!(twin.ask("POST", "/v1/test_helpers/test_clocks", &body).0, 200);
    }
    let (a, b) = (Place::new(), Place::new());
    let generate = |place: &Place, name: &str| {
        let args = ["generate", "--rate", "0", "--run", name];
        place.run_at(&twin.url, &[&args[..], &SMALL].concat()).expect(0);
    };
    generate(&a, "demo");
    generate(&b, "demo2");
    let told = a.run_at(&twin.url, &["cleanup"]).expect(0).out;
    assert!(told.contains("deleted 2 clocks with their customers"), "{told}");
    assert!(!a.files().contains(&"current_run.json".to_owned()), "{:?}", a.files());
    assert!(a.files().contains(&"stripe_prices.json".to_owned()), "prices stay");
    let left = ["Monthly test", "stripe-seed demo2 01", "stripe-seed demo2 02"];
    let left = [&left[..], &["stripe-seed demo2 extra", "stripe-seeding 01"]].concat();
    assert_eq!(clock_names(&twin), left);
    b.run_at(&twin.url, &["verify"]).expect(0);

    // Nobody can be asked here.
    b.run_at(&twin.url, &["cleanup", "--all"]).expect(2).says("say --yes");
    assert_eq!(clock_names(&twin).len(), 5);
    b.run_at(&twin.url, &["cleanup", "--all", "--yes"]).expect(0);
    assert!(clock_names(&twin).iter().all(|name| !name.starts_with("stripe-seed demo2 0")));
    assert!(clock_names(&twin).contains(&"Monthly test".to_owned()));
    assert!(clock_names(&twin).contains(&"stripe-seeding 01".to_owned()));
    assert_eq!(twin.list("/v1/prices").len(), 5);
}

#[test]
fn a_run_is_cleaned_up_by_its_name_from_anywhere() {
    let twin = TwinProcess::start(&[]);
    let args = ["generate", "--rate", "0", "--run", "other"];
    Place::new().run_at(&twin.url, &[&args[..], &SMALL].concat()).expect(0);
    let told = Place::new().run_at(&twin.url, &["cleanup", "--json"]).expect(0).json();
    assert_eq!(told["clocks"], 0, "demo is another run");
    let told =
        Place::new().run_at(&twin.url, &["cleanup", "--run", "other", "--json"]).expect(0).json();
    assert_eq!(told["clocks"], 2);
    assert!(clock_names(&twin).is_empty());
}
