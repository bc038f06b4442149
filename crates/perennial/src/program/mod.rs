//! `perennial program`: a loyalty program as files. What it does is the engine's; here are folders, files and words.

mod backtest;
mod folder;
mod rules;
mod stream;
mod tries;

use crate::args::{Common, LangArg, ProgramArgs, ProgramCommand};
use crate::ended::Ended;
use loyalty::program::Lang;

/// Run the command.
pub fn run(common: &Common, args: &ProgramArgs) -> Result<(), Ended> {
    match &args.command {
        ProgramCommand::Check(check) => rules::check(common, check),
        ProgramCommand::Show(show) => rules::show(common, show),
        ProgramCommand::Diff(diff) => rules::diff(common, diff),
        ProgramCommand::Simulate(simulate) => stream::simulate(common, simulate),
        ProgramCommand::Explain(explain) => stream::explain(common, explain),
        ProgramCommand::Calculate(calculate) => tries::calculate(common, calculate),
        ProgramCommand::Liability(liability) => tries::liability(common, liability),
        ProgramCommand::Backtest(backtest) => backtest::run(common, backtest),
    }
}

/// The language of the engine's sentences.
fn lang_of(lang: LangArg) -> Lang {
    match lang {
        LangArg::En => Lang::En,
        LangArg::Vi => Lang::Vi,
        LangArg::Zh => Lang::Zh,
    }
}
