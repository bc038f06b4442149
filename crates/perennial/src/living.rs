//! The corner shop as it lives, for `demo --serve`: its first months came in by files, its last year was recorded order
//! by order under a running program. Everything follows from the day it is made on; it is made once and found again.

use crate::args::{Common, Reading};
use crate::ended::Ended;
use crate::home::{Home, chance, now_micros};
use crate::import::{import_files, options as import_options};
use crate::progress::Progress;
use crate::simulate;
use domain::port::Failure;
use engine::act::consents::{self, About};
use engine::collect::role::Import;
use engine::collect::whole;
use engine::people;
use engine::record::answer::Answer;
use engine::record::command::Command;
use engine::record::program::{InForce, install};
use engine::record::recorder::Recorder;
use engine::record::schedule::time_passes;
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::people::{Asking, Invitation, find_by_email, invite};
use engine::staff::permissions::Role;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use loyalty::fact::{Fact, Join, Line, Order, Redeem, Return, ReturnLine, Tender};
use loyalty::name::Name;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use store::Sessions;
use world::{Config, World};

const PROGRAM: &str = include_str!("living/program.toml");
const ZONE: &str = "Asia/Ho_Chi_Minh";
/// Where orders come from, in files and at tills: one till, so that no order is told twice.
const SOURCE: &str = "till";
/// Weeks of the shop's life, the last of them recorded live.
const WEEKS: u32 = 78;
const LIVE_WEEKS: u32 = 52;
/// What is kept once the shop is whole.
const WHOLE: &str = "demo_is_whole";
/// Hours that are recorded in one go.
const HOURS: i8 = 4;

/// The owner of the shop.
pub const OWNER: &str = "ana@corner.example";

/// The shop in `folder`, made where it is new.
pub fn shop(common: &Common, folder: &Path) -> Result<Common, Ended> {
    let common =
        Common { data: folder.to_owned(), database: None, lake: None, json: false, ..common.clone() };
    if folder.join("state.db").exists() {
        let home = Home::open_to_read(&common)?;
        if home.store.find_setting(WHOLE)?.is_some() {
            return Ok(common);
        }
        return Err(Ended::Refused(format!(
            "{} is not whole: making it was interrupted. Remove the folder and try again",
            folder.display()
        )));
    }
    make(&common, folder)?;
    Ok(common)
}

fn make(common: &Common, folder: &Path) -> Result<(), Ended> {
    let zone = TimeZone::get(ZONE).map_err(|error| Failure::because("the shop's zone is unknown", error))?;
    let today = view::at(now_micros()).to_zoned(zone.clone()).date();
    let days = |weeks: u32| i64::from(weeks) * 7;
    let start = today.saturating_sub(days(WEEKS).days());
    let live_from = today.saturating_sub(days(LIVE_WEEKS).days());
    let config = Config { start, weeks: WEEKS, ..Config::corner_shop(1) };
    let mut home = Home::open(common)?;
    home.secret()?;
    import_history(common, &mut home, &config, folder, live_from)?;
    let sessions = home.store.sessions();
    let files = BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]);
    let began = noon(live_from, &zone)?;
    let installed = install(&mut sessions.open()?, &files, 7, began);
    let in_force = Arc::new(installed.map_err(|no| Ended::Refused(no.to_string()))?);
    let world = World::new(config).map_err(|refused| Ended::Refused(refused.to_string()))?;
    let mut life = Life::new(&sessions, in_force, zone.clone(), common.quiet)?;
    life.live(&world, live_from, view::at(now_micros()))?;
    drop(life);
    let mut session = sessions.open()?;
    people::find::index(&mut session)?;
    // What only files know counts for everybody's clock as much as what was recorded.
    let history = crate::customer::history::of_all(common, &home)?;
    people::lifecycle::tend(&mut session, &zone, &history.days, view::at(now_micros()))?;
    hire(&sessions)?;
    home.store.save_setting(WHOLE, "yes", now_micros())?;
    Ok(())
}

/// What came in by files: everybody with a name and a number, and what they bought before the record began.
fn import_history(
    common: &Common,
    home: &mut Home,
    config: &Config,
    folder: &Path,
    until: Date,
) -> Result<(), Ended> {
    let files = folder.join("files");
    simulate::write_until(config.clone(), &files, until, &mut Progress::new(common.quiet))?;
    let reading = Reading {
        shop: Some("Corner shop".to_owned()),
        source: Some(SOURCE.to_owned()),
        currency: Some("VND".to_owned()),
        timezone: Some(ZONE.to_owned()),
        ..Reading::default()
    };
    let inputs = [
        (Import::Customers, "contacts.csv"),
        (Import::Orders, "orders.csv"),
        (Import::Returns, "returns.csv"),
        (Import::Feedback, "feedback.csv"),
    ];
    for (kind, file) in inputs {
        let options = import_options(home, kind, &reading)?;
        import_files(common, home, kind, vec![files.join(file).display().to_string()], &options)?;
    }
    let zone = TimeZone::get(ZONE).map_err(|error| Failure::because("the shop's zone is unknown", error))?;
    agree(home, &files.join("contacts.csv"), noon(until, &zone)?)
}

