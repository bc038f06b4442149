//! Orders, claims of anonymous bills, and events.

use super::{Books, Output, Shared, posted, present, refused, resolve};
use crate::condition::Seen;
use crate::earning::{Award, Occasion, What, expires_at, policy, rate};
use crate::fact::{Claim, Custom, Order};
use crate::ledger::{Cause, LotId, Opening, Start};
use crate::member::{AwardRecord, CardRecord, LineRecord, Member, OrderRecord, SpentRecord, VoucherRecord};
use crate::name::Name;
use crate::program::Program;
use crate::program::spec::{AsOf, Counted, Gift, Pending};
use crate::time::{Moment, Period, start_of};
use crate::voucher::{Answer, count_use, stack};
use domain::{Currency, Points};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use std::collections::{BTreeMap, BTreeSet};

/// No amount of a bill may pass this: a thousand times the world's product in đồng, and far below overflow.
const LARGEST: i64 = 1_000_000_000_000_000;

pub(super) fn order(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    order: &Order,
    out: &mut Vec<Output>,
) {
    if books.shared.owners.contains_key(&order.id) || books.shared.anonymous.contains_key(&order.id) {
        return out.push(Output::Repeated { id: order.id.clone() });
    }
    if let Err(why) = sound(order) {
        return refused(&order.id, "malformed", why, out);
    }
    match &order.member {
        None => {
            let ordered_at = order.ordered_at.unwrap_or(now);
            books.shared.anonymous.insert(order.id.clone(), (ordered_at, order.clone()));
        }
        Some(member) => attach(program, books, now, member, order, out),
    }
}

pub(super) fn sound(order: &Order) -> Result<(), String> {
    let fits = |amount: i64| (0..=LARGEST).contains(&amount);
    let mut ids = std::collections::BTreeSet::new();
    for line in &order.lines {
        let amounts = [line.gross_minor, line.discount_minor, line.tax_minor, line.quantity_milli];
        if !amounts.into_iter().all(fits) || line.discount_minor > line.gross_minor {
            return Err(format!(
                "line {} has an amount below zero, beyond {LARGEST}, or a discount above its price: send what was \
                 bought as an order and what came back as a return",
                line.id
            ));
        }
        if !ids.insert(&line.id) {
            return Err(format!("line {} is there twice: give each line an id of its own", line.id));
        }
    }
    if order.lines.len() > 10_000 || !fits(order.shipping_minor) {
        return Err("more than 10000 lines, or shipping below zero".to_owned());
    }
    if order.tenders.iter().any(|tender| !fits(tender.amount_minor)) {
        return Err("a payment below zero or beyond all measure".to_owned());
    }
    Ok(())
}

/// Rate an order for a member and keep what a return will need.
fn attach(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    id: &Name,
    order: &Order,
    out: &mut Vec<Output>,
) {
    let Some((owner, moment, seen)) = enter(program, books, now, id, order, out) else { return };
    crate::surprise::after_order(program, books, &owner, order, &moment, &seen, now, out);
    crate::referral::after_order(program, books, &owner, &order.id, now, out);
    for early in books.shared.early.remove(&order.id).unwrap_or_default() {
        super::returns::back(program, books, now, &early, out);
    }
}

