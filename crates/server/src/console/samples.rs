//! Every page from its `sample()`: what the test that looks at all of them walks through. A new page is added here.

use super::customers::data::{ErasePage, ErasedPage};
use super::customers::list::CustomersPage;
use super::customers::page::CustomerPage;
use super::door::{JoinPage, JoinedPage, SignInPage, WaitingPage};
use super::frame::{Frame, Looking};
use super::home::HomePage;
use super::page::{self, Page};
use super::problem::ProblemPage;
use super::reader::Reader;
use super::styleguide::StyleGuidePage;
use super::{analysis, campaigns, customers, imports, program, settings};
use assets::Failure;
use engine::staff::people::StaffMember;
use engine::staff::permissions::Role;
use jiff::Timestamp;

/// A page as somebody sees it: its name and its HTML.
pub type Sample = (String, Result<String, Failure>);

/// All pages as an owner sees them.
pub fn all(reader: &Reader) -> Vec<Sample> {
    let mut made = Made { reader, all: Vec::new() };
    made.page::<SignInPage>();
    made.one("sign-in-by-link", &SignInPage::sample_link());
    made.page::<WaitingPage>();
    made.page::<JoinPage>();
    made.page::<JoinedPage>();
    for problem in ProblemPage::samples() {
        made.one(&format!("problem-{}", problem.word()), &problem);
    }
    made.page::<StyleGuidePage>();
    made.page::<HomePage>();
    for (name, page) in HomePage::samples_without_figures() {
        made.one(name, &page);
    }
    made.page::<CustomersPage>();
    for (name, page) in CustomersPage::samples_empty() {
        made.one(name, &page);
    }
    made.page::<CustomerPage>();
    made.one("customer-bare", &CustomerPage::sample_bare(reader));
    made.page::<customers::points::WaitingPage>();
    made.one("points-none", &customers::points::WaitingPage::sample_empty());
    made.page::<customers::cases::CasesPage>();
    made.one("cases-none", &customers::cases::CasesPage::sample_empty());
    made.page::<customers::requests::RequestsPage>();
    made.one("requests-none", &customers::requests::RequestsPage::sample_empty());
    made.page::<customers::history::HistoryPage>();
    made.one("history-none", &customers::history::HistoryPage::sample_none());
    made.page::<ErasePage>();
    made.page::<ErasedPage>();
    program::samples(&mut made);
    campaigns::samples(&mut made);
    analysis::samples(&mut made);
    imports::samples(&mut made);
    settings::samples(&mut made);
    made.all
}

/// Pages as they are gathered.
pub struct Made<'a> {
    reader: &'a Reader,
    all: Vec<Sample>,
}

impl<'a> Made<'a> {
    /// Who reads.
    pub fn reader(&self) -> &'a Reader {
        self.reader
    }

    /// A page from its own sample, under the name of its template.
    pub fn page<P: Page>(&mut self) {
        let name = P::TEMPLATE.trim_start_matches("console/").trim_end_matches(".html").to_owned();
        self.one(&name, &P::sample(self.reader));
    }

    /// A page under a name.
    pub fn one<P: Page>(&mut self, name: &str, page: &P) {
        let looking =
            Looking { member: Some(owner()), csrf: "csrf".to_owned(), here: "/?q=a&said=saved".to_owned() };
        let frame = Frame::of(self.reader, &looking, P::AREA);
        self.all.push((name.to_owned(), page::html(self.reader, &frame, page)));
    }
}

fn owner() -> StaffMember {
    StaffMember {
        id: "stf_1".to_owned(),
        email: "ana@corner.example".to_owned(),
        name: "Ana".to_owned(),
        role: Role::Owner,
        invited_by: "shell".to_owned(),
        invited_at: Timestamp::UNIX_EPOCH,
        joined_at: Some(Timestamp::UNIX_EPOCH),
        disabled_at: None,
    }
}
