//! Which rows of an import are new: exact 128-bit identities, in bounded memory.
//!
//! Every row leaves an [`Entry`]. Entries are dealt into buckets by the first bits of their key; beyond a budget the
//! buckets go to disk, so that an import of any size is judged a bucket at a time. The keys the lake already has are
//! dealt the same way. A 64-bit fingerprint would be smaller, and would lose one row in a few thousand imports of a
//! hundred million lines; nothing accepted is ever lost, so the whole key is kept.

use super::cannot_write;
use domain::port::{FILE_SHIFT, Failure};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const BUCKETS: usize = 64;
const WIDTH: usize = 40;

/// One row of an import, or one the lake has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its identity.
    pub key: u128,
    /// Ordinal in the import.
    pub row: u64,
    /// A hash of what it says.
    pub content: u64,
    /// The staged file it stands in; [`IN_LAKE`] for a row of the lake.
    pub file: u32,
    /// Its place in that file.
    pub place: u32,
}

/// The `file` of rows that the lake has already.
pub const IN_LAKE: u32 = u32::MAX;

impl Entry {
    /// Whether its identity is its content (equal rows may repeat) and not a key of the source (one row each).
    fn is_content(&self) -> bool {
        self.key as u64 == self.content
    }

    fn to_bytes(self) -> [u8; WIDTH] {
        let mut bytes = [0; WIDTH];
        bytes[..16].copy_from_slice(&self.key.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.row.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.content.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.file.to_le_bytes());
        bytes[36..].copy_from_slice(&self.place.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; WIDTH]) -> Entry {
        let part = |from: usize| u64::from_le_bytes(bytes[from..from + 8].try_into().expect("eight bytes"));
        Entry {
            key: u128::from(part(0)) | u128::from(part(8)) << 64,
            row: part(16),
            content: part(24),
            file: part(32) as u32,
            place: (part(32) >> 32) as u32,
        }
    }
}

/// What became of the rows of an import.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Rows to keep.
    pub rows_new: u64,
    /// Rows the lake has already, or a second time under the source's own key.
    pub rows_known: u64,
    /// Ordinals of rows whose key is taken by other content.
    pub contradictions: Vec<u64>,
    /// By staged file: places to drop, ascending.
    pub drops: HashMap<u32, Vec<u32>>,
}

/// Entries in buckets, in memory up to a budget and on disk beyond it.
#[derive(Debug)]
pub struct Entries {
    buckets: Vec<Vec<Entry>>,
    held: usize,
    budget: usize,
    folder: PathBuf,
    spilled: Option<Vec<BufWriter<File>>>,
}

impl Entries {
    /// Entries of which at most `budget` are held in memory; the rest goes to files in `folder`.
    pub fn new(folder: &Path, budget: usize) -> Entries {
        Entries {
            buckets: vec![Vec::new(); BUCKETS],
            held: 0,
            budget,
            folder: folder.to_owned(),
            spilled: None,
        }
    }

