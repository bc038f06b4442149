//! The corner shop's X-ray with made-up, plausible numbers: for tests, for the style guide, for whoever reads the
//! schema by example. Nothing here is measured.

use super::*;
use jiff::ToSpan;
use jiff::civil::{Date, date};

fn month(step: i32) -> Date {
    date(2025, 11, 1).saturating_add(step.months())
}

fn months(from: i32, until: i32) -> Period {
    Period { from: month(from), until: month(until) }
}

fn about(value: f64, doubt: f64) -> Estimate {
    Estimate::new(value, value - doubt, value + doubt)
}

fn money(minor: i64, doubt_percent: i64) -> Amount {
    Amount::new(minor, minor - minor.abs() * doubt_percent / 100, minor + minor.abs() * doubt_percent / 100)
}

impl Xray {
    /// A full report of the corner shop, three stores in Hà Nội, in đồng: every section filled.
    pub fn sample() -> Xray {
        Xray {
            schema: SCHEMA.to_owned(),
            shop: Some("Corner shop".to_owned()),
            currency: "VND".parse().expect("three letters"),
            decimals: 0,
            timezone: Some("Asia/Ho_Chi_Minh".to_owned()),
            as_of: date(2026, 10, 31),
            observed: months(-12, 12),
            period: months(0, 12),
            interval_level: 0.95,
            measure: Measure::Margin,
            margin: Some(MarginSource::Costs { covered_share: 0.97 }),
            discount_rate: 0.1,
            horizon_days: 90,
            sentences: sentences(),
            figures: figures(),
            one_period: one_period(),
            two_periods: Some(two_periods()),
            one_cohort: Some(one_cohort()),
            cohorts: Some(cohorts()),
            whole_base: whole_base(),
            value: Some(value()),
            leaving: leaving(),
            segments: segments(),
            segment_stability: Some(0.91),
            forecast: Some(forecast()),
            products: Some(products()),
            stores: Some(stores()),
            channels: Some(channels()),
            judgement: Some(judgement()),
            defects: defects(),
            decided: decided(),
        }
    }

    /// The least a report can be: a handful of orders, no margin, products, stores, returns, models or history.
    pub fn sample_bare() -> Xray {
        let nobody = Totals {
            customers: 1,
            new_customers: 1,
            orders: 1,
            sales_minor: 4_500,
            returns_minor: None,
            margin_minor: None,
            anonymous_sales_minor: 0,
        };
        Xray {
            schema: SCHEMA.to_owned(),
            shop: None,
            currency: Currency::UNKNOWN,
            decimals: 2,
            timezone: None,
            as_of: date(2026, 10, 31),
            observed: Period { from: date(2026, 10, 31), until: date(2026, 11, 1) },
            period: Period { from: date(2026, 10, 31), until: date(2026, 11, 1) },
            interval_level: 0.95,
            measure: Measure::Sales,
            margin: None,
            discount_rate: 0.1,
            horizon_days: 90,
            sentences: vec![],
            figures: Figures {
                now: nobody,
                before: None,
                customers_ever: 1,
                likely_to_return: None,
                worth_12_months: None,
                second_order_share: None,
            },
            one_period: OnePeriod {
                by_orders: vec![],
                by_spend: vec![],
                deciles: vec![],
                concentration: None,
            },
            two_periods: None,
            one_cohort: None,
            cohorts: None,
            whole_base: WholeBase {
                grain: Grain::Month,
                steps: vec![],
                layers: vec![],
                anonymous_minor: vec![],
                alive: None,
                equity: None,
            },
            value: None,
            leaving: Leaving { states: vec![], late_since: vec![], call: vec![] },
            segments: vec![],
            segment_stability: None,
            forecast: None,
            products: None,
            stores: None,
            channels: None,
            judgement: None,
            decided: Vec::new(),
            defects: Defects {
                rows_read: 1,
                rows_accepted: 1,
                rows_rejected: 0,
                rejected_because: vec![],
                rows_repeated: 0,
                rows_contradicting: 0,
                orders: 1,
                anonymous_orders: 0,
                anonymous_sales_share: 0.0,
                placeholders: vec![],
                gaps: vec![],
                outliers: vec![],
                orders_without_spend: 0,
                returns: None,
                returns_without_order: None,
                missing: vec![],
            },
        }
    }
}

