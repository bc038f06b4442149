//! Forward migrations: numbered files, each in its own transaction together with the row that says it was done.
//! There is no way back; a database written by a newer program is refused.

use crate::db::{Db, Value};
use crate::failure::Failure;

/// One step.
pub(crate) struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
        }),*]
    };
}

/// All steps, oldest first. A step that has left this house is never edited: write the next one.
pub(crate) const MIGRATIONS: &[Migration] = migrations![1 "0001_customers", 2 "0002_imports", 3 "0003_people", 4 "0004_settings", 5 "0005_record", 6 "0006_identity", 7 "0007_work", 8 "0008_log", 9 "0009_staff", 10 "0010_people", 11 "0011_server", 12 "0012_campaign", 13 "0013_intake", 14 "0014_adjustments", 15 "0015_lapses", 16 "0016_door", 18 "0018_sensitive", 20 "0020_feedback", 22 "0022_cases", 24 "0024_renumbered", 26 "0026_counted"];

/// The schema this program works with.
pub(crate) fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.version)
}

/// The schema of the database; 0 where it is empty. Refuses what is newer than `known` and what is not ours.
pub(crate) fn schema_of(db: &Db, known: i64) -> Result<i64, Failure> {
    // Each engine keeps its list of tables elsewhere.
    let (tables, name) = match db.is_postgres() {
        true => ("information_schema.tables where table_schema = current_schema()", "table_name"),
        false => ("sqlite_master where true", "name"),
    };
    if db.int(&format!("select count(*) from {tables} and {name} = 'schema_version'"), &[])? == 0 {
        return match db.int(&format!("select count(*) from {tables}"), &[])? {
            0 => Ok(0),
            tables => Err(Failure::Damaged {
                path: db.path().to_owned(),
                detail: format!("it has {tables} tables or indexes and none says schema_version"),
            }),
        };
    }
    let newest = "select version, written_by from schema_version order by version desc limit 1";
    let (found, written_by) = db
        .first(newest, &[], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))?
        .unwrap_or((0, String::new()));
    if found > known {
        return Err(Failure::Newer { path: db.path().to_owned(), found, known, written_by });
    }
    Ok(found)
}

/// Bring the database forward through `steps`; how many of them ran.
pub(crate) fn migrate(db: &mut Db, steps: &[Migration], now_micros: i64) -> Result<usize, Failure> {
    let found = schema_of(db, steps.last().map_or(0, |last| last.version))?;
    let sql = "select version from schema_version";
    let known = if found == 0 { Vec::new() } else { db.rows(sql, &[], |row| row.int(0))? };
    // Not those above the newest that ran, but those that have not run: two steps may have been written side by side.
    let waiting: Vec<&Migration> = steps.iter().filter(|step| !known.contains(&step.version)).collect();
    for step in &waiting {
        db.transaction(|db| {
            let is_there = schema_of(db, i64::MAX)? > 0;
            let one = "select count(*) from schema_version where version = $1";
            if is_there && db.int(one, &[step.version.into()])? > 0 {
                // Another process was here first.
                return Ok(0);
            }
            db.run_all(
                "create table if not exists schema_version (
                     version bigint not null primary key,
                     name text not null,
                     written_by text not null,
                     applied_at bigint not null
                 )",
            )?;
            db.run_all(step.sql)?;
            let done =
                "insert into schema_version (version, name, written_by, applied_at) values ($1, $2, $3, $4)";
            let program = env!("CARGO_PKG_VERSION");
            db.run(done, &[step.version.into(), step.name.into(), program.into(), now_micros.into()])
        })?;
    }
    if steps.len() >= CHECKSUMS_SINCE {
        check_texts(db, steps, !waiting.is_empty())?;
    }
    Ok(waiting.len())
}

/// The step that made room for checksums.
const CHECKSUMS_SINCE: usize = 5;

