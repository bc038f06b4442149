//! Takes judged pieces in order: ids for customers, rows to the lake, persons to state, rejects to their file.

use super::detected::identifier_kind;
use super::import::{People, Person, Resolve, Summary, Tell, Words};
use super::judged::{Counts, Judged, Reject, Skipped};
use super::look::{Looked, counted_questions};
use super::options::{OnBad, Options};
use super::piece::{pieces, rows_of};
use super::refused::{Reason, Refused, Stopped};
use super::rejects::{Rejects, column_name};
use super::role::Role;
use super::split::{Row, Scratch};
use super::table::NOBODY;
use super::when::{self, DateOrder};
use domain::port::{FILE_SHIFT, Prepared, Staging};
use domain::{Id, Kind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Takes judged pieces in order.
pub(super) struct Sink<'a> {
    import: String,
    source: &'a str,
    names: Vec<String>,
    columns: Vec<Vec<String>>,
    staging: Box<dyn Staging>,
    resolve: &'a mut Resolve<'a>,
    people: &'a mut Tell<'a>,
    /// Hash of kind and key → body of the id.
    ids: FxHashMap<u128, u128>,
    rejects: Rejects,
    on_bad: OnBad,
    first_bad: Option<(u64, Reason)>,
    pub counts: Counts,
    skipped: Skipped,
    reasons: FxHashMap<Reason, u64>,
    /// Customer and product of returns → the last order that had them.
    sought: FxHashMap<u64, String>,
    days: Option<(i32, i32)>,
    customers: u64,
    birthday_order: DateOrder,
    january_is_filler: bool,
}

/// Ids remembered; beyond it they are asked for again.
const IDS_LIMIT: usize = 8 << 20;

