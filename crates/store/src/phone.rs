//! Phone numbers as E.164 (ITU-T), by the shop's country, so that one telephone is one key however it was written.

use phonenumber::Mode;
use phonenumber::country::Id as Country;

/// The prefixes of Vietnamese mobiles with eleven digits, which lost one digit between 15 September and 14 October 2018
/// (Ministry of Information and Communications, decision 798/QĐ-BTTTT of 2018 on the numbering plan of 2014).
const VIETNAM_2018: &[(&str, &str)] = &[
    ("120", "70"),
    ("121", "79"),
    ("122", "77"),
    ("126", "76"),
    ("128", "78"),
    ("123", "83"),
    ("124", "84"),
    ("125", "85"),
    ("127", "81"),
    ("129", "82"),
    ("162", "32"),
    ("163", "33"),
    ("164", "34"),
    ("165", "35"),
    ("166", "36"),
    ("167", "37"),
    ("168", "38"),
    ("169", "39"),
    ("186", "56"),
    ("188", "58"),
    ("199", "59"),
];

/// The number in E.164, or nothing where it is none. `country` is the two letters of ISO 3166 by which a number
/// without `+` is read.
pub fn phone_number(text: &str, country: &str) -> Option<String> {
    let country: Country = country.parse().ok()?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = match vietnamese(&digits, text.trim_start().starts_with('+'), country) {
        Some(of_today) => phonenumber::parse(None, of_today).ok()?,
        None => phonenumber::parse(Some(country), text).ok()?,
    };
    number.is_valid().then(|| number.format().mode(Mode::E164).to_string())
}

/// An old Vietnamese mobile as it is dialled today.
fn vietnamese(digits: &str, is_international: bool, country: Country) -> Option<String> {
    let national = match digits.strip_prefix("84").or_else(|| digits.strip_prefix("0084")) {
        Some(rest) if is_international || digits.len() > 11 => rest,
        _ if country == Country::VN && !is_international => digits,
        _ => return None,
    };
    mobile_of_today(national.strip_prefix('0').unwrap_or(national))
}

/// What an old Vietnamese mobile, in E.164 as an import writes it, is called today; nothing for any other key.
pub fn number_of_today(key: &str) -> Option<String> {
    mobile_of_today(key.strip_prefix("+84")?)
}

/// What a Vietnamese mobile of today, in E.164, was called before 2018; nothing for one that was never renumbered, and
/// for any other key.
pub(crate) fn number_of_before(key: &str) -> Option<String> {
    let national = key.strip_prefix("+84")?;
    if national.len() != 9 || !national.is_ascii() {
        return None;
    }
    let (old, _) = VIETNAM_2018.iter().find(|(_, new)| national.starts_with(new))?;
    Some(format!("+84{old}{}", &national[2..]))
}

/// A number without the code of its country has about so many digits.
const DIGITS: usize = 9;

/// The ends by which a number in E.164 is known in a text, whatever is written before them: those of the number and of what
/// it was before 2018 or has been since. None for what is no number.
pub fn ends_of_number(number: &str) -> Vec<String> {
    let all = [Some(number.to_owned()), number_of_before(number), number_of_today(number)];
    let numbers = all.into_iter().flatten().filter_map(|number| Some(number.strip_prefix('+')?.to_owned()));
    let ends =
        numbers.filter(|digits| digits.len() >= DIGITS && digits.bytes().all(|sign| sign.is_ascii_digit()));
    ends.map(|digits| digits[digits.len() - DIGITS..].to_owned()).collect()
}

fn mobile_of_today(national: &str) -> Option<String> {
    if national.len() != 10 || !national.is_ascii() {
        return None;
    }
    let (_, new) = VIETNAM_2018.iter().find(|(old, _)| national.starts_with(old))?;
    Some(format!("+84{new}{}", &national[3..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_telephone_is_one_key() {
        for (text, country, expected) in [
            ("0901 234 567", "VN", Some("+84901234567")),
            ("+84 90 123 45 67", "VN", Some("+84901234567")),
            ("84901234567", "VN", Some("+84901234567")),
            ("(090) 123-4567", "VN", Some("+84901234567")),
            ("138 0013 8000", "CN", Some("+8613800138000")),
            ("+86 138 0013 8000", "VN", Some("+8613800138000")),
            ("(650) 253-0000", "US", Some("+16502530000")),
            ("hello", "VN", None),
            ("", "VN", None),
            ("12", "VN", None),
            ("0901234567", "??", None),
        ] {
            assert_eq!(phone_number(text, country).as_deref(), expected, "{text} {country}");
        }
    }

    #[test]
    fn a_number_is_known_by_its_ends() {
        assert_eq!(ends_of_number("+84901234567"), ["901234567"]);
        assert_eq!(ends_of_number("+84791234567"), ["791234567", "211234567"]);
        assert_eq!(ends_of_number("+841211234567"), ["211234567", "791234567"]);
        for none in ["+1234", "901234567", "+84 90 123 45 67", "K-7001", ""] {
            assert_eq!(ends_of_number(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn mobiles_of_eleven_digits_are_those_of_ten() {
        for (old, new) in [
            ("0120 123 4567", "+84701234567"),
            ("0121 123 4567", "+84791234567"),
            ("0125 123 4567", "+84851234567"),
            ("0129 123 4567", "+84821234567"),
            ("0162 123 4567", "+84321234567"),
            ("0169 123 4567", "+84391234567"),
            ("0186 123 4567", "+84561234567"),
            ("0188 123 4567", "+84581234567"),
            ("0199 123 4567", "+84591234567"),
            ("+84 168 123 4567", "+84381234567"),
            ("841681234567", "+84381234567"),
        ] {
            assert_eq!(phone_number(old, "VN").as_deref(), Some(new), "{old}");
        }
        assert_eq!(VIETNAM_2018.len(), 21);
        for (old, new) in VIETNAM_2018 {
            let (old, new) = (format!("+84{old}1234567"), format!("+84{new}1234567"));
            assert_eq!(number_of_today(&old).as_ref(), Some(&new));
            assert_eq!(number_of_before(&new).as_ref(), Some(&old));
        }
        for other in ["+84901234567", "+841201234567", "+8470123456", "+16502530000", "K-7001", ""] {
            assert_eq!(number_of_before(other), None, "{other}");
        }
    }
}
