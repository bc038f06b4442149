//! Keys in memory: which are in force, and when they were last used.

use super::{App, hold};
use crate::problem::Problem;
use store::ApiKeyRow;

impl App {
    /// A key by its id, from memory where it was read a moment ago.
    pub async fn find_key(&self, key_id: &str) -> Result<Option<ApiKeyRow>, Problem> {
        /// How long a revocation made elsewhere may go unnoticed.
        const FRESH_MICROS: i64 = 5_000_000;
        /// Keys that are remembered; a shop has some dozen.
        const MOST: usize = 10_000;
        let now = self.now_micros();
        if let Some((row, read_at)) = hold(&self.0.keys).get(key_id)
            && now - read_at < FRESH_MICROS
        {
            return Ok(Some(row.clone()));
        }
        let id = key_id.to_owned();
        let found = self.read(move |session| Ok(session.read().find_api_key(&id)?)).await?;
        let mut keys = hold(&self.0.keys);
        if keys.len() >= MOST {
            keys.clear();
        }
        match &found {
            Some(row) => drop(keys.insert(key_id.to_owned(), (row.clone(), now))),
            None => drop(keys.remove(key_id)),
        }
        Ok(found)
    }

    /// Forget what is remembered of a key, because it was changed.
    pub fn forget_key(&self, key_id: &str) {
        hold(&self.0.keys).remove(key_id);
    }

    /// A key was used. Written down from time to time, see [`App::flush_keys`].
    pub fn used_key(&self, key_id: &str) {
        let now = self.now_micros();
        let mut used = hold(&self.0.used);
        match used.get_mut(key_id) {
            Some(at) => *at = now,
            None => drop(used.insert(key_id.to_owned(), now)),
        }
    }

    /// Write down when keys were last used. What cannot be written is tried again the next time.
    pub fn flush_keys(&self) {
        let used: Vec<(String, i64)> = std::mem::take(&mut *hold(&self.0.used)).into_iter().collect();
        if used.is_empty() {
            return;
        }
        let touched = used.clone();
        if let Err(problem) = self.write_now(move |writing| Ok(writing.touch_api_keys(&touched)?)) {
            tracing::warn!(
                why = problem.secret.as_deref().unwrap_or(&problem.detail),
                "last use of keys not kept"
            );
            hold(&self.0.used).extend(used);
        }
    }
}
