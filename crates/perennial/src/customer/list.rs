//! Consents by file: who agreed to be written to, for a shop that has them in a list.

use crate::args::Common;
use crate::args::people::ConsentArgs;
use crate::ended::Ended;
use crate::home::{Home, now_micros};
use crate::say::{self, count};
use engine::act::consents::{About, take};
use engine::collect::whole;
use std::path::Path;

/// Take a list in.
pub fn consents(common: &Common, path: &Path, asked: &ConsentArgs) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let file = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|error| Ended::Refused(format!("cannot read {file}: {error}")))?;
    let list = whole::read(&file, bytes)?;
    let Some(said_on) = asked.said_on else {
        return Err(Ended::Usage("--said-on DATE is missing".to_owned()));
    };
    let about = About {
        channel: asked.channel.clone().unwrap_or_default(),
        purpose: asked.purpose.clone(),
        text_version: asked.text_version.clone(),
        jurisdiction: asked.jurisdiction.clone(),
        happened_at: i64::from(engine::act::day_number(said_on)) * 86_400_000_000,
        now_micros: now_micros(),
    };
    let taken = take(&mut home.store, &file, &list, &about)?;
    say::result(common, &taken, || {
        format!(
            "{} rows: {} new proofs for {} by {}, {} known, {} without an address, {} about nobody we know\n",
            count(taken.rows),
            count(taken.kept),
            about.purpose,
            about.channel,
            count(taken.known),
            count(taken.no_address),
            count(taken.unknown)
        )
    })
}
