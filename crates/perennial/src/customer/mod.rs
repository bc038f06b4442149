//! `perennial customer`: finding, enrolling, showing, merging, exporting and forgetting people. What it does is the
//! engine's; here are arguments, files and words.

mod data;
pub mod history;
mod list;
mod words;

use crate::args::Common;
use crate::args::people::{
    Card, CardArg, Charge, ConsentArgs, CostArg, Customer, CustomerCommand, Enrol, FeedbackArgs, Find, Merge,
    RulesArgs, Said, Set, StatusArg, Tend,
};
use crate::ended::Ended;
use crate::home::{self, Home, chance, now_micros};
use crate::progress::Progress;
use crate::say;
use domain::money::Decimal;
use engine::people::consents::{self, Said as Consent};
use engine::people::enrol::{Enrolment, enrol};
use engine::people::feedback::{Feedback, hear};
use engine::people::find::{duplicates, find, index, index_due};
use engine::people::merging::{merge, unmerge};
use engine::people::profile::{self, Change};
use engine::people::show::show;
use engine::people::{Acting, Stopped, cards, lifecycle, profit, rules};
use engine::record::identity::kinds::Rules;
use engine::staff::actor::Actor;
use engine::staff::permissions::Role;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use store::{Session, Store};

/// Run the command.
pub fn run(common: &Common, args: &Customer) -> Result<(), Ended> {
    if let CustomerCommand::Consent(asked @ ConsentArgs { file: Some(path), .. }) = &args.command {
        return list::consents(common, path, asked);
    }
    let only_reads = matches!(args.command, CustomerCommand::Find(_) | CustomerCommand::Show(_))
        || matches!(&args.command, CustomerCommand::Export(_))
        || matches!(&args.command, CustomerCommand::Rules(rules) if rules.changes_nothing());
    let mut desk = Desk::open(common, args, only_reads)?;
    match &args.command {
        CustomerCommand::Find(find) => found(&desk, find),
        CustomerCommand::Show(who) => {
            let shown = show(&desk.session.read(), &desk.who(&who.who)?, desk.now)?;
            say::result(common, &shown, || words::shown(&shown, &desk.zone))
        }
        CustomerCommand::Enrol(asked) => enrolled(&mut desk, asked),
        CustomerCommand::Set(set) => changed(&mut desk, set),
        CustomerCommand::Consent(asked) => consent(&mut desk, asked),
        CustomerCommand::Feedback(asked) => heard(&mut desk, asked),
        CustomerCommand::Card(card) => carded(&mut desk, card),
        CustomerCommand::Merge(asked) => merged(&mut desk, asked),
        CustomerCommand::Unmerge(who) => {
            let done = desk.act(|session, _, acting| unmerge(session, &who.who, acting))?;
            say::result(common, &done, || format!("{} and {} are two again\n", done.other, done.customer))
        }
        CustomerCommand::Export(export) => data::export(&desk, export),
        CustomerCommand::Erase(erase) => data::erase(&mut desk, erase),
        CustomerCommand::Request(request) => data::request(&mut desk, request),
        CustomerCommand::Rules(asked) => ruled(&mut desk, asked),
        CustomerCommand::Tend(tend) => tended(&mut desk, tend),
        CustomerCommand::Charge(asked) => charged(&mut desk, asked),
    }
}