/// What the shop's customers had agreed to when the record began, by SMS: as their file says. The proof names the file and
/// not where it lay.
fn agree(home: &mut Home, file: &Path, began: Timestamp) -> Result<(), Ended> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::because(format!("cannot read {}", file.display()), error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let about = About {
        channel: "sms".to_owned(),
        purpose: "marketing".to_owned(),
        text_version: "card application".to_owned(),
        jurisdiction: "vn".to_owned(),
        happened_at: began.as_microsecond(),
        now_micros: now_micros(),
    };
    consents::take(&mut home.store, &name, &whole::read(&name, bytes)?, &about)?;
    Ok(())
}

fn noon(day: Date, zone: &TimeZone) -> Result<Timestamp, Ended> {
    instant(day.at(0, 0, 0, 0), zone)
}

fn instant(at: DateTime, zone: &TimeZone) -> Result<Timestamp, Ended> {
    let zoned = at.to_zoned(zone.clone());
    Ok(zoned
        .map_err(|error| Failure::because("a day of the demo is not on the calendar", error))?
        .timestamp())
}

/// Something that happens in the shop.
enum Event {
    Bought(Order),
    CameBack(Return),
}

/// The shop's last year.
struct Life {
    recorder: Recorder,
    zone: TimeZone,
    progress: Progress,
    /// Our ids by the shop's keys.
    ids: HashMap<String, String>,
    members: BTreeSet<String>,
    /// What members can spend, as their last answer said.
    points: BTreeMap<String, i64>,
    redemptions: u64,
}

impl Life {
    fn new(sessions: &Sessions, in_force: Arc<InForce>, zone: TimeZone, quiet: bool) -> Result<Life, Ended> {
        let mut ids = HashMap::new();
        let session = sessions.open_read_only()?;
        let mut after = String::new();
        loop {
            let page = session.read().customers_after(&after, 1000)?;
            let Some(last) = page.last() else { break };
            after = last.customer_id.clone();
            for row in page {
                for key in session.read().keys_of_customer(&row.customer_id)? {
                    ids.insert(key.value, row.customer_id.clone());
                }
            }
        }
        Ok(Life {
            recorder: Recorder::new(sessions.open()?, in_force, chance() as u64),
            zone,
            progress: Progress::new(quiet),
            ids,
            members: BTreeSet::new(),
            points: BTreeMap::new(),
            redemptions: 0,
        })
    }

    /// Record everything from a day on, in the order in which it happened.
    fn live(&mut self, world: &World, from: Date, until: Timestamp) -> Result<(), Ended> {
        let events = self.events(world, from, until)?;
        let (total, mut done) = (events.len() as u64, 0);
        let mut month = None;
        for batch in batches(events, &self.zone) {
            let Some(now) = batch.last().map(|(at, _)| *at) else { continue };
            let commands = self.commands(&batch);
            let answers = self.recorder.record(now, &commands)?;
            self.heard(&answers);
            done += batch.len() as u64;
            self.progress.at("living a year", done, total, done);
            let day = now.to_zoned(self.zone.clone()).date();
            if month.replace(day.month()) != Some(day.month()) {
                time_passes(&mut self.recorder, now, &mut || Ok(true))?;
            }
        }
        time_passes(&mut self.recorder, until, &mut || Ok(true))?;
        Ok(())
    }

