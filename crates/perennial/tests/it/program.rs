//! The real binary in a folder of its own.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_perennial");

/// A folder in which the program runs, gone at the end.
pub struct Bench {
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: TempDir::new().expect("a temporary folder") }
    }

    /// A path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Write a file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Bench {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
        self
    }

    /// A run to be, of the program at its usual place.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.command_of(Path::new(PROGRAM), arguments)
    }

    /// A run to be, of the program at another place: without settings from outside and without a terminal.
    pub fn command_of<S: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in
            ["PERENNIAL_DATA", "PERENNIAL_DATABASE", "PERENNIAL_LAKE", "PERENNIAL_ASSETS", "RUST_BACKTRACE"]
        {
            command.env_remove(name);
        }
        command.env("TZ", "UTC");
        command
    }

    /// Run with a line of arguments, parted at spaces.
    pub fn run(&self, line: &str) -> Run {
        run(&mut self.command(line.split_whitespace()))
    }

    /// Run and demand success; what was printed.
    pub fn ok(&self, line: &str) -> String {
        let run = self.run(line);
        assert_eq!(run.code, 0, "perennial {line}\n{}", run.err);
        run.out
    }

    /// Run with `--json`, demand success and one document.
    pub fn json(&self, line: &str) -> Value {
        let out = self.ok(&format!("{line} --json"));
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("perennial {line} --json: {error}\n{out}"))
    }

    /// One query's first row.
    pub fn ask(&self, query: &str) -> Value {
        let run = run(&mut self.command(["sql", query, "--json"]));
        assert_eq!(run.code, 0, "{query}\n{}", run.err);
        let document: Value = serde_json::from_str(&run.out).expect("one document");
        document["rows"][0].clone()
    }
}

/// Carry out a run.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        err: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
    }
}

impl Run {
    /// Ended with this code, and said all of these on standard error; and no bug, ever.
    #[track_caller]
    pub fn said(&self, code: i32, words: &[&str]) {
        assert!(!self.err.contains("has a bug"), "{}", self.err);
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "'{word}' is not in:\n{}", self.err);
        }
    }
}

/// What the lake holds, whatever files it lies in.
pub fn holdings(bench: &Bench) -> Value {
    bench.ask(
        "select count(*) as lines, count(distinct order_id) as orders, sum(total_minor) as paid, \
         count(distinct customer_id) as customers, min(ordered_at) as first_at, max(ordered_at) as last_at \
         from facts.lines",
    )
}

/// Orders of the corner shop: `customers` people, each with an order every few days of spring 2025, a line an order
/// day and product. Day, customer and order are distinct; nothing about it is random.
pub fn corner_shop(customers: u32) -> String {
    let mut text = "order_id,line_id,date,customer_id,product,quantity,unit_price,total\n".to_owned();
    for customer in 0..customers {
        let every = 3 + customer * 7 % 29;
        let mut day = customer * 11 % 40;
        while day < 120 {
            let (month, of_month) =
                (1 + day / 30, 1 + day % 30 - if day / 30 == 1 { (day % 30) / 28 * 2 } else { 0 });
            for line in 1..=1 + customer % 3 {
                let price = 500 + 50 * ((customer + line) % 9);
                text += &format!(
                    "o{customer}-{day},{line},2025-{month:02}-{of_month:02},c{customer},p{},{},{}.{:02},{}.{:02}\n",
                    (customer + line) % 9,
                    line,
                    price / 100,
                    price % 100,
                    price * line / 100,
                    price * line % 100,
                );
            }
            day += every;
        }
    }
    text
}
