-- product.replenishment: how soon each product is bought again, and for how many it is due.
-- One row per product that five customers or more have bought on two days or more. Gaps are those between the days on
-- which one customer bought it. Who is due is told by the customer's own gaps of the product, drawn toward those of
-- all its buyers where they are few (`stats::cadence`).
-- Reads product.habits, facts.products, run.parameters.
--   product_id: the shop's key of the product
--   product_name: its name
--   customers: customers who bought it on two days or more
--   gaps: gaps between purchases looked at
--   median_days: median gap
--   q1_days: first quartile of the gaps
--   q3_days: third quartile of the gaps
--   due_customers: customers whose next purchase is expected within 14 days after as_of
with
populations as (
    select
        product_number,
        sum(every) as customers,
        cadence_population(order_days, sum_log_gap, sum_log_gap_squared) as population
    from product.habits
    group by product_number
    having count(*) >= 5
),
due as (
    select
        habits.product_number,
        sum(habits.every) filter (
            where cadence(
                populations.population,
                habits.order_days,
                habits.first_on,
                habits.last_on,
                cast(habits.gaps[-1] as bigint),
                habits.sum_log_gap,
                habits.sum_log_gap_squared,
                (select as_of from run.parameters)
            )['expected_on'] - (select as_of from run.parameters) between 1 and 14
        ) as customers
    from product.habits as habits
    join populations on populations.product_number = habits.product_number
    group by habits.product_number
),
steps as (
    select product_number, unnest(gaps) as gap_days from product.habits
),
gaps as (
    select
        product_number,
        count(*) as gaps,
        percentile_cont(0.5) within group (order by cast(gap_days as double)) as median_days,
        percentile_cont(0.25) within group (order by cast(gap_days as double)) as q1_days,
        percentile_cont(0.75) within group (order by cast(gap_days as double)) as q3_days
    from steps
    group by product_number
)
select
    products.product_id,
    products.product_name,
    populations.customers,
    gaps.gaps,
    gaps.median_days,
    gaps.q1_days,
    gaps.q3_days,
    coalesce(due.customers, 0) as due_customers
from populations
join gaps on gaps.product_number = populations.product_number
join due on due.product_number = populations.product_number
join facts.products as products on products.product_number = populations.product_number
