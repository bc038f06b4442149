//! One person's data, all of it, as one document: what the law lets everybody ask for (GDPR articles 15 and 20; Law
//! 91/2025/QH15; PIPL article 45). The page for reading (`super::page`) is a view of the same document.

use super::cases::{self, Case};
use super::show::{Shown, show};
use super::{Stopped, group};
use crate::record::books::{instant, posting, value};
use crate::record::program::InForce;
use crate::record::within;
use domain::Currency;
use jiff::Timestamp;
use loyalty::earning::Working;
use loyalty::explain::explain_posting;
use loyalty::member::Member;
use loyalty::program::Lang;
use serde::Serialize;
use serde_json::Value as Json;
use store::{
    ConsentRow, ContactRow, ErasureRow, EventRow, Failure, KeptText, MessageRow, OrderRow, PostingRow,
    ProfitRow, Writing,
};

/// Messages to others that a page of one person shows at most.
const MESSAGES: i64 = 12;

/// Everything that is kept about one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonData {
    /// The form of this document.
    pub format: &'static str,
    /// When it was made.
    pub made_at: Timestamp,
    /// The shop's name.
    pub shop: String,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// Decimals of that currency's minor unit.
    pub decimals: u32,
    /// All ids the person has had with us.
    pub ids: Vec<String>,
    /// Who it is, and how it stands.
    pub person: Shown,
    /// Every consent given, refused and withdrawn, with its proof.
    pub consents: Vec<ConsentRow>,
    /// Every entry of the ledger, with why.
    pub ledger: Vec<Entry>,
    /// Orders, with what came back.
    pub orders: Vec<Order>,
    /// Rewards that were had.
    pub redemptions: Vec<Redemption>,
    /// Whatever else happened, as received.
    pub events: Vec<Happened>,
    /// What the person said, in their own words.
    pub feedback: Vec<Words>,
    /// What the shop took up for the person.
    pub cases: Vec<Case>,
    /// What others were told about the person.
    pub messages: Vec<Message>,
    /// What the person brought and cost, as the shop counts it.
    pub profit: Vec<ProfitRow>,
    /// Purchases from before the record began, as they were imported.
    pub history: Vec<Json>,
    /// Certificates of erasure.
    pub erasures: Vec<ErasureRow>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The program.
    pub program: String,
    /// The wallet.
    pub wallet: String,
    /// Its place in the account.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What it does.
    pub kind: String,
    /// What it did to what the person has, in the wallet's smallest unit.
    pub units: i64,
    /// Decimals of that unit.
    pub precision: u32,
    /// The fact behind it.
    pub cause: String,
    /// Why, in a sentence.
    pub explanation: String,
}

/// An order of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Order {
    /// The program it counted in.
    pub program: String,
    /// Its id.
    pub order: String,
    /// When.
    pub ordered_at: Timestamp,
    /// What was paid, minor units.
    pub paid_minor: i64,
    /// What came back of it, minor units.
    pub returned_minor: i64,
    /// Its lines as they are kept.
    pub lines: Json,
}

/// A reward that was had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redemption {
    /// The program.
    pub program: String,
    /// Its id.
    pub redemption: String,
    /// The reward.
    pub reward: String,
    /// The day.
    pub on: jiff::civil::Date,
    /// Smallest units.
    pub units: i64,
    /// The code it became.
    pub code: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// Where we have it from.
    pub source: String,
    /// As received.
    pub body: Json,
}

/// Words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// When we heard them.
    pub recorded_at: Timestamp,
    /// Of which question.
    pub part: String,
    /// The words.
    pub text: String,
}

/// A message to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// About what.
    pub topic: String,
    /// What was said.
    pub body: Json,
}

