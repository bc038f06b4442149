//! The console: every page in every language and light, and the door before it.

use crate::shop::{Said, Shop};
use assets::{Assets, Lang};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use engine::staff::people::{self, Asking, Invitation};
use engine::staff::permissions::Role;
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use server::console::reader::{Reader, Theme, View};
use server::console::samples;
use server::sign_in;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The most a page may weigh, before compression.
const HEAVIEST: usize = 150_000;

/// Pages and words: our own, or those of the folder in `PERENNIAL_ASSETS`, so that a change needs no compiling to be tried.
fn files() -> Assets {
    Assets::open(std::env::var_os("PERENNIAL_ASSETS").as_deref().map(Path::new)).unwrap()
}

fn reader(assets: &Assets, lang: Lang, theme: Theme) -> Reader {
    Reader {
        assets: assets.clone(),
        view: View { lang, theme },
        currency: "VND".to_owned(),
        decimals: 0,
        shop: "Corner shop".to_owned(),
        zone: jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
    }
}

/// An element of a page: its name, its attributes, what is to be read in it, and what it stands in.
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    /// Places of the elements around it, the nearest last.
    within: Vec<usize>,
}

impl Element {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    fn is(&self, attribute: &str, value: &str) -> bool {
        self.get(attribute) == Some(value)
    }
}

/// A page as browsers read it: its elements in their order, and what the parser had to mend.
struct Parsed {
    elements: Vec<Element>,
    errors: Vec<String>,
}

impl Parsed {
    fn of(text: &str) -> Parsed {
        let dom = html5ever::parse_document(RcDom::default(), Default::default()).one(text);
        let errors = dom.errors.borrow().iter().map(|error| error.to_string()).collect();
        let mut page = Parsed { elements: Vec::new(), errors };
        page.add(&dom.document, &mut Vec::new());
        page
    }

    fn add(&mut self, node: &Handle, within: &mut Vec<usize>) {
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                let attrs = attrs.borrow();
                let pairs = attrs.iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string()));
                self.elements.push(Element {
                    name: name.local.to_string(),
                    attributes: pairs.collect(),
                    text: String::new(),
                    within: within.clone(),
                });
                within.push(self.elements.len() - 1);
                for child in node.children.borrow().iter() {
                    self.add(child, within);
                }
                within.pop();
            }
            NodeData::Text { contents } => {
                for place in within.iter() {
                    self.elements[*place].text.push_str(&contents.borrow());
                }
            }
            _ => {
                for child in node.children.borrow().iter() {
                    self.add(child, within);
                }
            }
        }
    }

    fn named<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (usize, &'a Element)> {
        self.elements.iter().enumerate().filter(|(_, element)| names.contains(&element.name.as_str()))
    }

    /// Elements within another.
    fn inside(&self, place: usize) -> impl Iterator<Item = &Element> {
        self.elements.iter().filter(move |element| element.within.contains(&place))
    }
}

