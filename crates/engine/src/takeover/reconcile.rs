//! Holding what we have against what the old system says: every member, and the sums.

use super::book::{Book, Member as Old};
use super::post::old_key;
use super::{LISTED, Options, Stopped};
use crate::record::program::InForce;
use loyalty::ledger::Account;
use loyalty::member::Member;
use loyalty::number::decimal;
use loyalty::program::Program;
use serde::Serialize;
use std::collections::BTreeMap;
use store::Writing;

/// Something that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The old system's key of the member; empty for a sum.
    pub member: String,
    /// What: `points beans`, `tier status`, a sum.
    pub what: String,
    /// In the old system.
    pub old: String,
    /// Here.
    pub here: String,
}

/// A sum, ours beside the old system's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Of what.
    pub what: String,
    /// In the old system: its own figure where `totals.csv` has it, else the sum of the files.
    pub old: String,
    /// Here.
    pub here: String,
}

impl Total {
    /// The difference, where there is one.
    pub fn difference(&self) -> Option<Difference> {
        let (what, old, here) = (self.what.clone(), self.old.clone(), self.here.clone());
        (self.old != self.here).then_some(Difference { member: String::new(), what, old, here })
    }
}

/// Sums by what they are of, with the decimals of their unit.
type Sums = BTreeMap<String, (i64, u32)>;

/// What a comparison comes to.
#[derive(Default)]
pub(super) struct Compared {
    /// Where members differ; at most [`LISTED`].
    pub differences: Vec<Difference>,
    /// How many members were looked at.
    pub members: u64,
    here: Sums,
    old: Sums,
}

/// How many members are read at once.
const PAGE: usize = 1000;

/// Members by their place in the book, each with who they are here, and those nobody knows.
pub(super) type Known = (Vec<(usize, String)>, Vec<Difference>);

/// Who the members of the files are here, by their place in the book. Who is not known is a difference, unless the person
/// was erased.
pub(super) fn known(reading: &Writing<'_>, book: &Book, options: &Options<'_>) -> Result<Known, Stopped> {
    let (mut of, mut missing) = (Vec::new(), Vec::new());
    let places: Vec<usize> = (0..book.members.len()).collect();
    for places in places.chunks(PAGE) {
        let keys: Vec<_> = places.iter().map(|place| old_key(options, &book.members[*place].key)).collect();
        for (place, owner) in places.iter().zip(reading.owners_of(&keys)?) {
            let key = &keys[*place - places[0]];
            match owner {
                Some(owner) => of.push((*place, owner)),
                None if reading.erased_owners(std::slice::from_ref(key))?[0].is_some() => {}
                None => differ(&mut missing, &key.value, "member", "there", "not known"),
            }
        }
    }
    Ok((of, missing))
}

/// Compare members, each given by place in the book and id here.
pub(super) fn compare(
    reading: &Writing<'_>,
    in_force: Option<&InForce>,
    book: &Book,
    of: &[(usize, String)],
    options: &Options<'_>,
) -> Result<Compared, Stopped> {
    let mut compared = Compared::default();
    let mut said: BTreeMap<usize, Vec<(usize, i64)>> = BTreeMap::new();
    for (place, wallet, units) in &book.balances {
        said.entry(*place).or_default().push((*wallet, *units));
    }
    let add = |sums: &mut Sums, what: &str, units: i64, scale: u32| {
        sums.entry(what.to_owned()).or_insert((0, scale)).0 += units;
    };
    for page in of.chunks(PAGE) {
        let ids: Vec<&str> = page.iter().map(|(_, id)| id.as_str()).collect();
        let consents = reading.count_consents(&ids)?;
        add(&mut compared.here, "consents", consents, 0);
        add(&mut compared.here, "cards", reading.count_keys("card_number", options.source, &ids)?, 0);
        let mut members: BTreeMap<String, Member> = BTreeMap::new();
        if let Some(in_force) = in_force {
            for row in reading.find_members(in_force.program.head.id.as_str(), &ids)? {
                members
                    .insert(row.customer_id.clone(), crate::record::books::member(&in_force.program, &row)?);
            }
        }
        for (place, id) in page {
            let old = &book.members[*place];
            compared.members += 1;
            add(&mut compared.here, "members", 1, 0);
            add(&mut compared.old, "members", 1, 0);
            add(&mut compared.old, "consents", old.consents.len() as i64, 0);
            let cards = old.keys.iter().filter(|(kind, _)| kind == "card_number").count();
            add(&mut compared.old, "cards", cards as i64, 0);
            let Some(in_force) = in_force else { continue };
            let program = &in_force.program;
            let Some(member) = members.get(id) else {
                differ(&mut compared.differences, &old.key, "member", "there", "not a member of the program");
                continue;
            };
            let vouchers = reading.vouchers_of(program.head.id.as_str(), id)?.len() as i64;
            add(&mut compared.here, "vouchers", vouchers, 0);
            add(&mut compared.old, "vouchers", old.vouchers.len() as i64, 0);
            for (wallet, account) in program.wallets.iter().zip(&member.accounts) {
                let what = format!("points.{}", wallet.id);
                add(&mut compared.here, &what, has(account, options), wallet.precision);
            }
            for lot in &old.lots {
                let wallet = &program.wallets[lot.wallet];
                add(&mut compared.old, &format!("points.{}", wallet.id), lot.units, wallet.precision);
            }
            of_member(program, member, old, said.get(place), options, &mut compared.differences);
        }
    }
    Ok(compared)
}

