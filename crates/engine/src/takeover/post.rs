//! Writing what was read: customers, what is known of them, members with their entries, vouchers, gift cards, consents;
//! some thousand members a statement, all in one transaction.

use super::book::{Book, Member as Old};
use super::{LISTED, Options, Problem, Report, Stopped};
use crate::people::consents::{address_kind, law_of};
use crate::people::names;
use crate::people::profile::{put_attribute, refresh_words};
use crate::record::books::{account_row, lot_rows, member_row, posting_row, state, text, voucher_row};
use crate::record::identity::kinds::{NotUsable, Rules};
use crate::record::identity::search::{self, Profile};
use crate::record::program::InForce;
use domain::{Id, Kind, Points};
use loyalty::gift_card::{self, CARD};
use loyalty::judge::Output;
use loyalty::ledger::{Cause, LotId, Opening, Posting, Start};
use loyalty::member::Member;
use loyalty::name::Name;
use loyalty::program::Program;
use loyalty::reward::Voucher;
use loyalty::tier::{Move, Step};
use std::collections::{BTreeSet, HashMap, HashSet};
use store::{
    AccountRow, CommandRow, ConsentRow, Failure, Identifier, LotRow, MemberRow, PostingRow, StateRow,
    VoucherRow, Writing,
};

/// How many members are gathered and written at once.
const BATCH: usize = 5000;

/// Write everything. Who was taken over before stays as they are. Answers who is new, by place in the book and id here.
pub(super) fn post(
    writing: &Writing<'_>,
    rules: &Rules,
    in_force: Option<&InForce>,
    book: &Book,
    options: &Options<'_>,
    chance: &mut dyn FnMut() -> u128,
) -> Result<(Report, Vec<(usize, String)>), Stopped> {
    let mut report = Report { members: book.members.len() as u64, ..Report::default() };
    let serial = chance() & ((1 << 60) - 1);
    let mut work = Work {
        writing,
        rules,
        in_force,
        options,
        chance,
        used: HashMap::new(),
        serial,
        new: Vec::new(),
        refused: Vec::new(),
    };
    for (batch, members) in book.members.chunks(BATCH).enumerate() {
        work.batch(batch * BATCH, members, &mut report)?;
    }
    if !work.refused.is_empty() {
        return Err(Stopped::Problems(work.refused));
    }
    let new = work.new;
    if let Some(in_force) = in_force {
        gift_cards(writing, &in_force.program, book, options)?;
    }
    Ok((report, new))
}

/// The key under which a member's take-over is known for ever: by our id, so that it says nothing of who it is.
pub(super) fn key(options: &Options<'_>, customer: &str) -> String {
    format!("{}/takeover:{}/{customer}", options.program.unwrap_or_default(), options.source)
}

/// The old system's key of a member as an identifier.
pub(super) fn old_key(options: &Options<'_>, key: &str) -> Identifier {
    Identifier { kind: "external_id".into(), source: options.source.to_owned(), value: key.to_owned() }
}

struct Work<'a> {
    writing: &'a Writing<'a>,
    rules: &'a Rules,
    in_force: Option<&'a InForce>,
    options: &'a Options<'a>,
    chance: &'a mut dyn FnMut() -> u128,
    /// Identifiers given out by these files: to whom, and the line.
    used: HashMap<Identifier, u64>,
    /// Tells apart ids made in one instant.
    serial: u128,
    /// Who is new, by place in the book and id here.
    new: Vec<(usize, String)>,
    /// Cards that cannot be.
    refused: Vec<Problem>,
}

/// A member on the way in.
struct Coming<'a> {
    old: &'a Old,
    keys: Vec<Identifier>,
    customer: Option<String>,
    is_erased: bool,
}

/// The rows of a batch.
#[derive(Default)]
struct Rows {
    customers: Vec<String>,
    keys: Vec<(String, Identifier)>,
    said: Vec<(String, String, String)>,
    words: Vec<(String, String)>,
    consents: Vec<ConsentRow>,
    members: Vec<MemberRow>,
    postings: Vec<PostingRow>,
    accounts: Vec<AccountRow>,
    lots: Vec<LotRow>,
    vouchers: Vec<VoucherRow>,
    commands: Vec<CommandRow>,
    /// Customers who were known before: the words under which they are found are written anew.
    known: Vec<String>,
}

impl<'a> Work<'a> {
    fn now(&self) -> i64 {
        self.options.now.as_microsecond()
    }

