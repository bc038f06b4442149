//! Customers and what the shop calls them: a key of the shop's is resolved to one `cus_…` id, for ever.

use crate::db::{Db, Row, Value};
use crate::erase::Fingerprints;
use crate::failure::{Error, Failure, Refused};
use crate::open::Store;
use domain::{Id, Kind};

/// The longest key of a customer, in bytes. Longer ones are no keys but misread text, and no index holds them.
pub const KEY_BYTES: usize = 512;

/// One key of a customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Identifier {
    /// `external_id`, `card_number`, `email`, …
    pub kind: String,
    /// The system it comes from; empty for kinds that mean the same everywhere (see [`check_key`]).
    pub source: String,
    /// The key itself, as the shop writes it.
    pub value: String,
}

/// Whether `key` can be a key of that kind: not empty, at most [`KEY_BYTES`], no NUL. A reader asks this row by row,
/// so that one bad cell does not refuse a whole batch.
pub fn check_key(kind: &str, key: &str) -> Result<(), Refused> {
    let problem = if key.is_empty() {
        "is empty".to_owned()
    } else if key.len() > KEY_BYTES {
        format!("has {} bytes, more than the {KEY_BYTES} a key can have", key.len())
    } else if key.contains('\0') {
        "holds a NUL".to_owned()
    } else {
        return Ok(());
    };
    Err(Refused::NotAKey { kind: kind.to_owned(), problem })
}

impl Store {
    /// The customers behind `keys`, in their order, made where they are new. The same key of the same source is the
    /// same customer for ever, in whatever batches and however often it comes; a key of an erased customer still
    /// names the erased one.
    ///
    /// All or nothing, in one transaction. Keys are taken as they are: the caller has normalised them (NFC, trimmed).
    /// `email` and `phone` mean the same in every source, all other kinds are the source's own. `chance` is asked
    /// once for each new customer; ids follow the order in which the new keys first come.
    pub fn resolve(
        &mut self,
        source: &str,
        kind: &str,
        keys: &[&str],
        now_micros: i64,
        chance: &mut dyn FnMut() -> u128,
    ) -> Result<Vec<Id>, Error> {
        let source = scope(source, kind)?;
        keys.iter().try_for_each(|key| check_key(kind, key))?;
        let sorted = Sorted::new(keys);
        self.db.transaction(|db| {
            let mut owners = find_owners(db, source, kind, &sorted.distinct)?;
            let fingerprints = Fingerprints::load(db)?;
            if let Some(fingerprints) = &fingerprints {
                fingerprints.find(db, source, kind, &sorted.distinct, &mut owners)?;
            }
            let mut new: Vec<usize> = (0..owners.len()).filter(|&at| owners[at].is_none()).collect();
            if !new.is_empty() {
                let millis = (now_micros.max(0) / 1000) as u64;
                let mut ids: Vec<Id> =
                    new.iter().map(|_| Id::new(Kind::Customer, millis, chance())).collect();
                // In the order of the tables' keys, so that the trees grow at few places.
                ids.sort_unstable();
                new.sort_unstable_by_key(|&at| sorted.first[at]);
                new.iter().zip(&ids).for_each(|(&at, &id)| owners[at] = Some(id));
                insert_customers(db, &ids, now_micros)?;
                new.sort_unstable();
                let pairs = new.iter().map(|&at| (owners[at].expect("just given"), sorted.distinct[at]));
                insert_identifiers(db, source, kind, pairs, now_micros)?;
            }
            Ok(sorted.place.iter().map(|&at| owners[at as usize].expect("known or made")).collect())
        })
    }

    /// Give customers further keys, such as the e-mail beside the card number. Answers who has each key afterwards: a
    /// key that is another customer's stays with that one, and what to make of it is the caller's business.
    pub fn add_identifiers(
        &mut self,
        source: &str,
        kind: &str,
        keys: &[(Id, &str)],
        now_micros: i64,
    ) -> Result<Vec<Id>, Error> {
        let source = scope(source, kind)?;
        keys.iter().try_for_each(|(_, key)| check_key(kind, key))?;
        let values: Vec<&str> = keys.iter().map(|(_, key)| *key).collect();
        let sorted = Sorted::new(&values);
        self.db.transaction(|db| {
            let mut owners = find_owners(db, source, kind, &sorted.distinct)?;
            let mut new = Vec::new();
            for (at, owner) in owners.iter_mut().enumerate().filter(|(_, owner)| owner.is_none()) {
                let (customer, key) = keys[sorted.first[at] as usize];
                require_person(db, customer)?;
                *owner = Some(customer);
                new.push((customer, key));
            }
            insert_identifiers(db, source, kind, new.into_iter(), now_micros)?;
            Ok(sorted.place.iter().map(|&at| owners[at as usize].expect("found or given")).collect())
        })
    }

