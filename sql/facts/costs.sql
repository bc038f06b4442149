-- facts.costs: marketing spend and what it bought, in the shop's currency.
-- One row per day, channel, program and kind of output. Spend that is unknown stays absent, never zero.
-- Reads lake.costs, run.parameters.
--   spent_on: the day
--   channel: the channel it was spent on
--   program: the program it was spent for
--   spend_minor: what was spent; absent means unknown
--   output: what is counted: visits, views, calls, footfall
--   output_count: how many
select spent_on, channel, program, spend_minor, output, output_count
from lake.costs
where currency = (select currency from run.parameters)
