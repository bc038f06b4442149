//! Kinds of identifiers: which counts more, how many a person may have, which may make two customers one, and what
//! every value must look like before it is anybody's key.

use serde::{Deserialize, Serialize};
use store::{Identifier, check_key, phone_number};
use unicode_normalization::UnicodeNormalization;

/// What holds for a kind of identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// How many a customer may have.
    pub limit: usize,
    /// Whether it may show that two customers are one. A tablet that stands in the shop may not.
    pub merges: bool,
    /// Whether it means the same in every source, as a telephone number does.
    pub is_everywhere: bool,
}

/// The rules of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Kinds, the one that counts most first. Kinds that are not listed come last and allow five, each its source's.
    pub kinds: Vec<Kind>,
    /// Values nobody is known by, such as the shop's own number; compared after normalising.
    pub blocked: Vec<String>,
    /// ISO 3166, two letters: how telephone numbers without a country are read.
    pub country: String,
}

/// The kind that is meant by a short word before a value (`ext:K-17`), or by its own name.
pub fn named(word: &str) -> &str {
    match word {
        "ext" => "external_id",
        "card" => "card_number",
        "anon" => "anonymous_id",
        whole => whole,
    }
}

/// Values that forms and tills fill in where nothing is known.
const BLOCKED: &[&str] = &[
    "null",
    "none",
    "nil",
    "undefined",
    "unknown",
    "anonymous",
    "guest",
    "n/a",
    "na",
    "nan",
    "true",
    "false",
    "-1",
    "test",
    "[object object]",
];

/// The part before the `@` of addresses that are nobody's.
const BLOCKED_MAILBOXES: &[&str] = &["test", "noreply", "no-reply", "none", "null", "example", "guest"];

impl Rules {
    /// The usual rules for a country: the shop's own key first, one of it; then card, telephone, e-mail, five each;
    /// devices and browsers last, which merge nobody that is known otherwise.
    pub fn usual(country: &str) -> Rules {
        let kind = |(name, limit, merges, is_everywhere): (&str, usize, bool, bool)| Kind {
            name: name.to_owned(),
            limit,
            merges,
            is_everywhere,
        };
        let kinds = [
            ("external_id", 1, true, false),
            ("card_number", 5, true, false),
            ("phone", 5, true, true),
            ("email", 5, true, true),
            ("zalo_id", 5, true, false),
            ("wechat_unionid", 1, true, false),
            ("anonymous_id", 20, true, false),
            ("device_id", 5, false, false),
        ];
        Rules { kinds: kinds.map(kind).to_vec(), blocked: Vec::new(), country: country.to_owned() }
    }

    /// What holds for a kind.
    pub fn kind(&self, name: &str) -> Kind {
        let listed = self.kinds.iter().find(|kind| kind.name == name).cloned();
        listed.unwrap_or_else(|| Kind { name: name.to_owned(), limit: 5, merges: true, is_everywhere: false })
    }

    /// How much a kind counts: the lower, the more.
    pub fn rank(&self, name: &str) -> usize {
        self.kinds.iter().position(|kind| kind.name == name).unwrap_or(self.kinds.len())
    }

    /// The identifier as we keep it, or why it cannot be one.
    pub fn normalise(&self, source: &str, kind: &str, value: &str) -> Result<Identifier, NotUsable> {
        let text: String = value.trim().nfc().collect();
        if self.is_blocked(kind, &text) {
            return Err(NotUsable::Blocked { kind: kind.to_owned() });
        }
        let value = match kind {
            "email" => email(&text)?,
            "phone" => phone_number(&text, &self.country)
                .ok_or_else(|| NotUsable::NotAPhone { country: self.country.clone() })?,
            _ => text,
        };
        if self.is_blocked(kind, &value) {
            return Err(NotUsable::Blocked { kind: kind.to_owned() });
        }
        check_key(kind, &value).map_err(|refused| NotUsable::NotAKey(refused.to_string()))?;
        let source = if self.kind(kind).is_everywhere { "" } else { source };
        Ok(Identifier { kind: kind.to_owned(), source: source.to_owned(), value })
    }