impl<'a> Sink<'a> {
    pub(super) fn new(
        looked: &'a Looked,
        options: &Options,
        staging: Box<dyn Staging>,
        resolve: &'a mut Resolve<'a>,
        people: &'a mut Tell<'a>,
    ) -> Sink<'a> {
        let import = looked.import.to_string();
        Sink {
            rejects: Rejects::new(options.folder.join("rejects").join(format!("{import}.csv"))),
            import,
            source: &looked.meaning.source,
            names: looked.sources.iter().map(|source| source.name.clone()).collect(),
            columns: looked.shapes.iter().map(|shape| shape.columns.clone()).collect(),
            staging,
            resolve,
            people,
            ids: FxHashMap::default(),
            on_bad: options.on_bad,
            first_bad: None,
            counts: Counts::default(),
            skipped: Skipped::default(),
            reasons: FxHashMap::default(),
            sought: FxHashMap::default(),
            days: None,
            customers: 0,
            birthday_order: looked.meaning.birthday_order,
            january_is_filler: looked.meaning.january_is_filler,
        }
    }

    /// Refuse a file of which nothing is a fact.
    pub(super) fn check_any(&mut self) -> Result<(), Stopped> {
        let file = self.names[0].clone();
        if self.counts.read == self.skipped.all() {
            return Err(Refused::NoRows(file).into());
        }
        if self.counts.accepted > 0 {
            return Ok(());
        }
        let rejects = self.rejects.finish()?.map_or(String::new(), |path| path.display().to_string());
        let (line, reason) = self.first_bad.unwrap_or((0, Reason::Missing));
        let reason = reason.text().to_owned();
        Err(Refused::NothingAccepted { file, rows: self.counts.read, line, reason, rejects }.into())
    }

    /// Everything is written: what it will do to the lake, and the summary filled in.
    pub(super) fn finish(mut self, looked: &Looked, summary: &mut Summary) -> Result<Prepared, Stopped> {
        let plan = self.staging.finish()?;
        let mut taken: Vec<u64> =
            plan.tables.iter().flat_map(|table| table.contradictions.iter().copied()).collect();
        taken.sort_unstable();
        // A cancelled order is two facts of one row; the row is rejected once.
        taken.dedup();
        self.counts.accepted -= taken.len() as u64;
        for (ordinal, reject) in contradictions(looked, &taken)? {
            let file = (ordinal >> FILE_SHIFT) as usize;
            *self.reasons.entry(Reason::Contradiction).or_default() += 1;
            self.rejects.add(&self.names[file], &self.columns[file], &reject)?;
        }
        summary.rejects = self.rejects.finish()?;
        summary.reasons = self.reasons.iter().map(|(reason, count)| (reason.text(), *count)).collect();
        summary.reasons.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        counted_questions(&self.counts, &mut summary.questions);
        (summary.counts, summary.skipped, summary.rejected) = (self.counts, self.skipped, self.rejects.count);
        summary.facts_new = plan.tables.iter().map(|table| table.rows_new).sum();
        summary.facts_known = plan.tables.iter().map(|table| table.rows_known).sum();
        (summary.customers, summary.days) = (self.customers, self.days);
        summary.as_of = summary.as_of.or(self.days.map(|days| days.1));
        Ok(plan)
    }

    pub(super) fn take(&mut self, mut judged: Judged) -> Result<(), Stopped> {
        for reject in &judged.rejects {
            self.first_bad.get_or_insert((reject.line, reject.reason));
            if self.on_bad == OnBad::Stop {
                return Err(Refused::BadRow {
                    file: self.names[judged.file].clone(),
                    line: reject.line,
                    column: reject
                        .column
                        .map_or(String::new(), |place| column_name(&self.columns[judged.file], place)),
                    value: reject.value.clone(),
                    reason: reject.reason.text().to_owned(),
                }
                .into());
            }
            *self.reasons.entry(reject.reason).or_default() += 1;
            self.rejects.add(&self.names[judged.file], &self.columns[judged.file], reject)?;
        }
        self.skipped += judged.skipped;
        if let Some((first, last)) = judged.days {
            self.days = Some(self.days.map_or((first, last), |days| (days.0.min(first), days.1.max(last))));
        }
        let ids = self.ids_of(&mut judged)?;
        let customer = |who: u32| (who != NOBODY).then(|| ids[who as usize].1);
        if !judged.said.is_empty() {
            let words = judged.said.drain(..).map(|said| Words {
                row_key: said.row_key,
                customer: (said.who != NOBODY).then(|| ids[said.who as usize].0),
                text: said.text,
            });
            (self.people)(People { persons: Vec::new(), words: words.collect() })?;
        }
        self.sought.extend(judged.sought.drain(..));
        let base = (judged.file as i64) << FILE_SHIFT;
        for filled in judged.tables {
            if filled.rows() == 0 {
                continue;
            }
            let found: Vec<(usize, String)> = filled
                .orphans
                .iter()
                .filter_map(|(row, pair)| Some((*row, self.sought.get(pair)?.clone())))
                .collect();
            judged.counts.returns_joined += found.len() as u64;
            let table = filled.table;
            let batch = filled.into_batch(&self.import, self.source, base, customer, &found);
            self.staging.write(table, batch)?;
        }
        self.counts.add(&judged.counts);
        Ok(())
    }

    /// Ids of a piece's customers, and what is new about them to `people`.
    fn ids_of(&mut self, judged: &mut Judged) -> Result<Vec<(Id, [u8; 30])>, Stopped> {
        let known = std::mem::take(&mut judged.known);
        let hashes: Vec<u128> = known
            .iter()
            .map(|known| {
                let mut hasher = blake3::Hasher::new();
                hasher.update(identifier_kind(known.role.unwrap_or(Role::Customer)).as_bytes()).update(&[0]);
                let hash = hasher.update(known.key.as_bytes()).finalize();
                u128::from_be_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
            })
            .collect();
        if self.ids.len() > IDS_LIMIT {
            self.ids.clear();
        }
        let mut unseen: Vec<(&'static str, usize)> = known
            .iter()
            .enumerate()
            .filter(|(place, _)| !self.ids.contains_key(&hashes[*place]))
            .map(|(place, known)| (identifier_kind(known.role.unwrap_or(Role::Customer)), place))
            .collect();
        unseen.sort_by_key(|(kind, _)| *kind);
        let mut persons = Vec::new();
        for group in unseen.chunk_by(|one, other| one.0 == other.0) {
            let keys: Vec<&str> = group.iter().map(|(_, place)| known[*place].key.as_str()).collect();
            let ids = (self.resolve)(group[0].0, &keys)?;
            assert_eq!(ids.len(), keys.len(), "an id for every key");
            for ((_, place), id) in group.iter().zip(ids) {
                self.ids.insert(hashes[*place], id.body());
                self.customers += 1;
                if !known[*place].about.is_empty() {
                    persons.push(self.person(id, &known[*place].about, &mut judged.counts));
                }
            }
        }
        if !persons.is_empty() {
            (self.people)(People { persons, words: Vec::new() })?;
        }
        let id = |hash: &u128| {
            let id = Id::from_body(Kind::Customer, self.ids[hash]);
            (id, id.to_string().as_bytes().try_into().expect("an id has 30 letters"))
        };
        Ok(hashes.iter().map(id).collect())
    }

    fn person(&self, customer: Id, about: &[(Role, String)], counts: &mut Counts) -> Person {
        let mut person = Person { customer, identifiers: Vec::new(), name: None, birthday: None };
        for (role, cell) in about {
            match role {
                Role::Name => person.name = Some(cell.clone()),
                Role::Birthday => {
                    let day = when::read(cell, self.birthday_order)
                        .map(|moment| moment.civil_micros.div_euclid(when::DAY_MICROS));
                    let is_filler = |day: i64| {
                        self.january_is_filler && {
                            let (_, month, date) = when::civil_of(day);
                            (month, date) == (1, 1)
                        }
                    };
                    counts.birthdays_left_out += u64::from(day.is_some_and(is_filler));
                    person.birthday = day.filter(|day| !is_filler(*day)).map(|day| day as i32);
                }
                role => person.identifiers.push((identifier_kind(*role), cell.clone())),
            }
        }
        person
    }
}

/// The rows at these ordinals as rejects. Only the lake knows that a key is taken, long after its row went by; so the
/// files are read once more, for the column and the value to show.
fn contradictions(looked: &Looked, taken: &[u64]) -> Result<Vec<(u64, Reject)>, Stopped> {
    let mut found: Vec<(u64, Reject)> = taken
        .iter()
        .map(|ordinal| {
            let line = *ordinal & ((1 << FILE_SHIFT) - 1);
            (*ordinal, Reject { line, column: None, value: String::new(), reason: Reason::Contradiction })
        })
        .collect();
    if taken.is_empty() {
        return Ok(found);
    }
    let keys = [Role::Return, Role::Order, Role::Feedback, Role::Event];
    for (file, (source, shape)) in looked.sources.iter().zip(&looked.shapes).enumerate() {
        let Some(key) = keys.into_iter().find_map(|role| looked.meaning.places[file].find(role)) else {
            continue;
        };
        let mut scratch = Scratch::default();
        pieces(file, source, shape, &Arc::default(), None, &mut |piece| {
            let mut on = |row: Row<'_>| {
                let ordinal = ((file as u64) << FILE_SHIFT) + row.line;
                if let Ok(place) = taken.binary_search(&ordinal) {
                    let reject = &mut found[place].1;
                    (reject.column, reject.value) = (Some(key), row.cell(key).chars().take(200).collect());
                }
            };
            rows_of(&piece, shape, &mut scratch, &mut on, &mut |_| {});
            true
        })?;
    }
    Ok(found)
}
