//! One file by path: from the override folder where it is there, otherwise from inside the program.

use crate::refusal::Refusals;
use crate::{Lang, Words};
use include_dir::{Dir, include_dir};
use minijinja::Environment;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

static EMBEDDED: [(&str, Dir<'static>); 4] = [
    ("sql", include_dir!("$CARGO_MANIFEST_DIR/../../sql")),
    ("templates", include_dir!("$CARGO_MANIFEST_DIR/../../templates")),
    ("locales", include_dir!("$CARGO_MANIFEST_DIR/../../locales")),
    ("static", include_dir!("$CARGO_MANIFEST_DIR/../../static")),
];

/// Files by path, as in the repository (`sql/customer/rfm.sql`, `templates/report/xray.html`), and the pages made of
/// them. Cheap to clone.
#[derive(Clone)]
pub struct Assets {
    override_dir: Option<PathBuf>,
    over: Arc<BTreeMap<String, Vec<u8>>>,
    words: Arc<[OnceLock<Words>; Lang::ALL.len()]>,
    refusals: Arc<OnceLock<Refusals>>,
    pages: Arc<KeptPages>,
}

/// Templates that were read, by language, currency and its decimals.
pub(crate) type KeptPages = Mutex<HashMap<(Lang, String, u32), Arc<Environment<'static>>>>;

/// Why an asset could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No such file, neither in the override folder nor in the program.
    #[error("no file '{0}' among sql, templates, locales and static")]
    Missing(String),
    /// The path leaves the folder of assets.
    #[error("'{0}' is no path of an asset: expected something like sql/customer/rfm.sql")]
    Outside(String),
    /// The override folder, or a file in it, could not be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A text file is not UTF-8.
    #[error("{0} is not UTF-8; save it as UTF-8 without a byte order mark")]
    NotText(String),
    /// A message is missing or wants something it was not given.
    #[error("message '{key}' in {lang}: {why}")]
    Word {
        /// The key.
        key: String,
        /// The language.
        lang: Lang,
        /// Why.
        why: String,
    },
    /// A template is wrong, or a page lacks what its template asks for.
    #[error("page {path}: {why}")]
    Page {
        /// The template.
        path: String,
        /// Why, with the line.
        why: String,
    },
    /// A chart could not be drawn.
    #[error("chart '{title}': {why}")]
    Chart {
        /// Its title.
        title: String,
        /// Why.
        why: String,
    },
}

/// A relation or its test, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationSource {
    /// Where it stands: `sql/customer/rfm.sql` or `sql/customer/rfm.slt`.
    pub path: String,
    /// The relation's name: `customer.rfm`.
    pub name: String,
    /// The whole file.
    pub text: Cow<'static, str>,
}

impl RelationSource {
    /// Whether this is the test beside a relation (`.slt`).
    pub fn is_test(&self) -> bool {
        self.path.ends_with(".slt")
    }
}

impl Assets {
    /// The files in the program, overridden file by file by `override_dir` (with the same folders in it). A folder
    /// that is not there is refused, so that a typing error is not taken for "nothing to override".
    pub fn open(override_dir: Option<&Path>) -> Result<Assets, Failure> {
        if let Some(dir) = override_dir {
            fs::read_dir(dir).map_err(|error| unreadable(dir, &error))?;
        }
        let override_dir = override_dir.map(Path::to_owned);
        Ok(Assets {
            override_dir,
            over: Default::default(),
            words: Default::default(),
            refusals: Default::default(),
            pages: Default::default(),
        })
    }

    /// The same with some files in place of those there are, such as a shop's own look. Words stay as they are.
    pub fn over(&self, files: Vec<(String, Vec<u8>)>) -> Assets {
        let mut over = (*self.over).clone();
        over.extend(files);
        Assets { over: Arc::new(over), pages: Default::default(), ..self.clone() }
    }

    /// Whether a folder may override files.
    pub(crate) fn is_overridden(&self) -> bool {
        self.override_dir.is_some()
    }

    pub(crate) fn kept_pages(&self) -> &KeptPages {
        &self.pages
    }

    /// The same files and words for what is itself kept among the pages, so that nothing holds itself.
    pub(crate) fn without_pages(&self) -> Assets {
        Assets { pages: Default::default(), ..self.clone() }
    }

