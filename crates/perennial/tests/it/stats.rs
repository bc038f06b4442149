//! `perennial stats`: the manual's examples to the letter, published and hand-made figures, and what is refused.

use crate::program::{Bench, run};
use crate::tree::text;
use serde_json::Value;
use std::fmt::Write as _;

/// What a page shows: files, and commands with their output.
struct Page {
    files: Vec<(String, String)>,
    runs: Vec<(String, String)>,
}

fn page() -> Page {
    let page = text("docs/manual/stats/README.md");
    let (mut files, mut runs) = (Vec::new(), Vec::new());
    for block in page.split("\n```").skip(1).step_by(2) {
        let (kind, body) = block.split_once('\n').unwrap_or_default();
        if let Some(name) = kind.strip_prefix("csv ").or_else(|| kind.strip_prefix("toml ")) {
            files.push((name.to_owned(), format!("{body}\n")));
        } else if kind == "console" {
            let (line, output) = body.split_once('\n').unwrap_or_default();
            let line = line.strip_prefix("$ perennial ").expect("a command of ours");
            runs.push((line.to_owned(), format!("{output}\n")));
        }
    }
    Page { files, runs }
}

/// A bench with the files of the page.
fn bench() -> Bench {
    let bench = Bench::new();
    for (name, body) in page().files {
        bench.write(&name, body);
    }
    bench
}

/// One number of the estimate with a name.
#[track_caller]
fn number(document: &Value, name: &str, column: &str) -> f64 {
    let rows = document["estimates"].as_array().expect("estimates");
    let row = rows.iter().find(|row| row["name"] == name);
    let row = row.unwrap_or_else(|| panic!("no estimate '{name}' in {document:#}"));
    row[column].as_f64().unwrap_or_else(|| panic!("{name} has no number {column}: {row}"))
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

/// The estimate with a name has these numbers, each within half a unit of the sixth decimal.
#[track_caller]
fn says(document: &Value, name: &str, figures: &[(&str, f64)]) {
    for (column, expected) in figures {
        near(number(document, name, column), *expected, 5.1e-7);
    }
}

const DIFFERENCE: &str = "treatment - control";

#[test]
fn stats_examples_of_the_manual_answer_to_the_letter() {
    let bench = bench();
    let runs = page().runs;
    assert!(runs.len() >= 30, "only {} examples were found", runs.len());
    for (line, expected) in &runs {
        assert_eq!(bench.ok(line), *expected, "perennial {line}");
        let document = bench.json(line);
        let name = line.split(' ').nth(1).expect("a name");
        assert_eq!(document["statistic"], name);
        assert!(document["method"].as_str().is_some_and(|method| !method.is_empty()));
        assert!(!document["estimates"].as_array().expect("estimates").is_empty());
    }
    let shown = |name: &str| runs.iter().any(|(line, _)| line.split(' ').nth(1) == Some(name));
    let help = bench.ok("stats --help");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 30, "{commands:?}");
    for name in commands {
        assert!(shown(name), "docs/manual/stats/README.md has no example of {name}");
    }
}

/// R prints for `t.test(extra ~ group, data = sleep)`: df = 17.776, p = 0.07939, −3.3654832 to 0.2054832.
#[test]
fn stats_sleep_of_student_1908() {
    let found = bench().json("stats ab sleep.txt --map value=extra --control 1");
    near(number(&found, "2 - 1", "estimate"), 1.58, 1e-12);
    near(number(&found, "2 - 1", "low"), -0.205_483_2, 5e-8);
    near(number(&found, "2 - 1", "high"), 3.365_483_2, 5e-8);
    near(number(&found, "2 - 1", "p_value"), 0.079_39, 5e-6);
    near(found["details"][0]["reading"]["effect"]["degrees_of_freedom"].as_f64().unwrap(), 17.776, 5e-4);
}

/// The figures of the page of experiments.
#[test]
fn stats_ab_has_the_figures_of_the_family_page() {
    let bench = bench();
    let fixed = bench.json("stats ab trial.csv --metric proportion");
    says(
        &fixed,
        DIFFERENCE,
        &[("estimate", 0.008), ("standard_error", 0.004_317), ("low", -0.000_461), ("high", 0.016_461)],
    );
    says(&fixed, DIFFERENCE, &[("p_value", 0.063_857), ("n", 20_000.0)]);
    let relative = bench.json("stats ab trial.csv --metric proportion --scale relative");
    says(&relative, DIFFERENCE, &[("estimate", 0.08), ("standard_error", 0.044_868), ("p_value", 0.074_599)]);
    let sequence = bench.json("stats ab trial.csv --metric proportion --sequential 5000");
    says(&sequence, DIFFERENCE, &[("low", -0.005_499), ("high", 0.021_499), ("p_value", 1.0)]);
    let mixture = bench.json("stats ab trial.csv --metric proportion --mixture 0.01");
    says(&mixture, DIFFERENCE, &[("low", -0.005_167), ("high", 0.021_167), ("p_value", 0.593_301)]);
    let stores = bench.json("stats ab stores.csv --cluster store");
    says(&stores, DIFFERENCE, &[("estimate", 2.0), ("standard_error", 1.322_876), ("p_value", 0.206_526)]);
    let strata = bench.json("stats ab strata.csv --metric proportion --strata kind");
    says(&strata, DIFFERENCE, &[("estimate", 0.03), ("standard_error", 0.011_695), ("p_value", 0.010_361)]);
    let cuped = bench.json(
        "stats ab orders.csv --metric ratio --map value=sales --cuped sales_before --cuped-denominator orders_before",
    );
    near(number(&cuped, DIFFERENCE, "theta"), 1.818_146, 5e-7);
    near(number(&cuped, DIFFERENCE, "variance_ratio"), 0.328_8, 5e-5);
}

