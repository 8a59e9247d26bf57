//! Who is let in: tokens, each of one brand and one role.

use std::fmt;

use ciq_event::Brand;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Caller, Problem, ProblemKind};

/// What a caller may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May read.
    Reader,
    /// May send events, define automations, and have everyone computed.
    Writer,
    /// May merge, undo, settle reviews and erase.
    Admin,
}

impl Role {
    /// Returns the role's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Admin => "admin",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Reader, Self::Writer, Self::Admin].into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a list of tokens is unusable. Never holds any part of an entry: it may be the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} of the tokens {reason}")]
pub struct AccessError {
    /// Which entry, counted from 1.
    pub number: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The tokens that are let in. None: open mode, in which everyone who reaches the address may do
/// everything; [`crate::check_binding`] keeps that to this machine.
#[derive(Clone, Default)]
pub struct Access {
    tokens: Vec<KnownToken>,
}

/// A token as it is kept: its digest, so that no memory dump or log holds it.
#[derive(Clone)]
struct KnownToken {
    digest: [u8; 32],
    brand: Brand,
    role: Role,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("token_count", &self.tokens.len()).finish()
    }
}

impl Access {
    /// Parses a comma-separated list of `TOKEN=BRAND:ROLE`. A text without entries is open mode.
    pub fn parse(text: &str) -> Result<Self, AccessError> {
        let entries = text.split(',').map(str::trim).enumerate();
        let mut tokens: Vec<KnownToken> = Vec::new();
        for (index, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
            let error = |reason| AccessError { number: index + 1, reason };
            let token = KnownToken::parse(entry).map_err(error)?;
            if tokens.iter().any(|known| known.digest == token.digest) {
                return Err(error("repeats the token of an entry before it"));
            }
            tokens.push(token);
        }
        Ok(Self { tokens })
    }

    /// Tells whether no token is configured.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Decides who a caller is, by the token that was shown and the brand that was asked for. In
    /// open mode everyone is an admin of the brand asked for, else of `default`.
    pub fn admit(&self, token: Option<&str>, asked: Option<Brand>) -> Result<Caller, Problem> {
        if self.is_open() {
            return Ok(Caller { brand: asked.unwrap_or_default(), role: Role::Admin });
        }
        let token = token.ok_or_else(|| {
            let detail = "send a token: `Authorization: Bearer TOKEN` or `x-api-key: TOKEN`";
            Problem::new(ProblemKind::Unauthorized, detail)
        })?;
        let known = self.find(token).ok_or_else(|| {
            Problem::new(ProblemKind::Unauthorized, "no such token; ask whoever runs this service")
        })?;
        if asked.is_some_and(|asked| asked != known.brand) {
            let detail = "the token is of another brand than the one asked for";
            return Err(Problem::new(ProblemKind::Forbidden, detail).at("x-brand-id"));
        }
        Ok(Caller { brand: known.brand.clone(), role: known.role })
    }

    /// Compares with every token, so that the time taken tells nothing about them.
    fn find(&self, token: &str) -> Option<&KnownToken> {
        let digest = digest_of(token);
        let mut found = None;
        for known in &self.tokens {
            if bool::from(known.digest.ct_eq(&digest)) {
                found = Some(known);
            }
        }
        found
    }
}

impl KnownToken {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        // A token may end in `=` itself, as base64 does; brands and roles never hold one.
        let (token, rest) = entry.rsplit_once('=').ok_or("is not of the form TOKEN=BRAND:ROLE")?;
        if token.is_empty() {
            return Err("has no token before its `=`");
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a token that no header can carry: use printable ASCII without spaces");
        }
        let (brand, role) = rest.split_once(':').ok_or("is not of the form TOKEN=BRAND:ROLE")?;
        let brand = Brand::parse(brand).map_err(|_| "names no brand (1 to 64 of a-z, 0-9, -)")?;
        let role = Role::parse(role).ok_or("names no role (reader, writer or admin)")?;
        Ok(Self { digest: digest_of(token), brand, role })
    }
}

fn digest_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(name: &str) -> Brand {
        Brand::parse(name).unwrap()
    }

    #[test]
    fn a_token_is_of_one_brand_and_role() {
        let access = Access::parse("aaa=shop:reader, YmI==shop-2:admin ,").unwrap();
        let caller = access.admit(Some("aaa"), None).unwrap();
        assert_eq!((caller.brand, caller.role), (brand("shop"), Role::Reader));
        let caller = access.admit(Some("YmI="), Some(brand("shop-2"))).unwrap();
        assert_eq!((caller.brand, caller.role), (brand("shop-2"), Role::Admin));
        let kind = |token, asked| access.admit(token, asked).unwrap_err().kind();
        assert_eq!(kind(None, None), ProblemKind::Unauthorized);
        assert_eq!(kind(Some("aa"), None), ProblemKind::Unauthorized);
        assert_eq!(kind(Some("aaa"), Some(brand("shop-2"))), ProblemKind::Forbidden);
    }

    #[test]
    fn without_tokens_everyone_is_an_admin_of_what_is_asked_for() {
        let access = Access::parse(" , ").unwrap();
        assert!(access.is_open());
        let caller = access.admit(Some("anything"), Some(brand("shop"))).unwrap();
        assert_eq!((caller.brand, caller.role), (brand("shop"), Role::Admin));
        assert_eq!(access.admit(None, None).unwrap().brand, Brand::default());
    }

    #[test]
    fn an_unusable_entry_is_named_and_never_shown() {
        let secret = "s3cr3t";
        for bad in [
            "s3cr3t",
            "s3cr3t=shop",
            "s3cr3t=shop:owner",
            "s3cr3t=Shop:admin",
            "=shop:admin",
            "s3cr3t s3cr3t=shop:admin",
            "shop:admin=s3cr3t",
        ] {
            let error = Access::parse(&format!("ok=shop:reader,{bad}")).unwrap_err();
            assert_eq!(error.number, 2, "{bad}");
            assert!(!format!("{error} {error:?}").contains(secret), "{error}");
        }
        assert!(Access::parse("a=b:admin,a=c:reader").is_err());
        let access = Access::parse("s3cr3t=shop:admin").unwrap();
        assert_eq!(format!("{access:?}"), "Access { token_count: 1 }");
    }
}
