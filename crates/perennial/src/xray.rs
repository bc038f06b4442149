//! x
use crate::args::{Common, Xray as XrayArgs};
use crate::ended::Ended;
use crate::home::Home;
use analytics::session::Session;
/// Run the command.
pub fn run(common: &Common, args: &XrayArgs) -> Result<(), Ended> {
    let _ = (common, args);
    Ok(())
}
/// Give a session the inputs of a run.
pub fn prepare(home: &Home, session: &Session, as_of: Option<jiff::civil::Date>) -> Result<(), Ended> {
    let _ = (home, session, as_of);
    Ok(())
}
