//! Products: what is sold.

use serde_json::Value;

use super::calendar::Moment;
use super::given::{self, Metadata, TimeRange};
use super::ids::{Kind, PriceId, ProductId};
use super::prices::Offer;
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

/// The parameters of a product that are honoured.
const HONOURED: [&str; 13] = [
    "active",
    "default_price",
    "default_price_data",
    "description",
    "id",
    "images",
    "metadata",
    "name",
    "shippable",
    "statement_descriptor",
    "type",
    "unit_label",
    "url",
];

/// A product.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Product {
    pub(super) id: ProductId,
    pub(super) serial: u64,
    pub(super) created: Moment,
    pub(super) updated: Moment,
    pub(super) is_active: bool,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) default_price: Option<PriceId>,
    pub(super) images: Vec<String>,
    pub(super) metadata: Metadata,
    pub(super) is_shippable: Option<bool>,
    pub(super) statement_descriptor: Option<String>,
    pub(super) unit_label: Option<String>,
    pub(super) url: Option<String>,
}

impl Product {
    /// Takes over what a request gives.
    fn set(&mut self, params: &Params, path: &[&str]) -> Result<(), ApiError> {
        let at = |name| given::join(path, &[name]);
        given::set_boolean(&mut self.is_active, params, &at("active"))?;
        if let Some(name) = given::owned(params, &at("name")) {
            self.name = name;
        }
        given::set_text(&mut self.description, params, &at("description"));
        given::set_text(&mut self.statement_descriptor, params, &at("statement_descriptor"));
        given::set_text(&mut self.unit_label, params, &at("unit_label"));
        given::set_text(&mut self.url, params, &at("url"));
        given::set_metadata(&mut self.metadata, params, &at("metadata"));
        if let Some(images) = given::texts(params, &at("images")) {
            self.images = images;
        }
        if let Some(is_shippable) = params.boolean(&at("shippable"))? {
            self.is_shippable = Some(is_shippable);
        }
        Ok(())
    }
}

impl Books {
    /// Makes a product of its own, with a first price where one is described.
    pub(super) fn create_product(&mut self, params: &Params) -> Answer {
        given::only(params, &HONOURED)?;
        let price = ["default_price_data"];
        let offer = params.has(&price).then(|| Offer::read(params, &price)).transpose()?;
        let id = self.insert_product(params, &[])?;
        if let Some(offer) = offer {
            let metadata = given::metadata(params, &["default_price_data", "metadata"]);
            let price = self.insert_price(&id, offer, metadata);
            if let Some(product) = self.products.get_mut(&id) {
                product.default_price = Some(price);
            }
        }
        self.retrieve_product(id.as_str())
    }

    /// Makes the product that a request describes at a path.
    pub(super) fn insert_product(
        &mut self,
        params: &Params,
        path: &[&str],
    ) -> Result<ProductId, ApiError> {
        let name = given::required(params, &given::join(path, &["name"]))?.to_owned();
        let own_id = given::owned(params, &given::join(path, &["id"]));
        if own_id.as_ref().is_some_and(|id| self.products.contains_key(id.as_str())) {
            let refusal = ApiError::invalid("Product already exists.");
            return Err(refusal.with_code("resource_already_exists").with_param("id"));
        }
        let id = own_id.map_or_else(|| self.mint.id(), ProductId::from_raw);
        let mut product = Product {
            id: id.clone(),
            serial: self.mint.serial(),
            created: self.now,
            updated: self.now,
            is_active: true,
            name,
            description: None,
            default_price: None,
            images: Vec::new(),
            metadata: Metadata::new(),
            is_shippable: None,
            statement_descriptor: None,
            unit_label: None,
            url: None,
        };
        product.set(params, path)?;
        self.emit("product.created", self.now, super::render::product(&product));
        self.products.insert(id.clone(), product);
        Ok(id)
    }

    /// Returns a product.
    pub(super) fn retrieve_product(&self, id: &str) -> Answer {
        Ok(super::render::product(self.product(id, "id")?))
    }

    /// Returns a product that a parameter names.
    pub(super) fn product(&self, id: &str, param: &str) -> Result<&Product, ApiError> {
        self.products.get(id).ok_or_else(|| ApiError::no_such("product", id, param))
    }

    /// Changes a product.
    pub(super) fn update_product(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &HONOURED)?;
        let before = self.product(id, "id")?.clone();
        let mut after = Product { updated: self.now, ..before.clone() };
        after.set(params, &[])?;
        if let Some(price) = given::text(params, &["default_price"]) {
            let price = self.price(price, "default_price")?;
            if price.product != before.id {
                let text = "The default price must belong to the product.";
                return Err(ApiError::invalid(text).with_param("default_price"));
            }
            after.default_price = Some(price.id.clone());
        }
        let (old, new) = (super::render::product(&before), super::render::product(&after));
        self.products.insert(after.id.clone(), after);
        self.emit_update("product.updated", self.now, &old, &new);
        Ok(new)
    }

    /// Returns all products that match, the newest first.
    pub(super) fn list_products(&self, params: &Params) -> Answer {
        given::only(params, &["active", "created", "ids", "shippable", "type", "url"])?;
        let created = TimeRange::read(params, "created")?;
        let is_active = params.boolean(&["active"])?;
        let is_shippable = params.boolean(&["shippable"])?;
        let ids = given::texts(params, &["ids"]);
        let mut found: Vec<_> = self.products.values().collect();
        found.retain(|product| {
            created.holds(product.created)
                && is_active.is_none_or(|is_active| product.is_active == is_active)
                && is_shippable.is_none_or(|wanted| product.is_shippable == Some(wanted))
                && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == product.id.as_str()))
                && given::text(params, &["url"])
                    .is_none_or(|url| product.url.as_deref() == Some(url))
        });
        found.sort_by_key(|product| product.serial);
        Ok(Value::Array(found.into_iter().rev().map(super::render::product).collect()))
    }
}
