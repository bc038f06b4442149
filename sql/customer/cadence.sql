-- customer.cadence: each customer's own clock: when the next order is due, and whether it is late.
-- One row per customer with at least one order. Kept.
-- A customer is measured by their own gaps, drawn toward those of all where they are few (`stats::cadence`). Late
-- after 80 % of such gaps would have ended, lapsed after 95 %. Where nobody has come back yet there is no clock, and
-- everybody is new.
-- Reads customer.habit, run.parameters.
--   customer_id: our id of the customer
--   state: new (one order, not late), active, returning (came back after having lapsed), at_risk (late), lapsed
--   since_on: the day the state began
--   usual_gap_days: median days to the next order; absent without a clock
--   expected_on: the day by which the next order was or is expected
--   days_late: days past that day, 0 before it
--   lateness: share of such gaps that would have ended by now, 0 to 1
--   at_risk_on: first day at which the customer is late if no order comes
--   lapsed_on: first day at which the customer has lapsed if no order comes
with
clock as (
    select
        customer_id,
        first_on,
        cadence(
            (select cadence_population(order_days, sum_log_gap, sum_log_gap_squared) from customer.habit),
            order_days,
            first_on,
            last_on,
            last_gap_days,
            sum_log_gap,
            sum_log_gap_squared,
            (select as_of from run.parameters)
        ) as cadence
    from customer.habit
)
select
    customer_id,
    coalesce(cadence['state'], 'new') as state,
    coalesce(cadence['since_on'], first_on) as since_on,
    cadence['usual_gap_days'] as usual_gap_days,
    cadence['expected_on'] as expected_on,
    coalesce(cadence['days_late'], 0) as days_late,
    coalesce(cadence['lateness'], 0.0) as lateness,
    cadence['at_risk_from'] as at_risk_on,
    cadence['lapsed_from'] as lapsed_on
from clock
