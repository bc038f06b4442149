//! What every request can reach: sessions that read, the one that writes, the writer of each program, keys, limits.

pub mod asked;
mod keys;
mod work;

use crate::brand::Brand;
use crate::figures::{Figures, Lake};
use crate::intake::Turn;
use crate::key::Pepper;
use crate::limit::Limits;
use crate::metrics::Metrics;
use crate::problem::{Kind, Problem};
use crate::shop_head::ShopHead;
use crate::single_sign_on::Provider;
use crate::webhooks::CODE_TOPIC;
use crate::webhooks::manage::Asking;
use assets::Assets;
use domain::port::Clock;
use engine::people;
use engine::record::identity::kinds::Rules;
use engine::record::program::{self, InForce};
use engine::record::recorder::Recorder;
use engine::record::schedule;
use engine::record::view;
use engine::record::writer::{Options, Writer};
use engine::staff::actor::Actor;
use ipnet::IpNet;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use store::{ApiKeyRow, Failure, Session, Sessions};
use tokio::sync::Semaphore;
use work::Pool;

/// Fills bytes with chance.
pub type Chance = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// How the door behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The largest body, after decompression.
    pub body_bytes: usize,
    /// How deep a JSON body may be.
    pub depth: usize,
    /// How long a request may take.
    pub patience: Duration,
    /// How many requests may be under way.
    pub in_flight: usize,
    /// How many may read the database at once.
    pub readers: usize,
    /// How many requests a second a key may send, in the long run.
    pub per_second: u32,
    /// How many it may send at once.
    pub burst: u32,
    /// ISO 3166, two letters: how telephone numbers without a country are read.
    pub country: String,
    /// The secret of the data folder, under which facts of the lake have their keys.
    pub fact_secret: [u8; 32],
    /// Folders with rows of customers that were laid aside, which erasing a person goes through.
    pub folders: Vec<PathBuf>,
    /// Networks beside the public one that webhooks may go to.
    pub webhook_inside: Vec<IpNet>,
    /// Who says who staff are, where they sign in with an account they have elsewhere.
    pub single_sign_on: Option<Provider>,
    /// What is watched at tills.
    pub tills: crate::tills::Limits,
    /// How letters are sent, where they are.
    pub mail: Option<crate::mail::Mail>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            body_bytes: 1 << 20,
            depth: 32,
            patience: Duration::from_secs(30),
            in_flight: 4096,
            readers: 16,
            per_second: 1000,
            burst: 2000,
            country: "VN".to_owned(),
            fact_secret: [0; 32],
            folders: Vec::new(),
            webhook_inside: Vec::new(),
            single_sign_on: None,
            tills: crate::tills::Limits::default(),
            mail: None,
        }
    }
}

/// What an [`App`] is made of.
pub struct Parts {
    /// Makes connections.
    pub sessions: Sessions,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Chance,
    /// What keys are hashed under.
    pub pepper: Pepper,
    /// How it behaves.
    pub settings: Settings,
    /// Pages and words.
    pub assets: Assets,
    /// What the lake says; none where there is no lake, and the console says so.
    pub lake: Option<Lake>,
}

/// A program that is in force, and who records under it.
pub struct Open {
    /// The program.
    pub in_force: Arc<InForce>,
    writer: Writer,
    /// For what is no command: finding out who was seen, merging.
    recorder: Mutex<Recorder>,
}

/// An open shop. Cheap to copy.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    rules: Rules,
    readers: Pool,
    lookers: Pool,
    permits: Semaphore,
    in_flight: Semaphore,
    slow: Semaphore,
    slow_waiting: Semaphore,
    writer: Mutex<Option<Session>>,
    programs: RwLock<BTreeMap<String, Arc<Open>>>,
    keys: Mutex<HashMap<String, (ApiKeyRow, i64)>>,
    used: Mutex<HashMap<String, i64>>,
    limits: Limits,
    metrics: Metrics,
    closing: AtomicBool,
    intake: Turn,
    links: Mutex<HashMap<[u8; 32], (String, i64)>>,
    shop: Mutex<(Arc<ShopHead>, i64)>,
    dressed: Mutex<Option<(Brand, Assets)>>,
    figures: Figures,
    live: Arc<Semaphore>,
}

