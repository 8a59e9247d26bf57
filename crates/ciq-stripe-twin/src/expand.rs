//! `expand[]`: ids in an answer become the objects that they name.

use serde_json::Value;

use crate::ApiError;
use crate::operation::Operation;
use crate::params::{Params, Value as Given};
use crate::route::{Answer, Kind};

/// How many objects a path may lead through.
const DEPTH_MAX: usize = 4;

/// What is at the end of an expandable path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// The id of an object of this kind.
    Id(Kind),
    /// Something that is whole already, or that the twin never has.
    Whole,
    /// A customer's subscriptions, which are there only when asked for.
    Subscriptions,
}

/// Where paths of a kind lead.
fn targets(kind: Kind) -> &'static [(&'static str, Target)] {
    use Target::{Id, Subscriptions, Whole};
    match kind {
        Kind::TestClock | Kind::Event => &[],
        Kind::LineItem => &[
            ("discounts", Whole),
            ("pricing.price_details.price", Id(Kind::Price)),
            ("subscription", Id(Kind::Subscription)),
        ],
        Kind::Product => &[("default_price", Id(Kind::Price)), ("tax_code", Whole)],
        Kind::Price => &[("product", Id(Kind::Product))],
        Kind::Customer => &[
            ("default_source", Whole),
            ("invoice_settings.default_payment_method", Id(Kind::PaymentMethod)),
            ("subscriptions", Subscriptions),
            ("test_clock", Id(Kind::TestClock)),
        ],
        Kind::PaymentMethod => &[("customer", Id(Kind::Customer))],
        Kind::Subscription => &[
            ("customer", Id(Kind::Customer)),
            ("default_payment_method", Id(Kind::PaymentMethod)),
            ("default_source", Whole),
            ("discounts", Whole),
            ("items.data.price.product", Id(Kind::Product)),
            ("items.data.price", Whole),
            ("items", Whole),
            ("latest_invoice", Id(Kind::Invoice)),
            ("pending_setup_intent", Whole),
            ("schedule", Whole),
            ("test_clock", Id(Kind::TestClock)),
        ],
        Kind::Invoice => &[
            ("customer", Id(Kind::Customer)),
            ("default_payment_method", Id(Kind::PaymentMethod)),
            ("default_source", Whole),
            ("discounts", Whole),
            ("lines", Whole),
            ("lines.data.pricing.price_details.price", Id(Kind::Price)),
            ("parent.subscription_details.subscription", Id(Kind::Subscription)),
            ("test_clock", Id(Kind::TestClock)),
        ],
    }
}

/// One step of an expansion: a path and what stands at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stage {
    path: Vec<&'static str>,
    target: Target,
}

/// What is to be expanded in one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expansions(Vec<Vec<Stage>>);

impl Expansions {
    /// Takes `expand` out of the parameters and checks it.
    pub(crate) fn take(params: &mut Params, kind: Kind, answer: Answer) -> Result<Self, ApiError> {
        let Some(Given::List(values)) = params.take("expand") else { return Ok(Self::default()) };
        let paths = values.iter().filter_map(Given::as_text);
        paths.map(|path| stages(path, kind, answer)).collect::<Result<_, _>>().map(Self)
    }

    /// Expands an object. `retrieve` carries out what has to be asked for; an id for which it has
    /// nothing stays an id.
    pub(crate) fn apply(
        &self,
        object: &mut Value,
        retrieve: &mut impl FnMut(&Operation, &Params) -> Option<Value>,
    ) {
        for stages in &self.0 {
            expand(object, stages, retrieve);
        }
    }
}

