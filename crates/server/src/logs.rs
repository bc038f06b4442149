//! Logs: one line an event on standard error, as text or as JSON. No line has a name, an address, a telephone number or
//! a secret in it: routes are logged and not paths, ids and not people.

use crate::traces::{TARGET, Traces};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Begin to log, and to make spans where there is somebody to send them to. `filter` is as `info` or
/// `server=debug,info`. Answers what is wrong with it.
pub fn begin(filter: &str, format: Format, traces: Option<&Traces>) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let filter = filter.and(filter_fn(|about| about.target() != TARGET));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        Format::Text => lines.with_ansi(false).with_filter(filter).boxed(),
        Format::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let spans = traces.map(Traces::layer);
    registry().with(lines).with(spans).try_init().map_err(|error| error.to_string())
}