fn sentences() -> Vec<Sentence> {
    let say = |at_stake: Option<i64>, saying| Sentence { saying, at_stake_minor: at_stake };
    choose_sentences(vec![
        say(
            Some(192_000_000),
            Saying::BestLate {
                customers: 38,
                of: 824,
                value: Amount::new(48_000_000, 41_000_000, 55_000_000),
            },
        ),
        say(
            Some(96_000_000),
            Saying::NewerCohorts {
                newer: months(6, 8),
                older: months(0, 5),
                age_months: 1,
                newer_share: about(0.31, 0.041),
                older_share: about(0.42, 0.028),
                difference: about(-0.11, 0.05),
            },
        ),
        say(
            None,
            Saying::Concentration { customers: 412, customers_share: 0.1, value_share: about(0.63, 0.031) },
        ),
        say(
            Some(1_842_000_000),
            Saying::NextYear {
                value: Amount::new(1_842_000_000, 1_660_000_000, 2_031_000_000),
                past_minor: Some(1_917_000_000),
            },
        ),
        say(
            Some(143_000_000),
            Saying::OneTimers {
                customers: 1_306,
                share: about(0.46, 0.018),
                days: 90,
                worth_of_second: Some(Amount::new(612_000, 548_000, 681_000)),
            },
        ),
        say(
            Some(61_000_000),
            Saying::ProductBack {
                product: "Hạt cà phê rang 250 g".to_owned(),
                customers: 184,
                share: about(0.67, 0.068),
                others_share: about(0.43, 0.016),
                difference: about(0.24, 0.07),
            },
        ),
        say(Some(54_000_000), Saying::Anonymous { share: 0.18, sales_minor: 871_000_000 }),
    ])
}

fn totals(customers: u64, new: u64, orders: u64, sales: i64, margin: i64) -> Totals {
    Totals {
        customers,
        new_customers: new,
        orders,
        sales_minor: sales,
        returns_minor: Some(sales / 60),
        margin_minor: Some(margin),
        anonymous_sales_minor: sales * 18 / 82,
    }
}

fn now() -> Totals {
    totals(4_120, 1_904, 33_618, 3_966_900_000, 1_917_000_000)
}

fn before() -> Totals {
    totals(3_874, 2_011, 30_217, 3_444_700_000, 1_688_000_000)
}

fn figures() -> Figures {
    Figures {
        now: now(),
        before: Some(before()),
        customers_ever: 5_884,
        likely_to_return: Some(Estimate::new(2_318.0, 2_214.0, 2_421.0)),
        worth_12_months: Some(Amount::new(1_842_000_000, 1_660_000_000, 2_031_000_000)),
        second_order_share: Some(about(0.54, 0.018)),
    }
}

fn concentration(measure: Measure) -> Concentration {
    // Rises steeply, passes 1 and comes back: the last customers cost more than they bring.
    let curve = (0..=40)
        .map(|step| {
            let share = f64::from(step) / 40.0;
            let rise = 1.13 * (1.0 - (-share / 0.13).exp());
            let value_share = if step == 40 { 1.0 } else { rise - 0.13 * share.powi(6) };
            let doubt = 0.16 * share * (1.0 - share) * (1.0 - 0.5 * share);
            CurvePoint {
                customers_share: share,
                value_share,
                low: value_share - doubt,
                high: value_share + doubt,
            }
        })
        .collect();
    Concentration {
        measure,
        curve,
        gini: about(0.71, 0.022),
        top_10_share: about(0.63, 0.031),
        top_20_share: about(0.79, 0.027),
        customers_for_half: 291,
    }
}

