//! Which column has which role: what the shop said, then what the headers say, then what the cells say.

use super::fold::fold;
use super::number::{self, Mark, NumberForm};
use super::options::{ColumnName, Mapping};
use super::refused::Refused;
use super::role::{Import, Role, role_of};
use super::shape::Shape;
use super::when::{self, DateOrder};
use serde::Serialize;

/// Why a column has its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The shop said so.
    Told,
    /// Its header says so.
    Header,
    /// Its cells say so.
    Content,
    /// It is the order's total in a file of lines, and would be counted with every line.
    OrderTotal,
    /// No role was found.
    Unknown,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetectedColumn {
    /// From 1.
    pub number: usize,
    /// The header, or `column N`.
    pub name: String,
    /// What it means, where that is known.
    pub role: Option<Role>,
    /// Why.
    pub because: Because,
}

/// Where each role stands: a column, or nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places([u16; Role::COUNT]);

impl Places {
    pub(super) fn of(columns: &[DetectedColumn]) -> Places {
        let mut places = Places([u16::MAX; Role::COUNT]);
        for column in columns {
            if let Some(role) = column.role {
                places.0[role as usize] = (column.number - 1) as u16;
            }
        }
        places
    }

    /// Column of a role, from 0.
    pub(super) fn find(&self, role: Role) -> Option<usize> {
        let place = self.0[role as usize];
        (place != u16::MAX).then_some(place as usize)
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.find(role).is_some()
    }
}

/// Give the columns of a file their roles.
pub(super) fn assign(
    file: &str,
    shape: &Shape,
    kind: Import,
    mapping: &Mapping,
) -> Result<Vec<DetectedColumn>, Refused> {
    let mut columns: Vec<DetectedColumn> = shape
        .columns
        .iter()
        .enumerate()
        .map(|(place, name)| DetectedColumn {
            number: place + 1,
            name: if name.is_empty() { format!("column {}", place + 1) } else { name.clone() },
            role: None,
            because: Because::Unknown,
        })
        .collect();
    let names = || shape.columns.join(", ");
    let mut left_out = Vec::new();
    for (role, column) in mapping.columns.iter().filter(|(role, _)| kind.roles().contains(role)) {
        let place = match column {
            ColumnName::Header(name) if name == "-" => {
                left_out.push(*role);
                continue;
            }
            ColumnName::Number(number) => Some(number - 1).filter(|place| *place < columns.len()),
            ColumnName::Header(name) => {
                let folded = fold(name);
                shape.columns.iter().position(|header| header == name).or_else(|| {
                    shape.columns.iter().position(|header| !folded.is_empty() && fold(header) == folded)
                })
            }
        };
        let Some(place) = place else {
            return Err(Refused::NoSuchColumn {
                file: file.to_owned(),
                role: role.name().to_owned(),
                column: match column {
                    ColumnName::Number(number) => number.to_string(),
                    ColumnName::Header(name) => name.clone(),
                },
                columns: names(),
            });
        };
        (columns[place].role, columns[place].because) = (Some(*role), Because::Told);
    }
    by_header(&mut columns, shape, kind, &left_out);
    by_second_look(&mut columns, shape, kind, &left_out);
    by_content(&mut columns, shape, kind, &left_out);
    drop_order_total(&mut columns, shape);
    let places = Places::of(&columns);
    for group in kind.needs() {
        if !group.iter().any(|role| places.has(*role)) {
            let hint = match shape.header_line {
                None => {
                    "; the file seems to have no header, so name columns by number: --map 1=customer,2=date,3=total"
                }
                Some(_) => "",
            };
            return Err(Refused::NoColumn {
                file: file.to_owned(),
                role: group[0].name().to_owned(),
                columns: names(),
                hint: hint.to_owned(),
            });
        }
    }
    Ok(columns)
}

