//! Peers as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::history::{CategoryKey, ProductKey};
use crate::peers::{Counted, Peers};
use crate::rfm::Quintiles;

/// The version of the form. One that is newer is refused.
const VERSION: u32 = 1;

/// Why peers could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PeersError {
    /// The text is no JSON of this form.
    #[error("cannot read peers from JSON")]
    Json(#[from] serde_json::Error),
    /// The text was written by a newer program.
    #[error("peers have version {0}, and only {VERSION} is known: build them anew")]
    Version(u32),
}

/// What is written. Keys are numbers; lists are pairs of a product and a count.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    quintiles: Option<WireQuintiles>,
    next_by_product: BTreeMap<i64, Vec<(i64, u32)>>,
    next_by_category: BTreeMap<i64, Vec<(i64, u32)>>,
    popular_by_category: BTreeMap<i64, Vec<(i64, u32)>>,
    popular: Vec<(i64, u32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireQuintiles {
    recency: [u32; 4],
    frequency: [u32; 4],
    monetary: [i64; 4],
}

impl Peers {
    /// Writes peers as one line of JSON.
    pub fn to_json(&self) -> Result<String, PeersError> {
        let Self { quintiles, next_by_product, next_by_category, popular_by_category, popular } =
            self;
        let wire = Wire {
            version: VERSION,
            quintiles: quintiles.as_ref().map(|quintiles| WireQuintiles {
                recency: quintiles.recency,
                frequency: quintiles.frequency,
                monetary: quintiles.monetary,
            }),
            next_by_product: written(next_by_product, |key| key.0),
            next_by_category: written(next_by_category, |key| key.0),
            popular_by_category: written(popular_by_category, |key| key.0),
            popular: pairs(popular),
        };
        Ok(serde_json::to_string(&wire)?)
    }

    /// Reads what [`Peers::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, PeersError> {
        let wire: Wire = serde_json::from_str(text)?;
        if wire.version != VERSION {
            return Err(PeersError::Version(wire.version));
        }
        Ok(Self {
            quintiles: wire.quintiles.map(|quintiles| Quintiles {
                recency: quintiles.recency,
                frequency: quintiles.frequency,
                monetary: quintiles.monetary,
            }),
            next_by_product: read(wire.next_by_product, ProductKey),
            next_by_category: read(wire.next_by_category, CategoryKey),
            popular_by_category: read(wire.popular_by_category, CategoryKey),
            popular: counted(wire.popular),
        })
    }
}

fn written<K>(
    lists: &BTreeMap<K, Counted>,
    number: impl Fn(&K) -> i64,
) -> BTreeMap<i64, Vec<(i64, u32)>> {
    lists.iter().map(|(key, list)| (number(key), pairs(list))).collect()
}

fn read<K: Ord>(
    lists: BTreeMap<i64, Vec<(i64, u32)>>,
    key: impl Fn(i64) -> K,
) -> BTreeMap<K, Counted> {
    lists.into_iter().map(|(number, list)| (key(number), counted(list))).collect()
}

fn pairs(list: &[(ProductKey, u32)]) -> Vec<(i64, u32)> {
    list.iter().map(|(product, count)| (product.0, *count)).collect()
}

fn counted(list: Vec<(i64, u32)>) -> Counted {
    list.into_iter().map(|(product, count)| (ProductKey(product), count)).collect()
}
