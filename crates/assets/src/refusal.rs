//! Refusals in the reader's language. The engine says no in English, in sentences with facts in them (`customer cus_1
//! does not exist`); people of a shop read them in theirs. Such a sentence is known again by the text between its facts,
//! as `locales/en/refusals.ftl` and `refusals-files.ftl` have it, and said with the same facts in the other language. A fact called `why` is
//! itself a refusal, or the sentence is not known; what is not known stays as it is, rather than half of it.
//!
//! Keys that ride along with every refusal were tried in thought and rejected: a refusal passes a dozen borders as text,
//! and the sentence is the one thing that arrives everywhere. That its text still is the engine's is tested.

use crate::{Arg, Assets, Failure, Lang};

/// Where the English sentences are.
const SENTENCES: [&str; 2] = ["locales/en/refusals.ftl", "locales/en/refusals-files.ftl"];

/// The sentences there are, those with most text first, so that the closest is found.
pub(crate) struct Refusals(Vec<Sentence>);

struct Sentence {
    key: String,
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Fact(String),
}

impl Refusals {
    pub(crate) fn read(assets: &Assets) -> Result<Refusals, Failure> {
        let mut all: Vec<Sentence> = Vec::new();
        for file in SENTENCES {
            let text = assets.text(file)?;
            all.extend(text.lines().filter(|line| !line.starts_with('#')).filter_map(sentence));
        }
        all.sort_by_key(|one| std::cmp::Reverse(one.letters()));
        Ok(Refusals(all))
    }

    /// The sentence a text is, with its facts.
    fn known<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a str, Vec<(&'a str, &'a str)>)> {
        self.0.iter().filter_map(move |one| {
            let mut facts = Vec::new();
            fits(&one.parts, text, &mut facts).then_some((one.key.as_str(), facts))
        })
    }
}

impl Sentence {
    fn letters(&self) -> usize {
        let text = self.parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 });
        text.sum()
    }
}

impl Assets {
    /// A refusal of the engine in another language, with the same facts; none where it is not known.
    pub fn refusal(&self, lang: Lang, english: &str) -> Result<Option<String>, Failure> {
        let (refusals, words) = (self.refusals()?, self.words(lang)?);
        'sentences: for (key, facts) in refusals.known(english) {
            let mut args = Vec::new();
            for (name, fact) in facts {
                let word = |begins: &str, code: &str| {
                    let key = format!("{begins}{}", code.replace(['_', '.'], "-"));
                    if words.has(&key) { words.text(&key, &[]) } else { Ok(code.to_owned()) }
                };
                let said = match name {
                    "why" => match self.refusal(lang, fact)? {
                        Some(why) => why,
                        None => continue 'sentences,
                    },
                    "kind" | "field" => word("person-field-", fact)?,
                    "operation" => word("console-did-", fact)?,
                    "role" | "allowed" => {
                        let roles = fact.split(", ").map(|role| word("console-role-", role));
                        roles.collect::<Result<Vec<_>, _>>()?.join(", ")
                    }
                    _ => fact.to_owned(),
                };
                args.push((name, Arg::Text(said)));
            }
            return words.text(key, &args).map(Some);
        }
        Ok(None)
    }
}

/// A line of the file: `refused-taken = { $kind } { $value } is …`.
fn sentence(line: &str) -> Option<Sentence> {
    let (key, mut rest) = line.split_once(" = ")?;
    let mut parts = Vec::new();
    while let Some((before, after)) = rest.split_once("{ $") {
        let (name, behind) = after.split_once(" }")?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Fact(name.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Some(Sentence { key: key.to_owned(), parts })
}

/// Whether a text is made of these parts; a fact is as short as it can be, and never nothing.
fn fits<'a>(parts: &'a [Part], text: &'a str, facts: &mut Vec<(&'a str, &'a str)>) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Text(begins), rest @ ..] => {
            text.strip_prefix(begins.as_str()).is_some_and(|text| fits(rest, text, facts))
        }
        [Part::Fact(name)] => {
            facts.push((name, text));
            !text.is_empty()
        }
        [Part::Fact(name), rest @ ..] => {
            let [Part::Text(next), ..] = rest else { return false };
            text.match_indices(next.as_str()).filter(|(at, _)| *at > 0).any(|(at, _)| {
                let before = facts.len();
                facts.push((name, &text[..at]));
                let is_it = fits(rest, &text[at..], facts);
                if !is_it {
                    facts.truncate(before);
                }
                is_it
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_stay_and_words_change() {
        let assets = Assets::open(None).unwrap();
        for (lang, english, said) in [
            (
                Lang::Vi,
                "customer cus_1 has 3 of kind phone, which is as many as one may have",
                Some("khách cus_1 đã có 3 Điện thoại, là mức nhiều nhất"),
            ),
            (
                Lang::ZhHant,
                "email 'ana@': not an e-mail address: expected name@place",
                Some("電子郵件「ana@」：不是電子郵件：應為「名稱@網域」"),
            ),
            (
                Lang::Vi,
                "staff.manage is not for the role till",
                Some("mời nhân viên hoặc đổi vai trò không dành cho vai trò thu ngân"),
            ),
            (
                Lang::En,
                "keys.manage is not for the role till; it is for: owner, service",
                Some("making or revoking keys is not for the role till; it is for: owner, service"),
            ),
            (Lang::Zh, "/evidence: say why they are one person", Some("请说明为何是同一个人")),
            (Lang::Zh, "email 'ana@': the moon is full", None),
            (Lang::Zh, "the moon is full", None),
            (Lang::Zh, "", None),
        ] {
            assert_eq!(assets.refusal(lang, english).unwrap().as_deref(), said, "{english}");
        }
    }

    #[test]
    fn every_sentence_is_known_again_as_itself() {
        let assets = Assets::open(None).unwrap();
        let refusals = Refusals::read(&assets).unwrap();
        let words = assets.words(Lang::En).unwrap();
        for one in &refusals.0 {
            let names = one.parts.iter().filter_map(|part| match part {
                Part::Fact(name) => Some((name.as_str(), Arg::Text("choose a file".to_owned()))),
                Part::Text(_) => None,
            });
            let said = words.text(&one.key, &names.collect::<Vec<_>>()).unwrap();
            let found = refusals.known(&said).next().map(|(key, _)| key.to_owned());
            assert_eq!(found.as_ref(), Some(&one.key), "{said}");
            for lang in Lang::ALL {
                assert!(assets.refusal(lang, &said).unwrap().is_some(), "{said} in {lang}");
            }
        }
        assert!(refusals.0.len() > 300, "{}", refusals.0.len());
    }
}
