//! The load generator: a server of its own on a real database, real sockets, and clients that keep their connections.
//! Server and clients share the machine and the process. Prints, for each kind of work, requests per second by the
//! clock and by the processor (all threads, clients among them; on a crowded machine only this one can be compared),
//! percentiles, and memory; then proves the record.
//!
//! `bash benches/load/run [MEMBERS] [SECONDS] [CONNECTIONS] [DATABASE-URL]`

use domain::port::Clock;
use engine::record::program::install;
use jiff::Timestamp;
use server::app::{App, Parts, Settings};
use server::key::{self, NewKey, Pepper};
use server::listen::{Connections, listen};
use server::scope;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const PROGRAM: &str = include_str!("../../crates/server/tests/it/corner.toml");

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "measures")]
    fn now_micros(&self) -> i64 {
        Timestamp::now().as_microsecond()
    }
}

#[expect(clippy::disallowed_methods, reason = "measures")]
fn now() -> Instant {
    Instant::now()
}

/// Numbers that differ; no secret hangs on them here.
fn counted(bytes: &mut [u8]) {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let hash = blake3::hash(&number.to_le_bytes());
    for (byte, chance) in bytes.iter_mut().zip(hash.as_bytes()) {
        *byte = *chance;
    }
}

/// A connection that is kept.
struct Client {
    stream: BufStream<TcpStream>,
    key: Arc<str>,
}

impl Client {
    async fn connect(address: SocketAddr, key: Arc<str>) -> io::Result<Client> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client { stream: BufStream::new(stream), key })
    }

    /// Send a request and read its whole answer: the status.
    async fn ask(&mut self, method: &str, path: &str, kind: &str, body: &str) -> io::Result<u16> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: load\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(body.as_bytes()).await?;
        self.stream.flush().await?;
        let (status, length) = self.head().await?;
        match length {
            Some(length) => {
                let mut answer = vec![0; length];
                self.stream.read_exact(&mut answer).await?;
            }
            None => self.chunks().await?,
        }
        Ok(status)
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        loop {
            match self.stream.read_u8().await? {
                b'\n' => return Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
                byte => line.push(byte),
            }
        }
    }

    async fn head(&mut self) -> io::Result<(u16, Option<usize>)> {
        let first = self.line().await?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut length = None;
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok((status, length));
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.parse().ok();
            }
        }
    }

    async fn chunks(&mut self) -> io::Result<()> {
        loop {
            let size = usize::from_str_radix(&self.line().await?, 16).map_err(io::Error::other)?;
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk).await?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}

/// What is asked.
#[derive(Clone, Copy)]
enum Work {
    Orders,
    Balances,
    Rewards,
    Previews,
    Events,
}

/// Messages of a batch in Segment's dialect.
const BATCH: u64 = 100;

impl Work {
    fn request(self, number: u64, members: u64) -> (&'static str, String, String) {
        // Members in an order that looks like none.
        let member = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % members;
        let lines = r#"[{"id":"1","product":"latte","gross_minor":450},{"id":"2","product":"bun","gross_minor":250},{"id":"3","product":"tea","gross_minor":300}]"#;
        match self {
            Work::Orders => {
                let body = format!(
                    r#"{{"id":"o-{number}","customer":"{}","store":"north","lines":{lines}}}"#,
                    id(member)
                );
                ("POST", "/v1/orders".to_owned(), body)
            }
            Work::Balances => ("GET", format!("/v1/customers/{}/balances", id(member)), String::new()),
            Work::Rewards => ("GET", format!("/v1/customers/{}/rewards", id(member)), String::new()),
            Work::Events => {
                let one = |place: u64| {
                    let message = number * BATCH + place;
                    format!(
                        r#"{{"type":"track","event":"Product Viewed","messageId":"m-{message}","userId":"u-{}","timestamp":"2026-03-01T00:00:00Z","properties":{{"product_id":"latte","url":"https://shop.example/latte"}}}}"#,
                        message % members
                    )
                };
                let batch: Vec<String> = (0..BATCH).map(one).collect();
                ("POST", "/v1/batch".to_owned(), format!(r#"{{"batch":[{}]}}"#, batch.join(",")))
            }
            Work::Previews => {
                let body = format!(r#"{{"id":"basket","customer":"{}","lines":{lines}}}"#, id(member));
                ("POST", "/v1/preview".to_owned(), body)
            }
        }
    }
}

fn id(member: u64) -> String {
    domain::Id::new(domain::Kind::Customer, 1_762_000_000_000, u128::from(member)).to_string()
}

async fn run(
    name: &str,
    work: Work,
    address: SocketAddr,
    key: &Arc<str>,
    members: u64,
    seconds: u64,
    connections: u64,
) {
    let next = Arc::new(AtomicU64::new(1));
    let (began, processor) = (now(), processor_seconds());
    let end = began + Duration::from_secs(seconds);
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let (key, next) = (key.clone(), next.clone());
            tokio::spawn(async move {
                let mut client = Client::connect(address, key).await.expect("a connection");
                let (mut took, mut bad) = (Vec::new(), 0u64);
                while now() < end {
                    let (method, path, body) = work.request(next.fetch_add(1, Ordering::Relaxed), members);
                    let began = now();
                    let status =
                        client.ask(method, &path, "application/json", &body).await.expect("an answer");
                    took.push(began.elapsed().as_micros() as u64);
                    bad += u64::from(!(200..300).contains(&status));
                }
                (took, bad)
            })
        })
        .collect();
    let (mut took, mut bad) = (Vec::new(), 0);
    for client in clients {
        let (mine, wrong) = client.await.expect("a client");
        took.extend(mine);
        bad += wrong;
    }
    let elapsed = began.elapsed().as_secs_f64();
    let processor = processor_seconds() - processor;
    took.sort_unstable();
    let at = |share: f64| {
        took.get(((took.len() as f64 - 1.0) * share) as usize).map_or(0.0, |us| *us as f64 / 1000.0)
    };
    println!(
        "{name:<9} {:>8.0}/s   {:>8.0} a processor second   p50 {:>7.2} ms   p99 {:>7.2} ms   p99.9 {:>7.2} ms   \
         {:>5.0} MB   not 2xx {bad}",
        took.len() as f64 / elapsed,
        took.len() as f64 / processor,
        at(0.5),
        at(0.99),
        at(0.999),
        memory_mb()
    );
}

/// The numbers of a line of `/proc/self`; none elsewhere than on Linux.
fn own(file: &str) -> String {
    std::fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default()
}

/// What all threads have used, in seconds.
fn processor_seconds() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = own("stat");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after_name.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // The state before them is a letter: user and system time are the 14th and 15th of all fields.
    fields.get(10..12).map_or(f64::NAN, |times| times.iter().sum::<f64>() / TICKS_A_SECOND)
}