/// Gather everything about one person, as of `now`, with explanations in a language. `history` is what the lake knows
/// of purchases from before the record.
pub fn export(
    reading: &Writing<'_>,
    customer: &str,
    lang: Lang,
    history: Vec<Json>,
    now: Timestamp,
) -> Result<PersonData, Stopped> {
    let mut person = show(reading, customer, now)?;
    let ids = group(reading, &person.customer)?;
    for attribute in person.attributes.iter_mut().filter(|attribute| attribute.is_sensitive) {
        attribute.value = opened(reading, &ids, &attribute.name)?;
    }
    let programs = within::programs(reading)?;
    let mut data = begun(reading, person, history, now)?;
    for id in &data.ids.clone() {
        data.consents.extend(reading.consents_of(id)?);
        data.profit.extend(reading.profit_of(id)?);
        data.erasures.extend(reading.erasures_of(id)?);
        for in_force in &programs {
            ledger(reading, in_force, id, lang, &mut data.ledger)?;
            orders(reading, in_force, id, &mut data.orders)?;
            if let Some(member) = within::find_member(reading, in_force, id)? {
                data.redemptions.extend(redemptions(in_force, &member));
            }
        }
        other(reading, id, &mut data)?;
    }
    data.cases = cases::of_customer(reading, &data.person.customer)?;
    data.consents.sort_by_key(|row| (row.happened_at, row.consent_id.clone()));
    data.orders.sort_by_key(|order| (order.ordered_at, order.order.clone()));
    data.events.sort_by_key(|event| event.at);
    Ok(data)
}

/// What a sensitive attribute says: the customer's own, else of whoever was merged into them.
fn opened(reading: &Writing<'_>, ids: &[String], name: &str) -> Result<String, Failure> {
    for id in ids {
        if let Some(row) = reading.attributes_of(id)?.iter().find(|row| row.name == name) {
            return reading.open_attribute(row);
        }
    }
    Ok(String::new())
}

/// The document before anything of the person is in it but who it is.
fn begun(
    reading: &Writing<'_>,
    person: Shown,
    history: Vec<Json>,
    now: Timestamp,
) -> Result<PersonData, Stopped> {
    let ids = group(reading, &person.customer)?;
    let programs = within::programs(reading)?;
    let said: Option<Currency> = reading.find_setting("currency")?.and_then(|code| code.parse().ok());
    let of_program = programs.first().map(|in_force| in_force.program.head.currency);
    let currency = said.or(of_program).unwrap_or_else(|| "XXX".parse().expect("ISO 4217 knows it"));
    Ok(PersonData {
        format: "perennial/person/1",
        made_at: now,
        shop: reading.find_setting("shop")?.unwrap_or_default(),
        currency: currency.code().to_owned(),
        decimals: currency.decimals(),
        ids,
        person,
        consents: Vec::new(),
        ledger: Vec::new(),
        orders: Vec::new(),
        redemptions: Vec::new(),
        events: Vec::new(),
        feedback: Vec::new(),
        cases: Vec::new(),
        messages: Vec::new(),
        profit: Vec::new(),
        history,
        erasures: Vec::new(),
    })
}

/// The newest of a person's timeline, `most` of each kind, the newest first; the rest of the document is left out. For
/// pages, which must be as quick for a customer of many years as for a new one.
pub fn newest(
    reading: &Writing<'_>,
    customer: &str,
    lang: Lang,
    most: usize,
    now: Timestamp,
) -> Result<(PersonData, Vec<ContactRow>), Stopped> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut data = begun(reading, show(reading, customer, now)?, Vec::new(), now)?;
    let mut contacts = Vec::new();
    let programs = within::programs(reading)?;
    for id in &data.ids.clone() {
        data.consents.extend(reading.newest_consents_of(id, limit)?);
        contacts.extend(reading.newest_contacts_of(id, limit)?);
        for in_force in &programs {
            let program = in_force.program.head.id.as_str();
            for wallet in &in_force.program.wallets {
                // An order has an entry or two, and entries that time alone made stand between them.
                let rows =
                    reading.newest_postings_of(id, program, wallet.id.as_str(), limit.saturating_mul(4))?;
                entries(in_force, id, rows, lang, &mut data.ledger)?;
            }
            kept_orders(in_force, reading.newest_orders_of(program, id, limit)?, &mut data.orders)?;
        }
        data.events.extend(reading.newest_events_of(id, limit)?.into_iter().map(happened));
        data.feedback.extend(reading.words_of(id)?.into_iter().map(words));
        data.messages.extend(reading.newest_messages_of(id, limit.min(MESSAGES))?.into_iter().map(message));
    }
    data.messages.sort_by_key(|message| std::cmp::Reverse(message.at));
    data.cases = cases::of_customer(reading, &data.person.customer)?;
    data.feedback.sort_by_key(|words| std::cmp::Reverse(words.recorded_at));
    data.feedback.truncate(most);
    Ok((data, contacts))
}

