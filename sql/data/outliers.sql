-- data.outliers: orders far outside what is usual, named so that they can be checked. They are counted.
-- At most ten rows, largest first. Far means above the third quartile of ln(paid) by three times the distance between
-- the quartiles (Tukey's far out), and above twenty times the median order.
-- Reads facts.orders, run.parameters.
--   source: the shop or system of the order
--   order_id: the shop's key of the order
--   customer_id: our id of the customer; absent on anonymous orders
--   ordered_on: the day
--   revenue_minor: what was paid
--   times_median: what was paid over the median order
with
orders as (
    select source, order_id, customer_id, ordered_on, revenue_minor, ln(revenue_minor) as size
    from facts.orders
    where revenue_minor > 0 and ordered_on <= (select as_of from run.parameters)
),
usual as (
    select
        approx_percentile_cont(0.25) within group (order by size) as q1,
        approx_percentile_cont(0.5) within group (order by size) as q2,
        approx_percentile_cont(0.75) within group (order by size) as q3
    from orders
)
select
    orders.source,
    orders.order_id,
    orders.customer_id,
    orders.ordered_on,
    orders.revenue_minor,
    exp(orders.size - usual.q2) as times_median
from usual
cross join orders
where orders.size > usual.q3 + 3.0 * (usual.q3 - usual.q1) and orders.size > usual.q2 + ln(20.0)
order by orders.revenue_minor desc, orders.order_id
limit 10
