//! What the columns of a file mean: the kinds of import, the roles of their columns, and what shops call them.

use super::fold::fold;
use domain::fact::Table;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Import {
    /// Orders, one row an order or one row a line; negative rows become returns.
    Orders,
    /// Customers as the shop knows them.
    Customers,
    /// Returns alone.
    Returns,
    /// The assortment.
    Products,
    /// Surveys, reviews, complaints.
    Feedback,
    /// Anything else that happened.
    Events,
    /// Marketing spend and output counts.
    Costs,
}

impl Import {
    /// All kinds.
    pub const ALL: [Import; 7] = [
        Import::Orders,
        Import::Customers,
        Import::Returns,
        Import::Products,
        Import::Feedback,
        Import::Events,
        Import::Costs,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Import::Orders => "orders",
            Import::Customers => "customers",
            Import::Returns => "returns",
            Import::Products => "products",
            Import::Feedback => "feedback",
            Import::Events => "events",
            Import::Costs => "costs",
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Import> {
        Import::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// The table its rows go to; an order file's negative rows go to `returns`.
    pub const fn table(self) -> Table {
        match self {
            Import::Orders => Table::Lines,
            Import::Customers => Table::Customers,
            Import::Returns => Table::Returns,
            Import::Products => Table::Products,
            Import::Feedback => Table::Feedback,
            Import::Events => Table::Events,
            Import::Costs => Table::Costs,
        }
    }

    /// The roles its columns may have.
    pub const fn roles(self) -> &'static [Role] {
        use Role::*;
        match self {
            Import::Orders => &[
                Order,
                Line,
                Date,
                Time,
                Customer,
                Phone,
                Email,
                Card,
                Name,
                Birthday,
                Product,
                ProductName,
                Category,
                Quantity,
                UnitPrice,
                Total,
                Discount,
                Tax,
                Cost,
                UnitCost,
                Currency,
                Store,
                Channel,
                Tender,
                Status,
                ReturnedOrder,
                Staff,
            ],
            Import::Returns => &[
                Return,
                Line,
                ReturnedOrder,
                Date,
                Time,
                Customer,
                Phone,
                Email,
                Card,
                Name,
                Product,
                ProductName,
                Quantity,
                UnitPrice,
                Total,
                Cost,
                UnitCost,
                Reason,
                Currency,
                Store,
                Channel,
            ],
            Import::Customers => &[Customer, Phone, Email, Card, Name, Birthday, Date, Store, Channel, Tier],
            Import::Products => &[Product, ProductName, Category, Brand, UnitPrice, UnitCost, Currency],
            Import::Feedback => &[
                Feedback, Customer, Phone, Email, Order, Date, Time, Kind, Score, ScoreMax, Text, Store,
                Channel,
            ],
            Import::Events => {
                &[Event, EventName, Customer, Phone, Email, Order, Product, Date, Time, Store, Channel]
            }
            Import::Costs => &[Date, Channel, Program, Spend, Output, OutputCount, Currency],
        }
    }

    /// Roles without which there is nothing to import; one of each group is enough.
    pub(super) const fn needs(self) -> &'static [&'static [Role]] {
        use Role::*;
        match self {
            Import::Orders | Import::Returns => &[&[Date]],
            Import::Customers => &[&[Customer, Phone, Email, Card]],
            Import::Products => &[&[Product]],
            Import::Feedback => &[&[Date], &[Score, Text]],
            Import::Events => &[&[Date], &[EventName]],
            Import::Costs => &[&[Date], &[Spend, OutputCount]],
        }
    }
}

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Role {
    /// The shop's key of the order.
    Order,
    /// The key of a line within its order.
    Line,
    /// When: a date, with or without the time.
    Date,
    /// The time of day, where it stands apart from the date.
    Time,
    /// The shop's key of the customer.
    Customer,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A loyalty card.
    Card,
    /// The customer's name.
    Name,
    /// The customer's birthday.
    Birthday,
    /// The shop's key of the product.
    Product,
    /// Its name.
    ProductName,
    /// Its category.
    Category,
    /// Its brand.
    Brand,
    /// How many.
    Quantity,
    /// The price of one.
    UnitPrice,
    /// What was paid for the row.
    Total,
    /// What was taken off, as an amount or with a per cent sign.
    Discount,
    /// Tax.
    Tax,
    /// What the goods of the row cost the shop.
    Cost,
    /// What one unit costs the shop.
    UnitCost,
    /// The currency code.
    Currency,
    /// The store.
    Store,
    /// The channel.
    Channel,
    /// How it was paid.
    Tender,
    /// Whether the order stands or was cancelled or returned.
    Status,
    /// The order a return belongs to.
    ReturnedOrder,
    /// Whether staff bought for themselves.
    Staff,
    /// The key of a return.
    Return,
    /// Why it was returned.
    Reason,
    /// The tier of an older program.
    Tier,
    /// The key of a piece of feedback.
    Feedback,
    /// Survey, review, complaint.
    Kind,
    /// The score given.
    Score,
    /// The top of the scale.
    ScoreMax,
    /// The words said.
    Text,
    /// The source's key of an event.
    Event,
    /// What happened.
    EventName,
    /// The program money was spent for.
    Program,
    /// What was spent.
    Spend,
    /// What is counted.
    Output,
    /// How many of it.
    OutputCount,
}

