//! The load generator: a server in a process of its own on a real database, real sockets, and clients that keep their
//! connections. Server and clients share the machine. Prints, for each kind of work, requests per second by the clock
//! and by the processor (of both processes; on a crowded machine only this one can be compared), percentiles, and the
//! memory of the server; then proves the record.
//!
//! `bash benches/load/run [MEMBERS] [SECONDS] [CONNECTIONS]`

use domain::port::Clock;
use engine::record::program::install;
use jiff::Timestamp;
use server::app::{App, Parts, Settings};
use server::key::{self, NewKey, Pepper};
use server::listen::{Connections, listen};
use server::scope;
use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::Store;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
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
    line: Vec<u8>,
}

impl Client {
    async fn connect(address: SocketAddr, key: Arc<str>) -> io::Result<Client> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client { stream: BufStream::new(stream), key, line: Vec::new() })
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

    /// The next line, without its end.
    async fn line(&mut self) -> io::Result<&str> {
        self.line.clear();
        self.stream.read_until(b'\n', &mut self.line).await?;
        std::str::from_utf8(&self.line).map(str::trim_end).map_err(io::Error::other)
    }

    /// The status, and how many bytes follow where it is said.
    async fn head(&mut self) -> io::Result<(u16, Option<usize>)> {
        let status = self.line().await?.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut length = None;
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok((status, length));
            }
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok();
            }
        }
    }

    async fn chunks(&mut self) -> io::Result<()> {
        loop {
            let size = usize::from_str_radix(self.line().await?, 16).map_err(io::Error::other)?;
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
    Enrolments,
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
            Work::Enrolments => {
                let body = format!(r#"{{"identifiers":[{{"kind":"external_id","value":"e-{number}"}}]}}"#);
                ("POST", "/v1/customers".to_owned(), body)
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

/// What is measured with.
struct Bench {
    address: SocketAddr,
    key: Arc<str>,
    /// The server's process.
    server: u32,
    members: u64,
    seconds: u64,
    connections: u64,
}

async fn run(name: &str, work: Work, bench: &Bench) {
    let &Bench { address, server, members, seconds, connections, .. } = bench;
    let processors = || processor_seconds("self") + processor_seconds(&server.to_string());
    let next = Arc::new(AtomicU64::new(1));
    let (began, processor) = (now(), processors());
    let end = began + Duration::from_secs(seconds);
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let (key, next) = (bench.key.clone(), next.clone());
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
    let processor = processors() - processor;
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
        memory_mb(server)
    );
}

/// A file of a process; nothing elsewhere than on Linux.
fn of_process(process: &str, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default()
}

/// What all threads of a process have used, in seconds.
fn processor_seconds(process: &str) -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = of_process(process, "stat");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after_name.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // The state before them is a letter: user and system time are the 14th and 15th of all fields.
    fields.get(10..12).map_or(f64::NAN, |times| times.iter().sum::<f64>() / TICKS_A_SECOND)
}

/// What a process holds in memory.
fn memory_mb(process: u32) -> f64 {
    let status = of_process(&process.to_string(), "status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).map_or(f64::NAN, |kb| kb / 1024.0)
}

/// The server, until its standard input ends: says its address and a key, and then works in what came from outside
/// whenever it is told to.
fn serve(url: &str) {
    let at = Machine.now_micros();
    let store = Store::open(url, at).expect("a database");
    let mut session = store.sessions().open().expect("a session");
    let files = BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]);
    install(&mut session, &files, 7, engine::record::view::at(at)).expect("a program");
    let pepper = Pepper::new([7; 32]);
    let scopes = scope::parse("owner").expect("scopes");
    let new = NewKey { name: "load", source: "load", scopes: &scopes, expires_at: None, by: "load" };
    let (row, key) = key::make(&new, &pepper, at, &counted);
    session.write(|writing| writing.insert_api_key(&row)).expect("a key");
    drop(session);
    let settings = Settings { per_second: 1_000_000, burst: 1_000_000, ..Settings::default() };
    let (clock, chance) = (Arc::new(Machine), Arc::new(counted));
    let assets = assets::Assets::open(None).expect("our own files");
    let sessions = store.sessions();
    let parts = Parts { sessions, clock, chance, pepper, settings, assets, lake: None };
    let app = App::open(parts).expect("a shop");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{} {key}", listener.local_addr().expect("an address"));
        let (end, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(listen(app.clone(), listener, None, Connections::default(), async {
            drop(ended.await);
        }));
        let mut orders = tokio::io::BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(_)) = orders.next_line().await {
            println!("{}", server::intake::work::settle(&app).await.expect("the intake"));
        }
        end.send(()).expect("the server waits for its end");
        serving.await.expect("serving").expect("an end");
    });
}

/// A server in a process of its own.
struct Server {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Server {
    fn start(url: &str) -> Server {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["serve", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let says = BufReader::new(process.stdout.take().expect("its output"));
        Server { process, says }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.peek().is_some_and(|first| first == "serve") {
        return serve(&arguments.nth(1).expect("a database"));
    }
    let mut number = |usual: u64| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (members, seconds, connections) = (number(10_000), number(10), number(64));
    let folder = tempfile::tempdir().expect("a folder");
    let url = arguments.next().unwrap_or_else(|| folder.path().join("state.db").display().to_string());
    let mut server = Server::start(&url);
    let said = server.line();
    let (address, key) = said.split_once(' ').expect("an address and a key");
    let (address, key, pid) = (address.parse().expect("an address"), Arc::from(key), server.process.id());
    let bench = Bench { address, key, server: pid, members, seconds, connections };
    // One thread for all clients: the other processor is the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    runtime.block_on(load(&bench));
    let began = now();
    server.process.stdin.as_mut().expect("its input").write_all(b"settle\n").expect("it listens");
    let settled = server.line();
    println!(
        "{settled} events were still to be worked in, which took {:.1} s; {:.0} MB",
        began.elapsed().as_secs_f64(),
        memory_mb(pid)
    );
    drop(server.process.stdin.take());
    assert!(server.process.wait().expect("an end").success(), "the server ended badly");
    let store = Store::open(&url, Machine.now_micros()).expect("a database");
    let mut session = store.sessions().open().expect("a session");
    let program =
        engine::record::program::find(&session.read(), "corner").expect("a program").expect("it is there");
    let report = engine::record::verify::verify_record(&mut session, &program.program).expect("a report");
    println!("verify: {} findings", report.findings.len());
}

async fn load(bench: &Bench) {
    let mut client = Client::connect(bench.address, bench.key.clone()).await.expect("a connection");
    let began = now();
    // In parts, so that what the clients hold is no part of what is measured.
    for part in (0..bench.members).collect::<Vec<_>>().chunks(50_000) {
        let lines: String = part
            .iter()
            .map(|member| format!("{{\"type\":\"join\",\"member\":\"{}\"}}\n", id(*member)))
            .collect();
        let status = client.ask("POST", "/v1/bulk", "application/x-ndjson", &lines).await.expect("an answer");
        assert_eq!(status, 200, "members join");
    }
    println!("{} members joined in {:.1} s", bench.members, began.elapsed().as_secs_f64());
    drop(client);
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!("idle: {:.0} MB", memory_mb(bench.server));
    for (name, work) in [
        ("orders", Work::Orders),
        ("balances", Work::Balances),
        ("rewards", Work::Rewards),
        ("previews", Work::Previews),
        ("batches", Work::Events),
        ("enrol", Work::Enrolments),
    ] {
        run(name, work, bench).await;
    }
}