    fn batch(&mut self, first: usize, members: &'a [Old], report: &mut Report) -> Result<(), Stopped> {
        let mut coming: Vec<Coming<'a>> = members.iter().map(|old| self.coming(old, report)).collect();
        self.gather(&mut coming, report)?;
        let ids: Vec<String> =
            coming.iter().filter_map(|one| one.customer.as_deref()).map(|id| key(self.options, id)).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let known: HashMap<String, [u8; 32]> =
            self.writing.find_commands(&ids)?.into_iter().map(|(_, row)| (row.key, row.hash)).collect();
        let mut rows = Rows::default();
        for (place, one) in coming.into_iter().enumerate() {
            if one.is_erased {
                report.erased += 1;
                continue;
            }
            let hash = hash(one.old);
            if let Some(before) = one.customer.as_ref().and_then(|id| known.get(&key(self.options, id))) {
                if *before == hash {
                    report.unchanged += 1;
                } else {
                    report.changed.push(one.old.key.clone());
                }
                continue;
            }
            report.new += 1;
            report.customers_new += u64::from(one.customer.is_none());
            let customer = self.write(one, hash, &mut rows)?;
            self.new.push((first + place, customer));
        }
        self.record(&rows)
    }

    /// A member's identifiers, as far as they can be used. A number or an address that cannot be is left out and
    /// listed; a card is what the old system gave out, and must be right.
    fn coming(&mut self, old: &'a Old, report: &mut Report) -> Coming<'a> {
        let mut keys = vec![old_key(self.options, &old.key)];
        for ((kind, value), line) in old.keys.iter().zip(&old.key_lines) {
            let held = keys.iter().filter(|held| held.kind == *kind).count();
            let limit = self.rules.kind(kind).limit;
            let why = match self.rules.normalise(self.options.source, kind, value) {
                Ok(key) => match self.used.get(&key) {
                    Some(known) if *known == old.line => continue,
                    Some(known) => format!("the member of members.csv line {known} has this {kind} already"),
                    None if held >= limit => NotUsable::Limit { kind: kind.clone(), limit }.to_string(),
                    None => {
                        self.used.insert(key.clone(), old.line);
                        keys.push(key);
                        continue;
                    }
                },
                Err(why) => why.to_string(),
            };
            self.leave(kind, *line, value, why, report);
        }
        Coming { old, keys, customer: None, is_erased: false }
    }

    fn leave(&mut self, kind: &str, line: u64, value: &str, reason: String, report: &mut Report) {
        let is_card = kind == "card_number";
        let file = if is_card { "cards.csv" } else { "members.csv" }.to_owned();
        let list = if is_card { &mut self.refused } else { &mut report.left_out };
        if list.len() < LISTED {
            list.push(Problem { file, line, column: kind.to_owned(), value: value.to_owned(), reason });
        }
    }

    /// Who of them is known to the shop: by the old system's key, else by any other identifier. One customer of ours is
    /// one member of theirs.
    fn gather(&mut self, coming: &mut [Coming<'a>], report: &mut Report) -> Result<(), Stopped> {
        let all: Vec<Identifier> = coming.iter().flat_map(|one| one.keys.iter().cloned()).collect();
        let mut owners = self.writing.owners_of(&all)?.into_iter();
        let first: Vec<Identifier> = coming.iter().map(|one| one.keys[0].clone()).collect();
        let erased = self.writing.erased_owners(&first)?;
        let of_all: Vec<Vec<Option<String>>> =
            coming.iter().map(|one| owners.by_ref().take(one.keys.len()).collect()).collect();
        let mut taken: HashSet<String> = of_all.iter().filter_map(|of_keys| of_keys[0].clone()).collect();
        for ((one, of_keys), erased) in coming.iter_mut().zip(of_all).zip(erased) {
            one.is_erased = of_keys[0].is_none() && erased.is_some();
            one.customer = of_keys[0].clone();
            if let (None, Some(other)) = (&one.customer, of_keys.iter().flatten().next())
                && !one.is_erased
                && !self.is_another_member(other)?
                && taken.insert(other.clone())
            {
                one.customer = Some(other.clone());
            }
            let mut owners = of_keys.into_iter();
            let keys = std::mem::take(&mut one.keys);
            for key in keys {
                match owners.next().flatten() {
                    None => one.keys.push(key),
                    // What they have already is not given again.
                    Some(owner) if one.customer.as_ref() == Some(&owner) => {}
                    Some(owner) => {
                        let why = format!(
                            "customer {owner} of the shop has it: if they are one, merge them afterwards"
                        );
                        let (line, value) = (one.old.line, key.value.clone());
                        self.leave(&key.kind, line, &value, why, report);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a customer is known under another key of the old system.
    fn is_another_member(&self, customer: &str) -> Result<bool, Stopped> {
        let keys = self.writing.keys_of_customer(customer)?;
        Ok(keys.iter().any(|key| key.kind == "external_id" && key.source == self.options.source))
    }

    fn next_id(&mut self) -> String {
        let millis = u64::try_from(self.options.now.as_millisecond()).unwrap_or(0);
        // In order, so that tables grow at their end; with chance, so that nobody's is guessed from a neighbour's.
        self.serial += 1 + ((self.chance)() & 0xffff_ffff);
        Id::new(Kind::Customer, millis, self.serial << 16).to_string()
    }

    fn write(&mut self, one: Coming<'a>, hash: [u8; 32], rows: &mut Rows) -> Result<String, Stopped> {
        let (customer, is_new) = match one.customer {
            Some(known) => (known, false),
            None => (self.next_id(), true),
        };
        let old = one.old;
        if is_new {
            rows.customers.push(customer.clone());
        }
        self.say(&customer, old, &one.keys, is_new, rows)?;
        for consent in &old.consents {
            rows.consents.push(self.consent(&customer, old, consent));
        }
        rows.keys.extend(one.keys.into_iter().map(|key| (customer.clone(), key)));
        if let Some(in_force) = self.in_force {
            self.member(&in_force.program, &customer, old, rows)?;
        }
        rows.commands.push(CommandRow {
            key: key(self.options, &customer),
            hash,
            customer_id: Some(customer.clone()),
            recorded_at: self.now(),
            answer: format!("{{\"lots\":{},\"consents\":{}}}", old.lots.len(), old.consents.len()),
        });
        Ok(customer)
    }

    fn say(
        &self,
        customer: &str,
        old: &Old,
        keys: &[Identifier],
        is_new: bool,
        rows: &mut Rows,
    ) -> Result<(), Stopped> {
        let known = |field: &str| old.fields.get(field).map_or("", String::as_str);
        rows.said.extend(
            old.fields.iter().map(|(field, value)| (customer.to_owned(), field.clone(), value.clone())),
        );
        for tag in &old.tags {
            self.writing.set_tag(customer, tag, true, self.now())?;
        }
        for (name, value) in &old.attributes {
            put_attribute(self.writing, customer, name, value, self.now()).map_err(
                |stopped| match stopped {
                    crate::people::Stopped::Refused(why) => Stopped::Refused(format!(
                        "members.csv line {}, column attribute.{name}: {why}",
                        old.line
                    )),
                    crate::people::Stopped::Failure(failure) => Stopped::Failure(failure),
                },
            )?;
        }
        if is_new {
            let name = names::name(known("name"), known("family_name"), known("given_name")).full;
            let birthday = old.fields.get("birthday").cloned();
            let words = search::words(&Profile { name, birthday, keys: keys.to_vec() });
            rows.words.extend(words.into_iter().map(|word| (word, customer.to_owned())));
        } else {
            rows.known.push(customer.to_owned());
        }
        Ok(())
    }

    fn consent(&mut self, customer: &str, old: &Old, consent: &super::book::Consent) -> ConsentRow {
        let said = &consent.said;
        let own = address_kind(&said.channel).map(|kind| {
            let written = old.keys.iter().find(|(known, _)| known == kind).map(|(_, value)| value.as_str());
            let text = said.address.as_deref().or(written).unwrap_or_default();
            self.rules.normalise("", kind, text).map_or_else(|_| text.to_owned(), |key| key.value)
        });
        let country = old.fields.get("country").map_or(self.rules.country.as_str(), String::as_str);
        self.serial += 1;
        ConsentRow {
            customer_id: customer.to_owned(),
            consent_id: format!(
                "{:032x}",
                (self.now().max(0) as u128) << 64 | (self.serial & u128::from(u64::MAX))
            ),
            address: own.or_else(|| said.address.clone()).unwrap_or_default(),
            channel: said.channel.clone(),
            purpose: said.purpose.clone(),
            status: said.status.clone(),
            legal_basis: "consent".to_owned(),
            jurisdiction: law_of(country).to_owned(),
            text_version: said.text_version.clone(),
            language: said.language.clone(),
            source: consent.source.clone(),
            actor: self.options.actor.to_owned(),
            evidence: said.evidence.to_string(),
            happened_at: said.happened_at.map_or(self.now(), |at| at.as_microsecond().min(self.now())),
            recorded_at: self.now(),
            expires_at: said.expires_at.map(jiff::Timestamp::as_microsecond),
            confirms: None,
        }
    }

    /// The member with opening entries, standings and vouchers.
    fn member(&self, program: &Program, customer: &str, old: &Old, rows: &mut Rows) -> Result<(), Stopped> {
        let now = self.options.now;
        if !self.writing.find_members(program.head.id.as_str(), &[customer])?.is_empty() {
            return Err(Stopped::Refused(format!(
                "member {} (members.csv line {}) is customer {customer}, who is in program {} already: a member is taken \
                 over before anything else happens to them",
                old.key, old.line, program.head.id
            )));
        }
        let id = Name::from(customer);
        let mut member = Member::new(program, &id, loyalty::time::start_of(old.joined_on, &program.zone));
        member.advanced_to = now;
        let active = old.last_active_on.unwrap_or(old.joined_on);
        member.active_at = loyalty::time::start_of(active, &program.zone);
        member.birthday = old.fields.get("birthday").and_then(|day| day.parse().ok());
        for (ladder, day, units) in &old.progress {
            *member.standings[*ladder].counted.entry(*day).or_default() += units;
        }
        for (ladder, level, since, ends_on) in &old.tiers {
            let step = Step { day: *since, level: *level, ends_on: *ends_on, why: Move::Joined };
            let standing = &mut member.standings[*ladder];
            standing.opening = Some(loyalty::tier::Opening { step, on: program.day(now) });
            standing.steps = vec![step];
        }
        for wallet in 0..program.wallets.len() {
            self.open(program, &mut member, wallet, old, rows)?;
        }
        for voucher in &old.vouchers {
            let row = Voucher {
                reward: voucher.reward.as_str().into(),
                member: id.clone(),
                until: voucher.ends_at,
                uses_left: u32::try_from(voucher.uses_left).unwrap_or(u32::MAX),
                value_minor: voucher.value_minor,
            };
            rows.vouchers.push(voucher_row(program.head.id.as_str(), &voucher.code.as_str().into(), &row));
        }
        let state = state(&mut member);
        rows.members.push(member_row(program, &member, state));
        Ok(())
    }

    /// The opening entries of a wallet.
    fn open(
        &self,
        program: &Program,
        member: &mut Member,
        wallet: usize,
        old: &Old,
        rows: &mut Rows,
    ) -> Result<(), Stopped> {
        let mut postings: Vec<Posting> = Vec::new();
        for lot in old.lots.iter().filter(|lot| lot.wallet == wallet) {
            let opening = Opening {
                earned_at: lot.earned_at,
                start: lot.usable_from.map_or(Start::Usable, Start::At),
                expires_at: lot.expires_at,
            };
            let id = if lot.reference.is_empty() { self.options.source } else { lot.reference.as_str() };
            let units = Points::new(lot.units).unwrap_or_default();
            member.accounts[wallet]
                .earn(self.options.now, units, opening, Cause::new("opening", id), &mut postings)
                .map_err(|why| Stopped::Refused(format!("member {}: {why}", old.key)))?;
        }
        if postings.is_empty() {
            return Ok(());
        }
        let (program_id, name) = (program.head.id.as_str(), &program.wallets[wallet].id);
        let account = &member.accounts[wallet];
        rows.postings.extend(postings.iter().map(|one| posting_row(program_id, &member.id, name, one, None)));
        rows.accounts.push(account_row(program_id, &member.id, name, account));
        let lots: BTreeSet<LotId> = (0..account.opened()).map(LotId).collect();
        rows.lots.extend(lot_rows(program_id, &member.id, name, account, &lots));
        Ok(())
    }

    fn record(&self, rows: &Rows) -> Result<(), Stopped> {
        let writing = self.writing;
        let mut keys: Vec<&(String, Identifier)> = rows.keys.iter().collect();
        // In the order of the index, neighbours are written together.
        keys.sort_by(|(_, one), (_, other)| one.value.cmp(&other.value));
        let keys: Vec<(String, Identifier)> = keys.into_iter().cloned().collect();
        writing.insert_customers(&rows.customers, &keys, self.now())?;
        let said: Vec<(&str, &str, &str)> = rows
            .said
            .iter()
            .map(|(customer, field, value)| (customer.as_str(), field.as_str(), value.as_str()))
            .collect();
        writing.say(&said, self.options.source, self.now())?;
        let words = rows.words.iter().map(|(word, customer)| (word.as_str(), customer.as_str()));
        writing.insert_search_words(words.collect())?;
        rows.known.iter().try_for_each(|customer| refresh_words(writing, customer))?;
        writing.insert_consents(&rows.consents)?;
        writing.insert_members(&rows.members)?;
        writing.insert_postings(&rows.postings)?;
        writing.put_accounts(&rows.accounts)?;
        writing.put_lots(&rows.lots)?;
        let codes: Vec<&str> = rows.vouchers.iter().map(|row| row.code.as_str()).collect();
        if let Some(in_force) = self.in_force
            && let Some(taken) = writing.lock_vouchers(in_force.program.head.id.as_str(), &codes)?.first()
        {
            return Err(Stopped::Refused(format!(
                "voucher {} is somebody's in this program already: leave it out of vouchers.csv, or give it another code",
                taken.code
            )));
        }
        writing.put_vouchers(&rows.vouchers)?;
        Ok(writing.insert_commands(&rows.commands)?)
    }
}

/// What a member is, in one hash.
fn hash(old: &Old) -> [u8; 32] {
    *blake3::hash(text(old).as_bytes()).as_bytes()
}

/// Gift cards are ledgers of their own, in minor units of money.
fn gift_cards(
    writing: &Writing<'_>,
    program: &Program,
    book: &Book,
    options: &Options<'_>,
) -> Result<(), Stopped> {
    let id = program.head.id.as_str();
    let codes: Vec<&str> = book.gift_cards.iter().map(|(code, _)| code.as_str()).collect();
    let known: HashMap<String, String> =
        writing.lock_gift_cards(id, &codes)?.into_iter().map(|row| (row.id, row.state)).collect();
    let (mut states, mut rows) = (Vec::new(), Rows::default());
    for (code, minor) in &book.gift_cards {
        match known.get(code) {
            None => states.push(opened(program, code, *minor, options, &mut rows).map_err(Stopped::Failure)?),
            // Taken over before, and whatever happened to it since is its own affair.
            Some(before) if begins_alike(before, options) => {}
            Some(_) => {
                return Err(Stopped::Refused(format!(
                    "gift card {code} is in this program already and was not taken over: give it another code"
                )));
            }
        }
    }
    writing.insert_postings(&rows.postings)?;
    writing.put_accounts(&rows.accounts)?;
    writing.put_lots(&rows.lots)?;
    Ok(writing.put_gift_cards(id, &states)?)
}

/// A card with its balance loaded; the entry of that goes to the rows.
fn opened(
    program: &Program,
    code: &str,
    minor: i64,
    options: &Options<'_>,
    rows: &mut Rows,
) -> Result<StateRow, Failure> {
    let (id, wallet) = (program.head.id.as_str(), Name::from(CARD));
    let (mut shared, mut outputs) = (loyalty::judge::Shared::default(), Vec::new());
    let (code, source) = (Name::from(code), Name::from(format!("opening {}", options.source).as_str()));
    gift_card::load(program, &mut shared, &code, minor, &source, options.now, &mut outputs);
    let none = || Failure::Damaged { path: code.to_string(), detail: "no card was made".into() };
    let card = shared.cards.get(&code).ok_or_else(none)?;
    for output in &outputs {
        if let Output::Card { posting, .. } = output {
            rows.postings.push(posting_row(id, &code, &wallet, posting, None));
        }
    }
    if !outputs.is_empty() {
        let lots = card.lots().map(|(lot, _)| lot).collect();
        rows.accounts.push(account_row(id, &code, &wallet, card));
        rows.lots.extend(lot_rows(id, &code, &wallet, card, &lots));
    }
    Ok(StateRow { id: code.to_string(), state: text(card) })
}

/// Whether a card was opened by a take-over from this source.
fn begins_alike(state: &str, options: &Options<'_>) -> bool {
    state.contains(&format!("\"opening {}\"", options.source))
}
