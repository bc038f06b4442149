//! What is around every page: the mark, where one can go, the search, who one is, and what has just been done.

use super::files;
use super::reader::{Reader, Theme};
use assets::Lang;
use engine::staff::people::StaffMember;
use engine::staff::permissions::{Operation, Role, may};
use serde::Serialize;

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// What is worth doing today.
    Home,
    /// Who the customers are.
    Customers,
    /// What members get, and for what.
    Program,
    /// What was done, and what it brought.
    Campaigns,
    /// What the figures say, part by part.
    Analysis,
    /// What came in by files.
    Imports,
    /// Who works here, keys, what was changed.
    Settings,
    /// Nowhere: pages before signing in, and problems.
    None,
}

/// Where one can go: the area, its address, the letter after `g`, and what one must be allowed to do.
const AREAS: [(Area, &str, &str, Option<Operation>); 7] = [
    (Area::Home, "/", "h", None),
    (Area::Customers, "/customers", "c", Some(Operation::ReadCustomers)),
    (Area::Program, "/program", "p", Some(Operation::ReadPrograms)),
    (Area::Campaigns, "/campaigns", "a", Some(Operation::ReadSegments)),
    (Area::Analysis, "/analysis", "n", Some(Operation::ReadReports)),
    (Area::Imports, "/imports", "i", Some(Operation::ImportFiles)),
    (Area::Settings, "/settings", "s", Some(Operation::ReadPrograms)),
];

/// An entry of the navigation.
#[derive(Debug, Clone, Serialize)]
struct Entry {
    area: Area,
    href: &'static str,
    letter: &'static str,
    is_here: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize)]
struct Who {
    name: String,
    email: String,
    role: Role,
}

/// A choice among some.
#[derive(Debug, Clone, Serialize)]
struct Choice {
    code: &'static str,
    tag: &'static str,
    is_chosen: bool,
}

/// What is around a page.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    lang: &'static str,
    language: &'static str,
    languages: Vec<Choice>,
    themes: Vec<Choice>,
    style: String,
    script: String,
    icon: String,
    /// The shop's own mark.
    brand: Option<String>,
    shop: String,
    areas: Vec<Entry>,
    who: Option<Who>,
    may: Vec<&'static str>,
    csrf: String,
    here: String,
    said: Option<String>,
    looked_for: String,
}

/// Who looks at which page.
#[derive(Debug, Clone, Default)]
pub struct Looking {
    /// Who is signed in.
    pub member: Option<StaffMember>,
    /// What they send back with every form.
    pub csrf: String,
    /// Path and query, to come back to.
    pub here: String,
}

impl Frame {
    /// Around a page in `area`.
    pub fn of(reader: &Reader, looking: &Looking, area: Area) -> Frame {
        let role = looking.member.as_ref().map(|member| member.role);
        let allowed = |needs: Option<Operation>| {
            role.is_some_and(|role| needs.is_none_or(|operation| may(role, operation)))
        };
        let asked = |name: &str| parameter(&looking.here, name);
        let words = reader.words();
        Frame {
            lang: reader.view.lang.tag(),
            language: reader.view.lang.folder(),
            languages: Lang::ALL
                .into_iter()
                .map(|lang| Choice {
                    code: lang.folder(),
                    tag: lang.tag(),
                    is_chosen: lang == reader.view.lang,
                })
                .collect(),
            themes: Theme::ALL
                .into_iter()
                .map(|theme| Choice { code: theme.word(), tag: "", is_chosen: theme == reader.view.theme })
                .collect(),
            style: files::address(&reader.assets, files::style(reader.view.theme)),
            script: files::address(&reader.assets, "console.js"),
            icon: files::address(&reader.assets, "mark.svg"),
            brand: files::brand(&reader.assets),
            shop: reader.shop.clone(),
            areas: AREAS
                .into_iter()
                .filter(|(_, _, _, needs)| allowed(*needs))
                .map(|(one, href, letter, _)| Entry { area: one, href, letter, is_here: one == area })
                .collect(),
            who: looking.member.as_ref().map(|member| Who {
                name: member.name.clone(),
                email: member.email.clone(),
                role: member.role,
            }),
            may: Operation::ALL.iter().filter(|one| allowed(Some(**one))).map(|one| one.word()).collect(),
            csrf: looking.csrf.clone(),
            // Only what is ours to say is said: the word comes with the address.
            said: asked("said")
                .filter(|word| words.as_ref().is_ok_and(|words| words.has(&format!("console-said-{word}")))),
            looked_for: asked("q").unwrap_or_default(),
            here: looking.here.clone(),
        }
    }
}

/// A parameter of an address's query.
fn parameter(here: &str, name: &str) -> Option<String> {
    let (_, query) = here.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
