//! Who is nobody: the names tills give to customers they do not know, the names of marketplaces, masked keys.

use super::fold::fold;
use std::collections::{HashMap, HashSet};

/// What a customer key turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Somebody.
    Customer,
    /// Anybody: a placeholder.
    WalkIn,
    /// A marketplace that keeps its customers to itself.
    Marketplace,
    /// Staff.
    Staff,
    /// Somebody, but hidden: `090****567`.
    Masked,
}

/// Placeholders in folded form (lower case, no accents, no spaces).
const WALK_INS: &[&str] = &[
    "walkin",
    "walkincustomer",
    "walkinguest",
    "walkins",
    "guest",
    "guestcustomer",
    "cash",
    "cashcustomer",
    "cashsale",
    "retail",
    "retailcustomer",
    "anonymous",
    "unknown",
    "unknowncustomer",
    "none",
    "null",
    "nil",
    "na",
    "nan",
    "undefined",
    "nocustomer",
    "default",
    "defaultcustomer",
    "general",
    "generalcustomer",
    "counter",
    "countersale",
    "test",
    "dummy",
    "misc",
    "other",
    "pos",
    "nonmember",
    "member0",
    "khachle",
    "khachhangle",
    "khachvanglai",
    "vanglai",
    "khachhangvanglai",
    "khachqua",
    "khachlekhonglaythongtin",
    "khongten",
    "khongxacdinh",
    "khachmoi",
    "khachtaiquay",
    "khachtaicho",
    "khachmangve",
    "mangve",
    "taicho",
    "khachtudo",
    "khachhang",
    "khach",
    "nguoimuakhonglayhoadon",
    "khongco",
    "khonglayhoadon",
    "kle",
    "kl",
    "散客",
    "散户",
    "散戶",
    "零散客户",
    "零售客户",
    "零售客戶",
    "普通客户",
    "普通顾客",
    "匿名",
    "匿名用户",
    "游客",
    "访客",
    "遊客",
    "訪客",
    "路人",
    "非会员",
    "非會員",
    "现金客户",
    "現金客戶",
    "门市散客",
    "門市散客",
    "过路客",
    "無",
    "无",
    "未知",
    "一般客戶",
    "一般顧客",
    "現客",
    "臨時客戶",
    "临时客户",
];

const MARKETPLACES: &[&str] = &[
    "shopee",
    "lazada",
    "tiki",
    "tiktokshop",
    "tiktok",
    "sendo",
    "grab",
    "grabfood",
    "grabmart",
    "shopeefood",
    "befood",
    "baemin",
    "gojek",
    "gofood",
    "foodpanda",
    "ubereats",
    "doordash",
    "amazon",
    "ebay",
    "khachshopee",
    "khachlazada",
    "khachtiki",
    "khachtiktok",
    "khachgrab",
    "天猫",
    "淘宝",
    "京东",
    "美团",
    "美团外卖",
    "饿了么",
    "拼多多",
    "抖音",
    "京東",
    "蝦皮",
    "蝦皮購物",
    "富邦momo",
    "露天",
    "熊貓",
    "虾皮",
];

const STAFF: &[&str] = &[
    "staff",
    "employee",
    "staffpurchase",
    "internal",
    "noibo",
    "nhanvien",
    "khachnoibo",
    "muanoibo",
    "员工",
    "員工",
    "内部",
    "內部",
    "员工内购",
    "員工購買",
    "员工购买",
];

/// Says who a key is, and remembers what the shop said of some.
#[derive(Debug, Clone, Default)]
pub(super) struct Register {
    nobody: HashSet<String>,
    somebody: HashSet<String>,
    words: HashMap<&'static str, Who>,
}

impl Register {
    /// `nobody` are keys known to be placeholders, `somebody` keys known to be customers.
    pub(super) fn new(nobody: impl IntoIterator<Item = String>, somebody: &[String]) -> Register {
        let mut words = HashMap::new();
        words.extend(WALK_INS.iter().map(|word| (*word, Who::WalkIn)));
        words.extend(MARKETPLACES.iter().map(|word| (*word, Who::Marketplace)));
        words.extend(STAFF.iter().map(|word| (*word, Who::Staff)));
        Register { nobody: nobody.into_iter().collect(), somebody: somebody.iter().cloned().collect(), words }
    }

    pub(super) fn is_somebody(&self, key: &str) -> bool {
        self.somebody.contains(key)
    }

    pub(super) fn who(&self, key: &str) -> Who {
        if self.somebody.contains(key) {
            return Who::Customer;
        }
        if self.nobody.contains(key) || is_filler(key) {
            return Who::WalkIn;
        }
        if is_masked(key) {
            return Who::Masked;
        }
        if key.bytes().all(|byte| byte.is_ascii_digit()) {
            return Who::Customer;
        }
        let folded = fold(key);
        if folded.is_empty() {
            return Who::WalkIn;
        }
        self.words.get(folded.as_str()).copied().unwrap_or(Who::Customer)
    }
}

/// Numbers that stand for no number: 0, 000, -1, 9999999, 0900000000, 0123456789.
fn is_filler(key: &str) -> bool {
    let digits: Vec<u8> = key.bytes().filter(u8::is_ascii_digit).collect();
    if digits.is_empty() || key.bytes().any(|byte| byte.is_ascii_alphabetic()) || !key.is_ascii() {
        return false;
    }
    let all = |from: usize, digit: u8| digits[from..].iter().all(|byte| *byte == digit);
    if all(0, b'0') || key == "-1" {
        return true;
    }
    // A phone's prefix and nothing but zeros, or one digit all along.
    (digits.len() >= 7 && all(0, digits[0]))
        || (digits.len() >= 9 && (all(3, b'0') || all(1, digits[1]) || digits.ends_with(b"123456789")))
}

fn is_masked(key: &str) -> bool {
    let stars = key.chars().filter(|letter| matches!(letter, '*' | '•' | '＊')).count();
    let crosses = key.to_ascii_lowercase().matches("xxx").count();
    stars >= 2 || (crosses > 0 && key.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_nobody() {
        let register = Register::new(["C-0".to_owned()], &["Khách".to_owned()]);
        for (key, who) in [
            ("Khách lẻ", Who::WalkIn),
            ("KHACH LE", Who::WalkIn),
            ("散客", Who::WalkIn),
            ("N/A", Who::WalkIn),
            ("0900000000", Who::WalkIn),
            ("-1", Who::WalkIn),
            ("000000", Who::WalkIn),
            ("C-0", Who::WalkIn),
            ("Shopee", Who::Marketplace),
            ("Mua nội bộ", Who::Staff),
            ("090****567", Who::Masked),
            ("138xxxx1234", Who::Masked),
            ("17850", Who::Customer),
            ("Nguyễn An", Who::Customer),
            ("0901234567", Who::Customer),
            ("Khách", Who::Customer),
            ("00001", Who::Customer),
            ("100000000", Who::WalkIn),
            ("10100000", Who::Customer),
            ("C1000", Who::Customer),
        ] {
            assert_eq!(register.who(key), who, "{key}");
        }
    }
}
