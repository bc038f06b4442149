//! The lake as files: off an object store into a folder, and from a folder onto one. Paths within a table are those of
//! its own log, so a copy opens wherever it lies.

use super::{DeltaLake, cannot_write};
use datafusion::object_store::Error as StoreError;
use deltalake::{DeltaTableBuilder, DeltaTableError, ObjectStore, Path as StorePath};
use domain::fact::Table;
use domain::port::Failure;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl DeltaLake {
    /// Whether no table was ever made here.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub fn is_empty(&self) -> Result<bool, Failure> {
        self.runtime.block_on(async {
            for table in Table::ALL {
                if self.load(table, None).await?.is_some() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Copy every file of every table below `folder`, durably; `each` hears its path there, with `/` between.
    ///
    /// # Errors
    /// Where a file cannot be read or written.
    pub fn copy_to(
        &self,
        folder: &Path,
        each: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.runtime.block_on(async {
            for table in Table::ALL {
                let store = self.files_of(table)?;
                let mut below: Vec<Option<StorePath>> = vec![None];
                while let Some(prefix) = below.pop() {
                    let failed = |error| self.cannot_copy(table, error);
                    let listed = store.list_with_delimiter(prefix.as_ref()).await.map_err(failed)?;
                    below.extend(listed.common_prefixes.into_iter().map(Some));
                    for object in listed.objects {
                        let found =
                            store.get_opts(&object.location, Default::default()).await.map_err(failed)?;
                        let bytes = found.bytes().await.map_err(failed)?;
                        let path = format!("{}/{}", table.name(), object.location);
                        write(&folder.join(&path), &bytes)?;
                        each(&path)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Put every file below `folder` to its place here: the way back of [`DeltaLake::copy_to`].
    ///
    /// # Errors
    /// Where a file cannot be read or put.
    pub fn fill_from(&self, folder: &Path) -> Result<(), Failure> {
        self.runtime.block_on(async {
            for table in Table::ALL {
                let (root, store) = (folder.join(table.name()), self.files_of(table)?);
                // The log last: a table that is there has its files.
                let (log, data): (Vec<PathBuf>, Vec<PathBuf>) = files_below(&root)?
                    .into_iter()
                    .partition(|path| path.starts_with(root.join("_delta_log")));
                for path in data.iter().chain(&log) {
                    let bytes = std::fs::read(path).map_err(|error| cannot_read(path, error))?;
                    let below = path.strip_prefix(&root).expect("found below it");
                    let name = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
                    let place = StorePath::parse(&name)
                        .map_err(|error| Failure::because(format!("'{name}' is no object name"), error))?;
                    let put = store.put_opts(&place, bytes.into(), Default::default()).await;
                    put.map_err(|error| self.cannot_copy(table, error))?;
                }
            }
            Ok(())
        })
    }

    fn files_of(&self, table: Table) -> Result<Arc<dyn ObjectStore>, Failure> {
        let failed = |error: DeltaTableError| self.cannot_open(table, error);
        let built =
            DeltaTableBuilder::from_url(self.url_of(table)).map_err(failed)?.build().map_err(failed)?;
        Ok(built.object_store())
    }

    fn cannot_copy(&self, table: Table, error: StoreError) -> Failure {
        let root = &self.root;
        Failure::because(format!("lake table '{}' in {root} cannot be copied", table.name()), error)
    }
}

/// All files below a folder, in their order; none where there is no folder.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        let failed = |error| cannot_read(&folder, error);
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error| cannot_write(path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)?;
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(failed)
}

fn cannot_read(path: &Path, error: std::io::Error) -> Failure {
    Failure::because(format!("cannot read {}", path.display()), error)
}
