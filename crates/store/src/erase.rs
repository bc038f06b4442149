//! Forgetting a person. The id stays, because facts and the ledger point to it; everything that says who it was goes.

use crate::customers::{Identifier, require_person};
use crate::db::{Db, Value};
use crate::failure::{Error, Failure};
use crate::open::{Session, Store};
use crate::phone::{number_of_before, number_of_today};
use crate::record::{Writing, forget_in_log, forget_in_messages};
use domain::Id;

impl Store {
    /// Remove the person behind `customer`: the keys the shop knows them by, names, addresses, every custom field, and
    /// the words of their feedback. What remains of the keys is a fingerprint under a secret of this database: an old
    /// file imported again then meets the erased id, where it would otherwise bring the person back under a new one
    /// and count the same sales twice.
    ///
    /// Erasing again changes nothing. `chance` is asked for the secret the first time anybody is erased.
    pub fn erase_customer(
        &mut self,
        customer: Id,
        now_micros: i64,
        chance: &mut dyn FnMut() -> u128,
    ) -> Result<(), Error> {
        let erased = self.db.transaction(|db| {
            match require_person(db, customer) {
                Err(Error::Refused(crate::Refused::ErasedCustomer(_))) => return Ok(false),
                other => other?,
            }
            erase(db, &customer.to_string(), now_micros, chance, &mut Erased::default())?;
            Ok::<bool, Error>(true)
        })?;
        if erased {
            self.recall.forget();
            settle(&self.db)?;
        }
        Ok(())
    }
}

/// What erasing somebody removed and what it left.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Table, what it held, and how many rows of it.
    pub removed: Vec<(&'static str, &'static str, u64)>,
    /// Table, what it holds, how many rows, and why they stay.
    pub kept: Vec<(&'static str, &'static str, u64, &'static str)>,
}

impl Erased {
    /// Count what was removed; nothing is not listed.
    pub fn add(&mut self, place: &'static str, what: &'static str, count: u64) {
        match self.removed.iter_mut().find(|known| (known.0, known.1) == (place, what)) {
            Some(known) => known.2 += count,
            None if count > 0 => self.removed.push((place, what, count)),
            None => {}
        }
    }

    fn keep(&mut self, place: &'static str, what: &'static str, count: u64, why: &'static str) {
        match self.kept.iter_mut().find(|known| (known.0, known.1) == (place, what)) {
            Some(known) => known.2 += count,
            None if count > 0 => self.kept.push((place, what, count, why)),
            None => {}
        }
    }
}

impl Writing<'_> {
    /// Remove the person behind a customer, within a transaction: see [`Store::erase_customer`]. What was removed and
    /// what stays is counted in `done`.
    pub fn erase(
        &self,
        customer_id: &str,
        now: i64,
        chance: &mut dyn FnMut() -> u128,
        done: &mut Erased,
    ) -> Result<(), Failure> {
        erase(self.db, customer_id, now, chance, done)
    }

    /// Whose each identifier was, where an erased customer had it.
    pub fn erased_owners(&self, keys: &[Identifier]) -> Result<Vec<Option<String>>, Failure> {
        let Some(fingerprints) = Fingerprints::load(self.db)? else { return Ok(vec![None; keys.len()]) };
        let mut owners = Vec::with_capacity(keys.len());
        for key in keys {
            let mut owner = [None];
            fingerprints.find(self.db, &key.source, &key.kind, &[key.value.as_str()], &mut owner)?;
            owners.push(owner[0].map(|id| id.to_string()));
        }
        Ok(owners)
    }

    /// Every text that names a person: identifiers, former ones, and what they said of themselves.
    pub fn names_of(&self, customer_id: &str) -> Result<Vec<String>, Failure> {
        names_of(self.db, customer_id)
    }
}

impl Session {
    /// After somebody was erased: see that the disk forgets as well. What was deleted is overwritten at once; the log
    /// beside the file still holds the pages as they were and is folded in and cut off. On PostgreSQL the rows are given
    /// back to the system, which overwrites them in time.
    pub fn settle_erasure(&mut self) -> Result<(), Failure> {
        settle(&self.db)
    }
}

fn settle(db: &Db) -> Result<(), Failure> {
    if db.is_postgres() {
        return TABLES_OF_PEOPLE.iter().try_for_each(|vacuum| db.run_all(vacuum));
    }
    // A reader may hold that up; the log is then cut when the next one is.
    db.first("pragma wal_checkpoint(truncate)", &[], |_| Ok(())).map(drop)
}

