//! What customers say, in three languages. All sentences are made up.

use crate::reason::Reason;

/// A language customers write in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Vietnamese.
    Vietnamese = 0,
    /// English.
    English = 1,
    /// Chinese, simplified.
    Chinese = 2,
}

impl Language {
    /// The code of the language.
    pub fn code(self) -> &'static str {
        match self {
            Language::Vietnamese => "vi",
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }
}

/// Sentences about one thing, two per language.
type Said = [[&'static str; 2]; 3];

const PRAISE: [Said; 3] = [
    [
        ["Cà phê ngon, nhân viên dễ thương.", "Ghé mỗi sáng, lúc nào cũng vui."],
        ["Great coffee and kind people.", "I come every morning and always leave happy."],
        ["咖啡好喝，店员很亲切。", "每天早上都来，心情很好。"],
    ],
    [
        ["Bánh mì nóng giòn, giá hợp lý.", "Quán sạch, ngồi rất thoải mái."],
        ["Fresh bread at a fair price.", "Clean place, nice to sit in."],
        ["面包新鲜，价格合理。", "店里干净，坐着舒服。"],
    ],
    [
        ["Giao hàng nhanh, gói kỹ.", "Ở đây có đủ thứ tôi cần."],
        ["Fast delivery, carefully packed.", "They have everything I need."],
        ["送货很快，包装仔细。", "我需要的这里都有。"],
    ],
];

fn complaint(reason: Reason) -> Said {
    match reason {
        Reason::PoorService => [
            ["Nhân viên khó chịu, tôi phải chờ hai mươi phút.", "Gọi món sai mà không ai xin lỗi."],
            ["Staff were rude and I waited twenty minutes.", "My order was wrong and nobody said sorry."],
            ["店员态度很差，等了二十分钟。", "点错了也没有人道歉。"],
        ],
        Reason::NoBenefit => [
            ["Tích điểm cả năm mà chẳng đổi được gì.", "Điểm hết hạn trước khi kịp dùng."],
            ["A year of points and nothing to show for it.", "My points expired before I could use them."],
            ["积分攒了一年，什么都换不到。", "积分还没用就过期了。"],
        ],
        Reason::NeverThanked => [
            ["Mua bao nhiêu năm mà chưa một lời cảm ơn.", "Không ai nhớ tôi là khách quen."],
            ["Years of shopping here and never a thank you.", "Nobody knows I am a regular."],
            ["买了这么多年，从没听过一句谢谢。", "没人记得我是老顾客。"],
        ],
        Reason::NothingPersonal => [
            ["Tin nhắn toàn thứ tôi không bao giờ mua.", "Ưu đãi gửi cho tôi chẳng liên quan gì."],
            ["You keep sending me things I never buy.", "The offers have nothing to do with me."],
            ["发给我的都是我从来不买的东西。", "优惠跟我一点关系都没有。"],
        ],
        Reason::ComplicatedReturns => [
            ["Đổi trả rắc rối quá, phải đi ba lần.", "Hàng lỗi mà không được hoàn tiền."],
            ["Returning it took three visits.", "It was broken and you would not refund me."],
            ["退货太麻烦，跑了三趟。", "东西坏了却不给退款。"],
        ],
        Reason::NeedsNotUnderstood => [
            ["Hỏi loại ít đường thì không ai biết.", "Món tôi cần lúc nào cũng hết."],
            ["Nobody could tell me what has less sugar.", "What I need is always sold out."],
            ["问有没有低糖的，没人知道。", "我要的东西总是缺货。"],
        ],
        Reason::Competitors => [
            ["Quán bên kia rẻ hơn mà ngon hơn.", "Chỗ mới mở gần nhà tôi giảm giá nhiều hơn."],
            ["The place across the street is cheaper and better.", "A new shop near me has better prices."],
            ["对面那家更便宜也更好喝。", "我家附近新开的店优惠更多。"],
        ],
        Reason::LackOfTrust => [
            ["Giá trên kệ khác giá tính tiền.", "Tôi không tin hạn sử dụng ghi trên bao bì."],
            ["The shelf price was not what I was charged.", "I do not trust the dates on the packs."],
            ["货架价和结账价不一样。", "我不相信包装上的日期。"],
        ],
        Reason::NotThereWhenNeeded => [
            ["Đến nơi thì đóng cửa, không báo trước.", "Nhắn tin hai ngày không ai trả lời."],
            ["Closed without notice when I came.", "I wrote two days ago and nobody answered."],
            ["到了才发现关门，也没通知。", "发消息两天都没人回。"],
        ],
        Reason::NothingNew => [
            ["Thực đơn chẳng có gì mới.", "Lúc nào cũng mấy món đó, chán rồi."],
            ["There is never anything new on the menu.", "Always the same things, I am bored."],
            ["菜单一直没有新东西。", "老是那几样，吃腻了。"],
        ],
        Reason::SameForEverybody => [
            ["Khách quen với khách lạ được đối xử như nhau.", "Mua nhiều hay ít cũng không khác gì."],
            ["Regulars get the same as anybody off the street.", "It makes no difference how much I buy."],
            ["老顾客和新顾客一个待遇。", "买多买少都一样。"],
        ],
        Reason::MovedAway => [
            ["Tôi chuyển nhà rồi, không tiện ghé nữa.", "Tôi đổi chỗ làm, xa quá."],
            ["I moved and it is out of my way now.", "I changed jobs, it is too far."],
            ["我搬家了，不顺路了。", "换了工作，太远了。"],
        ],
    }
}

/// What somebody says about a reason, or in praise; `pick` chooses the sentence.
pub(crate) fn sentence(about: Option<Reason>, language: Language, pick: usize) -> &'static str {
    let said = match about {
        Some(reason) => complaint(reason),
        None => PRAISE[pick / 2 % PRAISE.len()],
    };
    said[language as usize][pick % 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_is_said_about_two_things() {
        let mut seen = std::collections::BTreeMap::new();
        let subjects = Reason::ALL.into_iter().map(Some).chain([None]);
        for about in subjects {
            for language in [Language::Vietnamese, Language::English, Language::Chinese] {
                for pick in 0..6 {
                    let said = sentence(about, language, pick);
                    assert!(!said.is_empty());
                    assert_eq!(*seen.entry(said).or_insert(about), about, "{said}");
                }
            }
        }
    }
}