fn ledger(
    reading: &Writing<'_>,
    in_force: &InForce,
    owner: &str,
    lang: Lang,
    found: &mut Vec<Entry>,
) -> Result<(), Failure> {
    entries(in_force, owner, reading.postings_of(owner, in_force.program.head.id.as_str())?, lang, found)
}

fn entries(
    in_force: &InForce,
    owner: &str,
    rows: Vec<PostingRow>,
    lang: Lang,
    entries: &mut Vec<Entry>,
) -> Result<(), Failure> {
    let program = &in_force.program;
    for row in rows {
        let posting = posting(&row)?;
        let of = || format!("posting {} of {owner}", row.number);
        let working: Option<Working> = row.working.as_ref().map(|text| value(text, of)).transpose()?;
        let place = program.wallet(&row.wallet);
        entries.push(Entry {
            program: row.program_id.clone(),
            number: row.number,
            at: posting.at,
            kind: row.kind.clone(),
            units: posting.change(),
            precision: place.map_or(0, |place| program.wallets[place].precision),
            cause: format!("{} {}", row.cause_kind, row.cause_id),
            explanation: explain_posting(program, &row.wallet, &posting, working.as_ref(), lang),
            wallet: row.wallet,
        });
    }
    Ok(())
}

fn orders(
    reading: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
    orders: &mut Vec<Order>,
) -> Result<(), Failure> {
    kept_orders(in_force, reading.orders_of(in_force.program.head.id.as_str(), customer)?, orders)
}

fn kept_orders(in_force: &InForce, rows: Vec<OrderRow>, orders: &mut Vec<Order>) -> Result<(), Failure> {
    use crate::record::books::{Kept, kept};
    for row in rows {
        let Kept::Record(record) = kept(&in_force.program, &row)? else { continue };
        orders.push(Order {
            program: row.program_id.clone(),
            order: row.order_id.clone(),
            ordered_at: record.ordered_at,
            paid_minor: record.lines.iter().map(|line| line.paid_minor).sum(),
            returned_minor: record.lines.iter().map(loyalty::member::LineRecord::returned_minor).sum(),
            lines: serde_json::to_value(&record.lines).unwrap_or_default(),
        });
    }
    Ok(())
}

fn redemptions(in_force: &InForce, member: &Member) -> Vec<Redemption> {
    let program = in_force.program.head.id.to_string();
    let one = |(id, held): (&loyalty::name::Name, &loyalty::reward::Held)| Redemption {
        program: program.clone(),
        redemption: id.to_string(),
        reward: held.reward.to_string(),
        on: held.day,
        units: held.units,
        code: held.code.as_ref().map(ToString::to_string),
    };
    member.redemptions.iter().map(one).collect()
}

/// What happened, what was said, what others were told.
fn other(reading: &Writing<'_>, id: &str, data: &mut PersonData) -> Result<(), Failure> {
    data.events.extend(reading.events_of(id)?.into_iter().map(happened));
    data.feedback.extend(reading.words_of(id)?.into_iter().map(words));
    data.messages.extend(reading.messages_of(id)?.into_iter().map(message));
    Ok(())
}

fn message(row: MessageRow) -> Message {
    Message { at: instant(row.created_at), topic: row.topic, body: json(&row.body) }
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
}

fn happened(row: EventRow) -> Happened {
    Happened { at: instant(row.happened_at), kind: row.kind, source: row.source, body: json(&row.body) }
}

fn words((at, kept): (i64, KeptText)) -> Words {
    Words { recorded_at: instant(at), part: kept.part, text: kept.text }
}
