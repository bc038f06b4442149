//! Between the judge's values and the rows that keep them.

use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::fact::Order;
use loyalty::judge::due_at;
use loyalty::ledger::{Account, LotId, Posting};
use loyalty::member::{Member, OrderRecord};
use loyalty::name::Name;
use loyalty::program::Program;
use loyalty::reward::Voucher;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use store::{AccountRow, Failure, LotRow, MemberRow, OrderRow, PostingRow, VoucherRow, Writing};

pub(crate) fn text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data becomes JSON")
}

/// A value out of a row; what cannot be read is damage, and says where.
pub(crate) fn value<T: DeserializeOwned>(text: &str, of: impl FnOnce() -> String) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Damaged { path: of(), detail: error.to_string() })
}

pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(crate) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// A member without what has rows of its own: orders, spent lots, and the ids of events, whose repeats the commands
/// tell. The member forgets spent lots here.
pub(crate) fn state(member: &mut Member) -> String {
    let orders = std::mem::take(&mut member.orders);
    let events = std::mem::take(&mut member.events);
    member.forget_spent();
    let text = text(member);
    member.orders = orders;
    member.events = events;
    text
}

/// Bring back what a member's document leaves out of its accounts: a replay of all their postings.
pub(crate) fn make_whole(
    reading: &Writing<'_>,
    program: &Program,
    member: &mut Member,
) -> Result<(), Failure> {
    let (id, who) = (program.head.id.as_str(), member.id.as_str());
    let rows = reading.postings_of(who, id)?;
    for (wallet, kept) in
        program.wallets.iter().zip(&mut member.accounts).filter(|(_, kept)| !kept.is_whole())
    {
        let mut whole = Account::open(id, who, wallet.id.as_str());
        for row in rows.iter().filter(|row| wallet.id == *row.wallet.as_str()) {
            whole.apply(&posting(row)?);
        }
        if whole.head() != kept.head() {
            let detail = "its postings come to something else: see perennial verify".to_owned();
            return Err(Failure::Damaged { path: format!("member {who}"), detail });
        }
        *kept = whole;
    }
    Ok(())
}

pub(crate) fn member_row(program: &Program, member: &Member, state: String) -> MemberRow {
    MemberRow {
        customer_id: member.id.to_string(),
        program_id: program.head.id.to_string(),
        joined_at: micros(member.joined_at),
        merged_into: member.merged.as_ref().map(|(into, _)| into.to_string()),
        due_at: due_at(program, member).map(micros),
        state,
    }
}

/// When the first open hold of a member is over, in microseconds.
pub(crate) fn lapses_at(member: &Member) -> Option<i64> {
    loyalty::redemption::lapses(member).map(|(until, ..)| micros(until)).min()
}

/// A member out of its row. Wallets and ladders that the program has got since stand behind those there were.
pub(crate) fn member(program: &Program, row: &MemberRow) -> Result<Member, Failure> {
    let mut member: Member = value(&row.state, || format!("member {}", row.customer_id))?;
    for wallet in &program.wallets[member.accounts.len().min(program.wallets.len())..] {
        let (id, of) = (member.id.as_str(), program.head.id.as_str());
        member.accounts.push(Account::open(of, id, wallet.id.as_str()));
    }
    if member.standings.len() < program.ladders.len() {
        let fresh = Member::new(program, &member.id, member.joined_at);
        member.standings.extend(fresh.standings.into_iter().skip(member.standings.len()));
    }
    Ok(member)
}

/// An order that is somebody's.
pub(crate) fn order_row(
    program: &Program,
    holder: &Name,
    owner: &Name,
    id: &Name,
    record: &OrderRecord,
) -> OrderRow {
    OrderRow {
        customer_id: holder.to_string(),
        program_id: program.head.id.to_string(),
        order_id: id.to_string(),
        owner_id: owner.to_string(),
        ordered_at: micros(record.ordered_at),
        ordered_on: record.day.to_string(),
        paid_minor: record.lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.paid_minor)),
        invoice: None,
        body: None,
        record: Some(text(record)),
    }
}

/// What a bill has besides the order: when its source last changed it.
const UPDATED_AT: &str = "updated_at";

/// A bill that nobody has claimed.
pub(crate) fn bill_row(
    program: &Program,
    ordered_at: Timestamp,
    order: &Order,
    updated_at: Option<Timestamp>,
) -> OrderRow {
    let body = match updated_at {
        None => text(order),
        Some(updated_at) => {
            let mut body = serde_json::to_value(order).expect("plain data becomes JSON");
            body[UPDATED_AT] = updated_at.to_string().into();
            body.to_string()
        }
    };
    OrderRow {
        customer_id: String::new(),
        program_id: program.head.id.to_string(),
        order_id: order.id.to_string(),
        owner_id: String::new(),
        ordered_at: micros(ordered_at),
        ordered_on: program.day(ordered_at).to_string(),
        paid_minor: order.paid_minor().saturating_add(order.shipping_minor),
        invoice: order.invoice.as_ref().map(ToString::to_string),
        body: Some(body),
        record: None,
    }
}

/// What was kept of an order: a record, with a place for every ladder there is now; or a bill.
pub(crate) enum Kept {
    Record(OrderRecord),
    /// When it was bought, what, and when its source last changed it.
    Bill(Timestamp, Order, Option<Timestamp>),
}