fn by_header(columns: &mut [DetectedColumn], shape: &Shape, kind: Import, left_out: &[Role]) {
    if shape.header_line.is_none() && shape.format == super::shape::Format::Delimited {
        return;
    }
    let said: Vec<Option<Role>> = columns
        .iter()
        .map(|column| {
            role_of(kind, &column.name).filter(|role| column.role.is_none() && !left_out.contains(role))
        })
        .collect();
    for &role in kind.roles() {
        if columns.iter().any(|column| column.role == Some(role)) {
            continue;
        }
        // The longest header says most ("customer id" before "id"), a column with blanks less than a full one.
        let best = (0..columns.len()).filter(|place| said[*place] == Some(role)).max_by_key(|place| {
            let full = fullness(shape, *place) >= 0.5;
            let fits = role != Role::Date || date_share(shape, *place) >= 0.5;
            (fits, full, fold(&columns[*place].name).chars().count(), usize::MAX - place)
        });
        let Some(place) = best else { continue };
        let others = || {
            (0..columns.len()).any(|other| columns[other].role.is_none() && date_share(shape, other) >= 0.9)
        };
        if role == Role::Date && date_share(shape, place) < 0.1 && others() {
            continue;
        }
        (columns[place].role, columns[place].because) = (Some(role), Because::Header);
    }
    // A bare "id" beside a customer's own column is the order's.
    if kind == Import::Orders && !columns.iter().any(|column| column.role == Some(Role::Order)) {
        let spare = columns.iter_mut().find(|column| column.role.is_none() && fold(&column.name) == "id");
        if let Some(column) = spare.filter(|_| !left_out.contains(&Role::Order)) {
            (column.role, column.because) = (Some(Role::Order), Because::Header);
        }
    }
}

/// Columns whose header is right and whose cells say more: a "Name" of `#1001` is the order's, and a "Customer" with
/// names in it, beside a column of keys, is the customer's name.
fn by_second_look(columns: &mut [DetectedColumn], shape: &Shape, kind: Import, left_out: &[Role]) {
    let has = |columns: &[DetectedColumn], role| columns.iter().any(|column| column.role == Some(role));
    let takes = |role| kind.roles().contains(&role) && !left_out.contains(&role);
    if kind == Import::Orders && !has(columns, Role::Order) && takes(Role::Order) {
        let found = (0..columns.len()).find(|place| {
            columns[*place].role.is_none() && share(shape, *place, |cell| cell.starts_with('#')) >= 0.9
        });
        if let Some(place) = found {
            (columns[place].role, columns[place].because) = (Some(Role::Order), Because::Content);
        }
    }
    let is_keyed = [Role::Card, Role::Phone, Role::Email].iter().any(|role| has(columns, *role));
    let customer = columns.iter().position(|column| column.role == Some(Role::Customer));
    if let Some(place) = customer.filter(|_| is_keyed && takes(Role::Name) && !has(columns, Role::Name)) {
        let has_digit = |cell: &str| cell.chars().any(|letter| letter.is_ascii_digit());
        if columns[place].because == Because::Header && share(shape, place, has_digit) < 0.2 {
            (columns[place].role, columns[place].because) = (Some(Role::Name), Because::Content);
        }
    }
}

fn by_content(columns: &mut [DetectedColumn], shape: &Shape, kind: Import, left_out: &[Role]) {
    let has = |columns: &[DetectedColumn], role| columns.iter().any(|column| column.role == Some(role));
    let takes = |role| kind.roles().contains(&role) && !left_out.contains(&role);
    if !has(columns, Role::Date) && takes(Role::Date) {
        let found = (0..columns.len()).find(|place| {
            columns[*place].role.is_none()
                && fullness(shape, *place) >= 0.5
                && date_share(shape, *place) >= 0.9
        });
        // Without a header nothing but dates can be told, and then the shop has to say what the rest is.
        if let Some(place) = found.filter(|_| shape.header_line.is_some() || has_told(columns)) {
            (columns[place].role, columns[place].because) = (Some(Role::Date), Because::Content);
        }
    }
    if has(columns, Role::Date) && !has(columns, Role::Time) && takes(Role::Time) {
        let found = (0..columns.len()).find(|place| {
            columns[*place].role.is_none()
                && role_of(kind, &columns[*place].name) == Some(Role::Date)
                && fullness(shape, *place) >= 0.5
                && date_share(shape, *place) < 0.1
                && share(shape, *place, |cell| when::read_time(cell).is_some()) >= 0.9
        });
        if let Some(place) = found {
            (columns[place].role, columns[place].because) = (Some(Role::Time), Because::Content);
        }
    }
}

