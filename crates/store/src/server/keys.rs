//! Keys of tills, web shops and apps.

use crate::db::Row;
use crate::failure::Failure;
use crate::record::Writing;

/// A key. The secret is not in it, only its keyed hash. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its id, which is the part of the key that may be seen.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// Whose ids it speaks of; empty where it may name any source.
    pub source: String,
    /// What it may do: words with spaces between.
    pub scopes: String,
    /// The keyed hash of the secret.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: i64,
    /// By whom.
    pub created_by: String,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

const KEY: &str =
    "select key_id, name, source, scopes, hash, created_at, created_by, expires_at, last_used_at,
    revoked_at from api_key";

fn key(row: &Row<'_>) -> Result<ApiKeyRow, Failure> {
    Ok(ApiKeyRow {
        key_id: row.string(0)?,
        name: row.string(1)?,
        source: row.string(2)?,
        scopes: row.string(3)?,
        hash: row.hash(4)?,
        created_at: row.int(5)?,
        created_by: row.string(6)?,
        expires_at: row.maybe_int(7)?,
        last_used_at: row.maybe_int(8)?,
        revoked_at: row.maybe_int(9)?,
    })
}

impl Writing<'_> {
    /// Add a key.
    pub fn insert_api_key(&self, row: &ApiKeyRow) -> Result<(), Failure> {
        let sql =
            "insert into api_key (key_id, name, source, scopes, hash, created_at, created_by, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (id, name, source) = ((&row.key_id).into(), (&row.name).into(), (&row.source).into());
        let (scopes, hash) = ((&row.scopes).into(), row.hash.as_slice().into());
        let (at, by) = (row.created_at.into(), (&row.created_by).into());
        self.db.run(sql, &[id, name, source, scopes, hash, at, by, row.expires_at.into()]).map(drop)
    }

    /// A key by its id.
    pub fn find_api_key(&self, key_id: &str) -> Result<Option<ApiKeyRow>, Failure> {
        self.db.first(&format!("{KEY} where key_id = $1"), &[key_id.into()], key)
    }

    /// All keys, oldest first.
    pub fn api_keys(&self) -> Result<Vec<ApiKeyRow>, Failure> {
        self.db.rows(&format!("{KEY} order by key_id"), &[], key)
    }

    /// End a key. Answers whether it was in force.
    pub fn revoke_api_key(&self, key_id: &str, now: i64) -> Result<bool, Failure> {
        let sql = "update api_key set revoked_at = $2 where key_id = $1 and revoked_at is null";
        Ok(self.db.run(sql, &[key_id.into(), now.into()])? == 1)
    }

    /// Say when keys were last used.
    pub fn touch_api_keys(&self, used: &[(String, i64)]) -> Result<(), Failure> {
        let sql = "update api_key set last_used_at = $2
             where key_id = $1 and (last_used_at is null or last_used_at < $2)";
        for (key_id, at) in used {
            self.db.run(sql, &[key_id.into(), (*at).into()])?;
        }
        Ok(())
    }
}
