-- cohort.equity: what the customers of each cohort are worth from here on.
-- One row per cohort.
-- Reads cohort.customers, customer.value.
--   cohort_on: first day of the cohort
--   customers: customers
--   alive: customers expected to be customers still; absent where leaving cannot be told
--   margin_12m_minor: expected margin in twelve months
--   clv_minor: expected margin of all time to come, discounted
select
    customers.cohort_on,
    count(*) as customers,
    sum(value.p_alive) as alive,
    sum(value.margin_12m_minor) as margin_12m_minor,
    sum(value.clv_minor) as clv_minor
from cohort.customers as customers
join customer.value as value on value.customer_id = customers.customer_id
group by customers.cohort_on
