-- program.spans: customers dealt into spans of about as many order lines each, to be read one after another.
-- One row per span, in the order of customer ids; a customer's lines are never parted.
-- Reads facts.lines, run.history.
--   span: its number, from 0; numbers may be missing
--   first_id: the id of its first customer
--   customers: how many customers it has
--   lines: how many lines they have within the time of run.history
with
bought as (
    select lines.customer_id, count(*) as lines
    from facts.lines as lines
    cross join run.history as history
    where lines.customer_id is not null
        and lines.ordered_on >= history.from_on
        and lines.ordered_on < history.until_on
    group by lines.customer_id
),
ranked as (
    select
        customer_id,
        lines,
        sum(lines) over (order by customer_id rows between unbounded preceding and current row) as lines_so_far
    from bought
),
dealt as (
    select ranked.customer_id, ranked.lines, (ranked.lines_so_far - 1) / history.span_lines as span
    from ranked
    cross join run.history as history
)
select span, min(customer_id) as first_id, count(*) as customers, sum(lines) as lines
from dealt
group by span
