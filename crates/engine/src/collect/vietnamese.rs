//! The two Vietnamese encodings from before Unicode, and letters by which scripts are recognised.
//!
//! TCVN 5712-3:1993 (“ABC”) has one byte a letter and no capitals with marks: capital fonts reuse the small
//! letters' codes. VNI for Windows writes the base letter and then a byte for the marks.

use super::fold::fold;

/// TCVN3 byte → letter, for bytes that are not Windows-1252's.
const TCVN3: &[(u8, char)] = &[
    (0xa1, 'Ă'),
    (0xa2, 'Â'),
    (0xa3, 'Ê'),
    (0xa4, 'Ô'),
    (0xa5, 'Ơ'),
    (0xa6, 'Ư'),
    (0xa7, 'Đ'),
    (0xa8, 'ă'),
    (0xa9, 'â'),
    (0xaa, 'ê'),
    (0xab, 'ô'),
    (0xac, 'ơ'),
    (0xad, 'ư'),
    (0xae, 'đ'),
    (0xb5, 'à'),
    (0xb6, 'ả'),
    (0xb7, 'ã'),
    (0xb8, 'á'),
    (0xb9, 'ạ'),
    (0xbb, 'ằ'),
    (0xbc, 'ẳ'),
    (0xbd, 'ẵ'),
    (0xbe, 'ắ'),
    (0xc6, 'ặ'),
    (0xc7, 'ầ'),
    (0xc8, 'ẩ'),
    (0xc9, 'ẫ'),
    (0xca, 'ấ'),
    (0xcb, 'ậ'),
    (0xcc, 'è'),
    (0xce, 'ẻ'),
    (0xcf, 'ẽ'),
    (0xd0, 'é'),
    (0xd1, 'ẹ'),
    (0xd2, 'ề'),
    (0xd3, 'ể'),
    (0xd4, 'ễ'),
    (0xd5, 'ế'),
    (0xd6, 'ệ'),
    (0xd7, 'ì'),
    (0xd8, 'ỉ'),
    (0xdc, 'ĩ'),
    (0xdd, 'í'),
    (0xde, 'ị'),
    (0xdf, 'ò'),
    (0xe1, 'ỏ'),
    (0xe2, 'õ'),
    (0xe3, 'ó'),
    (0xe4, 'ọ'),
    (0xe5, 'ồ'),
    (0xe6, 'ổ'),
    (0xe7, 'ỗ'),
    (0xe8, 'ố'),
    (0xe9, 'ộ'),
    (0xea, 'ờ'),
    (0xeb, 'ở'),
    (0xec, 'ỡ'),
    (0xed, 'ớ'),
    (0xee, 'ợ'),
    (0xef, 'ù'),
    (0xf1, 'ủ'),
    (0xf2, 'ũ'),
    (0xf3, 'ú'),
    (0xf4, 'ụ'),
    (0xf5, 'ừ'),
    (0xf6, 'ử'),
    (0xf7, 'ữ'),
    (0xf8, 'ứ'),
    (0xf9, 'ự'),
    (0xfa, 'ỳ'),
    (0xfb, 'ỷ'),
    (0xfc, 'ỹ'),
    (0xfd, 'ý'),
    (0xfe, 'ỵ'),
];

/// VNI: mark byte (small form; capitals are 0x20 lower) → the combining marks it stands for.
const VNI_MARKS: &[(u8, &str)] = &[
    (0xf9, "\u{301}"), // sắc
    (0xf8, "\u{300}"), // huyền
    (0xfb, "\u{309}"), // hỏi
    (0xf5, "\u{303}"), // ngã
    (0xef, "\u{323}"), // nặng
    (0xe2, "\u{302}"), // mũ
    (0xe1, "\u{302}\u{301}"),
    (0xe0, "\u{302}\u{300}"),
    (0xe5, "\u{302}\u{309}"),
    (0xe3, "\u{302}\u{303}"),
    (0xe4, "\u{302}\u{323}"),
    (0xea, "\u{306}"), // trăng
    (0xe9, "\u{306}\u{301}"),
    (0xe8, "\u{306}\u{300}"),
    (0xfa, "\u{306}\u{309}"),
    (0xfc, "\u{306}\u{303}"),
    (0xeb, "\u{306}\u{323}"),
];

/// VNI: letters with a byte of their own (small; capitals are 0x20 lower).
const VNI_LETTERS: &[(u8, &str)] = &[
    (0xf4, "ơ"),
    (0xf6, "ư"),
    (0xf1, "đ"),
    (0xed, "í"),
    (0xec, "ì"),
    (0xe6, "ỉ"),
    (0xf3, "ĩ"),
    (0xf2, "ị"),
    (0xee, "ỵ"),
];

