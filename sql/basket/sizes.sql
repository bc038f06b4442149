-- basket.sizes: orders of the period by how many lines they have.
-- One row per number of lines from one to five, then 6 to 10, 11 to 20 and more; anonymous orders count too.
-- Reads facts.lines, audit.spans.
--   lines_from: fewest lines
--   lines_to: most, inclusive; absent for "and more"
--   orders: orders
--   known_orders: of them, those of known customers
--   revenue_minor: what was paid
with
period as (
    select from_on, until_on from audit.spans where span = 'period'
),
orders as (
    select
        source,
        order_id,
        count(*) as lines,
        count(customer_id) as known_lines,
        sum(total_minor) as revenue_minor
    from facts.lines
    where ordered_on >= (select from_on from period) and ordered_on < (select until_on from period)
    group by source, order_id
),
bins as (
    select
        case when lines <= 5 then lines when lines <= 10 then 6 when lines <= 20 then 11 else 21 end as lines_from,
        case when known_lines > 0 then 1 else 0 end as is_known,
        revenue_minor
    from orders
)
select
    lines_from,
    case when lines_from <= 5 then lines_from when lines_from = 6 then 10 when lines_from = 11 then 20 end
        as lines_to,
    count(*) as orders,
    sum(is_known) as known_orders,
    sum(revenue_minor) as revenue_minor
from bins
group by lines_from