fn stages(path: &str, kind: Kind, answer: Answer) -> Result<Vec<Stage>, ApiError> {
    let inside = match answer {
        Answer::Object | Answer::Deleted => path,
        Answer::List | Answer::Search => {
            path.strip_prefix("data.").ok_or_else(|| unexpandable(path, true))?
        }
    };
    let mut stages = Vec::new();
    let (mut rest, mut kind) = (inside, kind);
    loop {
        let (found, target, after) =
            longest(rest, kind).ok_or_else(|| unexpandable(path, false))?;
        stages.push(Stage { path: found.split('.').collect(), target });
        match (after, target) {
            ("", _) => break,
            (after, Target::Id(next)) => (rest, kind) = (after, next),
            (_, Target::Whole | Target::Subscriptions) => return Err(unexpandable(path, false)),
        }
    }
    if stages.len() > DEPTH_MAX {
        let message = format!("You cannot expand more than {DEPTH_MAX} levels: {path}");
        return Err(ApiError::invalid(message).with_param("expand"));
    }
    Ok(stages)
}

/// Finds the longest expandable path that a path begins with, and what is left of it.
fn longest(path: &str, kind: Kind) -> Option<(&'static str, Target, &str)> {
    let rest = |entry: &str| {
        let rest = path.strip_prefix(entry)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
    };
    let found = targets(kind)
        .iter()
        .filter_map(|(entry, target)| rest(entry).map(|rest| (*entry, *target, rest)));
    found.max_by_key(|(entry, ..)| entry.len())
}

fn unexpandable(path: &str, is_list: bool) -> ApiError {
    let hint = if is_list {
        format!(" You may want to try expanding 'data.{path}' instead.")
    } else {
        String::new()
    };
    ApiError::invalid(format!("This property cannot be expanded ({path}).{hint}"))
        .with_param("expand")
}

fn expand(
    object: &mut Value,
    stages: &[Stage],
    retrieve: &mut impl FnMut(&Operation, &Params) -> Option<Value>,
) {
    let Some((stage, rest)) = stages.split_first() else { return };
    if stage.target == Target::Subscriptions {
        return add_subscriptions(object, retrieve);
    }
    let mut places = Vec::new();
    find(object, &stage.path, &mut places);
    for place in places {
        if let (Target::Id(kind), Value::String(id)) = (stage.target, &*place) {
            let retrieval = retrieval(kind, id.clone());
            let found = retrieval.and_then(|it| retrieve(&it, &Params::default()));
            *place = found.unwrap_or_else(|| place.take());
        }
        if place.is_object() {
            expand(place, rest, retrieve);
        }
    }
}

