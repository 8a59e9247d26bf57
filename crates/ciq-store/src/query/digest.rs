//! What a dump comes to, without keeping it.

use std::io::{self, Write};

use crate::{Reader, StoreError};

/// What a dump comes to: two databases that say the same have the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpDigest {
    /// Its hash (BLAKE3), in hexadecimal digits.
    pub hash: String,
    /// How long it is.
    pub byte_count: u64,
}

impl Reader {
    /// Makes the dump, and returns what it comes to.
    pub fn dump_digest(&self) -> Result<DumpDigest, StoreError> {
        let mut sum = Sum { hasher: blake3::Hasher::new(), byte_count: 0 };
        // To add up cannot fail.
        drop(self.dump(&mut sum)?);
        let hash = sum.hasher.finalize().to_hex().to_string();
        Ok(DumpDigest { hash, byte_count: sum.byte_count })
    }
}

struct Sum {
    hasher: blake3::Hasher,
    byte_count: u64,
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.byte_count += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
