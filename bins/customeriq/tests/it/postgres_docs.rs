//! What docs/postgres.md and docs/scale.md tell people to type is understood.

use std::collections::BTreeSet;

use crate::support::Place;

/// The pages.
const PAGES: [&str; 2] =
    [include_str!("../../../../docs/postgres.md"), include_str!("../../../../docs/scale.md")];

/// Returns what follows the program's name, in blocks of the shell and between backticks.
fn commands(page: &'static str) -> impl Iterator<Item = &'static str> {
    let blocks = page.split("\n```sh\n").skip(1);
    let of_blocks = blocks.flat_map(|rest| rest.split("\n```").next().unwrap().lines());
    let of_prose = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    of_blocks
        .chain(of_prose)
        .filter_map(|text| text.split_once("customeriq "))
        // Before the name there are variables at most.
        .filter(|(before, _)| before.split_whitespace().all(|word| word.contains('=')))
        .map(|(_, arguments)| arguments)
}

#[test]
fn every_command_of_the_pages_is_understood() {
    let place = Place::new();
    for page in PAGES {
        let commands: BTreeSet<&str> = commands(page).collect();
        assert!(!commands.is_empty());
        for arguments in commands {
            let arguments: Vec<&str> = arguments.split_whitespace().chain(["--help"]).collect();
            place.run(&arguments).expect(0);
        }
    }
}
