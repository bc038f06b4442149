//! Programs as they were installed.

use super::Writing;
use crate::failure::Failure;

/// A version of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRow {
    /// The program.
    pub program_id: String,
    /// Its version, from 1.
    pub version: i64,
    /// Its files by name, as JSON.
    pub files: String,
    /// The seed of its codes and draws; the same in every version.
    pub seed: String,
    /// Since when, in microseconds since 1970.
    pub installed_at: i64,
}

impl Writing<'_> {
    /// The version in force.
    pub fn find_program(&self, program_id: &str) -> Result<Option<ProgramRow>, Failure> {
        let sql = "select program_id, version, files, seed, installed_at from program where program_id = $1
             order by version desc limit 1";
        self.db.first(sql, &[program_id.into()], |row| {
            let (program_id, version) = (row.string(0)?, row.int(1)?);
            Ok(ProgramRow {
                program_id,
                version,
                files: row.string(2)?,
                seed: row.string(3)?,
                installed_at: row.int(4)?,
            })
        })
    }

    /// All programs, by id.
    pub fn list_programs(&self) -> Result<Vec<String>, Failure> {
        self.db.rows("select distinct program_id from program order by program_id", &[], |row| row.string(0))
    }

    /// Add a version. One that is there already is a [`Failure`].
    pub fn insert_program(&self, row: &ProgramRow) -> Result<(), Failure> {
        let sql = "insert into program (program_id, version, files, seed, installed_at) values ($1, $2, $3, $4, $5)";
        let (id, files, seed) = ((&row.program_id).into(), (&row.files).into(), (&row.seed).into());
        self.db.run(sql, &[id, row.version.into(), files, seed, row.installed_at.into()]).map(drop)
    }
}