/// What a member has, held and pending points included.
fn has(account: &Account, options: &Options<'_>) -> i64 {
    let balance = account.balance(options.now.max(account.at()));
    balance.available + balance.pending + balance.held - balance.owed
}

fn differ(all: &mut Vec<Difference>, member: &str, what: &str, old: &str, here: &str) {
    if all.len() < LISTED {
        let (member, what) = (member.to_owned(), what.to_owned());
        all.push(Difference { member, what, old: old.to_owned(), here: here.to_owned() });
    }
}

fn of_member(
    program: &Program,
    member: &Member,
    old: &Old,
    said: Option<&Vec<(usize, i64)>>,
    options: &Options<'_>,
    all: &mut Vec<Difference>,
) {
    for (wallet, account) in member.accounts.iter().enumerate() {
        let own: i64 = old.lots.iter().filter(|lot| lot.wallet == wallet).map(|lot| lot.units).sum();
        // What the old system itself says goes before the sum of its lots, and both must be true where both are there.
        let words = said.into_iter().flatten().filter(|(of, _)| *of == wallet).map(|(_, units)| *units);
        let lots = (!old.lots.is_empty() || said.is_none()).then_some(own);
        let here = has(account, options);
        for units in words.chain(lots).filter(|units| *units != here) {
            let precision = program.wallets[wallet].precision;
            let what = format!("points {}", program.wallets[wallet].id);
            differ(all, &old.key, &what, &decimal(units, precision), &decimal(here, precision));
        }
    }
    let today = program.day(options.now);
    for (ladder, level, _, ends_on) in &old.tiers {
        let spec = &program.ladders[*ladder];
        let standing = &member.standings[*ladder];
        let here = standing.steps.iter().rev().find(|step| step.day <= today);
        let word = |level: usize, ends_on: Option<jiff::civil::Date>| {
            let until = ends_on.map_or_else(|| "for good".to_owned(), |day| format!("before {day}"));
            format!("{} {until}", spec.tier[level].id)
        };
        let (old_word, here) = (word(*level, *ends_on), here.map(|step| word(step.level, step.ends_on)));
        if here.as_deref() != Some(old_word.as_str()) {
            differ(all, &old.key, &format!("tier {}", spec.id), &old_word, here.as_deref().unwrap_or("none"));
        }
    }
}

impl Compared {
    /// The sums, ours beside the old system's own where `totals.csv` has them, else beside those of the files.
    pub(super) fn totals(
        mut self,
        reading: &Writing<'_>,
        in_force: Option<&InForce>,
        book: &Book,
    ) -> Result<Vec<Total>, Stopped> {
        if let Some(in_force) = in_force {
            let scale = in_force.program.decimals();
            let codes: Vec<&str> = book.gift_cards.iter().map(|(code, _)| code.as_str()).collect();
            let mut value = 0;
            let rows = reading.lock_gift_cards(in_force.program.head.id.as_str(), &codes)?;
            for row in &rows {
                let card: Account =
                    crate::record::books::value(&row.state, || format!("gift card {}", row.id))?;
                value += card.usable();
            }
            self.here.insert("gift_cards".to_owned(), (rows.len() as i64, 0));
            self.here.insert("gift_card_value".to_owned(), (value, scale));
            self.old.insert("gift_cards".to_owned(), (book.gift_cards.len() as i64, 0));
            let sum = book.gift_cards.iter().map(|(_, minor)| minor).sum();
            self.old.insert("gift_card_value".to_owned(), (sum, scale));
        }
        let total = |(what, (units, scale)): (String, (i64, u32))| {
            let of_files = self.old.get(&what).map_or(0, |(units, _)| *units);
            let of = book.totals.get(&what).copied().unwrap_or(of_files);
            Total { old: decimal(of, scale), here: decimal(units, scale), what }
        };
        Ok(std::mem::take(&mut self.here).into_iter().map(total).collect())
    }
}
