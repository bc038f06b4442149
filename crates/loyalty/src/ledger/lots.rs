//! The lots of an account, by number. Most that were ever opened are spent, and only what looks back (a return, a
//! merge) asks for them: an account may forget those, and a replay of its postings brings them back.

use super::LotId;
use super::account::Lot;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Index, IndexMut};

/// Lots by number. Written as a list while it has all of them, which is how they were always written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lots {
    opened: u32,
    /// By number.
    kept: Vec<(LotId, Lot)>,
}

impl Lots {
    /// How many were ever opened: the number of the next one.
    pub fn opened(&self) -> usize {
        self.opened as usize
    }

    /// Whether none was forgotten.
    pub fn is_whole(&self) -> bool {
        self.kept.len() == self.opened()
    }

    /// Those that are not forgotten.
    pub fn iter(&self) -> impl Iterator<Item = (LotId, &Lot)> {
        self.kept.iter().map(|(id, lot)| (*id, lot))
    }

    /// Open the next one.
    pub fn push(&mut self, lot: Lot) {
        self.kept.push((LotId(self.opened), lot));
        self.opened += 1;
    }

    /// A lot; none where it was never opened.
    ///
    /// # Panics
    /// Where it was forgotten: whoever asks had to bring the account back whole first.
    pub fn get(&self, id: LotId) -> Option<&Lot> {
        (id.0 < self.opened).then(|| &self[id])
    }

    /// A lot; none where it was never opened or is forgotten.
    pub fn find(&self, id: LotId) -> Option<&Lot> {
        self.place(id).map(|place| &self.kept[place].1)
    }

    /// Forget all but some.
    pub fn retain(&mut self, keep: impl Fn(LotId, &Lot) -> bool) {
        self.kept.retain(|(id, lot)| keep(*id, lot));
    }

    fn place(&self, id: LotId) -> Option<usize> {
        if self.is_whole() {
            return (id.0 < self.opened).then_some(id.0 as usize);
        }
        self.kept.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    fn place_of(&self, id: LotId) -> usize {
        let opened = self.opened;
        self.place(id).unwrap_or_else(|| panic!("lot {} of {opened} is forgotten: replay the account", id.0))
    }
}

impl Index<LotId> for Lots {
    type Output = Lot;

    fn index(&self, id: LotId) -> &Lot {
        &self.kept[self.place_of(id)].1
    }
}

impl IndexMut<LotId> for Lots {
    fn index_mut(&mut self, id: LotId) -> &mut Lot {
        let place = self.place_of(id);
        &mut self.kept[place].1
    }
}

impl Serialize for Lots {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.is_whole() {
            return to.collect_seq(self.kept.iter().map(|(_, lot)| lot));
        }
        let mut parts = to.serialize_struct("Lots", 2)?;
        parts.serialize_field("opened", &self.opened)?;
        parts.serialize_field("kept", &self.kept)?;
        parts.end()
    }
}

impl<'de> Deserialize<'de> for Lots {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Lots, D::Error> {
        from.deserialize_any(Written)
    }
}

/// Reads either form.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Lots;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("all lots as a list, or those that are kept and how many were opened")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Lots, A::Error> {
        let mut lots = Lots::default();
        while let Some(lot) = list.next_element()? {
            lots.push(lot);
        }
        Ok(lots)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lots, A::Error> {
        let mut lots = Lots::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "opened" => lots.opened = map.next_value()?,
                "kept" => lots.kept = map.next_value()?,
                other => return Err(A::Error::unknown_field(other, &["opened", "kept"])),
            }
        }
        let is_in_order = lots.kept.is_sorted_by(|(one, _), (next, _)| one < next);
        let is_within = lots.kept.last().is_none_or(|(last, _)| last.0 < lots.opened);
        if is_in_order && is_within { Ok(lots) } else { Err(A::Error::custom("lots out of place")) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, Start};
    use super::*;
    use jiff::Timestamp;

    fn lot(left: i64) -> Lot {
        Lot {
            earned_at: Timestamp::UNIX_EPOCH,
            start: Start::Usable,
            expires_at: None,
            amount: 10,
            left,
            cause: Cause::new("order", "o-1"),
            origin: None,
        }
    }

    #[test]
    fn what_is_forgotten_leaves_its_number() {
        let mut lots = Lots::default();
        (0..5).for_each(|left| lots.push(lot(left % 2)));
        let whole = serde_json::to_string(&lots).unwrap();
        assert!(whole.starts_with('['), "{whole}");
        assert_eq!(serde_json::from_str::<Lots>(&whole).unwrap(), lots);

        lots.retain(|_, lot| lot.left > 0);
        lots.push(lot(7));
        let numbers: Vec<u32> = lots.iter().map(|(id, _)| id.0).collect();
        assert_eq!((numbers, lots.opened(), lots.is_whole()), (vec![1, 3, 5], 6, false));
        assert_eq!((lots[LotId(5)].left, lots.find(LotId(4)), lots.get(LotId(6))), (7, None, None));
        let text = serde_json::to_string(&lots).unwrap();
        assert_eq!(serde_json::from_str::<Lots>(&text).unwrap(), lots);
        for damaged in
            [r#"{"opened":1,"kept":[],"more":1}"#.to_owned(), text.replace("\"opened\":6", "\"opened\":5")]
        {
            assert!(serde_json::from_str::<Lots>(&damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    #[should_panic(expected = "lot 0 of 1 is forgotten")]
    fn what_is_forgotten_is_not_taken_for_nothing() {
        let mut lots = Lots::default();
        lots.push(lot(0));
        lots.retain(|_, lot| lot.left > 0);
        lots.get(LotId(0));
    }
}
