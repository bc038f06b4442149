//! One person's data, and its end.

use super::{Desk, history};
use crate::args::people::{AskedArg, Erase, Export, Request};
use crate::ended::Ended;
use crate::home::{self, Home};
use crate::say;
use engine::design::rules_page::words_of;
use engine::people::{erasure, export as data, group, page, requests};
use engine::record::consent::Asked;
use serde_json::json;
use std::fmt::Write as _;

/// `perennial customer export`
pub fn export(desk: &Desk<'_>, args: &Export) -> Result<(), Ended> {
    let who = desk.who(&args.who)?;
    let ids = group(&desk.session.read(), &who)?;
    let history = history::of_person(desk.common, &Home::open_to_read(desk.common)?, &ids)?;
    let data = data::export(&desk.session.read(), &who, words_of(args.lang), history, desk.now)?;
    if let Some(path) = &args.html {
        let assets = home::assets(desk.common)?;
        let page = page::render(&data, &desk.zone, &assets, args.lang)?;
        say::write_file(path, page.as_bytes())?;
    }
    let text = serde_json::to_string_pretty(&data).map_err(|error| Ended::Failed(error.into()))? + "\n";
    match (&args.out, &args.html) {
        (Some(path), _) => say::write_file(path, text.as_bytes())?,
        (None, Some(_)) if !desk.common.json => {}
        (None, _) => return say::print(&text),
    }
    let written: Vec<String> =
        args.out.iter().chain(&args.html).map(|path| path.display().to_string()).collect();
    say::result(desk.common, &json!({ "customer": data.person.customer, "written": written }), || {
        format!("everything about {} is in {}\n", data.person.customer, written.join(" and "))
    })
}

/// `perennial customer erase`
pub fn erase(desk: &mut Desk<'_>, args: &Erase) -> Result<(), Ended> {
    let who = desk.who(&args.who)?;
    if !args.yes {
        return Err(Ended::Refused(format!(
            "this forgets {who} for good: say so with --yes. Export the data first, where the person wants them"
        )));
    }
    let folders: Vec<_> = ["rejects", "scratch"].map(|name| desk.common.data.join(name)).to_vec();
    let (certificate, hash) =
        desk.act(|session, _, acting| erasure::erase(session, &who, &folders, acting))?;
    let document = json!({ "certificate": certificate, "hash": hash });
    if let Some(path) = &args.certificate {
        let text = serde_json::to_string_pretty(&document).map_err(|error| Ended::Failed(error.into()))?;
        say::write_file(path, text.as_bytes())?;
    }
    say::result(desk.common, &document, || {
        let mut text = format!("{who} is forgotten; certificate {}\n", certificate.erasure);
        for part in &certificate.removed {
            let _ = writeln!(text, "  gone   {:>6}  {} ({})", part.count, part.what, part.place);
        }
        for part in &certificate.kept {
            let _ =
                writeln!(text, "  stays  {:>6}  {} ({}): {}", part.count, part.what, part.place, part.why);
        }
        let _ = writeln!(text, "hash {hash}\n{}", certificate.backups);
        text
    })
}

/// `perennial customer request`
pub fn request(desk: &mut Desk<'_>, args: &Request) -> Result<(), Ended> {
    for (id, is_done) in [(&args.done, true), (&args.answered, false)] {
        if let Some(id) = id {
            desk.act(|session, _, acting| requests::close(session, id, is_done, acting))?;
        }
    }
    let Some((who, what)) = args.who.as_deref().zip(args.what) else {
        let open = desk.session.read().open_requests(1000)?;
        return say::result(desk.common, &json!({ "open": open }), || {
            if open.is_empty() {
                return "nothing is open\n".to_owned();
            }
            open.iter().fold(String::new(), |text, row| text + &told(row))
        });
    };
    let who = desk.who(who)?;
    let asked = match what {
        AskedArg::Access => Asked::Access,
        AskedArg::Correct => Asked::Correct,
        AskedArg::Erase => Asked::Erase,
        AskedArg::Withdraw => Asked::Withdraw,
        AskedArg::Object => Asked::Object,
    };
    let zone = desk.zone.clone();
    let row =
        desk.act(|session, rules, acting| requests::receive(session, rules, &who, asked, &zone, acting))?;
    say::result(desk.common, &row, || told(&row))
}

fn told(row: &store::RequestRow) -> String {
    let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "no day named".to_owned());
    let law = if row.law.is_empty() { "no law known for this place" } else { row.law.as_str() };
    format!(
        "{} {} {}: answer by {}, done by {} ({law})\n",
        row.request_id,
        row.customer_id,
        row.kind,
        day(&row.answer_by),
        day(&row.done_by)
    )
}
