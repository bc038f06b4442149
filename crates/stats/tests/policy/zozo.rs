//! The estimates of the Open Bandit Pipeline 0.5.7 on ZOZOTOWN's logs (`fixtures/zozo`), all campaigns to nine digits.

use stats::policy::off_policy::{Estimator, Log, Settings, coverage, estimate, evaluate};
use stats::table::Table;

/// A log of random choice, the policy to judge by it, and the reward model of the published estimates.
pub struct Campaign {
    pub actions: Vec<usize>,
    pub clicks: Vec<f64>,
    pub random: Table,
    pub bts: Table,
    pub model: Table,
}

/// Rows again from counts by item and position. The reward model is a rate smoothed by a hundred shows at the mean.
pub fn campaign(name: &str) -> Campaign {
    let path = format!("{}/../../fixtures/zozo/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let cells: Vec<[f64; 5]> = text
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split(',').map(|field| field.parse().unwrap());
            std::array::from_fn(|_| fields.next().unwrap())
        })
        .collect();
    let items = cells.len() / 3;
    let total = |field: usize| cells.iter().map(|cell| cell[field]).sum::<f64>();
    let overall = total(3) / total(2);
    let at = |item: usize, position: usize| cells[3 * item + position];
    let (mut actions, mut clicks, mut bts, mut model) = (vec![], vec![], vec![], vec![]);
    for item in 0..items {
        for position in 0..3 {
            for row in 0..at(item, position)[2] as usize {
                actions.push(item);
                clicks.push(f64::from(u8::from((row as f64) < at(item, position)[3])));
                bts.extend((0..items).map(|other| at(other, position)[4]));
                let rate = |cell: [f64; 5]| (cell[3] + 100.0 * overall) / (cell[2] + 100.0);
                model.extend((0..items).map(|other| rate(at(other, position))));
            }
        }
    }
    let random = vec![1.0 / items as f64; items * actions.len()];
    let table = |values| Table::new(items, values).unwrap();
    Campaign { actions, clicks, random: table(random), bts: table(bts), model: table(model) }
}

const ESTIMATORS: [Estimator; 9] = [
    Estimator::Dm,
    Estimator::Ips,
    Estimator::Snips,
    Estimator::Dr,
    Estimator::Sndr,
    Estimator::SwitchDr { limit: 10.0 },
    Estimator::SwitchDr { limit: 100.0 },
    Estimator::Dros { limit: 10.0 },
    Estimator::ClippedIps { limit: 100.0 },
];

#[test]
fn open_bandit_pipeline_estimates_to_nine_digits() {
    let published = [
        (
            "all",
            true,
            [
                0.00407571158547125,
                0.00455288,
                0.0047758330812309535,
                0.004701833794331451,
                0.004732494799166306,
                0.0038077386423140042,
                0.004701833794331451,
                0.004148294364744451,
                0.00455288,
            ],
            [0.9533163999999998, 19.598399999999998, 1639.5018736079446],
        ),
        (
            "all",
            false,
            [
                0.0037942655551012608,
                0.0038,
                0.0038,
                0.0037766729719201043,
                0.0037766729719201043,
                0.0037766729719201043,
                0.0037766729719201043,
                0.003778272297663846,
                0.0038,
            ],
            [1.0, 1.0, 10_000.0],
        ),
        (
            "men",
            true,
            [
                0.0046130956495148085,
                0.004533560000000009,
                0.004604232164349611,
                0.004622833491008099,
                0.004622985290991868,
                0.004847293671008098,
                0.004622833491008099,
                0.004712346669602075,
                0.004533560000000009,
            ],
            [0.9846506080000017, 10.688580000000018, 2467.4024180481547],
        ),
        (
            "men",
            false,
            [
                0.004598350036972635,
                0.004600000000000008,
                0.0046,
                0.0045872178280761495,
                0.0045872178280761495,
                0.0045872178280761495,
                0.0045872178280761495,
                0.00458822984706674,
                0.004600000000000008,
            ],
            [1.0, 1.0, 10_000.0],
        ),
    ];
    for (name, is_bts, values, [mean_weight, max_weight, effective]) in published {
        let campaign = campaign(name);
        let policy = if is_bts { &campaign.bts } else { &campaign.random };
        let log = Log::new(&campaign.actions, &campaign.clicks, &campaign.random, policy).unwrap();
        let log = log.expecting(&campaign.model).unwrap();
        for (estimator, expected) in ESTIMATORS.iter().zip(values) {
            let found = estimate(&log, estimator).unwrap();
            assert!((found - expected).abs() < 1e-9, "{name} {is_bts} {estimator:?}: {found} {expected}");
        }
        let found = coverage(&log).unwrap();
        assert!((found.mean_weight - mean_weight).abs() < 1e-9, "{found:?}");
        assert!((found.max_weight - max_weight).abs() < 1e-9, "{found:?}");
        assert!((found.effective_sample - effective).abs() < 1e-6, "{found:?}");
        assert_eq!(found.refusal(), None);
    }
}

/// With 38 and 46 clicks the interval must be wide, and hold what the policy earned when it ran: 0.0042 and 0.0069.
#[test]
fn intervals_say_how_little_forty_clicks_tell() {
    for (name, ran) in [("all", 0.0042), ("men", 0.0069)] {
        let campaign = campaign(name);
        let log = Log::new(&campaign.actions, &campaign.clicks, &campaign.random, &campaign.bts).unwrap();
        let log = log.expecting(&campaign.model).unwrap();
        let settings = Settings { replicates: 500, ..Settings::default() };
        let found = evaluate(&log, &[Estimator::Dr, Estimator::Snips], &settings).unwrap();
        for estimate in found.estimates {
            assert!(estimate.low < ran && ran < estimate.high, "{name} {estimate:?}");
            assert!(estimate.high > 2.0 * estimate.low, "{name} {estimate:?}");
        }
    }
}

/// The campaign of the same dataset that must be refused judges a random policy by the log of one that had almost
/// stopped exploring: an effective sample of two among ten thousand, and a click rate that comes out negative. The
/// log itself is not in the fixture; this one has its shape.
#[test]
fn a_log_that_had_stopped_exploring_is_refused() {
    let (items, rows) = (46, 10_000);
    let rare = 2e-6;
    let mut logged = vec![rare; items * rows];
    let mut actions = vec![0; rows];
    for row in 0..rows {
        logged[row * items] = 1.0 - rare * (items - 1) as f64;
    }
    (actions[77], actions[5_000]) = (3, 9);
    let clicks: Vec<f64> = (0..rows).map(|row| f64::from(u8::from(row % 217 == 0))).collect();
    let logged = Table::new(items, logged).unwrap();
    let random = Table::new(items, vec![1.0 / items as f64; items * rows]).unwrap();
    let model = Table::new(items, vec![0.0046; items * rows]).unwrap();
    let log = Log::new(&actions, &clicks, &logged, &random).unwrap().expecting(&model).unwrap();
    assert!(estimate(&log, &Estimator::Dr).unwrap() < 0.0, "the bare number is absurd");
    let refused = evaluate(&log, &[Estimator::Dr], &Settings::default()).unwrap_err();
    let words = refused.to_string();
    assert!(words.contains("worth 2.") && words.contains("at least 200"), "{words}");
}
