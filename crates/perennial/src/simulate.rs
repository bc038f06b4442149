//! `perennial world`: a simulated market as files, with the truth beside it.

use crate::args::{Common, World as WorldArgs};
use crate::ended::Ended;
use crate::progress::Progress;
use crate::say::{self, count};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use world::{Action, Cell, Config, CustomerRow, Feedback, OrderLine, Return, Truth, World};

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
    let story = Story {
        from: args.from.unwrap_or(Date::MIN),
        until: args.until.unwrap_or(Date::MAX),
        acted: acted(args)?,
        contacted_on: args.contacted_on.unwrap_or(Date::MAX),
        lift: args.lift,
        lift_days: args.lift_days,
    };
    let written = write_story(config, &args.out, &story, &mut Progress::new(common.quiet))?;
    say::result(common, &json!({"folder": args.out, "written": written}), || {
        format!(
            "{} customers, {} order lines, {} returns, {} pieces of feedback in {}\n\
             orders.csv, returns.csv, customers.csv, feedback.csv can be imported, contacts.csv as customers, too; truth.parquet is what was planted\n",
            count(written.customers),
            count(written.lines),
            count(written.returns),
            count(written.feedback),
            args.out.display()
        )
    })
}

/// What part of a world is written, and what was done to its customers.
struct Story {
    from: Date,
    until: Date,
    /// Keys and addresses of those something was done to.
    acted: HashSet<String>,
    contacted_on: Date,
    lift: f64,
    lift_days: u32,
}

impl Story {
    fn has(&self, on: Date) -> bool {
        on >= self.from && on < self.until
    }
}

/// Everybody something was done to, by the columns of a list.
fn acted(args: &WorldArgs) -> Result<HashSet<String>, Ended> {
    let Some(path) = &args.contacted else { return Ok(HashSet::new()) };
    let name = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|error| Ended::Refused(format!("cannot read {name}: {error}")))?;
    let list = engine::collect::whole::read(&name, bytes)?;
    let columns =
        [&["customer_id", "customer"][..], &["email", "e-mail"], &["phone", "so dien thoai", "电话"]]
            .map(|names| list.place(names));
    if columns.iter().all(Option::is_none) {
        return Err(Ended::Refused(format!("{name} has no column customer_id, email or phone")));
    }
    let cells = |row: Vec<String>| {
        columns.iter().flatten().filter_map(|at| row.get(*at).cloned()).collect::<Vec<_>>()
    };
    Ok(list.rows.into_iter().flat_map(|(_, row)| cells(row)).filter(|cell| !cell.is_empty()).collect())
}

/// How customer number so-and-so is reached. Nobody real: the domain is one of those kept for examples.
fn contact(customer: &CustomerRow<'_>, number: u64) -> [String; 4] {
    let key = customer.customer_key.to_string();
    let email = format!("{}@corner.example", key.to_lowercase());
    [key, customer.handle.to_string(), email, format!("0900{:06}", number % 1_000_000)]
}

/// Write the files of a world into a folder.
pub fn write(config: Config, folder: &Path, progress: &mut Progress) -> Result<Written, Ended> {
    write_until(config, folder, Date::MAX, progress)
}

/// The same with what happens before a day.
pub fn write_until(
    config: Config,
    folder: &Path,
    until: Date,
    progress: &mut Progress,
) -> Result<Written, Ended> {
    let story = Story {
        from: Date::MIN,
        until,
        acted: HashSet::new(),
        contacted_on: Date::MAX,
        lift: 0.0,
        lift_days: 0,
    };
    write_story(config, folder, &story, progress)
}

fn write_story(
    config: Config,
    folder: &Path,
    story: &Story,
    progress: &mut Progress,
) -> Result<Written, Ended> {
    let start = config.start;
    let world = World::new(config).map_err(|refused| Ended::Refused(refused.to_string()))?;
    let total = u64::from(world.config().customers);
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, error))?;
    let mut orders = Csv::create(folder, "orders.csv", &OrderLine::COLUMNS)?;
    let mut returns = Csv::create(folder, "returns.csv", &Return::COLUMNS)?;
    let mut customers = Csv::create(folder, "customers.csv", &CustomerRow::COLUMNS)?;
    let mut feedback = Csv::create(folder, "feedback.csv", &Feedback::COLUMNS)?;
    let mut contacts =
        Csv::create(folder, "contacts.csv", &["customer_id", "name", "email", "phone", "accepts_messages"])?;
    let mut truth = analytics::truth::TruthFile::create(&folder.join("truth.parquet"), &Truth::COLUMNS)?;
    let mut written = Written::default();
    let action = Action {
        from_day: start.until(story.contacted_on).map_or(0, |span| span.get_days().max(0) as u32),
        days: story.lift_days,
        lift: story.lift,
    };
    for (number, mut history) in world.histories().enumerate() {
        if let Some(customer) = &history.customer {
            let contact = contact(customer, number as u64);
            let cells = contact.each_ref().map(|cell| Cell::Text(cell));
            contacts.row(&[cells[0], cells[1], cells[2], cells[3], Cell::Bool(customer.accepts_messages)])?;
            customers.row(&customer.cells())?;
            written.customers += 1;
            if [0, 2, 3].iter().any(|at| story.acted.contains(&contact[*at])) {
                history = world.acted_history(number as u32, &action);
            }
        }
        history.lines.retain(|line| story.has(line.at.date()));
        history.returns.retain(|back| story.has(back.at.date()));
        history.feedback.retain(|said| story.has(said.at.date()));
        for line in &history.lines {
            orders.row(&line.cells())?;
        }
        for back in &history.returns {
            returns.row(&back.cells())?;
        }
        for said in &history.feedback {
            feedback.row(&said.cells())?;
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
    for file in [orders, returns, customers, feedback, contacts] {
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
