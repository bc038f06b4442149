-- audit.call: whom to call first: the late customers with the most value at stake.
-- At most 50 rows, most at stake first; where leaving cannot be told, those who have paid the most.
-- Reads customer.cadence, customer.value, customer.summary.
--   customer_id: our id of the customer
--   orders: order days ever
--   sales_minor: sales ever, returns off
--   last_on: last order day
--   expected_on: the day by which the next order was expected
--   usual_gap_days: median days to the next order
--   days_late: days past expected_on
--   p_alive: probability that the customer still is one; absent under a naive rule
--   at_stake_minor: what the customer would bring in twelve months beyond what is expected, were they surely still one
--   at_stake_variance: its variance by chance
select
    cadence.customer_id,
    summary.order_days as orders,
    summary.net_minor as sales_minor,
    summary.last_on,
    cadence.expected_on,
    cadence.usual_gap_days,
    cadence.days_late,
    value.p_alive,
    value.at_stake_minor,
    abs(value.at_stake_minor * value.order_value_minor * value.margin_share) as at_stake_variance
from customer.cadence as cadence
join customer.value as value on value.customer_id = cadence.customer_id
join customer.summary as summary on summary.customer_id = cadence.customer_id
where cadence.state = 'at_risk'
order by coalesce(value.at_stake_minor, 0.0) desc, summary.net_minor desc, cadence.customer_id
limit 50
