//! People on the command line: the manual's pages are run as they stand, and of an erased person no byte is left in the
//! data folder.

use crate::program::{Bench, run};
use crate::programs::PROGRAM;
use crate::till::Till;
use crate::tree::text;
use serde_json::Value;

/// The words of a command line; a double quotation mark holds words together.
pub fn arguments(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        match place % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Ids differ from run to run.
fn masked(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(place) = rest.find("cus_0") {
        shown += &rest[..place];
        shown += "cus_…";
        rest = &rest[place + 30..];
    }
    shown + rest
}

/// Run every command of a page and compare what it says; `…` alone stands for any answer.
pub fn follow(page: &str, bench: &Bench) -> usize {
    let text = text(page);
    let mut count = 0;
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        // What is asked over HTTP is tried by the server's own tests.
        if block.starts_with("$ curl ") {
            continue;
        }
        for part in block.split("$ perennial ").filter(|part| !part.trim().is_empty()) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let done = run(&mut bench.command(arguments(command)));
            assert_eq!(done.code, 0, "perennial {command}\n{}", done.err);
            if expected.trim() != "…" {
                assert_eq!(masked(&done.out), expected, "{page}: perennial {command}");
            }
            count += 1;
        }
    }
    count
}

#[test]
fn the_page_of_people_is_what_the_commands_say() {
    let bench = Bench::new();
    assert!(follow("docs/manual/people.md", &bench) >= 7);
    bench.ok("verify");
}

#[test]
fn the_page_of_take_overs_is_what_the_command_says() {
    let bench = Bench::new();
    let page = text("docs/manual/takeover.md");
    for block in page.split("```csv ").skip(1) {
        let (name, rest) = block.split_once('\n').expect("a name, then rows");
        bench.write(&format!("old/{name}"), rest.split("```").next().unwrap_or_default());
    }
    bench.write("corner/program.toml", PROGRAM);
    assert_eq!(follow("docs/manual/takeover.md", &bench), 3);
    let shown = bench.json("customer show C-18");
    assert_eq!(bench.json("customer show card:C-18"), shown, "as the interface names them");
    assert_eq!(shown["programs"][0]["wallets"][0]["available"], 40);

    bench.write(
        "old/lots.csv",
        "member,wallet,points,earned_on\nK-1,beans,ten,2025-04-01\nK-9,beans,10,2025-04-01\n",
    );
    bench.run("takeover old --program corner --source other").said(
        1,
        &[
            "2 problems",
            "lots.csv line 2, column points 'ten'",
            "lots.csv line 3, column member 'K-9': no such member",
        ],
    );
    bench.ok("verify");
}

#[test]
fn of_an_erased_person_no_byte_is_left_in_the_data_folder() {
    let bench = Bench::new();
    let rows: String = (0..400)
        .map(|n| format!("K-{n},2026-03-01,{},o-{n}\n", 400 + n))
        .chain(["DAO-77,2026-03-01,900,o-x\n".to_owned(), "DAO-77,no date,900,o-y\n".to_owned()])
        .collect();
    bench.write("orders.csv", format!("customer_id,date,total,order_id\n{rows}"));
    bench.ok("import orders orders.csv --currency USD --shop Corner");
    let who = ["--name", "Đào Quý Phi", "--phone", "+84901234567", "--email", "dao.phi@corner.example"];
    let enrol =
        ["customer", "enrol", "--source", "shop", "--key", "external_id=DAO-77", "--birthday", "1990-03-31"];
    let done = run(&mut bench.command(enrol.iter().chain(&who).chain(&["--country", "VN", "--json"])));
    assert_eq!(done.code, 0, "{}", done.err);
    let id = serde_json::from_str::<Value>(&done.out).unwrap()["customer"].as_str().unwrap().to_owned();
    let sums = "select sum(total_minor) as total, count(*) as lines from facts.lines";
    let before = bench.ask(sums);
    bench.ok(&format!("customer consent {id} --channel email --status granted --text-version 3"));
    bench.ok(&format!("customer export {id} --out data.json --html data.html --lang vi"));
    let page = std::fs::read_to_string(bench.path("data.html")).unwrap();
    assert!(
        page.contains("Đào Quý Phi")
            && page.contains("dao.phi@corner.example")
            && page.contains("Dữ liệu của bạn")
    );
    let data: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("data.json")).unwrap()).unwrap();
    let line = &data["history"][0];
    assert_eq!((&line["order_id"], &line["total_minor"]), (&"o-x".into(), &90_000.into()), "{data}");
    let said = [
        "customer",
        "feedback",
        id.as_str(),
        "--id",
        "F-7",
        "--score",
        "1",
        "--of",
        "5",
        "--text",
        "lukewarm phở 77",
    ];
    assert_eq!(run(&mut bench.command(said)).code, 0);
    bench.ok("customer tend --margin 0.5");
    let shown = bench.json(&format!("customer show {id}"));
    assert_eq!(shown["profit"]["margin_minor"], 45_000, "{shown}");
    bench.run(&format!("customer erase {id}")).said(1, &["--yes"]);
    let certificate = bench.json(&format!("customer erase {id} --yes --certificate erased.json"));
    assert_eq!(certificate["certificate"]["customers"][0], id.as_str());
    assert!(bench.path("erased.json").exists());
    bench.run(&format!("customer show {id}")).said(1, &["was erased"]);
    assert_eq!(bench.ask(sums), before, "statistics stay");
    bench.ok("verify");
    let names = [
        "DAO-77",
        "lukewarm phở 77",
        "Đào Quý Phi",
        "dao quy phi",
        "+84901234567",
        "84901234567",
        "76543210948",
        "dao.phi@corner.example",
        "1990-03-31",
    ];
    bench.ok("backup next-cycle");
    let mut folders = vec![bench.path("perennial-data"), bench.path("next-cycle")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for name in names {
                let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
                assert!(!found, "{name} is still in {}", path.display());
            }
        }
    }
    assert!(files > 3, "state, lock, log and lake were looked at");
}