/// What a command about people works with.
pub struct Desk<'a> {
    /// What every command takes.
    pub common: &'a Common,
    args: &'a Customer,
    /// State; held open as long as its sessions are.
    store: Store,
    /// The connection.
    pub session: Session,
    /// The shop's rules for identifiers.
    pub rules: Rules,
    /// The shop's zone.
    pub zone: TimeZone,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Desk<'a> {
    fn open(common: &'a Common, args: &'a Customer, only_reads: bool) -> Result<Desk<'a>, Ended> {
        let store = if only_reads { home::read_store(common)? } else { home::open_store(common)? };
        let sessions = store.sessions();
        let mut progress = Progress::new(common.quiet);
        let named = sessions.open().map_err(Stopped::from).and_then(|mut writing| {
            index_due(&mut writing, &mut |count| progress.at("writing names to be found by", count, 0, count))
        });
        // Who may only read finds those who are found already.
        if !only_reads {
            named?;
        }
        let session = if only_reads { sessions.open_read_only()? } else { sessions.open()? };
        let country = country(&session, args.country.as_deref())?;
        let rules = rules::rules(&session.read(), &country)?;
        let zone = session.read().find_setting("timezone")?.and_then(|zone| TimeZone::get(&zone).ok());
        Ok(Desk {
            common,
            args,
            store,
            session,
            rules,
            zone: zone.unwrap_or(TimeZone::UTC),
            now: Timestamp::from_microsecond(now_micros()).unwrap_or(Timestamp::MAX),
        })
    }

    /// Do something as whoever is at work.
    pub fn act<T>(&mut self, work: impl FnOnce(&mut Session, &Rules, &mut Acting<'_>) -> T) -> T {
        let mut dice = chance;
        // Whoever has the machine and its files may do everything; the name is for the proof.
        let actor = Actor::new(self.args.by.as_str(), Role::Owner);
        let mut acting =
            Acting { now: self.now, actor: &actor, source: &self.args.source, chance: &mut dice };
        work(&mut self.session, &self.rules, &mut acting)
    }

    /// The one customer somebody means.
    pub fn who(&self, text: &str) -> Result<String, Ended> {
        if text.starts_with("cus_") {
            return Ok(text.to_owned());
        }
        let found = find(&self.session.read(), &self.rules, text, 5)?;
        match &found[..] {
            [one] => Ok(one.customer.clone()),
            [] => Err(Ended::Refused(format!(
                "nobody is found by '{text}': give an id, an identifier, or words of the name"
            ))),
            many => {
                let all: Vec<String> =
                    many.iter().map(|one| format!("{} {}", one.customer, one.name)).collect();
                Err(Ended::Refused(format!("'{text}' is more than one: say which\n  {}", all.join("\n  "))))
            }
        }
    }
}

/// The country by which telephone numbers are read: what is asked for, what the shop has said, else that of its currency
/// (the first two letters of most currencies are their country's, ISO 4217).
pub fn country(session: &Session, asked: Option<&str>) -> Result<String, Ended> {
    if let Some(asked) = asked {
        return Ok(asked.to_ascii_uppercase());
    }
    if let Some(country) = session.read().find_setting("country")? {
        return Ok(country);
    }
    let currency = session.read().find_setting("currency")?.unwrap_or_default();
    Ok(match currency.get(..2) {
        Some("EU") => "DE".to_owned(),
        Some(letters) => letters.to_owned(),
        None => "VN".to_owned(),
    })
}

fn found(desk: &Desk<'_>, asked: &Find) -> Result<(), Ended> {
    if asked.duplicates {
        // More than anybody goes through in a day.
        const PAIRS: i64 = 100_000;
        let mut likely = duplicates(&desk.session.read(), PAIRS)?;
        likely.truncate(asked.limit);
        return say::result(desk.common, &json!({ "likely": likely }), || words::likely(&likely));
    }
    let text = asked.text.as_deref().unwrap_or_default();
    let found = find(&desk.session.read(), &desk.rules, text, asked.limit)?;
    say::result(desk.common, &json!({ "found": found }), || words::found(&found))
}

fn change_of(said: &Said) -> Change {
    let mut fields: Vec<(String, String)> = said.set.clone();
    fields.extend(said.name.iter().map(|name| ("name".to_owned(), name.clone())));
    fields.extend(said.birthday.iter().map(|day| ("birthday".to_owned(), day.clone())));
    Change {
        fields: fields.into_iter().collect(),
        attributes: said.attribute.iter().cloned().collect(),
        tags: said.tag.clone(),
        untag: said.untag.clone(),
    }
}