const TABLES_OF_PEOPLE: &[&str] = &[
    "vacuum identifier",
    "vacuum person",
    "vacuum search_word",
    "vacuum former_identifier",
    "vacuum consent",
    "vacuum feedback_text",
    "vacuum customer_merge",
    "vacuum adjustment",
    "vacuum customer_case",
    "vacuum case_note",
    "vacuum event",
    "vacuum command",
    "vacuum outbox",
    "vacuum job",
    "vacuum reply",
    "vacuum tag",
    "vacuum attribute",
    "vacuum member",
    "vacuum audit",
    "vacuum intake",
    "vacuum delivery",
    "vacuum one_time_code",
    "vacuum dead_item",
];

/// What says who somebody was, with the statement that removes it.
const REMOVED: &[(&str, &str, &str)] = &[
    (
        "one_time_code",
        "one-time codes",
        "delete from one_time_code where address in
             (select value from identifier where customer_id = $1
              union select value from former_identifier where customer_id = $1)",
    ),
    ("identifier", "identifiers", "delete from identifier where customer_id = $1"),
    ("person", "name, addresses and other fields", "delete from person where customer_id = $1"),
    (
        "feedback_text",
        "words of feedback",
        "update feedback_text set text = '', is_erased = 1 where customer_id = $1 and is_erased = 0",
    ),
    ("search_word", "words for searching", "delete from search_word where customer_id = $1"),
    ("tag", "tags", "delete from tag where customer_id = $1"),
    ("attribute", "the shop's own attributes", "delete from attribute where customer_id = $1"),
    ("former_identifier", "former identifiers", "delete from former_identifier where customer_id = $1"),
    (
        "consent",
        "addresses and evidence of consents",
        "update consent set address = '', actor = '', evidence = '{}' where customer_id = $1
             and (address <> '' or actor <> '' or evidence <> '{}')",
    ),
    (
        "customer_merge",
        "identifiers and evidence of merges",
        "update customer_merge set keys = '[]', evidence = '' where (from_id = $1 or into_id = $1)
             and (keys <> '[]' or evidence <> '')",
    ),
    (
        "adjustment",
        "why points were given by hand",
        "update adjustment set reason = '' where customer_id = $1 and reason <> ''",
    ),
    (
        "case_note",
        "what was said and done about cases",
        "update case_note set text = '' where text <> ''
             and case_id in (select case_id from customer_case where customer_id = $1)",
    ),
    (
        "customer_case",
        "what cases were about",
        "update customer_case set about = '' where customer_id = $1 and about <> ''",
    ),
    ("outbox", "messages to others", "delete from outbox where customer_id = $1"),
    ("delivery", "messages to webhooks", "delete from delivery where customer_id = $1"),
    ("job", "work that was waiting", "delete from job where customer_id = $1"),
    ("reply", "answers kept at the door", "delete from reply where body like '%' || $1 || '%'"),
];

/// What stays, with the query that counts it and the reason.
const KEPT: &[(&str, &str, &str, &str)] = &[
    (
        "posting",
        "entries of the ledger",
        "select count(*) from posting where owner_id = $1",
        "what was earned and spent must stay provable; an entry names an id and no person",
    ),
    (
        "orders",
        "orders",
        "select count(*) from orders where customer_id = $1",
        "accounts and statistics stay true; an order names an id and no person",
    ),
    (
        "consent",
        "consents without their address",
        "select count(*) from consent where customer_id = $1",
        "that somebody agreed, to what and when, is the proof the law asks the shop for",
    ),
    (
        "lifecycle",
        "where the customer stood",
        "select count(*) from lifecycle where customer_id = $1",
        "statistics stay true; a state names an id and no person",
    ),
    (
        "profit",
        "what the customer brought and cost",
        "select count(*) from profit where customer_id = $1",
        "accounts stay true; a sum names an id and no person",
    ),
    (
        "person_request",
        "requests about the data",
        "select count(*) from person_request where customer_id = $1",
        "that requests were answered in time must stay provable",
    ),
    (
        "customer_case",
        "cases without their words",
        "select count(*) from customer_case where customer_id = $1",
        "that the shop took something up, and when it was closed, stays countable; a case names an id and no person",
    ),
    (
        "erased_identifier",
        "fingerprints of identifiers",
        "select count(*) from erased_identifier where customer_id = $1",
        "so that an old file imported again does not bring the person back; a fingerprint under a secret of this \
         database cannot be read backwards",
    ),
];

