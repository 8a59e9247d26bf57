//! The brand clocks of a process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ciq_event::Brand;
use ciq_ingest::{Brands, BrandsError};
use ciq_outreach::Outreach;

use crate::BrandClock;

/// The brand clocks of a process: one for each brand that was asked for.
#[derive(Debug)]
pub struct Clocks {
    brands: Arc<Brands>,
    outreach: Arc<Outreach>,
    made: Mutex<BTreeMap<Brand, Arc<BrandClock>>>,
}

impl Clocks {
    /// Makes the clocks of some brands, which send through `outreach`.
    #[must_use]
    pub fn new(brands: Arc<Brands>, outreach: Outreach) -> Self {
        Self { brands, outreach: Arc::new(outreach), made: Mutex::default() }
    }

    /// Returns a brand's clock, opening its file, and making it where there is none.
    pub fn open(&self, brand: &Brand) -> Result<Arc<BrandClock>, BrandsError> {
        let handle = self.brands.open(brand)?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let clock = made.entry(brand.clone());
        let make = || Arc::new(BrandClock::new(handle, Arc::clone(&self.outreach)));
        Ok(Arc::clone(clock.or_insert_with(make)))
    }

    /// Returns a brand's clock; `None` for a brand that has no file.
    pub fn find(&self, brand: &Brand) -> Result<Option<Arc<BrandClock>>, BrandsError> {
        match self.brands.find(brand)? {
            Some(_) => self.open(brand).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the brands.
    #[must_use]
    pub fn brands(&self) -> &Brands {
        &self.brands
    }
}
