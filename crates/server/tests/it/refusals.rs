//! What the engine refuses, as people of the shop read it: the same facts in their language.

use assets::{Assets, Lang};
use engine::act::segment;
use engine::collect::refused::Refused as NotImported;
use engine::design::backtest::Refused as NotTried;
use engine::people::Refused as NotDone;
use engine::record::identity::kinds::NotUsable;
use engine::record::program::NotInstalled;
use engine::record::vouchers::NotMade;
use engine::staff::people::Refused as NotStaff;
use engine::staff::permissions::{Operation, Role, require};
use engine::understand::options::Refused as NotReported;
use jiff::civil::date;
use server::brand::NotUsable as NotABrand;
use server::problem::Problem;
use server::reports::NotUsable as NotAReport;

/// Refusals as the engine makes them, each with the facts that must be read in it.
fn made() -> Vec<(String, Vec<&'static str>)> {
    let some = |text: &str| text.to_owned();
    let not_a_value = |field: &str, value: &str, why: String| NotDone::NotAValue {
        field: some(field),
        value: some(value),
        why,
    };
    let phone = NotUsable::NotAPhone { country: some("VN") };
    let kind = || some("card_number");
    let (first, last) = (date(2026, 1, 1), date(2026, 3, 31));
    let not_allowed = Operation::ALL.iter().find_map(|one| require(Role::Till, *one).err()).expect("one");
    let operation = not_allowed.operation.word();
    let vnd: domain::Currency = "VND".parse().expect("a currency");
    vec![
        (NotDone::UnknownCustomer(some("cus_1")).to_string(), vec!["cus_1"]),
        (NotDone::Erased(some("cus_1")).to_string(), vec!["cus_1"]),
        (NotDone::NobodyKnown(vec![some("0900")]).to_string(), vec!["0900"]),
        (
            NotDone::NotUsable { kind: some("phone"), value: some("12"), why: phone }.to_string(),
            vec!["12", "VN"],
        ),
        (
            NotDone::Taken { kind: some("phone"), value: some("+84901"), owner: some("cus_2") }.to_string(),
            vec!["+84901", "cus_2"],
        ),
        (
            NotDone::NotTheirs { customer: some("cus_1"), kind: some("email"), value: some("a@b.vn") }
                .to_string(),
            vec!["cus_1", "a@b.vn"],
        ),
        (
            NotDone::TooMany { customer: some("cus_1"), kind: kind(), limit: 5 }.to_string(),
            vec!["cus_1", "5"],
        ),
        (NotDone::SameCustomer(some("cus_1"), some("cus_2")).to_string(), vec!["cus_1", "cus_2"]),
        (NotDone::NotMerged(some("cus_1")).to_string(), vec!["cus_1"]),
        (
            NotDone::UnknownProgram { asked: some("b"), known: vec![some("corner"), some("tea")] }
                .to_string(),
            vec!["b", "corner, tea"],
        ),
        (NotDone::NothingWaits(some("adj_1")).to_string(), vec!["adj_1"]),
        (NotDone::OwnAdjustment(some("adj_1")).to_string(), vec!["adj_1"]),
        (NotDone::UnknownRequest(some("ask_1")).to_string(), vec!["ask_1"]),
        (
            not_a_value("birthday", "31/2", some("write 1990-03-31, or 03-31 without the year")).to_string(),
            vec!["31/2"],
        ),
        (
            not_a_value("country", "Vietnam", some("a country is two letters, such as VN")).to_string(),
            vec!["Vietnam"],
        ),
        (not_a_value("reason", "x", some("say why in 1 to 500 characters")).to_string(), vec!["500"]),
        (NotUsable::Blocked { kind: kind() }.to_string(), vec![]),
        (NotUsable::NotAnEmail.to_string(), vec![]),
        (NotUsable::Limit { kind: kind(), limit: 5 }.to_string(), vec!["5"]),
        (NotUsable::Lost { kind: kind() }.to_string(), vec![]),
        (NotUsable::Shared { kind: kind() }.to_string(), vec![]),
        (NotMade::NoVoucher(some("coffee")).to_string(), vec!["coffee"]),
        (NotMade::Count(0).to_string(), vec!["0", "10000"]),
        (
            NotMade::Pattern { reward: some("off"), pattern: some("A-##"), left: 12 }.to_string(),
            vec!["off", "A-##", "12"],
        ),
        (
            NotInstalled::Moved { program: some("corner"), what: some("stars"), place: 2 }.to_string(),
            vec!["corner", "stars", "2"],
        ),
        (
            NotInstalled::Changed { program: some("corner"), present: 4, over: 3 }.to_string(),
            vec!["corner", "4", "3"],
        ),
        (NotTried::Backwards { from: last, to: first }.to_string(), vec!["2026-03-31", "2026-01-01"]),
        (
            NotTried::NoOrders { from: first, to: last, first: last, last }.to_string(),
            vec!["2026-01-01", "2026-03-31"],
        ),
        (NotReported::Empty.to_string(), vec![]),
        (NotReported::NoOrders(vnd).to_string(), vec!["VND"]),
        (NotImported::Empty(some("a.csv")).to_string(), vec!["a.csv"]),
        (NotImported::NoRows(some("a.csv")).to_string(), vec!["a.csv"]),
        (NotImported::Binary(some("a.exe")).to_string(), vec!["a.exe", "Parquet"]),
        (NotImported::NotJsonLines(some("a.json")).to_string(), vec!["a.json"]),
        (
            NotImported::RowTooLong { file: some("a.csv"), line: 7, limit_bytes: 99 }.to_string(),
            vec!["a.csv", "7", "99"],
        ),
        (
            NotImported::TooManyColumns { file: some("a.csv"), found: 900, limit: 500 }.to_string(),
            vec!["a.csv", "900", "500"],
        ),
        (
            NotImported::DateOrder {
                file: some("a.csv"), column: some("Ngày"), example: some("01/02/2026")
            }
            .to_string(),
            vec!["a.csv", "Ngày", "01/02/2026"],
        ),
        (
            NotImported::DecimalMark { file: some("a.csv"), column: some("Tiền"), example: some("1.234") }
                .to_string(),
            vec!["a.csv", "Tiền", "1.234"],
        ),
        (
            NotImported::NoColumn {
                file: some("a.csv"),
                role: some("date"),
                columns: some("a, b"),
                hint: some(""),
            }
            .to_string(),
            vec!["a.csv", "date", "a, b"],
        ),
        (
            NotImported::NothingAccepted {
                file: some("a.csv"),
                rows: 9,
                line: 2,
                reason: some("not a date in the form of this column"),
                rejects: some("rejects.csv"),
            }
            .to_string(),
            vec!["a.csv", "9", "2", "rejects.csv"],
        ),
        (NotStaff::NotAllowed(not_allowed).to_string(), vec![operation]),
        (NotStaff::NotAnAddress(some("ben")).to_string(), vec!["ben"]),
        (NotStaff::NotAName.to_string(), vec!["200"]),
        (NotStaff::Taken(some("ben@corner.example")).to_string(), vec!["ben@corner.example"]),
        (NotStaff::Unknown(some("stf_1")).to_string(), vec!["stf_1"]),
        (NotStaff::LastOwner(some("Ana")).to_string(), vec!["Ana"]),
        (NotABrand::Colour(some("red")).to_string(), vec!["red"]),
        (NotABrand::Kind.to_string(), vec!["PNG"]),
        (NotABrand::NotPlain("script").to_string(), vec!["script"]),
        (NotABrand::TooLarge(99_999).to_string(), vec!["99999"]),
        (NotAReport::Name(some("ă")).to_string(), vec!["ă"]),
        (NotAReport::Every(some("hour")).to_string(), vec!["hour"]),
        (NotAReport::Language(some("fr")).to_string(), vec!["fr"]),
        (Problem::of_body("/file", "choose a file").detail, vec![]),
        (Problem::not_found("reward", "tea").detail, vec!["tea"]),
        (segment::parse("late", "name = \"late\"").expect_err("nobody is in it").to_string(), vec!["late"]),
    ]
}

#[test]
fn refusals_are_read_in_the_readers_language_with_the_same_facts() {
    let assets = Assets::open(None).expect("the files in the program");
    let made = made();
    assert!(made.len() > 50, "{}", made.len());
    for (english, facts) in made {
        for lang in [Lang::Vi, Lang::Zh, Lang::ZhHant] {
            let said = assets.refusal(lang, &english).expect("a sentence");
            let said = said.unwrap_or_else(|| panic!("nothing in {lang} for: {english}"));
            assert_ne!(said, english, "{lang}");
            for fact in &facts {
                assert!(said.contains(fact), "'{fact}' is lost in {lang}: {said}");
            }
        }
    }
}
