use super::actor::Actor;
use super::audit::{self, Broken, Wanted};
use super::people::{
    Asking, Invitation, Refused, Stopped, disable, enable, find_by_email, invite, join, list, set_role,
};
use super::permissions::{Operation, Role, may, require};
use crate::record::command::{By, Command};
use crate::record::tests::shop::{Shop, morning, places};
use serde_json::json;
use store::Failure;

/// Who may what, written down a second time and by role: a change of the table is a change of this page.
const EVERYBODY_S: [(&str, &str); 6] = [
    ("owner", "*"),
    (
        "marketer",
        "customers.read vouchers.generate programs.read programs.plan segments.read segments.write reports.read \
         exports.write",
    ),
    (
        "analyst",
        "ledger.read programs.read programs.plan segments.read segments.write reports.read imports.write",
    ),
    (
        "service",
        "customers.read customers.write customers.merge customers.export customers.erase consents.write \
         orders.record points.spend points.adjust ledger.read programs.read",
    ),
    ("till", "customers.read customers.write consents.write orders.record points.spend programs.read"),
    ("auditor", "ledger.read programs.read reports.read jobs.read staff.read audit.read system.verify"),
];

#[test]
fn every_operation_by_every_role() {
    for (role, words) in EVERYBODY_S {
        let role: Role = role.parse().unwrap();
        for &operation in Operation::ALL {
            let expected = words == "*" || words.split(' ').any(|word| word == operation.word());
            assert_eq!(may(role, operation), expected, "{role} {operation}");
            assert_eq!(require(role, operation).is_ok(), expected, "{role} {operation}");
            assert_eq!(operation.word().parse(), Ok(operation));
            assert!(operation.about().trim().ends_with('.'), "{operation} says what it is");
        }
        for word in words.split(' ').filter(|word| *word != "*") {
            assert!(word.parse::<Operation>().is_ok(), "{word}");
        }
    }
    assert_eq!(Role::ALL.map(Role::word), EVERYBODY_S.map(|(role, _)| role));
    let refused = require(Role::Till, Operation::AdjustPoints).unwrap_err();
    assert_eq!(refused.to_string(), "points.adjust is not for the role till; it is for: owner, service");
}

fn dice() -> impl FnMut() -> u128 {
    let mut state = 0u128;
    move || {
        state += 1;
        u128::from_le_bytes(*blake3::hash(&state.to_le_bytes()).as_bytes().first_chunk().unwrap())
    }
}

fn invitation(email: &str, role: Role) -> Invitation {
    Invitation { email: email.into(), name: "Ana".into(), role }
}

fn refused<T: std::fmt::Debug>(done: Result<T, Stopped>) -> Refused {
    match done {
        Err(Stopped::Refused(refused)) => refused,
        other => panic!("no refusal: {other:?}"),
    }
}

#[test]
fn people_come_change_and_go_and_an_owner_stays() {
    for place in places() {
        let shop = Shop::open(place);
        let mut session = shop.sessions.open().unwrap();
        let (mut chance, shell) = (dice(), Actor::shell());
        let mut asking = Asking { actor: &shell, now: morning(), chance: &mut chance };
        let ana =
            invite(&mut session, &mut asking, &invitation(" Ana@Corner.Example ", Role::Owner)).unwrap();
        assert_eq!(
            (ana.email.as_str(), ana.role, ana.is_active()),
            ("ana@corner.example", Role::Owner, true)
        );
        let taken = invite(&mut session, &mut asking, &invitation("ANA@corner.example", Role::Till));
        assert_eq!(refused(taken), Refused::Taken("ana@corner.example".into()));
        for wrong in ["", "ana", "@corner", "ana@", "a b@c", "a@b@c"] {
            let answer = invite(&mut session, &mut asking, &invitation(wrong, Role::Till));
            assert_eq!(refused(answer), Refused::NotAnAddress(wrong.into()), "{wrong}");
        }
        assert_eq!(
            refused(disable(&mut session, &mut asking, &ana.id)),
            Refused::LastOwner(ana.email.clone())
        );
        assert_eq!(
            refused(set_role(&mut session, &mut asking, &ana.id, Role::Till)),
            Refused::LastOwner(ana.email.clone())
        );

        let owner = ana.actor();
        let mut asking = Asking { actor: &owner, now: morning(), chance: &mut chance };
        let binh = invite(&mut session, &mut asking, &invitation("binh@corner.example", Role::Till)).unwrap();
        join(&mut session, &mut asking, &binh.id).unwrap();
        let cashier = binh.actor();
        let mut asking = Asking { actor: &cashier, now: morning(), chance: &mut chance };
        let sly = set_role(&mut session, &mut asking, &binh.id, Role::Owner);
        assert!(matches!(refused(sly), Refused::NotAllowed(_)));
        let mut asking = Asking { actor: &owner, now: morning(), chance: &mut chance };
        assert_eq!(refused(disable(&mut session, &mut asking, "stf_x")), Refused::Unknown("stf_x".into()));
        let gone = disable(&mut session, &mut asking, &binh.id).unwrap();
        assert_eq!(disable(&mut session, &mut asking, &binh.id).unwrap(), gone, "again changes nothing");
        assert!(enable(&mut session, &mut asking, &binh.id).unwrap().is_active());
        set_role(&mut session, &mut asking, &binh.id, Role::Owner).unwrap();
        assert!(!disable(&mut session, &mut asking, &ana.id).unwrap().is_active(), "there is another owner");

        let reading = session.read();
        assert_eq!(list(&reading).unwrap().len(), 2);
        assert_eq!(find_by_email(&reading, "BINH@corner.example").unwrap().unwrap().role, Role::Owner);
        let entries = audit::list(&reading, &Wanted::default(), 100).unwrap();
        let told: Vec<&str> = entries.iter().rev().map(|entry| entry.actor.as_str()).collect();
        assert_eq!(
            told,
            ["shell", &ana.id, &ana.id, &ana.id, &ana.id, &ana.id, &ana.id],
            "what was refused is no change"
        );
        let of_binh = Wanted { subject: Some(("staff".into(), binh.id.clone())), ..Wanted::default() };
        let of_binh = audit::list(&reading, &of_binh, 2).unwrap();
        assert_eq!(
            (&of_binh[0].before["role"], &of_binh[0].after["role"]),
            (&json!("till"), &json!("owner"))
        );
        let asked = |kind: &str, actor: &str, id: &str| {
            let of = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let subject = of(id).map(|id| (kind.to_owned(), id));
            let wanted = Wanted { subject, kind: of(kind), actor: of(actor), before: None };
            audit::list(&reading, &wanted, 100).unwrap().len()
        };
        assert_eq!(
            [asked("", "", ""), asked("staff", "", ""), asked("key", "", ""), asked("staff", "shell", "")],
            [7, 7, 0, 1],
            "of a kind, whichever one"
        );
        assert_eq!(
            asked("staff", &ana.id, &binh.id) + asked("staff", "shell", &binh.id),
            asked("staff", "", &binh.id)
        );
        assert_eq!(asked("staff", "nobody", &binh.id), 0);
        assert_eq!(audit::prove(&reading, &mut |_| {}).unwrap(), (7, vec![]));
    }
}

