-- audit.due_soon: customers whose next order is due within the run's horizon, by their own clock.
-- One row.
-- Reads customer.cadence, customer.value, run.parameters.
--   due_customers: customers whose next order is expected after as_of and within the horizon
--   likely_customers: how many of them are expected to order by then; absent under a naive rule
--   likely_variance: variance of their number
--   margin_minor: expected margin of the due within the horizon
--   margin_variance: its variance by chance
with
due as (
    select
        value.p_order,
        value.margin_3m_minor * parameters.horizon_days / 91.0 as margin_minor,
        power((value.margin_3m_high_minor - value.margin_3m_low_minor) / 3.92, 2.0) * parameters.horizon_days / 91.0
            as variance
    from run.parameters as parameters
    cross join customer.cadence as cadence
    join customer.value as value on value.customer_id = cadence.customer_id
    where cadence.expected_on > parameters.as_of
        and cadence.expected_on <= parameters.as_of + parameters.horizon_days
)
select
    count(*) as due_customers,
    sum(p_order) as likely_customers,
    sum(p_order * (1.0 - p_order)) as likely_variance,
    sum(margin_minor) as margin_minor,
    sum(variance) as margin_variance
from due
