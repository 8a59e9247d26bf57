//! What is sold: five price plans, by the screen and month.

use std::fmt;

/// A price plan. One price in Stripe each, in US dollars, per screen and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PricePlan {
    /// Costs nothing.
    Free,
    /// $10 a screen.
    Standard,
    /// $15 a screen.
    ProPlus,
    /// $30 a screen.
    Engage,
    /// $45 a screen.
    Enterprise,
}

/// The currency of every price, as Stripe writes it.
pub const CURRENCY: &str = "usd";

impl PricePlan {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 5] =
        [Self::Free, Self::Standard, Self::ProPlus, Self::Engage, Self::Enterprise];

    /// Returns the name, such as `Pro Plus`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Standard => "Standard",
            Self::ProPlus => "Pro Plus",
            Self::Engage => "Engage",
            Self::Enterprise => "Enterprise",
        }
    }

    /// Returns the word for keys and flags, such as `pro_plus`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::ProPlus => "pro_plus",
            Self::Engage => "engage",
            Self::Enterprise => "enterprise",
        }
    }

    /// Returns what a screen costs a month, in cents.
    #[must_use]
    pub const fn unit_amount(self) -> i64 {
        match self {
            Self::Free => 0,
            Self::Standard => 1_000,
            Self::ProPlus => 1_500,
            Self::Engage => 3_000,
            Self::Enterprise => 4_500,
        }
    }

    /// Returns the fewest and the most screens that a customer begins with.
    #[must_use]
    pub const fn screens(self) -> (u64, u64) {
        match self {
            Self::Free => (1, 3),
            Self::Standard => (2, 8),
            Self::ProPlus => (5, 20),
            Self::Engage => (8, 30),
            Self::Enterprise => (25, 100),
        }
    }

    /// Returns the key under which Stripe finds the price.
    #[must_use]
    pub fn lookup_key(self) -> String {
        format!("stripe_seed_{}_monthly", self.slug())
    }

    /// Returns the price plan of a name or of a slug, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL.into_iter().find(|plan| {
            plan.name().eq_ignore_ascii_case(text) || plan.slug().eq_ignore_ascii_case(text)
        })
    }
}

impl fmt::Display for PricePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_plan_is_found_by_its_name_and_its_slug() {
        for plan in PricePlan::ALL {
            assert_eq!(PricePlan::parse(plan.name()), Some(plan));
            assert_eq!(PricePlan::parse(plan.slug()), Some(plan));
        }
        assert_eq!(PricePlan::parse("gold"), None);
    }
}
