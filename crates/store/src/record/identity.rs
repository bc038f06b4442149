//! Who is who: customers, their identifiers, merges, and the words under which a person is found.

use super::Writing;
use super::people::{AttributeKind, AttributeRow};
use crate::customers::{Identifier, count_identifiers};
use crate::db::Value;
use crate::failure::Failure;
use crate::sealed::is_sealed;
use std::collections::{BTreeMap, HashMap};

/// A merge of two customers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MergeRow {
    /// Grows with time.
    pub merge_id: String,
    /// Who ended.
    pub from_id: String,
    /// Who went on.
    pub into_id: String,
    /// Why, in a sentence.
    pub evidence: String,
    /// The identifiers that went along, as JSON.
    pub keys: String,
    /// Who decided: a member of staff, or `identity`.
    pub merged_by: String,
    /// When, in microseconds since 1970.
    pub merged_at: i64,
    /// Who took it back.
    pub parted_by: Option<String>,
    /// When.
    pub parted_at: Option<i64>,
}

/// An identifier that is nobody's any more.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FormerKey {
    /// Whose it was.
    pub customer_id: String,
    /// The identifier.
    pub key: Identifier,
    /// Why it ended.
    pub reason: String,
    /// When, in microseconds since 1970.
    pub ended_at: i64,
}

/// A customer and the name of one of their attributes.
type AttributePlace = (String, String);

