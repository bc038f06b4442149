//! `perennial campaign`: act on customers by file, and know what it brought.

use crate::args::campaign::{
    Campaign as CampaignArgs, CampaignClose, CampaignCommand, CampaignExport, CampaignFreeze,
    CampaignHoldout, CampaignMeasure, CampaignOutcomes, CampaignPlan, CampaignResults, CampaignShow,
};
use crate::args::{Common, Report};
use crate::ended::Ended;
use crate::home::{Home, assets, now_micros};
use crate::say::{self, count};
use crate::xray;
use analytics::session::Session;
use domain::Currency;
use engine::act::cycle::{self, Planned};
use engine::act::export::{Ask, export, verify};
use engine::act::freeze::{Facts, Frozen, UNIVERSAL, freeze};
use engine::act::plan::{self, Metric, Plan};
use engine::act::results::{self, take, ticks};
use engine::act::{Stopped, followed, layout};
use engine::collect::whole;
use engine::measure::page;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Where a shop keeps layouts of its own, in the data folder.
const LAYOUTS: &str = "layouts";

/// Run the command.
pub fn run(common: &Common, args: &CampaignArgs) -> Result<(), Ended> {
    match &args.command {
        CampaignCommand::Plan(args) => planned(common, args),
        CampaignCommand::Freeze(args) => frozen(common, args),
        CampaignCommand::Export(args) => exported(common, args),
        CampaignCommand::Results(args) => came_back(common, args),
        CampaignCommand::Outcomes(args) => outcomes(common, args),
        CampaignCommand::Measure(args) => measured(common, args),
        CampaignCommand::Close(args) => closed(common, args),
        CampaignCommand::List => list(common),
        CampaignCommand::Show(args) => show(common, args),
        CampaignCommand::Holdout(args) => holdout(common, args),
    }
}

impl From<Stopped> for Ended {
    fn from(stopped: Stopped) -> Ended {
        match stopped {
            Stopped::Refused(refused) => Ended::Refused(refused.to_string()),
            Stopped::Failed(failure) => failure.into(),
        }
    }
}

/// What the engine needs of this folder: currency, margin, the day of the question, the secret.
pub fn facts<'a>(
    home: &mut Home,
    session: &'a Session,
    plan: Option<&Plan>,
    as_of: Option<jiff::civil::Date>,
) -> Result<Facts<'a>, Ended> {
    let margin = plan.and_then(|plan| plan.margin_share).map(|share| share.to_string());
    let report = Report { margin, ..Report::usual() };
    let options = xray::options(home, &report, as_of)?;
    let as_of = engine::understand::last_day(session, &options).map_err(Stopped::from)?;
    Ok(Facts { insights: session, options, as_of, now_micros: now_micros(), secret: home.secret()? })
}

