//! `perennial serve`: wiring of the server. It decides nothing.

use crate::args::door::{Configured, Serve};
use crate::args::{Common, Reading, Report};
use crate::attribute::keys_of;
use crate::backup;
use crate::config::Config;
use crate::ended::Ended;
use crate::home::{Home, MachineClock, assets, open_store, secret_of, turn_at_the_lake};
use crate::import;
use crate::key::{fill, pepper};
use crate::living;
use crate::program::{backtest, in_force};
use crate::work::beside::Rounds;
use analytics::session::Session;
use domain::port::{Failure, Only};
use engine::people::find::index_due;
use listenfd::ListenFd;
use loyalty::program::Program;
use server::app::{App, Parts, Settings};
use server::figures::{self, Lake, Opened};
use server::listen::{Connections, listen};
use server::logs::{self, Format};
use server::mail::Mail;
use server::sign_in;
use server::single_sign_on::Provider;
use server::tills::Limits;
use server::tls::Tls;
use server::traces::{Collector, Traces};
use server::workshop::{Desk, Given, Stopped, Workshop};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Sessions, Store};
use tokio::net::TcpListener;

/// `perennial serve`
pub fn run(common: &Common, args: &Serve) -> Result<(), Ended> {
    let config = Config::gather(common, &args.configured)?;
    let format = match config.text("log_format") {
        "text" => Format::Text,
        "json" => Format::Json,
        other => return Err(Ended::Refused(format!("log_format is '{other}', and must be text or json"))),
    };
    let traces = match config.text("traces") {
        "" => None,
        url => {
            let collector = Collector { url: url.to_owned(), percent: config.number("traces_percent")? };
            Some(
                Traces::begin(&collector, Arc::new(fill))
                    .map_err(|why| Ended::Refused(format!("traces: {why}")))?,
            )
        }
    };
    logs::begin(config.text("log"), format, traces.as_ref())
        .map_err(|why| Ended::Refused(format!("log: {why}")))?;
    let settings = settings(common, &config)?;
    let mail = settings.mail.clone();
    let connections = connections(&config)?;
    let tls = match (config.path("tls_cert"), config.path("tls_key")) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            Some(Tls::open(&certificate, &key).map_err(|no| Ended::Refused(no.to_string()))?)
        }
        _ => return Err(Ended::Refused("tls_cert and tls_key go together: name both or none".to_owned())),
    };
    let is_at_work = is_at_work(common, &config)?;
    // As long as this lives nobody else writes.
    let mut store = open_store(common)?.with_keys(keys_of(common, &config));
    if let Some(folder) = &args.program {
        in_force::of(&mut store.sessions().open()?, Some(folder.as_path()))?;
    }
    let app = open(common, &config, &mut store, settings)?;
    let end_within = connections.end_within;
    let (rounds, held) = match is_at_work {
        true => (Some(Rounds::begin(common, Home::begin(common, store)?, mail)?), None),
        false => (None, Some(store)),
    };
    let address = config.text("listen").to_owned();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let quiet = common.quiet;
    let served = block(async {
        let listener = listener(&address).await?;
        let local = listener.local_addr()?;
        if !quiet {
            eprintln!("listening on {scheme}://{local}; {scheme}://{local}/docs shows what can be asked");
        }
        listen(app, listener, tls, connections, ended()).await
    });
    if let Some(rounds) = rounds {
        rounds.end(end_within);
    }
    drop(held);
    if let Some(traces) = traces {
        traces.end();
    }
    served
}

/// Whether the server does scheduled work too. Where nobody says so: on a file, which has no room for a second process.
/// Servers of one database would each need a lake that all of them see.
fn is_at_work(common: &Common, config: &Config) -> Result<bool, Ended> {
    match config.text("work") {
        "yes" => Ok(true),
        "no" => Ok(false),
        "auto" => Ok(common.database.as_ref().is_none_or(|url| !url.starts_with("postgres"))),
        other => Err(Ended::Refused(format!("work is '{other}', and must be auto, yes or no"))),
    }
}

/// `perennial demo --serve`: the console on this machine, with a link that signs its owner in.
pub fn demo(common: &Common, wanted: Option<&str>) -> Result<(), Ended> {
    let configured = Configured { listen: None, config: None, set: Vec::new() };
    let config = Config::gather(common, &configured)?;
    logs::begin("warn", Format::Text, None).map_err(|why| Ended::Refused(format!("log: {why}")))?;
    let mut store = open_store(common)?;
    let app = open(common, &config, &mut store, settings(common, &config)?)?;
    figures::compute(&app);
    let token = sign_in::one_time_link(&app, &living::owner(&store.sessions())?);
    let (connections, wanted) = (connections(&config)?, wanted.map(str::to_owned));
    block(async {
        let listener = match &wanted {
            Some(address) => bind(address).await?,
            None => match bind("127.0.0.1:8080").await {
                Ok(listener) => listener,
                Err(_) => bind("127.0.0.1:0").await?,
            },
        };
        let local = listener.local_addr()?;
        println!("The corner shop's console is open at http://{local}\n");
        println!("Sign in once, within a quarter of an hour, with\n  http://{local}/sign-in/{token}\n");
        println!("Ctrl-C ends it; the same command opens it again.");
        listen(app, listener, None, connections, ended()).await
    })?;
    drop(store);
    Ok(())
}