impl Writing<'_> {
    /// Who has each of `keys`, in their order.
    pub fn owners_of(&self, keys: &[Identifier]) -> Result<Vec<Option<String>>, Failure> {
        let mut owners = vec![None; keys.len()];
        let mut spaces: Vec<(&str, &str)> =
            keys.iter().map(|key| (key.kind.as_str(), key.source.as_str())).collect();
        spaces.sort_unstable();
        spaces.dedup();
        let sql = "select customer_id from identifier join key_space on key_space.id = identifier.space_id
             where identifier.value = $1 and key_space.kind = $2 and key_space.source = $3";
        for (kind, source) in spaces {
            let here: Vec<usize> =
                (0..keys.len()).filter(|&at| keys[at].kind == kind && keys[at].source == source).collect();
            let values = here.iter().map(|&at| keys[at].value.as_str());
            self.db.seek_each(sql, &[kind.into(), source.into()], values, |at, row| {
                owners[here[at]] = Some(row.string(0)?);
                Ok(())
            })?;
        }
        Ok(owners)
    }

    /// All identifiers of a customer.
    pub fn keys_of_customer(&self, customer_id: &str) -> Result<Vec<Identifier>, Failure> {
        let sql =
            "select kind, source, value from identifier join key_space on key_space.id = identifier.space_id
             where customer_id = $1 order by kind, source, value";
        self.db.rows(sql, &[customer_id.into()], |row| {
            Ok(Identifier { kind: row.string(0)?, source: row.string(1)?, value: row.string(2)? })
        })
    }

    /// How many identifiers of a kind and source some customers have together.
    pub fn count_keys(&self, kind: &str, source: &str, customers: &[&str]) -> Result<i64, Failure> {
        let mut count = 0;
        let sql = "select count(*) from identifier join key_space on key_space.id = identifier.space_id
             where identifier.customer_id = $1 and key_space.kind = $2 and key_space.source = $3";
        self.db.seek_each(sql, &[kind.into(), source.into()], customers.iter().copied(), |_, row| {
            count += row.int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Add customers, and give them and others identifiers that nobody has. One that somebody has is a [`Failure`].
    pub fn insert_customers(
        &self,
        ids: &[String],
        keys: &[(String, Identifier)],
        now: i64,
    ) -> Result<(), Failure> {
        let mut new: BTreeMap<&str, i64> = ids.iter().map(|id| (id.as_str(), 0)).collect();
        let mut known: BTreeMap<&str, i64> = BTreeMap::new();
        for (customer, _) in keys {
            match new.get_mut(customer.as_str()) {
                Some(count) => *count += 1,
                None => *known.entry(customer).or_default() += 1,
            }
        }
        count_identifiers(self.db, new.into_iter(), now)?;
        self.insert_identifiers(keys)?;
        count_identifiers(self.db, known.into_iter(), now)
    }

    /// Give customers identifiers that nobody has. One that somebody has is a [`Failure`].
    pub fn insert_keys(&self, keys: &[(String, Identifier)]) -> Result<(), Failure> {
        self.insert_customers(&[], keys, 0)
    }

    fn insert_identifiers(&self, keys: &[(String, Identifier)]) -> Result<(), Failure> {
        let mut spaces: HashMap<(&str, &str), i64> = HashMap::new();
        let mut rows = Vec::with_capacity(keys.len());
        for (customer, key) in keys {
            let known = spaces.get(&(key.kind.as_str(), key.source.as_str())).copied();
            let space = known.map_or_else(|| self.space(key), Ok)?;
            spaces.insert((&key.kind, &key.source), space);
            rows.push((customer, space, &key.value));
        }
        let sql = "insert into identifier (customer_id, space_id, value) values ($1, $2, $3)";
        let values = rows.iter().flat_map(|(customer, space, value)| -> [Value<'_>; 3] {
            [(*customer).into(), (*space).into(), (*value).into()]
        });
        self.db.run_each(sql, 3, values).map(drop)
    }

    /// Give identifiers of one customer to another.
    pub fn move_keys(&self, keys: &[Identifier], from: &str, into: &str) -> Result<u64, Failure> {
        let mut moved = 0;
        for key in keys {
            let space = self.space(key)?;
            let sql = "update identifier set customer_id = $1 where customer_id = $2 and space_id = $3 and value = $4";
            moved += self.db.run(sql, &[into.into(), from.into(), space.into(), (&key.value).into()])?;
        }
        let counts = BTreeMap::from([(from, -(moved as i64)), (into, moved as i64)]);
        count_identifiers(self.db, counts.into_iter(), 0)?;
        Ok(moved)
    }

    /// End an identifier: the customer does not have it any more. Answers whether they had it.
    pub fn end_key(&self, former: &FormerKey) -> Result<bool, Failure> {
        let space = self.space(&former.key)?;
        let (customer, value) = ((&former.customer_id).into(), (&former.key.value).into());
        let gone = "delete from identifier where customer_id = $1 and space_id = $2 and value = $3";
        if self.db.run(gone, &[customer, space.into(), value])? == 0 {
            return Ok(false);
        }
        count_identifiers(self.db, std::iter::once((former.customer_id.as_str(), -1)), 0)?;
        let kept = "insert into former_identifier (customer_id, kind, source, value, reason, ended_at)
             values ($1, $2, $3, $4, $5, $6)";
        let (kind, source) = ((&former.key.kind).into(), (&former.key.source).into());
        self.db
            .run(kept, &[customer, kind, source, value, (&former.reason).into(), former.ended_at.into()])?;
        Ok(true)
    }

    /// The number of a space of keys, given to it the first time.
    fn space(&self, key: &Identifier) -> Result<i64, Failure> {
        let (kind, source): (Value<'_>, Value<'_>) = ((&key.kind).into(), (&key.source).into());
        let sql = "select id from key_space where kind = $1 and source = $2";
        if let Some(found) = self.db.first(sql, &[kind, source], |row| row.int(0))? {
            return Ok(found);
        }
        let add = "insert into key_space (id, kind, source)
             select coalesce(max(id), 0) + 1, cast($1 as text), cast($2 as text) from key_space";
        self.db.run(add, &[kind, source])?;
        self.db.int(sql, &[kind, source])
    }

    /// Keep a merge.
    pub fn insert_merge(&self, row: &MergeRow) -> Result<(), Failure> {
        let sql =
            "insert into customer_merge (merge_id, from_id, into_id, evidence, keys, merged_by, merged_at)
             values ($1, $2, $3, $4, $5, $6, $7)";
        let (id, from, into) = ((&row.merge_id).into(), (&row.from_id).into(), (&row.into_id).into());
        let (evidence, keys, by) = ((&row.evidence).into(), (&row.keys).into(), (&row.merged_by).into());
        self.db.run(sql, &[id, from, into, evidence, keys, by, row.merged_at.into()]).map(drop)
    }

    /// The merge that is in force of a customer who ended.
    pub fn merge_in_force(&self, from_id: &str) -> Result<Option<MergeRow>, Failure> {
        let all = self.merges_of(from_id)?;
        Ok(all.into_iter().find(|row| row.from_id == from_id && row.parted_at.is_none()))
    }

    /// Every merge and parting a customer had a part in, by time.
    pub fn merges_of(&self, customer_id: &str) -> Result<Vec<MergeRow>, Failure> {
        let sql =
            "select merge_id, from_id, into_id, evidence, keys, merged_by, merged_at, parted_by, parted_at
             from customer_merge where from_id = $1 or into_id = $1 order by merged_at, merge_id";
        self.db.rows(sql, &[customer_id.into()], |row| {
            Ok(MergeRow {
                merge_id: row.string(0)?,
                from_id: row.string(1)?,
                into_id: row.string(2)?,
                evidence: row.string(3)?,
                keys: row.string(4)?,
                merged_by: row.string(5)?,
                merged_at: row.int(6)?,
                parted_by: row.maybe_string(7)?,
                parted_at: row.maybe_int(8)?,
            })
        })
    }

    /// Take a merge back.
    pub fn end_merge(&self, merge_id: &str, by: &str, now: i64) -> Result<(), Failure> {
        let sql = "update customer_merge set parted_by = $2, parted_at = $3 where merge_id = $1";
        self.db.run(sql, &[merge_id.into(), by.into(), now.into()]).map(drop)
    }

    /// The words under which a customer is found, in place of those there were.
    pub fn put_search_words(&self, customer_id: &str, words: &[String]) -> Result<(), Failure> {
        self.db.run("delete from search_word where customer_id = $1", &[customer_id.into()])?;
        let sql = "insert into search_word (word, customer_id) values ($1, $2)";
        self.db
            .run_each(sql, 2, words.iter().flat_map(|word| [Value::from(word), customer_id.into()]))
            .map(drop)
    }

    /// Add words under which customers are found, as `(word, customer)`; none of them is there. They are written in the
    /// order of the index, neighbours together: one by one, each would move a page of its own.
    pub fn insert_search_words(&self, mut words: Vec<(&str, &str)>) -> Result<(), Failure> {
        words.sort_unstable();
        words.dedup();
        let sql = "insert into search_word (word, customer_id) values ($1, $2)";
        let values = words.into_iter().flat_map(|(word, customer)| [Value::from(word), customer.into()]);
        self.db.run_each(sql, 2, values).map(drop)
    }

    /// Up to `most` customers after `after` who have an identifier and no words under which they are found.
    pub fn customers_without_words(&self, after: &str, most: i64) -> Result<Vec<String>, Failure> {
        let sql = "select id from customer where id > $1 and erased_at is null
             and exists (select 1 from identifier where customer_id = id)
             and not exists (select 1 from search_word where customer_id = id) order by id limit $2";
        self.db.rows(sql, &[after.into(), most.into()], |row| row.string(0))
    }

    /// Customers who have a word that begins with `word`, at most `most`.
    pub fn find_by_word(&self, word: &str, most: i64) -> Result<Vec<String>, Failure> {
        // The sign after the last of Unicode's: every word that begins with `word` sorts before it.
        let end = format!("{word}\u{10ffff}");
        let sql = "select distinct customer_id from search_word where word >= $1 and word < $2
             order by customer_id limit $3";
        self.db.rows(sql, &[word.into(), (&end).into(), most.into()], |row| row.string(0))
    }

    /// Pairs of customers who share a word, with the word; at most `most`.
    pub fn sharing_words(&self, prefix: &str, most: i64) -> Result<Vec<(String, String, String)>, Failure> {
        let end = format!("{prefix}\u{10ffff}");
        let sql = "select a.customer_id, b.customer_id, a.word from search_word a join search_word b
             on a.word = b.word and a.customer_id < b.customer_id
             where a.word >= $1 and a.word < $2 order by a.word, a.customer_id, b.customer_id limit $3";
        self.db.rows(sql, &[prefix.into(), (&end).into(), most.into()], |row| {
            Ok((row.string(0)?, row.string(1)?, row.string(2)?))
        })
    }

    /// Put a tag on a customer, or take it off.
    pub fn set_tag(&self, customer_id: &str, tag: &str, is_on: bool, now: i64) -> Result<(), Failure> {
        if is_on {
            let sql =
                "insert into tag (customer_id, tag, tagged_at) values ($1, $2, $3) on conflict do nothing";
            return self.db.run(sql, &[customer_id.into(), tag.into(), now.into()]).map(drop);
        }
        let sql = "delete from tag where customer_id = $1 and tag = $2";
        self.db.run(sql, &[customer_id.into(), tag.into()]).map(drop)
    }

    /// A customer's tags.
    pub fn tags_of(&self, customer_id: &str) -> Result<Vec<String>, Failure> {
        let sql = "select tag from tag where customer_id = $1 order by tag";
        self.db.rows(sql, &[customer_id.into()], |row| row.string(0))
    }

    /// Keep an attribute, in place of the one before; sealed where it is sensitive.
    pub fn put_attribute(
        &self,
        customer_id: &str,
        name: &str,
        kind: &AttributeKind,
        value: &str,
        now: i64,
    ) -> Result<(), Failure> {
        let sql = "insert into attribute (customer_id, name, kind, value, set_at) values ($1, $2, $3, $4, $5)
             on conflict (customer_id, name) do update set
                 kind = excluded.kind, value = excluded.value, set_at = excluded.set_at";
        let sealed = match kind.is_sensitive {
            true => Some(self.db.keys.seal(customer_id, name, value)?),
            false => None,
        };
        let kept = sealed.as_deref().unwrap_or(value);
        let values = [customer_id.into(), name.into(), (&kind.kind).into(), kept.into(), now.into()];
        self.db.run(sql, &values).map(drop)
    }

    /// A customer's attributes, by name; sensitive ones as they are kept, see [`Writing::open_attribute`].
    pub fn attributes_of(&self, customer_id: &str) -> Result<Vec<AttributeRow>, Failure> {
        let sql = "select name, kind, value from attribute where customer_id = $1 order by name";
        self.db.rows(sql, &[customer_id.into()], |row| {
            let (name, kind, value) = (row.string(0)?, row.string(1)?, row.string(2)?);
            let is_sealed = is_sealed(&value);
            Ok(AttributeRow { customer_id: customer_id.to_owned(), name, kind, value, is_sealed })
        })
    }

    /// What an attribute says, as it was given.
    pub fn open_attribute(&self, row: &AttributeRow) -> Result<String, Failure> {
        self.db.keys.open(&row.customer_id, &row.name, &row.value)
    }

    /// Seal anew what is sensitive and not sealed under the newest key: up to `most` customers' values after
    /// `(customer, attribute)`. Answers where it came to and how many it sealed; `None` when it is through.
    pub fn reseal_after(
        &self,
        after: (&str, &str),
        most: i64,
    ) -> Result<Option<(AttributePlace, u64)>, Failure> {
        let sql = "select attribute.customer_id, attribute.name, attribute.value from attribute
             join sensitive_attribute on sensitive_attribute.name = attribute.name
             where (attribute.customer_id, attribute.name) > ($1, $2)
             order by attribute.customer_id, attribute.name limit $3";
        let rows = self.db.rows(sql, &[after.0.into(), after.1.into(), most.into()], |row| {
            Ok((row.string(0)?, row.string(1)?, row.string(2)?))
        })?;
        let Some((customer, name, _)) = rows.last() else { return Ok(None) };
        let last = (customer.clone(), name.clone());
        let (keys, mut sealed) = (&self.db.keys, Vec::new());
        for (customer, name, value) in rows {
            if !keys.is_newest(&name, &value)? {
                let text = keys.open(&customer, &name, &value)?;
                let anew = keys.seal(&customer, &name, &text)?;
                sealed.push((customer, name, value, anew));
            }
        }
        // What was set in the meantime is sealed under the newest key already.
        let update = "update attribute set value = $4 where customer_id = $1 and name = $2 and value = $3";
        let mut count = 0;
        for (customer, name, value, anew) in &sealed {
            count += self.db.run(update, &[customer.into(), name.into(), value.into(), anew.into()])?;
        }
        Ok(Some((last, count)))
    }

    /// Where a customer stands from `since` on.
    pub fn put_lifecycle(
        &self,
        customer_id: &str,
        since: i64,
        state: &str,
        reason: &str,
    ) -> Result<(), Failure> {
        let sql = "insert into lifecycle (customer_id, since, state, reason) values ($1, $2, $3, $4)
             on conflict (customer_id, since) do update set state = excluded.state, reason = excluded.reason";
        self.db.run(sql, &[customer_id.into(), since.into(), state.into(), reason.into()]).map(drop)
    }

    /// Where a customer stood: since, state, reason; by time.
    pub fn lifecycle_of(&self, customer_id: &str) -> Result<Vec<(i64, String, String)>, Failure> {
        let sql = "select since, state, reason from lifecycle where customer_id = $1 order by since";
        self.db.rows(sql, &[customer_id.into()], |row| Ok((row.int(0)?, row.string(1)?, row.string(2)?)))
    }
}