/// Sales per order of five customers an arm, from the page of experiments, and a median.
#[test]
fn stats_ratios_and_quantiles_have_the_figures_of_the_family_page() {
    let bench = Bench::new();
    let mut ratio = "arm\tvalue\tdenominator\n".to_owned();
    for (arm, sales, orders) in [
        ("control", [30, 12, 55, 20, 8], [3, 1, 5, 2, 1]),
        ("treatment", [41, 18, 70, 26, 10], [3, 2, 5, 2, 1]),
    ] {
        for (sales, orders) in sales.iter().zip(orders) {
            writeln!(ratio, "{arm}\t{sales}\t{orders}").unwrap();
        }
    }
    let found = bench.write("ratio.tsv", ratio).json("stats ab ratio.tsv --metric ratio");
    says(
        &found,
        DIFFERENCE,
        &[("estimate", 2.275_641), ("standard_error", 1.002_529), ("p_value", 0.067_460)],
    );
    let mut waits = "arm,value\n".to_owned();
    for number in 1..=200 {
        writeln!(waits, "control,{number}\ntreatment,{}", f64::from(number) * 1.3).unwrap();
    }
    let found = bench.write("waits.csv", waits).json("stats quantiles waits.csv --quantile 0.5");
    says(
        &found,
        "treatment - control at 0.5",
        &[("estimate", 30.15), ("standard_error", 11.539_426), ("low", 7.4596), ("p_value", 0.009_344)],
    );
}

/// Cohen (1988) and the R manual; Fabijan et al. (2019); Benjamini and Hochberg by hand.
#[test]
fn stats_before_and_during_an_experiment() {
    let bench = bench();
    let size = bench.json("stats power --effect 0.2");
    assert_eq!(number(&size, "control customers", "estimate"), 394.0);
    let power = bench.json("stats power --effect 1 --size 20");
    near(number(&power, "power", "estimate"), 0.868_953, 5e-7);
    let smallest = bench.json("stats power --proportion 0.1 --size 5000 --ratio 19");
    near(number(&smallest, "minimum detectable effect", "estimate"), 0.012_64, 5e-6);
    let srm = bench.json("stats srm arms.csv --shares control=95,treatment=5");
    near(number(&srm, "chi-square", "estimate"), 21.052_6, 5e-5);
    near(number(&srm, "chi-square", "p_value"), 4.468e-6, 5e-10);
    let even = bench.json("stats srm strata.csv");
    assert_eq!(number(&even, "chi-square", "estimate"), 0.0);
    let fdr = bench.json("stats fdr metrics.csv");
    for (metric, adjusted) in [("sales", 0.012), ("orders", 0.16 / 3.0), ("visits", 0.042), ("returns", 0.6)]
    {
        near(number(&fdr, metric, "adjusted"), adjusted, 1e-12);
    }
}

/// Margin 23 against 20, cost 1.5 against nothing: profit 1.5, return 1. Fieller's ends solve a square by hand:
/// they are where |3 − θ' 1.5| is t standard errors, θ' = 1 + θ.
#[test]
fn stats_roi_is_what_fieller_says() {
    let found = bench().json("stats roi money.csv");
    for (what, value) in [("margin", 3.0), ("cost", 1.5), ("profit", 1.5), ("return", 1.0)] {
        near(number(&found, &format!("{DIFFERENCE}: {what}"), "estimate"), value, 1e-12);
    }
    // Variances of the means: 16 and 25 (margins), 0.25 (cost), covariance 2.5, each of 1,000 less one.
    let (margin, cost, both, t) = ((16.0 + 25.0) / 999.0, 0.25 / 999.0, 2.5 / 999.0, 1.961_2_f64);
    for end in ["low", "high"] {
        let ratio = 1.0 + number(&found, "treatment - control: return", end);
        let error = (margin - 2.0 * ratio * both + ratio * ratio * cost).sqrt();
        near((3.0 - 1.5 * ratio).abs() / error, t, 5e-4);
    }
}

