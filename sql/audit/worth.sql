-- audit.worth: what the base is expected to do and to bring, added up.
-- One row. Variances are those of chance alone, over customers; what the models do not know comes on top.
-- Reads customer.value.
--   customers: customers with at least one order
--   likely_customers: those expected to order within the run's horizon; absent under a naive rule
--   likely_variance: variance of their number
--   alive_customers: those expected to be customers still; absent where leaving cannot be told
--   alive_variance: variance of their number
--   orders_12m: expected order days in twelve months
--   sales_12m_minor: expected sales in twelve months
--   margin_12m_minor: expected margin in twelve months
--   margin_12m_variance: its variance, in minor units squared; absent under a naive rule
--   clv_minor: expected margin of all time to come, discounted
select
    count(*) as customers,
    sum(p_order) as likely_customers,
    sum(p_order * (1.0 - p_order)) as likely_variance,
    sum(p_alive) as alive_customers,
    sum(p_alive * (1.0 - p_alive)) as alive_variance,
    sum(orders_12m) as orders_12m,
    sum(orders_12m * order_value_minor) as sales_12m_minor,
    sum(margin_12m_minor) as margin_12m_minor,
    sum(power((margin_12m_high_minor - margin_12m_low_minor) / 3.92, 2.0)) as margin_12m_variance,
    sum(clv_minor) as clv_minor
from customer.value
