//! Looking whether everything that must hold does hold: the file itself, references, and our own invariants.

use crate::failure::Failure;
use crate::migrate::MIGRATIONS;
use crate::open::Store;
use domain::port::Prepared;
use serde::Serialize;

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What must hold and does not.
    pub rule: String,
    /// For what: an id, a key, a line of SQLite's own report.
    pub what: String,
}

/// How many findings of one rule are listed; a broken table would otherwise list itself.
const LISTED: i64 = 100;

/// What must hold, as a sentence, and the query of what does not: one text column.
const RULES: &[(&str, &str)] = &[
    (
        "every identifier belongs to a customer and a key space",
        "select value from identifier where not exists (select 1 from customer where id = customer_id)
             or not exists (select 1 from key_space where id = space_id)",
    ),
    (
        "every customer who was not erased has an identifier",
        "select id from customer where erased_at is null
         and not exists (select 1 from identifier where customer_id = id)
         and not exists (select 1 from customer_merge where from_id = id and parted_at is null)
         and not exists (select 1 from former_identifier where customer_id = id)",
    ),
    (
        "every identifier that was given and not taken back is there",
        "select customer.id || ' has ' || cast(coalesce(kept.found, 0) as text) || ' of '
             || cast(customer.identifiers as text) from customer
         left join (select customer_id, count(*) as found from identifier group by customer_id) as kept
             on kept.customer_id = customer.id
         where customer.identifiers <> coalesce(kept.found, 0)",
    ),
    (
        "nothing is left of an erased customer",
        "select id from customer where erased_at is not null and (
             exists (select 1 from identifier where customer_id = id)
             or exists (select 1 from person where customer_id = id)
             or exists (select 1 from search_word where customer_id = id)
             or exists (select 1 from tag where customer_id = id)
             or exists (select 1 from attribute where customer_id = id)
             or exists (select 1 from former_identifier where customer_id = id)
             or exists (select 1 from consent where customer_id = id and address <> '')
             or exists (select 1 from customer_merge where keys <> '[]' and (from_id = id or into_id = id))
             or exists (select 1 from feedback_text where customer_id = id and (is_erased <> 1 or text <> '')))",
    ),
    (
        "every fingerprint is of an erased customer",
        "select fingerprint from erased_identifier where not exists
             (select 1 from customer where id = customer_id and erased_at is not null)",
    ),
    (
        "what is known of a person belongs to a customer and an import",
        "select customer_id || ' ' || field from person where
             not exists (select 1 from customer where id = customer_id)
             or import_id is not null and not exists (select 1 from import where id = import_id)",
    ),
    (
        "every import names its files",
        "select id from import where not exists (select 1 from import_file where import_id = id)",
    ),
    (
        "an import has a plan while it is prepared, and an end when it is done or refused",
        "select id from import where (state = 'prepared') <> (prepared is not null)
         or (state in ('done', 'refused')) <> (ended_at is not null)",
    ),
    (
        "the lake shows what completed imports have brought",
        "select table_name from lake_version where version < 0 or (import_id is not null and not exists
             (select 1 from import where id = import_id and state = 'done'))",
    ),
    (
        "every version of a program follows another",
        "select program_id || ' ' || cast(version as text) from program where version <> 1 and not exists
             (select 1 from program as before where before.program_id = program.program_id
              and before.version = program.version - 1)",
    ),
    (
        "a voucher belongs to a member and is not used below nothing",
        "select code from voucher where uses_left < 0 or customer_id <> '' and not exists (select 1 from member
             where member.customer_id = voucher.customer_id and member.program_id = voucher.program_id)",
    ),
    (
        "a household is of members",
        "select household_id || ' ' || customer_id from household_member where not exists
             (select 1 from household where household.household_id = household_member.household_id
              and household.program_id = household_member.program_id)
             or not exists (select 1 from member where member.customer_id = household_member.customer_id
              and member.program_id = household_member.program_id)",
    ),
    (
        "a return waits for an order only while that has not come",
        "select return_id from early_return where exists (select 1 from orders
             where orders.order_id = early_return.order_id and orders.program_id = early_return.program_id
              and orders.record is not null)",
    ),
    (
        "what is done or laid aside is leased by nobody",
        "select message_id from outbox where state <> 'waiting' and leased_by is not null
         union all select message_id from job where state <> 'waiting' and leased_by is not null",
    ),
    (
        "a consent confirms one that is there",
        "select consent_id from consent where confirms is not null and not exists (select 1 from consent as first
             where first.customer_id = consent.customer_id and first.consent_id = consent.confirms)",
    ),
    (
        "nobody is merged into themselves",
        "select merge_id from customer_merge where from_id = into_id and parted_at is null",
    ),
    (
        "ids have the form of ours",
        "select id from customer where length(id) <> 30 or substr(id, 1, 4) <> 'cus_'
         union all select id from import where length(id) <> 30 or substr(id, 1, 4) <> 'imp_'",
    ),
];