    /// The bytes of one file.
    pub fn bytes(&self, path: &str) -> Result<Cow<'static, [u8]>, Failure> {
        if !is_plain(path) {
            return Err(Failure::Outside(path.to_owned()));
        }
        if let Some(bytes) = self.over.get(path) {
            return Ok(Cow::Owned(bytes.clone()));
        }
        if let Some(dir) = &self.override_dir {
            let on_disk = dir.join(path);
            match fs::read(&on_disk) {
                Ok(bytes) => return Ok(Cow::Owned(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(&on_disk, &error)),
            }
        }
        let (folder, rest) = path.split_once('/').unwrap_or((path, ""));
        EMBEDDED
            .iter()
            .find(|(name, _)| *name == folder)
            .and_then(|(_, dir)| dir.get_file(rest))
            .map(|file| Cow::Borrowed(file.contents()))
            .ok_or_else(|| Failure::Missing(path.to_owned()))
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Result<Cow<'static, str>, Failure> {
        let not_text = || Failure::NotText(path.to_owned());
        match self.bytes(path)? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| not_text()),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| not_text()),
        }
    }

    /// Paths of all files under a top-level folder (`sql`) or a folder in it (`locales/vi`), sorted; files that only
    /// the override folder has are among them.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, Failure> {
        if !is_plain(folder) {
            return Err(Failure::Outside(folder.to_owned()));
        }
        let mut paths = BTreeSet::new();
        for (name, dir) in &EMBEDDED {
            list_embedded(name, dir, &mut paths);
        }
        if let Some(dir) = &self.override_dir {
            list_on_disk(&dir.join(folder), folder, &mut paths)?;
        }
        let prefix = format!("{folder}/");
        Ok(paths.into_iter().filter(|path| path.starts_with(&prefix)).collect())
    }

    /// The words of a language, read once.
    pub fn words(&self, lang: Lang) -> Result<&Words, Failure> {
        let place = &self.words[lang as usize];
        if let Some(words) = place.get() {
            return Ok(words);
        }
        let words = Words::load(self, lang)?;
        Ok(place.get_or_init(|| words))
    }

    /// The sentences by which refusals are known, read once.
    pub(crate) fn refusals(&self) -> Result<&Refusals, Failure> {
        if let Some(refusals) = self.refusals.get() {
            return Ok(refusals);
        }
        let refusals = Refusals::read(self)?;
        Ok(self.refusals.get_or_init(|| refusals))
    }

    /// All relations (`.sql`) and their tests (`.slt`), by path.
    pub fn relation_sources(&self) -> Result<Vec<RelationSource>, Failure> {
        let paths = self.list("sql")?;
        let relations = paths.iter().filter_map(|path| {
            let name = path.strip_prefix("sql/")?;
            let stem = name.strip_suffix(".sql").or_else(|| name.strip_suffix(".slt"))?;
            Some((path, stem.replace('/', ".")))
        });
        relations
            .map(|(path, name)| Ok(RelationSource { path: path.clone(), name, text: self.text(path)? }))
            .collect()
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Unreadable { path: path.to_owned(), why: error.to_string() }
}

/// Relative, without `..`, with `/` between its parts.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn list_embedded(name: &str, dir: &Dir<'_>, paths: &mut BTreeSet<String>) {
    let parts = |path: &Path| path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    paths.extend(dir.files().map(|file| format!("{name}/{}", parts(file.path()))));
    for inner in dir.dirs() {
        list_embedded(name, inner, paths);
    }
}

fn list_on_disk(dir: &Path, prefix: &str, paths: &mut BTreeSet<String>) -> Result<(), Failure> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(dir, &error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(dir, &error))?;
        let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list_on_disk(&entry.path(), &path, paths)?;
        } else {
            paths.insert(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_on_disk_overrides_and_adds() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("sql/customer")).unwrap();
        fs::write(dir.path().join("sql/customer/ours.sql"), "-- customer.ours: one row.\nselect 1").unwrap();
        let assets = Assets::open(Some(dir.path())).unwrap();
        let ours =
            assets.relation_sources().unwrap().into_iter().find(|source| source.name == "customer.ours");
        let ours = ours.expect("listed beside the embedded ones");
        assert_eq!((ours.path.as_str(), ours.is_test()), ("sql/customer/ours.sql", false));
        assert!(ours.text.ends_with("select 1"));
        assert!(matches!(Assets::open(None).unwrap().bytes(&ours.path), Err(Failure::Missing(_))));
    }

    #[test]
    fn paths_stay_inside() {
        let assets = Assets::open(None).unwrap();
        for path in ["", "../Cargo.toml", "/etc/hosts", "sql/../../x", "sql\\x"] {
            assert!(matches!(assets.bytes(path), Err(Failure::Outside(_))), "{path}");
        }
        assert!(matches!(assets.bytes("sql"), Err(Failure::Missing(_))));
        assert!(matches!(assets.bytes("crates/assets/Cargo.toml"), Err(Failure::Missing(_))));
    }

    #[test]
    fn a_missing_override_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refused = Assets::open(Some(&dir.path().join("no-such"))).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|text| text.starts_with("cannot read")));
    }
}
