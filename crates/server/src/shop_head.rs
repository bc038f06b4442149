//! What a page must know of the shop before anything else: its name, its currency, its clock.

use crate::brand::Brand;
use domain::Currency;
use jiff::tz::TimeZone;
use store::{Failure, Writing};

/// Name, currency and clock.
#[derive(Debug, Clone)]
pub struct ShopHead {
    /// As it calls itself; empty where it has not said.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Digits after the point.
    pub decimals: u32,
    /// Where its days begin and end.
    pub zone: TimeZone,
    /// Its own look.
    pub brand: Brand,
}

impl Default for ShopHead {
    fn default() -> ShopHead {
        let (currency, zone) = (Currency::UNKNOWN, TimeZone::UTC);
        ShopHead {
            name: String::new(),
            currency: currency.code().to_owned(),
            decimals: currency.decimals(),
            zone,
            brand: Brand::default(),
        }
    }
}

impl ShopHead {
    /// What imports have settled, else what the first program says.
    pub fn read(reading: &Writing<'_>) -> Result<ShopHead, Failure> {
        let first = reading.newest_programs()?.into_iter().next();
        let program = match first {
            Some(id) => engine::record::program::find(reading, &id)?.map(|found| found.program),
            None => None,
        };
        let said = reading.find_setting("currency")?.and_then(|code| code.parse::<Currency>().ok());
        let of_program = program.as_ref().map(|program| program.head.currency);
        let currency = said.or(of_program).unwrap_or(Currency::UNKNOWN);
        let zone = reading.find_setting("timezone")?.and_then(|name| TimeZone::get(&name).ok());
        let of_program = program.as_ref().map(|program| program.zone.clone());
        Ok(ShopHead {
            name: reading.find_setting("shop")?.unwrap_or_default(),
            currency: currency.code().to_owned(),
            decimals: currency.decimals(),
            zone: zone.or(of_program).unwrap_or(TimeZone::UTC),
            brand: Brand::read(reading)?,
        })
    }
}