fn names_of(db: &Db, customer_id: &str) -> Result<Vec<String>, Failure> {
    let sql = "select value from identifier where customer_id = $1
         union select value from former_identifier where customer_id = $1
         union select value from person where customer_id = $1
             and (field in ('name', 'given_name', 'family_name', 'address') or field like 'custom.%')";
    db.rows(sql, &[customer_id.into()], |row| row.string(0))
}

fn erase(
    db: &Db,
    id: &str,
    now_micros: i64,
    chance: &mut dyn FnMut() -> u128,
    done: &mut Erased,
) -> Result<(), Failure> {
    let secret = secret(db, chance)?;
    // First, so that whoever is giving them an identifier has done so, or is told that they have gone.
    db.run(
        "update customer set erased_at = $2, identifiers = 0 where id = $1 and erased_at is null",
        &[id.into(), now_micros.into()],
    )?;
    let keys = "select kind, source, value from identifier
         join key_space on key_space.id = identifier.space_id where customer_id = $1
         union select kind, source, value from former_identifier where customer_id = $1";
    let prints = db
        .rows(keys, &[id.into()], |row| Ok(fingerprint(&secret, row.text(0)?, row.text(1)?, row.text(2)?)))?;
    let keep =
        "insert into erased_identifier (fingerprint, customer_id) values ($1, $2) on conflict do nothing";
    db.run_each(keep, 2, prints.iter().flat_map(|print| [Value::from(print), id.into()]))?;
    for (place, count) in forget_in_messages(db, &names_of(db, id)?)? {
        done.add(place, "what messages from outside said of the person", count);
    }
    for (place, what, sql) in REMOVED {
        done.add(place, what, db.run(sql, &[id.into()])?);
    }
    done.add("event", "what facts and answers said of the person", forget_in_log(db, id)?);
    for (place, what, count, why) in KEPT {
        done.keep(place, what, db.int(count, &[id.into()])? as u64, why);
    }
    Ok(())
}

/// The keys of erased customers, where anybody was erased.
pub(crate) struct Fingerprints {
    secret: [u8; 32],
}

impl Fingerprints {
    pub fn load(db: &Db) -> Result<Option<Fingerprints>, Failure> {
        Ok(stored_secret(db)?.map(|secret| Fingerprints { secret }))
    }

    /// Fill in the owners of the keys that nobody has and somebody had.
    pub fn find(
        &self,
        db: &Db,
        source: &str,
        kind: &str,
        keys: &[&str],
        owners: &mut [Option<Id>],
    ) -> Result<(), Failure> {
        let new: Vec<usize> = (0..keys.len()).filter(|&at| owners[at].is_none()).collect();
        let mut asked: Vec<(usize, String)> = Vec::with_capacity(new.len());
        for at in new {
            asked.push((at, fingerprint(&self.secret, kind, source, keys[at])));
            if kind == "phone" {
                // A person may have been erased under the number that the telephone had before 2018.
                let before = [number_of_before(keys[at]), number_of_today(keys[at])];
                let others = before.iter().flatten();
                asked.extend(others.map(|other| (at, fingerprint(&self.secret, kind, source, other))));
            }
        }
        let sql = "select customer_id from erased_identifier where fingerprint = $1";
        db.seek_each(sql, &[], asked.iter().map(|(_, print)| print.as_str()), |place, row| {
            owners[asked[place].0] = Some(row.id(0)?);
            Ok(())
        })
    }
}

fn stored_secret(db: &Db) -> Result<Option<[u8; 32]>, Failure> {
    let sql = "select value from secret where name = 'erasure'";
    db.first(sql, &[], |row| row.parsed(0, |text| Some(*blake3::Hash::from_hex(text).ok()?.as_bytes())))
}

fn secret(db: &Db, chance: &mut dyn FnMut() -> u128) -> Result<[u8; 32], Failure> {
    if let Some(secret) = stored_secret(db)? {
        return Ok(secret);
    }
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(&chance().to_be_bytes());
    secret[16..].copy_from_slice(&chance().to_be_bytes());
    let hex = blake3::Hash::from_bytes(secret).to_hex();
    db.run("insert into secret (name, value) values ('erasure', $1)", &[hex.as_str().into()])?;
    Ok(secret)
}

