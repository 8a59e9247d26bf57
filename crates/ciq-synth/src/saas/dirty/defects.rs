//! What can be wrong with a line, and how often.

/// How often what is wrong with a history, in thousandths. Each line has at most one of a typo, a
/// shared device and a missing property; the shares of these three sum to at most 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dirt {
    /// Of the events that say who a user is: a slip in the name or the mail address.
    pub typos_per_mille: u16,
    /// Of the events that name a device: the device is another user's, one that is always the
    /// same for a user.
    pub shared_devices_per_mille: u16,
    /// Of all events: the same line again, up to six hours later.
    pub duplicates_per_mille: u16,
    /// Of all events: the line arrives a minute to three days late.
    pub late_per_mille: u16,
    /// Of the events that have properties: one of them is missing.
    pub missing_per_mille: u16,
}

impl Dirt {
    /// Nothing is wrong.
    pub const NONE: Self = Self {
        typos_per_mille: 0,
        shared_devices_per_mille: 0,
        duplicates_per_mille: 0,
        late_per_mille: 0,
        missing_per_mille: 0,
    };
}

impl Default for Dirt {
    /// Returns what a decent pipeline lets through.
    fn default() -> Self {
        Self {
            typos_per_mille: 30,
            shared_devices_per_mille: 10,
            duplicates_per_mille: 10,
            late_per_mille: 20,
            missing_per_mille: 5,
        }
    }
}

/// Something that is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// A slip in a name or a mail address.
    Typo,
    /// The device is another user's.
    SharedDevice,
    /// A property is missing.
    Missing,
    /// It arrives long after it happened.
    Late,
    /// It arrived before.
    Duplicate,
}

impl Defect {
    /// Every defect.
    pub const ALL: [Self; 5] =
        [Self::Typo, Self::SharedDevice, Self::Missing, Self::Late, Self::Duplicate];

    /// Returns the name: `typo`, `shared_device`, `missing`, `late` or `duplicate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Typo => "typo",
            Self::SharedDevice => "shared_device",
            Self::Missing => "missing",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Typo => 1,
            Self::SharedDevice => 2,
            Self::Missing => 4,
            Self::Late => 8,
            Self::Duplicate => 16,
        }
    }
}

/// All that is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defects(u8);

impl Defects {
    /// Returns these and one more.
    #[must_use]
    pub const fn with(self, defect: Defect) -> Self {
        Self(self.0 | defect.bit())
    }

    /// Tells whether a defect is among them.
    #[must_use]
    pub const fn contains(self, defect: Defect) -> bool {
        self.0 & defect.bit() != 0
    }

    /// Tells whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns them one by one.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL.into_iter().filter(move |defect| self.contains(*defect))
    }
}
