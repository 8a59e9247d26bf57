//! Who looks at a page.

use ciq_event::Brand;

use crate::link::Links;

/// Who looks at a page, as far as rendering goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// Whose customers are shown.
    pub(crate) brand: Brand,
    /// The addresses to lead to.
    pub(crate) links: Links,
    /// What the visitor may do beyond reading.
    pub(crate) rights: Rights,
    /// Whether the visitor may sign out here.
    pub(crate) signed_in: SignedIn,
}

/// Where a visitor said who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedIn {
    /// On our page; a cookie remembers.
    Here,
    /// With each request, or nowhere: nobody has to.
    Elsewhere,
}

/// What a visitor may do beyond reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rights {
    /// Nothing.
    Read,
    /// Work on interventions, have everyone checked, switch automations.
    Act,
    /// Merge, settle reviews, undo.
    Decide,
}

impl Visitor {
    /// Tells whether the visitor may work on interventions and switch automations.
    pub(crate) fn may_act(&self) -> bool {
        self.rights >= Rights::Act
    }

    /// Tells whether the visitor may settle reviews and undo merges.
    pub(crate) fn may_decide(&self) -> bool {
        self.rights == Rights::Decide
    }
}
