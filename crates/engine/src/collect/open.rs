//! From what was named on the command line to files that can be read twice: globs, standard input (spooled, so that it
//! can be read again), compression, archives.

use super::refused::{Refused, Stopped};
use domain::port::Failure;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something to import.
pub enum Input {
    /// A path or a glob; `-` is standard input.
    Path(String),
    /// Rows from a reader that lives elsewhere, such as Parquet's.
    Rows(Rows),
}

/// Rows that somebody else reads. They are read twice: once to look at them, once to import them.
pub struct Rows {
    /// The name of the file, for messages.
    pub name: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// Start from the first row.
    pub open: Open,
}

/// Starts to read from the first row.
pub type Open = Box<dyn Fn() -> Result<NextRow, Failure> + Send + Sync>;

/// Puts the next row's cells, as text, into the record; `false` at the end. Dates are ISO 8601, numbers plain with a
/// point, an absent cell is an empty one.
pub type NextRow = Box<dyn FnMut(&mut Record) -> Result<bool, Failure> + Send>;

/// The cells of a row on its way in.
#[derive(Debug, Default)]
pub struct Record {
    pub(super) text: String,
    pub(super) ends: Vec<usize>,
}

impl Record {
    /// Add a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }
}

/// One file of an import.
pub(super) struct Source {
    /// For messages: the path, and the entry where it is an archive.
    pub name: String,
    pub how: How,
    /// Bytes on disk.
    pub bytes: u64,
}

pub(super) enum How {
    Plain(PathBuf),
    Gzip(PathBuf),
    Zstd(PathBuf),
    /// An entry of an archive.
    Zip(PathBuf, usize),
    Rows(Rows),
}

/// A temporary copy of standard input, gone when dropped.
pub(super) struct Spool(PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        // A copy that cannot be deleted is only untidy.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What inputs are, opened far enough to know their compression.
pub(super) fn sources(
    inputs: Vec<Input>,
    folder: &Path,
    name: u64,
) -> Result<(Vec<Source>, Vec<Spool>), Stopped> {
    let (mut sources, mut spools) = (Vec::new(), Vec::new());
    for input in inputs {
        match input {
            Input::Rows(rows) => {
                sources.push(Source { name: rows.name.clone(), how: How::Rows(rows), bytes: 0 });
            }
            Input::Path(path) if path == "-" => {
                let place = folder.join(format!("standard-input-{}-{name}.tmp", std::process::id()));
                spool(&mut io::stdin().lock(), &place)?;
                spools.push(Spool(place.clone()));
                named(&place, "standard input", &mut sources)?;
            }
            Input::Path(path) => {
                for place in matching(&path)? {
                    named(&place, &place.display().to_string(), &mut sources)?;
                }
            }
        }
    }
    if sources.is_empty() {
        return Err(Refused::NoInput.into());
    }
    Ok((sources, spools))
}

fn spool(from: &mut dyn Read, to: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| cannot_write(to, error);
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = File::create(to).map_err(failed)?;
    io::copy(from, &mut file).map_err(failed)?;
    file.flush().map_err(failed)
}

/// Say what to do about a path that cannot be written.
pub(super) fn cannot_write(path: &Path, error: io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and import again",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "give this program the right to write there, or choose another folder with --data"
        }
        _ => "check the disk and import again",
    };
    Failure::because(
        format!("cannot write {}: {error}; {advice}; nothing was imported", path.display()),
        error,
    )
}

/// Say what to do about a path that cannot be read.
pub(super) fn cannot_read(name: &str, error: io::Error) -> Stopped {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Refused::Damaged { file: name.to_owned(), detail: error.to_string() }.into()
        }
        io::ErrorKind::NotFound => Refused::NoSuchFile(name.to_owned()).into(),
        io::ErrorKind::PermissionDenied => {
            Failure::because(format!("cannot read {name}: give this program the right to read it"), error)
                .into()
        }
        _ if error.to_string().contains("rame") || error.to_string().contains("corrupt") => {
            // zstd has no kind of its own for damaged frames.
            Refused::Damaged { file: name.to_owned(), detail: error.to_string() }.into()
        }
        _ => Failure::because(format!("cannot read {name}: {error}; check the disk and try again"), error)
            .into(),
    }
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, Stopped> {
    let path = Path::new(pattern);
    if path.exists() || !pattern.contains(['*', '?', '[']) {
        return Ok(vec![path.to_owned()]);
    }
    let bad = |_| Refused::NoSuchFile(pattern.to_owned());
    let mut paths: Vec<PathBuf> =
        glob::glob(pattern).map_err(bad)?.flatten().filter(|path| path.is_file()).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(Refused::NoSuchFile(pattern.to_owned()).into());
    }
    Ok(paths)
}