/// Rate an order and write it down, without what happens once in its life.
pub(super) fn enter(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    id: &Name,
    order: &Order,
    out: &mut Vec<Output>,
) -> Option<(Name, Moment, Seen)> {
    let member = present(program, books, now, id, &order.id, out)?;
    let ordered_at = order.ordered_at.unwrap_or(now).min(now);
    let moment = Moment::new(ordered_at, &program.zone);
    let seen = seen(program, member, moment.day);
    let occasion = Occasion {
        moment: &moment,
        what: What::Order(order),
        seen: &seen,
        birthday: member.birthday,
        currency: program.head.currency,
    };
    let owner = member.id.clone();
    let (members, shared) = (&mut books.members, &mut books.shared);
    let member = members.get_mut(&owner).expect("present");
    let summed = sums(program, member, moment.day);
    let awards = rate(program, &occasion, &mut member.tallies, &mut shared.budgets);
    let mut record = record(program, member, order, &moment, ordered_at);
    record.is_foreign = is_foreign(order, program.head.currency);
    for award in awards {
        let (wallet, per_line, working) = (award.wallet, award.per_line.clone(), award.working.clone());
        let rule = program.rules[award.rule].spec.id.clone();
        if let Some(lot) =
            post(program, member, award, Cause::new("order", order.id.as_str()), &moment, now, out)
        {
            record.awards.push(AwardRecord { wallet, lot, rule, per_line, clawed: 0, forgone: 0, working });
        }
    }
    note_sums(&mut record, summed, sums(program, member, moment.day));
    if record.is_foreign {
        foreign_tenders(program, shared, order, out);
    } else {
        record.cards = pay_by_cards(shared, order, now, out);
        record.vouchers = use_vouchers(program, shared, order, ordered_at, out);
    }
    member.orders.insert(order.id.clone(), record);
    member.orders_count += 1;
    shared.owners.insert(order.id.clone(), owner.clone());
    crate::mission::after_order(program, member, order, &occasion, now, out);
    touch(program, member, now, out);
    count(program, member, &order.id, now, out);
    Some((owner, moment, seen))
}

/// What the rules see of a member at an order on `day`.
pub(crate) fn seen(program: &Program, member: &Member, day: Date) -> Seen {
    let tier = |place: usize| {
        let ladder = &program.ladders[place];
        let day = match ladder.as_of {
            AsOf::Now => day,
            AsOf::PreviousDay => day.saturating_sub(1.days()),
        };
        (ladder.id.clone(), ladder.tier[member.standings[place].level_on(day)].id.clone())
    };
    Seen {
        tiers: (0..program.ladders.len()).map(tier).collect::<BTreeMap<_, _>>(),
        segments: member.segments.clone(),
        days_joined: i64::from(day.since(member.joined_on).map_or(0, |span| span.get_days())),
        orders_before: member.orders_count,
    }
}

fn record(
    program: &Program,
    member: &Member,
    order: &Order,
    moment: &Moment,
    ordered_at: Timestamp,
) -> OrderRecord {
    let line = |line: &crate::fact::Line| LineRecord {
        id: line.id.clone(),
        quantity_milli: line.quantity_milli,
        paid_minor: line.paid_minor(),
        returned_milli: 0,
        refunded_minor: 0,
    };
    let mut lines: Vec<LineRecord> = order.lines.iter().map(line).collect();
    lines.push(LineRecord {
        id: "".into(),
        quantity_milli: 1000,
        paid_minor: order.shipping_minor,
        returned_milli: 0,
        refunded_minor: 0,
    });
    let codes = order
        .tenders
        .iter()
        .filter(|tender| tender.kind == "points")
        .filter_map(|tender| tender.code.as_ref());
    OrderRecord {
        ordered_at,
        day: moment.day,
        is_foreign: false,
        lines,
        awards: Vec::new(),
        spent: codes.filter_map(|code| spent(member, code)).collect(),
        cards: Vec::new(),
        vouchers: Vec::new(),
        counted: program.ladders.iter().map(|_| (0, 0)).collect(),
        summed: Vec::new(),
        returns: BTreeMap::new(),
        updated_at: None,
        orders_before: Some(member.orders_count),
    }
}

/// What a redemption of a member's came to.
pub(super) fn spent(member: &Member, redemption: &Name) -> Option<SpentRecord> {
    let wallet = member.accounts.iter().position(|account| account.spent(redemption.as_str()).is_some())?;
    let parts = &member.accounts[wallet].spent(redemption.as_str())?.parts;
    let units = parts.iter().map(|(_, units)| units).sum();
    Some(SpentRecord { redemption: redemption.clone(), wallet, units, refunded: 0 })
}

/// Whether an order's amounts are in another currency than the program's.
pub(crate) fn is_foreign(order: &Order, of_program: Currency) -> bool {
    order.currency.is_some_and(|currency| currency != of_program)
}

