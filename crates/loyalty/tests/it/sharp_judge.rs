//! What no other test said out loud of the judge: codes used ahead, points of events on a ladder, a tier's own dates, the
//! vouchers of a bill that comes back, who pays for what a return takes, and what a merger carries.

use crate::corner_shop::{SHOP, TWELVE_MONTHS, by_month, ladder, shop};
use crate::story::{Story, check};
use jiff::Timestamp;
use loyalty::judge::Output;
use loyalty::ledger::Posted;
use loyalty::name::Name;
use loyalty::voucher::{stack, use_up};

/// A dollar off, by a code that is good for thirty days and so many uses.
fn dollar_off(uses: u32) -> String {
    format!(
        "[[reward]]\nid = \"off\"\nname = \"Off\"\nkind = \"discount\"\nvalue = \"1.00\"\n\
         prices = [{{ wallet = \"beans\", points = 10 }}]\n\
         voucher = {{ pattern = \"OFF-########\", valid = \"30D\", uses = {uses} }}\n"
    )
}

/// Ana has a code of the reward.
fn with_code(program: &str) -> (Story, Name) {
    let mut story = Story::new(program);
    story.tell("2026-03-01 join ana\n2026-03-01 order ana o-1 a:x=100.00\n2026-03-01 redeem ana off v-1");
    let code = |output: &Output| match output {
        Output::Rewarded { code, .. } => code.clone(),
        _ => None,
    };
    let code = story.outputs.iter().find_map(code).unwrap();
    (story, code)
}

#[test]
fn a_code_used_ahead_is_used_once_for_each_order() {
    let (mut story, code) = with_code(&shop(&dollar_off(5)));
    for _ in 0..2 {
        let answers =
            stack(&story.program, &story.books.shared, std::slice::from_ref(&code), 2_000, story.now);
        use_up(&mut story.books.shared, &answers);
    }
    for (order, left) in [("o-2", 3), ("o-3", 3), ("o-4", 2)] {
        story.tell(&format!("2026-03-02 order ana {order} a:x=20.00 pay=voucher:1.00:{code}"));
        assert_eq!(story.books.shared.vouchers[&code].uses_left, left, "{order}");
    }
    assert!(story.books.shared.used_ahead.is_empty());
    story.prove();
}

#[test]
fn a_voucher_is_free_again_once_all_of_its_bill_is_back() {
    let day = |text: &str| -> Timestamp { format!("{text}T00:00:00+07:00").parse().unwrap() };
    for (grace, until) in [("40D", day("2026-04-13")), ("1D", day("2026-03-31"))] {
        let program = corner_shop!(wallet "restore_grace = \"GRACE\"", expiry "never = true", base)
            .replace("GRACE", grace);
        let (mut story, code) = with_code(&format!("{program}{}", dollar_off(1)));
        for (said, left, ends) in [
            (format!("order ana o-2 2xa:x=20.00 pay=voucher:1.00:{code}"), 0, day("2026-03-31")),
            ("return o-2 r-1 1:1".to_owned(), 0, day("2026-03-31")),
            ("return o-2 r-2".to_owned(), 1, until),
            ("keep o-2 r-2".to_owned(), 0, until),
            ("return o-2 r-3".to_owned(), 1, until),
            (format!("order ana o-3 a:x=20.00 pay=voucher:1.00:{code}"), 0, until),
            ("keep o-2 r-3 refused voucher".to_owned(), 0, until),
            // It is the other order's now.
            ("return o-3 r-4".to_owned(), 1, until),
        ] {
            story.tell(&format!("2026-03-04 {said}"));
            let voucher = &story.books.shared.vouchers[&code];
            assert_eq!((voucher.uses_left, voucher.until), (left, ends), "{said} with {grace}");
        }
        story.prove();
    }
}

#[test]
fn points_of_an_event_count_for_a_ladder_of_points() {
    let review = |id: &str| {
        format!(
            "[[earning]]\nid = \"{id}\"\nwallet = \"beans\"\nevent = \"review\"\nfixed = {{ points = 30 }}\n"
        )
    };
    let keys = format!("counts = \"points\"\nwallet = \"beans\"\n{TWELVE_MONTHS}");
    check(
        &shop(&format!("{}{}{}", review("one"), review("other"), ladder(&keys, 120))),
        "
        2026-03-01 join ana
        2026-03-02 event ana review e-1
        ana beans 60
        ana tier green
        2026-03-02 event ana review e-2
        ana tier gold
        2026-03-02 join bo
        2026-03-02 event bo review e-3
        2026-03-03 order bo o-1 a:x=59.00
        bo tier green
        2026-03-03 order bo o-2 a:x=1.00
        bo tier gold
        ",
    );
}

