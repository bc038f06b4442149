-- audit.second_orders: who never ordered a second time, and what those who did brought afterwards.
-- One row. A second order is awaited for 90 days: customers whose first is younger are not counted. What a second order
-- is followed by is measured on customers whose own is a year old: the 365 days after it, the order itself left out.
-- Reads customer.habit, customer.days, audit.spans, run.parameters.
--   customers: customers whose first order is 90 days old
--   one_timers: of them, those who never ordered again
--   period_customers: customers whose first order lies in the period and is 90 days old
--   period_came_back: of them, those who ordered again within 90 days
--   period_one_timers: of them, those who have not ordered again so far
--   followed: customers whose second order is a year old
--   margin_after_minor: mean margin they brought in the year after it; absent where nobody was followed
--   margin_after_deviation: its standard deviation over customers; absent with fewer than two
with
bounds as (
    select from_on, (select as_of from run.parameters) as as_of from audit.spans where span = 'period'
),
counts as (
    select
        count(*) as customers,
        count(*) filter (where habit.second_on is null) as one_timers,
        count(*) filter (where habit.first_on >= bounds.from_on) as period_customers,
        count(*) filter (where habit.first_on >= bounds.from_on and habit.second_on - habit.first_on <= 90)
            as period_came_back,
        count(*) filter (where habit.first_on >= bounds.from_on and habit.second_on is null) as period_one_timers
    from bounds
    cross join customer.habit as habit
    where bounds.as_of - habit.first_on >= 90
),
followed as (
    select habit.customer_id, habit.second_on
    from bounds
    cross join customer.habit as habit
    where bounds.as_of - habit.second_on >= 365
),
after as (
    select followed.customer_id, sum(coalesce(days.margin_minor, 0)) as margin_minor
    from followed
    left join customer.days as days
        on days.customer_id = followed.customer_id
        and days.ordered_on > followed.second_on
        and days.ordered_on <= followed.second_on + 365
    group by followed.customer_id
),
means as (
    select
        count(*) as followed,
        avg(cast(margin_minor as double)) as margin_after_minor,
        case when count(*) > 1 then stddev(cast(margin_minor as double)) end as margin_after_deviation
    from after
)
select
    counts.customers,
    counts.one_timers,
    counts.period_customers,
    counts.period_came_back,
    counts.period_one_timers,
    means.followed,
    means.margin_after_minor,
    means.margin_after_deviation
from means
cross join counts
