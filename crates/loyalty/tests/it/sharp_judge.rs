//! What no other test said out loud of the judge: codes used ahead, points of events on a ladder, a tier's own dates, the
//! vouchers of a bill that comes back, who pays for what a return takes, and what a merger carries.

use crate::corner_shop::{DOLLAR_OFF, SHOP, TWELVE_MONTHS, by_month, cup, ladder, shop};
use crate::story::{Story, check};
use jiff::Timestamp;
use loyalty::fact::{Event, Fact};
use loyalty::judge::{Output, judge};
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

/// Of what the policy let go of two rules' points, no more is kept back than was let go.
#[test]
fn what_was_let_go_is_kept_back_once_from_several_rules() {
    let visit = "[[earning]]\nid = \"visit\"\nwallet = \"beans\"\nfixed = { points = 10 }\n";
    check(
        &shop(&format!("{visit}{}", cup(10, ""))),
        "
        2026-03-01 join ana
        2026-03-02 order ana o-1 a:x=10.00
        2026-03-02 redeem ana cup c-1
        ana beans 10
        2026-03-03 update ana o-1 a:x=10.00
        ana beans 10
        ",
    );
}

/// An id whose fact was refused may come again; nothing is nothing to give or to move.
#[test]
fn what_was_refused_may_be_asked_again() {
    check(
        &format!(
            "{}[[pool]]\nid = \"family\"\nwallet = \"beans\"\nmembers = 2\n",
            corner_shop!(wallet "transfer_per_month = 50", expiry "never = true", base)
        ),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 pool ana join home family p-1
        2026-03-01 pool ana give home 0 p-2 refused nothing_to_move
        2026-03-01 adjust ana beans -5 a-1 refused ledger
        2026-03-02 order ana o-1 a:x=90.00
        2026-03-02 adjust ana beans -5 a-1
        2026-03-02 adjust ana beans -5 a-1
        2026-03-02 adjust ana beans 0 a-2 refused ledger
        ana beans 85
        # the limit is reached, and not passed
        2026-03-03 send ana bo beans 40 t-1
        2026-03-03 send ana bo beans 10 t-2
        2026-03-03 send ana bo beans 1 t-3 refused over_limit
        # what each has sent is each one's own again
        2026-03-04 merge ana bo
        2026-03-04 send bo ana beans 1 t-4 refused same_member
        2026-03-05 unmerge ana
        2026-03-05 send bo ana beans 50 t-5
        ana beans 85
        ",
    );
}

#[test]
fn a_wallet_nobody_knows_is_refused() {
    let mut story = Story::new(SHOP);
    story.tell("2026-03-01 join ana");
    let fact = Fact::Adjust { member: "ana".into(), id: "a-1".into(), wallet: "gems".into(), units: 5 };
    let mut out = Vec::new();
    judge(&story.program, &mut story.books, &Event { at: story.now, fact }, &mut out);
    assert!(matches!(&out[..], [Output::Refused { code, .. }] if *code == "unknown_wallet"), "{out:?}");
}

/// A hold of who is merged is let go, with what it had set aside; a tier follows the orders that come back to it.
#[test]
fn a_merger_frees_holds_and_a_parting_asks_for_the_tier_again() {
    let keys = format!("counts = \"spend\"\n{TWELVE_MONTHS}");
    check(
        &shop(&format!("{}{}", cup(10, "stock = 1"), ladder(&keys, 100))),
        "
        2026-03-01 join ana
        2026-03-01 join bo
        2026-03-01 order ana o-1 a:x=120.00
        2026-03-01 order bo o-2 a:x=20.00
        ana tier gold
        2026-03-02T08:00 hold ana cup h-1 until=2026-03-02T20:00
        2026-03-02T09:00 redeem bo cup r-1 refused out_of_stock
        2026-03-02T10:00 merge ana bo
        2026-03-02T11:00 redeem bo cup r-1
        2026-03-03 return o-1 b-1
        2026-03-04 unmerge ana
        ana tier green
        bo tier green
        ",
    );
}

/// The last day of a mission counts, the day after does not, for orders and for events.
#[test]
fn a_mission_ends_with_its_last_day() {
    let mission = |id: &str, counts: &str| {
        format!(
            "[[mission]]\nid = \"{id}\"\nname = \"{id}\"\ncounts = {counts}\ntarget = 1\nperiod = \"day\"\nuntil = 2026-04-01\n\
             gift = {{ wallet = \"beans\", points = 50 }}\n"
        )
    };
    let both = mission("orders", "\"orders\"") + &mission("events", "\"events\"\nevent = \"review\"");
    let mut story = Story::new(&shop(&both));
    story.tell(
        "
        2026-03-01 join ana
        2026-03-31 order ana o-1 a:x=1.00
        ana beans 51
        2026-03-31 event ana review e-1
        ana beans 101
        2026-04-01 order ana o-2 a:x=1.00
        2026-04-01 event ana review e-2
        ana beans 102
        2026-04-02 return o-1 r-1
        ana beans 51
        ",
    );
    let told = |output: &Output| match output {
        Output::Mission { mission, is_undone, .. } => Some((mission.to_string(), *is_undone)),
        _ => None,
    };
    let told: Vec<(String, bool)> = story.outputs.iter().filter_map(told).collect();
    let expected = [("orders", false), ("events", false), ("orders", true)];
    assert_eq!(told, expected.map(|(mission, is_undone)| (mission.to_owned(), is_undone)));
    story.prove();
}