#[test]
fn a_policy_for_all_points_of_a_tier_leaves_the_others_alone() {
    let keys = format!("counts = \"spend\"\n{TWELVE_MONTHS}");
    let program = format!(
        "{}{}[[expiry]]\nwallet = \"beans\"\nfrom = 2026-07-01\ntiers = [\"gold\"]\nafter = \"24M\"\n\
         applies_to = \"all_points\"\n",
        corner_shop!(expiry "after = \"12M\"", base),
        ladder(&keys, 100)
    );
    check(
        &program,
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 a:x=100.00
        2026-03-02 order bo o-2 a:x=10.00
        2026-06-30 tick
        ana beans 100 expires=100@2027-03-02
        2026-07-01 tick
        ana tier gold
        ana beans 100 expires=100@2028-03-02
        bo beans 10 expires=10@2027-03-02
        # known late, earned before
        2026-07-05 order ana o-3 a:x=5.00 at=2026-06-20
        2026-07-05 order bo o-4 a:x=5.00 at=2026-06-20
        ana beans 105 expires=100@2028-03-02,5@2028-06-20
        bo beans 15 expires=10@2027-03-02,5@2027-06-20
        ",
    );
}

/// Whoever pays for a rule is paid back for what a return takes, and pays again where it is taken back.
#[test]
fn what_a_return_takes_names_rule_version_and_funder() {
    let mut story =
        Story::new(&shop("funder = \"roaster\"\n[[funder]]\nid = \"roaster\"\nname = \"Roaster\"\n"));
    story.tell("2026-03-01 join ana\n2026-03-02 order ana o-1 a:x=9.00\n2026-03-03 return o-1 r-1\n2026-03-04 keep o-1 r-1");
    let version = story.program.rules[0].version.clone();
    let postings = story.postings("ana", "beans");
    let kinds: Vec<Posted> = postings.iter().map(|posting| posting.kind).collect();
    assert_eq!(kinds, [Posted::Earn, Posted::Clawback, Posted::Reinstate]);
    for posting in postings {
        let cause = posting.cause;
        let by = (Some("base".into()), Some(version.clone()), Some("roaster".into()));
        assert_eq!((cause.rule, cause.version, cause.funder), by, "{:?}", posting.kind);
    }
    story.prove();
}

/// What an order counts in sums over receipts leaves with the order, less what came back meanwhile.
#[test]
fn sums_over_receipts_go_where_their_orders_go() {
    check(
        &shop(&by_month(100)),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 a:x=9.00
        2026-03-03 merge ana bo
        2026-03-03 return o-1 r-1
        2026-03-04 unmerge ana
        2026-03-05 order bo o-2 a:x=9.00
        bo beans 9
        2026-03-05 order bo o-3 a:x=1.00
        bo beans 110
        2026-03-05 order ana o-4 a:x=9.00
        ana beans 9
        2026-03-05 order ana o-5 a:x=1.00
        ana beans 110
        # through two mergers and back
        2026-04-01 order ana o-6 a:x=5.00
        2026-04-01 order bo o-7 a:x=3.00
        2026-04-01 join cam
        2026-04-01 merge ana bo
        2026-04-01 merge bo cam
        2026-04-01 order cam o-8 a:x=1.00
        cam beans 229
        2026-04-02 unmerge bo
        2026-04-02 unmerge ana
        2026-04-02 order ana o-9 a:x=4.99
        2026-04-02 order bo o-10 a:x=6.99
        2026-04-02 order cam o-11 a:x=8.99
        ana beans 119
        bo beans 119
        cam beans 9
        2026-04-02 order ana o-12 a:x=0.01
        2026-04-02 order bo o-13 a:x=0.01
        2026-04-02 order cam o-14 a:x=0.01
        ana beans 219
        bo beans 219
        cam beans 109
        ",
    );
}

/// A cap is the member's whose order took it: also where the order was told anew while two were one.
#[test]
fn caps_go_where_their_orders_go() {
    check(
        &format!("{SHOP}caps = [{{ per = \"day\", points = 20 }}]\n"),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-02 order ana o-1 a:x=15.00
        2026-03-02 merge ana bo
        2026-03-02 update bo o-1 a:x=5.00
        2026-03-02 unmerge ana
        # whose it was it is again
        ana beans 5
        bo beans 0
        2026-03-02 order bo o-2 a:x=30.00
        bo beans 20
        2026-03-02 order ana o-3 a:x=30.00
        ana beans 20
        ",
    );
}
