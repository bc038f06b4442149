//! A plan: what is to be done with whom, what it costs, and how it will be read. Written before anybody is contacted,
//! because the rules of reading must not follow from what was seen.
//!
//! The file form is TOML, with amounts in the shop's own currency as people write them ("20000", "1.50").

use super::segment::{SENTENCES, check_name};
use super::{Refused, day_number};
use domain::Currency;
use domain::money::Decimal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The campaign's name.
    pub name: String,
    /// What it is called on pages.
    pub title: String,
    /// Who is meant: a segment, or a sentence of the X-ray.
    pub who: Who,
    /// Whether people are owed it.
    pub promise: Promise,
    /// `sms`, `email`, `zalo`, `call`, … as in consents.
    pub channel: String,
    /// `marketing`, `survey`, …; `service` needs no consent.
    pub purpose: String,
    /// What is offered, in a sentence.
    pub action: String,
    /// The words of the message, with `{name}` and other fields of an export in braces.
    pub message: String,
    /// Why this person, in a sentence, for the staff's list.
    pub reason: String,
    /// Who gets the file.
    pub recipient: String,
    /// What contacting one person costs, in minor units.
    pub cost_per_contact_minor: i64,
    /// What the offer costs when a contacted person comes, once a person, in minor units. What is taken off the bill is
    /// in the orders already and does not belong here.
    pub cost_per_use_minor: i64,
    /// Margin as a share of sales; `None` takes the costs of the lines.
    pub margin_share: Option<f64>,
    /// The first day on which people may answer; `None` means the day after the last facts at the freeze.
    pub start_on: Option<Date>,
    /// How many days orders are counted.
    pub days: i64,
    /// How many days before the start are known of everybody, to take out what was known anyway.
    pub before_days: i64,
    /// What decides.
    pub metric: Metric,
    /// How often it is read.
    pub reading: Reading,
    /// The share left alone; zero for a public promise.
    pub hold_out: f64,
    /// The name of the draw, shared by campaigns that leave the same people alone.
    pub hold_out_key: String,
    /// Confidence of every interval.
    pub level: f64,
    /// Wanted probability of seeing a lift that is there.
    pub power: f64,
    /// Accepted: lifts below this, in minor units a person, may stay unseen.
    pub accept_unseen_below_minor: Option<i64>,
    /// Days within which the staff are to call.
    pub due_days: i64,
    /// A complaint as young as this leaves a person out.
    pub complaint_days: i64,
    /// How a public promise reaches people.
    pub rollout: Option<Rollout>,
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A kept segment.
    Segment(String),
    /// A sentence of the X-ray.
    Sentence(String),
}

/// Whether people are owed the benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// Nobody was told of it: a share may be left alone.
    Unannounced,
    /// The law or published terms promise it to all: nobody is held out, it starts at different times.
    Public,
}

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Margin a person.
    Margin,
    /// Order days a person.
    Orders,
    /// Whether a person came at all.
    Bought,
}

impl Metric {
    /// All, the one in money first.
    pub const ALL: [Metric; 3] = [Metric::Margin, Metric::Orders, Metric::Bought];

    /// The word in plans and documents.
    pub fn word(self) -> &'static str {
        match self {
            Metric::Margin => "margin",
            Metric::Orders => "orders",
            Metric::Bought => "bought",
        }
    }
}

/// How often it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Once, when all days are over: the sharpest.
    Fixed,
    /// Whenever one likes; wider.
    Sequence,
}

/// How a public promise reaches people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// By store, or by lot.
    pub by: RolloutBy,
    /// Who starts when, earliest first. Stores that are named nowhere, and people whom no wave's share reaches, come
    /// after the last.
    pub waves: Vec<Wave>,
}

/// What is rolled out one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutBy {
    /// Stores; people belong to the one they buy at most.
    Store,
    /// People, drawn by lot.
    Lot,
}

/// One start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wave {
    /// When.
    pub on: Date,
    /// Which stores.
    pub stores: Vec<String>,
    /// Which share of the people.
    pub share: f64,
}

const KEYS: [&str; 27] = [
    "name",
    "title",
    "segment",
    "sentence",
    "promise",
    "channel",
    "purpose",
    "action",
    "message",
    "reason",
    "recipient",
    "cost_per_contact",
    "cost_per_use",
    "margin",
    "start_on",
    "days",
    "before_days",
    "metric",
    "reading",
    "hold_out",
    "hold_out_key",
    "level",
    "power",
    "accept_unseen_below",
    "due_days",
    "complaint_days",
    "rollout",
];

