//! The command line of the record: commands in, proof, backup, work.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// `record`
#[derive(Debug, ClapArgs)]
pub struct Record {
    /// The folder of the program the commands are judged by: installed where the record has none of that name yet.
    /// Without, the one program of the record.
    #[arg(long, value_name = "DIR")]
    pub program: Option<PathBuf>,
    /// How many writers, on PostgreSQL; SQLite has one.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub writers: u16,
    /// The most commands that share one commit.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub batch: u16,
    /// The most commands that wait for their answer at once.
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = clap::value_parser!(u16).range(1..))]
    pub in_flight: u16,
}

/// `program install`
#[derive(Debug, ClapArgs)]
pub struct ProgramInstall {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// `work`
#[derive(Debug, ClapArgs)]
pub struct Work {
    /// A file of settings, if not perennial.toml in the data folder: where letters go.
    #[arg(long, value_name = "FILE", env = "PERENNIAL_CONFIG")]
    pub config: Option<PathBuf>,
    /// Do what is due now, and end.
    #[arg(long)]
    pub once: bool,
    /// How long to wait between two looks, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub every: u32,
}

/// `backup`
#[derive(Debug, ClapArgs)]
pub struct Backup {
    /// The folder to make; what is in it already stays, and makes the command refuse.
    #[arg(value_name = "DEST")]
    pub dest: PathBuf,
}

/// `restore`
#[derive(Debug, ClapArgs)]
pub struct Restore {
    /// The folder of a backup.
    #[arg(value_name = "SRC")]
    pub src: PathBuf,
}

/// `db`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct Db {
    /// What to do.
    #[command(subcommand)]
    pub command: DbCommand,
}

/// What can be done with the database.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Bring the tables forward to this program's schema, making them where there are none.
    Migrate,
    /// Say where the database is, which schema it has, and which this program needs.
    Status,
    /// Try a database URL: whether it can be reached, read and written. Changes nothing.
    UrlCheck {
        /// The URL; without, that of --database.
        #[arg(value_name = "URL")]
        url: Option<String>,
    },
}

/// `audit`
#[derive(Debug, ClapArgs)]
pub struct Audit {
    /// Only what was done to this: a kind and an id, such as staff/stf_01jd….
    #[arg(long, value_name = "KIND/ID")]
    pub subject: Option<String>,
    /// Only what this actor did.
    #[arg(long, value_name = "ID")]
    pub actor: Option<String>,
    /// At most so many entries, newest first.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub most: u32,
}