/// What is wrong with a page, as far as a machine can see.
fn faults(text: &str) -> Vec<String> {
    let page = Parsed::of(text);
    let mut faults: Vec<String> = page.errors.iter().map(|error| format!("HTML: {error}")).collect();
    let mut say = |is_wrong: bool, what: String| {
        if is_wrong {
            faults.push(what);
        }
    };
    say(text.len() > HEAVIEST, format!("{} bytes", text.len()));
    let mut ids = BTreeSet::new();
    for id in page.elements.iter().filter_map(|element| element.get("id")) {
        say(!ids.insert(id), format!("two have the id {id}"));
    }
    for attribute in ["for", "aria-labelledby", "aria-describedby", "popovertarget", "aria-controls"] {
        for id in
            page.elements.iter().filter_map(|element| element.get(attribute)).flat_map(|ids| ids.split(' '))
        {
            say(!ids.contains(id), format!("{attribute}={id} leads nowhere"));
        }
    }
    for (_, field) in
        page.named(&["input", "select", "textarea"]).filter(|(_, one)| !one.is("type", "hidden"))
    {
        let labels = || page.named(&["label"]);
        let is_named = field.get("aria-label").is_some()
            || field.get("id").is_some_and(|id| labels().any(|(_, label)| label.is("for", id)))
            || labels().any(|(place, _)| field.within.contains(&place));
        say(!is_named, format!("a field without a label: {:?}", field.attributes));
    }
    for (place, form) in page.named(&["form"]).filter(|(_, form)| form.is("method", "post")) {
        let action = form.get("action").unwrap_or_default();
        let is_open = ["/sign-in", "/join", "/view"].iter().any(|open| action.starts_with(open));
        let has_proof = page.inside(place).any(|field| field.is("name", "csrf"));
        say(!is_open && !has_proof, format!("a form without csrf: {action}"));
    }
    for (_, element) in page.named(&["a", "button"]) {
        let has_name = element.get("aria-label").is_some() || !element.text.trim().is_empty();
        say(!has_name, format!("nothing to read in {:?}", element.attributes));
    }
    for (_, picture) in
        page.named(&["img", "svg"]).filter(|(_, one)| one.name == "img" || one.is("role", "img"))
    {
        let has_name =
            ["alt", "aria-label", "aria-labelledby"].iter().any(|name| picture.get(name).is_some());
        say(!has_name, format!("a picture without words: {:?}", picture.attributes));
    }
    let first = page.named(&["h1"]).count();
    say(first != 1, format!("{first} headings of the first order"));
    let main = page.named(&["main"]).next().map(|(place, _)| place);
    let mut level = 0;
    for (_, heading) in page.named(&["h1", "h2", "h3", "h4"]) {
        if !main.is_some_and(|main| heading.within.contains(&main)) {
            continue;
        }
        let next: u32 = heading.name[1..].parse().unwrap();
        say(next > level + 1, format!("h{next} after h{level}: {}", heading.text));
        level = next;
    }
    let has_own = |element: &Element| {
        let inline = ["style", "onclick"].iter().any(|name| element.get(name).is_some());
        inline || element.name == "style" || element.name == "script" && element.get("src").is_none()
    };
    say(page.elements.iter().any(has_own), "style or script in the page".to_owned());
    let links = page.named(&["link"]).filter_map(|(_, link)| link.get("href"));
    for address in page.elements.iter().filter_map(|element| element.get("src")).chain(links) {
        say(!address.starts_with('/'), format!("asks {address}"));
    }
    faults
}

