//! Public data sets in which published values were computed.

use stats::table::Table;

/// `swiss` of R (Mosteller and Tukey 1977): fertility, agriculture, examination, education, catholic, infant
/// mortality.
const SWISS: &str = "
80.2 17 15 12 9.96 22.2;83.1 45.1 6 9 84.84 22.2;92.5 39.7 5 5 93.4 20.2;85.8 36.5 12 7 33.77 20.3;
76.9 43.5 17 15 5.16 20.6;76.1 35.3 9 7 90.57 26.6;83.8 70.2 16 7 92.85 23.6;92.4 67.8 14 8 97.16 24.9;
82.4 53.3 12 7 97.67 21;82.9 45.2 16 13 91.38 24.4;87.1 64.5 14 6 98.61 24.5;64.1 62 21 12 8.52 16.5;
66.9 67.5 14 7 2.27 19.1;68.9 60.7 19 12 4.43 22.7;61.7 69.3 22 5 2.82 18.7;68.3 72.6 18 2 24.2 21.2;
71.7 34 17 8 3.3 20;55.7 19.4 26 28 12.11 20.2;54.3 15.2 31 20 2.15 10.8;65.1 73 19 9 2.84 20;
65.5 59.8 22 10 5.23 18;65 55.1 14 3 4.52 22.4;56.6 50.9 22 12 15.14 16.7;57.4 54.1 20 6 4.2 15.3;
72.5 71.2 12 1 2.4 21;74.2 58.1 14 8 5.23 23.8;72 63.5 6 3 2.56 18;60.5 60.8 16 10 7.72 16.3;
58.3 26.8 25 19 18.46 20.9;65.4 49.5 15 8 6.1 22.5;75.5 85.9 3 2 99.71 15.1;69.3 84.9 7 6 99.68 19.8;
77.3 89.7 5 2 100 18.3;70.5 78.2 12 6 98.96 19.4;79.4 64.9 7 3 98.22 20.2;65 75.9 9 9 99.06 17.8;
92.2 84.6 3 3 99.46 16.3;79.3 63.1 13 13 96.83 18.1;70.4 38.4 26 12 5.62 20.3;65.7 7.7 29 11 13.79 20.5;
72.7 16.7 22 13 11.22 18.9;64.4 17.6 35 32 16.92 23;77.6 37.6 15 7 4.97 20;67.6 18.7 25 7 8.65 19.5;
35 1.2 37 53 42.34 18;44.7 46.6 16 29 50.43 18.2;42.8 27.7 22 29 58.33 19.3";

/// `mtcars` of R (Henderson and Velleman 1981): mpg, cyl, disp, hp, gear.
const CARS: &str = "
21 6 160 110 4;21 6 160 110 4;22.8 4 108 93 4;21.4 6 258 110 3;18.7 8 360 175 3;18.1 6 225 105 3;14.3 8 360 245 3;
24.4 4 146.7 62 4;22.8 4 140.8 95 4;19.2 6 167.6 123 4;17.8 6 167.6 123 4;16.4 8 275.8 180 3;17.3 8 275.8 180 3;
15.2 8 275.8 180 3;10.4 8 472 205 3;10.4 8 460 215 3;14.7 8 440 230 3;32.4 4 78.7 66 4;30.4 4 75.7 52 4;
33.9 4 71.1 65 4;21.5 4 120.1 97 3;15.5 8 318 150 3;15.2 8 304 150 3;13.3 8 350 245 3;19.2 8 400 175 3;27.3 4 79 66 4;
26 4 120.3 91 5;30.4 4 95.1 113 5;15.8 8 351 264 5;19.7 6 145 175 5;15 8 301 335 5;21.4 4 121 109 4";

/// `attitude` of R (Chatterjee and Price 1977): seven ratings by 30 departments.
const ATTITUDE: &str = "
43 51 30 39 61 92 45;63 64 51 54 63 73 47;71 70 68 69 76 86 48;61 63 45 47 54 84 35;81 78 56 66 71 83 47;
43 55 49 44 54 49 34;58 67 42 56 66 68 35;71 75 50 55 70 66 41;72 82 72 67 71 83 31;67 61 45 47 62 80 41;
64 53 53 58 58 67 34;67 60 47 39 59 74 41;69 62 57 42 55 63 25;68 83 83 45 59 77 35;77 77 54 72 79 77 46;
81 90 50 72 60 54 36;74 85 64 69 79 79 63;65 60 65 75 55 80 60;65 70 46 57 75 85 46;50 58 68 54 64 78 52;
50 40 33 34 43 64 33;64 61 52 62 66 80 41;53 66 52 50 63 80 37;40 37 42 58 50 57 49;63 54 42 48 66 75 33;
66 77 66 63 88 76 72;78 75 58 74 80 78 49;48 57 44 45 51 83 38;85 85 71 71 77 74 55;82 82 39 59 64 78 39";

