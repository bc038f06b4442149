//! Keys met lately and whose they are, so that the regulars of a long file are not looked up in every batch.
//!
//! Only the one writer has this, it learns after the commit and forgets everything when anybody is erased: it can
//! never disagree with the rows.

use domain::{Id, Kind};
use std::collections::HashMap;

/// How many keys are remembered before all are forgotten: the most that a table of 2^21 places, some 70 MB, takes.
const KEYS: usize = (1 << 21) / 8 * 7;

/// Hash of a key, to the body of the customer's id. The hash has 128 bits of BLAKE3, so that no two keys meet.
#[derive(Default)]
pub(crate) struct Recall {
    owners: HashMap<u128, u128>,
    text: Vec<u8>,
}

impl Recall {
    pub fn find(&mut self, space: i64, key: &str) -> Option<Id> {
        let hash = self.hash(space, key);
        self.owners.get(&hash).map(|&body| Id::from_body(Kind::Customer, body))
    }

    pub fn learn(&mut self, space: i64, key: &str, owner: Id) {
        if self.owners.len() == KEYS {
            self.owners.clear();
        }
        let hash = self.hash(space, key);
        self.owners.insert(hash, owner.body());
    }

    pub fn forget(&mut self) {
        self.owners = HashMap::new();
    }

    fn hash(&mut self, space: i64, key: &str) -> u128 {
        self.text.clear();
        self.text.extend_from_slice(&space.to_le_bytes());
        self.text.extend_from_slice(key.as_bytes());
        let hash = blake3::hash(&self.text);
        u128::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes have a first half"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_what_it_learnt_and_never_grows_beyond_its_size() {
        let id = |body| Id::from_body(Kind::Customer, body);
        let mut recall = Recall::default();
        recall.learn(1, "a", id(1));
        recall.learn(2, "a", id(2));
        assert_eq!(
            (recall.find(1, "a"), recall.find(2, "a"), recall.find(1, "b")),
            (Some(id(1)), Some(id(2)), None)
        );
        recall.owners = (0..KEYS as u128).map(|hash| (hash, 7)).collect();
        let room = recall.owners.capacity();
        recall.learn(1, "c", id(3));
        assert_eq!((recall.find(1, "c"), recall.find(1, "a")), (Some(id(3)), None));
        assert_eq!((recall.owners.len(), recall.owners.capacity()), (1, room));
        recall.forget();
        assert_eq!(recall.find(1, "c"), None);
    }
}
