//! Names, and sentences that people write.

/// First names.
pub(crate) const FIRST_NAMES: [&str; 80] = [
    "Ada", "Aisha", "Alma", "Amir", "Ana", "Andre", "Anika", "Anton", "Asha", "Ben", "Bianca",
    "Bruno", "Carla", "Cedric", "Chloe", "Clara", "Dana", "Daniel", "Deepa", "Diego", "Dora",
    "Edith", "Elena", "Elias", "Emil", "Erik", "Esther", "Eva", "Farah", "Felix", "Fiona", "Gita",
    "Grace", "Hana", "Hugo", "Ida", "Ines", "Ivan", "Jana", "Jonas", "Julia", "Karim", "Kavya",
    "Kira", "Lars", "Laura", "Leila", "Lena", "Leo", "Lucia", "Malik", "Mara", "Marco", "Maya",
    "Mina", "Nadia", "Nico", "Nina", "Noah", "Nora", "Omar", "Oscar", "Paula", "Pavel", "Petra",
    "Priya", "Rafael", "Rosa", "Ruth", "Samir", "Sara", "Sofia", "Sven", "Tara", "Theo", "Tomas",
    "Uma", "Vera", "Yusuf", "Zoe",
];

/// Last names.
pub(crate) const LAST_NAMES: [&str; 96] = [
    "Abbott", "Acosta", "Adler", "Ahmed", "Alvarez", "Amari", "Banerjee", "Barlow", "Becker",
    "Bell", "Berg", "Bishop", "Blanc", "Brandt", "Brooks", "Cabrera", "Castillo", "Chandra",
    "Clarke", "Costa", "Dalton", "Delgado", "Desai", "Diaz", "Dietrich", "Dixon", "Duarte",
    "Eklund", "Ellis", "Engel", "Farouk", "Ferrari", "Fischer", "Flores", "Fontaine", "Franke",
    "Fuller", "Garcia", "Gibson", "Gomes", "Greene", "Gupta", "Haddad", "Hansen", "Harper",
    "Hartmann", "Hayes", "Herrera", "Holm", "Hughes", "Ibrahim", "Iyer", "Jansen", "Jensen",
    "Joshi", "Kaplan", "Keller", "Khan", "Klein", "Kovacs", "Kumar", "Lambert", "Larsen", "Lin",
    "Lopez", "Maier", "Marin", "Mehta", "Mendes", "Meyer", "Moreno", "Nair", "Navarro", "Nguyen",
    "Nilsen", "Novak", "Okafor", "Olsen", "Ortega", "Osman", "Palmer", "Patel", "Pereira", "Quinn",
    "Rahman", "Ramos", "Rossi", "Santos", "Schmidt", "Silva", "Singh", "Tanaka", "Torres", "Vogel",
    "Weber", "Yilmaz",
];

/// Companies, for those who buy for one.
pub(crate) const COMPANIES: [&str; 12] = [
    "Birch Street Studio",
    "Copper Kettle Catering",
    "Delta Lane Logistics",
    "Foxglove Florists",
    "Granite Hill Builders",
    "Harbour Light Books",
    "Juniper Dental",
    "Maple & Rye Bakery",
    "Northgate Cycling Club",
    "Otter Creek School",
    "Silver Fern Design",
    "Tall Pine Camping",
];

/// Questions by text message.
pub(crate) const QUESTIONS: [&str; 16] = [
    "Hi, has my parcel left the warehouse yet?",
    "Do you still have this in a size larger?",
    "Can I change the delivery address of my last order?",
    "The courier says it was delivered but nothing is here.",
    "How long do I have to send something back?",
    "Is the shop on Mill Street open this Sunday?",
    "Could you send me the invoice again, please?",
    "Does the jacket come in green?",
    "I got the wrong colour, what now?",
    "Thanks, that solved it!",
    "Will the blue one be back in stock?",
    "Can I pick up in the store instead?",
    "My discount code is not accepted.",
    "Is there a repair service for bags?",
    "How do I use my loyalty points online?",
    "Please call me back about my order.",
];

/// A problem as a ticket: title, text, category.
pub(crate) const PROBLEMS: [(&str, &str, &str); 12] = [
    ("Sound cuts out", "The left earbud goes silent after a few minutes of a call.", "technical"),
    ("Parcel is late", "The tracking page has not moved since Monday.", "delivery"),
    ("Charged twice", "My statement shows the same order two times.", "billing"),
    ("Cannot sign in", "The reset link opens an empty page.", "account"),
    ("Wrong size sent", "I ordered a medium and a small one came.", "delivery"),
    ("Watch will not charge", "It stays at three percent on the cradle all night.", "technical"),
    ("Refund is missing", "You confirmed the return two weeks ago.", "billing"),
    ("App closes by itself", "It happens whenever I open the wish list.", "technical"),
    ("Seam came apart", "The shoulder seam opened after the second wash.", "quality"),
    ("Change of plan", "I would like to move to the yearly plan.", "billing"),
    ("Missing part", "The stand was not in the box.", "delivery"),
    ("Too many newsletters", "Please write to me once a month at most.", "account"),
];

/// Answers of the support desk.
pub(crate) const ANSWERS: [&str; 6] = [
    "Thank you for writing. A replacement is on its way.",
    "We have found the fault and will be in touch tomorrow.",
    "The amount goes back to your card within five days.",
    "Could you send us a picture of the label, please?",
    "We have changed it for you. Nothing else is needed.",
    "Sorry for the wait. The courier delivers on Thursday.",
];

/// Notes that somebody in the company writes about a customer: text, category.
pub(crate) const NOTES: [(&str, &str); 10] = [
    ("Prefers to be called in the afternoon.", "preference"),
    ("Buys gifts for two children, sizes 128 and 140.", "preference"),
    ("Asked twice about a loyalty discount.", "sales"),
    ("Allergic to wool; recommend cotton.", "preference"),
    ("Was very patient during the delivery strike.", "relationship"),
    ("Wants invoices in the company's name.", "billing"),
    ("Runs a small club and orders in bulk each spring.", "sales"),
    ("Had a poor experience with the courier; offer pick-up.", "service"),
    ("Happy to test new products early.", "relationship"),
    ("Uses a screen reader; send plain text.", "accessibility"),
];

/// What is wrong with something brought in for repair, and what was done.
pub(crate) const REPAIRS: [(&str, &str); 8] = [
    ("Zip does not close", "Zip replaced"),
    ("Battery lasts an hour", "Battery replaced and tested"),
    ("Strap has torn off", "Strap sewn on again"),
    ("Screen is scratched", "Glass replaced"),
    ("Charging port is loose", "Port soldered"),
    ("Sole comes off", "Sole glued and pressed"),
    ("Hinge squeaks", "Hinge cleaned and oiled"),
    ("Speaker rattles", "Membrane replaced"),
];