fn currency(home: &Home) -> Result<Currency, Ended> {
    let code = home.store.find_setting("currency")?;
    Ok(code.and_then(|code| code.parse().ok()).unwrap_or(Currency::UNKNOWN))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Ended> {
    std::fs::read(path).map_err(|error| Ended::Refused(format!("cannot read {}: {error}", path.display())))
}

fn planned(common: &Common, args: &CampaignPlan) -> Result<(), Ended> {
    let file = args.file.display().to_string();
    let text = String::from_utf8(bytes_of(&args.file)?)
        .map_err(|_| Ended::Refused(format!("{file} is no text in UTF-8")))?;
    let mut home = Home::open(common)?;
    let plan = plan::parse(&file, &text, currency(&home)?).map_err(Stopped::from)?;
    let session = home.session(common, &assets(common)?)?;
    let facts = facts(&mut home, &session, Some(&plan), args.as_of)?;
    let planned = cycle::plan(&facts, &mut home.store, &plan, now_micros())?;
    say::result(common, &planned, || said_of_plan(&planned))
}

fn said_of_plan(planned: &Planned) -> String {
    let plan = &planned.plan;
    let mut text = format!("campaign {} is planned\n", plan.name);
    let Some(sizing) = &planned.sizing else {
        text += "it is promised to all, so nobody is left out: it starts in waves, and those who have it are compared with those \
                 who do not have it yet\n";
        return text;
    };
    let unit = match plan.metric {
        Metric::Margin => "of margin (minor units)",
        Metric::Orders => "orders",
        Metric::Bought => "as a share who come",
    };
    let number =
        |value: f64| if value.abs() >= 100.0 { count(value.round() as u64) } else { format!("{value:.4}") };
    let _ = writeln!(
        text,
        "  people      {} to contact, {} left alone by lot",
        count(sizing.contact),
        count(sizing.held_out)
    );
    let _ = writeln!(text, "  usual       {} a person in {} days, {unit}", number(sizing.usual), plan.days);
    let _ = writeln!(text, "  pays from   {} more a person", number(sizing.break_even));
    let _ = writeln!(
        text,
        "  would find  {} more a person, with {:.0}% probability",
        number(sizing.smallest),
        plan.power * 100.0
    );
    text += "next: perennial campaign freeze ";
    text += &plan.name;
    text.push('\n');
    text
}

fn frozen(common: &Common, args: &CampaignFreeze) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let plan = cycle::plan_of(&home.store, &args.campaign)?;
    let session = home.session(common, &assets(common)?)?;
    let facts = facts(&mut home, &session, Some(&plan), args.as_of)?;
    let frozen = freeze(&facts, &mut home.store, &plan, now_micros())?;
    say::result(common, &frozen, || said_of_freeze(&plan, &frozen))
}

fn said_of_freeze(plan: &Plan, frozen: &Frozen) -> String {
    let mut text = format!(
        "campaign {} is frozen as of {}: {} to contact, {} left alone by lot\n",
        plan.name,
        frozen.as_of,
        count(frozen.contact),
        count(frozen.held_out)
    );
    for (reason, people) in &frozen.left_out {
        let why = match reason.as_str() {
            "universal_holdout" => "belong to those nobody writes to",
            "other_campaign" => "are in another campaign that is not over",
            "open_complaint" => "have complained lately, or have an open case",
            _ => "have not agreed to be written to on this channel",
        };
        let _ = writeln!(text, "  left out    {} {why}", count(*people));
    }
    let _ = writeln!(text, "  begins      {}", frozen.start_on);
    let _ = writeln!(text, "next: perennial campaign export {} --layout excel --out list.xlsx", plan.name);
    text
}

fn exported(common: &Common, args: &CampaignExport) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let plan = cycle::plan_of(&home.store, &args.campaign)?;
    if let Some(path) = &args.verify {
        let left = verify(&home.store, &plan, &path.display().to_string(), &bytes_of(path)?)?;
        return say::result(common, &left, || {
            format!("{} is whole: {} rows, as it left for {}\n", path.display(), left.rows, left.recipient)
        });
    }
    let Some(out) = &args.out else { return Err(Ended::Usage("--out FILE is missing".to_owned())) };
    let layout = layout::load(&args.layout, &home.folder.join(LAYOUTS)).map_err(Stopped::from)?;
    let secret = home.secret()?;
    let lang = args.lang;
    let ask = Ask {
        layout: &layout,
        layout_name: &args.layout,
        lang,
        secret,
        waves_upto: args.upto,
        outcomes: &ticks(lang),
        now_micros: now_micros(),
    };
    let (bytes, exported) = export(&mut home.store, &plan, &ask)?;
    say::write_file(out, &bytes)?;
    say::result(common, &exported, || {
        let mut text = format!(
            "{} rows for {} are in {}\n  columns     {}\n  checksum    {}\n",
            count(exported.rows),
            exported.recipient,
            out.display(),
            exported.columns.join(", "),
            exported.checksum
        );
        if exported.not_on_it > 0 {
            let _ = writeln!(
                text,
                "  not on it   {} (opted out since, or no address)",
                count(exported.not_on_it)
            );
        }
        text += "this file is personal data that leaves the house; it is written down as such\n";
        text
    })
}

