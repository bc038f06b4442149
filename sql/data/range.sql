-- data.range: what time the facts span, by currency.
-- One row per currency in which anything was sold. It is read before a run has its parameters: the last day of facts
-- is the day of observation where none is asked for.
-- Reads lake.lines.
--   currency: ISO 4217; XXX where the shop has not said
--   first_on: day of the first order
--   last_on: day of the last
--   lines: order lines
--   clock_minutes: minutes between the earliest and the latest time of day; an hour at most where the files tell only days
with
clock as (
    select
        currency,
        ordered_on,
        date_part('hour', ordered_at) * 60 + date_part('minute', ordered_at) as minute
    from lake.lines
)
select
    currency,
    min(ordered_on) as first_on,
    max(ordered_on) as last_on,
    count(*) as lines,
    max(minute) - min(minute) as clock_minutes
from clock
group by currency
