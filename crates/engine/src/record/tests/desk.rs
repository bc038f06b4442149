//! What is done at a desk: a program changed over what one has seen, vouchers made beforehand, a look at how it all runs.

use super::super::program::{NotInstalled, install_over};
use super::super::vouchers::{NotMade, generate};
use super::shop::{PROGRAM, Shop, files, join, order, places};
use crate::design::running::{running, still_flagged};
use crate::staff::actor::Actor;
use crate::staff::people::Asking;
use crate::staff::permissions::Role;
use std::collections::BTreeSet;

const REFERRAL: &str = r#"
[[referral]]
id = "friends"
minimum = "10.00"
within = "30D"
referrer = { wallet = "beans", points = 100 }
friend = { wallet = "beans", points = 50 }
flag_same = ["card"]
"#;

#[test]
fn a_program_is_changed_only_over_the_version_that_was_seen() {
    for place in places() {
        let shop = Shop::open(place);
        let mut session = shop.sessions.open().unwrap();
        let owner = Actor::new("stf_1", Role::Owner);
        let mut salt = || 7;
        let mut asking = Asking { actor: &owner, now: shop.now, chance: &mut salt };
        let dearer = files(&PROGRAM.replace("every = \"1.00\"", "every = \"2.00\""));
        assert_eq!(install_over(&mut session, &mut asking, &dearer, 7, Some(1)).unwrap().version, 2);
        let other = files(&PROGRAM.replace("every = \"1.00\"", "every = \"3.00\""));
        let late = install_over(&mut session, &mut asking, &other, 7, Some(1)).unwrap_err();
        assert!(matches!(late, NotInstalled::Changed { present: 2, over: 1, .. }), "{late}");
        let marketer = Actor::new("stf_2", Role::Marketer);
        let mut asking = Asking { actor: &marketer, ..asking };
        let not = install_over(&mut session, &mut asking, &other, 7, Some(2)).unwrap_err();
        assert!(matches!(not, NotInstalled::NotAllowed(_)), "{not}");
    }
}

#[test]
fn vouchers_made_beforehand_are_never_the_same_and_count_on_a_bill_once() {
    for place in places() {
        let mut shop = Shop::open(place);
        shop.record(&format!("{}\n{}", join("ana"), order("o-1", "ana", 10_000)));
        shop.one(r#"{"type": "redeem", "member": "ana", "id": "r-1", "reward": "coffee"}"#);
        let mut session = shop.sessions.open().unwrap();
        let owner = Actor::new("stf_1", Role::Owner);
        let mut salt = || 7;
        let mut asking = Asking { actor: &owner, now: shop.now, chance: &mut salt };
        let mut made =
            |reward: &str, count| generate(&mut session, &mut asking, &shop.in_force, reward, count);
        let (first, second) = (made("coffee", 40).unwrap(), made("coffee", 2).unwrap());
        let codes: BTreeSet<&str> = first.iter().chain(&second).map(|row| row.code.as_str()).collect();
        assert_eq!(codes.len(), 42);
        assert!(first.iter().all(|row| row.value_minor == 300 && row.customer_id.is_empty()));
        assert!(matches!(made("coffee", 0), Err(NotMade::Count(0))));
        assert!(matches!(made("cup", 1), Err(NotMade::NoVoucher(_))), "it has no code");
        assert!(matches!(made("card", 1), Err(NotMade::NoVoucher(_))), "a gift card is loaded, not printed");
        let printed = shop.sessions.open().unwrap().read().printed_vouchers("corner", "coffee").unwrap();
        assert_eq!(printed.len(), 42, "what ana bought is hers");
        let code = &first[0].code;
        let bill =
            |id: &str| format!(r#"{{"vouchers_for": "{id}", "codes": ["{code}"], "bill_minor": 900}}"#);
        let (used, again) = (shop.one(&bill("b-1")), shop.one(&bill("b-2")));
        let taken = |answer: &super::super::answer::Answer| {
            matches!(answer.vouchers[..], [(_, loyalty::voucher::Answer::Taken { off_minor: 300 })])
        };
        assert!(taken(&used) && !taken(&again));
        shop.prove();
    }
}

#[test]
fn a_look_at_how_it_runs_ties_to_the_members() {
    for place in places() {
        let program = format!("{PROGRAM}{REFERRAL}");
        let mut shop = Shop::open_with(place, &program, super::shop::morning());
        let marked = |who: &str, by: &str| {
            format!(r#"{{"type": "join", "member": "{who}", "referred_by": "{by}", "marks": ["card:1"]}}"#)
        };
        shop.record(r#"{"type": "join", "member": "ana", "marks": ["card:1"]}"#);
        shop.record(&format!("{}\n{}", marked("bo", "ana"), join("cam")));
        shop.record(&format!("{}\n{}", order("o-1", "bo", 2_000), order("o-2", "cam", 5_000)));
        let look = |shop: &Shop| {
            let session = shop.sessions.open().unwrap();
            let mut walked = 0;
            let found =
                running(&session.read(), &shop.in_force, shop.now, &mut |members| walked = members).unwrap();
            assert_eq!(walked, 3);
            found
        };
        let found = look(&shop);
        let has: i64 = ["ana", "bo", "cam"].iter().map(|who| shop.balance(who).0).sum();
        let this = &found.months[1].policies["fair_value"][0];
        assert_eq!((found.members, this.movement.closing), (3, has));
        assert_eq!(this.months.iter().map(|month| month.outstanding).sum::<i64>(), has);
        assert_eq!(found.flagged.iter().map(|one| one.friend.as_str()).collect::<Vec<_>>(), ["bo"]);
        shop.one(r#"{"type": "event", "member": "bo", "id": "yes", "name": "referral_approved"}"#);
        let session = shop.sessions.open().unwrap();
        assert_eq!(still_flagged(&session.read(), &shop.in_force, &["bo"]).unwrap(), []);
        drop(session);
        assert_eq!(look(&shop).referrals.get("approved"), Some(&1));
        shop.prove();
    }
}
