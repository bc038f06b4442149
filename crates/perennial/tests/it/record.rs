//! `perennial record` and its kin: what is answered, refused and proven.

use crate::program::Bench;
use crate::till::{PROGRAM, Till, adjust, essence, join, order, server};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn where_everything_is_guarded_both_databases_are() {
    let is_guarding = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
    assert!(
        server().is_some() || !is_guarding,
        "CI is set and PERENNIAL_TEST_POSTGRES is not: half of the stories would not be told; run the tests through \
         bash .ci/postgres"
    );
}

#[test]
fn each_line_has_its_answer_and_a_repeat_the_same() {
    for till in Till::each() {
        let lines = [join("ana"), order("o-1", "ana", 1250), String::new(), order("o-1", "ana", 1250)];
        let asked: Vec<String> = lines.iter().filter(|line| !line.is_empty()).cloned().collect();
        let first = till.record(&asked);
        assert_eq!(first[1]["balances"][0]["available"], json!(12), "{first:?}");
        assert_eq!((&first[1]["line"], &first[1]["key"]), (&json!(2), &json!("k-o-1")));
        assert_eq!((&first[1]["is_repeat"], &first[2]["is_repeat"]), (&Value::Null, &json!(true)));
        assert_eq!(essence(&first[1]), essence(&first[2]));
        let again = till.record(&asked);
        assert!(again.iter().all(|answer| answer["is_repeat"] == json!(true)), "{again:?}");
        assert_eq!(essence(&again[1]), essence(&first[1]));
        assert_eq!(till.points(), 12);
        assert!(till.ok("verify").contains("all is sound"));
    }
}

#[test]
fn an_answer_comes_when_its_commit_is_durable_and_not_when_the_input_ends() {
    for till in Till::each() {
        let mut recording = till.open();
        for number in 0..5 {
            let answer = recording.tell(&join(&format!("m-{number}")));
            assert_eq!(answer["outcome"], json!("done"));
        }
        assert!(recording.kill().is_empty());
        let again = till.record(&[join("m-4")]);
        assert_eq!(again[0]["is_repeat"], json!(true));
    }
}

#[test]
fn lines_that_are_no_commands_are_answered_and_hold_up_nobody() {
    let till = Till::on_sqlite();
    let mut recording = till.open();
    for line in ["{", "[]", r#"{"type": "fly"}"#, "\u{0}", r#"{"type": "tick"}"#, r#"{"type": "order"}"#] {
        let answer = recording.tell(line);
        assert_eq!(answer["outcome"], json!("refused"), "{line}");
        assert_eq!(answer["problems"][0]["code"], json!("not_a_command"), "{line}: {answer}");
    }
    assert_eq!(recording.tell(&join("ana"))["outcome"], json!("done"));
    let input = recording.take_input();
    drop(input);
    assert_eq!(recording.answer(Duration::from_secs(60)), None);
    assert_eq!(recording.code(), Some(1), "something was no command");
}

#[test]
fn a_program_is_installed_once_and_changed_only_on_purpose() {
    for till in Till::each() {
        till.run("record").said(1, &["the record has no program yet", "perennial program install"]);
        assert!(till.ok("program install shop").contains("corner is in force in version 1"));
        assert!(till.ok("program install shop").contains("already; nothing was changed"));
        assert_eq!(till.record(&[join("ana")])[0]["outcome"], json!("done"));
        till.bench.write("shop/program.toml", PROGRAM.replace("points = 30", "points = 25"));
        till.run("record --program shop")
            .said(1, &["corner is in force in version 1", "perennial program install shop"]);
        assert!(till.ok("program install shop").contains("corner is in force in version 2"));
        assert_eq!(till.record(&[join("binh")])[0]["outcome"], json!("done"));
        till.bench.write("shop/program.toml", PROGRAM.replace("\"beans\"", "\"grains\""));
        till.run("program install shop").said(1, &["wallet beans stood at place 1"]);
        let told: Value = serde_json::from_str(&till.ok("audit --subject program/corner --json")).unwrap();
        let versions: Vec<_> =
            told["entries"].as_array().unwrap().iter().map(|entry| &entry["after"]).collect();
        assert_eq!(versions, [&json!({"version": 2}), &json!({"version": 1})]);
        assert!(
            till.ok("audit --actor shell --most 1").contains("shell (owner)  programs.apply  program/corner")
        );
        till.run("audit --subject corner").said(2, &["expected a kind and an id"]);
    }
}