#[test]
fn every_page_in_every_language_and_light_is_whole() {
    let (mut wrong, assets) = (Vec::new(), files());
    for lang in Lang::ALL {
        for theme in Theme::ALL {
            let reader = reader(&assets, lang, theme);
            let pages = samples::all(&reader);
            assert!(pages.len() > 10);
            for (name, page) in pages {
                match page {
                    Ok(text) => {
                        wrong
                            .extend(faults(&text).into_iter().map(|fault| format!("{name} {lang}: {fault}")));
                        assert!(text.contains(&format!("<html lang=\"{}\">", lang.tag())), "{name}");
                    }
                    Err(failure) => wrong.push(format!("{name} {lang}: {failure}")),
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_test_of_pages_finds_what_is_wrong() {
    let good = "<!doctype html><html lang=\"en\"><head><title>t</title></head><body><main><h1>a</h1>BODY</main></body></html>";
    for (body, said) in [
        ("<p><div></p>", "HTML"),
        ("<i id=a></i><i id=a></i>", "two have the id a"),
        ("<input name=x>", "without a label"),
        ("<form method=post action=/x></form>", "without csrf"),
        ("<a href=/></a>", "nothing to read"),
        ("<h3>b</h3>", "h3 after h1"),
        ("<p style=\"color:red\">b</p>", "style or script"),
        ("<button popovertarget=none>b</button>", "leads nowhere"),
        ("<script src=https://elsewhere.example/a.js></script>", "asks https"),
    ] {
        let found = faults(&good.replace("BODY", body)).join("; ");
        assert!(found.contains(said), "{body}: {found}");
    }
    assert_eq!(faults(&good.replace("BODY", "<p>b</p>")), Vec::<String>::new());
}

/// A browser: cookies, and the token out of the last page.
pub struct Browser<'a> {
    shop: &'a Shop,
    cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    /// Somebody of that role, signed in by a link.
    pub async fn of(shop: &'a Shop, role: Role) -> Browser<'a> {
        let now = shop.app.now();
        let id = shop
            .app
            .with_session(move |session| {
                let actor = engine::staff::actor::Actor::shell();
                let mut count = role as u128;
                let mut chance = || {
                    count += 100;
                    count
                };
                let mut asking = Asking { actor: &actor, now, chance: &mut chance };
                let email = format!("{role}@corner.example");
                let invitation = Invitation { email, name: format!("The {role}"), role };
                Ok(people::invite(session, &mut asking, &invitation).unwrap().id)
            })
            .await
            .unwrap();
        let token = sign_in::one_time_link(&shop.app, &id);
        let mut browser = Browser { shop, cookie: String::new(), csrf: String::new() };
        let asked = browser.get(&format!("/sign-in/{token}")).await;
        assert_eq!(asked.status, StatusCode::OK);
        let signed = browser.post(&format!("/sign-in/{token}"), &[]).await;
        assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.shown());
        browser.get("/styleguide").await;
        browser
    }

    /// Open a page.
    pub async fn get(&mut self, path: &str) -> Said {
        self.send(Request::builder().method(Method::GET).uri(path), Body::empty()).await
    }

    /// Send a form with the token of this session.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Said {
        let csrf = self.csrf.clone();
        let pairs = std::iter::once(("csrf", csrf.as_str())).chain(fields.iter().copied());
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// Send a form with files, as browsers do.
    pub async fn post_parts(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &[u8]),
    ) -> Said {
        let csrf = self.csrf.clone();
        let mut body = Vec::new();
        for (name, value) in std::iter::once(("csrf", csrf.as_str())).chain(fields.iter().copied()) {
            let head = format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        let (name, called, bytes) = file;
        let head =
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{called}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request, Body::from(body)).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Said {
        let request = request.header(header::ACCEPT, "text/html").header(header::COOKIE, &self.cookie);
        let said = self.shop.send(request.body(body).unwrap()).await;
        for cookie in said.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            if pair.starts_with("__Host-perennial=") {
                self.cookie = pair.to_owned();
            }
        }
        let page = Parsed::of(&text(&said));
        if let Some(field) = page.elements.iter().find(|field| field.is("name", "csrf")) {
            self.csrf = field.get("value").unwrap_or_default().to_owned();
        }
        said
    }
}

/// The body as text.
pub fn text(said: &Said) -> String {
    String::from_utf8_lossy(&said.bytes).into_owned()
}

#[tokio::test]
async fn a_link_signs_in_once_and_a_page_may_ask_nobody_else() {
    let shop = Shop::open();
    let mut ana = Browser::of(&shop, Role::Owner).await;
    let home = ana.get("/").await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.shown());
    let policy = home.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let sheet = ana.get("/static/console.css").await;
    assert_eq!(sheet.headers["content-type"], "text/css; charset=utf-8");

    let mut nobody = Browser { shop: &shop, cookie: String::new(), csrf: String::new() };
    let sent = nobody.get("/").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.headers["location"], "/sign-in?then=%2F");
    let used = nobody.post("/sign-in/not-a-token", &[]).await;
    assert_eq!(used.status, StatusCode::UNAUTHORIZED);
    assert!(text(&used).contains("This link does not open anything any more"), "{}", used.shown());
}

#[tokio::test]
async fn what_was_typed_waits_behind_the_door() {
    let shop = Shop::open();
    let mut ana = Browser::of(&shop, Role::Owner).await;
    ana.cookie.clear();
    let over = ana.post("/figures", &[("reason", "waited <long> & long")]).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED, "{}", over.shown());
    let page = text(&over);
    assert!(page.contains("Your session has ended") && page.contains("What you had typed is kept"));
    assert!(page.contains("reason=waited+%3Clong%3E+%26+long"), "{page}");
    assert!(!page.contains("value=\"csrf="), "the token of the old session is not kept");

    // A long text waits as well, and so does what was typed beside a file, whose name alone can be kept.
    let long = "Cà phê sữa đá. ".repeat(20_000);
    let over = ana.post("/campaigns/segment", &[("text", long.as_str())]).await;
    let kept = hidden(&over, "kept");
    let back = url::form_urlencoded::parse(kept.as_bytes()).find(|(name, _)| name == "text");
    assert_eq!(back.expect("the text").1.trim(), long.trim());
    let fields =
        [("email", "nobody@corner.example"), ("password", "x"), ("code", "1"), ("kept", kept.as_str())];
    let wrong = ana.post("/sign-in", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "a wrong password loses nothing: {}", wrong.shown());
    assert_eq!(hidden(&wrong, "kept"), kept);
    let svg = ("mark", "m.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice());
    let over = ana.post_parts("/settings", &[("name", "Góc phố")], svg).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        (hidden(&over, "kept"), hidden(&over, "files")),
        ("name=G%C3%B3c+ph%E1%BB%91".into(), "mark".into())
    );
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing_and_a_role_sees_its_own() {
    let shop = Shop::open();
    let mut ana = Browser::of(&shop, Role::Owner).await;
    ana.csrf = "guessed".to_owned();
    let refused = ana.post("/figures", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(text(&refused).contains("The form was of another session"));
    let mut till = Browser::of(&shop, Role::Till).await;
    let refused = till.post("/figures", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(text(&refused).contains("This is not for your role"));
    let nowhere = till.get("/no-such-page").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert!(text(&nowhere).contains("There is no such thing") && text(&nowhere).contains("console.css"));
}

#[tokio::test]
async fn language_and_light_are_chosen_once() {
    let shop = Shop::open();
    let mut ana = Browser::of(&shop, Role::Owner).await;
    let chosen = ana.post("/view", &[("language", "vi"), ("theme", "dark"), ("here", "/styleguide")]).await;
    assert_eq!(chosen.headers["location"], "/styleguide");
    let cookie = chosen.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("perennial-view=vi.dark;"), "{cookie}");
    let again = Browser::of(&shop, Role::Marketer).await;
    drop(again);
    let id = shop
        .app
        .read(|session| Ok(people::find_by_email(&session.read(), "owner@corner.example")?.unwrap().id));
    let token = sign_in::one_time_link(&shop.app, &id.await.unwrap());
    let signed = ana.post(&format!("/sign-in/{token}"), &[]).await;
    let cookies: Vec<_> =
        signed.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("perennial-view=vi.dark")), "{cookies:?}");
}

