//! The programs that ship: each loads, is told in every language, and gives the published numbers.

use crate::story::Story;
use loyalty::diff::diff;
use loyalty::name::Name;
use loyalty::program::{Lang, Program, load};
use loyalty::show::show;
use std::collections::BTreeMap;
use std::path::Path;

pub const NAMES: [&str; 7] =
    ["starbucks-us-2026", "boots-2023", "nectar", "sephora-2025", "tesco-clubcard", "comebuy", "saigon-coop"];

fn text(name: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs").join(name);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(file, std::fs::read_to_string(&path).unwrap());
    }
    files
}

pub fn shipped(name: &str) -> Program {
    load(&text(name)).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

fn check(name: &str, script: &str) {
    let whole: String = text(name).into_values().collect::<Vec<_>>().join("\n");
    Story::new(&whole).tell(script).prove();
}

#[test]
fn all_load_and_read_well_in_three_languages() {
    for name in NAMES {
        let program = shipped(name);
        assert_eq!(program.head.id, name);
        assert!(!program.head.sources.is_empty(), "{name} says where its facts come from");
        for lang in Lang::ALL {
            let book = show(&program, lang);
            assert!(book.starts_with("# ") && !book.contains('…'), "{book}");
            for rule in &program.rules {
                let words = rule
                    .spec
                    .name
                    .as_ref()
                    .map_or(rule.spec.id.as_str(), |name| name.in_language(lang.code()));
                assert!(book.contains(&format!("**{words}**")), "{words} in\n{book}");
            }
        }
    }
}

#[test]
fn the_rule_book_says_what_the_file_says() {
    let book = show(&shipped("starbucks-us-2026"), Lang::En);
    for sentence in [
        "**Stars on purchases**: 1 Star for every 1.00 USD, in proportion. Tier Gold: times 1.2. Tier Reserve: times 1.7. \
         From 2026-03-10. Tax does not count.",
        "Stars run out 6 months after they were earned. Activity moves the end by 1 month, once a calendar month.",
        "Stars never run out. This is for tier Gold and Reserve.",
        "**Reserve**: from 2,500 Stars.",
        "Birthday treat: 1 time per year. From 0 days before to 29 days after the birthday.",
        "**Two dollars off**: 2.00 USD off, for 60 Stars.",
        "**Double-star day**: 2 times the points of Stars on purchases: the bonus comes on top.",
    ] {
        assert!(book.contains(sentence), "{sentence}\nin\n{book}");
    }
    let book = show(&shipped("saigon-coop"), Lang::Vi);
    for sentence in [
        "**Mua hàng**: 1 điểm cho mỗi 10.000 VND trọn vẹn trên một hóa đơn. Phần trả bằng phiếu không được tính.",
        "điểm hết hạn vào cuối ngày 31 tháng 12.",
        "Đơn hàng được tính theo hạng cuối ngày hôm trước.",
    ] {
        assert!(book.contains(sentence), "{sentence}\nin\n{book}");
    }
}

#[test]
fn starbucks_earns_one_one_point_two_one_point_seven() {
    check(
        "starbucks-us-2026",
        "
        2026-03-10 join ana birthday=06-01
        2026-03-11 order ana o-1 latte:drink=10.50
        ana stars 10.5
        ana tier green
        2026-03-12 order ana o-2 beans:home=489.50
        ana stars 500
        ana tier gold
        2026-03-13 order ana o-3 latte:drink=10.00
        ana stars 512
        2026-03-14 redeem ana two-dollars c-1
        ana stars 452
        2026-03-20 order ana o-4 machine:home=1657.00
        ana stars 2440.4
        # 500 + 12 + 1988.4 earned: spending stars takes no status away
        ana tier reserve
        2026-03-21 order ana o-5 latte:drink=10.00
        ana stars 2457.4
        2026-04-15 order ana o-6 latte:drink=10.00
        ana stars 2491.4
        ",
    );
}

#[test]
fn starbucks_green_stars_live_six_months_and_longer_with_activity() {
    check(
        "starbucks-us-2026",
        "
        2026-03-10 join ana
        2026-03-11T10:00 order ana o-1 latte:drink=10.00
        ana stars 10 expires=10.0@2026-09-11
        # activity in April: a month more, once
        2026-04-05T10:00 order ana o-2 latte:drink=1.00
        2026-04-06T10:00 order ana o-3 latte:drink=1.00
        ana stars 12 expires=1.0@2026-10-05,1.0@2026-10-06,10.0@2026-10-11
        2026-10-11T10:00 tick
        ana stars 0 expired=12
        ",
    );
}

#[test]
fn starbucks_birthday_windows_depend_on_the_tier() {
    let whole: String = text("starbucks-us-2026").into_values().collect::<Vec<_>>().join("\n");
    let mut story = Story::new(&whole);
    story.tell(
        "
        2026-03-10 join green birthday=06-01
        2026-03-10 join gold birthday=06-01
        2026-03-10 join reserve birthday=06-01
        2026-03-11 order gold o-1 beans:home=600.00
        2026-03-11 order reserve o-2 beans:home=2600.00
        ",
    );
    let open = |who: &str, day: &str| {
        let member = &story.books.members[&Name::new(who)];
        loyalty::benefit::left(&story.program, member, "birthday", day.parse().unwrap()).is_ok()
    };
    for (who, last, after) in [
        ("green", "2026-06-01", "2026-06-02"),
        ("gold", "2026-06-07", "2026-06-08"),
        ("reserve", "2026-06-30", "2026-07-01"),
    ] {
        assert!(
            !open(who, "2026-05-31") && open(who, "2026-06-01") && open(who, last) && !open(who, after),
            "{who}"
        );
    }
}

#[test]
fn boots_gives_three_points_a_pound_since_may_2023() {
    check(
        "boots-2023",
        "
        2023-04-01 join ana
        2023-04-01 join gran segment=over-60
        2023-04-30 order ana o-1 soap:own-brand=10.50
        ana points 40
        2023-05-01 order ana o-2 soap:own-brand=10.50
        ana points 70
        2023-05-01 order gran o-3 soap:own-brand=10.00 cream:brand=5.00
        gran points 95
        # points pay a whole basket or nothing
        2023-05-02 redeem ana basket p-1 units=50 bill=0.60 refused unavailable
        2023-05-02 redeem ana basket p-1 units=60 bill=0.60
        ana points 10
        ",
    );
}

#[test]
fn nectar_halved_in_april_2015() {
    check(
        "nectar",
        "
        2015-03-01 join ana
        2015-03-31 order ana o-1 food:food=100.99
        ana points 200
        2015-04-01 order ana o-2 food:food=100.99
        ana points 300
        2015-04-02 redeem ana money-off p-1 units=300 bill=50.00
        2015-04-02 redeem ana money-off p-2 units=100 bill=50.00 refused insufficient_points
        ",
    );
}

#[test]
fn sephora_status_is_by_calendar_year_and_points_live_by_activity() {
    check(
        "sephora-2025",
        "
        2025-01-05 join ana
        2025-02-01 order ana o-1 lipstick:makeup=350.00
        ana tier vib
        2025-12-31 order ana o-2 cream:care=650.00
        ana tier rouge
        ana points 1000
        2026-12-31 tick
        ana tier rouge
        2027-01-01 tick
        ana tier insider
        # 18 months after the last activity
        2027-06-29 tick
        ana points 1000
        2027-06-30 tick
        ana points 0 expired=1000
        ",
    );
}

#[test]
fn tesco_fuel_counts_by_the_two_litres() {
    check(
        "tesco-clubcard",
        "
        2023-06-01 join ana
        2023-06-02 order ana o-1 food:food=150.80 41xpetrol:fuel=60.00
        ana points 170
        2023-06-13 redeem ana partner-three p-1 units=150
        2023-06-14 redeem ana partner-three p-2 units=150 refused unavailable
        ana points 20
        ",
    );
}

#[test]
fn comebuy_vip_earns_twice_as_fast() {
    check(
        "comebuy",
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 tea:tea=59000
        ana points 2
        2026-01-03 order ana o-2 tea:tea=4941000
        ana points 249
        ana tier vip
        2026-01-04 order ana o-3 tea:tea=59000
        ana points 254
        2026-01-04 redeem ana pay p-1 units=49 bill=100000 refused unavailable
        2026-01-04 redeem ana pay p-1 units=50 bill=100000
        ana points 204
        ",
    );
}

#[test]
fn coop_floors_per_bill_and_excludes_vouchers() {
    check(
        "saigon-coop",
        "
        2026-01-01 join ana
        2026-01-02 order ana o-1 rice:food=19999
        2026-01-02 order ana o-2 rice:food=19999
        ana points 2
        2026-01-03 order ana o-3 rice:food=100000 pay=voucher:30000 pay=cash:70000
        ana points 9
        2026-01-04 order ana o-4 rice:food=4910000
        ana points 500
        ana tier silver
        2026-01-05 redeem ana voucher v-1
        ana points 350
        2026-12-31T23:59 tick
        ana points 350
        2027-01-01 tick
        ana points 0
        ana tier silver
        ",
    );
}

#[test]
fn a_difference_is_told_rule_by_rule() {
    let (a, mut changed) = (shipped("comebuy"), text("comebuy"));
    assert_eq!(diff(&a, &a, Lang::En), "The two programs have the same rules.");
    let file = changed.get_mut("program.toml").unwrap();
    *file = file.replace("every = 10000", "every = 5000").replace("minimum = 50", "minimum = 20");
    file.push_str(
        "\n[[earning]]\nid = \"review\"\nwallet = \"points\"\nevent = \"review\"\nfixed = { points = 2 }\n",
    );
    let b = load(&changed).unwrap();
    assert_eq!(
        diff(&a, &b, Lang::En),
        "## How points are earned\n\n\
         - **VIP** changes:\n  - ~~**VIP**: 1 point for every whole 10,000 VND of a bill. Only for tier VIP.~~\n  \
         - **VIP**: 1 point for every whole 5,000 VND of a bill. Only for tier VIP.\n\
         - New: **review**: 2 points for each 'review'.\n\n\
         ## What points buy\n\n\
         - **Pay with points** changes:\n  - ~~**Pay with points**: 1,000 VND off a bill for 1 point. At least 50 points.~~\n  \
         - **Pay with points**: 1,000 VND off a bill for 1 point. At least 20 points.\n"
    );
    assert!(diff(&b, &a, Lang::Vi).contains("Bỏ: **review**"), "{}", diff(&b, &a, Lang::Vi));
}

#[test]
fn the_calculator_answers_from_the_engine() {
    use loyalty::calculator::{benefit, break_even_lift, in_words};
    let program = shipped("comebuy");
    let books = loyalty::judge::Books::default();
    let order = crate::story::fact(&program, "order", &["-", "o", "tea:tea=200000"]);
    let loyalty::fact::Fact::Order(order) = order else { panic!() };
    let now = crate::story::at(&program, "2026-01-02");
    let benefit = benefit(&program, &books, &order, now).unwrap();
    assert_eq!(
        (benefit.earned.as_slice(), benefit.worth_minor, benefit.cost_minor),
        (&[10][..], 10_000, 10_000)
    );
    assert_eq!(
        in_words(&program, &benefit, 60, Lang::En),
        "A basket of 200,000 VND earns 10 points.\n\
         Spent on the best reward they are worth 10,000 VND to you: 5.00 % of the basket.\n\
         They cost the shop about 10,000 VND: 5.00 % of the basket.\n\
         To 'Pay with points' you still need 40 points, about 4 such baskets.\n\
         At a margin of 60 % the program pays for itself where members buy 9.10 % more than they would have.\n"
    );
    // 5 % of 60 % margin: 5 ÷ 55.
    assert_eq!(break_even_lift(10_000, 200_000, 60).unwrap().to_string(), "1/11");
    assert_eq!(break_even_lift(10_000, 200_000, 5), None);
    assert!(books.members.is_empty(), "the books stay as they are");
}
