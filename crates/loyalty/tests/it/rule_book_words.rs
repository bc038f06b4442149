//! What the rule book says of counts, kinds and codes, in every language: whole sentences with their units.

use crate::story::program;
use loyalty::program::Lang;
use loyalty::show::show;

fn says(keys: &str, sentences: [&str; 4]) {
    let shop = corner_shop!(expiry "never = true", base).replace(
        "name = \"Beans\"",
        "name = { en = \"beans\", vi = \"hạt\", zh = \"豆\" }\none = { en = \"bean\", zh = \"颗豆\", zh-Hant = \"顆豆\" }",
    );
    let program = program(&format!("{shop}{keys}"));
    for (lang, sentence) in [Lang::En, Lang::Vi, Lang::Zh, Lang::ZhHant].into_iter().zip(sentences) {
        let book = show(&program, lang);
        assert!(book.contains(sentence), "{sentence}\nin\n{book}");
    }
}

#[test]
fn points_are_counted_as_the_language_counts() {
    says(
        "",
        [
            "1 bean for every whole 1.00 USD of a bill.",
            "1 hạt cho mỗi 1,00 USD trọn vẹn",
            "得 1 颗豆。",
            "得 1 顆豆。",
        ],
    );
    says(
        "[[reward]]\nid = \"cup\"\nname = \"Cup\"\nkind = \"product\"\nproducts = [\"cup\"]\n\
         prices = [{ wallet = \"beans\", points = 1200 }]\n",
        ["cup, for 1,200 beans.", "cup, đổi bằng 1.200 hạt.", "cup，需 1,200 颗豆。", "cup，需 1,200 顆豆。"],
    );
    // Beside no number stands the name alone.
    says("", ["**beans** are whole", "**hạt** là số nguyên", "**豆** 为整数", "**豆** 為整數"]);
}

#[test]
fn a_streak_is_of_days_weeks_months_or_years() {
    let mission = |period: &str, streak: u32| {
        format!(
            "[[mission]]\nid = \"often\"\nname = \"Often\"\ncounts = \"visits\"\ntarget = 2\nperiod = \"{period}\"\n\
             streak = {streak}\nbadge = \"Often\"\n"
        )
    };
    says(
        &mission("week", 4),
        [
            "orders on 2 days in a week, 4 weeks in a row.",
            "mua hàng 2 ngày trong một tuần, 4 tuần liên tiếp.",
            "一周内 2 天有订单，连续 4 周。",
            "一週內 2 天有訂單，連續 4 週。",
        ],
    );
    says(
        &mission("month", 3),
        ["in a month, 3 months in a row.", "3 tháng liên tiếp.", "，连续 3 个月。", "，連續 3 個月。"],
    );
    says(
        &mission("day", 7),
        ["in a day, 7 days in a row.", "7 ngày liên tiếp.", "，连续 7 天。", "，連續 7 天。"],
    );
    says(
        &mission("year", 2),
        ["in a year, 2 years in a row.", "2 năm liên tiếp.", "，连续 2 年。", "，連續 2 年。"],
    );
    says(
        &mission("month", 1),
        [
            "in a month. The badge",
            "trong một tháng. Huy hiệu",
            "一月内 2 天有订单。徽",
            "一月內 2 天有訂單。徽",
        ],
    );
}

#[test]
fn a_tier_says_of_what_so_many_are_needed() {
    let ladder = |counts: &str, gold: u32| {
        format!(
            "[[ladder]]\nid = \"status\"\nname = \"Status\"\ncounts = \"{counts}\"\nwindow = \"rolling\"\nlength = \"12M\"\n\
             lasts = \"12M\"\n[[ladder.tier]]\nid = \"green\"\nname = \"Green\"\nthreshold = 0\n\
             [[ladder.tier]]\nid = \"gold\"\nname = \"Gold\"\nthreshold = {gold}\n"
        )
    };
    says(
        &ladder("orders", 12),
        [
            "**Gold**: from 12 orders.",
            "**Gold**: từ 12 đơn hàng.",
            "**Gold**：满 12 单。",
            "**Gold**：滿 12 單。",
        ],
    );
    says(
        &ladder("visits", 1),
        [
            "**Gold**: from 1 day with an order.",
            "**Gold**: từ 1 ngày có mua hàng.",
            "**Gold**：满 1 个到店日。",
            "**Gold**：滿 1 個到店日。",
        ],
    );
    says(&ladder("spend", 100), ["from 100.00 USD.", "từ 100,00 USD.", "满 100.00 USD。", "滿 100.00 USD。"]);
}

