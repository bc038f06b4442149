//! What of an order came back, where others say it in money or in products and we keep it by line.

use super::amount::share_out;
use engine::record::view::Kept;
use loyalty::fact::ReturnLine;

/// What of an order came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// All that is left.
    Everything,
    /// So many minor units, tax and shipping in them.
    Money(i64),
    /// Lines by their ids, each with thousandths of a unit; zero for all that is left of it.
    Goods(Vec<(String, i64)>),
    /// Goods by line, and money for what stays or for shipping.
    Both(Vec<(String, i64)>, i64),
}

/// What is left of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its id; empty for shipping.
    pub id: String,
    /// Thousandths that have not come back.
    pub milli: i64,
    /// Minor units that have not come back.
    pub minor: i64,
}

/// What is left of an order that is kept.
pub fn left(kept: &Kept) -> Vec<Left> {
    match kept {
        Kept::Owned(_, record) => record
            .lines
            .iter()
            .map(|line| Left {
                id: line.id.to_string(),
                milli: line.quantity_milli - line.returned_milli,
                minor: line.paid_minor - line.returned_minor(),
            })
            .collect(),
        Kept::Anonymous(_, bill) => {
            let lines = bill.lines.iter().map(|line| Left {
                id: line.id.to_string(),
                milli: line.quantity_milli,
                minor: line.paid_minor(),
            });
            lines.chain([Left { id: String::new(), milli: 1000, minor: bill.shipping_minor }]).collect()
        }
    }
}

/// The lines of the return; no lines mean all that is left, and `None` that nothing is. More than is left is as much as
/// is left.
pub fn lines(left: &[Left], back: &Back) -> Option<Vec<ReturnLine>> {
    match back {
        Back::Everything => is_left(left).then(Vec::new),
        Back::Money(minor) => money(left, *minor),
        Back::Goods(goods) => some(by_line(left, goods)),
        Back::Both(goods, minor) => {
            let mut lines = by_line(left, goods);
            let rest: Vec<Left> = left
                .iter()
                .filter(|line| lines.iter().all(|back| back.line.as_str() != line.id))
                .cloned()
                .collect();
            match money(&rest, *minor) {
                Some(all) if all.is_empty() => {
                    lines.extend(rest.iter().filter(|line| !line.id.is_empty() && line.milli > 0).map(whole));
                }
                Some(more) => lines.extend(more),
                None => {}
            }
            some(lines)
        }
    }
}

fn is_left(left: &[Left]) -> bool {
    left.iter().any(|line| line.minor > 0 || (line.milli > 0 && !line.id.is_empty()))
}

fn some(lines: Vec<ReturnLine>) -> Option<Vec<ReturnLine>> {
    if lines.is_empty() { None } else { Some(lines) }
}

fn whole(line: &Left) -> ReturnLine {
    ReturnLine { line: line.id.as_str().into(), quantity_milli: 0, amount_minor: 0 }
}

/// Money goes over what is left of the goods in proportion; what is more than that was shipping.
fn money(left: &[Left], minor: i64) -> Option<Vec<ReturnLine>> {
    let all: i64 = left.iter().map(|line| line.minor).sum();
    if minor <= 0 || !is_left(left) {
        return None;
    }
    if minor >= all {
        return Some(Vec::new());
    }
    let goods: Vec<&Left> = left.iter().filter(|line| !line.id.is_empty() && line.minor > 0).collect();
    let weights: Vec<i64> = goods.iter().map(|line| line.minor).collect();
    let shares = share_out(minor.min(weights.iter().sum()), &weights);
    let lines = goods.iter().zip(shares).filter(|(_, share)| *share > 0);
    some(
        lines
            .map(|(line, share)| ReturnLine {
                line: line.id.as_str().into(),
                quantity_milli: 0,
                amount_minor: share,
            })
            .collect(),
    )
}

/// What is named and there; a line that came back whole is passed over.
fn by_line(left: &[Left], goods: &[(String, i64)]) -> Vec<ReturnLine> {
    let mut lines: Vec<ReturnLine> = Vec::new();
    for (id, milli) in goods {
        let found = left.iter().find(|line| line.id == *id && line.milli > 0);
        let Some(found) = found.filter(|_| lines.iter().all(|line| line.line.as_str() != id)) else {
            continue;
        };
        let quantity_milli = if *milli <= 0 || *milli >= found.milli { found.milli } else { *milli };
        lines.push(ReturnLine { line: id.as_str().into(), quantity_milli, amount_minor: 0 });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left, as `id thousandths minor`; what came back; the lines, as `id thousandths minor`.
    fn check(left: &[(&str, i64, i64)], back: Back, expected: Option<&[(&str, i64, i64)]>) {
        let left: Vec<Left> = left
            .iter()
            .map(|(id, milli, minor)| Left { id: (*id).to_owned(), milli: *milli, minor: *minor })
            .collect();
        let found = lines(&left, &back).map(|lines| {
            lines
                .into_iter()
                .map(|line| (line.line.to_string(), line.quantity_milli, line.amount_minor))
                .collect::<Vec<_>>()
        });
        let expected = expected
            .map(|all| all.iter().map(|(id, milli, minor)| ((*id).to_owned(), *milli, *minor)).collect());
        assert_eq!(found, expected, "{back:?} of {left:?}");
    }

    const ORDER: &[(&str, i64, i64)] = &[("latte", 2000, 900), ("cake", 1000, 300), ("", 1000, 200)];

    #[test]
    fn money_comes_back_in_proportion_and_never_more_than_there_is() {
        check(ORDER, Back::Money(1400), Some(&[]));
        check(ORDER, Back::Money(9999), Some(&[]));
        check(ORDER, Back::Money(400), Some(&[("latte", 0, 300), ("cake", 0, 100)]));
        check(ORDER, Back::Money(1300), Some(&[("latte", 0, 900), ("cake", 0, 300)]));
        check(ORDER, Back::Money(0), None);
        check(&[("latte", 0, 0), ("", 0, 0)], Back::Money(400), None);
    }

    #[test]
    fn goods_come_back_by_line() {
        check(ORDER, Back::Goods(vec![("latte".into(), 1000)]), Some(&[("latte", 1000, 0)]));
        check(
            ORDER,
            Back::Goods(vec![("latte".into(), 5000), ("tea".into(), 1)]),
            Some(&[("latte", 2000, 0)]),
        );
        check(&[("latte", 0, 0)], Back::Goods(vec![("latte".into(), 1000)]), None);
        check(ORDER, Back::Everything, Some(&[]));
        check(&[("latte", 0, 0), ("", 0, 0)], Back::Everything, None);
    }

    #[test]
    fn goods_and_money_come_back_together() {
        let both = Back::Both(vec![("latte".into(), 2000)], 100);
        check(ORDER, both, Some(&[("latte", 2000, 0), ("cake", 0, 100)]));
        let rest = Back::Both(vec![("latte".into(), 2000)], 500);
        check(ORDER, rest, Some(&[("latte", 2000, 0), ("cake", 0, 0)]));
    }
}
