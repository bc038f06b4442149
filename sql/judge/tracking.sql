-- judge.tracking: repeat orders week by week, of the customers seen before the cut.
-- One row per week from the first order on, the unfinished last one left out.
-- Reads customer.days, customer.summary, judge.window.
--   week: from 0
--   from_on: first day of the week
--   new_customers: customers whose first order lies in it
--   repeat_orders: order days after the first
--   is_held_out: whether the week begins after the cut
with
known as (
    select summary.customer_id, summary.first_on
    from judge.window as cut
    cross join customer.summary as summary
    where summary.first_on <= cut.calibration_end
),
weeks as (
    select
        cast(floor((days.ordered_on - cut.first_on) / 7.0) as bigint) as week,
        sum(case when days.ordered_on = known.first_on then 1 else 0 end) as new_customers,
        sum(case when days.ordered_on > known.first_on then 1 else 0 end) as repeat_orders
    from judge.window as cut
    cross join customer.days as days
    join known on known.customer_id = days.customer_id
    group by week
),
steps as (
    select
        first_on,
        calibration_end,
        unnest(range(0, cast(floor((last_on - first_on + 1) / 7.0) as bigint))) as week
    from judge.window
)
select
    steps.week,
    steps.first_on + 7 * steps.week as from_on,
    coalesce(weeks.new_customers, 0) as new_customers,
    coalesce(weeks.repeat_orders, 0) as repeat_orders,
    steps.first_on + 7 * steps.week > steps.calibration_end as is_held_out
from steps
left join weeks on weeks.week = steps.week
