//! Rows of a file by the arm of the experiment they are in.

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
