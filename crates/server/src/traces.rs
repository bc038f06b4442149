//! Traces, for whoever has a collector: a span for each request, and one for each time it waits for the database or the
//! record, sent as OTLP 1 over HTTP in JSON, which every collector of OpenTelemetry takes. None are made unless an
//! address is configured. Spans name routes and not paths, statuses and how long: nothing of anybody.
//!
//! What is sent is a small part of the protocol, so it is written here; the SDK would bring some twenty crates along.

use crate::app::Chance;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing::field::{Empty, Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Span, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// What marks our spans; log lines do not show them.
pub const TARGET: &str = "perennial::traces";

/// How long the collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a span waits for company.
const GATHER: Duration = Duration::from_secs(2);
/// Spans in one message.
const AT_ONCE: usize = 512;
/// Spans that wait to be sent; what comes when so many wait is let go, and no request waits for it.
const MOST: usize = 8192;

/// Where spans are sent, and of how many requests.
#[derive(Debug, Clone)]
pub struct Collector {
    /// Such as `http://localhost:4318`; `/v1/traces` is added where no path is named.
    pub url: String,
    /// Of a hundred requests that come without a trace of their own; whoever sends a `traceparent` has decided.
    pub percent: u32,
}

/// Spans on their way.
pub struct Traces {
    sender: SyncSender<Value>,
    percent: u32,
    chance: Chance,
    sending: JoinHandle<()>,
}

impl Traces {
    /// Begin to send. Whether somebody listens there is not asked: what does not arrive is let go.
    pub fn begin(collector: &Collector, chance: Chance) -> Result<Traces, String> {
        let url = endpoint(&collector.url)?;
        let failed = |error: &dyn fmt::Display| format!("traces to {url}: {error}");
        // Another library of the process may have chosen its provider already: then that one serves.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let client = client.build().map_err(|error| failed(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(&error))?;
        let (sender, spans) = sync_channel(MOST);
        // Sending has a thread of its own, so that a slow collector keeps no till waiting.
        let sending = std::thread::Builder::new().name("traces".to_owned());
        let to = url.clone();
        let sending = sending.spawn(move || {
            send_all(&spans, |message| runtime.block_on(post(&client, &to, message)));
        });
        let sending = sending.map_err(|error| failed(&error))?;
        Ok(Traces { sender, percent: collector.percent, chance, sending })
    }

    /// What turns spans of ours, and nothing else, into spans for the collector.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let (sender, chance) = (self.sender.clone(), self.chance.clone());
        Spans { sender, percent: self.percent, chance }
            .with_filter(filter_fn(|about| about.target() == TARGET))
    }

    /// Send what has gathered, and end.
    pub fn end(self) {
        // The layer holds a sender for as long as the process lives: it is told in so many words.
        drop(self.sender.send(Value::Null));
        if self.sending.join().is_err() {
            tracing::warn!("sending traces broke off");
        }
    }
}

/// The address to post to.
fn endpoint(url: &str) -> Result<String, String> {
    let read = url::Url::parse(url).map_err(|error| format!("'{url}': {error}"))?;
    if !matches!(read.scheme(), "http" | "https") || read.host_str().is_none() {
        return Err(format!("'{url}' must begin with http:// or https:// and name a host"));
    }
    Ok(match read.path() {
        "" | "/" => format!("{}/v1/traces", url.trim_end_matches('/')),
        _ => url.to_owned(),
    })
}

/// Gather spans into messages until somebody says that it is over.
fn send_all(spans: &Receiver<Value>, mut send: impl FnMut(String) -> Result<(), String>) {
    let (mut waiting, mut is_over, mut was_heard) = (Vec::new(), false, true);
    while !is_over {
        match spans.recv_timeout(GATHER) {
            Ok(Value::Null) | Err(RecvTimeoutError::Disconnected) => is_over = true,
            Ok(span) => waiting.push(span),
            Err(RecvTimeoutError::Timeout) if waiting.is_empty() => continue,
            Err(RecvTimeoutError::Timeout) => {}
        }
        while waiting.len() < AT_ONCE && !is_over {
            match spans.recv_timeout(Duration::from_millis(100)) {
                Ok(Value::Null) => is_over = true,
                Ok(span) => waiting.push(span),
                Err(_) => break,
            }
        }
        if waiting.is_empty() {
            continue;
        }
        let sent = send(message(std::mem::take(&mut waiting)));
        // Said when it begins and not at each message: a collector may be away for hours.
        match (&sent, was_heard) {
            (Err(why), true) => tracing::warn!(%why, "traces do not arrive"),
            (Ok(()), false) => tracing::info!("traces arrive again"),
            _ => {}
        }
        was_heard = sent.is_ok();
    }
}

async fn post(client: &reqwest::Client, url: &str, message: String) -> Result<(), String> {
    let sent = client.post(url).header(header::CONTENT_TYPE, "application/json").body(message).send().await;
    match sent.map(|answer| answer.status()) {
        Ok(status) if status.is_success() => Ok(()),
        Ok(status) => Err(format!("the collector answers {status}")),
        Err(error) => Err(error.without_url().to_string()),
    }
}

/// Spans as a collector takes them: `ExportTraceServiceRequest` of OTLP 1, in JSON.
fn message(spans: Vec<Value>) -> String {
    let attributes =
        [attribute("service.name", "perennial"), attribute("service.version", env!("CARGO_PKG_VERSION"))];
    json!({"resourceSpans": [{
        "resource": {"attributes": attributes},
        "scopeSpans": [{"scope": {"name": "perennial"}, "spans": spans}],
    }]})
    .to_string()
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// Which trace a span belongs to: W3C Trace Context 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    trace: u128,
    span: u64,
    is_kept: bool,
}

