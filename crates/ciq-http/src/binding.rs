//! Where the service may listen.

use std::net::SocketAddr;

use crate::Access;

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} can be reached from other machines and no token is configured: \
     set CUSTOMERIQ_TOKENS (TOKEN=BRAND:ROLE, ...) or listen on 127.0.0.1"
)]
pub struct BindingError(pub SocketAddr);

/// Refuses an address that other machines reach while nobody needs a token.
pub fn check_binding(address: SocketAddr, access: &Access) -> Result<(), BindingError> {
    if access.is_open() && !address.ip().to_canonical().is_loopback() {
        return Err(BindingError(address));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tokens_only_this_machine_is_served() {
        let open = Access::default();
        let closed = Access::parse("a=shop:reader").unwrap();
        for address in ["127.0.0.1:3000", "127.9.9.9:1", "[::1]:3000", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(check_binding(address.parse().unwrap(), &open), Ok(()), "{address}");
        }
        for address in ["0.0.0.0:3000", "[::]:3000", "192.168.1.5:3000"] {
            let address = address.parse().unwrap();
            assert_eq!(check_binding(address, &open), Err(BindingError(address)));
            assert_eq!(check_binding(address, &closed), Ok(()));
        }
    }
}
