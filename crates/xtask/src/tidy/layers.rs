//! Who may use whom: a package uses only packages of lower layers.

use super::Finding;
use crate::workspace::Package;

/// Where a package stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// A numbered layer of the product; 0 to 2 are pure.
    Numbered(u8),
    /// A package for developers: it may use anything, and only tests use it.
    Dev,
}

use Layer::{Dev, Numbered};

/// Every package of the workspace and its layer.
const LAYERS: [(&str, Layer); 26] = [
    ("ciq-event", Numbered(0)),
    ("ciq-models", Numbered(0)),
    ("ciq-identity", Numbered(1)),
    ("ciq-insight", Numbered(1)),
    ("ciq-synth", Numbered(1)),
    ("ciq-automation", Numbered(2)),
    ("ciq-engine", Numbered(2)),
    ("ciq-monitor", Numbered(2)),
    ("ciq-store", Numbered(3)),
    ("ciq-nats", Numbered(3)),
    ("ciq-stripe", Numbered(3)),
    ("ciq-outreach", Numbered(3)),
    ("ciq-ingest", Numbered(4)),
    ("ciq-sink", Numbered(4)),
    ("ciq-stripe-twin", Numbered(4)),
    ("ciq-clockwork", Numbered(5)),
    ("ciq-http", Numbered(6)),
    ("ciq-mock", Numbered(6)),
    ("ciq-dashboard", Numbered(7)),
    ("mockgen", Numbered(BINARY_LAYER)),
    ("customeriq", Numbered(BINARY_LAYER)),
    ("simulator", Numbered(BINARY_LAYER)),
    ("stripe-seed", Numbered(BINARY_LAYER)),
    ("ciq-testkit", Dev),
    ("xtask", Dev),
    ("examples", Dev),
];

/// The layer of the programs.
const BINARY_LAYER: u8 = 8;

/// The highest layer that touches nothing outside itself.
const PURE_LAYER_MAX: u8 = 2;

/// What a pure package does without.
const IMPURE: [&str; 5] = ["tokio", "axum", "rusqlite", "tokio-postgres", "reqwest"];

/// Who may speak HTTP as a server.
const AXUM_USERS: [&str; 5] =
    ["ciq-http", "ciq-dashboard", "ciq-mock", "ciq-stripe-twin", "ciq-testkit"];

/// The only package that knows SQL.
pub(super) const SQL_PACKAGE: &str = "ciq-store";

/// Returns where a package stands, if it is known.
pub(super) fn layer(name: &str) -> Option<Layer> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

/// Tells whether a package must touch nothing outside itself.
pub(super) fn is_pure(name: &str) -> bool {
    matches!(layer(name), Some(Numbered(layer)) if layer <= PURE_LAYER_MAX)
}

/// Checks every package's place, name and dependencies.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = package.name.as_str();
    if layer(name).is_none() {
        let advice = format!("give `{name}` a layer in crates/xtask/src/tidy/layers.rs");
        findings.push(Finding::in_manifest(package, "name", advice));
    }
    if !is_at_home(package) {
        let advice = format!("name the folder `{name}`, as the package is named");
        findings.push(Finding::in_manifest(package, "name", advice));
    }
    for dependency in &package.dependencies {
        let advice = arrow_advice(name, dependency).or_else(|| outside_advice(name, dependency));
        findings.extend(advice.map(|advice| Finding::in_manifest(package, dependency, advice)));
    }
    findings
}

/// A package below `crates` or `bins` has its folder's name.
fn is_at_home(package: &Package) -> bool {
    let mut parts = package.folder.rsplit('/');
    let folder = parts.next();
    !matches!(parts.next(), Some("crates" | "bins")) || folder == Some(package.name.as_str())
}

/// Says what is wrong with an arrow between two of our own packages.
fn arrow_advice(user: &str, used: &str) -> Option<String> {
    match (layer(user)?, layer(used)?) {
        (Dev, _) => None,
        (Numbered(_), Dev) => Some(format!("use `{used}` in tests only: [dev-dependencies]")),
        (Numbered(above), Numbered(below)) if above > below => None,
        (Numbered(above), Numbered(below)) => Some(format!(
            "do without `{used}` (layer {below}): `{user}` (layer {above}) uses lower layers only"
        )),
    }
}

/// Says what is wrong with the use of an outside package.
fn outside_advice(user: &str, used: &str) -> Option<String> {
    let is_program = layer(user) == Some(Numbered(BINARY_LAYER)) || user == "xtask";
    match used {
        _ if is_pure(user) && IMPURE.contains(&used) => {
            Some(format!("do without `{used}`: `{user}` is pure; hand the values in"))
        }
        "rusqlite" | "tokio-postgres" if user != SQL_PACKAGE => {
            Some(format!("ask `{SQL_PACKAGE}` for a named query: it alone uses `{used}`"))
        }
        "axum" if !AXUM_USERS.contains(&user) => {
            Some("move the routes to a face: only those use `axum`".to_owned())
        }
        "clap" | "clap_complete" | "clap_mangen" if !is_program => {
            Some("take a settings struct: only programs read the command line".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, dependencies: &[&str], expect: &[&str]) {
        let package = Package {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
            manifest: String::new(),
        };
        let advice: Vec<_> = super::check(&[package]).into_iter().map(|it| it.advice).collect();
        assert_eq!(advice.len(), expect.len(), "{advice:?}");
        for (advice, expect) in advice.iter().zip(expect) {
            assert!(advice.starts_with(expect), "{advice}");
        }
    }

    #[test]
    fn an_arrow_points_down() {
        check("ciq-engine", &["ciq-event", "ciq-identity", "jiff"], &[]);
        check("ciq-event", &["ciq-identity"], &["do without `ciq-identity` (layer 1)"]);
        check("ciq-identity", &["ciq-insight"], &["do without `ciq-insight` (layer 1)"]);
    }

    #[test]
    fn developers_packages_use_anything_and_only_tests_use_them() {
        check("ciq-testkit", &["ciq-http", "ciq-store", "axum"], &[]);
        check("ciq-ingest", &["ciq-testkit"], &["use `ciq-testkit` in tests only"]);
    }

    #[test]
    fn a_package_without_a_layer_is_found() {
        check("ciq-new", &[], &["give `ciq-new` a layer"]);
    }

    #[test]
    fn pure_packages_do_without_the_world() {
        check("ciq-synth", &["tokio"], &["do without `tokio`"]);
        check("ciq-engine", &["rusqlite"], &["do without `rusqlite`"]);
        check("ciq-ingest", &["tokio"], &[]);
    }

    #[test]
    fn only_the_store_opens_a_database() {
        check("ciq-store", &["rusqlite", "tokio-postgres"], &[]);
        check("ciq-http", &["rusqlite", "tokio-postgres"], &["ask `ciq-store`", "ask `ciq-store`"]);
    }

    #[test]
    fn only_faces_serve_and_only_programs_read_the_command_line() {
        check("ciq-ingest", &["axum", "clap"], &["move the routes", "take a settings struct"]);
        check("customeriq", &["clap", "clap_complete"], &[]);
    }

    #[test]
    fn a_folder_is_named_as_its_package() {
        let package = |folder: &str| Package {
            name: "ciq-event".to_owned(),
            folder: folder.to_owned(),
            dependencies: Vec::new(),
            manifest: String::new(),
        };
        assert!(is_at_home(&package("crates/ciq-event")));
        assert!(is_at_home(&package("elsewhere")));
        assert!(!is_at_home(&package("crates/event")));
    }
}