fn one_period() -> OnePeriod {
    let orders = |from, to, customers, sales_minor| OrdersBin {
        orders_from: from,
        orders_to: to,
        customers,
        sales_minor,
    };
    let spend = |from_minor, until_minor, customers, sales_minor| SpendBin {
        from_minor,
        until_minor,
        customers,
        sales_minor,
    };
    let shares = [0.630, 0.160, 0.092, 0.055, 0.034, 0.021, 0.013, 0.007, 0.001, -0.013];
    let deciles = shares.iter().zip(1..).map(|(&value_share, decile)| Decile {
        decile,
        customers: 412,
        orders: (13_900.0 / f64::from(decile * decile).powf(0.62)) as u64,
        sales_minor: (1_710_000_000.0 / f64::from(decile).powf(1.25)) as i64,
        value_minor: (1_917_000_000.0 * value_share) as i64,
        value_share,
    });
    OnePeriod {
        by_orders: vec![
            orders(1, Some(1), 1_306, 149_000_000),
            orders(2, Some(2), 692, 158_000_000),
            orders(3, Some(4), 671, 281_000_000),
            orders(5, Some(9), 604, 511_000_000),
            orders(10, Some(19), 402, 688_000_000),
            orders(20, Some(49), 331, 1_196_000_000),
            orders(50, None, 114, 983_900_000),
        ],
        by_spend: vec![
            spend(0, Some(100_000), 812, 51_000_000),
            spend(100_000, Some(200_000), 774, 114_000_000),
            spend(200_000, Some(500_000), 988, 322_000_000),
            spend(500_000, Some(1_000_000), 641, 457_000_000),
            spend(1_000_000, Some(2_000_000), 438, 618_000_000),
            spend(2_000_000, Some(5_000_000), 331, 1_031_000_000),
            spend(5_000_000, None, 136, 1_373_900_000),
        ],
        deciles: deciles.collect(),
        concentration: Some(concentration(Measure::Margin)),
    }
}

fn two_periods() -> TwoPeriods {
    let flow =
        |flow, customers, before_minor, after_minor| Flow { flow, customers, before_minor, after_minor };
    let driver = |factor, before, after, effect_minor| Driver { factor, before, after, effect_minor };
    TwoPeriods {
        before: months(-12, 0),
        after: months(0, 12),
        before_totals: before(),
        after_totals: now(),
        flows: vec![
            flow(FlowKind::Stayed, 2_110, 2_730_000_000, 2_951_000_000),
            flow(FlowKind::New, 1_904, 0, 982_000_000),
            flow(FlowKind::CameBack, 106, 0, 33_900_000),
            flow(FlowKind::Left, 1_764, 714_700_000, 0),
        ],
        drivers: vec![
            driver(Factor::Customers, 3_874.0, 4_120.0, 110_900_000),
            driver(Factor::Frequency, 7.80, 8.16, 81_100_000),
            driver(Factor::OrderValue, 113_999.0, 118_000.0, 62_200_000),
            driver(Factor::MarginRate, 0.490, 0.4832, -25_200_000),
        ],
        measure: Measure::Margin,
        movement: vec![
            vec![498, 121, 74, 82],
            vec![172, 391, 212, 387],
            vec![51, 214, 377, 1_295],
            vec![103, 510, 1_397, 0],
        ],
    }
}

