//! Rows of a fact table being filled, column by column, straight from cells.

use domain::column::{Batch, Column, Text, Values};
use domain::fact::{Field, Table, Type};

enum Cells {
    Int(Vec<i64>),
    Day(Vec<i32>),
    Text(Text),
    Key(Vec<u128>),
    Bool(Vec<bool>),
}

struct Filling {
    cells: Cells,
    present: Vec<bool>,
    has_any: bool,
}

/// Rows on their way to the lake. What stays open is the customer (a number into the piece's own list of keys), the
/// row's place in the import, and the two constants, source and import.
pub(super) struct Filled {
    pub table: Table,
    columns: Vec<Filling>,
    /// Which customer key of the piece; `NOBODY` on anonymous rows.
    pub who: Vec<u32>,
    /// Line in the file.
    pub lines: Vec<u64>,
    /// For returns without a known order: (row, hash of customer and product).
    pub orphans: Vec<(usize, u64)>,
}

/// The number of no customer.
pub(super) const NOBODY: u32 = u32::MAX;

/// Place of a column in its table.
///
/// # Panics
/// Where the table has no such column: a bug.
pub(super) fn place(table: Table, name: &str) -> usize {
    let found = table.fields().iter().position(|field| field.name == name);
    found.unwrap_or_else(|| panic!("no column {name} in {}", table.name()))
}

impl Filled {
    pub(super) fn new(table: Table) -> Filled {
        let columns = table
            .fields()
            .iter()
            .map(|field| Filling {
                cells: match field.kind {
                    Type::Int | Type::Instant => Cells::Int(Vec::new()),
                    Type::Day => Cells::Day(Vec::new()),
                    Type::Text => Cells::Text(Text::default()),
                    Type::Key => Cells::Key(Vec::new()),
                    Type::Bool => Cells::Bool(Vec::new()),
                },
                present: Vec::new(),
                has_any: false,
            })
            .collect();
        Filled { table, columns, who: Vec::new(), lines: Vec::new(), orphans: Vec::new() }
    }

    pub(super) fn rows(&self) -> usize {
        self.who.len()
    }

    /// A blank text is an absent one.
    pub(super) fn text(&mut self, place: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let column = &mut self.columns[place];
        let Cells::Text(cells) = &mut column.cells else { unreachable!("a text column") };
        cells.push(text);
        column.present.push(true);
        column.has_any = true;
    }

    pub(super) fn int(&mut self, place: usize, value: i64) {
        let column = &mut self.columns[place];
        match &mut column.cells {
            Cells::Int(cells) => cells.push(value),
            Cells::Day(cells) => cells.push(value as i32),
            Cells::Bool(cells) => cells.push(value != 0),
            Cells::Text(_) | Cells::Key(_) => unreachable!("a column of numbers"),
        }
        column.present.push(true);
        column.has_any = true;
    }

    pub(super) fn some_int(&mut self, place: usize, value: Option<i64>) {
        if let Some(value) = value {
            self.int(place, value);
        }
    }

    pub(super) fn key(&mut self, place: usize, key: u128) {
        let column = &mut self.columns[place];
        let Cells::Key(cells) = &mut column.cells else { unreachable!("a column of keys") };
        cells.push(key);
        column.present.push(true);
        column.has_any = true;
    }

    /// The row is complete: columns not mentioned are absent.
    pub(super) fn end_row(&mut self, who: u32, line: u64) {
        self.who.push(who);
        self.lines.push(line);
        let rows = self.who.len();
        for column in &mut self.columns {
            if column.present.len() < rows {
                match &mut column.cells {
                    Cells::Int(cells) => cells.push(0),
                    Cells::Day(cells) => cells.push(0),
                    Cells::Text(cells) => cells.push(""),
                    Cells::Key(cells) => cells.push(0),
                    Cells::Bool(cells) => cells.push(false),
                }
                column.present.push(false);
            }
        }
    }

    /// The batch as it was filled, source and import among it; columns without a value are left out.
    pub(super) fn into_facts(self) -> Batch {
        let columns = self.table.fields().iter().zip(self.columns).filter(|(_, column)| column.has_any);
        Batch::new(columns.map(|(field, column)| closed(field, column)).collect())
    }

    /// The batch: open columns closed, columns without a value left out, and `row` added.
    pub(super) fn into_batch(
        self,
        import: &str,
        source: &str,
        base: i64,
        customer: impl Fn(u32) -> Option<[u8; 30]>,
        orders: &[(usize, String)],
    ) -> Batch {
        let rows = self.rows();
        let mut batch = Batch::default();
        let constant = |text: &str| -> Text { (0..rows).map(|_| text).collect() };
        for (field, column) in self.table.fields().iter().zip(self.columns) {
            let values = match field.name {
                "import_id" => Some(Column::new(field.name, Values::Text(constant(import)))),
                "source" => Some(Column::new(field.name, Values::Text(constant(source)))),
                "customer_id" => {
                    let (mut text, mut present) = (Text::default(), Vec::with_capacity(rows));
                    for who in &self.who {
                        let id = customer(*who);
                        let id = id.as_ref().map(|id| std::str::from_utf8(id).expect("ids are ASCII"));
                        text.push(id.unwrap_or(""));
                        present.push(id.is_some());
                    }
                    present
                        .contains(&true)
                        .then(|| Column::with_absent(field.name, Values::Text(text), present))
                }
                "order_id" if !orders.is_empty() => {
                    let Cells::Text(cells) = column.cells else { unreachable!("a text column") };
                    let (mut text, mut present, mut next) = (Text::default(), column.present, 0);
                    for (row, is_present) in present.iter_mut().enumerate() {
                        if orders.get(next).is_some_and(|(place, _)| *place == row) {
                            text.push(&orders[next].1);
                            *is_present = true;
                            next += 1;
                        } else {
                            text.push(cells.get(row));
                        }
                    }
                    Some(Column::with_absent(field.name, Values::Text(text), present))
                }
                _ if !column.has_any => None,
                _ => Some(closed(field, column)),
            };
            if let Some(values) = values {
                batch.push(values);
            }
        }
        batch.push(Column::new(
            "row",
            Values::Int(self.lines.iter().map(|line| base + *line as i64).collect()),
        ));
        batch
    }
}

fn closed(field: &Field, column: Filling) -> Column {
    let values = match column.cells {
        Cells::Int(cells) if field.kind == Type::Instant => Values::Instant(cells),
        Cells::Int(cells) => Values::Int(cells),
        Cells::Day(cells) => Values::Day(cells),
        Cells::Text(cells) => Values::Text(cells),
        Cells::Key(cells) => Values::Key(cells),
        Cells::Bool(cells) => Values::Bool(cells),
    };
    Column::with_absent(field.name, values, column.present)
}
