//! `perennial segment`: named sets of customers, as files.

use crate::args::Common;
use crate::args::campaign::{Segment as SegmentArgs, SegmentCheck, SegmentCommand, SegmentCount};
use crate::campaign::facts;
use crate::ended::Ended;
use crate::home::{Home, assets, now_micros};
use crate::say::{self, count};
use domain::port::Failure;
use engine::act::freeze::ready;
use engine::act::people::{Library, find};
use engine::act::segment;
use serde_json::json;
use std::path::Path;

/// Run the command.
pub fn run(common: &Common, args: &SegmentArgs) -> Result<(), Ended> {
    match &args.command {
        SegmentCommand::Check(check) => checked(common, check),
        SegmentCommand::Count(count) => counted(common, count),
        SegmentCommand::List => list(common),
    }
}

fn read(path: &Path) -> Result<String, Ended> {
    std::fs::read_to_string(path)
        .map_err(|error| Ended::Refused(format!("cannot read {}: {error}", path.display())))
}

fn checked(common: &Common, args: &SegmentCheck) -> Result<(), Ended> {
    let mut read_all = Vec::new();
    for path in &args.files {
        let text = read(path)?;
        let segment =
            segment::parse(&path.display().to_string(), &text).map_err(engine::act::Stopped::from)?;
        read_all.push((segment, text));
    }
    let given: Vec<segment::Segment> = read_all.iter().map(|(segment, _)| segment.clone()).collect();
    let mut lines = Vec::new();
    if args.keep {
        let mut home = Home::open(common)?;
        for segment in &given {
            Library { store: &home.store, given: &given }.written_out(segment)?;
        }
        for (segment, text) in &read_all {
            let version = home.store.save_segment(&segment.name, text, now_micros())?;
            lines.push((segment, Some(version)));
        }
    } else {
        lines.extend(given.iter().map(|segment| (segment, None)));
    }
    let documents: Vec<_> =
        lines.iter().map(|(segment, version)| json!({"segment": segment, "version": version})).collect();
    say::result(common, &json!({ "segments": documents }), || {
        let line = |(segment, version): &(&segment::Segment, Option<i64>)| match version {
            Some(version) => format!("{} is kept, version {version}: {}\n", segment.name, segment.about),
            None => format!("{} is well formed: {}\n", segment.name, segment.about),
        };
        lines.iter().map(line).collect()
    })
}

fn counted(common: &Common, args: &SegmentCount) -> Result<(), Ended> {
    let mut home = Home::open_to_read(common)?;
    let session = home.session(common, &assets(common)?)?;
    let given = if args.input.ends_with(".toml") {
        let text = read(Path::new(&args.input))?;
        vec![segment::parse(&args.input, &text).map_err(engine::act::Stopped::from)?]
    } else {
        Vec::new()
    };
    let facts = facts(&mut home, &session, None, args.as_of)?;
    let library = Library { store: &home.store, given: &given };
    let segment = match given.first() {
        Some(given) => given.clone(),
        None => library.find(&args.input)?,
    };
    let condition = library.written_out(&segment)?;
    ready(&facts, &condition)?;
    let people = find(&session, &home.store, &condition, facts.when(), &segment.name)?;
    let all = domain::port::Insights::run(&session, "customer.number").map(|rows| rows.rows()).unwrap_or(0);
    let document =
        json!({"segment": segment.name, "as_of": facts.as_of, "customers": people.len(), "of": all});
    say::result(common, &document, || {
        let (people, all) = (count(people.len() as u64), count(all as u64));
        format!("{people} of {all} customers are in {} as of {}\n", segment.name, facts.as_of)
    })
}

fn list(common: &Common) -> Result<(), Ended> {
    let home = Home::open_to_read(common)?;
    let mut lines = Vec::new();
    for (name, version, text) in home.store.list_segments()? {
        let segment = segment::parse(&format!("segment {name}"), &text)
            .map_err(|error| Failure::new(error.to_string()))?;
        lines.push((name, version, segment.about));
    }
    let documents: Vec<_> = lines
        .iter()
        .map(|(name, version, about)| json!({"name": name, "version": version, "about": about}))
        .collect();
    say::result(common, &json!({ "segments": documents }), || {
        if lines.is_empty() {
            return "no segment is kept yet: perennial segment check FILE --keep\n".to_owned();
        }
        lines.iter().map(|(name, version, about)| format!("{name:<24} {version:>3}  {about}\n")).collect()
    })
}
