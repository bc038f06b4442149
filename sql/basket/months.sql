-- basket.months: the average order, month by month.
-- One row per calendar month with an order, up to as_of; anonymous orders count too.
-- Reads facts.orders, run.parameters.
--   month_on: first day of the month
--   orders: orders
--   known_orders: of them, those of known customers
--   revenue_minor: what was paid
--   order_value_minor: mean paid per order
--   median_value_minor: median paid per order
--   lines_per_order: mean lines
--   units_per_order: mean units
--   discount_minor: what was taken off; absent where the files do not say
--   discounted_orders: orders with something taken off
select
    cast(date_trunc('month', ordered_on) as date) as month_on,
    count(*) as orders,
    count(customer_id) as known_orders,
    sum(revenue_minor) as revenue_minor,
    avg(revenue_minor) as order_value_minor,
    median(cast(revenue_minor as double)) as median_value_minor,
    avg(lines) as lines_per_order,
    avg(units) as units_per_order,
    sum(discount_minor) as discount_minor,
    count(*) filter (where discount_minor > 0) as discounted_orders
from facts.orders
where ordered_on <= (select as_of from run.parameters)
group by month_on
