//! Mappings by name: what a shop once said about its files, kept as TOML that a person can edit.

use super::open::cannot_write;
use super::options::Mapping;
use super::refused::{Refused, Stopped};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Read a mapping from TOML; `name` is for messages.
pub fn parse(name: &str, text: &str) -> Result<Mapping, Refused> {
    let bad = |detail: String| Refused::BadMapping { name: name.to_owned(), detail };
    let mapping: Mapping = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
    if let Some(kind) = mapping.kind
        && let Some((role, _)) = mapping.columns.iter().find(|(role, _)| !kind.roles().contains(role))
    {
        return Err(bad(format!("an import of {} has no role '{}'", kind.name(), role.name())));
    }
    Ok(mapping)
}

/// The mapping of that name, from the first of the folders that has it; a path to a `.toml` file is a name too.
pub fn load(name: &str, folders: &[&Path]) -> Result<Mapping, Refused> {
    let bad = |detail: String| Refused::BadMapping { name: name.to_owned(), detail };
    let places: Vec<PathBuf> = if name.ends_with(".toml") {
        vec![PathBuf::from(name)]
    } else {
        check_name(name)?;
        folders.iter().map(|folder| folder.join(format!("{name}.toml"))).collect()
    };
    for place in &places {
        match std::fs::read_to_string(place) {
            Ok(text) => return parse(name, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(bad(format!("cannot read {}: {error}", place.display()))),
        }
    }
    Err(bad(format!("there is none; known mappings: {}", list(folders).join(", "))))
}

/// Keep a mapping under a name.
pub fn save(folder: &Path, name: &str, mapping: &Mapping) -> Result<PathBuf, Stopped> {
    check_name(name)?;
    let place = folder.join(format!("{name}.toml"));
    let text = toml::to_string_pretty(mapping)
        .map_err(|error| Refused::BadMapping { name: name.to_owned(), detail: error.to_string() })?;
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, error))?;
    // Written beside and renamed, so that a reader never sees half of it.
    let beside = folder.join(format!(".{name}.part"));
    std::fs::write(&beside, text).map_err(|error| cannot_write(&beside, error))?;
    std::fs::rename(&beside, &place).map_err(|error| cannot_write(&place, error))?;
    Ok(place)
}

/// The names there are.
pub fn list(folders: &[&Path]) -> Vec<String> {
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| file.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn check_name(name: &str) -> Result<(), Refused> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if !name.is_empty() && name.len() <= 100 && name.chars().all(is_plain) {
        return Ok(());
    }
    let detail = "a name has letters, digits, '-' and '_' only".to_owned();
    Err(Refused::BadMapping { name: name.to_owned(), detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::options::ColumnName;
    use crate::collect::role::{Import, Role};

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let mut mapping = Mapping { kind: Some(Import::Orders), ..Mapping::default() };
        mapping.currency = Some("VND".parse().unwrap());
        mapping.map(Import::Orders, "customer=Mã KH").unwrap();
        mapping.map(Import::Orders, "2=date,3=total").unwrap();
        save(folder.path(), "till-1", &mapping).unwrap();
        assert_eq!(load("till-1", &[folder.path()]).unwrap(), mapping);
        assert_eq!(list(&[folder.path()]), ["till-1"]);
        assert_eq!(mapping.columns[1], (Role::Date, ColumnName::Number(2)));
        assert!(load("till-2", &[folder.path()]).unwrap_err().to_string().contains("known mappings: till-1"));
        assert!(load("../till-1", &[folder.path()]).is_err());
        assert!(parse("x", "kind = \"costs\"\n[columns]\ntender = \"a\"").is_err());
        assert!(parse("x", "colour = 1").is_err());
    }

    #[test]
    fn the_bundled_mappings_are_right() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mappings");
        let names = list(&[&folder]);
        assert!(names.contains(&"cdnow".to_owned()), "{names:?}");
        for name in names {
            let mapping = load(&name, &[&folder]).unwrap();
            assert!(mapping.about.is_some() && mapping.kind.is_some(), "{name} says what it is for");
        }
    }
}
