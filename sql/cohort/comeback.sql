-- cohort.comeback: how many of each cohort came back within so many days of their first order.
-- One row per cohort and 30, 90, 180 and 365 days. Only customers whose first order is old enough count, so newer
-- cohorts can be set against older ones at the same age.
-- Reads cohort.customers, run.parameters.
--   cohort_on: first day of the cohort
--   within_days: days after the first order
--   customers: customers whose first order is that old
--   came_back: of them, those with a second order by then
--   came_back_share: their share
--   came_back_low: lower end of its 95 % interval
--   came_back_high: upper end
with
counts as (
    select
        customers.cohort_on,
        limits.within_days,
        count(*) as customers,
        count(*) filter (where customers.second_on - customers.first_on <= limits.within_days) as came_back
    from (select unnest(make_array(30, 90, 180, 365)) as within_days) as limits
    cross join cohort.customers as customers
    where (select as_of from run.parameters) - customers.first_on >= limits.within_days
    group by customers.cohort_on, limits.within_days
)
select
    cohort_on,
    within_days,
    customers,
    came_back,
    share_interval(came_back, customers)['value'] as came_back_share,
    share_interval(came_back, customers)['low'] as came_back_low,
    share_interval(came_back, customers)['high'] as came_back_high
from counts
