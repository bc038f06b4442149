//! `perennial backup` and `perennial restore`: everything we keep, in a folder that any machine can read.
//!
//! A backup is `state.db` (all rows as of one instant, whatever engine they came from), `lake` and whatever else the
//! data folder holds, and `backup.json`, written last, with a checksum of every file. Rows are taken before the lake is
//! copied: facts are only ever added to it, so what the rows point to is there.

use crate::args::{Backup as BackupArgs, Common, Restore as RestoreArgs};
use crate::ended::Ended;
use crate::home::{Home, database, now_micros, read_store};
use crate::progress::Progress;
use crate::say::{self, count};
use crate::verify::prove;
use serde::{Deserialize, Serialize};
use server::workshop::{Backup, Checked};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use store::Store;

/// The form of a backup. A higher number was made by a newer program.
const FORMAT: u32 = 1;
const MANIFEST: &str = "backup.json";
const STATE: &str = "state.db";
const LAKE: &str = "lake";

/// What `backup.json` says.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// The version that made it.
    made_by: String,
    /// When, in microseconds since 1970: what is in it was true then.
    taken_at: i64,
    /// The schema of the rows.
    schema: i64,
    /// Rows by table.
    rows: Vec<(String, u64)>,
    /// Where the lake is, in backups of before, when a lake on an object store was not copied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    lake_elsewhere: Option<String>,
    /// Every file but this one.
    files: Vec<Kept>,
}

/// A file of a backup.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Below the folder, with `/` between.
    path: String,
    bytes: u64,
    blake3: String,
}

/// `perennial backup`
pub fn backup(common: &Common, args: &BackupArgs) -> Result<(), Ended> {
    let manifest = take(common, &args.dest)?;
    tell(common, &args.dest, &manifest, "is in")
}

/// Take everything out to a folder that is empty or not there.
fn take(common: &Common, dest: &Path) -> Result<Manifest, Ended> {
    let store = read_store(common)?;
    require_empty(dest)?;
    let mut progress = Progress::new(common.quiet);
    make_private_folder(dest)?;
    let taken_at = now_micros();
    let state = dest.join(STATE);
    let mut copy = Store::open(&state.display().to_string(), taken_at)?;
    let schema = copy.schema_version()?;
    let rows = copy.fill_from(&mut store.sessions().open_read_only()?, &mut |_, rows| {
        progress.at("copying the rows", 0, 0, rows);
    })?;
    copy.into_one_file()?;
    let mut files = vec![summed(dest, STATE)?];
    match lake_folder(common) {
        Some(lake) if lake.is_dir() => copy_folder(&lake, dest, LAKE, &mut files, &mut progress)?,
        Some(_) => {}
        None => copy_objects(common, dest, &mut files, &mut progress)?,
    }
    if common.data.is_dir() {
        copy_rest(&common.data, dest, &mut files, &mut progress)?;
    }
    let made_by = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: FORMAT, made_by, taken_at, schema, rows, lake_elsewhere: None, files };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| Ended::Failed(error.into()))?;
    say::write_file(&dest.join(MANIFEST), &text)?;
    settle(&dest.join(MANIFEST))?;
    settle(dest)?;
    progress.clear();
    Ok(manifest)
}

/// What a check of a backup found, kept beside it.
const CHECKED: &str = "checked.json";

/// The folder of the backups that the console makes: beside the data folder, so that none is in the next.
fn beside(common: &Common) -> PathBuf {
    with_suffix(&common.data, ".backups")
}

/// Make a backup of that name beside the data folder.
pub fn make_beside(common: &Common, name: &str) -> Result<(), Ended> {
    let quiet = Common { quiet: true, ..common.clone() };
    make_private_folder(&beside(common))?;
    take(&quiet, &beside(common).join(name)).map(drop)
}

