-- audit.months: what known customers brought month by month.
-- One row per calendar month with an order of a known customer; the first and the last may not be whole.
-- Reads customer.days, customer.habit.
--   month_on: first day of the month
--   customers: customers who ordered
--   new_customers: of them, those whose first order ever lies in the month
--   orders: order days
--   repeat_orders: of them, those that are not the customer's first
--   sales_minor: sales, returns off
with
months as (
    select
        cast(date_trunc('month', days.ordered_on) as date) as month_on,
        days.customer_id,
        count(*) as orders,
        max(case when days.ordered_on = habit.first_on then 1 else 0 end) as first_orders,
        sum(days.net_minor) as sales_minor
    from customer.days as days
    join customer.habit as habit on habit.customer_id = days.customer_id
    group by month_on, days.customer_id
)
select
    month_on,
    count(*) as customers,
    sum(first_orders) as new_customers,
    sum(orders) as orders,
    sum(orders) - sum(first_orders) as repeat_orders,
    sum(sales_minor) as sales_minor
from months
group by month_on
