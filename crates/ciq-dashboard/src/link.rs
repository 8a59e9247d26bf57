//! Addresses of the pages. Each carries the brand where the address is what chose it.

use ciq_event::Brand;

/// Writes addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Links {
    brand: Option<Brand>,
}

impl Links {
    /// Makes addresses that name a brand, or none.
    pub(crate) fn new(brand: Option<Brand>) -> Self {
        Self { brand }
    }

    /// Returns the brand that every address names, for forms.
    pub(crate) fn brand(&self) -> Option<&Brand> {
        self.brand.as_ref()
    }

    /// Returns the address of the insight of everyone.
    pub(crate) fn insight(&self) -> String {
        self.to("/insight", &[])
    }

    /// Returns the address of the state of the service.
    pub(crate) fn system(&self) -> String {
        self.to("/system", &[])
    }

    /// Returns the address of the first page of customers.
    pub(crate) fn list(&self) -> String {
        self.to("/customers", &[])
    }

    /// Returns the address of what is going on.
    pub(crate) fn home(&self) -> String {
        self.to("/", &[])
    }

    /// Returns the address of a customer.
    pub(crate) fn customer(&self, id: &str) -> String {
        self.to(&customer_path(id), &[])
    }

    /// Returns the address of a customer with a word about what was just done.
    pub(crate) fn customer_after(&self, id: &str, done: &str) -> String {
        self.to(&customer_path(id), &[("done", done)])
    }

    /// Returns the address of a later page of a customer's timeline.
    pub(crate) fn timeline(&self, id: &str, cursor: &str) -> String {
        format!("{}#timeline", self.to(&customer_path(id), &[("cursor", cursor)]))
    }

    /// Returns the address of the whole text of one of a customer's events.
    pub(crate) fn text(&self, id: &str, event: &str) -> String {
        self.to(&format!("{}/events/{}", customer_path(id), segment(event)), &[])
    }

    /// Returns the address of the review queue.
    pub(crate) fn reviews(&self, status: Option<&str>) -> String {
        let pairs: Vec<_> = status.map(|status| ("status", status)).into_iter().collect();
        self.to("/reviews", &pairs)
    }

    /// Returns where a form about a review goes; `verb` is `approve`, `reject` or `split`.
    pub(crate) fn settle_review(&self, id: &str, verb: &str) -> String {
        self.to(&format!("/reviews/{}/{verb}", segment(id)), &[])
    }

    /// Returns the address of a page of merges.
    pub(crate) fn merges(&self, cursor: Option<&str>) -> String {
        let pairs: Vec<_> = cursor.map(|id| ("cursor", id)).into_iter().collect();
        self.to("/merges", &pairs)
    }

    /// Returns the address of the merges with a word about what was just done.
    pub(crate) fn merges_after(&self, done: &str) -> String {
        self.to("/merges", &[("done", done)])
    }

    /// Returns the address of the automations.
    pub(crate) fn automations(&self) -> String {
        self.to("/automations", &[])
    }

    /// Returns the address of an automation.
    pub(crate) fn automation(&self, id: &str) -> String {
        self.to(&format!("/automations/{}", segment(id)), &[])
    }

    /// Returns where a form goes that switches an automation on or off.
    pub(crate) fn switch_automation(&self, id: &str) -> String {
        self.to(&format!("/automations/{}/switch", segment(id)), &[])
    }

    /// Returns where a form about a dead letter goes; `verb` is `retry` or `drop`.
    pub(crate) fn dead_letter(&self, id: &str, verb: &str) -> String {
        self.to(&format!("/system/dead-letters/{}/{verb}", segment(id)), &[])
    }

    /// Returns the address of what keeps a page up to date that has the message `since`.
    pub(crate) fn live(&self, since: &str) -> String {
        self.to("/live", &[("since", since)])
    }

    /// Returns where the form goes that has everyone checked.
    pub(crate) fn check_everyone(&self) -> String {
        self.to("/monitor/check", &[])
    }

    /// Returns the address of the interventions, of those that `pairs` ask for.
    pub(crate) fn interventions(&self, pairs: &[(&str, &str)]) -> String {
        self.to("/interventions", pairs)
    }

    /// Returns the address of an intervention.
    pub(crate) fn intervention(&self, id: &str) -> String {
        self.to(&format!("/interventions/{}", segment(id)), &[])
    }

    /// Returns where a form about an intervention goes; `verb` is that of the API.
    pub(crate) fn change_intervention(&self, id: &str, verb: &str) -> String {
        self.to(&format!("/interventions/{}/{verb}", segment(id)), &[])
    }

    /// Returns where a form that undoes a merge goes.
    pub(crate) fn undo_merge(&self, id: &str) -> String {
        self.to(&format!("/merges/{}/undo", segment(id)), &[])
    }

    /// Returns an address of ours with a query of `pairs`.
    pub(crate) fn to(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let brand = self.brand.iter().map(|brand| ("brand", brand.as_str()));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(brand.chain(pairs.iter().copied()));
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

fn customer_path(id: &str) -> String {
    format!("/customers/{}", segment(id))
}

/// Writes a text as one segment of a path (RFC 3986): ids may hold any character.
fn segment(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let written = text.bytes().map(|byte| match byte {
        plain if is_plain(plain) => char::from(plain).to_string(),
        other => format!("%{other:02X}"),
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_is_one_segment() {
        let links = Links::default();
        assert_eq!(links.customer("cust_001"), "/customers/cust_001");
        assert_eq!(links.customer("a/b?c d\"é"), "/customers/a%2Fb%3Fc%20d%22%C3%A9");
    }

    #[test]
    fn a_brand_in_the_address_stays_there() {
        let links = Links::new(Some(Brand::parse("acme").unwrap()));
        assert_eq!(links.home(), "/?brand=acme");
        assert_eq!(links.merges(Some("a&b")), "/merges?brand=acme&cursor=a%26b");
        assert_eq!(links.timeline("c1", "evt_1"), "/customers/c1?brand=acme&cursor=evt_1#timeline");
    }
}
