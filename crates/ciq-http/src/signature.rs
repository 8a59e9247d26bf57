//! Signatures of webhooks, checked in constant time.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The parameter in which Twilio puts the hash of a body that is no form.
const BODY_HASH: &str = "bodySHA256";

/// How far the time of a signature of Stripe's may lie from now, either way: what was overheard is of
/// no use later. Stripe's own libraries take as much.
const STRIPE_TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

/// Signatures that are looked at: Stripe sends one for each secret of an endpoint, two at most.
const STRIPE_SIGNATURES_MAX: usize = 8;

/// Tells whether Shopify signed a body with a secret: base64 of HMAC-SHA256 over the raw body.
pub(crate) fn is_shopifys(secret: &str, body: &[u8], signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature.trim()) else { return false };
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.chain_update(body).verify_slice(&given).is_ok()
}

/// Tells whether Stripe signed a body with a secret, and did so lately: the header is
/// `t=SECONDS,v1=HEX,…`, each `v1` an HMAC-SHA256 over the time as written, a dot and the raw body.
/// See <https://docs.stripe.com/webhooks#verify-manually>.
pub(crate) fn is_stripes(secret: &str, body: &[u8], header: &str, now: Timestamp) -> bool {
    let pairs = || header.split(',').filter_map(|pair| pair.trim().split_once('='));
    let Some((_, time)) = pairs().find(|(name, _)| *name == "t") else { return false };
    let signed_at = time.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let Some(signed_at) = signed_at else { return false };
    if signed_at.duration_since(now).abs() > STRIPE_TOLERANCE {
        return false;
    }
    let given = pairs().filter(|(name, _)| *name == "v1").take(STRIPE_SIGNATURES_MAX);
    let mut fits = false;
    for (_, signature) in given {
        let Some(signature) = bytes_of(signature) else { continue };
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        let mac = mac.chain_update(time).chain_update(b".").chain_update(body);
        fits |= mac.verify_slice(&signature).is_ok();
    }
    fits
}

/// Reads hexadecimal digits.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u8>> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let nibbles = nibbles.filter(|nibbles| nibbles.len() % 2 == 0)?;
    Some(nibbles.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// A request as Twilio signs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TwilioRequest<'a> {
    /// The whole URL, with its query, as Twilio called it.
    pub(crate) url: &'a str,
    /// The body.
    pub(crate) body: &'a [u8],
    /// Whether the body is a form. Otherwise the URL carries its hash.
    pub(crate) is_form: bool,
}

/// Tells whether Twilio signed a request with an auth token: base64 of HMAC-SHA1 over the URL and,
/// for a form, every name and value, sorted; for another body the URL holds the body's SHA-256.
/// See <https://www.twilio.com/docs/usage/security#validating-requests>.
pub(crate) fn is_twilios(secret: &str, request: TwilioRequest<'_>, signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature.trim()) else { return false };
    let parameters = match request.is_form {
        true => sorted_parameters(request.body),
        false if is_body_hashed(request) => String::new(),
        false => return false,
    };
    // As Twilio's own libraries do: proxies add or drop the port, so either way fits.
    let mut fits = false;
    for url in with_and_without_port(request.url) {
        let Ok(mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return false };
        let mac = mac.chain_update(url.as_bytes()).chain_update(&parameters);
        fits |= mac.verify_slice(&given).is_ok();
    }
    fits
}

/// Writes the names and values of a form one after another, sorted, each pair once.
fn sorted_parameters(form: &[u8]) -> String {
    let mut sorted: BTreeMap<Cow<'_, str>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = String::new();
    for (name, values) in &sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

fn is_body_hashed(request: TwilioRequest<'_>) -> bool {
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let Some((_, given)) = pairs.find(|(name, _)| name == BODY_HASH) else { return false };
    let digest = Sha256::digest(request.body);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let expected: String = digits.filter_map(|it| char::from_digit(it.into(), 16)).collect();
    given.to_ascii_lowercase().as_bytes().ct_eq(expected.as_bytes()).into()
}

/// Returns a URL as it is, without its port, and with the port of its scheme.
fn with_and_without_port(url: &str) -> Vec<String> {
    let mut urls = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return urls };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host_end = authority.rfind(']').map_or(0, |at| at + 1);
    if let Some(at) = authority[host_end..].find(':') {
        urls.push(format!("{scheme}://{}{path}", &authority[..host_end + at]));
    } else {
        let port = if scheme == "http" { 80 } else { 443 };
        urls.push(format!("{scheme}://{authority}:{port}{path}"));
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twilios_own_example_fits() {
        // From Twilio's documentation of request validation.
        let request = TwilioRequest {
            url: "https://mycompany.com/myapp.php?foo=1&bar=2",
            body: b"Digits=1234&To=%2B18005551212&From=%2B14158675310\
                &Caller=%2B14158675310&CallSid=CA1234567890ABCDE",
            is_form: true,
        };
        let signature = "GvWf1cFY/Q7PnoempGyD5oXAezc=";
        assert!(is_twilios("12345", request, signature));
        let ported =
            TwilioRequest { url: "https://mycompany.com:443/myapp.php?foo=1&bar=2", ..request };
        assert!(is_twilios("12345", ported, signature));
        assert!(!is_twilios("12346", request, signature));
        assert!(!is_twilios("12345", request, "GvWf1cFY/Q7PnoempGyD5oXAezd="));
        assert!(!is_twilios("12345", TwilioRequest { is_form: false, ..request }, signature));
    }

    #[test]
    fn a_signature_of_stripes_fits_for_five_minutes() {
        // Computed with Python's `hmac`.
        let body = br#"{"id":"evt_1"}"#;
        let good = "cdd406746d560b71d34eddab1319a3d05bb43eb4a15f30e1478c231e11d0abcb";
        let header = format!("t=1734134400,v0=00,v1={},v1={good}", "0".repeat(64));
        let at = |second: i64| Timestamp::from_second(1_734_134_400 + second).unwrap();
        for second in [-300, 0, 300] {
            assert!(is_stripes("whsec_test", body, &header, at(second)), "{second}");
        }
        for second in [-301, 301, 100_000] {
            assert!(!is_stripes("whsec_test", body, &header, at(second)), "{second}");
        }
        assert!(!is_stripes("whsec_other", body, &header, at(0)));
        assert!(!is_stripes("whsec_test", b"{}", &header, at(0)));
        let other_time = header.replace("t=1734134400", "t=1734134401");
        assert!(!is_stripes("whsec_test", body, &other_time, at(0)));
        for bad in [
            "",
            "t=1734134400",
            "t=x,v1=00",
            "v1=00",
            "t=1734134400,v1=zz",
            "t=9999999999999999,v1=00",
        ] {
            assert!(!is_stripes("whsec_test", body, bad, at(0)), "{bad}");
        }
    }

    #[test]
    fn a_port_is_dropped_or_added() {
        let check = |url, expect: &str| assert_eq!(with_and_without_port(url)[1], expect);
        check("http://a.b/c?d=e:f", "http://a.b:80/c?d=e:f");
        check("https://a.b?c", "https://a.b:443?c");
        check("http://[::1]:3000/a", "http://[::1]/a");
        check("https://[::1]/a", "https://[::1]:443/a");
    }
}