pub(crate) fn kept(program: &Program, row: &OrderRow) -> Result<Kept, Failure> {
    let of = || format!("order {}", row.order_id);
    match (&row.record, &row.body) {
        (Some(record), _) => {
            let mut record: OrderRecord = value(record, of)?;
            record.counted.resize(program.ladders.len().max(record.counted.len()), (0, 0));
            Ok(Kept::Record(record))
        }
        (None, Some(body)) => {
            let mut body: serde_json::Value = value(body, of)?;
            let updated_at = body.as_object_mut().and_then(|body| body.remove(UPDATED_AT));
            let updated_at = updated_at.and_then(|at| at.as_str()?.parse().ok());
            let order = serde_json::from_value(body)
                .map_err(|error| Failure::Damaged { path: of(), detail: error.to_string() })?;
            Ok(Kept::Bill(instant(row.ordered_at), order, updated_at))
        }
        (None, None) => Err(Failure::Damaged { path: of(), detail: "neither record nor bill".to_owned() }),
    }
}

pub(crate) fn order_day(row: &OrderRow) -> Option<Date> {
    row.ordered_on.parse().ok()
}

pub(crate) fn posting_row(
    program: &str,
    owner: &Name,
    wallet: &Name,
    posting: &Posting,
    working: Option<String>,
) -> PostingRow {
    let cause = &posting.cause;
    let owned = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
    PostingRow {
        owner_id: owner.to_string(),
        program_id: program.to_owned(),
        wallet: wallet.to_string(),
        number: posting.number as i64,
        posted_at: micros(posting.at),
        kind: word(&posting.kind),
        cause_kind: cause.kind.to_string(),
        cause_id: cause.id.to_string(),
        rule: owned(&cause.rule),
        rule_version: owned(&cause.version),
        funder: owned(&cause.funder),
        lines: text(&posting.lines),
        terms: text(&posting.terms),
        working,
        hash: posting.hash.0,
    }
}

/// A posting out of its row.
pub(crate) fn posting(row: &PostingRow) -> Result<Posting, Failure> {
    let of = || format!("posting {} of {} in {}", row.number, row.owner_id, row.wallet);
    let name = |text: &Option<String>| text.as_deref().map(Name::from);
    Ok(Posting {
        number: row.number as u64,
        at: instant(row.posted_at),
        kind: value(&format!("\"{}\"", row.kind), of)?,
        cause: loyalty::ledger::Cause {
            kind: row.cause_kind.as_str().into(),
            id: row.cause_id.as_str().into(),
            rule: name(&row.rule),
            version: name(&row.rule_version),
            funder: name(&row.funder),
        },
        lines: value(&row.lines, of)?,
        terms: value(&row.terms, of)?,
        hash: loyalty::ledger::Hash(row.hash),
    })
}

/// The word of an enum, as its JSON has it.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    text(value).trim_matches('"').to_owned()
}

/// What an account has come to, at its own last instant.
pub(crate) fn account_row(program: &str, owner: &Name, wallet: &Name, account: &Account) -> AccountRow {
    let balance = account.balance(account.at());
    AccountRow {
        owner_id: owner.to_string(),
        program_id: program.to_owned(),
        wallet: wallet.to_string(),
        postings: account.postings() as i64,
        posted_at: micros(account.at()),
        available: balance.available,
        pending: balance.pending,
        held: balance.held,
        owed: balance.owed,
        totals: text(&balance.totals),
        hash: account.head().0,
    }
}

/// What is left of some lots of an account.
pub(crate) fn lot_rows<'a>(
    program: &'a str,
    owner: &'a Name,
    wallet: &'a Name,
    account: &'a Account,
    lots: &'a BTreeSet<LotId>,
) -> impl Iterator<Item = LotRow> + 'a {
    lots.iter().filter_map(move |id| {
        let lot = account.lot(*id)?;
        Some(LotRow {
            owner_id: owner.to_string(),
            program_id: program.to_owned(),
            wallet: wallet.to_string(),
            number: id.0.into(),
            earned_at: micros(lot.earned_at),
            expires_at: lot.expires_at.map(micros),
            is_pending: lot.start != loyalty::ledger::Start::Usable,
            units: lot.amount,
            units_left: lot.left,
            cause_kind: lot.cause.kind.to_string(),
            cause_id: lot.cause.id.to_string(),
            rule: lot.cause.rule.as_ref().map(ToString::to_string),
        })
    })
}

pub(crate) fn voucher_row(program: &str, code: &Name, voucher: &Voucher) -> VoucherRow {
    VoucherRow {
        code: code.to_string(),
        program_id: program.to_owned(),
        customer_id: voucher.member.to_string(),
        reward: voucher.reward.to_string(),
        ends_at: micros(voucher.until),
        uses_left: voucher.uses_left.into(),
        value_minor: voucher.value_minor,
    }
}

pub(crate) fn voucher(row: &VoucherRow) -> Voucher {
    Voucher {
        reward: row.reward.as_str().into(),
        member: row.customer_id.as_str().into(),
        until: instant(row.ends_at),
        uses_left: u32::try_from(row.uses_left).unwrap_or(0),
        value_minor: row.value_minor,
    }
}

/// A map by name of things with text ids.
pub(crate) fn by_name<T>(rows: impl IntoIterator<Item = (String, T)>) -> BTreeMap<Name, T> {
    rows.into_iter().map(|(id, row)| (Name::from(id.as_str()), row)).collect()
}