/// One-stage cluster sample of California schools (`apiclus1` of R's survey): per district its schools' type
/// (E, M, H; a small letter where the school missed its target), score and pupils.
const SCHOOLS: &str = "
637 H608/1689 E684/288 E612/294 E710/143 E729/307 E714/311 E759/362 E585/263 E625/583 M664/886 M669/955
437 H443/418 E467/574 M482/286 E496/158
778 m411/372 E494/308
197 E493/358 m592/921 E550/375 M689/962 m598/954 E628/370 E652/596 E628/485 E832/254 E777/465 E709/481 e709/425
197 E736/312
406 E561/360 E555/323
815 h696/442 m631/508 E564/166 E602/525
178 H529/388 E491/266 E510/671 m547/343
255 E814/466 E806/516 E715/489 E785/300 M720/728 E905/512 M617/972 E630/619 E629/562 E696/358 E476/626 E757/396
255 E825/571 E595/715 e552/345 M847/850
568 H714/258 H724/170 h687/210 H723/467 E662/117 e699/196 E807/205 M679/233 E691/324
135 E622/370 E754/309 E655/414 E764/303 E795/407 E505/504 e638/371 E733/374 E523/631 E511/432 E710/299 E657/500
135 E602/499 E490/748 e664/356 E651/302 E603/594 E698/527 E511/446 E814/436 E669/381 e711/464 E538/462 E705/320
135 E595/437 E551/295 E762/512 E521/343 E709/404 E780/504 E780/411 E722/637 E828/555 E737/491
510 h595/1585 H661/1855 E502/385 m614/1015 E585/483 E582/576 M642/1405 E536/549 E746/352 E667/564 e629/540 E745/290
510 E674/523 E637/379 E696/391 E632/403 E639/613 E745/596 E789/520 M656/1573 E789/371
716 H517/1908 H478/2181 H582/2106 E592/532 E587/381 E553/624 E516/704 E535/602 E566/686 e481/607 E472/209 E559/643
716 E610/331 E599/641 E551/479 E554/535 e561/561 e505/695 e492/426 E504/657 E487/300 E627/612 E465/466 E529/352
716 E625/559 E436/363 E542/558 e515/257 M461/1243 M528/1260 M512/1306 M508/1344 E670/119 E760/818 E652/118 E546/145
716 E717/486
61 E701/371 E748/377 E735/265 m699/930 E685/336 E827/448 M711/1023 E677/387 m759/940 E697/525 E742/427 E691/390
61 E700/358
413 E551/274
448 H703/2147 E676/479 E714/441 E842/476 E824/511 E717/385 E836/443 M733/696 E719/332 M817/738 E749/425 E781/302";

fn rows(text: &str) -> Vec<Vec<f64>> {
    let number = |word: &str| word.parse().expect("a number");
    text.split(';').map(|row| row.split_whitespace().map(number).collect()).collect()
}

/// The first column as outcome, the others as drivers.
fn split(rows: &[Vec<f64>]) -> (Table, Vec<f64>) {
    let drivers = rows.iter().flat_map(|row| row[1..].to_vec()).collect();
    (Table::new(rows[0].len() - 1, drivers).unwrap(), rows.iter().map(|row| row[0]).collect())
}

pub fn swiss() -> (Table, Vec<f64>) {
    split(&rows(SWISS))
}

/// The cantons with more than 40 % Catholics.
pub fn catholic_swiss() -> (Table, Vec<f64>) {
    split(&rows(SWISS).into_iter().filter(|row| row[4] > 40.0).collect::<Vec<_>>())
}

pub fn cars() -> (Table, Vec<f64>) {
    split(&rows(CARS))
}

pub fn attitude() -> Table {
    let rows = rows(ATTITUDE);
    Table::new(7, rows.concat()).unwrap()
}

#[derive(Default)]
pub struct Schools {
    pub district: Vec<u32>,
    /// 0 elementary, 1 high, 2 middle.
    pub kind: Vec<u32>,
    /// 1 where the school met its target.
    pub met: Vec<u32>,
    pub score: Vec<f64>,
    pub pupils: Vec<f64>,
}

pub fn schools() -> Schools {
    let mut schools = Schools::default();
    for line in SCHOOLS.trim().lines() {
        let mut words = line.split_whitespace();
        let district = words.next().unwrap().parse().unwrap();
        for word in words {
            let (kind, numbers) = word.split_at(1);
            let (score, pupils) = numbers.split_once('/').unwrap();
            schools.district.push(district);
            schools.kind.push("EHM".find(&kind.to_uppercase()).unwrap() as u32);
            schools.met.push(u32::from(kind.to_uppercase() == kind));
            schools.score.push(score.parse().unwrap());
            schools.pupils.push(pupils.parse().unwrap());
        }
    }
    schools
}
