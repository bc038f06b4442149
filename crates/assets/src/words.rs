//! Words: every text of a page, by key, from `locales/LANG/*.ftl` (Fluent).
//!
//! A message may hold `<b>` and other inline marks; what is put into it is escaped when the message is asked for as
//! HTML. Whole numbers are given as numbers, so that plurals work, and are written in the reader's habit.

use crate::{Assets, Failure, Habit, Lang};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// The words of one language.
pub struct Words {
    lang: Lang,
    keys: Vec<String>,
    bundle: FluentBundle<FluentResource>,
}

/// Something to put into a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// A whole number, by which plurals are chosen.
    Count(i64),
    /// Text, already in the reader's habit.
    Text(String),
}

impl From<u64> for Arg {
    fn from(count: u64) -> Arg {
        Arg::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Arg {
    fn from(count: u32) -> Arg {
        Arg::Count(i64::from(count))
    }
}

impl From<i64> for Arg {
    fn from(count: i64) -> Arg {
        Arg::Count(count)
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Arg {
        Arg::Text(text)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Arg {
        Arg::Text(text.to_owned())
    }
}

impl Words {
    /// Read all files of a language. A file that is no Fluent, or a key given twice, is refused by name.
    pub(crate) fn load(assets: &Assets, lang: Lang) -> Result<Words, Failure> {
        let tag = lang.tag().parse().expect("tags of ours are language identifiers");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match lang {
            Lang::En => |value, _| whole(Lang::En, value),
            Lang::Vi => |value, _| whole(Lang::Vi, value),
            Lang::Zh => |value, _| whole(Lang::Zh, value),
            Lang::ZhHant => |value, _| whole(Lang::ZhHant, value),
        }));
        let mut keys = vec![];
        for path in assets.list(&format!("locales/{}", lang.folder()))? {
            if !path.ends_with(".ftl") {
                continue;
            }
            let text = assets.text(&path)?;
            keys.extend(text.lines().filter_map(key_of).map(str::to_owned));
            let unreadable = |why: String| Failure::Unreadable { path: path.clone().into(), why };
            let resource = FluentResource::try_new(text.into_owned())
                .map_err(|(_, errors)| unreadable(format!("not Fluent: {}", errors[0])))?;
            bundle
                .add_resource(resource)
                .map_err(|errors| unreadable(errors.first().map(ToString::to_string).unwrap_or_default()))?;
        }
        Ok(Words { lang, keys, bundle })
    }

    /// All keys, in the order of the files.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Whether there is a message of this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A message as plain text.
    pub fn text(&self, key: &str, args: &[(&str, Arg)]) -> Result<String, Failure> {
        self.say(key, args, |text| text.to_owned())
    }

    /// A message as HTML: its own marks are kept, what is put into it is escaped.
    pub fn html(&self, key: &str, args: &[(&str, Arg)]) -> Result<String, Failure> {
        self.say(key, args, escape)
    }

    fn say(
        &self,
        key: &str,
        args: &[(&str, Arg)],
        clean: impl Fn(&str) -> String,
    ) -> Result<String, Failure> {
        let wrong = |why: String| Failure::Word { key: key.to_owned(), lang: self.lang, why };
        let message = self.bundle.get_message(key).and_then(|message| message.value());
        let pattern = message.ok_or_else(|| wrong("no such key in its .ftl files".to_owned()))?;
        let mut given = FluentArgs::new();
        for (name, arg) in args {
            match arg {
                Arg::Count(count) => given.set(*name, *count),
                Arg::Text(text) => given.set(*name, clean(text)),
            }
        }
        let mut errors = vec![];
        let text = self.bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned();
        match errors.first() {
            Some(error) => Err(wrong(error.to_string())),
            None => Ok(text),
        }
    }
}

/// The key a line begins a message with.
fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim_end();
    let begins = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let holds = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (begins && holds && line.starts_with(key)).then_some(key)
}

fn whole(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(Habit::new(lang, "XXX", 0).number(number.value, 0)),
        _ => None,
    }
}

/// Text that may stand in HTML, in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}
