//! Plain columns: how rows travel in bulk between crates that must not know Arrow.
//!
//! A text column is one buffer with offsets, so ten million cells cost two allocations and an Arrow array can be
//! made of it without copying.

/// Text cells: `bytes[offsets[i]..offsets[i + 1]]` is cell `i`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
}

impl Default for Text {
    fn default() -> Text {
        Text { bytes: Vec::new(), offsets: vec![0] }
    }
}

impl Text {
    /// Add a cell.
    ///
    /// # Panics
    /// Where one column would hold more than 2 GiB of text; batches are far smaller.
    pub fn push(&mut self, cell: &str) {
        self.bytes.extend_from_slice(cell.as_bytes());
        self.offsets.push(i32::try_from(self.bytes.len()).expect("a batch holds less than 2 GiB of text"));
    }

    /// Cell `row`.
    pub fn get(&self, row: usize) -> &str {
        let bytes = &self.bytes[self.offsets[row] as usize..self.offsets[row + 1] as usize];
        std::str::from_utf8(bytes).expect("only whole strings are pushed")
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The buffer and the offsets.
    pub fn into_parts(self) -> (Vec<u8>, Vec<i32>) {
        (self.bytes, self.offsets)
    }
}

impl<'a> FromIterator<&'a str> for Text {
    fn from_iter<I: IntoIterator<Item = &'a str>>(cells: I) -> Text {
        let mut text = Text::default();
        for cell in cells {
            text.push(cell);
        }
        text
    }
}

/// The values of one column. Where a cell is absent (see [`Batch::push`]) the value beside it means nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Integers: counts, minor units.
    Int(Vec<i64>),
    /// Estimates and rates; never money.
    Float(Vec<f64>),
    /// Yes or no.
    Bool(Vec<bool>),
    /// Days since 1970-01-01 in the shop's calendar.
    Day(Vec<i32>),
    /// Microseconds since 1970-01-01 UTC.
    Instant(Vec<i64>),
    /// Text.
    Text(Text),
    /// 128-bit keys.
    Key(Vec<u128>),
    /// Lists of numbers, such as a model's parameters.
    Floats(Vec<Vec<f64>>),
}

impl Values {
    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Values::Int(cells) | Values::Instant(cells) => cells.len(),
            Values::Float(cells) => cells.len(),
            Values::Bool(cells) => cells.len(),
            Values::Day(cells) => cells.len(),
            Values::Text(cells) => cells.len(),
            Values::Key(cells) => cells.len(),
            Values::Floats(cells) => cells.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells at `places`.
    fn at(&self, places: &[usize]) -> Values {
        fn of<T: Clone>(cells: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|place| cells[*place].clone()).collect()
        }
        match self {
            Values::Int(cells) => Values::Int(of(cells, places)),
            Values::Float(cells) => Values::Float(of(cells, places)),
            Values::Bool(cells) => Values::Bool(of(cells, places)),
            Values::Day(cells) => Values::Day(of(cells, places)),
            Values::Instant(cells) => Values::Instant(of(cells, places)),
            Values::Text(cells) => Values::Text(places.iter().map(|place| cells.get(*place)).collect()),
            Values::Key(cells) => Values::Key(of(cells, places)),
            Values::Floats(cells) => Values::Floats(of(cells, places)),
        }
    }
}

/// One column: values and, where some cells are absent, which ones are present.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name, snake_case.
    pub name: String,
    /// The values.
    pub values: Values,
    /// `present[i]` says whether cell `i` has a value; `None` means all have.
    pub present: Option<Vec<bool>>,
}

impl Column {
    /// A column in which every cell has a value.
    pub fn new(name: &str, values: Values) -> Column {
        Column { name: name.to_owned(), values, present: None }
    }

    /// A column with absent cells.
    ///
    /// # Panics
    /// Where the two differ in length.
    pub fn with_absent(name: &str, values: Values, present: Vec<bool>) -> Column {
        assert_eq!(values.len(), present.len(), "column {name}: a flag for each cell");
        let present = present.contains(&false).then_some(present);
        Column { name: name.to_owned(), values, present }
    }