/// The backups beside the data folder, newest first.
pub fn list_beside(common: &Common) -> Result<Vec<Backup>, Ended> {
    let folder = beside(common);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for (name, path) in entries(&folder)?.into_iter().filter(|(_, path)| path.is_dir()) {
        // A backup that was not seen through has no manifest: it is told of as what it is.
        let manifest = read_manifest(&path).ok();
        let of = |count: fn(&Manifest) -> u64| manifest.as_ref().map_or(0, count);
        let checked = fs::read(path.join(CHECKED)).ok();
        all.push(Backup {
            name,
            is_whole: manifest.is_some(),
            taken_at: manifest.as_ref().map_or(0, |manifest| manifest.taken_at),
            rows: of(|manifest| manifest.rows.iter().map(|(_, rows)| rows).sum()),
            files: of(|manifest| manifest.files.len() as u64),
            bytes: of(|manifest| manifest.files.iter().map(|file| file.bytes).sum()),
            checked: checked.and_then(|text| serde_json::from_slice(&text).ok()),
        });
    }
    all.sort_by_key(|one| std::cmp::Reverse((one.taken_at, one.name.clone())));
    Ok(all)
}

/// Read every file of a backup beside the data folder again: whether each is as it was when it was made.
pub fn check_beside(common: &Common, name: &str) -> Result<(), Ended> {
    let folder = beside(common);
    let is_ours = entries(&folder)?.iter().any(|(known, _)| known == name);
    if !is_ours {
        return Err(Ended::Refused(format!("there is no backup {name} in {}", folder.display())));
    }
    let folder = folder.join(name);
    let wrong = read_manifest(&folder)?.files.iter().find_map(|file| {
        let path = folder.join(&file.path);
        let read = File::open(&path).and_then(|mut source| sum(&mut source, &mut |_| Ok(())));
        match read {
            Ok(found) if found == (file.bytes, file.blake3.clone()) => None,
            Ok(_) => Some(format!("{} is not as it was when the backup was made", file.path)),
            Err(error) => Some(format!("{}: {error}", file.path)),
        }
    });
    let checked = Checked { at: now_micros(), wrong: wrong.unwrap_or_default() };
    let text = serde_json::to_vec(&checked).map_err(|error| Ended::Failed(error.into()))?;
    say::write_file(&folder.join(CHECKED), &text)
}

/// `perennial restore`
pub fn restore(common: &Common, args: &RestoreArgs) -> Result<(), Ended> {
    let manifest = read_manifest(&args.src)?;
    let data = &common.data;
    require_empty(data)?;
    // Beside its place first: a restore that was broken off leaves nothing that looks like a shop.
    let beside = with_suffix(data, ".restoring");
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(|error| cannot("remove", &beside, error))?;
    }
    make_private_folder(&beside)?;
    let mut progress = Progress::new(common.quiet);
    let total: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    for file in &manifest.files {
        let copied = copy_file(&args.src.join(&file.path), &beside.join(&file.path))?;
        if copied != (file.bytes, file.blake3.clone()) {
            return Err(Ended::Refused(format!(
                "{} is not as it was when the backup was made: its checksum is another. Nothing was restored; take \
                 another backup",
                args.src.join(&file.path).display()
            )));
        }
        done += file.bytes;
        progress.at("copying back", done, total, 0);
    }
    progress.clear();
    let lake = common.lake.clone().or_else(|| manifest.lake_elsewhere.clone());
    let inside = Common { data: beside.clone(), database: None, lake, ..common.clone() };
    into_place(common, &inside, &beside)?;
    fs::rename(&beside, data).map_err(|error| cannot("move to its place", &beside, error))?;
    if let Some(folder) = data.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        settle(folder)?;
    }
    tell(common, data, &manifest, "was restored to")
}

