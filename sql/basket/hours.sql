-- basket.hours: when the shop sells: weekday and hour of the period's orders, by the shop's clock.
-- One row per weekday and hour with an order. Files without a time of day put everything into hour 0.
-- Reads facts.lines, audit.spans, run.parameters.
--   weekday: 1 for Monday to 7 for Sunday
--   hour: 0 to 23
--   orders: orders
--   revenue_minor: what was paid
with
period as (
    select from_on, until_on from audit.spans where span = 'period'
),
orders as (
    select
        source,
        order_id,
        min(ordered_on) as ordered_on,
        min(ordered_at) as ordered_at,
        sum(total_minor) as revenue_minor
    from facts.lines
    where ordered_on >= (select from_on from period) and ordered_on < (select until_on from period)
    group by source, order_id
),
clocks as (
    select
        cast((date_part('dow', orders.ordered_on) + 6) % 7 + 1 as bigint) as weekday,
        shop_hour(orders.ordered_at, parameters.zone) as hour,
        orders.revenue_minor
    from run.parameters as parameters
    cross join orders
)
select weekday, hour, count(*) as orders, sum(revenue_minor) as revenue_minor
from clocks
group by weekday, hour
