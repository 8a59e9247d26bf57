//! A made-up history from one seed.
//!
//! You will see who the first users are, the first lines of what all of them do, and that neither
//! the number of threads nor the number of users changes anything about anyone.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;
use std::ops::ControlFlow;

use ciq_synth::Seed;
use ciq_synth::saas::{Format, HistorySettings, Population, Renderer, user, write_history};

/// Writes the history of some users on some threads.
fn history(users: u32, threads: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let population = Population::new(Seed::new(42), users)?;
    let settings = HistorySettings::new(population, 7)?;
    let renderer = Renderer::new(&population, Format::Mockgen);
    let mut lines = Vec::new();
    // The first hundred only, whoever else there is.
    write_history(&settings, 0..100, threads, &renderer, &mut |part| {
        lines.extend_from_slice(part.bytes);
        ControlFlow::Continue(())
    });
    Ok(lines)
}

fn main() -> Result<(), Box<dyn Error>> {
    let population = Population::new(Seed::new(42), 100)?;
    for index in 0..3 {
        let user = user(&population, index);
        let (region, plan) = (user.region.code(), user.plan.name());
        println!("{} {} <{}>, {region}, {plan}", user.id, user.name(), user.email);
    }

    let lines = history(100, 1)?;
    let text = str::from_utf8(&lines)?;
    for line in text.lines().take(3) {
        println!("{line}");
    }
    println!("{} events in a week", text.lines().count());

    let is_same = history(100, 4)? == lines;
    println!("on four threads it is the same: {is_same}");
    let is_same = history(10_000, 1)? == lines;
    println!("among ten thousand users they do the same: {is_same}");
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
    let lines = history(100, 1).unwrap();
    assert!(lines == history(100, 4).unwrap() && lines == history(10_000, 1).unwrap());
}
