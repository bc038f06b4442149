//! Owner by owner: what is kept of them is what their postings come to. Pure: rows in, findings out.

use super::super::books::{account_row, lapses_at, lot_rows, member, micros, posting};
use super::{Finding, LISTED, at};
use jiff::Timestamp;
use loyalty::gift_card::CARD;
use loyalty::ledger::{Account, Fault, Hash, LotId, Posting, Pot, verify};
use loyalty::member::Member;
use loyalty::name::Name;
use loyalty::program::Program;
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;
use store::{AccountRow, Failure, LotRow, MemberRow, PostingRow};

/// All rows of some owners, each list in the order of owners.
pub struct Page {
    pub postings: Vec<PostingRow>,
    pub accounts: Vec<AccountRow>,
    pub lots: Vec<LotRow>,
    pub members: Vec<MemberRow>,
}

/// What was seen of the owners so far.
#[derive(Default)]
pub struct Seen {
    pub owners: u64,
    pub postings: u64,
    pub members: u64,
    pub findings: Vec<Finding>,
    /// Points on their way between members, by wallet.
    pub on_the_way: BTreeMap<Name, i64>,
    /// Rewards that are out: redemptions that were not given back, by reward.
    pub given: BTreeMap<Name, i64>,
    /// What the entries of gift cards come to: their last hash.
    pub cards: BTreeMap<String, Hash>,
    /// Members with open holds, and when the first is over.
    pub lapses: BTreeMap<String, i64>,
    /// Whom merged members lead to.
    pub led_to: BTreeSet<String>,
    /// Marks of the orders that entries hang on, as often as they do.
    pub orders: Vec<u64>,
    /// Caps that were gone beyond, by member: merged members may, and who was merged is known at the end.
    pub beyond: Vec<(String, Finding)>,
}

impl Seen {
    pub fn find(&mut self, rule: &str, what: &str, detail: &str, since: Option<Timestamp>) {
        if self.findings.len() <= LISTED {
            self.findings.push(finding(rule, what, detail, since));
        }
    }

    pub fn add(&mut self, other: Seen) {
        self.owners += other.owners;
        self.postings += other.postings;
        self.members += other.members;
        self.findings.extend(other.findings);
        for (wallet, units) in other.on_the_way {
            *self.on_the_way.entry(wallet).or_default() += units;
        }
        for (reward, count) in other.given {
            *self.given.entry(reward).or_default() += count;
        }
        self.cards.extend(other.cards);
        self.lapses.extend(other.lapses);
        self.led_to.extend(other.led_to);
        self.orders.extend(other.orders);
        self.beyond.extend(other.beyond);
    }
}

fn finding(rule: &str, what: &str, detail: &str, since: Option<Timestamp>) -> Finding {
    Finding { rule: rule.to_owned(), what: what.to_owned(), detail: detail.to_owned(), since }
}

/// Check the owners of a page.
pub fn check(program: &Program, page: &Page, seen: &mut Seen) -> Result<(), Failure> {
    let accounts = grouped(&page.accounts, |row| (&row.owner_id, &row.wallet));
    let lots = grouped(&page.lots, |row| (&row.owner_id, &row.wallet));
    let mut members: BTreeMap<&str, Member> = BTreeMap::new();
    for row in &page.members {
        members.insert(&row.customer_id, member(program, row)?);
    }
    let postings = grouped(&page.postings, |row| (&row.owner_id, &row.wallet));
    let owners: BTreeSet<&str> = postings.keys().map(|(owner, _)| *owner).collect();
    seen.owners += owners.len() as u64;
    seen.postings += page.postings.len() as u64;
    let of_orders = page.postings.iter().filter(|posting| posting.cause_kind == "order");
    seen.orders.extend(of_orders.map(|posting| mark(&posting.cause_id)));
    for (&(owner, wallet), rows) in &postings {
        let kept = Kept {
            account: accounts.get(&(owner, wallet)).and_then(|rows| rows.first()),
            lots: lots.get(&(owner, wallet)).copied().unwrap_or_default(),
            member: members.get(owner),
        };
        account(program, owner, wallet, rows, &kept, seen)?;
    }
    for row in &page.members {
        let member = &members[row.customer_id.as_str()];
        seen.members += 1;
        member_row(program, row, member, seen);
        redemptions(member, seen);
        caps(program, member, seen);
    }
    Ok(())
}

