//! The facts: which tables the lake has and which columns each of them holds.
//!
//! Facts know a customer only by our `cus_…` id. Names, addresses, the shop's own customer keys and free text are
//! people, live in state, and have no column here.

use serde::{Deserialize, Serialize};

/// What a column holds; see [`crate::column::Values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// 64-bit integer.
    Int,
    /// Yes or no.
    Bool,
    /// Day of the shop.
    Day,
    /// UTC microseconds.
    Instant,
    /// Text.
    Text,
    /// 16 bytes.
    Key,
}

/// A column of a fact table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// Whether every row has it.
    pub is_required: bool,
    /// What it means, in a sentence that becomes the manual.
    pub about: &'static str,
}

/// A fact table of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// What was bought, line by line.
    Lines,
    /// What came back.
    Returns,
    /// What is known of a customer that is not a person: when enrolled, where.
    Customers,
    /// What is sold.
    Products,
    /// What customers said, without the words.
    Feedback,
    /// Anything else that happened.
    Events,
    /// Marketing spend and output counts.
    Costs,
}

const fn must(name: &'static str, kind: Type, about: &'static str) -> Field {
    Field { name, kind, is_required: true, about }
}

const fn may(name: &'static str, kind: Type, about: &'static str) -> Field {
    Field { name, kind, is_required: false, about }
}

const ROW_KEY: Field =
    must("row_key", Type::Key, "hash of source and row identity; equal keys are the same fact");
const CONTENT: Field =
    may("content_key", Type::Key, "hash of what the row says, where row_key is not that hash itself");
const IMPORT: Field = must("import_id", Type::Text, "the import that brought the row");
const SOURCE: Field = must("source", Type::Text, "the shop or system the row comes from");
const MONTH: Field = must("month", Type::Text, "calendar month of the day, YYYY-MM; the partition");
const CUSTOMER: Field = may("customer_id", Type::Text, "our id of the customer; absent on anonymous rows");
const CURRENCY: Field = must("currency", Type::Text, "ISO 4217 code; XXX where the shop has not said");
const STORE: Field = may("store_id", Type::Text, "the shop's key of the store");
const CHANNEL: Field = may("channel", Type::Text, "till, web, app, marketplace, as the file says");

impl Table {
    /// All tables.
    pub const ALL: [Table; 7] = [
        Table::Lines,
        Table::Returns,
        Table::Customers,
        Table::Products,
        Table::Feedback,
        Table::Events,
        Table::Costs,
    ];

    /// The name of the folder in the lake.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Lines => "lines",
            Table::Returns => "returns",
            Table::Customers => "customers",
            Table::Products => "products",
            Table::Feedback => "feedback",
            Table::Events => "events",
            Table::Costs => "costs",
        }
    }

    /// The columns, the partition `month` among them.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Table::Lines => LINES,
            Table::Returns => RETURNS,
            Table::Customers => CUSTOMERS,
            Table::Products => PRODUCTS,
            Table::Feedback => FEEDBACK,
            Table::Events => EVENTS,
            Table::Costs => COSTS,
        }
    }
}

const LINES: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    must("order_id", Type::Text, "the shop's key of the order, or one made from customer and time"),
    CUSTOMER,
    must("ordered_at", Type::Instant, "when, UTC; the shop's own clock where its zone is unknown"),
    must("ordered_on", Type::Day, "the shop's local day"),
    may("product_id", Type::Text, "the shop's key of the product"),
    may("product_name", Type::Text, "its name on the bill"),
    may("category", Type::Text, "its category on the bill"),
    may("quantity_milli", Type::Int, "thousandths of a unit"),
    may("unit_price", Type::Int, "price of one unit, digits without the point"),
    may("unit_price_scale", Type::Int, "how many of those digits stand after the point"),
    must("total_minor", Type::Int, "what was paid for the line, discount off, in minor units"),
    may("discount_minor", Type::Int, "what was taken off"),
    may("tax_minor", Type::Int, "tax within or on the line"),
    may("cost_minor", Type::Int, "what the goods cost the shop"),
    CURRENCY,
    STORE,
    CHANNEL,
    may("tender", Type::Text, "how it was paid"),
];

const RETURNS: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    may("return_id", Type::Text, "the shop's key of the return"),
    may("order_id", Type::Text, "the order it came from, where known"),
    CUSTOMER,
    must("returned_at", Type::Instant, "when, UTC"),
    must("returned_on", Type::Day, "the shop's local day"),
    may("product_id", Type::Text, "the shop's key of the product"),
    may("product_name", Type::Text, "its name on the bill"),
    may("quantity_milli", Type::Int, "thousandths of a unit, positive"),
    must("refund_minor", Type::Int, "what was given back, in minor units, positive"),
    may("cost_minor", Type::Int, "what the goods had cost the shop, positive"),
    may("reason", Type::Text, "the reason code of the file"),
    CURRENCY,
    STORE,
    CHANNEL,
];

const CUSTOMERS: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    must("customer_id", Type::Text, "our id of the customer"),
    may("joined_on", Type::Day, "the day of enrolment"),
    may("birth_month", Type::Int, "1 to 12; absent where the file's birthdays are placeholders"),
    STORE,
    CHANNEL,
    may("tier", Type::Text, "the tier the shop's old program gave"),
];

const PRODUCTS: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    must("product_id", Type::Text, "the shop's key of the product"),
    may("product_name", Type::Text, "its name"),
    may("category", Type::Text, "its category"),
    may("brand", Type::Text, "its brand"),
    may("unit_price", Type::Int, "price of one unit, digits without the point"),
    may("unit_price_scale", Type::Int, "how many of those digits stand after the point"),
    may("cost_minor", Type::Int, "what one unit costs the shop"),
    CURRENCY,
];

const FEEDBACK: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    may("feedback_id", Type::Text, "the shop's key of the feedback"),
    CUSTOMER,
    may("order_id", Type::Text, "the order it is about"),
    must("given_at", Type::Instant, "when, UTC"),
    must("given_on", Type::Day, "the shop's local day"),
    may("kind", Type::Text, "survey, review, complaint, as the file says"),
    may("score_milli", Type::Int, "thousandths of a point"),
    may("score_max_milli", Type::Int, "the top of the scale, in thousandths"),
    STORE,
    CHANNEL,
];

const EVENTS: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    may("event_id", Type::Text, "the source's message id"),
    CUSTOMER,
    must("happened_at", Type::Instant, "when, UTC"),
    must("happened_on", Type::Day, "the shop's local day"),
    must("name", Type::Text, "what happened, past tense"),
    may("order_id", Type::Text, "the order it is about"),
    may("product_id", Type::Text, "the product it is about"),
    STORE,
    CHANNEL,
];

const COSTS: &[Field] = &[
    ROW_KEY,
    CONTENT,
    IMPORT,
    SOURCE,
    MONTH,
    must("spent_on", Type::Day, "the day"),
    CHANNEL,
    may("program", Type::Text, "the program it was spent for"),
    may("spend_minor", Type::Int, "what was spent; absent means unknown, never zero"),
    may("output", Type::Text, "what is counted: visits, views, calls, footfall"),
    may("output_count", Type::Int, "how many"),
    CURRENCY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_keys_and_a_partition_and_no_column_twice() {
        for table in Table::ALL {
            let names: Vec<_> = table.fields().iter().map(|field| field.name).collect();
            for needed in ["row_key", "content_key", "import_id", "source", "month"] {
                assert!(names.contains(&needed), "{} has {needed}", table.name());
            }
            let mut unique = names.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), names.len(), "{}", table.name());
        }
    }
}
