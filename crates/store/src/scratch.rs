//! A schema of its own on a PostgreSQL server, which goes when it goes out of scope: for tests and benches, so that
//! no two runs share a row.

use crate::db::Db;
use crate::failure::Failure;
use std::sync::atomic::{AtomicU32, Ordering};

/// A schema that lasts as long as this value.
pub struct Scratch {
    server: String,
    schema: String,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Scratch {
    /// Make one on the server of `url`.
    pub fn create(url: &str) -> Result<Scratch, Failure> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("perennial_scratch_{}_{number}", std::process::id());
        let db = Db::connect(url)?;
        db.run_all(&format!("drop schema if exists {schema} cascade; create schema {schema}"))?;
        Ok(Scratch { server: url.to_owned(), schema })
    }

    /// The URL under which a store lives in it.
    pub fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}options=-csearch_path%3D{}", self.server, self.schema)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Where the server has gone there is nothing to tidy up, and nobody to tell.
        if let Ok(db) = Db::connect(&self.server) {
            drop(db.run_all(&format!("drop schema if exists {} cascade", self.schema)));
        }
    }
}
