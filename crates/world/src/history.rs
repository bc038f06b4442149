//! One customer's history: when they came, what they bought, brought back and said, and when and why they left.

use std::sync::Arc;

use jiff::civil::DateTime;
use rand::RngExt;
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64Mcg;

use crate::action::Action;
use crate::basket::{Item, fill};
use crate::feedback::{Language, sentence};
use crate::market::World;
use crate::person::{Leaving, Person, beta, gamma, normal};
use crate::random::{Purpose, stream};
use crate::reason::Reason;
use crate::row::{CustomerRow, Feedback, OrderLine, Return, Truth};

/// Everything about one customer, or about one day's sales without a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct History<'w> {
    /// What the shop knows; `None` for sales without a customer.
    pub customer: Option<CustomerRow<'w>>,
    /// What was planted; `None` for sales without a customer.
    pub truth: Option<Truth>,
    /// Order lines in order of time.
    pub lines: Vec<OrderLine<'w>>,
    /// What came back.
    pub returns: Vec<Return<'w>>,
    /// What was said.
    pub feedback: Vec<Feedback<'w>>,
}

/// When a customer came and when they left, in days from the start.
struct Visits {
    days: Vec<f64>,
    left_at: Option<f64>,
    future_orders: u32,
}

pub(crate) fn customer_history<'w>(world: &'w World, number: u64) -> History<'w> {
    let config = world.config();
    let person = world.person(number);
    let visits = visits(world, &person, number);
    let mut shop = Till::new(world, number, Some(&person));
    for (index, day) in visits.days.iter().enumerate() {
        let budget = gamma(&mut shop.baskets, config.spend.p) / person.spend_rate;
        shop.sell(index as u32, *day, budget);
    }
    let reason = visits.left_at.map(|_| Reason::at(stream(config.seed, Purpose::Feedback, number).random()));
    let feedback = feedback(world, &person, number, &visits, reason);
    let mut future = stream(config.seed, Purpose::Future, number);
    let mut future_value = 0.0;
    for _ in 0..visits.future_orders {
        future_value += gamma(&mut future, config.spend.p) / person.spend_rate;
    }
    let (dropout_probability, dropout_rate) = match person.leaving {
        Leaving::AfterRepeat(p) | Leaving::AfterEvery(p) => (Some(p), None),
        Leaving::Risk(rate) => (None, Some(rate)),
        Leaving::Never => (None, None),
    };
    let truth = Truth {
        customer_key: Arc::clone(&person.key),
        rate_per_week: person.rate_per_week,
        dropout_probability,
        dropout_rate,
        alive_until: visits.left_at.map(|day| world.date(day as u32)),
        reason,
        mean_spend: config.spend.p / person.spend_rate,
        likes_discounts: person.likes_discounts,
        response: person.response.kind,
        base_chance: person.response.base,
        offer_effect: person.response.effect,
        future_orders: visits.future_orders,
        future_value,
    };
    History {
        customer: Some(customer_row(world, &person)),
        truth: Some(truth),
        lines: shop.lines,
        returns: shop.returns,
        feedback,
    }
}

/// A customer's history with what an action brought on top of it.
pub(crate) fn acted_history<'w>(world: &'w World, number: u64, action: &Action) -> History<'w> {
    let config = world.config();
    let mut history = customer_history(world, number);
    let random = &mut stream(config.seed, Purpose::Action, number);
    let brought = Poisson::new(action.lift.max(1e-12)).map_or(0.0, |law| law.sample(random)) as u32;
    let person = world.person(number);
    let mut till = Till::new(world, number, Some(&person));
    // Not the stream of the untouched baskets, which would sell the same things twice.
    till.baskets = stream(config.seed, Purpose::Action, number | 1 << 48);
    let last = config.days().saturating_sub(1);
    for index in 0..brought {
        let day = (f64::from(action.from_day) + random.random::<f64>() * f64::from(action.days)).floor();
        let budget = gamma(&mut till.baskets, config.spend.p) / person.spend_rate;
        // Numbered far behind those of the untouched history, so that no two orders have one id.
        till.sell(9_000 + index, day.min(f64::from(last)), budget);
    }
    history.lines.append(&mut till.lines);
    history.lines.sort_by_key(|line| line.at);
    history
}

pub(crate) fn order_moments(world: &World, number: u64) -> Vec<f64> {
    visits(world, &world.person(number), number).days
}

pub(crate) fn customer_row<'w>(world: &'w World, person: &Person) -> CustomerRow<'w> {
    CustomerRow {
        customer_key: Arc::clone(&person.key),
        handle: person.handle.clone(),
        joined_on: world.date(person.joined as u32),
        language: person.language,
        home_store: &world.stores()[person.home_store].code,
        accepts_messages: person.accepts_messages,
    }
}

