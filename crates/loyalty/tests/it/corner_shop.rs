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
