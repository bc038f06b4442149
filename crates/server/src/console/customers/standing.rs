//! How a customer stands in each program: tiers with what is missing, wallets with what runs out.

use super::super::reader::Reader;
use crate::problem::Problem;
use engine::record::program::InForce;
use engine::record::view::Shelf;
use jiff::civil::Date;
use loyalty::number::decimal;
use loyalty::program::spec::Counted;
use serde::Serialize;

/// A customer in a program.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// The program's id.
    pub program: String,
    /// Its name.
    pub name: String,
    /// Since when.
    pub joined_on: Date,
    /// On each ladder.
    pub tiers: Vec<Tier>,
    /// In each wallet.
    pub wallets: Vec<Wallet>,
}

/// A standing on a ladder.
#[derive(Debug, Clone, Serialize)]
pub struct Tier {
    /// The ladder's name.
    pub ladder: String,
    /// The tier's.
    pub tier: String,
    /// The name of the next, where there is one.
    pub next: Option<String>,
    /// What is missing to it, in words.
    pub missing: Option<String>,
    /// How far one is towards it, 0 to 100.
    pub share: u32,
    /// The day on which the tier ends unless kept.
    pub ends_on: Option<Date>,
    /// What is missing to keep it, in words; empty where nothing is.
    pub to_keep: String,
}

/// What a wallet holds, as decimals.
#[derive(Debug, Clone, Serialize)]
pub struct Wallet {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Can be spent.
    pub available: String,
    /// Earned, not usable yet; empty where nothing is.
    pub pending: String,
    /// Set aside; empty where nothing is.
    pub held: String,
    /// Owed; empty where nothing is.
    pub owed: String,
    /// What runs out next, and on which day.
    pub runs_out: Option<(String, Date)>,
}

impl Standing {
    /// What a shelf says.
    pub fn of(reader: &Reader, in_force: &InForce, shelf: &Shelf) -> Standing {
        let (program, member) = (&in_force.program, shelf.member());
        let (code, today) = (reader.loyalty_lang().code(), program.day(shelf.at));
        let ladders = program.ladders.iter().zip(&member.standings);
        let tiers = ladders.filter_map(|(ladder, standing)| {
            let thresholds = loyalty::tier::thresholds(program, ladder);
            let outlook = loyalty::tier::outlook(ladder, &thresholds, member.joined_on, standing, today);
            let present = ladder.tier.get(outlook.level)?;
            let counted = |units: i64| match ladder.counts {
                Counted::Spend => reader.habit().money(units),
                Counted::Points => {
                    let precision = program.wallets.first().map_or(0, |wallet| wallet.precision);
                    decimal(units, precision)
                }
                _ => reader.habit().count(units),
            };
            let next = thresholds.get(outlook.level + 1).copied();
            let share = next
                .filter(|next| *next > 0)
                .map_or(100, |next| u32::try_from((outlook.total.clamp(0, next)) * 100 / next).unwrap_or(0));
            Some(Tier {
                ladder: ladder.name.in_language(code).to_owned(),
                tier: present.name.in_language(code).to_owned(),
                next: ladder.tier.get(outlook.level + 1).map(|next| next.name.in_language(code).to_owned()),
                missing: outlook.to_next.map(counted),
                share,
                ends_on: outlook.ends_on,
                to_keep: if outlook.to_keep > 0 { counted(outlook.to_keep) } else { String::new() },
            })
        });
        let wallets = program.wallets.iter().zip(&member.accounts).map(|(wallet, account)| {
            let balance = account.balance(shelf.at);
            let shown =
                |units: i64| if units == 0 { String::new() } else { decimal(units, wallet.precision) };
            Wallet {
                id: wallet.id.to_string(),
                name: wallet.name.in_language(code).to_owned(),
                available: decimal(balance.available, wallet.precision),
                pending: shown(balance.pending),
                held: shown(balance.held),
                owed: shown(balance.owed),
                runs_out: balance
                    .expirations
                    .first()
                    .map(|(at, units)| (decimal(*units, wallet.precision), program.day(*at))),
            }
        });
        Standing {
            program: program.head.id.to_string(),
            name: program.head.name.in_language(code).to_owned(),
            joined_on: member.joined_on,
            tiers: tiers.collect(),
            wallets: wallets.collect(),
        }
    }
}

/// Points as somebody writes them, in the smallest units of a wallet: `12`, `-3,5`.
pub fn units(text: &str, precision: u32) -> Result<i64, Problem> {
    let wrong = || Problem::of_body("/units", "a number of points, such as 50 or -12");
    let plain = text.trim().replace('−', "-").replace(',', ".").replace(' ', "");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    if fraction.len() > precision as usize || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let digits = format!("{whole}{fraction:0<width$}", width = precision as usize);
    let units: i64 = digits.parse().map_err(|_| wrong())?;
    if units == 0 { Err(wrong()) } else { Ok(units) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_people_write_them() {
        for (text, precision, read) in [
            ("50", 0, Some(50)),
            (" -12 ", 0, Some(-12)),
            ("−12", 0, Some(-12)),
            ("1,5", 1, Some(15)),
            ("1.5", 2, Some(150)),
            ("+3", 0, Some(3)),
            ("1.5", 0, None),
            ("0", 0, None),
            ("", 0, None),
            ("many", 0, None),
            ("9999999999999999999", 0, None),
        ] {
            assert_eq!(units(text, precision).ok(), read, "{text}");
        }
    }
}
