//! Voucher codes: made without a repeat and without a list, and stacked by rules that explain themselves.

use crate::judge::Shared;
use crate::name::Name;
use crate::program::Program;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Letters and digits that are not mistaken for one another (Crockford base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The `number`th code of a pattern: every `#` becomes a letter or digit, anything else stands for itself.
///
/// The number is sent through a keyed permutation of all codes of the pattern (a Feistel network with BLAKE3 as its
/// round function), so that different numbers give different codes, and nobody without the seed can guess the next.
/// A pattern of n places has 32^n codes; numbers beyond that begin again.
pub fn code(pattern: &str, seed: u64, series: &str, number: u64) -> String {
    let places = pattern.bytes().filter(|byte| *byte == b'#').count().min(24) as u32;
    let bits = places * 5;
    if bits == 0 {
        return pattern.to_owned();
    }
    let mut key = blake3::Hasher::new();
    key.update(&seed.to_le_bytes());
    key.update(series.as_bytes());
    let key = *key.finalize().as_bytes();
    let all = if bits >= 128 { u128::MAX } else { (1u128 << bits) - 1 };
    let mut value = permute(u128::from(number) & all, bits, &key);
    let mut text = Vec::with_capacity(pattern.len());
    for byte in pattern.bytes() {
        if byte == b'#' {
            text.push(ALPHABET[(value & 31) as usize]);
            value >>= 5;
        } else {
            text.push(byte);
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// An unbalanced Feistel network over `bits` bits: each round changes one part by a function of the other, which can
/// be undone, so the whole is a permutation.
fn permute(value: u128, bits: u32, key: &[u8; 32]) -> u128 {
    let low_bits = bits / 2;
    let high_bits = bits - low_bits;
    let (low_mask, high_mask) = ((1u128 << low_bits) - 1, (1u128 << high_bits) - 1);
    let (mut low, mut high) = (value & low_mask, value >> low_bits);
    for round in 0u8..4 {
        let from = if round % 2 == 0 { low } else { high };
        let mut message = [0u8; 17];
        message[0] = round;
        message[1..].copy_from_slice(&from.to_le_bytes());
        let digest = blake3::keyed_hash(key, &message);
        let mixed = u128::from_le_bytes(digest.as_bytes()[..16].try_into().expect("sixteen bytes"));
        if round % 2 == 0 {
            high = (high ^ mixed) & high_mask;
        } else {
            low = (low ^ mixed) & low_mask;
        }
    }
    (high << low_bits) | low
}

/// What became of a voucher on a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It counts, for so much.
    Taken {
        /// Minor units off.
        off_minor: i64,
    },
    /// It does not count.
    Left {
        /// Why, in a sentence.
        why: String,
    },
}

/// Decide which vouchers count on a bill of `bill_minor`, in an order that does not depend on the order they were
/// shown in: the largest value first, then the one that ends first, then by code. Together they take no more than the
/// bill. Nothing is used up; see [`use_up`].
pub fn stack(
    program: &Program,
    shared: &Shared,
    codes: &[Name],
    bill_minor: i64,
    now: Timestamp,
) -> Vec<(Name, Answer)> {
    let mut order: Vec<&Name> = codes.iter().collect();
    order.sort();
    order.dedup();
    let row = |code: &Name| shared.vouchers.get(code);
    order.sort_by_key(|code| row(code).map(|row| (std::cmp::Reverse(row.value_minor), row.until)));
    let mut taken: Vec<(&Name, &Name, bool, Option<&Name>)> = Vec::new();
    let mut left = bill_minor;
    let mut answers = Vec::new();
    for code in order {
        let answer = judge(program, shared, code, bill_minor, left, &taken, now);
        if let Answer::Taken { off_minor } = &answer {
            left -= off_minor;
            let reward = &row(code).expect("a voucher that counts exists").reward;
            let spec = program.rewards.iter().find(|spec| spec.id == *reward);
            let voucher = spec.and_then(|spec| spec.voucher.as_ref());
            taken.push((
                code,
                reward,
                voucher.is_some_and(|voucher| voucher.alone),
                voucher.and_then(|voucher| voucher.exclusive.as_ref()),
            ));
        }
        answers.push((code.clone(), answer));
    }
    answers
}

fn judge(
    program: &Program,
    shared: &Shared,
    code: &Name,
    bill_minor: i64,
    left: i64,
    taken: &[(&Name, &Name, bool, Option<&Name>)],
    now: Timestamp,
) -> Answer {
    let no = |why: String| Answer::Left { why };
    let Some(row) = shared.vouchers.get(code) else { return no(format!("voucher {code} does not exist")) };
    if now >= row.until {
        return no(format!("voucher {code} ended at {}", row.until));
    }
    if row.uses_left == 0 {
        return no(format!("voucher {code} was used"));
    }
    let Some(spec) = program.rewards.iter().find(|spec| spec.id == row.reward) else {
        return no(format!("reward {} is not in the program any more", row.reward));
    };
    if let Some(voucher) = &spec.voucher {
        if let Some(minimum) = voucher.minimum
            && bill_minor < program.minor(minimum)
        {
            return no(format!("voucher {code} needs a bill of {minimum}"));
        }
        if let Some((other, ..)) = taken.iter().find(|(_, _, alone, _)| *alone || voucher.alone) {
            return no(format!("voucher {code} cannot be used together with {other}"));
        }
        let same = |group: &Name| taken.iter().find(|(_, _, _, other)| *other == Some(group));
        if let Some((other, ..)) = voucher.exclusive.as_ref().and_then(same) {
            return no(format!("voucher {code} cannot be used together with {other}: both are of one group"));
        }
    }
    if left == 0 && row.value_minor > 0 {
        return no(format!("the bill is paid without voucher {code}"));
    }
    Answer::Taken { off_minor: row.value_minor.min(left) }
}

/// Use up the vouchers that count, once each, ahead of the order they are on: a till that asks first sends the order
/// with the same codes afterwards, and they are not used twice.
pub fn use_up(shared: &mut Shared, answers: &[(Name, Answer)]) {
    count_use(shared, answers);
    for (code, _) in answers.iter().filter(|(_, answer)| matches!(answer, Answer::Taken { .. })) {
        *shared.used_ahead.entry(code.clone()).or_default() += 1;
    }
}

/// Take one use off the vouchers that count.
pub(crate) fn count_use(shared: &mut Shared, answers: &[(Name, Answer)]) {
    for (code, answer) in answers {
        if let (Answer::Taken { .. }, Some(row)) = (answer, shared.vouchers.get_mut(code)) {
            row.uses_left = row.uses_left.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_of_a_small_pattern_never_repeat() {
        // Three places have 32768 codes: all of them, each once.
        let codes: HashSet<String> = (0..32_768).map(|number| code("C-###", 7, "coffee", number)).collect();
        assert_eq!(codes.len(), 32_768);
        assert!(codes.iter().all(|code| code.len() == 5 && code.starts_with("C-")));
    }

    #[test]
    fn two_hundred_thousand_codes_without_a_repeat_and_without_a_pattern() {
        let codes: Vec<String> =
            (0..200_000).map(|number| code("COFFEE-####-####", 7, "coffee", number)).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        // Neighbours share no more than chance would have them share.
        let alike = |a: &str, b: &str| a.bytes().zip(b.bytes()).skip(7).filter(|(a, b)| a == b).count();
        let shared: usize = codes.windows(2).take(10_000).map(|pair| alike(&pair[0], &pair[1]) - 1).sum();
        assert!((1_500..3_500).contains(&shared), "8 places, 1 in 32 alike: about 2500, not {shared}");
    }

    #[test]
    fn another_seed_or_series_gives_other_codes() {
        let one = code("########", 1, "a", 0);
        assert_ne!(one, code("########", 2, "a", 0));
        assert_ne!(one, code("########", 1, "b", 0));
        assert_eq!(one, code("########", 1, "a", 0));
        assert_eq!(code("PLAIN", 1, "a", 5), "PLAIN");
    }
}
