//! `/customers/{customer}`: everything about one customer, and what can be done.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::super::settings::consents::{self, PURPOSES};
use super::standing::{Standing, Tier, Wallet};
use super::{cases, done, timeline};
use crate::figures::{Score, Worth};
use crate::problem::Problem;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use engine::people::export::{PersonData, newest};
use engine::people::profit::Sums;
use engine::people::show::Shown;
use engine::record::consent::Standing as Consent;
use engine::record::view;
use engine::staff::permissions::Operation;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use store::AdjustmentRow;

/// Things of the timeline that are shown at once.
const ITEMS: usize = 40;
/// How far back the page goes; all of it is in the person's own document.
const MOST_SEEN: usize = 2000;

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// How many things of the timeline were seen.
    more: usize,
}

/// The page.
#[derive(Serialize)]
pub struct CustomerPage {
    id: String,
    /// The id that led here since a merge.
    asked: Option<String>,
    name: String,
    known_since: Date,
    keys: Vec<Key>,
    fields: Vec<Field>,
    tags: Vec<String>,
    consents: Vec<Agreed>,
    score: Option<Score>,
    has_scores: bool,
    standings: Vec<Standing>,
    vouchers: Vec<Voucher>,
    profit: Option<Sums>,
    merged: Vec<Merged>,
    timeline: Vec<timeline::Item>,
    /// Whether there is more than is shown.
    has_more: bool,
    shown: usize,
    /// What was wrong with the form that was sent.
    refused: Option<Wrong>,
    /// What a form about points carries, so that sending it twice changes nothing twice.
    once: String,
    /// What was taken up for them, the last first.
    cases: Vec<cases::Shown>,
    /// What the form that opens a case carries.
    case_once: String,
    /// What others were told last: the topic and when.
    messages: Vec<(String, DateTime)>,
    /// Adjustments of theirs that wait for a second pair of eyes.
    waiting: usize,
    /// Purposes for which there is a text to agree to.
    texts: Vec<&'static str>,
    /// What the profile says, as a fingerprint: a form that is sent later finds out whether it still does.
    seen: String,
}

/// What was wrong with a form.
#[derive(Debug, Clone, Serialize)]
pub struct Wrong {
    /// Which: `points`, `merge`, `profile`.
    pub form: &'static str,
    /// Why, in English; empty where `word` says it.
    pub why: String,
    /// The words for it: `console-wrong-{word}`.
    pub word: &'static str,
    /// What had been typed.
    pub typed: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize)]
struct Key {
    kind: String,
    value: String,
    source: String,
}

#[derive(Debug, Clone, Serialize)]
struct Field {
    name: String,
    value: String,
    source: String,
}

#[derive(Debug, Clone, Serialize)]
struct Agreed {
    channel: String,
    purpose: String,
    address: String,
    /// `silent`, `pending`, `granted`, `expired`, `refused`.
    state: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Voucher {
    code: String,
    reward: String,
    until: Date,
    value_minor: i64,
}

#[derive(Debug, Clone, Serialize)]
struct Merged {
    id: String,
    evidence: String,
    on: Date,
    is_parted: bool,
}

/// Fields the page lets people change, in the order of the form.
pub const CHANGED: [&str; 5] = ["name", "birthday", "language", "country", "address"];

impl Page for CustomerPage {
    const TEMPLATE: &'static str = "console/customers/page.html";
    const AREA: Area = Area::Customers;

