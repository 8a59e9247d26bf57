//! Five products with a price each: found by their lookup keys, or made.

use std::collections::BTreeMap;

use stripe_product::price::{
    CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, ListPrice,
};
use stripe_product::product::{CreateProduct, ListProduct};
use stripe_shared::{Price, Product};
use stripe_types::Currency;

use super::{PriceMistake, RunError, Runner, read, settle};
use crate::caller::Step;
use crate::plan::step;
use crate::readback::{PAGE_SIZE, pages};
use crate::{CURRENCY, PriceFile, PricePlan};

/// Marks a product as ours.
const TOOL_FIELD: &str = "tool";

/// Who we are.
const TOOL: &str = "stripe-seed";

/// Says which price plan a product is.
const PLAN_FIELD: &str = "plan";

/// What became of the prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceReport {
    /// All of them.
    pub file: PriceFile,
    /// Those that were missing and are made now.
    pub created: Vec<PricePlan>,
}

/// The prices that the server has, each checked.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalog {
    found: BTreeMap<PricePlan, Priced>,
}

#[derive(Debug, Clone)]
struct Priced {
    price_id: String,
    product_id: String,
}

impl Runner {
    /// Finds the prices, checks them, makes those that are missing, and writes their file.
    pub async fn prices(&self, run_id: &str) -> Result<PriceReport, RunError> {
        self.guarded(async {
            let catalog = self.check_prices().await?;
            self.make_prices(run_id, catalog).await
        })
        .await
    }

    /// Finds the prices and checks them. Nothing is written: this is also how it is found out
    /// whether key and address are good.
    pub(super) async fn check_prices(&self) -> Result<Catalog, RunError> {
        let keys: Vec<String> = PricePlan::ALL.map(PricePlan::lookup_key).into();
        let prices = pages(self.caller(), read("reading prices"), |cursor| {
            let request = ListPrice::new().lookup_keys(keys.clone()).limit(PAGE_SIZE);
            match cursor {
                None => request,
                Some(cursor) => request.starting_after(cursor),
            }
        });
        let mut catalog = Catalog::default();
        for price in prices.await? {
            let key = price.lookup_key.as_deref();
            let plan = PricePlan::ALL.into_iter().find(|plan| key == Some(&plan.lookup_key()));
            if let Some(plan) = plan {
                catalog.found.insert(plan, check(plan, &price)?);
            }
        }
        Ok(catalog)
    }

    /// Makes the prices that are missing, and writes the file of all.
    pub(super) async fn make_prices(
        &self,
        run_id: &str,
        mut catalog: Catalog,
    ) -> Result<PriceReport, RunError> {
        let is_missing = |plan: &PricePlan| !catalog.found.contains_key(plan);
        let missing: Vec<PricePlan> = PricePlan::ALL.into_iter().filter(is_missing).collect();
        if !missing.is_empty() {
            self.phase("making prices", missing.len());
            let products = self.own_products().await?;
            let jobs = missing.iter().map(|plan| {
                let product = products.get(plan).cloned();
                self.make_price(run_id, *plan, product)
            });
            catalog.found.extend(self.all(jobs).await?);
        }
        let file = catalog.file();
        self.settings.files.write_prices(&file)?;
        Ok(PriceReport { file, created: missing })
    }

    async fn make_price(
        &self,
        run_id: &str,
        plan: PricePlan,
        product: Option<String>,
    ) -> Result<(PricePlan, Priced), RunError> {
        let product_id = match product {
            Some(product) => product,
            None => self.make_product(run_id, plan).await?,
        };
        let name = &step::price(plan);
        let recurring = CreatePriceRecurring::new(CreatePriceRecurringInterval::Month);
        let request = &CreatePrice::new(Currency::USD)
            .unit_amount(plan.unit_amount())
            .product(product_id.as_str())
            .lookup_key(plan.lookup_key())
            .nickname(plan.name())
            .recurring(recurring);
        let call = |generation| async move {
            let step = Step { run_id, name, generation };
            Ok(self.caller().call(step, request).await?.id.to_string())
        };
        let find = || async {
            let catalog = self.check_prices().await?;
            Ok(catalog.found.get(&plan).map(|priced| priced.price_id.clone()))
        };
        let price_id = settle(call, find).await?;
        self.step_done();
        Ok((plan, Priced { price_id, product_id }))
    }

    async fn make_product(&self, run_id: &str, plan: PricePlan) -> Result<String, RunError> {
        let name = &format!("product/{}", plan.slug());
        let fields = [(TOOL_FIELD, TOOL), (PLAN_FIELD, plan.name())];
        let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned()));
        let request = &CreateProduct::new(plan.name()).metadata(fields);
        let call = |generation| async move {
            let step = Step { run_id, name, generation };
            Ok(self.caller().call(step, request).await?.id.to_string())
        };
        let find = || async { Ok(self.own_products().await?.remove(&plan)) };
        settle(call, find).await
    }

    /// Finds products that were made by us, such as one whose price could not be made any more.
    async fn own_products(&self) -> Result<BTreeMap<PricePlan, String>, RunError> {
        let products = pages(self.caller(), read("reading products"), |cursor| {
            let request = ListProduct::new().active(true).limit(PAGE_SIZE);
            match cursor {
                None => request,
                Some(cursor) => request.starting_after(cursor),
            }
        });
        let own = products.await?.into_iter().filter_map(|product: Product| {
            let field = |name: &str| product.metadata.get(name).map(String::as_str);
            let plan = field(PLAN_FIELD).filter(|_| field(TOOL_FIELD) == Some(TOOL))?;
            Some((PricePlan::parse(plan)?, product.id.to_string()))
        });
        Ok(own.collect())
    }
}

impl Catalog {
    fn file(&self) -> PriceFile {
        let mut file = PriceFile::default();
        for (plan, priced) in &self.found {
            let name = plan.name().to_owned();
            file.prices.insert(name.clone(), priced.price_id.clone());
            file.products.insert(name.clone(), priced.product_id.clone());
            file.price_to_plan.insert(priced.price_id.clone(), name);
        }
        file
    }
}

fn check(plan: PricePlan, price: &Price) -> Result<Priced, PriceMistake> {
    let id = price.id.as_str();
    let every = price.recurring.as_ref().map(|it| (it.interval.as_str(), it.interval_count));
    let is_licensed =
        price.recurring.as_ref().is_some_and(|it| it.usage_type.as_str() == "licensed");
    let is_same = price.active
        && price.unit_amount == Some(plan.unit_amount())
        && price.currency.to_string() == CURRENCY
        && every == Some(("month", 1))
        && is_licensed
        && price.transform_quantity.is_none();
    if is_same {
        let product_id = price.product.id().to_string();
        return Ok(Priced { price_id: id.to_owned(), product_id });
    }
    let state = if price.active { "an active one" } else { "an archived one" };
    let amount = price.unit_amount.map_or("no fixed amount".to_owned(), |it| format!("{it} cents"));
    let every = match every {
        None => "once".to_owned(),
        Some((interval, 1)) => format!("a {interval}"),
        Some((interval, count)) => format!("every {count} {interval}s"),
    };
    let found = format!("{state} of {amount} in {} {every}", price.currency);
    Err(PriceMistake::new(plan, id, &found))
}