fn came_back(common: &Common, args: &CampaignResults) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let plan = cycle::plan_of(&home.store, &args.campaign)?;
    let file = args.file.display().to_string();
    let list = whole::read(&file, bytes_of(&args.file)?)?;
    let secret = home.secret()?;
    let came = take(&mut home.store, &plan, &file, &list, &secret, now_micros())?;
    let session = home.session(common, &assets(common)?)?;
    let facts = facts(&mut home, &session, Some(&plan), None)?;
    let followed = followed::by_outcome(&followed::orders(&facts, &home.store, &plan)?);
    say::result(common, &Taken { came: &came, followed: &followed }, || {
        let mut text = format!("{} rows, {} outcomes are new\n", count(came.rows), count(came.new));
        for (outcome, people) in &came.outcomes {
            let _ = writeln!(text, "  {outcome:<11} {}", count(*people));
        }
        if came.opted_out > 0 {
            let _ = writeln!(
                text,
                "{} asked not to be written to again: from now on they are not",
                count(came.opted_out)
            );
        }
        if came.leaked > 0 {
            let _ = writeln!(text, "LEAK: {} who were to be left alone were contacted", count(came.leaked));
        }
        if came.strangers + came.unknown > 0 {
            let _ = writeln!(
                text,
                "{} rows are about people who were on no list",
                count(came.strangers + came.unknown)
            );
        }
        text + &said_of_orders(&followed, 1)
    })
}

/// What was taken in, and the orders that have followed by now.
#[derive(serde::Serialize)]
struct Taken<'a> {
    #[serde(flatten)]
    came: &'a results::Came,
    followed: &'a [followed::Came],
}

/// The orders that followed, by outcome, where there are as many at least.
fn said_of_orders(followed: &[followed::Came], at_least: u64) -> String {
    let mut text = String::new();
    for one in followed.iter().filter(|one| one.ordered >= at_least) {
        let within =
            one.median_days.map_or(String::new(), |days| format!(", half of them within {days} days"));
        let _ = writeln!(
            text,
            "  {:<11} {} of {} ordered afterwards{within}",
            one.outcome,
            count(one.ordered),
            count(one.people)
        );
    }
    if !text.is_empty() {
        text += "that is what followed, not what it brought: perennial campaign measure says that\n";
    }
    text
}

fn outcomes(common: &Common, args: &CampaignOutcomes) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let plan = cycle::plan_of(&home.store, &args.campaign)?;
    let session = home.session(common, &assets(common)?)?;
    let facts = facts(&mut home, &session, Some(&plan), args.as_of)?;
    let all = followed::orders(&facts, &home.store, &plan)?;
    let followed = followed::by_outcome(&all);
    if let Some(out) = &args.out {
        say::write_file(out, followed::csv(&all).as_bytes())?;
    }
    say::result(common, &json!({ "followed": followed, "people": all }), || {
        if all.is_empty() {
            return "nothing came back yet: perennial campaign results NAME FILE\n".to_owned();
        }
        let mut text = said_of_orders(&followed, 0);
        if let Some(out) = &args.out {
            let _ = writeln!(text, "everybody is in {}", out.display());
        }
        text
    })
}

fn measured(common: &Common, args: &CampaignMeasure) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let plan = cycle::plan_of(&home.store, &args.campaign)?;
    let assets = assets(common)?;
    let session = home.session(common, &assets)?;
    let facts = facts(&mut home, &session, Some(&plan), args.as_of)?;
    let measured = cycle::measure(&facts, &mut home.store, &args.campaign, now_micros())?;
    let lang = args.lang;
    if let Some(out) = &args.out {
        say::write_file(out, page::render(&measured, &assets, lang)?.as_bytes())?;
    }
    let said = page::headline(&measured, &assets, lang)?;
    say::result(common, &measured, || match &args.out {
        Some(out) => format!("{said}\nthe page is in {}\n", out.display()),
        None => format!("{said}\n"),
    })
}

fn closed(common: &Common, args: &CampaignClose) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    let closed =
        cycle::close(&mut home.store, &args.campaign, args.decision.as_deref(), &args.note, now_micros())?;
    say::result(common, &closed, || {
        format!(
            "campaign {} is closed: {}\nnext: perennial xray --out xray.html, which says what is worth acting on now, and \
             remembers this\n",
            args.campaign, closed.decision
        )
    })
}

