//! Which bytes are which letters: Unicode and the older encodings that tills and spreadsheets still write.

use super::vietnamese;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, low byte first.
    #[serde(rename = "utf-16-le")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "utf-16-be")]
    Utf16Be,
    /// Western Europe.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// Vietnamese Windows.
    #[serde(rename = "windows-1258")]
    Windows1258,
    /// Chinese, simplified (a superset of GBK and GB2312).
    Gb18030,
    /// Chinese, traditional.
    Big5,
    /// TCVN 5712-3 (“ABC” fonts, .VnTime).
    Tcvn3,
    /// VNI for Windows (VNI-Times).
    Vni,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Encoding; 9] = [
        Encoding::Utf8,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Windows1252,
        Encoding::Windows1258,
        Encoding::Gb18030,
        Encoding::Big5,
        Encoding::Tcvn3,
        Encoding::Vni,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16-le",
            Encoding::Utf16Be => "utf-16-be",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Windows1258 => "windows-1258",
            Encoding::Gb18030 => "gb18030",
            Encoding::Big5 => "big5",
            Encoding::Tcvn3 => "tcvn3",
            Encoding::Vni => "vni",
        }
    }

    /// The encoding of that name; usual other names are understood.
    pub fn parse(text: &str) -> Option<Encoding> {
        let folded: String = text.to_ascii_lowercase().replace(['-', '_', ' '], "");
        let known = match folded.as_str() {
            "utf8" | "utf8bom" => Encoding::Utf8,
            "utf16" | "utf16le" => Encoding::Utf16Le,
            "utf16be" => Encoding::Utf16Be,
            "windows1252" | "cp1252" | "latin1" | "iso88591" => Encoding::Windows1252,
            "windows1258" | "cp1258" => Encoding::Windows1258,
            "gb18030" | "gbk" | "gb2312" | "cp936" => Encoding::Gb18030,
            "big5" | "cp950" => Encoding::Big5,
            "tcvn3" | "abc" | "vntime" => Encoding::Tcvn3,
            "vni" | "vnitimes" => Encoding::Vni,
            _ => return None,
        };
        Some(known)
    }

    pub(super) const fn is_utf16(self) -> bool {
        matches!(self, Encoding::Utf16Le | Encoding::Utf16Be)
    }

    fn table(self) -> Option<&'static encoding_rs::Encoding> {
        match self {
            Encoding::Utf16Le => Some(encoding_rs::UTF_16LE),
            Encoding::Utf16Be => Some(encoding_rs::UTF_16BE),
            Encoding::Windows1252 => Some(encoding_rs::WINDOWS_1252),
            Encoding::Windows1258 => Some(encoding_rs::WINDOWS_1258),
            Encoding::Gb18030 => Some(encoding_rs::GB18030),
            Encoding::Big5 => Some(encoding_rs::BIG5),
            Encoding::Utf8 | Encoding::Tcvn3 | Encoding::Vni => None,
        }
    }
}

/// Whole text to NFC; `None` where bytes are not of this encoding.
pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    if encoding == Encoding::Utf8 || encoding.is_utf16() && bytes.is_ascii() && !bytes.contains(&0) {
        return std::str::from_utf8(bytes).ok().map(composed);
    }
    if bytes.is_ascii() && !encoding.is_utf16() {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    let text = match encoding {
        Encoding::Tcvn3 => Cow::Owned(vietnamese::from_tcvn3(bytes)),
        Encoding::Vni => Cow::Owned(vietnamese::from_vni(bytes)),
        _ => encoding.table()?.decode_without_bom_handling_and_without_replacement(bytes)?,
    };
    Some(match text {
        Cow::Borrowed(text) => composed(text),
        Cow::Owned(text) => Cow::Owned(composed(&text).into_owned()),
    })
}

/// NFC, without a copy where it is so already.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes || text.contains('\u{37e}') {
        // U+037E would become the semicolon that separates cells.
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// A reader that turns UTF-16 into UTF-8 on the way, so that records can be cut at bytes.
pub(super) struct Transcode<'a> {
    from: &'a mut dyn std::io::Read,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    is_done: bool,
}