/// Read a plan; `file` is for messages. Amounts are read in `currency`.
///
/// # Errors
/// Says which key is wrong and what may stand there.
pub fn parse(file: &str, text: &str, currency: Currency) -> Result<Plan, Refused> {
    let wrong = |detail: String| Refused::Plan { file: file.to_owned(), detail };
    let table: Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    read(&table, currency).map_err(wrong)
}

type Read<T> = Result<T, String>;

fn read(table: &Table, currency: Currency) -> Read<Plan> {
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("'{key}' is not known in a plan; known are {}", KEYS.join(", ")));
    }
    let text = |key: &str| -> Read<Option<String>> {
        let read =
            |value: &Value| value.as_str().map(str::to_owned).ok_or(format!("{key} must be text in quotes"));
        table.get(key).map(read).transpose()
    };
    let needed = |key: &str, such: &str| -> Read<String> {
        text(key)?.filter(|word| !word.trim().is_empty()).ok_or(format!("{key} is missing: {such}"))
    };
    let days = |key: &str, usual: i64, most: i64| -> Read<i64> {
        let read = |value: &Value| value.as_integer().filter(|days| (1..=most).contains(days));
        table.get(key).map_or(Ok(usual), |value| {
            read(value).ok_or(format!("{key} must be a whole number of days from 1 to {most}"))
        })
    };
    let share = |key: &str, usual: f64, low: f64, high: f64| -> Read<f64> {
        let read = |value: &Value| value.as_float().filter(|share| (low..=high).contains(share));
        table.get(key).map_or(Ok(usual), |value| {
            read(value).ok_or(format!("{key} must be a number from {low} to {high}"))
        })
    };
    let name = needed("name", "a word for the campaign, such as late-regulars")?;
    check_name(&name)?;
    let who = match (text("segment")?, text("sentence")?) {
        (Some(segment), None) => Who::Segment(segment),
        (None, Some(sentence)) if SENTENCES.contains(&sentence.as_str()) => Who::Sentence(sentence),
        (None, Some(sentence)) => {
            return Err(format!(
                "no people stand behind sentence '{sentence}'; use one of {}",
                SENTENCES.join(", ")
            ));
        }
        _ => return Err("say whom: either segment = \"NAME\" or sentence = \"best_late\"".to_owned()),
    };
    let promise = match text("promise")?.as_deref() {
        Some("unannounced") => Promise::Unannounced,
        Some("public") => Promise::Public,
        _ => {
            return Err("promise is missing. Say promise = \"unannounced\" where nobody was told of it: then a share of the \
                 people is left alone, and what it brought can be told. Say promise = \"public\" where the law or your own \
                 published terms promise it to all: then nobody is left out, and it starts store by store or week by week"
                .to_owned());
        }
    };
    let action = needed("action", "what is offered, in a sentence")?;
    let metric = match text("metric")?.as_deref() {
        None | Some("margin") => Metric::Margin,
        Some("orders") => Metric::Orders,
        Some("bought") => Metric::Bought,
        Some(other) => return Err(format!("metric = \"{other}\" must be margin, orders or bought")),
    };
    let reading = match text("reading")?.as_deref() {
        None | Some("fixed") => Reading::Fixed,
        Some("sequence") => Reading::Sequence,
        Some(other) => return Err(format!("reading = \"{other}\" must be fixed or sequence")),
    };
    let rollout = table.get("rollout").map(rollout).transpose()?;
    let plan = Plan {
        title: text("title")?.unwrap_or_else(|| name.clone()),
        who,
        promise,
        channel: needed("channel", "such as sms, zalo, email or call")?,
        purpose: text("purpose")?.unwrap_or_else(|| "marketing".to_owned()),
        message: text("message")?.unwrap_or_else(|| action.clone()),
        action,
        reason: text("reason")?.unwrap_or_default(),
        recipient: text("recipient")?.unwrap_or_else(|| "staff".to_owned()),
        cost_per_contact_minor: amount(table, "cost_per_contact", currency)?
            .ok_or("cost_per_contact is missing: what one message or call costs, such as \"350\"")?,
        cost_per_use_minor: amount(table, "cost_per_use", currency)?.unwrap_or(0),
        margin_share: margin(table)?,
        start_on: table.get("start_on").map(|value| day(value, "start_on")).transpose()?,
        days: days("days", 28, 366)?,
        before_days: days("before_days", 84, 1_100)?,
        metric,
        reading,
        hold_out: share("hold_out", if promise == Promise::Public { 0.0 } else { 0.2 }, 0.0, 0.9)?,
        hold_out_key: text("hold_out_key")?.unwrap_or_else(|| name.clone()),
        level: share("level", 0.95, 0.5, 0.999)?,
        power: share("power", 0.8, 0.5, 0.99)?,
        accept_unseen_below_minor: amount(table, "accept_unseen_below", currency)?,
        due_days: days("due_days", 7, 366)?,
        complaint_days: days("complaint_days", 30, 366)?,
        rollout,
        name,
    };
    check(&plan)?;
    Ok(plan)
}