fn enrolled(desk: &mut Desk<'_>, asked: &Enrol) -> Result<(), Ended> {
    let mut keys: Vec<(String, String)> = Vec::new();
    keys.extend(asked.phone.iter().map(|phone| ("phone".to_owned(), phone.clone())));
    keys.extend(asked.email.iter().map(|email| ("email".to_owned(), email.clone())));
    keys.extend(asked.card.iter().map(|card| ("card_number".to_owned(), card.clone())));
    keys.extend(asked.key.iter().cloned());
    let consent = |text: &String| {
        let (channel, purpose) = text.split_once(':').ok_or_else(|| {
            Ended::Usage(format!("--consent {text}: say channel and purpose, such as sms:marketing"))
        })?;
        Ok(Consent {
            channel: channel.to_owned(),
            purpose: purpose.to_owned(),
            status: "granted".to_owned(),
            text_version: asked.text_version.clone().unwrap_or_default(),
            ..Consent::default()
        })
    };
    let programs = match (asked.no_program, asked.program.is_empty()) {
        (true, _) => Some(Vec::new()),
        (false, true) => None,
        (false, false) => Some(asked.program.clone()),
    };
    let enrolment = Enrolment {
        keys,
        profile: change_of(&asked.said),
        consents: asked.consent.iter().map(consent).collect::<Result<_, Ended>>()?,
        programs,
        referred_by: asked.referred_by.as_deref().map(|who| desk.who(who)).transpose()?,
        is_new_owner: asked.new_owner,
    };
    let done = desk.act(|session, rules, acting| enrol(session, rules, &enrolment, acting))?;
    say::result(desk.common, &done, || words::enrolled(&done))
}

fn changed(desk: &mut Desk<'_>, set: &Set) -> Result<(), Ended> {
    let (who, change) = (desk.who(&set.who)?, change_of(&set.said));
    let customer = desk.act(|session, _, acting| profile::change(session, &who, &change, acting))?;
    say::result(desk.common, &json!({ "customer": customer }), || format!("{customer}: kept\n"))
}

fn consent(desk: &mut Desk<'_>, asked: &ConsentArgs) -> Result<(), Ended> {
    let who = desk.who(asked.who.as_deref().unwrap_or_default())?;
    let evidence = asked.evidence.as_ref().map_or_else(|| json!({}), |text| json!({ "said": text }));
    let row = match (&asked.confirm, asked.status) {
        (Some(request), _) => {
            desk.act(|session, _, acting| consents::confirm(session, &who, request, &evidence, acting))?
        }
        (None, status) => {
            let said = Consent {
                channel: asked.channel.clone().unwrap_or_default(),
                purpose: asked.purpose.clone(),
                status: match status {
                    Some(StatusArg::Granted) => "granted",
                    Some(StatusArg::Denied) => "denied",
                    Some(StatusArg::Withdrawn) => "withdrawn",
                    Some(StatusArg::Pending) | None => "pending",
                }
                .to_owned(),
                address: asked.address.clone(),
                text_version: asked.text_version.clone(),
                language: asked.language.clone(),
                evidence,
                ..Consent::default()
            };
            desk.act(|session, rules, acting| consents::say(session, rules, &who, &said, acting))?
        }
    };
    say::result(desk.common, &row, || {
        format!(
            "{} {} {} for {}: kept as {}\n",
            row.address, row.channel, row.status, row.purpose, row.consent_id
        )
    })
}

fn heard(desk: &mut Desk<'_>, asked: &FeedbackArgs) -> Result<(), Ended> {
    let who = asked.who.as_ref().map(|who| desk.who(who)).transpose()?;
    let points = |name: &str, text: &Option<String>| -> Result<Option<i64>, Ended> {
        let Some(text) = text else { return Ok(None) };
        let read = Decimal::parse(text).ok().and_then(|points| points.rescale(3));
        let wrong = || Ended::Usage(format!("--{name} {text}: expected a number such as 4 or 4.5"));
        read.map(Some).ok_or_else(wrong)
    };
    let said = Feedback {
        id: asked.id.clone(),
        order: asked.order.clone(),
        kind: asked.kind.clone(),
        score_milli: points("score", &asked.score)?,
        score_max_milli: points("of", &asked.of)?,
        store: asked.store.clone(),
        channel: asked.channel.clone(),
    };
    let secret = home::secret_of(&mut desk.store)?;
    let heard = desk.act(|session, _, acting| {
        hear(session, &secret, &said, who.as_deref(), asked.at, &asked.text, acting)
    })?;
    say::result(desk.common, &heard, || {
        let whose = heard.customer.as_deref().unwrap_or("nobody known");
        let known = if heard.is_repeat { "was kept before" } else { "is kept" };
        format!("feedback {} of {whose} {known}\n", heard.id)
    })
}

