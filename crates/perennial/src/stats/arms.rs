//! Rows of a file by the arm of the experiment they are in, names as numbers, columns as a table of numbers.

use crate::ended::Ended;
use crate::table::Table;
use std::collections::BTreeMap;

/// The rows of each arm; one of them is control.
pub struct Arms<'a> {
    /// The name of the control arm.
    pub control: &'a str,
    rows: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Arms<'a> {
    /// Read the role `arm`. Without a name, control is the arm called control or 0.
    pub fn read(table: &'a Table, control: Option<&str>) -> Result<Arms<'a>, Ended> {
        let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, arm) in table.texts("arm")?.into_iter().enumerate() {
            rows.entry(arm).or_default().push(row);
        }
        let names: Vec<&str> = rows.keys().copied().collect();
        if names.len() < 2 {
            let text =
                format!("all rows are in the arm '{}'; two arms are needed to compare", names.join(""));
            return Err(table.refused(text));
        }
        let is_usual = |name: &&str| name.eq_ignore_ascii_case("control") || *name == "0";
        let found = match control {
            Some(wanted) => names.iter().find(|name| **name == wanted),
            None => names.iter().find(|name| is_usual(name)),
        };
        let control = *found.ok_or_else(|| {
            let names = names.join(", ");
            table.refused(match control {
                Some(wanted) => {
                    format!("no arm '{wanted}'; there are {names}; name one of them with --control")
                }
                None => format!("which of {names} is the control arm? name it with --control"),
            })
        })?;
        Ok(Arms { control, rows })
    }

    /// The rows of control.
    pub fn of_control(&self) -> &[usize] {
        &self.rows[self.control]
    }

    /// The arm of each row: 0 for control, the others from 1 in the order of [`Arms::others`].
    pub fn numbers(&self, rows: usize) -> Vec<usize> {
        let mut numbers = vec![0; rows];
        for (arm, (_, members)) in self.others().enumerate() {
            members.iter().for_each(|row| numbers[*row] = arm + 1);
        }
        numbers
    }

    /// The other arms with their rows.
    pub fn others(&self) -> impl Iterator<Item = (&'a str, &[usize])> {
        let control = self.control;
        self.rows
            .iter()
            .filter(move |(name, _)| **name != control)
            .map(|(name, rows)| (*name, rows.as_slice()))
    }
}

/// Values of some rows.
pub fn at<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

/// Names as numbers from 0 in the order of the names, and the names.
pub fn numbered<'a>(names: &[&'a str]) -> (Vec<u32>, Vec<&'a str>) {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let of = |name: &&str| sorted.binary_search(name).unwrap_or_default() as u32;
    (names.iter().map(of).collect(), sorted)
}

/// The named columns, or all but some, as a table of numbers with their names.
pub fn columns<'a>(
    table: &'a Table,
    named: &[String],
    without: &[Option<usize>],
) -> Result<(Vec<&'a str>, stats::table::Table), Ended> {
    let places: Vec<usize> = if named.is_empty() {
        (0..table.header().len()).filter(|place| !without.contains(&Some(*place))).collect()
    } else {
        named.iter().map(|column| table.named(column)).collect::<Result<_, _>>()?
    };
    if places.is_empty() {
        return Err(table.refused("no column of numbers is left to look at; name some"));
    }
    let columns = places.iter().map(|place| table.numbers(*place)).collect::<Result<Vec<_>, _>>()?;
    let values = (0..table.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let numbers = stats::table::Table::new(places.len(), values).map_err(|error| table.refused(error))?;
    Ok((places.iter().map(|place| table.header()[*place].as_str()).collect(), numbers))
}