/// Write down the checksum of each step that has none yet, and see that the others are of the texts we have: a step
/// that was edited after it ran would leave two shops with two schemas under one number.
fn check_texts(db: &mut Db, steps: &[Migration], write: bool) -> Result<(), Failure> {
    let sums: Vec<(i64, String)> = steps
        .iter()
        .map(|step| (step.version, blake3::hash(step.sql.as_bytes()).to_hex().to_string()))
        .collect();
    if write {
        let sql = "update schema_version set checksum = $2 where version = $1 and checksum is null";
        db.transaction(|db| {
            db.run_each(sql, 2, sums.iter().flat_map(|(version, sum)| [Value::Int(*version), sum.into()]))
        })?;
    }
    let sql = "select version, checksum from schema_version order by version";
    let kept = db.rows(sql, &[], |row| Ok((row.int(0)?, row.maybe_string(1)?)))?;
    for ((version, sum), (_, kept)) in sums.iter().zip(&kept) {
        if kept.as_ref() != Some(sum) {
            let detail = format!("migration {version} was another text when it ran here");
            return Err(Failure::Damaged { path: db.path().to_owned(), detail });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use rusqlite::Connection;
    use std::collections::BTreeMap;

    fn memory() -> Db {
        Db::new(Connection::open_in_memory().unwrap(), "memory".into())
    }

    /// Every table but schema_version, by name, with the list of its columns as SQL literals.
    fn tables_of(db: &Db) -> BTreeMap<String, String> {
        let sql = "select master.name, (select group_concat('quote(' || info.name || ')', ' || '' '' || ')
                 from pragma_table_info(master.name) as info)
             from sqlite_master as master where type = 'table' and master.name <> 'schema_version'";
        db.rows(sql, &[], |row| Ok((row.string(0)?, row.string(1)?))).unwrap().into_iter().collect()
    }

    /// Every row of every table, table by table; of a table that was `known`, the columns that it had.
    fn rows_of(db: &Db, known: &BTreeMap<String, String>) -> Vec<String> {
        let mut all = Vec::new();
        for (table, list) in tables_of(db) {
            // A column may go while nothing is in it.
            let is_empty = db.int(&format!("select count(*) from {table}"), &[]).unwrap() == 0;
            let list = known.get(&table).filter(|_| !is_empty).unwrap_or(&list);
            let each = format!("select '{table} ' || {list} from {table} order by 1");
            all.extend(db.rows(&each, &[], |row| Ok(row.text(0)?.to_owned())).unwrap());
        }
        all
    }

    /// Rows as the program of each schema wrote them.
    const WRITTEN_AT: &[(i64, &str)] = &[
        (
            1,
            "insert into customer (id, created_at) values ('cus_01jbhv9w000000000000000001', 1762000000000000);
             insert into key_space values (1, 'external_id', 'till');
             insert into identifier values ('cus_01jbhv9w000000000000000001', 1, 'K-7');
             insert into secret values ('erasure', '00');",
        ),
        (
            2,
            "insert into import values ('imp_01jbhv9w000000000000000001', 'orders', 'till', 'prepared', '{}', '{}',
                 '{}', '{}', 1762000000000000, null);
             insert into import_file values ('imp_01jbhv9w000000000000000001', 0, 'orders.csv', 12, 'abc');
             insert into lake_version values ('lines', 3, 'imp_01jbhv9w000000000000000001', 1762000000000000);",
        ),
        (
            3,
            "insert into person values ('cus_01jbhv9w000000000000000001', 'name', 'Ana', 'till',
                 'imp_01jbhv9w000000000000000001', 1762000000000000);
             insert into feedback_text values ('till', '0a', 'text', null, 'good coffee', 0,
                 'imp_01jbhv9w000000000000000001', 1762000000000000);",
        ),
        (
            4,
            "insert into mapping values ('till', 'customer = 1', 1762000000000000);
             insert into setting values ('currency', 'VND', 1762000000000000);",
        ),
        (
            5,
            "insert into program values ('stars', 1, '{}', '7', 1762000000000000);
             insert into member values ('cus_01jbhv9w000000000000000001', 'stars', 1762000000000000, null, null, '{}');
             insert into counter values ('stars', 'given', 3);
             insert into orders values ('cus_01jbhv9w000000000000000001', 'stars', 'o-1',
                 'cus_01jbhv9w000000000000000001', 1762000000000000,
                 '2025-11-01', 450, null, null, '{}');",
        ),
        (
            6,
            "insert into tag values ('cus_01jbhv9w000000000000000001', 'vip', 1762000000000000);
             insert into lifecycle values ('cus_01jbhv9w000000000000000001', 1762000000000000, 'new', 'first order');",
        ),
        (
            7,
            "insert into schedule values ('expiry', 1762000000000000);
             insert into consent values ('cus_01jbhv9w000000000000000001', 'c-1', 'ana@corner.example', 'email',
                 'marketing', 'granted', 'consent', 'vn', '2', 'vi', 'form', 'ana', '{}', 1762000000000000,
                 1762000000000000, null, null);",
        ),
        (
            8,
            "insert into event (event_id, kind, source, happened_at, recorded_at, body, about, part) values
                 ('e-1', 'order', 'till', 1762000000000000, 1762000000000000, '{}', 'order:till/o-1', '');
             insert into unsealed values ('e-1', 0, 0);
             insert into seal values (1, 'sea_01jbhv9w000000000000000001', 'claimed', 1, null, 1762000000000000, null);",
        ),
        (
            9,
            "insert into staff values ('stf_01jbhv9w000000000000000001', 'ana@corner.example', 'Ana', 'owner', 'shell',
                 1762000000000000, null, null);
             insert into audit values (1, 1762000000000000, 'shell', 'owner', 'staff.manage', 'staff',
                 'stf_01jbhv9w000000000000000001', null, null, x'00', x'00');
             insert into chain values ('audit', 1, x'00');",
        ),
        (
            10,
            "insert into person values ('cus_01jbhv9w000000000000000001', 'language', 'vi', 'till', null,
                 1762000000000000);
             insert into attribute_kind values ('shoe', 'number', 1762000000000000);
             insert into profit values ('cus_01jbhv9w000000000000000001', 'margin', 'order', 'o-1', '2025-11-01', 180,
                 1762000000000000);
             insert into person_request values ('r-1', 'cus_01jbhv9w000000000000000001', 'access', 'vn', 'Law 91/2025',
                 1762000000000000, '2026-03-10', '2026-03-21', null, null);
             insert into erasure values ('e-1', 'cus_01jbhv9w000000000000000002', 1762000000000000, '{}', x'00');",
        ),
        (
            11,
            "insert into reply values ('till/k-1', x'00', 201, '{}', 1762000000000000);
             insert into latest_news values ('shopify', 'order/1', '2026-03-01T00:00:00Z', 1762000000000000);",
        ),
        (
            12,
            "insert into segment values ('late', 1, 'name = \"late\"', 1762000000000000);
             insert into campaign values ('win-back', 'frozen', '{}', 1762000000000000);
             insert into campaign_step values ('win-back', 1, 'planned', '{}', 1762000000000000);
             insert into campaign_member values ('cus_01jbhv9w000000000000000001', 'win-back', 'contact', null,
                 'small', null, null);",
        ),
        (
            13,
            "insert into heard_message values ('web', 'm-1', '0001');
             insert into intake values ('0001', 'segment', 'web', 1, '{}', 1762000000000000, 1762000000000000, 0);
             insert into shop_link values ('web', 'shopify', 'AAAA', 1762000000000000, 'key_1');",
        ),
        (
            14,
            "insert into adjustment values ('adj_1', 'cus_01jbhv9w000000000000000001', 'corner', 'beans', 50,
                 'waited', 'stf_1', 1762000000000000, 'waiting', null, null);",
        ),
        (
            15,
            "insert into member_lapse values ('cus_01jbhv9w000000000000000001', 'stars', 1762000000000000);",
        ),
        (
            16,
            "insert into till_alert values ('till-1', '2025-11-01', 'odd_hours', '', 'at night', 1762000000000000);",
        ),
        (
            18,
            "insert into sensitive_attribute values ('shoe', 1762000000000000);",
        ),
        (
            20,
            "insert into feedback_text values ('app', '0b', 'text', 'cus_01jbhv9w000000000000000001', 'cold soup', 0,
                 null, 1762000000000000);",
        ),
        (
            22,
            "insert into customer_case values ('case_1', 'cus_01jbhv9w000000000000000001', 'cold soup',
                 1762000000000000, 'stf_1', null, null);
             insert into case_note values ('case_1', 'n-1', 'called back', 1762000000000000, 'stf_1');",
        ),
        (24, "insert into setting values ('names_due', '1', 1762000000000000);"),
        (
            26,
            "insert into event (event_id, kind, source, happened_at, recorded_at, body, about, part, mark) values
                 ('e-2', 'order', 'till', 1762000000000000, 1762000000000000, '{}', 'order:till/o-2', '', 7);",
        ),
    ];

    #[test]
    fn rows_of_every_older_schema_are_there_after_migration() {
        assert_eq!(WRITTEN_AT.len(), MIGRATIONS.len(), "each schema has rows to test it with");
        for upto in 1..=MIGRATIONS.len() {
            let mut db = memory();
            migrate(&mut db, &MIGRATIONS[..upto], 1).unwrap();
            for (_, rows) in &WRITTEN_AT[..upto] {
                db.run_all(rows).unwrap();
            }
            let tables = tables_of(&db);
            let before = rows_of(&db, &tables);
            assert_eq!(migrate(&mut db, MIGRATIONS, 2).unwrap(), MIGRATIONS.len() - upto);
            assert_eq!(rows_of(&db, &tables), before, "from schema {upto}");
            assert_eq!(
                db.int("select identifiers from customer", &[]).unwrap(),
                i64::from(upto < MIGRATIONS.len())
            );
            let customer = "customer 'cus_01jbhv9w000000000000000001' 1762000000000000";
            assert!(before.iter().any(|row| row.starts_with(customer)), "{before:?}");
        }
    }

    #[test]
    fn old_mobiles_of_vietnam_become_those_of_today() {
        renumbers(memory());
        match std::env::var("PERENNIAL_TEST_POSTGRES") {
            Ok(server) => {
                let scratch = Scratch::create(&server).unwrap();
                renumbers(Db::connect(&scratch.url()).unwrap());
            }
            Err(_) => println!("PostgreSQL story not run"),
        }
    }

    fn renumbers(mut db: Db) {
        let before = MIGRATIONS.iter().position(|step| step.version == 24).unwrap();
        migrate(&mut db, &MIGRATIONS[..before], 1).unwrap();
        db.run_all(
            "insert into key_space values (1, 'phone', ''), (2, 'card_number', 'till');
             insert into customer (id, created_at) values ('cus_1', 1), ('cus_2', 1), ('cus_3', 1);
             insert into identifier values ('cus_1', 1, '+841212345678'), ('cus_1', 2, '+841212345678'),
                 ('cus_2', 1, '+841681234567'), ('cus_3', 1, '+84381234567'), ('cus_3', 1, '+842838221234');
             insert into search_word values ('p:8765432121', 'cus_1'), ('n:chi', 'cus_3');",
        )
        .unwrap();
        migrate(&mut db, MIGRATIONS, 2).unwrap();
        let sql = "select customer_id || ' ' || space_id || ' ' || value from identifier order by 1";
        let keys = db.rows(sql, &[], |row| Ok(row.text(0)?.to_owned())).unwrap();
        assert_eq!(
            keys,
            [
                "cus_1 1 +84792345678",
                "cus_1 2 +841212345678",
                // Somebody else has it already.
                "cus_2 1 +841681234567",
                "cus_3 1 +842838221234",
                "cus_3 1 +84381234567",
            ]
        );
        assert_eq!(db.int("select count(*) from search_word", &[]).unwrap(), 1);
        let counted = "select id || ' ' || cast(identifiers as text) from customer order by 1";
        let counted = db.rows(counted, &[], |row| row.string(0)).unwrap();
        assert_eq!(counted, ["cus_1 2", "cus_2 1", "cus_3 2"], "and are counted");
    }

    #[test]
    fn each_step_has_its_number_and_runs_once() {
        // Numbers are given out before steps are written; one that is not there was not needed, or is yet to come.
        assert!(MIGRATIONS.is_sorted_by(|one, next| one.version < next.version));
        for step in MIGRATIONS {
            assert!(step.name.starts_with(&format!("{:04}_", step.version)), "{}", step.name);
        }
        let mut db = memory();
        assert_eq!(migrate(&mut db, MIGRATIONS, 1).unwrap(), MIGRATIONS.len());
        assert_eq!(migrate(&mut db, MIGRATIONS, 2).unwrap(), 0);
        assert_eq!(schema_of(&db, known()).unwrap(), known());
        assert_eq!(db.int("select max(applied_at) from schema_version", &[]).unwrap(), 1);
    }

    #[test]
    fn a_step_that_was_written_beside_a_younger_one_runs_too() {
        let mut db = memory();
        let without: Vec<Migration> = MIGRATIONS
            .iter()
            .filter(|step| step.version != 9)
            .map(|step| Migration { version: step.version, name: step.name, sql: step.sql })
            .collect();
        migrate(&mut db, &without, 1).unwrap();
        assert_eq!(migrate(&mut db, MIGRATIONS, 2).unwrap(), 1);
        assert_eq!(migrate(&mut db, MIGRATIONS, 3).unwrap(), 0);
        assert_eq!(db.int("select count(*) from staff", &[]).unwrap(), 0);
    }

    #[test]
    fn a_step_that_fails_leaves_the_schema_before_it() {
        let steps = [
            Migration { version: 1, name: "0001_good", sql: "create table a (n bigint)" },
            Migration {
                version: 2,
                name: "0002_bad",
                sql: "create table b (n bigint); create table a (n bigint)",
            },
        ];
        let mut db = memory();
        assert!(migrate(&mut db, &steps, 1).is_err());
        assert_eq!(schema_of(&db, 2).unwrap(), 1);
        assert_eq!(rows_of(&db, &BTreeMap::new()), Vec::<String>::new());
        assert_eq!(db.int("select count(*) from sqlite_master where name = 'b'", &[]).unwrap(), 0);
    }

    #[test]
    fn a_newer_and_a_foreign_database_are_refused() {
        let mut db = memory();
        migrate(&mut db, MIGRATIONS, 1).unwrap();
        db.run_all("insert into schema_version (version, name, written_by, applied_at) values (99, '0099_later', '7.2.0', 1)").unwrap();
        let failure = migrate(&mut db, MIGRATIONS, 2).unwrap_err();
        assert_eq!(
            failure.to_string(),
            format!(
                "memory was written by perennial 7.2.0 (schema 99), this one knows schemas up to {}: \
                 use that version or a newer one",
                known()
            )
        );

        let mut db = memory();
        db.run_all("create table somebody_elses (n bigint)").unwrap();
        let failure = migrate(&mut db, MIGRATIONS, 1).unwrap_err();
        assert!(matches!(failure, Failure::Damaged { .. }), "{failure}");
    }
}
