//! `perennial stats`: one statistic of a small file, so that an analyst can check us against any other package.
//!
//! Nothing is decided here: a file is read, a function of the `stats` crate called, and its answer printed.

mod answer;
mod arms;
mod bayes;
mod choices;
mod columns;
mod context;
mod curve;
mod designs;
mod experiments;
mod explore;
mod offers;
mod planning;
mod policy;
mod roi;
mod scores;
mod survey;
mod uplift;

use crate::args::Common;
use crate::args::stats::{Stats, StatsCommand};
use crate::ended::Ended;
use crate::progress::Progress;
use crate::say;

/// Run the command.
pub fn run(common: &Common, args: &Stats) -> Result<(), Ended> {
    let answer = match &args.command {
        StatsCommand::Ab(args) => experiments::ab(args),
        StatsCommand::Bayes(args) => bayes::bayes(args),
        StatsCommand::Srm(args) => planning::srm(args),
        StatsCommand::Power(args) => planning::power(args),
        StatsCommand::Roi(args) => roi::roi(args),
        StatsCommand::Quantiles(args) => experiments::quantiles(args),
        StatsCommand::Fdr(args) => experiments::fdr(args),
        StatsCommand::Did(args) => designs::did(args),
        StatsCommand::Synthetic(args) => designs::synthetic_control(args),
        StatsCommand::Geo(args) => designs::geo_test(args),
        StatsCommand::GeoPower(args) => designs::geo_power(args),
        StatsCommand::Interrupted(args) => designs::interrupted_series(args),
        StatsCommand::Nps(args) => scores::nps(args),
        StatsCommand::Csat(args) => scores::csat(args),
        StatsCommand::Ces(args) => scores::ces(args),
        StatsCommand::Acsi(args) => scores::acsi(args),
        StatsCommand::Kano(args) => scores::kano(args),
        StatsCommand::Maxdiff(args) => choices::maxdiff(args),
        StatsCommand::Conjoint(args) => choices::conjoint(args),
        StatsCommand::Drivers(args) => survey::drivers(args),
        StatsCommand::Alpha(args) => survey::alpha(args),
        StatsCommand::Rake(args) => survey::rake(args),
        StatsCommand::Uplift(args) => uplift::uplift(args),
        StatsCommand::Curve(args) => curve::curve(args),
        StatsCommand::Gate(args) => uplift::gate(args),
        StatsCommand::Ope(args) => policy::ope(args),
        StatsCommand::Explore(args) => explore::explore(args),
        StatsCommand::Context(args) => context::context(args),
        StatsCommand::Shrink(args) => survey::shrink(args),
        StatsCommand::SurveySize(args) => survey::survey_size(args),
        StatsCommand::Allocate(args) => offers::allocate(args, &mut Progress::new(common.quiet)),
    }?;
    say::result(common, &answer.document(), || answer.words())
}