fn open(common: &Common, config: &Config, store: &mut Store, settings: Settings) -> Result<App, Ended> {
    Ok(App::open(Parts {
        sessions: store.sessions(),
        clock: Arc::new(MachineClock),
        chance: Arc::new(fill),
        pepper: pepper(common, config)?,
        settings: Settings { fact_secret: secret_of(store)?, ..settings },
        assets: assets(common)?,
        lake: Some(lake(common, store.sessions())),
    })?)
}

async fn bind(address: &str) -> std::io::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| std::io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
}

fn block(serving: impl Future<Output = std::io::Result<()>>) -> Result<(), Ended> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because("cannot start the threads that serve", error))?;
    Ok(runtime.block_on(serving).map_err(|error| Failure::because("the server ended", error))?)
}

/// The lake as it stands when somebody asks, with the log beside it, and what is done with it.
pub fn lake(common: &Common, sessions: Sessions) -> Lake {
    let (opening, asking, acting) = (common.clone(), common.clone(), common.clone());
    let open = move |only: &Only| {
        let (session, home) = session(&opening)?;
        session.narrow(only)?;
        let options = crate::xray::options(&home, &Report::usual(), None).map_err(said)?;
        Ok(Opened { insights: Box::new(session), options })
    };
    let query = move |sql: &str, rows: usize| {
        let (session, home) = session(&asking)?;
        crate::xray::prepare(&home, &session, sql, None).map_err(said)?;
        let sql = sql.trim().trim_end_matches(';');
        session.query(&format!("select * from (\n{sql}\n) as asked limit {rows}"))
    };
    let look = {
        let (common, sessions) = (common.clone(), sessions.clone());
        move |given: &Given<'_>| {
            let mut home = beside(&common, &sessions).map_err(Stopped::Failed)?;
            let reading = reading(given);
            let options = import::options(&mut home, given.kind, &reading).map_err(stopped)?;
            let files = vec![given.path.display().to_string()];
            import::look(&home, given.kind, files, &options, &mut |_| ()).map_err(stopped)
        }
    };
    let bring = {
        let (common, sessions) = (Common { quiet: true, ..common.clone() }, sessions.clone());
        move |given: &Given<'_>, told: &dyn Fn(u64, u64)| {
            let _turn = turn_at_the_lake();
            let mut home = beside(&common, &sessions).map_err(Stopped::Failed)?;
            let reading = reading(given);
            let options = import::options(&mut home, given.kind, &reading).map_err(stopped)?;
            let files = vec![given.path.display().to_string()];
            let summary = import::import_told(&mut home, given.kind, files, &options, &mut |at| {
                told(at.bytes, at.bytes_total)
            })
            .map_err(|stop| stopped(Ended::from(stop)))?;
            // Whoever cannot be found by name yet will be once customers are tended.
            if let Ok(mut session) = sessions.open() {
                drop(index_due(&mut session, &mut |_| ()));
            }
            Ok(summary)
        }
    };
    let desk = move || {
        let mut home = beside(&acting, &sessions)?;
        let secret = home.secret().map_err(said)?;
        Ok(Desk { store: home.store, secret, folder: home.folder })
    };
    let [making, listing, checking, trying, telling] = [common; 5].map(Common::clone);
    let history = move |ids: &[String]| {
        let home = Home::open_to_read(&telling).map_err(said)?;
        crate::customer::history::of_person(&telling, &home, ids).map_err(said)
    };
    let try_on_past = move |programs: [&Program; 2], (from, to), told: &dyn Fn(u64, u64)| {
        let (session, home) = session(&trying).map_err(Stopped::Failed)?;
        backtest::of_home(&home, &session, programs, (from, to), &mut |at| told(at.done, at.total))
            .map_err(stopped)
    };
    let workshop = Workshop {
        try_on_past: Arc::new(try_on_past),
        make_backup: Arc::new(move |name| backup::make_beside(&making, name).map_err(said)),
        list_backups: Arc::new(move |_| backup::list_beside(&listing).map_err(said)),
        check_backup: Arc::new(move |name| backup::check_beside(&checking, name).map_err(said)),
        desk: Arc::new(desk),
        look: Arc::new(look),
        bring: Arc::new(bring),
        query: Arc::new(query),
        history: Arc::new(history),
    };
    Lake { open: Arc::new(open), workshop }
}

/// The data folder beside the store that is open: it writes under that store's right.
fn beside(common: &Common, sessions: &Sessions) -> Result<Home, Failure> {
    let store = sessions.store().map_err(|failure| Failure::because(failure.to_string(), failure))?;
    Home::with_store(common, common.data.clone(), store).map_err(said)
}

