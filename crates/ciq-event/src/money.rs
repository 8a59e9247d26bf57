//! Money: whole minor units of one currency, parsed from text without passing through a float.

use std::fmt;

/// Significant digits from which on excess decimals are float noise, such as
/// `0.30000000000000004`: a double carries 15 to 17.
const FLOAT_NOISE_DIGITS: usize = 16;

/// Most characters an amount may have; longer ones are mistakes.
const AMOUNT_LENGTH_MAX: usize = 64;

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("not an amount: {0:?}")]
    NotANumber(String),
    /// More decimals than the currency has.
    #[error("{amount} has more decimals than {currency} has ({digits})")]
    TooPrecise {
        /// What was sent.
        amount: String,
        /// The currency's code.
        currency: Currency,
        /// How many decimals the currency has.
        digits: u32,
    },
    /// Beyond what 64 bits of minor units hold.
    #[error("too large an amount: {0}")]
    TooLarge(String),
    /// Not three letters.
    #[error("not a currency code: {0:?} (three letters, such as USD)")]
    NotACurrency(String),
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The default of a brand that names no other.
    pub const USD: Self = Self(*b"USD");

    /// Parses three ASCII letters of any case.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] =
            text.trim().as_bytes().try_into().map_err(|_| MoneyError::NotACurrency(clip(text)))?;
        if !bytes.iter().all(u8::is_ascii_alphabetic) {
            return Err(MoneyError::NotACurrency(clip(text)));
        }
        Ok(Self(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// Returns the code in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Returns how many decimals the currency has (ISO 4217): mostly 2, some 0, 3 or 4.
    #[must_use]
    pub fn digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An exact amount in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// Whole minor units: 29999 is 299.99 in USD.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Parses a decimal number, such as `299.99`, `-5` or `1.2e3`. Trailing zeros are fine; further
    /// decimals than the currency has are refused, unless they are the noise of a float.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let decimal = Decimal::parse(text).ok_or_else(|| MoneyError::NotANumber(clip(text)))?;
        let too_precise =
            || MoneyError::TooPrecise { amount: clip(text), currency, digits: currency.digits() };
        let minor = decimal.scaled(currency.digits()).map_err(|why| match why {
            ScaleError::Excess => too_precise(),
            ScaleError::Overflow => MoneyError::TooLarge(clip(text)),
        })?;
        Ok(Self { minor, currency })
    }
}

impl fmt::Display for Money {
    /// Writes the amount with all its decimals and no currency: `299.99`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let text = format!("{:0width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = text.split_at(text.len() - digits);
        if digits == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// A decimal number as its digits and the place of its point.
struct Decimal {
    is_negative: bool,
    /// Digits without leading zeros.
    digits: Vec<u8>,
    /// The value is `0.digits * 10^point`.
    point: i32,
}

enum ScaleError {
    Excess,
    Overflow,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > AMOUNT_LENGTH_MAX {
            return None;
        }
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        let zeros = all.iter().take_while(|d| **d == 0).count();
        let whole_len = i32::try_from(whole.len()).ok()?;
        let zeros_len = i32::try_from(zeros).ok()?;
        Some(Self {
            is_negative,
            digits: all[zeros..].to_vec(),
            point: whole_len - zeros_len + i32::from(exponent),
        })
    }

    /// Returns the value times `10^places` as a whole number.
    fn scaled(&self, places: u32) -> Result<i64, ScaleError> {
        let kept = self.point + places.cast_signed();
        let kept_len = usize::try_from(kept.max(0)).unwrap_or(0);
        let excess = self.digits.get(kept_len.min(self.digits.len())..).unwrap_or(&[]);
        let is_exact = excess.iter().all(|d| *d == 0);
        if !is_exact && (self.digits.len() < FLOAT_NOISE_DIGITS || !is_noise(excess)) {
            return Err(ScaleError::Excess);
        }
        if kept_len > 19 && !self.digits.is_empty() {
            return Err(ScaleError::Overflow);
        }
        let mut value: i128 = 0;
        for place in 0..if self.digits.is_empty() { 0 } else { kept_len } {
            value = value * 10 + i128::from(self.digits.get(place).copied().unwrap_or(0));
        }
        if !is_exact && excess[0] >= 5 {
            value += 1;
        }
        let signed = if self.is_negative { -value } else { value };
        i64::try_from(signed).map_err(|_| ScaleError::Overflow)
    }
}

/// Tells whether digits beyond the last decimal are what a double leaves behind: a long run of
/// zeros or nines before anything else.
fn is_noise(excess: &[u8]) -> bool {
    let run = excess.iter().take_while(|d| **d == excess[0]).count();
    (excess[0] == 0 || excess[0] == 9) && run >= 6
}

fn clip(text: &str) -> String {
    text.chars().take(AMOUNT_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, currency: &str, minor: Option<i64>) {
        let currency = Currency::parse(currency).unwrap();
        assert_eq!(Money::parse(text, currency).ok().map(|m| m.minor), minor, "{text}");
    }

    #[test]
    fn amounts_parse_exactly() {
        check("299.99", "USD", Some(29_999));
        check("89.990", "USD", Some(8_999));
        check("-5", "usd", Some(-500));
        check(".5", "USD", Some(50));
        check("5.", "USD", Some(500));
        check("0", "USD", Some(0));
        check("0.00", "USD", Some(0));
        check("1.2e3", "USD", Some(120_000));
        check("125e-2", "USD", Some(125));
        check("1200", "JPY", Some(1_200));
        check("1.234", "KWD", Some(1_234));
        check("92233720368547758.07", "USD", Some(i64::MAX));
    }

    #[test]
    fn amounts_refuse_what_they_cannot_hold() {
        check("1.005", "USD", None);
        check("1.5", "JPY", None);
        check("92233720368547758.08", "USD", None);
        check("1e400", "USD", None);
        check("1e-400", "USD", None);
        for text in ["", "-", "abc", "1,5", "0x10", "NaN", "1e", "--1", ".", "1 2"] {
            check(text, "USD", None);
        }
    }

    #[test]
    fn the_noise_of_a_float_is_rounded_away() {
        check("0.30000000000000004", "USD", Some(30));
        check("59.970000000000006", "USD", Some(5_997));
        check("8.999999999999998", "USD", Some(900));
        check("0.12345678901234567", "USD", None);
    }

    proptest! {
        #[test]
        fn money_reads_back_what_it_prints(minor: i64, code in "[A-Z]{3}") {
            let money = Money { minor, currency: Currency::parse(&code).unwrap() };
            prop_assert_eq!(Money::parse(&money.to_string(), money.currency), Ok(money));
        }

        #[test]
        fn any_text_is_money_or_an_error(text in ".*") {
            drop(Money::parse(&text, Currency::USD));
        }
    }
}
