//! What a caller may do, in the words of the shop's one table of permissions. A key has some of these words; a member of
//! staff has those of their role; a route takes one.

use engine::staff::permissions::{NoOperation, Operation, Role, may};

/// Words with spaces between, in the order of the table, each once.
pub fn words(scopes: &[Operation]) -> String {
    let mut sorted = scopes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(" ")
}

/// Not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: give a purpose (till, shop, app, intake, page, analyst, owner) or some of: {all}",
    all = words(Operation::ALL).replace(' ', ", "))]
pub struct NoScope(#[from] NoOperation);

/// Scopes out of words with spaces or commas between; a purpose such as `till` stands for what it needs.
pub fn parse(text: &str) -> Result<Vec<Operation>, NoScope> {
    let mut scopes = Vec::new();
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        match purpose(word) {
            Some(known) => scopes.extend(known),
            None => scopes.push(word.parse::<Operation>()?),
        }
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

/// What a role may do.
pub fn of_role(role: Role) -> Vec<Operation> {
    Operation::ALL.iter().copied().filter(|operation| may(role, *operation)).collect()
}

/// What a till, a web shop or an app's backend, a source of events, a web page that anybody can read, an analyst and an
/// owner need.
pub fn purpose(name: &str) -> Option<Vec<Operation>> {
    use Operation::*;
    const SHOP: [Operation; 7] =
        [ReadCustomers, WriteCustomers, WriteConsents, RecordOrders, SpendPoints, ReadLedger, ReadPrograms];
    Some(match name {
        "till" => of_role(Role::Till),
        "shop" | "app" => SHOP.to_vec(),
        "intake" => vec![WriteCustomers, WriteConsents, RecordOrders, SendEvents],
        "page" => vec![SendEvents],
        "analyst" => of_role(Role::Analyst),
        "owner" => Operation::ALL.to_vec(),
        _ => return None,
    })
}

/// As what a key acts, for the audit: the least role that may do all it may, and owner where none may.
pub fn role_of(scopes: &[Operation]) -> Role {
    let least = [Role::Till, Role::Auditor, Role::Analyst, Role::Service, Role::Marketer];
    let may_all = |role: &Role| scopes.iter().all(|scope| may(*role, *scope));
    least.into_iter().find(may_all).unwrap_or(Role::Owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_operations_or_purposes() {
        assert_eq!(words(&parse("points.spend, orders.record").unwrap()), "orders.record points.spend");
        assert_eq!(parse("owner").unwrap(), Operation::ALL);
        assert!(!parse("till").unwrap().contains(&Operation::AdjustPoints));
        let no = parse("points.steal").unwrap_err().to_string();
        assert!(
            no.starts_with("'points.steal' is nothing that can be allowed: give a purpose (till"),
            "{no}"
        );
    }

    #[test]
    fn a_key_acts_as_the_least_role_that_may_do_as_much() {
        for (scopes, role) in [
            ("till", Role::Till),
            ("shop", Role::Service),
            ("points.adjust", Role::Service),
            ("keys.manage", Role::Owner),
            ("audit.read", Role::Auditor),
        ] {
            assert_eq!(role_of(&parse(scopes).unwrap()), role, "{scopes}");
        }
    }
}
