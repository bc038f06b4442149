//! Where a command writes: whole or not at all, and nothing beside the file is done in silence.

use crate::ended::Ended;
use crate::say;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Write a file; answers where it is, and what had to give way or be made for it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<String, Ended> {
    let place = told(path);
    say::write_file(path, bytes)?;
    Ok(place)
}

/// The path, with what writing there does beside: `rules.html, in place of the file that was there`.
fn told(path: &Path) -> String {
    let shown = path.display();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    match folder {
        _ if path.exists() => format!("{shown}, in place of the file that was there"),
        Some(folder) => format!("{shown}; the folder {} was made for it", folder.display()),
        None => shown.to_string(),
    }
}

/// A file that is written line by line and appears whole or not at all.
pub struct Lines {
    beside: PathBuf,
    path: PathBuf,
    place: String,
    file: BufWriter<File>,
}

impl Lines {
    /// Begin beside the place where it will stand.
    pub fn create(path: &Path) -> Result<Lines, Ended> {
        let place = told(path);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, error))?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside).map_err(|error| cannot_write(path, error))?;
        let file = BufWriter::with_capacity(1 << 18, file);
        Ok(Lines { beside, path: path.to_owned(), place, file })
    }

    /// One more line.
    pub fn line(&mut self, line: &str) -> Result<(), Ended> {
        writeln!(self.file, "{line}").map_err(|error| cannot_write(&self.path, error))
    }

    /// Let it stand; answers where, as [`write`] does.
    pub fn keep(mut self) -> Result<String, Ended> {
        self.file.flush().map_err(|error| cannot_write(&self.path, error))?;
        std::fs::rename(&self.beside, &self.path).map_err(|error| cannot_write(&self.path, error))?;
        Ok(std::mem::take(&mut self.place))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // What was kept has another name by now; what was not is worth nothing.
        let _ = std::fs::remove_file(&self.beside);
    }
}

fn cannot_write(path: &Path, error: std::io::Error) -> Ended {
    Ended::Failed(anyhow::Error::new(error).context(format!(
        "cannot write {}: check that the folder exists, is writable and has space",
        path.display()
    )))
}
