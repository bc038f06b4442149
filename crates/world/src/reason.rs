//! Why customers leave.

/// A planted reason for leaving. The first eleven are those of the retention plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Treated badly.
    PoorService,
    /// The program brought them nothing they felt.
    NoBenefit,
    /// Nobody ever said thank you.
    NeverThanked,
    /// Nothing was meant for them.
    NothingPersonal,
    /// Bringing something back was hard.
    ComplicatedReturns,
    /// The shop did not have or know what they need.
    NeedsNotUnderstood,
    /// Somebody else was better or cheaper.
    Competitors,
    /// They do not trust the shop.
    LackOfTrust,
    /// The shop was closed or silent when it mattered.
    NotThereWhenNeeded,
    /// Always the same things.
    NothingNew,
    /// Good customers are treated like any other.
    SameForEverybody,
    /// Life: moved away, changed work. No play brings them back.
    MovedAway,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 12] = [
        Reason::PoorService,
        Reason::NoBenefit,
        Reason::NeverThanked,
        Reason::NothingPersonal,
        Reason::ComplicatedReturns,
        Reason::NeedsNotUnderstood,
        Reason::Competitors,
        Reason::LackOfTrust,
        Reason::NotThereWhenNeeded,
        Reason::NothingNew,
        Reason::SameForEverybody,
        Reason::MovedAway,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Reason::PoorService => "poor_service",
            Reason::NoBenefit => "no_benefit",
            Reason::NeverThanked => "never_thanked",
            Reason::NothingPersonal => "nothing_personal",
            Reason::ComplicatedReturns => "complicated_returns",
            Reason::NeedsNotUnderstood => "needs_not_understood",
            Reason::Competitors => "competitors",
            Reason::LackOfTrust => "lack_of_trust",
            Reason::NotThereWhenNeeded => "not_there_when_needed",
            Reason::NothingNew => "nothing_new",
            Reason::SameForEverybody => "same_for_everybody",
            Reason::MovedAway => "moved_away",
        }
    }

    /// How common it is among those who leave; the shares add up to 1.
    pub(crate) fn share(self) -> f64 {
        match self {
            Reason::PoorService => 0.18,
            Reason::Competitors => 0.15,
            Reason::MovedAway => 0.15,
            Reason::NothingNew => 0.10,
            Reason::NoBenefit => 0.09,
            Reason::NotThereWhenNeeded => 0.07,
            Reason::NeedsNotUnderstood => 0.06,
            Reason::ComplicatedReturns => 0.05,
            Reason::NothingPersonal => 0.05,
            Reason::SameForEverybody => 0.04,
            Reason::NeverThanked => 0.03,
            Reason::LackOfTrust => 0.03,
        }
    }

    /// The reason at a place in [0, 1) of the cumulative shares.
    pub(crate) fn at(place: f64) -> Reason {
        let mut left = place;
        for reason in Reason::ALL {
            left -= reason.share();
            if left < 0.0 {
                return reason;
            }
        }
        Reason::MovedAway
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_places_find_every_reason() {
        assert!((Reason::ALL.iter().map(|reason| reason.share()).sum::<f64>() - 1.0).abs() < 1e-12);
        let found: std::collections::BTreeSet<Reason> =
            (0..1_000).map(|place| Reason::at(f64::from(place) / 1_000.0)).collect();
        assert_eq!(found.len(), Reason::ALL.len());
    }
}