    fn is_blocked(&self, kind: &str, value: &str) -> bool {
        let lower = value.to_lowercase();
        let digits = lower.trim_start_matches('+');
        // A telephone number of one digit repeated, or nothing but zeros and dashes.
        let is_filler = digits.chars().all(|sign| sign == '0' || sign == '-')
            || (kind == "phone"
                && digits.len() > 5
                && digits.bytes().all(|byte| byte == digits.as_bytes()[0]));
        let mailbox = lower.split_once('@').map(|(mailbox, _)| mailbox);
        is_filler
            || BLOCKED.contains(&lower.as_str())
            || (kind == "email" && mailbox.is_some_and(|mailbox| BLOCKED_MAILBOXES.contains(&mailbox)))
            || self.blocked.contains(&value.to_owned())
            || self.blocked.iter().any(|blocked| blocked.to_lowercase() == lower)
    }
}

/// Why a value is nobody's key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
pub enum NotUsable {
    /// A placeholder, or blocked by the shop.
    #[error("this {kind} stands for nobody: it is a placeholder, or blocked by the shop")]
    Blocked {
        /// The kind.
        kind: String,
    },
    /// No telephone has that number.
    #[error("not a telephone number of {country}: give it with its country, as +84 90 123 45 67")]
    NotAPhone {
        /// The country it was read by.
        country: String,
    },
    /// No mail can go there.
    #[error("not an e-mail address: expected name@place")]
    NotAnEmail,
    /// Empty, too long, or no text.
    #[error("{0}")]
    NotAKey(String),
    /// The customer has as many of the kind as one may have.
    #[error("a customer may have {limit} of kind {kind}")]
    Limit {
        /// The kind.
        kind: String,
        /// How many.
        limit: usize,
    },
    /// Reported lost: whoever shows it is not its owner.
    #[error("this {kind} was reported lost: ask for another proof, or give it back with card found")]
    Lost {
        /// The kind.
        kind: String,
    },
    /// Another customer has it, and it does not show that the two are one.
    #[error("this {kind} is another customer's, and sharing it does not make the two one")]
    Shared {
        /// The kind.
        kind: String,
    },
}

/// An address in lower case. What stands before the `@` may by the letter of RFC 5321 differ by case; in practice it
/// never does, and two keys for one mailbox would be two customers.
fn email(text: &str) -> Result<String, NotUsable> {
    let lower = text.to_lowercase();
    let (mailbox, place) = lower.rsplit_once('@').ok_or(NotUsable::NotAnEmail)?;
    let place_is_sound = place.contains('.') && !place.starts_with('.') && !place.ends_with('.');
    let is_sound = !mailbox.is_empty()
        && place_is_sound
        && !lower.contains(char::is_whitespace)
        && !lower.contains(char::is_control);
    if is_sound { Ok(lower) } else { Err(NotUsable::NotAnEmail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_one_way_or_refused() {
        let mut rules = Rules::usual("VN");
        rules.blocked.push("+84912345678".into());
        for (kind, value, expected) in [
            ("email", " Ana@Corner.Example ", Ok("ana@corner.example")),
            ("email", "test@test.com", Err("this email stands for nobody")),
            ("email", "ana", Err("not an e-mail address")),
            ("email", "ana@place", Err("not an e-mail address")),
            ("phone", "0168 123 4567", Ok("+84381234567")),
            ("phone", "0912 345 678", Err("this phone stands for nobody")),
            ("phone", "0000000000", Err("this phone stands for nobody")),
            ("phone", "9999999999", Err("this phone stands for nobody")),
            ("phone", "12", Err("not a telephone number of VN")),
            ("external_id", "NULL", Err("this external_id stands for nobody")),
            ("external_id", "000-000", Err("this external_id stands for nobody")),
            ("external_id", "", Err("this external_id stands for nobody")),
            ("external_id", "K-0017", Ok("K-0017")),
            ("external_id", "Tie\u{302}\u{301}ng", Ok("Tiếng")),
        ] {
            let got = rules.normalise("till", kind, value);
            match expected {
                Ok(text) => assert_eq!(got.unwrap().value, text, "{kind} {value}"),
                Err(text) => {
                    let why = got.unwrap_err().to_string();
                    assert!(why.starts_with(text), "{kind} {value}: {why}");
                }
            }
        }
        assert_eq!(rules.normalise("till", "phone", "0901234567").unwrap().source, "");
        assert_eq!(rules.normalise("till", "card_number", "17").unwrap().source, "till");
    }
}