/// Limits of several periods at one till count each redemption once: week and month begin on the first of June.
#[test]
fn a_till_counts_a_redemption_once_however_many_limits_there_are() {
    let limit = |per: &str, most: u32| {
        format!("[[limit]]\nwallet = \"beans\"\nper = \"{per}\"\npoints_per_till = {most}\n")
    };
    let limits = limit("week", 30) + &limit("day", 100) + &limit("month", 50);
    check(
        &shop(&format!("{DOLLAR_OFF}{limits}")),
        "
        2026-06-01 join ana
        2026-06-01 order ana o-1 a:x=200.00
        2026-06-02 redeem ana off r-1 units=20 bill=90.00 till=t-1
        2026-06-02 redeem ana off r-2 units=10 bill=90.00 till=t-1
        2026-06-02 redeem ana off r-3 units=1 bill=90.00 till=t-1 refused too_fast
        2026-06-08 redeem ana off r-4 units=20 bill=90.00 till=t-1
        2026-06-08 redeem ana off r-5 units=1 bill=90.00 till=t-1 refused too_fast
        ",
    );
}

/// What is left of a redemption is given back, also of a gift card nobody has paid with; redeeming is activity.
#[test]
fn a_redemption_is_given_back_with_what_is_left_of_it() {
    let card = "[[reward]]\nid = \"card\"\nname = \"Card\"\nkind = \"stored_value\"\nvalue = \"10.00\"\n\
                prices = [{ wallet = \"beans\", points = 10 }]\nvoucher = { pattern = \"CARD-########\", valid = \"1Y\" }\n";
    check(
        &format!("{}{DOLLAR_OFF}{card}", corner_shop!(expiry "idle = \"1M\"", base)),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=100.00
        2026-03-10 redeem ana card g-1
        ana beans 90 expires=90@2026-04-10
        2026-03-10 refund ana g-1
        ana beans 100
        2026-03-10 redeem ana off r-1 units=20 bill=90.00
        2026-03-10 order ana o-2 2xa:x=40.00 pay=points:20.00:r-1
        ana beans 100
        2026-03-10 return o-2 b-1 1:1
        ana beans 100
        2026-03-10 refund ana r-1
        ana beans 110
        ",
    );
}

/// What is missing is said in the points of the reward that was asked for.
#[test]
fn a_refusal_counts_in_the_reward_s_own_points() {
    let gems = "[[wallet]]\nid = \"gems\"\nname = \"Gems\"\n[[expiry]]\nwallet = \"gems\"\nnever = true\n\
                [[reward]]\nid = \"ring\"\nname = \"Ring\"\nkind = \"product\"\nproducts = [\"ring\"]\n\
                prices = [{ wallet = \"gems\", points = 7 }]\n";
    let mut story = Story::new(&shop(&format!("{}{gems}", cup(10, ""))));
    story.tell("2026-03-01 join ana\n2026-03-01 redeem ana ring r-1 refused insufficient_points");
    let why = story.outputs.iter().find_map(|output| match output {
        Output::Refused { why, .. } => Some(why.clone()),
        _ => None,
    });
    assert_eq!(why.as_deref(), Some("ring: it costs 7 Gems, 7 Gems are missing"));
}

/// What is held counts for how fast points may be spent, in its own wallet.
#[test]
fn holds_count_for_how_fast_points_are_spent() {
    let limit = "[[limit]]\nwallet = \"beans\"\nper = \"day\"\npoints = 30\n";
    check(
        &shop(&format!("{DOLLAR_OFF}{limit}")),
        "
        2026-03-01 join ana
        2026-03-01 order ana o-1 a:x=200.00
        2026-03-02T08:00 hold ana off h-1 units=20 bill=90.00 until=2026-03-02T10:00
        2026-03-02T09:00 redeem ana off r-1 units=11 bill=90.00 refused too_fast
        2026-03-02T09:00 redeem ana off r-2 units=10 bill=90.00
        2026-03-02T10:00 redeem ana off r-3 units=20 bill=90.00
        ",
    );
}