/// What is held in memory.
fn memory_mb() -> f64 {
    let status = own("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).map_or(f64::NAN, |kb| kb / 1024.0)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: u64| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (members, seconds, connections) = (number(10_000), number(10), number(64));
    let url = std::env::args().nth(4);
    let folder = tempfile::tempdir().expect("a folder");
    let url = url.unwrap_or_else(|| folder.path().join("state.db").display().to_string());
    let at = Machine.now_micros();
    let store = Store::open(&url, at).expect("a database");
    let mut session = store.sessions().open().expect("a session");
    let files = BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]);
    install(&mut session, &files, 7, engine::record::view::at(at)).expect("a program");
    let pepper = Pepper::new([7; 32]);
    let scopes = scope::parse("owner").expect("scopes");
    let new = NewKey { name: "load", source: "load", scopes: &scopes, expires_at: None, by: "load" };
    let (row, key) = key::make(&new, &pepper, at, &counted);
    session.write(|writing| writing.insert_api_key(&row)).expect("a key");
    let settings = Settings { per_second: 1_000_000, burst: 1_000_000, ..Settings::default() };
    let (clock, chance) = (Arc::new(Machine), Arc::new(counted));
    let assets = assets::Assets::open(None).expect("our own files");
    let sessions = store.sessions();
    let parts = Parts { sessions, clock, chance, pepper, settings, assets, lake: None };
    let app = App::open(parts).expect("a shop");
    let looking_on = app.clone();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(listen(app, listener, None, Connections::default(), async {
            drop(ended.await);
        }));
        let key: Arc<str> = key.into();
        let mut client = Client::connect(address, key.clone()).await.expect("a connection");
        let lines: String = (0..members)
            .map(|member| format!("{{\"type\":\"join\",\"member\":\"{}\"}}\n", id(member)))
            .collect();
        let began = now();
        let status = client.ask("POST", "/v1/bulk", "application/x-ndjson", &lines).await.expect("an answer");
        println!("{members} members joined in {:.1} s ({status})", began.elapsed().as_secs_f64());
        drop(client);
        println!("idle: {:.0} MB", memory_mb());
        for (name, work) in [
            ("orders", Work::Orders),
            ("balances", Work::Balances),
            ("rewards", Work::Rewards),
            ("previews", Work::Previews),
            ("batches", Work::Events),
        ] {
            run(name, work, address, &key, members, seconds, connections).await;
        }
        let began = now();
        let settled = server::intake::work::settle(&looking_on).await.expect("the intake");
        println!(
            "{settled} events were still to be worked in, which took {:.1} s",
            began.elapsed().as_secs_f64()
        );
        end.send(()).expect("the server waits for its end");
        serving.await.expect("serving").expect("an end");
    });
    let report = engine::record::verify::verify_record(
        &mut store.sessions().open().expect("a session"),
        &engine::record::program::find(&session.read(), "corner")
            .expect("a program")
            .expect("it is there")
            .program,
    );
    println!("verify: {} findings", report.expect("a report").findings.len());
}