fn one_cohort() -> OneCohort {
    let ages = (1..=12).map(|age: u32| {
        let t = f64::from(age);
        CohortAge {
            age_months: age,
            survival: Some(about(0.30 + 0.62 * (-0.21 * t).exp(), 0.015 + 0.002 * t)),
            bought_share: about(0.27 + 0.21 * (-0.55 * t).exp() + 0.008 * (t * 2.1).sin(), 0.05),
            repeat_share: about(0.61 - 0.33 * (-0.45 * (t - 0.2)).exp(), 0.049),
            spend_per_buyer_minor: Some(228_000 + i64::from(age) * 4_300),
            spend_so_far_minor: 131_000 + (f64::from(age) * 74_000.0) as i64,
        }
    });
    OneCohort { first_bought: months(-9, -8), customers: 301, ages: ages.collect() }
}

fn cohorts() -> Cohorts {
    let sizes = [214, 268, 190, 301, 233, 219, 241, 255, 196, 177, 28, 162];
    let firsts = [41.0, 44.0, 39.0, 46.0, 40.0, 38.0, 31.0, 30.0, 33.0, 36.0, 32.0];
    let rows = sizes.iter().zip(0..).map(|(&customers, start): (&u64, i32)| CohortRow {
        first_bought: months(start, start + 1),
        customers,
        bought: (1..12)
            .map(|age| {
                let first = firsts.get(start as usize)?;
                let share = first * (1.0 - 0.115 * f64::from(age - 1).min(3.0)) - 0.7 * f64::from(age - 1);
                (start + age < 12).then(|| (customers as f64 * share / 100.0).round() as u64)
            })
            .collect(),
        sales_minor: (0..12)
            .map(|age| {
                (start + age < 12).then(|| customers as i64 * (131_000 - 5_000 * i64::from(age)).max(60_000))
            })
            .collect(),
    });
    Cohorts {
        grain: Grain::Month,
        rows: rows.collect(),
        small_under: 30,
        newer_against_older: Some(CohortContrast {
            newer: months(6, 8),
            older: months(0, 5),
            age_months: 1,
            newer_share: about(0.31, 0.041),
            older_share: about(0.42, 0.028),
            difference: about(-0.11, 0.05),
        }),
    }
}

fn whole_base() -> WholeBase {
    let starts = [(-12, -6, 1_203), (-6, 0, 970), (0, 3, 672), (3, 6, 753), (6, 9, 692), (9, 12, 367)];
    let season = |step: i32| 1.0 + 0.12 * (f64::from(step) * std::f64::consts::TAU / 12.0).cos();
    let layers = starts.iter().map(|&(from, until, customers)| {
        let sales: Vec<i64> = (-12..12)
            .map(|step| {
                if step < from {
                    return 0;
                }
                let grown = f64::from((step - from + 1).min(until - from)) / f64::from(until - from);
                let faded = 0.42 + 0.58 * (-0.16 * f64::from((step - until + 1).max(0))).exp();
                (f64::from(customers) * 131_000.0 * grown * faded * season(step)) as i64
            })
            .collect();
        let period_minor = sales[12..].iter().sum();
        let first_bought = months(from, until);
        CohortLayer { first_bought, customers: customers as u64, sales_minor: sales, period_minor }
    });
    WholeBase {
        grain: Grain::Month,
        steps: (-12..12).map(month).collect(),
        layers: layers.collect(),
        anonymous_minor: (-12..12).map(|step| (63_000_000.0 * season(step)) as i64).collect(),
        alive: Some(Estimate::new(2_907.0, 2_760.0, 3_051.0)),
        equity: Some(Amount::new(3_920_000_000, 3_310_000_000, 4_610_000_000)),
    }
}