/// The sales without a customer of one day.
pub(crate) fn walk_in_history<'w>(world: &'w World, day: u32) -> History<'w> {
    let config = world.config();
    let number = (1 << 40) + u64::from(day);
    let mut shop = Till::new(world, number, None);
    // As many as the share asks for if customers came at the population's rate throughout.
    let known = f64::from(config.customers) * config.rate_shape / config.rate_weeks / 7.0 * 0.4;
    let busy = world.season().busy_at(f64::from(day) + 1.0) - world.season().busy_at(f64::from(day));
    let mean = (known * config.anonymous_share / (1.0 - config.anonymous_share) * busy).max(1e-9);
    let mut walk_ins = stream(config.seed, Purpose::WalkIns, number);
    let orders = Poisson::new(mean).map_or(0.0, |law| law.sample(&mut walk_ins)) as u32;
    for index in 0..orders {
        let rate = gamma(&mut shop.baskets, config.spend.q) / config.spend.gamma;
        let budget = gamma(&mut shop.baskets, config.spend.p) / rate;
        shop.sell(index, f64::from(day), budget);
    }
    History { customer: None, truth: None, lines: shop.lines, returns: shop.returns, feedback: Vec::new() }
}

/// Draws order moments until the customer leaves or the world ends, and counts those after it.
fn visits(world: &World, person: &Person, number: u64) -> Visits {
    let config = world.config();
    let random = &mut stream(config.seed, Purpose::Times, number);
    let (end, season) = (f64::from(config.days()), world.season());
    let last = end + f64::from(config.future_weeks) * 7.0;
    // Gaps are drawn in busy time, which runs fast on busy days; after the end all days are alike.
    let day_of = |busy: f64| if busy < end { season.day_at(busy).unwrap_or(busy) } else { busy };
    let mut busy = season.busy_at(person.joined);
    let leaves_at_risk = match person.leaving {
        Leaving::Risk(rate) => busy + 7.0 * gamma(random, 1.0) / rate.max(1e-12),
        _ => f64::INFINITY,
    };
    let mut days = vec![person.joined];
    let mut future_orders = 0;
    let mut left_at = None;
    let coin = |random: &mut Pcg64Mcg, p: f64| random.random::<f64>() < p;
    if let Leaving::AfterEvery(p) = person.leaving
        && coin(random, p)
    {
        return Visits { days, left_at: Some(person.joined), future_orders };
    }
    loop {
        // A gap of Erlang-k with the mean of the customer's own rate.
        busy += 7.0 * gamma(random, config.regularity) / (config.regularity * person.rate_per_week.max(1e-9));
        if busy >= leaves_at_risk {
            left_at = (leaves_at_risk < end).then(|| day_of(leaves_at_risk));
            break;
        }
        if busy >= last {
            break;
        }
        let day = day_of(busy);
        if busy < end {
            days.push(day);
        } else {
            future_orders += 1;
        }
        if let Leaving::AfterRepeat(p) | Leaving::AfterEvery(p) = person.leaving
            && coin(random, p)
        {
            left_at = (busy < end).then_some(day);
            break;
        }
    }
    Visits { days, left_at, future_orders }
}

/// The till of one history: it turns visits into lines, and some lines into returns.
struct Till<'w, 'p> {
    world: &'w World,
    person: Option<&'p Person>,
    number: u64,
    baskets: Pcg64Mcg,
    returning: Pcg64Mcg,
    basket: Vec<Item>,
    lines: Vec<OrderLine<'w>>,
    returns: Vec<Return<'w>>,
}

impl<'w, 'p> Till<'w, 'p> {
    fn new(world: &'w World, number: u64, person: Option<&'p Person>) -> Till<'w, 'p> {
        let seed = world.config().seed;
        Till {
            world,
            person,
            number,
            baskets: stream(seed, Purpose::Baskets, number),
            returning: stream(seed, Purpose::Returns, number),
            basket: Vec::new(),
            lines: Vec::new(),
            returns: Vec::new(),
        }
    }

