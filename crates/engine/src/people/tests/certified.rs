//! One person's data, and its end.

use super::super::cards;
use super::super::consents::Said;
use super::super::enrol::Enrolment;
use super::super::erasure::{certified, erase, is_sound};
use super::super::export::export;
use super::super::merging::merge;
use super::super::page::render;
use super::super::profile::Change;
use super::super::show::show;
use super::super::{Refused, find};
use super::{Place, Shop, fields, pairs, refused, shops};
use crate::record::verify::verify_record;
use assets::{Assets, Lang};
use jiff::tz::TimeZone;
use loyalty::program::Lang as Sentences;

/// What names her, in every form in which it may lie about.
const NAMES: &[&str] = &[
    "Đào Quý Phi",
    "quy phi",
    "dao quy",
    "0901234567",
    "+84901234567",
    "84901234567",
    "76543210948",
    "ana.dao@corner.example",
    "C-7788",
    "9 Lê Lợi",
    "1990-03-31",
    "oat-milk-latte-lover",
    "192.0.2.77",
];

fn ana(shop: &mut Shop) -> String {
    let asked = Enrolment {
        keys: pairs("phone=0901234567 email=ana.dao@corner.example card_number=C-7788"),
        profile: Change {
            fields: fields(&[("name", "Đào Quý Phi"), ("birthday", "1990-03-31"), ("address", "9 Lê Lợi")]),
            attributes: fields(&[("taste", "oat-milk-latte-lover")]),
            tags: vec!["oat-milk-latte-lover".into()],
            untag: vec![],
        },
        consents: vec![Said {
            channel: "email".into(),
            purpose: "marketing".into(),
            status: "granted".into(),
            text_version: "2".into(),
            language: "vi".into(),
            evidence: serde_json::json!({"ip": "192.0.2.77"}),
            ..Said::default()
        }],
        ..Enrolment::default()
    };
    let ana = shop.enrol(&asked).customer;
    shop.order("o-1", &ana, 1000);
    shop.record(&format!(r#"{{"type": "redeem", "member": "{ana}", "id": "r-1", "reward": "coffee"}}"#));
    ana
}

#[test]
fn one_persons_data_is_whole_and_can_be_read() {
    for mut shop in shops() {
        let ana = ana(&mut shop);
        let now = shop.now;
        let data = export(&shop.session.read(), &ana, Sentences::En, vec![], now).unwrap();
        assert_eq!((data.consents.len(), data.orders.len(), data.redemptions.len()), (1, 1, 1));
        assert_eq!(data.ledger.len(), 2);
        assert_eq!(data.ledger.iter().map(|entry| entry.units).sum::<i64>(), shop.balance(&ana));
        assert!(data.ledger[0].explanation.starts_with("10 Beans"), "{}", data.ledger[0].explanation);
        assert_eq!(data.person.programs[0].vouchers.len(), 1);
        assert!(!data.events.is_empty() && !data.messages.is_empty());
        let text = serde_json::to_string(&data).unwrap();
        for name in
            ["Đào Quý Phi", "+84901234567", "ana.dao@corner.example", "C-7788", "9 Lê Lợi", "192.0.2.77"]
        {
            assert!(text.contains(name), "{name} is missing from the document");
        }
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let assets = Assets::open(None).unwrap();
        for (lang, word) in [
            (Lang::En, "Every movement of your points"),
            (Lang::Vi, "Mọi lần điểm thay đổi"),
            (Lang::Zh, "积分的每次变动"),
        ] {
            let page = render(&data, &zone, &assets, lang).unwrap();
            for text in [word, "Đào Quý Phi", "ana.dao@corner.example", "C-7788"] {
                assert!(page.contains(text), "{text} is missing from the page in {lang:?}");
            }
            assert!(!page.contains("http://") && !page.contains("https://"), "no page asks the network");
        }
    }
}

#[test]
fn of_an_erased_person_no_byte_is_left() {
    for mut shop in shops() {
        // Neighbours, so that pages are split and cells move.
        for place in 0..300 {
            shop.by(&format!(
                "phone=09{:08} email=n{place}@corner.example card_number=N-{place}",
                12_000_000 + place * 977
            ));
        }
        let ana = ana(&mut shop);
        for place in 300..600 {
            shop.by(&format!("phone=09{:08} card_number=N-{place}", 12_000_000 + place * 977));
        }
        // A second entry of hers, merged; a card she lost.
        let other = shop.by("email=second.dao@corner.example").customer;
        shop.act(|session, _, acting| merge(session, (&other, &ana), "Đào Quý Phi said so", acting)).unwrap();
        shop.act(|session, rules, acting| {
            cards::lost(session, rules, &ana, ("card_number", "C-7788"), None, acting)
        })
        .unwrap();
        let staged = tempfile::tempdir().unwrap();
        std::fs::create_dir(staged.path().join("rejects")).unwrap();
        let rejects = staged.path().join("rejects/imp_1.csv");
        std::fs::write(
            &rejects,
            "line,reason\n7,\"ana.dao@corner.example, no date\"\n8,\"binh@corner.example, no date\"\n\
             9,\"Ana.Dao@Corner.example, no date\"\n10,\"0901 234.567, no date\"\n11,\"0911 234 567, no date\"\n",
        )
        .unwrap();

        let before = ledger(&mut shop, &ana);
        let folders = [staged.path().to_owned()];
        let (certificate, hash) =
            shop.act(|session, _, acting| erase(session, &ana, &folders, acting)).unwrap();
        assert_eq!(certificate.customers, [ana.clone(), other.clone()]);
        let removed = |place: &str| {
            certificate.removed.iter().find(|part| part.place.ends_with(place)).map(|part| part.count)
        };
        assert_eq!(
            (removed("identifier"), removed("person"), removed("imp_1.csv")),
            (Some(3), Some(3), Some(3))
        );
        assert!(certificate.kept.iter().all(|part| part.count > 0 && !part.why.is_empty()));
        let row = shop.session.read().erasures_of(&other).unwrap().remove(0);
        assert!(is_sound(&row));
        assert_eq!(certified(&row).unwrap(), (certificate.clone(), hash.clone()));
        let again = shop.act(|session, _, acting| erase(session, &ana, &folders, acting)).unwrap();
        assert_eq!(again, (certificate, hash), "the same certificate");

        assert_eq!(ledger(&mut shop, &ana), before, "ledger and orders are as they were");
        let events = shop.session.read().events_of(&ana).unwrap();
        assert!(
            events.iter().any(|event| event.kind == "join")
                && events.iter().all(|event| !event.body.contains("birthday"))
        );
        assert!(matches!(refused(show(&shop.session.read(), &ana, shop.now)), Refused::Erased(_)));
        assert_eq!(find::find(&shop.session.read(), &shop.rules, "quy phi", 10).unwrap(), []);
        shop.prove();
        assert_eq!(
            std::fs::read_to_string(&rejects).unwrap(),
            "line,reason\nerased\n8,\"binh@corner.example, no date\"\nerased\nerased\n11,\"0911 234 567, no date\"\n"
        );
        let Shop { store, session, place, .. } = shop;
        drop((store, session));
        if let Place::Sqlite(folder) = &place {
            nothing_in(folder.path());
        }
    }
}

fn ledger(shop: &mut Shop, customer: &str) -> String {
    let reading = shop.session.read();
    let postings = reading.postings_of(customer, "corner").unwrap();
    let orders = reading.orders_of("corner", customer).unwrap();
    let in_force = crate::record::program::find(&reading, "corner").unwrap().unwrap();
    let report = verify_record(&mut shop.store.sessions().open().unwrap(), &in_force.program).unwrap();
    format!("{postings:?} {orders:?} {} {}", report.postings, report.members)
}

/// Read every file of a folder, and the text of an uncompressed page in it, for what named her.
fn nothing_in(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for name in NAMES.iter().chain(&["second.dao"]) {
            let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(!found, "{name} is still in {}", path.display());
        }
    }
}
