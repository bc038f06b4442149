//! The folder of a program: its `.toml` files, read and checked.

use crate::ended::Ended;
use loyalty::program::{Problem, Program, load};
use std::collections::BTreeMap;
use std::path::Path;

/// The texts of the `.toml` files of a folder, by path. Folders within it are not looked into.
pub fn read(dir: &Path) -> Result<BTreeMap<String, String>, Problem> {
    if dir.is_file() {
        return Err(problem(dir, 0, "it is a file", "name the folder the program's files stand in"));
    }
    let entries = std::fs::read_dir(dir)
        .map_err(|error| problem(dir, 0, error, "name the folder of a program, such as programs/comebuy"))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| problem(dir, 0, error, "check that the folder can be read"))?.path();
        let is_toml = path.extension().is_some_and(|ending| ending == "toml") && path.is_file();
        if !is_toml {
            continue;
        }
        let bytes = std::fs::read(&path)
            .map_err(|error| problem(&path, 0, error, "check that the file can be read"))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            problem(&path, line, "this is not UTF-8", "save the file as UTF-8")
        })?;
        files.insert(path.display().to_string(), text);
    }
    if files.is_empty() {
        let mend = "a program is a folder of them, with [program] and [[wallet]] in one";
        return Err(problem(dir, 0, "it has no .toml file", mend));
    }
    Ok(files)
}

fn problem(path: &Path, line: usize, what: impl ToString, mend: &str) -> Problem {
    Problem { file: path.display().to_string(), line, what: what.to_string(), mend: mend.to_owned() }
}

/// The program of a folder, or everything that is wrong with it.
pub fn try_load(dir: &Path) -> Result<Program, Vec<Problem>> {
    let files = read(dir).map_err(|problem| vec![problem])?;
    load(&files).map_err(|mut problems| {
        for problem in &mut problems {
            // What is missing from all files is missing from the folder.
            if !files.contains_key(&problem.file) {
                problem.file = dir.join(&problem.file).display().to_string();
            }
        }
        problems
    })
}

/// The program of a folder, refused with everything that is wrong with it.
pub fn program(dir: &Path) -> Result<Program, Ended> {
    try_load(dir).map_err(|problems| Ended::Refused(told(dir, &problems)))
}

/// What is wrong with a program, a line each.
pub fn told(dir: &Path, problems: &[Problem]) -> String {
    let what =
        if problems.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", problems.len()) };
    let lines: Vec<String> = problems.iter().map(|problem| format!("\n{problem}")).collect();
    format!("{} has {what}{}", dir.display(), lines.concat())
}
