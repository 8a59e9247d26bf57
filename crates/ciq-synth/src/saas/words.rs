//! What the product can do, and what users and the desk write to each other.

/// What the product can do, the most used first.
pub const FEATURES: [&str; 24] = [
    "dashboard",
    "search",
    "export",
    "reports",
    "comments",
    "filters",
    "sharing",
    "templates",
    "import",
    "alerts",
    "calendar",
    "bulk_edit",
    "integrations",
    "mobile_app",
    "automation",
    "custom_fields",
    "forecast",
    "audit_log",
    "team_roles",
    "api_keys",
    "webhooks",
    "single_sign_on",
    "sandbox",
    "data_residency",
];

/// Who writes a message of a ticket, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TicketRole {
    /// The user opens the ticket.
    Opening,
    /// The user writes again.
    Reply,
    /// The desk answers.
    Answer,
}

/// Returns the text of a ticket's message: one of those that fit the role and the sentiment, from
/// -100 (furious) to 100 (delighted). Every number of a message has a text.
#[must_use]
pub fn ticket_text(role: TicketRole, sentiment: i8, message: u8) -> &'static str {
    let [furious, unhappy, calm, happy] = match role {
        TicketRole::Opening => &OPENINGS,
        TicketRole::Reply => &REPLIES,
        TicketRole::Answer => &ANSWERS,
    };
    let texts = match sentiment {
        ..=-50 => furious,
        -49..=-1 => unhappy,
        0..=39 => calm,
        40.. => happy,
    };
    texts[usize::from(message) % texts.len()]
}

/// Texts by mood: furious, unhappy, calm, happy.
type Texts = [[&'static str; 6]; 4];

const OPENINGS: Texts = [
    [
        "This is the third outage this week and nobody answers.",
        "We were charged twice and support ignores us.",
        "The export lost our data. This is not acceptable.",
        "I want to cancel. Nothing works since the update.",
        "Our whole team has been locked out since this morning.",
        "You raised the price and broke the reports.",
    ],
    [
        "The dashboard takes a minute to load.",
        "My export stops at half of the rows.",
        "Alerts arrive hours late.",
        "The invoice does not match our plan.",
        "I cannot add a colleague to the workspace.",
        "Search does not find what I saved yesterday.",
    ],
    [
        "How do I change the billing address?",
        "Can I move a report to another workspace?",
        "Is there a limit on custom fields?",
        "Where do I find the keys for the interface?",
        "How can I invite a guest?",
        "Does the import read spreadsheets?",
    ],
    [
        "Love the new templates. Can we share them?",
        "Great update. How do we switch on automation?",
        "The team enjoys the forecast. Is there more to come?",
        "Thanks for the quick fix. One small question.",
        "Happy with the product, we would like more seats.",
        "The new search is a delight. Can it learn synonyms?",
    ],
];

const REPLIES: Texts = [
    [
        "Still broken. I have asked four times now.",
        "That did not help at all.",
        "I am done waiting. Please close our account.",
        "You sent me the same answer again.",
        "This costs us money every day.",
        "Nobody has read what I wrote.",
    ],
    [
        "It still happens on some days.",
        "The steps did not work for me.",
        "Any news on this?",
        "It is better, but not solved.",
        "I had hoped for a quicker answer.",
        "Now it fails in another place.",
    ],
    [
        "Here is the screenshot that you asked for.",
        "It is the workspace of our second team.",
        "We use the version from last week.",
        "I will try that and come back to you.",
        "It is for about forty people.",
        "Yes, please go ahead.",
    ],
    [
        "That solved it, thank you.",
        "Perfect, exactly what we needed.",
        "Wonderful, the team is happy.",
        "Quick and friendly, thanks a lot.",
        "Works like a charm now.",
        "Great help, as always.",
    ],
];

const ANSWERS: Texts = [
    [
        "We are sorry. An engineer is on it right now.",
        "You should not have to ask twice. I take this over.",
        "We have escalated this and will call you today.",
        "The amount is on its way back to your card.",
        "We understand the damage and are restoring your data.",
        "I have passed this on to the head of support.",
    ],
    [
        "Sorry for the trouble. We can see the fault.",
        "Could you send us a screenshot, please?",
        "A fix is planned for this week.",
        "We have corrected the invoice.",
        "Please sign in again and tell us if it persists.",
        "We are looking into the delay.",
    ],
    [
        "You find it under settings, billing.",
        "Yes, on every plan.",
        "There is a guide in the help centre.",
        "We have switched it on for you.",
        "Guests are free on your plan.",
        "It reads all common formats.",
    ],
    [
        "Glad to hear it. Enjoy.",
        "Thank you for the kind words.",
        "We have passed the praise on to the team.",
        "More of it is coming next month.",
        "Happy to help, any time.",
        "We have added the seats. Welcome aboard.",
    ],
];