/// An order's id in few bytes: ten million fit in memory.
pub fn mark(order: &str) -> u64 {
    FxBuildHasher.hash_one(order)
}

/// Rows of one owner and wallet, which stand together.
fn grouped<'a, T>(
    rows: &'a [T],
    key: impl Fn(&'a T) -> (&'a String, &'a String),
) -> BTreeMap<(&'a str, &'a str), &'a [T]> {
    let mut groups = BTreeMap::new();
    let mut from = 0;
    while from < rows.len() {
        let (owner, wallet) = key(&rows[from]);
        let until = from + rows[from..].iter().take_while(|row| key(row) == (owner, wallet)).count();
        groups.insert((owner.as_str(), wallet.as_str()), &rows[from..until]);
        from = until;
    }
    groups
}

/// What is kept of an account.
struct Kept<'a> {
    account: Option<&'a AccountRow>,
    lots: &'a [LotRow],
    member: Option<&'a Member>,
}

fn account(
    program: &Program,
    owner: &str,
    wallet: &str,
    rows: &[PostingRow],
    kept: &Kept<'_>,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let what = format!("{owner} {wallet}");
    let id = program.head.id.as_str();
    let postings: Vec<Posting> = rows.iter().map(posting).collect::<Result<_, _>>()?;
    let faults = verify(id, owner, wallet, &postings);
    if !faults.is_empty() {
        // What is kept of a broken chain cannot be compared with it.
        for fault in faults {
            let of = postings.iter().find(|posting| posting.number == number(&fault));
            seen.find(rule(&fault), &what, &fault.to_string(), of.map(|posting| posting.at));
        }
        return Ok(());
    }
    let mut account = Account::open(id, owner, wallet);
    for posting in &postings {
        account.apply(posting);
        let moved: i64 = posting.on(&Pot::Transferred);
        if moved != 0 {
            *seen.on_the_way.entry(wallet.into()).or_default() += moved;
        }
    }
    let (owner, wallet) = (Name::from(owner), Name::from(wallet));
    let since = postings.last().map(|posting| posting.at);
    let replayed = account_row(id, &owner, &wallet, &account);
    if kept.account != Some(&replayed) {
        let detail = kept.account.map_or("nothing is kept".to_owned(), |kept| apart(kept, &replayed));
        seen.find("balances equal a replay", &what, &detail, since);
    }
    let all: BTreeSet<LotId> = (0..account.opened()).map(LotId).collect();
    let replayed: Vec<LotRow> = lot_rows(id, &owner, &wallet, &account, &all).collect();
    if kept.lots != replayed {
        let differs = replayed.iter().zip(kept.lots).find(|(replayed, kept)| replayed != kept);
        let detail = match differs {
            Some((replayed, kept)) => format!(
                "lot {}: {} of {} units left, {} of {} by the postings",
                kept.number, kept.units_left, kept.units, replayed.units_left, replayed.units
            ),
            None => format!("{} kept, {} replayed", kept.lots.len(), replayed.len()),
        };
        seen.find("lots equal a replay", &what, &detail, since);
    }
    if wallet == CARD && kept.member.is_none() {
        seen.cards.insert(owner.to_string(), account.head());
    }
    let place = program.wallet(wallet.as_str());
    let differs = |(member, place): (&Member, usize)| {
        // A member's document forgets what is spent; one that was written before it did so does not.
        let mut there = member.accounts.get(place)?.clone();
        let gifts = member.gifts(place);
        there.forget_spent(&gifts);
        account.forget_spent(&gifts);
        (there != account).then_some(there)
    };
    if let Some(of_member) = kept.member.zip(place).and_then(differs) {
        let detail = format!("{} postings there, {} here", of_member.postings(), account.postings());
        seen.find("members equal a replay", &what, &detail, since);
    }
    if account.usable() < 0 || account.owed() < 0 {
        seen.find("nobody has less than nothing", &what, &format!("{} usable", account.usable()), since);
    }
    Ok(())
}

