-- cohort.sales: the sales of every step of time by the cohort they come from.
-- One row per month, quarter or year (cohort.grain) and cohort with a sale in it; sales to nobody known stand under no
-- cohort.
-- Reads customer.days, cohort.customers, cohort.grain, facts.lines, run.parameters.
--   step_on: first day of the step of time
--   cohort_on: first day of the cohort; absent for sales to nobody known
--   customers: customers who ordered
--   orders: order days
--   sales_minor: sales, returns off
--   margin_minor: margin; absent for sales to nobody known
with
months as (
    select
        cast(date_trunc('month', days.ordered_on) as date) as month_on,
        customers.cohort_on,
        customers.customer_id,
        count(*) as orders,
        sum(days.net_minor) as sales_minor,
        sum(days.margin_minor) as margin_minor
    from customer.days as days
    join cohort.customers as customers on customers.customer_id = days.customer_id
    group by month_on, customers.cohort_on, customers.customer_id
),
steps as (
    select
        case grain.grain
            when 'month' then months.month_on
            when 'quarter' then cast(date_trunc('quarter', months.month_on) as date)
            else cast(date_trunc('year', months.month_on) as date)
        end as step_on,
        months.cohort_on,
        months.customer_id,
        sum(months.orders) as orders,
        sum(months.sales_minor) as sales_minor,
        sum(months.margin_minor) as margin_minor
    from cohort.grain as grain
    cross join months
    group by step_on, months.cohort_on, months.customer_id
),
anonymous_days as (
    select ordered_on, sum(total_minor) as total_minor
    from facts.lines
    where customer_id is null and ordered_on <= (select as_of from run.parameters)
    group by ordered_on
),
anonymous as (
    select
        cast(
            case grain.grain
                when 'month' then date_trunc('month', ordered_on)
                when 'quarter' then date_trunc('quarter', ordered_on)
                else date_trunc('year', ordered_on)
            end as date
        ) as step_on,
        sum(total_minor) as sales_minor
    from cohort.grain as grain
    cross join anonymous_days
    group by step_on
)
select
    step_on,
    cohort_on,
    count(*) as customers,
    sum(orders) as orders,
    sum(sales_minor) as sales_minor,
    sum(margin_minor) as margin_minor
from steps
group by step_on, cohort_on
union all
select step_on, cast(null as date) as cohort_on, 0 as customers, 0 as orders, sales_minor, null as margin_minor
from anonymous