fn fingerprint(secret: &[u8; 32], kind: &str, source: &str, value: &str) -> String {
    // A kind has no NUL by its name and a value none by check_key, so the three cannot run into each other.
    let mut hasher = blake3::Hasher::new_keyed(secret);
    for part in [kind.as_bytes(), b"\0", value.as_bytes(), b"\0", source.as_bytes()] {
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use crate::testing::{NOW, chance, import, refused, shop};
    use crate::{DeadItemRow, FeedbackText, IntakeRow, PersonField, Refused};
    use domain::{Id, Kind};

    #[test]
    fn the_person_goes_and_the_id_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite").display().to_string();
        let mut shop = crate::Store::open(&path, NOW).unwrap();
        let import = import(&mut shop, 1);
        let ids = shop.resolve("till", "external_id", &["KH-7001", "KH-7002"], NOW, &mut chance(1)).unwrap();
        shop.add_identifiers("till", "email", &[(ids[0], "ana@corner.example")]).unwrap();
        let fields = [
            PersonField { customer: ids[0], field: "name", value: "Ana Trần" },
            PersonField { customer: ids[1], field: "name", value: "Bình" },
        ];
        shop.record_people("till", import, NOW, &fields).unwrap();
        let said =
            FeedbackText { row_key: 9, part: "text", customer: Some(ids[0]), text: "my neighbour is loud" };
        shop.record_feedback("till", import, NOW, &[said]).unwrap();

        let mut session = shop.sessions().open().unwrap();
        let item = DeadItemRow {
            item_id: "d-1".into(),
            source: "web".into(),
            kind: "shopify".into(),
            body: r#"{"email":"ana@corner.example","id":"o-1"}"#.into(),
            reason: "no such store".into(),
            received_at: NOW,
            settled_at: None,
        };
        let waits = IntakeRow {
            intake_id: "i-1".into(),
            dialect: "segment".into(),
            source: "web".into(),
            message_id: "m-1".into(),
            is_trusted: true,
            body: r#"{"total":5,"userId":"KH-7001"}"#.into(),
            received_at: NOW,
            attempts: 0,
        };
        let told: Result<u64, crate::Failure> = session.write(|writing| {
            writing.insert_dead_items(&[item])?;
            writing.take_in(&[waits])
        });
        assert_eq!(told.unwrap(), 1);

        for _ in 0..2 {
            shop.erase_customer(ids[0], NOW + 1, &mut chance(5)).unwrap();
        }
        assert_eq!(session.read().find_dead_item("d-1").unwrap().unwrap().body, r#"{"id":"o-1"}"#);
        assert_eq!(session.read().due_intake(NOW, 9).unwrap()[0].body, r#"{"total":5,"userId":""}"#);
        drop(session);
        assert_eq!(shop.keys_of(&ids).unwrap()[0], []);
        assert_eq!(shop.find_customers("email", "ana@corner.example").unwrap(), []);
        assert_eq!(shop.find_person(ids[0]).unwrap(), []);
        assert_eq!(shop.find_person(ids[1]).unwrap().len(), 1);
        let kept = shop.find_feedback("till", 9).unwrap();
        assert_eq!((kept[0].text.as_str(), kept[0].is_erased), ("", true));
        assert_eq!(shop.count_customers().unwrap(), 1);
        assert_eq!(shop.verify().unwrap(), []);

        // An old file again: the same ids, and nothing of the person comes back.
        let again =
            shop.resolve("till", "external_id", &["KH-7002", "KH-7001"], NOW + 2, &mut chance(6)).unwrap();
        assert_eq!(again, [ids[1], ids[0]]);
        assert_eq!(shop.record_people("till", import, NOW + 2, &fields).unwrap(), 1);
        shop.record_feedback("till", import, NOW + 2, &[said]).unwrap();
        assert_eq!(shop.find_person(ids[0]).unwrap(), []);
        assert_eq!(shop.find_feedback("till", 9).unwrap(), kept);
        let answer = refused(shop.add_identifiers("till", "email", &[(ids[0], "ana@corner.example")]));
        assert_eq!(answer, Refused::ErasedCustomer(ids[0]));
        assert_eq!(shop.verify().unwrap(), []);
        drop(shop);

        // Nothing readable is left on the disk, in the file or in a log beside it.
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for word in ["KH-7001", "ana@corner.example", "Ana Tr", "neighbour"] {
                assert!(
                    !bytes.windows(word.len()).any(|window| window == word.as_bytes()),
                    "{word} is still there"
                );
            }
        }
    }

    #[test]
    fn erasing_nobody_is_refused() {
        let nobody = Id::new(Kind::Customer, 1, 1);
        assert_eq!(
            refused(shop().erase_customer(nobody, NOW, &mut chance(1))),
            Refused::UnknownCustomer(nobody)
        );
    }
}
