//! What a customer wants.

use jiff::Timestamp;

use crate::history::{ActKind, CategoryKey, History, Item, ProductKey};
use crate::number::{float, whole, whole_days};

/// An intent without a further sign ends after this many days.
const EXPIRY_DAYS: u32 = 30;
/// For this many days an intent keeps its whole score.
const FRESH_DAYS: u32 = 3;
/// What a cart says.
const CART_SCORE: u8 = 65;
/// What remembering for later says.
const WISH_SCORE: u8 = 45;
/// What a look says.
const VIEW_SCORE: u8 = 25;
/// Added for a product that the customer bought before.
const REPEAT_SCORE: u8 = 20;
/// Added for each further sign, twice at most.
const FURTHER_SCORE: u8 = 5;
/// See [`FURTHER_SCORE`].
const FURTHER_MAX: u8 = 2;
/// What a purchase says.
const CONVERTED_SCORE: u8 = 100;

/// What became of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentStatus {
    /// The customer wants the product.
    Active,
    /// The customer bought it.
    Converted,
    /// Nothing was heard of it for 30 days.
    Expired,
}

/// What an intent was told by: the strongest of its signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntentReason {
    /// The product was looked at.
    Viewed,
    /// It was remembered for later.
    Wished,
    /// It was put into the cart.
    Carted,
    /// It was bought, without a sign before.
    Purchased,
}

/// What a customer wants, wanted and bought, or wanted and forgot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// Which product.
    pub product: ProductKey,
    /// Its category, where any sign of the intent says.
    pub category: Option<CategoryKey>,
    /// How strong it is as of the time it was asked for, 0 to 100: 100 when converted, 0 when
    /// expired.
    pub score: u8,
    /// What became of it.
    pub status: IntentStatus,
    /// When the first sign of it was seen.
    pub first_at: Timestamp,
    /// When the last sign of it was seen: the purchase, when converted.
    pub last_at: Timestamp,
    /// What it was told by.
    pub reason: IntentReason,
    /// Whether the customer had bought the product before the last sign of it.
    pub is_repeat: bool,
}

/// A sign of wanting a product, or of the end of it.
struct Sign {
    at: Timestamp,
    item: Item,
    kind: SignKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignKind {
    View,
    Wish,
    CartAdd,
    CartRemove,
    /// The order that the customer's history begins with.
    FirstPurchase,
    Purchase,
}

/// What is wanted of one product at a point of its signs.
#[derive(Clone, Copy)]
struct Wanting {
    first_at: Timestamp,
    last_at: Timestamp,
    has_wish: bool,
    has_cart: bool,
    further: u8,
    is_repeat: bool,
}

/// The signs of one product, walked through.
struct Walk {
    product: ProductKey,
    category: Option<CategoryKey>,
    is_bought: bool,
    wanting: Option<Wanting>,
    converted: Option<Intent>,
    expired: Option<Intent>,
}

/// Returns a customer's intents as of a time: the active ones by score, then the converted, then
/// the expired, each with the latest first. For each product there is at most one of each status;
/// a further purchase of a product moves its converted intent on.
///
/// A purchase converts, also without a sign before it; only the order that a history begins with
/// does not, as nothing was wanted before it. Scores: a view 25, a wish 45, a cart 65, 20 more for
/// what was bought before, 5 more for each further sign, twice at most. After three days the score
/// falls, in a straight line, to nothing on the thirtieth, where the intent expires. What is taken
/// out of the cart counts as viewed.
#[must_use]
pub fn intents(history: &History, as_of: Timestamp) -> Vec<Intent> {
    let signs = signs(history, as_of);
    let mut intents = Vec::new();
    for same in signs.chunk_by(|left, right| left.item.product == right.item.product) {
        let Some(first) = same.first() else { continue };
        let mut walk = Walk::of(first.item.product);
        for sign in same {
            walk.take(sign);
        }
        walk.finish(as_of, &mut intents);
    }
    intents.sort_unstable_by(|left, right| {
        let weight = |intent: &Intent| match intent.status {
            IntentStatus::Active => intent.score,
            IntentStatus::Converted | IntentStatus::Expired => 0,
        };
        (left.status.cmp(&right.status))
            .then(weight(right).cmp(&weight(left)))
            .then(right.last_at.cmp(&left.last_at))
            .then(left.product.cmp(&right.product))
    });
    intents
}

impl IntentStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Converted, Self::Expired];

    /// Returns its name, as tables and interfaces spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Converted => "converted",
            Self::Expired => "expired",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == text)
    }
}

impl IntentReason {
    /// Returns its name, as tables and interfaces spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewed => "view",
            Self::Wished => "wish",
            Self::Carted => "cart_add",
            Self::Purchased => "purchase",
        }
    }
}