fn stopped(ended: Ended) -> Stopped {
    match ended {
        Ended::Refused(text) | Ended::Usage(text) => Stopped::Refused(text),
        failed => Stopped::Failed(said(failed)),
    }
}

fn session(common: &Common) -> Result<(Session, Home), Failure> {
    let home = Home::open_to_read(common).map_err(said)?;
    let session = home.session(common, &assets(common).map_err(said)?).map_err(said)?;
    Ok((session, home))
}

fn said(ended: Ended) -> Failure {
    match ended {
        Ended::Refused(text) | Ended::Usage(text) => Failure::new(text),
        Ended::Failed(error) => Failure::new(format!("{error:#}")),
    }
}

/// The socket that systemd, or whoever started us, holds open and hands over (`LISTEN_FDS`), so that nobody is refused
/// while one server ends and the next begins; else one of our own.
async fn listener(address: &str) -> std::io::Result<TcpListener> {
    match ListenFd::from_env().take_tcp_listener(0)? {
        Some(handed_over) => {
            handed_over.set_nonblocking(true)?;
            TcpListener::from_std(handed_over)
        }
        None => bind(address).await,
    }
}

/// When the system, or somebody at the keyboard, asks to end.
async fn ended() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}

fn settings(common: &Common, config: &Config) -> Result<Settings, Ended> {
    let country = config.text("country").to_uppercase();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Ended::Refused(format!("country is '{country}', and must be two letters, as VN")));
    }
    Ok(Settings {
        body_bytes: config.number("body_bytes")?,
        depth: config.number("json_depth")?,
        patience: Duration::from_secs(config.number("request_seconds")?),
        in_flight: config.number("requests")?,
        readers: config.number("readers")?,
        per_second: config.number("per_second")?,
        burst: config.number("burst")?,
        country,
        webhook_inside: config.networks("webhook_inside")?,
        single_sign_on: single_sign_on(config)?,
        tills: tills(config)?,
        mail: mail(config)?,
        folders: ["rejects", "scratch"].map(|name| common.data.join(name)).to_vec(),
        ..Settings::default()
    })
}

/// The mail server that sends reports, where one is named.
pub fn mail(config: &Config) -> Result<Option<Mail>, Ended> {
    let (url, from) = (config.text("smtp"), config.text("smtp_from"));
    if url.is_empty() {
        return Ok(None);
    }
    let password = config.path("smtp_password_file").map(|path| secret("smtp_password_file", &path));
    let mail = Mail::open(url, password.transpose()?.as_deref(), from);
    mail.map(Some).map_err(|why| Ended::Refused(why.to_string()))
}

/// What a file holds that a setting names.
fn secret(setting: &str, path: &Path) -> Result<String, Ended> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Ended::Refused(format!("{setting} {}: {error}", path.display())))?;
    Ok(text.trim().to_owned())
}

fn single_sign_on(config: &Config) -> Result<Option<Provider>, Ended> {
    let issuer = config.text("oidc_issuer").to_owned();
    if issuer.is_empty() {
        return Ok(None);
    }
    let (client_id, public_url) = (config.text("oidc_client_id"), config.text("public_url"));
    if client_id.is_empty() || public_url.is_empty() {
        let why = "oidc_issuer needs oidc_client_id and public_url beside it: name all three or none";
        return Err(Ended::Refused(why.to_owned()));
    }
    let client_secret = config.path("oidc_secret_file").map(|path| secret("oidc_secret_file", &path));
    Ok(Some(Provider {
        issuer,
        client_id: client_id.to_owned(),
        client_secret: client_secret.transpose()?.unwrap_or_default(),
        public_url: public_url.trim_end_matches('/').to_owned(),
    }))
}

/// What is watched at tills; the hours are `07:00-22:00`, or nothing.
fn tills(config: &Config) -> Result<Limits, Ended> {
    let hours = config.text("open_hours");
    let wrong = || Ended::Refused(format!("open_hours is '{hours}', and must be as 07:00-22:00"));
    let open = match hours.split_once('-') {
        None if hours.is_empty() => Limits::default().open,
        None => return Err(wrong()),
        Some((opens, closes)) => {
            (opens.trim().parse().map_err(|_| wrong())?, closes.trim().parse().map_err(|_| wrong())?)
        }
    };
    Ok(Limits { bills: config.number("till_bills")?, unproven: config.number("till_unproven")?, open })
}

fn connections(config: &Config) -> Result<Connections, Ended> {
    Ok(Connections {
        most: config.number("connections")?,
        headers_within: Duration::from_secs(config.number("header_seconds")?),
        end_within: Duration::from_secs(config.number("end_seconds")?),
        ..Connections::default()
    })
}

/// How a file of the console is to be read.
fn reading(given: &Given<'_>) -> Reading {
    let said = |text: &String| (!text.is_empty()).then(|| text.clone());
    Reading {
        maps: given.maps.to_vec(),
        date_order: said(&given.how.date_order),
        decimal: said(&given.how.decimal),
        layout: said(&given.how.layout),
        ..Reading::default()
    }
}