    /// Add one.
    ///
    /// # Errors
    /// Where the disk is full or read-only.
    pub fn push(&mut self, entry: Entry) -> Result<(), Failure> {
        self.buckets[(entry.key >> 122) as usize].push(entry);
        self.held += 1;
        if self.held >= self.budget { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), Failure> {
        let failed = |error| cannot_write(&self.folder, error);
        if self.spilled.is_none() {
            std::fs::create_dir_all(&self.folder).map_err(failed)?;
            let files: Result<Vec<_>, _> = (0..BUCKETS)
                .map(|bucket| File::create(bucket_path(&self.folder, bucket)).map(BufWriter::new))
                .collect();
            self.spilled = Some(files.map_err(failed)?);
        }
        let files = self.spilled.as_mut().expect("made above");
        for (bucket, file) in self.buckets.iter_mut().zip(files) {
            for entry in bucket.drain(..) {
                file.write_all(&entry.to_bytes()).map_err(failed)?;
            }
        }
        self.held = 0;
        Ok(())
    }

    /// Judge every row against the lake's and its own kind.
    ///
    /// # Errors
    /// Where the spilled entries cannot be read back.
    pub fn judge(mut self) -> Result<Verdict, Failure> {
        let mut verdict = Verdict::default();
        let spilled = self.spilled.take();
        if let Some(files) = spilled {
            for mut file in files {
                file.flush().map_err(|error| cannot_write(&self.folder, error))?;
            }
            for bucket in 0..BUCKETS {
                let mut entries = std::mem::take(&mut self.buckets[bucket]);
                read_bucket(&bucket_path(&self.folder, bucket), &mut entries)?;
                judge_bucket(entries, &mut verdict);
            }
        } else {
            for entries in self.buckets {
                judge_bucket(entries, &mut verdict);
            }
        }
        verdict.contradictions.sort_unstable();
        for places in verdict.drops.values_mut() {
            places.sort_unstable();
        }
        Ok(verdict)
    }
}

fn bucket_path(folder: &Path, bucket: usize) -> PathBuf {
    folder.join(format!("keys-{bucket:02}"))
}

fn read_bucket(path: &Path, into: &mut Vec<Entry>) -> Result<(), Failure> {
    let failed = |error| Failure::because(format!("cannot read back {}", path.display()), error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut bytes = [0; WIDTH];
    loop {
        match file.read_exact(&mut bytes) {
            Ok(()) => into.push(Entry::from_bytes(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
    }
}

fn judge_bucket(mut entries: Vec<Entry>, verdict: &mut Verdict) {
    entries.sort_unstable_by_key(|entry| (entry.key, entry.file != IN_LAKE, entry.row));
    for group in entries.chunk_by(|left, right| left.key == right.key) {
        let known = group.iter().take_while(|entry| entry.file == IN_LAKE).count();
        let (lake, rows) = group.split_at(known);
        let Some(first) = lake.first().or(rows.first()) else { continue };
        let (mut kept, mut file, mut in_file) = (known, 0, 0);
        for entry in rows {
            if entry.row >> FILE_SHIFT != file {
                (file, in_file) = (entry.row >> FILE_SHIFT, 0);
            }
            in_file += 1;
            let is_new = if first.is_content() { in_file > kept } else { kept == 0 };
            if is_new {
                kept += 1;
                verdict.rows_new += 1;
                continue;
            }
            verdict.drops.entry(entry.file).or_default().push(entry.place);
            if entry.content == first.content {
                verdict.rows_known += 1;
            } else {
                verdict.contradictions.push(entry.row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `key content`, one file; `lake` first.
    fn check(lake: &[(u128, u64)], rows: &[(u128, u64)], budget: usize) -> (u64, u64, Vec<u64>, Vec<u32>) {
        let folder = tempfile::tempdir().unwrap();
        let mut entries = Entries::new(folder.path(), budget);
        for &(key, content) in lake {
            entries.push(Entry { key, row: 0, content, file: IN_LAKE, place: 0 }).unwrap();
        }
        for (place, &(key, content)) in rows.iter().enumerate() {
            entries.push(Entry { key, row: place as u64, content, file: 0, place: place as u32 }).unwrap();
        }
        let mut verdict = entries.judge().unwrap();
        let drops = verdict.drops.remove(&0).unwrap_or_default();
        (verdict.rows_new, verdict.rows_known, verdict.contradictions, drops)
    }

    #[test]
    fn repeats_within_a_file_count_and_overlap_adds_nothing() {
        let coffee = (7u128, 7u64);
        assert_eq!(check(&[], &[coffee, coffee], 100), (2, 0, vec![], vec![]));
        assert_eq!(check(&[coffee, coffee], &[coffee, coffee], 100), (0, 2, vec![], vec![0, 1]));
        assert_eq!(check(&[coffee], &[coffee, coffee, coffee], 100), (2, 1, vec![], vec![0]));
    }

    #[test]
    fn equal_rows_of_two_files_are_the_same_facts() {
        let folder = tempfile::tempdir().unwrap();
        let mut entries = Entries::new(folder.path(), 100);
        for (place, row) in
            [0, 1, 1 << FILE_SHIFT, 1 << FILE_SHIFT | 1, 1 << FILE_SHIFT | 2].into_iter().enumerate()
        {
            entries.push(Entry { key: 7, row, content: 7, file: 0, place: place as u32 }).unwrap();
        }
        let verdict = entries.judge().unwrap();
        assert_eq!((verdict.rows_new, verdict.rows_known), (3, 2));
    }

    #[test]
    fn the_sources_own_key_takes_one_row_and_reports_contradictions() {
        assert_eq!(check(&[], &[(1, 50), (1, 50), (1, 60)], 100), (1, 1, vec![2], vec![1, 2]));
        assert_eq!(check(&[(1, 50)], &[(1, 60)], 100), (0, 0, vec![0], vec![0]));
    }

    #[test]
    fn the_same_verdict_from_memory_and_from_disk() {
        let rows: Vec<(u128, u64)> = (0..5_000u64)
            .map(|n| (u128::from(n % 1_700) << 115 | u128::from(n % 1_700), n % 1_700 + (n / 4_000)))
            .collect();
        let lake: Vec<(u128, u64)> = rows[..900].to_vec();
        assert_eq!(check(&lake, &rows, usize::MAX), check(&lake, &rows, 64));
    }

    #[test]
    fn an_entry_survives_its_bytes() {
        let entry = Entry { key: u128::MAX - 5, row: 1 << 40, content: 3, file: 9, place: u32::MAX };
        assert_eq!(Entry::from_bytes(&entry.to_bytes()), entry);
    }
}
