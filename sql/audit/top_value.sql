-- audit.top_value: the customers expected to bring the most in twelve months.
-- At most 20 rows, most first.
-- Reads customer.value, customer.summary, customer.cadence.
--   customer_id: our id of the customer
--   orders: order days ever
--   sales_minor: sales ever, returns off
--   last_on: last order day
--   p_alive: probability that the customer still is one; absent under a naive rule
--   state: where the customer stands by their own clock
--   margin_12m_minor: expected margin in twelve months
--   margin_12m_low_minor: lower bound; absent under a naive rule
--   margin_12m_high_minor: upper bound
with
best as (
    select customer_id, p_alive, margin_12m_minor, margin_12m_low_minor, margin_12m_high_minor
    from customer.value
    order by margin_12m_minor desc, customer_id
    limit 20
)
select
    best.customer_id,
    summary.order_days as orders,
    summary.net_minor as sales_minor,
    summary.last_on,
    best.p_alive,
    cadence.state,
    best.margin_12m_minor,
    best.margin_12m_low_minor,
    best.margin_12m_high_minor
from best
join customer.summary as summary on summary.customer_id = best.customer_id
join customer.cadence as cadence on cadence.customer_id = best.customer_id
