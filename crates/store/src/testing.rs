//! What the tests of this crate share: one shop, one moment, dice with a seed.

use crate::{Error, ImportFile, NewImport, Refused, Store};
use domain::{Id, Kind};
use serde_json::json;
use std::ops::{Deref, DerefMut};

/// 1 November 2025, in microseconds.
pub const NOW: i64 = 1_761_955_200_000_000;

/// A store in a folder that goes with it.
pub struct Shop {
    store: Store,
    _folder: tempfile::TempDir,
}

impl Deref for Shop {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl DerefMut for Shop {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

pub fn shop() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite").display().to_string();
    Shop { store: Store::open(&path, NOW).unwrap(), _folder: folder }
}

/// Dice: two steps of splitmix64 (Steele, Lea, Flood 2014) a throw.
pub fn chance(seed: u64) -> impl FnMut() -> u128 {
    let mut state = seed;
    move || {
        let mut half = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u128::from(mixed ^ (mixed >> 31))
        };
        (half() << 64) | half()
    }
}

pub fn import_id(number: u128) -> Id {
    Id::from_body(Kind::Import, number)
}

pub fn new_import(number: u128) -> NewImport {
    NewImport {
        id: import_id(number),
        kind: "orders".into(),
        source: "till".into(),
        files: vec![
            ImportFile { name: "orders.csv".into(), bytes: 12, hash: format!("hash-{number}") },
            ImportFile { name: "-".into(), bytes: u64::MAX >> 1, hash: "other".into() },
        ],
        mapping: json!({ "customer": "Mã KH", "date": 2 }),
        detected: json!({ "delimiter": ";" }),
    }
}

/// An import that has begun.
pub fn import(store: &mut Store, number: u128) -> Id {
    store.start_import(&new_import(number), NOW).unwrap().id
}

/// The refusal in an answer.
pub fn refused<T>(answer: Result<T, Error>) -> Refused {
    match answer {
        Err(Error::Refused(refused)) => refused,
        Err(Error::Failure(failure)) => panic!("a failure in place of a refusal: {failure}"),
        Ok(_) => panic!("an answer in place of a refusal"),
    }
}
