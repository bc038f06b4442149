-- audit.by_orders: customers of the period by how often they ordered.
-- One row per number of orders, from one to five, then 6 to 10, 11 to 20, 21 to 50 and more; empty ones left out.
-- Reads audit.customers.
--   orders_from: fewest order days
--   orders_to: most, inclusive; absent for "and more"
--   customers: customers
--   sales_minor: their sales
with
bins as (
    select
        case
            when orders <= 5 then orders
            when orders <= 10 then 6
            when orders <= 20 then 11
            when orders <= 50 then 21
            else 51
        end as orders_from,
        sales_minor
    from audit.customers
    where span = 'period'
)
select
    orders_from,
    case
        when orders_from <= 5 then orders_from
        when orders_from = 6 then 10
        when orders_from = 11 then 20
        when orders_from = 21 then 50
    end as orders_to,
    count(*) as customers,
    sum(sales_minor) as sales_minor
from bins
group by orders_from
