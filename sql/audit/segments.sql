-- audit.segments: the kinds of customers, with what they did in the period and are expected to bring.
-- One row per kind with a customer in it.
-- Reads customer.segment, customer.summary, customer.value, audit.customers.
--   segment: heart, regulars, big_rare, occasional, new, slipping, one_time, gone
--   customers: customers
--   orders: their order days in the period
--   sales_minor: their sales in the period
--   quiet_days: median days since the last order
--   margin_12m_minor: their expected margin in twelve months
--   margin_12m_variance: its variance by chance; absent under a naive rule
with
bought as (
    select customer_id, orders, sales_minor from audit.customers where span = 'period'
)
select
    segment.segment,
    count(*) as customers,
    sum(coalesce(bought.orders, 0)) as orders,
    sum(coalesce(bought.sales_minor, 0)) as sales_minor,
    median(cast(summary.quiet_days as double)) as quiet_days,
    sum(value.margin_12m_minor) as margin_12m_minor,
    sum(power((value.margin_12m_high_minor - value.margin_12m_low_minor) / 3.92, 2.0)) as margin_12m_variance
from customer.segment as segment
join customer.summary as summary on summary.customer_id = segment.customer_id
join customer.value as value on value.customer_id = segment.customer_id
left join bought on bought.customer_id = segment.customer_id
group by segment.segment
