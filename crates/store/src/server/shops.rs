//! Shops that send us webhooks, and what each last told us of a thing of its own.

use crate::failure::Failure;
use crate::record::Writing;

/// A shop that sends us webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopLinkRow {
    /// As whose its orders are known here.
    pub source: String,
    /// `shopify` or `woocommerce`.
    pub dialect: String,
    /// The sealed secret.
    pub sealed: String,
    /// When it was said, in microseconds since 1970.
    pub set_at: i64,
    /// By whom.
    pub set_by: String,
}

impl Writing<'_> {
    /// Keep a shop's secret, in place of the one before.
    pub fn put_shop_link(&self, row: &ShopLinkRow) -> Result<(), Failure> {
        let sql =
            "insert into shop_link (source, dialect, sealed, set_at, set_by) values ($1, $2, $3, $4, $5)
             on conflict (source, dialect) do update set
                 sealed = excluded.sealed, set_at = excluded.set_at, set_by = excluded.set_by";
        let (source, dialect) = ((&row.source).into(), (&row.dialect).into());
        let sealed = (&row.sealed).into();
        self.db.run(sql, &[source, dialect, sealed, row.set_at.into(), (&row.set_by).into()]).map(drop)
    }

    /// All shops, by source.
    pub fn shop_links(&self) -> Result<Vec<ShopLinkRow>, Failure> {
        let sql = "select source, dialect, sealed, set_at, set_by from shop_link order by source, dialect";
        self.db.rows(sql, &[], |row| {
            let (source, dialect, sealed) = (row.string(0)?, row.string(1)?, row.string(2)?);
            Ok(ShopLinkRow { source, dialect, sealed, set_at: row.int(3)?, set_by: row.string(4)? })
        })
    }

    /// Listen to a shop no more. Answers whether we did.
    pub fn delete_shop_link(&self, source: &str, dialect: &str) -> Result<bool, Failure> {
        let sql = "delete from shop_link where source = $1 and dialect = $2";
        Ok(self.db.run(sql, &[source.into(), dialect.into()])? == 1)
    }

    /// Whether this is news of a thing: its version is above what was heard before, and is what was heard from now on.
    pub fn is_news(&self, source: &str, thing: &str, version: &str, now: i64) -> Result<bool, Failure> {
        let sql = "insert into latest_news (source, thing, version, heard_at) values ($1, $2, $3, $4)
             on conflict (source, thing) do update set version = excluded.version, heard_at = excluded.heard_at
             where excluded.version > latest_news.version";
        Ok(self.db.run(sql, &[source.into(), thing.into(), version.into(), now.into()])? == 1)
    }
}
