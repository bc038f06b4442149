//! Reports that go to an address, against a mail server that speaks SMTP over a real connection.

use crate::shop::Shop;
use engine::record::schedule::Worker;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use server::figures::Focus;
use server::mail::Mail;
use server::reports::{FOLDER, SETTING, Scheduled, ask, send_due, sendings};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

/// A mail server that answers what is mailed with these codes, one each; gives what arrived.
fn mail_server(answers: Vec<&'static str>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (arrived, letters) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut say = |text: &str| write!(stream, "{text}\r\n").unwrap();
            say("220 mail.example");
            while let Some(Ok(line)) = lines.next() {
                match line.split([' ', ':']).next().unwrap_or_default() {
                    "EHLO" => say("250 mail.example"),
                    "RCPT" if answer.starts_with("550") => say(answer),
                    "MAIL" | "RCPT" | "RSET" => say("250 ok"),
                    "DATA" => {
                        say("354 go on");
                        let letter: Vec<String> =
                            lines.by_ref().map(Result::unwrap).take_while(|line| line != ".").collect();
                        say(answer);
                        arrived.send(letter.join("\n")).unwrap();
                    }
                    "QUIT" => say("221 bye"),
                    _ => say("502 what"),
                }
            }
        }
    });
    (url, letters)
}

const MONDAY: Date = date(2026, 3, 2);
const WORKER: Worker<'static> = Worker { name: "one", patience: SignedDuration::from_mins(15) };

fn weekly(to: &str) -> Scheduled {
    Scheduled {
        name: "week".to_owned(),
        language: "vi".to_owned(),
        every: "week".to_owned(),
        focus: Focus::default(),
        to: to.to_owned(),
    }
}

/// A shop with a report that was written on Monday.
fn shop(to: &str) -> (Shop, tempfile::TempDir) {
    let (shop, folder) = (Shop::open(), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
    std::fs::write(folder.path().join(FOLDER).join("week-2026-03-02.html"), "<p>Xin chào</p>").unwrap();
    let settled = serde_json::to_string(&[weekly(to)]).unwrap();
    shop.beside().write(|writing| writing.put_setting(SETTING, &settled, 0)).unwrap();
    shop.beside().write(|writing| writing.put_setting("shop", "Góc Phố", 0)).unwrap();
    (shop, folder)
}

fn asked(shop: &Shop, to: &str) {
    let due = MONDAY.to_string();
    shop.beside().write(|writing| ask(writing, &weekly(to), MONDAY, &due, shop.app.now())).unwrap();
}

/// What a round came to: the attempt and the problem of each letter.
fn round(shop: &Shop, folder: &Path, url: &str) -> Vec<(i64, Option<(String, bool)>)> {
    let mail = Mail::open(url, None, "Corner Shop <shop@corner.example>").unwrap();
    let (mut session, now) = (shop.beside(), shop.app.now());
    let done = send_due(&mut session, &mail, shop.app.assets(), folder, WORKER, now).unwrap();
    done.into_iter()
        .map(|done| (done.attempt, done.problem.map(|problem| (problem.what, problem.is_final))))
        .collect()
}

fn standing(shop: &Shop) -> (String, i64, String) {
    let mut all = sendings(&shop.beside().read()).unwrap();
    let (day, job) = all.remove("week").unwrap();
    assert_eq!(day, MONDAY);
    (job.state, job.attempts, job.problem)
}

#[test]
fn a_letter_is_tried_until_it_is_taken_and_goes_once() {
    let to = "ana@shop.example";
    let (shop, folder) = shop(to);
    let (url, letters) = mail_server(vec!["450 later", "250 taken"]);
    asked(&shop, to);
    asked(&shop, to);
    let first = round(&shop, folder.path(), &url);
    assert!(matches!(&first[..], [(1, Some((why, false)))] if why.contains("450")), "{first:?}");
    let (state, attempts, problem) = standing(&shop);
    assert_eq!((state.as_str(), attempts), ("waiting", 1));
    assert!(problem.contains("later"), "{problem}");
    assert_eq!(round(&shop, folder.path(), &url), [], "not before its time");
    shop.later(SignedDuration::from_secs(10));
    assert_eq!(round(&shop, folder.path(), &url), [(2, None)]);
    assert_eq!(standing(&shop), ("done".to_owned(), 2, String::new()));
    asked(&shop, to);
    shop.later(SignedDuration::from_hours(48));
    assert_eq!(round(&shop, folder.path(), &url), [], "the same day asks for the same letter");

    let (refused, taken) = (letters.recv().unwrap(), letters.recv().unwrap());
    for line in [
        "From: \"Corner Shop\" <shop@corner.example>",
        "To: ana@shop.example",
        "Message-ID: <report_letter.week.2026-03-02@corner.example>",
        "Date: Sun, 01 Mar 2026 01:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Disposition: attachment; filename=\"week-2026-03-02.html\"",
    ] {
        assert!(taken.contains(line) && refused.contains(line), "{line}\n{taken}");
    }
    for text in ["xJDDrW5oIGvDqG0g", "Subject: =?utf-8?b?"] {
        assert!(taken.contains(text), "in the language of the reader: {text}\n{taken}");
    }
}

#[test]
fn what_is_refused_for_good_is_laid_aside_and_can_be_tried_anew() {
    let to = "nobody@shop.example";
    let (shop, folder) = shop(to);
    let (url, _letters) = mail_server(vec!["550 no such user"]);
    asked(&shop, to);
    let first = round(&shop, folder.path(), &url);
    assert!(matches!(&first[..], [(1, Some((why, true)))] if why.contains("no such user")), "{first:?}");
    assert_eq!(standing(&shop).0, "dead");
    let dead = shop.beside().read().dead_letters(store::Queue::Jobs, 10).unwrap();
    assert_eq!(dead[0].message_id, "report_letter/week/2026-03-02");
}

#[test]
fn nothing_goes_to_an_address_that_was_taken_away() {
    let to = "ana@shop.example";
    let (shop, folder) = shop("");
    asked(&shop, to);
    // Nobody listens there: who tried would fail.
    assert_eq!(round(&shop, folder.path(), "smtp://127.0.0.1:9"), [(1, None)]);
    let (quiet, folder) = self::shop("");
    asked(&quiet, "");
    assert_eq!(
        round(&quiet, folder.path(), "smtp://127.0.0.1:9"),
        [],
        "a report without an address asks for none"
    );
}

#[test]
fn a_mail_server_that_is_away_is_waited_for() {
    let to = "ana@shop.example";
    let (shop, folder) = shop(to);
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    asked(&shop, to);
    let first = round(&shop, folder.path(), &format!("smtp://{address}"));
    assert!(matches!(&first[..], [(1, Some((_, false)))]), "{first:?}");
}
