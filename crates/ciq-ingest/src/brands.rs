//! The open brands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ciq_event::Brand;
use ciq_store::StoreError;

use crate::{BrandHandle, ConfigError, EngineOptions};

/// Brands open at once. Each holds a thread and a page cache; further ones are refused with a
/// word about the limit rather than let one client open files without end.
const OPEN_MAX: usize = 256;

/// Why a brand cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrandsError {
    /// Its file said no.
    #[error("could not open the file of brand {brand}")]
    Store {
        /// Which brand.
        brand: Brand,
        /// What the file said.
        source: StoreError,
    },
    /// The options are unusable.
    #[error("settings are unusable")]
    Config(#[from] ConfigError),
    /// Too many are open.
    #[error("{OPEN_MAX} brands are open: run another instance for more")]
    TooMany,
}

/// The open brands: one file, one thread each.
#[derive(Debug)]
pub struct Brands {
    default_path: PathBuf,
    options: EngineOptions,
    open: Mutex<BTreeMap<Brand, Arc<BrandHandle>>>,
}

impl Brands {
    /// Makes a registry in which the brand `default` has the file at `default_path`, and any
    /// other brand `BRAND` has `brands/BRAND.db` beside it. Checks the options.
    pub fn new(default_path: PathBuf, options: EngineOptions) -> Result<Self, ConfigError> {
        options.settings(Brand::default())?;
        Ok(Self { default_path, options, open: Mutex::default() })
    }

    /// Returns where a brand's file is.
    pub fn path_of(&self, brand: &Brand) -> PathBuf {
        if *brand == Brand::default() {
            return self.default_path.clone();
        }
        let folder = self.default_path.parent().unwrap_or_else(|| Path::new("."));
        folder.join("brands").join(format!("{brand}.db"))
    }

    /// Opens a brand, making its file where there is none.
    pub fn open(&self, brand: &Brand) -> Result<Arc<BrandHandle>, BrandsError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = open.get(brand) {
            return Ok(Arc::clone(handle));
        }
        if open.len() >= OPEN_MAX {
            return Err(BrandsError::TooMany);
        }
        let settings = self.options.settings(brand.clone())?;
        let handle = BrandHandle::open(&self.path_of(brand), settings)
            .map_err(|source| BrandsError::Store { brand: brand.clone(), source })?;
        let handle = Arc::new(handle);
        open.insert(brand.clone(), Arc::clone(&handle));
        Ok(handle)
    }

    /// Opens a brand that has a file; `None` for one that has none. Reading makes no brand.
    pub fn find(&self, brand: &Brand) -> Result<Option<Arc<BrandHandle>>, BrandsError> {
        let is_open = self.open.lock().unwrap_or_else(PoisonError::into_inner).contains_key(brand);
        if is_open || self.path_of(brand).exists() {
            return self.open(brand).map(Some);
        }
        Ok(None)
    }

    /// Returns the brands that are open.
    pub fn open_brands(&self) -> Vec<(Brand, Arc<BrandHandle>)> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(brand, handle)| (brand.clone(), Arc::clone(handle))).collect()
    }

    /// Returns the brands that have a file, in order of their names.
    pub fn brands_on_disk(&self) -> Vec<Brand> {
        let folder = self.default_path.parent().unwrap_or_else(|| Path::new(".")).join("brands");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let names = files.filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            Brand::parse(name.strip_suffix(".db")?).ok()
        });
        let default = Some(Brand::default()).filter(|brand| self.path_of(brand).exists());
        let mut brands: Vec<Brand> = names.chain(default).collect();
        brands.sort();
        brands.dedup();
        brands
    }

    /// Finishes what was asked of every brand and closes it. Blocks.
    pub fn close(&self) {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        for handle in open.values() {
            handle.close();
        }
    }
}
