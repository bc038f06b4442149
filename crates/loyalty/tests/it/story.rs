//! Stories: a program and what happens to its members, as text.
//!
//! ```text
//! 2026-03-01        join   ana birthday=02-29
//! 2026-03-11T08:00  order  ana o-1 latte:coffee=4.50 2xbun:bakery=6.40-0.40 store=s1 pay=voucher:2.00
//! ana stars 10.2 pending=0
//! 2026-03-12        return o-1 r-1 2:0.5
//! ana tier green
//! ```
//!
//! A line that begins with a day is a fact, at that time of the program's zone; `refused CODE` at its end says what
//! must come of it. Any other line says how things must stand.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use loyalty::fact::{
    Claim, Custom, Event, Fact, Join, Line, Order, Pool, PoolStep, Redeem, Return, ReturnLine, Tender,
    UseBenefit,
};
use loyalty::gift_card::CARD;
use loyalty::judge::{Books, Output, judge};
use loyalty::ledger::{Posting, balance_at, verify};
use loyalty::name::Name;
use loyalty::program::{Program, load};
use std::collections::BTreeMap;

pub fn program(text: &str) -> Program {
    let files = BTreeMap::from([("program.toml".to_owned(), text.to_owned())]);
    load(&files).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

pub fn at(program: &Program, text: &str) -> Timestamp {
    let moment: DateTime = match text.parse::<Date>() {
        Ok(day) if text.len() == 10 => day.to_datetime(jiff::civil::Time::midnight()),
        _ => text.parse().unwrap_or_else(|_| panic!("'{text}' is no time")),
    };
    program.zone.to_ambiguous_zoned(moment).compatible().unwrap().timestamp()
}

fn name(text: &str) -> Name {
    Name::new(text)
}

fn scaled(text: &str, scale: u32) -> i64 {
    let decimal = domain::money::Decimal::parse(text).unwrap_or_else(|_| panic!("'{text}' is no number"));
    decimal.rescale(scale).unwrap()
}

/// `2xbun:bakery=6.40-0.40`
fn line(program: &Program, number: usize, text: &str) -> Option<Line> {
    let (what, price) = text.split_once('=')?;
    let (quantity, what) = match what.split_once('x') {
        Some((count, rest)) if count.parse::<f64>().is_ok() => (scaled(count, 3), rest),
        _ => (1000, what),
    };
    let (product, category) = what.split_once(':')?;
    let decimals = program.decimals();
    let (price, tax) = price.split_once('+').unwrap_or((price, "0"));
    let (gross, discount) = price.split_once('-').unwrap_or((price, "0"));
    Some(Line {
        id: name(&number.to_string()),
        product: name(product),
        category: name(category),
        quantity_milli: quantity,
        gross_minor: scaled(gross, decimals),
        discount_minor: scaled(discount, decimals),
        tax_minor: scaled(tax, decimals),
    })
}

fn option<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

fn order(program: &Program, words: &[&str]) -> Fact {
    let mut lines = Vec::new();
    for word in &words[2..] {
        if word.split('=').next().is_some_and(|key| key.contains(':')) {
            lines.extend(line(program, lines.len() + 1, word));
        }
    }
    let tender = |word: &&str| {
        let mut parts = word.strip_prefix("pay=")?.split(':');
        Some(Tender {
            kind: name(parts.next()?),
            amount_minor: scaled(parts.next()?, program.decimals()),
            code: parts.next().map(name),
        })
    };
    Fact::Order(Order {
        id: name(words[1]),
        member: (words[0] != "-").then(|| name(words[0])),
        ordered_at: option(words, "at").map(|text| at(program, text)),
        store: option(words, "store").map(name),
        till: option(words, "till").map(name),
        channel: option(words, "channel").map(name),
        currency: option(words, "currency").map(|code| code.parse().unwrap()),
        lines,
        tenders: words.iter().filter_map(tender).collect(),
        shipping_minor: option(words, "shipping").map_or(0, |text| scaled(text, program.decimals())),
        invoice: option(words, "invoice").map(name),
    })
}

fn back(program: &Program, words: &[&str]) -> Fact {
    let part = |word: &&str| {
        let (line, amount) = word.split_once(':')?;
        let money = amount.strip_prefix('$').map_or(0, |money| scaled(money, program.decimals()));
        let quantity = if amount.starts_with('$') { 0 } else { scaled(amount, 3) };
        Some(ReturnLine { line: name(line), quantity_milli: quantity, amount_minor: money })
    };
    Fact::Return(Return {
        order: name(words[0]),
        id: name(words[1]),
        lines: words[2..].iter().filter_map(part).collect(),
    })
}

fn redeem(program: &Program, words: &[&str]) -> Redeem {
    Redeem {
        member: name(words[0]),
        reward: name(words[1]),
        id: name(words[2]),
        product: option(words, "product").map(name),
        units: option(words, "units").map(|text| text.parse().unwrap()),
        bill_minor: option(words, "bill").map(|text| scaled(text, program.decimals())),
        till: option(words, "till").map(name),
        is_confirmed: words.contains(&"confirmed"),
        until: option(words, "until").map(|text| at(program, text)),
    }
}

fn units(program: &Program, wallet: &str, text: &str) -> i64 {
    let wallet = program.wallet(wallet).unwrap_or_else(|| panic!("no wallet {wallet}"));
    scaled(text, program.wallets[wallet].precision)
}

pub fn fact(program: &Program, verb: &str, words: &[&str]) -> Fact {
    match verb {
        "join" => Fact::Join(Join {
            member: name(words[0]),
            birthday: option(words, "birthday").map(|text| text.parse().unwrap()),
            segments: words.iter().filter_map(|word| word.strip_prefix("segment=")).map(name).collect(),
            referred_by: option(words, "by").map(name),
            marks: words.iter().filter_map(|word| word.strip_prefix("mark=")).map(name).collect(),
        }),
        "order" => order(program, words),
        "update" => match order(program, words) {
            Fact::Order(order) => Fact::OrderUpdated {
                updated_at: option(words, "updated").map(|text| at(program, text)),
                order,
            },
            other => panic!("{other:?}"),
        },
        "cancel" => Fact::OrderCancelled { order: name(words[0]) },
        "return" => back(program, words),
        "keep" => Fact::ReturnUndone { order: name(words[0]), id: name(words[1]) },
        "event" => Fact::Event(Custom {
            member: name(words[0]),
            name: name(words[1]),
            id: name(words[2]),
            happened_at: option(words, "at").map(|text| at(program, text)),
            order: option(words, "order").map(name),
            store: option(words, "store").map(name),
        }),
        "claim" => Fact::Claim(Claim {
            member: name(words[0]),
            order: option(words, "order").map(name),
            invoice: option(words, "invoice").map(name),
            on: option(words, "on").map(|text| text.parse().unwrap()),
            amount_minor: option(words, "amount").map(|text| scaled(text, program.decimals())),
            store: option(words, "store").map(name),
        }),
        "redeem" => Fact::Redeem(redeem(program, words)),
        "hold" => Fact::Hold(redeem(program, words)),
        "capture" => Fact::Capture { member: name(words[0]), id: name(words[1]) },
        "release" => Fact::Release { member: name(words[0]), id: name(words[1]) },
        "refund" => Fact::Refund { member: name(words[0]), id: name(words[1]) },
        "adjust" => Fact::Adjust {
            member: name(words[0]),
            wallet: name(words[1]),
            units: units(program, words[1], words[2]),
            id: name(words[3]),
        },
        "send" => Fact::Transfer {
            member: name(words[0]),
            to: name(words[1]),
            wallet: name(words[2]),
            units: units(program, words[2], words[3]),
            id: name(words[4]),
        },
        "pool" => {
            let wallet = program.pools.first().map_or("", |pool| pool.wallet.as_str());
            let does = match words[1] {
                "join" => PoolStep::Join,
                "leave" => PoolStep::Leave,
                "give" => PoolStep::Give,
                _ => PoolStep::Take,
            };
            let moves = matches!(does, PoolStep::Give | PoolStep::Take);
            Fact::Pool(Pool {
                member: name(words[0]),
                household: name(words[2]),
                pool: (!moves).then(|| name(words[3])),
                units: if moves { units(program, wallet, words[3]) } else { 0 },
                id: name(words[4]),
                does,
            })
        }
        "use" => Fact::Benefit(UseBenefit {
            member: name(words[0]),
            benefit: name(words[1]),
            id: name(words[2]),
            happened_at: option(words, "at").map(|text| at(program, text)),
        }),
        "void" => Fact::BenefitUndone { member: name(words[0]), id: name(words[1]) },
        "merge" => Fact::Merge { member: name(words[0]), into: name(words[1]) },
        "unmerge" => Fact::Unmerge { member: name(words[0]) },
        "tick" => Fact::Tick,
        other => panic!("no verb '{other}'"),
    }
}

pub struct Story {
    pub program: Program,
    pub books: Books,
    pub outputs: Vec<Output>,
    pub now: Timestamp,
}

impl Story {
    pub fn new(text: &str) -> Story {
        let books = Books::default();
        Story { program: program(text), books, outputs: Vec::new(), now: Timestamp::MIN }
    }

    pub fn tell(&mut self, script: &str) -> &mut Story {
        for text in script.lines().map(str::trim).filter(|text| !text.is_empty() && !text.starts_with('#')) {
            let words: Vec<&str> = text.split_whitespace().collect();
            if words[0].starts_with(|c: char| c.is_ascii_digit()) {
                self.happen(text, &words);
            } else {
                self.expect(text, &words);
            }
        }
        self
    }

    fn happen(&mut self, text: &str, words: &[&str]) {
        self.now = at(&self.program, words[0]).max(self.now);
        let end = words.iter().position(|word| *word == "refused").unwrap_or(words.len());
        let fact = fact(&self.program, words[1], &words[2..end]);
        // What is kept in a database comes back the same.
        let event = Event { at: self.now, fact };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
        let mut out = Vec::new();
        judge(&self.program, &mut self.books, &event, &mut out);
        let refusal = out.iter().find_map(|output| match output {
            Output::Refused { code, why, .. } => Some((code.as_str().to_owned(), why.clone())),
            _ => None,
        });
        let expected = words.get(end + 1).copied();
        assert_eq!(refusal.as_ref().map(|(code, _)| code.as_str()), expected, "{refusal:?} in: {text}");
        self.outputs.extend(out);
    }

    fn expect(&mut self, text: &str, words: &[&str]) {
        let member = &self.books.members[&name(words[0])];
        if words[1] == "tier" {
            let tiers = member.tiers_on(&self.program, self.program.day(self.now));
            assert!(tiers.iter().any(|tier| **tier == words[2]), "{tiers:?} in: {text}");
            return;
        }
        let wallet = self.program.wallet(words[1]).unwrap_or_else(|| panic!("no wallet in: {text}"));
        let balance = member.accounts[wallet].balance(self.now);
        let scale = self.program.wallets[wallet].precision;
        for word in &words[2..] {
            let (key, expected) = word.split_once('=').unwrap_or(("available", word));
            let actual = match key {
                "available" => balance.available,
                "pending" => balance.pending,
                "held" => balance.held,
                "owed" => balance.owed,
                "earned" => balance.totals.earned,
                "expired" => balance.totals.expired,
                "clawed_back" => balance.totals.clawed_back,
                "expires" => {
                    let dated: Vec<String> = balance
                        .expirations
                        .iter()
                        .map(|(end, amount)| {
                            let end = end.to_zoned(self.program.zone.clone()).date();
                            format!("{}@{end}", loyalty::number::decimal(*amount, scale))
                        })
                        .collect();
                    assert_eq!(dated.join(","), expected, "in: {text}");
                    continue;
                }
                other => panic!("no figure '{other}' in: {text}"),
            };
            assert_eq!(actual, scaled(expected, scale), "{key} in: {text}");
        }
    }

    /// The postings of a member's wallet, out of the outputs.
    pub fn postings(&self, member: &str, wallet: &str) -> Vec<Posting> {
        let mine = |output: &Output| match output {
            Output::Posted { member: m, wallet: w, posting, .. } if *m == *member && *w == *wallet => {
                Some(posting.clone())
            }
            _ => None,
        };
        self.outputs.iter().filter_map(mine).collect()
    }

    /// The entries of a gift card, out of the outputs.
    pub fn card(&self, code: &str) -> Vec<Posting> {
        let of = |output: &Output| match output {
            Output::Card { card, posting } if *card == *code => Some(posting.clone()),
            _ => None,
        };
        self.outputs.iter().filter_map(of).collect()
    }

    /// What must hold after any story: chains verify, balances are what a replay gives, transfers cancel out, each
    /// award's arithmetic is its entry, and the books come back from JSON as they were.
    pub fn prove(&self) {
        let id = self.program.head.id.as_str();
        for wallet in &self.program.wallets {
            let mut transferred = 0;
            for member in self.books.members.values() {
                let postings = self.postings(member.id.as_str(), wallet.id.as_str());
                let who = member.id.as_str();
                assert_eq!(verify(id, who, wallet.id.as_str(), &postings), [], "{who}");
                let account = &member.accounts[self.program.wallet(wallet.id.as_str()).unwrap()];
                let now = self.now.max(account.at());
                assert_eq!(
                    balance_at(id, who, wallet.id.as_str(), &postings, now),
                    account.balance(now),
                    "{who}"
                );
                transferred += postings.iter().map(|p| p.on(&loyalty::ledger::Pot::Transferred)).sum::<i64>();
            }
            for (id_of, household) in &self.books.shared.households {
                let postings = self.postings(id_of.as_str(), wallet.id.as_str());
                assert_eq!(verify(id, id_of.as_str(), wallet.id.as_str(), &postings), [], "{id_of}");
                let at = self.now.max(household.account.at());
                let replayed = balance_at(id, id_of.as_str(), wallet.id.as_str(), &postings, at);
                assert_eq!(replayed, household.account.balance(at), "{id_of}");
                transferred += postings.iter().map(|p| p.on(&loyalty::ledger::Pot::Transferred)).sum::<i64>();
            }
            assert_eq!(transferred, 0, "transfers of {} cancel out", wallet.id);
        }
        for (code, card) in &self.books.shared.cards {
            let postings = self.card(code.as_str());
            assert_eq!(verify(id, code.as_str(), CARD, &postings), [], "{code}");
            let at = self.now.max(card.at());
            assert_eq!(balance_at(id, code.as_str(), CARD, &postings, at), card.balance(at), "{code}");
        }
        for output in &self.outputs {
            if let Output::Posted { posting, .. } | Output::Card { posting, .. } = output {
                assert!(
                    posting.lines.iter().all(|line| line.amount != 0),
                    "a line that moves nothing: {posting:?}"
                );
            }
            if let Output::Posted { posting, working: Some(working), .. } = output {
                assert_eq!(working.recompute(), Some(working.units), "{working:?}");
                assert_eq!(posting.on(&loyalty::ledger::Pot::Issued), -working.units);
            }
        }
        let json = serde_json::to_string(&self.books).unwrap();
        assert_eq!(serde_json::from_str::<Books>(&json).unwrap(), self.books);
    }
}

/// Tell a story of a program and prove the books at its end.
pub fn check(program: &str, script: &str) {
    Story::new(program).tell(script).prove();
}
