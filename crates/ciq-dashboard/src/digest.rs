//! Short names that follow from a content.

use sha2::{Digest, Sha256};

/// Names a content by 16 hex digits: enough to tell it from the one before it.
pub(crate) fn name_of(content: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(content).into();
    let first = digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("{first:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_has_another_name() {
        assert_eq!(name_of(b"abc"), "ba7816bf8f01cfea");
        assert_ne!(name_of(b"abc"), name_of(b"abd"));
    }
}