/// By hand: group 2 gains 5, 5 then 7, 7 over period 1, controls 1, 0 then 2, 2.
#[test]
fn stats_panels_markets_and_series() {
    let bench = bench();
    let did = bench.json("stats did panel.csv");
    near(number(&did, "all", "estimate"), 4.25, 1e-12);
    near(number(&did, "all", "standard_error"), 0.395_3, 5e-5);
    near(number(&did, "ATT(2, 3)", "standard_error"), 0.353_6, 5e-5);
    let synthetic = bench.json("stats synthetic markets.csv --treated m0 --start 21 --centred");
    near(number(&synthetic, "effect", "estimate"), 8.029, 1e-3);
    near(number(&synthetic, "weight of m1", "estimate"), 0.5, 1e-3);
    near(number(&synthetic, "effect", "p_value"), 1.0 / 6.0, 1e-12);
    let geo = bench.json("stats geo markets.csv --treated m0 --start 21 --level 0.9");
    near(number(&geo, "lift", "estimate"), 0.123_7, 5e-5);
    near(number(&geo, "effect per market and period", "p_value"), 1.0 / 30.0, 1e-12);
    let mut series = "value\n".to_owned();
    for t in (0..40).map(f64::from) {
        let after = if t < 24.0 { 0.0 } else { 12.0 - 0.5 * (t - 24.0) };
        let wave = 5.0 * (1.7 * t).sin() + 3.0 * (0.9 * t * t).cos();
        writeln!(series, "{}", 100.0 + 0.8 * t + after + wave).unwrap();
    }
    let found = bench.write("wave.csv", series).json("stats interrupted wave.csv --start 25 --lags 3");
    near(number(&found, "step", "estimate"), 9.926, 5e-4);
    near(number(&found, "step", "low"), 6.821, 5e-4);
    near(number(&found, "bend", "estimate"), -0.173, 5e-4);
    near(number(&found, "total", "estimate"), 138.0, 5e-2);
}

/// Rocks (2016) for the adjusted Wald interval, Wilson (1927), and the rest by hand.
#[test]
fn stats_scores_have_the_figures_of_the_family_page() {
    let bench = bench();
    let nps = bench.json("stats nps nps.csv");
    for (column, per_mille) in [("estimate", 17_950), ("low", -6_280), ("high", 42_180)] {
        near(number(&nps, "new", column), f64::from(per_mille) / 1000.0, 5e-3);
    }
    for (column, expected) in [("estimate", 31.31), ("standard_error", 13.24), ("p_value", 0.018)] {
        near(number(&nps, "old - new", column), expected, 5e-3);
    }
    let csat = bench.json("stats csat csat.csv");
    near(number(&csat, "satisfied", "low"), 0.790, 5e-4);
    near(number(&csat, "satisfied", "high"), 0.922, 5e-4);
    let ces = bench.json("stats ces ces.csv");
    for (form, score) in [("ces-2.0 share 5-7", 70.0), ("ces-2.0 mean", 5.01), ("ces-2.0 6-7 less 1-3", 30.0)]
    {
        near(number(&ces, form, "estimate"), score, 1e-9);
    }
    bench.write("two.csv", "satisfaction,expectations,ideal\n8,7,6\n8,7,6\n");
    near(number(&bench.json("stats acsi two.csv"), "index", "estimate"), 66.67, 5e-3);
    let kano = bench.json("stats kano kano.csv");
    near(number(&kano, "returns", "better"), 0.24, 1e-12);
    near(number(&kano, "returns", "worse"), -0.92, 1e-12);
    near(number(&kano, "returns", "fong_difference"), 13.0, 1e-12);
}

/// R's bwsTools 1.2 on Lipovetsky and Conklin (2014); 130 of 200 for an attribute; R's relaimpo on `swiss`; R's psych
/// on `attitude`.
#[test]
fn stats_choices_and_surveys_have_published_figures() {
    let bench = bench();
    let maxdiff = bench.json("stats maxdiff items.csv");
    near(number(&maxdiff, "price", "estimate"), 0.115, 5e-4);
    near(number(&maxdiff, "price", "standard_error"), 0.017, 5e-4);
    let mut choices = "set,chosen,gift\n".to_owned();
    for set in 0..200 {
        let gift = u8::from(set < 130);
        writeln!(choices, "{set},{gift},1\n{set},{},0", 1 - gift).unwrap();
    }
    let conjoint = bench.write("gifts.csv", choices).json("stats conjoint gifts.csv");
    near(number(&conjoint, "gift", "estimate"), (130.0_f64 / 70.0).ln(), 1e-8);
    near(number(&conjoint, "gift", "standard_error"), (1.0_f64 / 130.0 + 1.0 / 70.0).sqrt(), 1e-8);
    let drivers = bench.json("stats drivers swiss.csv --map outcome=fertility --replicates 0");
    for (name, lmg) in [
        ("agriculture", 0.0571),
        ("examination", 0.1712),
        ("education", 0.2601),
        ("catholic", 0.1056),
        ("infant", 0.1128),
    ] {
        near(number(&drivers, name, "estimate"), lmg, 5e-5);
    }
    let alpha = bench.json("stats alpha attitude.csv");
    near(number(&alpha, "alpha", "estimate"), 0.8431, 5e-5);
    assert!(number(&alpha, "critical", "estimate") > 0.8431);
    // One margin is post-stratification: the mean of the groups' means at their shares.
    let rake = bench.json("stats rake answers.csv --margin region:north=60,south=40");
    let expected = 0.6 * (7.0 + 8.0 + 6.0 + 8.0) / 4.0 + 0.4 * (9.0 + 5.0 + 6.0 + 4.0) / 4.0;
    near(number(&rake, "weighted mean", "estimate"), expected, 1e-9);
    let weights: f64 = rake["details"]["weights"].as_array().unwrap().iter().filter_map(Value::as_f64).sum();
    near(weights, 100.0, 1e-9);
}

