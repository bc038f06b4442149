//! Customers and what the shop calls them: a key of the shop's is resolved to one `cus_…` id, for ever.

use crate::db::{Db, Value};
use crate::erase::Fingerprints;
use crate::failure::{Error, Failure, Refused};
use crate::open::Store;
use domain::{Id, Kind};
use std::collections::{BTreeMap, HashMap};

/// The longest key of a customer, in bytes. Longer ones are no keys but misread text, and no index holds them.
pub const KEY_BYTES: usize = 512;

/// One key of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
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
    /// once for each new customer.
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
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let space = self.key_space(kind, source)?;
        let mut ids: Vec<Option<Id>> = keys.iter().map(|key| self.recall.find(space, key)).collect();
        let asked: Vec<usize> = (0..keys.len()).filter(|&at| ids[at].is_none()).collect();
        if !asked.is_empty() {
            let sorted = Sorted::new(&asked.iter().map(|&at| keys[at]).collect::<Vec<_>>());
            let owners = self.db.transaction(|db| {
                let mut owners = find_owners(db, space, &sorted.distinct)?;
                if let Some(fingerprints) = Fingerprints::load(db)? {
                    fingerprints.find(db, source, kind, &sorted.distinct, &mut owners)?;
                }
                make_missing(db, space, &sorted.distinct, &mut owners, now_micros, chance)?;
                Ok::<Vec<Option<Id>>, Error>(owners)
            })?;
            for (key, owner) in sorted.distinct.iter().zip(&owners) {
                self.recall.learn(space, key, owner.expect("known or made"));
            }
            asked.iter().zip(&sorted.place).for_each(|(&at, &place)| ids[at] = owners[place as usize]);
        }
        Ok(ids.into_iter().map(|id| id.expect("known or made")).collect())
    }

    /// Give customers further keys, such as the e-mail beside the card number. Answers who has each key afterwards: a
    /// key that is another customer's stays with that one, and what to make of it is the caller's business.
    pub fn add_identifiers(
        &mut self,
        source: &str,
        kind: &str,
        keys: &[(Id, &str)],
    ) -> Result<Vec<Id>, Error> {
        let source = scope(source, kind)?;
        keys.iter().try_for_each(|(_, key)| check_key(kind, key))?;
        let space = self.key_space(kind, source)?;
        let values: Vec<&str> = keys.iter().map(|(_, key)| *key).collect();
        let sorted = Sorted::new(&values);
        self.db.transaction(|db| {
            let mut owners = find_owners(db, space, &sorted.distinct)?;
            let (mut new, mut counts) = (Vec::new(), BTreeMap::new());
            for (at, owner) in owners.iter_mut().enumerate().filter(|(_, owner)| owner.is_none()) {
                let (customer, key) = keys[sorted.first[at] as usize];
                require_person(db, customer)?;
                *owner = Some(customer);
                *counts.entry(customer.to_string()).or_default() += 1;
                new.push((customer.to_string(), key));
            }
            insert_identifiers(db, space, &new)?;
            count_identifiers(db, counts.iter().map(|(id, count)| (id.as_str(), *count)), 0)?;
            Ok(sorted.place.iter().map(|&at| owners[at as usize].expect("found or given")).collect())
        })
    }

    /// Who is called that, with the source that says so: nobody, one, or one a source.
    pub fn find_customers(&self, kind: &str, value: &str) -> Result<Vec<(String, Id)>, Failure> {
        let sql =
            "select source, customer_id from identifier join key_space on key_space.id = identifier.space_id
             where value = $1 and kind = $2 order by source";
        self.db.rows(sql, &[value.into(), kind.into()], |row| Ok((row.text(0)?.to_owned(), row.id(1)?)))
    }

    /// All keys of each customer, in the order of `customers`; empty where there is none or the customer was erased.
    /// The kind and source this database met first come first.
    pub fn keys_of(&self, customers: &[Id]) -> Result<Vec<Vec<Identifier>>, Failure> {
        let spaces = spaces(&self.db)?;
        let sql = "select space_id, value from identifier where customer_id = $1 order by space_id, value";
        let texts: Vec<String> = customers.iter().map(Id::to_string).collect();
        let mut keys = vec![Vec::new(); customers.len()];
        self.db.seek_each(sql, &[], texts.iter().map(String::as_str), |at, row| {
            let (kind, source) = space_of(&spaces, &self.db, row.int(0)?)?;
            let value = row.text(1)?.to_owned();
            keys[at].push(Identifier { kind: kind.to_owned(), source: source.to_owned(), value });
            Ok(())
        })?;
        Ok(keys)
    }

    /// Every key of every customer as `(customer, kind, source, value)`, ordered by customer, streamed.
    pub fn for_each_key(&self, mut read: impl FnMut(Id, &str, &str, &str)) -> Result<(), Failure> {
        let spaces = spaces(&self.db)?;
        let sql = "select customer_id, space_id, value from identifier order by customer_id, space_id, value";
        self.db.for_each(sql, &[], |row| {
            let (kind, source) = space_of(&spaces, &self.db, row.int(1)?)?;
            read(row.id(0)?, kind, source, row.text(2)?);
            Ok(())
        })
    }

    /// The number of a space of keys, given to it the first time.
    fn key_space(&mut self, kind: &str, source: &str) -> Result<i64, Failure> {
        let sql = "select id from key_space where kind = $1 and source = $2";
        if let Some(found) = self.db.first(sql, &[kind.into(), source.into()], |row| row.int(0))? {
            return Ok(found);
        }
        let add = "insert into key_space (id, kind, source)
             select coalesce(max(id), 0) + 1, cast($1 as text), cast($2 as text) from key_space";
        self.db.transaction(|db| db.run(add, &[kind.into(), source.into()]))?;
        self.db.int(sql, &[kind.into(), source.into()])
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

/// The longest name of a shop's own attribute, in bytes.
const ATTRIBUTE_BYTES: usize = 200;

/// Whether a field of a person is well named: a name of ours, or `custom.` and the shop's own.
pub(crate) fn check_field(field: &str) -> Result<(), Refused> {
    match field.strip_prefix("custom.") {
        Some(own) if !own.is_empty() && own.len() <= ATTRIBUTE_BYTES && !own.contains('\0') => Ok(()),
        _ => check_name(field),
    }
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

/// The spaces of keys: kind and source by number. They are a handful.
type Spaces = HashMap<i64, (String, String)>;

fn spaces(db: &Db) -> Result<Spaces, Failure> {
    let sql = "select id, kind, source from key_space";
    let rows =
        db.rows(sql, &[], |row| Ok((row.int(0)?, (row.text(1)?.to_owned(), row.text(2)?.to_owned()))))?;
    Ok(rows.into_iter().collect())
}

fn space_of<'a>(spaces: &'a Spaces, db: &Db, space: i64) -> Result<(&'a str, &'a str), Failure> {
    let damaged = || Failure::Damaged { path: db.path().to_owned(), detail: format!("no key space {space}") };
    spaces.get(&space).map(|(kind, source)| (kind.as_str(), source.as_str())).ok_or_else(damaged)
}

fn find_owners(db: &Db, space: i64, keys: &[&str]) -> Result<Vec<Option<Id>>, Failure> {
    let mut owners = vec![None; keys.len()];
    let sql = "select customer_id from identifier where value = $1 and space_id = $2";
    db.seek_each(sql, &[space.into()], keys.iter().copied(), |at, row| {
        owners[at] = Some(row.id(0)?);
        Ok(())
    })?;
    Ok(owners)
}

/// Make a customer for each of `keys`, which are sorted, that nobody owns.
fn make_missing(
    db: &Db,
    space: i64,
    keys: &[&str],
    owners: &mut [Option<Id>],
    now_micros: i64,
    chance: &mut dyn FnMut() -> u128,
) -> Result<(), Failure> {
    let mut last = db.first("select max(id) from customer", &[], |row| match row.maybe_text(0)? {
        Some(_) => Ok(row.id(0)?.body()),
        None => Ok(0),
    })?;
    let millis = (now_micros.max(0) / 1000) as u64;
    let mut new = Vec::new();
    for (owner, key) in owners.iter_mut().zip(keys).filter(|(owner, _)| owner.is_none()) {
        let id = next_id(last.unwrap_or(0), millis, chance());
        last = Some(id.body());
        *owner = Some(id);
        new.push((id.to_string(), *key));
    }
    count_identifiers(db, new.iter().map(|(id, _)| (id.as_str(), 1)), now_micros)?;
    insert_identifiers(db, space, &new)
}

/// An id after `last`, also when the clock stands still or goes back, so that tables ordered by customer grow at their
/// end and nowhere else. The gap of up to 2^48 keeps neighbours from being guessed.
fn next_id(last: u128, millis: u64, chance: u128) -> Id {
    let fresh = Id::new(Kind::Customer, millis, chance);
    if fresh.body() > last {
        fresh
    } else {
        Id::from_body(Kind::Customer, last + 1 + (chance & 0xffff_ffff_ffff))
    }
}

/// Write down how many identifiers customers get, each customer once and in the order of ids, so that nobody waits for
/// somebody who waits for them. Who is not there yet begins with that many. A [`Failure::Conflict`] means that somebody
/// was erased meanwhile.
pub(crate) fn count_identifiers<'a>(
    db: &Db,
    counts: impl ExactSizeIterator<Item = (&'a str, i64)>,
    now_micros: i64,
) -> Result<(), Failure> {
    let sql = "insert into customer (id, created_at, identifiers) values ($1, $2, $3)
         on conflict (id) do update set identifiers = customer.identifiers + excluded.identifiers
             where customer.erased_at is null";
    let customers = counts.len() as u64;
    let values = counts.flat_map(|(id, count)| [id.into(), now_micros.into(), count.into()]);
    match db.run_each(sql, 3, values)? == customers {
        true => Ok(()),
        false => {
            Err(Failure::Conflict { path: db.path().to_owned(), source: "a customer was erased".into() })
        }
    }
}

fn insert_identifiers(db: &Db, space: i64, new: &[(String, &str)]) -> Result<(), Failure> {
    let sql = "insert into identifier (customer_id, space_id, value) values ($1, $2, $3)";
    db.run_each(sql, 3, new.iter().flat_map(|(id, key)| [Value::from(id), space.into(), (*key).into()]))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, refused, shop};
    use proptest::prelude::*;

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
    fn later_customers_have_later_ids_whatever_the_clock_says() {
        let mut shop = shop();
        let mut dice = chance(3);
        let mut all = Vec::new();
        for (key, at) in [("z", NOW), ("a", NOW), ("m", NOW - 3_600_000_000), ("q", NOW + 5_000), ("b", -1)] {
            all.push(shop.resolve("till", "external_id", &[key], at, &mut dice).unwrap()[0]);
        }
        assert!(all.is_sorted(), "{all:?}");
        assert_eq!(all[3].body() >> 80, (NOW as u128 + 5_000) / 1000);
        all.dedup();
        assert_eq!(all.len(), 5);
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
            .add_identifiers("till", "email", &[(ids[0], "ana@x.y"), (ids[1], "ana@x.y"), (ids[0], "a@x.y")])
            .unwrap();
        assert_eq!(owners, [ids[0], ids[0], ids[0]], "the first to have an address keeps it");
        assert_eq!(shop.add_identifiers("web", "email", &[(web, "a@x.y")]).unwrap(), [ids[0]]);

        let key = |kind: &str, source: &str, value: &str| Identifier {
            kind: kind.into(),
            source: source.into(),
            value: value.into(),
        };
        let keys = shop.keys_of(&[ids[1], ids[0], ids[1]]).unwrap();
        assert_eq!(keys[0], [key("external_id", "till", "18")]);
        assert_eq!(
            keys[1],
            [key("external_id", "till", "17"), key("email", "", "a@x.y"), key("email", "", "ana@x.y")]
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
        let answer = refused(shop.add_identifiers("till", "email", &[(nobody, "a@x.y")]));
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
