//! What is sold, where, and what the app can do.

/// Something that is sold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product {
    /// Its stock keeping unit.
    pub(crate) sku: &'static str,
    pub(crate) name: &'static str,
    pub(crate) category: &'static str,
    pub(crate) price_cents: i64,
}

const fn product(
    sku: &'static str,
    name: &'static str,
    category: &'static str,
    price_cents: i64,
) -> Product {
    Product { sku, name, category, price_cents }
}

/// The assortment.
pub(crate) const PRODUCTS: [Product; 32] = [
    product("APP-1010", "Linen Shirt", "Apparel", 5_490),
    product("APP-1020", "Cotton T-Shirt", "Apparel", 1_999),
    product("APP-1030", "Rain Jacket", "Apparel", 12_900),
    product("APP-1040", "Wool Sweater", "Apparel", 8_950),
    product("APP-1050", "Denim Trousers", "Apparel", 7_490),
    product("APP-1060", "Running Shorts", "Apparel", 3_499),
    product("APP-1070", "Winter Coat", "Apparel", 21_900),
    product("FTW-2010", "Canvas Sneakers", "Footwear", 6_490),
    product("FTW-2020", "Trail Running Shoes", "Footwear", 13_450),
    product("FTW-2030", "Leather Boots", "Footwear", 18_900),
    product("FTW-2040", "Garden Clogs", "Footwear", 2_950),
    product("ACC-3010", "Canvas Backpack", "Accessories", 7_990),
    product("ACC-3020", "Leather Belt", "Accessories", 3_995),
    product("ACC-3030", "Knitted Cap", "Accessories", 1_795),
    product("ACC-3040", "Travel Umbrella", "Accessories", 2_490),
    product("ACC-3050", "Card Wallet", "Accessories", 2_999),
    product("ELE-4010", "Wireless Earbuds", "Electronics", 9_999),
    product("ELE-4020", "Noise Cancelling Headphones", "Electronics", 27_999),
    product("ELE-4030", "Fitness Watch", "Electronics", 17_950),
    product("ELE-4040", "Travel Charger", "Electronics", 3_290),
    product("ELE-4050", "Desk Speaker", "Electronics", 12_490),
    product("ELE-4060", "E-Reader", "Electronics", 14_900),
    product("HOM-5010", "Table Lamp", "Home", 4_990),
    product("HOM-5020", "Ceramic Mug Set", "Home", 2_790),
    product("HOM-5030", "Cast Iron Pan", "Home", 5_950),
    product("HOM-5040", "Wool Blanket", "Home", 8_490),
    product("HOM-5050", "Scented Candle", "Home", 1_650),
    product("HOM-5060", "Coffee Grinder", "Home", 6_990),
    product("SPO-6010", "Yoga Mat", "Sports", 3_990),
    product("SPO-6020", "Steel Water Bottle", "Sports", 2_290),
    product("SPO-6030", "Resistance Bands", "Sports", 1_490),
    product("SPO-6040", "Two-Person Tent", "Sports", 24_900),
];

/// Stores: id, name.
pub(crate) const STORES: [(&str, &str); 5] = [
    ("STORE-001", "Market Square"),
    ("STORE-002", "Mill Street"),
    ("STORE-003", "Harbour Mall"),
    ("STORE-004", "Station Arcade"),
    ("STORE-005", "Airport Terminal 2"),
];

/// What the app can do.
pub(crate) const FEATURES: [&str; 10] = [
    "search",
    "wish_list",
    "order_tracking",
    "size_guide",
    "reviews",
    "loyalty_points",
    "store_finder",
    "recommendations",
    "returns",
    "chat",
];

/// Ways to pay online.
pub(crate) const PAYMENT_METHODS: [&str; 4] = ["credit_card", "debit_card", "paypal", "gift_card"];

/// Those who repair.
pub(crate) const TECHNICIANS: [&str; 6] = [
    "technician_01",
    "technician_02",
    "technician_03",
    "technician_04",
    "technician_05",
    "technician_06",
];
