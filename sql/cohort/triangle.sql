-- cohort.triangle: every cohort at every age: who bought, how often, for how much.
-- One row per cohort and step of age. Age counts from each customer's own first order in steps of cohort.grain, so
-- that cohorts are compared at the same age; age 0 begins with the first order itself. Steps that not all of the
-- cohort have lived through say so; they are here so that the sales add up to all sales.
-- Reads cohort.customers, cohort.sizes, cohort.grain, customer.days.
--   cohort_on: first day of the cohort
--   age: step of age, from 0
--   customers: customers of the cohort
--   bought_customers: of them, those who ordered in this step
--   repeat_customers: of them, those who have ordered a second time by the end of this step
--   last_customers: of them, those whose last order so far lies in this step
--   orders: order days in this step
--   sales_minor: sales of this step, returns off
--   margin_minor: margin of this step
--   sales_so_far_minor: sales of this step and all before
--   is_complete: whether all of the cohort have lived through this step
with
activity as (
    select
        customers.cohort_on,
        customers.customer_id,
        cast(floor((days.ordered_on - customers.first_on) / grain.grain_days) as bigint) as age,
        count(*) as orders,
        sum(days.net_minor) as sales_minor,
        sum(days.margin_minor) as margin_minor
    from cohort.grain as grain
    cross join customer.days as days
    join cohort.customers as customers on customers.customer_id = days.customer_id
    group by customers.cohort_on, customers.customer_id, age
),
bought as (
    select
        cohort_on,
        age,
        count(*) as customers,
        sum(orders) as orders,
        sum(sales_minor) as sales_minor,
        sum(margin_minor) as margin_minor
    from activity
    group by cohort_on, age
),
second as (
    select
        cohort_on,
        cast(floor((second_on - first_on) / grain.grain_days) as bigint) as age,
        count(*) as customers
    from cohort.grain as grain
    cross join cohort.customers
    where second_on is not null
    group by cohort_on, age
),
last as (
    select
        cohort_on,
        cast(floor((last_on - first_on) / grain.grain_days) as bigint) as age,
        count(*) as customers
    from cohort.grain as grain
    cross join cohort.customers
    group by cohort_on, age
),
steps as (
    select cohort_on, customers, ages, unnest(range(0, ages + 3)) as age
    from cohort.sizes
)
select
    steps.cohort_on,
    steps.age,
    steps.customers,
    coalesce(bought.customers, 0) as bought_customers,
    sum(coalesce(second.customers, 0)) over (partition by steps.cohort_on order by steps.age) as repeat_customers,
    coalesce(last.customers, 0) as last_customers,
    coalesce(bought.orders, 0) as orders,
    coalesce(bought.sales_minor, 0) as sales_minor,
    coalesce(bought.margin_minor, 0) as margin_minor,
    sum(coalesce(bought.sales_minor, 0)) over (partition by steps.cohort_on order by steps.age)
        as sales_so_far_minor,
    steps.age < steps.ages as is_complete
from steps
left join bought on bought.cohort_on = steps.cohort_on and bought.age = steps.age
left join second on second.cohort_on = steps.cohort_on and second.age = steps.age
left join last on last.cohort_on = steps.cohort_on and last.age = steps.age
where steps.age <= steps.ages or bought.customers is not null
