//! The corner shop of the tests: one little program, written once. What a test is about stands beside it.

/// The corner shop: days in Ho Chi Minh City, dollars, whole beans. `program` and `wallet` take more keys of those
/// tables, `expiry` says when beans run out, `base` adds a bean for every whole dollar of a bill.
macro_rules! corner_shop {
    ($(program $program:literal,)? $(wallet $wallet:literal,)? expiry $expiry:literal) => {
        concat!(
            r#"
[program]
id = "corner-shop"
name = "Corner shop"
zone = "Asia/Ho_Chi_Minh"
currency = "USD"
"#,
            $($program,)?
            r#"
[[wallet]]
id = "beans"
name = "Beans"
"#,
            $($wallet,)?
            "\n[[expiry]]\nwallet = \"beans\"\n",
            $expiry,
            "\n",
        )
    };
    ($(program $program:literal,)? $(wallet $wallet:literal,)? expiry $expiry:literal, base) => {
        concat!(
            corner_shop!($(program $program,)? $(wallet $wallet,)? expiry $expiry),
            r#"
[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }
"#
        )
    };
}

/// Beans that never run out, and one for every whole dollar of a bill.
pub const SHOP: &str = corner_shop!(expiry "never = true", base);

/// That shop, with more tables, or more keys of its rule.
pub fn shop(more: &str) -> String {
    format!("{SHOP}{more}")
}

/// A ladder from green, where everybody begins, to gold; `keys` say what counts, and when.
pub fn ladder(keys: &str, gold: u32) -> String {
    format!(
        "[[ladder]]\nid = \"status\"\nname = \"Status\"\n{keys}\n\
         [[ladder.tier]]\nid = \"green\"\nname = \"Green\"\nthreshold = 0\n\
         [[ladder.tier]]\nid = \"gold\"\nname = \"Gold\"\nthreshold = {gold}\n"
    )
}

/// Keys of a ladder that looks at the last twelve months; a tier lasts as long.
pub const TWELVE_MONTHS: &str = "window = \"rolling\"\nlength = \"12M\"\nlasts = \"12M\"";

/// A cup for so many beans; `keys` are more keys of the reward.
pub fn cup(beans: u32, keys: &str) -> String {
    format!(
        "[[reward]]\nid = \"cup\"\nname = \"Cup\"\nkind = \"product\"\nproducts = [\"cup\"]\n\
         prices = [{{ wallet = \"beans\", points = {beans} }}]\n{keys}\n"
    )
}

/// A bean pays a dollar of a bill.
pub const DOLLAR_OFF: &str = "[[reward]]\nid = \"off\"\nname = \"Off\"\nkind = \"partial_payment\"\nvalue = \"1.00\"\n\
                              prices = [{ wallet = \"beans\", points = 1 }]\n";

/// So many beans for every ten dollars of a month's receipts together.
pub fn by_month(beans: u32) -> String {
    format!(
        "[[earning]]\nid = \"big\"\nwallet = \"beans\"\nper_amount = {{ every = \"10.00\", points = {beans} }}\n\
         sum_over = \"month\"\n"
    )
}