/// In a file of lines a total may be the order's, said on its first line or on all: then price times quantity is what a
/// line cost, and the order's total would be counted more than once. The orders of the sample vote.
fn drop_order_total(columns: &mut [DetectedColumn], shape: &Shape) {
    let places = Places::of(columns);
    let roles = [Role::Order, Role::Quantity, Role::UnitPrice, Role::Total];
    let [Some(order), Some(quantity), Some(price), Some(total)] = roles.map(|role| places.find(role)) else {
        return;
    };
    if columns[total].because == Because::Told {
        return;
    }
    let cell =
        |row: &[String], place: usize| row.get(place).map_or(String::new(), |cell| cell.trim().to_owned());
    let best = [Mark::Point, Mark::Comma].map(|decimal| {
        let form = NumberForm { decimal };
        let (mut of_order, mut of_line) = (0u32, 0u32);
        for lines in shape.sample.chunk_by(|one, other| cell(one, order) == cell(other, order)) {
            if lines.len() < 2 {
                continue;
            }
            let gross = |row: &Vec<String>| {
                let price = number::read(&cell(row, price), form).ok()?;
                price.times(number::read(&cell(row, quantity), form).ok()?, 2)
            };
            let said = |row: &Vec<String>| number::read(&cell(row, total), form).ok()?.rescale(2);
            let Some(sum) = lines.iter().map(gross).try_fold(0i64, |sum, gross| sum.checked_add(gross?))
            else {
                continue;
            };
            let first = said(&lines[0]);
            let is_once = first.is_some()
                && lines[1..].iter().all(|row| cell(row, total).is_empty() || said(row) == first);
            let near = |one: i64, other: i64| one.abs_diff(other) <= other.unsigned_abs() / 20;
            if is_once
                && near(first.unwrap_or(0), sum)
                && !near(first.unwrap_or(0), gross(&lines[0]).unwrap_or(0))
            {
                of_order += 1;
            } else {
                of_line += 1;
            }
        }
        (of_order, of_line)
    });
    if best.iter().any(|(of_order, of_line)| *of_order >= 2 && of_order > of_line) {
        (columns[total].role, columns[total].because) = (None, Because::OrderTotal);
    }
}

fn has_told(columns: &[DetectedColumn]) -> bool {
    columns.iter().any(|column| column.because == Because::Told)
}

fn share(shape: &Shape, place: usize, is: impl Fn(&str) -> bool) -> f64 {
    let cells = shape.sample.iter().filter_map(|row| row.get(place)).filter(|cell| !cell.trim().is_empty());
    let (mut all, mut yes) = (0u32, 0u32);
    for cell in cells {
        all += 1;
        yes += u32::from(is(cell));
    }
    if all == 0 { 0.0 } else { f64::from(yes) / f64::from(all) }
}

fn fullness(shape: &Shape, place: usize) -> f64 {
    let full =
        shape.sample.iter().filter(|row| row.get(place).is_some_and(|cell| !cell.trim().is_empty())).count();
    if shape.sample.is_empty() { 1.0 } else { full as f64 / shape.sample.len() as f64 }
}

/// How many cells are dates; bare numbers are only where they are 8 digits or Excel serials of this age.
fn date_share(shape: &Shape, place: usize) -> f64 {
    share(shape, place, |cell| {
        [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd]
            .iter()
            .any(|order| when::read(cell, *order).is_some())
    })
}