#[test]
fn a_second_process_is_refused_on_sqlite_and_welcome_on_a_server() {
    for till in Till::each() {
        let mut first = till.open();
        assert_eq!(first.tell(&join("ana"))["outcome"], json!("done"));
        if till.is_sqlite() {
            till.run("record --program shop").said(3, &["another perennial is working in this folder"]);
        } else {
            assert_eq!(till.record(&[order("o-1", "ana", 500)])[0]["outcome"], json!("done"));
        }
        // Reading goes on beside either.
        assert!(till.ok("verify").contains("all is sound"));
        first.close();
    }
}

#[test]
fn every_kind_of_damage_is_found_and_said_since_when() {
    for till in Till::each() {
        till.ok("program install shop");
        till.record(&[
            join("ana"),
            order("o-1", "ana", 5000),
            order("o-2", "ana", 900),
            adjust("a-1", "ana", 7),
        ]);
        let cup = r#"{"type":"redeem","member":"ana","id":"r-1","reward":"cup"}"#.to_owned();
        till.record(&[cup]);
        till.ok("customer enrol --phone 0901234567 --country VN --card C-17 --no-program");
        assert!(till.ok("verify").contains("entries of 1 owners and 1 members replayed"));
        let sound = |till: &Till| assert!(till.ok("verify").contains("all is sound"));
        for (damage, mend, words) in [
            (
                "update posting set cause_id = 'x' where number = 1",
                "update posting set cause_id = 'till/o-2' where number = 1",
                "no posting was changed: ana beans",
            ),
            (
                "update account set available = available + 1",
                "update account set available = available - 1",
                "balances equal a replay: ana beans",
            ),
            (
                "update lot set units_left = units_left + 1",
                "update lot set units_left = units_left - 1",
                "lots equal a replay: ana beans",
            ),
            (
                "update member set joined_at = joined_at + 1",
                "update member set joined_at = joined_at - 1",
                "a member's state is the member's own: ana",
            ),
            (
                "update member set due_at = due_at + 1",
                "update member set due_at = due_at - 1",
                "what is due is known: ana",
            ),
            (
                "update counter set value = value + 1 where name like '%given%'",
                "update counter set value = value - 1 where name like '%given%'",
                "as many rewards are counted as are out",
            ),
            (
                "update orders set customer_id = 'nobody' where order_id = 'till/o-2'",
                "update orders set customer_id = 'ana' where order_id = 'till/o-2'",
                "every order belongs to a member",
            ),
            (
                "update orders set order_id = 'till/o-9' where order_id = 'till/o-2'",
                "update orders set order_id = 'till/o-2' where order_id = 'till/o-9'",
                "every entry of an order has its order: ana till/o-2",
            ),
            (
                "update audit set actor = 'nobody' where number = 1",
                "update audit set actor = 'shell' where number = 1",
                "the audit is as it was written: entry 1",
            ),
            (
                "insert into customer values ('17', 1, 1, 0)",
                "delete from customer where id = '17'",
                "ids have the form of ours: 17",
            ),
            (
                "update event set body = replace(body, '5000', '9000') where about = 'order:till/o-1'",
                "update event set body = replace(body, '9000', '5000') where about = 'order:till/o-1'",
                "every event is as it was written: ",
            ),
            (
                "update event set happened_at = happened_at + 1 where about = 'order:till/o-2'",
                "update event set happened_at = happened_at - 1 where about = 'order:till/o-2'",
                " (order:till/o-2), since ",
            ),
            (
                "delete from identifier where value = '+84901234567'",
                "insert into identifier select customer_id, key_space.id, '+84901234567' from identifier, key_space
                 where value = 'C-17' and kind = 'phone'",
                "every identifier that was given and not taken back is there: cus_",
            ),
        ] {
            sound(&till);
            till.damage(damage);
            let found = till.run("verify");
            assert_eq!(found.code, 3, "{damage}: {}{}", found.out, found.err);
            assert!(found.out.contains(words), "{damage}: {}", found.out);
            till.damage(mend);
        }
        sound(&till);
        till.damage("delete from posting where number = 0");
        let found: Value = serde_json::from_str(&till.run("verify --json").out).unwrap();
        let first = &found["findings"][0];
        assert_eq!((&found["is_sound"], &first["part"]), (&json!(false), &json!("record")), "{found}");
        assert_eq!(first["rule"], json!("no posting is missing, doubled or out of place"));
        assert!(first["since"].is_string(), "{first}");
    }
}

