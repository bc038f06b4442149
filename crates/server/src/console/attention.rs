//! What needs somebody: each with how many, how bad, and where to go.

use super::guard::Visit;
use super::program::runs::Runs;
use super::settings::backups;
use crate::problem::Problem;
use engine::staff::permissions::Operation;
use jiff::civil::Date;
use serde::Serialize;
use std::sync::Arc;
use store::Queue;

/// Something that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The words: `console-needs-{word}` with `count`, `what`.
    word: &'static str,
    /// `bad`, `warn`, `info`.
    level: &'static str,
    count: i64,
    /// A name, such as that of a file.
    what: String,
    /// Where to go; empty where there is nothing to be done here.
    href: String,
}

impl Item {
    fn new(word: &'static str, level: &'static str, count: i64, href: &str) -> Item {
        Item { word, level, count, what: String::new(), href: href.to_owned() }
    }
}

/// How many of a kind are counted.
const MOST: i64 = 1000;
/// How many imports are looked at, the newest first.
const IMPORTS: usize = 20;
/// Per cent of a budget from which on it is near its end.
const NEARLY: i64 = 90;
/// How long a case may be open before it is told of, in days.
const WAITED_DAYS: i64 = 3;
/// How long before its day a request of a customer is told of, in days.
const SOON_DAYS: i64 = 14;

/// What needs this visitor, the worst first.
pub async fn of(visit: &Visit, runs: &Arc<Runs>) -> Result<Vec<Item>, Problem> {
    let mut all = Vec::new();
    if visit.may(Operation::ReadJobs) {
        all.extend(jobs(visit).await?);
    }
    if visit.may(Operation::AdjustPoints) {
        let waiting = visit.app().read(|session| Ok(session.read().waiting_adjustments(MOST)?)).await?;
        let mine = waiting.iter().filter(|row| row.asked_by != visit.member().id).count();
        all.extend((mine > 0).then(|| Item::new("adjustments", "warn", mine as i64, "/points")));
    }
    if visit.may(Operation::ImportFiles) {
        all.extend(imports(visit).await?);
    }
    if visit.may(Operation::PlanPrograms) {
        all.extend(budgets(visit).await?);
    }
    if visit.may(Operation::ReadReports) {
        for (program, known) in runs.look_at_all(visit.app()) {
            let (count, href) = (known.running.dropping as i64, format!("/program/{program}/tiers"));
            all.extend((count > 0).then(|| Item::new("dropping", "info", count, &href)));
        }
    }
    if visit.may(Operation::ManageWebhooks) {
        all.extend(webhooks(visit).await?);
    }
    if visit.may(Operation::Backup) && backups::is_old(visit).await? {
        all.push(Item::new("backup", "info", 1, "/settings/backups"));
    }
    if visit.may(Operation::WriteCustomers) {
        all.extend(cases(visit).await?);
    }
    if visit.may(Operation::EraseCustomers) {
        all.extend(requests(visit).await?);
    }
    all.sort_by_key(|item| ["bad", "warn", "info"].iter().position(|level| *level == item.level));
    Ok(all)
}

async fn jobs(visit: &Visit) -> Result<Vec<Item>, Problem> {
    let counted = visit.app().read(|session| {
        let reading = session.read();
        let dead = |queue| Ok::<_, Problem>(reading.dead_letters(queue, MOST)?.len() as i64);
        Ok((dead(Queue::Jobs)?, dead(Queue::Outbox)?, reading.open_dead_items("", "", MOST)?.len() as i64))
    });
    let (jobs, messages, items) = counted.await?;
    let all = [
        Item::new("dead-jobs", "bad", jobs, "/settings/health"),
        Item::new("dead-messages", "bad", messages, "/settings/health"),
        Item::new("dead-items", "warn", items, "/settings/health"),
    ];
    Ok(all.into_iter().filter(|item| item.count > 0).collect())
}

async fn imports(visit: &Visit) -> Result<Vec<Item>, Problem> {
    let imports = visit.app().read(|session| Ok(session.list_imports()?)).await?;
    let rejected = imports.iter().take(IMPORTS).filter_map(|import| {
        let rows = import.summary["rejected"].as_i64().filter(|rows| *rows > 0)?;
        let file = import.files.first().map_or("", |file| file.name.rsplit(['/', '\\']).next().unwrap_or(""));
        Some(Item { what: file.to_owned(), ..Item::new("rejects", "warn", rows, "/imports") })
    });
    Ok(rejected.take(3).collect())
}

