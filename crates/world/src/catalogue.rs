//! What the shops sell: sixty products written by hand, and as many made-up ones as a large world asks for.

use rand::RngExt;

use crate::feedback::Language;
use crate::random::{Purpose, stream};

/// One product.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its key, as a till prints it.
    pub key: String,
    /// Names in Vietnamese, English and Chinese; a made-up product has one name.
    names: [String; 3],
    /// Its category.
    pub category: &'static str,
    /// The shelf price, in minor units.
    pub price_minor: i64,
    /// What it costs the shop, in minor units.
    pub cost_minor: i64,
    /// Whether it can be brought back: a bag of beans can, a cup of coffee cannot.
    pub is_goods: bool,
    /// How often it is picked; only ratios mean something.
    pub weight: f64,
}

impl Product {
    /// The name in a language.
    pub fn name(&self, language: Language) -> &str {
        &self.names[language as usize]
    }
}

/// Products that ask for each other: after the first, the second is added with a chance of 0.35.
pub const PLANTED_PAIRS: [(&str, &str); 6] = [
    ("ground-robusta", "phin-filter"),
    ("black-coffee", "bread-roll"),
    ("lotus-tea", "mung-bean-cake"),
    ("instant-noodles", "eggs"),
    ("cold-brew", "croissant"),
    ("rice-paper", "fish-sauce"),
];

pub(crate) const PAIR_CHANCE: f64 = 0.35;

/// Key, Vietnamese, English, Chinese, price in đồng, cost in per cent of it.
type Line = (&'static str, &'static str, &'static str, &'static str, i64, i64);

const DRINKS: [Line; 18] = [
    ("milk-coffee", "Cà phê sữa đá", "Iced milk coffee", "冰牛奶咖啡", 29_000, 30),
    ("black-coffee", "Cà phê đen đá", "Iced black coffee", "冰黑咖啡", 25_000, 24),
    ("white-coffee", "Bạc xỉu", "White coffee", "白咖啡", 32_000, 31),
    ("egg-coffee", "Cà phê trứng", "Egg coffee", "鸡蛋咖啡", 39_000, 36),
    ("salt-coffee", "Cà phê muối", "Salt coffee", "盐咖啡", 35_000, 33),
    ("coconut-coffee", "Cà phê cốt dừa", "Coconut coffee", "椰子咖啡", 42_000, 37),
    ("latte", "Cà phê latte", "Latte", "拿铁", 45_000, 34),
    ("cold-brew", "Cà phê ủ lạnh", "Cold brew", "冷萃咖啡", 45_000, 28),
    ("peach-tea", "Trà đào", "Peach tea", "桃子茶", 39_000, 32),
    ("lychee-tea", "Trà vải", "Lychee tea", "荔枝茶", 39_000, 33),
    ("lemon-tea", "Trà chanh", "Lemon tea", "柠檬茶", 25_000, 25),
    ("lotus-tea", "Trà sen", "Lotus tea", "莲花茶", 35_000, 30),
    ("milk-tea", "Trà sữa", "Milk tea", "奶茶", 38_000, 34),
    ("matcha", "Matcha đá xay", "Iced matcha", "抹茶冰沙", 49_000, 40),
    ("avocado-smoothie", "Sinh tố bơ", "Avocado smoothie", "牛油果奶昔", 45_000, 45),
    ("mango-smoothie", "Sinh tố xoài", "Mango smoothie", "芒果奶昔", 42_000, 43),
    ("orange-juice", "Nước cam", "Orange juice", "橙汁", 35_000, 46),
    ("coconut-water", "Nước dừa", "Coconut water", "椰子水", 30_000, 48),
];

const BAKERY: [Line; 10] = [
    ("bread-roll", "Bánh mì thịt", "Filled bread roll", "越式法棍", 28_000, 45),
    ("croissant", "Bánh sừng bò", "Croissant", "牛角包", 32_000, 42),
    ("mung-bean-cake", "Bánh đậu xanh", "Mung bean cake", "绿豆糕", 22_000, 40),
    ("sponge-cake", "Bánh bông lan", "Sponge cake", "海绵蛋糕", 25_000, 38),
    ("flan", "Bánh flan", "Flan", "焦糖布丁", 20_000, 35),
    ("cheese-cake", "Bánh phô mai", "Cheesecake", "芝士蛋糕", 45_000, 44),
    ("pork-floss-bun", "Bánh chà bông", "Pork floss bun", "肉松面包", 27_000, 43),
    ("dumpling", "Bánh bao", "Steamed bun", "包子", 18_000, 46),
    ("rice-cake", "Bánh giò", "Pyramid rice cake", "粽形米糕", 17_000, 47),
    ("cookie", "Bánh quy bơ", "Butter cookie", "黄油饼干", 15_000, 36),
];

const COFFEE: [Line; 10] = [
    (
        "ground-robusta",
        "Cà phê bột Robusta 500 g",
        "Ground Robusta 500 g",
        "罗布斯塔咖啡粉500克",
        120_000,
        55,
    ),
    (
        "ground-arabica",
        "Cà phê bột Arabica 500 g",
        "Ground Arabica 500 g",
        "阿拉比卡咖啡粉500克",
        190_000,
        57,
    ),
    ("whole-beans", "Cà phê hạt 1 kg", "Whole beans 1 kg", "咖啡豆1公斤", 320_000, 60),
    ("instant-coffee", "Cà phê hòa tan", "Instant coffee", "速溶咖啡", 65_000, 62),
    ("drip-bags", "Cà phê túi lọc", "Drip bags", "挂耳咖啡", 95_000, 56),
    ("phin-filter", "Phin nhôm", "Phin filter", "滴漏壶", 45_000, 50),
    ("mug", "Cốc sứ", "Mug", "瓷杯", 85_000, 48),
    ("flask", "Bình giữ nhiệt", "Flask", "保温杯", 290_000, 58),
    ("gift-box", "Hộp quà cà phê", "Coffee gift box", "咖啡礼盒", 420_000, 55),
    ("green-tea-leaves", "Trà xanh Thái Nguyên", "Green tea leaves", "太原绿茶", 110_000, 54),
];

