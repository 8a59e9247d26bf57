//! Secrets of webhooks, per brand.

use std::fmt;

use ciq_event::Brand;

/// Why a text holds no secrets. Never holds any part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} of the webhook secrets {reason}")]
pub struct SecretsError {
    /// Which entry, counted from 1.
    pub number: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The secrets with which a platform signs its webhooks.
#[derive(Clone, Default)]
pub struct WebhookSecrets(Secrets);

#[derive(Clone, Default)]
enum Secrets {
    /// None: signatures are not checked, and a token is needed where tokens are.
    #[default]
    None,
    /// One, of whichever brand asks in open mode, else of `default`.
    One(String),
    /// Brands and theirs. A brand may have several, while a secret is being replaced.
    PerBrand(Vec<(Brand, String)>),
}

impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = match &self.0 {
            Secrets::None => 0,
            Secrets::One(_) => 1,
            Secrets::PerBrand(list) => list.len(),
        };
        f.debug_struct("WebhookSecrets").field("secret_count", &count).finish()
    }
}

impl WebhookSecrets {
    /// Parses one secret, or a comma-separated list of `BRAND=SECRET`. An empty text is none.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        if !text.contains(['=', ',']) {
            return Ok(Self(Secrets::One(text.to_owned())));
        }
        let entries = text.split(',').map(str::trim).enumerate();
        let parsed = entries.filter(|(_, entry)| !entry.is_empty()).map(|(index, entry)| {
            parse_entry(entry).map_err(|reason| SecretsError { number: index + 1, reason })
        });
        Ok(Self(Secrets::PerBrand(parsed.collect::<Result<_, _>>()?)))
    }

    /// Returns the secrets that may have signed a request, each with its brand: those of the brand
    /// asked for, else all. Empty where the brand has none: its requests are not signed.
    pub(crate) fn candidates(&self, asked: Option<&Brand>, is_open: bool) -> Vec<(Brand, &str)> {
        match &self.0 {
            Secrets::None => Vec::new(),
            Secrets::One(secret) => {
                let own = Brand::default();
                let brand = asked.cloned().unwrap_or_else(Brand::default);
                let is_own = is_open || brand == own;
                is_own.then_some((brand, secret.as_str())).into_iter().collect()
            }
            Secrets::PerBrand(list) => list
                .iter()
                .filter(|(brand, _)| asked.is_none_or(|asked| asked == brand))
                .map(|(brand, secret)| (brand.clone(), secret.as_str()))
                .collect(),
        }
    }
}

fn parse_entry(entry: &str) -> Result<(Brand, String), &'static str> {
    let (brand, secret) = entry.split_once('=').ok_or("is not of the form BRAND=SECRET")?;
    let brand = Brand::parse(brand).map_err(|_| "names no brand (1 to 64 of a-z, 0-9, -)")?;
    if secret.trim_start_matches('=').is_empty() {
        return Err("has no secret after its `=`");
    }
    Ok((brand, secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, asked: Option<&str>, is_open: bool, expect: &[(&str, &str)]) {
        let secrets = WebhookSecrets::parse(text).unwrap();
        let asked = asked.map(|name| Brand::parse(name).unwrap());
        let found = secrets.candidates(asked.as_ref(), is_open);
        let found: Vec<_> = found.iter().map(|(brand, secret)| (brand.as_str(), *secret)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn one_secret_is_of_the_brand_that_asks_or_of_default() {
        check("", Some("shop"), true, &[]);
        check("abc", Some("shop"), true, &[("shop", "abc")]);
        check("abc", None, true, &[("default", "abc")]);
        check("abc", None, false, &[("default", "abc")]);
        check("abc", Some("shop"), false, &[]);
    }

    #[test]
    fn a_list_gives_each_brand_its_own() {
        let list = "a=1, b=2==,a=3";
        check(list, Some("a"), false, &[("a", "1"), ("a", "3")]);
        check(list, Some("b"), true, &[("b", "2==")]);
        check(list, Some("c"), true, &[]);
        check(list, None, false, &[("a", "1"), ("b", "2=="), ("a", "3")]);
    }

    #[test]
    fn an_unusable_entry_is_named_and_never_shown() {
        for bad in ["a=1,s3cr3t", "a=1,S3cr3t=b", "a=1,b=", "x=1,c3==="] {
            let error = WebhookSecrets::parse(bad).unwrap_err();
            assert_eq!(error.number, 2, "{bad}");
            assert!(!format!("{error} {error:?}").to_lowercase().contains("cr3t"));
        }
        let secrets = WebhookSecrets::parse("s3cr3t").unwrap();
        assert_eq!(format!("{secrets:?}"), "WebhookSecrets { secret_count: 1 }");
    }
}
