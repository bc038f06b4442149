//! Lists a page at a time: `?limit=` and the `cursor` that the page before ended with.

use crate::problem::{Kind, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Where in a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageAsked {
    /// How many at most: 1 to 1000, 100 where nothing is said.
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl PageAsked {
    /// How many.
    pub fn limit(&self) -> Result<i64, Problem> {
        match self.limit.unwrap_or(100) {
            limit @ 1..=1000 => Ok(limit),
            limit => {
                let detail = format!("{limit} is not between 1 and 1000");
                Err(Problem::new(Kind::InvalidRequest, format!("limit: {detail}")).at("limit", detail))
            }
        }
    }

    /// After what; empty at the beginning.
    pub fn after(&self) -> Result<String, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(String::new()) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
            let detail = "give 'next' of the page before, as it was";
            Problem::new(Kind::InvalidRequest, format!("cursor: {detail}")).at("cursor", detail)
        })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page out of one row more than fits, if there are more.
    pub fn of(mut rows: Vec<T>, limit: i64, last: impl Fn(&T) -> String) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(last(row)));
        Page { data: rows, next }
    }

    /// All there is.
    pub fn whole(data: Vec<T>) -> Page<T> {
        Page { data, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_the_cursor_of_the_next() {
        let page = Page::of(vec!["a", "b", "c"], 2, |row| (*row).to_owned());
        let asked = PageAsked { limit: Some(2), cursor: page.next.clone() };
        assert_eq!((page.data, asked.after().unwrap().as_str()), (vec!["a", "b"], "b"));
        assert_eq!(Page::of(vec!["a", "b"], 2, |row| (*row).to_owned()).next, None);
        assert!(PageAsked { limit: Some(0), cursor: None }.limit().is_err());
        assert!(PageAsked { limit: None, cursor: Some("?".into()) }.after().is_err());
    }
}