impl Store {
    /// Check everything; what does not hold, or nothing. Reads the whole database, changes nothing.
    pub fn verify(&self) -> Result<Vec<Finding>, Failure> {
        let mut findings = Vec::new();
        let mut find = |rule: &str, what: &str| {
            findings.push(Finding { rule: rule.to_owned(), what: what.to_owned() });
        };
        if !self.db.is_postgres() {
            // SQLite's own checks; PostgreSQL keeps both promises by itself.
            self.db.for_each("pragma integrity_check", &[], |row| {
                let line = row.text(0)?;
                if line != "ok" {
                    find("the file is whole", line);
                }
                Ok::<(), Failure>(())
            })?;
            self.db.for_each("pragma foreign_key_check", &[], |row| {
                find("every reference has its target", &format!("{} to {}", row.text(0)?, row.text(2)?));
                Ok::<(), Failure>(())
            })?;
        }
        for (rule, sql) in RULES {
            self.db.for_each(&format!("{sql} limit $1"), &[LISTED.into()], |row| {
                find(rule, row.text(0)?);
                Ok::<(), Failure>(())
            })?;
        }
        let plans = "select id, prepared from import where prepared is not null";
        self.db.for_each(plans, &[], |row| {
            let plan = serde_json::from_str::<Prepared>(row.text(1)?);
            if plan.ok().is_none_or(|plan| plan.import.to_string() != row.text(0).unwrap_or("")) {
                find("a plan can be read and is its import's own", row.text(0)?);
            }
            Ok::<(), Failure>(())
        })?;
        let applied = "select version, name from schema_version order by version";
        let applied = self.db.rows(applied, &[], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))?;
        let known: Vec<(i64, String)> =
            MIGRATIONS.iter().map(|step| (step.version, step.name.to_owned())).collect();
        if applied != known {
            find("the schema is the sum of its migrations", &format!("{applied:?}"));
        }
        Ok(findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, import, import_id, shop};