/// Finds what is at a path, in each entry of the lists on its way.
fn find<'a>(value: &'a mut Value, path: &[&str], places: &mut Vec<&'a mut Value>) {
    let Some((step, rest)) = path.split_first() else {
        places.push(value);
        return;
    };
    match value {
        Value::Object(fields) => {
            if let Some(value) = fields.get_mut(*step) {
                find(value, rest, places);
            }
        }
        Value::Array(values) => {
            for value in values {
                find(value, path, places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn retrieval(kind: Kind, id: String) -> Option<Operation> {
    Some(match kind {
        Kind::TestClock => Operation::RetrieveTestClock(id),
        Kind::Product => Operation::RetrieveProduct(id),
        Kind::Price => Operation::RetrievePrice(id),
        Kind::Customer => Operation::RetrieveCustomer(id),
        Kind::PaymentMethod => Operation::RetrievePaymentMethod(id),
        Kind::Subscription => Operation::RetrieveSubscription(id),
        Kind::Invoice => Operation::RetrieveInvoice(id),
        Kind::Event => Operation::RetrieveEvent(id),
        Kind::LineItem => return None,
    })
}

fn add_subscriptions(
    customer: &mut Value,
    retrieve: &mut impl FnMut(&Operation, &Params) -> Option<Value>,
) {
    let Some(fields) = customer.as_object_mut() else { return };
    let id = fields.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut params = Params::default();
    params.set("customer", &id);
    let found = retrieve(&Operation::ListSubscriptions, &params);
    let Some(Value::Array(mut found)) = found else { return };
    let has_more = found.len() > crate::list::LIMIT_DEFAULT;
    found.truncate(crate::list::LIMIT_DEFAULT);
    let url = format!("/v1/customers/{id}/subscriptions");
    fields.insert("subscriptions".to_owned(), crate::list::envelope(&found, has_more, &url));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expanded(mut object: Value, kind: Kind, path: &str) -> Result<Value, ApiError> {
        let mut params = Params::decode(&format!("expand[]={path}")).unwrap();
        let expansions = Expansions::take(&mut params, kind, Answer::Object)?;
        let mut retrieve = |operation: &Operation, _: &Params| match operation {
            Operation::RetrieveInvoice(id) => Some(json!({"id": id, "customer": "cus_1"})),
            Operation::RetrieveCustomer(id) => Some(json!({"id": id})),
            Operation::RetrieveProduct(id) => Some(json!({"id": id, "name": "Pro"})),
            Operation::ListSubscriptions => Some(json!([{"id": "sub_1"}])),
            _ => None,
        };
        expansions.apply(&mut object, &mut retrieve);
        Ok(object)
    }

    #[test]
    fn an_id_becomes_its_object_at_any_depth() {
        let subscription = || json!({"latest_invoice": "in_1"});
        assert_eq!(
            expanded(subscription(), Kind::Subscription, "latest_invoice").unwrap(),
            json!({"latest_invoice": {"id": "in_1", "customer": "cus_1"}})
        );
        assert_eq!(
            expanded(subscription(), Kind::Subscription, "latest_invoice.customer").unwrap(),
            json!({"latest_invoice": {"id": "in_1", "customer": {"id": "cus_1"}}})
        );
    }

    #[test]
    fn every_entry_of_a_list_on_the_way_is_expanded() {
        let items = json!({"items": {"data": [{"price": {"product": "prod_1"}}]}});
        assert_eq!(
            expanded(items, Kind::Subscription, "items.data.price.product").unwrap(),
            json!({"items": {"data": [{"price": {"product": {"id": "prod_1", "name": "Pro"}}}]}})
        );
    }

    #[test]
    fn nothing_stays_nothing() {
        let empty = json!({"latest_invoice": null});
        assert_eq!(
            expanded(empty.clone(), Kind::Subscription, "latest_invoice.customer").unwrap(),
            empty
        );
    }

    #[test]
    fn subscriptions_of_a_customer_are_there_when_asked_for() {
        let customer = expanded(json!({"id": "cus_1"}), Kind::Customer, "subscriptions").unwrap();
        assert_eq!(customer["subscriptions"]["data"], json!([{"id": "sub_1"}]));
        assert_eq!(customer["subscriptions"]["object"], "list");
    }

    #[test]
    fn what_cannot_be_expanded_is_refused() {
        for path in ["name", "id", "latest_invoice.total", "latest_invoicex", "items.data"] {
            let error = expanded(json!({}), Kind::Subscription, path).unwrap_err();
            assert_eq!(error.message(), format!("This property cannot be expanded ({path})."));
        }
    }

    #[test]
    fn in_a_list_the_path_begins_with_data() {
        let mut params = Params::decode("expand[]=customer").unwrap();
        let error = Expansions::take(&mut params, Kind::Invoice, Answer::List).unwrap_err();
        assert!(error.message().ends_with("try expanding 'data.customer' instead."));
        let mut params = Params::decode("expand[]=data.customer").unwrap();
        assert!(Expansions::take(&mut params, Kind::Invoice, Answer::List).is_ok());
    }

    #[test]
    fn four_levels_are_enough() {
        let circle = "latest_invoice.parent.subscription_details.subscription";
        let deep = format!("{circle}.{circle}.customer");
        let error = expanded(json!({}), Kind::Subscription, &deep).unwrap_err();
        assert!(error.message().contains("more than 4 levels"));
    }
}