#[test]
fn codes_that_exclude_one_another_are_named_where_there_are_several() {
    let off = |id: &str, name: &str| {
        format!(
            "[[reward]]\nid = \"{id}\"\nname = \"{name}\"\nkind = \"discount\"\nvalue = \"1.00\"\n\
             prices = [{{ wallet = \"beans\", points = 9 }}]\n\
             voucher = {{ pattern = \"{id}-########\", valid = \"30D\", exclusive = \"off\" }}\n"
        )
    };
    says(
        &off("A", "Little off"),
        [
            "On a bill only one such code counts.",
            "Mỗi hóa đơn chỉ tính một mã như vậy.",
            "每单仅计一个此类兑换码。",
            "每單僅計一個此類兌換碼。",
        ],
    );
    says(
        &format!("{}{}", off("A", "Little off"), off("B", "More off")),
        [
            "On a bill only one code counts of those for Little off and More off.",
            "Mỗi hóa đơn chỉ tính một mã trong các mã Little off và More off.",
            "每单在 Little off和More off 的兑换码中仅计一个。",
            "每單在 Little off和More off 的兌換碼中僅計一個。",
        ],
    );
}

#[test]
fn words_of_ours_are_the_reader_s_and_the_shop_s_are_its_own() {
    says(
        "[[referral]]\nid = \"friends\"\nminimum = \"5.00\"\nwithin = \"30D\"\n\
         friend = { wallet = \"beans\", points = 3 }\nflag_same = [\"device\", \"phone\", \"street\"]\n",
        [
            "share one of these, a person looks at it first: device, phone number and street.",
            "sẽ có người xem xét trước: thiết bị, số điện thoại và street.",
            "先由人工审核：设备、电话号码和street。",
            "先由人工審核：裝置、電話號碼和street。",
        ],
    );
    says(
        "[[earning]]\nid = \"more\"\nwallet = \"beans\"\nper_unit = { points = 1 }\n\
         basis = { exclude_tenders = [\"gift_card\", \"momo\"] }\n",
        [
            "The part paid by gift card and momo does not count.",
            "Phần trả bằng thẻ quà tặng và momo không được tính.",
            "以礼品卡和momo支付的部分不计入。",
            "以禮物卡和momo支付的部分不計入。",
        ],
    );
}

#[test]
fn receipts_that_count_together_are_not_one_bill() {
    let rule = |quantity: &str| {
        format!("[[earning]]\nid = \"sum\"\nwallet = \"beans\"\nsum_over = \"month\"\n{quantity}\n")
    };
    says(
        &rule("per_amount = { every = \"100.00\", points = 5 }"),
        [
            "5 beans for every whole 100.00 USD of all receipts of a month together.",
            "5 hạt cho mỗi 100,00 USD trọn vẹn trên tổng các hóa đơn trong một tháng.",
            "同一月的小票合并，每满 100.00 USD 得 5 颗豆。",
            "同一月的收據合併，每滿 100.00 USD 得 5 顆豆。",
        ],
    );
    says(
        &rule(
            "bands = [{ from = \"0.00\", below = \"50.00\", points = 0 }, { from = \"50.00\", points = 3 }]",
        ),
        [
            "By the amount of all receipts of a month together:",
            "Theo tổng số tiền các hóa đơn trong một tháng:",
            "同一月的小票合并，按总金额：",
            "同一月的收據合併，依總金額：",
        ],
    );
}
