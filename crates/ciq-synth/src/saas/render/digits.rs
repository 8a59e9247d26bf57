//! Numbers and times as digits, from tables.

/// The pairs of digits from 00 to 99.
const PAIRS: [[u8; 2]; 100] = pairs();

/// Bytes as pairs of hexadecimal digits.
const HEX: [[u8; 2]; 256] = hex_pairs();

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

/// The last time that four digits of a year can tell: 9999-12-31T23:59:59.999Z.
const LAST_MS: i64 = 253_402_300_799_999;

const fn pairs() -> [[u8; 2]; 100] {
    let digits = b"0123456789";
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [digits[number / 10], digits[number % 10]];
        number += 1;
    }
    pairs
}

const fn hex_pairs() -> [[u8; 2]; 256] {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut number = 0;
    while number < 256 {
        pairs[number] = [digits[number / 16], digits[number % 16]];
        number += 1;
    }
    pairs
}

/// Returns two digits of a number below a hundred.
pub(super) fn pair(number: u32) -> [u8; 2] {
    PAIRS[number as usize % 100]
}

/// Writes sixteen hexadecimal digits.
pub(super) fn put_hex(number: u64, into: &mut [u8; 16]) {
    for (place, byte) in into.as_chunks_mut::<2>().0.iter_mut().zip(number.to_be_bytes()) {
        *place = HEX[usize::from(byte)];
    }
}

/// Writes eight hexadecimal digits.
pub(super) fn put_short_hex(number: u32, into: &mut [u8; 8]) {
    for (place, byte) in into.as_chunks_mut::<2>().0.iter_mut().zip(number.to_be_bytes()) {
        *place = HEX[usize::from(byte)];
    }
}

/// Appends a number.
pub(super) fn push_number(number: u32, out: &mut Vec<u8>) {
    if number < 10 {
        out.push(pair(number)[1]);
        return;
    }
    if number >= 100 {
        push_number(number / 100, out);
    }
    out.extend_from_slice(&pair(number % 100));
}

/// Appends hundredths as a number without needless digits: `49`, `49.5`, `19.99`.
pub(super) fn push_hundredths(hundredths: u32, out: &mut Vec<u8>) {
    push_number(hundredths / 100, out);
    let [tenth, hundredth] = pair(hundredths % 100);
    if [tenth, hundredth] == *b"00" {
        return;
    }
    out.extend_from_slice(&[b'.', tenth]);
    if hundredth != b'0' {
        out.push(hundredth);
    }
}

/// Appends hundredths with a sign as a number without needless digits: `-0.35`, `1`.
pub(super) fn push_signed_hundredths(hundredths: i8, out: &mut Vec<u8>) {
    if hundredths < 0 {
        out.push(b'-');
    }
    push_hundredths(u32::from(hundredths.unsigned_abs()), out);
}

/// Writes a time as RFC 3339 with milliseconds, such as `2025-01-20T10:00:00.000Z`, over a text
/// that has the marks between the numbers already.
///
/// Times before the year 0 and after the year 9999 become the nearest that can be told. The
/// calendar is that of [Neri and Schneider](https://doi.org/10.1002/spe.3172).
pub(super) fn put_time(at_ms: i64, into: &mut [u8; 24]) {
    let at_ms = at_ms.clamp(-EPOCH_DAYS * DAY_MS, LAST_MS);
    let days = u32::try_from(at_ms.div_euclid(DAY_MS) + EPOCH_DAYS).unwrap_or(0);
    let of_day = u32::try_from(at_ms.rem_euclid(DAY_MS)).unwrap_or(0);

    let century_days = 4 * days + 3;
    let century = century_days / 146_097;
    let year_days = 4 * (century_days % 146_097 / 4) + 3;
    let product = 2_939_745 * u64::from(year_days);
    let of_century = u32::try_from(product >> 32).unwrap_or(0);
    let of_year = u32::try_from((product & 0xffff_ffff) / 2_939_745 / 4).unwrap_or(0);
    let month_days = 2_141 * of_year + 197_913;
    let (month, day) = (month_days >> 16, (month_days & 0xffff) / 2_141 + 1);
    // The year of this reckoning begins in March.
    let (year, month) = match of_year {
        306.. => (100 * century + of_century + 1, month - 12),
        _ => (100 * century + of_century, month),
    };
    into[0..2].copy_from_slice(&pair(year / 100));
    into[2..4].copy_from_slice(&pair(year % 100));
    into[5..7].copy_from_slice(&pair(month));
    into[8..10].copy_from_slice(&pair(day));

    let seconds = of_day / 1_000;
    into[11..13].copy_from_slice(&pair(seconds / 3_600));
    into[14..16].copy_from_slice(&pair(seconds / 60 % 60));
    into[17..19].copy_from_slice(&pair(seconds % 60));
    let ms = of_day % 1_000;
    into[20] = pair(ms / 100)[1];
    into[21..23].copy_from_slice(&pair(ms % 100));
}
