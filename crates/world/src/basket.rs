//! What goes into one basket.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::catalogue::PAIR_CHANCE;
use crate::market::World;

/// Pieces of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub product: usize,
    pub quantity: i64,
}

/// Lines of a basket, at most.
const LINES_AT_MOST: usize = 30;

/// Fills a basket for about `budget` minor units. The last product is taken or left by chance in proportion to the
/// money left for it, so that baskets are worth their budgets on average; the first is always taken.
pub fn fill(
    world: &World,
    random: &mut Pcg64Mcg,
    favourites: &[usize],
    loyalty: f64,
    budget: f64,
    basket: &mut Vec<Item>,
) {
    basket.clear();
    let mut left = budget;
    let mut wanted: Option<usize> = None;
    while basket.len() < LINES_AT_MOST {
        let product = wanted.take().unwrap_or_else(|| {
            if !favourites.is_empty() && random.random::<f64>() < loyalty {
                favourites[random.random_range(0..favourites.len())]
            } else {
                world.product_at(random.random())
            }
        });
        let price = world.products()[product].price_minor as f64;
        // A large budget buys several of a thing rather than a hundred lines.
        let pieces = (left / (price * 8.0)).floor().clamp(1.0, 500.0);
        if !basket.is_empty() && random.random::<f64>() >= left / price {
            break;
        }
        match basket.iter_mut().find(|item| item.product == product) {
            Some(item) => item.quantity += pieces as i64,
            None => basket.push(Item { product, quantity: pieces as i64 }),
        }
        left -= price * pieces;
        wanted = world.partner(product).filter(|_| random.random::<f64>() < PAIR_CHANCE);
        match wanted {
            // A partner is bought on impulse, whatever is left.
            Some(partner) => left = left.max(world.products()[partner].price_minor as f64),
            None if left <= 0.0 => break,
            None => {}
        }
    }
}