    /// Who is called that, with the source that says so: nobody, one, or one a source.
    pub fn find_customers(&self, kind: &str, value: &str) -> Result<Vec<(String, Id)>, Failure> {
        let sql = "select source, customer_id from identifier where value = $1 and kind = $2 order by source";
        self.db.rows(sql, &[value.into(), kind.into()], |row| Ok((row.text(0)?.to_owned(), row.id(1)?)))
    }

    /// All keys of each customer, in the order of `customers`; empty where there is none or the customer was erased.
    pub fn keys_of(&self, customers: &[Id]) -> Result<Vec<Vec<Identifier>>, Failure> {
        let sql =
            "select kind, source, value from identifier where customer_id = $1 order by kind, source, value";
        let texts: Vec<String> = customers.iter().map(Id::to_string).collect();
        let mut keys = vec![Vec::new(); customers.len()];
        self.db.seek_each(sql, &[], texts.iter().map(String::as_str), |at, row| {
            keys[at].push(identifier(row, 0)?);
            Ok(())
        })?;
        Ok(keys)
    }

    /// Every key of every customer, ordered by customer, streamed.
    pub fn for_each_key(&self, mut read: impl FnMut(Id, &str, &str, &str)) -> Result<(), Failure> {
        let sql = "select customer_id, kind, source, value from identifier order by customer_id, value, kind, source";
        self.db.for_each(sql, &[], |row| {
            read(row.id(0)?, row.text(1)?, row.text(2)?, row.text(3)?);
            Ok(())
        })
    }

    /// How many customers there are, those erased not counted.
    pub fn count_customers(&self) -> Result<u64, Failure> {
        Ok(self.db.int("select count(*) from customer where erased_at is null", &[])? as u64)
    }
}

/// Whether a name of ours (kind of identifier, field of a person) is well made.
pub(crate) fn check_name(name: &str) -> Result<(), Refused> {
    let well_made = name.len() <= 40
        && name.starts_with(|sign: char| sign.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if well_made { Ok(()) } else { Err(Refused::NotAName(name.to_owned())) }
}

/// That the customer exists and was not erased.
pub(crate) fn require_person(db: &Db, customer: Id) -> Result<(), Error> {
    let sql = "select erased_at from customer where id = $1";
    match db.first(sql, &[(&customer.to_string()).into()], |row| row.maybe_int(0))? {
        None => Err(Refused::UnknownCustomer(customer).into()),
        Some(Some(_)) => Err(Refused::ErasedCustomer(customer).into()),
        Some(None) => Ok(()),
    }
}

/// The source a key of that kind belongs to. An e-mail address is the same person's in the till and in the web shop;
/// customer 17 of the till and customer 17 of the web shop are two.
fn scope<'a>(source: &'a str, kind: &str) -> Result<&'a str, Refused> {
    check_name(kind)?;
    Ok(if matches!(kind, "email" | "phone") { "" } else { source })
}

/// Keys without repeats, in their own order, which is the order of the table: neighbours are read and written
/// together, and a table much larger than memory is walked through once.
struct Sorted<'a> {
    /// The keys, each once, ascending.
    distinct: Vec<&'a str>,
    /// For each distinct key, where it first came.
    first: Vec<u32>,
    /// For each key as it came, its position among the distinct ones.
    place: Vec<u32>,
}

