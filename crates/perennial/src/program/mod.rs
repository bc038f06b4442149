//! `perennial program`: a loyalty program as files. What it does is the engine's; here are folders, files and words.

pub mod backtest;
pub mod folder;
pub mod in_force;
mod place;
mod rules;
mod stream;
mod tries;

use crate::args::{Common, ProgramArgs, ProgramCommand};
use crate::ended::Ended;
use crate::say;
use serde_json::json;

/// Run the command. With `--json` there is one document on standard output whatever happens.
pub fn run(common: &Common, args: &ProgramArgs) -> Result<(), Ended> {
    // A check always tells its problems as its own document.
    if let ProgramCommand::Check(check) = &args.command {
        return rules::check(common, check);
    }
    let ended = carry_out(common, args);
    if let Err(why) = &ended
        && common.json
    {
        let (kind, message) = match why {
            Ended::Refused(text) => ("refused", text.clone()),
            Ended::Usage(text) => ("usage", text.clone()),
            Ended::Failed(error) => ("failed", error.to_string()),
        };
        say::result(common, &json!({"error": {"kind": kind, "message": message}}), String::new)?;
    }
    ended
}

fn carry_out(common: &Common, args: &ProgramArgs) -> Result<(), Ended> {
    match &args.command {
        ProgramCommand::Check(check) => rules::check(common, check),
        ProgramCommand::Show(show) => rules::show(common, show),
        ProgramCommand::Diff(diff) => rules::diff(common, diff),
        ProgramCommand::Simulate(simulate) => stream::simulate(common, simulate),
        ProgramCommand::Explain(explain) => stream::explain(common, explain),
        ProgramCommand::Calculate(calculate) => tries::calculate(common, calculate),
        ProgramCommand::Liability(liability) => tries::liability(common, liability),
        ProgramCommand::Install(install) => in_force::install(common, install),
        ProgramCommand::Backtest(backtest) => backtest::run(common, backtest),
    }
}