/// The worked example of the page of allocation.
#[test]
fn stats_allocates_offers_and_writes_them() {
    let bench = bench();
    let found = bench.json("stats allocate offers.csv --budget 500");
    near(number(&found, "value", "estimate"), 12.0, 1e-12);
    near(number(&found, "price of budget", "estimate"), 0.005, 1e-12);
    assert_eq!(found["details"]["chosen"][0]["offer"], "large");
    assert_eq!(found["details"]["chosen"][1]["offer"], "small");
    let tight = bench.json("stats allocate offers.csv --budget 400");
    near(number(&tight, "bound", "estimate"), 10.5, 1e-12);
    near(number(&tight, "value", "estimate"), 9.0, 1e-12);
    bench.ok("stats allocate offers.csv --budget 500 --out chosen.csv");
    let written = std::fs::read_to_string(bench.path("chosen.csv")).expect("a file");
    assert_eq!(written, "customer,offer\nfirst,large\nsecond,small\n");
    // The same column as a second, tighter limit: the two small offers, and nothing more.
    let both = bench.json("stats allocate offers.csv --budget 500 --limit cost=300");
    near(number(&both, "value", "estimate"), 9.0, 1e-9);
}

/// Three thousand customers with up to four offers each, customer after customer in the order of their names.
fn many_offers() -> String {
    let mut text = "customer,offer,value,cost,calls\n".to_owned();
    for customer in 0..3_000_u64 {
        for offer in 0..1 + customer % 4 {
            let mixed = (customer * 4 + offer).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            let (value, cost) = (mixed % 997, 50 + (offer + 1) * (mixed % 211));
            let _ = writeln!(text, "c{customer:04},o{offer},{}.5,{cost},{}", value, mixed % 2);
        }
    }
    text
}

/// A file that is read pass after pass gives what the same file gives in memory, under one limit and under several.
#[test]
fn stats_allocates_a_stream_as_it_does_a_table() {
    let bench = Bench::new();
    bench.write("many.csv", many_offers());
    for settings in [
        "--budget 90000",
        "--budget 90000 --limit calls=300",
        "--budget 90000 --limit calls=300 --cap 400 --start 3,40",
        "--budget 900000 --roi-floor 2.5",
    ] {
        let table = bench.json(&format!("stats allocate many.csv {settings} --out table.csv"));
        let stream = bench.json(&format!("stats allocate many.csv {settings} --stream --out stream.csv"));
        assert_eq!(stream["estimates"], table["estimates"], "{settings}");
        let read = |name: &str| std::fs::read_to_string(bench.path(name)).expect("a file");
        assert_eq!(read("stream.csv"), read("table.csv"), "{settings}");
        assert!(stream["settings"]["passes"].as_u64().is_some_and(|passes| passes > 2), "{stream:#}");
    }
    let rows: Vec<String> = many_offers().lines().skip(1).map(str::to_owned).collect();
    bench.write("header.csv", "customer,offer,value,cost\n");
    bench.write(
        "apart.csv",
        format!("customer,offer,value,cost,calls\n{}\n{}\n{}\n", rows[0], rows[1], rows[0]),
    );
    bench.write("broken.csv", "customer,offer,value,cost\na,o,1,5\nb,o,1,5.5\n");
    bench.write("blanks.txt", "customer offer value cost\na o 1 5\n");
    bench.write("nameless.csv", "customer,offer,value,cost\na,o,1,5\n,o,1,5\n");
    bench.write("ragged.csv", "customer,offer,value,cost\na,o,1,5\nb,o,1\n");
    bench.write("far.csv", "\ncustomer,offer,value,cost\n\"a\n\",o,1,5\n\n\nb,o,1,5.5\n");
    for (file, words) in [
        ("apart.csv", &["line 4, column customer", "c0000 again", "sort the file"][..]),
        ("broken.csv", &["line 3, column cost", "5.5"]),
        ("blanks.txt", &["blanks", "CSV"]),
        ("nameless.csv", &["line 3, column customer", "empty"]),
        ("ragged.csv", &["ragged.csv line 3", "3 cells where the header has 4"]),
        ("far.csv", &["line 7, column cost", "5.5"]),
        ("header.csv", &["no rows"]),
        ("nowhere.csv", &["nowhere.csv"]),
    ] {
        let found = bench.run(&format!("stats allocate {file} --budget 10 --stream --out out.csv"));
        found.said(1, words);
        assert!(!bench.path("out.csv").exists() && !bench.path("out.csv.part").exists(), "{file}");
    }
    bench.run("stats allocate many.csv --budget 10 --stream").said(2, &["--out"]);
    bench.run("stats allocate many.csv --budget 10 --start 1,2").said(1, &["start prices", "2 given"]);
}

