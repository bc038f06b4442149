//! People in words, for the terminal.

use engine::people::enrol::Enrolled;
use engine::people::find::Found;
use engine::people::lifecycle::Round;
use engine::people::show::Shown;
use engine::record::consent::Standing;
use engine::record::identity::duplicates::{Evidence, Likeness};
use engine::record::identity::kinds::Rules;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use loyalty::number::decimal;
use std::fmt::Write as _;
use store::Identifier;

fn key_words(keys: &[Identifier]) -> String {
    keys.iter().map(|key| format!("{} {}", key.kind, key.value)).collect::<Vec<_>>().join(", ")
}

/// Those who were found.
pub fn found(found: &[Found]) -> String {
    if found.is_empty() {
        return "nobody\n".to_owned();
    }
    found.iter().fold(String::new(), |mut text, one| {
        let name = if one.name.is_empty() { "(no name)" } else { one.name.as_str() };
        let _ = writeln!(text, "{}  {name}  {}", one.customer, key_words(&one.keys));
        text
    })
}

/// Those who may be one.
pub fn likely(likely: &[Likeness]) -> String {
    if likely.is_empty() {
        return "nobody looks like somebody else\n".to_owned();
    }
    likely.iter().fold(String::new(), |mut text, one| {
        let _ = writeln!(text, "{}  {}  {}", one.a, one.b, evidence(one));
        text
    })
}

fn evidence(one: &Likeness) -> String {
    let word = |evidence: &Evidence| match evidence {
        Evidence::PhoneMistyped(a, b) => format!("numbers {a} and {b} differ by a slip"),
        Evidence::EmailMistyped(a, b) => format!("addresses {a} and {b} differ by a slip"),
        Evidence::SameBirthday(day) => format!("both born {day}"),
        Evidence::SameName(name) => format!("both called {name}"),
    };
    one.evidence.iter().map(word).collect::<Vec<_>>().join("; ")
}

/// Somebody who was enrolled.
pub fn enrolled(done: &Enrolled) -> String {
    let mut text = format!("{}  {}\n", done.customer, if done.is_new { "new" } else { "known" });
    if !done.name.is_empty() {
        let _ = writeln!(text, "  name: {}", done.name);
    }
    if !done.joined.is_empty() {
        let _ = writeln!(text, "  joined: {}", done.joined.join(", "));
    }
    for from in &done.merged {
        let _ = writeln!(text, "  {from} is the same person, and merged");
    }
    for (kind, why) in &done.left_out {
        let _ = writeln!(text, "  left out {kind}: {why}");
    }
    for one in &done.likely {
        let _ = writeln!(text, "  may be {}: {}", one.b, evidence(one));
    }
    if !done.to_ask.is_empty() {
        let _ = writeln!(text, "  to ask some time: {}", done.to_ask.join(", "));
    }
    text
}

/// A customer's identifiers, and those that ended.
pub fn keys(shown: &Shown) -> String {
    let mut text = format!("{}\n", shown.customer);
    for key in &shown.keys {
        let _ = writeln!(text, "  {} {}", key.kind, key.value);
    }
    for former in &shown.former_keys {
        let _ = writeln!(text, "  no more: {} {} ({})", former.key.kind, former.key.value, former.reason);
    }
    text
}

/// One customer.
pub fn shown(shown: &Shown, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date().to_string();
    let mut text = keys(shown);
    if let Some(asked) = &shown.asked {
        let _ = writeln!(text, "  ({asked} was merged into this customer)");
    }
    if !shown.name.full.is_empty() {
        let _ = writeln!(text, "  name: {}", shown.name.full);
    }
    let _ = writeln!(text, "  known since {}", day(shown.known_since));
    for field in shown.fields.iter().filter(|field| !field.field.ends_with("name")) {
        let _ = writeln!(text, "  {}: {} (by {})", field.field, field.value, field.source);
    }
    for attribute in &shown.attributes {
        let _ = writeln!(text, "  {}: {}", attribute.name, attribute.value);
    }
    if !shown.tags.is_empty() {
        let _ = writeln!(text, "  tags: {}", shown.tags.join(", "));
    }
    for consent in &shown.consents {
        let standing = match consent.standing {
            Standing::Silent => "nothing said",
            Standing::Pending { .. } => "asked, not confirmed",
            Standing::Granted { .. } => "granted",
            Standing::Expired { .. } => "run out",
            Standing::Refused { .. } => "refused",
        };
        let _ =
            writeln!(text, "  {} by {} to {}: {standing}", consent.purpose, consent.channel, consent.address);
    }
    for program in &shown.programs {
        let _ = writeln!(text, "  program {} since {}", program.program, day(program.joined_at));
        for wallet in &program.wallets {
            let units = |units: i64| decimal(units, wallet.precision);
            let _ = write!(text, "    {}: {} to spend", wallet.wallet, units(wallet.available));
            for (what, amount) in [("pending", wallet.pending), ("held", wallet.held), ("owed", wallet.owed)]
            {
                if amount != 0 {
                    let _ = write!(text, ", {} {what}", units(amount));
                }
            }
            if let Some((end, left)) = wallet.next_expiry {
                let _ = write!(text, "; {} end on {}", units(left), day(end));
            }
            text.push('\n');
        }
        for tier in &program.tiers {
            let until = tier.ends_on.map_or_else(String::new, |end| format!(" until before {end}"));
            let _ = writeln!(text, "    {} {} since {}{until}", tier.ladder, tier.tier, tier.since);
        }
        for voucher in &program.vouchers {
            let _ = writeln!(
                text,
                "    voucher {} ({}) until {}",
                voucher.code,
                voucher.reward,
                day(voucher.ends_at)
            );
        }
    }
    for stage in &shown.lifecycle {
        let _ = writeln!(text, "  {} {}: {}", day(stage.since), stage.state, stage.reason);
    }
    for merge in &shown.merges {
        let when = Timestamp::from_microsecond(merge.merged_at).map_or_else(|_| String::new(), day);
        let parted = if merge.parted_at.is_some() { ", parted since" } else { "" };
        let _ = writeln!(
            text,
            "  {when} {} into {} by {}: {}{parted}",
            merge.from_id, merge.into_id, merge.merged_by, merge.evidence
        );
    }
    text
}

/// The rules.
pub fn rules(rules: &Rules) -> String {
    let mut text = format!("telephone numbers are read as of {}\n", rules.country);
    for kind in &rules.kinds {
        let shared = if kind.merges { "" } else { "  shared: makes nobody the same" };
        let _ = writeln!(text, "  {:<16} at most {}{shared}", kind.name, kind.limit);
    }
    for value in &rules.blocked {
        let _ = writeln!(text, "  blocked: {value}");
    }
    text
}

/// A round.
pub fn round(round: &Round, settled: u64, indexed: u64) -> String {
    let mut text = format!("{} customers looked at\n", round.customers);
    for (state, count) in &round.changes {
        let _ = writeln!(text, "  {count} now {state}");
    }
    if indexed > 0 {
        let _ = writeln!(text, "  {indexed} can be found by name now");
    }
    if settled > 0 {
        let _ = writeln!(text, "  {settled} rows of margin and reward cost written");
    }
    text
}
