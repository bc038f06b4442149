//! Every relation says what it is, is tested, and is in the manual.

use crate::tree::{files, text};

/// `sql/customer/rfm.sql` → `customer.rfm`.
fn name_of(path: &str) -> String {
    path.trim_start_matches("sql/").trim_end_matches(".sql").replace('/', ".")
}

fn relations() -> Vec<String> {
    files("sql").into_iter().filter(|path| path.ends_with(".sql")).collect()
}

#[test]
fn a_relation_begins_with_its_name_and_what_it_is() {
    assert!(!relations().is_empty(), "sql/ has no relation");
    for path in relations() {
        assert_eq!(path.matches('/').count(), 2, "{path}: folder is the schema, file is the relation");
        let beginning = format!("-- {}: ", name_of(&path));
        let text = text(&path);
        assert!(text.starts_with(&beginning), "{path} does not begin with '{beginning}…'");
        let columns =
            text.lines().take_while(|line| line.starts_with("--")).filter(|line| line.starts_with("--   "));
        assert!(columns.count() > 0, "{path}: the header does not list the columns");
    }
}

#[test]
fn a_relation_has_a_test_beside_it_and_a_test_a_relation() {
    let all = files("sql");
    for path in relations() {
        let test = path.replace(".sql", ".slt");
        assert!(all.contains(&test), "{path} has no {test}");
        let name = name_of(&path);
        let text = text(&test);
        assert!(text.contains(&format!("create relation {name}")), "{test} does not create {name}");
        assert!(text.lines().any(|line| line.starts_with("query ")), "{test} asks nothing");
    }
    for path in all.iter().filter(|path| path.ends_with(".slt")) {
        assert!(all.contains(&path.replace(".slt", ".sql")), "{path} tests no relation");
    }
}

#[test]
fn the_manual_lists_every_relation() {
    let manual = text("docs/manual/relations.md");
    for path in relations() {
        let heading = format!("### {}\n", name_of(&path));
        assert!(manual.contains(&heading), "docs/manual/relations.md has no {}", name_of(&path));
    }
}
