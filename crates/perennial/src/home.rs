//! The data folder: state, lake, scratch, and the lock that keeps a second process out.

use crate::args::Common;
use crate::ended::{Ended, as_failure};
use analytics::lake::DeltaLake;
use analytics::session::Session;
use assets::Assets;
use domain::port::{Failure, Lake};
use std::path::PathBuf;
use std::sync::Arc;
use store::Store;

/// The secret that keys the hashes of facts, so that the lake alone does not tell who bought.
const SECRET: &str = "fact_key_secret";

/// Everything one command works with.
pub struct Home {
    /// The data folder.
    pub folder: PathBuf,
    /// State.
    pub store: Store,
    /// Facts, at the versions state pins.
    pub lake: DeltaLake,
}

/// Microseconds since 1970-01-01 UTC: the one place that asks the clock.
#[expect(clippy::disallowed_methods, reason = "the binary is where the clock comes in")]
pub fn now_micros() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// 16 bytes of chance: the one place that asks for it.
#[expect(clippy::disallowed_methods, reason = "the binary is where chance comes in")]
pub fn chance() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    u128::from_le_bytes(bytes)
}

impl Home {
    /// Open the data folder, making it where it is new, and see through whatever an interrupted import had decided.
    pub fn open(common: &Common) -> Result<Home, Ended> {
        let folder = common.data.clone();
        let database =
            common.database.clone().unwrap_or_else(|| folder.join("state.db").display().to_string());
        let store = Store::open(&database, now_micros())?;
        let mut home = Home::with_store(common, folder, store)?;
        home.see_through()?;
        Ok(home)
    }

    /// Open the data folder for reading, also while another process writes.
    pub fn open_to_read(common: &Common) -> Result<Home, Ended> {
        let folder = common.data.clone();
        let path = folder.join("state.db");
        if common.database.is_none() && !path.exists() {
            return Err(Ended::Refused(format!(
                "there is no data in {}: import something first (perennial import orders FILE), or name the folder \
                 with --data",
                folder.display()
            )));
        }
        let database = common.database.clone().unwrap_or_else(|| path.display().to_string());
        let store = Store::open_read_only(&database)?;
        Home::with_store(common, folder, store)
    }

    fn with_store(common: &Common, folder: PathBuf, store: Store) -> Result<Home, Ended> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
            Failure::because("cannot start the threads that read and write the lake", error)
        })?;
        let location = common.lake.clone().unwrap_or_else(|| folder.join("lake").display().to_string());
        let scratch = folder.join("scratch");
        let lake = DeltaLake::open(&location, &scratch, store.lake_versions()?, Arc::new(runtime))?;
        Ok(Home { folder, store, lake })
    }

    /// Carry out the plans that were made durable and not completed: a process was killed in between.
    fn see_through(&mut self) -> Result<(), Ended> {
        for plan in self.store.unfinished_imports()? {
            let versions = self.lake.commit(&plan)?;
            self.store.complete_import(plan.import, &versions, now_micros())?;
            self.pin()?;
        }
        Ok(())
    }

    /// Look at the versions that state pins now.
    pub fn pin(&mut self) -> Result<(), Ended> {
        self.lake = self.lake.with_pins(self.store.lake_versions()?);
        Ok(())
    }

    /// The secret of this folder, made where it is new.
    pub fn secret(&mut self) -> Result<[u8; 32], Ended> {
        if let Some(text) = self.store.find_setting(SECRET)? {
            let hash = blake3::Hash::from_hex(&text).map_err(|error| {
                Failure::because("the secret of the data folder is damaged; restore state.db", error)
            })?;
            return Ok(*hash.as_bytes());
        }
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&chance().to_le_bytes());
        bytes[16..].copy_from_slice(&chance().to_le_bytes());
        let text = blake3::Hash::from_bytes(bytes).to_hex();
        self.store.save_setting(SECRET, &text, now_micros())?;
        Ok(bytes)
    }

    /// A session over the lake with the relations of `assets`.
    pub fn session(&self, common: &Common, assets: &Assets) -> Result<Session, Ended> {
        let sources: Vec<(String, String)> = assets
            .relation_sources()?
            .into_iter()
            .filter(|source| !source.is_test())
            .map(|source| (source.path.clone(), source.text.to_string()))
            .collect();
        let scratch = self.folder.join("scratch");
        std::fs::create_dir_all(&scratch)
            .map_err(|error| Failure::because(format!("cannot write {}", scratch.display()), error))?;
        Ok(Session::open(&self.lake, &sources, &scratch, common.memory << 20)?)
    }

    /// A setting of the folder, saved where it is new; another value than before is refused.
    pub fn settle(&mut self, name: &str, value: Option<&str>) -> Result<Option<String>, Ended> {
        let known = self.store.find_setting(name)?;
        match (known, value) {
            (Some(known), Some(value)) if known != value => Err(Ended::Refused(format!(
                "this data folder keeps one {name}, {known}, and the import says {value}: import it into a folder of \
                 its own with --data DIR"
            ))),
            (Some(known), _) => Ok(Some(known)),
            (None, Some(value)) => {
                self.store.save_setting(name, value, now_micros()).map_err(as_failure)?;
                Ok(Some(value.to_owned()))
            }
            (None, None) => Ok(None),
        }
    }
}

/// The files of pages, words and relations.
pub fn assets(common: &Common) -> Result<Assets, Ended> {
    Ok(Assets::open(common.assets.as_deref())?)
}
