//! Who is left alone: drawn by a hash under a secret, not by dice, so that the same people stay held out when the same
//! campaign is frozen again on the same facts, and when a later one is given the same key.
//!
//! Within each tier people stand in the order of their hash, and the first are held out. The counts of all tiers
//! together are rounded once, so the whole is exact to half a person and each tier to one.

use domain::Id;

/// The secret of one draw, made of the folder's and of what the draw is called.
pub(super) fn salt(secret: &[u8; 32], what: &str) -> [u8; 32] {
    *blake3::keyed_hash(secret, format!("holdout:{what}").as_bytes()).as_bytes()
}

/// A customer's place in a draw: uniform over all 64-bit numbers.
pub(super) fn place(salt: &[u8; 32], customer: Id) -> u64 {
    let hash = blake3::keyed_hash(salt, &customer.body().to_be_bytes());
    u64::from_be_bytes(hash.as_bytes()[..8].try_into().expect("eight of 32 bytes"))
}

/// Whether a customer is in a share of everybody that stays the same for ever; a larger share holds the smaller.
pub(super) fn is_in_share(salt: &[u8; 32], customer: Id, share: f64) -> bool {
    (place(salt, customer) as f64) < share * 2f64.powi(64)
}

/// Deals people into parts of given shares, stratum by stratum: for each of `people` (with its stratum) the number of
/// its part. Shares are of one; what they leave over is the last part, `shares.len()`.
pub(super) fn deal(salt: &[u8; 32], people: &[(Id, usize)], shares: &[f64]) -> Vec<usize> {
    let strata = people.iter().map(|(_, stratum)| stratum + 1).max().unwrap_or(0);
    let mut ranked: Vec<Vec<(u64, Id, usize)>> = vec![Vec::new(); strata];
    for (at, (id, stratum)) in people.iter().enumerate() {
        ranked[*stratum].push((place(salt, *id), *id, at));
    }
    let mut parts = vec![shares.len(); people.len()];
    let mut seen = 0;
    for stratum in &mut ranked {
        stratum.sort_unstable();
        // Where each part ends in this stratum, so that the sums over all strata so far are rounded once.
        let (before, after) = (seen, seen + stratum.len());
        let mut from = 0;
        let mut share = 0.0;
        for (part, own) in shares.iter().enumerate() {
            share += own;
            let upto = |count: usize| (share * count as f64).round() as usize;
            let end = (upto(after) - upto(before)).clamp(from, stratum.len());
            stratum[from..end].iter().for_each(|(_, _, at)| parts[*at] = part);
            from = end;
        }
        seen = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Kind;

    fn people(count: usize, strata: usize) -> Vec<(Id, usize)> {
        (0..count).map(|n| (Id::from_body(Kind::Customer, 7 + (n as u128) * 977), n * n % strata)).collect()
    }

    #[test]
    fn the_share_is_exact_in_all_and_to_one_in_each_tier() {
        for (count, share) in [(0, 0.2), (1, 0.5), (7, 0.1), (38, 0.2), (999, 0.05), (10_000, 0.333)] {
            for seed in 0..20u8 {
                let all = people(count, 3);
                let parts = deal(&[seed; 32], &all, &[share]);
                let held = |stratum: Option<usize>| {
                    let of = parts
                        .iter()
                        .zip(&all)
                        .filter(|(part, one)| **part == 0 && stratum.is_none_or(|stratum| one.1 == stratum));
                    of.count() as f64
                };
                assert!((held(None) - share * count as f64).abs() <= 0.5 + 1e-9, "{count} {share}");
                for stratum in 0..3 {
                    let size = all.iter().filter(|one| one.1 == stratum).count() as f64;
                    assert!(
                        (held(Some(stratum)) - share * size).abs() <= 1.0 + 1e-9,
                        "{count} {share} {stratum}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_same_secret_draws_the_same_people_and_another_others() {
        let all = people(2_000, 2);
        let one = deal(&salt(&[1; 32], "a"), &all, &[0.2]);
        assert_eq!(one, deal(&salt(&[1; 32], "a"), &all, &[0.2]));
        let mut turned = all.clone();
        turned.reverse();
        let mut again = deal(&salt(&[1; 32], "a"), &turned, &[0.2]);
        again.reverse();
        assert_eq!(one, again, "whatever order they come in");
        let other = deal(&salt(&[1; 32], "b"), &all, &[0.2]);
        let both = one.iter().zip(&other).filter(|(a, b)| **a == 0 && **b == 0).count();
        // Independent draws share 0.2 × 0.2 of 2,000 = 80; five standard deviations are 38.
        assert!((42..=118).contains(&both), "{both}");
    }

    #[test]
    fn a_larger_share_of_everybody_holds_the_smaller() {
        let salt = salt(&[3; 32], "universal");
        let all = people(5_000, 1);
        let in_share = |share: f64| all.iter().filter(|(id, _)| is_in_share(&salt, *id, share)).count();
        assert!(all.iter().all(|(id, _)| !is_in_share(&salt, *id, 0.02) || is_in_share(&salt, *id, 0.05)));
        assert!((200..=300).contains(&in_share(0.05)), "{}", in_share(0.05));
        assert_eq!((in_share(0.0), in_share(1.0)), (0, 5_000));
    }

    #[test]
    fn waves_are_parts_too() {
        let all = people(1_000, 4);
        let parts = deal(&[9; 32], &all, &[0.25, 0.25, 0.25]);
        for part in 0..4 {
            assert_eq!(parts.iter().filter(|one| **one == part).count(), 250);
        }
    }
}