/// `00-TRACE-SPAN-FLAGS`; none where it is not one.
fn parent(text: &str) -> Option<Place> {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, span, flags] = parts.get(..4)?.try_into().ok()?;
    let is_hex = |part: &str, digits: usize| {
        part.len() == digits
            && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_sound = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
    if !is_sound || version == "ff" || (version == "00" && parts.len() != 4) {
        return None;
    }
    let (trace, span) = (u128::from_str_radix(trace, 16).ok()?, u64::from_str_radix(span, 16).ok()?);
    let flags = u8::from_str_radix(flags, 16).ok()?;
    (trace != 0 && span != 0).then_some(Place { trace, span, is_kept: flags & 1 == 1 })
}

/// A span that goes on.
struct Going {
    place: Place,
    parent: Option<u64>,
    began: Timestamp,
    said: Said,
}

/// What is said of a span: the fields it was made with, and those that came later.
#[derive(Default)]
struct Said(Map<String, Value>);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

/// Turns spans of the program into spans for the collector.
struct Spans {
    sender: SyncSender<Value>,
    percent: u32,
    chance: Chance,
}

impl Spans {
    fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.chance)(&mut bytes);
        bytes
    }

    /// Whether a trace that nobody has decided on is kept: by its id, so that all who see it decide alike.
    fn keeps(&self, trace: u128) -> bool {
        (trace as u64 % 100) < u64::from(self.percent)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut said = Said::default();
        attributes.record(&mut said);
        let sent = said.0.remove("traceparent").and_then(|text| parent(text.as_str()?));
        let above =
            span.parent().and_then(|above| above.extensions().get::<Going>().map(|going| going.place));
        let own = u64::from_le_bytes(self.draw()) | 1;
        let above = above.or(sent);
        let place = match above {
            Some(above) => Place { span: own, ..above },
            None => {
                let trace = u128::from_le_bytes(self.draw()) | 1 << 127;
                Place { trace, span: own, is_kept: self.keeps(trace) }
            }
        };
        let going = Going { place, parent: above.map(|above| above.span), began: now(), said };
        span.extensions_mut().insert(going);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(going) = span.extensions_mut().get_mut::<Going>() {
            values.record(&mut going.said);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(going) = span.extensions_mut().remove::<Going>() else { return };
        if going.place.is_kept {
            // Where too many wait it is let go.
            drop(self.sender.try_send(ended(going, span.name(), now())));
        }
    }
}

/// A span as it is sent.
fn ended(going: Going, name: &str, end: Timestamp) -> Value {
    const INTERNAL: u8 = 1;
    const SERVER: u8 = 2;
    const ERROR: u8 = 2;
    let Going { place, parent, began, said: Said(mut said) } = going;
    let named = said.remove("name");
    let kind = if named.is_some() { SERVER } else { INTERNAL };
    let is_error =
        said.get("http.response.status_code").and_then(Value::as_u64).is_some_and(|status| status >= 500);
    let attributes: Vec<Value> = said
        .iter()
        .map(|(key, value)| match value.as_u64() {
            Some(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
            None => attribute(key, value.as_str().unwrap_or_default()),
        })
        .collect();
    let mut span = json!({
        "traceId": format!("{:032x}", place.trace),
        "spanId": format!("{:016x}", place.span),
        "name": named.as_ref().and_then(Value::as_str).unwrap_or(name),
        "kind": kind,
        "startTimeUnixNano": began.as_nanosecond().to_string(),
        "endTimeUnixNano": end.as_nanosecond().to_string(),
        "attributes": attributes,
        "status": if is_error { json!({"code": ERROR}) } else { json!({}) },
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = format!("{parent:016x}").into();
    }
    span
}

#[expect(clippy::disallowed_methods, reason = "says when a span began and ended, and decides nothing")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The span of a request: under the caller's own trace where they sent one.
pub fn request(method: &'static str, route: &str, headers: &HeaderMap) -> Span {
    let sent = headers.get("traceparent").and_then(|text| text.to_str().ok()).unwrap_or_default();
    tracing::info_span!(
        target: TARGET, "request",
        name = %format_args!("{method} {route}"), traceparent = sent, http.request.method = method,
        http.route = route, http.response.status_code = Empty
    )
}

/// What was answered to a request.
pub fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", u64::from(status.as_u16()));
}

/// The span of a part of a request.
macro_rules! step {
    ($name:literal) => {
        tracing::info_span!(target: $crate::traces::TARGET, $name)
    };
}

pub(crate) use step;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_path_gets_the_usual_one() {
        for (url, expected) in [
            ("http://localhost:4318", Some("http://localhost:4318/v1/traces")),
            ("http://localhost:4318/", Some("http://localhost:4318/v1/traces")),
            ("https://traces.example/otlp", Some("https://traces.example/otlp")),
            ("localhost:4318", None),
            ("ftp://traces.example", None),
            ("", None),
        ] {
            assert_eq!(endpoint(url).ok().as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_trace_of_the_caller_s_is_read_as_the_standard_has_it() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        let place = |is_kept| {
            Some(Place {
                trace: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
                span: 0xb7ad_6b71_6920_3331,
                is_kept,
            })
        };
        for (text, expected) in [
            (format!("00-{trace}-{span}-01"), place(true)),
            (format!("00-{trace}-{span}-00"), place(false)),
            (format!("cc-{trace}-{span}-03-what comes later"), place(true)),
            (format!("00-{trace}-{span}-01-more"), None),
            (format!("ff-{trace}-{span}-01"), None),
            (format!("00-{}-{span}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{}-{span}-01", trace.to_uppercase()), None),
            ("0901234567".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(parent(&text), expected, "{text}");
        }
    }
}
