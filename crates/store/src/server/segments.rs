//! Definitions of segments, as the door reads and keeps them.

use crate::campaign::{newest_segment, segments, write_segment};
use crate::failure::Failure;
use crate::record::Writing;

impl Writing<'_> {
    /// All segments as `(name, newest version, text)`, by name.
    pub fn segments(&self) -> Result<Vec<(String, i64, String)>, Failure> {
        segments(self.db)
    }

    /// The newest definition of that name: version and text.
    pub fn newest_segment(&self, name: &str) -> Result<Option<(i64, String)>, Failure> {
        newest_segment(self.db, name)
    }

    /// Keep a definition under a name. The same text again is the version that was there; another text is the next.
    pub fn keep_segment(&self, name: &str, body: &str, now: i64) -> Result<i64, Failure> {
        write_segment(self.db, name, body, now)
    }
}
