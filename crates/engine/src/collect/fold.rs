//! Words made comparable: lower case, without accents, without the marks between them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Fold a header or a placeholder: `Mã KH`, `ma_kh` and `MA-KH` are one. Letters of any script and digits stay.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'đ' => folded.push('d'),
            '%' | '#' => folded.push(letter),
            _ if letter.is_alphanumeric() => folded.push(letter),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_case_and_marks_do_not_count() {
        for (text, expected) in [
            ("Mã khách hàng", "makhachhang"),
            ("MA_KHACH_HANG ", "makhachhang"),
            ("Đơn giá", "dongia"),
            ("Order ID", "orderid"),
            ("客戶編號", "客戶編號"),
            ("ＩＤ", "id"),
            ("discount%", "discount%"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }
}
