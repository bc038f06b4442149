//! Logs: one line an event on standard error, as text or as JSON. No line has a name, an address, a telephone number or
//! a secret in it: routes are logged and not paths, ids and not people.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Begin to log. `filter` is as `info` or `server=debug,info`. Answers what is wrong with it.
pub fn begin(filter: &str, format: Format) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = match format {
        Format::Text => lines.with_ansi(false).try_init(),
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| error.to_string())
}
