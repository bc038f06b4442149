//! How much a key may send: a bucket that fills steadily, as governor has it (GCRA), told in the headers of
//! draft-ietf-httpapi-ratelimit-headers.

use crate::problem::{Kind, Problem};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;

type Limiter = RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// What each key has left.
pub struct Limits {
    limiter: Limiter,
    clock: DefaultClock,
    per_second: u32,
    burst: u32,
}

/// What a key has left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// At once.
    pub remaining: u32,
    /// At once, at most.
    pub burst: u32,
    /// In how many seconds it is full again.
    pub reset_seconds: u64,
}

impl Limits {
    /// So many a second in the long run, so many at once; at least one of each.
    pub fn new(per_second: u32, burst: u32) -> Limits {
        let (rate, at_once) = (NonZeroU32::new(per_second.max(1)), NonZeroU32::new(burst.max(1)));
        let quota =
            Quota::per_second(rate.expect("at least one")).allow_burst(at_once.expect("at least one"));
        let limiter = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
        Limits { limiter, clock: DefaultClock::default(), per_second: per_second.max(1), burst: burst.max(1) }
    }

    /// Count one request of a key.
    pub fn count(&self, key: &str) -> Result<Left, Problem> {
        match self.limiter.check_key(&key.to_owned()) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Ok(self.left(remaining))
            }
            Err(no) => {
                let wait = no.wait_time_from(self.clock.now()).as_millis().div_ceil(1000).max(1);
                let detail = format!("more than {} requests a second: wait {wait} s", self.per_second);
                let mut problem = Problem::new(Kind::RateLimited, detail)
                    .header(header::RETRY_AFTER, &wait.to_string())
                    .header(HeaderName::from_static("x-ratelimit-reset"), &wait.to_string());
                self.left(0).say(&mut problem.headers, self.per_second);
                Err(problem)
            }
        }
    }

    /// Forget keys that have everything left.
    pub fn shrink(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// Say it in the headers of an answer.
    pub fn say(&self, left: Left, headers: &mut HeaderMap) {
        left.say(headers, self.per_second);
    }

    fn left(&self, remaining: u32) -> Left {
        let missing = self.burst.saturating_sub(remaining);
        Left { remaining, burst: self.burst, reset_seconds: u64::from(missing.div_ceil(self.per_second)) }
    }
}

impl Left {
    fn say(self, headers: &mut HeaderMap, per_second: u32) {
        let window = self.burst.div_ceil(per_second);
        let policy = format!("\"key\";q={};w={window}", self.burst);
        let now = format!("\"key\";r={};t={}", self.remaining, self.reset_seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", now)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_asks_too_much_is_told_how_long_to_wait() {
        let limits = Limits::new(1, 3);
        for left in [2, 1, 0] {
            assert_eq!(limits.count("a").unwrap().remaining, left);
        }
        let problem = limits.count("a").unwrap_err();
        assert_eq!(problem.kind, Kind::RateLimited);
        assert_eq!(problem.headers["retry-after"], "1");
        assert_eq!(problem.headers["ratelimit-policy"], "\"key\";q=3;w=3");
        assert_eq!(problem.headers["ratelimit"], "\"key\";r=0;t=3");
        assert_eq!(limits.count("b").unwrap().remaining, 2, "another key is another's affair");
    }
}