/// TCVN3 to Unicode. Bytes without a letter become U+FFFD.
pub(super) fn from_tcvn3(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        text.push(match TCVN3.binary_search_by_key(&byte, |entry| entry.0) {
            _ if byte.is_ascii() => char::from(byte),
            Ok(place) => TCVN3[place].1,
            Err(_) if byte == 0xa0 => ' ',
            Err(_) => '\u{fffd}',
        });
    }
    text
}

/// VNI to Unicode, decomposed where marks stand apart (the caller composes). Bytes without a meaning become U+FFFD.
pub(super) fn from_vni(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        if byte.is_ascii() {
            text.push(char::from(byte));
            continue;
        }
        let is_capital = (0xc0..0xe0).contains(&byte);
        let small = if is_capital { byte + 0x20 } else { byte };
        let carries = text.chars().last().is_some_and(|last| "aeouyAEOUYơưƠƯ".contains(last));
        if let Some((_, marks)) = VNI_MARKS.iter().find(|entry| entry.0 == small).filter(|_| carries) {
            text.push_str(marks);
        } else if let Some((_, letter)) = VNI_LETTERS.iter().find(|entry| entry.0 == small) {
            if is_capital { text.push_str(&letter.to_uppercase()) } else { text.push_str(letter) }
        } else {
            text.push(if byte == 0xa0 { ' ' } else { '\u{fffd}' });
        }
    }
    text
}

/// Whether a composed letter is one of Vietnamese with marks.
pub(super) fn is_letter(letter: char) -> bool {
    let Some(small) = letter.to_lowercase().next() else { return false };
    "ăâêôơưđ".contains(small) || TCVN3.iter().any(|entry| entry.1 == small)
}

/// Whether a word can be a syllable of Vietnamese, which every word of it is: consonants that may begin one, one run of
/// vowels, consonants that may end one. Marks do not count.
pub(super) fn is_syllable(word: &str) -> bool {
    const FIRST: &[&str] = &[
        "", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p",
        "ph", "q", "r", "s", "t", "th", "tr", "v", "x",
    ];
    const LAST: &[&str] = &["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    let is_vowel = |letter: char| "aeiouy".contains(letter);
    let word = fold(word);
    let Some(from) = word.find(is_vowel) else { return false };
    let (first, rest) = word.split_at(from);
    let vowels = rest.find(|letter| !is_vowel(letter)).unwrap_or(rest.len());
    vowels <= 3 && FIRST.contains(&first) && LAST.contains(&&rest[vowels..])
}

/// Whether a character is among the most used of Chinese shop files, in either script; a wrong table for Chinese
/// bytes gives characters too, but rarely these.
pub(super) fn is_common_han(letter: char) -> bool {
    const COMMON: &str = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏假调购买售卖价格额订货客户店铺会員員編號單據購買賣價額訂貨戶鋪會顧銷幣數總計實付茶糖奶咖啡杯飲料麵包蛋糕牛肉雞果汁水瓶盒袋斤克號碼時間發票類別稱個門市";
    COMMON.contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn words_of_other_languages_are_no_syllables() {
        for word in ["Nguyễn", "NGHIÊNG", "quả", "đá", "giếng", "ủy", "khuya", "khuỷu"] {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["Crộme", "Renộe", "brûlée", "groß", "für", "Zoở", "SĐT"] {
            assert!(!is_syllable(word), "{word}");
        }
    }

    #[test]
    fn tcvn3_as_in_the_standard() {
        assert_eq!(from_tcvn3(b"C\xb5 ph\xaa s\xf7a \xae\xb8"), "Cà phê sữa đá");
        assert_eq!(from_tcvn3(b"Kh\xb8ch l\xce"), "Khách lẻ");
    }

    #[test]
    fn vni_as_the_fonts_write_it() {
        let text: String = from_vni(b"Ca\xf8 phe\xe2 s\xf6\xf5a \xf1a\xf9").nfc().collect();
        assert_eq!(text, "Cà phê sữa đá");
        let text: String = from_vni(b"Kha\xf9ch le\xfb, Nguye\xe3n").nfc().collect();
        assert_eq!(text, "Khách lẻ, Nguyễn");
        let text: String = from_vni(b"\xd1A\xc2U, TO\xc5NG CO\xc4NG").nfc().collect();
        assert_eq!(text, "ĐÂU, TỔNG CỘNG");
    }

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(TCVN3.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