    fn sample(reader: &Reader) -> CustomerPage {
        let day = jiff::civil::date(2026, 10, 12);
        let text = |text: &str| text.to_owned();
        let key =
            |kind: &str, value: &str| Key { kind: text(kind), value: text(value), source: text("till") };
        let tier = Tier {
            ladder: text("Hạng"),
            tier: text("Bạc"),
            next: Some(text("Vàng")),
            missing: Some(reader.habit().money(1_200_000)),
            share: 64,
            ends_on: Some(day),
            to_keep: reader.habit().money(300_000),
        };
        let wallet = Wallet {
            id: text("beans"),
            name: text("Hạt"),
            available: text("412"),
            pending: text("14"),
            held: text("30"),
            owed: text("5"),
            runs_out: Some((text("120"), day)),
        };
        let agreed = |channel: &str, state| Agreed {
            channel: text(channel),
            purpose: text("marketing"),
            address: text("0900004027"),
            state,
        };
        CustomerPage {
            id: text("cus_00000000000000000000004027"),
            asked: Some(text("cus_00000000000000000000000001")),
            name: text("Khách hàng số 4027"),
            known_since: day,
            keys: vec![key("phone", "+84900004027"), key("card_number", "4027"), key("app", "x")],
            fields: vec![
                Field { name: text("name"), value: text("Khách hàng số 4027"), source: text("till") },
                Field { name: text("custom.ghế quen"), value: text("cửa sổ"), source: text("till") },
            ],
            tags: vec![text("cà phê"), text("sáng")],
            consents: ["silent", "pending", "granted", "expired", "refused"]
                .map(|state| agreed("sms", state))
                .to_vec(),
            score: Some(Score {
                state: text("at_risk"),
                segment: text("heart"),
                order_days: 41,
                first_on: Some(day),
                last_on: Some(day),
                usual_gap_days: Some(9.2),
                expected_on: Some(day),
                days_late: 23,
                net_minor: 4_118_000,
                p_alive: Some(0.62),
                p_order: Some(0.48),
                worth: Some(Worth { minor: 1_400_000, low_minor: 700_000, high_minor: 2_600_000 }),
                value_decile: Some(1),
            }),
            has_scores: true,
            standings: vec![Standing {
                program: text("corner"),
                name: text("Thẻ góc phố"),
                joined_on: day,
                tiers: vec![tier],
                wallets: vec![wallet],
            }],
            vouchers: vec![Voucher {
                code: text("C-AB12CD"),
                reward: text("coffee"),
                until: day,
                value_minor: 35_000,
            }],
            profit: Some(Sums {
                margin_minor: 1_800_000,
                reward_cost_minor: -120_000,
                contact_cost_minor: -4_000,
                service_cost_minor: 0,
                profit_minor: 1_676_000,
            }),
            merged: vec![
                Merged { id: text("cus_2"), evidence: text("showed both cards"), on: day, is_parted: false },
                Merged { id: text("cus_3"), evidence: text("the same number"), on: day, is_parted: true },
            ],
            timeline: timeline::Item::samples(reader),
            has_more: true,
            shown: ITEMS,
            refused: Some(Wrong {
                form: "points",
                why: text("costs 120, 90 available"),
                word: "refused",
                typed: vec![(text("units"), text("-120")), (text("reason"), text("a mistake"))],
            }),
            once: text("adj_1"),
            cases: cases::Shown::samples(),
            case_once: text("case_1"),
            messages: vec![(text("points.earned"), day.at(17, 40, 0, 0))],
            waiting: 1,
            texts: vec![PURPOSES[0]],
            seen: text("fingerprint"),
        }
    }
}

impl CustomerPage {
    /// Nothing but an id is known, and nothing was computed.
    pub fn sample_bare(reader: &Reader) -> CustomerPage {
        CustomerPage {
            asked: None,
            name: String::new(),
            keys: Vec::new(),
            fields: Vec::new(),
            tags: Vec::new(),
            consents: Vec::new(),
            score: None,
            has_scores: false,
            standings: Vec::new(),
            vouchers: Vec::new(),
            profit: None,
            merged: Vec::new(),
            timeline: Vec::new(),
            cases: Vec::new(),
            messages: Vec::new(),
            has_more: false,
            waiting: 0,
            texts: Vec::new(),
            refused: None,
            ..CustomerPage::sample(reader)
        }
    }
}

/// `GET /customers/{customer}`
pub async fn show(
    visit: Visit,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visit.show(&read(&visit, customer, asked.more, None).await?)
}

/// The page again, with what was wrong with a form.
pub async fn again(visit: &Visit, customer: String, wrong: Wrong) -> Result<Response, Problem> {
    let status = match wrong.word {
        "changed" => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    visit.show_as(status, &read(visit, customer, 0, Some(wrong)).await?)
}

async fn read(
    visit: &Visit,
    customer: String,
    more: usize,
    refused: Option<Wrong>,
) -> Result<CustomerPage, Problem> {
    let app = visit.app();
    let shown = more.min(MOST_SEEN).saturating_add(ITEMS);
    let (lang, now, wanted) = (visit.reader().loyalty_lang(), app.now(), customer.clone());
    let read = app.read(move |session| {
        session.snapshot(|reading| {
            // One more than is shown tells whether there is more.
            let (data, contacts) = done(newest(reading, &wanted, lang, shown + 1, now))?;
            let adjustments = reading.adjustments_of(&data.person.customer)?;
            Ok::<_, Problem>((data, contacts, adjustments, cases::names(reading)?))
        })
    });
    let (mut data, contacts, adjustments, names) = read.await?;
    let name = |id: &str| names.get(id).map_or(id, String::as_str).to_owned();
    let why = |row: &AdjustmentRow| {
        let looked = row.decided_by.iter().filter(|by| **by != row.asked_by).map(|by| name(by));
        let by = std::iter::once(name(&row.asked_by)).chain(looked).collect::<Vec<_>>().join(", ");
        (row.adjustment_id.clone(), format!("{} · {by}", row.reason))
    };
    let by_hand = adjustments.iter().map(why).collect();
    let mut standings = Vec::new();
    for open in app.programs().into_values() {
        let (id, shop) = (data.person.customer.clone(), open.clone());
        let shelf = app.look(move |reading| Ok(view::shelf(reading, &shop.in_force, &id, now)?)).await?;
        standings.extend(shelf.map(|shelf| Standing::of(visit.reader(), &open.in_force, &shelf)));
    }
    let (once, case_once) =
        (format!("adj_{:032x}", app.chance_u128()), format!("case_{:032x}", app.chance_u128()));
    let taken_up = std::mem::take(&mut data.cases).into_iter();
    let cases = taken_up.map(|case| cases::Shown::of(visit.reader(), &names, now, case)).collect();
    let waiting = adjustments.iter().filter(|row| row.state == "waiting").count();
    let timeline = timeline::of(visit.reader(), &data, &contacts, &by_hand);
    let page = made(visit, &data, timeline, standings, shown);
    let texts = match visit.may(Operation::WriteConsents) {
        true => consents::texts(visit).await?,
        false => Vec::new(),
    };
    let texts = PURPOSES.into_iter().filter(|purpose| texts.iter().any(|text| text.purpose == *purpose));
    Ok(CustomerPage { refused, once, case_once, cases, waiting, texts: texts.collect(), ..page })
}

fn made(
    visit: &Visit,
    data: &PersonData,
    mut timeline: Vec<timeline::Item>,
    standings: Vec<Standing>,
    shown: usize,
) -> CustomerPage {
    let (reader, person, known) = (visit.reader(), &data.person, visit.app().figures().known());
    let has_more = timeline.len() > shown;
    timeline.truncate(shown);
    let on = |micros: i64| reader.local_micros(micros).date();
    let programs = person.programs.iter();
    let score = known.as_ref().and_then(|known| known.scores.find(&person.customer));
    // What only files know of may lie before anything that is kept here.
    let known_since = reader.local(person.known_since).date();
    CustomerPage {
        id: person.customer.clone(),
        asked: person.asked.clone(),
        name: person.name.full.clone(),
        known_since: score
            .as_ref()
            .and_then(|score| score.first_on)
            .map_or(known_since, |first| first.min(known_since)),
        keys: person
            .keys
            .iter()
            .map(|key| Key { kind: key.kind.clone(), value: key.value.clone(), source: key.source.clone() })
            .collect(),
        fields: person
            .fields
            .iter()
            .map(|field| Field {
                name: field.field.clone(),
                value: field.value.clone(),
                source: field.source.clone(),
            })
            .collect(),
        tags: person.tags.clone(),
        consents: person
            .consents
            .iter()
            .map(|stands| Agreed {
                channel: stands.channel.clone(),
                purpose: stands.purpose.clone(),
                address: stands.address.clone(),
                state: match stands.standing {
                    Consent::Silent => "silent",
                    Consent::Pending { .. } => "pending",
                    Consent::Granted { .. } => "granted",
                    Consent::Expired { .. } => "expired",
                    Consent::Refused { .. } => "refused",
                },
            })
            .collect(),
        score,
        has_scores: known.is_some(),
        standings,
        vouchers: programs
            .flat_map(|program| &program.vouchers)
            .map(|voucher| Voucher {
                code: voucher.code.clone(),
                reward: voucher.reward.clone(),
                until: reader.local(voucher.ends_at).date(),
                value_minor: voucher.value_minor,
            })
            .collect(),
        profit: Some(person.profit)
            .filter(|sums| *sums != Sums::default() && visit.may(Operation::ReadLedger)),
        merged: person
            .merges
            .iter()
            .filter(|row| row.into_id == person.customer)
            .map(|row| Merged {
                id: row.from_id.clone(),
                evidence: row.evidence.clone(),
                on: on(row.merged_at),
                is_parted: row.parted_at.is_some(),
            })
            .collect(),
        timeline,
        cases: Vec::new(),
        case_once: String::new(),
        messages: data.messages.iter().map(|told| (told.topic.clone(), reader.local(told.at))).collect(),
        has_more,
        shown,
        refused: None,
        texts: Vec::new(),
        once: String::new(),
        waiting: 0,
        seen: seen(person),
    }
}

/// What the profile says, as a fingerprint.
pub fn seen(person: &Shown) -> String {
    let mut hasher = blake3::Hasher::new();
    for field in &person.fields {
        hasher.update(format!("{}={}\n", field.field, field.value).as_bytes());
    }
    for tag in &person.tags {
        hasher.update(format!("tag={tag}\n").as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
