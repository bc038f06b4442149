//! When points run out, and how a policy changes: for points earned from then on, for all points, or for new members.

use crate::story::check;

/// A year until July 2026, then three months, for whom `applies_to` says.
fn shop(applies_to: &str) -> String {
    format!(
        "{}[[expiry]]\nwallet = \"beans\"\nfrom = 2026-07-01\nafter = \"3M\"\napplies_to = \"{applies_to}\"\n",
        corner_shop!(expiry "after = \"12M\"", base)
    )
}

const HISTORY: &str = "
    2026-01-10 join ana
    2026-01-10 order ana o-1 a:x=10.00
    2026-06-30 order ana o-2 a:x=5.00
    2026-07-01 join bo
    2026-07-02 order ana o-3 a:x=4.00
    2026-07-02 order bo o-4 a:x=7.00
";

fn history(applies_to: &str, then: &str) {
    check(&shop(applies_to), &format!("{HISTORY}{then}"));
}

#[test]
fn a_policy_for_new_points_leaves_those_that_are_there() {
    history(
        "new_points",
        "
        ana beans 19 expires=4@2026-10-02,10@2027-01-10,5@2027-06-30
        bo beans 7 expires=7@2026-10-02
        # known late, earned before
        2026-07-05 order ana o-5 a:x=3.00 at=2026-06-20
        ana beans 22 expires=4@2026-10-02,10@2027-01-10,3@2027-06-20,5@2027-06-30
        ",
    );
}

/// Points older than the new policy allows end the day it begins; what becomes known late ends like what was there.
#[test]
fn a_policy_for_all_points_dates_them_anew_whenever_they_become_known() {
    history(
        "all_points",
        "
        ana beans 9 expired=10 expires=5@2026-09-30,4@2026-10-02
        bo beans 7 expires=7@2026-10-02
        2026-07-05 order ana o-5 a:x=3.00 at=2026-06-20
        ana beans 12 expires=3@2026-09-20,5@2026-09-30,4@2026-10-02
        2026-07-05 order ana o-6 a:x=2.00 at=2026-02-01
        ana beans 12 expired=12
        ",
    );
}

#[test]
fn a_policy_for_new_members_leaves_everybody_else() {
    history(
        "new_members",
        "
        ana beans 19 expires=10@2027-01-10,5@2027-06-30,4@2027-07-02
        bo beans 7 expires=7@2026-10-02
        ",
    );
}

/// A rule that says how long its points live is right whatever the wallet says: also when the wallet's points live by
/// activity, or get other dates.
#[test]
fn points_with_an_end_of_their_own_keep_it() {
    let rule =
        "[[earning]]\nid = \"visit\"\nwallet = \"beans\"\nfixed = { points = 2 }\nexpires_after = \"14D\"\n";
    let bills =
        "2026-06-20 join ana\n2026-06-20 order ana o-1 a:x=10.00\n2026-06-25 order ana o-2 a:x=0.50\n";
    let idle = corner_shop!(expiry "idle = \"1M\"", base).to_owned();
    check(
        &(idle + rule),
        &format!(
            "{bills}ana beans 14 expires=2@2026-07-04,2@2026-07-09,10@2026-07-25\n2026-07-04 tick\nana beans 12"
        ),
    );
    check(
        &(shop("all_points") + rule),
        &format!("{bills}2026-07-01 tick\nana beans 14 expires=2@2026-07-04,2@2026-07-09,10@2026-09-20"),
    );
}