#[test]
fn what_is_due_is_done_once_by_whoever_looks() {
    for till in Till::each() {
        till.record(&[
            join("ana"),
            order("o-1", "ana", 1000).replace(r#""store""#, r#""ordered_at":"2020-01-01T02:00:00Z","store""#),
        ]);
        let first: Value = serde_json::from_str(&till.ok("work --once --json")).unwrap();
        let tasks: Vec<&str> =
            first["done"].as_array().unwrap().iter().map(|done| done["task"].as_str().unwrap()).collect();
        for task in ["passing_time", "proof", "report"] {
            assert_eq!(tasks.iter().filter(|known| **known == task).count(), 1, "{first}");
        }
        assert!(first["done"].as_array().unwrap().iter().all(|done| done["problem"].is_null()), "{first}");
        assert!(till.ok("verify").contains("all is sound"));
        till.damage("update account set held = held + 1");
        till.damage("update schedule set next_at = 0 where name = 'proof'");
        till.damage("delete from job where topic = 'proof'");
        let told = till.ok("work --once");
        assert!(told.contains("proof") && told.contains("balances equal a replay"), "{told}");
        till.run("doctor").said(3, &["something is wrong"]);
    }
}

#[cfg(unix)]
#[test]
fn a_server_on_a_file_does_what_is_due_by_itself() {
    let till = Till::on_sqlite();
    till.record(&[join("ana"), order("o-1", "ana", 1000)]);
    let mut serve = till.command("serve --listen 127.0.0.1:0 --set log_format=json");
    let mut child = serve.stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
    let mut waits_for = vec!["passing_time", "customers", "proof", "report", "sealing"];
    while !waits_for.is_empty() {
        let line = lines.next().expect("it ended before everything was done").expect("UTF-8");
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        waits_for.retain(|task| told["task"] != json!(task) || told["message"] != json!("done"));
    }
    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("a signal");
    assert!(ended.success());
    lines.for_each(drop);
    assert!(child.wait().expect("it ends").success());
    let done = till.bench.ask("select count(*) as n from lake.lines where import_id = 'log'");
    assert_eq!(done["n"], json!(1));
    assert!(till.ok("lake seal").contains("everything that was recorded is in the lake"));
    assert!(till.ok("doctor").contains("ok       scheduled work"));
    assert!(till.ok("verify").contains("all is sound"));
}

#[test]
fn the_doctor_says_what_is_missing_and_goes_on() {
    let bench = Bench::new();
    let empty = bench.json("doctor");
    assert_eq!(empty["is_well"], json!(true), "nothing is broken by not being there: {empty}");
    assert!(empty["capabilities"].as_array().unwrap().iter().all(|one| one["is_ready"] == json!(false)));
    bench.write("orders.csv", crate::program::corner_shop(20));
    bench.ok("import orders orders.csv --currency USD --timezone Asia/Ho_Chi_Minh");
    let words = bench.ok("doctor");
    for word in
        ["ok       database", "ok       currency and zone", "missing  program", "X-ray: who buys", "ready"]
    {
        assert!(words.contains(word), "{word} is not in:\n{words}");
    }
    bench.run("doctor --database postgres://ana:secret@127.0.0.1:1/shop").said(3, &["something is wrong"]);
    let told = bench.run("doctor --database postgres://ana:secret@127.0.0.1:1/shop");
    assert!(told.out.contains("WRONG") && !(told.out + &told.err).contains("secret"));
}

#[test]
fn a_database_is_tried_made_and_described() {
    for till in Till::each() {
        let tried: Value = serde_json::from_str(&till.ok("db url-check --json")).unwrap();
        assert_eq!((&tried["is_usable"], &tried["schema"]), (&json!(true), &json!(0)), "{tried}");
        assert!(till.ok("db status").contains("no tables yet"));
        assert!(till.ok("db migrate").contains("was brought from schema 0 to"));
        assert!(till.ok("db migrate").contains("already"));
        assert!(till.ok("db status").contains("which is this program's"));
    }
    let bench = Bench::new();
    bench.run("db url-check mysql://ana:secret@host/shop").said(1, &["databases of the kind 'mysql'"]);
    let away = bench.run("db url-check postgres://ana:secret@127.0.0.1:1/shop");
    away.said(3, &["postgres://ana@127.0.0.1:1/shop cannot be reached"]);
    assert!(!away.err.contains("secret"));
    bench.write("text.db", "no database ".repeat(100));
    bench.run("db status --database sqlite:text.db").said(3, &["is damaged, or is no database of perennial"]);
}
