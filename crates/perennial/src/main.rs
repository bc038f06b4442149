//! The binary: command line, configuration, wiring. It decides nothing.
//!
//! Exit codes: 0 done, 1 refused input, 2 wrong usage, 3 the world failed (disk, database, damaged lake).

mod args;
mod attribute;
mod audit;
mod backup;
mod bug;
mod campaign;
mod config;
mod customer;
mod database;
mod demo;
mod doctor;
mod ended;
mod fit;
mod home;
mod import;
mod keep;
mod key;
mod living;
mod program;
mod progress;
mod record;
mod say;
mod seal;
mod segment;
mod serve;
mod simulate;
mod staff;
mod stats;
mod table;
mod takeover;
mod verify;
mod webhook;
mod work;
mod xray;

use args::{Args, Command};
use clap::Parser;
use ended::Ended;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bug::report_instead_of_panicking();
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ended) => {
            ended.print();
            ExitCode::from(ended.code())
        }
    }
}

fn run(args: &Args) -> Result<(), Ended> {
    match &args.command {
        Command::Demo(demo) => demo::run(&args.common, demo),
        Command::Import(import) => import::run(&args.common, import),
        Command::Xray(xray) => xray::run(&args.common, xray),
        Command::Fit(fit) => fit::run(&args.common, fit),
        Command::Stats(stats) => stats::run(&args.common, stats),
        Command::World(world) => simulate::run(&args.common, world),
        Command::Program(program) => program::run(&args.common, program),
        Command::Customer(customer) => customer::run(&args.common, customer),
        Command::Takeover(takeover) => takeover::run(&args.common, takeover),
        Command::Segment(segment) => segment::run(&args.common, segment),
        Command::Campaign(campaign) => campaign::run(&args.common, campaign),
        Command::Lake(lake) => keep::lake(&args.common, lake),
        Command::Serve(serve) => serve::run(&args.common, serve),
        Command::Key(key) => key::run(&args.common, key),
        Command::Attribute(attribute) => attribute::run(&args.common, attribute),
        Command::Staff(staff) => staff::run(&args.common, staff),
        Command::Webhook(webhook) => webhook::run(&args.common, webhook),
        Command::Config(config) => config::run(&args.common, config),
        Command::Record(record) => record::run(&args.common, record),
        Command::Work(work) => work::run(&args.common, work),
        Command::Verify => verify::run(&args.common),
        Command::Doctor => doctor::run(&args.common),
        Command::Audit(audit) => audit::run(&args.common, audit),
        Command::Backup(backup) => backup::backup(&args.common, backup),
        Command::Restore(restore) => backup::restore(&args.common, restore),
        Command::Db(db) => database::run(&args.common, db),
        Command::Sql(sql) => keep::sql(&args.common, sql),
        Command::Completions { shell } => {
            args::completions(*shell);
            Ok(())
        }
    }
}
