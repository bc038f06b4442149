//! What the engine refuses, as people of the shop read it: the same facts in their language.

use assets::{Assets, Lang};
use engine::act::{plan, segment};
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
use loyalty::program::load;
use server::brand::NotUsable as NotABrand;
use server::console::program::STARTER;
use server::problem::Problem;
use server::reports::NotUsable as NotAReport;
use std::collections::BTreeMap;

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
        (NotStaff::NotAllowed(not_allowed).to_string(), vec![]),
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

const PLAN: &str = "name = \"late\"\nsentence = \"best_late\"\npromise = \"unannounced\"\nchannel = \"email\"\n\
    action = \"A coffee\"\ncost_per_contact = \"350\"\n";
const ROLLOUT: &str = "[rollout]\nby = \"store\"\nwaves = [{ on = 2026-01-05, stores = [\"A\"] }, { on = 2026-01-26, stores = [\"B\"] }]\n";

/// What is refused in segments, plans and programs that somebody has written.
fn in_files() -> Vec<String> {
    let segments = [
        "3",
        "{ }",
        "{ all = 3 }",
        "{ any = [] }",
        "{ all = [{ sentence = \"sun\" }] }",
        "{ field = \"moon.phase\", is = \"full\" }",
        "{ field = \"summary.order_days\" }",
        "{ field = \"summary.order_days\", is_known = 3 }",
        "{ field = \"summary.order_days\", at_least = \"x\" }",
        "{ field = \"summary.order_days\", within_days = \"x\" }",
        "{ field = \"summary.order_days\", is = [] }",
        "{ did = \"slept\" }",
        "{ did = \"ordered\", within_days = 0 }",
        "{ did = \"ordered\", from = \"x\" }",
        "{ did = \"ordered\", colour = 3 }",
        "{ tag = 3 }",
        "{ segment = \"a b\" }",
        "{ consent = \"\" }",
    ];
    let segments = segments.into_iter().map(|who| {
        let text = format!("name = \"late\"\nwho = {who}");
        segment::parse("late.toml", &text).expect_err(who).to_string()
    });
    let vnd: domain::Currency = "VND".parse().expect("a currency");
    let public = PLAN.replace("unannounced", "public");
    let rolled = format!("{public}{ROLLOUT}");
    let plans = [
        format!("{PLAN}colour = 3"),
        format!("{PLAN}days = 0"),
        format!("{PLAN}level = 2.0"),
        format!("{PLAN}metric = \"luck\""),
        format!("{PLAN}reading = \"twice\""),
        format!("{PLAN}margin = 30"),
        format!("{PLAN}cost_per_use = \"x\""),
        format!("{PLAN}start_on = \"x\""),
        format!("{PLAN}{ROLLOUT}"),
        format!("{PLAN}title = 3"),
        PLAN.replace("best_late", "sun"),
        PLAN.replace("name = \"late\"\n", ""),
        PLAN.replace("action = \"A coffee\"\n", ""),
        PLAN.replace("channel = \"email\"\n", ""),
        PLAN.replace("cost_per_contact = \"350\"\n", ""),
        public.clone(),
        format!("hold_out = 0.1\n{rolled}"),
        format!("reading = \"sequence\"\n{rolled}"),
        format!("rollout = 3\n{public}"),
        rolled.replace("\"store\"", "\"town\""),
        rolled.replace("\"store\"", "\"lot\""),
        rolled.replace("2026-01-26", "2026-01-05"),
        rolled.replace("\"B\"", "\"A\""),
        rolled.replace("on = 2026-01-26, ", ""),
        rolled.replace("[\"B\"]", "[]"),
        format!("{rolled}colour = 3"),
        format!("{public}[rollout]\nby = \"store\""),
    ];
    let plans =
        plans.into_iter().map(|text| plan::parse("plan.toml", &text, vnd).expect_err(&text).to_string());
    segments.chain(plans).chain(in_programs()).collect()
}

/// What is wrong in programs, and what to do.
fn in_programs() -> Vec<String> {
    let reward = "\n[[reward]]\nid = \"r\"\nname = { en = \"R\" }\n";
    let earning = |more: &str| {
        format!(
            "{STARTER}\n[[earning]]\nid = \"more\"\nname = {{ en = \"M\" }}\nwallet = \"points\"\n{more}\n"
        )
    };
    let programs = [
        String::new(),
        "colour = 3".to_owned(),
        "this is no file".to_owned(),
        format!("{STARTER}\n[[program]]\nid = \"x\""),
        format!("{STARTER}\n[[moon]]\nphase = 3"),
        format!("{STARTER}\n[wallet_]\nx = 3"),
        STARTER.replace("every = 10000", "every = 0"),
        STARTER.replace("every = 10000", "evry = 10000"),
        STARTER.replace("every = 10000", "every = []"),
        STARTER.replace("wallet = \"points\"", "wallet = \"moon\""),
        STARTER.replace("Asia/Ho_Chi_Minh", "Moon/Sea"),
        STARTER.replace("[[expiry]]", "[[limit]]"),
        format!("{STARTER}{reward}kind = \"product\"\n"),
        format!("{STARTER}{reward}kind = \"moon\"\n"),
        format!("{STARTER}{reward}kind = \"discount\"\nprices = [{{ wallet = \"points\", points = 0.5 }}]\n"),
        earning(""),
        earning("fixed = { points = 3 }\nper_unit = { points = 3 }"),
        earning("fixed = { points = 3 }\nwhen = \"moon = 3\""),
        earning("fixed = { points = 3 }\nwhen = \"moon == 3\""),
        earning("fixed = { points = 3 }\nfrom = 2026-02-01\nuntil = 2026-01-01"),
        earning("fixed = { points = 3 }\nfrom = \"soon\""),
        earning("multiply = { of = [], by = 1 }"),
        earning("multiply = { of = [], by = 2 }"),
        earning("fixed = { points = 3 }\ntiers = [\"moon\"]\ngroup = \"moon\"\nfunder = \"moon\""),
        earning("bands = [{ from = 0, points = 1 }, { from = 10, points = 2 }]"),
        earning("bands = [{ from = 0, below = 5, points = 1 }, { from = 10, below = 20, points = 2 }]"),
        earning("bands = [{ from = 0, below = 15, points = 1 }, { from = 10, points = 2 }]"),
        earning("bands = [{ from = 0, below = 20, points = 1 }]"),
        earning("fixed = { points = 3 }\ncaps = [{ per = \"1D\" }]"),
    ];
    let problems = |text: String| {
        let files = BTreeMap::from([("program.toml".to_owned(), text.clone())]);
        load(&files).err().unwrap_or_else(|| panic!("nothing is wrong in {text}"))
    };
    let problems: Vec<_> = programs.into_iter().flat_map(problems).collect();
    problems.into_iter().flat_map(|one| [one.what, one.mend]).collect()
}

/// What the readers of files say of themselves is theirs, and stays as it is.
const THEIRS: [&str; 2] = ["write ", "invalid "];

#[test]
fn what_is_wrong_in_a_file_is_read_in_the_readers_language() {
    let assets = Assets::open(None).expect("the files in the program");
    let mut unknown: Vec<String> = Vec::new();
    for english in in_files() {
        let is_known = [Lang::Vi, Lang::Zh, Lang::ZhHant].into_iter().all(|lang| {
            assets.refusal(lang, &english).expect("a sentence").is_some_and(|said| said != english)
        });
        if !is_known && !THEIRS.iter().any(|begins| english.starts_with(begins)) {
            unknown.push(english);
        }
    }
    assert_eq!(unknown, [] as [&str; 0]);
}
