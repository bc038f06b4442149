//! Records as every schema that was ever kept has left them: restored, brought forward, proven, and asked the same again.
//!
//! `fixtures/record/schema-N.db.gz` is the state of a small shop under schema N, `schema-N.jsonl` what it had answered, and
//! `schema-N.people.jsonl`, from schema 13 on, what was known of its people. Those of 18 to 24 were kept under 24, with what came
//! later taken off again; those before 24 have a number of before 2018, and from 22 on there are cases. A migration that
//! leaves this house adds its own: `PERENNIAL_KEEP_SCHEMA=1 cargo test --workspace --test it -- schemas`.

use crate::till::{Till, adjust, essence, join, order};
use crate::tree::root;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

/// What happened at the shop: everything that leaves rows of its own.
fn story() -> Vec<String> {
    let mut lines: Vec<String> = ["ana", "binh", "chi", "dan"].map(join).into();
    for number in 0..24 {
        let member = ["ana", "binh", "chi"][number % 3];
        lines.push(order(&format!("o-{number}"), member, 500 + 100 * number as i64));
    }
    lines.push(
        order("o-early", "chi", 800)
            .replace("k-o-early", "k-early")
            .replace(r#""store""#, r#""ordered_at":"2026-01-02T03:00:00Z","store""#),
    );
    lines.extend(
        [
            r#"{"source":"till","type":"return","id":"b-1","order":"o-3","lines":[{"line":"1","amount_minor":300}]}"#,
            r#"{"source":"till","type":"return","id":"b-2","order":"o-not-yet"}"#,
            r#"{"type":"redeem","member":"ana","id":"r-1","reward":"cup"}"#,
            r#"{"type":"redeem","member":"binh","id":"r-2","reward":"coffee"}"#,
            r#"{"type":"hold","member":"chi","id":"r-3","reward":"cup","until":"2099-01-01T00:00:00Z"}"#,
            r#"{"type":"event","id":"e-1","member":"dan","name":"launch"}"#,
            r#"{"type":"merge","member":"dan","into":"chi"}"#,
        ]
        .map(str::to_owned),
    );
    lines.push(adjust("a-1", "binh", -3));
    lines
}

/// What is kept of people and staff besides: something in every table that commands fill without a lake.
const PEOPLE: &[&str] = &[
    "customer rules --block 02838221234 --country VN",
    "customer enrol --phone 0901234567 --email dao@corner.example --card C-17 --card C-18 --name Đào --birthday 1990-03-31 \
     --attribute milk=oat --tag regular --consent sms:marketing --text-version 3",
    "customer enrol --phone 0912345678 --name Bình --no-program",
    "customer enrol --email binh@corner.example --name Binh",
    "customer merge binh@corner.example 0912345678 --because same-card",
    "customer enrol --phone 0923456789 --name Mai",
    "customer merge 0923456789 0901234567 --because slip",
    "customer enrol --phone 0987654321 --name Chi --consent email:marketing --text-version 3 --email chi@corner.example",
    "customer card lost 0901234567 C-17 --instead C-19",
    "attribute define allergy text --sensitive",
    "customer set 0912345678 --attribute allergy=walnuts",
    "customer feedback 0901234567 --id F-7 --score 1 --of 5 --text lukewarm",
    "customer consent 0901234567 --channel email --status granted --text-version 3",
    "customer consent 0901234567 --channel sms --purpose marketing --status withdrawn",
    "customer request 0901234567 access",
    "customer charge 0901234567 contact 350 --cause sms-77",
    "customer tend --margin 0.4",
    "customer erase 0987654321 --yes",
    "key create till --for shop --source web",
    "staff invite dao@corner.example --name Dao --role owner",
];

/// By whom people are found again.
const FOUND_BY: [&str; 3] = ["0901234567", "0912345678", "C-19"];

/// What is shown of somebody, but for what changes with the day.
fn shown(till: &Till, who: &str) -> Value {
    let mut shown: Value =
        serde_json::from_str(&till.ok(&format!("customer show {who} --json"))).expect("JSON");
    if let Some(object) = shown.as_object_mut() {
        object.remove("programs");
    }
    shown
}

fn folder() -> PathBuf {
    root().join("fixtures/record")
}

#[test]
fn a_record_of_every_schema_is_restored_brought_forward_and_answers_the_same() {
    if std::env::var_os("PERENNIAL_KEEP_SCHEMA").is_some() {
        keep();
    }
    let mut tried = 0;
    for entry in fs::read_dir(folder()).expect("fixtures/record") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".db.gz") else { continue };
        let mut state = Vec::new();
        GzDecoder::new(fs::File::open(&path).expect("a file")).read_to_end(&mut state).expect("it unpacks");
        let answers = fs::read_to_string(folder().join(format!("{name}.jsonl"))).expect("its answers");
        let answers: Vec<Value> =
            answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let people = fs::read_to_string(folder().join(format!("{name}.people.jsonl"))).unwrap_or_default();
        let people: Vec<Value> =
            people.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        for till in Till::each() {
            brought_forward(&till, name, &state, &answers, &people);
        }
        tried += 1;
    }
    assert!(tried > 0, "no schema was kept");
}

fn brought_forward(till: &Till, name: &str, state: &[u8], answers: &[Value], people: &[Value]) {
    let sum = blake3::hash(state).to_hex().to_string();
    let manifest = json!({
        "format": 1, "made_by": name, "taken_at": 0, "schema": 0, "rows": [],
        "files": [{"path": "state.db", "bytes": state.len(), "blake3": sum}],
    });
    till.bench.write("old/state.db", state).write("old/backup.json", manifest.to_string());
    till.ok("restore old");
    assert!(till.ok("verify").contains("all is sound"), "{name}");
    for (who, before) in FOUND_BY.iter().zip(people) {
        assert_eq!(&shown(till, who), before, "{name}: {who}");
    }
    for (line, (again, before)) in story().iter().zip(till.record(&story()).iter().zip(answers)) {
        if line.contains("merge") {
            // A merge may rightly come again, after an unmerge: it has no key of its own.
            continue;
        }
        assert_eq!(again["is_repeat"], json!(true), "{name}: {line}");
        assert_eq!(&essence(again), before, "{name}: {line}");
    }
    assert!(till.ok("verify").contains("all is sound"), "{name}");
}

/// Write down the record of the schema of today.
fn keep() {
    let till = Till::on_sqlite();
    till.ok("program install shop");
    for command in PEOPLE {
        till.ok(command);
    }
    let answers = till.record(&story());
    let people: String = FOUND_BY.iter().map(|who| shown(&till, who).to_string() + "\n").collect();
    till.ok("backup kept");
    let state = fs::read(till.bench.path("kept/state.db")).expect("a state");
    let status: Value = serde_json::from_str(&till.ok("db status --json")).expect("a document");
    let name = format!("schema-{}", status["schema"]);
    fs::create_dir_all(folder()).expect("a folder");
    let file = fs::File::create(folder().join(format!("{name}.db.gz"))).expect("a file");
    let mut packed = GzEncoder::new(file, Compression::best());
    packed.write_all(&state).and_then(|()| packed.finish().map(drop)).expect("it is packed");
    let lines: String = answers.iter().map(|answer| essence(answer).to_string() + "\n").collect();
    fs::write(folder().join(format!("{name}.jsonl")), lines).expect("answers");
    fs::write(folder().join(format!("{name}.people.jsonl")), people).expect("people");
}