/// Cards and vouchers hold money of the program: they pay no bill in another currency.
fn foreign_tenders(program: &Program, shared: &Shared, order: &Order, out: &mut Vec<Output>) {
    for tender in &order.tenders {
        let Some(code) = &tender.code else { continue };
        let is_ours = match tender.kind.as_str() {
            "gift_card" => shared.cards.contains_key(code),
            "voucher" => shared.vouchers.contains_key(code),
            _ => false,
        };
        if is_ours {
            let why =
                format!("{code} is worth {}, and the bill is in another currency", program.head.currency);
            refused(&order.id, tender.kind.as_str(), why, out);
        }
    }
}

/// Take what was paid with gift cards off them. A card that holds too little is told; the bill is the till's.
fn pay_by_cards(
    shared: &mut Shared,
    order: &Order,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Vec<CardRecord> {
    let mut cards = Vec::new();
    let paid = order.tenders.iter().filter(|tender| tender.kind == "gift_card" && tender.amount_minor > 0);
    for (tender, code) in paid.filter_map(|tender| Some((tender, tender.code.as_ref()?))) {
        match crate::gift_card::pay(shared, code, tender.amount_minor, &order.id, now, out) {
            Ok(()) => cards.push(CardRecord {
                code: code.clone(),
                payment: order.id.clone(),
                amount_minor: tender.amount_minor,
                refunded_minor: 0,
            }),
            Err(why) => refused(&order.id, "gift_card", format!("gift card {code}: {why}"), out),
        }
    }
    cards
}

/// Use up the vouchers the bill was paid with, where they count on it. One that does not is told; the bill is the
/// till's.
fn use_vouchers(
    program: &Program,
    shared: &mut Shared,
    order: &Order,
    ordered_at: Timestamp,
    out: &mut Vec<Output>,
) -> Vec<VoucherRecord> {
    let shown = order.tenders.iter().filter(|tender| tender.kind == "voucher");
    // A code that is not known here is another company's; one that was used up ahead of its order is done with.
    let codes: Vec<Name> = shown
        .filter_map(|tender| tender.code.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|code| shared.vouchers.contains_key(code) && !used_ahead(shared, code))
        .collect();
    if codes.is_empty() {
        return Vec::new();
    }
    let bill = order.paid_minor().saturating_add(order.shipping_minor);
    let answers = stack(program, shared, &codes, bill, ordered_at);
    count_use(shared, &answers);
    let mut used = Vec::new();
    for (code, answer) in answers {
        match answer {
            Answer::Taken { .. } => used.push(VoucherRecord { code, is_back: false }),
            Answer::Left { why } => refused(&order.id, "voucher", why, out),
        }
    }
    used
}

/// Whether a code was used ahead of this order, which then counts as done.
fn used_ahead(shared: &mut Shared, code: &Name) -> bool {
    let Some(times) = shared.used_ahead.get_mut(code) else { return false };
    *times -= 1;
    if *times == 0 {
        shared.used_ahead.remove(code);
    }
    true
}

/// How the sums over receipts stand that rules keep for a day: rule, first day of the period, minor units.
fn sums(program: &Program, member: &Member, day: Date) -> Vec<(Name, Date, i64)> {
    let rules =
        program.rules.iter().filter_map(|rule| Some((&rule.spec.id, rule.spec.sum_over?.first_day(day))));
    let keys: BTreeSet<(&Name, Date)> = rules.collect();
    let sum = |(id, first): (&Name, Date)| (id.clone(), first, member.tallies.sum(id, first).amount);
    keys.into_iter().map(sum).collect()
}

/// What an order added to sums over receipts is written down, so that a return can take it off: also where it earned
/// nothing yet.
fn note_sums(record: &mut OrderRecord, before: Vec<(Name, Date, i64)>, after: Vec<(Name, Date, i64)>) {
    for ((rule, first, before), (_, _, after)) in before.into_iter().zip(after) {
        if after > before {
            record.summed.push((rule, first, after - before, 0));
        }
    }
}

fn start(program: &Program, pending: Option<&Pending>, earned_at: Timestamp) -> Start {
    let Some(pending) = pending else { return Start::Usable };
    if let Some(event) = &pending.event {
        let until = pending.within.map(|within| within.after(earned_at, &program.zone));
        return Start::On { event: event.clone(), until };
    }
    match (pending.until, pending.delay) {
        (Some(day), _) => Start::At(start_of(day, &program.zone)),
        (None, Some(delay)) => Start::At(delay.after(earned_at, &program.zone)),
        (None, None) => Start::Usable,
    }
}

fn post(
    program: &Program,
    member: &mut Member,
    award: Award,
    cause: Cause,
    moment: &Moment,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Option<LotId> {
    let rule = &program.rules[award.rule];
    let cause = Cause {
        rule: Some(rule.spec.id.clone()),
        version: Some(rule.version.clone()),
        funder: Some(rule.spec.funder.clone()),
        ..cause
    };
    let earned = (moment.at, moment.day);
    let active_at = now.max(member.active_at);
    let by_wallet =
        || super::time::end_of(program, member, award.wallet, earned, active_at, program.day(now));
    let own = rule.spec.expires_after.map(|after| after.after(moment.at, &program.zone));
    let expires_at = own.or_else(by_wallet);
    let opening = Opening {
        earned_at: moment.at,
        start: start(program, rule.spec.pending.as_ref(), moment.at),
        expires_at,
    };
    let points = Points::new(award.units)?;
    let mut postings = Vec::new();
    let lot = member.accounts[award.wallet].earn(now, points, opening, cause.clone(), &mut postings);
    let first = out.len();
    posted(program, &member.id, award.wallet, postings, out);
    for output in &mut out[first..] {
        if let Output::Posted { posting, working, .. } = output
            && posting.kind == crate::ledger::Posted::Earn
        {
            *working = Some(Box::new(award.working.clone()));
        }
    }
    lot.map_err(|why| refused(&cause.id, "ledger", why.to_string(), out)).ok()
}

/// Give a present of points; `start_at` makes it wait.
pub(crate) fn give(
    program: &Program,
    member: &mut Member,
    gift: &Gift,
    cause: Cause,
    start_at: Option<Timestamp>,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Option<(usize, LotId)> {
    let wallet = program.known_wallet(&gift.wallet);
    let points = Points::new(program.units(wallet, gift.points))?;
    let today = program.day(now);
    let tiers = member.tiers_on(program, today);
    let expires_at = policy(program, wallet, today, member.joined_on, &tiers)
        .and_then(|policy| expires_at(program, policy, now, member.active_at));
    let start = start_at.map_or(Start::Usable, Start::At);
    let opening = Opening { earned_at: now, start, expires_at };
    let mut postings = Vec::new();
    let id = cause.id.clone();
    let lot = member.accounts[wallet].earn(now, points, opening, cause, &mut postings);
    posted(program, &member.id, wallet, postings, out);
    match lot {
        Ok(lot) => Some((wallet, lot)),
        Err(why) => {
            refused(&id, "ledger", why.to_string(), out);
            None
        }
    }
}

/// Activity: points that live by it get a new end.
pub(crate) fn touch(program: &Program, member: &mut Member, now: Timestamp, out: &mut Vec<Output>) {
    member.active_at = member.active_at.max(now);
    let today = program.day(now);
    for wallet in 0..program.wallets.len() {
        let tiers = member.tiers_on(program, today);
        let Some(policy) = policy(program, wallet, today, member.joined_on, &tiers) else { continue };
        let account = &member.accounts[wallet];
        let ends: Vec<_> = if policy.idle.is_some() {
            let end = expires_at(program, policy, now, now);
            account.live_lots().map(|lot| (lot, end)).collect()
        } else if let Some(by) = policy.extend {
            let month = Period::Month.first_day(today);
            if member.extended.insert(wallet, month) == Some(month) {
                continue;
            }
            // Points earned this month have their full time before them.
            let date = |lot: LotId| {
                let row = account.lot(lot).expect("live lots exist");
                let end = row.expires_at?;
                let is_old = Period::Month.first_day(program.day(row.earned_at)) < month;
                is_old.then(|| (lot, Some(by.after(end, &program.zone))))
            };
            account.live_lots().filter_map(date).collect()
        } else {
            continue;
        };
        super::time::set_ends(program, member, wallet, &ends, Cause::new("activity", "activity"), now, out);
    }
}

/// Count an order on the ladders as it now stands, and see what tier that gives.
pub(super) fn count(
    program: &Program,
    member: &mut Member,
    order: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let today = program.day(now);
    for (place, ladder) in program.ladders.iter().enumerate() {
        let Some(record) = member.orders.get(order) else { return };
        let day = record.day;
        let whole_back = record.is_back();
        let amount = match ladder.counts {
            Counted::Points => {
                let wallet = ladder.wallet.as_ref().and_then(|wallet| program.wallet(wallet.as_str()));
                let mine = record.awards.iter().filter(|award| Some(award.wallet) == wallet);
                mine.map(|award| award.working.units - award.clawed).sum()
            }
            Counted::Spend if record.is_foreign => 0,
            Counted::Spend => {
                let goods = record.lines.iter().filter(|line| line.id != "");
                goods.map(|line| line.paid_minor - line.returned_minor()).sum()
            }
            Counted::Orders | Counted::Visits => i64::from(!whole_back),
        };
        let record = member.orders.get_mut(order).expect("looked up above");
        let change = amount - record.counted[place].1;
        record.counted[place] = (record.counted[place].0.max(amount), amount);
        if change == 0 {
            continue;
        }
        if ladder.counts == Counted::Visits {
            let on_day = member.orders.values().filter(|record| record.day == day);
            let visited = on_day.clone().any(|record| record.counted[place].1 > 0);
            member.standings[place].counted.insert(day, i64::from(visited));
        } else {
            let counted = member.standings[place].counted.entry(day).or_default();
            *counted = counted.saturating_add(change);
        }
        super::time::refresh(program, member, place, now, today, out);
    }
}

/// A member claims an anonymous bill: rated under the rules of the bill's own time, once.
pub(super) fn claim(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    claim: &Claim,
    out: &mut Vec<Output>,
) {
    let asked = claim.order.clone().or_else(|| claim.invoice.clone()).unwrap_or_else(|| "claim".into());
    if let Some(order) = &claim.order
        && let Some(owner) = books.shared.owners.get(order)
    {
        let mine = *owner == resolve(books, &claim.member);
        return if mine {
            out.push(Output::Repeated { id: order.clone() })
        } else {
            refused(order, "claimed", "another member has this bill: each bill counts once", out)
        };
    }
    let day = |at: Timestamp| program.day(at);
    let fits = |(at, order): &(Timestamp, Order)| {
        let by_day = claim.on.is_some_and(|on| on == day(*at))
            && claim.amount_minor == Some(order.paid_minor().saturating_add(order.shipping_minor))
            && (claim.store.is_none() || claim.store == order.store);
        claim.order.as_ref() == Some(&order.id)
            || (claim.invoice.is_some() && claim.invoice == order.invoice)
            || (claim.order.is_none() && claim.invoice.is_none() && by_day)
    };
    let found: Vec<Name> =
        books.shared.anonymous.iter().filter(|(_, bill)| fits(bill)).map(|(id, _)| id.clone()).collect();
    let [id] = &found[..] else {
        let why = match found.len() {
            0 => "no unclaimed bill like that: check number, day and amount".to_owned(),
            many => format!("{many} bills are like that: give the bill's number"),
        };
        return refused(&asked, if found.is_empty() { "no_such_bill" } else { "ambiguous" }, why, out);
    };
    let (ordered_at, order) = &books.shared.anonymous[id];
    let end = program.head.claim_within.map(|within| within.after(*ordered_at, &program.zone));
    if end.is_none_or(|end| now >= end) {
        let why = match program.head.claim_within {
            Some(within) => {
                format!("the bill is older than {}", crate::words::length(within, crate::program::Lang::En))
            }
            None => "this program gives nothing for bills without a member".to_owned(),
        };
        return refused(id, "too_late", why, out);
    }
    let order = Order { ordered_at: Some(*ordered_at), member: Some(claim.member.clone()), ..order.clone() };
    if !books.members.contains_key(&resolve(books, &claim.member)) {
        return refused(id, "unknown_member", format!("'{}' is not a member", claim.member), out);
    }
    books.shared.anonymous.remove(id);
    let updated_at = books.shared.bills_updated.remove(id);
    attach(program, books, now, &claim.member, &order, out);
    super::update::changed_at(books, id, updated_at);
}

/// An event: it may earn, activate points that waited for it, and count for missions.
pub(super) fn custom(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    custom: &Custom,
    out: &mut Vec<Output>,
) {
    let Some(member) = present(program, books, now, &custom.member, &custom.id, out) else { return };
    if !member.events.insert(custom.id.clone()) {
        return out.push(Output::Repeated { id: custom.id.clone() });
    }
    let owner = member.id.clone();
    activate(program, member, custom, now, out);
    let happened_at = custom.happened_at.unwrap_or(now).min(now);
    let moment = Moment::new(happened_at, &program.zone);
    let seen = seen(program, member, moment.day);
    let (members, shared) = (&mut books.members, &mut books.shared);
    let member = members.get_mut(&owner).expect("present");
    let occasion = Occasion {
        moment: &moment,
        what: What::Event(&custom.name, custom.store.as_ref()),
        seen: &seen,
        birthday: member.birthday,
        currency: program.head.currency,
    };
    let awards = rate(program, &occasion, &mut member.tallies, &mut shared.budgets);
    let mut earned = vec![0i64; program.wallets.len()];
    for award in awards {
        let (wallet, units) = (award.wallet, award.units);
        if post(program, member, award, Cause::new("event", custom.id.as_str()), &moment, now, out).is_some()
        {
            earned[wallet] += units;
        }
    }
    crate::mission::after_event(program, member, custom, &moment, now, out);
    touch(program, member, now, out);
    for (place, ladder) in program.ladders.iter().enumerate() {
        let wallet = ladder.wallet.as_ref().and_then(|wallet| program.wallet(wallet.as_str()));
        if let Some(wallet) = wallet.filter(|wallet| ladder.counts == Counted::Points && earned[*wallet] > 0)
        {
            *member.standings[place].counted.entry(moment.day).or_default() += earned[wallet];
            super::time::refresh(program, member, place, now, program.day(now), out);
        }
    }
    crate::referral::after_event(program, books, &owner, custom, now, out);
}

fn activate(program: &Program, member: &mut Member, custom: &Custom, now: Timestamp, out: &mut Vec<Output>) {
    for wallet in 0..member.accounts.len() {
        let account = &member.accounts[wallet];
        let waits = |lot: &LotId| {
            let row = account.lot(*lot).expect("live lots exist");
            let named = matches!(&row.start, Start::On { event, .. } if *event == custom.name);
            named && custom.order.as_ref().is_none_or(|order| row.cause.id == *order)
        };
        let waiting: Vec<LotId> = account.live_lots().filter(waits).collect();
        let mut postings = Vec::new();
        for lot in waiting {
            let row = member.accounts[wallet].lot(lot).expect("live lots exist");
            let version = row.cause.version.as_ref();
            let rule = program.rules.iter().find(|rule| Some(&rule.version) == version);
            let delay = rule.and_then(|rule| rule.spec.pending.as_ref()).and_then(|pending| pending.delay);
            let from = delay.map_or(now, |delay| delay.after(now, &program.zone));
            if let Err(why) = member.accounts[wallet].activate(now, lot, from, &mut postings) {
                refused(&custom.id, "ledger", why.to_string(), out);
            }
        }
        posted(program, &member.id, wallet, postings, out);
    }
}
