//! `perennial audit`: who changed what, newest first.

use crate::args::{Audit as AuditArgs, Common};
use crate::ended::Ended;
use crate::home::read_store;
use crate::say;
use engine::staff::audit::{Entry, Wanted, list};
use serde_json::json;

/// Run the command.
pub fn run(common: &Common, args: &AuditArgs) -> Result<(), Ended> {
    let parted = |text: &String| {
        let (kind, id) = text.split_once('/').ok_or_else(|| {
            Ended::Usage(format!("--subject {text}: expected a kind and an id, such as program/stars"))
        })?;
        Ok::<_, Ended>((kind.to_owned(), id.to_owned()))
    };
    let wanted = Wanted {
        subject: args.subject.as_ref().map(parted).transpose()?,
        actor: args.actor.clone(),
        ..Wanted::default()
    };
    let session = read_store(common)?.sessions().open_read_only()?;
    let entries = list(&session.read(), &wanted, args.most.into())?;
    say::result(common, &json!({ "entries": entries }), || {
        entries.iter().fold(String::new(), |text, entry| text + &words(entry))
    })
}

fn words(entry: &Entry) -> String {
    let Entry { number, at, actor, role, operation, kind, subject, before, after, is_erased } = entry;
    let change =
        if *is_erased { "taken out with the person".to_owned() } else { format!("{before} -> {after}") };
    format!("{number}  {at}  {actor} ({role})  {operation}  {kind}/{subject}  {change}\n")
}