/// Ana, with an order, as somebody who searches for her number finds her: the address of her page.
async fn ana(shop: &Shop, browser: &mut Browser<'_>) -> String {
    shop.ana().await;
    assert!(shop.order("o-1", 1250).await.status.is_success());
    let found = text(&browser.get("/customers?q=0901+234+567").await);
    let link = found.split("href=\"/customers/cus_").nth(1).expect("she is found");
    format!("/customers/cus_{}", link.split('"').next().unwrap())
}

/// A hidden field of a page.
fn hidden(said: &Said, name: &str) -> String {
    let page = Parsed::of(&text(said));
    let field = page.elements.iter().find(|field| field.is("name", name)).expect(name);
    field.get("value").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn of_two_who_change_a_customer_the_second_is_told_and_loses_nothing() {
    let shop = Shop::open();
    let mut browser = Browser::of(&shop, Role::Owner).await;
    let page = ana(&shop, &mut browser).await;
    let opened = browser.get(&page).await;
    assert!(text(&opened).contains("o-1") && text(&opened).contains("$12.50"), "{}", opened.shown());
    let seen = hidden(&opened, "seen");
    let profile = format!("{page}/profile");
    let saved = browser.post(&profile, &[("seen", seen.as_str()), ("name", "Ana")]).await;
    assert_eq!(saved.headers["location"], format!("{page}?said=saved"), "{}", saved.shown());
    let told = browser.post(&profile, &[("seen", seen.as_str()), ("name", "Anna")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    let shown = text(&told);
    assert!(shown.contains("Somebody has changed this") && shown.contains("value=\"Anna\""), "{shown}");
    assert!(shown.contains(">Ana</bdi>"), "theirs is shown");
}

#[tokio::test]
async fn points_by_hand_are_given_once_and_many_wait_for_a_second_pair_of_eyes() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let page = ana(&shop, &mut owner).await;
    let points = format!("{page}/points");
    let ask = |units: &'static str, once: &'static str| {
        [("wallet", "corner/beans"), ("units", units), ("reason", "waited twenty minutes"), ("once", once)]
    };
    let before = text(&owner.get(&page).await);
    assert!(before.contains("<b class=\"type-t3\">62</b>"), "12 for the bill and 50 to begin with: {before}");
    for _ in 0..2 {
        let given = owner.post(&points, &ask("8", "adj_small")).await;
        assert_eq!(given.headers["location"], format!("{page}?said=adjusted"), "{}", given.shown());
    }
    let once = text(&owner.get(&page).await);
    assert!(once.contains("<b class=\"type-t3\">70</b>"), "a form that is sent twice counts once");
    assert!(once.contains("waited twenty minutes · The owner"), "the reason stands in the timeline");

    let waits = owner.post(&points, &ask("600", "adj_large")).await;
    assert_eq!(waits.headers["location"], format!("{page}?said=waits"));
    assert!(text(&owner.get("/points").await).contains("asked by you"));
    let own = owner.post("/points/adj_large", &[("do", "yes")]).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "nobody is their own second pair of eyes");
    let mut service = Browser::of(&shop, Role::Service).await;
    assert!(text(&service.get("/").await).contains("second pair of eyes"));
    let agreed = service.post("/points/adj_large", &[("do", "yes")]).await;
    assert_eq!(agreed.headers["location"], "/points?said=adjusted", "{}", agreed.shown());
    let after = text(&owner.get(&page).await);
    assert!(after.contains("<b class=\"type-t3\">670</b>"), "{after}");
    let again = service.post("/points/adj_large", &[("do", "yes")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "decided once");

    let nothing = owner.post(&points, &ask("", "adj_none")).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&nothing).contains("a number of points"), "what is expected is said");
    assert!(text(&nothing).contains("value=\"waited twenty minutes\""), "and what was typed is kept");
}

