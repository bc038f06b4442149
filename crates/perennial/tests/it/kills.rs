//! The record, killed under load, again and again; its server killed; its disk full; its folder closed. Every answered
//! write is there once, `verify` is clean, and starting again needs no hand.
//!
//! `PERENNIAL_KILLS=200` says how often (20 where nothing is said), for each kind of database.

use crate::till::{Recording, Till, essence, join, order, server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub fn kills() -> u64 {
    std::env::var("PERENNIAL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// Dice: splitmix64 (Steele, Lea, Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

const MEMBERS: u64 = 200;

/// What a till asked, and what it heard.
#[derive(Default)]
struct Story {
    /// Everything that may have been asked: how often an order was, and for what.
    asked: u64,
    /// The last answer to each, by key.
    answered: BTreeMap<String, Value>,
}

/// The order of a number: whose and for how much follow from it.
fn numbered(number: u64) -> String {
    order(&format!("o-{number}"), &format!("m-{}", number % MEMBERS), 100 * (1 + number as i64 % 9))
}

fn points_of(number: u64) -> i64 {
    1 + number as i64 % 9
}

impl Story {
    fn hear(&mut self, answer: &Value) {
        assert_eq!(answer["outcome"], json!("done"), "{answer}");
        let key = answer["key"].as_str().expect("each has a key").to_owned();
        let essence = essence(answer);
        let before = self.answered.insert(key, essence.clone());
        assert!(before.is_none_or(|before| before == essence), "another answer to the same: {answer}");
    }

    /// Feed a process for as long as it lives, and hear its answers; kill it some time after the first.
    fn killed(&mut self, mut recording: Recording, dice: &mut Dice) {
        // Some of what was asked before is asked again: a till does not know which of it was recorded.
        let from = self.asked.saturating_sub(dice.throw(100));
        let mut input = recording.take_input();
        let feeding = std::thread::spawn(move || {
            let mut number = from;
            while number < from + 5_000 && writeln!(input, "{}", numbered(number)).is_ok() {
                number += 1;
            }
            number
        });
        // At its start, in its first commit, or well under way.
        for _ in 0..dice.throw(300) {
            match recording.answer(Duration::from_secs(60)) {
                Some(answer) => self.hear(&answer),
                None => break,
            }
        }
        std::thread::sleep(Duration::from_micros(dice.throw(20_000)));
        for answer in recording.kill() {
            self.hear(&answer);
        }
        self.asked = self.asked.max(feeding.join().expect("fed"));
    }

    /// Everything is asked once more: what was answered is known, and answered in the same words.
    fn prove(&mut self, till: &Till) {
        let lines: Vec<String> = (0..self.asked).map(numbered).collect();
        let known = self.answered.clone();
        let mut repeats = 0;
        for answer in till.record(&lines) {
            let key = answer["key"].as_str().expect("each has a key");
            let is_repeat = answer["is_repeat"] == json!(true);
            assert!(is_repeat || !known.contains_key(key), "it was answered and is not there: {answer}");
            repeats += u64::from(is_repeat);
            self.hear(&answer);
        }
        assert!(repeats >= known.len() as u64);
        assert_eq!(till.points(), (0..self.asked).map(points_of).sum::<i64>(), "each order once");
        assert!(till.ok("verify").contains("all is sound"));
    }
}

/// A process that takes few lines ahead of its answers, so that a kill leaves few that nobody knows of.
fn few_at_once(till: &Till) -> Recording {
    Recording::start(till.command("record --program shop --quiet --batch 40 --in-flight 120"))
}

fn members(till: &Till) {
    let joins: Vec<String> = (0..MEMBERS).map(|number| join(&format!("m-{number}"))).collect();
    till.record(&joins);
}

fn killed_again_and_again(till: &Till) {
    members(till);
    let (mut story, mut dice) = (Story::default(), Dice(kills()));
    for round in 1..=kills() {
        story.killed(few_at_once(till), &mut dice);
        if round % 10 == 0 {
            assert!(till.ok("verify").contains("all is sound"), "after {round} kills");
        }
    }
    assert!(!story.answered.is_empty());
    story.prove(till);
}

#[test]
fn a_record_killed_under_load_on_sqlite() {
    killed_again_and_again(&Till::on_sqlite());
}

#[test]
fn a_record_killed_under_load_on_a_server() {
    if let Some(server) = server() {
        killed_again_and_again(&Till::on_server(&server));
    }
}

/// A PostgreSQL of the test's own, to be killed, or to be set up in another way than most.
pub struct Postgres {
    bin: PathBuf,
    folder: tempfile::TempDir,
    pub port: u16,
    settings: Vec<String>,
    child: Child,
}

impl Postgres {
    fn start() -> Postgres {
        Postgres::start_with(&[], &[])
    }

    /// With files in its folder, which are its own alone, and settings that may name them.
    pub fn start_with(files: &[(&str, String)], settings: &[&str]) -> Postgres {
        let bin = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
        let bin = bin.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).max().expect("a version");
        let folder = tempfile::tempdir().expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = port.expect("a free port").port();
        let data = folder.path().join("data");
        if is_root() {
            // PostgreSQL refuses to run as root.
            let done = Command::new("chown").arg("nobody").arg(folder.path()).status().expect("chown");
            assert!(done.success());
        }
        let made = as_nobody(&bin.join("initdb"))
            .args(["-U", "shop", "-A", "trust", "-E", "UTF8", "--no-locale", "-D"])
            .arg(&data)
            .current_dir("/")
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb").success());
        for (name, text) in files {
            let written = as_nobody(Path::new("bash"))
                .args(["-c", "umask 077; cat > \"$1\"", "bash"])
                .arg(data.join(name))
                .current_dir("/")
                .stdin(Stdio::piped())
                .spawn()
                .and_then(|mut child| {
                    child.stdin.take().expect("an input").write_all(text.as_bytes())?;
                    child.wait()
                });
            assert!(written.expect("a file").success());
        }
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let child = Postgres::spawn(&bin, folder.path(), port, &settings);
        let server = Postgres { bin, folder, port, settings, child };
        server.wait();
        server
    }

    fn spawn(bin: &Path, folder: &Path, port: u16, settings: &[String]) -> Child {
        let log = std::fs::File::create(folder.join("log")).expect("a log");
        let mut command = as_nobody(&bin.join("postgres"));
        command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-k"]).arg(folder);
        command.args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]));
        command.arg("-D").arg(folder.join("data")).current_dir("/").stdout(Stdio::null()).stderr(log);
        command.spawn().expect("postgres starts")
    }

    fn url(&self) -> String {
        format!("postgres://shop@127.0.0.1:{}/postgres", self.port)
    }

    /// Until it answers. It always answers through its socket, whatever it asks of those who come from outside.
    fn wait(&self) {
        let folder = self.folder.path().display();
        let inside = format!("postgres://shop@/postgres?host={folder}&port={}", self.port);
        for _ in 0..600 {
            if store::look(&inside).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("PostgreSQL does not answer:\n{log}");
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Start it again. While processes of the one that was killed are still about, it refuses.
    fn revive(&mut self) {
        for _ in 0..100 {
            self.child = Postgres::spawn(&self.bin, self.folder.path(), self.port, &self.settings);
            std::thread::sleep(Duration::from_millis(300));
            if self.child.try_wait().expect("a child").is_none() {
                return self.wait();
            }
        }
        panic!("PostgreSQL does not start again");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The folder goes with it, whatever state it is in.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout.trim_ascii() == b"0"
}

/// A program, not as root.
fn as_nobody(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command
}

#[test]
fn the_server_is_killed_under_load_and_the_record_goes_on_when_it_is_back() {
    if server().is_none() {
        return;
    }
    let mut postgres = Postgres::start();
    let till = Till::at(postgres.url());
    members(&till);
    let mut story = Story::default();
    for round in 0..kills().div_ceil(10) {
        let mut recording = till.open();
        let from = story.asked;
        let mut input = recording.take_input();
        let dead = Arc::new(AtomicBool::new(false));
        let is_dead = dead.clone();
        // Fed until after the server's death, however fast or slow the machine is: some are always on their way.
        let feeding = std::thread::spawn(move || {
            let mut after = 0;
            let mut numbers = from..;
            while after < 300 {
                let number = numbers.next().expect("numbers do not end");
                after += u64::from(is_dead.load(Ordering::Acquire));
                writeln!(input, "{}", numbered(number)).expect("every line is taken");
            }
            numbers.start
        });
        for _ in 0..=round * 37 % 200 {
            let answer =
                recording.answer(Duration::from_secs(60)).expect("it answers while the server lives");
            story.hear(&answer);
        }
        postgres.kill();
        dead.store(true, Ordering::Release);
        // What the server took along is answered as not known; the process does not die of it.
        let mut unanswered = 0;
        for answer in recording.close() {
            match answer.get("failed") {
                None => story.hear(&answer),
                Some(why) => {
                    assert!(why.as_str().is_some_and(|why| why.contains("ask the same again")), "{answer}");
                    unanswered += 1;
                }
            }
        }
        story.asked = feeding.join().expect("fed");
        assert!(unanswered > 0, "it was killed under load");
        postgres.revive();
    }
    // One process lives through the server's death and goes on by itself.
    let mut recording = till.open();
    let first = recording.tell(&numbered(story.asked));
    story.hear(&first);
    postgres.kill();
    let lost = recording.tell(&numbered(story.asked + 1));
    assert!(lost["failed"].is_string(), "{lost}");
    postgres.revive();
    let found = recording.tell(&numbered(story.asked + 1));
    story.hear(&found);
    recording.close();
    story.asked += 2;
    story.prove(&till);
}

#[test]
fn a_disk_that_is_full_loses_nothing_that_was_answered() {
    let till = Till::on_sqlite();
    members(&till);
    let size = std::fs::metadata(till.bench.path("perennial-data/state.db")).expect("a file").len();
    // In blocks of 1,024 bytes: what is there, and a little more. A write beyond it fails as on a full disk.
    let blocks = size / 1024 + 3000;
    let program = till.command("record --program shop --quiet --batch 40 --in-flight 120");
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "bash", &blocks.to_string()]);
    limited.arg(program.get_program()).args(program.get_args());
    limited.current_dir(program.get_current_dir().expect("a folder")).env_remove("PERENNIAL_DATA");
    let mut recording = Recording::start(limited);
    let mut input = recording.take_input();
    let feeding = std::thread::spawn(move || {
        (0..6_000).take_while(|number| writeln!(input, "{}", numbered(*number)).is_ok()).count() as u64
    });
    let (mut story, mut failed) = (Story::default(), 0);
    while let Some(answer) = recording.answer(Duration::from_secs(120)) {
        match answer.get("failed") {
            None => story.hear(&answer),
            Some(_) => failed += 1,
        }
    }
    assert_eq!(recording.code(), Some(3), "a failure of the world");
    story.asked = feeding.join().expect("fed");
    assert!(!story.answered.is_empty() && failed > 0, "{} answered, {failed} failed", story.answered.len());
    assert!(till.ok("verify").contains("all is sound"), "before there is room again");
    story.prove(&till);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_refused_and_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let till = Till::on_sqlite();
    till.record(&[join("ana"), order("o-1", "ana", 500)]);
    let folder = till.bench.path("perennial-data");
    let mode = |bits| {
        let files =
            std::fs::read_dir(&folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
        for path in files.filter(|path| path.is_file()) {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits & 0o666)).expect("rights");
        }
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(bits)).expect("rights");
    };
    mode(0o555);
    let run = |line: &str| {
        let plain = till.command(line);
        if !is_root() {
            return crate::program::run(&mut { plain });
        }
        // The superuser may write wherever it likes, unless it gives that right away.
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-dac_override,-dac_read_search", "--"]);
        command.arg(plain.get_program()).args(plain.get_args());
        command.current_dir(plain.get_current_dir().expect("a folder")).stdin(Stdio::null());
        crate::program::run(&mut command)
    };
    run("record --program shop").said(3, &["cannot be written", "give this user the right"]);
    let doctor = run("doctor");
    assert!(doctor.out.contains("WRONG"), "{}", doctor.out);
    mode(0o755);
    assert!(till.ok("verify").contains("all is sound"));
    assert_eq!(till.points(), 5);
}