/// Webhooks that are paused or at which nothing arrives, and messages to them that were given up.
async fn webhooks(visit: &Visit) -> Result<Vec<Item>, Problem> {
    let read = visit.app().read(|session| {
        let reading = session.read();
        let (mut failing, mut given_up) = (0, 0);
        for row in reading.webhooks()? {
            failing += i64::from(row.state == "paused" || row.failing_since.is_some());
            let counts = reading.count_deliveries(&row.webhook_id)?;
            given_up +=
                counts.iter().filter(|(state, _)| state == "dead").map(|(_, count)| count).sum::<i64>();
        }
        Ok((failing, given_up))
    });
    let (failing, given_up) = read.await?;
    let all = [
        Item::new("webhooks", "bad", failing, "/settings/webhooks"),
        Item::new("undelivered", "warn", given_up, "/settings/webhooks"),
    ];
    Ok(all.into_iter().filter(|item| item.count > 0).collect())
}

/// Budgets of which nine tenths are used in the period that runs.
async fn budgets(visit: &Visit) -> Result<Vec<Item>, Problem> {
    let (code, now) = (visit.reader().loyalty_lang().code(), visit.app().now());
    let mut all = Vec::new();
    for (id, open) in visit.app().programs() {
        let counters = visit.app().read(move |session| Ok(session.read().list_counters(&id)?)).await?;
        let program = &open.in_force.program;
        let today = program.day(now);
        for (name, used) in counters {
            let Ok(("budget", rule, place, _, first)) = serde_json::from_str::<Counter<'_>>(&name) else {
                continue;
            };
            let Some(rule) = program.rules.iter().find(|known| known.spec.id == *rule) else { continue };
            let Some((most, period, _)) = rule.budgets.get(place) else { continue };
            let share = if *most > 0 { used.saturating_mul(100) / most } else { 100 };
            if share >= NEARLY && first == period.first_day(today) {
                let name = rule.spec.name.as_ref().map(|name| name.in_language(code).to_owned());
                let what = name.unwrap_or_else(|| rule.spec.id.to_string());
                all.push(Item { what, ..Item::new("budget", "warn", share.min(100), "/program") });
            }
        }
    }
    Ok(all)
}

/// The name of a counter of a budget: what it is, the rule, the budget's place, the store, the period's first day.
type Counter<'a> = (&'a str, &'a str, usize, &'a str, Date);

/// Cases that are open longer than somebody should wait.
async fn cases(visit: &Visit) -> Result<Option<Item>, Problem> {
    let before = (visit.app().now() - jiff::SignedDuration::from_hours(24 * WAITED_DAYS)).as_microsecond();
    let open = visit.app().read(|session| Ok(session.read().open_cases((i64::MIN, ""), MOST)?)).await?;
    let old = open.iter().filter(|row| row.opened_at < before).count() as i64;
    Ok((old > 0).then(|| Item::new("cases", "warn", old, "/customers/cases")))
}

async fn requests(visit: &Visit) -> Result<Vec<Item>, Problem> {
    let today = visit.reader().local(visit.app().now()).date();
    let open = visit.app().read(|session| Ok(session.read().open_requests(MOST)?)).await?;
    let days = |row: &store::RequestRow| {
        let until: Date = row.done_by.as_ref()?.parse().ok()?;
        today.until(until).ok().map(|span| i64::from(span.get_days()))
    };
    let over = open.iter().filter(|row| days(row).is_some_and(|days| days < 0)).count();
    let soon =
        open.iter().filter(|row| days(row).is_some_and(|days| (0..=SOON_DAYS).contains(&days))).count();
    let all = [
        Item::new("requests-over", "bad", over as i64, "/customers/requests"),
        Item::new("requests-soon", "warn", soon as i64, "/customers/requests"),
    ];
    Ok(all.into_iter().filter(|item| item.count > 0).collect())
}

/// One of each.
pub fn samples() -> Vec<Item> {
    vec![
        Item::new("dead-jobs", "bad", 1, "/settings/health"),
        Item::new("dead-messages", "bad", 2, "/settings/health"),
        Item::new("requests-over", "bad", 1, "/customers/requests"),
        Item::new("requests-soon", "warn", 3, "/customers/requests"),
        Item::new("cases", "warn", 2, "/customers/cases"),
        Item { what: "till-3.csv".to_owned(), ..Item::new("rejects", "warn", 12, "/imports") },
        Item::new("webhooks", "bad", 1, "/settings/webhooks"),
        Item::new("undelivered", "warn", 7, "/settings/webhooks"),
        Item::new("dropping", "info", 37, "/program/members/tiers"),
        Item::new("backup", "info", 1, "/settings/backups"),
        Item::new("dead-items", "warn", 5, "/settings/health"),
        Item::new("adjustments", "warn", 2, "/points"),
        Item { what: "Opening gift".to_owned(), ..Item::new("budget", "warn", 96, "/program") },
    ]
}
