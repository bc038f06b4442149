-- cohort.sizes: the cohorts.
-- One row per cohort.
-- Reads cohort.customers, cohort.grain, run.parameters.
--   cohort_on: first day of the cohort
--   cohort_until_on: the day after its last
--   customers: customers
--   ages: steps of age that all of its customers have lived through, up to as_of
with
cohorts as (
    select cohort_on, count(*) as customers, max(first_on) as youngest_on
    from cohort.customers
    group by cohort_on
)
select
    cohorts.cohort_on,
    case grain.grain
        when 'month' then cast(cohorts.cohort_on + interval '1 month' as date)
        when 'quarter' then cast(cohorts.cohort_on + interval '3 months' as date)
        else cast(cohorts.cohort_on + interval '1 year' as date)
    end as cohort_until_on,
    cohorts.customers,
    cast(floor(((select as_of from run.parameters) - cohorts.youngest_on + 1) / grain.grain_days) as bigint) as ages
from cohort.grain as grain
cross join cohorts
