//! What is known while a program is checked, and the problems found.

use crate::condition::{Asked, Condition, NotACondition};
use crate::name::Name;
use crate::number::Number;
use crate::program::compile::Wrong;
use crate::program::load::{Placed, Problem};
use crate::program::spec;
use domain::Currency;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The names other tables may use.
pub(super) struct Known {
    pub wallets: Vec<(Name, u32)>,
    pub tiers: BTreeSet<Name>,
    pub groups: BTreeSet<Name>,
    pub funders: BTreeSet<Name>,
    pub rules: BTreeSet<Name>,
    pub currency: Currency,
}

impl Known {
    pub fn precision(&self, wallet: &Name) -> Option<u32> {
        self.wallets.iter().find(|(id, _)| id == wallet).map(|(_, precision)| *precision)
    }
}

/// Problems found, with the words that name a missing thing.
pub(super) struct Found(pub Vec<Problem>);

impl Found {
    pub fn add<T>(&mut self, placed: &Placed<T>, what: impl Into<String>, mend: impl Into<String>) {
        self.0.push(placed.problem(what, mend));
    }

    pub fn keep<T, V>(&mut self, placed: &Placed<T>, result: Result<V, Wrong>) -> Option<V> {
        result.map_err(|(what, mend)| self.add(placed, what, mend)).ok()
    }

    pub fn exists<'a, T>(
        &mut self,
        placed: &Placed<T>,
        kind: &str,
        name: &Name,
        known: impl IntoIterator<Item = &'a Name>,
    ) -> bool {
        let known: Vec<&Name> = known.into_iter().collect();
        if known.contains(&name) {
            return true;
        }
        let list: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
        let list =
            if list.is_empty() { "there is none".to_owned() } else { format!("known: {}", list.join(", ")) };
        self.add(placed, format!("{kind} '{name}' does not exist"), list);
        false
    }

    pub fn condition<T>(
        &mut self,
        placed: &Placed<T>,
        key: &str,
        source: &Option<String>,
        asked: Asked,
    ) -> Option<Condition> {
        let source = source.as_ref()?;
        match Condition::compile(source, asked) {
            Ok(condition) => Some(condition),
            Err(error) => {
                let mend = match &error {
                    NotACondition::NeverThere { mend, .. } => mend,
                    NotACondition::Malformed(what) if what.contains("at: '= ") => "equal is written ==",
                    _ => "see the conditions page of the manual",
                };
                self.add(placed, format!("{key} = '{source}': {error}"), mend);
                None
            }
        }
    }

    pub fn unique<'a, T: 'a>(&mut self, kind: &str, all: &'a [Placed<T>], id: impl Fn(&'a T) -> &'a Name) {
        let mut seen = BTreeSet::new();
        for placed in all {
            let name = id(&placed.item);
            if !seen.insert(name) {
                self.add(placed, format!("{kind} '{name}' is there twice"), "give each an id of its own");
            }
            self.id(placed, name);
        }
    }

    /// Ids stand in commands, in other tables and in the ledger for ever: letters that survive all of that.
    pub fn id<T>(&mut self, placed: &Placed<T>, name: &Name) {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let id = name.as_str();
        if id.is_empty() || id.len() > 64 || !id.chars().all(is_plain) {
            self.add(placed, format!("'{name}' is not an id"), "use 1 to 64 letters, digits, - and _");
        }
    }

    /// A number of which any decimals may be meant, so that a thousand with a point looks like one.
    pub fn plain_number<T>(&mut self, placed: &Placed<T>, key: &str, number: Number, scale: u32) {
        if let Some(plainer) = number.plainer().filter(|_| scale < 3) {
            let thousands = number.0.digits;
            self.add(
                placed,
                format!("{key} = \"{number}\" can be read as {thousands} or as {plainer}"),
                format!("write {thousands}, or \"{plainer}\""),
            );
        }
    }

    pub fn gift<T>(&mut self, placed: &Placed<T>, gift: &spec::Gift, known: &Known) {
        let wallets = known.wallets.iter().map(|(id, _)| id);
        self.exists(placed, "funder", &gift.funder, &known.funders);
        if self.exists(placed, "wallet", &gift.wallet, wallets) {
            self.points(placed, "points", gift.points, &gift.wallet, known);
        }
    }

    pub fn points<T>(&mut self, placed: &Placed<T>, key: &str, number: Number, wallet: &Name, known: &Known) {
        let precision = known.precision(wallet).unwrap_or(0);
        if number.units(precision).is_none_or(|units| units <= 0) {
            let what =
                format!("{key} = {number} does not exist in wallet '{wallet}' of precision {precision}");
            self.add(placed, what, "write a number above zero with that many decimals");
        }
    }

    pub fn money<T>(&mut self, placed: &Placed<T>, key: &str, number: Option<Number>, known: &Known) {
        let Some(number) = number else { return };
        let decimals = known.currency.decimals();
        if number.units(decimals).is_none_or(|minor| minor < 0) {
            let what = format!("{key} = {number} is not an amount of {}", known.currency);
            self.add(placed, what, format!("write zero or more with at most {decimals} decimals"));
        }
    }

    pub fn interval<T>(&mut self, placed: &Placed<T>, from: Option<Date>, until: Option<Date>) {
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            let mend = "until is the day after the last: it comes after from";
            self.add(placed, format!("it ends on {until}, before it begins on {from}"), mend);
        }
    }
}
