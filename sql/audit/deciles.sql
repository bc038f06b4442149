-- audit.deciles: ten equal parts of the period's customers, best by margin first.
-- One row per decile with a customer in it. Customers of equal margin are parted by their id, so that the parts are
-- equal and the same every time.
-- Reads audit.customers.
--   decile: 1 is the best tenth
--   customers: customers
--   orders: their order days
--   sales_minor: their sales
--   margin_minor: their margin
--   margin_share: their part of the period's margin; absent where the whole is zero
with
ranked as (
    select
        ntile(10) over (order by margin_minor desc, customer_id) as decile,
        orders,
        sales_minor,
        margin_minor
    from audit.customers
    where span = 'period'
)
select
    decile,
    count(*) as customers,
    sum(orders) as orders,
    sum(sales_minor) as sales_minor,
    sum(margin_minor) as margin_minor,
    sum(margin_minor) / nullif(cast(sum(sum(margin_minor)) over () as double), 0.0) as margin_share
from ranked
group by decile
