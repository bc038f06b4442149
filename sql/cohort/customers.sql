-- cohort.customers: which cohort each customer belongs to.
-- One row per customer with at least one order. Kept. A cohort is all whose first order we know of fell in the same
-- calendar month, quarter or year; the first cohorts hold old customers too, whose true first order we never saw.
-- Reads customer.habit, cohort.grain.
--   customer_id: our id of the customer
--   cohort_on: first day of the cohort
--   first_on: first order day
--   second_on: second order day; absent without one
--   last_on: last order day
select
    habit.customer_id,
    cast(
        case grain.grain
            when 'month' then date_trunc('month', habit.first_on)
            when 'quarter' then date_trunc('quarter', habit.first_on)
            else date_trunc('year', habit.first_on)
        end as date
    ) as cohort_on,
    habit.first_on,
    habit.second_on,
    habit.last_on
from cohort.grain as grain
cross join customer.habit as habit
