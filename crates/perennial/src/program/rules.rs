//! The rules of a program: checked, in words, and beside those of another.

use super::{folder, place};
use crate::args::{Common, ProgramCheck, ProgramDiff, ProgramShow};
use crate::ended::Ended;
use crate::home::assets;
use crate::say;
use engine::design::rules_page::{self, words_of};
use loyalty::book::book;
use loyalty::program::Program;
use serde_json::{Value, json};

/// `program check`
pub fn check(common: &Common, args: &ProgramCheck) -> Result<(), Ended> {
    let dir = &args.dir;
    match folder::try_load(dir) {
        Ok(program) => say::result(
            common,
            &json!({"is_sound": true, "program": counts(&program), "problems": []}),
            || format!("{} is sound: {}\n", dir.display(), in_words(&program)),
        ),
        Err(problems) => {
            let rows: Vec<Value> = problems
                .iter()
                .map(|one| {
                    let line = Some(one.line).filter(|line| *line > 0);
                    json!({"file": one.file, "line": line, "what": one.what, "mend": one.mend})
                })
                .collect();
            if common.json {
                say::result(
                    common,
                    &json!({"is_sound": false, "program": null, "problems": rows}),
                    String::new,
                )?;
            }
            Err(Ended::Refused(folder::told(dir, &problems)))
        }
    }
}

fn counts(program: &Program) -> Value {
    json!({
        "id": program.head.id,
        "currency": program.head.currency,
        "zone": program.head.zone,
        "wallets": program.wallets.len(),
        "earning_rules": program.rules.len(),
        "ladders": program.ladders.len(),
        "rewards": program.rewards.len(),
        "missions": program.missions.len(),
        "referrals": program.referrals.len(),
        "surprises": program.surprises.len(),
        "pools": program.pools.len(),
        "limits": program.limits.len(),
    })
}

fn in_words(program: &Program) -> String {
    let kinds = [
        (program.wallets.len(), "wallet"),
        (program.rules.len(), "earning rule"),
        (program.ladders.len(), "ladder"),
        (program.rewards.len(), "reward"),
        (program.missions.len(), "mission"),
        (program.referrals.len(), "referral"),
        (program.surprises.len(), "surprise"),
        (program.pools.len(), "pool"),
        (program.limits.len(), "limit"),
    ];
    let told = kinds.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> =
        told.map(|(count, kind)| format!("{count} {kind}{}", if *count == 1 { "" } else { "s" })).collect();
    told.join(", ")
}

/// `program show`
pub fn show(common: &Common, args: &ProgramShow) -> Result<(), Ended> {
    let program = folder::program(&args.dir)?;
    let lang = words_of(args.lang);
    let text = if args.html {
        rules_page::render(&program, &assets(common)?, args.lang)?
    } else {
        loyalty::show::show(&program, lang)
    };
    let written = args.out.as_ref().map(|path| place::write(path, text.as_bytes())).transpose()?;
    let document = json!({"program": program.head.id, "lang": lang.code(), "chapters": book(&program, lang)});
    say::result(common, &document, || match written {
        Some(place) => format!("the rule book is in {place}\n"),
        None => text,
    })
}

/// `program diff`
pub fn diff(common: &Common, args: &ProgramDiff) -> Result<(), Ended> {
    let (before, after) = (folder::program(&args.before)?, folder::program(&args.after)?);
    let lang = words_of(args.lang);
    let text = loyalty::diff::diff(&before, &after, lang);
    let text = text.trim_end().to_owned() + "\n";
    let document = json!({
        "before": before.head.id,
        "after": after.head.id,
        "lang": lang.code(),
        "is_same": loyalty::diff::is_same(&before, &after),
        "text": text,
    });
    say::result(common, &document, || text.clone())
}
