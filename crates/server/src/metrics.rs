//! What is counted, for Prometheus. Labels are routes and not paths, so that nobody is named and there are few.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Which requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Requests {
    method: String,
    route: String,
    status: u16,
}

/// Which route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Which messages to others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Told {
    outcome: &'static str,
}

/// Seconds: from a millisecond to ten seconds.
const STEPS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Requests, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    told: Family<Told, Counter>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("perennial");
        let requests = Family::default();
        let make: fn() -> Histogram = || Histogram::new(STEPS);
        let seconds = Family::new_with_constructor(make);
        let in_flight = Gauge::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "How long answers took", seconds.clone());
        registry.register("http_in_flight", "Requests under way", in_flight.clone());
        let told = Family::default();
        registry.register("webhook_tries", "Messages sent to webhooks", told.clone());
        Metrics { registry, requests, seconds, in_flight, told }
    }

    /// A request has come.
    pub fn began(&self) {
        self.in_flight.inc();
    }

    /// It was answered, or given up.
    pub fn ended(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.in_flight.dec();
        let (method, route) = (method.to_owned(), route.to_owned());
        self.seconds.get_or_create(&Route { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Requests { method, route, status }).inc();
    }

    /// Somebody was told something: what they answered, if they did.
    pub fn told(&self, status: Option<u16>) {
        let outcome = match status {
            Some(200..=299) => "arrived",
            Some(_) => "refused",
            None => "unanswered",
        };
        self.told.get_or_create(&Told { outcome }).inc();
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("metrics could not be written");
        }
        text
    }
}
