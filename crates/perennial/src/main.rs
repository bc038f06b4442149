//! The binary: command line, configuration, wiring. It decides nothing.
//!
//! Exit codes: 0 done, 1 refused input, 2 wrong usage, 3 the world failed (disk, database, damaged lake).

mod args;
mod bug;
mod demo;
mod ended;
mod fit;
mod home;
mod import;
mod keep;
mod program;
mod progress;
mod say;
mod simulate;
mod stats;
mod table;
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
        Command::Lake(lake) => keep::lake(&args.common, lake),
        Command::Verify => keep::verify(&args.common),
        Command::Sql(sql) => keep::sql(&args.common, sql),
        Command::Completions { shell } => {
            args::completions(*shell);
            Ok(())
        }
    }
}