/// Both groups gain 0.05: how much of a difference between them is real cannot be told, so that none is served.
#[test]
fn stats_uplift_serves_the_average_where_differences_cannot_be_told() {
    let bench = Bench::new();
    let rows = "arm,loyal,outcome,count\ncontrol,1,1,200\ncontrol,1,0,1800\ncontrol,0,1,400\ncontrol,0,0,1600\n\
                mail,1,1,300\nmail,1,0,1700\nmail,0,1,500\nmail,0,0,1500\n";
    bench.write("alike.csv", rows);
    let found = bench.json("stats uplift alike.csv");
    // By models of other folds, so not to the last digit; its standard error is some 0.01.
    near(number(&found, "mail: average effect", "estimate"), 0.05, 1e-3);
    near(number(&found, "mail: kept of differences", "estimate"), 0.0, 0.0);
    let note = found["notes"][0].as_str().expect("a note");
    assert!(note.starts_with("mail: everybody is served the average effect: "), "{note}");
    let scores = found["details"]["scores"].as_array().expect("scores");
    assert!(scores.iter().all(|score| score == &scores[0]), "{:?}", &scores[..4]);
}

/// The fractions of eight customers worked out by hand on the page of uplift.
#[test]
fn stats_uplift_of_eight_customers() {
    let found = bench().json("stats uplift eight.csv --share 0.5 --replicates 0 --folds 2");
    for (metric, value) in [
        ("sklift.qini_auc_score", 25.0 / 66.0),
        ("sklift.qini_auc_score(negative_effect=False)", 25.0 / 36.0),
        ("sklift.uplift_auc_score", 5.0 / 21.0),
        ("sklift.uplift_at_k(overall,0.5)", 1.0),
        ("sklift.uplift_at_k(by_group,0.5)", 0.5),
        ("causalml.auuc_score(normalize=False)", 245.0 / 108.0),
        ("causalml.auuc_score(normalize=True)", 245.0 / 432.0),
        ("causalml.qini_score(normalize=False)", 11.0 / 27.0),
        ("causalml.qini_score(normalize=True)", 11.0 / 54.0),
    ] {
        near(number(&found, &format!("1: {metric}"), "estimate"), value, 1e-12);
    }
}

/// Planted: mail adds 0.15 for the loyal and takes 0.08 from the new, half and half, so 0.035 on average; mailing the
/// loyal alone gains 0.04 over mailing all and 0.075 over mailing nobody.
#[test]
fn stats_uplift_and_gate_find_what_was_planted() {
    let bench = bench();
    let found = bench.json("stats uplift mailing.csv");
    near(number(&found, "mail: average effect", "estimate"), 0.035, 1e-3);
    near(number(&found, "mail: slope on the score", "estimate"), 1.0, 0.05);
    let gate = bench.json("stats gate mailing.csv");
    assert_eq!(gate["details"]["verdict"]["is_open"], true);
    near(number(&gate, "gain over mail for all", "estimate"), 0.04, 2e-3);
    near(number(&gate, "gain over control for all", "estimate"), 0.075, 2e-3);
    near(number(&gate, "share given mail", "estimate"), 0.5, 1e-12);
    let dear = bench.json("stats gate mailing.csv --costs mail=0.5");
    assert_eq!(dear["details"]["verdict"]["is_open"], false);
    assert_eq!(dear["details"]["verdict"]["best_uniform"], 0);
    bench.ok("stats uplift mailing.csv --out scores.csv");
    let written = std::fs::read_to_string(bench.path("scores.csv")).expect("a file");
    assert_eq!(written.lines().next(), Some("line,mail"));
    assert_eq!(written.lines().count(), 1 + found["n"].as_u64().expect("n") as usize);
    bench.run("stats uplift mailing.csv --shares control=1,mail=9").said(1, &["--shares", "chances"]);
}

/// The four decisions of the page of policy; and a log in which an even policy earns (0.3 + 0.5) / 2 by hand.
/// Three in four regulars were mailed and one in four others; who reads the arms as they are takes regulars for an
/// effect. Planted are 0.15 and −0.08, of half the customers each.
#[test]
fn stats_uplift_counts_each_row_by_its_own_chances() {
    let found = bench().json("stats uplift drawn.csv");
    let (effect, error) = (
        number(&found, "mail: average effect", "estimate"),
        number(&found, "mail: average effect", "standard_error"),
    );
    near(effect, 0.035, 0.002);
    assert!((0.0425 - effect) / error > 0.5 && error < 0.015, "{effect} ± {error}");
    let gate = bench().json("stats gate drawn.csv --costs mail=0.03");
    assert_eq!(gate["details"]["verdict"]["is_open"], true, "{gate:#}");
    let equal = bench().run("stats uplift drawn.csv --features loyal --shares control=1,mail=1");
    equal.said(1, &["chance_ARM"]);
}

