//! Subjects with wildcards: what is one, and which covers which.

use std::fmt;

use crate::NatsError;

/// Most bytes of a subject.
const LENGTH_MAX: usize = 255;

/// What to subscribe to: words with dots between them, `*` for any word and `>` for any rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectFilter(String);

impl SubjectFilter {
    /// Parses a filter.
    pub fn parse(text: &str) -> Result<Self, NatsError> {
        let text = text.trim();
        let unusable = |reason: &str| {
            let reason = format!("{text:?} {reason}, such as customer.events.>");
            NatsError::Setting { name: "NATS_SUBJECTS", reason }
        };
        if text.is_empty() || text.len() > LENGTH_MAX {
            return Err(unusable("must have 1 to 255 characters"));
        }
        if text.chars().any(|sign| sign.is_whitespace() || sign.is_control()) {
            return Err(unusable("must have no spaces"));
        }
        let words: Vec<&str> = text.split('.').collect();
        if words.iter().any(|word| word.is_empty()) {
            return Err(unusable("must have a word between its dots"));
        }
        let is_odd = |word: &&str| word.len() > 1 && word.contains(['*', '>']);
        if words.iter().any(is_odd) || words[..words.len() - 1].contains(&">") {
            return Err(unusable("must have `*` as a whole word and `>` as the last one"));
        }
        if text.starts_with('$') {
            return Err(unusable("must not be one of the server's own subjects"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Parses filters with commas between them.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, NatsError> {
        let filters = text.split(',').filter(|part| !part.trim().is_empty()).map(Self::parse);
        let filters = smallest_cover(filters.collect::<Result<_, _>>()?);
        if filters.is_empty() {
            let reason = "empty: name at least one, such as customer.events.>".to_owned();
            return Err(NatsError::Setting { name: "NATS_SUBJECTS", reason });
        }
        Ok(filters)
    }

    /// Returns the filter as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether everything that `other` matches is matched by this one.
    #[must_use]
    pub fn covers(&self, other: &str) -> bool {
        let mut ours = self.0.split('.');
        let mut theirs = other.split('.');
        loop {
            match (ours.next(), theirs.next()) {
                (Some(">"), Some(_)) | (None, None) => return true,
                (Some("*"), Some(word)) if word != ">" => {}
                (Some(our), Some(their)) if our == their => {}
                _ => return false,
            }
        }
    }

    /// Tells whether some subject is matched by both.
    #[must_use]
    pub fn meets(&self, other: &str) -> bool {
        let mut ours = self.0.split('.');
        let mut theirs = other.split('.');
        loop {
            match (ours.next(), theirs.next()) {
                (Some(">"), Some(_)) | (Some(_), Some(">")) | (None, None) => return true,
                (Some(our), Some(their)) if our == "*" || their == "*" || our == their => {}
                _ => return false,
            }
        }
    }

    /// Returns the filter as a part of a consumer's name.
    pub(crate) fn as_name(&self) -> String {
        let sign = |sign: char| match sign {
            '*' => "any".to_owned(),
            '>' => "all".to_owned(),
            sign if sign.is_ascii_alphanumeric() || sign == '-' => sign.to_string(),
            _ => "_".to_owned(),
        };
        self.0.chars().map(sign).collect()
    }
}

impl fmt::Display for SubjectFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Leaves out every filter that another one covers, so that overlapping ones bring an event once.
fn smallest_cover(filters: Vec<SubjectFilter>) -> Vec<SubjectFilter> {
    let mut kept: Vec<SubjectFilter> = Vec::new();
    for filter in filters {
        if kept.iter().any(|held| held.covers(filter.as_str())) {
            continue;
        }
        kept.retain(|held| !filter.covers(held.as_str()));
        kept.push(filter);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> SubjectFilter {
        SubjectFilter::parse(text).unwrap()
    }

    #[test]
    fn a_filter_covers_what_it_matches() {
        for (filter_text, other, is_covered) in [
            ("customer.events.>", "customer.events.c1.purchase", true),
            ("customer.events.>", "customer.events", false),
            ("customer.events.>", "customer.events.*.purchase", true),
            ("customer.events.*.purchase", "customer.events.>", false),
            ("customer.events.*.*", "customer.events.c1.purchase", true),
            ("customer.events.*.*", "customer.events.c1.a.b", false),
            ("*", ">", false),
            (">", "a.b", true),
            ("a.b", "a.b", true),
        ] {
            assert_eq!(filter(filter_text).covers(other), is_covered, "{filter_text} {other}");
        }
    }

    #[test]
    fn filters_meet_where_one_subject_matches_both() {
        for (one, other, is_met) in [
            ("customer.events.*.purchase", "customer.events.c1.>", true),
            ("customer.events.>", "customer.events.*.*", true),
            ("customer.events.>", "customer.dead.>", false),
            ("a.*", "a", false),
            ("a.b", "*.b", true),
        ] {
            assert_eq!(filter(one).meets(other), is_met, "{one} {other}");
            assert_eq!(filter(other).meets(one), is_met, "{other} {one}");
        }
    }

    #[test]
    fn overlapping_filters_come_down_to_the_widest() {
        let list = "customer.events.c1.>, customer.events.>,billing.events.*,customer.events.*.x";
        let names: Vec<String> =
            SubjectFilter::parse_list(list).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["customer.events.>", "billing.events.*"]);
    }

    #[test]
    fn what_is_no_filter_says_what_one_looks_like() {
        for bad in ["", " , ", "a..b", "a.>.b", "a.b*", "a b", "$JS.>", ".a", "a."] {
            let error = SubjectFilter::parse_list(bad).unwrap_err().to_string();
            assert!(error.contains("customer.events.>"), "{bad:?}: {error}");
        }
    }
}
