//! Facts about made-up worlds.
#![cfg(test)]

mod activity;
mod determinism;
mod identity;
mod saas_dirty;
mod saas_life;
mod saas_render;
mod saas_user;
mod shape;
mod wire;

use ciq_synth::{Seed, World, WorldSettings, world};

/// The seed that the golden files pin.
const SEED: Seed = Seed::new(1);

fn settings(people: u32) -> WorldSettings {
    WorldSettings::new(SEED, people, 90).unwrap()
}

fn small_world(people: u32) -> World {
    world(settings(people), 2)
}