    fn events(&self, world: &World, from: Date, until: Timestamp) -> Result<Vec<(Timestamp, Event)>, Ended> {
        let mut events = Vec::new();
        for history in world.histories() {
            let key = history.customer.as_ref().map(|customer| customer.customer_key.to_string());
            let member = key.and_then(|key| self.ids.get(&key)).map(|id| Name::from(id.as_str()));
            let mut orders: BTreeMap<String, Order> = BTreeMap::new();
            for line in history.lines.iter().filter(|line| line.at.date() >= from) {
                let at = instant(line.at, &self.zone)?;
                let order = orders.entry(line.order_id.to_string()).or_insert_with(|| Order {
                    id: (&*line.order_id).into(),
                    member: member.clone(),
                    ordered_at: Some(at),
                    store: Some(line.store.into()),
                    till: None,
                    channel: Some(line.channel.into()),
                    currency: None,
                    lines: Vec::new(),
                    tenders: Vec::new(),
                    shipping_minor: 0,
                    invoice: None,
                });
                order.lines.push(Line {
                    id: line.line.to_string().as_str().into(),
                    product: line.product.into(),
                    category: line.category.into(),
                    quantity_milli: line.quantity * 1000,
                    gross_minor: line.total_minor + line.discount_minor,
                    discount_minor: line.discount_minor,
                    tax_minor: 0,
                });
                let paid = order.paid_minor();
                order.tenders = vec![Tender { kind: line.tender.into(), amount_minor: paid, code: None }];
            }
            for back in history.returns.iter().filter(|back| orders.contains_key(&*back.order_id)) {
                let line = ReturnLine {
                    line: back.line.to_string().as_str().into(),
                    quantity_milli: back.quantity * 1000,
                    amount_minor: 0,
                };
                let (id, order) = ((&*back.return_id).into(), (&*back.order_id).into());
                events.push((
                    instant(back.at, &self.zone)?,
                    Event::CameBack(Return { id, order, lines: vec![line] }),
                ));
            }
            let bought = orders.into_values();
            events.extend(bought.filter_map(|order| Some((order.ordered_at?, Event::Bought(order)))));
        }
        events.retain(|(at, _)| *at < until);
        events.sort_by_key(|(at, _)| *at);
        Ok(events)
    }

    /// What is asked of the record: who is seen for the first time joins, who has enough takes a reward now and then.
    fn commands(&mut self, batch: &[(Timestamp, Event)]) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut ask = |fact: Fact| {
            commands.push(Command { source: SOURCE.to_owned(), ..Command::of(fact) });
        };
        for (_, event) in batch {
            match event {
                Event::CameBack(back) => ask(Fact::Return(back.clone())),
                Event::Bought(order) => {
                    let Some(member) = &order.member else {
                        ask(Fact::Order(order.clone()));
                        continue;
                    };
                    if self.members.insert(member.to_string()) {
                        ask(Fact::Join(Join {
                            member: member.clone(),
                            birthday: None,
                            segments: Vec::new(),
                            referred_by: None,
                            marks: Vec::new(),
                        }));
                    }
                    ask(Fact::Order(order.clone()));
                    if let Some(reward) = self.wish(member.as_str()) {
                        self.redemptions += 1;
                        ask(Fact::Redeem(Redeem {
                            member: member.clone(),
                            id: format!("r-{}", self.redemptions).as_str().into(),
                            reward: reward.into(),
                            product: None,
                            units: None,
                            bill_minor: None,
                            till: None,
                            is_confirmed: true,
                            until: None,
                        }));
                    }
                }
            }
        }
        commands
    }

    /// What a member takes today: half of those who can, by the number of the redemption.
    fn wish(&self, member: &str) -> Option<&'static str> {
        let has = self.points.get(member).copied().unwrap_or(0);
        match (has, self.redemptions % 2) {
            (100.., 0) => Some("off"),
            (60.., _) => Some("coffee"),
            _ => None,
        }
    }

    fn heard(&mut self, answers: &[Answer]) {
        for balance in answers.iter().flat_map(|answer| &answer.balances) {
            self.points.insert(balance.member.to_string(), balance.available);
        }
    }
}

/// What happens within some hours of a day goes together, so that the disk is not waited for at every coffee.
fn batches(events: Vec<(Timestamp, Event)>, zone: &TimeZone) -> Vec<Vec<(Timestamp, Event)>> {
    let mut all: Vec<Vec<(Timestamp, Event)>> = Vec::new();
    let mut place = None;
    for (at, event) in events {
        let local = at.to_zoned(zone.clone());
        let next = (local.date(), local.hour() / HOURS);
        if place.replace(next) != Some(next) {
            all.push(Vec::new());
        }
        if let Some(last) = all.last_mut() {
            last.push((at, event));
        }
    }
    all
}

/// Who works in the shop.
fn hire(sessions: &Sessions) -> Result<(), Ended> {
    let mut session = sessions.open()?;
    let staff = [(OWNER, "Ana", Role::Owner), ("ben@corner.example", "Ben", Role::Service)];
    for (email, name, role) in staff {
        let mut chance = chance;
        let asking = &mut Asking { actor: &Actor::shell(), now: view::at(now_micros()), chance: &mut chance };
        let invitation = Invitation { email: email.to_owned(), name: name.to_owned(), role };
        invite(&mut session, asking, &invitation).map_err(|stopped| Ended::Refused(stopped.to_string()))?;
    }
    Ok(())
}

/// The id of the owner.
pub fn owner(sessions: &Sessions) -> Result<String, Ended> {
    let found = find_by_email(&sessions.open_read_only()?.read(), OWNER)?;
    found.map(|owner| owner.id).ok_or_else(|| Ended::Refused(format!("{OWNER} does not work here any more")))
}