const GROCERIES: [Line; 14] = [
    ("instant-noodles", "Mì gói", "Instant noodles", "方便面", 5_000, 80),
    ("eggs", "Trứng gà 10 quả", "Eggs, ten", "鸡蛋十枚", 35_000, 85),
    ("fresh-milk", "Sữa tươi 1 lít", "Fresh milk 1 l", "鲜奶1升", 36_000, 84),
    ("condensed-milk", "Sữa đặc", "Condensed milk", "炼乳", 27_000, 82),
    ("fish-sauce", "Nước mắm", "Fish sauce", "鱼露", 48_000, 78),
    ("rice-paper", "Bánh tráng", "Rice paper", "米纸", 22_000, 75),
    ("jasmine-rice", "Gạo thơm 5 kg", "Jasmine rice 5 kg", "香米5公斤", 135_000, 86),
    ("cooking-oil", "Dầu ăn 1 lít", "Cooking oil 1 l", "食用油1升", 52_000, 85),
    ("sugar", "Đường cát 1 kg", "Sugar 1 kg", "白砂糖1公斤", 28_000, 87),
    ("sparkling-water", "Nước suối có ga", "Sparkling water", "苏打水", 12_000, 70),
    ("cashews", "Hạt điều rang", "Roasted cashews", "烤腰果", 98_000, 66),
    ("dried-mango", "Xoài sấy", "Dried mango", "芒果干", 65_000, 60),
    ("yoghurt", "Sữa chua", "Yoghurt", "酸奶", 8_000, 76),
    ("potato-crisps", "Khoai tây chiên", "Potato crisps", "薯片", 15_000, 72),
];

const HOUSEHOLD: [Line; 8] = [
    ("tissues", "Khăn giấy", "Tissues", "纸巾", 18_000, 74),
    ("washing-up-liquid", "Nước rửa chén", "Washing-up liquid", "洗洁精", 32_000, 76),
    ("laundry-powder", "Bột giặt", "Laundry powder", "洗衣粉", 85_000, 79),
    ("toothpaste", "Kem đánh răng", "Toothpaste", "牙膏", 38_000, 72),
    ("shampoo", "Dầu gội", "Shampoo", "洗发水", 92_000, 73),
    ("umbrella", "Ô gấp", "Folding umbrella", "折叠伞", 95_000, 55),
    ("batteries", "Pin AA", "AA batteries", "五号电池", 30_000, 65),
    ("notebook", "Sổ tay", "Notebook", "笔记本", 28_000, 58),
];

/// The first `count` products of the shops; those beyond the hand-written sixty are made up from the seed.
pub(crate) fn catalogue(count: u32, seed: u64) -> Vec<Product> {
    let written = [
        ("drinks", false, &DRINKS[..]),
        ("bakery", false, &BAKERY[..]),
        ("coffee", true, &COFFEE[..]),
        ("groceries", true, &GROCERIES[..]),
        ("household", true, &HOUSEHOLD[..]),
    ];
    let mut products: Vec<Product> = Vec::with_capacity(count as usize);
    for (category, is_goods, lines) in written {
        let share = match category {
            "drinks" => 5.0,
            "bakery" => 3.0,
            "groceries" => 1.5,
            _ => 1.0,
        };
        for (place, (key, vi, en, zh, price_minor, cost)) in lines.iter().enumerate() {
            products.push(Product {
                key: (*key).to_owned(),
                names: [(*vi).to_owned(), (*en).to_owned(), (*zh).to_owned()],
                category,
                price_minor: *price_minor,
                cost_minor: price_minor * cost / 100,
                is_goods,
                weight: share / (place as f64 + 2.0),
            });
        }
    }
    let mut random = stream(seed, Purpose::Catalogue, 0);
    let categories = ["groceries", "household", "snacks", "beauty", "frozen", "stationery"];
    for number in products.len()..count as usize {
        let category = categories[number % categories.len()];
        let price_minor = (10f64.powf(3.7 + 1.5 * random.random::<f64>()) / 500.0).round() as i64 * 500;
        products.push(Product {
            key: format!("sku-{number:06}"),
            names: std::array::from_fn(|_| format!("{category} {number:06}")),
            category,
            price_minor,
            cost_minor: price_minor * random.random_range(55..85) / 100,
            is_goods: true,
            weight: 3.0 / (number as f64 + 5.0),
        });
    }
    products.truncate(count as usize);
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_products_with_distinct_keys_a_margin_and_three_names() {
        let products = catalogue(60, 1);
        let keys: std::collections::BTreeSet<&str> = products.iter().map(|p| p.key.as_str()).collect();
        assert_eq!((products.len(), keys.len()), (60, 60));
        for product in &products {
            assert!(product.cost_minor > 0 && product.cost_minor < product.price_minor, "{product:?}");
            assert!(product.names.iter().all(|name| !name.is_empty()));
        }
        for (first, second) in PLANTED_PAIRS {
            assert!(keys.contains(first) && keys.contains(second), "{first} {second}");
        }
    }

    #[test]
    fn a_larger_catalogue_begins_with_the_smaller_one() {
        let (small, large) = (catalogue(60, 1), catalogue(500, 1));
        assert_eq!(small, large[..60]);
        assert!(large[60..].iter().all(|p| p.price_minor >= 500 && p.cost_minor < p.price_minor));
    }
}