/// Signs by product, then by time. At one time acts come before orders.
fn signs(history: &History, as_of: Timestamp) -> Vec<Sign> {
    let orders = history.orders_until(as_of);
    let acts = history.acts_until(as_of);
    let mut signs = Vec::with_capacity(acts.len().min(32) + orders.len());
    for act in acts {
        let kind = match act.kind {
            ActKind::View => SignKind::View,
            ActKind::Wish => SignKind::Wish,
            ActKind::CartAdd => SignKind::CartAdd,
            ActKind::CartRemove => SignKind::CartRemove,
            _ => continue,
        };
        signs.extend(act.item.map(|item| Sign { at: act.at, item, kind }));
    }
    for (number, order) in orders.iter().enumerate() {
        let is_first = number == 0 && history.is_first_event_order;
        let kind = if is_first { SignKind::FirstPurchase } else { SignKind::Purchase };
        signs.extend(order.items.iter().map(|item| Sign { at: order.at, item: *item, kind }));
    }
    signs.sort_by_key(|sign| (sign.item.product, sign.at));
    signs
}

impl Walk {
    fn of(product: ProductKey) -> Self {
        Self {
            product,
            category: None,
            is_bought: false,
            wanting: None,
            converted: None,
            expired: None,
        }
    }

    fn take(&mut self, sign: &Sign) {
        self.category = sign.item.category.or(self.category);
        self.expire(sign.at);
        match sign.kind {
            SignKind::View | SignKind::Wish | SignKind::CartAdd => self.want(sign),
            SignKind::CartRemove => {
                if let Some(wanting) = &mut self.wanting {
                    wanting.has_cart = false;
                }
            }
            SignKind::FirstPurchase => {
                self.wanting = None;
                self.is_bought = true;
            }
            SignKind::Purchase => self.convert(sign.at),
        }
    }

    fn want(&mut self, sign: &Sign) {
        let is_repeat = self.is_bought;
        let wanting = match &mut self.wanting {
            Some(wanting) => {
                wanting.further = wanting.further.saturating_add(1);
                wanting.last_at = sign.at;
                wanting
            }
            none => none.insert(Wanting {
                first_at: sign.at,
                last_at: sign.at,
                has_wish: false,
                has_cart: false,
                further: 0,
                is_repeat,
            }),
        };
        wanting.has_wish |= sign.kind == SignKind::Wish;
        wanting.has_cart |= sign.kind == SignKind::CartAdd;
    }

    fn convert(&mut self, at: Timestamp) {
        let wanting = self.wanting.take();
        let before = self.converted;
        let reason = wanting.map_or(IntentReason::Purchased, |wanting| wanting.reason());
        let first_at = wanting.map_or(at, |wanting| wanting.first_at);
        self.converted = Some(Intent {
            product: self.product,
            category: self.category,
            score: CONVERTED_SCORE,
            status: IntentStatus::Converted,
            first_at: before.map_or(first_at, |before| before.first_at),
            last_at: at,
            reason,
            is_repeat: self.is_bought,
        });
        self.is_bought = true;
    }

    /// Ends what was not heard of for long.
    fn expire(&mut self, now: Timestamp) {
        let Some(wanting) =
            self.wanting.take_if(|wanting| whole_days(wanting.last_at, now) >= EXPIRY_DAYS)
        else {
            return;
        };
        self.expired = Some(self.intent(wanting, IntentStatus::Expired, 0));
    }

    fn finish(mut self, as_of: Timestamp, intents: &mut Vec<Intent>) {
        self.expire(as_of);
        if let Some(wanting) = self.wanting {
            intents.push(self.intent(wanting, IntentStatus::Active, wanting.score(as_of)));
        }
        intents.extend(self.converted);
        intents.extend(self.expired);
    }

    fn intent(&self, wanting: Wanting, status: IntentStatus, score: u8) -> Intent {
        Intent {
            product: self.product,
            category: self.category,
            score,
            status,
            first_at: wanting.first_at,
            last_at: wanting.last_at,
            reason: wanting.reason(),
            is_repeat: wanting.is_repeat,
        }
    }
}

impl Wanting {
    fn reason(&self) -> IntentReason {
        if self.has_cart {
            IntentReason::Carted
        } else if self.has_wish {
            IntentReason::Wished
        } else {
            IntentReason::Viewed
        }
    }

    fn score(&self, as_of: Timestamp) -> u8 {
        let sign = match self.reason() {
            IntentReason::Carted | IntentReason::Purchased => CART_SCORE,
            IntentReason::Wished => WISH_SCORE,
            IntentReason::Viewed => VIEW_SCORE,
        };
        let repeat = if self.is_repeat { REPEAT_SCORE } else { 0 };
        let full = sign + repeat + FURTHER_SCORE * self.further.min(FURTHER_MAX);
        let stale_days = whole_days(self.last_at, as_of).saturating_sub(FRESH_DAYS);
        let left_days = (EXPIRY_DAYS - FRESH_DAYS).saturating_sub(stale_days);
        let left = f64::from(left_days) / f64::from(EXPIRY_DAYS - FRESH_DAYS);
        u8::try_from(whole(float(i64::from(full)) * left)).unwrap_or_default()
    }
}
