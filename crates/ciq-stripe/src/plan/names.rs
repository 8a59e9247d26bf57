//! Names of made-up companies, each once, and their addresses at a reserved domain.

use ciq_synth::Seed;

/// What a company is called after.
const FIRST_WORDS: [&str; 64] = [
    "Alder",
    "Amber",
    "Anchor",
    "Arbour",
    "Ashford",
    "Aspen",
    "Beacon",
    "Birch",
    "Bluebird",
    "Bramble",
    "Bridge",
    "Cedar",
    "Chestnut",
    "Clover",
    "Compass",
    "Copper",
    "Coral",
    "Crane",
    "Dawn",
    "Delta",
    "Ember",
    "Fairway",
    "Falcon",
    "Fern",
    "Flint",
    "Foxglove",
    "Garnet",
    "Granite",
    "Harbour",
    "Hazel",
    "Heron",
    "Hillside",
    "Indigo",
    "Ivory",
    "Juniper",
    "Kestrel",
    "Lantern",
    "Larch",
    "Linden",
    "Magnolia",
    "Maple",
    "Marble",
    "Meadow",
    "Mill",
    "Nettle",
    "Northgate",
    "Oak",
    "Orchard",
    "Otter",
    "Pebble",
    "Pine",
    "Quartz",
    "Raven",
    "River",
    "Rowan",
    "Saffron",
    "Silver",
    "Slate",
    "Spruce",
    "Summit",
    "Thistle",
    "Tulip",
    "Walnut",
    "Willow",
];

/// Where screens hang.
const PLACES: [&str; 48] = [
    "Academy",
    "Arcade",
    "Bakery",
    "Barbers",
    "Books",
    "Bowling",
    "Brewery",
    "Cafe",
    "Cinemas",
    "Clinic",
    "College",
    "Courts",
    "Cycles",
    "Dental",
    "Diner",
    "Ferries",
    "Fitness",
    "Florists",
    "Foods",
    "Gallery",
    "Garage",
    "Gardens",
    "Grill",
    "Grocers",
    "Hospital",
    "Hostel",
    "Hotels",
    "Interiors",
    "Library",
    "Logistics",
    "Motors",
    "Museum",
    "Music",
    "Opticians",
    "Outfitters",
    "Parking",
    "Pharmacy",
    "Pizzeria",
    "Pools",
    "Property",
    "Realty",
    "Salon",
    "School",
    "Stadium",
    "Stores",
    "Theatre",
    "Travel",
    "Vets",
];

/// How many names there are.
const NAMES: u64 = (FIRST_WORDS.len() * PLACES.len()) as u64;

/// How far one name is from the next in the table of all: prime to its length, so that each comes
/// once, and far enough that neighbours share no word.
const STRIDE: u64 = 1_153;

/// Returns the name of a company and its address. No two of the first 3,072 are alike.
pub(super) fn company(seed: Seed, index: u32) -> (String, String) {
    let offset = seed.mark("stripe/name", 0) % NAMES;
    let place = usize::try_from((offset + u64::from(index) * STRIDE) % NAMES).unwrap_or(0);
    let (first, last) = (FIRST_WORDS[place / PLACES.len()], PLACES[place % PLACES.len()]);
    let name = format!("{first} {last}");
    let email = format!("{}@example.com", name.to_ascii_lowercase().replace(' ', "."));
    (name, email)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::settings::CUSTOMERS_MAX;
    use super::*;

    #[test]
    fn every_company_of_the_largest_run_has_a_name_and_an_address_of_its_own() {
        let all: Vec<_> = (0..CUSTOMERS_MAX).map(|index| company(Seed::new(7), index)).collect();
        let names: BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
        let emails: BTreeSet<_> = all.iter().map(|(_, email)| email).collect();
        assert_eq!([names.len(), emails.len()], [3_000, 3_000]);
    }

    #[test]
    fn seeds_begin_at_different_names() {
        assert_ne!(company(Seed::new(1), 0), company(Seed::new(2), 0));
    }
}