impl Role {
    /// How many roles there are.
    pub(super) const COUNT: usize = Role::OutputCount as usize + 1;

    /// The word on the command line and in mappings.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// The role of that name.
    pub fn parse(text: &str) -> Option<Role> {
        let folded = text.trim().to_ascii_lowercase().replace('-', "_");
        ROLES.into_iter().find(|role| role.name() == folded)
    }
}

const ROLES: [Role; Role::COUNT] = {
    use Role::*;
    [
        Order,
        Line,
        Date,
        Time,
        Customer,
        Phone,
        Email,
        Card,
        Name,
        Birthday,
        Product,
        ProductName,
        Category,
        Brand,
        Quantity,
        UnitPrice,
        Total,
        Discount,
        Tax,
        Cost,
        UnitCost,
        Currency,
        Store,
        Channel,
        Tender,
        Status,
        ReturnedOrder,
        Staff,
        Return,
        Reason,
        Tier,
        Feedback,
        Kind,
        Score,
        ScoreMax,
        Text,
        Event,
        EventName,
        Program,
        Spend,
        Output,
        OutputCount,
    ]
};

const NAMES: [&str; Role::COUNT] = [
    "order",
    "line",
    "date",
    "time",
    "customer",
    "phone",
    "email",
    "card",
    "name",
    "birthday",
    "product",
    "product_name",
    "category",
    "brand",
    "quantity",
    "unit_price",
    "total",
    "discount",
    "tax",
    "cost",
    "unit_cost",
    "currency",
    "store",
    "channel",
    "tender",
    "status",
    "returned_order",
    "staff",
    "return",
    "reason",
    "tier",
    "feedback",
    "kind",
    "score",
    "score_max",
    "text",
    "event",
    "event_name",
    "program",
    "spend",
    "output",
    "output_count",
];

/// Folded header → role, by section; the empty section holds for all kinds.
type Synonyms = HashMap<String, HashMap<String, Role>>;

static SYNONYMS: LazyLock<Synonyms> = LazyLock::new(|| {
    let mut synonyms = Synonyms::new();
    let mut section = String::new();
    for line in include_str!("headers.txt").lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
            continue;
        }
        let (role, words) = line.split_once(':').expect("headers.txt: a role, a colon, words");
        let role = Role::parse(role).expect("headers.txt: a known role");
        let words = words.split(',').map(fold).filter(|word| !word.is_empty());
        synonyms.entry(section.clone()).or_default().extend(words.map(|word| (word, role)));
    }
    synonyms
});

/// The role a header says, for one kind of import.
pub(super) fn role_of(kind: Import, header: &str) -> Option<Role> {
    let folded = fold(header);
    let known = |word: &str| {
        let own = SYNONYMS.get(kind.name()).and_then(|section| section.get(word));
        own.or_else(|| SYNONYMS.get("")?.get(word)).copied().filter(|role| kind.roles().contains(role))
    };
    // "Đơn giá (VND)" and "Amount in USD" are what they are without the currency.
    known(&folded).or_else(|| {
        let bare = header.split(['(', '（', '[']).next().unwrap_or(header);
        let bare = fold(bare);
        known(&bare).or_else(|| {
            ["vnd", "usd", "cny", "eur", "rmb", "twd", "hkd"]
                .iter()
                .find_map(|code| bare.strip_suffix(code))
                .and_then(|rest| known(rest.strip_suffix("in").unwrap_or(rest)).or_else(|| known(rest)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_roles_are_in_step() {
        for (place, role) in ROLES.into_iter().enumerate() {
            assert_eq!(role as usize, place);
            assert_eq!(Role::parse(role.name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }

    #[test]
    fn headers_in_three_languages() {
        use Role::*;
        for (header, role) in [
            ("InvoiceNo", Order),
            ("StockCode", Product),
            ("Description", ProductName),
            ("InvoiceDate", Date),
            ("UnitPrice", UnitPrice),
            ("CustomerID", Customer),
            ("number_of_cds", Quantity),
            ("dollar_value", Total),
            ("TRANSACTION_DT", Date),
            ("Mã hoá đơn", Order),
            ("Mã hóa đơn", Order),
            ("MA KHACH HANG", Customer),
            ("Số điện thoại", Phone),
            ("Thành tiền (VNĐ)", Total),
            ("Đơn giá", UnitPrice),
            ("Ngày bán", Date),
            ("订单编号", Order),
            ("訂單編號", Order),
            ("会员号", Customer),
            ("會員編號", Customer),
            ("数量", Quantity),
            ("實付金額", Total),
            ("Amount USD", Total),
        ] {
            assert_eq!(role_of(Import::Orders, header), Some(role), "{header}");
        }
        assert_eq!(role_of(Import::Customers, "name"), Some(Name));
        assert_eq!(role_of(Import::Products, "name"), Some(ProductName));
        assert_eq!(role_of(Import::Returns, "Order ID"), Some(ReturnedOrder));
        assert_eq!(role_of(Import::Orders, "Country"), None);
    }
}