#[test]
fn stats_off_policy_estimates() {
    let bench = bench();
    let bare = bench.json("stats ope four.csv --bare --weight-limit 2");
    for (estimator, value) in [
        ("IPS", 0.7813),
        ("SNIPS", 0.5),
        ("DM", 0.5),
        ("DR", 0.4063),
        ("SNDR", 0.44),
        ("Switch-DR", 0.5313),
        ("DRos", 0.4958),
    ] {
        near(number(&bare, estimator, "estimate"), value, 5.1e-5);
    }
    bench.run("stats ope four.csv").said(1, &["four.csv"]);
    let found = bench.json("stats ope log.csv");
    near(number(&found, "IPS", "estimate"), 0.4, 1e-9);
    near(number(&found, "as logged", "estimate"), 0.34, 1e-12);
    assert!(number(&found, "IPS", "low") < 0.4 && number(&found, "IPS", "high") > 0.4);
}

/// gbstats of GrowthBook says 0.96807905 for a flat prior. With a prior of ± 0.01 about nothing the precisions add up.
#[test]
fn stats_bayes_reads_out_what_gbstats_does() {
    let bench = bench();
    let flat = bench.json("stats bayes trial.csv --metric proportion");
    near(number(&flat, DIFFERENCE, "chance_to_win"), 0.968_079_05, 5e-9);
    let lower = bench.json("stats bayes trial.csv --metric proportion --better lower");
    near(number(&lower, DIFFERENCE, "chance_to_win"), 1.0 - 0.968_079_05, 5e-9);
    let drawn = bench.json("stats bayes trial.csv --metric proportion --prior-deviation 0.01");
    let variance = number(&flat, DIFFERENCE, "standard_error").powi(2);
    let precision = 1.0 / variance + 1.0 / 1e-4;
    near(number(&drawn, DIFFERENCE, "estimate"), 0.008 / variance / precision, 1e-12);
    near(number(&drawn, DIFFERENCE, "standard_error"), precision.powf(-0.5), 1e-12);
}

/// Planted: mail adds 0.15 for the loyal half and takes 0.08 from the others, so that at 0.05 a letter half of the
/// customers get one, and 0.025 each buys 0.075; predictions that say so themselves buy as much.
#[test]
fn stats_curve_and_groups_find_what_was_planted() {
    let bench = bench();
    let by = bench.json("stats uplift mailing.csv --by loyal --features loyal");
    near(number(&by, "mail: loyal 1", "estimate"), 0.15, 1e-3);
    near(number(&by, "mail: loyal 0", "estimate"), -0.08, 1e-3);
    let fitted = bench.json("stats curve mailing.csv --costs mail=0.05 --points 4");
    near(number(&fitted, "at 0.025 per customer", "estimate"), 0.075, 1e-3);
    bench.write(
        "predicted.csv",
        "arm,outcome,predicted_mail,cost_mail,count\n\
         control,1,0.15,0.05,200\ncontrol,0,0.15,0.05,1800\ncontrol,1,-0.08,0.05,400\ncontrol,0,-0.08,0.05,1600\n\
         mail,1,0.15,0.05,500\nmail,0,0.15,0.05,1500\nmail,1,-0.08,0.05,240\nmail,0,-0.08,0.05,1760\n",
    );
    let given = bench.json("stats curve predicted.csv --points 1");
    near(number(&given, "at 0.025 per customer", "estimate"), 0.075, 1e-3);
    near(number(&given, "at 0.025 per customer", "price"), 3.0, 1e-9);
}

/// Figures by hand from the page of policy, and Rubin's eight schools as Gelman et al. (2013) print them.
#[test]
fn stats_explores_and_knows_segments() {
    let bench = bench();
    let gap = bench.json("stats explore actions.csv --gamma 4 --draw 0.3");
    for (action, p) in [("nothing", 0.2), ("coffee", 0.55), ("cake", 0.25)] {
        near(number(&gap, action, "estimate"), p, 1e-12);
    }
    assert_eq!(gap["details"]["drawn"]["action"], 1);
    let soft = bench.json("stats explore actions.csv --rule softmax --temperature 0.5");
    near(number(&soft, "coffee", "estimate"), 0.506, 5e-4);
    let epsilon = bench.json("stats explore actions.csv --rule epsilon --epsilon 0.3");
    near(number(&epsilon, "coffee", "estimate"), 0.8, 1e-12);
    let thompson = bench.json("stats explore beliefs.csv --rule thompson --trials 100000");
    near(number(&thompson, "coffee", "estimate"), 0.691_5, 6e-3);
    bench.write("floors.csv", "action,score,floor\nnothing,0,0.05\ncoffee,9,0\n");
    let floors = bench.json("stats explore floors.csv --gamma 1e9");
    near(number(&floors, "nothing", "estimate"), 0.05, 1e-8);
    let schools = bench.json("stats context schools.csv --prior schools.toml --segment new");
    for (school, mean) in [("A", 11.4), ("C", 6.1), ("E", 5.1), ("G", 10.6), ("new", 7.9)] {
        near(number(&schools, school, "estimate"), mean, 0.15);
    }
    // Of a segment without readings the play file knows 0.12 less 0.10, but for what the others taught.
    let coffee =
        bench.json("stats context segments.csv --prior coffee.toml --segment lapsed --worth 60 --cost 2");
    assert!(number(&coffee, "lapsed", "own_weight") == 0.0);
    assert!((0.0..0.05).contains(&number(&coffee, "lapsed", "estimate")));
    assert!(number(&coffee, "regular", "chance_worthwhile") > 0.9);
}

