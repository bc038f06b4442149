//! Why an entry is what it is, as a sentence. The data behind it are the posting and, for points that a rule gave, its
//! [`Working`]; the sentence only reads them out.

use crate::earning::Working;
use crate::judge::Output;
use crate::ledger::{Cause, Posted, Posting, Pot, Start, Terms};
use crate::name::Name;
use crate::number::decimal;
use crate::program::{Lang, Program};
use crate::simulate::Note;
use crate::words::{money, money_of, number, points, points_of, say};

/// The sentence of an output, where it is an entry or a refusal.
pub fn explain(program: &Program, output: &Output, lang: Lang) -> Option<String> {
    match output {
        Output::Posted { wallet, posting, working, .. } => {
            Some(explain_posting(program, wallet.as_str(), posting, working.as_deref(), lang))
        }
        Output::Card { card, posting } => Some(explain_card(program, card, posting, lang)),
        Output::Benefit { benefit, left, until, is_undone, .. } => {
            Some(explain_benefit(program, benefit, (*left, *until), *is_undone, lang))
        }
        Output::Refused { code, why, .. } => {
            let why = if lang == Lang::En { why.clone() } else { say(lang, &format!("no {code}"), &[]) };
            Some(say(lang, "refused", &[&why]))
        }
        _ => None,
    }
}

/// The sentence of a remark on a fact.
pub fn explain_note(note: &Note, lang: Lang) -> String {
    if lang == Lang::En { note.why.clone() } else { say(lang, &format!("note {}", note.code), &[]) }
}

/// Why something was refused, by its code, in words of a language; none where the code has none.
pub fn refusal(code: &str, lang: Lang) -> Option<String> {
    let key = format!("no {code}");
    crate::words::knows(&key).then(|| say(lang, &key, &[]))
}

/// The sentence of an entry in a wallet.
pub fn explain_posting(
    program: &Program,
    wallet: &str,
    posting: &Posting,
    working: Option<&Working>,
    lang: Lang,
) -> String {
    let Some(place) = program.wallet(wallet) else { return String::new() };
    let stop = if lang.is_chinese() { "；" } else { "; " };
    let end = if lang.is_chinese() { "。" } else { "." };
    let parts = match working {
        Some(working) => award(program, place, posting, working, lang),
        None => vec![plain(program, place, posting, lang)],
    };
    format!("{}{end}", parts.join(stop))
}

/// The sentence of an entry of a gift card.
fn explain_card(program: &Program, card: &Name, posting: &Posting, lang: Lang) -> String {
    let key = match posting.kind {
        Posted::Earn => "card earn",
        Posted::Spend => "card spend",
        Posted::Refund => "card refund",
        _ => "card other",
    };
    let amount = money(program, posting.change().abs(), lang);
    say(lang, key, &[&amount, card.as_str(), posting.cause.id.as_str()])
}

/// The sentence of a use of a benefit.
fn explain_benefit(
    program: &Program,
    benefit: &Name,
    (left, until): (Option<u32>, Option<jiff::civil::Date>),
    is_undone: bool,
    lang: Lang,
) -> String {
    let tiers = program.ladders.iter().flat_map(|ladder| &ladder.tier);
    let spec = tiers.flat_map(|tier| &tier.benefits).find(|spec| spec.id == *benefit);
    let name = spec.map_or(benefit.as_str(), |spec| spec.name.in_language(lang.code()));
    let mut text = say(lang, if is_undone { "benefit undone" } else { "benefit used" }, &[name]);
    if let Some(left) = left {
        let space = if lang.is_chinese() { "" } else { " " };
        let (left, until) = (left.to_string(), until.map(|until| until.to_string()));
        let rest = match &until {
            Some(until) => say(lang, "benefit left until", &[&left, until]),
            None => say(lang, "benefit left", &[&left]),
        };
        text = format!("{text}{space}{rest}");
    }
    text
}

