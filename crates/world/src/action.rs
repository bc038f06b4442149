//! An action on customers, with the lift it has: the truth a campaign's measurement must find again.

/// Something done to some customers on a day, after which they order more for a while.
///
/// What they would have done anyway is what they do untouched, line by line; the orders it brings come on top. So two
/// worlds that differ in who was acted on differ in nothing else, and the truth of each is known order by order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// The first day of its effect, in days from the start.
    pub from_day: u32,
    /// How many days it lasts.
    pub days: u32,
    /// Orders it brings a customer, on average (Poisson).
    pub lift: f64,
}
