//! What people ask about their data, each with the day by which the law of their place wants it answered and done.

use super::consents::jurisdiction;
use super::{Acting, Refused, Stopped, again, survivor};
use crate::record::consent::{Asked, profile};
use crate::record::identity::kinds::Rules;
use jiff::tz::TimeZone;
use store::{RequestRow, Session};

/// Keep what a person asked: `access`, `correct`, `erase`, `withdraw` or `object`.
pub fn receive(
    session: &mut Session,
    rules: &Rules,
    customer: &str,
    asked: Asked,
    zone: &TimeZone,
    acting: &mut Acting<'_>,
) -> Result<RequestRow, Stopped> {
    again(session, |writing| {
        let customer = survivor(writing, customer)?;
        let place = jurisdiction(writing, rules, &customer)?;
        let today = acting.now.to_zoned(zone.clone()).date();
        let law = profile(&place, today);
        let day = |clock: Option<crate::record::consent::Clock>| {
            clock.map(|clock| clock.last_day(today).to_string())
        };
        let row = RequestRow {
            request_id: acting.id(),
            customer_id: customer,
            kind: asked.code().to_owned(),
            jurisdiction: place,
            law: law.as_ref().map_or_else(String::new, |law| law.law.clone()),
            received_at: acting.micros(),
            answer_by: day(law.as_ref().and_then(|law| law.answer_within)),
            done_by: day(law.as_ref().and_then(|law| law.done_within(asked))),
            answered_at: None,
            done_at: None,
        };
        writing.insert_request(&row)?;
        Ok(row)
    })
}

/// Say that a request was answered and, where `is_done`, that what it asked is done.
pub fn close(
    session: &mut Session,
    request: &str,
    is_done: bool,
    acting: &mut Acting<'_>,
) -> Result<(), Stopped> {
    again(session, |writing| match writing.close_request(request, is_done, acting.micros())? {
        true => Ok(()),
        false => Err(Refused::UnknownRequest(request.to_owned()).into()),
    })
}