/// 1.96² · 0.25 / 0.05² = 385 answers, of 1,000 people 278; a score of 50 and 10 percent to ± 5 needs 677. Stores lie
/// between their own share and the common one, the fewer answers the nearer to the latter.
#[test]
fn stats_sizes_surveys_and_shrinks_stores() {
    let bench = bench();
    let size =
        |options: &str| number(&bench.json(&format!("stats survey-size {options}")), "answers", "estimate");
    assert_eq!(size("--margin 0.05"), 385.0);
    assert_eq!(size("--margin 0.05 --population 1000"), 278.0);
    assert_eq!(size("--margin 5 --promoters 0.5 --detractors 0.1"), 677.0);
    let found = bench.json("stats shrink stores-asked.csv");
    let (alpha, beta) = (&found["details"]["prior"]["alpha"], &found["details"]["prior"]["beta"]);
    let (alpha, beta) = (alpha.as_f64().expect("alpha"), beta.as_f64().expect("beta"));
    near(number(&found, "hill", "estimate"), alpha / (alpha + beta + 3.0), 1e-12);
    near(number(&found, "harbour", "estimate"), (alpha + 150.0) / (alpha + beta + 200.0), 1e-12);
    // Means: the errors are equal, so all stores keep the same share of their distance.
    bench.write("means.csv", "store,mean,standard_error\na,1,1\nb,5,1\nc,9,1\n");
    let means = bench.json("stats shrink means.csv");
    near(number(&means, "b", "estimate"), 5.0, 1e-9);
    near(number(&means, "a", "own_weight"), 1.0 - 1.0 / 16.0, 1e-6);
}

/// A fifth more is found in every window of the history, nothing hardly ever.
#[test]
fn stats_geo_power_grows_with_the_lift() {
    let found = bench().json("stats geo-power history.csv --treated m0 --periods 4 --windows 6 --level 0.9");
    let power = |lift: &str| number(&found, &format!("power at a lift of {lift}"), "estimate");
    assert!(power("0.2") >= 0.8 && power("0") <= 0.35 && power("0.05") <= power("0.2"), "{found:#}");
}

/// Parquet is read as CSV is; the truth of a simulated shop comes in it.
#[test]
fn stats_reads_parquet() {
    let bench = Bench::new();
    bench.ok("world --customers 300 --weeks 8 --seed 4 --out shop --quiet");
    let line = "stats ab shop/truth.parquet --map arm=response,value=base_chance --control lost_cause";
    let found = bench.json(line);
    near(found["n"].as_f64().expect("n"), 300.0, 0.0);
    near(number(&found, "sure_buyer - lost_cause", "estimate"), 0.67, 0.05);
    near(number(&found, "persuadable - lost_cause", "estimate"), 0.12, 0.03);
    let wrong = "stats ab shop/truth.parquet --map arm=response,value=reason --control lost_cause";
    bench.run(wrong).said(1, &["truth.parquet", "line", "reason", "no number"]);
    bench.write("damaged.parquet", b"PAR1 and then nothing of the kind PAR1");
    bench.run("stats nps damaged.parquet").said(1, &["damaged.parquet", "no Parquet file"]);
}

