//! A folder into which a till drops files: which of them are complete, and where they go once imported.
//!
//! A file is taken when two looks found it the same and it has been left alone for a while. What was imported moves to
//! `done/`, what was refused to `rejected/` with a text beside it that says why; where the world failed it stays and
//! is tried again.

use super::open::cannot_write;
use super::refused::{Refused, Stopped};
use domain::port::Failure;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A file as one look found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// When it was last written, microseconds since 1970-01-01 UTC.
    pub modified_micros: i64,
}

/// How long a file must have been left alone, microseconds.
pub const QUIET_MICROS: i64 = 2_000_000;

/// The files to import now: the same in both looks, not empty, and quiet.
pub fn ready(before: &[Seen], now: &[Seen], now_micros: i64) -> Vec<PathBuf> {
    let is_ready = |seen: &&Seen| {
        seen.bytes > 0 && before.contains(seen) && now_micros - seen.modified_micros >= QUIET_MICROS
    };
    let mut paths: Vec<PathBuf> = now.iter().filter(is_ready).map(|seen| seen.path.clone()).collect();
    paths.sort();
    paths
}

/// Look into the folder: plain files without the names that unfinished ones have.
pub fn look(folder: &Path) -> Result<Vec<Seen>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::because(
            format!("cannot look into {}: {error}; check that the folder is there", folder.display()),
            error,
        )
    };
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let is_unfinished = name.starts_with(['.', '~'])
            || [".tmp", ".part", ".partial", ".crdownload", ".filepart"]
                .iter()
                .any(|end| name.ends_with(end));
        // A file that is gone again between the two calls is none of ours.
        let Ok(about) = entry.metadata() else { continue };
        if is_unfinished || !about.is_file() {
            continue;
        }
        let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified_micros = modified.map_or(0, |since| since.as_micros() as i64);
        seen.push(Seen { path: entry.path(), bytes: about.len(), modified_micros });
    }
    Ok(seen)
}

/// One round: look, import what is ready, put it away. `before` is what the last round saw. Returns what was handled,
/// each with its refusal if it had one.
///
/// # Errors
/// Where the folder cannot be read or an import failed; that file stays where it is.
pub fn round(
    folder: &Path,
    before: &mut Vec<Seen>,
    now_micros: i64,
    import: &mut dyn FnMut(&Path) -> Result<(), Stopped>,
) -> Result<Vec<(PathBuf, Option<Refused>)>, Failure> {
    let now = look(folder)?;
    let paths = ready(before, &now, now_micros);
    *before = now;
    let mut handled = Vec::new();
    for path in paths {
        let refused = match import(&path) {
            Ok(()) => None,
            Err(Stopped::Refused(refused)) => Some(refused),
            Err(Stopped::Failed(failure)) => return Err(failure),
        };
        put_away(folder, &path, refused.as_ref())?;
        handled.push((path, refused));
    }
    Ok(handled)
}

/// Move a file to `done/`, or to `rejected/` with the reason beside it; an older file of that name is kept.
pub fn put_away(folder: &Path, path: &Path, refused: Option<&Refused>) -> Result<PathBuf, Failure> {
    let to = folder.join(if refused.is_some() { "rejected" } else { "done" });
    std::fs::create_dir_all(&to).map_err(|error| cannot_write(&to, error))?;
    let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
    let (stem, end) = match name.split_once('.') {
        Some((stem, end)) => (stem.to_owned(), format!(".{end}")),
        None => (name.to_string(), String::new()),
    };
    let place = (1..)
        .map(
            |number: u32| {
                if number == 1 { to.join(&*name) } else { to.join(format!("{stem}-{number}{end}")) }
            },
        )
        .find(|place| !place.exists())
        .expect("some number is free");
    std::fs::rename(path, &place).map_err(|error| cannot_write(&place, error))?;
    if let Some(refused) = refused {
        let why = place.with_file_name(format!(
            "{}.why.txt",
            place.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        ));
        std::fs::write(&why, format!("{refused}\n")).map_err(|error| cannot_write(&why, error))?;
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, bytes: u64, modified_micros: i64) -> Seen {
        Seen { path: PathBuf::from(name), bytes, modified_micros }
    }

    #[test]
    fn only_files_at_rest_are_ready() {
        let before = [seen("a", 5, 0), seen("b", 5, 0), seen("c", 0, 0), seen("d", 5, 9_000_000)];
        let now =
            [seen("a", 5, 0), seen("b", 6, 0), seen("c", 0, 0), seen("d", 5, 9_000_000), seen("e", 5, 0)];
        assert_eq!(ready(&before, &now, 10_000_000), [PathBuf::from("a")]);
        assert_eq!(ready(&before, &now, 11_000_000), [PathBuf::from("a"), PathBuf::from("d")]);
    }

    #[test]
    fn files_are_put_where_they_belong() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), "x").unwrap();
        let mut before;
        let later = i64::MAX / 2;
        let mut import = |path: &Path| match path.ends_with("bad.csv") {
            true => Err(Refused::Empty("bad.csv".to_owned()).into()),
            false => Ok(()),
        };
        for _ in 0..2 {
            write("good.csv");
            write("bad.csv");
            write("half.csv.part");
            before = look(folder.path()).unwrap();
            let handled = round(folder.path(), &mut before, later, &mut import).unwrap();
            assert_eq!(handled.len(), 2);
        }
        for place in
            ["done/good.csv", "done/good-2.csv", "rejected/bad.csv", "rejected/bad-2.csv", "half.csv.part"]
        {
            assert!(folder.path().join(place).exists(), "{place}");
        }
        let why = std::fs::read_to_string(folder.path().join("rejected/bad.csv.why.txt")).unwrap();
        assert!(why.contains("bad.csv is empty"), "{why}");
        write("good.csv");
        before = look(folder.path()).unwrap();
        let mut fails = |_: &Path| Err(Failure::new("the disk is full").into());
        assert!(round(folder.path(), &mut before, later, &mut fails).is_err());
        assert!(folder.path().join("good.csv").exists(), "it is tried again");
    }
}
