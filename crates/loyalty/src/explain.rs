//! Why an entry is what it is, as a sentence. The data behind it are the posting and, for points that a rule gave, its
//! [`Working`]; the sentence only reads them out.

use crate::earning::Working;
use crate::judge::Output;
use crate::ledger::{Posted, Posting, Pot, Start, Terms};
use crate::name::Name;
use crate::number::decimal;
use crate::program::{Lang, Program};
use crate::words::{money_of, points, say};

/// The sentence of an output, where it is an entry.
pub fn explain(program: &Program, output: &Output, lang: Lang) -> Option<String> {
    let Output::Posted { wallet, posting, working, .. } = output else { return None };
    Some(explain_posting(program, wallet.as_str(), posting, working.as_deref(), lang))
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
    let stop = if lang == Lang::Zh { "；" } else { "; " };
    let end = if lang == Lang::Zh { "。" } else { "." };
    let parts = match working {
        Some(working) => award(program, place, posting, working, lang),
        None => vec![plain(program, place, posting, lang)],
    };
    format!("{}{end}", parts.join(stop))
}

fn plain(program: &Program, wallet: usize, posting: &Posting, lang: Lang) -> String {
    let key = serde_json::to_value(posting.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    let key = format!("posted {}", key.unwrap_or_default());
    let cause = &posting.cause;
    let known = [
        "order",
        "return",
        "event",
        "redemption",
        "time",
        "staff",
        "tier",
        "mission",
        "referral",
        "surprise",
    ];
    let known = known.iter().chain(&["policy", "activity", "transfer", "merge", "unmerge"]);
    let fact = match known.into_iter().find(|kind| cause.kind == **kind) {
        Some(kind) => say(lang, &format!("fact {kind}"), &[]),
        None => cause.kind.to_string(),
    };
    say(lang, &key, &[&points(program, wallet, moved(posting), lang), &fact, cause.id.as_str()])
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
    let money = |minor: i64| money_of(currency, minor);
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
        let each =
            format!("{} {}", exact(working.points), program.wallets[wallet].name.in_language(lang.code()));
        parts.push(say(lang, key, &[&money(working.every), &each]));
    } else if let Some(base) = working.multiplied {
        parts.push(say(lang, "why multiple", &[&units(base), &shown(working.points)]));
    } else if let Some(quantity) = rule.map(|rule| &rule.quantity) {
        match quantity {
            crate::program::Quantity::PerUnit(each) => {
                let each =
                    format!("{} {}", exact(*each), program.wallets[wallet].name.in_language(lang.code()));
                let count = shown(
                    crate::number::Ratio::new(i128::from(working.quantity_milli), 1000)
                        .unwrap_or(crate::number::Ratio::ONE),
                );
                parts.push(say(lang, "why units", &[&count, &each]));
            }
            crate::program::Quantity::Fixed { points, .. } => {
                parts.push(say(lang, "why fixed", &[&units(*points)]))
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
        parts.push(say(lang, "why tier", &[name, &shown(*factor)]));
    }
    let rounding = format!("rounding {}", rounding(working));
    let rounded = working.rounded + working.summed.map_or(0, |(_, given)| given);
    parts.push(say(lang, "why exact", &[&exact(working.exact), &say(lang, &rounding, &[]), &units(rounded)]));
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
