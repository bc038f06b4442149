-- cohort.life: one cohort over time, month by month.
-- One row per month of age that all of the cohort have lived through, for the largest cohort that is a year old, or
-- else the oldest. Age counts from each customer's own first order.
-- Reads cohort.customers, cohort.sizes, customer.days, run.parameters.
--   cohort_on: first day of the cohort
--   cohort_until_on: the day after its last
--   customers: customers of the cohort
--   age_months: months after the first order, from 1: the first month is 1
--   bought_customers: those who ordered in this month of age, after their first order day
--   repeat_customers: those who have ordered a second time by its end
--   later_customers: those seen ordering in this month of age or later
--   sales_minor: sales of this month of age, the first order left out
--   sales_so_far_minor: all sales by its end, the first order included
with
choice as (
    select sizes.cohort_on, sizes.cohort_until_on, sizes.customers, youngest.youngest_on
    from cohort.sizes as sizes
    join (
        select cohort_on, max(first_on) as youngest_on from cohort.customers group by cohort_on
    ) as youngest on youngest.cohort_on = sizes.cohort_on
    order by
        (select as_of from run.parameters) - youngest.youngest_on >= 365 desc,
        case when (select as_of from run.parameters) - youngest.youngest_on >= 365 then sizes.customers end desc,
        sizes.cohort_on
    limit 1
),
members as (
    select customers.customer_id, customers.first_on, customers.second_on, customers.last_on
    from cohort.customers as customers
    join choice on choice.cohort_on = customers.cohort_on
),
activity as (
    select
        members.customer_id,
        case
            when days.ordered_on = members.first_on then 0
            else 1 + cast(floor((days.ordered_on - members.first_on) / 30.4375) as bigint)
        end as age_months,
        sum(days.net_minor) as sales_minor
    from customer.days as days
    join members on members.customer_id = days.customer_id
    group by members.customer_id, age_months
),
bought as (
    select age_months, count(*) as customers, sum(sales_minor) as sales_minor from activity group by age_months
),
second as (
    select 1 + cast(floor((second_on - first_on) / 30.4375) as bigint) as age_months, count(*) as customers
    from members
    where second_on is not null
    group by age_months
),
last as (
    select 1 + cast(floor((last_on - first_on) / 30.4375) as bigint) as age_months, count(*) as customers
    from members
    where last_on > first_on
    group by age_months
),
steps as (
    select
        cohort_on,
        cohort_until_on,
        customers,
        cast(floor(((select as_of from run.parameters) - youngest_on + 1) / 30.4375) as bigint) as months,
        unnest(
            range(0, cast(floor(((select as_of from run.parameters) - cohort_on) / 30.4375) as bigint) + 2)
        ) as age_months
    from choice
),
counts as (
    select
        steps.cohort_on,
        steps.cohort_until_on,
        steps.customers,
        steps.months,
        steps.age_months,
        coalesce(bought.customers, 0) as bought_customers,
        sum(coalesce(second.customers, 0)) over (order by steps.age_months) as repeat_customers,
        sum(coalesce(last.customers, 0)) over (order by steps.age_months desc) as later_customers,
        coalesce(bought.sales_minor, 0) as sales_minor,
        sum(coalesce(bought.sales_minor, 0)) over (order by steps.age_months) as sales_so_far_minor
    from steps
    left join bought on bought.age_months = steps.age_months
    left join second on second.age_months = steps.age_months
    left join last on last.age_months = steps.age_months
)
select
    cohort_on,
    cohort_until_on,
    customers,
    age_months,
    bought_customers,
    repeat_customers,
    later_customers,
    sales_minor,
    sales_so_far_minor
from counts
where age_months between 1 and months
