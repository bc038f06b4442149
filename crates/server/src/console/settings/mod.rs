//! Settings: how the shop looks, who works here, keys and webhooks, what customers agree to, backups, who changed what,
//! whether everything is in order.

pub mod audit;
pub mod backups;
pub mod consents;
pub mod health;
pub mod keys;
pub mod shop;
pub mod staff;
pub mod webhooks;

use super::Guarded;
use super::guard::{Needs, Visit};
use super::samples::Made;
use crate::app::App;
use crate::problem::Problem;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use engine::record::view;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation::{self, *};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The pages of settings: the word, the address, and what one must be allowed to do.
const PAGES: [(&str, &str, Operation); 8] = [
    ("shop", "/settings", Operation::ReadPrograms),
    ("staff", "/settings/staff", Operation::ReadStaff),
    ("keys", "/settings/keys", Operation::ManageKeys),
    ("webhooks", "/settings/webhooks", Operation::ManageWebhooks),
    ("consents", "/settings/consents", Operation::ManageSettings),
    ("backups", "/settings/backups", Operation::Backup),
    ("audit", "/settings/audit", Operation::ReadAudit),
    ("health", "/settings/health", Operation::ReadJobs),
];

/// A tab.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    word: &'static str,
    href: &'static str,
}

/// The tabs a visitor may open.
pub fn tabs(visit: &Visit) -> Vec<Tab> {
    PAGES
        .into_iter()
        .filter(|(_, _, needs)| visit.may(*needs))
        .map(|(word, href, _)| Tab { word, href })
        .collect()
}

/// All of them.
pub fn all_tabs() -> Vec<Tab> {
    PAGES.into_iter().map(|(word, href, _)| Tab { word, href }).collect()
}

/// Their routes.
pub fn routes(page: Guarded<'_>) -> Router<App> {
    let at = |needs: Operation, route: MethodRouter<App>| page(Needs::Operation(needs), route);
    Router::new()
        .route("/settings", at(ReadPrograms, get(shop::show)))
        .route("/settings", at(ManageSettings, post(shop::change)))
        .route("/settings/staff", at(ReadStaff, get(staff::show)))
        .route("/settings/staff", at(ManageStaff, post(staff::invite)))
        .route("/settings/staff/{staff}", at(ManageStaff, post(staff::change)))
        .route("/settings/keys", at(ManageKeys, get(keys::show).post(keys::create)))
        .route("/settings/keys/{key}/revoke", at(ManageKeys, post(keys::revoke)))
        .route("/settings/webhooks", at(ManageWebhooks, get(webhooks::show).post(webhooks::create)))
        .route("/settings/webhooks/{webhook}", at(ManageWebhooks, get(webhooks::one).post(webhooks::change)))
        .route("/settings/consents", at(ManageSettings, get(consents::show).post(consents::add)))
        .route("/settings/backups", at(Backup, get(backups::show).post(backups::make)))
        .route("/settings/backups/{backup}/check", at(Backup, post(backups::check)))
        .route("/settings/audit", at(ReadAudit, get(audit::show)))
        .route("/settings/health", at(ReadJobs, get(health::show)))
        .route("/settings/health/replay", at(ReplayJobs, post(health::replay)))
        .layer(DefaultBodyLimit::max(1 << 20))
        .layer(Extension(Arc::new(backups::Making::default())))
}

/// Its pages, for the test that looks at all of them.
pub fn samples(made: &mut Made<'_>) {
    made.page::<shop::ShopPage>();
    made.page::<staff::StaffPage>();
    made.page::<keys::KeysPage>();
    made.one("keys-empty", &keys::KeysPage::sample_empty(made.reader()));
    made.page::<webhooks::WebhooksPage>();
    made.one("webhooks-empty", &webhooks::WebhooksPage::sample_empty());
    made.page::<webhooks::WebhookPage>();
    made.page::<consents::ConsentsPage>();
    made.one("consents-empty", &consents::ConsentsPage::sample_empty());
    made.page::<backups::BackupsPage>();
    made.one("backups-none", &backups::BackupsPage::sample_none());
    made.page::<audit::AuditPage>();
    made.one("audit-empty", &audit::AuditPage::sample_empty(made.reader()));
    made.page::<health::HealthPage>();
    made.one("health-empty", &health::HealthPage::empty());
}

/// Settle settings in the visitor's name, with what changed in the audit; where nothing changes nothing is written.
pub async fn settle(
    visit: &Visit,
    subject: &str,
    before: BTreeMap<&'static str, String>,
    after: BTreeMap<&'static str, String>,
) -> Result<(), Problem> {
    let changed: BTreeMap<&'static str, String> =
        after.into_iter().filter(|(name, value)| before.get(name).is_none_or(|was| was != value)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    // A picture is not repeated in the audit: that it changed is what is to be known.
    let told = |values: &BTreeMap<&'static str, String>| -> Value {
        let short =
            |text: &str| if text.len() > 300 { format!("{} bytes", text.len()) } else { text.to_owned() };
        changed
            .keys()
            .map(|name| ((*name).to_owned(), short(values.get(name).map_or("", String::as_str)).into()))
            .collect::<serde_json::Map<_, Value>>()
            .into()
    };
    let change = Change {
        actor: visit.member().actor(),
        operation: ManageSettings,
        kind: "settings",
        subject: subject.to_owned(),
        before: told(&before),
        after: told(&changed),
        salt: visit.app().chance_u128(),
    };
    let now = visit.app().now_micros();
    let writing = move |writing: &store::Writing<'_>| {
        for (name, value) in &changed {
            writing.put_setting(name, value, now)?;
        }
        append(writing, view::at(now), std::slice::from_ref(&change))?;
        Ok::<_, Problem>(())
    };
    visit.app().write(writing).await?;
    let app = visit.app().clone();
    visit
        .app()
        .aside(move || {
            app.read_shop();
            Ok(())
        })
        .await
}