fn plain(program: &Program, wallet: usize, posting: &Posting, lang: Lang) -> String {
    let key = serde_json::to_value(posting.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    let kind = key.unwrap_or_default();
    let cause = &posting.cause;
    let is_gift = matches!(cause.kind.as_str(), "tier" | "mission" | "referral");
    let key = match posting.kind {
        Posted::Clawback if is_gift => "posted clawback gift".to_owned(),
        _ => format!("posted {kind}"),
    };
    let many = points(program, wallet, moved(posting), lang);
    say(lang, &key, &[&many, &reason(program, cause, lang), cause.id.as_str()])
}

/// What a posting was made for, in words.
fn reason(program: &Program, cause: &Cause, lang: Lang) -> String {
    let rule = cause.rule.as_ref().map_or("", |rule| rule.as_str());
    let (kind, name) = match cause.kind.as_str() {
        "tier" => match program.tier(rule) {
            Some((ladder, level)) => {
                ("tier", program.ladders[ladder].tier[level].name.in_language(lang.code()))
            }
            None => ("tier change", ""),
        },
        "mission" => {
            let mission = program.missions.iter().find(|mission| mission.spec.id == *rule);
            ("mission", mission.map_or(rule, |mission| mission.spec.name.in_language(lang.code())))
        }
        kind => (kind, cause.id.as_str()),
    };
    let known = ["order", "return", "event", "redemption", "staff", "tier", "tier change", "mission"];
    let known = known.iter().chain(&["referral", "surprise", "policy", "activity", "transfer", "merge"]);
    match known.chain(&["unmerge", "opening"]).find(|known| **known == kind) {
        Some(kind) => say(lang, &format!("fact {kind}"), &[name]),
        None => format!("{kind} {name}"),
    }
}

/// How many points a posting is about: what came onto or left the pot that names its kind.
pub fn moved(posting: &Posting) -> i64 {
    let lots: i64 =
        posting.lines.iter().filter(|line| matches!(line.pot, Pot::Lot(_))).map(|line| line.amount).sum();
    let held: i64 =
        posting.lines.iter().filter(|line| matches!(line.pot, Pot::Held(_))).map(|line| line.amount).sum();
    let units = match posting.kind {
        Posted::Capture => posting.on(&Pot::Redeemed),
        Posted::Hold | Posted::Release => held,
        Posted::Clawback => posting.on(&Pot::ClawedBack),
        _ => lots,
    };
    units.abs()
}

fn award(program: &Program, wallet: usize, posting: &Posting, working: &Working, lang: Lang) -> Vec<String> {
    let units = |units: i64| points(program, wallet, units, lang);
    let rule = program.rules.iter().find(|rule| rule.version == working.version);
    let currency = rule.map_or(program.head.currency, |rule| rule.currency);
    let money = |minor: i64| money_of(currency, minor, lang);
    let exact = |ratio: crate::number::Ratio| {
        // The exact number in points, as a decimal where it has one.
        let scale = i128::from(10i64.pow(program.wallets[wallet].precision));
        let value =
            crate::number::Ratio::new(ratio.over(), ratio.under().saturating_mul(scale)).unwrap_or(ratio);
        shown(value)
    };
    let name = rule.and_then(|rule| rule.spec.name.as_ref()).map(|name| name.in_language(lang.code()));
    let name = name.unwrap_or(working.rule.as_str());
    let mut parts = vec![say(lang, "why rule", &[&units(working.units), name, working.version.as_str()])];
    let by_amount = working.every > 0;
    if by_amount || working.multiplied.is_none() && working.amount > 0 {
        parts.push(say(lang, "why amount", &[&money(working.amount)]));
    }
    if working.unpaid > 0 {
        parts.push(say(lang, "why unpaid", &[&money(working.unpaid)]));
    }
    if by_amount {
        let key = if working.whole { "why steps" } else { "why rate" };
        let each = points_of(&program.wallets[wallet], &exact(working.points), lang);
        parts.push(say(lang, key, &[&money(working.every), &each]));
    } else if let Some(base) = working.multiplied {
        parts.push(say(lang, "why multiple", &[&units(base), &number(&shown(working.points), lang)]));
    } else if let Some(quantity) = rule.map(|rule| &rule.quantity) {
        match quantity {
            crate::program::Quantity::PerUnit(each) => {
                let each = points_of(&program.wallets[wallet], &exact(*each), lang);
                let count = shown(
                    crate::number::Ratio::new(i128::from(working.quantity_milli), 1000)
                        .unwrap_or(crate::number::Ratio::ONE),
                );
                parts.push(say(lang, "why units", &[&count, &each]));
            }
            crate::program::Quantity::Fixed { points, .. } => {
                parts.push(say(lang, "why fixed", &[&units(*points)]))
            }
            crate::program::Quantity::Bands(bands) => {
                let counted = working.amount.saturating_add(working.summed.map_or(0, |(before, _)| before));
                let inside = |band: &&(i64, Option<i64>, i64)| {
                    counted >= band.0 && band.1.is_none_or(|below| counted < below)
                };
                if let Some((from, _, given)) = bands.iter().find(inside) {
                    parts.push(say(lang, "why band", &[&money(*from), &units(*given)]));
                }
            }
            _ => {}
        }
    }
    if let Some((before, given)) = working.summed {
        parts.push(say(lang, "why summed", &[&money(before), &units(given)]));
    }
    if let Some((tier, factor)) = &working.tier {
        let spec =
            program.tier(tier.as_str()).map(|(ladder, level)| &program.ladders[ladder].tier[level].name);
        let name = spec.map_or(tier.as_str(), |name| name.in_language(lang.code()));
        parts.push(say(lang, "why tier", &[name, &number(&shown(*factor), lang)]));
    }
    let rounding = format!("rounding {}", rounding(working));
    let rounded = working.rounded + working.summed.map_or(0, |(_, given)| given);
    parts.push(say(
        lang,
        "why exact",
        &[&number(&exact(working.exact), lang), &say(lang, &rounding, &[]), &units(rounded)],
    ));
    for cut in &working.cuts {
        parts.push(say(lang, "why cut", &[&cut_name(&cut.by, lang), &units(cut.from), &units(cut.to)]));
    }
    parts.extend(lot(program, posting, lang));
    let funder = program.funders.iter().find(|funder| funder.id == working.funder);
    if let Some(funder) = funder {
        parts.push(say(lang, "why funder", &[funder.name.in_language(lang.code())]));
    }
    parts
}

fn rounding(working: &Working) -> String {
    let value = serde_json::to_value(working.rounding).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn cut_name(by: &Name, lang: Lang) -> String {
    match by.as_str().strip_prefix("cap per ") {
        Some(per) => say(lang, "cut cap", &[&say(lang, &format!("per {per}"), &[])]),
        None => say(lang, "cut budget", &[]),
    }
}

fn lot(program: &Program, posting: &Posting, lang: Lang) -> Vec<String> {
    let number = posting.lines.iter().find_map(|line| match line.pot {
        Pot::Lot(lot) if line.amount > 0 => Some(lot.0.to_string()),
        _ => None,
    });
    let terms = posting.terms.iter().find_map(|terms| match terms {
        Terms::Lot { start, expires_at, .. } => Some((start, expires_at)),
        _ => None,
    });
    let (Some(number), Some((start, expires_at))) = (number, terms) else { return Vec::new() };
    let time = |at: jiff::Timestamp| at.to_zoned(program.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let end = match expires_at {
        Some(end) => say(lang, "why ends", &[&time(*end)]),
        None => say(lang, "why never", &[]),
    };
    let mut parts = vec![say(lang, "why lot", &[&number, &end])];
    match start {
        Start::Usable => {}
        Start::At(from) => parts.push(say(lang, "why pending", &[&time(*from)])),
        Start::On { event, .. } => parts.push(say(lang, "why waits", &[event.as_str()])),
    }
    parts
}

/// A ratio as a decimal where it ends within six places, else as a fraction.
pub(crate) fn shown(ratio: crate::number::Ratio) -> String {
    let million = 1_000_000i128;
    let scaled = ratio.over().checked_mul(million).filter(|scaled| scaled % ratio.under() == 0);
    match scaled.and_then(|scaled| i64::try_from(scaled / ratio.under()).ok()) {
        Some(digits) => {
            let text = decimal(digits, 6);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        None => ratio.to_string(),
    }
}
