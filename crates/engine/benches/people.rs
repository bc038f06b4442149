//! How fast a shop's customers come in, and how fast one is found among them.
//!
//! A million members (or as many as the first argument says) with a number of their own, a telephone number, an address
//! and a consent are taken over from files on SQLite, with durable commits, everything checked and compared; once
//! without names and once with them, since each word of a name is two more rows. Then the database is opened anew and
//! one customer is found.
//!
//! `cargo bench -p engine --bench people -- CUSTOMERS`

use engine::people::find::find;
use engine::record::identity::kinds::Rules;
use engine::takeover::{Options, take_over};
use jiff::Timestamp;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;
use store::Store;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn main() {
    let count: u64 = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000_000);
    for with_names in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        files(folder.path(), count, with_names);
        let now = Timestamp::from_second(1_772_755_200).expect("6 March 2026");
        let url = folder.path().join("state.db").display().to_string();
        let store = Store::open(&url, now.as_microsecond()).expect("a database");
        let mut session = store.sessions().open().expect("a session");
        let mut drawn = 7_u128;
        let mut chance = || {
            drawn = drawn.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            drawn
        };
        let options = Options { source: "old", program: None, now, actor: "owner" };
        let begin = Instant::now();
        let report = take_over(&mut session, &Rules::usual("VN"), folder.path(), &options, &mut chance);
        let taken = begin.elapsed().as_secs_f64();
        let report = report.expect("sound files");
        assert_eq!((report.new, report.left_out.len()), (count, 0));
        let names = if with_names { "with names" } else { "without names" };
        println!("{count} customers {names}: {taken:.1} s, {:.0}/s", count as f64 / taken);
        drop((session, store));

        let begin = Instant::now();
        let store = Store::open(&url, now.as_microsecond()).expect("the database again");
        let session = store.sessions().open_read_only().expect("a reader");
        let found = find(&session.read(), &Rules::usual("VN"), &phone(count / 2), 5).expect("an answer");
        assert_eq!(found.len(), 1);
        println!("  opened anew, and one found: {:.3} s", begin.elapsed().as_secs_f64());
    }
}

fn phone(number: u64) -> String {
    // Odd and prime to ten: no two are the same.
    format!("09{:08}", (number * 7919 + 12_345) % 100_000_000)
}

fn files(folder: &Path, count: u64, with_names: bool) {
    const FAMILIES: [&str; 5] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng"];
    const GIVEN: [&str; 8] = ["An", "Bình", "Chi", "Dũng", "Đào", "Hà", "Lan", "Mai"];
    let mut members = String::from("member,joined_on,name,phone,email\n");
    let mut consents = String::from("member,channel,purpose,status,at,text_version,source\n");
    for number in 0..count {
        let name = match with_names {
            true => format!("{} Thị {}", FAMILIES[number as usize % 5], GIVEN[number as usize % 8]),
            false => String::new(),
        };
        let phone = phone(number);
        let _ = writeln!(
            members,
            "K-{number:07},2024-05-01,{name},{phone},u{}@corner.example",
            number * 104_729 % 9_999_991
        );
        let _ = writeln!(consents, "K-{number:07},email,marketing,granted,2024-05-01,v3,form");
    }
    std::fs::write(folder.join("members.csv"), members).expect("a file");
    std::fs::write(folder.join("consents.csv"), consents).expect("a file");
}
