-- fits.outlook: the customers a forecast adds up, alike ones together.
-- One row per distinct frequency, recency and age. The orders a model expects of such a customer, times the sums here,
-- are the sales and the margin of all of them.
-- Reads customer.summary, customer.value.
--   frequency: order days after the first
--   recency_days: days from the first to the last order day
--   age_days: days from the first order day to as_of
--   customers: how many customers are like this
--   order_value_minor: sum over them of the expected net of an order day
--   order_margin_minor: sum over them of the expected margin of an order day
--   orders_12m: sum over them of the order days expected in twelve months
--   sales_12m_minor: of the sales
--   margin_12m_minor: of the margin
select
    summary.frequency,
    summary.recency_days,
    summary.age_days,
    count(*) as customers,
    sum(value.order_value_minor) as order_value_minor,
    sum(value.order_value_minor * value.margin_share) as order_margin_minor,
    sum(value.orders_12m) as orders_12m,
    sum(value.orders_12m * value.order_value_minor) as sales_12m_minor,
    sum(value.margin_12m_minor) as margin_12m_minor
from customer.summary as summary
join customer.value as value on value.customer_id = summary.customer_id
group by summary.frequency, summary.recency_days, summary.age_days
