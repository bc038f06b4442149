-- data.gaps: stretches without any order although the shop is usually open.
-- At most ten rows, longest first. A weekday on which the shop sells in less than a quarter of its weeks is a closing
-- day; a gap has three open days or more without an order.
-- Reads facts.lines, run.parameters.
--   from_on: first day without an order
--   until_on: the day after the last
--   days: days in it
--   open_days: of them, days on which the shop is usually open
with
sold as (
    select ordered_on
    from facts.lines
    where ordered_on <= (select as_of from run.parameters)
    group by ordered_on
),
history as (
    select (max(ordered_on) - min(ordered_on) + 1) / 7.0 as weeks from sold
),
open_weekdays as (
    select date_part('dow', sold.ordered_on) as weekday
    from history
    cross join sold
    group by weekday, history.weeks
    having count(*) >= history.weeks * 0.25
),
steps as (
    select ordered_on, lead(ordered_on) over (order by ordered_on) as next_on from sold
),
empty_days as (
    select
        ordered_on + 1 as from_on,
        next_on as until_on,
        unnest(generate_series(ordered_on + 1, next_on - 1, interval '1 day')) as day_on
    from steps
    where next_on - ordered_on > 3
)
select
    empty_days.from_on,
    empty_days.until_on,
    empty_days.until_on - empty_days.from_on as days,
    count(open_weekdays.weekday) as open_days
from empty_days
left join open_weekdays on open_weekdays.weekday = date_part('dow', empty_days.day_on)
group by empty_days.from_on, empty_days.until_on
having count(open_weekdays.weekday) >= 3
order by days desc, from_on
limit 10
