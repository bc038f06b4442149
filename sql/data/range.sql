-- data.range: what time the facts span, by currency.
-- One row per currency in which anything was sold. It is read before a run has its parameters: the last day of facts
-- is the day of observation where none is asked for.
-- Reads lake.lines.
--   currency: ISO 4217; XXX where the shop has not said
--   first_on: day of the first order
--   last_on: day of the last
--   lines: order lines
select currency, min(ordered_on) as first_on, max(ordered_on) as last_on, count(*) as lines
from lake.lines
group by currency