fn check(plan: &Plan) -> Read<()> {
    match (plan.promise, &plan.rollout) {
        (Promise::Unannounced, Some(_)) => {
            Err("a [rollout] is for a public promise; here a share is left alone (hold_out)".to_owned())
        }
        (Promise::Unannounced, None) if plan.hold_out <= 0.0 => {
            Err("hold_out must be above 0: without people left alone nothing can be told of what it brought".to_owned())
        }
        (Promise::Public, _) if plan.hold_out > 0.0 => Err(
            "nobody is held out from what was promised to all: leave hold_out away and say in [rollout] who starts when"
                .to_owned(),
        ),
        (Promise::Public, None) => Err(
            "a public promise needs a [rollout]: by = \"store\" or \"lot\", and waves with on = DAY and stores or share"
                .to_owned(),
        ),
        (Promise::Public, Some(_)) if plan.reading == Reading::Sequence => {
            Err("a roll-out is read once, when its days are over: reading = \"fixed\"".to_owned())
        }
        _ => Ok(()),
    }
}

fn rollout(value: &Value) -> Read<Rollout> {
    let table = value.as_table().ok_or("[rollout] must be a table with by and waves")?;
    if let Some(key) = table.keys().find(|key| !["by", "waves"].contains(&key.as_str())) {
        return Err(format!("rollout.{key} is not known; use by and waves"));
    }
    let by = match table.get("by").and_then(Value::as_str) {
        Some("store") => RolloutBy::Store,
        Some("lot") => RolloutBy::Lot,
        _ => return Err("rollout.by must be \"store\" or \"lot\"".to_owned()),
    };
    let list = table.get("waves").and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or("rollout.waves must be a list such as [{ on = 2026-01-05, stores = [\"D1\"] }]")?;
    let mut waves = Vec::new();
    for (at, value) in list.iter().enumerate() {
        waves.push(wave(value, by, &format!("rollout.waves[{}]", at + 1))?);
    }
    if !waves.windows(2).all(|two| two[0].on < two[1].on) {
        return Err("rollout.waves must start one after the other, the earliest first".to_owned());
    }
    if waves.iter().map(|wave| wave.share).sum::<f64>() > 1.0 + 1e-9 {
        return Err("the shares of rollout.waves come to more than 1".to_owned());
    }
    let stores: Vec<&String> = waves.iter().flat_map(|wave| &wave.stores).collect();
    if let Some(twice) = stores.iter().enumerate().find(|(at, store)| stores[..*at].contains(store)) {
        return Err(format!("store {} stands in two waves", twice.1));
    }
    Ok(Rollout { by, waves })
}

fn wave(value: &Value, by: RolloutBy, place: &str) -> Read<Wave> {
    let table = value.as_table().ok_or(format!("{place} must be a table"))?;
    let on = day(table.get("on").ok_or(format!("{place}.on is missing"))?, &format!("{place}.on"))?;
    let words = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|store| store.as_str().map(str::to_owned)).collect()
    };
    let stores = table.get("stores").and_then(words).unwrap_or_default();
    let share = table.get("share").and_then(Value::as_float).unwrap_or(0.0);
    match by {
        RolloutBy::Store if stores.is_empty() => Err(format!("{place}.stores must be a list of store keys")),
        RolloutBy::Lot if !(share > 0.0 && share <= 1.0) => {
            Err(format!("{place}.share must be above 0, up to 1.0"))
        }
        _ => Ok(Wave { on, stores, share }),
    }
}

fn amount(table: &Table, key: &str, currency: Currency) -> Read<Option<i64>> {
    let Some(value) = table.get(key) else { return Ok(None) };
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(whole) => whole.to_string(),
        _ => String::new(),
    };
    let minor = Decimal::parse(&text).ok().and_then(|amount| amount.rescale(currency.decimals()));
    let wrong = || format!("{key} must be an amount of {}, in quotes, such as \"350\"", currency.code());
    minor.filter(|minor| *minor >= 0).map(Some).ok_or_else(wrong)
}

fn margin(table: &Table) -> Read<Option<f64>> {
    match table.get("margin") {
        None => Ok(None),
        Some(Value::String(word)) if word == "column" => Ok(None),
        Some(Value::Float(share)) if (0.0..=1.0).contains(share) => Ok(Some(*share)),
        _ => Err("margin must be a share of sales such as 0.35, or \"column\" for the costs in your files"
            .to_owned()),
    }
}

