//! Forgetting a person. The id stays, because facts and the ledger point to it; everything that says who it was goes.

use crate::customers::require_person;
use crate::db::{Db, Value};
use crate::failure::{Error, Failure};
use crate::open::Store;
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
            let secret = secret(db, chance)?;
            let id = customer.to_string();
            let keys = "select kind, source, value from identifier
                 join key_space on key_space.id = identifier.space_id where customer_id = $1";
            let prints = db.rows(keys, &[(&id).into()], |row| {
                Ok(fingerprint(&secret, row.text(0)?, row.text(1)?, row.text(2)?))
            })?;
            let keep = "insert into erased_identifier (fingerprint, customer_id) values ($1, $2) on conflict do nothing";
            db.run_each(keep, 2, prints.iter().flat_map(|print| [Value::from(print), (&id).into()]))?;
            for sql in [
                "delete from identifier where customer_id = $1",
                "delete from person where customer_id = $1",
                "update feedback_text set text = '', is_erased = 1 where customer_id = $1",
                "delete from search_word where customer_id = $1",
                "delete from tag where customer_id = $1",
                "delete from attribute where customer_id = $1",
                "delete from former_identifier where customer_id = $1",
                // That somebody agreed, to what and when, is kept; who it was is not.
                "update consent set address = '', actor = '', evidence = '{}' where customer_id = $1",
                "update customer_merge set keys = '[]', evidence = '' where from_id = $1 or into_id = $1",
            ] {
                db.run(sql, &[(&id).into()])?;
            }
            db.run("update customer set erased_at = $2 where id = $1", &[(&id).into(), now_micros.into()])?;
            Ok::<bool, Error>(true)
        })?;
        if erased {
            self.recall.forget();
            // The log still holds the pages as they were: fold it into the file and cut it off. A reader may hold that
            // up; the log is then cut when the next one is.
            if !self.db.is_postgres() {
                self.db.first("pragma wal_checkpoint(truncate)", &[], |_| Ok(()))?;
            }
        }
        Ok(())
    }
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
        let prints: Vec<String> =
            new.iter().map(|&at| fingerprint(&self.secret, kind, source, keys[at])).collect();
        let sql = "select customer_id from erased_identifier where fingerprint = $1";
        db.seek_each(sql, &[], prints.iter().map(String::as_str), |at, row| {
            owners[new[at]] = Some(row.id(0)?);
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
    use crate::{FeedbackText, PersonField, Refused};
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

        for _ in 0..2 {
            shop.erase_customer(ids[0], NOW + 1, &mut chance(5)).unwrap();
        }
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