    /// One order, the `index`-th of this history, worth about `budget`.
    fn sell(&mut self, index: u32, day: f64, budget: f64) {
        let (world, random) = (self.world, &mut self.baskets);
        let (favourites, loyalty) = self.person.map_or((&[][..], 0.0), |p| (&p.favourites[..], p.loyalty));
        fill(world, random, favourites, loyalty, budget, &mut self.basket);
        let stores = world.stores();
        let home = self.person.map_or_else(|| random.random_range(0..stores.len()), |p| p.home_store);
        let is_away = random.random::<f64>() < 0.12;
        let store = if is_away { random.random_range(0..stores.len()) } else { home };
        let channel = match random.random::<f64>() / self.person.map_or(0.05, |p| p.likes_home).max(1e-9) {
            x if x < 0.45 => "delivery",
            x if x < 1.0 => "app",
            _ => "store",
        };
        let tender = match random.random::<f64>() {
            x if x < 0.42 => "qr",
            x if x < 0.70 && channel == "store" => "cash",
            x if x < 0.85 => "wallet",
            _ => "card",
        };
        let likes_discounts = self.person.map_or(0.1, |p| p.likes_discounts);
        let discount_percent: i64 =
            if random.random::<f64>() < 0.30 * likes_discounts { random.random_range(1..5) * 5 } else { 0 };
        let at = moment(world, random, day as u32);
        let order_id: Arc<str> = match self.person {
            Some(_) => format!("{}-{:06}{:04}", stores[store].code, self.number + 1, index + 1),
            None => format!("{}-w{:05}{:04}", stores[store].code, self.number - (1 << 40), index + 1),
        }
        .into();
        let customer_key = self.person.map(|person| Arc::clone(&person.key));
        for (line, item) in self.basket.iter().enumerate() {
            let product = &world.products()[item.product];
            let full = product.price_minor * item.quantity;
            // Tills take whole hundreds of đồng off.
            let discount_minor = (full * discount_percent / 100 + 50) / 100 * 100;
            let sold = OrderLine {
                order_id: Arc::clone(&order_id),
                line: line as u32 + 1,
                customer_key: customer_key.clone(),
                at,
                product: &product.key,
                name: product.name(Language::Vietnamese),
                category: product.category,
                quantity: item.quantity,
                unit_price_minor: product.price_minor,
                discount_minor,
                total_minor: full - discount_minor,
                cost_minor: product.cost_minor * item.quantity,
                store: &stores[store].code,
                channel,
                tender,
            };
            if product.is_goods && self.returning.random::<f64>() < world.config().return_share {
                let back = take_back(world, &mut self.returning, &sold, day as u32, self.returns.len());
                // What comes back after the end has not been seen yet.
                if back.at.date() <= world.last_day() {
                    self.returns.push(back);
                }
            }
            self.lines.push(sold);
        }
    }
}

/// A line, or some of its pieces, brought back within two weeks.
fn take_back<'w>(
    world: &'w World,
    random: &mut Pcg64Mcg,
    sold: &OrderLine<'w>,
    day: u32,
    before: usize,
) -> Return<'w> {
    let quantity =
        if random.random::<f64>() < 0.7 { sold.quantity } else { random.random_range(1..=sold.quantity) };
    // Pro rata to the piece, rounded down; the whole line gives back the whole amount.
    let amount_minor = sold.total_minor * quantity / sold.quantity;
    let days_later = random.random_range(1..15);
    let causes = ["damaged", "wrong_item", "not_needed", "expired"];
    Return {
        return_id: format!("R-{}-{}-{}", sold.order_id, sold.line, before + 1).into(),
        order_id: Arc::clone(&sold.order_id),
        line: sold.line,
        customer_key: sold.customer_key.clone(),
        at: moment(world, random, day + days_later),
        product: sold.product,
        quantity,
        amount_minor,
        cause: causes[random.random_range(0..causes.len())],
        store: sold.store,
    }
}

/// A moment of a day while the shops are open, busiest at eight and at half past five.
fn moment(world: &World, random: &mut Pcg64Mcg, day: u32) -> DateTime {
    let hour = match random.random::<f64>() {
        x if x < 0.40 => 8.0 + 1.0 * normal(random),
        x if x < 0.75 => 17.5 + 1.5 * normal(random),
        _ => 7.0 + 14.0 * random.random::<f64>(),
    };
    let second = (hour.clamp(6.5, 21.99) * 3_600.0) as i32;
    let part = |seconds: i32| (second / seconds % 60) as i8;
    world.date(day).at((second / 3_600) as i8, part(60), part(1), 0)
}

/// Praise and small complaints along the way, and sometimes the reason on leaving.
fn feedback<'w>(
    world: &'w World,
    person: &Person,
    number: u64,
    visits: &Visits,
    reason: Option<Reason>,
) -> Vec<Feedback<'w>> {
    let config = world.config();
    let random = &mut stream(config.seed, Purpose::Feedback, number);
    // The first draw of this stream chose the reason.
    let _: f64 = random.random();
    let mut said = Vec::new();
    let mut say = |random: &mut Pcg64Mcg, day: f64, about: Option<Reason>| {
        let score = match about {
            Some(_) => (6.0 * beta(random, 1.6, 1.8)).round() as u8,
            None => 7 + (3.0 * beta(random, 2.0, 1.0)).round() as u8,
        };
        said.push(Feedback {
            feedback_id: format!("F-{}-{}", person.key, said.len() + 1).into(),
            customer_key: Arc::clone(&person.key),
            at: moment(world, random, day as u32),
            score,
            language: person.language,
            text: sentence(about, person.language, random.random_range(0..6)),
            store: &world.stores()[person.home_store].code,
            planted: about,
        });
    };
    let last = visits.days.len() - 1;
    for (index, day) in visits.days.iter().enumerate() {
        let is_leaving = visits.left_at.is_some() && index == last;
        let draw: f64 = random.random();
        // People write a day or two later.
        let day = day + 1.0 + random.random::<f64>();
        if day >= f64::from(config.days()) {
            continue;
        }
        if is_leaving && draw < 0.25 {
            say(random, day, reason);
        } else if !is_leaving && draw < 0.015 {
            say(random, day, None);
        } else if !is_leaving && draw < 0.020 {
            let about = Reason::at(random.random());
            if about != Reason::MovedAway {
                say(random, day, Some(about));
            }
        }
    }
    said
}
