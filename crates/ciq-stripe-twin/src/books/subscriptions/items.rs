//! The items that a request asks for.

use std::collections::BTreeMap;

use super::{Item, Subscription};
use crate::ApiError;
use crate::books::Books;
use crate::books::calendar::{Cadence, Moment};
use crate::books::given;
use crate::books::ids::{Mint, PriceId};
use crate::params::{Params, param_name};

/// How many items a subscription may have.
const ITEM_COUNT_MAX: usize = 20;

/// What is honoured of an item.
const HONOURED: [&str; 6] = ["deleted", "id", "metadata", "plan", "price", "quantity"];

impl Books {
    /// Reads the items of a new subscription.
    pub(super) fn new_items(
        &self,
        params: &Params,
        at: Moment,
        mint: &mut Mint,
    ) -> Result<Vec<Item>, ApiError> {
        let mut items = Vec::new();
        for place in places(params)? {
            items.push(self.new_item(params, &place, at, mint)?);
        }
        if items.is_empty() {
            return Err(ApiError::missing("items"));
        }
        check_items(&items)?;
        Ok(items)
    }

    /// Applies the items that a request names to those that a subscription has.
    pub(super) fn changed_items(
        &self,
        before: &Subscription,
        params: &Params,
        at: Moment,
        mint: &mut Mint,
    ) -> Result<Vec<Item>, ApiError> {
        let mut items = before.items.clone();
        for place in places(params)? {
            let path = |name| ["items", place.as_str(), name];
            let Some(id) = given::text(params, &path("id")) else {
                items.push(self.new_item(params, &place, at, mint)?);
                continue;
            };
            let Some(index) = items.iter().position(|item| item.id.as_str() == id) else {
                let param = param_name(&path("id"));
                return Err(ApiError::no_such("subscription_item", id, &param));
            };
            if params.boolean(&path("deleted"))? == Some(true) {
                items.remove(index);
            } else if let Some(item) = items.get_mut(index) {
                self.change_item(item, params, &place)?;
            }
        }
        if items.is_empty() {
            return Err(ApiError::invalid(
                "A subscription must have at least one active plan. To end it, cancel it instead.",
            )
            .with_param("items"));
        }
        check_items(&items)?;
        Ok(items)
    }

    fn new_item(
        &self,
        params: &Params,
        place: &str,
        at: Moment,
        mint: &mut Mint,
    ) -> Result<Item, ApiError> {
        let price = self.item_price(params, place)?;
        let price =
            price.ok_or_else(|| ApiError::missing(&param_name(&["items", place, "price"])))?;
        Ok(Item {
            id: mint.id(),
            created: at,
            price,
            quantity: given::count(params, &["items", place, "quantity"])?.unwrap_or(1),
            metadata: given::metadata(params, &["items", place, "metadata"]),
        })
    }

    fn change_item(&self, item: &mut Item, params: &Params, place: &str) -> Result<(), ApiError> {
        if let Some(price) = self.item_price(params, place)? {
            item.price = price;
        }
        if let Some(quantity) = given::count(params, &["items", place, "quantity"])? {
            item.quantity = quantity;
        }
        given::set_metadata(&mut item.metadata, params, &["items", place, "metadata"]);
        Ok(())
    }

    /// Returns the price that an item names, if it can be subscribed to.
    fn item_price(&self, params: &Params, place: &str) -> Result<Option<PriceId>, ApiError> {
        let path = ["items", place, "price"];
        let named = given::text(params, &path);
        let Some(id) = named.or_else(|| given::text(params, &["items", place, "plan"])) else {
            return Ok(None);
        };
        let param = param_name(&path);
        let price = self.price(id, &param)?;
        let refuse = |text: &str| Err(ApiError::invalid(text).with_param(param.clone()));
        if price.offer.cadence.is_none() {
            return refuse(
                "The price specified is set to `type=one_time` but this field only accepts prices \
                 with `type=recurring`.",
            );
        }
        if !price.is_active {
            return refuse(
                "The price specified is inactive. This field only accepts active prices.",
            );
        }
        Ok(Some(price.id.clone()))
    }

    /// Returns how often and in which currency items are paid: all alike.
    pub(super) fn terms(&self, items: &[Item]) -> Result<(Cadence, String), ApiError> {
        let prices = items.iter().filter_map(|item| self.prices.get(&item.price));
        let mut terms = prices.filter_map(|price| {
            let offer = &price.offer;
            offer.cadence.map(|cadence| (cadence, offer.currency.clone()))
        });
        let first = terms.next().ok_or_else(|| ApiError::missing("items"))?;
        let refuse = |field: &str| {
            let text = format!(
                "Currency and interval fields must match across all plans on this subscription. \
                 Found mismatch in {field} field."
            );
            Err(ApiError::invalid(text).with_param("items"))
        };
        for (cadence, currency) in terms {
            if currency != first.1 {
                return refuse("currency");
            }
            if cadence != first.0 {
                return refuse("interval");
            }
        }
        Ok(first)
    }
}

/// Returns the places of the items in a request, as steps of a path.
fn places(params: &Params) -> Result<Vec<String>, ApiError> {
    let count = params.list(&["items"]).len();
    for place in 0..count {
        let place = place.to_string();
        let mut names = params.map(&["items", &place]).into_iter().flat_map(BTreeMap::keys);
        if let Some(name) = names.find(|name| !HONOURED.contains(&name.as_str())) {
            return Err(given::not_done(&param_name(&["items", &place, name])));
        }
    }
    Ok((0..count).map(|place| place.to_string()).collect())
}

/// Refuses too many items, and a price that comes twice.
fn check_items(items: &[Item]) -> Result<(), ApiError> {
    if items.len() > ITEM_COUNT_MAX {
        let text = format!("A subscription may have {ITEM_COUNT_MAX} items at most.");
        return Err(ApiError::invalid(text).with_param("items"));
    }
    for (index, item) in items.iter().enumerate() {
        if items.iter().take(index).any(|other| other.price == item.price) {
            let text = format!(
                "Cannot add multiple subscription items with the same plan: {}",
                item.price
            );
            return Err(ApiError::invalid(text).with_param("items"));
        }
    }
    Ok(())
}