impl<'a> Transcode<'a> {
    pub(super) fn new(from: &'a mut dyn std::io::Read, encoding: Encoding) -> Transcode<'a> {
        let table = encoding.table().unwrap_or(encoding_rs::UTF_8);
        let decoder = table.new_decoder_with_bom_removal();
        Transcode { from, decoder, raw: vec![0; 1 << 16], out: Vec::new(), given: 0, is_done: false }
    }
}

impl std::io::Read for Transcode<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.out.len() && !self.is_done {
            let length = self.from.read(&mut self.raw)?;
            self.is_done = length == 0;
            let room = self.decoder.max_utf8_buffer_length(length).unwrap_or(4 * length + 16);
            self.out.resize(room, 0);
            let (_, _, written, _) =
                self.decoder.decode_to_utf8(&self.raw[..length], &mut self.out, self.is_done);
            self.out.truncate(written);
            self.given = 0;
        }
        let length = (self.out.len() - self.given).min(into.len());
        into[..length].copy_from_slice(&self.out[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

/// Guess from the beginning of a file: byte order marks, then the pattern of zeros, then UTF-8 or not. `None` for
/// bytes that are no text.
pub(super) fn guess(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        [0xef, 0xbb, 0xbf, ..] => return Some(Encoding::Utf8),
        _ => {}
    }
    if head.contains(&0) {
        let pairs = (head.len() / 2).max(1);
        let high = head.iter().step_by(2).filter(|byte| **byte == 0).count();
        let low = head.iter().skip(1).step_by(2).filter(|byte| **byte == 0).count();
        // At least a fifth of the letters are ASCII (delimiters, digits), on one side only.
        return match (high * 5 > pairs, low * 5 > pairs) {
            (false, true) => Some(Encoding::Utf16Le),
            (true, false) => Some(Encoding::Utf16Be),
            _ => None,
        };
    }
    let control = head.iter().filter(|byte| **byte < 9 || (14..32).contains(*byte) && **byte != 27).count();
    if control * 200 > head.len() {
        return None;
    }
    Some(match std::str::from_utf8(head) {
        Ok(_) => Encoding::Utf8,
        Err(error) if error.error_len().is_none() => Encoding::Utf8,
        Err(_) if is_mostly_utf8(head) => Encoding::Utf8,
        Err(_) => legacy(head),
    })
}

/// Whether bytes that are not UTF-8 throughout are two files in one, most of it UTF-8: then the other lines are rejected, and
/// names stay whole. In text of an old encoding hardly a line is UTF-8 by chance.
fn is_mostly_utf8(head: &[u8]) -> bool {
    let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii());
    let (sound, other): (Vec<&[u8]>, Vec<&[u8]>) = lines.partition(|line| std::str::from_utf8(line).is_ok());
    sound.len() > 2 * other.len()
}

/// The old encoding that makes the most sense of bytes that are not UTF-8: letters in use score, strange ones cost.
pub(super) fn legacy(sample: &[u8]) -> Encoding {
    let sample: Vec<u8> =
        sample.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()).flatten().copied().collect();
    let sample = &sample[..sample.len().min(1 << 18)];
    [
        Encoding::Windows1252,
        Encoding::Windows1258,
        Encoding::Tcvn3,
        Encoding::Vni,
        Encoding::Gb18030,
        Encoding::Big5,
    ]
    .into_iter()
    .map(|encoding| (encoding, score(sample, encoding)))
    .fold((Encoding::Windows1252, f64::MIN), |best, next| if next.1 > best.1 { next } else { best })
    .0
}