    #[test]
    fn every_broken_rule_is_found_and_named() {
        let customer = "cus_01jbhv9w000000000000000001";
        for (rule, damage) in [
            (
                "every identifier belongs to a customer and a key space",
                format!("insert into identifier values ('{customer}', 1, 'lost')"),
            ),
            (
                "every customer who was not erased has an identifier",
                format!("insert into customer values ('{customer}', 1, null, 0)"),
            ),
            (
                "every identifier that was given and not taken back is there",
                "delete from identifier where value = 'ana@corner.example'".into(),
            ),
            (
                "every identifier that was given and not taken back is there",
                "insert into former_identifier select customer_id, 'email', '', value, 'lost', 1 from identifier;
                 delete from identifier".into(),
            ),
            ("nothing is left of an erased customer", "update customer set erased_at = 1".into()),
            (
                "every fingerprint is of an erased customer",
                "insert into erased_identifier select 'f', id from customer".into(),
            ),
            (
                "what is known of a person belongs to a customer and an import",
                format!("insert into person values ('{customer}', 'name', 'Ana', 'till', 'imp', 1)"),
            ),
            ("every import names its files", "delete from import_file".into()),
            (
                "an import has a plan while it is prepared, and an end when it is done or refused",
                "update import set state = 'done'".into(),
            ),
            (
                "the lake shows what completed imports have brought",
                format!("insert into lake_version values ('lines', 1, '{}', 1)", import_id(1)),
            ),
            (
                "every version of a program follows another",
                "insert into program values ('stars', 3, '{}', '1', 1)".into(),
            ),
            (
                "a voucher belongs to a member and is not used below nothing",
                "insert into voucher values ('C-1', 'stars', 'ana', 'cup', 1, 1, 0)".into(),
            ),
            (
                "a household is of members",
                "insert into household_member values ('ana', 'stars', 'home')".into(),
            ),
            (
                "a return waits for an order only while that has not come",
                "insert into early_return values ('o-1', 'stars', 'b-1', 0, '{}');
                 insert into orders values ('ana', 'stars', 'o-1', 'ana', 1, '2025-11-01', 1, null, null, '{}')".into(),
            ),
            (
                "what is done or laid aside is leased by nobody",
                "insert into job values ('j', 't', null, '{}', 1, 1, 1, 'a', 2, 'done', null)".into(),
            ),
            (
                "a consent confirms one that is there",
                "insert into consent values ('ana', 'c-2', '', 'email', 'm', 'granted', 'consent', 'vn', '1', 'vi', 's',
                     'a', '{}', 1, 1, null, 'c-1')".into(),
            ),
            (
                "nobody is merged into themselves",
                "insert into customer_merge values ('m', 'ana', 'ana', '', '[]', 'a', 1, null, null)".into(),
            ),
            ("ids have the form of ours", "insert into customer values ('17', 1, 1, 0)".into()),
            (
                "a plan can be read and is its import's own",
                "update import set state = 'prepared', prepared = '{}'".into(),
            ),
            (
                "the schema is the sum of its migrations",
                "delete from schema_version where version = 2".into(),
            ),
            ("every reference has its target", "delete from customer".into()),
        ] {
            let mut shop = shop();
            import(&mut shop, 1);
            let ana = shop.resolve("till", "external_id", &["17"], NOW, &mut chance(1)).unwrap()[0];
            shop.add_identifiers("till", "email", &[(ana, "ana@corner.example")]).unwrap();
            assert_eq!(shop.verify().unwrap(), [], "before: {rule}");
            shop.db.run_all("pragma foreign_keys = off").unwrap();
            shop.db.run_all(&damage).unwrap();
            let found = shop.verify().unwrap();
            assert!(found.iter().any(|finding| finding.rule == rule), "{rule}: {found:?}");
        }
    }

    #[test]
    fn a_damaged_page_is_found_or_fails_and_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite");
        let mut shop = Store::open(&path.display().to_string(), NOW).unwrap();
        let keys: Vec<String> = (0..5_000).map(|key| format!("key-{key}")).collect();
        let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
        shop.resolve("till", "external_id", &texts, NOW, &mut chance(1)).unwrap();
        drop(shop);
        let mut bytes = std::fs::read(&path).unwrap();
        let pages = bytes.len() / 4096;
        for page in (pages / 2)..(pages / 2 + 8) {
            bytes[page * 4096..page * 4096 + 512].fill(0xff);
        }
        std::fs::write(&path, bytes).unwrap();
        match Store::open(&path.display().to_string(), NOW).and_then(|shop| Ok(shop.verify()?)) {
            Ok(findings) => {
                assert!(findings.iter().any(|finding| finding.rule == "the file is whole"), "{findings:?}")
            }
            Err(error) => assert!(matches!(error, crate::Error::Failure(Failure::Damaged { .. })), "{error}"),
        }
    }
}