fn day(value: &Value, place: &str) -> Read<Date> {
    let text = match value {
        Value::Datetime(day) => day.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    text.parse().map_err(|_| format!("{place} must be a day such as 2026-01-31"))
}

impl Plan {
    /// The windows in which outcomes are counted when people may answer from `start` on: before and after.
    pub fn windows(&self, start: Date) -> [(Date, Date); 2] {
        let from = super::days_after(start, -self.before_days);
        [(from, start), (start, super::days_after(start, self.days))]
    }

    /// Periods of a roll-out: as long as the gap between its closest waves (at most four weeks), from `before_days`
    /// before the first wave to `days` after the last.
    pub fn periods(&self, rollout: &Rollout) -> Vec<(Date, Date)> {
        let starts: Vec<i64> = rollout.waves.iter().map(|wave| i64::from(day_number(wave.on))).collect();
        let gap = starts.windows(2).map(|two| two[1] - two[0]).min().unwrap_or(28).clamp(1, 28);
        let (first, last) = (starts[0], starts[starts.len() - 1]);
        let before = (self.before_days / gap).max(1);
        let after = ((last - first + self.days + gap - 1) / gap).max(1);
        (-before..after)
            .map(|step| (super::day_at(first + step * gap), super::day_at(first + (step + 1) * gap)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    pub(crate) const PLAN: &str = r#"
name = "late-regulars"
sentence = "best_late"
promise = "unannounced"
channel = "email"
action = "A coffee on the house, until the end of the month"
cost_per_contact = "350"
cost_per_use = "9000"
"#;

    fn vnd() -> Currency {
        "VND".parse().unwrap()
    }

    #[test]
    fn a_plan_has_few_words_and_the_rest_is_usual() {
        let plan = parse("plan.toml", PLAN, vnd()).unwrap();
        assert_eq!((plan.cost_per_contact_minor, plan.cost_per_use_minor), (350, 9_000));
        assert_eq!(
            (plan.hold_out, plan.days, plan.metric, plan.reading),
            (0.2, 28, Metric::Margin, Reading::Fixed)
        );
        assert_eq!((plan.purpose.as_str(), plan.hold_out_key.as_str()), ("marketing", "late-regulars"));
        let [before, after] = plan.windows(date(2026, 1, 5));
        assert_eq!(before, (date(2025, 10, 13), date(2026, 1, 5)));
        assert_eq!(after, (date(2026, 1, 5), date(2026, 2, 2)));
        let dollars = parse("p", &PLAN.replace("\"350\"", "\"0.05\""), "USD".parse().unwrap()).unwrap();
        assert_eq!(dollars.cost_per_contact_minor, 5);
    }

    #[test]
    fn what_is_promised_to_all_is_held_out_from_nobody() {
        let public = PLAN.replace("unannounced", "public");
        let rolled = format!(
            "{public}\n[rollout]\nby = \"store\"\nwaves = [{{ on = 2026-01-05, stores = [\"A\", \"B\"] }}, {{ on = 2026-01-26, stores = [\"C\", \"D\"] }}]"
        );
        let plan = parse("p", &rolled, vnd()).unwrap();
        assert_eq!(plan.hold_out, 0.0);
        let periods = plan.periods(plan.rollout.as_ref().unwrap());
        assert_eq!((periods.len(), periods[4].0), (7, date(2026, 1, 5)));
        for (text, words) in [
            (public.clone(), "needs a [rollout]"),
            (format!("hold_out = 0.1\n{rolled}"), "nobody is held out"),
            (rolled.replace("public", "unannounced"), "is for a public promise"),
            (rolled.replace("2026-01-26", "2026-01-05"), "one after the other"),
            (rolled.replace("\"C\"", "\"A\""), "stands in two waves"),
        ] {
            let said = parse("p", &text, vnd()).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn the_plan_asks_what_is_missing() {
        for (from, to, words) in [
            ("promise = \"unannounced\"", "", "promise is missing. Say promise = \"unannounced\""),
            ("sentence = \"best_late\"", "", "say whom"),
            ("cost_per_contact = \"350\"", "", "cost_per_contact is missing"),
            ("cost_per_contact = \"350\"", "cost_per_contact = \"x\"", "must be an amount of VND"),
            ("cost_per_use = \"9000\"", "hold_out = 0.0", "hold_out must be above 0"),
            ("cost_per_use = \"9000\"", "days = 0", "from 1 to 366"),
            ("cost_per_use = \"9000\"", "margin = 30", "margin must be a share"),
            ("cost_per_use = \"9000\"", "colour = 3", "'colour' is not known"),
        ] {
            let said = parse("plan.toml", &PLAN.replace(from, to), vnd()).unwrap_err().to_string();
            assert!(said.contains(words) && said.starts_with("plan.toml: "), "{said}");
        }
    }
}