#[test]
fn a_command_with_a_name_is_in_the_audit_and_in_one_transaction_with_it() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(r#"{"type": "join", "member": "ana"}"#);
        let by = |salt| By { actor: Actor::new("stf_binh", Role::Service), salt };
        let line = r#"{"type": "adjust", "member": "ana", "id": "a-1", "wallet": "beans", "units": 40}"#;
        let adjust: Command = serde_json::from_str(line).unwrap();
        let adjust = adjust.by(by(1));
        let greedy: Command = serde_json::from_str(
            r#"{"type": "redeem", "member": "ana", "id": "r-1", "reward": "card", "until": null}"#,
        )
        .unwrap();
        shop.recorder.session().fail_after(Some(12));
        assert!(matches!(shop.try_record(std::slice::from_ref(&adjust)), Err(Failure::Io { .. })));
        shop.recorder.session().fail_after(None);
        assert_eq!(audit::prove(&shop.recorder.session().read(), &mut |_| {}).unwrap().0, 0);
        shop.try_record(&[adjust.clone(), adjust.clone(), greedy.clone().by(by(2)), greedy.by(by(3))])
            .unwrap();
        shop.try_record(&[adjust]).unwrap();
        let reading = shop.recorder.session().read();
        let entries = audit::list(&reading, &Wanted::default(), 10).unwrap();
        let told: Vec<_> =
            entries.iter().map(|entry| (entry.operation.as_str(), entry.subject.as_str())).collect();
        assert_eq!(told, [("points.spend", "ana"), ("points.adjust", "ana")], "each effect once");
        assert_eq!(entries[1].after["balances"][0]["available"], json!(40));
        assert_eq!(audit::prove(&reading, &mut |_| {}).unwrap(), (2, vec![]));
    }
}

#[test]
fn what_is_altered_left_out_or_cut_off_is_found_and_what_is_erased_is_not_missed() {
    let entries = |count: i64| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite").display().to_string();
        let store = store::Store::open(&path, morning().as_microsecond()).unwrap();
        let mut session = store.sessions().open().unwrap();
        let (mut chance, shell) = (dice(), Actor::shell());
        let mut asking = Asking { actor: &shell, now: morning(), chance: &mut chance };
        for number in 0..count {
            let who = invitation(&format!("p{number}@corner.example"), Role::Till);
            invite(&mut session, &mut asking, &who).unwrap();
        }
        (folder, store, session)
    };
    let found = |damage: &str| -> Vec<i64> {
        let (_folder, _store, session) = entries(5);
        session.damage(damage).unwrap();
        let broken: Vec<Broken> = audit::prove(&session.read(), &mut |_| {}).unwrap().1;
        broken.into_iter().map(|broken| broken.number).collect()
    };
    assert_eq!(found("select 1"), [] as [i64; 0]);
    assert_eq!(found("update audit set actor = 'nobody' where number = 3"), [3]);
    assert_eq!(found("update audit set details = '{}' where number = 3"), [3]);
    assert_eq!(found("update audit set details = null where number = 3"), [3]);
    assert_eq!(found("update audit set details = null, salt = null where number = 3"), [] as [i64; 0]);
    assert_eq!(found("delete from audit where number = 2"), [3]);
    assert_eq!(found("delete from audit where number = 5"), [4]);
}