    /// Integers, some absent.
    pub fn ints(name: &str, cells: impl IntoIterator<Item = Option<i64>>) -> Column {
        let (values, present) = cells.into_iter().map(|cell| (cell.unwrap_or(0), cell.is_some())).unzip();
        Column::with_absent(name, Values::Int(values), present)
    }

    /// Numbers, some absent.
    pub fn floats(name: &str, cells: impl IntoIterator<Item = Option<f64>>) -> Column {
        let (values, present) = cells.into_iter().map(|cell| (cell.unwrap_or(0.0), cell.is_some())).unzip();
        Column::with_absent(name, Values::Float(values), present)
    }

    /// Texts, some absent.
    pub fn texts<'a>(name: &str, cells: impl IntoIterator<Item = Option<&'a str>>) -> Column {
        let (mut text, mut present) = (Text::default(), Vec::new());
        for cell in cells {
            text.push(cell.unwrap_or(""));
            present.push(cell.is_some());
        }
        Column::with_absent(name, Values::Text(text), present)
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether cell `row` has a value.
    pub fn is_present(&self, row: usize) -> bool {
        self.present.as_ref().is_none_or(|present| present[row])
    }

    /// Cell `row` as an integer (integers, days and instants).
    pub fn int(&self, row: usize) -> Option<i64> {
        let value = match &self.values {
            Values::Int(cells) | Values::Instant(cells) => cells[row],
            Values::Day(cells) => i64::from(cells[row]),
            Values::Bool(cells) => i64::from(cells[row]),
            _ => return None,
        };
        self.is_present(row).then_some(value)
    }

    /// Cell `row` as a number (numbers and integers).
    pub fn float(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Float(cells) => self.is_present(row).then_some(cells[row]),
            _ => self.int(row).map(|value| value as f64),
        }
    }

    /// Cell `row` as text.
    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.values {
            Values::Text(cells) => self.is_present(row).then(|| cells.get(row)),
            _ => None,
        }
    }
}

/// Columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    columns: Vec<Column>,
}

impl Batch {
    /// A batch of columns.
    ///
    /// # Panics
    /// Where they differ in length: a bug of the caller.
    pub fn new(columns: Vec<Column>) -> Batch {
        let mut batch = Batch::default();
        for column in columns {
            batch.push(column);
        }
        batch
    }

    /// Add a column.
    ///
    /// # Panics
    /// Where its length differs from the others'.
    pub fn push(&mut self, column: Column) {
        if let Some(first) = self.columns.first() {
            assert_eq!(first.len(), column.len(), "column {} is as long as the others", column.name);
        }
        self.columns.push(column);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Keep the rows of which `keep` says so, by their place.
    pub fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let places: Vec<usize> = (0..self.rows()).filter(|row| keep(*row)).collect();
        for column in &mut self.columns {
            column.values = column.values.at(&places);
            let present = column.present.as_ref();
            column.present = present.map(|present| places.iter().map(|row| present[*row]).collect());
        }
    }

    /// The columns in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns, taken out.
    pub fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    /// The column of that name.
    pub fn find(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of that name, which the caller knows to be there.
    ///
    /// # Panics
    /// Where it is not: the relation and its reader disagree, which is a bug.
    pub fn column(&self, name: &str) -> &Column {
        self.find(name).unwrap_or_else(|| panic!("no column {name} among {:?}", self.names()))
    }

    /// The names in order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_went_in() {
        let batch = Batch::new(vec![
            Column::texts("who", [Some("Ana"), None, Some("Bình")]),
            Column::ints("orders", [Some(3), Some(0), None]),
        ]);
        assert_eq!(batch.rows(), 3);
        assert_eq!(batch.column("who").text(2), Some("Bình"));
        assert_eq!(batch.column("who").text(1), None);
        assert_eq!(batch.column("orders").float(0), Some(3.0));
        assert_eq!(batch.column("orders").int(2), None);
    }

    #[test]
    #[should_panic(expected = "as long as the others")]
    fn columns_of_unequal_length_are_a_bug() {
        Batch::new(vec![Column::ints("a", [Some(1)]), Column::ints("b", [])]);
    }
}