impl App {
    /// Open the shop: every program that is installed gets its writer.
    pub fn open(parts: Parts) -> Result<App, Failure> {
        let session = parts.sessions.open()?;
        // Judging without effect locks rows where there are several writers; see `engine::record::view`.
        let lookers = Pool::new(session.has_many_writers());
        let ids = session.read().newest_programs()?;
        let app = App(Arc::new(Inner {
            rules: people::rules::rules(&session.read(), &parts.settings.country)?,
            readers: Pool::new(false),
            lookers,
            permits: Semaphore::new(parts.settings.readers),
            in_flight: Semaphore::new(parts.settings.in_flight),
            slow: Semaphore::new(2),
            slow_waiting: Semaphore::new(32),
            writer: Mutex::new(None),
            programs: RwLock::default(),
            keys: Mutex::default(),
            used: Mutex::default(),
            limits: Limits::new(parts.settings.per_second, parts.settings.burst),
            metrics: Metrics::new(),
            closing: AtomicBool::new(false),
            intake: Turn::default(),
            links: Mutex::default(),
            shop: Mutex::new((Arc::new(ShopHead::read(&session.read())?), parts.clock.now_micros())),
            dressed: Mutex::default(),
            figures: Figures::default(),
            live: Arc::new(Semaphore::new(64)),
            parts,
        }));
        for id in ids {
            if let Some(in_force) = program::find(&session.read(), &id)? {
                app.follow(in_force)?;
            }
        }
        *hold(&app.0.writer) = Some(session);
        Ok(app)
    }

    /// Record under this version of a program from now on. What was asked before ends under the one before.
    pub fn follow(&self, in_force: InForce) -> Result<(), Failure> {
        let (sessions, in_force) = (&self.0.parts.sessions, Arc::new(in_force));
        let options = Options::new(self.chance_u64());
        let writer = Writer::start(sessions, in_force.clone(), self.0.parts.clock.clone(), options)?;
        let recorder = Recorder::new(sessions.open()?, in_force.clone(), self.chance_u64());
        let id = in_force.program.head.id.to_string();
        let open = Arc::new(Open { in_force, writer, recorder: Mutex::new(recorder) });
        let before = self.0.programs.write().unwrap_or_else(PoisonError::into_inner).insert(id, open);
        // Whoever still asks the old writer holds it; it ends with the last of them.
        drop(before);
        // Its currency and its zone may be the shop's.
        self.read_shop();
        Ok(())
    }

    /// No new work: a balancer is told to go elsewhere, what is under way is finished.
    pub fn begin_to_close(&self) {
        self.0.closing.store(true, Ordering::Relaxed);
    }

