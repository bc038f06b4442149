//! What is known of a person, field by field, each with where it came from.

use crate::customers::check_field;
use crate::db::{Row, Value};
use crate::failure::{Error, Failure};
use crate::open::Store;
use domain::Id;

/// One thing said about a person.
#[derive(Debug, Clone, Copy)]
pub struct PersonField<'a> {
    /// Who.
    pub customer: Id,
    /// Which field: `name`, `given_name`, `family_name`, `phone`, `email`, `birthday`, `address`, …, or `custom.` and
    /// whatever the shop's file calls it.
    pub field: &'a str,
    /// What it says. An empty value says nothing and is passed over.
    pub value: &'a str,
}

/// One thing known about a person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KnownField {
    /// Which field.
    pub field: String,
    /// What it says.
    pub value: String,
    /// Who said so.
    pub source: String,
    /// The import that brought it, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<Id>,
    /// When it was said, or that import began, in microseconds since 1970.
    pub recorded_at: i64,
}

impl Store {
    /// Keep what an import says of people. Of two imports the later one wins, field by field, whichever is carried out
    /// first: `recorded_at` is when the import began. Within a batch the last word wins. Customers who are unknown or
    /// erased are passed over. Answers how many fields were kept.
    pub fn record_people(
        &mut self,
        source: &str,
        import: Id,
        recorded_at: i64,
        fields: &[PersonField<'_>],
    ) -> Result<u64, Error> {
        fields.iter().try_for_each(|said| check_field(said.field))?;
        let import = import.to_string();
        let mut said: Vec<(String, &PersonField<'_>)> = fields
            .iter()
            .filter(|field| !field.value.is_empty())
            .map(|field| (field.customer.to_string(), field))
            .collect();
        // In the order of the table; stable, so that the last word on a field stays last.
        said.sort_by_key(|(_, field)| field.customer);
        let sql = "insert into person (customer_id, field, value, source, import_id, recorded_at)
             select customer.id, cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as text),
                 cast($6 as bigint)
             from customer where customer.id = $1 and customer.erased_at is null
             on conflict (customer_id, field) do update set
                 value = excluded.value, source = excluded.source, import_id = excluded.import_id,
                 recorded_at = excluded.recorded_at
             where excluded.recorded_at >= person.recorded_at";
        self.db.transaction(|db| {
            let values = said.iter().flat_map(|(customer, field)| -> [Value<'_>; 6] {
                let (name, value) = (field.field.into(), field.value.into());
                [customer.into(), name, value, source.into(), (&import).into(), recorded_at.into()]
            });
            Ok(db.run_each(sql, 6, values)?)
        })
    }

    /// What is known of a person, by the name of the field.
    pub fn find_person(&self, customer: Id) -> Result<Vec<KnownField>, Failure> {
        let sql = "select field, value, source, import_id, recorded_at from person where customer_id = $1 order by field";
        self.db.rows(sql, &[(&customer.to_string()).into()], known_field)
    }

    /// One field of everybody who has it, ordered by customer, streamed as `(customer, value)`.
    pub fn for_each_person(&self, field: &str, mut read: impl FnMut(Id, &str)) -> Result<(), Failure> {
        let sql = "select customer_id, value from person where field = $1 order by customer_id";
        self.db.for_each(sql, &[field.into()], |row| {
            read(row.id(0)?, row.text(1)?);
            Ok(())
        })
    }
}

pub(crate) fn known_field(row: &Row<'_>) -> Result<KnownField, Failure> {
    Ok(KnownField {
        field: row.string(0)?,
        value: row.string(1)?,
        source: row.string(2)?,
        import: row.maybe_text(3)?.map(|_| row.id(3)).transpose()?,
        recorded_at: row.int(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refused;
    use crate::testing::{NOW, chance, import, refused, shop};

    #[test]
    fn the_later_import_wins_field_by_field() {
        let mut shop = shop();
        let ana = shop.resolve("till", "external_id", &["17"], NOW, &mut chance(1)).unwrap()[0];
        let imports = [import(&mut shop, 1), import(&mut shop, 2)];
        let say = |field, value| PersonField { customer: ana, field, value };
        // The later one is carried out first, as after a crash.
        shop.record_people(
            "web",
            imports[1],
            NOW + 5,
            &[say("phone", "0902"), say("custom.Mã số thuế", "12")],
        )
        .unwrap();
        let kept = shop
            .record_people(
                "till",
                imports[0],
                NOW,
                &[say("phone", "0901"), say("name", "A"), say("name", "Ana")],
            )
            .unwrap();
        assert_eq!(kept, 2, "both words on the name, none on the phone");
        shop.record_people("till", imports[0], NOW, &[say("name", "")]).unwrap();

        let known = shop.find_person(ana).unwrap();
        let lines: Vec<String> = known
            .iter()
            .map(|known| {
                format!("{}={} by {} at {}", known.field, known.value, known.source, known.recorded_at - NOW)
            })
            .collect();
        assert_eq!(
            lines,
            ["custom.Mã số thuế=12 by web at 5", "name=Ana by till at 0", "phone=0902 by web at 5"]
        );
        assert_eq!(known[2].import, Some(imports[1]));

        let mut names = Vec::new();
        shop.for_each_person("name", |id, name| names.push((id, name.to_owned()))).unwrap();
        assert_eq!(names, [(ana, "Ana".to_owned())]);
        assert_eq!(shop.verify().unwrap(), []);
    }

    #[test]
    fn fields_have_names_and_strangers_are_passed_over() {
        let mut shop = shop();
        let import = import(&mut shop, 1);
        let stranger = Id::new(domain::Kind::Customer, 1, 1);
        let said = |field| [PersonField { customer: stranger, field, value: "x" }];
        assert_eq!(shop.record_people("till", import, NOW, &said("name")).unwrap(), 0);
        for field in ["", "Full Name", "custom.", "na\0me"] {
            let answer = refused(shop.record_people("till", import, NOW, &said(field)));
            assert_eq!(answer, Refused::NotAName(field.to_owned()));
        }
    }
}
