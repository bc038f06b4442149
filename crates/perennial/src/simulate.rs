//! `perennial world`: a simulated market as files, with the truth beside it.

use crate::args::{Common, World as WorldArgs};
use crate::ended::Ended;
use crate::progress::Progress;
use crate::say::{self, count};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use world::{Cell, Config, CustomerRow, Feedback, OrderLine, Return, Truth, World};

/// Up to this many customers the world is the corner shop, with its own products and stores; beyond, a chain.
const CORNER_SHOP: u32 = 5_000;

/// How much was written.
#[derive(Debug, Default, serde::Serialize)]
pub struct Written {
    /// Order lines.
    pub lines: u64,
    /// Returns.
    pub returns: u64,
    /// Pieces of feedback.
    pub feedback: u64,
    /// Customers.
    pub customers: u64,
}

/// Run the command.
pub fn run(common: &Common, args: &WorldArgs) -> Result<(), Ended> {
    let corner = Config::corner_shop(args.seed);
    let config = if args.customers <= CORNER_SHOP {
        Config {
            customers: args.customers,
            weeks: args.weeks,
            joining_weeks: (args.weeks * 10 / 13).max(1),
            ..corner
        }
    } else {
        Config::chain(args.customers, args.weeks, args.seed, corner.start)
    };
    let written = write(config, &args.out, &mut Progress::new(common.quiet))?;
    say::result(common, &json!({"folder": args.out, "written": written}), || {
        format!(
            "{} customers, {} order lines, {} returns, {} pieces of feedback in {}\n\
             orders.csv, returns.csv, customers.csv, feedback.csv can be imported; truth.parquet is what was planted\n",
            count(written.customers),
            count(written.lines),
            count(written.returns),
            count(written.feedback),
            args.out.display()
        )
    })
}

/// Write the files of a world into a folder.
pub fn write(config: Config, folder: &Path, progress: &mut Progress) -> Result<Written, Ended> {
    let world = World::new(config).map_err(|refused| Ended::Refused(refused.to_string()))?;
    let total = u64::from(world.config().customers);
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, error))?;
    let mut orders = Csv::create(folder, "orders.csv", &OrderLine::COLUMNS)?;
    let mut returns = Csv::create(folder, "returns.csv", &Return::COLUMNS)?;
    let mut customers = Csv::create(folder, "customers.csv", &CustomerRow::COLUMNS)?;
    let mut feedback = Csv::create(folder, "feedback.csv", &Feedback::COLUMNS)?;
    let mut truth = analytics::truth::TruthFile::create(&folder.join("truth.parquet"), &Truth::COLUMNS)?;
    let mut written = Written::default();
    for history in world.histories() {
        for line in &history.lines {
            orders.row(&line.cells())?;
        }
        for back in &history.returns {
            returns.row(&back.cells())?;
        }
        for said in &history.feedback {
            feedback.row(&said.cells())?;
        }
        if let Some(customer) = &history.customer {
            customers.row(&customer.cells())?;
            written.customers += 1;
        }
        if let Some(planted) = &history.truth {
            let cells = planted.cells();
            truth.row(cells.iter().map(cell_of))?;
        }
        written.lines += history.lines.len() as u64;
        written.returns += history.returns.len() as u64;
        written.feedback += history.feedback.len() as u64;
        progress.at("making the world", written.customers, total, written.lines);
    }
    for file in [orders, returns, customers, feedback] {
        file.close()?;
    }
    truth.close()?;
    Ok(written)
}

fn cell_of<'a>(cell: &Cell<'a>) -> analytics::truth::Value<'a> {
    use analytics::truth::Value;
    match *cell {
        Cell::Empty => Value::Absent,
        Cell::Text(text) => Value::Text(text),
        Cell::Int(number) => Value::Float(number as f64),
        Cell::Float(number) => Value::Float(number),
        Cell::Bool(is) => Value::Float(f64::from(u8::from(is))),
        Cell::Time(at) => Value::Owned(Cell::Time(at).to_string()),
        Cell::Day(on) => Value::Owned(Cell::Day(on).to_string()),
    }
}

struct Csv {
    path: std::path::PathBuf,
    file: BufWriter<File>,
}

impl Csv {
    fn create(folder: &Path, name: &str, columns: &[&str]) -> Result<Csv, Ended> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|error| cannot_write(&path, error))?;
        let mut csv = Csv { path, file: BufWriter::with_capacity(1 << 18, file) };
        writeln!(csv.file, "{}", columns.join(",")).map_err(|error| cannot_write(&csv.path, error))?;
        Ok(csv)
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Ended> {
        let failed = |error| cannot_write(&self.path, error);
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.file.write_all(b",").map_err(failed)?;
            }
            match cell {
                Cell::Text(text) if text.contains([',', '"', '\n']) => {
                    write!(self.file, "\"{}\"", text.replace('"', "\"\"")).map_err(failed)?;
                }
                other => write!(self.file, "{other}").map_err(failed)?,
            }
        }
        self.file.write_all(b"\n").map_err(failed)
    }

    fn close(mut self) -> Result<(), Ended> {
        self.file.flush().map_err(|error| cannot_write(&self.path, error))
    }
}

fn cannot_write(path: &Path, error: std::io::Error) -> Ended {
    Ended::Failed(anyhow::Error::new(error).context(format!(
        "cannot write {}: check that the folder is writable and the disk has space",
        path.display()
    )))
}
