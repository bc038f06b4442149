//! One SQL text, read by two engines: what is rewritten for each, outside of literals, quoted names and comments.

use std::borrow::Cow;
use std::ops::Range;

/// The text as SQLite reads it: `$1` written as `?1`, and no `for update`, which its one writer does not need.
pub(crate) fn for_sqlite(sql: &str) -> Cow<'_, str> {
    let mut edits: Vec<(Range<usize>, Cow<'static, str>)> =
        parameters(sql).into_iter().map(|(at, _)| (at.start..at.start + 1, Cow::Borrowed("?"))).collect();
    for words in ["for update skip locked", "for update"] {
        for found in plain(sql, words) {
            if edits.iter().all(|(at, _)| at.end <= found.start || found.end <= at.start) {
                edits.push((found, Cow::Borrowed("")));
            }
        }
    }
    edited(sql, edits)
}

/// The text as PostgreSQL reads it: without SQLite's `without rowid`.
pub(crate) fn for_postgres(sql: &str) -> Cow<'_, str> {
    edited(sql, plain(sql, "without rowid").map(|at| (at, Cow::Borrowed(""))).collect())
}

/// An insert of one row as an insert of many: `values ($1, $2)` becomes a select from arrays of `types`. `None` where
/// the statement is of another form.
pub(crate) fn of_arrays(sql: &str, types: &[&str]) -> Option<String> {
    let values = plain(sql, "values (").next()?;
    let close = values.end + sql[values.end..].find(')')?;
    let listed = sql[values.end..close].split(',').map(str::trim);
    let in_order: Vec<String> = (1..=types.len()).map(|number| format!("${number}")).collect();
    if !listed.eq(in_order.iter().map(String::as_str)) || parameters(sql).len() != types.len() {
        return None;
    }
    let arrays: Vec<String> =
        types.iter().zip(&in_order).map(|(name, at)| format!("{at}::{name}[]")).collect();
    let select = format!("select * from unnest({})", arrays.join(", "));
    Some(format!("{}{select}{}", &sql[..values.start], &sql[close + 1..]))
}

/// A question about one key, `$1`, as a question about an array of keys; the position of the key, from 1, becomes the
/// last column.
pub(crate) fn of_keys(sql: &str) -> String {
    let keys = parameters(sql).into_iter().filter(|(_, number)| *number == 1);
    let inner = edited(sql, keys.map(|(at, _)| (at, Cow::Borrowed("given.key"))).collect());
    format!(
        "select found.*, given.position from unnest($1::text[]) with ordinality as given (key, position),
         lateral ({inner}) as found"
    )
}

fn edited<'a>(sql: &'a str, mut edits: Vec<(Range<usize>, Cow<'static, str>)>) -> Cow<'a, str> {
    if edits.is_empty() {
        return Cow::Borrowed(sql);
    }
    edits.sort_by_key(|(at, _)| at.start);
    let mut out = String::with_capacity(sql.len());
    let mut from = 0;
    for (at, with) in edits {
        out.push_str(&sql[from..at.start]);
        out.push_str(&with);
        from = at.end;
    }
    out.push_str(&sql[from..]);
    Cow::Owned(out)
}

/// Where the parameters are, with their numbers.
fn parameters(sql: &str) -> Vec<(Range<usize>, usize)> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    for at in code(sql).filter(|&at| bytes[at] == b'$') {
        let in_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !in_name
            && digits > 0
            && let Ok(number) = sql[at + 1..at + 1 + digits].parse()
        {
            found.push((at..at + 1 + digits, number));
        }
    }
    found
}

/// Where `words` stand in the code of the text.
fn plain<'a>(sql: &'a str, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let starts: Vec<usize> = if sql.contains(words) { code(sql).collect() } else { Vec::new() };
    starts.into_iter().filter(move |&at| sql[at..].starts_with(words)).map(move |at| at..at + words.len())
}

/// The places of all characters that are neither literal, quoted name nor comment.
fn code(sql: &str) -> impl Iterator<Item = usize> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < sql.len() {
            let rest = &sql[at..];
            let here = at;
            match rest.as_bytes()[0] {
                // A doubled quote inside a literal ends one and begins the next, which comes to the same.
                quote @ (b'\'' | b'"') => at += 1 + end(&rest[1..], if quote == b'"' { "\"" } else { "'" }),
                b'-' if rest.starts_with("--") => at += end(rest, "\n"),
                b'/' if rest.starts_with("/*") => at += 2 + end(&rest[2..], "*/"),
                _ => {
                    at += rest.chars().next().map_or(1, char::len_utf8);
                    return Some(here);
                }
            }
        }
        None
    })
}

/// How far `mark` ends from the beginning of `text`; its whole length where there is none.
fn end(text: &str, mark: &str) -> usize {
    text.find(mark).map_or(text.len(), |at| at + mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_and_literals_left_alone() {
        for (ours, sqlite) in [
            ("select 1", "select 1"),
            ("select $2, $1", "select ?2, ?1"),
            ("select $12 || '$1' || $1", "select ?12 || '$1' || ?1"),
            ("select 'it''s $1', $1", "select 'it''s $1', ?1"),
            ("select \"a$1\", $1", "select \"a$1\", ?1"),
            ("select a$1, $1", "select a$1, ?1"),
            ("-- costs $1\nselect $1", "-- costs $1\nselect ?1"),
            ("/* $1 ' */ select $1", "/* $1 ' */ select ?1"),
            ("select '$1", "select '$1"),
            ("select 'đồng $1', $1 as đồng", "select 'đồng $1', ?1 as đồng"),
            ("select $", "select $"),
            ("$1", "?1"),
            ("select n from t where n = $1 for update", "select n from t where n = ?1 "),
            ("select n from t for update skip locked", "select n from t "),
            ("select 'for update' from t", "select 'for update' from t"),
        ] {
            assert_eq!(for_sqlite(ours), sqlite, "{ours}");
        }
    }

    #[test]
    fn postgres_is_spared_the_words_of_sqlite() {
        let ours = "create table t (n text) without rowid; -- without rowid";
        assert_eq!(for_postgres(ours), "create table t (n text) ; -- without rowid");
    }

    #[test]
    fn an_insert_of_one_row_becomes_an_insert_of_arrays() {
        let one = "insert into t (a, b) values ($1, $2) on conflict (a) do update set b = excluded.b";
        assert_eq!(
            of_arrays(one, &["text", "bigint"]).as_deref(),
            Some(
                "insert into t (a, b) select * from unnest($1::text[], $2::bigint[]) on conflict (a) do update \
                 set b = excluded.b"
            )
        );
        for other in [
            "insert into t (a, b) values ($2, $1)",
            "insert into t (a, b) values ($1, 7)",
            "insert into t (a, b) values ($1, $2) on conflict do update set b = $2",
            "update t set b = $2 where a = $1",
            "insert into t select 'values ($1, $2)', $1, $2",
        ] {
            assert_eq!(of_arrays(other, &["text", "bigint"]), None, "{other}");
        }
    }

    #[test]
    fn a_question_about_a_key_becomes_one_about_many() {
        let many = of_keys("select n from t where k = $1 and s = $2 and l <> '$1' and m = $10");
        assert!(
            many.ends_with(
                "lateral (select n from t where k = given.key and s = $2 and l <> '$1' and m = $10) as found"
            ),
            "{many}"
        );
    }
}
