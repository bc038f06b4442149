-- customer.habit: the gaps between a customer's order days, added up.
-- One row per customer with at least one order. Kept.
-- Reads customer.days, lake.codes.
--   customer_id: our id of the customer
--   order_days: days with an order
--   first_on: the first of them
--   second_on: the second; absent without one
--   last_on: the last
--   last_gap_days: days between the last two, 0 with one
--   sum_log_gap: sum of the natural logarithms of the gaps in days
--   sum_log_gap_squared: sum of their squares
with
steps as (
    select
        customer_code,
        ordered_on,
        ordered_on - lag(ordered_on) over (partition by customer_code order by ordered_on) as gap_days,
        lead(ordered_on) over (partition by customer_code order by ordered_on) as next_on
    from customer.days
),
record as (
    select
        customer_code,
        count(*) as order_days,
        min(ordered_on) as first_on,
        min(case when gap_days is not null then ordered_on end) as second_on,
        max(ordered_on) as last_on,
        coalesce(max(case when next_on is null then gap_days end), 0) as last_gap_days,
        coalesce(sum(ln(gap_days)), 0.0) as sum_log_gap,
        coalesce(sum(ln(gap_days) * ln(gap_days)), 0.0) as sum_log_gap_squared
    from steps
    group by customer_code
)
select
    codes.customer_id,
    order_days,
    first_on,
    second_on,
    last_on,
    last_gap_days,
    sum_log_gap,
    sum_log_gap_squared
from record
join lake.codes as codes on codes.customer_code = record.customer_code
