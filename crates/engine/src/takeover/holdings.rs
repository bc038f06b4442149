//! What members hold in the old system, row by row: points, tiers and the way to them, vouchers, cards, balances.

use super::book::{Lot, Voucher};
use super::files::Reading;
use super::rows::{Line, Problems, Table};
use loyalty::program::Program;

impl<'a> Reading<'a> {
    /// The place and precision of a wallet of the program.
    fn wallet(&self, line: &Line<'_>, problems: &mut Problems) -> Option<(usize, u32)> {
        let name = line.needed("wallet", problems)?;
        let program = self.needs_program(line, "wallet", problems)?;
        let place = program.wallet(&name);
        if place.is_none() {
            let known: Vec<&str> = program.wallets.iter().map(|wallet| wallet.id.as_str()).collect();
            problems.add(
                line.problem(
                    "wallet",
                    &format!("the program has no such wallet; known: {}", known.join(", ")),
                ),
            );
        }
        place.map(|place| (place, program.wallets[place].precision))
    }

    pub(super) fn lot(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, wallet) = (self.of(line, problems), self.wallet(line, problems));
        let (Some(place), Some((wallet, precision))) = (place, wallet) else { return };
        let units = line.units("points", precision, problems);
        let earned_on = line.needed_day("earned_on", problems);
        let earned_on = earned_on.and_then(|day| self.past(line, "earned_on", day, problems));
        let usable_from = line.day("usable_from", problems);
        let expires_at = self.end(line, problems);
        let (Some(units), Some(earned_on), Ok(usable_from), Ok(expires_at)) =
            (units, earned_on, usable_from, expires_at)
        else {
            return;
        };
        if units == 0 {
            return problems.add(line.problem("points", "no points: leave the row out"));
        }
        let lot = Lot {
            wallet,
            units,
            earned_at: self.start(earned_on),
            usable_from: usable_from.map(|day| self.start(day)).filter(|from| *from > self.now),
            expires_at,
            reference: line.text("reference").to_owned(),
        };
        self.book.members[place].lots.push(lot);
    }

    fn ladder(&self, line: &Line<'_>, problems: &mut Problems) -> Option<(&'a Program, usize)> {
        let name = line.needed("ladder", problems)?;
        let program = self.needs_program(line, "ladder", problems)?;
        let place = program.ladders.iter().position(|ladder| ladder.id == *name.as_str());
        if place.is_none() {
            let known: Vec<&str> = program.ladders.iter().map(|ladder| ladder.id.as_str()).collect();
            problems.add(
                line.problem(
                    "ladder",
                    &format!("the program has no such ladder; known: {}", known.join(", ")),
                ),
            );
        }
        place.map(|place| (program, place))
    }

    pub(super) fn tier(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, ladder) = (self.of(line, problems), self.ladder(line, problems));
        let (Some(place), Some((program, ladder))) = (place, ladder) else { return };
        let tiers = &program.ladders[ladder].tier;
        let Some(level) = tiers.iter().position(|tier| tier.id == *line.text("tier")) else {
            let known: Vec<&str> = tiers.iter().map(|tier| tier.id.as_str()).collect();
            return problems.add(
                line.problem("tier", &format!("the ladder has no such tier; known: {}", known.join(", "))),
            );
        };
        let since = line.needed_day("since", problems);
        let Some(since) = since.and_then(|day| self.past(line, "since", day, problems)) else { return };
        if self.end(line, problems).is_err() {
            return;
        }
        let Ok(until) = line.day("valid_until", problems) else { return };
        let member = &mut self.book.members[place];
        if member.tiers.iter().any(|known| known.0 == ladder) {
            return problems.add(line.problem("ladder", "this member has a tier on this ladder already"));
        }
        member.tiers.push((ladder, level, since, until.and_then(|day| day.tomorrow().ok())));
    }

    pub(super) fn progress(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, ladder) = (self.of(line, problems), self.ladder(line, problems));
        let (Some(place), Some((program, ladder))) = (place, ladder) else { return };
        let scale = progress_scale(program, ladder);
        let (Some(day), Some(units)) =
            (line.needed_day("day", problems), line.units("counted", scale, problems))
        else {
            return;
        };
        let Some(day) = self.past(line, "day", day, problems) else { return };
        self.book.members[place].progress.push((ladder, day, units));
    }

    pub(super) fn voucher(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (Some(place), Some(code)) = (self.of(line, problems), line.needed("code", problems)) else {
            return;
        };
        let Some(program) = self.needs_program(line, "reward", problems) else { return };
        let Some(reward) = program.rewards.iter().find(|reward| reward.id == *line.text("reward")) else {
            let known: Vec<&str> = program.rewards.iter().map(|reward| reward.id.as_str()).collect();
            return problems.add(
                line.problem(
                    "reward",
                    &format!("the program has no such reward; known: {}", known.join(", ")),
                ),
            );
        };
        let Ok(end) = self.end(line, problems) else { return };
        let Some(ends_at) = end else {
            return problems.add(line.problem("valid_until", "this must not be empty"));
        };
        if !self.codes.insert(code.clone()) {
            return problems.add(line.problem("code", "this code is there twice"));
        }
        let uses_left = match line.text("uses_left") {
            "" => Some(1),
            _ => line.units("uses_left", 0, problems).filter(|uses| *uses > 0),
        };
        let value_minor = match line.text("value") {
            "" => Some(reward.value.and_then(|value| value.units(program.decimals())).unwrap_or(0)),
            _ => line.units("value", program.decimals(), problems),
        };
        let (Some(uses_left), Some(value_minor)) = (uses_left, value_minor) else { return };
        let voucher = Voucher { code, reward: reward.id.to_string(), ends_at, uses_left, value_minor };
        self.book.members[place].vouchers.push(voucher);
    }

    pub(super) fn gift_card(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let Some(code) = line.needed("code", problems) else { return };
        let Some(program) = self.needs_program(line, "code", problems) else { return };
        let Some(minor) = line.units("balance", program.decimals(), problems) else { return };
        if !self.codes.insert(code.clone()) {
            return problems.add(line.problem("code", "this code is there twice"));
        }
        self.book.gift_cards.push((code, minor));
    }

    pub(super) fn balance(&mut self, _: &Table<'_>, line: &Line<'_>, problems: &mut Problems) {
        let (place, wallet) = (self.of(line, problems), self.wallet(line, problems));
        let (Some(place), Some((wallet, precision))) = (place, wallet) else { return };
        if let Some(units) = line.units("points", precision, problems) {
            self.book.balances.push((place, wallet, units));
        }
    }
}

/// Decimals of what a ladder counts.
fn progress_scale(program: &Program, ladder: usize) -> u32 {
    use loyalty::program::spec::Counted;
    let ladder = &program.ladders[ladder];
    match ladder.counts {
        Counted::Points => {
            let wallet = ladder.wallet.as_ref().and_then(|wallet| program.wallet(wallet.as_str()));
            wallet.map_or(0, |wallet| program.wallets[wallet].precision)
        }
        Counted::Spend => program.decimals(),
        Counted::Orders | Counted::Visits => 0,
    }
}