fn value() -> ValueBook {
    let band = |from_minor, until_minor, customers, minor, value_share| ValueBand {
        from_minor,
        until_minor,
        customers,
        value: money(minor, 10),
        value_share,
    };
    let top = |key: &str, orders, sales_minor, last, alive, minor, state| TopCustomer {
        key: key.to_owned(),
        orders,
        sales_minor,
        last_order_on: last,
        alive: Some(alive),
        value: money(minor, 24),
        state,
    };
    ValueBook {
        bands: vec![
            band(5_000_000, None, 71, 512_000_000, 0.278),
            band(2_000_000, Some(5_000_000), 203, 588_000_000, 0.319),
            band(1_000_000, Some(2_000_000), 281, 391_000_000, 0.212),
            band(500_000, Some(1_000_000), 274, 192_000_000, 0.104),
            band(100_000, Some(500_000), 612, 131_000_000, 0.071),
            band(0, Some(100_000), 4_443, 28_000_000, 0.016),
        ],
        concentration: Some(concentration(Measure::Margin)),
        top: vec![
            top("KH-0214", 212, 41_820_000, date(2026, 10, 31), 0.998, 18_900_000, State::Active),
            top("KH-1187", 96, 38_110_000, date(2026, 10, 29), 0.994, 16_200_000, State::Active),
            top("KH-0031", 301, 33_905_000, date(2026, 10, 31), 0.999, 14_750_000, State::Active),
            top("KH-2290", 74, 29_480_000, date(2026, 10, 24), 0.981, 12_100_000, State::Active),
            top("KH-0872", 118, 27_060_000, date(2026, 9, 30), 0.712, 8_300_000, State::AtRisk),
            top("KH-3341", 41, 22_700_000, date(2026, 10, 27), 0.977, 11_400_000, State::Active),
            top("KH-0129", 187, 21_330_000, date(2026, 10, 30), 0.996, 9_850_000, State::Active),
            top("KH-4027", 63, 18_240_000, date(2026, 10, 31), 0.990, 8_020_000, State::Returning),
        ],
    }
}

fn leaving() -> Leaving {
    let state = |state, customers, sales_minor, worth: i64, stake: i64| StateRow {
        state,
        customers,
        sales_minor,
        value: Some(money(worth, 10)),
        at_stake: Some(money(stake, 16)),
    };
    let late = |from_days, until_days, customers, stake: i64| LateBand {
        from_days,
        until_days,
        customers,
        at_stake: Some(money(stake, 16)),
    };
    let call =
        |key: &str, orders, sales_minor, last: Date, gap: f64, late: u32, alive, stake: i64| LateCustomer {
            key: key.to_owned(),
            orders,
            sales_minor,
            last_order_on: last,
            expected_on: date(2026, 10, 31).saturating_sub(i64::from(late).days()),
            usual_gap_days: gap,
            days_late: late,
            alive: Some(alive),
            at_stake: Some(money(stake, 22)),
        };
    Leaving {
        states: vec![
            state(State::New, 311, 61_000_000, 118_000_000, 21_000_000),
            state(State::Active, 1_682, 2_890_000_000, 1_488_000_000, 64_000_000),
            state(State::Returning, 106, 33_900_000, 41_000_000, 9_000_000),
            state(State::AtRisk, 604, 702_000_000, 171_000_000, 288_000_000),
            state(State::Lapsed, 3_181, 280_000_000, 24_000_000, 0),
        ],
        late_since: vec![
            late(0, Some(8), 171, 96_000_000),
            late(8, Some(31), 206, 112_000_000),
            late(31, Some(61), 128, 49_000_000),
            late(61, Some(121), 71, 23_000_000),
            late(121, None, 28, 8_000_000),
        ],
        call: vec![
            call("KH-0872", 118, 27_060_000, date(2026, 9, 30), 4.2, 22, 0.71, 5_900_000),
            call("KH-1544", 52, 15_910_000, date(2026, 9, 19), 9.8, 24, 0.66, 4_100_000),
            call("KH-0403", 83, 14_380_000, date(2026, 9, 24), 6.1, 26, 0.63, 3_750_000),
            call("KH-2718", 29, 12_650_000, date(2026, 8, 28), 16.5, 35, 0.58, 2_980_000),
            call("KH-0966", 66, 9_870_000, date(2026, 10, 8), 5.0, 13, 0.81, 1_760_000),
            call("KH-3102", 24, 8_140_000, date(2026, 8, 30), 18.0, 31, 0.60, 1_540_000),
        ],
    }
}

