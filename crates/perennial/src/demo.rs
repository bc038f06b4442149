//! demo
use crate::args::{Common, Demo};
use crate::ended::Ended;
/// Run the command.
pub fn run(common: &Common, args: &Demo) -> Result<(), Ended> {
    let _ = (common, args);
    Ok(())
}
