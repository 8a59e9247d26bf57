//! The open brands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ciq_event::Brand;
use ciq_store::{Database, Location, StoreError};

use crate::{BrandHandle, ConfigError, EngineOptions};

/// Brands open at once. Each holds a thread and a page cache; further ones are refused with a
/// word about the limit rather than let one client open files without end.
const OPEN_MAX: usize = 256;

/// Why a brand cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrandsError {
    /// Its tables said no.
    #[error("could not open the tables of brand {brand}")]
    Store {
        /// Which brand.
        brand: Brand,
        /// What the database said.
        source: StoreError,
    },
    /// The options are unusable.
    #[error("settings are unusable")]
    Config(#[from] ConfigError),
    /// Too many are open.
    #[error("{OPEN_MAX} brands are open: run another instance for more")]
    TooMany,
}

impl BrandsError {
    /// Tells whether the brand may be opened later: its database is busy or out of reach.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store { source, .. } if source.is_transient())
    }
}

/// The open brands: one file or schema, and one thread, each.
#[derive(Debug)]
pub struct Brands {
    database: Database,
    options: EngineOptions,
    open: Mutex<BTreeMap<Brand, Arc<BrandHandle>>>,
}

impl Brands {
    /// Makes a registry of the brands of a database. Checks the options.
    pub fn new(database: impl Into<Database>, options: EngineOptions) -> Result<Self, ConfigError> {
        options.settings(Brand::default())?;
        Ok(Self { database: database.into(), options, open: Mutex::default() })
    }

    /// Returns where all brands are.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Returns where a brand's tables are.
    pub fn location_of(&self, brand: &Brand) -> Location {
        self.database.location_of(brand)
    }

    /// Opens a brand, making its tables where there are none.
    pub fn open(&self, brand: &Brand) -> Result<Arc<BrandHandle>, BrandsError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = open.get(brand) {
            return Ok(Arc::clone(handle));
        }
        if open.len() >= OPEN_MAX {
            return Err(BrandsError::TooMany);
        }
        let settings = self.options.settings(brand.clone())?;
        let handle = BrandHandle::open(self.location_of(brand), settings)
            .map_err(|source| BrandsError::Store { brand: brand.clone(), source })?;
        let handle = Arc::new(handle);
        open.insert(brand.clone(), Arc::clone(&handle));
        Ok(handle)
    }

    /// Opens a brand that has tables; `None` for one that has none. Reading makes no brand.
    pub fn find(&self, brand: &Brand) -> Result<Option<Arc<BrandHandle>>, BrandsError> {
        let is_open = self.open.lock().unwrap_or_else(PoisonError::into_inner).contains_key(brand);
        let is_there = || {
            let is_there = self.database.has(brand);
            is_there.map_err(|source| BrandsError::Store { brand: brand.clone(), source })
        };
        if is_open || is_there()? {
            return self.open(brand).map(Some);
        }
        Ok(None)
    }

    /// Returns the brands that are open.
    pub fn open_brands(&self) -> Vec<(Brand, Arc<BrandHandle>)> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(brand, handle)| (brand.clone(), Arc::clone(handle))).collect()
    }

    /// Returns the brands that have tables, in order of their names.
    pub fn known_brands(&self) -> Result<Vec<Brand>, StoreError> {
        self.database.brands()
    }

    /// Finishes what was asked of every brand and closes it. Blocks.
    pub fn close(&self) {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        for handle in open.values() {
            handle.close();
        }
    }
}
