//! The rule book as a page. The words are the engine's own, made of the rules; here they are only laid out.

use assets::{Assets, Failure, Lang};
use loyalty::book::{Chapter, book};
use loyalty::program::{self, Program};
use serde::Serialize;

/// What the template is given.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    name: &'a str,
    title: String,
    /// The first chapter, which has no heading of its own.
    opening: Option<Chapter>,
    chapters: Vec<Chapter>,
}

/// The rule book of a program as one HTML file that asks nothing of the network.
///
/// # Errors
/// Where a template or a message is wrong, never because of a program.
pub fn render(program: &Program, assets: &Assets, lang: Lang) -> Result<String, Failure> {
    let mut chapters = book(program, words_of(lang)).into_iter();
    let opening = chapters.next();
    let page = Page {
        lang: lang.tag(),
        name: program.head.name.in_language(lang.folder()),
        title: opening.as_ref().map_or_else(String::new, |chapter| chapter.title.clone()),
        opening,
        chapters: chapters.collect(),
    };
    assets.render("program/rules.html", lang, &page)
}

/// The language of the engine's sentences.
pub fn words_of(lang: Lang) -> program::Lang {
    match lang {
        Lang::En => program::Lang::En,
        Lang::Vi => program::Lang::Vi,
        Lang::Zh => program::Lang::Zh,
        Lang::ZhHant => program::Lang::ZhHant,
    }
}
