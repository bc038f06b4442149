-- audit.best_late: of the best customers of the period, those who are late by their own clock.
-- One row. The best are the fifth with the most sales in the period. What is missing from the late ones counts them as
-- surely still customers: by their own past rate where the model cannot tell who has left.
-- Reads audit.customers, customer.cadence, customer.value, customer.summary, run.parameters.
--   best_customers: customers in the best fifth
--   late_customers: of them, those whose own clock says at_risk
--   margin_horizon_minor: what these would bring within the run's horizon, were they surely still customers
--   margin_horizon_variance: its variance by chance
--   at_stake_minor: the same in twelve months, less what is expected of them anyway
with
ranked as (
    select
        customer_id,
        row_number() over (order by sales_minor desc, customer_id) as place,
        count(*) over () as customers
    from audit.customers
    where span = 'period'
),
best as (
    select customer_id from ranked where place <= ceil(customers / 5.0)
),
late as (
    select
        value.order_value_minor * value.margin_share as margin_minor,
        case
            when value.p_alive > 0 and value.p_alive < 1 then value.orders_12m / value.p_alive
            when summary.age_days > 0 then summary.frequency * 365.0 / summary.age_days
            else 0.0
        end as sure_orders_12m,
        value.orders_12m
    from best
    join customer.cadence as cadence on cadence.customer_id = best.customer_id
    join customer.value as value on value.customer_id = best.customer_id
    join customer.summary as summary on summary.customer_id = best.customer_id
    where cadence.state = 'at_risk'
)
select
    (select count(*) from best) as best_customers,
    count(*) as late_customers,
    coalesce(sum(sure_orders_12m * margin_minor), 0.0) * (select horizon_days from run.parameters) / 365.0
        as margin_horizon_minor,
    coalesce(sum(sure_orders_12m * margin_minor * margin_minor), 0.0) * (select horizon_days from run.parameters)
        / 365.0 as margin_horizon_variance,
    coalesce(sum(greatest(sure_orders_12m - orders_12m, 0.0) * margin_minor), 0.0) as at_stake_minor
from late