fn score(sample: &[u8], encoding: Encoding) -> f64 {
    let text = match encoding.table() {
        Some(table) => table.decode_without_bom_handling(sample).0.into_owned(),
        None => match decode(sample, encoding) {
            Some(text) => text.into_owned(),
            None => return f64::MIN,
        },
    };
    let text: String = text.nfc().collect();
    let outside = sample.iter().filter(|byte| !byte.is_ascii()).count().max(1);
    let mut points = 0.0;
    let (mut before, mut is_syllable) = (' ', false);
    for (place, letter) in text.char_indices() {
        if letter.is_alphabetic() && !before.is_alphabetic() {
            let word = text[place..].split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
            is_syllable = !word.is_ascii() && vietnamese::is_syllable(word);
        }
        points += match letter {
            letter if letter.is_ascii() => 0.0,
            '\u{fffd}' => -6.0,
            // A capital inside a word is what a wrong table makes.
            letter if vietnamese::is_letter(letter) && letter.is_uppercase() && before.is_lowercase() => -2.0,
            letter if vietnamese::is_letter(letter) && is_syllable => 1.2,
            // French and German bytes make Vietnamese letters too, but no Vietnamese words.
            letter if vietnamese::is_letter(letter) && !('\u{c0}'..='\u{ff}').contains(&letter) => -1.0,
            letter if vietnamese::is_common_han(letter) => 2.6,
            '\u{4e00}'..='\u{9fff}' => 1.0,
            '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' => 1.0,
            '\u{c0}'..='\u{ff}' if letter.is_uppercase() && before.is_lowercase() => -2.0,
            '\u{c0}'..='\u{ff}' if letter.is_alphabetic() => 0.9,
            '£' | '€' | '°' | '\u{2018}'..='\u{201d}' | '–' | '\u{a0}' | '®' | '™' | '₫' => 0.5,
            '\u{e000}'..='\u{f8ff}' => -4.0,
            '\u{300}'..='\u{36f}' => -2.0,
            _ => -1.5,
        };
        before = letter;
    }
    points / outside as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for encoding in Encoding::ALL {
            assert_eq!(Encoding::parse(encoding.name()), Some(encoding));
            assert_eq!(serde_json::to_value(encoding).unwrap(), encoding.name());
        }
    }

    #[test]
    fn old_encodings_are_told_apart() {
        for (text, encoding) in [
            ("Café crème, Müller, señor, garçon, Straße, à côté", Encoding::Windows1252),
            (
                "Date;Client;Produit;Quantité;Total\n13/01/2025;Zoë;Crème brûlée;1;4,50\n14/01/2025;Renée;Café;2;3,00",
                Encoding::Windows1252,
            ),
            (
                "Data;Cliente;Produto\n13/01/2025;José;Pão de açúcar\n14/01/2025;Antônio;Café",
                Encoding::Windows1252,
            ),
            ("Kunde;Größe;Stück\n1;groß;für Ärzte", Encoding::Windows1252),
            ("商品名称,数量,金额\n咖啡,2,37", Encoding::Gb18030),
            ("商品名稱,數量,金額\n咖啡,2,37", Encoding::Big5),
        ] {
            let bytes = encoding.table().unwrap().encode(text).0;
            assert_eq!(guess(&bytes), Some(encoding), "{text}");
            assert_eq!(decode(&bytes, encoding).unwrap(), text);
        }
        // One line of another program in a file of UTF-8, and the other way round.
        let mixed = [&"Đào\n".repeat(3).into_bytes()[..], b"caf\xe9\n"].concat();
        assert_eq!(guess(&mixed), Some(Encoding::Utf8));
        let mixed = [&b"caf\xe9 cr\xe8me\n".repeat(3)[..], "Đào\n".as_bytes()].concat();
        assert_ne!(guess(&mixed), Some(Encoding::Utf8));
        let vietnamese = b"M\xb7 kh\xb8ch h\xb5ng;Ng\xb5y b\xb8n;Th\xb5nh ti\xd2n";
        assert_eq!(guess(vietnamese), Some(Encoding::Tcvn3));
        assert_eq!(guess(&[0, 0, 146, 150, 0, 0, 3, 200]), None);
    }
}
