//! What the shop has said once: settings, and which column of its files plays which role.

use crate::failure::{Error, Failure};
use crate::open::Store;

impl Store {
    /// Keep a setting (`shop`, `currency`, `timezone`, …), in place of what it said before. Lists are JSON.
    pub fn save_setting(&mut self, name: &str, value: &str, now_micros: i64) -> Result<(), Error> {
        let sql = "insert into setting (name, value, saved_at) values ($1, $2, $3)
             on conflict (name) do update set value = excluded.value, saved_at = excluded.saved_at";
        self.db.transaction(|db| db.run(sql, &[name.into(), value.into(), now_micros.into()]))?;
        Ok(())
    }

    /// A setting, where it was made.
    pub fn find_setting(&self, name: &str) -> Result<Option<String>, Failure> {
        let sql = "select value from setting where name = $1";
        self.db.first(sql, &[name.into()], |row| Ok(row.text(0)?.to_owned()))
    }

    /// All settings as `(name, value)`, by name.
    pub fn list_settings(&self) -> Result<Vec<(String, String)>, Failure> {
        let sql = "select name, value from setting order by name";
        self.db.rows(sql, &[], |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
    }

    /// Keep a mapping under a name, in place of the one before. `body` is the caller's own text.
    pub fn save_mapping(&mut self, name: &str, body: &str, now_micros: i64) -> Result<(), Error> {
        let sql = "insert into mapping (name, body, saved_at) values ($1, $2, $3)
             on conflict (name) do update set body = excluded.body, saved_at = excluded.saved_at";
        self.db.transaction(|db| db.run(sql, &[name.into(), body.into(), now_micros.into()]))?;
        Ok(())
    }

    /// A mapping, where one has that name.
    pub fn find_mapping(&self, name: &str) -> Result<Option<String>, Failure> {
        let sql = "select body from mapping where name = $1";
        self.db.first(sql, &[name.into()], |row| Ok(row.text(0)?.to_owned()))
    }

    /// All mappings as `(name, saved_at in microseconds)`, by name.
    pub fn list_mappings(&self) -> Result<Vec<(String, i64)>, Failure> {
        let sql = "select name, saved_at from mapping order by name";
        self.db.rows(sql, &[], |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{NOW, shop};

    #[test]
    fn what_was_said_last_holds() {
        let mut shop = shop();
        assert_eq!(shop.find_setting("currency").unwrap(), None);
        for (name, value) in [("timezone", "Asia/Ho_Chi_Minh"), ("currency", "USD"), ("currency", "VND")] {
            shop.save_setting(name, value, NOW).unwrap();
        }
        assert_eq!(shop.find_setting("currency").unwrap().as_deref(), Some("VND"));
        let listed = shop.list_settings().unwrap();
        assert_eq!(
            listed,
            [("currency", "VND"), ("timezone", "Asia/Ho_Chi_Minh")]
                .map(|(name, value)| (name.into(), value.into()))
        );
    }

    #[test]
    fn mappings_have_names() {
        let mut shop = shop();
        shop.save_mapping("till", "customer = 1", NOW).unwrap();
        shop.save_mapping("till", "customer = \"Mã KH\"", NOW + 1).unwrap();
        shop.save_mapping("sàn", "customer = 2", NOW).unwrap();
        assert_eq!(shop.find_mapping("till").unwrap().as_deref(), Some("customer = \"Mã KH\""));
        assert_eq!(shop.find_mapping("none").unwrap(), None);
        assert_eq!(shop.list_mappings().unwrap(), [("sàn".into(), NOW), ("till".into(), NOW + 1)]);
    }
}
