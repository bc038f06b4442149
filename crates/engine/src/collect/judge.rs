//! Judging a piece: its records one by one, by the rules of the kind of import.

use super::judged::{Judged, Reject};
use super::meaning::{Meaning, Worker};
use super::orders::{self, OrderColumns};
use super::piece::{Piece, rows_of};
use super::plain::{self, PlainColumns};
use super::role::{Import, Role};
use super::shape::Shape;
use super::split::{Laid, Row};

/// Which judge a kind has.
pub(super) enum Judge {
    Orders(OrderColumns),
    Plain(PlainColumns),
}

impl Judge {
    pub(super) fn new(kind: Import) -> Judge {
        match kind {
            Import::Orders | Import::Returns => Judge::Orders(OrderColumns::new()),
            _ => Judge::Plain(PlainColumns::new(kind)),
        }
    }

    pub(super) fn piece(
        &self,
        piece: &Piece,
        shape: &Shape,
        meaning: &Meaning,
        worker: &mut Worker,
    ) -> Judged {
        let mut judged = match self {
            Judge::Orders(_) => Judged::new(piece.file, &orders::TABLES),
            Judge::Plain(_) => Judged::new(piece.file, &[meaning.kind.table()]),
        };
        let mut scratch = std::mem::take(&mut worker.scratch);
        let (mut bad, header) = (Vec::new(), shape.header_line);
        rows_of(
            piece,
            shape,
            &mut scratch,
            &mut |row| {
                if header.is_some_and(|line| row.line <= line) {
                    return;
                }
                if meaning.fills_down {
                    fill_down(row, piece.file, meaning, worker)
                        .each(|row| self.row(&row, meaning, worker, &mut judged));
                } else {
                    self.row(&row, meaning, worker, &mut judged);
                }
            },
            &mut |what| bad.push(what),
        );
        worker.scratch = scratch;
        for what in bad {
            judged.counts.read += 1;
            judged.rejects.push(Reject {
                line: what.line,
                column: None,
                value: what.value,
                reason: what.reason,
            });
        }
        judged
    }

    fn row(&self, row: &Row<'_>, meaning: &Meaning, worker: &mut Worker, judged: &mut Judged) {
        match self {
            Judge::Orders(columns) => orders::judge(row, columns, meaning, worker, judged),
            Judge::Plain(columns) => plain::judge(row, columns, meaning, worker, judged),
        }
    }
}

/// The roles that stand once for an order in a file whose lines leave them blank.
const OF_THE_ORDER: [Role; 11] = [
    Role::Order,
    Role::Date,
    Role::Time,
    Role::Customer,
    Role::Phone,
    Role::Email,
    Role::Card,
    Role::Name,
    Role::Store,
    Role::Channel,
    Role::Tender,
];

/// The row with the blank cells of its order filled from the row above it. A row with an order of its own starts anew;
/// one without a product is no line and stays as it is.
fn fill_down(row: Row<'_>, file: usize, meaning: &Meaning, worker: &mut Worker) -> Laid {
    let places = &meaning.places[file];
    let cell = |role| places.find(role).map_or("", |place| row.cell(place));
    let is_line = !cell(Role::Product).is_empty() || !cell(Role::ProductName).is_empty();
    let is_own = !cell(Role::Order).is_empty();
    if is_own {
        worker.above = row.cells().map(str::to_owned).collect();
    }
    let mut laid = Laid::default();
    for (place, own) in row.cells().enumerate() {
        let is_of_order = || OF_THE_ORDER.iter().any(|role| places.find(*role) == Some(place));
        let fills = !is_own && is_line && own.is_empty() && is_of_order();
        laid.push(if fills { worker.above.get(place).map_or("", String::as_str) } else { own });
    }
    laid.end_row(row.line);
    laid
}
