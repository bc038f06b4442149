//! The command line of the server: the manual's pages of it are run as they stand, and webhooks are made, changed and
//! looked at beside one another.

use crate::people::{arguments, follow};
use crate::program::{Bench, run};
use crate::tree::text;

#[test]
fn the_pages_of_operation_are_what_the_commands_do() {
    let bench = Bench::new();
    assert_eq!(follow("docs/manual/api/operation.md", &bench), 5);
    assert_eq!(follow("docs/manual/api/upgrade.md", &bench), 3);
    assert_eq!(follow("docs/manual/api/security.md", &bench), 3);
}

/// Settings on the manual's pages, in files and on command lines, are settings: `config show` reads them as `serve` would.
#[test]
fn settings_on_the_pages_of_the_api_are_read() {
    let bench = Bench::new();
    let (mut files, mut lines) = (0, 0);
    for page in files_of("docs/manual/api/") {
        let text = text(&page);
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            bench.write("page.toml", block);
            let shown = bench.json("config show --config page.toml");
            for (name, value) in block.lines().filter_map(|line| line.split_once(" = ")) {
                let row = setting(&shown, name);
                assert_eq!(row["value"], value.trim_matches('"'), "{page}: {name}");
            }
            files += 1;
        }
        for block in text.split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            for line in block.lines().filter(|line| line.contains("perennial serve ")) {
                let (before, after) = line.split_once("perennial serve ").expect("it is there");
                // What is to be installed is not the server's configuration.
                let after = after.split("--data ").next().unwrap_or_default();
                let after = after.split("--program ").next().unwrap_or_default().trim();
                let mut command = bench.command(arguments(&format!("config show {after} --json")));
                for (name, value) in before.split_whitespace().filter_map(|pair| pair.split_once('=')) {
                    command.env(name, value);
                }
                let done = run(&mut command);
                assert_eq!(done.code, 0, "{page}: {line}\n{}", done.err);
                let shown: serde_json::Value = serde_json::from_str(&done.out).unwrap();
                for pair in after.split("--set ").skip(1).filter_map(|word| word.trim().split_once('=')) {
                    assert_eq!(setting(&shown, pair.0)["value"], pair.1, "{page}: {line}");
                }
                lines += 1;
            }
            for word in block.split_whitespace().filter(|word| word.starts_with("deploy/")) {
                assert!(crate::tree::root().join(word).exists(), "{page}: {word}");
            }
        }
    }
    assert!(
        files >= 1 && lines >= 3,
        "{files} files and {lines} lines: has the way of writing them changed?"
    );
}

fn files_of(folder: &str) -> Vec<String> {
    crate::tree::files("").into_iter().filter(|path| path.starts_with(folder)).collect()
}

fn setting(shown: &serde_json::Value, name: &str) -> serde_json::Value {
    let rows = shown["settings"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no setting {name}")).clone()
}

#[test]
fn keys_of_attributes_are_made_changed_and_read_from_where_they_are() {
    let bench = Bench::new();
    let enrol = "customer enrol --phone 0901234567 --country VN --attribute allergy=walnuts";
    assert!(bench.ok("attribute define allergy text --sensitive").contains("kept sealed"));
    bench.ok(enrol);
    let file = bench.path("perennial-data/attribute-keys");
    let first = std::fs::read_to_string(&file).unwrap();
    assert_eq!(first.trim().len(), 64);
    assert!(bench.ok("customer show 0901234567").contains("allergy: •••"));
    let sealed = bench.json("attribute reseal --new-key");
    assert_eq!(sealed["sealed"], 1);
    let both = std::fs::read_to_string(&file).unwrap();
    assert!(
        both.ends_with(&first) && both.len() == 2 * first.len(),
        "the new one first, the old one after it"
    );
    let told = |keys: Option<&str>| {
        let mut command = bench.command(arguments("customer export 0901234567 --json"));
        if let Some(keys) = keys {
            command.env("PERENNIAL_ATTRIBUTE_KEYS", keys);
        }
        run(&mut command)
    };
    let newest = both.lines().next().unwrap();
    for keys in [None, Some(newest), Some(&*both.trim().replace('\n', ","))] {
        let told = told(keys);
        assert!(told.code == 0 && told.out.contains("walnuts"), "{}{}", told.out, told.err);
    }
    let wrong = told(Some(first.trim()));
    assert!(wrong.code == 3 && wrong.err.contains("not among the keys"), "{}{}", wrong.out, wrong.err);
    let wrong = told(Some("0102"));
    assert!(wrong.code == 3 && wrong.err.contains("64 hexadecimal digits"), "{}", wrong.err);
    bench.run("attribute define allergy flag").said(1, &["it is a text already"]);
}

#[test]
fn a_webhook_is_made_changed_and_ended() {
    let bench = Bench::new();
    let made = bench.json("webhook create https://shop.example/hook --topic points.*,tier.changed");
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with("whsec_"), "{made}");
    assert_eq!(bench.json(&format!("webhook pause {id}"))["state"], "paused");
    let message = bench.json(&format!("webhook test {id}"))["message"].clone();
    let listed = bench.json("webhook list");
    let row = &listed["webhooks"][0];
    assert_eq!(
        (&row["state"], &row["waiting"], &row["topics"]),
        (&"paused".into(), &1.into(), &"points.* tier.changed".into())
    );
    assert_eq!(bench.json(&format!("webhook log {id} --state waiting"))["deliveries"][0]["id"], message);
    assert_eq!(bench.json(&format!("webhook resume {id}"))["state"], "on");
    assert_ne!(bench.json(&format!("webhook rotate {id} --overlap 1"))["secret"], secret);
    let replayed = bench.json(&format!("webhook replay {id} --since 2026-03-01T00:00:00Z"));
    assert_eq!(replayed["messages"], 0, "nothing was given up");
    assert_eq!(bench.json(&format!("webhook delete {id}"))["state"], "deleted");
    assert_eq!(bench.json("webhook list")["webhooks"], serde_json::json!([]));
    assert_eq!(bench.json("webhook topics")["topics"][0]["topic"], "points.earned");
    for wrong in ["https://127.0.0.1/", "http://shop.example/", "shop.example"] {
        let done =
            run(&mut bench.command(["webhook", "create", wrong, "--topic", "*"].map(str::to_owned).to_vec()));
        assert_eq!(done.code, 1, "{wrong}: {}{}", done.out, done.err);
    }
    let inside = bench.json("webhook --set webhook_inside=10.1.0.0/16 create http://10.1.2.3/ --topic *");
    assert_eq!(inside["url"], "http://10.1.2.3/");
}