    /// Whether it is about to end.
    pub fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Relaxed)
    }

    /// End: what waits is answered, the writers and all connections close. It may wait.
    pub fn close(&self) {
        let programs = std::mem::take(&mut *self.0.programs.write().unwrap_or_else(PoisonError::into_inner));
        drop(programs);
        self.flush_keys();
        // A connection to PostgreSQL waits for its end, which no thread that serves may do: they end here.
        self.0.readers.end();
        self.0.lookers.end();
        *hold(&self.0.writer) = None;
    }

    /// Forget what has been kept for long enough: answers under idempotency keys after a week, what others were told
    /// after thirty days.
    pub fn forget(&self) {
        const DAY_MICROS: i64 = 86_400_000_000;
        let now = self.now_micros();
        let forgotten = self.write_now(move |writing| {
            writing.forget_replies(now - 7 * DAY_MICROS)?;
            writing.forget_codes(CODE_TOPIC, now - 2 * DAY_MICROS)?;
            Ok(writing.forget_told(now - 30 * DAY_MICROS)?)
        });
        if let Err(problem) = forgotten {
            tracing::warn!(why = %problem.detail, "what is old could not be forgotten");
        }
    }

    /// Read the keys of sensitive attributes anew: another process may have made a new one.
    pub fn reload_attribute_keys(&self) {
        if let Err(failure) = self.0.parts.sessions.reload_keys() {
            tracing::warn!(why = %failure, "keys of attributes could not be read; those from before go on");
        }
    }

    /// Write down what time alone has done, in every program. Safe beside other servers that do the same.
    pub fn time_passes(&self) {
        for (id, open) in self.programs() {
            let opened = self.0.parts.sessions.open();
            let passed = opened.and_then(|session| {
                let mut recorder = Recorder::new(session, open.in_force.clone(), self.chance_u64());
                schedule::time_passes(&mut recorder, self.now(), &mut || Ok(!self.is_closing()))
            });
            if let Err(failure) = passed {
                tracing::warn!(program = %id, why = %failure, "what time has done could not be written down");
            }
        }
    }

    /// How it behaves.
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// How identifiers are read.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// What keys are hashed under.
    pub fn pepper(&self) -> &Pepper {
        &self.0.parts.pepper
    }

    /// What keys may send.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Room for requests under way.
    pub fn in_flight(&self) -> &Semaphore {
        &self.0.in_flight
    }

    /// Who works what came in from outside.
    pub fn intake(&self) -> &Turn {
        &self.0.intake
    }

    /// Pages and words.
    pub fn assets(&self) -> &Assets {
        &self.0.parts.assets
    }

    /// What the lake says, where there is one.
    pub fn lake(&self) -> Option<&Lake> {
        self.0.parts.lake.as_ref()
    }

    /// What the lake said last.
    pub fn figures(&self) -> &Figures {
        &self.0.figures
    }

    /// Keep a one-time link under its hash. Those that are over go.
    pub fn keep_link(&self, hash: [u8; 32], staff_id: &str, ends_at: i64) {
        let now = self.now_micros();
        let mut links = hold(&self.0.links);
        links.retain(|_, (_, ends_at)| now < *ends_at);
        links.insert(hash, (staff_id.to_owned(), ends_at));
    }

    /// Whose link it is; from now on it is nobody's.
    pub fn take_link(&self, hash: &[u8; 32]) -> Option<String> {
        let found = hold(&self.0.links).remove(hash);
        found.filter(|(_, ends_at)| self.now_micros() < *ends_at).map(|(staff_id, _)| staff_id)
    }

    /// The shop's name, currency and zone as they were a moment ago. It never waits: what has grown old is read anew
    /// beside, for the next who asks.
    pub fn shop(&self) -> Arc<ShopHead> {
        const FRESH_MICROS: i64 = 10_000_000;
        let now = self.now_micros();
        let head = {
            let mut kept = hold(&self.0.shop);
            if now - kept.1 < FRESH_MICROS {
                return kept.0.clone();
            }
            // One of those who ask at once goes and looks.
            kept.1 = now;
            kept.0.clone()
        };
        match tokio::runtime::Handle::try_current() {
            // A connection to PostgreSQL waits for its answer, which no thread that serves may do.
            Ok(runtime) => {
                let app = self.clone();
                drop(runtime.spawn_blocking(move || app.read_shop()));
                head
            }
            Err(_) => {
                self.read_shop();
                hold(&self.0.shop).0.clone()
            }
        }
    }

    /// Read the shop's head anew: settings have changed, or some time has passed. It may wait.
    pub fn read_shop(&self) {
        let read = |session: &mut Session| Ok(ShopHead::read(&session.read())?);
        match self.0.readers.with(&self.0.parts.sessions, read) {
            Ok(head) => *hold(&self.0.shop) = (Arc::new(head), self.now_micros()),
            Err(problem) => {
                let why = problem.secret.as_deref().unwrap_or(&problem.detail);
                tracing::warn!(%why, "the shop's name could not be read");
            }
        }
    }

    /// Pages and words in the shop's own look. Pages that were read are kept until the look changes.
    pub fn dressed(&self, head: &ShopHead) -> Assets {
        if head.brand.is_ours() {
            return self.assets().clone();
        }
        let mut kept = hold(&self.0.dressed);
        match &*kept {
            Some((brand, assets)) if *brand == head.brand => assets.clone(),
            _ => {
                let assets = head.brand.dressed(self.assets());
                *kept = Some((head.brand.clone(), assets.clone()));
                assets
            }
        }
    }

    /// Room for people who look on.
    pub fn live(&self) -> &Arc<Semaphore> {
        &self.0.live
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The time, in microseconds since 1970.
    pub fn now_micros(&self) -> i64 {
        self.0.parts.clock.now_micros()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        view::at(self.now_micros())
    }

    /// Bytes of chance.
    pub fn chance(&self, bytes: &mut [u8]) {
        (self.0.parts.chance)(bytes);
    }

    /// A number of chance.
    pub fn chance_u128(&self) -> u128 {
        let mut bytes = [0u8; 16];
        self.chance(&mut bytes);
        u128::from_le_bytes(bytes)
    }

    fn chance_u64(&self) -> u64 {
        self.chance_u128() as u64
    }

    /// Ask something of the webhooks as somebody, now.
    pub fn asking<T>(&self, actor: &Actor, work: impl FnOnce(&Asking<'_>) -> T) -> T {
        let parts = &self.0.parts;
        let (now, chance, inside) = (self.now_micros(), &*parts.chance, &*parts.settings.webhook_inside);
        work(&Asking { actor, now, chance, pepper: &parts.pepper, inside })
    }

    /// The programs in force, by id.
    pub fn programs(&self) -> BTreeMap<String, Arc<Open>> {
        self.0.programs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The program of that name, or the only one there is.
    pub fn program(&self, named: Option<&str>) -> Result<Arc<Open>, Problem> {
        let programs = self.0.programs.read().unwrap_or_else(PoisonError::into_inner);
        let known = || programs.keys().cloned().collect::<Vec<_>>().join(", ");
        match named {
            Some(id) => programs.get(id).cloned().ok_or_else(|| {
                Problem::new(Kind::NotFound, format!("there is no program '{id}'; there are: {}", known()))
            }),
            None if programs.len() == 1 => Ok(programs.values().next().expect("there is one").clone()),
            None if programs.is_empty() => {
                let detail = "no program is installed yet: install one with POST /v1/programs";
                Err(Problem::new(Kind::NoProgram, detail))
            }
            None => {
                let detail = format!("say which with ?program=; there are: {}", known());
                Err(Problem::new(Kind::InvalidRequest, detail)
                    .at("program", "required where there are several"))
            }
        }
    }
}

/// A lock that a panic elsewhere does not close: what it guards is whole at every step.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