#[tokio::test]
async fn a_person_is_forgotten_when_the_end_of_the_id_is_typed() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let page = ana(&shop, &mut owner).await;
    let erase = format!("{page}/erase");
    assert_eq!(owner.get(&erase).await.status, StatusCode::OK);
    let wrong = owner.post(&erase, &[("typed", "none")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let end = &page[page.len() - 4..];
    let erased = owner.post(&erase, &[("typed", end)]).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.shown());
    assert!(text(&erased).contains("Forgotten"));
    assert_eq!(owner.get(&page).await.status, StatusCode::NOT_FOUND);
    assert!(text(&owner.get("/customers?q=0901234567").await).contains("Nobody is known as"));
}

#[tokio::test]
async fn the_pages_of_a_role_are_those_of_the_table() {
    let shop = Shop::open();
    for (role, open, closed) in [
        (
            Role::Owner,
            vec![
                "/customers",
                "/customers/requests",
                "/settings/staff",
                "/settings/keys",
                "/settings/webhooks",
                "/settings/consents",
                "/settings/audit",
                "/points",
                "/program/corner/tiers",
                "/program/corner/tries",
                "/campaigns/segment?ask_1_1=orders-least&value_1_1=3",
            ],
            vec![],
        ),
        (Role::Till, vec!["/customers", "/settings"], vec!["/settings/staff", "/settings/keys", "/points"]),
        (Role::Analyst, vec!["/", "/settings"], vec!["/customers", "/settings/audit"]),
        (Role::Auditor, vec!["/settings/audit", "/settings/health"], vec!["/customers", "/settings/keys"]),
    ] {
        let mut browser = Browser::of(&shop, role).await;
        for path in open {
            assert_eq!(browser.get(path).await.status, StatusCode::OK, "{role} {path}");
        }
        for path in closed {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{role} {path}");
        }
    }
}