fn named(path: &Path, name: &str, sources: &mut Vec<Source>) -> Result<(), Stopped> {
    let failed = |error| cannot_read(name, error);
    let mut file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_dir() {
        return Err(Refused::NoSuchFile(format!("{name} (a folder)")).into());
    }
    let mut magic = Vec::new();
    Read::by_ref(&mut file).take(4).read_to_end(&mut magic).map_err(failed)?;
    let push = |sources: &mut Vec<Source>, how| {
        sources.push(Source { name: name.to_owned(), how, bytes: about.len() });
    };
    match magic.as_slice() {
        [] => return Err(Refused::Empty(name.to_owned()).into()),
        [0x1f, 0x8b, ..] => push(sources, How::Gzip(path.to_owned())),
        [0x28, 0xb5, 0x2f, 0xfd] => push(sources, How::Zstd(path.to_owned())),
        b"PK\x03\x04" => {
            let archive = archive(path, name)?;
            // A workbook is an archive too, and is read as a workbook.
            if entry_names(&archive).iter().any(|entry| entry == "[Content_Types].xml") {
                push(sources, How::Plain(path.to_owned()));
            } else {
                let entries = entry_names(&archive).into_iter().enumerate().filter(|(_, entry)| {
                    !entry.ends_with('/') && !entry.starts_with("__MACOSX") && !entry.ends_with(".DS_Store")
                });
                for (place, entry) in entries {
                    sources.push(Source {
                        name: format!("{name}:{entry}"),
                        how: How::Zip(path.to_owned(), place),
                        bytes: about.len() / archive.len().max(1) as u64,
                    });
                }
            }
        }
        _ => push(sources, How::Plain(path.to_owned())),
    }
    Ok(())
}

fn entry_names(archive: &zip::ZipArchive<BufReader<File>>) -> Vec<String> {
    let name = |place| {
        archive.name_for_index(place).and_then(Result::ok).map_or(String::new(), |name| name.into_owned())
    };
    (0..archive.len()).map(name).collect()
}

fn archive(path: &Path, name: &str) -> Result<zip::ZipArchive<BufReader<File>>, Stopped> {
    let file = File::open(path).map_err(|error| cannot_read(name, error))?;
    zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| Refused::Damaged { file: name.to_owned(), detail: error.to_string() }.into())
}

/// Counts the bytes taken from the disk, for the progress bar.
struct Counting<R> {
    inner: R,
    seen: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.seen.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Source {
    /// Read the file's bytes, decompressed, through `on`.
    pub(super) fn read<T>(
        &self,
        seen: &Arc<AtomicU64>,
        on: impl FnOnce(&mut dyn Read) -> Result<T, Stopped>,
    ) -> Result<T, Stopped> {
        let open = |path: &Path| {
            let file = File::open(path).map_err(|error| cannot_read(&self.name, error))?;
            Ok::<_, Stopped>(Counting { inner: file, seen: seen.clone() })
        };
        match &self.how {
            How::Plain(path) => on(&mut open(path)?),
            How::Gzip(path) => {
                on(&mut flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, open(path)?)))
            }
            How::Zstd(path) => {
                let decoder = zstd::Decoder::new(open(path)?);
                on(&mut decoder.map_err(|error| cannot_read(&self.name, error))?)
            }
            How::Zip(path, place) => {
                let mut archive = archive(path, &self.name)?;
                let damaged = |error: zip::result::ZipError| Refused::Damaged {
                    file: self.name.clone(),
                    detail: error.to_string(),
                };
                let entry = archive.by_index(*place).map_err(damaged)?;
                on(&mut Counting { inner: entry, seen: seen.clone() })
            }
            How::Rows(_) => on(&mut io::empty()),
        }
    }

    /// The first bytes, at most `limit`.
    pub(super) fn head(&self, limit: usize) -> Result<Vec<u8>, Stopped> {
        self.read(&Arc::default(), |read| {
            let mut head = Vec::new();
            read.take(limit as u64).read_to_end(&mut head).map_err(|error| cannot_read(&self.name, error))?;
            Ok(head)
        })
    }
}
