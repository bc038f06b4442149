-- program.range: the time a program can be tried on: from the first order to the last order or return.
-- One row; nothing in it where there is no order.
-- Reads facts.lines, facts.returns.
--   first_on: the day of the first order
--   last_on: the day of the last order or return
with
days as (
    select min(ordered_on) as first_on, max(ordered_on) as last_on from facts.lines
    union all
    select cast(null as date) as first_on, max(returned_on) as last_on from facts.returns
)
select min(first_on) as first_on, max(last_on) as last_on from days