fn carded(desk: &mut Desk<'_>, card: &Card) -> Result<(), Ended> {
    let who = desk.who(&card.who)?;
    let key = (card.of.as_str(), card.number.as_str());
    desk.act(|session, rules, acting| match card.what {
        CardArg::Give => cards::give(session, rules, &who, key, acting).map(drop),
        CardArg::Lost => cards::lost(session, rules, &who, key, card.instead.as_deref(), acting),
        CardArg::Found => cards::found(session, rules, &who, key, acting),
        CardArg::End => cards::end(session, rules, &who, key, "given up", acting),
    })?;
    let shown = show(&desk.session.read(), &who, desk.now)?;
    say::result(desk.common, &json!({ "customer": shown.customer, "keys": shown.keys }), || {
        words::keys(&shown)
    })
}

fn merged(desk: &mut Desk<'_>, asked: &Merge) -> Result<(), Ended> {
    let (from, into) = (desk.who(&asked.from)?, desk.who(&asked.into)?);
    let done = desk.act(|session, _, acting| merge(session, (&from, &into), &asked.because, acting))?;
    say::result(desk.common, &done, || {
        format!(
            "{} is {} now; perennial customer unmerge {} takes it back\n",
            done.other, done.customer, done.other
        )
    })
}

fn ruled(desk: &mut Desk<'_>, asked: &RulesArgs) -> Result<(), Ended> {
    if !asked.changes_nothing() {
        let change = rules::Change {
            country: desk.args.country.clone(),
            block: asked.block.clone(),
            unblock: asked.unblock.clone(),
            limits: asked.limit.clone(),
            shared: asked.shared.clone(),
            personal: asked.personal.clone(),
            order: asked.order.clone(),
        };
        let (country, now) = (desk.rules.country.clone(), desk.now);
        desk.rules = desk.session.write(|writing| rules::change(writing, &country, &change, now))?;
    }
    say::result(desk.common, &desk.rules, || words::rules(&desk.rules))
}

impl RulesArgs {
    fn changes_nothing(&self) -> bool {
        self.block.is_empty()
            && self.unblock.is_empty()
            && self.limit.is_empty()
            && self.shared.is_empty()
            && self.personal.is_empty()
            && self.order.is_empty()
    }
}

fn charged(desk: &mut Desk<'_>, asked: &Charge) -> Result<(), Ended> {
    let who = desk.who(&asked.who)?;
    let (kind, cause_kind) = match asked.kind {
        CostArg::Contact => ("contact_cost", "message"),
        CostArg::Service => ("service_cost", "case"),
    };
    let on = asked.on.unwrap_or_else(|| desk.now.to_zoned(desk.zone.clone()).date());
    let (cause_id, cost_minor) = (asked.cause.as_str(), asked.cost);
    let charge = profit::Charge { customer: &who, kind, cause_kind, cause_id, on, cost_minor };
    let is_new = desk.act(|session, _, acting| profit::charge_by(session, &charge, acting))?;
    let document = json!({ "customer": who, "kind": kind, "cause": cause_id, "cost_minor": cost_minor, "is_new": is_new });
    say::result(desk.common, &document, || match is_new {
        true => format!("{who}: {kind} of {cost_minor} for {cause_kind} {cause_id}\n"),
        false => format!("{who}: {cause_kind} {cause_id} is written already; nothing was changed\n"),
    })
}

fn tended(desk: &mut Desk<'_>, tend: &Tend) -> Result<(), Ended> {
    let (zone, now) = (desk.zone.clone(), desk.now);
    let indexed = index(&mut desk.session)?;
    let history = history::of_all(desk.common, &Home::open_to_read(desk.common)?)?;
    let round = lifecycle::tend(&mut desk.session, &zone, &history.days, now)?;
    let mut settled = 0;
    if let Some(margin) = tend.margin {
        let mut after = String::new();
        loop {
            let page = desk.session.read().customers_after(&after, 1000)?;
            let Some(last) = page.last() else { break };
            after = last.customer_id.clone();
            for row in page.iter().filter(|row| row.erased_at.is_none()) {
                let (id, imported) = (&row.customer_id, history.kept.get(&row.customer_id).copied());
                settled += profit::settle(&mut desk.session, id, margin, imported, now.as_microsecond())?;
            }
        }
    }
    let document = json!({ "customers": round.customers, "changes": round.changes, "profit_rows": settled, "indexed": indexed });
    say::result(desk.common, &document, || words::round(&round, settled, indexed))
}
