//! What the address of the list asks for, read and written.

use ciq_event::{AccountStage, BillingHealth, Tier};
use ciq_insight::{Segment, Stage};
use ciq_monitor::Band;
use ciq_store::{CustomerFilter, CustomerSort};

use crate::asked::Asked;
use crate::link::Links;

/// Most characters of a search that are looked at.
pub(crate) const TYPED_LENGTH_MAX: usize = 200;

/// The orders of the list, by the words of an address and for people.
pub(super) const ORDERS: [(CustomerSort, &str, &str); 4] = [
    (CustomerSort::Newest, "newest", "Newest first"),
    (CustomerSort::LifetimeValue, "value", "Highest lifetime value"),
    (CustomerSort::ChurnRisk, "churn", "Likeliest to leave"),
    (CustomerSort::Health, "health", "Worst health"),
];

/// What a list of customers can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The segment.
    Segment,
    /// The stage of the journey.
    JourneyStage,
    /// The stage of the account.
    AccountStage,
    /// What the account pays for.
    Tier,
    /// How the account goes.
    HealthBand,
    /// How the customer pays.
    Billing,
}

impl Field {
    /// All of them, as the form has them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Segment,
        Self::JourneyStage,
        Self::AccountStage,
        Self::Tier,
        Self::HealthBand,
        Self::Billing,
    ];

    /// Returns the word of an address.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::JourneyStage => "journey",
            Self::AccountStage => "stage",
            Self::Tier => "tier",
            Self::HealthBand => "health",
            Self::Billing => "billing",
        }
    }

    /// Returns the words for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Segment => "Segment",
            Self::JourneyStage => "Journey",
            Self::AccountStage => "Account stage",
            Self::Tier => "Tier",
            Self::HealthBand => "Health",
            Self::Billing => "Billing",
        }
    }

    /// Returns the values that there are.
    pub(crate) fn values(self) -> Vec<&'static str> {
        match self {
            Self::Segment => Segment::ALL.iter().map(|it| it.name()).collect(),
            Self::JourneyStage => Stage::ALL.iter().map(|it| it.name()).collect(),
            Self::AccountStage => AccountStage::ALL.iter().map(|it| it.name()).collect(),
            Self::Tier => Tier::ALL.iter().map(|it| it.name()).collect(),
            Self::HealthBand => Band::ALL.iter().map(|it| it.name()).collect(),
            Self::Billing => BillingHealth::ALL.iter().map(|it| it.name()).collect(),
        }
    }

    /// Returns the value that a filter asks for.
    pub(crate) fn of(self, filter: &CustomerFilter) -> Option<&str> {
        match self {
            Self::Segment => filter.segment.as_deref(),
            Self::JourneyStage => filter.journey_stage.as_deref(),
            Self::AccountStage => filter.account_stage.as_deref(),
            Self::Tier => filter.tier.as_deref(),
            Self::HealthBand => filter.health_band.as_deref(),
            Self::Billing => filter.billing.as_deref(),
        }
    }

    fn set(self, filter: &mut CustomerFilter, value: Option<String>) {
        let place = match self {
            Self::Segment => &mut filter.segment,
            Self::JourneyStage => &mut filter.journey_stage,
            Self::AccountStage => &mut filter.account_stage,
            Self::Tier => &mut filter.tier,
            Self::HealthBand => &mut filter.health_band,
            Self::Billing => &mut filter.billing,
        };
        *place = value;
    }
}

/// What the address of the list asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListAsked {
    /// What was typed into the search field.
    pub(crate) typed: Option<String>,
    /// Whom to leave.
    pub(crate) filter: CustomerFilter,
    /// In which order.
    pub(crate) sort: CustomerSort,
    /// After whom.
    pub(crate) cursor: Option<String>,
}

impl ListAsked {
    /// Reads an address. What it says that makes no sense is left out.
    pub(crate) fn read(asked: &Asked) -> Self {
        let typed: Option<String> = asked
            .get("q")
            .map(|typed| typed.trim().chars().take(TYPED_LENGTH_MAX).collect())
            .filter(|typed: &String| !typed.is_empty());
        let mut filter = CustomerFilter::default();
        for field in Field::ALL {
            let known = asked.take(field.word()).filter(|it| field.values().contains(&it.as_str()));
            field.set(&mut filter, known);
        }
        let word = asked.get("sort");
        let order = ORDERS.iter().find(|(_, name, _)| word == Some(*name));
        let sort = order.map_or(CustomerSort::default(), |(sort, ..)| *sort);
        Self { typed, filter, sort, cursor: asked.take("cursor") }
    }

    /// Writes the address that asks for this.
    pub(crate) fn address(&self, links: &Links) -> String {
        let Self { typed, filter, sort, cursor } = self;
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        pairs.extend(typed.as_deref().map(|typed| ("q", typed)));
        for field in Field::ALL {
            pairs.extend(field.of(filter).map(|value| (field.word(), value)));
        }
        let order = ORDERS.iter().find(|(it, ..)| it == sort && *sort != CustomerSort::default());
        pairs.extend(order.map(|(_, word, _)| ("sort", *word)));
        pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        links.to("/customers", &pairs)
    }

    /// Returns the same from another customer on, or from the first.
    pub(crate) fn at(&self, cursor: Option<&str>) -> Self {
        Self { cursor: cursor.map(str::to_owned), ..self.clone() }
    }

    /// Returns the same without one condition, from the first customer on.
    pub(crate) fn without(&self, field: Field) -> Self {
        let mut less = self.at(None);
        field.set(&mut less.filter, None);
        less
    }

    /// Returns the same for everything that may have been typed.
    pub(crate) fn without_words(&self) -> Self {
        Self { typed: None, ..self.at(None) }
    }

    /// Returns the same of everybody.
    pub(crate) fn of_everybody(&self) -> Self {
        Self { filter: CustomerFilter::default(), ..self.at(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let address = "q=a%26b&segment=at_risk&stage=first_api_call&tier=pro&health=watch&\
             billing=past_due&sort=churn&cursor=x%2Fy";
        let asked = ListAsked::read(&Asked::parse(address.as_bytes()));
        assert_eq!(asked.filter.segment.as_deref(), Some("at_risk"));
        assert_eq!(asked.sort, CustomerSort::ChurnRisk);
        assert_eq!(asked.address(&Links::default()), format!("/customers?{address}"));
        assert_eq!(
            asked.without(Field::Segment).without_words().address(&Links::default()),
            "/customers?stage=first_api_call&tier=pro&health=watch&billing=past_due&sort=churn"
        );
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let asked = ListAsked::read(&Asked::parse(b"q=+&segment=%3Cb%3E&tier=gold&sort=size"));
        assert_eq!(asked, ListAsked::default());
    }
}