/// Bring the rows forward to this program's schema, into the database that is asked for, and prove everything.
fn into_place(common: &Common, inside: &Common, beside: &Path) -> Result<(), Ended> {
    let file = database(inside);
    let mut store = Store::open(&file, now_micros())?;
    if common.database.is_some() {
        let mut target = Store::open(&database(common), now_micros())?;
        let mut progress = Progress::new(common.quiet);
        target.fill_from(&mut store.sessions().open_read_only()?, &mut |_, rows| {
            progress.at("filling the database", 0, 0, rows);
        })?;
        drop(store);
        store = target;
    }
    let home = Home::with_store(inside, beside.to_owned(), store)?;
    let copied = beside.join(LAKE);
    if let Some(lake) = inside.lake.as_ref().filter(|_| copied.is_dir()) {
        if !home.lake.is_empty()? {
            return Err(Ended::Refused(format!("there is a lake at {lake} already: name an empty place")));
        }
        home.lake.fill_from(&copied)?;
        fs::remove_dir_all(&copied).map_err(|error| cannot("remove", &copied, error))?;
    }
    let proof = prove(&home.store, &home.lake, common.quiet)?;
    if !proof.is_sound {
        eprint!("{}", proof.words());
        return Err(Ended::Failed(anyhow::anyhow!(
            "the backup is not sound; what was copied is in {}",
            beside.display()
        )));
    }
    drop(home);
    if common.database.is_some() {
        for name in [STATE, "state.db-wal", "state.db-shm", "state.db.lock"] {
            let path = beside.join(name);
            if path.exists() {
                fs::remove_file(&path).map_err(|error| cannot("remove", &path, error))?;
            }
        }
    }
    Ok(())
}

fn tell(common: &Common, place: &Path, manifest: &Manifest, verb: &str) -> Result<(), Ended> {
    let rows: u64 = manifest.rows.iter().map(|(_, rows)| rows).sum();
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let taken = jiff::Timestamp::from_microsecond(manifest.taken_at).unwrap_or_default().to_string();
    let document = serde_json::json!({
        "folder": place, "taken_at": taken, "schema": manifest.schema, "rows": rows,
        "files": manifest.files.len(), "bytes": bytes, "lake_elsewhere": manifest.lake_elsewhere,
    });
    say::result(common, &document, || {
        let mut text = format!(
            "everything as of {taken} {verb} {}: {} rows, {} files, {} bytes\n",
            place.display(),
            count(rows),
            count(manifest.files.len() as u64),
            count(bytes)
        );
        if let Some(lake) = &manifest.lake_elsewhere {
            text +=
                &format!("the lake is not in it: it stays at {lake}; keep versions of its objects there\n");
        }
        text
    })
}

fn read_manifest(src: &Path) -> Result<Manifest, Ended> {
    let path = src.join(MANIFEST);
    let text = fs::read(&path).map_err(|error| {
        Ended::Refused(format!(
            "{}: {error}; name the folder of a backup that was seen through, with {MANIFEST} in it",
            path.display()
        ))
    })?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| Ended::Refused(format!("{} cannot be read: {error}", path.display())))?;
    if manifest.format > FORMAT {
        return Err(Ended::Refused(format!(
            "{} was made by perennial {}: use that version or a newer one",
            src.display(),
            manifest.made_by
        )));
    }
    let inside = |file: &Kept| {
        Path::new(&file.path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
    };
    if let Some(file) = manifest.files.iter().find(|file| !inside(file)) {
        return Err(Ended::Refused(format!("{} names a file outside of it: {}", path.display(), file.path)));
    }
    Ok(manifest)
}

/// The folder of the lake; `None` where it is on an object store.
fn lake_folder(common: &Common) -> Option<PathBuf> {
    match &common.lake {
        None => Some(common.data.join(LAKE)),
        Some(location) => match location.strip_prefix("file://") {
            Some(path) => Some(PathBuf::from(path)),
            None => (!location.contains("://")).then(|| PathBuf::from(location)),
        },
    }
}

/// A lake on an object store, object by object.
fn copy_objects(
    common: &Common,
    dest: &Path,
    files: &mut Vec<Kept>,
    progress: &mut Progress,
) -> Result<(), Ended> {
    let mut paths = Vec::new();
    Home::open_to_read(common)?.lake.copy_to(&dest.join(LAKE), &mut |path| {
        paths.push(format!("{LAKE}/{path}"));
        progress.at("copying the lake", 0, 0, paths.len() as u64);
        Ok(())
    })?;
    for path in paths {
        files.push(summed(dest, &path)?);
    }
    Ok(())
}