fn segments() -> Vec<SegmentRow> {
    let row = |segment, customers, per, value: i64, days, sales: i64, worth: i64| SegmentRow {
        segment,
        customers,
        orders_per_customer: per,
        order_value_minor: (per > 0.0).then_some(value),
        last_order_days: days,
        sales_minor: sales,
        sales_share: sales as f64 / 3_966_900_000.0,
        value: Some(money(worth, 12)),
    };
    vec![
        row(Segment::Heart, 329, 41.2, 141_000, 3, 1_911_000_000, 941_000_000),
        row(Segment::Regulars, 702, 15.9, 96_000, 9, 1_071_000_000, 487_000_000),
        row(Segment::BigRare, 118, 3.4, 486_000, 41, 195_000_000, 94_000_000),
        row(Segment::Occasional, 844, 3.9, 98_000, 37, 322_000_000, 136_000_000),
        row(Segment::New, 311, 1.3, 151_000, 16, 61_000_000, 118_000_000),
        row(Segment::Slipping, 398, 4.6, 111_000, 74, 203_000_000, 49_000_000),
        row(Segment::OneTime, 1_902, 0.6, 117_000, 288, 134_000_000, 12_000_000),
        row(Segment::Gone, 1_280, 0.5, 109_000, 331, 69_900_000, 5_000_000),
    ]
}

fn forecast() -> Forecast {
    let season = |step: i32| 1.0 + 0.12 * (f64::from(step) * std::f64::consts::TAU / 12.0).cos();
    Forecast {
        model: "mbg_nbd".to_owned(),
        past: (0..12)
            .map(|step| PastMonth {
                month: month(step),
                sales_minor: (330_000_000.0 * season(step) * (0.98 + 0.012 * f64::from(step % 4))) as i64,
            })
            .collect(),
        months: (12..24)
            .map(|step| {
                let ahead = f64::from(step - 11);
                let level = season(step) * (0.70 + 0.25 * (-0.10 * ahead).exp());
                ForecastMonth {
                    month: month(step),
                    orders: about((2_800.0 * level).round(), (90.0 + 14.0 * ahead).round()),
                    sales: money((330_000_000.0 * level) as i64, 6 + (ahead as i64) * 7 / 10),
                }
            })
            .collect(),
        orders: Estimate::new(27_140.0, 25_280.0, 29_060.0),
        sales: Amount::new(3_216_000_000, 2_955_000_000, 3_489_000_000),
        value: Amount::new(1_937_000_000, 1_742_000_000, 2_140_000_000),
        from_new: Some(Amount::new(951_000_000, 820_000_000, 1_090_000_000)),
        has_season: true,
    }
}

