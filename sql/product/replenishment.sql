-- product.replenishment: how soon each product is bought again, and for how many it is due.
-- One row per product that five customers or more have bought on two days or more. Gaps are those between the days on
-- which one customer bought it. Who is due is told by the customer's own gaps of the product, drawn toward those of
-- all its buyers where they are few (`stats::cadence`).
-- Reads facts.lines, facts.products, run.parameters.
--   product_id: the shop's key of the product
--   product_name: its name
--   customers: customers who bought it on two days or more
--   gaps: gaps between purchases
--   median_days: median gap
--   q1_days: first quartile of the gaps
--   q3_days: third quartile of the gaps
--   due_customers: customers whose next purchase is expected within 14 days after as_of
with
purchases as (
    select product_id, customer_id, ordered_on
    from facts.lines
    where product_id is not null
        and customer_id is not null
        and ordered_on <= (select as_of from run.parameters)
    group by product_id, customer_id, ordered_on
),
steps as (
    select
        product_id,
        customer_id,
        ordered_on,
        ordered_on - lag(ordered_on) over (partition by product_id, customer_id order by ordered_on) as gap_days,
        lead(ordered_on) over (partition by product_id, customer_id order by ordered_on) as next_on
    from purchases
),
habits as (
    select
        product_id,
        customer_id,
        count(*) as order_days,
        min(ordered_on) as first_on,
        max(ordered_on) as last_on,
        max(case when next_on is null then gap_days end) as last_gap_days,
        sum(ln(gap_days)) as sum_log_gap,
        sum(ln(gap_days) * ln(gap_days)) as sum_log_gap_squared
    from steps
    group by product_id, customer_id
    having count(*) > 1
),
populations as (
    select
        product_id,
        count(*) as customers,
        cadence_population(order_days, sum_log_gap, sum_log_gap_squared) as population
    from habits
    group by product_id
    having count(*) >= 5
),
due as (
    select
        habits.product_id,
        count(*) filter (
            where cadence(
                populations.population,
                habits.order_days,
                habits.first_on,
                habits.last_on,
                habits.last_gap_days,
                habits.sum_log_gap,
                habits.sum_log_gap_squared,
                (select as_of from run.parameters)
            )['expected_on'] - (select as_of from run.parameters) between 1 and 14
        ) as customers
    from habits
    join populations on populations.product_id = habits.product_id
    group by habits.product_id
),
gaps as (
    select
        product_id,
        count(*) as gaps,
        percentile_cont(0.5) within group (order by cast(gap_days as double)) as median_days,
        percentile_cont(0.25) within group (order by cast(gap_days as double)) as q1_days,
        percentile_cont(0.75) within group (order by cast(gap_days as double)) as q3_days
    from steps
    where gap_days is not null
    group by product_id
)
select
    populations.product_id,
    products.product_name,
    populations.customers,
    gaps.gaps,
    gaps.median_days,
    gaps.q1_days,
    gaps.q3_days,
    due.customers as due_customers
from populations
join gaps on gaps.product_id = populations.product_id
join due on due.product_id = populations.product_id
left join facts.products as products on products.product_id = populations.product_id