/// What else the data folder holds: mappings, rejected rows, reports.
fn copy_rest(data: &Path, dest: &Path, files: &mut Vec<Kept>, progress: &mut Progress) -> Result<(), Ended> {
    for (name, path) in entries(data)? {
        let is_state = name.starts_with(STATE);
        if is_state || [LAKE, "scratch", MANIFEST].contains(&name.as_str()) || same(&path, dest) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, dest, &name, files, progress)?;
        } else if path.is_file() {
            files.push(kept(&path, dest, &name)?);
        }
    }
    Ok(())
}

fn copy_folder(
    from: &Path,
    dest: &Path,
    below: &str,
    files: &mut Vec<Kept>,
    progress: &mut Progress,
) -> Result<(), Ended> {
    make_folder(&dest.join(below))?;
    for (name, path) in entries(from)? {
        let below = format!("{below}/{name}");
        if same(&path, dest) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, dest, &below, files, progress)?;
        } else if path.is_file() {
            files.push(kept(&path, dest, &below)?);
            progress.at("copying files", 0, 0, files.len() as u64);
        }
    }
    Ok(())
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The names in a folder, in their order.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, Ended> {
    let failed = |error| cannot("read", folder, error);
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        all.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    all.sort();
    Ok(all)
}

fn kept(from: &Path, dest: &Path, below: &str) -> Result<Kept, Ended> {
    let (bytes, blake3) = copy_file(from, &dest.join(below))?;
    Ok(Kept { path: below.to_owned(), bytes, blake3 })
}

/// Copy a file, durably; its length and checksum.
fn copy_file(from: &Path, to: &Path) -> Result<(u64, String), Ended> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    let mut source = File::open(from).map_err(|error| cannot("read", from, error))?;
    let mut target = File::create(to).map_err(|error| cannot("write", to, error))?;
    let summed = sum(&mut source, &mut |bytes| target.write_all(bytes))
        .map_err(|error| cannot("copy", from, error))?;
    // Who may read the one may read the other, and nobody else.
    let rights = source.metadata().and_then(|meta| target.set_permissions(meta.permissions()));
    rights.and_then(|()| target.sync_all()).map_err(|error| cannot("write", to, error))?;
    Ok(summed)
}

fn summed(dest: &Path, below: &str) -> Result<Kept, Ended> {
    let path = dest.join(below);
    let mut file = File::open(&path).map_err(|error| cannot("read", &path, error))?;
    let (bytes, blake3) = sum(&mut file, &mut |_| Ok(())).map_err(|error| cannot("read", &path, error))?;
    settle(&path)?;
    Ok(Kept { path: below.to_owned(), bytes, blake3 })
}

/// Length and checksum of what is read, handed on piece by piece.
fn sum(source: &mut File, hand: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<(u64, String)> {
    let (mut hasher, mut length, mut piece) = (blake3::Hasher::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok((length, hasher.finalize().to_hex().to_string()));
        }
        hasher.update(&piece[..read]);
        hand(&piece[..read])?;
        length += read as u64;
    }
}

/// Wait until a file or folder is on disk.
fn settle(path: &Path) -> Result<(), Ended> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| cannot("write", path, error))
}

fn require_empty(folder: &Path) -> Result<(), Ended> {
    if folder.exists() && (!folder.is_dir() || !entries(folder)?.is_empty()) {
        return Err(Ended::Refused(format!(
            "{} is not empty: name a folder that is, or none yet",
            folder.display()
        )));
    }
    Ok(())
}

fn make_folder(path: &Path) -> Result<(), Ended> {
    fs::create_dir_all(path).map_err(|error| cannot("make", path, error))
}

/// A folder that nobody but its owner looks into; one that is there stays as it is.
fn make_private_folder(path: &Path) -> Result<(), Ended> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path).map_err(|error| cannot("make", path, error))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    // A path that ends in a slash names the same folder.
    while name.len() > 1 && name.to_string_lossy().ends_with('/') {
        name = name.to_string_lossy().trim_end_matches('/').into();
    }
    name.push(suffix);
    PathBuf::from(name)
}

fn cannot(what: &str, path: &Path, error: io::Error) -> Ended {
    Ended::Failed(anyhow::Error::new(error).context(format!(
        "cannot {what} {}: check that it is there, that this user may, and that there is space",
        path.display()
    )))
}
