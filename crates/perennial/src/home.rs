//! The data folder: state, lake, scratch, and the lock that keeps a second process out.

use crate::args::Common;
use crate::ended::{Ended, as_failure};
use analytics::lake::DeltaLake;
use analytics::session::Session;
use assets::Assets;
use domain::Currency;
use domain::port::{Clock, Failure, Lake};
use engine::collect::live::{EventLog, Shop};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Seal, Store};

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

/// The clock of the machine.
pub struct MachineClock;

impl Clock for MachineClock {
    fn now_micros(&self) -> i64 {
        now_micros()
    }
}

/// Where the rows are: what --database says, else a file in the data folder.
pub fn database(common: &Common) -> String {
    common.database.clone().unwrap_or_else(|| common.data.join("state.db").display().to_string())
}

/// The turn of whoever moves the lake on within this process: a seal and an import that began at the same versions would
/// lose one of the two. Taken before the versions are read.
pub fn turn_at_the_lake() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rows alone, for writing: for commands that need no lake.
pub fn open_store(common: &Common) -> Result<Store, Ended> {
    Ok(Store::open(&database(common), now_micros())?.with_keys(crate::attribute::keys(common)))
}

/// The rows alone, for reading, also while another process writes.
pub fn read_store(common: &Common) -> Result<Store, Ended> {
    let database = database(common);
    if common.database.is_none() && !std::path::Path::new(&database).exists() {
        return Err(Ended::Refused(format!(
            "there is no data in {}: import something first (perennial import orders FILE), or name the folder with \
             --data",
            common.data.display()
        )));
    }
    Ok(Store::open_read_only(&database)?.with_keys(crate::attribute::keys(common)))
}

impl Home {
    /// Open the data folder, making it where it is new, and see through whatever an interrupted import had decided.
    pub fn open(common: &Common) -> Result<Home, Ended> {
        Home::begin(common, open_store(common)?)
    }

    /// The same over rows that are open for writing already.
    pub fn begin(common: &Common, store: Store) -> Result<Home, Ended> {
        let mut home = Home::with_store(common, common.data.clone(), store)?;
        home.see_through()?;
        Ok(home)
    }

    /// Open the data folder for reading, also while another process writes.
    pub fn open_to_read(common: &Common) -> Result<Home, Ended> {
        Home::with_store(common, common.data.clone(), read_store(common)?)
    }

    /// The data folder over rows that are open already.
    pub fn with_store(common: &Common, folder: PathBuf, store: Store) -> Result<Home, Ended> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
            Failure::because("cannot start the threads that read and write the lake", error)
        })?;
        let location = common.lake.clone().unwrap_or_else(|| folder.join("lake").display().to_string());
        let scratch = folder.join("scratch");
        let lake = DeltaLake::open(&location, &scratch, store.lake_versions()?, Arc::new(runtime))?;
        Ok(Home { folder, store, lake })
    }

    /// Carry out the plans of imports and seals that were made durable and not completed: a process was killed in
    /// between.
    fn see_through(&mut self) -> Result<(), Ended> {
        for plan in self.store.unfinished_imports()? {
            let versions = self.lake.commit(&plan)?;
            self.store.complete_import(plan.import, &versions, now_micros())?;
            self.pin()?;
        }
        let mut session = self.store.sessions().open()?;
        let begun = session.read().open_seal()?;
        if let Some(Seal { seal_id, prepared: Some(plan), .. }) = begun
            && session.lock_lake()?
        {
            let versions = self.lake.commit(&plan)?;
            session.write(|writing| writing.complete_seal(seal_id, &versions, now_micros()))?;
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
        secret_of(&mut self.store)
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
        let log = EventLog::new(self.store.sessions(), shop_of(&self.store)?);
        Ok(Session::open_live(&self.lake, &log, &sources, &scratch, common.memory << 20)?)
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

/// The secret of a data folder, made where it is new.
pub fn secret_of(store: &mut Store) -> Result<[u8; 32], Ended> {
    if let Some(text) = store.find_setting(SECRET)? {
        let hash = blake3::Hash::from_hex(&text).map_err(|error| {
            Failure::because("the secret of the data folder is damaged; restore state.db", error)
        })?;
        return Ok(*hash.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&chance().to_le_bytes());
    bytes[16..].copy_from_slice(&chance().to_le_bytes());
    let text = blake3::Hash::from_bytes(bytes).to_hex();
    store.save_setting(SECRET, &text, now_micros())?;
    Ok(bytes)
}

/// What live facts are read with: the folder's secret, zone and currency. Where no import has settled zone and currency,
/// the program's count.
pub fn shop_of(store: &Store) -> Result<Shop, Ended> {
    let secret = store.find_setting(SECRET)?.and_then(|text| blake3::Hash::from_hex(text).ok());
    let zone = match store.find_setting("timezone")? {
        Some(name) => jiff::tz::TimeZone::get(&name).ok(),
        None => program_head(store)?.map(|(zone, _)| zone),
    };
    Ok(Shop {
        // Without a secret nothing was imported or sealed yet, and there are no other keys to agree with.
        secret: secret.map_or([0; 32], |hash| *hash.as_bytes()),
        zone: zone.unwrap_or(jiff::tz::TimeZone::UTC),
        currency: currency_of(store)?,
    })
}

/// The currency of the shop's amounts: what was imported says so, else the program.
pub fn currency_of(store: &Store) -> Result<Currency, Ended> {
    let settled = store.find_setting("currency")?.and_then(|code| code.parse().ok());
    Ok(match settled {
        Some(currency) => currency,
        None => program_head(store)?.map_or(Currency::UNKNOWN, |(_, currency)| currency),
    })
}

/// Zone and currency of the first of the installed programs.
fn program_head(store: &Store) -> Result<Option<(jiff::tz::TimeZone, Currency)>, Ended> {
    let session = store.sessions().open_read_only()?;
    let reading = session.read();
    let Some(id) = reading.list_programs()?.into_iter().next() else { return Ok(None) };
    let found = engine::record::program::find(&reading, &id)?;
    Ok(found.map(|found| (found.program.zone.clone(), found.program.head.currency)))
}
