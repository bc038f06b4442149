//! Races as processes, on one server: the last points, the last voucher, the last unit of a budget, one return twice,
//! one merge undone twice. Exactly one wins. On SQLite there is one process, and the race is within it.

use crate::till::{Recording, Till, adjust, join, order};
use serde_json::{Value, json};
use std::time::Duration;

const RACERS: usize = 4;

/// Everybody asks at once; what each heard.
fn race(till: &Till, ask: impl Fn(usize) -> String) -> Vec<Value> {
    if till.is_sqlite() {
        return till.record(&(0..RACERS).map(ask).collect::<Vec<_>>());
    }
    let mut racers: Vec<Recording> = (0..RACERS).map(|_| till.open()).collect();
    // Each has started and is connected when it has answered something.
    for racer in &mut racers {
        racer.tell(&join("ana"));
    }
    for (number, racer) in racers.iter_mut().enumerate() {
        racer.ask(&ask(number));
    }
    let patience = Duration::from_secs(120);
    let answers = racers.iter().map(|racer| racer.answer(patience).expect("an answer")).collect();
    racers.into_iter().for_each(|racer| drop(racer.close()));
    answers
}

fn how_many(answers: &[Value], is: impl Fn(&Value) -> bool) -> usize {
    answers.iter().filter(|answer| is(answer)).count()
}

fn is_done(answer: &Value) -> bool {
    answer["outcome"] == json!("done") && answer["is_repeat"].is_null()
}

fn on_each(story: impl Fn(&Till)) {
    for till in Till::each() {
        till.record(&[join("ana"), join("binh")]);
        story(&till);
        assert!(till.ok("verify").contains("all is sound"));
    }
}

#[test]
fn the_last_points_buy_one_cup() {
    on_each(|till| {
        till.record(&[adjust("a-1", "ana", 35)]);
        let answers = race(till, |number| {
            format!(r#"{{"type":"redeem","member":"ana","id":"r-{number}","reward":"cup"}}"#)
        });
        assert_eq!(how_many(&answers, is_done), 1, "{answers:?}");
        let short = |answer: &Value| answer["problems"][0]["code"] == json!("insufficient_points");
        assert_eq!(how_many(&answers, short), RACERS - 1);
        assert_eq!(till.points(), 5);
    });
}

#[test]
fn the_last_voucher_is_taken_once() {
    on_each(|till| {
        till.record(&[adjust("a-1", "ana", 20)]);
        let bought =
            till.record(&[r#"{"type":"redeem","member":"ana","id":"r-1","reward":"coffee"}"#.to_owned()]);
        let code = bought[0]["given"][0]["code"].as_str().expect("a code").to_owned();
        let answers = race(till, |number| {
            format!(r#"{{"vouchers_for":"bill-{number}","codes":["{code}"],"bill_minor":900}}"#)
        });
        let taken = |answer: &Value| answer["vouchers"][0][1].to_string().contains("off_minor");
        assert_eq!(how_many(&answers, taken), 1, "{answers:?}");
    });
}

#[test]
fn the_last_units_of_a_budget_go_to_one() {
    on_each(|till| {
        let answers = race(till, |number| {
            let member = ["ana", "binh"][number % 2];
            format!(r#"{{"type":"event","id":"e-{number}","member":"{member}","name":"launch"}}"#)
        });
        let paid = |answer: &Value| answer["moved"][0]["units"] == json!(50);
        assert_eq!(how_many(&answers, paid), 1, "{answers:?}");
        assert_eq!(till.points(), 50);
    });
}

#[test]
fn a_merge_is_undone_once() {
    on_each(|till| {
        till.record(&[
            order("o-1", "ana", 500),
            order("o-2", "binh", 700),
            r#"{"type":"merge","member":"binh","into":"ana"}"#.to_owned(),
        ]);
        let answers = race(till, |_| r#"{"type":"unmerge","member":"binh"}"#.to_owned());
        assert_eq!(how_many(&answers, is_done), 1, "{answers:?}");
        assert_eq!(till.points(), 12);
    });
}

#[test]
fn one_thing_comes_back_once() {
    on_each(|till| {
        till.record(&[order("o-1", "ana", 1000), order("o-2", "ana", 900)]);
        let back = |id: String| format!(r#"{{"source":"till","type":"return","id":"{id}","order":"o-1"}}"#);
        let same = race(till, |_| back("b-1".to_owned()));
        assert_eq!(how_many(&same, is_done), 1, "{same:?}");
        assert_eq!(how_many(&same, |answer| answer["is_repeat"] == json!(true)), RACERS - 1, "{same:?}");
        let other = race(till, |number| back(format!("c-{number}")));
        assert_eq!(
            how_many(&other, |answer| answer["moved"].as_array().is_some_and(|moved| !moved.is_empty())),
            0
        );
        assert_eq!(till.points(), 9);
    });
}

#[test]
fn an_order_comes_back_once_under_whatever_number() {
    on_each(|till| {
        till.record(&[order("o-1", "ana", 1000), order("o-2", "ana", 900)]);
        let back = |number| format!(r#"{{"source":"till","type":"return","id":"b-{number}","order":"o-1"}}"#);
        let answers = race(till, back);
        let taken = |answer: &Value| answer["moved"].as_array().is_some_and(|moved| !moved.is_empty());
        assert_eq!(how_many(&answers, taken), 1, "{answers:?}");
        assert_eq!(till.points(), 9);
    });
}

#[test]
fn a_return_that_races_its_order_finds_it() {
    on_each(|till| {
        let ids: Vec<String> = (0..12).map(|number| format!("o-{number}")).collect();
        let answers: Vec<Value> = ids
            .iter()
            .flat_map(|id| {
                race(till, |number| match number % 2 {
                    0 => order(id, "ana", 1000),
                    _ => format!(r#"{{"source":"till","type":"return","id":"b-1","order":"{id}"}}"#),
                })
            })
            .collect();
        assert_eq!(how_many(&answers, |answer| answer["outcome"] == json!("refused")), 0, "{answers:?}");
        assert_eq!(till.points(), 0);
    });
}

#[test]
fn two_processes_share_one_server_and_no_order_counts_twice() {
    let Some(server) = crate::till::server() else { return };
    let till = Till::on_server(&server);
    till.record(&[join("ana"), join("binh")]);
    let mut racers = [till.open(), till.open()];
    // Each asks for all orders, in another order.
    for step in 0..400 {
        racers[0].ask(&order(&format!("o-{step}"), ["ana", "binh"][step % 2], 100));
        let back = 399 - step;
        racers[1].ask(&order(&format!("o-{back}"), ["ana", "binh"][back % 2], 100));
    }
    let answers: Vec<Value> = racers.into_iter().flat_map(Recording::close).collect();
    assert_eq!(answers.len(), 800);
    assert_eq!(how_many(&answers, is_done), 400);
    assert_eq!(till.points(), 400);
    assert!(till.ok("verify").contains("all is sound"));
}