#[test]
fn who_came_by_a_file_is_found_at_once_by_name_and_by_the_number_of_today() {
    for till in Till::each() {
        till.bench.write(
            "customers.csv",
            "customer_id,name,phone\nK-1,Trần Thị Chi,01212345678\nK-2,Đỗ Bình,0902222222\n",
        );
        till.ok("import customers customers.csv --currency VND --source till");
        let found = |text: &str| {
            let found: Value =
                serde_json::from_str(&till.ok(&format!("customer find {text} --json"))).unwrap();
            let found = found["found"].as_array().expect("a list").clone();
            found.iter().map(|one| one["name"].clone()).collect::<Vec<_>>()
        };
        for text in ["chi", "0792345678", "01212345678", "K-1"] {
            assert_eq!(found(text), ["Trần Thị Chi"], "{text}");
        }
        assert_eq!(found("do"), ["Đỗ Bình"]);
        // The till knows the number of today, and finds who is known by the old one.
        assert!(till.ok("customer enrol --phone 0792345678").contains("known"));
        till.bench.write("more.csv", "customer_id,name,phone\nK-3,Lê Mai,0903333333\n");
        till.ok("import customers more.csv --source till");
        assert_eq!(found("mai"), ["Lê Mai"]);
        till.ok("verify");
        // Whoever was erased does not come back by a file that knows the telephone as it was before 2018.
        till.ok("customer erase 0792345678 --yes");
        till.bench.write("old.csv", "date,total,order_id,phone\n2026-03-01,400,o-1,01212345678\n");
        till.ok("import orders old.csv --source web");
        assert_eq!(found("0792345678"), [""; 0]);
        till.ok("verify");
    }
}

#[test]
fn feedback_comes_one_by_one_and_is_kept_once_whichever_door_it_comes_through() {
    let bench = Bench::new();
    bench.write(
        "orders.csv",
        "customer_id,date,total,order_id\nK-1,2026-03-01,400,o-1\nK-2,2026-03-02,500,o-2\n",
    );
    bench.ok("import orders orders.csv --currency USD --shop Corner --source till");
    let heard = |line: &[&str]| run(&mut bench.command(["customer", "feedback"].iter().chain(line)));
    let soup =
        ["K-1", "--id", "F-1", "--score", "1", "--of", "5", "--kind", "complaint", "--text", "cold soup"];
    let more = ["--order", "o-1", "--store", "north", "--at", "2026-03-02T08:00:00Z"];
    let first = heard(&[&soup[..], &more[..]].concat());
    assert!(first.code == 0 && first.out.contains("is kept"), "{}{}", first.out, first.err);
    assert!(heard(&[&soup[..], &more[..]].concat()).out.contains("was kept before"));
    assert_eq!(heard(&["--id", "F-2", "--score", "4.5", "--of", "5"]).code, 0, "nobody known may speak, too");
    let wrong: [(&[&str], &str); 4] = [
        (&["--id", "F-3"], "say a score, or words, or both"),
        (&["--id", "F-3", "--score", "6", "--of", "5"], "must lie on its scale"),
        (&["K-9", "--id", "F-3", "--score", "6"], "nobody is found by 'K-9'"),
        (&["--id", "F-3", "--score", "good"], "expected a number such as 4 or 4.5"),
    ];
    for (line, words) in wrong {
        let no = heard(line);
        assert!(no.code != 0 && no.err.contains(words), "{line:?}: {}{}", no.out, no.err);
    }
    let of = |id: &str| {
        bench.ask(&format!(
            "select kind, score, order_id, customer_id is not null as known from facts.feedback where feedback_id = '{id}'"
        ))
    };
    assert_eq!((&of("F-1")["kind"], &of("F-1")["score"]), (&"complaint".into(), &0.2.into()));
    assert_eq!((&of("F-2")["score"], &of("F-2")["known"]), (&0.9.into(), &false.into()));
    // A file that has it too: before the seal and after it, it is the same piece of feedback.
    let file = "feedback_id,customer_id,date,score,score_max,kind,text\nF-1,K-1,2026-03-02,1,5,complaint,cold soup\n";
    bench.write("feedback.csv", file);
    for _ in 0..2 {
        bench.ok("import feedback feedback.csv --source till");
        assert_eq!(bench.ask("select count(*) as n from facts.feedback")["n"], 2);
        bench.ok("work --once");
        assert_eq!(bench.ask("select count(*) as n from facts.feedback")["n"], 2);
        bench.ok("verify");
    }
    let out = bench.ok("customer export K-1 --out data.json");
    let data = std::fs::read_to_string(bench.path("data.json")).expect(&out);
    assert!(data.contains("cold soup"), "{data}");
}
