//! What a program says of itself, as lines a page can lay out. The engine writes a Markdown of its own; here its marks
//! become levels and runs.

use loyalty::book::{Run, runs};
use serde::Serialize;

/// A line of a difference between two programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `title`, `item`, `part` below an item, `gone` where it is no more.
    kind: &'static str,
    text: Vec<Run>,
}

/// The lines of a difference.
pub fn lines(text: &str) -> Vec<Line> {
    text.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

fn line(text: &str) -> Line {
    let plain = text.trim_start_matches(['#', '-', ' ']);
    let gone = plain.strip_prefix("~~").and_then(|plain| plain.strip_suffix("~~"));
    let kind = match (gone, text.starts_with('#'), text.starts_with(' ')) {
        (Some(_), ..) => "gone",
        (None, true, _) => "title",
        (None, false, true) => "part",
        _ => "item",
    };
    Line { kind, text: runs(gone.unwrap_or(plain)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_kinds() {
        let kinds: Vec<&str> =
            lines("## Earning\n\n- **Base** changes:\n  - ~~one point~~\n  - two points\n")
                .iter()
                .map(|line| line.kind)
                .collect();
        assert_eq!(kinds, ["title", "item", "gone", "part"]);
    }
}