impl<'a> Sorted<'a> {
    fn new(keys: &[&'a str]) -> Sorted<'a> {
        let count = u32::try_from(keys.len()).expect("a batch has fewer than four billion keys");
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by(|&a, &b| keys[a as usize].cmp(keys[b as usize]).then(a.cmp(&b)));
        let mut sorted = Sorted { distinct: Vec::new(), first: Vec::new(), place: vec![0; keys.len()] };
        for at in order {
            let key = keys[at as usize];
            if sorted.distinct.last() != Some(&key) {
                sorted.distinct.push(key);
                sorted.first.push(at);
            }
            sorted.place[at as usize] = sorted.distinct.len() as u32 - 1;
        }
        sorted
    }
}

fn find_owners(db: &Db, source: &str, kind: &str, keys: &[&str]) -> Result<Vec<Option<Id>>, Failure> {
    let mut owners = vec![None; keys.len()];
    let sql = "select customer_id from identifier where value = $1 and kind = $2 and source = $3";
    db.seek_each(sql, &[kind.into(), source.into()], keys.iter().copied(), |at, row| {
        owners[at] = Some(row.id(0)?);
        Ok(())
    })?;
    Ok(owners)
}

fn insert_customers(db: &Db, ids: &[Id], now_micros: i64) -> Result<(), Failure> {
    let sql = "insert into customer (id, created_at) values ($1, $2)";
    let texts: Vec<String> = ids.iter().map(Id::to_string).collect();
    db.run_each(sql, 2, texts.iter().flat_map(|id| [id.into(), now_micros.into()]))?;
    Ok(())
}

fn insert_identifiers<'a>(
    db: &Db,
    source: &str,
    kind: &str,
    pairs: impl Iterator<Item = (Id, &'a str)>,
    now_micros: i64,
) -> Result<(), Failure> {
    let sql =
        "insert into identifier (value, kind, source, customer_id, created_at) values ($1, $2, $3, $4, $5)";
    let owned: Vec<(String, &str)> = pairs.map(|(id, key)| (id.to_string(), key)).collect();
    let values = owned.iter().flat_map(|(id, key)| -> [Value<'_>; 5] {
        [(*key).into(), kind.into(), source.into(), id.into(), now_micros.into()]
    });
    db.run_each(sql, 5, values)?;
    Ok(())
}

fn identifier(row: &Row<'_>, at: usize) -> Result<Identifier, Failure> {
    let text = |at| row.text(at).map(str::to_owned);
    Ok(Identifier { kind: text(at)?, source: text(at + 1)?, value: text(at + 2)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, refused, shop};
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// Each line: source, kind, keys; `=` and the customers expected, named by the order in which they were made.
    fn check(story: &str) {
        let (mut shop, mut dice) = (shop(), chance(1));
        let mut made: Vec<Id> = Vec::new();
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (asked, expected) = line.split_once('=').unwrap();
            let words: Vec<&str> = asked.split_whitespace().collect();
            let ids = shop.resolve(words[0], words[1], &words[2..], NOW, &mut dice).unwrap();
            let names: Vec<String> = ids
                .iter()
                .map(|id| {
                    let at = made.iter().position(|known| known == id).unwrap_or_else(|| {
                        made.push(*id);
                        made.len() - 1
                    });
                    format!("c{}", at + 1)
                })
                .collect();
            assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>(), "{line}");
        }
        assert_eq!(shop.count_customers().unwrap(), made.len() as u64);
        assert_eq!(shop.verify().unwrap(), []);
    }

    #[test]
    fn a_key_is_one_customer() {
        check(
            "
            till external_id 17 18 17            = c1 c2 c1
            till external_id 18                  = c2
            web  external_id 17                  = c3
            till card_number 17                  = c4
            till email ana@corner.example        = c5
            web  email ana@corner.example x@y.z  = c5 c6
            web  phone +84901234567              = c7
            till phone +84901234567              = c7
            till external_id khách_bình 散客      = c8 c9
            till external_id 散客 17 new          = c9 c1 c10
            till external_id                     =
            ",
        );
    }

    #[test]
    fn ids_follow_the_order_of_first_appearance() {
        let mut shop = shop();
        let ids = shop.resolve("till", "external_id", &["z", "a", "z", "m"], NOW, &mut chance(3)).unwrap();
        assert!(ids[0] < ids[1] && ids[1] < ids[3], "{ids:?}");
        assert_eq!(ids[0], ids[2]);
        let mut again = crate::testing::shop();
        assert_eq!(
            again.resolve("till", "external_id", &["z", "a", "z", "m"], NOW, &mut chance(3)).unwrap(),
            ids
        );
    }

    #[test]
    fn what_is_no_key_refuses_the_batch_and_makes_nobody() {
        let mut shop = shop();
        let long = "x".repeat(KEY_BYTES + 1);
        for (kind, key, message) in [
            ("external_id", "", "external_id of a customer is empty"),
            (
                "external_id",
                long.as_str(),
                "external_id of a customer has 513 bytes, more than the 512 a key can have",
            ),
            ("email", "a\0b", "email of a customer holds a NUL"),
            (
                "E-mail",
                "a",
                "'E-mail' is not a name here: expected a lower-case letter, then up to 39 letters, digits or '_'",
            ),
        ] {
            let answer = refused(shop.resolve("till", kind, &["good", key], NOW, &mut chance(1)));
            assert_eq!(answer.to_string(), message);
        }
        assert_eq!(shop.count_customers().unwrap(), 0);
    }

    #[test]
    fn keys_are_found_from_both_sides() {
        let mut shop = shop();
        let ids = shop.resolve("till", "external_id", &["17", "18"], NOW, &mut chance(1)).unwrap();
        let web = shop.resolve("web", "external_id", &["17"], NOW, &mut chance(2)).unwrap()[0];
        let owners = shop
            .add_identifiers(
                "till",
                "email",
                &[(ids[0], "ana@x.y"), (ids[1], "ana@x.y"), (ids[0], "a@x.y")],
                NOW,
            )
            .unwrap();
        assert_eq!(owners, [ids[0], ids[0], ids[0]], "the first to have an address keeps it");
        assert_eq!(shop.add_identifiers("web", "email", &[(web, "a@x.y")], NOW).unwrap(), [ids[0]]);

        let key = |kind: &str, source: &str, value: &str| Identifier {
            kind: kind.into(),
            source: source.into(),
            value: value.into(),
        };
        let keys = shop.keys_of(&[ids[1], ids[0], ids[1]]).unwrap();
        assert_eq!(keys[0], [key("external_id", "till", "18")]);
        assert_eq!(
            keys[1],
            [key("email", "", "a@x.y"), key("email", "", "ana@x.y"), key("external_id", "till", "17")]
        );
        assert_eq!(keys[2], keys[0]);

        assert_eq!(
            shop.find_customers("external_id", "17").unwrap(),
            [("till".to_owned(), ids[0]), ("web".to_owned(), web)]
        );
        assert_eq!(shop.find_customers("email", "ana@x.y").unwrap(), [(String::new(), ids[0])]);
        assert_eq!(shop.find_customers("email", "nobody@x.y").unwrap(), []);

        let mut streamed = Vec::new();
        shop.for_each_key(|id, kind, _, value| streamed.push((id, format!("{kind} {value}")))).unwrap();
        assert_eq!(streamed.len(), 5);
        assert!(streamed.is_sorted_by_key(|(id, _)| *id));
        assert!(streamed.contains(&(ids[1], "external_id 18".to_owned())));
    }

    #[test]
    fn a_key_for_nobody_is_refused() {
        let mut shop = shop();
        let nobody = Id::new(Kind::Customer, 1, 1);
        let answer = refused(shop.add_identifiers("till", "email", &[(nobody, "a@x.y")], NOW));
        assert_eq!(answer, Refused::UnknownCustomer(nobody));
        assert_eq!(shop.find_customers("email", "a@x.y").unwrap(), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However keys are cut into batches and repeated, each pair of source and key has one customer, and no two
        /// pairs share one.
        #[test]
        fn resolve_is_a_function(batches in prop::collection::vec(
            (0..2usize, prop::collection::vec("[a-dA-D ăâđ散]{1,2}", 0..12)), 1..12), seed in any::<u64>())
        {
            let (mut shop, mut dice) = (shop(), chance(seed));
            let mut known: HashMap<(usize, String), Id> = HashMap::new();
            for round in 0..2 {
                for (source, keys) in &batches {
                    let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
                    let name = ["till", "web"][*source];
                    let ids = shop.resolve(name, "external_id", &texts, NOW + round, &mut dice).unwrap();
                    prop_assert_eq!(ids.len(), keys.len());
                    for (key, id) in keys.iter().zip(ids) {
                        let first = *known.entry((*source, key.clone())).or_insert(id);
                        prop_assert_eq!(first, id);
                    }
                }
            }
            let mut ids: Vec<Id> = known.values().copied().collect();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), known.len());
            prop_assert_eq!(shop.count_customers().unwrap(), known.len() as u64);
            let all: Vec<&Id> = known.values().collect();
            for (id, keys) in all.iter().zip(shop.keys_of(&all.iter().map(|id| **id).collect::<Vec<_>>()).unwrap()) {
                prop_assert_eq!(keys.len(), 1, "{}", id);
            }
        }
    }
}