#[tokio::test]
async fn a_figure_is_changed_in_a_form_planned_and_put_in_force() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let forms = owner.get("/program/corner/forms").await;
    assert_eq!(forms.status, StatusCode::OK, "{}", forms.shown());
    let page = Parsed::of(&text(&forms));
    let every = page.elements.iter().find(|one| {
        one.is("value", "1.00") && one.get("name").is_some_and(|name| name.ends_with("per_amount.every"))
    });
    let field = every.expect("the figure is offered").get("name").unwrap().to_owned();
    let change = [("version", "1"), (field.as_str(), "2.00")];
    let planned = owner.post("/program/corner/forms", &change).await;
    let shown = text(&planned);
    assert_eq!(planned.status, StatusCode::OK, "{}", planned.shown());
    assert!(shown.contains("every = &quot;2.00&quot;") && shown.contains("value=\"apply\""), "{shown}");
    let read = |name: &str| hidden(&planned, name);
    let mut files = vec![
        ("version".to_owned(), read("version")),
        ("mark".to_owned(), read("mark")),
        ("do".to_owned(), "apply".to_owned()),
    ];
    let page = Parsed::of(&shown);
    let names = page.elements.iter().filter(|one| one.name == "input" && one.is("name", "file"));
    let texts = page.elements.iter().filter(|one| one.name == "textarea");
    for (name, text) in names.zip(texts) {
        files.push(("file".to_owned(), name.get("value").unwrap_or_default().to_owned()));
        files.push(("text".to_owned(), text.text.clone()));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let applied = owner.post("/program/corner/edit", &files).await;
    assert_eq!(applied.status, StatusCode::SEE_OTHER, "{}", text(&applied));
    assert!(text(&owner.get("/program/corner/versions").await).contains("/program/corner/versions/2\""));
    // Somebody who still has the first version open is told, and what they typed is there.
    let late = owner.post("/program/corner/forms", &change).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(text(&late).contains("every = &quot;2.00&quot;"));
    let wrong = owner.post("/program/corner/forms", &[("version", "2"), (field.as_str(), "0")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.shown());
}

#[tokio::test]
async fn the_shop_looks_as_it_was_told_to_and_of_two_the_second_is_told() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let opened = owner.get("/settings").await;
    let seen = hidden(&opened, "seen");
    let fields = [("seen", seen.as_str()), ("name", "Góc phố"), ("colour", "#e4002b"), ("language", "vi")];
    let svg = ("mark", "m.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice());
    let saved = owner.post_parts("/settings", &fields, svg).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", text(&saved));
    let sheet = text(&owner.get("/static/console.css").await);
    assert!(sheet.contains("--leaf: #e4002b"), "the colour is the shop's");
    let mark = owner.get("/static/brand").await;
    assert_eq!(mark.headers["content-type"], "image/svg+xml");
    let home = text(&owner.get("/").await);
    assert!(home.contains("brand?v=") && home.contains("Góc phố"), "{home}");
    let late = owner.post_parts("/settings", &fields, svg).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "it has changed since the page was opened");
    let seen = hidden(&late, "seen");
    let wrong = [("seen", seen.as_str()), ("name", ""), ("colour", "#e4002b"), ("language", "")];
    let refused = owner.post_parts("/settings", &wrong, svg).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let audit = text(&owner.get("/settings/audit?kind=settings&subject=shop").await);
    assert!(audit.contains(">changing settings<") && audit.contains("Góc phố"), "{audit}");
    for (kind, is_there) in [("webhook", false), ("settings", true)] {
        let of_kind = text(&owner.get(&format!("/settings/audit?kind={kind}")).await);
        assert_eq!(of_kind.contains(">changing settings<"), is_there, "{kind}: {of_kind}");
    }
    let mut till = Browser::of(&shop, Role::Till).await;
    assert_eq!(till.post_parts("/settings", &fields, svg).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_webhook_shows_its_secret_once_and_goes() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let wrong = owner.post("/settings/webhooks", &[("url", "http://192.168.0.1/"), ("topics", "*")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hidden(&wrong, "url"), "http://192.168.0.1/", "what was typed is kept");
    let fields = [("url", "https://shop.example/perennial"), ("topics", "points.*, tier.changed")];
    let made = owner.post("/settings/webhooks", &fields).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", text(&made));
    assert!(text(&made).contains("whsec_"));
    let list = text(&owner.get("/settings/webhooks").await);
    assert!(!list.contains("whsec_") && list.contains("tier.changed"), "{list}");
    let id = list.split("/settings/webhooks/wh_").nth(1).unwrap().split('"').next().unwrap();
    let page = format!("/settings/webhooks/wh_{id}");
    for (what, says) in [("paused", "said=saved"), ("test", "said=test-sent"), ("on", "said=saved")] {
        let done = owner.post(&page, &[("do", what)]).await;
        assert_eq!(done.headers["location"], format!("{page}?{says}"), "{what}");
    }
    assert!(text(&owner.get(&page).await).contains("webhook.test"));
    let gone = owner.post(&page, &[("do", "delete")]).await;
    assert_eq!(gone.headers["location"], "/settings/webhooks?said=webhook-gone");
    assert_eq!(owner.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_agrees_without_a_text_and_a_request_has_its_day() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let page = ana(&shop, &mut owner).await;
    let consents = format!("{page}/consents");
    let said = [("channel", "sms"), ("purpose", "marketing"), ("status", "granted"), ("how", "on paper")];
    let without = owner.post(&consents, &said).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", without.shown());
    let text_in =
        [("purpose", "marketing"), ("language", "en"), ("text", "I want to hear of offers by SMS.")];
    let written = owner.post("/settings/consents", &text_in).await;
    assert_eq!(written.headers["location"], "/settings/consents?said=saved", "{}", text(&written));
    let again = owner.post("/settings/consents", &text_in).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the same text is no other version");
    let agreed = owner.post(&consents, &said).await;
    assert_eq!(agreed.headers["location"], format!("{page}?said=saved"), "{}", text(&agreed));
    assert!(text(&owner.get(&page).await).contains("class=\"tag granted\""));

    let asked = owner.post(&format!("{page}/requests"), &[("kind", "erase")]).await;
    assert_eq!(asked.headers["location"], format!("{page}?said=saved"), "{}", text(&asked));
    let list = text(&owner.get("/customers/requests").await);
    assert!(list.contains("to be forgotten") && list.contains("days left"), "{list}");
    let id = list.split("/customers/requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let done = owner.post(&format!("/customers/requests/{id}"), &[("do", "done")]).await;
    assert_eq!(done.headers["location"], "/customers/requests?said=saved");
    assert!(text(&owner.get("/customers/requests").await).contains("Nobody waits"));
}

#[tokio::test]
async fn a_long_life_is_shown_from_its_end() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    shop.ana().await;
    for number in 0..50 {
        assert!(shop.order(&format!("o-{number}"), 1250).await.status.is_success());
    }
    let found = text(&owner.get("/customers?q=0901+234+567").await);
    let link = found.split("href=\"/customers/cus_").nth(1).unwrap().split('"').next().unwrap();
    let page = text(&owner.get(&format!("/customers/cus_{link}")).await);
    assert_eq!(page.matches("class=\"faint when\"").count(), 40, "forty things at once");
    assert!(page.contains("?more=40"), "and that there is more");
    let more = text(&owner.get(&format!("/customers/cus_{link}?more=400")).await);
    let missing: Vec<usize> = (0..50).filter(|number| !more.contains(&format!("o-{number}<"))).collect();
    assert_eq!(missing, Vec::<usize>::new(), "all of it");
    assert!(!more.contains("#time-title"), "there is no more");
}

#[tokio::test]
async fn a_case_is_opened_answered_and_closed_and_who_comes_late_keeps_their_words() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let page = ana(&shop, &mut owner).await;
    let cases = format!("{page}/cases");
    for _ in 0..2 {
        let opened = owner.post(&cases, &[("once", "case_1"), ("about", "the soup was cold")]).await;
        assert_eq!(opened.headers["location"], format!("{page}?said=saved"), "{}", opened.shown());
    }
    assert_eq!(text(&owner.get("/customers/cases").await).matches("the soup was cold").count(), 1);
    shop.later(jiff::SignedDuration::from_hours(24 * 4));
    // Sessions have ended meanwhile.
    let mut service = Browser::of(&shop, Role::Service).await;
    assert!(text(&service.get("/").await).contains("open for more than three days"), "it needs somebody");
    let case = format!("{cases}/case_1");
    let closed = service.post(&case, &[("text", "called back"), ("do", "close")]).await;
    assert_eq!(closed.headers["location"], format!("{page}?said=saved"), "{}", closed.shown());
    let shown = text(&service.get(&page).await);
    assert!(shown.contains("called back") && shown.contains("The service"), "{shown}");
    let late = service.post(&case, &[("case", "case_1"), ("text", "sent a voucher"), ("do", "note")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&late).contains("is closed") && text(&late).contains("sent a voucher"), "{}", late.shown());
    assert!(text(&service.get("/customers/cases").await).contains("No case is open"));
    let mut auditor = Browser::of(&shop, Role::Auditor).await;
    let audit = text(&auditor.get("/settings/audit").await);
    assert!(audit.contains("case_1"), "{audit}");
    assert!(!audit.contains("the soup was cold"), "the audit tells who did what, not what was said");

    let empty = service.post(&cases, &[("once", "case_2"), ("about", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut marketer = Browser::of(&shop, Role::Marketer).await;
    assert_eq!(marketer.get("/customers/cases").await.status, StatusCode::OK);
    let not_theirs = marketer.post(&cases, &[("once", "case_3"), ("about", "x")]).await;
    assert_eq!(not_theirs.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn of_two_who_change_a_segment_the_second_is_told_and_loses_nothing() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let tagged = |tag: &str| format!("name = \"late\"\nwho = {{ tag = \"{tag}\" }}");
    let new = [("of", ""), ("version", "0")];
    let keep = |said: [(&'static str, &'static str); 2], text: &str| {
        let said = said.map(|(name, value)| (name, value.to_owned()));
        said.into_iter().chain([("text", text.to_owned())]).collect::<Vec<_>>()
    };
    let post = async |owner: &mut Browser<'_>, fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        owner.post("/campaigns/segment", &fields).await
    };
    let kept = post(&mut owner, keep(new, &tagged("a"))).await;
    assert_eq!(kept.headers["location"], "/campaigns/segment?name=late&said=saved", "{}", text(&kept));
    let opened = owner.get("/campaigns/segment?name=late").await;
    assert_eq!((hidden(&opened, "of"), hidden(&opened, "version")), ("late".to_owned(), "1".to_owned()));
    // What the form asks while one chooses takes along what it is made from.
    let asked = owner.get("/campaigns/segment?name=late&of=late&version=1&ask_1_1=tag&value_1_1=b").await;
    assert_eq!(hidden(&asked, "version"), "1");
    let first = [("of", "late"), ("version", "1")];
    let second = post(&mut owner, keep(first, &tagged("b"))).await;
    assert_eq!(second.status, StatusCode::SEE_OTHER, "{}", text(&second));
    let again = post(&mut owner, keep(first, &tagged("b"))).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "the same again changes nothing");
    for said in [first, new] {
        let told = post(&mut owner, keep(said, &tagged("c"))).await;
        assert_eq!(told.status, StatusCode::CONFLICT, "{said:?}");
        let page = text(&told);
        assert!(page.contains("version 2 is in force") && page.contains("tag = &quot;b&quot;"), "{page}");
        assert!(page.contains("tag = &quot;c&quot;"), "what was typed is there");
        assert_eq!((hidden(&told, "of"), hidden(&told, "version")), ("late".to_owned(), "2".to_owned()));
    }
    let knowing = post(&mut owner, keep([("of", "late"), ("version", "2")], &tagged("c"))).await;
    assert_eq!(knowing.status, StatusCode::SEE_OTHER, "{}", text(&knowing));
    let other =
        post(&mut owner, keep([("of", "late"), ("version", "3")], &tagged("d").replace("late", "other")))
            .await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "under another name it is another: {}", text(&other));
    let wrong = post(&mut owner, keep(new, "name = \"x\"\nwho = { segment = \"nowhere\" }")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", text(&wrong));
    let audit = text(&owner.get("/settings/audit?kind=segment").await);
    assert_eq!(audit.matches(">changing segments<").count(), 4, "{audit}");
}

#[tokio::test]
async fn of_two_who_change_a_role_the_second_is_told() {
    let shop = Shop::open();
    let mut owner = Browser::of(&shop, Role::Owner).await;
    let _ = Browser::of(&shop, Role::Till).await;
    let find = people::find_by_email;
    let id = shop.app.read(move |session| Ok(find(&session.read(), "till@corner.example")?.unwrap().id));
    let page = format!("/settings/staff/{}", id.await.unwrap());
    let first = owner.post(&page, &[("do", "role"), ("was", "till"), ("role", "service")]).await;
    assert_eq!(first.headers["location"], "/settings/staff?said=saved", "{}", text(&first));
    let second = owner.post(&page, &[("do", "role"), ("was", "till"), ("role", "analyst")]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(text(&second).contains("has the role service by now"), "{}", text(&second));
}
