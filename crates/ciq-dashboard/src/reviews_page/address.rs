//! Addresses of the review queue: which reviews, which of them is open, what was just done.

use super::{Done, ReviewFilter};
use crate::link::Links;

/// What an address of the queue says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReviewsAddress<'a> {
    /// Which reviews.
    pub(crate) filter: ReviewFilter,
    /// After which one the list begins.
    pub(crate) cursor: Option<&'a str>,
    /// Which one is open.
    pub(crate) review: Option<&'a str>,
    /// What was just done.
    pub(crate) done: Option<Done>,
    /// The merge that it came to.
    pub(crate) merge: Option<&'a str>,
}

impl ReviewsAddress<'_> {
    /// Writes the address.
    pub(crate) fn write(&self, links: &Links) -> String {
        let status = (self.filter != ReviewFilter::default()).then(|| self.filter.status());
        let pairs = [
            ("status", status),
            ("cursor", self.cursor),
            ("review", self.review),
            ("done", self.done.map(Done::word)),
            ("merge", self.merge),
        ];
        let told: Vec<_> =
            pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        links.to("/reviews", &told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_differs_from_the_first_page() {
        let links = Links::default();
        assert_eq!(ReviewsAddress::default().write(&links), "/reviews");
        let settled = ReviewsAddress {
            filter: ReviewFilter::Merged,
            review: Some("rev_1"),
            done: Some(Done::Approved),
            merge: Some("mrg_1"),
            ..ReviewsAddress::default()
        };
        assert_eq!(
            settled.write(&links),
            "/reviews?status=merged&review=rev_1&done=approved&merge=mrg_1"
        );
    }
}