fn products() -> Products {
    let back = |product: &str, customers, share: f64, difference: f64, doubt| BringBack {
        product: product.to_owned(),
        customers,
        share: about(share, doubt),
        others_share: share - difference,
        difference: about(difference, doubt + 0.004),
    };
    let pair = |first: &str, second: &str, orders, confidence, lift, doubt| Pair {
        first: first.to_owned(),
        second: second.to_owned(),
        orders,
        confidence,
        lift: about(lift, doubt),
    };
    let again = |product: &str, customers, q1_days, median_days, q3_days, due_customers| Replenishment {
        product: product.to_owned(),
        customers,
        median_days,
        q1_days,
        q3_days,
        due_customers,
    };
    Products {
        bring_back: vec![
            back("Hạt cà phê rang 250 g", 184, 0.67, 0.24, 0.068),
            back("Nâu đá", 611, 0.55, 0.14, 0.039),
            back("Sữa tươi thanh trùng", 243, 0.52, 0.08, 0.063),
            back("Trà đào", 302, 0.42, -0.02, 0.056),
            back("Hộp quà Tết", 197, 0.19, -0.26, 0.055),
        ],
        pairs: vec![
            pair("Nâu đá", "Bánh mì pa-tê", 1_904, 0.31, 2.8, 0.15),
            pair("Hạt cà phê rang 250 g", "Giấy lọc V60", 214, 0.22, 9.4, 1.3),
            pair("Trà đào", "Hạt hướng dương", 388, 0.18, 2.1, 0.23),
            pair("Sữa tươi thanh trùng", "Ngũ cốc", 171, 0.14, 3.3, 0.52),
        ],
        replenishment: vec![
            again("Hạt cà phê rang 250 g", 96, 16.0, 21.0, 29.0, 31),
            again("Sữa tươi thanh trùng", 204, 5.0, 7.0, 11.0, 122),
            again("Giấy lọc V60", 58, 38.0, 52.0, 77.0, 12),
        ],
        suggestions: vec![
            SuggestionScore {
                list: SuggestionList::BuyAgain,
                customers: 1_406,
                recall_at_10: 0.392,
                ndcg_at_10: 0.341,
                popular_recall_at_10: 0.171,
            },
            SuggestionScore {
                list: SuggestionList::Discover,
                customers: 1_122,
                recall_at_10: 0.094,
                ndcg_at_10: 0.058,
                popular_recall_at_10: 0.071,
            },
        ],
    }
}

fn place(name: &str, share: f64, customers: u64, anonymous_share: f64, second: Option<Estimate>) -> Place {
    Place {
        name: name.to_owned(),
        customers,
        new_customers: customers * 46 / 100,
        orders: (40_990.0 * share) as u64,
        sales_minor: (4_837_700_000.0 * share) as i64,
        sales_share: share,
        anonymous_share,
        second_order_share: second,
    }
}

fn stores() -> Vec<Place> {
    vec![
        place("Hàng Bông", 0.47, 2_140, 0.14, Some(about(0.57, 0.027))),
        place("Láng Hạ", 0.34, 1_511, 0.17, Some(about(0.55, 0.032))),
        place("Ecopark", 0.19, 688, 0.31, Some(about(0.41, 0.049))),
    ]
}

fn channels() -> Vec<Place> {
    vec![
        place("Quầy", 0.78, 3_611, 0.22, Some(about(0.56, 0.02))),
        place("Zalo", 0.14, 902, 0.0, Some(about(0.51, 0.044))),
        place("Giao hàng", 0.08, 514, 0.06, None),
    ]
}

