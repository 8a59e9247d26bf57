//! Where a user can be reached: addresses and numbers that belong to nobody.

use super::marks::Marks;
use crate::Seed;
use crate::areas::AREA_CODES;

/// Domains reserved for examples by [RFC 2606](https://www.rfc-editor.org/rfc/rfc2606).
const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

/// Numbers 555-0100 to 555-0199 over all area codes: reserved for fiction.
pub const USER_PHONES: u32 = 25_200;

const _: () = assert!(USER_PHONES as usize == 100 * AREA_CODES.len(), "a hundred for each code");

/// A prime that divides no count of numbers: it walks over all of them.
const STRIDE: u64 = 1_000_003;

/// Returns a mail address that fits the name. The index makes it different from all others.
pub(super) fn email(first_name: &str, last_name: &str, index: u32) -> String {
    let domain = DOMAINS[index as usize % DOMAINS.len()];
    let [first, last] = [first_name, last_name].map(str::to_ascii_lowercase);
    format!("{first}.{last}{index}@{domain}")
}

/// Returns a telephone number, such as `+12015550123`, while there are any left.
pub(super) fn phone(seed: Seed, index: u32) -> Option<String> {
    if index >= USER_PHONES {
        return None;
    }
    let count = u64::from(USER_PHONES);
    let shift = Marks::new(seed, "user-phone").at(0) % count;
    let cell = (u64::from(index) * STRIDE + shift) % count;
    let area = AREA_CODES[usize::try_from(cell / 100).unwrap_or(0)];
    Some(format!("+1{area}55501{:02}", cell % 100))
}