#[test]
fn stats_refuses_what_it_cannot_read_or_answer() {
    let bench = bench();
    bench
        .write("empty.csv", "")
        .write("header.csv", "arm,value\n")
        .write("one.csv", "arm,value\ncontrol,1\n")
        .write("word.csv", "arm,value\ncontrol,1\ntreatment,many\n")
        .write("gap.csv", "unit,period,outcome,first_treated\na,1,5,2\na,2,6,2\nb,1,5,\n")
        .write("ragged.csv", "arm,value\ncontrol,1\ntreatment,2,3\n")
        .write("unknown.csv", "arm,value\na,1\nb,2\na,3\nb,4\n")
        .write("flat.csv", "arm,value\ncontrol,1\ncontrol,1\ntreatment,1\ntreatment,1\n")
        .write("eleven.csv", "score\n3\n11\n")
        .write("blank.csv", "\n\narm,value\na,1\n\nb,many\n")
        .write(
            "quoted.csv",
            "\u{feff}arm;value;note\r\n\r\na;1;\"two\r\nlines\"\r\nb;2;\r\n\r\nb;many;\"\r\n\"\r\n",
        )
        .write("marked.csv", "arm,value\na,1\n\nb,1,5\n")
        .write("answers2.csv", "q1,q2\n3,4\n")
        .write("sum.csv", "arm,chance_control,chance_mail,outcome,x\ncontrol,0.5,0.5,1,1\nmail,0.5,0.6,0,2\n")
        .write("none.csv", "arm,chance_control,chance_mail,outcome,x\ncontrol,1,0,1,1\nmail,0.5,0.5,0,2\n")
        .write("p.csv", "metric,p\na,0.5\nb,1.5\n")
        .write("more.csv", "store,successes,trials\na,1,3\nb,5,2\n")
        .write(
            "log.csv",
            "action,reward,logged_a,logged_b,policy_a,policy_b\na,1,0.5,0.5,1,0\nb,0,0.5,0.5,1,1\n",
        )
        .write("comma.csv", "arm;value\ncontrol;1,5\ntreatment;2\n")
        .write("half.csv", "arm,chance_mail,outcome,x\ncontrol,0.5,1,1\nmail,0.5,0,2\n");
    for (line, words) in [
        ("ab nowhere.csv", &["nowhere.csv"][..]),
        ("ab empty.csv", &["empty.csv", "empty", "header"]),
        ("ab header.csv", &["header.csv", "no rows"]),
        ("ab one.csv", &["one.csv", "control", "two arms"]),
        ("ab word.csv", &["word.csv", "line 3", "value", "'many'"]),
        ("ab ragged.csv", &["ragged.csv line 3", "cells where the header has 2", "quotation marks"]),
        ("ab blank.csv --control a", &["line 6, column value", "'many'"]),
        ("ab quoted.csv --control a", &["line 7, column value", "'many'"]),
        ("ab marked.csv", &["line 4: 3 cells"]),
        ("ab unknown.csv", &["unknown.csv", "a, b", "--control"]),
        ("ab unknown.csv --control c", &["unknown.csv", "'c'", "a, b"]),
        ("ab flat.csv", &["flat.csv", "varies"]),
        ("ab word.csv --map value=spend", &["word.csv", "'spend'", "arm, value"]),
        ("roi word.csv", &["margin", "--map"]),
        ("ab stores.csv --cluster arm --strata store", &["stratum"]),
        ("ab unknown.csv --control a --metric proportion", &["line 3", "0 and 1"]),
        ("srm arms.csv --shares control=1", &["'treatment'", "--shares"]),
        ("did gap.csv", &["'b'", "period 2"]),
        ("nps eleven.csv", &["line 3", "score", "11", "0 to 10"]),
        ("alpha answers2.csv", &["answers2.csv", "three respondents"]),
        ("interrupted series.csv --start 99", &["'99'", "--start"]),
        ("synthetic markets.csv --treated week --start 21", &["week", "periods"]),
        ("rake answers.csv --margin region:north=60", &["'south'", "--margin"]),
        ("maxdiff items.csv --individual", &["tasks"]),
        ("allocate offers.csv --budget -5", &["-5"]),
        ("uplift eight.csv --shares 2=1", &["'2'", "0, 1"]),
        ("uplift one.csv", &["one.csv", "two arms"]),
        ("uplift sum.csv", &["line 3", "chance_control", "sum to 1.1"]),
        ("gate none.csv", &["line 2", "chance_mail", "drop the row"]),
        ("uplift half.csv", &["'chance_control'"]),
        ("curve drawn.csv --costs mail=1 --shares control=1,mail=1", &["chance_ARM", "--shares"]),
        ("uplift mailing.csv --features sex", &["'sex'", "loyal"]),
        ("gate eight.csv", &["eight.csv"]),
        ("gate mailing.csv --costs letter=1", &["'letter'", "control, mail"]),
        ("ope word.csv", &["word.csv", "logged_ACTION"]),
        ("bayes one.csv", &["one.csv", "two arms"]),
        ("curve mailing.csv --costs letter=1", &["'letter'", "control, mail"]),
        ("uplift mailing.csv --by sex", &["'sex'", "loyal"]),
        ("explore word.csv", &["word.csv", "score"]),
        ("explore actions.csv --rule thompson", &["mean"]),
        ("explore actions.csv --draw 1", &["u is 1", "below 1"]),
        ("context schools.csv --prior coffee.toml", &["coffee.toml", "[effect]"]),
        ("context segments.csv --prior schools.toml", &["schools.toml", "[rate]"]),
        ("context schools.csv --prior nowhere.toml", &["nowhere.toml"]),
        ("context segments.csv --prior coffee.toml --control tea", &["--control"]),
        ("shrink word.csv", &["word.csv", "store", "--map"]),
        ("fdr p.csv", &["p.csv", "line 3", "1.5"]),
        ("shrink more.csv", &["more.csv", "line 3", "at most the trials"]),
        ("ope log.csv", &["log.csv", "line 3", "sum to 2"]),
        ("ab comma.csv", &["comma.csv", "line 2", "'1,5'", "write 1.5"]),
    ] {
        let line = format!("stats {line}");
        let found = bench.run(&line);
        assert!(found.out.is_empty(), "{line} printed {}", found.out);
        found.said(1, words);
    }
    let wrong = [
        "stats",
        "stats abc",
        "stats ab",
        "stats ab trial.csv --level 2",
        "stats ab trial.csv --map value",
        "stats ab trial.csv --sequential 10 --mixture 1",
        "stats power",
        "stats allocate offers.csv",
        "stats rake answers.csv --margin region",
        "stats context schools.csv",
        "stats survey-size",
        "stats survey-size --margin 5 --promoters 0.5",
        "stats bayes trial.csv --prior-mean 1",
        "stats bayes trial.csv --sequential 10",
    ];
    for line in wrong {
        assert_eq!(run(&mut bench.command(line.split_whitespace())).code, 2, "perennial {line}");
    }
}