fn judgement() -> Judgement {
    let score = |model: &str, is_naive, mae, rmse, bias, gini, brier| ModelScore {
        model: model.to_owned(),
        is_naive,
        mae,
        rmse,
        bias,
        gini: Some(gini),
        brier: Some(brier),
        refusal: None,
    };
    let refused = ModelScore {
        model: "pareto_nbd".to_owned(),
        is_naive: false,
        mae: 0.0,
        rmse: 0.0,
        bias: 0.0,
        gini: None,
        brier: None,
        refusal: Some("no maximum inside the bounds: the likelihood is flat along s / beta".to_owned()),
    };
    let calibration = [0.03, 0.07, 0.12, 0.19, 0.29, 0.42, 0.57, 0.73, 0.88, 0.97]
        .iter()
        .zip([0.02, 0.08, 0.10, 0.20, 0.31, 0.40, 0.60, 0.71, 0.87, 0.98])
        .map(|(&predicted, seen): (&f64, f64)| CalibrationBin {
            customers: 430,
            predicted,
            seen: about(seen, 1.96 * (seen * (1.0 - seen) / 430.0).sqrt()),
        });
    let tracking = (0..52).map(|week| {
        let t = f64::from(week);
        let level = 520.0 + 60.0 * (t / 52.0 * std::f64::consts::TAU).cos() + 1.6 * t;
        let expected = level + if week >= 42 { -1.2 * (t - 42.0) } else { 0.0 };
        TrackingStep {
            from: date(2025, 11, 3).saturating_add(i64::from(week).weeks()),
            seen: (level + 34.0 * (t * 1.9).sin() + 21.0 * (t * 0.7).cos()) as u64,
            expected: about(expected.round(), if week >= 42 { 46.0 + 2.0 * (t - 42.0) } else { 44.0 }),
            is_held_out: week >= 42,
        }
    });
    Judgement {
        fitted_on: Period { from: date(2024, 11, 1), until: date(2026, 8, 20) },
        judged_on: Period { from: date(2026, 8, 20), until: date(2026, 11, 1) },
        customers: 4_300,
        models: vec![
            score("mbg_nbd", false, 0.694, 1.412, -0.021, 0.861, 0.118),
            score("bg_nbd", false, 0.708, 1.431, 0.034, 0.858, 0.131),
            score("propensity", false, 0.731, 1.466, 0.012, 0.849, 0.116),
            score("own_rate", true, 0.744, 1.520, 0.081, 0.842, 0.147),
            score("nbd", false, 0.803, 1.583, 0.152, 0.838, 0.158),
            score("hiatus", true, 0.871, 1.702, -0.094, 0.801, 0.169),
            score("mean", true, 1.918, 2.961, 0.058, 0.000, 0.249),
            refused,
        ],
        used: "mbg_nbd".to_owned(),
        verdict: Verdict::ModelWins,
        attrition_gain_nats: Some(212.4),
        calibration: calibration.collect(),
        tracking: tracking.collect(),
    }
}

fn defects() -> Defects {
    Defects {
        rows_read: 131_442,
        rows_accepted: 131_071,
        rows_rejected: 371,
        rejected_because: vec![
            Rejected { reason: "date: '31/02/2026' is no day".to_owned(), rows: 212 },
            Rejected { reason: "amount: '#REF!' is not a number".to_owned(), rows: 159 },
        ],
        rows_repeated: 1_204,
        rows_contradicting: 7,
        orders: 73_804,
        anonymous_orders: 15_918,
        anonymous_sales_share: 0.18,
        placeholders: vec![
            Placeholder { text: "Khách lẻ".to_owned(), orders: 14_806, sales_minor: 1_601_000_000 },
            Placeholder { text: "0900000000".to_owned(), orders: 1_112, sales_minor: 133_000_000 },
        ],
        gaps: vec![Period { from: date(2026, 2, 16), until: date(2026, 2, 22) }],
        outliers: vec![
            Outlier { key: "8841-B".to_owned(), on: date(2026, 1, 20), sales_minor: 38_400_000 },
            Outlier { key: "5102".to_owned(), on: date(2025, 9, 2), sales_minor: 21_950_000 },
        ],
        orders_without_spend: 214,
        returns: Some(1_188),
        returns_without_order: Some(63),
        missing: vec![Missing::Time],
    }
}

fn decided() -> Vec<Decided> {
    let late = Decided {
        campaign: "late-calls".to_owned(),
        title: "Gọi khách quen vắng lâu".to_owned(),
        action: "Một ly cà phê miễn phí".to_owned(),
        sentence: Some("best_late".to_owned()),
        segment: None,
        decided_on: date(2026, 9, 30),
        decision: "keep".to_owned(),
        note: "Tiếp tục mỗi tháng".to_owned(),
        was_measured: true,
        metric: "bought".to_owned(),
        brought: Some(about(61.0, 22.0)),
    };
    let messages = Decided {
        campaign: "morning-messages".to_owned(),
        title: "Morning messages".to_owned(),
        sentence: None,
        segment: Some("regulars".to_owned()),
        decided_on: date(2026, 8, 31),
        decision: "stop".to_owned(),
        note: String::new(),
        metric: "margin".to_owned(),
        brought: None,
        ..late.clone()
    };
    vec![late, messages]
}
