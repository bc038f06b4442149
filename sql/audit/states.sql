-- audit.states: customers by where they stand, with what they brought and are expected to bring.
-- One row per state with a customer in it.
-- Reads customer.cadence, customer.value, audit.customers.
--   state: new, active, returning, at_risk, lapsed
--   customers: customers
--   sales_minor: their sales in the period
--   margin_12m_minor: their expected margin in twelve months
--   margin_12m_variance: its variance by chance; absent under a naive rule
--   at_stake_minor: what they would bring beyond that, were they surely still customers; absent where leaving cannot be told
--   at_stake_variance: its variance by chance
with
bought as (
    select customer_id, sales_minor from audit.customers where span = 'period'
)
select
    cadence.state,
    count(*) as customers,
    sum(coalesce(bought.sales_minor, 0)) as sales_minor,
    sum(value.margin_12m_minor) as margin_12m_minor,
    sum(power((value.margin_12m_high_minor - value.margin_12m_low_minor) / 3.92, 2.0)) as margin_12m_variance,
    sum(value.at_stake_minor) as at_stake_minor,
    sum(abs(value.at_stake_minor * value.order_value_minor * value.margin_share)) as at_stake_variance
from customer.cadence as cadence
join customer.value as value on value.customer_id = cadence.customer_id
left join bought on bought.customer_id = cadence.customer_id
group by cadence.state