fn list(common: &Common) -> Result<(), Ended> {
    let home = Home::open_to_read(common)?;
    let mut lines = Vec::new();
    for row in home.store.list_campaigns()? {
        let plan = cycle::plan_of(&home.store, &row.campaign_id)?;
        let steps = home.store.steps_of_campaign(&row.campaign_id)?;
        let decision = steps.iter().rfind(|step| step.kind == "closed").and_then(|step| {
            let said: serde_json::Value = serde_json::from_str(&step.body).ok()?;
            Some(said["decision"].as_str()?.to_owned())
        });
        lines.push((row.campaign_id, row.state, decision, plan.action));
    }
    let documents: Vec<_> = lines
        .iter()
        .map(|(name, state, decision, action)| {
            json!({"campaign": name, "state": state, "decision": decision, "action": action})
        })
        .collect();
    say::result(common, &json!({ "campaigns": documents }), || {
        if lines.is_empty() {
            return "there is no campaign yet: perennial campaign plan FILE\n".to_owned();
        }
        let line = |(name, state, decision, action): &(String, String, Option<String>, String)| {
            format!("{name:<24} {state:<8} {:<8} {action}\n", decision.as_deref().unwrap_or(""))
        };
        lines.iter().map(line).collect()
    })
}

fn show(common: &Common, args: &CampaignShow) -> Result<(), Ended> {
    let home = Home::open_to_read(common)?;
    let cycle = cycle::show(&home.store, &args.campaign)?;
    let zone = home.store.find_setting("timezone")?;
    let zone = zone.and_then(|name| jiff::tz::TimeZone::get(&name).ok()).unwrap_or(jiff::tz::TimeZone::UTC);
    say::result(common, &cycle, || {
        let mut text = format!("{} · {} · {}\n", cycle.campaign, cycle.state, cycle.plan.action);
        let who = match &cycle.plan.who {
            plan::Who::Segment(name) => format!("segment {name}"),
            plan::Who::Sentence(name) => format!("sentence {name} of the X-ray"),
        };
        let _ = writeln!(text, "problem     {who}");
        for step in &cycle.steps {
            let at = jiff::Timestamp::from_microsecond(step.at).map(|at| at.to_zoned(zone.clone()).date());
            let day = at.map_or(String::new(), |day| day.to_string());
            let _ = writeln!(text, "{:<11} {day}  {}", step.kind, said_of_step(&step.kind, &step.said));
        }
        text
    })
}

/// What a step said, in a line.
fn said_of_step(kind: &str, said: &serde_json::Value) -> String {
    let number = |value: &serde_json::Value| count(value.as_f64().unwrap_or(0.0).round().max(0.0) as u64);
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    match kind {
        "planned" if said["sizing"].is_null() => "promised to all, in waves".to_owned(),
        "planned" => format!("{} people would be in it", number(&said["sizing"]["people"])),
        "frozen" => {
            format!("{} to contact, {} left alone", number(&said["contact"]), number(&said["held_out"]))
        }
        "exported" => format!("{} rows to {}", number(&said["rows"]), word(&said["recipient"])),
        "results" => format!("{} outcomes, {} opted out", number(&said["new"]), number(&said["opted_out"])),
        "measured" => {
            format!("{}: {}", word(&said["decision"]["verdict"]), word(&said["decision"]["reason"]))
        }
        _ => format!("{} {}", word(&said["decision"]), word(&said["note"])),
    }
}

fn holdout(common: &Common, args: &CampaignHoldout) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    if let Some(share) = args.share {
        if !(0.0..=0.5).contains(&share) {
            return Err(Ended::Usage(format!(
                "--share {share}: expected a share from 0 to 0.5, such as 0.02"
            )));
        }
        home.store.save_setting(UNIVERSAL, &share.to_string(), now_micros())?;
    }
    let share: f64 = home.store.find_setting(UNIVERSAL)?.and_then(|text| text.parse().ok()).unwrap_or(0.0);
    say::result(common, &json!({ "share": share }), || {
        format!("{}% of customers are never written to for advertising\n", 100.0 * share)
    })
}