/// How an account that is kept differs from its replay.
fn apart(kept: &AccountRow, replayed: &AccountRow) -> String {
    let numbers = [
        ("available", kept.available, replayed.available),
        ("pending", kept.pending, replayed.pending),
        ("held", kept.held, replayed.held),
        ("owed", kept.owed, replayed.owed),
        ("postings", kept.postings, replayed.postings),
    ];
    let differ = numbers.iter().filter(|(_, kept, replayed)| kept != replayed);
    let said: Vec<String> =
        differ.map(|(what, kept, replayed)| format!("{what} {kept}, {replayed} by the postings")).collect();
    match said.is_empty() {
        true => "its totals or its last hash are not those of its postings".to_owned(),
        false => said.join("; "),
    }
}

fn redemptions(member: &Member, seen: &mut Seen) {
    for (redemption, held) in &member.redemptions {
        *seen.given.entry(held.reward.clone()).or_default() += 1;
        let account = &member.accounts[held.wallet.min(member.accounts.len() - 1)];
        // An open redemption may have lapsed: its points are free, and its place in the stock is given back when
        // somebody asks for a reward, or by the job.
        let Some(hold) = account.holds().get(redemption).filter(|_| held.is_open) else { continue };
        if hold.parts.iter().map(|(_, units)| units).sum::<i64>() != held.units {
            let what = format!("{} {redemption}", member.id);
            seen.find("a hold holds what it says", &what, &format!("{} units", held.units), None);
        }
    }
}

fn member_row(program: &Program, row: &MemberRow, member: &Member, seen: &mut Seen) {
    if member.id != row.customer_id.as_str() || micros(member.joined_at) != row.joined_at {
        seen.find(
            "a member's state is the member's own",
            &row.customer_id,
            member.id.as_str(),
            at(row.joined_at),
        );
    }
    let due = loyalty::judge::due_at(program, member).map(micros);
    if due != row.due_at {
        let detail = format!("kept {:?}, computed {due:?}", row.due_at);
        seen.find("what is due is known", &row.customer_id, &detail, None);
    }
    seen.lapses.extend(lapses_at(member).map(|lapses_at| (row.customer_id.clone(), lapses_at)));
    seen.led_to.extend(row.merged_into.clone());
    let merged = member.merged.as_ref().map(|(into, _)| into.as_str());
    if merged != row.merged_into.as_deref() {
        let detail = format!("kept {:?}, the member's state says {merged:?}", row.merged_into);
        seen.find("a merged member leads to another", &row.customer_id, &detail, None);
    }
}

/// What a member was given in a period is never more than a rule's cap for it allows. A rule may have had several
/// caps over time: the widest counts.
fn caps(program: &Program, member: &Member, seen: &mut Seen) {
    for (id, per, first, tally) in member.tallies.counts() {
        let of_each =
            || program.versions(id.as_str()).map(|rule| rule.caps.iter().filter(|cap| cap.0 == per));
        // A version without such a cap allows any number.
        if of_each().any(|mut caps| caps.next().is_none()) {
            continue;
        }
        let caps = || of_each().flatten();
        let points = caps().map(|cap| cap.1.unwrap_or(i64::MAX)).max();
        let times = caps().map(|cap| cap.2.unwrap_or(u32::MAX)).max();
        if points.is_some_and(|most| tally.points > most) || times.is_some_and(|most| tally.times > most) {
            let what = format!("{} {id}", member.id);
            let detail = format!("{} units in {} times since {first}", tally.points, tally.times);
            let found = finding("no cap is exceeded", &what, &detail, None);
            seen.beyond.push((member.id.to_string(), found));
        }
    }
}

fn number(fault: &Fault) -> u64 {
    match fault {
        Fault::OutOfPlace { found: number, .. }
        | Fault::Altered(number)
        | Fault::Unbalanced { number, .. }
        | Fault::Backwards(number)
        | Fault::Impossible { number, .. } => *number,
    }
}

fn rule(fault: &Fault) -> &'static str {
    match fault {
        Fault::OutOfPlace { .. } => "no posting is missing, doubled or out of place",
        Fault::Altered(_) => "no posting was changed",
        Fault::Unbalanced { .. } => "the lines of a posting sum to zero",
        Fault::Backwards(_) => "an account's time does not run backwards",
        Fault::Impossible { .. } => "nothing is spent that is not there",
    }
}
